"""Several runs in a real browser: columns, facets, the record of a case, hostile labels, a page that opens at once."""

import csv
import time
from io import StringIO
from typing import Any

import pytest

from conformance.records import Run
from conformance.report import dtypes, html

from .reported import bench, run, unit
from .test_report_browser import cells, opened, rows, saved, shown, tick, ticked
from .test_report_browser_shown import complaints
from .test_report_environments import two
from .test_report_page import DIFFERENCE, FAILURE, HOSTILE, hostile, squeezed


def beside(visit: Any, place: str = "", **options: Any) -> Any:
    return visit(html.page(*two()), place, **options)


def heads(page: Any) -> list[list[str]]:
    return page.eval_on_selector_all(
        ".matrix thead tr", "all => all.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )


def test_columns_are_dtypes_with_the_runs_beside_one_another(visit):
    page = beside(visit)
    names = ["case", "PyTorch", "NumPy"]
    assert heads(page) == [[*names, "cpu"], ["int8", "float32"], ["torch 2.13.0", "torch 2.15.0"] * 2]
    assert cells(page, "shape/squeeze") == ["=", "C", "=", "="]
    assert cells(page, "shape/old") == ["", "", "=", ""]
    framed = page.locator("tr[data-case='shape/squeeze'] .parting").all_inner_texts()
    assert framed == ["=", "C"]


@pytest.mark.parametrize(
    ("columns", "told", "found"),
    [
        ("apart", [["torch 2.13.0", "torch 2.15.0"], ["cpu", "cpu"], ["int8", "float32"] * 2], ["=", "=", "C", "="]),
        ("runs", [["torch 2.13.0", "torch 2.15.0"]], ["=", "C"]),
    ],
)
def test_columns_can_be_turned_round(visit, columns, told, found):
    page = beside(visit)
    page.select_option("[id='ui:columns']", columns)
    first, *others = heads(page)
    assert [first[3:], *others] == told
    assert cells(page, "shape/squeeze") == found
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert cells(page, "shape/squeeze") == found


def test_what_differs_between_runs_is_one_click_away(visit):
    page = beside(visit)
    page.click("[id='ui:parting']")
    assert rows(page) == ["shape/squeeze"]
    assert shown(page) == "1 of 3 cases, 2 units; framed cells differ between the runs"
    assert ticked(page, "runs") == ["differ"]
    assert heads(page) == [["case", "PyTorch", "NumPy", "torch 2.13.0", "torch 2.15.0"]]
    assert cells(page, "shape/squeeze") == ["=", "C"]
    page.select_option("[id='ui:columns']", "")
    assert heads(page) == [["case", "PyTorch", "NumPy", "cpu"], ["int8"], ["torch 2.13.0", "torch 2.15.0"]]
    assert cells(page, "shape/squeeze") == ["=", "C"], "of float32 nothing differs"
    tick(page, "runs", "differ", "alone")
    assert rows(page) == ["shape/old", "shape/new"]


def test_a_run_is_a_facet(visit):
    page = beside(visit)
    tick(page, "environment", "torch 2.15.0")
    assert rows(page) == ["shape/squeeze", "shape/new"]
    assert cells(page, "shape/squeeze") == ["C", "="]
    page.click("[id='ui:clear']")
    assert len(rows(page)) == 3


def test_devices_of_two_machines_are_compared_where_none_is_shared(visit):
    cpu = run(unit(), unit(dtype="int8"))
    cuda = run(unit(device="cuda"), unit(dtype="int8", device="cuda", verdict="differs"), devices=["cuda"])
    page = visit(html.page(cpu, cuda), "#?runs=differ")
    assert rows(page) == ["shape/squeeze"]
    page.click("a[data-row]")
    told = squeezed(opened(page).locator(".beside").inner_text())
    assert told == "unit cpu cuda float32 = agrees cpu = agrees cuda int8 = agrees cpu ≠ differs cuda"


def test_a_record_tells_of_each_run(visit):
    bug = DIFFERENCE | {"kind": "bug", "finding": {"script": "old()", "torch": "1", "numpy": "2"}}
    old = run(unit(verdict="differs as declared", differences=[bug]), benches=(bench(),))
    gone = bug | {"verdict": "difference gone", "finding": None}
    changed = unit(verdict="changed", differences=[gone], failures=[FAILURE])
    page = visit(html.page(old, run(changed, seed=8, benches=(bench(ratio=0.5),))), "#shape/squeeze")
    text = squeezed(opened(page).inner_text())
    for part in (
        "Side by side 1 unit of which the verdict differs unit seed 7 seed 8",
        "float32 cpu D differs as declared C changed",
        "in the runs seed 7: differs as declared (1 unit); seed 8: difference gone (1 unit)",
        "shown in seed 7",
        "1 failure float32 cpu, seed 8 value 1 of 2 elements differ",
        "2 units seed 7 1 unit D differs as declared",
        "float32 cpu seed 8 small (1,000 elements) 1.1 µs 400 ns 0.5",
    ):
        assert part in text, text
    page = visit(html.page(old, run(seed=8)), "#shape/squeeze")
    assert "not in this run" in opened(page).locator(".beside").inner_text()


def test_a_unit_of_a_later_run_has_an_address(visit):
    page = beside(visit, "#shape/squeeze-int8-cpu-torch-2.15.0")
    assert opened(page).locator("details[open] > summary > b").inner_text() == "torch 2.15.0"
    assert opened(page).locator("tr.marked[data-unit]").inner_text().startswith("int8 cpu")
    page.keyboard.press("Escape")
    page.click("td[data-unit='shape/squeeze-int8-cpu']")
    assert opened(page).locator("details[open] > summary > b").inner_text() == "torch 2.13.0"


def test_what_is_saved_names_the_run_and_is_never_a_formula(visit):
    texts = ["=1+1", "+x", "@x", "\tx", "-x", "x"]
    odd = [unit(f"shape/{n}", torch=text, numpy="-x", line=n) for n, text in enumerate(texts)]
    page = visit(html.page(run(*odd), run(odd[0], seed=8)))
    told = list(csv.DictReader(StringIO(saved(page, "csv"), newline="")))
    assert [row["run"] for row in told] == ["seed 7", "seed 8", *["seed 7"] * 5]
    assert [row["torch"] for row in told[1:]] == ["'=1+1", "'+x", "'@x", "'\tx", "'-x", "x"]
    assert {row["numpy"] for row in told} == {"'-x"}
    assert not [cell for row in told for cell in row.values() if cell[:1] in {"=", "+", "-", "@", "\t"}]


def test_a_facet_takes_several_values_and_is_used_with_keys(visit):
    made = [unit(f"shape/{n}", dtype=dtype, line=n) for n, dtype in enumerate(("int8", "int16", "float32"))]
    page = visit(run(*made))
    tick(page, "dtype", "int8", "int16")
    assert rows(page) == ["shape/0", "shape/1"]
    assert page.evaluate("location.hash") == "#?dtype=int8&dtype=int16"
    assert page.inner_text("[id='ui:dtype'] summary") == "dtype int8, int16"
    page.reload()
    page.wait_for_selector("html.ready", state="attached")
    assert ticked(page, "dtype") == ["int8", "int16"]
    page.focus("[id='ui:dtype'] summary")
    for key in ("Enter", "Tab", "Space"):
        page.keyboard.press(key)
    assert rows(page) == ["shape/1"]
    page.keyboard.press("Escape")
    assert page.locator(".facet[open]").count() == 0
    assert page.evaluate("document.activeElement.parentElement.id") == "ui:dtype"


@pytest.mark.parametrize("width", [400, 1400])
def test_hostile_and_long_names_of_runs_are_text_and_fit(visit, width):
    long = run(unit(), torch="y" * 3000, platform="z" * 3000)
    runs = [hostile(), long, run(unit(), torch=f"{HOSTILE}<img src=x onerror=alert(1)>")]
    page = visit(html.page(*runs), viewport={"width": width, "height": 800})
    for place in ("", "#?columns=apart", "#?columns=runs", "#shape/squeeze"):
        page.evaluate("place => { location.hash = place; }", place)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.getElementById('ui:record').scrollWidth") <= width
    assert page.locator("img, [onerror], [onclick]").count() == 0
    assert page.locator("script").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_several_runs(visit, axe, scheme):
    page = beside(visit, color_scheme=scheme)
    assert complaints(axe, page) == []
    page.click("[id='ui:dtype'] summary")
    assert complaints(axe, page) == []
    for place in ("#?columns=apart", "#?columns=runs&runs=differ", "#shape/squeeze-int8-cpu-torch-2.15.0"):
        page.evaluate("place => { location.hash = place; }", place)
        page.wait_for_timeout(100)
        assert complaints(axe, page) == []


def test_without_javascript_the_runs_can_be_read(visit):
    page = beside(visit, ready=False, java_script_enabled=False)
    text = squeezed(page.inner_text("[id='ui:beside']"))
    assert "run torch 2.13.0 torch 2.15.0" in text
    assert "no: it stopped before its end" in text
    assert not page.locator("[id='ui:parting']").is_visible()


def whole(seed: int) -> Run:
    """A whole suite, with figures that follow from the seed."""
    made = [
        unit(
            f"part{n // 16}/case-{n}",
            "changed" if n % 97 == 5 * seed else "agrees",
            dtype=dtype,
            section=f"Part {n // 16}",
            line=n,
            torch=f"torch.f{n}(x, dim={n})",
            checks={"value": {"verdict": "agrees", "inputs": 3000 + (n * 17 + seed * 31) % 989}},
            counts={
                "structures": 300 + n % 7,
                "inputs": 3000 + (n * 17 + seed * 31) % 989,
                "declared": (n + seed) % 50,
            },
            differences=[DIFFERENCE | {"because": f"they differ in the way of number {n}"}] if n % 2 else [],
        )
        for n in range(1350)
        for dtype in dtypes.DTYPES
    ]
    return run(*made, torch=f"2.{13 + seed}.0")


def test_a_page_of_five_whole_runs_is_small_and_opens_at_once(visit):
    text = html.page(*map(whole, range(5)))
    assert len(text.encode()) < 2_000_000
    start = time.perf_counter()
    page = visit(text)
    assert page.evaluate("performance.getEntriesByName('ready')[0].startTime") < 12_000, "1.5 s on a machine at rest"
    page.click("[id='ui:parting']")
    page.wait_for_function("() => document.getElementById('ui:shown').textContent.startsWith('70 of 1,350 cases')")
    assert time.perf_counter() - start < 60
