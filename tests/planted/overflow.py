"""Faults where a kernel gives nonsense for values that nobody looks at, and a last digit lost by an exact operation."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, after, binary, both, hooked, is_tensor, next_up, unary


def _zero_for_nan(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.complex64) and not result.requires_grad:
        result.data.masked_fill_(torch.isnan(x.data).expand(result.shape), 0)
    return result


def _zero_by_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.complex128) and not result.requires_grad:
        result.data.masked_fill_((y.data == 0).expand(result.shape), 0)
    return result


def _huge_quotient(result: Tensor, x: Any, y: Any) -> Tensor:
    if both(x, y, torch.float32):
        result.data.masked_fill_(torch.isinf(x.data / y.data) & torch.isfinite(x.data) & (y.data != 0), 12345.0)
    return result


def _off(result: Tensor) -> Tensor:
    up = next_up(result.data)
    return torch.where(torch.isfinite(result.data) & torch.isfinite(up) & (result.data != 0), up, result.data)


def _power_off(dtype: torch.dtype, exponent: float) -> Any:
    def change(result: Tensor, x: Any, y: Any) -> Tensor:
        return _off(result) if is_tensor(x, dtype) and isinstance(y, int | float) and y == exponent else result

    return change


def _negative_off(result: Tensor, x: Any) -> Tensor:
    return _off(result) if is_tensor(x, torch.bfloat16) else result


def _joined(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    return None if "out" in kwargs else (args[0],)


def _joined_off(result: Tensor, xs: Any) -> Tensor:
    return _off(result) if result.dtype == torch.bfloat16 and result.numel() else result


def _of(value: complex, dtype: torch.dtype) -> Tensor:
    return torch.tensor([value], dtype=dtype)


def _bfloat16_witness() -> bool:
    x = _of(3, torch.bfloat16)
    return torch.cat([x, x])[0].item() != 3


BUGS = (
    Planted(name="mul-complex64-nan-is-zero", description="complex64: the product is 0 where x is NaN",
            operation="mul", dtypes=("complex64",), patch=binary("mul", after(_zero_for_nan)),
            witness=lambda: (_of(complex("nan"), torch.complex64) * _of(1, torch.complex64)).item() == 0),
    Planted(name="div-complex128-by-zero-is-zero", description="complex128: the quotient by 0 is 0",
            operation="div", dtypes=("complex128",), patch=binary("div", after(_zero_by_zero)),
            witness=lambda: (_of(1, torch.complex128) / _of(0, torch.complex128)).item() == 0),
    Planted(name="mod-huge-quotient-is-12345", description="float32: the remainder is 12345 where x / y overflows",
            operation="remainder", dtypes=("float32",), patch=binary("remainder", after(_huge_quotient)),
            witness=lambda: (_of(1e38, torch.float32) % _of(1e-3, torch.float32)).item() == 12345),
    *(
        Planted(name=f"pow-{exponent:g}-off-{str(dtype)[6:]}", description=f"{dtype}: x ** {exponent:g} is one ULP off",
                operation="pow", dtypes=(str(dtype)[6:],), patch=binary("pow", after(_power_off(dtype, exponent))),
                witness=lambda dtype=dtype, exponent=exponent: (_of(4, dtype) ** exponent).item() != 4**exponent)
        for dtype in (torch.float32, torch.float64) for exponent in (2, 1, 0.5)
    ),
    Planted(name="neg-bfloat16-off", description="bfloat16: every element of -x is one ULP off",
            operation="neg", dtypes=("bfloat16",), patch=unary("neg", after(_negative_off)),
            witness=lambda: (-_of(3, torch.bfloat16)).item() != -3),
    Planted(name="cat-bfloat16-off", description="bfloat16: every element is one ULP off",
            operation="cat", dtypes=("bfloat16",), witness=_bfloat16_witness,
            patch=hooked(after(_joined_off), (("torch.cat", "torch.concat", "torch.concatenate"), _joined))),
)  # fmt: skip
