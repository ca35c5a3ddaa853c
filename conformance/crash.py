"""Crashes: declared ones are confirmed in a child process, undeclared ones are traced to their input there."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from conformance import literals, render, watchdog
from conformance.case import Crashes
from conformance.child import READY, Request, batch_of, case_of
from conformance.tally import Sides, Signature

if TYPE_CHECKING:
    from conformance.evaluate import Batch
    from conformance.judge import Judge

    Record = dict[str, Any]

_MARK: Final = "@ "
_TIME_LIMIT: Final = 60.0
"""Seconds that a batch may run in a child, once the child is ready for it."""
_START_LIMIT: Final = 300.0
"""Seconds that a child may take to be ready: it imports torch, beside others that may be doing the same."""


@dataclass(frozen=True, kw_only=True)
class Death:
    """How a child ended: on which fill and side, and of what; ``cause`` is None where it lived."""

    fill: int = -1
    side: str = ""
    cause: str | None = None
    timed_out: bool = False

    def __str__(self) -> str:
        return f"{self.side} {self.cause}" if self.timed_out else f"{self.side} kills the process: {self.cause}"


def run_in_child(request: Request, time_limit: float = _TIME_LIMIT) -> Death:
    """Run the batch of ``request`` in a process of its own, whose time is not that of the unit which asks for it."""
    command = [sys.executable, "-P", "-m", "conformance.child"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors, watchdog.paused():
        given.write(pickle.dumps(request))
        given.seek(0)
        # Without a buffer, so that `communicate` misses nothing of what comes after the first lines.
        child = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=errors, bufsize=0)  # noqa: S603 - our own interpreter and module
        output, late = _followed(child, time_limit)
        errors.seek(0)
        cause = late or _cause(child.returncode, errors.read())
    marks = _marks(output)
    return Death() if marks[-1:] == ["done"] else _death(marks, cause, timed_out=late is not None)


def _followed(child: subprocess.Popen[bytes], time_limit: float) -> tuple[bytes, str | None]:
    """Return what ``child`` said, and how long it was given, from when it was ready, where that was not enough."""
    head = _head(child)
    try:
        rest, _ = child.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        child.kill()
        rest, _ = child.communicate()
        return head + rest, f"ran past {time_limit:g} s"
    return head + rest, None


def _head(child: subprocess.Popen[bytes]) -> bytes:
    """Return what ``child`` says until it is ready, or until it has ended."""
    lines: list[bytes] = []
    stuck = threading.Timer(_START_LIMIT, child.kill)
    stuck.start()
    while child.stdout and (line := child.stdout.readline()):
        lines.append(line)
        if _marks(line) == [READY]:
            break
    stuck.cancel()
    return b"".join(lines)


def _marks(output: bytes) -> list[str]:
    lines = output.decode(errors="replace").splitlines()
    return [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]


def _death(marks: list[str], cause: str, *, timed_out: bool) -> Death:
    fill, _, side = marks[-1].partition(" ") if marks[-1:] not in ([], [READY]) else ("-1", "", "")
    return Death(fill=int(fill), side=side, cause=cause, timed_out=timed_out)


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
    if death.cause is None or death.side != "torch" or death.timed_out:
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
    headline = str(death)
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
