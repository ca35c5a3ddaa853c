"""Products of batches, products that are added to something, and products of many matrices.

PyTorch has functions that NumPy has not: ``bmm`` is ``@`` for two batches that are alike, and ``addmm`` and its sisters add
a product to a tensor, both multiplied by a number. A number of 0 drops its term, NaN and infinities included, where NumPy's
0 times NaN is NaN.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.products import FLUSHES, no_bools, of_bfloat16

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    matching,
    multilinear,
    squares,
    tensors,
    values,
)

batched = Section("Products of batches", id="batched-products")

NUMBERS = (*INTEGERS, *FLOATS, *COMPLEX)
INEXACT = (*FLOATS, *COMPLEX, "bfloat16")
"""Bools have no products: PyTorch refuses them, and NumPy's rows of sums count them in another dtype."""


batched.case(
    "torch.bmm(x, y)",
    "x @ y",
    x=tensors(3),
    y=matching("bjk", x="bij"),
    tolerance=multilinear(),
    shares_memory=False,
    differs=[
        no_bools("torch.bmm(x.int(), y.int()).bool()", "x.size and y.size", x=[[[1, 0]]], y=[[[1], [1]]]),
        *(
            Difference(
                "PyTorch's bmm takes two batches of one size; NumPy's @ repeats a batch of one",
                example={"x": np.ones((1, 2, length)), "y": np.ones((3, length, 2))}, dtypes=dtypes, torch=Raises(RuntimeError), kind="gotcha",
                when=f"x.shape[0] != y.shape[0] and 1 in (x.shape[0], y.shape[0]) and x.ndim == y.ndim{unless}", instead=instead,
            )
            for dtypes, length, unless, instead in (
                ((*NUMBERS, "bfloat16"), 2, "", "x @ y"), (("bool",), 0, " and not (x.size and y.size)", None),
            )
        ),
        *of_bfloat16(),
    ],
)

# A product that is added

MATRIX_SUM = {
    "x": tensors(2), "y": matching("jk", x="ij"), "c": matching("ik", x="ij", y="jk"), "dtypes": NUMBERS, "tolerance": multilinear()
}  # fmt: skip
LARGE_SUM = of_bfloat16(c=np.zeros((17, 17)))
EMPTY_BOOLS = Difference(
    "PyTorch refuses bools unless there is nothing to multiply; NumPy counts them",
    example={"x": np.zeros((1, 0), bool), "y": np.zeros((0, 1), bool), "c": np.zeros((1, 1), bool)}, dtypes=("bool",),
    when="not (x.size and y.size)", torch="np.bool_", aspect="dtype",
)  # fmt: skip
SHAPE_OF_PRODUCT = "PyTorch expands c to the shape of the product; NumPy broadcasts each to the other"


def shape_of_product(product: str, *, expands: bool = False, **example: object) -> Difference:
    """Return that c is not larger than the product; for rows whose product is ``product``, and if c is smaller ``expands``."""
    smaller = "" if expands else f" or c.shape != ({product}).shape"
    return Difference(
        SHAPE_OF_PRODUCT, example=example, dtypes=(*NUMBERS, "bfloat16"), torch=Raises(RuntimeError),
        when=f"({product}).shape != np.broadcast_shapes(c.shape, ({product}).shape){smaller}",
    )  # fmt: skip


def alpha_first(dtypes: tuple[str, ...], **example: object) -> Difference:
    """Return what comes of a factor that alpha=3 takes beyond the largest number; ``example`` has one."""
    return Difference(
        "PyTorch multiplies a factor by alpha before the product, where its library finds that cheaper: it is infinite or NaN "
        "where that overflows",
        example=example, dtypes=dtypes, torch=UNDEFINED, kind="gotcha",
        when="np.any(np.isfinite(x) & ~np.isfinite(3 * x)) or np.any(np.isfinite(y) & ~np.isfinite(3 * y))",
    )  # fmt: skip


