"""Failures that somebody expects: of a device that is being built, by patterns with a reason each.

A line of the file is ``pattern: reason``; the pattern is matched, as a shell would, with the name of a unit
(``shape/squeeze-float32-npu``), the id of its case, and its section. Blank lines and those that begin with ``#`` say
nothing. An entry that stands for no unit, or for none that fails, is wrong by now: it is reported as a broken one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from conformance import records

if TYPE_CHECKING:
    from pathlib import Path

    Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line: which units are expected to fail, and why."""

    pattern: str
    reason: str
    line: int

    def matches(self, case: str, dtype: str, device: str) -> bool:
        """Tell whether it speaks of the unit of ``case`` with a dtype and a device."""
        names = (f"{case}-{dtype}-{device}", f"{case}-{device}", case, case.partition("/")[0])
        return any(fnmatchcase(name, self.pattern) for name in names)


@dataclass(kw_only=True)
class Expectations:
    """The entries of a file, and what has been seen of each so far."""

    file: str
    entries: tuple[Entry, ...]
    seen: Counter[Entry] = field(default_factory=Counter)
    failed: Counter[Entry] = field(default_factory=Counter)

    def judged(self, record: Record) -> Record:
        """Return ``record``, or the record of a failure as expected where an entry speaks of it."""
        if record.get("kind") != "unit" or not records.is_failure(str(record["verdict"])):
            return record
        found = self._entry(record)
        if found is None or record["verdict"] == records.BROKEN:
            return record
        reason = f"{found.reason} ({record['verdict']})"
        return {**record, "verdict": records.AS_EXPECTED, "reason": reason}

    def note(self, record: Record) -> None:
        """Count a record that has been judged, for the entries that speak of it."""
        if record.get("kind") != "unit" or record["verdict"] == records.NOT_RUN:
            return
        for entry in self.entries:
            if _speaks_of(entry, record):
                self.seen[entry] += 1
                self.failed[entry] += record["verdict"] == records.AS_EXPECTED

    def stale(self, *, whole: bool) -> list[Record]:
        """Return a record for each entry that is wrong by now; of a run that is not ``whole``, of those it met."""
        return [self._stale(entry) for entry in self.entries if not self.failed[entry] and (whole or self.seen[entry])]

    def _entry(self, record: Record) -> Entry | None:
        return next((entry for entry in self.entries if _speaks_of(entry, record)), None)

    def _stale(self, entry: Entry) -> Record:
        count = self.seen[entry]
        what = f"none of the {count} units that it stands for fails" if count else "it stands for no unit that was run"
        return {
            "kind": "unit",
            "id": entry.pattern,
            "section": "Expected failures",
            "file": self.file,
            "line": entry.line,
            "verdict": records.BROKEN,
            "reason": f"an expected failure that is none: {what}; take the line out",
        }


def _speaks_of(entry: Entry, record: Record) -> bool:
    return entry.matches(str(record["id"]), str(record.get("dtype")), str(record.get("device")))


def read(path: Path) -> Expectations:
    """Return what the file at ``path`` expects. Raises ValueError, one line, for a file or a line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"expected failures {path}: {getattr(error, 'strerror', None) or 'it is no text in UTF-8'}"
        raise ValueError(message) from None
    entries = []
    for number, line in enumerate(lines, 1):
        pattern, _, reason = line.partition(": ")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not pattern.strip() or not reason.strip():
            message = f"{path}:{number}: {line.strip()[:80]!r} is no expected failure: write 'case-or-pattern: reason'"
            raise ValueError(message)
        entries.append(Entry(pattern=pattern.strip(), reason=reason.strip(), line=number))
    return Expectations(file=str(path), entries=tuple(entries))
