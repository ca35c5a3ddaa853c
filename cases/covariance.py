"""Covariances of variables that are the rows of a matrix; a vector is one variable.

Both libraries divide by n - 1 unless they are told otherwise, by `correction` in PyTorch and `ddof` in NumPy. PyTorch keeps
the dtype, and makes float32 of integers; NumPy computes in float64 at least.
"""

from dataclasses import replace

import numpy as np

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    matching,
    tensors,
    ulp,
    values,
    within,
)

covariance = Section("Covariances", id="covariance")

LARGEST = (
    "n = np.float64(x.shape[-1] if x.ndim else 1)\n"
    "m = np.max(np.abs(np.atleast_2d(np.where(np.isfinite(x), 1.0 * x, 0))), axis=1, initial=0)\n"
    "largest = np.reshape(np.outer(m, m), exact.shape)\n"
)


WEIGHTS = (
    "f, a = np.abs(f) + 1, np.abs(a) + 0.5\ntotal = np.sum(f * a)\n"
    "less = total / np.maximum(total - c * np.sum(f * a * a) / total, 0)\n"
)


def bound(c: str, weights: str = "") -> object:
    """Return the bound of a covariance with the correction ``c``; with ``weights``, ``less`` is what it divides by less."""
    less = weights or f"less = n / np.maximum(n - {c}, 1)\n"
    return within(
        f"{LARGEST}{less}(16 * (n + 8) * u * largest + 8 * n * tiny * (1 + np.sqrt(largest))) * less",
        "the mean is off by (n + 1) u max, each difference, at most 2 max, by as much; the sum of n products of two of them and the "
        "quotient are rounded",
        overflow=f"{LARGEST}np.where(np.isfinite(exact), 16 * n * largest, np.inf)", narrow=True,
    )  # fmt: skip


SAMPLE, EVEN = {"x": np.array([[1, 2, 4], [3, 1, 0]])}, {"f": np.ones(3, int), "a": np.ones(3)}
NO_BOOLS = Difference(
    "PyTorch has no covariance of bools; for NumPy they are 0 and 1",
    example=SAMPLE,
    dtypes=("bool",),
    torch=Raises(RuntimeError),
)

NO_VARIABLES = Difference(
    "NumPy's covariance of no complex variables is float64; PyTorch keeps the dtype", example={"x": np.zeros((0, 2))}, dtypes=("complex128",),
    when="x.ndim == 2 and x.shape[0] == 0", aspect="dtype", torch="x.dtype",
)  # fmt: skip


def narrow(instead: str, **others: object) -> list[Difference]:
    """Return in which dtype covariances come, for a row that has the inputs ``others``, too."""
    example = {**SAMPLE, **others}
    return [
        *(
            Difference("PyTorch keeps the dtype; NumPy computes in float64 at least", example=example, dtypes=dtypes, aspect="dtype",
                       torch=torch, kind="gotcha")
            for dtypes, torch in ((("float16", "float32", "complex64"), "x.dtype"), (("bfloat16",), UNDEFINED))
        ),
        replace(NO_VARIABLES, example={**NO_VARIABLES.example, **others}),
        Difference("PyTorch makes float32 of integers; NumPy float64", example=example, dtypes=(*INTEGERS, *WIDE_UNSIGNED), aspect="dtype",
                   torch="np.float32", kind="gotcha", instead=instead),
        replace(NO_BOOLS, example=example),
    ]  # fmt: skip


CORRELATION = within(
    "rows = np.atleast_2d(1.0 * x)\nn = np.float64(rows.shape[1])\nmiddle = np.mean(rows, axis=1, keepdims=True)\n"
    "size = np.sqrt(n) * np.max(np.abs(rows), axis=1, initial=0)\n"
    "g = 4 * (n + 8) * u * size / np.sqrt(np.sum(np.abs(rows - middle) ** 2, axis=1))\n"
    "np.reshape(g[:, np.newaxis] + g, exact.shape) + 4 * (n + 8) * u",
    "each difference from the mean is off by 2 (n + 1) u max, and so are the differences of a variable, as a vector, in relation to their "
    "length; the sum of n products, two roots and two quotients are rounded",
    narrow=True,
)


