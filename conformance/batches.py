"""The batches of a unit, in the order in which they are run: the enumerated plan, then the random structures.

Everything follows from the case, the dtype and the seed, so batch number 37 of a unit is the same in every process:
that is how the input that killed a worker is named afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.dtype import NONE
from conformance.evaluate import Batch, made_any, unit_dtype
from conformance.inputs import fills, layouts, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.case import Case
    from conformance.inputs.slots import Structure, TensorSlot

DEFAULT_BUDGET: Final = 25
"""Random structures a unit."""

_UNCLAIMED_SHARE: Final = 1 / 3
_FILLS_OF_RANDOM: Final = 24
_FILLS_OF_PLANNED: Final = 6
_FEWEST_FILLS: Final = 2
_MOST_ELEMENTS: Final = 20_000
_SPECIAL_PAIRS: Final = 300


def batches(case: Case, dtype: str, seed: int, budget: int) -> Iterator[Batch]:
    """Yield the batches of a unit: the plan, then ``budget`` random structures.

    Of the sweeps that are dealt out, each dtype has a share, another one than its neighbours, than with the next seed,
    and perhaps than in other cases of the same operation; from twice the default budget on each has all. All
    combinations of special values are in every share. Above the default budget the fills of the plan grow with it;
    below, and outside of the dtypes claimed, a share of the plan is run, another one with each seed.
    """
    share = min(budget / DEFAULT_BUDGET, 1.0) * (1 if dtype in (*case.dtypes, NONE) else _UNCLAIMED_SHARE)
    dice = fills.Dice(np.random.default_rng([case.seed(seed), *dtype.encode()]))
    planned = round(_FILLS_OF_PLANNED * max(budget / DEFAULT_BUDGET, 1.0))
    alone = fills.Dice(np.random.default_rng([case.seed(seed), *dtype.encode(), 1]))

    def made(structure: Structure, wanted: int) -> Batch:
        batch = _batch(structure, dtype, seed, dice, min(wanted, case.fills or wanted))
        return batch if case.fills else _with_lone_special(batch, seed, alone)

    seen: set[tuple[int, ...]] = set()
    for structure in _shared(_own_structures(case, dtype, seed, budget), share, seed):
        seen.add(structure.trace)
        yield made(structure, planned)
    for structure in _random(case, seed, budget):
        if made_any(structure) or structure.trace not in seen:  # without tensors, it would be the same inputs again
            seen.add(structure.trace)
            yield made(structure, _FILLS_OF_RANDOM)


def _own_structures(case: Case, dtype: str, seed: int, budget: int) -> list[Structure]:
    if dtype == NONE or budget >= 2 * DEFAULT_BUDGET:
        return structures(case, seed)
    planned = _planned(case, seed)
    own = plan.dealt_to(planned, case.unit_dtypes().index(dtype) + case.seed(0) + seed)
    special = (structure for _, structure in planned if structure.for_specials())
    return own if any(structure.for_specials() for structure in own) else [*islice(special, 1), *own]


def _shared(structures: list[Structure], share: float, seed: int) -> list[Structure]:
    """Return every n-th of ``structures``, beginning at one that depends on the seed."""
    step = round(1 / share)
    return structures[seed % step :: step]


_CACHE: dict[tuple[str, str, int, int], tuple[Case, list[Any]]] = {}


def _remembered(case: Case, kind: str, seed: int, budget: int, draw: Callable[[], Iterable[Any]]) -> list[Any]:
    """Structures serve the units of every dtype of a case; those of the last case are kept."""
    key = (case.id, kind, seed, budget)
    kept = _CACHE.get(key)
    if kept is None or kept[0] is not case:
        for other in [k for k, v in _CACHE.items() if v[0] is not case]:
            del _CACHE[other]
        kept = _CACHE[key] = case, list(draw())
    return kept[1]


def _planned(case: Case, seed: int) -> list[tuple[plan.Sweep, Structure]]:
    return _remembered(case, "plan", seed, 0, lambda: plan.enumerated(case.inputs, case.seed(seed)))


def structures(case: Case, seed: int) -> list[Structure]:
    """Return the planned structures of a case, those of every dtype."""
    return [structure for _, structure in _planned(case, seed)]


def _random(case: Case, seed: int, budget: int) -> list[Structure]:
    return _remembered(
        case, "random", seed, budget, lambda: plan.random_structures(case.inputs, case.seed(seed), budget)
    )


def batch(structure: Structure, dtype: str, rng: np.random.Generator) -> Batch:
    """Return a batch of any values for ``structure``."""
    return _batch(structure, dtype, 0, fills.Dice(rng), _FEWEST_FILLS)


def _batch(structure: Structure, dtype: str, seed: int, dice: fills.Dice, wanted: int) -> Batch:
    slots = own_slots(structure, dtype)
    if not slots:
        return Batch(structure=structure, blocks=(), dtype=dtype, count=1)
    if structure.for_specials():
        blocks = fills.special_fills(slots, _SPECIAL_PAIRS)
        return Batch(structure=structure, blocks=blocks, dtype=dtype, count=len(blocks[0]))
    size = sum(layouts.place(slot.shape, slot.layout).size for slot in slots)
    most = _FEWEST_FILLS if structure.spoilt else wanted
    count = max(min(most, _MOST_ELEMENTS // size), min(wanted, _FEWEST_FILLS))
    blocks = [fills.fill(slot, count, seed, dice) for slot in slots]
    return Batch(structure=structure, blocks=blocks, dtype=dtype, count=count)


def _with_lone_special(batch: Batch, seed: int, dice: fills.Dice) -> Batch:
    """Return ``batch`` with one more fill, in which one number is special, where such fills are not all there is."""
    if not batch.blocks or batch.structure.spoilt or batch.structure.for_specials():
        return batch
    more = fills.with_one_special(own_slots(batch.structure, batch.dtype), seed, dice)
    blocks = [np.concatenate(pair) for pair in zip(batch.blocks, more, strict=True)]
    return replace(batch, blocks=blocks, count=batch.count + 1)


def own_slots(structure: Structure, dtype: str) -> list[TensorSlot]:
    """Return the tensor slots of ``structure`` in a unit of ``dtype``."""
    return [_own(slot, dtype) for slot in structure.tensors()]


@lru_cache(maxsize=65536)
def _own(slot: TensorSlot, dtype: str) -> TensorSlot:
    """Return ``slot`` with the unit's dtype where it has none of its own."""
    return replace(slot, dtype=unit_dtype(slot, dtype))
