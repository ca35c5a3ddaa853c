"""The command line: every command has a module of its own, and a usage error is one line.

torch takes a second to import, so nothing here imports it before it is needed. Exit codes of every command: 0 as
expected, 1 a failure, 2 wrong use, 3 a broken run or input file, 5 nothing selected.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click

from conformance.cli.accuracy import accuracy
from conformance.cli.bench import bench
from conformance.cli.check import check
from conformance.cli.consistency import consistency
from conformance.cli.diff import diff
from conformance.cli.keep import keep
from conformance.cli.lookup import lookup
from conformance.cli.promotion import promotion
from conformance.cli.run import report, run
from conformance.cli.sensitivity import sensitivity
from conformance.cli.shared import BROKEN, WRONG_USE

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, by which schedulers end a job, end a command as Ctrl-C does: with what it has, and saying so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _OneLine(click.Group):
    """A group whose usage errors are one line."""

    def main(self, *args: object, **extra: object) -> NoReturn:
        """Run the command; print a usage error in one line and end with its exit code."""
        try:
            with _ended_as_by_ctrl_c():
                status = super().main(*args, **{**extra, "standalone_mode": False})  # type: ignore[call-overload]  # click's own
        except click.ClickException as error:
            wrong_use(error.format_message())
        except click.Abort:
            click.echo("conformance: interrupted", err=True)
            raise SystemExit(BROKEN) from None
        raise SystemExit(status if isinstance(status, int) else 0)


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="torch-numpy-conformance")
def main() -> None:
    """Tell whether PyTorch and NumPy expressions mean the same, and if not, where exactly they part."""


main.add_command(accuracy)
main.add_command(bench)
main.add_command(check)
main.add_command(consistency)
main.add_command(diff)
main.add_command(keep)
main.add_command(lookup)
main.add_command(promotion)
main.add_command(report)
main.add_command(run)
main.add_command(sensitivity)


def wrong_use(message: str) -> NoReturn:
    """Print one line and end with the exit code of wrong use."""
    click.echo(f"conformance: {' '.join(message.split())}", err=True)
    raise SystemExit(WRONG_USE)
