"""Asking both libraries: every question on operands made of ones, and what came of it as a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import devices, state
from conformance.evaluate import dtype_name
from conformance.expression import parse
from conformance.promotion import rules
from conformance.promotion.operands import ARRAY, DTYPE, OPERATIONS, PYTHON, VALUES, Entry, Question
from conformance.versions import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.promotion.operands import Operand, Operation

KIND: Final = "promotion"
_LENGTH: Final = 2
"""Of an array: any but 0 and 1 would do, since those could be special."""


def entries(operation: Operation) -> list[Entry]:
    """Return every entry of ``operation``, in the order of its questions."""
    theirs = parse(operation.torch).compile(["x", "y"], {"torch": torch}, f"<{operation.id} torch>")
    ours = parse(operation.numpy).compile(["x", "y"], {"np": np}, f"<{operation.id} numpy>")
    with state.guarded(devices.HOST):
        return [_entry(question, theirs, ours) for question in operation.questions()]


def _entry(question: Question, theirs: Callable[..., Any], ours: Callable[..., Any]) -> Entry:
    known = all(operand.dtype != "bfloat16" for operand in question.pair)
    numpy = _answer(ours, map(_for_numpy, question.pair)) if known else None
    return Entry(question=question, torch=_answer(theirs, map(_for_torch, question.pair)), numpy=numpy)


def _answer(function: Callable[..., Any], operands: Any) -> str:
    try:
        got = function(*operands)
    except Exception as error:  # noqa: BLE001 - to refuse is an answer
        return f"raises {type(error).__name__}"
    return str(got) if isinstance(got, bool) else dtype_name(got)


def _for_torch(operand: Operand) -> object:
    if operand.kind == PYTHON:
        return VALUES[operand.dtype]
    dtype = getattr(torch, operand.dtype)
    return dtype if operand.kind == DTYPE else torch.ones([_LENGTH] * (operand.kind == ARRAY), dtype=dtype)


def _for_numpy(operand: Operand) -> object:
    if operand.kind == PYTHON:
        return VALUES[operand.dtype]
    dtype = np.dtype(operand.dtype)
    return dtype if operand.kind == DTYPE else np.ones([_LENGTH] * (operand.kind == ARRAY), dtype)


def record(operation: Operation, found: Sequence[Entry]) -> dict[str, Any]:
    """Return the record of ``operation`` (see docs/run-format.md): its entries, and the rules that they number."""
    lines = [[str(one.question.x), str(one.question.y), one.torch, one.numpy, rules.explaining(one)] for one in found]
    told = {str(number): rule.because for number, rule in enumerate(rules.RULES, 1)}
    return {
        "kind": KIND,
        "id": operation.id,
        "device": devices.HOST,
        "torch_version": torch.__version__,
        "numpy_version": installed("numpy"),
        "torch": operation.torch,
        "numpy": operation.numpy,
        "rules": told,
        "entries": lines,
    }


def every() -> dict[Operation, list[Entry]]:
    """Return the entries of every operation."""
    return {operation: entries(operation) for operation in OPERATIONS}
