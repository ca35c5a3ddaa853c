"""Torch against itself where a result has fewer elements than its input, such as a sum: the layouts of one input.

The same values are given contiguous and in every other layout, twice, and where they are many on one thread and on
two. What is exact in any order must come out bit for bit; other sums must lie within the bound of their rounding
errors, each of them; NaN and infinities must be the same ones, but where a sum on the way may overflow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import differences, expected, literals, surroundings
from conformance import dtype as dt
from conformance.evaluate import Batch, Refusal, call, dtype_name, functions, numpy_inputs
from conformance.inputs import fills, layouts
from conformance.inputs.slots import OWN, Structure, TensorSlot
from conformance.proof import disagreements, placing, reducible
from conformance.proof.disagreements import Coverage, Disagreement, Found
from conformance.tolerance import Linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Functions

    Array = NDArray[Any]

_PROFILES: Final = ("small", "ordinary", "mixed")
"""Values whose sums are exact, ordinary ones, and some special ones among them."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way of giving the values, and what it is compared with."""

    group: str
    layout: str
    against: str


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """One structure of a case that reduces, in one dtype, with values: (profiles, *shape)."""

    case: Case
    functions: Functions
    structure: Structure
    dtype: str
    unit: str
    device: str
    values: Array
    coverage: Coverage
    found: Found

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its one tensor."""
        return tuple(self.values.shape[1:])

    @property
    def may_overlap(self) -> bool:
        """Whether the case claims anything of tensors that see one element of memory several times."""
        name = next(name for name, slot in self.structure.slots.items() if isinstance(slot, TensorSlot))
        return bool(getattr(self.case.inputs.get(name), "overlapping", True))

    def batch(self, layout: str) -> Batch:
        """Return the values in ``layout``."""
        slots = {
            name: replace(slot, shape=self.shape, layout=layout) if isinstance(slot, TensorSlot) else slot
            for name, slot in self.structure.slots.items()
        }
        placed = Structure(slots=slots, trace=self.structure.trace)
        blocks = [placing.block(self.values, layout)]
        return Batch(structure=placed, blocks=blocks, dtype=self.unit, count=len(self.values))

    def outcomes(self, layout: str) -> list[Any]:
        """Return what torch gives for the values in ``layout``."""
        return placing.outcomes(self.functions.torch, self.batch(layout), self.device, self.case.id)

    def compare(self, variant: Variant, got: Sequence[Any], want: Sequence[Any]) -> None:
        """Compare the outcomes ``got`` of ``variant`` with ``want``."""
        theirs, ours = disagreements.stacked(got), disagreements.stacked(want)
        if ours is None:
            return
        if theirs is None or theirs.shape != ours.shape or theirs.dtype != ours.dtype:
            self._note(variant, "another outcome", (0, 0), (got[0], want[0]), "", 1)
        else:
            self.judge(variant, theirs, ours, dtype_name(want[0]))

    def judge(self, variant: Variant, theirs: Array, ours: Array, result: str) -> None:
        """Compare two results, of the dtype ``result``, element by element."""
        unlike = disagreements.unlike(theirs, ours)
        self.found.compared(unlike)
        for fill in np.flatnonzero(unlike.reshape(len(unlike), -1).any(axis=1)):
            wrong = unlike[fill] & self._wrong(int(fill), theirs[fill], ours[fill], result)
            if wrong.any():
                place = int(np.flatnonzero(wrong)[0])
                both = theirs[fill].reshape(-1)[place], ours[fill].reshape(-1)[place]
                kind = disagreements.kind_of(*(int(disagreements.classes(np.asarray(one))) for one in both))
                self._note(variant, kind, (int(fill), place), both, result, int(wrong.sum()))

    def _wrong(self, fill: int, theirs: Array, ours: Array, result: str) -> Array:
        """Return where two results are no two right ones."""
        exact = isinstance(self.case.tolerance, Linear) and _PROFILES[fill] == "small" and dt.is_inexact(self.dtype)
        if exact and dt.is_inexact(result) and not dt.is_complex(self.dtype):
            return np.ones(ours.shape, bool)
        return disagreements.not_both_right((theirs, ours), self.case, *self._meant(fill), result)

    def _meant(self, fill: int) -> tuple[Callable[..., Any], Sequence[Any]]:
        """Return the expression whose truth is meant for a fill, NumPy's or the declared one, and what it is given."""
        batch = self.batch("contiguous").only([fill])
        (args,) = batch.args
        (out,) = call(self.functions.numpy, numpy_inputs(batch), self.case.id)
        compiled = differences.compile_differences(self.case, batch.dtype)
        kept = [one for one in compiled if isinstance(one.difference.torch, str) and one.difference.aspect != "memory"]
        if isinstance(out, Refusal):  # then only a difference that says so has a say
            kept = [one for one in kept if one.difference.numpy is not None]
        applying = [region for region in differences.regions(kept, batch, self.device, [out]) if region.whole[0]]
        said = expected.expect(applying, 0, args, out, batch, self.device)
        return said.reference or self.functions.numpy, args

    def _note(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
        self, variant: Variant, kind: str, where: tuple[int, int], both: tuple[Any, Any], result: str, count: int
    ) -> None:
        """Take note of ``count`` elements, of which the first is in the fill and at the place ``where``."""
        fill, place = where
        placed, plain = (self.batch(layout).only([fill]) for layout in (variant.layout, "contiguous"))
        because = self._because(placed, place)
        key = (self.dtype, variant.group, kind, because)
        if not self.found.add(key, count):
            return
        got, want = map(disagreements.text_of if result else disagreements.outcome_words, both)
        words = f"of element {place} of the result of {self.shape}, {variant.layout}, {_PROFILES[fill]} values"
        small = prod(self.shape) <= placing.LENGTHS[-1]
        headline = f"{self.dtype}: {got} {words}, against {variant.against}: {want}"
        self.found.kinds[key] = Disagreement(
            dtype=self.dtype, group=variant.group, kind=kind, because=because, got=got, want=want,
            variant=f"{words}, against {variant.against}", inputs=literals.inputs(plain) if small else {},
            ulp=disagreements.ulp_apart(*both, result) if result else None,
            script=disagreements.script(self.case, variant.group, headline, placed, plain, place) if small else None,
        )  # fmt: skip

    def _because(self, placed: Batch, place: int) -> str | None:
        """Return the difference that covers the element ``place`` of the result."""
        for one, region in self.coverage.regions(placed):
            mask = region.masks.get(0)
            if region.whole[0] or (mask is not None and np.asarray(mask).reshape(-1)[place % np.size(mask)]):
                return one
        return None


