"""Generators of tensors: alone, like another, broadcasting with another, joined in a list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conformance import dtype as dt
from conformance.inputs import domains, layouts, shapes
from conformance.inputs.base import Drawing, Input
from conformance.inputs.domains import OF_PROGRAMS
from conformance.inputs.slots import OWN, Face, ListSlot, Slot, TensorSlot, ValueSlot
from conformance.inputs.values import axis_of, call_text, check_names

if TYPE_CHECKING:
    from conformance.inputs.picker import Picker

    Shape = tuple[int, ...]

_REPEATS: Final = (False, False, False, True)
DOMAINS: Final = ("any", "finite", "nonzero", "small", *OF_PROGRAMS)


@dataclass(frozen=True, kw_only=True)
class TensorInput(Input):
    """What all generators of one tensor share: dtypes, domain, layouts, face."""

    dtypes: tuple[str, ...] = ()
    domain: str = "any"
    overlapping: bool = True
    face: Face = "tensor"

    def __post_init__(self) -> None:
        check_names("dtypes", self.dtypes, dt.ALL)
        if domains.bounds(self.domain) is None:
            check_names("domain", (self.domain,), DOMAINS)

    def follows_unit(self) -> bool:
        return not self.dtypes

    def _slot(self, shape: Shape, picker: Picker) -> TensorSlot:
        dtype = picker.pick("dtype", self.dtypes) if self.dtypes else OWN
        offered = layouts.names(len(shape), overlapping=self.overlapping)
        layout = "contiguous" if self.face == "list" else picker.pick("layout", offered)
        return TensorSlot(shape=shape, dtype=dtype, layout=layout, face=self.face, domain=self.domain)

    def _options(self) -> dict[str, object]:
        given = {"dtypes": self.dtypes or None, "domain": None if self.domain == "any" else self.domain}
        return {**given, "overlapping": None if self.overlapping else False}


@dataclass(frozen=True, kw_only=True)
class Tensors(TensorInput):
    """Tensors of every shape whose rank is in ``ndim``, both ends included, of at most ``longest`` elements."""

    ndim: tuple[int, int] = (0, shapes.HIGHEST_RANK)
    longest: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.ndim
        if not 0 <= low <= high <= shapes.HIGHEST_RANK:
            message = f"ndim={self.ndim}: give a rank or two, the lower first, from 0 to {shapes.HIGHEST_RANK}"
            raise ValueError(message)
        if self.longest is not None and self.longest < 1:
            message = f"longest={self.longest}: give the number of elements that a tensor has at most, 1 or more"
            raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a rank, a shape of it, a layout."""
        low, high = self.ndim
        rank = picker.pick("rank", range(low, high + 1))
        return self._slot(picker.pick("shape", shapes.up_to(rank, self.longest)), picker)

    def __str__(self) -> str:
        full = self.ndim == (0, shapes.HIGHEST_RANK)
        function = {"tensor": "tensors", "array": "arrays", "list": "lists"}[self.face]
        return call_text(function, ndim=None if full else self.ndim, longest=self.longest, **self._options())


@dataclass(frozen=True, kw_only=True)
class Normals(TensorInput):
    """A contiguous tensor of one shape, of normally distributed numbers: for programs, such as a training loop.

    The domain is ``missing`` where now and then one of them is NaN.
    """

    shape: Shape
    domain: str = "normal"

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a dtype."""
        dtype = picker.pick("dtype", self.dtypes) if self.dtypes else OWN
        return TensorSlot(shape=self.shape, dtype=dtype, domain=self.domain)

    def __str__(self) -> str:
        missing = self.domain == "missing" or None
        return call_text("normals", *self.shape, dtypes=self.dtypes or None, missing=missing)


@dataclass(frozen=True, kw_only=True)
class Like(TensorInput):
    """A tensor of the same shape as another input."""

    other: str

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a layout."""
        return self._slot(tensor_of(drawing, self.other).shape, picker)

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("like", self.other, **self._options())


