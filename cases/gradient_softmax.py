"""Gradients of softmax and of the losses that are made of it: what `backward(g)` leaves in `x.grad`.

The softmax ``p`` of each sample adds up to 1, so that each number pushes all others down: of the gradient ``g`` that comes back,
its mean weighed with ``p`` is taken off. For the logarithm of it, and so for cross entropy, that leaves the softmax minus
the target: how much too likely each class was.
"""

import numpy as np
from conformance.cases.losses_classes import of_both_signs, weight_for_each

from conformance import (
    COMPLEX,
    INTEGERS,
    UNDEFINED,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    classes,
    like,
    matching,
    tensors,
    values,
    within,
)

gradients = Section("Gradients of softmax", id="gradient-softmax")

ALL_FLOATS = ("float16", "float32", "float64", "bfloat16")


def floats_only(**others: object) -> list[Difference]:
    """Return that there is no such gradient of other numbers, for a row that has the inputs ``others`` beside ``x``."""
    because, example = "PyTorch has this gradient for floating-point numbers only", {"x": np.ones((1, 2)), **others}
    return [Difference(because, example=example, dtypes=(*INTEGERS, *COMPLEX), torch=Raises(RuntimeError)),
            Difference(f"{because}; NumPy has no minus of bools", example=example, dtypes=("bool",),
                       torch=Raises(RuntimeError), numpy=Raises(TypeError, ValueError, IndexError))]  # fmt: skip


def nothing(when: str, **example: object) -> Difference:
    """Return that NumPy has no maximum of nothing, ``when`` there is none."""
    return Difference("PyTorch's gradient of nothing is as empty; NumPy's max refuses an axis of length 0", example=example,
                      dtypes=ALL_FLOATS, when=when, torch="x.copy()", numpy=Raises(ValueError))  # fmt: skip


# Softmax and its logarithm

SOFTMAX = "e = np.exp(x - x.max(axis=dim, keepdims=True))\np = e / e.sum(axis=dim, keepdims=True)\n"
ERROR = (
    "z = x - x.max(axis=dim, keepdims=True, initial=-np.inf)\ne = np.exp(z)\np = e / e.sum(axis=dim, keepdims=True)\n"
    "v, n, z = min(u, 2.0**-24), max(x.shape[dim], 1) if x.ndim else 1, np.where(e > 0, np.abs(z), 0)\n"
    "off = ((2 * n + 8 + z) * v + 4 * u) * p + tiny\ntotal = lambda a: np.sum(a, axis=dim, keepdims=True)\n"
)
"""The softmax, and what it may be ``off`` by."""
SOURCE = (
    "that of the softmax: Blanchard, D. Higham and N. Higham, Accurately computing the log-sum-exp and softmax functions, IMA "
    "Journal of Numerical Analysis 41 (2021), carried through a sum of n products in any order"
)
EACH = {"x": tensors(), "g": like("x"), "dim": axes("x")}
OF_EACH = {"g": np.ones((1, 2)), "dim": 1}
EMPTY = nothing("x.ndim and -x.ndim <= dim < x.ndim and x.shape[dim] == 0", x=np.zeros((2, 0)), g=np.zeros((2, 0)), dim=1)
gradients.case(
    "x.requires_grad_()\ntorch.softmax(x, dim).backward(g)\nx.grad",
    f"{SOFTMAX}p * (g - np.sum(g * p, axis=dim, keepdims=True))", id="softmax", **EACH,
    tolerance=within(
        f"{ERROR}size = np.abs(g) + total(np.abs(g) * p)\n"
        "mean = total(np.abs(g) * (off + (n + 2) * v * p + u * p)) + n * tiny\n"
        "(off + 4 * u * p) * size + (p + off) * mean + 2 * tiny * (1 + size)", SOURCE, narrow=True, unsigned=True,
        overflow=f"{ERROR}np.abs(g) + total(np.abs(g) * p)",
    ),
    differs=[*floats_only(**OF_EACH), EMPTY],
)  # fmt: skip
gradients.case(
    "x.requires_grad_()\ntorch.log_softmax(x, dim).backward(g)\nx.grad",
    f"{SOFTMAX}g - p * np.sum(g, axis=dim, keepdims=True)", id="log_softmax", **EACH,
    tolerance=within(
        f"{ERROR}sums = total(np.abs(g))\n"
        "(off + u * (z + np.log(n) + 4) * p) * sums + p * ((n + 2) * v + u) * sums + 2 * u * np.abs(g) + 2 * tiny * (1 + sums)",
        SOURCE, narrow=True, unsigned=True, overflow=f"{ERROR}np.abs(g) + 2 * total(np.abs(g))",
    ),
    differs=[*floats_only(**OF_EACH), EMPTY],
)  # fmt: skip