def reductions(
    case: Case, dtypes: Sequence[str], device: str, present: Sequence[str], found: Found
) -> Iterator[Reduction]:
    """Yield what there is to compare of a case with one tensor, whose results may be smaller than that.

    Long tensors follow only where a short one is reduced: a program that makes a list of its tensor's elements
    would take minutes to make one of a hundred thousand.
    """
    both = functions(case, device, present)

    def made(structures: Iterable[Structure]) -> Iterator[Reduction]:
        for structure in structures:
            slot = next(structure.tensors())
            for dtype, unit in _dtypes(case, slot, dtypes):
                yield Reduction(
                    case=case, functions=both, structure=structure, dtype=dtype, unit=unit, device=device,
                    values=np.stack([_values(profile, slot, dtype) for profile in _PROFILES]),
                    coverage=disagreements.coverage(case, unit, both, device), found=found,
                )  # fmt: skip

    short = list(made(reducible.planned(case)))
    yield from short
    if any(_plain(one) is not None for one in short):
        yield from made(reducible.lengthened(case))


def _dtypes(case: Case, slot: TensorSlot, dtypes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield those of ``dtypes`` that ``slot`` may have, with the unit in which it has it."""
    units = case.unit_dtypes()
    for dtype in dtypes:
        unit = dtype if dtype in units else units[0]
        if slot.dtype == dtype or (slot.dtype == OWN and unit == dtype):
            yield dtype, unit


def _values(profile: str, slot: TensorSlot, dtype: str) -> Array:
    pool, starts = fills.pool(dtype, 0)
    wanted = profile if slot.domain == "any" else "nonzero" if slot.domain == "nonzero" else "small"
    start = starts[wanted] + (slot.size * 7) % (fills.LENGTH // 2)
    return np.resize(pool[start : start + fills.LENGTH // 2], slot.shape)


def _plain(one: Reduction) -> list[Any] | None:
    """Return what torch gives for contiguous tensors, None where that is not less than they are."""
    if disagreements.deadly(one.case, one.batch("contiguous"), one.functions, one.device).any():
        return None
    plain = one.outcomes("contiguous")
    smaller = all(isinstance(out, torch.Tensor) and 0 < out.numel() < prod(one.shape) for out in plain)
    return plain if smaller else None


def compare_layouts(one: Reduction) -> list[Any] | None:
    """Compare the results of ``one`` in all layouts; return those of the contiguous one, None if it is no reduction."""
    if (plain := _plain(one)) is None:
        return None
    for layout in layouts.names(len(one.shape), overlapping=one.may_overlap):
        if layout in layouts.OVERLAPPING:
            _compare_overlapping(one, layout)
        elif layout != "contiguous":
            one.compare(Variant(group="layout", layout=layout, against="contiguous"), one.outcomes(layout), plain)
    again = Variant(group="repetition", layout="contiguous", against="the call before")
    one.compare(again, one.outcomes("contiguous"), plain)
    if one.device == "cpu" and prod(one.shape) >= reducible.MANY:
        _compare_threads(one, plain)
    return plain


def _compare_overlapping(one: Reduction, layout: str) -> None:
    """Compare with a contiguous tensor that holds the same values, those that the layout can."""
    cut = (slice(None), slice(0, 1)) if layout == "expanded" else (..., slice(0, 1))
    same = replace(one, values=np.ascontiguousarray(np.broadcast_to(one.values[cut], one.values.shape)))
    got = same.outcomes(layout)
    if not any(isinstance(out, Refusal) for out in got):
        variant = Variant(group="layout", layout=layout, against="contiguous")
        same.compare(variant, got, same.outcomes("contiguous"))


def _compare_threads(one: Reduction, plain: list[Any]) -> None:
    torch.set_num_threads(2)
    try:
        got = one.outcomes("contiguous")
        one.compare(Variant(group="threads", layout="contiguous", against="one thread"), got, plain)
    finally:
        torch.set_num_threads(1)


def output(one: Reduction) -> Array | None:
    """Return what is compared between CPU capabilities."""
    plain = _plain(one)
    return disagreements.stacked(plain) if plain is not None else None


def compare_outputs(one: Reduction, plain: Sequence[Any], others: dict[str, Array]) -> None:
    """Compare the results ``plain`` of this process with those of others, by their CPU capability."""
    here = disagreements.stacked(plain)
    for capability, other in others.items():
        if here is not None and other.shape == here.shape:
            variant = Variant(group="capability", layout="contiguous", against=f"the same with {capability}")
            with surroundings.taken_for(capability):
                one.judge(variant, other, here, dtype_name(plain[0]))
