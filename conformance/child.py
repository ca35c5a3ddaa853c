"""The child process in which inputs are run that may kill it: ``python -m conformance.child``.

It reads one pickled request from standard input and says on standard output what it is about to do, a line each,
flushed: the last line is what it died of. The first, once everything is imported and the batch made, starts the clock
of its parent. Requests come from our own parent process only.
"""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import batches, devices, loading, state
from conformance.case import Case
from conformance.evaluate import call, functions, numpy_inputs, torch_inputs

if TYPE_CHECKING:
    from conformance.evaluate import Batch

READY: Final = "ready"


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which unit, and which of its batches: one given whole, or the one of that number."""

    file: str
    case: str
    dtype: str
    device: str
    seed: int = 0
    budget: int = batches.DEFAULT_BUDGET
    number: int = -1
    batch: Batch | None = None
    present: tuple[str, ...] = ()


def case_of(request: Request) -> Case:
    """Return the case of a request. Raises LookupError where its file no longer holds it."""
    for row in loading.load(Path(request.file)):
        if isinstance(row, Case) and row.id == request.case:
            return row
    message = f"{request.file} holds no case {request.case}"
    raise LookupError(message)


def batch_of(request: Request) -> Batch | None:
    """Return the batch of a request, made again from its number where it was not given."""
    if request.batch is not None:
        return request.batch
    made = batches.batches(case_of(request), request.dtype, request.seed, request.budget)
    return next((batch for number, batch in enumerate(made) if number == request.number), None)


def main() -> None:
    """Run the batch of the request fill by fill, first NumPy's side, then torch's."""
    request: Request = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    devices.inherit()
    case = case_of(request)
    batch = batch_of(request)
    if batch is None:
        return
    sides = functions(case, request.device, request.present)
    with state.guarded(request.device):
        _say(READY)
        for fill in range(batch.count):
            one = batch.only([fill])
            _say(f"{fill} numpy")
            call(sides.numpy, numpy_inputs(one), case.id)
            _say(f"{fill} torch")
            call(sides.torch, torch_inputs(one, request.device), case.id)
    _say("done")


def _say(words: str) -> None:
    sys.stdout.write(f"\n@ {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
