"""The page of two runs in a real browser: searched, unfolded, with keys, on phones, on paper, without JavaScript."""

from typing import Any

import pytest

from conformance.history import page as pages

from .runs import NEWER, bench, compared, difference, failure, run, unit
from .test_diff_command import nasty
from .test_report_browser import background
from .test_report_browser_shown import complaints


def otherwise(case: str, reason: str, dtype: str = "float32") -> dict[str, Any]:
    return unit("changed", case, dtype, failures=[failure(headline=f"it gave TypeError: {reason}")])


def several() -> str:
    """Three cases that changed alike, of two sections, thirty that did not, and one of each of the rest."""
    alike = [otherwise("extrema/max", "max()"), otherwise("extrema/min", "min()"), otherwise("sorting/sort", "sort()")]
    apart = [otherwise(f"shape/row-{at}", f"{at}", dtype=f"d{at}") for at in range(30)]
    same = unit(case="shape/same", differences=[difference("it is new")])
    new = [*alike, *apart, unit("torch only", "math/sub", "int8"), same]
    old = [unit(case=one["id"], dtype=one["dtype"]) for one in new]
    return pages.page(compared(run(*old, benches=[bench(1.0)]), run(*new, benches=[bench(3.0)], **NEWER)))


def seen(page: Any) -> list[str]:
    """The names of what can be seen, those of groups too."""
    return page.locator("main summary b:not(.badge b):visible").all_inner_texts()


def search(page: Any, text: str) -> str:
    page.fill("[id='ui:search']", text)
    return page.inner_text("[id='ui:shown']")


def test_words_are_searched_in_all_of_a_change(visit):
    page = visit(several())
    assert page.inner_text("[id='ui:shown']") == "36 changes"
    for asked, found in {
        "extrema": ["3 cases (extrema 2, sorting 1)", "extrema/max", "extrema/min"],
        "TYPEERROR sort()": ["3 cases (extrema 2, sorting 1)", "sorting/sort"],
        "row-7": ["shape/row-7"],
        "torch only": ["math/sub"],
        "another": ["math/sub"],
        "int8": ["math/sub"],
    }.items():
        count = len(found) - found[0].startswith("3 ")
        assert search(page, asked) == f"{count} of 36 changes"
        assert seen(page) == found
    assert search(page, "it is new") == "1 of 36 changes"
    assert page.get_by_text("it is new").is_visible()
    assert search(page, "×3.00") == "1 of 36 changes"
    assert search(page, "zzz") == "0 of 36 changes"
    assert page.get_by_text("No change fits").is_visible()
    assert search(page, "") == "36 changes"
    assert not page.get_by_text("No change fits").is_visible()


def test_all_is_unfolded_and_folded_again(visit):
    page = visit(several())
    folds, opened = page.locator("main details"), page.locator("main details[open]")
    assert (folds.count(), opened.count()) == (35, 0)
    page.click("[id='ui:unfold']")
    assert opened.count() == 35
    assert page.locator("[id='ui:unfold'][aria-pressed=true]").inner_text() == "fold all"
    assert page.get_by_text("it gave TypeError: max()").is_visible()
    page.click("[id='ui:unfold']")
    assert opened.count() == 0


def test_few_changes_are_open_as_they_are(visit):
    page = visit(pages.page(compared(run(unit()), run(otherwise("shape/flip", "other")))))
    assert page.locator("main details[open]").count() == 1


