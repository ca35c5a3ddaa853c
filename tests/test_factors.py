"""Inputs that fit a product, and the bound of a sum of products on both sides of its edge."""

import numpy as np
import pytest

from conformance import Difference, like, matching, multilinear, multipliable, squares, tensors, triples
from conformance.differences import compile_differences
from conformance.inputs import plan
from conformance.inputs.slots import Structure
from conformance.products import multilinear_bound, outside
from conformance.sized import sized_inputs

from .helpers import case_of


def drawn(seed=1, **inputs) -> list[Structure]:
    return [structure for _, structure in plan.enumerated(inputs, seed)]


def shapes(structures, *names):
    return [tuple(s.slots[name].shape for name in names) for s in structures]


def refused(pair) -> bool:
    try:
        np.ones(pair[0]) @ np.ones(pair[1])
    except ValueError:
        return True
    return False


def test_a_multipliable_tensor_can_be_multiplied_unless_it_is_spoilt():
    structures = drawn(x=tensors(), y=multipliable("x"))
    sound = [s for s in structures if not s.spoilt]
    assert all(refused(pair) == (pair[0] == ()) for pair in shapes(sound, "x", "y"))
    assert all(refused(pair) for pair in shapes([s for s in structures if s.spoilt], "x", "y"))


def test_multipliable_tensors_have_all_pairs_of_ranks_with_batches_that_broadcast():
    pairs = shapes([s for s in drawn(x=tensors(), y=multipliable("x")) if not s.spoilt], "x", "y")
    ranks = {(len(x), len(y)) for x, y in pairs}
    assert {(1, 1), (1, 2), (2, 1), (1, 3), (2, 2), (2, 3), (3, 1), (3, 2), (3, 3), (4, 1), (4, 2), (4, 4)} <= ranks
    assert any(x[:-2] != y[:-2] for x, y in pairs if len(x) == len(y) == 3)
    assert {0, 1} <= {y[-1] for x, y in pairs if len(y) > 1}
    assert any(x[-1] == 0 and np.prod(x[:-1]) and len(y) > 1 and y[-1] for x, y in pairs)


def test_matching_axes_are_of_one_length_and_free_ones_of_any():
    structures = drawn(x=tensors(2), y=matching("jk", x="ij"), z=matching("ki", x="ij", y="jk"))
    sound = shapes([s for s in structures if not s.spoilt], "x", "y", "z")
    assert all(x[1] == y[0] and z == (y[1], x[0]) for x, y, z in sound)
    assert {0, 1, 2, 3, 5, 17} == {y[1] for _, y, _ in sound}
    assert any(x[1] != y[0] for x, y, _ in shapes([s for s in structures if s.spoilt], "x", "y", "z"))


def test_matching_takes_the_last_axes_of_any_rank():
    pairs = shapes([s for s in drawn(x=tensors(ndim=(1, 4)), y=matching("kj", x="...j")) if not s.spoilt], "x", "y")
    assert {len(x) for x, _ in pairs} == {1, 2, 3, 4}
    assert all(x[-1] == y[1] for x, y in pairs)


@pytest.mark.parametrize("names", ["jj", "j1", ""])
def test_names_of_axes_are_letters_that_differ(names):
    with pytest.raises(ValueError, match="a letter for each axis"):
        matching(names, x="ij")


def test_squares_of_every_rank_and_side():
    structures = drawn(x=squares())
    sound = [x for (x,) in shapes([s for s in structures if not s.spoilt], "x")]
    assert all(x[-1] == x[-2] for x in sound)
    assert {len(x) for x in sound} == {2, 3, 4}
    assert {0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33} <= {x[-1] for x in sound}
    assert any(len(x) < 2 or x[-1] != x[-2] for (x,) in shapes([s for s in structures if s.spoilt], "x"))


def test_a_benchmark_of_squares_has_as_many_elements_as_it_asks_for():
    case = case_of("torch.trace(x)", "np.trace(x)", x=squares(2))
    (slot,) = sized_inputs(case, "float32", 10_000).structure.tensors()
    assert slot.shape == (100, 100)


def test_triples_have_a_last_axis_of_three():
    structures = drawn(x=triples(), y=like("x"))
    assert {len(x) for x, _ in shapes(structures, "x", "y")} == {1, 2, 3, 4}
    assert {x[-1] for (x,) in shapes([s for s in structures if not s.spoilt], "x")} == {3}
    assert {x[-1] for (x,) in shapes([s for s in structures if s.spoilt], "x")} == {2, 4}


