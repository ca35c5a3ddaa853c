"""Parts and other shapes of a tensor: flattened axes, diagonals, slices, windows, strides.

All of these are views in PyTorch, except where the elements do not lie so that one is possible. NumPy's slices cut off what
is out of range, PyTorch's `narrow` refuses it. NumPy's diagonals and windows are read-only; PyTorch's can be written to.
"""

import numpy as np

from conformance import Difference, Raises, Section, axes, tensors, values

views = Section("Views", id="views")

NO_AXES = "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy refuses"

# Flattening some axes

views.case(
    "x.flatten(start, end)",
    """
    first, last = np.lib.array_utils.normalize_axis_tuple((start, end), x.ndim, allow_duplicate=True)
    x.reshape(*x.shape[:first], math.prod(x.shape[first:last + 1]), *x.shape[last + 1:])
    """,
    x=tensors(), start=axes("x"), end=axes("x"), id="flatten-axes", note="a view where NumPy's reshape gives one",
    differs=[
        Difference("PyTorch flattens a 0-d tensor to one of one element", example={"x": np.array(1.0), "start": 0, "end": -1},
                   when="x.ndim == 0 and {start, end} <= {0, -1}", torch="x.reshape(1)", numpy=Raises(ValueError)),
        Difference("PyTorch wants the first of the axes first", example={"x": np.ones((1, 1)), "start": 1, "end": 0},
                   when="x.ndim and -x.ndim <= start < x.ndim and -x.ndim <= end < x.ndim and start % x.ndim > end % x.ndim",
                   torch=Raises(RuntimeError)),
    ],
)  # fmt: skip
views.case("x.flatten(1)", "x.reshape(x.shape[0], math.prod(x.shape[1:]))", id="flatten-batch", x=tensors(ndim=(2, 4)))
views.case(
    "x.unflatten(dim, sizes)",
    """
    axis = np.lib.array_utils.normalize_axis_index(dim, x.ndim)
    x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1:])
    """,
    x=tensors(ndim=(1, 4)), dim=axes("x"), sizes=values((-1,), (1, -1), (-1, 1), (2, -1), (-1, 3), (2, 2), (1, 3, -1)),
    shares_memory=True,
    differs=[Difference("PyTorch infers a size from the one axis that is taken apart; NumPy from all elements, which do not tell "
                        "if there are none", example={"x": np.zeros((3, 0)), "dim": 0, "sizes": (1, -1)},
                        when="x.size == 0 and -1 in sizes and -x.ndim <= dim < x.ndim"
                        " and any(n == 0 for i, n in enumerate(x.shape) if i != dim % x.ndim)"
                        " and x.shape[dim] % -math.prod(sizes) == 0",
                        torch="x.reshape(*x.shape[:dim % x.ndim], "
                        "*[n if n > 0 else x.shape[dim] // -math.prod(sizes) for n in sizes],"
                        " *x.shape[dim % x.ndim + 1:])", numpy=Raises(ValueError)),
             Difference("PyTorch wants the sizes to fit the axis; to NumPy any fit if there are no elements at all",
                        example={"x": np.zeros((3, 0)), "dim": 0, "sizes": (2, 2)},
                        when="x.size == 0 and -1 not in sizes and -x.ndim <= dim < x.ndim and x.shape[dim] != math.prod(sizes)"
                        " and any(n == 0 for i, n in enumerate(x.shape) if i != dim % x.ndim)", torch=Raises(RuntimeError))],
)  # fmt: skip

# Diagonals

views.case(
    "torch.diagonal(x, offset, dim1, dim2)", "np.diagonal(x, offset, dim1, dim2)", x=tensors(ndim=(2, 4)),
    offset=values(0, 1, -1, 2, -2, 9, -9), dim1=axes("x"), dim2=axes("x"), shares_memory=True,
)  # fmt: skip
views.case("x.diagonal()", "x.diagonal()", id="diagonal-method", x=tensors(ndim=(2, 4)), shares_memory=True)
views.case(
    "torch.diagonal(x, offset)", "np.diagonal(x, offset)", id="diagonal-far", x=tensors(ndim=2),
    offset=values(2**31 - 1, -(2**31) + 1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)),
    differs=[Difference("NumPy's diagonal keeps the offset in 32 bits, and refuses larger ones",
                        example={"x": np.eye(2), "offset": 2**31},
                        when="not -(2**31) <= offset < 2**31", torch="np.diagonal(x[:0])", numpy=Raises(OverflowError))],
)  # fmt: skip
views.case(
    """
    torch.diagonal(x).fill_(n)
    x
    """,
    """
    np.fill_diagonal(x, n)
    x
    """,
    id="diagonal-filled", x=tensors(ndim=2, overlapping=False), n=values(5, 0, 1), shares_memory=True,
)  # fmt: skip
views.case(
    """
    y = x.clone()
    torch.diagonal(y).zero_()
    y
    """,
    """
    y = x.copy()
    np.diagonal(y)[...] = 0
    y
    """,
    id="diagonal-written", x=tensors(ndim=2), shares_memory=False,
    differs=[Difference("NumPy's diagonal is a view that cannot be written to; PyTorch's can", example={"x": np.ones((2, 2))},
                        torch="np.where(np.eye(*x.shape, dtype=bool), x.dtype.type(0), x)", numpy=Raises(ValueError),
                        kind="gotcha")],
)  # fmt: skip

# Axes of length 1 in front and behind

