"""The command ``conformance sensitivity``: run every case with what it ought to notice, and list what it does not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.records import Record

_FAILED: Final = 1
_BROKEN: Final = 3
_NOTHING: Final = 5
_SHOWN: Final = 100
"""Characters of a changed expression that are printed."""


@click.command(epilog="Example: conformance sensitivity reductions shape/squeeze --verbose")
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
@click.option(
    "-n", "workers", type=click.IntRange(min=0), default=None, metavar="WORKERS", help="Processes. Default: one a core."
)
@click.option("--report", "folder", metavar="DIR", help="Add the figures to the report in DIR, or make one there.")
@click.option("-v", "--verbose", is_flag=True, help="List every mutant that is taken for equivalent, with the reason.")
def sensitivity(cases: tuple[str, ...], device: str, workers: int | None, folder: str | None, *, verbose: bool) -> int:
    """Show that cases can fail, all by default: with mutants of the NumPy side and faults in the torch side.

    Each case must find every one of them on the inputs that it runs with. One that survives is listed and makes the
    exit code 1, unless equivalents.toml beside the case file says why it means the same.
    """
    from conformance import adding, devices, parallel

    if reason := devices.absence(device):
        raise click.UsageError(f"device {device!r}: {reason}; present here: {', '.join(devices.present())}")
    target = adding.usable(folder)
    pieces, broken = _pieces(cases, device)
    _check_tables(pieces)
    here = adding.header((device,), (), cases)
    before = adding.earlier(target, here)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    count = min(os.cpu_count() or 1 if workers is None else workers, len(pieces))
    made = [_died(done.piece) if done.result is None else done.result for done in parallel.each(tried, pieces, count)]
    kept = [record for record in made if "reason" not in record]
    click.echo(_told(kept, made, broken, verbose=verbose))
    if target is not None and kept:
        adding.add(target, before, here, kept)
        click.echo(f"report: {(target / 'index.html').resolve()}")
    return _status(kept, made, broken)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One case to be tried: the file that declares it, its id, the device."""

    path: Path
    case: str
    device: str


def _pieces(words: Sequence[str], device: str) -> tuple[list[Piece], list[str]]:
    """Return the cases selected, and a line for each row that is broken. Raises UsageError for an unknown one."""
    from conformance import loading
    from conformance.case import BrokenCase

    try:
        selection = loading.select(words)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    paths = [*selection.files, *([] if selection.files and not selection.ids else loading.modules())]
    found = [(path, row) for path in paths for row in loading.load(path)]
    rows = [(path, row) for path, row in found if path in selection.files or loading.is_selected(row, selection.ids)]
    broken = [f"broken: {row.file}:{row.line}: {row.error}" for _, row in rows if isinstance(row, BrokenCase)]
    return [Piece(path=p, case=r.id, device=device) for p, r in rows if not isinstance(r, BrokenCase)], broken


def _check_tables(pieces: Sequence[Piece]) -> None:
    """Read every table of equivalents once. Raises SystemExit (3) for one that cannot be read."""
    from conformance.proof.equivalents import equivalents

    try:
        for folder in dict.fromkeys(piece.path.parent for piece in pieces):
            equivalents(folder)
    except ValueError as error:
        click.echo(f"conformance: {_line(error)}", err=True)
        raise SystemExit(_BROKEN) from None


def tried(piece: Piece) -> Record:
    """Return the sensitivity record of one case, or a record with the ``reason`` why there is none."""
    import torch

    from conformance import devices, loading
    from conformance.case import BrokenCase, Case
    from conformance.evaluate import HarnessError
    from conformance.proof import sensitivity
    from conformance.proof.laboratory import FailsAnywayError
    from conformance.unit import Settings, Unit, not_run

    torch.set_num_threads(1)
    found = next(row for row in loading.load(piece.path) if row.id == piece.case and isinstance(row, Case))
    if isinstance(row := loading.checked(found), BrokenCase):
        return {"id": row.id, "reason": f"broken: {row.file}:{row.line}: {row.error}", "exit": _BROKEN}
    present = devices.present()
    unit = Unit(case=row, dtype=row.unit_dtypes()[0], device=piece.device)
    if reason := not_run(unit, Settings(present=present)):
        return {"id": row.id, "reason": f"not run: {reason}", "exit": 0}
    try:
        done = sensitivity.trials(row, piece.device, present)
    except FailsAnywayError as error:
        return {"id": row.id, "reason": f"not tried: {_line(error)} (conformance run {row.id})", "exit": _FAILED}
    except HarnessError as error:
        return {"id": row.id, "reason": f"broken: {_line(error)}", "exit": _BROKEN}
    return sensitivity.record(row, piece.device, done)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _died(piece: Piece) -> Record:
    return {"id": piece.case, "reason": "broken: the process died while a fault or mutant of it ran", "exit": _BROKEN}


def _told(kept: Sequence[Record], made: Sequence[Record], broken: Sequence[str], *, verbose: bool) -> str:
    from tabulate import tabulate

    rows = [(r["id"], r["killed"], r["total"], len(r["equivalent"]) or "", len(r["survivors"]) or "") for r in kept]
    sums = [sum(r["killed"] for r in kept), sum(r["total"] for r in kept)]
    sums += [sum(len(r[key]) for r in kept) for key in ("equivalent", "survivors")]
    headers = ("case", "killed", "of", "equivalent", "survive")
    lines = [tabulate([*rows, (f"all {len(kept)}", *sums)], headers=headers)] if kept else ["nothing was tried"]
    if verbose:
        lines += [f"equivalent: {r['id']}: {e['mutant']}: {e['reason']}" for r in kept for e in r["equivalent"]]
    lines += [_survivor(r["id"], one) for r in kept for one in r["survivors"]]
    lines += [f"{r['id']}: {r['reason']}" for r in made if "reason" in r]
    return "\n".join([*lines, *broken])


def _survivor(case: str, one: dict[str, Any]) -> str:
    detail = " ".join(one["detail"].split())[:_SHOWN]
    return f"{one['outcome']}: {case}: {one['mutant']}" + (f": {detail}" if detail else "")


def _status(kept: Sequence[Record], made: Sequence[Record], broken: Sequence[str]) -> int:
    if not made and not broken:
        return _NOTHING
    statuses = [int(record.get("exit", 0)) for record in made]
    statuses += [_FAILED for record in kept if record["survivors"]]
    return max([_BROKEN] if broken else statuses)
