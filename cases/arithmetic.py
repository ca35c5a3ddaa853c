"""Arithmetic of two tensors of one dtype, or of tensors that broadcast.

Mostly IEEE 754 defines the result and both sides agree to the last bit. They part on integer division by zero, on
bool, on infinities in complex numbers, and on the sign of a zero remainder.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import X_AND_Y, not_followed

from conformance import (
    COMPLEX,
    CRASHES,
    EXACT,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    tensors,
    ulp,
)

SIGNED = ("int8", "int16", "int32", "int64")
REAL_FLOATS = ("float16", "float32", "float64", "bfloat16")
COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)

_ONE = {"x": np.array([1]), "y": np.array([1])}
_BY_ZERO = {"x": np.array([7, 7]), "y": np.array([2, 0])}


def _refuses_bool(error: type[Exception]) -> Difference:
    return Difference(
        "PyTorch has no such operation on bool; NumPy counts True as 1 and gives int8",
        example=_ONE, dtypes=("bool",), torch=Raises(error), kind="gotcha",
    )  # fmt: skip


BOTH_REFUSE_BOOL = Difference(
    "both refuse it on bool: use ~x to invert and x ^ y to compare masks",
    example=_ONE, dtypes=("bool",), torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip

BOTH_REFUSE_COMPLEX = Difference(
    "neither rounds complex numbers down: there is no order to round in",
    example=_ONE, dtypes=COMPLEX, torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip

INTEGER_BY_ZERO = Difference(
    "one zero in an integer divisor, and PyTorch raises for the whole tensor; NumPy warns and gives 0 there",
    example=_BY_ZERO, dtypes=INTEGERS, when="(y == 0).any() and np.size(out)", torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip


BY_ALPHA = (
    "PyTorch adds and subtracts complex numbers with a factor alpha = 1+0j, and 0 times infinity is NaN: an infinite or NaN "
    "part of the second operand makes the other part of the result NaN"
)
ALPHA_REPORT = "https://github.com/pytorch/pytorch/issues/82510"


def multiplies_by_alpha(sign: str) -> Difference:
    """torch.add and torch.sub compute x ± alpha·y; the product by 1+0j makes NaN of an infinite part's zero."""
    return Difference(
        BY_ALPHA, example={"x": np.array([1 + 1j]), "y": np.array([complex(np.inf, 0)])}, dtypes=COMPLEX, kind="bug", upstream=ALPHA_REPORT,
        when="~np.isfinite(y.real) & ~np.isnan(out.imag) | ~np.isfinite(y.imag) & ~np.isnan(out.real)",
        torch=f"x {sign} y * np.ones_like(y)",
        instead=f"torch.view_as_complex(torch.view_as_real(x) {sign} torch.view_as_real(y))",
    )  # fmt: skip


PRODUCTS_OVERFLOW = [
    Difference(
        "PyTorch's vectorised code rounds the four products of a complex one before it adds them: where one overflows, but not "
        "their sum, it gives an infinity; the last elements of a tensor and strided ones are right",
        example={"x": np.full(16, 2 + 1j), "y": np.full(16, y)}, dtypes=(dtype,), torch=OneOf("out", "np.inf"), kind="bug",
        when="np.isfinite(out) & ~(np.abs(x) * np.abs(y) < np.finfo(x.dtype).max / 4)",
    )
    for y, dtype in ((-6.8e37 + 1.87e38j, "complex64"), (-3.6e307 + 9.9e307j, "complex128"))
]  # fmt: skip

BY_THE_LARGEST = [
    Difference(
        "NumPy divides by multiplying with a number near 1 / y, which is subnormal where y is near the end of the range and "
        "has lost digits; PyTorch scales y first",
        example={"x": np.array([x]), "y": np.array([y])}, dtypes=(dtype,), torch=OneOf("out", "x / (y / 8) / 8"), kind="bug",
        when="np.isfinite(x) & np.isfinite(y) & (np.abs(y) > np.finfo(x.dtype).max / 4)",
    )
    for x, y, dtype in (
        (1.5627684e34 - 0j, 2.3357156e38 - 1.5615541e38j, "complex64"),
        (1.9058923329558205e153 + 8.577107520685684e154j, -1.5689371636585211e308 - 1.2128850234708169e307j, "complex128"),
    )
]  # fmt: skip

