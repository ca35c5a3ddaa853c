"""Work in several processes, of which one that dies costs one piece of work and not the rest."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Generic, TypeVar

from conformance import devices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Done(Generic[T, R]):
    """One piece of work and its result; None where the process that did it died."""

    piece: T
    result: R | None


def each(function: Callable[[T], R], pieces: Sequence[T], workers: int) -> Iterator[Done[T, R]]:
    """Yield the result of ``function`` for each of ``pieces``, in their order, computed by ``workers`` processes.

    ``function`` and what it takes and gives must be picklable; 0 workers computes in this process. After a process has
    died, the pieces that may have been running are done again, each in a process of its own, so that the one to blame
    is known; the others go on together.
    """
    if workers == 0:
        yield from (Done(piece=piece, result=function(piece)) for piece in pieces)
        return
    results: dict[int, R | None] = {}
    rest = list(range(len(pieces)))
    while rest:
        results |= _together(function, {place: pieces[place] for place in rest}, workers)
        undone = [place for place in rest if place not in results]
        # Pieces are begun in their order: those that ran when the process died are the first without a result.
        results |= {place: _alone(function, pieces[place]) for place in undone[:workers]}
        rest = undone[workers:]
    yield from (Done(piece=piece, result=results[place]) for place, piece in enumerate(pieces))


def _together(function: Callable[[T], R], pieces: Mapping[int, T], workers: int) -> dict[int, R]:
    """Return the results of ``pieces`` by their place; not of all where a process died."""
    done: dict[int, R] = {}
    with _pool(workers) as pool, suppress(BrokenProcessPool):
        futures = {place: pool.submit(function, piece) for place, piece in pieces.items()}
        try:
            for place, future in futures.items():
                with suppress(BrokenProcessPool):
                    done[place] = future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # or leaving the pool waits for all that is still to do
            raise
    return done


def _alone(function: Callable[[T], R], piece: T) -> R | None:
    with _pool(1) as pool:
        try:
            return pool.submit(function, piece).result()
        except BrokenProcessPool:
            return None


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked copy of a process with torch's threads in it may stand still for ever.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=devices.inherit)