# Cross entropy

P = SOFTMAX.replace("=dim", "=1")
TARGET = "target = np.eye(x.shape[1], dtype=x.dtype)[y]\n"
BOUND = ERROR.replace("=dim", "=1").replace("[dim]", "[1]")
CHAIN = (
    "that of the softmax, of whose logarithm PyTorch takes the exponential again; sums of n numbers in any order, and each "
    "step rounded"
)


def cross_entropy(options: str = "", by: str = "x") -> str:
    """Return the program that gives the gradient of cross entropy with ``options``."""
    return f"{by}.requires_grad_()\ntorch.nn.functional.cross_entropy(x, y{options}).backward(g)\n{by}.grad"


def from_target(size: str, target: str = TARGET, *, apart: str = "0", most: str = "0", least: str = "1") -> object:
    """Return the bound of ``size`` times the softmax minus the ``target``; ``apart`` is the error of ``size`` in parts of it.

    ``most`` is what comes up on the way beside these, and ``least`` what is multiplied with what may underflow.
    """
    start = f"{BOUND}{target}size, weight, apart = {size}, total(np.abs(target)), {apart}\n"
    of_softmax = "(off + (u * (z + np.log(n) + 6) + (n + 4) * v) * p) * weight + 6 * u * np.abs(target)"
    return within(
        f"{start}size * ({of_softmax} + apart * (p * weight + np.abs(target)))"
        f" + 4 * tiny * ({least} + size + n * weight + size * weight)",
        CHAIN, narrow=True, unsigned=True, overflow=f"{start}np.where(np.isinf(size), 0, size * (1 + weight)) + {most}",
    )  # fmt: skip


SUM_OF_WEIGHTS = (
    "below, wrong = np.abs(np.sum(w[y])), (len(y) + 2) * u * np.sum(np.abs(w[y]))\n"
    "steps = np.sum(np.abs(w[y])) + np.abs(g) / below + np.abs(g * w[y][:, None])\n"
)
CLASSES = {"x": tensors(2), "y": classes("x")}
NUMBER, OF_NUMBER = {"g": tensors(0)}, {"y": np.array([0]), "g": np.array(1.0)}
SAMPLES, OF_SAMPLES = {"g": matching("n", x="nc")}, {"y": np.array([0]), "g": np.ones(1)}


def no_classes(**others: object) -> Difference:
    """Return that NumPy has no maximum of no classes, for a row that has the inputs ``others`` beside ``x`` and ``y``."""
    return nothing("x.shape[1] == 0 and y.size == 0", x=np.zeros((0, 0)), y=np.zeros(0, int), **others)


NO_SAMPLES = {"g": np.zeros(0)}


ONE_G = "len(g) == len(y) and "


def g_for_each(fits: str = "", **others: object) -> Difference:
    """Return that one g is none for several samples, nor several for one, where ``fits``, for a row with ``others``, too."""
    return Difference("PyTorch wants a g for each sample; NumPy broadcasts one to many", dtypes=ALL_FLOATS, torch=Raises(RuntimeError),
                      example={"x": np.ones((1, 2)), "y": np.array([0]), "g": np.ones(3), **others},
                      when=f"{fits}len(g) != len(y) and 1 in (len(g), len(y)) and x.shape[1]")  # fmt: skip


AT_CLASS = "np.isinf(g)[..., None] & (np.arange(x.shape[1]) == y[:, None])"


def infinite(where: str = AT_CLASS, each: str = "", **others: object) -> Difference:
    """Return what an infinite ``g`` makes of the classes ``where``, for a row that has the inputs ``others``, too.

    ``each`` is what must hold lest PyTorch refuses, and ends in ``and``.
    """
    return Difference("PyTorch takes one multiple of g off another, which is NaN where g is infinite; NumPy's is a multiple of a "
                      "difference",
                      example={"x": np.ones((1, 2)), "y": np.array([0]), "g": np.array([np.inf]), **others},
                      dtypes=ALL_FLOATS, when=f"{each}({where}) & ~np.isnan(out)", torch="np.nan")  # fmt: skip


