"""The records of a run as the page holds them: each text and each repeated structure once, made for `page/data.js`.

A text is the place that it has in `texts`, a list of texts the place in `lists`. What the page can say in words is said
here, where it is tested without a browser; the page lays it out, filters and sorts it.
"""

from __future__ import annotations

from dataclasses import astuple
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from conformance import records
from conformance.report import marks, places, view
from conformance.report.dtypes import sort_dtypes, summarise
from conformance.report.packing import Table
from conformance.report.proofs import Proofs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.report.benchmarks import Bench, Timed
    from conformance.report.courses import Course
    from conformance.report.findings import Finding
    from conformance.report.pairs import Table as Pairs


_SIDES: Final = ("torch", "numpy", "truth")


Numbers = list[Any]


class Payload:
    """Collects everything that the page shows on demand."""

    def __init__(self, named: Mapping[int, str], labels: Sequence[str] = ("",)) -> None:
        """Start empty; ``named`` are the places of cases and units, ``labels`` those of the runs."""
        self._named = named
        self._labels = labels
        self._numbers = {label: number for number, label in enumerate(labels)}
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
        timed: Mapping[str, Timed],
        found: Iterable[Finding],
        tables: Iterable[Pairs],
    ) -> dict[str, Any]:
        """Return all of it as plain data."""
        cases = [
            self._case(case, number) | self._proofs(proven.get(case.id)) | self._timed(timed.get(case.id))
            for number, part in enumerate(parts)
            for case in part.cases
        ]
        found_columns = columns(parts, measured_in(proven, timed))
        made = {
            "sections": [self._text(part.name) for part in parts],
            "environments": [[self._text(label), self._text(places.clean(label))] for label in self._labels],
            "columns": [
                [self._numbers[label], self._text(device), self._list(dtypes)]
                for (label, device), dtypes in found_columns.items()
            ],
            "dtypes": self._list(sort_dtypes(dict.fromkeys(chain.from_iterable(found_columns.values())))),
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

    def _case(self, case: view.Case, section: int) -> dict[str, Any]:
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
            "otherwise": [[self._numbers[label], *map(self._text, both)] for label, both in case.otherwise.items()],
            "units": self._units(case),
        }
        return _filled(given)

    def _difference(self, told: view.Difference) -> list[int]:
        parts = (told.because, told.kind, told.when, told.dtypes, told.aspect, told.torch, told.numpy, told.instead)
        return [*map(self._text, (*parts, told.upstream)), self._pairs_of(told.example)]

    def _units(self, case: view.Case) -> list[list[Any]]:
        """Return the units of each run; one that is as in an earlier run is its number, with figures that are not.

        Runs have most in common, so that five beside one another are not five times as large.
        """
        grouped: list[list[Any]] = [[] for _ in self._labels]
        earlier: dict[tuple[str, str], tuple[int, Numbers]] = {}
        for number, unit in enumerate(case.units):
            made = self._unit(unit, self._named[id(case)])
            twin = earlier.setdefault((unit.dtype, unit.device), (number, made))
            grouped[self._numbers[unit.environment]].append(made if twin[0] == number else apart_from(made, *twin))
        while grouped and not grouped[-1]:
            grouped.pop()
        return grouped

    def _unit(self, unit: view.Unit, anchor: str) -> Numbers:
        seen = summed(unit)
        shape = tuple((self._list(names), self._verdicts.place(one.verdict)) for names, one in seen)
        fixed = (self._text(unit.dtype), self._text(unit.device), self._verdicts.place(unit.verdict))
        counted = [(self._text(name), count) for name, count in unit.counts.items() if count]
        counts = self._lists.place(tuple(name for name, _ in counted))
        numbers = [one.inputs for _, one in seen]
        made = [*fixed, self._text(unit.reason), self._lists.place(shape), numbers, counts, [n for _, n in counted]]
        more = self._more(unit, anchor)
        return [*made, more] if more else made

    def _more(self, unit: view.Unit, anchor: str) -> dict[str, Any]:
        """Return what few units have; the place only where `page/data.js` would not work it out."""
        place = self._named[id(unit)]
        more = {
            "gradient": unit.gradient,
            "failures": [[self._text(text) for text in astuple(failure)] for failure in unit.failures],
            "place": place if place != places.usual(anchor, unit, self._labels) else "",
            "trained": bool(unit.trajectory),
        }
        return {key: value for key, value in more.items() if value}

    def _timed(self, timed: Timed | None) -> dict[str, Any]:
        if timed is None:
            return {}
        return _filled(
            {"bench": list(map(self._bench, timed.lines)), "courses": list(map(self._course, timed.courses))}
        )

    def _bench(self, line: Bench) -> list[Any]:
        texts = (line.dtype, line.device, line.size, line.torch, line.numpy, line.ratio, line.spread, *line.moved)
        place = self._numbers[line.environment]
        return [place, *map(self._text, texts), *(astuple(line.bar) if line.bar else ())]

    def _course(self, one: Course) -> list[Any]:
        texts = (one.device, one.dtype, one.words)
        points = [(point.elements, point.ratio, int(point.told)) for point in one.points]
        return [self._numbers[one.environment], *map(self._text, texts), points, one.crossings]

    def _proofs(self, proven: Proofs | None) -> dict[str, Any]:
        held = proven or Proofs()
        tested, measured, repeated = held.sensitivity, held.accuracy, held.consistency
        made = {
            "sensitivity": [
                [*self._where(one), self._text(one.figure), self._survivors(one.survivors), self._equal(one)]
                for one in tested
            ],
            "accuracy": [
                [*self._where(one), self._text(one.dtype), self._list(one.cells), int(one.exceeds)] for one in measured
            ],
            "consistency": [
                [*self._where(one), self._text(one.figure), [self._list(astuple(d)) for d in one.disagreements]]
                for one in repeated
            ],
        }
        return _filled(made)

    def _where(self, one: Any) -> tuple[int, int]:
        return self._numbers[one.environment], self._text(one.device)

    def _survivors(self, survivors: Iterable[Any]) -> list[int]:
        return [self._list((one.outcome or "not killed", one.mutant, one.detail)) for one in survivors]

    def _equal(self, one: Any) -> list[int]:
        return [self._list((reason or "no reason given", *mutants)) for reason, mutants in one.equivalent.items()]

    def _finding(self, one: Finding) -> list[list[int]]:
        """Return what was shown, with the runs that showed it."""
        held: dict[int, list[int]] = {}
        for label, first in one.by_environment.items():
            shown = first.shown
            texts = self._list("" if shown.get(key) is None else str(shown[key]) for key in ("script", *_SIDES))
            held.setdefault(texts, []).append(self._numbers[label])
        return [[texts, *numbers] for texts, numbers in held.items()]

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


