"""Runs whose records hold what no writer writes: each is either refused in one line or shown, never a traceback."""

import json
from pathlib import Path

import numpy as np
import pytest

from conformance import records, report, small
from conformance.history import baseline, data, diff, markdown, page, terminal
from conformance.report import terminal as shown

ODD = (
    None,
    True,
    -1,
    1.5,
    10**400,
    float("inf"),
    float("nan"),
    "",
    "odd",
    [],
    [None],
    ["odd"],
    {},
    {"odd": None},
    {"odd": [1]},
)
"""What stands where something else should: JSON that Python reads."""

FINDING = {"wrong": "NumPy", "script": "import numpy", "torch": "1", "numpy": "2", "truth": "1", "errors": None}
DIFFERENCE = {
    "because": "it is so",
    "kind": "bug",
    "when": None,
    "dtypes": ["float32"],
    "aspect": None,
    "torch": "x",
    "numpy": "y",
    "instead": None,
    "upstream": None,
    "example": {"x": "1"},
    "verdict": "difference gone",
    "inputs": 3,
    "finding": FINDING,
}
FAILURE = {
    "check": "value",
    "headline": "1 of 1",
    "text": "told",
    "inputs": {"x": "1"},
    "torch": "1",
    "numpy": "2",
    "script": "import torch",
    "again": "conformance run a/b",
    "count": 1,
}
UNIT = {
    "kind": "unit",
    "id": "a/b",
    "section": "A",
    "dtype": "float32",
    "device": "cpu",
    "file": "cases/a.py",
    "line": 3,
    "torch": "x",
    "numpy": "y",
    "note": None,
    "given": {"x": "tensors()"},
    "tolerance": "exact",
    "claimed": ["float32"],
    "verdict": "differs",
    "reason": None,
    "checks": {"value": {"verdict": "differs", "inputs": 3}, "error": {"verdict": "agrees", "inputs": 3}},
    "counts": {"structures": 2, "inputs": 3},
    "differences": [DIFFERENCE],
    "failures": [FAILURE],
    "warnings": ["UserWarning: odd"],
    "gradient": {"structures": 1, "numbers": 2, "not smooth": 0, "worst": 0.5},
    "trajectory": {"torch": [1.0], "numpy": [1.0], "apart": [0.0], "allowed": [1.0]},
    "seconds": 0.1,
}
BENCH = {
    "kind": "bench",
    "id": "a/b",
    "section": "A",
    "file": "cases/a.py",
    "line": 3,
    "torch": "x",
    "numpy": "y",
    "dtype": "float32",
    "device": "cpu",
    "size": "small",
    "layout": "contiguous",
    "threads": 1,
    "elements": 1000,
    "torch_seconds": 1e-6,
    "numpy_seconds": 2e-6,
    "ratio": 0.5,
    "ratio_low": 0.4,
    "ratio_high": 0.6,
    "blocks": 9,
    "bytes": 8_000_000,
    "torch_copy": 1e9,
    "numpy_copy": 1e9,
}
HEADER = {
    "kind": "header",
    "format": 1,
    "started": "2026-01-31T12:00:00+00:00",
    "torch": "2.13.0",
    "numpy": "2.4.6",
    "python": "3.11.7",
    "platform": "Linux",
    "cpu": {"model": "a CPU", "capability": "AVX2", "cores": 2},
    "gpu": {"name": "a GPU", "cuda": "13"},
    "threads": 1,
    "seed": 0,
    "budget": 25,
    "devices": ["cpu"],
    "absent": {"cuda": "no CUDA device"},
    "selection": ["a"],
}
FOOTER = {"kind": "footer", "units": 1, "verdicts": {"differs": 1}, "seconds": 1.0, "exit": 1}
LINES = (HEADER, UNIT, BENCH, FOOTER)


def places(value, path=()):
    """Yield the path of each value inside of one."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*path, key)
        yield from places(each, (*path, key))


def with_odd(value, path, odd):
    """Return ``value`` with something else at one place."""
    if not path:
        return odd
    copied = value.copy()
    copied[path[0]] = with_odd(value[path[0]], path[1:], odd)
    return copied


def used(file: Path, folder: Path):
    """Read a run and do with it all that commands do."""
    run, whole = records.read(file), read_whole(folder)
    report.render(run, folder, whole)
    report.render(run, folder)
    shown.summary(run)
    held = baseline.Baseline(name="it", run=small.small(run))
    held.status(whole)
    small.written(run)
    for pair in ((run, whole), (whole, run)):
        found = diff.compare(*(diff.Side(name="it", run=one) for one in pair))
        json.dumps(data.data(found))
        for made in (terminal.text(found), markdown.text(found), page.page(found)):
            assert made


def read_whole(folder: Path):
    return records.read(lines(folder / "whole.jsonl", LINES))


def lines(path: Path, told):
    path.write_text("".join(f"{json.dumps(line)}\n" for line in told), encoding="utf-8")
    return path


def test_the_run_without_damage_is_used(tmp_path):
    used(lines(tmp_path / "run.jsonl", LINES), tmp_path)


@pytest.mark.parametrize("which", range(len(LINES)), ids=[line["kind"] for line in LINES])
def test_odd_values_are_refused_or_shown(which, tmp_path):
    chance = np.random.default_rng(which)
    for path in places(LINES[which]):
        for odd in (ODD[place] for place in chance.choice(len(ODD), 3, replace=False)):
            told = [with_odd(line, path, odd) if number == which else line for number, line in enumerate(LINES)]
            file = lines(tmp_path / "run.jsonl", told)
            try:
                used(file, tmp_path)
            except records.RunFileError as refused:
                message = str(refused)
                assert len(message.splitlines()) == 1
            except Exception as error:
                raise AssertionError(f"{'.'.join(map(str, path))} = {odd!r}") from error
