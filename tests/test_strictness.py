"""What must not slip through: holes that a review found, each with the wrong expression that fell through it."""

import numpy as np
import pytest

from conformance import UNDEFINED, Difference, Raises, linear, tensors, ulp

from .helpers import FLOAT, case_of, findings, record_of

X = tensors(ndim=(0, 2), dtypes=FLOAT, overlapping=False)
ONE = {"x": np.ones(1, np.float32)}


def checks(case) -> set[str]:
    """The checks that find something."""
    return {check for check, _ in findings(case)}


def test_a_touched_input_is_not_excused_by_a_difference_of_results():
    doubles = Difference("it doubles", example=ONE, torch="x * 2 + 1")
    assert not checks(case_of("x * 2 + 1", "x + 1", x=X, differs=[doubles])) & {"inputs after"}
    touched = case_of("y = x * 2 + 1\nx.fill_(7)\ny", "x + 1", x=X, differs=[doubles])
    assert "inputs after" in checks(touched)


def test_a_touched_input_is_not_within_a_tolerance():
    touched = case_of("y = x * 1\nx.copy_(torch.nextafter(x, y + 1))\ny", "x * 1", x=X, tolerance=ulp(4, "as generous"))
    assert "inputs after" in checks(touched)


def test_only_at_the_end_of_the_range_is_an_infinity_of_numpy_the_same_as_a_number():
    near = {"x": tensors(ndim=1), "tolerance": ulp(4, "as generous")}
    doubled = "np.where(np.abs(x) > 3.4028e38, np.abs(x) * 2 / 2, np.abs(x))"
    squared = "np.where(np.abs(x) > 1, np.sqrt(x * x), np.abs(x))"
    assert not findings(case_of("x.abs()", doubled, **near), "float32")
    assert findings(case_of("x.abs()", squared, **near), "float32") == {("value", "finite against infinite")}


@pytest.mark.parametrize(
    ("torch", "found"),
    [("x + 2", set()), ("x.sum(9)", {"error"}), ("x.double()", {"dtype"}), ("(x * 1)[None]", {"shape"})],
)
def test_undefined_leaves_values_unjudged_and_nothing_else(torch, found):
    anything = Difference("anything goes", example=ONE, torch=UNDEFINED)
    assert checks(case_of(torch, "x * 1", x=X, differs=[anything])) - {"memory"} == found


def test_the_sign_of_a_plain_zero_counts():
    assert "value" in checks(case_of("-float(x.ndim * 0)", "float(x.ndim * 0)", x=X))


def test_a_mean_by_the_reciprocal_is_a_digit_off():
    mean = {"x": tensors(ndim=1, dtypes=FLOAT), "tolerance": linear(roundings=1)}
    assert not checks(case_of("x.sum() / x.numel()", "np.mean(x)", **mean)) & {"value"}
    assert "value" in checks(case_of("x.sum() * (1 / x.numel())", "np.mean(x)", **mean))


def test_only_a_refusal_can_be_declared_of_numpy():
    with pytest.raises(ValueError, match="NumPy's own result is the reference"):
        Difference("x", example=ONE, torch="x", numpy="x + 77")
    assert Difference("x", example=ONE, torch="x", numpy=Raises(ValueError)).numpy is not None


def test_a_plain_complex_nan_is_itself():
    nan = {"x": tensors(ndim=0, dtypes=("complex64",))}
    assert not findings(case_of("x.tolist()", "x.tolist()", **nan))
    assert findings(case_of("x.conj().resolve_conj().tolist()", "x.tolist()", **nan))


def test_a_difference_that_another_explains_is_gone():
    once = Difference("it doubles", example=ONE, torch="x * 2")
    again = Difference("it doubles, as said", example=ONE, torch="x * 2")
    told = record_of(case_of("x * 2", "x * 1", x=X, differs=[once, again]))["differences"]
    assert {d["verdict"] for d in told} == {"difference gone"}
