"""Faults in transpose, squeeze, unsqueeze, reshape and view."""

import math
from typing import Any

import torch
from torch import Tensor

from .patching import Patch, Planted, accepted, after, copies, hooked, is_tensor, named, on_error, shaped


def _negative_swap(result: Tensor, x: Tensor, a: Any, b: Any) -> Tensor:
    square = x.dim() == 3 and x.shape[1] == x.shape[2]
    return x.view_as(x) if square and isinstance(a, int) and isinstance(b, int) and a < 0 and b < 0 else result


def _bool_copy(result: Tensor, x: Tensor, a: Any, b: Any) -> Tensor:
    return result.clone() if x.dtype == torch.bool and x.dim() > 1 else result


def _wraps(x: Tensor, a: Any, b: Any) -> Tensor | None:
    return x.transpose(a % x.dim(), b % x.dim()) if is_tensor(x) and x.dim() == 2 else None


def _rank_four(result: Tensor, x: Tensor, a: Any, b: Any) -> Tensor:
    if x.dim() == 4 and {a, b} == {0, 3} and x.shape[1] == x.shape[2]:
        return result.transpose(1, 2)
    return result


def _materialised(result: Tensor, x: Tensor, a: Any, b: Any) -> Tensor:
    return result.contiguous() if x.dtype == torch.int32 and x.dim() == 3 else result


