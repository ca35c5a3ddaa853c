"""What the page shows in a real browser: each fact of a record, hostile texts as text, on phones, paper and screens."""

import time
from typing import Any

import pytest

from conformance import records
from conformance.records import Run
from conformance.report import dtypes, html, marks

from .reported import HEADER, bench, run, unit
from .test_report_browser import many, opened, rows
from .test_report_page import DIFFERENCE, FAILURE, HOSTILE, hostile, squeezed
from .test_report_promotion import ALONE, REFUSES, UNEXPLAINED, WIDENS, record
from .test_report_proofs import EQUIVALENT, SURVIVORS, measured, proof, repeated


def everything() -> Run:
    """One case of which the run knows all that it can."""
    checks = {"dtype": 3012, "value": 3012, "memory": 680, "shape": 3012}
    seen = {name: {"verdict": "agrees", "inputs": inputs} for name, inputs in checks.items()}
    seen["value"]["verdict"] = "differs"
    seen["gradient"] = {"verdict": "not judged", "inputs": 0}
    finding = {"wrong": "PyTorch", "script": "print('found')", "torch": "904", "numpy": "905", "truth": "905.2"}
    bug = DIFFERENCE | {"kind": "bug", "because": "PyTorch is off by `one`", "finding": finding, "dtypes": ["float32"]}
    told = unit(
        verdict="differs",
        checks=seen,
        differences=[DIFFERENCE, bug],
        failures=[FAILURE, FAILURE | {"headline": "another"}],
        warnings=["UserWarning: hm"],
        note="a `note` on it",
        tolerance="3 ulp for float32",
        claimed=["float32", "float64"],
        arguments={"dim": "axis"},
        gradient={"structures": 11, "numbers": 508, "not smooth": 3, "worst": 0.54},
        trajectory={"torch": [2, 1], "numpy": [2, 1], "apart": [0, 1e-7], "allowed": [1e-7, 1e-6]},
    )
    proven = (proof(killed=30, survivors=SURVIVORS, equivalent=EQUIVALENT), measured(), repeated(), record(WIDENS))
    return Run(header=HEADER, units=(told, unit(dtype="int8")), benches=(bench(),), proofs=proven, footer={})


TOLD = [
    "PyTorch x.squeeze(dim) NumPy np.squeeze(x, axis=dim) a note on it",
    "declared in cases/shape.py:12 inputs x = tensors() arguments dim → axis claimed float32/64 allowed 3 ulp for",
    "NumPy refuses an axis that is not 1 long design when x.shape[dim] != 1 PyTorch x NumPy raises ValueError",
    "instead x.squeeze() gives NumPy's answer example x = np.zeros((2, 3), np.float32)",
    "upstream https://example.org/1",
    "PyTorch is off by one bug when x.shape[dim] != 1 dtypes float32",
    "PyTorch 904 NumPy 905 truth 905.2 copy print('found')",
    "2 failures float32 cpu value 1 of 2 elements differ (12 inputs) the whole failure again: conformance run",
    "script that shows it alone copy import numpy as np",
    "value: differs 3,012 · difference 1: differs as declared 500 · difference 2: differs as declared 500",
    "dtype, shape 3,012 · memory 680 · not judged: gradient · gradient by 508 numbers, its error at most 54% of what",
    "355 structures, 3,600 inputs",
    "killed 30 of 31 mutants and faults survived: dim shifted by one: np.squeeze(x, axis=dim + 1)",
    "3 that mean the same 1 is 2, columns first: any negative size is inferred NaN ignored: there is none",
    "float32 cpu 2,048 0.51 0.51 1.00 2 1 x = 0.25",
    "5,363,256 results in 664 variants",
    "undeclared: float32: infinite against finite, 771 elements: -np.inf at 31: -3.4e38, for x = -89.4",
    "float32 cpu small (1,000 elements) 1.1 µs 400 ns 2.7 [2.6, 2.9]",
    "UserWarning: hm (float32 cpu)",
    "training the paths of both sides",
]


def test_a_record_tells_all_of_a_case(visit):
    page = visit(everything(), "#shape/squeeze")
    page.eval_on_selector_all("dialog details", "all => all.forEach((one) => { one.open = true; })")
    text = squeezed(opened(page).inner_text())
    assert [part for part in TOLD if part not in text] == [], text


def test_a_record_says_one_of_what_is_one(visit):
    counts = {"structures": 1, "inputs": 1, "both raise": 1}
    page = visit(run(unit(counts=counts, verdict="differs", failures=[FAILURE | {"count": 1}])), "#shape/squeeze")
    text = squeezed(opened(page).inner_text())
    assert "1 structure, 1 input, 1 both raise" in text
    assert "(1 input)" in text