def test_everything_can_be_done_with_keys(visit):
    page = visit(several())
    page.keyboard.press("/")
    assert page.get_by_label("Search").evaluate("box => box === document.activeElement")
    page.keyboard.type("row-12")
    assert seen(page) == ["shape/row-12"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.get_by_text("it gave TypeError: 12").last.is_visible()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    for key, reached in {"j": "extrema/max", "k": "3 cases", "t": "3 cases"}.items():
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.innerText").startswith(reached)
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.inner_text("[id='ui:shown']") == "36 changes"
    assert page.input_value("[id='ui:search']") == ""


def test_a_change_has_an_address_and_is_found_again(visit):
    page = visit(several(), "#sorting/sort-float32-cpu")
    told = page.get_by_text("it gave TypeError: sort()").last
    assert told.is_visible()
    page.wait_for_function("document.activeElement.innerText.startsWith('sorting/sort')")
    assert page.locator("main details[open]").count() == 2, "its own and that of its group"
    search(page, "extrema")
    page.evaluate("location.hash = '#shape/row-7'")  # as the report calls the case
    page.wait_for_function("document.activeElement.innerText.startsWith('shape/row-7')")
    assert page.input_value("[id='ui:search']") == "", "it does not fit what was searched"
    page.get_by_role("link", name="#shape/row-7-d7-cpu").click()
    assert page.evaluate("location.hash") == "#shape/row-7-d7-cpu"
    for place in ("#nowhere", "#%E0%A4%A", "#counts", "#?p=1"):
        assert visit(several(), place).inner_text("[id='ui:shown']") == "36 changes"


def test_what_is_searched_is_in_the_address(visit):
    page = visit(several())
    search(page, "extrema max")
    assert page.evaluate("location.hash") == "#?q=extrema+max"
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert page.inner_text("[id='ui:shown']") == "1 of 36 changes"
    assert page.input_value("[id='ui:search']") == "extrema max"
    search(page, "")
    assert page.evaluate("location.hash") == ""


def test_the_theme_is_that_of_the_system_until_one_is_chosen(visit):
    page = visit(several(), color_scheme="dark")
    assert max(background(page)) < 60
    page.keyboard.press("t")
    assert page.inner_text("[id='ui:theme']") == "theme: light"
    assert min(background(page)) > 200
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert min(background(page)) > 200
    page.click("[id='ui:theme']")
    assert max(background(page)) < 60


def test_verdicts_are_explained(visit):
    page = visit(several())
    terms = page.locator("[id=verdicts] dt").all_inner_texts()
    assert [text.split(maxsplit=1)[1] for text in terms] == ["agrees", "changed", "torch only"]
    assert "both sides did the same on every input" in page.inner_text("[id=verdicts]")


def test_of_benchmarks_alone_no_units_are_told(visit):
    page = visit(pages.page(compared(run(benches=[bench(1.0)]), run(benches=[bench(3.0)], **NEWER))))
    assert "In both runs: 1 benchmark." in page.inner_text("header")
    assert page.locator("[id=counts], [id=verdicts]").count() == 0
    assert "×3.00" in page.inner_text("[id=slower]")


def test_nothing_to_search_is_no_search(visit):
    page = visit(pages.page(compared(run(unit()), run(unit()))))
    assert not page.locator("[id='ui:bar']").is_visible()
    assert not page.get_by_text("No change fits").is_visible()


def test_without_javascript_it_is_there_to_be_unfolded(visit):
    page = visit(several(), ready=False, java_script_enabled=False)
    assert not page.locator("[id='ui:search']").is_visible()
    page.click("summary:has-text('3 cases')")
    page.click("summary:has-text('extrema/min')")
    assert page.get_by_text("it gave TypeError: min()").is_visible()


def test_on_paper_all_of_it_is_unfolded(visit):
    page = visit(several())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("[id='ui:bar']").is_visible()
    assert page.get_by_text("it gave TypeError: sort()").is_visible()


@pytest.mark.parametrize("of", [several, lambda: pages.page(nasty())], ids=["several", "nasty"])
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_it(visit, axe, of, width, scheme):
    page = visit(of(), viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert complaints(axe, page) == []
    page.click("[id='ui:unfold']")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints(axe, page) == []
    assert page.locator("script").count() == 1
    assert page.locator("[href^='javascript:'], [onclick], [onerror]").count() == 0
