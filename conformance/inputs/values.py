"""Generators of what is no tensor: axes, shapes, scalars, dtypes, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import isfinite, prod
from typing import TYPE_CHECKING, Final

from conformance import dtype as dt
from conformance.inputs import shapes
from conformance.inputs.base import Drawing, Input
from conformance.inputs.slots import OWN, DtypeSlot, ListSlot, Slot, TensorSlot, ValueSlot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.inputs.picker import Picker


@dataclass(frozen=True, kw_only=True)
class Axes(Input):
    """An axis of another input, counted from either end; ``new`` allows one more, for an axis to be inserted.

    A 0-d tensor has axes 0 and -1, as torch counts them. Spoilt: past either end.
    """

    other: str
    new: bool = False

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a signed axis, or take the one that an earlier input promised."""
        promised = drawing.promised.get(name)
        rank = _rank(drawing, self.other) + self.new
        if picker.may_spoil():
            past = max(rank, 1)
            return ValueSlot(value=picker.pick("past", (past, -past - 1, past + 1, -past - 2)))
        return promised if isinstance(promised, ValueSlot) else ValueSlot(value=axis_of(rank, picker))

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("new_axes" if self.new else "axes", self.other)


@dataclass(frozen=True, kw_only=True)
class AxisTuples(Input):
    """A tuple of ``low`` to all distinct axes of another input, in any order, of either sign or of both.

    Spoilt: one of them past either end, or twice.
    """

    other: str
    low: int = 1

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw how many axes, which, and which of them are counted from the end."""
        rank = _rank(drawing, self.other)
        count = picker.pick("count", range(min(self.low, rank), rank + 1))
        chosen = picker.pick("axes", tuple(permutations(range(rank), count)))
        negative = picker.pick("sign", _SIGNS)
        if chosen and picker.may_spoil():
            return ValueSlot(value=(*chosen[:-1], picker.pick("past", _past(rank, chosen))))
        signed = [axis - rank if negative[place % 2] else axis for place, axis in enumerate(chosen)]
        return ValueSlot(value=tuple(signed))

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("axis_tuples", self.other, low=None if self.low == 1 else self.low)


_SIGNS: Final = ((False, False), (True, True), (False, True), (True, False))
"""Whether the axes at even and at odd places are counted from the end."""


def _past(rank: int, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Return what may stand for the last of the ``chosen`` axes: one past either end, the first of them again."""
    return rank, -rank - 1, chosen[0] if len(chosen) > 1 else rank + 1


def axis_of(rank: int, picker: Picker) -> int:
    """Draw an axis of a tensor of ``rank`` axes, counted from either end, simplest first."""
    count = max(rank, 1)
    options: tuple[int, ...] = (*range(count), *range(-1, -count - 1, -1))
    return picker.pick("axis", options)


def _rank(drawing: Drawing, name: str) -> int:
    slot = drawing.slots[name]
    if isinstance(slot, ListSlot):
        slot = slot.items[0]
    return len(slot.shape) if isinstance(slot, TensorSlot) else 0


@dataclass(frozen=True, kw_only=True)
class Shapes(Input):
    """A shape, as a tuple. Spoilt: a negative size."""

    ndim: tuple[int, int] = (0, shapes.HIGHEST_RANK)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a rank and a shape of it."""
        rank = picker.pick("rank", range(self.ndim[0], self.ndim[1] + 1))
        shape = picker.pick("shape", shapes.BY_RANK[rank])
        if shape and picker.may_spoil():
            return ValueSlot(value=(-2, *shape[1:]))
        return ValueSlot(value=shape)

    def __str__(self) -> str:
        return call_text("shapes", ndim=None if self.ndim == (0, shapes.HIGHEST_RANK) else self.ndim)


@dataclass(frozen=True, kw_only=True)
class Reshapes(Input):
    """A shape with as many elements as another input has, one size of it perhaps -1.

    Spoilt: one element too many or too few, two sizes -1, or one -2.
    """

    other: str

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a factorisation and what to leave to be inferred."""
        slot = drawing.slots[self.other]
        size = slot.size if isinstance(slot, TensorSlot) else 1
        target = picker.pick("target", _factorisations(size))
        if picker.may_spoil():
            return ValueSlot(value=picker.pick("wrong", ((size + 1,), (abs(size - 1),), (-1, -1), (-2, size))))
        where = picker.pick("infer", range(len(target) + 1))
        return ValueSlot(value=tuple(-1 if axis == where - 1 else n for axis, n in enumerate(target)))

    def refers_to(self) -> tuple[str, ...]:
        return (self.other,)

    def __str__(self) -> str:
        return call_text("reshapes", self.other)


