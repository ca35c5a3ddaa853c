"""The pytest plugin: out of everybody's way, and helpful where cases are."""

import json
import sys
import textwrap

import pytest

from conformance import ALL, loading

ROWS = """
    from conformance import Section, tensors, new_axes
    s = Section("Mine")
    X = {"x": tensors(ndim=1, dtypes=("float32",))}
    s.case("x.unsqueeze(dim)", "np.expand_dims(x, dim)", dim=new_axes("x"), shares_memory=True, **X)
    s.case("x + 1", "x + 1", x=tensors(ndim=1))
"""
FAST = "--conformance-budget=1"


@pytest.fixture
def rows(pytester):
    def write(more="", name="mine.py"):
        path = pytester.path / name
        path.write_text(textwrap.dedent(ROWS) + textwrap.dedent(more))
        return path

    return write


def run(pytester, *arguments):
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *map(str, arguments))


def test_a_foreign_project_is_left_alone(pytester):
    """Its files are not collected, torch is not imported, and nothing is printed."""
    pytester.makepyfile(
        test_theirs="""
        import sys
        def test_nothing_was_imported():
            assert not {"torch", "conformance.case", "conformance.session"} & set(sys.modules)
        """,
        module="raise RuntimeError('not to be imported')",
    )
    (pytester.path / "cases").mkdir()
    (pytester.path / "cases" / "theirs.py").write_text("raise RuntimeError('not to be imported')")
    done = run(pytester, "-p", "no:hypothesispytest", "-q")
    done.assert_outcomes(passed=1)
    assert "conformance" not in done.stdout.str()


def test_a_file_that_only_talks_of_sections_is_not_collected(pytester):
    """Unless it is named, no file outside of our own cases is looked at."""
    (pytester.path / "mine.py").write_text(textwrap.dedent(ROWS))
    assert run(pytester, "-q").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_name_in_numpy_finds_the_row(pytester, rows):
    done = run(pytester, rows(), "-k", "expand_dims", "--collect-only", "-q")
    assert "mine/unsqueeze" in done.stdout.str()
    assert "mine/add" not in done.stdout.str()


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--conformance-dtype=int8"], 1),
        (["--conformance-dtype=int8", "--conformance-dtype=bool"], 2),
        (["--conformance-select=mine/unsqueeze"], 1),
        (["--conformance-select=mine"], 1 + len(ALL)),
        (["-k", "add and complex64"], 1),
    ],
)
def test_options_choose_units(pytester, rows, options, count):
    done = run(pytester, rows(), "--collect-only", "-q", "--conformance-device=cpu", *options)
    assert sum("mine.py::" in line for line in done.outlines) == count


def test_units_pass_and_fail_with_their_words(pytester, rows):
    rows('s.case("x * 2", "x * 3", **X)\n')
    done = run(pytester, "mine.py", FAST, "--conformance-select=mine/mul", "--conformance-select=mine/unsqueeze")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        ["*torch  x * 2", "*numpy  x * 3", "*value *", "*again  conformance run mine.py mine/mul *"]
    )
    assert "Traceback" not in done.stdout.str()


def test_broken_rows_fail_by_name_and_place_and_the_others_run(pytester, rows):
    rows('s.case("x + z", "x", id="odd", **X)\ns.case("np.abz(x)", "np.abz(x)", id="misspelt", **X)\n')
    done = run(pytester, "mine.py", FAST, "-k", "odd or misspelt or unsqueeze")
    done.assert_outcomes(passed=1, failed=2)
    text = done.stdout.str()
    assert "mine.py:7: mine/odd: unknown name 'z'" in text
    assert "np.abz does not exist: did you mean np.abs?" in text


def test_a_module_that_does_not_parse_or_raises(pytester, rows):
    rows("s.case('x * 1', 'x * 1', 7, id='bad-call')\n", "raises.py")
    (pytester.path / "syntax.py").write_text("from conformance import *\ns = Section('Wrong'\n")
    done = run(pytester, "raises.py", "syntax.py", FAST, "--conformance-dtype=int8", "-q")
    text = done.stdout.str()
    assert "raises.py:7: mine/bad-call: TypeError:" in text
    assert "syntax.py:2" in text
    assert "(so no row of this file was read)" in text
    assert done.parseoutcomes()["failed"] == 2


