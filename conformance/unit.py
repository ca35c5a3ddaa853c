"""One unit of work: a case, a dtype, a device; plain data in, one record out.

pytest, the command line and a worker on another machine all call :func:`run`. It never raises for what a case does;
what is wrong with the case itself becomes a ``broken`` record.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from conformance import (
    batches,
    conclusion,
    devices,
    differences,
    evidence,
    names,
    reference,
    render,
    state,
    trajectory,
)
from conformance.case import CHECKS, Case
from conformance.crash import confirm_crashes
from conformance.evaluate import HarnessError, functions
from conformance.examples import Examined, examine
from conformance.gradients import judge as gradients
from conformance.judge import Judge
from conformance.minimise import minimised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.tally import Finding

    Record = dict[str, Any]

_MOST_FAILURES: Final = 6
_REFUSED_AFTER: Final = 60


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every unit of a run shares."""

    seed: int = 0
    budget: int = batches.DEFAULT_BUDGET
    present: tuple[str, ...] = (devices.HOST,)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A case, a dtype, a device."""

    case: Case
    dtype: str
    device: str

    @property
    def name(self) -> str:
        """The unit's id, as pytest shows it: ``arithmetic/add-float32-cpu``."""
        return unit_name(self.case.id, self.dtype, self.device)

    @property
    def line(self) -> int:
        """The line of its row."""
        return self.case.line


def unit_name(case_id: str, dtype: str, device: str) -> str:
    """Return the id of a unit; a case without dtype leaves it out."""
    return "-".join(part for part in (case_id, dtype if dtype != "-" else "", device) if part)


def nothing(_: object) -> None:
    """Take note of nothing."""


def run(unit: Unit, settings: Settings, note: Callable[[int], None] = nothing) -> Record:
    """Run ``unit`` and return its record (see docs/run-format.md).

    ``note`` is told the number of each batch before it runs.
    """
    started = time.perf_counter()
    record = render.described(unit.case, unit.dtype, unit.device)
    reason = not_run(unit, settings)
    if reason is not None:
        return {**record, "verdict": "not run", "reason": reason, "seconds": 0.0}
    with state.guarded(unit.device) as warned:
        try:
            record |= _judged(unit, settings, note)
        except HarnessError as error:
            record |= {"verdict": "broken", "reason": str(error)}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a row leads to costs its unit, not the run
            record |= {"verdict": "broken", "reason": f"the unit could not be judged: {type(error).__name__}: {error}"}
    return {**record, "warnings": sorted(warned), "seconds": round(time.perf_counter() - started, 4)}


def not_run(unit: Unit, settings: Settings) -> str | None:
    """Return why ``unit`` cannot be run here, or None."""
    needed = unit.case.needs_device()
    absent = [d for d in (unit.device, needed) if d is not None and d not in settings.present]
    reasons = [reason for device in absent if (reason := devices.absence(device)) is not None]
    return reasons[0] if reasons else names.unavailable(unit.case)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a unit has shown so far: its judge, and the examples of differences looked at."""

    judge: Judge
    examined: list[Examined]

    @property
    def failed(self) -> bool:
        """Whether anything was found that makes the unit fail, but for how few of its inputs ran."""
        return bool(self.judge.tally.findings) or any(one.gone for one in self.examined)


def steps(unit: Unit, settings: Settings, note: Callable[[int], None] = nothing) -> Iterator[Progress]:
    """Judge ``unit`` and yield the same growing progress after each of its steps, so that a caller may stop early.

    The steps are the examples of its differences, its batches, and the crashes it declares.
    """
    case = unit.case
    judge = Judge(
        case=case,
        dtype=unit.dtype,
        device=unit.device,
        functions=functions(case, unit.device, settings.present),
        declared=differences.compile_differences(case, unit.dtype),
        present=settings.present,
    )
    progress = Progress(judge=judge, examined=[])
    for one in judge.declared:
        progress.examined.append(examine(judge, one))
        yield progress
    for number, batch in enumerate(batches.batches(case, unit.dtype, settings.seed, settings.budget)):
        note(number)
        judge.judge(batch)
        if _is_refused(judge):
            break
        yield progress
    confirm_crashes(judge, case.file)
    yield progress


def _judged(unit: Unit, settings: Settings, note: Callable[[int], None]) -> Record:
    *_, last = steps(unit, settings, note)
    judged = _gradients(last.judge, settings)
    record = _summary(unit, settings, last, judged)
    path = trajectory.of(last.judge, settings.seed)
    return {**record, "gradient": judged.record(), **({"trajectory": path} if path else {})}


def _gradients(judge: Judge, settings: Settings) -> gradients.GradientJudge:
    """Judge gradients, in the units that may have any."""
    wanted = judge.dtype in gradients.DTYPES and judge.claimed
    own = gradients.GradientJudge(
        case=judge.case,
        dtype=judge.dtype,
        device=judge.device,
        functions=judge.functions,
        tally=judge.tally,
        seed=settings.seed,
        declared=differences.of_gradients(judge.case, judge.dtype) if wanted else (),
    )
    if wanted:
        own.judge()
    return own


def _is_refused(judge: Judge) -> bool:
    """Outside of the claim, a dtype that one side has refused in every form so far is refused in all."""
    tally = judge.tally
    return not judge.claimed and tally.ran == 0 and tally.structures >= _REFUSED_AFTER


def _summary(unit: Unit, settings: Settings, last: Progress, judged: gradients.GradientJudge) -> Record:
    judge, tally = last.judge, last.judge.tally
    found = sorted(tally.findings.values(), key=lambda f: CHECKS.index(f.signature.check))[:_MOST_FAILURES]
    failures = [_failure(unit, last, judged, f, settings) for f in found]
    told = [
        conclusion.of_difference(one, judge, lambda one: evidence.shown(judge, one.difference)) for one in last.examined
    ]
    told += [conclusion.of_difference(one, judge, lambda one: judged.evidence[one.number]) for one in judged.examined]
    checks = {check: conclusion.of_check(check, tally, judge) for check in CHECKS}
    verdicts = [c["verdict"] for c in checks.values()] + [d["verdict"] for d in told]
    return {
        "verdict": (overall := conclusion.overall(verdicts, judge, settings.budget)),
        "reason": conclusion.why(overall, judge, settings.budget),
        "checks": checks,
        "counts": {
            "structures": tally.structures,
            "inputs": tally.inputs,
            "both raise": tally.both_raise,
            "torch only": tally.torch_only,
            "numpy only": tally.numpy_only,
            "declared": tally.declared,
        },
        "differences": told,
        "failures": render.deduplicated(failures),
    }


def _failure(
    unit: Unit, last: Progress, judged: gradients.GradientJudge, finding: Finding, settings: Settings
) -> Record:
    """Return a failure as a record has it; in a unit of another device, with what CPU torch says of it."""
    small = _smallest(last.judge, finding, settings)
    if finding.signature.check == gradients.CHECK:
        ask = partial(judged.on, present=settings.present, batch=small.batch)
        cpu = reference.of_gradient(unit.device, small, ask)
    else:
        cpu = reference.of(last.judge, small)
    return render.failure(unit.case, last.judge, small, settings, cpu)


def _smallest(judge: Judge, finding: Finding, settings: Settings) -> Finding:
    """A gradient is judged where functions are smooth, and simple numbers are where they are not."""
    return finding if finding.signature.check == gradients.CHECK else minimised(judge, finding, settings.seed)
