"""Mutants of a NumPy expression: small changes of meaning, each of which the inputs of its row ought to reveal.

They are made on the syntax tree, from the row alone: a keyword dropped or changed, an axis shifted or counted from the
other end, operands swapped, a sign or an operator lost, a function replaced by its sibling that ignores NaN or rounds
the other way. What does not change the meaning by the rules of arithmetic (the operands of a sum swapped) is not made.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.inputs.tensors import Joinable
from conformance.inputs.values import Axes, AxisTuples, Dtypes, Reshapes, Scalars, Shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.case import Case
    from conformance.inputs.base import Input

    Changes = Iterator[tuple[str, ast.AST]]

_SIBLING_OPERATORS: Final[Mapping[type[ast.AST], type[ast.AST]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitXor,
    ast.BitXor: ast.BitAnd,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_COMMUTATIVE: Final = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
_COMMUTATIVE_FUNCTIONS: Final = frozenset(
    {
        "add",
        "multiply",
        "maximum",
        "minimum",
        "hypot",
        "logaddexp",
        "logaddexp2",
        "gcd",
        "lcm",
        "swapaxes",
        "array_equal",
    }
)
_SIBLING_FUNCTIONS: Final[Mapping[str, str]] = {
    "asarray": "array",
    "sum": "nansum",
    "mean": "nanmean",
    "prod": "nanprod",
    "std": "nanstd",
    "var": "nanvar",
    "median": "nanmedian",
    "max": "nanmax",
    "min": "nanmin",
    "cumsum": "nancumsum",
    "cumprod": "nancumprod",
    "argmax": "argmin",
    "argmin": "argmax",
    "any": "all",
    "all": "any",
    "maximum": "fmax",
    "minimum": "fmin",
    "add": "subtract",
    "subtract": "add",
    "multiply": "divide",
    "divide": "multiply",
    "floor_divide": "divide",
    "remainder": "fmod",
    "power": "multiply",
    "trunc": "floor",
    "floor": "ceil",
    "ceil": "floor",
    "rint": "trunc",
    "negative": "positive",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "concatenate": "stack",
    "stack": "concatenate",
    "transpose": "squeeze",
    "swapaxes": "moveaxis",
    "squeeze": "atleast_1d",
    "exp": "exp2",
    "log": "log2",
    "sin": "cos",
    "cos": "sin",
    "sinh": "tanh",
    "tanh": "arctan",
    "expm1": "exp",
    "log1p": "log",
    "sqrt": "cbrt",
}
_SIBLING_ATTRIBUTES: Final[Mapping[str, str]] = {
    "shape": "strides",
    "ndim": "size",
    "size": "ndim",
    "nbytes": "size",
    "itemsize": "ndim",
    "mT": "T",
    "real": "imag",
    "imag": "real",
    "c_contiguous": "f_contiguous",
    "bool": "uint8",
    "uint8": "int8",
    "int8": "int16",
    "int16": "int32",
    "int32": "int64",
    "int64": "int32",
    "float16": "float32",
    "float32": "float64",
    "float64": "float32",
    "complex64": "complex128",
    "complex128": "complex64",
}
_IN_ORDER: Final = frozenset({"flatten", "ravel", "reshape"})
"""Functions that go through the elements in an order that can be another."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A changed expression, and what was changed, in words that are unique within its row."""

    name: str
    text: str


def mutants(case: Case) -> list[Mutant]:
    """Return the mutants of the NumPy expression of ``case``, in the order of the text."""
    made: dict[str, Mutant] = {}
    words: Counter[str] = Counter()
    for number, node in enumerate(ast.walk(case.numpy.tree)):
        for change, changed in _changes(node, case.inputs):
            text = _with(case.numpy.tree, number, changed)
            if text != ast.unparse(case.numpy.tree) and text not in made:
                words[change] += 1
                name = change if words[change] == 1 else f"{change} ({words[change]})"
                made[text] = Mutant(name=name, text=text)
    return list(made.values())


def _with(tree: ast.Module, number: int, changed: ast.AST) -> str:
    """Return the text of ``tree`` with ``changed`` in the place of its node ``number``, in the order of a walk."""
    twin = copy.deepcopy(tree)
    old = list(ast.walk(twin))[number]
    return ast.unparse(ast.fix_missing_locations(_Replace(old, changed).visit(twin)))


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def _changes(node: ast.AST, inputs: Mapping[str, Input]) -> Changes:
    yield from _of_operation(node)
    match node:
        case ast.Call():
            yield from _of_call(node)
        case ast.Tuple(elts=parts, ctx=ast.Load()) | ast.List(elts=parts, ctx=ast.Load()):
            yield "parts reversed", type(node)(elts=parts[::-1], ctx=ast.Load())
        case ast.Name(id=name, ctx=ast.Load()) if name in inputs:
            yield from ((f"{name} {words}", _parsed(text)) for words, text in _of_input(name, inputs))
        case ast.Attribute():
            yield from _of_attribute(node)
        case ast.Constant():
            yield from _of_constant(node)


