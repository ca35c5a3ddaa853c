"""What a kept run holds that the one to be kept in its place lacks.

A whole run takes the place of a whole one, though rows were removed since; a run of a part takes the place of no more
than that part. Which one a run is of, its header tells only in part: of cases and sections that were named, but of no
``-k``, dtype or file. So its units are asked: one that it was not asked for counts as in a comparison (`diff.py`), and
if more than a twentieth is gone, those are not removed rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.history import diff
from conformance.history.units import Kind
from conformance.records import where_timed
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.records import Record, Run

_REMOVED: Final = 20
"""One of so many, at most, is gone because its row was removed."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """Units, or benchmarks, that the kept run alone holds, by name; ``held`` is how many it holds in all.

    ``unasked`` says that the other run was not asked for some of them, or stopped before them.
    """

    noun: str
    held: int
    names: tuple[str, ...]
    unasked: bool = False

    @property
    def is_more(self) -> bool:
        """Whether the kept run is one of more than the other, which has to be kept elsewhere."""
        return self.unasked or len(self.names) * _REMOVED > self.held

    def __str__(self) -> str:
        """Return how many there are, and one of them."""
        return f"{len(self.names):,} of {plural(self.held, self.noun)}, such as {self.names[0]}"


def lost(kept: Run, new: Run) -> tuple[Lost, ...]:
    """Return what of ``kept`` is not in ``new``: units, then benchmarks; nothing where all is."""
    found = diff.compare(diff.Side(name="kept", run=kept), diff.Side(name="new", run=new))
    gone = [change for change in found.changes if change.new is None]
    units = Lost(
        noun="unit",
        held=len(found.changes) - sum(change.old is None for change in found.changes),
        names=tuple(_named(change.key) for change in gone),
        unasked=any(change.kind is Kind.UNSEEN for change in gone),
    )
    timed = [set(map(_point, run.benches)) for run in (kept, new)]
    missing = [point for point in dict.fromkeys(map(_point, kept.benches)) if point not in timed[1]]
    benches = Lost(noun="benchmark", held=len(timed[0]), names=tuple(map(_named, missing)))
    return tuple(one for one in (units, benches) if one.names)


def lower_budget(kept: Run, new: Run) -> tuple[int, int] | None:
    """Return the budgets of ``kept`` and ``new`` where both ran units and that of ``new`` is lower; None elsewhere."""
    then, now = (run.header.get("budget") for run in (kept, new))
    both = bool(kept.units and new.units)
    return (then, now) if both and type(then) is int and type(now) is int and now < then else None


def _point(bench: Record) -> tuple[str, ...]:
    """Return what a benchmark is of."""
    return *(str(bench.get(key) or "-") for key in ("id", "dtype", "size")), where_timed(bench)


def _named(parts: Sequence[str]) -> str:
    return "-".join(part for part in parts if part not in {"", "-"})
