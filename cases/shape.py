"""Rearranging axes: no value changes, and most results share memory with their input.

What PyTorch calls ``dim`` is NumPy's ``axis``. The two differ in three ways. PyTorch lets a 0-d tensor have the axes 0
and -1, where NumPy mostly refuses. ``transpose`` swaps two axes in PyTorch and permutes all of them in NumPy. And
PyTorch has no memory order: ``order='F'`` does not exist, while ``view`` promises not to copy and refuses to.
"""

import numpy as np

from conformance import Difference, Raises, Section, axes, axis_tuples, new_axes, reshapes, tensors, values

shape = Section("Shape")

# Swapping and permuting axes

SWAPS_NO_AXES = Difference(
    "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy refuses",
    example={"x": np.array(1.0), "dim0": 0, "dim1": -1},
    when="x.ndim == 0 and {dim0, dim1} <= {0, -1}",
    torch="x",
    numpy=Raises(ValueError),
    kind="gotcha",
)
NO_PERMUTATION = Difference(
    "PyTorch's transpose swaps two axes and takes nothing else; permute is the name of NumPy's transpose",
    example={"x": np.zeros((1, 2, 3))},
    torch=Raises(TypeError),
    kind="gotcha",
    instead="x.permute(2, 0, 1)",
)
TWO_AXES_AT_MOST = Difference(
    "PyTorch's t() is for matrices, and leaves a vector or a number as it is; NumPy's T reverses any number of axes",
    example={"x": np.zeros((1, 2, 3))},
    when="x.ndim > 2",
    torch=Raises(RuntimeError),
    instead="x.permute(2, 1, 0)",
)

TWO_AXES = {"dim0": axes("x"), "dim1": axes("x"), "shares_memory": True, "differs": [SWAPS_NO_AXES]}

shape.case("x.transpose(dim0, dim1)", "np.swapaxes(x, dim0, dim1)", x=tensors(), **TWO_AXES)
shape.case(
    "torch.transpose(x, dim0, dim1)", "np.swapaxes(x, dim0, dim1)", id="transpose-function", x=tensors(), **TWO_AXES
)
shape.case("x.swapaxes(dim0, dim1)", "x.swapaxes(dim0, dim1)", x=tensors(), **TWO_AXES)
shape.case(
    "torch.swapaxes(x, dim0, dim1)", "np.swapaxes(x, dim0, dim1)", id="swapaxes-function", x=tensors(), **TWO_AXES
)
shape.case("torch.swapdims(x, dim0, dim1)", "np.swapaxes(x, dim0, dim1)", x=tensors(), **TWO_AXES)
shape.case("x.permute(dims)", "np.transpose(x, dims)", x=tensors(), dims=axis_tuples("x", low=4), shares_memory=True)
shape.case(
    "torch.permute(x, dims)",
    "np.transpose(x, dims)",
    id="permute-function",
    x=tensors(),
    dims=axis_tuples("x", low=4),
    shares_memory=True,
)
shape.case(
    "x.transpose(2, 0, 1)",
    "x.transpose(2, 0, 1)",
    id="transpose-permutation",
    x=tensors(ndim=3),
    differs=[NO_PERMUTATION],
)
shape.case(
    "x.transpose()",
    "x.transpose()",
    id="transpose-reversal",
    x=tensors(),
    differs=[
        Difference(
            "PyTorch's transpose needs the two axes to swap; NumPy's reverses all of them if it is given none",
            example={"x": np.zeros((1, 2, 3))},
            torch=Raises(TypeError),
            kind="gotcha",
            instead="x.permute(2, 1, 0)",
        )
    ],
)
shape.case("x.t()", "x.T", x=tensors(), shares_memory=True, differs=[TWO_AXES_AT_MOST])
shape.case("x.T", "x.T", x=tensors(), shares_memory=True, note="PyTorch deprecates it for other than two axes")
shape.case("x.mT", "x.mT", x=tensors(ndim=(2, 4)), shares_memory=True)

