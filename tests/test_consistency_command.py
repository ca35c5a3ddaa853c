"""The command `conformance consistency`: what it prints and writes, its exit codes, a line for what is wrong."""

import pytest

from conformance import records
from conformance.cli import main

from .helpers import command

ROWS = """
from conformance import UNDEFINED, Difference, Section, tensors
import numpy as np
mine = Section("Mine")
mine.case("-x", "-x", id="steady", x=tensors())
mine.case("x * (1 + (x.numel() > 15))", "x + 0", id="long", x=tensors(){differs})
mine.case("x.shape", "x.shape", id="neither", x=tensors())
"""
DECLARED = """, differs=[Difference("longer ones are doubled", example={"x": np.ones(16)}, when="x.size > 15",
                                  torch=UNDEFINED)]"""


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """The command in this process, which saves the seconds of importing PyTorch: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["consistency", *words])
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def rows(tmp_path):
    def written(differs=""):
        path = tmp_path / "mine.py"
        path.write_text(ROWS.replace("{differs}", differs))
        return path

    return written


def test_the_command_finds_and_reports(rows, tmp_path):
    done = command("consistency", rows(), "--dtype", "float32", "-n", 1, "--report", "out", "-v", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "undeclared: mine/long float32: other value" in done.stdout
    assert "def f(x):\n    return x * (1 + (x.numel() > 15))" in done.stdout
    run = records.read(tmp_path / "out" / "run.jsonl")
    made = {record["id"]: record for record in run.proofs}
    assert set(made) == {"mine/steady", "mine/long"}
    assert made["mine/steady"]["undeclared"] == 0
    assert len(made["mine/steady"]["capabilities"]) >= 1
    page = (tmp_path / "out" / "consistency.md").read_text()
    assert "| `mine/long`" in page
    assert "## Undeclared" in page
    assert "def f(x):" in page


def test_declared_ones_pass(rows, here):
    status, out, _ = here(str(rows(DECLARED)), "--dtype", "float32", "-n", "0")
    assert status == 0, out
    assert "undeclared:" not in out
    assert "declared: mine/long float32: other value" in out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["mine.py", "--dtype", "float23"], 2, "dtype 'float23' is none of float16"),
        (["no-such-case"], 2, "no-such-case"),
        (["mine.py", "--device", "cuda:77"], 2, "device 'cuda:77'"),
        (["mine.py", "--points", "3"], 2, "No such option"),
        (["attributes/shape", "-n", "0"], 5, "nothing was compared"),
    ],
)
def test_wrong_use_is_one_line(rows, here, arguments, status, said):
    rows()
    got, out, err = here(*arguments)
    assert got == status, out + err
    assert said in err + out
    assert len((err or out).strip().splitlines()) == 1


def test_an_interrupt_is_one_line(here, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.cli.shared.pieces", interrupted)
    status, out, err = here("attributes/shape", "-n", "0")
    assert (status, out, err.strip()) == (3, "", "conformance: interrupted")


def test_rows_that_cannot_be_compared_cost_a_line_each(rows, here):
    path = rows()
    path.write_text(path.read_text().replace('"-x", "-x", id="steady"', '"-x", "np.no_such(x)", id="misspelt"')
                    + 'mine.case("-x", "-y", id="unknown", x=tensors())\n')  # fmt: skip
    status, out, _ = here("mine.py", "-n", "0", "--dtype", "float32")
    assert status == 3
    assert "mine/misspelt: broken: " in out
    assert "broken: " in out
    assert "unknown name 'y'" in out
    assert "undeclared: mine/long" in out, "the other one is compared"
