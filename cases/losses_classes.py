"""Losses of a class for each sample: cross entropy of logits, and the negative logarithm of a likelihood.

``x`` has a row of numbers for each sample and a column for each class, ``y`` the number of the class of each sample. In
NumPy that is a lookup with ``np.take_along_axis``. PyTorch counts classes from 0 only; a mean with ``weight`` divides by the
sum of the weights of the samples, and samples of the class ``ignore_index`` count for neither. More axes come after that of
the classes; a single sample has that one alone.
"""

import numpy as np
from conformance.cases.derivatives import not_followed, other_gradient
from conformance.cases.losses import floats_only as floats_only_in

from conformance import (
    UNDEFINED,
    Difference,
    OneOf,
    Raises,
    Section,
    classes,
    like,
    matching,
    tensors,
    values,
    within,
)

NOT_BY_WEIGHT = not_followed("nll_loss by weight", x=np.ones((1, 2)), y=np.zeros(1, int), w=np.ones(2))

losses = Section("Losses of classes", id="losses-classes")

FLOATS = ("float16", "float32", "float64", "bfloat16")


NO_MINUS = Raises(TypeError, ValueError, IndexError)


def floats_only(x: object = ((1.0, 1.0),), y: object = (0,), numpy: Raises | None = NO_MINUS,
                **others: object) -> list[Difference]:
    """Return that there is no such loss of other numbers, for a row that has the inputs ``others``, too.

    ``numpy`` is what NumPy does with bools.
    """
    return floats_only_in(numpy, x=np.array(x), y=np.array(y), **others)


def weight_for_each(**others: object) -> Difference:
    """Return what happens to another number of weights than of classes."""
    return Difference("PyTorch wants a weight for each class; NumPy needs none that no sample asks for",
                      example={"x": np.ones((1, 2)), "y": np.array([0]), "w": np.ones(3), **others},
                      dtypes=FLOATS, when="len(w) != x.shape[1]", torch=Raises(RuntimeError))  # fmt: skip


# The negative of what stands at the class of each sample

KEPT = "x, y = x[y != ignored], y[y != ignored]\n"
"""The samples that count."""
PICKED = "picked = np.take_along_axis(x, y[:, None], axis=1)[:, 0]\n"
FINITE = "finite = lambda a: np.where(np.isfinite(a), a, 0)\n"
"""What is infinite by itself does not overflow."""
SUM = "n numbers are added in any order: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 4.2; and divided"


def picked(reduction: str, kept: str = "") -> object:
    """Return the bound of the sum or mean of the numbers picked, of the samples ``kept``."""
    terms = f"{kept}{PICKED}terms = np.abs(picked)\n"
    return within(f"{terms}(terms.size + 2) * u * np.{reduction}(terms) + 2 * tiny", SUM, narrow=True, unsigned=True,
                  overflow=f"{FINITE}{terms}np.sum(finite(terms))")