# Axes of length 1

LEAVES_LONGER_AXIS = Difference(
    "PyTorch leaves an axis that is not 1 long; NumPy refuses",
    example={"x": np.zeros((2, 3)), "dim": 0},
    when="x.ndim and x.shape[dim] != 1",
    torch="x",
    numpy=Raises(ValueError),
    kind="gotcha",
)
LEAVES_LONGER_AXES = Difference(
    "PyTorch leaves those of the axes that are not 1 long; NumPy refuses",
    example={"x": np.zeros((1, 3)), "dims": (0, 1)},
    when="any(x.shape[d] != 1 for d in dims) and len(set(dims)) == len(dims)",
    torch="np.squeeze(x, axis=tuple(d for d in dims if x.shape[d] == 1))",
    numpy=Raises(ValueError),
    kind="gotcha",
)
ONE_NEW_AXIS = Difference(
    "PyTorch's unsqueeze inserts one axis at a time; NumPy's expand_dims takes several",
    example={"x": np.zeros(2), "dims": (0, 1)},
    torch=Raises(TypeError),
    instead="x[None, None]",
)

shape.case("x.squeeze()", "np.squeeze(x)", x=tensors(), shares_memory=True)
shape.case("torch.squeeze(x)", "np.squeeze(x)", id="squeeze-function", x=tensors(), shares_memory=True)
shape.case(
    "x.squeeze(dim)",
    "np.squeeze(x, axis=dim)",
    id="squeeze-dim",
    x=tensors(),
    dim=axes("x"),
    shares_memory=True,
    differs=[LEAVES_LONGER_AXIS],
)
shape.case(
    "torch.squeeze(x, dim)",
    "np.squeeze(x, axis=dim)",
    id="squeeze-dim-function",
    x=tensors(),
    dim=axes("x"),
    shares_memory=True,
    differs=[LEAVES_LONGER_AXIS],
)
shape.case(
    "x.squeeze(dims)",
    "np.squeeze(x, axis=dims)",
    id="squeeze-dims",
    x=tensors(),
    dims=axis_tuples("x", low=0),
    shares_memory=True,
    differs=[LEAVES_LONGER_AXES],
)
shape.case("x.unsqueeze(dim)", "np.expand_dims(x, dim)", x=tensors(), dim=new_axes("x"), shares_memory=True)
shape.case(
    "torch.unsqueeze(x, dim)",
    "np.expand_dims(x, dim)",
    id="unsqueeze-function",
    x=tensors(),
    dim=new_axes("x"),
    shares_memory=True,
)
shape.case(
    "torch.unsqueeze(x, dims)",
    "np.expand_dims(x, dims)",
    id="unsqueeze-dims",
    x=tensors(),
    dims=values((0, 1), (0, -1), (-1, -2)),
    differs=[ONE_NEW_AXIS],
)
shape.case("x[None]", "x[None]", id="unsqueeze-first", x=tensors(), shares_memory=True)
shape.case("x[:, None]", "x[:, None]", id="unsqueeze-second", x=tensors(ndim=(1, 4)), shares_memory=True)
shape.case("x[..., None]", "x[..., np.newaxis]", id="unsqueeze-last", x=tensors(), shares_memory=True)

# The same elements in another shape

