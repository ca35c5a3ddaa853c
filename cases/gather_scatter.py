"""Taking and putting along one axis: `index_select`, `gather`, `take`, and what writes there, or adds up.

NumPy's `take`, `take_along_axis` and `put_along_axis` do the same, with two differences that meet everybody: most of
PyTorch's functions count from 0 only and refuse a negative index (`take` and `index_fill` know them), and `gather` and
`scatter` take the part of a tensor that the index covers, where NumPy broadcasts. None of them takes uint16, uint32 or
uint64. Where an index occurs several times, the last value is put, as in NumPy; PyTorch's documentation promises no order.
"""

import numpy as np

from conformance import (
    CLAIMED,
    COMPLEX,
    FLOATS,
    INTEGERS,
    Difference,
    Raises,
    Section,
    axes,
    indexed,
    indices,
    indices_along,
    like,
    linear,
    tensors,
    values,
)

taking = Section("Taking and putting along an axis", id="gather")

SPECIAL = (*CLAIMED, "bfloat16")
PAST = "np.all((-n <= i) & (i < n))"


def from_zero(name: str, n: str, **others: object) -> Difference:
    """Return that ``name`` counts indices from 0, ``n`` being how long the axis is."""
    return Difference(
        f"{name} takes indices from 0 only; NumPy counts negative ones from the end",
        example={"x": np.ones((1, 1)), "dim": 0, "i": np.array([-1]), **others}, kind="gotcha", torch=Raises(RuntimeError, IndexError),
        when=f"n = {n}\nnp.any(i < 0) and np.all((-n <= i) & (i < n))",
    )  # fmt: skip


LENGTH = "x.shape[dim] if -x.ndim <= dim < x.ndim else 0"

# Taking

taking.case(
    "torch.index_select(x, dim, i)", "np.take(x, i, axis=dim)", x=tensors(ndim=(1, 4)), dim=axes("x"),
    i=indices("x", "dim", negative=False), shares_memory=False,
    differs=[Difference("NumPy does not check what it takes along an axis where another has the length 0; PyTorch refuses an index "
                        "out of range", example={"x": np.ones((0, 1)), "dim": 1, "i": np.array([1])}, kind="bug",
                        when="-x.ndim <= dim < x.ndim and 0 in x.shape[:dim % x.ndim] and x.shape[dim] and np.any(i >= x.shape[dim])",
                        torch=Raises(RuntimeError, IndexError))],
)  # fmt: skip
