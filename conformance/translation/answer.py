"""The answer to a question: whether both expressions mean the same, where they part if they do not, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import arbiter, batches, literals, reference, render, state, versions
from conformance.evaluate import HarnessError, Refusal, call, functions, numpy_inputs
from conformance.judge import Judge
from conformance.minimise import minimised
from conformance.translation import matching, regions, values
from conformance.translation.effort import Growth
from conformance.translation.exceptions import Failing, exceptions
from conformance.translation.regions import RegionTally

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from conformance.case import Case, Difference
    from conformance.tally import Finding
    from conformance.translation.matching import Known
    from conformance.translation.question import Question

    Record = dict[str, Any]

EQUIVALENT: Final = "equivalent"
EXCEPT: Final = "equivalent except"
NOT: Final = "not equivalent"
UNKNOWN: Final = "not judged"

_TRIED_AFTERWARDS: Final = ("int64", "bool")
_SEED: Final = 0
_NUMBERS: Final = re.compile(r"\[[^\]]*\]?|\d[\d.,e+-]*")
_MEASURED: Final = 60
_MOST_TOLD: Final = 4
_FEW: Final = 3
"""Random structures on which a suggestion is tried."""
_ORDER: Final = ("error", "shape", "dtype", "value", "inputs after", "memory")


@dataclass(kw_only=True)
class Answer:
    """What came out, as plain data: see :func:`record`."""

    verdict: str = EQUIVALENT
    regions: tuple[str, ...] = ()
    inputs: dict[str, int] = field(default_factory=dict)
    worst: dict[str, str] = field(default_factory=dict)
    counterexample: Record | None = None
    examples: list[Record] = field(default_factory=list)
    because: list[Record] = field(default_factory=list)
    means: list[Record] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def answered(question: Question, present: Sequence[str]) -> Record:
    """Return the record of the answer to ``question``. Raises CaseError where it cannot be asked."""
    case = question.case()
    answer = Answer()
    judges: dict[str, Judge] = {}
    with state.guarded(question.device) as warned:
        try:
            dtypes = question.dtypes if case.unit_dtypes() != ("-",) else ("-",)
            values.ask_for_values(case, dtypes[0], question, present, _SEED)
            for dtype in dtypes:
                judges[dtype] = _judged(case, dtype, question, present)
            _decide(answer, judges, question)
        except HarnessError as error:
            answer.verdict, answer.notes = UNKNOWN, [str(error)]
        answer.notes += [*values.turned_round(case), *values.left_out(case), *_warnings(warned)]
    return record(question, case, answer)


def _warnings(warned: Collection[str]) -> list[str]:
    """Return a note on each kind of warning; those that differ in numbers alone are of one kind."""
    kinds: dict[str, list[str]] = {}
    for text in sorted(warned):
        kinds.setdefault(_NUMBERS.sub("#", text), []).append(text)
    alike = (f" (and {len(texts) - 1} like it)" if len(texts) > 1 else "" for texts in kinds.values())
    return [f"warning: {texts[0]}{more}" for texts, more in zip(kinds.values(), alike, strict=True)]


def _judged(case: Case, dtype: str, question: Question, present: Sequence[str]) -> Judge:
    tally = RegionTally()
    judge = Judge(
        case=case,
        dtype=dtype,
        device=question.device,
        functions=functions(case, question.device, present),
        declared=(),
        present=present,
        tally=tally,
    )
    growth = Growth()
    for batch in batches.batches(case, dtype, _SEED, question.budget):
        if not (batch.structure.spoilt or tally.hopeless(batch.structure) or growth.leaves_out(judge, batch)):
            before = tally.ran
            judge.judge(batch)
            tally.judged(batch.structure, before)
        if tally.parts_anywhere(question.strict):
            break  # no name will say where
    return judge


def _counts(finding: Finding, question: Question) -> bool:
    return regions.counts(finding.signature.check, question.strict)


def _decide(answer: Answer, judges: dict[str, Judge], question: Question) -> None:
    """Say what the judges found, the worst first."""
    for dtype, judge in judges.items():
        answer.inputs[dtype] = judge.tally.inputs
        others = [f for f in judge.tally.findings.values() if not _counts(f, question)]
        answer.notes += [f"{dtype}: {f.signature.check}: {f.headline}" for f in others]
    failing = [
        Failing(judge, f) for judge in judges.values() for f in judge.tally.findings.values() if _counts(f, question)
    ]
    hardly = [(d, j) for d, j in judges.items() if not j.tally.findings and j.tally.ran * 2 < j.tally.ought]
    if failing:
        judge, finding = min(failing, key=lambda one: _ORDER.index(one.finding.signature.check))
        if finding.signature.check == "value" and (why := values.of_chance(judge, finding.batch)) is not None:
            answer.verdict = UNKNOWN
            answer.notes.append(why)
            return
        smallest = Failing(judge, minimised(judge, finding, _SEED))
        found = exceptions(failing, smallest, _SEED)
        answer.regions = tuple(found)
        answer.verdict = EXCEPT if found else NOT
        answer.examples = [{"region": region, **_example(*one, question)} for region, one in found.items()]
        _explain(answer, *next(iter(found.values()), smallest), question)
    elif hardly:
        dtype, judge = hardly[0]
        answer.verdict = UNKNOWN
        words, _ = next(values.refusals(judge, _SEED, question.budget), ("", {}))
        told = f"{dtype}: only {judge.tally.ran} of {judge.tally.ought} inputs gave a value on both sides{words}"
        answer.notes.append(f"{told}: say with --given which inputs are meant")
    else:
        answer.worst = {dtype: words for dtype, judge in judges.items() if (words := _worst(judge, question))}


def _explain(answer: Answer, judge: Judge, finding: Finding, question: Question) -> None:
    """Add the counterexample, what our rows say of either expression, and which of their differences explain it."""
    answer.counterexample = _example(judge, finding, question)
    (args,) = finding.batch.args
    (out,) = call(judge.functions.numpy, numpy_inputs(finding.batch), "the NumPy expression")
    named = dict(zip(judge.case.inputs, args, strict=True))
    out = None if isinstance(out, Refusal) else out
    found = matching.known(judge.case.torch, judge.case.numpy, matching.rows())
    both = [one for one in found if one.both and one.side == "torch"]
    told = [(one, d) for one in both for d in matching.differences(one, named, judge.dtype, question.device, out)]
    of_this = [(one, d) for one, d in told if d.aspect in (None, finding.signature.check)]
    answer.because = [_reason(one, difference) for one, difference in of_this[:_MOST_TOLD]]
    others = (one for one in found if not one.both and _holds(one, judge, question))
    answer.means = [{"side": one.side, "means": one.means, "case": one.case.id} for one in islice(others, _MOST_TOLD)]


def _example(judge: Judge, finding: Finding, question: Question) -> Record:
    """Return an input in which the sides part, what each gives there, and who is right."""
    value = finding.signature.check == "value"
    ruling = arbiter.ruling(judge, finding.batch, finding.place) if value else None
    cpu = reference.of(judge, finding)
    return {
        "check": finding.signature.check,
        "headline": finding.headline + (f"; {ruling.words()}" if ruling is not None else ""),
        "dtype": judge.dtype,
        "inputs": literals.inputs(finding.batch),
        "torch": finding.torch,
        "numpy": finding.numpy,
        "script": render.script(judge.case, finding.batch, question.device, finding.headline),
        **({"cpu_torch": cpu.words()} if cpu else {}),
    }


def _holds(one: Known, judge: Judge, question: Question) -> bool:
    """Tell whether a suggestion is true here: asked in the place of the side that it translates, it parts nowhere."""
    torch, numpy = (question.torch, one.means) if one.side == "torch" else (one.means, question.numpy)
    asked = replace(question, torch=torch, numpy=numpy, given=question.generators(), budget=_FEW)
    try:
        tally = _judged(asked.case(), judge.dtype, asked, judge.present).tally
    except Exception:  # noqa: BLE001 - whatever a suggestion raises, such as a tensor without data, it is none
        return False
    return isinstance(tally, RegionTally) and tally.ran > 0 and not tally.parts_anywhere(question.strict, ranks=False)


def _reason(one: Known, difference: Difference) -> Record:
    return {
        "case": one.case.id,
        "because": difference.because,
        "kind": difference.kind,
        "instead": matching.instead(difference, one),
        "upstream": difference.upstream,
    }


def _worst(judge: Judge, question: Question) -> str:
    """Say how far each side is from the truth at most, on some of the inputs; nothing where no truth is known."""
    made = batches.batches(judge.case, judge.dtype, _SEED, question.budget)
    some = (batch.only([0]) for batch in made if not batch.structure.spoilt and batch.count)
    rulings = [found for batch in islice(some, _MEASURED) if (found := arbiter.ruling(judge, batch)) is not None]
    if not rulings:
        return ""
    worst = replace(
        rulings[0],
        torch=max(one.torch for one in rulings if np.isfinite(one.torch)),
        numpy=max(one.numpy for one in rulings if np.isfinite(one.numpy)),
    )
    return worst.errors()


def afterwards(question: Question, present: Sequence[str]) -> list[str]:
    """Return a note on each further dtype in which the sides part, or only one takes the inputs."""
    case = question.case()
    further = [d for d in _TRIED_AFTERWARDS if d not in question.dtypes and case.unit_dtypes() != ("-",)]
    with state.guarded(question.device):
        try:
            return [note for dtype in further if (note := _noted(case, dtype, question, present))]
        except HarnessError as error:
            return [str(error)]


def _noted(case: Case, dtype: str, question: Question, present: Sequence[str]) -> str:
    tally = _judged(case, dtype, question, present).tally
    found = next(iter(tally.findings.values()), None)
    if found is not None:
        return f"{dtype}: {found.signature.check}: {found.headline}"
    who, other = ("PyTorch", "NumPy") if tally.torch_only > tally.numpy_only else ("NumPy", "PyTorch")
    one_sided = tally.torch_only + tally.numpy_only
    if not one_sided:
        return ""
    return (
        f"{dtype}: only {who} takes it" if not tally.ran else f"{dtype}: {other} refuses some inputs that {who} takes"
    )


def record(question: Question, case: Case, answer: Answer) -> Record:
    """Return the answer as plain data, what was asked with it."""
    return {
        "torch": case.torch.text,
        "numpy": case.numpy.text,
        "given": {name: str(given) for name, given in case.inputs.items()},
        "inferred": [name for name in case.inputs if name not in question.given],
        "tolerance": str(case.tolerance),
        "device": question.device,
        "versions": {name: versions.installed(name) for name in ("torch", "numpy")},
        "verdict": answer.verdict,
        "regions": list(answer.regions),
        "inputs": answer.inputs,
        "worst": answer.worst,
        "counterexample": answer.counterexample,
        "examples": answer.examples,
        "because": answer.because,
        "means": answer.means,
        "notes": answer.notes,
    }
