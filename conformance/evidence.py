"""What a report to the library concerned needs of a difference of kind "bug": a script, both sides, the truth."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import render
from conformance.arbiter import ruling
from conformance.case import Crashes
from conformance.evaluate import Refusal, call, dtype_name, numpy_inputs, to_host, torch_inputs
from conformance.examples import batch_of
from conformance.oracle import Exact, Oracle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.case import Difference
    from conformance.evaluate import Batch
    from conformance.judge import Judge

    Record = dict[str, Any]

_LONG_RUN: Final = 4
"""Equal elements from which they are counted, not written out."""


def shown(judge: Judge, difference: Difference) -> Record:
    """Return the script of the example of ``difference``, what each side gives on it, who is wrong, and the truth.

    The truth is None where it is not known: where NumPy's own code is wrong, only what does without it is. What is
    declared to kill the process is not run here: the judge knows of what the child died.
    """
    batch = batch_of(judge.case, difference.example, judge.dtype)
    deadly = isinstance(difference.torch, Crashes)
    (ours,) = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    theirs = None if deadly else _torch_outcome(judge, batch)
    wrong = wrong_side(difference)
    args = numpy_inputs(batch).args[0]
    exact = _exact(judge, args, wrong)
    whole = _whole(judge, args) if exact is None and wrong == "PyTorch" else None
    known = whole if exact is None else exact.high
    return {
        "wrong": wrong,
        "script": render.script(judge.case, batch, judge.device, difference.because, deadly=deadly),
        "torch": _death(judge) if deadly else text_of(theirs),
        "numpy": text_of(ours),
        "truth": None if known is None else _values(known),
        "errors": None if deadly else _errors(judge, batch, exact),
    }


def wrong_side(difference: Difference) -> str:
    """Return the library that is wrong: the one that the sentence is about, which it names first."""
    return "NumPy" if difference.because.startswith("NumPy") else "PyTorch"


def _death(judge: Judge) -> str:
    return f"kills the process ({judge.died_of.removeprefix('killed by ') or 'not run here'})"


def _torch_outcome(judge: Judge, batch: Batch) -> Any:
    (theirs,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    return theirs


def text_of(outcome: Any) -> str:
    """Return what a side gave as one line: dtype and values, or the exception."""
    if isinstance(outcome, Refusal):
        return f"raises {outcome}"
    if hasattr(outcome, "detach"):
        return _told(to_host(outcome), dtype_name(outcome))
    if isinstance(outcome, np.ndarray | np.generic):
        return _told(np.asarray(outcome), outcome.dtype.name)
    return repr(outcome)


def _told(array: np.ndarray, dtype: str) -> str:
    return f"{dtype} {_values(array)}" if array.size else f"{dtype} of shape {array.shape}, without elements"


def _values(array: np.ndarray) -> str:
    if array.dtype.char in "gG":
        array = array.astype(complex if array.dtype.kind == "c" else float)
    if array.ndim == 0:
        return str(array[()])
    if array.ndim > 1:
        return f"[{', '.join(_values(part) for part in array)}]"
    runs = ((text, len(list(same))) for text, same in groupby(map(str, array)))
    parts = (f"{text} ({count} times)" if count >= _LONG_RUN else ", ".join([text] * count) for text, count in runs)
    return f"[{', '.join(parts)}]"


def _exact(judge: Judge, args: Sequence[object], wrong: str) -> Exact | None:
    """Return the truth of floating-point and complex numbers; where NumPy is ``wrong`` only what 160 bits say."""
    if not {kind for value in args if (kind := _kind(value))} & {"f", "c"}:
        return None
    asked = Oracle(judge.case, judge.present)
    with np.errstate(all="ignore"):
        return asked(args, judge.dtype) if wrong == "PyTorch" else asked.precise(args)


def _errors(judge: Judge, batch: Batch, exact: Exact | None) -> str | None:
    """Return how far each side is from the truth, in words, where that is known of floating-point results."""
    found = None if exact is None else ruling(judge, batch)
    return None if found is None else found.errors()


def _whole(judge: Judge, args: Sequence[object]) -> np.ndarray | None:
    """Return the value of integers in Python's own, which have no bounds; None if unknown.

    Bools are no numbers to be nearer to.
    """
    kinds = {kind for value in args if (kind := _kind(value))}
    if not kinds or not kinds <= {"i", "u"}:
        return None
    whole = [value.astype(object) if isinstance(value, np.ndarray) else value for value in args]
    try:
        with np.errstate(all="ignore"):
            value = judge.functions.numpy(*whole)
    except Exception:  # noqa: BLE001 - whatever it is, the truth is not known
        return None
    return np.asarray(value, object)


def _kind(value: object) -> str:
    if isinstance(value, np.dtype):
        return value.kind if value.kind in "fc" else ""
    if isinstance(value, bool | str | None):
        return ""
    try:
        return np.asarray(value[0] if isinstance(value, list) and value else value).dtype.kind
    except ValueError:
        return ""
