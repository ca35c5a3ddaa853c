"""A run that is asked to end, as by a scheduler, ends as by Ctrl-C: with what it has, said to be not all."""

import signal
import subprocess
import sys
import time

import pytest

from conformance import records

ROWS = """
from conformance import Section, tensors

slow = Section("Slow", id="slow")
X = {"x": tensors(ndim=1, dtypes=("float32",))}
slow.case("x + 1", "x + 1", id="quick", **X)
slow.case("exec('import time; time.sleep(99)')", "x", id="endless", **X)
"""


@pytest.fixture(autouse=True)
def heeded():
    """Let what is started here heed Ctrl-C, which a shell has its jobs in the background, and theirs, ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_end_says_everywhere_that_it_is_incomplete(tmp_path, workers, number):
    (tmp_path / "rows.py").write_text(ROWS, encoding="utf-8")
    run = tmp_path / "conformance-report" / "run.jsonl"
    run.parent.mkdir()
    (run.parent / "index.html").write_text("of an earlier run", encoding="utf-8")
    command = [sys.executable, "-m", "conformance", "run", "rows.py", "-n", str(workers)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        while started.poll() is None and not (run.exists() and "slow/quick" in run.read_text(encoding="utf-8")):
            time.sleep(0.1)
        started.send_signal(number)
        started.wait(timeout=60)
    assert started.returncode == 3
    held = records.read(run)
    assert not held.complete
    assert [one["id"] for one in held.units] == ["slow/quick"]
    for page in ("index.html", "cheatsheet.html", "cheatsheet.md", "findings.md"):
        assert "Incomplete run" in (run.parent / page).read_text(encoding="utf-8"), page
