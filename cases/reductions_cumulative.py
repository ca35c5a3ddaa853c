"""Running sums, products, extrema: a result for every element, of those up to it.

PyTorch wants the axis; NumPy flattens without one. Of a 0-d tensor PyTorch makes a 0-d one, NumPy a vector. NumPy has the
running extrema as ``np.maximum.accumulate``, without their positions.
"""

from dataclasses import replace

import numpy as np

from conformance import (
    COMPLEX,
    FLOATS,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    axis_tuples,
    dtypes,
    linear,
    tensors,
    within,
)

cumulative = Section("Running sums and extrema", id="cumulative")

ALL_FLOATS = (*FLOATS, "bfloat16")
KINDS = ("float64", "float32", "int64", "int16")


def unsigned(instead: str, **others: object) -> list[Difference]:
    """Return what differs for unsigned integers."""
    negative = "PyTorch adds and multiplies uint64 in int64, so that a running sum of positive numbers is negative"
    return [
        Difference("PyTorch's running sums and products of unsigned integers are int64, NumPy's uint64",
                   example={"x": np.array([[200, 100]]), **others}, dtypes=("uint8", "uint16", "uint32"), torch="out.astype(np.int64)",
                   when="x.ndim", instead=instead, kind="gotcha"),
        Difference(negative, example={"x": np.array([[2**63]], np.uint64), **others}, dtypes=("uint64",), torch="out.astype(np.int64)",
                   when="x.ndim", instead=instead, kind="bug"),
    ]  # fmt: skip


def of_0d(function: str) -> Difference:
    """Return what differs for a 0-d tensor."""
    return Difference(
        "PyTorch's running sum of a 0-d tensor is 0-d; NumPy's has one axis", example={"x": np.array(1), "dim": 0},
        when="x.ndim == 0 and dim in (0, -1)", torch=f"np.{function}(x, axis=0)[0].astype('i8' if x.dtype.kind == 'u' else out.dtype)",
        kind="gotcha",
    )  # fmt: skip


FROM_ZERO = Difference(
    "PyTorch's running sum starts from 0.0, so that it is 0.0 where all numbers so far are -0.0; NumPy's starts from the first",
    example={"x": np.array([-0.0]), "dim": 0}, dtypes=ALL_FLOATS, when="(out == 0) & np.signbit(out) & (x.ndim > 0)", torch="0.0", kind="gotcha",
)  # fmt: skip
cumulative.case(
    "x.cumsum(dim)", "np.cumsum(x, axis=dim)", x=tensors(), dim=axes("x"), tolerance=linear(running=True),
    differs=[*unsigned("x.cumsum(dim).to(torch.uint64)", dim=1), of_0d("cumsum"), FROM_ZERO],
)  # fmt: skip
cumulative.case(
    "torch.cumsum(x, dim, dtype=kind)", "np.cumsum(x, axis=dim, dtype=kind)", id="cumsum-dtype", x=tensors(ndim=(1, 4)), dim=axes("x"),
    kind=dtypes(*KINDS), tolerance=linear(running=True),
    differs=[replace(FROM_ZERO, example={**FROM_ZERO.example, "kind": "float64"}, dtypes=(*ALL_FLOATS, *COMPLEX),
                     when="(out == 0) & np.signbit(out)")],
)  # fmt: skip
FROM_ONE = (
    "PyTorch's cumprod multiplies the first number by 1 + 0j, which makes NaN of one part of it where the other is infinite"
)
REST = "np.cumprod(np.maximum(np.abs(np.where(np.isfinite(x), x, 1)), 1.0), axis=dim)"


def running_product(each: float) -> object:
    """Return the bound of a running product, of which ``each`` number brings so many roundings."""
    return within(
        f"n = max(x.shape, default=1)\n{each} * n * u * np.abs(exact) + 2 * n * tiny * {REST}",
        "each of at most n products is rounded once (sqrt(5) u for complex ones: Brent, Percival and Zimmermann, Mathematics of Computation "
        "76 (2007)), and below the normal numbers by less than the smallest one, which the numbers left to multiply enlarge", overflow=REST,
    )


