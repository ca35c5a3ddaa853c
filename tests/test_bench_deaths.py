"""What would take the memory or the process with it costs a benchmark its own point, and no other."""

import importlib
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import bench, bench_tests
from conformance.bench import NoSizedInputs
from conformance.cli import main

from .test_bench import ROWS

ROWS_OF_WHICH_ONE_KILLS = """
from conformance import Section, tensors

deadly = Section("Deadly", id="deadly")
deadly.case("x + 1", "x + 1", id="before", x=tensors())
deadly.case("exec('import os; os.kill(os.getpid(), {signal})')", "x", id="killer", x=tensors())
deadly.case("x * 2", "x * 2", id="after", x=tensors())
"""


def asked(tmp_path, signal):
    """Return what timing these rows, of the small size, comes to."""
    file = tmp_path / "rows.py"
    file.write_text(ROWS_OF_WHICH_ONE_KILLS.format(signal=signal), encoding="utf-8")
    return CliRunner().invoke(main, ["bench", str(file), "--size", "small", "--size", "2000"], catch_exceptions=False)


def test_a_point_that_kills_the_process_costs_that_point_alone(tmp_path):
    done = asked(tmp_path, 9)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("deadly/")] == ["deadly/before"] * 2 + [
        "deadly/after"
    ] * 2
    assert "not timed: deadly/killer float32 cpu: the process died of signal 9 (small, 2000)" in lines
    assert done.stderr.count("the process that timed died of signal 9") == 2


def test_a_process_that_is_asked_to_end_is_not_begun_again(tmp_path):
    done = asked(tmp_path, 15)
    assert done.exit_code == 3
    assert "deadly/before" in done.stdout
    assert "deadly/after" not in done.stdout
    assert done.stderr.count("the process that timed died of signal 15") == 1


def test_a_point_that_was_timed_before_its_process_died_is_not_said_to_be_skipped(tmp_path, monkeypatch):
    written = [{"kind": "begun", "name": "a"}, {"kind": "bench", "id": "a"}]
    asked_for = []

    def dies_once(request, *_):
        asked_for.append(request.begun)
        if request.begun:
            return 0
        Path(request.out).write_text("".join(json.dumps(line) + "\n" for line in written), encoding="utf-8")
        return -9

    command = importlib.import_module("conformance.cli.bench")  # the name in the package is that of the command
    monkeypatch.setattr(command, "_run", dies_once)
    request = bench_tests.Request(out=str(tmp_path / "out.jsonl"), files=())
    assert command._timed(request, tmp_path, None) == 1
    assert asked_for == [(), ("a",)]
    assert command._lines(request) == written


@pytest.mark.parametrize("size", ["medium", "large"])
def test_a_result_that_would_fill_the_memory_is_foreseen_from_small_ones(size):
    point = bench.Point(case=ROWS["ranges/cartesian_prod"], dtype="float32", device="cpu", size=size)
    with pytest.raises(NoSizedInputs, match=r"inputs and result take about [\d,]+ GiB"):
        bench.prepared(point, ("cpu",))


@pytest.mark.parametrize(
    ("elements", "each", "refused"), [(10**8, 120, False), (10**8, 130, True), (4 * 10**6, 130, False)]
)
def test_so_much_may_be_taken_as_sixteen_tensors_of_the_size_or_two_gigabytes(monkeypatch, elements, each, refused):
    point = bench.Point(case=ROWS["arithmetic/add"], dtype="float32", device="cpu", size=str(elements))
    told = iter((100 * each, 1000 * each))
    monkeypatch.setattr(bench.traffic, "moved", lambda _call, _given: next(told))
    with pytest.raises(NoSizedInputs) if refused else nullcontext():
        bench._refuse_large(point, ("cpu",))
