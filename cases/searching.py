"""Searching: what is not zero, where a number belongs in a sorted row, what is in a set, what there is once.

`nonzero` gives one tensor of positions, NumPy's a tuple to index with; `argwhere` is the same in both. `bucketize` is
`digitize` with the opposite meaning of `right`. A NaN equals no NaN in PyTorch's `unique`, and a sorted row that ends
with NaN, as `sort` leaves it, is not sorted to PyTorch's `searchsorted`.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import not_followed
from conformance.cases.sorting import IN_DISORDER, NO_FLOAT16

from conformance import COMPLEX, FLOATS, INTEGERS, UNDEFINED, Difference, OneOf, Raises, Section, axes, tensors

NO_GRADIENT = not_followed("unique", x=np.array([1.25]))
searching = Section("Searching")

REAL = ("bool", *INTEGERS, *FLOATS)

# What is not zero

NOT_OF_0D = Difference("PyTorch takes a tensor without axes for a vector of one element here; NumPy refuses",
                       example={"x": np.array(1)}, when="x.ndim == 0", torch="np.nonzero(x.reshape(1))", numpy=Raises(ValueError),
                       kind="gotcha", dtypes=(*REAL, *COMPLEX, "bfloat16"))  # fmt: skip

searching.case("torch.argwhere(x)", "np.argwhere(x)", x=tensors())
searching.case("torch.nonzero(x)", "np.argwhere(x)", id="nonzero-argwhere", x=tensors())
searching.case("torch.nonzero(x, as_tuple=True)", "np.nonzero(x)", id="nonzero-tuple", x=tensors(), differs=[NOT_OF_0D])
searching.case("torch.where(x)", "np.where(x)", id="where", x=tensors(), differs=[NOT_OF_0D])
searching.case(
    "torch.nonzero(x)", "np.nonzero(x)", id="nonzero", x=tensors(ndim=(1, 4)), shares_memory=False,
    differs=[Difference("PyTorch gives one tensor, a row for each element that is not zero; NumPy a tuple, an array for each "
                        "axis",
                        example={"x": np.array([[0, 1]])}, torch="np.argwhere(x)", kind="gotcha",
                        instead="torch.nonzero(x, as_tuple=True)", dtypes=(*REAL, *COMPLEX, "bfloat16"))],
)  # fmt: skip
searching.case("1 in x", "1 in x", id="contains", x=tensors())
searching.case(
    "[[1]] in x", "[[1]] in x", id="contains-list", x=tensors(ndim=2),
    differs=[Difference("PyTorch looks for a number or a tensor only; NumPy for anything that broadcasts",
                        example={"x": np.array([[1]])}, torch=Raises(RuntimeError), kind="gotcha",
                        instead="torch.tensor([[1]]) in x",
                        dtypes=(*REAL, *COMPLEX, "bfloat16"))],
)  # fmt: skip
searching.case(
    "range(11)[x[None]]", "range(11)[x[None]]", id="as-index", x=tensors(ndim=0, dtypes=("int64", "int32"), domain="small"),
    differs=[Difference("a tensor of one element can be an index of Python's sequences, whatever its axes; NumPy's must have "
                        "none",
                        example={"x": np.array(1)}, torch="range(11)[int(x)]", numpy=Raises(TypeError), kind="gotcha")],
)  # fmt: skip

# Where a number belongs

NO_SEARCH = Difference("PyTorch searches no bools", example={"x": np.ones(1), "y": np.ones(1)}, dtypes=("bool",),
                       when="y.size", torch=Raises(RuntimeError))  # fmt: skip
NO_ORDER = Difference("PyTorch searches no complex numbers; NumPy orders them by their real part, then by the imaginary one",
                      example={"x": np.ones(1), "y": np.ones(1)}, dtypes=COMPLEX,
                      torch=Raises(RuntimeError))  # fmt: skip


def past_nan(up: str) -> Difference:
    """Return what PyTorch finds in a row that ends with NaN, ``up`` being where it goes on to the right of a middle."""
    halving = f"""
