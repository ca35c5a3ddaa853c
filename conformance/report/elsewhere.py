"""Cases that were measured or timed, and of which the run has no unit: told as far as their records tell of them.

A benchmark record has what its row is beside its figures, a proof record in ``row``; those of older runs have neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from conformance.report import view

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from conformance.records import Record

TITLE: Final = "Measured, but not among the units of this run"


def sections(told: Iterable[Record], taken: Container[str] = ()) -> tuple[view.Section, ...]:
    """Return the cases of such records by section.

    Those whose section no record tells, or is one of ``taken``, stand under a title of their own.
    """
    held: dict[str, list[Record]] = {}
    for record in told:
        held.setdefault(record["id"], []).append(record)
    grouped: dict[str, list[view.Case]] = {}
    for records in held.values():
        case = _case(records, taken)
        grouped.setdefault(case.section, []).append(case)
    return tuple(view.Section(name=name, cases=tuple(cases)) for name, cases in grouped.items())


def _case(records: Sequence[Record], taken: Container[str]) -> view.Case:
    row = next(filter(None, map(_row, records)), {})
    own = str(row.get("section") or "")
    file, torch, numpy, note, tolerance = (_text(row, key) for key in ("file", "torch", "numpy", "note", "tolerance"))
    return view.Case(
        id=records[0]["id"],
        section=TITLE if not own or own in taken else own,
        file=file,
        line=row["line"] if type(row.get("line")) is int else 0,
        torch=torch,
        numpy=numpy,
        note=note,
        tolerance=tolerance or next((text for one in records if (text := _text(one, "tolerance"))), ""),
        given={},
        arguments={},
        claimed=(),
        differences=(),
        units=(),
    )


def _row(record: Record) -> Mapping[Any, Any]:
    """Return what a record tells of its row; empty where it tells nothing. ``torch`` of a proof is no expression."""
    told = record.get("row", record if record.get("kind") == "bench" else {})
    return told if isinstance(told, Mapping) and (told.get("section") or told.get("torch")) else {}


def _text(told: Mapping[Any, Any], key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""
