"""Comparing one gradient of torch with what it ought to be: how large each error is, as a part of what is allowed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import dtype as dt
from conformance.evaluate import Refusal
from conformance.gradients import autograd, witness
from conformance.inputs import layouts
from conformance.inputs.slots import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Batch
    from conformance.gradients.numeric import Derivatives
    from conformance.inputs.slots import TensorSlot

    Array = NDArray[Any]

_CLOSED: Final = 256
"""Roundings of the largest part of a gradient by which a closed form may lie beside torch's."""
_STARTS: Final = 4
_SPREADS: Final = 8
_ROUNDINGS: Final = 64
"""In a narrow dtype: so many times what rounding the inputs does, and so many roundings of the largest part."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Errors as parts of what is allowed, NaN where nothing is known; and, if any is more, what to say of the first."""

    ratios: Array
    kind: str = ""
    headline: str = ""
    torch: str = ""
    numpy: str = ""


def with_differences(
    batch: Batch, found: Mapping[int, Array], moved: Sequence[Array], derivatives: Derivatives, *, each: bool
) -> Compared:
    """Compare with derivatives along directions: ``each`` number of the inputs alone, or some of all of them."""
    theirs = np.sum([np.sum(moved[n] * g, axis=1) for n, g in found.items()], axis=0)
    ratios = _ratios(theirs, derivatives.values, derivatives.bounds)
    ratios[~np.isfinite(derivatives.bounds)] = np.nan

    def words(place: int) -> tuple[str, str, str]:
        where = _place(batch, list(found), place) if each else "along a direction through all inputs"
        got = f"{theirs[place]:.15g}"
        ours = f"{derivatives.values[place]:.15g} ± {derivatives.bounds[place]:.1g}"
        return f"the gradient {where}: torch {got}, NumPy's expression by differences {ours}", got, ours

    return _compared(ratios, "another gradient", words)


def with_closed_form(
    case: Case, batch: Batch, found: Mapping[int, Array], form: tuple[str, str], weights: Array
) -> Compared:
    """Compare with a closed form of the gradient by one input: its name and the NumPy expression."""
    name, text = form
    number, ours = witness.stored(case, batch, name, text, weights)
    theirs = found[number][0]
    size = max(np.max(np.abs(one), initial=0) for one in (ours, weights))
    allowed = _CLOSED * np.finfo(np.float64).eps * size
    ratios = _ratios(theirs, ours, allowed)

    def words(place: int) -> tuple[str, str, str]:
        got, wanted = f"{theirs[place]:.15g}", f"{ours[place]:.15g}"
        where = _place(batch, [number], place)
        return f"the gradient {where}: torch {got}, the closed form {text} {wanted}", got, wanted

    return _compared(ratios, "not the closed form", words)


def with_wider(
    function: Callable[..., Any], batch: Batch, dtype: str, device: str, weights: Sequence[Array]
) -> Iterator[Compared]:
    """Compare the gradient in a narrow ``dtype`` with torch's own in float64 at the same numbers, tensor by tensor.

    Allowed is what rounding the inputs does to it, and some roundings; no more is asked where numbers stand for several
    elements, whose gradients are added up in the narrow dtype.
    """
    which = [_is_plain(slot) for slot in batch.structure.tensors()]
    carrier = dt.carrier(dtype)
    blocks = [b.astype(carrier) if moves else b for b, moves in zip(batch.blocks, which, strict=True)]
    wide = replace(batch, blocks=[b.astype(np.float64) if m else b for b, m in zip(blocks, which, strict=True)])
    rounded = [_in_float32(one) for one in weights]
    found = _gradients(function, replace(batch, blocks=blocks, dtype=dtype), device, which, rounded)
    exact = _gradients(function, wide, device, which, rounded)
    if found is None or exact is None:
        return
    largest = max(np.max(np.abs(one), initial=0) for one in rounded)
    rng = np.random.default_rng(0)
    moved = [_moved(wide, which, dt.roundoff(dtype), rng) for _ in range(_STARTS)]
    nearby = [g for one in moved if (g := _gradients(function, one, device, which, rounded)) is not None]
    for number, ours in exact.items():
        spread = np.max([np.abs(near[number] - ours) for near in nearby], axis=0, initial=0)
        size = max(np.max(np.abs(ours), initial=0), largest)
        allowed = _SPREADS * spread + _ROUNDINGS * dt.roundoff(dtype) * size + dt.tiny(dtype)
        yield _narrow(batch, number, found[number].astype(np.float64), ours, allowed, dtype)