def _factorisations(size: int) -> tuple[tuple[int, ...], ...]:
    if size == 0:
        return ((0,), (0, 3), (2, 0), (2, 0, 3))
    pairs = [(a, size // a) for a in range(1, min(size, 12) + 1) if size % a == 0]
    triples = [(a, b, rest // b) for a, rest in pairs for b in (1, 2, 3) if rest % b == 0]
    one = [()] if size == 1 else []
    return tuple(s for s in [(size,), *one, *pairs, *triples] if prod(s) == size)


_SCALARS: Final[dict[str, tuple[object, ...]]] = {
    "bool": (True, False),
    "int": (1, 0, 2, 3, -1, -2, 7, 127, 128, 255, 256, 300, -129, 40000, 2**31, 2**53 + 1, -(2**63)),
    "float": (1.0, 0.5, -1.0, 0.0, -0.0, 2.0, 0.1, 1.5, -2.5, 3.0, 1e-40, 1e300, *map(float, ("inf", "-inf", "nan"))),
    "complex": (1j, 1 + 2j, -0.5 + 0j, complex("inf+1j"), complex("nan")),
}


@dataclass(frozen=True, kw_only=True)
class Scalars(Input):
    """A Python scalar of one of ``kinds``."""

    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        check_names("kinds", self.kinds, tuple(_SCALARS))

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a kind and a value of it."""
        kind = picker.pick("kind", self.kinds)
        return ValueSlot(value=picker.pick("scalar", _SCALARS[kind]))

    def __str__(self) -> str:
        return call_text("scalars", *self.kinds)


@dataclass(frozen=True, kw_only=True)
class Dtypes(Input):
    """A dtype, one of ``names``; the unit's own where none is given."""

    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names("names", self.names, dt.ALL)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a name."""
        return DtypeSlot(name=picker.pick("dtype", self.names) if self.names else OWN)

    def follows_unit(self) -> bool:
        return not self.names

    def __str__(self) -> str:
        return call_text("dtypes", *self.names)


@dataclass(frozen=True, kw_only=True)
class Values(Input):
    """One of the plain values that are listed, simplest first."""

    options: tuple[object, ...]

    def __post_init__(self) -> None:
        if not self.options:
            message = "values() is empty: list at least one value, such as values(False, True)"
            raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw one of them."""
        return ValueSlot(value=picker.pick("value", self.options))

    def __str__(self) -> str:
        return call_text("values", *self.options)


@dataclass(frozen=True, kw_only=True)
class Between(Input):
    """A number from ``low`` to ``high``: every other time one of the ``usual`` ones, simplest first.

    The others are spread evenly, by their logarithm where ``low`` is above zero, in numbers of four digits.
    """

    low: float
    high: float
    usual: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            message = f"between({self.low!r}, {self.high!r}) is empty: low must be less than high, and both finite"
            raise ValueError(message)
        for number in self.usual:
            if not self.low <= number <= self.high:
                message = f"between(): the usual number {number!r} is not from {self.low!r} to {self.high!r}"
                raise ValueError(message)

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw a usual number, or that it is none of them and where between ``low`` and ``high`` it lies."""
        usual = picker.pick("value", (*self.usual, *[_ANY] * max(len(self.usual), 1)))
        return ValueSlot(value=self._at(picker.pick("between", _STEPS)) if usual is _ANY else usual)

    def _at(self, step: int) -> float:
        """Return the number at one of the steps, of which the first and the last are the ends themselves."""
        if step in (0, _STEPS[-1]):
            return float(self.high if step else self.low)
        share = step / _STEPS[-1]
        growth = (self.high / self.low) ** share if self.low > 0 else None
        number = self.low * growth if growth else self.low + (self.high - self.low) * share
        return min(max(float(f"{number:.4g}"), self.low), self.high)

    def __str__(self) -> str:
        return call_text("between", self.low, self.high, usual=self.usual or None)


_ANY: Final = None
"""Among the usual numbers of a range: any other."""

_STEPS: Final = range(10_001)
"""The places of a range that can be drawn."""


def call_text(function: str, *positional: object, **named: object) -> str:
    """Return a generator as it is written in a row, leaving out options that are None."""
    words = [repr(value) for value in positional]
    words += [f"{name}={value!r}" for name, value in named.items() if value is not None]
    return f"{function}({', '.join(words)})"


def check_names(argument: str, names: Sequence[str], allowed: Sequence[str]) -> None:
    """Raise ValueError, naming ``argument``, unless each of ``names`` is ``allowed``."""
    for name in names:
        if name not in allowed:
            message = f"{argument}: {name!r} is none of {', '.join(allowed)}"
            raise ValueError(message)
