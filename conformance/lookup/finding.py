"""The rows that answer a question, the best first.

What counts, in this order: the very name; the same name of another module or array; the name of an argument; a part of
a name; words of the section, the id, the note, the differences. A name counts for more where it is the outermost of
its expression, and a short expression for more than a long one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance.lookup.asking import SIDES, Term, asked, method_of, of_form
from conformance.lookup.meaning import joined, meant
from conformance.lookup.phrases import phrased

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.lookup.index import Index

    Record = dict[str, Any]

_ALIKE, _VERY, _SAME, _ARGUMENT, _PART = 600.0, 1000.0, 700.0, 500.0, 200.0
_OUTERMOST, _LATER, _LONG, _PROGRAM = 100.0, 15.0, 0.5, 150.0
_WORDS: Final = (("id", 60.0), ("section", 60.0), ("note", 40.0), ("differences", 30.0))
_DIFFERENCE: Final = 1.5
_MOST_DIFFERENCES: Final = 4
_TRAP: Final = 120.0
_LEAST: Final = 3
"""Letters of a term that may be a part of a name."""
_ENOUGH: Final = 0.45
"""The share of the best row's score that a row must have to be an answer."""


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """An argument that is asked for, what it is called in the other library, and of which functions."""

    asked: str
    side: str
    other: str
    functions: tuple[str, ...]


@dataclass(kw_only=True)
class Found:
    """The answer: rows in order, arguments that are called otherwise, and what is to be said of terms not found."""

    rows: list[Record] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    side: str = "torch"


def found(question: str, index: Index) -> Found:
    """Return what the rows say of ``question``."""
    what = asked(question)
    answer = Found()
    terms = [
        term
        for one in joined(phrased(what.terms), index.rows)
        if (term := _known(one, index, answer.notes)) is not None
    ]
    sides = [side for side in SIDES if side != what.wanted or any(term.side == side for term in terms)]
    scored = _scored(terms, index.rows, sides, what.form)
    best = max((score for score, _ in scored), default=0.0)
    answer.rows = _merged([one for one in scored if one[0] >= best * _ENOUGH])
    answer.side = next((term.side for term in terms if term.side), "numpy" if what.wanted == "torch" else "torch")
    answer.renamed = [one for term in terms for one in _renamed(term, index.rows, sides)]
    return answer


def _known(term: Term, index: Index, notes: list[str]) -> Term | None:
    return term if any(strength(term, row, SIDES) for row in index.rows) else meant(term, index, notes)


def _merged(scored: Iterable[tuple[float, Record]]) -> list[Record]:
    """Return the rows, the best first, one for those with the same two expressions: what each says is said of it.

    Of those that count alike, one with few differences comes first.
    """
    by_text: dict[tuple[str, str], Record] = {}
    scores: dict[tuple[str, str], float] = {}
    for score, row in sorted(scored, key=lambda one: -one[0]):
        scores.setdefault((row["torch"], row["numpy"]), score)
        first = by_text.setdefault((row["torch"], row["numpy"]), {**row, "ids": [], "differences": []})
        first["ids"].append(row["id"])
        first["differences"] += [one for one in row.get("differences", ()) if one not in first["differences"]]
    for key, row in by_text.items():
        scores[key] -= _DIFFERENCE * min(len(row["differences"]), _MOST_DIFFERENCES)
    return sorted(by_text.values(), key=lambda row: -scores[row["torch"], row["numpy"]])


def _scored(
    terms: Sequence[Term], rows: Sequence[Record], sides: Sequence[str], form: str | None
) -> list[tuple[float, Record]]:
    """Return the rows that one of the terms meets, or that are of the ``form`` asked for, each with what that counts.

    A row that meets all terms comes before one that meets some.
    """
    weights = []
    for term in terms:
        strengths = [strength(term, row, sides) for row in rows]
        rare = math.log(len(rows) / (1 + sum(s > 0 for s in strengths))) / math.log(max(len(rows), 2))
        weights.append([s * (0.5 + max(rare, 0) / 2) if s < _PART else s for s in strengths])
    met = [(sum(s), sum(one > 0 for one in s) / len(s)) for s in zip(*weights, strict=True)] or [(0.0, 0.0)] * len(rows)
    alike = [_ALIKE * sum(of_form(row[side]) == form for side in sides) if form else 0.0 for row in rows]
    sums = [
        max(total * share**3 + more - (_TRAP if total and _is_a_trap(row) else 0), min(total, 1.0))
        for (total, share), more, row in zip(met, alike, rows, strict=True)
    ]
    return [(total, row) for total, row in zip(sums, rows, strict=True) if total > 0]


