"""Rows of ours that say what an expression of somebody else's is on the other side.

A row's expression is a pattern in which the row's inputs stand for anything: ``x.std(dim)`` is met by ``y.std(0)``,
with ``y`` for ``x`` and ``0`` for ``dim``, and its NumPy side, so filled in, is what ``y.std(0)`` means. Methods are
met by functions, and an axis by its keyword where it is the first argument after the tensor.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import loading
from conformance.case import Case
from conformance.differences import compile_differences
from conformance.evaluate import functions
from conformance.examples import batch_of
from conformance.expression import parse
from conformance.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.case import Difference
    from conformance.differences import Declared
    from conformance.expression import Expression

    Bindings = dict[str, ast.expr]

_MODULES: Final = ("torch", "np", "math")
_AXIS: Final = ("axis", "dim")
_PLACES: Final = frozenset({"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "type_comment", "kind"})


@dataclass(frozen=True, kw_only=True)
class Known:
    """A row that meets an expression of one ``side``, and what it means on the other; ``both`` where it meets both."""

    case: Case
    side: str
    means: str
    both: bool
    bindings: Mapping[str, ast.expr]


def rows() -> Iterator[Case]:
    """Yield the rows that come with the suite."""
    for path in loading.modules():
        yield from (row for row in loading.load(path) if isinstance(row, Case))


def known(torch: Expression, numpy: Expression, among: Iterable[Case]) -> list[Known]:
    """Return what ``among`` the rows is said of either expression; of several with one answer the first is kept."""
    found: dict[tuple[str, str, bool], Known] = {}
    for case in among:
        there, here = _bound(case, case.torch, torch), _bound(case, case.numpy, numpy)
        for side, bindings, other in (("torch", there, case.numpy), ("numpy", here, case.torch)):
            if bindings is not None:
                both, means = _agree(there, here), _filled(other, bindings)
                told = Known(case=case, side=side, means=means, both=both, bindings=bindings)
                found.setdefault((side, means, both), told)
    return list(found.values())


def _agree(there: Bindings | None, here: Bindings | None) -> bool:
    """Tell whether a row meets both expressions with the same inputs: ``x[m]`` does not meet ``x[a]`` and ``x[~a]``."""
    if there is None or here is None:
        return False
    return all(_text(there[name]) == _text(here[name]) for name in there.keys() & here.keys())


def _text(node: ast.expr) -> str:
    return ast.unparse(_Written().visit(copy.deepcopy(node)))


def differences(one: Known, args: Mapping[str, object], dtype: str, device: str, out: object) -> list[Difference]:
    """Return the differences of a row that explain what becomes of NumPy's arguments ``args``, by name.

    Those whose condition holds there, where NumPy gives ``out``, and that are true of it: judged on these inputs with
    what it declares, the row itself has nothing to find in what they concern.
    """
    try:
        given = {name: _evaluated(one.bindings[name], args) for name in one.case.inputs}
    except Exception:  # noqa: BLE001 - an input that the expression does not tell is not known
        return []
    declared = compile_differences(one.case, dtype)
    holding = [d for d in declared if _holds(d, list(given.values()), dtype, device, out)]
    return [d.difference for d in holding if _shows(one.case, given, d, declared, dtype, device)] if holding else []


def _shows(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    case: Case, given: Mapping[str, object], one: Declared, declared: Sequence[Declared], dtype: str, device: str
) -> bool:
    """Tell whether torch gives on the inputs ``given`` what a difference of ``case`` declares."""
    present = (device,)
    judge = Judge(
        case=case,
        dtype=dtype,
        device=device,
        functions=functions(case, device, present),
        declared=declared,
        present=present,
        strict=True,
    )
    try:
        judge.judge(batch_of(case, given, dtype))
    except Exception:  # noqa: BLE001 - inputs that the row cannot have are not its business
        return False
    told = one.difference.aspect or "value"
    wrong = {found.check for found in judge.tally.findings}
    return judge.tally.met[one.number] > 0 and not wrong & {told, "error"}


def _evaluated(node: ast.expr, args: Mapping[str, object]) -> object:
    return parse(_text(node)).compile(list(args), {"np": np}, "<binding>")(*args.values())


def _holds(one: Declared, args: Sequence[object], dtype: str, device: str, out: object) -> bool:
    if one.difference.when is None:
        return True
    try:
        return bool(np.any(one.call("when", args, dtype, device, out)))
    except Exception:  # noqa: BLE001 - a condition that cannot be asked here says nothing
        return False


def instead(difference: Difference, one: Known) -> str | None:
    """Return the torch expression that gives NumPy's answer, in the asker's words; None where none is known."""
    return _filled(parse(difference.instead), one.bindings) if difference.instead else None


def _bound(case: Case, pattern: Expression, asked: Expression) -> Bindings | None:
    """Return what the inputs of ``case`` stand for where ``pattern`` is ``asked``; None where it is not.

    A pattern that is a mere name, which anything meets, meets nothing.
    """
    last = pattern.tree.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name):
        return None
    bindings: Bindings = {}
    if not _meets(_alike(pattern.text), _alike(asked.text), set(case.inputs), bindings):
        return None
    return None if any(map(_is_of_a_library, bindings.values())) else bindings


def _is_of_a_library(node: ast.expr) -> bool:
    """An input that stands for a part of one library's expression has no meaning in the other's."""
    written = _Written().visit(copy.deepcopy(node))
    return any(isinstance(n, ast.Name) and n.id in _MODULES for n in ast.walk(written))


@lru_cache(maxsize=4096)
def _alike(text: str) -> ast.Module:
    tree: ast.Module = _Alike().visit(ast.parse(text))
    return tree


class _Alike(ast.NodeTransformer):
    """Writes a method as the function of its tensor, and the axis after that without its keyword."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        written = copy.deepcopy(node)
        self.generic_visit(node)
        module, name = _module_and_name(node.func)
        if not name or (module is None and not isinstance(node.func, ast.Attribute)):
            return node
        tensor = [] if module else [node.func.value]  # type: ignore[attr-defined]  # an Attribute, as just asked
        arguments, keywords = [*tensor, *node.args], sorted(node.keywords, key=lambda k: str(k.arg))
        if len(arguments) == 1 and keywords and keywords[0].arg in _AXIS:
            arguments.append(keywords.pop(0).value)
        made = ast.Call(func=ast.Name(id=f".{name}", ctx=ast.Load()), args=arguments, keywords=keywords)
        made.written = written  # type: ignore[attr-defined]  # what is shown of it
        return made


