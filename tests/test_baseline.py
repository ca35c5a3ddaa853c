"""A run held against a baseline fails only by what is new, and says what that is."""

import textwrap

import pytest
from click.testing import CliRunner

from conformance import records
from conformance.cli import main
from conformance.history import baseline
from conformance.history.baseline import Baseline

from .helpers import command, units_of
from .runs import NEWER, run, unit, written

ROWS = """
    from conformance import Section, tensors
    s = Section("Mine")
    X = {"x": tensors(ndim=1, dtypes=("float32",))}
    s.case("x + 1", "x + 1", **X)
    s.case("x * 2", "x * 3", **X)
"""


def against(*units, **header):
    """A baseline of these units."""
    return Baseline(name="old.jsonl", run=run(*units, **header))


@pytest.mark.parametrize(
    ("old", "new", "fails"),
    [
        ("agrees", "agrees", False),
        ("agrees", "differs", True),
        ("differs", "differs", False),
        ("differs", "agrees", False),
        ("agrees", "changed", True),
        ("differs as declared", "changed", True),
        ("differs", "changed", False),
        ("changed", "changed", False),
        ("not run", "changed", False),
        ("not run", "differs", True),
        (None, "changed", False),
        (None, "differs", True),
        (None, "agrees", False),
        ("agrees", "fails as expected", False),
        ("agrees", "not run", False),
    ],
)
def test_what_fails_a_run(old, new, fails):
    held = against(*([] if old is None else [unit(old)]))
    assert held.fails(unit(new)) is fails
    assert held.status(run(unit(new))) == int(fails)


def test_a_failure_of_another_check_fails_too():
    both = {name: {"verdict": "differs", "inputs": 1} for name in ("value", "memory")}
    assert against(unit("differs")).fails(unit("differs", checks=both))
    assert not against(unit("differs", checks=both)).fails(unit("differs"))


def test_the_exit_status_of_a_run_without_its_end_or_without_units():
    held = against(unit("differs"))
    assert held.status(run(unit("differs"), complete=False)) == 3
    assert held.status(run()) == 5
    assert held.status(run(unit("broken", "shape/other"))) == 3
    assert against(unit("broken")).status(run(unit("broken"))) == 0


def test_what_is_new_fixed_and_still_failing_is_told():
    names = ("new", "news", "fixed", "still")
    old = [unit("differs" if name in {"fixed", "still"} else "agrees", f"shape/{name}") for name in names]
    verdicts = ("differs", "changed", "agrees", "differs")
    held = against(*old, complete=False)
    for name, verdict in zip(names, verdicts, strict=True):
        held.note(unit(verdict, f"shape/{name}"))
    held.note({"kind": "bench", "id": "shape/new"})
    text = "\n".join(held.lines(NEWER))
    figures = "fails now 1, new, and fails 0, behaves otherwise 1, fixed 1, still failing 1"
    assert text.startswith(f"against the baseline old.jsonl (torch 2.13.0+cpu numpy 2.4.6): {figures}\n")
    assert "\nthe baseline is an incomplete run" in text
    for head, name in (
        ("FAILS NOW", "new"),
        ("BEHAVES OTHERWISE", "news"),
        ("FIXED", "fixed"),
        ("STILL FAILING", "still"),
    ):
        assert f"\n{head} (1 unit of 1 case)" in text
        assert f"\n  shape/{name} (cases/shape.py:7)  float32 cpu: " in text
    assert "which fails this run" in text


def test_a_baseline_of_something_else_says_so():
    held = against(unit())
    held.note(unit(case="shape/other"))
    assert "the baseline has none of these units, so every failure is new" in held.lines({})


def test_a_baseline_is_held_without_what_only_reports_show(tmp_path):
    (record,) = baseline.read(str(written(tmp_path / "a.jsonl", run(unit("differs"))))).run.units
    assert "script" not in record["failures"][0]


@pytest.mark.parametrize(
    ("text", "words"), [(None, "cannot be read"), ("", "empty"), ("hello", "not a run"), ("\x1f\x8b", "gzipped run is")]
)
def test_a_baseline_that_cannot_be_read_is_one_line_and_exit_code_3(tmp_path, monkeypatch, text, words):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "old.jsonl").write_bytes(text.encode("latin-1"))
    done = CliRunner().invoke(main, ["run", "shape/squeeze", "--baseline", "old.jsonl"])
    assert done.exit_code == 3, done.output
    assert words in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert not (tmp_path / "conformance-report" / "run.jsonl").exists()


def test_a_run_is_gated_by_its_baseline(tmp_path):
    (tmp_path / "mine.py").write_text(textwrap.dedent(ROWS))
    options = ("mine.py", "-n", 0, "--budget", 2, "--report")
    assert command("run", *options, "first", cwd=tmp_path).returncode == 1
    again = command("run", *options, "second", "--baseline", "first", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "fails now 0, new, and fails 0, still failing 1" in again.stdout
    assert units_of(tmp_path / "second")["mine/mul"]["verdict"] == "differs", "the record says what was seen"
    (tmp_path / "mine.py").write_text(textwrap.dedent(ROWS) + 's.case("x - 2", "x - 3", **X)\n')
    more = command("run", *options, "third", "--baseline", "first", cwd=tmp_path)
    assert more.returncode == 1, more.stdout + more.stderr
    assert "fails now 0, new, and fails 1, still failing 1" in more.stdout


def test_the_run_that_a_report_takes_the_place_of_is_no_baseline(tmp_path):
    (tmp_path / "mine.py").write_text(textwrap.dedent(ROWS))
    options = ("run", "mine.py", "-n", 0, "--budget", 2)
    assert command(*options, cwd=tmp_path).returncode == 1
    before = (tmp_path / "conformance-report" / "run.jsonl").read_bytes()
    for named in ("conformance-report", "./conformance-report/run.jsonl"):
        done = command(*options, "--baseline", named, cwd=tmp_path)
        assert done.returncode == 2
        told = f"baseline {named}: the run of the report in conformance-report is replaced by this one"
        assert done.stderr == f"conformance: {told}: `conformance keep` it first\n"
    assert (tmp_path / "conformance-report" / "run.jsonl").read_bytes() == before


def test_pytest_takes_a_baseline_too(pytester):
    (pytester.path / "mine.py").write_text(textwrap.dedent(ROWS))
    old = [unit(verdict, f"mine/{name}", "-") for name, verdict in (("add", "agrees"), ("mul", "differs"))]
    with records.Writer(pytester.path / "old.jsonl", run().header) as writer:
        for record in old:
            writer.write(record)
    options = ("-p", "no:cacheprovider", "mine.py", "--conformance-budget=1", "--conformance-baseline=old.jsonl")
    done = pytester.runpytest_subprocess(*options)
    done.assert_outcomes(passed=1, xfailed=1)
    done.stdout.fnmatch_lines(["against the baseline old.jsonl *still failing 1"])
    wrong = pytester.runpytest_subprocess(*options[:-1], "--conformance-baseline=none.jsonl")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert "baseline none.jsonl: cannot be read" in wrong.stderr.str()
    (pytester.path / "out").mkdir()
    (pytester.path / "old.jsonl").rename(pytester.path / "out" / "run.jsonl")
    wrong = pytester.runpytest_subprocess(*options[:-1], "--conformance-baseline=out", "--conformance-report=out")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert "is replaced by this one" in wrong.stderr.str()
