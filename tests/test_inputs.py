"""What a unit is run on: the corners that the plan makes certain, and inputs that can be made again."""

from itertools import product

import numpy as np
import pytest

from conformance import (
    arrays,
    axes,
    axis_tuples,
    broadcastable,
    dtypes,
    joinable,
    like,
    lists,
    new_axes,
    reshapes,
    scalars,
    shapes,
    tensors,
    values,
)
from conformance import dtype as dt
from conformance.batches import batches
from conformance.evaluate import numpy_inputs, torch_inputs
from conformance.inputs import fills, layouts, plan
from conformance.inputs import shapes as all_shapes
from conformance.inputs.given import given
from conformance.inputs.slots import ListSlot, Structure, TensorSlot, ValueSlot

from .helpers import FLOAT, case_of


def drawn(seed=1, **inputs) -> list[Structure]:
    return [structure for _, structure in plan.enumerated(inputs, seed)]


def sound(seed=1, **inputs) -> list[Structure]:
    return [structure for structure in drawn(seed, **inputs) if not structure.spoilt]


@pytest.mark.parametrize("seed", [0, 1, 20417])
def test_every_length_up_to_70(seed):
    shapes_seen = {s.slots["x"].shape for s in sound(seed, x=tensors())}
    assert {(n,) for n in range(71)} <= shapes_seen


@pytest.mark.parametrize("seed", [0, 1, 20417])
def test_two_of_the_same_shape_of_every_length(seed):
    pairs = {(s.slots["x"], s.slots["y"]) for s in sound(seed, x=tensors(), y=broadcastable("x"))}
    plain = {x.shape for x, y in pairs if x.shape == y.shape and x.layout == y.layout == "contiguous"}
    assert {(n,) for n in range(71)} <= plain


@pytest.mark.parametrize("seed", [0, 7])
def test_every_signed_axis_of_every_rank(seed):
    seen = {(len(s.slots["x"].shape), s.slots["dim"].value) for s in sound(seed, x=tensors(), dim=axes("x"))}
    wanted = {(rank, axis) for rank in range(1, 5) for axis in range(-rank, rank)}
    assert wanted | {(0, 0), (0, -1)} <= seen


def test_every_place_for_a_new_axis():
    seen = {(len(s.slots["x"].shape), s.slots["dim"].value) for s in sound(x=tensors(), dim=new_axes("x"))}
    assert {(rank, axis) for rank in range(5) for axis in range(-rank - 1, rank + 1)} <= seen


@pytest.mark.parametrize("rank", [2, 3, 4])
def test_every_pair_of_axes_with_equal_sizes_side_by_side(rank):
    inputs = {"x": tensors(), "a": axes("x"), "b": axes("x")}
    equal = [s for s in sound(**inputs) if s.slots["x"].shape in ((3, 3), (2, 3, 3), (2, 3, 3, 2))]
    seen = {(s.slots["a"].value, s.slots["b"].value) for s in equal if len(s.slots["x"].shape) == rank}
    assert set(product(range(-rank, rank), repeat=2)) <= seen


@pytest.mark.parametrize("size", [0, 1])
def test_sizes_0_and_1_at_every_axis_of_every_rank(size):
    shapes_seen = [s.slots["x"].shape for s in sound(x=tensors())]
    seen = {(len(shape), axis) for shape in shapes_seen for axis, n in enumerate(shape) if n == size}
    assert {(rank, axis) for rank in range(1, 5) for axis in range(rank)} <= seen


@pytest.mark.parametrize("seed", [0, 3])
def test_every_pair_of_layouts(seed):
    structures = sound(seed, x=tensors(), y=like("x"))
    seen = {(s.slots["x"].layout, s.slots["y"].layout) for s in structures}
    assert set(product(layouts.LAYOUTS, repeat=2)) <= seen


@pytest.mark.parametrize("sweep", plan.PLAN, ids=lambda sweep: sweep.name)
def test_every_shape_that_a_sweep_names_can_be_picked(sweep):
    offered = {shape for of_rank in all_shapes.BY_RANK for shape in of_rank}
    assert set(sweep.wanted.get("shape") or ()) <= offered


def test_inputs_that_are_written_to_do_not_overlap():
    kept = set(layouts.LAYOUTS) - set(layouts.OVERLAPPING)
    assert {s.slots["x"].layout for s in sound(x=tensors(overlapping=False))} == kept
    assert {s.slots["y"].layout for s in sound(x=tensors(), y=broadcastable("x", overlapping=False))} == kept


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_empty_tensor_at_every_position_of_a_list(count):
    items = [s.slots["xs"].items for s in sound(xs=joinable("dim"), dim=axes("xs"))]
    seen = {i for some in items if len(some) == count for i, item in enumerate(some) if item.size == 0}
    assert seen == set(range(count))


