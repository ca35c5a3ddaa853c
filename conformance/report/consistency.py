"""Self-consistency as a table: what was compared of each case, how often bits differ, what disagrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tabulate import tabulate

from conformance.report.markdown import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.records import Record, Run

HEADERS: Final = ("case", "way", "variants", "elements", "other bits", "declared", "undeclared")
_FIGURES: Final = ("variants", "elements", "bits", "declared", "undeclared")
_WORDS: Final = (
    "PyTorch against itself: the same number alone and at each position of tensors around the lengths of vectors, in "
    "each layout, on one thread and two, with each CPU capability, twice. Counted are the elements compared and those "
    "whose bits differ; a disagreement is a difference beyond what the case allows, or of another class, such as "
    "infinite against finite. It is declared where a difference of the case says that the value is undefined there."
)


def line(record: Record) -> tuple[str, ...]:
    """Return the cells of one line of the table."""
    return str(record["id"]), str(record["way"]), *(_figure(record[name]) for name in _FIGURES)


def total(made: Sequence[Record]) -> tuple[str, ...]:
    """Return the line under the table."""
    return f"all {len(made)}", "", *(_figure(sum(record[name] for record in made)) for name in _FIGURES)


def _figure(count: int) -> str:
    return f"{count:,}" if count else ""


def sentence(case: str, kind: Mapping[str, Any]) -> str:
    """Return one kind of disagreement as a line."""
    status = "declared" if kind["because"] else "undeclared"
    given = "; ".join(f"{name} = {text}" for name, text in kind["inputs"].items())
    ulp = f", {kind['ulp']:g} ulp" if kind["ulp"] else ""
    return (
        f"{status}: {case} {kind['dtype']}: {kind['kind']}, {kind['count']} elements: {kind['got']} {kind['variant']}: "
        f"{kind['want']}{ulp}" + (f", for {given}" if given else "")
    )


def page(run: Run) -> str:
    """Return the table as Markdown, and under it each disagreement with its script."""
    made = [one for one in run.proofs if one["kind"] == "consistency"]
    ways = ", ".join(dict.fromkeys(way for one in made for way in one["capabilities"] if way)) or "one"
    head = [
        "# PyTorch against itself",
        "",
        f"PyTorch {run.header.get('torch')}, CPU capabilities: {ways}.",
        "",
        _WORDS,
        "",
    ]
    return "\n".join([*head, _table(made) if made else "Nothing was compared.", "", *_kinds(made)])


def _table(made: Sequence[Record]) -> str:
    rows = [[code(cells[0]), *cells[1:]] for cells in map(line, made)]
    return tabulate([*rows, total(made)], headers=HEADERS, tablefmt="github", disable_numparse=True)


def _kinds(made: Sequence[Record]) -> Iterator[str]:
    """Yield the disagreements, those that nobody declared first; of those of one difference one script is shown."""
    kinds = [(str(one["id"]), kind) for one in made for kind in one["disagreements"]]
    for title, status in (("Undeclared", False), ("Declared", True)):
        chosen = [(case, kind) for case, kind in kinds if bool(kind["because"]) == status]
        if chosen:
            yield from (f"## {title}", "")
        shown: set[object] = set()
        for case, kind in chosen:
            yield from (f"- {prose(sentence(case, kind).partition(': ')[2])}", "")
            if kind["script"] and (not status or kind["because"] not in shown):
                yield from ("  ```python", *(f"  {text}".rstrip() for text in kind["script"].splitlines()), "  ```", "")
            shown.add(kind["because"])
