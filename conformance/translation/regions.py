"""Where two sides part, if that is only there: the regions of inputs that have a name.

Of every input in which they part it is noted which regions it lies in; a few regions that hold all of those inputs are
where they part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from conformance.evaluate import Batch
    from conformance.tally import Sides, Signature

    Array = NDArray[Any]

NOTES: Final = ("memory",)
"""Checks of which a failure is a note, unless it is asked for."""

_MOST_AT_ONCE: Final = 3
_LARGE: Final = 80.0
"""The exponential of more overflows in float32, and so do powers and products of such numbers sooner or later."""


def _any_float(test: Callable[[Array], Array]) -> Callable[[Array], bool]:
    return lambda array: array.dtype.kind in "fc" and bool(np.any(test(array)))


def _has_ties(array: Array) -> bool:
    numbers = array[~np.isnan(array)] if array.dtype.kind in "fc" else array.reshape(-1)
    return len(np.unique(numbers)) < numbers.size


REGIONS: Final[dict[str, Callable[[Array], bool]]] = {
    "NaN": _any_float(np.isnan),
    "infinities": _any_float(np.isinf),
    "negative zeros": _any_float(lambda a: (a.real == 0) & np.signbit(a.real) | (a.imag == 0) & np.signbit(a.imag)),
    "large numbers": _any_float(lambda a: np.isfinite(a) & (np.abs(a) > _LARGE)),
    "subnormal numbers": _any_float(lambda a: (a != 0) & (np.abs(a) < np.finfo(a.dtype).smallest_normal)),
    "empty tensors": lambda array: array.size == 0,
    "0-d tensors": lambda array: array.ndim == 0,
    "ties": _has_ties,
}
"""The names of regions, each with the test whether one of an input's tensors makes it lie there."""


@dataclass(kw_only=True)
class RegionTally(Tally):
    """A tally that also counts the failing inputs by the regions that they lie in, for each check.

    Those in a region that is ``excepted`` do not count at all.
    """

    excepted: frozenset[str] = frozenset()
    regions: dict[str, Counter[frozenset[str]]] = field(default_factory=dict)

    def fresh(self) -> RegionTally:
        """Return an empty one with the same exceptions."""
        return RegionTally(excepted=self.excepted)

    def parts_anywhere(self, strict: Collection[str]) -> bool:
        """Tell whether an input of no region fails a check that counts."""
        return any(frozenset() in seen for check, seen in self.regions.items() if counts(check, strict))

    def report(
        self, signature: Signature, batch: Batch, fill: int, words: Sides | Callable[[], Sides], count: int = 1
    ) -> None:
        """Count a failure, and where it lies; of several of one kind, reported as one, the first stands for all."""
        if (where := of(batch, fill)) & self.excepted:
            return
        super().report(signature, batch, fill, words, count)
        self.regions.setdefault(signature.check, Counter())[where] += count


def counts(check: str, strict: Collection[str]) -> bool:
    """Tell whether a difference in ``check`` makes two expressions differ, or is a note: as the asker wants it."""
    return check not in NOTES or check in strict


def of(batch: Batch, fill: int) -> frozenset[str]:
    """Return the names of the regions in which an input lies."""
    arrays = list(_arrays(batch.args[fill]))
    return frozenset(name for name, test in REGIONS.items() if any(map(test, arrays)))


def covering(failing: Collection[frozenset[str]]) -> tuple[str, ...] | None:
    """Return the fewest regions that hold all ``failing`` inputs, in the order of their table; None if none do."""
    for count in range(1, _MOST_AT_ONCE + 1):
        for some in combinations(REGIONS, count):
            if all(where & set(some) for where in failing):
                return some
    return None


def _arrays(value: Any) -> Iterator[Array]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _arrays(one)
