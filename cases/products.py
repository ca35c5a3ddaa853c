"""Products of matrices: ``@`` and the functions that take matrices only.

``@`` means the same in both libraries: vectors, matrices, batches that broadcast, sums over an axis of length 0, integers
that wrap around. PyTorch's ``mm`` takes two matrices and its ``mv`` a matrix and a vector. Both operands must have the
same dtype, and bools have no products at all. Floats are added in another order than NumPy's, so results differ in the
last digits, within the error bound of a sum of products in any order; those that are exact in every order are the same.
PyTorch multiplies and adds float16 and bfloat16 in float32 and rounds once; NumPy adds float16 in float16.
"""

import numpy as np
from conformance.cases.derivatives import out_not_followed

from conformance import (
    UNDEFINED,
    Difference,
    Raises,
    Section,
    matching,
    multilinear,
    multipliable,
    tensors,
)

products = Section("Products")

MATRICES = {"x": np.array([[1.0, 2.0]]), "y": np.array([[3.0], [4.0]])}


def no_bools(instead: str, when: str | None = None, **example: object) -> Difference:
    """Return that PyTorch refuses bools, where ``when`` holds."""
    return Difference(
        "PyTorch has no product of bools; NumPy's is true where any pair of elements is",
        example={name: np.array(value, bool) for name, value in example.items()},
        dtypes=("bool",),
        when=when,
        torch=Raises(RuntimeError),
        kind="gotcha",
        instead=instead,
    )


FLUSHES = "instructions & {'avx512_bf16', 'amx'}"
"""The processor has an instruction for products of bfloat16, which takes subnormal numbers for zero, and gives none."""
_LARGE = """
large = out.size * x.shape[-1] > 16**3
small = lambda v: np.where(np.abs(v) < 2.0**-126, np.abs(v), 0).astype(np.float64)
wide = lambda v: np.nan_to_num(np.abs(np.float64(v)), nan=1.0)
bad = ~np.isfinite(x).all(-1) if large and x.ndim > 1 else np.zeros((1, 1), bool)
steps = range(1, 32 // max(x.shape[-1], 1) + 2) if large and x.ndim > 1 else ()
past = [np.roll(bad, -n, -1) | np.roll(bad.ravel(), -n).reshape(bad.shape) for n in steps]
before = np.logical_or.reduce([*past, bad & False]) | (not x.flags.c_contiguous)
"""


def of_bfloat16(rename: str = "", **others: object) -> list[Difference]:
    """Return what oneDNN does to bfloat16 matrices ``x`` and ``y``; PyTorch calls it for more than 4096 multiplications.

    ``rename`` is a line that makes those of the inputs, where they are not; ``others`` are the other inputs of the example.
    """
    return [
        Difference(
            "PyTorch multiplies larger bfloat16 matrices, and bfloat16 vectors, with an instruction that takes subnormal numbers "
            "for zero, and gives none, where the processor has it; NumPy here computes in float32",
            example={"x": np.full((17, 17), 2.0**-130), "y": np.full((17, 17), 1.0), **others},
            dtypes=("bfloat16",),
            when=f"{rename}{_LARGE}((wide(x) @ small(y) + small(x) @ wide(y) > 0) | (wide(x) @ wide(y) < 2.0**-102))"
            ".reshape(out.shape) if large and " + FLUSHES + " else False",
            torch=UNDEFINED,
            kind="gotcha",
        ),
        Difference(
            "PyTorch multiplies larger bfloat16 matrices by reading past the end of each row, up to a multiple of 32, and multiplying "
            "that by zero: where an infinity or NaN is there, as in the next row, the whole row before it may be NaN; on processors "
            "with AMX",
            example={"x": np.where(np.arange(289).reshape(17, 17) == 17, np.inf, 1), "y": np.ones((17, 17)), **others},
            dtypes=("bfloat16",),
            when=f"{rename}{_LARGE}(before[..., None] & np.ones((*out.shape[:-1], y.shape[-1]), bool)).reshape(out.shape)"
            " if large and 'amx' in instructions and x.ndim > 1 and y.ndim > 1 and x.shape[-1] % 32 else False",
            torch=UNDEFINED,
            kind="bug",
            upstream="https://github.com/uxlfoundation/oneDNN/issues/5717",
        ),
    ]


# The operator

products.case(
    "x @ y",
    "x @ y",
    id="matmul-operator",
    x=tensors(),
    y=multipliable("x"),
    tolerance=multilinear(),
    shares_memory=False,
    differs=[
        no_bools("(x.int() @ y.int()).bool()", "(x.size and y.size) or x.ndim == y.ndim == 1", **MATRICES),
        *of_bfloat16(),
    ],
)
products.case(
    "torch.matmul(x, y)",
    "np.matmul(x, y)",
    x=tensors(ndim=(2, 4)),
    y=multipliable("x"),
    tolerance=multilinear(),
    differs=[no_bools("torch.matmul(x.int(), y.int()).bool()", "x.size and y.size", **MATRICES), *of_bfloat16()],
)
products.case(
    "z = x.new_empty((len(x), y.shape[1]))\ntorch.matmul(x, y, out=z)\nz",
    "z = np.empty((len(x), y.shape[1]), x.dtype)\nnp.matmul(x, y, out=z)\nz",
    id="matmul-out",
    x=tensors(2),
    y=matching("jk", x="ij"),
    tolerance=multilinear(),
    shares_memory=False,
    differs=[no_bools("torch.matmul(x.int(), y.int()).bool()", "x.size and y.size", **MATRICES), *of_bfloat16(), out_not_followed(**MATRICES)],
)
products.case(
    "x @ y",
    "x @ y",
    id="matmul-dtypes",
    x=tensors(2, dtypes=("float32", "float64", "float16", "int64", "int32", "complex64")),
    y=matching("jk", x="ij", dtypes=("float32", "float64", "float16", "int64", "complex64")),
    tolerance=multilinear(),
    differs=[
        Difference(
            "PyTorch multiplies tensors of one dtype only; NumPy promotes both to one that holds them",
            example={"x": np.ones((1, 1), np.float32), "y": np.ones((1, 1))},
            when="x.dtype != y.dtype",
            torch=Raises(RuntimeError),
            kind="gotcha",
            instead="x.double() @ y.double()",
        )
    ],
)

# Of two matrices, of a matrix and a vector

products.case(
    "torch.mm(x, y)",
    "x @ y",
    x=tensors(2),
    y=matching("jk", x="ij"),
    tolerance=multilinear(),
    differs=[
        no_bools("torch.mm(x.int(), y.int()).bool()", "x.size and y.size", **MATRICES),
        *of_bfloat16(),
    ],
)
products.case(
    "torch.mv(x, y)",
    "x @ y",
    x=tensors(2),
    y=matching("j", x="ij"),
    tolerance=multilinear(),
    differs=[
        no_bools("torch.mv(x.int(), y.int()).bool()", "x.size and y.size", x=[[1, 0]], y=[1, 0]),
        of_bfloat16(x=np.full((129, 33), 2.0**-130), y=np.ones(33))[0],
    ],
)
