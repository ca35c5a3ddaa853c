"""The cheat sheet: which NumPy expression means what a PyTorch expression means, for which dtypes, apart from what.

It is made from runs and says nothing that was not executed there. Each section is a page of its own, since code hosts
do not render Markdown of a megabyte; `cheatsheet.md` is their table of contents. `cheatsheet_page.py` writes the same
rows as one page to search.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conformance.report import standing
from conformance.report.grouping import sections
from conformance.report.markdown import cell, code_cell, code_lines, escape, prose
from conformance.report.twins import told_apart
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.records import Run
    from conformance.report.standing import Part, Verified
    from conformance.report.view import Case, Difference, Section

TITLE: Final = "# PyTorch and NumPy: cheat sheet"
"""How each of the pages begins."""
FOLDER: Final = "cheatsheet"
_LONGEST: Final = 60


class _Notes:
    """The footnotes of one table, numbered as they are first needed; cases that say the same share one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def link(self, text: str) -> str:
        number = self._numbers.setdefault(text, len(self._numbers) + 1)
        return f"[{number}](#note-{number})"

    def lines(self) -> list[str]:
        return [f'{number}. <a id="note-{number}"></a>{text}' for text, number in self._numbers.items()]


def pages(*runs: Run) -> dict[str, str]:
    """Return the cheat sheet as Markdown by the name of its file: the contents, and a page for each section."""
    parts, told = sections(*runs), standing.verified(*runs)
    opening = list(_opening(told, parts))
    named = slugs(part.name for part in parts)
    made = {"cheatsheet.md": [TITLE, *opening, *_contents(parts, named)]}
    for part, name in zip(parts, named, strict=True):
        back = "[All sections](../cheatsheet.md)."
        made[f"{FOLDER}/{name}.md"] = [f"{TITLE}: {escape(part.name)}", *opening, back, *_section(part, told)]
    return {name: "\n\n".join(blocks) + "\n" for name, blocks in made.items()}


def slugs(names: Iterator[str]) -> list[str]:
    """Return a name for the file or place of each section: its words, as the anchor of a heading has them."""
    taken: list[str] = []
    for name in names:
        stem = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:_LONGEST] or "section"
        number = sum(bool(re.fullmatch(rf"{re.escape(stem)}(\.\d+)?", one)) for one in taken)
        taken.append(f"{stem}.{number + 1}" if number else stem)
    return taken


def opening(told: Sequence[Verified], parts: Sequence[Section], *, bold: str = "**bold**") -> str:
    """Return the sentence on what was executed, and with which versions."""
    exception = f", except where it says in {bold} that it failed or was not run"
    against = exception if standing.speaks_against(parts, told) else ""
    several = " A note tells where a run came to something else than the first." if len(told) > 1 else ""
    return f"Every line below was executed and compared on {standing.on_versions(told)}{against}.{several}"


def _opening(told: Sequence[Verified], parts: Sequence[Section]) -> Iterator[str]:
    for run in (run for run in told if not run.complete):
        named = f" of {escape(run.label)}" if run.label else ""
        yield f"**Incomplete run{named}: it stopped before its end, and cases may be missing.**"
    if not parts:
        yield "No case was run."
        return
    yield opening(told, parts)
    if lines := [f"{run.label}: {line}" if run.label else line for run in told for line in run.absent]:
        yield "\n".join(f"- {escape(line)}" for line in lines)


def _contents(parts: Sequence[Section], named: Sequence[str]) -> Iterator[str]:
    rows = [
        f'| <a id="{name}"></a>[{escape(part.name)}]({FOLDER}/{name}.md) | {len(part.cases)} | '
        f"{sum(bool(case.differences) for case in part.cases) or ''} |"
        for part, name in zip(parts, named, strict=True)
    ]
    if rows:
        total = f"{plural(sum(len(part.cases) for part in parts), 'row')} in {plural(len(parts), 'section')}."
        yield f"{total} `cheatsheet.html` in the folder of a report has all of them on one page, to search."
        yield "\n".join(["| section | rows | of them with differences |", "| --- | ---: | ---: |", *rows])


def _section(part: Section, told: Sequence[Verified]) -> Iterator[str]:
    notes = _Notes()
    apart = told_apart(part.cases)
    rows = [_row(case, notes, told, apart.get(case.id, "")) for case in part.cases]
    yield "\n".join(["| PyTorch | NumPy | arguments | agrees for | notes |", "| --- | --- | --- | --- | --- |", *rows])
    if lines := notes.lines():
        yield "\n".join(lines)


def _row(case: Case, notes: _Notes, told: Sequence[Verified], apart: str) -> str:
    texts = [prose(text) for text in (apart, case.note) if text]
    texts += map(_footnote, case.differences)
    texts += (f"On {escape(label)}: {_said(parts)}." for label, parts in standing.parting(case, told))
    links = ", ".join(map(notes.link, texts))
    expressions = (code_cell(text) if text else escape(case.id) for text in (case.torch, case.numpy))
    renamed = cell(escape(", ".join(case.renamed)))
    return f"| {' | '.join(expressions)} | {renamed} | {cell(_said(standing.of_case(case)))} | {links} |"


def _said(parts: Sequence[Part]) -> str:
    return "; ".join(
        f"{f'**{escape(part.text)}**' if part.against else escape(part.text)}"
        f"{f' ({escape(part.reason)})' if part.reason else ''}"
        for part in parts
    )


def _footnote(told: Difference) -> str:
    facts = [
        f"{prose(told.because)}{f' ({escape(told.kind)})' if told.kind else ''}.",
        f"When {code_lines(told.when)}." if told.when else "",
        f"Only {escape(told.dtypes)}." if told.dtypes else "",
        f"Only the {escape(told.aspect)}." if told.aspect else "",
        f"PyTorch: {code_lines(told.torch)}." if told.torch else "",
        f"NumPy: {code_lines(told.numpy)}." if told.numpy else "",
        f"Write instead: {code_lines(told.instead)}." if told.instead else "",
        f"See {escape(told.upstream)}." if told.upstream else "",
    ]
    return " ".join(fact for fact in facts if fact)
