"""Indexing with tensors: whole numbers, masks, lists, and several of them at once. All of these copy.

The rules are NumPy's, with few exceptions. Only int64 and int32 are indices: uint8 is a mask, as it was before PyTorch
had bools, and other widths are refused. An integer beside an index tensor does not count as one, so `x[0, :, i]` leaves
the axes in place, where NumPy moves the new one to the front. And PyTorch does not look at indices when nothing is
selected with them.
"""

import numpy as np

from conformance import Difference, Raises, Section, indices, masks, tensors

advanced = Section("Advanced indexing", id="advanced-indexing")

BITS = "bits = lambda a: (a + 0 if a.dtype.kind == 'c' else a).tobytes()\n"
"""What to compare results by that may differ in their signs of zero, unless they are complex."""


def view(**others: object) -> Difference:
    """Return what indices without axes give, for a row that has the inputs ``others`` beside ``x``."""
    return Difference(
        "PyTorch takes a tensor without axes for an integer, which gives a view; NumPy copies",
        example={"x": np.ones((1, 1)), **others}, when="i.ndim == 0", aspect="memory", torch="view", kind="gotcha",
    )  # fmt: skip


def unchecked(select: str, axis: int, *shape: int, guard: str = "True") -> Difference:
    """Return what indices, ``first`` in ``select``, do where nothing is selected, for an array of ``shape``."""
    return Difference(
        "PyTorch does not check indices where the result has no elements; NumPy refuses those out of range",
        example={"x": np.ones(shape), "i": np.array([7])}, kind="gotcha",
        when=f"n, first = x.shape[{axis}], np.zeros_like(i)\n"
        f"n > 0 and i.size > 0 and i.ndim and not np.all((-n <= i) & (i < n)) and {guard} and {select}.size == 0",
        torch=f"first = np.zeros_like(i)\n{select}", numpy=Raises(IndexError),
    )  # fmt: skip


def unchecked_pair(select: str, axes: tuple[int, int], *shape: int) -> Difference:
    """Return what indices ``i`` and ``j`` into two ``axes`` do where ``select``, with ``first`` and ``second`` for them, is empty."""
    return Difference(
        "PyTorch does not check indices where the result has no elements; NumPy refuses those out of range",
        example={"x": np.ones(shape), "i": np.array([7]), "j": np.array([0])}, kind="gotcha",
        when=f"n, m, first, second = x.shape[{axes[0]}], x.shape[{axes[1]}], np.zeros_like(i), np.zeros_like(j)\n"
        "outside = lambda k, n: not np.all((-n <= k) & (k < n))\n"
        f"n * m * i.size * j.size > 0 and i.ndim and (outside(i, n) or outside(j, m)) and {select}.size == 0",
        torch=f"first, second = np.zeros_like(i), np.zeros_like(j)\n{select}", numpy=Raises(IndexError),
    )  # fmt: skip


# Whole numbers

advanced.case("x[i]", "x[i]", id="index", x=tensors(ndim=(1, 4)), i=indices("x", 0, ndim=(0, 2), dtypes=("int64", "int32")),
              differs=[view(i=np.array(0)), unchecked("x[first]", 0, 1, 0)])  # fmt: skip
advanced.case("x[:, i]", "x[:, i]", id="index-columns", x=tensors(ndim=(2, 4)), i=indices("x", 1, ndim=(1, 2)),
              differs=[unchecked("x[:, first]", 1, 0, 1)])  # fmt: skip
advanced.case("x[..., i]", "x[..., i]", id="index-last", x=tensors(ndim=(1, 3)), i=indices("x", -1, ndim=(1, 2)),
              differs=[unchecked("x[..., first]", -1, 0, 1)])  # fmt: skip
advanced.case("x[i, 1:]", "x[i, 1:]", id="index-and-slice", x=tensors(ndim=(2, 4)), i=indices("x"),
              differs=[unchecked("x[first, 1:]", 0, 1, 1)])
advanced.case("x[None, i]", "x[None, i]", id="index-new-axis", x=tensors(ndim=(1, 3)), i=indices("x"),
              differs=[unchecked("x[None, first]", 0, 1, 0)])
