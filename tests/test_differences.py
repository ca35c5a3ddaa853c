"""Declared differences: held to what they say, on their example, inside their condition, and outside of it."""

import numpy as np
import pytest

from conformance import UNDEFINED, Difference, Raises, axes, broadcastable, tensors

from .helpers import FLOAT, case_of, findings, record_of, verdicts

X = tensors(ndim=(0, 2), dtypes=FLOAT)
WHOLE = tensors(ndim=(0, 2), dtypes=("int32",))
ONE = {"x": np.ones(1, np.float32)}
MINUS = {"x": -np.ones(1, np.float32)}


def row(torch, numpy, *differences, **inputs):
    return case_of(torch, numpy, differs=differences, **(inputs or {"x": X}))


def difference(**options) -> Difference:
    return Difference("a reason", **{"example": ONE, "torch": "x + 1", **options})


def one_more(**options) -> Difference:
    """One more than NumPy says, wherever there is an element."""
    return difference(**{"when": "x.size", "example": {"x": np.array([1], np.int32)}, **options})


def only(record) -> dict:
    (one,) = record["differences"]
    return one


def kinds(case) -> set[str]:
    return {kind for _, kind in findings(case)}


def test_a_difference_as_declared():
    record = record_of(row("x + 1", "x + 0", one_more(), x=WHOLE))
    assert record["verdict"] == "differs as declared"
    assert verdicts(record)["value"] == "differs as declared"
    assert verdicts(record)["dtype"] == "agrees"
    assert 0 < only(record)["inputs"] == record["counts"]["declared"] < record["counts"]["inputs"]


def test_the_same_row_without_it_differs():
    record = record_of(row("x + 1", "x", x=WHOLE))
    assert verdicts(record)["value"] == "differs"


def test_a_difference_whose_value_is_wrong():
    assert verdicts(record_of(row("x + 1", "x", one_more(torch="x + 2"), x=WHOLE)))["value"] == "differs"


def test_a_difference_that_is_gone():
    record = record_of(row("x * 1", "x * 1", difference(torch="x * 1")))
    assert only(record)["verdict"] == "difference gone"
    assert record["verdict"] in ("difference gone", "differs")


def test_a_difference_whose_example_shows_none_while_others_do():
    """On the example torch agrees with NumPy, so it is gone there, whatever other inputs show."""
    gone = difference(torch="np.abs(x)", when="np.signbit(x) | (x == 1)")
    record = record_of(row("torch.abs(x)", "x.copy()", gone))
    assert only(record)["verdict"] == "difference gone"


def test_declared_too_broadly():
    whole = difference(torch="np.abs(x)", when="x.ndim < 9", example=MINUS)
    assert "too broad: a reason" in kinds(row("torch.abs(x)", "x.copy()", whole))


def test_declared_too_broadly_in_some_elements_only():
    wide = difference(torch="np.abs(x)", when="x < 5", example=MINUS)
    exact = difference(torch="np.abs(x)", when="np.signbit(x)", example=MINUS)
    assert "too broad: a reason" in kinds(row("torch.abs(x)", "x.copy()", wide))
    assert not kinds(row("torch.abs(x)", "x.copy()", exact))


def test_outside_a_mask_everything_stays_strict():
    """Elements above 2 differ, too, and nobody declared that."""
    declared = difference(torch="np.abs(x)", when="np.signbit(x)", example=MINUS)
    torch = "torch.where(x > 2, x + 1, torch.abs(x))"
    assert kinds(row(torch, "x.copy()", declared)) == {"finite against finite"}


def test_outside_a_condition_everything_stays_strict():
    declared = one_more(when="x.ndim == 1 and x.size")
    assert not kinds(row("x + 1 if x.ndim == 1 else x * 1", "x * 1", declared, x=WHOLE))
    assert "value" in {check for check, _ in findings(row("x + 1", "x * 1", declared, x=WHOLE))}


def test_two_differences_apply_together():
    up = difference(torch="np.abs(x)", when="x < 0", example=MINUS)
    down = Difference("another", example={"x": np.float32([2])}, torch="x * 0 - 1", when="x == 2")
    torch = "torch.where(x == 2, torch.full_like(x, -1.0), torch.where(x < 0, -x, x))"
    assert not kinds(row(torch, "x * 1", up, down))
    assert kinds(row(torch, "x * 1", up))


def test_undefined_elements_are_not_judged_and_the_others_are():
    inside, outside = "torch.where(x < 0, x * 7, x)", "torch.where(x < 0, x * 7, torch.where(x > 3, x + 1, x))"
    declared = difference(torch=UNDEFINED, when="x < 0", example=MINUS)
    assert not kinds(row(inside, "x * 1", declared))
    assert kinds(row(outside, "x * 1", declared)) == {"finite against finite"}


def test_torch_raises_as_declared():
    declared = difference(torch=Raises(RuntimeError))
    record = record_of(row("x.reshape(-2)", "x * 1", declared))
    assert record["verdict"] == "differs as declared"
    assert verdicts(record)["error"] == "differs as declared"
    assert not record["failures"]


@pytest.mark.parametrize(
    ("torch", "kind"),
    [
        ("x * 1", "torch does not raise as declared: a value"),
        ("x.reshape(-2)", "torch does not raise as declared: RuntimeError"),
    ],
)
def test_torch_does_not_raise_as_declared(torch, kind):
    assert kind in kinds(row(torch, "x * 1", difference(torch=Raises(TypeError))))


def test_numpy_refuses_as_declared_and_torch_gives_the_value():
    declared = difference(torch="x", numpy=Raises(ValueError), when="x.ndim == 1", example={"x": np.float32([1])})
    numpy = "np.reshape(x, (-2, -2)) if x.ndim == 1 else x"
    assert not kinds(row("x", numpy, declared))
    assert "declared too broadly" in str(record_of(row("x", "x", declared))["failures"])


