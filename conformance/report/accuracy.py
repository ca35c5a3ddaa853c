"""Accuracy as a table: per case and dtype the worst error of each side, how far apart they lie, what is allowed.

The records of several CPU capabilities become one line, the worst of each figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.report.markdown import code, code_cell, table
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.records import Record, Run

HEADERS: Final = ("case", "dtype", "numbers", "torch", "numpy", "apart", "allowed", "slack", "torch is worst at")
_SIDES: Final = ("torch", "numpy", "apart")
_WORDS: Final = (
    "The largest error of each side against the truth, in units in the last place (ulp) of the dtype, of complex "
    "numbers of their magnitude; how far the sides lie apart, and how far the case allows. Elements inside of a "
    "declared difference are left out: the cheat sheet tells of them. Where neither side has an error there is no "
    "line."
)
_OTHER: Final = float("inf")
_MANY: Final = 100


def error(figure: Any) -> float:
    """Return an error in ULP as a record has it: null, of another kind, is infinite."""
    value = figure.get("ulp") if isinstance(figure, dict) else None
    return float(value) if isinstance(value, int | float) else _OTHER


def exceeds(record: Record) -> bool:
    """Tell whether the sides lie further apart than their case allows."""
    allowed = record.get("allowed")
    return isinstance(allowed, int | float) and error(record.get("apart")) > allowed


def merged(made: Iterable[Record]) -> list[dict[str, Any]]:
    """Return one record for each case, dtype and device, the worst of all CPU capabilities, in the order given."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    for record in made:
        key = tuple(str(record.get(name)) for name in ("environment", "id", "dtype", "device"))
        one = kept.setdefault(key, {**record, "capabilities": []})
        one["capabilities"] = [*one["capabilities"], record.get("capability") or ""]
        for side in _SIDES:
            if error(record.get(side)) > error(one.get(side)):
                one[side] = record[side]
    return list(kept.values())


def line(record: Record) -> tuple[str, ...]:
    """Return the cells of one line of the table."""
    allowed = record.get("allowed")
    known = isinstance(allowed, int | float)
    apart = error(record.get("apart"))
    slack = f"{float(allowed) - apart:.2g}" if known and apart != _OTHER else ""  # type: ignore[arg-type]  # known
    torch = record.get("torch")
    where = torch.get("at") or {} if isinstance(torch, dict) else {}
    numbers = record.get("numbers")
    return (
        str(record["id"]),
        str(record.get("dtype") or ""),
        f"{numbers:,}" if isinstance(numbers, int) else "",
        number(error(record.get("torch"))),
        number(error(record.get("numpy"))),
        number(apart) if known else "",
        f"{allowed:g}" if known else "bound",
        "exceeded" if exceeds(record) else slack,
        "; ".join(f"{name} = {text}" for name, text in where.items())[:60],
    )


def number(value: float) -> str:
    """Write an error in ULP, with as many digits as one reads."""
    if value == _OTHER:
        return "other kind"
    return f"{value:.2f}" if value < _MANY else f"{value:.0f}" if value < _MANY**2 else f"{value:.1e}"


def page(run: Run) -> str:
    """Return the table as Markdown; one sentence where nothing was measured."""
    made = merged(one for one in run.proofs if one["kind"] == "accuracy")
    ways = ", ".join(dict.fromkeys(way for one in made for way in one["capabilities"] if way)) or "one"
    head = [
        "# Who is right, and by how much",
        "",
        f"PyTorch {run.header.get('torch')}, NumPy {run.header.get('numpy')}, CPU capabilities: {ways}.",
        "",
        _WORDS,
        "",
    ]
    return "\n".join([*head, "\n\n".join(_told(made)) if made else "Nothing was measured.", ""])


def _told(made: Sequence[Record]) -> Iterator[str]:
    """Yield what has an error as a table, and all else as a list: a code host shows half a megabyte of a page."""
    if inexact := [one for one in made if not is_exact(one)]:
        yield _table(inexact)
    wrong = {one["id"] for one in inexact}
    if all_exact := dict.fromkeys(str(one["id"]) for one in made if one["id"] not in wrong):
        yield f"In {plural(len(all_exact), 'case')} neither side has an error: {', '.join(map(code, all_exact))}."


def is_exact(record: Record) -> bool:
    """Tell whether both sides gave the truth wherever they were measured."""
    return error(record.get("torch")) == error(record.get("numpy")) == 0 and not exceeds(record)


def _table(made: Sequence[Record]) -> str:
    rows = [[code(cells[0]), *cells[1:-1], code_cell(cells[-1]) if cells[-1] else ""] for cells in map(line, made)]
    return table(HEADERS, rows)
