"""Small runs: what they lack and what they keep, the same bytes each time; and runs of old formats, still read."""

import gzip
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import records, small
from conformance.cli import main
from conformance.history.units import Kind
from conformance.report import cheatsheet, cheatsheet_page, findings

from .runs import bench, compared, difference, failure, run, unit, written

OLD_FORMAT = Path(__file__).parent / "data" / "run-format-1.jsonl"
SHOWN = {"torch": "1.0", "numpy": "1.0", "wrong": "PyTorch", "truth": None, "errors": None, "script": "import torch"}
HOLDS = difference("it holds", finding=SHOWN)
GONE = difference("it is gone", "changed", finding=SHOWN)
WHOLE = run(
    unit("changed", differences=[HOLDS, GONE], trajectory={}, gradient=None, note=None, warnings=["UserWarning: odd"]),
    unit(case="shape/other", counts={"structures": 2, "inputs": 9, "both raise": 1}),
    benches=[bench(2.0)],
)


def test_a_small_run_lacks_what_only_its_report_shows():
    kept = small.small(WHOLE)
    assert kept.small
    assert "started" not in kept.header
    assert kept.header["cpu"] == {"model": "a CPU", "capability": "AVX2"}
    assert not {"seconds", "trajectory", "gradient", "note", "reason"} & set(kept.units[0])
    assert {"script", "text"}.isdisjoint(kept.units[0]["failures"][0])
    assert {"example", "inputs"}.isdisjoint(kept.units[0]["differences"][0])
    assert kept.units[0]["checks"] == {"value": {"verdict": "changed"}}
    assert kept.units[1]["counts"] == {"inputs": 9}
    assert "differences" not in kept.units[1]
    assert kept.footer["exit"] == 0


def test_a_small_run_keeps_what_a_comparison_needs():
    kept = small.small(WHOLE)
    assert {change.kind for change in compared(WHOLE, kept).changes} == {Kind.SAME}
    assert not compared(WHOLE, kept).declared
    assert kept.benches == WHOLE.benches
    assert kept.units[0]["warnings"] == ["UserWarning: odd"]
    (whole,), (same,) = (compared(run(unit()), of).entries(Kind.OTHERWISE) for of in (WHOLE, kept))
    assert same.lines == whole.lines
    assert {"value", "with", "again", "difference gone", "torch now"} <= {line.word for line in same.lines}


def test_the_pages_of_a_small_run_are_those_of_the_whole_one():
    """Of units that a side refuses altogether, too, which have no input in any check of results."""
    refused = {"value": {"verdict": "agrees", "inputs": 0}, "error": {"verdict": "differs as declared", "inputs": 9}}
    whole = run(
        unit("differs as declared", differences=[HOLDS | {"kind": "bug"}], note="mind this"),
        unit("differs as declared", dtype="bool", checks=refused, differences=[difference("it holds")]),
    )
    kept = small.small(whole)
    assert kept.units[1]["checks"]["value"] == {"verdict": "agrees", "inputs": 0}
    for made in (cheatsheet.pages, findings.page, cheatsheet_page.page):
        assert made(kept) == made(whole)
    sheet = "".join(cheatsheet.pages(whole).values())
    assert "refused, as the notes say: bool" in sheet
    assert "import torch" in findings.page(kept)


def test_a_run_that_does_not_tell_how_many_inputs_there_were_has_nothing_refused():
    untold = unit("differs as declared", checks={"value": {"verdict": "differs as declared"}})
    assert "refused" not in "".join(cheatsheet.pages(run(untold)).values())


def test_a_small_run_of_a_small_run_is_itself():
    assert small.small(small.small(WHOLE)) == small.small(WHOLE)


def test_the_same_run_gives_the_same_bytes(monkeypatch):
    before = small.written(WHOLE)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert small.written(WHOLE) == before
    assert before[3:8] == bytes(5), "neither a name nor a time in the header of the file"


def test_what_is_no_unicode_is_kept(tmp_path):
    (tmp_path / "a.gz").write_bytes(small.written(run(unit("differs", failures=[failure(headline="\ud800")]))))
    assert records.read(tmp_path / "a.gz").units[0]["failures"][0]["headline"] == "\ud800"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ({"torch": "2.13.0+cpu", "numpy": "2.4.6", "devices": ["cpu"]}, "torch2.13.0-numpy2.4.6-cpu"),
        ({"torch": "2.15.0+cu132", "numpy": "2.4.6", "devices": ["cpu", "cuda:0"]}, "torch2.15.0-numpy2.4.6-cpu-cuda0"),
        ({"torch": "2.13/../0", "numpy": "2.4.6", "devices": ["../x"]}, "torch2.13..0-numpy2.4.6-x"),
        ({}, "torchunknown-numpyunknown-nothing"),
    ],
)
def test_a_small_run_is_named_after_its_environment(header, name):
    assert small.name(header) == f"{name}.jsonl.gz"


@pytest.mark.parametrize("kept", [False, True])
def test_a_run_of_an_old_format_is_read_and_rendered(tmp_path, kept):
    path = OLD_FORMAT
    if kept:
        path = tmp_path / "old.jsonl.gz"
        path.write_bytes(small.written(records.read(OLD_FORMAT)))
    done = CliRunner().invoke(main, ["report", str(path), "--report", str(tmp_path / "out")])
    assert done.exit_code == 3, "one of its cases is broken"
    assert "broken           mine/broken  unknown name 'z'" in done.output
    assert {"index.html", "cheatsheet.md", "findings.md"} <= {file.name for file in (tmp_path / "out").iterdir()}


def test_a_gzipped_run_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "run.txt"
    path.write_bytes(small.written(WHOLE))
    assert len(records.read(path).units) == 2
    assert records.located(path) == path


def test_a_gzipped_run_that_is_cut_short_is_incomplete(tmp_path):
    path = tmp_path / "run.jsonl.gz"
    gzipped = small.written(WHOLE)
    path.write_bytes(gzipped)
    assert records.read(path).complete
    path.write_bytes(gzipped[: len(gzipped) * 3 // 4])
    left = records.read(path)
    assert not left.complete
    assert left.header["torch"] == WHOLE.header["torch"]
    path.write_bytes(gzipped[:12])
    with pytest.raises(records.TruncatedRunError, match="the gzipped run is cut short, and nothing of it is left"):
        records.read(path)


def test_a_run_gzipped_in_parts_is_one(tmp_path):
    path = tmp_path / "run.jsonl.gz"
    text = gzip.decompress(small.written(WHOLE))
    path.write_bytes(gzip.compress(text[:99]) + gzip.compress(text[99:]) + b"\0" * 9)
    assert records.read(path).complete
    assert len(records.read(path).units) == 2


def test_a_folder_stands_for_its_run(tmp_path):
    with pytest.raises(records.UnreadableRunError, match=r"a folder without run\.jsonl"):
        records.located(tmp_path)
    (tmp_path / "run.jsonl.gz").write_bytes(small.written(WHOLE))
    assert records.located(tmp_path).name == "run.jsonl.gz"
    written(tmp_path / "run.jsonl", WHOLE)
    assert records.located(tmp_path).name == "run.jsonl"
    with pytest.raises(records.UnreadableRunError, match="cannot be read"):
        records.located("x" * 5000)