cumulative.case(
    "torch.cumprod(x, dim)", "np.cumprod(x, axis=dim)", x=tensors(), dim=axes("x"),
    tolerance=running_product(2.3),
    differs=[
        *unsigned("torch.cumprod(x, dim).to(torch.uint64)", dim=1), of_0d("cumprod"),
        Difference(
            FROM_ONE, example={"x": np.array([complex(0, np.inf), 1]), "dim": 0}, dtypes=COMPLEX, kind="bug",
            when="~np.isfinite(out) & (x.ndim > 0)",
            torch=OneOf("out", "np.delete(np.cumprod(np.insert(x, 0, 1, axis=dim), axis=dim), 0, axis=dim)"),
        ),
    ],
)  # fmt: skip
cumulative.case(
    "torch.cumprod(x, dim, dtype=kind)", "np.cumprod(x, axis=dim, dtype=kind)", id="cumprod-dtype", x=tensors(ndim=(1, 4)), dim=axes("x"),
    kind=dtypes(*KINDS), tolerance=running_product(3.3), note="each number is rounded to the dtype first",
)  # fmt: skip
cumulative.case(
    "x.cumsum()", "x.cumsum()", id="cumsum-flat", x=tensors(),
    differs=[
        Difference("PyTorch's cumsum wants an axis; NumPy's flattens without one", example={"x": np.ones((2, 3))}, torch=Raises(TypeError),
                   kind="gotcha"),
    ],
)  # fmt: skip


# Extrema, and where they are


def no_scalar(torch: str) -> Difference:
    """Return that NumPy accumulates along an axis only."""
    return Difference(
        "NumPy's accumulate refuses a 0-d array; PyTorch gives the number itself", example={"x": np.array(1), "dim": 0},
        when="x.ndim == 0 and dim in (0, -1)", torch=torch, numpy=Raises(TypeError), kind="gotcha",
    )  # fmt: skip


def any_axis_of_nothing(torch: str) -> Difference:
    """Return that the axis of an empty tensor is not looked at."""
    return Difference(
        "PyTorch's cummax and cummin do not look at dim where the tensor is empty: along an axis that it does not have they give a tensor, "
        "and no error",
        example={"x": np.zeros(0), "dim": 1}, when="x.size == 0 and not -x.ndim <= dim < x.ndim", torch=torch, numpy=Raises(ValueError),
        kind="bug",
    )  # fmt: skip


UNORDERED = Difference("PyTorch has no running extrema of complex numbers; NumPy compares real parts first",
                       example={"x": np.array([1j]), "dim": 0}, dtypes=COMPLEX, when="x.ndim and x.size", torch=Raises(RuntimeError))  # fmt: skip
EITHER_ZERO = Difference(
    "Zeros of both signs are equal: PyTorch gives the last of them, NumPy one or the other",
    example={"x": np.array([[0.0, -0.0, 0.0, -0.0]] * 2), "dim": 1}, dtypes=("float16",), torch=OneOf("0.0", "-0.0"), kind="gotcha",
    when="plus, minus = (x == 0) & ~np.signbit(x), (x == 0) & np.signbit(x)\n"
    "(x.ndim > 0) & (out == 0) & np.logical_or.accumulate(plus, axis=dim) & np.logical_or.accumulate(minus, axis=dim)",
)  # fmt: skip
for name, function in (("cummax", "maximum"), ("cummin", "minimum")):
    cumulative.case(
        f"x.{name}(dim).values", f"np.{function}.accumulate(x, axis=dim)", id=f"{name}-values", x=tensors(), dim=axes("x"),
        differs=[no_scalar("x"), UNORDERED, EITHER_ZERO, any_axis_of_nothing("x")],
    )  # fmt: skip
    cumulative.case(
        f"torch.{name}(x, dim).indices",
        f"""
        so_far = np.{function}.accumulate(x, axis=dim)
        index = np.swapaxes(np.zeros_like(x, int).swapaxes(dim, -1) + np.arange(x.shape[dim]), dim, -1)
        np.maximum.accumulate(np.where((x == so_far) | (x != x), index, 0), axis=dim)
        """,
        id=f"{name}-indices", x=tensors(ndim=(1, 4)), dim=axes("x"), note="of equal ones it is the last so far, and so it is of NaN",
        differs=[UNORDERED, any_axis_of_nothing("np.zeros(x.shape, np.int64)")],
    )  # fmt: skip

