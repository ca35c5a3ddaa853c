"""The command line: what it ends with, and what it says where it is used wrongly."""

import re
import subprocess
import sys
import textwrap

import pytest
from click.testing import CliRunner

from conformance.cli import main

from .helpers import command, units_of

ROWS = """
    from conformance import Section, tensors
    s = Section("Mine")
    X = {"x": tensors(ndim=1, dtypes=("float32",))}
    s.case("x + 1", "x + 1", **X)
    s.case("-x", "-x", **X)
"""
WRONG = ROWS + '    s.case("x * 2", "x * 3", **X)\n'
BROKEN = ROWS + '    s.case("x * z", "x * 3", id="mul", **X)\n'


def invoked(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text=ROWS, name="mine.py"):
        (tmp_path / name).write_text(textwrap.dedent(text))
        return name

    return write


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shape/squeze"], "no case or section is called 'shape/squeze': did you mean shape/squeeze"),
        (["nothing-like-it"], "no case or section is called 'nothing-like-it'"),
        (["absent.py"], "there is no case file"),
        (["--dtype", "float31"], "dtype 'float31' is none of bool, uint8"),
        (["--device", "toaster"], "device 'toaster': 'toaster' is no torch device; present here: cpu"),
        (["--device", "cuda:99"], "device 'cuda:99': no "),
        (["--seed", "x"], "seed 'x': give a whole number of at least 0 or 'random'"),
        (["--budget", "-1"], "budget '-1': give a whole number"),
        (["-n", "many"], "workers 'many': give a whole number of at least 0 or 'auto'"),
        (["far/squeeze"], "no case or section is called 'far/squeeze': did you mean shape/squeeze?"),
        (["--report", ""], "--report '': give the name of a folder"),
        (["--report", "file.txt/below"], "the report cannot be written to file.txt"),
        (["--timeout", "soon"], "'soon' is not a valid integer"),
        (["--no-such-option"], "No such option"),
        (["-k", "and and"], "keyword expression 'and and': expected not or left parenthesis or identifier"),
        (["-k", "squeeze(a=1)"], "keyword expression 'squeeze(a=1)': squeeze takes no parameters"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("")
    done = invoked("run", *arguments)
    assert done.exit_code == 2, done.output
    assert words.lower() in done.output.lower()
    assert len(done.output.strip().splitlines()) == 1
    assert not (tmp_path / "conformance-report" / "run.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "words"), [(["-x", "-x"], "option '-x'"), (["--budgt", "3", "x", "x"], "mean '--budget'?")]
)
def test_an_expression_that_begins_with_a_minus(arguments, words):
    done = invoked("check", *arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert "An expression that begins with a minus needs -- before it" in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_no_such_command():
    done = invoked("rum")
    assert done.exit_code == 2
    assert "No such command 'rum'" in done.output


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        (ROWS, [], 0),
        (WRONG, [], 1),
        (BROKEN, [], 3),
        (ROWS, ["-k", "nothing_of_that_name"], 5),
    ],
)
def test_exit_codes_of_a_run(rows, tmp_path, text, more, code):
    done = command("run", rows(text), "-n", 0, "--budget", 2, *more, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    report = tmp_path / "conformance-report"
    assert {"index.html", "cheatsheet.md", "findings.md", "run.jsonl"} <= {path.name for path in report.iterdir()}
    if code == 3:
        broken = units_of(report)["mine/mul"]
        assert broken["verdict"] == "broken"
        assert "unknown name 'z'" in done.stdout
    if code == 1:
        assert units_of(report)["mine/mul"]["verdict"] == "differs"
        (again,) = [line.partition("again  ")[2] for line in done.stdout.splitlines() if "again  " in line][:1]
        assert again.startswith("conformance run mine.py mine/mul "), "of a file of one's own, with its name"
        assert command(*again.split()[1:], "-n", 0, cwd=tmp_path).returncode == 1


def test_a_run_does_not_import_what_lies_about(rows, tmp_path):
    """A conftest or pytest settings of the folder are somebody else's."""
    (tmp_path / "conftest.py").write_text("raise SystemExit(9)")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    assert command("run", rows(), "-n", 0, "--budget", 2, cwd=tmp_path).returncode == 0


def test_some_cases_of_a_file(rows, tmp_path):
    done = command("run", rows(), "mine/neg", "-n", 0, "--budget", 2, "--report", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert list(units_of(tmp_path / "out")) == ["mine/neg"]


@pytest.fixture
def finished(rows, tmp_path):
    assert command("run", rows(), "-n", 0, "--budget", 2, "--report", "out", cwd=tmp_path).returncode == 0
    return tmp_path / "out" / "run.jsonl"


@pytest.mark.parametrize("workers", [0, 1])
def test_a_selection_of_nothing_leaves_an_earlier_run_as_it_was(finished, tmp_path, workers):
    before = finished.read_bytes()
    options = ("-n", workers, "--report", "out", "-k", "nothing_of_that_name")
    done = command("run", "mine.py", *options, cwd=tmp_path)
    assert done.returncode == 5, done.stdout + done.stderr
    assert finished.read_bytes() == before
    assert "the report of an earlier run in out stays as it was" in done.stdout
    assert [path.name for path in finished.parent.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("workers", [0, 1])
def test_a_later_run_replaces_an_earlier_one(finished, tmp_path, workers):
    options = ("-n", workers, "--budget", 2, "--report", "out", "-k", "neg")
    assert command("run", "mine.py", *options, cwd=tmp_path).returncode == 0
    assert list(units_of(finished.parent)) == ["mine/neg"]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_of_fewer_units_says_that_it_takes_the_place_of_more(finished, tmp_path, workers):
    """And only then: not of as many, nor where nothing was selected."""
    ran = ("run", "mine.py", "-n", workers, "--budget", 2, "--report", "out")
    told = "conformance: this run of 1 unit took the place of one of 2 units in out; a --report folder of its own keeps"
    for more, said in ((("-k", "no_such_name"), False), ((), False), (("-k", "neg"), True), (("-k", "neg"), False)):
        done = command(*ran, *more, cwd=tmp_path)
        assert (told in done.stderr) == ("took the place" in done.stderr) == said, done.stderr


def test_garbage_in_the_place_of_an_earlier_run_is_replaced(rows, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.jsonl").write_bytes(b"\xff\x00[" * 9999)
    done = command("run", rows(), "-n", 0, "--budget", 2, "--report", "out", "-k", "neg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(units_of(tmp_path / "out")) == ["mine/neg"]


def test_a_report_is_made_again(finished, tmp_path):
    before = (finished.parent / "cheatsheet.md").read_text()
    done = invoked("report", finished, "--report", tmp_path / "again")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again" / "cheatsheet.md").read_text() == before
    assert str(tmp_path / "again" / "index.html") in done.output


def test_several_runs_are_reported_side_by_side(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    newer = tmp_path / "newer.jsonl"
    newer.write_text(re.sub('"torch": "[^"]*"', '"torch": "99.0"', finished.read_text(), count=1))
    done = invoked("report", finished, newer)
    assert done.exit_code == 0, done.output
    page = tmp_path / "conformance-side-by-side" / "index.html"
    assert str(page) in done.output
    assert "torch 99.0" in page.read_text()
    assert "\ntorch 99.0\n\nsection" in done.output


def test_the_exit_code_of_several_runs_is_that_of_the_worst(finished, tmp_path):
    lines = finished.read_text().splitlines(keepends=True)
    cut, failed, empty = (tmp_path / f"{name}.jsonl" for name in ("cut", "failed", "empty"))
    cut.write_text("".join(lines[:-1]))
    failed.write_text(
        lines[0] + lines[1].replace('"verdict": "agrees"', '"verdict": "differs"', 1) + '{"kind": "footer"}\n'
    )
    empty.write_text(lines[0] + '{"kind": "footer", "exit": 5}\n')
    codes = {}
    for name, runs in {"cut": [finished, cut], "failed": [failed, finished], "empty": [empty, finished]}.items():
        codes[name] = invoked("report", *runs, "--report", tmp_path / "all").exit_code
    assert codes == {"cut": 3, "failed": 1, "empty": 0}
    assert invoked("report", empty, empty, "--report", tmp_path / "all").exit_code == 5
    assert invoked("report", finished, tmp_path / "no.jsonl", "--report", tmp_path / "all").exit_code == 3


def test_a_run_without_its_end_is_reported_and_not_taken_for_a_pass(finished):
    lines = finished.read_text().splitlines(keepends=True)
    finished.write_text("".join(lines[:-1]))
    done = invoked("report", finished)
    assert done.exit_code == 3
    assert "report:" in done.output


def test_a_run_is_reported_whatever_its_texts_hold(finished):
    finished.write_text(finished.read_text().replace('"section": "', '"section": "\\ud800', 1))
    done = command("report", finished, cwd=finished.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\ud800" in done.stdout


@pytest.mark.parametrize("verdict", ["wonderful", "differs"])
def test_a_failure_in_a_run_that_is_read_is_one_in_its_exit_code(finished, verdict):
    """A verdict that this version does not know is not taken for a pass; an unknown key is ignored."""
    text = finished.read_text().replace('"verdict": "agrees", "reason"', f'"verdict": "{verdict}", "reason"', 1)
    finished.write_text(text.replace('"checks"', '"cheks"', 1))
    done = invoked("report", finished)
    assert done.exit_code == 1, done.output
    assert f"{verdict}  mine/" in done.output


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text[:40], "cut short or damaged"),
        (lambda text: "", "empty"),
        (lambda text: "[]\n" + text, "not a run"),
        (lambda text: text.replace('"kind": "unit"', '"kind": "un', 1), ":2: damaged line"),
    ],
)
def test_a_run_file_that_cannot_be_read(finished, spoil, words):
    finished.write_text(spoil(finished.read_text()))
    done = invoked("report", finished)
    assert done.exit_code == 3
    assert words in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_a_run_file_that_is_not_there(tmp_path):
    done = invoked("report", tmp_path / "none.jsonl")
    assert done.exit_code == 3
    assert "cannot be read" in done.output


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["report", "--help"], ["--version"]])
def test_help_and_version_do_not_import_torch(words):
    """It takes a second, and nobody who asks for help should wait for it."""
    program = f"""
import sys
from conformance.cli import main
try:
    main({words})
finally:
    print('torch' in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
