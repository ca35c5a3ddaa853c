"""Rows that kill the process, or never end: named with their input, while all others run to their end."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from conformance import crash, journal, tensors, watchdog
from conformance.child import Request

from .helpers import case_of, command, record_of, units_of

ROWS = """
    import numpy as np
    from conformance import CRASHES, Difference, Section, tensors

    X = {"x": tensors(ndim=(0, 3), dtypes=("float32",))}
    ONE = {"x": np.zeros((1, 1, 1), "f4")}
    DIES = Difference("it dies", example=ONE, when="x.ndim == 3", torch=CRASHES, kind="bug")

    s = Section("Poison")
    s.case("x + 1", "x + 1", id="healthy", **X)
    s.case("__import__('ctypes').string_at(0) if x.ndim == 2 and x.shape[0] == 3 else x", "x", id="segfault", **X)
    s.case("__import__('os').abort() if x.ndim == 3 else x", "x", id="abort", **X)
    s.case("__import__('os')._exit(0) if x.numel() == 5 else x", "x", id="exit", **X)
    s.case("x", "__import__('os').abort() if x.size == 5 else x", id="numpy-dies", **X)
    s.case("__import__('os').abort() if x.ndim == 3 else -x", "-x", id="declared", differs=[DIES], **X)
    s.case("-x", "-x", id="does-not-crash", differs=[DIES], **X)
    s.case("x * 2", "x * 2", id="healthy-too", **X)
"""


ENDLESS = """
    from conformance import Section, tensors
    s = Section("Endless")
    X = {"x": tensors(ndim=1, dtypes=("float32",))}
    s.case("[i for i in iter(int, 1)] if x.numel() == 5 else x", "x", id="loop", **X)
    s.case("-x", "-x", id="healthy", **X)
"""


def run_of(folder, rows, *more):
    """Return the exit code, what was printed, and the units, of a run over these rows."""
    (folder / "rows.py").write_text(textwrap.dedent(rows))
    options = ("--budget", 25, "-n", 2, "--report", folder / "out")
    done = command("run", "rows.py", *options, *more, cwd=folder, timeout=500)
    return done, units_of(folder / "out")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return run_of(tmp_path_factory.mktemp("poison"), ROWS)


def test_it_ends_as_a_failure_and_the_report_is_there(ran):
    done, units = ran
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(units) == 8
    assert "report:" in done.stdout


def test_an_endless_loop_is_ended_at_the_time_limit(tmp_path):
    done, units = run_of(tmp_path, ENDLESS, "--timeout", 10)
    assert done.returncode == 1, done.stdout + done.stderr
    assert units["endless/healthy"]["verdict"] == "agrees"
    assert units["endless/loop"]["verdict"] == "crashed"
    assert units["endless/loop"]["reason"] == "torch ran past 10 s"
    assert units["endless/loop"]["failures"][0]["inputs"]["x"].count(",") == 5, "five numbers and a dtype"


ENDLESS_AFTER_HEALTHY = """
    from conformance import Section, tensors
    s = Section("Endless")
    X = {"x": tensors(ndim=1, dtypes=("float32",))}
    s.case("-x", "-x", id="healthy", **X)
    s.case("[i for i in iter(int, 1)] if x.numel() == 5 else x", "x", id="loop", **X)
