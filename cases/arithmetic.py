"""Arithmetic of two tensors of one dtype, or of tensors that broadcast.

Mostly IEEE 754 defines the result and both sides agree to the last bit. They part on integer division by zero, on
bool, on infinities in complex numbers, and on the sign of a zero remainder.
"""

import numpy as np

from conformance import (
    COMPLEX,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    UNDEFINED,
    broadcastable,
    tensors,
    ulp,
)

SIGNED = ("int8", "int16", "int32", "int64")
REAL_FLOATS = ("float16", "float32", "float64", "bfloat16")
COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)

_ONE = {"x": np.array([1]), "y": np.array([1])}
_BY_ZERO = {"x": np.array([7, 7]), "y": np.array([2, 0])}


def _refuses_bool(error, instead=None):
    return Difference(
        "PyTorch has no such operation on bool; NumPy counts True as 1 and gives int8",
        example=_ONE, dtypes=("bool",), torch=Raises(error), kind="gotcha", instead=instead,
    )  # fmt: skip


BOTH_REFUSE_BOOL = Difference(
    "both refuse it on bool: use ~x to invert and x ^ y to compare masks",
    example=_ONE, dtypes=("bool",), torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip

BOTH_REFUSE_COMPLEX = Difference(
    "neither rounds complex numbers down: there is no order to round in",
    example=_ONE, dtypes=COMPLEX, torch=Raises(NotImplementedError), numpy=Raises(TypeError),
)  # fmt: skip

INTEGER_BY_ZERO = Difference(
    "one zero in an integer divisor, and PyTorch raises for the whole tensor; NumPy warns and gives 0 there",
    example=_BY_ZERO, dtypes=INTEGERS, when="(y == 0).any() and np.size(out)", torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip


def _multiplies_by_alpha(sign):
    """torch.add and torch.sub compute x ± alpha·y; the product by 1+0j makes NaN of an infinite part's zero."""
    return Difference(
        "PyTorch multiplies y by alpha = 1+0j first, and 0 times an infinity is NaN: an infinite or NaN part of y makes "
        "the other part NaN",
        example={"x": np.array([1 + 1j]), "y": np.array([complex(np.inf, 0)])},
        dtypes=COMPLEX,
        when="~np.isfinite(y.real) & ~np.isnan(out.imag) | ~np.isfinite(y.imag) & ~np.isnan(out.real)",
        torch=f"x {sign} y * np.ones_like(y)",
        kind="bug",
        instead=f"torch.view_as_complex(torch.view_as_real(x) {sign} torch.view_as_real(y))",
    )


PRODUCT_OVERFLOWS = Difference(
    "where a part of a complex product overflows, PyTorch gives NaN or an infinity depending on the layout: its "
    "vectorised code rounds the four products one by one",
    example={"x": np.array([complex(1e300, 1e300)]), "y": np.array([complex(1e300, -1e300)])},
    dtypes=COMPLEX, when="~(np.abs(x) * np.abs(y) < np.finfo(x.dtype).max / 4)", torch=UNDEFINED, kind="bug",
)  # fmt: skip

QUOTIENT_OVERFLOWS = Difference(
    "a complex quotient of numbers near the end of the range, or by zero, is infinite or NaN by the way it is computed: "
    "the two scale their operands differently",
    example={"x": np.array([1 + 1j]), "y": np.array([0j])},
    dtypes=COMPLEX,
    when="~((np.abs(x) < np.finfo(x.dtype).max / 4) & (np.abs(y) < np.finfo(x.dtype).max / 4)"
    " & (np.abs(y) > 4 * np.finfo(x.dtype).smallest_normal) & (np.abs(x / y) < np.finfo(x.dtype).max / 4))",
    torch=UNDEFINED,
    kind="gotcha",
)

DIVIDES_IN_FLOAT32 = Difference(
    "the quotient of integers or bools is float32 in PyTorch (its default dtype), float64 in NumPy",
    example={"x": np.array([1]), "y": np.array([3])}, dtypes=COUNTED, torch="np.divide(x, y, dtype=np.float32)",
)  # fmt: skip

ZERO_REMAINDER = Difference(
    "a remainder of zero has the sign of x in PyTorch, of y in NumPy",
    example={"x": np.array([-4.0]), "y": np.array([2.0])},
    dtypes=REAL_FLOATS, when="(out == 0) & (np.signbit(x) != np.signbit(y))", torch="np.copysign(out, x)", kind="gotcha",
)  # fmt: skip

HUGE_QUOTIENT = Difference(
    "where x / y overflows, PyTorch's vectorised remainder is NaN: in the first elements of a long tensor, not in the last",
    example={"x": np.full(64, 1e38), "y": np.full(64, 1e-3)},
    dtypes=("float32", "bfloat16"), when="np.isinf(x / y) & np.isfinite(x) & (y != 0)", torch=UNDEFINED, kind="bug",
    upstream="https://github.com/pytorch/pytorch/issues/193753",
)  # fmt: skip

NEGATIVE_POWER = Difference(
    "an integer to a negative power: NumPy refuses, PyTorch rounds 1 / x ** -y towards zero, so it is 0 but for x = 1 and -1",
    example={"x": np.array([2]), "y": np.array([-1])},
    dtypes=SIGNED, when="np.broadcast(x, y).size and (y < 0).any()", numpy=Raises(ValueError), kind="gotcha",
    torch="np.where(y < 0, np.where((x == 1) | (x == -1), x ** (y % 2), 0), x ** np.maximum(y, 0)).astype(x.dtype)",
)  # fmt: skip

SQUARE_ROOT_POWER = Difference(
    "NumPy takes the square root where one exponent serves all elements and is 0.5: NaN for -inf and -0.0 for -0.0, where "
    "the power is inf and 0.0, as PyTorch and NumPy's own general power have it",
    example={"x": np.array([-np.inf]), "y": np.array(0.5)},
    dtypes=REAL_FLOATS, when="(y == 0.5) & ((x == -np.inf) & np.isnan(out) | (x == 0) & np.signbit(out))", kind="bug",
    torch="np.abs(x)",
)  # fmt: skip

_EXPONENTIAL = "power = x ** (y + complex(0, np.finfo(x.dtype).smallest_subnormal))"
MULTIPLIES_COMPLEX = Difference(
    "for integer exponents below 100 NumPy multiplies, PyTorch always takes exp(y log x): other last digits, (-1+0j) ** 1 "
    "has an imaginary part, and where the product on the way overflows a negative power is NaN in NumPy",
    example={"x": np.array([-1 + 0j]), "y": np.array([1 + 0j])}, dtypes=COMPLEX, kind="gotcha",
    when=f"{_EXPONENTIAL}\n(x != 0) & (y != 0) & ~((power == out) | (power != power) & (out != out))",
    torch=f"{_EXPONENTIAL}\npower",
)  # fmt: skip
COMPLEX_TO_ZERO = Difference(
    "complex 0, infinity or NaN to the power 0 is NaN in PyTorch, 1 in NumPy",
    example={"x": np.array([0j]), "y": np.array([0j])}, dtypes=COMPLEX, kind="bug",
    when="(y == 0) & ((x == 0) | ~np.isfinite(x))", torch="complex(np.nan, np.nan)",
    upstream="https://github.com/pytorch/pytorch/issues/91790",
)  # fmt: skip
COMPLEX_ZERO_POWER = Difference(
    "complex 0 to a power that is not a positive real number: which part is infinite or NaN differs",
    example={"x": np.array([0j]), "y": np.array([-1 + 0j])}, dtypes=COMPLEX,
    when="(x == 0) & (y != 0) & ~(out == 0)", torch=UNDEFINED,
)  # fmt: skip

_FLOAT16_STEPS = """
rest = np.fmod(x, y)
quotient = (x - rest) / y - ((rest != 0) & ((y < 0) != (rest < 0))).astype(x.dtype)
whole = np.floor(quotient) + (quotient - np.floor(quotient) > 0.5).astype(x.dtype)
"""
FLOAT16_STEPS = Difference(
    "PyTorch rounds to float16 after every step of a floor division, so that a quotient above 500 may be off by two",
    example={"x": np.array([2458.0]), "y": np.array([2.715])}, dtypes=("float16",), kind="bug",
    when=f"{_FLOAT16_STEPS}(whole != out) & np.isfinite(out)", torch=f"{_FLOAT16_STEPS}whole",
    instead="(x.float() // y.float()).half()",
)  # fmt: skip

PRODUCT = ulp(4.5, "each side within √5 u of the magnitude: Brent, Percival, Zimmermann, Math. Comp. 76 (2007)", dtypes=COMPLEX)
QUOTIENT = ulp(6, "both scale to avoid overflow, in different orders; 5.1 is the most in 4 million pairs", dtypes=COMPLEX)
POWER = ulp(2, "square roots, reciprocals and products in place of some powers; 2 is the most in 80 million elements")
FLOOR = ulp(2, "bfloat16 is rounded after every step of the division", dtypes=("bfloat16",))

arithmetic = Section("Arithmetic")

for text, differs, options in (
    ("x + y", [_multiplies_by_alpha("+")], {}),
    ("x - y", [BOTH_REFUSE_BOOL, _multiplies_by_alpha("-")], {}),
    ("x * y", [PRODUCT_OVERFLOWS], {"tolerance": PRODUCT}),
    ("x / y", [DIVIDES_IN_FLOAT32, QUOTIENT_OVERFLOWS], {"tolerance": QUOTIENT}),
    ("x // y", [_refuses_bool(NotImplementedError), INTEGER_BY_ZERO, BOTH_REFUSE_COMPLEX, FLOAT16_STEPS], {"tolerance": FLOOR}),
    ("x % y", [_refuses_bool(NotImplementedError), INTEGER_BY_ZERO, BOTH_REFUSE_COMPLEX, ZERO_REMAINDER, HUGE_QUOTIENT], {}),
    (
        "x ** y",
        [
            _refuses_bool(NotImplementedError),
            NEGATIVE_POWER,
            SQUARE_ROOT_POWER,
            MULTIPLIES_COMPLEX,
            COMPLEX_TO_ZERO,
            COMPLEX_ZERO_POWER,
        ],
        {"tolerance": POWER},
    ),
):
    arithmetic.case(text, text, x=tensors(), y=broadcastable("x"), shares_memory=False, differs=differs, **options)
