"""When a fault shows: conditions on the structure of the inputs, and the cases that ought to meet each.

A condition concerns a case by what its inputs *claim*: any generator of tensors with axes claims every layout and
length, any axis claims both signs. Inputs that claim it and never hold it are what the conditions are there to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.inputs.slots import ListSlot, TensorSlot, ValueSlot, tensors_in
from conformance.inputs.tensors import Broadcastable, Joinable, TensorInput, Tensors
from conformance.inputs.values import Axes, AxisTuples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.case import Case
    from conformance.evaluate import Batch
    from conformance.inputs.slots import Structure

_PAST: Final = 16
_HIGH_RANK: Final = 3
_LONG_LIST: Final = 3


@dataclass(frozen=True, kw_only=True)
class Condition:
    """In which structures a fault shows, and which cases must hold such structures."""

    name: str
    of: Callable[[Structure], bool]
    concerns: Callable[[Case], bool]

    def holds(self, batch: Batch) -> bool:
        """Tell whether the fault shows on ``batch``."""
        return self.of(batch.structure)


def _generators(case: Case) -> Iterator[TensorInput]:
    return (given for given in case.inputs.values() if isinstance(given, TensorInput))


def _highest_rank(case: Case) -> int:
    ranks = [given.ndim[1] for given in _generators(case) if isinstance(given, Tensors)]
    return max(ranks, default=0) if not any(isinstance(g, Joinable) for g in _generators(case)) else _HIGH_RANK


def _has_axes(case: Case) -> bool:
    return _highest_rank(case) > 0


def _has_layouts(case: Case) -> bool:
    return _has_axes(case) and any(given.face != "list" for given in _generators(case))


def _tensors(structure: Structure) -> list[TensorSlot]:
    return list(structure.tensors())


def _any(test: Callable[[TensorSlot], bool]) -> Callable[[Structure], bool]:
    return lambda structure: any(map(test, structure.tensors()))


def _in_layout(*names: str) -> Callable[[Structure], bool]:
    return _any(lambda slot: slot.layout in names and slot.size > 1)


def _past_the_end_of_a_register(structure: Structure) -> bool:
    return any(slot.size > _PAST and slot.size % 4 == 3 for slot in structure.tensors())  # noqa: PLR2004 - the last lane of four


def _negative_axis(structure: Structure) -> bool:
    return any(_is_negative(slot.value) for slot in structure.slots.values() if isinstance(slot, ValueSlot))


def _is_negative(value: Any) -> bool:
    axes = value if isinstance(value, tuple) else (value,)
    return any(isinstance(axis, int) and not isinstance(axis, bool) and axis < 0 for axis in axes)


def _shapes_differ(structure: Structure) -> bool:
    return len({slot.shape for slot in structure.slots.values() if isinstance(slot, TensorSlot)}) > 1


def _long_list(structure: Structure) -> bool:
    return any(isinstance(s, ListSlot) and len(tensors_in(s)) >= _LONG_LIST for s in structure.slots.values())


def _takes(*generators: type) -> Callable[[Case], bool]:
    return lambda case: any(isinstance(given, generators) for given in case.inputs.values())


def _overlaps(case: Case) -> bool:
    return _has_layouts(case) and all(given.overlapping for given in _generators(case))


CONDITIONS: Final = (
    Condition(name="for strided input", of=_in_layout("strided", "rows", "window"), concerns=_has_layouts),
    Condition(
        name="for transposed input",
        of=_in_layout("transposed", "swapped", "rotated"),
        concerns=lambda case: _has_layouts(case) and _highest_rank(case) > 1,
    ),
    Condition(name="for expanded input", of=_in_layout("expanded", "repeated"), concerns=_overlaps),
    Condition(name="for input at an offset", of=_in_layout("offset"), concerns=_has_layouts),
    Condition(name="past 16 elements", of=_any(lambda slot: slot.size > _PAST), concerns=_has_axes),
    Condition(name="in the last lane of a long input", of=_past_the_end_of_a_register, concerns=_has_axes),
    Condition(name="for size 0", of=_any(lambda slot: slot.size == 0), concerns=_has_axes),
    Condition(
        name="for 0-d input",
        of=_any(lambda slot: not slot.shape),
        concerns=lambda case: any(isinstance(g, Tensors) and g.ndim[0] == 0 for g in _generators(case)),
    ),
    Condition(
        name="for rank 3 and more",
        of=_any(lambda slot: len(slot.shape) >= _HIGH_RANK),
        concerns=lambda case: _highest_rank(case) >= _HIGH_RANK,
    ),
    Condition(name="for a negative axis", of=_negative_axis, concerns=_takes(Axes, AxisTuples)),
    Condition(name="for shapes that differ", of=_shapes_differ, concerns=_takes(Broadcastable)),
    Condition(name="for three tensors and more", of=_long_list, concerns=_takes(Joinable)),
)
