"""Run the rows of one module without pytest: ``python tests/run_rows.py arithmetic [part of id] [dtype,dtype|all]``."""

from __future__ import annotations

import sys
import time
from importlib import import_module

from conformance import unit
from conformance.case import BrokenCase, Case, Section


def main(module: str, part: str = "", dtypes: str = "all") -> None:
    """Print the verdict of every unit, and every failure in full."""
    rows = import_module(f"conformance.cases.{module}")
    for section in (value for value in vars(rows).values() if isinstance(value, Section)):
        for case in section.cases:
            if part in case.id:
                show(case, dtypes)


def show(case: Case | BrokenCase, dtypes: str) -> None:
    """Print the verdicts of one case."""
    if isinstance(case, BrokenCase):
        print(f"{case.file}:{case.line}: {case.id}: broken: {case.error}")
        return
    for dtype in case.unit_dtypes():
        if dtypes == "all" or dtype in dtypes.split(",") or dtype == "-":
            started = time.process_time()
            record = unit.run(unit.Unit(case=case, dtype=dtype, device="cpu"), unit.Settings())
            spent = time.process_time() - started
            counts = record["counts"]
            print(f"{case.id} {dtype}: {record['verdict']} {record['reason'] or ''} {counts.get('inputs')} {spent:.2f} s")
            for declared in record["differences"]:
                print(f"    {declared['verdict']} ({declared['inputs']}): {declared['because']}")
            for failure in record["failures"]:
                print("   ", failure["text"].replace("\n", "\n    "), f"[{failure['count']} inputs]")


if __name__ == "__main__":
    main(*sys.argv[1:])
