"""The names of places on the page: where a link to a case or to one of its units leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conformance.report.dtypes import NO_DTYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.report.view import Section, Unit

_LONGEST: Final = 100


class Anchors:
    """Hands out the names of places on the page: readable, the same in every rendering, each only once."""

    def __init__(self) -> None:
        """Start with none taken."""
        self._taken: set[str] = set()

    def take(self, text: str) -> str:
        """Return a name for a text, numbered if it is taken; it holds no character that needs quoting."""
        stem = clean(text)
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken.add(name)
        return name


# Keyed by identity: two records of one unit are equal, yet each needs a place of its own.
def anchors(parts: Iterable[Section], labels: Sequence[str] = ("",)) -> dict[int, str]:
    """Return the name of the place of each case and each of its units; ``labels`` are those of the environments."""
    taken = Anchors()
    named: dict[int, str] = {}
    for part in parts:
        for case in part.cases:
            anchor = named[id(case)] = taken.take(case.id)
            named |= {id(unit): taken.take(usual(anchor, unit, labels)) for unit in case.units}
    return named


def usual(anchor: str, unit: Unit, labels: Sequence[str]) -> str:
    """Return the name that a unit has unless another has it: those of the first run are as if it were alone."""
    environment = "" if unit.environment == labels[0] else clean(unit.environment)
    return "-".join(part for part in (anchor, unit.dtype.strip(NO_DTYPE), unit.device, environment) if part)


def clean(text: str) -> str:
    """Return a text without what needs quoting in an address, and not too long."""
    return re.sub(r"[^A-Za-z0-9_./-]+", "-", text)[:_LONGEST]
