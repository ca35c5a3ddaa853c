"""Products of vectors, of every element by every other, in space, and the sum of a diagonal.

PyTorch's functions are narrower than their namesakes in NumPy: ``dot``, ``vdot`` and ``outer`` take vectors only where
NumPy's multiply matrices or flatten what they are given, and ``trace`` takes a matrix and no offset. ``cross`` without
``dim`` takes the first axis that is three long, NumPy's the last. Bools have no products.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import PRODUCT, PRODUCTS_OVERFLOW
from conformance.cases.products import FLUSHES, MATRICES, no_bools, of_bfloat16

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    broadcastable,
    like,
    linear,
    matching,
    multilinear,
    tensors,
    triples,
)

vectors = Section("Products of vectors", id="vector-products")

SIGNED = ("int8", "int16", "int32", "int64")
SIXTEEN_BITS = ("float16", "bfloat16")
MULTIPLIED = (*SIGNED, *FLOATS, *COMPLEX, "bfloat16")
VECTORS = {"x": np.array([1.0, 2.0]), "y": np.array([3.0, 4.0])}



def only(because: str, instead: str, error: type[Exception] = RuntimeError, **example: object) -> list[Difference]:
    """Return that PyTorch takes no operands of these shapes, whatever their dtype; ``instead`` has no bools."""
    takes = {"because": because, "example": example, "torch": Raises(error), "kind": "gotcha"}
    return [
        Difference(**takes, dtypes=MULTIPLIED, instead=instead),
        Difference(**takes, dtypes=("bool", "uint8", *WIDE_UNSIGNED)),
    ]


SUBNORMALS = Difference(
    "PyTorch multiplies larger bfloat16 matrices, and bfloat16 vectors, with an instruction that takes subnormal numbers for "
    "zero, and gives none, where the processor has it; NumPy here computes in float32",
    example={"x": np.full(4099, 2.0**-130), "y": np.ones(4099)}, dtypes=("bfloat16",), torch=UNDEFINED, kind="gotcha",
    when=f"{FLUSHES} and x.size > 4096 and (np.any((x != 0) & (np.abs(x) < 2.0**-126) | (y != 0) & (np.abs(y) < 2.0**-126)) "
    "or np.abs(x) @ np.abs(y) < 2.0**-102)",
)  # fmt: skip
SINGLE_ELEMENT_OF_16_BITS = Difference(
    "PyTorch's inner and tensordot round every product to 16 bits before they are added, where the result is a single element "
    "and one of the tensors is not contiguous; otherwise they add in float32 and round once",
    example={"x": np.array([1.0078125, 1]), "y": np.array([[1.0078125, 0, -1.015625, 0]])[:, ::2]},
    dtypes=SIXTEEN_BITS,
    when="np.size(out) == 1 and not (x.flags.c_contiguous and y.flags.c_contiguous)",
    torch=UNDEFINED,
    kind="bug",
)
ZERO_FOR_NAN = Difference(
    "NumPy's inner and dot give 0 for NaN or infinity times 0, where one of the factors has a single element and the "
    "other is a matrix of one column; its @ gives NaN, as PyTorch does",
    example={"x": np.array([[np.nan], [1.0]]), "y": np.array([[0.0]])},
    dtypes=("float32", "complex64", "bfloat16"),  # its own value in a wider dtype, which has no BLAS, is right
    when="(x.shape[-1] == 1) & (min(x.size, y.size) == 1) & (out == 0) & ~np.isfinite(x @ y.T)"
    " if x.shape[-1:] == y.shape[-1:] else False",
    torch="x @ y.T",
    kind="bug",
)


def products_overflow(magnitude: str) -> list[Difference]:
    """Return what PyTorch's vectorised complex product does near the end of the range, as in arithmetic."""
    when = f"np.isfinite(out) & ~({magnitude} < np.finfo(x.dtype).max / 4)"
    return [replace(one, example={**one.example, "x": np.full(1, 2 + 1j)}, when=when) for one in PRODUCTS_OVERFLOW]


