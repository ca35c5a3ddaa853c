"""Can every case fail? Each is run with mutants of its NumPy expression and faults in its torch side.

A mutant is *killed* where the case finds something, on the very inputs that it runs with otherwise. One that survives
says that the inputs are too weak, unless the table of equivalents, in ``equivalents.toml`` beside the case file, gives
the reason why it means the same. A fault that never got to change anything has survived, too: the inputs do not hold
what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import render, state, versions
from conformance.evaluate import Batch, Functions, HarnessError, numpy_namespace
from conformance.expression import parse
from conformance.inputs.domains import OF_PROGRAMS
from conformance.inputs.tensors import TensorInput
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
from conformance.proof.faults import FAULTS, OF_SOME_VALUES, OF_SPECIAL_VALUES, Faulty, lost_error, wrong
from conformance.proof.laboratory import NUMPY, PYTORCH, Laboratory, numpy_side
from conformance.proof.mutate import mutants
from conformance.unit import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.case import Case
    from conformance.proof.faults import Fault

_DTYPES_A_FAULT: Final = 3
"""A fault that none of the first dtypes can show is not looked for in the others: a wrong last element is, in each."""
_MORE_DTYPES: Final = {"subnormals flushed": ("float64", "float16")}
"""Where the bound of a wider dtype swallows its subnormal numbers, those of float16 still show."""
_SILENT: Final = {
    PYTORCH: "PyTorch refuses every input: NumPy's value is compared with nothing",
    NUMPY: "NumPy refuses every input, with this change, too",
}


def trials(case: Case, device: str, present: Sequence[str], note: Callable[[str], None] = nothing) -> list[Trial]:
    """Return what became of every mutant of ``case``; those equivalent by the table are marked so.

    ``note`` is told the name of each before it is tried.

    Raises ValueError for a table of equivalents that cannot be read, HarnessError for a row that is wrong,
    FailsAnywayError for one that fails as it is.
    """
    known = equivalents(Path(case.file).parent)
    lab = Laboratory(case=case, device=device, present=tuple(present), note=note)
    with state.guarded(device):
        silent = lab.silent()
        done = [*_expression_trials(lab, silent), *_fault_trials(lab, silent)]
    return [settled(case, trial, known) for trial in done if trial.outcome != NONE]


def _always(_: Batch) -> bool:
    return True


def _accepted(batch: Batch) -> bool:
    """Tell whether the inputs are such as the operation accepts: a mutant is not to be found by what it refuses."""
    return not batch.structure.spoilt


def _expression_trials(lab: Laboratory, silent: str | None) -> Iterator[Trial]:
    """Try the mutants of the NumPy expression, but those that refuse every input: nothing is proven by finding them."""
    for mutant in mutants(lab.case):
        lab.note(mutant.name)
        names = numpy_namespace(lab.present)
        changed = parse(mutant.text).compile(list(lab.case.inputs), names, f"<{lab.case.id} mutant>")
        if silent is None and not any(lab.returns(changed, numpy_side, dtype) for dtype in lab.dtypes()):
            continue
        both = Functions(torch=lab.functions.torch, numpy=changed)
        killer = next((d for d in lab.dtypes() if lab.kills(both, d, None, _accepted)), None)
        if killer is not None:
            yield Trial(mutant=mutant.name, outcome=KILLED, detail=killer)
        elif silent is not None:
            yield Trial(mutant=mutant.name, outcome=EQUIVALENT, detail=_SILENT[silent])
        else:
            yield Trial(mutant=mutant.name, outcome=SURVIVED, detail=mutant.text)


def _fault_trials(lab: Laboratory, silent: str | None) -> Iterator[Trial]:
    if silent == PYTORCH:
        yield _fault_trial(lab, "an error is lost", lost_error, lab.dtypes(), check="error")
        return
    few = lab.dtypes()[:_DTYPES_A_FAULT]
    domains = {given.domain for given in lab.case.inputs.values() if isinstance(given, TensorInput)}
    unexpected = OF_SOME_VALUES if not domains else OF_SPECIAL_VALUES if domains <= set(OF_PROGRAMS) else frozenset()
    for name, (check, fault) in FAULTS.items():
        if name in unexpected:
            continue
        wanted = _MORE_DTYPES.get(name, ("float64",) if name in OF_SOME_VALUES else ())
        more = [d for d in lab.dtypes() if d in wanted and d not in few]
        yield _fault_trial(lab, name, fault, [*few, *more], check=check)
    for condition in CONDITIONS:
        if condition.concerns(lab.case):
            yield _fault_trial(lab, f"wrong {condition.name}", wrong, few, condition=condition)
    for dtype in lab.dtypes():
        if dtype != "-":
            yield _fault_trial(lab, f"wrong for {dtype} only", wrong, [dtype])


def _over(lab: Laboratory, fault: Fault) -> Faulty:
    return Faulty(function=lab.functions.torch, fault=fault, tolerance=lab.case.tolerance)


def _fault_trial(  # noqa: PLR0913 - one parameter each, all needed
    lab: Laboratory,
    name: str,
    fault: Fault,
    dtypes: Sequence[str],
    *,
    check: str | None = None,
    condition: Condition | None = None,
) -> Trial:
    """Run the units of ``dtypes`` with ``fault`` until one finds it."""
    lab.note(name)
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
        "row": render.row(case),
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
