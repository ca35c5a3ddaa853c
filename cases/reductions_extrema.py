"""The largest and the smallest, and where they are.

PyTorch's ``max`` and ``min`` along an axis give two tensors, the values and their positions; ``amax`` and ``amin`` give
the values alone, and take several axes, as NumPy's do. NaN wins on both sides, and its first position is the one that
is given, as is the first of equal ones. What differs: an empty tuple of axes means all axes in PyTorch, none in NumPy;
complex numbers have no order in PyTorch; and where zeros of both signs are the largest, either may be given.
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
    axis_tuples,
    tensors,
)

extrema = Section("Largest and smallest", id="extrema")

ONE_AXIS = {"x": tensors(), "dim": axes("x")}
KEPT_AXIS = {"x": tensors(ndim=(1, 4)), "dim": axes("x")}
EITHER_ZERO = "Zeros of both signs are equal: which of them is the largest or the smallest depends on where they are, on both sides"
BOTH = "plus, minus = (x == 0) & ~np.signbit(x), (x == 0) & np.signbit(x)\n"
WIDER = ("float32", "float64", "bfloat16")


def unordered(name: str, when: str | None = None, **others: object) -> Difference:
    """Return that complex numbers have no order, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        f"PyTorch has no {name} of complex numbers; NumPy compares their real parts, and the imaginary ones of equal real parts",
        example={"x": np.array([[1j, 2]]), **others}, dtypes=COMPLEX, when=when, torch=Raises(RuntimeError),
    )  # fmt: skip


