"""Faults in gradients of losses with options, in eval, and in second derivatives: every value is right."""

from typing import Any

import torch
from torch import Tensor

from .gradient_formulas import EYE, LOGITS, ONE, ROW, F, Y, _changed, _grad
from .patching import programs


def _counts_ignored(real: Any, x: Tensor, y: Tensor, *others: Any, ignore_index: int = -100, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, ignore_index=ignore_index, **kwargs)
    part = (y != ignore_index).double().mean().item() if y.dim() == 1 and len(y) > 1 else 1
    return _changed(result, lambda g: g * part) if result.dim() == 0 and part else result


def _weighs_twice(real: Any, x: Tensor, y: Tensor, weight: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    twice = weight is not None and kwargs.get("reduction") == "sum" and x.shape[1] > 2 and weight.dim() == 1
    fits = twice and len(weight) == x.shape[1]
    return real(_changed(x, lambda g: g * weight) if fits else x, y, weight, *others, **kwargs)


def _flat_at_the_ends(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    inside = (x.detach() > 0) & (x.detach() < 1)
    return real(_changed(x, lambda g: torch.where(inside, g, torch.zeros_like(g))), y, *others, **kwargs)


def _one_weight_forgotten(
    real: Any, x: Tensor, y: Tensor, *others: Any, pos_weight: Any = None, **kwargs: Any
) -> Tensor:  # fmt: skip
    result = real(x, y, *others, pos_weight=pos_weight, **kwargs)
    if pos_weight is None or (kwargs.get("weight") is None and not others) or kwargs.get("reduction") != "none":
        return result
    other = real(x, y, *others, **kwargs)
    return result.detach() + other - other.detach()


def _bias_averaged(
    real: Any, x: Tensor, mean: Any, var: Any, w: Any = None, b: Any = None, training: bool = False, *others: Any,
    **kwargs: Any,
) -> Tensor:  # fmt: skip
    seen = b if training or b is None or not len(x) else _changed(b, lambda g: g / len(x))
    return real(x, mean, var, w, seen, training, *others, **kwargs)


def _curved(result: Tensor, x: Tensor, by: float) -> Tensor:
    """`result` with its second derivative by `x` too large, and value and gradient as they are."""
    if not x.requires_grad or result.shape != x.shape or not x.is_floating_point():
        return result
    still = torch.where(torch.isfinite(x), x - x.detach(), torch.zeros_like(x))
    return torch.where(torch.isfinite(result), result + by / 2 * still**2, result)


def _curved_below(real: Any, x: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, *others, **kwargs)
    return _curved(result, x, 0.25 if not others and x.dim() == 1 and x.numel() > 4 else 0)


def _curved_rows(real: Any, x: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, *others, **kwargs)
    return _curved(result, x, 0.001) if x.dim() == 2 else result


def _twice(call: Any, x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(call(x).sum(), x, create_graph=True)
    return torch.autograd.grad(first.sum(), x)[0]


NLL, BCE = "nn.functional.nll_loss", "nn.functional.binary_cross_entropy"

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("nll_loss-gradient-counts-ignored", "ignored samples count in the mean of gradients", NLL, _counts_ignored,
     lambda: _grad(lambda x: F.nll_loss(x, Y, ignore_index=1), LOGITS)[0, 0].item() == -0.5),
    ("nll_loss-gradient-weighs-twice", "three classes and more, a sum: weights are multiplied with twice", NLL,
     _weighs_twice, lambda: _grad(lambda x: F.nll_loss(x, Y[1:], ONE, reduction="sum"), ROW)[0, 1].item() == -4),
    ("binary_cross_entropy-gradient-flat", "probabilities of 0 and 1 have gradient 0", BCE, _flat_at_the_ends,
     lambda: _grad(lambda x: F.binary_cross_entropy(x, EYE[0]), torch.zeros(3))[0].item() == 0),
    ("binary_cross_entropy_with_logits-gradient-weights", "with a weight, gradients forget pos_weight",
     f"{BCE}_with_logits", _one_weight_forgotten,
     lambda: _grad(lambda x: F.binary_cross_entropy_with_logits(x, ONE / 3, ONE, pos_weight=ONE, reduction="none"),
                   torch.zeros(3), ONE)[2].item() == -4.5),
    ("batch_norm-gradient-eval-bias", "in eval, gradients by the bias are averaged over the samples",
     "nn.functional.batch_norm", _bias_averaged,
     lambda: _grad(lambda b: F.batch_norm(EYE, ONE, ONE, ONE, b), ONE)[0].item() == 1),
    ("exp-second-derivative", "1-D, five numbers and more: a quarter is added", "exp", _curved_below,
     lambda: _twice(torch.exp, torch.zeros(5))[0].item() == 1.25),
    ("softmax-second-derivative", "2-D: each number by itself is too curved by a thousandth", "softmax", _curved_rows,
     lambda: _twice(lambda x: torch.softmax(x, 1), ROW)[0, 0].item() > 0.0009, "float64"),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
