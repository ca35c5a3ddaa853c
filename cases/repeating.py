"""Repeating and padding: tile, repeat, repeat_interleave, pad.

`Tensor.repeat` is not `ndarray.repeat`: it repeats the whole, as `np.tile` does, and wants a number for each axis. What NumPy
calls `repeat` is `repeat_interleave`. `pad` counts from the last axis, and takes negative widths, which crop.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import CLAIMED, Difference, Raises, Section, axes, tensors, values

repeating = Section("Repeating and padding", id="repeating")

TIMES = values((2,), (1,), (2, 3), (0,), (3, 1), (1, 2, 1), (2, 0), (-1,), (1, 1, 2, 1), ())

# The whole

repeating.case("torch.tile(x, times)", "np.tile(x, times)", x=tensors(), times=TIMES, shares_memory=False)
repeating.case("x.tile(2, n)", "np.tile(x, (2, n))", id="tile-sizes", x=tensors(), n=values(1, 2, 0, 3), shares_memory=False)
repeating.case(
    "torch.tile(x, n)", "np.tile(x, reps=n)", id="tile-number", x=tensors(), n=values(2, 1, 0),
    differs=[Difference("torch.tile wants a tuple; NumPy takes a number, too", example={"x": np.arange(2), "n": 2},
                        torch=Raises(TypeError),
                        instead="torch.tile(x, (n,))")],
)  # fmt: skip
repeating.case(
    "x.repeat(times)", "np.tile(x, times)", x=tensors(), times=TIMES, shares_memory=False,
    differs=[Difference("PyTorch's repeat wants a number for each axis; np.tile takes the axes in front once",
                        example={"x": np.ones((1, 2)), "times": (2,)}, when="len(times) < x.ndim and (min(times, default=1) >= 0 or x.size == 0)",
                        torch=Raises(RuntimeError), kind="gotcha", instead="x.tile(times)")],
)  # fmt: skip
repeating.case(
    "x.repeat(n)", "x.repeat(n)", id="repeat-elements", x=tensors(), n=values(2, 1, 3, 0, -1),
    differs=[
        Difference("PyTorch's repeat repeats the whole; NumPy's each element", example={"x": np.arange(2), "n": 2}, kind="gotcha",
                   when="y = x + 0 if x.dtype.kind == 'c' else x\nx.ndim == 1 and n > 1"
                   " and np.tile(y, n).tobytes() != np.repeat(y, n).tobytes()", torch="np.tile(x, n)",
                   instead="x.repeat_interleave(n)"),
        Difference("PyTorch's repeat wants a number for each axis; NumPy's flattens", example={"x": np.ones((1, 2)), "n": 2},
                   kind="gotcha",
                   when="x.ndim > 1 and (n >= 0 or x.size == 0)", torch=Raises(RuntimeError), instead="x.repeat_interleave(n)"),
        no_gradient("PyTorch repeats nothing -1 times and gives nothing, of which backward() makes no shape", when="n < 0 and x.size == 0", kind="bug",
                    x=np.zeros(0), n=-1),
    ],
)  # fmt: skip

# Each element

ACCEPTED = (*CLAIMED, "bfloat16")
TENSOR_OF_TIMES = "PyTorch wants a tensor of int32 or int64 for the numbers of times; NumPy takes a list"
repeating.case(
    "torch.repeat_interleave(x, n)", "np.repeat(x, n)", x=tensors(), n=values(2, 1, 3, 0, -1), shares_memory=False,
    differs=[Difference("NumPy does not look at the number of times where there are no elements, and takes a negative one",
                        example={"x": np.zeros(0), "n": -1}, when="n < 0 and x.size == 0", torch=Raises(RuntimeError))],
)  # fmt: skip
repeating.case(
    "x.repeat_interleave(n, dim=dim)", "x.repeat(n, axis=dim)", id="repeat_interleave-dim", x=tensors(), n=values(2, 1, 3, 0),
    dim=axes("x"),
    shares_memory=False,
    differs=[Difference("PyTorch's repeat_interleave refuses every axis of a 0-d tensor, speaking of an axis 1, and repeats it if "
                        "it is given none; NumPy repeats it in either case", example={"x": np.array(1.0), "n": 2, "dim": 0},
                        when="x.ndim == 0 and dim in (0, -1)", torch=Raises(IndexError), kind="gotcha",
                        instead="x.repeat_interleave(n)")],
)  # fmt: skip
repeating.case(
    "torch.repeat_interleave(x, torch.tensor(times[:len(x)], dtype=torch.int64), dim=0)",
    "np.repeat(x, times[:len(x)], axis=0)", id="repeat_interleave-each",
    x=tensors(ndim=(1, 3)), times=values([2, 1, 0, 3] * 20, [0, 0, 1] * 25, [1], [2], [1, 2], [3, 1, -1] * 25),
    shares_memory=False,
)  # fmt: skip
repeating.case(
    "torch.repeat_interleave(x, times)", "np.repeat(x, times)", id="repeat_interleave-list", x=tensors(ndim=1),
    times=values([2], [1], [0]),
    differs=[Difference(TENSOR_OF_TIMES, example={"x": np.arange(2), "times": [2]}, torch=Raises(TypeError), dtypes=ACCEPTED,
                        instead="torch.repeat_interleave(x, torch.tensor(times))")],
)  # fmt: skip
repeating.case(
    "torch.repeat_interleave(x, n)", "np.repeat(x, n)", id="repeat_interleave-tensor", x=tensors(ndim=1),
    n=tensors(ndim=0, dtypes=("int64", "int32", "int8", "int16", "uint8", "bool"), domain="small"),
    differs=[Difference(TENSOR_OF_TIMES, example={"x": np.arange(2), "n": np.array(2, np.int8)}, torch=Raises(RuntimeError),
                        dtypes=ACCEPTED, when="n.dtype.itemsize < 4 and (n >= 0 or x.size == 0)",
                        instead="torch.repeat_interleave(x, n.long())")],
)  # fmt: skip
repeating.case("torch.repeat_interleave(torch.tensor(times))", "np.repeat(np.arange(len(times)), times)",
               id="repeat_interleave-counts",
               times=values([1, 2], [0, 3, 1], [2], [0], [1, -1]), shares_memory=False)  # fmt: skip

# Padding

WIDTHS = {"before": values(1, 0, 2), "after": values(0, 2, 1)}
repeating.case("torch.nn.functional.pad(x, (before, after))", "np.pad(x, [(0, 0)] * (x.ndim - 1) + [(before, after)])", id="pad",
               x=tensors(ndim=(1, 4)), **WIDTHS, shares_memory=False)  # fmt: skip
repeating.case(
    "torch.nn.functional.pad(x, (1, 0, before, after), value=v)", "np.pad(x, ((before, after), (1, 0)), constant_values=v)",
    id="pad-value", x=tensors(ndim=2), **WIDTHS, v=values(1, 0, 7), shares_memory=False,
    note="PyTorch begins with the last axis",
)  # fmt: skip
repeating.case(
    "torch.nn.functional.pad(x, (before, after))", "np.pad(x, (before, after))", id="pad-all", x=tensors(ndim=(1, 3)), **WIDTHS,
    differs=[Difference("two widths are for the last axis in PyTorch, for every axis in NumPy",
                        example={"x": np.eye(2), "before": 1, "after": 0},
                        when="x.ndim > 1 and before + after", torch="np.pad(x, [(0, 0)] * (x.ndim - 1) + [(before, after)])",
                        kind="gotcha",
                        instead="torch.nn.functional.pad(x, (before, after) * x.ndim)")],
)  # fmt: skip
repeating.case(
    "torch.nn.functional.pad(x, (n, 1))", "np.pad(x, (n, 1))", id="pad-negative", x=tensors(ndim=1), n=values(-1, -2, 1, 0),
    shares_memory=False,
    differs=[Difference("a negative width crops in PyTorch; NumPy refuses it", example={"x": np.arange(3), "n": -1},
                        when="n < 0 and -n <= len(x)",
                        torch="np.pad(x[-n:], (0, 1))", numpy=Raises(ValueError))],
)  # fmt: skip
