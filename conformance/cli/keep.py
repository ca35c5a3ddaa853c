"""The command ``conformance keep``: the small form of a run, to be kept beside the code."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.shared import BROKEN, NOTHING


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
    small form leaves out. The exit code is 5 for a run without units and benchmarks.
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
    if target.is_dir() or not target.suffix:
        return target / name
    if not target.name.endswith(suffix):
        raise click.UsageError(f"--to {target}: give a folder or a file ending in {suffix}")
    return target
