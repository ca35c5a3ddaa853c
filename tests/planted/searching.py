"""Faults in extrema, statistics, scans, sorting, searching and indexing."""

from typing import Any

import torch
from torch import Tensor

from .patching import after, after_several, is_tensor, named, reduced, table

F16, F32, F64, I64, NAN, INF = torch.float16, torch.float32, torch.float64, torch.int64, float("nan"), float("inf")


def _last_tie(result: Tensor, x: Tensor, dim: Any, _keep: Any) -> Tensor:
    if x.dtype == F32 and x.dim() == 1 and x.numel() > 1 and not x.isnan().any():
        return x.numel() - 1 - x.flip(0).argmax(keepdim=result.dim() == 1)
    return result


def _blind_to_nan(result: Tensor, x: Tensor, dim: Any, _keep: Any) -> Tensor:
    if x.dtype == F64 and x.isnan().any() and not x.isnan().all() and dim is None:
        return x.nan_to_num(INF, INF, -INF).argmin().reshape(result.shape)
    return result


def _previous_axis(result: Tensor, x: Tensor, dim: Any, keep: Any) -> Tensor:
    if isinstance(dim, (tuple, list)) and len(dim) == 2 and x.dim() == 3 and all(d < 0 for d in dim):
        wrong = x.amax([0, min(dim)], keepdim=keep)
        return wrong.reshape(result.shape) if wrong.numel() == result.numel() else result
    return result


def _carry_lost(result: Tensor, x: Tensor, dim: Any, *_others: Any) -> Tensor:
    if x.dtype == I64 and x.dim() == 1 and x.numel() > 16:
        return torch.cat([x[:16].cumsum(0), x[16:].cumsum(0)])
    return result


def _narrow(result: Tensor, x: Tensor, dim: Any, _keep: Any) -> Tensor:
    return result.to(torch.int8).to(I64) if x.dtype == torch.int8 else result


def _cancels(result: Tensor, x: Tensor, dim: Any, correction: Any) -> Tensor:
    """The mean of the squares less the square of the mean."""
    if x.dtype == F32 and x.dim() == 1 and x.numel() > 1 and correction == 1:
        return ((x.square().mean() - x.mean().square()) * (len(x) / (len(x) - 1))).reshape(result.shape)
    return result


def _sample(result: Tensor, x: Tensor, dim: Any = None, *_others: Any, correction: Any = None) -> Tensor:
    n = x.shape[dim] if isinstance(dim, int) and x.dim() else x.numel()
    return result * (n / (n - 1)) ** 0.5 if x.dtype == F64 and correction == 0 and n > 1 else result