def _narrow(batch: Batch, number: int, theirs: Array, ours: Array, allowed: Array, dtype: str) -> Compared:  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    ratios = np.where(np.abs(ours) < dt.largest(dtype) / 2, _ratios(theirs, ours, allowed), np.nan)[0]

    def words(place: int) -> tuple[str, str, str]:
        got, wanted = f"{theirs[0, place]:.9g}", f"{ours[0, place]:.9g} ± {allowed[0, place]:.1g}"
        return f"the gradient {_place(batch, [number], place)}: in {dtype} {got}, in float64 {wanted}", got, wanted

    return _compared(ratios, "another in float64", words)


def _compared(ratios: Array, kind: str, words: Callable[[int], tuple[str, str, str]]) -> Compared:
    """Return what was compared; ``words`` are the headline and both sides at the first place that is off by more."""
    wrong = ratios > 1
    if not wrong.any():
        return Compared(ratios=ratios)
    headline, torch, numpy = words(int(np.argmax(wrong)))
    return Compared(ratios=ratios, kind=kind, headline=headline, torch=torch, numpy=numpy)


def _is_plain(slot: TensorSlot) -> bool:
    """Tell whether a tensor has the dtype of the unit, and each of its elements a number of its own."""
    place = layouts.place(slot.shape, slot.layout)
    steps = [step for step, size in zip(place.strides, slot.shape, strict=True) if size > 1]
    return slot.dtype == OWN and slot.face == "tensor" and 0 not in steps


def _gradients(
    function: Callable[..., Any], batch: Batch, device: str, which: Sequence[bool], weights: Sequence[Array]
) -> dict[int, Array] | None:
    traced = autograd.traced(function, batch, device, which)
    if isinstance(traced.outcome, Refusal) or not traced.flows() or len(traced.parts()) != len(weights):
        return None
    found = traced.gradients(weights)
    return None if isinstance(found, str) else found


def _ratios(theirs: Array, ours: Array, allowed: Array | float) -> Array:
    """Return errors as parts of what is allowed; infinite where torch gives NaN and is not to."""
    with np.errstate(all="ignore"):
        errors = np.abs(theirs - ours) / allowed
    return np.where(np.isnan(theirs) & ~np.isnan(ours), np.inf, errors)


def _moved(batch: Batch, which: Sequence[bool], roundoff: float, rng: np.random.Generator) -> Batch:
    """Return ``batch`` with every number that moves wrong by one rounding."""
    signs = [rng.choice([1.0, -1.0], block.shape) for block in batch.blocks]
    triples = zip(batch.blocks, signs, which, strict=True)
    blocks = [np.asarray(b, np.float64) * (1 + roundoff * s) if w else b for b, s, w in triples]
    return replace(batch, blocks=blocks)


def _in_float32(weights: Array) -> Array:
    """Return numbers that float32 holds, in the dtype they had."""
    return np.asarray(weights.astype(np.complex64 if weights.dtype.kind == "c" else np.float32).astype(weights.dtype))


def _place(batch: Batch, numbers: Sequence[int], cell: int) -> str:
    """Say which element of which input number ``cell`` of the storages ``numbers`` is."""
    names = list(batch.structure.named())
    for number in numbers:
        name, slot = names[number]
        place = layouts.place(slot.shape, slot.layout)
        if cell < place.size:
            found = np.argwhere(layouts.view_of(np.arange(place.size), slot.shape, place) == cell)
            return f"by {name}{[int(i) for i in found[0]]}" if len(found) else f"by a number beside {name}"
        cell -= place.size
    return "by an input"
