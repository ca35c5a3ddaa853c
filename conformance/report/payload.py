"""The records of a run as the page holds them: each text and each repeated structure once, made for `page/data.js`.

A text is the place that it has in `texts`, a list of texts the place in `lists`. What the page can say in words is said
here, where it is tested without a browser; the page lays it out, filters and sorts it.
"""

from __future__ import annotations

import re
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from conformance import records
from conformance.report import marks, view
from conformance.report.cheatsheet import summarise
from conformance.report.packing import Table
from conformance.report.proofs import Proofs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.report.benchmarks import Bench
    from conformance.report.findings import Finding
    from conformance.report.pairs import Table as Pairs

ELSEWHERE: Final = "Measured, but not among the units of this run"
_LONGEST: Final = 100


class Anchors:
    """Hands out the names of places on the page: readable, the same in every rendering, each only once."""

    def __init__(self) -> None:
        """Start with none taken."""
        self._taken: set[str] = set()

    def take(self, text: str) -> str:
        """Return a name for a text, numbered if it is taken; it holds no character that needs quoting."""
        stem = re.sub(r"[^A-Za-z0-9_./-]+", "-", text)[:_LONGEST]
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken.add(name)
        return name


# Keyed by identity: two records of one unit are equal, yet each needs a place of its own.
def anchors(parts: Iterable[view.Section]) -> dict[int, str]:
    """Return the name of the place of each case and each of its units."""
    taken = Anchors()
    named: dict[int, str] = {}
    for part in parts:
        for case in part.cases:
            named[id(case)] = taken.take(case.id)
            named |= {id(unit): taken.take(case.name(unit)) for unit in case.units}
    return named


class Payload:
    """Collects everything that the page shows on demand."""

    def __init__(self, named: Mapping[int, str]) -> None:
        """Start empty; ``named`` are the places of cases and units."""
        self._named = named
        self._texts = Table()
        self._lists = Table()
        self._verdicts = Table()
        for verdict in records.SEVERITY:
            self._verdicts.place(verdict)

    def of(
        self,
        parts: Sequence[view.Section],
        *,
        proven: Mapping[str, Proofs],
        benches: Mapping[str, Sequence[Bench]],
        found: Iterable[Finding],
        tables: Iterable[Pairs],
    ) -> dict[str, Any]:
        """Return all of it as plain data."""
        cases = [
            self._case(case, number, proven.get(case.id), benches.get(case.id, ()))
            for number, part in enumerate(parts)
            for case in part.cases
        ]
        made = {
            "sections": [self._text(part.name) for part in parts],
            "columns": [[self._text(device), self._list(dtypes)] for device, dtypes in columns(parts).items()],
            "cases": cases,
            "findings": {self._text(one.because): self._finding(one) for one in found},
            "pairs": [self._pairs(table) for table in tables],
        }
        looks = [marks.mark(str(verdict)) for verdict in self._verdicts.values]
        verdicts = [[mark.verdict, mark.letter, mark.style, mark.meaning, mark.failure] for mark in looks]
        return made | {"verdicts": verdicts, "lists": self._lists.values, "texts": self._texts.values}

    def _text(self, text: str) -> int:
        return self._texts.place(text)

    def _list(self, texts: Iterable[str]) -> int:
        return self._lists.place(tuple(map(self._text, texts)))

    def _pairs_of(self, texts: Mapping[str, str]) -> int:
        return self._list(text for pair in texts.items() for text in pair)

    def _case(self, case: view.Case, section: int, proven: Proofs | None, benches: Sequence[Bench]) -> dict[str, Any]:
        given = {
            "id": self._text(case.id),
            "anchor": self._text(self._named[id(case)]),
            "section": section,
            "where": self._text(f"{case.file or 'file not known'}{f':{case.line}' if case.line else ''}"),
            "torch": self._text(case.torch),
            "numpy": self._text(case.numpy),
            "note": self._text(case.note),
            "given": self._pairs_of(case.given),
            "arguments": self._pairs_of(case.arguments),
            "tolerance": self._text(case.tolerance),
            "claimed": self._text(summarise(case.claimed)),
            "differences": [self._difference(told) for told in case.differences],
            "warnings": self._pairs_of(case.warnings),
            "units": [self._unit(unit, self._named[id(case)]) for unit in case.units],
            "bench": [self._bench(line) for line in benches],
        }
        return {key: value for key, value in (given | self._proofs(proven or Proofs())).items() if value != []}

    def _difference(self, told: view.Difference) -> list[int]:
        parts = (told.because, told.kind, told.when, told.dtypes, told.aspect, told.torch, told.numpy, told.instead)
        return [*map(self._text, (*parts, told.upstream)), self._pairs_of(told.example)]

    def _unit(self, unit: view.Unit, case: str) -> list[Any]:
        seen = summed(unit)
        shape = tuple((self._list(names), self._verdicts.place(one.verdict)) for names, one in seen)
        fixed = (self._text(unit.dtype), self._text(unit.device), self._verdicts.place(unit.verdict))
        counted = [(self._text(name), count) for name, count in unit.counts.items() if count]
        counts = self._lists.place(tuple(name for name, _ in counted))
        numbers = [one.inputs for _, one in seen]
        made = [*fixed, self._text(unit.reason), self._lists.place(shape), numbers, counts, [n for _, n in counted]]
        more = self._more(unit, case)
        return [*made, more] if more else made

    def _more(self, unit: view.Unit, case: str) -> dict[str, Any]:
        """Return what few units have; the place only where `page/data.js` would not work it out."""
        place = self._named[id(unit)]
        usual = "-".join(part for part in (case, unit.dtype.strip(view.NO_DTYPE), unit.device) if part)
        more = {
            "gradient": unit.gradient,
            "failures": [[self._text(text) for text in astuple(failure)] for failure in unit.failures],
            "place": place if place != usual else "",
            "trained": bool(unit.trajectory),
        }
        return {key: value for key, value in more.items() if value}

    def _bench(self, line: Bench) -> list[Any]:
        texts = (line.dtype, line.device, line.size, line.torch, line.numpy, line.ratio, line.spread)
        return [*map(self._text, texts), *(astuple(line.bar) if line.bar else ())]

    def _proofs(self, proven: Proofs) -> dict[str, Any]:
        tested, measured, repeated = proven.sensitivity, proven.accuracy, proven.consistency
        return {
            "sensitivity": [
                [self._text(one.device), self._text(one.figure), self._survivors(one.survivors), self._equal(one)]
                for one in tested
            ],
            "accuracy": [
                [self._text(one.dtype), self._text(one.device), self._list(one.cells), int(one.exceeds)]
                for one in measured
            ],
            "consistency": [
                [self._text(one.device), self._text(one.figure), [self._list(astuple(d)) for d in one.disagreements]]
                for one in repeated
            ],
        }

    def _survivors(self, survivors: Iterable[Any]) -> list[int]:
        return [self._list((one.outcome or "not killed", one.mutant, one.detail)) for one in survivors]

    def _equal(self, one: Any) -> list[int]:
        return [self._list((reason or "no reason given", *mutants)) for reason, mutants in one.equivalent.items()]

    def _finding(self, one: Finding) -> int:
        shown = one.first.shown
        return self._list("" if shown.get(key) is None else str(shown[key]) for key in ("script", *_SIDES))

    def _pairs(self, table: Pairs) -> dict[str, Any]:
        operands = table.operands
        places = {name: place for place, name in enumerate(name for names in operands.values() for name in names)}
        told = [
            [places[x], places[y], *map(self._text, (cell.mark, cell.style, cell.title))]
            for (x, y), cell in table.cells.items()
            if x in places and y in places
        ]
        heads = (table.id, table.torch, table.numpy)
        counts = [table.agree, table.differ]
        kinds = [[self._text(kind), self._list(map(after_kind, names))] for kind, names in operands.items()]
        return {"head": self._list(heads), "counts": counts, "kinds": kinds, "cells": told}


