"""What several tests need: a section of one row, its judge, its record, a run of the command line."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from conformance import differences, records, state, unit
from conformance.case import BrokenCase, Case, Difference, Section
from conformance.evaluate import functions
from conformance.examples import examine
from conformance.judge import Judge

FLOAT = ("float32",)


def case_of(torch: str, numpy: str, **options) -> Case:
    """Return the case of one row; a row that is wrong fails the test with its message."""
    section = Section("Made here")
    section.case(torch, numpy, **{"id": "row", **options})
    (row,) = section.cases
    assert isinstance(row, Case), row.error
    return row


def broken(torch: str, numpy: str, **options) -> BrokenCase:
    """Return the broken case that a wrong row is kept as."""
    section = Section("Made here")
    section.case(torch, numpy, **options)
    (row,) = section.cases
    assert isinstance(row, BrokenCase), row
    return row


def record_of(case: Case, dtype: str = "-", budget: int = 25) -> dict:
    """Return the record of a unit on the CPU."""
    settings = unit.Settings(budget=budget)
    record = unit.run(unit.Unit(case=case, dtype=dtype, device="cpu"), settings)
    json.dumps(record)
    return record


def judge_of(case: Case, dtype: str = "-") -> Judge:
    """Return a judge that has judged nothing yet."""
    declared = differences.compile_differences(case, dtype)
    return Judge(case=case, dtype=dtype, device="cpu", functions=functions(case, "cpu", ("cpu",)), declared=declared)


def progress_of(case: Case, dtype: str = "-", budget: int = 25) -> unit.Progress:
    """Return what a whole unit has shown."""
    one = unit.Unit(case=case, dtype=dtype, device="cpu")
    with state.guarded("cpu"):
        *_, last = unit.steps(one, unit.Settings(budget=budget))
    return last


def findings(case: Case, dtype: str = "-") -> set[tuple[str, str]]:
    """Return the (check, kind) of everything that a unit finds."""
    return {(s.check, s.kind) for s in progress_of(case, dtype).judge.tally.findings}


def verdicts(record: dict) -> dict[str, str]:
    """Return the verdict of each check of a record."""
    return {name: check["verdict"] for name, check in record["checks"].items()}


def command(*arguments: object, cwd: Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run the command line as a reader does."""
    program = [sys.executable, "-c", "from conformance.cli import main; main()", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, text=True, cwd=cwd, timeout=timeout, check=False)


def units_of(folder: Path) -> dict[str, dict]:
    """Return the records of the run in a report folder, by the id of their case."""
    return {record["id"]: dict(record) for record in records.read(folder / "run.jsonl").units}


def is_elsewhere(case: Case, difference: Difference, dtype: str) -> bool:
    """Whether the condition of a difference keeps its example from showing on this machine."""
    judge = judge_of(case, dtype)
    (one,) = [declared for declared in judge.declared if declared.difference is difference]
    with state.guarded("cpu"):
        return examine(judge, one).elsewhere


@contextmanager
def script(name: str) -> Iterator[ModuleType]:
    """Import a script of `benchmarks/` as a module, which is forgotten afterwards."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "benchmarks" / f"{name}.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
