"""What a difference states of a side: that it raises, kills the process, gives one of several values, or anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class CaseError(ValueError):
    """A row that is wrong: what, the value seen and what to do, in one line."""


@dataclass(frozen=True)
class Raises:
    """That a side raises one of ``errors`` (or a subclass)."""

    errors: tuple[type[Exception], ...]

    def __init__(self, *errors: type[Exception]) -> None:
        if not errors or not all(map(_is_exception, errors)):
            raise CaseError(f"Raises{errors}: name at least one exception class, such as Raises(ValueError)")
        object.__setattr__(self, "errors", errors)

    def __str__(self) -> str:
        return "raises " + " or ".join(e.__name__ for e in self.errors)


@dataclass(frozen=True)
class OneOf:
    """That each element of torch's result is one of several values, within the tolerance of the case.

    ``texts`` are expressions in NumPy; ``out``, NumPy's own value, is one of them only if it is said. Where the case
    has a tolerance, complex values that are not finite count by class: ``np.inf`` is any with an infinite part.
    """

    texts: tuple[str, ...]

    def __init__(self, *texts: str) -> None:
        if len(texts) < 2 or not all(isinstance(text, str) for text in texts):  # noqa: PLR2004 - one is no choice
            raise CaseError(f"OneOf{texts}: give two expressions or more, such as OneOf('out', 'np.nan')")
        object.__setattr__(self, "texts", texts)

    def __str__(self) -> str:
        if any("\n" in text for text in self.texts):
            return "one of:\n" + "\nor:\n".join(text.strip("\n") for text in self.texts)
        return "one of: " + " | ".join(self.texts)


@dataclass(frozen=True)
class Crashes:
    """That torch kills the process: inputs in the region are run in a child process only."""

    def __str__(self) -> str:
        return "kills the process"


@dataclass(frozen=True)
class Undefined:
    """That what a side gives there is not defined: recorded, not judged."""

    def __str__(self) -> str:
        return "undefined"


CRASHES: Final = Crashes()
UNDEFINED: Final = Undefined()

Statement = str | Raises | OneOf | Crashes | Undefined


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)
