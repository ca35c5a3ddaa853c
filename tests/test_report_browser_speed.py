"""Speed in a real browser: one colour for a side wherever it is shown, and what the colours mean beside them."""

import re
from typing import Any

import pytest

from .reported import bench, run, unit
from .test_report_browser import opened
from .test_report_browser_shown import complaints, everything


def colour(found: Any, of: str) -> list[int]:
    """Red, green and blue of an element."""
    before = "::before" if "swatch" in (found.get_attribute("class") or "") else None
    text = found.evaluate("(one, [of, before]) => getComputedStyle(one, before)[of]", [of, before])
    return [int(part) for part in re.findall(r"\d+", text)[:3]]


def is_orange(red: int, _green: int, blue: int) -> bool:
    """Whether a colour is one of the warm ones, which stand for PyTorch, and not of the blue ones."""
    return red > blue


@pytest.mark.parametrize(("ratio", "is_torch"), [(0.1, True), (10, False)])
def test_a_side_that_is_faster_has_one_colour_wherever_speed_is_shown(visit, ratio, is_torch):
    sizes = [bench(elements=n, ratio=ratio, ratio_low=ratio, ratio_high=ratio, size=str(n)) for n in (10, 20)]
    page = visit(run(unit(), benches=tuple(sizes)), "#?show=speed")
    found = {"cell": colour(page.locator("tr[data-case] .cell"), "backgroundColor")}
    found["histogram"] = colour(page.locator(".histogram rect").first, "fill")
    page.evaluate("location.hash = '#shape/squeeze'")
    found["plot"] = colour(opened(page).locator("circle").first, "fill")
    found["bar"] = colour(opened(page).locator("svg path[class=torch], svg path[class=numpy]").first, "stroke")
    found["legend"] = colour(page.locator(f"[id='ui:caption'] .{'torch' if is_torch else 'numpy'}"), "backgroundColor")
    assert {name: is_orange(*one) for name, one in found.items()} == dict.fromkeys(found, is_torch)


def test_what_figures_and_their_colours_mean_stands_above_them(visit, axe):
    page = visit(everything(), "#?show=speed")
    told = page.locator("[id='ui:caption']")
    assert "at the largest size that was timed: below 1, orange: PyTorch is faster; above 1, blue" in told.inner_text()
    assert complaints(axe, page) == []
    page.select_option("[id='ui:show']", "torch")
    assert "largest error of PyTorch against the truth, in ULP: the darker, the larger" in told.inner_text()
    page.select_option("[id='ui:show']", "")
    assert not told.is_visible()
