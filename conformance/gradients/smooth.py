"""Inputs at which nearly every function is smooth: no two numbers alike, none near 0 or another half of a whole number.

A maximum has its kinks at ties, `abs` at 0, `round` at halves, `clamp` at its bounds. Differences cannot tell there
what the derivative is, and torch picks one: what it picks is the subject of rows of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance import batches
from conformance.evaluate import Batch
from conformance.inputs import layouts
from conformance.inputs.slots import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.inputs.slots import Structure, TensorSlot

    Array = NDArray[np.float64]

WIDE: Final = "float64"
FEW: Final = 64
"""Numbers up to which every one of them is moved alone, eight times."""

MANY: Final = 4096
"""Numbers up to which a structure is differentiated at all, in a few directions."""

_SMALL: Final = 10
_GAP: Final = 0.04
_RANGES: Final = ((0.26, 1.74, True), (0.26, 1.74, False), (0.06, 0.94, True), (1.06, 2.94, False))
"""Where magnitudes lie, and whether half of them are negative: a logarithm, an arc sine, an `acosh` bear one each.

The first in which a function has a value is taken: all are positive where it has none of negative numbers.
"""


def movable(slot: TensorSlot) -> bool:
    """Tell whether derivatives by the elements of a tensor are asked for: of the unit's own dtype, or of float64."""
    return slot.dtype in (OWN, WIDE) and slot.face == "tensor"


def structures(case: Case, seed: int) -> list[Structure]:
    """Return structures whose tensors hold few numbers, of each rank contiguous ones and others, and one with more."""
    kept = [one for one in batches.structures(case, seed) if not one.spoilt and any(map(movable, one.tensors()))]
    large = [one for one in kept if FEW < size(one) <= MANY]
    kinds: dict[tuple[int, bool], list[Structure]] = {}
    for one in kept:
        if 0 < size(one) <= FEW:
            kinds.setdefault(_kind(one), []).append(one)
    wanted = -(-_SMALL // max(len(kinds), 1))
    return [one for group in kinds.values() for one in _spread(group, wanted, case.seed(seed))] + large[:1]


def _spread(group: Sequence[Structure], wanted: int, seed: int) -> Sequence[Structure]:
    """Return ``wanted`` of a group at even distances, others with another seed."""
    step = max(len(group) // wanted, 1)
    return group[seed % step :: step][:wanted]


def _kind(structure: Structure) -> tuple[int, bool]:
    slots = [slot for slot in structure.tensors() if movable(slot)]
    return len(slots[0].shape), all(slot.layout == "contiguous" for slot in slots)


def size(structure: Structure) -> int:
    """Return how many numbers move."""
    return sum(_cells(slot) for slot in structure.tensors() if movable(slot))


def fills(structure: Structure, dtype: str, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield batches of one fill each for ``structure``, in other ranges of numbers: one may do where another fails."""
    slots = batches.own_slots(structure, dtype)
    which = [movable(slot) for slot in structure.tensors()]
    others = batches.batch(structure, dtype, rng)
    counts = [_cells(slot) for slot, moves in zip(slots, which, strict=True) if moves]
    for low, high, signed in _RANGES:
        numbers = _numbers(sum(counts), low, high, rng)
        signs = np.concatenate([_signs(count, rng) for count in counts]) if signed else np.ones(len(numbers))
        blocks = _filled(slots, which, numbers * signs, others.blocks)
        yield Batch(structure=structure, blocks=blocks, dtype=dtype, count=1)


def _cells(slot: TensorSlot) -> int:
    return layouts.place(slot.shape, slot.layout).size


def _signs(count: int, rng: np.random.Generator) -> Array:
    """Return as many minuses as pluses in any order; of an odd number of signs, which there is one more of is drawn."""
    return np.asarray(rng.permutation(np.resize(rng.permutation([1.0, -1.0]), count)), np.float64)


def _numbers(count: int, low: float, high: float, rng: np.random.Generator) -> Array:
    """Return ``count`` different numbers between, in any order, none within a gap of a half of a whole number.

    Not at even distances, since sums of such numbers are alike, and a minimum of sums has its kinks there.
    """
    gap = (high - low) / (count + 1)
    spread = low + gap * (np.arange(count) + 1 + rng.uniform(-0.3, 0.3, count))
    beside = spread - np.round(spread * 2) / 2
    moved = np.where(np.abs(beside) < _GAP / 2, spread + np.where(beside < 0, -1, 1) * _GAP / 2, spread)
    return np.asarray(rng.permutation(moved), np.float64)


def _filled(
    slots: Sequence[TensorSlot], which: Sequence[bool], numbers: Array, others: Sequence[object]
) -> list[Array]:
    blocks, start = [], 0
    for slot, wanted, other in zip(slots, which, others, strict=True):
        count = _cells(slot)
        blocks.append(numbers[None, start : start + count].copy() if wanted else np.asarray(other)[:1])
        start += count if wanted else 0
    return blocks
