"""Variances and standard deviations.

PyTorch divides by n - 1 unless it is told otherwise (``correction=``, formerly ``unbiased=``), NumPy by n (``ddof=``): a
variance of one number is NaN in PyTorch and 0 in NumPy. PyTorch takes no integers. It adds float32 in float64, float16 in
float32, where NumPy squares in the dtype itself, which overflows from 1.8e19 on.
"""

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
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

variance = Section("Variance", id="variance")

INEXACT = (*FLOATS, *COMPLEX)
SOURCE = (
    "the result for elements each changed by (n + 4) u, as the two-pass and the updating method give it: Chan, Golub and LeVeque, "
    "Algorithms for Computing the Sample Variance, The American Statistician 37 (1983); and what underflows of n squares"
)


WIDE = "wide = x.astype(np.result_type(x.dtype, np.longdouble))\n"


def bound(function: str, axis: str, ddof: object) -> object:
    """Return the bound of a variance or deviation of n numbers.

    With d the norm of their distances from the mean and s that of the numbers themselves, d is off by no more than g s,
    where g = (n + 4) u; and the variance is d * d / (n - ddof). Below the normal numbers each of the n squares is off by the
    least number at most, and so are the squares of the distances of the means of parts, of which up to n / 4 are taken.
    """
    squares = f"np.sum(np.abs(x) ** 2, axis={axis}).reshape(exact.shape)"
    start = f"n = np.float64(x.size // max(exact.size, 1))\ng, less = (n + 4) * u, n / (n - {ddof})\nsize = np.sqrt({squares} / (n - {ddof}))\n"
    end = {"var": "2 * g * np.sqrt(exact) * size + (g * size) ** 2 + less * (1 + n / 2) * tiny", "std": "g * size + np.sqrt(less * (1 + n / 2) * tiny)"}
    return within(start + end[function], SOURCE, overflow=f"np.where(np.isfinite({squares}), 4 * {squares}, 0)")


