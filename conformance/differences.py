"""Declared differences at work: where each applies on a batch, and what torch is then expected to give.

A condition is evaluated on the NumPy inputs as they were before the call. If it looks at nothing but shapes and plain
values it is evaluated once a batch; otherwise on every fill. A scalar covers the whole input; an array is a mask of
elements, outside of which everything stays strict.
"""

from __future__ import annotations

import ast
import builtins
import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.case import Crashes, Difference, OneOf, Raises, Undefined
from conformance.evaluate import Batch, HarnessError, Refusal, dtype_name, numpy_inputs
from conformance.expression import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.case import Case

_STRUCTURAL: Final = frozenset({"shape", "ndim", "dtype", "size", "itemsize"})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A difference of a case, compiled for one unit."""

    number: int
    difference: Difference
    place: str
    compiled: dict[str, Callable[..., Any]]
    plain: frozenset[str]

    @property
    def uses_out(self) -> bool:
        """Whether the condition looks at NumPy's result."""
        return self.difference.when is not None and "out" in parse(self.difference.when).names

    def evaluate(self, field_name: str, args: Sequence[object], dtype: str, device: str, out: object) -> Any:
        """Return the value of one of its expressions. Raises HarnessError, naming the row, where that raises."""
        try:
            return self.compiled[field_name](*args, dtype, device, out)
        except Exception as error:  # noqa: BLE001 - any exception is an outcome or ours to report
            text = self.difference.expressions()[field_name]
            message = f"{field_name}={text!r} of {self.difference.because!r} raises {type(error).__name__}: {error}"
            raise HarnessError(message) from None


def compile_differences(case: Case, dtype: str) -> list[Declared]:
    """Compile those differences of ``case`` that apply to ``dtype``."""
    names = [*case.inputs, "dtype", "device", "out"]
    plain = frozenset(n for n, given in case.inputs.items() if not _is_tensor(str(given))) | {
        "dtype",
        "device",
        "np",
        "math",
    }
    declared = []
    for number, difference in enumerate(case.differs):
        if difference.applies_to(dtype):
            label = f"<{case.id} difference {number}>"
            compiled = {
                f: parse(t).compile(names, {"np": np, "math": math}, f"{label[:-1]} {f}>")
                for f, t in difference.expressions().items()
            }
            place = f"{case.file}:{case.line}"
            declared.append(Declared(number=number, difference=difference, place=place, compiled=compiled, plain=plain))
    return declared


def _is_tensor(text: str) -> bool:
    return text.startswith(("tensors(", "arrays(", "lists(", "like(", "broadcastable(", "joinable("))


@lru_cache(maxsize=4096)
def is_structural(text: str, plain: frozenset[str]) -> bool:
    """Tell whether a condition looks at no value: only at shapes, dtypes, lengths and ``plain`` inputs.

    It may go through a list of tensors, as in ``any(x.ndim == 1 for x in xs)``.
    """
    tree = parse(text).tree
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _STRUCTURAL:
            allowed.add(id(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
            allowed.update(id(a) for a in node.args)
        if isinstance(node, ast.comprehension):
            allowed.update((id(node.iter), id(node.target)))
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in plain]
    return all(id(n) in allowed or hasattr(builtins, n.id) for n in names)


@dataclass(kw_only=True)
class Region:
    """Where one difference applies on a batch: whole fills, or a mask of elements per fill."""

    declared: Declared
    whole: list[bool]
    structural: bool = False
    masks: dict[int, Any] = field(default_factory=dict)

    def key(self, fill: int) -> bool:
        """Tell whether it has any say on ``fill``."""
        return self.whole[fill] or fill in self.masks


def regions(declared: Sequence[Declared], batch: Batch, device: str, outs: Sequence[object] | None) -> list[Region]:
    """Return where each of ``declared`` applies on ``batch``; ``outs`` are NumPy's outcomes, if there are any yet."""
    args = numpy_inputs(batch, pristine=True).args if declared else []
    return [_region(one, batch, args, device, outs) for one in declared]


def _region(one: Declared, batch: Batch, args: Sequence[Any], device: str, outs: Sequence[object] | None) -> Region:
    when = one.difference.when
    if when is None:
        return Region(declared=one, whole=[True] * batch.count, structural=True)
    if not one.uses_out and is_structural(when, one.plain):
        applies = _truth(one, batch, args[0], device, None)
        return Region(declared=one, whole=[applies] * batch.count, structural=True)
    region = Region(declared=one, whole=[False] * batch.count)
    for fill in range(batch.count):
        out = outs[fill] if outs is not None else None
        if one.uses_out and (out is None or isinstance(out, Refusal)):
            continue
        value = _condition(one, batch, args[fill], device, out)
        if isinstance(value, np.ndarray) and value.ndim:
            if value.any():
                region.masks[fill] = value
        else:
            region.whole[fill] = bool(value)
    return region


def _truth(one: Declared, batch: Batch, args: Any, device: str, out: object) -> bool:
    return bool(_condition(one, batch, args, device, out))


def _condition(one: Declared, batch: Batch, args: Any, device: str, out: object) -> Any:
    """A spoilt input may be more than a condition can bear; it is then outside."""
    try:
        with np.errstate(all="ignore"):
            return one.evaluate("when", args, batch.dtype, device, out)
    except HarnessError:
        if batch.structure.spoilt:
            return False
        raise


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
                expected.reference = lambda *others: one.compiled["torch"](*others, dtype, device, out)
        case _, Raises() as statement:
            expected.torch = statement
        case _, Crashes():
            expected.judged = False


def _stated(one: Declared, args: Sequence[object], out: Any, batch: Batch, device: str) -> Any:
    """Return what torch is declared to give; where the expression refuses a spoilt input, torch is to refuse it too."""
    try:
        return one.evaluate("torch", args, batch.dtype, device, out)
    except HarnessError:
        if batch.structure.spoilt:
            return Raises(Exception)
        raise


def _each(one: Declared, args: Sequence[object], out: Any, batch: Batch, device: str) -> list[Any]:
    """Return each of the values of which torch is declared to give one; none where the input is spoilt and has none."""
    try:
        with np.errstate(all="ignore"):
            return [one.evaluate(f, args, batch.dtype, device, out) for f in one.compiled if f != "when"]
    except HarnessError:
        if batch.structure.spoilt:
            return []
        raise


def _apply_numpy(expected: Expected, one: Declared, out: Any) -> None:
    match one.difference.numpy:
        case Raises(errors=errors) as statement:
            expected.numpy = statement
            if not (isinstance(out, Refusal) and isinstance(out.error, errors)):
                expected.wrong_numpy = one


def _ignore(expected: Expected, region: Region, fill: int) -> None:
    if fill in region.masks:
        mask = region.masks[fill]
        expected.ignored = mask if expected.ignored is None else expected.ignored | mask
    else:
        expected.skipped |= {"value"}


def _replace(expected: Expected, region: Region, fill: int, value: Any, out: Any) -> None:
    """Put the declared value in the place of NumPy's, in the masked elements only where there is a mask."""
    expected.replaced = True
    if fill not in region.masks:
        expected.torch = value
        return
    mask = np.broadcast_to(region.masks[fill], np.shape(out))
    declared = np.broadcast_to(np.asarray(value, getattr(out, "dtype", None)), np.shape(out))
    if np.array_equal(_bits(declared[mask]), _bits(np.asarray(out)[mask])):
        expected.too_broad = region.declared
    expected.torch = np.where(mask, declared, expected.torch)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
