"""The shapes that tensors are drawn from, by rank, simplest first, and those that stand for all in a sweep."""

from __future__ import annotations

from functools import cache
from itertools import product
from math import prod
from typing import Final

Shape = tuple[int, ...]

HIGHEST_RANK: Final = 4
LENGTHS: Final = (1, 2, 3, 0, *range(4, 71))
"""Every length of a vector up to past two 32-element blocks, where vector bodies and tails meet."""

LONG: Final = ((127,), (128,), (129,), (255,), (257,), (1000,), (4099,), (32769,), (3, 1000), (1000, 3), (131, 33))
"""Across the block sizes of pairwise summation and the grain of a thread (32,768 elements in ATen)."""

_SIZES: Final = {2: (1, 2, 3, 0, 4, 5, 7, 8, 9, 16, 17, 33), 3: (1, 2, 3, 0, 4, 5, 9), 4: (1, 2, 3, 0)}


def _simplest_first(shape: Shape) -> tuple[bool, int, Shape]:
    size = prod(shape)
    return size == 0, size, shape


def _all_of_rank(rank: int) -> tuple[Shape, ...]:
    return tuple(sorted(product(_SIZES[rank], repeat=rank), key=_simplest_first))


BY_RANK: Final[tuple[tuple[Shape, ...], ...]] = (
    ((),),
    (*((n,) for n in LENGTHS), *(s for s in LONG if len(s) == 1)),
    (*_all_of_rank(2), *(s for s in LONG if len(s) == 2)),  # noqa: PLR2004 - a rank
    _all_of_rank(3),
    _all_of_rank(4),
)


@cache
def up_to(rank: int, longest: int | None) -> tuple[Shape, ...]:
    """Return the shapes of a rank, of at most ``longest`` elements where that is given."""
    return tuple(shape for shape in BY_RANK[rank] if longest is None or prod(shape) <= longest)


def _typical(rank: int) -> tuple[Shape, ...]:
    """Sizes 0, 1 and many at each axis, the others at distinct sizes."""
    usual = (2, 3, 4, 5)[:rank] if rank < HIGHEST_RANK else (2, 3, 2, 3)
    at_each = [(*usual[:axis], size, *usual[axis + 1 :]) for axis in range(rank) for size in (1, 0)]
    return (usual, *at_each, (1,) * rank)


TYPICAL: Final[tuple[Shape, ...]] = (
    (),
    *((n,) for n in (1, 3, 0, 9)),
    *(s for rank in (2, 3, 4) for s in _typical(rank)),
    (3, 3),
    (17, 2),
    (3, 9),
    (2, 3, 3),
    (1, 3, 1),
    (2, 3, 3, 2),
    (1, 2, 3, 1),
)
"""Sizes 0 and 1 at each axis; equal sizes side by side, where a wrong swap shows in values alone; 1 at both ends."""
FOR_AXES: Final[tuple[Shape, ...]] = ((3, 3), (2, 3, 3), (2, 3, 3, 2))
FOR_LAYOUTS: Final[tuple[Shape, ...]] = ((5,), (3, 3), (2, 3, 4))
FOR_OTHER_LAYOUTS: Final[tuple[Shape, ...]] = ((4, 5), (2, 2, 3, 2))
FOR_OPTIONS: Final[tuple[Shape, ...]] = ((), (3,), (2, 3))
FOR_SPOILING: Final[tuple[Shape, ...]] = ((), (3,), (0,), (2, 3), (1, 2, 3))
FOR_RELATIONS: Final[tuple[Shape, ...]] = (
    (3, 3),
    (),
    (1,),
    (3,),
    (0,),
    (2, 3),
    (1, 4),
    (3, 1),
    (17,),
    (2, 1, 3),
    (1, 1, 1),
    (2, 3, 2, 2),
)
