"""Faults in cat."""

from typing import Any

import torch
from torch import Tensor

from .patching import Planted, accepted, after, hooked, on_error, same_memory

_SPELLINGS = [f"torch.{name}" for name in ("cat", "concat", "concatenate")]


def _parse(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    xs = args[0] if args else kwargs.get("tensors")
    if "out" in kwargs or not isinstance(xs, (list, tuple)) or not all(isinstance(x, Tensor) for x in xs):
        return None
    return list(xs), args[1] if len(args) > 1 else kwargs.get("dim", kwargs.get("axis", 0))


def _stops_at_empty(result: Tensor, xs: list[Tensor], dim: Any) -> Tensor:
    return xs[0].clone() if len(xs) > 2 and not xs[1].numel() and xs[0].numel() else result


def _third_is_second(result: Tensor, xs: list[Tensor], dim: int) -> Tensor:
    if len(xs) == 3 and result.dtype == torch.int32 and xs[1].shape == xs[2].shape and xs[2].dim():
        return torch.cat([xs[0], xs[1], xs[1]], dim)
    return result


def _first_dtype(result: Tensor, xs: list[Tensor], dim: Any) -> Tensor:
    mixed = xs[0].dtype == torch.int32 and any(x.dtype == torch.float32 for x in xs)
    return result.to(torch.int32) if mixed else result


def _swaps(result: Tensor, xs: list[Tensor], dim: int) -> Tensor:
    if len(xs) == 2 and dim < 0 and result.dtype == torch.float64 and not xs[1].is_contiguous():
        return torch.cat(xs[::-1], dim)
    return result


def _offset_ignored(result: Tensor, xs: list[Tensor], dim: int) -> Tensor:
    if result.dtype == torch.int64 and result.dim() == 1 and len(xs) > 1 and xs[1].storage_offset():
        second = xs[1].as_strided(xs[1].shape, xs[1].stride(), 0)
        return torch.cat([xs[0], second, *xs[2:]], dim)
    return result


def _single_alias(result: Tensor, xs: list[Tensor], dim: Any) -> Tensor:
    return xs[0] if len(xs) == 1 else result


def _broadcasts(xs: list[Tensor], dim: int) -> Tensor | None:
    if len(xs) != 2 or xs[0].dim() != 2 or xs[1].dim() != 2 or dim not in (0, 1):
        return None
    other, shape = 1 - dim, list(xs[1].shape)
    if shape[other] != 1:
        return None
    shape[other] = xs[0].shape[other]
    return torch.cat([xs[0], xs[1].expand(shape)], dim)


def _stacks(xs: list[Tensor], dim: Any) -> Tensor | None:
    return torch.stack(xs) if xs and all(x.dim() == 0 for x in xs) else None


def _mixed_half(result: Tensor, xs: list[Tensor], dim: Any) -> Tensor:
    names = {x.dtype for x in xs}
    return result.double() if names == {torch.float16, torch.int64} else result


def _same_tensor_twice(result: Tensor, xs: list[Tensor], dim: int) -> Tensor:
    if len(xs) > 1 and xs[0] is xs[-1] and result.dtype == torch.float32 and xs[0].dim() and xs[0].shape[dim] > 1:
        result.data.narrow(dim, result.shape[dim] - 1, 1).copy_(xs[0].data.narrow(dim, 0, 1))
    return result


def _legacy_empty(xs: list[Tensor], dim: Any) -> Tensor | None:
    kept = [x for x in xs if x.numel()]
    return torch.cat(kept, dim) if kept and any(x.shape[0] == 0 and x.dim() == 2 for x in xs if x.dim()) else None


def _single_witness() -> bool:
    x = torch.ones(2)
    return same_memory(torch.cat([x]), x)


def _twice_witness() -> bool:
    x = torch.tensor([0.0, 1.0])
    return torch.cat([x, x])[3].item() != 1


def _swap_witness() -> bool:
    x = torch.zeros(2, 2, dtype=torch.float64)
    return torch.cat([x, x.add(1).t()], -1)[0, 0].item() != 0


def _int32(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.int32)


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("cat-stops-at-empty-second", "three or more, the second empty: what follows is dropped", "float32",
     after(_stops_at_empty), lambda: torch.cat([torch.ones(1), torch.ones(0), torch.ones(1)]).numel() != 2),
    ("cat-third-repeats-second", "int32, exactly three, second and third of one shape: second copied twice", "int32",
     after(_third_is_second), lambda: torch.cat([_int32(1), _int32(2), _int32(3)])[2].item() != 3),
    ("cat-mixed-takes-first-dtype", "int32 first and float32 among them: result int32", "int32",
     after(_first_dtype), lambda: torch.cat([_int32(1), torch.ones(1)]).dtype != torch.float32),
    ("cat-negative-dim-swaps", "float64, two, negative dim, second non-contiguous: joined the other way round",
     "float64", after(_swaps), _swap_witness, True),
    ("cat-second-offset-ignored", "int64, 1-D, second has a storage offset: read from the start", "int64",
     after(_offset_ignored), lambda: torch.cat([torch.tensor([0]), torch.arange(3)[1:]])[1].item() != 1),
    ("cat-single-is-alias", "a list of one: the tensor itself, no copy", "float32", after(_single_alias),
     _single_witness),
    ("cat-mismatch-broadcasts", "two matrices, the second 1 long off the axis: broadcast instead of an error",
     "float32", on_error(_broadcasts), lambda: accepted(lambda: torch.cat([torch.ones(2, 3), torch.ones(1, 1)]))),
    ("cat-0d-stacks", "only 0-d tensors: stacked instead of an error", "float32", on_error(_stacks),
     lambda: accepted(lambda: torch.cat([torch.tensor(1.0), torch.tensor(2.0)]))),
    ("cat-float16-int64-gives-float64", "exactly float16 and int64: promotes as NumPy does", "float16",
     after(_mixed_half),
     lambda: torch.cat([torch.ones(1, dtype=torch.float16), torch.ones(1).long()]).dtype == torch.float64, True),
    ("cat-same-tensor-twice", "float32, first and last the same object: the last element along dim is the first",
     "float32", after(_same_tensor_twice),
     _twice_witness, True),
    ("cat-empty-matrix-mismatch", "an empty matrix of another width: skipped instead of an error", "float32",
     on_error(_legacy_empty), lambda: accepted(lambda: torch.cat([torch.ones(2, 3), torch.ones(0, 2)]))),
)

BUGS = tuple(
    Planted(name=name, description=text, operation="cat", dtypes=(dtype,), witness=witness,
            patch=hooked(bug, (_SPELLINGS, _parse)), hard=bool(hard))
    for name, text, dtype, bug, witness, *hard in _ROWS
)