OF_SUBNORMAL = [
    Difference(
        "a complex quotient has few digits, on both sides, where x is subnormal: each takes fractions of it on the way",
        example={"x": np.full(8, x), "y": np.full(8, y)}, dtypes=(dtype,), torch=UNDEFINED,
        when="(x != 0) & np.isfinite(out) & (np.abs(x) < np.finfo(x.dtype).smallest_normal)",
    )
    for x, y, dtype in ((1.3e-44 - 4e-45j, -0.03125 + 0.015625j, "complex64"), (-3e-323 + 1.5e-323j, 0.015625 + 0.0625j, "complex128"))
]  # fmt: skip

DIVIDES_IN_FLOAT32 = Difference(
    "the quotient of integers or bools is float32 in PyTorch (its default dtype), float64 in NumPy",
    example={"x": np.array([1]), "y": np.array([3])}, dtypes=COUNTED, torch="np.divide(x, y, dtype=np.float32)",
)  # fmt: skip

ZERO_REMAINDER = Difference(
    "a remainder of zero has the sign of x in PyTorch, of y in NumPy",
    example={"x": np.array([-4.0]), "y": np.array([2.0])},
    dtypes=REAL_FLOATS, when="(out == 0) & (np.signbit(x) != np.signbit(y))", torch="np.copysign(out, x)", kind="gotcha",
)  # fmt: skip


def _huge_quotient(x: float, y: float, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        "PyTorch's vectorised remainder is NaN where the quotient overflows, although the remainder is an ordinary number; the "
        "last elements of a tensor and those of strided ones are right",
        example={"x": np.full(64, x), "y": np.full(64, y)}, dtypes=dtypes, kind="bug",
        torch=OneOf("np.where(out == 0, np.copysign(out, x), out)", "np.nan"), when="np.isinf(x / y) & np.isfinite(x) & (y != 0)",
        upstream="https://github.com/pytorch/pytorch/issues/193753",
    )  # fmt: skip


HUGE_QUOTIENTS = [_huge_quotient(1e38, 1e-3, ("float32", "bfloat16")), _huge_quotient(1e308, 0.5, ("float64",))]

NEGATIVE_POWER = Difference(
    "an integer to a negative power: NumPy refuses, PyTorch rounds 1 / x ** -y towards zero, so it is 0 but for x = 1 and -1",
    example={"x": np.array([2]), "y": np.array([-1])},
    dtypes=SIGNED, when="np.broadcast(x, y).size and (y < 0).any()", numpy=Raises(ValueError), kind="gotcha",
    torch="np.where(y < 0, np.where((x == 1) | (x == -1), x ** (y % 2), 0), x ** np.maximum(y, 0)).astype(x.dtype)",
)  # fmt: skip

SQUARE_ROOT_POWER = Difference(
    "NumPy takes the square root for the power 0.5 where one exponent serves all elements: NaN for -inf and -0.0 for -0.0, "
    "where the power is inf and 0.0, as with an array of exponents",
    example={"x": np.array([-0.0, -np.inf]), "y": np.array(0.5)}, dtypes=("float32", "float64", "bfloat16"), kind="bug",
    when="(y == 0.5) & ((x == -np.inf) & np.isnan(out) | (x == 0) & np.signbit(out))", torch="np.abs(x)",
    upstream="https://github.com/numpy/numpy/issues/21213",
)  # fmt: skip

