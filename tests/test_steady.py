"""How far ratios move between two runs with benchmarks, and where the faster side changes: `benchmarks/steady.py`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.records import Writer

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "steady.py"


def bench(size, elements, ratio):
    times = {"ratio": ratio, "ratio_low": ratio * 0.99, "ratio_high": ratio * 1.01}
    what = {"kind": "bench", "id": "arithmetic/add", "dtype": "float32", "device": "cpu", "size": size}
    return {**what, "elements": elements, **times, "torch_seconds": ratio * 1e-6, "numpy_seconds": 1e-6}


def run(path, *ratios):
    with Writer(path, {"torch": "2.13.0", "numpy": "2.4.6"}) as writer:
        for (size, elements), ratio in zip((("small", 1_000), ("large", 100_000)), ratios, strict=False):
            writer.write(bench(size, elements, ratio))
    return str(path)


@pytest.fixture
def asked(tmp_path):
    def ask(first, second, *options):
        command = [sys.executable, str(SCRIPT), first, second, *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return ask


def test_moves_and_crossings_are_told(tmp_path, asked):
    done = asked(run(tmp_path / "a.jsonl", 4.0, 0.25), run(tmp_path / "b.jsonl", 4.2, 0.2), "--crossings")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["cpu", "float32", "small", "1", "5.0%", "5.0%", "100.0%"] in lines
    assert ["cpu", "float32", "large", "1", "25.0%", "25.0%", "0.0%"] in lines
    assert any(line[:2] == ["all", "2"] and line[-1] == "50.0%" for line in lines)
    assert "NumPy, from about 10,000 elements PyTorch" in done.stdout


def test_two_machines_and_a_run_that_died_are_told(tmp_path, asked):
    good, other = run(tmp_path / "a.jsonl", 4.0), tmp_path / "b.jsonl"
    header = {"kind": "header", "format": 1, "cpu": {"model": "another"}}
    other.write_text(f"{json.dumps(header)}\n{json.dumps(bench('small', 1_000, 4.0))}\n", encoding="utf-8")
    done = asked(good, str(other))
    assert done.returncode == 0
    assert "b.jsonl: the run is incomplete" in done.stderr
    assert "the runs are of two machines: None and {'model': 'another'}" in done.stderr


def test_what_cannot_be_compared_is_told(tmp_path, asked):
    good = run(tmp_path / "a.jsonl", 4.0)
    nothing = asked(good, run(tmp_path / "b.jsonl"))
    assert (nothing.returncode, nothing.stderr) == (5, "the two runs have no benchmark in common\n")
    missing = asked(good, str(tmp_path / "none.jsonl"))
    assert missing.returncode == 3
    assert "none.jsonl: cannot be read" in missing.stderr
