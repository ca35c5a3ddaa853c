"""Generators of what selects elements of another tensor: indices, masks, and the tensors that are put in their place.

An index is a tensor of whole numbers that are valid for an axis of another input; with ``negative`` they may count from
its end. An axis of length 0 has no valid index, so an index of it is empty. Spoilt: numbers past either end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Final

from conformance.inputs.base import Drawing, Input
from conformance.inputs.domains import between
from conformance.inputs.slots import TensorSlot, ValueSlot
from conformance.inputs.tensors import TensorInput, tensor_of
from conformance.inputs.values import call_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.inputs.picker import Picker

    Shape = tuple[int, ...]
    Axis = str | int | None

_FEW: Final = 2
_MANY: Final = 19


@dataclass(frozen=True, kw_only=True)
class Indexing(TensorInput):
    """What the generators about the axis ``dim`` of ``other`` share: an axis, the name of an input, None for all."""

    other: str
    dim: Axis

    def refers_to(self) -> tuple[str, ...]:
        return (self.other, self.dim) if isinstance(self.dim, str) else (self.other,)

    def _axis(self, drawing: Drawing) -> int | None:
        """Return the axis, from 0, or None: all axes, or one that is not there."""
        rank = len(tensor_of(drawing, self.other).shape)
        slot = drawing.slots.get(self.dim) if isinstance(self.dim, str) else None
        number = slot.value if isinstance(slot, ValueSlot) else self.dim
        return number % rank if isinstance(number, int) and -rank <= number < rank else None

    def _length(self, drawing: Drawing) -> int:
        """Return how many values an index may have: a tensor without axes has one element."""
        shape, axis = tensor_of(drawing, self.other).shape, self._axis(drawing)
        if self.dim is None:
            return prod(shape)
        return shape[axis] if axis is not None else 1


@dataclass(frozen=True, kw_only=True)
class Indices(Indexing):
    """Indices into an axis, of any shape whose rank is in ``ndim``, or of the shape of the input ``like``."""

    ndim: tuple[int, int] = (1, 1)
    negative: bool = True
    like: str | None = None

    def refers_to(self) -> tuple[str, ...]:
        return super().refers_to() + ((self.like,) if self.like else ())

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> TensorSlot:
        """Draw a rank, a shape and a layout."""
        length = self._length(drawing)
        if self.like:
            slot = self._slot(tensor_of(drawing, self.like).shape, picker)
            return _within(slot, length, picker, negative=self.negative)
        rank = picker.pick("ranks of index", range(self.ndim[0], self.ndim[1] + 1))
        shape = picker.pick("length", _index_shapes(rank, length))
        return _within(self._slot(shape, picker), length, picker, negative=self.negative)

    def __str__(self) -> str:
        ndim = None if self.ndim == (1, 1) else self.ndim
        return call_text("indices", self.other, self.dim, ndim=ndim, like=self.like, **self._others())

    def _others(self) -> dict[str, object]:
        return {**self._options(), "negative": None if self.negative else False}


def _index_shapes(rank: int, length: int) -> Sequence[Shape]:
    """Return shapes of an index into an axis of ``length``; only empty ones where it is 0."""
    shapes: dict[int, tuple[Shape, ...]] = {
        0: ((),),
        1: ((length,), (1,), (0,), (_FEW,), (length + 1,), (_MANY,)),
        2: ((_FEW, 3), (1, 1), (length, 1), (1, length), (0, 3), (3, 0), (3, 3)),
    }
    offered = shapes.get(rank, ((2, 1, 3),))
    return offered if length or not rank else (tuple(0 for _ in range(rank)),)


def _within(slot: TensorSlot, length: int, picker: Picker, *, negative: bool) -> TensorSlot:
    """Return ``slot`` with the values that an index into an axis of ``length`` may have, or, spoilt, may not."""
    if slot.size and (not length or picker.may_spoil()):
        past = picker.pick("past", (length, -length - 1) if negative else (length,))
        return replace(slot, domain=between(past, past))
    return replace(slot, domain=between(-length if negative else 0, max(length, 1) - 1))


@dataclass(frozen=True, kw_only=True)
class IndicesAlong(Indices):
    """Indices of the same rank as ``other``, and the same sizes on all axes but ``dim``.

    ``smaller`` allows sizes that are less on the others: all 1, or one less each.
    """

    smaller: bool = False

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> TensorSlot:
        """Draw a relation to the sizes on the other axes, a length along the axis, and a layout."""
        shape, axis, length = tensor_of(drawing, self.other).shape, self._axis(drawing), self._length(drawing)
        relation = picker.pick("relation", ("same", "ones", "less") if self.smaller else ("same",))
        lengths = (length, 1, 0, _FEW, length + 1, _MANY) if length else (0,)
        along = picker.pick("length", lengths) if axis is not None else 0
        sizes = tuple(along if a == axis else _related(n, relation) for a, n in enumerate(shape))
        return _within(self._slot(sizes, picker), length, picker, negative=self.negative)

    def __str__(self) -> str:
        return call_text("indices_along", self.other, self.dim, smaller=self.smaller or None, **self._others())


@dataclass(frozen=True, kw_only=True)
class Classes(Indices):
    """Indices into the axis ``dim`` of ``other``, one for each place on its other axes: the targets of a loss."""

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> TensorSlot:
        """Draw a layout."""
        shape, axis = tensor_of(drawing, self.other).shape, self._axis(drawing)
        places = tuple(n for a, n in enumerate(shape) if a != axis)
        return _within(self._slot(places, picker), self._length(drawing), picker, negative=self.negative)

    def __str__(self) -> str:
        return call_text("classes", self.other, self.dim, **self._others())


def _related(size: int, relation: str) -> int:
    return {"ones": min(size, 1), "less": max(size - 1, 0)}.get(relation, size)


@dataclass(frozen=True, kw_only=True)
class Indexed(Indexing):
    """A tensor of the shape that ``other`` has once its axis ``dim`` is indexed with the input ``by``."""

    by: str

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> TensorSlot:
        """Draw a layout."""
        shape, axis, chosen = (
            tensor_of(drawing, self.other).shape,
            self._axis(drawing),
            tensor_of(drawing, self.by).shape,
        )
        if axis is None:
            return self._slot(chosen if self.dim is None else shape, picker)
        return self._slot((*shape[:axis], *chosen, *shape[axis + 1 :]), picker)

    def refers_to(self) -> tuple[str, ...]:
        return (*super().refers_to(), self.by)

    def __str__(self) -> str:
        return call_text("indexed", self.other, self.dim, self.by, **self._options())


@dataclass(frozen=True, kw_only=True)
class Positions(Input):
    """A Python integer that is a valid index into the axis ``dim`` of ``other``, counted from either end.

    Spoilt, or where the axis has the length 0: one past either end.
    """

    other: str
    dim: int

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> ValueSlot:
        """Draw one of the first and the last."""
        shape = tensor_of(drawing, self.other).shape
        length = shape[self.dim] if -len(shape) <= self.dim < len(shape) else 0
        if not length or picker.may_spoil():
            return ValueSlot(value=picker.pick("past", (length, -length - 1)))
        ends = dict.fromkeys((0, length - 1, 1 % length, -1, -length, length // 2))
        return ValueSlot(value=picker.pick("value", tuple(ends)))

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("positions", self.other, self.dim)


@dataclass(frozen=True, kw_only=True)
class Masks(TensorInput):
    """A mask of the elements of ``other``, of its rows, or of all axes but the last; of its first ``ndim`` axes.

    Spoilt: another size on the last of them; one more axis.
    """

    other: str
    ndim: int | None = None

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> TensorSlot:
        """Draw how many axes it covers, and a layout."""
        shape = tensor_of(drawing, self.other).shape
        offered = (len(shape), 1, max(len(shape) - 1, 0)) if self.ndim is None else (self.ndim,)
        kept = shape[: picker.pick("relation", offered)]
        if picker.may_spoil():
            wrong = [(*kept[:-1], size) for size in (kept[-1] + 1, 1, 0) if size != kept[-1]] if kept else []
            kept = picker.pick("wrong", (*wrong, (*shape, 2)))
        return self._slot(kept, picker)

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("masks", self.other, ndim=self.ndim)
