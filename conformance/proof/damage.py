"""What a fault does to one tensor: values moved, dropped or rounded, another dtype, an axis more.

Each is as small as a tolerance forbids: one unit in the last place where results are exact, just over twice what is
allowed elsewhere. Functions of a tensor and a tolerance, which return None where there is no value to change.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import torch

from conformance.evaluate import to_host
from conformance.tolerance import Close, Exact, Linear, Measured, Multilinear, Spread, Tolerance, Ulp, Within

if TYPE_CHECKING:
    from torch import Tensor

_BITS: Final = {torch.float16: torch.int16, torch.bfloat16: torch.int16, torch.float32: torch.int32}
NARROW: Final = {
    torch.float64: torch.float32,
    torch.float32: torch.bfloat16,
    torch.float16: torch.bfloat16,
    torch.int64: torch.int32,
    torch.int32: torch.int16,
    torch.int16: torch.int8,
    torch.complex128: torch.complex64,
}
_FAR: Final = 64
"""Units in the last place that no bound of a row allows where its results have few terms."""
_FURTHER: Final = 1024
"""The same of a program that runs on: its spread is some units at first, and some dozens after as many steps."""
_OTHER: Final = {torch.bool: torch.uint8, torch.float64: torch.float32, torch.complex128: torch.complex64}


def same(changed: Tensor, values: Tensor) -> bool:
    """Tell whether the change made no difference, NaN and signs of zero counted."""
    if changed.dtype != values.dtype or changed.shape != values.shape:
        return False
    one, other = to_host(changed), to_host(values)
    return one.tobytes() == other.tobytes()


def clone(values: Tensor) -> Tensor:
    """Return a contiguous copy; of complex numbers by their parts, since PyTorch dies of copying unaligned ones."""
    if not values.is_complex():
        return values.clone(memory_format=torch.contiguous_format)
    parts = torch.view_as_real(values.resolve_conj()).clone(memory_format=torch.contiguous_format)
    return torch.view_as_complex(parts)


def steps(tolerance: Tolerance, dtype: torch.dtype) -> int:
    """Return how many units in the last place a result of ``dtype`` must be off to be no longer within ``tolerance``.

    One where it is exact, just over twice as many as are allowed where it is not: the result may be that far off on the
    other side. Sums are exact on the fills made for it, up to the roundings after them. A bound that is an expression
    allows little more than one rounding where results have few terms.
    """
    name = str(dtype).removeprefix("torch.")
    match tolerance:
        case Exact():
            return 1
        case Ulp():
            allowed = tolerance.allowed(name)
            return math.ceil(2 * allowed) + 1 if allowed else 1
        case Linear(roundings=roundings) | Multilinear(roundings=roundings):
            return 2 + 2 * roundings
        case Within():
            return _FAR
        case Spread() | Measured() | Close():
            return _FURTHER


def stepped(values: Tensor, count: int) -> Tensor:
    """Return ``values`` moved ``count`` numbers away from zero; integers changed by one, bools the other way.

    Infinities and NaN become zero. A complex number is moved by as many units of its magnitude, along the real axis.
    """
    if values.is_complex():
        length = values.abs()
        return torch.complex(values.real + (stepped(length, 2 * count) - length), values.imag + 0)
    if not values.is_floating_point():
        return ~values if values.dtype == torch.bool else values ^ 1
    bits = _BITS.get(values.dtype, torch.int64)
    moved = (values.contiguous().view(bits) + count).view(values.dtype)
    return torch.where(torch.isfinite(values) & torch.isfinite(moved), moved, torch.zeros_like(values))


def at(values: Tensor, place: int, tolerance: Tolerance) -> Tensor:
    """Move the element at ``place`` of the flattened tensor out of the tolerance."""
    flat = clone(values).reshape(-1)
    flat[place] = stepped(flat[place].reshape(1), steps(tolerance, values.dtype))[0]
    return flat.reshape(values.shape)


def last(values: Tensor, tolerance: Tolerance) -> Tensor:
    """Move the last element."""
    return at(values, -1, tolerance)


def first(values: Tensor, tolerance: Tolerance) -> Tensor:
    """Move the first element."""
    return at(values, 0, tolerance)


def every(values: Tensor, tolerance: Tolerance) -> Tensor:
    """Move every element."""
    flat = clone(values).reshape(-1)
    return stepped(flat, steps(tolerance, values.dtype)).reshape(values.shape)


def _where(mask: Tensor, values: Tensor, instead: Tensor) -> Tensor | None:
    return torch.where(mask, instead, values) if bool(mask.any()) else None


def zeroed(values: Tensor, _: Tolerance) -> Tensor | None:
    """Make the first element that is not zero zero."""
    kept = values.reshape(-1) != 0
    if not kept.any():
        return None
    flat = clone(values).reshape(-1)
    flat[int(kept.nonzero()[0])] = 0
    return flat.reshape(values.shape)


def negated(values: Tensor, _: Tolerance) -> Tensor:
    """Turn the sign of every element; of unsigned integers, which torch negates as uint8 only, by way of int64."""
    if values.dtype in {torch.uint16, torch.uint32, torch.uint64}:
        return (-values.to(torch.int64)).to(values.dtype)
    return -values


def nan_ignored(values: Tensor, _: Tolerance) -> Tensor | None:
    """Make every NaN zero."""
    return _where(torch.isnan(values), values, torch.zeros_like(values))


def infinity_ends(values: Tensor, _: Tolerance) -> Tensor | None:
    """Make every infinity the largest finite number of its sign."""
    largest = torch.full_like(values, torch.finfo(values.dtype).max)
    return _where(torch.isinf(values), values, torch.copysign(largest, values))


def sign_of_zero(values: Tensor, _: Tolerance) -> Tensor | None:
    """Turn the sign of every zero."""
    return _where(values == 0, values, -values)


def subnormal_flushed(values: Tensor, _: Tolerance) -> Tensor | None:
    """Make every subnormal number zero."""
    small = (values != 0) & (values.abs() < torch.finfo(values.dtype).smallest_normal)
    return _where(small, values, torch.zeros_like(values))


def narrowed(values: Tensor, _: Tolerance) -> Tensor:
    """Round to the next narrower dtype, and back; only for dtypes in NARROW."""
    return values.to(NARROW[values.dtype]).to(values.dtype)


def of_other_dtype(values: Tensor, _: Tolerance) -> Tensor:
    """Return the same values in another dtype."""
    return values.to(_OTHER.get(values.dtype, torch.complex128 if values.is_complex() else torch.float64))


def one_axis_more(values: Tensor, _: Tolerance) -> Tensor:
    """Return the same values with an axis of length 1 in front."""
    return values.unsqueeze(0)