def test_a_record_draws_its_benchmarks_and_links_to_what_is_elsewhere(visit):
    page = visit(everything(), "#shape/squeeze")
    assert opened(page).locator("svg path").count() == 3
    assert opened(page).locator("a[href='https://example.org/1']").count() == 2
    opened(page).get_by_text("the paths of both sides").click()
    opened(page).wait_for(state="detached")
    assert page.locator("[id='ui:trajectories'] svg").count() == 2


@pytest.mark.parametrize(("show", "text"), [("torch", ".51"), ("apart", "1"), ("speed", "2.7")])
def test_cells_can_show_figures(visit, show, text):
    page = visit(everything(), f"#?show={show}&dtype=float32")
    assert page.locator("tr[data-case='shape/squeeze'] td:not(.code)").all_inner_texts() == [text]


def test_every_word_has_its_meaning_on_hover(visit):
    page = visit(everything(), "#shape/squeeze")
    told = dict(page.eval_on_selector_all("dialog abbr", "all => all.map((one) => [one.textContent, one.title])"))
    assert {
        "value",
        "memory",
        "gradient",
        "claimed",
        "allowed",
        "slack",
        "bug",
        "design",
        "ULP",
        "mutants and faults",
    } <= set(told)
    assert all(told.values())
    for badge in page.locator(".badge").all():
        assert badge.get_attribute("title")


def test_the_heat_map_of_promotion_is_drawn(visit):
    page = visit(Run(header=HEADER, units=(), proofs=(record(WIDENS, REFUSES, ALONE, UNEXPLAINED),), footer={}))
    table = page.locator("table.pairs")
    assert table.locator("td.same[title='both int8']").count() == 20
    assert table.locator("td.r1[title='PyTorch float16, NumPy float32']").inner_text() == "1"
    assert table.locator("td.odd[title='PyTorch int16, NumPy int8']").inner_text() == "?"
    scopes = table.locator("th").evaluate_all("all => all.map((one) => one.scope)")
    assert {scope: scopes.count(scope) for scope in scopes} == {"colgroup": 3, "rowgroup": 3, "col": 5, "row": 5}


@pytest.mark.parametrize("place", ["", "#?q=script", "#-script-alert-1-script-it-a-b-7-7-style-"])
def test_hostile_texts_are_texts_in_a_browser_too(visit, place):
    page = visit(hostile(), place)
    page.click("a[data-row]") if not opened(page).count() else None
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    assert opened(page).inner_text().count("<script>alert(") >= 15
    assert page.locator("script").count() == 2
    assert (
        page.locator("[href^='javascript:'], [onclick], [onerror], dialog style, dialog script, table script").count()
        == 0
    )
    assert "javascript:alert(1)" in opened(page).inner_text()


def long() -> Run:
    name = "x" * 3000
    told = DIFFERENCE | {"because": name, "when": name, "example": {name: name}}
    shown = unit(
        f"shape/{name}",
        "differs",
        section=name,
        torch=name,
        note=name,
        differences=[told],
        failures=[FAILURE | {"text": name}],
    )
    return run(shown, unit(dtype=name, device=name), torch=name, absent={name: name})


@pytest.mark.parametrize("of", [many, everything, long, hostile])
@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_is_wider_than_the_screen(visit, of, width):
    page = visit(of(), viewport={"width": width, "height": 800})
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelector('a[data-row]').click()")
    opened(page).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.getElementById('ui:record').scrollWidth") <= width
    assert opened(page).locator(".head").bounding_box()["height"] < 800 / 4  # however long the id is


def test_the_unit_of_an_address_is_one_coloured_piece_on_a_phone(visit):
    page = visit(many(), "#math/sub-float32-cpu", viewport={"width": 400, "height": 800})
    of_row = opened(page).locator("tr.marked").evaluate("row => getComputedStyle(row).backgroundColor")
    of_cells = (
        opened(page).locator("tr.marked > *").evaluate_all("all => all.map(c => getComputedStyle(c).backgroundColor)")
    )
    assert {of_row} == set(of_cells) != {"rgba(0, 0, 0, 0)"}


SERIOUS = ("serious", "critical")


def complaints(axe: Any, page: Any) -> list[str]:
    found = axe.run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("of", [many, everything])
