"""NumPy's names in 160 bits: what a NumPy expression is run with where no wider float knows the answer.

``np.exp`` of an array of mpmath numbers raises, so every function has to be mapped; :data:`NP` holds about sixty that
take the place of NumPy's, and hands on the names of everything that moves values and computes nothing. Where mpmath
leaves the real line for a real number, as the logarithm of -1 does, the result is NaN, as NumPy's; complex numbers are
known to those functions that need no comparison.

mpmath's numbers have no sign of zero, so neither has what is computed here.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Objects = NDArray[np.object_]

_BITS: Final = 160
_CONTEXT: Final = mpmath.MPContext()
_CONTEXT.prec = _BITS
_NAN: Final = _CONTEXT.nan
_mpf: Final = _CONTEXT.mpf


def precise(values: NDArray[Any]) -> Objects:
    """Return ``values``, real or complex, as mpmath numbers, each the very same number."""
    kind = complex if values.dtype.kind == "c" else float
    return _objects([_CONTEXT.convert(kind(value)) for value in values.reshape(-1)]).reshape(values.shape)


def _objects(flat: list[Any]) -> Objects:
    made = np.empty(len(flat), object)
    made[:] = flat
    return made


def split(values: Objects) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return each number as the sum of two floats (or complex numbers): the nearest, and what is missing to it.

    Raises TypeError where one is no number, such as the None that NumPy's `vdot` makes of no objects.
    """
    given = [_number(value) for value in values.reshape(-1)]
    if any(isinstance(value, _CONTEXT.mpc | complex) for value in given):
        real, imaginary = (split(_objects([getattr(v, name) for v in given])) for name in ("real", "imag"))
        whole = [_assembled(*parts).reshape(values.shape) for parts in zip(real, imaginary, strict=True)]
        return whole[0], whole[1]
    numbers = [_mpf(value) for value in given]
    high = [float(number) for number in numbers]
    low = [float(n - _mpf(h)) if np.isfinite(h) else 0.0 for n, h in zip(numbers, high, strict=True)]
    return np.array(high).reshape(values.shape), np.array(low).reshape(values.shape)


def _number(value: Any) -> Any:
    """Return a number as Python's or mpmath's: NumPy pads with numbers of its own, and assigns arrays as elements."""
    return value.item() if isinstance(value, np.generic | np.ndarray) else value


