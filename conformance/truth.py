"""The truth of a NumPy expression: its value in a wider dtype, and the error bound of a linear one.

float64 serves for narrower floats; for float64 itself, longdouble where it is wider (x86), else there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import compare
from conformance import dtype as dt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.tolerance import Linear

    Array = NDArray[Any]
    Function = Callable[..., Any]

_LONGDOUBLE_IS_WIDER: Final = np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant
ACCUMULATORS: Final = {"float16": "float32", "bfloat16": "float32"}
"""The dtype in which torch documents that it adds up those that it does not add up in their own."""


def _wider(dtype: np.dtype[Any]) -> np.dtype[Any]:
    double = dtype in (np.dtype(np.float64), np.dtype(np.complex128))
    if dtype.kind == "c":
        return np.dtype(np.clongdouble if double and _LONGDOUBLE_IS_WIDER else np.complex128)
    return np.dtype(np.longdouble if double and _LONGDOUBLE_IS_WIDER else np.float64)


def widened(value: object) -> object:
    """Return an array of floats in the wider dtype, lists of them likewise, a dtype of floats as the wider one itself.

    Anything else is returned as it is. A dtype is an argument such as that of ``np.sum(x, dtype=kind)``: kept narrow,
    it would make the truth as narrow as the result.
    """
    if isinstance(value, list):
        return [widened(item) for item in value]
    if isinstance(value, np.dtype) and value.kind in "fc":
        return _wider(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
        return value.astype(_wider(value.dtype))
    return value


def truth(function: Function, args: Sequence[object]) -> Array | None:
    """Return the value of ``function`` on widened arguments, or None where it has none.

    Not defined for float64 where no wider float exists: None.
    """
    if not _LONGDOUBLE_IS_WIDER and any(_is_double(a) for a in args):
        return None
    try:
        value = function(*[widened(a) for a in args])
    except Exception:  # noqa: BLE001 - any exception is an outcome or ours to report
        return None
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else None


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The exact value of a linear expression, the error allowed, and where a partial sum may overflow."""

    exact: Array
    allowed: Array
    may_overflow: Array

    def excludes(self, got: Array, dtype: str) -> Array:
        """Return where a real result, or part of one, of ``dtype`` lies outside, but where a sum may overflow."""
        wrong = compare.outside(np.asarray(got), self.exact, self.allowed, most=dt.largest(dtype))
        return np.asarray(wrong & ~(self.may_overflow & ~np.isfinite(got)))


def _is_double(value: object) -> bool:
    kind = value.dtype if isinstance(value, np.ndarray) else value
    return isinstance(kind, np.dtype) and kind in (np.dtype(np.float64), np.dtype(np.complex128))


def linear_bound(
    function: Function, args: Sequence[object], dtype: str, tolerance: Linear, *, part: bool = False
) -> Bound | None:
    """Return the bound of a linear expression of its one tensor, for real arguments; None where the truth is unknown.

    ``dtype`` is that of the result; ``part`` says that it is one part of a complex result, whose division after the
    sum is not rounded correctly.
    """
    exact = truth(function, args)
    if exact is None:
        return None
    magnitudes = [_magnitudes(a) if isinstance(a, np.ndarray) else a for a in (widened(a) for a in args)]
    finite = [np.where(np.isfinite(a), a, 0) if isinstance(a, np.ndarray) else a for a in magnitudes]
    size = np.nan_to_num(np.asarray(function(*finite)), nan=0.0, posinf=np.inf)  # nothing has a mean of NaN
    operand = next(a for a in finite if isinstance(a, np.ndarray))
    count = max(operand.shape, default=1) if tolerance.running else max(operand.size // max(exact.size, 1), 1)
    accumulator = ACCUMULATORS.get(dtype, dtype)
    exact_sum = _exact_terms(operand, size, count, accumulator, tolerance)
    error = np.where(exact_sum, 0, count * dt.roundoff(accumulator) * size)
    roundings = np.where(
        exact_sum & (accumulator == dtype) & (not part), max(tolerance.roundings, 1), 1 + tolerance.roundings
    )
    rounded = roundings * dt.roundoff(dtype) * np.abs(np.where(np.isfinite(exact), exact, 0))
    terms = size * count if tolerance.roundings else size
    overflow = np.asarray(terms > dt.largest(accumulator))
    underflow = np.where(exact_sum & (exact == 0), 0, np.longdouble(dt.tiny(dtype)) / 2)
    return Bound(exact=exact, allowed=error + rounded + underflow, may_overflow=overflow)


def _magnitudes(values: Array) -> Array:
    """Return absolute values, of integers as floats: the least integer has none of its own dtype."""
    return np.asarray(np.abs(values.astype(np.float64) if values.dtype.kind == "i" else values))


def _exact_terms(operand: Array, size: Array, count: int, accumulator: str, tolerance: Linear) -> Array:
    """Where the sum is exact in any order: halves whose magnitudes add up to no more bits than there are."""
    halves = np.all(2 * operand == np.floor(2 * operand))
    total = 2 * size * (count if tolerance.roundings else 1)
    return np.asarray(halves & (total <= 2.0 ** dt.precision(accumulator)))
