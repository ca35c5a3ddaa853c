"""The page: one file that needs nothing else, neither the network nor JavaScript.

The template beside this module holds the words and the structure; here is what it cannot do itself: names of anchors,
marks of verdicts, and texts that may hold anything. Every text of a record is escaped by Jinja; only web addresses
become links, so that no record can bring a script onto the page.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance import records
from conformance.report import benchmarks, pairs, proofs, terminal, trajectories, view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.records import Record, Run

_LETTERS: Final = {
    records.NOT_JUDGED: "·",
    records.AGREES: "=",
    records.DIFFERS_AS_DECLARED: "D",
    records.BOTH_REFUSE: "R",
    records.NUMPY_ONLY: "N",
    records.TORCH_ONLY: "T",
    records.NOT_RUN: "–",
    records.AS_EXPECTED: "X",
    records.CHANGED: "C",
    records.HARDLY_RAN: "H",
    records.DIFFERENCE_GONE: "G",
    records.DIFFERS: "≠",
    records.CRASHED: "!",
    records.BROKEN: "B",
}
_STAMP: Final = ("torch", "numpy", "python", "hypothesis", "conformance", "platform", "cpu", "gpu", "blas", "threads")
_SETTINGS: Final = ("seed", "budget", "devices", "selection")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How a verdict looks: never by colour alone."""

    verdict: str
    letter: str
    style: str
    meaning: str
    failure: bool
    count: int


class Anchors:
    """Hands out the names of places on the page: readable, the same in every rendering, each only once."""

    def __init__(self) -> None:
        """Start with none taken."""
        self._taken: set[str] = set()

    def take(self, text: str) -> str:
        """Return a name for a text, numbered if it is taken; it holds no character that needs quoting."""
        stem = re.sub(r"[^A-Za-z0-9_./-]+", "-", text)[:100]
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}.{number}"
        self._taken.add(name)
        return name


def page(run: Run) -> str:
    """Return the whole page."""
    parts = view.sections(run)
    anchors = _anchors(parts)
    proven = proofs.by_case(run.proofs)
    tables = pairs.tables(run.proofs)
    template = _environment().get_template("report.html.j2")
    return template.render(
        **_head(run),
        sections=parts,
        legend=_legend(run),
        mark=functools.cache(_mark),
        attention=[*view.chosen(parts, records.is_failure), *view.chosen(parts, records.CHANGED.__eq__)],
        not_run=terminal.reasons_not_run(run.units),
        absent=terminal.absent_devices(run),
        benches=benchmarks.by_case(run.benches),
        bar_width=benchmarks.WIDTH,
        proofs=proven,
        proof_total=proofs.total(proven),
        trajectories=[(case, unit) for part in parts for case in part.cases for unit in case.units if unit.trajectory],
        pairs=tables,
        pair_rules=pairs.rules(tables),
        anchors=anchors,
        case_anchors={case.id: anchors[id(case)] for part in parts for case in part.cases},
    )


def _head(run: Run) -> dict[str, Any]:
    return {
        "complete": run.complete,
        "started": _plain(run.header.get("started")),
        "stamp": _described(run.header, _STAMP),
        "settings": _described(run.header, _SETTINGS),
        "units": len(run.units),
        "seconds": (run.footer or {}).get("seconds"),
    }


def _described(header: Record, keys: Sequence[str]) -> dict[str, str]:
    return {key: text for key in keys if (text := _plain(header.get(key)))}


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value)


def _legend(run: Run) -> list[Mark]:
    counts = records.count_verdicts(run.units)
    return [_mark(verdict, counts.get(verdict, 0)) for verdict in dict.fromkeys((*counts, *records.SEVERITY))]


def _mark(verdict: str, count: int = 0) -> Mark:
    return Mark(
        verdict=verdict,
        letter=_LETTERS.get(verdict, "?"),
        style="v-" + verdict.replace(" ", "-") if verdict in _LETTERS else "v-unknown",
        meaning=records.MEANINGS.get(verdict, "a verdict that this version does not know"),
        failure=records.is_failure(verdict),
        count=count,
    )


# Keyed by identity: two records of one unit are equal, yet each needs a place of its own.
def _anchors(parts: Sequence[view.Section]) -> dict[int, str]:
    taken = Anchors()
    named: dict[int, str] = {}
    for part in parts:
        named[id(part)] = taken.take(part.name)
        for case in part.cases:
            named[id(case)] = taken.take(case.id)
            named |= {id(unit): taken.take(case.name(unit)) for unit in case.units}
    return named


def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(prose=prose, weblink=weblink, number=number, counts=counts, told=told, key=id)
    made.filters["after_kind"] = after_kind
    made.filters["points"] = trajectories.path
    made.globals |= {"width": trajectories.WIDTH, "height": trajectories.HEIGHT}
    return made


def prose(text: str) -> Markup:
    """Escape a text, with what stands between backticks as code."""
    return Markup(re.sub("`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def weblink(address: str) -> Markup:
    """Return a link if the text is a web address; anything else, such as `javascript:`, only as text."""
    if not re.match(r"https?://\S+$", address):
        return escape(address)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)


def number(value: int | None) -> str:
    """Write a number with separators; nothing where there is none."""
    return "" if value is None else f"{value:,}"


def after_kind(operand: str) -> str:
    """Return an operand of a pair without its kind, which stands above it."""
    return operand.partition(" ")[2]


def told(unit: view.Unit) -> list[view.Seen]:
    """Return checks and differences to be told: those that agree on equally many inputs in one, the others first."""
    agreeing: dict[int | None, list[str]] = {}
    for check in unit.checks:
        if check.verdict == records.AGREES:
            agreeing.setdefault(check.inputs, []).append(check.name)
    others = (seen for seen in (*unit.checks, *unit.differences) if seen.verdict != records.AGREES)
    merged = (view.Seen(name=", ".join(names), verdict=records.AGREES, inputs=n) for n, names in agreeing.items())
    return [*others, *merged]


def counts(unit: view.Unit) -> str:
    """Say in a line how much was tried, without what did not occur."""
    return ", ".join(f"{count:,} {name}" for name, count in unit.counts.items() if count)
