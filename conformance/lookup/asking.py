"""A question in words or code, as the terms that rows are looked through for.

"how do I write np.take_along_axis in torch" asks for one term, ``np.take_along_axis``, and wants PyTorch's side.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDES: Final = ("torch", "numpy")
_SHORT: Final = {
    "numpy": "np",
    "F": "torch.nn.functional",
    "nn": "torch.nn",
    "functional": "torch.nn.functional",
    "Tensor": "torch.Tensor",
    "tensor": "torch.Tensor",
    "ndarray": "np.ndarray",
}
"""How modules and arrays are called."""

_SAID: Final = frozenset(
    (
        *("a", "an", "and", "are", "can", "convert", "do", "does", "equivalent", "for", "from", "how", "i", "in"),
        *("into", "is", "it", "like", "me", "my", "of", "on", "one", "or", "say", "should", "same", "that", "the"),
        *("them", "there", "this", "to", "translate", "translation", "use", "using", "way", "what", "when", "which"),
        *("who", "why", "with", "write", "you"),
    )
)
"""Words of a question that are not what it asks for."""

_OF_ALL: Final = frozenset({"array", "arrays", "tensor", "tensors"})
"""Words that a question asks for only if it says nothing else: every row is about them."""

_LIBRARIES: Final = {"torch": "torch", "pytorch": "torch", "numpy": "numpy", "np": "numpy"}
_TOKENS: Final = re.compile(r"\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\[|(?:(?<=\s)|^|(?<=\w))[-+*/%@&|^~<>=!]+")
_HYPHEN: Final = re.compile(r"(?<=[a-z]{2})-(?=[a-z]{2})")
"""What joins two words, element-wise, and is no minus."""
_VARIABLE: Final = re.compile(r"(?<![\w.'\"])([A-Za-z_]\w*)(?![\w'\"]|\s*=[^=]|\s*\()")
_MODULES: Final = frozenset({"torch", "np", "math"})
_BINARY: Final = ("+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>")
_SIGNS: Final = frozenset((*_BINARY, *(f"{sign}=" for sign in _BINARY), "~", "==", "!=", "<", "<=", ">", ">="))
_UNARY: Final = frozenset({"~", "-", "+"})
_ENDS: Final = re.compile(r"[\w)\]}'\"]\s*$")
_BEGINS: Final = re.compile(r"\s*[\w(\[{'\".~+-]")
"""What an operand ends with, and what it begins with."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that is asked for: a name, whole or not, a sign, or a word.

    ``side`` is the library whose name it is, where it says so; ``method`` that it is one of any array: ``x.repeat``.
    """

    text: str
    name: str
    side: str | None = None
    method: bool = False

    @property
    def last(self) -> str:
        """The last part of the name: ``norm`` of ``np.linalg.norm``."""
        return self.name.rpartition(".")[2] or self.name


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The terms of a question, the library in which the answer is wanted, if that is said, its form, if it is code."""

    terms: tuple[Term, ...]
    wanted: str | None
    form: str | None


def asked(question: str) -> Asked:
    """Return what ``question`` asks for; of one as ``<script>``, where no operator can be meant, no sign."""
    code = _is_code(question)
    matches = list(_TOKENS.finditer(question if code else _HYPHEN.sub(" ", question)))
    tokens = [found.group() for found in matches]
    words = [token for token in tokens if token[0].isalpha() or token[0] in "._[" or token in _SIGNS]
    wanted = next((_LIBRARIES[b.lower()] for a, b in _pairs(words) if a.lower() in ("in", "to", "into", "for")), None)
    own = [word for word in words if word.lower() not in _LIBRARIES]
    said = [word for word in own if word.lower() not in _SAID]
    more = [word for word in said if word.lower() not in _OF_ALL] or said
    told = [word for word in more if len(word) > 1 or not word.isalpha()] or more
    idle = frozenset() if code else _idle(matches)
    told = [word for word in told if word not in idle] or told
    terms = map(_term, told or (own if len(own) == 1 else []))
    form = of_form(question) if code else None
    return Asked(terms=tuple({term.name: term for term in terms}.values()), wanted=wanted, form=form)


def of_form(text: str) -> str:
    """Return an expression with numbers for its variables, the same for ``y.sum(d)`` and ``x.sum(dim)``."""
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found.group(1)
        return name if name in _MODULES or iskeyword(name) else numbers.setdefault(name, f"#{len(numbers)}")

    return re.sub(r"\s", "", _VARIABLE.sub(numbered, text))


def method_of(name: str) -> str | None:
    """Return the name of a method of either library's arrays, None for the whole name of anything else."""
    return name.rpartition(".")[2] if name.startswith(("torch.Tensor.", "np.ndarray.")) else None


def _is_code(question: str) -> bool:
    """Tell whether a question is an expression, and more than a name."""
    try:
        tree = ast.parse(question.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return isinstance(tree.body, ast.Call | ast.Subscript | ast.BinOp | ast.UnaryOp)


def _idle(tokens: Sequence[re.Match[str]]) -> frozenset[str]:
    """Return the signs that are no operators of a question: all, where one lacks an operand, as in ``<script>``."""
    indexing = any(_indexes(token) for token in tokens if token.group() == "[")
    operating = all(_operates(token) for token in tokens if token.group() in _SIGNS)
    return (frozenset() if indexing else frozenset("[")) | (frozenset() if operating else _SIGNS)


def _indexes(bracket: re.Match[str]) -> bool:
    return bool(_ENDS.search(bracket.string[: bracket.start()])) or bracket.string[bracket.end() :].startswith("]")


def _operates(sign: re.Match[str]) -> bool:
    """Tell whether a sign stands by itself or beside the operands that it needs."""
    before, after = sign.string[: sign.start()], sign.string[sign.end() :]
    left, right = _ENDS.search(before), _BEGINS.match(after)
    by_itself = not before[-1:].strip() and not (right and after[:1].strip())
    return by_itself or bool(right and (left or sign.group() in _UNARY))


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    return [(a, b) for a, b in pairwise(words) if b.lower() in _LIBRARIES]


def _term(text: str) -> Term:
    if text == "[":
        return Term(text="[]", name="[]")
    root, dot, rest = text.partition(".")
    if not dot or text in _SIGNS:
        return Term(text=text, name=text)
    root = _SHORT.get(root, root)
    name = f"{root}.{rest}"
    if root.startswith(("torch", "np")):
        return Term(text=text, name=name, side="torch" if root.startswith("torch") else "numpy")
    submodule = root in ("linalg", "fft", "special", "random", "optim")
    return Term(text=text, name=name if submodule else rest, method=not submodule)
