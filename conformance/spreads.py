"""How far NumPy's own results lie apart once its inputs are moved by 1 ulp: what a long program allows.

A rounding error is a small change of a number on the way, and lives on as a change of the start does. See
:class:`tolerance.Spread`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.tolerance import Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Array = NDArray[Any]

_BFLOAT16_STEP: Final = 2**16
"""Units of float32, in which its values are held, in one of bfloat16."""


def outside(case: Case, function: Callable[..., Any], args: Sequence[object], got: Array, dtype: str) -> Array:
    """Return where torch's result ``got``, of ``dtype``, is further from NumPy's than the spread of that allows."""
    want = np.asarray(function(*args))
    if not isinstance(case.tolerance, Spread) or want.shape != got.shape or want.dtype.kind not in "fc":
        return np.ones(got.shape, bool)
    return np.asarray(~(apart(got, want) <= allowed(case, function, args, want, dtype)))


def apart(got: Array, want: Array) -> Array:
    """Return how far the results lie apart, as longdouble."""
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(_wide(got) - _wide(want)))


def allowed(case: Case, function: Callable[..., Any], args: Sequence[object], want: Array, dtype: str) -> Array:
    """Return how far from NumPy's result ``want`` torch's, of ``dtype``, may lie. Raises TypeError without a Spread."""
    tolerance = case.tolerance
    if not isinstance(tolerance, Spread):
        message = f"{case.id} allows {tolerance}, not a spread"
        raise TypeError(message)
    scale = _BFLOAT16_STEP if dtype == "bfloat16" else 1
    others = [function(*_moved(case, args, tolerance, start, scale)) for start in range(tolerance.starts)]
    with np.errstate(all="ignore"):
        floor = tolerance.floor * scale * np.spacing(np.abs(want)).astype(np.longdouble)
        return np.asarray(np.maximum(tolerance.times * spread(want, others), floor))


def spread(want: Array, others: Sequence[Any]) -> Array:
    """Return the largest distance of ``others`` from ``want`` at each step, its first axis, where all are finite."""
    wide = _wide(want)
    largest = np.max([np.abs(_wide(np.asarray(other)) - wide) for other in others], axis=0)
    finite = np.where(np.isfinite(largest), largest, 0)
    return np.asarray(
        np.broadcast_to(np.max(finite, axis=tuple(range(1, want.ndim)), keepdims=True, initial=0), want.shape)
    )


def _moved(case: Case, args: Sequence[object], tolerance: Spread, start: int, scale: int) -> list[object]:
    """Return the arguments with each number of those that are moved ``scale`` ulp up or down, by chance."""
    rng = np.random.default_rng(start)
    pairs = zip(case.inputs, args, strict=True)
    return [_near(a, rng, scale) if name in tolerance.of and isinstance(a, np.ndarray) else a for name, a in pairs]


def _near(values: Array, rng: np.random.Generator, scale: int) -> Array:
    if values.dtype.kind == "c":
        moved = values.copy()
        moved.real, moved.imag = _near(values.real, rng, scale), _near(values.imag, rng, scale)
        return moved
    if values.dtype.kind != "f":
        return values
    signs = rng.choice(np.array([-scale, scale], values.dtype), values.shape)
    return np.asarray(values + signs * np.spacing(values))


def _wide(values: Array) -> Array:
    return values.astype(np.clongdouble if values.dtype.kind == "c" else np.longdouble)
