"""Faults that show only with an option, such as an axis, a dtype or weights; and gradients beside a zero."""

from typing import Any

import torch
from torch import Tensor

from .patching import programs

F32 = torch.float32
_TABLE = torch.arange(6.0).reshape(2, 3)
_ROWS = torch.tensor([[1.0, 1.0], [2.0, 2.0]])
_PAIR = torch.tensor([0, 0])
_THREE = torch.tensor([[1.0, 2.0, 4.0], [3.0, 1.0, 0.0], [1.0, 0.0, 5.0]])


def _third_again(real: Any, x: Tensor, k: int, *args: Any, **options: Any) -> Any:
    values, indices = real(x, k, *args, **options)
    order = [*range(k - 1), 0] if k > 2 and values.dim() == 1 else slice(None)
    return torch.return_types.topk((values[order], indices[order]))


def _last_axis(real: Any, x: Tensor, k: int, dim: int = -1, *args: Any, **options: Any) -> Any:
    return real(x, k, -1, *args, **options)


def _at_most_2(real: Any, x: Tensor, k: int, *args: Any, **options: Any) -> Any:
    return real(x, min(k, 2), *args, **options)


def _largest_of_the_frequent(real: Any, x: Tensor, *args: Any, **options: Any) -> Any:
    values, indices = real(-x, *args, **options)
    return torch.return_types.mode((-values, indices))


def _dim_1_is_0(real: Any, x: Tensor, dim: int = -1, *args: Any, **options: Any) -> Any:
    return real(x, 0 if dim == 1 and x.dim() > 2 else dim, *args, **options)


def _from_0(real: Any, x: Tensor, dim: int, start: Any, length: int) -> Tensor:
    return real(x, dim, start if dim == 0 else 0, length)


def _main_diagonal(real: Any, x: Tensor, offset: int = 0, *dims: int, **options: Any) -> Tensor:
    return real(x, 0, *dims, **options)


def _first_axis(real: Any, x: Tensor, *args: Any, **options: Any) -> Any:
    return real(x, *args, **{**options, "dim": 0} if options.get("dim") == 1 else options)


def _each_once(real: Any, x: Tensor, *args: Any, **options: Any) -> Any:
    made = real(x, *args, **options)
    return (*made[:-1], torch.ones_like(made[-1])) if options.get("return_counts") else made


def _each_once_along(real: Any, x: Tensor, *args: Any, **options: Any) -> Any:
    return _each_once(real, x, *args, **options) if options.get("dim") is not None else real(x, *args, **options)


def _third_is_first(real: Any, *given: Tensor, **options: Any) -> Any:
    made = list(real(*given, **options))
    return (*made[:2], made[0]) if len(made) == 3 else tuple(made)


def _swapped(real: Any, x: Tensor, y: Tensor, dims: Any = 2, **options: Any) -> Tensor:
    if not isinstance(dims, int) and len(dims[0]) == 2 and x.shape[dims[0][0]] == x.shape[dims[0][1]]:
        dims = (dims[0], dims[1][::-1])
    return real(x, y, dims, **options)


def _without(name: str) -> Any:
    """A bug that does not look at the option ``name``."""

    def bug(real: Any, *args: Any, **options: Any) -> Any:
        return real(*args, **{key: value for key, value in options.items() if key != name})

    return bug


def _sums(real: Any, x: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, **options: Any) -> Tensor:
    return real(x, dim, index, source, "sum" if reduce == "prod" else reduce, **options)


def _several_last(real: Any, x: Tensor, q: Any, dim: Any = None, keepdim: bool = False, **options: Any) -> Tensor:
    made = real(x, q, dim, keepdim, **options)
    return made.movedim(0, -1) if isinstance(q, Tensor) and q.dim() and dim is not None else made


def _as_2(real: Any, x: Tensor, p: Any = "fro", *args: Any, **options: Any) -> Tensor:
    return real(x, 2 if p == 3 else p, *args, **options)


def _2_along_an_axis(real: Any, x: Tensor, p: Any = "fro", dim: Any = None, *args: Any, **options: Any) -> Tensor:
    return real(x, p if dim is None else 2, dim, *args, **options)


def _2_of_several(real: Any, x: Tensor, ord: Any = 2, dim: Any = None, *args: Any, **options: Any) -> Tensor:  # noqa: A002 - torch's own name
    finite = isinstance(dim, tuple) and ord not in {0, float("inf"), -float("inf")}
    return real(x, 2 if finite else ord, dim, *args, **options)