for n in (1, 2, 3):
    views.case(f"torch.atleast_{n}d(x)", f"np.atleast_{n}d(x)", x=tensors(), shares_memory=True)
views.case("torch.atleast_2d(x, y)", "np.atleast_2d(x, y)", id="atleast_2d-several", x=tensors(), y=tensors(ndim=(0, 2)),
           shares_memory=True)  # fmt: skip
views.case(
    "torch.atleast_1d(x, n)", "np.atleast_1d(x, n)", id="atleast_1d-number", x=tensors(ndim=1), n=values(3, 2.5, 1j),
    differs=[Difference("PyTorch takes tensors only; NumPy takes anything that it can make an array of",
                        example={"x": np.ones(1), "n": 3},
                        torch=Raises(TypeError), kind="gotcha")],
)  # fmt: skip

# Slices and windows



def out_of_range(n: str, **others: object) -> Difference:
    """Return that narrow refuses what is no part of an axis of the length ``n``."""
    return Difference(
        "PyTorch's narrow refuses what is out of range; NumPy's slices cut it off",
        example={"x": np.arange(3), "start": 2, "length": 2, **others}, kind="gotcha",
        when=f"not (-{n} <= start <= {n} and 0 <= length <= (-start if start < 0 else {n} - start))",
        torch=Raises(RuntimeError, IndexError), instead=None if others else "x[start:][:length]",
    )  # fmt: skip


views.case(
    "x.narrow(0, start, length)", "x[start:][:length]", x=tensors(ndim=(1, 4)), start=values(0, 1, 2, -1, 9, -9),
    length=values(1, 2, 0, 3, -1), shares_memory=True,
    differs=[out_of_range("len(x)")],
)  # fmt: skip
views.case("x.narrow(dim, 0, 1)", "np.take(x, [0], axis=dim)", id="narrow-dim", x=tensors(ndim=(1, 4)), dim=axes("x"),
           differs=[Difference("PyTorch's narrow gives a view; np.take copies, other than a slice",
                               example={"x": np.arange(3), "dim": 0},
                               aspect="memory", torch="view", kind="gotcha", instead="x.narrow(dim, 0, 1).clone()"),
                    Difference("PyTorch refuses what is out of range; np.take does not look at it where an axis before has the length 0",
                               example={"x": np.zeros((0, 0)), "dim": 1}, torch=Raises(RuntimeError),
                               when="-x.ndim <= dim < x.ndim and x.shape[dim] == 0 and 0 in x.shape[:dim % x.ndim]")],
           )  # fmt: skip

views.case(
    "x.narrow(dim, start, length)", "np.moveaxis(np.moveaxis(x, dim, 0)[start:][:length], 0, dim)", id="narrow-start", x=tensors(ndim=(1, 4)), dim=axes("x"),
    start=values(0, 1, 2, -1, 9), length=values(1, 2, 0), shares_memory=True,
    differs=[out_of_range("x.shape[dim]", dim=0)],
)  # fmt: skip

WINDOWS = "np.lib.stride_tricks.sliding_window_view(x, size, axis={})"
views.case(
    "x.unfold(dim, size, 1)", WINDOWS.format("dim"), x=tensors(), dim=axes("x"), size=values(2, 1, 3, 0, -1),
    shares_memory=True,
    differs=[Difference(NO_AXES, example={"x": np.array(1.0), "dim": 0, "size": 1}, numpy=Raises(ValueError), kind="gotcha",
                        when="x.ndim == 0 and dim in (0, -1) and 0 <= size <= 1", torch="x.reshape(1)[:size]")],
)  # fmt: skip
views.case("x.unfold(0, size, step)", WINDOWS.format("0") + "[::step]", id="unfold-step", x=tensors(ndim=(1, 3)),
           size=values(1, 2, 0, 3), step=values(2, 1, 3, 0), shares_memory=True)  # fmt: skip

# Strides

views.case(
    "torch.arange(24).as_strided(shape, steps)", "np.lib.stride_tricks.as_strided(np.arange(24), shape, [8 * n for n in steps])",
    id="as_strided",
    note="strides count elements in PyTorch and bytes in NumPy, which does not look whether they stay in the array",
    shape=values((3, 2), (4, 3), (1, 5), (2, 0), (2, 2)), steps=values((2, 1), (1, 1), (0, 1), (1, 4), (3, 2), (-1, 1)),
    differs=[Difference("PyTorch has no negative strides", example={"shape": (3, 2), "steps": (-1, 1)}, when="min(steps) < 0",
                        torch=Raises(RuntimeError))],
)  # fmt: skip
views.case(
    "torch.arange(24)[first::2].as_strided(shape, steps, offset)",
    "np.lib.stride_tricks.as_strided(np.arange(24)[offset:], shape, [8 * n for n in steps])", id="as_strided-offset",
    note="the strides and the offset are those of the memory, whatever part of it the tensor is a view of",
    first=values(0, 3), shape=values((3, 2), (4, 3), (2, 2)), steps=values((2, 1), (1, 1), (0, 1), (1, 4)), offset=values(0, 2, 5),
)  # fmt: skip
views.case(
    "x.contiguous()", "np.ascontiguousarray(x)", x=tensors(), note="itself where it is contiguous, otherwise a copy",
    differs=[Difference("NumPy's ascontiguousarray makes an array of one axis of a number", example={"x": np.array(1.0)},
                        when="x.ndim == 0", torch="x")],
)  # fmt: skip
