r"""The file of a run: where it lies, its lines as data, and every way in which it cannot be used.

It is read as it was written or gzipped. What the lines mean is for `records.py`.

A run may come from anybody, and its texts go to terminals, pages and comments. So what moves a terminal's cursor, sets
its colours or turns the direction of a text is made visible here, once for all who show it: ESC is read as the four
characters ``\x1b``.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from pathlib import Path
from typing import Any, Final

RUN_FILE: Final = "run.jsonl"
"""The name of the run in a report folder."""

_GZIP: Final = b"\x1f\x8b"
"""What every gzipped file begins with."""

_GZIPPED: Final = zlib.MAX_WBITS | 16
"""For zlib: with the header and the checksum of gzip, which is compared where the file reaches so far."""

_CONTROL: Final = re.compile(
    r"\\(?:u(?P<code>00(?:0[0-8b-fB-F]|1[0-9a-fA-F]|7[fF]|[89][0-9a-fA-F])|061[cC]|20(?:0[eEfF]|2[a-eA-E]|6[6-9]))"
    r"|(?P<letter>[bfr])|.)|(?P<plain>[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
)
"""In a line of JSON, escaped or not: a control character but tab and line break, or one that turns the direction.

Any other escape matches, too, as no group of these, so that the second half of a backslash is no first half.
"""

_UNIT: Final = re.compile(rb'"kind": ?"unit"')
"""What no line but that of a unit holds, since quotes within a text are escaped."""

_BYTE: Final = 0x100
_LETTERS: Final = {"b": 0x08, "f": 0x0C, "r": 0x0D}


def _finite(text: str) -> float:
    """Return a number as JSON has it. Raises ValueError for one that JSON has not, which Python would take."""
    number = float(text)
    if not math.isfinite(number):
        message = f"{text[:_LONGEST]} is no finite number"
        raise ValueError(message)
    return number


_LONGEST: Final = 40
_DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


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


def located(path: str | Path) -> Path:
    """Return the run file that a path means: itself, or that of a report folder, gzipped or not.

    Raises UnreadableRunError for a folder without one, and for a path that the system refuses.
    """
    place = Path(path)
    try:
        if not place.is_dir():
            return place
        found = [file for name in (RUN_FILE, f"{RUN_FILE}.gz") if (file := place / name).exists()]
    except OSError as error:
        message = f"{place}: cannot be read: {error.strerror or error}"
        raise UnreadableRunError(message) from error
    if not found:
        message = f"{place}: cannot be read: a folder without {RUN_FILE} or {RUN_FILE}.gz; name the run file"
        raise UnreadableRunError(message)
    return found[0]


def count_units(source: Path) -> int:
    """Return how many units a file holds that is not gzipped, without parsing it; 0 for one that cannot be read."""
    try:
        with source.open("rb") as lines:
            return sum(_UNIT.search(line) is not None for line in lines)
    except OSError:
        return 0


def read_lines(source: Path) -> list[tuple[int, Any]]:
    """Return each line that is not blank, with its number, as data; the last is left out if it is cut short.

    Raises the errors of :func:`conformance.records.read` but those that concern records.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        message = f"{source}: cannot be read: {error.strerror or error}"
        raise UnreadableRunError(message) from error
    if data.startswith(_GZIP):
        data = _unpacked(source, data)
    # Split as bytes, since text would also be split at what lies within a line, such as U+2028.
    return _parse(source, [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()])


def _unpacked(source: Path, data: bytes) -> bytes:
    """Return what a gzipped file holds, and of one cut short all that is left: its lines tell what is missing."""
    parts = []
    while data.strip(b"\0"):  # padding after the last part is none of it
        part = zlib.decompressobj(wbits=_GZIPPED)
        try:
            parts.append(part.decompress(data))
        except zlib.error as error:
            message = f"{source}: the gzipped run is damaged: {error}: copy or make it anew"
            raise DamagedRunError(message) from error
        data = part.unused_data
    unpacked = b"".join(parts)
    if not unpacked:
        message = f"{source}: the gzipped run is cut short, and nothing of it is left: copy or make it anew"
        raise TruncatedRunError(message)
    return unpacked


def _parse(source: Path, lines: list[tuple[int, bytes]]) -> list[tuple[int, Any]]:
    parsed: list[tuple[int, Any]] = []
    for number, line in lines:
        try:
            parsed.append((number, _DECODER.decode(_CONTROL.sub(_visible, line.decode("utf-8")))))
        except (ValueError, RecursionError) as error:
            if number == lines[-1][0] and parsed:
                break
            raise _damage(source, number, line, error) from error
    return parsed


def _visible(found: re.Match[str]) -> str:
    """Return, as JSON, the text by which Python writes a control character; what is none as it stands."""
    if found.lastgroup is None:
        return found[0]
    code, letter, plain = found["code"], found["letter"], found["plain"]
    number = int(code, 16) if code else _LETTERS[letter] if letter else ord(plain)
    return rf"\\x{number:02x}" if number < _BYTE else rf"\\u{number:04x}"


def _damage(source: Path, number: int, line: bytes, error: Exception) -> RunFileError:
    if number > 1:
        return DamagedRunError(f"{source}:{number}: damaged line: {error}")
    if line.startswith(b'{"'):
        return TruncatedRunError(f"{source}:1: the header is cut short or damaged: {error}")
    return NotARunError(f"{source}:1: not a run: the first line is not JSON")
