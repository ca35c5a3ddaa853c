"""What the page holds of each case for its scripts to show: everything that the records say, and once."""

from __future__ import annotations

import pytest

from conformance.report import elsewhere, html, packing

from .packed import Packed
from .reported import bench, run, unit
from .test_report_page import DIFFERENCE, FAILURE


def test_packed_data_comes_back_as_it_was() -> None:
    data = {"texts": ["", "é\ud800\x00</script>"], "numbers": [1, 2.5, None, True]}
    text = packing.packed(data)
    assert packing.unpacked(text) == data
    assert "<" not in text


def test_equal_values_have_one_place() -> None:
    table = packing.Table()
    assert [table.place(value) for value in ("a", "b", "a", (1, 2), (1, 2))] == [0, 1, 0, 2, 2]
    assert table.values == ["a", "b", (1, 2)]


def test_a_unit_that_was_run_twice_has_two_places() -> None:
    held = Packed(run(unit(), unit(verdict="differs")))
    assert {"shape/squeeze-float32-cpu", "shape/squeeze-float32-cpu.2"} <= held.places
    assert 'href="#shape/squeeze-float32-cpu.2"' in html.page(run(unit(), unit(verdict="differs")))


def test_what_belongs_to_a_case_is_told_once_and_what_belongs_to_a_unit_each_time() -> None:
    other = DIFFERENCE | {"example": {"x": "np.zeros((2, 3), np.float64)"}, "inputs": 400}
    held = Packed(run(unit(differences=[DIFFERENCE]), unit(dtype="float64", differences=[other])))
    (told,) = held.differences("shape/squeeze")
    assert told == {key: DIFFERENCE.get(key) or "" for key in told}
    first, second = held.units("shape/squeeze")
    assert ("difference 1", "differs as declared", 500) in first["checks"]
    assert ("difference 1", "differs as declared", 400) in second["checks"]


def test_a_record_holds_all_that_failed_and_how_to_run_it_again() -> None:
    checks = {"dtype": 3012, "value": 3012, "memory": 680, "shape": 3012}
    seen = {name: {"verdict": "agrees", "inputs": inputs} for name, inputs in checks.items()}
    seen["value"]["verdict"] = "differs"
    failures = [FAILURE, FAILURE | {"headline": "another"}]
    bad = unit(verdict="differs", checks=seen, failures=failures, warnings=["UserWarning: hm"])
    held = Packed(run(bad))
    (told,) = held.units("shape/squeeze")
    assert told["checks"] == [("value", "differs", 3012), ("dtype, shape", "agrees", 3012), ("memory", "agrees", 680)]
    keys = ("check", "headline", "text", "script", "again", "count")
    assert told["failures"] == [[str(failure[key]) for key in keys] for failure in failures]
    assert told["counts"] == {"structures": 355, "inputs": 3600}
    assert held.pairs(held.cases["shape/squeeze"]["warnings"]) == {"UserWarning: hm": "float32 cpu"}


def test_everything_of_a_case_is_held() -> None:
    told = unit(note="a `note`", tolerance="3 ulp", claimed=["float32", "float64"], arguments={"dim": "axis"})
    held = Packed(run(told))
    case = held.cases["shape/squeeze"]
    texts = {key: held.texts[case[key]] for key in ("torch", "numpy", "note", "tolerance", "claimed", "where")}
    assert texts == {
        "torch": "x.squeeze(dim)",
        "numpy": "np.squeeze(x, axis=dim)",
        "note": "a `note`",
        "tolerance": "3 ulp",
        "claimed": "float32/64",
        "where": "cases/shape.py:12",
    }
    assert held.pairs(case["given"]) == {"x": "tensors()"}
    assert held.pairs(case["arguments"]) == {"dim": "axis"}


def test_benchmarks_hold_times_ratio_and_spread() -> None:
    large = bench(size="large", elements=10**7, ratio=0.5)
    held = Packed(run(unit(), benches=(bench(), large, bench(id="gone/case"))))
    first, second = held.cases["shape/squeeze"]["bench"]
    assert [held.texts[text] for text in first[1:8]] == [
        *("float32", "cpu", "small (1,000 elements)", "1.1 µs", "400 ns", "2.7", "[2.6, 2.9]")
    ]
    assert held.texts[second[3]] == "large (10,000,000 elements)"
    assert len(first) == 13
    assert "gone/case" in held.cases
    assert "bench" not in Packed(run(unit())).cases["shape/squeeze"]


@pytest.mark.parametrize(("numbers", "told"), [(508, 1), (0, 0), ("508", 0)])
def test_a_gradient_is_told_with_its_error(numbers: object, told: int) -> None:
    figures = {"structures": 11, "numbers": numbers, "not smooth": 3, "worst": 0.54}
    held = Packed(run(unit(gradient=figures), unit(dtype="int8", gradient=None)))
    gradients = [one["gradient"] for one in held.units("shape/squeeze") if one["gradient"]]
    assert gradients == ["gradient by 508 numbers, its error at most 54% of what is allowed"] * told


def test_what_was_only_timed_is_told_as_far_as_its_record_does():
    told = bench(section="Shape", file="cases/shape.py", line=12, torch="x.squeeze()", numpy="np.squeeze(x)")
    (own,) = elsewhere.sections([told, told | {"size": "large"}])
    assert (own.name, own.cases[0].torch, own.cases[0].numpy) == ("Shape", "x.squeeze()", "np.squeeze(x)")
    assert (own.cases[0].file, own.cases[0].line, len(own.cases)) == ("cases/shape.py", 12, 1)
    (other,) = elsewhere.sections([told], {"Shape"})
    proof = {"kind": "accuracy", "id": "shape/squeeze", "torch": {"ulp": 1.0}, "tolerance": "2 ulp"}
    (old,) = elsewhere.sections([proof])
    assert (old.name, old.cases[0].torch, old.cases[0].tolerance) == (elsewhere.TITLE, "", "2 ulp")
    (new,) = elsewhere.sections([proof, proof | {"row": {key: told[key] for key in ("section", "file", "torch")}}])
    assert (new.name, new.cases[0].torch, new.cases[0].file) == ("Shape", "x.squeeze()", "cases/shape.py")
    (odd,) = elsewhere.sections([proof | {"row": ["x"]}, proof | {"row": {"section": 3, "torch": 4, "line": "5"}}])
    assert (odd.name, odd.cases[0].torch) == ("3", "")
    assert other.name == elsewhere.sections([{"id": "a/b"}])[0].name == elsewhere.TITLE
