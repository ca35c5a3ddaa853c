"""The error bound of a sum of products, and which results lie outside of it; see :class:`tolerance.Multilinear`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance import compare
from conformance import dtype as dt
from conformance.truth import ACCUMULATORS, Bound, truth, widened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.tolerance import Multilinear

    Array = NDArray[Any]


def outside(
    got: Array, function: Callable[..., Any], args: Sequence[object], dtype: str, tolerance: Multilinear
) -> NDArray[np.bool_]:
    """Return where ``got``, of ``dtype``, is not what ``function`` gives on ``args``, within the bound."""
    bound = multilinear_bound(function, args, dtype, tolerance)
    if bound is None or bound.exact.shape != got.shape:
        return np.ones(got.shape, bool)
    if got.dtype.kind != "c":
        return bound.excludes(got, dtype)
    most = dt.largest(dtype)
    special = ~np.isfinite(bound.exact)
    met = ~np.isfinite(got)
    parts = [
        compare.outside(side, exact, bound.allowed, most)
        for side, exact in ((got.real, bound.exact.real), (got.imag, bound.exact.imag))
    ]
    return np.asarray(np.where(special, ~met, parts[0] | parts[1]) & ~(bound.may_overflow & ~np.isfinite(got)))


def multilinear_bound(
    function: Callable[..., Any], args: Sequence[object], dtype: str, tolerance: Multilinear
) -> Bound | None:
    """Return the bound of a sum of products whose result has ``dtype``; None where the truth is unknown."""
    exact = truth(function, args)
    if exact is None:
        return None
    wide = [widened(a) for a in args]
    factors = [a for one in wide for a in _arrays(one)]
    positive = tolerance.terms or function
    terms = 2.0 ** (tolerance.factors - 1) if any(a.dtype.kind == "c" for a in factors) else 1.0
    size, ones = (np.asarray(positive(*[_each(a, change) for a in wide])) for change in (_magnitudes, np.ones_like))
    largest = max((np.longdouble(np.max(_magnitudes(a), initial=1.0)) for a in factors), default=np.longdouble(1))
    own = dt.part(dtype)
    accumulator = own if tolerance.steps else ACCUMULATORS.get(own, own)
    count, beyond = terms * np.abs(ones), tolerance.factors - 2
    narrowest = own if beyond else accumulator
    least = np.longdouble(dt.tiny(own)) / 2
    halves = all(np.all(2 * part == np.floor(2 * part)) for a in factors for part in (a.real, a.imag))
    exact_sum = halves & (2.0**tolerance.factors * size <= 2.0 ** dt.precision(narrowest))
    error = (count * dt.roundoff(accumulator) + beyond * dt.roundoff(own)) * size
    rounded = (1 + tolerance.roundings) * dt.roundoff(own) * np.abs(np.where(np.isfinite(exact), exact, 0))
    underflow = count * (np.longdouble(dt.tiny(narrowest)) / 2) * largest**beyond + least
    reached = count * largest**tolerance.factors if beyond else size
    return Bound(
        exact=exact,
        allowed=np.asarray(np.where(exact_sum, least, error + underflow) + rounded),
        may_overflow=np.asarray(reached > dt.largest(narrowest)),
    )


def _arrays(value: object) -> list[Array]:
    """Return the arrays that an argument holds: itself, or those in a list."""
    if isinstance(value, list):
        return [array for one in value for array in _arrays(one)]
    return [value] if isinstance(value, np.ndarray) else []


def _each(value: object, change: Callable[[Array], Array]) -> object:
    """Return an argument with each of its arrays changed."""
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    return change(value) if isinstance(value, np.ndarray) else value


def _magnitudes(values: Array) -> Array:
    """Return what bounds the parts of each element, 0 for those that are not finite."""
    magnitude = np.abs(values.real) + np.abs(values.imag) if values.dtype.kind == "c" else np.abs(values)
    return np.asarray(np.where(np.isfinite(magnitude), magnitude, 0))
