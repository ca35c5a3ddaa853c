"""Taking and putting along one axis: `index_select`, `gather`, `take`, and what writes there, or adds up.

NumPy's `take`, `take_along_axis` and `put_along_axis` do the same, with two differences that everybody meets: most of
PyTorch's functions count from 0 only and refuse a negative index (`take` and `index_fill` know them), and `gather` and
`scatter` take the part of a tensor that the index covers, where NumPy broadcasts. None of them takes uint16, uint32 or
uint64. Where an index occurs several times, the last value is put, as in NumPy; PyTorch's documentation promises no order.
"""

import numpy as np
from conformance.cases.derivatives import repeated_index

from conformance import (
    CLAIMED,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    indexed,
    indices,
    indices_along,
    like,
    tensors,
)

TWICE = "len(np.unique(i)) < i.size"
TWICE_IN_ALL = "len(np.unique(i % max(x.size, 1))) < i.size"

taking = Section("Taking and putting along an axis", id="gather")

VALID = "-x.ndim <= dim < x.ndim"


def from_zero(name: str, **others: object) -> Difference:
    """Return that the function ``name`` counts indices from 0, for a row that has the inputs ``others``, too."""
    return Difference(
        f"{name} takes indices from 0 only; NumPy counts negative ones from the end",
        example={"x": np.ones(1), "dim": 0, "i": np.array([-1]), **others}, torch=Raises(RuntimeError, IndexError),
        when=f"{VALID} and np.any(i < 0) and np.all((-x.shape[dim] <= i) & (i < x.shape[dim]))", kind="gotcha",
    )  # fmt: skip


def one_number(torch: str, **others: object) -> Difference:
    """Return what a function gives for a tensor without axes, for a row that has the inputs ``others``, too."""
    return Difference(
        "PyTorch lets a tensor without axes have the axes 0 and -1; NumPy refuses",
        example={"x": np.array(1), "dim": 0, "i": np.array(0), **others}, torch=torch, numpy=Raises(ValueError),
        when="x.ndim == 0 and dim in (0, -1) and np.all(i == 0)", kind="gotcha",
    )  # fmt: skip


def unchecked(**others: object) -> Difference:
    """Return what happens to indices where there is nothing to put, for a row that has the inputs ``others``, too."""
    return Difference(
        "PyTorch does not check indices where another axis has the length 0; NumPy refuses those out of range",
        example={"x": np.ones((0, 1)), "dim": 1, "i": np.array([7]), **others}, torch="x", numpy=Raises(IndexError),
        when=f"{VALID} and x.size == 0 and x.shape[dim] and np.any(i >= x.shape[dim])", kind="gotcha",
    )  # fmt: skip