def test_the_aspect_of_dtype():
    declared = difference(torch="np.float64", aspect="dtype")
    assert not kinds(row("x.double()", "x * 1", declared))
    assert kinds(row("x.half()", "x * 1", declared)) >= {"float16 against float64"}
    assert "value" in {check for check, _ in findings(row("x.double() + 1", "x * 1", declared))}


def test_the_aspect_of_dtype_does_not_apply_where_it_makes_none():
    assert "too broad: a reason" in kinds(row("x * 1", "x * 1", difference(torch="np.float32", aspect="dtype")))


def test_the_aspect_of_memory():
    copies, views = (difference(torch=word, aspect="memory") for word in ("copy", "view"))
    assert not kinds(row("x.clone()", "x[...]", copies))
    assert not kinds(row("x", "x.copy()", views))
    assert kinds(row("x", "x[...]", copies)) == {"not as declared"}
    assert "value" in {check for check, _ in findings(row("x.clone() + 1", "x[...]", copies))}


def test_the_aspect_of_inputs_after():
    declared = difference(torch=UNDEFINED, aspect="inputs after")
    inputs = {"x": tensors(dtypes=FLOAT, overlapping=False)}
    assert not kinds(row("x.add_(1) * 0 + 5", "x * 0 + 5", declared, **inputs)) & {"input 0"}
    assert "input 0" in kinds(row("x.add_(1) * 0 + 5", "x * 0 + 5", **inputs))


def test_the_expression_to_write_instead():
    right, wrong = (one_more(instead=text) for text in ("x * 1", "x * 2"))
    assert record_of(row("x + 1", "x * 1", right, x=WHOLE))["verdict"] == "differs as declared"
    record = record_of(row("x + 1", "x * 1", wrong, x=WHOLE))
    assert record["verdict"] == "differs"
    assert "instead='x * 2' does not give NumPy's answer" in record["failures"][0]["headline"]


def test_an_expression_to_write_instead_that_raises():
    record = record_of(row("x + 1", "x * 1", one_more(instead="x.reshape(-2)"), x=WHOLE))
    assert "only torch raises" in record["failures"][0]["headline"]


def test_an_example_outside_of_its_own_condition():
    record = record_of(row("x + 1", "x * 1", difference(when="x.ndim == 3")))
    assert record["verdict"] == "broken"
    assert "the example of 'a reason' is outside of its own when='x.ndim == 3'" in record["reason"]


@pytest.mark.parametrize("when", ["x[7] > 0", "x.shape[5] == 1"])
def test_a_condition_that_raises(when):
    record = record_of(row("x + 1", "x * 1", difference(when=when)))
    assert record["verdict"] == "broken"
    assert f"when={when!r} of 'a reason' raises IndexError" in record["reason"]


def test_a_condition_may_fail_on_inputs_that_are_spoilt():
    declared = Difference(
        "the first axis",
        example={"x": np.ones((2, 1), np.float32), "dim": 0},
        torch="x * 2",
        when="x.ndim and x.shape[dim] == 2",
    )
    torch = "torch.sum(x, dim) * 0 + (x * 2 if x.ndim and x.shape[dim] == 2 else x)"
    record = record_of(row(torch, "np.sum(x, dim) * 0 + x", declared, x=X, dim=axes("x")))
    assert record["verdict"] != "broken"


def test_a_condition_on_the_result():
    declared = difference(torch="np.abs(out)", when="np.signbit(out)", example=MINUS)
    assert not kinds(row("torch.abs(x)", "x * 1", declared))


def test_a_difference_of_some_dtypes():
    declared = Difference("a reason", example={"x": np.array([1])}, torch="x + 1", when="x.size", dtypes=("int8",))
    case = row("x + 1 if x.dtype == torch.int8 else x * 1", "x * 1", declared, x=tensors(ndim=1))
    assert record_of(case, "int8")["verdict"] == "differs as declared"
    assert record_of(case, "int16")["verdict"] == "agrees"
    assert not record_of(case, "int16")["differences"]


def test_a_mask_may_be_smaller_than_the_result():
    declared = Difference(
        "a zero",
        example={"x": np.ones(3, np.float32), "y": np.float32(0)},
        torch="np.float32(7)",
        when="(y == 0) & (x == x)",
    )
    case = row(
        "torch.where(y == 0, 7.0, x * 1 + y * 0)", "x * 1 + y * 0", declared, x=X, y=broadcastable("x", dtypes=FLOAT)
    )
    assert only(record_of(case))["verdict"] == "differs as declared"


@pytest.mark.parametrize("order", [1, -1])
def test_what_torch_is_to_refuse_has_no_elements_that_differ(order):
    refused = Difference("no vectors", example={"x": np.ones(2)}, when="x.ndim == 1", torch=Raises(IndexError))
    elements = Difference(
        "some are larger", example={"x": np.ones((2, 2))}, when="(x > 0) & (x + 1 != x)", torch="x + 1"
    )
    torch = "torch.where(x > 0, x + 1, x) if x.ndim != 1 else x.sum(9)"
    case = case_of(torch, "x * 1", x=X, differs=[refused, elements][::order])
    assert not findings(case)
    assert {one["verdict"] for one in record_of(case)["differences"]} == {"differs as declared"}


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_the_example_of_a_record_has_the_dtype_of_its_unit(dtype):
    one = Difference("torch adds one", example={"x": np.ones(2)}, torch="x + 1")
    (told,) = record_of(case_of("x + 1", "x * 1", x=tensors(ndim=1), differs=[one]), dtype)["differences"]
    assert f"np.{dtype}" in told["example"]["x"]
