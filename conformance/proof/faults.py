"""Faults of the torch side: what a wrong kernel does to a result that is right.

A fault is put over a torch expression by :class:`Faulty`; a condition on the structure of the inputs (see
:mod:`conformance.proof.conditions`) makes it show for strided inputs alone, past sixteen elements, for a negative axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch

from conformance.proof import damage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from torch import Tensor

    from conformance.tolerance import Tolerance

    Fault = Callable[[Any, Sequence[Any], Tolerance], Any]

UNCHANGED: Final = object()
"""What a fault returns for a result of its kind in which there is nothing that it would change."""


@dataclass(kw_only=True)
class Faulty:
    """A torch expression with a fault over it, as a function of the same arguments.

    ``met`` counts the calls in which the fault changed what the expression did, ``fitting`` those whose result was of
    its kind.
    """

    function: Callable[..., Any]
    fault: Fault
    tolerance: Tolerance
    met: int = 0
    fitting: int = 0
    problem: str | None = None

    def __call__(self, *args: Any) -> Any:
        """Call the expression and spoil what it gives; an exception passes through, unless losing it is the fault."""
        try:
            result = self.function(*args)
        except Exception as error:
            if self.fault is not lost_error:
                raise
            self.fitting, self.met = self.fitting + 1, self.met + 1
            return lost_error(error, args, self.tolerance)
        changed = self._spoilt(result, args)
        self.fitting += changed is not None
        if changed is None or changed is UNCHANGED:
            return result
        self.met += 1
        return changed

    def _spoilt(self, result: Any, args: Sequence[Any]) -> Any:
        try:
            return self.fault(result, args, self.tolerance)
        except Exception as error:  # noqa: BLE001 - it is ours, and must not pass for a refusal of the expression
            self.problem = f"{type(error).__name__}: {error}"
            return None


def _on_tensor(change: Callable[[Tensor, Tolerance], Tensor | None], kinds: str = "bifc") -> Fault:
    """Return the fault that makes ``change`` to the first tensor with elements in a result.

    ``kinds`` are those of dtypes that it can be made to: bool, integer, floating-point, complex. The fault returns None
    for a result that it cannot be made to at all, UNCHANGED for one without a value that it would change.
    """

    def fault(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:
        if isinstance(result, torch.Tensor):
            if not result.numel() or result.device.type == "meta" or _kind(result) not in kinds:
                return None
            changed = change(result.detach(), tolerance)
            return UNCHANGED if changed is None or damage.same(changed, result) else changed
        if not isinstance(result, tuple | list):
            return None
        for place, part in enumerate(result):
            if (changed := fault(part, args, tolerance)) is not None:
                return changed if changed is UNCHANGED else [*result[:place], changed, *result[place + 1 :]]
        return None

    return fault


def _kind(values: Tensor) -> str:
    if values.dtype == torch.bool:
        return "b"
    return "c" if values.is_complex() else "f" if values.is_floating_point() else "i"


def _rounded(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:
    """Round a result to the next narrower dtype, where there is one, and back."""
    if isinstance(result, torch.Tensor) and result.dtype not in damage.NARROW:
        return None
    return _on_tensor(damage.narrowed, "ifc")(result, args, tolerance)


def _plain(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:  # noqa: ARG001 - every fault is called alike
    """Change a result that holds no tensor: a number, a bool, a string, a dtype, a shape."""
    match result:
        case torch.dtype():
            return torch.float64 if result != torch.float64 else torch.float32
        case bool():
            return not result
        case int() | float() | complex():
            return result + 1
        case str():
            return f"{result}!"
        case tuple() if not any(isinstance(part, torch.Tensor) for part in result):
            return (*result, 1)
    return None


def _copied(result: Any, args: Sequence[Any], _: Tolerance) -> Any:
    """Return a copy of a result that lies in an input's memory."""
    tensors = [a for a in _flat(args) if isinstance(a, torch.Tensor) and a.numel()]
    if not isinstance(result, torch.Tensor) or not result.numel():
        return None
    starts = {t.untyped_storage().data_ptr() for t in tensors}
    return damage.clone(result) if result.untyped_storage().data_ptr() in starts else None


