"""The cheat sheet in a real browser: searched from either side, with keys, on phones, on paper, without JavaScript."""

from typing import Any

import pytest

from conformance.records import Run
from conformance.report import cheatsheet_page, html

from .reported import run, unit
from .test_report_browser import background
from .test_report_browser_address import TYPED
from .test_report_browser_shown import complaints, long
from .test_report_courses import timed
from .test_report_environments import two
from .test_report_page import DIFFERENCE, hostile, squeezed


def several() -> Run:
    """Rows of two sections, whose names are in another order on either side."""
    made = [
        unit("shape/squeeze", line=1, differences=[DIFFERENCE], verdict="differs as declared"),
        unit("shape/permute", line=2, torch="x.permute(dims)", numpy="np.transpose(x, dims)", given={"dims": "axes"}),
        unit("shape/cat", line=3, torch="torch.cat(xs)", numpy="np.concatenate(xs)", note="a sum of `lists`"),
        unit("sums/sum", line=1, section="Sums", torch="x.sum(dim)", numpy="np.sum(x, axis=dim)"),
        unit("sums/add", line=2, section="Sums", torch="torch.add(x, y)", numpy="np.add(x, y)"),
    ]
    return run(*made)


def sheet(visit: Any, place: str = "", of: Run | None = None, **options: Any) -> Any:
    return visit(cheatsheet_page.page(of or several()), place, **options)


HURRIED = f"""{TYPED}
  type('sum');
  search.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'ArrowDown', bubbles: true }}));
  return document.activeElement.closest('tr').id;
"""


def ids(page: Any) -> list[str]:
    return page.locator("tbody tr:visible").evaluate_all("all => all.map((row) => row.id)")


def search(page: Any, text: str, left: int) -> None:
    page.fill("[id='ui:search']", text)
    page.wait_for_function("q => new URLSearchParams(location.hash.slice(2)).get('q') === q", arg=text)
    assert page.inner_text("[id='ui:shown']") == f"{left} of 5 rows"


def test_words_are_searched_in_all_of_a_row(visit):
    page = sheet(visit)
    assert len(ids(page)) == 5
    for asked, found in {
        "axis long": ["shape/squeeze"],
        "np.add": ["sums/add"],
        "LISTS": ["shape/cat"],
        "sums": ["sums/sum", "sums/add"],
        "zzz": [],
    }.items():
        search(page, asked, len(found))
        assert ids(page) == found
    assert page.locator("[id='ui:none']").is_visible()
    page.keyboard.press("Escape")
    assert len(ids(page)) == 5


def test_from_numpy_its_side_comes_first_and_alone_is_searched(visit):
    page = sheet(visit)
    page.click("[data-from=numpy]")
    assert page.locator("thead").first.inner_text().split()[:2] == ["NumPy", "PyTorch"]
    assert page.locator("tbody tr td:first-child code").all_inner_texts() == [
        *("np.concatenate(xs)", "np.squeeze(x, axis=dim)", "np.transpose(x, dims)"),
        *("np.add(x, y)", "np.sum(x, axis=dim)"),
    ]
    search(page, "transpose", 1)
    search(page, "permute", 0)
    assert page.evaluate("location.hash") == "#?q=permute&from=numpy"
    page.click("[data-from=torch]")
    assert ids(page) == ["shape/permute"]
    assert page.locator("thead:visible").first.inner_text().split()[:2] == ["PyTorch", "NumPy"]
    page.click("[data-from='']")
    search(page, "sum", 3)
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert ids(page) == ["sums/sum", "sums/add", "shape/cat"]


@pytest.mark.parametrize("place", ["", "#?from=numpy", "#?from=numpy&q=flip", "#?from=torch&q=sum"])
def test_on_a_phone_each_expression_says_whose_it_is(visit, place):
    page = sheet(visit, place, viewport={"width": 390, "height": 800})
    label = "cell => [getComputedStyle(cell, '::before').content, cell.querySelector('code').textContent]"
    told = page.locator(".sheet tbody td:has(> code):visible").evaluate_all(f"all => all.map({label})")
    assert told or "flip" in place
    for said, expression in told:
        assert said == f'"{"NumPy" if "np." in expression else "PyTorch"} "', expression


def test_a_row_has_an_address_and_is_found_again(visit):
    page = sheet(visit, "#shape/squeeze")
    assert page.locator("tr:target").get_attribute("id") == "shape/squeeze"
    assert page.locator("tr:target details[open]").count() == 1
    search(page, "sum", 3)
    page.evaluate("location.hash = '#shape/squeeze'")
    page.wait_for_selector("tr:target")
    assert len(ids(page)) == 5


@pytest.mark.parametrize(
    "place", ["#?from=constructor&q=", "#nowhere", "#%E0%A4%A", "#?from=numpy&from=torch", "#ui:bar"]
)
def test_an_address_that_says_nothing_is_harmless(visit, place):
    assert len(ids(sheet(visit, place))) == 5


