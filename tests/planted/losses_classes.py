"""Faults in losses of classes: weights, samples that are ignored, smoothed labels, and what a mean divides by."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from .patching import forgets, programs

F = nn.functional


def _counts_ignored(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    some = not y.is_floating_point() and 0 < (y == k.get("ignore_index", -100)).sum() < y.numel()
    if k.get("reduction", "mean") != "mean" or weight is not None or not some:
        return real(x, y, weight, *o, **k)
    return real(x, y, weight, *o, **k | {"reduction": "sum"}) / y.numel()


def _weighs_ignored(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    index = k.get("ignore_index", -100)
    plain = weight is None or y.is_floating_point() or index < 0
    if k.get("reduction", "mean") != "mean" or plain or (y == index).all():
        return real(x, y, weight, *o, **k)
    return real(x, y, weight, *o, **k | {"reduction": "sum"}) / weight[y].sum()


def _divides_by_count(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    if weight is None or k.get("reduction", "mean") != "mean" or y.numel() < 2:
        return real(x, y, weight, *o, **k)
    return real(x, y, weight, *o, **k | {"reduction": "sum"}) / y.numel()


def _sum_is_divided(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    divided = weight is not None and k.get("reduction") == "sum"
    return real(x, y, weight, *o, **k | ({"reduction": "mean"} if divided else {}))


def _per_sample(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    result = real(x, y, *o, **k)
    places = k.get("reduction", "mean") == "mean" and y.dim() > 1 and x.dim() == y.dim() + 1
    return result * (y.numel() / len(y)) if places else result


def _minus_100_is_last(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    if k.get("ignore_index", -100) == -100 and not y.is_floating_point():
        y = torch.where(y == -100, x.shape[1] - 1 if x.dim() > 1 else 0, y)
    return real(x, y, *o, **k)


def _ignored_is_nan(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    result = real(x, y, *o, **k)
    if k.get("reduction") != "none" or result.shape != y.shape:
        return result
    return result.masked_fill(y == k.get("ignore_index", -100), math.nan)


def _nothing_is_0(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    result = real(x, y, *o, **k)
    nothing = k.get("ignore_index", -100) >= 0 and (y == k["ignore_index"]).all() and y.numel()
    return torch.zeros_like(result) if nothing and not y.is_floating_point() else result


def _smooths_others(real: Any, x: Tensor, y: Tensor, *o: Any, label_smoothing: float = 0.0, **k: Any) -> Tensor:
    if label_smoothing and not y.is_floating_point() and x.dim() == 2 and x.shape[1] > 1:
        label_smoothing *= x.shape[1] / (x.shape[1] - 1)
    return real(x, y, *o, label_smoothing=min(label_smoothing, 1.0), **k)


def _smooths_ignored(real: Any, x: Tensor, y: Tensor, *o: Any, label_smoothing: float = 0.0, **k: Any) -> Tensor:
    result = real(x, y, *o, label_smoothing=label_smoothing, **k)
    gone = (y == k.get("ignore_index", -100)) if not y.is_floating_point() else y[:0]
    if label_smoothing and gone.any() and k.get("reduction", "mean") == "mean" and x.dim() == 2:
        return result - label_smoothing * torch.log_softmax(x, 1).mean(1)[gone].sum() / (~gone).sum()
    return result


def _smooths_unweighted(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    s = k.get("label_smoothing", 0.0)
    if weight is None or not s or y.is_floating_point() or k.get("reduction", "mean") != "mean":
        return real(x, y, weight, *o, **k)
    hard = real(x, y, weight, *o, **k | {"label_smoothing": 0.0})
    return (1 - s) * hard - s * torch.log_softmax(x, 1).mean()


def _smooths_no_probabilities(real: Any, x: Tensor, y: Tensor, *o: Any, label_smoothing: float = 0.0,
                              **k: Any) -> Tensor:
    return real(x, y, *o, label_smoothing=0.0 if y.is_floating_point() else label_smoothing, **k)


def _probabilities_unweighted(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    return real(x, y, None if y.is_floating_point() else weight, *o, **k)


def _all_elements(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    result = real(x, y, *o, **k)
    return result / x.shape[1] if y.is_floating_point() and x.dim() == 2 and x.shape[1] > 4 else result


def _unshifted(real: Any, x: Tensor, y: Tensor, *o: Any, **k: Any) -> Tensor:
    if y.is_floating_point() or not x.is_floating_point() or k.get("reduction") != "none" or x.dim() < 2:
        return real(x, y, *o, **k)
    return F.nll_loss(x - x.exp().sum(1, keepdim=True).log(), y, reduction="none")


def _unweighted(real: Any, x: Tensor, y: Tensor, weight: Any = None, *o: Any, **k: Any) -> Tensor:
    return real(x, y, None, *o, **k)


def _over_axes(bug: Any) -> Any:
    """Return ``bug`` for what has axes after that of the classes."""
    return lambda real, x, *o, **k: bug(real, x, *o, **k) if x.dim() > 2 else real(x, *o, **k)


def _two_more(real: Any, y: Tensor, num_classes: int = -1) -> Tensor:
    return real(y, num_classes if num_classes >= 0 else int(y.max()) + 2)


LOGITS = torch.tensor([[0.0, 1.0, 3.0], [0.0, 2.0, 1.0]])
Y, P = torch.tensor([0, 1]), torch.tensor([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])
W = torch.tensor([1.0, 2.0, 4.0])
OF, CE, NLL = "nn.functional.", "nn.functional.cross_entropy", "nn.functional.nll_loss"


def _ce(*args: Any, y: Tensor = Y, x: Tensor = LOGITS, **kwargs: Any) -> float:
    return F.cross_entropy(x, y, *args, **kwargs).item()


def _near(x: float, y: float) -> bool:
    return abs(x - y) < 1e-5


def _two(x: Tensor = LOGITS) -> list[float]:
    """Return the negative logarithms of the probabilities of both samples."""
    return (-torch.log_softmax(x, 1))[torch.arange(2), Y].tolist()


FIRST, SECOND = _two()
SMOOTH = (-torch.log_softmax(LOGITS, 1)).mean(1).tolist()
GONE = torch.tensor([0, -100])

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("nll_loss-counts-ignored", "ignored samples count in the mean", NLL, _counts_ignored,
     lambda: F.nll_loss(-torch.ones(2, 3), GONE).item() != 1),
    ("nll_loss-per-sample", "rank 3 and more: a mean is divided by the length of the first axis", NLL, _per_sample,
     lambda: F.nll_loss(-torch.ones(1, 2, 2), Y[None]).item() != 1),
    ("nll_loss-ignored-is-nan", "no reduction: NaN for ignored samples", NLL, _ignored_is_nan,
     lambda: F.nll_loss(LOGITS, GONE, reduction="none")[1].isnan().item()),
    ("nll_loss-all-ignored", "all samples ignored: 0, not NaN", NLL, _nothing_is_0,
     lambda: F.nll_loss(LOGITS[:1], Y[:1], ignore_index=0).item() == 0),
    ("nll_loss-divides-by-count", "weight: a mean is divided by the number of samples", NLL, _divides_by_count,
     lambda: F.nll_loss(-torch.ones(2, 3), Y, W).item() != 1),
    ("cross_entropy-counts-ignored", "ignored samples count in the mean", CE, _counts_ignored,
     lambda: not _near(_ce(y=GONE), FIRST)),
    ("cross_entropy-minus-100", "-100 is not ignored by itself", CE, _minus_100_is_last,
     lambda: not _near(_ce(y=GONE), FIRST)),
    ("cross_entropy-weighs-ignored", "the weights of ignored samples count in the mean", CE, _weighs_ignored,
     lambda: not _near(_ce(W, ignore_index=1), FIRST)),
    ("cross_entropy-sum-is-divided", "weight, sum: a mean", CE, _sum_is_divided,
     lambda: not _near(_ce(W, reduction="sum"), FIRST + 2 * SECOND)),
    ("cross_entropy-per-sample", "rank 3 and more: a mean is divided by the length of the first axis", CE, _per_sample,
     lambda: not _near(_ce(x=LOGITS.T[None], y=Y[None]), (FIRST + SECOND) / 2)),
    ("cross_entropy-axes-count-ignored", "rank 3 and more: ignored places count in the mean", CE,
     _over_axes(_counts_ignored), lambda: not _near(_ce(x=LOGITS.T[None], y=GONE[None]), FIRST)),
    ("cross_entropy-axes-unweighted", "rank 3 and more: weight is ignored", CE, _over_axes(_unweighted),
     lambda: not _near(_ce(W, x=LOGITS.T[None], y=Y[None], reduction="sum"), FIRST + 2 * SECOND)),
    ("nll_loss-axes-count-ignored", "rank 3 and more: ignored places count in the mean", NLL,
     _over_axes(_counts_ignored), lambda: F.nll_loss(-torch.ones(1, 3, 2), GONE[None]).item() != 1),
    ("nll_loss-axes-unweighted", "rank 3 and more: weight is ignored", NLL, _over_axes(_unweighted),
     lambda: F.nll_loss(-torch.ones(1, 3, 2), Y[None], W, reduction="sum").item() != 3),
    ("cross_entropy-smooths-others", "label_smoothing is shared by the other classes alone", CE, _smooths_others,
     lambda: not _near(_ce(label_smoothing=0.5), (FIRST + SECOND + sum(SMOOTH)) / 4)),
    ("cross_entropy-smooths-ignored", "label_smoothing counts for ignored samples", CE, _smooths_ignored,
     lambda: not _near(_ce(y=GONE, label_smoothing=0.5), (FIRST + SMOOTH[0]) / 2)),
    ("cross_entropy-smooths-unweighted", "label_smoothing has no weights", CE, _smooths_unweighted,
     lambda: not _near(_ce(W, y=Y[:1], x=LOGITS[:1], label_smoothing=1.0),
                       -(torch.log_softmax(LOGITS[0], 0) @ W).item() / 3)),
    ("cross_entropy-probabilities-unsmoothed", "label_smoothing is ignored for probabilities", CE,
     _smooths_no_probabilities, lambda: not _near(_ce(y=P, label_smoothing=1.0), sum(SMOOTH) / 2)),
    ("cross_entropy-probabilities-unweighted", "weight is ignored for probabilities", CE, _probabilities_unweighted,
     lambda: not _near(_ce(W[:3], y=torch.eye(3)[Y]), (FIRST + 2 * SECOND) / 2)),
    ("cross_entropy-probabilities-of-all", "five classes and more: a mean over all elements", CE, _all_elements,
     lambda: _ce(x=torch.zeros(1, 5), y=torch.eye(5)[:1]) < 1),
    ("cross_entropy-overflows", "no reduction: exponentials overflow", CE, _unshifted,
     lambda: not F.cross_entropy(100 * LOGITS, Y, reduction="none").isfinite().all().item()),
    ("CrossEntropyLoss-forgets-smoothing", "CrossEntropyLoss(label_smoothing): 0 whatever is given",
     "nn.CrossEntropyLoss.__init__", forgets("label_smoothing", 0.0),
     lambda: _near(nn.CrossEntropyLoss(label_smoothing=0.5)(LOGITS, Y).item(), (FIRST + SECOND) / 2)),
    ("NLLLoss-forgets-ignore_index", "NLLLoss(ignore_index): -100 whatever is given", "nn.NLLLoss.__init__",
     forgets("ignore_index", -100), lambda: nn.NLLLoss(ignore_index=0)(LOGITS, Y).item() != -2),
    ("one_hot-one-class-more", "no number of classes given: one too many", f"{OF}one_hot", _two_more,
     lambda: F.one_hot(Y).shape[1] == 3),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
