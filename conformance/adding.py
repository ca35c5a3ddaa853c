"""What one command adds to the report of another: benchmarks and proofs join the units of a run in its folder.

Each such command asks :func:`usable` and :func:`earlier` before it works, so that a wrong folder costs a second and not
a run, and calls :func:`add` afterwards.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance import environment, records
from conformance import report as reports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.records import Record, Run

_BROKEN: Final = 3


def usable(folder: str | None) -> Path | None:
    """Return the report folder, made if need be. Raises UsageError where nothing can be written there."""
    if folder is None:
        return None
    if not folder:
        raise click.UsageError("--report '': give the name of a folder")
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=target):
            pass
    except OSError as error:
        raise click.UsageError(f"the report cannot be written to {folder}: {error.strerror or error}") from None
    return target


def header(devices: Sequence[str], dtypes: Sequence[str], ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the header of a run that holds no units but what a command adds."""
    options = environment.Options(
        devices=tuple(devices), dtypes=tuple(dtypes), seed=0, budget=0, ids=tuple(ids), folder=None, timeout=0
    )
    return environment.header(options, tuple(devices))


def earlier(target: Path | None, here: Mapping[str, Any]) -> Run | None:
    """Return the run that the report folder holds already, if any.

    Raises UsageError for one made with other versions than ``here``, and where the folder holds pages but not the run
    they show, which would be lost; SystemExit (3) for a run that cannot be read.
    """
    if target is None:
        return None
    if not (target / records.RUN_FILE).exists():
        _refuse_pages_of_another(target)
        return None
    try:
        run = records.read(target / records.RUN_FILE)
    except records.RunFileError as error:
        click.echo(f"conformance: {error}", err=True)
        raise SystemExit(_BROKEN) from None
    for name in ("torch", "numpy", "cpu"):
        if run.header.get(name) != here[name]:
            then, now = run.header.get(name), here[name]
            raise click.UsageError(
                f"{target / records.RUN_FILE} was made with {name} {then}, this is {now}: choose another DIR"
            )
    return run


def _refuse_pages_of_another(target: Path) -> None:
    if (target / "index.html").exists():
        raise click.UsageError(
            f"{target} holds a report and no {records.RUN_FILE}, so that its pages would be lost: give the folder of "
            "the run they were made of, or another DIR"
        )


def add(
    target: Path, before: Run | None, here: Mapping[str, Any], added: Sequence[Record], *, complete: bool = True
) -> None:
    """Write the run file and render: what an earlier run holds stays, but for what was asked again.

    A record replaces that of the same kind and case, and of the same device, layout, threads, dtype, size and CPU
    capability. What was ``added`` by a command that did not come to its end (not ``complete``) is an incomplete run,
    unless it joins an earlier one, whose units say whether that is.
    """
    again = {_about(record) for record in added}
    held = (*before.units, *before.benches, *before.proofs) if before else ()
    place = target / records.RUN_FILE
    fresh = place.with_suffix(".part")
    writer = records.Writer(fresh, before.header if before else here)
    for record in (*(one for one in held if _about(one) not in again), *added):
        writer.write(record)
    if complete if before is None else before.complete:
        ended = before.footer if before and before.footer else {}
        writer.finish(ended.get("exit", 0), ended.get("seconds"))
    else:
        writer.abandon()
    fresh.replace(place)
    reports.render(records.read(place), target)


def _about(record: Record) -> tuple[object, ...]:
    """Return what a record is of."""
    what = tuple(record.get(key) for key in ("kind", "id", "dtype", "size", "capability"))
    return *what, records.where_timed(record)
