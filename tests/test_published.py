"""What is published under reports/ is what the rows say and do: a stale row, verdict, version or page fails here."""

import gzip
import os
import re
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest

from conformance import records, small, unit, versions
from conformance.report import cheatsheet

from .helpers import script

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"
RUNS = sorted((REPORTS / "runs").glob("*.jsonl.gz"))
MOST_STALE = 1 / 20
"""The part of the rows that may differ in a run of other versions than the pinned ones, which few have installed."""

PARTS = 120
"""A unit of so many is run again: others by the part of the planted bugs that CI takes, and by what is published."""

HOW = "python benchmarks/renew.py"


@pytest.fixture(scope="module")
def renew():
    """The script that publishes, as a module."""
    with script("renew") as module:
        yield module


@pytest.fixture(scope="module")
def pinned(renew):
    """The published run of the pinned versions."""
    (run,) = [run for file in RUNS if renew.is_pinned((run := records.read(file)).header)]
    return run


@pytest.fixture(scope="module")
def pages(renew):
    """The cheat sheet and the findings of the published runs."""
    return renew.pages(renew.rows())


def test_the_published_run_is_of_these_rows(renew, pinned):
    assert pinned.complete
    told = renew.stale(pinned, renew.rows())
    assert not told, f"{HOW}: {len(told)} rows differ: {dict(sorted(told.items())[:5])}"


def test_nothing_fails_in_the_published_run(pinned):
    assert records.exit_status([one["verdict"] for one in pinned.units]) == 0
    assert not {"changed", "difference gone"} & {one["verdict"] for one in pinned.units}


def test_the_picture_in_readme_is_not_of_long_ago(pinned):
    (units,) = re.findall(rb"tEXtunits\0(\d+)", (ROOT / "docs" / "report.png").read_bytes())
    assert int(units) == pytest.approx(len(pinned.units), rel=0.05), "python docs/picture.py"


@pytest.mark.parametrize("file", RUNS, ids=lambda file: file.name)
def test_a_published_run_is_whole_small_and_named_after_its_versions(renew, file):
    run = records.read(file)
    old = renew.stale(run, renew.rows())
    assert run.complete
    assert small.name(run.header) == file.name
    lines = (gzip.decompress(data) for data in (small.written(run), file.read_bytes()))  # packed by any version of zlib
    assert len(set(lines)) == 1, "neither a time nor what only a machine has"
    assert len(old) <= MOST_STALE * len(renew.rows()), f"{HOW}: {len(old)} rows differ, such as {list(old)[:5]}"


def test_the_published_pages_are_those_of_the_published_runs(renew, pages):
    texts = {**pages, **renew.comparisons()}
    wrong = [name for name, text in texts.items() if (REPORTS / name).read_text(encoding="utf-8") != text]
    assert not wrong, f"{HOW}: {', '.join(wrong)}"
    assert not [name for name, text in texts.items() if "does not fit here" in text]
    sheets = {f"{cheatsheet.FOLDER}/{file.name}" for file in (REPORTS / cheatsheet.FOLDER).iterdir()}
    assert sheets == {name for name in texts if name.startswith(f"{cheatsheet.FOLDER}/")}


def test_what_was_run_elsewhere_of_a_row_that_changed_is_left_out_of_the_pages(renew, pages):
    """The cheat sheet must not say of a row what another row of that name came to."""
    cases = renew.rows()
    changed, where = cases["bounds/clamp-max-int"], "cheatsheet/larger-and-smaller.md"
    without = renew.pages({**cases, changed.id: replace(changed, note="another")})[where]
    assert "On torch 2.15.0: **changed" in pages[where]
    assert "On torch 2.15.0: **not in this run**" not in pages[where]
    assert "On torch 2.15.0: **not in this run**" in without


def test_what_was_measured_is_of_the_pinned_versions(pinned):
    for name in ("accuracy.md", "consistency.md", "promotion.md"):
        top = (REPORTS / name).read_text(encoding="utf-8")[:2000]
        libraries = ("torch",) if name == "consistency.md" else ("torch", "numpy")
        assert all(str(pinned.header[library]).partition("+")[0] in top for library in libraries), name


