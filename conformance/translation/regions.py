"""Where two sides part, if that is only there: the regions of inputs that have a name.

Of every input in which they part it is noted which regions it lies in; a few regions that hold all of those inputs are
where they part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from conformance.tally import Tally, found

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from conformance.evaluate import Batch
    from conformance.inputs.slots import Structure
    from conformance.tally import Finding, Sides, Signature

    Array = NDArray[Any]

REFUSED_ALONE: Final = {side: f"inputs that {side} alone refuses" for side in ("torch", "numpy")}
"""The names of the regions of last resort."""

NOTES: Final = ("memory",)
"""Checks of which a failure is a note, unless it is asked for."""

_MOST_AT_ONCE: Final = 3
_OFTEN: Final = 30
_LARGE: Final = 80.0
"""The exponential of more overflows in float32, and so do powers and products of such numbers sooner or later."""


def _any_float(test: Callable[[Array], Array]) -> Callable[[Array], bool]:
    return lambda array: array.dtype.kind in "fc" and bool(np.any(test(array)))


def _has_ties(array: Array) -> bool:
    numbers = array[~np.isnan(array)] if array.dtype.kind in "fc" else array.reshape(-1)
    return len(np.unique(numbers)) < numbers.size


def _overlaps(array: Array) -> bool:
    return any(size > 1 and not stride for size, stride in zip(array.shape, array.strides, strict=True))


REGIONS: Final[dict[str, Callable[[Array], bool]]] = {
    "NaN": _any_float(np.isnan),
    "infinities": _any_float(np.isinf),
    "negative zeros": _any_float(lambda a: (a.real == 0) & np.signbit(a.real) | (a.imag == 0) & np.signbit(a.imag)),
    "large numbers": _any_float(lambda a: np.isfinite(a) & (np.abs(a) > _LARGE)),
    "subnormal numbers": _any_float(lambda a: (a != 0) & (np.abs(a) < np.finfo(a.dtype).smallest_normal)),
    "empty tensors": lambda array: array.size == 0,
    "0-d tensors": lambda array: array.ndim == 0,
    "overlapping memory": _overlaps,
    "ties": _has_ties,
}
"""The names of regions, each with the test whether one of an input's tensors makes it lie there."""


class Refused(NamedTuple):
    """Inputs in which the tensor ``name`` has ``rank`` axes, where the library ``side`` is the one that refuses."""

    side: str
    name: str
    rank: int


class Alone(NamedTuple):
    """Inputs that the library ``side`` alone refuses, for whatever they have together, such as shapes that do not fit.

    A region without a name of its own: it is taken where those that have one do not hold all failing inputs.
    """

    side: str


Where = frozenset[str | Refused | Alone]


