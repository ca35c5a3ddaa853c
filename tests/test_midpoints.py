"""Numbers halfway between two of a narrower dtype, where a conversion shows how it rounds."""

import numpy as np
import pytest

from conformance import dtype as dt
from conformance.inputs.fills import LENGTH, pool


@pytest.mark.parametrize("seed", [0, 1, 20417])
@pytest.mark.parametrize(
    ("dtype", "narrow"),
    [(wide, "float16") for wide in ("float32", "float64", "complex64", "complex128")]
    + [(wide, "bfloat16") for wide in ("float32", "float64", "complex64", "complex128")]
    + [("float64", "float32"), ("complex128", "float32")],
)
def test_a_pool_holds_numbers_halfway_between_two_of_each_narrower_dtype(dtype, narrow, seed):
    """A tie, and a number just above or below one, of both signs, beside zero, among subnormals, past the largest."""
    values, starts = pool(dtype, seed)
    kept = values[starts["midpoints"] :][:LENGTH].real
    size = np.abs(kept.astype(float))
    least, bits, most = dt.tiny(narrow), dt.precision(narrow), dt.largest(narrow)
    step = np.ldexp(1.0, np.maximum(np.frexp(size)[1] - bits, round(np.log2(least))))
    tie = size / step % 1 == 0.5
    beside = ~tie & (np.abs(size / step % 1 - 0.5) <= np.spacing(np.abs(kept)) / step)
    assert (tie & (kept > 1)).sum() > 20 < (tie & (kept < -1)).sum()
    assert (beside & (kept > 1)).sum() > 10 < (beside & (kept < -1)).sum()
    assert (tie & (size < least * 2 ** (bits - 1))).sum() > 20
    past = most + np.ldexp(0.5, np.frexp(most)[1] - bits)
    assert {least / 2, least * 1.5, past} <= set(size)
    assert {
        np.nextafter(kept.dtype.type(past), kept.dtype.type(0)),
        np.nextafter(kept.dtype.type(past), kept.dtype.type(np.inf)),
    } <= set(np.abs(kept))
