"""Faults in layers that normalise: parameters that are forgotten, and what a batch norm keeps of its batches."""

from typing import Any

import torch
from torch import Tensor, nn

from .patching import programs

F = nn.functional


def _bare_in(*, training: bool) -> Any:
    """Return a batch norm that forgets weight and bias, in training or in eval()."""

    def bug(real: Any, layer: Any, x: Tensor) -> Tensor:
        result = real(layer, x)
        if layer.training != training or layer.weight is None or not result.numel():
            return result
        kept = (None, None) if training else (layer.running_mean, layer.running_var)
        return F.batch_norm(x, *kept, None, None, training or kept[0] is None, 0.1, layer.eps)

    return bug


def _trains_on(real: Any, layer: Any, x: Tensor) -> Tensor:
    """Normalise with running numbers that a layer without them does not have: those of a new one."""
    if layer.training or layer.running_mean is not None or layer.weight is None or not x.numel():
        return real(layer, x)
    new = x.new_zeros(x.shape[1]), x.new_ones(x.shape[1])
    return F.batch_norm(x, *new, layer.weight, layer.bias, training=False, eps=layer.eps)


def _of_samples(real: Any, layer: Any, x: Tensor) -> Tensor:
    """Correct the variance of three axes by the number of samples."""
    old = None if layer.running_var is None else layer.running_var.clone()
    result = real(layer, x)
    if old is None or x.dim() != 3 or len(x) < 2 or layer.momentum is None or not layer.training:
        return result
    var = x.detach().transpose(0, 1).flatten(1).var(1, unbiased=False) * len(x) / (len(x) - 1)
    layer.running_var.copy_(old * (1 - layer.momentum) + layer.momentum * var)
    return result


def _drifts(name: str) -> Any:
    """Return a batch norm that keeps a thousandth too much from the second batch on."""

    def bug(real: Any, layer: Any, x: Tensor) -> Tensor:
        result = real(layer, x)
        if layer.training and layer.num_batches_tracked is not None and layer.num_batches_tracked >= 2:
            getattr(layer, name).mul_(1.001)
        return result

    return bug


def _a_tenth(real: Any, layer: Any, x: Tensor) -> Tensor:
    momentum, layer.momentum = layer.momentum, 0.1 if layer.momentum is None else layer.momentum
    try:
        return real(layer, x)
    finally:
        layer.momentum = momentum


def _bare(real: Any, layer: Any, x: Tensor) -> Tensor:
    return F.layer_norm(x, layer.normalized_shape, None, None, layer.eps)


def _eps_of_new(real: Any, layer: Any, x: Tensor) -> Tensor:
    return F.layer_norm(x, layer.normalized_shape, layer.weight, layer.bias)


def _flipped(real: Any, x: Tensor, shape: Any, weight: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    return real(x, shape, weight.flip(0) if weight is not None and len(shape) > 1 else weight, *others, **kwargs)


# Witnesses

X = torch.tensor([[1.0], [3.0]])
ROW = X.T
BLOCK = torch.arange(8.0).reshape(2, 1, 4)


def _batch_norm(x: Tensor, *, training: bool = True, **kwargs: Any) -> float:
    layer = nn.BatchNorm1d(1, **kwargs).train(training)
    layer.bias.data.fill_(5)
    return layer(x).flatten()[0].item()


def _kept(x: Tensor, name: str, batches: int = 2, **kwargs: Any) -> float:
    layer = nn.BatchNorm1d(1, **kwargs)
    for _ in range(batches):
        layer(x)
    return getattr(layer, name).item()


def _layer_norm(eps: float = 1e-5) -> float:
    layer = nn.LayerNorm(2, eps=eps)
    layer.bias.data.fill_(5)
    return layer(ROW)[0, 0].item()


def _weighed() -> float:
    return F.layer_norm(X, (2, 1), torch.tensor([[1.0], [0.0]]))[1, 0].item()


BATCH_NORM, LAYER_NORM = "nn.BatchNorm1d.forward", "nn.LayerNorm.forward"

_ROWS: tuple[tuple[Any, ...], ...] = (
    ("BatchNorm1d-eval-bare", "eval: weight and bias are forgotten", BATCH_NORM, _bare_in(training=False),
     lambda: _batch_norm(X, training=False) < 2),
    ("BatchNorm1d-train-bare", "training: weight and bias are forgotten", BATCH_NORM, _bare_in(training=True),
     lambda: _batch_norm(X) < 2),
    ("BatchNorm1d-untracked-eval", "eval, track_running_stats=False: not by the batch", BATCH_NORM, _trains_on,
     lambda: _batch_norm(X, training=False, track_running_stats=False) > 5),
    ("BatchNorm1d-axes-of-samples", "rank 3: the running variance is corrected by the number of samples", BATCH_NORM,
     _of_samples, lambda: _kept(BLOCK, "running_var", 1) > 1.6),
    ("BatchNorm1d-mean-drifts", "the running mean is a thousandth too large from the second batch on", BATCH_NORM,
     _drifts("running_mean"), lambda: _kept(X, "running_mean") > 0.3801),
    ("BatchNorm1d-variance-drifts", "the running variance is a thousandth too large from the second batch on",
     BATCH_NORM, _drifts("running_var"), lambda: _kept(X, "running_var") > 1.1901),
    ("BatchNorm1d-momentum-None", "momentum=None: as 0.1", BATCH_NORM, _a_tenth,
     lambda: _kept(X, "running_mean", momentum=None) < 1),
    ("LayerNorm-bare", "weight and bias are forgotten", LAYER_NORM, _bare, lambda: _layer_norm() < 2),
    ("LayerNorm-eps", "eps: 1e-5 whatever is given", LAYER_NORM, _eps_of_new, lambda: _layer_norm(eps=3.0) < 4.1),
    ("layer_norm-weight-flipped", "two axes: the weight is turned round along the first", "nn.functional.layer_norm",
     _flipped, lambda: _weighed() > 0.9),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
