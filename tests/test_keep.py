"""The command ``conformance keep``: where the small form of a run goes, and what it does not take the place of."""

import pytest
from click.testing import CliRunner

from conformance import records
from conformance.cli import main

from .runs import NEWER, bench, run, unit, written

DTYPES = ("float32", "float64", "int8")
CPU = [unit(case=f"{part}/{row}", dtype=dtype) for part in ("shape", "sort") for row in range(20) for dtype in DTYPES]
OTHER = [unit(case="shape/0", dtype=dtype, device="toaster") for dtype in DTYPES]
WHOLE = [*CPU, *OTHER]
TIMED = [bench(1.0), bench(1.0, size="large")]


def invoked(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_small_run_is_kept_by_its_environment(tmp_path):
    old = written(tmp_path / "old.jsonl", run(unit()))
    new = written(tmp_path / "new.jsonl", run(unit("differs"), **NEWER))
    done = invoked("keep", old, "--to", tmp_path / "runs")
    assert done.exit_code == 0, done.output
    (kept,) = (tmp_path / "runs").iterdir()
    assert kept.name == "torch2.13.0-numpy2.4.6-cpu.jsonl.gz"
    assert str(kept) in done.output
    before = kept.read_bytes()
    assert invoked("keep", old, "--to", tmp_path / "runs").exit_code == 0
    assert kept.read_bytes() == before
    assert invoked("keep", kept, "--to", tmp_path / "again.jsonl.gz").exit_code == 0
    assert (tmp_path / "again.jsonl.gz").read_bytes() == before
    assert invoked("diff", kept, new).exit_code == 1
    assert invoked("diff", kept, old).exit_code == 0


def test_a_run_that_cannot_be_kept(tmp_path):
    nothing = written(tmp_path / "a.jsonl", run())
    assert invoked("keep", nothing).exit_code == 5
    whole = written(tmp_path / "b.jsonl", run(unit()))
    done = invoked("keep", whole, "--to", tmp_path / "b.txt")
    assert done.exit_code == 2
    assert "give a folder or a file ending in .jsonl.gz" in done.output
    assert invoked("keep", whole, "--to", whole / "below").exit_code == 2


def test_a_folder_may_have_a_dot_in_its_name(tmp_path):
    whole = written(tmp_path / "b.jsonl", run(unit()))
    assert invoked("keep", whole, "--to", tmp_path / "runs.d" / "2.13").exit_code == 0
    assert [file.name for file in (tmp_path / "runs.d" / "2.13").iterdir()] == ["torch2.13.0-numpy2.4.6-cpu.jsonl.gz"]


def test_an_incomplete_run_takes_the_place_of_no_complete_one(tmp_path):
    whole = written(tmp_path / "a.jsonl", run(unit()))
    cut = written(tmp_path / "b.jsonl", run(unit(), complete=False))
    for which, code in ((cut, 0), (whole, 0), (cut, 3), (whole, 0)):
        assert invoked("keep", which, "--to", tmp_path / "runs").exit_code == code
    (kept,) = (tmp_path / "runs").iterdir()
    assert records.read(kept).complete


def test_a_small_run_of_an_incomplete_one_says_so(tmp_path):
    cut = written(tmp_path / "a.jsonl", run(unit(), complete=False))
    done = invoked("keep", cut, "--to", tmp_path / "k.jsonl.gz")
    assert done.exit_code == 0
    assert "an incomplete run, and so is its small form" in done.output
    assert not records.read(tmp_path / "k.jsonl.gz").complete
    assert "OLD: incomplete run" in invoked("diff", tmp_path / "k.jsonl.gz", cut).output


@pytest.fixture
def kept(tmp_path):
    """The small form of a whole run, with its benchmarks."""
    whole = written(tmp_path / "whole.jsonl", run(*WHOLE, benches=TIMED))
    assert invoked("keep", whole, "--to", tmp_path / "kept.jsonl.gz").exit_code == 0
    return tmp_path / "kept.jsonl.gz"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (run(benches=TIMED), "lacks 123 of 123 units, such as shape/0-float32-cpu, of"),
        (run(WHOLE[0]), "lacks 122 of 123 units, such as shape/0-float64-cpu, of"),
        (run(*CPU[:60], selection=["shape"]), "lacks 63 of 123 units, such as sort/0-float32-cpu, of"),
        (run(*CPU[:-3], *OTHER, selection=["shape", "sort/1"]), "lacks 3 of 123 units, such as sort/19-float32-cpu"),
        (run(*WHOLE[::3]), "lacks 82 of 123 units, such as shape/0-float64-cpu, of"),
        (run(*CPU), "lacks 3 of 123 units, such as shape/0-float32-toaster, of"),
        (run(*CPU[3:], *OTHER, complete=False), "is incomplete, and"),
        (run(*WHOLE, benches=TIMED, budget=2), "has a budget of 25, "),
        (run(*WHOLE, benches=[bench(1.0)]), "lacks 1 of 2 benchmarks, such as shape/flip-float32-large-cpu, of"),
    ],
)
def test_a_run_of_less_takes_the_place_of_none_of_more(tmp_path, kept, part, words):
    before = kept.read_bytes()
    done = invoked("keep", written(tmp_path / "part.jsonl", part), "--to", kept)
    assert done.exit_code == 3
    assert done.output.startswith("conformance: not kept: ")
    assert words in done.output
    assert done.output.endswith(": name another folder with --to, or delete that file first\n")
    assert len(done.output.splitlines()) == 1
    assert kept.read_bytes() == before


def test_an_incomplete_run_of_less_takes_no_place_either(tmp_path):
    target = tmp_path / "kept.jsonl.gz"
    for units, code in ((CPU, 0), (CPU[:9], 3), (WHOLE, 0)):
        cut = written(tmp_path / "cut.jsonl", run(*units, complete=False))
        assert invoked("keep", cut, "--to", target).exit_code == code
    assert invoked("keep", written(tmp_path / "row.jsonl", run(unit())), "--to", target).exit_code == 3
    assert len(records.read(target).units) == len(WHOLE)


def test_a_whole_run_takes_the_place_of_a_whole_one(tmp_path, kept):
    """Of one with rows that were removed since, too, which is said."""
    more = run(*WHOLE, unit(case="sort/new"), benches=[bench(2.0), bench(2.0, size="large")], budget=50)
    done = invoked("keep", written(tmp_path / "more.jsonl", more), "--to", kept)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.output.endswith(" bytes, 124 units, 2 benchmarks)\n")
    fewer = run(*CPU[3:], *OTHER, unit(case="sort/new"), benches=more.benches, budget=50)
    done = invoked("keep", written(tmp_path / "fewer.jsonl", fewer), "--to", kept)
    assert done.exit_code == 0
    assert "fewer.jsonl lacks 3 of 124 units, such as shape/0-float32-cpu, of the run in" in done.stderr
    assert len(records.read(kept).units) == 121


def test_a_file_of_no_use_is_in_nobodys_way(tmp_path):
    target = tmp_path / "kept.jsonl.gz"
    target.write_bytes(b"\x1f\x8bnothing")
    done = invoked("keep", written(tmp_path / "a.jsonl", run(unit())), "--to", target)
    assert done.exit_code == 0
    assert done.output.endswith(" bytes, 1 unit)\n")