def _of_operation(node: ast.AST) -> Changes:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield from _of_operator(op, lambda other: ast.BinOp(left=left, op=other, right=right))
            if not isinstance(op, _COMMUTATIVE) and ast.dump(left) != ast.dump(right):
                yield "operands swapped", ast.BinOp(left=right, op=op, right=left)
        case ast.AugAssign(target=target, op=op, value=changed):
            yield from _of_operator(op, lambda other: ast.AugAssign(target=target, op=other, value=changed))
        case ast.Compare(left=left, ops=[op], comparators=others):
            yield from _of_operator(op, lambda other: ast.Compare(left=left, ops=[other], comparators=others))
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield "minus dropped", operand


def _of_attribute(node: ast.Attribute) -> Changes:
    match node:
        case ast.Attribute(value=owner, attr=name) if name in _SIBLING_ATTRIBUTES:
            other = _SIBLING_ATTRIBUTES[name]
            yield f"{name} is {other}", ast.Attribute(value=owner, attr=other, ctx=ast.Load())
        case ast.Attribute(value=owner, attr="T"):
            yield "T dropped", owner


def _of_constant(node: ast.Constant) -> Changes:
    match node:
        case ast.Constant(value=bool(value)):
            yield f"{value} is {not value}", ast.Constant(value=not value)
        case ast.Constant(value=int(value) | float(value)):
            yield f"{value} is {value + 1}", ast.Constant(value=value + 1)


def _of_operator(op: ast.AST, rebuilt: Callable[..., ast.AST]) -> Changes:
    other = _SIBLING_OPERATORS.get(type(op))
    if other is not None:
        yield f"{type(op).__name__} is {other.__name__}", rebuilt(other())


def _of_call(node: ast.Call) -> Changes:
    yield from _of_keywords(node)
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="copy"), args=[], keywords=[]):
            yield "copy dropped", owner
        case ast.Call(func=ast.Attribute(attr=name)) if name in _IN_ORDER and "order" not in _keywords(node):
            order = ast.keyword(arg="order", value=ast.Constant(value="F"))
            yield "columns first", ast.Call(func=node.func, args=node.args, keywords=[*node.keywords, order])
    yield from _of_function(node)


def _keywords(node: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in node.keywords}


def _of_keywords(node: ast.Call) -> Changes:
    for place, keyword in enumerate(node.keywords):
        kept = [*node.keywords[:place], *node.keywords[place + 1 :]]
        yield f"{keyword.arg}= dropped", ast.Call(func=node.func, args=node.args, keywords=kept)


def _of_function(node: ast.Call) -> Changes:
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args) if name in _SIBLING_FUNCTIONS:
            other = _SIBLING_FUNCTIONS[name]
            if hasattr(np if isinstance(owner, ast.Name) and owner.id == "np" else np.ndarray, other):
                changed = ast.Attribute(value=owner, attr=other, ctx=ast.Load())
                yield f"{name} is {other}", ast.Call(func=changed, args=args, keywords=node.keywords)
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[first, second, *rest]) if name not in _COMMUTATIVE_FUNCTIONS:
            if ast.dump(first) != ast.dump(second):
                swapped = [second, first, *rest]
                yield "arguments swapped", ast.Call(func=node.func, args=swapped, keywords=node.keywords)


def _of_input(name: str, inputs: Mapping[str, Input]) -> Iterator[tuple[str, str]]:
    """Yield what the input ``name`` can be mistaken for, as a text that stays within what the operation accepts."""
    match inputs[name]:
        case Axes(other=other, new=new):
            tensor = f"{other}[0]" if isinstance(inputs[other], Joinable) else other
            yield "shifted by one", f"({name} + 1) % max({tensor}.ndim + {int(new)}, 1)"
            yield "counted from the other end", f"(-1 - {name})"
        case AxisTuples():
            yield "without its last", f"{name}[:-1]"
            yield "without its first", f"{name}[1:]"
        case Reshapes() | Shapes():
            yield "reversed", f"{name}[::-1]"
        case Joinable():
            yield "reversed", f"{name}[::-1]"
            yield "without its last", f"({name}[:-1] or {name})"
        case Scalars():
            yield "plus one", f"({name} + 1)"
        case Dtypes():
            yield "another", f"np.dtype('int16' if {name} != np.int16 else 'float64')"


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
