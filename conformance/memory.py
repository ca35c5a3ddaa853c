"""Memory: does a result lie in an input's, and with which strides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

_data_ptr: Final = torch.Tensor.data_ptr
_stride: Final = torch.Tensor.stride
_numel: Final = torch.Tensor.numel
NOWHERE: Final = -1


def _address(value: Any) -> int:
    return _data_ptr(value) if isinstance(value, torch.Tensor) else int(value.__array_interface__["data"][0])


def shared_with(result: Any, stores: Sequence[Any]) -> int | None:
    """Return the number of the input that ``result`` lies in, NOWHERE for none, None where that cannot be told.

    It cannot for a result without elements, nor for one on another device than the inputs, nor for one whose device
    keeps its memory to itself: there every address is 0.

    By address ranges: a tensor made from an array begins its storage where that array begins, so storages mislead.
    """
    if isinstance(result, torch.Tensor):
        if _numel(result) == 0 or any(isinstance(s, torch.Tensor) and s.device != result.device for s in stores):
            return None
    elif not isinstance(result, np.ndarray):
        return NOWHERE if isinstance(result, np.generic) else None
    elif result.size == 0:
        return None
    if (address := _address(result)) == 0:
        return None
    for number, store in enumerate(stores):
        start = _address(store)
        if start <= address < start + store.nbytes:
            return number
    return NOWHERE


def strides(result: Any) -> tuple[int, ...]:
    """Return the strides in elements of the axes longer than 1."""
    steps = _stride(result) if isinstance(result, torch.Tensor) else tuple(s // result.itemsize for s in result.strides)
    return tuple(step for step, size in zip(steps, result.shape, strict=True) if size > 1)