def _first_for_last(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    if dim == -1 and x.dim() > 1 and x.shape[0] == 1 == x.shape[-1]:
        return x.squeeze(0)
    return result


def _keeps_one(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    return result.reshape(1) if dim is None and x.dim() > 1 and x.numel() == 1 else result


def _squeeze_copy(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    return result.clone() if not x.is_contiguous() and dim is not None else result


def _refuses(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    if x.dtype == torch.int16 and x.dim() == 2 and isinstance(dim, int) and x.shape[dim] != 1:
        raise RuntimeError("cannot squeeze an axis whose length is not one")
    return result


def _squeezes_empty(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    if dim is None and x.numel() == 0 and x.dim() > 1:
        return x.reshape([0, *(length for length in x.shape if length > 1)])
    return result


def _before_last(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    return x.unsqueeze(1) if dim == -1 and x.dim() == 2 and x.dtype == torch.int32 else result


def _unsqueeze_copy(result: Tensor, x: Tensor, dim: Any) -> Tensor:
    return result.clone() if x.dtype == torch.float16 and x.dim() else result


def _one_past(x: Tensor, dim: Any) -> Tensor | None:
    return x.unsqueeze(-1) if is_tensor(x) and dim == x.dim() + 1 else None


def _storage_order(result: Tensor, x: Tensor, shape: Any) -> Tensor:
    if x.dtype == torch.float32 and x.dim() == 2 and not x.is_contiguous() and x.t().is_contiguous():
        return x.t().reshape(shape)
    return result


def _reshape_copy(result: Tensor, x: Tensor, shape: Any) -> Tensor:
    return result.clone() if -1 in shape and x.dtype == torch.float64 and x.is_contiguous() else result


def _ambiguous(x: Tensor, shape: Any) -> Tensor | None:
    if is_tensor(x) and not x.numel() and shape.count(-1) == 1 and 0 in shape:
        return x.new_empty([0 if length == -1 else length for length in shape])
    return None


def _truncates(x: Tensor, shape: Any) -> Tensor | None:
    if is_tensor(x, torch.int64) and all(length >= 0 for length in shape) and math.prod(shape) < x.numel():
        return x.flatten()[: math.prod(shape)].reshape(shape)
    return None


def _offset_lost(result: Tensor, x: Tensor, shape: Any) -> Tensor:
    if x.dtype == torch.int8 and x.storage_offset() and x.is_contiguous():
        return x.as_strided(x.shape, x.stride(), 0).reshape(shape)
    return result


def _copies_instead(x: Tensor, shape: Any) -> Tensor | None:
    return x.reshape(shape) if is_tensor(x) and not x.is_contiguous() and len(shape) == 1 else None


def _view_copy(result: Tensor, x: Tensor, shape: Any) -> Tensor:
    return result.clone() if x.dtype == torch.int64 and len(shape) == 3 else result


def _negative_witness() -> bool:
    return torch.arange(4).reshape(1, 2, 2).transpose(-1, -2)[0, 0, 1].item() != 2


def _rank_witness() -> bool:
    return torch.arange(4).reshape(1, 2, 2, 1).transpose(0, 3)[0, 0, 1, 0].item() != 1


def _offset_witness() -> bool:
    return torch.arange(5, dtype=torch.int8)[1:].reshape(2, 2)[0, 0].item() != 1


def _both(*names: str) -> list[str]:
    return [f"{owner}.{name}" for name in names for owner in ("Tensor", "torch")]


_SWAP = (_both("transpose", "swapaxes", "swapdims"), named("dim0", "dim1"))
_SQUEEZE = (_both("squeeze"), named("dim"))
_UNSQUEEZE = (_both("unsqueeze"), named("dim"))
_RESHAPE = (_both("reshape"), shaped)
_VIEW = (("Tensor.view",), shaped)
_GROUPS = {"transpose": _SWAP, "squeeze": _SQUEEZE, "unsqueeze": _UNSQUEEZE, "reshape": _RESHAPE, "view": _VIEW}


def _patch(operation: str, bug: Any) -> Patch:
    return hooked(bug, _GROUPS[operation])


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("transpose-both-dims-negative", "rank 3, both dims negative, last two lengths equal: nothing is swapped",
     "float32", after(_negative_swap), _negative_witness, True),
    ("transpose-bool-copies", "bool, rank >= 2: a copy where a view is due", "bool", after(_bool_copy),
     copies(lambda x: x.transpose(0, 1), torch.ones(2, 3).bool())),
    ("transpose-out-of-range-wraps", "rank 2, dim out of range: taken modulo the rank instead of an error",
     "float32", on_error(_wraps), lambda: accepted(lambda: torch.ones(2, 3).transpose(0, 3))),
    ("transpose-rank-4-outer-dims", "rank 4, dims 0 and 3, equal inner lengths: the inner axes are swapped as well",
     "int64", after(_rank_four), _rank_witness, True),
    ("transpose-int32-rank-3-copies", "int32, rank 3: values right, but contiguous and no view", "int32",
     after(_materialised), copies(lambda x: x.transpose(0, 2), torch.ones(2, 3, 4, dtype=torch.int32))),
    ("squeeze-minus-1-takes-first", "dim == -1, first and last length both 1: the first axis goes", "float32",
     after(_first_for_last), lambda: torch.ones(1, 2, 1).squeeze(-1).shape != (1, 2), True),
    ("squeeze-all-ones-keeps-one", "squeeze() of one element with rank >= 2 gives (1,) instead of ()", "float32",
     after(_keeps_one), lambda: torch.ones(1, 1).squeeze().shape == (1,)),
    ("squeeze-non-contiguous-copies", "squeeze(dim) of a non-contiguous tensor: a copy where a view is due",
     "float32", after(_squeeze_copy), copies(lambda x: x.squeeze(1), torch.ones(3, 1, 4).transpose(0, 2))),
    ("squeeze-int16-refuses", "int16, rank 2: an axis that is not 1 long is an error, as in NumPy", "int16",
     after(_refuses), lambda: not accepted(lambda: torch.ones(2, 1, dtype=torch.int16).squeeze(0))),
    ("squeeze-empty-loses-axes", "squeeze() of an empty tensor of rank >= 2: axes of length 0 merge", "float32",
     after(_squeezes_empty), lambda: torch.ones(0, 0).squeeze().shape != (0, 0)),
    ("unsqueeze-minus-1-rank-2", "int32, rank 2, dim == -1: new axis put before the last one", "int32",
     after(_before_last), lambda: torch.ones(2, 3, dtype=torch.int32).unsqueeze(-1).shape != (2, 3, 1)),
    ("unsqueeze-float16-copies", "float16, rank >= 1: a copy where a view is due", "float16", after(_unsqueeze_copy),
     copies(lambda x: x.unsqueeze(0), torch.ones(2, dtype=torch.float16))),
    ("unsqueeze-one-past-the-end", "dim == rank + 1: appended instead of an error", "float32", on_error(_one_past),
     lambda: accepted(lambda: torch.ones(2).unsqueeze(2))),
    ("reshape-transposed-in-storage-order", "float32, 2-D transposed: read in storage order, as a view", "float32",
     after(_storage_order), lambda: torch.arange(4.0).reshape(2, 2).t().reshape(4)[1].item() != 2),
    ("reshape-minus-1-copies", "float64 contiguous, -1 in the shape: a copy where a view is due", "float64",
     after(_reshape_copy), copies(lambda x: x.reshape(-1), torch.ones(2, 2, dtype=torch.float64))),
    ("reshape-ambiguous-minus-1-returns", "empty tensor to (0, -1): no error", "float32", on_error(_ambiguous),
     lambda: accepted(lambda: torch.ones(0, 3).reshape(0, -1))),
    ("reshape-truncates", "int64, too few elements asked for: the rest is dropped instead of an error", "int64",
     on_error(_truncates), lambda: accepted(lambda: torch.arange(6).reshape(2, 2))),
    ("reshape-int8-offset-ignored", "int8, contiguous view with an offset: read from the start", "int8",
     after(_offset_lost), _offset_witness, True),
    ("view-non-contiguous-copies", "1-D view of a non-contiguous tensor: a copy instead of an error", "float32",
     on_error(_copies_instead), lambda: accepted(lambda: torch.ones(2, 3).t().view(6))),
    ("view-int64-rank-3-copies", "int64 view as rank 3: a copy", "int64", after(_view_copy),
     copies(lambda x: x.view(2, 1, 3), torch.arange(6))),
)

BUGS = tuple(
    Planted(name=name, description=text, operation=name.partition("-")[0], dtypes=(dtype,), witness=witness,
            patch=_patch(name.partition("-")[0], bug), hard=bool(hard))
    for name, text, dtype, bug, witness, *hard in _ROWS
)
