"""The index made from the rows: what of each is asked for, and which argument of one library is which of the other.

An argument is mapped where a row gives the same input to both libraries: ``torch.var(x, dim, correction=c)`` beside
``np.var(x, axis=dim, ddof=c)`` says that ``dim`` is ``axis`` and ``correction`` is ``ddof``. Nothing of that is written
down by hand.
"""

from __future__ import annotations

import ast
import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import loading, versions
from conformance.case import Case
from conformance.inputs.tensors import TensorInput
from conformance.lookup import naming, signatures
from conformance.lookup.index import FORMAT, Index, digest
from conformance.report.dtypes import summarise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.case import Difference
    from conformance.lookup.naming import Argument

    Record = dict[str, Any]

_ALIKE: Final = 0.5
"""How much of two names is the same, as difflib counts, if both being True is no chance: keepdim, keepdims."""


def built() -> Index:
    """Return the index of the rows as they are now. Imports both libraries and takes seconds."""
    rows = [entry(row) for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)]
    return Index(format=FORMAT, rows_of=digest(), versions=dict(versions.PINNED), names=signatures.names(), rows=rows)


def entry(case: Case) -> Record:
    """Return what the index holds of a row."""
    found: Record = {
        "id": case.id,
        "section": case.section,
        "place": f"cases/{Path(case.file).name}:{case.line}",
        "torch": case.torch.text,
        "numpy": case.numpy.text,
        "note": case.note,
        "names": {side: naming.names(getattr(case, side), side) for side in ("torch", "numpy")},
        "arguments": [list(four) for four in dict.fromkeys(_mapped(case))],
        "keywords": _keywords(case),
        "differences": [_difference(one) for one in _once(case.differs)],
    }
    return {name: value for name, value in found.items() if value}


def _once(differs: Iterable[Difference]) -> Iterator[Difference]:
    """Yield the differences, those that say the same of several dtypes once."""
    seen: set[tuple[str, ...]] = set()
    for one in differs:
        told = tuple(map(str, (one.because, one.when, one.torch, one.numpy, one.instead, one.dtypes)))
        if told not in seen:
            seen.add(told)
            yield one


def _difference(one: Difference) -> Record:
    fields = {
        "because": one.because,
        "kind": one.kind,
        "when": one.when,
        "dtypes": summarise(one.dtypes) if one.dtypes else None,
        "aspect": one.aspect,
        "torch": str(one.torch),
        "numpy": str(one.numpy) if one.numpy is not None else None,
        "instead": one.instead,
        "upstream": one.upstream,
        "versions": one.versions,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _keywords(case: Case) -> dict[str, list[str]]:
    """Return the parameters whose names stand in either expression."""
    sides = {side: naming.arguments(getattr(case, side), side) for side in ("torch", "numpy")}
    found = {side: sorted({one.parameter for one in given if one.place is None}) for side, given in sides.items()}
    return {side: names for side, names in found.items() if names}


def _mapped(case: Case) -> Iterator[tuple[str, str, str, str]]:
    """Yield the parameters of PyTorch and of NumPy that are given the same, and the functions that they are of."""
    there, here = (list(naming.arguments(getattr(case, side), side)) for side in ("torch", "numpy"))
    for one in there:
        for other in here:
            if ast.dump(one.value) == ast.dump(other.value) and _tells(case, one, other, there, here):
                yield one.parameter, other.parameter, one.function, other.function


def _tells(case: Case, one: Argument, other: Argument, there: list[Argument], here: list[Argument]) -> bool:
    """Tell whether it is more than chance that two arguments are given the same.

    An input is, unless it is a tensor that stands in the same place of both; a constant is where both name their
    parameter and no other is given it; True and False, given to many, where the names are alike as well.
    """
    if isinstance(one.value, ast.Name) and one.value.id in case.inputs:
        tensor = isinstance(case.inputs[one.value.id], TensorInput)
        return not tensor or one.place is None or one.place != other.place
    if not isinstance(one.value, ast.Constant) or one.place is not None or other.place is not None:
        return False
    once = all(sum(ast.dump(a.value) == ast.dump(one.value) for a in side) == 1 for side in (there, here))
    alike = difflib.SequenceMatcher(None, one.parameter, other.parameter).ratio() >= _ALIKE
    return once and (alike or not isinstance(one.value.value, bool))
