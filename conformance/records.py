"""The run format: what one run leaves behind, and the only code that reads and writes it.

A run is a stream of JSON lines: a header, one record per unit, benchmark or proof, a footer. The writer flushes every
line: a run which dies leaves all it had found but no footer, and is incomplete. The reader keeps that distinction: a
line cut short at the very end is how a process dies, a damaged line anywhere else is an error with its place.

Whoever knows runs finds the words for verdicts (`verdicts.py`) and the errors of a file (`runfile.py`) here too.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from conformance import wellformed
from conformance.runfile import (
    RUN_FILE,
    DamagedRunError,
    NewerFormatError,
    NotARunError,
    RunFileError,
    TruncatedRunError,
    UnreadableRunError,
    located,
    read_lines,
)
from conformance.verdicts import (
    AGREES,
    AS_EXPECTED,
    BOTH_REFUSE,
    BROKEN,
    CHANGED,
    CRASHED,
    DIFFERENCE_GONE,
    DIFFERS,
    DIFFERS_AS_DECLARED,
    FAILURES,
    HARDLY_RAN,
    MEANINGS,
    NOT_JUDGED,
    NOT_RUN,
    NUMPY_ONLY,
    RANK,
    SEVERITY,
    TORCH_ONLY,
    Record,
    count_verdicts,
    exit_status,
    is_failure,
    worst,
)

FORMAT: Final = 1

CONTIGUOUS: Final = "contiguous"
"""The layout of a benchmark that names none."""

PROOFS: Final = ("sensitivity", "accuracy", "consistency", "promotion")
_KINDS: Final = frozenset({"unit", "bench", *PROOFS})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as it was read: plain records, in the order of the file."""

    header: Record
    units: tuple[Record, ...]
    benches: tuple[Record, ...] = ()
    proofs: tuple[Record, ...] = ()
    footer: Record | None = None

    @property
    def complete(self) -> bool:
        """Whether the run came to its end."""
        return self.footer is not None

    @property
    def small(self) -> bool:
        """Whether it is the small form of a run (`small.py`), without what only a report needs."""
        return self.header.get("small") is True


