"""Judging results that both sides gave: their values, dtypes, shapes and memory.

Nearly always every fill of a batch gives one tensor of one shape and dtype, so all are stacked and compared at once.
Anything else (tuples, plain Python values) is taken apart into leaves, fill by fill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import allowed, alternatives, compare, overflow
from conformance.evaluate import Batch, Refusal, SideInputs, dtype_name, kinds_of, stack, to_host
from conformance.sharing import SharingJudge
from conformance.tally import Sides, Signature
from conformance.tolerance import EXACT, Close, Measured, Ulp

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case
    from conformance.differences import Declared, Region
    from conformance.evaluate import Functions
    from conformance.expected import Expected
    from conformance.tally import Tally

_Arrays = np.ndarray | np.generic
_BF16: Final = "bfloat16"
"""The tolerances that ask NumPy once more, for the truth or for others of its results."""
_KINDS: Final = "biufc"
_INEXACT: Final = "fc"
"""Of dtypes, each of which holds those before it as they are; integers of both signs together need more."""


@dataclass(frozen=True, kw_only=True)
class ResultJudge:
    """Judges the results of one batch of a case, in a unit of ``dtype``; what it finds goes to ``tally``."""

    case: Case
    dtype: str
    functions: Functions
    tally: Tally
    batch: Batch
    torch_side: SideInputs
    numpy_side: SideInputs

    def judge_values(
        self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None
    ) -> None:
        """Judge the results ``gots`` of torch against ``wants``; ``expected`` says what differences change."""
        # NumPy runs bfloat16 in float32, so its dtype does not tell what torch's ought to be.
        for check in ("value", "shape") if self.dtype == _BF16 else ("value", "dtype", "shape"):
            self.tally.checked[check] += len(fills)
        sharing = SharingJudge(
            case=self.case, tally=self.tally, batch=self.batch, torch_side=self.torch_side, numpy_side=self.numpy_side
        )
        sharing.judge(fills, gots, wants, expected)
        for some in _alike(gots, wants):
            chosen = [expected[i] for i in some] if expected is not None else None
            self._alike([fills[i] for i in some], [gots[i] for i in some], [wants[i] for i in some], chosen)

    def _alike(self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None) -> None:
        got, want = gots[0], wants[0]
        if isinstance(got, torch.Tensor) and isinstance(want, _Arrays):
            self._tensors(fills, gots, wants, expected)
        elif _has_arrays(got) or _has_arrays(want):
            self._sequences(fills, gots, wants, expected)
        else:
            self._plain(fills, gots, wants)

    def _sequences(self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None) -> None:
        """Results of several parts: compared part by part."""
        parts = [list(g) if isinstance(g, tuple | list) else [g] for g in gots]
        others = [list(w) if isinstance(w, tuple | list) else [w] for w in wants]
        if len(parts[0]) != len(others[0]):
            headline = f"torch gives {len(parts[0])} results, numpy {len(others[0])}"
            self._report("shape", "number of results", fills, Sides(headline=headline))
        elif not isinstance(gots[0], tuple | list) and not isinstance(wants[0], tuple | list):
            self._mixed(fills, gots[0], wants[0], expected)
        else:
            for part in range(len(parts[0])):
                numpy = part_of(self.functions.numpy, part)
                alone = replace(self, functions=replace(self.functions, numpy=numpy))
                alone._alike(fills, [p[part] for p in parts], [o[part] for o in others], expected)  # noqa: SLF001 - ours

    def _mixed(self, fills: list[int], got: Any, want: Any, expected: list[Expected] | None) -> None:
        """A tensor on one side, a plain value on the other: their values may agree, their types do not."""
        kinds = kinds_of(got, want)
        self._report("dtype", kinds, fills, Sides(headline=kinds, torch=repr(got), numpy=repr(want)))
        if isinstance(got, torch.Tensor | bool | int | float | complex):
            tensor, array = torch.as_tensor(got), np.asarray(want)
            if tuple(tensor.shape) == array.shape:
                self._values(fills[:1], [tensor], [array], expected[:1] if expected is not None else None)
            else:
                headline = f"torch gives shape {tuple(tensor.shape)}, numpy {array.shape}"
                self._report("shape", f"rank {tensor.ndim} against {array.ndim}", fills, Sides(headline=headline))

    def _plain(self, fills: list[int], gots: list[Any], wants: list[Any]) -> None:
        for fill, got, want in zip(fills, gots, wants, strict=True):
            if isinstance(got, list) and isinstance(want, list) and repr(got) == repr(want):
                continue  # text tells kinds, signs of zeros and nesting, and is quick
            if not _same_plain(got, want, self.dtype) and not self._near(fill, got, want):
                kind = f"{type(got).__name__} against {type(want).__name__}"
                words = Sides(headline=f"torch gives {got!r}, numpy {want!r}", torch=repr(got), numpy=repr(want))
                check = "value" if type(got) is type(want) or isinstance(got, torch.dtype | tuple) else "dtype"
                self._report(check, kind, [fill], words)

    def _near(self, fill: int, got: Any, want: Any) -> bool:
        """Tell whether Python's own floats are as near as a measured tolerance allows, that of the unit's dtype."""
        if not (type(got) is type(want) is float and isinstance(self.case.tolerance, Measured | Close)):
            return False
        args = self.batch.only([fill]).args[0]

        def number(*others: object) -> Any:
            return np.float64(self.functions.numpy(*others))

        return not allowed.outside(self.case, number, args, np.asarray(got), self.dtype).any()

    def _tensors(self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None) -> None:
        got, want = gots[0], wants[0]
        self._dtype(fills, got, want, expected)
        if tuple(got.shape) != want.shape:
            headline = f"torch gives shape {tuple(got.shape)}, numpy {want.shape}"
            self._report("shape", f"rank {got.ndim} against {want.ndim}", fills, Sides(headline=headline))
        elif expected is None or not expected[0].skipped & {"value"}:
            self._values(fills, gots, wants, expected)

    def _dtype(self, fills: list[int], got: Any, want: Any, expected: list[Expected] | None) -> None:
        theirs, ours = dtype_name(got), dtype_name(want)
        wanted = expected[0].dtype if expected is not None and expected[0].dtype else ours
        if self.dtype == _BF16 and ours == "float32" and wanted == ours:
            wanted = self._bfloat16_or_float32(fills[0], theirs)
        if theirs != wanted and not (expected is not None and "dtype" in expected[0].skipped):
            stated = expected is not None and expected[0].dtype
            headline = f"torch gives {theirs}, {'declared is' if stated else 'numpy'} {wanted}"
            words = Sides(headline=headline, torch=theirs, numpy=ours)
            self._report("dtype", f"{theirs} against {wanted}", fills, words)

    def _bfloat16_or_float32(self, fill: int, theirs: str) -> str:
        """Return what NumPy's float32 stands for in a unit of bfloat16, which it runs in float32.

        bfloat16, unless the expression gives float32 for float16 inputs, too: then it names that dtype itself. Where
        all inputs are arrays or lists, which hold no bfloat16, it is what torch makes of them.
        """
        if theirs == _BF16 or all(slot.face != "tensor" for slot in self.batch.structure.tensors()):
            return theirs
        args = self.batch.only([fill]).args[0]
        try:
            half = self.functions.numpy(*map(_halved, args))
        except Exception:  # noqa: BLE001 - then float16 says nothing of it
            return "float32"
        return _BF16 if isinstance(half, _Arrays) and half.dtype == np.float16 else "float32"

    def _values(self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None) -> None:
        bfloat16 = gots[0].dtype == torch.bfloat16
        got, want = _common(stack(gots), np.array(wants), bfloat16=bfloat16)
        if compare.same_bytes(got, want) and not alternatives.any_in(expected):
            return
        tolerance = self.case.tolerance
        wrong = compare.differing(got, want, tolerance, bfloat16=bfloat16)
        if expected is not None:
            wrong = alternatives.unexplained(wrong, got, expected, tolerance, bfloat16=bfloat16)
        for row in np.flatnonzero(wrong.reshape(len(fills), -1).any(axis=1)):
            place = wrong[row]
            if isinstance(tolerance, allowed.BOUNDS) and got.dtype.kind in "fc":
                declared = expected[row].reference if expected is not None else None
                args = self.batch.only([fills[row]]).args[0]
                function = declared or self.functions.numpy
                place = place & allowed.outside(self.case, function, args, got[row], dtype_name(gots[row]))
            if isinstance(tolerance, Ulp) and got.dtype.kind == "f":
                doubtful = place & np.isinf(want[row]) & np.isfinite(got[row])
                if doubtful.any():
                    batch = self.batch.only([fills[row]])
                    place = place & ~(doubtful & overflow.near(self.case, batch, got[row], dtype_name(gots[row])))
            if place.any():
                self._report_values(fills[row], got[row], want[row], place)

    def _report_values(self, fill: int, got: np.ndarray, want: np.ndarray, wrong: np.ndarray) -> None:
        first = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
        theirs, ours = (np.asarray(side)[first] for side in (got, want))
        kind = f"{compare.class_of(_plain(theirs))} against {compare.class_of(_plain(ours))}"
        where = f"first at {list(first)}: " if wrong.ndim else ""
        total = f"{int(wrong.sum())} of {wrong.size} elements differ, " if wrong.ndim else ""
        headline = f"{total}{where}torch {_number(theirs)}, numpy {_number(ours)}"
        words = Sides(headline=headline, torch=_number(theirs), numpy=_number(ours), place=first)
        self._report("value", kind, [fill], words)

    def no_difference(self, fill: int, want: Expected, applying: list[Region], out: Any) -> Declared | None:
        """Return the difference that applies to the whole of ``fill`` although it makes none there."""
        for region in applying:
            difference = region.declared.difference
            if not region.whole[fill] or isinstance(out, Refusal) or not isinstance(difference.torch, str):
                continue
            if difference.aspect == "dtype" and want.dtype == dtype_name(out):
                return region.declared
            same_dtype = want.dtype in (None, dtype_name(out)) if isinstance(out, _Arrays) else True
            if difference.aspect in (None, "value") and same_dtype and _identical(want.torch, out):
                return region.declared
        return None

    def _report(self, check: str, kind: str, fills: list[int], words: Sides) -> None:
        signature = Signature(check=check, kind=kind)
        self.tally.report(signature, self.batch, fills[0], words, len(fills))


def _alike(gots: list[Any], wants: list[Any]) -> list[list[int]]:
    """Return the positions of results of one shape and dtype, group by group."""
    groups: dict[object, list[int]] = {}
    for i, (got, want) in enumerate(zip(gots, wants, strict=True)):
        groups.setdefault((_form(got), _form(want)), []).append(i)
    return list(groups.values())


def _form(result: Any) -> object:
    if isinstance(result, torch.Tensor | np.ndarray | np.generic):
        return type(result).__module__, result.shape, result.dtype
    if isinstance(result, tuple | list) and _has_arrays(result):
        return tuple(_form(part) for part in result)
    return type(result)


def _halved(value: Any) -> Any:
    """Return arrays of float32, and those in a list, as float16; anything else as it is."""
    if isinstance(value, list):
        return [_halved(one) for one in value]
    return value.astype(np.float16) if isinstance(value, np.ndarray) and value.dtype == np.float32 else value


def part_of(function: Callable[..., Any], part: int) -> Callable[..., Any]:
    """Return the function that gives one part of the results of ``function``."""
    return lambda *args: function(*args)[part]


def _has_arrays(result: Any) -> bool:
    if isinstance(result, tuple | list):
        return any(_has_arrays(part) for part in result)
    return isinstance(result, torch.Tensor | np.ndarray | np.generic)


def _same_plain(got: Any, want: Any, dtype: str) -> bool:
    if isinstance(got, torch.dtype):
        return dtype_name(got) in (dtype_name(want), dtype if dtype == _BF16 else "")
    if isinstance(got, tuple | list) and isinstance(want, tuple | list):
        alike = isinstance(got, tuple) == isinstance(want, tuple) and len(got) == len(want)
        return alike and all(_same_plain(g, w, dtype) for g, w in zip(got, want, strict=True))
    if isinstance(got, float | complex) and type(got) is type(want):
        return not compare.differing(np.array(got), np.array(want), EXACT).any()
    return type(got) is type(want) and bool(got == want)


def _common(got: np.ndarray, want: np.ndarray, *, bfloat16: bool) -> tuple[np.ndarray, np.ndarray]:
    """Bring both to torch's dtype, or to one in which none loses its kind: dtypes have a check of their own."""
    want = compare.rounded_reference(want, bfloat16=bfloat16)
    if got.dtype == want.dtype:
        return got, want
    ours, theirs = _KINDS.index(want.dtype.kind), _KINDS.index(got.dtype.kind)
    if {got.dtype.kind, want.dtype.kind} <= {"i", "u"}:
        both = np.result_type(got, want) if got.dtype.kind == want.dtype.kind else np.dtype(object)
        return got.astype(both), want.astype(both)
    if ours > theirs:  # where torch gives whole numbers, no sign of zero is to be expected of it
        return got.astype(want.dtype), want if got.dtype.kind in _INEXACT else want + 0
    return got, want.astype(got.dtype)


def _identical(got: Any, want: Any) -> bool:
    if isinstance(got, _Arrays) and isinstance(want, _Arrays):
        alike = got.dtype == want.dtype and got.shape == want.shape
        return alike and not compare.differing(np.asarray(got), np.asarray(want), EXACT).any()
    return type(got) is type(want) and not _has_arrays(got) and bool(got == want)


def same_outcome(one: Any, other: Any) -> bool:
    """Tell whether two outcomes of one side are the same bit for bit, but for the payload of NaN."""
    if isinstance(one, Refusal) or isinstance(other, Refusal):
        return isinstance(one, Refusal) and isinstance(other, Refusal) and type(one.error) is type(other.error)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(same_outcome, one, other))
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dtype == other.dtype and _identical(to_host(one), to_host(other))
    return _identical(one, other) or repr(one) == repr(other)


def _plain(value: Any) -> Any:
    """Return a number as Python's own; one of an array of objects is that already."""
    return value.item() if isinstance(value, np.generic) else value


def _number(value: Any) -> str:
    return str(_plain(value)) if not isinstance(value, np.inexact) else f"{value!s}"
