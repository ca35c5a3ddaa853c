"""The page: one file that needs nothing but a browser, and no network.

What a reader needs first stands in it as HTML, readable without JavaScript too: environment, verdicts, failures, counts
by section, findings, training and speed. The records of all cases come with it packed (`payload.py`), and the scripts
in `page/` unpack, filter and show them. Every text of a record is escaped by Jinja or set as text by the scripts; only
web addresses become links, so that no record can bring markup or a script onto the page.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance import records
from conformance.report import (
    benchmarks,
    findings,
    marks,
    packing,
    pairs,
    payload,
    proofs,
    terminal,
    trajectories,
    view,
)
from conformance.report.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.records import Record, Run

SCRIPTS: Final = ("dom", "data", "filter", "matrix", "record", "proofs", "pairs", "export", "keys", "main")
"""The files in `page/`, in the order in which the page has them."""

MOST_FAILURES: Final = 1000
"""Listed without JavaScript; a run in which everything fails would make a page that no browser opens."""

_STAMP: Final = ("torch", "numpy", "python", "hypothesis", "conformance", "platform", "cpu", "gpu", "blas", "threads")
_SETTINGS: Final = ("seed", "budget", "devices", "selection")


def page(run: Run) -> str:
    """Return the whole page."""
    parts = view.sections(run)
    found = findings.findings(run, parts)
    proven, benches = proofs.by_case(run.proofs), benchmarks.by_case(run.benches)
    known = {case.id for part in parts for case in part.cases}
    if strays := [name for name in (*proven, *benches) if name not in known]:
        parts = (*parts, payload.elsewhere(strays))
    named = payload.anchors(parts)
    tables = pairs.tables(run.proofs)
    data = payload.Payload(named).of(parts, proven=proven, benches=benches, found=found, tables=tables)
    attention = [*view.chosen(parts, records.is_failure), *view.chosen(parts, records.CHANGED.__eq__)]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **_head(run),
            data=packing.packed(data),
            scripts=[f"{name}.js" for name in SCRIPTS],
            words=WORDS,
            sections=[(part, Counter(unit.verdict for unit in part.units)) for part in parts],
            legend=(legend := _legend(run)),
            occurred=[mark for mark in legend if mark.count],
            mark=functools.cache(marks.mark),
            attention=attention[:MOST_FAILURES],
            unlisted=max(0, len(attention) - MOST_FAILURES),
            not_run=terminal.reasons_not_run(run.units),
            absent=terminal.absent_devices(run),
            findings=found,
            histograms=benchmarks.histograms(run.benches),
            proofs=proven,
            proof_total=proofs.total(proven),
            trajectories=[
                (case, unit) for part in parts for case in part.cases for unit in case.units if unit.trajectory
            ],
            pairs=tables,
            pair_rules=pairs.rules(tables),
            anchors=named,
            case_anchors={case.id: named[id(case)] for part in parts for case in part.cases},
        )
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


def _legend(run: Run) -> list[marks.Mark]:
    counts = records.count_verdicts(run.units)
    return [marks.mark(verdict, counts.get(verdict, 0)) for verdict in dict.fromkeys((*counts, *records.SEVERITY))]


def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "page")
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(prose=prose, weblink=weblink, key=id, points=trajectories.path)
    made.globals |= {"width": trajectories.WIDTH, "height": trajectories.HEIGHT}
    made.globals |= {"bar_width": benchmarks.WIDTH, "bar_height": benchmarks.TALL, "bar_step": benchmarks.STEP}
    return made


def prose(text: str) -> Markup:
    """Escape a text, with what stands between backticks as code."""
    return Markup(re.sub("`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def weblink(address: str) -> Markup:
    """Return a link if the text is a web address; anything else, such as `javascript:`, only as text."""
    if not re.match(r"https?://\S+$", address):
        return escape(address)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)
