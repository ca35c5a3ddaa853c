"""What inputs two expressions want, read off their names and uses.

What a use fixes comes first (``uses.py``). Else a name says what it is by custom: ``dim`` is an axis, ``mask`` a mask,
``xs`` a list of tensors. Whatever else is read is a tensor, as wide as the first, or such that it can be multiplied
with it where the expressions do that.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Final

from conformance.case import NUMPY_NAMES, TORCH_NAMES
from conformance.translation.uses import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.expression import Expression

_AXIS: Final = ("dim", "axis", "d", "dim0", "dim1", "axis0", "axis1", "axis1", "axis2")
_AXES: Final = ("dims", "axes")
_MASKS: Final = ("mask", "m", "cond", "condition", "where")
_INDICES: Final = ("i", "j", "idx", "index", "ix", "indices")
_LISTS: Final = ("xs", "ys", "tensors", "arrays", "seq")
_NUMBERS: Final = {
    **dict.fromkeys(("n", "k", "count", "repeats", "times"), "values(1, 2, 3, 0)"),
    **dict.fromkeys(("correction", "ddof", "unbiased"), "values(1, 0)"),
    **dict.fromkeys(("keepdim", "keepdims", "descending", "largest", "stable"), "values(False, True)"),
    **dict.fromkeys(("s", "scalar", "alpha", "beta", "value", "number"), "scalars('float', 'int')"),
    **dict.fromkeys(("p", "q", "e", "exponent", "ord"), "values(2, 1, 3, 0.5)"),
    **dict.fromkeys(("eps", "epsilon"), "values(1e-5, 0.5)"),
    **dict.fromkeys(("shift", "shifts", "offset", "diagonal", "step"), "values(1, 0, -1, 2)"),
    **dict.fromkeys(("lo", "low", "min"), "values(-1.0, 0.0)"),
    **dict.fromkeys(("hi", "high", "max"), "values(1.0, 0.5)"),
}
_AXIS_WORDS: Final = frozenset({"dim", "axis", "dims", "axes"})
_PRODUCTS: Final = frozenset({"matmul", "mm", "bmm", "dot", "inner", "tensordot"})
_RESHAPING: Final = frozenset({"reshape", "view"})
_MOST_AXES: Final = 4


def inferred(torch: Expression, numpy: Expression, given: Mapping[str, str]) -> dict[str, str]:
    """Return the text of a generator for every input: those ``given``, and for the others what their names say.

    Inputs come in the order of ``given``, then of their first use in the torch expression, then in NumPy's.
    """
    names = [n for n in (*_in_order(torch), *_in_order(numpy)) if n not in {*TORCH_NAMES, *NUMPY_NAMES, *dir(builtins)}]
    found: dict[str, str] = dict(given)
    by_use = fixed(torch, numpy)
    unknown = [name for name in dict.fromkeys(names) if name not in given]
    # Axes, masks and indices are of the first tensor, so tensors go first.
    for name in sorted(unknown, key=_is_of_another):
        first = next((other for other, text in found.items() if _is_tensor(text)), None)
        found[name] = by_use.get(name) or _generator(name, first, torch, numpy)
    return {name: found[name] for name in dict.fromkeys([*given, *names]) if name in found}


def _in_order(expression: Expression) -> list[str]:
    reads = [n for n in ast.walk(expression.tree) if isinstance(n, ast.Name) and n.id in expression.names]
    return [n.id for n in sorted(reads, key=lambda n: (n.lineno, n.col_offset))]


def _is_of_another(name: str) -> bool:
    return name in {*_AXIS, *_AXES, *_MASKS, *_INDICES, *_NUMBERS, "shape", "size"}


def _is_tensor(text: str) -> bool:
    return text.startswith(("tensors(", "arrays(", "normals(", "squares(", "joinable(", "matching("))


def _generator(name: str, first: str | None, torch: Expression, numpy: Expression) -> str:
    if name in _LISTS:
        return "joinable('dim')" if "dim" in torch.names else "joinable('axis')"
    if name in _NUMBERS:
        return _NUMBERS[name]
    if first is None:
        return "shapes()" if name in {"shape", "size"} else _first_tensor(torch, numpy)
    of_another: dict[str, Callable[[str], str]] = {
        **dict.fromkeys(_AXIS, "axes({!r})".format),
        **dict.fromkeys(_AXES, "axis_tuples({!r})".format),
        **dict.fromkeys(_MASKS, "masks({!r})".format),
        **dict.fromkeys(_INDICES, "indices({!r}, 0)".format),
        **dict.fromkeys(("shape", "size"), "reshapes({!r})".format if _uses(torch, _RESHAPING) else "shapes()".format),
    }
    if name in of_another:
        return of_another[name](first)
    multiplied = any(isinstance(n, ast.MatMult) for n in ast.walk(torch.tree)) or _uses(torch, _PRODUCTS)
    return f"multipliable({first!r})" if multiplied else f"broadcastable({first!r})"


def _first_tensor(torch: Expression, numpy: Expression) -> str:
    """Return tensors of one to three axes, of those that the axes written out in the expressions ask for."""
    least = max([1, *_axes_asked_for(torch), *_axes_asked_for(numpy)])
    return f"tensors(ndim=({least}, {max(least, 3)}))" if least <= _MOST_AXES else "tensors(ndim=4)"


def _axes_asked_for(expression: Expression) -> Iterator[int]:
    """Yield how many axes each axis written out asks for: 2 for ``axis=1``, 3 for ``dim=-3``."""
    for _, call in _calls(expression):
        for keyword in call.keywords:
            if keyword.arg in _AXIS_WORDS:
                yield from (axis + 1 if axis >= 0 else -axis for axis in _integers(keyword.value))


def _integers(node: ast.AST) -> list[int]:
    try:
        value = ast.literal_eval(ast.unparse(node))
    except (ValueError, SyntaxError, TypeError):
        return []
    several = value if isinstance(value, tuple | list) else (value,)
    return [one for one in several if type(one) is int]


def _uses(expression: Expression, names: frozenset[str]) -> bool:
    return any(name in names for name, _ in _calls(expression))


def _calls(expression: Expression) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the last part of its name: ``sum`` for ``x.sum(0)``."""
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            yield name, node
