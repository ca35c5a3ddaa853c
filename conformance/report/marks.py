"""How a verdict looks wherever one is shown: a letter, a class of colour and its meaning, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conformance import records

_LETTERS: Final = {
    records.NOT_JUDGED: "·",
    records.AGREES: "=",
    records.DIFFERS_AS_DECLARED: "D",
    records.BOTH_REFUSE: "R",
    records.NUMPY_ONLY: "N",
    records.TORCH_ONLY: "T",
    records.NOT_RUN: "–",
    records.AS_EXPECTED: "X",
    records.CHANGED: "C",
    records.HARDLY_RAN: "H",
    records.DIFFERENCE_GONE: "G",
    records.DIFFERS: "≠",
    records.CRASHED: "!",
    records.BROKEN: "B",
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How a verdict looks, and how many units have it."""

    verdict: str
    letter: str
    style: str
    meaning: str
    failure: bool
    count: int


def mark(verdict: str, count: int = 0) -> Mark:
    """Return how a verdict looks, one that this version does not know too."""
    return Mark(
        verdict=verdict,
        letter=_LETTERS.get(verdict, "?"),
        style="v-" + verdict.replace(" ", "-") if verdict in _LETTERS else "v-unknown",
        meaning=records.MEANINGS.get(verdict, "a verdict that this version does not know"),
        failure=records.is_failure(verdict),
        count=count,
    )
