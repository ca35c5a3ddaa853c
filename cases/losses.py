"""Losses: how far predictions ``x`` lie from targets ``y``, element by element.

NumPy has none, so its side is the formula. A loss is the mean over all elements unless ``reduction`` says ``"sum"`` or
``"none"``. The class, ``torch.nn.MSELoss()``, and the function, ``torch.nn.functional.mse_loss``,
are one. PyTorch has losses
of floating-point numbers only, but for L1. A loss of logits is that of their sigmoid, computed so that nothing overflows.
"""

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA
from conformance.cases.derivatives import not_followed, other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    like,
    tensors,
    ulp,
    values,
    within,
)

BY_LOG_0 = other_gradient("PyTorch's gradient by a probability of 0 or 1 is that of a logarithm of 0, infinite or NaN",
                       "((x <= 0) | (x >= 1) | (y <= 0) | (y >= 1)).any()", x=np.array([-0.25]), y=np.array([0.75]))

losses = Section("Losses")



NO_MINUS = Raises(TypeError, ValueError)


def floats_only(numpy: Raises | None = NO_MINUS, **others: object) -> list[Difference]:
    """Return that there is no such loss of other numbers, for a row that has the inputs ``others``, too.

    ``numpy`` is what NumPy does with bools.
    """
    example = {"x": np.ones((1, 1)), "y": np.ones((1, 1)), **others}
    return [
        Difference("PyTorch has this loss for floating-point numbers only; NumPy computes with any", example=example,
                   dtypes=(*INTEGERS, *COMPLEX), torch=Raises(RuntimeError)),
        Difference("PyTorch has this loss for floating-point numbers only; NumPy has no minus of bools" if numpy else
                   "PyTorch has this loss for floating-point numbers only; NumPy takes bools for 0 and 1", example=example,
                   dtypes=("bool",), torch=Raises(RuntimeError), numpy=numpy),
    ]  # fmt: skip


FINITE = "finite = lambda a: np.where(np.isfinite(a), a, 0)\n"
"""What is infinite by itself does not overflow."""
SOURCE = (
    "the terms, each rounded some times, added in any order, float16 and bfloat16 in float32: Higham, Accuracy and Stability of "
    "Numerical Algorithms, 2nd ed., sections 3.1 and 4.2; and what underflows of each"
)


def total(reduction: str, terms: str, steps: int, largest: str = "terms", start: str = "") -> object:
    """Return the bound of the sum or mean of ``terms``, or the terms of a sum, each of so many ``steps`` that are rounded.

    ``terms`` are magnitudes; ``largest`` bounds what comes up on the way to one of them.
    """
    start = f"{start}terms = {terms}\nn = terms.size\n"
    return within(
        f"{start}(({steps} + 1) * u + n * min(u, 2.0**-24)) * np.{reduction}(terms) + np.{reduction}(np.full(n, {steps} * tiny))",
        SOURCE, narrow=True, overflow=f"{FINITE}{start}most = finite({largest})\nnp.max(most, initial=0) if u == 2.0**-11 else np.sum(most)",
    )  # fmt: skip


def each(terms: str, steps: int, largest: str = "terms", start: str = "", underflow: str = "1") -> object:
    """Return the bound of ``terms`` themselves; what underflows may be multiplied by as much as ``underflow``."""
    return within(f"{start}terms = {terms}\n{steps} * (u * terms + tiny * ({underflow}))", "each step is rounded",
                  narrow=True,
                  overflow=f"{FINITE}{start}terms = {terms}\nfinite({largest})")  # fmt: skip


def underflows(small: str, large: str, **example: object) -> Difference:
    """Return what comes of the product of ``small`` and ``large`` where one is nearly 0 and the other infinite."""
    return Difference("bfloat16 is rounded after every step, and a step that is nearly 0 may be 0, of which an infinite multiple is NaN",
                      example={name: np.array([value]) for name, value in example.items()}, dtypes=("bfloat16",),
                      torch=OneOf("out", "np.nan"),
                      when=f"np.isinf({large}) & ({small} < 2.0**-126)")  # fmt: skip


# Squares of distances

