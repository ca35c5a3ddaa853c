"""What a unit has seen so far: counts, and one finding for each kind of failure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.evaluate import Batch


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What tells one kind of failure from another: the check, and a few words."""

    check: str
    kind: str


@dataclass(kw_only=True)
class Finding:
    """The first input that showed a failure, the element that its headline is about, and how many showed it."""

    signature: Signature
    headline: str
    batch: Batch
    torch: str = ""
    numpy: str = ""
    script: str = ""
    count: int = 0
    place: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What a headline is made of: the words, what each side gave, and a script where the usual one does not show it.

    ``place`` is the element that it is about, if it is about one.
    """

    headline: str
    torch: str = ""
    numpy: str = ""
    script: str = ""
    place: tuple[int, ...] | None = None


@dataclass(kw_only=True)
class Tally:
    """The counts of one unit.

    ``inputs`` counts every input that was run; ``ran`` those that gave a value on both sides or were declared
    otherwise; ``checked`` the inputs that each check was judged on; ``met`` the inputs inside each declared difference.
    """

    structures: int = 0
    inputs: int = 0
    ran: int = 0
    ought: int = 0
    both_raise: int = 0
    torch_only: int = 0
    numpy_only: int = 0
    declared: int = 0
    checked: Counter[str] = field(default_factory=Counter)
    declared_in: Counter[str] = field(default_factory=Counter)
    met: Counter[int] = field(default_factory=Counter)
    findings: dict[Signature, Finding] = field(default_factory=dict)

    def fresh(self) -> Tally:
        """Return an empty one of the same kind."""
        return Tally()

    def report(
        self, signature: Signature, batch: Batch, fill: int, words: Sides | Callable[[], Sides], count: int = 1
    ) -> None:
        """Count a failure of ``count`` inputs; the words are made for the first of its kind only."""
        finding = self.findings.get(signature)
        if finding is None:
            finding = self.findings[signature] = found(signature, batch, fill, words)
        finding.count += count


def found(signature: Signature, batch: Batch, fill: int, words: Sides | Callable[[], Sides]) -> Finding:
    """Return the finding that an input makes."""
    said = words() if callable(words) else words
    return Finding(
        signature=signature,
        headline=said.headline,
        batch=batch.only([fill]),
        torch=said.torch,
        numpy=said.numpy,
        script=said.script,
        place=said.place,
    )