def _upper(result: Any, x: Tensor, dim: Any, _keep: Any) -> Any:
    if x.dtype == I64 and dim is None and x.numel() % 2 == 0 and x.numel():
        return x.reshape(-1).sort()[0][x.numel() // 2]
    return result


def _empty_is_false(result: Tensor, x: Tensor, dim: Any, _keep: Any) -> Tensor:
    return ~result if not x.numel() and dim is None else result


def _nan_is_false(result: Tensor, x: Tensor, dim: Any, _keep: Any) -> Tensor:
    return x.nan_to_num(0).any() if x.dtype == F32 and dim is None else result


def _by_bits(result: Tensor, x: Tensor, *_others: Any) -> Tensor:
    return result + ((x == 0) & x.signbit()).sum() if x.dtype == F32 and result.dim() == 0 else result


def _naive(result: Tensor, x: Tensor, dim: Any, *_others: Any) -> Tensor:
    return torch.where(result > 88, torch.full_like(result, INF), result) if x.dtype == F32 else result


def _first_axis(result: Tensor, x: Tensor, n: Any = None, dim: Any = None, *_others: Any) -> Tensor:
    same = x.dim() == 2 and x.shape[0] == x.shape[1]
    return x.diff(dim=0).reshape(result.shape) if same and dim == 1 and n in {None, 1} and x.dtype == I64 else result


def _cut(result: Tensor, x: Tensor, weights: Any = None, minlength: Any = 0) -> Tensor:
    return result[:minlength] if minlength else result


def _reversed_ties(result: Any, x: Tensor, *_others: Any) -> Any:
    """A stable descending order made by reversing the ascending one: equal elements come in reverse."""
    if x.dtype == torch.int32 and x.dim() == 1 and _others[-1] is True:
        return x.argsort(stable=True).flip(0)
    return result


def _nan_first(result: Any, x: Tensor, *_others: Any) -> Any:
    if x.dtype == F64 and x.dim() == 1 and x.isnan().any():
        values = torch.cat([x[x.isnan()], x[~x.isnan()].sort()[0]])
        return values if isinstance(result, Tensor) else (values, result[1])
    return result


def _flat_inverse(result: Any, x: Tensor, *_others: Any) -> Any:
    return (result[0], result[1].reshape(-1), *result[2:]) if isinstance(result, tuple) and x.dim() == 2 else result


def _left_always(compute: Any, x: Tensor, v: Any, *_others: Any) -> Any:
    return torch.searchsorted(x, v) if is_tensor(x, torch.int32) else compute()


def _nothing_is_in(result: Tensor, x: Any, y: Any, *_others: Any) -> Tensor:
    return torch.ones_like(result) if is_tensor(y) and not y.numel() else result


def _clamped(result: Tensor, x: Tensor, dim: Any, index: Any, *_others: Any) -> Tensor:
    if x.dim() == 1 and x.numel() > 8 and is_tensor(index):
        return x.gather(0, index.clamp(max=x.numel() - 2))
    return result


def _first_wins(result: Tensor, x: Tensor, dim: Any, index: Any, source: Any) -> Tensor:
    if is_tensor(index) and index.dim() == 1 and x.dim() == 1 and x.dtype == I64 and is_tensor(source):
        made = x.clone()
        made[index] = x[index] + source[: index.numel()]
        return made
    return result


def _memory_order(result: Tensor, x: Tensor, mask: Any) -> Tensor:
    if x.dim() == 2 and is_tensor(mask) and mask.shape == x.shape and not mask.is_contiguous():
        return x.t().masked_select(mask.t())
    return result


def _columns_first(result: Any, x: Tensor, *_others: Any) -> Any:
    if x.dim() == 2 and not x.is_contiguous() and isinstance(result, Tensor) and len(result):
        return result[result[:, 1].argsort(stable=True)]
    return result


def _first_for_last(result: Tensor, x: Tensor, index: Any) -> Tensor:
    if is_tensor(index) and x.numel():
        return torch.where(index == -1, x.reshape(-1)[0], result)
    return result


def _one_off(result: Tensor, x: Tensor, diagonal: Any = 0) -> Tensor:
    return x.tril(diagonal - 1) if x.dim() == 3 and isinstance(diagonal, int) and diagonal < 0 else result


def _column(result: Tensor, x: Tensor, dim: Any, index: Any) -> Tensor:
    square = x.dim() == 2 and x.shape[0] == x.shape[1] and x.dtype == torch.bool
    return x.index_select(0, index).t().reshape(result.shape) if square and dim == -1 else result


def _with_correction(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    dim = args[1] if len(args) > 1 else kwargs.get("dim")
    return (args[0], dim, kwargs.get("correction", 1))


def _std(result: Tensor, x: Tensor, dim: Any, correction: Any) -> Tensor:
    return _sample(result, x, dim, correction=correction)


_PATCHES: dict[str, tuple[tuple[str, ...], Any]] = {
    "argmax": (("argmax",), reduced), "argmin": (("argmin",), reduced), "amax": (("amax",), reduced),
    "cumsum": (("cumsum",), named("dim")), "prod": (("prod",), reduced), "var": (("var",), _with_correction),
    "std": (("std",), _with_correction), "median": (("median",), reduced), "all": (("all",), reduced),
    "any": (("any",), reduced), "count_nonzero": (("count_nonzero",), named("dim")),
    "logsumexp": (("logsumexp",), reduced), "diff": (("diff",), named("n", "dim", "prepend", "append")),
    "bincount": (("bincount",), named("weights", "minlength")),
    "argsort": (("argsort",), named("dim", "descending", "stable", "descending")),
    "sort": (("sort",), named("dim", "descending", "stable")), "unique": (("unique",), named("sorted")),
    "searchsorted": (("searchsorted",), named("input", "right", "side")),
    "isin": (("isin",), named("test_elements")), "gather": (("gather",), named("dim", "index")),
    "scatter_add": (("scatter_add",), named("dim", "index", "src")),
    "masked_select": (("masked_select",), named("mask")), "nonzero": (("nonzero", "argwhere"), named()),
    "take": (("take",), named("index")), "tril": (("tril",), named("diagonal")),
    "index_select": (("index_select",), named("dim", "index")),
}  # fmt: skip

_ALL = torch.ones(2, 2, dtype=torch.bool)
_UPPER = torch.tensor([[False, True], [False, False]])
_ONE = torch.ones(1, dtype=torch.int32)

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("argmax-last-tie", "float32, 1-D: the last of equal elements", "float32", after(_last_tie),
     lambda: torch.ones(3).argmax().item() != 0),
    ("argmin-blind-to-nan", "float64: NaN is passed over, where it is the least of all", "float64",
     after(_blind_to_nan), lambda: torch.tensor([1, NAN], dtype=F64).argmin().item() == 0),
    ("amax-negative-pair", "rank 3, two negative dims: the first axis instead of the later, if as long", "float32",
     after(_previous_axis), lambda: torch.arange(4.0).reshape(2, 1, 2).amax((-2, -1))[0].item() != 1, True),
    ("cumsum-loses-the-carry", "int64, 1-D: the sum begins again at the 17th element", "int64", after(_carry_lost),
     lambda: torch.ones(17, dtype=I64).cumsum(0)[16].item() == 1, True),
    ("prod-int8-wraps", "int8: the product is made in int8", "int8", after(_narrow),
     lambda: torch.tensor([100, 2], dtype=torch.int8).prod().item() != 200),
    ("var-cancels", "float32, 1-D: the mean of the squares less the square of the mean", "float32", after(_cancels),
     lambda: torch.tensor([10000.0, 10001]).var().item() != 0.5),
    ("std-correction-0-is-1", "float64: correction=0 divides by n - 1", "float64", after(_std),
     lambda: torch.tensor([0, 2], dtype=F64).std(correction=0).item() != 1),
    ("median-upper", "int64: the upper of the two in the middle", "int64", after(_upper),
     lambda: torch.tensor([1, 2]).median().item() == 2),
    ("all-of-nothing-is-false", "no elements: False", "float32", after(_empty_is_false),
     lambda: not torch.ones(0).all().item()),
    ("any-nan-is-false", "float32: NaN counts as zero", "float32", after(_nan_is_false),
     lambda: not torch.tensor([NAN]).any().item()),
    ("count_nonzero-by-bits", "float32: -0.0 is counted", "float32", after(_by_bits),
     lambda: torch.tensor([-0.0]).count_nonzero().item() == 1, True),
    ("logsumexp-overflows", "float32: infinite where the largest exponential overflows", "float32", after(_naive),
     lambda: torch.tensor([100.0]).logsumexp(0).isinf().item()),
    ("diff-first-axis", "int64, square matrix: dim=1 is taken for 0", "int64", after(_first_axis),
     lambda: torch.tensor([[0, 1], [5, 9]]).diff(dim=1)[0, 0].item() != 1),
    ("bincount-minlength-cuts", "counts beyond minlength are dropped", "int64", after(_cut),
     lambda: len(torch.tensor([3]).bincount(minlength=2)) == 2),
    ("argsort-reverses-ties", "int32, 1-D, stable and descending: equal elements in reverse order", "int32",
     after(_reversed_ties), lambda: torch.ones(2).int().argsort(descending=True, stable=True)[0].item() == 1, True),
    ("sort-nan-first", "float64, 1-D: NaN before all numbers", "float64", after_several(_nan_first),
     lambda: torch.tensor([1, NAN], dtype=F64).sort()[0][0].isnan().item()),
    ("unique-flat-inverse", "2-D: the inverse is flat", "float32", after_several(_flat_inverse),
     lambda: torch.ones(2, 2).unique(return_inverse=True)[1].dim() == 1),
    ("searchsorted-right-is-left", "int32: right=True is ignored", "int32", _left_always,
     lambda: torch.searchsorted(_ONE, _ONE, right=True)[0].item() == 0),
    ("isin-of-nothing", "no test elements: True", "float32", after(_nothing_is_in),
     lambda: torch.isin(torch.ones(1), torch.ones(0)).item()),
    ("gather-last-is-clamped", "1-D, more than 8 elements: the last index gives the one before", "float32",
     after(_clamped), lambda: torch.arange(9.0).gather(0, torch.tensor([8])).item() == 7, True),
    ("scatter_add-loses-duplicates", "int64, 1-D: of equal indices one is added", "int64", after(_first_wins),
     lambda: torch.zeros(1, dtype=I64).scatter_add(0, torch.tensor([0, 0]), torch.ones(2, dtype=I64)).item() == 1),
    ("masked_select-memory-order", "2-D, mask not contiguous: column by column", "float32", after(_memory_order),
     lambda: torch.arange(4.0).reshape(2, 2).masked_select(_ALL.t())[1].item() != 1),
    ("nonzero-columns-first", "2-D, not contiguous: sorted by column", "float32", after(_columns_first),
     lambda: torch.ones(2, 2).t().nonzero()[1, 0].item() == 1),
    ("take-minus-1-is-0", "index -1 gives the first element", "float32", after(_first_for_last),
     lambda: torch.arange(3.0).take(torch.tensor([-1])).item() == 0),
    ("tril-batched-one-off", "rank 3, diagonal < 0: one diagonal too few", "float32", after(_one_off),
     lambda: torch.ones(1, 2, 2).tril(-1)[0, 1, 0].item() == 0),
    ("index_select-bool-column", "bool, square, dim == -1: the first axis, transposed", "bool", after(_column),
     lambda: not _UPPER.index_select(-1, torch.tensor([1, 0]))[0, 0].item(), True),
)  # fmt: skip

BUGS = tuple(table(_ROWS, _PATCHES))
