"""Which cases work element by element, and how to run one on chosen values instead of generated ones.

That is not said by a row but found out: on vectors, the result of the NumPy expression has their length, and holds for
each of their elements what the expression gives for that element alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance import batches
from conformance.evaluate import Batch, Refusal, call, numpy_inputs
from conformance.inputs import layouts
from conformance.inputs.slots import OWN, ListSlot, Structure, TensorSlot, ValueSlot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Functions

    Array = NDArray[np.generic]

_LEAST: Final = 4
_MOST: Final = 64
_SMALL: Final = 5
_PROBE: Final = 11
"""Elements of the vectors on which a case is tried: no length of a vector register, nor by how much one is rolled."""

_DIGITS: Final = 1e-9
"""How far two float64 results for one number may lie apart, relatively: NumPy's loops round in several ways."""

_PROBES: Final = (("float64", 1.0), ("float64", 0.5), ("int64", 4.0))
"""Their dtypes and least numbers, the largest being twice those: an arcsine is no number above 1."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to call an elementwise case: a structure in which all tensors are vectors of one length."""

    structure: Structure

    @property
    def tensors(self) -> int:
        """How many vectors it takes."""
        return sum(1 for _ in self.structure.tensors())

    @property
    def dtype(self) -> str:
        """The dtype of its vectors, OWN for the unit's."""
        return next(self.structure.tensors()).dtype

    def words(self) -> str:
        """Return the inputs that are no tensors, such as ``e = 2``."""
        plain = {name: slot.value for name, slot in self.structure.slots.items() if isinstance(slot, ValueSlot)}
        return ", ".join(f"{name} = {value!r}" for name, value in plain.items())

    def batch(self, columns: Sequence[Array], dtype: str, layout: str = "contiguous") -> Batch:
        """Return the batch of one fill in which the tensors are ``columns``, vectors of one length, in ``layout``."""
        size = len(columns[0])
        slots = {
            name: replace(slot, shape=(size,), layout=layout) if isinstance(slot, TensorSlot) else slot
            for name, slot in self.structure.slots.items()
        }
        blocks = [laid_out(column, layout) for column in columns]
        structure = Structure(slots=slots, trace=self.structure.trace)
        return Batch(structure=structure, blocks=blocks, dtype=dtype, count=1)


def laid_out(values: Array, layout: str) -> Array:
    """Return the block of one fill whose tensor in ``layout`` holds ``values``."""
    place = layouts.place(values.shape, layout)
    block = np.zeros((1, place.size), values.dtype)
    layouts.view_of(block[0], values.shape, place)[...] = values
    return block


def forms(case: Case, functions: Functions, limit: int, *, every_kind: bool = False) -> list[Form]:
    """Return at most ``limit`` forms of ``case`` that differ in other inputs than tensors; none if not elementwise.

    They are spread over those that the plan of its unit holds. With ``every_kind`` results may be integers and bools,
    too, and vectors of a dtype that the row names; otherwise results are floating-point and dtypes the unit's.
    """
    found: dict[str, Form] = {}
    for structure in batches.structures(case, 0):
        if _is_vectors(structure, named=every_kind):
            form = Form(structure=structure)
            others = [s for s in structure.slots.values() if not isinstance(s, TensorSlot)]
            found.setdefault(repr([form.dtype, others]), form)
    probes = _PROBES if every_kind else _PROBES[:2]
    kinds = "fcbiu" if every_kind else "fc"
    if any(_reduces(form, functions) for form in found.values()):  # a sum over no axes is one element by element
        return []
    kept = [form for form in found.values() if _always([_alone_as_in(form, functions, *p, kinds) for p in probes])]
    step = max(len(kept) / limit, 1)
    return [kept[int(i * step)] for i in range(int(len(kept) / step))]


def _is_vectors(structure: Structure, *, named: bool) -> bool:
    slots = list(structure.tensors())
    listed = any(isinstance(slot, ListSlot) for slot in structure.slots.values())
    if structure.spoilt or listed or not slots or len({slot.shape for slot in slots}) > 1:
        return False
    if len({slot.dtype for slot in slots}) > 1 or not (named or slots[0].dtype == OWN):
        return False
    fits = (len(s.shape) == 1 and s.face == "tensor" for s in slots)
    return all(fits) and _LEAST <= slots[0].size <= _MOST


def _reduces(form: Form, functions: Functions) -> bool:
    """Tell whether NumPy gives a number, or an array of another shape, for vectors."""
    inputs = numpy_inputs(form.batch([np.arange(1, _PROBE + 1).astype("float64")] * form.tensors, "float64"))
    with np.errstate(all="ignore"):
        (result,) = call(functions.numpy, inputs, "the NumPy expression")
    return isinstance(result, np.ndarray | np.generic) and result.shape != (_PROBE,)


def _always(answers: Sequence[bool | None]) -> bool:
    return True in answers and False not in answers


def _alone_as_in(form: Form, functions: Functions, dtype: str, scale: float, kinds: str) -> bool | None:
    """Tell whether NumPy gives each number of some vectors what it gives it alone: equal ones and zeros among them.

    None where it gives no vector. Its own loops may round one number in another way than several.
    """
    rng = np.random.default_rng(0)
    few = [*(rng.uniform(1, 2, _PROBE // 2) * scale).astype(dtype), *np.array([0.0, -0.0], dtype)]
    columns = [rng.choice(few, _PROBE) for _ in range(form.tensors)]
    whole = _values(form, columns, functions, kinds)
    if whole is None:
        return None
    ones = ([column[place : place + 1] for column in columns] for place in range(_PROBE))
    each = [_values(form, one, functions, kinds) for one in ones]
    alone = [one[0] for one in each if one is not None and one.dtype == whole.dtype]
    if len(alone) != _PROBE or not np.allclose(alone, whole, _DIGITS, 0, equal_nan=True):
        return False
    return whole.dtype.kind != "f" or bool(np.array_equal(np.signbit(alone)[whole == 0], np.signbit(whole)[whole == 0]))


def _values(form: Form, columns: Sequence[Array], functions: Functions, kinds: str) -> Array | None:
    """Return NumPy's result for some vectors, where it is a vector of one of ``kinds``, their length, and no view."""
    inputs = numpy_inputs(form.batch(columns, columns[0].dtype.name))
    with np.errstate(all="ignore"):
        (result,) = call(functions.numpy, inputs, "the NumPy expression")
    if isinstance(result, Refusal) or not isinstance(result, np.ndarray) or result.dtype.kind not in kinds:
        return None
    views = any(np.may_share_memory(result, store) for store in inputs.stores)
    return (
        None
        if result.shape != columns[0].shape or (views and result.size > 1 and np.array_equal(result, columns[0]))
        else result
    )


def in_domain(values: Array, domain: str) -> Array:
    """Return where ``values`` are in ``domain``, as the generators have it."""
    match domain:
        case "finite":
            return np.asarray(np.isfinite(values))
        case "small":
            return np.asarray((np.abs(values) <= _SMALL) & (values == np.rint(values)))
        case "nonzero":
            return np.asarray(np.isfinite(values) & (values != 0))
    return np.ones(values.shape, bool)
