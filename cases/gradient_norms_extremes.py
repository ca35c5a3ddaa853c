"""What gradients of layers that normalise are of numbers that are infinite, and of those with which a step overflows or underflows.

Where PyTorch's result is not finite, or 0, because of one of its steps, it is said here; what is finite is still judged against
the truth.
"""

from dataclasses import replace

import numpy as np

from conformance import UNDEFINED, Difference, OneOf

ALL_FLOATS = ("float16", "float32", "float64", "bfloat16")
FIT = "len(w) == len(b) == x.shape[1]"
ONES = {"w": np.ones(1), "b": np.ones(1)}
MOST, MOST_OF_FLOAT64 = "np.float32(3.4e38)", "np.longdouble('1.7e308')"
NOT_FINITE = OneOf("np.nan", "np.inf", "-np.inf")
UNITS = (
    "u, least = {'float16': (2.0**-11, 2.0**-24), 'bfloat16': (2.0**-8, 2.0**-133), 'float32': (2.0**-24, 2.0**-149),"
    " 'float64': (2.0**-53, 5e-324)}[dtype]\n"
)
"""Half of the distance from 1 to the next number of the dtype, and its least number."""

# A number that is its own mean

BY_SUM = "np.any(np.isinf(g) & near, axis=0)"
"""Where a sum over the samples holds an infinite multiple of what is ``near`` its mean."""
BY_EACH = f"np.any(np.isinf(g), axis=0) & (near | {BY_SUM})"
"""Where each number gets a multiple of its own distance from the mean, too."""
BALANCED = np.concatenate([np.arange(1, 9) * 0.7, [0.0], np.arange(1, 9) * -0.7])
FIRST_INFINITE = np.where(np.arange(301) > 0, 0, np.inf)[:, None]


def on_its_mean(axis: str, where: str, because: str, dtypes: tuple[str, ...], **example: object) -> Difference:
    """Return what comes of an infinite g of a number that may be its own mean along ``axis``: ``where`` it is ``near``."""
    return Difference(
        f"{because}: of no distance an infinite multiple is NaN, of what rounding leaves it is infinite", dtypes=dtypes,
        example=example, torch=NOT_FINITE,
        when=f"{UNITS}mean = lambda a: np.mean(np.longdouble(a), axis={axis}, keepdims=True)\n"
             f"n = x.size // max(np.sum(x, axis={axis}).size, 1)\n"
             "off = (2 * u + n * min(u, 2.0**-24)) * (mean(np.abs(x)) + np.abs(x)) + (n + 1) * least\n"
             f"near = np.abs(x - mean(x)) <= off\n{FIT} and len(x) and {where}",
    )  # fmt: skip


OF_ITS_OWN_MEAN = on_its_mean(
    "-1", BY_SUM, "PyTorch takes the mean off after both are divided, and may round it to the dtype of x; NumPy takes it off first",
    ALL_FLOATS, x=BALANCED[None], w=np.ones(17), b=np.zeros(17), g=np.full((1, 17), np.inf),
)  # fmt: skip


def on_rounded_mean(where: str) -> list[Difference]:
    """Return what comes of an infinite g ``where`` rounding the mean over the samples decides."""
    return [
        on_its_mean("0", where, "PyTorch's mean is a sum in float64, NumPy's one in the dtype of x, each in its own order",
                    ("float32", "float64"), x=np.full((33, 1), 1.1), **ONES, g=FIRST_INFINITE[:33]),
        on_its_mean("0", where, "PyTorch rounds the mean to bfloat16, and a number may lie on it; NumPy's is float32", ("bfloat16",),
                    x=np.array([[2.0]] * 300 + [[3.0]]), **ONES, g=FIRST_INFINITE),
    ]  # fmt: skip


# Of each sample

