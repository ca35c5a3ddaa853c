"""A run in a terminal: counts by section, what failed, what did not run and why.

Nothing is left out for being dull: a verdict that occurred has a column, and a device that was not there has a line
even if nothing was planned for it. A name that is too long for a column is cut there; the pages have all of it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from conformance.records import CHANGED, NOT_RUN, count_verdicts, is_failure
from conformance.report.grouping import sections
from conformance.report.view import chosen
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.records import Record, Run
    from conformance.report.view import Case, Section, Unit

_WIDEST: Final = 40
"""Characters of a name in the table."""


def summary(run: Run) -> str:
    """Return the whole summary, several lines without a final newline."""
    parts = sections(run)
    news = chosen(parts, CHANGED.__eq__)
    blocks = (_table(run, parts), _lines(chosen(parts, is_failure)), _lines(news), _not_run(run), _incomplete(run))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def absent_devices(run: Run) -> list[str]:
    """Return a line for each device that was looked for and not found."""
    absent: Mapping[str, object] = run.header.get("absent") or {}
    return [f"{device}: not run: {reason}" for device, reason in absent.items()]


def missing(run: Run) -> list[str]:
    """Return a line for each device that was not found, and for each reason for which units were not run."""
    return [*absent_devices(run), *reasons_not_run(run.units)]


def reasons_not_run(units: Iterable[Record]) -> list[str]:
    """Return a line for each reason for which units were not run, with their number."""
    reasons = Counter(str(unit.get("reason") or "no reason given") for unit in units if unit["verdict"] == NOT_RUN)
    return [f"not run: {reason} ({plural(count, 'unit')})" for reason, count in reasons.items()]


def _table(run: Run, parts: Sequence[Section]) -> list[str]:
    totals = count_verdicts(run.units)
    if not totals:
        return ["no unit was run"]
    rows = [[_short(part.name), *_row(Counter(unit.verdict for unit in part.units), totals)] for part in parts]
    rows.append(["all", *_row(totals, totals)])
    headers = ["section", *(_short(verdict).replace(" ", "\n") for verdict in totals), "units"]
    return [tabulate(rows, headers=headers, disable_numparse=True, colalign=_alignment(totals))]


def _short(name: str) -> str:
    """Return a name on one line, cut where it is longer than a column may be wide."""
    line = " ".join(name.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1].rstrip()}…"


def _row(counts: Mapping[str, int], columns: Iterable[str]) -> list[str]:
    return [*(str(counts.get(verdict) or "") for verdict in columns), str(sum(counts.values()))]


def _alignment(totals: Mapping[str, int]) -> tuple[str, ...]:
    return ("left", *("right" for _ in totals), "right")


def _lines(units: Sequence[tuple[Case, Unit]]) -> list[str]:
    width = max((len(unit.verdict) for _, unit in units), default=0)
    return [f"{unit.verdict:{width}}  {case.name(unit)}  {unit.headline}".rstrip() for case, unit in units]


def _not_run(run: Run) -> list[str]:
    return [*reasons_not_run(run.units), *absent_devices(run)]


def _incomplete(run: Run) -> list[str]:
    return [] if run.complete else ["incomplete run: it has no footer, so what is missing above may never have run"]
