"""Habits from NumPy that PyTorch has no room for: what is refused, wrapped, or simply not done.

An array's `sort()` sorts in place, `take` can wrap, `quantile` knows thirteen methods and q of any shape, dtypes mix, lists
and arrays can be assigned. The inputs here are few and plain: it is the habit that is looked at, not the arithmetic.
"""

import numpy as np

from conformance import (
    COMPLEX,
    CRASHES,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    dtypes,
    tensors,
    ulp,
    values,
)

ORDERED = ("bool", *INTEGERS, *WIDE_UNSIGNED, *FLOATS, "bfloat16")

habits = Section("Habits from NumPy", id="habits")

# Arguments that only NumPy knows.

habits.case(
    "torch.quantile(torch.tensor([1.0, 2.0, 3.0, 4.0]), 0.25, interpolation=how)",
    "np.quantile(np.array([1, 2, 3, 4], np.float32), 0.25, method=how)", id="quantile-methods",
    how=values("linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased", "inverted_cdf"),
    differs=[Difference("PyTorch interpolates in five ways, NumPy in thirteen", example={"how": "hazen"}, torch=Raises(RuntimeError),
                        when="how not in ('linear', 'lower', 'higher', 'nearest', 'midpoint')")],
)  # fmt: skip
habits.case(
    "torch.quantile(torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor(q, dtype=d))",
    "np.quantile(np.array([1, 2, 3, 4], np.float32), np.array(q, d))", id="quantile-tensor",
    q=values([0.5], [0.25, 0.5], 0.75, [[0.25, 0.5]]), d=dtypes("float32", "float64"),
    differs=[
        Difference("PyTorch wants q in the dtype of the tensor; NumPy widens", example={"q": [0.5], "d": "float64"},
                   when="d == 'float64'", torch=Raises(RuntimeError), kind="gotcha"),
        Difference("PyTorch wants q as a number or a vector; NumPy takes any shape", example={"q": [[0.25, 0.5]], "d": "float32"},
                   when="np.ndim(q) > 1 and d == 'float32'", torch=Raises(RuntimeError)),
    ],
)  # fmt: skip

# Results of another form.

habits.case(
    "torch.gradient(torch.tensor(xs))", "np.gradient(np.array(xs, np.float32))", id="gradient",
    xs=values([1.0, 2.0, 4.0], [0.0, 1.0], [[1.0, 2.0], [4.0, 8.0]]),
    note="of a vector, PyTorch's is a tuple of one tensor",
)  # fmt: skip
habits.case(
    "len(torch.gradient(torch.tensor(xs)))", "len(np.gradient(np.array(xs, np.float32)))", id="gradient-length",
    xs=values([1.0, 2.0, 4.0], [0.0, 1.0], [[1.0, 2.0], [4.0, 8.0]]),
    differs=[Difference("PyTorch's gradient is a tuple, of one tensor for each axis; NumPy's of a vector is an array",
                        example={"xs": [1.0, 2.0, 4.0]}, when="np.ndim(xs) == 1", torch="1", kind="gotcha",
                        instead="len(torch.gradient(torch.tensor(xs))[0])")],
)  # fmt: skip
habits.case(
    "torch.corrcoef(torch.tensor(xs))", "np.corrcoef(np.array(xs, np.float32))", id="corrcoef",
    xs=values([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], [[1.0, 2.0], [2.0, 4.0]], [1.0, 3.0]), tolerance=ulp(4, "two square roots and divisions"),
    differs=[Difference("PyTorch keeps float32; NumPy computes in float64", example={"xs": [[1.0, 2.0], [2.0, 4.0]]}, aspect="dtype",
                        torch="np.float32", instead="torch.corrcoef(torch.tensor(xs, dtype=torch.float64))")],
)  # fmt: skip
habits.case(
    "x.sort()\nx", "x.sort()\nx", id="sort-in-place", x=tensors(ndim=(1, 4), overlapping=False), shares_memory=True,
    differs=[
        Difference("PyTorch's sort() gives a sorted copy, with the indices, and leaves its tensor; an array's sort() sorts it",
                   example={"x": np.array([1, 0, 0])}, torch="x", kind="gotcha", dtypes=ORDERED,
                   when="not np.array_equal(x, out, equal_nan=True) or (np.signbit(x) != np.signbit(out))[x == 0].any()",
                   instead="x[...] = x.sort().values\nx"),
        Difference("PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal",
                   example={"x": np.array([3, 1, 2])}, dtypes=COMPLEX, torch=Raises(RuntimeError)),
    ],
)  # fmt: skip
habits.case(
    "torch.unravel_index(torch.tensor([n]), (2, 3))", "np.unravel_index(np.array([n]), (2, 3))", id="unravel_index",
    n=values(4, 0, 5, 6, 7, -1, -7),
    differs=[Difference("PyTorch wraps an index out of range, without a word; NumPy refuses it", example={"n": 7}, kind="gotcha",
                        when="not 0 <= n < 6", torch="np.unravel_index(np.array([n % 6]), (2, 3))", numpy=Raises(ValueError))],
)  # fmt: skip
habits.case(
    "torch.lerp(torch.tensor([x]), torch.tensor([y]), 0.5)", "np.float32([x]) * np.float32(0.5) + np.float32([y]) * np.float32(0.5)",
    id="lerp", x=values(1.0, -2.0, 3e38, 0.0), y=values(3.0, -3e38, 5.0),
    differs=[Difference("PyTorch interpolates by the difference of the two, which may overflow where the result does not",
                        example={"x": 3e38, "y": -3e38}, when="np.isinf(np.float32(y) - np.float32(x))",
                        torch="np.float32([y]) - (np.float32([y]) - np.float32([x])) * np.float32(0.5)", kind="gotcha",
                        instead="torch.tensor([x]) * 0.5 + torch.tensor([y]) * 0.5")],
)  # fmt: skip

