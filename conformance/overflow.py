"""At the end of a dtype's range one side may round to infinity and the other not: only the truth tells who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.dtype import largest, roundoff
from conformance.oracle import Oracle, ulps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Batch


def near(case: Case, batch: Batch, got: NDArray[Any], dtype: str) -> NDArray[np.bool_]:
    """Return where finite results ``got`` of torch, of a batch of one fill, are within the case's ULP of the truth.

    Nowhere if the truth is not known, nor further from the end of the range than those ULP: NumPy overflows there on
    the way. It is asked for where NumPy gives an infinity, which cannot tell whether it is one of the largest numbers
    rounded up or lies far beyond.
    """
    (args,) = batch.args
    allowed = case.tolerance.allowed(dtype)  # type: ignore[union-attr]  # asked for an Ulp only
    at_the_end = np.abs(got) >= largest(dtype) * (1 - 2 * (allowed + 1) * roundoff(dtype))
    if not at_the_end.any():
        return np.zeros(got.shape, bool)
    exact = Oracle(case, ())(args, batch.dtype)
    if exact is None or exact.high.shape != got.shape:
        return np.zeros(got.shape, bool)
    return np.asarray(at_the_end & (ulps(got, exact, dtype) <= allowed))
