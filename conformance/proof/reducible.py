"""The structures on which a reduction is compared with itself: those of its plan with one tensor, and long ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance import batches
from conformance.inputs.domains import OF_PROGRAMS
from conformance.inputs.slots import ListSlot, Structure, TensorSlot

if TYPE_CHECKING:
    from conformance.case import Case

_PLANNED: Final = 16
_LEAST: Final = 4
_LONG: Final = ((100_003,), (333, 301))

MANY: Final = 100_000
"""Elements that torch shares out among its threads."""


def planned(case: Case) -> list[Structure]:
    """Return some of the structures of ``case``, spread over all."""
    structures = _told_apart(case)
    step = max(len(structures) / _PLANNED, 1)
    return [structures[int(i * step)] for i in range(int(len(structures) / step))]


def lengthened(case: Case) -> list[Structure]:
    """Return structures of more elements than one thread takes, one for each rank and axis, at most six."""
    found: dict[str, Structure] = {}
    for structure in _told_apart(case):
        rank = len(next(structure.tensors()).shape)
        for shape in _LONG:
            if len(shape) == rank:
                slots = {
                    name: replace(slot, shape=shape) if isinstance(slot, TensorSlot) else slot
                    for name, slot in structure.slots.items()
                }
                longer = Structure(slots=slots, trace=structure.trace)
                found.setdefault(repr([shape, next(structure.tensors()).dtype, _others(structure)]), longer)
    return list(found.values())[:: max(len(found) // 6, 1)][:6]


def _told_apart(case: Case) -> list[Structure]:
    """Return the planned structures with one tensor, without those that differ in its layout alone."""
    found: dict[str, Structure] = {}
    for structure in filter(_has_one_tensor, batches.structures(case, 0)):
        slot = next(structure.tensors())
        found.setdefault(repr([slot.shape, slot.dtype, _others(structure)]), structure)
    return list(found.values())


def _has_one_tensor(structure: Structure) -> bool:
    slots = list(structure.tensors())
    if structure.spoilt or len(slots) != 1 or any(isinstance(slot, ListSlot) for slot in structure.slots.values()):
        return False
    of_a_program = slots[0].domain in OF_PROGRAMS  # which has one shape, and carries on every rounding
    return slots[0].face == "tensor" and slots[0].size >= _LEAST and not of_a_program


def _others(structure: Structure) -> list[object]:
    return [slot for slot in structure.slots.values() if not isinstance(slot, TensorSlot)]
