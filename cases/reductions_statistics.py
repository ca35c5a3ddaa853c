"""Medians and quantiles.

PyTorch's median of an even count is the lower of the two in the middle, so that it is one of the elements and integers
stay integers; NumPy's is their mean. NumPy's quantile by the method ``lower`` is PyTorch's median. PyTorch's quantile is
NumPy's, but takes float32 and float64 only. Of nothing, PyTorch's median is NaN and NumPy's quantile an error.
"""

import numpy as np

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
    tensors,
    values,
    within,
)

statistics = Section("Medians and quantiles", id="statistics")

ORDERED = ("bool", *INTEGERS, *FLOATS)
ALL_FLOATS = (*FLOATS, "bfloat16")
BOTH = "plus, minus = (x == 0) & ~np.signbit(x), (x == 0) & np.signbit(x)\n"
READS_PAST_ITS_END = (
    "PyTorch's median and nanmedian along an axis that is expanded take their values from the elements that follow in memory, even behind "
    "the end of the tensor, as if the axis were contiguous"
)


def read_past_its_end(quantile: str, memory: str, known: str) -> list[Difference]:
    """Return what the median of three times the first of ``x`` is: that of the three in ``memory``, where they are ``known``."""
    middle = f"np.{quantile}({memory}, 0.5, method='lower')"
    common = {"because": READS_PAST_ITS_END, "kind": "bug"}
    return [
        Difference(
            **common, example={"x": np.array([7.0, 8.0, 9.0])}, dtypes=(*INTEGERS, *ALL_FLOATS), torch=middle,
            when=f"{known} and not np.array_equal({middle}, x[0], equal_nan=x.dtype.kind == 'f')",
        ),
        Difference(
            **common, example={"x": np.array([0.0, -0.0, 0.0])}, dtypes=ALL_FLOATS, torch=OneOf("0.0", "-0.0"),
            when=f"{known} and {middle} == 0 and len({{*np.signbit(({memory})[{memory} == 0])}}) == 2",
        ),
        Difference(
            "PyTorch has no median of bools; for NumPy they are 0 and 1", example={"x": np.array([True])}, dtypes=("bool",), when="x.size",
            torch=Raises(RuntimeError),
        ),
    ]  # fmt: skip


def either_zero(axis: str, x: object = (-0.0, 0.0, -1.0), dtypes: tuple[str, ...] = ALL_FLOATS, **others: object) -> Difference:
    """Return where either zero may be given: those among ``x`` along ``axis`` have both signs."""
    return Difference(
        "Zeros of both signs are equal: which of them is in the middle depends on how the numbers are put in order",
        example={"x": np.array(x), **others}, dtypes=dtypes, torch=OneOf("0.0", "-0.0"), kind="gotcha",
        when=f"{BOTH}(out == 0) & plus.any(axis={axis}) & minus.any(axis={axis})",
    )  # fmt: skip


def no_bools(when: str | None = "x.size", **others: object) -> Difference:
    """Return that bools have no median."""
    return Difference(
        "PyTorch has no median of bools; for NumPy they are 0 and 1",
        example={"x": np.array([[True]]), **others}, dtypes=("bool",), when=when, torch=Raises(RuntimeError, IndexError),
    )  # fmt: skip


