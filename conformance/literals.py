"""Values as Python that makes them again, in as few characters as they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.evaluate import unit_dtype
from conformance.inputs import layouts
from conformance.inputs.slots import DtypeSlot, ListSlot, TensorSlot, ValueSlot

if TYPE_CHECKING:
    from conformance.evaluate import Batch

_FULL_FROM: Final = 5
"""Elements from which an array of one value is written with np.full."""


def number(value: Any) -> str:
    """Return one number as Python: ``np.nan``, ``-0.0``, ``complex(0.0, np.inf)``."""
    if isinstance(value, complex | np.complexfloating):
        return f"complex({number(value.real)}, {number(value.imag)})"
    if isinstance(value, bool | int | np.bool_ | np.integer):
        return str(value)
    if value != value:  # noqa: PLR0124 - what NaN is
        return "np.nan"
    if value in (float("inf"), float("-inf")):
        return "np.inf" if value > 0 else "-np.inf"
    return str(value) if isinstance(value, np.floating) else repr(value)


def nested(array: np.ndarray) -> str:
    """Return an array as nested lists."""
    if array.ndim == 0:
        return number(array[()])
    return f"[{', '.join(nested(part) for part in array)}]"


def array(values: np.ndarray) -> str:
    """Return an array as the call that makes it."""
    flat = values.reshape(-1)
    kind = f"np.{values.dtype.name}" if values.dtype != bool else "bool"
    if values.size == 0:
        return f"np.zeros({values.shape}, {kind})"
    if values.size >= _FULL_FROM and all(v.tobytes() == flat[0].tobytes() for v in flat):
        shape = values.size if values.ndim == 1 else values.shape
        return f"np.full({shape}, {number(flat[0])}, {kind})"
    return f"np.array({nested(values)}, {kind})"


def plain(value: object) -> str:
    """Return a plain value, an array, or a list or tuple of such as Python."""
    if isinstance(value, np.ndarray):
        return array(value)
    if type(value) is list:
        return f"[{', '.join(map(plain, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(plain, value))}{',' * (len(value) == 1)})"
    return number(value) if isinstance(value, float | complex) else repr(value)


def tensor(slot: TensorSlot, storage: np.ndarray, *, torch: bool = False) -> str:
    """Return the tensor that lies in ``storage`` as an expression: a base, and the view of it."""
    place = layouts.place(slot.shape, slot.layout)
    size = int(np.prod(place.base))
    base = array(storage[:size].reshape(place.base))
    if slot.face == "list":
        return nested(_as_python(storage[:size].reshape(place.base)))
    if torch:
        return place.view.replace("base", f"torch.from_numpy({base})").replace("broadcast_to(", "torch.broadcast_to(")
    view = place.view.replace(".permute(", ".transpose(").replace("broadcast_to(", "np.broadcast_to(")
    return view.replace("base", base)


def _as_python(values: np.ndarray) -> np.ndarray:
    """Return floats in Python's own precision: a list has no dtype that would round the digits of a narrow one back."""
    wide = {"f": np.float64, "c": np.complex128}.get(values.dtype.kind)
    return values if wide is None else values.astype(wide)


def inputs(batch: Batch) -> dict[str, str]:
    """Return the inputs of a batch of one fill as NumPy literals, by name."""
    return {name: text for name, (text, _) in both(batch).items()}


def both(batch: Batch) -> dict[str, tuple[str, str]]:
    """Return the inputs of a batch of one fill, by name, as NumPy and as torch literals."""
    blocks = iter(batch.blocks)
    made: dict[str, tuple[str, str]] = {}
    for name, slot in batch.structure.slots.items():
        match slot:
            case TensorSlot():
                made[name] = _pair(slot, next(blocks)[0], batch.dtype)
            case ListSlot():
                pairs = [_pair(item, next(blocks)[0], batch.dtype) for item in slot.items]
                made[name] = _listed([p[0] for p in pairs], slot), _listed([p[1] for p in pairs], slot)
            case DtypeSlot():
                kind = unit_dtype(slot, batch.dtype)
                made[name] = f"np.dtype({'float32' if kind == 'bfloat16' else kind!r})", f"torch.{kind}"
            case ValueSlot(value=value):
                made[name] = plain(value), plain(value)
    return made


def _listed(texts: list[str], slot: ListSlot) -> str:
    if slot.repeated:
        texts = [f"(first := {texts[0]})", *texts[1:-1], "first"]
    return f"[{', '.join(texts)}]"


def _pair(slot: TensorSlot, storage: np.ndarray, dtype: str) -> tuple[str, str]:
    ours = tensor(slot, storage)
    if slot.face != "tensor":
        return ours, ours
    theirs = tensor(slot, storage, torch=True)
    return ours, f"{theirs}.to(torch.bfloat16)" if unit_dtype(slot, dtype) == "bfloat16" else theirs
