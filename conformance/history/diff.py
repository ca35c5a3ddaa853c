"""Two runs held against each other: which units both have, what became of them, and that by case.

One change of a case over ten dtypes is one entry. A unit that only one run has is *gone* or *new* where the other one
would have had it, and *not compared* where that stopped before its end, was asked for less, or ran no unit at all, as
`conformance bench` does. A failure is never left out for that: it is new.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from conformance.history import declared, explained, speed, units
from conformance.history.units import Kind
from conformance.report.dtypes import summarise
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.history.declared import Declared
    from conformance.history.explained import Line
    from conformance.history.speed import Timed
    from conformance.history.units import Change, Key
    from conformance.records import Record, Run

_STAMP: Final = (
    *("torch", "numpy", "python", "hypothesis", "conformance", "platform", "cpu", "gpu", "blas", "threads"),
    *("seed", "budget", "devices", "absent", "selection", "started"),
)
_OF_A_ROW: Final = ("torch", "numpy", "tolerance", "given", "claimed")
_BEST_SHOWN: Final = ("float32", "int64", "-")
"""The dtypes whose counterexamples are read most easily."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two runs, and what to call it: its path as given."""

    name: str
    run: Run

    @property
    def title(self) -> str:
        """Its versions in short."""
        return " ".join(f"{key} {self.run.header.get(key) or 'unknown'}" for key in ("torch", "numpy"))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of it before all else."""
        held = len(self.run.units)
        told = f"incomplete run: it stopped before its end, after {plural(held, 'unit')}"
        lacking = () if self.run.complete else (told,)
        return (*lacking, *(("small run: without scripts and failures as printed",) if self.run.small else ()))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One change of one case, in all units that have it alike."""

    kind: Kind
    changes: tuple[Change, ...]

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.changes[0].key[0]

    @property
    def record(self) -> Record:
        """The record that tells of the case, the newer run's where it has one."""
        shown = self.shown
        return shown.new or shown.old or {}

    @property
    def shown(self) -> Change:
        """The unit whose values are shown: the one that is read most easily."""
        return min(self.changes, key=lambda one: (one.key[1] not in _BEST_SHOWN, self.changes.index(one)))

    @property
    def anchor(self) -> str:
        """Its place on a page: the address that a report has for the unit whose values are shown."""
        return "-".join(part for part in self.shown.key if part and part != "-")

    @property
    def place(self) -> str:
        """File and line of its row, if known."""
        file, line = self.record.get("file"), self.record.get("line")
        return f"{file}:{line}" if file and line else str(file or "")

    @property
    def units(self) -> str:
        """The dtypes by device, in short."""
        by_device: dict[str, list[str]] = {}
        for change in self.changes:
            by_device.setdefault(change.key[2], []).append(change.key[1])
        told = ((summarise(name for name in dtypes if name != "-"), device) for device, dtypes in by_device.items())
        return "; ".join(" ".join(part for part in parts if part) for parts in told)

    @property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How many units have each pair of verdicts, before and after."""
        return Counter(change.verdicts for change in self.changes)

    @property
    def verdicts(self) -> str:
        """Every pair of verdicts, with its number where there are several."""
        told = {" → ".join(part for part in pair if part): count for pair, count in self.pairs.items()}
        return ", ".join(text if len(told) == 1 else f"{text} ({count})" for text, count in told.items())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What explains it, of the unit that is shown."""
        return explained.lines(self.shown)

    @property
    def because(self) -> str:
        """The first of what explains it, with what it is of; nothing where the verdicts say all."""
        return next((f"{line.word}: {line.text}" for line in self.lines), "")

    @property
    def edited(self) -> tuple[str, ...]:
        """What the row itself says otherwise in the newer run: then the two are not of the same claim."""
        old, new = self.shown.old, self.shown.new
        if old is None or new is None:
            return ()
        keys = (key for key in _OF_A_ROW if key in old and key in new and old[key] != new[key])
        return tuple(f"{key}: {plain(old[key])} → {plain(new[key])}" for key in keys)


