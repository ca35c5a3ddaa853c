"""The dtypes of a unit, by the one name that PyTorch and NumPy share.

A unit's dtype travels as its name (``"float32"``): into a record, a command line, another process. This module knows
what follows from a name: the NumPy dtype that holds its values, its unit roundoff, the range of its integers.

bfloat16 has no NumPy dtype. Its values are held as float32 values that bfloat16 can represent, so the NumPy side runs
in float32 and its result is rounded once, to nearest even, by :func:`round_to_bfloat16`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE: Final = "-"
"""The dtype of a unit whose case has no input that depends on one."""

BOOLEAN: Final = ("bool",)
UNSIGNED: Final = ("uint8",)
SIGNED: Final = ("int8", "int16", "int32", "int64")
INTEGERS: Final = UNSIGNED + SIGNED
FLOATS: Final = ("float16", "float32", "float64")
COMPLEX: Final = ("complex64", "complex128")
CLAIMED: Final = BOOLEAN + INTEGERS + FLOATS + COMPLEX
"""Where both sides must accept, unless a case says otherwise."""

WIDE_UNSIGNED: Final = ("uint16", "uint32", "uint64")
"""Half supported by torch: run and recorded, never claimed by default."""

ALL: Final = CLAIMED + WIDE_UNSIGNED + ("bfloat16",)

_MANTISSA: Final = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53, "complex64": 24, "complex128": 53}
_PARTS: Final = {"complex32": "float16", "bcomplex32": "bfloat16", "complex64": "float32", "complex128": "float64"}
_BFLOAT16_SHIFT: Final = 16


def carrier(name: str) -> np.dtype[np.generic]:
    """Return the NumPy dtype that holds values of dtype ``name`` (float32 for bfloat16)."""
    return np.dtype("float32" if name == "bfloat16" else name)


def is_complex(name: str) -> bool:
    """Tell whether ``name`` is a complex dtype."""
    return name in COMPLEX


def is_inexact(name: str) -> bool:
    """Tell whether values of dtype ``name`` are rounded."""
    return name in _MANTISSA


def part(name: str) -> str:
    """Return the real dtype of a complex dtype's parts; any other dtype is its own."""
    return _PARTS.get(name, name)


def precision(name: str) -> int:
    """Return the bits of the significand, the hidden one counted: 24 for float32."""
    return _MANTISSA[name]


def roundoff(name: str) -> float:
    """Return the unit roundoff, half the distance from 1 to the next number: 2**-24 for float32."""
    return 2.0 ** -precision(name)


def info(name: str) -> Any:
    """Return ``np.finfo`` of a floating-point dtype, or of a complex one's parts."""
    return np.finfo(carrier(part(name)))


def tiny(name: str) -> float:
    """Return the smallest positive number, subnormals included."""
    if name == "bfloat16":
        return float(np.float32(2.0**-133))
    return float(info(name).smallest_subnormal)


def largest(name: str) -> float:
    """Return the largest finite number of a floating-point dtype."""
    if name == "bfloat16":
        return float(np.uint32(0x7F7F0000).view(np.float32))
    return float(info(name).max)


def round_to_bfloat16(values: NDArray[Any]) -> NDArray[np.float32]:
    """Round float32 ``values`` to the nearest bfloat16, ties to even, kept as float32 of the same shape.

    The bits below the upper 16 are added with carry, as IEEE 754 rounding does on any two adjacent formats with the
    same exponent width; a NaN stays a quiet NaN.
    """
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32).astype(np.uint64)
    odd = (bits >> _BFLOAT16_SHIFT) & 1
    rounded = ((bits + 0x7FFF + odd) >> _BFLOAT16_SHIFT << _BFLOAT16_SHIFT).astype(np.uint32).view(np.float32)
    return np.where(np.isnan(values), np.float32(np.nan), rounded).reshape(np.shape(values)).astype(np.float32)
