"""What the text of a program says of gradients: whether it asks for them itself, and which leaves it makes.

``torch.nn.Parameter(w)`` and ``load_state_dict({"weight": w})`` take the numbers of ``w`` and nothing else: what they
make is a leaf of its own, from which no gradient flows on to ``w``. So a program that holds them is judged by its other
inputs, and ``w`` stands still. One that asks for gradients itself gives them as its result, and is an ordinary row.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.expression import Expression

_ASKS: Final = re.compile(r"backward|autograd|requires_grad|no_grad|(?<!func)\.grad\b|torch\.load\b")
_COPIES: Final = ("Parameter", "load_state_dict")


def asks(expression: Expression) -> bool:
    """Tell whether a program asks for gradients, forbids them, or reads what it computes with from a file."""
    return bool(_ASKS.search(expression.text))


def leaves(expression: Expression) -> frozenset[str]:
    """Return the names of which a program makes leaves of its own, so that no gradient flows to what they name."""
    return frozenset(name for call in _copies(expression) for name in _named(call))


def _copies(expression: Expression) -> Iterator[ast.Call]:
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _COPIES:
            yield node


def _named(call: ast.Call) -> Iterator[str]:
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield from (node.id for node in ast.walk(given) if isinstance(node, ast.Name))
