"""Arithmetic of tensors of different dtypes, and of tensors with arrays, NumPy numbers and lists.

PyTorch looks at kinds first: bool, integer, float, complex. The dtype of the highest kind wins, however few bits it
has, and a 0-d tensor has a say only where its kind is higher than that of the other. NumPy widens until both ranges
fit, and a 0-d array counts like any other.
"""

import numpy as np

from conformance import CLAIMED, Difference, Section, broadcastable, tensors

INEXACT = "'fc'"


def _keeps_inexact(text: str) -> Difference:
    return Difference(
        "an integer beside a float takes the float's dtype in PyTorch; NumPy widens the float to hold the integer's range",
        example={"x": np.array([1]), "y": np.array([1.5], np.float16)}, dtypes=("int64", "int32", "int16"), kind="gotcha",
        when="(x.dtype.kind in 'fc') != (y.dtype.kind in 'fc') and x.dtype.kind not in 'fc'"
        " and np.result_type(x.dtype, y.dtype) != y.dtype",
        torch=f"x = x.astype(y.dtype)\n{text}",
    )  # fmt: skip


mixed = Section("Arithmetic of mixed dtypes", id="mixed")

for operation, name, differs in (
    ("x + y", "add", [_keeps_inexact("x + y")]),
):
    mixed.case(
        operation, operation, id=name, x=tensors(), y=broadcastable("x", dtypes=CLAIMED), shares_memory=False, differs=differs
    )  # fmt: skip
