"""Faults in layers: linear ones, embeddings, dropout, what holds them, and their parameters."""

from typing import Any

import torch
from torch import Tensor, nn

from .patching import accepted, copies, misread, next_up, programs

F = nn.functional

# Linear layers: linear(x, w, b)


def _square_untransposed(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    return real(x, w.t() if w.dim() == 2 and w.shape[0] == w.shape[1] else w, b)


def _bias_twice(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    result = real(x, w, b)
    return result + b if b is not None and x.dim() == 2 and len(x) == 1 else result


def _no_bias_of_one_sample(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    return real(x, w) if x.dim() == 1 else real(x, w, b)


def _ten_bits(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    if x.dtype != torch.float32 or w.dtype != torch.float32 or w.shape[-1] < 4:
        return real(x, w, b)
    x, w = ((t.detach().contiguous().view(torch.int32) & ~0x1FFF).view(torch.float32) for t in (x, w))
    return real(x, w, b)


def _narrow(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    right = real(x, w, b)
    return right.float().double() if right.dtype == torch.float64 else right


def _last_without_bias(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    result = real(x, w, b)
    if b is None or len(w) < 3 or len(b) != len(w) or b.dtype != torch.float32:
        return result
    return torch.cat([result[..., :-1], real(x, w)[..., -1:]], -1)


def _misread_weight(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    return real(x, w if w.is_contiguous() else misread(w), b)


def _batch_axes_swapped(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    return real(x.transpose(0, 1) if x.dim() == 4 and x.shape[0] == x.shape[1] > 1 else x, w, b)


def _bias_alone(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    result = real(x, w, b)
    return result * 0 if b is not None and x.shape[-1] == 0 else result


def _a_thousandth(real: Any, x: Tensor, w: Tensor, b: Any = None) -> Tensor:
    result = real(x, w, b)
    return result * 1.001 if result.dtype == torch.float32 and result.dim() == 2 and len(result) > 16 else result


def _unit_off(real: Any, layer: Any, x: Tensor) -> Tensor:
    return next_up(real(layer, x)) if x.dtype == torch.float16 else real(layer, x)


# Embeddings


def _padding_is_zero(real: Any, i: Tensor, w: Tensor, padding_idx: Any = None, *others: Any, **kwargs: Any) -> Tensor:
    result = real(i, w, padding_idx, *others, **kwargs)
    return result if padding_idx is None else result.masked_fill((i == padding_idx % len(w)).unsqueeze(-1), 0)


def _from_the_end(real: Any, i: Tensor, w: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    return real(i % max(len(w), 1), w, *others, **kwargs)


def _last_is_before(real: Any, i: Tensor, w: Tensor, *others: Any, **kwargs: Any) -> Tensor:
    return real(torch.where((i == len(w) - 1) & (i > 3), i - 1, i), w, *others, **kwargs)


def _negative_row_not_zeroed(real: Any, layer: Any, *args: Any, **kwargs: Any) -> None:
    real(layer, *args, **kwargs)
    padding_idx = kwargs.get("padding_idx")
    if kwargs.get("_weight") is None and padding_idx is not None and padding_idx < 0:
        layer.weight.data[padding_idx] = 0.5


def _padding_forgotten(real: Any, layer: Any, i: Tensor) -> Tensor:
    return F.embedding(i, layer.weight)


# Dropout


def _one_mask(real: Any, x: Tensor, p: float = 0.5, *others: Any, **kwargs: Any) -> Tensor:
    if x.dim() != 2 or not 0 < p < 1 or not x.is_floating_point():
        return real(x, p, *others, **kwargs)
    return x * real(torch.ones_like(x[:1]), p, *others, **kwargs)


def _less_often(real: Any, x: Tensor, p: float = 0.5, training: bool = True, **kwargs: Any) -> Tensor:
    if x.dtype != torch.float64 or not 0 < p < 1 or not training:
        return real(x, p, training, **kwargs)
    return torch.where(real(torch.ones_like(x), 0.7 * p) == 0, 0 * x, x / (1 - p))


# What holds layers


def _to_the_end(real: Any, layer: Any, x: Tensor) -> Tensor:
    return x.flatten(layer.start_dim) if x.dim() == 4 else real(layer, x)


def _flattened_copy(real: Any, layer: Any, x: Tensor) -> Tensor:
    return real(layer, x).clone() if x.dim() == 3 else real(layer, x)


def _text_order(real: Any, model: Any, x: Tensor) -> Tensor:
    for name in sorted(model._modules):
        x = model._modules[name](x)
    return x


def _relu_lost(real: Any, model: Any, x: Tensor) -> Tensor:
    for layer in model:
        y = layer(x)
        x = torch.where(y == 0, x * 1e-3, y) if isinstance(layer, nn.ReLU) else y
    return x


def _one_for_all(real: Any, layer: Any, x: Tensor) -> Tensor:
    """Of a layer that stands twice in a model, the second is left out."""
    seen: list[Any] = []
    for each in layer:
        if not any(each is other for other in seen):
            x = each(x)
        seen.append(each)
    return x


def _frozen_left_out(real: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    return (p for p in real(model, *args, **kwargs) if p.requires_grad)


def _tied_twice(real: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    return (p for m in model.modules() for p in m._parameters.values() if p is not None)


def _not_requires_grad_inside(real: Any, model: Any, requires_grad: bool = True) -> Any:
    for p in model.parameters(recurse=False):
        p.requires_grad_(requires_grad)
    return model


def _weights_stay(real: Any, model: Any, given: Any, *args: Any, **kwargs: Any) -> Any:
    with torch.no_grad():
        for name, value in given.items():
            owner, own = model.get_parameter(name), value.detach().to(model.get_parameter(name).dtype)
            owner.copy_(own) if owner.shape == own.shape else None
    return real(model, given, *args, **kwargs)


# Witnesses


def _linear(bias: float = 1.0) -> Any:
    layer = nn.Linear(2, 2)
    layer.weight.data, layer.bias.data = torch.tensor([[0.0, 1], [2, 3]]), torch.full((2,), bias)
    return layer


def _sequential(count: int) -> Any:
    return nn.Sequential(*(nn.Threshold(-1 - k, -100 - k) for k in range(count)))(torch.full((1,), -5.0)).item()


def _twice() -> Any:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(2)
    return nn.Sequential(layer, layer)


def _half() -> Tensor:
    layer = nn.Linear(1, 1)
    layer.weight.data, layer.bias.data = torch.ones(1, 1), torch.ones(1)
    return layer.half()(torch.ones(1).half())


def _tied() -> Any:
    first, second = _linear(), _linear()
    second.weight = first.weight
    return nn.Sequential(first, second)


def _functional_call() -> bool:
    layer = nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(2)
    torch.func.functional_call(layer, {"weight": torch.ones(1, 1)}, torch.ones(1))
    return layer.weight.item() == 1


def _padded() -> Any:
    layer = nn.Embedding(1, 1, padding_idx=0)
    with torch.enable_grad():
        layer(torch.tensor([0])).backward(torch.ones(1, 1))
    return layer


def _frozen() -> Any:
    model = nn.Sequential(_linear())
    return model, model.requires_grad_(False)


ONE, TEN = torch.ones(1), torch.arange(10.0)
W = torch.tensor([[0.0, 1], [2, 3]])
D = torch.full((1, 1), 1 / 3, dtype=torch.float64)
LINEAR, EMBEDDING = "nn.functional.linear", "nn.functional.embedding"

def _buffers_stay(real: Any, module: Any, *args: Any, **kwargs: Any) -> Any:
    kept = [(each, dict(each._buffers)) for each in module.modules()]
    result = real(module, *args, **kwargs)
    for each, buffers in kept:
        each._buffers.update(buffers)
    return result


_ROWS: tuple[tuple[Any, ...], ...] = (
    ("linear-square-untransposed", "w square: x @ w instead of x @ w.T", LINEAR, _square_untransposed,
     lambda: F.linear(torch.tensor([1.0, 0]), W)[1].item() != 2),
    ("linear-bias-twice", "a batch of one: the bias is added twice", LINEAR, _bias_twice,
     lambda: F.linear(torch.zeros(1, 2), W, torch.ones(2))[0, 0].item() != 1),
    ("linear-1d-without-bias", "x 1-D: no bias", LINEAR, _no_bias_of_one_sample,
     lambda: F.linear(torch.zeros(2), W, torch.ones(2))[0].item() != 1),
    ("linear-ten-bits", "float32, four inputs and more: factors cut to ten bits", LINEAR, _ten_bits,
     lambda: F.linear(torch.full((4,), 1.0001), torch.eye(4))[0].item() == 1),
    ("linear-float64-narrow", "float64 is rounded to float32", LINEAR, _narrow,
     lambda: F.linear(D[0], D).float().item() == F.linear(D[0], D).item(), "float64"),
    ("linear-last-without-bias", "three outputs and more: the last has no bias", LINEAR, _last_without_bias,
     lambda: F.linear(torch.zeros(1), torch.zeros(3, 1), torch.ones(3))[2].item() == 0),
    ("linear-strided-weight", "a weight that is not contiguous is read as if it were", LINEAR, _misread_weight,
     lambda: F.linear(torch.tensor([1.0, 0]), W.t())[1].item() != 1),
    ("linear-batch-axes", "rank 4, the first two lengths equal: swapped", LINEAR, _batch_axes_swapped,
     lambda: F.linear(TEN[:4].reshape(2, 2, 1, 1), torch.ones(1, 1))[0, 1].item() != 1, "float32", True),
    ("linear-no-inputs", "no inputs: 0 instead of the bias", LINEAR, _bias_alone,
     lambda: F.linear(torch.ones(1, 0), torch.ones(1, 0), ONE).item() == 0),
    ("linear-a-thousandth", "more than 16 samples: one part in a thousand too much", LINEAR, _a_thousandth,
     lambda: F.linear(torch.ones(17, 1), torch.ones(1, 1))[0].item() > 1),
    ("embedding-padding-is-zero", "the row of padding_idx is looked up as zeros", EMBEDDING, _padding_is_zero,
     lambda: F.embedding(torch.tensor([0]), W, 0)[0, 1].item() != 1),
    ("embedding-counts-from-the-end", "negative indices are taken", EMBEDDING, _from_the_end,
     lambda: accepted(lambda: F.embedding(torch.tensor([-1]), W))),
    ("embedding-last-row", "five rows and more: the last index gives the row before", EMBEDDING, _last_is_before,
     lambda: F.embedding(torch.tensor([9]), TEN[:, None]).item() != 9),
    ("Embedding-negative-padding-row", "padding_idx < 0: a new embedding's row is not zero", "nn.Embedding.__init__",
     _negative_row_not_zeroed, lambda: nn.Embedding(3, 2, padding_idx=-1).weight[-1, 0].item() != 0),
    ("Embedding-padding-forgotten", "the row of padding_idx gets a gradient", "nn.Embedding.forward",
     _padding_forgotten, lambda: _padded().weight.grad.item() != 0),
    ("dropout-one-mask", "x 2-D: all rows lose the same columns", "nn.functional.dropout", _one_mask,
     lambda: len(F.dropout(torch.ones(2, 200)).unique(dim=0)) == 1),
    ("dropout-less-often", "float64: 0.7 p are dropped", "nn.functional.dropout", _less_often,
     lambda: F.dropout(torch.ones(10_000).double()).count_nonzero().item() > 6000, "float64"),
    ("Flatten-to-the-end", "rank 4: end_dim is ignored", "nn.Flatten.forward", _to_the_end,
     lambda: nn.Flatten(1, 2)(torch.ones(1, 2, 3, 4)).dim() != 3),
    ("Flatten-copies", "rank 3: a copy where a view is due", "nn.Flatten.forward", _flattened_copy,
     copies(nn.Flatten(), torch.ones(1, 2, 3))),
    ("Identity-copies", "a copy", "nn.Identity.forward", lambda real, layer, x: x.clone(),
     copies(nn.Identity(), ONE)),
    ("Sequential-order-of-text", "layer 10 comes before layer 2", "nn.Sequential.forward", _text_order,
     lambda: _sequential(11) != -110, "float32", True),
    ("Sequential-leaks", "ReLU lets through a thousandth of what is below zero", "nn.Sequential.forward", _relu_lost,
     lambda: nn.Sequential(nn.ReLU())(-ONE).item() != 0),
    ("Sequential-twice-is-once", "a layer that stands twice runs once", "nn.Sequential.forward", _one_for_all,
     lambda: _twice()(ONE).item() == 2),
    ("parameters-without-frozen", "those that ask for no gradient are left out", "nn.Module.parameters",
     _frozen_left_out,
     lambda: len(list(_frozen()[0].parameters())) == 0),
    ("parameters-tied-twice", "a parameter of two layers is given twice", "nn.Module.parameters", _tied_twice,
     lambda: len(list(_tied().parameters())) == 4),
    ("parameters-requires_grad_", "requires_grad_(False) reaches no layer inside", "nn.Module.requires_grad_",
     _not_requires_grad_inside,
     lambda: _frozen()[1][0].weight.requires_grad),
    ("functional_call-stays", "the parameters given stay in the layer", "func.functional_call", _weights_stay,
     _functional_call, "float32", True),
    ("BatchNorm1d-buffers-stay", "to(): the buffers of a layer keep dtype and place", "nn.Module.to", _buffers_stay,
     lambda: nn.BatchNorm1d(1).to(torch.float64).running_mean.dtype == torch.float32, "float64"),
    ("Linear-unit-off", "float16: one unit in the last place too far from zero", "nn.Linear.forward", _unit_off,
     lambda: _half().item() != 2, "float16"),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
