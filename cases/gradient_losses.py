"""Gradients of losses: what `backward(g)` leaves in `x.grad`, beside the derivative written out.

`g` is how much the loss counts: a number for a mean or a sum,
one for each element without a reduction. A mean over n elements
divides by n. The gradient of cross entropy is the softmax minus the one-hot target, that of a loss of logits the sigmoid
minus the target.
"""

import numpy as np

from conformance import COMPLEX, INTEGERS, Difference, Raises, Section, classes, like, matching, tensors, values, within

gradients = Section("Gradients of losses", id="gradient-losses")

NOT_FLOATS = ("bool", *INTEGERS, *COMPLEX)


def floats_only(**others: object) -> Difference:
    """Return that there is no such gradient of other numbers, for a row that has the inputs ``others``, too."""
    one = np.ones((1, 1))
    return Difference("PyTorch has gradients of this loss for floating-point numbers only",
                      example={"x": one, "y": one, "g": one} | others,
                      dtypes=NOT_FLOATS, torch=Raises(RuntimeError))  # fmt: skip


def steps(count: int, size: str, largest: str = "0", underflow: str = "1 + np.abs(g)") -> object:
    """Return the bound of a product of ``count`` steps, each rounded; ``size`` bounds it, ``largest`` what comes up on the way."""
    return within(f"{count} * (u * ({size}) + tiny * ({underflow}))", "each step is rounded to the dtype itself",
                  narrow=True,
                  unsigned=True, overflow=f"np.maximum(np.abs({size}), {largest})")  # fmt: skip


def gradient(loss: str, reduction: str) -> str:
    """Return the program that gives the gradient of a loss."""
    return f"x.requires_grad_()\ntorch.nn.functional.{loss.replace(')', f', reduction={reduction!r})')}.backward(g)\nx.grad"


NUMBER = {"x": tensors(), "y": like("x"), "g": tensors(0)}
EACH = {"x": tensors(), "y": like("x"), "g": like("x")}
OF_NUMBER = {"g": np.array(1.0)}
for name, loss, numpy, size in (
    ("mse_loss", "mse_loss(x, y)", "2 * (x - y)", "2 * np.abs(x - y)"),
    ("l1_loss", "l1_loss(x, y)", "np.sign(x - y)", "np.sign(np.abs(x - y))"),
    ("smooth_l1_loss", "smooth_l1_loss(x, y, beta=0.5)", "np.clip((x - y) / 0.5, -1, 1)",
     "np.clip(np.abs(x - y) / 0.5, 0, 1)"),
    ("huber_loss", "huber_loss(x, y, delta=2.0)", "np.clip(x - y, -2, 2)", "np.clip(np.abs(x - y), 0, 2)"),
    ("binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits(x, y)", "1 / (1 + np.exp(-x)) - y",
     "1 / (1 + np.exp(-x)) + np.abs(y)"),
    ("kl_div", "kl_div(x, y)", "-y", "np.abs(y)"),
):
    gradients.case(gradient(loss, "mean"), f"g * ({numpy}) / x.size", id=f"{name}-mean", **NUMBER,
                   tolerance=steps(6, f"np.abs(g) * ({size}) / x.size", f"{size}, 2 * np.abs(g)".replace(", 2", " + 2")),
                   differs=[floats_only(**OF_NUMBER)])  # fmt: skip
    gradients.case(gradient(loss, "none"), f"g * ({numpy})", id=f"{name}-none", **EACH,
                   tolerance=steps(6, f"np.abs(g) * ({size})", f"{size} + 2 * np.abs(g)"),
                   differs=[floats_only()])  # fmt: skip
gradients.case(gradient("mse_loss(x, y)", "sum"), "g * 2 * (x - y)", id="mse_loss-sum", **NUMBER,
               tolerance=steps(6, "np.abs(g) * 2 * np.abs(x - y)", "2 * np.abs(x - y) + 2 * np.abs(g)"),
               differs=[floats_only(**OF_NUMBER)])  # fmt: skip
gradients.case(
    "y.requires_grad_()\ntorch.nn.functional.mse_loss(x, y).backward(g)\ny.grad", "g * 2 * (y - x) / x.size",
    id="mse_loss-target", **NUMBER,
    tolerance=steps(6, "np.abs(g) * 2 * np.abs(x - y) / x.size", "2 * np.abs(x - y) + 2 * np.abs(g)"),
    differs=[floats_only(**OF_NUMBER)],
    note="the target is no constant by itself",
)  # fmt: skip

# Of classes