ANY_NEGATIVE_SIZE = Difference(
    "NumPy infers a size that is given as any negative number; PyTorch only -1",
    example={"x": np.zeros(6), "shape": (-2, 6)},
    when="min(shape, default=0) < -1",
    torch=Raises(RuntimeError),
    kind="gotcha",
)
VIEW_NEVER_COPIES = Difference(
    "PyTorch's view refuses a shape for which the elements would have to be copied; NumPy's reshape copies them",
    example={"x": np.zeros((3, 2)).T, "shape": (6,)},
    when="x.size and not np.may_share_memory(np.reshape(x, shape), x)",
    torch=Raises(RuntimeError),
    kind="gotcha",
    instead="x.reshape(shape)",
)
FLAT_VIEW_NEVER_COPIES = Difference(
    "PyTorch's view refuses a tensor whose elements would have to be copied; NumPy's reshape copies them",
    example={"x": np.zeros((3, 2)).T},
    when="x.size and not np.may_share_memory(np.reshape(x, -1), x)",
    torch=Raises(RuntimeError),
    kind="gotcha",
    instead="x.reshape(-1)",
)
FLATTEN_MAY_VIEW = Difference(
    "PyTorch's flatten gives a view of its input where it can; NumPy's always copies",
    example={"x": np.zeros((2, 3))},
    when="np.may_share_memory(np.reshape(x, -1), x)",
    torch="view",
    aspect="memory",
    kind="gotcha",
    instead="x.flatten().clone()",
)
RESHAPE_IN_C_ORDER = Difference(
    "PyTorch has no memory order: elements are always counted with the last axis fastest",
    example={"x": np.arange(6.0).reshape(2, 3), "shape": (3, 2)},
    torch=Raises(TypeError),
    instead="x.T.reshape(shape[::-1]).T",
)
FLATTEN_IN_C_ORDER = Difference(
    "PyTorch has no memory order: elements are always counted with the last axis fastest",
    example={"x": np.arange(6.0).reshape(2, 3)},
    torch=Raises(TypeError),
    instead="x.T.flatten()",
)

shape.case("x.reshape(shape)", "x.reshape(shape)", x=tensors(), shape=reshapes("x"), differs=[ANY_NEGATIVE_SIZE])
shape.case(
    "torch.reshape(x, shape)",
    "np.reshape(x, shape)",
    id="reshape-function",
    x=tensors(),
    shape=reshapes("x"),
    differs=[ANY_NEGATIVE_SIZE],
)
shape.case("x.reshape(-1)", "x.reshape(-1)", id="reshape-flat", x=tensors())
shape.case(
    "torch.reshape(x, shape, order='F')",
    "np.reshape(x, shape, order='F')",
    id="reshape-order",
    x=tensors(),
    shape=reshapes("x"),
    differs=[RESHAPE_IN_C_ORDER],
)
shape.case(
    "x.view(shape)",
    "np.reshape(x, shape, copy=False)",
    x=tensors(),
    shape=reshapes("x"),
    shares_memory=True,
    differs=[ANY_NEGATIVE_SIZE],
)
shape.case(
    "x.view(shape)",
    "np.reshape(x, shape)",
    id="view-reshape",
    x=tensors(),
    shape=reshapes("x"),
    shares_memory=True,
    differs=[ANY_NEGATIVE_SIZE, VIEW_NEVER_COPIES],
)
shape.case(
    "x.view(-1)", "x.reshape(-1)", id="view-flat", x=tensors(), shares_memory=True, differs=[FLAT_VIEW_NEVER_COPIES]
)
shape.case(
    "x.view_as(x.reshape(shape))", "np.reshape(x, np.reshape(x, shape).shape, copy=False)", id="view_as", x=tensors(),
    shape=reshapes("x"), shares_memory=True, differs=[ANY_NEGATIVE_SIZE],
)  # fmt: skip
shape.case(
    "x.reshape_as(x.reshape(shape))", "np.reshape(x, np.reshape(x, shape).shape)", id="reshape_as", x=tensors(), shape=reshapes("x"),
    differs=[ANY_NEGATIVE_SIZE],
)  # fmt: skip
shape.case("x.flatten()", "x.flatten()", x=tensors(), differs=[FLATTEN_MAY_VIEW])
shape.case(
    "x.flatten(order='F')", "x.flatten(order='F')", id="flatten-order", x=tensors(), differs=[FLATTEN_IN_C_ORDER]
)
shape.case("x.ravel()", "x.ravel()", x=tensors())
shape.case("torch.ravel(x)", "np.ravel(x)", id="ravel-function", x=tensors())
