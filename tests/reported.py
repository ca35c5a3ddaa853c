"""Runs made for tests of what shows them: one case unless told otherwise, as plain records."""

from __future__ import annotations

from typing import Any

from conformance.records import Run

HEADER = {
    "kind": "header",
    "format": 1,
    "started": "2026-01-31T12:00:00+00:00",
    "torch": "2.13.0+cpu",
    "numpy": "2.4.6",
    "cpu": {"model": "a processor", "cores": 2},
    "seed": 7,
    "devices": ["cpu"],
    "absent": {"cuda": "no CUDA device"},
}
FOOTER = {"kind": "footer", "units": 0, "seconds": 1.5, "exit": 0}


def unit(name: str = "shape/squeeze", verdict: str = "agrees", **more: Any) -> dict[str, Any]:
    what = {"kind": "unit", "id": name, "section": "Shape", "dtype": "float32", "device": "cpu"}
    case = {"file": "cases/shape.py", "line": 12, "torch": "x.squeeze(dim)", "numpy": "np.squeeze(x, axis=dim)"}
    outcome = {
        "note": None,
        "given": {"x": "tensors()"},
        "verdict": verdict,
        "reason": None,
        "checks": {"value": {"verdict": verdict, "inputs": 3012}, "dtype": {"verdict": "agrees", "inputs": 3012}},
        "counts": {"structures": 355, "inputs": 3600, "torch only": 0},
        "differences": [],
        "failures": [],
        "warnings": [],
        "seconds": 0.1,
    }
    return what | case | outcome | more


def bench(**more: Any) -> dict[str, Any]:
    made = {"kind": "bench", "id": "shape/squeeze", "dtype": "float32", "device": "cpu", "size": "small"}
    times = {"elements": 1000, "torch_seconds": 1.1e-06, "numpy_seconds": 4.0e-07}
    return made | times | {"ratio": 2.7, "ratio_low": 2.6, "ratio_high": 2.9} | more


def run(*units: dict[str, Any], benches: tuple[dict[str, Any], ...] = (), footer: bool = True, **more: Any) -> Run:
    return Run(header=HEADER | more, units=units, benches=benches, footer=FOOTER if footer else None)


def broken() -> dict[str, Any]:
    return {"kind": "unit", "id": "shape/oops", "verdict": "broken", "reason": "no name np.oops"}