def _assembled(real: NDArray[np.float64], imaginary: NDArray[np.float64]) -> NDArray[np.complex128]:
    whole = np.empty(real.shape, np.complex128)
    whole.real, whole.imag = real, imaginary
    return whole


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function`` of numbers as one that gives NaN where it has no value, of real numbers no real one."""

    def wrapped(*numbers: Any) -> Any:
        given = [_CONTEXT.convert(number) for number in numbers]
        if any(map(_CONTEXT.isnan, given)):
            return _NAN
        try:
            value = function(*given)
        except (ZeroDivisionError, ValueError, TypeError, OverflowError):
            return _NAN
        if any(isinstance(number, _CONTEXT.mpc) for number in given):
            return value
        return _NAN if isinstance(value, _CONTEXT.mpc) and value.imag != 0 else _mpf(getattr(value, "real", value))

    return wrapped


def _elementwise(function: Callable[..., Any], arguments: int) -> np.ufunc:
    made: np.ufunc = np.frompyfunc(_real(function), arguments, 1)
    return made


def _ignoring_nan(function: Callable[..., Any]) -> np.ufunc:
    """Return ``function`` of two numbers as one that gives the other where one is NaN, as ``fmax`` does."""
    strict = _real(function)

    def wrapped(x: Any, y: Any) -> Any:
        x, y = _mpf(x), _mpf(y)
        return y if _CONTEXT.isnan(x) else x if _CONTEXT.isnan(y) else strict(x, y)

    made: np.ufunc = np.frompyfunc(wrapped, 2, 1)
    return made


def _divide(x: Any, y: Any) -> Any:
    if y == 0:
        return _NAN if x == 0 else _CONTEXT.inf * _CONTEXT.sign(x)
    return x / y


def _log(x: Any) -> Any:
    return -_CONTEXT.inf if x == 0 else _CONTEXT.log(x)


def _log1p(x: Any) -> Any:
    return -_CONTEXT.inf if x == -1 else _CONTEXT.log1p(x)


def _periodic(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: _NAN if _CONTEXT.isinf(x) else function(x)


def _remainder(x: Any, y: Any) -> Any:
    """The rest x - y·floor(x / y), of the sign of y; of an infinite y it is x, or y where the signs differ."""
    if y == 0 or _CONTEXT.isinf(x):
        return _NAN
    if _CONTEXT.isinf(y):
        return x if x == 0 or (x > 0) == (y > 0) else y
    return _exactly(lambda: x - y * _CONTEXT.floor(x / y), x, y)


def _fmod(x: Any, y: Any) -> Any:
    if y == 0 or _CONTEXT.isinf(x):
        return _NAN
    rest = x if _CONTEXT.isinf(y) else _remainder(abs(x), abs(y)) * (_CONTEXT.sign(x) or 1)
    return _mpf(rest)


def _floor_divide(x: Any, y: Any) -> Any:
    if y == 0 or _CONTEXT.isinf(x) or _CONTEXT.isinf(y):
        return _CONTEXT.floor(_divide(x, y)) if not _CONTEXT.isinf(y) else _NAN
    return _exactly(lambda: _CONTEXT.floor(x / y), x, y)


def _exactly(compute: Callable[[], Any], x: Any, y: Any) -> Any:
    """Compute with as many bits as the quotient of ``x`` and ``y`` has before its point, and ours besides."""
    before = max(int(_CONTEXT.mag(x) - _CONTEXT.mag(y)), 0) if x != 0 else 0
    with _CONTEXT.workprec(_BITS + before):
        return compute()


def _power(x: Any, y: Any) -> Any:
    if y == 0 or x == 1:
        return _mpf(1)
    if x == 0:
        return _mpf(0) if y > 0 else _CONTEXT.inf
    if _CONTEXT.isinf(y):
        return _CONTEXT.inf if (abs(x) > 1) == (y > 0) else _mpf(abs(x) == 1)
    if _CONTEXT.isinf(x):  # C99, F.9.4.4: negative for odd whole exponents alone
        magnitude = _CONTEXT.inf if y > 0 else _mpf(0)
        return -magnitude if x < 0 and y == _CONTEXT.floor(y) and y % 2 else magnitude
    return x**y


def _logaddexp(x: Any, y: Any) -> Any:
    high, low = max(x, y), min(x, y)
    return high if _CONTEXT.isinf(high) else high + _CONTEXT.log1p(_CONTEXT.exp(low - high))


def _lgamma(x: Any) -> Any:
    """Return log |Γ(x)|, infinite at the poles."""
    pole = x <= 0 and x == _CONTEXT.floor(x)
    return _CONTEXT.inf if pole or _CONTEXT.isinf(x) else _CONTEXT.loggamma(x).real


def _sign(x: Any) -> Any:
    return _mpf(int(x > 0) - int(x < 0))


def _sinc(x: Any) -> Any:
    return _NAN if _CONTEXT.isinf(x) else _CONTEXT.sincpi(x)


def _bounded(low: int, high: int, function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: function(x) if low <= x <= high else _NAN


_C: Final = _CONTEXT
_UNARY: Final[dict[str, Callable[..., Any]]] = {
    "exp": _C.exp,
    "exp2": lambda x: _C.power(2, x),
    "expm1": _C.expm1,
    "log": _log,
    "log2": lambda x: _log(x) / _C.ln2,
    "log10": lambda x: _log(x) / _C.ln10,
    "log1p": _log1p,
    "sqrt": _C.sqrt,
    "cbrt": lambda x: _sign(x) * _C.cbrt(abs(x)),
    "square": lambda x: x * x,
    "sin": _periodic(_C.sin),
    "cos": _periodic(_C.cos),
    "tan": _periodic(_C.tan),
    "arcsin": _bounded(-1, 1, _C.asin),
    "arccos": _bounded(-1, 1, _C.acos),
    "arctan": _C.atan,
    "sinh": _C.sinh,
    "cosh": _C.cosh,
    "tanh": _C.tanh,
    "arcsinh": _C.asinh,
    "arccosh": lambda x: _C.acosh(x) if x >= 1 else _NAN,
    "arctanh": lambda x: _C.inf * _sign(x) if abs(x) == 1 else _bounded(-1, 1, _C.atanh)(x),
    "reciprocal": lambda x: _divide(_mpf(1), x),
    "absolute": abs,
    "negative": lambda x: -x,
    "positive": lambda x: +x,
    "sign": _sign,
    "floor": _C.floor,
    "ceil": _C.ceil,
    "trunc": lambda x: x if _C.isinf(x) else _sign(x) * _C.floor(abs(x)),
    "rint": lambda x: x if _C.isinf(x) else _C.nint(x),
    "deg2rad": lambda x: x * _C.pi / 180,
    "rad2deg": lambda x: x * 180 / _C.pi,
    "sinc": _sinc,
}
_BINARY: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": _divide,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "fmod": _fmod,
    "power": _power,
    "hypot": _C.hypot,
    "arctan2": _C.atan2,
    "maximum": max,
    "minimum": min,
    "logaddexp": _logaddexp,
    "logaddexp2": lambda x, y: _logaddexp(x * _C.ln2, y * _C.ln2) / _C.ln2,
}
_OTHER_NAMES: Final = {
    "abs": "absolute",
    "fabs": "absolute",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "true_divide": "divide",
    "mod": "remainder",
    "pow": "power",
    "float_power": "power",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "atan2": "arctan2",
}
_IN_MATH: Final[dict[str, Callable[..., Any]]] = {
    "lgamma": _lgamma,
    "gamma": _C.gamma,
    "erf": _C.erf,
    "log": _log,
    "erfc": _C.erfc,
}


class _NumPy(SimpleNamespace):
    """The mapped functions, and NumPy's own under every other name."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def _vectorize(function: Callable[..., Any], **_: object) -> np.ufunc:
    made: np.ufunc = np.frompyfunc(function, 1, 1)
    return made


def _mapped() -> dict[str, Any]:
    named = {name: _elementwise(function, 1) for name, function in _UNARY.items()}
    named |= {name: _elementwise(function, 2) for name, function in _BINARY.items()}
    named |= {"fmax": _ignoring_nan(max), "fmin": _ignoring_nan(min)}
    named |= {name: named[other] for name, other in _OTHER_NAMES.items()}
    return {**named, "vectorize": _vectorize, "pi": +_C.pi, "e": +_C.e}


NP: Final = _NumPy(**_mapped())
"""Takes the place of ``np`` in an expression of arrays of mpmath numbers."""

_CONSTANTS: Final = {"pi": +_C.pi, "e": +_C.e, "inf": _C.inf, "nan": _NAN}
MATH: Final = SimpleNamespace(**{name: _real(function) for name, function in _IN_MATH.items()}, **_CONSTANTS)
"""Takes the place of ``math``."""
