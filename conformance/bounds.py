"""The error bound that a row states itself, as an expression of its inputs: for what is no sum, such as a variance.

As a sum, such a result is judged against the truth, not against NumPy, whose own rounding is of the same size.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import compare
from conformance import dtype as dt
from conformance.evaluate import numpy_namespace
from conformance.expression import parse
from conformance.tolerance import BOUND_NAMES, Within
from conformance.truth import ACCUMULATORS, truth, widened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Array = NDArray[Any]

_SPACE: Final = {"np": np}


def outside(case: Case, function: Callable[..., Any], args: Sequence[object], got: Array, dtype: str) -> Array:
    """Return where the result ``got`` of torch, of ``dtype``, is not within the bound of ``case``.

    ``function`` is the expression whose truth is meant: NumPy's, or the declared one. Everywhere where that has
    no truth.
    """
    tolerance = case.tolerance
    exact = truth(function, args)
    if exact is None or exact.shape != got.shape or not isinstance(tolerance, Within):
        return np.ones(got.shape, bool)
    part = dt.part(dtype)
    accumulator = part if tolerance.narrow else ACCUMULATORS.get(part, part)
    finite = np.abs(np.where(np.isfinite(exact), exact, 0))
    rounded = dt.roundoff(part) * finite + np.longdouble(dt.tiny(part)) / 2
    try:
        stated = _value(case, tolerance.bound, args, exact, accumulator)
    except Exception:
        if not _numpy_refuses(case, args):
            raise
        return np.ones(got.shape, bool)  # a bound is of what NumPy computes: here only the declared value is right
    if not _fits(stated, exact):  # of a mutant, which gives another number of results than the row
        return np.ones(got.shape, bool)
    allowed = np.asarray(rounded + np.where(np.isnan(stated), 0, stated))
    beyond = _beyond(got, exact, allowed, dt.largest(part))
    if got.dtype.kind == "f" and not tolerance.unsigned:
        beyond |= _other_zero(got, exact)
    if tolerance.overflow is not None:
        partial = _value(case, tolerance.overflow, args, exact, accumulator)
        overflows = np.broadcast_to(partial > dt.largest(accumulator), got.shape)
        beyond &= ~(overflows & ~np.isfinite(got))
        if (beyond & overflows).any():
            beyond &= ~(overflows & _overflown_alike(function, args, got, allowed))
    return beyond


def _overflown_alike(function: Callable[..., Any], args: Sequence[object], got: Array, allowed: Array) -> Array:
    """Return where ``got`` is what ``function`` gives without wider numbers: what overflows on the way does in both."""
    with np.errstate(all="ignore"):
        try:
            own = np.asarray(function(*copy.deepcopy(args)))
        except Exception:  # noqa: BLE001 - whatever it raises, there is nothing to be alike
            return np.zeros(got.shape, bool)
        return np.asarray(own.shape == got.shape and np.isfinite(own) & (np.abs(own - got) <= allowed))


def _numpy_refuses(case: Case, args: Sequence[object]) -> bool:
    try:
        with np.errstate(all="ignore"):
            case.numpy.compile(list(case.inputs), numpy_namespace(()), f"<{case.id} numpy>")(*args)
    except Exception:  # noqa: BLE001 - whatever it raises, it refuses
        return True
    return False


def _fits(stated: Array, exact: Array) -> bool:
    """Tell whether a bound is one of the results ``exact``."""
    try:
        return np.broadcast_shapes(stated.shape, exact.shape) == exact.shape
    except ValueError:
        return False


def _value(case: Case, text: str, args: Sequence[object], exact: Array, accumulator: str) -> Array:
    """Return the value of an expression of the bound: of the inputs in the wider dtype."""
    function = _compiled(text, tuple(case.inputs), f"<{case.id} bound>")
    with np.errstate(all="ignore"):
        value = function(*map(widened, args), dt.roundoff(accumulator), dt.tiny(accumulator), exact)
    return np.asarray(value)


@lru_cache(maxsize=64)
def _compiled(text: str, inputs: tuple[str, ...], label: str) -> Callable[..., Any]:
    """Return the function of an expression of the bound: asked for once a fill."""
    return parse(text).compile([*inputs, *BOUND_NAMES], _SPACE, label)


def _other_zero(got: Array, exact: Array) -> Array:
    """Return where both are 0, but not of one sign: no rounding changes it."""
    return np.asarray((got == 0) & (exact == 0) & (np.signbit(got) != np.signbit(exact)))


def _beyond(got: Array, exact: Array, allowed: Array, most: float) -> Array:
    if got.dtype.kind != "c":
        return compare.outside(got, exact, allowed, most)
    special = ~(np.isfinite(exact) & np.isfinite(got))
    error = np.abs(np.where(special, 0, got.astype(exact.dtype)) - np.where(special, 0, exact))
    overflow = np.isfinite(exact) & (np.abs(exact) + allowed >= most) & ~np.isfinite(got)
    unlike = compare.classes(got) != compare.classes(exact)
    return np.asarray(np.where(special, unlike & ~overflow, error > allowed))
