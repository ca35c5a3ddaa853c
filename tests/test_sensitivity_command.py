"""The command `conformance sensitivity`: what it prints and writes, its exit codes, a line for what is wrong."""

import json

import pytest

from conformance.cli import main

from .helpers import command

ROWS = """
from conformance import Section, tensors
mine = Section("Mine")
mine.case("-x", "-x", x=tensors(ndim=1, dtypes=("float32",)))
"""


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """The command in this process, which saves the seconds of importing PyTorch: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["sensitivity", *words])
        return ended.value.code, *capsys.readouterr()

    return run


def test_the_command_says_what_survives(tmp_path, here):
    (tmp_path / "good.py").write_text(ROWS)
    status, out, _ = here("good.py", "-n0", "--report", "out")
    assert status == 0, out
    (record,) = [json.loads(line) for line in (tmp_path / "out/run.jsonl").read_text().splitlines()[1:-1]]
    assert record["kind"] == "sensitivity"
    assert record["killed"] == record["total"] > 15
    (tmp_path / "weak.py").write_text(ROWS.replace('dtypes=("float32",)', 'dtypes=("float32",), domain="small"'))
    status, out, _ = here("weak.py", "-n0")
    assert status == 1
    assert "never met: mine/neg: NaN ignored" in out


def test_rows_that_cannot_be_tried_cost_a_line_each(tmp_path, here):
    """One names what is not there, one is not finished, one fails as it is; the other is tried."""
    wrong = """
mine.case("x + 0", "np.no_such(x)", id="misspelt", x=tensors(ndim=1))
mine.case("x + 0", "x +", id="unfinished", x=tensors(ndim=1))
mine.case("x + 0", "x + 1", id="failing", x=tensors(ndim=1), dtypes=("float32",))
"""
    (tmp_path / "rows.py").write_text(ROWS + wrong)
    status, out, err = here("rows.py", "-n0")
    assert status == 3
    assert "mine/misspelt: broken: " in out
    assert "np.no_such does not exist" in out
    assert "broken: " in out
    assert "rows.py:6: " in out
    assert "mine/failing: not tried: it fails without a fault in float32: " in out
    name, killed, total = out.splitlines()[2].split()
    assert (name, killed) == ("mine/neg", total)
    assert "Traceback" not in out + err


def test_a_row_that_kills_the_process_costs_its_own_line_only(tmp_path):
    deadly = 'mine.case("x + 0", "x if True else __import__(\'os\')._exit(3)", id="deadly", x=tensors(ndim=1))\n'
    (tmp_path / "rows.py").write_text(ROWS + deadly)
    done = command("sensitivity", "rows.py", "-n1", cwd=tmp_path, timeout=300)
    assert done.returncode == 3
    assert "mine/deadly: broken: the process died" in done.stdout
    assert "mine/neg" in done.stdout


def test_a_change_that_never_ends_costs_its_own_line_only(tmp_path):
    """The number that the loop waits for is another."""
    loop = "n = 3\nwhile int(np.floor(n + 0.5)) > 3:\n    pass\nx + 0"
    endless = f'mine.case("x + 0", {loop!r}, id="endless", x=tensors(ndim=1, dtypes=("float32",)))\n'
    (tmp_path / "rows.py").write_text(ROWS + endless)
    done = command("sensitivity", "rows.py", "-n1", "--timeout", "12", cwd=tmp_path, timeout=300)
    assert done.returncode == 3
    assert "mine/endless: broken: the process died, or ran for more than 12 s, while it " in done.stdout
    assert "tried: 3 is 4\n" in done.stdout
    assert "mine/neg" in done.stdout


def test_a_row_that_fails_as_it_is_is_a_failure(tmp_path, here):
    (tmp_path / "rows.py").write_text(ROWS.replace('"-x", "-x"', '"-x", "x"'))
    status, out, _ = here("rows.py", "-n0")
    assert status == 1
    assert "mine/neg: not tried: it fails without a fault: torch gives new memory" in out


def test_a_table_of_equivalents_that_cannot_be_read_is_one_line(tmp_path, here):
    (tmp_path / "rows.py").write_text(ROWS)
    (tmp_path / "equivalents.toml").write_text("[[equivalent")
    status, out, err = here("rows.py")
    assert (status, out) == (3, "")
    (line,) = err.splitlines()
    assert "equivalents.toml: " in line


def test_files_of_one_name_are_not_taken_for_each_other(tmp_path, here):
    for folder, text in (("one", ROWS), ("two", ROWS.replace("Mine", "Other"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rows.py").write_text(text)
    _, out, _ = here("one/rows.py", "two/rows.py", "-n0")
    assert "mine/neg" in out
    assert "other/neg" in out


def test_nothing_to_try(tmp_path, here):
    (tmp_path / "rows.py").write_text("")
    assert here("rows.py")[0] == 5


@pytest.mark.parametrize("words", [["no/such"], ["--device", "cuda:77"], ["-n", "-1"], ["nowhere.py"]])
def test_wrong_use_is_one_line(here, words):
    status, out, err = here(*words)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("part", ["0/3", "4/3", "2", "a/b", "-1/2", "1/0"])
def test_what_is_no_part_is_wrong_use(here, part):
    code, _, error = here("--part", part)
    assert code == 2
    assert "give two numbers such as 2/3" in error


def test_the_parts_are_all_cases_between_them(tmp_path, here):
    names = ("one", "two", "three")
    rows = [f'mine.case("-x", "-x", id="{name}", x=tensors(ndim=1, dtypes=("int8",)))\n' for name in names]
    (tmp_path / "rows.py").write_text(ROWS.partition("mine.case")[0] + "".join(rows))
    tried = [here("rows.py", "-n0", "--part", f"{which}/2")[1] for which in (1, 2)]
    assert [[name for name in names if f"mine/{name}" in text] for text in tried] == [["one", "three"], ["two"]]
