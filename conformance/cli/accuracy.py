"""The command ``conformance accuracy``: the error of both sides against the truth, case by case, in ULP."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from conformance.cli import shared
from conformance.cli.shared import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.cli.shared import Piece
    from conformance.records import Record

_CAPABILITY: Final = "ATEN_CPU_CAPABILITY"
_CAPABILITIES: Final = ("DEFAULT", "AVX2", "AVX512")
"""What torch's kernels can be built for on x86, the least first; elsewhere it has one way, or names of its own."""

_POINTS: Final = 1 << 20
_LEAST: Final = 1000


@click.command(epilog="Example: conformance accuracy elementwise arithmetic/div --points 100000")
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option("--device", default="cpu", show_default=True, metavar="DEVICE", help="A torch device.")
@shared.imports
@click.option("--dtype", multiple=True, metavar="DTYPE", help="A floating-point dtype; may be repeated. Default: all.")
@click.option("--points", type=click.IntRange(min=_LEAST), default=_POINTS, show_default=True, metavar="N",
              help="Numbers of a sweep of float32 or float64; of the others it is all 65,536.")  # fmt: skip
@click.option(
    "-n", "workers", type=click.IntRange(min=0), default=None, metavar="WORKERS", help="Processes. Default: one a core."
)
@click.option("--report", "folder", metavar="DIR", help="Add the figures to the report in DIR, or make one there.")
def accuracy(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    cases: tuple[str, ...], device: str, dtype: tuple[str, ...], points: int, workers: int | None, folder: str | None
) -> int:
    """Say who is right: the largest error of PyTorch and of NumPy against the truth, in units in the last place.

    Elementwise cases are swept, other ones with a floating-point result measured on their usual inputs, with each CPU
    capability that there is; those that round nothing with the best alone. The exit code is 1 where the sides lie
    further apart than the case allows and no declared difference covers it. The slack is what the tolerance allows
    beyond what was measured.
    """
    from conformance.proof.accuracy import DTYPES

    shared.check_dtypes(dtype, DTYPES)
    shared.check_device(device)
    report = shared.Report(folder, device, cases)
    made: list[Record] = []
    notes: list[Note] = []
    all_of_them = capabilities() if device == "cpu" else [""]
    for capability in all_of_them:
        todo, broken = shared.pieces(cases, device, (dtype or DTYPES, points, capability, all_of_them[-1]))
        with asked_for(capability):
            done = shared.worked(measured, todo, workers)
        for piece, result in done:
            records, said = result or (
                [],
                [Note(text=f"{piece.case}: broken: the process died", exit=shared.BROKEN)],
            )
            made, notes = [*made, *records], [*notes, *said]
    said = list(dict.fromkeys([*notes, *broken]))
    click.echo("\n".join([_told(made), *(note.text for note in said)]))
    report.add(made)
    return _status(made, said)


def capabilities() -> list[str]:
    """Return the CPU capabilities that torch's kernels can be run with here, as it calls them, the least first."""
    import torch

    best = str(torch.backends.cpu.get_cpu_capability())
    return list(_CAPABILITIES[: _CAPABILITIES.index(best) + 1]) if best in _CAPABILITIES else [best]


@contextmanager
def asked_for(capability: str) -> Iterator[None]:
    """Let processes started meanwhile run torch's kernels for ``capability``; a process asks once, when it starts."""
    before = os.environ.get(_CAPABILITY)
    if capability:
        os.environ[_CAPABILITY] = capability.lower()
    try:
        yield
    finally:
        os.environ.pop(_CAPABILITY, None)
        if before is not None:
            os.environ[_CAPABILITY] = before


def measured(piece: Piece) -> tuple[list[Record], list[Note]]:
    """Return the records of one case, one a dtype, and notes on what is wrong with it."""
    import torch

    from conformance import devices
    from conformance.proof import accuracy as proof

    torch.set_num_threads(1)
    wanted, points, capability, best = piece.options
    case, running = shared.ready(piece), torch.backends.cpu.get_cpu_capability()
    if isinstance(case, Note):
        return [], [case]
    if capability and running != capability:
        text = f"not run with {capability}: torch runs with {running}; with -n 0 no process is started to ask"
        return [], [Note(text=text, exit=0)]
    if capability != best and not proof.may_round(case, piece.device, devices.present()):
        return [], []
    made: list[Record] = []
    for dtype in proof.dtypes(case):
        try:
            found = proof.measure(case, dtype, piece.device, devices.present(), points) if dtype in wanted else None
        except Exception as error:  # noqa: BLE001 - whatever a case leads to costs its figures, not the others'
            text = f"{case.id}: broken: {type(error).__name__}: {shared.one_line(error)}"
            return made, [Note(text=text, exit=shared.BROKEN)]
        made += [proof.record(case, piece.device, capability, found)] if found else []
    return made, []


def _told(made: Sequence[Record]) -> str:
    from tabulate import tabulate

    from conformance.report.accuracy import HEADERS, line, merged

    rows = [line(one) for one in merged(made)]
    if not rows:
        return "nothing was measured: none of these cases gives floating-point numbers whose truth is known"
    return tabulate(rows, headers=HEADERS, disable_numparse=True)


def _status(made: Sequence[Record], notes: Sequence[Note]) -> int:
    from conformance.report.accuracy import exceeds

    if not made and not any(note.exit for note in notes):
        return shared.NOTHING
    return max([int(any(map(exceeds, made))), *(note.exit for note in notes)])
