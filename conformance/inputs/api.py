"""The words that a row writes its inputs with: plural nouns, like Hypothesis's strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.inputs import shapes as _shapes
from conformance.inputs.factors import Matching, Multipliable, Squares, Triples
from conformance.inputs.indices import Classes, Indexed, Indices, IndicesAlong, Masks, Positions
from conformance.inputs.tensors import Broadcastable, Joinable, Like, Normals, Tensors
from conformance.inputs.values import Axes, AxisTuples, Between, Dtypes, Reshapes, Scalars, Shapes, Values

if TYPE_CHECKING:
    from conformance.inputs.base import Input

    Ranks = int | tuple[int, int]

_ANY_RANK = (0, _shapes.HIGHEST_RANK)


def tensors(
    ndim: Ranks = _ANY_RANK,
    *,
    dtypes: tuple[str, ...] = (),
    domain: str = "any",
    overlapping: bool = True,
    longest: int | None = None,
) -> Input:
    """Tensors of every shape and layout with ``ndim`` axes (a number, or the least and the most).

    ``dtypes`` are their own, drawn as structure; without, they have the unit's. ``domain`` restricts their values:
    ``finite``, ``nonzero``, ``small`` (integers of at most 5). ``overlapping=False`` leaves out expanded layouts, for
    inputs that are written to. ``longest`` is the most elements, for results that are much larger than their inputs.
    Raises ValueError for a rank, dtype or domain that there is not.
    """
    return Tensors(ndim=_ranks(ndim), dtypes=dtypes, domain=domain, overlapping=overlapping, longest=longest)


def arrays(ndim: Ranks = _ANY_RANK, *, dtypes: tuple[str, ...] = (), domain: str = "any") -> Input:
    """NumPy arrays, on both sides: what ``torch.from_numpy`` is given."""
    return Tensors(ndim=_ranks(ndim), dtypes=dtypes, domain=domain, face="array")


def lists(ndim: Ranks = (1, 3), *, dtypes: tuple[str, ...] = (), domain: str = "any") -> Input:
    """Nested Python lists, on both sides: what ``torch.tensor`` and ``np.array`` are given."""
    return Tensors(ndim=_ranks(ndim), dtypes=dtypes, domain=domain, face="list")


def normals(*shape: int, dtypes: tuple[str, ...] = (), missing: bool = False) -> Input:
    """A contiguous tensor of the one ``shape``, of normally distributed numbers (of integers, small ones).

    For programs in which a shape is part of what they say, such as the layers of a network, and values must be tame.
    With ``missing``, some of the tensors hold a NaN.
    """
    return Normals(shape=shape, dtypes=dtypes, domain="missing" if missing else "normal")


def like(other: str, *, dtypes: tuple[str, ...] = (), domain: str = "any", overlapping: bool = True) -> Input:
    """A tensor of the same shape as the input ``other``; ``overlapping`` as for :func:`tensors`."""
    return Like(other=other, dtypes=dtypes, domain=domain, overlapping=overlapping)


def broadcastable(other: str, *, dtypes: tuple[str, ...] = (), domain: str = "any", overlapping: bool = True) -> Input:
    """A tensor that broadcasts with the input ``other``, 0-d and wider ones included."""
    return Broadcastable(other=other, dtypes=dtypes, domain=domain, overlapping=overlapping)


def joinable(
    axis: str, *, count: tuple[int, int] = (1, 4), dtypes: tuple[str, ...] = (), legacy_empty: bool = False
) -> Input:
    """A list of tensors that can be joined along the input ``axis``, empty ones at every position included."""
    return Joinable(axis=axis, count=count, dtypes=dtypes, legacy_empty=legacy_empty)


def indices(  # noqa: PLR0913 - one parameter each, all needed
    other: str,
    dim: str | int | None = 0,
    *,
    ndim: Ranks = 1,
    dtypes: tuple[str, ...] = ("int64",),
    negative: bool = True,
    like: str | None = None,
) -> Input:
    """A tensor of ``ndim`` axes that holds indices into the axis ``dim`` of ``other``, counted from either end.

    ``dim`` may be the name of an input; None stands for all elements in a row. ``negative=False`` counts from 0 only.
    ``like`` names an input whose shape it has.
    """
    return Indices(like=like, other=other, dim=dim, ndim=_ranks(ndim), dtypes=dtypes, negative=negative)


def indices_along(
    other: str,
    dim: str | int,
    *,
    dtypes: tuple[str, ...] = ("int64",),
    negative: bool = True,
    smaller: bool = False,
) -> Input:
    """Indices into the axis ``dim`` of ``other``, of its shape but for that axis: what ``np.take_along_axis`` takes.

    ``smaller`` allows fewer on the other axes, too.
    """
    return IndicesAlong(other=other, dim=dim, dtypes=dtypes, negative=negative, smaller=smaller)


def classes(other: str, dim: str | int = 1, *, dtypes: tuple[str, ...] = ("int64",), negative: bool = False) -> Input:
    """Indices into the axis ``dim`` of ``other``, one for each place on its other axes: the class of each sample."""
    return Classes(other=other, dim=dim, dtypes=dtypes, negative=negative)


def indexed(other: str, dim: str | int | None, by: str, *, dtypes: tuple[str, ...] = (), domain: str = "any") -> Input:
    """A tensor of the shape that ``other`` has once its axis ``dim`` is indexed with the input ``by``."""
    return Indexed(other=other, dim=dim, by=by, dtypes=dtypes, domain=domain)


def positions(other: str, dim: int = 0) -> Input:
    """A Python integer that is an index into the axis ``dim`` of the input ``other``, counted from either end."""
    return Positions(other=other, dim=dim)


def masks(other: str, *, ndim: int | None = None) -> Input:
    """A mask of the elements of the input ``other``, or of its first axes; of as many as ``ndim`` where it is given."""
    return Masks(other=other, dtypes=("bool",), ndim=ndim)


def multipliable(other: str, *, dtypes: tuple[str, ...] = (), domain: str = "any") -> Input:
    """A tensor by which the input ``other`` can be matrix-multiplied: vectors, matrices, batches that broadcast."""
    return Multipliable(other=other, dtypes=dtypes, domain=domain)


def matching(names: str, *, dtypes: tuple[str, ...] = (), domain: str = "any", **others: str) -> Input:
    """A tensor with an axis for each letter of ``names``, as long as that of the same letter in one of ``others``.

    ``matching("jk", x="ij")`` has as many rows as the input ``x`` has columns; ``x="...j"`` names the last axis of an
    ``x`` of any rank. An axis that none of ``others`` has is of any length up to 17. Raises ValueError for a letter
    that stands twice in one text.
    """
    return Matching(names=names, others=tuple(others.items()), dtypes=dtypes, domain=domain)


def squares(ndim: Ranks = (2, _shapes.HIGHEST_RANK), *, domain: str = "any") -> Input:
    """Square matrices, and batches of them."""
    return Squares(ndim=_ranks(ndim), domain=domain)


def triples(ndim: Ranks = (1, _shapes.HIGHEST_RANK), *, domain: str = "any") -> Input:
    """Tensors whose last axis is three long, such as vectors in space."""
    return Triples(ndim=_ranks(ndim), domain=domain)


def axes(other: str) -> Input:
    """An axis of the input ``other``, counted from either end."""
    return Axes(other=other)


def new_axes(other: str) -> Input:
    """A position at which an axis can be inserted into the input ``other``, counted from either end."""
    return Axes(other=other, new=True)


def axis_tuples(other: str, *, low: int = 1) -> Input:
    """A tuple of at least ``low`` distinct axes of the input ``other``."""
    return AxisTuples(other=other, low=low)


def shapes(ndim: Ranks = _ANY_RANK) -> Input:
    """A shape, as a tuple of sizes."""
    return Shapes(ndim=_ranks(ndim))


def reshapes(other: str) -> Input:
    """A shape for as many elements as the input ``other`` has, perhaps with one size -1."""
    return Reshapes(other=other)


def scalars(*kinds: str) -> Input:
    """A Python scalar; ``kinds`` are among bool, int, float, complex."""
    return Scalars(kinds=kinds)


def dtypes(*names: str) -> Input:
    """A dtype, one of ``names``, or the unit's own."""
    return Dtypes(names=names)


def values(*options: object) -> Input:
    """One of the plain values listed, simplest first."""
    return Values(options=options)


def between(low: float, high: float, *, usual: tuple[float, ...] = ()) -> Input:
    """A number from ``low`` to ``high``, such as a learning rate: every other time one of the ``usual`` ones.

    The others are spread evenly, by their logarithm where ``low`` is above zero, in numbers of four digits. Raises
    ValueError for a range that is empty or not finite, and for a usual number outside of it.
    """
    return Between(low=low, high=high, usual=usual)


def _ranks(ndim: Ranks) -> tuple[int, int]:
    return (ndim, ndim) if isinstance(ndim, int) else ndim
