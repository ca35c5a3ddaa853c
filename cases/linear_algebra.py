"""Linear algebra: determinants, inverses, equations, decompositions, norms of matrices.

The matrices here are such that every step of the usual algorithms is exact: permuted diagonals of powers of two, and a few
small ones. Results that are rounded depend on the LAPACK that a library is built with, and differ by as much as the
condition of the matrix allows; they are not compared. What is claimed is what the functions take, give and refuse: PyTorch
takes no integers, a stack of vectors on the right of ``solve`` is vectors for PyTorch and a matrix for NumPy, and
``torch.norm`` is of the flattened matrix.
"""

import math

import numpy as np

from conformance import Difference, OneOf, Raises, Section, values

linear_algebra = Section("Linear algebra")

DIAGONAL, PERMUTED, ONE, ZERO = [[2.0, 0.0], [0.0, 4.0]], [[0.0, 2.0, 0.0], [0.0, 0.0, 4.0], [8.0, 0.0, 0.0]], [[8.0]], [[0.0, 0.0], [0.0, 0.0]]
SWAP, SYMMETRIC, BATCH = [[0.0, 1.0], [1.0, 0.0]], [[4.0, 2.0], [2.0, 5.0]], [[[2.0, 0.0], [0.0, 4.0]], [[0.0, 4.0], [1.0, 0.0]]]
SINGULAR, WIDE, INTEGERS = [[1.0, 2.0], [2.0, 4.0]], [[1.0, 0.0, 0.0]], [[1, 0], [0, 2]]
INVERTIBLE = (DIAGONAL, SWAP, SYMMETRIC, PERMUTED, ONE, BATCH)


def no_integers(instead: str) -> Difference:
    """Return that PyTorch takes no integers."""
    return Difference(
        "PyTorch's linear algebra takes no integers; NumPy computes in float64",
        example={"a": INTEGERS}, torch=Raises(RuntimeError), kind="gotcha", instead=instead,
    )  # fmt: skip


# Determinants and inverses

linear_algebra.case(
    "torch.linalg.det(torch.tensor(a))", "np.linalg.det(np.array(a, np.float32))", id="det",
    a=values(*INVERTIBLE, ZERO, SINGULAR, WIDE),
    differs=[
        Difference(
            "The determinant of a singular matrix is a zero whose sign depends on the order of the rows in the elimination",
            example={"a": SINGULAR}, when="np.ndim(out) == 0 and out == 0", torch=OneOf("out", "-out"),
        )
    ],
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.inv(torch.tensor(a))", "np.linalg.inv(np.array(a, np.float32))", id="inv", a=values(*INVERTIBLE, SINGULAR, ZERO, WIDE)
)
linear_algebra.case(
    "torch.linalg.matrix_power(torch.tensor(a), n)", "np.linalg.matrix_power(np.array(a, np.float32), n)", id="matrix_power-negative",
    a=values(*INVERTIBLE, ZERO), n=values(-1, -2),
)  # fmt: skip
for name, instead in (("det", "torch.linalg.det(torch.tensor(a).double())"), ("inv", "torch.linalg.inv(torch.tensor(a).double())"),
                      ("norm", "torch.linalg.norm(torch.tensor(a).double())")):  # fmt: skip
    linear_algebra.case(
        f"torch.linalg.{name}(torch.tensor(a))", f"np.linalg.{name}(np.array(a))", id=f"{name}-integers", a=values(INTEGERS, [[2, 0], [0, 2]]),
        differs=[no_integers(instead)],
    )  # fmt: skip
linear_algebra.case(
    "torch.linalg.pinv(torch.tensor(a))", "np.linalg.pinv(np.array(a, np.float32))", id="pinv", a=values(DIAGONAL, SWAP, PERMUTED, ONE, ZERO, WIDE),
)  # fmt: skip

# Equations

linear_algebra.case(
    "torch.linalg.solve(torch.tensor(a), torch.tensor(b))", "np.linalg.solve(np.array(a, np.float32), np.array(b, np.float32))", id="solve",
    a=values(DIAGONAL, SWAP, SYMMETRIC, ZERO), b=values([2.0, 8.0], [[2.0, 8.0], [4.0, 16.0]], [[2.0], [8.0]]),
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.solve(torch.tensor(a), torch.tensor(b))", "np.linalg.solve(np.array(a, np.float32), np.array(b, np.float32))", id="solve-batch",
    a=values(BATCH, [SWAP, DIAGONAL]), b=values([[2.0, 8.0], [1.0, 4.0]], [[4.0, 2.0], [8.0, 1.0]]),
    differs=[
        Difference(
            "For a batch of matrices, PyTorch takes b of two axes for one vector a matrix; NumPy for one matrix",
            example={"a": BATCH, "b": [[2.0, 8.0], [1.0, 4.0]]}, kind="gotcha",
            torch="np.linalg.solve(np.array(a, np.float32), np.array(b, np.float32)[..., None])[..., 0]",
            instead="torch.linalg.solve(torch.tensor(a), torch.tensor(b)[None])",
        )
    ],
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.lstsq(torch.tensor(a), torch.tensor(b)).solution",
    "np.linalg.lstsq(np.array(a, np.float32), np.array(b, np.float32))[0]", id="lstsq",
    a=values([[2.0, 0.0], [0.0, 4.0], [0.0, 0.0]], [[0.0, 4.0], [2.0, 0.0], [0.0, 0.0]]), b=values([[2.0], [8.0], [1.0]], [[4.0, 2.0], [8.0, 16.0], [0.0, 1.0]]),
)  # fmt: skip

