"""What is concluded of a unit: the verdict of each check and of each declared difference, and the one over all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance import batches, literals, render, surroundings, versions
from conformance.case import Crashes, Raises
from conformance.examples import batch_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Difference
    from conformance.differences import Declared
    from conformance.examples import Examined
    from conformance.judge import Judge
    from conformance.tally import Tally

    Record = dict[str, Any]

_TOO_FEW_TO_TELL: Final = 16
_FEW: Final = 0.1
"""Of the inputs in a dtype not claimed, how many one side alone may take before it is said that it alone has it.

Half would call `flip` of uint16, which takes nothing but empty tensors, agreement, and waver with the seed. None would
call a dtype that both refuse, but for the empty tensors that one of them does not look at, that side's alone."""


def of_check(check: str, tally: Tally, judge: Judge) -> Record:
    """Return the verdict of one check, and on how many inputs."""
    inputs = tally.checked[check]
    if any(s.check == check for s in tally.findings):
        verdict = "differs" if versions.is_pinned() else "changed"
    elif inputs == 0:
        verdict = "not judged"
    elif any(tally.met[d.number] and _concerns(d.difference) == check for d in judge.declared):
        verdict = "differs as declared"
    else:
        verdict = "agrees"
    return {"verdict": verdict, "inputs": inputs}


def _concerns(difference: Difference) -> str:
    """Return the check in which a difference shows."""
    if difference.aspect is not None:
        return difference.aspect
    raises = isinstance(difference.torch, Raises | Crashes) or isinstance(difference.numpy, Raises)
    return "error" if raises else "value"


def of_difference(examined: Examined, judge: Judge, shown: Callable[[Declared], Record]) -> Record:
    """Return a declared difference as a record has it; ``shown`` gives the evidence of a bug."""
    difference = examined.declared.difference
    verdict = "not judged" if examined.elsewhere else "differs as declared"
    if examined.gone:
        verdict = "difference gone" if versions.is_pinned() and surroundings.is_published() else "changed"
    return {
        **render.difference(difference, judge.case),
        "example": literals.inputs(batch_of(judge.case, difference.example, judge.dtype)),
        **({"finding": shown(examined.declared)} if _is_finding(examined) else {}),
        **({"cpu_torch": examined.on_cpu} if examined.on_cpu else {}),
        "verdict": verdict,
        "inputs": judge.tally.met[examined.declared.number],
    }


def _is_finding(examined: Examined) -> bool:
    return examined.declared.difference.kind == "bug" and not examined.elsewhere


def hardly_ran(judge: Judge, budget: int) -> bool:
    """Tell whether under half of the inputs gave a value on both sides, where all were to.

    Below the default budget a share of the plan runs, which may by chance hold more of what both sides refuse: there
    it takes less than a quarter, of sixteen inputs or more.
    """
    ran, ought = judge.tally.ran, judge.tally.ought
    if budget >= batches.DEFAULT_BUDGET:
        return judge.claimed and ran * 2 < ought
    return judge.claimed and ran * 4 < ought and ought >= _TOO_FEW_TO_TELL


def overall(verdicts: list[str], judge: Judge, budget: int) -> str:
    """Return the verdict of a unit, from those of its checks and differences."""
    from conformance.records import worst

    tally = judge.tally
    if judge.claimed:
        too_few = "hardly ran" if versions.is_pinned() else "changed"
        return worst([*verdicts, too_few if hardly_ran(judge, budget) else "agrees"])
    one_sided = {"torch only": tally.torch_only, "numpy only": tally.numpy_only}
    most = max(one_sided, key=lambda k: one_sided[k])
    if one_sided[most] > (tally.checked["value"] + one_sided[most] + tally.both_raise) * _FEW:
        return worst([*verdicts, most])
    return worst([*verdicts, "both refuse" if tally.both_raise and not tally.ran else "agrees"])


def why(verdict: str, judge: Judge, budget: int) -> str | None:
    """Return the reason of a verdict that no check gives: too few values, which on other versions is news."""
    if verdict not in ("hardly ran", "changed") or not hardly_ran(judge, budget):
        return None
    tally = judge.tally
    return f"only {tally.ran} of {tally.ought} inputs gave a value on both sides; on {tally.both_raise} both raise"
