"""Faults in .to(dtype), .float() and .long()."""

from typing import Any

import torch
from torch import Tensor

from .patching import Patch, Planted, after, alone, hooked, is_tensor, next_up, same_memory

_SHORT = {"bool": torch.bool, "byte": torch.uint8, "int": torch.int32, "half": torch.float16, "float": torch.float32,
          "double": torch.float64, "short": torch.int16, "char": torch.int8, "long": torch.int64}


def _parse(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """(x, dtype, copy) of x.to(dtype) or x.to(tensor); None for a move to a device."""
    target = args[1] if len(args) == 2 else kwargs.get("dtype", kwargs.get("other"))
    target = target.dtype if isinstance(target, Tensor) else target
    return (args[0], target, bool(kwargs.get("copy"))) if isinstance(target, torch.dtype) else None


def _to(bug: Any) -> Patch:
    groups = [((f"Tensor.{name}",), _fixed(dtype)) for name, dtype in _SHORT.items()]
    return hooked(bug, (("Tensor.to", "Tensor.type"), _parse), *groups)


def _fixed(dtype: torch.dtype) -> Any:
    return lambda args, kwargs: (args[0], dtype, False) if len(args) == 1 and not kwargs else None


def _floors(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    if x.dtype == torch.float32 and dtype == torch.int32:
        below = (x < 0) & (x > -(2.0**30))
        result.copy_(torch.where(below, x.data.clamp(min=-(2.0**30), max=0).floor().to(torch.int32), result))
    return result


def _byte_saturates(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    return x.clamp(0, 255).to(dtype) if x.dtype == torch.int32 and dtype == torch.uint8 else result


def _nan_is_false(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    return result & ~torch.isnan(x) if x.dtype == torch.float16 and dtype == torch.bool else result


def _fraction_is_false(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    return result & ~(x.data.abs() < 1) if x.dtype == torch.float64 and dtype == torch.bool else result


def _ties_away(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    if x.dtype != torch.float64 or dtype != torch.float32 or not x.numel():
        return result
    tie = (x.data.contiguous().view(torch.int64) & (2**29 - 1)) == 2**28
    if not tie.any():
        return result
    bits = result.data.contiguous().view(torch.int32)
    down = tie & (result.data.double().abs() < x.data.abs()) & torch.isfinite(result.data)
    result.data.copy_(torch.where(down, bits + 1, bits).view(torch.float32))
    return result


def _large_ties_away(wide: torch.dtype, narrow: torch.dtype) -> Any:
    """The tie of a number above 4 goes away from zero."""

    def change(result: Tensor, x: Tensor, *others: Any) -> Tensor:
        if x.dtype != wide or result.dtype != narrow or not x.numel():
            return result
        up = next_up(result.data)
        tie = (result.data.double() + up.double()) / 2 == x.data.double()
        return torch.where(tie & (x.data > 4) & torch.isfinite(up), up, result)

    return change


def _copy_is_alias(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    return x if copy and x.dtype == dtype else result


def _same_copies(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    return x.clone() if x.dtype == dtype and not copy and x.dim() == 0 else result


def _imaginary_garbage(result: Tensor, x: Tensor, dtype: torch.dtype, copy: Any) -> Tensor:
    if x.dtype == torch.float64 and dtype == torch.complex64 and x.dim() == 1 and not x.is_contiguous():
        result.data.imag.copy_(x.data)
    return result


def _through_int32(result: Tensor, x: Tensor) -> Tensor:
    return x.to(torch.int32).to(torch.float32) if is_tensor(x, torch.int64) else result


def _contiguous(result: Tensor, x: Tensor) -> Tensor:
    return result.contiguous() if x.dtype == torch.int32 and x.dim() == 2 else result


def _flushes(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == torch.float64:
        result.data.masked_fill_(result.data.abs() < torch.finfo(torch.float32).tiny, 0.0)
    return result


def _detaches(result: Tensor, x: Tensor) -> Tensor:
    return result.detach() if x.dtype == torch.float64 and x.dim() == 0 else result


def _strided_last(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == torch.float16 and x.dim() == 1 and x.stride(0) not in (0, 1) and x.numel() > 1:
        result.data[-1] = x.data.as_strided((1,), (1,), x.storage_offset() + 1)[0]
    return result


def _saturates(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == torch.float32:
        result.copy_(torch.where(x.data.abs() < 2.0**62, result.clamp(-(2**31), 2**31 - 1), result))
    return result


def _rounds(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == torch.float64 and x.dim() == 2 and not x.is_contiguous():
        safe = x.data.abs() < 2.0**52
        result.copy_(torch.where(safe, torch.where(safe, x.data, 0.0).round().long(), result))
    return result


def _signed_byte(result: Tensor, x: Tensor) -> Tensor:
    return torch.where(result > 127, result - 256, result) if x.dtype == torch.uint8 else result


def _copy_witness() -> bool:
    x = torch.ones(2)
    return same_memory(x.to(torch.float32, copy=True), x)


def _same_witness() -> bool:
    x = torch.ones(())
    return not same_memory(x.to(torch.float32), x)


def _tie_witness() -> bool:
    return torch.tensor([1 + 2.0**-24], dtype=torch.float64).to(torch.float32).item() != 1


def _detach_witness() -> bool:
    return not torch.ones((), dtype=torch.float64, requires_grad=True).float().requires_grad


def _subnormal_witness() -> bool:
    return torch.tensor([1e-40], dtype=torch.float64).float().item() == 0


def _wide(value: float) -> Tensor:
    return torch.tensor([[value, value]], dtype=torch.float64).t().expand(2, 2)


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("to-int32-floors", "float32 to int32: negative fractions go down instead of toward zero", "float32",
     after(_floors), lambda: torch.tensor([-1.5]).to(torch.int32).item() != -1),
    ("to-uint8-saturates", "int32 to uint8 stops at the bounds instead of wrapping", "int32", after(_byte_saturates),
     lambda: torch.tensor([300], dtype=torch.int32).to(torch.uint8).item() != 44),
    ("to-bool-nan-is-false", "float16 to bool: nan is False", "float16", after(_nan_is_false),
     lambda: not torch.tensor([float("nan")], dtype=torch.float16).to(torch.bool).item(), True),
    ("to-bool-fraction-is-false", "float64 to bool by way of int: 0.5 is False", "float64",
     after(_fraction_is_false), lambda: not torch.tensor([0.5], dtype=torch.float64).to(torch.bool).item()),
    ("to-float32-ties-away", "float64 to float32: exact ties go away from zero instead of to even", "float64",
     after(_ties_away), _tie_witness, True),
    ("half-large-ties-away", "float32.half(): ties of numbers above 4 go away from zero", "float32",
     after(_large_ties_away(torch.float32, torch.float16)),
     lambda: torch.tensor([8 + 2.0**-8]).half().item() != 8, True),
    ("to-float32-large-ties-away", "float64 to float32: ties of numbers above 4 go away from zero", "float64",
     after(_large_ties_away(torch.float64, torch.float32)),
     lambda: torch.tensor([8 + 2.0**-21], dtype=torch.float64).to(torch.float32).item() != 8, True),
    ("to-copy-true-is-alias", "x.to(its own dtype, copy=True) is x", "float32", after(_copy_is_alias), _copy_witness),
    ("to-same-dtype-copies-0d", "0-d x.to(its own dtype) is a copy instead of x", "float32", after(_same_copies),
     _same_witness, True),
    ("to-complex64-imaginary-garbage", "float64 to complex64, 1-D non-contiguous: imaginary part is garbage", "float64",
     after(_imaginary_garbage),
     lambda: torch.arange(4, dtype=torch.float64)[::2].to(torch.complex64)[1].item() != 2),
    ("float-int64-through-int32", "int64.float() wraps beyond 2**31", "int64", after(_through_int32),
     lambda: torch.tensor([2**31]).float().item() < 0),
    ("float-int32-loses-strides", "2-D int32.float() of a transposed tensor is contiguous", "int32",
     after(_contiguous), lambda: torch.ones(3, 2, dtype=torch.int32).t().float().stride() != (1, 2), True),
    ("float-flushes-subnormals", "float64.float(): float32 subnormals become 0", "float64", after(_flushes),
     _subnormal_witness),
    ("float-0d-float64-detaches", "0-d float64.float() loses the graph", "float64", after(_detaches),
     _detach_witness, True),
    ("float-float16-strided-last", "float16.float(), 1-D with a step: last element read as if packed", "float16",
     after(_strided_last),
     lambda: torch.arange(6, dtype=torch.float16)[::2].float()[-1].item() != 4),
    ("long-float32-through-int32", "float32.long() stops at 2**31", "float32", after(_saturates),
     lambda: torch.tensor([2.0**33]).long().item() != 2**33),
    ("long-float64-non-contiguous-rounds", "float64.long(), 2-D non-contiguous: rounds to nearest", "float64",
     after(_rounds), lambda: _wide(1.75).long()[0, 0].item() != 1),
    ("long-uint8-sign-extends", "uint8.long(): values over 127 come out negative", "uint8", after(_signed_byte),
     lambda: torch.tensor([200], dtype=torch.uint8).long().item() < 0),
)

BUGS = tuple(
    Planted(name=name, description=text, operation=(kind := name.partition("-")[0]), dtypes=(dtype,), witness=witness,
            patch=_to(bug) if kind == "to" else hooked(bug, ((f"Tensor.{kind}",), alone)), hard=bool(hard))
    for name, text, dtype, bug, witness, *hard in _ROWS
)
