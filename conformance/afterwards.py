"""Judging the inputs after the call: still the same on both sides, in their values and as the objects that they were.

An in-place row needs no flag for that, and a side that touches an input by mistake is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import memory
from conformance.compare import differing, rounded_reference, same_bytes
from conformance.evaluate import to_host, unit_dtype
from conformance.inputs import layouts
from conformance.inputs.slots import ListSlot, TensorSlot, tensors_in
from conformance.tally import Sides, Signature
from conformance.tolerance import EXACT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.differences import Region
    from conformance.evaluate import Batch, SideInputs
    from conformance.tally import Tally

_CHECK: Final = "inputs after"
_data_ptr: Final = torch.Tensor.data_ptr
_stride: Final = torch.Tensor.stride


@dataclass(frozen=True, kw_only=True)
class AfterJudge:
    """Judges the inputs of one batch of a case after both calls; ``wants`` are NumPy's outcomes.

    Those of the fills ``refused`` are left out: torch need not take them, so it has done nothing to its inputs.
    """

    case: Case
    tally: Tally
    batch: Batch
    torch_side: SideInputs
    numpy_side: SideInputs
    regions: Sequence[Region]
    wants: Sequence[Any]
    refused: frozenset[int] = frozenset()

    def judge(self) -> None:
        """Judge the values of every input, and what the objects are."""
        if not self.batch.structure.slots:
            return
        self.tally.checked[_CHECK] += self.batch.count
        for number, slot in enumerate(self.batch.structure.tensors()):
            self._judge_values(number, slot)
        for fill in sorted({0, self.batch.count - 1}):  # what becomes of an object depends on shapes, not on values
            if fill not in self.refused and not self._excused_whole(fill):
                self._judge_objects(fill)

    def _judge_values(self, number: int, slot: TensorSlot) -> None:
        """An input that NumPy left alone must be untouched; one that it wrote to holds a result, with its tolerance."""
        theirs, ours = self.torch_side.stores[number], self.numpy_side.stores[number]
        after = to_host(theirs) if isinstance(theirs, torch.Tensor) else theirs
        if same_bytes(after, ours):
            return
        bfloat16 = isinstance(theirs, torch.Tensor) and theirs.dtype == torch.bfloat16
        before = np.asarray(self.batch.blocks[number])
        written = not same_bytes(ours, before)
        tolerance = self.case.tolerance if written else EXACT
        reference = rounded_reference(ours, bfloat16=bfloat16)
        wrong = differing(after, reference, tolerance, bfloat16=bfloat16 and written)
        for fill in map(int, np.flatnonzero(wrong.any(axis=1))):
            if fill not in self.refused and (wrong[fill] & ~self._excused(fill, number, slot, written=written)).any():
                both = not same_bytes(ours[fill], before[fill])
                who = "the sides left different values in it" if both else "torch wrote to it"
                self._report(number, slot, fill, who)

    def _excused(self, fill: int, number: int, slot: TensorSlot, *, written: bool) -> NDArray[np.bool_]:
        """Return the cells of one fill's storage that a difference covers.

        A difference of results covers an input where NumPy's result lies in it, so that the result is judged; and its
        own elements only, no gap between them.
        """
        place = layouts.place(slot.shape, slot.layout)
        cells = np.zeros(place.size, bool)
        view = layouts.view_of(cells, slot.shape, place)
        holds_result = written and _lies_in(self.wants[fill], self.numpy_side.stores, number)
        for region in self.regions:
            aspect = region.declared.difference.aspect
            if region.key(fill) and (aspect == _CHECK or (aspect is None and holds_result)):
                mask = np.asarray(region.masks.get(fill, True))
                view[...] |= mask if mask.shape in ((), slot.shape) else True
        return cells

    def _excused_whole(self, fill: int) -> bool:
        return any(r.key(fill) and r.declared.difference.aspect == _CHECK for r in self.regions)

    def _judge_objects(self, fill: int) -> None:
        slots = self.batch.structure.slots.values()
        number = 0
        for slot, theirs, ours in zip(slots, self.torch_side.args[fill], self.numpy_side.args[fill], strict=True):
            parts = tensors_in(slot)
            for part, words in self._altered(slot, parts, theirs, ours, fill, number):
                self._report(number + part, parts[part], fill, words)
            number += len(parts)

    def _altered(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
        self, slot: Any, parts: Sequence[TensorSlot], theirs: Any, ours: Any, fill: int, number: int
    ) -> Iterator[tuple[int, str]]:
        """Yield which of the tensors of one input is no longer the object that it was, and how."""
        if isinstance(slot, ListSlot) and len(theirs) != len(parts):
            yield 0, f"the list has {len(theirs)} tensors, it had {len(parts)}"
            return
        if not parts or (len(parts) == 1 and parts[0].face == "list"):
            if parts and repr(theirs) != repr(ours):
                yield 0, "the sides left different lists"
            return
        last = len(parts) - 1
        for part, tensor in enumerate(theirs if isinstance(slot, ListSlot) else [theirs]):
            own = 0 if isinstance(slot, ListSlot) and slot.repeated and part == last else part
            words = self._no_longer(tensor, parts[own], fill, number + own) if parts[own].face == "tensor" else None
            if words:
                yield part, words

    def _no_longer(self, tensor: Any, slot: TensorSlot, fill: int, number: int) -> str | None:
        place, store = layouts.place(slot.shape, slot.layout), self.torch_side.stores[number]
        now = (tuple(tensor.shape), _stride(tensor), tensor.dtype)
        kind = getattr(torch, unit_dtype(slot, self.batch.dtype))
        if now != (slot.shape, place.strides, kind):
            return f"torch left it with shape {now[0]}, strides {now[1]}, {now[2]}"
        start = _data_ptr(store) + (fill * place.size + place.offset) * store.element_size()
        return "torch gave it other memory" if slot.size and _data_ptr(tensor) != start else None

    def _report(self, number: int, slot: TensorSlot, fill: int, words: str) -> None:
        headline = (
            f"tensor input {number}, of shape {slot.shape}, is not the same on both sides after the call: {words}"
        )
        self.tally.report(Signature(check=_CHECK, kind=f"input {number}"), self.batch, fill, Sides(headline=headline))


def _lies_in(result: Any, stores: Sequence[Any], number: int) -> bool:
    """Tell whether NumPy's ``result``, or a part of it, lies in the input ``number``."""
    if isinstance(result, tuple | list):
        return any(_lies_in(part, stores, number) for part in result)
    return memory.shared_with(result, stores) == number
