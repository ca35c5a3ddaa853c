"""The benchmark records of a run as the page shows them: grouped by case, with a small bar for each ratio.

Ratios are drawn on a logarithmic scale, so that twice as fast and twice as slow are equally far from the middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.records import Record

WIDTH: Final = 160
_DOUBLINGS: Final = 6  # either way, to the edge of the bar
_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (0.0, "ns"))
_SCALE: Final = {"s": 1.0, "ms": 1e3, "µs": 1e6, "ns": 1e9}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Where a ratio and its quartiles lie, in pixels from the left; the middle is 1."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One line of a table, as text."""

    what: str
    size: str
    torch: str
    numpy: str
    ratio: str
    spread: str
    bar: Bar | None


def by_case(records: Iterable[Record]) -> dict[str, list[Bench]]:
    """Group benchmark records by the id of their case, in the order of the run."""
    grouped: dict[str, list[Bench]] = {}
    for record in records:
        grouped.setdefault(str(record["id"]), []).append(_bench(record))
    return grouped


def duration(seconds: float | None) -> str:
    """Write a time with three digits in the unit that suits it; a dash where there is none."""
    if seconds is None:
        return "–"
    unit = next(name for least, name in _UNITS if seconds >= least)
    return f"{seconds * _SCALE[unit]:.3g} {unit}"


def _bench(record: Record) -> Bench:
    low, high = _number(record, "ratio_low"), _number(record, "ratio_high")
    return Bench(
        what=" ".join(str(record[key]) for key in ("dtype", "device") if record.get(key)),
        size=_size(record),
        torch=duration(_number(record, "torch_seconds")),
        numpy=duration(_number(record, "numpy_seconds")),
        ratio=_ratio(_number(record, "ratio")),
        spread=f"[{_ratio(low)}, {_ratio(high)}]",
        bar=_bar(_number(record, "ratio"), low, high),
    )


def _size(record: Record) -> str:
    elements = _number(record, "elements")
    counted = "" if elements is None else f" ({elements:,.0f} elements)"
    return f"{record.get('size') or ''}{counted}".strip()


def _number(record: Record, key: str) -> float | None:
    value = record.get(key)
    return value if isinstance(value, int | float) and math.isfinite(value) and value >= 0 else None


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _bar(ratio: float | None, low: float | None, high: float | None) -> Bar | None:
    if ratio is None:
        return None
    from_low, to_high = (ratio if end is None else end for end in (low, high))
    return Bar(ratio=_place(ratio), low=_place(from_low), high=_place(to_high))


def _place(ratio: float) -> float:
    doublings = math.log2(ratio) if ratio else -math.inf
    return round(WIDTH / 2 * (1 + max(-1.0, min(1.0, doublings / _DOUBLINGS))), 1)
