"""The run format: what one run leaves behind, and the only code that reads and writes it.

A run is a stream of JSON lines: a header, one record per unit, benchmark or proof, a footer. The writer flushes every
line: a run which dies leaves all it had found but no footer, and is incomplete. The reader keeps that distinction: a
line cut short at the very end is how a process dies, a damaged line anywhere else is an error with its place.

The words for verdicts, their order and what they mean for the exit status live here too.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

FORMAT: Final = 1
Record = Mapping[str, Any]

AGREES: Final = "agrees"
DIFFERS_AS_DECLARED: Final = "differs as declared"
DIFFERS: Final = "differs"
DIFFERENCE_GONE: Final = "difference gone"
CHANGED: Final = "changed"
TORCH_ONLY: Final = "torch only"
NUMPY_ONLY: Final = "numpy only"
BOTH_REFUSE: Final = "both refuse"
HARDLY_RAN: Final = "hardly ran"
CRASHED: Final = "crashed"
BROKEN: Final = "broken"
NOT_JUDGED: Final = "not judged"
NOT_RUN: Final = "not run"
AS_EXPECTED: Final = "fails as expected"

MEANINGS: Final[Mapping[str, str]] = {
    NOT_JUDGED: "the check does not apply, or the difference shows on another device or CPU",
    AGREES: "both sides did the same on every input",
    DIFFERS_AS_DECLARED: "they differ exactly where and how the case says",
    BOTH_REFUSE: "outside the dtypes claimed, neither side accepts the inputs",
    NUMPY_ONLY: "outside the dtypes claimed, only NumPy accepts a tenth or more of the inputs",
    TORCH_ONLY: "outside the dtypes claimed, only PyTorch accepts a tenth or more of the inputs",
    # Above the verdicts that say what was seen: a unit of which a part did not run has not passed.
    NOT_RUN: "nothing was run, for the reason given",
    AS_EXPECTED: "a failure that the file of expected failures names, with its reason",
    CHANGED: "a difference new or gone on versions other than the pinned ones: news, not a failure",
    HARDLY_RAN: "under half of the inputs gave a value on both sides",
    DIFFERENCE_GONE: "the example of a declared difference no longer differs",
    DIFFERS: "a difference that nobody declared, or not as declared",
    CRASHED: "the process died, or ran past its time limit",
    BROKEN: "the case itself is wrong: its syntax, a name, a condition",
}

SEVERITY: Final = tuple(MEANINGS)
"""Every verdict, the mildest first; reports keep this order too, and show the meanings as their legend."""

FAILURES: Final = frozenset({DIFFERS, DIFFERENCE_GONE, HARDLY_RAN, CRASHED, BROKEN})

PROOFS: Final = ("sensitivity", "accuracy", "consistency", "promotion")
_KINDS: Final = frozenset({"unit", "bench", *PROOFS})
_RANK: Final = {verdict: rank for rank, verdict in enumerate(SEVERITY)}


def is_failure(verdict: str) -> bool:
    """Whether a verdict makes a run fail; one that this version does not know is not taken for a pass."""
    return verdict in FAILURES or verdict not in _RANK


def worst(verdicts: Iterable[str]) -> str:
    """Return the most severe verdict; one that this version does not know counts as more severe than any.

    Raises ValueError if there is none at all, which must not pass for a mild one.
    """
    return max(verdicts, key=lambda verdict: _RANK.get(verdict, len(SEVERITY)))


def count_verdicts(units: Iterable[Record]) -> dict[str, int]:
    """Count unit records by verdict: only verdicts that occur, the mildest first."""
    counted = Counter(str(unit["verdict"]) for unit in units)
    return {v: counted.pop(v) for v in SEVERITY if v in counted} | dict(sorted(counted.items()))


def exit_status(verdicts: Iterable[str]) -> int:
    """Return the exit status for the verdicts of all units: 0 as expected, 1 failure, 3 broken case, 5 no unit."""
    seen = set(verdicts)
    broken = 3 if BROKEN in seen else int(any(map(is_failure, seen)))
    return broken if seen else 5


class RunFileError(Exception):
    """A run file that cannot be used; the message says which, where and why."""


class UnreadableRunError(RunFileError):
    """The file cannot be opened or read."""


class NotARunError(RunFileError):
    """The file does not start with the header of a run."""


class TruncatedRunError(RunFileError):
    """So much is missing that there is no run to speak of: no whole header, or fewer units than the footer counts."""


class DamagedRunError(RunFileError):
    """A line before the last is damaged, or a line is where it cannot be; the message names file and line."""


class NewerFormatError(RunFileError):
    """The run was written in a later format than this version reads."""


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
    if kind == "unit" and record["verdict"] not in _RANK:
        return f"verdict={record['verdict']!r} of {record['id']}: not one of {', '.join(SEVERITY)}"
    return None


def _missing(record: Record) -> str | None:
    needed = ("id", "verdict") if record["kind"] == "unit" else ("id",)
    absent = [key for key in needed if not isinstance(record.get(key), str)]
    return f"a {record['kind']} record without {' and '.join(absent)}" if absent else None


def read(path: str | Path) -> Run:
    """Read a run; if it stops in the middle of its last line, that line is dropped and the run is not complete.

    Raises:
        UnreadableRunError: the file cannot be opened or read.
        NotARunError: it does not start with a header.
        NewerFormatError: its format is later than this version's.
        TruncatedRunError: it ends before its header does, or holds fewer units than its footer counts.
        DamagedRunError: a line other than the last is not JSON, lacks what every record has, or is out of place.

    """
    source = Path(path)
    lines = _parse(source, _read_lines(source))
    header = _header(source, lines)
    by_kind = _sort(source, lines[1:])
    units, benches = tuple(by_kind["unit"]), tuple(by_kind["bench"])
    proofs = tuple(record for kind in PROOFS for record in by_kind.get(kind, ()))
    footer = by_kind["footer"][0] if by_kind["footer"] else None
    _check_count(source, run := Run(header=header, units=units, benches=benches, proofs=proofs, footer=footer))
    return run


def _read_lines(source: Path) -> list[tuple[int, bytes]]:
    try:
        data = source.read_bytes()
    except OSError as error:
        message = f"{source}: cannot be read: {error.strerror or error}"
        raise UnreadableRunError(message) from error
    # Split as bytes, since text would also be split at what lies within a line, such as U+2028.
    return [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]


def _parse(source: Path, lines: list[tuple[int, bytes]]) -> list[tuple[int, Any]]:
    parsed: list[tuple[int, Any]] = []
    for number, line in lines:
        try:
            parsed.append((number, json.loads(line.decode("utf-8"))))
        except (ValueError, RecursionError) as error:
            if number == lines[-1][0] and parsed:
                break
            raise _damage(source, number, line, error) from error
    return parsed


def _damage(source: Path, number: int, line: bytes, error: Exception) -> RunFileError:
    if number > 1:
        return DamagedRunError(f"{source}:{number}: damaged line: {error}")
    if line.startswith(b'{"'):
        return TruncatedRunError(f"{source}:1: the header is cut short or damaged: {error}")
    return NotARunError(f"{source}:1: not a run: the first line is not JSON")


def _header(source: Path, lines: list[tuple[int, Any]]) -> Record:
    if not lines:
        message = f"{source}: empty: the run died before it wrote its header"
        raise TruncatedRunError(message)
    first = lines[0][1]
    if not isinstance(first, dict) or first.get("kind") != "header" or type(first.get("format")) is not int:
        message = f'{source}:{lines[0][0]}: not a run: the first line is not a header with a "format"'
        raise NotARunError(message)
    if first["format"] > FORMAT:
        message = f"{source}: format {first['format']}; this version reads up to {FORMAT}: a newer one is needed"
        raise NewerFormatError(message)
    return first


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
    return _missing(record) if record["kind"] in _KINDS else None


def _check_count(source: Path, run: Run) -> None:
    held = len(run.units)
    if (counted := run.footer.get("units", held) if run.footer else held) != held:
        message = f"{source}: the footer counts {counted} units, the file holds {held}: lines were lost or added"
        raise TruncatedRunError(message)