OF_INFINITE = Difference(
    "of an infinite g or w, of which a multiple is taken off its like, the order of the steps decides what is infinite and what NaN",
    example={"x": np.array([[1.0, 2.0, 4.0]]), "w": np.ones(3), "b": np.zeros(3), "g": np.array([[np.inf, 0.0, 0.0]])},
    dtypes=ALL_FLOATS, when=f"({FIT}) & np.any(np.isinf(g) | np.isinf(w), axis=-1, keepdims=True) & np.ones(x.shape, bool)",
    torch=OneOf("out", "np.nan", "np.inf", "-np.inf"),
)  # fmt: skip
UNDERFLOWN = [
    Difference(
        "PyTorch multiplies g and x before w: what that loses where the product underflows, a large w makes large in all of the sample",
        example={"x": np.array([[0.0, 0.0, 0.0, 8.9, 0.0]]), "w": np.array([0.0, 0.0, 0.0, -w, 0.0]), "b": np.zeros(5),
                 "g": np.full((1, 5), -g)}, dtypes=dtypes, torch=UNDEFINED,
        when=f"product = np.abs(np.longdouble(g) * x)\nlost = (product > 0) & (product < {least}) & (np.abs(w) > 16)\n"
             f"({FIT}) & np.any(lost, axis=-1, keepdims=True) & np.ones(x.shape, bool)",
    )
    for w, g, least, dtypes in ((3e38, 7.8e-44, "2.0**-126", ("float32",)), (1e300, 1.04e-322, "2.0**-1022", ("float64",)))
]  # fmt: skip
MAGNIFIED = [
    Difference(
        "PyTorch takes from g * w a multiple of x, in which the third power of the deviation divides, and adds the same of the mean: "
        "both may overflow, and their difference is NaN",
        example={"x": np.full((1, 1), big), "w": np.full(1, 2.0), "b": np.ones(1), "g": np.full((1, 1), g)}, dtypes=dtypes,
        when=f"{UNITS}x, t = np.longdouble(x), np.abs(np.longdouble(g) * w)\n"
             "m, v = (f(x, axis=-1, keepdims=True) for f in (np.mean, np.var))\n"
             "d, size = np.abs(x - m), np.abs(x) + np.abs(m)\ntotal = lambda a: np.sum(a, axis=-1, keepdims=True)\n"
             "slope = (total(t * d) + (x.shape[1] + 8) * u * total(t * size)) / (v + 1e-5) ** 1.5\n"
             "most = slope * size.max(axis=-1, keepdims=True, initial=0)\n"
             f"{FIT} and np.isfinite(slope) & (most > {quarter}) & np.ones(x.shape, bool)", torch=NOT_FINITE,
    )
    for big, g, quarter, dtypes in ((5.086034e18, -5.0, "np.float32(8e37)", ("float32",)),
                                    (6.157629548024328e150, -5e20, "np.longdouble('4e307')", ("float64",)))
]  # fmt: skip
CUT = (
    "wide = np.longdouble(x)\nd = wide - wide.mean(axis=-1, keepdims=True)\nsquares = np.sum(d * d, axis=-1, keepdims=True)\n"
    "h = np.where(np.isfinite(squares) & (squares > {most}), 0, d / np.sqrt(squares / max(x.shape[1], 1) + 1e-5))\n"
)
"""The normalised numbers: 0 where the sum of squares overflows."""
OVERFLOWN = [
    Difference(
        "where the squares of the distances overflow, PyTorch's deviation is infinite, and what is divided by it 0; where the sum "
        "overflows as well, NumPy's mean is infinite, and the distances from it are NaN", dtypes=dtypes, kind="gotcha",
        example={"x": np.where(np.arange(65) % 16, 0, [[big]]), "w": np.ones(65), "b": np.zeros(65), "g": np.ones((1, 65))},
        when=f"{CUT.format(most=most)}{FIT} and np.any(np.isnan(out) & ~np.isnan(np.sum(g * h, axis=0)))",
        torch=f"{CUT.format(most=most)}np.sum(g * h, axis=0).astype(x.dtype)",
    )
    for big, most, dtypes in ((3e38, MOST, ("float32", "bfloat16")), (1.5e308, MOST_OF_FLOAT64, ("float64",)))
]  # fmt: skip

OF_OVERFLOWN = [
    replace(one, dtypes=one.dtypes[:1], torch=OneOf("0", "-0.0", "np.nan"), example=one.example | {
                "x": np.repeat([[big, -big, 0, big, -big, 0]], [1, 1, 14, 1, 1, 47], axis=1), "g": np.arange(65)[None] / 1024},
            when=f"{CUT.format(most=most)}{FIT} and np.isnan(out) & np.isfinite(squares) & (squares > {most})")
    for one, big, most in ((OVERFLOWN[0], 3e38, MOST), (OVERFLOWN[1], 1.5e308, MOST_OF_FLOAT64))
]  # fmt: skip
"""The same of the gradient by x."""

# Of each feature

TOO_WIDE = [
    Difference(
        "where the squares of the distances overflow, PyTorch's deviation is infinite, and what is divided by it 0, before w makes it "
        "larger; NumPy's is NaN where g * w overflows, or a sum", dtypes=dtypes, torch=OneOf("0", "-0.0", "np.nan"), kind="gotcha",
        example={"x": np.array([[-1.0], [1.0], [0.0]]) * big, "w": np.full(1, w), "b": np.ones(1), "g": np.array([[2.0], [0.0], [0.0]])},
        when="wide = np.longdouble(x)\nsquares = np.sum((wide - wide.mean(axis=0)) ** 2, axis=0)\n"
             f"{FIT} and np.isfinite(squares) & (squares * 4 > {most}) & np.ones(x.shape, bool)",
    )
    for big, w, most, dtypes in ((1e20, 3e38, MOST, ("float32", "bfloat16")), (1e160, 1.7e308, MOST_OF_FLOAT64, ("float64",)))
]  # fmt: skip
INFINITE_WEIGHT = Difference(
    "PyTorch multiplies by an infinite w last: what is 0 is NaN, all else infinite; NumPy multiplies first, and takes a mean of that",
    example={"x": np.array([[1.0], [3.0], [4.0]]), "w": np.full(1, np.inf), "b": np.zeros(1), "g": np.array([[1.0], [0.0], [2.0]])},
    dtypes=ALL_FLOATS, when=f"{FIT} and np.isinf(w) & np.ones(x.shape, bool)", torch=NOT_FINITE,
)  # fmt: skip
