"""The difference of two runs in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from conformance.history import declared, speed
from conformance.history.diff import extent, sections, summary
from conformance.history.groups import grouped
from conformance.history.units import Kind
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.history.diff import Diff, Entry
    from conformance.history.explained import Line
    from conformance.history.groups import Group
    from conformance.history.speed import Timed

_SHORT: Final = frozenset({Kind.STILL, Kind.NEW, Kind.GONE})
"""Kinds of which a line an entry says enough, but for what is news in it."""

_CELL: Final = 60


def text(diff: Diff) -> str:
    """Return all of it, several lines without a final newline."""
    blocks = (
        _stamp(diff),
        _notes(diff),
        *(section(*one) for one in sections(diff)),
        _declared(diff),
        *timings(diff),
        [summary(diff)],
    )
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block)


def _group(group: Group) -> Iterator[str]:
    """Yield the lines of entries that changed alike: what they have in common once, then each with its own."""
    if not group.several:
        yield from entry(group.first, group.first.lines)
        return
    yield " · ".join(part for part in (f"  {group.name}  {_change(group.first)}", group.reason) if part)
    yield from _table(((line.word, line.text) for line in group.shared), indent=4)
    for one in group.entries:
        message = group.message(one)
        yield f"    {_named(one)}{f'  {message}' if message else ''}"
        yield from _table(_told(one, group.lines(one)), indent=6)


def entry(one: Entry, lines: Iterable[Line]) -> Iterator[str]:
    """Yield the lines of one entry: which units, which verdicts, and what explains it."""
    yield f"  {_named(one)}  {_change(one)}"
    yield from _table(_told(one, lines), indent=4)


def _named(one: Entry) -> str:
    return f"{one.case}{f' ({one.place})' if one.place else ''}"


def _change(one: Entry) -> str:
    return f"{one.units}: {one.verdicts}"


def _told(one: Entry, lines: Iterable[Line]) -> Iterator[tuple[str, str]]:
    yield from (("torch", _flat(one.record.get("torch"))), ("numpy", _flat(one.record.get("numpy"))))
    yield from ((line.word, line.text) for line in lines)
    yield from (("row edited", said) for said in one.edited)


def _table(told: Iterable[tuple[str, str]], indent: int) -> list[str]:
    rows = [(word, said) for word, said in told if said]
    width = max((len(word) for word, _ in rows), default=0)
    return [f"{' ' * indent}{word:<{width}}  {said}" for word, said in rows]


def _stamp(diff: Diff) -> Iterator[str]:
    rows = [(key, _cell(then), _cell(now), "" if then == now else "≠") for key, then, now in diff.stamp]
    heads = ("", f"OLD {diff.old.name}", f"NEW {diff.new.name}", "")
    yield tabulate(rows, headers=heads, disable_numparse=True, tablefmt="plain")


def _cell(value: str) -> str:
    return "\n".join(textwrap.wrap(value, _CELL))


def _notes(diff: Diff) -> Iterator[str]:
    for word, side in (("OLD", diff.old), ("NEW", diff.new)):
        yield from (f"{word}: {note}" for note in side.notes)
    yield from (f"note: {caution}" for caution in diff.cautions)


def section(kind: Kind, meaning: str, entries: list[Entry]) -> Iterator[str]:
    """Yield the lines of one kind of changes."""
    yield f"{kind.value.upper()} ({extent(entries)}): {meaning}"
    if kind in _SHORT:
        for one in entries:
            yield from entry(one, one.lines) if one.shown.troubles else (f"  {_named(one)}  {_change(one)}",)
        return
    for group in grouped(entries):
        yield from _group(group)


def _declared(diff: Diff) -> Iterator[str]:
    if diff.declared:
        yield "DECLARED DIFFERENCES: what the rows themselves state"
    for state in declared.STATES:
        for one in diff.declared:
            if one.state == state:
                yield f"  {state}  {one.case}: {one.because} ({one.kind})"
                yield from (f"    {detail}" for detail in one.details)


def timings(diff: Diff) -> Iterator[Iterable[str]]:
    """Yield the benchmarks that became slower, then those that became faster."""
    for word, chosen in (("SLOWER", diff.slower), ("FASTER", diff.faster)):
        yield _timed(word, chosen)


def _timed(word: str, chosen: Sequence[Timed]) -> Iterator[str]:
    if chosen:
        yield f"{word} ({plural(len(chosen), 'benchmark')}): {speed.BEYOND}"
    yield from (f"  {one.name}  {one.words}" for one in chosen)


def _flat(value: object) -> str:
    return "; ".join(str(value).splitlines()) if value else ""
