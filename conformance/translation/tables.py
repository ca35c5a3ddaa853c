"""Other people's tables of translations: a Markdown, CSV or YAML file with a column of torch and one of NumPy."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    text, kind = path.read_text(encoding="utf-8"), path.suffix.lower()
    if kind in (".yaml", ".yml"):
        table = _of_yaml(text, path)
    else:
        table = _of_lines(_of_csv(text) if kind == ".csv" else _of_markdown(text))
    if not table.entries and not table.wrong:
        message = f"{path}: no table with a column named torch and one named numpy, and a row that has both"
        raise TableError(message)
    return table


def _of_lines(lines: Iterable[tuple[int, Cells | None]]) -> Table:
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
    return table


def _of_yaml(text: str, path: Path) -> Table:
    """Return the rows of a YAML file: mappings, anywhere in it, with a key for either library.

    Raises TableError where it is no YAML, or nothing is installed that reads it.
    """
    try:
        import yaml
    except ImportError:
        message = f"{path}: YAML needs PyYAML: python -m pip install 'torch-numpy-conformance[yaml]'"
        raise TableError(message) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise TableError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    table = Table(entries=[], wrong=[])
    _read_node(root, table, listed=False)
    return table


def _read_node(node: Any, table: Table, *, listed: bool) -> None:
    """Add the rows in a node of YAML; a mapping of a list that has one side alone is none.

    Nodes are read, not values: they know their lines, and a text such as ``on`` stays one.
    """
    if node is None or isinstance(node.value, str):
        return
    if node.id == "sequence":
        for one in node.value:
            _read_node(one, table, listed=True)
        return
    keys = [str(key.value) for key, _ in node.value]
    places = _columns(keys)
    line = node.start_mark.line + 1
    if places:
        torch, numpy = (node.value[place][1].value for place in places)
        if not isinstance(torch, str) or not isinstance(numpy, str):
            table.wrong.append(NotARow(line=line, why="an expression that is a list or mapping: put it in quotes"))
        elif torch and numpy:
            table.entries.append(Entry(torch=torch, numpy=numpy, line=line))
    elif listed and any(side in key.lower() for key in keys for side in _SIDES):
        table.wrong.append(NotARow(line=line, why=f"{', '.join(keys)} without the other library"))
    else:
        for _, value in node.value:
            _read_node(value, table, listed=False)


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