class Writer:
    """Writes a run line by line: the header at once, each record as it comes, the footer only at an orderly end.

    Use it as a context manager: leaving the block writes the footer, leaving it by an exception does not.
    """

    def __init__(self, path: str | Path, header: Record) -> None:
        """Open the file, replacing what was there, and write the header (`kind` and `format` are added).

        Raises OSError if the file cannot be written, TypeError or ValueError if the header holds what JSON cannot.
        """
        first = _encode({**header, "kind": "header", "format": FORMAT})
        self._file = Path(path).open("w", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: SIM115 - closed by finish or __exit__
        self._started = time.monotonic()
        self._verdicts: list[str] = []
        self._put(first)

    def write(self, record: Record) -> None:
        """Append one record of a unit, a benchmark or a proof.

        Raises ValueError if it is of another kind, lacks its `id`, has no known verdict or holds a number not finite;
        TypeError if it holds anything else that JSON cannot.
        """
        if problem := _problem(record):
            raise ValueError(problem)
        self._put(_encode(record))
        self._verdicts += [record["verdict"]] if record["kind"] == "unit" else []

    def finish(self, status: int | None = None, seconds: float | None = None) -> None:
        """Write the footer and close the file; `status` and `seconds` replace what follows from verdicts and clock."""
        footer = {
            "kind": "footer",
            "units": len(self._verdicts),
            "verdicts": count_verdicts({"verdict": verdict} for verdict in self._verdicts),
            "seconds": round(time.monotonic() - self._started, 3) if seconds is None else seconds,
            "exit": exit_status(self._verdicts) if status is None else status,
        }
        self._put(_encode(footer))
        self._file.close()

    def abandon(self) -> None:
        """Close the file without a footer: what it holds is not a complete run."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and not self._file.closed:
            self.finish()
        self._file.close()

    def _put(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


def _encode(record: Record) -> str:
    return json.dumps(dict(record), ensure_ascii=False, allow_nan=False)


def _problem(record: Record) -> str | None:
    kind = record.get("kind")
    if kind not in _KINDS:
        return f"kind={kind!r}: a record is of kind {', '.join(sorted(_KINDS))}"
    if missing := _missing(record):
        return missing
    if kind == "unit" and record["verdict"] not in RANK:
        return f"verdict={record['verdict']!r} of {record['id']}: not one of {', '.join(SEVERITY)}"
    return None


def _missing(record: Record) -> str | None:
    needed = ("id", "verdict") if record["kind"] == "unit" else ("id",)
    absent = [key for key in needed if not isinstance(record.get(key), str)]
    return f"a {record['kind']} record without {' and '.join(absent)}" if absent else None


def read(path: str | Path) -> Run:
    """Read a run; if it stops in the middle of its last line, that line is dropped and the run is not complete.

    What is gzipped is unpacked, whatever its name.

    Raises:
        UnreadableRunError: the file cannot be opened or read.
        NotARunError: it does not start with a header.
        NewerFormatError: its format is later than this version's.
        TruncatedRunError: it ends before its header does, or holds fewer units than its footer counts, or a gzipped
            one ends before its end.
        DamagedRunError: a line other than the last is not JSON, lacks what every record has, or is out of place; or
            what is gzipped cannot be unpacked.

    """
    source = Path(path)
    lines = read_lines(source)
    header = _header(source, lines)
    by_kind = _sort(source, lines[1:])
    units, benches = tuple(by_kind["unit"]), tuple(by_kind["bench"])
    proofs = tuple(record for kind in PROOFS for record in by_kind.get(kind, ()))
    footer = by_kind["footer"][0] if by_kind["footer"] else None
    _check_count(source, run := Run(header=header, units=units, benches=benches, proofs=proofs, footer=footer))
    return run


def where_timed(record: Record) -> str:
    """Return the device of a benchmark, and layout and threads where those are not contiguous and one."""
    device, layout, threads = record.get("device") or "", record.get("layout") or CONTIGUOUS, record.get("threads") or 1
    return ", ".join(filter(None, (str(device), *unusual(str(layout), threads))))


def unusual(layout: str, threads: int) -> tuple[str, ...]:
    """Return the words for a layout and a number of threads, none for contiguous and one."""
    words = {layout: layout != CONTIGUOUS, f"{threads} threads": threads != 1}
    return tuple(word for word, told in words.items() if told)


def _header(source: Path, lines: list[tuple[int, Any]]) -> Record:
    if not lines:
        message = f"{source}: empty: the run died before it wrote its header"
        raise TruncatedRunError(message)
    first = lines[0][1]
    if not isinstance(first, dict) or first.get("kind") != "header" or not _is_format(first.get("format")):
        message = f'{source}:{lines[0][0]}: not a run: the first line is not a header with a "format" of 1 or more'
        raise NotARunError(message)
    if first["format"] > FORMAT:
        message = f"{source}: format {first['format']}; this version reads up to {FORMAT}: a newer one is needed"
        raise NewerFormatError(message)
    if told := wellformed.problem(first):
        message = f"{source}:{lines[0][0]}: damaged header: {told}"
        raise DamagedRunError(message)
    return first


def _is_format(number: object) -> bool:
    return type(number) is int and number >= 1


def _sort(source: Path, lines: list[tuple[int, Any]]) -> dict[str, list[Record]]:
    by_kind: dict[str, list[Record]] = {"unit": [], "bench": [], "footer": []}
    for number, record in lines:
        problem = "a line after the footer" if by_kind["footer"] else _misfit(record)
        if problem:
            message = f"{source}:{number}: {problem}"
            raise DamagedRunError(message)
        # A kind that this version does not know is a newer run's business, like an unknown key.
        by_kind.setdefault(record["kind"], []).append(record)
    return by_kind


def _misfit(record: Any) -> str | None:
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        return 'not a record: no object with a "kind"'
    if record["kind"] == "header":
        return "a second header: two runs in one file"
    return (_missing(record) if record["kind"] in _KINDS else None) or _damaged(record)


def _damaged(record: Record) -> str | None:
    told = wellformed.problem(record)
    return f"damaged record of {record.get('id') or 'its end'}: {told}" if told else None


def _check_count(source: Path, run: Run) -> None:
    held = len(run.units)
    if (counted := run.footer.get("units", held) if run.footer else held) != held:
        message = f"{source}: the footer counts {counted} units, the file holds {held}: lines were lost or added"
        raise TruncatedRunError(message)


__all__ = [
    "AGREES",
    "AS_EXPECTED",
    "BOTH_REFUSE",
    "BROKEN",
    "CHANGED",
    "CRASHED",
    "DIFFERENCE_GONE",
    "DIFFERS",
    "DIFFERS_AS_DECLARED",
    "FAILURES",
    "FORMAT",
    "HARDLY_RAN",
    "MEANINGS",
    "NOT_JUDGED",
    "NOT_RUN",
    "NUMPY_ONLY",
    "PROOFS",
    "RUN_FILE",
    "SEVERITY",
    "TORCH_ONLY",
    "DamagedRunError",
    "NewerFormatError",
    "NotARunError",
    "Record",
    "Run",
    "RunFileError",
    "TruncatedRunError",
    "UnreadableRunError",
    "Writer",
    "count_verdicts",
    "exit_status",
    "is_failure",
    "located",
    "read",
    "worst",
]