"""


def left_by(folder):
    """Return what `conformance report` ends with and says of the run in ``folder``, and the ids of its units."""
    done = command("report", folder / "run.jsonl", cwd=folder)
    return done.returncode, "incomplete run" in done.stdout, list(units_of(folder))


def test_without_workers_the_time_limit_ends_the_run_and_what_was_found_can_be_read(tmp_path):
    (tmp_path / "rows.py").write_text(textwrap.dedent(ENDLESS_AFTER_HEALTHY))
    done = command("run", "rows.py", "-n", 0, "--timeout", 8, "--report", "out", cwd=tmp_path)
    assert done.returncode != 0
    assert left_by(tmp_path / "out") == (3, True, ["endless/healthy"])


HEEDED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell has its background jobs ignore interrupts, and they the processes that they start."""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_an_interrupted_run_says_so_and_what_was_found_can_be_read(tmp_path):
    (tmp_path / "rows.py").write_text(textwrap.dedent(ENDLESS_AFTER_HEALTHY))
    arguments = ["run", "rows.py", "-n", "0", "--report", "out"]
    program = [sys.executable, "-c", f"{HEEDED}; from conformance.cli import main; main()", *arguments]
    run = subprocess.Popen(program, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    file = tmp_path / "out" / "run.jsonl"
    until = time.monotonic() + 300
    while time.monotonic() < until and not (file.exists() and "endless/healthy" in file.read_text()):
        time.sleep(0.1)
    time.sleep(2)  # the loop has begun
    run.send_signal(signal.SIGINT)
    told, _ = run.communicate(timeout=300)
    assert run.returncode == 3, told
    assert "incomplete run" in told
    assert left_by(tmp_path / "out") == (3, True, ["endless/healthy"])


def request_of(folder, torch, before=""):
    """Return what to ask a child for: the first batch of one row, in a module that begins with ``before``."""
    row = f's.case({torch!r}, "x", id="row", x=tensors(dtypes=("float32",)))'
    text = f'{before}\nfrom conformance import Section, tensors\ns = Section("Alone")\n{row}\n'
    (folder / "alone.py").write_text(text)
    return Request(file=str(folder / "alone.py"), case="alone/row", dtype="-", device="cpu", number=0)


def test_the_clock_of_a_child_starts_when_it_is_ready(tmp_path):
    slow = request_of(tmp_path, "x", before="import time; time.sleep(4)")
    assert crash.run_in_child(slow, 4) == crash.Death()


def test_what_ran_past_its_time_is_not_said_to_have_killed_the_process(tmp_path):
    death = crash.run_in_child(request_of(tmp_path, "[i for i in iter(int, 1)]"), 1)
    assert str(death) == "torch ran past 1 s"


def test_a_process_ended_by_its_watchdog_is_told_from_one_that_died(tmp_path):
    for name in ("loop", "crash"):
        (tmp_path / f"{name}.journal").write_text(f'           3\n{{"name": "{name}"}}\n')
        (tmp_path / f"{name}.timeout").write_text("Timeout!" if name == "loop" else "")
    found = {name: journal.last_words(tmp_path, name) for name in ("loop", "crash")}
    assert found["loop"] == {"name": "loop", "batch": 3, "timed out": True}
    assert found["crash"] == {"name": "crash", "batch": 3, "timed out": False}


def test_the_clock_starts_anew_before_a_failure_is_made_small(monkeypatch):
    renewed = []
    monkeypatch.setattr(watchdog, "renew", lambda: renewed.append(1))
    record_of(case_of("x + 1", "x + 2", x=tensors(dtypes=("float32",))))
    assert renewed


@pytest.mark.parametrize("name", ["healthy", "healthy-too"])
def test_the_others_finish(ran, name):
    assert ran[1][f"poison/{name}"]["verdict"] == "agrees"


@pytest.mark.parametrize(
    ("name", "words", "given"),
    [
        ("segfault", "torch kills the process: killed by SIGSEGV", "3"),
        ("abort", "torch kills the process: killed by SIGABRT", "["),
        ("exit", "torch kills the process: ended with status 0", "5"),
        ("numpy-dies", "numpy kills the process: killed by SIGABRT", "5"),
    ],
)
def test_the_input_is_named(ran, name, words, given):
    record = ran[1][f"poison/{name}"]
    assert record["verdict"] == "crashed"
    assert record["reason"] == words
    (failure,) = record["failures"]
    assert failure["inputs"]["x"].startswith(("np.", "base"))
    assert f"poison/{name}" in failure["again"]
    assert "import torch" in failure["script"]
    assert given in failure["inputs"]["x"] or failure["inputs"]["x"].count(",") >= 4
    assert f"poison/{name}" in ran[0].stdout


def test_a_declared_crash_is_confirmed_in_a_child(ran):
    record = ran[1]["poison/declared"]
    assert record["verdict"] == "differs as declared"
    assert record["differences"][0]["inputs"] > 1
    assert record["checks"]["error"]["verdict"] == "differs as declared"
    assert record["counts"]["inputs"] > 100, "those outside of the condition run here"


def test_a_declared_crash_that_is_none(ran):
    record = ran[1]["poison/does-not-crash"]
    assert record["verdict"] == "differs"
    assert "torch is declared to kill the process, neither side does" in record["failures"][0]["headline"]
