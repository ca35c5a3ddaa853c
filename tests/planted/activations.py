"""Faults in activations, and in softmax."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from .patching import forgets, programs

F = nn.functional
NAN, INF = math.nan, math.inf


def _relu_of_nan(real: Any, x: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, *others, **kwargs)
    return result.masked_fill(x.isnan(), 0) if x.is_floating_point() else result


def _no_negative_zero(real: Any, x: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    return real(x, *others, **kwargs) + 0


def _relu_elsewhere(real: Any, x: Tensor, inplace: bool = False) -> Tensor:
    return real(x, False)


def _no_upper_end(real: Any, x: Tensor, *others: Any) -> Tensor:
    return torch.where(x > 6, x, real(x)) if x.dtype == torch.float16 else real(x)


def _at_the_bound(real: Any, x: Tensor, threshold: float, value: float, *others: Any) -> Tensor:
    return torch.where(x == threshold, x, real(x, threshold, value))


def _keras(real: Any, x: Tensor, *others: Any) -> Tensor:
    return (0.2 * x + 0.5).clamp(0, 1) if x.is_floating_point() else real(x)


def _slope_last_axis(real: Any, x: Tensor, w: Tensor) -> Tensor:
    return real(x.transpose(1, -1), w).transpose(1, -1) if x.dim() > 2 and x.shape[1] == x.shape[-1] else real(x, w)


def _alpha_inside(real: Any, x: Tensor, alpha: float = 1.0, *others: Any) -> Tensor:
    return torch.where(x > 0, x, torch.expm1(alpha * x)) if x.is_floating_point() else real(x, alpha)


def _celu_is_elu(real: Any, x: Tensor, alpha: float = 1.0, *others: Any) -> Tensor:
    return F.elu(x, alpha)


def _six_digits(real: Any, x: Tensor, *others: Any) -> Tensor:
    return real(x) * (1 + 2e-6) if x.dtype == torch.float32 else real(x)


def _naive_logsigmoid(real: Any, x: Tensor) -> Tensor:
    return x.sigmoid().log()


def _beta_left_out(real: Any, x: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    return torch.where(x > threshold, x, real(x, beta, 1e9)) if x.is_floating_point() else real(x, beta, threshold)


def _fewer_digits(real: Any, x: Tensor, approximate: str = "none") -> Tensor:
    if approximate != "tanh" or x.dtype != torch.float32:
        return real(x, approximate=approximate)
    return 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.0447 * x**3)))


def _always_tanh(real: Any, x: Tensor, approximate: str = "none") -> Tensor:
    return real(x, approximate="tanh") if x.is_floating_point() else real(x)


def _first_gates(real: Any, x: Tensor, dim: int = -1) -> Tensor:
    first, second = x.chunk(2, dim)
    return real(torch.cat([second, first], dim), dim)


def _last_axis(real: Any, x: Tensor, dim: int = -1) -> Tensor:
    return real(x, -1) if x.shape[-1] % 2 == 0 and x.shape[-1] else real(x, dim)


def _sigmoid_below(real: Any, x: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    return torch.where(x < -60, 0.0, real(x)) if x.dtype == torch.float32 else real(x)


# Softmax: of x along dim


def _middle(real: Any, x: Tensor, dim: Any, *others: Any, **kwargs: Any) -> Tensor:
    square = x.dim() == 3 and x.shape[1] == x.shape[2] and dim in (-1, 2)
    return real(x, 1 if square else dim, *others, **kwargs)


def _unshifted(real: Any, x: Tensor, dim: Any, *others: Any, **kwargs: Any) -> Tensor:
    if not x.is_floating_point() or not x.dim():
        return real(x, dim, *others, **kwargs)
    e = x.exp()
    return e / e.sum(dim, keepdim=True)


def _log_of_softmax(real: Any, x: Tensor, dim: Any, *others: Any, **kwargs: Any) -> Tensor:
    return torch.softmax(x, dim, *others, **kwargs).log()


def _tail_not_summed(real: Any, x: Tensor, dim: Any, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, dim, *others, **kwargs)
    if x.dim() and x.shape[dim] % 16 == 1 and x.shape[dim] > 16:
        return result / result.narrow(dim, 0, x.shape[dim] - 1).sum(dim, keepdim=True)
    return result


def _masked_is_zero(real: Any, x: Tensor, dim: Any, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, dim, *others, **kwargs)
    return torch.where((x == -INF).all(dim, keepdim=True), 0, result) if x.dim() and x.is_floating_point() else result


def _cast_after(real: Any, x: Tensor, dim: Any, *others: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
    return real(x, dim, *others, **kwargs).to(dtype or x.dtype)


def _in_place() -> bool:
    x = torch.tensor([-1.0])
    F.relu(x, inplace=True)
    return x.item() == -1


def _is_narrow(x: Tensor) -> bool:
    return x.float().item() == x.item()


def _softmax(values: list[float]) -> Tensor:
    return torch.softmax(torch.tensor(values), 0)


ONE = torch.ones(1)
SQUARE = torch.arange(4.0).reshape(1, 2, 2)
CUBE = torch.tensor([[[-1.0, -1], [-1, -1]]])
RELU = "relu nn.functional.relu Tensor.relu"
SOFTMAX = "softmax Tensor.softmax nn.functional.softmax"
LOG_SOFTMAX = "log_softmax Tensor.log_softmax nn.functional.log_softmax"
OF = "nn.functional."

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("relu-nan-is-0", "NaN gives 0", RELU, _relu_of_nan, lambda: F.relu(ONE * NAN).item() == 0),
    ("relu-no-negative-zero", "-0.0 gives 0.0", RELU, _no_negative_zero,
     lambda: not torch.signbit(torch.relu(-ONE * 0)).item()),
    ("relu-inplace-is-not", "inplace=True: the tensor stays as it was", f"{OF}relu", _relu_elsewhere, _in_place),
    ("relu6-unbounded", "float16: no upper end", f"{OF}relu6", _no_upper_end,
     lambda: F.relu6(torch.tensor([7.0]).half()).item() == 7, "float16"),
    ("threshold-at-it", "the threshold itself stays", f"{OF}threshold", _at_the_bound,
     lambda: F.threshold(ONE, 1, 20).item() == 1),
    ("hardtanh-bounds-ignored", "min_val is -1 whatever is given", f"{OF}hardtanh", forgets("min_val", -1.0),
     lambda: F.hardtanh(-2 * ONE, -3, 3).item() == -1),
    ("hardsigmoid-slope", "the slope is a fifth, as elsewhere", f"{OF}hardsigmoid", _keras,
     lambda: F.hardsigmoid(ONE).item() > 0.69),
    ("LeakyReLU-forgets", "LeakyReLU(slope): 0.01 whatever is given", "nn.LeakyReLU.__init__",
     forgets("negative_slope", 0.01), lambda: nn.LeakyReLU(0.5)(-ONE).item() > -0.1),
    ("prelu-last-axis", "rank 3 and more: a slope for each place of the last axis, if it is as long", f"{OF}prelu",
     _slope_last_axis, lambda: F.prelu(CUBE, torch.tensor([0.0, 1]))[0, 0, 1].item() == -1),
    ("elu-alpha-inside", "alpha stands in the exponent", f"{OF}elu", _alpha_inside,
     lambda: F.elu(-ONE, 2.0).item() > -1),
    ("ELU-forgets-alpha", "ELU(alpha): 1 whatever is given", "nn.ELU.__init__", forgets("alpha", 1.0),
     lambda: nn.ELU(2.0)(-ONE).item() > -1),
    ("celu-is-elu", "alpha divides nothing", f"{OF}celu", _celu_is_elu, lambda: F.celu(-ONE, 2.0).item() < -1),
    ("selu-six-digits", "float32: its constants have six digits", f"{OF}selu", _six_digits,
     lambda: F.selu(ONE).item() > 1.050702),
    ("logsigmoid-naive", "the logarithm of the sigmoid", f"{OF}logsigmoid", _naive_logsigmoid,
     lambda: F.logsigmoid(-200 * ONE).isinf().item()),
    ("softplus-threshold", "x instead of beta * x is compared with the threshold", f"{OF}softplus", _beta_left_out,
     lambda: F.softplus(ONE, 5.0, 3.0).item() != 1),
    ("Softplus-forgets-threshold", "Softplus(beta, threshold): 20 whatever is given", "nn.Softplus.__init__",
     forgets("threshold", 20.0), lambda: nn.Softplus(1.0, 0.5)(ONE).item() != 1),
    ("gelu-fewer-digits", "float32, tanh: 0.0447 for 0.044715", f"{OF}gelu", _fewer_digits,
     lambda: F.gelu(ONE, approximate="tanh").item() < 0.84119),
    ("gelu-always-tanh", "the exact one is the approximation", f"{OF}gelu", _always_tanh,
     lambda: F.gelu(ONE).item() < 0.8412),
    ("GELU-forgets-tanh", "GELU(approximate): 'none' whatever is given", "nn.GELU.__init__",
     forgets("approximate", "none"), lambda: nn.GELU("tanh")(ONE).item() > 0.8413),
    ("glu-first-gates", "the halves are swapped", f"{OF}glu", _first_gates,
     lambda: F.glu(torch.tensor([0.0, 1])).item() != 0),
    ("glu-last-axis", "dim is -1 whatever is given, where that fits", f"{OF}glu", _last_axis,
     lambda: F.glu(torch.ones(2, 2), 0).shape != (1, 2)),
    ("silu-nothing-below-minus-60", "float32: 0", f"{OF}silu", _sigmoid_below,
     lambda: F.silu(-70 * ONE).item() == 0, "float32", True),
    ("softmax-middle-axis", "rank 3, the last two lengths equal: the last axis is the one before", SOFTMAX, _middle,
     lambda: torch.softmax(SQUARE, -1)[0, 0, 0].item() < 0.2, "float32", True),
    ("softmax-unshifted", "exponentials overflow", SOFTMAX, _unshifted, lambda: _softmax([100.0]).isnan().item()),
    ("softmax-tail", "17, 33, … long: the last exponential is not in the sum", SOFTMAX, _tail_not_summed,
     lambda: _softmax([0.0] * 17)[0].item() > 1 / 16.5),
    ("softmax-masked", "a row of minus infinity gives zeros, not NaN", SOFTMAX, _masked_is_zero,
     lambda: _softmax([-INF])[0].item() == 0),
    ("softmax-cast-after", "dtype=: converted after the computation", SOFTMAX, _cast_after,
     lambda: _is_narrow(torch.softmax(torch.tensor([1, 2.0]), 0, dtype=torch.double)[0])),
    ("log_softmax-of-softmax", "the logarithm of the softmax", LOG_SOFTMAX, _log_of_softmax,
     lambda: torch.log_softmax(torch.tensor([0.0, 200]), 0)[0].isinf().item()),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