losses.case(
    "torch.nn.functional.nll_loss(x, y, reduction='none')", "-np.take_along_axis(x, y[:, None], axis=1)[:, 0]",
    id="nll_loss-none", x=tensors(2),
    y=classes("x"), differs=floats_only(),
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y, reduction='none')",
    "-np.take_along_axis(x, np.expand_dims(y, 1), axis=1).squeeze(1)", id="nll_loss-axes",
    x=tensors(ndim=(2, 4)), y=classes("x"), differs=[
        *floats_only(np.ones((1, 2, 1)), np.zeros((1, 1), int)),
        other_gradient("PyTorch's backward() of nll_loss fails on some tensors of four axes that are not contiguous", kind="bug",
                       when="x.ndim == 4 and not x.flags.c_contiguous", x=np.ones((2, 2, 2, 2)).T, y=np.zeros((2, 2, 2), int)),
    ],
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y)", "-x[y]", id="nll_loss-one-sample", x=tensors(1), y=classes("x", 0),
    differs=[
        *floats_only(np.ones(2), 0),
        Difference("PyTorch takes a mean of one number, whose sum begins with 0.0: it is never -0.0", dtypes=FLOATS,
                   example={"x": np.zeros(1), "y": 0}, when="(out == 0) & np.signbit(out)", torch="np.zeros((), x.dtype)"),
    ],
)  # fmt: skip
losses.case(
    "torch.nn.NLLLoss()(x, y)", "-x[np.arange(len(y)), y].mean()", id="NLLLoss", x=tensors(2), y=classes("x"),
    tolerance=picked("mean"),
    differs=floats_only(numpy=None),
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y, reduction='sum')", "-np.sum(x[np.arange(len(y)), y])", id="nll_loss-sum",
    x=tensors(2), y=classes("x"),
    tolerance=picked("sum"), differs=floats_only(numpy=None),
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y, reduction='none')", "-np.take_along_axis(x, y[:, None], axis=1)[:, 0]",
    id="nll_loss-negative", x=tensors(2),
    y=classes("x", negative=True),
    differs=[
        *floats_only(),
        Difference("PyTorch counts classes from 0 only; NumPy counts negative ones from the end",
                   example={"x": np.ones((1, 2)), "y": np.array([-1])},
                   dtypes=FLOATS, torch=Raises(IndexError), kind="gotcha",
                   when="np.any(y < 0) and np.all((-x.shape[1] <= y) & (y < x.shape[1]))",
                   instead="-x[torch.arange(len(y)), y]"),
    ],
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y, ignore_index=ignored)",
    "x, y = x[y != ignored], y[y != ignored]\n-np.mean(x[np.arange(len(y)), y])",
    id="nll_loss-ignore_index", x=tensors(2), y=classes("x"), ignored=values(0, 1, -100),
    tolerance=picked("mean", KEPT),
    differs=floats_only(numpy=None, ignored=0),
)  # fmt: skip
losses.case(
    "torch.nn.functional.nll_loss(x, y, weight=w, reduction='none')", "-w[y] * x[np.arange(len(y)), y]",
    id="nll_loss-weight-none", x=tensors(2),
    y=classes("x"), w=matching("c", x="nc"), differs=[*floats_only(w=np.ones(2)), weight_for_each(), NOT_BY_WEIGHT],
)  # fmt: skip

QUOTIENT = (
    "a sum of n products divided by a sum of n weights, each in any order: Higham, Accuracy and Stability of Numerical Algorithms, "
    "2nd ed., sections 3.1 and 4.2"
)


def weighted(losses: str, error: str, start: str = "", *, unsigned: bool = False) -> object:
    """Return the bound of the weighted mean of ``losses`` that are off by ``error``."""
    common = f"{start}losses = {losses}\nv = np.abs(w[y])\nn = y.size\nabove, below = np.sum(v * np.abs(losses)), np.abs(np.sum(w[y]))\n"
    off = f"((n + 3) * u * above + np.sum(v * ({error})) + n * tiny)"
    return within(
        f"{common}less = np.maximum(below - n * u * np.sum(v), 0)\n({off} + np.abs(exact) * (n * u * np.sum(v) + n * tiny)) / less + 2 * tiny",
        QUOTIENT, narrow=True, unsigned=unsigned,
        overflow=f"{FINITE}{common}np.sum(v * finite(np.abs(losses))) + np.sum(v) + np.where(below <= n * u * np.sum(v), np.inf, 0)",
    )  # fmt: skip



def of_both_signs(**others: object) -> list[Difference]:
    """Return what a sum of weights of both signs is worth, for a row whose inputs beside ``x``, ``y`` and ``w`` are ``others``."""
    return [
        Difference("weights that cancel leave of their sum what rounding leaves, another thing in another order, and large ones overflow in "
                   "one order and not in another: what is divided by it is anything",
                   example={"x": np.array([[0.0, 0.001, 1.0]] * len(y)), "y": np.array(y), "w": np.array(weights), **others},
                   when="y.size and np.max(y) < len(w) == x.shape[1] and np.isfinite(w[y]).all() and (w[y] < 0).any() and (w[y] > 0).any() and "
                   "not np.abs(np.sum(w[y])) > 8 * y.size * np.finfo(w.dtype).eps * np.sum(np.abs(w[y]))",
                   dtypes=dtypes, torch=UNDEFINED, kind="gotcha")
        for y, weights, dtypes in (
            ([0, 1, 2], [1e-30, 4.0, -4.0], ("float32", "bfloat16")),
            ([0, 1, 2], [1e-200, 4.0, -4.0], ("float64",)),
            ([1, 0, 2, 0, 2, 2, 0, 2, 1], [-65500.0, 65500.0, 0.0], ("float16",)),
        )
    ]  # fmt: skip


losses.case(
    "torch.nn.NLLLoss(weight=w)(x, y)", "-np.sum(w[y] * x[np.arange(len(y)), y]) / np.sum(w[y])", id="NLLLoss-weight",
    x=tensors(2),
    y=classes("x"), w=matching("c", x="nc"), tolerance=weighted("x[np.arange(len(y)), y]", "0", unsigned=True),
    differs=[*floats_only(numpy=None, w=np.ones(2)), weight_for_each(), NOT_BY_WEIGHT, *of_both_signs()],
)  # fmt: skip

