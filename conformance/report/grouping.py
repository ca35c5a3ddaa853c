"""Records of runs grouped into what the reports show (`view.py`): the one place that copes with what records lack."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.records import CHANGED, DIFFERENCE_GONE
from conformance.report import arguments, environments, trajectories
from conformance.report.view import Case, Difference, Failure, Section, Seen, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.records import Record, Run


class Grouped(NamedTuple):
    """Runs and their sections: a run can be no key, and two are the same only if they are one object."""

    runs: tuple[Run, ...]
    parts: tuple[Section, ...]

    def of(self, runs: Sequence[Run]) -> bool:
        """Tell whether it is of just these."""
        return len(self.runs) == len(runs) and all(map(operator.is_, self.runs, runs))


_last: list[Grouped] = []
"""Of the last runs asked for: each page of a report asks, and of five runs the answer takes ten seconds."""


def sections(*runs: Run) -> tuple[Section, ...]:
    """Group the units of runs: sections as they first appear, their cases by file as it first appears, then line."""
    if not (_last and _last[0].of(runs)):
        _last[:] = [Grouped(runs, _grouped(runs))]
    return _last[0].parts


def _grouped(runs: tuple[Run, ...]) -> tuple[Section, ...]:
    by_id: dict[str, list[tuple[str, Record]]] = {}
    for environment in environments.named(runs):
        for record in environment.run.units:
            by_id.setdefault(record["id"], []).append((environment.label, record))
    cases = [_case(name, records) for name, records in by_id.items()]
    files = {file: number for number, file in enumerate(dict.fromkeys(case.file for case in cases))}
    cases.sort(key=lambda case: (files[case.file], case.line))
    names = dict.fromkeys(_section(record) for run in runs for record in run.units)
    grouped = ((name, tuple(case for case in cases if case.section == name)) for name in names)
    return tuple(Section(name=name, cases=of_it) for name, of_it in grouped if of_it)


def _case(name: str, labelled: Sequence[tuple[str, Record]]) -> Case:
    records = [record for _, record in labelled]
    differences = _differences(records)
    given = next((held for record in records if (held := _texts(record, "given"))), {})
    return Case(
        id=name,
        section=_section(next((record for record in records if record.get("section")), records[0])),
        file=_first(records, "file"),
        line=next((record["line"] for record in records if type(record.get("line")) is int), 0),
        torch=_first(records, "torch"),
        numpy=_first(records, "numpy"),
        note=_first(records, "note"),
        given=given,
        arguments=next((held for record in records if (held := _texts(record, "arguments"))), {})
        or arguments.between(_first(records, "torch"), _first(records, "numpy"), given),
        tolerance=_first(records, "tolerance"),
        claimed=next((tuple(map(str, names)) for record in records if (names := _sequence(record, "claimed"))), ()),
        differences=tuple(differences.values()),
        units=tuple(_unit(record, differences, label) for label, record in labelled),
        otherwise=_otherwise(labelled),
    )


def _otherwise(labelled: Iterable[tuple[str, Record]]) -> dict[str, tuple[str, str]]:
    texts: dict[str, tuple[str, str]] = {}
    for label, record in labelled:
        if record.get("torch") or record.get("numpy"):
            texts.setdefault(label, (_text(record, "torch"), _text(record, "numpy")))
    usual = next(iter(texts.values()), None)
    return {label: pair for label, pair in texts.items() if pair != usual}


def _section(record: Record) -> str:
    return _text(record, "section") or str(record["id"]).partition("/")[0].capitalize()


def _unit(record: Record, numbered: Mapping[tuple[str, ...], Difference], environment: str) -> Unit:
    checks = ((name, check) for name, check in _mapping(record, "checks").items() if isinstance(check, Mapping))
    differences = ((str(numbered[_identity(told)].number), told) for told in _mappings(record, "differences"))
    return Unit(
        dtype=_text(record, "dtype"),
        device=_text(record, "device"),
        verdict=str(record["verdict"]),
        reason=_text(record, "reason") or _gone(record),
        checks=tuple(_seen(str(name), check) for name, check in checks),
        differences=tuple(_seen(f"difference {number}", told) for number, told in differences),
        counts={str(key): count for key, count in _mapping(record, "counts").items() if isinstance(count, int)},
        failures=tuple(_failure(failure) for failure in _mappings(record, "failures")),
        warnings=tuple(str(warning) for warning in _sequence(record, "warnings")),
        trajectory=trajectories.of(record),
        gradient=_gradient(_mapping(record, "gradient")),
        environment=environment,
    )


def _gone(record: Record) -> str:
    """Say which declared differences a unit no longer shows, if that is what is to be said of it."""
    told = _mappings(record, "differences")
    gone = [_text(one, "because") for one in told if one.get("verdict") in (CHANGED, DIFFERENCE_GONE)]
    return f"no longer so: {'; '.join(gone)}" if gone and record["verdict"] in (CHANGED, DIFFERENCE_GONE) else ""


def _seen(name: str, record: Record) -> Seen:
    inputs = record.get("inputs")
    return Seen(name=name, verdict=_text(record, "verdict"), inputs=inputs if isinstance(inputs, int) else None)


def _gradient(record: Mapping[Any, Any]) -> str:
    """Say how many numbers a gradient was taken by, and how near its error came to what is allowed."""
    numbers, worst_of_all = record.get("numbers"), record.get("worst")
    if not isinstance(numbers, int) or not numbers or not isinstance(worst_of_all, int | float):
        return ""
    return f"gradient by {numbers:,} numbers, its error at most {worst_of_all:.0%} of what is allowed"


def _failure(record: Record) -> Failure:
    texts = {key: _text(record, key) for key in ("check", "text", "script", "again", "count")}
    return Failure(headline=_text(record, "headline") or texts["text"].partition("\n")[0], **texts)


_FAMILIAR: Final = "float32"
_OF_A_DIFFERENCE: Final = ("because", "kind", "when", "aspect", "torch", "numpy", "instead", "upstream")


def _differences(records: Iterable[Record]) -> dict[tuple[str, ...], Difference]:
    found: dict[tuple[str, ...], Difference] = {}
    for record in records:
        for told in _mappings(record, "differences"):
            name = _identity(told)
            if name not in found:
                found[name] = _difference(told, len(found) + 1)
            elif _text(record, "dtype") == _FAMILIAR:  # whose example is the one that most readers can use as it stands
                found[name] = _difference(told, found[name].number)
    return found


def _difference(told: Record, number: int) -> Difference:
    texts = {key: _text(told, key).strip("\n") for key in _OF_A_DIFFERENCE}
    return Difference(number=number, dtypes=_dtypes(told), example=_texts(told, "example"), **texts)


def _identity(told: Record) -> tuple[str, ...]:
    # Without the example, which is written with the dtype of its unit.
    return (*(_text(told, key) for key in _OF_A_DIFFERENCE), _dtypes(told))


def _dtypes(told: Record) -> str:
    return ", ".join(str(dtype) for dtype in _sequence(told, "dtypes")) or _text(told, "dtypes").strip("[]()")


def _first(records: Iterable[Record], key: str) -> str:
    return next((text for record in records if (text := _text(record, key))), "")


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value)


def _texts(record: Record, key: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in _mapping(record, key).items()}


def _mapping(record: Record, key: str) -> Mapping[Any, Any]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def _sequence(record: Record, key: str) -> Sequence[Any]:
    value = record.get(key)
    return value if isinstance(value, list | tuple) else ()


def _mappings(record: Record, key: str) -> list[Record]:
    return [value for value in _sequence(record, key) if isinstance(value, Mapping)]