_SIDES: Final = ("torch", "numpy", "truth")


def columns(parts: Iterable[view.Section]) -> dict[str, tuple[str, ...]]:
    """Return, for each device of any section, all dtypes from bool to complex."""
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for device, dtypes in part.columns.items():
            found.setdefault(device, {}).update(dict.fromkeys(dtypes))
    return {device: view.sort_dtypes(dtypes) for device, dtypes in found.items()}


def elsewhere(ids: Iterable[str]) -> view.Section:
    """Return a section of cases that were measured or timed, and of which the run has no unit."""
    nothing: dict[str, Any] = dict.fromkeys(("file", "torch", "numpy", "note", "tolerance"), "")
    nothing |= {"line": 0, "given": {}, "arguments": {}, "claimed": (), "differences": (), "units": ()}
    cases = tuple(view.Case(id=name, section=ELSEWHERE, **nothing) for name in dict.fromkeys(ids))
    return view.Section(name=ELSEWHERE, cases=cases)


def summed(unit: view.Unit) -> list[tuple[tuple[str, ...], view.Seen]]:
    """Return checks and differences to be told: those that agree on equally many inputs in one, the others first."""
    agreeing: dict[int | None, list[str]] = {}
    for check in unit.checks:
        if check.verdict == records.AGREES:
            agreeing.setdefault(check.inputs, []).append(check.name)
    others = [seen for seen in (*unit.checks, *unit.differences) if seen.verdict != records.AGREES]
    merged = [view.Seen(name=", ".join(names), verdict=records.AGREES, inputs=n) for n, names in agreeing.items()]
    each = (*((one.name,) for one in others), *map(tuple, agreeing.values()))
    return list(zip(each, (*others, *merged), strict=True))


def after_kind(operand: str) -> str:
    """Return an operand of a pair without its kind, which stands above it."""
    return operand.partition(" ")[2]
