"""Functions in the place of expressions: what a project has written itself, judged as a row is.

A :class:`Called` is an expression that reads as a call of the function, ``my_std(x, dim)``, and is that function where
it is compiled. A torch module is copied to the device and the floating-point dtype of the tensors that it is given.
"""

from __future__ import annotations

import ast
import copy
import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch

from conformance.expression import Expression, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Called(Expression):
    """The call of a function with a case's inputs, in their order."""

    function: Function

    def compile(self, inputs: Sequence[str], namespace: Mapping[str, object], label: str) -> Function:
        """Return the function itself; ``inputs``, ``namespace`` and ``label`` are of no use to it."""
        del inputs, namespace, label
        function = _following(self.function) if isinstance(self.function, torch.nn.Module) else self.function

        def called(*args: object) -> Any:
            out = function(*args)  # a frame of ours: what a built-in function raises is told from a mistake of ours
            return _listed(out) if isinstance(out, Mapping) else out

        return called


def side(function: object, inputs: Sequence[str], fallback: str) -> Expression:
    """Return the expression of one side: ``function`` called with ``inputs``, or the text that it is.

    ``fallback`` names a function that has no name of its own, such as a lambda. Raises TypeError for what cannot be
    called, or not with so many arguments; ExpressionError for a text that does not parse.
    """
    if isinstance(function, str):
        return parse(function)
    if not callable(function):
        message = f"{function!r} is neither a function nor an expression: give what is called with the inputs"
        raise TypeError(message)
    name = name_of(function, fallback)
    if isinstance(function, type) and issubclass(function, torch.nn.Module):
        raise TypeError(f"{name} is a class of modules: give a module, such as {name}(…)")
    _takes(function, name, inputs)
    text = f"{name}({', '.join(inputs)})"
    return Called(text=text, tree=ast.parse(text), names=frozenset(inputs), function=function)


def name_of(function: object, fallback: str) -> str:
    """Return the name under which a reader knows ``function``: its own, that of its class, or ``fallback``."""
    name = getattr(function, "__name__", type(function).__name__)
    return name if name.isidentifier() and not keyword.iskeyword(name) else fallback


def _takes(function: Function, name: str, inputs: Sequence[str]) -> None:
    """Raise TypeError unless ``function`` can be called with so many arguments, as far as it says what it takes."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # many built-in functions have none
        return
    asked = f"{name}{signature} cannot be called with the inputs {', '.join(inputs) or '(none)'}"
    try:
        taken = signature.bind(*inputs).arguments
    except TypeError as error:
        raise TypeError(f"{asked}: {error}") from None
    if taken.keys() == set(inputs) and list(taken) != list(inputs):
        raise TypeError(f"{asked}: it takes them in another order; give them in that of its parameters")


def _listed(result: Mapping[Any, Any]) -> tuple[tuple[Any, Any], ...]:
    """Return a mapping as pairs in the order of its keys, which are compared as results of several parts are."""
    return tuple((key, result[key]) for key in sorted(result, key=repr))


def _following(module: torch.nn.Module) -> Function:
    """Return ``module`` as a function whose parameters have the dtype and the device of the floats it is given."""

    @lru_cache(maxsize=8)
    def moved(dtype: torch.dtype | None, device: torch.device | None) -> torch.nn.Module:
        return copy.deepcopy(module).to(device=device, dtype=dtype)

    def function(*args: object) -> Any:
        tensors = [one for one in args if isinstance(one, torch.Tensor)]
        floats = [one.dtype for one in tensors if one.is_floating_point() or one.is_complex()]
        return moved(next(iter(floats), None), tensors[0].device if tensors else None)(*args)

    return function