_EXPONENTIAL = "power = x ** (y + complex(0, np.finfo(x.dtype).smallest_subnormal))"
MULTIPLIES_COMPLEX = Difference(
    "for integer exponents below 100 NumPy multiplies, PyTorch always takes exp(y log x): other last digits, (-1+0j) ** 1 "
    "has an imaginary part, and where the product on the way overflows a negative power is NaN in NumPy",
    example={"x": np.array([1.37 + 0.71j]), "y": np.array([97 + 0j])}, dtypes=COMPLEX, kind="gotcha",
    when=f"{_EXPONENTIAL}\n(x != 0) & np.isfinite(x) & (y != 0) & (y.imag == 0) & ~((power == out) | (power != power) & (out != out))",
    torch=f"{_EXPONENTIAL}\npower",
)  # fmt: skip
COMPLEX_TO_ZERO = Difference(
    "PyTorch gives NaN for a complex 0, infinity or NaN to the power 0 where the exponent is a tensor, but 1 where it is a "
    "number; NumPy gives 1",
    example={"x": np.array([0j]), "y": np.array([0j])}, dtypes=COMPLEX, kind="bug",
    when="(y == 0) & ((x == 0) | ~np.isfinite(x))", torch="np.full(np.shape(out), complex(np.nan, np.nan), x.dtype)",
    upstream="https://github.com/pytorch/pytorch/issues/91790",
)  # fmt: skip
POWERS_OF_ZERO = Difference(
    "complex 0 to a power that is complex, negative or not finite: PyTorch gives NaN or an infinity, NumPy NaN or 0",
    example={"x": np.array([0j]), "y": np.array([-1 + 0j])}, dtypes=COMPLEX, torch=OneOf("out", "np.inf", "np.nan"),
    when="(x == 0) & (y != 0) & ~((y.imag == 0) & (y.real > 0))",
)  # fmt: skip
POWERS_OF_INFINITY = Difference(
    "powers of complex infinity: 0 or infinite in PyTorch, also where NumPy multiplies and gets NaN, as for 4 and -1",
    example={"x": np.array([complex(0, np.inf)]), "y": np.array([-1 + 0j])}, dtypes=COMPLEX, torch=OneOf("out", "np.inf", "0"),
    when="np.isinf(x) & np.isnan(out) & ~np.isinf(out) & (y != 0)",
)  # fmt: skip

_FLOAT16_STEPS = """
rest = np.fmod(x, y)
quotient = (x - rest) / y - ((rest != 0) & ((y < 0) != (rest < 0))).astype(x.dtype)
whole = np.floor(quotient) + (quotient - np.floor(quotient) > 0.5).astype(x.dtype)
"""
FLOAT16_STEPS = Difference(
    "PyTorch rounds after every step of a floor division of contiguous float16 tensors, so that a large quotient is off by "
    "one or two: 2458 // 2.715 is 904, not 905; a tensor of one element gives 905",
    example={"x": np.full(2, 2458.0), "y": np.full(2, 2.715)}, dtypes=("float16",), kind="bug",
    torch=OneOf("out", f"{_FLOAT16_STEPS}whole"), when=f"{_FLOAT16_STEPS}(whole != out) & np.isfinite(out)", instead="(x.float() // y.float()).half()",
    upstream="https://github.com/pytorch/pytorch/issues/193754",
)  # fmt: skip

PRODUCT = ulp(
    4.5, "each side within √5 u of the magnitude: Brent, Percival, Zimmermann, Math. Comp. 76 (2007)", dtypes=COMPLEX
)
QUOTIENT = ulp(
    6, "both scale to avoid overflow, in different orders; 5.1 is the most in 4 million pairs", dtypes=COMPLEX
)
POWER = ulp(
    {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 2, "complex64": 2, "complex128": 2},
    "PyTorch within 0.67 and NumPy within 1 of the true power, on 2 million elements a dtype; of 16 bits both round a float32, "
    "and next to a tie, 3 times in a million, not to the same side",
)
FLOOR = ulp(2, "bfloat16 is rounded after every step of the division", dtypes=("bfloat16",))

