"""What the commands that prove something of cases share: which cases, which device, work by workers, the report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conformance.case import Case
    from conformance.records import Record

WRONG_USE: Final = 2
BROKEN: Final = 3
NOTHING: Final = 5
TIMINGS: Final = "benchmark.json"
"""The file of pytest-benchmark in a report folder."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One case to be tried: the file that declares it, its id, the device, and what else the command was asked."""

    path: Path
    case: str
    device: str
    options: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is to be said of a case that has no figures, or not all, and the exit code that follows from it."""

    text: str
    exit: int


def _registered(_ctx: click.Context, _param: click.Parameter, modules: tuple[str, ...]) -> None:
    """Register the devices. Raises UsageError, one line, where that fails."""
    from conformance import devices

    try:
        for module in modules:
            devices.register(module)
    except devices.RegistrationError as error:
        raise click.UsageError(str(error)) from None


imports: Final = click.option(
    "--import",
    multiple=True,
    metavar="MODULE",
    callback=_registered,
    expose_value=False,
    help="Import this first: a device that registers itself.",
)
"""The option of commands that take a device."""


def check_device(device: str) -> None:
    """Raise UsageError where ``device`` is not there."""
    from conformance import devices

    if told := devices.refusal(device):
        raise click.UsageError(told)


def check_dtypes(names: Sequence[str], allowed: Sequence[str]) -> None:
    """Raise UsageError for a name that is none of ``allowed``."""
    for name in names:
        if name not in allowed:
            raise click.UsageError(f"dtype {name!r} is none of {', '.join(allowed)}")


def pieces(words: Sequence[str], device: str, options: tuple[Any, ...] = ()) -> tuple[list[Piece], list[Note]]:
    """Return the cases that ``words`` select, and a note on each row that is broken.

    Raises UsageError for a word that stands for nothing.
    """
    from conformance import loading
    from conformance.case import BrokenCase

    try:
        selection = loading.select(words)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    paths = [*selection.files, *([] if selection.files and not selection.ids else loading.holding(selection.ids))]
    found = [(path, row) for path in paths for row in loading.load(path)]
    rows = [(path, row) for path, row in found if path in selection.files or loading.is_selected(row, selection.ids)]
    broken = [
        Note(text=f"broken: {row.file}:{row.line}: {row.error}", exit=BROKEN)
        for _, row in rows
        if isinstance(row, BrokenCase)
    ]
    whole = [
        Piece(path=path, case=row.id, device=device, options=options)
        for path, row in rows
        if not isinstance(row, BrokenCase)
    ]
    return whole, broken


def ready(piece: Piece) -> Case | Note:
    """Return the case of ``piece``, in the process that works on it, or a note on why it cannot be run."""
    from conformance import devices, loading
    from conformance.case import BrokenCase, Case
    from conformance.unit import Settings, Unit, not_run

    found = next(row for row in loading.load(piece.path) if row.id == piece.case and isinstance(row, Case))
    case = loading.checked(found)
    if isinstance(case, BrokenCase):
        return Note(text=f"{case.id}: broken: {case.file}:{case.line}: {case.error}", exit=BROKEN)
    unit = Unit(case=case, dtype=case.unit_dtypes()[0], device=piece.device)
    reason = not_run(unit, Settings(present=devices.present()))
    return case if reason is None else Note(text=f"{case.id}: not run: {reason}", exit=0)


def printable(text: str) -> str:
    """Replace what is no Unicode: texts of failures may hold lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(error: BaseException) -> str:
    """Return the text of ``error`` without line breaks."""
    return " ".join(str(error).split())


def worked(function: Callable[[Piece], Any], todo: Sequence[Piece], workers: int | None) -> list[tuple[Piece, Any]]:
    """Return each piece with the result of ``function`` on it, None where its process died; one thread a worker."""
    from conformance import devices, parallel

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    count = min(devices.cores() if workers is None else workers, len(todo))
    return [(done.piece, done.result) for done in parallel.each(function, todo, count)]


class Report:
    """The folder that figures are added to, if any, checked before the work and written after it."""

    def __init__(self, folder: str | None, device: str, words: Sequence[str]) -> None:
        """Look at ``folder``. Raises UsageError where it cannot be written, or holds a run of other versions."""
        from conformance import adding

        self._target = adding.usable(folder)
        self._header = adding.header((device,), (), words)
        self._before = adding.earlier(self._target, self._header)

    def add(self, made: Sequence[Record]) -> None:
        """Write ``made`` into the report and say where it lies."""
        from conformance import adding

        if self._target is not None and made:
            adding.add(self._target, self._before, self._header, made)
            click.echo(f"report: {(self._target / 'index.html').resolve()}")
