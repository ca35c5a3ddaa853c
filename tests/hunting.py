"""Hunting a planted bug: which rows use its operation, and the first input on which one of them fails."""

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from conformance import loading, state, unit
from conformance.case import Case
from conformance.conclusion import hardly_ran
from conformance.evaluate import HarnessError

from .planted import Planted, gradients

SETTINGS = unit.Settings()

# The spellings that a bug in an operation is planted in, other than the operation's own name.
SPELLINGS = {
    "add": {"+"},
    "add_": {"+="},
    "sub": {"-", "subtract"},
    "mul": {"*", "multiply"},
    "div": {"/", "divide", "true_divide"},
    "floor_divide": {"//"},
    "remainder": {"%"},
    "pow": {"**"},
    "neg": {"-x", "negative"},
    "transpose": {"swapaxes", "swapdims"},
    "cat": {"concat", "concatenate"},
    "matmul": {"@"},
    "lt": {"<", "less"},
    "eq": {"=="},
    "bitwise_and": {"&"},
    "bitwise_left_shift": {"<<"},
    "abs": {"absolute"},
    "trunc": {"fix"},
    "clamp": {"clip"},
    "atan2": {"arctan2"},
    "movedim": {"moveaxis"},
    "nonzero": {"argwhere"},
    "linear": {"Linear"},
    "train": {"eval"},
    "embedding": {"Embedding"},
    "gelu": {"GELU"},
    "silu": {"SiLU"},
    "glu": {"GLU"},
    "softmax": {"Softmax"},
    "mse_loss": {"MSELoss"},
    "l1_loss": {"L1Loss"},
    "smooth_l1_loss": {"SmoothL1Loss"},
    "huber_loss": {"HuberLoss"},
    "binary_cross_entropy": {"BCELoss"},
    "binary_cross_entropy_with_logits": {"BCEWithLogitsLoss"},
    "kl_div": {"KLDivLoss"},
    "nll_loss": {"NLLLoss"},
    "cross_entropy": {"CrossEntropyLoss"},
}
SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.LShift: "<<",
    ast.Lt: "<",
    ast.Eq: "==",
}


@dataclass(frozen=True, kw_only=True)
class Kill:
    """What caught a bug: the unit, the check, how many steps and inputs it took, the input's words, milliseconds."""

    unit: unit.Unit
    check: str
    steps: int
    inputs: int
    headline: str
    spent: float


def operations(case: Case) -> Iterator[str]:
    """Yield the operations that the torch expression of a row uses: signs of operators, names after a dot."""
    for node in ast.walk(case.torch.tree):
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.BinOp(op=op):
                yield SIGNS.get(type(op), "")
            case ast.Compare(ops=[op]):
                yield SIGNS.get(type(op), "")
            case ast.AugAssign(op=op):
                yield SIGNS.get(type(op), "") + "="
            case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                yield "-x"


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """Return every row that there is."""
    return tuple(row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case))


def is_in_gradient(bug: Planted) -> bool:
    """Tell whether every value stays right, and only a gradient is wrong."""
    return bug in gradients.BUGS


def suspects(bug: Planted) -> list[unit.Unit]:
    """Return the units that use the operation of ``bug``, with its dtypes; those about gradients first or last."""
    wanted = {bug.operation} | SPELLINGS.get(bug.operation, set())
    using = [case for case in cases() if wanted & set(operations(case))]
    using.sort(key=lambda case: case.id.startswith("gradient") != is_in_gradient(bug))
    return [
        unit.Unit(case=case, dtype=dtype, device="cpu")
        for case in using
        for dtype in case.unit_dtypes()
        if dtype in (*bug.dtypes, "-")
    ]


def hunted(bug: Planted) -> Kill | None:
    """Return how ``bug`` is killed, by a unit that passes without it; None where every unit does so with it."""
    kills = filter(None, (killed(one, bug) for one in suspects(bug)))
    return next((kill for kill in kills if clean(kill)), None)


def killed(one: unit.Unit, bug: Planted) -> Kill | None:
    """Run a unit with ``bug`` in torch until something is found."""
    started = time.perf_counter()
    number, last, words = 0, None, None
    with state.guarded(one.device), bug.patch():
        try:
            for number, last in enumerate(unit.steps(one, SETTINGS), 1):  # noqa: B007 - the last one is what is asked for
                if last.failed:
                    break
        except HarnessError as error:
            number, words = number + 1, ("broken", str(error))
    words = words or (found(last) if last else None)
    if words is None:
        return None
    spent = 1000 * (time.perf_counter() - started)
    inputs = last.judge.tally.inputs if last else 0
    return Kill(unit=one, check=words[0], steps=number, inputs=inputs, headline=words[1], spent=spent)


def found(progress: unit.Progress) -> tuple[str, str] | None:
    """Return the check that failed and its words; None where nothing did."""
    for finding in progress.judge.tally.findings.values():
        return finding.signature.check, finding.headline
    for one in progress.examined:
        if one.gone:
            return "difference gone", one.declared.difference.because
    return ("hardly ran", "") if hardly_ran(progress.judge, SETTINGS.budget) else None


def clean(kill: Kill) -> bool:
    """Tell whether the unit finds nothing up to the same step without the bug; all of it, if it was not a finding."""
    limit = None if kill.check == "hardly ran" else kill.steps
    last = None
    with state.guarded(kill.unit.device):
        try:
            for last in islice(unit.steps(kill.unit, SETTINGS), limit):  # noqa: B007 - see above
                pass
        except HarnessError:
            return False
    return last is not None and not last.failed and (limit is not None or not hardly_ran(last.judge, SETTINGS.budget))


def line(bug: Planted, kill: Kill | None) -> str:
    """Return one line of the table of planted bugs."""
    mark = "*" if bug.hard else " "
    if kill is None:
        return f"{mark} {bug.name:38} SURVIVES"
    effort = f"{kill.inputs:6} inputs {kill.spent:7.0f} ms"
    return f"{mark} {bug.name:38} {kill.unit.name:44} {kill.check:15} {effort}  {kill.headline[:90]}"
