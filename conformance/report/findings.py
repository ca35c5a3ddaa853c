"""The findings: where one of the libraries looks wrong, each with all that a report to its makers needs.

They are the declared differences of kind "bug". Rows that say the same of themselves share one finding, which shows the
first unit that claims it; a script that kills its process was not run, but for the child that confirmed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from conformance.records import DIFFERS_AS_DECLARED, NOT_JUDGED, NOT_RUN
from conformance.report import environments
from conformance.report.dtypes import NO_DTYPE, summarise
from conformance.report.grouping import sections
from conformance.report.markdown import block, code, escape, prose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from conformance.records import Record, Run
    from conformance.report.environments import Environment
    from conformance.report.view import Section

_BUG: Final = "bug"
_FAMILIAR: Final = "float32"
_INTRODUCTION: Final = (
    "Where PyTorch or NumPy looks wrong, not just different: by more than it documents, or in disagreement with "
    "itself. Each is declared beside its row and executed in every run. Each script runs alone and prints both sides; "
    "what depends on vector widths shows where the CPU has them."
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One difference of kind "bug" as one unit showed it."""

    section: str
    case: str
    dtype: str
    claimed: bool
    told: Record
    environment: str = ""

    @property
    def shown(self) -> Mapping[str, Any]:
        """Script, both sides and truth; empty in records that lack them."""
        found = self.told.get("finding")
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one sentence is said of: everything that units showed of it, in the order of the report."""

    number: int
    because: str
    seen: tuple[Seen, ...]

    @property
    def first(self) -> Seen:
        """The unit that is shown: of the first row that claims it, float32, which readers know best, or the first."""
        return _first(self.seen)

    @property
    def by_environment(self) -> dict[str, Seen]:
        """The unit that is shown of each environment."""
        grouped: dict[str, list[Seen]] = {}
        for one in self.seen:
            grouped.setdefault(one.environment, []).append(one)
        return {label: _first(seen) for label, seen in grouped.items()}

    @property
    def section(self) -> str:
        """The section that it stands in: that of its first row."""
        return self.seen[0].section

    @property
    def title(self) -> str:
        """The sentence up to where it begins to explain."""
        return re.split(r"[:;] ", self.because)[0]

    @property
    def anchor(self) -> str:
        """A name of its place that stays when others come or go: all its words, since several may begin alike."""
        return "-".join(re.findall(r"[a-z0-9]+", self.because.lower()))

    @property
    def library(self) -> str:
        """The library that is wrong."""
        return str(self.first.shown.get("wrong") or "of unknown side")


def page(*runs: Run) -> str:
    """Return the findings of runs as Markdown."""
    found = findings(*runs)
    blocks = ["# Findings", *_opening(environments.named(runs), found)]
    for section, entries in groupby(found, key=lambda finding: finding.section):
        blocks.append(f"## {escape(section)}")
        for finding in entries:
            blocks += _entry(finding)
    return "\n\n".join([*blocks, *_elsewhere(runs, {finding.because for finding in found})]) + "\n"


def findings(*runs: Run) -> tuple[Finding, ...]:
    """Return the findings of runs, by section and row, numbered from 1."""
    parts = sections(*runs)
    grouped: dict[str, list[Seen]] = {}
    for one in _all_seen(runs, parts):
        grouped.setdefault(str(one.told.get("because") or "without a reason"), []).append(one)
    order = {part.name: place for place, part in enumerate(parts)}
    drafts = [Finding(number=0, because=because, seen=tuple(seen)) for because, seen in grouped.items()]
    drafts.sort(key=lambda draft: order[draft.section])
    return tuple(Finding(number=n, because=d.because, seen=d.seen) for n, d in enumerate(drafts, start=1))


def _first(seen: Sequence[Seen]) -> Seen:
    able = [one for one in seen if one.claimed and one.shown.get("script")] or seen
    return min((one for one in able if one.case == able[0].case), key=lambda one: one.dtype != _FAMILIAR)


def _all_seen(runs: Sequence[Run], parts: Iterable[Section]) -> Iterator[Seen]:
    records: dict[str, list[tuple[str, Record]]] = {}
    for environment in environments.named(runs):
        for record in environment.run.units:
            records.setdefault(str(record["id"]), []).append((environment.label, record))
    for part in parts:
        for case in part.cases:
            for label, record in records[case.id]:
                yield from _seen(part.name, record, label)


def _seen(section: str, record: Record, label: str) -> Iterator[Seen]:
    where = {"section": section, "case": str(record["id"]), "environment": label}
    told = record.get("differences")
    for one in told if isinstance(told, list | tuple) else ():
        if isinstance(one, Mapping) and one.get("kind") == _BUG and one.get("verdict") != NOT_JUDGED:
            claimed = record.get("verdict") == DIFFERS_AS_DECLARED and one.get("verdict") == DIFFERS_AS_DECLARED
            yield Seen(dtype=str(record.get("dtype") or NO_DTYPE), claimed=claimed, told=one, **where)


def _elsewhere(runs: Iterable[Run], shown: Collection[str]) -> Iterator[str]:
    """Yield a section on the bugs that this machine cannot show, such as one of instructions that it has not."""
    rows: dict[str, dict[str, None]] = {}
    for record in (record for run in runs for record in run.units):
        told = record.get("differences")
        for one in told if isinstance(told, list | tuple) else ():
            because = str(one.get("because")) if isinstance(one, Mapping) and one.get("kind") == _BUG else ""
            if because and because not in shown and one.get("verdict") == NOT_JUDGED:
                rows.setdefault(because, {})[str(record["id"])] = None
    if rows:
        yield "## On other machines"
        yield "Declared, but not to be seen on the one that this run was made on."
        yield "\n".join(f"- {prose(because)}. Rows: {', '.join(map(code, ids))}." for because, ids in rows.items())


def _opening(runs: Sequence[Environment], found: Sequence[Finding]) -> Iterator[str]:
    for environment in (one for one in runs if not one.run.complete):
        named = f" of {escape(environment.label)}" if environment.label else ""
        yield f"**Incomplete run{named}: it stopped before its end, and findings may be missing.**"
    if not found:
        yield "No row that was run declares that a library is wrong."
        return
    yield _INTRODUCTION
    if len(runs) == 1:
        yield f"Seen with {escape(_environment(runs[0].run))}."
    else:
        yield "\n".join(["Seen with", "", *(f"- {escape(f'{one.label}: {_environment(one.run)}')}" for one in runs)])
    yield "\n".join(f"{f.number}. {f.library}: [{escape(f.title)}](#{f.anchor})" for f in found)


def _environment(run: Run) -> str:
    cpu = run.header.get("cpu")
    capability = cpu.get("capability") if isinstance(cpu, Mapping) else None
    versions = [f"{name} {run.header.get(name) or 'of unknown version'}" for name in ("torch", "numpy")]
    more = [run.header.get("platform"), f"vector code for {capability}" if capability else None]
    return ", ".join([*versions, *(str(part) for part in more if part)])


def _entry(finding: Finding) -> Iterator[str]:
    yield f'<a id="{finding.anchor}"></a>'
    yield f"### {finding.number}. {escape(finding.title)}"
    if finding.title != finding.because:
        yield f"{prose(finding.because)}."
    yield "\n".join(f"- **{name}**: {text}" for name, text in _facts(finding))
    if script := finding.first.shown.get("script"):
        yield block(str(script), "python")


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    shown = finding.first.shown
    yield "Library", finding.library
    if not any(one.claimed for one in finding.seen):
        yield "In this run", f"**{_verdict(finding.first)}**"
    if [*finding.by_environment] != [""]:
        yield "Runs", "; ".join(f"{escape(k)}: {_verdict(one)}" for k, one in finding.by_environment.items())
    for name, key in (("PyTorch gives", "torch"), ("NumPy gives", "numpy")):
        yield name, code(str(shown.get(key) or "not recorded"))
    truth = shown.get("truth")
    told = f"{code(str(truth))}, NumPy's expression with more digits" if truth else "unknown"
    yield "Truth", f"{told}: {errors}" if (errors := shown.get("errors")) else told
    yield "Dtypes", _dtypes(finding.seen)
    yield "Rows", ", ".join(code(case) for case in dict.fromkeys(one.case for one in finding.seen))
    yield "Reported", _reported(finding.seen)


def _verdict(seen: Seen) -> str:
    return escape(str(seen.told.get("verdict") or NOT_RUN))


def _dtypes(seen: Iterable[Seen]) -> str:
    named = [one.dtype for one in seen if one.claimed and one.dtype != NO_DTYPE]
    return escape(summarise(named)) if named else "those of the script"


def _reported(seen: Iterable[Seen]) -> str:
    links = dict.fromkeys(str(link) for one in seen if (link := one.told.get("upstream")))
    return ", ".join(map(escape, links)) or "no report found"