def of_integers(instead: str, **others: object) -> Difference:
    """Return that integers have no variance, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch has no variance of integers or bools; NumPy computes it in float64",
        example={"x": np.array([[1, 0]]), **others}, dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError), kind="gotcha",
        instead=instead,
    )  # fmt: skip


MEAN_IS_NAN = "PyTorch's var_mean and std_mean give NaN for the mean where a number is infinite; its mean is infinite, as NumPy's is"
MEAN_OF_INFINITE = [
    Difference(
        MEAN_IS_NAN, example={"x": np.array([[np.inf, 1.0]]), "dim": 1}, dtypes=(*FLOATS, "bfloat16"), kind="bug", torch=OneOf("out", "np.nan"),
        when="np.isinf(out) & np.isinf(x).any(axis=dim)", instead="x.mean(dim)",
    ),
    Difference(
        MEAN_IS_NAN, example={"x": np.array([[complex(np.inf, 1), 2]]), "dim": 1}, dtypes=COMPLEX, kind="bug", torch=UNDEFINED,
        when="~np.isfinite(x).all(axis=dim)",
    ),
]  # fmt: skip
MEAN_OF_CANCELLED = [
    Difference(
        "PyTorch's var_mean and std_mean correct the mean with each number, in a wider dtype: where all cancel, what is left of a tiny one may "
        "be rounded to -0.0",
        example={"x": np.ldexp(np.array([[-4.0, -1.0, 4.0, 1.0]]), least), "dim": 1}, dtypes=(dtype,), torch=OneOf("0.0", "-0.0"),
        when="(out == 0) & (x != 0).any(axis=dim)",
    )
    for dtype, least in (("float16", -24), ("bfloat16", -133), ("float32", -149))
]  # fmt: skip
UPDATED_MEAN = within(
    "n = np.float64(x.size // max(exact.size, 1))\n(n + 4 + 4 * np.log(n)) * u * np.max(np.abs(x), axis=dim, initial=0) + n * tiny",
    "the mean is updated with each of n numbers, m + (x - m) / k, each step off by u |m| and, in its increment, 4 u max |x| / k",
    overflow="np.where(np.isfinite(exact), 2 * np.max(np.abs(x), axis=dim, initial=0), 0)",
)
ZERO_D = Difference(
    "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy refuses",
    example={"x": np.array(1.0), "dim": 0}, when="x.ndim == 0 and dim in (0, -1)", dtypes=(*INEXACT, "bfloat16"),
    torch="np.full((), np.nan, x.real.dtype)", numpy=Raises(ValueError), kind="gotcha",
)  # fmt: skip



def corner(name: str, axes: str, **along: object) -> list[Difference]:
    """Return what the gradient is of the deviation of one number repeated along ``axes``: it is 0, whatever the number."""
    because = "PyTorch's gradient of a standard deviation of numbers that are all alike is what rounding makes of 0 / 0"
    alike = other_gradient(because, f"(np.std(x, axis={axes}) < 1e-9).any()", x=np.broadcast_to(0.7, 32), **along)
    return [alike] if name == "std" else []


for name in ("var", "std"):
    variance.case(
        f"x.{name}()", f"np.{name}(x, ddof=1)", x=tensors(), tolerance=bound(name, "None", 1),
        differs=[of_integers(f"x.double().{name}()"), *corner(name, "None")],
    )  # fmt: skip
    variance.case(
        f"torch.{name}(x, dim)", f"np.{name}(x, axis=dim, ddof=1)", id=f"{name}-dim", x=tensors(), dim=axes("x"),
        tolerance=bound(name, "dim", 1), differs=[of_integers(f"torch.{name}(x.double(), dim)", dim=1), ZERO_D, *corner(name, "dim", dim=0)],
    )  # fmt: skip
    for call, part in ((f"{{}}.{name}(dim, correction=c, keepdim=True)", name), (f"torch.{name}_mean({{}}, dim=dim, correction=c, keepdim=True)[0]", f"{name}_mean")):
        variance.case(
            call.format("x"), f"x.{name}(axis=dim, ddof=c, keepdims=True)", id=f"{part}-correction",
            x=tensors(ndim=(1, 4)), dim=axes("x"), c=values(1, 0, 2, 0.5), tolerance=bound(name, "dim", "c"),
            differs=[
                of_integers(call.format("x.double()"), dim=1, c=1), *(corner(name, "dim", dim=0, c=1) if part == name else []),
                Difference(
                    "PyTorch adds the variances of the real and of the imaginary parts: with no degree of freedom, one of them may be 0 / 0",
                    example={"x": np.array([[1.0, 2.0]]), "dim": 1, "c": 2}, dtypes=COMPLEX, torch="np.nan",
                    when="parts = [np.var(part, axis=dim, ddof=c, keepdims=True) for part in (x.real, x.imag)]\nnp.isinf(out) & np.isnan(sum(parts))",
                ),
            ],
        )  # fmt: skip
    variance.case(
        f"torch.{name}(x, dims, unbiased=False)", f"np.{name}(x, axis=dims)", id=f"{name}-dims", x=tensors(ndim=(1, 4)),
        dims=axis_tuples("x"), tolerance=bound(name, "dims", 0),
        differs=[of_integers(f"torch.{name}(x.double(), dims, unbiased=False)", dims=(0, 1)), *corner(name, "dims", dims=(0,))],
    )  # fmt: skip
    variance.case(
        f"torch.{name}_mean(x, dim=dim)[0]", f"np.{name}(x, axis=dim, ddof=1)", id=f"{name}_mean-{name}", x=tensors(ndim=(1, 4)),
        dim=axes("x"), tolerance=bound(name, "dim", 1),
        differs=[of_integers(f"torch.{name}_mean(x.double(), dim=dim)[0]", dim=1)],
    )  # fmt: skip
    variance.case(
        f"torch.{name}_mean(x, dim=dim)[1]", "np.mean(x, axis=dim)", id=f"{name}_mean-mean", x=tensors(ndim=(1, 4)), dim=axes("x"),
        tolerance=UPDATED_MEAN, differs=[of_integers(f"torch.{name}_mean(x.double(), dim=dim)[1]", dim=1), *MEAN_OF_INFINITE, *MEAN_OF_CANCELLED],
    )  # fmt: skip
    variance.case(
        f"x.{name}(axis=dim, keepdims=True)", f"x.{name}(axis=dim, keepdims=True)", id=f"{name}-axis", x=tensors(ndim=(1, 4)),
        dim=axes("x"), tolerance=bound(name, "dim", 1),
        differs=[
            of_integers(f"x.double().{name}(axis=dim, keepdims=True, correction=0)", dim=1), *corner(name, "dim", dim=0),
            Difference(
                "PyTorch divides by n - 1, NumPy by n: the variance of one number is NaN in PyTorch, 0 in NumPy",
                example={"x": np.array([[1.0, 3.0]]), "dim": 1}, dtypes=(*INEXACT, "bfloat16"), kind="gotcha",
                when=f"{WIDE}of_n, wide = x.{name}(axis=dim, keepdims=True), np.{name}(wide, axis=dim, keepdims=True, ddof=1)\n"
                "not np.array_equal(of_n, wide.astype(of_n.dtype), equal_nan=True)",
                torch=f"{WIDE}np.{name}(wide, axis=dim, keepdims=True, ddof=1).astype(x.real.dtype)",
                instead=f"x.{name}(axis=dim, keepdims=True, correction=0)",
            ),
        ],
    )  # fmt: skip
