"""CPU time per compared input: ours over whole units, and two usual ways of checking beside it, in the same run.

    python benchmarks/speed.py
    python benchmarks/speed.py --repeat 9 --case arithmetic/add

A repetition is one default unit (the enumerated plan, the random structures from Hypothesis, every check) in float32,
in a process of its own, on one core, with nothing remembered from an earlier unit. Then how time grows with the
budget and with the number of rows, and whether memory does.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
from statistics import median
from typing import Any

from peers import PEERS, pair_cost
from tabulate import tabulate

CASES = ("arithmetic/add", "reductions/sum", "joining/cat")
BUDGETS = (5, 25, 50, 100, 200)
ROWS = (1, 2, 4, 8)
MEMORY = (8, 24)
DTYPE = "float32"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Measure and print."""
    options = arguments()
    if options.one is not None:
        print(json.dumps(one(**json.loads(options.one))))
        return
    cases = options.case or list(CASES)
    per_input(cases, options.repeat)
    growth("budget", BUDGETS, [{"case": cases[0], "budget": budget} for budget in BUDGETS])
    growth("rows", ROWS, [{"case": cases[0], "rows": rows} for rows in ROWS])
    memory(cases[0])


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="repetitions a case (default 5)")
    parser.add_argument("--case", action="append", metavar="ID", help="a case; may be repeated (default: three)")
    parser.add_argument("--one", metavar="JSON", help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(**what: Any) -> dict[str, Any]:
    """Run :func:`one` in a fresh process, one thread."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    command = [sys.executable, __file__, "--one", json.dumps(what)]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this script
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def one(case: str, *, budget: int = 25, rows: int = 1, beside: bool = False) -> dict[str, Any]:
    """Return what ``rows`` units of a case cost; each is a row of its own, so that none finds another's structures."""
    import resource
    import time
    from dataclasses import replace

    from conformance import unit

    pin()
    row = found(case)
    warm_up()
    spent, totals = 0.0, {"inputs": 0, "structures": 0}
    for number in range(rows):
        copy = replace(row, id=f"{row.id}-{number}") if number else row
        started = time.process_time()
        record = unit.run(unit.Unit(case=copy, dtype=DTYPE, device="cpu"), unit.Settings(budget=budget))
        spent += time.process_time() - started
        for name in totals:
            totals[name] += record["counts"][name]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    others = {"pair": pair_cost(row), **{name: peer(case) for name, peer in PEERS.items()}} if beside else {}
    return {"seconds": spent, **totals, "random": random_ones(row, budget), "peak": peak, **others}


def pin() -> None:
    """Stay on one core, where the system lets us choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def found(case: str) -> Any:
    """Return the row of that id."""
    from conformance import loading

    rows = {row.id: row for file in loading.modules() for row in loading.load(file)}
    if case not in rows:
        sys.exit(f"speed.py: no case is called {case!r}")
    return rows[case]


def warm_up() -> None:
    """Import all there is, by another case in another dtype; then forget its structures and values."""
    from conformance import batches, unit
    from conformance.inputs import fills, layouts

    unit.run(unit.Unit(case=found("shape/ravel"), dtype="int8", device="cpu"), unit.Settings(budget=2, seed=1))
    batches._CACHE.clear()  # noqa: SLF001 - a repetition starts with nothing remembered
    for function in (fills.pool, fills._starts, layouts.place, layouts.names, batches._own):  # noqa: SLF001 - the same
        function.cache_clear()
    gc.collect()  # what the imports left: 0.2 s that would fall into the first unit of a process, whichever it is


def random_ones(row: Any, budget: int) -> int:
    """Count the random structures of a unit."""
    from conformance import batches

    made = batches.batches(row, DTYPE, 0, budget)
    return sum(batch.structure.random for batch in made)


def per_input(cases: list[str], repeat: int) -> None:
    """Print what an input costs, ours and the others'."""
    lines = []
    for case in cases:
        runs = [measured(case=case, beside=True) for _ in range(repeat)]
        cost = [run["seconds"] / run["inputs"] * 1e6 for run in runs]
        first = runs[0]
        others = [f"{median(run[name] for run in runs) * 1e6:.1f}" for name in ("pair", *PEERS)]
        counts = (first["structures"], first["random"], first["inputs"])
        lines.append((case, *counts, f"{min(cost):.1f}", f"{median(cost):.1f}", *others))
    headers = ("case", "structures", "random", "inputs", "min", "median", "bare pair", *PEERS)
    print(f"CPU µs per compared input, {DTYPE}, one core, {repeat} repetitions in fresh processes")
    print(tabulate(lines, headers=headers, disable_numparse=True, stralign="right"), end="\n\n")


def growth(name: str, values: tuple[int, ...], runs: list[dict[str, Any]]) -> None:
    """Print time against a quantity, and the line fitted through it."""
    import numpy as np

    seconds = [min(measured(**run)["seconds"] for _ in range(2)) for run in runs]
    slope, start = np.polyfit(values, seconds, 1)
    lines = [(v, f"{s * 1e3:.0f}", f"{(start + slope * v) * 1e3:.0f}") for v, s in zip(values, seconds, strict=True)]
    fit = float(np.corrcoef(values, seconds)[0, 1] ** 2)
    print(f"time of {runs[0]['case']} against {name}: {start * 1e3:.0f} ms + {slope * 1e3:.2f} ms each, R² {fit:.4f}")
    print(tabulate(lines, headers=(name, "ms", "line"), disable_numparse=True, stralign="right"), end="\n\n")


def memory(case: str) -> None:
    """Print the peak memory after some units, and after three times as many."""
    peaks = [measured(case=case, rows=rows)["peak"] for rows in MEMORY]
    lines = [(rows, f"{peak:.0f}") for rows, peak in zip(MEMORY, peaks, strict=True)]
    print(f"peak memory of {case}, grown by {peaks[1] / peaks[0] - 1:.1%}")
    print(tabulate(lines, headers=("units", "MiB"), disable_numparse=True, stralign="right"))


if __name__ == "__main__":
    main()
