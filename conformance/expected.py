"""What torch is expected to give where declared differences apply: NumPy's own outcome, with what they change in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.case import UNDEFINED, Crashes, OneOf, Raises, Undefined
from conformance.differences import check_mask, unless_too_much
from conformance.evaluate import Batch, Refusal, dtype_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.differences import Declared, Region


@dataclass(frozen=True, kw_only=True)
class Alternatives:
    """The values of which torch is declared to give one: in the elements of ``mask``, in all where that is None."""

    mask: Any
    values: Sequence[Any]


@dataclass(kw_only=True)
class Expected:
    """What is expected of both sides on one fill, given the differences that apply to it.

    ``reference`` is the declared expression that stands for NumPy's, as a function of the inputs: a tolerance that
    asks for the truth asks it for its own.
    """

    torch: Any
    numpy: Raises | None = None
    dtype: str | None = None
    memory: bool | None = None
    ignored: Any = None
    judged: bool = True
    replaced: bool = False
    reference: Callable[..., Any] | None = None
    alternatives: list[Alternatives] = field(default_factory=list)
    skipped: frozenset[str] = frozenset()
    too_broad: Declared | None = None
    wrong_numpy: Declared | None = None


def expect(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    applying: Sequence[Region], fill: int, args: Sequence[object], out: Any, batch: Batch, device: str
) -> Expected:
    """Return what the differences ``applying`` to ``fill`` make of NumPy's outcome ``out``."""
    expected = Expected(torch=out)
    for region in applying:
        if _is_mask(region, fill, out, batch):
            _apply(expected, region, fill, args, out, batch, device)
    return expected


def _apply(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    expected: Expected, region: Region, fill: int, args: Sequence[object], out: Any, batch: Batch, device: str
) -> None:
    one, difference, dtype = region.declared, region.declared.difference, batch.dtype
    _apply_numpy(expected, one, out)
    match difference.aspect, difference.torch:
        case "dtype", str():
            expected.dtype = dtype_name(one.evaluate("torch", args, dtype, device, out))
        case ((None | "value"), Undefined()):
            _ignore(expected, region, fill)
        case _, OneOf():
            values = _each(one, args, out, batch, device)
            expected.alternatives.append(Alternatives(mask=region.masks.get(fill), values=values))
        case aspect, Undefined():
            expected.skipped |= {str(aspect)}
        case "memory", statement:
            expected.memory = statement == "view"
        case _, str():
            value = _stated(one, args, out, batch, device)
            _replace(expected, region, fill, value, out)
            if fill not in region.masks:
                expected.reference = lambda *others: one.call("torch", others, dtype, device, out)
        case _, Raises() as statement:
            expected.torch = statement
        case _, Crashes():
            expected.judged = False


def _is_mask(region: Region, fill: int, out: Any, batch: Batch) -> bool:
    """Tell whether the condition fits NumPy's result, which was not known yet where it does not look at that."""
    if fill not in region.masks:
        return True

    def fits() -> bool:
        check_mask(region.declared, region.masks[fill], out)
        return True

    return bool(unless_too_much(batch, fits, otherwise=False))


def _stated(one: Declared, args: Sequence[object], out: Any, batch: Batch, device: str) -> Any:
    """Return what torch is declared to give; where the expression refuses the input, torch is to refuse it too."""
    return unless_too_much(batch, lambda: one.evaluate("torch", args, batch.dtype, device, out), Raises(Exception))


def _each(one: Declared, args: Sequence[object], out: Any, batch: Batch, device: str) -> list[Any]:
    """Return each of the values of which torch is declared to give one; none where the input is too much for them."""

    def values() -> list[Any]:
        with np.errstate(all="ignore"):
            return [one.evaluate(f, args, batch.dtype, device, out) for f in one.compiled if f != "when"]

    return list(unless_too_much(batch, values, []))


def _apply_numpy(expected: Expected, one: Declared, out: Any) -> None:
    match one.difference.numpy:
        case Raises(errors=errors) as statement:
            expected.numpy = statement
            if not (isinstance(out, Refusal) and isinstance(out.error, errors)):
                expected.wrong_numpy = one


def _ignore(expected: Expected, region: Region, fill: int) -> None:
    if region.declared.difference.numpy is not None:
        expected.torch = UNDEFINED
    elif fill in region.masks:
        mask = region.masks[fill]
        expected.ignored = mask if expected.ignored is None else expected.ignored | mask
    else:
        expected.skipped |= {"value"}


def _replace(expected: Expected, region: Region, fill: int, value: Any, out: Any) -> None:
    """Put the declared value in the place of NumPy's, in the masked elements only where there is a mask.

    What torch is to refuse has no elements, whatever another difference says of some.
    """
    expected.replaced = True
    if fill not in region.masks:
        expected.torch = value
        return
    mask = np.broadcast_to(region.masks[fill], np.shape(out))
    declared = np.broadcast_to(np.asarray(value, getattr(out, "dtype", None)), np.shape(out))
    if np.array_equal(_bits(declared[mask]), _bits(np.asarray(out)[mask])):
        expected.too_broad = region.declared
    if not isinstance(expected.torch, Raises):
        expected.torch = np.where(mask, declared, expected.torch)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
