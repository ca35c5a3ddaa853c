"""``conformance run`` and ``report``: every unit under pytest with our plugin alone in charge, and what came of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.cli import replaced, shared
from conformance.cli.shared import BROKEN, NOTHING, WRONG_USE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.history.baseline import Baseline
    from conformance.records import Run

_DEFAULT_FOLDER: Final = "conformance-report"
_BESIDE_FOLDER: Final = "conformance-side-by-side"
_TIME_LIMIT: Final = 300
"""Seconds after which a unit is taken for an endless loop."""


@click.command(
    epilog="Example: conformance run shape arithmetic/add --dtype float32 --device cpu --report ./conformance-report"
)
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option(
    "-k", "keyword", metavar="EXPR", help="Only units whose names match, as in pytest: -k 'squeeze and not bool'."
)
@click.option(
    "--device",
    multiple=True,
    metavar="DEVICE",
    help="A torch device; may be repeated. Default: cpu, and cuda if there.",
)
@click.option("--dtype", multiple=True, metavar="DTYPE", help="A dtype; may be repeated. Default: all.")
@click.option("--seed", default="0", metavar="N|random", show_default=True, help="Seed of the generated inputs.")
@click.option(
    "--budget", default="25", metavar="N", show_default=True, help="Random structures a unit; time grows with it."
)
@click.option(
    "-n",
    "workers",
    default="auto",
    metavar="WORKERS",
    show_default=True,
    help="Worker processes; 0 runs in this one, that a crash or time limit ends; run.jsonl keeps what came before.",
)
@click.option(
    "--report", "folder", default=_DEFAULT_FOLDER, metavar="DIR", show_default=True, help="Where the report goes."
)
@shared.imports
@click.option("--expected", metavar="FILE", help="Failures that are expected: lines of 'case-or-pattern: reason'.")
@click.option("--baseline", metavar="RUN", help="Fail only by what is new against this run: a file or a report folder.")
@click.option(
    "--timeout", default=_TIME_LIMIT, metavar="SECONDS", show_default=True, help="Longest time of a unit; 0: none."
)
def run(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    cases: tuple[str, ...],
    keyword: str | None,
    device: tuple[str, ...],
    dtype: tuple[str, ...],
    seed: str,
    budget: str,
    workers: str,
    folder: str,
    expected: str | None,
    baseline: str | None,
    timeout: int,
) -> int:
    """Check cases, all by default, and write a report.

    CASE-OR-SECTION is an id such as shape/squeeze, a section such as shape, or the path of a file of your own rows. The
    report folder gets index.html, cheatsheet.html, cheatsheet.md with a page for each section, findings.md, run.jsonl.
    """
    from conformance import adding
    from conformance.dtype import ALL

    files = _selected(cases)
    _check_numbers(seed=seed, budget=budget, workers=workers, timeout=str(timeout))
    shared.check_dtypes(dtype, ALL)
    _check_expected(expected)
    held = _held_against(baseline, Path(folder))
    for name in device:
        shared.check_device(name)
    _check_keyword(keyword or "")
    adding.usable(folder)
    replaced.forget_timings(Path(folder))
    ids = [word for word in cases if not word.endswith(".py")]
    options = [f"--conformance-device={name}" for name in device]
    options += [f"--conformance-dtype={name}" for name in dtype]
    options += [f"--conformance-select={word}" for word in ids]
    options += [f"--conformance-seed={seed}", f"--conformance-budget={budget}"]
    options += [f"--conformance-expected={expected}"] if expected else []
    options += [f"--conformance-baseline={baseline}"] if baseline else []
    options += [f"--conformance-report={folder}", f"--conformance-timeout={timeout}"]
    options += ["-k", keyword] if keyword else []
    return _run_pytest([*_workers(workers), *options, *map(str, files)], Path(folder), held)


def _selected(cases: Sequence[str]) -> list[Path]:
    """Return the case files to be collected for ``cases``."""
    from conformance import loading

    try:
        selection = loading.select(cases)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    for problem in loading.installed().problems:
        click.echo(f"conformance: {problem}", err=True)
    return [*selection.files, *([] if selection.files and not selection.ids else loading.holding(selection.ids))]


def _check_numbers(**options: str) -> None:
    for name, text in options.items():
        words = {"seed": ("random",), "workers": ("auto",)}.get(name, ())
        least = 1 if name == "budget" else 0
        if text not in words and not (text.isdecimal() and int(text) >= least):
            hint = "".join(f" or {word!r}" for word in words)
            raise click.UsageError(f"{name} {text!r}: give a whole number of at least {least}{hint}")


def _check_expected(path: str | None) -> None:
    """Read what is expected to fail. Raises UsageError, one line, for a file that cannot be used."""
    from conformance import expectations

    try:
        if path:
            expectations.read(Path(path))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _held_against(path: str | None, folder: Path) -> Baseline | None:
    """Return the baseline, if any, of a run whose report goes into ``folder``.

    Raises UsageError for one that lies there, SystemExit (3), one line printed, for one that cannot be read.
    """
    if path is None:
        return None
    from conformance import records
    from conformance.history import baseline

    try:
        return baseline.read(path, folder)
    except baseline.ReplacedError as error:
        raise click.UsageError(f"baseline {error}") from None
    except records.RunFileError as error:
        click.echo(f"conformance: baseline {error}", err=True)
        raise SystemExit(BROKEN) from None


def _check_keyword(text: str) -> None:
    """Read the expression of ``-k`` as pytest will; its workers answer a wrong one with a page of their insides."""
    from _pytest.mark import expression

    def asked(name: str, /, **parameters: object) -> bool:
        if parameters:
            raise click.UsageError(
                f"keyword expression {text!r}: {name} takes no parameters; write e.g. -k 'squeeze and not bool'"
            )
        return True

    wrong = getattr(expression, "ParseError", SyntaxError)  # the name that pytest 8 has for it
    try:
        expression.Expression.compile(text).evaluate(asked)
    except (SyntaxError, wrong) as error:
        what = getattr(error, "msg", error)
        raise click.UsageError(f"keyword expression {text!r}: {what}; write e.g. -k 'squeeze and not bool'") from None


def _workers(count: str) -> list[str]:
    """A worker that dies costs one unit; however many rows are poisoned, each gets a new one."""
    from conformance import devices

    number = str(devices.cores()) if count == "auto" else count
    return [] if number == "0" else [f"-n{number}", "--max-worker-restart=100000"]


def _run_pytest(arguments: list[str], folder: Path, baseline: Baseline | None) -> int:
    """Run pytest with our plugin alone in charge: no settings or conftest of the folder that we happen to stand in."""
    import pytest

    # One thread a worker: several that each use all cores take three times as long.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    quiet = [
        "-q",
        "--no-header",
        "-rN",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:benchmark",
        "-p",
        "no:faulthandler",
        "--noconftest",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",  # it would rewrite an installed wheel, which runs already
    ]
    apart = [f"--rootdir={Path(arguments[-1]).parent}", "-c", os.devnull, "--continue-on-collection-errors"]
    before = replaced.Earlier.of(folder)
    status = int(pytest.main([*quiet, *apart, *arguments], plugins=[]))
    if status == pytest.ExitCode.USAGE_ERROR:
        return WRONG_USE
    before.tell()
    # A run file that is still the one of before is that of another run.
    recorded = NOTHING if before.is_there else _status_of(folder, baseline)
    # A test that failed without a record: the harness itself is wrong, and that is no unit's verdict.
    unexplained = status == pytest.ExitCode.TESTS_FAILED and recorded in {0, NOTHING}
    cut_short = status in {pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR}
    return BROKEN if unexplained or cut_short else recorded


def _status_of(folder: Path, baseline: Baseline | None) -> int:
    from conformance import records
    from conformance.records import RUN_FILE

    try:
        finished = records.read(folder / RUN_FILE)
    except records.RunFileError as error:
        click.echo(f"conformance: {error}", err=True)
        return BROKEN
    return _told_by(finished) if baseline is None else baseline.status(finished)


@click.command(epilog="Example: conformance report old/run.jsonl new/run.jsonl --report ./side-by-side")
@click.argument("run_files", metavar="RUN...", nargs=-1, required=True)
@click.option(
    "--report",
    "folder",
    metavar="DIR",
    help=f"Where the report goes. Default: beside the run file; of several, ./{_BESIDE_FOLDER}.",
)
def report(run_files: tuple[str, ...], folder: str | None) -> int:
    """Render the report of a run again, or of several runs side by side.

    A RUN is a run file, gzipped or not, or a report folder. Several are told apart by what differs between them:
    versions, devices, machines, seeds. The exit code is that of the run, or of the worst: 3 where one is broken or
    incomplete, 1 where one failed, 5 where none holds a result.
    """
    from conformance import records
    from conformance import report as reports

    if folder is not None and not folder:
        raise click.UsageError("--report '': give the name of a folder")
    try:
        sources = [records.located(path) for path in run_files]
        target = Path(folder or (sources[0].parent if len(sources) == 1 else _BESIDE_FOLDER))
        finished = [records.read(source) for source in sources]
        target.mkdir(parents=True, exist_ok=True)
        reports.render(finished[0], target, *finished[1:])
    except records.RunFileError as error:
        click.echo(f"conformance: {error}", err=True)
        return BROKEN
    except OSError as error:
        raise click.UsageError(f"the report cannot be written to {target}: {error.strerror or error}") from None
    click.echo(shared.printable(_summaries(finished)))
    click.echo(f"report: {(target / 'index.html').resolve()}")
    codes = {_told_by(run) for run in finished}
    return next((code for code in (BROKEN, 1) if code in codes), min(codes))


def _summaries(runs: Sequence[Run]) -> str:
    from conformance.report import terminal
    from conformance.report.environments import named

    told = ((each.label, terminal.summary(each.run)) for each in named(runs))
    return "\n\n".join(f"{label}\n\n{summary}" if label else summary for label, summary in told)


def _told_by(run: Run) -> int:
    """Return the exit code of a run that was read: its verdicts', not its footer's, which may know fewer of them."""
    from conformance import records

    if run.footer is None:
        return BROKEN
    verdicts = [str(unit["verdict"]) for unit in run.units]
    return records.exit_status(verdicts) if verdicts else int(run.footer.get("exit", 0))
