"""The page: one file that needs nothing but a browser, and no network.

What a reader needs first stands in it as HTML, readable without JavaScript too: environment, verdicts, failures, counts
by section, findings, training and speed. The records of all cases come with it packed (`payload.py`), and the scripts
in `page/` unpack, filter and show them. Every text of a record is escaped by Jinja or set as text by the scripts; only
web addresses become links, so that no record can bring markup or a script onto the page.
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance import records
from conformance.report import (
    benchmarks,
    courses,
    elsewhere,
    environments,
    findings,
    grouping,
    marks,
    packing,
    pairs,
    payload,
    places,
    proofs,
    templates,
    terminal,
    trajectories,
    view,
)
from conformance.report.words import WORDS, plural

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from jinja2 import Environment

    from conformance.records import Run
    from conformance.report.environments import Environment as Shown

SCRIPTS: Final = (
    "dom",
    "data",
    "filter",
    "matrix",
    "record",
    "proofs",
    "speed",
    "pairs",
    "export",
    "theme",
    "keys",
    "main",
)
"""The files in `page/`, in the order in which the page has them."""

MOST_FAILURES: Final = 1000
"""Listed without JavaScript; a run in which everything fails would make a page that no browser opens."""

MOST_TEXTS: Final = 300
"""Of those, how many have the whole text of each failure there; the record of a case has every one."""


def page(*runs: Run) -> str:
    """Return the whole page, of one run or of several side by side."""
    held = environments.named(runs)
    parts = grouping.sections(*runs)
    found = findings.findings(*runs)
    benches = [record for each in held for record in environments.marked(each, each.run.benches)]
    proven_by = [record for each in held for record in environments.marked(each, each.run.proofs)]
    proven = proofs.by_case(proven_by)
    timed = benchmarks.timed(benches)
    known = {case.id for part in parts for case in part.cases}
    strays = [one for one in (*benches, *proven_by) if one["id"] in {*timed, *proven} - known]
    parts = (*parts, *elsewhere.sections(strays, {part.name for part in parts}))
    labels = [each.label for each in held]
    named = places.anchors(parts, labels)
    tables = pairs.tables(environments.first_with(runs, pairs.KIND).proofs)
    data = payload.Payload(named, labels).of(parts, proven=proven, timed=timed, found=found, tables=tables)
    attention = _attention(parts)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **_head(held),
            data=packing.packed(data),
            scripts=[f"{name}.js" for name in SCRIPTS],
            words=WORDS,
            sections=[(part, Counter(unit.verdict for unit in part.units)) for part in parts],
            legend=(legend := _legend(parts)),
            occurred=[mark for mark in legend if mark.count],
            mark=functools.cache(marks.mark),
            attention=attention[:MOST_FAILURES],
            attention_counts=_counted(attention),
            most_texts=MOST_TEXTS,
            unlisted=max(0, len(attention) - MOST_FAILURES),
            missing=_missing(held),
            findings=found,
            histograms=benchmarks.histograms(benches),
            courses=courses.counts(one for of_it in timed.values() for one in of_it.courses),
            proofs=proven,
            proof_total=proofs.total(proven),
            trajectories=[
                (case, unit) for part in parts for case in part.cases for unit in case.units if unit.trajectory
            ],
            pairs=tables,
            pair_rules=pairs.rules(tables),
            anchors=named,
            case_anchors={case.id: named[id(case)] for part in parts for case in part.cases},
        )
    )


def _missing(held: Sequence[Shown]) -> list[tuple[str, str]]:
    """Return what was not run, a line each, and of which runs it is told: of all of them, if none is named."""
    told: dict[str, list[str]] = {}
    for each in held:
        for line in terminal.missing(each.run):
            told.setdefault(line, []).append(each.label)
    return [("" if len(labels) == len(held) else ", ".join(labels), line) for line, labels in told.items()]


def _attention(parts: Sequence[view.Section]) -> list[Attention]:
    """Return failures, then news; what several units of a case or several runs say alike is said once.

    Alike is what a reader sees of them in the list: scripts and commands name a dtype, and would part all units.
    """
    chosen = [*view.chosen(parts, records.is_failure), *view.chosen(parts, records.CHANGED.__eq__)]
    found: dict[Hashable, Attention] = {}
    for case, unit in chosen:
        alike = (case.id, unit.verdict, unit.headline)
        told = found.setdefault(alike if unit.headline else id(unit), Attention(case=case, unit=unit))
        told.units.append(unit)
    return list(found.values())


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What is to be looked at: the first unit of a case that says it, and all that say the same."""

    case: view.Case
    unit: view.Unit
    units: list[view.Unit] = field(default_factory=list)

    @property
    def labels(self) -> str:
        """The runs that say it; empty of a lone one."""
        return ", ".join(dict.fromkeys(unit.environment for unit in self.units))

    @property
    def others(self) -> list[view.Unit]:
        """The further units: those of the run of the first, then of each other dtype the first that says it."""
        own = [unit for unit in self.units if unit.environment == self.unit.environment]
        known = {(unit.dtype, unit.device) for unit in own}
        rest = {(unit.dtype, unit.device): unit for unit in reversed(self.units)}
        return [*own[1:], *(unit for where, unit in reversed(rest.items()) if where not in known)]


def _counted(attention: Sequence[Attention]) -> str:
    """Say how long the list is, and of how many units it speaks."""
    units = sum(len(told.units) for told in attention)
    return f"{plural(len(attention), 'entry', 'entries')}, {plural(units, 'unit')}"


def _head(held: Sequence[Shown]) -> dict[str, Any]:
    return {
        "incomplete": [each.label for each in held if not each.run.complete],
        "runs": held,
        "facts": environments.facts(held),
        "by_run": [(each, records.count_verdicts(each.run.units)) for each in held],
        "units": sum(len(each.run.units) for each in held),
    }


def _legend(parts: Sequence[view.Section]) -> list[marks.Mark]:
    counts = Counter(unit.verdict for part in parts for unit in part.units)
    known = {verdict: counts[verdict] for verdict in (*records.SEVERITY, *sorted({*counts} - {*records.SEVERITY}))}
    order = sorted(known, key=lambda verdict: not known[verdict])
    return [marks.mark(verdict, known[verdict]) for verdict in order]


def _environment() -> Environment:
    made = templates.environment()
    made.filters["points"] = trajectories.path
    made.globals |= {"width": trajectories.WIDTH, "height": trajectories.HEIGHT}
    made.globals |= {"bar_width": benchmarks.WIDTH, "bar_height": benchmarks.TALL, "bar_step": benchmarks.STEP}
    return made
