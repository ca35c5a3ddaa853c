"""The run that lies in a report folder before another one takes its place, and what is said of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import click

from conformance.cli import shared

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What lay in a report folder: what tells its run file from a later one, and how many units it holds."""

    folder: Path
    stamp: tuple[int, int] | None
    units: int

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return what lies in ``folder`` now; whatever it is, it is counted and not read."""
        from conformance.records import RUN_FILE
        from conformance.runfile import count_units

        return cls(folder=folder, stamp=_stamp(folder), units=count_units(folder / RUN_FILE))

    @property
    def is_there(self) -> bool:
        """Whether the folder holds what it did: then nothing was run since."""
        return _stamp(self.folder) == self.stamp

    def tell(self) -> None:
        """Say so in one line where a run of fewer units has taken the place of this one."""
        from conformance.report.words import plural

        now = self.of(self.folder)
        if now.stamp != self.stamp and now.units < self.units:
            click.echo(
                f"conformance: this run of {plural(now.units, 'unit')} took the place of one of "
                f"{plural(self.units, 'unit')} in {self.folder}; a --report folder of its own keeps both",
                err=True,
            )


def forget_timings(folder: Path) -> None:
    """Remove the timings of an earlier run, which this one replaces, and say so."""
    timings = folder / shared.TIMINGS
    if timings.is_file():
        timings.unlink()
        click.echo(f"conformance: a new run takes the place of the one in {folder}, timings included", err=True)


def _stamp(folder: Path) -> tuple[int, int] | None:
    """Return what tells one version of the run file from another, or None where there is none."""
    from conformance.records import RUN_FILE

    path = folder / RUN_FILE
    return (path.stat().st_ino, path.stat().st_mtime_ns) if path.exists() else None
