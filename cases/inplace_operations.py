"""More that writes into a tensor: methods whose names end in an underscore, `out=`, assignment to `x[...]`.

A result has to fit the tensor that it is written to, and the rules for that are the same. Numbers are another matter:
PyTorch wraps -1 in uint8 and refuses 300, NumPy refuses both. PyTorch refuses to write to a tensor of which two elements
share their memory, and to read from the memory that it writes to; NumPy makes a copy first.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import PRODUCT, PRODUCTS_OVERFLOW, multiplies_by_alpha

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    like,
    scalars,
    tensors,
)

writing = Section("Writing into a tensor", id="writing")
written = tensors(overlapping=False)
ONE, TRUE = np.array([1]), np.array([True])


def neither(because: str, dtypes: tuple[str, ...], **other: object) -> Difference:
    """Return that both refuse ``dtypes``, for a row that has the inputs ``other`` beside ``x``."""
    return Difference(because, example={"x": ONE, **other}, dtypes=dtypes, torch=Raises(RuntimeError), numpy=Raises(TypeError))


def _and_after(one: Difference) -> list[Difference]:
    """Return ``one``, where a side refuses, and that only the other side has written."""
    return [one, replace(one, because=f"{one.because}: only one side writes", aspect="inputs after", torch=UNDEFINED, numpy=None)]


def _no_wide_unsigned(when: str | None = None, **other: object) -> Difference:
    return Difference("PyTorch has no such operation on uint16, uint32 or uint64", example={"x": ONE, **other}, dtypes=WIDE_UNSIGNED,
                      torch=Raises(NotImplementedError), when=when)  # fmt: skip


NO_MINUS = "both refuse it on bool: use ~x to invert and x ^ y to compare masks"
BY_ALPHA = replace(multiplies_by_alpha("-"), instead=None)
NEGATES_OTHERS = [
    Difference("NumPy's negative with out= takes the wrong elements where they lie as many apart as each has bytes, 4 of int32 or 8 of int64: it reads "
               "them as if they lay side by side",
               example={"x": np.arange(base.size).reshape(base.shape)[(slice(1, None),) * base.ndim]}, dtypes=dtypes, torch="-x", kind="bug",
               when="bits = lambda v: v.view(f'u{v.itemsize}')\nbits(out) != bits(-x)")
    for base, dtypes in (
        (np.zeros((3, 2, 2)), ("int32", "uint32", "float32", "bfloat16")), (np.zeros((3, 2, 2, 2)), ("int64", "uint64", "float64")),
    )
]  # fmt: skip

for torch, name in (("x.sub_(y)", "sub_"), ("x -= y\nx", "isub")):
    writing.case(
        torch, "x -= y\nx", id=name, x=written, y=broadcastable("x"), shares_memory=True,
        differs=[neither(NO_MINUS, ("bool",), y=ONE), BY_ALPHA, _no_wide_unsigned(y=ONE)],
    )  # fmt: skip
writing.case(
    "x.mul_(y)", "x *= y\nx", id="mul_-tensor", x=written, y=broadcastable("x"), shares_memory=True, tolerance=PRODUCT, differs=PRODUCTS_OVERFLOW
)  # fmt: skip
for torch, numpy, name, because, dtypes in (
    ("x.add_(1.5)", "x += 1.5\nx", "add_-float", "a sum with a float is a float, which an integer cannot hold", ("bool", *INTEGERS)),
    ("x.add_(2)", "x += 2\nx", "add_-int", "a sum with an integer is an integer, which a bool cannot hold", ("bool",)),
    ("x.div_(2)", "x /= 2\nx", "div_", "a quotient is a float, which an integer cannot hold", ("bool", *INTEGERS)),
    ("x.neg_()", "np.negative(x, out=x)", "neg_", NO_MINUS, ("bool",)),
):
    differs = [neither(because, dtypes), *([_no_wide_unsigned()] if name in ("add_-int", "neg_") else [])]
    differs += NEGATES_OTHERS if name == "neg_" else []
    writing.case(torch, numpy, id=name, x=written, shares_memory=True, differs=differs)

writing.case("x.zero_()", "x.fill(0)\nx", id="zero_", x=written, shares_memory=True)
writing.case(
    "x.clamp_(-2, 2)", "np.clip(x, -2, 2, out=x)", id="clamp_", x=written, shares_memory=True,
    differs=[
        replace(_no_wide_unsigned(), example={"x": np.array([3])}),
        neither("between integers a bool is an integer, which a bool cannot hold", ("bool",)),
        *(Difference("PyTorch wraps a negative bound of uint8: clamp(min=-1) makes 255 of every number", example={"x": ONE}, dtypes=("uint8",),
                     kind="bug", when="x < 2", torch=torch, aspect=aspect, upstream="https://github.com/pytorch/pytorch/issues/107702")
          for aspect, torch in ((None, "np.uint8(2)"), ("inputs after", UNDEFINED))),
        Difference("PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal",
                   example={"x": np.array([3 + 0j])}, dtypes=COMPLEX, torch=Raises(NotImplementedError)),
    ],
)  # fmt: skip

# Copying.

writing.case(
    "x.copy_(y)", "np.copyto(x, y)\nx", id="copy_", x=written, y=broadcastable("x"), shares_memory=True,
    differs=[Difference(
        "PyTorch does not copy from a tensor of more axes, even where they are 1 long; NumPy leaves those out, and x[...] = y does in both",
        example={"x": np.array([0]), "y": np.ones((1, 1))}, torch=Raises(RuntimeError), when="y.ndim > x.ndim and np.prod(y.shape[: y.ndim - x.ndim]) == 1",
        instead="x[...] = y\nx")],
)  # fmt: skip
writing.case("x[...] = y\nx", "x[...] = y\nx", id="setitem", x=written, y=broadcastable("x"), shares_memory=True)
writing.case(
    "x.copy_(y)", "np.copyto(x, y, casting='unsafe')\nx", id="copy_-mixed", x=written, y=like("x", dtypes=("bool", "int16", "uint8")),
    shares_memory=True,
)  # fmt: skip

# One number for all elements, or for those that a mask says.

def _numbers(name: str, kind: str, **other: object) -> list[Difference]:
    """Return what differs where the number ``s`` does not fit, in ``name``."""
    example = {"x": ONE, "s": -1, **other}
    filled = "np.where(mask, np.asarray(s).astype(x.dtype), x)" if other else "np.full_like(x, np.asarray(s).astype(x.dtype))"
    wrapped = Difference(
        "PyTorch wraps a negative number that is written to unsigned integers, and refuses what is too large; NumPy refuses both",
        example=example, dtypes=("uint8",) if other else ("uint8", *WIDE_UNSIGNED), when="s < 0 and -s <= np.iinfo(x.dtype).max", torch=filled, numpy=Raises(OverflowError), kind="gotcha",
    )
    too_large = Difference(
        "a number that the dtype cannot hold is refused by PyTorch; NumPy takes it for infinity",
        example={**example, "s": 1e300}, dtypes=("float32", "complex64"), when="s == 1e300", torch=Raises(RuntimeError),
    )
    refused = Difference(
        "neither writes a number that the dtype cannot hold", example={**example, "s": 256}, dtypes=("uint8",),
        when="not -256 < s < 256", torch=Raises(RuntimeError), numpy=Raises(OverflowError, ValueError),
    )
    half = replace(too_large, dtypes=("float16", "bfloat16"), example={**example, "s": 1e300}, when="s == 1e300")
    if name == "fill_":
        because = f"{half.because}, and so does PyTorch in a tensor of one element"
        half = replace(half, because=because, example={**half.example, "x": np.zeros(2)}, when="s == 1e300 and x.size != 1")
    of_ints = replace(half, dtypes=("float16",), example={**half.example, "s": 2**31}, when=half.when.replace("s == 1e300", "abs(s) > 65504"))
    signed = replace(refused, dtypes=("int8", "int16", "int32"), example={**example, "s": 2**31},
                     when="not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max")  # fmt: skip
    fits = {"int": "0 <= s <= np.iinfo(x.dtype).max", "float": "-1 < s < np.iinfo(x.dtype).max", "bool": None}[kind]
    wide = [_no_wide_unsigned(fits, mask=TRUE, s=0 if kind == "int" else 0.5 if kind == "float" else False)] if other else []
    return wide + {
        "int": [*_and_after(wrapped), refused, signed, *([] if name == "setitem" else [of_ints])],
        "float": [too_large, *([] if name == "setitem" else [half, replace(refused, example={**example, "s": -1.0}, when="not -1 < s < 256")])],
        "bool": [],
    }[kind]


for kind in ("int", "float", "bool"):
    writing.case(
        "x.fill_(s)", "x.fill(s)\nx", id=f"fill_-{kind}", x=written, s=scalars(kind), shares_memory=True, differs=_numbers("fill_", kind)
    )  # fmt: skip
    writing.case(
        "x[...] = s\nx", "x[...] = s\nx", id=f"setitem-{kind}", x=written, s=scalars(kind), shares_memory=True, differs=_numbers("setitem", kind)
    )  # fmt: skip
    writing.case(
        "x.masked_fill_(mask, s)", "x[mask] = s\nx", id=f"masked_fill_-{kind}", x=written,
        mask=like("x", dtypes=("bool",)), s=scalars(kind), shares_memory=True, differs=_numbers("masked_fill_", kind, mask=TRUE),
    )  # fmt: skip

# Overlapping memory.

OVERLAPS = "any(n > 1 and step == 0 for n, step in zip(x.shape, x.strides)) and x.size"
REFUSES_OVERLAP = (
    "PyTorch refuses to write to a tensor of which two elements share their memory, as an expanded one has; NumPy writes one after the other"
)
writing.case(
    "x.mul_(2)", "np.multiply(x, 2, out=x)", id="mul_-overlapping", x=tensors(), shares_memory=True,
    differs=[
        neither("a product with an integer is an integer, which a bool cannot hold", ("bool",)),
        Difference(REFUSES_OVERLAP, example={"x": np.broadcast_to(np.array([1]), (2,))}, dtypes=(*INTEGERS, *WIDE_UNSIGNED, *FLOATS, *COMPLEX, "bfloat16"),
                   when=OVERLAPS, torch=Raises(RuntimeError), kind="gotcha"),
    ],
)  # fmt: skip
writing.case(
    "x[1:] = x[:-1]\nx", "x[1:] = x[:-1]\nx", id="setitem-itself", x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        Difference("PyTorch refuses to write where it reads from, in tensors whose elements lie side by side; NumPy makes a copy first",
                   example={"x": np.array([0, 1, 0])}, when="x.size > 2 and x.strides[0] == x.itemsize", torch=Raises(RuntimeError),
                   kind="gotcha", instead="x[1:] = x[:-1].clone()\nx"),
        Difference("PyTorch writes where it reads from, in tensors with gaps between their elements, and reads what it has just written: after "
                   "x[1:] = x[:-1] all elements are the first",
                   example={"x": np.array([1, 0, 0, 0, 0])[::2]}, when="x.size > 2 and x.strides[0] != x.itemsize", torch=OneOf("out", "x[0]"),
                   kind="bug", instead="x[1:] = x[:-1].clone()\nx"),
    ],
)  # fmt: skip
