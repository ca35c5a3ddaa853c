"""Writing a result into its first operand: `x += y`, and the methods whose names end in an underscore.

Views see the change, as in NumPy, however the tensor is laid out. The result has to fit: neither side lets it have
more axes than `x`, or a dtype of a higher kind (`x /= 2` of integers).
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import multiplies_by_alpha
from conformance.cases.derivatives import X_AND_Y, other_gradient, out_not_followed

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
    tensors,
)

inplace = Section("In place", id="inplace")

NOT_IN_BOOL = Difference("2 * True is an integer, which a bool cannot hold; neither side casts it back",
                         example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(RuntimeError),
                         numpy=Raises(TypeError))  # fmt: skip
NOT_IN_INTEGERS = Difference("a quotient is a float, which an integer cannot hold; neither side casts it back",
                             example={"x": np.array([1])}, dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError),
                             numpy=Raises(TypeError))  # fmt: skip
MULTIPLIES_BY_ALPHA = replace(multiplies_by_alpha("+"), instead=None)
NO_WIDE_UNSIGNED = Difference("PyTorch adds no uint16, uint32 or uint64", dtypes=WIDE_UNSIGNED,
                              example={"x": np.array([1]), "y": np.array([1])}, torch=Raises(NotImplementedError))  # fmt: skip

for torch, name in (("x += y\nx", "iadd"), ("x.add_(y)", "add_")):
    inplace.case(
        torch, "x += y\nx", id=name, x=tensors(overlapping=False), y=broadcastable("x"), shares_memory=True,
        differs=[MULTIPLIES_BY_ALPHA, NO_WIDE_UNSIGNED], note="y is broadcast to x; x keeps its shape, so a wider y is refused",
    )  # fmt: skip

for torch, numpy, name, refuses in (
    ("x *= 2\nx", "x *= 2\nx", "imul", NOT_IN_BOOL),
    ("x.mul_(2)", "x *= 2\nx", "mul_", NOT_IN_BOOL),
    ("x /= 2\nx", "x /= 2\nx", "itruediv", NOT_IN_INTEGERS),
):
    inplace.case(torch, numpy, id=name, x=tensors(overlapping=False), shares_memory=True, differs=[refuses])

inplace.case(
    """
    out = torch.empty_like(x)
    torch.add(x, y, out=out)
    out
    """,
    """
    out = np.empty_like(x)
    np.add(x, y, out=out)
    out
    """,
    id="add-out", x=tensors(), y=broadcastable("x"), shares_memory=False,
    differs=[
        MULTIPLIES_BY_ALPHA,
        *(Difference("PyTorch gives an out= of another shape the shape of the result, with a warning; NumPy refuses it",
                     example={"x": np.ones(1), "y": np.ones(2)}, dtypes=dtypes, kind="gotcha", torch=total,
                     when="y.ndim > x.ndim or any(a == 1 != b for a, b in zip(x.shape[::-1], y.shape[::-1]))",
                     numpy=Raises(ValueError))
          for total, dtypes in (("x + y", ("bool", *INTEGERS, *FLOATS, "bfloat16")), ("x + y * np.ones_like(y)", COMPLEX))),
        out_not_followed(**X_AND_Y),
    ],
)  # fmt: skip

inplace.case(
    """
    out = torch.stack([x, x])
    torch.add(x, x, out=out)
    out
    """,
    """
    out = np.stack([x, x])
    np.add(x, x, out=out)
    out
    """,
    id="add-out-wider", x=tensors(), shares_memory=False,
    differs=[
        Difference("PyTorch gives an out= of another shape the shape of the result, with a warning; NumPy broadcasts the result to it",
                   example={"x": np.ones(1)}, dtypes=dtypes, kind="gotcha", torch=total)
        for total, dtypes in (("out[0]", ("bool", *INTEGERS, *FLOATS, "bfloat16")), ("x + x * np.ones_like(x)", COMPLEX))
    ],
)  # fmt: skip

# What is written to a tensor that is read at the same time.

CONTIGUOUS = "len(x) > 2 and x.strides == (x.itemsize,)"
STRIDED = "len(x) > 2 and x.strides != (x.itemsize,)"
REFUSES_OVERLAP = Difference(
    "PyTorch refuses to write to a part of the memory that it reads; NumPy reads all of it first", example={"x": np.arange(3)},
    when=CONTIGUOUS, torch=Raises(RuntimeError), kind="gotcha", instead="x[1:] = x[:-1].clone()\nx",
)  # fmt: skip
OVERWRITES = Difference(
    "PyTorch sees that what it writes and what it reads overlap in contiguous tensors only; in strided ones it reads what it has "
    "just written, without a word",
    example={"x": np.array([1, 0, 0, 0, 0, 0])[::2]}, when=STRIDED, torch=OneOf("out", "np.full_like(x, x[0])"), kind="gotcha",
    instead="x[1:] = x[:-1].clone()\nx",
)  # fmt: skip

ADDED = ("bool", *INTEGERS, *FLOATS)
CLAIMED_TOO = (*ADDED, *COMPLEX, "bfloat16")
BY_MASK = "x[np.arange(len(x)) > 0] = x[:-1]\nx"
MASK_CLONE = "x[torch.arange(len(x)) > 0] = x[:-1].clone()\nx"
PUT_CLONE = "x.index_put_((torch.arange(len(x))[1:],), x[:-1].clone())"
ADD_CLONE = "x[1:] += x[:-1].clone()\nx"

inplace.case(
    "x[1:].copy_(x[:-1])\nx", "x[1:] = x[:-1]\nx", id="copy_-overlap", x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[REFUSES_OVERLAP, OVERWRITES],
)  # fmt: skip
inplace.case(
    "x[1:].add_(x[:-1])\nx", "x[1:] += x[:-1]\nx", id="add_-overlap", x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        replace(REFUSES_OVERLAP, dtypes=(*ADDED, *COMPLEX, "bfloat16"), instead=ADD_CLONE),
        replace(OVERWRITES, dtypes=ADDED, torch=OneOf("out", "np.cumsum(x, dtype=x.dtype)"), instead=ADD_CLONE),
        replace(OVERWRITES, dtypes=(*COMPLEX, "bfloat16"), torch=UNDEFINED, instead=ADD_CLONE),
        replace(MULTIPLIES_BY_ALPHA, example={"x": np.array([complex(np.inf, 0), 1 + 1j])}, when="len(x) == 2 and not np.isfinite(x[0])",
                torch="np.concatenate([x[:1], x[1:] + x[:-1] * np.ones_like(x[:-1])])"),
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1, 1])}, torch=Raises(RuntimeError)),
    ],
)  # fmt: skip

NUMPY_OVERWRITES = Difference(
    "NumPy's assignment by a mask does not look whether the values are a part of the array: in strided arrays it reads what it has "
    "just written", example={"x": np.array([1, 0, 0, 0, 0, 0])[::2]}, dtypes=CLAIMED_TOO, kind="bug", when=STRIDED,
    torch=OneOf("out", "np.concatenate([x[:1], x[:-1]])"),
)  # fmt: skip

inplace.case(
    "x.index_put_((torch.arange(len(x))[1:],), x[:-1])", "x[np.arange(len(x))[1:]] = x[:-1]\nx", id="index_put_-overlap",
    x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        replace(REFUSES_OVERLAP, when="len(x) > 1 and x.strides == (x.itemsize,)", dtypes=CLAIMED_TOO, instead=PUT_CLONE),
        replace(OVERWRITES, dtypes=CLAIMED_TOO, torch=UNDEFINED, instead=PUT_CLONE),
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1, 1])}, torch=Raises(RuntimeError), when="len(x) > 1"),
    ],
)  # fmt: skip
inplace.case(
    "x[torch.arange(len(x)) > 0] = x[:-1]\nx", BY_MASK, id="mask-overlap", x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        replace(REFUSES_OVERLAP, dtypes=CLAIMED_TOO, instead=MASK_CLONE),
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1, 1, 1])}, torch=Raises(RuntimeError), when="len(x) > 2"),
        other_gradient("PyTorch's gradient does not know that an assignment read what it had just written",
                       x=np.array([0.25, 0, 0.75, 0, 1.25])[::2]),
    ],
)  # fmt: skip
inplace.case(
    MASK_CLONE, BY_MASK, id="mask-copied", x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        NUMPY_OVERWRITES,
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1, 1, 1])}, torch=Raises(RuntimeError), when="len(x) > 2"),
    ],
)  # fmt: skip
inplace.case(
    "x.masked_scatter_(torch.arange(len(x)) > 0, x[:-1])", BY_MASK, id="masked_scatter_-overlap",
    x=tensors(ndim=1, overlapping=False), shares_memory=True,
    differs=[
        Difference("PyTorch's masked_scatter_ reads what it has just written where its source is a part of the tensor; other methods "
                   "refuse that", example={"x": np.array([1, 0, 0])}, dtypes=CLAIMED_TOO, when=CONTIGUOUS,
                   torch=OneOf("out", "np.full_like(x, x[0])"), kind="bug",
                   instead="x.masked_scatter_(torch.arange(len(x)) > 0, x[:-1].clone())"),
        NUMPY_OVERWRITES,
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1, 1, 1])}, torch=Raises(RuntimeError)),
    ],
)  # fmt: skip