@pytest.mark.parametrize("make", [squares, triples])
def test_ranks_that_there_are_not(make):
    with pytest.raises(ValueError, match="give a rank or two"):
        make(ndim=(0, 2))


@pytest.mark.parametrize("given", [squares(2), triples()])
def test_conditions_know_them_for_tensors(given):
    """Otherwise a condition on their values would be evaluated once for all of them."""
    row = case_of("x + 1", "x + 1", x=given, differs=[Difference("a", example={"x": np.ones((3, 3))}, torch="x + 2")])
    (declared,) = compile_differences(row, "float32")
    assert declared.tensors == {"x"}


def is_outside(got, x, y, dtype="float32", *, steps=False) -> bool:
    args = [np.array(x, dtype), np.array(y, dtype)]
    with np.errstate(all="ignore"):
        return bool(outside(np.asarray(got, dtype), np.matmul, args, dtype, multilinear(steps=steps)).any())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_products_of_halves_are_exact_in_any_order(dtype):
    x, y = [1.5, -2.0, 3.0], [2.0, 0.5, 4.0]
    one = np.finfo(dtype).eps * 8
    assert not is_outside(14.0, x, y, dtype)
    assert is_outside(14.0 + 2 * one, x, y, dtype)
    assert is_outside(14.0 - 2 * one, x, y, dtype)


def test_products_that_round_have_the_bound_of_an_inner_product():
    x = y = np.full(100, 0.1, np.float32)
    right = float(np.sum(x.astype(np.float64) ** 2))
    assert not is_outside(right * (1 + 90 * 2.0**-24), x, y)
    assert is_outside(right * (1 + 110 * 2.0**-24), x, y)


def test_float16_is_added_in_float32_unless_every_step_is_rounded():
    x = y = np.full(2000, 0.1, np.float16)
    right = float(np.sum(x.astype(np.float64) ** 2))
    assert is_outside(right * 1.005, x, y, "float16")
    assert not is_outside(right * 1.005, x, y, "float16", steps=True)


def test_an_expression_with_a_minus_is_told_its_terms():
    def minus(x, y):
        return x[0] * y[0] - x[1] * y[1]

    bounds = [
        multilinear_bound(minus, [np.full(2, 0.1), np.full(2, 0.1)], "float64", multilinear(terms=terms))
        for terms in (None, lambda x, y: x[0] * y[0] + x[1] * y[1])
    ]
    assert bounds[0].allowed < 1e-300
    assert 1e-18 < bounds[1].allowed < 1e-17


@pytest.mark.parametrize(("got", "apart"), [(0.0, False), (-0.0, False), (1e-45, True), (np.nan, True)])
def test_the_sign_of_a_zero_is_not_judged(got, apart):
    assert is_outside(got, [1.0, -1.0], [1.0, 1.0]) is apart


@pytest.mark.parametrize(
    ("got", "apart"), [(complex(np.nan, np.nan), False), (complex(np.inf, 0), False), (0j, True), (1j, True)]
)
def test_a_complex_result_that_is_not_finite_is_any_other(got, apart):
    assert is_outside(got, [complex(np.inf, 1)], [1j], "complex64") is apart


def test_a_partial_sum_may_overflow_but_a_finite_result_is_right():
    x, y = [3e38, 3e38, -3e38], [1.0, 1.0, 1.0]
    assert not is_outside(np.inf, x, y)
    assert not is_outside(3e38, x, y)
    assert is_outside(2e38, x, y)
    assert is_outside(np.inf, [1e38, 1e38, -1e38], y)


def test_products_of_three_round_in_between():
    x, y, z = (np.full((1, 1), value, np.float16) for value in (0.1, 0.3, 0.7))
    twice = np.float16(np.float16(x * y) * z)
    args = [x, y, z]
    assert not outside(twice, lambda x, y, z: x @ y @ z, args, "float16", multilinear(factors=3)).any()
    assert outside(twice * np.float16(1.01), lambda x, y, z: x @ y @ z, args, "float16", multilinear(factors=3)).any()


def test_results_of_another_shape_or_of_no_value_are_outside():
    def refuses(x, y):
        raise ValueError

    assert outside(np.ones(2), np.matmul, [np.ones(2), np.ones(2)], "float64", multilinear()).all()
    assert outside(np.ones(2), refuses, [np.ones(2), np.ones(2)], "float64", multilinear()).all()


def test_one_factor_is_no_product():
    with pytest.raises(ValueError, match="two factors or more"):
        multilinear(1)