def test_a_statement_that_raises_costs_the_rows_that_need_it(pytester, rows):
    wrong = """
    from conformance import Difference
    ODD = Difference("odd", example={"x": 1},
                     torch="x", aspect="shape")
    s.case("-x", "-x", differs=[ODD], id="needs", **X)
    s.case("x * 2", "x * 2", **X)
    s.case("x * 3", "x * 3", differs=[Difference("", example={"x": 1}, torch="x")], **X)
    s.case("x - 2", "x - 2", **X)
    """
    path = rows(wrong)
    done = run(pytester, path, FAST, "-q", "--conformance-device=cpu", "-k", "not add")
    text = done.stdout.str()
    assert "mine.py:9: mine/line-9: CaseError: aspect='shape' is none of value, dtype, memory" in text.replace("\n", "")
    assert "mine.py:11: mine/needs: it needs ODD, which line 9 failed to make" in text
    assert "mine.py:13: mine/line-13: CaseError: Difference(''): give the reason" in text
    done.assert_outcomes(failed=3, passed=3)


def test_statements_run_again_are_those_of_the_file(tmp_path):
    """What a module imports from the future holds for all of it, and no row is there twice."""
    path = tmp_path / "again.py"
    text = """
    from __future__ import annotations
    from conformance import Section, tensors
    s = Section("Again")
    s.case("-x", "-x", x=tensors())
    def helper(x: not_to_be_looked_up): pass
    from nowhere_at_all import thing
    helper(thing)
    s.case("+x", "+x", x=tensors())
    """
    path.write_text(textwrap.dedent(text))
    told = [(row.id, row.line, getattr(row, "error", "")) for row in loading.load(path)]
    assert told == [
        ("again/neg", 5, ""),
        ("again/pos", 9, ""),
        ("again/line-7", 7, "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("again/line-8", 8, "it needs thing, which line 7 failed to make"),
    ]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--conformance-dtype=float31", "dtype 'float31' is none of bool"),
        ("--conformance-device=toaster", "device 'toaster': 'toaster' is no torch device"),
        ("--conformance-budget=0", "budget '0': give a whole number of at least 1"),
        ("--conformance-seed=x", "seed 'x': give a whole number"),
        ("--conformance-timeout=soon", "timeout 'soon': give a whole number"),
    ],
)
def test_wrong_use(pytester, rows, option, words):
    done = run(pytester, rows(), option, "--conformance-report=out")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert words in done.stderr.str()


@pytest.mark.parametrize("joint", [" ", "="])
def test_a_folder_given_after_a_space_does_not_take_the_root_away(pytester, rows, tmp_path_factory, joint):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    pytester.makeini("[pytest]")
    rows()
    option = f"--conformance-report{joint}{elsewhere}".split()
    done = run(pytester, "mine.py" if joint == "=" else "-q", FAST, "--conformance-dtype=int8", *option)
    assert done.ret == (0 if joint == "=" else pytest.ExitCode.USAGE_ERROR)
    assert (f"write --conformance-report={elsewhere}: after a space" in done.stderr.str()) == (joint == " ")


def test_a_report_is_written(pytester, rows):
    done = run(pytester, rows(), FAST, "--conformance-dtype=int8", "--conformance-report=out", "--conformance-seed=7")
    assert done.ret == 0
    lines = [json.loads(line) for line in (pytester.path / "out" / "run.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["header", "unit", "footer"]
    assert lines[0]["seed"] == 7
    assert (pytester.path / "out" / "index.html").exists()
    done.stdout.fnmatch_lines(["report: *index.html"])


def test_workers_write_one_report(pytester, rows):
    done = run(pytester, rows(), FAST, "-n2", "--conformance-report=out", "-k", "add")
    lines = [json.loads(line) for line in (pytester.path / "out" / "run.jsonl").read_text().splitlines()]
    assert done.ret == 0
    assert [line["kind"] for line in lines] == ["header", *["unit"] * len(ALL), "footer"]
    assert [line["dtype"] for line in lines[1:4]] == ["bool", "uint8", "int8"]


def test_another_plugin_that_claims_device_does_not_clash(pytester, rows):
    pytester.makepyfile(
        claims="""
        def pytest_addoption(parser):
            group = parser.getgroup("playwright")
            group.addoption("--device", default=None)
            group.addoption("--seed", default=None)
            group.addoption("--dtype", default=None)
        """
    )
    pytester.syspathinsert()
    done = run(pytester, "-p", "claims", rows(), "--device", "iPhone 11", FAST, "--conformance-dtype=int8")
    done.assert_outcomes(passed=1)


def test_all_our_options_have_our_name(pytester):
    done = run(pytester, "--help")
    text = done.stdout.str()
    ours = text[text.index("PyTorch-to-NumPy conformance") :].split("\n\n")[0]
    claimed = [line.split()[0] for line in ours.splitlines()[1:] if line.strip().startswith("-")]
    assert claimed
    assert all(option.startswith("--conformance-") for option in claimed)


def test_the_plugin_is_the_installed_one():
    assert "conformance.pytest_plugin" in sys.modules
