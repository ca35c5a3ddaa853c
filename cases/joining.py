"""Joining tensors along an axis that they have.

Both libraries copy, and both find a dtype that holds all inputs, but not the same one: PyTorch lets any floating dtype
win over any integer one, where NumPy looks for a dtype that loses nothing. PyTorch accepts tensors only, and skips
those of shape (0,) wherever they stand.
"""

import numpy as np

from conformance import CLAIMED, Difference, Raises, Section, axes, joinable, like, lists, tensors

joining = Section("Joining")

SKIPS_LEGACY_EMPTY = Difference(
    "PyTorch skips tensors of shape (0,), whatever the shape of the others; NumPy wants one number of axes",
    example={"xs": [np.ones((2, 3)), np.zeros(0)], "dim": 0},
    when="len({x.ndim for x in xs}) > 1",
    torch="np.concatenate([x for x in xs if x.shape != (0,)], axis=dim)",
    numpy=Raises(ValueError),
    kind="gotcha",
)
IGNORES_AXIS_OF_EMPTY = Difference(
    "PyTorch does not look at dim where all tensors have the shape (0,): torch.cat along an axis that they do not have gives "
    "a tensor, and no error",
    example={"xs": [np.zeros(0)], "dim": 1},
    when="all(x.shape == (0,) for x in xs) and dim not in (0, -1)",
    torch="kinds = [x.dtype for x in xs]\nfloats = [kind for kind in kinds if kind.kind in 'fc']\n"
    "np.zeros(0, np.result_type(*(floats or kinds)))",
    numpy=Raises(ValueError),
    kind="bug",
    upstream="https://github.com/pytorch/pytorch/issues/86918",
)
FLOATS_WIN = Difference(
    "PyTorch joins integers and floats in the widest of the floats; NumPy takes one that holds the integers, too",
    example={"xs": [np.array([16777217]), np.array([1], np.float32)], "dim": 0},
    when="any(x.dtype.kind in 'fc' for x in xs) and np.result_type(*[x.dtype for x in xs])"
    " != np.result_type(*[x.dtype for x in xs if x.dtype.kind in 'fc'])",
    torch="np.concatenate(xs, axis=dim, dtype=np.result_type(*[x.dtype for x in xs if x.dtype.kind in 'fc']), casting='unsafe')",
    kind="gotcha",
    instead="torch.cat([x.double() for x in xs], dim)",
)
ONLY_TENSORS = Difference(
    "PyTorch joins tensors only; NumPy takes anything that it can make an array of",
    example={"xs": [[1], [2]]},
    when="len(xs)",
    torch=Raises(TypeError),
    kind="gotcha",
    instead="torch.cat([torch.from_numpy(np.array(x)) for x in xs])",
)
NOT_FLATTENED = Difference(
    "NumPy flattens what it joins along the axis None; PyTorch wants an axis",
    example={"xs": [np.ones((1, 2)), np.ones((2, 1))]},
    torch=Raises(TypeError),
    kind="gotcha",
    instead="torch.cat([x.flatten() for x in xs])",
)

joining.case(
    "torch.cat(xs, dim)",
    "np.concatenate(xs, axis=dim)",
    xs=joinable("dim"),
    dim=axes("xs"),
    shares_memory=False,
    differs=[IGNORES_AXIS_OF_EMPTY],
)
joining.case(
    "torch.cat((x, y))",
    "np.concatenate((x, y))",
    id="cat-first",
    x=tensors(ndim=(1, 4)),
    y=like("x"),
    shares_memory=False,
)
joining.case(
    "torch.cat(xs, axis=dim)",
    "np.concatenate(xs, axis=dim)",
    id="cat-axis",
    xs=joinable("dim"),
    dim=axes("xs"),
    shares_memory=False,
    differs=[IGNORES_AXIS_OF_EMPTY],
    note="PyTorch takes NumPy's name for the argument, too",
)
joining.case(
    "torch.cat(xs, dim)",
    "np.concatenate(xs, axis=dim)",
    id="cat-empty",
    xs=joinable("dim", legacy_empty=True),
    dim=axes("xs"),
    shares_memory=False,
    differs=[SKIPS_LEGACY_EMPTY, IGNORES_AXIS_OF_EMPTY],
)
joining.case(
    "torch.cat(xs, dim)",
    "np.concatenate(xs, axis=dim)",
    id="cat-dtypes",
    xs=joinable("dim", dtypes=CLAIMED),
    dim=axes("xs"),
    shares_memory=False,
    differs=[FLOATS_WIN, IGNORES_AXIS_OF_EMPTY],
)
joining.case("torch.cat(xs)", "np.concatenate(xs)", id="cat-lists", xs=lists(ndim=(2, 3)), differs=[ONLY_TENSORS])
joining.case(
    "torch.cat(xs, dim=None)",
    "np.concatenate(xs, axis=None)",
    id="cat-none",
    xs=joinable("dim"),
    differs=[NOT_FLATTENED],
)
joining.case(
    "torch.concat(xs, dim)",
    "np.concat(xs, axis=dim)",
    xs=joinable("dim"),
    dim=axes("xs"),
    shares_memory=False,
    differs=[IGNORES_AXIS_OF_EMPTY],
)
joining.case(
    "torch.concatenate(xs, dim)",
    "np.concatenate(xs, axis=dim)",
    xs=joinable("dim"),
    dim=axes("xs"),
    shares_memory=False,
    differs=[IGNORES_AXIS_OF_EMPTY],
)
