"""The command ``conformance keep``: the small form of a run, to be kept beside the code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli.shared import BROKEN, NOTHING

if TYPE_CHECKING:
    from conformance.records import Run

_OF_FILES: Final = (".jsonl", ".json", ".gz", ".txt")
"""Endings by which a file was meant, and no folder."""

_OTHERWISE: Final = "name another folder with --to, or delete that file first"


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
    torch2.13.0-numpy2.4.6-cpu.jsonl.gz, and replaces an earlier one of that name, but none that is of more: of cases,
    dtypes or benchmarks that RUN lacks, of a higher budget, or complete where RUN is not. docs/run-format.md says what
    the small form leaves out. The exit code is 5 for a run without units and benchmarks, 3 for one that cannot be read
    and for one that would replace one of more.
    """
    from conformance import records, small
    from conformance.report.words import plural

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
    if not _may_replace(place, source, held):
        return BROKEN
    data = small.written(held)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"the small run cannot be written to {place}: {error.strerror or error}") from None
    if not held.complete:
        click.echo(f"conformance: {source} is an incomplete run, and so is its small form", err=True)
    click.echo(f"{place} ({plural(len(data), 'byte')}, {_extent(held)})")
    return 0


def _place(target: Path, name: str, suffix: str) -> Path:
    """Return the file to write. Raises UsageError for a name that would not be known as a small run."""
    if target.name.endswith(suffix) and not target.is_dir():
        return target
    if target.suffix in _OF_FILES and not target.is_dir():
        raise click.UsageError(f"--to {target}: give a folder or a file ending in {suffix}")
    return target / name


def _may_replace(place: Path, source: Path, new: Run) -> bool:
    """Tell whether ``new`` may take the place of what lies at ``place``, and say in one line what it lacks."""
    from conformance import records
    from conformance.history import lost

    try:
        kept = records.read(place)
    except records.RunFileError:  # nothing, or nothing of use
        return True
    if kept.complete and not new.complete:
        return _not_kept(f"{source} is incomplete, and {place} is a complete run: {_OTHERWISE}")
    lacks = lost.lost(kept, new)
    for one in lacks:
        if one.is_more:
            return _not_kept(f"{source} lacks {one}, of {place}: {_OTHERWISE}")
    if budgets := lost.lower_budget(kept, new):
        return _not_kept(f"{place} has a budget of {budgets[0]}, {source} one of {budgets[1]}: {_OTHERWISE}")
    for one in lacks:
        click.echo(f"conformance: {source} lacks {one}, of the run in {place} that it takes the place of", err=True)
    return True


def _not_kept(why: str) -> bool:
    click.echo(f"conformance: not kept: {why}", err=True)
    return False


def _extent(run: Run) -> str:
    """Return how many units a run holds, and benchmarks if any."""
    from conformance.report.words import plural

    counts = [plural(len(run.units), "unit"), *([plural(len(run.benches), "benchmark")] if run.benches else [])]
    return ", ".join(counts)
