"""Every dotted name of a case exists, and its keywords bind: strings escape linters, so we look ourselves.

``np.…`` and ``torch.…`` are looked up in the modules; ``x.…`` on an input that is a tensor, on Tensor or ndarray. On
the pinned pair a missing name is an error; with an older library it is "not available in torch 2.6", with a newer one
"gone in torch 2.16": not run, never a crash. Keywords are checked where a signature can be had (NumPy: nearly always;
torch: hardly ever, so a wrong keyword there shows as a refusal of every input).
"""

from __future__ import annotations

import difflib
import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from conformance import versions
from conformance.inputs.tensors import Joinable, TensorInput

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from conformance.case import Case
    from conformance.expression import Expression


def unavailable(case: Case) -> str | None:
    """Return why ``case`` cannot run on the installed versions, such as ``not available in torch 2.6``, or None."""
    if versions.is_pinned():
        return None
    for side in ("torch", "numpy"):
        if any(True for _ in _missing(case, side)):
            word = "not available" if versions.is_older(side) else "gone"
            return f"{word} in {side} {versions.short(side)}"
    return None


def errors(case: Case) -> list[str]:
    """Return what is wrong with the names and keywords of ``case``, one line each; on the pinned pair only."""
    if not versions.is_pinned():
        return []
    found = []
    for side in ("torch", "numpy"):
        found += [f"{name} does not exist{_nearest(owner, name)}" for owner, name in _missing(case, side)]
        found += list(_unbound(case, side))
    return found


def _roots(case: Case, side: str) -> dict[str, Any]:
    """Return what the names of one side stand for: modules, and the class of each tensor input."""
    import numpy as np
    import torch

    kind = torch.Tensor if side == "torch" else np.ndarray
    tensors = {n: g for n, g in case.inputs.items() if isinstance(g, TensorInput) and not isinstance(g, Joinable)}
    known: dict[str, Any] = {
        n: kind if g.face == "tensor" else np.ndarray for n, g in tensors.items() if g.face != "list"
    }
    return known | {"np": np, "math": math, "torch": torch}


def _missing(case: Case, side: str) -> Iterator[tuple[Any, str]]:
    expression: Expression = getattr(case, side)
    roots = _roots(case, side)
    for root, rest in expression.dotted():
        owner = roots.get(root, None)
        for attribute in rest.split(".") if owner is not None else ():
            if not hasattr(owner, attribute):
                yield owner, f"{root}.{rest}"
                break
            owner = getattr(owner, attribute)
            if not inspect.ismodule(owner) and not inspect.isclass(owner):
                break


def _nearest(owner: Any, name: str) -> str:
    close = difflib.get_close_matches(name.rpartition(".")[2], dir(owner), n=1)
    return f": did you mean {name.rpartition('.')[0]}.{close[0]}?" if close else ""


def _unbound(case: Case, side: str) -> Iterator[str]:
    expression: Expression = getattr(case, side)
    roots = _roots(case, side)
    for name, call in expression.calls():
        root, _, rest = name.partition(".")
        function = _resolved(roots.get(root), rest)
        problem = _binding_problem(function, call) if function is not None and root in _MODULES else None
        if problem:
            yield f"{name}(…) cannot be called so: {problem}"


_MODULES: Final = ("np", "math", "torch")


def _resolved(owner: Any, rest: str) -> Any:
    for attribute in rest.split("."):
        owner = getattr(owner, attribute, None)
    return owner


def _binding_problem(function: Any, call: ast.Call) -> str | None:
    if any(k.arg is None for k in call.keywords) or any(type(a).__name__ == "Starred" for a in call.args):
        return None
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    try:
        signature.bind(*call.args, **{str(k.arg): k.value for k in call.keywords})
    except TypeError as error:
        return str(error)
    return None
