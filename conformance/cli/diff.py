"""The command ``conformance diff``: what two runs have otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.shared import BROKEN, NOTHING, printable

if TYPE_CHECKING:
    from conformance.history.diff import Diff, Side


@click.command(
    epilog="Example: conformance diff reports/runs/torch2.13.0-numpy2.4.6-cpu.jsonl.gz conformance-report --markdown"
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print it as Markdown, for a comment on a pull request.")
@click.option("--html", "page", metavar="FILE", help="Write it as one HTML file, too.")
def diff(old: str, new: str, page: str | None, *, as_json: bool, as_markdown: bool) -> int:
    """Compare two runs, such as of two versions of PyTorch: what fails now, was fixed, is new, is gone, or slower.

    OLD and NEW are run files, gzipped or not, or report folders. A change of a case over many dtypes is told once, with
    the values that the run holds. The exit code is 1 for a failure in NEW that was none in OLD: what is `changed`, on
    versions other than the pinned ones, is news. It is 3 for a run that cannot be read, or where NEW is incomplete and
    holds no such failure, 5 where the runs have nothing in common and NEW no failure.
    """
    if as_json and as_markdown:
        raise click.UsageError("give --json or --markdown, not both")
    found = _compared(old, new)
    if not found.in_common and not found.failures and found.new.run.complete:
        click.echo(f"conformance: {old} and {new} have no unit and no benchmark in common", err=True)
        return NOTHING
    if page is not None:
        _write(found, Path(page))
    if as_json:
        from conformance.history import data

        click.echo(printable(json.dumps(data.data(found), indent=1, ensure_ascii=False)))
    elif as_markdown:
        from conformance.history import markdown

        click.echo(printable(markdown.text(found)), nl=False)
    else:
        from conformance.history import terminal

        click.echo(printable(terminal.text(found)))
    if not found.failures and not found.new.run.complete:
        return BROKEN  # what it did not come to may fail
    return int(bool(found.failures))


def _compared(old: str, new: str) -> Diff:
    from conformance.history import diff as comparing

    return comparing.compare(_side(old), _side(new))


def _side(path: str) -> Side:
    """Return the run at ``path``. Raises SystemExit (3), one line printed, for one that cannot be read."""
    from conformance import records
    from conformance.history import diff as comparing

    try:
        return comparing.Side(name=path, run=records.read(records.located(path)))
    except records.RunFileError as error:
        click.echo(f"conformance: {error}", err=True)
        raise SystemExit(BROKEN) from None


def _write(found: Diff, path: Path) -> None:
    from conformance.history import page

    try:
        path.write_text(page.page(found), encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise click.UsageError(f"the page cannot be written to {path}: {error.strerror or error}") from None
