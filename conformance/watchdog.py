"""The time limit of a unit: ends the process from a thread of its own, so that a loop in compiled code ends too.

There is one clock a process. What is no part of a unit's own work, such as a child process with a limit of its own,
pauses it; what follows the unit's work, such as making a failure small, starts it anew.
"""

from __future__ import annotations

import faulthandler
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_running: list[tuple[float, IO[Any]]] = []


@contextmanager
def limited(seconds: float, trace: Path) -> Iterator[None]:
    """End the process after ``seconds``, none if 0, and leave in ``trace`` where it was: a sign that it was this."""
    if not seconds:
        yield
        return
    with trace.open("w", encoding="utf-8") as file:
        _running.append((seconds, file))
        renew()
        try:
            yield
        finally:
            _running.pop()
            faulthandler.cancel_dump_traceback_later()


def renew() -> None:
    """Start the clock anew, if there is one."""
    if _running:
        seconds, file = _running[-1]
        faulthandler.dump_traceback_later(seconds, exit=True, file=file)


@contextmanager
def paused() -> Iterator[None]:
    """Stop the clock, if there is one, and start it anew afterwards."""
    if _running:
        faulthandler.cancel_dump_traceback_later()
    try:
        yield
    finally:
        renew()