def test_a_legacy_empty_tensor_at_every_position():
    items = [s.slots["xs"].items for s in sound(xs=joinable("dim", legacy_empty=True), dim=axes("xs"))]
    seen = {i for some in items for i, item in enumerate(some) if item.shape == (0,) and len(some) == 3}
    assert seen == {0, 1, 2}


def test_joinable_tensors_differ_along_the_promised_axis_only():
    for s in sound(xs=joinable("dim"), dim=axes("xs")):
        shapes_of = [item.shape for item in s.slots["xs"].items]
        axis = s.slots["dim"].value % len(shapes_of[0])
        assert len({shape[:axis] + shape[axis + 1 :] for shape in shapes_of}) == 1


def test_a_list_that_holds_one_tensor_twice():
    seen = {s.slots["xs"].repeated for s in sound(xs=joinable("dim"), dim=axes("xs"))}
    assert seen == {False, True}


def test_a_repeated_tensor_is_one_object_on_both_sides():
    case = case_of(
        "torch.cat(xs, dim)", "np.concatenate(xs, axis=dim)", xs=joinable("dim", dtypes=FLOAT), dim=axes("xs")
    )
    batch = next(b for b in batches(case, "-", 0, 25) if b.structure.slots["xs"].repeated)
    for side in (numpy_inputs(batch), torch_inputs(batch, "cpu")):
        assert all(args[0][0] is args[0][-1] for args in side.args)


@pytest.mark.parametrize(
    "inputs",
    [
        {"x": tensors(), "dim": axes("x")},
        {"x": tensors(), "dims": axis_tuples("x")},
        {"x": tensors(), "y": broadcastable("x")},
        {"xs": joinable("dim"), "dim": axes("xs")},
        {"x": tensors(), "shape": reshapes("x")},
        {"shape": shapes()},
    ],
    ids=lambda inputs: str(next(reversed(inputs.values()))),
)
def test_some_inputs_are_spoilt(inputs):
    structures = drawn(**inputs)
    spoilt = [s for s in structures if s.spoilt]
    assert len(spoilt) >= 3
    assert len(spoilt) < len(structures) / 4


def test_spoilt_axes_lie_past_either_end():
    for s in drawn(x=tensors(), dim=axes("x")):
        rank = max(len(s.slots["x"].shape), 1)
        assert (-rank <= s.slots["dim"].value < rank) is not s.spoilt


def test_axes_just_past_either_end_are_tried():
    for generator, more in ((axes("x"), 0), (new_axes("x"), 1)):
        spoilt = [s for s in drawn(x=tensors(), dim=generator) if s.spoilt]
        beyond = {s.slots["dim"].value - max(len(s.slots["x"].shape) + more, 1) for s in spoilt}
        below = {s.slots["dim"].value + max(len(s.slots["x"].shape) + more, 1) for s in spoilt}
        assert 0 in beyond
        assert -1 in below


def test_tuples_of_axes_mix_their_signs():
    structures = sound(x=tensors(), dims=axis_tuples("x"))
    signs = {tuple(axis < 0 for axis in s.slots["dims"].value) for s in structures}
    assert set(product((False, True), repeat=2)) <= signs
    chosen = [
        [axis % len(s.slots["x"].shape) for axis in s.slots["dims"].value] for s in structures if s.slots["dims"].value
    ]
    assert all(len(set(some)) == len(some) for some in chosen)


def test_reshapes_hold_all_elements():
    for s in sound(x=tensors(), shape=reshapes("x")):
        sizes = s.slots["shape"].value
        known = int(np.prod([n for n in sizes if n != -1]))
        assert known == s.slots["x"].size or (-1 in sizes and (known == 0 or s.slots["x"].size % known == 0))


def test_every_scalar_dtype_and_value_offered():
    inputs = {"a": scalars("int"), "b": dtypes("int8", "bool"), "c": values(1, 2, 3)}
    structures = sound(**inputs)
    assert len({s.slots["a"].value for s in structures}) > 10
    assert {(s.slots["b"].name, s.slots["c"].value) for s in structures} == set(product(("int8", "bool"), (1, 2, 3)))


@pytest.mark.parametrize("spoil", [False, True])
def test_a_trace_leads_to_its_structure_again(spoil):
    inputs = {"x": tensors(), "y": broadcastable("x"), "dim": axes("x"), "k": scalars("int", "float")}
    structures = [*drawn(**inputs), *plan.random_structures(inputs, 1, 40)]
    chosen = [s for s in structures if s.spoilt is spoil]
    assert chosen
    assert all(plan.redraw(inputs, s, s.trace, 1) == s for s in chosen)


def test_random_structures_follow_from_the_seed():
    inputs = {"x": tensors(), "dim": axes("x")}
    assert plan.random_structures(inputs, 5, 20) == plan.random_structures(inputs, 5, 20)
    assert plan.random_structures(inputs, 5, 20) != plan.random_structures(inputs, 6, 20)
    assert len({s.slots["x"].shape for s in plan.random_structures(inputs, 5, 60)}) > 25