@dataclass(kw_only=True)
class RegionTally(Tally):
    """A tally that also counts the failing inputs by the regions that they lie in, for each check.

    An error lies in the regions of its tensors' ranks, too. Such a rank is a region only where no input of it gave a
    value on both sides, and only one side ever refused it. Inputs in a region that is ``excepted`` do not count at all.
    """

    excepted: frozenset[str] = frozenset()
    regions: dict[str, Counter[Where]] = field(default_factory=dict)
    examples: dict[tuple[str, Where], Finding] = field(default_factory=dict)
    gave: set[tuple[str, int]] = field(default_factory=set)
    refusing: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    vain: Counter[tuple[str, int]] = field(default_factory=Counter)

    def fresh(self) -> RegionTally:
        """Return an empty one with the same exceptions."""
        return RegionTally(excepted=self.excepted)

    def parts_anywhere(self, strict: Collection[str], *, ranks: bool = True) -> bool:
        """Tell whether an input of no region fails a check that counts; ``ranks`` that one side refuses are regions."""
        failing = (where for check, seen in self.regions.items() if counts(check, strict) for where in seen)
        return any(not (self.valid(where) if ranks else self._named(where)) for where in failing)

    def _named(self, where: Where) -> frozenset[Any]:
        """Return the regions with names of their own in which an input lies: none where its rank is refused."""
        return frozenset() if any(isinstance(one, Refused) for one in self.valid(where)) else where & REGIONS.keys()

    def valid(self, where: Where) -> Where:
        """Return those of some regions that are ones after all that was seen."""
        return frozenset(one for one in where if not isinstance(one, Refused) or self._refused(one))

    def _refused(self, one: Refused) -> bool:
        key = (one.name, one.rank)
        return key not in self.gave and self.refusing.get(key) == {one.side}

    def judged(self, structure: Structure, ran_before: int) -> None:
        """Note what was judged: the ranks of a structure whose inputs gave values, or did not."""
        if self.ran > ran_before:
            self.gave |= set(_ranks(structure))
        else:
            self.vain.update(_ranks(structure))

    def hopeless(self, structure: Structure) -> bool:
        """Tell whether one side has refused a rank of ``structure`` in so many forms that it is taken for refused."""
        often = (key for key in _ranks(structure) if self.vain[key] >= _OFTEN)
        return any(key not in self.gave and len(self.refusing.get(key, ())) == 1 for key in often)

    def report(
        self, signature: Signature, batch: Batch, fill: int, words: Sides | Callable[[], Sides], count: int = 1
    ) -> None:
        """Count a failure, and where it lies; of several of one kind, reported as one, the first stands for all."""
        if (where := of(batch, fill, signature)) & self.excepted:
            return
        super().report(signature, batch, fill, words, count)
        for one in where:
            if isinstance(one, Refused):
                self.refusing.setdefault((one.name, one.rank), set()).add(one.side)
        self.regions.setdefault(signature.check, Counter())[where] += count
        if (signature.check, where) not in self.examples:
            self.examples[signature.check, where] = found(signature, batch, fill, words)


def counts(check: str, strict: Collection[str]) -> bool:
    """Tell whether a difference in ``check`` makes two expressions differ, or is a note: as the asker wants it."""
    return check not in NOTES or check in strict


def of(batch: Batch, fill: int, signature: Signature) -> Where:
    """Return the regions in which an input that fails lies."""
    arrays = list(_arrays(batch.args[fill]))
    named = {name for name, test in REGIONS.items() if any(map(test, arrays))}
    if signature.check != "error" or not signature.kind.startswith("only "):
        return frozenset(named)
    side = signature.kind.split()[1]
    return frozenset({*named, Alone(side), *(Refused(side, name, rank) for name, rank in _ranks(batch.structure))})


def _ranks(structure: Structure) -> Iterator[tuple[str, int]]:
    return ((name, len(slot.shape)) for name, slot in structure.named())


def names(failing: Iterable[Where]) -> Callable[[Where], frozenset[str]]:
    """Return the function that gives regions their names: the ranks of one tensor that one side refuses are one."""
    ranks: dict[tuple[str, str], set[int]] = {}
    for one in (one for where in failing for one in where):
        if isinstance(one, Refused):
            ranks.setdefault((one.side, one.name), set()).add(one.rank)

    def named(one: str | Refused | Alone) -> str:
        if isinstance(one, Alone):
            return REFUSED_ALONE[one.side]
        return one if isinstance(one, str) else _told(one, ranks.get((one.side, one.name), {one.rank}))

    return lambda where: frozenset(map(named, where))


def _told(one: Refused, ranks: Iterable[int]) -> str:
    *most, last = (f"{rank}-d" for rank in sorted(ranks))
    return f"{one.side} refuses {', '.join(most)}{' and ' if most else ''}{last} {one.name}"


def covering(failing: Collection[frozenset[str]]) -> tuple[str, ...] | None:
    """Return the fewest regions that hold all ``failing`` inputs, those of ranks first; None if none do.

    What one side alone refuses is a region of last resort.
    """
    alone = frozenset(REFUSED_ALONE.values())
    ranks = sorted({name for where in failing for name in where} - REGIONS.keys() - alone)
    for names in ([*ranks, *REGIONS], [*ranks, *REGIONS, *sorted(alone)]):
        for count in range(1, _MOST_AT_ONCE + 1):
            for some in combinations(names, count):
                if all(where & set(some) for where in failing):
                    return some
    return None


def _arrays(value: Any) -> Iterator[Array]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _arrays(one)