OF_NOTHING = Difference(
    "PyTorch's median of nothing is NaN, or what an integer becomes of it; NumPy's quantile of nothing is an error",
    example={"x": np.zeros(0)}, when="x.size == 0", torch="np.array(np.nan).astype(x.dtype)", numpy=Raises(IndexError), kind="gotcha",
    dtypes=(*ORDERED, "bfloat16"),
)  # fmt: skip
NAN_OF_NOTHING = Difference(
    "PyTorch's nanmedian of no integers is what an integer becomes of NaN; NumPy's is NaN",
    example={"x": np.zeros(0)}, when="x.size == 0", torch="np.array(np.nan).astype(x.dtype)", dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), kind="gotcha",
)  # fmt: skip
COMPLEX_OF_NOTHING = Difference(
    "Neither library has a median of complex numbers; of nothing PyTorch gives NaN + 0j, where NumPy's quantile refuses",
    example={"x": np.zeros(0)}, when="x.size == 0", torch="np.array(complex(np.nan, 0), x.dtype)", numpy=Raises(TypeError), dtypes=COMPLEX,
)  # fmt: skip
NAN_ALONG_NOTHING = [
    Difference(
        "PyTorch's nanmedian refuses an axis of length 0; NumPy's is NaN, or empty",
        example={"x": np.zeros((2, 0)), "dim": 1}, when="x.ndim and x.shape[dim] == 0",
        torch=Raises(IndexError), kind="gotcha", dtypes=(*INTEGERS, *FLOATS, "bfloat16"),
    ),
    Difference(
        "NumPy's nanquantile of an empty array is float64 for integers; PyTorch's nanmedian keeps the dtype",
        example={"x": np.zeros((0, 2)), "dim": 1}, when="x.size == 0 and x.shape[dim]", aspect="dtype", torch="x.dtype",
        dtypes=INTEGERS,
    ),
]  # fmt: skip
ZERO_D = Difference(
    "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy refuses",
    example={"x": np.array(1.0), "dim": 0}, when="x.ndim == 0 and dim in (0, -1)", torch="x", numpy=Raises(ValueError), kind="gotcha",
    dtypes=(*INTEGERS, *ALL_FLOATS),
)  # fmt: skip

for name, quantile in (("median", "quantile"), ("nanmedian", "nanquantile")):
    empty = [OF_NOTHING] if name == "median" else [NAN_OF_NOTHING]
    along = [] if name == "median" else NAN_ALONG_NOTHING
    statistics.case(
        f"x.{name}()", f"np.{quantile}(x, 0.5, method='lower')", x=tensors(), dtypes=ORDERED,
        differs=[no_bools(), *empty, COMPLEX_OF_NOTHING, either_zero("None")],
    )  # fmt: skip
    statistics.case(
        f"torch.{name}(x, dim).values", f"np.{quantile}(x, 0.5, axis=dim, method='lower')", id=f"{name}-values",
        x=tensors(overlapping=False), dim=axes("x"), dtypes=ORDERED, shares_memory=False, differs=[no_bools(None, dim=1), *along, ZERO_D, either_zero("dim", dim=0)],
    )  # fmt: skip
    statistics.case(
        f"x.gather(dim, x.{name}(dim, keepdim=True).indices)", f"np.{quantile}(x, 0.5, axis=dim, keepdims=True, method='lower')",
        id=f"{name}-indices", x=tensors(ndim=(1, 4)), dim=axes("x"), dtypes=ORDERED,
        differs=[no_bools(None, dim=1), *along, either_zero("dim, keepdims=True", dim=0)],
    )  # fmt: skip
    statistics.case(
        f"torch.{name}(x)", f"np.{name}(x)", id=f"{name}-of-two", x=tensors(ndim=(1, 4)), dtypes=ORDERED,
        differs=[
            no_bools(),
            Difference(
                "PyTorch's median is the zero in the middle itself, of either sign where there are both; NumPy's mean of -0.0 alone is 0.0",
                example={"x": np.array([-0.0])}, dtypes=ALL_FLOATS, torch=OneOf("0.0", "-0.0"), kind="gotcha",
                when=f"x.size and np.{quantile}(x, 0.5, method='lower') == 0 and np.signbit(x[x == 0]).any()",
            ),
            Difference(
                "PyTorch's median of an even count is the lower of the two in the middle; NumPy's is their mean",
                example={"x": np.array([1.0, 2.0])}, dtypes=ALL_FLOATS, torch=f"np.{quantile}(x, 0.5, method='lower')", kind="gotcha",
                when=f"x.size and not np.array_equal(np.{name}(x), np.{quantile}(x, 0.5, method='lower'), equal_nan=True)",
                instead=f"x.double().{quantile}(0.5).to(x.dtype)",
            ),
            Difference(
                "PyTorch's median of integers is one of them; NumPy's is a float64, the mean of the two in the middle",
                example={"x": np.array([1, 2])}, dtypes=INTEGERS, torch="np.quantile(x, 0.5, method='lower')", kind="gotcha",
                when="x.size", instead="x.double().quantile(0.5)",
            ),
            Difference(
                "PyTorch's median of nothing is what its dtype makes of NaN; NumPy's is NaN", example={"x": np.zeros(0)},
                when="x.size == 0", torch="np.array(np.nan).astype(x.dtype)", dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), kind="gotcha",
            ),
            Difference(
                "Neither library has a median of complex numbers; of nothing PyTorch gives NaN + 0j, NumPy NaN + NaNj", example={"x": np.zeros(0)},
                when="x.size == 0", torch="np.array(complex(np.nan, 0), x.dtype)", dtypes=COMPLEX,
            ),
        ],
    )  # fmt: skip

