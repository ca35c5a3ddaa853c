"""The two expressions of a case: read from strings, checked, compiled.

An expression is what a reader types. A few lines make a program whose last line is an expression, its value. Both are
compiled to a function of the case's inputs, in their order, positional only, so that an input may be called anything
that is not a keyword. The source is registered in :mod:`linecache`, so tracebacks show it.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_OPERATORS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "bitwise_and",
    ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.USub: "neg",
    ast.UAdd: "pos",
    ast.Invert: "invert",
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}


class ExpressionError(ValueError):
    """An expression that cannot be read: what is wrong with it, in one line."""


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A parsed expression: its text, its syntax tree, and the names it reads without assigning them."""

    text: str
    tree: ast.Module
    names: frozenset[str]

    def compile(self, inputs: Sequence[str], namespace: Mapping[str, object], label: str) -> Callable[..., Any]:
        """Return the function of ``inputs`` (positional) that computes this expression in ``namespace``.

        ``label`` names the source in tracebacks, such as ``<shape/squeeze torch>``.
        """
        source = _as_function(self.tree, inputs)
        linecache.cache[label] = (len(source), None, source.splitlines(keepends=True), label)
        scope: dict[str, Any] = dict(namespace)
        exec(compile(source, label, "exec"), scope)  # noqa: S102 - running the rows' expressions is what we are for
        function: Callable[..., Any] = scope["_expression"]
        return function

    def dotted(self) -> Iterator[tuple[str, str]]:
        """Yield every dotted name as (root, rest): ``("np", "linalg.norm")``; calls and subscripts end a chain."""
        for node in ast.walk(self.tree):
            chain = _chain(node)
            if chain is not None:
                yield chain

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Yield every call of a dotted name that starts at a plain name, with its syntax node."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (chain := _chain(node.func)) is not None:
                yield ".".join(chain), node

    def strings(self) -> frozenset[str]:
        """Return every string constant in it."""
        return frozenset(
            n.value for n in ast.walk(self.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        )

    def operation(self) -> str | None:
        """Return the name of the operation it ends in (``x + y`` is ``add``), or None where that is not one name."""
        last = self.tree.body[-1]
        return _operation(last.value) if isinstance(last, ast.Expr) else None


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read ``text``, one expression or a program whose last line is one; read once, however often it is asked for.

    Raises ExpressionError with one line that says what is wrong and where in the text.
    """
    source = textwrap.dedent(text).strip()
    if not source:
        message = "the expression is empty: write what a reader would type, such as 'x + y'"
        raise ExpressionError(message)
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        message = f"{source!r} does not parse: {error.msg} (line {error.lineno}, column {error.offset})"
        raise ExpressionError(message) from None
    if not isinstance(tree.body[-1], ast.Expr):
        message = f"{source!r} does not end in an expression: its last line is the value that is compared"
        raise ExpressionError(message)
    return Expression(text=source, tree=tree, names=_free_names(tree))


def one_line(text: str) -> str:
    """Return a program in one line, its statements parted by semicolons."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())


def unknown_names(expression: Expression, known: Sequence[str]) -> list[str]:
    """Return the names that ``expression`` reads and that are neither ``known`` nor builtins, sorted."""
    return sorted(expression.names - set(known) - set(dir(builtins)))


def _free_names(tree: ast.Module) -> frozenset[str]:
    """Return the names that a program reads before it has given them a value, in the order in which it runs."""
    return frozenset(_early(tree.body, set()))


def _early(block: Sequence[ast.stmt], known: set[str]) -> set[str]:
    """Return the names that the statements of ``block`` read first; those that they bind are added to ``known``.

    Names such as ``x`` in ``x = x.detach()`` or ``x += y`` are read first, but those that a loop, a function or a class
    of the program makes for itself are not.
    """
    early: set[str] = set()
    for statement in block:
        held = _held(statement)
        early |= _read_by(statement, held) - known
        if isinstance(statement, ast.FunctionDef):
            arguments = {n.arg for n in ast.walk(statement.args) if isinstance(n, ast.arg)}
            early |= _early(statement.body, {*known, *arguments, statement.name}) - known
        known |= _bound_by(statement, held)
        for inner in () if isinstance(statement, ast.FunctionDef) else _blocks(statement):
            early |= _early(inner, known)
    return early


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks inside of a loop, a condition, a ``with``, a class, a ``match``, a ``try`` with its handlers."""
    for field in ("body", "cases", "handlers", "orelse", "finalbody"):
        inner = getattr(statement, field, [])
        yield from (one.body for one in inner) if field in ("cases", "handlers") else [inner]


class _Held(NamedTuple):
    """The names in a statement, outside of its blocks: that it reads, that it binds, and that it binds inside only."""

    read: set[str]
    bound: set[str]
    inside: set[str]


def _held(statement: ast.stmt) -> _Held:
    """Return the names in a statement, from one walk: every process reads all rows so, and is as quick to start."""
    held = _Held(set(), set(), set())
    left = _parts(statement)
    while left:
        node = left.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                held.read.add(name)
            case ast.Name(id=name):
                held.bound.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                held.bound.add(name)
                held.inside.add(name)  # a guard reads it
            case ast.arg(arg=name) | ast.NamedExpr(target=ast.Name(id=name)):  # an argument of a lambda
                held.inside.add(name)
            case ast.comprehension(target=target):
                held.inside.update(n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        left += _parts(node)
    return held


def _parts(node: ast.AST) -> list[ast.AST]:
    """Return what a node is made of but blocks, and what holds no name."""
    if isinstance(node, ast.Name | ast.Constant):
        return []
    held = [getattr(node, field, None) for field in node._fields]
    parts = [part for one in held for part in (one if isinstance(one, list) else (one,))]
    types = [part.type if isinstance(part, ast.ExceptHandler) else part for part in parts]
    return [part for part in types if isinstance(part, ast.AST) and not isinstance(part, _NAMELESS)]


_NAMELESS: Final = (ast.stmt, ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
"""Statements of blocks, which are looked at one by one, and what holds no name."""


def _read_by(statement: ast.stmt, held: _Held) -> set[str]:
    changed = {statement.target.id} if _changes_a_name(statement) else set()
    return (held.read - held.inside) | changed


def _changes_a_name(statement: ast.stmt) -> TypeGuard[Any]:
    return isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name)


def _bound_by(statement: ast.stmt, held: _Held) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {*held.bound, name}
        case ast.Import(names=modules) | ast.ImportFrom(names=modules):
            return {*held.bound, *((one.asname or one.name).partition(".")[0] for one in modules)}
        case ast.Try(handlers=handlers):
            return {*held.bound, *(one.name for one in handlers if one.name)}
    return held.bound


def _as_function(tree: ast.Module, inputs: Sequence[str]) -> str:
    *program, last = tree.body
    lines = [ast.unparse(statement) for statement in program]
    value = ast.unparse(last.value) if isinstance(last, ast.Expr) else "None"
    body = textwrap.indent("\n".join([*lines, f"return {value}"]), "    ")
    positional = ", ".join(inputs) + ", /" if inputs else ""
    return f"def _expression({positional}):\n{body}\n"


def _chain(node: ast.AST) -> tuple[str, str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and parts:
        return node.id, ".".join(reversed(parts))
    return None


def _operation(node: ast.expr) -> str | None:
    match node:
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.Compare(ops=[op]):
            return _OPERATORS.get(type(op))
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Attribute(attr=name):
            return name
        case ast.Subscript():
            return "getitem"
    return None