SMALL = (
    "compared on small numbers only: of large ones PyTorch's sums and squares overflow in the dtype, NumPy's in float64"
)
OF_ONE = Difference(
    "Of one observation of -0.0 the distance from the mean is 0.0 or -0.0, as the mean is added up", torch=OneOf("0.0", "-0.0"),
    example={"x": np.array([[-0.0], [0.0]])}, dtypes=(*FLOATS, "bfloat16"),
    when="x.ndim == 2 and x.shape[1] == 1 and np.signbit(x).any() and (out == 0)",
)  # fmt: skip
BUT_BOOLS = (*INTEGERS, *WIDE_UNSIGNED, *FLOATS, *COMPLEX, "bfloat16")
covariance.case(
    "torch.cov(x)", "np.cov(x)", x=tensors(ndim=(0, 3), domain="small", longest=5000), tolerance=bound("1"), differs=narrow("torch.cov(x.double())"),
    note=f"a tensor of three axes both refuse; {SMALL}",
)  # fmt: skip
covariance.case(
    "torch.cov(x, correction=c)", "np.cov(x, ddof=c)", id="cov-correction", x=tensors(ndim=2, domain="small", longest=5000),
    c=values(0, 2), tolerance=bound("c"), note=SMALL,
    differs=[*narrow("torch.cov(x.double(), correction=c)", c=0), replace(OF_ONE, example={**OF_ONE.example, "c": 0}, dtypes=("float32", "float64"))],
)  # fmt: skip
covariance.case(
    "torch.cov(torch.tensor(xs))", "np.cov(np.array(xs))", id="cov-large-integers",
    xs=values([2**62, 2**62, 2**62], [2**62, 2**62], [2**62, 0, 0], [2**40, 0]), tolerance=ulp(4, "a mean, differences, squares and a quotient"),
    differs=[
        Difference("PyTorch's cov adds integers up in int64, which overflows, and takes the mean of that: the covariance of three equal "
                   "numbers is not 0",
                   example={"xs": [2**62, 2**62, 2**62]}, when="abs(sum(xs)) >= 2**63", kind="bug", torch=UNDEFINED,
                   instead="torch.cov(torch.tensor(xs).double())"),
        Difference("PyTorch makes float32 of integers; NumPy float64", example={"xs": [2**40, 0]}, aspect="dtype", torch="np.float32", kind="gotcha"),
    ],
)  # fmt: skip
covariance.case(
    "torch.cov(x, correction=c, fweights=f.abs() + 1, aweights=a.abs() + 0.5)", "np.cov(x, ddof=c, fweights=np.abs(f) + 1, aweights=np.abs(a) + 0.5)",
    id="cov-weights", x=tensors(ndim=2, domain="small", longest=500), c=values(0, 1, 2), f=matching("n", x="mn", dtypes=("int64",), domain="small"),
    a=matching("n", x="mn", dtypes=("float64",), domain="small"), tolerance=bound("c", WEIGHTS), note="weights of float64 make a covariance of float64",
    differs=[
        replace(NO_BOOLS, example={**SAMPLE, "c": 0, **EVEN}),
        Difference("PyTorch refuses weights of nothing; NumPy does not look at them where there is no variable, either", example={"x": np.zeros((0, 0)), "c": 0,
                   "f": np.zeros(0, int), "a": np.zeros(0)}, dtypes=BUT_BOOLS, when="x.shape == (0, 0)",
                   torch=Raises(RuntimeError)),
        Difference("PyTorch refuses weights of another length than there are samples; NumPy does not look at them where there is no variable",
                   example={"x": np.zeros((0, 1)), "c": 0, "f": np.zeros(3, int), "a": np.zeros(1)}, torch=Raises(RuntimeError),
                   dtypes=BUT_BOOLS, when="x.shape[0] == 0 and not f.shape == a.shape == x.shape[1:]"),
        replace(NO_VARIABLES, example={"x": np.zeros((0, 1)), "c": 0, "f": np.zeros(1, int), "a": np.zeros(1)}, dtypes=COMPLEX,
                when="x.shape[0] == 0 and x.shape[1]", torch="np.complex128"),
        replace(OF_ONE, example={**OF_ONE.example, "c": 0, "f": np.zeros(1, int), "a": np.zeros(1)}),
    ],
)  # fmt: skip
covariance.case(
    "torch.corrcoef(x)", "np.corrcoef(x)", id="corrcoef", x=tensors(ndim=(0, 2), domain="small", longest=500), tolerance=CORRELATION,
    note=f"{SMALL}, and on at most 500, since the squares of more overflow float16",
    differs=[
        *narrow("torch.corrcoef(x.double())"),
        *(Difference("A variable that is the same number throughout has no correlation; what PyTorch's mean is off by makes one",
                   example={"x": x}, dtypes=dtypes, torch=UNDEFINED,
                   when="rows = np.atleast_2d(x)\nsame = (rows == rows[:, :1]).all(axis=1) & (rows.shape[1] > 1)\n"
                   "np.reshape(same[:, np.newaxis] | same, out.shape)")
          for x, dtypes in ((np.full(7, -5 - 3j), ("complex64",)), (np.full(57, -5.0), ("bfloat16",)), (np.full(411, 5.0), ("float16",)))),
    ],
)  # fmt: skip
