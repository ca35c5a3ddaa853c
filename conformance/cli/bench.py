"""The command ``conformance bench``: time both sides of cases, print a table, put the ratios into a report.

The timing runs in a process of its own: NumPy's BLAS takes its number of threads from the environment when it is
loaded, and by then this process has loaded it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.cli import shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.bench import Grid
    from conformance.bench_tests import Request
    from conformance.records import Record

_FAILED: Final = 1
_BROKEN: Final = 3
_NOTHING: Final = 5
_SIZES: Final = ("small", "medium", "large")
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_KEPT: Final = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**34)}
"""Has glibc keep what is freed, up to 32 MiB a block, as it comes to do by itself in a program that has run for long.

Else it depends on what was timed before whether the result of a call lies in memory that the system hands out anew, a
page at a time, which takes up to as long as the call: of the large size, 62 and 65 % of the ratios of two runs were
within 10 % of each other without it, and 84 and 72 % with it.
"""

_MOST_ELEMENTS: Final = 1_000_000_000
_ASKED_TO_END: Final = (signal.SIGINT, signal.SIGTERM)
"""Signals by which somebody ends the whole command."""

_SHOWN: Final = 90
"""Characters of a reason."""


def _sizes(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sizes as they stand in records. Raises BadParameter for what is none."""
    return tuple(value if value in _SIZES else _elements(value) for value in values)


def _elements(value: str) -> str:
    plain = value.replace("_", "").replace(",", "")
    if not (plain.isascii() and plain.isdigit() and 0 < int(plain) <= _MOST_ELEMENTS):
        sizes = ", ".join(_SIZES)
        raise click.BadParameter(f"{value!r} is neither {sizes} nor a number of 1 to {_MOST_ELEMENTS:,} elements")
    return str(int(plain))


@click.command(epilog="Example: conformance bench arithmetic reductions/sum --size small --size large --report ./timed")
@click.argument("cases", nargs=-1, metavar="[CASE-OR-SECTION]...")
@click.option(
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    help="A torch device; may be repeated. Default: all present.",
)
@shared.imports
@click.option("--dtype", "dtypes", multiple=True, metavar="DTYPE", help="A dtype; may be repeated. Default: float32.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    callback=_sizes,
    metavar="SIZE",
    help="small, medium, large or a number of elements; may be repeated. Default: the three.",
)
@click.option(
    "--layout",
    "layouts",
    multiple=True,
    metavar="LAYOUT",
    help="How tensors lie in memory, such as transposed or strided; may be repeated. Default: contiguous.",
)
@click.option(
    "--threads",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads of PyTorch, and of NumPy's matrix products; may be repeated. Default: 1.",
)
@click.option("--report", "folder", metavar="DIR", help="Add the timings to the report in DIR, or make one there.")
def bench(cases: tuple[str, ...], folder: str | None, **grid: Any) -> int:
    """Time both sides of cases, all by default, at three sizes, contiguous and on one thread.

    The sizes are 1,000, 100,000 and 2,000,000 elements a tensor; what has shapes of its own, such as a training loop,
    is timed once, with those. The ratio is PyTorch's time ÷ NumPy's, the median of paired blocks, with its quartiles.
    Every combination of the options is timed. The report folder gets run.jsonl, the pages of `conformance run`, and
    benchmark.json for pytest-benchmark.
    """
    from conformance import adding

    target = adding.usable(folder)
    with tempfile.TemporaryDirectory() as scratch:
        request = _request(cases, _grid(**grid), Path(scratch) / "out.jsonl")
        header = adding.header(request.grid.devices, request.grid.dtypes, request.ids)
        before = adding.earlier(target, header)
        status = _timed(request, Path(scratch), target)
        lines = _lines(request)
    benches = [line for line in lines if line["kind"] == "bench"]
    click.echo(_told(benches, [line for line in lines if line["kind"] == "skipped"]))
    if target is not None and (benches or before is not None):
        adding.add(target, before, header, benches, complete=status != _BROKEN)
        click.echo(f"report: {(target / 'index.html').resolve()}")
    return status if status or benches else _NOTHING


def _grid(**asked: Sequence[Any]) -> Grid:
    """Return the grid of the options, each word once. Raises UsageError, one line, for what there is not."""
    from conformance import devices
    from conformance import dtype as dt
    from conformance.bench import Grid
    from conformance.inputs import layouts

    given = {name: tuple(dict.fromkeys(values)) for name, values in asked.items() if values}
    shared.check_dtypes(given.get("dtypes", ()), dt.ALL)
    for name in given.get("devices", ()):
        shared.check_device(name)
    for name in given.get("layouts", ()):
        if name not in layouts.LAYOUTS:
            raise click.UsageError(f"layout {name!r} is none of {', '.join(layouts.LAYOUTS)}")
    if (most := max(given.get("threads", (1,)))) > (cores := devices.cores()):
        raise click.UsageError(f"--threads {most}: this process may use {cores} core{'s' * (cores > 1)}")
    return Grid(**{"devices": devices.present(), **given})


