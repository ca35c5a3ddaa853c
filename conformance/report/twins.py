"""Rows of a section that have the same two expressions: what tells one from another, in words.

Such rows differ in what they are given, Python numbers here and tensors there, which their expressions do not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.view import Case


def told_apart(cases: Sequence[Case]) -> dict[str, str]:
    """Return, for the id of each case that shares its expressions with another one, a sentence in Markdown on it.

    That is what it is given where the others are given something else, and its id.
    """
    grouped: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        if case.torch and case.numpy:
            grouped.setdefault((case.torch, case.numpy), []).append(case)
    return {case.id: _told(case, twins) for twins in grouped.values() if len(twins) > 1 for case in twins}


def _told(case: Case, twins: Sequence[Case]) -> str:
    own = {name: text for name, text in case.given.items() if any(other.given.get(name) != text for other in twins)}
    given = ", ".join(f"`{name}` from `{text}`" for name, text in own.items())
    return f"Row `{case.id}`{f', with {given}' if given else ''}."