def _module_and_name(function: ast.expr) -> tuple[str | None, str]:
    """Return ``("torch", "linalg.norm")`` for a function of a module, ``(None, "std")`` for a method."""
    names: list[str] = []
    node = function
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in _MODULES:
        return node.id, ".".join(reversed(names))
    return None, function.attr if isinstance(function, ast.Attribute) else ""


def _meets(pattern: Any, asked: Any, inputs: set[str], bindings: Bindings) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id in inputs:
        return isinstance(asked, ast.expr) and _binds(pattern.id, asked, bindings)
    if type(pattern) is not type(asked):
        return False
    if isinstance(pattern, list):
        return len(pattern) == len(asked) and all(
            _meets(p, a, inputs, bindings) for p, a in zip(pattern, asked, strict=True)
        )
    if isinstance(pattern, ast.AST):
        fields = [name for name in pattern._fields if name not in _PLACES]
        return all(
            _meets(getattr(pattern, name, None), getattr(asked, name, None), inputs, bindings) for name in fields
        )
    return bool(pattern == asked)


def _binds(name: str, asked: ast.expr, bindings: Bindings) -> bool:
    held = bindings.setdefault(name, asked)
    return ast.dump(held) == ast.dump(asked)


class _Filled(ast.NodeTransformer):
    """Puts what was met in the place of a row's inputs."""

    def __init__(self, bindings: Mapping[str, ast.expr]) -> None:
        self._bindings = bindings

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _Written().visit(copy.deepcopy(self._bindings.get(node.id, node)))  # type: ignore[no-any-return]  # a transformer's visit


class _Written(ast.NodeTransformer):
    """Puts calls back as they were written."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return getattr(node, "written", node)


def _filled(expression: Expression, bindings: Mapping[str, ast.expr]) -> str:
    tree = _Filled(bindings).visit(copy.deepcopy(expression.tree))
    return ast.unparse(ast.fix_missing_locations(tree))
