"""Run one side on one batch: a structure with many fills.

Each side gets buffers of its own, made from the same bytes, so that a side that writes to its inputs is seen and
cannot disturb the other. What an expression raises is an outcome, like a value; what is wrong with *us* is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import devices
from conformance import dtype as dt
from conformance.inputs import layouts
from conformance.inputs.slots import OWN, DtypeSlot, ListSlot, Slot, Structure, TensorSlot, ValueSlot, tensors_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Block = NDArray[np.generic]
    Args = tuple[Any, ...]

# Taken once, so that the harness still measures with the real ones while a test replaces those of torch.
_from_numpy: Final = torch.from_numpy
_to: Final = torch.Tensor.to
_as_strided: Final = torch.Tensor.as_strided
_unbind: Final = torch.Tensor.unbind
_numpy: Final = torch.Tensor.numpy
_detach: Final = torch.Tensor.detach
_cpu: Final = torch.Tensor.cpu
_clone: Final = torch.Tensor.clone
_requires_grad: Final = torch.Tensor.requires_grad_
_stack: Final = torch.stack
_resolve_conj: Final = torch.Tensor.resolve_conj
_resolve_neg: Final = torch.Tensor.resolve_neg

_HALVES: Final = ("complex32", "bcomplex32")  # complex numbers of two float16, and from torch 2.15 on of two bfloat16
_WIDER: Final = {torch.bfloat16: torch.float32, **{getattr(torch, name, None): torch.complex64 for name in _HALVES}}


class HarnessError(RuntimeError):
    """Something is wrong with the case or with us, not with torch or NumPy: one line that says what and where."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An exception raised inside an expression: an outcome."""

    error: BaseException

    def __str__(self) -> str:
        lines = str(self.error).splitlines()
        return f"{type(self.error).__name__}: {lines[0] if lines else ''}"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A structure and the values of its tensors: one block (fills, storage) a tensor, never written to."""

    structure: Structure
    blocks: Sequence[Block]
    dtype: str
    count: int

    @cached_property
    def args(self) -> list[Args]:
        """NumPy's arguments of every fill, over the blocks themselves: to look at, never to write to."""
        return _inputs(self, lambda block: block, _array_views, _numpy_dtype).args

    def only(self, fills: Sequence[int]) -> Batch:
        """Return the batch of some of the fills."""
        kept = [block[list(fills)] for block in self.blocks]
        return Batch(structure=self.structure, blocks=kept, dtype=self.dtype, count=len(fills))


@dataclass(frozen=True, kw_only=True)
class SideInputs:
    """The arguments of every fill on one side, and the memory that their tensors lie in."""

    args: list[Args]
    stores: list[Any]


@dataclass(frozen=True, kw_only=True)
class Functions:
    """Both expressions of a case, compiled for one device."""

    torch: Callable[..., Any]
    numpy: Callable[..., Any]


def torch_namespace(device: str, present: Sequence[str]) -> dict[str, object]:
    """Return the names that a torch expression may use beside its inputs."""
    return {"torch": torch, "np": np, "device": device, "devices": tuple(present)}


def numpy_namespace(present: Sequence[str]) -> dict[str, object]:
    """Return the names that a NumPy expression may use beside its inputs."""
    return {"np": np, "math": math, "devices": tuple(present)}


def functions(case: Case, device: str, present: Sequence[str]) -> Functions:
    """Compile both expressions of ``case``."""
    names = list(case.inputs)
    torch_names = torch_namespace(device, present)
    return Functions(
        torch=case.torch.compile(names, torch_names, f"<{case.id} torch>"),
        numpy=case.numpy.compile(names, numpy_namespace(present), f"<{case.id} numpy>"),
    )


def unit_dtype(slot: TensorSlot | DtypeSlot, dtype: str) -> str:
    """Return the dtype name of ``slot`` in a unit of ``dtype``."""
    own = slot.dtype if isinstance(slot, TensorSlot) else slot.name
    return dtype if own == OWN else own


def numpy_inputs(batch: Batch) -> SideInputs:
    """Return NumPy's arguments: arrays over a copy of the blocks."""
    return _inputs(batch, lambda block: block.copy(), _array_views, _numpy_dtype)


def torch_inputs(batch: Batch, device: str) -> SideInputs:
    """Return torch's arguments on ``device``: tensors over a copy of the blocks."""
    views = partial(_tensor_views, device=device)
    return _inputs(batch, lambda block: block.copy(), views, _torch_dtype)


def _inputs(
    batch: Batch,
    own: Callable[[Block], Block],
    views: Callable[[Block, TensorSlot, str], tuple[Any, Sequence[Any]]],
    dtype_of: Callable[[str], object],
) -> SideInputs:
    blocks = iter(batch.blocks)
    stores: list[Any] = []
    columns: list[Iterable[Any]] = []
    for slot in batch.structure.slots.values():
        made = []
        for tensor in tensors_in(slot):
            make = views if tensor.face == "tensor" else _array_views
            store, column = make(own(next(blocks)), tensor, unit_dtype(tensor, batch.dtype))
            stores.append(store)
            made.append([array.tolist() for array in column] if tensor.face == "list" else column)
        if isinstance(slot, ListSlot) and slot.repeated:
            made[-1] = made[0]
        columns.append(_column(slot, made, batch.dtype, dtype_of))
    args = list(zip(*columns, strict=False)) if made_any(batch.structure) else [_constant(columns)] * batch.count
    return SideInputs(args=args, stores=stores)


