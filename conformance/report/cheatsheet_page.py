"""The cheat sheet as one page to search, from either library: `cheatsheet.html`, which needs no network.

It is a plain table that can be read and printed as it is; the scripts in `page/` only search it, turn it round and
remember the theme. The rows, and what is said of them, are those of `cheatsheet.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.report import places, standing, templates
from conformance.report.cheatsheet import opening, slugs
from conformance.report.dtypes import summarise
from conformance.report.grouping import sections
from conformance.report.twins import told_apart
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.records import Run
    from conformance.report.standing import Verified
    from conformance.report.view import Case, Difference, Section

SCRIPTS: Final = ("dom", "theme", "ranking", "cheatsheet")
"""The files in `page/`, in the order in which the page has them."""


def page(*runs: Run) -> str:
    """Return the whole page."""
    parts, told = sections(*runs), standing.verified(*runs)
    anchors = places.anchors(parts, [run.label for run in told])
    return (
        templates.environment()
        .get_template("cheatsheet.html.j2")
        .render(
            told=told,
            opening=opening(told, parts, bold="bold") if parts else "No case was run.",
            sections=[
                (part.name, slug, _rows(part, anchors, told))
                for part, slug in zip(parts, slugs(part.name for part in parts), strict=True)
            ],
            total=plural(sum(len(part.cases) for part in parts), "row"),
            scripts=[f"{name}.js" for name in SCRIPTS],
        )
    )


def _rows(part: Section, anchors: Mapping[int, str], told: Sequence[Verified]) -> list[dict[str, Any]]:
    apart = told_apart(part.cases)
    return [_row(case, anchors, told) | {"apart": apart.get(case.id, "")} for case in part.cases]


def _row(case: Case, anchors: Mapping[int, str], told: Sequence[Verified]) -> dict[str, Any]:
    """Return a row as the template has it."""
    # A verified row that parts in another run is verified on the versions of those that it does not part in.
    parting = list(standing.parting(case, told))
    apart = {label for label, _ in parting}
    return {
        "id": case.id,
        "anchor": anchors[id(case)],
        "torch": case.torch,
        "numpy": case.numpy,
        "arguments": case.renamed,
        "standing": standing.of_case(case),
        "versions": standing.on_versions([run for run in told if run.label not in apart]),
        "note": case.note,
        "parting": parting,
        "differences": [(one.because, one.kind, one.instead, _facts(one), one.upstream) for one in case.differences],
    }


def _facts(told: Difference) -> list[tuple[str, str, bool]]:
    """Return what more there is to say of a difference: the name, the text, and whether it is code."""
    facts = (
        ("when", told.when, True),
        ("only", summarise(filter(None, told.dtypes.split(", "))), False),
        ("only the", told.aspect, False),
        ("PyTorch", told.torch, True),
        ("NumPy", told.numpy, True),
    )
    return [fact for fact in facts if fact[1]]
