"""Assigning to elements, and adding to them.

`x[i] = y` writes in both, and broadcasts `y`. With an index tensor or a mask PyTorch wants `y` to have the dtype of `x`, with a
slice it casts, as NumPy always does. Where an index occurs several times, the last value stays and `x[i] += y` adds once;
`index_put_(accumulate=True)`, `index_add` and `scatter_add` add every time, as `np.add.at` does.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA
from conformance.cases.derivatives import repeated_index
from conformance.cases.gather_scatter import steps
from conformance.cases.gather_scatter import unchecked as unchecked_along

from conformance import (
    CLAIMED,
    COMPLEX,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    broadcastable,
    indexed,
    indices,
    indices_along,
    like,
    masks,
    tensors,
    values,
    within,
)

TWICE = "len(np.unique(i % max(len(x), 1))) < i.size"

assigning = Section("Assigning to elements", id="assigning")

WRITTEN = tensors(ndim=(1, 4), overlapping=False)


def no_wide_unsigned(**others: object) -> Difference:
    """Return what PyTorch does not write, for a row whose inputs beside ``x`` are ``others``."""
    return Difference("PyTorch writes no uint16, uint32 or uint64 with an index tensor or a mask", dtypes=WIDE_UNSIGNED,
                      example={"x": np.array([1]), **others}, torch=Raises(NotImplementedError, IndexError))  # fmt: skip


def empty_mask(**others: object) -> Difference:
    """Return what a mask of length 0 does, for a row whose inputs beside ``x`` and the mask are ``others``."""
    return Difference(
        "NumPy takes a mask of length 0 for an axis of any length, and selects nothing; it refuses any other length that does "
        "not fit",
        example={"x": np.ones((1, 1)), "m": np.zeros(0, bool), **others}, torch=Raises(IndexError), kind="bug",
        dtypes=(*CLAIMED, "bfloat16"), when="m.ndim <= x.ndim and any(k == 0 != n for k, n in zip(m.shape, x.shape))",
    )  # fmt: skip


def unchecked(**others: object) -> Difference:
    """Return what indices do where there is nothing to write, for a row whose inputs beside ``x`` and ``i`` are ``others``."""
    return Difference(
        "PyTorch does not check indices where the result has no elements; NumPy refuses those out of range", kind="gotcha",
        example={"x": np.ones((1, 0)), "i": np.array([7]), **others}, dtypes=(*CLAIMED, "bfloat16"), torch="x",
        when="len(x) > 0 and i.size > 0 and not np.all((-len(x) <= i) & (i < len(x))) and x[0].size == 0", numpy=Raises(IndexError),
    )  # fmt: skip


# Integers and slices

assigning.case("x[0] = 1\nx", "x[0] = 1\nx", id="row", x=WRITTEN, shares_memory=True)
assigning.case("x[..., 1:] = 1\nx", "x[..., 1:] = 1\nx", id="slice", x=WRITTEN, shares_memory=True)
assigning.case("x[...] = y\nx", "x[...] = y\nx", id="all", x=WRITTEN, y=like("x"), shares_memory=True)
assigning.case(
    "x[...] = y\nx", "x[...] = y\nx", id="other-dtype", x=tensors(ndim=(1, 2), dtypes=("float32",), overlapping=False),
    y=like("x", dtypes=("float64", "int64", "bool")), shares_memory=True,
)  # fmt: skip
assigning.case(
    "x[0] = value\nx", "x[0] = value\nx", id="number", x=tensors(ndim=1, dtypes=("uint8",), overlapping=False),
    value=values(1, 255, 2.5, -1, 300),
    differs=[Difference("PyTorch wraps a negative number round in an unsigned dtype, and refuses one that is too large; NumPy "
                        "refuses both",
                        example={"x": np.array([0], np.uint8), "value": -1}, when="len(x) and value == -1", kind="gotcha",
                        torch="out = x.copy()\nout[0] = 255\nout", numpy=Raises(OverflowError), aspect="inputs after"),
    ],
)  # fmt: skip

# Index tensors and masks

assigning.case("x[i] = 1\nx", "x[i] = 1\nx", id="index-number", x=WRITTEN, i=indices("x"), shares_memory=True,
               differs=[no_wide_unsigned(i=np.array([0])), unchecked()])  # fmt: skip
assigning.case("x[i] = y\nx", "x[i] = y\nx", id="index", x=WRITTEN, i=indices("x"), y=indexed("x", 0, "i"), shares_memory=True,
               differs=[no_wide_unsigned(i=np.array([0]), y=np.array([1])), unchecked(y=np.ones((1, 0))),
                        repeated_index(TWICE, x=np.array([0.25]), i=np.array([0, 0]), y=np.array([0.75, 1.25]))])  # fmt: skip
assigning.case("x[m] = 1\nx", "x[m] = 1\nx", id="mask-number", x=WRITTEN, m=masks("x"), shares_memory=True,
               differs=[no_wide_unsigned(m=np.array([True])), empty_mask()])  # fmt: skip
assigning.case("x[m] = y[m]\nx", "x[m] = y[m]\nx", id="mask", x=WRITTEN, m=masks("x"), y=like("x"), shares_memory=True,
               differs=[no_wide_unsigned(m=np.array([True]), y=np.array([0])), empty_mask(y=np.ones((1, 1)))])  # fmt: skip
assigning.case(
    "x[i] = y\nx", "x[i] = y\nx", id="index-other-dtype", x=tensors(ndim=1, dtypes=("float32",), overlapping=False),
    i=indices("x"), y=indexed("x", 0, "i", dtypes=("float64", "int64")),
    differs=[Difference("with an index tensor PyTorch wants the values to have the dtype of what they are written to; NumPy "
                        "casts them",
                        example={"x": np.array([1], np.float32), "i": np.array([0]), "y": np.array([1])},
                        torch=Raises(RuntimeError),
                        when="np.all((-len(x) <= i) & (i < len(x)))", kind="gotcha", instead="x[i] = y.to(x.dtype)\nx")],
)  # fmt: skip

# Adding


def in_float32(wide: str, **others: object) -> Difference:
    """Return how several terms are added in float16, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch adds float16 in float32 here and rounds once; NumPy rounds after every addition", kind="gotcha",
        example={"x": np.array([[2048]]), **others}, dtypes=("float16",), when="i.size > 1",
        torch=OneOf("out", f"{wide}\nwide.astype(np.float16)"),
    )  # fmt: skip