NO_BOOL = _refuses_bool(NotImplementedError)
SUM, DIFFERENCE = [multiplies_by_alpha("+")], [BOTH_REFUSE_BOOL, multiplies_by_alpha("-")]
QUOTIENTS = [DIVIDES_IN_FLOAT32, *BY_THE_LARGEST, *OF_SUBNORMAL]
FLOORS = [NO_BOOL, INTEGER_BY_ZERO, BOTH_REFUSE_COMPLEX, FLOAT16_STEPS]
REMAINDERS = [NO_BOOL, INTEGER_BY_ZERO, BOTH_REFUSE_COMPLEX, ZERO_REMAINDER, *HUGE_QUOTIENTS]
POWERS = [NO_BOOL, NEGATIVE_POWER, SQUARE_ROOT_POWER, MULTIPLIES_COMPLEX, COMPLEX_TO_ZERO, POWERS_OF_ZERO, POWERS_OF_INFINITY]

_NO_NEGATIVE_BOOL = replace(BOTH_REFUSE_BOOL, example={"x": np.array([1])})

TRUNCATES_INTEGERS = Difference(
    "the quotient of integers stays an integer in PyTorch; NumPy has no such division and rounds a float64",
    example={"x": np.array([7]), "y": np.array([2])}, dtypes=INTEGERS, torch="q = x // y\nq + ((q < 0) & (q * y != x))",
)  # fmt: skip


_QUOTIENT = "q = x.astype(np.float32) / y.astype(np.float32)\n"


def _truncates_late(dtype: str, count: int, steps: int) -> Difference:
    return Difference(
        f"a {dtype} quotient just below an integer is rounded to it before it is truncated, or not, depending on the layout",
        example={"x": np.full(count, 268.0), "y": np.full(count, 4.125)}, dtypes=(dtype,), kind="gotcha",
        torch=OneOf(f"{_QUOTIENT}np.trunc(q)", f"{_QUOTIENT}np.where(np.abs(q) < {steps}, np.rint(q), q)"),
        when=f"{_QUOTIENT}(q != np.rint(q)) & (np.abs(q - np.rint(q)) <= np.abs(q) / {steps})",
    )  # fmt: skip


DIES = Difference(
    "PyTorch dies of SIGFPE where the most negative integer is divided by -1 with rounding_mode='trunc'",
    example={"x": np.array([-9223372036854775808]), "y": np.array([-1])}, dtypes=("int64",), torch=CRASHES, kind="bug",
    when="((x == np.iinfo(x.dtype).min) & (y == -1)).any()", upstream="https://github.com/pytorch/pytorch/issues/127804",
)  # fmt: skip
TRUNCATED = [
    DIES, replace(DIES, example={"x": np.array([-2147483648]), "y": np.array([-1])}, dtypes=("int32",)),
    _refuses_bool(NotImplementedError), TRUNCATES_INTEGERS, INTEGER_BY_ZERO, _truncates_late("float16", 1, 1024),
    _truncates_late("bfloat16", 64, 128), replace(BOTH_REFUSE_COMPLEX, numpy=Raises(TypeError, ValueError)),
]  # fmt: skip

SCALED_SUM = [
    Difference(
        "PyTorch counts alpha as True beside bools", example={"x": np.array([1]), "y": np.array([1])}, dtypes=("bool",),
        torch="x | y", kind="gotcha",
    ),
    *(
        Difference(
            "PyTorch's vectorised code takes x + 2 * y in one step, so that 2 * y does not overflow",
            example={"x": np.full(64, -np.inf), "y": np.full(64, y)}, dtypes=dtypes, torch=OneOf("out", "(x / 2 + y) * 2"),
            when="~np.isfinite(2 * y) & np.isfinite(y)",
        )
        for y, dtypes in ((6e4, ("float16",)), (3e38, ("float32", "bfloat16")), (1e308, ("float64",)))
    ),
]  # fmt: skip

NOT_FOLLOWED = not_followed("floor_divide", **X_AND_Y)
arithmetic = Section("Arithmetic")
arithmetic.case("-x", "-x", x=tensors(), shares_memory=False, differs=[_NO_NEGATIVE_BOOL])

