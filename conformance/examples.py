"""The example of each declared difference, executed in every run.

Three questions: is it as declared, is it still a difference at all, and does the expression to write instead give
NumPy's answer?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance import memory, reference, surroundings, versions
from conformance.case import Case, Crashes, Raises
from conformance.differences import Declared, regions
from conformance.evaluate import (
    Batch,
    Functions,
    HarnessError,
    Refusal,
    call,
    numpy_inputs,
    torch_inputs,
    torch_namespace,
)
from conformance.expression import parse
from conformance.inputs.given import given
from conformance.inputs.slots import Structure
from conformance.judge import Judge
from conformance.tally import Sides, Signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from conformance.case import Difference
    from conformance.inputs.slots import Slot


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What an example showed: whether the difference is gone, and whether its condition lets it show here at all.

    ``on_cpu`` says of a difference that is gone on another device what it is on the CPU, where that could be asked.
    """

    declared: Declared
    gone: bool
    elsewhere: bool = False
    on_cpu: str | None = None


def batch_of(case: Case, example: Mapping[str, Any], dtype: str) -> Batch:
    """Return the batch of one fill that holds the values of ``example`` in a unit of ``dtype``."""
    slots: dict[str, Slot] = {}
    blocks: list[np.ndarray] = []
    for name, generator in case.inputs.items():
        slots[name], made = given(generator, example[name], dtype)
        blocks += made
    return Batch(structure=Structure(slots=slots, trace=()), blocks=blocks, dtype=dtype, count=1)


def examine(judge: Judge, one: Declared) -> Examined:
    """Judge the example of ``one``; failures go to the judge's tally.

    Raises HarnessError for an example outside of ``when``, on the pinned pair; elsewhere such a difference is gone.
    """
    difference = one.difference
    batch = batch_of(judge.case, difference.example, judge.dtype)
    if not _is_inside(judge, one, batch):
        elsewhere = _speaks_of_where(one)
        return Examined(declared=one, gone=not elsewhere, elsewhere=elsewhere)
    if isinstance(difference.torch, Crashes):
        judge.crashing.append(batch)
        return Examined(declared=one, gone=False)
    judge.judge(batch)
    others = [other for other in judge.declared if other is not one]
    if not judge.claimed and _refuses(judge, batch):
        return Examined(declared=one, gone=False)
    if difference.aspect == "memory" and _hides_memory(judge, batch):
        return Examined(declared=one, gone=False, elsewhere=True)
    gone = _can_go(difference) and not _alone(judge, batch, judge.functions, others).tally.findings
    if difference.instead is not None:
        _examine_instead(judge, one, batch)
    return Examined(declared=one, gone=gone, on_cpu=reference.of_gone(judge, batch, others) if gone else None)


def _refuses(judge: Judge, batch: Batch) -> bool:
    """Tell whether torch refuses the example: in a dtype outside of the claim, it may refuse all there is."""
    (out,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    return isinstance(out, Refusal)


def _hides_memory(judge: Judge, batch: Batch) -> bool:
    """Tell whether the device keeps to itself where its results lie."""
    inputs = torch_inputs(batch, judge.device)
    (out,) = call(judge.functions.torch, inputs, "the torch expression")
    return not isinstance(out, Refusal) and memory.shared_with(out, inputs.stores) is None


def _can_go(difference: Difference) -> bool:
    """Where both refuse, the sides agree."""
    return not (isinstance(difference.torch, Raises) and isinstance(difference.numpy, Raises))


def _is_inside(judge: Judge, one: Declared, batch: Batch) -> bool:
    """Tell whether the example is inside its own condition; it must be, unless that speaks of where it runs."""
    outs = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    (region,) = regions([one], batch, judge.device, outs)
    if not region.key(0) and not _speaks_of_where(one) and versions.is_pinned():
        message = f"the example of {one.difference.because!r} is outside of its own when={one.difference.when!r}"
        raise HarnessError(message)
    return region.key(0)


def _speaks_of_where(one: Declared) -> bool:
    """Tell whether a condition speaks of where it runs, such as the device or what the CPU can do."""
    return bool(parse(one.difference.when or "None").names & set(surroundings.NAMES))


def _alone(judge: Judge, batch: Batch, functions: Functions, declared: Sequence[Declared]) -> Judge:
    strict = Judge(
        case=judge.case, dtype=judge.dtype, device=judge.device, functions=functions, declared=declared, strict=True
    )
    strict.judge(batch)
    return strict


def _examine_instead(judge: Judge, one: Declared, batch: Batch) -> None:
    text = str(one.difference.instead)
    label = f"<{judge.case.id} instead>"
    instead = parse(text).compile(list(judge.case.inputs), torch_namespace(judge.device, judge.present), label)
    functions = Functions(torch=instead, numpy=judge.functions.numpy)
    findings = _alone(judge, batch, functions, ()).tally.findings.values()
    for finding in findings:
        if finding.signature.check not in ("memory", "inputs after"):
            headline = f"instead={text!r} does not give NumPy's answer: {finding.headline}"
            words = Sides(headline=headline, torch=finding.torch, numpy=finding.numpy)
            judge.tally.report(Signature(check=finding.signature.check, kind=f"instead {text}"), batch, 0, words)
