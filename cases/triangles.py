"""Triangles and diagonals of matrices.

`tril`, `triu` and `diag` are the same in both libraries, stacks of matrices included. PyTorch wants two axes and a
diagonal that is an int, where NumPy repeats a vector to a square. PyTorch's diagonals can be written to; NumPy's cannot.
"""

import numpy as np

from conformance import CLAIMED, Difference, Raises, Section, new_axes, tensors, values

triangles = Section("Triangles and diagonals", id="triangles")

DIAGONALS = values(0, 1, -1, 2, -2, 40, -40)


def repeated(name: str) -> Difference:
    """Return what ``name`` does with a vector."""
    return Difference(
        f"PyTorch's {name} wants two axes; NumPy's repeats a vector to a square",
        example={"x": np.ones(2)}, torch=Raises(RuntimeError), kind="gotcha", dtypes=(*CLAIMED, "bfloat16"),
        instead=f"torch.{name}(x[:9].expand(x[:9].numel(), x[:9].numel()))",
    )  # fmt: skip


DIAG_COPIES = Difference("NumPy's diag of a matrix is a view that cannot be written to; PyTorch's copies", torch="copy",
                         aspect="memory", example={"x": np.ones((1, 1)), "k": 0})  # fmt: skip

for name, all_or_none in (("tril", "np.zeros_like(x)"), ("triu", "x")):
    triangles.case(f"torch.{name}(x)", f"np.{name}(x)", x=tensors(ndim=(2, 4)), shares_memory=False)
    triangles.case(f"x.{name}(k)", f"np.{name}(x, k)", id=f"{name}-diagonal", x=tensors(ndim=(2, 4)), k=DIAGONALS)
    triangles.case(f"torch.{name}(x[:9])", f"np.{name}(x[:9])", id=f"{name}-vector", x=tensors(ndim=1), differs=[repeated(name)])
    triangles.case(
        f"torch.{name}(x, k)", f"np.{name}(x, k)", id=f"{name}-diagonal-other", x=tensors(ndim=2),
        k=values(1.0, -(2**63), 2**63 - 1),
        differs=[
            Difference("PyTorch wants an int for the diagonal; NumPy takes a float", example={"x": np.ones((1, 1)), "k": 1.0},
                       when="isinstance(k, float)", torch=Raises(TypeError)),
            Difference("NumPy cannot subtract from the least int64, which PyTorch takes for a diagonal", torch=all_or_none,
                       example={"x": np.ones((1, 1)), "k": -(2**63)}, when="k == -2**63 and x.shape[1]", numpy=Raises(OverflowError),
                       dtypes=(*CLAIMED, "bfloat16")),
        ],
    )  # fmt: skip

triangles.case("torch.diag(x, k)", "np.diag(x, k)", x=tensors(ndim=2), k=DIAGONALS, differs=[DIAG_COPIES])
triangles.case("torch.diag(x[:9], k)", "np.diag(x[:9], k)", id="diag-vector", x=tensors(ndim=1), k=DIAGONALS)
triangles.case("torch.diagflat(x, k)", "np.diagflat(x, k)", x=tensors(longest=70), k=DIAGONALS)
triangles.case(
    "torch.diag_embed(x)",
    """
    n = x.shape[-1]
    out = np.zeros((*x.shape, n), x.dtype)
    out[..., range(n), range(n)] = x
    out
    """,
    x=tensors(ndim=3),
)
triangles.case(
    "torch.diag_embed(x, k, dim1, dim2)",
    """
    n = x.shape[-1]
    out = np.zeros((*x.shape[:-1], n + abs(k), n + abs(k)), x.dtype)
    out[..., np.arange(n) + max(-k, 0), np.arange(n) + max(k, 0)] = x
    np.moveaxis(out, (-2, -1), (dim1, dim2))
    """,
    id="diag_embed-axes", x=tensors(ndim=(1, 3), longest=70), k=DIAGONALS, dim1=new_axes("x"), dim2=new_axes("x"),
)  # fmt: skip
triangles.case(
    """
    out = x.clone()
    torch.diagonal(out).fill_(1)
    out
    """,
    """
    out = x.copy()
    np.diagonal(out).fill(1)
    out
    """,
    id="diagonal-written", x=tensors(ndim=2), shares_memory=False,
    differs=[Difference("NumPy's diagonal is a view that cannot be written to; PyTorch's can", example={"x": np.zeros((1, 1))},
                        torch="filled = x.copy()\nnp.fill_diagonal(filled, 1)\nfilled", numpy=Raises(ValueError), kind="gotcha")],
)  # fmt: skip
triangles.case(
    "x.fill_diagonal_(1)",
    """
    np.fill_diagonal(x, 1)
    x
    """,
    x=tensors(ndim=(2, 2), overlapping=False),
)
triangles.case(
    "x.clone(memory_format=torch.contiguous_format).fill_diagonal_(1, wrap=True)",
    """
    out = x.copy()
    np.fill_diagonal(out, 1, wrap=True)
    out
    """,
    id="fill_diagonal_-wrap", x=tensors(ndim=2),
    note="of a copy that lies row by row in memory; x.contiguous() makes none of a transposed row",
)  # fmt: skip
triangles.case(
    """
    rows = torch.zeros(6, n)
    rows[:columns].T.fill_diagonal_(1, wrap=True)
    rows
    """,
    """
    rows = np.zeros((6, n), np.float32)
    np.fill_diagonal(rows[:columns].T, 1, wrap=True)
    rows
    """,
    id="fill_diagonal_-transposed", n=values(9, 5, 7, 3, 2), columns=values(1, 2, 3),
    differs=[Difference("PyTorch's fill_diagonal_ with wrap=True follows the strides past the end of the second turn: in a tensor that "
                        "does not lie row by row in memory it writes to the wrong places, outside of the tensor, too",
                        example={"n": 9, "columns": 1}, when="n > 2 * (columns + 1)", kind="bug",
                        torch="rows, step = np.zeros((6, n), np.float32), np.arange(-(-n * columns // (columns + 1)))\n"
                        "rows.flat[step * (n + 1) - (step >= columns) * (columns * n - 1)] = 1\nrows")],
)  # fmt: skip
triangles.case(
    "torch.diagonal_scatter(x, torch.diagonal(x).flip(0))",
    """
    out = x.copy()
    np.fill_diagonal(out, np.diagonal(x)[::-1])
    out
    """,
    id="diagonal_scatter", x=tensors(ndim=2),
)  # fmt: skip
for name in ("tril", "triu"):
    triangles.case(
        f"torch.{name}_indices(n, n)", f"np.{name}_indices(n)", id=f"{name}_indices-tuple", n=values(3, 1, 0, 5),
        differs=[Difference("PyTorch gives one tensor of two rows; NumPy a tuple of two arrays, to index with", example={"n": 2},
                            torch=f"np.stack(np.{name}_indices(n))", kind="gotcha",
                            instead=f"tuple(torch.{name}_indices(n, n))")],
    )  # fmt: skip
