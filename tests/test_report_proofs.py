"""Proofs on the page: the figure held for the record of its case, all survivors, equivalents with their reasons."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.records import Run
from conformance.report import elsewhere, html, proofs

from .packed import Packed
from .reported import FOOTER, HEADER, unit
from .test_report_page import HOSTILE, Page, squeezed

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
    found = squeezed(text).rpartition("Proofs ")[2].partition(" Words case")[0]
    assert found
    return found


def figures(of: Run, name: str = "shape/squeeze") -> list[tuple[str, str, list[list[str]], list[list[str]]]]:
    """What the page holds of the sensitivity of a case: device, figure, survivors, equivalents by reason."""
    held = Packed(of)
    return [
        (held.texts[device], held.texts[figure], [*map(held.told, survivors)], [*map(held.told, equivalent)])
        for _, device, figure, survivors, equivalent in held.cases[name]["sensitivity"]
    ]


def test_a_run_without_proofs_does_not_speak_of_any() -> None:
    shown = page(run())
    assert "ui:proofs" not in shown.ids
    assert "killed" not in shown.text


def test_the_figure_is_held_for_its_case_and_stands_in_the_sums() -> None:
    made = run(proof(), proof("shape/other", killed=1000, total=1001))
    assert figures(made) == [("cpu", "killed 31 of 31", [], [])]
    assert "killed 1,031 of 1,032 in 2 cases" in section(page(made).text)


def test_survivors_are_held_for_the_case_and_listed_on_the_page() -> None:
    made = run(proof(killed=30, survivors=SURVIVORS))
    shown = page(made)
    told = "killed 30 of 31 survived: dim shifted by one: np.squeeze(x, axis=dim + 1)"
    assert told in section(shown.text)
    assert "#shape/squeeze" in shown.links
    assert figures(made)[0][2] == [["survived", "dim shifted by one", "np.squeeze(x, axis=dim + 1)"]]


def test_equivalents_are_told_with_each_reason_once() -> None:
    (told,) = figures(run(proof(equivalent=EQUIVALENT)))
    assert told[3] == [
        ["any negative size is inferred", "1 is 2", "columns first"],
        ["there is none", "NaN ignored"],
    ]


def test_a_case_without_a_survivor_is_not_listed() -> None:
    assert "shape/squeeze" not in section(page(run(proof())).text)


def test_a_proof_of_a_case_that_was_not_run_is_held_in_a_section_of_its_own() -> None:
    made = run(proof("gone/case"), units=())
    assert figures(made, "gone/case") == [("cpu", "killed 31 of 31", [], [])]
    assert "Measured, but not among the units of this run" in page(made).text


def test_each_device_has_a_figure() -> None:
    told = figures(run(proof(), proof(device="cuda", killed=30)))
    assert [one[:2] for one in told] == [("cpu", "killed 31 of 31"), ("cuda", "killed 30 of 31")]


def test_hostile_text_is_shown_as_text() -> None:
    parts = dict.fromkeys(("mutant", "outcome", "detail", "reason"), HOSTILE)
    hostile = proof(HOSTILE, device=HOSTILE, equivalent=[parts], survivors=[parts])
    for units in ((unit(HOSTILE),), ()):
        shown = page(run(hostile, units=units))
        assert (shown.seen["script"], shown.seen["style"]) == (2, 1)
        assert shown.text.count("<script>alert(") >= 5
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
    made = run({"kind": "sensitivity", "id": "shape/squeeze"} | odd)
    assert figures(made)[0][:2] == ("", "killed 0 of 0")
    assert "ui:proofs" in page(made).ids


def test_a_kind_that_is_not_known_here_is_left_out() -> None:
    assert proofs.by_case([{"kind": "of tomorrow", "id": "shape/squeeze"}]) == {}
    assert "ui:proofs" not in page(run({"kind": "of tomorrow", "id": "shape/squeeze"})).ids


def measured(**more: Any) -> dict[str, Any]:
    each = {"ulp": 0.512, "at": {"x": "0.25"}}
    figures = {"numbers": 2048, "torch": each, "numpy": each, "apart": {"ulp": 1.0, "at": {}}, "allowed": 2.0}
    return {"kind": "accuracy", "id": "shape/squeeze", "device": "cpu", "dtype": "float32"} | figures | more


def lines(of: Run) -> list[tuple[str, str, list[str], int]]:
    held = Packed(of)
    told = held.cases["shape/squeeze"]["accuracy"]
    return [(held.texts[dtype], held.texts[device], held.told(cells), bad) for _, device, dtype, cells, bad in told]


def test_accuracy_has_a_line_for_each_dtype_in_the_record_of_its_case() -> None:
    made = run(measured(), measured(capability="AVX2"), measured(dtype="float64", apart={"ulp": None}))
    assert lines(made) == [
        ("float32", "cpu", ["2,048", "0.51", "0.51", "1.00", "2", "1", "x = 0.25"], 0),
        ("float64", "cpu", ["2,048", "0.51", "0.51", "other kind", "2", "exceeded", "x = 0.25"], 1),
    ]
    below = section(page(made).text)
    assert "measured in 2 units of 1 case;" in below
    assert "float64 cpu: other kind ULP apart, 2 allowed: exceeded" in below
    assert "killed" not in below


def test_a_damaged_record_of_accuracy_is_shown_as_far_as_it_goes() -> None:
    assert "other kind" in lines(run({"kind": "accuracy", "id": "shape/squeeze"}))[0][2]


def test_texts_of_accuracy_are_escaped() -> None:
    shown = page(run(measured(dtype=HOSTILE, apart={"ulp": None}, torch={"ulp": 1.0, "at": {HOSTILE: HOSTILE}})))
    assert shown.seen["script"] == 2
    assert shown.text.count("<script>alert(") == 1


def repeated(**more: Any) -> dict[str, Any]:
    one = {"dtype": "float32", "kind": "infinite against finite", "because": None, "variant": "at 31", "count": 771}
    told = one | {"inputs": {"x": "-89.4"}, "got": "-np.inf", "want": "-3.4e38", "script": "import torch"}
    numbers = {"variants": 664, "elements": 5363256, "bits": 81887, "undeclared": 3, "disagreements": [told]}
    return {"kind": "consistency", "id": "shape/squeeze", "device": "cpu"} | numbers | more


def test_what_pytorch_is_not_elsewhere_is_held_and_listed_where_nobody_declared_it() -> None:
    held = Packed(run(repeated()))
    ((_, device, figure, told),) = held.cases["shape/squeeze"]["consistency"]
    words = "5,363,256 results in 664 variants, 81,887 of other bits, 3 beyond what the case allows and not declared"
    assert (held.texts[device], held.texts[figure]) == ("cpu", words)
    assert [*map(held.told, told)] == [
        ["float32: infinite against finite, 771 elements: -np.inf at 31: -3.4e38", "", "x = -89.4", "import torch"]
    ]
    assert words in section(page(run(repeated())).text)
    assert words not in section(page(run(repeated(undeclared=0))).text)


@pytest.mark.parametrize("odd", [{}, {"disagreements": 3, "variants": "many"}, {"disagreements": [{}, {"inputs": 3}]}])
def test_an_odd_record_of_consistency_still_makes_a_page(odd: dict[str, Any]) -> None:
    assert "ui:proofs" in page(run({"kind": "consistency", "id": "shape/squeeze"} | odd)).ids


def test_a_case_that_was_measured_and_timed_without_a_unit_stands_once():
    """Records of one command name its section, those of another do not."""
    told = [
        {"kind": "accuracy", "id": "a/b"},
        {"kind": "bench", "id": "a/b", "section": "A"},
        {"kind": "bench", "id": "c/d"},
    ]
    parts = elsewhere.sections(told)
    assert [(part.name, [case.id for case in part.cases]) for part in parts] == [
        ("A", ["a/b"]),
        (elsewhere.TITLE, ["c/d"]),
    ]
    assert [part.name for part in elsewhere.sections(told, {"A"})] == [elsewhere.TITLE]
