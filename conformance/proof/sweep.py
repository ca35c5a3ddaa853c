"""The numbers on which accuracy is measured: all of them where there are 65,536, else a million chosen ones.

Of the wider floats half are spread over every binade, and half lie densely around the points at which an
implementation changes its ways: zeros and poles, the edges of overflow and underflow, the ends of polynomial ranges,
multiples of π/2 near and far, where the reduction of an argument loses its digits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import dtype as dt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

POINTS: Final = 1 << 20
"""Numbers of a sweep of float32 or float64."""

ALL_OF_16_BITS: Final = 1 << 16
_HALF_PI: Final = math.pi / 2
_BITS: Final = {"float16": np.uint16, "float32": np.uint32, "float64": np.uint64}
_LARGEST_EXPONENT: Final = {"float32": 128.0, "float64": 1024.0}
_SMALLEST_EXPONENT: Final = {"float32": -149.0, "float64": -1074.0}
_NORMAL_EXPONENT: Final = {"float32": -126.0, "float64": -1022.0}
_ROOTS_OF_LGAMMA: Final = (-2.4570247382208006, -2.7476826467274127, -3.1435808883499800, -3.9552942848585979)
_FAR: Final = (1e2, 1e3, 1e4, 71476.0, 1e5, 117435.992, 1e6, 39000.0, 2.0**20, 2.0**23, 2.0**24, 2.0**31, 2.0**32)
"""Where reductions by π/2 are known to change from one way to another, and powers of two at which integers end."""


@lru_cache(maxsize=16)
def numbers(dtype: str, count: int = POINTS) -> Array:
    """Return the numbers of a sweep of ``dtype``, in the dtype that holds its values; the same in every run.

    ``count`` is how many of a wider float; of float16 and bfloat16 there are always all 65,536. Every NaN is the usual
    one: of signalling ones C's functions make NaN even in the power 0.
    """
    return _quiet(_all_bits(dtype, count))


def _quiet(values: Array) -> Array:
    return np.where(np.isnan(values), np.array(np.nan, values.dtype), values)


def _all_bits(dtype: str, count: int) -> Array:
    if dtype == "float16":
        return np.arange(ALL_OF_16_BITS).astype(np.uint16).view(np.float16)
    if dtype == "bfloat16":
        upper: Array = (np.arange(ALL_OF_16_BITS).astype(np.uint32) << 16).view(np.float32)
        return upper
    rng = np.random.default_rng(0)
    around = _dense(np.concatenate([_centres(dtype), -_centres(dtype)]), dtype, count // 2)
    spread = _spread(dtype, count - len(around), rng)
    return np.concatenate([around, spread])


def pairs(dtype: str, tensors: int, count: int = POINTS) -> list[Array]:
    """Return one column a tensor: the sweep, shuffled against itself for each further one, and some near-equal pairs.

    In an eighth of the rows the later columns are a few units away from the first, or from its negative: there
    differences cancel and quotients are near 1.
    """
    if dt.is_complex(dtype):
        parts = pairs(dt.part(dtype), 2 * tensors, count)
        return [_complex(real, imaginary, dtype) for real, imaginary in zip(parts[::2], parts[1::2], strict=True)]
    first = numbers(dtype, count)
    if tensors == 1:
        return [first]
    rng = np.random.default_rng(1)
    base = np.tile(first, max(count // len(first), 1))
    columns = [base]
    for _ in range(tensors - 1):
        other = rng.permutation(base)
        near = rng.random(len(base)) < 1 / 8
        columns.append(np.where(near, _beside(base, dtype, rng), other))
    return columns


def _complex(real: Array, imaginary: Array, dtype: str) -> Array:
    whole = np.empty(len(real), dtype)
    whole.real, whole.imag = real, imaginary
    return whole


def _beside(values: Array, dtype: str, rng: np.random.Generator) -> Array:
    steps = rng.integers(-3, 4, len(values))
    width = 16 if dtype == "bfloat16" else 0
    bits = _BITS[values.dtype.name]
    moved: Array = (values.view(bits).astype(np.int64) + (steps << width)).astype(bits).view(values.dtype)
    return _quiet(np.where(rng.random(len(values)) < 1 / 2, moved, -moved))


def _centres(dtype: str) -> Array:
    """Return the critical points of all the functions that rows are made of, positive."""
    most, least, normal = (table[dtype] for table in (_LARGEST_EXPONENT, _SMALLEST_EXPONENT, _NORMAL_EXPONENT))
    ends = np.array([most, least, normal, most / 2, least / 2, math.sqrt(-least)])
    natural = ends * math.log(2)
    edges = [0.0, dt.tiny(dtype), float(dt.info(dtype).smallest_normal), dt.largest(dtype)]
    roundoffs = [dt.roundoff(dtype) ** power for power in (1, 1 / 2, 1 / 3)]
    parts: tuple[Any, ...] = (
        *(edges, roundoffs, [math.e, math.sqrt(2)]),
        *(np.arange(1, 41), np.arange(1, 20) / 16, 2.0 ** np.arange(-12, 13)),
        *(ends, natural, natural + math.log(2), ends * math.log10(2), natural / 2),
        *(np.arange(1, 33) * _HALF_PI, np.rint(np.array(_FAR) / _HALF_PI) * _HALF_PI, _FAR, _ROOTS_OF_LGAMMA),
    )
    return np.asarray(np.abs(np.concatenate(parts)))


def _dense(centres: Array, dtype: str, count: int) -> Array:
    """Return about ``count`` numbers of ``dtype``, as many next to each of ``centres`` on either side."""
    bits = _BITS[dtype]
    middle = np.unique(centres.astype(dtype)).view(bits).astype(np.int64)
    each = max(count // (2 * len(middle)), 1)
    made = (middle[:, None] + np.arange(-each, each)).reshape(-1)
    return np.asarray(made.astype(bits).view(dtype))


def _spread(dtype: str, count: int, rng: np.random.Generator) -> Array:
    """Return ``count`` numbers of ``dtype``, as many of every exponent and sign: random bits are just that."""
    made: Array = np.frombuffer(rng.bytes(count * np.dtype(dtype).itemsize), dtype)
    return made