losses.case(
    "torch.nn.MSELoss()(x, y)", "np.mean((x - y) ** 2)", id="MSELoss", x=tensors(), y=like("x"),
    tolerance=total("mean", "(x - y) ** 2", 3), differs=floats_only(),
)  # fmt: skip
losses.case(
    "torch.nn.functional.mse_loss(x, y, reduction='sum')", "np.sum((x - y) ** 2)", id="mse_loss-sum", x=tensors(),
    y=like("x"),
    tolerance=total("sum", "(x - y) ** 2", 3), differs=floats_only(),
)  # fmt: skip
losses.case(
    "torch.nn.functional.mse_loss(x, y, reduction='none')", "(x - y) ** 2", id="mse_loss-none", x=tensors(), y=like("x"),
    tolerance=each("(x - y) ** 2", 3), differs=floats_only(),
)  # fmt: skip
losses.case(
    "torch.nn.functional.mse_loss(x, y)", "np.mean((x - y) ** 2)", id="mse_loss-broadcast", x=tensors(),
    y=broadcastable("x"),
    tolerance=total("mean", "(x - y) ** 2", 3), differs=floats_only(),
    note="shapes that differ are broadcast with a warning: of (n, 1) and (n,) it is the mean over n x n pairs",
)  # fmt: skip
losses.case(
    "torch.nn.MSELoss(reduction='none')(x, y).mean(-1)", "np.mean((x - y) ** 2, axis=-1)", id="MSELoss-per-sample",
    x=tensors(ndim=(1, 4)), y=like("x"), differs=floats_only(),
    tolerance=within(
        "terms = (x - y) ** 2\nn = max(terms.shape[-1], 1)\n(4 * u + n * min(u, 2.0**-24)) * np.mean(terms, axis=-1) + 3 * tiny", SOURCE, narrow=True,
        overflow=f"{FINITE}terms = finite((x - y) ** 2)\nnp.max(terms, axis=-1, initial=0) if u == 2.0**-11 else np.sum(terms, axis=-1)",
    ),
)  # fmt: skip

# Distances

