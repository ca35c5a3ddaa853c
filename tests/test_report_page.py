"""The page: it stands alone, holds everything of its run, and takes nothing in it for markup; no browser is needed."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conformance import records, report
from conformance.records import Run
from conformance.report import cheatsheet, cheatsheet_page, html, marks
from conformance.report.words import WORDS

from .packed import Packed
from .reported import bench, broken, run, unit

DIFFERENCE = {
    "because": "NumPy refuses an axis that is not 1 long",
    "kind": "design",
    "when": "x.shape[dim] != 1",
    "torch": "x",
    "numpy": "raises ValueError",
    "instead": "x.squeeze()",
    "upstream": "https://example.org/1",
    "example": {"x": "np.zeros((2, 3), np.float32)"},
    "verdict": "differs as declared",
    "inputs": 500,
}
FAILURE = {
    "check": "value",
    "headline": "1 of 2 elements differ",
    "text": "the whole\nfailure",
    "script": "import numpy as np",
    "again": "conformance run shape/squeeze --seed 7",
    "count": 12,
}
HOSTILE = """<script>alert("1")</script> & 'it' | `a|b` {{ 7 * 7 }} </style><!-- """


def all_sorts() -> Run:
    made = [unit(f"shape/case-{number}", differences=[DIFFERENCE], line=number) for number in range(4)]
    bad = unit("shape/bad", "differs", failures=[FAILURE])
    twice = unit("shape/case-1")
    return run(*made, bad, twice, broken(), benches=(bench(id="shape/case-1"), bench(id="gone/case")))


class Page(HTMLParser):
    """What a browser would make of the page: texts by element, ids, links; unbalanced tags are an error."""

    VOID = frozenset({"meta", "link", "input", "path", "circle", "polyline"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.seen: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            self.ids += [value or ""] * (name == "id")
            self.links += [value or ""] * (name in {"href", "src"})

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data


def page(*of: Run) -> Page:
    return Page(html.page(*of))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_the_page_asks_nothing_of_any_network() -> None:
    shown = page(all_sorts())
    assert not [link for link in shown.links if not link.startswith(("#", "data:"))]
    loading = {(tag, name) for tag, name, _ in shown.attributes if tag != "a" and name in {"src", "href", "srcset"}}
    assert loading == {("link", "href")}
    text = html.page(all_sorts())
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


def test_every_link_within_the_page_leads_somewhere_and_no_place_is_there_twice() -> None:
    shown = page(all_sorts())
    places = Packed(all_sorts()).places
    assert {link[1:] for link in shown.links if link.startswith("#")} <= {*shown.ids, *places}
    assert [name for name, count in Counter(shown.ids).items() if count > 1] == []


@pytest.mark.parametrize(
    "odd",
    [
        run(footer=False),
        Run(header={}, units=()),
        run({"kind": "unit", "id": "", "verdict": ""}),
        run(unit(checks=None, counts=None, differences=[{}], failures=[{}])),
        run(unit(verdict="of tomorrow", dtype="of tomorrow", device=None)),
    ],
)
def test_an_odd_run_still_makes_a_page(odd: Run) -> None:
    assert "PyTorch and NumPy, compared" in page(odd).text


def test_names_of_places_are_readable_permalinks() -> None:
    assert {"shape/squeeze", "shape/squeeze-float32-cpu"} <= Packed(run(unit())).places


def hostile() -> Run:
    texts = ("id", "section", "dtype", "device", "torch", "numpy", "note", "reason", "file", "tolerance")
    parts = {
        "because": HOSTILE,
        "when": HOSTILE,
        "upstream": "javascript:alert(1)",
        "instead": HOSTILE,
        "kind": HOSTILE,
    }
    record = unit(verdict="differs") | dict.fromkeys(texts, HOSTILE)
    record |= {"differences": [parts], "failures": [dict.fromkeys(FAILURE, HOSTILE)], "warnings": [HOSTILE]}
    record |= {
        "given": {HOSTILE: HOSTILE},
        "claimed": [HOSTILE],
        "checks": {HOSTILE: {"verdict": HOSTILE, "inputs": 1}},
    }
    return run(record, benches=(bench(id=HOSTILE, size=HOSTILE),), torch=HOSTILE, absent={HOSTILE: HOSTILE})


def test_hostile_text_is_shown_as_text() -> None:
    shown, usual = page(hostile()), page(run(unit(verdict="differs")))
    assert shown.seen["script"] == usual.seen["script"] == 2
    assert shown.seen["style"] == 1
    assert shown.text.count("<script>alert(") >= 9
    assert "{{ 7 * 7 }}" in shown.text
    assert Packed(hostile()).texts.count(HOSTILE) == 1
    assert "javascript:alert(1)" in Packed(hostile()).texts
    assert not [link for link in shown.links if link.startswith("javascript:")]
    assert not [name for _, name, _ in shown.attributes if name.startswith("on")]


def test_a_very_long_id_does_not_make_a_very_long_address() -> None:
    held = Packed(run(unit("shape/" + "x" * 5000), unit("shape/" + "x" * 5001)))
    assert max(map(len, held.places)) < 120
    assert len(held.places) == 4
    assert "shape/" + "x" * 5001 in held.texts


def test_the_environment_and_the_absent_devices_are_stated() -> None:
    text = squeezed(page(run(unit())).text)
    for part in ("date2026-01-31T12:00:00+00:00", "torch2.13.0+cpu", "cpumodel a processor, cores 2", "seed7"):
        assert part in text
    assert "cuda: not run: no CUDA device" in text


def test_only_an_incomplete_run_has_a_banner() -> None:
    assert "Incomplete run." in page(run(unit(), footer=False)).text
    assert "Incomplete run." not in page(run(unit())).text


def test_every_verdict_is_explained_and_counted_but_there_is_no_percentage() -> None:
    many = [unit(verdict="agrees", dtype=f"t{number}") for number in range(1234)]
    text = squeezed(page(run(*many, unit(verdict="differs"), unit(verdict="of tomorrow"))).text)
    for verdict, meaning in records.MEANINGS.items():
        assert f"{verdict}{meaning}" in text
    assert "1,234 agrees" in text
    assert "1 differs" in text
    assert "1 of tomorrowa verdict that this version does not know failure" in text
    assert "%" not in text


def test_verdicts_are_told_apart_without_colour() -> None:
    letters = [marks.mark(verdict).letter for verdict in records.SEVERITY]
    assert len(set(letters)) == len(letters)
    style = (Path(report.__file__).parent / "page" / "matrix.css").read_text(encoding="utf-8")
    for verdict in (*records.SEVERITY, "of tomorrow"):
        assert re.search(rf"\.{marks.mark(verdict).style}\b[^{{]*{{", style)


def test_failures_can_be_read_without_javascript() -> None:
    shown = page(run(unit(), unit(verdict="differs", failures=[FAILURE, FAILURE | {"headline": "another"}]), broken()))
    text = squeezed(shown.text)
    assert "shape/squeeze-float32-cpu.2" not in text
    for part in ("differs shape/squeeze-float32-cpu 1 of 2 elements differ (and 1 more)", "the whole failure"):
        assert part in text
    assert "again: conformance run shape/squeeze --seed 7" in text
    assert "B broken shape/oops no name np.oops" in text
    assert shown.seen["noscript"] == 1


def test_a_run_in_which_everything_fails_lists_a_thousand_and_says_so() -> None:
    text = squeezed(page(run(*(unit(verdict="differs", dtype=f"t{n}") for n in range(1010)))).text)
    assert "Failures and news 1,010 entries, 1,010 units" in text
    assert "10 more are not listed here" in text


def test_counts_by_section_can_be_read_without_javascript() -> None:
    text = squeezed(
        page(run(unit(), unit("math/add", "differs", section="Math"), unit("math/sub", section="Math"))).text
    )
    assert "sectioncasesagreesdiffersShape11Math211" in text.replace(" ", "")


def test_speed_is_drawn_by_size() -> None:
    fast = bench(ratio=0.5, ratio_low=0.4, ratio_high=0.6)
    shown = page(run(unit(), benches=(bench(), fast, bench(ratio=None), bench(size="large", ratio=1e9))))
    assert "cpu small: PyTorch faster in 1 of 2, NumPy in 1, too close to tell in 0" in squeezed(shown.text)
    assert "cpu large: PyTorch faster in 0 of 1, NumPy in 1, too close to tell in 0" in squeezed(shown.text)
    assert shown.seen["svg"] == 2
    assert page(run(unit())).seen["svg"] == 0


def test_findings_stand_on_the_page_and_are_shown_in_the_record() -> None:
    shown = {"wrong": "PyTorch", "script": "import torch", "torch": "1", "numpy": "2", "truth": None}
    bug = DIFFERENCE | {"kind": "bug", "because": "PyTorch is off by `one`", "finding": shown}
    made = run(unit(verdict="differs as declared", differences=[bug]))
    assert "PyTorch is off by one shape/squeeze" in squeezed(page(made).text)
    held = Packed(made)
    (((place, of_run),),) = held.data["findings"].values()
    assert of_run == 0
    assert held.told(place) == ["import torch", "1", "2", ""]
    assert "ui:findings" not in page(run(unit())).ids


def test_one_of_a_thing_is_said_of_one() -> None:
    """Wherever the pages count, one is said as one, and two as two."""
    bug = DIFFERENCE | {"kind": "bug", "because": "PyTorch is off", "finding": {"wrong": "PyTorch", "torch": "1"}}
    told = unit(verdict="differs as declared", differences=[bug])
    measured = {"kind": "accuracy", "id": "shape/squeeze", "dtype": "float32", "device": "cpu"}
    repeated = {"kind": "consistency", "id": "shape/squeeze", "elements": 1, "variants": 1, "undeclared": 1}
    failed = unit("shape/bad", "differs", failures=[FAILURE | {"count": 1}], line=20)
    one = Run(header={}, units=(told, failed), benches=(bench(elements=1),), proofs=(measured, repeated), footer={})
    text = squeezed(page(one).text)
    for part in ("1 place where", "1 unit of 1 case", "Cases 2 in 1 section", "1 result in 1 variant,", "(1 input)"):
        assert part in text
    assert "small (1 element)" in Packed(one).texts
    sheet = squeezed(re.sub("<[^>]*>", "", cheatsheet_page.page(run(told))))
    assert "1 section, 1 row" in sheet
    assert "1 row in 1 section." in cheatsheet.pages(run(told))["cheatsheet.md"]
    singular = r"(?<![\d,.])1 (units|cases|places|sections|rows|entries|inputs|elements|differences|runs)\b"
    assert not re.findall(singular, text + sheet)
    assert "2 places where" in page(run(told, unit("shape/b", differences=[bug | {"because": "NumPy is off"}]))).text


def test_every_word_is_explained() -> None:
    text = squeezed(page(run(unit())).text)
    for word, meaning in WORDS.items():
        assert f"{word}{meaning}" in text
