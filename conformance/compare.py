"""Whether two arrays hold the same values: the only judge of values. Knows neither torch nor who runs it.

NaN equals NaN, whatever its payload. The sign of a zero counts in real results; in the parts of complex ones it does
not (an ordinary complex product changes it with the order of its four terms). Infinities equal themselves; where a
tolerance in ULP is in force, an infinity that is given is also the number that would follow the largest. The reverse is
not so: the largest number for an infinite reference may be off by any distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from conformance.dtype import largest, round_to_bfloat16
from conformance.tolerance import Close, Exact, Linear, Measured, Multilinear, Spread, Tolerance, Ulp, Within

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Mask = NDArray[np.bool_]

_BFLOAT16_SPACING: Final = 2.0**16
_SAME_BINADE: Final = 0.75
"""What the largest number times this is in: at the end itself there is no next number to take a distance to."""

_INEXACT: Final = "fc"


def same_bytes(got: Array, want: Array) -> bool:
    """Tell whether two arrays of one dtype and shape are equal byte for byte: cheap, and true nearly always."""
    return got.tobytes() == want.tobytes()


def differing(got: Array, want: Array, tolerance: Tolerance, *, bfloat16: bool = False) -> Mask:
    """Return where ``got`` differs from ``want`` by more than ``tolerance``; both of one dtype and shape.

    Those that are not exact or in ULP are taken as exact here: their bounds are no matter of two results, see
    :func:`outside`.
    ``bfloat16`` says that both hold bfloat16 values in float32, whose ULP are then meant.
    """
    if got.dtype.kind not in _INEXACT:
        return np.asarray(got != want)
    equal = _equal(got, want)
    count = _ulps(tolerance, "bfloat16" if bfloat16 else got.dtype.name)
    if count == 0 or equal.all():
        return np.asarray(~equal)
    return np.asarray(~(equal | _within_ulps(got, want, count, bfloat16=bfloat16)))


def _ulps(tolerance: Tolerance, dtype: str) -> float:
    match tolerance:
        case Ulp():
            return tolerance.allowed(dtype)
        case Exact() | Linear() | Multilinear() | Within() | Spread() | Measured() | Close():
            return 0.0


def _equal(got: Array, want: Array) -> Mask:
    if got.dtype.kind == "c":
        return np.asarray(_equal_parts(got.real, want.real) & _equal_parts(got.imag, want.imag))
    same_sign = np.signbit(got) == np.signbit(want)
    return np.asarray(((got == want) & same_sign) | _both_nan(got, want))


def _equal_parts(got: Array, want: Array) -> Mask:
    return np.asarray((got == want) | _both_nan(got, want))


def _both_nan(got: Array, want: Array) -> Mask:
    return np.asarray((got != got) & (want != want))  # noqa: PLR0124 - what NaN is


def _within_ulps(got: Array, want: Array, count: float, *, bfloat16: bool) -> Mask:
    if got.dtype.kind == "c":
        return _within_complex_ulps(got, want, count)
    most = largest("bfloat16" if bfloat16 else got.dtype.name)
    inside = np.asarray(most * _SAME_BINADE, got.dtype)
    wider = _BFLOAT16_SPACING if bfloat16 else 1
    unit = _units(np.minimum(np.abs(want), inside)) * wider
    end = np.longdouble(most) + _units(inside) * wider
    with np.errstate(invalid="ignore"):
        error = np.abs(np.where(np.isinf(got), np.copysign(end, got), got) - want)
    zeros = (got == 0) & (want == 0)
    return np.asarray((error <= count * np.where(np.isnan(unit), 0, unit)) & ~zeros)


def _units(magnitude: Array) -> Array:
    return np.asarray(np.spacing(magnitude), np.longdouble)


def _within_complex_ulps(got: Array, want: Array, count: float) -> Mask:
    most = np.finfo(want.dtype).max * want.real.dtype.type(_SAME_BINADE)
    magnitude = np.minimum(np.abs(want), most)  # that of two large parts may overflow
    finite = np.isfinite(got) & np.isfinite(want)
    error = np.abs(np.where(finite, got, 0).astype(np.complex128) - np.where(finite, want, 0).astype(np.complex128))
    near = finite & (error <= count * _units(np.where(finite, magnitude, 1).astype(magnitude.dtype)))
    return np.asarray(near | (classes(got) == classes(want)) & ~finite)


def classes(values: Array) -> NDArray[np.int8]:
    """Return of each complex number: 0 finite, 1 infinite (any part, as C99 has it), 2 NaN."""
    infinite = np.isinf(values.real) | np.isinf(values.imag)
    return np.where(infinite, 1, np.where(np.isnan(values.real) | np.isnan(values.imag), 2, 0)).astype(np.int8)


def outside(got: Array, exact: Array, allowed: Array, most: float) -> Mask:
    """Return where a real result lies further than ``allowed`` from the ``exact`` one (both in a wider dtype).

    Where ``allowed`` is NaN the bound says nothing; where it is 0 the sign of a zero counts. A result beyond
    ``most``, the largest finite number of its dtype, is infinite; just at it, either is right. NaN and infinities of
    the exact result must be met exactly.
    """
    wide = got.astype(exact.dtype)
    special = ~np.isfinite(exact)
    met = (wide == exact) | _both_nan(wide, exact)
    error = np.abs(np.where(special, 0, wide) - np.where(special, 0, exact))
    overflow = np.isinf(wide) & (np.sign(wide) == np.sign(exact)) & (np.abs(exact) + allowed >= most)
    unsigned = (allowed == 0) & (wide == 0) & _signs_differ(wide, exact)
    good = np.isnan(allowed) | np.where(special, met, (error <= allowed) | overflow)
    return np.asarray(~good | unsigned)


def _signs_differ(wide: Array, exact: Array) -> Mask:
    return np.asarray(np.signbit(wide.real) != np.signbit(exact.real))


def class_of(value: object) -> str:
    """Return a coarse name of one number, for telling kinds of failures apart."""
    number = complex(value) if isinstance(value, complex | np.complexfloating) else value
    parts = (number.real, number.imag) if isinstance(number, complex) else (number,)
    if any(p != p for p in parts):  # noqa: PLR0124 - what NaN is
        return "nan"
    if any(p in (float("inf"), float("-inf")) for p in parts):
        return "infinite"
    return "zero" if all(p == 0 for p in parts) else "finite"


def rounded_reference(values: Array, *, bfloat16: bool) -> Array:
    """Return NumPy's floating-point result as bfloat16 would hold it, by way of float32, or ``values`` themselves."""
    return round_to_bfloat16(values) if bfloat16 and values.dtype.kind == "f" else values
