"""The same values given to torch in many ways: at each position, in each layout, each tensor in memory of its own.

A unit's fills lie side by side in one storage; here no two calls share one, so that a result can depend on nothing but
the values and the way that is named.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import devices
from conformance.evaluate import Batch, SideInputs, call, unit_dtype
from conformance.inputs import layouts
from conformance.inputs.slots import DtypeSlot, Structure, TensorSlot, ValueSlot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

LENGTHS: Final = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70)
"""Around the vectors of all dtypes, and around the blocks of several that a loop takes at once."""

LONG: Final = 70_003
"""More than two of the blocks of 32,768 elements that ATen gives to a thread, and a rest."""

_GRIDS: Final = ((9, 8), (35, 3))
_FILLED: Final = (4, 16, 33, 64)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way of placing values: ``index`` says which value each element of each fill is; ``layouts``, one a tensor."""

    group: str
    layouts: tuple[str, ...]
    index: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensors of one fill."""
        return tuple(self.index.shape[1:])

    @property
    def overlaps(self) -> bool:
        """Whether one element of memory is seen several times, which in-place operations refuse."""
        return any(layout in layouts.OVERLAPPING for layout in self.layouts)

    def words(self, place: int) -> str:
        """Say where the element ``place`` lies."""
        kinds = self.layouts[:1] if len(set(self.layouts)) == 1 else self.layouts
        size = f"{prod(self.shape)}" if len(self.shape) == 1 else f"a {self.shape} tensor"
        return f"at position {place} of {size}, {' and '.join(kinds)}"


def ways(count: int, tensors: int) -> Iterator[Way]:
    """Yield the ways in which ``count`` values are placed in ``tensors`` tensors, short ones first."""
    plain = ("contiguous",) * tensors
    for length in LENGTHS:
        yield Way(group="length", layouts=plain, index=_windows(count, length, 1))
    for names in _vectors(tensors):
        for length in LENGTHS[1:]:
            yield Way(group="layout", layouts=names, index=_tiles(count, length))
    for names in _expanded(tensors):
        for length in _FILLED:
            yield Way(group="layout", layouts=names, index=np.repeat(np.arange(count)[:, None], length, axis=1))
    for shape in _GRIDS:
        for names in _one_or_all("transposed", tensors):
            yield Way(group="layout", layouts=names, index=_tiles(count, prod(shape)).reshape(-1, *shape))


def long_ways(count: int, tensors: int) -> Iterator[Way]:
    """Yield the ways in which they are placed in vectors that several threads share."""
    index = (np.arange(LONG) % count)[None]
    for layout in ("contiguous", "strided"):
        yield Way(group="length", layouts=(layout,) * tensors, index=index)


def main_way(count: int, tensors: int) -> Way:
    """Return the way that is compared between CPU capabilities: each value twice, then each alone in a rest."""
    return Way(group="capability", layouts=("contiguous",) * tensors, index=(np.arange(2 * count + 5) % count)[None])


def alone(count: int, tensors: int) -> Way:
    """Return the way that all others are compared with: each value in a tensor of one element."""
    return Way(group="length", layouts=("contiguous",) * tensors, index=_windows(count, 1, 1))


def tiled(way: Way, count: int) -> Way:
    """Return the fewest tensors of the shape and layout of ``way`` that hold all of ``count`` values."""
    size = prod(way.shape)
    return Way(group=way.group, layouts=way.layouts, index=_windows(count, size, size).reshape(-1, *way.shape))


def _vectors(tensors: int) -> list[tuple[str, ...]]:
    return [names for layout in ("strided", "offset", "window") for names in _one_or_all(layout, tensors)]


def _expanded(tensors: int) -> list[tuple[str, ...]]:
    last = ("contiguous",) * (tensors - 1) + ("expanded",)
    return [*_one_or_all("expanded", tensors), *([last] if tensors > 1 else [])]


def _one_or_all(layout: str, tensors: int) -> list[tuple[str, ...]]:
    """Return the layouts of all tensors: ``layout``, and where there are several, of the first only."""
    alone = [(layout, *("contiguous",) * (tensors - 1))] if tensors > 1 else []
    return [(layout,) * tensors, *alone]


def _windows(count: int, length: int, step: int) -> NDArray[np.intp]:
    """Return vectors of consecutive values, beginning at every ``step``-th: at 1, each value is at each position."""
    return (np.arange(0, count, step)[:, None] + np.arange(length)) % count


def _tiles(count: int, length: int) -> NDArray[np.intp]:
    """Return vectors that hold each value twice: the second half a vector further on."""
    return np.concatenate([_windows(count, length, length), _windows(count, length, length) + length // 2]) % count


def batch(structure: Structure, columns: Sequence[Array], way: Way, dtype: str) -> Batch:
    """Return the batch in which the tensors of ``structure`` are ``columns`` placed as ``way`` says."""
    names = iter(way.layouts)
    slots = {
        name: replace(slot, shape=way.shape, layout=next(names)) if isinstance(slot, TensorSlot) else slot
        for name, slot in structure.slots.items()
    }
    blocks = [block(column[way.index], layout) for column, layout in zip(columns, way.layouts, strict=True)]
    placed = Structure(slots=slots, trace=structure.trace)
    return Batch(structure=placed, blocks=blocks, dtype=dtype, count=len(way.index))


def block(values: Array, layout: str) -> Array:
    """Return the block whose fills are tensors in ``layout`` that hold ``values``; the rest is their first value."""
    place = layouts.place(values.shape[1:], layout)
    made = np.repeat(values.reshape(len(values), -1)[:, :1], place.size, axis=1)
    width = made.itemsize
    strides = (place.size * width, *(step * width for step in place.strides))
    np.ndarray(values.shape, made.dtype, made, place.offset * width, strides)[...] = values
    return made


def outcomes(function: Callable[..., Any], given: Batch, device: str, label: str) -> list[Any]:
    """Return the outcome of torch's ``function`` on every fill, each called with tensors of its own."""
    blocks = iter(given.blocks)
    columns: list[list[Any]] = []
    for slot in given.structure.slots.values():
        match slot:
            case TensorSlot():
                columns.append(_tensors(next(blocks), slot, unit_dtype(slot, given.dtype), device))
            case DtypeSlot():
                columns.append([getattr(torch, unit_dtype(slot, given.dtype))] * given.count)
            case ValueSlot():
                columns.append([slot.value] * given.count)
    return call(function, SideInputs(args=list(zip(*columns, strict=True)), stores=[]), label)


def _tensors(values: Array, slot: TensorSlot, dtype: str, device: str) -> list[torch.Tensor]:
    place = layouts.place(slot.shape, slot.layout)
    stores = [torch.from_numpy(row) for row in values.copy()]
    if dtype == "bfloat16" or device != devices.HOST:
        stores = [store.to(device=device, dtype=getattr(torch, dtype)) for store in stores]
    return [store.as_strided(slot.shape, place.strides, place.offset) for store in stores]