KNOWN = "x.size >= 3 and x.strides == (x.itemsize,)"
statistics.case(
    "x[:1].expand(3).median(0).values", "np.quantile(np.broadcast_to(x[:1], 3), 0.5, axis=0, method='lower')", id="median-expanded",
    x=tensors(ndim=1, overlapping=False), dtypes=ORDERED,
    differs=[
        *read_past_its_end("quantile", "x[:3]", KNOWN),
        Difference(
            READS_PAST_ITS_END, example={"x": np.array([7.0, 0.0, 6.0, 0.0, 5.0])[::2]}, dtypes=(*INTEGERS, *ALL_FLOATS), kind="bug",
            torch=UNDEFINED, when=f"x.size and not ({KNOWN})",
        ),
    ],
)  # fmt: skip
statistics.case(
    "torch.cat([x, x, x])[:1].expand(3).nanmedian(0).values", "np.nanquantile(np.broadcast_to(x[:1], 3), 0.5, axis=0, method='lower')",
    id="nanmedian-expanded", x=tensors(ndim=1), dtypes=ORDERED, differs=read_past_its_end("nanquantile", "np.resize(x, 3)", "x.size"),
)  # fmt: skip

# Quantiles


def two_dtypes(instead: str, **others: object) -> list[Difference]:
    """Return that there are quantiles of float32 and float64 only."""
    return [
        Difference(
            "PyTorch has quantiles of float32 and float64 only", example={"x": np.array([[1, 2]]), **others},
            dtypes=dtypes, torch=Raises(RuntimeError), kind="gotcha", instead=expression,
        )
        for dtypes, expression in ((INTEGERS, instead), (("float16",), f"{instead}.half()"))
    ]  # fmt: skip


def at_the_edges(function: str, axis: str, **others: object) -> list[Difference]:
    """Return what differs of nothing, beside infinities, and of zeros."""
    along = others | ({"dim": 0} if "dim" in others else {})
    interpolated = "(how in ('linear', 'midpoint'))" if "how" in others else "True"
    return [
        Difference(
            "PyTorch refuses to take a quantile of an empty tensor, along whichever axis; NumPy only along an axis of length 0",
            example={"x": np.zeros((2, 0)), **along}, when="x.size == 0",
            dtypes=("float32", "float64"), torch=Raises(RuntimeError), kind="gotcha",
        ),
        Difference(
            "NumPy's quantile is NaN where the element behind the one that is asked for is infinite, although its weight is 0; PyTorch's "
            "is that element",
            example={"x": np.array([[0.0, 1.0, np.inf]]), **others}, dtypes=("float32", "float64"), kind="bug",
            when=f"np.isnan(out) & np.isinf(x).any(axis={axis})", torch=OneOf("np.nan", *(f"{function}(x, q, axis={axis}, method='lower'){end}" for end in ("", " + 0.0"))),
        ),
        either_zero(axis, (-0.0, -0.0, 0.0, -1.0), ("float32", "float64"), **along),
        Difference(
            "Between two zeros -0.0 lies 0.0 or -0.0, as it is computed: from the one the distance to the other, times the weight, is added",
            example={"x": np.array([-0.0]), **along}, dtypes=("float32", "float64"), torch=OneOf("0.0", "-0.0"),
            when=f"{BOTH}{interpolated} & (out == 0) & minus.any(axis={axis}) & ~plus.any(axis={axis})",
        ),
    ]  # fmt: skip


