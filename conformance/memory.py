"""Memory: does a result lie in an input's, with which strides, and are the inputs still what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance.compare import differing, rounded_reference, same_bytes
from conformance.evaluate import Batch, SideInputs, to_host
from conformance.tolerance import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.tolerance import Tolerance

_data_ptr: Final = torch.Tensor.data_ptr
_stride: Final = torch.Tensor.stride
_numel: Final = torch.Tensor.numel
NOWHERE: Final = -1


def _address(value: Any) -> int:
    return _data_ptr(value) if isinstance(value, torch.Tensor) else int(value.__array_interface__["data"][0])


def shared_with(result: Any, stores: Sequence[Any]) -> int | None:
    """Return the number of the input that ``result`` lies in, NOWHERE for none, None where that cannot be told.

    It cannot for a result without elements, nor for one on another device than the inputs.

    By address ranges: a tensor made from an array begins its storage where that array begins, so storages mislead.
    """
    if isinstance(result, torch.Tensor):
        if _numel(result) == 0 or any(isinstance(s, torch.Tensor) and s.device != result.device for s in stores):
            return None
    elif not isinstance(result, np.ndarray):
        return NOWHERE if isinstance(result, np.generic) else None
    elif result.size == 0:
        return None
    address = _address(result)
    for number, store in enumerate(stores):
        start = _address(store)
        if start <= address < start + store.nbytes:
            return number
    return NOWHERE


def strides(result: Any) -> tuple[int, ...]:
    """Return the strides in elements of the axes longer than 1."""
    steps = _stride(result) if isinstance(result, torch.Tensor) else tuple(s // result.itemsize for s in result.strides)
    return tuple(step for step, size in zip(steps, result.shape, strict=True) if size > 1)


def changed_inputs(
    batch: Batch, torch_side: SideInputs, numpy_side: SideInputs, tolerance: Tolerance
) -> Iterator[tuple[int, int, bool, str]]:
    """Yield (input, fill, whether NumPy wrote to it, words) for every input not the same on both sides after the calls.

    An input that NumPy left alone must be untouched; one that it wrote to holds a result, with its tolerance.
    """
    for number, (theirs, ours) in enumerate(zip(torch_side.stores, numpy_side.stores, strict=True)):
        after = to_host(theirs) if isinstance(theirs, torch.Tensor) else theirs
        if same_bytes(after, ours):
            continue
        bfloat16 = isinstance(theirs, torch.Tensor) and theirs.dtype == torch.bfloat16
        written = not same_bytes(ours, np.asarray(batch.blocks[number]))
        reference = rounded_reference(ours, bfloat16=bfloat16)
        wrong = differing(after, reference, tolerance if written else EXACT, bfloat16=bfloat16 and written)
        for fill in np.flatnonzero(wrong.any(axis=1)):
            yield number, int(fill), written, _words(number, batch.only([int(fill)]), ours[fill])


def _words(number: int, batch: Batch, ours: np.ndarray) -> str:
    """Say which input it is; NumPy's side is still as it was unless it was written to as well."""
    slot = list(batch.structure.tensors())[number]
    written = any(not same_bytes(ours, np.asarray(row)) for row in batch.blocks[number][:1])
    who = "the sides left different values in it" if written else "torch wrote to it"
    return f"tensor input {number}, of shape {slot.shape}, is not the same on both sides after the call: {who}"
