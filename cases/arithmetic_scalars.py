"""Arithmetic of a tensor and a Python number: sums, differences, products.

In both libraries a Python number takes the dtype of the tensor where that can hold its kind. They part on a float beside
integers (float32 or float64), on integers out of range (wrapped or refused), on bool, and on products in float16, where
PyTorch keeps the number in float32 until the result is rounded.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA, PRODUCT, PRODUCTS_OVERFLOW
from conformance.cases.bfloat16 import TO_BFLOAT16

from conformance import (
    CLAIMED,
    COMPLEX,
    EXACT,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    scalars,
    tensors,
)

COUNTED = (*INTEGERS, *WIDE_UNSIGNED)

BOTH_REFUSE_BOOL = Difference(
    "both refuse to subtract a bool from bools: use x ^ s",
    example={"x": np.array([1]), "s": True}, dtypes=("bool",), torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip

NO_BOOL_NUMBER = Difference(
    "PyTorch does not subtract True or False from any tensor; NumPy counts True as 1",
    example={"x": np.array([1]), "s": True}, dtypes=(*CLAIMED[1:], *WIDE_UNSIGNED, "bfloat16"), torch=Raises(RuntimeError),
    kind="gotcha",
)  # fmt: skip


def _rounds_to_bfloat16(text: str, x: float) -> Difference:
    result = f"{TO_BFLOAT16}s = bfloat16(np.float32(s))\nresult = {text}"
    return Difference(
        "in sums PyTorch rounds the number to bfloat16 before it adds it; the reference adds it in float32",
        example={"x": np.array([x]), "s": 40001}, dtypes=("bfloat16",), torch=f"{result}\nresult",
        when=f"{result}\n(bits(result) != bits(out)) & ~(np.isnan(result) & np.isnan(out))",
    )  # fmt: skip


_WIDER = "result = (x.astype(np.float32) * np.float32(s)).astype(x.dtype)"


def _no_subtraction(s: float) -> Difference:
    return Difference(
        "PyTorch does not subtract from or with a bool tensor; NumPy counts True as 1",
        example={"x": np.array([1]), "s": s}, dtypes=("bool",), torch=Raises(RuntimeError), kind="gotcha",
    )  # fmt: skip


def _wraps(text: str, s: int = 2**31, dtypes: tuple[str, ...] = ("uint8", "int8", "int16", "int32")) -> Difference:
    return Difference(
        "an integer that the tensor's dtype cannot hold is wrapped by PyTorch, without a word; NumPy raises",
        example={"x": np.array([1]), "s": s}, dtypes=dtypes, kind="gotcha",
        when="not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max",
        torch=f"s = np.asarray(s).astype(x.dtype)\n{text}", numpy=Raises(OverflowError),
    )  # fmt: skip


def _float32(text: str, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        "a float beside integers or bools makes float32 in PyTorch (its default dtype), float64 in NumPy",
        example={"x": np.array([1]), "s": 0.1}, dtypes=dtypes, torch=f"x, s = x.astype(np.float32), np.float32(s)\n{text}",
    )  # fmt: skip


def _multiplies_by_alpha(op: str) -> Difference:
    return Difference(
        BY_ALPHA,
        example={"x": np.array([1 + 1j]), "s": float("inf")}, dtypes=COMPLEX, kind="bug",
        when="~np.isfinite(x.real.dtype.type(s)) & ~np.isnan(out.imag)",
        torch=f"x {op} x.dtype.type(s) * x.dtype.type(1)", upstream=ALPHA_REPORT,
    )  # fmt: skip


SUBTRAHEND_BY_ALPHA = Difference(
    BY_ALPHA,
    upstream=ALPHA_REPORT,
    example={"x": np.array([complex(np.inf, 0)]), "s": 1}, dtypes=COMPLEX, kind="bug", torch="s - x * np.ones_like(x)",
    when="~np.isfinite(x.real) & ~np.isnan(out.imag) | ~np.isfinite(x.imag) & ~np.isnan(out.real)",
)  # fmt: skip


def _in_float32(x: np.ndarray, s: float) -> Difference:
    return Difference(
        "PyTorch multiplies float16 by a number in float32 and rounds once; NumPy rounds the number to float16 first",
        example={"x": x, "s": s}, dtypes=("float16",), kind="gotcha", torch=f"{_WIDER}\nresult",
        when=f"{_WIDER}\n(result != out) & ~(np.isnan(result) & np.isnan(out))",
    )  # fmt: skip


COMPLEX64 = Difference(
    "a complex number beside integers or bools makes complex64 in PyTorch, complex128 in NumPy",
    example={"x": np.array([1]), "s": 1j}, dtypes=("bool", *COUNTED), torch="x.astype(np.complex64) * np.complex64(s)",
)  # fmt: skip
COMPLEX32 = Difference(
    "a complex number beside float16 makes complex32 in PyTorch, which few functions take; NumPy gives complex64",
    example={"x": np.array([1.0]), "s": 1j}, dtypes=("float16",), aspect="dtype", torch="'complex32'",
    kind="gotcha", instead="x.float() * s",
)  # fmt: skip
COMPLEX32_ROUNDS = Difference(
    "the number and both parts of the product are rounded to float16",
    example={"x": np.array([1000.0]), "s": -2.001 + 0j}, dtypes=("float16",), aspect="value",
    torch="s = complex(np.float16(s.real), np.float16(s.imag))\nwide = np.asarray(x.astype(np.complex64) * np.complex64(s))\n"
    "wide.real, wide.imag = wide.real.astype(np.float16), wide.imag.astype(np.float16)\nwide",
)  # fmt: skip
SCALED_OVERFLOW = [
    replace(one, example={"x": np.full(16, x), "s": 1 + 2j}, when="np.isfinite(out) & ~(np.abs(x) * abs(s) < np.finfo(x.dtype).max / 4)")
    for one, x in zip(PRODUCTS_OVERFLOW, (-1.7723984e38 + 5.8335334e37j, -9.765599515268452e307 + 3.793008957069888e307j), strict=True)
]  # fmt: skip

ANY_COUNT = ("bool", *COUNTED)
FLOAT_SUM = [_float32("x + s", ANY_COUNT), _multiplies_by_alpha("+"), _rounds_to_bfloat16("x + s", -40000)]
FLOAT_MINUS = [_no_subtraction(0.5), _float32("x - s", COUNTED), _multiplies_by_alpha("-"), _rounds_to_bfloat16("x - s", 40000)]
MINUS_FLOAT = [_no_subtraction(0.5), _float32("s - x", COUNTED), SUBTRAHEND_BY_ALPHA, _rounds_to_bfloat16("s - x", 40000)]
FLOAT_TIMES = [_float32("x * s", ANY_COUNT), _in_float32(np.arange(1.0, 64.0), 0.1)]
INT_SUM = [_wraps("x + s"), _rounds_to_bfloat16("x + s", -40000)]
INT_MINUS = [_no_subtraction(1), _wraps("x - s"), _rounds_to_bfloat16("x - s", 40000)]
MINUS_INT = [_no_subtraction(1), _wraps("s - x"), SUBTRAHEND_BY_ALPHA, _rounds_to_bfloat16("s - x", 40000)]
INT_TIMES = [_wraps("x * s"), _wraps("x * s", -1, WIDE_UNSIGNED), _in_float32(np.array([0.0]), 2**31)]
MINUS_BOOL = [BOTH_REFUSE_BOOL, NO_BOOL_NUMBER]
COMPLEX_TIMES = [COMPLEX64, COMPLEX32, COMPLEX32_ROUNDS, *SCALED_OVERFLOW]

with_scalars = Section("Arithmetic with scalars")

for operation, name, kind, differs, tolerance in (
    ("x + s", "add-float", "float", FLOAT_SUM, EXACT),
    ("x + s", "add-int", "int", INT_SUM, EXACT),
    ("x + s", "add-bool", "bool", [], EXACT),
    ("x - s", "sub-float", "float", FLOAT_MINUS, EXACT),
    ("x - s", "sub-int", "int", INT_MINUS, EXACT),
    ("x - s", "sub-bool", "bool", MINUS_BOOL, EXACT),
    ("s - x", "rsub-float", "float", MINUS_FLOAT, EXACT),
    ("s - x", "rsub-int", "int", MINUS_INT, EXACT),
    ("x * s", "mul-float", "float", FLOAT_TIMES, EXACT),
    ("x * s", "mul-int", "int", INT_TIMES, EXACT),
    ("x * s", "mul-bool", "bool", [], EXACT),
    ("x * s", "mul-complex", "complex", COMPLEX_TIMES, PRODUCT),
):
    with_scalars.case(
        operation, operation, id=name, x=tensors(), s=scalars(kind), shares_memory=False, differs=differs, tolerance=tolerance
    )  # fmt: skip
