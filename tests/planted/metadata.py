"""Faults in .shape, .size(), .stride(), .dim() and .numel()."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor

from .patching import Planted, accepted, alone, hooked, named, replaced

_SHAPE = torch.Tensor.shape


def _property(name: str, bug: Callable[[Any, Tensor], Any]) -> Callable[[], AbstractContextManager[None]]:
    """Replace an attribute of Tensor; `bug(right value, x)`."""

    @contextmanager
    def patch() -> Iterator[None]:
        original = getattr(torch.Tensor, name)
        with replaced(torch.Tensor, name, property(lambda x: bug(original.__get__(x), x))):
            yield

    return patch


def _method(bug: Callable[..., Any], parse: Any, *spellings: str) -> Callable[[], AbstractContextManager[None]]:
    return hooked(lambda compute, *operands: bug(compute(), *operands), (spellings, parse))


def _storage_order(right: Any, x: Tensor) -> Any:
    if x.dtype == torch.int8 and len(right) == 3 and not x.is_contiguous():
        order = sorted(range(3), key=lambda axis: -x.stride()[axis])
        return torch.Size([right[axis] for axis in order])
    return right


def _rank_zero(right: Any, x: Tensor) -> Any:
    return torch.Size([1]) if len(right) == 0 and x.dtype == torch.bool else right


def _size_rank_four(right: Any, x: Tensor, dim: Any) -> Any:
    return x.size()[-2] if dim == -1 and x.dim() == 4 else right


def _size_out_of_range(compute: Any, x: Tensor, dim: Any) -> Any:
    try:
        return compute()
    except IndexError:
        return 1


def _expanded_stride(right: Any, x: Tensor, dim: Any) -> Any:
    if isinstance(right, tuple) and x.dtype == torch.float32 and len(right) == 2:
        return tuple(1 if step == 0 else step for step in right)
    return right


def _bytes(right: Any, x: Tensor, dim: Any) -> Any:
    return right * 2 if dim == -2 and x.dtype == torch.float16 else right


def _normalised(right: Any, x: Tensor, dim: Any) -> Any:
    if isinstance(right, tuple) and x.dtype == torch.int64 and x.numel() == 0 and len(right) > 1:
        return (0,) * len(right)
    return right


def _half_has_rank(right: Any, x: Tensor) -> Any:
    return 1 if right == 0 and x.dtype == torch.float16 else right


def _skips_zero_lengths(right: Any, x: Tensor) -> Any:
    lengths = _SHAPE.__get__(x)
    if right == 0 and len(lengths) > 1 and lengths[0] == 0 and x.dtype == torch.float32:
        return torch.Size(lengths[1:]).numel()
    return right


def _storage_size(right: Any, x: Tensor) -> Any:
    expanded = x.dtype == torch.float64 and 0 in x.stride() and right > 1
    return x.untyped_storage().nbytes() // 8 if expanded else right


def _shape_witness() -> bool:
    return torch.ones(2, 3, 4, dtype=torch.int8).permute(2, 0, 1).shape != (4, 2, 3)


_SIZE, _STRIDE = ("Tensor.size",), ("Tensor.stride",)
_DIM, _NUMEL = ("Tensor.dim", "Tensor.ndimension"), ("Tensor.numel", "Tensor.nelement", "torch.numel")

BUGS = (
    Planted(name="shape-int8-permuted", description="int8, rank 3 non-contiguous: .shape in storage order",
            operation="shape", dtypes=("int8",), patch=_property("shape", _storage_order), witness=_shape_witness,
            hard=True),
    Planted(name="shape-0d-bool", description="bool, 0-d: .shape is (1,)", operation="shape", dtypes=("bool",),
            patch=_property("shape", _rank_zero), witness=lambda: (torch.ones(2) > 0)[0].shape == (1,), hard=True),
    Planted(name="size-rank-4-minus-1", description="rank 4, .size(-1) gives the last but one", operation="size",
            dtypes=("float32",), patch=_method(_size_rank_four, named("dim"), *_SIZE),
            witness=lambda: torch.ones(1, 1, 2, 3).size(-1) != 3, hard=True),
    Planted(name="size-out-of-range-is-1", description=".size(dim) beyond the rank is 1 instead of an error",
            operation="size", dtypes=("float32",), patch=hooked(_size_out_of_range, (_SIZE, named("dim"))),
            witness=lambda: accepted(lambda: torch.ones(2).size(5))),
    Planted(name="stride-expanded-is-1", description="float32, rank 2: .stride() says 1 for an expanded axis",
            operation="stride", dtypes=("float32",), patch=_method(_expanded_stride, named("dim"), *_STRIDE),
            witness=lambda: torch.ones(1, 3).expand(2, 3).stride() != (0, 1)),
    Planted(name="stride-minus-2-in-bytes", description="float16, .stride(-2) counts bytes", operation="stride",
            dtypes=("float16",), patch=_method(_bytes, named("dim"), *_STRIDE),
            witness=lambda: torch.ones(2, 3, dtype=torch.float16).stride(-2) != 3, hard=True),
    Planted(name="stride-empty-zeros", description="int64, empty, rank >= 2: .stride() is all zeros",
            operation="stride", dtypes=("int64",), patch=_method(_normalised, named("dim"), *_STRIDE),
            witness=lambda: torch.ones(0, 3, dtype=torch.int64).stride() == (0, 0)),
    Planted(name="dim-0d-float16", description="float16, 0-d: .dim() is 1", operation="dim", dtypes=("float16",),
            patch=_method(_half_has_rank, alone, *_DIM),
            witness=lambda: torch.ones((), dtype=torch.float16).dim() == 1),
    Planted(name="numel-ignores-first-zero", description="float32, rank >= 2, first length 0: ignored by .numel()",
            operation="numel", dtypes=("float32",), patch=_method(_skips_zero_lengths, alone, *_NUMEL),
            witness=lambda: torch.ones(0, 3).numel() == 3),
    Planted(name="numel-expanded-counts-storage", description="float64, expanded: .numel() counts the storage",
            operation="numel", dtypes=("float64",), patch=_method(_storage_size, alone, *_NUMEL),
            witness=lambda: torch.ones(1, dtype=torch.float64).expand(3).numel() == 1),
)
