"""What memory a call must move, and how fast this machine copies: a time that copying explains cannot get much better.

The bytes are those of the inputs and of the result of the NumPy side, each read or written once, which is the least
that both sides have to do. A side whose result lies in an input's memory, as a view does, has moved none that can be
told.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_REPETITIONS: Final = 7


def moved(call: Callable[[], object], inputs: Iterable[object]) -> int | None:
    """Call once; return the bytes of ``inputs`` and result, None where the result is no array or lies in an input."""
    given = list(_arrays(inputs))
    results = list(_arrays([call()]))
    if not results or any(memory.shared_with(result, given) != memory.NOWHERE for result in results):
        return None
    return int(sum(each.nbytes for each in (*given, *results)))


def numpy_copy(elements: int) -> float:
    """Return the bytes a second, read and written, at which NumPy copies float32 of so many elements."""
    source, target = np.ones(elements, np.float32), np.zeros(elements, np.float32)
    return 2 * source.nbytes / _quickest(lambda: np.copyto(target, source), lambda: None)


def torch_copy(elements: int, device: str, wait: Callable[[], object]) -> float:
    """Return the bytes a second, read and written, at which torch copies float32; ``wait`` ends its work."""
    import torch

    source, target = torch.ones(elements, device=device), torch.zeros(elements, device=device)
    return 2 * source.nbytes / _quickest(lambda: target.copy_(source), wait)


def _arrays(values: Iterable[object]) -> Iterator[Any]:
    """Yield what has bytes in memory, an array or a tensor, in values and lists of them."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from _arrays(value)
        elif hasattr(value, "nbytes"):
            yield value


def _quickest(call: Callable[[], object], wait: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_REPETITIONS):
        wait()
        started = time.perf_counter()
        call()
        wait()
        seconds.append(time.perf_counter() - started)
    return max(min(seconds), 1e-9)