SHAPE = shape_of_product("x @ y", expands=True, x=np.ones((1, 1)), y=np.ones((1, 2)), c=np.ones((3, 2)))
batched.case("torch.addmm(c, x, y)", "c + x @ y", **MATRIX_SUM, differs=[*LARGE_SUM, SHAPE])
batched.case(
    "torch.addmm(c, x, y)", "c + x @ y", id="addmm-row", **MATRIX_SUM | {"c": matching("k", y="jk")}, note="c is added to each row",
    differs=[*of_bfloat16(c=np.zeros(17)), shape_of_product("x @ y", expands=True, x=np.ones((1, 1)), y=np.ones((1, 1)), c=np.ones(3))],
)  # fmt: skip
batched.case(
    "torch.addmm(c, x, y, beta=2, alpha=3)", "2 * c + 3 * (x @ y)", id="addmm-numbers", **MATRIX_SUM,
    differs=[
        EMPTY_BOOLS, *LARGE_SUM, SHAPE,
        *[
            alpha_first(dtypes, x=x, y=np.full((x.shape[1], 2), 1e-3), c=np.ones((len(x), 2)))
            for x, dtypes in (
                (np.array([[3e38]]), ("float32", "complex64")),
                (np.array([[1.7e308]]), ("float64", "complex128")),
                (np.full((2, 2), 3.38e38).T, ("bfloat16",)),
            )
        ],
    ],
)  # fmt: skip
batched.case(
    "torch.addmm(c, x, y, beta=0)", "0 * c + x @ y", id="addmm-beta", **MATRIX_SUM,
    differs=[
        EMPTY_BOOLS, *LARGE_SUM,
        Difference(
            "PyTorch drops what is multiplied by beta=0, NaN and infinities included; NumPy's 0 times NaN is NaN",
            example={"x": np.ones((1, 1)), "y": np.ones((1, 1)), "c": np.array([[np.nan]])},
            dtypes=INEXACT, when="not np.array_equal(0 * c + x @ y, x @ y, equal_nan=True)", torch="x @ y", kind="gotcha",
        ),
        SHAPE,
    ],
)  # fmt: skip
batched.case(
    "torch.addmm(c, x, y, alpha=0)", "c + 0 * (x @ y)", id="addmm-alpha", **MATRIX_SUM,
    differs=[
        EMPTY_BOOLS,
        Difference(
            "PyTorch drops what is multiplied by alpha=0, NaN and infinities included; NumPy's 0 times NaN is NaN",
            example={"x": np.array([[np.nan]]), "y": np.ones((1, 1)), "c": np.ones((1, 1))},
            dtypes=("float32", "float64", *COMPLEX), when="not np.array_equal(c + 0 * (x @ y), c, equal_nan=True)", torch="c", kind="gotcha",
        ),
        Difference(
            "PyTorch's product of bfloat16 is infinite where it overflows, and 0 times that NaN; NumPy here computes in float32",
            example={"x": np.array([[-3.38e38, -3.38e38, 3.38e38]]), "y": np.array([[1.0], [0.5], [0.5]]), "c": np.ones((1, 1))},
            dtypes=("bfloat16",),
            when="not np.all(np.abs(np.float64(x)) @ np.abs(np.float64(y)) < 3.3e38)", torch=UNDEFINED, kind="gotcha",
        ),
        SHAPE,
    ],
)  # fmt: skip
batched.case(
    "torch.addmv(c, x, y)", "c + x @ y", x=tensors(2), y=matching("j", x="ij"), c=matching("i", x="ij"), dtypes=NUMBERS,
    tolerance=multilinear(steps=True),
    differs=[
        shape_of_product("x @ y", x=np.ones((1, 2)), y=np.ones(2), c=np.ones(3)),
        Difference(
            "PyTorch's addmv of a larger bfloat16 matrix takes subnormal numbers for zero, and gives none, where the processor has "
            "instructions for bfloat16",
            example={"x": np.zeros((129, 33)), "y": np.zeros(33), "c": np.full(129, 2.0**-127)}, dtypes=("bfloat16",), torch=UNDEFINED,
            when=f"bool({FLUSHES}) & (x.size > 16**3) & ((np.abs(out) < 2.0**-102) | np.any((x != 0) & (np.abs(x) < 2.0**-126))"
            " | np.any((y != 0) & (np.abs(y) < 2.0**-126)))", kind="gotcha",
        ),
    ],
)  # fmt: skip
batched.case(
    "torch.addr(c, x, y)", "c + np.outer(x, y)", x=tensors(1), y=matching("j"), c=matching("ij", x="i", y="j"), dtypes=NUMBERS,
    tolerance=multilinear(steps=True),
    differs=[shape_of_product("np.outer(x, y)", x=np.ones(1), y=np.ones(2), c=np.ones((3, 2)))],
)  # fmt: skip
batched.case(
    "torch.baddbmm(c, x, y)", "c + x @ y", x=tensors(3), y=matching("bjk", x="bij"), c=matching("bik", x="bij", y="bjk"),
    dtypes=NUMBERS, tolerance=multilinear(),
    differs=[
        Difference(
            "PyTorch's baddbmm takes two batches of one size; NumPy's @ repeats a batch of one",
            example={"x": np.ones((1, 1, 1)), "y": np.ones((3, 1, 2)), "c": np.ones((3, 1, 2))}, dtypes=(*NUMBERS, "bfloat16"),
            when="x.shape[0] != y.shape[0] or c.shape[0] != x.shape[0] or c.shape[1:] != (x.shape[1], y.shape[2])",
            torch=Raises(RuntimeError), kind="gotcha", instead="c + x @ y",
        ),
        *of_bfloat16(x=np.full((1, 17, 17), 2.0**-130), y=np.ones((1, 17, 17)), c=np.zeros((1, 17, 17)))[:1],
            ],
)  # fmt: skip

# Of many matrices

