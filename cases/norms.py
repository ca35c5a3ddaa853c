"""Norms of vectors: how long they are.

``torch.linalg.vector_norm`` and ``np.linalg.vector_norm`` are twins. The older ``norm`` of the two means different things for
matrices: a vector norm of all elements in PyTorch, an operator norm in NumPy. PyTorch takes no integers. Both libraries
square in the dtype itself, so that long vectors overflow and short ones vanish, but not always in the same places.
"""

import numpy as np

from conformance import (
    COMPLEX,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    axis_tuples,
    tensors,
    values,
    within,
)

norms = Section("Norms", id="norms")

SOURCE = (
    "n powers and a root, each within 2 ulp, the exponent of the root rounded, and the sum of n powers: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., "
    "section 4.2; what underflows is the root of n times the smallest number"
)


def length(where: str, p: object = 2) -> object:
    """Return the bound of the norm of order ``p`` of the numbers ``where``."""
    return within(
        f"n = np.float64(x.size // max(exact.size, 1))\n(2 * n + 12 + np.abs(np.log(exact))) * u * np.abs(exact) + 2 * (n * np.longdouble(tiny)) ** np.longdouble(1 / {p}) + 8 * tiny * n ** (1 / {p})",
        SOURCE, overflow=f"np.where(np.isfinite(exact), np.sum(np.abs(x) ** {p}, {where}), 0)",
    )  # fmt: skip


def of_integers(instead: str, **others: object) -> Difference:
    """Return that integers have no norm."""
    return Difference(
        "PyTorch has no norm of integers or bools; NumPy computes it in float64", example={"x": np.array([[3, 4]]), **others},
        dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError), kind="gotcha", instead=instead,
    )  # fmt: skip


def infinite(where: str, **others: object) -> Difference:
    """Return that of an infinite complex number with NaN NumPy makes NaN."""
    return Difference(
        "a complex number with an infinite and a NaN part has an infinite magnitude for PyTorch; NumPy adds the squares of the parts, "
        "which is NaN",
        example={"x": np.array([[complex(np.inf, np.nan)]]), **others}, dtypes=COMPLEX, torch=OneOf("out", "np.inf"),
        when=f"np.isnan(out) & (np.isinf(x) & np.isnan(x)).any({where})",
    )  # fmt: skip


INEXACT = ("float16", "float32", "float64", *COMPLEX, "bfloat16")
NO_EXTREME = "PyTorch has no largest or smallest magnitude of an empty tensor, even along other axes; NumPy has 0 for the largest"


def no_extreme(axis_is_empty: str, **along: object) -> Difference:
    """Return that an empty tensor has no largest magnitude, for a row whose inputs beside ``x`` and ``p`` are ``along``."""
    return Difference(NO_EXTREME, example={"x": np.zeros((2, 0)), "p": np.inf, **along}, dtypes=INEXACT, torch=Raises(RuntimeError), kind="gotcha",
                      when=f"x.size == 0 and p != 0 and {axis_is_empty}")  # fmt: skip


norms.case("torch.linalg.vector_norm(x)", "np.linalg.vector_norm(x)", x=tensors(), tolerance=length("axis=None"),
           differs=[of_integers("torch.linalg.vector_norm(x.double())"), infinite("axis=None")])  # fmt: skip
KEPT, ONE_AXIS, SEVERAL = "axis=dims, keepdims=True", {"x": tensors(ndim=(1, 4)), "dim": axes("x")}, {"x": tensors(ndim=(1, 4)), "dims": axis_tuples("x")}
ALONG_DIM, ALONG_DIMS = "torch.linalg.vector_norm({}, p, dim=dim)", "torch.linalg.vector_norm({}, p, dim=dims, keepdim=True)"
for torch, numpy, where, name, along, example in (
    (ALONG_DIM, "np.linalg.vector_norm(x, ord=p, axis=dim)", "axis=dim", "vector_norm-{}", ONE_AXIS, {"dim": 1}),
    (ALONG_DIMS, f"np.linalg.vector_norm(x, ord=p, {KEPT})", KEPT, "vector_norm-{}s", SEVERAL, {"dims": (0, 1)}),
    ("torch.norm({}, p, dim)", "np.linalg.norm(x, p, axis=dim)", "axis=dim", "norm-order-{}", ONE_AXIS, {"dim": 1}),
):
    norms.case(
        torch.format("x"), numpy, id=name.format("dim"), **along, p=values(2, 1, 3, 0.5), tolerance=length(where, "p"),
        differs=[infinite(where, **example, p=2), of_integers(torch.format("x.double()"), **example, p=2)],
    )  # fmt: skip
