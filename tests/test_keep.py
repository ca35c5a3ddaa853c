"""The command ``conformance keep``: where the small form of a run goes, and what it does not take the place of."""

from click.testing import CliRunner

from conformance import records
from conformance.cli import main

from .runs import NEWER, run, unit, written


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