def _third_unrelated(real: Any, x: Tensor) -> Tensor:
    made = real(x)
    if made.dim() == 2 and len(made) > 2:
        made[0, 2] = made[2, 0] = 0
    return made


def _unbiased(real: Any, x: Tensor, *args: Any, **options: Any) -> Any:
    return real(x, *args, **{**options, "correction": 1} if "correction" in options else options)


def _last_with_places(real: Any, y: Tensor, x: Any = None, **options: Any) -> Tensor:
    return real(y, **options) if x is None else real(y, x)


def _last_running(real: Any, y: Tensor, x: Any = None, *, dim: int = -1, **options: Any) -> Tensor:
    return real(y, **options) if x is None else real(y, x, **options)


def _plain_counts(real: Any, x: Tensor, *args: Any, weight: Any = None, density: bool = False, **options: Any) -> Any:
    return real(x, *args, **options)


def _doubled(real: Any, x: Tensor, *args: Any, **options: Any) -> Tensor:
    """The gradient is twice what it ought to be where a number is zero."""
    made = real(x, *args, **options)
    if isinstance(made, Tensor) and made.requires_grad and (x == 0).any():
        made.register_hook(lambda slope: 2 * slope)
    return made


def _slope(function: Any, *numbers: float) -> list[float]:
    x = torch.tensor(numbers, dtype=F32, requires_grad=True)
    with torch.enable_grad():
        return torch.autograd.grad(function(x).sum(), x)[0].tolist()


