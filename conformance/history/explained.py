"""Why a unit's verdict is another one: the words and values that its records hold, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from conformance.history.units import GONE_NAME, Kind, differences, troubles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.history.units import Change, Trouble
    from conformance.records import Record


_VERBS: Final = ("raises ", "kills the process")
"""How what a difference states of a side begins if it has a verb of its own."""

_UNDEFINED: Final = "undefined"


class Line(NamedTuple):
    """One line of an explanation; ``code`` says that the text is something to be run."""

    word: str
    text: str
    code: bool = False


def lines(change: Change) -> tuple[Line, ...]:
    """Return what explains a change: of what is new what it shows now, of the rest what it showed before."""
    if change.new is not None and change.troubles:
        return tuple(_of_troubles(change.new, change.troubles))
    if change.kind is Kind.STILL and change.new is not None:
        return tuple(_of_troubles(change.new, troubles(change.new)))
    told = [*_before(change.old), *_checks(change), *_reason(change.new)]
    return tuple(dict.fromkeys(told))


def _of_troubles(unit: Record, wrong: tuple[Trouble, ...]) -> Iterator[Line]:
    for trouble in wrong:
        failures = [one for one in _failures(unit) if one.get("check") == trouble.name]
        if failures:
            yield from _failure(failures[0])
        elif trouble.name == GONE_NAME:
            yield from _gone(unit, trouble.because)
        else:
            yield Line(trouble.name, _flat(unit.get("reason")) or _first_headline(unit))


def _failure(failure: Record) -> Iterator[Line]:
    yield Line(str(failure.get("check")), _headline(failure))
    given = failure.get("inputs")
    if isinstance(given, Mapping) and given:
        yield Line("with", "; ".join(f"{name} = {text}" for name, text in given.items()), code=True)
    if again := failure.get("again"):
        yield Line("again", _flat(again), code=True)


def _gone(unit: Record, because: str) -> Iterator[Line]:
    yield Line(GONE_NAME, because)
    told: Record = next((one for one in differences(unit) if str(one.get("because")) == because), {})
    example = told.get("example")
    if isinstance(example, Mapping) and example:
        yield Line("with", "; ".join(f"{name} = {text}" for name, text in example.items()), code=True)
    shown = told.get("finding")
    if isinstance(shown, Mapping):
        said = ((f"{side} now", _flat(shown.get(side))) for side in ("torch", "numpy"))
        yield from (Line(word, text) for word, text in said if text)
    elif told.get("torch") is not None:
        yield Line("declared", f"torch {_does(told['torch'])} where numpy {_does(told.get('numpy'))}")


def _does(stated: object) -> str:
    """Return what a difference states of a side as what the side does: an expression is what it gives."""
    text = _flat(stated)
    if text.startswith(_VERBS):
        return text
    return f"is {text}" if text == _UNDEFINED else f"gives {text}"


def _before(unit: Record | None) -> Iterator[Line]:
    """Tell what was wrong in the older run."""
    if unit is None:
        return
    for trouble in troubles(unit):
        failure = next((one for one in _failures(unit) if one.get("check") == trouble.name), None)
        text = _headline(failure) if failure else trouble.because or _flat(unit.get("reason"))
        yield Line("was", f"{trouble.name}: {text}" if text else trouble.name)


def _checks(change: Change) -> Iterator[Line]:
    """Tell which checks came to something else, but for those that one run had no inputs for."""
    if change.old is None or change.new is None:
        return
    before, after = _verdicts(change.old), _verdicts(change.new)
    for name, verdict in after.items():
        then = before.get(name, verdict)
        if then != verdict and "not judged" not in {then, verdict}:
            yield Line(name, f"{then} → {verdict}")


def _verdicts(unit: Record) -> dict[str, str]:
    checks = unit.get("checks")
    held = checks.items() if isinstance(checks, Mapping) else ()
    return {str(name): str(check.get("verdict")) for name, check in held if isinstance(check, Mapping)}


def _reason(unit: Record | None) -> Iterator[Line]:
    if unit is not None and unit.get("reason"):
        yield Line("reason", _flat(unit["reason"]))


def _failures(unit: Record) -> list[Record]:
    held = unit.get("failures")
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def _first_headline(unit: Record) -> str:
    return next((_headline(one) for one in _failures(unit)), "")


def _headline(failure: Record) -> str:
    return _flat(failure.get("headline")) or _flat(str(failure.get("text") or "").partition("\n")[0])


def _flat(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())
