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

from conformance import surroundings, versions
from conformance.evaluate import Batch, HarnessError, Refusal
from conformance.expression import parse
from conformance.inputs.tensors import TensorInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.case import Case, Difference

_STRUCTURAL: Final = frozenset({"shape", "ndim", "dtype", "size", "itemsize"})


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A difference of a case, compiled for one unit."""

    number: int
    difference: Difference
    place: str
    compiled: dict[str, Callable[..., Any]]
    plain: frozenset[str]
    tensors: frozenset[str]

    @property
    def uses_out(self) -> bool:
        """Whether the condition looks at NumPy's result."""
        return self.difference.when is not None and "out" in parse(self.difference.when).names

    def call(self, field_name: str, args: Sequence[object], dtype: str, device: str, out: object) -> Any:
        """Return the value of one of its expressions, here and now."""
        return self.compiled[field_name](*args, dtype, *surroundings.values(device), out)

    def evaluate(self, field_name: str, args: Sequence[object], dtype: str, device: str, out: object) -> Any:
        """Return the value of one of its expressions. Raises HarnessError, naming the row, where that raises."""
        try:
            return self.call(field_name, args, dtype, device, out)
        except Exception as error:  # noqa: BLE001 - any exception is an outcome or ours to report
            text = self.difference.expressions()[field_name]
            message = f"{field_name}={text!r} of {self.difference.because!r} raises {type(error).__name__}: {error}"
            raise HarnessError(message) from None


def compile_differences(case: Case, dtype: str) -> list[Declared]:
    """Compile those differences of ``case`` that apply to ``dtype``, but for those of gradients."""
    return _compiled(case, dtype, lambda difference: difference.aspect != "gradient")


def of_gradients(case: Case, dtype: str) -> list[Declared]:
    """Compile those differences of ``case`` between gradients that apply to ``dtype``."""
    return _compiled(case, dtype, lambda difference: difference.aspect == "gradient")


def _compiled(case: Case, dtype: str, wanted: Callable[[Difference], bool]) -> list[Declared]:
    names = [*case.inputs, "dtype", *surroundings.NAMES, "out"]
    tensors = frozenset(n for n, given in case.inputs.items() if isinstance(given, TensorInput))
    plain = frozenset(case.inputs) - tensors | {"dtype", *surroundings.NAMES, "np", "math"}
    declared = []
    for number, difference in enumerate(case.differs):
        if difference.applies_to(dtype) and wanted(difference):
            label = f"<{case.id} difference {number}>"
            compiled = {
                f: parse(t).compile(names, {"np": np, "math": math}, f"{label[:-1]} {f}>")
                for f, t in difference.expressions().items()
            }
            place = f"{case.file}:{case.line}"
            names_of = {"plain": plain, "tensors": tensors}
            declared.append(Declared(number=number, difference=difference, place=place, compiled=compiled, **names_of))
    return declared


@lru_cache(maxsize=4096)
def is_structural(text: str, plain: frozenset[str], tensors: frozenset[str] = frozenset()) -> bool:
    """Tell whether a condition looks at no value: only at shapes, dtypes, lengths and ``plain`` inputs.

    It may go through a list of tensors, as in ``any(x.ndim == 1 for x in xs)``, and use builtins, unless one of the
    ``tensors`` is called so.
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
    return all(id(n) in allowed or (n.id not in tensors and hasattr(builtins, n.id)) for n in names)


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
    args = batch.args if declared else []
    return [_region(one, batch, args, device, outs) for one in declared]


def _region(one: Declared, batch: Batch, args: Sequence[Any], device: str, outs: Sequence[object] | None) -> Region:
    when = one.difference.when
    if when is None:
        return Region(declared=one, whole=[True] * batch.count, structural=True)
    if not one.uses_out and is_structural(when, one.plain, one.tensors):
        return _structural(one, batch, args[0], device, outs)
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


def check_mask(one: Declared, value: np.ndarray, out: object) -> None:
    """Raise HarnessError for a condition on elements that is no mask of NumPy's result ``out``, where there is one."""
    if value.dtype != bool:
        problem = f"gives {value.dtype}: compare, so that it is bool"
    elif isinstance(out, np.ndarray | np.generic) and not _is_mask_of(value, out):
        problem = f"has shape {value.shape}, NumPy's result {out.shape}: a mask is one of its elements"
    else:
        return
    message = f"when={one.difference.when!r} of {one.difference.because!r} {problem}"
    raise HarnessError(message)


def _is_mask_of(value: np.ndarray, out: np.ndarray | np.generic) -> bool:
    try:
        return np.broadcast_shapes(value.shape, out.shape) == out.shape
    except ValueError:
        return False


def _structural(one: Declared, batch: Batch, args: Any, device: str, outs: Sequence[object] | None) -> Region:
    """Return the region of a condition that looks at no value, which is the same for every fill."""
    value = _condition(one, batch, args, device, outs[0] if outs else None)
    if not (isinstance(value, np.ndarray) and value.ndim):
        return Region(declared=one, whole=[bool(value)] * batch.count, structural=True)
    masks = dict.fromkeys(range(batch.count), value) if value.any() else {}
    return Region(declared=one, whole=[False] * batch.count, masks=masks)


def _bool_like(one: Declared, value: Any) -> Any:
    """Return ``value``. Raises HarnessError for a list or the like, whose truth would be that it is not empty."""
    if isinstance(value, list | tuple | dict | set):
        message = f"when={one.difference.when!r} of {one.difference.because!r} gives a {type(value).__name__}: "
        raise HarnessError(f"{message}give a bool, or an array of them")
    return value


def _condition(one: Declared, batch: Batch, args: Any, device: str, out: object) -> Any:
    """Return whether an input is in the condition, or the mask of its elements that are; False for what is too much."""

    def evaluated() -> Any:
        with np.errstate(all="ignore"):
            value = _bool_like(one, one.evaluate("when", args, batch.dtype, device, out))
        if isinstance(value, np.ndarray) and value.ndim:
            check_mask(one, value, out)
        return value

    return unless_too_much(batch, evaluated, otherwise=False)


def unless_too_much(batch: Batch, evaluated: Callable[[], Any], otherwise: Any) -> Any:
    """Return what a declaration comes to, ``otherwise`` where that it cannot be evaluated is no mistake of the row.

    A spoilt input may be more than it can bear, and so may what other versions than the pinned ones give. Raises
    HarnessError for a mistake.
    """
    try:
        return evaluated()
    except HarnessError:
        if batch.structure.spoilt or not versions.is_pinned():
            return otherwise
        raise
