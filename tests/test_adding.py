"""What a command adds to a report: nothing that another call has found is lost, and what is asked again is replaced."""

import click
import pytest

from conformance import adding, records, report


def record(kind="accuracy", case="a/b", **others):
    return {"kind": kind, "id": case, "device": "cpu", **others}


def held(folder, *calls):
    """The records of a report to which each of ``calls`` has added some."""
    header = adding.header(("cpu",), (), ())
    for added in calls:
        adding.add(folder, adding.earlier(folder, header), header, added)
    run = records.read(folder / "run.jsonl")
    return [*run.units, *run.benches, *run.proofs]


@pytest.mark.parametrize(
    "other",
    [
        {"case": "a/c"},
        {"kind": "sensitivity", "killed": 1, "total": 1, "mutants": []},
        {"dtype": "float64"},
        {"capability": "AVX2"},
        {"device": "cuda"},
    ],
)
def test_what_another_call_found_stays(tmp_path, other):
    first = record(dtype="float32", capability="AVX512", **FIGURES)
    second = {**first, **{key: value for key, value in other.items() if key != "case"}}
    second["id"] = other.get("case", "a/b")
    assert [(one["kind"], one["id"]) for one in held(tmp_path, [first], [second])].count((first["kind"], "a/b")) >= 1
    assert len(held(tmp_path)) == 2


def test_what_is_asked_again_is_replaced(tmp_path):
    first = record(dtype="float32", capability="AVX512", **FIGURES)
    (only,) = held(tmp_path, [first], [{**first, "numbers": 7}])
    assert only["numbers"] == 7


FIGURES = {
    "way": "swept",
    "torch_version": "2",
    "numpy_version": "2",
    "numbers": 3,
    "declared": 0,
    "unlike": 0,
    "torch": {"ulp": 0.5, "at": {}},
    "numpy": {"ulp": 0.5, "at": {}},
    "apart": {"ulp": 0.0, "at": {}},
    "allowed": 0,
    "tolerance": "exact",
}


def ran(folder, *, finished):
    """The header of a run of one unit in a report folder, which failed."""
    header = adding.header(("cpu",), (), ())
    writer = records.Writer(folder / "run.jsonl", header)
    writer.write(UNIT)
    if finished:
        writer.finish(1, 2.5)
    writer.abandon()
    return header


UNIT = {
    "kind": "unit",
    "id": "a/b",
    "section": "A",
    "dtype": "float32",
    "device": "cpu",
    "file": "a.py",
    "line": 1,
    "torch": "x",
    "numpy": "x",
    "verdict": "differs",
    "reason": None,
}


@pytest.mark.parametrize("finished", [True, False])
def test_how_a_run_ended_stays(tmp_path, finished):
    header = ran(tmp_path, finished=finished)
    adding.add(tmp_path, adding.earlier(tmp_path, header), header, [record(dtype="float32", **FIGURES)])
    footer = records.read(tmp_path / "run.jsonl").footer
    assert (footer is not None) is finished
    assert footer is None or (footer["exit"], footer["seconds"]) == (1, 2.5)


@pytest.mark.parametrize("name", ["torch", "numpy", "cpu"])
def test_nothing_is_added_to_a_run_of_other_versions_or_another_cpu(tmp_path, name):
    header = ran(tmp_path, finished=True)
    with pytest.raises(click.UsageError, match=f"was made with {name} .* this is other: choose another DIR"):
        adding.earlier(tmp_path, {**header, name: "other"})


def test_pages_of_a_run_that_lies_elsewhere_are_not_replaced(tmp_path):
    header = ran(tmp_path, finished=True)
    pages = tmp_path / "pages"
    pages.mkdir()
    report.render(records.read(tmp_path / "run.jsonl"), pages)
    with pytest.raises(click.UsageError, match=r"pages holds a report and no run\.jsonl"):
        adding.earlier(pages, header)
    adding.earlier(tmp_path, header)
