"""Products, and sums and means that leave NaN out.

PyTorch multiplies along one axis at a time, and float16 and bfloat16 in 16 bits, unlike its sums. Integers are multiplied in int64, unsigned ones, too. Without NaN it adds no
complex numbers, and means no integers.
"""

import numpy as np
from conformance.cases.reductions import partial_sums

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
    dtypes,
    linear,
    tensors,
    within,
)

products = Section("Products along axes", id="axis-products")

PRODUCT = (
    "each of n products is rounded once (sqrt(5) u for complex ones: Brent, Percival and Zimmermann, Mathematics of Computation 76 "
    "(2007)) in an unknown order, and below the normal numbers by less than the smallest one, which the numbers left to multiply enlarge"
)


def rounded(where: str, each: float = 2.3, numbers: str = "x") -> object:
    """Return the bound of a product of ``numbers`` along ``where``, in any order, of which ``each`` brings so many roundings."""
    rest = f"np.prod(np.maximum(np.abs({numbers}), 1.0), {where})"
    return within(f"n = x.size // max(exact.size, 1)\n{each} * n * u * np.abs(exact) + 2 * n * tiny * {rest}", PRODUCT, overflow=rest, narrow=True)


def unsigned(instead: str, product: str = "product", **others: object) -> list[Difference]:
    """Return what differs in the ``product`` of unsigned integers, for a row whose inputs beside ``x`` are ``others``."""
    because = f"PyTorch's {product} of unsigned integers is int64, NumPy's uint64"
    negative = f"PyTorch computes the {product} of uint64 in int64, so that it is negative from 2 ** 63 on"
    return [
        Difference(because, example={"x": np.array([[200, 100]]), **others}, dtypes=("uint8", "uint16", "uint32"),
                   torch="out.astype(np.int64)", instead=instead, kind="gotcha"),
        Difference(negative, example={"x": np.array([[2**63]], np.uint64), **others}, dtypes=("uint64",), torch="out.astype(np.int64)",
                   instead=instead, kind="bug"),
    ]  # fmt: skip


OF_MANY = Difference(
    "A product of many numbers that overflows before it comes to a zero is NaN, after it 0: PyTorch and NumPy take them in orders of their own",
    example={"x": np.repeat([4.0, 0.0], [600, 2**11])}, dtypes=("float32", "bfloat16", "complex64"), torch=UNDEFINED, kind="gotcha",
    when="x.size > 2**10 and np.isfinite(x).all() and (x == 0).any()",
)  # fmt: skip
BOTH_WAYS = Difference(
    "A product that overflows float64, of which the small factors alone underflow, is 0 in one order and infinite in another: PyTorch "
    "and NumPy take orders of their own", kind="gotcha", dtypes=("float16",), torch=OneOf("out", "0.0", "-0.0", "np.inf", "-np.inf", "np.nan"),
    example={"x": np.broadcast_to(np.resize([[2.0**-4], [2.0**5], [2.0**5]], (24, 1)), (24, 33))},
    when="wide = np.abs(x.astype(np.float64))\nnp.isfinite(x).all() and np.isinf(np.prod(wide)) and np.prod(np.minimum(wide, 1)) < 2.0**-14",
)  # fmt: skip
products.case("x.prod()", "np.prod(x)", x=tensors(), tolerance=rounded("axis=None"),
              differs=[*unsigned("x.prod().to(torch.uint64)"), OF_MANY, BOTH_WAYS])  # fmt: skip
products.case(
    "torch.prod(x, dim)", "np.prod(x, axis=dim)", id="prod-dim", x=tensors(), dim=axes("x"), tolerance=rounded("axis=dim"),
    differs=unsigned("torch.prod(x, dim).to(torch.uint64)", dim=1),
)  # fmt: skip
products.case(
    "x.prod(dim, keepdim=True)", "x.prod(axis=dim, keepdims=True)", id="prod-keepdim", x=tensors(ndim=(1, 4)), dim=axes("x"),
    tolerance=rounded("axis=dim, keepdims=True"), differs=unsigned("x.prod(dim, keepdim=True).to(torch.uint64)", dim=1),
)  # fmt: skip
products.case(
    "torch.prod(x, dim, dtype=kind)", "np.prod(x, axis=dim, dtype=kind)", id="prod-dtype", x=tensors(), dim=axes("x"),
    kind=dtypes("float64", "float32", "int64", "int16"), tolerance=rounded("axis=dim", 3.3, "1.0 * np.real(x)"),  # the magnitude of -32768 is no int16
    note="each number is rounded to the dtype first, and no imaginary part is left",
)  # fmt: skip
products.case(
    "x.prod(dim=(0, 1))", "x.prod(axis=(0, 1))", id="prod-dims", x=tensors(ndim=(2, 4)),
    differs=[
        Difference("PyTorch multiplies along one axis only; NumPy along several", example={"x": np.full((2, 2), 3)}, torch=Raises(TypeError),
                   kind="gotcha"),
    ],
)  # fmt: skip

