"""Crashes: declared ones are confirmed in a child process, undeclared ones are traced to their input there."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from conformance import literals, render
from conformance.case import Crashes
from conformance.child import Request, batch_of, case_of
from conformance.tally import Sides, Signature

if TYPE_CHECKING:
    from conformance.evaluate import Batch
    from conformance.judge import Judge

    Record = dict[str, Any]

_MARK: Final = "@ "
_TIME_LIMIT: Final = 60.0
"""Seconds that a child may run: some to import torch, the rest for one batch."""


@dataclass(frozen=True, kw_only=True)
class Death:
    """How a child ended: on which fill and side, and of what; ``cause`` is None where it lived."""

    fill: int = -1
    side: str = ""
    cause: str | None = None


def run_in_child(request: Request, time_limit: float = _TIME_LIMIT) -> Death:
    """Run the batch of ``request`` in a process of its own."""
    command = [sys.executable, "-P", "-m", "conformance.child"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=pickle.dumps(request), capture_output=True, timeout=time_limit, check=False
        )
    except subprocess.TimeoutExpired as expired:
        return _death(expired.stdout or b"", f"ran past {time_limit:g} s")
    marks = _marks(done.stdout)
    if marks and marks[-1] == "done":
        return Death()
    return _death(done.stdout, _cause(done.returncode, done.stderr))


def _marks(output: bytes) -> list[str]:
    lines = output.decode(errors="replace").splitlines()
    return [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]


def _death(output: bytes, cause: str) -> Death:
    marks = _marks(output)
    fill, _, side = marks[-1].partition(" ") if marks else ("-1", "", "")
    return Death(fill=int(fill), side=side, cause=cause)


def _cause(code: int, errors: bytes) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    lines = errors.decode(errors="replace").strip().splitlines()
    return f"ended with status {code}" + (f" ({lines[-1][:120]})" if lines else "")


def confirm_crashes(judge: Judge, file: str) -> None:
    """Run the first input set aside as deadly in a child: it must die, on torch's side; else it is a finding."""
    deadly = [one for one in judge.declared if isinstance(one.difference.torch, Crashes)]
    if not judge.crashing or not deadly:
        return
    batch = judge.crashing[0].only([0])
    death = run_in_child(_request(judge, file, batch))
    judge.tally.checked["error"] += 1
    for one in deadly:
        judge.tally.met[one.number] += sum(b.count for b in judge.crashing)
    judge.died_of = death.cause or ""
    if death.cause is None or death.side != "torch":
        how = "neither side does" if death.cause is None else f"{death.side or 'the harness'} {death.cause}"
        words = Sides(headline=f"torch is declared to kill the process, {how}")
        judge.tally.report(Signature(check="error", kind="does not crash as declared"), batch, 0, words)


def _request(judge: Judge, file: str, batch: Batch) -> Request:
    return Request(
        file=file, case=judge.case.id, dtype=judge.dtype, device=judge.device, batch=batch, present=tuple(judge.present)
    )


def traced(request: Request, cause: str, time_limit: float = _TIME_LIMIT) -> Record:
    """Return the record of a unit whose process died of ``cause`` in the batch of ``request``, with the very input."""
    case = case_of(request)
    batch = batch_of(request)
    record = {**render.described(case, request.dtype, request.device), "verdict": "crashed", "reason": cause}
    if batch is None:
        return record
    death = run_in_child(replace(request, batch=batch), time_limit)
    if death.cause is None or death.fill < 0:
        return {**record, "reason": f"{cause}; not again when batch {request.number} was run alone"}
    one = batch.only([death.fill])
    headline = f"{death.side} kills the process: {death.cause}"
    return {**record, "reason": headline, "failures": [_failure(case, request, one, headline)]}


def _failure(case: Any, request: Request, batch: Batch, headline: str) -> Record:
    again = render.again_command(case, request.dtype, request.device, request.seed, request.budget)
    given = literals.inputs(batch)
    return {
        "check": "error",
        "headline": headline,
        "text": render.failure_text(case, request.dtype, request.device, {"error": headline}, given, again),
        "inputs": given,
        "torch": "",
        "numpy": "",
        "script": render.script(case, batch, request.device, headline, deadly=True),
        "again": again,
        "count": 1,
    }
