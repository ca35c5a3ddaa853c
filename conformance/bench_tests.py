"""The benchmarks as pytest-benchmark sees them: two tests a point, one a side, with the paired ratio in both.

``conformance bench`` runs this module in a pytest of its own, so that pytest-benchmark's files and
``pytest-benchmark compare`` serve here as anywhere. One worker only: two would disturb each other.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance import bench, devices, loading, state
from conformance.bench import Grid
from conformance.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.bench import Calls, Paired, Point
    from conformance.timer import Call

VARIABLE: Final = "CONFORMANCE_BENCH"
"""The environment variable that names the file of the request."""

_TOLD: Final = ("dtype", "device", "layout", "threads", "size")
"""What records tell of a point, beside its case."""

_ROUNDS: Final = range(2, 6)
_LONGEST: Final = 0.015
"""Seconds of all rounds of pytest-benchmark, about."""

_ROUND: Final = 0.001
"""Seconds of one round, about: as long as a block of `timer.py`."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be timed, and where the records go: plain data, from one process to the other."""

    out: str
    files: tuple[str, ...]
    ids: tuple[str, ...] = ()
    grid: Grid = field(default_factory=Grid)
    begun: tuple[str, ...] = ()
    """Names of points that are not timed again: an earlier process began them, and died."""


def _request() -> Request:
    given = json.loads(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    return Request(**{**_tuples(given), "grid": Grid(**_tuples(given["grid"]))})


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    """Return the lists of ``given`` as the tuples that they were before JSON had them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a pair of tests for each point."""
    devices.inherit()
    wanted = list(chosen(_request()))
    metafunc.parametrize("timed", wanted, ids=[p.name for p in wanted], indirect=True, scope="module")


def chosen(request: Request) -> Iterator[Point]:
    """Yield the points that a request asks for, those of rows that can be read, but for those begun before."""
    rows = [loading.checked(row) for file in request.files for row in loading.load(Path(file))]
    cases = [row for row in rows if isinstance(row, Case) and loading.is_selected(row, request.ids)]
    return (point for point in request.grid.points(cases) if point.name not in request.begun)


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A point, its calls, and what the paired blocks gave."""

    point: Point
    calls: Calls
    pair: Paired
    record: dict[str, Any]


@pytest.fixture(scope="module")
def timed(request: pytest.FixtureRequest) -> Iterator[Timed]:
    """Time a point in pairs, and keep its inputs for pytest-benchmark."""
    point: Point = request.param
    asked = _request()
    present = devices.present(tuple(dict.fromkeys((*devices.DEFAULT, *asked.grid.devices))))
    what: dict[str, Any] = {"id": point.case.id, **{name: getattr(point, name) for name in _TOLD}}
    write(asked, {"kind": "begun", **what, "name": point.name})
    with state.guarded(point.device, point.threads):
        try:
            calls = bench.prepared(point, present)
        except bench.NoSizedInputs as reason:
            write(asked, {"kind": "skipped", **what, "reason": str(reason)})
            pytest.skip(str(reason))
        pair = bench.paired(calls)
        record = bench.record(point, pair, calls)
        write(asked, record)
        yield Timed(point=point, calls=calls, pair=pair, record=record)


def write(request: Request, line: dict[str, Any]) -> None:
    """Add a line to what the process that asked reads."""
    with Path(request.out).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def test_torch(benchmark: Any, timed: Timed) -> None:
    """Time the torch side alone."""
    _measure(benchmark, timed, timed.calls.torch, timed.pair.torch.seconds)


def test_numpy(benchmark: Any, timed: Timed) -> None:
    """Time the NumPy side alone."""
    _measure(benchmark, timed, timed.calls.numpy, timed.pair.numpy.seconds)


def _measure(benchmark: Any, timed: Timed, call: Call, seconds: float) -> None:
    wait = timed.calls.wait

    def finished() -> object:
        result = call()
        wait()
        return result

    benchmark.group = timed.point.name
    benchmark.extra_info.update(timed.record)
    waits = timed.point.device != devices.HOST
    iterations = max(1, round(_ROUND / max(seconds, 1e-9)))
    rounds = min(max(round(_LONGEST / (seconds * iterations)), _ROUNDS.start), _ROUNDS.stop - 1)
    benchmark.pedantic(finished if waits else call, rounds=rounds, iterations=iterations)