def _is_a_trap(row: Record) -> bool:
    """Tell whether a row is of what is spelt alike and not the same, differs always, or is refused of float32.

    Another one says what to write.
    """
    differences = row.get("differences", ())
    spelt_alike = row["torch"] == row["numpy"] and any("instead" in d and "dtypes" not in d for d in differences)
    always = [one for one in differences if not {"when", "aspect"} & one.keys()]
    refused = (one for one in always if str(one.get("torch")).startswith("raises"))
    return spelt_alike or any("dtypes" not in one for one in always) or any(map(_holds_float32, refused))


def _holds_float32(difference: Record) -> bool:
    return "float16–64" in difference["dtypes"] or "float32" in difference["dtypes"]


def strength(term: Term, row: Record, sides: Sequence[str]) -> float:
    """Return how much ``row`` says of ``term``."""
    own = [term.side] if term.side else list(sides)
    named = max((_of_names(term, row["names"].get(side, ()), row[side]) for side in own), default=0.0)
    if named >= _SAME / 2:
        return named
    argument = _ARGUMENT - len(row["torch"]) * _LONG if term.name in _arguments(row, own) else 0.0
    return max(named, argument) or _of_words(term, row)


def _of_names(term: Term, names: Sequence[str], text: str) -> float:
    best = 0.0
    for place, name in enumerate(names):
        found = _of_name(term, name)
        if found:
            best = max(best, found + (_OUTERMOST if place == 0 else -_LATER * min(place, 9)))
    program = _PROGRAM if "\n" in text else 0.0
    return max(best - len(text) * _LONG - program - 3 * len(names), 1.0) if best else 0.0


def _of_name(term: Term, name: str) -> float:
    """Return how well ``name``, a whole one, is what a term asks for."""
    if name == term.name or (term.method and method_of(name) == term.name):
        return _VERY
    last = name.rpartition(".")[2] or name
    if not term.side and not term.method and (last == term.name or name.endswith(f".{term.name}")):
        return _VERY
    if last.lower() == term.last.lower():
        return _SAME
    word = term.name.lower()
    return _PART if len(word) >= _LEAST and not term.side and not term.method and word in last.lower() else 0.0


def _arguments(row: Record, sides: Iterable[str]) -> Iterator[str]:
    for side in sides:
        yield from row.get("keywords", {}).get(side, ())
        yield from (four[SIDES.index(side)] for four in row.get("arguments", ()))


def _of_words(term: Term, row: Record) -> float:
    if term.method or not term.name.isidentifier():
        return 0.0
    word = re.compile(rf"(?<![a-z]){re.escape(term.name.lower().removesuffix('s'))}")
    return max((weight for name, weight in _WORDS if word.search(_text(row, name))), default=0.0)


def _text(row: Record, name: str) -> str:
    if name == "differences":
        told = (f"{one['because']} {one.get('instead', '')}" for one in row.get(name, ()))
        return " ".join(told).lower()
    return str(row.get(name) or "").lower()


def _renamed(term: Term, rows: Iterable[Record], sides: Sequence[str]) -> Iterator[Renamed]:
    """Yield what an argument is called in the other library, the most common first, if it is called otherwise."""
    for side in sides if not term.side and not term.method else ():
        here = SIDES.index(side)
        uses: dict[str, dict[str, None]] = {}
        for four in (four for row in rows for four in row.get("arguments", ()) if four[here] == term.name):
            uses.setdefault(four[1 - here], {})[four[3 - here]] = None
        for other, functions in sorted(uses.items(), key=lambda one: -len(one[1])):
            if other != term.name:
                yield Renamed(asked=term.name, side=side, other=other, functions=tuple(functions))
