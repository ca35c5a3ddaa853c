"""What a process was doing, written down before it does it, so that its death can be explained by another."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_WIDTH: Final = 12


class Journal:
    """One file a process: the unit being run as one JSON line, behind a number that is overwritten for every batch."""

    def __init__(self, folder: Path) -> None:
        """Open the journal of this process in ``folder``; beside it is the place for what its watchdog leaves."""
        folder.mkdir(parents=True, exist_ok=True)
        self.trace = folder / f"{os.getpid()}.timeout"
        self._file = os.open(folder / f"{os.getpid()}.journal", os.O_RDWR | os.O_CREAT | os.O_TRUNC)

    def begin(self, name: str, unit: dict[str, Any]) -> None:
        """Write down that the unit called ``name`` begins; ``unit`` is what a crashed record needs to know."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{-1:>{_WIDTH}}\n{json.dumps({'name': name, **unit})}\n".encode(), 0)

    def note(self, number: int) -> None:
        """Write down that batch ``number`` begins."""
        os.pwrite(self._file, f"{number:>{_WIDTH}}".encode(), 0)

    def end(self) -> None:
        """Write down that nothing runs."""
        os.ftruncate(self._file, 0)


def last_words(folder: Path, name: str) -> dict[str, Any] | None:
    """Return what the process that died in unit ``name`` left, or None: the unit, ``batch``, ``timed out``."""
    for path in sorted(folder.glob("*.journal")):
        head, _, rest = path.read_text(encoding="utf-8").partition("\n")
        unit: dict[str, Any] = json.loads(rest) if rest.strip() else {}
        if unit.get("name") == name:
            trace = path.with_suffix(".timeout")
            timed_out = trace.exists() and trace.stat().st_size > 0
            path.unlink()
            return {**unit, "batch": int(head), "timed out": timed_out}
    return None