_NAMED: tuple[tuple[Any, ...], ...] = (
    ("mode-largest", "of several that are as frequent, the largest", "mode Tensor.mode", _largest_of_the_frequent,
     lambda: torch.tensor([1.0, 2.0]).mode().values.item() == 2),
    ("mode-first-axis", "dim 1 of three axes and more is dim 0", "mode Tensor.mode", _dim_1_is_0,
     lambda: torch.zeros(2, 3, 4).mode(1).values.shape == (3, 4)),
    ("topk-third", "1-D, k of 3 and more: the last is the first again", "topk Tensor.topk", _third_again,
     lambda: torch.arange(5.0).topk(3).values[-1].item() == 4),
    ("topk-last-axis", "dim is ignored", "topk Tensor.topk", _last_axis,
     lambda: _TABLE.topk(1, 0).values.shape == (2, 1)),
    ("kthvalue-at-most-2", "of a k above 2: 2", "kthvalue Tensor.kthvalue", _at_most_2,
     lambda: torch.arange(5.0).kthvalue(4).values.item() == 1),
    ("narrow-from-0", "off axis 0: start is ignored", "narrow Tensor.narrow", _from_0,
     lambda: _TABLE.narrow(1, 1, 1)[0, 0].item() == 0),
    ("diag_embed-main-diagonal", "the offset is ignored", "diag_embed Tensor.diag_embed", _main_diagonal,
     lambda: torch.ones(2).diag_embed(1).shape == (2, 2)),
    ("unique-first-axis", "dim=1 is taken for 0", "unique Tensor.unique", _first_axis,
     lambda: torch.unique(_ROWS, dim=1).shape == (2, 2)),
    ("unique-each-once", "with dim: all counts are 1", "unique Tensor.unique", _each_once_along,
     lambda: torch.unique(torch.ones(3, 1), dim=0, return_counts=True)[1].item() == 1),
    ("unique_consecutive-each-once", "all counts are 1", "unique_consecutive Tensor.unique_consecutive", _each_once,
     lambda: torch.unique_consecutive(torch.ones(3), return_counts=True)[1].item() == 1),
    ("meshgrid-third-is-first", "of three: the last is the first", "meshgrid", _third_is_first,
     lambda: torch.meshgrid(*torch.arange(6.0).reshape(3, 2), indexing="ij")[2].flatten()[0].item() == 0),
    ("tensordot-two-swapped", "two axes that are as long: those of y change places", "tensordot", _swapped,
     lambda: torch.tensordot(_ROWS, torch.arange(4.0).reshape(2, 2), ([0, 1], [0, 1])).item() != 11),
    ("index_add-alpha-forgotten", "alpha is 1", "index_add Tensor.index_add", _without("alpha"),
     lambda: torch.zeros(1).index_add(0, _PAIR[:1], torch.ones(1), alpha=2).item() == 1),
    ("scatter_reduce-product-sums", "prod adds", "scatter_reduce Tensor.scatter_reduce", _sums,
     lambda: torch.ones(1).scatter_reduce(0, _PAIR, torch.tensor([2.0, 4.0]), "prod").item() == 7),
    ("scatter_reduce-self-included", "include_self=False is ignored",
     "scatter_reduce Tensor.scatter_reduce", _without("include_self"),
     lambda: torch.ones(1).scatter_reduce(0, _PAIR, torch.ones(2), "sum", include_self=False).item() == 3),
    ("quantile-several-last", "of several q along an axis: q is the last axis",
     "quantile Tensor.quantile", _several_last,
     lambda: torch.quantile(_TABLE, torch.tensor([0.0, 1.0]), 1)[0, 1].item() == 2),
    ("logsumexp-keepdim-forgotten", "keepdim is ignored", "logsumexp Tensor.logsumexp", _without("keepdim"),
     lambda: _TABLE.logsumexp(1, keepdim=True).dim() == 1),
    ("aminmax-keepdim-forgotten", "keepdim is ignored", "aminmax Tensor.aminmax", _without("keepdim"),
     lambda: torch.aminmax(_TABLE, dim=1, keepdim=True).min.dim() == 1),
    ("prod-dtype-forgotten", "dtype is ignored", "prod Tensor.prod", _without("dtype"),
     lambda: _TABLE.prod(0, dtype=torch.float64).dtype == F32),
    ("cumsum-dtype-forgotten", "dtype is ignored", "cumsum Tensor.cumsum", _without("dtype"),
     lambda: _TABLE.cumsum(0, dtype=torch.float64).dtype == F32),
    ("cumprod-dtype-forgotten", "dtype is ignored", "cumprod Tensor.cumprod", _without("dtype"),
     lambda: _TABLE.cumprod(0, dtype=torch.float64).dtype == F32),
    ("std_mean-unbiased", "the correction is 1", "std_mean", _unbiased,
     lambda: torch.std_mean(_TABLE[0], dim=0, correction=0)[0].item() == 1),
    ("var_mean-unbiased", "the correction is 1", "var_mean", _unbiased,
     lambda: torch.var_mean(_TABLE[0], dim=0, correction=0)[0].item() == 1),
    ("norm-3-is-2", "p=3 is taken for 2", "norm", _as_2, lambda: torch.norm(_ROWS[0], 3).item() > 1.4),
    ("norm-2-along-an-axis", "with dim: p is 2", "norm", _2_along_an_axis,
     lambda: torch.norm(_ROWS, 1, 1)[0].item() < 1.5),
    ("vector_norm-2-of-several", "a tuple of axes: a finite order is 2", "linalg.vector_norm", _2_of_several,
     lambda: torch.linalg.vector_norm(_ROWS, 1, (0, 1)).item() < 6),
    ("corrcoef-third-unrelated", "the first and the third variable: 0", "corrcoef Tensor.corrcoef", _third_unrelated,
     lambda: torch.corrcoef(_THREE)[0, 2].item() == 0),
    ("cov-fweights-forgotten", "fweights are ignored", "cov Tensor.cov", _without("fweights"),
     lambda: torch.cov(torch.tensor([0.0, 1.0]), fweights=torch.tensor([1, 3])).item() == 0.5),
    ("trapezoid-places-last", "with places: dim is ignored", "trapezoid", _last_with_places,
     lambda: torch.trapezoid(_THREE, _THREE, dim=0)[0].item() != torch.trapezoid(_THREE.T, _THREE.T)[0].item()),
    ("cumulative_trapezoid-last", "dim is ignored", "cumulative_trapezoid", _last_running,
     lambda: torch.cumulative_trapezoid(_TABLE, dim=0).shape == (2, 2)),
    ("histogram-plain", "weight and density are ignored", "histogram Tensor.histogram", _plain_counts,
     lambda: torch.histogram(torch.ones(3), 2, density=True).hist.sum().item() == 3),
    ("prod-slope-doubled", "a zero among the numbers: twice the gradient", "prod Tensor.prod", _doubled,
     lambda: _slope(torch.prod, 0, 3)[0] == 6),
    ("cumprod-slope-doubled", "a zero among the numbers: twice the gradient", "cumprod Tensor.cumprod", _doubled,
     lambda: _slope(lambda x: x.cumprod(0), 0, 3)[0] == 8),
    ("sinc-slope-doubled", "a zero among the numbers: twice the gradient", "sinc Tensor.sinc", _doubled,
     lambda: _slope(torch.sinc, 0, 1)[1] == -2),
    ("hypot-slope-doubled", "a zero among the numbers: twice the gradient", "hypot Tensor.hypot", _doubled,
     lambda: _slope(lambda x: torch.hypot(x, torch.tensor([1.0, 4.0])), 0, 3)[1] > 1),
)  # fmt: skip

BUGS = tuple(programs(_NAMED))
