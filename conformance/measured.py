"""The error allowed to an expression of which no bound is known: measured on its NumPy side.

The truth is the NumPy expression on wider numbers. How far rounding may lead away from it is what moving each number of
the inputs by half a unit does to it, since a rounding on the way is as small a change; and NumPy's own error. A jump,
such as that of a rounding or a comparison, is no such error: it is as large for a move that is thirty-two times
smaller, and allows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import compare
from conformance import dtype as dt
from conformance.tolerance import Close
from conformance.truth import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.tolerance import Measured

    Array = NDArray[Any]
    Function = Callable[..., Any]

_MOVE: Final = 0.5
_SMALLER_MOVE: Final = _MOVE / 32
_SAME_BINADE: Final = 0.75
"""What the largest number times this is in: at the end itself there is no next number."""

_SHORT: Final = 8
"""Numbers of which a sum needs no more than the usual allowance; of more it grows as their count, as its bound does."""

_SHRINKS: Final = 8
"""How many times less, at least, a continuous function changes when it is moved thirty-two times less."""


def outside(got: Array, function: Function, args: Sequence[object], dtype: str, tolerance: Measured | Close) -> Array:
    """Return where torch's result ``got``, of ``dtype``, lies further from the truth than ``tolerance`` allows."""
    want = np.asarray(function(*args))
    exact = truth(function, args)
    if exact is None or exact.shape != got.shape or exact.dtype.kind != got.dtype.kind:
        exact = want.astype(np.clongdouble if got.dtype.kind == "c" else np.longdouble)
    if exact.shape != got.shape:
        return np.ones(got.shape, bool)
    if isinstance(tolerance, Close):
        return np.asarray(~np.isclose(got, want, rtol=tolerance.relative, atol=tolerance.absolute, equal_nan=True))
    change = spread(function, args, exact, tolerance.starts) + _own_error(want, exact)
    length = max(1.0, _largest(args) / _SHORT)
    allowed = (tolerance.units * _unit(exact, dtype) + tolerance.times * change) * length
    parts = ("real", "imag") if got.dtype.kind == "c" else ("real",)
    most = dt.largest(dt.part(dtype))
    wrong = [compare.outside(getattr(got, p), getattr(exact, p), allowed, most) for p in parts]
    both = ~np.isfinite(got) & ~np.isfinite(want) & np.isfinite(exact)
    overflown = both | (~(np.isfinite(got) & np.isfinite(want)) & _may_overflow(function, args, exact, most))
    one_sided = np.isfinite(got) != np.isfinite(want)  # where NumPy overflows, its truth in a wider dtype does not
    return np.asarray(np.logical_or.reduce([*wrong, one_sided]) & ~overflown)


def _own_error(want: Array, exact: Array) -> Array:
    """Return NumPy's own error, where both it and the truth are finite: what underflows on the way shows in it."""
    with np.errstate(all="ignore"):
        error = np.abs(want.astype(exact.dtype) - exact)
    return np.asarray(np.where(np.isfinite(error), error, 0))


def _may_overflow(function: Function, args: Sequence[object], exact: Array, most: float) -> Array:
    """Return where a sum on the way may overflow: the same of the magnitudes, as often as there are numbers, does."""
    size = truth(lambda *wide: function(*map(_magnitudes, wide)), args)
    if size is None or size.shape != exact.shape:
        return np.zeros(exact.shape, bool)
    return np.asarray(np.abs(size) * _largest(args) > most)


def _magnitudes(wide: Any) -> Any:
    if isinstance(wide, list):
        return list(map(_magnitudes, wide))
    if not isinstance(wide, np.ndarray) or wide.dtype.kind not in "fc":
        return wide
    return np.abs(np.where(np.isfinite(wide), wide, 0)).astype(wide.dtype)


def _largest(args: Sequence[object]) -> int:
    """Return how many numbers the largest tensor holds."""
    flat = [one for value in args for one in (value if isinstance(value, list) else [value])]
    return max((one.size for one in flat if isinstance(one, np.ndarray)), default=0)


def spread(function: Function, args: Sequence[object], exact: Array, starts: int) -> Array:
    """Return the largest change of each element of the truth as the inputs are moved; 0 where that is a jump."""
    moved, moved_less = (
        np.max([_change(function, args, exact, start, move) for start in range(starts)], axis=0)
        for move in (_MOVE, _SMALLER_MOVE)
    )
    return np.asarray(np.where(moved_less * _SHRINKS <= moved, moved, 0))


def _change(function: Function, args: Sequence[object], exact: Array, start: int, move: float) -> Array:
    """Return how far the truth of moved inputs is from the ``exact`` one; 0 where either is not finite, or unknown."""
    rng = np.random.default_rng(start)
    made = truth(lambda *wide: function(*[_moved(w, a, rng, move) for w, a in zip(wide, args, strict=True)]), args)
    if made is None or made.shape != exact.shape:
        return np.zeros(exact.shape, np.longdouble)
    with np.errstate(all="ignore"):
        change = np.abs(made - exact)
    return np.asarray(np.where(np.isfinite(change), change, 0))


def _moved(wide: Any, narrow: object, rng: np.random.Generator, move: float) -> Any:
    """Return a wider array with each number moved up or down by ``move`` units of the narrower one it comes from."""
    if isinstance(narrow, list):
        return [_moved(w, n, rng, move) for w, n in zip(wide, narrow, strict=True)]
    if not isinstance(narrow, np.ndarray) or narrow.dtype.kind not in "fc":
        return wide
    if narrow.dtype.kind == "c":
        moved = wide.copy()
        moved.real, moved.imag = (
            _moved(getattr(wide, part), getattr(narrow, part), rng, move) for part in ("real", "imag")
        )
        return moved
    apart = np.where(narrow == 0, narrow.dtype.type(1), np.abs(narrow))  # a zero moves as 1 does
    within = np.minimum(apart, np.finfo(narrow.dtype).max * narrow.dtype.type(_SAME_BINADE))
    with np.errstate(all="ignore"):
        steps = rng.choice(np.array([-move, move]), narrow.shape) * np.spacing(within).astype(wide.dtype)
    return np.where(np.isfinite(narrow), wide + steps, wide)


def _unit(exact: Array, dtype: str) -> Array:
    """Return the unit in the last place of ``dtype`` at each of the ``exact`` numbers."""
    magnitude = np.abs(np.where(np.isfinite(exact), exact, 0)).astype(np.longdouble)
    exponent = np.frexp(magnitude)[1] - dt.precision(dtype)
    return np.asarray(np.maximum(np.ldexp(np.longdouble(1), exponent), np.longdouble(dt.tiny(dtype))))
