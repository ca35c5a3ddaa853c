"""What is asked of the page of several runs is what it shows: the record, the columns, the verdicts, the files."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from conformance.records import Run
from conformance.report import html

from .reported import run, unit
from .test_report_browser import cells, opened, saved
from .test_report_browser_runs import heads
from .test_report_page import DIFFERENCE, FAILURE

PHONE = {"width": 390, "height": 500}
DTYPES = ("uint16", "float32", "complex64", "complex128")


def parting() -> tuple[Run, Run]:
    """A case that NumPy alone has of uint16, and of whose other verdicts one is another in the second run."""
    old = [unit(dtype=dtype, verdict="numpy only" if dtype == "uint16" else "agrees") for dtype in DTYPES]
    new = [one | ({"verdict": "changed", "failures": [FAILURE]} if one["dtype"] == "complex64" else {}) for one in old]
    return run(*old), run(*new, torch="2.15.0+cpu")


def shown(visit: Any, place: str, **options: Any) -> Any:
    return visit(html.page(*parting()), place, **options)


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1400, "height": 500}])
def test_a_record_opens_at_its_top(visit, viewport):
    page = shown(visit, "#shape/squeeze", viewport=viewport)
    assert opened(page).locator(".beside .marked").count() == 1
    assert opened(page).evaluate("dialog => dialog.scrollTop") == 0


def test_the_record_of_a_unit_opens_at_that_unit(visit):
    page = shown(visit, "#shape/squeeze-complex128-cpu", viewport=PHONE)
    row = opened(page).locator("tr[data-unit='shape/squeeze-complex128-cpu']")
    assert "marked" in row.get_attribute("class")
    assert 0 <= row.bounding_box()["y"] < PHONE["height"]


def test_columns_without_what_is_asked_for_are_left_out(visit):
    page = shown(visit, "#?v=changed")
    assert heads(page)[1:] == [["complex64"], ["torch 2.13.0", "torch 2.15.0"]]
    assert cells(page, "shape/squeeze") == ["=", "C"]
    page.click("[id='ui:clear']")
    assert heads(page)[1] == list(DTYPES)


def test_the_worst_of_a_run_is_of_the_dtypes_that_are_asked_for(visit):
    page = shown(visit, "#?dtype=complex64&v=changed&columns=runs")
    assert cells(page, "shape/squeeze") == ["=", "C"], "the first has no unit of that verdict"
    page = shown(visit, "#?columns=runs")
    assert cells(page, "shape/squeeze") == ["N", "C"]


def test_heads_that_stand_upright_are_of_one_line(visit):
    page = shown(visit, "#?dtype=complex64&dtype=complex128")
    upright = page.locator(".upright span")
    assert upright.all_inner_texts() == ["complex64", "complex128"]
    assert max(upright.evaluate_all("all => all.map((span) => span.getBoundingClientRect().width)")) < 24


def test_an_opened_facet_has_the_width_of_a_phone(visit):
    page = shown(visit, "", viewport=PHONE)
    page.click("[id='ui:section'] summary")
    whole, folded = (page.locator(f"[id='ui:{name}']").bounding_box() for name in ("facets", "section"))
    assert folded["width"] == whole["width"]


def test_a_unit_is_saved_with_its_own_differences(visit):
    told = [DIFFERENCE | {"because": f"of {dtype}", "dtypes": [dtype]} for dtype in ("int8", "float32")]
    units = [unit(dtype="int8", differences=told[:1]), unit(differences=told[1:]), unit(dtype="bool")]
    page = visit(run(*units))
    lines = list(csv.DictReader(StringIO(saved(page, "csv"), newline="")))
    assert {line["dtype"]: line["differences"] for line in lines} == {
        "int8": "of int8",
        "float32": "of float32",
        "bool": "",
    }
    loaded = json.loads(saved(page, "json"))
    assert [one["dtypes"] for line in loaded for one in line["differences"]] == ["int8", "float32"]
