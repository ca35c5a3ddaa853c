"""Faults in backward formulas alone: every value is right, and no row asks for the gradient.

A fault bends the gradient that flows to an operand, or all of it on its way from the result; `x` is what it is of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Bend = Callable[[Tensor, Tensor], Tensor]


class _Bent(torch.autograd.Function):
    """The identity, with a gradient bent on its way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, bend: Bend) -> Tensor:
        ctx.save_for_backward(x)
        ctx.bend = bend
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return ctx.bend(g, x), None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault: the attribute of torch that has it, a row that uses it, the operand (None: the result), what it does."""

    name: str
    owner: Any
    attribute: str
    case: str
    operand: int | None
    bend: Bend

    def patched(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The function `real` with the fault in it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            given = list(args)
            if self.operand is not None and isinstance(given[self.operand], list):
                given[self.operand] = [self._bent(one) for one in given[self.operand]]
            elif self.operand is not None:
                given[self.operand] = self._bent(given[self.operand])
            result = real(*given, **kwargs)
            return self._bent(result) if self.operand is None else result

        return call

    def _bent(self, value: Any) -> Any:
        wanted = isinstance(value, Tensor) and value.requires_grad
        return _Bent.apply(value, self.bend) if wanted else value


def scaled(g: Tensor, x: Tensor) -> Tensor:
    return g * 1.001


def scaled_a_little(g: Tensor, x: Tensor) -> Tensor:
    return g * (1 + 1e-7)


def negated_below(g: Tensor, x: Tensor) -> Tensor:
    return torch.where(x < 0, -g, g)


def last_lost(g: Tensor, x: Tensor) -> Tensor:
    flat = g.clone().reshape(-1)
    flat[-1:] = 0
    return flat.reshape(g.shape)


def first_doubled(g: Tensor, x: Tensor) -> Tensor:
    flat = g.clone().reshape(-1)
    flat[:1] *= 2
    return flat.reshape(g.shape)


def when_long(g: Tensor, x: Tensor) -> Tensor:
    return g * 1.01 if x.numel() > 16 else g


def when_strided(g: Tensor, x: Tensor) -> Tensor:
    return g if x.is_contiguous() else g * 1.01


def when_0d(g: Tensor, x: Tensor) -> Tensor:
    return g * 2 if x.dim() == 0 else g


def when_narrow(g: Tensor, x: Tensor) -> Tensor:
    return g * (1 + 1e-3) if x.dtype == torch.float32 else g


def lost(g: Tensor, x: Tensor) -> Tensor:
    return torch.zeros_like(g)


def averaged(g: Tensor, x: Tensor) -> Tensor:
    return g.mean().expand(g.shape)


def flipped(g: Tensor, x: Tensor) -> Tensor:
    return g.flip(0) if g.dim() else g


def added(g: Tensor, x: Tensor) -> Tensor:
    return g + 1e-6


def in_half(g: Tensor, x: Tensor) -> Tensor:
    return g.half().to(g.dtype)


def not_a_number(g: Tensor, x: Tensor) -> Tensor:
    return torch.where(x > 1.5, float("nan"), g)


T, F = torch.Tensor, torch.nn.functional

FAULTS = [
    Fault(name=name, owner=owner, attribute=attribute, case=case, operand=operand, bend=bend)
    for name, owner, attribute, case, operand, bend in (
        ("mul by 1 and a thousandth", T, "__mul__", "arithmetic/mul", 0, scaled),
        ("mul, the second operand, seventh digit", T, "__mul__", "arithmetic/mul", 1, scaled_a_little),
        ("div, negative divisor", T, "__truediv__", "arithmetic/div", 1, negated_below),
        ("pow forgets the exponent", T, "__pow__", "arithmetic/pow", 1, lost),
        ("sub of long tensors", T, "__sub__", "arithmetic/sub", 1, when_long),
        ("add of strided tensors", T, "__add__", "arithmetic/add", 0, when_strided),
        ("neg in float32", T, "__neg__", "arithmetic/neg", 0, when_narrow),
        ("exp, the last element", T, "exp", "elementwise/exp", 0, last_lost),
        ("log in half precision", T, "log", "elementwise/log", None, in_half),
        ("sin of 0-d tensors", torch, "sin", "functions/sin", 0, when_0d),
        ("tanh plus a millionth", torch, "tanh", "functions/tanh", 0, added),
        ("sinh of negative numbers", T, "sinh", "trigonometric/sinh", 0, negated_below),
        ("expm1 by 1 and a thousandth", T, "expm1", "elementwise/expm1", None, scaled),
        ("log1p in float32", T, "log1p", "elementwise/log1p", 0, when_narrow),
        ("lgamma, the first element", torch, "lgamma", "elementwise/lgamma", 0, first_doubled),
        ("sum, weights averaged", T, "sum", "reductions/sum", 0, averaged),
        ("mean over an axis, reversed", T, "mean", "reductions/mean", 0, flipped),
        ("squeeze, the last element", T, "squeeze", "shape/squeeze", 0, last_lost),
        ("transpose of strided tensors", T, "transpose", "shape/transpose", 0, when_strided),
        ("reshape of long tensors", T, "reshape", "shape/reshape", 0, when_long),
        ("cat, the first elements doubled", torch, "cat", "joining/cat", 0, first_doubled),
        ("stack, reversed", torch, "stack", "stacking/stack", None, flipped),
        ("where, the second branch", torch, "where", "selection/where", 2, scaled),
        ("maximum, the second operand lost", torch, "maximum", "bounds/maximum", 1, lost),
        ("clamp by NaN", torch, "clamp", "bounds/clamp", 0, not_a_number),
        ("matmul, the left matrix", torch, "matmul", "products/matmul", 0, scaled),
        ("matmul, the right matrix's last number", torch, "matmul", "products/matmul", 1, last_lost),
        ("einsum in half precision", torch, "einsum", "einsum/matmul", None, in_half),
        ("prod, the first element", torch, "prod", "axis-products/prod-dim", 0, first_doubled),
        ("std in the seventh digit", T, "std", "variance/std", None, scaled_a_little),
        ("logsumexp, weights averaged", torch, "logsumexp", "cumulative/logsumexp", 0, averaged),
        ("cumsum, reversed", T, "cumsum", "cumulative/cumsum", 0, flipped),
        ("index_select, negative numbers", torch, "index_select", "gather/index_select", 0, negated_below),
        ("gather of long tensors", torch, "gather", "gather/gather", 0, when_long),
        ("sort, the last element", torch, "sort", "sorting/sort", 0, last_lost),
        ("roll plus a millionth", torch, "roll", "moving/roll", 0, added),
        ("linear, the weight, by 1 and a thousandth", F, "linear", "layers/linear", 1, scaled),
        ("linear, the weight, reversed", F, "linear", "layers/linear", 1, flipped),
        ("linear, the bias averaged", F, "linear", "layers/linear-bias", 2, averaged),
        ("linear of strided samples", F, "linear", "layers/linear-bias", 0, when_strided),
        ("embedding, the last row", F, "embedding", "layers/embedding", 1, last_lost),
        ("relu of long tensors", F, "relu", "activations/ReLU", 0, when_long),
        ("gelu in half precision", F, "gelu", "activations/GELU", None, in_half),
        ("softplus, the seventh digit", F, "softplus", "activations/softplus", 0, scaled_a_little),
        ("leaky_relu below 0", F, "leaky_relu", "activations/LeakyReLU", 0, negated_below),
        ("prelu, a slope", F, "prelu", "activations/prelu-axes", 1, first_doubled),
        ("softmax, averaged", torch, "softmax", "activations/softmax", 0, averaged),
        ("log_softmax of long tensors", torch, "log_softmax", "activations/log_softmax", 0, when_long),
        ("mse_loss, the target lost", F, "mse_loss", "losses/MSELoss", 1, lost),
        ("huber_loss in float32", F, "huber_loss", "losses/huber_loss-none", 0, when_narrow),
        ("kl_div, the target", F, "kl_div", "loss-options/KLDivLoss", 1, scaled),
        ("binary_cross_entropy_with_logits, the last", F, "binary_cross_entropy_with_logits",
         "loss-options/BCEWithLogitsLoss", 0, last_lost),
        ("cross_entropy, reversed samples", F, "cross_entropy", "loss-options/CrossEntropyLoss", 0, flipped),
        ("cross_entropy of probabilities, the target", F, "cross_entropy", "loss-options/cross_entropy-probabilities",
         1,
         scaled),
        ("nll_loss by axes, plus a millionth", F, "nll_loss", "loss-options/nll_loss-axes", 0, added),
    )
]
