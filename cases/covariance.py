"""Covariances of variables that are the rows of a matrix; a vector is one variable.

Both libraries divide by n - 1 unless they are told otherwise, by `correction` in PyTorch and `ddof` in NumPy. PyTorch keeps
the dtype, and makes float32 of integers; NumPy computes in float64 at least.
"""

import numpy as np

from conformance import INTEGERS, UNDEFINED, WIDE_UNSIGNED, Difference, Raises, Section, tensors, ulp, values, within

covariance = Section("Covariances", id="covariance")

LARGEST = (
    "n = np.float64(x.shape[-1] if x.ndim else 1)\n"
    "m = np.max(np.abs(np.atleast_2d(np.where(np.isfinite(x), 1.0 * x, 0))), axis=1, initial=0)\n"
    "largest = np.reshape(np.outer(m, m), exact.shape)\n"
)


def bound(c: str) -> object:
    """Return the bound of a covariance with the correction ``c``."""
    return within(
        f"{LARGEST}(16 * (n + 8) * u * largest + 8 * n * tiny * (1 + np.sqrt(largest))) * n / np.maximum(n - {c}, 1)",
        "the mean is off by (n + 1) u max, each difference, at most 2 max, by as much; the sum of n products of two of them and the "
        "quotient are rounded",
        overflow=f"{LARGEST}np.where(np.isfinite(exact), 16 * n * largest, np.inf)", narrow=True, unsigned=True,
    )  # fmt: skip


def narrow(**others: object) -> list[Difference]:
    """Return in which dtype covariances come, for a row that has the inputs ``others``, too."""
    example = {"x": np.array([[1, 2, 4], [3, 1, 0]]), **others}
    return [
        *(
            Difference("PyTorch keeps the dtype; NumPy computes in float64 at least", example=example, dtypes=dtypes, aspect="dtype",
                       torch=torch, kind="gotcha")
            for dtypes, torch in ((("float16", "float32", "complex64"), "x.dtype"), (("bfloat16",), UNDEFINED))
        ),
        Difference("NumPy's covariance of no complex variables is float64; PyTorch keeps the dtype", example={"x": np.zeros((0, 2)), **others},
                   dtypes=("complex128",), when="x.ndim == 2 and x.shape[0] == 0", aspect="dtype", torch="x.dtype"),
        Difference("PyTorch makes float32 of integers; NumPy float64", example=example, dtypes=(*INTEGERS, *WIDE_UNSIGNED), aspect="dtype",
                   torch="np.float32", kind="gotcha", instead="torch.cov(x.double(), correction=c)" if others else "torch.cov(x.double())"),
        Difference("PyTorch has no covariance of bools; for NumPy they are 0 and 1", example=example, dtypes=("bool",), torch=Raises(RuntimeError)),
    ]  # fmt: skip


SMALL = "compared on small numbers only: of large ones PyTorch's sums and squares overflow in the dtype, NumPy's in float64"
covariance.case(
    "torch.cov(x)", "np.cov(x)", x=tensors(ndim=(0, 3), domain="small", longest=5000), tolerance=bound("1"), differs=narrow(),
    note=f"a tensor of three axes both refuse; {SMALL}",
)  # fmt: skip
covariance.case(
    "torch.cov(x, correction=c)", "np.cov(x, ddof=c)", id="cov-correction", x=tensors(ndim=2, domain="small", longest=5000),
    c=values(0, 2), tolerance=bound("c"), differs=narrow(c=0), note=SMALL,
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
