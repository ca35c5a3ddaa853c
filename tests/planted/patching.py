"""What a planted bug is, and the helpers that put one into every spelling of an operation and take it out again.

A bug is a function `bug(compute, *operands)`: `compute()` gives the right result, the operands are in the order of the
mathematics (`3 - x` arrives as `(3, x)`). While a bug runs, its own patch is switched off, so it may use torch freely.
"""

import functools
import inspect
import pickle
import pkgutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import torch

Patch = Callable[[], AbstractContextManager[None]]
Bug = Callable[..., Any]
Parse = Callable[[tuple[Any, ...], dict[str, Any]], tuple[Any, ...] | None]
_ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One deliberate fault in torch."""

    name: str
    description: str
    operation: str
    dtypes: tuple[str, ...]  # units in which a detector ought to look; one is enough
    patch: Patch
    witness: Callable[[], bool]  # True where the wrong behaviour shows
    hard: bool = False  # a really narrow trigger


# ---------------------------------------------------------------------------------------------------- putting it in


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Set an attribute and restore it, deleting it where it was inherited."""
    before = vars(owner).get(name, _ABSENT)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if before is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


def _wrapped(original: Callable[..., Any], bug: Bug, parse: Parse, busy: threading.local) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        if getattr(busy, "on", False):
            return original(*args, **kwargs)
        operands = parse(args, kwargs)
        if operands is None:
            return original(*args, **kwargs)
        busy.on = True
        try:
            return bug(lambda: original(*args, **kwargs), *operands)
        finally:
            busy.on = False

    return call


@contextmanager
def _hooked(bug: Bug, groups: Sequence[tuple[Sequence[str], Parse]], busy: threading.local) -> Iterator[None]:
    targets = [(spelling, parse) for spellings, parse in groups for spelling in spellings]
    if not targets:
        yield
        return
    spelling, parse = targets[0]
    owner_name, name = spelling.rsplit(".", 1)
    owner: Any = {"Tensor": torch.Tensor, "torch": torch, "autograd": torch.autograd}[owner_name]
    others = [((each,), its) for each, its in targets[1:]]
    with replaced(owner, name, _wrapped(getattr(owner, name), bug, parse, busy)), _hooked(bug, others, busy):
        yield


def hooked(bug: Bug, *groups: tuple[Sequence[str], Parse]) -> Patch:
    """A patch that puts `bug` into every spelling of every group."""
    return lambda: _hooked(bug, groups, threading.local())


