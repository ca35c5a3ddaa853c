"""Timing both sides of a case: paired blocks of calls, and the ratio of their times with its spread.

A ratio of two times taken one after the other moves with whatever else the machine does. So short blocks of either
side alternate, each pair gives one ratio, and what is told is their median and quartiles. No more pairs are taken than
the median needs: few on a quiet machine, many on a busy one. The addresses at which inputs happen to lie decide up to a
half of the time of some calls, the same throughout a process. So each point is timed with its inputs in several places.
"""

from __future__ import annotations

import functools
import gc
import math
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

from conformance import devices, traffic
from conformance import dtype as dt
from conformance.evaluate import functions, numpy_inputs, torch_inputs
from conformance.sized import NoSizedInputs, sized_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from conformance.case import Case
    from conformance.evaluate import Batch, Functions

    Call = Callable[[], object]

SIZES: Final = {"small": 1_000, "medium": 100_000, "large": 10_000_000}
"""Elements in each tensor: overhead counts, the caches count, the memory counts."""

_BLOCK: Final = 0.0015
"""Seconds of one block of calls, about."""

_LONGEST: Final = 0.15
"""Seconds after which no further pair of blocks is begun, a third of it in each place."""

_CLOSE: Final = 0.02
"""The standard error of the median ratio in one place, as a share of it, at which no further pair is needed there."""

_LONGEST_CALL: Final = 0.3
"""Seconds of one call that nobody should wait for: a dozen are made of either side."""

_PLACES: Final = 3
"""How many times the inputs are copied elsewhere."""

_FORETASTE: Final = 100
"""How much smaller the inputs are from which the time of a call is foreseen."""

_FEWEST: Final = 5
"""Pairs, in one place, from which their spread can be told."""

_MOST_CALLS: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Point:
    """What is timed: a case, a dtype, a device, a size."""

    case: Case
    dtype: str
    device: str
    size: str

    @property
    def name(self) -> str:
        """Its id, as pytest shows it: ``arithmetic/add-float32-cpu-small``."""
        return "-".join(part for part in (self.case.id, self.dtype.strip("-"), self.device, self.size) if part)

    @property
    def elements(self) -> int:
        """The elements in each tensor."""
        return SIZES[self.size]


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


@dataclass(frozen=True, kw_only=True)
class Side:
    """How long one call of a side takes (the median of its blocks), and how many calls made a block."""

    seconds: float
    calls: int


@dataclass(frozen=True, kw_only=True)
class Paired:
    """What paired blocks gave: both sides, and the median and quartiles of the ratios first ÷ second."""

    first: Side
    second: Side
    ratio: float
    low: float
    high: float
    blocks: int


def points(cases: Iterable[Case], dtypes: Sequence[str], on: Sequence[str], sizes: Sequence[str]) -> Iterator[Point]:
    """Yield what is to be timed; without ``dtypes``, float32 or else the first dtype that the case claims."""
    for case in cases:
        for dtype in _dtypes(case, dtypes):
            for device in on:
                for size in sizes:
                    yield Point(case=case, dtype=dtype, device=device, size=size)


def _dtypes(case: Case, wanted: Sequence[str]) -> Sequence[str]:
    if case.unit_dtypes() == (dt.NONE,):
        return case.unit_dtypes() if not wanted else ()
    usual = "float32" if "float32" in case.dtypes else next(iter(case.dtypes), "float32")
    return wanted or (usual,)