def test_everything_can_be_done_with_keys(visit):
    page = sheet(visit)
    page.keyboard.press("/")
    page.keyboard.type("squeeze")
    page.wait_for_function("() => document.getElementById('ui:shown').textContent.startsWith('1 ')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("d")
    assert page.locator("details[open]", has_text="difference").count() == 1
    assert page.evaluate("document.activeElement.ariaLabel") == "link to shape/squeeze"
    page.keyboard.press("Enter")
    page.wait_for_selector("tr:target")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.closest('tr').id") == "shape/permute"
    page.keyboard.press("t")
    assert page.locator("[id='ui:theme']").inner_text() == "theme: light"


def test_what_is_done_before_a_search_is_settled_is_done_to_what_is_typed(visit):
    page = sheet(visit)
    assert page.evaluate(f"() => {{ {HURRIED} }}") == "sums/sum"
    page.wait_for_timeout(150)  # longer than a search waits for more
    assert page.evaluate("document.activeElement.closest('tr').id") == "sums/sum"
    hurried = "type('axis'); document.querySelector('[data-from=numpy]').click(); return location.hash;"
    assert page.evaluate(f"() => {{ {TYPED} {hurried} }}") == "#?q=axis&from=numpy"
    assert ids(page) == ["shape/squeeze", "sums/sum"]


def test_the_theme_is_that_of_the_system_until_one_is_chosen(visit):
    page = sheet(visit, color_scheme="dark")
    assert max(background(page)) < 60
    page.click("[id='ui:theme']")
    assert min(background(page)) > 200
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert min(background(page)) > 200


def test_without_javascript_it_is_a_table_to_read(visit):
    page = sheet(visit, ready=False, java_script_enabled=False)
    assert len(ids(page)) == 5
    assert not page.locator("[id='ui:search']").is_visible()
    page.click("summary:has-text('1 difference')")
    text = squeezed(page.inner_text("tr[id='shape/squeeze']"))
    assert "NumPy refuses an axis that is not 1 long design Write instead x.squeeze()" in text


def test_on_paper_differences_are_unfolded_and_there_are_no_controls(visit):
    page = sheet(visit)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("[id='ui:bar']").is_visible()
    assert page.get_by_text("NumPy refuses an axis").is_visible()
    page.set_viewport_size({"width": 800, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 800


@pytest.mark.parametrize("of", [several, long, hostile])
@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_the_screen(visit, of, width):
    page = sheet(visit, of=of(), viewport={"width": width, "height": 800})
    page.click("[id='ui:unfold']")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("[data-from=numpy]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("script").count() == 1
    assert page.locator("[href^='javascript:'], [onclick], [onerror]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_anyone_can_use_it(visit, axe, scheme, width):
    page = visit(cheatsheet_page.page(*two()), color_scheme=scheme, viewport={"width": width, "height": 800})
    assert complaints(axe, page) == []
    page.click("[id='ui:unfold']")
    page.evaluate("location.hash = '#shape/squeeze'")
    page.wait_for_timeout(100)
    assert complaints(axe, page) == []


def plotted() -> str:
    return html.page(run(unit(), benches=(*timed(10, 0.1, 0.99), *timed(2, 2, 2, device="cuda"))))


def test_the_course_of_ratios_is_drawn_with_the_size_at_which_the_faster_side_changes(visit, axe):
    page = visit(plotted(), "#shape/squeeze")
    drawn = page.locator("figure.course")
    assert drawn.count() == 2
    assert drawn.first.inner_text().startswith("float32 cpu: NumPy, from about 10,000 elements PyTorch")
    assert drawn.first.locator("path.crossing").count() == 1
    assert drawn.first.locator("circle").count() == 3
    assert drawn.nth(1).locator("path.crossing").count() == 0
    assert complaints(axe, page) == []


def test_all_courses_are_a_table_that_is_unfolded(visit, axe):
    page = visit(plotted())
    page.click("[id='ui:courses'] summary")
    told = squeezed(page.locator("[id='ui:courses'] tbody").inner_text())
    assert "shape/squeeze float32 cpu 10 · 0.1 · 0.99 NumPy, from about 10,000 elements PyTorch" in told
    assert "float32 cuda 2 · 2 · 2 NumPy at every size" in told
    assert complaints(axe, page) == []
    page.click("[id='ui:courses'] a >> nth=0")
    assert page.locator("dialog[id='ui:record'][open]").count() == 1


def test_arguments_are_told_in_the_direction_that_is_asked_for(visit):
    renamed = unit(given={"x": "tensors()", "dim": "axes('x')"})
    page = sheet(visit, of=run(renamed, unit("shape/other", line=13, numpy="np.squeeze(x, dim)")))
    told = page.locator("tbody .arguments")
    for side, words in (("torch", "dim → axis"), ("numpy", "axis → dim"), ("numpy", "axis → dim"), ("", "dim → axis")):
        page.click(f"[data-from='{side}']")
        assert told.all_inner_texts() == [words, ""]


def test_what_nobody_measured_is_no_way_to_sort(visit):
    offered = visit(several()).locator("[id='ui:sort'] option").evaluate_all("all => all.map((one) => one.value)")
    assert "name" in offered
    assert not {"ulp", "slow"} & set(offered)


def test_an_address_that_leads_nowhere_is_told_where_it_is_seen(visit):
    page = visit(several())
    page.set_viewport_size({"width": 1000, "height": 200})
    page.evaluate("scrollTo(0, 0); location.hash = '#no/such'")
    page.wait_for_function("document.getElementById('ui:shown').textContent.includes('no/such')")
    told = page.locator("[id='ui:shown']")
    assert "no case that is called no/such" in told.inner_text()
    assert told.evaluate(
        "one => { const { top, bottom } = one.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"
    )
