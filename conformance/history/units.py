"""What became of a unit between two runs.

A unit's *troubles* are what makes it fail, or makes it news: its checks that differ, its declared differences that are
gone, or the verdict itself where that is all there is (crashed, hardly ran). A unit *fails now* if it has a trouble
that it did not have before, so one that failed in its memory and now fails in its values too is a new failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from conformance import records
from conformance.records import AS_EXPECTED, BROKEN, CHANGED, CRASHED, HARDLY_RAN, NOT_RUN, is_failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.records import Record

Key = tuple[str, str, str]
"""What tells one unit from another in any run: the id of its case, its dtype, its device."""

GONE_NAME: Final = "difference gone"


class Kind(StrEnum):
    """What a change is, the gravest first."""

    FAILS_NOW = "fails now"
    NEW_FAILURE = "new, and fails"
    OTHERWISE = "behaves otherwise"
    FIXED = "fixed"
    VERDICT = "another verdict"
    STILL = "still failing"
    NEW = "new"
    GONE = "gone"
    SAME = "the same"
    UNSEEN = "not compared"


MEANINGS: Final[Mapping[Kind, str]] = {
    Kind.FAILS_NOW: "a failure that was none in the older run",
    Kind.NEW_FAILURE: "a unit that the older run does not have, and it fails",
    Kind.OTHERWISE: "as stated in the older run, and not on these versions: news, not a failure",
    Kind.FIXED: "a failure in the older run, and none now",
    Kind.VERDICT: "neither a new failure nor one that is gone, but the verdict is another one",
    Kind.STILL: "the same failure in both runs",
    Kind.NEW: "not in the older run, which would have had it",
    Kind.GONE: "not in the newer run, which would have had it",
}
"""What each kind that is shown means, in the order in which they are shown."""

NEW_FAILURES: Final = frozenset({Kind.FAILS_NOW, Kind.NEW_FAILURE})
"""What makes the exit code 1."""

_HIDES: Final = frozenset({CRASHED, BROKEN})
"""Verdicts of units that were not judged to their end, so that nobody knows what else they would have shown."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One thing that is wrong, or news, in a unit: a check, or a difference by its sentence, or a verdict."""

    name: str
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One unit in both runs; it lacks a record where a run does not have it."""

    key: Key
    old: Record | None
    new: Record | None
    kind: Kind
    troubles: tuple[Trouble, ...] = ()

    @property
    def verdicts(self) -> tuple[str, str]:
        """The verdict before and after; empty where there is none."""
        return verdict(self.old), verdict(self.new)


def by_key(units: Iterable[Record]) -> dict[Key, Record]:
    """Return the units of a run by what they are of; of several for the same, the one with the worst verdict."""
    found: dict[Key, Record] = {}
    for unit in units:
        key = (str(unit["id"]), str(unit.get("dtype") or "-"), str(unit.get("device") or ""))
        before = found.get(key)
        if before is None or records.worst((verdict(before), verdict(unit))) != verdict(before):
            found[key] = unit
    return found


def verdict(unit: Record | None) -> str:
    """Return the verdict of a unit, or nothing."""
    return "" if unit is None else str(unit["verdict"])


def troubles(unit: Record | None) -> tuple[Trouble, ...]:
    """Return what is wrong in a unit, or news; nothing where its verdict is neither a failure nor `changed`."""
    if unit is None or not (is_failure(verdict(unit)) or verdict(unit) == CHANGED):
        return ()
    checks = unit.get("checks")
    found = [
        Trouble(name=str(name))
        for name, check in (checks.items() if isinstance(checks, Mapping) else ())
        if _is_trouble(check)
    ]
    found += [Trouble(name=GONE_NAME, because=str(one.get("because"))) for one in differences(unit) if _is_trouble(one)]
    if verdict(unit) in {HARDLY_RAN, CRASHED, BROKEN} or not found:
        found.append(Trouble(name=verdict(unit)))
    return tuple(dict.fromkeys(found))


def _is_trouble(seen: object) -> bool:
    if not isinstance(seen, Mapping) or not isinstance(told := seen.get("verdict"), str):
        return False
    return is_failure(told) or told == CHANGED


def differences(unit: Record) -> list[Record]:
    """Return the declared differences of a unit."""
    held = unit.get("differences")
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def change(key: Key, old: Record | None, new: Record | None) -> Change:
    """Return what became of a unit that at least one run has."""
    fresh = _fresh(old, new)
    return Change(key=key, old=old, new=new, kind=_kind(old, new, fresh), troubles=fresh)


def _fresh(old: Record | None, new: Record | None) -> tuple[Trouble, ...]:
    """Return the troubles of ``new`` that ``old`` did not have; news in the older run excuse no failure."""
    if verdict(old) in _HIDES:
        return ()
    excused = is_failure(verdict(old)) or not is_failure(verdict(new))
    known = troubles(old) if old is not None and excused else ()
    return tuple(one for one in troubles(new) if one not in known)


def _kind(old: Record | None, new: Record | None, fresh: tuple[Trouble, ...]) -> Kind:
    before, after = verdict(old), verdict(new)
    if new is None:
        return Kind.GONE
    if old is None:
        return Kind.NEW_FAILURE if is_failure(after) else Kind.NEW
    if fresh:
        return Kind.FAILS_NOW if is_failure(after) else Kind.OTHERWISE
    if is_failure(before) and after not in {NOT_RUN, AS_EXPECTED, CHANGED} and not is_failure(after):
        return Kind.FIXED
    if before != after or troubles(old) != troubles(new):
        return Kind.VERDICT
    return Kind.STILL if is_failure(after) else Kind.SAME
