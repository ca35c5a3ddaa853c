"""Every decision about a structure is one pick from a list of options, simplest first.

The same generators therefore serve an enumerated plan (which wants certain picks exhaustively), Hypothesis (which
supplies bytes) and the minimiser (which replays a recorded list of picks with smaller numbers in it). A pick has a
*kind*, such as ``"shape"`` or ``"axis"``: what a sweep of the plan enumerates or holds still.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    _Allowed = dict[tuple[str, int], tuple[Sequence[object], Sequence[int]]]

T = TypeVar("T")

_BYTES_A_CHOICE: Final = 2
_WIDTH: Final = 8 * _BYTES_A_CHOICE
_MASK: Final = 2**64 - 1


class Source(Protocol):
    """Where the numbers come from."""

    def index(self, kind: str, options: Sequence[object], position: int) -> int:
        """Return an index into ``options`` for the pick of ``kind``, the ``position``-th of its structure."""


@dataclass(kw_only=True)
class Picker:
    """Makes picks from a source, remembering them, so that a structure can be replayed from its trace.

    ``spoil`` allows an input that both sides ought to refuse (an axis out of range); at most one a structure. ``kinds``
    lists the kinds of its picks.
    """

    source: Source
    spoil: bool = False
    trace: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    spoilt: bool = False

    def pick(self, kind: str, options: Sequence[T]) -> T:
        """Return one of ``options``, which has at least one."""
        index = self.source.index(kind, options, len(self.trace)) if len(options) > 1 else 0
        self.trace.append(index)
        self.kinds.append(kind)
        return options[index]

    def may_spoil(self) -> bool:
        """Tell whether the input being drawn should be spoilt; asked once by each that can be."""
        if not self.spoil or self.spoilt:
            return False
        self.spoilt = self.pick("spoil", (True, False))
        return self.spoilt


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The picks of a recorded trace; past its end, and where it is out of range, the simplest option."""

    trace: Sequence[int]

    def index(self, kind: str, options: Sequence[object], position: int) -> int:
        """Return the recorded index."""
        return self.trace[position] % len(options) if position < len(self.trace) else 0


@dataclass(frozen=True, kw_only=True)
class Bytes:
    """Uniform picks from random bytes, two a pick; past their end, a hash of them and the position.

    Two bytes a pick because a wide integer drawn by Hypothesis is mostly small, so decoded picks would mostly be 0.
    """

    data: bytes

    def index(self, kind: str, options: Sequence[object], position: int) -> int:
        """Return a uniform index."""
        start = position * _BYTES_A_CHOICE
        chunk = self.data[start : start + _BYTES_A_CHOICE]
        if len(chunk) < _BYTES_A_CHOICE:
            return hashed(len(options), self.data, position)
        return int.from_bytes(chunk, "big") * len(options) >> _WIDTH


def hashed(count: int, *parts: object) -> int:
    """Return a number below ``count`` that depends on ``parts`` alone, the same in every process."""
    return crc32(repr(parts).encode()) % count


def _stirred(state: int) -> int:
    """Return the next state of a linear congruential generator (Knuth's MMIX constants): cheap, the same everywhere."""
    return (state * 6364136223846793005 + 1442695040888963407) & _MASK


@dataclass(kw_only=True)
class _Chosen:
    """A source for one structure of a sweep: the picks that it wants by `_digit`, of those allowed; others by hash."""

    wanted: Mapping[str, Collection[object] | None]
    state: int
    allowed: _Allowed

    def index(self, kind: str, options: Sequence[object], position: int) -> int:
        if kind not in self.wanted:
            self.state = _stirred(self.state)
            return (self.state >> 33) % len(options)
        allowed = self._allowed(kind, options)
        return allowed[self._digit(len(allowed)) % len(allowed)]

    def _digit(self, count: int) -> int:
        raise NotImplementedError

    def _allowed(self, kind: str, options: Sequence[object]) -> Sequence[int]:
        only = self.wanted[kind]
        if only is None:
            return range(len(options))
        known = self.allowed.get((kind, id(options)))
        if known is None or known[0] is not options:
            kept = [i for i, option in enumerate(options) if option in only] or [0]
            known = self.allowed[kind, id(options)] = options, kept
        return known[1]


@dataclass(kw_only=True)
class _Odometer(_Chosen):
    """A source for one structure of an enumeration: a prefix of counted picks, then the first of each."""

    prefix: list[int]
    counts: list[int] = field(default_factory=list)

    def _digit(self, count: int) -> int:
        turn = len(self.counts)
        self.counts.append(count)
        return self.prefix[turn] if turn < len(self.prefix) else 0  # perhaps of more, before a pick made by hash

    def following(self) -> list[int] | None:
        """Return the prefix of the next structure, or None after the last."""
        digits = [*self.prefix, *[0] * (len(self.counts) - len(self.prefix))]
        for turn in reversed(range(len(self.counts))):
            if digits[turn] + 1 < self.counts[turn]:
                return [*digits[:turn], digits[turn] + 1]
        return None


@dataclass(kw_only=True)
class _Spread(_Chosen):
    """A source for the structure at ``place`` of 2⁶⁴, of all that there are, in the order of their picks."""

    place: int

    def _digit(self, count: int) -> int:
        digit, self.place = divmod(self.place * count, _MASK + 1)
        return digit


def spread_sources(
    wanted: Mapping[str, Collection[object] | None], count: int, seed: tuple[object, ...]
) -> Iterator[Source]:
    """Yield ``count`` sources spread over the combinations of the ``wanted`` kinds, which are not counted.

    Each is somewhere in its own part of all: at even distances, later picks would keep step with the earlier ones.
    """
    start = hashed(_MASK, seed)
    allowed: _Allowed = {}
    step = _MASK // count
    for number in range(count):
        state = (start + number) * 2654435761 & _MASK
        yield _Spread(wanted=wanted, state=state, allowed=allowed, place=number * step + _stirred(state) % step)


def enumerate_sources(wanted: Mapping[str, Collection[object] | None], seed: tuple[object, ...]) -> Iterator[Source]:
    """Yield one source per combination of the ``wanted`` kinds of picks.

    ``wanted`` maps a kind to the options that it goes through (None: all); every other kind is picked by hash, another
    way in each structure. A source must be used up, by drawing one structure, before the next is asked for.
    """
    prefix: list[int] | None = []
    start = hashed(_MASK, seed)
    allowed: _Allowed = {}
    serial = 0
    while prefix is not None:
        odometer = _Odometer(wanted=wanted, state=(start + serial) * 2654435761 & _MASK, prefix=prefix, allowed=allowed)
        yield odometer
        prefix = odometer.following()
        serial += 1