advanced.case(
    "x[i]", "x[i]", id="index-dtypes", x=tensors(ndim=(1, 2)),
    i=indices("x", dtypes=("int8", "int16", "uint16", "uint32", "uint64"), negative=False),
    differs=[Difference("PyTorch takes no int8, int16, uint16, uint32 or uint64 as indices",
                        example={"x": np.ones(2), "i": np.array([1, 0], np.int16)}, torch=Raises(IndexError), kind="gotcha",
                        instead="x[i.long()]")],
)  # fmt: skip
advanced.case("x[i, j]", "x[i, j]", id="two-indices", x=tensors(ndim=(2, 4)), i=indices("x", 0, ndim=(0, 2)),
              j=indices("x", 1, like="i"),
              differs=[view(i=np.array(0), j=np.array(0)), unchecked_pair("x[first, second]", (0, 1), 1, 1, 0)])  # fmt: skip
advanced.case("x[i[:, None], j]", "x[i[:, None], j]", id="two-indices-outer", x=tensors(ndim=(2, 3)), i=indices("x"),
              j=indices("x", 1), differs=[unchecked_pair("x[first[:, None], second]", (0, 1), 1, 1, 0)])  # fmt: skip
advanced.case("x[i, :, j]", "x[i, :, j]", id="two-indices-apart", x=tensors(ndim=(3, 4)), i=indices("x"),
              j=indices("x", 2, like="i"),
              note="with a slice between two index tensors, both libraries put the new axes first",
              differs=[unchecked_pair("x[first, :, second]", (0, 2), 1, 0, 1)])  # fmt: skip
advanced.case("x[:, i, j]", "x[:, i, j]", id="two-indices-last", x=tensors(ndim=(3, 4)), i=indices("x", 1),
              j=indices("x", 2, like="i"), differs=[unchecked_pair("x[:, first, second]", (1, 2), 0, 1, 1)])  # fmt: skip

# Beside an integer

advanced.case("x[0, i]", "x[0, i]", id="index-after-integer", x=tensors(ndim=(2, 4)), i=indices("x", 1),
              differs=[unchecked("x[0, first]", 1, 1, 1, 0, guard="x.shape[0]")])  # fmt: skip
advanced.case("x[i, 0]", "x[i, 0]", id="index-before-integer", x=tensors(ndim=(2, 4)), i=indices("x"),
              differs=[unchecked("x[first, 0]", 0, 1, 1, 0, guard="x.shape[1]")])  # fmt: skip
advanced.case(
    "x[0, :, i]", "x[0, :, i]", id="integer-apart", x=tensors(ndim=(3, 4)), i=indices("x", 2),
    differs=[Difference("for NumPy, an integer beside an index array is an index array, too, and a slice between the two moves "
                        "the "
                        "new axis to the front; PyTorch takes integers first, and leaves it in its place",
                        example={"x": np.array([[[0, 1], [0, 0]]]), "i": np.array([0, 1])}, torch="x[0][:, i]",
                        when=f"{BITS}turned = x[0][:, i]\nturned.shape != out.shape or bits(turned) != bits(out)", kind="gotcha"),
             unchecked("x[0][:, first]", 2, 1, 0, 1, guard="x.shape[0]")],
)  # fmt: skip

# Lists

advanced.case("x[[0, -1]]", "x[[0, -1]]", id="list", x=tensors(ndim=(1, 4)))
advanced.case("x[:, [0, -1]]", "x[:, [0, -1]]", id="list-columns", x=tensors(ndim=(2, 4)))
advanced.case("x[[]]", "x[[]]", id="list-empty", x=tensors(ndim=(1, 4)))
advanced.case("x[[0, -1], [-1, 0]]", "x[[0, -1], [-1, 0]]", id="two-lists", x=tensors(ndim=(2, 4)))
advanced.case(
    "x[[[0, -1], [-1, 0]]]", "x[[[0, -1], [-1, 0]]]", id="list-nested", x=tensors(ndim=(2, 4)),
    differs=[Difference("PyTorch takes a list of lists for several indices, one an axis, as NumPy did before 1.23; NumPy makes "
                        "one "
                        "index of two axes of it", example={"x": np.ones((1, 1))}, when="x.shape[0] and x.shape[1]",
                        torch="x[[0, -1], [-1, 0]]", kind="gotcha", instead="x[torch.tensor([[0, -1], [-1, 0]])]"),
             Difference("PyTorch takes a list of lists for several indices, one an axis, and refuses those past the end of the "
                        "second",
                        example={"x": np.ones((1, 0))}, when="x.shape[0] and not x.shape[1]", torch=Raises(IndexError),
                        kind="gotcha", instead="x[torch.tensor([[0, -1], [-1, 0]])]")],
)  # fmt: skip
advanced.case(
    "x[[0.0]]", "x[[0.0]]", id="list-of-floats", x=tensors(ndim=(1, 4)),
    differs=[Difference("PyTorch drops the fractions of a list of floats that is used as an index; NumPy refuses it, and so does "
                        "PyTorch if it is a tensor", example={"x": np.ones(1)}, torch="x[[0]]", numpy=Raises(IndexError),
                        when="x.shape[0]", kind="gotcha")],
    shares_memory=False,
)  # fmt: skip

