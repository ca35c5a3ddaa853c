"""The command ``conformance keep``: the small form of a run, to be kept beside the code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from conformance.cli.shared import BROKEN, NOTHING

_OF_FILES: Final = (".jsonl", ".json", ".gz", ".txt")
"""Endings by which a file was meant, and no folder."""


@click.command(epilog="Example: conformance keep conformance-report --to reports/runs")
@click.argument("run", metavar="RUN")
@click.option(
    "--to",
    "target",
    metavar="DIR-OR-FILE",
    help="A folder, made if need be, or a file ending in .jsonl.gz. Default: beside the run.",
)
def keep(run: str, target: str | None) -> int:
    """Write the small form of a run, to compare later ones with: one gzipped file an environment.

    RUN is a run file, gzipped or not, or a report folder. In a folder the file is named after the environment, such as
    torch2.13.0-numpy2.4.6-cpu.jsonl.gz, and replaces an earlier one of that name. docs/run-format.md says what the
    small form leaves out. The exit code is 5 for a run without units and benchmarks, 3 for one that cannot be read, and
    for an incomplete one that would replace a complete one.
    """
    from conformance import records, small

    try:
        source = records.located(run)
        held = records.read(source)
    except records.RunFileError as error:
        click.echo(f"conformance: {error}", err=True)
        return BROKEN
    if not held.units and not held.benches:
        click.echo(f"conformance: {source} holds neither units nor benchmarks: there is nothing to keep", err=True)
        return NOTHING
    place = _place(Path(target) if target else source.parent, small.name(held.header), small.SUFFIX)
    if not held.complete and _is_complete(place):
        click.echo(f"conformance: not kept: {source} is incomplete, and {place} is a complete run", err=True)
        return BROKEN
    data = small.written(held)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"the small run cannot be written to {place}: {error.strerror or error}") from None
    if not held.complete:
        click.echo(f"conformance: {source} is an incomplete run, and so is its small form", err=True)
    click.echo(f"{place} ({len(data):,} bytes, {len(held.units):,} units)")
    return 0


def _place(target: Path, name: str, suffix: str) -> Path:
    """Return the file to write. Raises UsageError for a name that would not be known as a small run."""
    if target.name.endswith(suffix) and not target.is_dir():
        return target
    if target.suffix in _OF_FILES and not target.is_dir():
        raise click.UsageError(f"--to {target}: give a folder or a file ending in {suffix}")
    return target / name


def _is_complete(place: Path) -> bool:
    from conformance import records

    try:
        return records.read(place).complete
    except records.RunFileError:
        return False
