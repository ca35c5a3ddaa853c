"""How far the ratios of times move between two runs of ``conformance bench``, and where the faster side changes.

    conformance bench --report first; conformance bench --report second
    python benchmarks/steady.py first second
    python benchmarks/steady.py first second --crossings    # a line for each case, from the first run

A ratio moves by how much the larger of two is above the smaller; of ten, nine should by 10 % at most. Exits 3 for a run
that cannot be read, 5 where the two have no benchmark in common.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tabulate import tabulate

from conformance import records
from conformance.history import speed
from conformance.report import courses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.history.speed import Timed
    from conformance.records import Record, Run

NEAR = 0.10
BROKEN, NOTHING = 3, 5


def main() -> int:
    """Read both runs and print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", metavar="RUN", help="a run with benchmarks: a file or a report folder")
    parser.add_argument("second", metavar="RUN", help="another one of the same machine")
    parser.add_argument("--crossings", action="store_true", help="list where the faster side changes, case by case")
    options = parser.parse_args()
    try:
        first, second = (records.read(records.located(path)) for path in (options.first, options.second))
    except records.RunFileError as error:
        print(error, file=sys.stderr)
        return BROKEN
    for path, run in ((options.first, first), (options.second, second)):
        if not run.complete:
            print(f"{path}: the run is incomplete", file=sys.stderr)
    if (there := first.header.get("cpu")) != (here := second.header.get("cpu")):
        print(f"the runs are of two machines: {there} and {here}", file=sys.stderr)
    timed = sorted(speed.compared(first.benches, second.benches), key=lambda one: one.new.get("elements", 0))
    if not timed:
        print("the two runs have no benchmark in common", file=sys.stderr)
        return NOTHING
    print(
        tabulate(
            moves(timed),
            headers=("device, dtype, size", "ratios", "median", "90 %", "within 10 %"),
            disable_numparse=True,
        )
    )
    print("\n" + tabulate(sides(first), headers=("faster in the first run", "cases"), disable_numparse=True))
    if options.crossings:
        print("\n" + tabulate(crossings(first.benches), headers=("case", "the faster side"), disable_numparse=True))
    return 0


def moves(timed: Sequence[Timed]) -> Iterator[tuple[str, ...]]:
    """Yield a line for each device, dtype and size, and one for all: how many ratios, and how far they moved."""
    by_size: dict[str, list[float]] = defaultdict(list)
    for one in timed:
        by_size[" ".join(part for part in (one.device, one.dtype.strip("-"), one.size) if part)].append(moved(one))
    for size, found in (*by_size.items(), ("all", [moved(one) for one in timed])):
        most = quantiles(found, n=10, method="inclusive")[-1] if len(found) > 1 else found[0]
        near = sum(one <= NEAR for one in found) / len(found)
        yield size, f"{len(found):,}", f"{median(found):.1%}", f"{most:.1%}", f"{near:.1%}"


def moved(one: Timed) -> float:
    """Return by which share the larger ratio is above the smaller."""
    return max(one.factor, 1 / one.factor) - 1


def sides(run: Run) -> list[tuple[str, str]]:
    """Return who is faster, and of how many cases."""
    found = [one for of_case in courses.by_case(run.benches).values() for one in of_case]
    return [(side, f"{count:,}") for _, counted in courses.counts(found) for side, count in counted]


def crossings(benches: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield each case whose faster side changes with the size, and at how many elements."""
    for case, found in courses.by_case(benches).items():
        for one in found:
            if one.crossings:
                yield f"{case} {one.dtype.strip('-')}".strip(), one.words


if __name__ == "__main__":
    sys.exit(main())
