"""Choosing between two tensors by a condition.

The condition is a tensor of bools in PyTorch, anything in NumPy. The two branches are brought to one dtype: in PyTorch as
for a sum, in which a 0-d tensor or a number has little to say, in NumPy to one that holds both.
"""

import numpy as np
from conformance.cases.derivatives import complex_not_followed

from conformance import (
    CLAIMED,
    COMPLEX,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    broadcastable,
    scalars,
    tensors,
    values,
)

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
NARROW = ("uint8", "int8", "int16", "int32")
NO, ONE = np.array([False]), np.array([1])

selection = Section("Selection")
bools = broadcastable("x", dtypes=("bool",))

for torch, name in (("torch.where(c, x, y)", "where"), ("x.where(c, y)", "where-method")):
    selection.case(torch, "np.where(c, x, y)", id=name, x=tensors(), c=bools, y=broadcastable("x"), shares_memory=False)
selection.case(
    "torch.where(c, x, y)", "np.where(c, x, y)", id="where-condition-dtype", x=tensors(), y=broadcastable("x"),
    c=broadcastable("x", dtypes=("uint8", "int64", "float32")), shares_memory=False,
    differs=[Difference("PyTorch takes a condition of bools, or of uint8 with a warning; NumPy takes every number that is not 0 for true",
                        example={"x": ONE, "c": np.array([0, 2]), "y": ONE}, when="c.dtype != 'uint8'", torch=Raises(RuntimeError),
                        kind="gotcha", instead="torch.where(c != 0, x, y)")],
)  # fmt: skip
selection.case(
    "torch.where(x > 0, x, 0)", "np.where(x > 0, x, 0)", id="where-positive", x=tensors(), shares_memory=False,
    differs=[Difference("PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal",
                        example={"x": np.array([1j])}, dtypes=COMPLEX, torch=Raises(NotImplementedError))],
)  # fmt: skip

# Branches of two dtypes.

_COMMON = """
level = lambda a: "b i f".find(a.dtype.kind.replace("u", "i").replace("c", "f"))
one, two = (level(x), x.ndim > 0), (level(y), y.ndim > 0)
common = np.result_type(x, y) if one == two else x.dtype if one > two else y.dtype
part = common.type(0).real.dtype
common = np.result_type(part, np.complex64) if "c" in x.dtype.kind + y.dtype.kind and part != "float64" else common
common = np.dtype(np.complex128) if "c" in x.dtype.kind + y.dtype.kind and part == "float64" else common
half = part == "float16" and "c" in x.dtype.kind + y.dtype.kind
to = lambda a: a.astype(np.float32).astype(common) if common == "float16" else a.astype(common)
"""
_HALF = "parts = lambda z: np.stack([z.real, z.imag], -1).astype(np.float16).astype(np.float32).view(np.complex64)[..., 0]\n"
CONVERTED = [
    Difference(
        "PyTorch gives the dtype that the sum has: an integer beside a float takes the float's dtype, a 0-d tensor that of the other, and is "
        "wrapped or rounded; NumPy widens",
        example={"x": x, "c": NO, "y": y}, dtypes=dtypes, kind="gotcha", when=f"{_COMMON}common != np.result_type(x, y) and not half",
        torch=f"{_COMMON}np.where(c, to(x), to(y))",
    )
    for x, y, dtypes in (
        (ONE, np.array(300), NARROW),
        (ONE, np.array([1.5], np.float32), ("int64", "uint32", "uint64")),
        (ONE, np.array([1.5], np.float16), ("uint16",)),
        (ONE, np.array([100000]), ("float16", "float32", "complex64")),
        (np.array(1e-10), np.array([0.0], np.float16), ("float64",)),
        (np.array(1e-10), np.array([0.0], np.complex64), ("complex128",)),
    )
]  # fmt: skip
HALF = [
    Difference(
        "a 0-d complex tensor beside float16 makes complex32 in PyTorch, which few functions take; NumPy has no such dtype",
        example={"x": x, "c": np.array([not x.ndim]), "y": y}, dtypes=dtypes, aspect=aspect, torch=torch, kind="gotcha", when=f"{_COMMON}half",
    )
    for aspect, torch in (("dtype", "'complex32'"), ("value", f"{_HALF}np.where(c, parts(x.astype(np.complex64)), parts(y.astype(np.complex64)))"))
    for x, y, dtypes in (
        (np.array([0.1]), np.array(0.1j), ("float16",)), (np.array(0.1j), np.array([0.1], np.float16), COMPLEX),
    )
]  # fmt: skip
BFLOAT16_DTYPE = Difference(
    "NumPy has no bfloat16; the reference is computed in float32, which other dtypes widen in another way",
    example={"x": np.array([1.0]), "c": NO, "y": np.array([1001])}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED,
)  # fmt: skip
selection.case(
    "torch.where(c, x, y)", "np.where(c, x, y)", id="where-mixed", x=tensors(), c=bools, y=broadcastable("x", dtypes=CLAIMED),
    shares_memory=False,
    differs=[*CONVERTED, *HALF, BFLOAT16_DTYPE, complex_not_followed("y.dtype.kind == 'c'", x=np.ones(1), c=np.array([True]), y=np.ones(1, complex))],
)  # fmt: skip

