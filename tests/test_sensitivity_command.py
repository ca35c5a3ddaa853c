"""The command `conformance sensitivity`: what it prints and writes, its exit codes, a line for what is wrong."""

import json

import pytest

from .helpers import command

ROWS = """
from conformance import Section, tensors
mine = Section("Mine")
mine.case("-x", "-x", x=tensors(ndim=1, dtypes=("float32",)))
"""


def test_the_command_says_what_survives(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS)
    good = command("sensitivity", "rows.py", "-n0", "--report", "out", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    (record,) = [json.loads(line) for line in (tmp_path / "out/run.jsonl").read_text().splitlines()[1:-1]]
    assert record["kind"] == "sensitivity"
    assert record["killed"] == record["total"] > 15
    (tmp_path / "rows.py").write_text(ROWS.replace('dtypes=("float32",)', 'dtypes=("float32",), domain="small"'))
    weak = command("sensitivity", "rows.py", "-n0", cwd=tmp_path)
    assert weak.returncode == 1
    assert "never met: mine/neg: NaN ignored" in weak.stdout


def test_rows_that_cannot_be_tried_cost_a_line_each(tmp_path):
    """One kills the process, one is no row, one names nothing, one fails as it is; the others are tried."""
    wrong = """
mine.case("x + 0", "x if True else __import__('os')._exit(3)", id="deadly", x=tensors(ndim=1))
mine.case("x + 0", "np.no_such(x)", id="misspelt", x=tensors(ndim=1))
mine.case("x + 0", "[x for _ in 'a' if nobody][0]", id="nobody", x=tensors(ndim=1))
mine.case("x + 0", "x + 1", id="failing", x=tensors(ndim=1), dtypes=("float32",))
"""
    (tmp_path / "rows.py").write_text(ROWS + wrong)
    done = command("sensitivity", "rows.py", "-n1", cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stdout + done.stderr
    assert "mine/deadly: broken: the process died" in done.stdout
    assert "np.no_such" in done.stdout
    assert "mine/failing: not tried: it fails without a fault" in done.stdout
    assert "mine/neg" in done.stdout


def test_a_row_that_fails_as_it_is_is_a_failure(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS.replace('"-x", "-x"', '"-x", "x"'))
    done = command("sensitivity", "rows.py", "-n0", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "mine/neg: not tried: it fails without a fault: torch gives new memory" in done.stdout


def test_a_table_of_equivalents_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS)
    (tmp_path / "equivalents.toml").write_text("[[equivalent")
    done = command("sensitivity", "rows.py", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "equivalents.toml: " in line


def test_nothing_to_try(tmp_path):
    (tmp_path / "rows.py").write_text("")
    assert command("sensitivity", "rows.py", cwd=tmp_path).returncode == 5


@pytest.mark.parametrize("words", [["no/such"], ["--device", "cuda:77"], ["-n", "-1"]])
def test_wrong_use_is_one_line(tmp_path, words):
    done = command("sensitivity", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
