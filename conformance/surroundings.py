"""What a condition may know of the process: how many threads torch uses, and for which CPU its kernels are made.

A result that another process gave, with kernels for another CPU, is judged in this one; meanwhile its capability is
taken for ours (:func:`taken_for`), so that the differences which hold there apply to it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES: Final = ("device", "threads", "capability")
"""The names in a condition that speak of where it is evaluated, not of the inputs."""

PUBLISHED: Final = frozenset({"AVX2", "AVX512"})
"""The CPU capabilities that the published results are for: a difference of vectorised code is gone without it."""

_get_num_threads: Final = torch.get_num_threads
_taken: Final[ContextVar[str]] = ContextVar("capability", default=str(torch.backends.cpu.get_cpu_capability()))


def threads() -> int:
    """Return how many threads torch uses: one in a unit."""
    return _get_num_threads()


def capability() -> str:
    """Return the CPU capability of torch's kernels as torch calls it: ``"DEFAULT"``, ``"AVX2"``, ``"AVX512"``, …."""
    return _taken.get()


def is_published() -> bool:
    """Tell whether this process has one of the CPU capabilities that the published results are for."""
    return capability() in PUBLISHED


@contextmanager
def taken_for(name: str) -> Iterator[None]:
    """Take the CPU capability ``name`` for that of this process: what is judged was computed with it."""
    token = _taken.set(name)
    try:
        yield
    finally:
        _taken.reset(token)