# A number for one branch, or for both.

FLOAT32 = Difference(
    "a float beside integers or bools makes float32 in PyTorch (its default dtype), float64 in NumPy",
    example={"x": ONE, "c": NO, "s": 0.1}, dtypes=COUNTED, torch="np.where(c, x.astype(np.float32), np.float32(s))", when="s != 1e300",
)  # fmt: skip
TOO_LARGE = Difference(
    "a number that float32 cannot hold is refused by PyTorch; NumPy has float64, or takes it for infinity",
    example={"x": ONE, "c": NO, "s": 1e300}, dtypes=(*COUNTED, "float32", "complex64"), torch=Raises(RuntimeError), when="s == 1e300",
)  # fmt: skip
WRAPPED_BY_NUMPY = [
    Difference(
        "NumPy's where wraps a Python integer that the array's dtype cannot hold, without a word, while all of its arithmetic raises "
        "OverflowError; PyTorch raises",
        example={"x": ONE, "c": NO, "s": s}, dtypes=dtypes, kind="bug", when=f"not {low} <= s <= np.iinfo(x.dtype).max", torch=Raises(RuntimeError),
    )
    for low, s, dtypes in (
        ("np.iinfo(x.dtype).min", 2**31, NARROW[1:]), ("-np.iinfo(x.dtype).max", 2**31, ("uint8", "uint16")),
        ("-np.iinfo(x.dtype).max", 2**40, ("uint32",)),
    )
]  # fmt: skip
COMPLEX64 = Difference(
    "a complex number beside integers or bools makes complex64 in PyTorch, complex128 in NumPy",
    example={"x": ONE, "c": NO, "s": 1j}, dtypes=COUNTED, torch="np.where(c, x.astype(np.complex64), np.complex64(s))",
)  # fmt: skip
COMPLEX32 = Difference(
    "a complex number beside float16 makes complex32 in PyTorch, which few functions take; NumPy gives complex64",
    example={"x": ONE, "c": NO, "s": 1j}, dtypes=("float16",), aspect="dtype", torch="'complex32'", kind="gotcha",
)  # fmt: skip
for kind, differs in (("int", WRAPPED_BY_NUMPY), ("float", [FLOAT32, TOO_LARGE]), ("bool", []), ("complex", [COMPLEX64, COMPLEX32])):
    selection.case(
        "torch.where(c, x, s)", "np.where(c, x, s)", id=f"where-{kind}", x=tensors(), c=bools, s=scalars(kind), shares_memory=False,
        differs=differs,
    )  # fmt: skip
selection.case(
    "torch.where(c, 1.5, s)", "np.where(c, 1.5, s)", id="where-numbers", c=tensors(dtypes=("bool",)), s=values(0, -2.5, 3, *(True, 1j)),
    shares_memory=False,
    differs=[Difference("of two numbers PyTorch makes its default dtype, float32, or complex64; NumPy float64 or complex128",
                        example={"c": NO, "s": -2.5}, aspect="dtype", torch="np.complex64 if isinstance(s, complex) else np.float32")],
)  # fmt: skip
