"""The page in a real browser: search, facets, sort, addresses, keys, themes and files, as a reader uses them."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from conformance.records import Run

from .reported import HEADER, bench, broken, unit
from .test_report_page import DIFFERENCE, FAILURE
from .test_report_proofs import measured

DTYPES = ("int8", "float32", "complex64")


def many() -> Run:
    """Three sections with several verdicts, dtypes, devices, checks and kinds of differences."""
    made = [unit(f"shape/case-{n}", dtype=dtype, line=n) for n in range(4) for dtype in DTYPES]
    gotcha = DIFFERENCE | {"kind": "gotcha", "because": "NumPy counts from the end"}
    checks = {"value": {"verdict": "agrees", "inputs": 9}, "memory": {"verdict": "differs as declared", "inputs": 7}}
    made += [
        unit("math/add", "differs as declared", section="Math", dtype=dtype, differences=[DIFFERENCE], checks=checks)
        for dtype in DTYPES
    ]
    made += [
        unit("math/sub", "agrees", section="Math", dtype="int8", torch="torch.sub(x, y)", numpy="np.subtract(x, y)")
    ]
    made += [unit("math/sub", "differs", section="Math", dtype="float32", failures=[FAILURE])]
    made += [unit("joins/cat", "differs as declared", section="Joins", device="cuda", differences=[gotcha])]
    return Run(
        header=HEADER, units=(*made, broken()), benches=(bench(id="math/sub"),), proofs=(), footer={"seconds": 1}
    )


def rows(page: Any) -> list[str]:
    return page.locator(".matrix a[data-row]").all_inner_texts()


def shown(page: Any) -> str:
    return page.locator("[id='ui:shown']").inner_text()


def tick(page: Any, facet: str, *values: str) -> None:
    """Tick, or untick, values of a facet, as a reader does."""
    page.click(f"[id='ui:{facet}'] summary")
    for value in values:
        page.click(f"[id='ui:{facet}'] input[value='{value}']")
    page.keyboard.press("Escape")


def ticked(page: Any, facet: str) -> list[str]:
    return page.eval_on_selector_all(f"[id='ui:{facet}'] input:checked", "all => all.map((one) => one.value)")


def settle(page: Any, text: str) -> None:
    page.wait_for_function("text => document.getElementById('ui:shown').textContent.startsWith(text)", arg=text)


def opened(page: Any) -> Any:
    return page.locator("dialog[id='ui:record'][open]")


def cells(page: Any, case: str) -> list[str]:
    return page.locator(f"tr[data-case='{case}'] td:not(.code)").all_inner_texts()


def test_the_table_has_every_case_with_a_letter_for_each_dtype(visit):
    page = visit(many())
    assert rows(page) == [*(f"shape/case-{n}" for n in range(4)), "shape/oops", "math/add", "math/sub", "joins/cat"]
    assert cells(page, "math/sub") == ["=", "≠", "", ""]
    assert cells(page, "joins/cat") == ["", "", "", "D"]
    assert page.locator("tr[data-case='shape/oops'] .whole").inner_text() == "B broken"
    assert "no name np.oops" in page.locator("tr[data-case='shape/oops']").inner_text()
    assert page.locator(".matrix thead th[scope=colgroup]").all_inner_texts() == ["cpu", "cuda"]


def test_a_section_has_its_worst_verdict_and_its_counts(visit):
    page = visit(many())
    math = page.locator("tr.section", has_text="Math")
    assert math.locator("td:not(.code)").all_inner_texts() == ["D", "≠", "D", ""]
    assert "1 agrees · 3 differs as declared · 1 differs" in math.inner_text()
    assert math.locator("td").nth(2).get_attribute("title") == "float32: 1 differs, 1 differs as declared"


def test_words_are_searched_in_ids_code_and_differences(visit):
    page = visit(many())
    for asked, found in {
        "np.subtract": ["math/sub"],
        "counts END": ["joins/cat"],
        "case-2": ["shape/case-2"],
        "zzz": [],
    }.items():
        page.fill("[id='ui:search']", asked)
        page.wait_for_function("q => new URLSearchParams(location.hash.slice(2)).get('q') === q", arg=asked)
        assert rows(page) == found
        assert shown(page).startswith(f"{len(found)} of 8 cases")
    assert "No case fits." in page.locator("[id='ui:matrix']").inner_text()


@pytest.mark.parametrize(
    ("facet", "choice", "found"),
    [
        ("v", "differs", ["math/sub"]),
        ("section", "Math", ["math/add", "math/sub"]),
        ("dtype", "complex64", [*(f"shape/case-{n}" for n in range(4)), "math/add"]),
        ("device", "cuda", ["joins/cat"]),
        ("check", "memory", ["math/add"]),
        ("kind", "gotcha", ["joins/cat"]),
        ("kind", "design", ["math/add"]),
    ],
)
def test_a_facet_leaves_what_fits_and_its_address_gives_the_same_again(visit, facet, choice, found):
    page = visit(many())
    tick(page, facet, choice)
    assert sorted(rows(page)) == sorted(found)
    assert f"{facet}={choice}" in page.evaluate("location.hash")
    before = page.locator("[id='ui:matrix']").inner_text()
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert page.locator("[id='ui:matrix']").inner_text() == before
    assert ticked(page, facet) == [choice]
    page.click("[id='ui:clear']")
    assert shown(page) == "8 cases in 3 sections"


def test_verdicts_are_buttons_and_speak_of_the_check_that_is_chosen(visit):
    page = visit(many())
    page.click(".legend button[data-verdict='differs as declared']")
    assert sorted(rows(page)) == ["joins/cat", "math/add"]
    page.click(".legend button[data-verdict='differs']")
    assert sorted(rows(page)) == ["joins/cat", "math/add", "math/sub"]
    assert page.locator("tr[data-case='math/sub'] .dim").all_inner_texts() == ["="]
    tick(page, "check", "value")
    assert sorted(rows(page)) == ["joins/cat", "math/sub"]
    tick(page, "check", "value", "memory")
    assert rows(page) == ["math/add"]
    assert cells(page, "math/add")[:3] == ["D", "D", "D"]


def test_a_whole_filter_is_in_the_address(visit):
    page = visit(many(), "#?q=math&v=differs&v=agrees&dtype=float32&sort=name")
    assert rows(page) == ["math/sub"]
    assert page.input_value("[id='ui:search']") == "math"
    assert page.locator(".legend button[aria-pressed=true]").count() == 2
    page.click("a[data-row='c:math/sub']")
    assert page.evaluate("location.hash") == "#?q=math&v=differs&v=agrees&dtype=float32&sort=name&case=math%2Fsub"
    page.go_back()
    opened(page).wait_for(state="detached")
    assert rows(page) == ["math/sub"]


@pytest.mark.parametrize(
    "place", ["#?sort=constructor&show=toString&v=x&section=__proto__&dtype=9", "#%E0%A4%A", "#nowhere", "#ui:nowhere"]
)
def test_an_address_that_says_nothing_is_harmless(visit, place):
    page = visit(many(), place)
    assert page.locator("[id='ui:matrix'] table").count() == 1
    assert len(rows(page)) == 8
    assert opened(page).count() == 0


def test_cases_are_sorted(visit):
    page = visit(many())
    page.select_option("[id='ui:sort']", "name")
    assert rows(page) == sorted(rows(page))
    assert len(rows(page)) == 8
    page.select_option("[id='ui:sort']", "verdict")
    assert rows(page)[:2] == ["shape/oops", "math/sub"]
    page.select_option("[id='ui:sort']", "differences")
    assert sorted(rows(page)[:2]) == ["joins/cat", "math/add"]


def test_sections_fold_and_stay_so_in_the_address(visit):
    page = visit(many())
    page.click("button[data-row='s:Shape']")
    assert "shape/case-0" not in rows(page)
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert "shape/case-0" not in rows(page)
    page.click("[id='ui:folds']")
    assert "shape/case-0" in rows(page)
    page.click("button[data-row='s:Math']")
    assert "shape/case-0" in rows(page)
    assert "math/add" not in rows(page)
    page.click("[id='ui:folds']")
    page.click("[id='ui:folds']")
    assert rows(page) == []
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert rows(page) == []


def test_a_case_and_a_unit_have_addresses(visit):
    page = visit(many(), "#math/sub-float32-cpu")
    assert opened(page).locator("h2").inner_text() == "math/sub"
    assert opened(page).locator("tr.marked").inner_text().startswith("float32 cpu")
    page.reload()
    opened(page).wait_for()
    page.keyboard.press("Escape")
    opened(page).wait_for(state="detached")
    assert page.evaluate("location.hash") == ""
    page.click("tr[data-case='math/sub'] td[data-unit='math/sub-int8-cpu']")
    assert opened(page).locator("tr.marked").inner_text().startswith("int8 cpu")
    page.go_back()
    opened(page).wait_for(state="detached")


def test_links_from_the_lists_open_records_and_keep_the_filter(visit):
    page = visit(many(), "#?section=Math")
    page.click(".attention a >> text=math/sub")
    assert opened(page).locator("h2").inner_text() == "math/sub"
    page.keyboard.press("Escape")
    assert sorted(rows(page)) == ["math/add", "math/sub"]
    page.click("nav a >> text=Words")
    assert sorted(rows(page)) == ["math/add", "math/sub"]


def test_everything_can_be_done_with_keys(visit):
    page = visit(many())
    page.keyboard.press("/")
    page.keyboard.type("math")
    settle(page, "2 of 8")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.row") == "s:Math"
    page.keyboard.press("ArrowLeft")
    assert rows(page) == []
    page.keyboard.press("ArrowRight")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.row") == "c:math/add"
    page.keyboard.press("Enter")
    assert opened(page).locator("h2").inner_text() == "math/add"
    page.keyboard.press("ArrowRight")
    assert opened(page).locator("h2").inner_text() == "math/sub"
    page.keyboard.press("Escape")
    opened(page).wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.row") == "c:math/sub"
    page.keyboard.press("?")
    assert "the row above or below" in page.locator("dialog[id='ui:keys'][open]").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    settle(page, "8 cases")


def background(page: Any) -> tuple[int, ...]:
    text = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return tuple(int(part) for part in text.strip("rgb()").split(","))


def test_the_theme_is_that_of_the_system_until_one_is_chosen(visit):
    assert min(background(visit(many(), color_scheme="light"))) > 200
    page = visit(many(), color_scheme="dark")
    assert max(background(page)) < 60
    page.click("[id='ui:theme']")
    assert page.locator("[id='ui:theme']").inner_text() == "theme: light"
    assert min(background(page)) > 200
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert min(background(page)) > 200
    page.keyboard.press("t")
    assert max(background(page)) < 60


def saved(page: Any, button: str) -> str:
    with page.expect_download() as waiting:
        page.click(f"[id='ui:{button}']")
    assert waiting.value.suggested_filename == f"conformance.{button}"
    return waiting.value.path().read_text(encoding="utf-8")


def test_what_is_shown_can_be_saved(visit):
    odd = unit('odd/"quoted", name', dtype="int8", torch='f("a,b")\ng()', section="Odd")
    made = Run(header=HEADER, units=(*many().units, odd), proofs=(measured(id="math/sub"),), footer={})
    page = visit(made, "#?section=Math&v=differs&v=agrees")
    told = list(csv.DictReader(StringIO(saved(page, "csv"), newline="")))
    assert [(row["case"], row["dtype"], row["verdict"]) for row in told] == [
        ("math/sub", "int8", "agrees"),
        ("math/sub", "float32", "differs"),
    ]
    assert told[1]["said"] == FAILURE["headline"]
    assert told[1]["torch_ulp"] == "0.51"
    loaded = json.loads(saved(page, "json"))
    assert loaded[1]["failures"][0]["script"] == FAILURE["script"]
    page.click("[id='ui:clear']")
    told = list(csv.DictReader(StringIO(saved(page, "csv"), newline="")))
    assert len(told) == len(made.units)
    assert (told[-1]["case"], told[-1]["torch"]) == ('odd/"quoted", name', 'f("a,b")\ng()')
    assert DIFFERENCE["because"] in {row["differences"] for row in told}


def test_a_link_to_a_case_that_is_not_there_says_so(visit):
    page = visit(many(), "#nosuch/<b>case</b>")
    assert shown(page).startswith("This report has no case that is called nosuch/<b>case</b>. ")
