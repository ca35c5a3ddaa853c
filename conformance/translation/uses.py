"""What the use of an input fixes, whatever its name: its axes in an ``einsum``, the numbers that an index may be.

Outside of that the expressions mean nothing, so an error there says nothing of a translation.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.expression import Expression

_CLASSES: Final = 3
_PAIR: Final = 2
_OF_CLASSES: Final = frozenset({"cross_entropy", "nll_loss"})
_MOST_AXES: Final = 4
_OUTPUT: Final = "->"
_ELLIPSIS: Final = "..."


class _Use(NamedTuple):
    """An input, the text of its generator, and the other inputs that it is made from."""

    name: str
    text: str
    others: tuple[str, ...] = ()


def fixed(torch: Expression, numpy: Expression) -> dict[str, str]:
    """Return the text of a generator for each input whose use in either expression says what it must be.

    The first use decides, of those in the torch expression first.
    """
    found: dict[str, str] = {}
    for expression in (torch, numpy):
        for node in ast.walk(expression.tree):
            for use in _of(node, numpy):
                if expression.names.issuperset((use.name, *use.others)):
                    found.setdefault(use.name, use.text)
    return found


def _of(node: ast.AST, numpy: Expression) -> Iterator[_Use]:
    if isinstance(node, ast.Subscript):
        yield from _of_indexing(node)
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = _arguments(node)
    if name in _OF_CLASSES:
        yield from _of_classes(given, numpy)
    elif name in _READERS:
        yield from _READERS[name](given)


def _arguments(call: ast.Call) -> list[ast.expr]:
    """Return the arguments, in the order in which they stand; the tensor of a method is the first."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    method = owner is not None and not _is_module(owner)
    return [*([owner] if method and owner is not None else []), *call.args, *(k.value for k in call.keywords)]


