"""What is asked: two expressions, the inputs for which they are to mean the same, and how it is to be judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import conformance
from conformance.case import BrokenCase, Case, CaseError, Section
from conformance.expression import ExpressionError, parse
from conformance.loading import checked
from conformance.tolerance import Close, Measured
from conformance.translation.inference import inferred

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Question:
    """Plain data, so that it can go to another process.

    ``given`` maps a name to the text of a generator. ``relative`` and ``absolute`` replace the measured tolerance.
    """

    torch: str
    numpy: str
    given: Mapping[str, str] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ("float32", "float64")
    device: str = "cpu"
    budget: int = 25
    relative: float | None = None
    absolute: float | None = None
    strict: tuple[str, ...] = ()

    def generators(self) -> dict[str, str]:
        """Return the text of every input's generator. Raises ExpressionError."""
        return inferred(parse(self.torch), parse(self.numpy), self.given)

    def tolerance(self) -> Measured | Close:
        """Return how far the sides may lie apart. Raises ValueError for a negative number."""
        if self.relative is None and self.absolute is None:
            return Measured()
        return Close(relative=self.relative or 0.0, absolute=self.absolute or 0.0)

    def case(self) -> Case:
        """Return the case that asks it. Raises CaseError with one line that says what is wrong."""
        try:
            inputs = {name: _made(name, text) for name, text in self.generators().items()}
            tolerance = self.tolerance()
        except (ExpressionError, ValueError) as error:
            raise CaseError(str(error)) from None
        section = Section("Check")
        options: dict[str, Any] = {**inputs, "dtypes": self.dtypes, "tolerance": tolerance, "id": "translation"}
        section.case(self.torch, self.numpy, **options)
        row = checked(section.cases[0])
        if isinstance(row, BrokenCase):
            raise CaseError(row.error)
        return row


def _made(name: str, text: str) -> object:
    """Return the generator that ``text`` writes: what a row writes, and Python's own names."""
    namespace = {word: getattr(conformance, word) for word in conformance.__all__}
    try:
        return eval(text, namespace)  # noqa: S307 - the asker's own code, as both expressions are
    except Exception as error:  # noqa: BLE001 - whatever it does, it makes no generator
        message = f"{name}={text}: {type(error).__name__}: {' '.join(str(error).split())}"
        raise CaseError(message) from None
