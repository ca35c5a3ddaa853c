"""The process in which a question is answered: ``python -m conformance.translation.process``.

A stranger's expression may print, loop for ever, fill the memory or kill the process. So it gets one of its own, with
limits on its time and memory; the question goes in by its standard input, the answer comes out by its standard output,
which nothing that the expression prints can reach.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.translation.question import Question

    Record = dict[str, Any]

_GIGABYTE: Final = 1 << 30


def asked(question: Question, present: Sequence[str], seconds: float, gigabytes: float) -> Record:
    """Return the record of the answer; one with an ``error`` where the question cannot be asked, or killed its process.

    ``wrong`` says that the question itself is wrong, one line in ``error`` how.
    """
    request = {"question": asdict(question), "present": list(present), "gigabytes": gigabytes}
    command = [sys.executable, "-m", "conformance.translation.process"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=json.dumps(request), capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return _lost(question, f"it did not end within {seconds:g} s")
    first, *further = done.stdout.splitlines() or [""]
    if not first:
        return _lost(question, f"its process died ({_cause(done)})")
    answer: Record = json.loads(first)
    for line in further:
        answer["notes"] += json.loads(line)
    if not further and "error" not in answer:
        answer["notes"].append(f"with another dtype its process died ({_cause(done)})")
    return answer


def _lost(question: Question, what: str) -> Record:
    return {"torch": question.torch, "numpy": question.numpy, "verdict": "not judged", "error": what, "wrong": False}


def _cause(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return signal.Signals(-done.returncode).name
    last = done.stderr.strip().splitlines()[-1:] or ["no word"]
    return f"exit code {done.returncode}: {last[0]}"


def main() -> None:
    """Answer the question on standard input."""
    request = json.loads(sys.stdin.read())
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout):
        os.dup2(nothing, stream.fileno())
    for part in _parts(request):
        answers.write(json.dumps(part) + "\n")
        answers.flush()
    os._exit(0)  # whatever the expression has left behind, such as threads, ends here


def _parts(request: Record) -> Iterator[Record | list[str]]:
    """Yield the answer, then the notes on further dtypes, which may kill the process: integers are divided by 0."""
    from conformance import devices
    from conformance.case import CaseError
    from conformance.translation.answer import afterwards, answered
    from conformance.translation.question import Question

    most = int(request["gigabytes"] * _GIGABYTE)
    given = request["question"]
    lists = {name: tuple(given[name]) for name in ("dtypes", "strict")}
    question = Question(**{**given, **lists})
    with suppress(ImportError):  # where there is no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    devices.inherit()
    try:
        yield answered(question, request["present"])
    except CaseError as error:
        yield {**_lost(question, " ".join(str(error).split())), "wrong": True}
        return
    yield afterwards(question, request["present"])


if __name__ == "__main__":
    main()
