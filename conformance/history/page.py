"""The difference of two runs as a page: one file, without network, in the style of the report.

It can be read as it is; its script only searches it, unfolds it and leads to a change that an address names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conformance.history import declared, speed
from conformance.history.diff import extent, sections
from conformance.history.groups import grouped
from conformance.history.units import NEW_FAILURES, Kind
from conformance.report import marks, templates
from conformance.report.words import plural

if TYPE_CHECKING:
    from conformance.history.diff import Diff


def page(diff: Diff) -> str:
    """Return the whole page."""
    return (
        templates.environment(Path(__file__).parent)
        .get_template("diff.html.j2")
        .render(
            diff=diff,
            sides=(("OLD", diff.old), ("NEW", diff.new)),
            sections=sections(diff),
            extent=extent,
            grouped=grouped,
            plural=plural,
            failures=NEW_FAILURES,
            open_kinds={*NEW_FAILURES, Kind.OTHERWISE, Kind.FIXED},
            states=[(state, [one for one in diff.declared if one.state == state]) for state in declared.STATES],
            timings=[("Slower", diff.slower), ("Faster", diff.faster)],
            beyond=speed.BEYOND,
            mark=marks.mark,
            legend=_verdicts(diff),
        )
    )


def _verdicts(diff: Diff) -> list[str]:
    """Return the verdicts that stand on the page, by name."""
    entries = (one for _, _, held in sections(diff) for one in held)
    return sorted({verdict for one in entries for pair in one.pairs for verdict in pair if verdict})
