"""Sums and means: over everything, one axis, or several.

PyTorch's ``dim`` and ``keepdim`` are NumPy's ``axis`` and ``keepdims``, which PyTorch understands, too. Floats are
added in another order than NumPy's, so results differ in the last digits, within the error bound of a sum in any
order; sums that are exact in every order are the same. Integers are summed in int64, unsigned ones, too. PyTorch has
no mean of integers. And an empty tuple of axes means all axes in PyTorch, none in NumPy.
"""

import numpy as np
from conformance.cases.derivatives import complex_not_followed

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    axes,
    axis_tuples,
    dtypes,
    linear,
    tensors,
)

reductions = Section("Reductions")

INEXACT = (*FLOATS, *COMPLEX, "bfloat16")
NO_AXES = {"example": {"x": np.zeros((2, 3)), "dims": ()}, "when": "x.ndim and dims == ()", "kind": "gotcha"}
ALL_FOR_NO_AXES = "PyTorch reduces all axes if it is given an empty tuple of them; NumPy reduces none"


def unsigned(instead: str, **others: object) -> list[Difference]:
    """Return what differs in the sum of unsigned integers, for a row whose inputs beside ``x`` are ``others``."""
    because = "PyTorch sums unsigned integers in int64, NumPy in uint64"
    small = {"example": {"x": np.array([[200, 100]]), **others}, "dtypes": ("uint8", "uint16", "uint32")}
    overflow = {"example": {"x": np.array([[2**63]], np.uint64), **others}, "dtypes": ("uint64",)}
    negative = "PyTorch sums uint64 in int64, so that a sum of positive numbers is negative"
    return [
        Difference(because, **small, torch="np.int64", aspect="dtype", instead=instead, kind="gotcha"),
        Difference(negative, **overflow, torch="out.astype(np.int64)", instead=instead, kind="bug"),
    ]


