"""Benchmarks: which points of which cases are timed, with which inputs, and the record of each.

A case is timed at three sizes of its tensors; one whose tensors have shapes of their own, such as a training loop, is
timed once. How both sides are timed is in `timer.py`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import partial
from itertools import product, starmap
from typing import TYPE_CHECKING, Any, Final

from conformance import devices, render, traffic
from conformance import dtype as dt
from conformance.case import Raises
from conformance.evaluate import functions, numpy_inputs, torch_inputs
from conformance.records import CONTIGUOUS, unusual
from conformance.sized import NoSizedInputs, is_sized, largest, own_inputs, sized_inputs
from conformance.timer import Calls, Paired, paired, spent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from conformance.case import Case, Difference
    from conformance.evaluate import Batch, Functions

SIZES: Final = {"small": 1_000, "medium": 100_000, "large": 2_000_000}
"""Elements in each tensor: overhead counts, the caches count, the memory counts (8 MB of float32 a tensor)."""

OWN: Final = "own"
"""The size of what has shapes of its own."""

_LONGEST_CALL: Final = 0.3
"""Seconds of one call that nobody should wait for: some ten are made of either side."""

_FORETASTE: Final = 100
"""How much smaller the inputs are from which the time of a call is foreseen."""

_TASTES_APART: Final = 10
"""How much smaller again the inputs are that tell how the time of a call grows."""

_FEW: Final = 100
"""Elements of the smaller of two inputs from which the memory of a call is foreseen; the other has ten times that."""

_MOST_BYTES: Final = 2**31
_MOST_TENSORS: Final = 16
"""What inputs and result may take: so many bytes, or so many tensors of the wanted size, whichever is more."""

_WIDEST: Final = 8
"""Bytes of an element, about at most."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """What is timed: a case, a dtype, a device, a size, a layout, how many threads.

    The size is a word of ``SIZES``, ``OWN``, or a number of elements; the layout one of `inputs/layouts.py`; the
    threads are those of PyTorch, and of NumPy's matrix products.
    """

    case: Case
    dtype: str
    device: str
    size: str
    layout: str = CONTIGUOUS
    threads: int = 1

    @property
    def name(self) -> str:
        """Its id, as pytest shows it: ``arithmetic/add-float32-cpu-small``, ``….-transposed-2 threads``."""
        parts = (self.case.id, self.dtype.strip("-"), self.device, self.size, *unusual(self.layout, self.threads))
        return "-".join(part for part in parts if part)

    @property
    def elements(self) -> int:
        """The elements in each tensor; 0 where they are its own."""
        return 0 if self.size == OWN else SIZES.get(self.size) or int(self.size)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Which points of each case are timed; without ``dtypes``, those of float32, or of the first dtype not refused."""

    dtypes: tuple[str, ...] = ()
    devices: tuple[str, ...] = (devices.HOST,)
    sizes: tuple[str, ...] = tuple(SIZES)
    layouts: tuple[str, ...] = (CONTIGUOUS,)
    threads: tuple[int, ...] = (1,)

    def points(self, cases: Iterable[Case]) -> Iterator[Point]:
        """Yield what is to be timed, case by case."""
        for case in cases:
            sizes = self.sizes if is_sized(case) else (OWN,)
            ways = product(_dtypes(case, self.dtypes), self.devices, self.layouts, self.threads, sizes)
            for dtype, device, layout, threads, size in ways:
                yield Point(case=case, dtype=dtype, device=device, size=size, layout=layout, threads=threads)


def _dtypes(case: Case, wanted: Sequence[str]) -> Sequence[str]:
    if case.unit_dtypes() == (dt.NONE,):
        return case.unit_dtypes() if not wanted else ()
    order = sorted(case.dtypes, key=lambda name: name != "float32")
    taken = (name for name in order if not any(_refuses(one, name) for one in case.differs))
    return wanted or (next(taken, order[0] if order else "float32"),)


def _refuses(difference: Difference, dtype: str) -> bool:
    """Tell whether a difference states that one side refuses ``dtype``, whatever the values."""
    always = difference.when is None and difference.aspect is None and difference.applies_to(dtype)
    return always and any(isinstance(side, Raises) for side in (difference.torch, difference.numpy))


def prepared(point: Point, present: Sequence[str]) -> Calls:
    """Return both sides of ``point``, each called already with such inputs.

    Raises NoSizedInputs, with the reason, where it cannot be timed.
    """
    if point.size == OWN:
        if point.layout != CONTIGUOUS:
            raise NoSizedInputs("its tensors have shapes of their own, and layouts")
        calls = _placed(own_inputs(point.case, point.dtype, point.device, present), point, present)
        _refuse_long(max(spent(call, 1, calls.wait) for call in calls.both()))
        return calls
    if point.elements > 10 * _FEW:
        _refuse_large(point, present)
    if point.elements > _FORETASTE**2:
        _refuse_long(_foreseen(point, present))
    return _sized(point, point.elements, present)


def _refuse_long(seconds: float) -> None:
    if seconds > _LONGEST_CALL:
        raise NoSizedInputs(f"one call takes about {seconds:.1f} seconds")