def steps(**others: object) -> Difference:
    """Return how several terms are added in bfloat16, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch rounds to bfloat16 after every addition here; NumPy, which lacks it, adds in float32",
        example={"x": np.array([256]), **others}, dtypes=("bfloat16",), when="i.size > 1", torch=UNDEFINED,
    )  # fmt: skip


TAKE_UNCHECKED = Difference(
    "NumPy's take does not check indices where an axis before has the length 0; it does where one behind has, as PyTorch does",
    example={"x": np.ones((0, 1)), "dim": 1, "i": np.array([1])}, torch=Raises(RuntimeError, IndexError), kind="bug",
    when=f"{VALID} and 0 in x.shape[:dim % x.ndim] and not np.all((-x.shape[dim] <= i) & (i < x.shape[dim]))",
)  # fmt: skip

# Taking

taking.case(
    "torch.index_select(x, dim, i)", "np.take(x, i, axis=dim)", x=tensors(ndim=(1, 4)), dim=axes("x"),
    i=indices("x", "dim", negative=False), shares_memory=False,
    differs=[TAKE_UNCHECKED],
)  # fmt: skip
taking.case(
    "torch.gather(x, dim, i)", "np.take_along_axis(x, i, axis=dim)", x=tensors(), dim=axes("x"),
    i=indices_along("x", "dim", negative=False), shares_memory=False, differs=[one_number("x")],
)  # fmt: skip
for name, numpy, index, others in (
    ("index_select", "np.take(x, i, axis=dim)", indices("x", "dim"), [TAKE_UNCHECKED]),
    ("gather", "np.take_along_axis(x, i, axis=dim)", indices_along("x", "dim"), []),
):
    taking.case(f"torch.{name}(x, dim, i)", numpy, id=f"{name}-negative", x=tensors(ndim=(1, 3)), dim=axes("x"), i=index,
                differs=[from_zero(f"PyTorch's {name}"), *others])  # fmt: skip

PART = """
part = tuple(slice(None) if axis == dim % x.ndim else slice(n) for axis, n in enumerate(i.shape))
np.take_along_axis(x[part], i, axis=dim)
"""
OTHERS = "others = [(k, n) for axis, (k, n) in enumerate(zip(i.shape, x.shape)) if axis != dim % x.ndim]\n"
UNFIT = "any(1 not in (k, n) and k != n for k, n in others)"
IN_RANGE = f"{VALID} and np.all(i < x.shape[dim])"
taking.case(
    "torch.gather(x, dim, i)", "np.take_along_axis(x, i, axis=dim)", id="gather-smaller", x=tensors(ndim=(2, 4)), dim=axes("x"),
    i=indices_along("x", "dim", negative=False, smaller=True),
    differs=[
        Difference("PyTorch's gather takes from the part of a tensor that the index covers; NumPy broadcasts an axis of length 1",
                   example={"x": np.ones((2, 1)), "dim": 1, "i": np.zeros((1, 1), int)}, torch=PART, kind="gotcha",
                   when=f"{OTHERS}{IN_RANGE} and any(k == 1 != n for k, n in others) and not {UNFIT}",
                   instead="torch.take_along_dim(x, i, dim)"),
        Difference("PyTorch's gather takes from the part of a tensor that the index covers; NumPy refuses a shorter axis",
                   example={"x": np.ones((3, 1)), "dim": 1, "i": np.zeros((2, 1), int)}, torch=PART, kind="gotcha",
                   when=f"{OTHERS}{IN_RANGE} and {UNFIT}", numpy=Raises(IndexError)),
    ],
)  # fmt: skip
taking.case(
    "torch.take_along_dim(x, i, dim)", "np.take_along_axis(x, i, axis=dim)", x=tensors(ndim=(1, 4)), dim=axes("x"),
    i=indices_along("x", "dim", smaller=True), shares_memory=False,
    differs=[Difference("PyTorch's take_along_dim wraps indices round that are out of range, and so takes some other element; "
                        "NumPy refuses them, and so do PyTorch's gather and take", kind="bug",
                        example={"x": np.array([0, 1]), "dim": 0, "i": np.array([3])}, numpy=Raises(IndexError),
                        when=f"{OTHERS}{VALID} and x.shape[dim] and i.size and not {UNFIT} and "
                        "not np.all((-x.shape[dim] <= i) & (i < x.shape[dim]))",
                        torch="np.take_along_axis(x, i % x.shape[dim], axis=dim)")],
)  # fmt: skip
taking.case(
    "torch.take_along_dim(x, i)", "np.take_along_axis(x, i, axis=None)", id="take_along_dim-flat", x=tensors(),
    i=indices("x", None),
    differs=[
        Difference("without an axis PyTorch's take_along_dim refuses negative indices, which it takes with one; NumPy takes both",
                   example={"x": np.ones(1), "i": np.array([-1])}, torch=Raises(RuntimeError), kind="gotcha",
                   when="np.any(i < 0) and np.all((-x.size <= i) & (i < x.size))", instead="torch.take(x, i)"),
        Difference("PyTorch's take_along_dim without an axis flattens with view, and refuses a tensor that this would have to "
                   "copy, such as a transposed one", example={"x": np.ones((2, 2)).T, "i": np.array([0])}, kind="bug",
                   when="x.size and not np.may_share_memory(np.reshape(x, -1), x) and np.all((-x.size <= i) & (i < x.size))",
                   torch=Raises(RuntimeError), instead="torch.take(x, i)"),
    ],
)  # fmt: skip
taking.case("torch.take(x, i)", "np.take(x, i)", x=tensors(), i=indices("x", None, ndim=(0, 2)), shares_memory=False)

# Putting

NO_WIDE_UNSIGNED = Difference("PyTorch puts no uint16, uint32 or uint64", dtypes=WIDE_UNSIGNED,
                              when="i.size and i.size == y.size",
                              example={"x": np.array([1]), "i": np.array([0]), "y": np.array([1])},
                              torch=Raises(NotImplementedError))  # fmt: skip

taking.case(
    "torch.scatter(x, dim, i, y)",
    """
    out = x.copy()
    np.put_along_axis(out, i, y, axis=dim)
    out
    """,
    x=tensors(), dim=axes("x"), i=indices_along("x", "dim", negative=False), y=like("i"), shares_memory=False,
    differs=[
        one_number("y", y=np.array(0)),
        repeated_index("i.ndim and (np.diff(np.sort(i, axis=dim), axis=dim) == 0).any()", x=np.array([0.25]), dim=0, i=np.array([0, 0]),
                       y=np.array([0.75, 1.25])),
    ],
    note="where an index occurs twice, both put the last value, which PyTorch's documentation does not promise",
)  # fmt: skip
taking.case(
    "x.scatter_(dim, i, 1)",
    """
    np.put_along_axis(x, i, 1, axis=dim)
    x
    """,
    id="scatter-number", x=tensors(ndim=(1, 4), overlapping=False), dim=axes("x"), i=indices_along("x", "dim", negative=False),
    shares_memory=True,
)  # fmt: skip
taking.case(
    "torch.index_copy(x, dim, i, y)",
    """
    out = x.copy()
    np.moveaxis(out, dim, 0)[i] = np.moveaxis(y, dim, 0)
    out
    """,
    x=tensors(ndim=(1, 4)), dim=axes("x"), i=indices("x", "dim", negative=False), y=indexed("x", "dim", "i"), shares_memory=False,
    differs=[unchecked(y=np.ones((0, 1))),
             repeated_index(TWICE, x=np.array([0.25]), dim=0, i=np.array([0, 0]), y=np.array([0.75, 1.25]))],
)  # fmt: skip
taking.case(
    "torch.index_fill(x, dim, i, 1)",
    """
    out = x.copy()
    np.moveaxis(out, dim, 0)[i] = 1
    out
    """,
    x=tensors(ndim=(1, 4)), dim=axes("x"), i=indices("x", "dim"), shares_memory=False, differs=[unchecked()],
)  # fmt: skip
taking.case(
    "torch.put(x, i, y)",
    """
    out = x.copy()
    np.put(out, i, y)
    out
    """,
    x=tensors(), i=indices("x", None, ndim=(0, 2)), y=like("i"), shares_memory=False,
    differs=[
        NO_WIDE_UNSIGNED,
        Difference("PyTorch puts values in the order in which they lie in memory: of those with one index another may come last",
                   example={"x": np.ones(2), "i": np.array([[0, 0], [0, 1]]).T, "y": np.array([[0, 0], [1, 0]]).T}, kind="gotcha",
                   when="numbers = np.sort(i % max(x.size, 1), axis=None)\ntwice = numbers[1:][numbers[1:] == numbers[:-1]]\n"
                   "np.isin(np.arange(x.size).reshape(x.shape), twice) & (i.ndim > 1)", dtypes=(*CLAIMED, "bfloat16"),
                   torch=OneOf("out", "turned = x.copy()\nnp.put(turned, i.T, y.T)\nturned")),
        repeated_index(TWICE_IN_ALL, x=np.array([0.25]), i=np.array([0, 0]), y=np.array([0.75, 1.25])),
    ],
)  # fmt: skip
taking.case(
    "x.put_(i, y)",
    """
    np.put(x, i, y)
    x
    """,
    x=tensors(overlapping=False), i=indices("x", None, ndim=(0, 1)), y=like("i"), shares_memory=True,
    differs=[NO_WIDE_UNSIGNED, repeated_index(TWICE_IN_ALL, x=np.array([0.25]), i=np.array([0, 0]), y=np.array([0.75, 1.25]))],
)  # fmt: skip
taking.case(
    "x.put_(i, y)",
    """
    np.put(x, i, y)
    x
    """,
    id="put_-repeated", x=tensors(overlapping=False), i=indices("x", None), y=tensors(ndim=1),
    differs=[NO_WIDE_UNSIGNED,
             repeated_index(TWICE_IN_ALL, x=np.array([0.25]), i=np.array([0, 0]), y=np.array([0.75, 1.25])),
             Difference("PyTorch puts as many values as there are indices; NumPy repeats the values, or leaves some",
                        example={"x": np.array([1, 2]), "i": np.array([0, 1]), "y": np.array([7])}, torch=Raises(IndexError),
                        when="i.size != y.size and (not y.size or np.all((-x.size <= i) & (i < x.size)))", kind="gotcha")],
)  # fmt: skip
taking.case(
    "torch.put(x, i, y, accumulate=True)",
    """
    out = x.copy()
    np.add.at(out.reshape(-1), i, y)
    out
    """,
    id="put-accumulate", x=tensors(), i=indices("x", None), y=like("i"), shares_memory=False,
    dtypes=tuple(name for name in CLAIMED if name != "bool"),
    differs=[NO_WIDE_UNSIGNED, steps(i=np.array([0, 0]), y=np.array([1, 1]))],
)  # fmt: skip
