"""The values that a tensor may hold, where they are whole numbers in a range: indices into an axis of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Block = NDArray[np.generic]

_RANGE: Final = re.compile(r"from (-?\d+) to (-?\d+)")


OF_PROGRAMS: Final = ("normal", "missing")
"""Domains of the inputs of programs, of tame numbers, which no other input takes its values from."""


def between(low: int, high: int) -> str:
    """Return the domain of the whole numbers from ``low`` to ``high``, both ends included."""
    return f"from {low} to {high}"


def bounds(domain: str) -> tuple[int, int] | None:
    """Return the ends of a domain that ``between`` made, or None for any other."""
    found = _RANGE.fullmatch(domain)
    return (int(found[1]), int(found[2])) if found else None


def fitted(values: Block, domain: str) -> Block:
    """Return ``values`` with those outside of a range of whole numbers wrapped round into it; as they are otherwise."""
    ends = bounds(domain)
    if ends is None:
        return values
    low, high = ends
    whole = np.asarray(values).astype(np.int64)
    inside = (low <= whole) & (whole <= high)
    kept: Block = np.where(inside, whole, whole % (high - low + 1) + low).astype(values.dtype)
    return kept


def members(domain: str, dtype: np.dtype[np.generic]) -> Block | None:
    """Return every number of a range, or None for any other domain."""
    ends = bounds(domain)
    return None if ends is None else np.arange(ends[0], ends[1] + 1).astype(dtype)
