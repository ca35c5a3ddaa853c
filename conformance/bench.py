"""Timing both sides of a case: paired blocks of calls, and the ratio of their times with its spread.

A ratio of two times taken one after the other moves with whatever else the machine does. So short blocks of either
side alternate, each pair gives one ratio, and what is told is their median and quartiles.
"""

from __future__ import annotations

import functools
import gc
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

    Call = Callable[[], object]

SIZES: Final = {"small": 1_000, "medium": 100_000, "large": 10_000_000}
"""Elements in each tensor: overhead counts, the caches count, the memory counts."""

_BLOCK: Final = 0.0015
"""Seconds of one block of calls, about."""

_LONGEST: Final = 0.4
"""Seconds after which no further pair of blocks is begun, if there are enough."""

_LONGEST_CALL: Final = 1.0
"""Seconds of one call that nobody should wait for: at least seven are made of either side."""

_FORETASTE: Final = 100
"""How much smaller the inputs are from which the time of a call is foreseen."""

_FEWEST: Final = 7
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

    ``inputs`` are those of the torch side and of the NumPy side.
    """

    torch: Call
    numpy: Call
    wait: Callable[[], object]
    inputs: tuple[Sequence[object], Sequence[object]] = ((), ())


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
            raise NoSizedInputs(f"one call would take about {seconds:.0f} seconds")


def _calls(point: Point, elements: int, present: Sequence[str]) -> Calls:
    batch = sized_inputs(point.case, point.dtype, elements, point.device, present)
    both = functions(point.case, point.device, present)
    (theirs,), (ours,) = torch_inputs(batch, point.device).args, numpy_inputs(batch).args
    wait = waiting(point.device)
    return Calls(torch=partial(both.torch, *theirs), numpy=partial(both.numpy, *ours), wait=wait, inputs=(theirs, ours))


def waiting(device: str) -> Callable[[], object]:
    """Return what waits until ``device`` has done all it was given; nothing on the CPU, which has when it returns."""
    if device == devices.HOST:
        return lambda: None
    import torch

    return torch.accelerator.synchronize


def paired(
    first: Call,
    second: Call,
    wait: Callable[[], object] = lambda: None,
    *,
    block: float = _BLOCK,
    longest: float = _LONGEST,
) -> Paired:
    """Time ``first`` and ``second`` in alternating blocks of about ``block`` seconds, for ``longest`` in all.

    At least seven pairs. Within a pair, each goes first every other time.
    """
    sides = [(first, calibrated(first, wait, block)), (second, calibrated(second, wait, block))]
    times: list[list[float]] = [[], []]
    ends = time.perf_counter() + longest
    while len(times[0]) < _FEWEST or time.perf_counter() < ends:
        order = (0, 1) if len(times[0]) % 2 else (1, 0)
        for which in order:
            call, calls = sides[which]
            times[which].append(_block(call, calls, wait) / calls)
    ratios = [mine / other for mine, other in zip(*times, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    own = [Side(seconds=statistics.median(t), calls=s[1]) for t, s in zip(times, sides, strict=True)]
    return Paired(first=own[0], second=own[1], ratio=middle, low=low, high=high, blocks=len(ratios))


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
