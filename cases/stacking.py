"""Joining tensors along an axis that is new, or added first: stack, hstack, vstack, dstack, column_stack.

Both libraries copy, and treat numbers and vectors alike. PyTorch takes lists and tuples of tensors only, no tensor of
several axes and no plain numbers. Mixed dtypes follow PyTorch's rule, where the widest of the floats wins, as in `cat`.
"""

import numpy as np

from conformance import CLAIMED, Difference, Raises, Section, broadcastable, like, new_axes, tensors, values

stacking = Section("Stacking", id="stacking")

TENSORS_ONLY = "PyTorch joins tensors only; NumPy takes anything that it can make an array of"
FLOATS_WIN = "PyTorch joins integers and floats in the widest of the floats; NumPy takes one that holds the integers, too"
SKIPS_LEGACY_EMPTY = "PyTorch skips tensors of shape (0,), whatever the shape of the others; NumPy wants one number of axes"

stacking.case("torch.stack([x, y], dim)", "np.stack([x, y], axis=dim)", x=tensors(ndim=(0, 3)), y=like("x"), dim=new_axes("x"),
              shares_memory=False)  # fmt: skip
stacking.case("torch.stack((x, y, x))", "np.stack((x, y, x))", id="stack-first", x=tensors(ndim=(0, 3)), y=broadcastable("x"),
              shares_memory=False, note="all must have one shape: nothing is broadcast")  # fmt: skip
stacking.case(
    "torch.stack(xs)", "np.stack(xs)", id="stack-numbers", xs=values([1, 2], [1.5], [[1, 2], [3, 4]], [True, False]),
    differs=[Difference(TENSORS_ONLY, example={"xs": [1, 2]}, torch=Raises(TypeError), kind="gotcha",
                        instead="torch.stack([torch.from_numpy(np.asarray(x)) for x in xs])")],
)  # fmt: skip
stacking.case(
    "torch.stack(x)", "np.stack(x)", id="stack-tensor", x=tensors(ndim=(1, 3)),
    differs=[Difference("PyTorch wants a list of tensors; NumPy goes through the first axis of an array",
                        example={"x": np.eye(2)},
                        torch=Raises(TypeError), when="len(x)", instead="torch.stack(x.unbind())")],
)  # fmt: skip

MIXED = {"x": tensors(ndim=(0, 2), dtypes=CLAIMED), "y": like("x", dtypes=CLAIMED)}

def floats_win(name: str) -> Difference:
    """Return that a joint of an integer and a float has the dtype of the float, for the function ``name``."""
    kind = "(x if x.dtype.kind in 'fc' else y).dtype"
    return Difference(
        FLOATS_WIN, example={"x": np.array([16777217]), "y": np.array([1], np.float32)}, kind="gotcha",
        when=f"(x.dtype.kind in 'fc') != (y.dtype.kind in 'fc') and np.result_type(x, y) != {kind}",
        torch=f"kind = {kind}\nnp.{name}([x.astype(kind), y.astype(kind)])", instead=f"torch.{name}([x.double(), y.double()])",
    )  # fmt: skip


for name in ("stack", "hstack", "vstack", "dstack"):
    stacking.case(f"torch.{name}([x, y])", f"np.{name}([x, y])", id=f"{name}-dtypes", **MIXED, shares_memory=False,
                  differs=[floats_win(name)])  # fmt: skip

# Numbers and vectors are given the axes that they lack.

for name in ("hstack", "vstack", "dstack", "column_stack"):
    stacking.case(f"torch.{name}([x, y])", f"np.{name}([x, y])", id=name, x=tensors(ndim=(0, 3)), y=like("x"),
                  shares_memory=False)
    stacking.case(
        f"torch.{name}(xs)", f"np.{name}(xs)", id=f"{name}-numbers", xs=values([1, 2], [[1], [2]], [1.5, 2]),
        differs=[Difference(TENSORS_ONLY, example={"xs": [1, 2]}, torch=Raises(TypeError), kind="gotcha",
                            instead=f"torch.{name}([torch.from_numpy(np.asarray(x)) for x in xs])")],
    )  # fmt: skip

stacking.case("torch.row_stack([x, y])", "np.vstack([x, y])", x=tensors(ndim=(0, 3)), y=like("x"), shares_memory=False)
stacking.case("torch.column_stack([x, y[:, 0]])", "np.column_stack([x, y[:, 0]])", id="column_stack-column", x=tensors(ndim=2),
              y=like("x"), shares_memory=False)  # fmt: skip

stacking.case(
    "torch.hstack([x, torch.zeros(0, dtype=x.dtype)])", "np.hstack([x, np.zeros(0, x.dtype)])", id="hstack-empty",
    x=tensors(ndim=(1, 3)), shares_memory=False,
    differs=[Difference(SKIPS_LEGACY_EMPTY, example={"x": np.ones((1, 2))}, when="x.ndim > 1", torch="x",
                        numpy=Raises(ValueError),
                        kind="gotcha")],
)  # fmt: skip

# Blocks

stacking.case(
    "torch.block_diag(x, y)",
    """
    result = np.zeros((x.shape[0] + y.shape[0], x.shape[1] + y.shape[1]), x.dtype)
    result[:x.shape[0], :x.shape[1]] = x
    result[x.shape[0]:, x.shape[1]:] = y
    result
    """,
    x=tensors(ndim=2), y=tensors(ndim=2), shares_memory=False,
)  # fmt: skip
