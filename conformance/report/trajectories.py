"""The path of a training loop as two drawings: the loss of both sides, and how far they lie apart.

Both go over the steps from left to right. The loss has an even scale; distances have a logarithmic one, at whose foot
stands what is no distance at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.records import Record

WIDTH: Final = 480
HEIGHT: Final = 110
"""Of each drawing, in pixels."""

_COLUMNS: Final = ("torch", "numpy", "apart", "allowed")
_FEWEST: Final = 2
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """The losses of both sides and their distances as points, and in words; ``steps`` holds the four numbers of each.

    ``ends`` are the least and the largest loss, ``powers`` the powers of ten at the foot and the head of the distances.
    """

    torch: Points
    numpy: Points
    apart: Points
    allowed: Points
    ends: tuple[float, float]
    powers: tuple[int, int]
    steps: tuple[tuple[float, ...], ...]

    @property
    def ten_to(self) -> tuple[str, str]:
        """The ends of the distances as powers of ten."""
        low, high = (f"10{str(power).translate(_RAISED)}" for power in self.powers)
        return low, high

    @property
    def words(self) -> str:
        """What the drawings show."""
        first, last = self.steps[0][0], self.steps[-1][0]
        used = max(apart / allowed if allowed else 0.0 for _, _, apart, allowed in self.steps)
        return (
            f"{len(self.steps)} steps, loss from {first:.4g} to {last:.4g}; at most {used:.0%} of what is allowed apart"
        )


def of(record: Record) -> Trajectory | None:
    """Return the trajectory that the record of a unit holds; None where it holds none that can be drawn."""
    told = record.get("trajectory")
    columns: list[Any] = [told.get(name) for name in _COLUMNS] if isinstance(told, dict) else []
    if not columns or not all(map(_is_drawable, columns)) or len({len(column) for column in columns}) > 1:
        return None
    torch, numpy, apart, allowed = columns
    ends = min(*torch, *numpy), max(*torch, *numpy)
    powers = _powers([*apart, *allowed])
    logs, limits = ([_power(number, powers[0]) for number in column] for column in (apart, allowed))
    return Trajectory(
        torch=_points(torch, ends),
        numpy=_points(numpy, ends),
        apart=_points(logs, powers),
        allowed=_points(limits, powers),
        ends=ends,
        powers=powers,
        steps=tuple(zip(*columns, strict=True)),
    )


def path(points: Points) -> str:
    """Return ``points`` as the text of an SVG polyline."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _is_drawable(column: object) -> bool:
    if not isinstance(column, list) or len(column) < _FEWEST:
        return False
    return all(isinstance(number, int | float) and math.isfinite(number) for number in column)


def _powers(distances: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten between which ``distances`` lie, with one to spare below for those that are 0."""
    seen = [math.log10(distance) for distance in distances if distance > 0] or [0.0]
    return math.floor(min(seen)) - 1, math.floor(max(seen)) + 1


def _power(distance: float, foot: int) -> float:
    return math.log10(distance) if distance > 0 else float(foot)


def _points(column: Sequence[float], ends: tuple[float, float]) -> Points:
    """Return a point for each number: evenly from left to right, the least of ``ends`` at the foot."""
    low, high = ends
    across = WIDTH / (len(column) - 1)
    return tuple(
        (step * across, HEIGHT * (1 - ((number - low) / (high - low) if high > low else 0.5)))
        for step, number in enumerate(column)
    )
