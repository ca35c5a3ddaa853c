"""Truth values and bits of two tensors.

What is not zero is true, NaN included, in both libraries, and bits are those of two's complement. A shift by as many bits
as there are, or by a negative number, moves all of them out on both sides. They part on numbers and 0-d tensors that the
dtype cannot hold: PyTorch wraps them, so that `x & 256` is 0 in uint8.
"""

import numpy as np
from conformance.cases.bfloat16 import BITS

from conformance import (
    CLAIMED,
    COMPLEX,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    broadcastable,
    scalars,
    tensors,
)

NARROW = ("uint8", "int8", "int16", "int32")

bits = Section("Logic and bits", id="bits")


def _no_bits(**other: object) -> Difference:
    return Difference(
        "neither works on the bits of floats or complex numbers", example={"x": np.array([1.0]), **other}, dtypes=FLOATS + COMPLEX,
        torch=Raises(RuntimeError), numpy=Raises(TypeError),
    )  # fmt: skip


def _no_shift_of_bool(**other: object) -> Difference:
    return Difference(
        "PyTorch has no such operation on bool; NumPy counts True as 1 and gives int8",
        example={"x": np.array([1]), **other}, dtypes=("bool",), torch=Raises(NotImplementedError), kind="gotcha",
    )  # fmt: skip


def _wraps(text: str, s: int = 2**31, dtypes: tuple[str, ...] = NARROW) -> Difference:
    return Difference(
        "an integer that the tensor's dtype cannot hold is wrapped by PyTorch, without a word; NumPy raises",
        example={"x": np.array([1]), "s": s}, dtypes=dtypes, kind="gotcha",
        when="not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max",
        torch=f"s = np.asarray(s).astype(x.dtype)\n{text}", numpy=Raises(OverflowError),
    )  # fmt: skip


Y = {"y": np.array([1])}

for name in ("and", "or", "xor"):
    bits.case(f"torch.logical_{name}(x, y)", f"np.logical_{name}(x, y)", x=tensors(), y=broadcastable("x"), shares_memory=False)

for sign, name in (("&", "and"), ("|", "or"), ("^", "xor")):
    for torch, numpy, suffix in (
        (f"x {sign} y", f"x {sign} y", ""),
        (f"torch.bitwise_{name}(x, y)", f"np.bitwise_{name}(x, y)", "-function"),
    ):
        bits.case(torch, numpy, id=name + suffix, x=tensors(), y=broadcastable("x"), shares_memory=False, differs=[_no_bits(**Y)])
    bits.case(
        f"x {sign} s", f"x {sign} s", id=f"{name}-int", x=tensors(), s=scalars("int"), shares_memory=False,
        differs=[_no_bits(s=1), _wraps(f"x {sign} s"), _wraps(f"x {sign} s", -1, WIDE_UNSIGNED)],
    )  # fmt: skip
bits.case("x & s", "x & s", id="and-number-bool", x=tensors(), s=scalars("bool"), shares_memory=False, differs=[_no_bits(s=True)])

for sign, name in (("<<", "left"), (">>", "right")):
    for torch, numpy, suffix in (
        (f"x {sign} y", f"x {sign} y", ""),
        (f"torch.bitwise_{name}_shift(x, y)", f"np.{name}_shift(x, y)", "-function"),
    ):
        bits.case(
            torch, numpy, id=f"{name}-shift{suffix}", x=tensors(), y=broadcastable("x"), shares_memory=False,
            differs=[_no_bits(**Y), _no_shift_of_bool(**Y)],
        )  # fmt: skip
    bits.case(
        f"x {sign} s", f"x {sign} s", id=f"{name}-shift-int", x=tensors(), s=scalars("int"), shares_memory=False,
        differs=[_no_bits(s=1), _wraps(f"x {sign} s")],
    )  # fmt: skip

# Two dtypes: a 0-d tensor takes the dtype of the other.