row, low, high = np.sort(x, stable=True), np.zeros(y.shape, int), np.full(y.shape, len(x))
at = go = busy = middle = low
for _ in range(len(x).bit_length()):
    middle = (low + high) // 2
    at = row[np.minimum(middle, len(x) - 1)]
    go, busy = {up}, low < high
    low, high = np.where(busy & go, middle + 1, low), np.where(busy & ~go, middle, high)
"""
    floats = {"dtypes": (*FLOATS, "bfloat16"), "torch": f"{halving}low", "kind": "bug"}
    because = (
        "PyTorch's searchsorted and bucketize do not know that NaN comes last, where PyTorch's own sort puts it: they take a NaN "
        "in the row for less than any number, and find a place behind it"
    )
    return Difference(
        because, **floats,
        example={"x": np.array([np.nan]), "y": np.array([0])},
        when=f"{halving}np.isnan(x).any() and not np.array_equal(low, out)",
    )  # fmt: skip


LEFT, RIGHT = past_nan("~(at >= y)"), past_nan("~(at > y)")
for name, torch, numpy, nan in (
    ("searchsorted", "", "", LEFT),
    ("searchsorted-right", ", right=True", ", side='right'", RIGHT),
    ("searchsorted-side", ", side='right'", ", side='right'", RIGHT),
):
    searching.case(
        f"torch.searchsorted(torch.sort(x).values, y{torch})", f"np.searchsorted(np.sort(x, stable=True), y{numpy})", id=name,
        x=tensors(ndim=1), y=tensors(ndim=(0, 2)), differs=[NO_SEARCH, NO_ORDER, nan],
    )  # fmt: skip
searching.case(
    "torch.searchsorted(x, y, sorter=torch.argsort(x))", "np.searchsorted(x, y, sorter=np.argsort(x))",
    id="searchsorted-sorter", x=tensors(ndim=1), y=tensors(ndim=(0, 2)), differs=[NO_SEARCH, NO_ORDER, LEFT],
)  # fmt: skip
searching.case(
    "torch.searchsorted(x, 2)", "np.searchsorted(x, 2)", id="searchsorted-number",
    x=tensors(ndim=1, dtypes=("int64",), domain="small"),
    note="where the row is not sorted, both look at the same elements",
)  # fmt: skip
DESCENDS = "(len(x) > 1 and np.unique(x[~np.isnan(x)]).size < 2)"


def of_digitize(nan: Difference) -> list[Difference]:
    """Return what PyTorch finds in a row that ends with NaN, ``nan``, and NumPy's digitize with it."""
    because = "NumPy's digitize takes a row of NaN, or of one number and NaN, for one that descends, PyTorch's bucketize the NaN for less"
    return [replace(nan, when=f"{nan.when} and not {DESCENDS}"),
            replace(nan, because=because, example={"x": np.array([0, np.nan]), "y": np.array([1])}, when=f"{nan.when} and {DESCENDS}")]  # fmt: skip


searching.case(
    "torch.bucketize(y, torch.sort(x).values, right=True)", "np.digitize(y, np.sort(x, stable=True))", id="bucketize-right",
    x=tensors(ndim=1), y=tensors(ndim=(0, 2)), dtypes=REAL, differs=[NO_SEARCH, *of_digitize(RIGHT)],
)  # fmt: skip
searching.case(
    "torch.bucketize(y, torch.sort(x).values)", "np.digitize(y, np.sort(x, stable=True), right=True)", id="bucketize",
    x=tensors(ndim=1), y=tensors(ndim=(0, 2)), dtypes=REAL, differs=[NO_SEARCH, *of_digitize(LEFT)],
    note="`right` says the opposite in the two libraries: where PyTorch has `right=False`, NumPy has `right=True`",
)  # fmt: skip

# What is in a set, and what there is once

NO_SETS = Difference("PyTorch's isin takes neither bools nor complex numbers", example={"x": np.ones(1), "y": np.ones(1)},
                     dtypes=("bool", *COMPLEX), torch=Raises(RuntimeError))  # fmt: skip