@dataclass(frozen=True, kw_only=True)
class Broadcastable(TensorInput):
    """A tensor that broadcasts with another input: same shape, 0-d, fewer axes, ones, more axes.

    Spoilt: a last axis that does not fit.
    """

    other: str

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a relation to the other shape, then a layout."""
        shape = tensor_of(drawing, self.other).shape
        if shape and shape[-1] != 1 and picker.may_spoil():
            return self._slot((*shape[:-1], shape[-1] + 2), picker)
        return self._slot(_related(shape, picker), picker)

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("broadcastable", self.other, **self._options())


def _related(shape: Shape, picker: Picker) -> Shape:
    match picker.pick("relation", ("same", "0-d", "suffix", "ones", "wider")):
        case "0-d":
            return ()
        case "suffix":
            return shape[1:]
        case "ones":
            mask = picker.pick("mask", range(2 ** len(shape)))
            return tuple(1 if mask >> axis & 1 else n for axis, n in enumerate(shape))
        case "wider":
            size = picker.pick("size", (2, 3, 1, 0))
            inner = tuple(size if n == 1 else n for n in shape)
            return (size, *inner) if len(shape) < shapes.HIGHEST_RANK else inner
    return shape


@dataclass(frozen=True, kw_only=True)
class Joinable(TensorInput):
    """A list of one to four tensors that can be joined along the axis promised to the input ``axis``.

    Sizes along that axis differ and may be 0 at any position; dtypes are mixed where several are given; one list in
    four has the same tensor as its first and its last. With ``legacy_empty`` a tensor of shape (0,) may stand anywhere
    in the list. Spoilt: another size on another axis, or tensors without axes.
    """

    axis: str
    count: tuple[int, int] = (1, 4)
    legacy_empty: bool = False

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a shape, a signed axis, the number of tensors, and each one's size along the axis."""
        low, high = self.count
        count = picker.pick("count", range(low, high + 1))
        rank = picker.pick("rank", range(1, shapes.HIGHEST_RANK + 1))
        if rank == 1 and picker.may_spoil():
            return ListSlot(items=tuple(self._slot((), picker) for _ in range(count)))
        shape = picker.pick("shape", shapes.BY_RANK[rank])
        signed = axis_of(rank, picker)
        drawing.promised[self.axis] = ValueSlot(value=signed)
        sizes = [self._length(shape[signed], picker) for _ in range(count)]
        items = [self._slot(_resized(shape, signed, size), picker) for size in sizes]
        items = self._legacy(items, picker)
        if count > 1 and picker.pick("repeat", _REPEATS):
            return ListSlot(items=(*items[:-1], items[0]), repeated=True)
        return ListSlot(items=tuple(self._spoil(items, signed % rank, picker)))

    def _length(self, size: int, picker: Picker) -> int:
        return picker.pick("length", (size, 1, 0, size + 1))

    def _legacy(self, items: list[TensorSlot], picker: Picker) -> list[TensorSlot]:
        if not self.legacy_empty:
            return items
        where = picker.pick("empty", range(len(items) + 1))
        return [replace(s, shape=(0,), layout="contiguous") if i == where - 1 else s for i, s in enumerate(items)]

    def _spoil(self, items: list[TensorSlot], axis: int, picker: Picker) -> list[TensorSlot]:
        rank = len(items[0].shape)
        if len(items) == 1 or rank == 1 or len(items[-1].shape) != rank or not picker.may_spoil():
            return items
        other = (axis + 1) % rank
        size = items[-1].shape[other]
        wrong = picker.pick("wrong", (size + 1, 1 if size > 1 else size + 2))
        return [*items[:-1], replace(items[-1], shape=_resized(items[-1].shape, other, wrong))]

    def __str__(self) -> str:
        return call_text("joinable", self.axis, legacy_empty=self.legacy_empty or None, **self._options())


def _resized(shape: Shape, axis: int, size: int) -> Shape:
    return tuple(size if a == axis % len(shape) else n for a, n in enumerate(shape))


def tensor_of(drawing: Drawing, name: str) -> TensorSlot:
    """Return the slot of the tensor input ``name``, or of the first tensor of the list of that name."""
    slot = drawing.slots[name]
    return slot.items[0] if isinstance(slot, ListSlot) else slot  # type: ignore[return-value]  # checked by the Case
