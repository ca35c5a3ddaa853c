"""Taking tensors apart: split, chunk, tensor_split, unbind and their relatives.

The same words mean different things. A number is the *size* of each part to `torch.split`, and how *many* parts there are to
`np.split`; a list holds sizes in PyTorch, places to cut at in NumPy. `torch.chunk` makes all parts but the last equally long,
and may make fewer than asked for. `torch.tensor_split` is the one that does what `np.array_split` does. All parts are views.
"""

from dataclasses import replace

import numpy as np

from conformance import Difference, Raises, Section, axes, tensors, values

splitting = Section("Splitting", id="splitting")

WHOLE = {"x": tensors(), "dim": axes("x"), "shares_memory": True}

# As NumPy does it

splitting.case("torch.tensor_split(x, n, dim)", "np.array_split(x, n, axis=dim)", n=values(2, 1, 3, 5, 8, 0, -1), **WHOLE)
splitting.case("x.tensor_split(cuts, dim)", "np.array_split(x, cuts, axis=dim)", id="tensor_split-cuts",
               cuts=values((1,), (1, 2), (2, 1), (-1,), (0, 9), (), (-9, 3)), **WHOLE)  # fmt: skip
splitting.case("torch.tensor_split(x, torch.tensor(cuts))", "np.array_split(x, np.array(cuts))", id="tensor_split-tensor",
               x=tensors(ndim=(1, 2)), cuts=values([1], [1, 2], [-1], 2, 3), shares_memory=True)  # fmt: skip
for name, least in (("hsplit", 1), ("vsplit", 2), ("dsplit", 3)):
    splitting.case(f"torch.{name}(x, n)", f"np.{name}(x, n)", id=name, x=tensors(ndim=(least, 4)), n=values(1, 2),
                   shares_memory=True, note="the parts must have one size")  # fmt: skip
for name, least in (("hsplit", 1), ("vsplit", 2)):
    splitting.case(f"torch.{name}(x, cuts)", f"np.{name}(x, cuts)", id=f"{name}-cuts", x=tensors(ndim=(least, 4)),
                   cuts=values([1], [1, 2], [2, 1], [-1], [0, 9], []), shares_memory=True)  # fmt: skip

# In sizes

splitting.case(
    "torch.split(x, size, dim)", "np.array_split(x, range(size, x.shape[dim], size), axis=dim)", size=values(1, 2, 3, 7, -1),
    **WHOLE,
    differs=[Difference("PyTorch takes no negative sizes", example={"x": np.arange(3), "dim": 0, "size": -1},
                        when="size < 0 and -x.ndim <= dim < x.ndim", torch=Raises(RuntimeError))],
)  # fmt: skip
splitting.case(
    "x.split([n, x.shape[dim] - n], dim)", "np.split(x, [n], axis=dim)", id="split-sizes", n=values(1, 0, 2, 3), **WHOLE,
    differs=[Difference("PyTorch's sizes must add up to that of the axis; NumPy cuts off places that are out of range",
                        example={"x": np.arange(1), "dim": 0, "n": 2}, when="-x.ndim <= dim < x.ndim and n > x.shape[dim]",
                        torch=Raises(RuntimeError), kind="gotcha", instead="x.tensor_split([n], dim)")],
)  # fmt: skip
SIZE_OR_NUMBER = "a number is the size of each part in PyTorch, how many there are in NumPy, which must fit"
IN_SIZES = "np.array_split(x, range(n, len(x), n))"
splitting.case(
    "torch.split(x, n)", "np.split(x, n)", id="split-number", x=tensors(ndim=(1, 3), longest=300), n=values(2, 1, 3),
    differs=[
        Difference(SIZE_OR_NUMBER, example={"x": np.arange(6), "n": 2}, torch=IN_SIZES, kind="gotcha",
                   instead="torch.tensor_split(x, n)",
                   when="len(x) % n == 0 and len(x) != n * n and (len(x) > 0 or n > 1)"),
        Difference(SIZE_OR_NUMBER, example={"x": np.arange(5), "n": 2}, torch=IN_SIZES, kind="gotcha", when="len(x) % n > 0",
                   numpy=Raises(ValueError)),
    ],
)  # fmt: skip
splitting.case(
    "torch.split(x, cuts)", "np.split(x, cuts)", id="split-cuts", x=tensors(ndim=1),
    cuts=values([2, 4], [2, 3], [0, 3], [1], [1, 2]),
    differs=[
        Difference("a list holds sizes in PyTorch, places to cut at in NumPy", example={"x": np.arange(5), "cuts": [2, 3]},
                   kind="gotcha",
                   when="sum(cuts) == len(x)", torch="np.split(x, np.cumsum(cuts)[:-1])", instead="torch.tensor_split(x, cuts)"),
        Difference("a list holds sizes in PyTorch, which must add up to that of the axis",
                   example={"x": np.arange(6), "cuts": [2, 3]},
                   kind="gotcha", when="sum(cuts) != len(x)", torch=Raises(RuntimeError), instead="torch.tensor_split(x, cuts)"),
    ],
)  # fmt: skip

# In numbers of parts

CHUNKS = "np.array_split(x, range({0}, x.shape[dim], {0}), axis=dim)".format("max(-(-x.shape[dim] // n), 1)")
splitting.case(
    "torch.chunk(x, n, dim)", CHUNKS, id="chunk", x=tensors(ndim=(1, 4)), dim=axes("x"), n=values(2, 1, 3, 4, 7),
    shares_memory=True,
    differs=[Difference("PyTorch makes as many chunks as asked for of an axis of length 0",
                        example={"x": np.zeros(0), "n": 2, "dim": 0},
                        when="n > 1 and -x.ndim <= dim < x.ndim and x.shape[dim] == 0", torch="np.array_split(x, n, axis=dim)")],
)  # fmt: skip
splitting.case(
    "torch.chunk(x, n)", "np.array_split(x, n)", id="chunk-number", x=tensors(ndim=(1, 3)), n=values(2, 1, 3, 4, 7, 0, -1),
    shares_memory=True,
    differs=[Difference("PyTorch's chunk makes all parts but the last equally long, even if there are fewer than asked "
                        "for; NumPy's array_split as many as asked for, their sizes one apart at most", example={"x": np.arange(10), "n": 4},
                        when="n > 0 and len(x) % n > 0 and not (len(x) % n == n - 1 and len(x) > n)",
                        torch="np.array_split(x, range(-(-len(x) // n), len(x), -(-len(x) // n)))", kind="gotcha",
                        instead="torch.tensor_split(x, n)")],
)  # fmt: skip

# One by one

NUMBERS = Difference("the parts of a vector are 0-d views in PyTorch, numbers of their own in NumPy",
                     example={"x": np.arange(2), "dim": 0},
                     when="x.ndim == 1", aspect="memory", torch="view", kind="gotcha")  # fmt: skip
splitting.case("torch.unbind(x, dim)", "np.unstack(x, axis=dim)", x=tensors(ndim=(1, 4), longest=300), dim=axes("x"), differs=[NUMBERS])
splitting.case("x.unbind()", "tuple(x)", id="unbind-first", x=tensors(ndim=(1, 4), longest=300),
               differs=[replace(NUMBERS, example={"x": np.arange(2)})])  # fmt: skip
