"""Other people's tables of translations: a Markdown or CSV file with a column of torch and one of NumPy."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Cells = list[str]

_SIDES: Final = ("torch", "numpy")
_NOT_ESCAPED_BAR: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r":?-{2,}:?")


class TableError(ValueError):
    """A file that holds no table of translations: what is missing, in one line."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of a table: both expressions as they stand there, and its line."""

    torch: str
    numpy: str
    line: int


@dataclass(frozen=True, kw_only=True)
class NotARow:
    """A line of a table that has not as many cells as its head, so that nobody knows which is which."""

    line: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of a file's tables, and the lines that are none."""

    entries: list[Entry]
    wrong: list[NotARow]


def read(path: Path) -> Table:
    """Return the rows of all tables in a file that have a column for either library.

    Rows of which one side is empty are left out. Raises TableError where there is none, and OSError or UnicodeError for
    a file that cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    lines = _of_csv(text) if path.suffix.lower() == ".csv" else _of_markdown(text)
    table = Table(entries=[], wrong=[])
    columns: tuple[int, ...] | None = None
    width = 0
    for number, cells in lines:
        if cells is None:
            columns = None  # a table has ended
        elif columns is None:
            columns, width = _columns(cells), len(cells)
        elif columns and len(cells) != width:
            why = f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} where the head has {width}"
            table.wrong.append(NotARow(line=number, why=why))
        elif columns:
            torch, numpy = (_code(cells[place]) for place in columns)
            table.entries.extend([Entry(torch=torch, numpy=numpy, line=number)] if torch and numpy else [])
    if not table.entries and not table.wrong:
        message = f"{path}: no table with a column named torch and one named numpy, and a row that has both"
        raise TableError(message)
    return table


def _of_csv(text: str) -> Iterator[tuple[int, Cells | None]]:
    reader = csv.reader(text.splitlines(keepends=True))
    for cells in reader:
        if cells:
            yield reader.line_num, cells


def _of_markdown(text: str) -> Iterator[tuple[int, Cells | None]]:
    """Yield the cells of every line of a table, None for any other line; the rule below the head is left out."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("|"):
            yield number, None
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _NOT_ESCAPED_BAR.split(line.strip().strip("|"))]
        if not all(map(_RULE.fullmatch, cells)):
            yield number, cells


def _columns(cells: Cells) -> tuple[int, ...]:
    """Return the places of torch's column and NumPy's in a head, none where it has not both."""
    names = [cell.lower().replace("pytorch", "torch") for cell in cells]
    places = [next((i for i, name in enumerate(names) if side in name), -1) for side in _SIDES]
    return tuple(places) if min(places) >= 0 else ()


def _code(cell: str) -> str:
    """Return a cell without the marks of code, those of several pieces too, which are lines of a program."""
    pieces = re.split(r"`?\s*<br ?/?>\s*`?|`\s*;?\s+`|`\s*;\s*`", cell.strip().strip("`"))
    return "\n".join(piece.strip() for piece in pieces).strip()