assigning.case("x[i] += 1\nx", "x[i] += 1\nx", id="index-add", x=WRITTEN, i=indices("x"),
               dtypes=tuple(d for d in CLAIMED if d != "bool"), shares_memory=True,
               differs=[no_wide_unsigned(i=np.array([0])), unchecked(),
                        repeated_index(TWICE, x=np.array([0.25]), i=np.array([0, 0]))])  # fmt: skip
assigning.case(
    "x.index_put_((i,), y, accumulate=True)",
    """
    np.add.at(x, i, y)
    x
    """,
    x=tensors(ndim=(1, 3), overlapping=False), i=indices("x"), y=indexed("x", 0, "i"), shares_memory=True,
    differs=[no_wide_unsigned(i=np.array([0]), y=np.array([1])), unchecked(y=np.ones((1, 0))),
             steps(i=np.array([0, 0]), y=np.array([1, 1]))],
)  # fmt: skip
ADDED = "wide, terms = x.astype(np.float32), y.astype(np.float32)\nnp.add.at(np.moveaxis(wide, dim, 0), i, np.moveaxis(terms, dim, 0))"
_TIMES_ALPHA = """
times, terms = x.copy(), y * np.ones_like(y)
np.add.at(np.moveaxis(times, dim, 0), i, np.moveaxis(terms, dim, 0))
"""


def by_alpha_along() -> Difference:
    """Return what adding to complex numbers along an axis does to infinite parts."""
    return Difference(
        BY_ALPHA, upstream=ALPHA_REPORT, dtypes=COMPLEX, kind="bug", torch=f"{_TIMES_ALPHA}times",
        example={"x": np.array([0]), "dim": 0, "i": np.array([0]), "y": np.array([complex(np.inf, 0)])},
        when=f"{_TIMES_ALPHA}lost = lambda a, b: np.isnan(a) & ~np.isnan(b)\n"
        "(x.ndim == 1 or dim % x.ndim not in (0, x.ndim - 1)) and lost(times.real, out.real) | lost(times.imag, out.imag)",
    )  # fmt: skip


