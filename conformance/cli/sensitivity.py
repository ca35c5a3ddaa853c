"""The command ``conformance sensitivity``: run every case with what it ought to notice, and list what it does not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli import shared
from conformance.cli.shared import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.cli.shared import Piece
    from conformance.records import Record

_FAILED: Final = 1
_SHOWN: Final = 100
"""Characters of a changed expression that are printed."""


class Part(click.ParamType[tuple[int, int]]):
    """``2/3``: the second of three parts, as (2, 3)."""

    name = "part"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Return (which, of how many). Raises UsageError for what is no part."""
        which, slash, count = str(value).partition("/")
        if not (slash and which.isdecimal() and count.isdecimal() and 1 <= int(which) <= int(count)):
            self.fail(f"{value!r} is no part: give two numbers such as 2/3, the second of three", param, ctx)
        return int(which), int(count)


@click.command(epilog="Example: conformance sensitivity reductions shape/squeeze --verbose")
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
@shared.imports
@click.option(
    "-n", "workers", type=click.IntRange(min=0), default=None, metavar="WORKERS", help="Processes. Default: one a core."
)
@click.option(
    "--part", type=Part(), default="1/1", metavar="K/N", help="The K-th of N parts of the cases, such as 2/3."
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="How long one mutant or fault may take; 0 is for ever, as is -n 0.",
)
@click.option("--report", "folder", metavar="DIR", help="Add the figures to the report in DIR, or make one there.")
@click.option("-v", "--verbose", is_flag=True, help="List every mutant that is taken for equivalent, with the reason.")
def sensitivity(  # noqa: PLR0913 - one parameter each option
    cases: tuple[str, ...],
    device: str,
    workers: int | None,
    part: tuple[int, int],
    folder: str | None,
    *,
    seconds: float,
    verbose: bool,
) -> int:
    """Show that cases can fail, all by default: with mutants of the NumPy side and faults in the torch side.

    Each case must find every one of them on the inputs that it runs with. One that survives is listed and makes the
    exit code 1, unless equivalents.toml beside the case file says why it means the same.
    """
    shared.check_device(device)
    report = shared.Report(folder, device, cases)
    pieces, broken = shared.pieces(cases, device)
    _check_tables(pieces)
    which, count = part
    with TemporaryDirectory() as notebook:
        trial = partial(tried, notebook=notebook, seconds=0 if workers == 0 else seconds)
        done = shared.worked(trial, pieces[which - 1 :: count], workers)
        results = [_died(piece, notebook, seconds) if result is None else result for piece, result in done]
    kept = [result for result in results if not isinstance(result, Note)]
    notes = [*(result for result in results if isinstance(result, Note)), *broken]
    click.echo(_told(kept, notes, verbose=verbose))
    report.add(kept)
    return _status(kept, notes)


def _check_tables(pieces: Sequence[Piece]) -> None:
    """Read every table of equivalents once. Raises SystemExit (3) for one that cannot be read."""
    from conformance.proof.equivalents import equivalents

    try:
        for folder in dict.fromkeys(piece.path.parent for piece in pieces):
            equivalents(folder)
    except ValueError as error:
        click.echo(f"conformance: {shared.one_line(error)}", err=True)
        raise SystemExit(shared.BROKEN) from None


def tried(piece: Piece, notebook: str, seconds: float) -> Record | Note:
    """Return the sensitivity record of one case, or a note on why there is none.

    The name of each trial stands in the folder ``notebook`` before it begins; one that takes longer than ``seconds``,
    if they are not 0, ends the process.
    """
    import torch

    from conformance import devices, watchdog
    from conformance.evaluate import HarnessError
    from conformance.proof import sensitivity
    from conformance.proof.laboratory import FailsAnywayError

    torch.set_num_threads(1)
    case, page = shared.ready(piece), _page(notebook, piece)
    if isinstance(case, Note):
        return case

    def note(name: str) -> None:
        page.write_text(name, encoding="utf-8")
        watchdog.renew()

    try:
        with watchdog.limited(seconds, page.with_suffix(".trace")):
            done = sensitivity.trials(case, piece.device, devices.present(), note)
    except FailsAnywayError as error:
        text = f"{case.id}: not tried: {shared.one_line(error)} (conformance run {case.id})"
        return Note(text=text, exit=_FAILED)
    except HarnessError as error:
        return Note(text=f"{case.id}: broken: {shared.one_line(error)}", exit=shared.BROKEN)
    except Exception as error:  # noqa: BLE001 - whatever a case leads to costs its figures, not the others'
        text = f"{case.id}: broken: {type(error).__name__}: {shared.one_line(error)}"
        return Note(text=text, exit=shared.BROKEN)
    return sensitivity.record(case, piece.device, done)


def _page(notebook: str, piece: Piece) -> Path:
    return Path(notebook, piece.case.replace("/", " ") + ".txt")


def _died(piece: Piece, notebook: str, seconds: float) -> Note:
    page = _page(notebook, piece)
    name = page.read_text(encoding="utf-8") if page.exists() else "its first change"
    text = f"{piece.case}: broken: the process died, or ran for more than {seconds:g} s, while it was tried: {name}"
    return Note(text=text, exit=shared.BROKEN)


def _told(kept: Sequence[Record], notes: Sequence[Note], *, verbose: bool) -> str:
    from tabulate import tabulate

    rows = [(r["id"], r["killed"], r["total"], len(r["equivalent"]) or "", len(r["survivors"]) or "") for r in kept]
    sums = [sum(r["killed"] for r in kept), sum(r["total"] for r in kept)]
    sums += [sum(len(r[key]) for r in kept) for key in ("equivalent", "survivors")]
    headers = ("case", "killed", "of", "equivalent", "survive")
    lines = [tabulate([*rows, (f"all {len(kept)}", *sums)], headers=headers)] if kept else ["nothing was tried"]
    if verbose:
        lines += [f"equivalent: {r['id']}: {e['mutant']}: {e['reason']}" for r in kept for e in r["equivalent"]]
    lines += [_survivor(r["id"], one) for r in kept for one in r["survivors"]]
    return "\n".join([*lines, *(note.text for note in notes)])


def _survivor(case: str, one: dict[str, Any]) -> str:
    detail = " ".join(one["detail"].split())[:_SHOWN]
    return f"{one['outcome']}: {case}: {one['mutant']}" + (f": {detail}" if detail else "")


def _status(kept: Sequence[Record], notes: Sequence[Note]) -> int:
    if not kept and not notes:
        return shared.NOTHING
    return max([*(note.exit for note in notes), *(_FAILED for record in kept if record["survivors"]), 0])
