"""Does the suite say the same whatever the seed: many runs, a table of their verdicts, and the units that waver.

    python benchmarks/calm.py
    python benchmarks/calm.py shape arithmetic/add --seeds 5 --full-seeds 1
    python benchmarks/calm.py --first-seed 20    # twenty seeds more: runs on different days add up

Twenty seeds at a fifth of the budget, where a difference that needs luck would come and go, and three at the full one,
each by ``conformance run`` with one worker, as many runs at a time as there are cores: what a run does alone, such as
collecting and writing its report, then leaves no core idle. Fails (1) on any undeclared difference, and on any unit
whose verdict depends on the seed; 2 for wrong use, 3 for a run that does not come to its end, 5 where nothing is
selected.

Outside the dtypes claimed a verdict tells how often one side alone takes an input. Of the dozen structures that are a
fifth of the budget this cannot be told, so there such units need only pass.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabulate import tabulate

from conformance import records
from conformance.verdicts import AGREES, BOTH_REFUSE, DIFFERS_AS_DECLARED, NUMPY_ONLY, TORCH_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterator

BUDGET = 25
FIFTH = 5
CORES = os.cpu_count() or 1
WRONG_USE, BROKEN, NOTHING = 2, 3, 5
UNCLAIMED = {BOTH_REFUSE, NUMPY_ONLY, TORCH_ONLY}
PASSED = {AGREES, DIFFERS_AS_DECLARED}
Verdicts = dict[tuple[str, str, str], str]
Failures = dict[tuple[str, str, str], str]


class Outcome(NamedTuple):
    """One run: what it was asked, what it found."""

    seed: int
    budget: int
    seconds: float
    verdicts: Verdicts
    failures: Failures


def main() -> int:
    """Run all seeds and print; return the exit code."""
    options = arguments()
    first = options.first_seed
    long_ones_first = [(first + seed, BUDGET) for seed in range(options.full_seeds)]
    plan = [*long_ones_first, *((first + seed, FIFTH) for seed in range(options.seeds))]
    outcomes = []
    for one in run_all(options, plan):
        print(progress(one), file=sys.stderr, flush=True)
        outcomes.append(one)
    print(table(outcomes))
    failed, torn = undeclared(outcomes), wavering(outcomes)
    print("\n".join(["", *failed, *torn]) if failed or torn else "\nevery unit has one verdict, and none failed")
    return int(bool(failed or torn))


def run_all(options: argparse.Namespace, plan: list[tuple[int, int]]) -> Iterator[Outcome]:
    """Yield the outcome of every run of ``plan``, in its order; after one that ends us, start no more."""
    with ThreadPoolExecutor(options.runs) as pool:
        yield from pool.map(lambda asked: outcome(options, *asked), plan)


def progress(one: Outcome) -> str:
    """Return a line on one run, and one for each of its failures: a run that is stopped has said what it found."""
    failed = [f"    {' '.join(unit)}: {text}" for unit, text in one.failures.items()]
    return "\n".join([f"seed {one.seed}, budget {one.budget}: {one.seconds:.0f} s, {len(failed)} failed", *failed])


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE-OR-SECTION", help="default: all")
    parser.add_argument("--seeds", type=int, default=20, metavar="N", help="runs at a fifth of the budget (default 20)")
    parser.add_argument("--full-seeds", type=int, default=3, metavar="N", help="runs at the full budget (default 3)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="SEED", help="where seeds begin (default 0)")
    parser.add_argument("--dtype", action="append", default=[], metavar="DTYPE", help="a dtype; may be repeated")
    parser.add_argument("-n", dest="runs", type=int, default=CORES, metavar="N", help="runs at a time (one a core)")
    options = parser.parse_args()
    if options.seeds < 0 or options.full_seeds < 0 or options.seeds + options.full_seeds < 1:
        parser.error("--seeds and --full-seeds: give at least one run in all")
    if options.runs < 1:
        parser.error("-n: give at least 1")
    return options


def outcome(options: argparse.Namespace, seed: int, budget: int) -> Outcome:
    """Run the suite once; end where the command could not do what was asked."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from conformance.cli import main; main()", "run", *options.cases]
        command += [f"--seed={seed}", f"--budget={budget}", "-n1", f"--report={folder}"]
        command += [f"--dtype={name}" for name in options.dtype]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
        if done.returncode in (WRONG_USE, NOTHING):
            print(done.stderr or done.stdout, file=sys.stderr, end="")
            sys.exit(done.returncode)
        verdicts, failures = read(Path(folder) / "run.jsonl", done)
    return Outcome(seed, budget, time.perf_counter() - started, verdicts, failures)


