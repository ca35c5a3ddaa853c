"""What a term may mean: a name that rows have, one that only the libraries have, one that is misspelt."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

from conformance.lookup.asking import SIDES, Term, method_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.lookup.index import Index

    Record = dict[str, Any]

_CLOSE: Final = 0.72
_MOST_MEANT: Final = 3
_LIBRARY: Final = {"torch": "PyTorch", "numpy": "NumPy"}


def joined(terms: Sequence[Term], rows: Sequence[Record]) -> list[Term]:
    """Return the terms, two words that make one name taken for it: ``cross entropy``, ``mean`` and ``nan``."""
    words = {word.lower(): word for row in rows for word in _last_names(row)}
    for one, other in permutations(terms, 2):
        made = (f"{one.name}{between}{other.name}".lower() for between in ("_", ""))
        name = next((words[word] for word in made if word in words), None)
        if name is not None:
            whole = [Term(text=name, name=name) if term is one else term for term in terms if term is not other]
            return joined(whole, rows)
    return list(terms)


def meant(term: Term, index: Index, notes: list[str]) -> Term | None:
    """Return what a ``term`` that no row meets may mean, with a note that says so; None where it means nothing."""
    other = _of_the_other(term, index.rows)
    if other is not None:
        notes.append(f"no row knows {term.text}; this is of {other.text}")
        return other
    owner = next((name for name in index.names if term.name in (name, method_of(name))), None)
    words = _vocabulary(index.rows)
    close = [words[one] for one in difflib.get_close_matches(term.last.lower(), words, _MOST_MEANT, _CLOSE)]
    if owner is not None:
        alike = f"; names like it: {', '.join(close)}" if close else ""
        notes.append(f"{_LIBRARY[side_of(owner)]} has {term.text}, but no row is about it{alike}")
        return None
    if not close:
        notes.append(f"no row knows {term.text}")
        return None
    notes.append(f"no row knows {term.text}: did you mean {' or '.join(close)}?")
    return replace(term, text=close[0], name=close[0], side=None, method=False)


def side_of(name: str) -> str:
    """Return the library that a whole name is of."""
    return "numpy" if name.startswith("np.") else "torch"


def _of_the_other(term: Term, rows: Iterable[Record]) -> Term | None:
    """Return the same name of the other library, where a row has it."""
    for row in rows if term.side else ():
        for side in SIDES:
            for name in row["names"].get(side, ()):
                if side != term.side and name.rpartition(".")[2] == term.last:
                    return Term(text=name, name=name, side=side)
    return None


def _vocabulary(rows: Iterable[Record]) -> Mapping[str, str]:
    """Return the last parts of all names, all arguments and the words of titles, by what they are in small letters."""
    counts: Counter[str] = Counter()
    for row in rows:
        arguments = [name for side in row.get("keywords", {}).values() for name in side]
        counts.update([*_last_names(row), *arguments, *re.findall(r"\w{4,}", row["section"].lower())])
    return {word.lower(): word for word, _ in reversed(counts.most_common())}


def _last_names(row: Record) -> Iterator[str]:
    names = (name.rpartition(".")[2] for side in SIDES for name in row["names"].get(side, ()))
    return (name for name in names if name.isidentifier())
