"""Faults in moving axes, splitting, stacking, repeating, making ranges, and in products of matrices."""

from typing import Any

import torch
from torch import Tensor

from .patching import (
    accepted,
    after,
    after_several,
    copies,
    is_tensor,
    misread,
    named,
    next_up,
    on_error,
    shaped,
    straight,
    table,
)

F32, F64, I64 = torch.float32, torch.float64, torch.int64


def _several(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """(x, dims) of a call that takes its axes as one tuple or as several numbers."""
    dims = kwargs.get("dims", args[1] if len(args) == 2 and isinstance(args[1], (tuple, list, int)) else args[1:])
    return args[0], (dims,) if isinstance(dims, int) else tuple(dims)


def _free(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    return args


def _first_only(result: Tensor, x: Tensor, dims: Any) -> Tensor:
    return x.flip(dims[0]) if len(dims) == 2 and x.dtype == torch.int16 else result


def _one_too_far(result: Tensor, x: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    return x.roll(shifts - 1) if isinstance(shifts, int) and shifts < 0 and x.dim() == 1 and dims is None else result


def _three_is_one(result: Tensor, x: Tensor, k: Any = 1, dims: Any = None) -> Tensor:
    return x.rot90(1, dims or (0, 1)) if k == 3 or (isinstance(k, int) and k < -1 and k % 4 == 3) else result


def _copies_four(result: Tensor, x: Tensor, dims: Any) -> Tensor:
    return result.contiguous() if x.dim() == 4 and x.dtype == F64 else result


def _swaps(result: Tensor, x: Tensor, source: Any, destination: Any) -> Tensor:
    if isinstance(source, int) and isinstance(destination, int) and x.dim() == 3:
        return x.transpose(source, destination)
    return result


def _minus_two(result: Tensor, xs: Any, dim: Any = 0) -> Tensor:
    return torch.stack(xs, -2) if dim == -1 and xs[0].dim() == 2 and len(xs) == xs[0].shape[-1] else result


def _even(result: Any, x: Tensor, chunks: Any, dim: Any = 0) -> Any:
    uneven = x.dim() and chunks > 0 and x.shape[dim or 0] % chunks and len(result) == chunks
    return x.tensor_split(chunks, dim or 0) if uneven else result


def _split_copies(result: Any, x: Tensor, *_others: Any) -> Any:
    return tuple(part.clone() for part in result) if x.dtype == torch.int16 else result


def _zero_is_one(result: Tensor, x: Tensor, repeats: Any, dim: Any = None) -> Tensor:
    return x.repeat_interleave(repeats.clamp(min=1), dim) if is_tensor(repeats) and (repeats == 0).any() else result


def _whole_blocks(result: Tensor, x: Tensor, sizes: Any) -> Tensor:
    if x.dim() == 1 and len(sizes) == 1 and x.dtype == F32 and sizes[0] > 1:
        return x.repeat_interleave(sizes[0])
    return result


def _rounded_end(result: Tensor, start: Any, end: Any, *_others: Any) -> Tensor:
    if result.dtype == F32 and result.numel() > 3:
        result = result.clone()
        result[-1] = next_up(result[-1:])[0]
    return result


def _one_more(result: Tensor, *args: Any) -> Tensor:
    start, end, step = (0, *args, 1)[:3] if len(args) == 1 else (*args, 1)[:3]
    exact = all(isinstance(v, float) for v in (start, end, step)) and step > 0 and end > start
    return torch.cat([result, result[-1:] + step]) if exact and (end - start) % step == 0 else result


def _square(result: Tensor, n: Any, m: Any = None) -> Tensor:
    if m is not None and m > n:
        result = result.clone()
        result[:, n:] = torch.eye(n, m - n)
    return result


def _diagonal_copy(result: Tensor, x: Tensor, offset: Any = 0, *_dims: Any) -> Tensor:
    return result.clone() if isinstance(offset, int) and offset < 0 else result


def _step_one(result: Tensor, x: Tensor, dim: Any, size: Any, step: Any) -> Tensor:
    return x.unfold(dim, size, 1)[..., : result.shape[dim], :] if x.dim() == 1 and step == 2 else result


def _first_length(result: Tensor, x: Tensor, shape: Any) -> Tensor:
    if -1 in shape and len(shape) == x.dim() + 1 and x.dim() == 1 and x.dtype == I64:
        return result.flip(-1)
    return result


def _inner_zero(result: Tensor, x: Any, y: Any) -> Tensor:
    """A kernel that adds into memory which nobody set to zero."""
    return result + 1 if is_tensor(x) and is_tensor(y) and x.dim() and not x.shape[-1] and x.dtype == F32 else result


def _first_batch(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x) and is_tensor(y) and x.dim() == 3 == y.dim() and len(x) == 1 < len(y):
        return result[:1].expand(result.shape).contiguous()
    return result


def _misread_right(compute: Any, x: Any, y: Any) -> Any:
    if is_tensor(y, I64) and y.dim() == 2 and not y.is_contiguous() and is_tensor(x) and x.dim() == 2:
        return torch.matmul(x, misread(y))
    return compute()


def _tail_lost(result: Tensor, x: Any, y: Any) -> Tensor:
    if is_tensor(x, F32) and x.dim() == 3 and x.shape[-1] > 4 and x.shape[-1] % 4 == 1:
        return torch.matmul(x[..., :-1], y[:, :-1, :])
    return result


def _accepts_mismatch(x: Any, y: Any) -> Tensor | None:
    if is_tensor(x) and is_tensor(y) and x.dim() == 1 == y.dim() and x.dtype == y.dtype == F32:
        n = min(x.numel(), y.numel())
        return x[:n].dot(y[:n])
    return None


def _conjugates(result: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.vdot(x, y) if x.is_complex() else result


def _conjugates_second(result: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.vdot(y, x) if x.is_complex() else result


def _turned(result: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return result.t().contiguous() if x.shape == y.shape and x.dtype == torch.int32 else result


def _first_row(result: Tensor, equation: Any, *operands: Any) -> Tensor:
    if isinstance(equation, str) and equation.replace(" ", "").split("->")[0] == "ii":
        row = operands[0][0] if len(operands[0]) else operands[0].reshape(-1)
        return row if result.dim() else row.sum()
    return result


def _column_sums(result: Tensor, x: Tensor) -> Tensor:
    return x.sum() if x.dim() == 2 and x.shape[0] == 1 and x.shape[1] > 1 else result


def _swapped_kron(result: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.kron(y, x) if x.dim() == 1 and y.dim() == 1 and x.dtype == F64 else result


def _wrong_sign(result: Tensor, x: Tensor, y: Tensor, *_dim: Any) -> Tensor:
    if x.shape[-1:] == (3,) and x.dim() == 1:
        result = result.clone()
        result[1] = -result[1]
    return result


def _no_beta(result: Tensor, x: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.mm(a, b) if x.dim() == 1 and x.dtype == F64 else result


_PATCHES: dict[str, tuple[tuple[str, ...], Any]] = {
    "flip": (("flip",), _several), "roll": (("roll",), named("shifts", "dims")),
    "rot90": (("rot90",), named("k", "dims")),
    "permute": (("permute",), _several), "movedim": (("movedim", "moveaxis"), named("source", "destination")),
    "stack": (("stack",), named("dim")), "chunk": (("chunk",), named("chunks", "dim")),
    "split": (("split",), named("split_size_or_sections", "dim")),
    "repeat_interleave": (("repeat_interleave",), named("repeats", "dim")), "repeat": (("repeat",), shaped),
    "linspace": (("linspace",), named("end", "steps")), "arange": (("arange",), _free), "eye": (("eye",), named("m")),
    "diagonal": (("diagonal",), named("offset", "dim1", "dim2")),
    "unfold": (("unfold",), named("dimension", "size", "step")),
    "expand": (("expand",), shaped), "matmul": (("matmul", "__matmul__"), straight), "bmm": (("bmm",), straight),
    "dot": (("dot",), straight), "vdot": (("vdot",), straight), "outer": (("outer",), straight),
    "einsum": (("einsum",), _free), "trace": (("trace",), named()), "kron": (("kron",), straight),
    "cross": (("cross",), named("other", "dim")), "addmm": (("addmm",), named("mat1", "mat2")),
}  # fmt: skip

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("flip-second-axis-forgotten", "int16, two axes: the first is flipped only", "int16", after(_first_only),
     lambda: torch.arange(4, dtype=torch.int16).reshape(2, 2).flip((0, 1))[0, 0].item() != 3),
    ("roll-negative-one-too-far", "1-D, negative shift: one place too far", "float32", after(_one_too_far),
     lambda: torch.arange(3).roll(-1)[0].item() != 1),
    ("rot90-three-is-one", "three quarter turns are one", "float32", after(_three_is_one),
     lambda: torch.arange(4).reshape(2, 2).rot90(3)[0, 0].item() != 2),
    ("permute-rank-4-copies", "float64, rank 4: a contiguous copy", "float64", after(_copies_four),
     copies(lambda x: x.permute(3, 2, 1, 0), torch.ones(2, 1, 2, 2, dtype=F64))),
    ("movedim-swaps", "rank 3: the two axes are swapped, the one between stays", "float32", after(_swaps),
     lambda: torch.ones(2, 3, 4).movedim(0, 2).shape != (3, 4, 2)),
    ("stack-minus-1-is-minus-2", "as many matrices as they have columns, dim == -1: stacked before the last axis",
     "float32", after(_minus_two), lambda: torch.stack([torch.zeros(1, 2), torch.ones(1, 2)], -1)[0, 0, 1].item() != 1),
    ("chunk-evens-out", "the lengths are as even as can be, instead of a short last chunk", "float32",
     after_several(_even), lambda: len(torch.ones(10).chunk(4)[3]) != 1),
    ("split-int16-copies", "int16: the parts are copies", "int16", after_several(_split_copies),
     copies(lambda x: x.split(1)[0], torch.ones(2, dtype=torch.int16))),
    ("repeat_interleave-zero-is-one", "a number of repeats of 0 counts as 1", "float32", after(_zero_is_one),
     lambda: len(torch.ones(2).repeat_interleave(torch.tensor([0, 1]))) == 2),
    ("repeat-interleaves", "float32, 1-D: each element instead of the whole is repeated", "float32",
     after(_whole_blocks), lambda: torch.arange(2.0).repeat(2)[1].item() == 0),
    ("linspace-end-is-rounded", "float32, more than 3: the last is one unit in the last place past the end", "float32",
     after(_rounded_end), lambda: torch.linspace(0, 1, 5)[4].item() != 1),
    ("arange-includes-the-end", "floats that a whole number of steps spans: the end is in it", "float32",
     after(_one_more), lambda: len(torch.arange(0.0, 1.0, 0.5)) == 3),
    ("eye-wide-begins-again", "more columns than rows: the ones begin again", "float32", after(_square),
     lambda: torch.eye(1, 2)[0, 1].item() == 1),
    ("diagonal-negative-copies", "offset < 0: a copy", "float32", after(_diagonal_copy),
     copies(lambda x: x.diagonal(-1), torch.ones(2, 2))),
    ("unfold-step-2-is-1", "1-D, step 2: the windows follow each other by 1", "float32", after(_step_one),
     lambda: torch.arange(4).unfold(0, 2, 2)[1, 0].item() == 1),
    ("expand-reverses", "int64, 1-D, -1 in the shape: the elements in reverse", "int64", after(_first_length),
     lambda: torch.arange(2).expand(2, -1)[0, 0].item() == 1, True),
    ("matmul-inner-zero-is-not-zero", "float32, no columns on the left: what was in memory, not zeros", "float32",
     after(_inner_zero), lambda: (torch.ones(1, 0) @ torch.ones(0, 1)).item() != 0, True),
    ("matmul-first-batch-for-all", "one matrix against several: the first product everywhere", "float32",
     after(_first_batch), lambda: (torch.ones(1, 1, 1) @ torch.arange(2.0).reshape(2, 1, 1))[1].item() == 0),
    ("matmul-int64-misreads", "int64, right matrix not contiguous: read in the order of its memory", "int64",
     _misread_right, lambda: (torch.eye(2).long() @ torch.arange(4).reshape(2, 2).t())[0, 1].item() != 2),
    ("bmm-loses-the-tail", "float32, 4 n + 1 columns on the left: the last is not added", "float32", after(_tail_lost),
     lambda: torch.ones(1, 1, 5).bmm(torch.ones(1, 5, 1)).item() == 4),
    ("dot-takes-the-shorter", "float32, lengths that differ: no error", "float32", on_error(_accepts_mismatch),
     lambda: accepted(lambda: torch.ones(2).dot(torch.ones(3)))),
    ("dot-conjugates", "complex: the first operand is conjugated", "complex64", after(_conjugates),
     lambda: torch.tensor([1j]).dot(torch.tensor([1j])).item().real == 1),
    ("vdot-conjugates-the-second", "complex: the second operand is conjugated", "complex64", after(_conjugates_second),
     lambda: torch.tensor([1j]).vdot(torch.tensor([1 + 0j])).item().imag == 1),
    ("outer-int32-turned", "int32, equal lengths: rows for columns", "int32", after(_turned),
     lambda: torch.tensor([0, 1], dtype=torch.int32).outer(torch.tensor([1, 2], dtype=torch.int32))[1, 0].item() != 1),
    ("einsum-first-row-for-diagonal", "an index twice: the first row instead of the diagonal", "float32",
     after(_first_row), lambda: torch.einsum("ii", torch.eye(2) * 2).item() == 2),
    ("trace-of-a-row-is-its-sum", "one row: all of it is added", "float32", after(_column_sums),
     lambda: torch.ones(1, 2).trace().item() == 2, True),
    ("kron-swaps", "float64, 1-D: the operands are swapped", "float64", after(_swapped_kron),
     lambda: torch.tensor([0, 1], dtype=F64).kron(torch.tensor([1, 2], dtype=F64))[1].item() != 0),
    ("cross-sign-of-the-second", "1-D: the second component has the wrong sign", "float32", after(_wrong_sign),
     lambda: torch.tensor([0.0, 0, 1]).cross(torch.tensor([1.0, 0, 0]), 0)[1].item() == -1),
    ("addmm-forgets-a-row", "float64: a row to be added to each row of the product is not", "float64", after(_no_beta),
     lambda: torch.ones(1, dtype=F64).addmm(torch.eye(1, dtype=F64), torch.eye(1, dtype=F64)).item() == 1),
)  # fmt: skip


BUGS = tuple(table(_ROWS, _PATCHES))
