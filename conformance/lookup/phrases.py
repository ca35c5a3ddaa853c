"""What people call an operation that the libraries call otherwise: "multiply two matrices" is matmul.

Only what no row says by itself is here; a phrase stands for one name that rows have, which a test asks of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.lookup.asking import Term

if TYPE_CHECKING:
    from collections.abc import Sequence

PHRASES: Final[tuple[tuple[str, str], ...]] = (
    ("batch matri mul", "bmm"),
    ("batch matri product", "bmm"),
    ("batch matmul", "bmm"),
    ("matri mul", "matmul"),
    ("matri product", "matmul"),
    ("element wise product", "mul"),
    ("elementwise product", "mul"),
    ("gradient clip", "clip_grad_norm_"),
    ("clip gradient", "clip_grad_norm_"),
    ("remove dim", "squeeze"),
    ("remove axis", "squeeze"),
    ("drop dim", "squeeze"),
    ("add dim", "unsqueeze"),
    ("add axis", "unsqueeze"),
    ("new dim", "unsqueeze"),
    ("insert axis", "unsqueeze"),
    ("swap ax", "swapaxes"),
    ("swap dim", "swapaxes"),
    ("percentile", "quantile"),
    ("reverse", "flip"),
    ("transpose matri", "t"),
    ("euclidean distance", "vector_norm"),
    ("length vector", "vector_norm"),
    ("magnitude vector", "vector_norm"),
    ("running sum", "cumsum"),
    ("cumulative sum", "cumsum"),
    ("cumulative product", "cumprod"),
    ("join tensor", "cat"),
    ("hot encod", "one_hot"),
    ("standard deviation", "std"),
    ("random seed", "manual_seed"),
    ("learning rate schedul", "StepLR"),
)
"""The beginnings of the words of a phrase, the longer phrases of alike ones first, and the name that it stands for."""


def phrased(terms: Sequence[Term]) -> list[Term]:
    """Return the terms, those that make the first phrase found replaced by its name.

    A name with a module or a sign, which says exactly what is meant, is no part of a phrase. Beside a phrase of several
    words, other words only describe: "remove a dimension *of size one*".
    """
    words = [term for term in terms if term.side is None and not term.method]
    for phrase, name in PHRASES:
        taken = _taken(phrase.split(), words)
        if taken is not None:
            gone = words if len(taken) > 1 else taken
            return [Term(text=name, name=name), *(term for term in terms if term not in gone)]
    return list(terms)


def _taken(beginnings: Sequence[str], words: Sequence[Term]) -> list[Term] | None:
    """Return a word of its own for each of the ``beginnings``, or None."""
    taken: list[Term] = []
    for beginning in beginnings:
        found = next((one for one in words if one not in taken and one.name.lower().startswith(beginning)), None)
        if found is None:
            return None
        taken.append(found)
    return taken