def test_anyone_can_use_it(visit, axe, of, scheme):
    page = visit(of(), color_scheme=scheme)
    assert complaints(axe, page) == []
    for place in ("#?v=agrees", "#?show=torch", "#shape/squeeze" if of is everything else "#math/sub-float32-cpu"):
        page.evaluate("place => { location.hash = place; }", place)
        page.wait_for_timeout(100)
        assert complaints(axe, page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert complaints(axe, page) == []


CONTRAST = """styles => {
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  return styles.map((style) => {
    const shown = document.body.appendChild(document.createElement("span"));
    shown.className = style;
    const { color, backgroundColor, opacity } = getComputedStyle(shown);
    const none = backgroundColor === "rgba(0, 0, 0, 0)";
    const ground = none ? getComputedStyle(document.body).backgroundColor : backgroundColor;
    const [low, high] = [light(color), light(ground)].sort((a, b) => a - b);
    return [style, opacity === "1" ? (high + 0.05) / (low + 0.05) : 0];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mark_can_be_read(visit, scheme):
    """Which axe does not judge: it takes a single letter for a symbol."""
    verdicts = [f"cell {marks.mark(verdict).style}" for verdict in (*records.SEVERITY, "of tomorrow")]
    figures = ["cell dim", *(f"cell h{n}" for n in range(6)), *(f"cell t{n}" for n in range(7))]
    rules = ["same", "alone", "odd", *(f"r{n}" for n in range(1, 11))]
    page = visit(many(), color_scheme=scheme)
    found = dict(page.evaluate(CONTRAST, [*verdicts, *figures, *rules]))
    assert {style: round(contrast, 1) for style, contrast in found.items() if contrast < 4.5} == {}


def test_without_javascript_it_says_what_is_missing_and_shows_the_failures(visit):
    page = visit(everything(), ready=False, java_script_enabled=False)
    text = squeezed(page.inner_text("body"))
    assert "Without JavaScript" in text
    assert "1 differs" in text
    assert "shape/squeeze-float32-cpu 1 of 2 elements differ (and 1 more)" in text
    assert page.locator("table.counts").is_visible()
    assert not page.locator("[id='ui:search']").is_visible()
    assert not page.locator("[id='ui:theme']").is_visible()


def test_on_paper_there_are_no_controls_and_an_open_record_is_alone(visit):
    page = visit(many())
    page.emulate_media(media="print")
    assert not page.locator("[id='ui:bar']").is_visible()
    assert page.locator(".matrix").is_visible()
    page.set_viewport_size({"width": 800, "height": 1000})  # a sheet of A4
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    page.evaluate("document.querySelector('a[data-row]').click()")
    assert opened(page).is_visible()
    assert not page.locator("main").is_visible()


def whole() -> Run:
    """As many cases and units as the suite has, each with texts of its own."""
    made = [
        unit(
            f"part{n // 16}/case-{n}",
            dtype=dtype,
            section=f"Part {n // 16}",
            line=n,
            torch=f"torch.f{n}(x, dim={n})",
            counts={"structures": 300 + n % 7, "inputs": 3000 + n * 17 % 989, "declared": n % 50},
            differences=[DIFFERENCE | {"because": f"they differ in the way of number {n}"}] if n % 2 else [],
        )
        for n in range(1350)
        for dtype in dtypes.DTYPES
    ]
    return run(*made)


def test_a_page_of_the_whole_suite_is_small_and_opens_at_once(visit):
    text = html.page(whole())
    assert len(text.encode()) < 2_000_000
    start = time.perf_counter()
    page = visit(text)
    assert page.evaluate("performance.getEntriesByName('ready')[0].startTime") < 5000, "1.5 s on a machine at rest"
    assert time.perf_counter() - start < 10
    page.click("[id='ui:folds']")
    assert 100 < len(rows(page)) < 400
    page.evaluate("document.querySelector('[id=\"ui:matrix\"]').scrollTop = 1e6")
    page.wait_for_function("() => document.querySelectorAll('.matrix tbody tr').length > 290")
    page.keyboard.press("/")
    page.keyboard.type("number 1349")
    page.wait_for_function("() => document.querySelectorAll('.matrix a[data-row]').length === 1")
    assert rows(page) == ["part84/case-1349"]


def test_lone_surrogates_and_zero_bytes_are_shown(visit):
    page = visit(run(unit(note="\ud800 and \x00", torch="x\u2028y")), "#shape/squeeze")
    assert " and " in opened(page).inner_text()


def test_a_run_without_units_still_has_its_page(visit):
    page = visit(Run(header={}, units=()))
    assert "No unit was run." in page.locator("[id='ui:matrix']").inner_text()
    assert HOSTILE not in page.inner_text("body")