# Masks

EMPTY_MASK = Difference(
    "NumPy takes a mask of length 0 for an axis of any length, and selects nothing; it refuses any other length that does not "
    "fit",
    example={"x": np.ones((1, 1)), "m": np.zeros(0, bool)}, torch=Raises(IndexError), kind="bug",
    when="m.ndim <= x.ndim and any(k == 0 != n for k, n in zip(m.shape, x.shape))",
)  # fmt: skip

advanced.case("x[m]", "x[m]", id="mask", x=tensors(), m=masks("x"), differs=[EMPTY_MASK])
advanced.case("x[x != 0]", "x[x != 0]", id="mask-of-values", x=tensors())
advanced.case("x[~m, ...]", "x[~m, ...]", id="mask-inverted", x=tensors(ndim=(1, 3)), m=masks("x"), differs=[EMPTY_MASK])
advanced.case("x[:, x[0] != 0]", "x[:, x[0] != 0]", id="mask-columns", x=tensors(ndim=(2, 3)))
advanced.case(
    "x[m.tolist()]", "x[m.tolist()]", id="mask-list", x=tensors(ndim=(1, 3)), m=masks("x", ndim=1),
    differs=[Difference("PyTorch takes a list of lists, empty ones too, for several indices, one an axis; NumPy makes one index of "
                        "empty ones",
                        example={"x": np.ones((1, 0)), "m": np.zeros((1, 0, 2), bool)}, kind="gotcha",
                        when="m.ndim > 1 and not m.size and 0 < len(m) <= x.ndim",
                        torch="x[tuple(np.array(k, np.int64) for k in m.tolist())]", instead="x[torch.tensor(m.tolist()).long()]"),
             Difference("PyTorch takes a list of lists, empty ones too, for several indices, one an axis, and refuses more than there "
                        "are axes", example={"x": np.ones((2, 0)), "m": np.zeros((3, 0, 2), bool)}, torch=Raises(IndexError),
                        kind="gotcha", when="m.ndim > 1 and not m.size and len(m) > x.ndim")],
)  # fmt: skip
advanced.case("x[m, 0]", "x[m, 0]", id="mask-and-integer", x=tensors(ndim=(2, 3)), m=masks("x", ndim=1), differs=[EMPTY_MASK])
advanced.case(
    "x[i]", "x[i]", id="mask-bytes", x=tensors(ndim=1), i=indices("x", like="x", dtypes=("uint8",), negative=False),
    differs=[
        Difference("PyTorch takes a tensor of uint8 for a mask, with a warning; to NumPy its numbers are indices",
                   example={"x": np.array([1, 0]), "i": np.array([0, 1], np.uint8)}, torch="x[i != 0]", kind="gotcha",
                   when=f"{BITS}chosen = x[i != 0]\nchosen.shape != out.shape or bits(chosen) != bits(out)",
                   instead="x[i.long()]"),
        Difference("PyTorch takes a tensor of uint8 for a mask, with a warning; NumPy refuses its numbers if they are too large",
                   example={"x": np.array([1]), "i": np.array([1], np.uint8)}, torch="x[i != 0]", kind="gotcha",
                   when="np.any(i >= len(x))", numpy=Raises(IndexError)),
    ],
)  # fmt: skip
