"""The search of the cheat sheet in a real browser: the best first, and nothing that none can see."""

from typing import Any

import pytest

from conformance.records import Run

from .reported import run, unit
from .test_report_browser_sheet import ids, sheet
from .test_report_browser_shown import complaints
from .test_report_page import DIFFERENCE, squeezed


def crowded() -> Run:
    """Rows that a word may be in in many ways, the best ones last."""
    moved = {"section": "Moving and repeating axes", "file": "cases/a.py"}
    told = DIFFERENCE | {"because": "NumPy can repeat", "upstream": "https://example.org/cat"}
    made = [
        unit("moving/vander", torch="torch.vander(x)", numpy="np.vander(x)", line=1, **moved),
        unit("moving/roll", torch="x.roll(1)", numpy="np.roll(x, 1)", line=2, differences=[told], **moved),
        unit("predicates/isfinite", section="Predicates", torch="x.isfinite()", numpy="np.isfinite(x)", line=3),
        unit("tiling/tile-list", section="Tiling", torch="x.tile([repeat])", numpy="np.tile(x, [repeat])", line=4),
        unit("tiling/each", section="Tiling", torch="x.repeat_each(2)", numpy="np.kron(x, 2)", line=5),
        unit(
            "tiling/repeat-sum", section="Tiling", torch="x.repeat(2).sum() // 1", numpy="np.tile(x, 2).sum()", line=6
        ),
        unit("tiling/repeat", section="Tiling", torch="x.repeat(2)", numpy="np.tile(x, 2)", line=7),
        unit("joins/cat", section="Joins", torch="torch.cat(xs)", numpy="np.concatenate(xs)", line=8),
    ]
    return run(*made)


def search(page: Any, text: str) -> list[str]:
    page.fill("[id='ui:search']", text)
    page.wait_for_function("q => (new URLSearchParams(location.hash.slice(2)).get('q') ?? '') === q", arg=text)
    return ids(page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("repeat", [*("tiling/repeat", "tiling/repeat-sum", "tiling/tile-list", "tiling/each"),
                    *("moving/roll", "moving/vander")]),
        ("cat", ["joins/cat"]),
        ("torch.cat(", ["joins/cat"]),
        ("//", ["tiling/repeat-sum"]),
        ("https", []),
        ("example.org", []),
        ("pred", ["predicates/isfinite"]),
        ("axes", ["moving/vander", "moving/roll"]),
        ("repeat axes", ["moving/roll", "moving/vander"]),
        ("(", [*("moving/vander", "moving/roll", "predicates/isfinite", "tiling/tile-list", "tiling/each"),
               *("tiling/repeat-sum", "tiling/repeat", "joins/cat")]),
    ],
)  # fmt: skip
def test_rows_come_by_where_in_them_a_word_stands(visit, asked, found):
    page = sheet(visit, of=crowded())
    everything = ids(page)
    assert search(page, asked) == found
    assert search(page, "") == everything
    assert page.locator("tr").count() == len(everything) + page.locator("thead tr").count()


def test_what_is_found_in_a_folded_note_says_so(visit, axe):
    page = sheet(visit, of=crowded())
    search(page, "repeat")
    assert page.locator(".hit:visible").all_inner_texts() == ["found in here"]
    assert page.locator("tr[id='moving/roll'] summary").inner_text() == "1 difference found in here"
    assert complaints(axe, page) == []
    search(page, "roll")
    assert page.locator(".hit:visible").count() == 0


def test_a_row_that_is_found_says_from_where(visit):
    page = sheet(visit, of=crowded())
    search(page, "vander")
    told = squeezed(page.locator("tr[id='moving/vander']").inner_text())
    assert "torch.vander(x) Moving and repeating axes, moving/vander np.vander(x)" in told
    search(page, "")
    assert "axes, moving" not in page.locator("tr[id='moving/vander']").inner_text()


def test_from_one_library_too_what_is_called_so_comes_first(visit):
    page = sheet(visit, of=crowded())
    page.click("[data-from=numpy]")
    assert search(page, "tile") == ["tiling/repeat", "tiling/tile-list", "tiling/repeat-sum"]
    assert search(page, "repeat") == ["tiling/tile-list"]
    page.click("[data-from=torch]")
    assert ids(page)[:2] == ["tiling/repeat", "tiling/repeat-sum"]
    assert page.locator("thead:visible").inner_text().split()[0] == "PyTorch"


def test_a_row_that_is_found_keeps_its_address(visit):
    page = sheet(visit, "#?q=repeat", of=crowded())
    page.click("tr[id='tiling/repeat'] a")
    page.wait_for_selector("tr:target")
    assert len(ids(page)) == 8
    assert page.locator("section[id='s:tiling'] tr:target").get_attribute("id") == "tiling/repeat"


def test_of_many_rows_the_best_are_there_at_once_and_all_on_demand(visit):
    many = [unit(f"shape/n{n}", torch=f"f{n}(x)", numpy=f"g{n}(x)", line=n) for n in range(450)]
    page = sheet(visit, of=run(*many, unit("shape/x", torch="torch.x(y)", numpy="np.x(y)", line=999)))
    found = search(page, "x")
    assert (found[0], len(found)) == ("shape/x", 200)
    assert page.inner_text("[id='ui:shown']") == "451 of 451 rows"
    page.click("button:has-text('251 more rows')")
    assert len(ids(page)) == 451
    assert search(page, "f449") == ["shape/n449"]
    assert len(search(page, "")) == 451
