"""Which cases are elementwise, found out from their NumPy expressions; and what two results of one may be apart."""

import numpy as np
import pytest

from conformance import Difference, Raises, axes, like, linear, multilinear, tensors, within
from conformance.evaluate import functions
from conformance.proof import alone, consistency, pointwise
from conformance.proof.disagreements import Found

from .helpers import FLOAT, case_of

PAIR = {"x": tensors(), "y": like("x")}
AXIS = {"x": tensors(), "dim": axes("x")}


@pytest.fixture(autouse=True)
def few_values(monkeypatch):
    """A tenth of the values: enough to see what is planted."""
    monkeypatch.setattr(alone, "_DRAWN", 1024)
    monkeypatch.setattr(alone, "_SPECIALS", 40)


def forms(numpy: str, **inputs) -> list[pointwise.Form]:
    case = case_of("x", numpy, **(inputs or {"x": tensors()}))
    return pointwise.forms(case, functions(case, "cpu", ("cpu",)), 4, every_kind=True)


def compared(torch: str, numpy: str, **options) -> Found:
    found = consistency.measure(case_of(torch, numpy, **{"x": tensors(), **options}), FLOAT, "cpu", ("cpu",), {})
    assert found is not None
    return found


@pytest.mark.parametrize(
    "numpy", ["x > y", "np.hypot(x, y)", "np.arccosh(x) + y", "np.arcsin(x) * y", "x & y", "np.exp(x) + y"]
)
def test_what_each_element_alone_gives_as_well(numpy):
    assert len(forms(numpy, **PAIR)) == 1


@pytest.mark.parametrize(
    "numpy",
    [
        "np.isin(x, y)",
        "np.isin(x, y, invert=True)",
        "np.searchsorted(np.sort(x), y)",
        "np.unique(x, return_inverse=True)[1] + y",
        "(lambda u: u[0][u[1]])(np.unique(x, return_inverse=True)) * y",
        "x[x != y]",
        "y + (x == x.min())",
        "(x + y) / x.size",
        "y + np.isin(0.0, x)",
        "x * y + np.arange(x.size)",
        "np.where(np.arange(x.size) > 5, x, y)",
        "np.roll(x, 7) + y",
    ],
)
def test_what_looks_at_others_is_none(numpy):
    assert forms(numpy, **PAIR) == []


BOUND = within("20 * u * np.abs(x).max(initial=0)", "a test")


@pytest.mark.parametrize(("ulps", "seen"), [(1, False), (40, True)])
@pytest.mark.parametrize("tolerance", [BOUND, multilinear(steps=True)], ids=["within", "multilinear"])
def test_where_a_bound_is_allowed_each_result_may_be_anywhere_in_it(ulps, seen, tolerance):
    torch = f"x * 3 * (1 + {ulps} * torch.finfo(x.dtype).eps * (x.numel() > 15))"
    found = compared(torch, "x * 3", tolerance=tolerance)
    assert found.bits
    assert ("other value" in {one.kind for one in found.kinds.values()}) is seen


@pytest.mark.parametrize(
    ("change", "seen"), [("torch.where(s.abs() < 1e30, s * 1.001, s)", False), ("s * torch.nan", True)]
)
def test_where_numpy_gives_nothing_only_the_class_counts(change, seen):
    """No truth is known, so that nobody can say how far apart two right results may lie."""
    torch = f"s = x.sum(dim)\ns if x.is_contiguous() else {change}"
    found = compared(torch, "np.sum(x, axis=dim).no", **AXIS, tolerance=BOUND)
    assert found.bits
    assert bool(found.undeclared) is seen


@pytest.mark.parametrize("declared", [True, False])
def test_the_truth_is_that_of_the_declared_expression(declared):
    """The mean of the two sides of a sum: what NumPy's own truth says is far away."""
    other = Difference(
        "ten times", example={"x": np.ones(2), "dim": 0}, torch="np.sum(x * 10, axis=dim)", when="x.size > 0"
    )
    found = compared(
        "(10 * x).sum(dim)", "np.sum(x, axis=dim)", **AXIS, tolerance=linear(), differs=[other] if declared else []
    )  # fmt: skip
    assert found.bits
    assert bool(found.undeclared) is not declared


def test_the_truth_is_the_declared_one_where_numpy_refuses():
    other = Difference(
        "NumPy has none", example={"x": np.ones(2), "dim": 0}, torch="np.sum(x, axis=dim)", numpy=Raises(AttributeError)
    )
    torch = "x.sum(dim) * (1 + 2**-8 * (not x.is_contiguous()))"
    found = compared(torch, "np.sum(x, axis=dim).no", **AXIS, tolerance=BOUND, differs=[other])
    assert "other value" in {one.kind for one in found.kinds.values()}


@pytest.mark.parametrize("overlapping", [True, False])
def test_tensors_that_overlap_are_left_out_where_the_case_leaves_them_out(overlapping):
    x = tensors(overlapping=overlapping)
    found = compared("x.sum(dim) + (0 in x.stride())", "np.sum(x, axis=dim)", x=x, dim=axes("x"), tolerance=linear())
    assert bool(found.undeclared) is overlapping
