"""Promotion as text: the entries as data, and a page of Markdown with the counts, the rules and all answers."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import product
from typing import TYPE_CHECKING, Final

from tabulate import tabulate

from conformance.report import pairs
from conformance.report.markdown import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.records import Run
    from conformance.report.pairs import Table

HEADERS: Final = ("operation", "PyTorch", "NumPy", "pairs", "agree", "differ", "not compared")
_COLUMNS: Final = ("operation", "x", "y", "torch", "numpy", "rule")
_WORDS: Final = (
    "What both libraries make of every pair of operands: tensors and arrays with axes (*array*), those without "
    "(*0-d*) and Python's numbers. A cell with one answer is that of both. Where they differ it is PyTorch's ≠ "
    "NumPy's, with the number of the rule by which they do: the rules are gone through in their order, the first that "
    "holds says what PyTorch gives, and where none does it gives what NumPy gives. Rows are x, columns y; tables that "
    "are the same are shown once. NumPy has no bfloat16, so for that PyTorch's answer stands alone and is not "
    "compared."
)
_SHORT: Final = (
    "Dtypes are shortened: `i8` is int8, `u8` uint8, `f16` float16, `bf16` bfloat16, `c64` complex64; – is a refusal."
)


def data(run: Run) -> str:
    """Return all entries as lines of comma-separated values, which a test compares with the installed versions."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for table in pairs.tables(run.proofs):
        writer.writerows((table.id, c.x, c.y, c.torch, c.numpy, c.rule) for c in table.cells.values())
    return text.getvalue()


def page(run: Run) -> str:
    """Return the page as Markdown: the counts, the rules, and each operation's tables."""
    made = pairs.tables(run.proofs)
    versions = f"PyTorch {run.header.get('torch')}, NumPy {run.header.get('numpy')}, on the CPU."
    head = ["# What two dtypes make", "", versions, "", _WORDS, "", summary(made, "github"), "", "## The rules", ""]
    listed = [f"{rule.number}. {prose(rule.because)} ({rule.told})" for rule in pairs.rules(made)]
    return "\n".join([*head, *listed, "", *(line for table in made for line in _section(table))])


def summary(made: Sequence[Table], style: str) -> str:
    """Return the counts of every operation and of all, as a table in a ``style`` of tabulate."""
    mark = code if style == "github" else str
    rows = [(table.id, mark(table.torch), mark(table.numpy), *table.figures()) for table in made]
    sums = (sum(counts) for counts in zip(*((len(t.cells), t.agree, t.differ, t.alone) for t in made), strict=True))
    total = ("all", "", "", *(f"{count:,}" for count in sums))
    return tabulate([*rows, total], headers=HEADERS, tablefmt=style, disable_numparse=True)


def _section(table: Table) -> Iterator[str]:
    yield from (f"## {table.id}: {' against '.join(map(code, dict.fromkeys((table.torch, table.numpy))))}", "")
    if not any(pairs.short(cell.torch) in {"yes", "no"} for cell in table.cells.values()):
        yield from (_SHORT, "")
    for title, grid in _blocks(table):
        yield from ([f"### {title}", ""] if title else [])
        yield from (tabulate(grid, headers="firstrow", tablefmt="github", disable_numparse=True), "")


_Grid = tuple[tuple[str, ...], ...]


def _blocks(table: Table) -> list[tuple[str, _Grid]]:
    """Return the tables for pairs of kinds, each with its title; those that are the same in one."""
    titles: dict[_Grid, list[str]] = {}
    kinds = table.operands
    for x, y in product(kinds, repeat=2):
        if not any(pair in table.cells for pair in product(kinds[x], kinds[y])):
            continue
        swapped = f"{y} and {x}"
        there = next((told for told in titles.values() if swapped in told), [])
        if there and _same_swapped(table, kinds[x], kinds[y]):
            there[there.index(swapped)] += ", in either order"
        else:
            titles.setdefault(_grid(table, kinds[x], kinds[y]), []).append(f"{x} and {y}")
    return [("; ".join(told) if len(kinds) > 1 else "", grid) for grid, told in titles.items()]


def _same_swapped(table: Table, xs: Sequence[str], ys: Sequence[str]) -> bool:
    return all(_shown(table, x, y) == _shown(table, y, x) for x, y in product(xs, ys))


def _grid(table: Table, xs: Sequence[str], ys: Sequence[str]) -> _Grid:
    head = ("x ↓ y →", *(_name(y) for y in ys))
    return (head, *((f"**{_name(x)}**", *(_shown(table, x, y) for y in ys)) for x in xs))


def _shown(table: Table, x: str, y: str) -> str:
    cell = table.cells.get((x, y))
    return cell.short if cell else ""


def _name(operand: str) -> str:
    kind, _, dtype = operand.partition(" ")
    return dtype if kind == "Python" else pairs.short(dtype)
