"""How a tensor lies in memory: a view of a base, written as an expression that both libraries can run.

Each layout is the text of a view (``base[..., ::2]``) and the shape of the base it needs. Applying the text once to a
dummy gives strides and offset, in elements, and both sides get exactly those; the same text builds the input in a
failure's script.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the elements of one tensor lie: offset and strides in elements, in a storage of ``size`` elements."""

    size: int
    offset: int
    strides: tuple[int, ...]
    base: tuple[int, ...]
    view: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A layout: the ranks it exists for, the base it needs, the view of it as text with ``base`` in it."""

    least_rank: int
    base: Callable[[Shape], Shape]
    view: Callable[[Shape], str]


def _reversed(shape: Shape) -> Shape:
    return shape[::-1]


def _twice_last(shape: Shape) -> Shape:
    return (*shape[:-1], max(2 * shape[-1] - 1, 0))


def _twice_first(shape: Shape) -> Shape:
    return (2 * shape[0], *shape[1:])


def _inner(shape: Shape) -> Shape:
    return tuple(n + 1 for n in shape)


def _swapped(shape: Shape) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2])


def _rotated(shape: Shape) -> Shape:
    return (*shape[1:], shape[0])


def _flat(shape: Shape) -> Shape:
    return (prod(shape) + 3,)


def _thin(shape: Shape) -> Shape:
    return (1, *shape[1:])


def _thin_last(shape: Shape) -> Shape:
    return (*shape[:-1], 1)


LAYOUTS: Final[Mapping[str, Layout]] = {
    "contiguous": Layout(least_rank=0, base=lambda s: s, view=lambda s: "base"),
    "transposed": Layout(least_rank=2, base=_reversed, view=lambda s: f"base{_permuted(range(len(s))[::-1])}"),
    "strided": Layout(least_rank=1, base=_twice_last, view=lambda s: "base[..., ::2]"),
    "offset": Layout(least_rank=0, base=_flat, view=lambda s: f"base[3:].reshape({s})"),
    "expanded": Layout(least_rank=1, base=_thin, view=lambda s: f"broadcast_to(base, {s})"),
    "rows": Layout(least_rank=2, base=_twice_first, view=lambda s: "base[1::2]"),
    "window": Layout(least_rank=1, base=_inner, view=lambda s: f"base[{', '.join(['1:'] * len(s))}]"),
    "swapped": Layout(least_rank=3, base=_swapped, view=lambda s: f"base{_permuted([*range(len(s) - 2), -1, -2])}"),
    "rotated": Layout(least_rank=3, base=_rotated, view=lambda s: f"base{_permuted([-1, *range(len(s) - 1)])}"),
    "repeated": Layout(least_rank=2, base=_thin_last, view=lambda s: f"broadcast_to(base, {s})"),
}
"""By name, simplest first."""

OVERLAPPING: Final = ("expanded", "repeated")
"""Layouts in which one element of memory shows up more than once."""


def _permuted(order: range | list[int]) -> str:
    rank = len(order)
    return f".permute({', '.join(str(axis % rank) for axis in order)})"


@lru_cache(maxsize=4096)
def names(rank: int, *, overlapping: bool = True) -> tuple[str, ...]:
    """Return the names of the layouts that a tensor of ``rank`` axes can have, simplest first."""
    allowed = [name for name, layout in LAYOUTS.items() if rank >= layout.least_rank]
    return tuple(name for name in allowed if overlapping or name not in OVERLAPPING)


@lru_cache(maxsize=65536)
def place(shape: tuple[int, ...], name: str) -> Placement:
    """Return where a tensor of ``shape`` in the layout ``name`` has its elements."""
    layout = LAYOUTS[name]
    base_shape = layout.base(shape)
    text = layout.view(shape)
    dummy = np.empty(base_shape, np.int8)
    view = apply(text, dummy)
    offset = view.__array_interface__["data"][0] - dummy.__array_interface__["data"][0] if view.size else 0
    return Placement(size=max(dummy.size, 1), offset=offset, strides=view.strides, base=base_shape, view=text)


def view_of(storage: np.ndarray, shape: tuple[int, ...], place: Placement) -> np.ndarray:
    """Return the tensor of ``shape`` that lies in the 1-D ``storage`` as ``place`` says, sharing its memory."""
    width = storage.itemsize
    return np.ndarray(shape, storage.dtype, storage, place.offset * width, tuple(width * s for s in place.strides))


def apply(text: str, base: np.ndarray) -> np.ndarray:
    """Return the view of ``base`` that ``text`` describes, with NumPy."""
    scope = {"base": base, "broadcast_to": np.broadcast_to}
    view: np.ndarray = eval(text.replace(".permute(", ".transpose("), {"__builtins__": {}}, scope)  # noqa: S307 - our own table of layouts
    return view
