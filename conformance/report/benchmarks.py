"""The benchmark records of a run as the page shows them: grouped by case, with a small bar for each ratio.

Ratios are drawn on a logarithmic scale, so that twice as fast and twice as slow are equally far from the middle.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.records import where_timed
from conformance.report import courses
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.records import Record
    from conformance.report.courses import Course

WIDTH: Final = 160
TALL: Final = 60
"""Of a histogram, in pixels."""
STEP: Final = 8
"""The width of one of its columns, in pixels: from 1/64 to 64, ten of them lie on either side of the middle."""

_BEYOND_CACHES: Final = 8_000_000
"""Bytes of one float32 tensor of the large size, several times what a core has for itself.

A cache that the cores share can hold more; but the copy that is told beside it is one of as many elements.
"""

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

    environment: str
    dtype: str
    device: str  #: with layout and threads, where those are not the usual ones
    size: str
    torch: str
    numpy: str
    ratio: str
    spread: str
    moved: tuple[str, str]
    bar: Bar | None


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How the ratios of one size on one device are spread: columns from the left.

    Of each column its place, its height, how much of that, at its foot, is of ratios that leave one side the faster,
    and what it shows in words.
    """

    label: str
    columns: tuple[tuple[float, float, float, str], ...]
    torch: int
    numpy: int
    close: int

    @property
    def words(self) -> str:
        """What the drawing shows."""
        total = self.torch + self.numpy + self.close
        told = f"PyTorch faster in {self.torch:,} of {total:,}, NumPy in {self.numpy:,}"
        return f"{told}, too close to tell in {self.close:,}"


def histograms(records: Iterable[Record]) -> list[Histogram]:
    """Return a histogram for each device, layout, number of threads and size, in the order of the run.

    Records without a ratio are left out. Who is faster is told by the rule of the courses, as everywhere.
    """
    grouped: dict[str, list[tuple[float, bool]]] = {}
    for record in records:
        if (ratio := _number(record, "ratio")) is not None:
            parts = (str(record.get("environment") or ""), where_timed(record), str(record.get("size") or ""))
            grouped.setdefault(" ".join(filter(None, parts)), []).append((ratio, courses.is_told(record)))
    return [_histogram(label, ratios) for label, ratios in grouped.items()]


def _histogram(label: str, ratios: Sequence[tuple[float, bool]]) -> Histogram:
    columns = [min(int(_place(ratio) // STEP), WIDTH // STEP - 1) for ratio, _ in ratios]
    counted = Counter(columns)
    told = Counter(place for place, (_, is_told) in zip(columns, ratios, strict=True) if is_told)
    faster = [ratio for ratio, is_told in ratios if is_told]
    torch = sum(ratio < 1 for ratio in faster)
    return Histogram(
        label=label,
        columns=tuple(_column(place, n, told[place], max(counted.values())) for place, n in sorted(counted.items())),
        torch=torch,
        numpy=len(faster) - torch,
        close=len(ratios) - len(faster),
    )


def _column(place: int, count: int, told: int, most: int) -> tuple[float, float, float, str]:
    words = f"{count:,}, too close to tell in {count - told:,}" if told < count else f"{count:,}"
    return place * STEP, round(TALL * count / most, 1), round(TALL * told / most, 1), words


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What was timed of one case: the lines of its table, and how the ratios go with the size."""

    lines: Sequence[Bench]
    courses: Sequence[Course]


def timed(records: Iterable[Record]) -> dict[str, Timed]:
    """Return what was timed of each case, in the order of the run."""
    held = tuple(records)
    paths = courses.by_case(held)
    return {name: Timed(lines=lines, courses=paths.get(name, ())) for name, lines in by_case(held).items()}


def by_case(records: Iterable[Record]) -> dict[str, list[Bench]]:
    """Group benchmark records by the id of their case, in the order of the run, but the more elements the later."""
    grouped: dict[str, dict[tuple[object, ...], list[Record]]] = {}
    for record in records:
        where = (record.get("environment"), record.get("dtype"), where_timed(record))
        grouped.setdefault(str(record["id"]), {}).setdefault(where, []).append(record)
    return {name: [_bench(one) for held in timed.values() for one in _by_size(held)] for name, timed in grouped.items()}


def _by_size(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: _number(record, "elements") or 0)


def duration(seconds: float | None) -> str:
    """Write a time with three digits in the unit that suits it; a dash where there is none."""
    if seconds is None:
        return "–"
    unit = next(name for least, name in _UNITS if seconds >= least)
    return f"{seconds * _SCALE[unit]:.3g} {unit}"


def _bench(record: Record) -> Bench:
    low, high = _number(record, "ratio_low"), _number(record, "ratio_high")
    return Bench(
        environment=str(record.get("environment") or ""),
        dtype=str(record.get("dtype") or ""),
        device=where_timed(record),
        size=_size(record),
        torch=duration(_number(record, "torch_seconds")),
        numpy=duration(_number(record, "numpy_seconds")),
        ratio=_ratio(_number(record, "ratio")),
        spread=f"[{_ratio(low)}, {_ratio(high)}]",
        moved=(_moved(record, "torch"), _moved(record, "numpy")),
        bar=_bar(_number(record, "ratio"), low, high),
    )


def _moved(record: Record, side: str) -> str:
    """Say what memory a side moved in a second, and that as a part of what a copy of as many elements does.

    Empty where all of it fits into the caches of one core, for the time of a call is not that of the memory there.
    """
    moved, seconds, copy = (_number(record, key) for key in ("bytes", f"{side}_seconds", f"{side}_copy"))
    if not moved or moved < _BEYOND_CACHES or not seconds:
        return ""
    speed = moved / seconds
    return f"{speed / 1e9:.3g} GB/s{f', {speed / copy:.0%} of a copy' if copy else ''}"


def _size(record: Record) -> str:
    elements = _number(record, "elements")
    counted = "" if elements is None else f" ({plural(round(elements), 'element')})"
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