# Cross entropy

LOG_SOFTMAX = "z = x - x.max(axis=1, keepdims=True)\nlogp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))\n"
NLL = "z = x - x.max(axis=1, keepdims=True)\nnll = np.log(np.sum(np.exp(z), axis=1, keepdims=True)) - z\n"
"""The negative of that, the loss of each sample, were it of that class."""
ANYHOW = LOG_SOFTMAX.replace("keepdims=True)\nlogp", "keepdims=True, initial=-np.inf)\nlogp")
LOG = ANYHOW + (
    "c = x.shape[1]\n"
    "error = (2 * c + 8) * min(u, 2.0**-24) + u * (1 + np.abs(z) + np.abs(logp) + np.abs(z - logp)) + 2 * tiny\n"
)
ENTROPY = (
    "the logarithm of a sum of c exponentials, of which none is more than 1: Blanchard, D. Higham and N. Higham, Accurately computing "
    "the log-sum-exp and softmax functions, IMA Journal of Numerical Analysis 41 (2021), where PyTorch rounds the sum of float16 and "
    "bfloat16 once to the dtype itself; then a sum of n"
)


def no_classes(torch: str, when: str = "y.size == 0", x: object = np.zeros((0, 0)), y: object = np.zeros(0, int),
               **others: object) -> Difference:
    """Return what there is of no samples of no classes."""
    return Difference("PyTorch has a loss of no samples of no classes; NumPy's max refuses an axis of length 0",
                      example={"x": x, "y": y, **others}, dtypes=FLOATS, when=f"x.shape[1] == 0 and {when}", torch=torch,
                      numpy=Raises(ValueError))  # fmt: skip


def entropy(reduction: str, terms: str, error: str, more: str = "0", start: str = "") -> object:
    """Return the bound of the sum or mean of ``terms``, each off by ``error``, of ``more`` additions than there are terms."""
    logarithms = "" if more == "0" else " + np.sum(finite(np.abs(logp)))"
    start = f"{FINITE}{start}{LOG}terms, off = {terms}, {error}\nn = terms.size + {more}\n"
    return within(f"{start}np.{reduction}(off) + (n + 2) * u * np.{reduction}(np.abs(terms)) + 2 * tiny", ENTROPY,
                  narrow=True, overflow=f"{start}np.sum(finite(np.abs(terms))){logarithms}")  # fmt: skip


AT = "[np.arange(len(y)), y]"
for reduction, nothing in (("mean", "np.array(np.nan, x.dtype)"), ("sum", "np.array(0, x.dtype)")):
    losses.case(
        f"torch.nn.functional.cross_entropy(x, y, reduction='{reduction}')", f"{NLL}np.{reduction}(nll{AT})",
        id=f"cross_entropy-{reduction}", x=tensors(2), y=classes("x"),
        tolerance=entropy(reduction, f"logp{AT}", f"error{AT}"),
        differs=[*floats_only(), no_classes(nothing)],
    )  # fmt: skip
