"""The small form of a run, one file an environment, to be kept beside the code and compared with later ones.

It is a run like any other, gzipped. Left out is what is a moment's or a machine's (times of units, the date, the number
of cores) and what only a report of that very run shows: scripts of failures, failures as printed, whose parts stand in
the record beside them, examples of differences that hold, how many inputs each check had, losses of training, proofs.
Verdicts of units, checks and differences stay, and differences as stated; that a check had no input at all; of each
failure both sides' values, the input and the command; of a difference that is gone its example and what both sides give
there; of a bug all that its finding shows. So the cheat sheet and the findings of a small run are those of the whole
run. Benchmarks stay: their times are what they are about.

The same run gives the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any, Final

from conformance.records import CHANGED, Run, is_failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.records import Record

SUFFIX: Final = ".jsonl.gz"

_OF_A_UNIT: Final = ("gradient", "seconds", "trajectory")
_OF_A_DIFFERENCE: Final = ("example", "inputs")
_OF_A_GONE_ONE: Final = ("inputs",)
_OF_A_FAILURE: Final = ("script", "text")
_LEAST: Final[Mapping[str, Any]] = {"note": None, "reason": None, "differences": [], "failures": [], "warnings": []}
"""What a reader takes for granted where the key is missing."""


def small(run: Run) -> Run:
    """Return the small form of a run; that of a small run is itself. A run that is not complete stays so."""
    footer = None if run.footer is None else _without(run.footer, ("seconds",))
    units = tuple(_unit(unit) for unit in run.units)
    return Run(header=_header(run.header), units=units, benches=run.benches, footer=footer)


def written(run: Run) -> bytes:
    """Return the file of the small form of a run: gzipped JSON lines."""
    kept = small(run)
    lines = (kept.header, *kept.units, *kept.benches, *([kept.footer] if kept.footer else []))
    texts = (json.dumps(dict(line), ensure_ascii=True, allow_nan=False, separators=(",", ":")) for line in lines)
    made = io.BytesIO()
    # Neither a name nor a time in it, which `gzip.compress` leaves to the version of Python.
    with gzip.GzipFile(filename="", mode="wb", fileobj=made, mtime=0) as packed:
        packed.writelines(f"{text}\n".encode("ascii") for text in texts)
    return made.getvalue()


def name(header: Record) -> str:
    """Return the name of the file for an environment: ``torch2.13.0-numpy2.4.6-cpu.jsonl.gz``."""
    versions = [f"{library}{_release(header.get(library))}" for library in ("torch", "numpy")]
    devices = ["".join(filter(str.isalnum, str(device))) for device in header.get("devices") or ("nothing",)]
    return "-".join([*versions, *devices]) + SUFFIX


def _release(version: object) -> str:
    """Return a version without what says how it was built: the devices say that."""
    text = str(version or "unknown").partition("+")[0]
    return "".join(letter for letter in text if letter.isalnum() or letter == ".")


def _header(header: Record) -> dict[str, Any]:
    kept = {**_without(header, ("started",)), "small": True}
    if isinstance(cpu := header.get("cpu"), dict):
        kept["cpu"] = _without(cpu, ("cores",))
    return kept


def _unit(unit: Record) -> dict[str, Any]:
    kept = _without(unit, _OF_A_UNIT)
    if isinstance(checks := unit.get("checks"), dict):
        kept["checks"] = {check: _check(one) for check, one in checks.items() if isinstance(one, dict)}
    if isinstance(counts := unit.get("counts"), dict):
        kept["counts"] = {key: counts[key] for key in ("inputs",) if key in counts}
    kept["differences"] = [_difference(one) for one in _objects(unit.get("differences"))]
    kept["failures"] = [_without(one, _OF_A_FAILURE) for one in _objects(unit.get("failures"))]
    return {key: value for key, value in kept.items() if key not in _LEAST or value != _LEAST[key]}


def _check(seen: Record) -> dict[str, Any]:
    """Return what became of a check; that it had no inputs is kept, since nothing else says so."""
    return dict(seen) if seen.get("inputs") == 0 else _without(seen, ("inputs",))


def _difference(told: Record) -> dict[str, Any]:
    holds = not is_failure(str(told.get("verdict"))) and told.get("verdict") != CHANGED
    return _without(told, _OF_A_DIFFERENCE if holds else _OF_A_GONE_ONE)


def _objects(value: object) -> Iterable[Record]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else ()


def _without(record: Record, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}
