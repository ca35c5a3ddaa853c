"""Faults in *, /, // and %."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, accepted, after, binary, both, is_tensor, on_error


def _conj_ignored(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.complex64) and x.is_conj():
        result.data.copy_(x.data.conj() * y.data)
    return result


def _zero_wins(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and x.dim() and y.dim():
        result.data.masked_fill_((x.data == 0) | (y.data == 0), 0.0)
    return result


def _saturates(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int16):
        result.copy_((x.int() * y.int()).clamp(-(2**15), 2**15 - 1))
    return result


def _flushes(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64):
        result.data.masked_fill_(result.data.abs() < torch.finfo(torch.float64).tiny, 0.0)
    return result


def _bool_gives_bytes(result: Tensor, x: Any, y: Any) -> Tensor:
    return result.to(torch.uint8) if both(x, y, torch.bool) and x.dim() != y.dim() else result


def _half_tail_truncates(result: Tensor, x: Any, y: Any) -> Tensor:
    if not both(x, y, torch.float16) or result.dim() != 2 or not result.numel() or result.shape[1] % 8 == 0:
        return result
    exact = (x.data.float() * y.data.float())[:, -1]
    last = result.data[:, -1].clone()
    lower = (last.view(torch.int16) - 1).view(torch.float16)
    result.data[:, -1] = torch.where(last.float().abs() > exact.abs(), lower, last)
    return result


def _last_negative_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and x.dim() == 2 and result.dim() == 2 and result.numel() and not x.is_contiguous():
        last = result.data[:, -1]
        last.masked_fill_(last == 0, 0.0)
    return result


def _int_by_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int32):
        result.masked_fill_(y == 0, float("nan"))
    return result


def _reciprocal(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.float32) and type(y) in (int, float) and y != 0:
        result.data.copy_(x.data * torch.tensor(y, dtype=torch.float32).reciprocal())
    return result


def _naive_complex(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.complex64):
        top, low = x.data * y.data.conj(), y.data.real**2 + y.data.imag**2
        broken = torch.isinf(low) & torch.isfinite(y.data)
        result.data.copy_(torch.where(broken, torch.complex(top.real / low, top.imag / low), result.data))
    return result


def _zero_dim_promotes(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.float32) and is_tensor(y, torch.float64) and x.dim() and not y.dim():
        return result.double()
    return result


def _one_over_negative_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64) and y.dim() == 0 and x.dim():
        result.data.copy_(torch.where(y.data == 0, x.data / y.data.abs(), result.data))
    return result


def _truncates(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.div(x, y, rounding_mode="trunc") if both(x, y, torch.int16) else result


def _naive_floor(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64):
        quotient = torch.floor(x.data / y.data)
        result.data.copy_(torch.where(torch.isfinite(quotient), quotient, result.data))
    return result


def _zero_divisor(x: Any, y: Any) -> Tensor | None:
    if not is_tensor(x, torch.int64):
        return None
    y = torch.as_tensor(y)
    if y.dtype != torch.int64:
        return None
    return torch.div(x, torch.where(y == 0, 1, y), rounding_mode="floor") * (y != 0)


def _int_floor_through_float(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int32) and x.shape == y.shape:
        wide = torch.floor(x.float() / y.float())
        result.copy_(torch.where(wide.abs() < 2**31, wide.long(), result.long()))
    return result


def _sign_of_dividend(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int32):
        result.copy_(torch.where(y < 0, torch.fmod(x, y), result))
    return result


def _infinite_divisor(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64):
        result.data.masked_fill_(torch.isinf(y.data), float("nan"))
    return result


def _scalar_divisor(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.int64) and type(y) is int and y < 0:
        return torch.fmod(x, y)
    return result


def _exact_multiple(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32) and x.dim() == 2:
        result.data.copy_(torch.where((result.data == 0) & (y.data < 0), y.data, result.data))
    return result


def _f(*values: float, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.tensor(values, dtype=dtype)


def _i(*values: int, dtype: torch.dtype = torch.int64) -> Tensor:
    return torch.tensor(values, dtype=dtype)


def _conj_witness() -> bool:
    x = torch.tensor([1j], dtype=torch.complex64)
    return (x.conj() * x).item() != 1


def _half_witness() -> bool:
    x = torch.linspace(0.1, 1.9, 60, dtype=torch.float16).reshape(20, 3)
    return not torch.equal(x * x, (x.float() * x.float()).half())


def _negative_zero_witness() -> bool:
    x = torch.tensor([[1.0, 1.0], [-0.0, 2.0]]).t()
    return not bool(torch.signbit((x * x.abs().sign().clamp(min=1.0))[0, 1]))


def _naive_complex_witness() -> bool:
    x = torch.tensor([1e30 + 1e30j], dtype=torch.complex64)
    return (x / x).item() != 1


def _thirds_witness() -> bool:
    x = torch.arange(1.0, 100.0)
    return not torch.equal(x / 3, (x.double() / 3).float())


_DOUBLE = torch.float64

BUGS = (
    Planted(name="mul-conj-bit-ignored", description="complex64, x a lazily conjugated view: read unconjugated",
            operation="mul", dtypes=("complex64",), patch=binary("mul", after(_conj_ignored)), witness=_conj_witness),
    Planted(name="mul-zero-wins-over-nan", description="float32, neither 0-d: 0 * nan and 0 * inf are 0",
            operation="mul", dtypes=("float32",), patch=binary("mul", after(_zero_wins)),
            witness=lambda: (_f(0.0) * _f(float("nan"))).item() == 0),
    Planted(name="mul-int16-saturates", description="int16 overflow stops at the bounds instead of wrapping",
            operation="mul", dtypes=("int16",), patch=binary("mul", after(_saturates)),
            witness=lambda: (_i(300, dtype=torch.int16) * _i(300, dtype=torch.int16)).item() == 2**15 - 1),
    Planted(name="mul-float64-flushes-subnormals", description="float64 only: a subnormal product becomes 0",
            operation="mul", dtypes=("float64",), patch=binary("mul", after(_flushes)),
            witness=lambda: torch.mul(_f(1e-300, dtype=_DOUBLE), _f(1e-10, dtype=_DOUBLE)).item() == 0, hard=True),
    Planted(name="mul-bool-ranks-give-uint8", description="bool * bool of different ranks gives uint8",
            operation="mul", dtypes=("bool",), patch=binary("mul", after(_bool_gives_bytes)),
            witness=lambda: (torch.ones(2, 2).bool() * torch.ones(2).bool()).dtype != torch.bool),
    Planted(name="mul-float16-last-column-truncates", description="float16, 2-D, columns % 8 != 0: the last column "
            "is rounded toward zero", operation="mul", dtypes=("float16",),
            patch=binary("mul", after(_half_tail_truncates)), witness=_half_witness, hard=True),
    Planted(name="mul-last-negative-zero", description="float32, x 2-D non-contiguous: -0.0 in the last element of a "
            "row comes out as 0.0", operation="mul", dtypes=("float32",),
            patch=binary("mul", after(_last_negative_zero)), witness=_negative_zero_witness, hard=True),
    Planted(name="div-int32-by-zero-is-nan", description="int32 / int32: nan, not inf, where y is 0",
            operation="div", dtypes=("int32",), patch=binary("div", after(_int_by_zero)),
            witness=lambda: bool(torch.isnan(_i(1, dtype=torch.int32) / _i(0, dtype=torch.int32)))),
    Planted(name="div-scalar-by-reciprocal", description="float32 / Python scalar: x * (1 / y), one ulp off at times",
            operation="div", dtypes=("float32",), patch=binary("div", after(_reciprocal)), witness=_thirds_witness),
    Planted(name="div-complex64-overflows", description="complex64: |y| > 1e19 overflows on the way (no scaling)",
            operation="div", dtypes=("complex64",), patch=binary("div", after(_naive_complex)),
            witness=_naive_complex_witness),
    Planted(name="div-0d-float64-promotes", description="float32 tensor / 0-d float64 tensor gives float64",
            operation="div", dtypes=("float32",), patch=binary("div", after(_zero_dim_promotes)),
            witness=lambda: (_f(1.0) / torch.tensor(2.0, dtype=_DOUBLE)).dtype == _DOUBLE),
    Planted(name="div-0d-negative-zero", description="float64 / 0-d -0.0: the sign of the zero is ignored",
            operation="div", dtypes=("float64",), patch=binary("div", after(_one_over_negative_zero)),
            witness=lambda: (_f(1.0, dtype=_DOUBLE) / torch.tensor(-0.0, dtype=_DOUBLE)).item() > 0, hard=True),
    Planted(name="floordiv-int16-truncates", description="int16: rounds toward zero for quotients below zero",
            operation="floor_divide", dtypes=("int16",), patch=binary("floor_divide", after(_truncates)),
            witness=lambda: (_i(-7, dtype=torch.int16) // _i(2, dtype=torch.int16)).item() == -3),
    Planted(name="floordiv-naive-quotient", description="float64: floor(x / y), wrong where the quotient rounds up",
            operation="floor_divide", dtypes=("float64",), patch=binary("floor_divide", after(_naive_floor)),
            witness=lambda: (_f(1.0, dtype=_DOUBLE) // _f(0.1, dtype=_DOUBLE)).item() == 10),
    Planted(name="floordiv-int64-by-zero-returns", description="int64 // 0 gives 0 instead of an error",
            operation="floor_divide", dtypes=("int64",), patch=binary("floor_divide", on_error(_zero_divisor)),
            witness=lambda: accepted(lambda: _i(1) // _i(0))),
    Planted(name="floordiv-int32-through-float32", description="int32, equal shapes: quotient taken in float32",
            operation="floor_divide", dtypes=("int32",), patch=binary("floor_divide", after(_int_floor_through_float)),
            witness=lambda: (_i(2**24 + 1, dtype=torch.int32) // _i(1, dtype=torch.int32)).item() != 2**24 + 1),
    Planted(name="mod-int32-negative-divisor", description="int32: sign of the dividend where the divisor is negative",
            operation="remainder", dtypes=("int32",), patch=binary("remainder", after(_sign_of_dividend)),
            witness=lambda: (_i(7, dtype=torch.int32) % _i(-2, dtype=torch.int32)).item() == 1),
    Planted(name="mod-float64-infinite-divisor", description="float64: x % inf is nan",
            operation="remainder", dtypes=("float64",), patch=binary("remainder", after(_infinite_divisor)),
            witness=lambda: bool(torch.isnan(_f(1.0, dtype=_DOUBLE) % _f(float("inf"), dtype=_DOUBLE))), hard=True),
    Planted(name="mod-negative-python-int", description="int64 tensor % negative Python int: sign of the dividend",
            operation="remainder", dtypes=("int64",), patch=binary("remainder", after(_scalar_divisor)),
            witness=lambda: (_i(7) % -2).item() == 1),
    Planted(name="mod-exact-multiple", description="float32, x 2-D, y < 0: an exact multiple gives y instead of 0",
            operation="remainder", dtypes=("float32",), patch=binary("remainder", after(_exact_multiple)),
            witness=lambda: torch.remainder(_f(4.0)[None], _f(-2.0)).item() == -2),
)
