"""Changes that are the same in several cases, together: where fifty raise another exception, that is one thing to read.

What a message says after the class of the exception is often the name of the operation, so it tells no two changes
apart. Each case keeps its own values: a group only says once what they have in common, and loses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.history.diff import Entry
    from conformance.history.explained import Line

LONGEST: Final = 160
"""Characters of a reason beside the name of what changed; the whole of it stands below."""

_MESSAGE: Final = re.compile(r"(?<=Error): .*", re.DOTALL)
_OWN: Final = "again"
"""The word of the line that names the case itself."""

_NOW: Final = frozenset({"torch now", "numpy now", "declared"})
"""The words of lines with values, in which two cases of the same change may part."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries of one kind, the same dtypes, devices and verdicts, that changed alike, or one that no other is like."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """The one that tells what all have in common."""
        return self.entries[0]

    @property
    def several(self) -> bool:
        """Whether it is of more than one entry."""
        return len(self.entries) > 1

    @property
    def name(self) -> str:
        """The case, or how many of which sections."""
        if not self.several:
            return self.first.case
        sections = Counter(one.case.partition("/")[0] for one in self.entries)
        count = plural(len(self.entries), "case")
        if len(sections) == 1:
            return f"{count} of {next(iter(sections))}"
        return f"{count} ({', '.join(f'{name} {held:,}' for name, held in sections.items())})"

    @cached_property
    def reason(self) -> str:
        """Why all of them changed; without the message of an exception where those differ."""
        reasons = {one.because for one in self.entries}
        return shortened(self.first.because if len(reasons) == 1 else f"{_gist(self.first.because)}: …")

    @cached_property
    def shared(self) -> tuple[Line, ...]:
        """The lines that explain all of them, if every one has the same: then none needs to repeat them."""
        told = {_without_own(one) for one in self.entries}
        return told.pop() if self.several and len(told) == 1 else ()

    def lines(self, one: Entry) -> tuple[Line, ...]:
        """Return the lines of one of its entries that it does not share."""
        return tuple(line for line in one.lines if line not in self.shared)

    def message(self, one: Entry) -> str:
        """Return what the reason of one of its entries says and that of the others does not."""
        own = one.because.removeprefix(_gist(one.because)).removeprefix(": ")
        return "" if shortened(one.because) == self.reason else shortened(own)


def grouped(entries: Iterable[Entry]) -> list[Group]:
    """Return entries by what they have in common, each group where its first entry stood."""
    found: dict[object, list[Entry]] = {}
    for one in entries:
        found.setdefault(_alike(one), []).append(one)
    return [Group(entries=tuple(held)) for held in found.values()]


def shortened(text: str) -> str:
    """Return a text that is cut where it is too long to stand beside a name."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _alike(one: Entry) -> object:
    told = ((line.word, _gist(line.text)) for line in one.lines if not line.code and line.word not in _NOW)
    return one.kind, one.units, one.verdicts, bool(one.edited), tuple(told)


def _gist(text: str) -> str:
    """Return a text without what the message of an exception says."""
    return _MESSAGE.sub("", text)


def _without_own(one: Entry) -> tuple[Line, ...]:
    return tuple(line for line in one.lines if line.word != _OWN)
