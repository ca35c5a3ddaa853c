"""The difference of two runs in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from conformance.history import declared, speed
from conformance.history.diff import extent, sections, summary
from conformance.history.units import Kind
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.history.diff import Diff, Entry
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


def entry(one: Entry, *, short: bool = False) -> list[str]:
    """Return the lines of one entry: which units, which verdicts, and what explains it."""
    head = f"  {one.case}{f' ({one.place})' if one.place else ''}  {one.units}: {one.verdicts}"
    if short:
        return [head]
    texts = [("torch", _flat(one.record.get("torch"))), ("numpy", _flat(one.record.get("numpy")))]
    told = [*texts, *((line.word, line.text) for line in one.lines), *(("row edited", said) for said in one.edited)]
    told = [(word, said) for word, said in told if said]
    width = max((len(word) for word, _ in told), default=0)
    return [head, *(f"    {word:<{width}}  {said}" for word, said in told)]


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
    for one in entries:
        yield from entry(one, short=kind in _SHORT and not one.shown.troubles)


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
