"""Gradients of layers that normalise: what `backward(g)` leaves in `.grad`.

Mean and deviation depend on every number that they are of, so what comes back is normalised, too: of ``t = g * w`` its mean is
taken off, and what it has of the direction of the normalised numbers ``h``; then it is divided by the deviation. In ``eval``
mode a batch norm's mean and variance are constants, and of all that only the division is left.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.gradient_norms_extremes import (
    ALL_FLOATS,
    BY_EACH,
    BY_SUM,
    FIT,
    INFINITE_WEIGHT,
    MAGNIFIED,
    OF_INFINITE,
    OF_ITS_OWN_MEAN,
    OF_OVERFLOWN,
    ONES,
    OVERFLOWN,
    TOO_WIDE,
    UNDERFLOWN,
    on_rounded_mean,
)
from conformance.cases.layers_norm import ONCE, STRIDED, distances, one_sample

from conformance import (
    COMPLEX,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    like,
    matching,
    tensors,
    within,
)

gradients = Section("Gradients of layers that normalise", id="gradient-norms")

COLUMN = matching("c", x="nc")
AFFINE = {"x": tensors(2), "w": COLUMN, "b": COLUMN, "g": like("x")}
FINITE = "g = np.where(np.isfinite(g), g, 0)\n"
"""What is infinite by itself does not overflow."""
STRIDED_DTYPES = ("float32", "float64")
ONES_TO_ALL = ONES | {"g": np.ones((2, 1))}
SOURCE = (
    "that of the distances from the mean, carried through two means of n products: Higham, Accuracy and Stability of Numerical "
    "Algorithms, 2nd ed., section 3.1"
)


def differs(
    *others: Difference, fit: str = FIT, empty: str = "False", minus: bool = False, **given: object
) -> list[Difference]:
    """Return what has no gradient, for a row that has the inputs ``given``, too, and the differences ``others``.

    Where there is nothing in ``x`` and shapes fit, or ``empty``, nothing is refused.
    """
    because, refused = "PyTorch has this gradient for floating-point numbers only", (RuntimeError, IndexError, ValueError)
    example = {"x": np.ones((2, 1)), **ONES_TO_ALL, **given}
    wide = {name: np.ones(2) for name in ("w", "b", *(set(given) - {"g"}))}
    return [
        Difference(because, example=example, dtypes=INTEGERS, torch=Raises(*refused)),
        Difference(f"{because}; NumPy has no minus of bools" if minus else because, example=example, dtypes=("bool",),
                   torch=Raises(*refused), numpy=Raises(TypeError, ValueError) if minus else None),
        Difference(because, example=example, dtypes=COMPLEX, torch=Raises(*refused), when=f"not ({empty})"),
        Difference("PyTorch wants a weight and a bias for each feature; NumPy broadcasts one to many", example=example | wide,
                   dtypes=ALL_FLOATS, when=f"not ({fit})", torch=Raises(*refused)),
        *others,
    ]  # fmt: skip


def through(axis: str) -> object:
    """Return the bound of a gradient through mean and deviation along ``axis``."""
    lines = (
        f"{distances(axis, further=ONCE)}t = np.abs(w * g)\nmean = lambda a: np.mean(a, axis={axis}, keepdims=True)\n"
        "size = t + mean(t) + h * mean(t * h)\nv = (n + 6) * min(u, 2.0**-24) + 6 * u\n"
    )
    return within(
        f"{lines}moved = off * mean(t * h) + (h + off) * mean(t * off) + (v + 4 * u) * size + 4 * tiny * (1 + h + mean(t))\n"
        "moved / np.sqrt(least) + (size + moved) * wrong / (2 * least ** 1.5) + 4 * tiny * (1 + np.abs(w) + np.abs(g))"
        " + 8 * n * tiny * (1 + np.abs(x) + np.abs(m)) * (1 + np.abs(w)) * (1 + 1 / least ** 1.5)",
        SOURCE, narrow=True, unsigned=True,
        overflow=f"{FINITE}{lines}total = lambda a: n * np.sum(a, axis={axis}, keepdims=True)\n"
        "products = (1 + np.abs(g)) * (1 + np.abs(w)) * (1 + np.abs(x) + np.abs(m)) * (1 + h)\n"
        "4 * total(size * (1 + h)) / np.sqrt(least) + 4 * total(products) * (1 + 1 / least ** 1.5)"
        " + total((x - m) ** 2 + x * x)",
    )  # fmt: skip


def summed(axis: str) -> object:
    """Return the bound of a sum over the samples of products with the numbers normalised along ``axis``."""
    lines = distances(axis, further=ONCE)
    return within(
        f"{lines}np.sum(np.abs(g) * (off + (len(x) + 3) * u * h + tiny) + 4 * tiny * (1 + 1 / np.sqrt(least)), axis=0)",
        SOURCE, narrow=True, unsigned=True,
        overflow=f"{FINITE}{lines}products = np.abs(g) * (1 + h) * (1 + np.abs(x) + np.abs(m))\n"
        f"np.sum(products / np.minimum(least, 1) + np.sum(x * x, axis={axis}, keepdims=True), axis=0)",
    )  # fmt: skip


def by(name: str, call: str) -> str:
    """Return the program that gives the gradient of ``call`` by ``name``."""
    return f"{name}.requires_grad_()\ntorch.nn.functional.{call}.backward(g)\n{name}.grad"


SUM = within("(len(g) + 2) * u * np.sum(np.abs(g), axis=0)", "n numbers are added in any order, each sum rounded",
             narrow=True, unsigned=True, overflow=f"{FINITE}np.sum(np.abs(g), axis=0)")  # fmt: skip

ROWS = "mean, var = (f(x, axis=-1, keepdims=True) for f in (np.mean, np.var))\nh = (x - mean) / np.sqrt(var + 1e-5)\n"
LAYER = "layer_norm(x, x.shape[-1:], w, b)"
gradients.case(
    by("x", LAYER),
    f"{ROWS}t = g * w\n"
    "(t - t.mean(axis=-1, keepdims=True) - h * np.mean(t * h, axis=-1, keepdims=True)) / np.sqrt(var + 1e-5)",
    id="layer_norm-x", **AFFINE, tolerance=through("-1"),
    differs=differs(*OF_OVERFLOWN, OF_INFINITE, *UNDERFLOWN, *MAGNIFIED),
)  # fmt: skip
gradients.case(
    by("w", LAYER), f"{ROWS}np.sum(g * h, axis=0)", id="layer_norm-w", **AFFINE,
    tolerance=summed("-1"),
    differs=differs(OF_ITS_OWN_MEAN, *OVERFLOWN),
)  # fmt: skip
gradients.case(by("b", LAYER), "np.sum(g, axis=0)", id="layer_norm-b", **AFFINE, tolerance=SUM, differs=differs())

BATCH = "batch_norm(x, None, None, w, b, training=True)"
COLUMNS = "mean, var = x.mean(axis=0), x.var(axis=0)\nh = (x - mean) / np.sqrt(var + 1e-5)\n"
TWO = {"x": np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]]), "g": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]])}
OF_BATCH = [
    one_sample(**ONES | {"g": np.ones((1, 1))}),
    Difference("PyTorch's batch norm with a weight looks at the first feature, and refuses none; NumPy's result is empty",
               example={"x": np.ones((2, 0)), "w": np.ones(0), "b": np.ones(0), "g": np.ones((2, 0))}, dtypes=ALL_FLOATS,
               when="x.shape[1] == 0 and len(x) != 1 and len(w) == len(b) == 0", torch=Raises(IndexError)),
]  # fmt: skip
EMPTY = "len(x) == 0 and x.shape[1]"
SAMPLES = f"len(x) <= 1 and x.shape[1] or {FIT}"


def of_none(name: str, when: str, *lengths: str, **given: object) -> list[Difference]:
    """Return what the gradient by ``name`` of no samples is, for a row that has the inputs ``given`` beside those of all.

    ``lengths`` must all be alike, or 1, lest NumPy refuses.
    """
    because = "of no samples PyTorch looks at no length of the others, and its gradient is as large as what it is by"
    example = {"x": np.ones((0, 1)), "w": np.ones(3), "b": np.ones(3), "g": np.ones((0, 1)), **given}
    one = Difference(because, example=example, dtypes=(*ALL_FLOATS, *COMPLEX), when=f"{EMPTY} and {when}",
                     torch=f"np.zeros_like({name})")  # fmt: skip
    if not lengths:
        return [one]
    several = f"len({{1, x.shape[1], {', '.join(f'len({length})' for length in lengths)}}})"
    return [replace(one, when=f"{one.when} and {several} <= 2"),
            replace(one, because=f"{because}; NumPy refuses what does not fit", when=f"{EMPTY} and {several} > 2",
                    numpy=Raises(ValueError),
                    example=example | {"x": np.ones((0, 2)), "g": np.ones((0, 2)), lengths[-1]: np.ones(3)})]  # fmt: skip


gradients.case(
    by("x", BATCH), f"{COLUMNS}t = g * w\n(t - t.mean(axis=0) - h * np.mean(t * h, axis=0)) / np.sqrt(var + 1e-5)",
    id="batch_norm-x", **AFFINE, tolerance=through("0"),
    differs=differs(
        *OF_BATCH, *of_none("x", "len(w) != x.shape[1]", "w"), *TOO_WIDE, INFINITE_WEIGHT, *on_rounded_mean(BY_EACH), Difference(
            STRIDED.because, dtypes=STRIDED_DTYPES, example=TWO | {"w": np.array([1.0, 100.0, 2.0, 100.0])[::2], "b": np.zeros(2)},
            when="x.flags.c_contiguous and w.size > 1 and not w.flags.c_contiguous", torch=UNDEFINED, kind="bug"),
        fit=SAMPLES, empty=EMPTY),
)  # fmt: skip
gradients.case(
    by("w", BATCH), f"{COLUMNS}np.sum(g * h, axis=0)", id="batch_norm-w", **AFFINE,
    tolerance=summed("0"),
    differs=differs(*OF_BATCH, *of_none("w", "len(w) != x.shape[1]"), *on_rounded_mean(BY_SUM), fit=SAMPLES, empty=EMPTY),
)  # fmt: skip
gradients.case(by("b", BATCH), "np.sum(g, axis=0)", id="batch_norm-b", **AFFINE, tolerance=SUM,
               differs=differs(*OF_BATCH, *of_none("b", "len(b) != x.shape[1]"), fit=SAMPLES, empty=EMPTY))

EVAL = "batch_norm(x, mean, var, w, b)"
KEPT = {**AFFINE, "mean": COLUMN, "var": COLUMN}
OF_KEPT = {"mean": np.ones(1), "var": np.ones(1)}
FIT_KEPT = f"{EMPTY} or len(w) == len(b) == len(mean) == len(var) == x.shape[1]"
NO_FEATURES_KEPT = replace(OF_BATCH[1], example=OF_BATCH[1].example | {"mean": np.ones(0), "var": np.ones(0)},
                           when=f"x.shape[1] == 0 and ({FIT_KEPT})")
EVERY_OTHER = np.array([1.0, 100.0, 2.0, 100.0])[::2]


def strided(because: str, names: str, **example: object) -> Difference:
    """Return what comes of ``names`` that are not contiguous, for a row that has the other inputs of ``example``, too."""
    apart = " or ".join(f"not {name}.flags.c_contiguous" for name in names.split())
    rest = {"w": np.ones(2), "b": np.zeros(2), "mean": np.ones(2), "var": np.ones(2)}
    return Difference(because, example=TWO | rest | example, dtypes=STRIDED_DTYPES, torch=UNDEFINED, kind="bug",
                      when=f"x.flags.c_contiguous and x.shape[1] > 1 and ({apart})")  # fmt: skip


KEPT_STRIDED = strided(
    "PyTorch's gradient of a batch norm of two axes that uses what it has kept reads mean and variance as if they were contiguous: "
    "of strided ones, the numbers in between", "mean var", mean=EVERY_OTHER, var=EVERY_OTHER,
)  # fmt: skip
A = "a = 1 / np.sqrt(var + 1e-5)\nr = (8 + 2 * (np.abs(var) + 1e-5) / (var + 1e-5)) * u\n"
gradients.case(
    by("x", EVAL), "g * w / np.sqrt(var + 1e-5)", id="batch_norm-eval-x", **KEPT,
    tolerance=within(f"{A}r * np.abs(g * w) * a + 4 * tiny * (1 + np.abs(w) + np.abs(g) + a) * (1 + a)",
                     "a root, a quotient and two products, each rounded",
                     narrow=True, unsigned=True,
                     overflow=f"{FINITE}{A}np.abs(g * w) * (1 + a) + np.abs(w) * a + np.abs(g) * a"),
    differs=differs(NO_FEATURES_KEPT, KEPT_STRIDED, strided(STRIDED.because, "w", w=EVERY_OTHER),
                    *of_none("x", "max(len(w), len(var)) != x.shape[1]", "w", "var", **OF_KEPT),
                    fit=FIT_KEPT, empty=EMPTY, **OF_KEPT),
    note="mean and variance are what was kept, which x does not move",
)  # fmt: skip
gradients.case(
    by("w", EVAL), "np.sum(g * (x - mean) / np.sqrt(var + 1e-5), axis=0)", id="batch_norm-eval-w", **KEPT,
    tolerance=within(f"{A}np.sum((r + (len(x) + 4) * u) * np.abs(g) * (np.abs(x) + np.abs(mean)) * a, axis=0)"
                     " + len(x) * 8 * tiny * (1 + a) * (1 + np.max(np.abs(g), axis=0, initial=0))",
                     "a root, a quotient and a sum of n products", narrow=True, unsigned=True,
                     overflow=f"{FINITE}{A}np.sum(np.abs(g) * (1 + a) * (1 + np.abs(x) + np.abs(mean)), axis=0)"),
    differs=differs(NO_FEATURES_KEPT, KEPT_STRIDED,
                    *of_none("w", "len(w) != max(x.shape[1], len(mean), len(var))", "mean", "var", **OF_KEPT),
                    fit=FIT_KEPT, empty=EMPTY, minus=True, **OF_KEPT),
)  # fmt: skip
gradients.case(
    by("b", EVAL), "np.sum(g, axis=0)", id="batch_norm-eval-b", **KEPT, tolerance=SUM,
    differs=differs(NO_FEATURES_KEPT, *of_none("b", "len(b) != x.shape[1]", **OF_KEPT),
                    fit=FIT_KEPT, empty=EMPTY, **OF_KEPT),
    note="what is added is moved by whatever comes back, in training and in eval",
)  # fmt: skip
