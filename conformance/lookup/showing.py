"""An answer as text for a terminal, as Markdown, as plain data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from conformance import versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.lookup.finding import Found, Renamed

    Record = dict[str, Any]

_LIBRARY: Final = {"torch": "PyTorch", "numpy": "NumPy"}
_FUNCTIONS: Final = 5
"""Functions named beside an argument, before it says how many more."""
_NARROWEST: Final = 40
_INDENT: Final = " " * 7


def data(answer: Found, question: str, limit: int, checked_on: Mapping[str, str]) -> Record:
    """Return an answer as plain data."""
    return {
        "question": question,
        "checked_on": dict(checked_on),
        "installed": {name: versions.installed(name) for name in checked_on},
        "notes": answer.notes,
        "arguments": [vars(one) | {"functions": list(one.functions)} for one in answer.renamed],
        "found": len(answer.rows),
        "rows": [{name: value for name, value in row.items() if name != "keywords"} for row in answer.rows[:limit]],
    }


def text(answer: Found, limit: int, width: int, checked_on: Mapping[str, str]) -> str:
    """Return an answer as text, no line longer than ``width``, but for code."""
    blocks = [[_argument(one) for one in answer.renamed]] if answer.renamed else []
    blocks += [list(_row(row, answer.side, width)) for row in answer.rows[:limit]]
    blocks.append([_end(answer, limit, checked_on)])
    return "\n\n".join("\n".join(block) for block in blocks)


def markdown(answer: Found, limit: int, checked_on: Mapping[str, str]) -> str:
    """Return an answer as a Markdown table with a list of differences below it."""
    from conformance.report.markdown import cell, code, code_cell, escape, prose

    notes: dict[str, int] = {}
    lines = ["| PyTorch | NumPy | arguments | row | notes |", "| --- | --- | --- | --- | --- |"]
    for row in answer.rows[:limit]:
        told = [prose(line) for line in [*([row["note"]] if "note" in row else ()), *_differences(row)]]
        numbers = ", ".join(str(notes.setdefault(line, len(notes) + 1)) for line in told)
        sides = (code_cell(row[side]) for side in ("torch", "numpy"))
        renamed = cell(escape(_arguments(row, answer.side)))
        lines.append(f"| {' | '.join(sides)} | {renamed} | {code(row['id'])} | {numbers} |")
    listed = "\n".join(f"{number}. {line}" for line, number in notes.items())
    renamed = "\n".join(f"- {prose(_argument(one))}" for one in answer.renamed)
    table = "\n".join(lines) if answer.rows else ""
    return "\n\n".join(part for part in (renamed, table, listed, escape(_end(answer, limit, checked_on))) if part)


def _argument(one: Renamed) -> str:
    named = ", ".join(name.replace("torch.Tensor.", "Tensor.") for name in one.functions[:_FUNCTIONS])
    more = f" and {len(one.functions) - _FUNCTIONS} more" if len(one.functions) > _FUNCTIONS else ""
    other = "numpy" if one.side == "torch" else "torch"
    return f"{_LIBRARY[one.side]}'s {one.asked} is {_LIBRARY[other]}'s {one.other} ({named}{more})"


def _row(row: Record, side: str, width: int) -> Iterator[str]:
    for name in ("torch", "numpy"):
        yield f"{name:<6} {textwrap.indent(row[name], _INDENT).strip()}"
    renamed = _arguments(row, side)
    yield _wrapped(f"{', '.join(row['ids'])} ({row['place']})" + (f": {renamed}" if renamed else ""), width, "")
    for line in [*([row["note"]] if "note" in row else ()), *_differences(row)]:
        yield _wrapped(line, width, "- ")


def _wrapped(line: str, width: int, mark: str) -> str:
    return textwrap.fill(
        line,
        max(width, _NARROWEST),
        initial_indent=f"{_INDENT}{mark}",
        subsequent_indent=f"{_INDENT}{' ' * len(mark)}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _arguments(row: Record, side: str) -> str:
    """Say which arguments are called otherwise, from ``side`` to the other."""
    pairs = dict.fromkeys((one, other) for one, other, *_ in row.get("arguments", ()) if one != other)
    return ", ".join(f"{a} → {b}" if side == "torch" else f"{b} → {a}" for a, b in pairs)


def _differences(row: Record) -> Sequence[str]:
    """Say each difference and what to write instead, those of the dtypes that say the same in one."""
    dtypes: dict[tuple[str, str, str, str], list[str]] = {}
    for one in row.get("differences", ()):
        told = (one["because"], one["kind"], one.get("instead", ""), one.get("versions", ""))
        dtypes.setdefault(told, []).append(one.get("dtypes", ""))
    return [_difference(*told, of) for told, of in dtypes.items()]


def _difference(because: str, kind: str, instead: str, only: str, dtypes: Sequence[str]) -> str:
    facts = [kind, *([] if "" in dtypes else [", ".join(dict.fromkeys(dtypes))]), *([only] if only else [])]
    code = "; ".join(line for line in instead.splitlines() if line.strip())
    return f"{because} ({'; '.join(facts)})" + (f". Write `{code}`" if code else "")


def _end(answer: Found, limit: int, checked_on: Mapping[str, str]) -> str:
    count = len(answer.rows)
    shown = f"{count} {'row' if count == 1 else 'rows'}" + (f", {limit} shown (--limit)" if count > limit else "")
    on = " and ".join(f"{_LIBRARY[name]} {version}" for name, version in checked_on.items())
    other = {name: versions.short(name) for name in checked_on if versions.short(name) != checked_on[name]}
    here = ", ".join(f"{name} {version}" for name, version in other.items())
    return f"{shown}; checked on {on}" + (f", not on what is here: {here}" if here else "")
