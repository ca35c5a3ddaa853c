"""Inputs from values that somebody wrote down: the examples of declared differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance import dtype as dt
from conformance.inputs import layouts
from conformance.inputs.slots import OWN, DtypeSlot, ListSlot, Slot, TensorSlot, ValueSlot
from conformance.inputs.tensors import Joinable, TensorInput
from conformance.inputs.values import Dtypes

if TYPE_CHECKING:
    from conformance.inputs.base import Input


def given(generator: Input, value: object, dtype: str) -> tuple[Slot, list[np.ndarray]]:
    """Return the slot and the blocks of one fill that hand ``value`` to the input that ``generator`` draws.

    Arrays take the unit's ``dtype`` where the generator follows it, and keep their own otherwise. Raises ValueError
    for an array in a layout that there is no name for.
    """
    if isinstance(generator, Joinable):
        made = [_tensor(generator, item, dtype) for item in _items(value)]
        return ListSlot(items=tuple(slot for slot, _ in made)), [block for _, block in made]
    if isinstance(generator, TensorInput):
        slot, block = _tensor(generator, value, dtype)
        return slot, [block]
    if isinstance(generator, Dtypes):
        return DtypeSlot(name=OWN if generator.follows_unit() else str(value)), []
    return ValueSlot(value=value), []


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _tensor(generator: TensorInput, value: object, dtype: str) -> tuple[TensorSlot, np.ndarray]:
    array = np.asarray(value)
    follows = generator.follows_unit()
    layout = _layout(array)
    cast = _cast(array, dtype) if follows else array
    slot = TensorSlot(shape=array.shape, dtype=OWN if follows else array.dtype.name, layout=layout, face=generator.face)
    return slot, _stored(cast, layout)


def _cast(array: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(all="ignore"):
        cast = array.astype(dt.carrier(dtype))
    return dt.round_to_bfloat16(cast) if dtype == "bfloat16" else cast


def _layout(array: np.ndarray) -> str:
    steps = tuple(step // array.itemsize for step in array.strides)
    long_axes = [axis for axis, size in enumerate(array.shape) if size > 1]
    for name in layouts.names(array.ndim):
        strides = layouts.place(array.shape, name).strides
        if all(strides[axis] == steps[axis] for axis in long_axes):
            return name
    message = f"an example of shape {array.shape} with strides {steps} (in elements) is in no layout that has a name"
    raise ValueError(message)


def _stored(array: np.ndarray, layout: str) -> np.ndarray:
    place = layouts.place(array.shape, layout)
    block = np.zeros((1, place.size), array.dtype)
    layouts.view_of(block[0], array.shape, place)[...] = array
    return block
