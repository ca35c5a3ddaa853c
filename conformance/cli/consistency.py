"""The command ``conformance consistency``: torch against itself, case by case, without a reference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import shared
from conformance.cli.accuracy import asked_for, capabilities
from conformance.cli.shared import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.cli.shared import Piece
    from conformance.records import Record


@click.command(epilog="Example: conformance consistency elementwise arithmetic/mod --dtype float32 --verbose")
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
@shared.imports
@click.option("--dtype", multiple=True, metavar="DTYPE", help="A dtype; may be repeated. Default: eight of them.")
@click.option(
    "-n", "workers", type=click.IntRange(min=0), default=None, metavar="WORKERS", help="Processes. Default: one a core."
)
@click.option("--report", "folder", metavar="DIR", help="Add the figures to the report in DIR, or make one there.")
@click.option("-v", "--verbose", is_flag=True, help="Print the smallest script of each disagreement.")
def consistency(  # noqa: PLR0913 - one parameter each, all needed
    cases: tuple[str, ...],
    device: str,
    dtype: tuple[str, ...],
    workers: int | None,
    folder: str | None,
    *,
    verbose: bool,
) -> int:
    """Compare PyTorch with itself: the same number alone and among others, the same tensor in another layout.

    Elementwise cases and reductions are run at every position around the lengths of vectors, in every layout, with one
    thread and two, with each CPU capability, and twice. Results that lie further apart than the case allows, or of
    which one is infinite or NaN and the other is not, are a disagreement; the exit code is 1 where no difference of the
    case declares one.
    """
    from conformance.proof.consistency import DTYPES

    shared.check_dtypes(dtype, DTYPES)
    shared.check_device(device)
    report = shared.Report(folder, device, cases)
    todo, notes = shared.pieces(cases, device, (dtype or DTYPES, "", {}))
    *others, best = capabilities() if device == "cpu" else [""]
    for capability in others:
        todo = _with_outputs(todo, capability, workers)
    ended = [replace(piece, options=(piece.options[0], best, piece.options[2])) for piece in todo]
    made: list[Record] = []
    with asked_for(best):
        for piece, result in shared.worked(compared, ended, workers):
            record, note = result or (None, Note(text=f"{piece.case}: broken: the process died", exit=shared.BROKEN))
            made, notes = [*made, *([record] if record else [])], [*notes, *([note] if note else [])]
    click.echo("\n".join([_told(made, verbose=verbose), *(note.text for note in dict.fromkeys(notes))]))
    report.add(made)
    return _status(made, notes)


def _with_outputs(todo: Sequence[Piece], capability: str, workers: int | None) -> list[Piece]:
    """Return ``todo`` with what torch gives where it runs with ``capability``; as it is where it does not run so."""
    with asked_for(capability):
        done = shared.worked(outputs, [replace(p, options=(p.options[0], capability, {})) for p in todo], workers)
    pieces = []
    for piece, (_, made) in zip(todo, done, strict=True):
        dtypes, _, others = piece.options
        pieces.append(replace(piece, options=(dtypes, "", others if made is None else {**others, capability: made})))
    return pieces


def outputs(piece: Piece) -> dict[str, Any] | None:
    """Return what torch gives for the main inputs of one case; None where it does not run as asked, or is broken."""
    import torch

    from conformance import devices
    from conformance.proof import consistency as proof

    torch.set_num_threads(1)
    dtypes, capability, _ = piece.options
    case = shared.ready(piece)
    if isinstance(case, Note) or torch.backends.cpu.get_cpu_capability() != capability:
        return None
    try:
        return proof.outputs(case, dtypes, piece.device, devices.present())
    except Exception:  # noqa: BLE001 - the comparison meets it again, and says so
        return None


def compared(piece: Piece) -> tuple[Record | None, Note | None]:
    """Return the record of one case, None where there is nothing to compare, and a note on what is wrong with it."""
    import torch

    from conformance import devices
    from conformance.proof import consistency as proof

    torch.set_num_threads(1)
    dtypes, capability, others = piece.options
    case = shared.ready(piece)
    if isinstance(case, Note):
        return None, case
    try:
        found = proof.measure(case, dtypes, piece.device, devices.present(), others)
    except Exception as error:  # noqa: BLE001 - whatever a case leads to costs its figures, not the others'
        text = f"{case.id}: broken: {type(error).__name__}: {shared.one_line(error)}"
        return None, Note(text=text, exit=shared.BROKEN)
    return (proof.record(case, piece.device, [*others, capability], found) if found else None), None


def _told(made: Sequence[Record], *, verbose: bool) -> str:
    from tabulate import tabulate

    from conformance.report.consistency import HEADERS, line, sentence, total

    if not made:
        return "nothing was compared: none of these cases is elementwise or a reduction"
    rows = [line(one) for one in made]
    lines = [tabulate([*rows, total(made)], headers=HEADERS, disable_numparse=True)]
    for one in made:
        for kind in one["disagreements"]:
            lines.append(sentence(one["id"], kind))
            lines += [kind["script"] or "no short script"] if verbose else []
    return "\n".join(lines)


def _status(made: Sequence[Record], notes: Sequence[Note]) -> int:
    if not made and not any(note.exit for note in notes):
        return shared.NOTHING
    return max([int(any(record["undeclared"] for record in made)), *(note.exit for note in notes)])
