"""Addresses of the page in a real browser: a filter leads to the table that it filters, and what is wrong is said."""

from typing import Any

import pytest

from .reported import run, unit
from .test_report_browser import many, opened, rows, shown
from .test_report_browser_shown import complaints, everything

LOW = {"viewport": {"width": 1000, "height": 700}}


# In one go, as the keys of someone quick come in while the page is busy.
TYPED = """
  const search = document.getElementById('ui:search');
  const type = (text) => { search.focus(); search.value = text; search.dispatchEvent(new Event('input')); };
"""


def top(page: Any, name: str) -> float:
    """How far below the upper edge of the window something is."""
    return float(page.evaluate("name => document.getElementById(`ui:${name}`).getBoundingClientRect().top", name))


@pytest.mark.parametrize("place", ["#?q=squeeze", "#?v=differs", "#?show=torch", "#?case=shape/squeeze&q=squeeze"])
def test_a_filter_leads_to_the_table_that_it_filters(visit, place):
    page = visit(everything(), place, **LOW)
    assert 0 <= top(page, "cases") < 100
    assert top(page, "matrix") < 700


def test_no_filter_leads_to_the_top(visit):
    for place in ("", "#shape/squeeze"):
        assert visit(everything(), place, **LOW).evaluate("scrollY") == 0


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("#?v=bogus", "v=bogus."),
        ("#?verdict=changed", "verdict=changed. It can have q, v, section, dtype,"),
        ("#?v=differs&v=bogus&sort=no&open=Nowhere", "v=bogus, sort=no, open=Nowhere."),
        ("#?environment=torch+2.13.0", "environment=torch 2.13.0."),
        ("#?show=speeed", "show=speeed."),
        ("#?fold=never", "fold=never."),
        ("#?q=cat&x=<b>", "x=<b>. It can have"),
    ],
)
def test_what_of_an_address_is_not_understood_is_said_where_it_is_seen(visit, axe, place, told):
    page = visit(many(), place, **LOW)
    assert shown(page).startswith(f"Of the address this was not understood: {told}")
    assert 0 < top(page, "shown") < 700
    assert complaints(axe, page) == []
    page.click("[id='ui:clear']")
    assert shown(page) == "8 cases in 3 sections"


@pytest.mark.parametrize(
    "place", ["#?v=differs&q=math&dtype=float32&check=value&kind=none", "#?open=Math&fold=shut&sort=name", "#?q=", ""]
)
def test_of_an_address_that_is_understood_nothing_is_said(visit, place):
    assert "address" not in shown(visit(many(), place))


def test_both_are_said_where_case_and_filter_are_unknown(visit):
    page = visit(many(), "#?v=bogus&case=no/such")
    assert "understood: v=bogus. This report has no case that is called no/such. 8 cases" in shown(page)
    assert not opened(page).count()


def test_figures_that_nobody_measured_leave_the_verdicts(visit):
    page = visit(run(unit()), "#?show=speed")
    assert shown(page).startswith("Of the address this was not understood: show=speed.")
    assert page.locator("tr[data-case] td[data-unit]").inner_text() == "="
    assert rows(page) == ["shape/squeeze"]


def test_what_is_done_before_a_search_is_settled_is_done_to_what_is_typed(visit):
    page = visit(many())
    reached = "document.activeElement.dataset.row"
    down = "search.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))"
    assert page.evaluate(f"() => {{ {TYPED} type('math'); {down}; return {reached}; }}") == "s:Math"
    page.wait_for_timeout(150)  # longer than a search waits for more
    assert page.evaluate(reached) == "s:Math"
    chosen = "document.querySelector('.legend [data-verdict=differs]').click()"
    assert page.evaluate(f"() => {{ {TYPED} type('np.'); {chosen}; return location.hash; }}") == "#?q=np.&v=differs"
    assert rows(page) == ["math/sub"]
    page.evaluate(f"() => {{ {TYPED} type('zzz'); document.getElementById('ui:clear').click(); }}")
    page.wait_for_timeout(150)
    assert (page.input_value("[id='ui:search']"), len(rows(page))) == ("", 8)