def test_no_structure_comes_twice():
    structures = drawn(x=tensors(), y=broadcastable("x"))
    assert len({(s.trace, s.spoilt) for s in structures}) == len(structures)


def test_batches_are_the_same_each_time_and_others_for_another_seed():
    case = case_of("x + y", "x + y", x=tensors(), y=broadcastable("x"))
    first, again, other = (list(batches(case, "float32", seed, 3)) for seed in (1, 1, 2))
    assert [[b.tobytes() for b in one.blocks] for one in first] == [[b.tobytes() for b in one.blocks] for one in again]
    assert [[b.tobytes() for b in one.blocks] for one in first] != [[b.tobytes() for b in one.blocks] for one in other]


@pytest.mark.parametrize("dtype", dt.ALL)
def test_a_pool_holds_every_special_value(dtype):
    pool, starts = fills.pool(dtype, 0)
    assert len(pool) == fills.LENGTH * len(starts)
    assert pool.dtype == dt.carrier(dtype)
    wanted = {value.tobytes() for value in fills.specials(dtype)}
    kept = {value.tobytes() for value in pool}
    assert wanted <= kept or (dt.is_complex(dtype) and len(wanted & kept) > len(wanted) / 2)


@pytest.mark.parametrize(
    ("domain", "allowed"),
    [("finite", np.isfinite), ("nonzero", lambda x: x != 0), ("small", lambda x: abs(x) <= 64)],
)
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_domains(domain, allowed, dtype):
    slot = TensorSlot(shape=(50,), dtype=dtype, domain=domain)
    block = fills.fill(slot, 200, 0, fills.Dice(np.random.default_rng(0)))
    assert allowed(block).all()


def test_all_pairs_of_special_values_on_one_element():
    case = case_of("x + y", "x + y", x=tensors(dtypes=FLOAT), y=like("x", dtypes=FLOAT))
    whole = [b for b in batches(case, "-", 0, 25) if [s.shape for s in b.structure.tensors()] == [(), ()]]
    pairs = {(b.blocks[0][i].tobytes(), b.blocks[1][i].tobytes()) for b in whole for i in range(b.count)}
    wanted = {value.tobytes() for value in fills.specials("float32")}
    assert set(product(wanted, repeat=2)) <= pairs


@pytest.mark.parametrize("name", layouts.LAYOUTS)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (3, 2, 4), (2, 3, 1, 2), (0, 3)])
def test_layouts_on_both_sides_are_the_same_view(name, shape):
    if len(shape) < layouts.LAYOUTS[name].least_rank:
        return
    place = layouts.place(shape, name)
    storage = np.arange(place.size)
    view = layouts.view_of(storage, shape, place)
    size = int(np.prod(place.base))
    assert np.array_equal(view, layouts.apply(place.view, storage[:size].reshape(place.base)))


EXAMPLES = {
    "plain": np.arange(6.0).reshape(2, 3),
    "transposed": np.arange(6.0).reshape(3, 2).T,
    "strided": np.arange(9.0)[::2],
    "0-d": np.array(3.0),
    "empty": np.zeros((2, 0)),
    "expanded": np.broadcast_to(np.arange(3.0), (2, 3)),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("generator", [tensors(), arrays(), tensors(dtypes=("float64",))], ids=str)
def test_a_given_array_comes_back(generator, example):
    slot, (block,) = given(generator, example, "float64")
    view = layouts.view_of(block[0], slot.shape, layouts.place(slot.shape, slot.layout))
    assert np.array_equal(view, example)
    long = [axis for axis, size in enumerate(example.shape) if size > 1 and example.size]
    assert [view.strides[axis] for axis in long] == [example.strides[axis] for axis in long]


def test_given_values_take_the_dtype_of_the_unit_or_keep_their_own():
    followed, (block,) = given(tensors(), np.array([1.5]), "int8")
    kept, (other,) = given(tensors(dtypes=FLOAT), np.array([1.5], np.float32), "int8")
    assert (followed.dtype, block.dtype) == ("", np.int8)
    assert (kept.dtype, other.dtype) == ("float32", np.float32)


def test_given_lists_scalars_and_dtypes():
    slot, blocks = given(joinable("dim"), [np.zeros(2), np.ones(3)], "float32")
    assert isinstance(slot, ListSlot)
    assert [len(block[0]) for block in blocks] == [2, 3]
    assert given(scalars("int"), 3, "float32") == (ValueSlot(value=3), [])
    assert given(lists(), [[1, 2]], "int64")[0].face == "list"


def test_a_layout_without_a_name_is_refused():
    with pytest.raises(ValueError, match="in no layout that has a name"):
        given(tensors(), np.arange(9.0)[::-1], "float64")
