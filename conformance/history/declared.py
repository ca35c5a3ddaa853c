"""Which declared differences appeared, vanished, or say something else: what rows state, not what a run saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.history.units import differences, verdict
from conformance.records import BROKEN, CRASHED, NOT_RUN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.history.units import Change
    from conformance.records import Record

APPEARED: Final = "appeared"
VANISHED: Final = "vanished"
RESTATED: Final = "says otherwise"
STATES: Final = (APPEARED, VANISHED, RESTATED)

_STATED: Final = ("kind", "when", "dtypes", "aspect", "torch", "numpy", "instead", "upstream")
_SILENT: Final = frozenset({NOT_RUN, BROKEN, CRASHED})
"""Verdicts of units whose record does not have the differences of their row."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One declared difference of a case that the runs do not have alike; `details` says what is stated otherwise."""

    case: str
    because: str
    state: str
    kind: str
    details: tuple[str, ...] = ()


def compared(changes: Iterable[Change]) -> tuple[Declared, ...]:
    """Return the differences that appeared, vanished or say otherwise, of units that both runs judged."""
    before: dict[str, dict[str, Record]] = {}
    after: dict[str, dict[str, Record]] = {}
    for change in changes:
        if change.old is None or change.new is None or _SILENT & {verdict(change.old), verdict(change.new)}:
            continue
        for side, unit in ((before, change.old), (after, change.new)):
            held = side.setdefault(change.key[0], {})
            for one in differences(unit):
                held.setdefault(str(one.get("because")), one)
    return tuple(one for case, held in after.items() for one in _of_case(case, before[case], held))


def _of_case(case: str, before: Mapping[str, Record], after: Mapping[str, Record]) -> Iterable[Declared]:
    for because in dict.fromkeys((*after, *before)):
        old, new = before.get(because), after.get(because)
        details = _restated(old, new) if old and new else ()
        state = APPEARED if old is None else VANISHED if new is None else RESTATED
        if details or state != RESTATED:
            kind = str((new or old or {}).get("kind"))
            yield Declared(case=case, because=because, state=state, kind=kind, details=details)


def _restated(old: Record, new: Record) -> tuple[str, ...]:
    pairs = ((key, old.get(key), new.get(key)) for key in _STATED)
    return tuple(f"{key}: {_plain(then)} → {_plain(now)}" for key, then, now in pairs if then != now)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "nothing" if value is None else str(value)