def mean_of_integers(instead: str, **others: object) -> Difference:
    """Return that there is no mean of integers, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch has no mean of integers or bools; NumPy computes it in float64",
        example={"x": np.array([[1, 0]]), **others},
        dtypes=("bool", *INTEGERS),
        torch=Raises(RuntimeError),
        kind="gotcha",
        instead=instead,
    )


MEAN_OF_0D = Difference(
    "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy's mean refuses them, though its sum does not",
    example={"x": np.array(1.0), "dim": 0},
    when="x.ndim == 0 and dim in (0, -1)",
    dtypes=INEXACT,
    torch="np.mean(x)",
    numpy=Raises(ValueError),
    kind="gotcha",
)



def partial_sums(when: str, **others: object) -> Difference:
    """Return what several threads do to a sum of all elements; two give NaN for 40,000 times 2 and 40,000 times -2."""
    return Difference(
        "PyTorch rounds the sum that each of several threads makes to 16 bits before it adds them: the result depends on "
        "their number, and is infinite or NaN where only a part overflows; one thread adds all in float32",
        example={"x": np.full((2, 2**14), 0.3), **others},
        dtypes=("float16", "bfloat16"),
        when=f"threads > 1 and x.size >= 2**15 and {when}",
        torch=UNDEFINED,
        kind="gotcha",
        upstream="https://github.com/pytorch/pytorch/pull/60387",
    )


# Sums

reductions.case(
    "x.sum()",
    "np.sum(x)",
    id="sum-all",
    x=tensors(),
    tolerance=linear(),
    differs=[*unsigned("x.sum().to(torch.uint64)"), partial_sums("x.ndim")],
)
reductions.case(
    "x.sum(dim)",
    "np.sum(x, axis=dim)",
    x=tensors(),
    dim=axes("x"),
    tolerance=linear(),
    differs=unsigned("x.sum(dim).to(torch.uint64)", dim=1),
)
reductions.case(
    "x.sum(dim, keepdim=True)",
    "np.sum(x, axis=dim, keepdims=True)",
    id="sum-keepdim",
    x=tensors(ndim=(1, 4)),
    dim=axes("x"),
    tolerance=linear(),
    differs=unsigned("x.sum(dim, keepdim=True).to(torch.uint64)", dim=1),
)
reductions.case(
    "x.sum(dims)",
    "np.sum(x, axis=dims)",
    id="sum-dims",
    x=tensors(),
    dims=axis_tuples("x", low=0),
    tolerance=linear(),
    differs=[
        *unsigned("x.sum(dims).to(torch.uint64)", dims=(0, 1)),
        partial_sums("len(dims) in (0, x.ndim)", dims=(0, 1)),
        Difference(
            ALL_FOR_NO_AXES, torch="np.sum(x).astype(np.int64 if x.dtype == np.uint64 else out.dtype)", **NO_AXES
        ),
    ],
)
reductions.case(
    "torch.sum(x, dim)",
    "np.sum(x, axis=dim)",
    id="sum-function",
    x=tensors(),
    dim=axes("x"),
    tolerance=linear(),
    differs=unsigned("torch.sum(x, dim).to(torch.uint64)", dim=1),
)
reductions.case(
    "x.sum(axis=dim, keepdims=True)",
    "x.sum(axis=dim, keepdims=True)",
    id="sum-axis",
    x=tensors(ndim=(1, 4)),
    dim=axes("x"),
    tolerance=linear(),
    differs=unsigned("x.sum(axis=dim, keepdims=True).to(torch.uint64)", dim=1),
    note="PyTorch takes NumPy's names for the arguments, too",
)
reductions.case(
    "torch.sum(x, dim=[0, 1])",
    "np.sum(x, axis=[0, 1])",
    id="sum-list",
    x=tensors(ndim=(2, 4)),
    tolerance=linear(),
    differs=[
        Difference(
            "PyTorch takes a list of axes; NumPy only a tuple",
            example={"x": np.ones((2, 3))},
            torch="np.sum(x, axis=(0, 1), dtype=np.int64 if x.dtype.kind in 'bui' else x.dtype)",
            numpy=Raises(TypeError),
        ),
        partial_sums("x.ndim == 2"),
    ],
)
reductions.case(
    "x.sum(dtype=kind)",
    "np.sum(x, dtype=kind)",
    id="sum-dtype",
    x=tensors(),
    kind=dtypes("float64", "float32", "int64", "complex128"),
    tolerance=linear(),
    differs=[
        Difference(
            "What an integer becomes of NaN, an infinity or a number out of its range is left to the processor",
            example={"x": np.array([np.nan]), "kind": "int64"},
            when="device != 'cpu' and kind == np.int64 and not np.all(np.abs(x.real) < 2.0**63)",
            dtypes=INEXACT,
            torch=UNDEFINED,
            kind="gotcha",
        ),
        complex_not_followed("kind == np.complex128", x=np.ones(1), kind="complex128"),
    ],
)

# Means

reductions.case(
    "x.mean()",
    "np.mean(x)",
    id="mean-all",
    x=tensors(),
    tolerance=linear(roundings=1),
    differs=[mean_of_integers("x.double().mean()")],
)
reductions.case(
    "x.mean(dim)",
    "np.mean(x, axis=dim)",
    x=tensors(),
    dim=axes("x"),
    shares_memory=False,
    tolerance=linear(roundings=1),
    differs=[mean_of_integers("x.double().mean(dim)", dim=1), MEAN_OF_0D],
)
reductions.case(
    "x.mean(dim, keepdim=True)",
    "np.mean(x, axis=dim, keepdims=True)",
    id="mean-keepdim",
    x=tensors(ndim=(1, 4)),
    dim=axes("x"),
    tolerance=linear(roundings=1),
    differs=[mean_of_integers("x.double().mean(dim, keepdim=True)", dim=1)],
)
reductions.case(
    "x.mean(dims)",
    "np.mean(x, axis=dims)",
    id="mean-dims",
    x=tensors(),
    dims=axis_tuples("x", low=0),
    tolerance=linear(roundings=1),
    differs=[
        mean_of_integers("x.double().mean(dims)", dims=(0, 1)),
        Difference(ALL_FOR_NO_AXES, torch="np.mean(x)", dtypes=INEXACT, **NO_AXES),
    ],
)
reductions.case(
    "x.mean(dims, keepdim=True)",
    "np.mean(x, axis=dims, keepdims=True)",
    id="mean-dims-keepdim",
    x=tensors(ndim=(1, 4)),
    dims=axis_tuples("x"),
    tolerance=linear(roundings=1),
    differs=[mean_of_integers("x.double().mean(dims, keepdim=True)", dims=(0, 1))],
)
reductions.case(
    "torch.mean(x, dim)",
    "np.mean(x, axis=dim)",
    id="mean-function",
    x=tensors(),
    dim=axes("x"),
    shares_memory=False,
    tolerance=linear(roundings=1),
    differs=[mean_of_integers("torch.mean(x.double(), dim)", dim=1), MEAN_OF_0D],
)
reductions.case(
    "x.mean(dtype=kind)",
    "np.mean(x, dtype=kind)",
    id="mean-dtype",
    x=tensors(),
    kind=dtypes("float64", "float32", "complex128"),
    tolerance=linear(roundings=1),
    differs=[complex_not_followed("kind == np.complex128", x=np.ones(1), kind="complex128")],
)
reductions.case(
    "x.mean(dtype=torch.int64)",
    "np.mean(x, dtype=np.int64)",
    id="mean-dtype-integer",
    x=tensors(),
    differs=[
        Difference(
            "PyTorch has no mean in integers; NumPy drops the fraction",
            example={"x": np.array([1, 0])},
            torch=Raises(RuntimeError),
            kind="gotcha",
        )
    ],
)
