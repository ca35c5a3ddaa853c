"""The words for verdicts, their order, and what they mean for the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

Record = Mapping[str, Any]

AGREES: Final = "agrees"
DIFFERS_AS_DECLARED: Final = "differs as declared"
DIFFERS: Final = "differs"
DIFFERENCE_GONE: Final = "difference gone"
CHANGED: Final = "changed"
TORCH_ONLY: Final = "torch only"
NUMPY_ONLY: Final = "numpy only"
BOTH_REFUSE: Final = "both refuse"
HARDLY_RAN: Final = "hardly ran"
CRASHED: Final = "crashed"
BROKEN: Final = "broken"
NOT_JUDGED: Final = "not judged"
NOT_RUN: Final = "not run"
AS_EXPECTED: Final = "fails as expected"

MEANINGS: Final[Mapping[str, str]] = {
    NOT_JUDGED: "the check does not apply, or the difference shows on another device or CPU",
    AGREES: "both sides did the same on every input",
    DIFFERS_AS_DECLARED: "they differ exactly where and how the case says",
    BOTH_REFUSE: "outside the dtypes claimed, neither side accepts the inputs",
    NUMPY_ONLY: "outside the dtypes claimed, only NumPy accepts a tenth or more of the inputs",
    TORCH_ONLY: "outside the dtypes claimed, only PyTorch accepts a tenth or more of the inputs",
    # Above the verdicts that say what was seen: a unit of which a part did not run has not passed.
    NOT_RUN: "nothing was run, for the reason given",
    AS_EXPECTED: "a failure that the file of expected failures names, with its reason",
    CHANGED: "a difference new or gone on versions other than the pinned ones: news, not a failure",
    HARDLY_RAN: "under half of the inputs gave a value on both sides",
    DIFFERENCE_GONE: "the example of a declared difference no longer differs",
    DIFFERS: "a difference that nobody declared, or not as declared",
    CRASHED: "the process died, or ran past its time limit",
    BROKEN: "the case itself is wrong: its syntax, a name, a condition",
}

SEVERITY: Final = tuple(MEANINGS)
"""Every verdict, the mildest first; reports keep this order too, and show the meanings as their legend."""

FAILURES: Final = frozenset({DIFFERS, DIFFERENCE_GONE, HARDLY_RAN, CRASHED, BROKEN})

RANK: Final[Mapping[str, int]] = {verdict: rank for rank, verdict in enumerate(SEVERITY)}
"""How severe each verdict is."""


def is_failure(verdict: str) -> bool:
    """Whether a verdict makes a run fail; one that this version does not know is not taken for a pass."""
    return verdict in FAILURES or verdict not in RANK


def worst(verdicts: Iterable[str]) -> str:
    """Return the most severe verdict; one that this version does not know counts as more severe than any.

    Raises ValueError if there is none at all, which must not pass for a mild one.
    """
    return max(verdicts, key=lambda verdict: RANK.get(verdict, len(SEVERITY)))


def count_verdicts(units: Iterable[Record]) -> dict[str, int]:
    """Count unit records by verdict: only verdicts that occur, the mildest first."""
    counted = Counter(str(unit["verdict"]) for unit in units)
    return {v: counted.pop(v) for v in SEVERITY if v in counted} | dict(sorted(counted.items()))


def exit_status(verdicts: Iterable[str]) -> int:
    """Return the exit status for the verdicts of all units: 0 as expected, 1 failure, 3 broken case, 5 no unit."""
    seen = set(verdicts)
    broken = 3 if BROKEN in seen else int(any(map(is_failure, seen)))
    return broken if seen else 5
