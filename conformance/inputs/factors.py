"""Generators of tensors that fit a product: of matrices, of named axes, and square ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Final

from conformance.inputs import shapes
from conformance.inputs.tensors import TensorInput, tensor_of
from conformance.inputs.values import call_text

if TYPE_CHECKING:
    from conformance.inputs.base import Drawing
    from conformance.inputs.picker import Picker
    from conformance.inputs.slots import Slot

    Shape = tuple[int, ...]

_FREE: Final = (2, 3, 1, 0, 5, 17)
"""Lengths of an axis that nothing settles."""
_SIDES: Final = ((2,), (3,), (1,), (0,), (4,), (5,), (7,), (8,), (9,), (16,), (17,), (33,))
_BATCHES: Final = (((),), ((2,), (1,), (3,), (0,)), ((2, 3), (1, 2), (2, 1), (0, 2), (2, 0)))
_MATRIX: Final = 2
_ANY: Final = "..."
"""Stands for axes of any number before those that have a name."""


@dataclass(frozen=True, kw_only=True)
class Multipliable(TensorInput):
    """A tensor ``y`` for which ``other @ y`` is defined: a vector, a matrix, a batch of them that broadcasts.

    Beside an input without axes, one that has them: there is no product. Spoilt: 0-d, another length of the axis that
    is summed over, or a batch that does not fit.
    """

    other: str

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a relation to the other shape, the number of columns, then a layout."""
        shape = tensor_of(drawing, self.other).shape
        if not shape:
            return self._slot(picker.pick("relation", ((3,), (3, 2), ())), picker)
        if picker.may_spoil():
            return self._slot(picker.pick("wrong", _unfitting(shape)), picker)
        return self._slot(_fitting(shape, picker), picker)

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("multipliable", self.other, **self._options())


def _unfitting(shape: Shape) -> tuple[Shape, ...]:
    inner, batch = shape[-1], shape[:-_MATRIX]
    other = (*(n + 2 for n in batch), inner, 2) if any(n != 1 for n in batch) else (2, inner + 1, 2)
    return (), (inner + 1,), (inner + 1, 2), (inner + 2, inner), other


def _fitting(shape: Shape, picker: Picker) -> Shape:
    *batch, inner = shape[:-_MATRIX] + shape[-1:]
    relations = ("same", "vector", "matrix", "ones", "wider") if len(shape) > 1 else ("same", "matrix", "wider")
    relation = picker.pick("relation", relations)
    if relation == "vector" or (relation == "same" and len(shape) == 1):
        return (inner,)
    columns = picker.pick("columns", _FREE)
    match relation:
        case "matrix":
            batch = []
        case "ones":
            mask = picker.pick("mask", range(2 ** len(batch)))
            batch = [1 if mask >> axis & 1 else n for axis, n in enumerate(batch)]
        case "wider":
            size = picker.pick("size", (2, 3, 1, 0))
            batch = [size if n == 1 else n for n in batch]
            batch = [size, *batch] if len(batch) + _MATRIX < shapes.HIGHEST_RANK else batch
    return (*batch, inner, columns)


@dataclass(frozen=True, kw_only=True)
class Matching(TensorInput):
    """A tensor with an axis for each of ``names``; those that occur in the names of another input are as long there.

    Spoilt: one of the axes that are shared is longer by two.
    """

    names: str
    others: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        for text in (self.names, *(names for _, names in self.others)):
            letters = text.removeprefix(_ANY)
            if len(set(letters)) != len(letters) or not letters.isalpha() or _ANY in self.names:
                message = f"names={text!r}: give a letter for each axis, once, after '...' for those of any number"
                raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw the lengths of the axes that no other input has, then a layout."""
        known: dict[str, int] = {}
        for other, names in self.others:
            shape = tensor_of(drawing, other).shape
            last = names.removeprefix(_ANY)
            known |= dict(zip(last, shape[max(len(shape) - len(last), 0) :], strict=False))  # fewer where it is spoilt
        sizes = tuple(known[one] if one in known else picker.pick("columns", _FREE) for one in self.names)
        shared = [axis for axis, one in enumerate(self.names) if one in known]
        if shared and picker.may_spoil():
            wrong = [(*sizes[:axis], sizes[axis] + 2, *sizes[axis + 1 :]) for axis in shared]
            return self._slot(picker.pick("wrong", wrong), picker)
        return self._slot(sizes, picker)

    def refers_to(self) -> tuple[str, ...]:
        return tuple(other for other, _ in self.others)

    def __str__(self) -> str:
        return call_text("matching", self.names, **self._options(), **dict(self.others))


@dataclass(frozen=True, kw_only=True)
class Squares(TensorInput):
    """Square matrices and batches of them. Spoilt: one row too many, or too few axes."""

    ndim: tuple[int, int] = (_MATRIX, shapes.HIGHEST_RANK)

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.ndim
        if not _MATRIX <= low <= high <= shapes.HIGHEST_RANK:
            message = f"ndim={self.ndim}: give a rank or two, the lower first, from {_MATRIX} to {shapes.HIGHEST_RANK}"
            raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a rank, the length of the sides, those of a batch, a layout."""
        low, high = self.ndim
        rank = picker.pick("rank", range(low, high + 1))
        (side,) = picker.pick("shape", _SIDES)
        if side > _SIDES[-1][0]:
            side = isqrt(side)  # a benchmark asks for a number of elements
        if picker.may_spoil():
            return self._slot(picker.pick("wrong", ((side + 1, side), (side,), ())), picker)
        return self._slot((*picker.pick("batch", _BATCHES[rank - _MATRIX]), side, side), picker)

    def __str__(self) -> str:
        full = self.ndim == (_MATRIX, shapes.HIGHEST_RANK)
        return call_text("squares", ndim=None if full else self.ndim, **self._options())


@dataclass(frozen=True, kw_only=True)
class Triples(TensorInput):
    """Tensors whose last axis is three long. Spoilt: it is two or four long."""

    ndim: tuple[int, int] = (1, shapes.HIGHEST_RANK)

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.ndim
        if not 1 <= low <= high <= shapes.HIGHEST_RANK:
            message = f"ndim={self.ndim}: give a rank or two, the lower first, from 1 to {shapes.HIGHEST_RANK}"
            raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a rank, a shape of it, a layout."""
        low, high = self.ndim
        rank = picker.pick("rank", range(low, high + 1))
        *others, _ = picker.pick("shape", shapes.BY_RANK[rank])
        if picker.may_spoil():
            return self._slot((*others, picker.pick("wrong", (2, 4))), picker)
        return self._slot((*others, 3), picker)

    def __str__(self) -> str:
        full = self.ndim == (1, shapes.HIGHEST_RANK)
        return call_text("triples", ndim=None if full else self.ndim, **self._options())