def _request(cases: Sequence[str], grid: Grid, out: Path) -> Request:
    """Return what is to be timed. Raises UsageError, one line, for a word that stands for nothing."""
    from conformance import loading
    from conformance.bench_tests import Request

    try:
        selection = loading.select(cases)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    own = [] if selection.files and not selection.ids else loading.holding(selection.ids)
    out.touch()
    return Request(
        out=str(out),
        files=tuple(map(str, dict.fromkeys((*selection.files, *own)))),
        ids=selection.ids,
        grid=grid,
    )


def _timed(request: Request, scratch: Path, target: Path | None) -> int:
    """Time all that is asked for; return the exit code. A point at which the process dies costs that point alone.

    Of a process that died, pytest-benchmark's file is lost; our own records are not.
    """
    from conformance import bench_tests

    status = 0
    while (code := _run(request, scratch, target)) < 0:
        death = f"died of signal {-code}"
        click.echo(f"conformance: the process that timed {death}", err=True)
        lines = _lines(request)
        begun = [line for line in lines if line["kind"] == "begun"]
        if -code in _ASKED_TO_END or len(begun) == len(request.begun):
            return _BROKEN
        if lines[-1] == begun[-1]:  # else it was timed, or skipped, before the process died
            bench_tests.write(request, {**begun[-1], "kind": "skipped", "reason": f"the process {death}"})
        request = replace(request, begun=tuple(line["name"] for line in begun))
        status = _FAILED
    return status or {0: 0, 5: 0, 1: _FAILED}.get(code, _BROKEN)


def _lines(request: Request) -> list[Record]:
    return [json.loads(line) for line in Path(request.out).read_text(encoding="utf-8").splitlines()]


def _run(request: Request, scratch: Path, target: Path | None) -> int:
    """Run pytest on our benchmarks in a process that begins with one thread; return its exit code, a signal below 0."""
    from conformance import bench_tests

    plan = scratch / "request.json"
    plan.write_text(json.dumps(asdict(request)), encoding="utf-8")
    options = [
        "-q",
        "--no-header",
        "-rN",
        "--tb=short",
        "--noconftest",
        f"--rootdir={scratch}",
        "-c",
        os.devnull,
        "--import-mode=importlib",
    ]
    plugins = ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler"]
    timing = ["--benchmark-enable", "--benchmark-quiet", "--benchmark-disable-gc", "--benchmark-warmup=off"]
    saved = [f"--benchmark-json={target / shared.TIMINGS}"] if target else []
    command = [sys.executable, "-m", "pytest", *options, *plugins, *timing, *saved, str(bench_tests.__file__)]
    # What another pytest left in the environment is not meant for this one: it would think itself a worker of it.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**_KEPT, **own, **dict.fromkeys(_THREADS, "1"), bench_tests.VARIABLE: str(plan)}
    try:
        return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - our own Python and pytest
    except KeyboardInterrupt:  # the child was killed, and what it had timed is told
        return -signal.SIGINT


def _told(benches: Sequence[Record], skipped: Sequence[Record]) -> str:
    """Return the table, and why what is missing in it was not timed."""
    from tabulate import tabulate

    from conformance.records import where_timed
    from conformance.report.benchmarks import duration

    rows = [
        (
            f"{b['id']} {where_timed(b).removeprefix('cpu').removeprefix(', ')}".strip(),
            b["dtype"],
            b["size"],
            duration(b["torch_seconds"]),
            duration(b["numpy_seconds"]),
            f"{b['ratio']:.2f} [{b['ratio_low']:.2f}, {b['ratio_high']:.2f}]",
        )
        for b in benches
    ]
    headers = ("case", "dtype", "size", "torch", "numpy", "torch ÷ numpy")
    align = ("left", "left", "left", "right", "right", "left")
    table = tabulate(rows, headers=headers, colalign=align, disable_numparse=True) if rows else "nothing was timed"
    return "\n".join([table, *_not_timed(skipped)])


def _not_timed(skipped: Sequence[Record]) -> list[str]:
    """Return a line for each unit and reason, with the sizes that it holds for."""
    from conformance.records import where_timed

    sizes: dict[str, list[str]] = {}
    for one in skipped:
        what = f"{one['id']} {one['dtype']} {where_timed(one)}: {one['reason'][:_SHOWN]}"
        sizes.setdefault(what, []).append(one["size"])
    lines = [f"not timed: {what} ({', '.join(which)})" for what, which in sizes.items()]
    return ["", *lines] if lines else []
