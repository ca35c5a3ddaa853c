"""Gradients of losses: what `backward(g)` leaves in `x.grad`, beside the derivative written out.

`g` is how much the loss counts: a number for a mean or a sum,
one for each element without a reduction. A mean over n elements
divides by n. That of a loss of logits is the sigmoid minus the target.
"""

import numpy as np

from conformance import COMPLEX, INTEGERS, Difference, Raises, Section, classes, like, matching, tensors, within

gradients = Section("Gradients of losses", id="gradient-losses")



def floats_only(**others: object) -> list[Difference]:
    """Return that there is no such gradient of other numbers, for a row that has the inputs ``others``, too."""
    one = np.ones((1, 1))
    example = {"x": one, "y": one, "g": one} | others
    return [
        Difference("PyTorch has gradients of this loss for floating-point numbers only", example=example,
                   dtypes=(*INTEGERS, *COMPLEX),
                   torch=Raises(RuntimeError)),
        Difference("PyTorch has gradients of this loss for floating-point numbers only; NumPy has no minus of bools",
                   example=example,
                   dtypes=("bool",), torch=Raises(RuntimeError), numpy=Raises(TypeError, ValueError, IndexError)),
    ]  # fmt: skip


def steps(count: int, size: str, largest: str = "0", *, unsigned: bool = False) -> object:
    """Return the bound of a product of ``count`` steps, each rounded; ``size`` bounds it, ``largest`` what comes up on the way."""
    return within(f"{count} * (u * ({size}) + tiny * (1 + np.abs(g)))", "each step is rounded to the dtype itself",
                  narrow=True, unsigned=unsigned,
                  overflow=f"np.maximum(np.abs({size}), {largest})")  # fmt: skip


def gradient(loss: str, reduction: str) -> str:
    """Return the program that gives the gradient of a loss."""
    return f"x.requires_grad_()\ntorch.nn.functional.{loss.replace(')', f', reduction={reduction!r})')}.backward(g)\nx.grad"


NUMBER = {"x": tensors(), "y": like("x"), "g": tensors(0)}
EACH = {"x": tensors(), "y": like("x"), "g": like("x")}
OF_NUMBER = {"g": np.array(1.0)}
ROUNDS = "binary_cross_entropy_with_logits"
"""Its bfloat16 sigmoid may be rounded to the target itself."""
SIGN_OF_NAN = "PyTorch's gradient of a distance is 0 where that is NaN, since it takes its sign of NaN, which is 0; NumPy's is NaN"


def of_sign(dtypes: tuple[str, ...] = ("float16", "float32", "float64", "bfloat16"), **others: object) -> Difference:
    """Return what the sign of NaN makes of the gradient, for a row that has the inputs ``others`` beside ``x`` and ``y``."""
    return Difference(SIGN_OF_NAN, example={"x": np.array([np.nan]), "y": np.ones(1), "g": np.ones(1), **others}, dtypes=dtypes,
                      when="np.isnan(x - y) & np.isfinite(g)", torch="g * np.zeros_like(x)", kind="gotcha")  # fmt: skip


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
    if name in ("mse_loss", "l1_loss", "smooth_l1_loss", "binary_cross_entropy_with_logits"):
        gradients.case(gradient(loss, "mean"), f"g * ({numpy}) / x.size", id=f"{name}-mean", **NUMBER,
                   tolerance=steps(6, f"np.abs(g) * ({size}) / x.size", f"{size} + 2 * np.abs(g)", unsigned=name == ROUNDS),
                   differs=[*floats_only(**OF_NUMBER), *([of_sign(**OF_NUMBER)] if name == "l1_loss" else [])])  # fmt: skip
    gradients.case(gradient(loss, "none"), f"g * ({numpy})", id=f"{name}-none", **EACH,
                   tolerance=steps(6, f"np.abs(g) * ({size})", f"{size} + 2 * np.abs(g)", unsigned=name == ROUNDS),
                   differs=[*floats_only(), *([of_sign()] if name == "l1_loss" else [])])  # fmt: skip
gradients.case(gradient("mse_loss(x, y)", "sum"), "g * 2 * (x - y)", id="mse_loss-sum", **NUMBER,
               tolerance=steps(6, "np.abs(g) * 2 * np.abs(x - y)", "2 * np.abs(x - y) + 2 * np.abs(g)"),
               differs=floats_only(**OF_NUMBER))  # fmt: skip
gradients.case(
    "y.requires_grad_()\ntorch.nn.functional.mse_loss(x, y).backward(g)\ny.grad", "g * 2 * (y - x) / x.size",
    id="mse_loss-target", **NUMBER,
    tolerance=steps(6, "np.abs(g) * 2 * np.abs(x - y) / x.size", "2 * np.abs(x - y) + 2 * np.abs(g)"),
    differs=floats_only(**OF_NUMBER),
    note="the target is no constant by itself",
)  # fmt: skip

# Of classes

ONE_HOT = "one_hot = np.eye(x.shape[1])[y]\n"
CLASSES = {"x": tensors(2), "y": classes("x")}
OF_CLASSES = {"x": np.ones((1, 2)), "y": np.array([0])}
gradients.case(
    gradient("nll_loss(x, y)", "none"), f"{ONE_HOT}np.where(one_hot == 1, -g[:, None], 0)", id="nll_loss-none", **CLASSES,
    g=matching("n", x="nc"),
    differs=floats_only(**OF_CLASSES, g=np.ones(1)),
)  # fmt: skip
gradients.case(
    gradient("nll_loss(x, y)", "mean"), f"{ONE_HOT}np.where(one_hot == 1, -g / len(y), 0)", id="nll_loss-mean", **CLASSES,
    g=tensors(0),
    tolerance=steps(2, "np.abs(exact)"), differs=floats_only(**OF_CLASSES, **OF_NUMBER),
)  # fmt: skip