# Without NaN


def no_complex(**others: object) -> Difference:
    """Return that complex numbers are not added without NaN."""
    return Difference(
        "PyTorch adds no complex numbers without NaN", example={"x": np.array([[1j]]), **others}, dtypes=COMPLEX, torch=Raises(RuntimeError),
    )  # fmt: skip


def no_integers(instead: str, **others: object) -> Difference:
    """Return that there is no mean of integers."""
    return Difference(
        "PyTorch has no mean of integers or bools; NumPy computes it in float64", example={"x": np.array([[1, 0]]), **others},
        dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError), kind="gotcha", instead=instead,
    )  # fmt: skip


IN_16_BITS = [
    Difference(
        "PyTorch's nansum and nanmean of float16 and bfloat16 that are not contiguous round the sums of parts to 16 bits; its sum and mean add "
        "all in float32",
        example={"x": np.full((17, 7), 0.4824)[:, ::2]}, dtypes=(dtype,), torch=UNDEFINED, kind="bug",
        when="size = np.abs(np.float64(x[np.isfinite(x)]))\n"
        f"x.size and not x.flags.c_contiguous and not (np.all(2 * size == np.rint(2 * size)) and size.sum() <= {exact})",
    )
    for dtype, exact in (("float16", 2**10), ("bfloat16", 2**7))
]


def of_several_threads(one: str, **others: object) -> list[Difference]:
    """Return what several threads do to a sum of ``one`` number: each of them adds up a part."""
    return [
        Difference(
            "PyTorch's nansum and nanmean of many numbers to one, on several threads, leave out a thread's part where infinities of both signs "
            "make it NaN: what they give is the sum of the other parts",
            example={"x": np.repeat([[np.inf, -np.inf, 1.0]], [1, 1, 2**16], axis=1), **others}, dtypes=(*FLOATS, "bfloat16"), torch=UNDEFINED,
            kind="bug", when=f"threads > 1 and x.size >= 2**15 and {one} and np.isposinf(x).any() and np.isneginf(x).any()",
        ),
        partial_sums(one, **others),
    ]  # fmt: skip


_ADDED = "added = np.nansum(np.float64(x), axis=dim)\n"
OVERFLOWING = Difference(
    "PyTorch's nanmean rounds the sum to float16 before it divides: where that overflows it is an infinity of the sum's sign; NumPy "
    "adds in float16, where the sums of parts may have overflowed to another",
    example={"x": np.repeat([[-6e4], [6e4]], [2, 5], axis=0) * np.ones(2), "dim": 0}, dtypes=("float16",), kind="gotcha",
    when=f"{_ADDED}(np.abs(added) > 65600) & (out != np.copysign(np.inf, added)) & np.isfinite(added)",
    torch=f"{_ADDED}np.copysign(np.inf, added)",
)  # fmt: skip
OF_BFLOAT16 = Difference(
    "PyTorch's nanmean rounds the sum to bfloat16 before it divides: what is finite in float32 may be infinite then",
    example={"x": np.array([[-3.38e38, 1.0], [-2e36, 1.0]]), "dim": 0}, dtypes=("bfloat16",), kind="gotcha",
    when=f"{_ADDED}(np.abs(added) > 3.39e38) & np.isfinite(added) & np.isfinite(out)", torch=OneOf("out", f"{_ADDED}np.copysign(np.inf, added)"),
)  # fmt: skip
products.case("x.nansum()", "np.nansum(x)", x=tensors(), tolerance=linear(),
              differs=[no_complex(), *IN_16_BITS, *of_several_threads("x.ndim"), *unsigned("x.nansum().to(torch.uint64)", "sum")])  # fmt: skip
products.case(
    "torch.nansum(x, dim, keepdim=True)", "np.nansum(x, axis=dim, keepdims=True)", id="nansum-dim", x=tensors(ndim=(1, 4)), dim=axes("x"),
    tolerance=linear(),
    differs=[no_complex(dim=1), *of_several_threads("x.shape[dim] == x.size", dim=1), *unsigned("torch.nansum(x, dim, keepdim=True).to(torch.uint64)", "sum", dim=1)],
)  # fmt: skip
products.case("x.nanmean()", "np.nanmean(x)", x=tensors(), tolerance=linear(roundings=1),
              differs=[no_complex(), *IN_16_BITS, *of_several_threads("x.ndim"), no_integers("x.double().nanmean()")])  # fmt: skip
products.case(
    "torch.nanmean(x, dim)", "np.nanmean(x, axis=dim)", id="nanmean-dim", x=tensors(), dim=axes("x"), tolerance=linear(roundings=1),
    differs=[no_complex(dim=1), OVERFLOWING, OF_BFLOAT16, *of_several_threads("x.ndim and x.shape[dim] == x.size", dim=1), no_integers("torch.nanmean(x.double(), dim)", dim=1)],
)  # fmt: skip
