"""What became of a mutant, and the table of those that provably mean the same.

The table is ``equivalents.toml`` beside the case file: an exception with its reason, which is out of date once a mutant
in it is killed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from conformance import surroundings
from conformance.devices import HOST
from conformance.expression import parse, unknown_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.case import Case

KILLED: Final = "killed"
SURVIVED: Final = "survived"
NEVER_MET: Final = "never met"
EQUIVALENT: Final = "equivalent"
STALE: Final = "killed, but listed as equivalent"
NONE: Final = "does not apply"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One mutant of one case: its name, what became of it, and the dtype or the reason that goes with that."""

    mutant: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """An entry of the table of equivalents: a pattern of case ids as of file names, the mutants, the reason.

    ``unless`` is a condition of ``threads``, ``capability`` and ``instructions``, as in a difference: where it holds,
    the mutants mean something else, such as on CPUs on which a library is wrong, and have to be killed.
    """

    case: str
    mutants: list[str]
    reason: str
    unless: str = "False"

    def __post_init__(self) -> None:
        if not (_is_text(self.case) and _is_text(self.reason) and _are_texts(self.mutants)):
            message = f"case={self.case!r}, mutants={self.mutants!r}, reason={self.reason!r}: give a list and two texts"
            raise ValueError(message)
        if not _is_text(self.unless) or unknown_names(parse(self.unless), surroundings.NAMES):
            message = f"unless={self.unless!r}: give a condition of {', '.join(surroundings.NAMES)}"
            raise ValueError(message)

    def covers(self, case_id: str, mutant: str) -> bool:
        """Tell whether it speaks of ``mutant`` of the case ``case_id``."""
        return fnmatchcase(case_id, self.case) and mutant in self.mutants

    def holds_here(self) -> bool:
        """Tell whether this machine is none of those that it excepts."""
        condition = parse(self.unless).compile(surroundings.NAMES, {}, "<unless>")
        return not condition(*surroundings.values(HOST))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


@lru_cache(maxsize=32)
def equivalents(folder: Path) -> tuple[Equivalent, ...]:
    """Return the table of equivalents in ``folder``, empty where there is none.

    Raises ValueError, naming the file, for one that cannot be read.
    """
    path = folder / "equivalents.toml"
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(table) - {"equivalent"}:
            message = f"unknown key {min(unknown)!r}: every entry begins with [[equivalent]]"
            raise ValueError(message)  # noqa: TRY301 - the file is named below, for every error alike
        return tuple(Equivalent(**line) for line in table.get("equivalent", ()))
    except (ValueError, TypeError, OSError) as error:
        message = f"{path}: {error}"
        raise ValueError(message) from None


def settled(case: Case, trial: Trial, known: Sequence[Equivalent]) -> Trial:
    """Return ``trial`` as the table of equivalents has it; what is listed there must not be killed."""
    listed = next((one for one in known if one.covers(case.id, trial.mutant) and one.holds_here()), None)
    if listed is None:
        return trial
    outcome = STALE if trial.outcome == KILLED else EQUIVALENT
    return Trial(mutant=trial.mutant, outcome=outcome, detail=listed.reason)