def read(path: Path, done: subprocess.CompletedProcess[str]) -> tuple[Verdicts, Failures]:
    """Return the verdict of every unit, and the first line of every failure."""
    try:
        run = records.read(path)
    except records.RunFileError as error:
        print(error, done.stderr, sep="\n", file=sys.stderr)
        sys.exit(BROKEN)
    if not run.complete:
        print(f"the run did not come to its end\n{done.stdout}{done.stderr}", file=sys.stderr)
        sys.exit(BROKEN)
    verdicts = {key(unit): unit["verdict"] for unit in run.units}
    failures = {key(unit): headline(unit) for unit in run.units if records.is_failure(unit["verdict"])}
    return verdicts, failures


def key(unit: records.Record) -> tuple[str, str, str]:
    """Return what names a unit."""
    return unit["id"], unit.get("dtype", "-"), unit.get("device", "-")


def headline(unit: records.Record) -> str:
    """Return what failed, in a line."""
    failures = unit.get("failures") or [{"headline": unit.get("reason") or ""}]
    return str(failures[0]["headline"])


def table(outcomes: list[Outcome]) -> str:
    """Return the counts of each run, a row a run."""
    seen = {verdict for one in outcomes for verdict in one.verdicts.values()}
    columns = [verdict for verdict in records.SEVERITY if verdict in seen]
    lines = []
    for one in outcomes:
        values = list(one.verdicts.values())
        lines.append(
            (one.seed, one.budget, f"{one.seconds:.0f}", len(values), *(values.count(c) or "" for c in columns))
        )
    headers = ("seed", "budget", "seconds", "units", *(column.replace(" ", "\n") for column in columns))
    return tabulate(lines, headers=headers, disable_numparse=True, stralign="right", numalign="right")


def undeclared(outcomes: list[Outcome]) -> list[str]:
    """Return a line for every unit that failed in some run, with the runs that it failed in."""
    runs: dict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        for unit in one.failures:
            runs[unit].append(one)
    return [
        f"{ones[0].verdicts[unit]}: {' '.join(unit)}: {len(ones)} of {len(outcomes)} runs, first with seed "
        f"{ones[0].seed}, budget {ones[0].budget}: {ones[0].failures[unit]}"
        for unit, ones in runs.items()
    ]


def wavering(outcomes: list[Outcome]) -> list[str]:
    """Return a line for every unit that has not the same verdict in all runs, with the seeds of each verdict."""
    lines = []
    for unit in dict.fromkeys(unit for one in outcomes for unit in one.verdicts):
        seeds: dict[str, list[str]] = defaultdict(list)
        for one in outcomes:
            seeds[one.verdicts.get(unit, "missing")].append(f"{one.seed}/{one.budget}")
        if len(seeds) > 1 and not _only_by_share(unit, outcomes):
            told = "; ".join(f"{verdict} (seed/budget {', '.join(which)})" for verdict, which in seeds.items())
            lines.append(f"wavers: {' '.join(unit)}: {told}")
    return lines


def _only_by_share(unit: tuple[str, str, str], outcomes: list[Outcome]) -> bool:
    """Tell whether a unit, outside the dtypes claimed, passed in each run and had one verdict at the full budget."""
    seen = {one.verdicts.get(unit, "missing") for one in outcomes}
    whole = {one.verdicts.get(unit, "missing") for one in outcomes if one.budget == BUDGET}
    return bool(seen & UNCLAIMED) and seen <= UNCLAIMED | PASSED and len(whole) <= 1


if __name__ == "__main__":
    sys.exit(main())