@dataclass(frozen=True, kw_only=True)
class Diff:
    """All that two runs have otherwise; ``changes`` holds every unit of either."""

    old: Side
    new: Side
    changes: tuple[Change, ...]
    declared: tuple[Declared, ...]
    timed: tuple[Timed, ...]

    @property
    def shared(self) -> int:
        """How many units both runs have."""
        return sum(change.old is not None and change.new is not None for change in self.changes)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many units each kind of change has; kinds without any are left out."""
        counted = Counter(change.kind for change in self.changes)
        return {kind: counted[kind] for kind in Kind if counted[kind]}

    @property
    def failures(self) -> tuple[Change, ...]:
        """The failures of the newer run that were none in the older one."""
        return tuple(change for change in self.changes if change.kind in units.NEW_FAILURES)

    @property
    def slower(self) -> tuple[Timed, ...]:
        """The benchmarks that became slower, by the largest factor first."""
        return tuple(one for one in self.timed if one.slower)

    @property
    def faster(self) -> tuple[Timed, ...]:
        """The benchmarks that became faster, by the largest factor first."""
        return tuple(one for one in reversed(self.timed) if one.faster)

    @property
    def in_common(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.shared or self.timed)

    @property
    def stamp(self) -> list[tuple[str, str, str]]:
        """What each run was run with: name, older, newer; what neither says is left out."""
        pairs = [(key, plain(self.old.run.header.get(key)), plain(self.new.run.header.get(key))) for key in _STAMP]
        return [(key, then, now) for key, then, now in pairs if then or now]

    @property
    def cautions(self) -> tuple[str, ...]:
        """What beside the libraries may be why something is otherwise."""
        old, new = self.old.run.header, self.new.run.header
        told = []
        if any(old.get(key) != new.get(key) for key in ("seed", "budget")):
            told.append("seed or budget differ, so the inputs do, and a rare failure may be in one run by chance")
        if _capability(old) != _capability(new):
            told.append("the CPUs have other capabilities, so vectorised code may differ")
        if self.timed and old.get("cpu") != new.get("cpu"):
            told.append("the times are of different CPUs")
        return tuple(told)

    def entries(self, kind: Kind) -> list[Entry]:
        """Return what has happened of one kind, by case, in the order of the runs."""
        grouped: dict[object, list[Change]] = {}
        for change in self.changes:
            if change.kind is kind:
                grouped.setdefault((change.key[0], _alike(change)), []).append(change)
        return [Entry(kind=kind, changes=tuple(changes)) for changes in grouped.values()]


def compare(old: Side, new: Side) -> Diff:
    """Return what ``new`` has otherwise than ``old``."""
    before, after = units.by_key(old.run.units), units.by_key(new.run.units)
    keys = _merged(list(before), list(after))
    changes = tuple(units.change(key, before.get(key), after.get(key)) for key in keys)
    scopes = {Kind.NEW: _Scope(old.run, before), Kind.GONE: _Scope(new.run, after)}
    changes = tuple(scopes[change.kind].judged(change) if change.kind in scopes else change for change in changes)
    return Diff(
        old=old,
        new=new,
        changes=changes,
        declared=declared.compared(changes),
        timed=speed.compared(old.run.benches, new.run.benches),
    )


class _Scope:
    """Which units a run would have had, as far as its records tell."""

    def __init__(self, run: Run, held: Iterable[Key]) -> None:
        self._complete = run.complete
        self._words = {str(word) for word in run.header.get("selection") or ()}
        cases, dtypes, devices = zip(*held, strict=True) if held else ((), (), ())
        self._cases, self._dtypes, self._devices = set(cases), set(dtypes), set(devices)

    def judged(self, change: Change) -> Change:
        """Return ``change``, or one that says that this run, which lacks its unit, was not asked for it."""
        return change if self._would_have(change.key) else replace(change, kind=Kind.UNSEEN, troubles=())

    def _would_have(self, key: Key) -> bool:
        case, dtype, device = key
        chosen = not self._words or bool({case, case.partition("/")[0]} & self._words) or case in self._cases
        return self._complete and chosen and dtype in self._dtypes and device in self._devices


def _merged(old: Sequence[Key], new: Sequence[Key]) -> list[Key]:
    """Return all keys in the order of the newer run; what only the older has stands after what stood before it."""
    after: dict[Key | None, list[Key]] = {}
    held, last = set(new), None
    for key in old:
        if key in held:
            last = key
        else:
            after.setdefault(last, []).append(key)
    return [*after.get(None, ()), *(one for key in new for one in (key, *after.get(key, ())))]


def _alike(change: Change) -> object:
    """Return what units of a case share that make one entry: what is wrong, and else the verdicts."""
    if change.troubles:
        return change.troubles
    return units.troubles(change.old) if change.kind is Kind.FIXED else change.verdicts


def _capability(header: Record) -> object:
    cpu = header.get("cpu")
    return cpu.get("capability") if isinstance(cpu, dict) else None


def plain(value: Any) -> str:
    """Return a value of a header or record as text for a line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return "" if value is None else " ".join(str(value).split())


def extent(entries: Sequence[Entry]) -> str:
    """Return of how many units and cases entries are; a case that changed in two ways has two of them."""
    cases = {one.case for one in entries}
    return f"{plural(sum(len(one.changes) for one in entries), 'unit')} of {plural(len(cases), 'case')}"


def summary(diff: Diff) -> str:
    """Return one line: how many units and benchmarks were compared, and what came of them."""
    told = ", ".join(f"{kind.value} {count:,}" for kind, count in diff.counts.items())
    moves = {"slower": diff.slower, "faster": diff.faster}
    moved = ", ".join(f"{word} {len(held):,}" for word, held in moves.items() if held)
    units = f"{plural(diff.shared, 'unit')} in both runs: {told or 'nothing to compare'}"
    benches = f"{plural(len(diff.timed), 'benchmark')} in both runs{f': {moved}' if moved else ''}"
    if diff.timed and not told:
        return benches
    return f"{units}; {benches}" if moved else units


def sections(diff: Diff) -> list[tuple[Kind, str, list[Entry]]]:
    """Return the kinds of changes that are told, with their meaning and entries; those without any are left out."""
    return [(kind, meaning, entries) for kind, meaning in units.MEANINGS.items() if (entries := diff.entries(kind))]
