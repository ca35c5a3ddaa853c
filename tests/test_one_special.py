"""One special number among finite ones: what a tensor that is special throughout, or here and there, seldom shows."""

import numpy as np

from conformance import normals, tensors
from conformance.batches import batches
from conformance.inputs import fills
from conformance.inputs.slots import TensorSlot

from .helpers import FLOAT, case_of


def last_fills(case, dtype="-"):
    """Return the last fill of every batch that has more than one number."""
    made = (batch for batch in batches(case, dtype, 0, 25) if not batch.structure.for_specials())
    whole = (batch for batch in made if batch.blocks and not batch.structure.spoilt)
    return [batch.blocks[0][-1] for batch in whole if batch.blocks[0].shape[1] > 1]


def test_the_last_fill_of_every_batch_has_at_most_one():
    last = last_fills(case_of("x.sum()", "np.sum(x)", x=tensors(dtypes=FLOAT)))
    apart = [int((~np.isfinite(storage)).sum()) for storage in last]
    assert len(last) > 100
    assert set(apart) == {0, 1}
    assert sum(apart) > 10  # an infinity of either sign, and NaN, are three of the special numbers


def test_each_of_several_tensors_has_its_turn():
    slots = [TensorSlot(shape=(4,), dtype="float64", domain="any")] * 2
    dice = fills.Dice(np.random.default_rng(0))
    made = [fills.with_one_special(slots, 0, dice) for _ in range(200)]
    apart = np.array([[int((~np.isfinite(block)).sum()) for block in blocks] for blocks in made])
    assert {tuple(pair) for pair in apart} == {(0, 0), (0, 1), (1, 0)}


def test_it_is_of_the_domain():
    slots = [TensorSlot(shape=(4,), dtype="float32", domain="nonzero")]
    dice = fills.Dice(np.random.default_rng(0))
    assert all((fills.with_one_special(slots, 0, dice)[0] != 0).all() for _ in range(200))


def test_programs_get_none():
    tame = last_fills(case_of("x.sum()", "np.sum(x)", x=normals(6, dtypes=FLOAT)))
    assert tame
    assert all((storage != 0).all() for storage in tame)


def test_a_row_of_few_fills_gets_none():
    few = case_of("x.sum()", "np.sum(x)", x=tensors(dtypes=FLOAT), fills=1)
    counts = {batch.count for batch in batches(few, "-", 0, 25) if not batch.structure.for_specials()}
    assert counts == {1}
