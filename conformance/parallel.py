"""Work in several processes, of which one that dies costs one piece of work and not the rest."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    died, the pieces without a result are done again, each in a process of its own, so that the one to blame is known.
    """
    if workers == 0:
        yield from (Done(piece=piece, result=function(piece)) for piece in pieces)
        return
    done = 0
    with _pool(workers) as pool:
        try:
            for result in pool.map(function, pieces):
                yield Done(piece=pieces[done], result=result)
                done += 1
        except BrokenProcessPool:
            pass
    yield from (Done(piece=piece, result=_alone(function, piece)) for piece in pieces[done:])


def _alone(function: Callable[[T], R], piece: T) -> R | None:
    with _pool(1) as pool:
        try:
            return pool.submit(function, piece).result()
        except BrokenProcessPool:
            return None


def _pool(workers: int) -> ProcessPoolExecutor:
    # A forked copy of a process with torch's threads in it may stand still for ever.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
