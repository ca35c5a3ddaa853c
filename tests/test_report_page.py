"""The page: it stands alone, shows everything a run holds, and takes nothing in it for markup."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conformance import records, report
from conformance.records import Run
from conformance.report import html

HEADER = {
    "kind": "header",
    "format": 1,
    "started": "2026-01-31T12:00:00+00:00",
    "torch": "2.13.0+cpu",
    "numpy": "2.4.6",
    "cpu": {"model": "a processor", "cores": 2},
    "seed": 7,
    "devices": ["cpu"],
    "absent": {"cuda": "no CUDA device"},
}
FOOTER = {"kind": "footer", "units": 0, "seconds": 1.5, "exit": 0}
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


def unit(name: str = "shape/squeeze", verdict: str = "agrees", **more: Any) -> dict[str, Any]:
    what = {"kind": "unit", "id": name, "section": "Shape", "dtype": "float32", "device": "cpu"}
    case = {"file": "cases/shape.py", "line": 12, "torch": "x.squeeze(dim)", "numpy": "np.squeeze(x, axis=dim)"}
    outcome = {
        "note": None,
        "given": {"x": "tensors()"},
        "verdict": verdict,
        "reason": None,
        "checks": {"value": {"verdict": verdict, "inputs": 3012}, "dtype": {"verdict": "agrees", "inputs": 3012}},
        "counts": {"structures": 355, "inputs": 3600, "torch only": 0},
        "differences": [],
        "failures": [],
        "warnings": [],
        "seconds": 0.1,
    }
    return what | case | outcome | more


def bench(**more: Any) -> dict[str, Any]:
    made = {"kind": "bench", "id": "shape/squeeze", "dtype": "float32", "device": "cpu", "size": "small"}
    times = {"elements": 1000, "torch_seconds": 1.1e-06, "numpy_seconds": 4.0e-07}
    return made | times | {"ratio": 2.7, "ratio_low": 2.6, "ratio_high": 2.9} | more


def run(*units: dict[str, Any], benches: tuple[dict[str, Any], ...] = (), footer: bool = True, **more: Any) -> Run:
    return Run(header=HEADER | more, units=units, benches=benches, footer=FOOTER if footer else None)


def broken() -> dict[str, Any]:
    return {"kind": "unit", "id": "shape/oops", "verdict": "broken", "reason": "no name np.oops"}


def all_sorts() -> Run:
    made = [unit(f"shape/case-{number}", differences=[DIFFERENCE], line=number) for number in range(4)]
    bad = unit("shape/bad", "differs", failures=[FAILURE])
    twice = unit("shape/case-1")
    return run(*made, bad, twice, broken(), benches=(bench(id="shape/case-1"), bench(id="gone/case")))


class Page(HTMLParser):
    """What a browser would make of the page: texts by element, ids, links; unbalanced tags are an error."""

    VOID = frozenset({"meta", "link", "input", "path"})

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


def page(of: Run) -> Page:
    return Page(html.page(of))


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_page_asks_nothing_of_any_network() -> None:
    shown = page(all_sorts())
    outside = [link for link in shown.links if not link.startswith(("#", "data:"))]
    assert set(outside) == {"https://example.org/1"}
    loading = {(tag, name) for tag, name, _ in shown.attributes if tag != "a" and name in {"src", "href", "srcset"}}
    assert loading == {("link", "href")}
    text = html.page(all_sorts())
    assert "url(" not in text
    assert "@import" not in text


def test_every_link_within_the_page_leads_somewhere_and_no_place_is_there_twice() -> None:
    shown = page(all_sorts())
    assert {link[1:] for link in shown.links if link.startswith("#")} <= set(shown.ids)
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
    assert {"shape/squeeze", "shape/squeeze-float32-cpu"} <= set(page(run(unit())).ids)


def test_hostile_text_is_shown_as_text() -> None:
    texts = ("id", "section", "dtype", "device", "torch", "numpy", "note", "reason", "file")
    parts = {"because": HOSTILE, "when": HOSTILE, "upstream": "javascript:alert(1)", "instead": HOSTILE}
    failure = dict.fromkeys(FAILURE, HOSTILE)
    record = unit() | dict.fromkeys(texts, HOSTILE)
    record |= {"differences": [parts], "failures": [failure], "warnings": [HOSTILE], "given": {HOSTILE: HOSTILE}}
    shown = page(run(record, benches=(bench(id=HOSTILE),), torch=HOSTILE, absent={HOSTILE: HOSTILE}))
    usual = page(run(unit()))
    assert shown.seen["script"] == usual.seen["script"] == 1
    assert shown.seen["style"] == 1
    assert shown.text.count("<script>alert(") > 20
    assert "{{ 7 * 7 }}" in shown.text
    assert "javascript:alert(1)" in shown.text
    assert not [link for link in shown.links if link.startswith("javascript:")]
    assert not [name for _, name, _ in shown.attributes if name.startswith("on")]


def test_a_very_long_id_does_not_make_a_very_long_address() -> None:
    shown = page(run(unit("shape/" + "x" * 5000), unit("shape/" + "x" * 5001)))
    assert max(map(len, shown.ids)) < 120
    assert "x" * 5001 in shown.text


def test_the_environment_and_the_absent_devices_are_stated() -> None:
    text = words(page(run(unit())).text)
    for part in ("date2026-01-31T12:00:00+00:00", "torch2.13.0+cpu", "cpumodel a processor, cores 2", "seed7"):
        assert part in text
    assert "cuda: not run: no CUDA device" in text


def test_only_an_incomplete_run_has_a_banner() -> None:
    assert "Incomplete run." in page(run(unit(), footer=False)).text
    assert "Incomplete run." not in page(run(unit())).text


def test_every_verdict_is_explained_and_counted_but_there_is_no_percentage() -> None:
    many = [unit(verdict="agrees", dtype=f"t{number}") for number in range(1234)]
    text = words(page(run(*many, unit(verdict="differs"), unit(verdict="of tomorrow"))).text)
    for verdict, meaning in records.MEANINGS.items():
        assert f"{verdict}{meaning}" in text
    assert "1,234 agrees" in text
    assert "1 differs" in text
    assert "1 of tomorrowa verdict that this version does not know failure" in text
    assert "%" not in text


def test_verdicts_are_told_apart_without_colour() -> None:
    letters = [html._mark(verdict).letter for verdict in records.SEVERITY]
    assert len(set(letters)) == len(letters)
    style = (Path(report.__file__).parent / "report.css").read_text(encoding="utf-8")
    for verdict in (*records.SEVERITY, "of tomorrow"):
        assert re.search(rf"\.{html._mark(verdict).style}\b[^{{]*{{", style)


def test_a_cell_that_was_run_twice_shows_the_worse() -> None:
    text = html.page(run(unit(), unit(verdict="differs")))
    assert 'href="#shape/squeeze-float32-cpu.2" title="float32 cpu: differs">≠</a>' in text
    assert ">=</a>" not in text


def test_what_belongs_to_a_case_is_told_once_and_what_belongs_to_a_unit_each_time() -> None:
    other = DIFFERENCE | {"example": {"x": "np.zeros((2, 3), np.float64)"}, "inputs": 400}
    text = page(run(unit(differences=[DIFFERENCE]), unit(dtype="float64", differences=[other]))).text
    assert text.count(DIFFERENCE["because"]) == 1
    assert "difference 1: differs as declared 500" in text
    assert "difference 1: differs as declared 400" in text
    for part in ("x.shape[dim] != 1", "raises ValueError", "x.squeeze()", "design", "https://example.org/1"):
        assert part in text


def test_a_record_shows_all_that_failed_and_how_to_run_it_again() -> None:
    checks = {"dtype": 3012, "value": 3012, "memory": 680, "shape": 3012}
    seen = {name: {"verdict": "agrees", "inputs": inputs} for name, inputs in checks.items()}
    seen["value"]["verdict"] = "differs"
    bad = unit(
        verdict="differs",
        checks=seen,
        failures=[FAILURE, FAILURE | {"headline": "another"}],
        warnings=["UserWarning: hm"],
    )
    text = words(page(run(bad)).text)
    for part in (
        "value: differs 3,012 · dtype, shape 3,012 · memory 680",
        "the whole failure",
        "(12 inputs)",
        "import numpy as np",
    ):
        assert part in text
    assert "again: conformance run shape/squeeze --seed 7" in text
    assert "shape/squeeze-float32-cpu 1 of 2 elements differ (and 1 more)" in text
    assert "UserWarning: hm (float32 cpu)" in text
    assert "355 structures, 3,600 inputs" in text
    assert "torch only" not in text.partition("355 structures")[2]


def test_a_broken_case_shows_its_reason_in_its_row() -> None:
    text = words(page(run(unit(), broken())).text)
    assert "shape/oops B broken" + "no name np.oops" in text


def test_benchmarks_show_times_ratio_and_spread() -> None:
    shown = page(run(unit(), benches=(bench(), bench(size="large", elements=10**7, ratio=0.5))))
    text = words(shown.text)
    assert "small (1,000 elements)1.1 µs400 ns2.7 [2.6, 2.9]" in text
    assert "large (10,000,000 elements)" in text
    assert shown.seen["svg"] == 2
    assert page(run(unit())).seen["svg"] == 0


@pytest.mark.parametrize(("numbers", "told"), [(508, 1), (0, 0), ("508", 0)])
def test_a_gradient_is_told_with_its_error(numbers: object, told: int) -> None:
    figures = {"structures": 11, "numbers": numbers, "not smooth": 3, "worst": 0.54}
    text = html.page(
        Run(header=HEADER, units=(unit(gradient=figures), unit(dtype="int8", gradient=None)), footer=FOOTER)
    )
    assert text.count("gradient by 508 numbers, its error at most 54% of what is allowed") == told
    assert text.count("gradient by") == told
