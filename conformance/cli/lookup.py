"""The command ``conformance lookup``: what the rows say of a name, an argument, or words, without importing PyTorch."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import click

from conformance.cli import shared

if TYPE_CHECKING:
    from conformance.lookup.index import Index

_WIDEST: Final = 120


@click.command(epilog="Example: conformance lookup how do I write np.take_along_axis in torch")
@click.argument("words", nargs=-1, metavar="NAME-OR-WORDS...")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="Most rows shown.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the answer as Markdown.")
@click.option("--reindex", is_flag=True, help="Make the index of all rows anew; for who has changed one.")
def lookup(words: tuple[str, ...], limit: int, *, as_json: bool, as_markdown: bool, reindex: bool) -> int:
    """Look up how a function, a method, an argument or an idea of one library is written in the other.

    Give a name such as np.take_along_axis, x.repeat or ddof, an expression, or words; "in torch" or "in numpy" says
    which side is wanted. Told are the rows of the suite that are about it, which argument is which, where the libraries
    differ and what to write instead. The exit code is 5 where no row is about it.
    """
    if as_json and as_markdown:
        raise click.UsageError("give --json or --markdown, not both")
    if reindex:
        _write()
    if not words:
        if reindex:
            return 0
        raise click.UsageError("give a name or words, such as np.take_along_axis, x.repeat, ddof or running maximum")
    from conformance.lookup import finding, showing

    index = _current()
    question = " ".join(words)
    answer = finding.found(question, index)
    if as_json:
        made = showing.data(answer, question, limit, index.versions)
        click.echo(json.dumps(made, indent=1, ensure_ascii=False))
        return 0 if answer.rows else shared.NOTHING
    for note in answer.notes:
        click.echo(f"conformance: {note}", err=True)
    if not answer.rows:
        if not answer.notes:
            click.echo(f"conformance: no row is about {question!r}: give the name of a function or argument", err=True)
        return shared.NOTHING
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    if as_markdown:
        click.echo(showing.markdown(answer, limit, index.versions))
    else:
        click.echo(showing.text(answer, limit, width, index.versions))
    return 0


def _current() -> Index:
    """Return the index of the rows as they are: the one that came with them, or one made now."""
    from conformance.lookup import index

    found = index.read()
    if found is not None:
        return found
    click.echo(
        "conformance: the index is not of the rows that are there, so they are read anew; "
        "conformance lookup --reindex keeps that",
        err=True,
    )
    return _built()


def _built() -> Index:
    from conformance.lookup import building

    return building.built()


def _write() -> None:
    from conformance import versions
    from conformance.lookup import index

    if not versions.is_pinned():
        pinned = " and ".join(f"{name} {version}" for name, version in versions.PINNED.items())
        raise click.UsageError(f"--reindex: the index is made with {pinned}, whose parameters it names")
    try:
        index.write(_built())
    except OSError as error:
        raise click.UsageError(f"the index cannot be written to {index.PATH}: {error.strerror or error}") from None