# The order in which they are multiplied is each library's own choice, which shows where a number is infinite.

FINITE = {"domain": "finite"}
MANY = {"x": tensors(2, **FINITE), "y": matching("jk", x="ij", **FINITE), "z": matching("kl", y="jk", **FINITE), "dtypes": NUMBERS}

FLUSHED = Difference(
    "PyTorch multiplies larger bfloat16 matrices with an instruction that takes subnormal numbers for zero, and gives none, where the "
    "processor has it", dtypes=("bfloat16",), torch=UNDEFINED, kind="gotcha",
    example={"x": np.full((129, 17), 2.0**-130), "y": np.ones((17, 17)), "z": np.ones((17, 17))},
    when="tiny = lambda v: np.any((v != 0) & (np.abs(v) < 2.0**-126))\n"
    f"bool({FLUSHES}) & (max(x.size, y.size, z.size, out.size) * max(*y.shape, *out.shape) > 16**3)"
    " & ((np.abs(out) < 2.0**-102) | tiny(x) | tiny(y) | tiny(z))",
)  # fmt: skip
for torch, numpy in (
    ("torch.linalg.multi_dot([x, y, z])", "np.linalg.multi_dot([x, y, z])"), ("torch.chain_matmul(x, y, z)", "x @ y @ z")
):
    batched.case(torch, numpy, **MANY, tolerance=multilinear(factors=3), differs=[FLUSHED])
POWER_FLUSHED = Difference(
    "PyTorch multiplies larger bfloat16 matrices with an instruction that takes subnormal numbers for zero, and gives none, where the "
    "processor has it", dtypes=("bfloat16",), torch=UNDEFINED, kind="gotcha", example={"x": np.full((17, 17), -(2.0**-64)), "n": 2},
    when="""wide = lambda v: np.nan_to_num(np.abs(np.float64(v)), nan=1.0, posinf=2.0**200)
small = lambda v: np.where(np.abs(v) < 2.0**-126, np.abs(np.float64(v)), 0)
square = wide(x) @ wide(x)
off = (wide(x) @ small(x) + small(x) @ wide(x) > 0) | (square < 2.0**-102)
cube = np.where(off, square, 0) @ wide(x) + square @ small(x)
off = off if n == 2 else (cube > 0) | (square @ wide(x) < 2.0**-102)
"""
    f"off if n > 1 and out.size * x.shape[-1] > 16**3 and {FLUSHES} else False",
)  # fmt: skip
batched.case(
    "torch.linalg.matrix_power(x, n)",
    "np.linalg.matrix_power(x, n)",
    x=squares(),
    n=values(2, 0, 1, 3),
    dtypes=NUMBERS,
    tolerance=multilinear(factors=3),
    differs=[
        Difference(
            "The first power of a matrix is a copy of it in PyTorch, the matrix itself in NumPy",
            example={"x": np.eye(2), "n": 1}, when="n == 1", torch="copy", aspect="memory", kind="gotcha",
        ),
        POWER_FLUSHED,
    ],
)

# Both terms multiplied by a number

BOOLS_ADDED = "PyTorch takes bools for numbers and gives bools, true where anything is added; NumPy counts them"
LARGE_BY_DTYPE = ((6e4, ("float16",)), (3e38, ("float32", "complex64", "bfloat16")), (1.7e308, ("float64", "complex128")))
for name, product, x, y, c, larger, overflowing in (
    ("addmv", "x @ y", tensors(2), matching("j", x="ij"), matching("i", x="ij"), {"x": np.ones((1, 2)), "y": np.ones(2), "c": np.ones(3)},
     [alpha_first(dtypes, x=np.array([[1e-3]]), y=np.array([large]), c=np.zeros(1)) for large, dtypes in LARGE_BY_DTYPE[1:]]),
    ("addr", "np.outer(x, y)", tensors(1), matching("j"), matching("ij", x="i", y="j"),
     {"x": np.ones(1), "y": np.ones(2), "c": np.ones((3, 2))},
     [alpha_first(dtypes, x=np.array([large]), y=np.array([1e-3]), c=np.zeros((1, 1))) for large, dtypes in LARGE_BY_DTYPE]),
):
    batched.case(
        f"torch.{name}(c, x, y, beta=2, alpha=3)", f"2 * c + 3 * ({product})", id=f"{name}-numbers", x=x, y=y, c=c, dtypes=NUMBERS,
        tolerance=multilinear(steps=True),
        differs=[
            *overflowing,
            shape_of_product(product, **larger),
            Difference(BOOLS_ADDED, example=larger | {"c": larger["c"][:1]}, dtypes=("bool",), torch=f"c | ({product})",
                       when=f"x.shape[-1] == len(y) and c.shape == ({product}).shape" if name == "addmv" else f"c.shape == ({product}).shape"),
            replace(shape_of_product(product, **larger), dtypes=("bool",)),
        ],
    )  # fmt: skip
