"""Inputs of a wanted size for a case, drawn by the case's own generators: what a benchmark times.

Generators make their structures by picks from listed options. Here a picker answers instead of a list: it gives the
shape of the wanted size where a shape is asked for, and what is typical for everything else. So whatever an input
derives from another's shape (a partner to broadcast with, an axis, a shape to change to) fits, for every generator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np

from conformance import differences as diff
from conformance import dtype as dt
from conformance.batches import own_slots
from conformance.case import Crashes
from conformance.evaluate import Batch, Refusal, call, functions, numpy_inputs, torch_inputs
from conformance.inputs import layouts
from conformance.inputs.domains import fitted
from conformance.inputs.picker import Picker, Replay
from conformance.inputs.plan import draw_with
from conformance.records import CONTIGUOUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.case import Case
    from conformance.inputs.slots import Structure, TensorSlot

T = TypeVar("T")

_LONGEST_LIST: Final = 1_000_000
"""Elements of a nested Python list at most: each is an object of its own."""

_TYPICAL_PICKS: Final[Mapping[str, tuple[object, ...]]] = {
    "dtype": ("float32",),
    "kind": ("float",),
    "scalar": (1.5, 3),
}
"""By the kind of a pick, what to take of it, the best first; of any other kind, the first option."""

_SEED: Final = 0
_ANYWHERE: Final = Replay(trace=())


class NoSizedInputs(Exception):  # noqa: N818 - it is an answer, not a mistake
    """That a case has no inputs of a wanted size which both sides accept; the message says why."""


@dataclass(frozen=True, kw_only=True)
class _Form:
    """What to try: how many axes, and whether the last of them is 1 long."""

    rank: int
    ends_in_one: bool = False

    def shape(self, elements: int) -> tuple[int, ...]:
        """Return the most even shape of ``elements`` elements."""
        if self.ends_in_one:
            return (*_even(self.rank - 1, elements), 1)
        return _even(self.rank, elements)


_FORMS: Final = (*(_Form(rank=r) for r in (2, 1, 3, 4)), *(_Form(rank=r, ends_in_one=True) for r in (2, 3, 4)))
"""In the order in which they are tried."""


def _even(rank: int, elements: int) -> tuple[int, ...]:
    """Return ``rank`` sizes, as near to each other as divisors allow, whose product is ``elements``."""
    sizes: list[int] = []
    for left in range(rank, 0, -1):
        ideal = round(elements ** (1 / left))
        size = next(n for n in range(ideal, 0, -1) if elements % n == 0) if left > 1 else elements
        sizes.append(size)
        elements //= size
    return tuple(sizes)


@dataclass(kw_only=True)
class _Typical(Picker):
    """Gives the wanted shape for a shape, and for any other pick what is typical."""

    form: _Form
    elements: int
    layout: str = CONTIGUOUS
    asked: set[str] = field(default_factory=set)

    def pick(self, kind: str, options: Sequence[T]) -> T:
        if kind == "shape" and options[0] == ():  # a tensor of no axes has no size that could be wanted
            return options[0]
        self.asked.add(kind)
        if kind == "shape":
            return cast("T", self._shape(cast("Sequence[tuple[int, ...]]", options)))
        self.trace.append(index := self._index(kind, options))
        return options[index]

    def _shape(self, options: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
        if len(options[0]) != self.form.rank:
            raise NoSizedInputs(f"no tensor of {self.form.rank} axes")
        return self.form.shape(self.elements)

    def _index(self, kind: str, options: Sequence[object]) -> int:
        if kind in {"axes", "target"}:
            return len(options) - 1
        if kind == "axis":
            return _position(options, -1 - self._turn(len(options) // 2))
        counted = 1 if self.form.ends_in_one else 2
        wanted = {**_TYPICAL_PICKS, "rank": (self.form.rank,), "count": (counted,), "layout": (self.layout,)}
        return _position(options, *wanted.get(kind, ()))

    def _turn(self, rank: int) -> int:
        """Count the axes drawn, so that two of one tensor are the last and the one before."""
        turn = sum(name.startswith("axis ") for name in self.asked)
        self.asked.add(f"axis {turn}")
        return turn % rank


def _position(options: Sequence[object], *wanted: object) -> int:
    """Return the place of the first of ``wanted`` that is offered, or of the first option."""
    return next((options.index(one) for one in wanted if one in options), 0)


def is_sized(case: Case) -> bool:
    """Tell whether a size can be wanted of the inputs of ``case``: whether a shape is drawn for any of them."""
    return any("shape" in picker.asked for picker, _ in _drawn(case, 1))


def sized_inputs(  # noqa: PLR0913 - one parameter each, all needed
    case: Case,
    dtype: str,
    elements: int,
    layout: str = CONTIGUOUS,
    *,
    device: str = "cpu",
    present: Sequence[str] = ("cpu",),
) -> Batch:
    """Return one fill of inputs for ``case``, with ``elements`` elements in each tensor, that both sides accept.

    Values are ordinary: between a half and one and a half, or small whole numbers; no zeros but False. Two axes where
    the case allows them, every tensor that can have ``layout`` in it, the others contiguous. Raises NoSizedInputs, with
    the reason, where there are none.
    """
    drawn = (structure for picker, structure in _drawn(case, elements, layout) if "shape" in picker.asked)
    if layout == CONTIGUOUS:
        return _accepted(case, drawn, dtype, device, present)
    laid = [one for one in drawn if any(slot.layout == layout for slot in own_slots(one, dtype))]
    if not laid:
        raise NoSizedInputs(f"none of its tensors can be {layout}")
    return _accepted(case, laid, dtype, device, present)


def own_inputs(case: Case, dtype: str, device: str = "cpu", present: Sequence[str] = ("cpu",)) -> Batch:
    """Return one fill of inputs for a ``case`` whose tensors, if any, have shapes of their own.

    Values are as those of :func:`sized_inputs`. Raises NoSizedInputs, with the reason, where a side refuses them.
    """
    return _accepted(case, (structure for _, structure in _drawn(case, 1)), dtype, device, present)


def largest(inputs: Iterable[object]) -> int:
    """Return the number of elements of the largest array among ``inputs`` and lists of them, 0 where there is none."""
    sizes = (largest(one) if isinstance(one, list | tuple) else int(getattr(one, "size", 0)) for one in inputs)
    return max(sizes, default=0)


def _accepted(case: Case, structures: Iterable[Structure], dtype: str, device: str, present: Sequence[str]) -> Batch:
    reason = "it takes no tensor and no shape"
    for structure in structures:
        batch = _filled(structure, dtype)
        refused = _refused(case, batch, device, present)
        if refused is None:
            return batch
        reason = refused
    raise NoSizedInputs(reason)


def _drawn(case: Case, elements: int, layout: str = CONTIGUOUS) -> Iterator[tuple[_Typical, Structure]]:
    """Yield each structure that a form makes, with the picker that made it."""
    for form in _FORMS:
        picker = _Typical(source=_ANYWHERE, form=form, elements=elements, layout=layout)
        try:
            structure = draw_with(case.inputs, picker, _SEED)
        except NoSizedInputs:
            continue
        yield picker, structure


def _filled(structure: Structure, dtype: str) -> Batch:
    slots = own_slots(structure, dtype)
    if any(slot.face == "list" and slot.size > _LONGEST_LIST for slot in slots):
        raise NoSizedInputs(f"a Python list of more than {_LONGEST_LIST:,} numbers")
    rng = np.random.default_rng(_SEED)
    return Batch(structure=structure, blocks=[_values(slot, rng)[None] for slot in slots], dtype=dtype, count=1)


def _values(slot: TensorSlot, rng: np.random.Generator) -> np.ndarray:
    """Return the memory in which the tensor of ``slot`` lies, filled."""
    carrier, size = dt.carrier(slot.dtype), layouts.place(slot.shape, slot.layout).size
    if carrier.kind == "b":
        return rng.random(size, np.float32) < 1 / 2
    if carrier.kind in "iu" or slot.domain == "small":
        return fitted(rng.integers(1, 6, size).astype(carrier), slot.domain)
    values = (rng.random(size, np.float32) + np.float32(1 / 2)).astype(carrier)
    if carrier.kind == "c":
        values.imag = rng.random(size, np.float32) + np.float32(1 / 2)
    return dt.round_to_bfloat16(values) if slot.dtype == "bfloat16" else values


def _refused(case: Case, batch: Batch, device: str, present: Sequence[str]) -> str | None:
    """Return which side refuses ``batch`` and how, or None; what is declared to kill the process is not tried."""
    deadly = [d for d in diff.compile_differences(case, batch.dtype) if isinstance(d.difference.torch, Crashes)]
    if any(region.key(0) for region in diff.regions(deadly, batch, device, None)):
        return "it is declared to kill the process"
    both = functions(case, device, present)
    sides: dict[str, tuple[Any, Any]] = {
        "NumPy": (both.numpy, numpy_inputs(batch)),
        "torch": (both.torch, torch_inputs(batch, device)),
    }
    for name, (function, inputs) in sides.items():
        (outcome,) = call(function, inputs, name)
        if isinstance(outcome, Refusal):
            return f"{name} raises {outcome}"
    return None
