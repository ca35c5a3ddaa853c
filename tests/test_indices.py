"""What selects elements of another tensor: indices that are valid, or not on purpose; masks that fit."""

import numpy as np
import pytest

from conformance import Difference, axes, classes, indexed, indices, indices_along, masks, positions, tensors
from conformance.batches import batches
from conformance.differences import compile_differences, regions
from conformance.evaluate import numpy_inputs
from conformance.inputs import domains, plan
from conformance.sized import sized_inputs

from .helpers import case_of


def inputs_of(case, *, spoilt=False):
    for batch in batches(case, "float32", 1, 25):
        if batch.structure.spoilt == spoilt:
            yield from numpy_inputs(batch).args


def case(numpy="np.take(x, i, axis=dim)", **inputs):
    return case_of("torch.index_select(x, dim, i)", numpy, **{"x": tensors(), "dim": axes("x"), **inputs})


@pytest.mark.parametrize("negative", [True, False])
def test_indices_are_valid_and_reach_both_ends(negative):
    seen = set()
    for x, dim, i in inputs_of(case(i=indices("x", "dim", negative=negative))):
        length = x.shape[dim] if x.ndim else 1
        assert i.dtype == np.int64
        assert i.size == 0 or (-length * negative <= i.min() and i.max() < length)
        seen |= {"first" if value == 0 else "last" for value in i if value in (0, length - 1)}
        seen |= {"negative" for value in i if value < 0}
    assert seen == ({"first", "last", "negative"} if negative else {"first", "last"})


def test_spoilt_indices_are_past_the_end():
    past = set()
    for x, dim, i in inputs_of(case(i=indices("x", "dim")), spoilt=True):
        if i.size and -max(x.ndim, 1) <= dim < max(x.ndim, 1):
            length = x.shape[dim] if x.ndim else 1
            if not np.all((i >= -length) & (i < length)):
                past.add(bool(i.min() < 0))
    assert past == {True, False}


def test_an_index_may_have_any_rank_and_count_all_elements():
    ranks = set()
    for x, i in inputs_of(case_of("x.take(i)", "np.take(x, i)", x=tensors(), i=indices("x", None, ndim=(0, 2)))):
        np.take(x, i) if x.size else None
        ranks.add(i.ndim)
    assert ranks == {0, 1, 2}


def test_two_indices_of_one_shape_select_together():
    made = case_of("x[i, j]", "x[i, j]", x=tensors(ndim=(2, 3)), i=indices("x"), j=indices("x", 1, like="i"))
    assert all(x[i, j].shape == i.shape + x.shape[2:] for x, i, j in inputs_of(made) if x.size or not i.size)


def test_indices_along_an_axis_fit_take_along_axis():
    made = case("np.take_along_axis(x, i, dim)", x=tensors(ndim=(1, 4)), i=indices_along("x", "dim"))
    lengths = set()
    for x, dim, i in inputs_of(made):
        assert np.take_along_axis(x, i, dim).shape == i.shape
        lengths.add(np.sign(i.shape[dim] - x.shape[dim]))
    assert lengths == {-1, 0, 1}


def test_there_is_a_class_for_each_sample():
    torch, numpy = "torch.nn.functional.nll_loss(x, y)", "x[:, y]"
    for dim, shape in ((0, ()), (1, (2, 3))):
        made = case_of(torch, numpy, x=tensors(ndim=1 + 2 * dim), y=classes("x", dim))
        seen = set()
        for x, y in inputs_of(made):
            assert y.shape == x.shape[:dim] + x.shape[dim + 1 :]
            assert y.size == 0 or (y.min() >= 0 and y.max() < max(x.shape[dim], 1))
            seen |= {y.shape} | ({"last"} if y.size and x.shape[dim] > 1 and y.max() == x.shape[dim] - 1 else set())
        assert {shape, "last"} <= seen
        assert {len(x.shape) for x, y in inputs_of(made, spoilt=True) if y.size and y.max() >= x.shape[dim]}


def test_smaller_indices_are_smaller_on_the_other_axes():
    made = case("np.take_along_axis(x, i, dim)", x=tensors(ndim=(2, 3)), i=indices_along("x", "dim", smaller=True))
    smaller = [
        any(small < n for axis, (small, n) in enumerate(zip(i.shape, x.shape, strict=True)) if axis != dim % x.ndim)
        for x, dim, i in inputs_of(made)
    ]
    assert any(smaller)
    assert not all(smaller)


