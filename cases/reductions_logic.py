"""Asking all elements: is any of them true, are all, how many are not 0.

NaN is true, and so is any other number but 0. PyTorch gives bool, but uint8 for uint8: a leftover of the time before it
had bools. An empty tuple of axes means none to ``all`` and ``any``, as in NumPy, but all of them to ``count_nonzero``.
"""

import numpy as np

from conformance import Difference, Raises, Section, axes, axis_tuples, tensors

logic = Section("Any, all and counting", id="logic")


def stays_uint8(instead: str, **others: object) -> Difference:
    """Return that the result for uint8 is uint8, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch's all and any of uint8 are uint8; NumPy's are bool",
        example={"x": np.array([[0, 2]]), **others}, dtypes=("uint8",), aspect="dtype", torch="np.uint8", kind="gotcha",
        instead=instead,
    )  # fmt: skip


for name in ("all", "any"):
    logic.case(f"x.{name}()", f"np.{name}(x)", x=tensors(), differs=[stays_uint8(f"x.bool().{name}()")])
    logic.case(
        f"torch.{name}(x, dim)", f"np.{name}(x, axis=dim)", id=f"{name}-dim", x=tensors(), dim=axes("x"),
        differs=[stays_uint8(f"torch.{name}(x.bool(), dim)", dim=1)],
    )  # fmt: skip
    logic.case(
        f"x.{name}(dim, keepdim=True)", f"x.{name}(axis=dim, keepdims=True)", id=f"{name}-keepdim",
        x=tensors(ndim=(1, 4)), dim=axes("x"), differs=[stays_uint8(f"x.bool().{name}(dim, keepdim=True)", dim=1)],
    )  # fmt: skip
    logic.case(
        f"x.{name}(dims)", f"np.{name}(x, axis=dims)", id=f"{name}-dims", x=tensors(), dims=axis_tuples("x", low=0),
        differs=[stays_uint8(f"x.bool().{name}(dims)", dims=(0, 1))],
    )  # fmt: skip
    logic.case(
        f"torch.{name}(x, axis=dims, keepdims=True)", f"np.{name}(x, axis=dims, keepdims=True)", id=f"{name}-axis",
        x=tensors(ndim=(1, 4)), dims=axis_tuples("x"),
        differs=[stays_uint8(f"torch.{name}(x.bool(), axis=dims, keepdims=True)", dims=(0, 1))],
        note="PyTorch takes NumPy's names for the arguments, too",
    )  # fmt: skip

logic.case("torch.count_nonzero(x)", "np.count_nonzero(x)", x=tensors())
logic.case("x.count_nonzero(dim)", "np.count_nonzero(x, axis=dim)", id="count_nonzero-dim", x=tensors(), dim=axes("x"))
logic.case(
    "torch.count_nonzero(x, dims)", "np.count_nonzero(x, axis=dims)", id="count_nonzero-dims",
    x=tensors(), dims=axis_tuples("x", low=0),
    differs=[
        Difference(
            "PyTorch counts over all axes if it is given an empty tuple of them; NumPy over none, so that it gives 0 and 1",
            example={"x": np.ones((2, 3)), "dims": ()}, when="x.ndim and dims == ()", torch="np.int64(np.count_nonzero(x))", kind="gotcha",
        )
    ],
)  # fmt: skip
logic.case(
    "torch.count_nonzero(x, dim, keepdim=True)", "np.count_nonzero(x, axis=dim, keepdims=True)", id="count_nonzero-keepdim",
    x=tensors(ndim=(1, 4)), dim=axes("x"),
    differs=[
        Difference(
            "PyTorch's count_nonzero has no keepdim", example={"x": np.ones((2, 3)), "dim": 1}, torch=Raises(TypeError),
            kind="gotcha", instead="(x != 0).sum(dim, keepdim=True)",
        )
    ],
)  # fmt: skip
logic.case("(x != 0).sum(dim, keepdim=True)", "np.count_nonzero(x, axis=dim, keepdims=True)", id="count_nonzero-sum",
           x=tensors(ndim=(1, 4)), dim=axes("x"))  # fmt: skip
