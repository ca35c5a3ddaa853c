"""Whether two expressions have values to compare: no function that nobody calls, no memory that nobody has filled.

What a reader of a table knows about such an expression is said in the words of a row of ours that calls it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import batches, literals
from conformance.evaluate import HarnessError, Refusal, SideInputs, call, functions, numpy_inputs, torch_inputs
from conformance.expression import one_line
from conformance.results import same_outcome
from conformance.translation import matching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.case import Case
    from conformance.evaluate import Batch
    from conformance.expression import Expression
    from conformance.judge import Judge
    from conformance.translation.question import Question

_UNFILLED: Final = frozenset({"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided"})
_TIMES: Final = 8
"""How often a side is asked again for what it gave: by chance it may give the same several times."""


def ask_for_values(case: Case, dtype: str, question: Question, present: Sequence[str], seed: int) -> None:
    """Raise HarnessError where a side is a function or a class that nobody calls: it has no value to compare."""
    both = functions(case, question.device, present)
    theirs, ours = SideInputs(args=[()], stores=[]), SideInputs(args=[()], stores=[])
    if case.inputs:
        made = (batch.only([0]) for batch in batches.batches(case, dtype, seed, 1) if not batch.structure.spoilt)
        batch = next(made, None)
        if batch is None or not batch.count:
            return
        theirs, ours = torch_inputs(batch, question.device), numpy_inputs(batch)
    (got,) = call(both.torch, theirs, "the torch expression")
    (want,) = call(both.numpy, ours, "the NumPy expression")
    uncalled = [one for one, out in ((case.torch, got), (case.numpy, want)) if _is_uncalled(out)]
    if uncalled:
        kind = "a class" if isinstance(got if uncalled[0] is case.torch else want, type) else "a function"
        how = _called(case, uncalled[0])
        raise HarnessError(f"{_last(uncalled[0])} is {kind}: write what is to be compared, such as {how}")


def _is_uncalled(out: Any) -> bool:
    """Tell whether an outcome is a function or a class, but for one that stands for a dtype, as np.float32 and bool."""
    if isinstance(out, type):
        return not issubclass(out, np.generic | bool | int | float | complex)
    return callable(out) and not isinstance(out, Refusal)


def _last(expression: Expression) -> str:
    """Return the last statement of an expression, whose value it is, in one line and without comments."""
    return one_line(ast.unparse(expression.tree.body[-1]))


def _called(case: Case, uncalled: Expression) -> str:
    """Return how both functions are called: as a row of ours calls them, or with no more than a tensor."""
    wanted = [_function(side) for side in (case.torch, case.numpy)]
    found = [row for row in matching.rows() if [_function(side) for side in (row.torch, row.numpy)] == wanted]
    last = uncalled.tree.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Lambda):
        return f"{ast.unparse(last.value.body)}, of which the names are the inputs"
    if not found or not all(wanted):
        return f"{_last(uncalled)}({'' if uncalled.names & case.inputs.keys() else 'x'})"
    row = min(found, key=lambda row: len(row.torch.text) + len(row.numpy.text))
    return f"{one_line(row.torch.text)} and {one_line(row.numpy.text)} ({row.id})"


def _function(expression: Expression) -> str:
    """Return the name of the function that an expression is or calls last, such as ``std`` of ``x.std(0)``."""
    last = expression.tree.body[-1]
    node = last.value if isinstance(last, ast.Expr) else last
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else ""


def of_chance(judge: Judge, batch: Batch) -> str | None:
    """Return why there is no value to compare on ``batch``, of one fill: memory is not filled, or chance decides."""
    for library, side in (("PyTorch", judge.case.torch), ("NumPy", judge.case.numpy)):
        if _is_call(side) and _function(side) in _UNFILLED:
            return f"{_last(side)} leaves its memory as it was: compare its shape and dtype, or what fills it"
        theirs = library == "PyTorch"
        outs = [_outcome(judge, batch, torch=theirs) for _ in range(_TIMES)]
        if not all(same_outcome(outs[0], other) for other in outs[1:]):
            return f"{library} gives something else each time it is asked: there is no value to compare"
    return None


def silent_with(judge: Judge, seed: int, budget: int) -> dict[str, str] | None:
    """Return some inputs where NumPy's side never gives anything but None, and never writes to them; else None."""
    shown: dict[str, str] = {}
    for batch in batches.batches(judge.case, judge.dtype, seed, budget):
        ours = numpy_inputs(batch)
        outs = call(judge.functions.numpy, ours, "the NumPy expression")
        written = any(
            store.tobytes() != block.tobytes() for store, block in zip(ours.stores, batch.blocks, strict=True)
        )
        if written or not all(out is None or isinstance(out, Refusal) for out in outs):
            return None
        shown = shown or literals.inputs(batch.only([0]))
    return shown


def _is_call(expression: Expression) -> bool:
    last = expression.tree.body[-1]
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)


def _outcome(judge: Judge, batch: Batch, *, torch: bool) -> Any:
    if torch:
        (out,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    else:
        (out,) = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    return out


def turned_round(case: Case) -> list[str]:
    """Return a note where the torch expression alone names np, and not torch: as if given in the other order."""
    if "np" in case.torch.names and "torch" not in case.torch.names and "np" not in case.numpy.names:
        return [f"np stands in the torch expression alone, {_last(case.torch)}: are the two the other way round?"]
    return []


def left_out(case: Case) -> list[str]:
    """Return a note on each side of several expressions, of which the last alone is compared."""
    several = [
        (side, [one for one in side.tree.body[:-1] if isinstance(one, ast.Expr)]) for side in (case.torch, case.numpy)
    ]
    return [f"of several expressions the last is compared: {_last(side)}" for side, others in several if others]


def refusals(judge: Judge, seed: int, budget: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what came of inputs that a side refused, and those inputs."""
    for batch in batches.batches(judge.case, judge.dtype, seed, budget):
        one = batch.only([0])
        got, want = (_outcome(judge, one, torch=theirs) for theirs in (True, False))
        told = [f"{name} raises {o}" for name, o in (("torch", got), ("numpy", want)) if isinstance(o, Refusal)]
        if told and not batch.structure.spoilt:
            yield f"; {', '.join(told)}", literals.inputs(one)