def no_bools(instead: str, **others: object) -> Difference:
    """Return that bools have no position of the largest, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch's argmax and argmin do not take bools; NumPy finds the first True or the first False",
        example={"x": np.array([[False, True]]), **others}, dtypes=("bool",), torch=Raises(RuntimeError), kind="gotcha", instead=instead,
    )  # fmt: skip


def either_zero(axis: str, *examples: tuple[object, tuple[str, ...]], **others: object) -> list[Difference]:
    """Return where either zero may be given: those among ``x`` along ``axis`` have both signs."""
    return [
        Difference(
            EITHER_ZERO, example={"x": np.array(x), **others}, dtypes=dtypes, torch=OneOf("0.0", "-0.0"), kind="gotcha",
            when=f"{BOTH}(out == 0) & plus.any(axis={axis}) & minus.any(axis={axis})",
        )
        for x, dtypes in examples
    ]  # fmt: skip


OF_ALL = (([0.0, -0.0], ("float16",)), ([-0.0, -0.0, 0.0, 0.0, -0.0, -0.0, -0.0, -0.0, 0.0], WIDER))
OF_AXIS = (([0.0, -0.0], WIDER),)
OF_AXES = (([[0.0] * 64, [-0.0] * 64], ("float16",)), *OF_AXIS)
ALL_FOR_NO_AXES = "PyTorch reduces all axes if it is given an empty tuple of them; NumPy reduces none"


def no_axes(function: str) -> list[Difference]:
    """Return what an empty tuple of axes means: ``function`` of everything, which an empty tensor does not have."""
    return [
        Difference(ALL_FOR_NO_AXES, example={"x": np.ones((2, 3)), "dims": ()}, when="x.ndim and x.size and dims == ()",
                   torch=f"{function}(x)", dtypes=("bool", *INTEGERS, *FLOATS, "bfloat16"), kind="gotcha"),
        Difference(ALL_FOR_NO_AXES, example={"x": np.ones((2, 0)), "dims": ()}, when="x.size == 0 and dims == ()",
                   torch=Raises(RuntimeError, IndexError), kind="gotcha"),
        *(Difference(EITHER_ZERO, example={"x": np.array(x), "dims": ()}, dtypes=dtypes, kind="gotcha", torch=OneOf("0.0", "-0.0"),
                     when=f"{BOTH}x.ndim and dims == () and plus.any() and minus.any() and {function}(x) == 0")
          for x, dtypes in OF_AXES),
    ]  # fmt: skip


for name, word in (("max", "largest"), ("min", "smallest")):
    index = f"position of the {word}"
    extrema.case(f"x.{name}()", f"np.{name}(x)", x=tensors(), differs=[unordered(word), *either_zero("None", *OF_ALL)])
    extrema.case(
        f"torch.{name}(x, dim).values", f"np.{name}(x, axis=dim)", id=f"{name}-values", **ONE_AXIS,
        differs=[unordered(word, dim=1), *either_zero("dim", *OF_AXIS, dim=0)],
    )  # fmt: skip
    extrema.case(
        f"torch.{name}(x, dim).indices", f"np.arg{name}(x, axis=dim)", id=f"{name}-indices", **ONE_AXIS,
        differs=[unordered(word, dim=1)],
    )  # fmt: skip
    extrema.case(
        f"x.{name}(dim, keepdim=True)",
        f"""
        indices = np.arg{name}(x, axis=dim, keepdims=True)
        np.take_along_axis(x, indices, axis=dim), indices
        """,
        id=f"{name}-keepdim", **KEPT_AXIS, differs=[unordered(word, dim=1)],
    )  # fmt: skip
    extrema.case(
        f"x.a{name}(dims)", f"np.{name}(x, axis=dims)", x=tensors(), dims=axis_tuples("x", low=0),
        differs=[unordered(word, "x.size", dims=(1,)), *either_zero("dims", *OF_AXES, dims=(0,)), *no_axes(f"np.{name}")],
    )  # fmt: skip
    extrema.case(
        f"torch.a{name}(x, dim, keepdim=True)", f"np.{name}(x, axis=dim, keepdims=True)", id=f"a{name}-keepdim", **KEPT_AXIS,
        differs=[unordered(word, "x.size", dim=1), *either_zero("dim, keepdims=True", *OF_AXES, dim=0)],
    )  # fmt: skip
    extrema.case(f"torch.arg{name}(x)", f"np.arg{name}(x)", x=tensors(), differs=[unordered(index), no_bools(f"x.byte().arg{name}()")])
    extrema.case(
        f"x.arg{name}(dim)", f"x.arg{name}(axis=dim)", id=f"arg{name}-dim", **ONE_AXIS,
        differs=[unordered(index, dim=1), no_bools(f"x.byte().arg{name}(dim)", dim=1)],
    )  # fmt: skip
    extrema.case(
        f"torch.arg{name}(x, dim, keepdim=True)", f"np.arg{name}(x, axis=dim, keepdims=True)", id=f"arg{name}-keepdim", **KEPT_AXIS,
        differs=[unordered(index, dim=1), no_bools(f"x.byte().arg{name}(dim, keepdim=True)", dim=1)],
    )  # fmt: skip
    extrema.case(
        f"torch.aminmax(x).{name}", f"np.{name}(x)", id=f"aminmax-{name}", x=tensors(),
        differs=[unordered(word), *either_zero("None", *OF_ALL)],
    )  # fmt: skip
    extrema.case(
        f"torch.aminmax(x, dim=dim).{name}", f"np.{name}(x, axis=dim)", id=f"aminmax-dim-{name}", **ONE_AXIS,
        differs=[unordered(word, dim=1), *either_zero("dim", *OF_AXIS, dim=0)],
    )  # fmt: skip
    extrema.case(
        f"torch.aminmax(x, dim=dim, keepdim=True).{name}", f"np.{name}(x, axis=dim, keepdims=True)", id=f"aminmax-keepdim-{name}", **KEPT_AXIS,
        differs=[unordered(word, dim=1), *either_zero("dim, keepdims=True", *OF_AXIS, dim=0)],
    )  # fmt: skip

# The most frequent

MODE = """
rows = np.sort(np.moveaxis(x, dim, -1), kind='stable')
counts = (rows[..., :, None] == rows[..., None, :]).sum(-1)
most = np.take_along_axis(rows, counts.argmax(-1)[..., None], -1)
"""
"""NumPy has none: of a row in order, the first of those that are equal to the most."""


def of_mode(*, kept: bool = False) -> list[Difference]:
    """Return where the most frequent parts, for a row whose results keep the axis, or do not."""
    along = f"axis=dim, keepdims={kept}"
    return [
        Difference(
            "PyTorch's mode sorts a row as if NaN had an order, and counts what lies side by side: a number on both sides of a NaN is "
            "counted apart", example={"x": np.array([4.0, np.nan, 3.0, 4.0]), "dim": 0}, dtypes=(*FLOATS, "bfloat16"), kind="bug",
            when=f"np.isnan(x).any({along})", torch=UNDEFINED,
        ),
        Difference(
            "Zeros of both signs are equal: PyTorch gives the one that its sort puts last; NumPy's stable sort the first",
            example={"x": np.array([0.0, -0.0]), "dim": 0}, dtypes=(*FLOATS, "bfloat16"), torch=OneOf("0.0", "-0.0"), kind="gotcha",
            when=f"{BOTH}(out == 0) & plus.any({along}) & minus.any({along})",
        ),
        Difference(
            "PyTorch has no mode of these dtypes", example={"x": np.array([1, 2, 2]), "dim": 0}, dtypes=(*WIDE_UNSIGNED, *COMPLEX),
            when="x.size", torch=Raises(NotImplementedError),
        ),
    ]  # fmt: skip


ROWS = {"x": tensors(ndim=(1, 4), longest=1000), "dim": axes("x")}
"""The counts of NumPy's side take the square of an axis."""

extrema.case("torch.mode(x, dim).values", f"{MODE}most[..., 0]", id="mode-values", **ROWS, differs=of_mode())
extrema.case(
    "torch.take_along_dim(x, torch.mode(x, dim, keepdim=True).indices, dim)", f"{MODE}np.moveaxis(most, -1, dim)",
    id="mode-indices", **ROWS, differs=of_mode(kept=True), note="the position is that of any of those that are equal",
)  # fmt: skip
