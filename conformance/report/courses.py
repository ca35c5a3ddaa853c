"""How the ratio of times goes with the size of the inputs: which side is faster, and at which size that changes.

Between two sizes that were timed, the logarithm of the ratio is taken to go evenly with the logarithm of the size,
which is how a fixed cost for each call gives way to one for each element. Where the line meets 1, the faster side
changes. A size at which the quartiles of the ratio lie on both sides of 1 is for neither: noise makes no crossing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from conformance.records import where_timed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.records import Record

_FEWEST: Final = 2
_TORCH, _NUMPY = "PyTorch", "NumPy"
_QUARTILES: Final = ("ratio", "ratio_low", "ratio_high")
_CHANGES: Final = "the faster side changes with the size"


@dataclass(frozen=True, kw_only=True)
class Point:
    """The ratio PyTorch ÷ NumPy at one number of elements, and whether its spread leaves one side the faster."""

    elements: float
    ratio: float
    told: bool


@dataclass(frozen=True, kw_only=True)
class Course:
    """The ratios of one case, dtype and device by the number of elements, the smallest first.

    ``device`` names layout and threads, too, where those are not the usual ones.
    ``crossings`` are the numbers of elements at which the faster side changes.
    """

    environment: str
    dtype: str
    device: str
    points: tuple[Point, ...]
    crossings: tuple[float, ...]

    @property
    def first(self) -> str:
        """The side that is faster at the smallest size at which one is; empty where neither ever is."""
        return next((_faster(point.ratio) for point in self.points if point.told), "")

    @property
    def side(self) -> str:
        """Who is faster, without sizes."""
        if not self.first:
            return "too close to tell at every size"
        everywhere = all(point.told for point in self.points)
        alone = f"{self.first} {'at every size' if everywhere else 'wherever one is faster'}"
        return _CHANGES if self.crossings else alone

    @property
    def words(self) -> str:
        """Who is faster, from which size on, and where it is too close to tell."""
        close = [f"{point.elements:,.0f}" for point in self.points if not point.told]
        at = f"; too close to tell at {' and '.join(close)} elements" if close and self.first else ""
        if not self.crossings:
            return f"{self.side}{at}"
        sides = [_NUMPY, _TORCH] if self.first == _TORCH else [_TORCH, _NUMPY]
        changes = (f"from about {_rounded(at)} elements {sides[n % 2]}" for n, at in enumerate(self.crossings))
        return f"{self.first}, {', '.join(changes)}{at}"


def by_case(records: Iterable[Record]) -> dict[str, list[Course]]:
    """Return the courses of each case, in the order of the run; one needs two sizes at least."""
    grouped: dict[tuple[str, ...], dict[float, Point]] = {}
    for record in records:
        if (point := _point(record)) is not None:
            named = (str(record.get(name) or "") for name in ("id", "environment", "dtype"))
            key = (*named, where_timed(record))
            grouped.setdefault(key, {})[point.elements] = point
    found: dict[str, list[Course]] = {}
    for (name, environment, dtype, device), held in grouped.items():
        points = tuple(held[size] for size in sorted(held))
        if len(points) >= _FEWEST:
            where = {"environment": environment, "dtype": dtype, "device": device}
            found.setdefault(name, []).append(Course(**where, points=points, crossings=crossings(points)))
    return found


def crossings(points: Sequence[Point]) -> tuple[float, ...]:
    """Return where the line through ``points``, in logarithms, goes from one side of 1 to the other.

    Between two sizes of which each has another faster side it does so once: of several times, over sizes at which it is
    too close to tell, the middle one is taken.
    """
    told = [place for place, point in enumerate(points) if point.told]
    found = []
    for one, other in pairwise(told):
        if _faster(points[one].ratio) != _faster(points[other].ratio):
            within = [at for pair in pairwise(points[one : other + 1]) if (at := _meets(*pair)) is not None]
            found.append(within[len(within) // 2])
    return tuple(found)


def _meets(one: Point, other: Point) -> float | None:
    """Return the size at which the line between two points meets 1; None where both are on one side of it."""
    low, high = math.log(one.ratio), math.log(other.ratio)
    if (low < 0) == (high < 0):
        return None
    start, end = math.log(one.elements), math.log(other.elements)
    return math.exp(start + (end - start) * low / (low - high))


def _point(record: Record) -> Point | None:
    elements, ratio = (_positive(record.get(key)) for key in ("elements", "ratio"))
    return None if elements is None or ratio is None else Point(elements=elements, ratio=ratio, told=is_told(record))


def is_told(record: Record) -> bool:
    """Tell whether a benchmark record leaves one side the faster: its ratio and quartiles lie on one side of 1."""
    found = [number for key in _QUARTILES if (number := _positive(record.get(key))) is not None]
    return bool(found) and not min(found) <= 1 <= max(found)


def counts(courses: Iterable[Course]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return, for each environment and device, how many cases each side is faster in at every size, and the rest."""
    grouped: dict[str, Counter[str]] = {}
    for one in courses:
        where = ", ".join(filter(None, (one.device, one.environment))) or "all"
        grouped.setdefault(where, Counter())[one.side] += 1
    return [(where, sorted(counted.items(), key=lambda pair: -pair[1])) for where, counted in grouped.items()]


def _faster(ratio: float) -> str:
    return _TORCH if ratio < 1 else _NUMPY


def _rounded(elements: float) -> str:
    """Write a number of elements with the two digits that an interpolation has."""
    return f"{float(f'{elements:.2g}'):,.0f}"


def _positive(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else None