EACH_NAN = {"example": {"x": np.array([np.nan, np.nan])}, "dtypes": (*FLOATS, "bfloat16"), "kind": "gotcha",
            "when": "np.isnan(x).sum() > 1"}  # fmt: skip
ONE_NAN = "each NaN is another element to PyTorch's unique; NumPy's takes all NaN for one, unless equal_nan=False"
NO_COMPLEX = Difference("PyTorch has no unique of complex numbers", example={"x": np.array([1j])}, dtypes=COMPLEX,
                        torch=Raises(RuntimeError))  # fmt: skip

searching.case(
    "torch.isin(x, y)", "np.isin(x, y)", x=tensors(), y=tensors(ndim=(0, 2)),
    differs=[
        NO_SETS,
        Difference("PyTorch's isin flattens a small set with view, and refuses one that this would have to copy, such as a "
                   "transposed one",
                   example={"x": np.ones(1), "y": np.ones((2, 2)).T}, dtypes=(*INTEGERS, *FLOATS, "bfloat16"), kind="bug",
                   when="y.size and not np.may_share_memory(np.reshape(y, -1), y) and x.size and y.size < 10 * x.size**0.145",
                   torch=Raises(RuntimeError), instead="torch.isin(x, y.contiguous())"),
    ],
)  # fmt: skip
searching.case("torch.isin(x, y, invert=True)", "np.isin(x, y, invert=True)", id="isin-invert", x=tensors(ndim=(0, 2)),
               y=tensors(ndim=1), differs=[NO_SETS])  # fmt: skip
searching.case(
    "torch.isin(x, y)", "np.isin(x, y)", id="isin-dtypes", x=tensors(ndim=1, dtypes=("int64",)),
    y=tensors(ndim=1, dtypes=("float32",)),
    differs=[Difference("PyTorch compares int64 with float32 in float32, NumPy in float64", kind="gotcha",
                        example={"x": np.array([16777217]), "y": np.array([16777216], np.float32)},
                        torch="np.isin(x.astype(np.float32), y)",
                        when="np.isin(x.astype(np.float32), y) != out"),
             Difference("PyTorch's isin finds an int64 in a larger set of float32 that does not hold it, if the next int64 is given, too, "
                        "and both are one float32", example={"x": np.array([2**24 + 1, 2**24]), "y": np.zeros(12, np.float32)},
                        when="given = np.unique(x)\nas_float = given.astype(np.float32)\n"
                        "np.isin(x, given[:-1][as_float[1:] == as_float[:-1]])", torch=OneOf("out", "np.ones(x.shape, bool)"), kind="bug")],
)  # fmt: skip
WIDE = "wide = x.astype(np.float32) if x.dtype == np.float16 else x\n"
EACH = f"{WIDE}each = np.unique(wide, equal_nan=False).astype(x.dtype)\n"


def in_disorder(torch: str) -> Difference:
    """Return where NumPy's unique is wrong, for what it sorts first: rows that sort themselves sort stably for that."""
    return Difference(
        f"{IN_DISORDER}: its unique gives some of them several times", kind="bug",
        example={"x": np.resize([-3.0, -2.0, -1.0], 2000)}, dtypes=("float16",), torch=torch,
        when=f"{EACH}{NO_FLOAT16} and x.size > 1000 and np.isnan(x).sum() <= 1 and np.unique(x).size != each.size",
    )  # fmt: skip


BOTH_ZEROS = "np.unique(np.signbit(x[x == 0])).size > 1"


def zeros(when: str, *torch: str, x: object = np.resize([0.0, -0.0, -0.0], 40)) -> Difference:
    """Return what becomes of zeros of both signs, where ``when`` holds: the results ``torch``."""
    return Difference("of 0.0 and -0.0, which are equal, unique gives any", example={"x": x}, dtypes=(*FLOATS, "bfloat16"),
                      when=when, torch=OneOf(*torch))  # fmt: skip


