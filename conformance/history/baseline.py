"""A baseline: the run that a later one is held against while it runs, so that only what is new fails it.

Whoever upgrades a library gives the run of the version before. Then a unit fails the later run

- by a failure that it did not have in the baseline,
- or because it is `changed` and was as stated in the baseline. Without a baseline `changed` is news, since nobody knows
  what the reader had before; with one it is known that this very unit was as stated there, and whoever upgrades wants
  to be told. To accept it, the later run becomes the baseline.

What failed in the baseline already, in the same checks, does not fail the later run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conformance import records, small
from conformance.history import diff, terminal, units
from conformance.history.units import Kind
from conformance.records import BROKEN, NOT_RUN, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from conformance.history.units import Change, Key
    from conformance.records import Record

KNOWN: Final = "it failed in the baseline, too"
"""What is said of a unit whose failure is not new."""

TOLD: Final = (Kind.FAILS_NOW, Kind.NEW_FAILURE, Kind.OTHERWISE, Kind.FIXED, Kind.STILL)
"""The kinds of changes that are told at the end of a run; what else differs is for ``conformance diff``."""

_MEANINGS: Final = {Kind.OTHERWISE: "as stated in the baseline, and not on these versions, which fails this run"}


@dataclass(kw_only=True)
class Baseline:
    """A run to be held against, and the records of the later one that were met so far."""

    name: str
    run: Run
    met: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._held: dict[Key, Record] = units.by_key(self.run.units)

    def fails(self, record: Record) -> bool:
        """Tell whether the unit of ``record`` fails a run that is held against this one."""
        (key,) = units.by_key([record])
        return _fails(units.change(key, self._held.get(key), record))

    def note(self, record: Record) -> None:
        """Keep the record of a unit of the later run."""
        if record.get("kind") == "unit":
            self.met.append(record)

    def lines(self, header: Record) -> list[str]:
        """Return what is to be said of the records noted so far, of a run with ``header``."""
        return told(self.against(Run(header=header, units=tuple(self.met), footer={})))

    def against(self, run: Run) -> diff.Diff:
        """Return what ``run`` has otherwise than this one."""
        return diff.compare(diff.Side(name=self.name, run=self.run), diff.Side(name="this run", run=run))

    def status(self, run: Run) -> int:
        """Return the exit status of ``run``: 0 nothing new, 1 a new failure, 3 broken or incomplete, 5 no unit."""
        if not run.complete:
            return 3
        if not run.units:
            return 5
        failed = [units.verdict(change.new) for change in self.against(run).changes if _fails(change)]
        return 3 if BROKEN in failed else int(bool(failed))


class ReplacedError(records.RunFileError):
    """The run is the one that the later run takes the place of."""


def read(path: str, folder: Path | None = None) -> Baseline:
    """Return the run at ``path``, a file or a report folder, for a run whose report goes into ``folder``.

    Raises RunFileError, one line, where there is no run, and ReplacedError where it lies in ``folder``.
    """
    place = records.located(path)
    if folder is not None and place.resolve() == (folder / records.RUN_FILE).resolve():
        message = f"{path}: the run of the report in {folder} is replaced by this one: `conformance keep` it first"
        raise ReplacedError(message)
    # The small form: each worker holds it, and scripts are the most of a run.
    return Baseline(name=path, run=small.small(records.read(place)))


def _fails(change: Change) -> bool:
    if change.kind is not Kind.OTHERWISE:
        return change.kind in units.NEW_FAILURES
    return change.old is not None and units.verdict(change.old) != NOT_RUN


def told(found: diff.Diff) -> list[str]:
    """Return the lines that end a run: new failures with what explains them, what is fixed, what still fails."""
    counts = {kind: found.counts.get(kind, 0) for kind in TOLD}
    figures = ", ".join(
        f"{kind.value} {count:,}" for kind, count in counts.items() if count or kind in units.NEW_FAILURES
    )
    lines = [f"against the baseline {found.old.name} ({found.old.title}): {figures}"]
    lines += [f"the baseline is an {note}" for note in found.old.notes if note.startswith("incomplete")]
    if not found.shared:
        lines.append("the baseline has none of these units, so every failure is new")
    for kind, meaning, entries in diff.sections(found):
        if kind in TOLD:
            lines += ["", *terminal.section(kind, _MEANINGS.get(kind, meaning), entries)]
    return lines


def summary(baseline: Baseline | None, header: Callable[[], Record]) -> Iterable[str]:
    """Return the lines of a baseline, if there is one, of a run whose header ``header`` makes."""
    return () if baseline is None else ("", *baseline.lines(header()))