# Decompositions

linear_algebra.case(
    "torch.linalg.cholesky(torch.tensor(a))", "np.linalg.cholesky(np.array(a, np.float32))", id="cholesky",
    a=values(SYMMETRIC, [[4.0, 0.0], [0.0, 16.0]], [[16.0]], [[[4.0, 0.0], [0.0, 16.0]], [[4.0, 2.0], [2.0, 5.0]]], SWAP, WIDE),
)  # fmt: skip
linear_algebra.case(
    "q, r = torch.linalg.qr(torch.tensor(a))\nq @ r", "q, r = np.linalg.qr(np.array(a, np.float32))\nq @ r", id="qr",
    a=values(DIAGONAL, SWAP, PERMUTED, ONE, WIDE, BATCH), note="The columns of q, and the rows of r, have either sign; their product has not",
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.svdvals(torch.tensor(a))", "np.linalg.svdvals(np.array(a, np.float32))", id="svdvals", a=values(DIAGONAL, SWAP, PERMUTED, ONE, ZERO, WIDE, BATCH)
)
linear_algebra.case(
    "torch.linalg.eigvalsh(torch.tensor(a))", "np.linalg.eigvalsh(np.array(a, np.float32))", id="eigvalsh", a=values(DIAGONAL, SWAP, ONE, ZERO, WIDE)
)
linear_algebra.case(
    "torch.linalg.matrix_rank(torch.tensor(a))", "np.linalg.matrix_rank(np.array(a, np.float32))", id="matrix_rank",
    a=values(DIAGONAL, SWAP, PERMUTED, SYMMETRIC, SINGULAR, ONE, ZERO, WIDE, BATCH),
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.matrix_rank(torch.tensor(a))", "np.linalg.matrix_rank(np.array(a, np.float32))", id="matrix_rank-vector",
    a=values([1.0, 2.0], [0.0, 0.0]),
    differs=[
        Difference(
            "PyTorch's matrix_rank takes no vector; that of a vector is 1 in NumPy, or 0 where all of it is",
            example={"a": [1.0, 2.0]}, torch=Raises(RuntimeError), kind="gotcha",
        )
    ],
)  # fmt: skip

# Norms

linear_algebra.case(
    "torch.linalg.norm(torch.tensor(a), order)", "np.linalg.norm(np.array(a, np.float32), order)", id="norm",
    a=values([[3.0, 0.0], [0.0, 4.0]], [[0.0, 3.0], [4.0, 0.0]], ONE, ZERO, SWAP), order=values(None, "fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf),
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.norm(torch.tensor(a))", "np.linalg.norm(np.array(a, np.float32))", id="norm-large", a=values([[1e30]], [[3e30, 4e30]], [[2.0]]),
    differs=[
        Difference(
            "Both libraries square the elements in their own dtype, so that a norm is infinite where a square is; that of a single "
            "element is its magnitude in PyTorch",
            example={"a": [[1e30]]}, when="a == [[1e30]]", torch="np.float32(1e30)", kind="gotcha",
        )
    ],
)  # fmt: skip
linear_algebra.case(
    "torch.norm(torch.tensor(a), p=order)", "np.linalg.norm(np.array(a, np.float32), order)", id="norm-flattened",
    a=values([[3.0, 0.0], [0.0, 4.0]], [[0.0, 3.0], [4.0, 0.0]]), order=values(2, 1),
    differs=[
        Difference(
            "torch.norm with a number is that of the flattened matrix; torch.linalg.norm and NumPy's are of the matrix",
            example={"a": [[3.0, 0.0], [0.0, 4.0]], "order": 2}, torch="np.linalg.norm(np.array(a, np.float32).ravel(), order)",
            kind="gotcha", instead="torch.linalg.norm(torch.tensor(a), order)",
        )
    ],
)  # fmt: skip
linear_algebra.case(
    "torch.linalg.cond(torch.tensor(a))", "np.linalg.cond(np.array(a, np.float32))", id="cond", a=values(DIAGONAL, SWAP, PERMUTED, ONE, ZERO),
    differs=[
        Difference(
            "The condition of a matrix of zeros is NaN in PyTorch, infinite in NumPy",
            example={"a": ZERO}, when="np.isinf(out)", torch="np.float32(np.nan)", kind="gotcha",
        )
    ],
)  # fmt: skip

# What is not a number

linear_algebra.case(
    "torch.linalg.lstsq(torch.tensor([[a]]), torch.tensor([[a]])).solution", "np.linalg.lstsq(np.array([[a]], np.float32), np.array([[a]], np.float32))[0]",
    id="lstsq-nan", a=values(8.0, math.nan),
    differs=[
        Difference(
            "PyTorch's lstsq of NaN fails an internal assertion, and asks for a report; NumPy says that it does not converge",
            example={"a": math.nan}, when="math.isnan(a)", torch=Raises(RuntimeError), numpy=Raises(np.linalg.LinAlgError),
            kind="bug",
        )
    ],
)  # fmt: skip