def subnormal(each: str = "", **others: object) -> Difference:
    """Return what an infinite ``g`` makes of the least probabilities, for a row that has the inputs ``others``, too.

    ``each`` is what must hold lest PyTorch refuses, and ends in ``and``.
    """
    return Difference("PyTorch's probability is 0 where it is subnormal, and an infinite multiple of it NaN; NumPy's is infinite",
                      example={"x": np.array([[0.0, 1.0, -102.7]] * 3), "y": np.zeros(3, int), **others},
                      dtypes=("float32", "bfloat16"), torch=OneOf("out", "np.nan"),
                      when=f"{P}{each}(np.isinf(out) & (p > 0) & (p < np.finfo(x.dtype).smallest_normal))")  # fmt: skip


OF_INF, EACH_INF = {"g": np.array(np.inf)}, {"g": np.full(3, np.inf)}


gradients.case(
    cross_entropy(), f"{P}{TARGET}g * (p - target) / len(y)", id="cross_entropy", **CLASSES, **NUMBER,
    tolerance=from_target("np.abs(g) / len(y)"),
    differs=[*floats_only(**OF_NUMBER), no_classes(g=np.array(1.0)), infinite(**OF_INF), subnormal(**OF_INF)],
    note="how much too likely each class was, divided by the number of samples",
)  # fmt: skip
gradients.case(
    cross_entropy(", reduction='sum'"), f"{P}{TARGET}g * (p - target)", id="cross_entropy-sum", **CLASSES, **NUMBER,
    tolerance=from_target("np.abs(g)"),
    differs=[*floats_only(**OF_NUMBER), no_classes(g=np.array(1.0)), infinite(**OF_INF), subnormal(**OF_INF)],
)  # fmt: skip
gradients.case(
    cross_entropy(", reduction='none'"), f"{P}{TARGET}g[:, None] * (p - target)", id="cross_entropy-none",
    **CLASSES, **SAMPLES, tolerance=from_target("np.abs(g[:, None])"),
    differs=[*floats_only(**OF_SAMPLES), no_classes(**NO_SAMPLES), infinite(each=ONE_G), subnormal(ONE_G, **EACH_INF), g_for_each()],
)  # fmt: skip
gradients.case(
    cross_entropy(", ignore_index=ignored"),
    f"{P}{TARGET}counts = y != ignored\nnp.where(counts[:, None], g, 0) * (p - target) / len(y[counts])",
    id="cross_entropy-ignore_index", **CLASSES, **NUMBER, ignored=values(0, 1, -100),
    tolerance=from_target("np.where((y != ignored)[:, None], np.abs(g), 0) / np.sum(y != ignored)"),
    differs=[
        *floats_only(**OF_NUMBER, ignored=0),
        nothing("x.shape[1] == 0 and np.all(y == ignored)", x=np.zeros((0, 0)), y=np.zeros(0, int), g=np.array(1.0),
                ignored=0),
        Difference("where no sample counts PyTorch's loss is NaN, but its gradient is 0; NumPy's 0 / 0 is NaN",
                   dtypes=ALL_FLOATS, example={"x": np.ones((1, 2)), "y": np.array([0]), "g": np.array(1.0), "ignored": 0},
                   when="e = np.exp(x - x.max(axis=1, keepdims=True, initial=-np.inf))\n"
                   "np.all(y == ignored) & ~np.isnan(e.sum(axis=1, keepdims=True)) & np.ones(x.shape, bool)", torch="0"),
        infinite(f"{AT_CLASS} & (y != ignored)[:, None]", g=np.array(np.inf), ignored=1), subnormal(**OF_INF, ignored=1),
        Difference("PyTorch does not look at a class that it ignores; NumPy refuses it where there is no such class", dtypes=ALL_FLOATS,
                   example={"x": np.ones((1, 1)), "y": np.array([1]), "g": np.array(1.0), "ignored": 1}, torch=UNDEFINED, numpy=Raises(IndexError),
                   when="none = (y < 0) | (y >= x.shape[1])\nx.shape[1] > 0 and np.any(none) and np.all(y[none] == ignored)"),
    ],
    note="what does not count gets 0, and is not among those divided by",
)  # fmt: skip
gradients.case(
    cross_entropy(", weight=w, reduction='none'"), f"{P}{TARGET}(g * w[y])[:, None] * (p - target)",
    id="cross_entropy-weight-none", **CLASSES, **SAMPLES, w=matching("c", x="nc"),
    tolerance=from_target("np.abs(g * w[y])[:, None]"),
    differs=[*floats_only(**OF_SAMPLES, w=np.ones(2)), weight_for_each(g=np.ones(1)), no_classes(**NO_SAMPLES, w=np.zeros(0)),
             infinite(AT_CLASS.replace("(g)", "(g * w[y])"), f"len(w) == x.shape[1] and {ONE_G}", w=np.ones(2)),
             subnormal(f"len(w) == x.shape[1] and {ONE_G}", **EACH_INF, w=np.ones(3)),
             g_for_each("len(w) == x.shape[1] and ", w=np.ones(2))],
)  # fmt: skip
TOO_HEAVY = [
    Difference("where the sum of the weights overflows, PyTorch's gradient, which is divided by it, is 0; so is NumPy's, but NaN "
               "where the product of g and a weight overflows as well", dtypes=dtypes, torch=OneOf("out", "0.0", "-0.0"),
               example={"x": np.zeros((3, 3)), "y": np.zeros(3, int), "g": np.array(2.0), "w": np.array([most, 0.0, 0.0])},
               when="np.isinf(np.sum(w[y])) & np.isfinite(g) & (np.isnan(out) | (out == 0))")
    for dtypes, most in ((("float16",), 6e4), (("float32", "bfloat16"), 3e38), (("float64",), 1.7e308))
]  # fmt: skip
gradients.case(
    cross_entropy(", weight=w"), f"{P}{TARGET}g * w[y][:, None] * (p - target) / np.sum(w[y])", id="cross_entropy-weight",
    **CLASSES, **NUMBER, w=matching("c", x="nc"),
    tolerance=from_target("np.abs(g * w[y][:, None] / np.sum(w[y]))", f"{TARGET}{SUM_OF_WEIGHTS}",
                          apart="wrong / np.maximum(below - wrong, 0)",
                          most="np.where(below <= wrong, np.inf, np.where(np.isinf(g), 0, steps))",
                          least="(1 + np.abs(w[y])[:, None] + 1 / below)"),
    differs=[*floats_only(**OF_NUMBER, w=np.ones(2)), weight_for_each(g=np.array(1.0)),
             no_classes(g=np.array(1.0), w=np.zeros(0)),
             infinite(g=np.array(np.inf), w=np.ones(2)), *of_both_signs(g=np.array(1.0)), *TOO_HEAVY,
             subnormal(**OF_INF, w=np.array([1.0, 0.0, 0.0]))],
    note="a mean with weights divides by the sum of those of the samples",
)  # fmt: skip
gradients.case(
    cross_entropy(", label_smoothing=s, reduction='none'"),
    f"{P}{TARGET}g[:, None] * (p - (1 - s) * target - s / x.shape[1])", id="cross_entropy-label_smoothing",
    **CLASSES, **SAMPLES, s=values(0.1, 0.5, 1.0),
    tolerance=from_target("np.abs(g[:, None])", f"{TARGET}target = (1 - s) * target + s / x.shape[1]\n"),
    differs=[*floats_only(**OF_SAMPLES, s=0.1), no_classes(**NO_SAMPLES, s=0.1),
             infinite("np.isinf(g)[:, None] & np.ones(x.shape, bool)", ONE_G, s=0.1), g_for_each(s=0.1)],
)  # fmt: skip
LIKELY, OF_LIKELY = {"x": tensors(2), "y": like("x")}, {"y": np.array([[0.75, 0.25]])}
NONE_LIKELY = nothing("x.shape[1] == 0", x=np.zeros((0, 0)), y=np.zeros((0, 0)), g=np.array(1.0))
gradients.case(
    cross_entropy(), f"{P}g * (p * np.sum(y, axis=1, keepdims=True) - y) / len(y)", id="cross_entropy-probabilities",
    **LIKELY, **NUMBER, tolerance=from_target("np.abs(g) / len(y)", "target = y\n",
                                    most="np.where(np.isinf(g), 0, 2 * np.abs(g) * weight)", least="n"),
    differs=[*floats_only(**OF_LIKELY, g=np.array(1.0)), NONE_LIKELY,
             infinite("np.isinf(g) & np.ones(x.shape, bool)", **OF_LIKELY, g=np.array(np.inf))],
    note="probabilities that add up to 1 leave p - y",
)  # fmt: skip
