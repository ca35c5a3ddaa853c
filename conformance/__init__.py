"""Where do PyTorch and NumPy expressions mean the same, and where exactly do they part.

A row of ``cases/`` says a torch expression, the NumPy expression that means the same, and the inputs for which that is
claimed. Everything else is derived from rows. What a row is written with is all here; it is imported on first use,
because pytest loads our plugin, and so this package, into projects that have nothing to do with us.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.assertion import assert_equivalent
    from conformance.case import CRASHES, UNDEFINED, CaseError, Difference, OneOf, Raises, Section
    from conformance.drawn import strategy
    from conformance.dtype import ALL, CLAIMED, COMPLEX, FLOATS, INTEGERS, WIDE_UNSIGNED
    from conformance.inputs.api import (
        arrays,
        axes,
        axis_tuples,
        between,
        broadcastable,
        classes,
        dtypes,
        indexed,
        indices,
        indices_along,
        joinable,
        like,
        lists,
        masks,
        matching,
        multipliable,
        new_axes,
        normals,
        positions,
        reshapes,
        scalars,
        shapes,
        squares,
        tensors,
        triples,
        values,
    )
    from conformance.tolerance import EXACT, linear, multilinear, spread, ulp, within

__all__ = [
    "ALL",
    "CLAIMED",
    "COMPLEX",
    "CRASHES",
    "EXACT",
    "FLOATS",
    "INTEGERS",
    "UNDEFINED",
    "WIDE_UNSIGNED",
    "CaseError",
    "Difference",
    "OneOf",
    "Raises",
    "Section",
    "arrays",
    "assert_equivalent",
    "axes",
    "axis_tuples",
    "between",
    "broadcastable",
    "classes",
    "dtypes",
    "indexed",
    "indices",
    "indices_along",
    "joinable",
    "like",
    "linear",
    "lists",
    "masks",
    "matching",
    "multilinear",
    "multipliable",
    "new_axes",
    "normals",
    "positions",
    "reshapes",
    "scalars",
    "shapes",
    "spread",
    "squares",
    "strategy",
    "tensors",
    "triples",
    "ulp",
    "values",
    "within",
]

_HOMES = {
    "conformance.assertion": ("assert_equivalent",),
    "conformance.case": ("CRASHES", "UNDEFINED", "CaseError", "Difference", "OneOf", "Raises", "Section"),
    "conformance.dtype": ("ALL", "CLAIMED", "COMPLEX", "FLOATS", "INTEGERS", "WIDE_UNSIGNED"),
    "conformance.drawn": ("strategy",),
    "conformance.tolerance": ("EXACT", "linear", "multilinear", "spread", "ulp", "within"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = next((module for module, names in _HOMES.items() if name in names), "conformance.inputs.api")
    return getattr(import_module(home), name)
