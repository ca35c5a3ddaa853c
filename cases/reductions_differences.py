"""Differences of neighbours, and areas under a line.

``torch.diff`` is ``np.diff``. PyTorch's ``trapezoid`` is not computed as NumPy's: it subtracts half of the first and the last
number from the sum of all, which is NaN where one of them is infinite, and wrong where the two integers have no sum.
"""

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    like,
    tensors,
    values,
    within,
)

differences = Section("Differences and areas", id="differences")

SPOILT_PART = OneOf("out", "1j * out.imag + complex(np.nan, 0)", "out.real + complex(0, np.nan)", "complex(np.nan, np.nan)")
ALPHA = {"dtypes": COMPLEX, "kind": "bug", "upstream": ALPHA_REPORT, "torch": SPOILT_PART, "when": "~np.isfinite(out)"}
SPOILT = np.array([complex(np.inf, 0), 1 + 1j])

differences.case("torch.diff(x)", "np.diff(x)", x=tensors(), differs=[Difference(BY_ALPHA, example={"x": SPOILT}, **ALPHA)])
differences.case(
    "x.diff(n, dim)", "np.diff(x, n, axis=dim)", id="diff-n", x=tensors(), n=values(1, 2, 3, 0, -1), dim=axes("x"),
    differs=[
        Difference(BY_ALPHA, example={"x": SPOILT, "n": 1, "dim": 0}, **ALPHA),
        Difference("PyTorch has no differences of a 0-d tensor, not even none of them; NumPy gives the array as it is",
                   example={"x": np.array(1.0), "n": 0, "dim": 0}, when="n == 0 and x.ndim == 0", torch=Raises(RuntimeError)),
        Difference("PyTorch rounds each of several differences to bfloat16; here they are rounded once",
                   example={"x": np.array([0.0, -1.0, -0.03, 2.0]), "n": 3, "dim": 0}, dtypes=("bfloat16",), torch=UNDEFINED,
                   when="n > 1 and not np.all((np.abs(x) <= 16) & (x == np.rint(x)))"),
        Difference("no differences are the input itself in NumPy, a copy in PyTorch", example={"x": np.ones(2), "n": 0, "dim": 0}, when="n == 0 and x.ndim",
                   aspect="memory", torch="copy"),
    ],
)  # fmt: skip
differences.case(
    "torch.diff(x, dim=dim, prepend=y, append=x)", "np.diff(x, axis=dim, prepend=y, append=x)", id="diff-ends", x=tensors(), dim=axes("x"),
    y=like("x"), differs=[Difference(BY_ALPHA, example={"x": SPOILT, "dim": 0, "y": SPOILT}, **ALPHA)],
)  # fmt: skip
differences.case("torch.diff(x, append=y)", "np.diff(x, append=y)", id="diff-append", x=tensors(), y=like("x"),
                 differs=[Difference(BY_ALPHA, example={"x": SPOILT, "y": SPOILT}, **ALPHA)])  # fmt: skip

# Areas

