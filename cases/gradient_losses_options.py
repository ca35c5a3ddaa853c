"""Gradients of losses with options: what weights, classes that are ignored and the reduction make of what `backward(g)` leaves.

A weight multiplies the gradient of what it weighs, and a mean of classes divides by the weights of all that count. What is
ignored gets 0. Of probabilities the gradient divides by ``p * (1 - p)``, but by no less than 1e-12.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.bfloat16 import TO_BFLOAT16
from conformance.cases.gradient_losses import floats_only
from conformance.cases.losses import NO_PROBABILITY
from conformance.cases.losses_classes import of_both_signs, weight_for_each

from conformance import (
    Difference,
    Raises,
    Section,
    classes,
    like,
    matching,
    normals,
    tensors,
    values,
    within,
)

gradients = Section("Gradients of losses with options", id="gradient-loss-options")


def gradient(loss: str) -> str:
    """Return the program that gives the gradient of a loss by ``x``."""
    return f"x.requires_grad_()\ntorch.nn.functional.{loss}.backward(g)\nx.grad"


def of_any(**others: object) -> list[Difference]:
    """Return the same of a row whose NumPy side takes bools for 0 and 1."""
    numbers, bools = floats_only(**others)
    return [numbers, replace(bools, because=f"{numbers.because}; NumPy takes bools for 0 and 1", numpy=None)]


# Of classes

CLASSES = {"x": tensors(2), "y": classes("x")}
OF_CLASSES = {"x": np.ones((1, 2)), "y": np.array([0])}
NUMBER, OF_NUMBER = {"g": tensors(0)}, {"g": np.array(1.0)}
SAMPLES, OF_SAMPLES = {"g": matching("n", x="nc")}, {"g": np.ones(1)}
WEIGHT, OF_WEIGHT = {"w": matching("c", x="nc")}, {"w": np.ones(2)}
AT = "gradient = np.zeros_like(x)\ngradient[np.arange(len(y)), y] = {}\ngradient"
KEPT = "kept = y != ignored\ngradient = np.zeros_like(x)\ngradient[np.flatnonzero(kept), y[kept]] = {}\ngradient"
IGNORED = values(0, 1, -100)
COUNTED = f"""
{TO_BFLOAT16}number = np.sum(y != ignored).astype(np.float32)
count = bfloat16(number)
"""
"""What a number of samples is in bfloat16."""

gradients.case(
    gradient("nll_loss(x, y, weight=w, reduction='none')"), AT.format("-g * w[y]"), id="nll_loss-weight-none",
    **CLASSES, **SAMPLES, **WEIGHT,
    differs=[*floats_only(**OF_CLASSES, **OF_SAMPLES, **OF_WEIGHT), weight_for_each(**OF_SAMPLES)],
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y, weight=w, reduction='sum')"), AT.format("-g * w[y]"), id="nll_loss-weight-sum",
    **CLASSES, **NUMBER, **WEIGHT,
    differs=[*floats_only(**OF_CLASSES, **OF_NUMBER, **OF_WEIGHT), weight_for_each(**OF_NUMBER)],
)  # fmt: skip
TOTAL = "total, wrong = np.abs(np.sum(w[y])), (len(y) + 2) * u * np.sum(np.abs(w[y]))\nleast = np.maximum(total - wrong, 0)\n"
gradients.case(
    gradient("nll_loss(x, y, weight=w)"), AT.format("-(g / np.sum(w[y])) * w[y]"), id="nll_loss-weight", **CLASSES, **NUMBER,
    w=matching("c", x="nc"),
    tolerance=within(
        f"{TOTAL}np.abs(exact) * (wrong / least + 4 * u) + 4 * tiny * (1 + np.max(np.abs(w[y]), initial=0))",
        "a sum of n weights in any order, which divides: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section "
        "4.2", narrow=True,
        overflow=f"{TOTAL}share = np.where(np.isinf(g), 0, np.abs(g)) / least * (1 + np.max(np.abs(w[y]), initial=0))\n"
        "np.where(total <= wrong, np.inf, np.sum(np.abs(w[y])) + share)",
    ),
    differs=[*of_any(**OF_CLASSES, **OF_NUMBER, **OF_WEIGHT), weight_for_each(**OF_NUMBER), *of_both_signs(**OF_NUMBER)],
    note="a mean divides by the weights of the samples",
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y, ignore_index=ignored)"), KEPT.format("-g / np.sum(kept).astype(x.dtype)"),
    id="nll_loss-ignore_index", **CLASSES, **NUMBER, ignored=IGNORED,
    differs=[
        *floats_only(**OF_CLASSES, **OF_NUMBER, ignored=1),
        Difference("what PyTorch divides by is rounded to bfloat16: 257 samples count for 256", dtypes=("bfloat16",), kind="gotcha",
                   example={"x": np.zeros((257, 1)), "y": np.zeros(257, int), "g": np.array(1.0), "ignored": 1},
                   when=f"{COUNTED}(count != number) & (g == g) & (bfloat16(-g / count) != bfloat16(-g / number))", torch=f"{COUNTED}{KEPT.format('-g / count')}"),
    ],
    note="what is ignored gets 0, and is not among those divided by",
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y, weight=w, ignore_index=ignored, reduction='sum')"), KEPT.format("-g * w[y[kept]]"),
    id="nll_loss-weight-ignore_index", **CLASSES, **NUMBER, **WEIGHT, ignored=IGNORED,
    differs=[*floats_only(**OF_CLASSES, **OF_NUMBER, **OF_WEIGHT, ignored=1), weight_for_each(**OF_NUMBER, ignored=1)],
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y, reduction='none')"),
    "gradient = np.zeros_like(x)\nnp.put_along_axis(gradient, y[:, None], -g[:, None], axis=1)\ngradient",
    id="nll_loss-axes", x=tensors(3), y=classes("x"), g=matching("nk", x="nck"),
    differs=floats_only(x=np.ones((1, 2, 1)), y=np.zeros((1, 1), int), g=np.ones((1, 1))),
    note="further axes come after that of the classes",
)  # fmt: skip

# Of probabilities and logits

PROBABILITIES = "p, y = x.detach().clip(0, 1).requires_grad_(), y.clip(0, 1)\n"
CLIPPED = "p, y = np.clip(x, 0, 1), np.clip(y, 0, 1)\n"
SLOPE = "(p - y) / np.maximum(p * (1 - p), 1e-12)"
OF_FLOAT32 = SLOPE.replace("1e-12", "np.float32(1e-12)")
FLOOR = Difference(
    "PyTorch's least p * (1 - p) is the float32 beside 1e-12, which is 4e-21 less", dtypes=("float64",), kind="gotcha",
    example={"x": np.zeros(1), "y": np.ones(1), "g": np.ones(1)}, torch=f"{CLIPPED}g * {OF_FLOAT32}",
    when=f"{CLIPPED}(p * (1 - p) < 1e-12) & (not np.isnan(x).any() and not np.isnan(y).any()) & ~np.isnan(out) & (g * {SLOPE} != g * {OF_FLOAT32})",
)  # fmt: skip
BOUND = f"{CLIPPED}size = np.abs(g * {SLOPE})\n"
gradients.case(
    f"{PROBABILITIES}torch.nn.functional.binary_cross_entropy(p, y, reduction='none').backward(g)\np.grad",
    f"{CLIPPED}g * {SLOPE}", id="binary_cross_entropy-none", x=tensors(), y=like("x"),
    g=like("x"), differs=[*of_any(), replace(NO_PROBABILITY, example={**NO_PROBABILITY.example, "g": np.ones(1)}), FLOOR],
    tolerance=within(f"{BOUND}least = tiny * (1 + np.abs(g) + ((p - y) % 1 != 0) / np.maximum(p * (1 - p), 1e-12))\n"
                     "8 * (u * size + least)",
                     "each step is rounded to the dtype itself", narrow=True, overflow=f"{BOUND}np.maximum(size, np.abs({SLOPE}))"),
    note="at 0 and 1, where the loss counts a logarithm as -100 at least, the gradient is 1e12 at most, times g",
)  # fmt: skip

HOW = values("none", "mean", "sum")
REAL = ("float32", "float64")
FOUR = {name: normals(4, 3, dtypes=("float64",)) for name in "yg"} | {"x": normals(4, 3, dtypes=REAL)}
WEIGHTS, OTHERS = values([1.0, 0.5, 3.0], [2.0, 2.0, 0.25]), values([2.0, 1.0, 0.5], [3.0, 3.0, 3.0])
SHARE = "weight = {'none': g, 'mean': g[0, 0] / x.size, 'sum': g[0, 0]}[how].astype(x.dtype)\n"
START = "y, g, w = y.to(x.dtype).clip(0.1, 0.9), g.to(x.dtype), torch.tensor(w, dtype=x.dtype)\n"
SAME = f"{SHARE}y, w = np.clip(y.astype(x.dtype), 0.1, 0.9), np.array(w, x.dtype)\n"
BACK = ".backward(g if how == 'none' else g[0, 0])\n"
STEPS = "some steps of tame numbers, each rounded"
gradients.case(
    f"{START}p = x.clip(0.1, 0.9).requires_grad_()\n"
    f"torch.nn.functional.binary_cross_entropy(p, y, weight=w, reduction=how){BACK}p.grad",
    f"{SAME}p = np.clip(x, 0.1, 0.9)\nweight * w * (p - y) / (p * (1 - p))",
    id="binary_cross_entropy-weight", **FOUR, w=WEIGHTS, how=HOW,
    tolerance=within(f"{SAME}p = np.clip(x, 0.1, 0.9)\n12 * u * np.abs(weight) * w * (p + y) / (p * (1 - p))", STEPS),
)  # fmt: skip
LOGITS = "torch.nn.functional.binary_cross_entropy_with_logits(x, y, weight=w, pos_weight=v, reduction=how)"
gradients.case(
    f"{START}v = torch.tensor(v, dtype=x.dtype)\nx.requires_grad_()\n{LOGITS}{BACK}x.grad",
    f"{SAME}v = np.array(v, x.dtype)\nweight * w * ((1 - y + v * y) / (1 + np.exp(-x)) - v * y)",
    id="binary_cross_entropy_with_logits-weights", **FOUR, w=WEIGHTS, v=OTHERS, how=HOW,
    tolerance=within(f"{SAME}v = np.array(v, x.dtype)\n20 * u * np.abs(weight) * w * (1 - y + 2 * v * y)", STEPS),
    note="the sigmoid minus the target, where pos_weight counts the positive class v times",
)  # fmt: skip

# Of two dtypes

TWO = {"x": normals(4, 3, dtypes=("float32",)), "y": normals(4, 3, dtypes=("float64", "float32"))}
for loss, numpy, differs in (
    ("mse_loss", "2 * (x - y)", []),
    ("l1_loss", "np.sign(x - y)", []),
    ("huber_loss", "np.clip(x - y, -1, 1)",
     [Difference("PyTorch's huber_loss computes with a target of another dtype, but its gradient fails", kind="bug",
                 upstream="https://github.com/pytorch/pytorch/issues/76646", when="x.dtype != y.dtype",
                 example={"x": np.ones((4, 3), np.float32), "y": np.zeros((4, 3))}, torch=Raises(RuntimeError))]),
):
    gradients.case(
        f"x.requires_grad_()\ntorch.nn.functional.{loss}(x, y).backward()\nx.grad", f"({numpy} / x.size).astype(x.dtype)",
        id=f"{loss}-dtypes", **TWO, tolerance=within("8 * u * np.abs(exact)", "each step is rounded"), differs=differs,
        note="the gradient has the dtype of x, whatever that of the target",
    )  # fmt: skip
