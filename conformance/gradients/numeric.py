"""Derivatives of a NumPy expression by five-point central differences, with a bound of their error.

For a weight c of each element of the results, the derivative of L = Σ Re(conj(c) f(x)) by each number of the inputs is
(8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))) / 12h, whose error is h⁴/30 times the fifth derivative, plus the rounding
of L over h (Abramowitz and Stegun, 25.3.6). With 1.3 times the step the first error is 2.9 times as large, so the
difference of the two bounds it; where they are far apart, L is not smooth, and nothing is said. Twice the step would do
as well, but on the steps of a staircase that are as wide as h.

Beside a kink the two may be as far off as one another. The same values of L give its second derivative twice (25.3.24),
and a kink on one side moves these apart where it does not move the others: four times both differences is more than the
error, wherever L, its slope or its curvature jumps on one side of x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.evaluate import Batch, Refusal, call, numpy_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]

STEP: Final = 2.0**-11
_LEAST: Final = 0.25
_FURTHER: Final = 1.3
_PLACES: Final = (1, -1, 2, -2, _FURTHER, -_FURTHER, 2 * _FURTHER, -2 * _FURTHER)
_KINK: Final = 4
"""How many times the differences of the estimates the error may be: 3.4 beside a kink, and 0.6 where L is smooth."""
_ROUNDINGS: Final = 256
"""Roundings of the size of L's terms that the bound allows for: of the function, of L, of the moved inputs."""
_SMOOTH: Final = 1e-5
"""How far apart two estimates of a derivative may be, relative to it and to L, where L is smooth."""


@dataclass(frozen=True, kw_only=True)
class Derivatives:
    """Derivatives by each number of the inputs' storages, or along directions, and the bound of the error of each.

    A bound of NaN says that the derivative is not known: L is not smooth there, or has no value.
    """

    values: Array
    bounds: Array


def flat(result: object) -> list[Any]:
    """Return the result itself, or those of a tuple or list, however deep."""
    return [leaf for part in result for leaf in flat(part)] if isinstance(result, tuple | list) else [result]


def parts(result: object) -> list[Array]:
    """Return the results of floating-point or complex dtype."""
    arrays = [np.asarray(one) for one in flat(result) if isinstance(one, np.ndarray | np.generic)]
    return [one for one in arrays if one.dtype.kind in "fc"]


def along(
    function: Callable[..., Any], batch: Batch, moved: Sequence[Array], steps: Array, weights: Sequence[Array]
) -> Derivatives:
    """Return the derivatives along directions: ``moved`` has one block a tensor, a row a direction."""
    rows = len(steps)
    blocks = [_shifted(block, direction, steps) for block, direction in zip(batch.blocks, moved, strict=True)]
    whole = Batch(structure=batch.structure, blocks=blocks, dtype=batch.dtype, count=1 + len(_PLACES) * rows)
    outcomes = call(function, numpy_inputs(whole), "the NumPy expression")
    values, sizes = np.array([_weighed(one, weights) for one in outcomes]).T
    at = {place: values[1 + i * rows : 1 + (i + 1) * rows] for i, place in enumerate(_PLACES)}
    near, far = ((8 * (at[k] - at[-k]) - (at[2 * k] - at[-2 * k])) / (12 * k * steps) for k in (1, _FURTHER))
    bent, bent_far = (
        (16 * (at[k] + at[-k]) - (at[2 * k] + at[-2 * k]) - 30 * values[0]) / (12 * k * k * steps)
        for k in (1, _FURTHER)
    )  # the second derivative, times the step
    size = np.max(sizes[1:].reshape(len(_PLACES), rows), axis=0, initial=sizes[0])
    bounds = _KINK * (np.abs(near - far) + np.abs(bent - bent_far)) + _ROUNDINGS * np.finfo(float).eps * size / steps
    smooth = bounds <= _SMOOTH * (np.abs(near) + size)
    bounds += _ROUNDINGS * np.finfo(float).eps  # of weights of about 1, for a derivative that is 0
    return Derivatives(values=near, bounds=np.where(smooth & np.isfinite(near), bounds, np.nan))


def _shifted(block: Array, direction: Array, steps: Array) -> Array:
    """Return the one fill of ``block``, and it moved to each place along each direction; integers stay as they are."""
    if not direction.any():
        return np.repeat(block, 1 + len(_PLACES) * len(steps), axis=0)
    return np.concatenate([block, *(block + direction * (place * steps[:, None]) for place in _PLACES)])


def _weighed(outcome: object, weights: Sequence[Array]) -> tuple[float, float]:
    """Return L, and the sum of the magnitudes of its terms; NaN where there are no such results as weights."""
    found = [] if isinstance(outcome, Refusal) else parts(outcome)
    if [one.shape for one in found] != [one.shape for one in weights]:
        return np.nan, np.nan
    terms = [np.conj(weight) * one for weight, one in zip(weights, found, strict=True)]
    return float(sum(np.sum(t.real) for t in terms)), float(sum(np.sum(np.abs(t)) for t in terms))


def each(blocks: Sequence[Array], which: Sequence[bool]) -> tuple[list[Array], Array]:
    """Return a direction for each number of the blocks that move, and the step for each, as large as the number is."""
    count = sum(block.shape[1] for block, moves in zip(blocks, which, strict=True) if moves)
    moved, steps, start = [], [], 0
    for block, moves in zip(blocks, which, strict=True):
        direction = np.zeros((count, block.shape[1]))
        if moves:
            size = block.shape[1]
            direction[start + np.arange(size), np.arange(size)] = 1
            steps.append(STEP * np.maximum(np.abs(block[0]), _LEAST))
            start += size
        moved.append(direction)
    return moved, np.concatenate(steps)


def some(
    blocks: Sequence[Array], which: Sequence[bool], count: int, rng: np.random.Generator
) -> tuple[list[Array], Array]:
    """Return ``count`` directions that move all numbers of the blocks at once, and the step along each."""
    moved = [
        rng.uniform(0.5, 1.5, (count, b.shape[1])) * rng.choice([1.0, -1.0], (count, b.shape[1])) * moves
        for b, moves in zip(blocks, which, strict=True)
    ]
    return moved, np.full(count, STEP * _LEAST)
