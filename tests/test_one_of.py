"""Differences that leave several values open: held to one of them in every element, and noticed when they are idle."""

import numpy as np
import pytest

from conformance import UNDEFINED, OneOf, tensors, ulp
from conformance.case import CaseError

from .helpers import case_of, findings, record_of
from .test_differences import MINUS, WHOLE, X, difference, kinds, one_more, only, row

ANYTHING = [UNDEFINED, OneOf("x", "x + 1")]


@pytest.mark.parametrize("torch", ANYTHING, ids=str)
def test_a_difference_that_leaves_several_values_open_is_gone_where_its_example_agrees(torch):
    assert only(record_of(row("x * 1", "x * 1", difference(torch=torch))))["verdict"] == "difference gone"
    assert only(record_of(row("x + 1", "x * 1", difference(torch=torch))))["verdict"] == "differs as declared"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("x * 7", "out"), set()),
        (("x - 1", "x * 7"), set()),
        (("np.full(np.shape(x), -1)", "x * 7"), set()),
        (("x * 6", "out"), {"value"}),
        (("out", "np.nan"), {"value"}),
    ],
)
def test_one_of_several_values_is_given(texts, found):
    either = difference(torch=OneOf(*texts), when="x < 0", example=MINUS)
    torch = "torch.where(x < 0, x * 7, x)"
    assert {check for check, _ in findings(row(torch, "x * 1", either))} == found


def test_numpy_s_own_value_is_one_of_several_only_if_it_is_said():
    torch = "torch.where(x == -1, x * 7, x)"
    strict, lenient = (difference(torch=OneOf("x * 7", other), when="x < 0", example=MINUS) for other in ("9", "out"))
    assert kinds(row(torch, "x * 1", strict)) >= {"finite against finite"}
    assert not kinds(row(torch, "x * 1", lenient))
    assert kinds(row("x * 1", "x * 1", difference(torch=OneOf("x + 7", "9")))) >= {"finite against finite"}


def test_outside_of_a_mask_none_of_several_values_will_do():
    either = difference(torch=OneOf("x * 7", "out"), when="x < 0", example=MINUS)
    assert kinds(row("torch.where(x < 3, x, x * 7)", "x * 1", either)) >= {"finite against finite"}


def test_one_of_several_values_for_a_whole_input():
    either = one_more(torch=OneOf("x + 1", "x + 2"))
    assert not kinds(row("x + 1 + (x > 0)", "x * 1", either, x=WHOLE))
    assert kinds(row("x + 3", "x * 1", either, x=WHOLE)) >= {"finite against finite"}


@pytest.mark.parametrize(
    ("torch", "found"), [("0 * x - 1", True), ("x * torch.inf", False), ("x * torch.nan", False), ("x * 1", False)]
)
def test_of_complex_values_that_are_not_finite_the_class_counts(torch, found):
    """Which part is NaN or infinite is not asked for where the case has a tolerance."""
    either = difference(torch=OneOf("out", "np.inf", "np.nan"), example={"x": np.array([np.inf], np.complex64)})
    given = {"x": tensors(ndim=1, dtypes=("complex64",)), "differs": [either]}
    near = case_of(torch, "x * 1", tolerance=ulp(1, "for the test"), **given)
    assert ("value" in {check for check, _ in findings(near)}) is found
    if torch != "x * 1":
        assert "value" in {check for check, _ in findings(case_of(torch, "x * 1", **given))}


def test_several_values_keep_the_tolerance_of_the_case():
    either = difference(torch=OneOf("x + 1", "out"))
    near = "torch.nextafter(x + 1, x + 9)"
    assert kinds(row(near, "x * 1", either)) >= {"finite against finite"}
    assert not {
        check for check, _ in findings(case_of(near, "x * 1", x=X, differs=[either], tolerance=ulp(1, "for the test")))
    }


def test_an_alternative_that_raises_is_named():
    record = record_of(row("x + 1", "x * 1", difference(torch=OneOf("out", "x.reshape(7, 7)"))))
    assert record["verdict"] == "broken"
    assert "torch, 2='x.reshape(7, 7)' of 'a reason' raises ValueError" in record["reason"]


@pytest.mark.parametrize("texts", [(), ("out",), ("out", 0)])
def test_two_expressions_at_least(texts):
    with pytest.raises(CaseError, match="give two expressions or more"):
        OneOf(*texts)


def test_several_values_are_values():
    with pytest.raises(CaseError, match="of values only"):
        difference(torch=OneOf("out", "x"), aspect="dtype")


def test_several_values_of_several_lines_stay_lines():
    assert str(OneOf("x", "-x")) == "one of: x | -x"
    assert str(OneOf("x", "\nhalf = x / 2\nhalf + half\n")) == "one of:\nx\nor:\nhalf = x / 2\nhalf + half"