def test_a_tensor_of_the_shape_of_what_is_indexed():
    for x, dim, i, y in inputs_of(case("x, dim, i, y", i=indices("x", "dim", ndim=(0, 2)), y=indexed("x", "dim", "i"))):
        if x.ndim and x.size:
            assert y.shape == np.take(x, i, axis=dim).shape
            assert y.dtype == x.dtype


def test_masks_cover_the_first_axes_unless_spoilt():
    made = case_of("x[m]", "x[m]", x=tensors(), m=masks("x"))
    assert all(m.dtype == bool and m.shape == x.shape[: m.ndim] for x, m in inputs_of(made))
    assert {(x.ndim, m.ndim) for x, m in inputs_of(made)} >= {(0, 0), (1, 1), (3, 1), (3, 2), (3, 3)}
    assert all(m.shape != x.shape[: m.ndim] for x, m in inputs_of(made, spoilt=True))
    rows = case_of("x[m]", "x[m]", x=tensors(ndim=(1, 3)), m=masks("x", ndim=1))
    assert all(m.shape == x.shape[:1] for x, m in inputs_of(rows))


def test_a_position_is_an_integer_that_counts_from_either_end_unless_spoilt():
    made = case_of("x[i]", "x[i]", x=tensors(ndim=(1, 3)), i=positions("x", -1))
    sound = [(x.shape[-1], i) for x, i in inputs_of(made)]
    assert all(-n <= i < n for n, i in sound if n)
    assert all(not -n <= i < n for n, i in sound if not n)
    assert {np.sign(i) for _, i in sound} == {-1, 0, 1}
    assert {n for n, i in sound if i == n - 1 > 0} & {n for n, i in sound if i == -n < 0}
    assert all(not -x.shape[-1] <= i < x.shape[-1] for x, i in inputs_of(made, spoilt=True))


def test_a_condition_on_indices_is_one_on_their_values():
    past = Difference("x", example={"x": [1], "i": [-1]}, when="np.any(i < 0)", torch="x")
    made = case_of("x[i]", "x[i]", x=tensors(ndim=1), i=indices("x"), differs=[past])
    (declared,) = compile_differences(made, "float32")
    (batch, *_) = [
        b for b in batches(made, "float32", 1, 25) if len({bool(np.any(i < 0)) for _, i in numpy_inputs(b).args}) == 2
    ]
    (region,) = regions([declared], batch, "cpu", None)
    assert region.whole == [bool(np.any(i < 0)) for _, i in numpy_inputs(batch).args]


def test_a_range_wraps_round():
    assert domains.fitted(np.array([-3, 0, 1, 7, 2**40]), domains.between(-2, 1)).tolist() == [-1, 0, 1, 1, -2]
    assert domains.fitted(np.array([9.5]), "any").tolist() == [9.5]
    assert domains.bounds("small") is None


def test_a_benchmark_has_as_many_valid_indices_as_the_axis_is_long():
    x, dim, i = numpy_inputs(sized_inputs(case(i=indices("x", "dim")), "float32", 10_000)).args[0]
    assert i.shape == (x.shape[dim],)


@pytest.mark.parametrize(
    ("generator", "text"),
    [
        (indices("x"), "indices('x', 0)"),
        (
            indices("x", None, ndim=2, negative=False),
            "indices('x', None, ndim=(2, 2), dtypes=('int64',), negative=False)",
        ),
        (indices_along("x", "dim", smaller=True), "indices_along('x', 'dim', smaller=True, dtypes=('int64',))"),
        (indexed("x", "dim", "i"), "indexed('x', 'dim', 'i')"),
        (positions("x", 1), "positions('x', 1)"),
        (masks("x"), "masks('x')"),
    ],
)
def test_generators_print_as_they_are_written(generator, text):
    assert str(generator).replace(", dtypes=('int64',))", ")") == text.replace(", dtypes=('int64',))", ")")
    assert not generator.follows_unit() or text.startswith("indexed")


def test_the_plan_draws_each_input_after_those_it_refers_to():
    made = {"y": indexed("x", "dim", "i"), "i": indices("x", "dim"), "dim": axes("x"), "x": tensors()}
    assert plan.drawing_order(made) == ["x", "dim", "i", "y"]