assigning.case(
    "torch.index_add(x, dim, i, y)",
    """
    out = x.copy()
    np.add.at(np.moveaxis(out, dim, 0), i, np.moveaxis(y, dim, 0))
    out
    """,
    x=tensors(ndim=(1, 4)), dim=axes("x"), i=indices("x", "dim", negative=False), y=indexed("x", "dim", "i"), shares_memory=False,
    differs=[unchecked_along(y=np.ones((0, 1))), steps(dim=0, i=np.array([0, 0]), y=np.array([1, 1])),
             in_float32(ADDED, dim=0, i=np.array([0, 0]), y=np.array([[1], [1]])), by_alpha_along()],
)  # fmt: skip
assigning.case(
    "torch.index_add(x, dim, i, y, alpha=s)",
    """
    out = x.copy()
    np.add.at(np.moveaxis(out, dim, 0), i, np.array(s).astype(x.dtype) * np.moveaxis(y, dim, 0))
    out
    """,
    id="index_add-alpha", x=tensors(ndim=(1, 4), domain="small"), dim=axes("x"), i=indices("x", "dim", negative=False),
    y=indexed("x", "dim", "i", domain="small"), s=values(2, -1, 0, 3), shares_memory=False,
    differs=[unchecked_along(y=np.ones((0, 1)), s=2),
             replace(steps(dim=0, i=np.array([0, 0]), y=np.array([0.5, 0.5]), s=2), when="i.size > 1 or i.size and s == 3")],
)  # fmt: skip
for torch, numpy, name in (("", "out[i] = y", "index_put"), (", accumulate=True", "np.add.at(out, i, y)", "index_put-accumulate")):
    assigning.case(
        f"torch.index_put(x, (i,), y{torch})", f"out = x.copy()\n{numpy}\nout", id=name,
        x=tensors(ndim=(1, 3)), i=indices("x"), y=indexed("x", 0, "i"), shares_memory=False,
        differs=[no_wide_unsigned(i=np.array([0]), y=np.array([1])), unchecked(y=np.ones((1, 0))),
                 *([steps(i=np.array([0, 0]), y=np.array([1, 1]))] if torch else [repeated_index(TWICE, x=np.array([0.25]), i=np.array([0, 0]), y=np.array([0.75, 1.25]))])],
    )  # fmt: skip
assigning.case(
    "torch.select_scatter(x, y, dim, int(i))",
    """
    out = x.copy()
    np.moveaxis(out, dim, 0)[i] = y
    out
    """,
    id="select_scatter", x=tensors(ndim=(1, 4)), dim=axes("x"), i=indices("x", "dim", ndim=0), y=indexed("x", "dim", "i"), shares_memory=False,
)  # fmt: skip
assigning.case(
    "torch.slice_scatter(x, y[:, start::2], 1, start, step=2)",
    """
    out = x.copy()
    out[:, start::2] = y[:, start::2]
    out
    """,
    id="slice_scatter", x=tensors(ndim=(2, 4)), y=like("x"), start=values(0, 1, -1, 3), shares_memory=False,
)  # fmt: skip
AT = """
out, at = x.copy(), list(np.indices(i.shape))
at[dim] = i{}
np.{}.at(out, tuple(at), y)
out
"""
ZEROS = """
signs, at = {} << np.signbit(x), list(np.indices(i.shape))
at[dim] = i
np.bitwise_or.at(signs, tuple(at), (y == 0) << np.signbit(y))
(out == 0) & (signs == 3)
"""
ALONG = {"x": tensors(ndim=(1, 4)), "dim": axes("x"), "i": indices_along("x", "dim", negative=False), "y": like("i")}
ALONE = {"x": np.array([0.0]), "dim": 0, "i": np.array([0, 0])}
OF_MANY_ZEROS = {"x": np.array([[0.0] * 15 + [-0.0], [0.0] * 16]), "dim": 0, "i": np.broadcast_to(np.array([[0], [0]]), (2, 16)),
                 "y": np.zeros((2, 16))}  # fmt: skip
PUT_FIRST = {"sum": "\nout[tuple(at)] = 0", "prod": "\nout[tuple(at)] = 1", "amax": "\nout[tuple(at)] = y", "amin": "\nout[tuple(at)] = y"}
"""What makes the numbers that are there count for nothing; of several that are put in one place it does not matter which stays."""


