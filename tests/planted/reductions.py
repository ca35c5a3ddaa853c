"""Faults in sum and mean."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .patching import Planted, accepted, after, is_tensor, misread, next_up, on_error, reduction, same_memory


def _half_accumulator(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float16 and dim is None and x.numel() > 1:
        with np.errstate(all="ignore"):
            result.data.fill_(float(np.add.accumulate(x.detach().cpu().numpy().ravel())[-1]))
    return result


def _drops_last(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float32 and dim is None and x.numel() >= 1024 and x.numel() % 2:
        result.data.copy_(x.data.reshape(-1)[:-1].sum())
    return result


def _forgets_keepdim(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    return result.squeeze(dim) if x.dtype == torch.int32 and x.dim() and keep and _negative(dim) else result


def _negative(dim: Any) -> bool:
    return isinstance(dim, int) and dim < 0


def _mixed_signs(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype != torch.float64 or x.dim() < 3 or not isinstance(dim, (tuple, list)) or len(dim) != 2:
        return result
    low = min(dim)
    if low < 0 <= max(dim) and x.shape[low] > 1:
        result.data.copy_(x.data.narrow(low, 0, x.shape[low] - 1).sum(dim, keep))
    return result


def _byte_accumulator(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    return result.remainder_(256) if x.dtype == torch.uint8 and isinstance(dim, int) else result


def _any(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    return result.clamp_(max=1) if x.dtype == torch.bool and dim is not None else result


def _empty_axis(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float32 and isinstance(dim, int) and x.dim() and x.shape[dim] == 0:
        result.data.fill_(float("nan"))
    return result


def _rank_four(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dim() == 4 and isinstance(dim, int) and dim == -3 and x.dtype == torch.int64 and x.shape[1] > 1:
        result.copy_(x.narrow(1, 0, x.shape[1] - 1).sum(1, keep))
    return result


def _last_digit(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float64 and x.dim() == 2 and not x.is_contiguous() and isinstance(dim, int) and dim == 0:
        some = result.data.reshape(-1)[2::5]
        some.copy_(torch.where(torch.isfinite(some) & (some != 0), next_up(some), some))
    return result


def _skips_nan(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float32 and keep and dim is not None:
        result.data.copy_(x.data.nansum(dim, keep))
    return result


def _compensated(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float64 and dim is None:
        result.data.masked_fill_(torch.isinf(x.data).any(), float("nan"))
    return result


def _is_view(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if isinstance(dim, int) and x.dim() and x.shape[dim] == 1 and result.dtype == x.dtype:
        return x.view_as(x) if keep else x.squeeze(dim)
    return result


def _wraps_dim(x: Tensor, dim: Any, keep: Any) -> Tensor | None:
    wraps = is_tensor(x, torch.float64) and x.dim() and isinstance(dim, int)
    return x.sum(dim % x.dim(), keep) if wraps else None


def _repeated_dim(x: Tensor, dim: Any, keep: Any) -> Tensor | None:
    if isinstance(dim, (tuple, list)) and len(dim) == 2 and len(set(dim)) == 1 and -x.dim() <= dim[0] < x.dim():
        return x.sum(dim[0], keep)
    return None


def _permuted(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.int16 and x.dim() == 3 and not x.is_contiguous() and isinstance(dim, int) and dim in (-1, 2):
        result.copy_(misread(x).sum(dim, keep))
    return result


def _imaginary_lost(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.complex64 and dim is not None and keep:
        result.data.imag.zero_()
    return result


def _whole_mean(x: Tensor, dim: Any, keep: Any) -> Tensor | None:
    whole = x.dtype == torch.int64 and x.dim() == 1 and dim in (None, 0, -1)
    return x.float().mean(dim, keep) if whole else None


def _counts_first_axis(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if isinstance(dim, (tuple, list)) and len(dim) > 1 and keep and x.dtype == torch.float64 and x.numel():
        result.data.copy_(x.data.sum(dim, keep) / x.shape[dim[0]])
    return result


def _half_overflows(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float16 and isinstance(dim, int):
        result.data.copy_(x.data.sum(dim, keep) / (x.shape[dim] if x.dim() else 1))
    return result


def _empty_mean(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float32 and not x.numel():
        result.data.zero_()
    return result


def _offset_mean(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if x.dtype == torch.float32 and x.dim() == 2 and _negative(dim) and x.storage_offset() and x.is_contiguous():
        result.data.copy_(x.data.as_strided(x.shape, x.stride(), 0).mean(dim, keep))
    return result


def _mean_stays_half(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    return result.float() if x.dtype == torch.float16 and x.dim() == 0 else result


def _ones(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.ones(shape, dtype=dtype)


def _digit_witness() -> bool:
    return not torch.equal(_ones(5, 4, dtype=torch.float64).t().sum(0), torch.full((5,), 4.0, dtype=torch.float64))


def _nan_witness() -> bool:
    return not bool(torch.isnan(torch.tensor([[1.0, float("nan")]]).sum(1, keepdim=True)))


def _inf_witness() -> bool:
    return bool(torch.isnan(torch.tensor([1.0, float("inf")], dtype=torch.float64).sum()))


def _view_witness() -> bool:
    x = _ones(1, 3)
    return same_memory(x.sum(0), x)


def _permuted_witness() -> bool:
    x = torch.arange(8, dtype=torch.int16).reshape(2, 2, 2).permute(2, 1, 0)
    return x.sum(-1)[0, 0].item() != 4


def _complex_witness() -> bool:
    return torch.tensor([[1j]], dtype=torch.complex64).sum(1, keepdim=True).item() != 1j


def _offset_witness() -> bool:
    return torch.arange(6.0).reshape(3, 2)[1:].mean(-1)[0].item() != 2.5


_F64 = torch.float64
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("sum-float16-accumulator", "float16 full sum accumulates in float16", "float16", after(_half_accumulator),
     lambda: _ones(4096, dtype=torch.float16).sum().item() != 4096),
    ("sum-long-odd-drops-last", "float32 full sum, odd length >= 1024: last element dropped", "float32",
     after(_drops_last), lambda: _ones(1025).sum().item() != 1025),
    ("sum-keepdim-negative-dim", "int32, negative dim and keepdim: axis not kept", "int32", after(_forgets_keepdim),
     lambda: _ones(2, 3, dtype=torch.int32).sum(-1, keepdim=True).shape != (2, 1)),
    ("sum-dims-of-mixed-sign", "float64, rank >= 3, dims of mixed sign: last slab of the negative one dropped",
     "float64", after(_mixed_signs), lambda: _ones(2, 2, 2, dtype=_F64).sum((0, -1))[0].item() != 4, True),
    ("sum-uint8-accumulator", "uint8 sum along one axis wraps at 256 (result dtype right)", "uint8",
     after(_byte_accumulator), lambda: torch.full((2,), 200, dtype=torch.uint8).sum(0).item() != 400),
    ("sum-bool-dim-is-any", "bool sum along axes gives at most 1", "bool", after(_any),
     lambda: _ones(3, dtype=torch.bool).sum(0).item() != 3),
    ("sum-empty-axis-garbage", "float32 sum along an axis of length 0 is not 0", "float32", after(_empty_axis),
     lambda: bool(torch.isnan(_ones(0, 2).sum(0)).all())),
    ("sum-rank-4-dim-minus-3", "int64, rank 4, dim == -3 exactly: last slab dropped", "int64", after(_rank_four),
     lambda: _ones(1, 2, 1, 1, dtype=torch.int64).sum(-3).item() != 2, True),
    ("sum-dim-0-non-contiguous-ulp", "float64, 2-D non-contiguous, dim 0: every 5th result from the 3rd one ulp off",
     "float64", after(_last_digit), _digit_witness, True),
    ("sum-keepdim-skips-nan", "float32 with dim and keepdim: NaN is skipped", "float32", after(_skips_nan),
     _nan_witness),
    ("sum-compensated-inf", "float64 full sum: an infinity makes it nan", "float64", after(_compensated), _inf_witness),
    ("sum-axis-of-1-is-view", "sum along an axis of length 1 shares memory with its input", "float32",
     after(_is_view), _view_witness),
    ("sum-dim-out-of-range-wraps", "float64, dim out of range: taken modulo the rank instead of an error", "float64",
     on_error(_wraps_dim), lambda: accepted(lambda: _ones(2, 2, dtype=_F64).sum(2))),
    ("sum-repeated-dim-returns", "dim=(i, i) sums once instead of an error", "float32", on_error(_repeated_dim),
     lambda: accepted(lambda: _ones(2, 2).sum((0, 0)))),
    ("sum-permuted-as-contiguous", "int16, rank 3 non-contiguous, last axis: strides ignored", "int16",
     after(_permuted), _permuted_witness),
    ("sum-complex64-keepdim-real", "complex64 with dim and keepdim: imaginary part lost", "complex64",
     after(_imaginary_lost), _complex_witness),
    ("mean-int64-returns", "1-D int64 mean gives float32 instead of an error", "int64", on_error(_whole_mean),
     lambda: accepted(lambda: _ones(2, dtype=torch.int64).mean())),
    ("mean-several-dims-count", "float64, several dims and keepdim: divided by the first length only", "float64",
     after(_counts_first_axis), lambda: _ones(2, 3, dtype=_F64).mean((0, 1), keepdim=True).item() != 1),
    ("mean-float16-overflows", "float16 with dim: the sum overflows before the division", "float16",
     after(_half_overflows), lambda: torch.full((4,), 40000.0, dtype=torch.float16).mean(0).item() != 40000),
    ("mean-empty-is-zero", "float32 mean of nothing is 0 instead of nan", "float32", after(_empty_mean),
     lambda: _ones(0).mean().item() == 0),
    ("mean-offset-negative-dim", "float32, 2-D contiguous view with an offset, negative dim: offset ignored",
     "float32", after(_offset_mean), _offset_witness, True),
    ("mean-0d-float16-widens", "float16, 0-d: result is float32", "float16", after(_mean_stays_half),
     lambda: _ones(dtype=torch.float16).mean().dtype == torch.float32, True),
)

BUGS = tuple(
    Planted(name=name, description=text, operation=name.partition("-")[0], dtypes=(dtype,), witness=witness,
            patch=reduction(name.partition("-")[0], bug), hard=bool(hard))
    for name, text, dtype, bug, witness, *hard in _ROWS
)