BETWEEN = (
    "between its neighbours of the lower and the upper rank, whose distance is at most twice the largest magnitude; the rank, up to n, "
    "and the step from one to the other are rounded to the dtype of the elements, by both sides"
)
LARGEST = "np.max(np.abs(np.where(np.isfinite(x), x, 0)), {}, initial=0)"


def between(where: str) -> object:
    """Return the bound of a quantile of the numbers along ``where``."""
    return within(f"4 * (x.size // max(exact.size, 1) + 2) * u * {LARGEST.format(where)}", BETWEEN, overflow=f"2 * {LARGEST.format(where)}")


for name in ("quantile", "nanquantile"):
    statistics.case(
        f"torch.{name}(x, q)", f"np.{name}(x, q)", x=tensors(), q=values(0.5, 0.25, 0.0, 1.0, 0.75, 0.125, 0.625, 1.5), tolerance=between("axis=None"),
        dtypes=(*INTEGERS, *FLOATS), differs=[*two_dtypes(f"torch.{name}(x.double(), q)", q=0.5), *at_the_edges(f"np.{name}", "None", q=0.5)[name == "quantile" :]],
    )  # fmt: skip
    statistics.case(
        f"x.{name}(q, dim=dim, keepdim=True, interpolation=how)", f"np.{name}(x, q, axis=dim, keepdims=True, method=how)", id=f"{name}-dim",
        x=tensors(ndim=(1, 4)), dim=axes("x"), q=values(0.5, 0.25, 0.0, 1.0, 0.75),
        how=values("linear", "lower", "higher", "nearest", "midpoint"), tolerance=between("axis=dim, keepdims=True"),
        dtypes=(*INTEGERS, *FLOATS), differs=[
            *two_dtypes("x.double().quantile(q, dim=dim, keepdim=True)", dim=1, q=0.5, how="linear"),
            *at_the_edges(f"np.{name}", "dim, keepdims=True", dim=1, q=0.5, how="linear"),
        ],
    )  # fmt: skip
statistics.case(
    "torch.quantile(x, torch.tensor(q, dtype=x.dtype))", "np.quantile(x, np.array(q, x.dtype))", id="quantile-several", x=tensors(ndim=(1, 2)),
    q=values([0.5], [0.0, 1.0], [0.75, 0.25, 0.5], [], [[0.25, 0.5]]), dtypes=("float32", "float64"), tolerance=between("axis=None"),
    differs=[
        *at_the_edges("np.quantile", "None", q=[0.5])[1:],
        Difference(
            "PyTorch takes a number or a list of probabilities; NumPy any array of them", example={"x": np.array([1.0, 2.0]), "q": [[0.25, 0.5]]},
            dtypes=("float32", "float64"), when="np.ndim(q) == 2", torch=Raises(RuntimeError), kind="gotcha",
            instead="torch.quantile(x, torch.tensor(q, dtype=x.dtype).flatten()).view(1, 2)",
        ),
    ],
)  # fmt: skip
statistics.case(
    "torch.quantile(x, torch.tensor(q, dtype=x.dtype), dim, keepdim=keep)", "np.quantile(x, np.array(q, x.dtype), axis=dim, keepdims=keep)",
    id="quantile-several-dim", x=tensors(ndim=(1, 4)), dim=axes("x"), q=values([0.5], [0.0, 1.0], [0.75, 0.25, 0.5], []), keep=values(*(False, True)),
    dtypes=("float32", "float64"), tolerance=between("axis=dim, keepdims=keep"),
    differs=at_the_edges("np.quantile", "dim, keepdims=keep", dim=1, q=[0.5], keep=False),
)  # fmt: skip