def _viewed(result: Any, args: Sequence[Any], _: Tolerance) -> Any:
    """Return an input itself for a result that is a copy of it.

    Only for an input at the start of its memory, which is the first fill of a structure: a kernel's shortcut depends on
    shapes and layouts, not on values, and so does the judging of memory.
    """
    if not isinstance(result, torch.Tensor) or not result.numel() or result.device.type == "meta":
        return None
    firsts = (a for a in args if isinstance(a, torch.Tensor) and a.device == result.device and not a.storage_offset())
    alike = (a for a in firsts if damage.same(a, result))
    own = result.untyped_storage().data_ptr()
    return next((a for a in alike if a.untyped_storage().data_ptr() != own), None)


def _touched(result: Any, args: Sequence[Any], _: Tolerance) -> Any:
    """Write to the first input that has elements, behind the back of autograd."""
    for given in _flat(args):
        if isinstance(given, torch.Tensor) and given.numel() and given.device.type != "meta":
            given.data.view_as(given.data)[(0,) * given.ndim] = damage.stepped(
                given.data[(0,) * given.ndim].reshape(1), 1
            )[0]
            return result
    return None


def _flat(args: Sequence[Any]) -> list[Any]:
    return [part for given in args for part in (given if isinstance(given, list | tuple) else [given])]


def lost_error(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:  # noqa: ARG001 - every fault is called alike
    """Give a value where the expression raises; :class:`Faulty` calls it for an exception only."""
    return torch.zeros(()) if isinstance(result, BaseException) else None


def wrong(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:
    """Spoil a result of any kind: its last element, its shape if it has none, its value if it is no tensor."""
    for fault in (LAST, ONE_AXIS_MORE_OF_NOTHING, _plain):
        if (changed := fault(result, args, tolerance)) is not None:
            return changed
    return None


def _empty_axis(result: Any, args: Sequence[Any], tolerance: Tolerance) -> Any:  # noqa: ARG001 - every fault is called alike
    if isinstance(result, torch.Tensor) and not result.numel():
        return result.unsqueeze(0)
    if isinstance(result, tuple | list) and result and isinstance(result[0], torch.Tensor):
        return [result[0].unsqueeze(0), *result[1:]]
    return None


LAST: Final = _on_tensor(damage.last)
ONE_AXIS_MORE_OF_NOTHING: Final = _empty_axis

FAULTS: Final[Mapping[str, tuple[str, Fault]]] = {
    "every element off": ("value", _on_tensor(damage.every)),
    "last element off": ("value", LAST),
    "first element off": ("value", _on_tensor(damage.first)),
    "an element zeroed": ("value", _on_tensor(damage.zeroed)),
    "negated": ("value", _on_tensor(damage.negated, "ifc")),
    "NaN ignored": ("value", _on_tensor(damage.nan_ignored, "fc")),
    "infinity is the largest": ("value", _on_tensor(damage.infinity_ends, "f")),
    "sign of zero lost": ("value", _on_tensor(damage.sign_of_zero, "f")),
    "subnormals flushed": ("value", _on_tensor(damage.subnormal_flushed, "f")),
    "rounded to a narrower dtype": ("value", _rounded),
    "another dtype": ("dtype", _on_tensor(damage.of_other_dtype)),
    "one axis more": ("shape", _on_tensor(damage.one_axis_more)),
    "another plain value": ("value", _plain),
    "a copy for a view": ("memory", _copied),
    "a view for a copy": ("memory", _viewed),
    "an input is touched": ("inputs after", _touched),
    "an error is lost": ("error", lost_error),
}
"""By name: the check that must fail, and the fault."""

OF_SOME_VALUES: Final = frozenset(
    {
        "an element zeroed",
        "negated",
        "NaN ignored",
        "infinity is the largest",
        "sign of zero lost",
        "subnormals flushed",
        "rounded to a narrower dtype",
    }
)
"""Faults that change some values only: not to be expected of a result that does not come from generated ones."""

OF_SPECIAL_VALUES: Final = frozenset(
    {"NaN ignored", "infinity is the largest", "sign of zero lost", "subnormals flushed"}
)
"""Those of them that normally distributed numbers do not meet."""
