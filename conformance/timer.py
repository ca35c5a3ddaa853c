"""Timing two calls against each other: paired blocks of calls, and the ratio of their times with its spread.

A ratio of two times taken one after the other moves with whatever else the machine does. So short blocks of either
side alternate, each pair gives one ratio, and what is told is their median and quartiles. No more pairs are taken than
the median needs: few on a quiet machine, many on a busy one.

The addresses at which inputs happen to lie decide up to a half of the time of some calls, the same throughout a
process. So the inputs are timed in several places, each of which counts alike, however many pairs it took.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Call = Callable[[], object]

_BLOCK: Final = 0.001
"""Seconds of one block of calls, about."""

_LONGEST: Final = 0.06
"""Seconds after which no further pair of blocks is begun, a third of it in each place."""

_CLOSE: Final = 0.03
"""The standard error of the median ratio in one place, as a share of it, at which no further pair is taken there.

Two thirds of that, and half as long again in each place, brought two runs of one machine no nearer to each other: what
parts them is where the inputs lie and what else the machine does, not how many pairs were taken.
"""

_PLACES: Final = 3
"""In how many places the inputs are timed."""

_FEWEST: Final = 5
"""Pairs, in one place, from which their spread can be told."""

_MOST_CALLS: Final = 1 << 20

_NO_INTERRUPTION: Final = 10
"""Blocks that no interruption lasts: a call that took as long is a long one, and is not made again to make sure."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Both sides of a point, ready to be called, and what waits until the device has done its work.

    ``inputs`` are those of the torch side and of the NumPy side; ``elsewhere`` makes the same calls of copies of them.
    """

    torch: Call
    numpy: Call
    wait: Callable[[], object] = lambda: None
    inputs: tuple[Sequence[object], Sequence[object]] = ((), ())
    elsewhere: Callable[[], Calls] | None = None

    def both(self) -> tuple[Call, Call]:
        """Return the torch side and the NumPy side."""
        return self.torch, self.numpy


@dataclass(frozen=True, kw_only=True)
class Side:
    """How long one call of a side takes (the median of its blocks), and how many calls made a block."""

    seconds: float
    calls: int


@dataclass(frozen=True, kw_only=True)
class Paired:
    """What paired blocks gave: both sides, and the median and quartiles of the ratios torch ÷ NumPy."""

    torch: Side
    numpy: Side
    ratio: float
    low: float
    high: float
    blocks: int


def paired(calls: Calls, *, block: float = _BLOCK, longest: float = _LONGEST) -> Paired:
    """Time both sides in alternating blocks of about ``block`` seconds, for ``longest`` in all.

    In each of several places of the inputs it ends before, once five pairs or more tell the median ratio closely
    enough; it takes one pair in each, however long. Within a pair, each side goes first every other time.
    """
    numbers = [calibrated(call, calls.wait, block) for call in calls.both()]
    places: list[list[tuple[float, float]]] = []
    for place in range(_PLACES):
        if place and calls.elsewhere:
            calls = calls.elsewhere()
            for call, number in zip(calls.both(), numbers, strict=True):
                if number > 1:  # a call that is longer than a block gains nothing from one before it
                    spent(call, 1, calls.wait)
        places.append(_pairs(calls, numbers, longest / _PLACES, place))
    low, middle, high = _quartiles([[mine / other for mine, other in pairs] for pairs in places])
    torch, numpy = (
        Side(seconds=_quartiles([[pair[side] for pair in pairs] for pairs in places])[1], calls=numbers[side])
        for side in (0, 1)
    )
    return Paired(torch=torch, numpy=numpy, ratio=middle, low=low, high=high, blocks=sum(map(len, places)))


def _pairs(calls: Calls, numbers: Sequence[int], longest: float, turn: int) -> list[tuple[float, float]]:
    """Return the seconds of a call of either side, for each pair of blocks of ``numbers`` calls; ``turn`` counts on."""
    both = calls.both()
    times: list[tuple[float, float]] = []
    ends = time.perf_counter() + longest
    while not times or (time.perf_counter() < ends and not _settled([mine / other for mine, other in times])):
        seconds = [0.0, 0.0]
        for which in (0, 1) if (turn + len(times)) % 2 else (1, 0):
            seconds[which] = spent(both[which], numbers[which], calls.wait) / numbers[which]
        times.append((seconds[0], seconds[1]))
    return times


def _settled(ratios: Sequence[float]) -> bool:
    """Tell whether a further pair would hardly move the median.

    Its standard error is 1.2533 σ / √n, and σ the distance of the quartiles ÷ 1.349, both of normal numbers: Kendall
    and Stuart, The Advanced Theory of Statistics, vol. 1, chapter 10.
    """
    if len(ratios) < _FEWEST:
        return False
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return 1.2533 * (high - low) / 1.349 / math.sqrt(len(ratios)) <= _CLOSE * middle


def _quartiles(places: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Return the quartiles of numbers of several places, each place with the same weight in all."""
    weighted = sorted((number, 1 / len(numbers)) for numbers in places for number in numbers)
    numbers, weights = np.array(weighted).T
    middles = (np.cumsum(weights) - weights / 2) / len(places)
    low, middle, high = np.interp((0.25, 0.5, 0.75), middles, numbers)
    return float(low), float(middle), float(high)


def calibrated(call: Call, wait: Callable[[], object], block: float) -> int:
    """Return how many calls make a block of about ``block`` seconds."""
    calls = 1
    while calls < _MOST_CALLS:
        seconds = spent(call, calls, wait)
        if block / 2 <= seconds < _NO_INTERRUPTION * block:
            seconds = min(seconds, spent(call, calls, wait))
        if seconds >= block / 2:  # still: the first was no interruption
            return max(1, round(calls * block / seconds))
        calls *= 2
    return calls


def spent(call: Call, calls: int, wait: Callable[[], object]) -> float:
    """Return the seconds that ``calls`` calls take, garbage collection off, the device's work included."""
    with _uncollected():
        wait()
        started = time.perf_counter()
        for _ in repeat(None, calls):
            call()
        wait()
        return time.perf_counter() - started


@contextmanager
def _uncollected() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