def made_any(structure: Structure) -> bool:
    """Tell whether a structure holds any tensor, so that its fills differ."""
    return any(tensors_in(slot) for slot in structure.slots.values())


def _constant(columns: Sequence[Iterable[Any]]) -> Args:
    return tuple(next(iter(column)) for column in columns)


def _column(slot: Slot, made: list[Sequence[Any]], dtype: str, dtype_of: Callable[[str], object]) -> Iterable[Any]:
    match slot:
        case TensorSlot():
            return made[0]
        case ListSlot():
            return map(list, zip(*made, strict=True))
        case ValueSlot(value=value):
            return repeat(value)
        case DtypeSlot():
            return repeat(dtype_of(unit_dtype(slot, dtype)))


def _numpy_dtype(name: str) -> object:
    return dt.carrier(name)


def _torch_dtype(name: str) -> object:
    return getattr(torch, name)


def _array_views(block: Block, slot: TensorSlot, dtype: str) -> tuple[Block, Sequence[Block]]:  # noqa: ARG001 - the signature is given
    place = layouts.place(slot.shape, slot.layout)
    width = block.itemsize
    strides = (place.size * width, *(width * s for s in place.strides))
    whole = np.ndarray((len(block), *slot.shape), block.dtype, block, place.offset * width, strides)
    return block, [whole[i, ...] for i in range(len(block))] if not slot.shape else list(whole)


def _tensor_views(
    block: Block, slot: TensorSlot, dtype: str, device: str
) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
    store = _store(block, dtype, device)
    return store, _unbind(_viewed(store, slot), 0)


def _store(block: Block, dtype: str, device: str) -> torch.Tensor:
    store = _from_numpy(block)
    if dtype == "bfloat16" or device != devices.HOST:
        return _to(store, device=device, dtype=getattr(torch, dtype))
    return store


def _viewed(store: torch.Tensor, slot: TensorSlot) -> torch.Tensor:
    place = layouts.place(slot.shape, slot.layout)
    return _as_strided(store, (len(store), *slot.shape), (place.size, *place.strides), place.offset)


def leaves(batch: Batch, device: str, which: Sequence[bool]) -> tuple[SideInputs, dict[int, torch.Tensor]]:
    """Return torch's arguments of a batch of one fill, and the leaves of those of its tensors that ``which`` says.

    A leaf is the storage of a tensor and asks for a gradient; the tensor is a view of a copy of it.
    """
    found: dict[int, torch.Tensor] = {}

    def views(block: Block, slot: TensorSlot, dtype: str) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
        number = next(i for i, own in enumerate(batch.blocks) if own is block)
        store = _store(block.copy(), dtype, device)
        if which[number]:
            found[number] = _requires_grad(store)
            store = _clone(store)
        return store, [_viewed(store, slot)[0]]

    return _inputs(batch, lambda block: block, views, _torch_dtype), found


def call(function: Callable[..., Any], inputs: SideInputs, label: str) -> list[Any]:
    """Return the outcome of ``function`` on every fill: its result, or a Refusal.

    Raises HarnessError for an exception that is not an outcome: a name that does not exist, one raised before the
    expression began, or one that is meant for the program around it, such as pytest's own for skipping.
    """
    outcomes: list[Any] = []
    for args in inputs.args:
        try:
            outcomes.append(function(*args))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - any exception is an outcome or ours to report
            outcomes.append(_refusal(error, label))
    return outcomes


def _refusal(error: BaseException, label: str) -> Refusal:
    frames = error.__traceback__
    outside = frames is None or frames.tb_next is None
    if isinstance(error, NameError | SyntaxError) or outside or not isinstance(error, Exception | SystemExit):
        message = " ".join(f"{label}: {type(error).__name__}: {error}".split())
        raise HarnessError(message) from error
    error.__traceback__ = None
    return Refusal(error=error)


def to_host(tensor: torch.Tensor) -> Block:
    """Return the values of ``tensor`` as an array; those of a dtype that NumPy has not in the next wider one it has."""
    host = _resolve_neg(_resolve_conj(_cpu(_detach(tensor))))
    wider = _WIDER.get(host.dtype)
    array: Block = _numpy(host if wider is None else _to(host, wider))
    return array


def stack(tensors: Sequence[torch.Tensor]) -> Block:
    """Return equally shaped tensors as one array with a leading axis: one transfer for all."""
    return to_host(_stack(list(tensors)))


def dtype_name(value: object) -> str:
    """Return the name of the dtype of a tensor, an array, a NumPy scalar, or of a dtype itself."""
    if isinstance(value, str) and value in _HALVES:
        return value
    return _name_of(value if isinstance(value, type) else getattr(value, "dtype", value))


def kinds_of(got: object, want: object) -> str:
    """Return in words what kinds of result both sides give."""
    if isinstance(got, np.ndarray | np.generic):
        return f"torch gives {_kind_of(got)}, not a tensor"
    return f"torch gives {_kind_of(got)}, numpy {_kind_of(want)}"


def _kind_of(value: object) -> str:
    known = {torch.Tensor: "a tensor", np.ndarray: "a NumPy array"}
    if isinstance(value, np.generic):
        return f"a NumPy {type(value).__name__}"
    name = type(value).__name__
    return known.get(type(value), f"a{'n' if name[0] in 'aeiou' else ''} {name}")


@lru_cache(maxsize=256)
def _name_of(kind: Any) -> str:
    return str(kind).removeprefix("torch.") if isinstance(kind, torch.dtype) else str(np.dtype(kind).name)
