"""The structure of one input: everything about it but its values.

A structure maps each input's name to a slot. Slots know neither torch nor how values are made: they are plain data,
and the two sides build their own inputs from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Face = Literal["tensor", "array", "list"]

OWN: Final = ""
"""Stands for the dtype of the unit."""


@dataclass(frozen=True, kw_only=True)
class TensorSlot:
    """A tensor of ``shape`` and ``dtype`` in a ``layout``.

    ``face`` says what the expressions are handed: a tensor on the torch side and an ndarray on NumPy's (``tensor``), an
    ndarray on both (``array``), nested Python lists on both (``list``). ``domain`` names the values that it may hold.
    ``dtype`` is :data:`OWN` where it is the unit's: one structure serves the units of every dtype.
    """

    shape: tuple[int, ...]
    dtype: str
    layout: str = "contiguous"
    face: Face = "tensor"
    domain: str = "any"

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class ListSlot:
    """A list of tensors; where it is ``repeated``, the last is the very same object as the first."""

    items: tuple[TensorSlot, ...]
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class ValueSlot:
    """A plain Python value, the same on both sides."""

    value: object


@dataclass(frozen=True, kw_only=True)
class DtypeSlot:
    """A dtype by name: torch.int8 on one side, np.dtype("int8") on the other."""

    name: str


Slot: TypeAlias = TensorSlot | ListSlot | ValueSlot | DtypeSlot


@dataclass(frozen=True, kw_only=True)
class Structure:
    """The slots of all inputs, the picks that led to them, and whether one was spoilt on purpose."""

    slots: Mapping[str, Slot]
    trace: tuple[int, ...]
    spoilt: bool = False
    random: bool = False

    def tensors(self) -> Iterator[TensorSlot]:
        """Return every tensor slot, those in lists included, in the order of the inputs."""
        return iter(self._tensors)

    def named(self) -> Iterator[tuple[str, TensorSlot]]:
        """Yield every tensor slot with the name of the input that it belongs to."""
        for name, slot in self.slots.items():
            for tensor in tensors_in(slot):
                yield name, tensor

    @cached_property
    def _tensors(self) -> tuple[TensorSlot, ...]:
        return tuple(slot for _, slot in self.named())

    def for_specials(self) -> bool:
        """Tell whether all combinations of special values are tried: tensors of one element, each a rank below 2."""
        return self._is_for_specials

    @cached_property
    def _is_for_specials(self) -> bool:
        if not self._tensors or self.spoilt or self.random:
            return False
        return all(slot.size == 1 and slot.layout == "contiguous" and len(slot.shape) < 2 for slot in self._tensors)  # noqa: PLR2004 - a rank


def tensors_in(slot: Slot) -> tuple[TensorSlot, ...]:
    """Return the tensor slots that ``slot`` holds."""
    match slot:
        case TensorSlot():
            return (slot,)
        case ListSlot():
            return slot.items
    return ()