LARGE = "ends = np.abs(np.longdouble(x.real)) + np.abs(np.longdouble(x.imag))\n"
BY_ENDS = (
    "size = x.shape[dim]\nends = x.take(0, axis=dim) + x.take(-1, axis=dim) if size else 0\n"
    "area = (np.sum(x, axis=dim).astype(np.int64) - ends * 0.5) * dx\n"
)
ROUNDED = "n = np.float64(x.shape[dim])\n(2 * n + 6) * (u * np.sum(np.abs(1.0 * np.where(np.isfinite(x), x, 0)), axis=dim) + 2 * tiny) * dx"
differences.case(
    "torch.trapezoid(x, dx=dx, dim=dim)", "np.trapezoid(x, dx=dx, axis=dim)", x=tensors(ndim=(1, 4)), dx=values(1.0, 0.5, 2.0), dim=axes("x"),
    tolerance=within(ROUNDED, "a sum of n numbers, the halves of its ends and a product, all rounded to the dtype, on both sides", narrow=True, unsigned=True),
    differs=[
        *(Difference(
            "PyTorch's trapezoid subtracts half of the first and the last number from the sum of all: it is infinite or NaN where a number is "
            "infinite or the sum overflows, although the area has a value",
            example={"x": np.array([np.inf]), "dx": 1.0, "dim": 0}, dtypes=dtypes, torch=torch, kind="bug",
            when=f"{LARGE}~(2 * np.nansum(ends, axis=dim) * max(dx, 1) < np.finfo(x.dtype).max) | (x.shape[dim] == 1) & np.isnan(ends).any(axis=dim)",
        ) for dtypes, torch in (((*FLOATS, "bfloat16"), OneOf("out", "np.nan", "np.inf", "-np.inf")), (COMPLEX, UNDEFINED))),
        Difference("PyTorch has no area under bools; NumPy's is a float64", example={"x": np.array([True, False]), "dx": 1.0, "dim": 0}, dtypes=("bool",),
                   when="x.shape[dim]", torch=Raises(RuntimeError)),
        Difference("PyTorch's area under integers is float32; NumPy's is float64", example={"x": np.array([1, 2]), "dx": 1.0, "dim": 0},
                   dtypes=INTEGERS, when="x.shape[dim]", aspect="dtype", torch="np.float32", kind="gotcha",
                   instead="torch.trapezoid(x.double(), dx=dx, dim=dim)"),
        Difference("PyTorch's area under no integers has their dtype; NumPy's is float64", example={"x": np.zeros((2, 0)), "dx": 1.0, "dim": 1},
                   dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), when="x.shape[dim] == 0", aspect="dtype", torch="x.dtype"),
        *(Difference(
            "PyTorch's trapezoid adds the first and the last integer in their own dtype and all of them in int64, NumPy's any two neighbours in "
            "their own: both are wrong where such a sum overflows, as for 100, 100, 100 of int8, whose area is 200",
            example={"x": np.array([top, top, top]), "dx": 1.0, "dim": 0}, dtypes=(dtype,), kind="bug", torch=f"{BY_ENDS}area",
            when=f"{BY_ENDS}x.shape[dim] and not np.array_equal(out, area)",
        ) for dtype, top in (("uint8", 200), ("int8", 100), ("int16", 30000), ("int32", 2**30 + 2**29), ("int64", 2**62 + 2**61))),
    ],
)  # fmt: skip
for torch, numpy, name, turn, along in (
    ("torch.cumulative_trapezoid(x, dx=dx)", "np.cumsum(dx * (x[..., 1:] + x[..., :-1]) / 2, axis=-1)", "cumulative_trapezoid", "{}", {}),
    ("torch.cumulative_trapezoid(x, dx=dx, dim=dim)",
     """
     rows = np.moveaxis(x, dim, -1)
     np.moveaxis(np.cumsum(dx * (rows[..., 1:] + rows[..., :-1]) / 2, axis=-1), -1, dim)
     """, "cumulative_trapezoid-dim", "np.moveaxis({}, -1, dim)", {"dim": 0}),
):
    rows = "x = np.moveaxis(x, dim, -1)\n" if along else ""
    area = turn.format("(2 * n + 6) * (u * np.cumsum(size[..., 1:] + size[..., :-1], axis=-1) + 2 * n * tiny) * dx")
    largest = turn.format("4 * np.cumsum(np.abs(1.0 * x[..., 1:]) + np.abs(1.0 * x[..., :-1]), axis=-1) * max(dx, 1)")
    differences.case(
        torch, numpy, id=name, x=tensors(ndim=(1, 4)), dx=values(1.0, 0.5, 2.0), **{name: axes("x") for name in along}, dtypes=(*INTEGERS, *FLOATS, *COMPLEX),
        note="NumPy has no running area; PyTorch's is computed as NumPy's area is, unlike its trapezoid, and integers overflow on both sides",
        tolerance=within(
            f"{rows}n, size = max(x.shape[-1:], default=1), np.abs(1.0 * np.where(np.isfinite(x), x, 0))\n{area}",
            "a running sum of n numbers, each the sum of two, halved and multiplied, all rounded to the dtype, on both sides", narrow=True,
            overflow=f"{rows}{largest}",
        ),
        differs=[
            Difference("PyTorch's area under integers is float32; NumPy's is float64", example={"x": np.array([1, 2]), "dx": 1.0, **along},
                       dtypes=(*INTEGERS, *WIDE_UNSIGNED), aspect="dtype", torch="np.float32", kind="gotcha"),
            Difference("PyTorch has no area under bools", example={"x": np.array([True, False]), "dx": 1.0, **along}, dtypes=("bool",),
                       torch=Raises(RuntimeError)),
            Difference(
                "PyTorch's running sum starts from 0.0, so that it is 0.0 where all numbers so far are -0.0; NumPy's starts from the first",
                example={"x": np.array([-0.0, -0.0]), "dx": 1.0, **along}, dtypes=(*FLOATS, "bfloat16"), when="(out == 0) & np.signbit(out)", torch="0.0",
                kind="gotcha",
            ),
        ],
    )  # fmt: skip
for torch, numpy, name, turn, along in (
    ("torch.trapezoid(y, x)", "np.trapezoid(y, x)", "trapezoid-places", "", {}),
    ("torch.trapezoid(y, x, dim=dim)", "np.trapezoid(y, x, axis=dim)", "trapezoid-places-dim", "x, y = np.moveaxis(x, dim, -1), np.moveaxis(y, dim, -1)\n", {"dim": 0}),
):
    length = "x.shape[dim]" if along else "x.shape[-1]"
    differences.case(
        torch, numpy, id=name, y=tensors(ndim=(1, 3), domain="small"), x=like("y", domain="small"), **{name: axes("y") for name in along},
        dtypes=(*INTEGERS, *FLOATS), note="each height has a place of its own; compared on small numbers only, of which nothing overflows or vanishes",
        tolerance=within(f"{turn}(2 * x.shape[-1] + 6) * u * np.sum(np.abs(np.diff(x)) * (np.abs(y[..., 1:]) + np.abs(y[..., :-1])), axis=-1)",
                         "a sum of n products of sums and differences, halved, all rounded to the dtype, on both sides", narrow=True),
        differs=[
            Difference("PyTorch's area under integers is float32; NumPy's is float64", example={"x": np.array([0, 1]), "y": np.array([1, 2]), **along},
                       dtypes=INTEGERS, when=length, aspect="dtype", torch="np.float32", kind="gotcha"),
            Difference("PyTorch's area under no integers has their dtype; NumPy's is float64", example={"x": np.zeros(0), "y": np.zeros(0), **along},
                       dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), when=f"{length} == 0", aspect="dtype", torch="x.dtype"),
        ],
    )  # fmt: skip