def _with_plus(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
    """Return the cross product along ``axis`` with a plus in the place of its minus."""
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    terms = x[..., [1, 2, 0]] * y[..., [2, 0, 1]] + x[..., [2, 0, 1]] * y[..., [1, 2, 0]]
    return np.moveaxis(terms, -1, axis)


TRACES = [
    Difference(
        "PyTorch has no trace of bools; NumPy counts them",
        example={"x": np.eye(2, dtype=bool)}, dtypes=("bool",), torch=Raises(NotImplementedError), kind="gotcha",
        instead="x.int().trace()",
    ),
    Difference(
        "PyTorch sums unsigned integers in int64, NumPy in uint64",
        example={"x": np.full((2, 2), 200)}, dtypes=("uint8",), torch="np.int64", aspect="dtype", kind="gotcha",
        instead="x.trace().to(torch.uint64)",
    ),
]  # fmt: skip

# Of two vectors

vectors.case(
    "torch.dot(x, y)",
    "np.dot(x, y)",
    x=tensors(1),
    y=matching("i", x="i"),
    tolerance=multilinear(),
    differs=[no_bools("torch.dot(x.int(), y.int()).bool()", **VECTORS), SUBNORMALS],
)
vectors.case(
    "torch.dot(x, y)",
    "np.dot(x, y)",
    id="dot-matrices",
    x=tensors(2),
    y=matching("jk", x="ij"),
    differs=only("PyTorch's dot takes two vectors; NumPy's takes matrices, too", "x @ y", **MATRICES),
)
vectors.case(
    "torch.vdot(x, y)",
    "np.vdot(x, y)",
    x=tensors(1),
    y=matching("i", x="i"),
    tolerance=multilinear(),
    note="Of complex numbers, the first factor is conjugated",
    differs=[no_bools("torch.vdot(x.int(), y.int()).bool()", **VECTORS), SUBNORMALS],
)
vectors.case(
    "torch.vdot(x, y)",
    "np.vdot(x, y)",
    id="vdot-matrices",
    x=tensors(2),
    y=like("x"),
    differs=only(
        "PyTorch's vdot takes two vectors; NumPy's flattens what it is given",
        "torch.vdot(x.ravel(), y.ravel())",
        x=np.ones((1, 2)),
        y=np.ones((1, 2)),
    ),
)
vectors.case(
    "torch.inner(x, y)",
    "np.inner(x, y)",
    x=tensors(ndim=(1, 3)),
    y=matching("kj", x="...j"),
    tolerance=multilinear(),
    differs=[
        no_bools("torch.inner(x.int(), y.int()).bool()", "x.flags.c_contiguous and y.flags.c_contiguous if out.size == 1 else x.size and y.size",
                 x=[1, 0], y=[[1, 0]]),
        SINGLE_ELEMENT_OF_16_BITS,
        *of_bfloat16("x, y = np.atleast_2d(x), y.T"),
        ZERO_FOR_NAN,
    ],
)

# Every element of one by every element of the other

vectors.case(
    "torch.outer(x, y)", "np.outer(x, y)", x=tensors(1), y=matching("j"), tolerance=PRODUCT, shares_memory=False,
    differs=products_overflow("np.outer(np.abs(x), np.abs(y))"),
)  # fmt: skip
vectors.case(
    "torch.outer(x, y)", "np.outer(x, y)", id="outer-matrices", x=tensors(2), y=matching("k"),
    differs=only("PyTorch's outer takes two vectors; NumPy's flattens what it is given", "torch.outer(x.ravel(), y)",
                 x=np.ones((1, 2)), y=np.ones(2)),
)  # fmt: skip
vectors.case("torch.kron(x, y)", "np.kron(x, y)", id="kron-vectors", x=tensors(1), y=matching("j"), tolerance=PRODUCT,
             differs=products_overflow("np.kron(np.abs(x), np.abs(y))"))
vectors.case(
    "copy = torch.contiguous_format\ntorch.kron(x.clone(memory_format=copy), y.clone(memory_format=copy))",
    "np.kron(x, y)",
    id="kron",
    x=matching("ij"),
    y=matching("kl"),
    tolerance=PRODUCT,
    shares_memory=False,
    differs=products_overflow("np.kron(np.abs(x), np.abs(y))"),
)
vectors.case(
    "torch.kron(x, y.clone(memory_format=torch.contiguous_format))", "np.kron(x, y)", id="kron-ranks", x=tensors(1),
    y=matching("kl"), tolerance=PRODUCT, shares_memory=False, differs=products_overflow("np.kron(np.abs(x), np.abs(y))"),
)  # fmt: skip
vectors.case(
    "copy = torch.contiguous_format\ntorch.kron(x.clone(memory_format=copy), y.clone(memory_format=copy).T)",
    "np.kron(x, y.T)",
    id="kron-transposed",
    x=matching("ij"),
    y=matching("kl"),
    tolerance=PRODUCT,
    differs=[
        Difference(
            "PyTorch's kron raises for many transposed tensors, since it takes its result for contiguous: view size is not "
            "compatible",
            example={"x": np.ones((1, 2)), "y": np.ones((2, 2))},
            when="y.shape[-1] > 1 and min(x.size, y.size) and sum(n > 1 for n in (*x.shape, *y.shape[:1])) > 1",
            torch=Raises(RuntimeError),
            kind="bug",
            upstream="https://github.com/pytorch/pytorch/issues/54135",
            instead="copy = torch.contiguous_format\ntorch.kron(x.clone(memory_format=copy), y.T.clone(memory_format=copy))",
        ),
        *products_overflow("np.kron(np.abs(x), np.abs(y.T))"),
    ],
)

# In space


CROSS = {"tolerance": multilinear(steps=True, terms=lambda x, y: _with_plus(x, y, -1)), "dtypes": (*INTEGERS, *FLOATS, *COMPLEX)}
FIRST_CROSS = multilinear(steps=True, terms=lambda x, y: _with_plus(x, y, x.shape.index(3)))
FIRST_OF_THREE = "Without dim, PyTorch's cross takes the first axis that is three long; NumPy's takes the last"

vectors.case("torch.linalg.cross(x, y)", "np.linalg.cross(x, y)", x=triples(), y=like("x"), **CROSS)
vectors.case(
    "torch.cross(x, y)", "np.linalg.cross(x, y)", id="cross-default", x=triples(), y=like("x"),
    **CROSS | {"tolerance": FIRST_CROSS},
    differs=[
        Difference(
            FIRST_OF_THREE, example={"x": np.eye(3), "y": np.ones((3, 3))}, dtypes=("uint8", *MULTIPLIED), kind="gotcha",
            when="x.shape[-1] == 3 and 3 in x.shape[:-1] and not np.array_equal(np.cross(x, y, axis=x.shape.index(3)), out, equal_nan=True)",
            torch="np.cross(x, y, axis=x.shape.index(3))", instead="torch.cross(x, y, dim=-1)",
        ),
        Difference(
            FIRST_OF_THREE, example={"x": np.ones((3, 2)), "y": np.ones((3, 2))}, dtypes=("uint8", *MULTIPLIED), kind="gotcha",
            when="x.shape[-1] != 3 and 3 in x.shape", torch="np.cross(x, y, axis=x.shape.index(3))", numpy=Raises(ValueError),
        ),
    ],
)  # fmt: skip
vectors.case(
    "torch.linalg.cross(x, y)", "np.linalg.cross(x, y)", id="cross-broadcast", x=triples(), y=broadcastable("x"), **CROSS,
    differs=[
        Difference(
            "PyTorch's cross broadcasts tensors with the same number of axes only",
            example={"x": np.eye(3), "y": np.ones(3)}, dtypes=("uint8", *MULTIPLIED), torch=Raises(RuntimeError),
            when="x.ndim != y.ndim and x.shape[-1:] == y.shape[-1:] == (3,)",
            instead="torch.linalg.cross(*torch.broadcast_tensors(x, y))",
        ),
    ],
)  # fmt: skip

# The diagonal

vectors.case("torch.trace(x)", "np.trace(x)", x=tensors(2), tolerance=linear(), differs=TRACES)
vectors.case(
    "x.trace()",
    "x.trace()",
    id="trace-axes",
    x=tensors(ndim=(3, 4)),
    differs=only(
        "PyTorch's trace takes a matrix; NumPy's is that of the first two axes of any tensor",
        "x.diagonal().sum(-1)",
        x=np.ones((2, 2, 2)),
    ),
)
vectors.case(
    "torch.trace(x, 1)", "np.trace(x, 1)", id="trace-offset", x=tensors(2),
    differs=only("PyTorch's trace is that of the main diagonal only", "x.diagonal(1).sum()", TypeError, x=np.ones((2, 2))),
)  # fmt: skip
