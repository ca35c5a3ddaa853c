"""The error bound of a sum, judged against its truth: each part of a complex result by itself.

NumPy's own sum is rounded as much as PyTorch's, so neither is a reference for the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance import dtype as dt
from conformance.truth import Bound, linear_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.tolerance import Linear

    Array = NDArray[Any]


def outside(got: Array, function: Callable[..., Any], args: Sequence[Any], dtype: str, tolerance: Linear) -> Array:
    """Return where torch's result ``got``, of ``dtype``, is not within the bound of the sum ``function``."""
    parts = range(2 if got.dtype.kind == "c" else 1)  # a real result of complex numbers is that of their real parts
    each = [_bound(function, [_part(a, i) for a in args], dtype, tolerance) for i in parts]
    if len(each) == 1:
        return _beyond(got, each[0], dtype)
    beyond = _beyond(got.real, each[0], dtype) | _beyond(got.imag, each[1], dtype)
    return np.asarray(beyond & ~_mixed_up(each, tolerance))


def _bound(function: Callable[..., Any], args: Sequence[Any], dtype: str, tolerance: Linear) -> Bound | None:
    return linear_bound(function, args, dt.part(dtype), tolerance, part=dt.is_complex(dtype))


def _mixed_up(bounds: Sequence[Bound | None], tolerance: Linear) -> Array:
    """Return where a part may have overflowed and a complex division after the sum carries that into the other."""
    if not tolerance.roundings:
        return np.zeros((), bool)
    known = [bound.may_overflow for bound in bounds if bound is not None]
    return np.asarray(np.logical_or.reduce(known or [np.zeros((), bool)]))


def _beyond(got: Any, bound: Bound | None, dtype: str) -> Array:
    """Return where a real part of a result of ``dtype`` lies outside of ``bound``; everywhere where there is none."""
    return np.ones(np.shape(got), bool) if bound is None else bound.excludes(got, dtype)


def _part(value: Any, which: int) -> Any:
    """Return the real (0) or imaginary (1) part of an array, anything else as it is."""
    return (value.real, value.imag)[which] if isinstance(value, np.ndarray) else value