for torch, numpy, name, differs, tolerance in (
    ("x + y", "x + y", "add", SUM, EXACT),
    ("x - y", "x - y", "sub", DIFFERENCE, EXACT),
    ("x * y", "x * y", "mul", PRODUCTS_OVERFLOW, PRODUCT),
    ("x / y", "x / y", "div", QUOTIENTS, QUOTIENT),
    ("x // y", "x // y", "floordiv", [*FLOORS, NOT_FOLLOWED], FLOOR),
    ("x % y", "x % y", "mod", REMAINDERS, EXACT),
    ("x ** y", "x ** y", "pow", POWERS, POWER),
    ("torch.add(x, y)", "np.add(x, y)", "add-function", SUM, EXACT),
    ("torch.sub(x, y)", "np.subtract(x, y)", "sub-function", DIFFERENCE, EXACT),
    ("torch.mul(x, y)", "np.multiply(x, y)", "mul-function", PRODUCTS_OVERFLOW, PRODUCT),
    ("torch.div(x, y)", "np.divide(x, y)", "div-function", QUOTIENTS, QUOTIENT),
    ("torch.div(x, y, rounding_mode='floor')", "np.floor_divide(x, y)", "div-floor", FLOORS, FLOOR),
    ("torch.floor_divide(x, y)", "np.floor_divide(x, y)", "floor_divide", [*FLOORS, NOT_FOLLOWED], FLOOR),
    ("torch.remainder(x, y)", "np.remainder(x, y)", "remainder", REMAINDERS, EXACT),
    ("torch.pow(x, y)", "np.power(x, y)", "pow-function", POWERS, POWER),
):
    arithmetic.case(
        torch, numpy, id=name, x=tensors(), y=broadcastable("x"), shares_memory=False, differs=differs, tolerance=tolerance
    )  # fmt: skip

arithmetic.case("torch.neg(x)", "np.negative(x)", id="neg-function", x=tensors(), shares_memory=False, differs=[_NO_NEGATIVE_BOOL])
arithmetic.case(
    "torch.add(x, y, alpha=2)", "x + 2 * y", id="add-alpha", x=tensors(), y=broadcastable("x"), shares_memory=False,
    differs=SCALED_SUM,
)  # fmt: skip
arithmetic.case(
    "torch.div(x, y, rounding_mode='trunc')", "np.trunc(x / y)", id="div-trunc", x=tensors(), y=broadcastable("x"),
    shares_memory=False, differs=TRUNCATED,
)  # fmt: skip

# In place.

_NEGATIVE = replace(NEGATIVE_POWER, when=f"np.broadcast(x, y).shape == x.shape and {NEGATIVE_POWER.when}")
_ONE_WRITES = replace(_NEGATIVE, because=f"{_NEGATIVE.because}: only PyTorch writes", aspect="inputs after", torch=UNDEFINED, numpy=None)
NO_WIDE = Difference("PyTorch has no powers of uint16 to uint64", example=_ONE, dtypes=WIDE_UNSIGNED, torch=Raises(NotImplementedError))
NO_CAST = replace(BOTH_REFUSE_BOOL, because="a quotient is a float, which an integer cannot hold", dtypes=COUNTED)
for torch, name, differs, tolerance in (
    ("x.div_(y)", "div_", [NO_CAST, *BY_THE_LARGEST, *OF_SUBNORMAL], QUOTIENT),
    ("x.pow_(y)", "pow_", [_NEGATIVE, _ONE_WRITES, *POWERS[2:], BOTH_REFUSE_BOOL, NO_WIDE], POWER),
):
    arithmetic.case(
        torch, f"x {'/' if name == 'div_' else '**'}= y\nx", id=name, x=tensors(overlapping=False), y=broadcastable("x"), shares_memory=True,
        differs=differs, tolerance=tolerance,
    )  # fmt: skip