# Dtypes that do not mix, and what cannot be assigned.

habits.case(
    "torch.heaviside(torch.tensor([1.0, 0.0]), torch.tensor([2, 3], dtype=d))",
    "np.heaviside(np.array([1, 0], np.float32), np.array([2, 3], d))", id="heaviside-mixed", d=dtypes("float32", "int64", "float64"),
    differs=[Difference("PyTorch's heaviside takes two tensors of one dtype; NumPy promotes", example={"d": "int64"},
                        when="d != 'float32'", torch=Raises(RuntimeError))],
)  # fmt: skip
habits.case(
    "torch.einsum('ij,jk->ik', torch.ones(2, 2, dtype=d), torch.ones(2, 2))",
    "np.einsum('ij,jk->ik', np.ones((2, 2), d), np.ones((2, 2), np.float32))", id="einsum-mixed", d=dtypes("float32", "int32", "float64"),
    differs=[Difference("PyTorch's einsum takes tensors of one dtype; NumPy promotes", example={"d": "int32"},
                        when="d != 'float32'", torch=Raises(RuntimeError), kind="gotcha")],
)  # fmt: skip

for name, where, what in (("list", "x[[0, 1]]", "[1.0, 2.0]"), ("array", "x[:]", "np.array([1, 2], np.float32)")):
    habits.case(
        f"x = torch.zeros(2)\n{where} = {what}\nx", f"x = np.zeros(2, np.float32)\n{where} = {what}\nx", id=f"assigned-{name}",
        differs=[Difference(f"PyTorch assigns numbers and tensors to elements, no {name}", example={}, torch=Raises(TypeError),
                            kind="gotcha", instead=f"x = torch.zeros(2)\n{where} = torch.tensor({what})\nx")],
    )  # fmt: skip

# Whole numbers that become floats, and counts that are floats.

