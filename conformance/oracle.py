"""Who is right: the truth of a NumPy expression, and how far from it each side lies.

The truth is the NumPy expression run on wider numbers: float64 for the narrower floats; for float64 itself longdouble
where that is wider and the functions have a loop for it, otherwise mpmath's numbers in 160 bits (see
:mod:`conformance.precise`). It is kept as the sum of two floats, which is enough to tell a tenth of a unit in the last
place of float64. The truth of complex numbers takes 160 bits wherever it can be had.

An error is told in ULP: units in the last place of the dtype of the result, at the truth rounded to it.
"""

from __future__ import annotations

import ast
import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import dtype as dt
from conformance import precise
from conformance.evaluate import numpy_namespace
from conformance.expression import Expression
from conformance.truth import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Array = NDArray[Any]

_FUNCTIONS: Final = {ast.Div: "divide", ast.FloorDiv: "floor_divide", ast.Mod: "remainder", ast.Pow: "power"}
_OF_A_DTYPE: Final = frozenset({"nextafter", "spacing", "finfo", "view"})
"""Names whose meaning is that of a dtype: with a wider one they say something else, not the same more exactly."""

_NARROW: Final = ("float16", "bfloat16", "float32", "complex64")
_BFLOAT16_STEP: Final = 2.0**16
_FEW: Final = 10_000
"""Elements whose truth in 160 bits is asked for, at some twenty microseconds each."""

_INSIDE: Final = 0.75
"""What the largest number times this is: in the same binade."""

_MANY: Final = 100


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The exact value of every element of a result, as the sum of two floats of double precision (or complex)."""

    high: Array
    low: Array


class Oracle:
    """The NumPy expression of a case, ready to be run on wider numbers."""

    def __init__(self, case: Case, present: Sequence[str]) -> None:
        """Compile it; ``present`` are the devices that it may speak of."""
        names, label = list(case.inputs), f"<{case.id} truth>"
        usual = numpy_namespace(present)
        wider = {**usual, "np": precise.NP, "math": precise.MATH}
        attributes = {node.attr for node in ast.walk(case.numpy.tree) if isinstance(node, ast.Attribute)}
        self._has_none = bool(attributes & _OF_A_DTYPE)
        self._by_python = "math" in case.numpy.names  # Python's own functions know float64 alone, and do not say so
        self._plain = case.numpy.compile(names, usual, label)
        self._precise = _with_functions(case.numpy).compile(names, wider, label)

    def __call__(self, args: Sequence[object], dtype: str) -> Exact | None:
        """Return the exact result for NumPy's arguments ``args`` of a unit of ``dtype``, or None where it has none."""
        if self._has_none:
            return None
        if dt.is_complex(dtype) and _size(args) <= _FEW:  # a wider complex function is often as naive as the narrower
            return self.precise(args) or self.wide(args, dtype)
        return self.wide(args, dtype) or (self.precise(args) if _size(args) <= _FEW else None)

    def wide(self, args: Sequence[object], dtype: str) -> Exact | None:
        """Return what the next wider float gives; None where an expression stays narrow, or there is no wider one."""
        value = truth(self._plain, args) if dtype in _NARROW or not self._by_python else None
        if value is None or value.dtype.kind not in "fc":
            return None
        double = np.complex128 if value.dtype.kind == "c" else np.float64
        enough = np.dtype(double).itemsize if dtype in _NARROW else np.dtype(double).itemsize + 1
        if value.dtype.itemsize < enough:
            return None
        with np.errstate(all="ignore"):
            high = value.astype(double)
            low = np.where(np.isfinite(high), value - high, 0).astype(double)
        return Exact(high=high, low=low)

    def precise(self, args: Sequence[object]) -> Exact | None:
        """Return what 160 bits give; None where a function is not known there, or the result is not one array."""
        try:
            value = self._precise(*[_as_objects(one) for one in args])
            if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.dtype != object):
                return None
            high, low = precise.split(np.asarray(value, object))
        except Exception:  # noqa: BLE001 - whatever it does not know, it does not know
            return None
        return Exact(high=high, low=low)


