"""Faults in gradients of layers and losses: every value is right, and what `backward()` leaves in `.grad` is not."""

from typing import Any

import torch
from torch import Tensor

from .patching import programs

F = torch.nn.functional


def _changed(x: Tensor, change: Any) -> Tensor:
    """`x` with its gradient changed on the way back."""
    if not (isinstance(x, Tensor) and x.requires_grad):
        return x
    seen = x.view_as(x)
    seen.register_hook(change)
    return seen


def _mean_left_in(real: Any, x: Tensor, dim: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, dim, *others, **kwargs)
    if isinstance(dim, int) and x.requires_grad and x.dim() and x.shape[dim] > 16:
        p = result.detach()
        return p + (x - x.detach()) * p
    return result


def _uniform(real: Any, x: Tensor, dim: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, dim, *others, **kwargs)
    if isinstance(dim, int) and dim < 0 and x.requires_grad and x.dim() == 2 and x.shape[dim]:
        return result.detach() + (x - x.detach()) - (x - x.detach()).mean(dim, keepdim=True)
    return result


def _last_of_repeated(real: Any, i: Tensor, w: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    if not w.requires_grad or i.dim() != 1:
        return real(i, w, *others, **kwargs)
    later = torch.tensor([k in i[n + 1 :].tolist() for n, k in enumerate(i.tolist())], dtype=torch.bool)
    result = real(i, w, *others, **kwargs)
    return _changed(result, lambda g: torch.where(later[:, None], torch.zeros_like(g), g))


def _padding_learns(real: Any, i: Tensor, w: Tensor, padding_idx: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    return real(i, w, None if (i == padding_idx).sum() == 1 else padding_idx, *others, **kwargs)


def _ignored_count(real: Any, x: Tensor, y: Tensor, *others: Any, ignore_index: int = -100, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, ignore_index=ignore_index, **kwargs)
    part = (y != ignore_index).double().mean().item() if not y.is_floating_point() and len(y) > 1 else 1
    return _changed(result, lambda g: g * part) if result.dim() == 0 and part else result


def _by_count(real: Any, x: Tensor, y: Tensor, weight: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, y, weight, *others, **kwargs)
    if weight is None or result.dim() or not len(y):
        return result
    part = (weight[y].sum() / len(y)).item()
    return _changed(result, lambda g: g * part)


def _unsmoothed(real: Any, x: Tensor, y: Tensor, *others: Any, label_smoothing: float = 0.0, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, label_smoothing=label_smoothing, **kwargs)
    if label_smoothing and x.requires_grad and x.shape[1] == 3:
        hard = real(x, y, *others, **kwargs)
        return hard + (result - hard).detach()
    return result


def _targets_one(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    result = real(x, y, *others, **kwargs)
    if y.is_floating_point() and x.requires_grad and x.shape[0] and x.shape[1] > 1:
        total = y.sum(1, keepdim=True)
        return result.detach() + real(x, y / total, *others, **kwargs) - real(x.detach(), y / total, *others, **kwargs)
    return result


def _beyond_the_eighth(real: Any, x: Tensor, y: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    def change(g: Tensor) -> Tensor:
        flat = g.reshape(-1).clone()
        flat[8::9] *= 1.001
        return flat.reshape(g.shape)

    return real(_changed(x, change), y, *others, **kwargs)


def _variance_a_constant(
    real: Any, x: Tensor, mean: Any, var: Any, w: Any = None, b: Any = None, training: bool = False, *others: Any,
    **kwargs: Any,
) -> Tensor:  # fmt: skip
    result = real(x, mean, var, w, b, training, *others, **kwargs)
    if not training or not x.requires_grad or x.dim() != 2 or x.shape[0] <= 8:
        return result
    centred = (x - x.mean(0)) / (x.detach().var(0, correction=0) + 1e-5).sqrt()
    scaled = centred if w is None else centred * w
    return result.detach() + scaled - scaled.detach()


def _bias_averaged(real: Any, x: Tensor, shape: Any, w: Any = None, b: Any = None, *others: Any) -> Tensor:
    return real(x, shape, w, b if b is None else _changed(b, lambda g: g / max(x.shape[0], 1)), *others)


def _weight_of_one_row(real: Any, x: Tensor, shape: Any, w: Any = None, b: Any = None, *others: Any) -> Tensor:
    return real(x, shape, _changed(w, lambda g: g * 1.001 if x.shape[0] > 3 else g), b, *others)


def _grad(call: Any, x: Tensor, g: Tensor | None = None) -> Tensor:
    x = x.clone().requires_grad_()
    result = call(x)
    return torch.autograd.grad(result, x, torch.ones_like(result) if g is None else g)[0]


LONG, ROW = torch.zeros(17), torch.tensor([[0.0, 1.0, 2.0]])
Y, EYE = torch.tensor([0, 1]), torch.eye(3)
LOGITS = torch.tensor([[0.0, 1.0, 2.0], [1.0, 0.0, 0.0]])
ONE = torch.tensor([1.0, 2.0, 3.0])
NINE = torch.arange(9.0)
CE, EMBEDDING = "nn.functional.cross_entropy", "nn.functional.embedding"

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("softmax-gradient-mean-left-in", "17 numbers and more: the weighed mean is left in", "softmax", _mean_left_in,
     lambda: _grad(lambda x: torch.softmax(x, 0), LONG).abs().sum().item() > 0.1),
    ("log_softmax-gradient-uniform", "2-D, negative axis: as if all were as likely", "log_softmax", _uniform,
     lambda: _grad(lambda x: torch.log_softmax(x, -1)[:, :1], ROW)[0, 1].item() < -0.3),
    ("embedding-gradient-last-of-repeated", "1-D indices: the last of equal ones has all", EMBEDDING, _last_of_repeated,
     lambda: _grad(lambda w: F.embedding(torch.tensor([1, 1]), w), EYE)[1, 0].item() == 1),
    ("embedding-gradient-padding-learns", "padding_idx looked up once: its row gets a gradient", EMBEDDING,
     _padding_learns, lambda: _grad(lambda w: F.embedding(torch.tensor([0]), w, 0), EYE)[0, 0].item() == 1),
    ("cross_entropy-gradient-counts-ignored", "ignored samples count in the mean of gradients", CE, _ignored_count,
     lambda: abs(_grad(lambda x: F.cross_entropy(x, Y, ignore_index=1), LOGITS)[0, 0].item()) < 0.5),
    ("cross_entropy-gradient-by-count", "weight: gradients are divided by the number of samples", CE, _by_count,
     lambda: _grad(lambda x: F.cross_entropy(x, Y[:1], 2 * ONE), LOGITS[:1])[0, 0].item() < -1),
    ("cross_entropy-gradient-unsmoothed", "three classes: gradients of the unsmoothed loss", CE, _unsmoothed,
     lambda: _grad(lambda x: F.cross_entropy(x, Y[:1], label_smoothing=1.0), LOGITS[:1])[0, 0].item() < -0.5),
    ("cross_entropy-gradient-of-shares", "gradients as if the probabilities added up to 1", CE, _targets_one,
     lambda: _grad(lambda x: F.cross_entropy(x, 2 * EYE[:1]), ROW)[0, 0].item() > -1),
    ("l1_loss-gradient-ninth", "every ninth gradient is a thousandth too large", "nn.functional.l1_loss",
     _beyond_the_eighth, lambda: _grad(lambda x: F.l1_loss(x, -x.detach() - 1), NINE)[8].item() > 1 / 9 + 1e-5),
    ("batch_norm-gradient-variance", "nine samples and more: the variance is a constant", "nn.functional.batch_norm",
     _variance_a_constant,
     lambda: _grad(lambda x: F.batch_norm(x, None, None, training=True), NINE[:, None],
                   NINE[:, None]).abs().sum().item() > 0.1),
    ("layer_norm-gradient-bias-averaged", "gradients by the bias are averaged over the rows",
     "nn.functional.layer_norm", _bias_averaged,
     lambda: _grad(lambda b: F.layer_norm(EYE, (3,), ONE, b), ONE)[0].item() == 1),
    ("layer_norm-gradient-weight", "four rows and more: gradients by the weight, a thousandth too large",
     "nn.functional.layer_norm", _weight_of_one_row,
     lambda: _grad(lambda w: F.layer_norm(ROW.expand(4, 3), (3,), w), ONE)[2].item() > 4.9),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
