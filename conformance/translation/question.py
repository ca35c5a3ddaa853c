"""What is asked: two expressions, the inputs for which they are to mean the same, and how it is to be judged."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import conformance
from conformance.case import BrokenCase, Case, CaseError, Section
from conformance.expression import ExpressionError, parse
from conformance.loading import checked
from conformance.tolerance import Close, Measured
from conformance.translation.inference import inferred

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SHORT: Final = {"F": "torch.nn.functional", "nn": "torch.nn", "numpy": "np"}
"""How the modules are called in other people's code."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Plain data, so that it can go to another process.

    ``given`` maps a name to the text of a generator. ``relative`` and ``absolute`` replace the measured tolerance.
    """

    torch: str
    numpy: str
    given: Mapping[str, str] = field(default_factory=dict)
    dtypes: tuple[str, ...] = ("float32", "float64")
    device: str = "cpu"
    budget: int = 25
    relative: float | None = None
    absolute: float | None = None
    strict: tuple[str, ...] = ()

    def sides(self) -> tuple[str, str]:
        """Return both expressions with the customary short names of modules written out. Raises ExpressionError."""
        return _written_out(self.torch, self.given), _written_out(self.numpy, self.given)

    def generators(self) -> dict[str, str]:
        """Return the text of every input's generator. Raises ExpressionError."""
        torch, numpy = self.sides()
        return inferred(parse(torch), parse(numpy), self.given)

    def tolerance(self) -> Measured | Close:
        """Return how far the sides may lie apart. Raises ValueError for a negative number."""
        if self.relative is None and self.absolute is None:
            return Measured()
        return Close(relative=self.relative or 0.0, absolute=self.absolute or 0.0)

    def case(self) -> Case:
        """Return the case that asks it. Raises CaseError with one line that says what is wrong."""
        try:
            inputs = {name: _made(name, text) for name, text in self.generators().items()}
            tolerance, sides = self.tolerance(), self.sides()
        except (ExpressionError, ValueError) as error:
            raise CaseError(str(error)) from None
        section = Section("Check")
        options: dict[str, Any] = {**inputs, "dtypes": self.dtypes, "tolerance": tolerance, "id": "translation"}
        section.case(*sides, **options)
        row = checked(section.cases[0])
        if isinstance(row, BrokenCase):
            raise CaseError(row.error)
        return row


class _WrittenOut(ast.NodeTransformer):
    """Writes ``F.relu`` as ``torch.nn.functional.relu``, unless ``F`` is one of the inputs."""

    def __init__(self, inputs: Collection[str]) -> None:
        self._inputs = inputs

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        whole = _SHORT.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if whole is None or ast.unparse(node.value) in self._inputs:
            return node
        return ast.Attribute(value=ast.parse(whole, mode="eval").body, attr=node.attr, ctx=node.ctx)


def _written_out(text: str, inputs: Collection[str]) -> str:
    expression = parse(text)
    if not any(root in _SHORT for root, _ in expression.dotted()):
        return expression.text
    return ast.unparse(ast.fix_missing_locations(_WrittenOut(inputs).visit(copy.deepcopy(expression.tree))))


def _made(name: str, text: str) -> object:
    """Return the generator that ``text`` writes: what a row writes, and Python's own names."""
    namespace = {word: getattr(conformance, word) for word in conformance.__all__}
    try:
        return eval(text, namespace)  # noqa: S307 - the asker's own code, as both expressions are
    except Exception as error:  # noqa: BLE001 - whatever it does, it makes no generator
        message = f"{name}={text}: {type(error).__name__}: {' '.join(str(error).split())}"
        raise CaseError(message) from None
