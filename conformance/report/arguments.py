"""Which argument of one library is which of the other, as far as both texts of a row say so themselves.

Where both sides give the same input, or the same plain value, to arguments of other names, these are one thing: `dim`
in `x.sum(dim)` and `axis` in `x.sum(axis=dim)`. An argument without a keyword is called as the input is that it gets.
The index of `conformance lookup` knows more, from signatures; a report is made without either library.
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def between(torch: str, numpy: str, inputs: Collection[str]) -> dict[str, str]:
    """Return the NumPy argument for each PyTorch argument of another name; nothing for texts that cannot be read."""
    theirs, ours = _keywords(torch), _keywords(numpy)
    given = _positional(torch)
    found: dict[str, str] = {}
    for value, name in ours.items():
        other = theirs.get(value) or (value if value in inputs and value in given else "")
        if other and other != name:
            found[other] = name
    return dict(sorted(found.items()))


def _calls(text: str) -> list[ast.Call]:
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _keywords(text: str) -> dict[str, str]:
    """Return the keyword of each value that is given to one keyword alone."""
    pairs = {(ast.unparse(each.value), each.arg) for call in _calls(text) for each in call.keywords if each.arg}
    counted = Counter(value for value, _ in pairs)
    return {value: name for value, name in sorted(pairs) if counted[value] == 1}


def _positional(text: str) -> set[str]:
    return {each.id for call in _calls(text) for each in call.args if isinstance(each, ast.Name)}