def forgets(name: str, value: Any) -> Any:
    """A bug of `instead` that has `value` for the argument `name`, if it is given."""

    def bug(real: Any, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(real).bind(*args, **kwargs)
        if name in bound.arguments:
            bound.arguments[name] = value
        return real(*bound.args, **bound.kwargs)

    return bug


@contextmanager
def _exchanged(bug: Callable[..., Any], spellings: Sequence[str]) -> Iterator[None]:
    if not spellings:
        yield
        return
    owner_name, name = f"torch.{spellings[0]}".rsplit(".", 1)
    owner = pkgutil.resolve_name(owner_name)
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        return bug(original, *args, **kwargs)

    with replaced(owner, name, call), _exchanged(bug, spellings[1:]):
        yield


def instead(bug: Callable[..., Any], *spellings: str) -> Patch:
    """A patch that calls `bug(the right function, *arguments)` for attributes of torch, such as "nn.Linear.forward"."""
    return lambda: _exchanged(bug, spellings)


def after(change: Callable[..., Any]) -> Bug:
    """A bug that sees the right result: `change(result, *operands)`."""

    def bug(compute: Callable[[], Any], *operands: Any) -> Any:
        result = compute()
        if not isinstance(result, torch.Tensor) or result.is_meta:
            return result
        return change(result, *operands)

    return bug


def after_several(change: Callable[..., Any]) -> Bug:
    """Like `after`, of an operation whose result has parts."""
    return lambda compute, *operands: change(compute(), *operands)


def on_error(instead: Callable[..., Any]) -> Bug:
    """A bug that loses an error: `instead(*operands)`, where None means that the error stays."""

    def bug(compute: Callable[[], Any], *operands: Any) -> Any:
        try:
            return compute()
        except (RuntimeError, IndexError, ValueError, TypeError):
            result = instead(*operands)
            if result is None:
                raise
            return result

    return bug


# ------------------------------------------------------------------------------------------------ reading the operands


def straight(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    if len(args) == 1 and len(kwargs) == 1 and kwargs.keys() <= {"other", "exponent"}:
        return args[0], next(iter(kwargs.values()))
    return args if len(args) == 2 and not kwargs else None


def swapped(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    return (args[1], args[0]) if len(args) == 2 and not kwargs else None


def alone(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    return args if len(args) == 1 and not kwargs else None


def reduced(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """(x, dim, keepdim) of a reduction; None for those that name an output or a dtype."""
    if not args or not isinstance(args[0], torch.Tensor) or kwargs.keys() & {"out", "dtype"}:
        return None
    dim = args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("axis"))
    keep = args[2] if len(args) > 2 else kwargs.get("keepdim", kwargs.get("keepdims", False))
    return args[0], dim, bool(keep)


def named(*names: str) -> Parse:
    """Operands by position or by one of these names, None for what is missing."""

    def parse(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
        if not args or len(args) > len(names) + 1:
            return None
        return args + tuple(kwargs.get(name) for name in names[len(args) - 1 :])

    return parse


def shaped(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """(x, shape) of a call that takes its shape as one tuple or as several numbers."""
    if kwargs or len(args) < 2:
        return None
    shape = args[1] if len(args) == 2 and isinstance(args[1], (tuple, list)) else args[1:]
    return (args[0], tuple(shape)) if all(isinstance(length, int) for length in shape) else None


_SPELLINGS: dict[str, tuple[str, ...]] = {
    "add": ("__add__", "add"),
    "sub": ("__sub__", "sub", "subtract"),
    "mul": ("__mul__", "mul", "multiply"),
    "div": ("__truediv__", "__div__", "div", "divide", "true_divide"),
    "floor_divide": ("__floordiv__", "floor_divide"),
    "remainder": ("__mod__", "remainder"),
    "pow": ("__pow__", "pow"),
    "neg": ("__neg__", "neg", "negative"),
}


def _spelled(names: Sequence[str]) -> list[str]:
    return [f"Tensor.{name}" for name in names] + [f"torch.{name}" for name in names if not name.startswith("__")]


def binary(operation: str, bug: Bug) -> Patch:
    names = _SPELLINGS[operation]
    reflected = [f"Tensor.__r{name[2:]}" for name in names if name.startswith("__") and name != "__div__"]
    return hooked(bug, (_spelled(names), straight), (reflected, swapped))


def unary(operation: str, bug: Bug) -> Patch:
    return hooked(bug, (_spelled(_SPELLINGS[operation]), alone))


def reduction(operation: str, bug: Bug) -> Patch:
    return hooked(bug, (_spelled((operation,)), reduced))


def everywhere(*names: str) -> list[str]:
    """Each of the names as a method and as a function, where there is one."""
    owners = {"Tensor": torch.Tensor, "torch": torch}
    return [f"{owner}.{name}" for name in names for owner, holder in owners.items() if hasattr(holder, name)]


def table(rows: Sequence[tuple[Any, ...]], operations: dict[str, tuple[Sequence[str], Parse]]) -> Iterator[Planted]:
    """Planted bugs from rows (name, description, dtype, bug, witness, hard), in all spellings of their operation."""
    for name, description, dtype, bug, witness, *hard in rows:
        operation = name.partition("-")[0]
        spellings, parse = operations[operation]
        yield Planted(name=name, description=description, operation=operation, dtypes=(dtype,), witness=witness,
                      patch=hooked(bug, (everywhere(*spellings), parse)), hard=bool(hard))  # fmt: skip


def programs(rows: Sequence[tuple[Any, ...]]) -> Iterator[Planted]:
    """Planted bugs from rows (name, description, spellings, bug, witness, dtype, hard); float32, unless it is told."""
    for name, description, spellings, bug, witness, *more in rows:
        dtype = more[0] if more else "float32"
        yield Planted(name=name, description=description, operation=name.partition("-")[0], dtypes=(dtype,),
                      patch=instead(bug, *spellings.split()), witness=witness, hard=len(more) > 1)  # fmt: skip


# ------------------------------------------------------------------------------------------------------- small helpers


def is_tensor(value: Any, dtype: torch.dtype | None = None) -> bool:
    return isinstance(value, torch.Tensor) and (dtype is None or value.dtype == dtype)


def both(x: Any, y: Any, dtype: torch.dtype) -> bool:
    return is_tensor(x, dtype) and is_tensor(y, dtype)


def misread(x: torch.Tensor) -> torch.Tensor:
    """The elements that a kernel sees which takes the strides of `x` for contiguous ones."""
    x = x.detach()
    held = x.untyped_storage().nbytes() // x.element_size() - x.storage_offset()
    flat = x.as_strided((min(held, x.numel()),), (1,))
    return flat[torch.arange(x.numel()) % max(1, flat.numel())].reshape(x.shape)


def next_up(x: torch.Tensor) -> torch.Tensor:
    """The next number away from zero: one unit in the last place."""
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    return (x.view(bits) + 1).view(x.dtype)


def copies(view: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> Callable[[], bool]:
    """A witness: what ought to be a view of `x` has memory of its own."""
    return lambda: not same_memory(view(x), x)


def same_memory(x: torch.Tensor, y: torch.Tensor) -> bool:
    return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()


def accepted(call: Callable[[], Any]) -> bool:
    """Whether a call that has to raise returns."""
    try:
        call()
    except (RuntimeError, IndexError, ValueError, TypeError, AssertionError, pickle.UnpicklingError):
        return False
    return True