def prepared(point: Point, present: Sequence[str]) -> Calls:
    """Return both sides of ``point``, called once already. Raises NoSizedInputs where it cannot be timed."""
    if point.elements > _FORETASTE**2:
        _foresee(_calls(point, point.elements // _FORETASTE, present))
    return _calls(point, point.elements, present)


def _foresee(calls: Calls) -> None:
    for call in (calls.torch, calls.numpy):
        seconds = min(_block(call, 1, calls.wait) for _ in range(2)) * _FORETASTE
        if seconds > _LONGEST_CALL:
            raise NoSizedInputs(f"one call would take about {seconds:.1g} seconds")


def _calls(point: Point, elements: int, present: Sequence[str]) -> Calls:
    batch = sized_inputs(point.case, point.dtype, elements, point.device, present)
    return _placed(batch, functions(point.case, point.device, present), point.device)


def _placed(batch: Batch, both: Functions, device: str) -> Calls:
    """Return the calls with inputs that are copies of their own."""
    (theirs,), (ours,) = torch_inputs(batch, device).args, numpy_inputs(batch).args
    return Calls(
        torch=partial(both.torch, *theirs),
        numpy=partial(both.numpy, *ours),
        wait=waiting(device),
        inputs=(theirs, ours),
        elsewhere=partial(_placed, batch, both, device),
    )


def waiting(device: str) -> Callable[[], object]:
    """Return what waits until ``device`` has done all it was given; nothing on the CPU, which has when it returns."""
    if device == devices.HOST:
        return lambda: None
    import torch

    return torch.accelerator.synchronize


def paired(calls: Calls, *, block: float = _BLOCK, longest: float = _LONGEST) -> Paired:
    """Time both sides in alternating blocks of about ``block`` seconds, for ``longest`` in all.

    In each of several places of the inputs it ends before, once five pairs or more tell the median ratio closely
    enough; it takes one pair in each, however long. Within a pair, each side goes first every other time.
    """
    own = [calibrated(call, calls.wait, block) for call in (calls.torch, calls.numpy)]
    times: list[tuple[float, float]] = []
    for place in range(_PLACES):
        if place and calls.elsewhere:
            calls = calls.elsewhere()
        times += _pairs(calls, own, longest / _PLACES, len(times))
    ratios = [mine / other for mine, other in times]
    low, middle, high = _quartiles(ratios)
    sides = [Side(seconds=statistics.median(t), calls=n) for t, n in zip(zip(*times, strict=True), own, strict=True)]
    return Paired(first=sides[0], second=sides[1], ratio=middle, low=low, high=high, blocks=len(ratios))


def _pairs(calls: Calls, numbers: Sequence[int], longest: float, turn: int) -> list[tuple[float, float]]:
    """Return the seconds of a call of either side, for each pair of blocks of ``numbers`` calls; ``turn`` counts on."""
    both = (calls.torch, calls.numpy)
    times: list[tuple[float, float]] = []
    ends = time.perf_counter() + longest
    while not times or (time.perf_counter() < ends and not _settled([mine / other for mine, other in times])):
        seconds = [0.0, 0.0]
        for which in (0, 1) if (turn + len(times)) % 2 else (1, 0):
            seconds[which] = _block(both[which], numbers[which], calls.wait) / numbers[which]
        times.append((seconds[0], seconds[1]))
    return times


def _quartiles(ratios: Sequence[float]) -> tuple[float, ...]:
    return tuple(statistics.quantiles(ratios, n=4, method="inclusive"))


def _settled(ratios: Sequence[float]) -> bool:
    """Tell whether the median is known closely enough.

    Its standard error is 1.2533 σ / √n, and σ the distance of the quartiles ÷ 1.349, both of normal numbers: Kendall
    and Stuart, The Advanced Theory of Statistics, vol. 1, chapter 10.
    """
    if len(ratios) < _FEWEST:
        return False
    low, middle, high = _quartiles(ratios)
    return 1.2533 * (high - low) / 1.349 / math.sqrt(len(ratios)) <= _CLOSE * middle


def calibrated(call: Call, wait: Callable[[], object], block: float) -> int:
    """Return how many calls make a block of about ``block`` seconds."""
    calls = 1
    while calls < _MOST_CALLS:
        seconds = _block(call, calls, wait)
        if seconds >= block / 2:
            seconds = min(seconds, *(_block(call, calls, wait) for _ in range(2)))
        if seconds >= block / 2:  # still: the first was no interruption
            return max(1, round(calls * block / seconds))
        calls *= 2
    return calls


def _block(call: Call, calls: int, wait: Callable[[], object]) -> float:
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


def record(point: Point, timed: Paired, calls: Calls | None = None) -> dict[str, Any]:
    """Return the record of a run file (see docs/run-format.md); with ``calls``, also what memory they move."""
    return {
        "kind": "bench",
        "id": point.case.id,
        "dtype": point.dtype,
        "device": point.device,
        "size": point.size,
        "elements": point.elements,
        "torch_seconds": _digits(timed.first.seconds),
        "numpy_seconds": _digits(timed.second.seconds),
        "ratio": _digits(timed.ratio),
        "ratio_low": _digits(timed.low),
        "ratio_high": _digits(timed.high),
        "blocks": timed.blocks,
        **(_traffic(point, calls) if calls else {}),
    }


def _traffic(point: Point, calls: Calls) -> dict[str, Any]:
    """Return bytes and speeds of copying; nothing for bfloat16, which the NumPy side holds in twice the bytes."""
    both = [traffic.moved(call, given) for call, given in zip((calls.torch, calls.numpy), calls.inputs, strict=True)]
    if None in both or point.dtype == "bfloat16":
        return {}
    return {
        "bytes": both[1],
        "torch_copy": _torch_copy(point.elements, point.device),
        "numpy_copy": _numpy_copy(point.elements),
    }


@functools.cache
def _torch_copy(elements: int, device: str) -> float:
    return _digits(traffic.torch_copy(elements, device, waiting(device)))


@functools.cache
def _numpy_copy(elements: int) -> float:
    return _digits(traffic.numpy_copy(elements))


def _digits(number: float) -> float:
    return float(f"{number:.4g}")


__all__ = ["SIZES", "Calls", "NoSizedInputs", "Paired", "Point", "paired", "points", "prepared", "record", "waiting"]