SOFTMAX = "e = np.exp(x - x.max(axis=1, keepdims=True))\np = e / e.sum(axis=1, keepdims=True)\n"
ONE_HOT = "one_hot = np.eye(x.shape[1], dtype=x.dtype)[y]\n"
CLASSES = {"x": tensors(2), "y": classes("x")}
OF_CLASSES = {"x": np.ones((1, 2)), "y": np.array([0])}
ERROR = "z = x - x.max(axis=1, keepdims=True, initial=-np.inf)\ne = np.exp(z)\np = e / e.sum(axis=1, keepdims=True)\noff = (2 * x.shape[1] + 8 + np.abs(z)) * u * p\n"


def of_classes(factor: str) -> object:
    """Return the bound of the softmax minus a target, times ``factor``."""
    return within(f"{ERROR}{ONE_HOT}{factor} * (off + 4 * u * (p + one_hot) + 4 * tiny) + 4 * tiny",
                  "that of the softmax, and each step rounded", narrow=True,
                  unsigned=True)  # fmt: skip


def no_classes(**others: object) -> Difference:
    """Return that NumPy has no maximum of nothing."""
    return Difference("PyTorch has a gradient of no samples of no classes; NumPy's max refuses an axis of length 0",
                      example={"x": np.zeros((0, 0)), "y": np.zeros(0, int), **others},
                      dtypes=("float16", "float32", "float64", "bfloat16"),
                      when="x.shape[1] == 0 and y.size == 0", torch="np.zeros_like(x)",
                      numpy=Raises(ValueError))  # fmt: skip


gradients.case(
    gradient("cross_entropy(x, y)", "mean"), f"{SOFTMAX}{ONE_HOT}g * (p - one_hot) / len(y)", id="cross_entropy-mean",
    **CLASSES, g=tensors(0),
    tolerance=of_classes("np.abs(g) / len(y)"),
    differs=[floats_only(**OF_CLASSES, **OF_NUMBER), no_classes(g=np.array(1.0))],
)  # fmt: skip
gradients.case(
    gradient("cross_entropy(x, y)", "none"), f"{SOFTMAX}{ONE_HOT}g[:, None] * (p - one_hot)", id="cross_entropy-none",
    **CLASSES, g=matching("n", x="nc"),
    tolerance=of_classes("np.abs(g[:, None])"), differs=[floats_only(**OF_CLASSES, g=np.ones(1)), no_classes(g=np.zeros(0))],
)  # fmt: skip
gradients.case(
    gradient("cross_entropy(x, y, weight=w)", "none"), f"{SOFTMAX}{ONE_HOT}(g * w[y])[:, None] * (p - one_hot)",
    id="cross_entropy-weight", **CLASSES,
    g=matching("n", x="nc"), w=matching("c", x="nc"), tolerance=of_classes("np.abs(g * w[y])[:, None]"),
    differs=[floats_only(**OF_CLASSES, g=np.ones(1), w=np.ones(2)), no_classes(g=np.zeros(0), w=np.zeros(0))],
)  # fmt: skip
gradients.case(
    gradient("cross_entropy(x, y, label_smoothing=s)", "none"),
    f"{SOFTMAX}{ONE_HOT}g[:, None] * (p - (1 - s) * one_hot - s / x.shape[1])",
    id="cross_entropy-label_smoothing", **CLASSES, g=matching("n", x="nc"), s=values(0.1, 0.5),
    tolerance=of_classes("4 * np.abs(g[:, None])"),
    differs=[floats_only(**OF_CLASSES, g=np.ones(1), s=0.1), no_classes(g=np.zeros(0), s=0.1)],
)  # fmt: skip
gradients.case(
    gradient("cross_entropy(x, y, ignore_index=0)", "none"),
    f"{SOFTMAX}{ONE_HOT}np.where(y == 0, 0, g)[:, None] * (p - one_hot)",
    id="cross_entropy-ignore_index", **CLASSES, g=matching("n", x="nc"),
    tolerance=of_classes("np.where(y == 0, 0, np.abs(g))[:, None]"),
    differs=[floats_only(**OF_CLASSES, g=np.ones(1)), no_classes(g=np.zeros(0))],
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y)", "none"), f"{ONE_HOT}np.where(one_hot == 1, -g[:, None], 0)", id="nll_loss-none", **CLASSES,
    g=matching("n", x="nc"),
    differs=[floats_only(**OF_CLASSES, g=np.ones(1))],
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y)", "mean"), f"{ONE_HOT}np.where(one_hot == 1, -g / len(y), 0)", id="nll_loss-mean", **CLASSES,
    g=tensors(0),
    tolerance=steps(2, "np.abs(exact)"), differs=[floats_only(**OF_CLASSES, **OF_NUMBER)],
)  # fmt: skip