def _refuse_large(point: Point, present: Sequence[str]) -> None:
    """Refuse what would fill the memory, such as a result with an element for each pair of those of the inputs."""
    both = (_sized(point, elements, present) for elements in (_FEW, 10 * _FEW))
    fewer, more = (traffic.moved(calls.numpy, calls.inputs[1]) for calls in both)
    if fewer and more:
        taken = more * (more / fewer) ** math.log10(point.elements / (10 * _FEW))
        if taken > max(_MOST_BYTES, _MOST_TENSORS * _WIDEST * point.elements):
            raise NoSizedInputs(f"inputs and result take about {taken / 2**30:,.0f} GiB")


def _foreseen(point: Point, present: Sequence[str]) -> float:
    """Return how many seconds one call will take: what it takes anyhow, and what each element adds.

    Where the time grew more than the number of elements, a power of their number, such as that of a result
    with an element for each pair along an axis.
    """
    near = _quickest(point, point.elements // _FORETASTE, present)
    if max(near) * _FORETASTE**2 <= _LONGEST_CALL:
        return max(near)
    fewer = _quickest(point, point.elements // _FORETASTE // _TASTES_APART, present)
    return max(starmap(_extrapolated, zip(fewer, near, strict=True)))


def _extrapolated(fewer: float, near: float) -> float:
    """Return the seconds of ``_FORETASTE`` times the elements of ``near``, which are more than those of ``fewer``."""
    linear = near + (near - fewer) * (_FORETASTE - 1) / (1 - 1 / _TASTES_APART)
    power = near * (near / fewer) ** math.log(_FORETASTE, _TASTES_APART)
    return max(linear, power) if near > _TASTES_APART * fewer else linear


def _quickest(point: Point, elements: int, present: Sequence[str]) -> list[float]:
    calls = _sized(point, elements, present)
    return [min(spent(call, 1, calls.wait) for _ in range(2)) for call in calls.both()]


def _sized(point: Point, elements: int, present: Sequence[str]) -> Calls:
    batch = sized_inputs(point.case, point.dtype, elements, point.layout, device=point.device, present=present)
    return _placed(batch, point, present)


def _placed(batch: Batch, point: Point, present: Sequence[str]) -> Calls:
    return _copied(batch, functions(point.case, point.device, present), point.device)


def _copied(batch: Batch, both: Functions, device: str) -> Calls:
    """Return the calls with inputs that are copies of their own."""
    (theirs,), (ours,) = torch_inputs(batch, device).args, numpy_inputs(batch).args
    return Calls(
        torch=partial(both.torch, *theirs),
        numpy=partial(both.numpy, *ours),
        wait=waiting(device),
        inputs=(theirs, ours),
        elsewhere=partial(_copied, batch, both, device),
    )


def waiting(device: str) -> Callable[[], object]:
    """Return what waits until ``device`` has done all it was given; nothing where it has whenever a call returns.

    That is so on the CPU, and taken to be so of a device whose backend has nothing to wait with.
    """
    if device == devices.HOST:
        return lambda: None
    import torch

    try:
        torch.accelerator.synchronize()
    except RuntimeError:
        return lambda: None
    return torch.accelerator.synchronize


def record(point: Point, timed: Paired, calls: Calls) -> dict[str, Any]:
    """Return the record of a run file (see docs/run-format.md), with what memory the calls move."""
    case = point.case
    return {
        "kind": "bench",
        "id": case.id,
        **render.row(case),
        "dtype": point.dtype,
        "device": point.device,
        "size": point.size,
        "layout": point.layout,
        "threads": point.threads,
        "elements": point.elements or largest(calls.inputs[1]),
        "torch_seconds": _digits(timed.torch.seconds),
        "numpy_seconds": _digits(timed.numpy.seconds),
        "ratio": _digits(timed.ratio),
        "ratio_low": _digits(timed.low),
        "ratio_high": _digits(timed.high),
        "blocks": timed.blocks,
        **(_traffic(point, calls) if point.elements else {}),
    }


def _traffic(point: Point, calls: Calls) -> dict[str, Any]:
    """Return bytes and speeds of copying.

    Nothing for bfloat16, which the NumPy side holds in twice the bytes, nor for layouts of which more, or less, than
    the tensor's own bytes is read.
    """
    if point.dtype == "bfloat16" or point.layout != CONTIGUOUS:
        return {}
    both = [traffic.moved(call, given) for call, given in zip(calls.both(), calls.inputs, strict=True)]
    if None in both:
        return {}
    return {
        "bytes": both[1],
        "torch_copy": _torch_copy(point.elements, point.device, point.threads),
        "numpy_copy": _numpy_copy(point.elements),
    }


@functools.cache
def _torch_copy(elements: int, device: str, _threads: int) -> float:
    """Return what torch copies a second with as many threads as are set, which tell one answer from another."""
    return _digits(traffic.torch_copy(elements, device, waiting(device)))


@functools.cache
def _numpy_copy(elements: int) -> float:
    return _digits(traffic.numpy_copy(elements))


def _digits(number: float) -> float:
    return float(f"{number:.4g}")


__all__ = [
    "OWN",
    "SIZES",
    "Calls",
    "Grid",
    "NoSizedInputs",
    "Paired",
    "Point",
    "paired",
    "prepared",
    "record",
    "waiting",
]
