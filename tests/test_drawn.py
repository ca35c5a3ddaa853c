"""Generators as Hypothesis strategies: what they draw, that it shrinks, that both sides get the same values."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, find, given, settings

from conformance import axes, indices, joinable, like, strategy, tensors, values
from conformance.drawn import _numbers

FEW = settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
DTYPES = (
    "bool",
    "uint8",
    "int8",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "uint16",
    "bfloat16",
)


def test_one_generator_draws_its_values():
    seen = set()

    @FEW
    @given(strategy(tensors(ndim=(1, 2)), dtype="float64"))
    def look(x):
        assert isinstance(x, torch.Tensor)
        assert x.dtype == torch.float64
        seen.add((x.ndim, x.is_contiguous()))

    look()
    assert seen >= {(1, True), (2, True), (2, False)}


@pytest.mark.parametrize("dtype", DTYPES)
def test_both_sides_get_the_same_values_in_memory_of_their_own(dtype):
    @FEW
    @given(strategy({"x": tensors(), "dim": axes("x"), "y": like("x")}, dtype=dtype, side="both"))
    def look(pair):
        theirs, ours = pair
        assert list(theirs) == list(ours) == ["x", "dim", "y"]
        assert theirs["dim"] == ours["dim"]
        for name in ("x", "y"):
            assert str(theirs[name].dtype) == f"torch.{dtype}"
            host = theirs[name].float() if dtype == "bfloat16" else theirs[name]
            np.testing.assert_array_equal(host.numpy(), ours[name])
        before = ours["x"].copy()
        theirs["x"].contiguous().zero_()
        np.testing.assert_array_equal(ours["x"], before)

    look()


@pytest.mark.parametrize("side", ["torch", "numpy"])
def test_a_side_alone(side):
    wanted = {"torch": torch.Tensor, "numpy": np.ndarray}[side]

    @FEW
    @given(strategy({"xs": joinable("dim"), "dim": axes("xs"), "k": values(1, 2)}, side=side))
    def look(drawn):
        assert all(isinstance(x, wanted) for x in drawn["xs"])
        assert drawn["k"] in {1, 2}

    look()


@pytest.mark.parametrize(
    ("domain", "holds"),
    [
        ("finite", lambda x: np.isfinite(x).all()),
        ("nonzero", lambda x: (x != 0).all() and np.isfinite(x).all()),
        ("small", lambda x: (np.abs(x) <= 5).all() and (x == np.rint(x)).all()),
    ],
)
def test_domains_are_kept(domain, holds):
    @FEW
    @given(strategy(tensors(domain=domain), side="numpy"))
    def look(x):
        assert holds(x)

    look()


def test_indices_fit_the_axis():
    @FEW
    @given(strategy({"x": tensors(ndim=1), "i": indices("x")}, side="numpy"))
    def look(drawn):
        assert drawn["x"].size == 0 or np.take(drawn["x"], drawn["i"]).shape == np.shape(drawn["i"])

    look()


def test_structures_and_numbers_shrink():
    many = find(strategy(tensors(ndim=(1, 3)), side="numpy"), lambda x: x.size > 3, settings=FEW)
    assert many.shape == (4,)
    assert not many.any()
    odd = find(
        strategy(tensors(), side="numpy"), lambda x: bool(np.isnan(x).any()), settings=settings(FEW, max_examples=500)
    )
    assert odd.size == 1


def test_numbers_are_sorted_simplest_first():
    assert _numbers("float32", "any")[:6].tolist() == [0.0, -0.0, 1.0, -1.0, 2.0, -2.0]
    assert np.isnan(_numbers("float32", "any")[-1])
    assert _numbers("uint8", "any")[:3].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("wrong", "options", "words"),
    [
        (3, {}, r"value=3 is no generator"),
        (axes("x"), {}, r"refers to 'x': give both by name"),
        (tensors(), {"dtype": "float33"}, "dtype='float33' is none of bool"),
        (tensors(), {"side": "left"}, "side='left' is none of torch, numpy, both"),
        (tensors(), {"device": "nowhere"}, "device 'nowhere': 'nowhere' is no torch device"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, options, words):
    with pytest.raises(ValueError, match=words):
        strategy(wrong, **options)
