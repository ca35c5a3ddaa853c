"""A third witness of a gradient beside the two libraries: its closed form.

The table is ``gradients.toml`` beside the case file: a table a case, and in it for an input the NumPy expression of its
gradient, in the inputs and the cotangent ``g``, which has the shape of the result.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.evaluate import numpy_namespace
from conformance.expression import ExpressionError, parse, unknown_names
from conformance.gradients import program
from conformance.inputs import layouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Batch

    Array = NDArray[Any]

COTANGENT: Final = "g"
"""The name of the weights of the result in a closed form."""


class WitnessError(ValueError):
    """The table of gradients cannot be read: one line that names the file, the entry, and what to write."""


def closed_forms(case: Case) -> Mapping[str, str]:
    """Return the closed forms of ``case`` by input: those in ``gradients.toml`` beside its file.

    Raises WitnessError for one of no input, of an input that a leaf is made of, or in unknown names.
    """
    path = Path(case.file).parent / "gradients.toml"
    forms: Mapping[str, str] = _read(path).get(case.id, {})
    for name, text in forms.items():
        where = f"{path}: {case.id} by {name}"
        if name not in case.inputs:
            message = f"{where}: no such input; there are {', '.join(case.inputs)}"
            raise WitnessError(message)
        if name in program.leaves(case.torch):
            message = f"{where}: the program makes a leaf of it, to which no gradient flows on; take this entry out"
            raise WitnessError(message)
        try:
            unknown = unknown_names(parse(text), [*case.inputs, COTANGENT, "np", "math"])
        except ExpressionError as error:
            raise WitnessError(f"{where}: {error}") from None
        if unknown:
            message = f"{where}: unknown name {unknown[0]!r}; there are the inputs, {COTANGENT}, np and math"
            raise WitnessError(message)
    return forms


@lru_cache(maxsize=32)
def _read(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise WitnessError(f"{path}: {error}") from None
    for name, forms in found.items():
        if not isinstance(forms, dict) or not all(isinstance(text, str) for text in forms.values()):
            message = f'{path}: [{name!r}]: give an expression for each input, such as x = "g * np.exp(x)"'
            raise WitnessError(message)
    return found


def stored(case: Case, batch: Batch, name: str, text: str, weights: Array) -> tuple[int, Array]:
    """Return the number of the tensor ``name``, and its gradient by a closed form, as its storage holds it.

    Numbers that stand for several elements, as those of an expanded tensor do, get the sum of their gradients.
    """
    function = parse(text).compile([*case.inputs, COTANGENT], numpy_namespace(()), f"<{case.id} vjp {name}>")
    value = np.asarray(function(*batch.args[0], weights))
    named = enumerate(batch.structure.named())
    number, slot = next((n, slot) for n, (one, slot) in named if one == name)
    place = layouts.place(slot.shape, slot.layout)
    cells = layouts.view_of(np.arange(place.size), slot.shape, place)
    storage = np.zeros(place.size, np.result_type(value.dtype, np.float64))
    np.add.at(storage, cells, np.broadcast_to(value, slot.shape))
    return number, storage
