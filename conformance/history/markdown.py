"""The difference of two runs for a comment on a pull request: what counts first, details folded, and not too long."""

from __future__ import annotations

from html import escape as as_html
from typing import TYPE_CHECKING, Final

from conformance.history import declared, speed
from conformance.history.diff import extent, sections
from conformance.history.units import NEW_FAILURES, Kind
from conformance.report.markdown import code, code_cell, escape, prose
from conformance.report.terminal import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.history.diff import Diff, Entry
    from conformance.history.explained import Line

LONGEST: Final = 60_000
"""Characters; GitHub takes 65,536 in a comment."""

_ALWAYS: Final = ("torch", "numpy")
_FOLDED: Final = frozenset({Kind.VERDICT, Kind.STILL, Kind.NEW, Kind.GONE})
"""Kinds that are folded as a whole."""

_LONGEST_TEXT: Final = 2_000
"""Characters of one line; what is longer stands whole in the run."""


def text(diff: Diff, longest: int = LONGEST) -> str:
    """Return the comment, of ``longest`` characters at most and a line that says what it leaves out."""
    kept, length, left = [], 0, 0
    for block in _blocks(diff):
        if length + len(block) + 2 > longest:
            left += 1
        else:
            length += len(block) + 2
            kept.append(block)
    if left:
        kept.append(f"*{left} more that do not fit here: `conformance diff` prints them all.*")
    return "\n\n".join(kept) + "\n"


def _blocks(diff: Diff) -> Iterator[str]:
    yield _headline(diff)
    yield "\n".join(_stamp(diff))
    notes = [f"**{word}: {note}**" for word, side in (("OLD", diff.old), ("NEW", diff.new)) for note in side.notes]
    if told := [*notes, *map(escape, diff.cautions)]:
        yield "\n".join(f"- {note}" for note in told)
    for kind, meaning, entries in sections(diff):
        yield from _section(kind, meaning, entries)
    if diff.declared:
        yield _folded(f"declared differences: {len(diff.declared)}", _declared(diff))
    for word, chosen in (
        ("slower", [t for t in diff.timed if t.slower]),
        ("faster", [t for t in diff.timed if t.faster]),
    ):
        if chosen:
            lines = (f"- {code(one.name)} {escape(one.words)}" for one in chosen)
            yield _folded(f"{word}, {speed.BEYOND}: {len(chosen)}", lines)


def _headline(diff: Diff) -> str:
    new = len(diff.failures)
    none = (
        "no new failure"
        if diff.new.run.complete
        else "no new failure in what the new run came to, and it is incomplete"
    )
    head = f"**conformance: {plural(new, 'new failure') if new else none}**"
    told = [f"{kind.value} {count:,}" for kind, count in diff.counts.items()]
    return f"{head} · {plural(diff.shared, 'unit')} in both runs: {', '.join(told) or 'nothing to compare'}"


def _stamp(diff: Diff) -> Iterator[str]:
    yield f"| | OLD {code_cell(diff.old.name)} | NEW {code_cell(diff.new.name)} |"
    yield "|---|---|---|"
    for key, then, now in diff.stamp:
        if then != now or key in _ALWAYS:
            yield f"| {key} | {escape(then)} | {f'**{escape(now)}**' if then != now and now else escape(now)} |"


def _section(kind: Kind, meaning: str, entries: list[Entry]) -> Iterator[str]:
    title = f"{kind.value} ({extent(entries)})"
    if kind in _FOLDED:
        yield _folded(f"{title}: {meaning}", (_line(one) for one in entries))
        return
    mark = "❌ " if kind in NEW_FAILURES else ""
    yield f"### {mark}{title[0].upper()}{title[1:]}\n\n{escape(meaning)}"
    for one in entries:
        yield _folded(f"{one.case} {one.units}: {one.verdicts}", _details(one))


def _line(one: Entry) -> str:
    because = "; ".join(f"{line.word}: {line.text}" for line in one.lines[:1])
    return f"- {code(one.case)} {escape(one.units)}: {escape(one.verdicts)}{f' ({_text(because)})' if because else ''}"


def _details(one: Entry) -> Iterator[str]:
    for side in ("torch", "numpy"):
        if one.record.get(side):
            yield f"- {side} {code(str(one.record[side]))}"
    yield from (f"- {escape(line.word)} {_told(line)}" for line in one.lines)
    yield from (f"- row edited: {_text(said)}" for said in one.edited)
    if one.place:
        yield f"- {code(one.place)}"


def _told(line: Line) -> str:
    return code(_cut(line.text)) if line.code else _text(line.text)


def _text(text: str) -> str:
    return prose(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"


def _declared(diff: Diff) -> Iterator[str]:
    for state in declared.STATES:
        for one in diff.declared:
            if one.state == state:
                more = f": {_text('; '.join(one.details))}" if one.details else ""
                yield f"- {state}, {code(one.case)}: {_text(one.because)} ({escape(one.kind)}){more}"


# In a summary Markdown does not apply, so that its text is HTML; the blank line after it ends that.
def _folded(summary: str, lines: Iterable[str]) -> str:
    return f"<details><summary>{as_html(_cut(summary))}</summary>\n\n" + "\n".join(lines) + "\n\n</details>"
