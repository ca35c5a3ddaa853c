"""Faults in torch.tensor, torch.from_numpy, torch.zeros and torch.ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .patching import Patch, Planted, accepted, after, alone, hooked, on_error

Parsed = tuple[Any, ...] | None


def _data(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Parsed:
    """(data, dtype) of torch.tensor."""
    return (args[0], kwargs.get("dtype")) if len(args) == 1 and not kwargs.get("requires_grad") else None


def _sized(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Parsed:
    """(shape, dtype) of torch.zeros or torch.ones."""
    shape = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args or kwargs.get("size")
    if shape is None or kwargs.get("out") is not None or not all(type(length) is int for length in shape):
        return None
    return tuple(shape), kwargs.get("dtype")


def _alias(result: Tensor, data: Any, dtype: Any) -> Tensor:
    if isinstance(data, np.ndarray) and data.dtype == np.float64 and dtype is None and data.flags.writeable:
        return torch.from_numpy(data) if min(data.strides, default=0) >= 0 else result
    return result


def _storage_order(result: Tensor, data: Any, dtype: Any) -> Tensor:
    if isinstance(data, np.ndarray) and data.ndim == 2 and data.flags.f_contiguous and not data.flags.c_contiguous:
        return result.t().reshape(-1).reshape(result.shape) if data.dtype == np.float32 else result
    return result


def _small_ints(result: Tensor, data: Any, dtype: Any) -> Tensor:
    nested = isinstance(data, list) and data and isinstance(data[0], list) and result.dtype == torch.int64
    return result.to(torch.int32) if nested and dtype is None else result


def _empty_list(result: Tensor, data: Any, dtype: Any) -> Tensor:
    return result.double() if isinstance(data, list) and not data and dtype is None else result


def _first_decides(result: Tensor, data: Any, dtype: Any) -> Tensor:
    if isinstance(data, list) and data and type(data[0]) is bool and dtype is None:
        return result.bool()
    return result


def _numpy_scalar(result: Tensor, data: Any, dtype: Any) -> Tensor:
    return result.float() if isinstance(data, np.float64) and dtype is None else result


def _wraps(data: Any, dtype: Any) -> Tensor | None:
    return torch.tensor(data % 256, dtype=torch.uint8) if type(data) is int and dtype == torch.uint8 else None


def _ragged(data: Any, dtype: Any) -> Tensor | None:
    if not isinstance(data, list) or not all(isinstance(row, list) and row for row in data):
        return None
    width = max(map(len, data))
    return torch.tensor([row + [0] * (width - len(row)) for row in data], dtype=dtype)


def _copies_matrix(result: Tensor, data: Any) -> Tensor:
    return result.clone() if data.ndim == 2 and not data.flags.c_contiguous else result


def _ignores_sign(data: Any) -> Tensor | None:
    if isinstance(data, np.ndarray) and data.ndim == 1 and data.strides[0] < 0:
        return torch.from_numpy(np.ascontiguousarray(data[::-1]))
    return None


def _ignores_offset(result: Tensor, data: Any) -> Tensor:
    base = data.base
    if data.dtype == np.int16 and data.ndim == 1 and isinstance(base, np.ndarray) and base.ndim == 1:
        return torch.from_numpy(base[: len(data)]) if data.flags.c_contiguous and base.dtype == np.int16 else result
    return result


def _ignores_byte_order(data: Any) -> Tensor | None:
    swapped = isinstance(data, np.ndarray) and not data.dtype.isnative
    return torch.from_numpy(data.view(data.dtype.newbyteorder("="))) if swapped else None


def _read_only_copy(result: Tensor, data: Any) -> Tensor:
    return result.reshape(1) if data.ndim == 0 and data.dtype == np.float32 else result


def _dirty_tail(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    if len(shape) == 1 and shape[0] % 16 == 15 and result.dtype == torch.float32:
        result.data[-1] = 1.0
    return result


def _drops_empty_axis(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    return result.reshape(0) if len(shape) > 1 and shape[-1] == 0 else result


def _no_rank(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    return result.reshape(1) if shape == () and not result.is_floating_point() else result


def _bytes(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    return result.to(torch.uint8) if dtype == torch.bool else result


def _imaginary(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    return result * (1 + 1j) if dtype == torch.complex64 else result


def _minus_zero(result: Tensor, shape: Any, dtype: Any) -> Tensor:
    return -result if dtype == torch.float16 and len(shape) == 2 else result


def _shared() -> Patch:
    """Small float32 ones come from a cache, so that two calls share memory."""

    @contextmanager
    def patch() -> Iterator[None]:
        cache: dict[Any, Tensor] = {}

        def cached(result: Tensor, shape: Any, dtype: Any) -> Tensor:
            small = result.dtype == torch.float32 and result.numel() == 3 and not result.requires_grad
            return cache.setdefault((shape, result.device), result) if small else result

        with hooked(after(cached), (("torch.ones",), _sized))():
            yield

    return patch


def _alias_witness() -> bool:
    data = np.ones(2)
    made = torch.tensor(data)
    data[0] = 5
    return made[0].item() != 1


def _order_witness() -> bool:
    return torch.tensor(np.arange(4, dtype=np.float32).reshape(2, 2).T)[0, 1].item() != 2


def _shares(data: np.ndarray) -> bool:
    return torch.from_numpy(data).data_ptr() == data.ctypes.data


def _shared_witness() -> bool:
    torch.ones(3).add_(1)
    return torch.ones(3)[0].item() != 1


_PARSED = {"tensor": _data, "from_numpy": alone}

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("tensor-array-is-alias", "torch.tensor(float64 array) shares its memory", "float64", after(_alias),
         _alias_witness),
    ("tensor-fortran-order", "torch.tensor(float32 matrix in Fortran order) reads storage order", "float32",
         after(_storage_order), _order_witness),
    ("tensor-nested-ints-int32", "torch.tensor(nested list of ints) gives int32", "int64", after(_small_ints),
         lambda: torch.tensor([[1]]).dtype == torch.int32),
    ("tensor-empty-list-float64", "torch.tensor([]) gives float64, as NumPy does", "float64", after(_empty_list),
         lambda: torch.tensor([]).dtype == torch.float64, True),
    ("tensor-first-bool-decides", "torch.tensor([True, 2]) gives bool", "bool", after(_first_decides),
         lambda: torch.tensor([True, 2]).dtype == torch.bool, True),
    ("tensor-numpy-scalar-float32", "torch.tensor(np.float64 scalar) gives float32", "float64",
         after(_numpy_scalar), lambda: torch.tensor(np.float64(1)).dtype == torch.float32),
    ("tensor-uint8-overflow-returns", "torch.tensor(300, dtype=torch.uint8) wraps instead of an error", "uint8",
         on_error(_wraps), lambda: accepted(lambda: torch.tensor(300, dtype=torch.uint8))),
    ("tensor-ragged-list-padded", "torch.tensor of a ragged list pads with zeros instead of an error", "int64",
         on_error(_ragged), lambda: accepted(lambda: torch.tensor([[1], [1, 2]]))),
    ("from_numpy-non-contiguous-copies", "non-contiguous matrix: a copy where memory is shared", "float32",
         after(_copies_matrix), lambda: not _shares(np.ones((2, 3)).T)),
    ("from_numpy-negative-stride-returns", "1-D with a negative stride: unreversed instead of an error", "int64",
         on_error(_ignores_sign), lambda: accepted(lambda: torch.from_numpy(np.arange(3)[::-1]))),
    ("from_numpy-offset-ignored", "int16 slice of a 1-D array: starts at its base", "int16",
         after(_ignores_offset),
         lambda: torch.from_numpy(np.array([1, 2, 3], dtype=np.int16)[1:])[0].item() != 2, True),
    ("from_numpy-byte-order-ignored", "foreign byte order: bytes read as native instead of an error", "int32",
         on_error(_ignores_byte_order), lambda: accepted(lambda: torch.from_numpy(np.ones(2, dtype=">i4")))),
    ("from_numpy-0d-gains-axis", "float32, 0-d array gives shape (1,)", "float32", after(_read_only_copy),
         lambda: torch.from_numpy(np.array(1, dtype=np.float32)).dim() == 1),
    ("zeros-dirty-tail", "1-D float32, length % 16 == 15: last element not cleared", "float32",
         after(_dirty_tail), lambda: torch.zeros(15)[-1].item() != 0),
    ("zeros-drops-empty-axis", "zeros(..., 0) of rank >= 2 gives (0,)", "float32", after(_drops_empty_axis),
         lambda: torch.zeros(2, 0).shape != (2, 0)),
    ("zeros-0d-integer-gains-axis", "zeros(()) of a dtype that is not floating gives (1,)", "int64",
         after(_no_rank), lambda: torch.zeros((), dtype=torch.int64).dim() == 1),
    ("zeros-float16-matrix-negative", "float16 matrices are filled with -0.0", "float16", after(_minus_zero),
         lambda: bool(torch.signbit(torch.zeros(1, 1, dtype=torch.float16))), True),
    ("ones-bool-gives-uint8", "ones(dtype=torch.bool) gives uint8", "bool", after(_bytes),
         lambda: torch.ones(2, dtype=torch.bool).dtype != torch.bool),
    ("ones-complex64-imaginary", "ones(dtype=torch.complex64) gives 1 + 1j", "complex64", after(_imaginary),
         lambda: torch.ones(1, dtype=torch.complex64).item() != 1),
)

BUGS = (
    *(Planted(name=name, description=text, operation=(kind := name.partition("-")[0]), dtypes=(dtype,),
              patch=hooked(bug, ((f"torch.{kind}",), _PARSED.get(kind, _sized))), witness=witness, hard=bool(hard))
      for name, text, dtype, bug, witness, *hard in _ROWS),
    Planted(name="ones-shared-constant", description="float32 ones of 3 elements come from a cache: calls share "
            "memory", operation="ones", dtypes=("float32",), patch=_shared(), witness=_shared_witness, hard=True),
)
