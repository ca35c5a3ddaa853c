"""Runs made for tests of what compares them: units, headers, benchmarks, as plain records."""

from pathlib import Path
from typing import Any

from conformance import records
from conformance.history import diff
from conformance.records import Run

HEADER = {
    "kind": "header",
    "format": 1,
    "torch": "2.13.0+cpu",
    "numpy": "2.4.6",
    "cpu": {"model": "a CPU", "capability": "AVX2", "cores": 8},
    "seed": 0,
    "budget": 25,
    "devices": ["cpu"],
    "absent": {"cuda": "no CUDA device"},
    "selection": [],
    "started": "2026-01-31T12:00:00+00:00",
}
NEWER = {"torch": "2.15.0+cpu", "started": "2026-05-31T12:00:00+00:00"}


def failure(check: str = "value", **more: Any) -> dict[str, Any]:
    """One way in which a unit fails."""
    told = {"headline": "1 of 1 elements differ: torch 2.0, numpy 3.0", "inputs": {"x": "np.ones(1)"}}
    sides = {"torch": "2.0", "numpy": "3.0", "again": "conformance run a/b", "count": 1}
    return {"check": check, **told, **sides, "text": "as printed", "script": "import torch", **more}


def difference(because: str = "it differs", verdict: str = "differs as declared", **more: Any) -> dict[str, Any]:
    """A declared difference of a unit."""
    stated = {"kind": "gotcha", "when": "x > 0", "dtypes": None, "aspect": None, "torch": "x", "numpy": "-x"}
    rest = {"instead": None, "upstream": None, "example": {"x": "np.ones(1)"}, "inputs": 3}
    return {"because": because, **stated, **rest, "verdict": verdict, **more}


def unit(verdict: str = "agrees", case: str = "shape/flip", dtype: str = "float32", **more: Any) -> dict[str, Any]:
    """A unit whose verdict comes from its values, where nothing else is said."""
    bad = records.is_failure(verdict) or verdict == records.CHANGED
    checks = {"value": {"verdict": verdict if bad else "agrees", "inputs": 9}}
    of_row = {"file": "cases/shape.py", "line": 7, "torch": "x.flip(0)", "numpy": "np.flip(x, 0)", "tolerance": "exact"}
    told = {"checks": checks, "failures": [failure()] if bad else [], "differences": [], "counts": {"inputs": 9}}
    named = {"kind": "unit", "id": case, "section": "Shape", "dtype": dtype, "device": "cpu"}
    return {**named, **of_row, "verdict": verdict, "reason": None, **told, "seconds": 0.1, **more}


def bench(ratio: float, spread: float = 0.1, **more: Any) -> dict[str, Any]:
    """A benchmark whose quartiles lie ``spread`` beside its ratio."""
    named = {"kind": "bench", "id": "shape/flip", "dtype": "float32", "device": "cpu", "size": "small"}
    times = {"torch_seconds": ratio * 1e-6, "numpy_seconds": 1e-6, "ratio": ratio}
    return {**named, **times, "ratio_low": ratio - spread, "ratio_high": ratio + spread, "blocks": 9, **more}


def run(*units: dict[str, Any], complete: bool = True, benches: Any = (), **header: Any) -> Run:
    """A run of these units, of the pinned versions where the header does not say otherwise."""
    footer = {"kind": "footer", "units": len(units), "verdicts": {}, "seconds": 1.0, "exit": 0} if complete else None
    return Run(header={**HEADER, **header}, units=units, benches=tuple(benches), footer=footer)


def written(path: Path, of: Run) -> Path:
    """A run as a file."""
    writer = records.Writer(path, of.header)
    for record in (*of.units, *of.benches):
        writer.write(record)
    writer.finish() if of.complete else writer.abandon()
    return path


def compared(old: Run, new: Run) -> diff.Diff:
    """What the newer run has otherwise."""
    return diff.compare(diff.Side(name="old.jsonl", run=old), diff.Side(name="new.jsonl", run=new))
