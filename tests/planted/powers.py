"""Faults in unary - and **."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, accepted, after, binary, both, is_tensor, on_error, unary


def _lowest_saturates(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.int8):
        result.masked_fill_(x == -128, 127)
    return result


def _zero_minus(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.float64) and x.dim() == 2:
        result.data.copy_(0 - x.data)
    return result


def _bool_flips(x: Any) -> Tensor | None:
    return x.logical_not() if is_tensor(x, torch.bool) else None


def _offset_ignored(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.int32) and x.dim() == 1 and x.storage_offset() and x.stride() == (1,):
        result.copy_(-x.as_strided(x.shape, (1,), 0))
    return result


def _step_ignored(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.float16) and x.dim() == 1 and x.stride() == (2,) and x.numel():
        result.data.copy_(-x.data.as_strided(x.shape, (1,), x.storage_offset()))
    return result


def _nan_sign(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.complex128):
        result.data.copy_(torch.complex(-x.data.real, torch.where(x.data.imag == 0, x.data.imag, -x.data.imag)))
    return result


def _tail_of_eight(result: Tensor, x: Any) -> Tensor:
    if is_tensor(x, torch.int16) and x.dim() == 1 and x.numel() > 8 and x.numel() % 8 == 1:
        result[-1] = x[-1]
    return result


def _through_double(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.int64) and result.dtype == torch.int64:
        wide = x.double() ** (y.double() if isinstance(y, Tensor) else y)
        result.copy_(torch.where(wide.abs() < 2.0**63, wide.long(), result))
    return result


def _nan_to_the_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.float32):
        result.data.masked_fill_(torch.isnan(x.data) & torch.as_tensor(y == 0), float("nan"))
    return result


def _negative_exponent(x: Any, y: Any) -> Tensor | None:
    if is_tensor(x) and not x.is_floating_point() and type(y) is int:
        return torch.where((x == 1) | ((x == -1) & (y % 2 == 0)), 1, torch.where(x == -1, -1, 0)).to(x.dtype)
    return None


def _scalar_base_widens(result: Tensor, x: Any, y: Any) -> Tensor:
    return result.float() if type(x) in (int, float) and is_tensor(y, torch.float16) else result


def _by_logarithm(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float64) and x.shape == y.shape:
        result.data.masked_fill_((x.data < 0) & (y.data != 0), float("nan"))
    return result


def _negative_zero_base(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.float32) and type(y) in (int, float) and y < 0:
        result.data.copy_(torch.where(x.data == 0, result.data.abs(), result.data))
    return result


def _zero_to_the_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.int32):
        result.masked_fill_((x == 0) & (y == 0), 0)
    return result


def _uint8_saturates(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.uint8) and type(y) is int and y == 2:
        result.copy_((x.int() ** 2).clamp(max=255))
    return result


def _offset_witness() -> bool:
    return (-torch.tensor([1, 2, 3], dtype=torch.int32)[1:])[0].item() != -2


def _step_witness() -> bool:
    return (-torch.tensor([1, 2, 3, 4], dtype=torch.float16)[::2])[1].item() != -3


def _complex_zero_witness() -> bool:
    return not bool(torch.signbit((-torch.tensor([1 + 0j], dtype=torch.complex128)).imag))


def _long_witness() -> bool:
    return torch.pow(torch.tensor([3]), 35).item() != 3**35


def _zeros(dtype: torch.dtype) -> Tensor:
    return torch.zeros(1, dtype=dtype)


BUGS = (
    Planted(name="neg-int8-lowest-saturates", description="int8: -(-128) is 127 instead of -128",
            operation="neg", dtypes=("int8",), patch=unary("neg", after(_lowest_saturates)),
            witness=lambda: (-torch.tensor([-128], dtype=torch.int8)).item() == 127),
    Planted(name="neg-zero-2d", description="float64, rank 2: computed as 0 - x, so 0.0 stays 0.0",
            operation="neg", dtypes=("float64",), patch=unary("neg", after(_zero_minus)),
            witness=lambda: not bool(torch.signbit(-torch.zeros(1, 1, dtype=torch.float64))), hard=True),
    Planted(name="neg-bool-returns", description="-bool gives logical not instead of an error",
            operation="neg", dtypes=("bool",), patch=unary("neg", on_error(_bool_flips)),
            witness=lambda: accepted(lambda: -torch.tensor([True]))),
    Planted(name="neg-offset-ignored", description="int32, 1-D view with a storage offset: read from the start",
            operation="neg", dtypes=("int32",), patch=unary("neg", after(_offset_ignored)), witness=_offset_witness),
    Planted(name="neg-step-2-ignored", description="float16, 1-D view with stride 2: read as contiguous",
            operation="neg", dtypes=("float16",), patch=unary("neg", after(_step_ignored)), witness=_step_witness),
    Planted(name="neg-complex-zero-imaginary", description="complex128: an imaginary part of 0.0 keeps its sign",
            operation="neg", dtypes=("complex128",), patch=unary("neg", after(_nan_sign)),
            witness=_complex_zero_witness, hard=True),
    Planted(name="neg-int16-tail-of-8", description="int16, 1-D, length % 8 == 1 and > 8: last element not negated",
            operation="neg", dtypes=("int16",), patch=unary("neg", after(_tail_of_eight)),
            witness=lambda: (-torch.ones(9, dtype=torch.int16))[8].item() == 1),
    Planted(name="pow-int64-through-double", description="int64 power taken in float64: wrong beyond 2**53",
            operation="pow", dtypes=("int64",), patch=binary("pow", after(_through_double)), witness=_long_witness),
    Planted(name="pow-nan-to-the-zero", description="float32: nan ** 0 is nan instead of 1",
            operation="pow", dtypes=("float32",), patch=binary("pow", after(_nan_to_the_zero)),
            witness=lambda: bool(torch.isnan(torch.tensor([float("nan")]) ** 0)), hard=True),
    Planted(name="pow-negative-int-exponent-returns", description="integer ** negative Python int: no error",
            operation="pow", dtypes=("int8", "int16", "int32", "int64", "uint8"),
            patch=binary("pow", on_error(_negative_exponent)),
            witness=lambda: accepted(lambda: torch.tensor([2]) ** -1)),
    Planted(name="pow-scalar-base-widens", description="Python scalar ** float16 tensor gives float32",
            operation="pow", dtypes=("float16",), patch=binary("pow", after(_scalar_base_widens)),
            witness=lambda: (2 ** _zeros(torch.float16)).dtype == torch.float32),
    Planted(name="pow-by-logarithm", description="float64 ** float64 of one shape: nan wherever x is negative",
            operation="pow", dtypes=("float64",), patch=binary("pow", after(_by_logarithm)),
            witness=lambda: bool(torch.isnan((_zeros(torch.float64) - 2) ** (_zeros(torch.float64) + 2)))),
    Planted(name="pow-negative-zero-base", description="float32 -0.0 ** negative Python scalar: inf for -inf",
            operation="pow", dtypes=("float32",), patch=binary("pow", after(_negative_zero_base)),
            witness=lambda: (torch.tensor([-0.0]) ** -1.0).item() > 0, hard=True),
    Planted(name="pow-int32-zero-to-zero", description="int32: 0 ** 0 is 0 for tensor exponents",
            operation="pow", dtypes=("int32",), patch=binary("pow", after(_zero_to_the_zero)),
            witness=lambda: (_zeros(torch.int32) ** _zeros(torch.int32)).item() == 0),
    Planted(name="pow-uint8-square-saturates", description="uint8 ** 2 stops at 255 instead of wrapping",
            operation="pow", dtypes=("uint8",), patch=binary("pow", after(_uint8_saturates)),
            witness=lambda: (torch.tensor([16], dtype=torch.uint8) ** 2).item() == 255),
)