def either_zero_of_all(*torch: str) -> list[Difference]:
    """Return it with an example of each kind of CPU: NumPy sorts with AVX-512 where it can, and the zeros come otherwise."""
    return [
        zeros(f"({BOTH_ZEROS}) and {where}", *torch, x=np.resize([0.0, -0.0, -0.0], length))
        for where, length in (("'avx512' in instructions", 40), ("'avx512' not in instructions", 32))
    ]


searching.case(
    "torch.unique(x)", "np.unique(x)", x=tensors(),
    differs=[NO_COMPLEX, Difference(ONE_NAN, torch=f"{EACH}each", **EACH_NAN),
             in_disorder(f"{EACH}each"),
             *either_zero_of_all(f"{EACH}each", f"{EACH}np.where(each == 0, -each, each)"), NO_GRADIENT],
)  # fmt: skip
searching.case("torch.unique(x).numel()", "np.unique(x).size", id="unique-number", x=tensors(), differs=[
    NO_COMPLEX, in_disorder(f"{EACH}each.size"), Difference(ONE_NAN, torch=f"{EACH}each.size", **EACH_NAN)])  # fmt: skip
searching.case(
    "torch.unique(x, return_counts=True)[1]", "np.unique(x, return_counts=True)[1]", id="unique-counts", x=tensors(),
    differs=[NO_COMPLEX, in_disorder(f"{WIDE}np.unique(wide, return_counts=True)[1]"),
             Difference(ONE_NAN, torch=f"{WIDE}np.unique(wide, return_counts=True, equal_nan=False)[1]", **EACH_NAN)],
)  # fmt: skip
searching.case(
    "torch.unique(x, return_inverse=True)[1]", "np.unique(x, return_inverse=True)[1]", id="unique-inverse", x=tensors(),
    differs=[NO_COMPLEX, Difference(f"{ONE_NAN}; which of them is which is open", torch=UNDEFINED,
                                    **{**EACH_NAN, "when": "np.isnan(x) & (np.isnan(x).sum() > 1)"})],
)  # fmt: skip
searching.case(
    "values, inverse = torch.unique(x, return_inverse=True)\nvalues[inverse]",
    "values, inverse = np.unique(x, return_inverse=True)\nvalues[inverse]", id="unique-rebuilt", x=tensors(),
    differs=[NO_COMPLEX, zeros(f"(x == 0) & ({BOTH_ZEROS})", "0.0", "-0.0", x=np.resize([0.0, -0.0, -0.0], 20)), NO_GRADIENT],
)  # fmt: skip



def along_axis(length: str, **others: object) -> list[Difference]:
    """Return what differs along an axis of this ``length``, for a row whose inputs beside ``x`` are ``others``."""
    rows = "PyTorch has no unique along an axis where another has the length 0; to NumPy all are the same"
    return [
        replace(NO_COMPLEX, example={**NO_COMPLEX.example, **others}),
        not_followed("unique", x=np.array([1.25]), **others),
        Difference(rows, example={"x": np.ones((1, 0)), **others}, when=f"x.size == 0 and ({length} or sum(n == 0 for n in x.shape) > 1)",
                   torch=Raises(RuntimeError), dtypes=(*REAL, "uint16", "uint32", "uint64", "bfloat16")),
    ]  # fmt: skip


ALONG_AXIS = along_axis("len(x)")
searching.case("torch.unique(x, dim=0)", "np.unique(x, axis=0)", id="unique-dim", x=tensors(ndim=(1, 3), domain="finite"),
               note="with NaN see unique-dim-nan: of more than 16 rows it has no order to sort by, and C++'s sort may then leave its memory",
               differs=[*ALONG_AXIS, in_disorder(f"{EACH}each"),
                        zeros(f"(out == 0) & ({BOTH_ZEROS})", "0.0", "-0.0", x=np.resize([0.0, -0.0, -0.0], (17, 2)))])  # fmt: skip

