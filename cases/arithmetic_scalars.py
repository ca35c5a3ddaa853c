"""Arithmetic of a tensor and a Python number.

In both libraries a Python number takes the dtype of the tensor where that can hold its kind. They part on a float beside
integers (float32 or float64), on integers out of range (wrapped or refused), and on products in float16, where PyTorch
keeps the number in float32 until the result is rounded.
"""

import numpy as np

from conformance import COMPLEX, INTEGERS, UNDEFINED, WIDE_UNSIGNED, Difference, Raises, Section, scalars, tensors

COUNTED = (*INTEGERS, *WIDE_UNSIGNED)

BOOL_MINUS = Difference(
    "PyTorch does not subtract from bool; NumPy counts True as 1",
    example={"x": np.array([1]), "s": 0.5}, dtypes=("bool",), torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip

ROUNDS_TO_BFLOAT16 = Difference(
    "in sums PyTorch rounds the number to bfloat16 before it adds it; the reference adds it in float32",
    example={"x": np.array([0.09]), "s": 0.1}, dtypes=("bfloat16",), torch=UNDEFINED,
    when="np.isfinite(s) and np.float32(s).view(np.uint32) & 0xFFFF",
)  # fmt: skip

WRAPS = Difference(
    "an integer that the tensor's dtype cannot hold is wrapped by PyTorch, without a word; NumPy raises",
    example={"x": np.array([1]), "s": 2**31}, dtypes=("uint8", "int8", "int16", "int32"), kind="gotcha",
    when="not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max",
    torch="x * np.asarray(s).astype(x.dtype)", numpy=Raises(OverflowError),
)  # fmt: skip

_WIDER = "result = (x.astype(np.float32) * np.float32(s)).astype(x.dtype)"


def _float32(op: str, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        "a float beside integers or bools makes float32 in PyTorch (its default dtype), float64 in NumPy",
        example={"x": np.array([1]), "s": 0.1}, dtypes=dtypes, torch=f"x.astype(np.float32) {op} np.float32(s)",
    )  # fmt: skip


def _multiplies_by_alpha(op: str) -> Difference:
    return Difference(
        "PyTorch multiplies the number by alpha = 1+0j first, and 0 times an infinity is NaN: an infinite or NaN number "
        "makes the imaginary part NaN",
        example={"x": np.array([1 + 1j]), "s": float("inf")}, dtypes=COMPLEX, kind="bug",
        when="~np.isfinite(x.real.dtype.type(s)) & ~np.isnan(out.imag)",
        torch=f"x {op} x.dtype.type(s) * x.dtype.type(1)",
    )  # fmt: skip


def _in_float32(x: np.ndarray, s: float) -> Difference:
    return Difference(
        "PyTorch multiplies float16 by a number in float32 and rounds once; NumPy rounds the number to float16 first",
        example={"x": x, "s": s}, dtypes=("float16",), kind="gotcha", torch=f"{_WIDER}\nresult",
        when=f"{_WIDER}\n(result != out) & ~(np.isnan(result) & np.isnan(out))",
    )  # fmt: skip


FLOAT_SUM = [_float32("+", ("bool", *COUNTED)), _multiplies_by_alpha("+"), ROUNDS_TO_BFLOAT16]
FLOAT_MINUS = [BOOL_MINUS, _float32("-", COUNTED), _multiplies_by_alpha("-"), ROUNDS_TO_BFLOAT16]
FLOAT_TIMES = [_float32("*", ("bool", *COUNTED)), _in_float32(np.arange(1.0, 64.0), 0.1)]
INT_TIMES = [WRAPS, _in_float32(np.array([0.0]), 2**31)]

with_scalars = Section("Arithmetic with scalars")

with_scalars.case(
    "x + s", "x + s", id="add-float", x=tensors(), s=scalars("float"), shares_memory=False, differs=FLOAT_SUM
)
with_scalars.case(
    "x - s", "x - s", id="sub-float", x=tensors(), s=scalars("float"), shares_memory=False, differs=FLOAT_MINUS
)
with_scalars.case(
    "x * s", "x * s", id="mul-float", x=tensors(), s=scalars("float"), shares_memory=False, differs=FLOAT_TIMES
)
with_scalars.case("x * s", "x * s", id="mul-int", x=tensors(), s=scalars("int"), shares_memory=False, differs=INT_TIMES)