@pytest.mark.parametrize("name", ["accuracy.md", "consistency.md"])
def test_what_was_measured_is_of_rows_that_there_are(renew, name):
    """One that was added since is missing until all is measured again, which takes the better part of an hour."""
    told = set(re.findall(r"`([\w-]+/[^`]+)`", (REPORTS / name).read_text(encoding="utf-8")))
    gone = {one for one in told if "=" not in one} - renew.rows().keys()
    assert len(told) > 500
    assert not gone, f"tox -e publish: {sorted(gone)[:5]}"


@pytest.mark.skipif(not versions.is_pinned(), reason="what is published is of the pinned versions")
def test_units_run_again_come_to_what_is_published(renew, pinned):
    """But for those whose differences depend on the machine, and say so."""
    which = int(os.environ.get("CONFORMANCE_PLANTED", "1/1").partition("/")[0])
    cases, settings = renew.rows(), unit.Settings(budget=pinned.header["budget"])
    units = [one for one in pinned.units if not renew.is_of_a_machine(one)]
    assert len(units) > len(pinned.units) * 0.99
    for told in units[(which + crc32(repr(units).encode())) % PARTS :: PARTS]:
        one = unit.Unit(case=cases[told["id"]], dtype=told["dtype"], device="cpu")
        now = small.small(replace(pinned, units=(unit.run(one, settings),))).units[0]
        assert came_to(now) == came_to(told), f"{HOW}: {one.name}"


def came_to(told):
    """Return what came of a unit: its verdict, those of its checks and differences, and of how many inputs."""
    checks = {name: seen["verdict"] for name, seen in told["checks"].items()}
    differences = [(one["because"], one["verdict"]) for one in told.get("differences", ())]
    return told["verdict"], checks, differences, told["counts"]


def test_a_row_that_changed_is_stale(renew, pinned):
    cases = renew.rows()
    assert not renew.stale(pinned, cases)
    case = next(case for case in cases.values() if case.differs and case.unit_dtypes() != ("-",))
    kept = {name: one for name, one in cases.items() if name != case.id}
    assert renew.stale(pinned, kept) == {case.id: "it is no row any more"}
    for changed, why in (
        ({"note": "another"}, "its note changed"),
        ({"dtypes": case.dtypes[1:]}, "its claimed changed"),
        ({"differs": case.differs[1:]}, "its differences changed: "),
    ):
        (told,) = renew.stale(pinned, {**cases, case.id: replace(case, **changed)}).values()
        assert told.startswith(why)
    unknown = {**cases, "new/row": replace(case, id="new/row")}
    assert renew.stale(pinned, unknown) == {"new/row": "it was not run"}


def test_rows_run_anew_take_their_place_in_the_published_run(renew, pinned):
    cases = renew.rows()
    first, *_, gone = cases
    fresh = replace(pinned, units=tuple({**one, "note": "anew"} for one in pinned.units if one["id"] == first))
    made = renew.merged(pinned, fresh, {name: case for name, case in cases.items() if name != gone})
    assert {one["note"] for one in made.units if one["id"] == first} == {"anew"}
    rest = [one["id"] for one in pinned.units if one["id"] not in {first, gone}]
    assert [one["id"] for one in made.units if one["id"] != first] == rest
    assert made.footer["units"] == len(made.units)


def test_what_depends_on_the_instructions_goes_into_no_run_of_others(renew, pinned):
    bound = next(one for one in pinned.units if renew.is_of_a_machine(one))
    free = next(one for one in pinned.units if one.get("differences") and not renew.is_of_a_machine(one))
    elsewhere = {**pinned.header, "cpu": {**pinned.header["cpu"], "capability": "another"}}
    assert renew.not_of_this_machine(pinned, replace(pinned, header=elsewhere, units=(free,))) is None
    assert renew.not_of_this_machine(pinned, replace(pinned, units=(free, bound))) is None
    told = renew.not_of_this_machine(pinned, replace(pinned, header=elsewhere, units=(free, bound)))
    assert told.startswith(f"{bound['id']}: of another here")
