"""The pages and small runs under reports/: made anew of a whole run, or of those rows alone that are not as published.

    python benchmarks/renew.py RUN      # of the run file or report folder of a whole run, as `tox -e publish` does
    python benchmarks/renew.py          # runs what a change of rows made stale, and puts it into the run that is there
    python benchmarks/renew.py --check  # lists what is stale, and why

It is about the run of the versions that are installed. With it the cheat sheet and the findings of all runs are
written, and what each has otherwise than that of the pinned versions. What measures (accuracy.md, consistency.md and
the like) is made by `tox -e publish` alone. Exits 1 where something is stale, or where a run failed, and then nothing
is written; so it is where rows whose differences name the CPU's instructions would go into a run of other instructions.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance import devices, environment, loading, records, render, small, versions
from conformance.case import Case
from conformance.history import diff, markdown
from conformance.report import cheatsheet, findings

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from conformance.records import Record, Run

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
RUNS = REPORTS / "runs"
ROW = ("section", "file", "torch", "numpy", "note", "given", "tolerance", "claimed")
"""What a record repeats of its row; the line is left out, which moves with every row above it."""

NOT_JUDGED = frozenset({records.NOT_RUN, records.BROKEN, records.CRASHED})
"""Verdicts of units whose records hold no differences."""

FAILED, BROKEN = 1, 3


def rows() -> dict[str, Case]:
    """Return all rows, in the order of the files."""
    loaded = (row for file in loading.modules() for row in loading.load(file))
    return {row.id: row for row in loaded if isinstance(row, Case)}


def stale(run: Run, cases: Mapping[str, Case]) -> dict[str, str]:
    """Return, for each case that ``run`` does not tell as its row stands now, what is otherwise."""
    held: dict[str, dict[str, Record]] = {}
    for unit in run.units:
        held.setdefault(str(unit["id"]), {})[str(unit.get("dtype"))] = unit
    told = dict.fromkeys(held.keys() - cases.keys(), "it is no row any more")
    for name, case in cases.items():
        if why := _otherwise(case, held.get(name, {})):
            told[name] = why
    return told


def _otherwise(case: Case, units: Mapping[str, Record]) -> str:
    """Return what the units of a case tell otherwise than its row, or nothing."""
    if units.keys() != set(case.unit_dtypes()):
        return "it was not run" if not units else "it was run for other dtypes"
    for dtype, unit in units.items():
        here = json.loads(json.dumps(render.described(case, dtype, devices.HOST)))
        if changed := [key for key in ROW if unit.get(key) != here[key]]:
            return f"its {' and '.join(changed)} changed"
        if unit["verdict"] not in NOT_JUDGED and (aspect := _declared_otherwise(case, dtype, unit)):
            return f"its differences changed: {aspect}"
    return ""


def _declared_otherwise(case: Case, dtype: str, unit: Record) -> str:
    """Return a difference that the row or the unit alone has; those of gradients show in few units."""
    mine = {_identity(render.difference(one, case)) for one in case.differs if one.applies_to(dtype)}
    gradients = {_identity(render.difference(one, case)) for one in case.differs if one.aspect == "gradient"}
    told = {_identity(one) for one in unit.get("differences", ())}
    return min((told ^ mine) - (gradients & mine), default="")


def _identity(difference: Record) -> str:
    keys = ("because", "kind", "when", "dtypes", "aspect", "torch", "numpy", "instead", "upstream")
    return json.dumps([difference.get(key) for key in keys])


def merged(published: Run, fresh: Run, cases: Mapping[str, Case]) -> Run:
    """Return ``published`` with the cases of ``fresh`` in it, those of ``cases`` alone, in their order."""
    renewed = {unit["id"] for unit in fresh.units}
    held = (*(one for one in published.units if one["id"] not in renewed), *fresh.units)
    units = [{**one, "line": cases[str(one["id"])].line} for one in held if one["id"] in cases]
    units.sort(key=environment.place)
    footer = {"kind": "footer", "units": len(units), "verdicts": records.count_verdicts(units), "exit": 0}
    return small.small(records.Run(header=published.header, units=tuple(units), footer=footer))


def is_of_a_machine(unit: Record) -> bool:
    """Tell whether what a unit shows depends on the instructions of the CPU, and its differences say so."""
    conditions = [str(one.get("when")) for one in unit.get("differences", ())]
    return any(word in condition for word in ("capability", "instructions") for condition in conditions)


def not_of_this_machine(published: Run, fresh: Run) -> str | None:
    """Return why the units of ``fresh`` cannot stand in ``published``, or None where they can."""
    there, here = (str(run.header["cpu"]["capability"]) for run in (published, fresh))
    bound = sorted({str(unit["id"]) for unit in fresh.units if is_of_a_machine(unit)})
    if there == here or not bound:
        return None
    return f"{', '.join(bound)}: of {here} here, and the published run is of {there}: `tox -e publish` runs all"


def pages(cases: Mapping[str, Case]) -> dict[str, str]:
    """Return the pages that are made of the published runs, by their place under reports/.

    They are those of the pinned versions, which notes where the others came to something else: of rows that stand as
    they were run there.
    """
    pinned, *others = (side.run for side in published_sides())
    fresh = [_without(other, stale(other, cases)) for other in others]
    return {**cheatsheet.pages(pinned, *fresh), "findings.md": findings.page(pinned, *fresh)}


def _without(run: Run, ids: Container[str]) -> Run:
    return replace(run, units=tuple(unit for unit in run.units if unit["id"] not in ids))


def published_sides() -> list[diff.Side]:
    """Return the published runs with their places, that of the pinned versions first."""
    sides = [diff.Side(name=f"reports/runs/{file.name}", run=records.read(file)) for file in runs()]
    return sorted(sides, key=lambda side: not is_pinned(side.run.header))


def comparisons() -> dict[str, str]:
    """Return, for each run of other versions, what it has otherwise than the pinned pair's, by its place.

    Each is a page and no comment, so nothing is left out for its length.
    """
    pinned, *others = published_sides()
    made = {}
    for side in others:
        named = ".".join(str(side.run.header["torch"]).split(".")[:2])
        made[f"torch-{named}.md"] = markdown.text(diff.compare(pinned, side), sys.maxsize)
    return made


def runs() -> list[Path]:
    """Return the published runs."""
    return sorted(RUNS.glob(f"*{small.SUFFIX}"))


def is_pinned(header: Record) -> bool:
    """Tell whether a run is one of the pinned versions, those of constraints.txt."""
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    return all(str(header.get(name)).partition("+")[0] == pins[name] for name in versions.PINNED)


def written(run: Run, place: Path, cases: Mapping[str, Case]) -> None:
    """Write the small run, and what is made of all."""
    place.write_bytes(small.written(run))
    texts = {**comparisons(), **pages(cases)}
    for old in (REPORTS / cheatsheet.FOLDER).glob("*.md"):
        old.unlink()
    for name, text in texts.items():
        (REPORTS / name).write_text(text, encoding="utf-8", newline="\n")


def _run(names: Iterable[str], folder: str) -> Run | None:
    """Return a run of the cases, None where one failed."""
    command = [sys.executable, "-m", "conformance", "run", *names, "--device", devices.HOST, "--report", folder]
    done = subprocess.run(command, check=False)  # noqa: S603 - our own Python
    return None if done.returncode else records.read(records.located(folder))


def _renewed(published: Run | None, why: Mapping[str, str], cases: Mapping[str, Case]) -> Run | None:
    names = [name for name in cases if name in why] if published else []
    if published and not names:  # there are rows too many, and none that is missing
        return merged(published, records.Run(header=published.header, units=()), cases)
    with tempfile.TemporaryDirectory() as folder:
        fresh = _run(names, folder)
    if published is None or fresh is None:
        return fresh
    if told := not_of_this_machine(published, fresh):
        print(told, file=sys.stderr)
        return None
    return merged(published, fresh, cases)


def main() -> int:
    """Do what was asked and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", metavar="RUN", help="a whole run, to be published")
    parser.add_argument("--check", action="store_true", help="list what is stale and write nothing")
    asked = parser.parse_args()
    header: dict[str, Any] = {name: versions.installed(name) for name in versions.PINNED} | {"devices": [devices.HOST]}
    place, cases = RUNS / small.name(header), rows()
    try:
        published = records.read(place) if place.exists() else None
        whole = records.read(records.located(asked.run)) if asked.run else None
    except records.RunFileError as error:
        print(error, file=sys.stderr)
        return BROKEN
    why = stale(whole or published, cases) if whole or published else {}
    for name, told in sorted(why.items()):
        print(f"{name}: {told}")
    if asked.check:
        return FAILED if why else 0
    if whole is not None and (why or not whole.complete):
        print(f"{asked.run} is not a whole run of these rows: nothing is written", file=sys.stderr)
        return FAILED
    run = whole or (_renewed(published, why, cases) if why or published is None else published)
    if run is None:
        print("nothing is written", file=sys.stderr)
        return FAILED
    written(run, place, cases)
    return 0


if __name__ == "__main__":
    sys.exit(main())
