"""Can every case fail? Each is run with mutants of its NumPy expression and faults in its torch side.

A mutant is *killed* where the case finds something, on the very inputs that it runs with otherwise. One that survives
says that the inputs are too weak, unless the table of equivalents, in ``equivalents.toml`` beside the case file, gives
the reason why it means the same. A fault that never got to change anything has survived, too: the inputs do not hold
what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import batches, state, versions
from conformance.case import Crashes
from conformance.differences import Declared, compile_differences
from conformance.evaluate import (
    Batch,
    Functions,
    HarnessError,
    Refusal,
    SideInputs,
    call,
    functions,
    numpy_inputs,
    torch_inputs,
)
from conformance.examples import batch_of
from conformance.expression import parse
from conformance.inputs.tensors import TensorInput
from conformance.judge import Judge
from conformance.proof.conditions import CONDITIONS, Condition
from conformance.proof.equivalents import (
    EQUIVALENT,
    KILLED,
    NEVER_MET,
    NONE,
    STALE,
    SURVIVED,
    Trial,
    equivalents,
    settled,
)
from conformance.proof.faults import FAULTS, OF_SOME_VALUES, Faulty, lost_error, wrong
from conformance.proof.mutate import mutants
from conformance.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.case import Case
    from conformance.proof.faults import Fault

_FIRST_DTYPES: Final = ("float32", "int64", "complex64", "bool", "float64")
_DTYPES_A_FAULT: Final = 3
"""A fault that none of the first dtypes can show is not looked for in the others: a wrong last element is, in each."""
_PYTORCH: Final = "PyTorch"
_NUMPY: Final = "NumPy"
_SILENT: Final = {
    _PYTORCH: "PyTorch refuses every input: NumPy's value is compared with nothing",
    _NUMPY: "NumPy refuses every input, with this change, too",
}
_STRIDE: Final = 17
"""Batches are gone through in this many strides, so that the first few are of many kinds."""


class FailsAnywayError(Exception):
    """A case that finds something without any mutant or fault: it has to be put right first."""


def trials(case: Case, device: str, present: Sequence[str]) -> list[Trial]:
    """Return what became of every mutant of ``case``; those equivalent by the table are marked so.

    Raises ValueError for a table of equivalents that cannot be read, HarnessError for a row that is wrong,
    FailsAnywayError for one that fails as it is.
    """
    known = equivalents(Path(case.file).parent)
    lab = _Laboratory(case=case, device=device, present=tuple(present))
    with state.guarded(device):
        silent = lab.silent()
        done = [*_expression_trials(lab, silent), *_fault_trials(lab, silent)]
    return [settled(case, trial, known) for trial in done if trial.outcome != NONE]


@dataclass(kw_only=True)
class _Laboratory:
    """What all trials of a case share: its functions, its batches and its differences by dtype, made once."""

    case: Case
    device: str
    present: tuple[str, ...]
    functions: Functions = field(init=False)
    made: dict[str, tuple[list[Batch], list[Declared]]] = field(default_factory=dict)
    sound: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.functions = functions(self.case, self.device, self.present)

    def dtypes(self) -> list[str]:
        """Return the dtypes of the claim, those that tell most first."""
        own = self.case.unit_dtypes()
        claimed = [d for d in own if d in self.case.dtypes] or list(own)
        return sorted(claimed, key=lambda d: _FIRST_DTYPES.index(d) if d in _FIRST_DTYPES else len(_FIRST_DTYPES))

    def unit(self, dtype: str) -> tuple[list[Batch], list[Declared]]:
        """Return the batches of a unit, those of its examples last, and its differences."""
        if dtype not in self.made:
            declared = compile_differences(self.case, dtype)
            drawn = list(batches.batches(self.case, dtype, 0, batches.DEFAULT_BUDGET))
            spread = [batch for start in range(_STRIDE) for batch in drawn[start::_STRIDE]]
            examples = [batch_of(self.case, one.difference, dtype) for one in declared]
            self.made[dtype] = [*spread, *examples], declared
        return self.made[dtype]

    def silent(self) -> str | None:
        """Return which side refuses every input, so that no value is ever compared; None where both give some."""
        sides = (
            (_PYTORCH, self.functions.torch, torch_inputs),
            (_NUMPY, self.functions.numpy, _numpy_inputs),
        )
        for name, function, inputs in sides:
            if not any(self.returns(function, inputs, dtype) for dtype in self.dtypes()):
                return name
        return None

    def returns(self, function: Callable[..., Any], inputs: Callable[..., SideInputs], dtype: str) -> bool:
        """Tell whether ``function`` gives a value for the first fill of any batch that is not declared to be deadly."""
        drawn, declared = self.unit(dtype)
        if any(isinstance(one.difference.torch, Crashes) for one in declared):
            return True
        firsts = (batch.only([0]) for batch in drawn if not batch.structure.spoilt)
        try:
            outcomes = (out for batch in firsts for out in call(function, inputs(batch, self.device), self.case.id))
            return any(not isinstance(outcome, Refusal) for outcome in outcomes)
        except HarnessError:
            return False

    def fits(self, faulty: Faulty, dtype: str) -> bool:
        """Tell whether a fault is of the kind of results that a unit gives, by the first fill of each batch.

        Only an error lost can depend on the values; where inputs are deadly, nothing is called.
        """
        drawn, declared = self.unit(dtype)
        if faulty.fault is lost_error or any(isinstance(one.difference.torch, Crashes) for one in declared):
            return True
        for batch in drawn:
            call(faulty, torch_inputs(batch.only([0]), self.device), self.case.id)
            if faulty.fitting or faulty.problem:
                return True
        return False

    def kills(self, changed: Functions, dtype: str, check: str | None, takes: Callable[[Batch], bool]) -> bool:
        """Tell whether the unit of ``dtype`` finds something (in ``check``) with the functions ``changed``.

        Raises FailsAnywayError where it finds that without them, too.
        """
        judge = self.judge(changed, dtype)
        for place, batch in enumerate(self.unit(dtype)[0]):
            if takes(batch) and _finds(judge, batch, check):
                self.ensure_sound(dtype, place)
                return True
        return False

    def judge(self, pair: Functions, dtype: str) -> Judge:
        """Return a judge of the unit of ``dtype`` that has judged nothing yet."""
        declared = self.unit(dtype)[1]
        return Judge(
            case=self.case,
            dtype=dtype,
            device=self.device,
            functions=pair,
            declared=declared,
            present=self.present,
            tally=Tally(),
        )

    def ensure_sound(self, dtype: str, place: int) -> None:
        """Make sure that nothing is found in a batch without a mutant or fault. Raises FailsAnywayError if it is."""
        if (dtype, place) in self.sound:
            return
        judge = self.judge(self.functions, dtype)
        judge.judge(self.unit(dtype)[0][place])
        for found in judge.tally.findings.values():
            message = f"it fails without a fault{f' in {dtype}' if dtype != '-' else ''}: {found.headline}"
            raise FailsAnywayError(message)
        self.sound.add((dtype, place))


def _finds(judge: Judge, batch: Batch, check: str | None) -> bool:
    """Tell whether anything is found (in ``check``) once ``batch`` is judged; what cannot be judged is found, too."""
    try:
        judge.judge(batch)
    except HarnessError:
        return True
    return any(check in (None, found.check) for found in judge.tally.findings)


def _numpy_inputs(batch: Batch, _: str) -> SideInputs:
    return numpy_inputs(batch)


def _always(_: Batch) -> bool:
    return True


def _expression_trials(lab: _Laboratory, silent: str | None) -> Iterator[Trial]:
    """Try the mutants of the NumPy expression, but those that refuse every input: nothing is proven by finding them."""
    for mutant in mutants(lab.case):
        namespace = {"np": np, "devices": lab.present}
        changed = parse(mutant.text).compile(list(lab.case.inputs), namespace, f"<{lab.case.id} mutant>")
        if silent is None and not any(lab.returns(changed, _numpy_inputs, dtype) for dtype in lab.dtypes()):
            continue
        both = Functions(torch=lab.functions.torch, numpy=changed)
        killer = next((d for d in lab.dtypes() if lab.kills(both, d, None, _always)), None)
        if killer is not None:
            yield Trial(mutant=mutant.name, outcome=KILLED, detail=killer)
        elif silent is not None:
            yield Trial(mutant=mutant.name, outcome=EQUIVALENT, detail=_SILENT[silent])
        else:
            yield Trial(mutant=mutant.name, outcome=SURVIVED, detail=mutant.text)


def _fault_trials(lab: _Laboratory, silent: str | None) -> Iterator[Trial]:
    if silent == _PYTORCH:
        yield _fault_trial(lab, "an error is lost", lost_error, lab.dtypes(), check="error")
        return
    few = lab.dtypes()[:_DTYPES_A_FAULT]
    valued = any(isinstance(given, TensorInput) for given in lab.case.inputs.values())
    for name, (check, fault) in FAULTS.items():
        if name in OF_SOME_VALUES and not valued:
            continue
        more = [d for d in lab.dtypes() if d == "float64" and d not in few and name in OF_SOME_VALUES]
        yield _fault_trial(lab, name, fault, [*few, *more], check=check)
    for condition in CONDITIONS:
        if condition.concerns(lab.case):
            yield _fault_trial(lab, f"wrong {condition.name}", wrong, few, condition=condition)
    for dtype in lab.dtypes():
        if dtype != "-":
            yield _fault_trial(lab, f"wrong for {dtype} only", wrong, [dtype])


def _over(lab: _Laboratory, fault: Fault) -> Faulty:
    return Faulty(function=lab.functions.torch, fault=fault, tolerance=lab.case.tolerance)


def _fault_trial(  # noqa: PLR0913 - one parameter each, all needed
    lab: _Laboratory,
    name: str,
    fault: Fault,
    dtypes: Sequence[str],
    *,
    check: str | None = None,
    condition: Condition | None = None,
) -> Trial:
    """Run the units of ``dtypes`` with ``fault`` until one finds it."""
    met = fitting = 0
    holding = condition is None or any(condition.holds(b) for d in dtypes for b in lab.unit(d)[0])
    for dtype in dtypes if holding else ():
        if not lab.fits(_over(lab, fault), dtype):
            continue
        faulty = _over(lab, fault)
        both = Functions(torch=faulty, numpy=lab.functions.numpy)
        killed = lab.kills(both, dtype, check, condition.holds if condition else _always)
        if faulty.problem:
            message = f"{lab.case.id}: the fault {name!r} itself fails: {faulty.problem}"
            raise HarnessError(message)
        if killed and faulty.met:
            return Trial(mutant=name, outcome=KILLED, detail=dtype)
        met, fitting = met + faulty.met, fitting + faulty.fitting
    if met:
        return Trial(mutant=name, outcome=SURVIVED)
    return Trial(mutant=name, outcome=NEVER_MET if fitting or not holding else NONE)


def record(case: Case, device: str, done: Sequence[Trial]) -> dict[str, Any]:
    """Return the record of a case's trials."""
    return {
        "kind": "sensitivity",
        "id": case.id,
        "device": device,
        "torch": versions.installed("torch"),
        "killed": sum(t.outcome == KILLED for t in done),
        "total": sum(t.outcome in (KILLED, SURVIVED, NEVER_MET, STALE) for t in done),
        "equivalent": [{"mutant": t.mutant, "reason": t.detail} for t in done if t.outcome == EQUIVALENT],
        "survivors": [
            {"mutant": t.mutant, "outcome": t.outcome, "detail": t.detail}
            for t in done
            if t.outcome in (SURVIVED, NEVER_MET, STALE)
        ],
    }
