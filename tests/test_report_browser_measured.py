"""A report of measurements alone, in a real browser: they stand there, and no counts of what was not run."""

from typing import Any

import pytest

from conformance.records import Run
from conformance.report import html

from .reported import HEADER, bench, run, unit
from .test_report_browser import cells, opened, rows, shown, tick
from .test_report_browser_shown import complaints
from .test_report_page import squeezed
from .test_report_proofs import measured

EMPTY = {"kind": "footer", "units": 0, "verdicts": {}, "seconds": 0.0, "exit": 0}
ADDED = {"seed": 0, "budget": 0}


def told(name: str, **more: Any) -> dict[str, Any]:
    row = {"section": "Arithmetic", "file": "cases/arithmetic.py", "line": 30, "torch": "x + y", "numpy": "x + y"}
    return bench(id=f"arithmetic/{name}", **row) | more


def timed() -> Run:
    """What `conformance bench --report` makes where there was no report."""
    slow = told("mul", dtype="int8", ratio=8.0, ratio_low=7.0, ratio_high=9.0)
    return Run(header=HEADER | ADDED, units=(), benches=(told("add"), slow), footer=EMPTY)


def test_times_alone_are_shown_without_verdicts(visit, axe):
    page = visit(timed())
    text = squeezed(page.inner_text("body"))
    for noise in ("Verdicts", "0 units", "budget 0", "seed 0", "took", "agrees both sides", "No unit was run"):
        assert noise not in text
    assert "cuda: not run: no CUDA device" in text
    assert "the table has what was measured of them" in text
    assert "1 in 0" not in text
    assert cells(page, "arithmetic/add") == ["", "2.7"]
    assert cells(page, "arithmetic/mul") == ["8", ""]
    assert "below 1, orange: PyTorch is faster" in page.inner_text("[id='ui:caption']")
    assert page.locator("[id='ui:show'] option").all_inner_texts() == ["PyTorch ÷ NumPy, time"]
    assert not page.locator("[id='ui:csv'], [id='ui:json']").filter(visible=True).count()
    assert complaints(axe, page) == []


def test_times_alone_can_be_filtered_sorted_and_addressed(visit):
    page = visit(timed(), "#?show=speed&sort=slow")
    assert rows(page) == ["arithmetic/mul", "arithmetic/add"]
    tick(page, "dtype", "int8")
    assert rows(page) == ["arithmetic/mul"]
    assert shown(page) == "1 of 2 cases"
    page.click("[id='ui:clear']")
    assert cells(page, "arithmetic/add") == ["", "2.7"]
    page.click("a[data-row='c:arithmetic/add']")
    assert "declared in cases/arithmetic.py:30" in squeezed(opened(page).inner_text())


def test_errors_alone_are_shown_where_nothing_was_timed(visit):
    page = visit(Run(header=HEADER, units=(), proofs=(measured(),), footer=EMPTY))
    assert cells(page, "shape/squeeze") == [".51"]
    assert "largest error of PyTorch" in page.inner_text("[id='ui:caption']")
    page.select_option("[id='ui:show']", "apart")
    assert cells(page, "shape/squeeze") == ["1"]


@pytest.mark.parametrize("order", [1, -1])
def test_beside_a_run_with_units_times_alone_have_columns_and_verdicts_come_first(visit, order):
    page = visit(html.page(*[run(unit(), seed=8), timed()][::order]))
    assert page.locator("[id='ui:verdicts']").count() == 1
    assert "=" in cells(page, "shape/squeeze")
    page.select_option("[id='ui:show']", "speed")
    assert sorted(cells(page, "arithmetic/add")) == ["", "", "2.7"]


def test_a_run_with_units_keeps_what_settled_its_inputs(visit):
    text = squeezed(visit(run(unit(), benches=(bench(),))).inner_text("body"))
    for part in ("seed 7", "took 1.5 s", "Verdicts of 1 unit"):
        assert part in text