def _filled(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value != []}


def columns(
    parts: Iterable[view.Section], measured: Iterable[tuple[str, str, str]] = ()
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return, for each environment and device of any section, all dtypes from bool to complex.

    Those of an environment without units are what was ``measured`` in it: environment, device and dtype.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    units = [unit for part in parts for unit in part.units]
    have_units = {unit.environment for unit in units}
    of_units = ((unit.environment, unit.device, unit.dtype) for unit in units if unit.device or unit.dtype)
    for environment, device, dtype in (*of_units, *(one for one in measured if one[0] not in have_units)):
        found.setdefault((environment, device), {})[dtype] = None
    order = list(dict.fromkeys(label for label, _ in found))
    grouped = sorted(found.items(), key=lambda one: order.index(one[0][0]))
    return {where: sort_dtypes(dtypes) for where, dtypes in grouped}


def measured_in(proven: Mapping[str, Proofs], timed: Mapping[str, Timed]) -> list[tuple[str, str, str]]:
    """Return environment, device and dtype of all that the table can show as a figure."""
    found = [(one.environment, one.device, one.dtype) for of_it in timed.values() for one in of_it.lines]
    return [*found, *((one.environment, one.device, one.dtype) for it in proven.values() for one in it.accuracy)]


def apart_from(made: Numbers, number: int, twin: Numbers) -> int | Numbers:
    """Return a unit by the ``number`` of its ``twin`` in an earlier run, with its own figures where those differ."""
    if made == twin:
        return number
    figures = (5, 7)
    if len(made) != len(twin) or any(made[n] != twin[n] for n in range(len(made)) if n not in figures):
        return made
    return [number, *(made[n] for n in figures)]


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