def _size(args: Sequence[object]) -> int:
    return sum(value.size for value in args if isinstance(value, np.ndarray))


def _as_objects(value: object) -> object:
    if isinstance(value, list):
        return [_as_objects(one) for one in value]
    return precise.precise(value) if isinstance(value, np.ndarray) and value.dtype.kind in "fc" else value


class _Functions(ast.NodeTransformer):
    """Writes an operator that mpmath's numbers raise for, such as a division by zero, as NumPy's function."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        name = _FUNCTIONS.get(type(node.op))
        if name is None:
            return node
        function = ast.Attribute(value=ast.Name(id="np", ctx=ast.Load()), attr=name, ctx=ast.Load())
        return ast.Call(func=function, args=[node.left, node.right], keywords=[])


def _with_functions(expression: Expression) -> Expression:
    tree = ast.fix_missing_locations(_Functions().visit(copy.deepcopy(expression.tree)))
    return Expression(text=expression.text, tree=tree, names=expression.names)


def unit(exact: Array, dtype: str) -> Array:
    """Return the unit in the last place of ``dtype`` at each of the ``exact`` numbers, as float64."""
    narrow, most = dt.carrier(dt.part(dtype)), dt.largest(dt.part(dtype))
    with np.errstate(all="ignore"):
        magnitude = np.abs(exact).astype(np.float64)
        within = np.where(magnitude < most, magnitude, most * _INSIDE).astype(narrow)  # at the end there is no next one
        step = np.spacing(np.minimum(within, np.asarray(most * _INSIDE, narrow))).astype(np.float64)
    step = step * _BFLOAT16_STEP if dtype == "bfloat16" else step
    return np.asarray(np.maximum(step, dt.tiny(dt.part(dtype))))


def ulps(got: Array, exact: Exact, dtype: str) -> Array:
    """Return the error of each element of ``got``, values of ``dtype``, in ULP: a float64 array, never negative.

    Infinite where one is NaN and the other is not, or only one is infinite, unless a number beyond the largest of
    ``dtype`` is given as infinite. Signs of zero do not count. Of complex numbers, whose ULP is that of the magnitude,
    only finite ones are measured: which part of the others is infinite or NaN is no distance.
    """
    wide = doubled(got)
    step = unit(exact.high, dtype)
    with np.errstate(all="ignore"):
        error = np.abs((wide - exact.high) - exact.low) / step
        overflow = np.abs(exact.high) >= dt.largest(dt.part(dtype)) + step / 2
    same = (wide == exact.high) | (np.isnan(wide) & np.isnan(exact.high))
    same |= np.isinf(wide) & overflow & (np.sign(wide.real) == np.sign(exact.high.real))
    unlike = ~np.isfinite(wide) | ~np.isfinite(exact.high)
    other_kind = 0.0 if wide.dtype.kind == "c" else np.inf
    return np.asarray(np.where(same & unlike, 0.0, np.where(unlike, other_kind, error)))


def apart(got: Array, want: Array, dtype: str) -> Array:
    """Return how far ``got`` is from ``want`` in ULP, both of ``dtype``, as a tolerance has it.

    An infinity that is given is the number after the largest, where ``want`` is finite.
    """
    reference = Exact(high=doubled(want), low=np.zeros(want.shape))
    if got.dtype.kind == "c":
        return ulps(got, reference, dtype)
    most = np.array(dt.largest(dtype))
    end = most + unit(most, dtype) if dtype != "float64" else most
    rounded = np.isinf(got) & np.isfinite(want)
    return ulps(np.where(rounded, np.copysign(end, got), doubled(got)), reference, dtype)


def doubled(values: Array) -> Array:
    """Return ``values`` in float64 or complex128."""
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def pronounced(error: float) -> str:
    """Return an error as words: ``0.6 ulp``, ``no error``, ``of another kind`` for one that is infinite."""
    if math.isinf(error) or math.isnan(error):
        return "of another kind"
    return f"{error:.2g} ulp" if error < _MANY else f"{error:.0f} ulp" if error < _MANY**2 else f"{error:.1e} ulp"