habits.case(
    "torch.ldexp(torch.tensor([m]), torch.tensor([e]))", "np.ldexp(np.array([m]), np.array([e]))", id="ldexp-integers",
    m=values(1, 3, 0, -2), e=values(2, 0, 10, -1, 200),
    differs=[
        Difference("of integers PyTorch gives float32, its default dtype; NumPy float64", example={"m": 1, "e": 2}, aspect="dtype",
                   torch="np.float32"),
        Difference("PyTorch's ldexp multiplies by 2 ** e, which is infinite in float32 from e = 128 on: 0 becomes NaN",
                   example={"m": 0, "e": 200}, when="m == 0 and e > 127", aspect="value", torch="np.array([np.nan])", kind="bug"),
    ],
)  # fmt: skip
habits.case(
    "torch.zeros(1, dtype=torch.int64).scatter_reduce(0, torch.tensor([0, 0]), torch.tensor(v), 'mean', include_self=False)",
    "np.array([np.mean(v)])", id="scatter-mean-integers", v=values([1, 3], [1, 2], [-1, -2]),
    differs=[Difference("PyTorch's mean of scattered integers is an integer, rounded down", example={"v": [-1, -2]},
                        torch="np.floor(np.array([np.mean(v)])).astype(np.int64)", kind="gotcha",
                        instead="torch.zeros(1, dtype=torch.float64).scatter_reduce(0, torch.tensor([0, 0]), "
                        "torch.tensor(v).double(), 'mean', include_self=False)")],
)  # fmt: skip
habits.case(
    "torch.histc(torch.zeros(n), bins=5, min=-1, max=1)", "np.histogram(np.zeros(n), 5, (-1, 1))[0]", id="histc-many",
    n=values(10, 2**24 + 3),
    differs=[
        Difference("PyTorch's counts are floats, of the dtype of what is counted; NumPy's are int64", example={"n": 10},
                   aspect="dtype", torch="np.float32", kind="gotcha"),
        Difference("PyTorch's histc counts by adding 1 to a float: in float32 no count is more than 2**24 in one thread",
                   example={"n": 2**24 + 3}, when="(n > 2**24) & (out > 0)", aspect="value",
                   torch=OneOf("out", "2.0**24", "2.0**24 + 2"), kind="bug"),
    ],
)  # fmt: skip

# Axes and orders that only one side knows.

habits.case(
    "torch.dot(torch.tensor(x), torch.tensor(3.0))", "np.dot(np.float32(x), np.float32(3.0))", id="dot-numbers", x=values(2.0, 0.0),
    differs=[Difference("PyTorch's dot takes two vectors; NumPy's takes numbers, too", example={"x": 2.0}, torch=Raises(RuntimeError))],
)  # fmt: skip
habits.case(
    "torch.searchsorted(torch.tensor(rows), torch.tensor(sought))", "np.searchsorted(np.array(rows), np.array(sought))",
    id="searchsorted-rows", rows=values([[1, 2], [3, 4]], [[1, 5], [0, 9]]), sought=values([[2], [4]], [[0], [6]]),
    differs=[Difference("PyTorch searches each row for its own numbers; NumPy searches one vector", torch="np.array(list(map(np.searchsorted, rows, sought)))",
                        example={"rows": [[1, 2], [3, 4]], "sought": [[2], [4]]}, numpy=Raises(ValueError))],
)  # fmt: skip
habits.case(
    "torch.bucketize(torch.tensor([1.5]), torch.tensor(bins))", "np.digitize(np.array([1.5]), np.array(bins), right=True)",
    id="bucketize-decreasing", bins=values([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]),
    differs=[Difference("PyTorch takes every bins for increasing; NumPy looks whether they decrease", example={"bins": [3.0, 2.0, 1.0]},
                        when="bins[0] > bins[-1]", torch="np.array([0])", kind="gotcha",
                        instead="len(bins) - torch.bucketize(torch.tensor([1.5]), torch.tensor(bins[::-1]))")],
)  # fmt: skip

# What is not a number.

habits.case(
    "torch.linalg.eigvals(torch.full((2, 2), s)).real", "np.linalg.eigvals(np.full((2, 2), s, np.float32))", id="eigvals-nan",
    s=values(0.0, np.nan),
    differs=[Difference("PyTorch's eigvals of NaN kills the process, since it does not look for NaN as eig does; NumPy raises",
                        example={"s": np.nan}, when="s != s", torch=CRASHES, numpy=Raises(np.linalg.LinAlgError), kind="bug",
                        upstream="https://github.com/pytorch/pytorch/issues/93124")],
)  # fmt: skip