losses.case(
    "torch.nn.CrossEntropyLoss(reduction='none')(x, y)",
    f"{LOG_SOFTMAX}-np.take_along_axis(logp, np.expand_dims(y, 1), axis=1).squeeze(1)",
    id="CrossEntropyLoss-none", x=tensors(ndim=(2, 4)), y=classes("x"),
    tolerance=within(f"{LOG}np.take_along_axis(error, np.expand_dims(y, 1), axis=1).squeeze(1)", ENTROPY, narrow=True),
    differs=[*floats_only(), no_classes("np.zeros(y.shape, x.dtype)")],
)  # fmt: skip
losses.case(
    "torch.nn.functional.cross_entropy(x, y)", "z = x - x.max()\nnp.log(np.sum(np.exp(z))) - z[y]",
    id="cross_entropy-one-sample", x=tensors(1),
    y=classes("x", 0), tolerance=within(f"x = x[None]\n{LOG}error[0, y]", ENTROPY, narrow=True),
    differs=floats_only(np.ones(2), 0),
)  # fmt: skip
losses.case(
    "torch.nn.functional.cross_entropy(x, y, ignore_index=ignored)", f"{KEPT}{NLL}np.mean(nll{AT})",
    id="cross_entropy-ignore_index",
    x=tensors(2), y=classes("x"), ignored=values(0, 1, -100),
    tolerance=entropy("mean", f"logp{AT}", f"error{AT}", start=KEPT),
    differs=[*floats_only(ignored=0), no_classes("np.array(np.nan, x.dtype)", "np.all(y == ignored)", ignored=0)],
)  # fmt: skip
losses.case(
    "torch.nn.CrossEntropyLoss(weight=w)(x, y)", f"{NLL}np.sum(w[y] * nll{AT}) / np.sum(w[y])",
    id="CrossEntropyLoss-weight",
    x=tensors(2), y=classes("x"), w=matching("c", x="nc"),
    tolerance=weighted(f"logp{AT}", f"error{AT}", LOG),
    differs=[*floats_only(w=np.ones(2)), weight_for_each(), NOT_BY_WEIGHT, *of_both_signs()[:2],
             no_classes("np.array(np.nan, x.dtype)", "y.size == w.size == 0", w=np.zeros(0))],
)  # fmt: skip
losses.case(
    "torch.nn.functional.cross_entropy(x, y, label_smoothing=s)",
    f"{NLL}np.mean((1 - s) * nll{AT} + s * np.mean(nll, axis=1))", id="cross_entropy-label_smoothing",
    x=tensors(2), y=classes("x"), s=values(0.1, 0.5, 1.0),
    tolerance=entropy("mean", f"(1 - s) * np.abs(logp{AT}) + s * np.sum(np.abs(logp), axis=1) / c",
                      f"(1 - s) * error{AT} + s * np.sum(error, axis=1) / c", "c + 4"),
    differs=[*floats_only(s=0.1), no_classes("np.array(np.nan, x.dtype)", s=0.1)],
    note="each target is a mixture of its class and, with the share s, of all classes alike",
)  # fmt: skip
losses.case(
    "torch.nn.functional.cross_entropy(x, y)", f"{LOG_SOFTMAX}-np.mean(np.sum(y * logp, axis=1))",
    id="cross_entropy-probabilities", x=tensors(2),
    y=like("x"), tolerance=entropy("mean", "np.sum(finite(np.abs(y * logp)), axis=1)", "np.sum(np.abs(y) * error, axis=1)",
                                   "c + 4"),
    differs=[
        Difference("PyTorch rounds the sum of exponentials to 16 bits, so that a logarithm that is nearly 0 may be 0, of which an infinite multiple is NaN",
                   example={"x": np.array([[8.0, 0.0]]), "y": np.array([[np.inf, 0.0]])}, dtypes=("bfloat16",),
                   torch=OneOf("out", "np.nan"),
                   when=f"{ANYHOW}np.any(np.isinf(y) & (np.abs(logp) < 2.0**-7))"),
        *floats_only(y=np.ones((1, 2))), no_classes("np.array(np.nan, x.dtype)", y=np.zeros((0, 0)))],
    note="a target of the shape of x holds a probability for each class; nobody checks that they add up to 1",
)  # fmt: skip
losses.case(
    "one_hot = torch.nn.functional.one_hot(y, x.shape[1]).to(x.dtype)\ntorch.nn.functional.cross_entropy(x, one_hot, reduction='none')",
    f"{LOG_SOFTMAX}-np.sum(np.eye(x.shape[1], dtype=x.dtype)[y] * logp, axis=1)", id="cross_entropy-one_hot", x=tensors(2),
    y=classes("x"),
    tolerance=within(f"{LOG}error{AT} + 2 * u * np.abs(exact)", ENTROPY, narrow=True),
    differs=[
        *floats_only(),
        Difference("a logarithm that is finite in float32 and infinite in bfloat16 is NaN when it is multiplied by 0", dtypes=("bfloat16",),
                   example={"x": np.array([[1.2e36, -3.3895e38]]), "y": np.array([0])}, torch=OneOf("out", "np.nan"), kind="gotcha",
                   when=f"{ANYHOW}np.any(np.isfinite(logp) & (np.abs(logp) > 3.3961e38), axis=1)"),
    ],
)  # fmt: skip
losses.case(
    "log_softmax = torch.nn.LogSoftmax(dim=1)\ntorch.nn.NLLLoss()(log_softmax(x), y)", f"{NLL}np.mean(nll{AT})",
    id="NLLLoss-of-LogSoftmax",
    x=tensors(2), y=classes("x"), tolerance=entropy("mean", f"logp{AT}", f"error{AT}"),
    differs=[*floats_only(), no_classes("np.array(np.nan, x.dtype)")],
)  # fmt: skip
