"""The cheat sheet: which NumPy expression means what a PyTorch expression means, for which dtypes, apart from what.

It is made from a run and says nothing that was not executed there. A row that failed or was not run says so in bold,
before anything else, so that nobody takes it for a verified one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from conformance.records import (
    AGREES,
    BOTH_REFUSE,
    DIFFERS_AS_DECLARED,
    NOT_RUN,
    NUMPY_ONLY,
    TORCH_ONLY,
    worst,
)
from conformance.report.markdown import cell, code, code_cell, escape, prose
from conformance.report.terminal import absent_devices
from conformance.report.view import NO_DTYPE, sections, sort_dtypes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.records import Run
    from conformance.report.view import Case, Difference, Section

_VERIFIED: Final = (AGREES, DIFFERS_AS_DECLARED)
_OUTSIDE_THE_CLAIM: Final = (TORCH_ONLY, NUMPY_ONLY, BOTH_REFUSE)


class _Notes:
    """The footnotes of one table, numbered as they are first needed; cases that say the same share one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def lines(self) -> list[str]:
        return [f"{number}. {text}" for text, number in self._numbers.items()]


def sheet(run: Run) -> str:
    """Return the whole cheat sheet as Markdown."""
    parts = sections(run)
    blocks = ["# PyTorch and NumPy: cheat sheet", *_opening(run, parts)]
    for part in parts:
        blocks += _section(part)
    return "\n\n".join(blocks) + "\n"


def summarise(dtypes: Iterable[str]) -> str:
    """Write a list of dtypes shortly: `bool, int8–64, float32/64`."""
    families: dict[str, list[str]] = {}
    for dtype in sort_dtypes(dict.fromkeys(dtypes)):
        families.setdefault(dtype.rstrip("0123456789"), []).append(dtype)
    return ", ".join(_family(name, members) for name, members in families.items())


def _opening(run: Run, parts: Sequence[Section]) -> Iterator[str]:
    if not run.complete:
        yield "**Incomplete run: it stopped before its end, and cases may be missing.**"
    if not parts:
        yield "No case was run."
        return
    versions = f"torch {_version(run, 'torch')} and numpy {_version(run, 'numpy')}"
    verdicts = {verdict for part in parts for case in part.cases for verdict in _by_dtype(case).values()}
    against = verdicts - {*_VERIFIED, *_OUTSIDE_THE_CLAIM}
    exception = ", except where it says in **bold** that it failed or was not run" if against else ""
    yield f"Every line below was executed and compared on {versions}{exception}."
    if absent := absent_devices(run):
        yield "\n".join(f"- {escape(line)}" for line in absent)


def _version(run: Run, name: str) -> str:
    return escape(str(run.header.get(name) or "of unknown version").partition("+")[0])


def _section(part: Section) -> Iterator[str]:
    notes = _Notes()
    rows = [_row(case, notes) for case in part.cases]
    yield f"## {escape(part.name)}"
    yield "\n".join(["| PyTorch | NumPy | agrees for | notes |", "| --- | --- | --- | --- |", *rows])
    if lines := notes.lines():
        yield "\n".join(lines)


def _row(case: Case, notes: _Notes) -> str:
    texts = [prose(case.note)] if case.note else []
    texts += map(_footnote, case.differences)
    numbers = ", ".join(str(notes.number(text)) for text in texts)
    expressions = (code_cell(text) if text else escape(case.id) for text in (case.torch, case.numpy))
    return f"| {' | '.join(expressions)} | {cell(_standing(case))} | {numbers} |"


def _footnote(told: Difference) -> str:
    facts = [
        f"{prose(told.because)}{f' ({escape(told.kind)})' if told.kind else ''}.",
        f"When {code(told.when)}." if told.when else "",
        f"Only {escape(told.dtypes)}." if told.dtypes else "",
        f"Only the {escape(told.aspect)}." if told.aspect else "",
        f"PyTorch: {code(told.torch)}." if told.torch else "",
        f"NumPy: {code(told.numpy)}." if told.numpy else "",
        f"Write instead: {code(told.instead)}." if told.instead else "",
        f"See {escape(told.upstream)}." if told.upstream else "",
    ]
    return " ".join(fact for fact in facts if fact)


def _by_dtype(case: Case) -> dict[str, str]:
    """Return the worst verdict for each dtype; a device that is missing does not undo what another showed."""
    found: dict[str, list[str]] = {}
    for unit in case.units:
        found.setdefault(unit.dtype, []).append(unit.verdict)
    return {dtype: worst([v for v in verdicts if v != NOT_RUN] or verdicts) for dtype, verdicts in found.items()}


def _standing(case: Case) -> str:
    """Say where the case holds; whatever speaks against it comes first."""
    groups: dict[str, list[str]] = {}
    for dtype, verdict in _by_dtype(case).items():
        groups.setdefault(verdict, []).append(dtype)
    against = [_against(case, name, groups[name]) for name in groups if name not in {*_VERIFIED, *_OUTSIDE_THE_CLAIM}]
    outside = [f"{name}: {summarise(groups[name])}" for name in _OUTSIDE_THE_CLAIM if name in groups]
    agreeing = "; ".join(_agreeing(groups))
    if against and agreeing:
        agreeing = f"agrees: {agreeing}"
    return "; ".join(part for part in (*against, agreeing, *outside) if part)


def _against(case: Case, verdict: str, dtypes: Sequence[str]) -> str:
    reasons = dict.fromkeys(unit.reason for unit in case.units if unit.verdict == verdict and unit.reason)
    why = f" ({escape('; '.join(reasons))})" if reasons else ""
    named = summarise(dtype for dtype in dtypes if dtype.strip(NO_DTYPE))
    return f"**{escape(verdict)}{': ' if named else ''}{named}**{why}"


def _agreeing(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    plain, noted = (groups.get(verdict, ()) for verdict in _VERIFIED)
    everything = sum(map(len, groups.values()))
    if plain or noted:
        yield _named([*plain, *noted], everything) + ("" if plain else ", apart from the notes")
    if plain and noted:
        yield f"apart from the notes for {summarise(noted)}"


def _named(dtypes: Sequence[str], everything: int) -> str:
    if list(dtypes) == [NO_DTYPE]:
        return "yes"
    whole = len(dtypes) == everything and everything > 1
    return f"all {everything} dtypes" if whole else summarise(dtypes)


def _family(name: str, members: Sequence[str]) -> str:
    widths = [member.removeprefix(name) for member in members]
    if len(members) == 1:
        return members[0]
    return f"{name}{widths[0]}–{widths[-1]}" if _unbroken(name, members) else f"{name}{'/'.join(widths)}"


def _unbroken(name: str, members: Sequence[str]) -> bool:
    doublings = [int(member.removeprefix(name) or 0) for member in members]
    return bool(members[2:]) and all(2 * one == two for one, two in pairwise(doublings))
