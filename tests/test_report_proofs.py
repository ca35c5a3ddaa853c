"""Proofs on the page: the figure in the record of its case, all survivors, equivalents with their reasons."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.records import Run
from conformance.report import html, proofs

from .test_report_page import FOOTER, HEADER, HOSTILE, Page, unit, words

EQUIVALENT = [
    {"mutant": "1 is 2", "reason": "any negative size is inferred"},
    {"mutant": "columns first", "reason": "any negative size is inferred"},
    {"mutant": "NaN ignored", "reason": "there is none"},
]
SURVIVORS = [{"mutant": "dim shifted by one", "outcome": "survived", "detail": "np.squeeze(x, axis=dim + 1)"}]


def proof(name: str = "shape/squeeze", **more: Any) -> dict[str, Any]:
    figures = {"killed": 31, "total": 31, "equivalent": [], "survivors": []}
    return {"kind": "sensitivity", "id": name, "device": "cpu", "torch": "2.13.0"} | figures | more


def run(*proven: dict[str, Any], units: tuple[dict[str, Any], ...] = (unit(),)) -> Run:
    return Run(header=HEADER, units=units, proofs=proven, footer=FOOTER)


def page(of: Run) -> Page:
    return Page(html.page(of))


def section(text: str) -> str:
    return text.partition("Proofs")[2]


def test_a_run_without_proofs_does_not_speak_of_any() -> None:
    shown = page(run())
    assert "ui:proofs" not in shown.ids
    assert "killed" not in shown.text


def test_the_figure_stands_in_the_record_of_its_case_and_in_the_sums() -> None:
    text = words(page(run(proof(), proof("shape/other", killed=1000, total=1001))).text)
    record, _, below = text.partition("Proofs")
    assert "Able to fail (cpu): killed 31 of 31 mutants and faults" in record
    assert "killed 1,031 of 1,032 in 2 cases" in below


def test_survivors_are_listed_at_the_case_and_below() -> None:
    shown = page(run(proof(killed=30, survivors=SURVIVORS)))
    told = "killed 30 of 31 mutants and faults survived: dim shifted by one: np.squeeze(x, axis=dim + 1)"
    assert words(shown.text).count(told) == 2
    assert "#shape/squeeze" in shown.links


def test_equivalents_are_told_with_each_reason_once() -> None:
    text = words(page(run(proof(equivalent=EQUIVALENT))).text)
    assert "3 that mean the same1 is 2, columns first: any negative size is inferredNaN ignored: there is none" in text
    assert "1 that means the same" in words(page(run(proof(equivalent=EQUIVALENT[:1]))).text)


def test_a_case_without_a_survivor_is_not_told_twice() -> None:
    assert "shape/squeeze" not in section(page(run(proof())).text)


def test_a_proof_of_a_case_that_was_not_run_is_shown_below() -> None:
    text = words(section(page(run(proof("gone/case"), units=())).text))
    assert "gone/case Able to fail (cpu): killed 31 of 31" in text


def test_each_device_has_a_figure() -> None:
    text = page(run(proof(), proof(device="cuda", killed=30))).text
    assert "(cpu): killed 31 of 31" in text
    assert "(cuda): killed 30 of 31" in text


def test_hostile_text_is_shown_as_text() -> None:
    parts = dict.fromkeys(("mutant", "outcome", "detail", "reason"), HOSTILE)
    hostile = proof(HOSTILE, device=HOSTILE, equivalent=[parts], survivors=[parts])
    for units in ((unit(HOSTILE),), ()):
        shown = page(run(hostile, units=units))
        assert shown.seen["script"] == shown.seen["style"] == 1
        assert shown.text.count("<script>alert(") >= 6
        assert "{{ 7 * 7 }}" in shown.text
        assert not [name for _, name, _ in shown.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"killed": "many", "total": None, "equivalent": 3, "survivors": {"a": 1}},
        {"killed": True, "total": -1, "equivalent": [{}, 3], "survivors": [{}, None]},
    ],
)
def test_an_odd_record_still_makes_a_page(odd: dict[str, Any]) -> None:
    text = words(page(run({"kind": "sensitivity", "id": "shape/squeeze"} | odd)).text)
    assert "Able to fail: killed 0 of 0" in text


def test_a_kind_that_is_not_known_here_is_left_out() -> None:
    assert proofs.by_case([{"kind": "of tomorrow", "id": "shape/squeeze"}]) == {}
    assert "ui:proofs" not in page(run({"kind": "of tomorrow", "id": "shape/squeeze"})).ids


def measured(**more: Any) -> dict[str, Any]:
    each = {"ulp": 0.512, "at": {"x": "0.25"}}
    figures = {"numbers": 2048, "torch": each, "numpy": each, "apart": {"ulp": 1.0, "at": {}}, "allowed": 2.0}
    return {"kind": "accuracy", "id": "shape/squeeze", "device": "cpu", "dtype": "float32"} | figures | more


def test_accuracy_has_a_line_for_each_dtype_in_the_record_of_its_case() -> None:
    shown = page(run(measured(), measured(capability="AVX2"), measured(dtype="float64", apart={"ulp": None})))
    record, _, below = words(shown.text).partition("Proofs")
    assert record.count("float32 cpu2,0480.510.511.0021x = 0.25") == 1
    assert "float64 cpu2,0480.510.51other kind2exceededx = 0.25" in record
    assert "measured in 2 units of 1 cases" in below
    assert "exceeded" in below
    assert "killed" not in below


def test_a_damaged_record_of_accuracy_is_shown_as_far_as_it_goes() -> None:
    assert "other kind" in page(run({"kind": "accuracy", "id": "shape/squeeze"})).text


def test_texts_of_accuracy_are_escaped() -> None:
    shown = page(run(measured(dtype=HOSTILE, torch={"ulp": 1.0, "at": {HOSTILE: HOSTILE}})))
    assert shown.seen["script"] == 1
