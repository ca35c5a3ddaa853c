"""What would take the memory or the process with it costs a benchmark its own point, and no other."""

import importlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import bench, bench_tests, records
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


def asked(tmp_path, number, *more):
    """Return what timing these rows, of the small size, comes to."""
    file = tmp_path / "rows.py"
    file.write_text(ROWS_OF_WHICH_ONE_KILLS.format(signal=number), encoding="utf-8")
    words = ["bench", str(file), "--size", "small", "--size", "2000", *more]
    return CliRunner().invoke(main, words, catch_exceptions=False)


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


@pytest.mark.parametrize("before", [False, True])
def test_benchmarks_that_were_interrupted_are_an_incomplete_run_of_their_own(tmp_path, before):
    """A run of units that they join is as complete as it was."""
    folder = tmp_path / "report"
    if before:
        words = ["bench", "arithmetic/add", "--size", "7", "--report", str(folder)]
        assert CliRunner().invoke(main, words).exit_code == 0
    assert asked(tmp_path, 15, "--report", str(folder)).exit_code == 3
    run = records.read(folder / "run.jsonl")
    assert {one["id"] for one in run.benches} == {"deadly/before"} | ({"arithmetic/add"} if before else set())
    assert run.complete == before
    assert ("Incomplete run" in (folder / "index.html").read_text(encoding="utf-8")) != before


def test_sigterm_ends_benchmarks_and_the_process_that_times_them(tmp_path):
    file = tmp_path / "rows.py"
    file.write_text(
        ROWS_OF_WHICH_ONE_KILLS.replace("import os; os.kill(os.getpid(), {signal})", "import time; time.sleep(99)")
    )
    words = ("bench", str(file), "--size", "7", "--report", str(tmp_path / "out"))
    command = [sys.executable, "-m", "conformance", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        child = _child_that_times(started.pid)
        os.kill(started.pid, signal.SIGTERM)
        out, _ = started.communicate(timeout=60)
    assert started.returncode == 3
    assert "deadly/before" in out
    assert not records.read(tmp_path / "out" / "run.jsonl").complete
    place = Path(f"/proc/{child}/stat")
    assert not place.exists() or place.read_text().rpartition(")")[2].split()[0] in "ZX", "it is no more"


def _child_that_times(parent):
    """Wait until a child of ``parent`` has timed the first row, and return its number."""
    for _ in range(600):
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if int((place / "stat").read_text().rpartition(")")[2].split()[1]) == parent and _begun(place):
                    return int(place.name)
        time.sleep(0.1)
    raise AssertionError("nothing was timed in a minute")


def _begun(place):
    """Tell whether the process at ``place`` times rows and has begun the one that does not end."""
    given = dict(one.partition("=")[::2] for one in (place / "environ").read_text().split("\0"))
    if not (plan := given.get(bench_tests.VARIABLE)):
        return False
    told = Path(json.loads(Path(plan).read_text(encoding="utf-8"))["out"]).read_text(encoding="utf-8")
    return "deadly/killer" in told


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


FAULTS = """
import resource

import numpy as np

arrays = lambda: [np.ones(2_000_000, np.float32) for _ in range(4)]
arrays()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
arrays()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
ROW_THAT_ASKS = """
from conformance import Section, tensors

asking = Section("Asking", id="asking")
asking.case("x + len(__import__('os').environ['MALLOC_TRIM_THRESHOLD_'])", "x + 11", id="row", x=tensors())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator, which keeps what it likes")
def test_what_one_call_frees_is_kept_for_the_next(tmp_path):
    environment = {**os.environ, **importlib.import_module("conformance.cli.bench")._KEPT}
    program = [sys.executable, "-c", FAULTS]
    done = subprocess.run(program, env=environment, check=True, capture_output=True, text=True, timeout=60)
    assert int(done.stdout) < 100, "pages of memory that the system handed out anew"
    (tmp_path / "rows.py").write_text(ROW_THAT_ASKS, encoding="utf-8")
    told = CliRunner().invoke(main, ["bench", str(tmp_path / "rows.py"), "--size", "2000"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    assert "not timed" not in told.output
