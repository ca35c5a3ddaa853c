"""Where a result of torch lies outside of what its case allows: one question, asked of each kind of tolerance.

Only of those that are a bound round the truth. What is exact or in ULP is a matter of two results
(:func:`conformance.compare.differing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance import bounds, measured, products, spreads, sums
from conformance import dtype as dt
from conformance.tolerance import Close, Linear, Measured, Multilinear, Spread, Within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Array = NDArray[Any]

BOUNDS = Linear | Multilinear | Within | Spread | Measured | Close


def outside(case: Case, function: Callable[..., Any], args: Sequence[Any], got: Array, dtype: str) -> Array:
    """Return where ``got``, of ``dtype``, is not what ``function`` gives on ``args``, within the bound of ``case``.

    ``function`` is the expression whose truth is meant: NumPy's, or the declared one. Everywhere where the tolerance
    of the case is no bound, and of a ``dtype`` that is not rounded: integers may stand beside floats of NumPy.
    """
    match case.tolerance if dt.is_inexact(dt.part(dtype)) else None:
        case Within():
            return bounds.outside(case, function, args, got, dtype)
        case Spread():
            return spreads.outside(case, function, args, got, dtype)
        case Multilinear() as tolerance:
            return products.outside(got, function, args, dtype, tolerance)
        case Linear() as tolerance:
            return sums.outside(got, function, args, dtype, tolerance)
        case Measured() | Close() as tolerance:
            return measured.outside(got, function, args, dtype, tolerance)
    return np.ones(got.shape, bool)
