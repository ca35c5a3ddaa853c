"""The cheat sheet as a page: it has all rows as a plain table, stands alone, and takes nothing in it for markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.report import arguments, cheatsheet, cheatsheet_page

from .reported import run, unit
from .test_report_environments import two
from .test_report_page import DIFFERENCE, HOSTILE, Page, all_sorts, hostile, squeezed

if TYPE_CHECKING:
    from conformance.records import Run

REPORTS = Path(__file__).parents[1] / "reports"
RENDERED = 512_000
"""Bytes of Markdown that code hosts render at most."""


class Sheet(Page):
    """A page whose cells and paragraphs end where HTML lets them end without a tag."""

    OPEN = frozenset({"td", "tr", "p", "li"})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in self.OPEN:
            self.open.pop()
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.OPEN:
            super().handle_endtag(tag)


def sheet(*of: Run) -> Sheet:
    return Sheet(cheatsheet_page.page(*of))


def test_a_row_has_both_expressions_its_arguments_where_it_holds_and_on_what() -> None:
    text = squeezed(sheet(run(unit(note="Mind `dim`.", given={"x": "tensors()", "dim": "axes('x')"}))).text)
    assert "#x.squeeze(dim) np.squeeze(x, axis=dim) dim → axis float32 torch 2.13.0 and numpy 2.4.6" in text
    assert "note Mind dim." in text
    assert "Every line below was executed and compared on torch 2.13.0 and numpy 2.4.6." in text


def test_a_difference_is_told_with_what_to_write_instead() -> None:
    told = DIFFERENCE | {"dtypes": ["float32", "float64"]}
    text = squeezed(sheet(run(unit(verdict="differs as declared", differences=[told]))).text)
    assert "1 difference NumPy refuses an axis that is not 1 long design Write instead x.squeeze()" in text
    assert (
        "when x.shape[dim] != 1, only float32/64, PyTorch x, NumPy raises ValueError, see https://example.org/1" in text
    )


def test_a_row_that_failed_says_so_and_so_does_the_page() -> None:
    text = cheatsheet_page.page(run(unit(), unit(dtype="int8", verdict="differs"), footer=False))
    assert "<b>differs: int8</b>; agrees: float32" in text
    assert "except where it says in bold that it failed" in text
    assert "<b>Incomplete run.</b>" in text


def test_several_runs_are_verified_on_the_versions_on_which_they_do_not_part() -> None:
    text = cheatsheet_page.page(*two())
    assert "torch 2.13.0, 2.15.0 and numpy 2.4.6, except" in text
    assert "<p>On torch 2.15.0: <b>changed: int8</b>; agrees: float32" in text
    assert "all 2 dtypes <small>torch 2.13.0 and numpy 2.4.6</small>" in text


def test_the_page_asks_nothing_of_any_network_and_links_within_itself() -> None:
    shown = sheet(all_sorts())
    assert not [link for link in shown.links if not link.startswith(("#", "data:", "https://example.org"))]
    assert {link[1:] for link in shown.links if link.startswith("#")} <= {*shown.ids}
    assert len(shown.ids) == len({*shown.ids})
    text = cheatsheet_page.page(all_sorts())
    assert not re.search(
        r"url\(|@import|\bfetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacentHTML|\beval\(", text
    )
    assert "default-src 'none'" in text


def test_hostile_text_is_shown_as_text() -> None:
    shown = sheet(hostile())
    assert (shown.seen["script"], shown.seen["style"]) == (1, 1)
    assert shown.text.count("<script>alert(") >= 7
    assert "{{ 7 * 7 }}" in shown.text
    assert not [link for link in shown.links if link.startswith("javascript:")]
    assert not [name for _, name, _ in shown.attributes if name.startswith("on")]


def test_a_run_without_units_still_has_its_page() -> None:
    assert "No case was run." in sheet(run()).text


@pytest.mark.parametrize(
    ("torch", "numpy", "told"),
    [
        ("x.sum(dim)", "np.sum(x, axis=dim)", {"dim": "axis"}),
        ("x.sum(dim=d, keepdim=True)", "np.sum(x, axis=d, keepdims=True)", {"dim": "axis", "keepdim": "keepdims"}),
        ("torch.std(x, d, correction=0)", "np.std(x, axis=d, ddof=0)", {"correction": "ddof", "d": "axis"}),
        ("f(x, a=1, b=1)", "g(x, c=1)", {}),
        ("x.sum()", "np.sum(x, axis=dim)", {}),
        ("x.sum(dim", "np.sum(x, axis=dim)", {}),
        (HOSTILE, HOSTILE, {}),
        ("\x00", "x" * 10, {}),
        ("f(dim=d)", "g(dim=d)", {}),
    ],
)
def test_arguments_that_are_the_same_thing(torch: str, numpy: str, told: dict[str, str]) -> None:
    assert arguments.between(torch, numpy, {"x", "dim", "d"}) == told


def test_each_section_has_a_file_of_its_own_and_the_contents_name_it() -> None:
    names = ["Shape", "shape", "Writing into a tensor", "…", "x" * 500, "Shape.2"]
    made = [unit(f"{n}/row", section=name, line=n) for n, name in enumerate(names)]
    pages = cheatsheet.pages(run(*made))
    assert len(pages) == len(names) + 1
    assert max(map(len, pages)) < 90
    for name in list(pages)[1:]:
        assert f"]({name}) | 1 |" in pages["cheatsheet.md"]
        assert f'<a id="{Path(name).stem}"></a>' in pages["cheatsheet.md"]
        assert re.fullmatch(r"cheatsheet/[a-z0-9.-]+\.md", name)
        assert pages[name].startswith(cheatsheet.TITLE)


def committed() -> list[Path]:
    return [REPORTS / "cheatsheet.md", *sorted((REPORTS / "cheatsheet").glob("*.md"))]


def test_the_committed_pages_are_small_enough_to_be_rendered() -> None:
    sizes = {path.name: path.stat().st_size for path in committed()}
    assert len(sizes) > 50
    assert {name: size for name, size in sizes.items() if size > RENDERED / 2} == {}


def test_the_committed_contents_lead_to_every_page() -> None:
    text = (REPORTS / "cheatsheet.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(cheatsheet/([^)]+)\)", text))
    assert linked
    assert linked == {path.name for path in committed()[1:]}


def rows_of(text: Any) -> int:
    return sum(line.startswith("| ") and not line.startswith(("| PyTorch ", "| --- ")) for line in text.splitlines())


def test_the_committed_contents_count_the_rows_of_every_page() -> None:
    text = (REPORTS / "cheatsheet.md").read_text(encoding="utf-8")
    told = {name: int(count) for name, count in re.findall(r"\]\(cheatsheet/([^)]+)\) \| (\d+) \|", text)}
    assert told == {path.name: rows_of(path.read_text(encoding="utf-8")) for path in committed()[1:]}