MEAN_OF_INTEGERS = Difference(
    "PyTorch has no mean of integers; NumPy computes it in float64", example={"x": np.ones((1, 1)), "y": np.ones((1, 1))},
    dtypes=INTEGERS, torch=Raises(RuntimeError),
)  # fmt: skip
NO_BOOLS = Difference(
    "Neither library subtracts bools; PyTorch names the operation", example={"x": np.ones(1), "y": np.ones(1)},
    dtypes=("bool",),
    torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip
def by_alpha(distance: str) -> Difference:
    """Return where the ``distance`` of complex numbers is NaN, for that reason."""
    return Difference(BY_ALPHA, example={"x": np.array([1 + 1j]), "y": np.array([complex(np.inf, np.inf)])}, dtypes=COMPLEX,
                      kind="bug",
                      upstream=ALPHA_REPORT, when=f"np.isnan({distance}) & ~np.isnan(out)", torch=distance)  # fmt: skip


losses.case(
    "torch.nn.L1Loss()(x, y)", "np.mean(np.abs(x - y))", id="L1Loss", x=tensors(), y=like("x"),
    tolerance=total("mean", "np.abs(x - y)", 3),
    differs=[MEAN_OF_INTEGERS, NO_BOOLS, by_alpha("np.mean(np.abs(x - y * np.ones_like(y)))")],
)  # fmt: skip
losses.case(
    "torch.nn.functional.l1_loss(x, y, reduction='sum')", "np.sum(np.abs(x - y))", id="l1_loss-sum", x=tensors(),
    y=like("x"),
    tolerance=total("sum", "np.abs(x - y)", 3),
    differs=[
        NO_BOOLS, by_alpha("np.sum(np.abs(x - y * np.ones_like(y)))"),
        Difference("PyTorch sums unsigned integers in int64, NumPy in uint64", example={"x": np.ones(1), "y": np.ones(1)},
                   dtypes=("uint8",),
                   torch="np.int64", aspect="dtype", kind="gotcha"),
    ],
)  # fmt: skip
losses.case(
    "torch.nn.functional.l1_loss(x, y, reduction='none')", "np.abs(x - y)", id="l1_loss-none", x=tensors(), y=like("x"),
    tolerance=ulp(2, "a magnitude of a complex number", dtypes=("float32", "float64")),
    differs=[
        NO_BOOLS,
        by_alpha("np.abs(x - y * np.ones_like(y))"),
    ],
)  # fmt: skip

# Squares of small distances, large ones themselves

SMOOTH = "d = np.abs(x - y)\nnp.where(d < beta, 0.5 * d * d / beta, d - 0.5 * beta)"
DISTANCE = "d = np.abs(x - y)\n"
HUBER = "np.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))"
losses.case(
    "torch.nn.functional.smooth_l1_loss(x, y, reduction='none', beta=beta)", SMOOTH, id="smooth_l1_loss-none", x=tensors(),
    y=like("x"),
    beta=values(1.0, 0.5, 2.0, 3), differs=floats_only(beta=1.0),
)  # fmt: skip
losses.case(
    "torch.nn.SmoothL1Loss()(x, y)", "d = np.abs(x - y)\nnp.mean(np.where(d < 1, 0.5 * d ** 2, d - 0.5))", id="SmoothL1Loss",
    x=tensors(), y=like("x"),
    tolerance=total("mean", "np.where(d < 1, 0.5 * d**2, d - 0.5)", 6, "2 * d", DISTANCE), differs=floats_only(),
)  # fmt: skip
losses.case(
    "torch.nn.functional.huber_loss(x, y, reduction='none', delta=delta)", DISTANCE + HUBER, id="huber_loss-none",
    x=tensors(),
    y=like("x"),
    delta=values(1.0, 0.5, 2.0, 3.0), tolerance=each(HUBER, 6, "(1 + delta) * d", DISTANCE), differs=floats_only(delta=1.0),
)  # fmt: skip
losses.case(
    "torch.nn.HuberLoss(delta=2.0)(x, y)", "d = np.abs(x - y)\nnp.mean(np.where(d <= 2, 0.5 * d ** 2, 2 * (d - 1)))",
    id="HuberLoss", x=tensors(), y=like("x"),
    tolerance=total("mean", "np.where(d <= 2, 0.5 * d**2, 2 * (d - 1))", 6, "2 * d", DISTANCE), differs=floats_only(),
)  # fmt: skip

# Of probabilities and logits

CLIPPED = "p, t = np.clip(x, 0, 1), np.clip(y, 0, 1)\n"
BCE = "(t - 1) * np.maximum(np.log1p(-p), -100) - t * np.maximum(np.log(p), -100)"
NO_PROBABILITY = Difference(
    "PyTorch's binary cross entropy refuses NaN, which is no probability, wherever in the tensor one is; NumPy's loss is NaN there",
    example={"x": np.array([np.nan]), "y": np.array([1.0])}, dtypes=(*FLOATS, "bfloat16"),
    when="np.isnan(x).any() or np.isnan(y).any()", torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip
LOGITS = "(1 - y) * x + np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)"
LOGITS_TERMS = "np.abs((1 - y) * x) + np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)"
for reduction in ("mean", "sum"):
    losses.case(
        f"torch.nn.functional.binary_cross_entropy(x.clip(0, 1), y.clip(0, 1), reduction='{reduction}')",
        f"{CLIPPED}np.{reduction}({BCE})",
        id=f"binary_cross_entropy-{reduction}", x=tensors(), y=like("x"),
        tolerance=total(reduction, BCE, 6, start=CLIPPED),
        differs=[*floats_only(None), NO_PROBABILITY, BY_LOG_0], note="the logarithm of 0 counts as -100",
    )  # fmt: skip
losses.case(
    "torch.nn.BCELoss(reduction='none')(x.clip(0, 1), y.clip(0, 1))", f"{CLIPPED}{BCE}", id="BCELoss-none",
    x=tensors(), y=like("x"),
    tolerance=each(BCE, 6, start=CLIPPED), differs=[*floats_only(None), NO_PROBABILITY, BY_LOG_0],
)  # fmt: skip
losses.case(
    "torch.nn.BCELoss(reduction='none')(x, y)", f"p, t = x, y\n{BCE}", id="BCELoss-outside", x=tensors(), y=like("x"),
    tolerance=each(BCE, 6, start="p, t = x, y\n"),
    differs=[
        *floats_only(),
        Difference("PyTorch's BCELoss refuses inputs and targets that are no probabilities, from 0 to 1; NumPy computes with any",
                   example={"x": np.array([1.5]), "y": np.array([1.0])}, dtypes=(*FLOATS, "bfloat16"),
                   when="not np.all((0 <= x) & (x <= 1) & (0 <= y) & (y <= 1))",
                   torch=Raises(RuntimeError), kind="gotcha"),
    ],
)  # fmt: skip
REDUCED = "{'none': lambda a: a, 'mean': np.mean, 'sum': np.sum}[how]"
START = f"terms = {LOGITS_TERMS}\nreduced = {REDUCED}\nn = 1 if how == 'none' else terms.size\n"
losses.case(
    "torch.nn.functional.binary_cross_entropy_with_logits(x, y, reduction=how)", f"loss = {LOGITS}\n{REDUCED}(loss)",
    id="binary_cross_entropy_with_logits", x=tensors(), y=like("x"), how=values("none", "mean", "sum"),
    differs=floats_only(how="mean"),
    tolerance=within(f"{START}(7 * u + n * min(u, 2.0**-24)) * reduced(terms) + reduced(6 * tiny + 0 * terms)", SOURCE,
                     narrow=True,
                     overflow=f"{FINITE}{START}most = finite(terms)\nmost if how == 'none' else np.max(most, initial=0) if u == 2.0**-11 else np.sum(most)"),
)  # fmt: skip
losses.case(
    "torch.nn.BCEWithLogitsLoss(reduction='none')(x, y)", LOGITS, id="BCEWithLogitsLoss-none", x=tensors(), y=like("x"),
    tolerance=each(LOGITS_TERMS, 6), differs=floats_only(),
    note="for y from 0 to 1 the usual max(x, 0) - x * y + log(1 + exp(-abs(x)))",
)  # fmt: skip
WEIGHTED = "(1 - y) * x + (1 + (w - 1) * y) * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))"
WEIGHTED_TERMS = "np.abs((1 - y) * x) + (1 + np.abs((w - 1) * y)) * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))"
losses.case(
    "torch.nn.BCEWithLogitsLoss(reduction='none', pos_weight=w)(x, y)", WEIGHTED, id="BCEWithLogitsLoss-pos_weight",
    x=tensors(), y=like("x"),
    w=broadcastable("x"), tolerance=each(WEIGHTED_TERMS, 8, "np.maximum(terms, 1 + np.abs((w - 1) * y))", underflow="1 + np.abs((w - 1) * y)"),
    differs=[
        *floats_only(w=np.ones(1)),
        underflows("np.log1p(np.exp(-np.abs(x)))", "((w - 1) * y)", x=100.0, y=1.0, w=np.inf),
        Difference("bfloat16 is rounded after every step: of what a loss is multiplied by nothing may be left, or its sign be another, and "
                   "an infinite multiple of that is NaN, or infinite the other way",
                   example={"x": np.array([-np.inf]), "y": np.array([1.28]), "w": np.array([0.22])}, dtypes=("bfloat16",),
                   when="np.isinf(x) & (np.abs(1 + (w - 1) * y) <= 2.0**-6 * (1 + np.abs((w - 1) * y)))",
                   torch=OneOf("out", "np.nan", "np.inf", "-np.inf")),
        Difference("PyTorch's vectorised exponential is 0 where the smallest subnormal number is nearer, and an infinite multiple of it "
                   "NaN", example={"x": np.array([103.0]), "y": np.array([1.0]), "w": np.array([np.inf])}, dtypes=("float32",),
                   torch=OneOf("out", "np.nan"),
                   when="(capability != 'DEFAULT') & np.isinf((w - 1) * y) & (np.exp(-np.abs(x)) <= 2 * np.finfo(x.dtype).smallest_subnormal)"),
        Difference("PyTorch wants a pos_weight that broadcasts to the shape of x; NumPy broadcasts each to the other",
                   example={"x": np.ones(1), "y": np.ones(1), "w": np.ones(2)}, dtypes=(*FLOATS, "bfloat16"),
                   when="np.broadcast_shapes(w.shape, x.shape) != x.shape", torch=Raises(RuntimeError), kind="gotcha"),
        not_followed("binary_cross_entropy_with_logits by pos_weight", x=np.ones(1), y=np.ones(1), w=np.ones(1)),
    ],
    note="pos_weight counts for the positive class, y = 1, alone",
)  # fmt: skip

# Of distributions

KL = "np.where(y == 0, 0, y * np.log(y)) - y * x"
KL_TERMS = "np.where(y == 0, 0, np.abs(y * np.log(y))) + np.abs(y * x)"
losses.case(
    "torch.nn.functional.kl_div(x, y, reduction='none')", KL, id="kl_div-none", x=tensors(), y=like("x"),
    tolerance=each(KL_TERMS, 4),
    differs=floats_only(None), note="x holds logarithms of probabilities, y probabilities",
)  # fmt: skip
losses.case(
    "torch.nn.functional.kl_div(x, y, reduction='none', log_target=True)", "np.exp(y) * (y - x)", id="kl_div-log_target",
    x=tensors(), y=like("x"),
    tolerance=each("np.exp(y) * np.abs(y - x)", 4, "np.maximum(np.abs(y - x), np.exp(y))", underflow="1 + np.abs(y - x)"),
    differs=[*floats_only(), underflows("np.exp(y)", "x", x=np.inf, y=-94.0)],
)  # fmt: skip
losses.case(
    "torch.nn.KLDivLoss(reduction='batchmean')(x, y)", f"np.sum({KL}) / len(x)", id="KLDivLoss-batchmean",
    x=tensors(ndim=(1, 4)), y=like("x"),
    tolerance=total("sum", f"({KL_TERMS}) / len(x)", 5, "terms * len(x)"), differs=floats_only(None),
    note="the sum over everything divided by the number of rows, which is the divergence; the default, 'mean', divides by all elements",
)  # fmt: skip
losses.case(
    "torch.nn.functional.kl_div(x, y)", f"np.mean({KL})", id="kl_div-mean", x=tensors(), y=like("x"),
    tolerance=total("mean", KL_TERMS, 5),
    differs=floats_only(None),
)  # fmt: skip
