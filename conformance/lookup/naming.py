"""The names that an expression uses, outermost first, and the arguments that it gives to what parameters."""

from __future__ import annotations

import ast
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.lookup import signatures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.expression import Expression

_MODULES: Final = ("torch", "np", "math")
SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Invert: "~",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARRAYS: Final = {"torch": "torch.Tensor", "numpy": "np.ndarray"}


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a call: of which function, of which parameter, and what was written for it.

    ``place`` counts the array that a method belongs to; it is None for an argument with its keyword.
    """

    function: str
    parameter: str
    place: int | None
    value: ast.expr


def names(expression: Expression, side: str) -> list[str]:
    """Return the whole names of the functions, methods and attributes of an expression of ``side``, outermost first.

    The last line of a program comes before the others. What is neither library's, such as a method of an optimiser,
    begins with a dot; an operator is its sign.
    """
    *program, last = expression.tree.body
    nodes = (node for statement in (last, *program) for node in _outermost_first(statement))
    found = [name for node in nodes if (name := _of(node, side)) is not None]
    inner = {name.rpartition(".")[0] for name in found}
    return [name for name in dict.fromkeys(found) if name not in inner and name not in _MODULES]


def arguments(expression: Expression, side: str) -> Iterator[Argument]:
    """Yield the arguments of every call in an expression of ``side`` whose parameter has a name that is known."""
    for node in ast.walk(expression.tree):
        name = _of(node.func, side) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and name:
            yield from _of_call(name, node)


def _of_call(name: str, call: ast.Call) -> Iterator[Argument]:
    keywords = [k for k in call.keywords if k.arg is not None]
    for keyword in keywords:
        yield Argument(function=name, parameter=str(keyword.arg), place=None, value=keyword.value)
    if any(isinstance(value, ast.Starred) for value in call.args):
        return
    words = [str(k.arg) for k in keywords]
    way = next((way for way in signatures.ways(name) if way.take(len(call.args), words)), None)
    method = name.startswith((".", *_ARRAYS.values()))
    for place, value in enumerate(call.args if way is not None else ()):
        parameter = way.at(place) if way is not None else None
        if parameter is not None:
            yield Argument(function=name, parameter=parameter, place=place + method, value=value)


def _outermost_first(tree: ast.AST) -> Iterator[ast.AST]:
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def _of(node: ast.AST, side: str) -> str | None:
    """Return the whole name of ``torch.nn.functional.relu``, and of ``x.std`` for any ``x``; None for no name."""
    if not isinstance(node, ast.Attribute):
        return _sign(node)
    words = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        words.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id in _MODULES:
        return ".".join([inner.id, *reversed(words)])
    method = f"{_ARRAYS[side]}.{node.attr}"
    return method if signatures.exists(method) else f".{node.attr}"


def _sign(node: ast.AST) -> str | None:
    match node:
        case ast.AugAssign(op=op):
            return f"{SIGNS.get(type(op))}="
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.Compare(ops=[op]):
            return SIGNS.get(type(op))
        case ast.Subscript():
            return "[]"
    return None