def of_reduce(reduce: str, first: str, ufunc: str) -> list[Difference]:
    """Return what differs in scatter_reduce by ``reduce``, which is ``ufunc``; ``first`` puts away what is there."""
    wide = AT.format(first.replace("out", "wide"), ufunc).replace("out, at = x.copy()", "wide, at = x.astype(np.float32)").replace("at(out, tuple(at), y)\nout\n", "at(wide, tuple(at), y.astype(np.float32))")
    if reduce == "sum":
        y = np.array([[2048], [1], [1]] if first else [[1], [1]])
        return [in_float32(wide.strip("\n"), dim=0, i=np.zeros(y.shape, int), y=y)]
    if reduce == "prod":
        return []
    zeros = ZEROS.format("(x == 0)" if not first else "np.zeros(x.shape, int)")
    return [
        *(Difference("0.0 and -0.0 are equal, so that either is the greatest or least", dtypes=dtypes, when=zeros,
                     example=example, torch=OneOf("0.0", "-0.0"))
          for dtypes, example in ((("float32", "float64", "bfloat16"), {**ALONE, "y": np.array([0.0, -0.0])}),
                                  (("float16",), {**ALONE, "y": np.array([-0.0, 0.0])} if first else OF_MANY_ZEROS))),
        Difference("complex numbers have no order in PyTorch; NumPy has one", dtypes=COMPLEX, torch=Raises(NotImplementedError),
                   example={**ALONE, "x": np.array([1j]), "y": np.array([1j, 1j])}, when="i.size and x.size"),
    ]  # fmt: skip


LARGER = "x, y = np.fmax(np.abs(x), 1.0), np.fmax(np.abs(y), 1.0)\n" + AT.format("", "multiply").strip("\n")
OF_PRODUCTS = within(
    f"made = exact\n{LARGER.replace('out', 'rest')}".rpartition("\n")[0] + "\nn = i.shape[dim] + 1\n2.3 * n * u * np.abs(made) + 2 * n * tiny * rest",
    "each of at most n products is rounded once (sqrt(5) u for complex ones), and below the normal numbers by less than the smallest one, which "
    "the numbers left to multiply enlarge", overflow=LARGER,
)
assigning.case("torch.scatter_add(x, dim, i, y)", AT.format("", "add"), shares_memory=False, differs=of_reduce("sum", "", "add"), **ALONG)
for reduce, ufunc in (("sum", "add"), ("prod", "multiply"), ("amax", "maximum"), ("amin", "minimum")):
    for options, name, first in (("", "", ""), (", include_self=False", "-others", PUT_FIRST[reduce])):
        assigning.case(
            f"torch.scatter_reduce(x, dim, i, y, '{reduce}'{options})", AT.format(first, ufunc), id=f"scatter_reduce-{reduce}{name}",
            differs=of_reduce(reduce, first, ufunc), **ALONG, **({"tolerance": OF_PRODUCTS} if reduce == "prod" else {}),
        )  # fmt: skip
assigning.case(
    "torch.zeros(1, dtype=torch.float16).index_add(0, torch.zeros(n, dtype=torch.int64), torch.ones(n, dtype=torch.float16))",
    "np.ones(n).sum(keepdims=True).astype(np.float16)",
    id="index_add-many", n=values(10, 2048, 2050, 5000),
    differs=[Difference("PyTorch's index_add of a vector rounds to float16 after every addition, so that a sum of ones stops at "
                        "2048; its "
                        "scatter_add, and index_add of a matrix, add in float32", example={"n": 5000}, when="n > 2048",
                        kind="bug",
                        torch="np.float16([2048])")],
)  # fmt: skip

# Functions of a mask

assigning.case("x.masked_fill(m, 1)", "np.where(m, np.ones((), x.dtype), x)", x=tensors(), m=broadcastable("x", dtypes=("bool",)),
               shares_memory=False)  # fmt: skip
assigning.case("torch.masked_select(x, m)", "x[m]", x=tensors(), m=like("x", dtypes=("bool",)), shares_memory=False)
assigning.case(
    "x.masked_scatter(m, y)",
    """
    out = x.copy()
    out[m] = y.ravel()[:m.sum()]
    out
    """,
    x=tensors(), m=like("x", dtypes=("bool",)), y=like("x"), shares_memory=False,
)  # fmt: skip
