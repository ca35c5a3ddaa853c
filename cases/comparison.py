"""Comparisons: of two tensors, of tensors of different dtypes, of a tensor and a Python number, a list, a string.

Of one dtype both sides agree everywhere, NaN and the two zeros included, but that PyTorch has no order of complex
numbers. Of two dtypes PyTorch first converts both sides to the dtype that their sum would have: an integer beside a
float loses digits, a number out of range is wrapped, and what is equal then need not have been equal before.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.bfloat16 import TO_BFLOAT16

from conformance import (
    CLAIMED,
    COMPLEX,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    broadcastable,
    scalars,
    tensors,
)

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
NARROW = ("uint8", "int8", "int16", "int32")
_ORDER = "PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal"
OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
FUNCTIONS = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}

comparison = Section("Comparison")


def _no_order(**other: object) -> Difference:
    return Difference(
        _ORDER, example={"x": np.array([1j]), **other}, dtypes=COMPLEX, torch=Raises(NotImplementedError),
    )  # fmt: skip


for name, sign in OPERATORS.items():
    differs = [] if name in ("eq", "ne") else [_no_order(y=np.array([1j]))]
    for torch, numpy, suffix in (
        (f"x {sign} y", f"x {sign} y", ""),
        (f"torch.{name}(x, y)", f"np.{FUNCTIONS[name]}(x, y)", "-function"),
    ):
        comparison.case(torch, numpy, id=name + suffix, x=tensors(), y=broadcastable("x"), shares_memory=False, differs=differs)

_COMMON = """
level = lambda a: "b i f".find(a.dtype.kind.replace("u", "i").replace("c", "f"))
one, two = (level(x), x.ndim > 0), (level(y), y.ndim > 0)
common = np.result_type(x, y) if one == two else x.dtype if one > two else y.dtype
part = common.type(0).real.dtype
to = lambda a: a.astype(np.float32).astype(part) if part == "float16" else a.astype(part)
real, imaginary = lambda a: to(a.real), lambda a: to(a.imag)
"""
"""The dtype in which PyTorch compares: that of the highest kind, tensors with axes before those without."""

_OF_PARTS = {"==": "(real(x) == real(y)) & (imaginary(x) == imaginary(y))", "<": "real(x) < real(y)"}


_BFLOAT16 = f"""{TO_BFLOAT16}
scalar = x.ndim > 0 and y.ndim == 0
x = x.astype(y.dtype) if y.ndim > 0 and x.ndim == 0 and y.dtype.kind == "f" else x
y = bfloat16(y.astype(np.float32)) if y.dtype.kind in "iu" or scalar and y.dtype.kind == "f" else y
y = y.astype(np.complex64) if scalar and y.dtype.kind == "c" else y
"""


def _converts(sign: str) -> list[Difference]:
    """Return what it means that both are converted before they are compared, for each kind of x."""
    ordered = "(x.dtype.kind != 'c') & (y.dtype.kind != 'c')" if sign == "<" else "True"
    in_common, in_bfloat16 = f"{_COMMON}compared = {_OF_PARTS[sign]}\n", f"{_BFLOAT16}compared = x {sign} y\n"
    return [
        Difference(
            "PyTorch compares in the dtype that the sum has: an integer beside a float takes the float's dtype and loses digits, "
            "a 0-d tensor takes that of the other and is wrapped or rounded; NumPy compares what the numbers are, or in a wider dtype",
            example={"x": x if isinstance(x, np.ndarray) else np.array([x]), "y": y}, dtypes=dtypes, kind="gotcha", torch=f"{convert}compared",
            when=f"{convert}(compared != out) & {ordered}",
        )
        for x, y, dtypes, convert in (
            (0, np.array(2**40), NARROW, in_common),
            (2**24 + 3, np.array([2**24 + 4], np.float32), ("int64", "uint32", "uint64"), in_common),
            (2051, np.array([2052], np.float16), ("uint16",), in_common),
            (2048, np.array([2049]), ("float16",), in_common),
            (2**24, np.array([2**24 + 1]), ("float32",), in_common),
            (2**24, np.array([2**24 + 1]), ("complex64",), in_common),
            (np.array(-1e-10), np.array([0.0], np.float16), ("float64",), in_common),
            (np.array(1e-60), np.array([0j], np.complex64), ("complex128",), in_common),
            (256, np.array([257]), ("bfloat16",), in_bfloat16),
        )
        if not (sign == "<" and dtypes[0] in COMPLEX)
    ]  # fmt: skip


NO_ORDER_OF_EITHER = Difference(
    _ORDER, example={"x": np.array([1]), "y": np.array([1j])}, torch=Raises(NotImplementedError, RuntimeError),
    when="x.dtype.kind == 'c' or y.dtype.kind == 'c'",
)  # fmt: skip


def _wraps(sign: str, s: int, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        "PyTorch wraps a Python integer that the tensor's dtype cannot hold, without a word, and then compares with it: "
        "0 == 4294967296 is True in int32; NumPy compares the numbers",
        example={"x": np.array([s % 2**64 if s < 0 else 0]), "s": s}, dtypes=dtypes, kind="bug",
        when=f"wrapped = np.asarray(s).astype(x.dtype)\n(x {sign} wrapped) != out",
        torch=f"x {sign} np.asarray(s).astype(x.dtype)", upstream="https://github.com/pytorch/pytorch/issues/114679",
    )  # fmt: skip


def _rounds_to_bfloat16(sign: str) -> Difference:
    return Difference(
        "PyTorch rounds the number to bfloat16 before it compares; the reference compares in float32",
        example={"x": np.array([9.1835e-41]), "s": 1e-40}, dtypes=("bfloat16",), torch=f"{TO_BFLOAT16}x {sign} bfloat16(np.float32(s))",
        when=f"{TO_BFLOAT16}(x {sign} bfloat16(np.float32(s))) != out",
    )  # fmt: skip


for name in ("eq", "lt"):
    sign = OPERATORS[name]
    unordered = name == "lt"
    comparison.case(
        f"x {sign} y", f"x {sign} y", id=f"{name}-mixed", x=tensors(), y=broadcastable("x", dtypes=CLAIMED), shares_memory=False,
        differs=[*_converts(sign), *([NO_ORDER_OF_EITHER] if unordered else [])],
    )  # fmt: skip
    for kind, example, differs in (
        ("int", 1, [_wraps(sign, 2**32, (*NARROW, "uint16", "uint32")), *([] if unordered else [_wraps(sign, -1, ("uint64",))])]), ("float", 1.0, [_rounds_to_bfloat16(sign)]), ("bool", True, []), ("complex", 1j, []),
    ):  # fmt: skip
        refused = replace(_no_order(s=example), dtypes=CLAIMED if kind == "complex" else COMPLEX)
        comparison.case(
            f"x {sign} s", f"x {sign} s", id=f"{name}-{kind}", x=tensors(), s=scalars(kind), shares_memory=False,
            differs=[*differs, *([refused] if unordered else [])],
        )  # fmt: skip

for sign, name, other, shown in (
    ("==", "eq-list", "[1]", "a list"), ("==", "eq-string", "'a'", "a string"), ("==", "eq-none", "None", "None"), ("!=", "ne-none", "None", "None")
):
    comparison.case(
        f"x {sign} {other}", f"x {sign} {other}", id=name, x=tensors(), differs=[
            Difference(f"a tensor and {shown} are not equal in PyTorch, one answer for the whole tensor; NumPy compares each element",
                       example={"x": np.array([1, 2])}, kind="gotcha", torch=str(sign == "!="))
        ],
    )  # fmt: skip
