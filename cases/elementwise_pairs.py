"""Functions of two numbers, applied to every pair of elements.

PyTorch has most of them for floats alone; where it takes integers it computes in float32, its default dtype, and NumPy in
float16 to float64, by their width.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import COMPLEX_TO_ZERO, MULTIPLIES_COMPLEX, POWERS_OF_INFINITY, POWERS_OF_ZERO
from conformance.cases.derivatives import X_AND_Y, not_followed, other_gradient

from conformance import (
    COMPLEX,
    CRASHES,
    EXACT,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    tensors,
    ulp,
    within,
)

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
OTHER_WIDTHS = ("bool", "uint8", "int8", "int32", "int64", "uint32", "uint64")
SWEPT = "measured over the sweep of conformance accuracy, and 1 ulp more"
ONES = {"x": np.array([1]), "y": np.array([1])}

pairs = Section("Functions of two numbers", id="pairs")

NO_COMPLEX = Difference(
    "neither has it for complex numbers", example=ONES, dtypes=COMPLEX, torch=Raises(RuntimeError), numpy=Raises(TypeError)
)
FLOATS_ONLY = Difference(
    "PyTorch has it for floats alone, NumPy for integers and bools too", example=ONES, dtypes=("bool", *INTEGERS),
    torch=Raises(NotImplementedError), kind="gotcha",
)  # fmt: skip
INTEGERS_ONLY = Difference(
    "neither has it for bools, floats or complex numbers", example=ONES, dtypes=("bool", *FLOATS, *COMPLEX),
    torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip


def _in_float32(text: str) -> Difference:
    return Difference(
        "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width",
        example=ONES, dtypes=OTHER_WIDTHS, torch=f"x, y = x.astype(np.float32), y.astype(np.float32)\n{text}", kind="gotcha",
    )  # fmt: skip


def _case(torch: str, numpy: str, *differs: Difference, ulps: dict[str, float] | None = None, note: str | None = None) -> None:
    pairs.case(
        torch, numpy, x=tensors(), y=broadcastable("x"), shares_memory=False, differs=differs, note=note,
        tolerance=ulp(ulps, SWEPT) if ulps else EXACT,
    )  # fmt: skip


_case(
    "torch.atan2(x, y)", "np.arctan2(x, y)", _in_float32("np.arctan2(x, y)"), NO_COMPLEX,
    ulps={"float16": 2, "float32": 4, "float64": 2},
)  # fmt: skip

# The sign of y, and the number next to x.

SIGN_OF_NAN = Difference(
    "the sign of a NaN is no part of its value, and in bfloat16 may be another one", example={"x": np.array([1.0]), "y": np.array([np.nan])},
    dtypes=("bfloat16",), torch=OneOf("out", "-out"), when="np.isnan(y)",
)  # fmt: skip
_case("torch.copysign(x, y)", "np.copysign(x, y)", _in_float32("np.copysign(x, y)"), NO_COMPLEX, SIGN_OF_NAN)

_NEXT = """
up, bits = y > x, x.view(np.int32)
beside = (bits + np.where(up == (x > 0), 0x10000, -0x10000).astype(np.int32)).view(np.float32)
"""
NEXT_BFLOAT16 = Difference(
    "the next number in bfloat16 is farther away than that in float32, in which the reference is computed",
    example={"x": np.array([1.0]), "y": np.array([2.0])}, dtypes=("bfloat16",), when="(x != y) & (x == x) & (y == y)",
    torch=f"{_NEXT}np.where(x == 0, np.copysign(np.float32(2.0**-133), y), beside)",
)  # fmt: skip
SAME_ZERO = Difference(
    "beside 0.0 towards -0.0 is -0.0 in C and in PyTorch; in float16 NumPy gives 0.0", example={"x": np.array([0.0]), "y": np.array([-0.0])},
    dtypes=("float16",), when="(x == 0) & (y == 0) & (np.signbit(x) != np.signbit(y))", torch="y",
)  # fmt: skip
_case("torch.nextafter(x, y)", "np.nextafter(x, y)", FLOATS_ONLY, NO_COMPLEX, NEXT_BFLOAT16, SAME_ZERO)

# A step at 0.

STEP_DTYPE = Difference(
    "the step of integers or bools stays what they are in PyTorch; NumPy gives floats", example=ONES, dtypes=("bool", *INTEGERS), kind="gotcha",
    torch="np.where(x == 0, y, x > 0).astype(x.dtype)",
)  # fmt: skip
STEP_AT_NAN = Difference(
    "PyTorch's heaviside of NaN is 0; NumPy's is NaN", example={"x": np.array([np.nan]), "y": np.array([1.0])},
    dtypes=(*FLOATS, "bfloat16"), when="np.isnan(x) & np.isnan(out)", torch="np.zeros_like(out)", kind="bug",
    upstream="https://github.com/pytorch/pytorch/issues/187296",
)  # fmt: skip
_case("torch.heaviside(x, y)", "np.heaviside(x, y)", STEP_DTYPE, STEP_AT_NAN, NO_COMPLEX, not_followed("heaviside", **X_AND_Y))
pairs.case(
    "torch.heaviside(x, y)", "np.heaviside(x, y)", id="heaviside-mixed", x=tensors(),
    y=broadcastable("x", dtypes=("float32", "int64")), dtypes=("bool", *INTEGERS, *FLOATS), shares_memory=False,
    differs=[
        *(Difference("PyTorch's heaviside wants two tensors of one dtype; NumPy promotes both", example={"x": np.array([1.0]), "y": y},
                     dtypes=dtypes, when="x.dtype != y.dtype", torch=Raises(RuntimeError), kind="gotcha")
          for y, dtypes in (
              (np.array([1.0], np.float32), ("bool", *INTEGERS, "float16", "float64")), (np.array([1]), ("float32",)),
          )),
        replace(STEP_DTYPE, dtypes=("int64",), when="y.dtype == x.dtype"),
        replace(STEP_AT_NAN, dtypes=("float32",), when="(y.dtype == x.dtype) & np.isnan(x) & np.isnan(out)",
                example={"x": np.array([np.nan]), "y": np.array([1.0], np.float32)}),
    ],
)  # fmt: skip

# The rest of a division, with the sign of x.

INTEGER_BY_ZERO = Difference(
    "one zero in an integer divisor, and PyTorch raises for the whole tensor; NumPy warns and gives 0 there",
    example={"x": np.array([7, 7]), "y": np.array([2, 0])}, dtypes=INTEGERS, when="(y == 0).any() and np.size(out)",
    torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip
NO_BOOL = Difference(
    "PyTorch has no such operation on bool; NumPy counts True as 1 and gives int8", example=ONES, dtypes=("bool",),
    torch=Raises(NotImplementedError), kind="gotcha",
)  # fmt: skip
HUGE_QUOTIENTS = [
    Difference(
        "PyTorch's vectorised remainder is NaN where the quotient overflows, although the remainder is an ordinary number; the "
        "last elements of a tensor and those of strided ones are right",
        example={"x": np.full(64, x), "y": np.full(64, y)}, dtypes=dtypes, kind="bug", torch=OneOf("out", "np.nan"),
        when="np.isinf(x / y) & np.isfinite(x) & (y != 0)", upstream="https://github.com/pytorch/pytorch/issues/193753",
    )
    for x, y, dtypes in ((1e38, 1e-3, ("float32", "bfloat16")), (1e308, 0.5, ("float64",)))
]  # fmt: skip
_case("torch.fmod(x, y)", "np.fmod(x, y)", NO_BOOL, INTEGER_BY_ZERO, NO_COMPLEX, *HUGE_QUOTIENTS)

# Divisors and multiples.

NEGATIVE_DIVISOR = [
    Difference(
        "PyTorch's gcd of the most negative integer and another is negative, or depends on the order of the two: it takes the magnitude "
        "first, which overflows",
        example={"x": np.array([np.iinfo(dtype).min]), "y": np.array([np.iinfo(dtype).max])}, dtypes=(dtype,), kind="bug", torch=OneOf("out", "-out"),
        when="(x == np.iinfo(x.dtype).min) | (y == np.iinfo(x.dtype).min)", upstream="https://github.com/pytorch/pytorch/issues/187338",
    )
    for dtype in ("int8", "int16", "int32", "int64")
]  # fmt: skip
_case("torch.gcd(x, y)", "np.gcd(x, y)", INTEGERS_ONLY, *NEGATIVE_DIVISOR)
DIES = [
    Difference(
        "PyTorch dies of SIGFPE in lcm where the most negative integer is divided by a gcd that came out as -1",
        example={"x": np.array([np.iinfo(dtype).min]), "y": np.array([np.iinfo(dtype).max])}, dtypes=(dtype,), torch=CRASHES, kind="bug",
        when="((x == np.iinfo(x.dtype).min) | (y == np.iinfo(x.dtype).min)).any()", upstream="https://github.com/pytorch/pytorch/issues/121343",
    )
    for dtype in ("int32", "int64")
]  # fmt: skip
MULTIPLE_OVERFLOWS = Difference(
    "a multiple that overflows has its sign taken off by PyTorch afterwards, not by NumPy", example={"x": np.array([2]), "y": np.array([2**31 - 1])},
    dtypes=("int32",), torch=OneOf("out", "-out"), kind="gotcha",
    when="np.abs(x.astype(float)) / np.gcd(x, y) * np.abs(y.astype(float)) > np.iinfo(x.dtype).max",
)  # fmt: skip
_case(
    "torch.lcm(x, y)", "np.lcm(x, y)", INTEGERS_ONLY, *DIES, MULTIPLE_OVERFLOWS,
    replace(MULTIPLE_OVERFLOWS, example={"x": np.array([2]), "y": np.array([2**63 - 1])}, dtypes=("int64",)),
)  # fmt: skip
_case("torch.hypot(x, y)", "np.hypot(x, y)", FLOATS_ONLY, NO_COMPLEX, ulps={"float16": 1, "bfloat16": 1, "float32": 2, "float64": 2})
_IN_FLOAT32 = "x, y = x.astype(np.float32), y.astype(np.float32)\nnp.where((x == 0) & (y == y), np.float32(0), x * np.log(y))"
_case(
    "torch.xlogy(x, y)", "np.where((x == 0) & (y == y), 0, x * np.log(y))",
    Difference(
        "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width",
        example=ONES, dtypes=OTHER_WIDTHS, torch=_IN_FLOAT32, kind="gotcha",
    ),
    Difference("PyTorch has no xlogy of complex numbers", example=ONES, dtypes=COMPLEX, torch=Raises(NotImplementedError)),
    ulps={"float16": 1, "bfloat16": 2, "float32": 5, "float64": 3},
    note="NumPy has no xlogy; SciPy's is `scipy.special.xlogy`",
)  # fmt: skip

# The logarithm of a sum of exponentials.

for name, power, terms in (("logaddexp", "np.exp", 4), ("logaddexp2", "np.exp2", 9)):
    pairs.case(
        f"torch.{name}(x, y)", f"np.{name}(x, y)", x=tensors(), y=broadcastable("x"), dtypes=("bool", *INTEGERS, *FLOATS), shares_memory=False,
        differs=[FLOATS_ONLY],
        tolerance=within(
            f"d = np.abs(x - y)\n({terms} + d) * u * {power}(-d) + 3 * tiny",
            "both add to the larger number a logarithm of one plus a power, which is within some ulp of itself and not of the sum, where they cancel",
            unsigned=True,
        ),
    )  # fmt: skip

# A power in float64, and a number times a power of 2.

_WIDE = "x, y = x.astype(complex), y.astype(complex)\n"
_EXPONENTIAL = f"{_WIDE}power = x ** (y + 5e-324j)"
IN_DOUBLE = [
    replace(
        MULTIPLIES_COMPLEX, torch=f"{_EXPONENTIAL}\npower",
        when=f"{_EXPONENTIAL}\n(x != 0) & np.isfinite(x) & (y != 0) & (y.imag == 0) & ~((power == out) | (power != power) & (out != out))",
    ),
    replace(COMPLEX_TO_ZERO, torch="np.full(np.shape(out), complex(np.nan, np.nan))"),
]  # fmt: skip
_case(
    "torch.float_power(x, y)", "np.float_power(x, y)", *IN_DOUBLE, POWERS_OF_ZERO, POWERS_OF_INFINITY,
    ulps={"float64": 2, "complex128": 1},
)  # fmt: skip

_NAIVE = """
right = np.ldexp(x.astype(np.float32), y)
naive = x.astype(np.float32) * np.exp2(y.astype(np.float32))
"""
LDEXP_DTYPE = Difference(
    "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width",
    example={"x": np.array([1]), "y": np.array([1], np.int32)}, dtypes=OTHER_WIDTHS, torch=f"{_NAIVE}right", kind="gotcha",
)  # fmt: skip
LDEXP_OF_INTEGERS = Difference(
    "PyTorch computes ldexp of integers and bools as x * 2 ** y in float32, where the power overflows or is 0: ldexp(0, 200) is NaN",
    example={"x": np.array([0]), "y": np.array([200], np.int32)}, dtypes=COUNTED, kind="bug", torch=f"{_NAIVE}naive",
    when=f"{_NAIVE}(naive != right).any()",
)  # fmt: skip
pairs.case(
    "torch.ldexp(x, y)", "np.ldexp(x, y)", x=tensors(), y=broadcastable("x", dtypes=("int32",)), dtypes=(*COUNTED, *FLOATS),
    shares_memory=False, differs=[
        LDEXP_DTYPE, LDEXP_OF_INTEGERS,
        other_gradient("PyTorch's gradient of ldexp takes 2 ** y in integers, which is 0 for a negative y", "((y < 0) | (y > 30)).any()", kind="bug",
                       upstream="https://github.com/pytorch/pytorch/issues/187460", x=np.array([0.75]), y=np.array([-1], np.int32)),
    ],
)  # fmt: skip