for torch, numpy, name, along, example, empty in (
    (ALONG_DIMS, f"np.linalg.vector_norm(x, ord=p, {KEPT})", "vector_norm-extreme", SEVERAL, {"dims": (0, 1)},
     no_extreme("any(x.shape[d] == 0 for d in dims)", dims=(1,))),
    ("torch.norm({}, p, dim)", "np.linalg.norm(x, p, axis=dim)", "norm-extreme", ONE_AXIS, {"dim": 1}, no_extreme("x.shape[dim] == 0", dim=1)),
):
    norms.case(
        torch.format("x"), numpy, id=name, **along, p=values(np.inf, -np.inf, 0),
        tolerance=within("2 * u * np.abs(exact)", "a magnitude of a complex number is within 2 ulp"),
        differs=[of_integers(torch.format("x.double()"), **example, p=np.inf), empty],
    )  # fmt: skip
norms.case(
    "torch.linalg.vector_norm(x, p, dim=dim)", "np.linalg.vector_norm(x, ord=p, axis=dim)", id="vector_norm-negative", x=tensors(ndim=(1, 4)),
    dim=axes("x"), p=values(-1, -2),
    tolerance=within(
        "n = np.float64(x.size // max(exact.size, 1))\n"
        "(2 * n + 12) * u * np.abs(exact) + 2 * n * tiny * exact ** np.longdouble(1 - p) + (1 / np.longdouble(tiny)) ** np.longdouble(1 / p) + 8 * tiny",
        f"{SOURCE}; a power that overflows is that of a number smaller than the root of the smallest, one that underflows loses digits",
        overflow="np.where(np.isfinite(exact) & (np.abs(exact) ** np.longdouble(p) < 4 * x.size * tiny / u), np.inf, 0)",
    ),
    differs=[
        of_integers("torch.linalg.vector_norm(x.double(), p, dim=dim)", dim=1, p=-1),
        Difference("PyTorch has no norm of negative order of an empty axis; NumPy's is infinite", example={"x": np.zeros((2, 0)), "dim": 1, "p": -1},
                   dtypes=INEXACT, when="-x.ndim <= dim < x.ndim and x.shape[dim] == 0", torch=Raises(RuntimeError), kind="gotcha"),
    ],
)  # fmt: skip
MATRIX = within("(2 * x.size + 12) * u * np.abs(exact) + 2 * x.size * tiny", SOURCE, overflow="np.where(np.isfinite(exact), 2 * np.sum(np.abs(x)), 0)")
norms.case(
    "torch.linalg.norm(x, p)", "np.linalg.norm(x, p)", id="linalg-norm", x=tensors(ndim=2), p=values(1, -1, np.inf, -np.inf),
    tolerance=MATRIX, note="torch.linalg.norm is NumPy's norm, torch.norm is not",
    differs=[of_integers("torch.linalg.norm(x.double(), p)", p=1)],
)  # fmt: skip
norms.case("x.norm()", "np.linalg.norm(x)", x=tensors(), tolerance=length("axis=None"), differs=[of_integers("x.double().norm()"), infinite("axis=None")])
norms.case(
    "x.norm(dim=dim, keepdim=True)", "np.linalg.norm(x, axis=dim, keepdims=True)", id="norm-dim", x=tensors(ndim=(1, 4)), dim=axes("x"),
    tolerance=length("axis=dim, keepdims=True"), differs=[of_integers("x.double().norm(dim=dim, keepdim=True)", dim=1), infinite("axis=dim, keepdims=True", dim=1)],
)  # fmt: skip
norms.case(
    "torch.norm(x, p)", "np.linalg.norm(x, p)", id="norm-matrix", x=tensors(ndim=2), p=values(1, np.inf),
    tolerance=MATRIX,
    differs=[
        of_integers("torch.linalg.matrix_norm(x.double(), p)", p=1),
        Difference(NO_EXTREME, example={"x": np.zeros((2, 0)), "p": np.inf}, dtypes=INEXACT, when="x.size == 0 and p == np.inf",
                   torch=Raises(RuntimeError), kind="gotcha"),
        *(
            Difference(
                "PyTorch's norm of a matrix is that of the vector of all its elements; NumPy's is the operator norm",
                example={"x": np.array([[1.0, 2.0], [3.0, 4.0]]), "p": 1}, dtypes=dtypes, torch="np.linalg.norm(x.ravel(), p)",
                when="x.size and not np.array_equal(np.linalg.norm(x.ravel(), p), np.linalg.norm(x, p), equal_nan=True)", kind="gotcha", instead=instead,
            )
            for dtypes, instead in (
                (("float32", "float64", *COMPLEX), "torch.linalg.matrix_norm(x, p)"), (("float16", "bfloat16"), None),
            )
        ),
    ],
)  # fmt: skip