_COMMON = """
level = lambda a: "b i f".find(a.dtype.kind.replace("u", "i").replace("c", "f"))
one, two = (level(x), x.ndim > 0), (level(y), y.ndim > 0)
common = np.result_type(x, y) if one == two else x.dtype if one > two else y.dtype
part = common.type(0).real.dtype
"""
_TO_BFLOAT16 = f"{BITS}to = lambda v: np.where(np.isnan(v), v, bits(v.astype(np.float32)).view(np.float32))\n"
_TRUE = "true = lambda a: (to(a.real) != 0) | (to(a.imag) != 0)\n"
_LOGICAL = f"{_COMMON}to = lambda a: (a.astype(np.float32) if part == 'float16' else a).astype(part)\n{_TRUE}"
"""Float64 becomes float16 by way of float32: a little more than half of the smallest number is rounded to that half, then to 0."""
_LOGICAL_BFLOAT16 = (
    f"{_TO_BFLOAT16}{_TRUE}common = None\nkind = y.dtype.kind if x.ndim > 0 and y.ndim == 0 else ''\n"
    "own = np.complex64 if kind == 'c' else np.float16 if x.ndim == 0 < y.ndim and y.dtype == 'float16' else None\n"
    "true = true if kind == 'f' else lambda a: (a if own is None else a.astype(own)) != 0\n"
)
"""A complex number beside bfloat16 becomes complex64, whose parts are float32; a number of bfloat16 beside float16, float16."""
_NOT_HALF = "(not (common == 'float16' and 'c' in x.dtype.kind + y.dtype.kind))"

bits.case(
    "x & y", "x & y", id="and-mixed", x=tensors(), y=broadcastable("x", dtypes=("bool", *INTEGERS)), shares_memory=False,
    differs=[
        _no_bits(**Y),
        *(
            Difference(
                "a 0-d tensor does not change the dtype of another that is no bool in PyTorch: its value is wrapped where it does not fit; "
                "NumPy widens",
                example={"x": x, "y": y}, dtypes=dtypes, kind="gotcha", when=f"{_COMMON}common != np.result_type(x, y)",
                torch=f"{_COMMON}x.astype(common) & y.astype(common)",
            )
            for x, y, dtypes in (
                (np.array([1]), np.array(2**40 + 1), (*NARROW, *WIDE_UNSIGNED)), (np.array(1), np.array([1], np.int8), ("int64",)),
            )
        ),
    ],
)  # fmt: skip

HALF = "a 0-d complex tensor beside float16 makes complex32 in PyTorch, which few functions take; NumPy has no such dtype"
bits.case(
    "x.logical_and(y)", "np.logical_and(x, y)", id="logical_and-mixed", x=tensors(), y=broadcastable("x", dtypes=CLAIMED), shares_memory=False,
    differs=[
        *(
            Difference(
                "PyTorch converts a 0-d tensor to the dtype of the other first: 256 is 0 in uint8, and false, 1e-60 is 0.0 in float32",
                example={"x": x, "y": y}, dtypes=dtypes, kind="gotcha", torch=f"{text}true(x) & true(y)", when=f"{text}((true(x) & true(y)) != out) & {_NOT_HALF}",
            )
            for x, y, dtypes, text in (
                (np.array([1]), np.array(2**40), (*NARROW, *WIDE_UNSIGNED[:2]), _LOGICAL),
                (np.array([1]), np.array(1e-60), ("float16", "float32", "complex64"), _LOGICAL),
                (np.array(1e-60), np.array([1.0], np.float32), ("float64", "complex128"), _LOGICAL),
                (np.array([1]), np.array(1e-60), ("bfloat16",), _LOGICAL_BFLOAT16),
                (np.array(256), np.array([1], np.uint8), ("int64", "uint64"), _LOGICAL),
            )
        ),
        Difference(HALF, example={"x": np.array([1.0]), "y": np.array(1j)}, dtypes=("float16",), torch=Raises(NotImplementedError),
                   kind="gotcha", when="x.ndim and not y.ndim and y.dtype.kind == 'c'"),
        Difference(HALF, example={"x": np.array(1j), "y": np.array([1.0], np.float16)}, dtypes=COMPLEX, torch=Raises(NotImplementedError),
                   kind="gotcha", when="y.ndim and not x.ndim and y.dtype == 'float16'"),
    ],
)  # fmt: skip
bits.case(
    "x and y", "x and y", id="and-word", x=tensors(), y=broadcastable("x"),
    differs=[Difference("neither takes several elements, or none, for one truth value: use x & y", example={"x": np.ones(2), "y": np.ones(2)},
                        when="x.size != 1", torch=Raises(RuntimeError), numpy=Raises(ValueError))],
)  # fmt: skip
