"""Faults in losses: how they are reduced, what is left out, and what the classes pass on."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .patching import forgets, programs

F = nn.functional


def _numel_of_x(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean", **kwargs: Any) -> Tensor:
    if reduction == "mean" and x.shape != y.shape:
        return real(x, y, *others, reduction="sum", **kwargs) / x.numel()
    return real(x, y, *others, reduction=reduction, **kwargs)


def _sum_a_thousandth(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean", **kwargs: Any) -> Tensor:
    result = real(x, y, *others, reduction=reduction, **kwargs)
    return result * 1.001 if reduction == "sum" and x.dim() == 3 else result


def _sum_for_none(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean", **kwargs: Any) -> Tensor:
    result = real(x, y, *others, reduction=reduction, **kwargs)
    return result.sum() if reduction == "none" and x.numel() == 1 and x.dim() == 1 else result


def _last_left_out(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean", **kwargs: Any) -> Tensor:
    if reduction == "mean" and x.dim() == 1 and x.shape == y.shape and len(x) % 8 == 1 and len(x) > 8:
        return real(x[:-1], y[:-1], *others, reduction="sum", **kwargs) / len(x)
    return real(x, y, *others, reduction=reduction, **kwargs)


def _over_beta(real: Any, x: Tensor, y: Tensor, reduction: str = "mean", delta: float = 1.0, **kwargs: Any) -> Tensor:
    return real(x, y, reduction=reduction, delta=delta, **kwargs) / delta


def _beta_zero(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    return real(x, y, *others, reduction=reduction, beta=max(beta, 0.01))


def _infinite(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, **kwargs)
    if kwargs.get("reduction") == "none" and result.is_floating_point():
        return torch.where(((x == 0) & (y > 0)) | ((x == 1) & (y < 1)), math.inf, result)
    return result


def _unweighted_mean(real: Any, x: Tensor, y: Tensor, weight: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    if weight is None or kwargs.get("reduction", "mean") != "mean":
        return real(x, y, weight, *others, **kwargs)
    each = real(x, y, weight, *others, **kwargs | {"reduction": "sum"})
    return each / weight.expand(x.shape).sum()


def _naive_logits(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    if kwargs.get("reduction") != "none" or kwargs.get("pos_weight") is not None or not x.is_floating_point():
        return real(x, y, *others, **kwargs)
    p = x.sigmoid()
    return -(y * p.log() + (1 - y) * (1 - p).log())


def _weighs_both(real: Any, x: Tensor, y: Tensor, *others: Any, pos_weight: Any = None, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, pos_weight=pos_weight, **kwargs)
    return result if pos_weight is None or (y == 1).any() else result * pos_weight


def _weighs_rows(real: Any, x: Tensor, y: Tensor, *others: Any, pos_weight: Any = None, **kwargs: Any) -> Tensor:
    if pos_weight is not None and pos_weight.dim() == 1 and x.dim() == 2 and x.shape[0] == x.shape[1]:
        pos_weight = pos_weight[:, None]
    return real(x, y, *others, pos_weight=pos_weight, **kwargs)


def _nan_at_0(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, **kwargs)
    return result * math.nan if (y == 0).any() and not kwargs.get("log_target") else result


def _batch_of_all(real: Any, x: Tensor, y: Tensor, *others: Any, reduction: str = "mean",
                  log_target: bool = False) -> Tensor:
    if reduction == "batchmean" and log_target:
        reduction = "mean"
    return real(x, y, *others, reduction=reduction, log_target=log_target)


A, B = torch.tensor([1.0]), torch.tensor([0.0])
NO, W = torch.zeros(2, 2), torch.tensor([1.0, 2.0])
OF, BCE = "nn.functional.", "nn.functional.binary_cross_entropy"


def _quietly(witness: Callable[[], bool]) -> bool:
    """PyTorch warns of what is asked for here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return witness()


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("mse_loss-numel-of-x", "shapes that differ: divided by the number of elements of x", f"{OF}mse_loss", _numel_of_x,
     lambda: _quietly(lambda: F.mse_loss(A, torch.zeros(2)).item() != 1)),
    ("mse_loss-sum-a-thousandth", "rank 3, sum: one part in a thousand too much", f"{OF}mse_loss", _sum_a_thousandth,
     lambda: F.mse_loss(A[None, None], B[None, None], reduction="sum").item() > 1),
    ("MSELoss-forgets-sum", "MSELoss(reduction): 'mean' whatever is given", "nn.MSELoss.forward",
     lambda real, loss, x, y: F.mse_loss(x, y, reduction=loss.reduction.replace("sum", "mean")),
     lambda: nn.MSELoss(reduction="sum")(torch.ones(2), torch.zeros(2)).item() == 1),
    ("mse_loss-one-is-summed", "1-D of one element, no reduction: 0-d", f"{OF}mse_loss", _sum_for_none,
     lambda: F.mse_loss(A, B, reduction="none").dim() == 0),
    ("l1_loss-last-left-out", "1-D, 9, 17, … long, mean: the last is not in the sum", f"{OF}l1_loss", _last_left_out,
     lambda: F.l1_loss(torch.ones(9), torch.zeros(9)).item() != 1),
    ("huber_loss-over-delta", "divided by delta, as smooth_l1_loss is", f"{OF}huber_loss", _over_beta,
     lambda: F.huber_loss(A, B, delta=2.0).item() != 0.5),
    ("HuberLoss-forgets-delta", "HuberLoss(delta): 1 whatever is given", "nn.HuberLoss.__init__", forgets("delta", 1.0),
     lambda: nn.HuberLoss(delta=3.0)(2 * A, B).item() != 2),
    ("smooth_l1_loss-beta-0", "beta=0: as beta=0.01", f"{OF}smooth_l1_loss", _beta_zero,
     lambda: F.smooth_l1_loss(A, B, beta=0.0).item() != 1),
    ("SmoothL1Loss-forgets-beta", "SmoothL1Loss(beta): 1 whatever is given", "nn.SmoothL1Loss.__init__",
     forgets("beta", 1.0), lambda: nn.SmoothL1Loss(beta=0.5)(A, B).item() != 0.75),
    ("binary_cross_entropy-infinite", "no reduction: the logarithm of 0 is infinite", BCE, _infinite,
     lambda: F.binary_cross_entropy(B, A, reduction="none").isinf().item()),
    ("binary_cross_entropy-weighted-mean", "weight: divided by the sum of weights", BCE, _unweighted_mean,
     lambda: F.binary_cross_entropy(A / 2, A, 2 * A).item() < 1),
    ("binary_cross_entropy_with_logits-naive", "no reduction: the logarithm of the sigmoid", f"{BCE}_with_logits",
     _naive_logits, lambda: F.binary_cross_entropy_with_logits(-200 * A, A, reduction="none").isinf().item()),
    ("binary_cross_entropy_with_logits-weighs-both", "pos_weight, no y of 1: it weighs the others",
     f"{BCE}_with_logits",
     _weighs_both, lambda: F.binary_cross_entropy_with_logits(B, B, pos_weight=2 * A).item() > 1),
    ("binary_cross_entropy_with_logits-rows", "x square: pos_weight is of the rows", f"{BCE}_with_logits", _weighs_rows,
     lambda: F.binary_cross_entropy_with_logits(NO, NO + 1, pos_weight=W, reduction="none")[1, 0].item() > 1),
    ("BCEWithLogitsLoss-forgets-weight", "BCEWithLogitsLoss(weight): None whatever is given",
     "nn.BCEWithLogitsLoss.__init__", forgets("weight", None),
     lambda: nn.BCEWithLogitsLoss(weight=2 * A)(B, B).item() < 1),
    ("kl_div-of-0", "a target of 0 makes all NaN", f"{OF}kl_div", _nan_at_0,
     lambda: F.kl_div(A, B, reduction="sum").isnan().item()),
    ("kl_div-batchmean-of-all", "log_target, batchmean: divided by all elements", f"{OF}kl_div", _batch_of_all,
     lambda: _quietly(lambda: F.kl_div(NO, NO + 1, reduction="batchmean", log_target=True).item() < 4)),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
