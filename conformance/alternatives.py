"""Where a difference gives torch several values to choose from, or leaves elements unjudged: what is still wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance import compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from conformance.expected import Alternatives, Expected
    from conformance.tolerance import Tolerance

    Mask = NDArray[np.bool_]


def any_in(expected: Sequence[Expected] | None) -> bool:
    """Tell whether anywhere one of several values is expected, which need not be NumPy's."""
    return expected is not None and any(one.alternatives for one in expected)


def unexplained(
    wrong: Mask, got: NDArray[Any], expected: Sequence[Expected], tolerance: Tolerance, *, bfloat16: bool
) -> Mask:
    """Return where ``got`` is still wrong, one row for each of ``expected``, given that ``wrong`` is not as NumPy's.

    An element with alternatives is wrong unless it is one of them, whatever NumPy's is.
    """
    for row, one in enumerate(expected):
        for choice in one.alternatives:
            mask = True if choice.mask is None else np.broadcast_to(choice.mask, got[row].shape)
            wrong[row] = np.where(mask, ~_is_one(got[row], choice, tolerance, bfloat16=bfloat16), wrong[row])
        if one.ignored is not None:
            wrong[row] &= ~np.broadcast_to(one.ignored, wrong[row].shape)
    return wrong


def _is_one(got: NDArray[Any], choice: Alternatives, tolerance: Tolerance, *, bfloat16: bool) -> Mask:
    found = np.zeros(got.shape, bool)
    for value in choice.values:
        try:
            want = np.broadcast_to(_as_dtype(value, got.dtype, bfloat16=bfloat16), got.shape)
        except ValueError:  # of another shape: not what was given
            continue
        found |= ~compare.differing(got, want, tolerance, bfloat16=bfloat16)
    return found


def _as_dtype(value: Any, dtype: np.dtype[Any], *, bfloat16: bool) -> NDArray[Any]:
    """Return a declared value in the dtype of the result, rounded once."""
    with np.errstate(all="ignore"):
        return compare.rounded_reference(np.asarray(value).astype(dtype), bfloat16=bfloat16)
