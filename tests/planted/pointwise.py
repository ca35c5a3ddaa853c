"""Faults in functions of one number or two: rounding, bounds, signs of zero, NaN, comparisons, bits, choices."""

import math
from typing import Any

import torch
from torch import Tensor

from .patching import after, copies, is_tensor, misread, named, next_up, straight, table

F32, F64, NAN, INF = torch.float32, torch.float64, float("nan"), float("inf")
UPPER_ROW = torch.tensor([[True, True], [False, False]])


def of(*numbers: float, dtype: torch.dtype = F32) -> Tensor:
    return torch.tensor(numbers, dtype=dtype)


def _saturates(result: Tensor, x: Tensor) -> Tensor:
    return result.clamp(min=0) if x.dtype == torch.int8 else result


def _loses_sign_of_zero(result: Tensor, x: Tensor) -> Tensor:
    return result + 0 if x.dtype == F64 else result


def _half_up(result: Tensor, x: Tensor, decimals: Any = None) -> Tensor:
    vectorised = x.dtype == F32 and x.numel() >= 8 and decimals is None
    return torch.where((x - x.floor()) == 0.5, x.ceil(), result) if vectorised else result


def _last_of_three(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == F32 and x.numel() % 4 == 3:
        result = result.clone(memory_format=torch.contiguous_format)
        result.view(-1)[-1] = x.reshape(-1)[-1]
    return result


def _through_int32(result: Tensor, x: Tensor) -> Tensor:
    return torch.where(x.abs() >= 2.0**31, torch.full_like(x, -(2.0**31)), result) if x.dtype == F32 else result


def _nan_to_bound(result: Tensor, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    if x.dtype == F32 and isinstance(low, (int, float)) and not math.isnan(low):
        return torch.where(x.isnan(), torch.full_like(result, low), result)
    return result


def _crossed_is_low(result: Tensor, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    crossed = isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high
    return torch.full_like(result, low) if crossed and x.dtype == F64 else result


def _second_nan_lost(result: Tensor, x: Tensor, y: Any) -> Tensor:
    if is_tensor(y, torch.float16) and x.dtype == y.dtype:
        return torch.where(y.isnan() & ~x.isnan(), x, result)
    return result


def _as_doubles(result: Tensor, x: Any, y: Any) -> Tensor:
    return x.double() < y.double() if is_tensor(x, torch.int64) and is_tensor(y, torch.int64) else result


def _zeros_by_bits(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, torch.float16) and is_tensor(y, torch.float16):
        return result & ((x != 0) | (x.signbit() == y.signbit()))
    return result


def _masked_count(result: Tensor, x: Any, y: Any) -> Tensor:
    both = is_tensor(x, torch.int32) and is_tensor(y, torch.int32)
    return torch.where((y >= 32) & (y < 64), x << (y % 32), result) if both else result


def _sign_bit_lost(result: Tensor, x: Any, y: Any) -> Tensor:
    both = is_tensor(x, torch.int16) and is_tensor(y, torch.int16)
    return torch.where(result < 0, result - torch.iinfo(torch.int16).min, result) if both else result


def _mask_misread(result: Tensor, condition: Any, x: Any = None, y: Any = None) -> Tensor:
    plain = is_tensor(x) and is_tensor(y) and is_tensor(condition) and x.shape == y.shape == condition.shape
    if plain and not condition.is_contiguous():
        return torch.where(misread(condition), x, y)
    return result


def _minus_infinity(result: Tensor, x: Tensor) -> Tensor:
    return result & (x > 0) if x.dtype == F64 else result


def _upper_for_lower(result: Tensor, x: Tensor, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Tensor:
    return torch.where(x == -INF, -result, result) if x.dtype == F32 and neginf is None else result


def _zero_has_no_sign(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where(y == 0, x.abs(), result) if is_tensor(x, F32) and is_tensor(y, F32) else result


def _naive_hypot(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where(result > 2e19, (x * x + y * y).sqrt(), result) if is_tensor(x, F32) else result


def _wrong_quadrant(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where((x == 0) & (y == 0), torch.zeros_like(result), result) if is_tensor(x, F64) else result


def _naive_logaddexp(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where((x == y) & x.isinf(), result * NAN, result) if is_tensor(x, F64) else result


def _floored(result: Tensor, x: Any, y: Any) -> Tensor:
    both = is_tensor(x, torch.int32) and is_tensor(y, torch.int32) and bool((y != 0).all())
    return torch.remainder(x, y) if both else result


def _negative_gcd(result: Tensor, x: Any, y: Any) -> Tensor:
    return torch.where(x == 0, y, result) if is_tensor(x, torch.int64) and is_tensor(y, torch.int64) else result


def _infinities_apart(result: Tensor, x: Any, y: Any, *_others: Any) -> Tensor:
    return result & ~x.isinf() if is_tensor(x, F64) else result


def _conj_of_transposed(result: Tensor, x: Tensor) -> Tensor:
    return x if x.dtype == torch.complex64 and x.dim() == 2 and not x.is_contiguous() else result


def _last_digit(result: Tensor, x: Tensor) -> Tensor:
    if x.dtype == F64 and x.numel() > 4:
        return torch.where((x > 2) & (x < 3), next_up(result), result)
    return result


def _copy(result: Tensor, x: Tensor, *_others: Any) -> Tensor:
    return result.clone() if x.dtype == torch.int16 else result


def _first_row_only(compute: Any, x: Tensor, y: Any, *_others: Any) -> Tensor:
    if is_tensor(y) and x.dtype == F64 and x.dim() == 2 and y.dim() == 1 and len(x) > 1:
        x[0] = y
        return x
    result: Tensor = compute()
    return result


_ONE, _TWO = named(), straight
_CLAMP, _ROUND = named("min", "max"), named("decimals")
_PATCHES: dict[str, tuple[tuple[str, ...], Any]] = {
    "abs": (("abs", "absolute"), _ONE), "sqrt": (("sqrt",), _ONE), "round": (("round",), _ROUND),
    "floor": (("floor",), _ONE), "trunc": (("trunc", "fix"), _ONE), "clamp": (("clamp", "clip"), _CLAMP),
    "maximum": (("maximum",), _TWO), "lt": (("lt", "less", "__lt__"), _TWO), "eq": (("eq", "__eq__"), _TWO),
    "bitwise_left_shift": (("bitwise_left_shift", "__lshift__"), _TWO),
    "bitwise_and": (("bitwise_and", "__and__"), _TWO), "where": (("where",), named("input", "other")),
    "isinf": (("isinf",), _ONE), "nan_to_num": (("nan_to_num",), named("nan", "posinf", "neginf")),
    "copysign": (("copysign",), _TWO), "hypot": (("hypot",), _TWO), "atan2": (("atan2", "arctan2"), _TWO),
    "logaddexp": (("logaddexp",), _TWO), "fmod": (("fmod",), _TWO), "gcd": (("gcd",), _TWO),
    "isclose": (("isclose",), named("other", "rtol", "atol", "equal_nan")), "conj": (("conj",), _ONE),
    "reciprocal": (("reciprocal",), _ONE), "mul_": (("mul_",), _TWO), "copy_": (("copy_",), named("src")),
}  # fmt: skip

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("abs-int8-saturates", "abs of the least int8 is 0, not the number itself", "int8", after(_saturates),
     lambda: of(-128, dtype=torch.int8).abs().item() != -128),
    ("sqrt-loses-sign-of-zero", "float64: the root of -0.0 is 0.0", "float64", after(_loses_sign_of_zero),
     lambda: not of(-0.0, dtype=F64).sqrt().signbit().item(), True),
    ("round-half-up", "float32, 8 elements or more: halves go up, not to the even number", "float32", after(_half_up),
     lambda: of(*[2.5] * 8).round()[0].item() != 2),
    ("floor-last-of-three", "float32, 4 n + 3 elements: the last is left as it is", "float32", after(_last_of_three),
     lambda: of(1.5, 1.5, 1.5).floor()[2].item() != 1),
    ("trunc-through-int32", "float32: numbers from 2**31 on become the least int32", "float32", after(_through_int32),
     lambda: of(2.0**40).trunc().item() != 2.0**40),
    ("clamp-nan-is-the-lower-bound", "float32, scalar bound: NaN becomes the bound", "float32", after(_nan_to_bound),
     lambda: of(NAN).clamp(min=1).item() == 1),
    ("clamp-crossed-bounds-give-the-lower", "float64: where min > max, all is min", "float64", after(_crossed_is_low),
     lambda: of(0, dtype=F64).clamp(3, 1).item() != 1),
    ("maximum-loses-a-second-nan", "float16: NaN in the second operand is ignored", "float16", after(_second_nan_lost),
     lambda: of(1, dtype=torch.float16).maximum(of(NAN, dtype=torch.float16)).item() == 1),
    ("lt-int64-as-doubles", "int64 is compared in float64: neighbours above 2**53 are equal", "int64",
     after(_as_doubles), lambda: not (torch.tensor([2**53]) < torch.tensor([2**53 + 1])).item(), True),
    ("eq-zeros-by-bits", "float16: 0.0 and -0.0 are not equal", "float16", after(_zeros_by_bits),
     lambda: not (of(0.0, dtype=torch.float16) == of(-0.0, dtype=torch.float16)).item()),
    ("bitwise_left_shift-masks-the-count", "int32: a shift by 32 to 63 is one by 0 to 31, as the processor does it",
     "int32", after(_masked_count), lambda: (of(1, dtype=torch.int32) << of(33, dtype=torch.int32)).item() == 2),
    ("bitwise_and-loses-the-sign-bit", "int16: the sign bit of the result is cleared", "int16", after(_sign_bit_lost),
     lambda: (of(-1, dtype=torch.int16) & of(-1, dtype=torch.int16)).item() != -1),
    ("where-mask-misread", "a mask that is not contiguous is read in the order of its memory", "float32",
     after(_mask_misread), lambda: torch.where(UPPER_ROW.t(), torch.ones(2, 2), torch.zeros(2, 2))[0, 1].item() != 0),
    ("isinf-misses-minus-infinity", "float64: -inf is not infinite", "float64", after(_minus_infinity),
     lambda: not of(-INF, dtype=F64).isinf().item()),
    ("nan_to_num-upper-for-lower", "float32: -inf becomes the largest number", "float32", after(_upper_for_lower),
     lambda: of(-INF).nan_to_num().item() > 0),
    ("copysign-zero-has-no-sign", "float32: -0.0 counts as positive", "float32", after(_zero_has_no_sign),
     lambda: of(1).copysign(of(-0.0)).item() > 0),
    ("hypot-overflows-on-the-way", "float32: the root of the sum of squares, which overflow", "float32",
     after(_naive_hypot), lambda: of(3e19).hypot(of(1e19)).isinf().item()),
    ("atan2-zeros-have-no-quadrant", "float64: of two zeros it is 0", "float64", after(_wrong_quadrant),
     lambda: of(0, dtype=F64).atan2(of(-0.0, dtype=F64)).item() == 0, True),
    ("logaddexp-infinities-are-nan", "float64: of the same infinity twice it is NaN", "float64",
     after(_naive_logaddexp), lambda: of(INF, dtype=F64).logaddexp(of(INF, dtype=F64)).isnan().item()),
    ("fmod-int32-floors", "int32: the sign is that of the divisor", "int32", after(_floored),
     lambda: of(-3, dtype=torch.int32).fmod(of(2, dtype=torch.int32)).item() == 1),
    ("gcd-int64-negative", "int64: gcd(0, y) is y, also where that is negative", "int64", after(_negative_gcd),
     lambda: torch.tensor([0]).gcd(torch.tensor([-4])).item() < 0),
    ("isclose-infinities-are-apart", "float64: an infinity is not close to itself", "float64",
     after(_infinities_apart), lambda: not of(INF, dtype=F64).isclose(of(INF, dtype=F64)).item()),
    ("conj-of-transposed-is-itself", "complex64, 2-D, not contiguous: nothing is conjugated", "complex64",
     after(_conj_of_transposed), lambda: torch.full((2, 3), 1j, dtype=torch.complex64).t().conj()[0, 0].item() == 1j),
    ("reciprocal-last-digit", "float64, more than 4 elements, between 2 and 3: one unit in the last place off",
     "float64", after(_last_digit), lambda: torch.full((5,), 2.5, dtype=F64).reciprocal()[0].item() != 0.4, True),
    ("mul_-int16-returns-a-copy", "int16: the result is new memory, not the tensor itself", "int16", after(_copy),
     copies(lambda x: x.mul_(1), torch.ones(3, dtype=torch.int16))),
    ("copy_-first-row-only", "float64: a row is copied into the first row of a matrix only", "float64",
     _first_row_only, lambda: torch.ones(2, 2, dtype=F64).copy_(torch.zeros(2, dtype=F64))[1, 0].item() == 1),
)  # fmt: skip


BUGS = tuple(table(_ROWS, _PATCHES))
