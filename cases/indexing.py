"""Indexing with integers, slices, `...` and `None`, which gives views in both libraries.

The syntax is one and the same, and so are views and their strides, with three exceptions. PyTorch has no negative steps.
Where every axis is taken by an integer, PyTorch gives a view with no axes, so that writing to it changes the tensor;
NumPy gives a number. And PyTorch lets an index have several `...`.
"""

import numpy as np

from conformance import CLAIMED, WIDE_UNSIGNED, Difference, Raises, Section, axes, positions, tensors, values

indexing = Section("Indexing")


def number(when: str, instead: str, **others: object) -> Difference:
    """Return what differs where no axis is left, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "where no axis is left, PyTorch gives a view without axes; NumPy gives a number, which is a copy",
        example={"x": np.ones((1,) * int(when[-1])), **others}, when=when, aspect="memory", torch="view", kind="gotcha",
        instead=instead,
    )  # fmt: skip



def backwards(instead: str, **others: object) -> list[Difference]:
    """Return that there are no negative steps, for a row whose inputs beside ``x`` are ``others``."""
    refused = {"example": {"x": np.array([[1, 2]]), **others}, "torch": Raises(ValueError), "kind": "gotcha"}
    because = "PyTorch has no slices with a negative step"
    return [
        Difference(because, **refused, dtypes=(*CLAIMED, "bfloat16"), instead=instead),
        Difference(f"{because}, and no flip of uint16, uint32 or uint64", **refused, dtypes=WIDE_UNSIGNED),
    ]

# One element, row or column

indexing.case("x[i]", "x[i]", id="first-axis", x=tensors(ndim=(1, 4)), i=positions("x"),
              differs=[number("x.ndim == 1", "x[i].clone()", i=0)])  # fmt: skip
indexing.case("x[i, j]", "x[i, j]", id="two-axes", x=tensors(ndim=(2, 4)), i=positions("x"), j=positions("x", 1),
              differs=[number("x.ndim == 2", "x[i, j].clone()", i=0, j=0)])  # fmt: skip
indexing.case("x[:, i]", "x[:, i]", id="second-axis", x=tensors(ndim=(2, 4)), i=positions("x", 1), shares_memory=True)
indexing.case("x[..., i]", "x[..., i]", id="last-axis", x=tensors(ndim=(1, 4)), i=positions("x", -1), shares_memory=True)
indexing.case("x[i, ..., j]", "x[i, ..., j]", id="first-and-last", x=tensors(ndim=(2, 4)), i=positions("x"),
              j=positions("x", -1), shares_memory=True)  # fmt: skip
indexing.case("x[-1]", "x[-1]", id="last", x=tensors(ndim=(1, 4)), differs=[number("x.ndim == 1", "x[-1].clone()")])
indexing.case("x.select(dim, i)", "np.moveaxis(x, dim, 0)[i, ...]", x=tensors(ndim=(1, 4)), dim=axes("x"),
              i=values(0, -1, 1, -2), shares_memory=True)  # fmt: skip
indexing.case("list(x)", "list(x)", id="iterate", x=tensors(ndim=(1, 4), longest=300), differs=[
    number("x.ndim == 1", "list(x.clone())")])  # fmt: skip
indexing.case(
    """
    first = x[0]
    first.fill_(True)
    x
    """,
    """
    first = x[0]
    first.fill(True)
    x
    """,
    id="written", x=tensors(ndim=(1, 4), overlapping=False),
    differs=[
        Difference("where no axis is left, PyTorch gives a view without axes; NumPy a number, and the array stays as it was",
                   example={"x": np.zeros(2)}, when="x.ndim == 1 and x.size and x[0] != 1", kind="gotcha",
                   aspect="inputs after", torch="first = x.copy()\nfirst[0] = True\nfirst",
                   instead="first = x[0].clone()\nfirst.fill_(True)\nx"),
    ],
)  # fmt: skip

# Slices

STARTS, STOPS = values(None, 1, 0, -1, -2, 50, -50), values(None, 2, -1, 0, 1, 50, -50)

indexing.case("x[start:stop]", "x[start:stop]", id="slice", x=tensors(ndim=(1, 4)), start=STARTS, stop=STOPS,
              shares_memory=True)  # fmt: skip
indexing.case("x[start:stop:step]", "x[start:stop:step]", id="slice-step", x=tensors(ndim=(1, 4)), start=STARTS,
              stop=STOPS, step=values(2, 1, 3, 100), shares_memory=True)  # fmt: skip
indexing.case("x[:, start:stop:step]", "x[:, start:stop:step]", id="slice-columns", x=tensors(ndim=(2, 4)), start=STARTS,
              stop=STOPS, step=values(1, 2, 3), shares_memory=True)  # fmt: skip
indexing.case("x[1:, ..., :-1]", "x[1:, ..., :-1]", id="slice-both-ends", x=tensors(ndim=(2, 4)), shares_memory=True)
indexing.case("x[::2, 0]", "x[::2, 0]", id="slice-and-integer", x=tensors(ndim=(2, 4)), shares_memory=True)
indexing.case(
    "x[::-1]", "x[::-1]", id="slice-backwards", x=tensors(ndim=(1, 4)),
    differs=backwards("x.flip(0)"),
)  # fmt: skip
indexing.case(
    "x[:, start::step]", "x[:, start::step]", id="slice-columns-backwards", x=tensors(ndim=(2, 4)),
    start=values(None, -1, 2, 50), step=values(-1, -2),
    differs=backwards("x.flip(1)", start=None, step=-1),
)  # fmt: skip
indexing.case("x.flip(0)", "x[::-1].copy()", id="flip", x=tensors(ndim=(1, 4)), shares_memory=False,
              note="PyTorch's flip copies; NumPy's is a view, as `x[::-1]` is")  # fmt: skip

# Everything, and new axes

indexing.case("x[...]", "x[...]", id="ellipsis", x=tensors(), shares_memory=True)
indexing.case("x[:]", "x[:]", id="all", x=tensors(), shares_memory=True)
indexing.case("x[()]", "x[()]", id="empty-tuple", x=tensors(), differs=[
    Difference("of a tensor without axes PyTorch gives a view of it; NumPy gives a number, which is a copy",
               example={"x": np.array(1)}, when="x.ndim == 0", aspect="memory", torch="view", kind="gotcha",
               instead="x[()].clone()")])  # fmt: skip
indexing.case("x[None, ..., 0, None]", "x[None, ..., 0, None]", id="new-axes", x=tensors(ndim=(1, 3)), shares_memory=True)
indexing.case("x[:, None, :2]", "x[:, None, :2]", id="new-axis-between", x=tensors(ndim=(2, 4)), shares_memory=True)
indexing.case(
    "x[..., None, ...]", "x[..., None, ...]", id="two-ellipses", x=tensors(),
    differs=[Difference("PyTorch takes an index with several `...`, of which each after the first is `:`, as many as are left, "
                        "or none; NumPy refuses it", example={"x": np.ones((2, 3))}, torch="x[..., None]",
                        numpy=Raises(IndexError), kind="gotcha")],
    shares_memory=True,
)  # fmt: skip
indexing.case("x[True]", "x[True]", id="true", x=tensors())
indexing.case("x[False]", "x[False]", id="false", x=tensors())