INSERTED = """
x = x[:16]
i, order, rows = 0, [], [np.ravel(row).tolist() for row in x]
less = lambda a, b: next((m < n for m, n in zip(rows[a], rows[b]) if m < n or m > n), False)
for i in range(len(x)):
    order.insert(0 if not i or less(i, order[0]) else next(k for k in range(i, 0, -1) if not less(i, order[k - 1])), i)
x = x[np.array(order, int)]
each = x[[i for i in range(len(x)) if i == 0 or not np.array_equal(x[i], x[i - 1])]] if len(x) else x
"""
"""How 16 rows and fewer are sorted, C++'s way: each in its turn goes to the front if it is less than the first, or else before those
at the end that it is less than; and NaN is neither less than a number nor greater. Then rows go that are equal to the one before."""
searching.case(
    "torch.unique(x[:16], dim=0) + 0", "np.unique(x[:16], axis=0, equal_nan=False) + 0", id="unique-dim-nan",
    x=tensors(ndim=(1, 3)),
    note="with NaN the result depends on how PyTorch sorts, and more than 16 rows it sorts in another way; of 0.0 and -0.0 either "
    "may come, and `+ 0` hides which",
    differs=[
        *ALONG_AXIS,
        Difference("PyTorch's unique along an axis takes NaN for equal to every number while it sorts, so that rows may be out of "
                   "order, and equal ones given twice", kind="bug", upstream="https://github.com/pytorch/pytorch/issues/95583",
                   example={"x": np.array([1, np.nan, 1])}, dtypes=(*FLOATS, "bfloat16"), torch=f"{INSERTED}each + 0",
                   when=f"{INSERTED}wanted = np.unique(x, axis=0, equal_nan=False)\n"
                   "np.isnan(x).any() and not np.array_equal(each, wanted, equal_nan=True)"),
    ],
)  # fmt: skip
searching.case(
    "torch.unique(x, return_index=True)", "np.unique(x, return_index=True)", id="unique-index", x=tensors(ndim=(1, 2)),
    differs=[Difference("PyTorch's unique does not tell where an element occurs first", example={"x": np.array([1, 1])},
                        torch=Raises(TypeError))],
)  # fmt: skip
ALL_THREE = "return_inverse=True, return_counts=True"
searching.case(
    f"rows, inverse, counts = torch.unique(x, dim=dim, {ALL_THREE})\nrows + 0, inverse, counts",
    f"rows, inverse, counts = np.unique(x, axis=dim, {ALL_THREE})\nrows + 0, inverse, counts", id="unique-dim-all",
    x=tensors(ndim=(2, 3), domain="small"), dim=axes("x"),
    note="of whole numbers only, since NaN come in another order (unique-dim-nan); `+ 0` hides which of 0.0 and -0.0 comes",
    differs=along_axis("x.shape[dim]", dim=0),
)  # fmt: skip

# What is equal to the one before

searching.case(
    "torch.unique_consecutive(x)", "x[np.append(True, x[1:] != x[:-1])[:len(x)]]", id="unique_consecutive",
    x=tensors(ndim=1), differs=[NO_COMPLEX, NO_GRADIENT],
)  # fmt: skip
searching.case(
    f"torch.unique_consecutive(x, {ALL_THREE})",
    """
    new = np.append(True, x[1:] != x[:-1])[:len(x)]
    x[new], np.cumsum(new) - 1, np.diff(np.append(np.flatnonzero(new), len(x)))
    """,
    id="unique_consecutive-all", x=tensors(ndim=1), differs=[NO_COMPLEX, NO_GRADIENT],
)  # fmt: skip
searching.case(
    f"torch.unique_consecutive(x, dim=dim, {ALL_THREE})",
    """
    slices = np.moveaxis(x, dim, 0)
    new = np.append(True, (slices[1:] != slices[:-1]).any(axis=tuple(range(1, x.ndim))))[:len(slices)]
    np.moveaxis(slices[new], 0, dim), np.cumsum(new) - 1, np.diff(np.append(np.flatnonzero(new), len(slices)))
    """,
    id="unique_consecutive-dim", x=tensors(ndim=(1, 3)), dim=axes("x"),
    differs=along_axis("x.shape[dim]", dim=0),
)  # fmt: skip
