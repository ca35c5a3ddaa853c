"""The difference of two runs for a comment on a pull request: what counts first, details folded, and not too long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape as as_html
from typing import TYPE_CHECKING, Final

from conformance.history import declared, speed
from conformance.history.diff import extent, sections, summary
from conformance.history.groups import grouped
from conformance.history.units import NEW_FAILURES, Kind
from conformance.report.markdown import code, code_cell, escape, prose
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.history.diff import Diff, Entry
    from conformance.history.explained import Line
    from conformance.history.groups import Group

LONGEST: Final = 60_000
"""Characters; GitHub takes 65,536 in a comment."""

_ALWAYS: Final = ("torch", "numpy")
_FOLDED: Final = frozenset({Kind.VERDICT, Kind.STILL, Kind.NEW, Kind.GONE})
"""Kinds that are folded as a whole."""

_LONGEST_TEXT: Final = 2_000
"""Characters of one line; what is longer stands whole in the run."""


@dataclass(frozen=True, kw_only=True)
class _Block:
    """A piece of the comment; ``members`` of what ``of`` says are left out one by one where not all of them fit."""

    head: str = ""
    members: tuple[str, ...] = ()
    tail: str = ""
    between: str = "\n"
    of: tuple[str, str] = ("", "")

    def fitting(self, room: int) -> tuple[str, int]:
        """Return as much of it as ``room`` characters hold, and how many of its members that leaves out."""
        room -= len(self.head) + len(self.tail)
        kept = []
        for member in self.members:
            if len(member) + len(self.between) <= room:
                room -= len(member) + len(self.between)
                kept.append(member)
        none = room < 0 or (self.members and not kept)
        text = "" if none else self.head + self.between.join(kept) + self.tail
        return text, len(self.members) - len(kept)


def text(diff: Diff, longest: int = LONGEST) -> str:
    """Return the comment, of ``longest`` characters at most and a line for each kind of what it leaves out."""
    kept, left = [], Counter[tuple[str, str]]()
    for block in _blocks(diff):
        told, missing = block.fitting(longest)
        left[block.of] += missing
        if told:
            longest -= len(told) + 2
            kept.append(told)
    return "\n\n".join([*kept, *_left(+left)]) + "\n"


def _left(left: Counter[tuple[str, str]]) -> Iterator[str]:
    if left:
        yield "*More that does not fit here, and that `conformance diff` prints:*"
        yield "\n".join(f"- {kind}: {plural(count, noun)}" for (kind, noun), count in left.items())


def _blocks(diff: Diff) -> Iterator[_Block]:
    yield _Block(head=_headline(diff))
    yield _Block(members=("\n".join(_stamp(diff)),), of=("what the runs were run with", "table"))
    notes = [f"**{word}: {note}**" for word, side in (("OLD", diff.old), ("NEW", diff.new)) for note in side.notes]
    if told := [*notes, *map(escape, diff.cautions)]:
        yield _Block(members=tuple(f"- {note}" for note in told), of=("of the runs", "note"))
    for kind, meaning, entries in sections(diff):
        yield from _section(kind, meaning, entries)
    if diff.declared:
        title = f"declared differences: {len(diff.declared)}"
        yield _list(title, _declared(diff), ("declared differences", "difference"))
    for word, chosen in (("slower", diff.slower), ("faster", diff.faster)):
        if chosen:
            lines = (f"- {code(one.name)} {escape(one.words)}" for one in chosen)
            yield _list(f"{word}, {speed.BEYOND}: {len(chosen)}", lines, (word, "benchmark"))


def _headline(diff: Diff) -> str:
    new = len(diff.failures)
    none = (
        "no new failure"
        if diff.new.run.complete
        else "no new failure in what the new run came to, and it is incomplete"
    )
    return f"**conformance: {plural(new, 'new failure') if new else none}** · {summary(diff)}"


def _stamp(diff: Diff) -> Iterator[str]:
    yield f"| | OLD {code_cell(diff.old.name)} | NEW {code_cell(diff.new.name)} |"
    yield "|---|---|---|"
    for key, then, now in diff.stamp:
        if then != now or key in _ALWAYS:
            yield f"| {key} | {escape(then)} | {f'**{escape(now)}**' if then != now and now else escape(now)} |"


def _section(kind: Kind, meaning: str, entries: list[Entry]) -> Iterator[_Block]:
    title, of = f"{kind.value} ({extent(entries)})", (kind.value, "change")
    if kind in _FOLDED:
        yield _list(f"{title}: {meaning}", (_line(one) for one in entries), of)
        return
    mark = "❌ " if kind in NEW_FAILURES else ""
    yield _Block(head=f"### {mark}{title[0].upper()}{title[1:]}\n\n{escape(meaning)}")
    for group in grouped(entries):
        head = f"{group.name} {group.first.units}: {group.first.verdicts}"
        summary = " · ".join(part for part in (head, group.reason) if part)
        if group.several:
            yield _group(group, summary, of)
        else:
            yield _Block(members=(_folded(summary, _details(group, group.first)),), of=of)


def _line(one: Entry) -> str:
    because = f" ({_text(one.because)})" if one.because else ""
    return f"- {code(one.case)} {escape(one.units)}: {escape(one.verdicts)}{because}"


def _group(group: Group, summary: str, of: tuple[str, str]) -> _Block:
    """Return a fold with what the cases of a group have in common, and in it a fold for each case."""
    opening, closing = _fold(summary)
    shared = "\n".join(map(_explained, group.shared))
    members = []
    for one in group.entries:
        title = " · ".join(part for part in (one.case, group.message(one)) if part)
        members.append(_folded(title, _details(group, one)))
    head = f"{opening}{shared}\n\n" if shared else opening
    return _Block(head=head, members=tuple(members), tail=closing, between="\n\n", of=of)


def _details(group: Group, one: Entry) -> Iterator[str]:
    for side in ("torch", "numpy"):
        if one.record.get(side):
            yield f"- **{side}**: {code(str(one.record[side]))}"
    yield from map(_explained, group.lines(one))
    yield from (f"- **row edited**: {_text(said)}" for said in one.edited)
    if one.place:
        yield f"- {code(one.place)}"


def _explained(line: Line) -> str:
    return f"- **{escape(line.word)}**: {_told(line)}"


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


def _list(summary: str, lines: Iterable[str], of: tuple[str, str]) -> _Block:
    opening, closing = _fold(summary)
    return _Block(head=opening, members=tuple(lines), tail=closing, of=of)


def _folded(summary: str, lines: Iterable[str]) -> str:
    opening, closing = _fold(summary)
    return opening + "\n".join(lines) + closing


# In a summary Markdown does not apply, so that its text is HTML; the blank line after it ends that.
def _fold(summary: str) -> tuple[str, str]:
    return f"<details><summary>{as_html(_cut(summary))}</summary>\n\n", "\n\n</details>"