# Logarithms of sums of exponentials

BLANCHARD = "Blanchard, Higham and Higham, Accurately Computing the Log-Sum-Exp and Softmax Functions, IMA J. Numer. Anal. 41 (2021)"
cumulative.case(
    "torch.logcumsumexp(x, dim)", "np.logaddexp.accumulate(x, axis=dim)", x=tensors(), dim=axes("x"), dtypes=FLOATS,
    tolerance=within(
        "so_far = np.where(np.isfinite(exact), np.abs(exact), 0)\nso_far = np.maximum.accumulate(so_far, axis=dim) if so_far.ndim else so_far\nmax(x.shape, default=1) * u * (4 + so_far)",
        "each of at most n steps y + log1p(exp(x - y)) is off by u (4 + |y|): the exponential is at most 1, and what it is off by no more than 1 / e",
    ),
    differs=[
        Difference("NumPy's accumulate refuses a 0-d array; PyTorch gives the number itself", example={"x": np.array(1.0), "dim": 0},
                   when="x.ndim == 0 and dim in (0, -1)", torch="x", numpy=Raises(TypeError), kind="gotcha", dtypes=ALL_FLOATS),
        Difference("PyTorch's logcumsumexp of -0.0 alone is 0.0; NumPy's starts from the number itself", example={"x": np.array([-0.0]), "dim": 0},
                   dtypes=ALL_FLOATS, when="(x.ndim > 0) & (out == 0) & np.signbit(out)", torch="0.0"),
    ],
)  # fmt: skip
for torch, numpy, name, along in (
    ("torch.logsumexp(x, dim)", "np.logaddexp.reduce(x, axis=dim)", "logsumexp", {"x": tensors(), "dim": axes("x")}),
    ("torch.logsumexp(x, dims, keepdim=True)", "np.logaddexp.reduce(x, axis=dims, keepdims=True)", "logsumexp-dims",
     {"x": tensors(ndim=(1, 4)), "dims": axis_tuples("x")}),
):
    cumulative.case(
        torch, numpy, id=name, **along, dtypes=FLOATS,
        tolerance=within(
            "n, size = max(x.size // max(exact.size, 1), 1), np.abs(np.where(np.isfinite(exact), exact, 0))\n"
            "(n > 1) * ((2 * n + 8) * u + 2 * u * size + (n * u * (4 + size) if exact.dtype == np.float32 else 0))",
            f"the sum of n exponentials of x - max x, each at most 1, is off by less than 2 n u, its logarithm by as much: {BLANCHARD}; that of one is exact; "
            "of integers of 16 bits NumPy's own result is float32, off by n steps", narrow=True,
        ),
        differs=[
            Difference("PyTorch's logsumexp of integers is float32; NumPy's logaddexp of them float16, float32 or float64, by their width",
                       example={"x": np.arange(32), **({"dims": (0,)} if "dims" in along else {"dim": 0})}, dtypes=("bool", "uint8", "int8", "uint32", "int32", "uint64", "int64"), kind="gotcha",
                       when="out.dtype != np.float32", torch=f"{numpy[:-1]}, dtype=np.float64).astype(np.float32)"),
        ],
    )  # fmt: skip