def _is_module(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return _name(node) in ("torch", "np")


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _of_einsum(given: Sequence[ast.expr]) -> Iterator[_Use]:
    """The letters of an equation are the axes of its operands, as long as those of the same letter."""
    if not given or not isinstance(given[0], ast.Constant) or not isinstance(given[0].value, str):
        return
    letters = given[0].value.replace(" ", "").partition(_OUTPUT)[0].split(",")
    names = [_name(node) for node in given[1:]]
    if len(letters) != len(names) or not all(names):
        return
    before: dict[str, str] = {}
    for name, axes in zip(names, letters, strict=True):
        own = axes.removeprefix(_ELLIPSIS)
        if not own.isalpha() or len(own) > _MOST_AXES:
            return
        if len(set(own)) < len(own) or before.get(name, axes) != axes:
            yield _Use(name, "squares(ndim=2)" if len(own) == _PAIR else f"tensors(ndim={len(own)})")
        elif not before:
            more = axes != own and len(own) < _MOST_AXES
            yield _Use(name, f"tensors(ndim={(len(own), len(own) + 1) if more else len(own)})")
            before[name] = axes
        elif name not in before:
            others = ", ".join(f"{other}={text!r}" for other, text in before.items())
            yield _Use(name, f"matching({own!r}, {others})", tuple(before))
            before[name] = axes


def _of_classes(given: Sequence[ast.expr], numpy: Expression) -> Iterator[_Use]:
    """A target is a class of each sample, unless NumPy multiplies with it: then it holds probabilities."""
    names = {n.id for n in ast.walk(given[0]) if isinstance(n, ast.Name) and n.id != "torch"} if given else set()
    if len(names) != 1 or len(given) < _PAIR or not _name(given[1]):
        return
    (scores,), target = names, _name(given[1])
    yield _Use(scores, "tensors(ndim=2)")
    yield _Use(target, f"{'like' if _multiplies(numpy, target) else 'classes'}({scores!r})", (scores,))


def _multiplies(expression: Expression, name: str) -> bool:
    products = (n for n in ast.walk(expression.tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult))
    return any(name in (_name(product.left), _name(product.right)) for product in products)


def _of_one_hot(given: Sequence[ast.expr]) -> Iterator[_Use]:
    if not given or not _name(given[0]):
        return
    count = given[1].value if len(given) >= _PAIR and isinstance(given[1], ast.Constant) else _CLASSES
    if len(given) >= _PAIR and _name(given[1]):
        yield _Use(_name(given[1]), f"values({_CLASSES}, {_CLASSES + 2})")
    if isinstance(count, int) and count > 0:
        yield _Use(_name(given[0]), f"tensors(ndim=(1, 2), dtypes=('int64',), domain='from 0 to {count - 1}')")


def _of_places(given: Sequence[ast.expr], kind: str, *, last: bool) -> Iterator[_Use]:
    """An index that goes along an axis; ``last`` is one that stands before its axis."""
    if len(given) <= _PAIR or not _name(given[0]):
        return
    index, axis = (given[1], given[2]) if last else (given[2], given[1])
    dim = _name(axis) or _integer(axis)
    if not _name(index) or dim is None:
        return
    if isinstance(dim, int):
        least = dim + 1 if dim >= 0 else -dim
        yield _Use(_name(given[0]), f"tensors(ndim={(least, max(least, 3))})")
    others = (_name(given[0]), *([dim] if isinstance(dim, str) else []))
    yield _Use(_name(index), f"{kind}({_name(given[0])!r}, {dim!r}, negative=False)", others)


def _of_embedding(given: Sequence[ast.expr]) -> Iterator[_Use]:
    index, table = [*map(_name, given[:_PAIR]), "", ""][:_PAIR]
    if index and table:
        yield _Use(table, "tensors(ndim=2)")
        yield _Use(index, f"indices({table!r}, 0, ndim=(1, 2), negative=False)", (table,))


def _of_linear(given: Sequence[ast.expr]) -> Iterator[_Use]:
    if given and all(map(_name, given)):
        x, *others = map(_name, given)
        yield _Use(x, "tensors(ndim=(1, 3))")
        yield from (_Use(w, f"matching('oi', {x}='...i')", (x,)) for w in others[:1])
        yield from (_Use(b, f"matching('o', {others[0]}='oi')", (others[0],)) for b in others[1:2])


def _of_permute(given: Sequence[ast.expr]) -> Iterator[_Use]:
    if len(given) >= _PAIR and _name(given[0]):
        order = given[1].elts if isinstance(given[1], ast.Tuple | ast.List) else given[1:]
        yield _Use(_name(given[0]), f"tensors(ndim={len(order)})")


def _of_indexing(node: ast.Subscript) -> Iterator[_Use]:
    """A tensor in a place of ``x[:, i]`` that is not the first holds indices into that axis."""
    if not _name(node.value) or not isinstance(node.slice, ast.Tuple):
        return
    places = [one for one in node.slice.elts if not (isinstance(one, ast.Constant) and one.value is None)]
    ends = [n for n, one in enumerate(places) if isinstance(one, ast.Constant) and one.value is Ellipsis]
    axes = [place if not ends or place < ends[0] else place - len(places) for place in range(len(places))]
    chosen = [(axis, _name(one)) for axis, one in zip(axes, places, strict=True) if _name(one)]
    least = max(len(places) - len(ends), 1)
    if not chosen:
        yield from (
            [_Use(_name(node.value), f"tensors(ndim={(least, max(least, 3))})")] if 1 < least <= _MOST_AXES else []
        )
        return
    yield _Use(_name(node.value), f"tensors(ndim={(least, max(least, 3))})")
    first = chosen[0][1]
    for axis, name in chosen:
        alike = "" if name == first else f", like={first!r}"
        others = (_name(node.value), *([] if name == first else [first]))
        yield _Use(name, f"indices({_name(node.value)!r}, {axis}{alike})", others)


def _integer(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if type(value) is int else None


_READERS: Final[dict[str, Callable[[Sequence[ast.expr]], Iterator[_Use]]]] = {
    "einsum": _of_einsum,
    "embedding": _of_embedding,
    "gather": partial(_of_places, kind="indices_along", last=False),
    "index_select": partial(_of_places, kind="indices", last=False),
    "linear": _of_linear,
    "one_hot": _of_one_hot,
    "permute": _of_permute,
    "take_along_axis": partial(_of_places, kind="indices_along", last=True),
    "take_along_dim": partial(_of_places, kind="indices_along", last=True),
}
