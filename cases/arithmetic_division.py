"""Division of a tensor and a Python number: quotients, floors, remainders.

A quotient of integers is float32 in PyTorch and float64 in NumPy. A number divided by a tensor is not a division in
PyTorch: it multiplies by the reciprocal, which rounds twice. Integer division by zero raises in PyTorch; NumPy warns
and gives 0.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.bfloat16 import TO_BFLOAT16
from conformance.cases.derivatives import not_followed

from conformance import (
    COMPLEX,
    EXACT,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    scalars,
    tensors,
    ulp,
)

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
NARROW = ("uint8", "int8", "int16", "int32")
_OUTSIDE = "not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max"
_BITS = "8 * x.dtype.itemsize"


def _float32(text: str, s: float) -> Difference:
    return Difference(
        "the result of integers or bools is float32 in PyTorch (its default dtype), float64 in NumPy",
        example={"x": np.array([7]), "s": s}, dtypes=COUNTED, torch=f"x, s = x.astype(np.float32), np.float32(s)\n{text}",
    )  # fmt: skip


def _float16_by_float32(text: str, s: float) -> Difference:
    wider = f"result = np.{text}(x.astype(np.float32), np.float32(s)).astype(x.dtype)"
    return Difference(
        "PyTorch divides float16 by a number in float32 and rounds once; NumPy rounds the number to float16 first",
        example={"x": np.array([0.132, 94.0]), "s": s}, dtypes=("float16",), kind="gotcha", torch=f"{wider}\nresult",
        when=f"{wider}\n(result != out) & ~(np.isnan(result) & np.isnan(out))",
    )  # fmt: skip


def _by_reciprocal(s: float, half: float) -> list[Difference]:
    """Return what it means that PyTorch computes s / x as x.reciprocal() * s."""
    return [
        Difference(
            "PyTorch divides a number by a tensor as s * (1 / x), although a tensor divided by a tensor is a division: two "
            "roundings, and where 1 / x overflows, an infinity or NaN",
            example={"x": np.array([x]), "s": number}, dtypes=dtypes, kind="bug", instead="torch.full_like(x, s) / x",
            upstream="https://github.com/pytorch/pytorch/issues/128401",
            when=f"{text}\n(result != out) & ~(np.isnan(result) & np.isnan(out))", torch=f"{text}\nresult",
        )
        for text, dtypes, x, number in (
            ("result = ((1 / x).astype(np.float32) * np.float32(s)).astype(x.dtype)", ("float16",), 1e-5, half),
            ("result = (1 / x) * x.dtype.type(s)", ("float32",), 1e-40, s),
            ("result = (1 / x) * x.dtype.type(s)", ("float64",), 1e-310, s),
        )
    ]  # fmt: skip


RECIPROCAL_OF_INTEGERS = Difference(
    "PyTorch multiplies s by 1 / x, in float32 (its default dtype); NumPy divides in float64",
    example={"x": np.array([49]), "s": 3}, dtypes=COUNTED, torch="np.float32(1) / x.astype(np.float32) * np.float32(s)",
)  # fmt: skip

_BFLOAT16_QUOTIENT = f"{TO_BFLOAT16}result = bfloat16(1 / x) * np.float32(s)"
RECIPROCAL_OF_BFLOAT16 = Difference(
    "PyTorch multiplies s by 1 / x, rounded to bfloat16 first",
    example={"x": np.array([13.0]), "s": 3}, dtypes=("bfloat16",), torch=f"{_BFLOAT16_QUOTIENT}\nresult",
    when=f"{_BFLOAT16_QUOTIENT}\n(bits(result) != bits(out)) & ~(np.isnan(result) & np.isnan(out))", kind="bug",
)  # fmt: skip

BOTH_REFUSE_COMPLEX = Difference(
    "neither rounds complex numbers down: there is no order to round in",
    example={"x": np.array([1]), "s": 1}, dtypes=COMPLEX, torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip

BY_ZERO = Difference(
    "integers divided by 0: PyTorch raises; NumPy warns and gives 0",
    example={"x": np.array([7]), "s": 0}, dtypes=("bool", *INTEGERS), when="s == 0 and x.size", torch=Raises(RuntimeError),
    kind="gotcha",
)  # fmt: skip

WRAPS_TO_ZERO = Difference(
    "a number that the tensor's dtype cannot hold is wrapped by PyTorch, and 256 becomes 0 in uint8: it raises for the "
    "division by zero; NumPy raises for the number",
    example={"x": np.array([7]), "s": 2**53 + 2**32}, dtypes=NARROW, when=f"{_OUTSIDE} and x.size and s % 2 ** ({_BITS}) == 0",
    torch=Raises(RuntimeError), numpy=Raises(OverflowError), kind="gotcha",
)  # fmt: skip


def _wraps(function: str) -> Difference:
    return Difference(
        "PyTorch wraps a Python integer that the tensor's dtype cannot hold, without a word, and then divides by it: "
        "7 // 4294967298 is 3, for 4294967298 becomes 2; NumPy raises",
        example={"x": np.array([7]), "s": 2**32 + 2}, dtypes=NARROW, when=f"{_OUTSIDE} and (s % 2 ** ({_BITS}) or not x.size)",
        torch=f"np.{function}(x, np.asarray(s).astype(x.dtype))", numpy=Raises(OverflowError), kind="bug",
        upstream="https://github.com/pytorch/pytorch/issues/114679",
    )  # fmt: skip


ZERO_REMAINDER = Difference(
    "a remainder of zero has the sign of x in PyTorch, of s in NumPy",
    example={"x": np.array([-4.0]), "s": 2}, dtypes=("float16", "float32", "float64", "bfloat16"), kind="gotcha",
    when="(out == 0) & (np.signbit(x) != np.signbit(s))", torch="np.copysign(out, x)",
)  # fmt: skip

INTEGER_REST = Difference(
    "the remainder of integers or bools by a float is float32 in PyTorch, and so are they before it, which changes large "
    "ones; a remainder of zero has the sign of x",
    example={"x": np.array([7]), "s": 0.1}, dtypes=COUNTED, kind="gotcha",
    torch="x = x.astype(np.float32)\nrest = x % np.float32(s)\nnp.where(rest == 0, np.copysign(rest, x), rest)",
)  # fmt: skip

VECTORISED_REMAINDER = (
    "PyTorch's vectorised remainder is NaN where the quotient overflows, although the remainder is an ordinary number; the "
    "last elements of a tensor and those of strided ones are right"
)
HUGE_INTEGER_QUOTIENT = Difference(
    VECTORISED_REMAINDER,
    example={"x": np.full(64, 100), "s": 1e-40}, dtypes=COUNTED, kind="bug", torch=OneOf("np.nan", INTEGER_REST.torch),
    when="np.isinf(x.astype(np.float32) / np.float32(s)) & (s != 0)",
    upstream="https://github.com/pytorch/pytorch/issues/193753",
)  # fmt: skip

_BFLOAT16_REST = (
    f"{TO_BFLOAT16}rest = x % bfloat16(np.float32(s))\nrest = np.where(rest == 0, np.copysign(rest, x), rest)"
)
ROUNDS_TO_BFLOAT16 = Difference(
    "in remainders PyTorch rounds the number to bfloat16 first; the reference takes it in float32",
    example={"x": np.array([1e5]), "s": 40000.5}, dtypes=("bfloat16",), torch=f"{_BFLOAT16_REST}\nrest",
    when=f"{_BFLOAT16_REST}\n(bits(rest) != bits(out)) & (rest != out) & ~(np.isnan(rest) & np.isnan(out))",
)  # fmt: skip


def _huge_quotient(x: float, s: float, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        VECTORISED_REMAINDER,
        example={"x": np.full(64, x), "s": s}, dtypes=dtypes, kind="bug",
        torch=OneOf("np.where(out == 0, np.copysign(out, x), out)", "np.nan"),
        when="np.isinf(x / x.dtype.type(s)) & np.isfinite(x) & (s != 0)",
        upstream="https://github.com/pytorch/pytorch/issues/193753",
    )  # fmt: skip


HUGE_QUOTIENTS = [
    _huge_quotient(1e38, 1e-40, ("float32",)), _huge_quotient(1e308, 0.5, ("float64",)),
    replace(
        _huge_quotient(1e38, 1e-40, ("bfloat16",)), torch=OneOf(f"{_BFLOAT16_REST}\nrest", "np.nan"),
        when=f"{TO_BFLOAT16}np.isinf(x / bfloat16(np.float32(s))) & np.isfinite(x) & (s != 0)",
    ),
]  # fmt: skip


def _by_complex_reciprocal(s: float) -> list[Difference]:
    return [
        Difference(
            "PyTorch multiplies s by 1 / x, which is NaN where 1 / x is infinite; NumPy divides",
            example={"x": np.array([0j]), "s": s}, dtypes=COMPLEX, kind="bug", torch="np.full_like(out, np.nan)",
            when="np.isinf(out) & np.isinf(1 / x)", instead="torch.full_like(x, s) / x",
        ),
        Difference(
            "a subnormal s has few digits: PyTorch multiplies them by 1 / x, NumPy takes a fraction of them first",
            example={"x": np.array([9.144064e-24 - 3.0425452e-24j]), "s": 1e-40}, dtypes=("complex64",),
            torch=OneOf("out", "1 / x * x.dtype.type(s)"), when="(s == 1e-40) & np.isfinite(out)",
        ),
    ]  # fmt: skip


FLOOR = ulp(2, "bfloat16 is rounded after every step of the division", dtypes=("bfloat16",))
QUOTIENT = ulp(6, "both scale to avoid overflow, in different orders", dtypes=COMPLEX)

BY_FLOAT = [_float32("x / s", 0.1), _float16_by_float32("divide", 0.1)]
BY_INT = [_float32("x / s", 3), _float16_by_float32("divide", 2**31)]
RECIPROCAL = [RECIPROCAL_OF_INTEGERS, RECIPROCAL_OF_BFLOAT16]
INT_BY = [*RECIPROCAL, *_by_reciprocal(0, 0), _by_complex_reciprocal(1)[0]]
FLOAT_BY = [*RECIPROCAL, *_by_reciprocal(1e-10, 0.1), *_by_complex_reciprocal(1.0)]
INT_FLOOR = [BOTH_REFUSE_COMPLEX, BY_ZERO, WRAPS_TO_ZERO, _wraps("floor_divide"), not_followed("floor_divide", x=np.array([1.25]), s=3)]
FLOAT_FLOOR = [BOTH_REFUSE_COMPLEX, _float32("x // s", 0.3), _float16_by_float32("floor_divide", 0.1), not_followed("floor_divide", x=np.array([1.25]), s=0.3)]
INT_REST = [BOTH_REFUSE_COMPLEX, BY_ZERO, WRAPS_TO_ZERO, _wraps("remainder"), ZERO_REMAINDER, ROUNDS_TO_BFLOAT16]
FLOAT_REST = [
    BOTH_REFUSE_COMPLEX, INTEGER_REST, HUGE_INTEGER_QUOTIENT, ZERO_REMAINDER, ROUNDS_TO_BFLOAT16, *HUGE_QUOTIENTS
]  # fmt: skip

division = Section("Division with scalars")

for operation, name, kind, differs, tolerance in (
    ("x / s", "div-float", "float", BY_FLOAT, QUOTIENT),
    ("x / s", "div-int", "int", BY_INT, QUOTIENT),
    ("s / x", "rdiv-float", "float", FLOAT_BY, QUOTIENT),
    ("s / x", "rdiv-int", "int", INT_BY, QUOTIENT),
    ("x // s", "floordiv-float", "float", FLOAT_FLOOR, FLOOR),
    ("x // s", "floordiv-int", "int", INT_FLOOR, FLOOR),
    ("x % s", "mod-float", "float", FLOAT_REST, EXACT),
    ("x % s", "mod-int", "int", INT_REST, EXACT),
):
    division.case(
        operation, operation, id=name, x=tensors(), s=scalars(kind), shares_memory=False, differs=differs, tolerance=tolerance
    )  # fmt: skip
