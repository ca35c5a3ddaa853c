"""Writing a result into its first operand: `x += y`, and the methods whose names end in an underscore.

Views see the change, as in NumPy, however the tensor is laid out. The result has to fit: neither side lets it have
more axes than `x`, or a dtype of a higher kind (`x /= 2` of integers).
"""

import numpy as np

from conformance import COMPLEX, FLOATS, INTEGERS, WIDE_UNSIGNED, Difference, Raises, Section, broadcastable, tensors

inplace = Section("In place", id="inplace")

NOT_IN_BOOL = Difference("2 * True is an integer, which a bool cannot hold; neither side casts it back",
                         example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(RuntimeError),
                         numpy=Raises(TypeError))  # fmt: skip
NOT_IN_INTEGERS = Difference("a quotient is a float, which an integer cannot hold; neither side casts it back",
                             example={"x": np.array([1])}, dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError),
                             numpy=Raises(TypeError))  # fmt: skip
MULTIPLIES_BY_ALPHA = Difference(
    "PyTorch adds and subtracts complex numbers with a factor alpha = 1+0j, and 0 times infinity is NaN: an infinite or NaN "
    "part of the second operand makes the other part of the result NaN",
    example={"x": np.array([1 + 1j]), "y": np.array([complex(np.inf, 0)])}, dtypes=COMPLEX, kind="bug",
    when="~np.isfinite(y.real) & ~np.isnan(out.imag) | ~np.isfinite(y.imag) & ~np.isnan(out.real)",
    torch="x + y * np.ones_like(y)", upstream="https://github.com/pytorch/pytorch/issues/82510",
)  # fmt: skip
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
    ],
)  # fmt: skip
