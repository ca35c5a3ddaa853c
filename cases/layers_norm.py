"""Batch normalisation: the numbers of each feature are moved and scaled so that their mean is 0 and their variance 1.

``BatchNorm1d`` takes mean and variance over the samples, one for each feature, while it is trained, and keeps running ones
for ``eval()``; it divides by the variance of n, and keeps that of n - 1.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import no_gradient, other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    matching,
    tensors,
    values,
    within,
)

batch = Section("Batch normalisation", id="batch-norm")

ALL_FLOATS = (*FLOATS, "bfloat16")


def floats_only(refused: str = "x.size", shape: tuple[int, ...] = (2, 1), **others: object) -> list[Difference]:
    """Return that there is no such layer for other numbers, for a row that has the inputs ``others``, too.

    They are refused where ``refused`` is true; elsewhere nothing is left to compute.
    """
    because = "PyTorch has this layer for floating-point numbers only"
    one = {"example": {"x": np.ones(shape), **others}, "when": refused, "torch": Raises(RuntimeError, IndexError, ValueError)}
    nothing = {"x": np.ones((0, *shape[1:])), **others}
    return [
        Difference(f"{because}; NumPy computes it of any", dtypes=(*INTEGERS, *COMPLEX), **one),
        Difference(f"{because}; NumPy takes bools for 0 and 1", dtypes=("bool",), **one),
        Difference("of no integers PyTorch's result is as empty; NumPy's is of floats", example=nothing,
                   dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), when=f"not ({refused})", torch="x.copy()"),
    ]  # fmt: skip


def no_parameters(refused: str | None = "len(x) or not x.shape[1]", **others: object) -> list[Difference]:
    """Return that parameters are floating-point numbers, or complex, ``refused`` where that holds, for a row with ``others``."""
    ints, bools, _ = floats_only(**others)
    return [replace(ints, dtypes=INTEGERS, when=None), replace(bools, when=None),
            replace(ints, dtypes=COMPLEX, when=refused)]  # fmt: skip


def one_sample(**others: object) -> Difference:
    """Return that a variance wants two numbers, for a row that has the inputs ``others``, too."""
    return Difference("PyTorch refuses to train with one number for each feature, whose variance is 0; NumPy computes with it",
                      example={"x": np.ones((1, 1)), **others}, dtypes=ALL_FLOATS,
                      when="len(x) == 1", torch=Raises(ValueError),
                      kind="gotcha")  # fmt: skip


CLOSE = np.array([[1.0 + 0.01 * i, 1.0 + 0.011 * i] for i in range(1, 40)])
"""Pairs of numbers that lie close together."""


def of_equal(axis: str, one: tuple[int, ...] = (1, 512), many: tuple[int, ...] = (4, 512), **others: object) -> Difference:
    """Return what the gradient of numbers that are equal along ``axis`` is, for a row that has the inputs ``others``, too."""
    return other_gradient(
        "of equal numbers PyTorch's gradient is what rounding leaves of a difference of sums, divided by the root of eps",
        when=f"x.size and np.any(np.ptp(x, axis={axis}) == 0)",
        x=np.broadcast_to(np.linspace(0.5, 1.5, 512).reshape(one), many), **others,
    )  # fmt: skip


def digits_lost(axis: str, shape: tuple[int, ...] = (39, 2), **others: object) -> Difference:
    """Return that the gradient of numbers that lie close together has fewer digits, for a row with ``others`` beside ``x``."""
    return Difference(
        "in float32 PyTorch's gradient of numbers that lie close together magnifies the rounding of their mean",
        example={"x": CLOSE.reshape(shape, order="F" if shape[0] == 2 else "C"), **others},
        aspect="gradient", dtypes=("float32",), when=f"np.any(np.std(x, axis={axis}) < np.abs(np.mean(x, axis={axis})) / 4)",
        torch=UNDEFINED,
    )  # fmt: skip


def of_no_samples(names: tuple[str, ...], dtypes: tuple[str, ...], **others: object) -> list[Difference]:
    """Return what comes of no samples with vectors ``names`` of other lengths, for a row that has the inputs ``others``, too."""
    lengths = [f"len({name})" for name in names]
    fit = " == ".join((*lengths, "x.shape[1]"))
    return [
        Difference(f"of no samples PyTorch's result is as empty, whatever else it is given; NumPy {does}", dtypes=dtypes,
                   example={"x": np.ones((0, features)), **{name: np.ones(features) for name in names}, names[0]: np.ones(3), **others},
                   torch="x.copy()", numpy=numpy,
                   when=f"len(x) == 0 and x.shape[1] and not ({fit}) and len({{1, {', '.join(lengths)}, x.shape[1]}}) {several} 2")
        for features, does, numpy, several in ((1, "broadcasts", None, "<="), (2, "refuses what does not fit", Raises(ValueError), ">"))
    ]  # fmt: skip


def no_features(when: str = "x.shape[1] == 0 and len(x) != 1", **others: object) -> Difference:
    """Return that a layer of no features is refused, for a row that has the inputs ``others`` beside ``x``."""
    return Difference("PyTorch's batch norm with a weight looks at the first feature, and refuses none; NumPy's result is empty",
                      example={"x": np.ones((2, 0)), **others}, dtypes=ALL_FLOATS, when=when, torch=Raises(IndexError))  # fmt: skip


# The mean and variance of n numbers, and what comes of them

SOURCE = (
    "mean and variance of n numbers, each changed by (n + 4) u: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance, "
    "The American Statistician 37 (1983); then a root, a quotient and what weight and bias make of it"
)
ONCE = "4 * (u + tiny) * (np.abs(x) + np.abs(m))"
"""The error of PyTorch's batch norm, which multiplies and adds once: x * (w / deviation) + (b - mean * (w / deviation))."""


def distances(axis: str, eps: str = "1e-5", further: str = "0") -> str:
    """Return the lines that compute ``h``, how many deviations each number is away from its mean, and ``off``, its error.

    ``further`` is an error of the distance itself beside those of the mean and of the subtraction. Sums are those of
    float32 or wider.
    """
    return (
        f"n = x.size // max(np.sum(x, axis={axis}).size, 1)\nr = (n + 4) * min(u, 2.0**-24)\n"
        f"m, v = (f(x, axis={axis}, keepdims=True) for f in (np.mean, np.var))\n"
        f"size = np.mean(x * x, axis={axis}, keepdims=True)\nd, moved = np.abs(x - m), r * np.sqrt(size)\n"
        f"wrong = 2 * r * np.sqrt(v * size) + r * r * size + 4 * u * (v + {eps})\n"
        f"h, least = d / np.sqrt(v + {eps}), np.maximum(v + {eps} - wrong, {eps})\n"
        f"off = (moved + 4 * u * d + 4 * tiny + {further}) / np.sqrt(least) + (d + moved) * wrong / (2 * least ** 1.5)\n"
    )


def normalised(axis: str, w: str = "1", b: str = "0", eps: str = "1e-5", *, batch: bool = False) -> object:
    """Return the bound of ``h`` along ``axis``, times ``w``, plus ``b``; a ``batch`` keeps mean and deviation in its dtype."""
    lines = distances(axis, eps, ONCE if batch else "0")
    moved = " + np.abs(x) + np.abs(m)" if batch else ""
    most = f"4 * np.abs({w}) * (1 + np.abs(x) + np.abs(m)) / np.sqrt(least) + np.abs({b})"
    return within(f"{lines}np.abs({w}) * off + 4 * u * (np.abs(exact) + np.abs({b})) + 4 * tiny * (1 + np.abs({w}){moved})",
                  SOURCE, narrow=batch, unsigned=True,
                  overflow=f"{lines}{most} + n * np.mean(np.abs(x), axis={axis}, keepdims=True)")  # fmt: skip


def overflows(axis: str, *values: str, shape: tuple[int, ...] = (2, 2), wide: str = "", **others: object) -> list[Difference]:
    """Return what comes of distances from the mean along ``axis`` whose squares overflow: one of ``values``, of 0 or NaN."""
    return [
        Difference(
            "both square the distances from the mean: where the sum of the squares overflows, the deviation is infinite, and "
            "what is divided by it is 0 or NaN",
            example={"x": np.reshape([-big, big, big, -big], shape), **others, **{name: np.full(2, big) for name in wide}},
            dtypes=dtypes, torch=OneOf("out", *(values or ("0", "-0.0")), "np.nan"), kind="gotcha",
            when=f"wide = np.longdouble(x)\nmean = wide.mean(axis={axis}, keepdims=True)\n"
            f"squares = np.sum((wide - mean) ** 2, axis={axis}, keepdims=True)\n"
            f"sums = np.sum(np.abs(wide), axis={axis}, keepdims=True)\n"
            f"np.isfinite(squares) & ((squares * 4 > {most}) | (sums > {most})) & np.ones(x.shape, bool)",
        )
        for big, most, dtypes in ((1e20, "np.float32(3.4e38)", ("float32", "bfloat16")),
                                  (1e160, "np.longdouble('1.7e308')", ("float64",)))
    ]  # fmt: skip


# Of each feature, over the samples

BATCH = "mean, var = x.mean(axis=0), x.var(axis=0)\n"
for mode, name in (("dtype=x.dtype)", "BatchNorm1d"), ("track_running_stats=False, dtype=x.dtype).eval()", "BatchNorm1d-untracked")):
    batch.case(
        f"layer = torch.nn.BatchNorm1d(x.shape[1], {mode}\nlayer(x)",
        f"{BATCH}(x - mean) / np.sqrt(var + 1e-5)", id=name, x=tensors(2), tolerance=normalised("0", batch=True),
        differs=[*no_parameters(), one_sample(), no_features(), *overflows("0"), of_equal("0"),
                 digits_lost("0", (2, 39))],
        note="a layer that keeps nothing has nothing but the batch, in eval(), too" if "untracked" in name else None,
    )  # fmt: skip
AFFINE = {"x": tensors(2), "w": matching("c", x="nc"), "b": matching("c", x="nc")}
ONES = {"w": np.ones(1), "b": np.ones(1)}
FIT = "len(w) == x.shape[1] and len(b) == x.shape[1]"
ONE_EACH = Difference("PyTorch wants a weight and a bias for each feature; NumPy broadcasts one to many",
                      example={"x": np.ones((2, 1)), "w": np.ones(2), "b": np.ones(2), "eps": 0.5},
                      dtypes=ALL_FLOATS, when=f"len(x) > 1 and x.shape[1] and not ({FIT})", torch=Raises(RuntimeError))  # fmt: skip
STRIDED = other_gradient(
    "PyTorch's gradient of a batch norm of two axes reads the weight as if it were contiguous: of a strided one, the numbers in between",
    x=np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]]), w=np.array([1.0, 100.0, 2.0, 100.0])[::2], b=np.zeros(2), eps=0.5,
    when="x.flags.c_contiguous and w.size > 1 and not w.flags.c_contiguous", kind="bug",
)  # fmt: skip
OWN = "layer.weight, layer.bias = torch.nn.Parameter(w), torch.nn.Parameter(b)\n"
*REFUSED, EMPTY = floats_only("len(x) or not x.shape[1]", **ONES, eps=0.5)
FUNCTION = [*REFUSED, replace(EMPTY, when=f"len(x) == 0 and x.shape[1] and {FIT}"),
            *of_no_samples(("w", "b"), ("bool", *INTEGERS, *WIDE_UNSIGNED, *ALL_FLOATS, *COMPLEX), eps=0.5)]
MODULE = [*no_parameters(**ONES, eps=0.5), *of_no_samples(("w", "b"), (*ALL_FLOATS, *COMPLEX), eps=0.5)]
for call, name, refused in (
    ("torch.nn.functional.batch_norm(x, None, None, w, b, training=True, eps=eps)", "batch_norm", FUNCTION),
    (f"layer = torch.nn.BatchNorm1d(x.shape[1], eps=eps, dtype=x.dtype)\n{OWN}layer(x)", "BatchNorm1d-affine", MODULE),
):
    batch.case(
        call, f"{BATCH}w * (x - mean) / np.sqrt(var + eps) + b", id=name, **AFFINE, eps=values(1e-5, 0.5),
        tolerance=normalised("0", "w", "b", "eps", batch=True),
        differs=[*refused, one_sample(**ONES, eps=0.5),
                 no_features(w=np.ones(0), b=np.ones(0), eps=0.5), ONE_EACH,
                 *overflows("0", "b", "b + 0.0", wide="w", b=np.ones(2), eps=0.5), STRIDED,
                 digits_lost("0", (2, 39), w=np.linspace(0.5, 1.5, 39), b=np.ones(39), eps=1e-5)],
    )  # fmt: skip
ALL_BUT_FEATURES = "(0, *range(2, x.ndim))"
ONE_NUMBER = "x.shape[0] * np.prod(x.shape[2:]) == 1"
batch.case(
    "torch.nn.functional.batch_norm(x, None, None, training=True)",
    f"mean, var = (f(x, axis={ALL_BUT_FEATURES}, keepdims=True) for f in (np.mean, np.var))\n(x - mean) / np.sqrt(var + 1e-5)",
    id="batch_norm-axes", x=tensors(ndim=(2, 4)), tolerance=normalised(ALL_BUT_FEATURES, batch=True),
    differs=[
        *floats_only(f"x.size or {ONE_NUMBER}", (2, 1, 1)), replace(one_sample(), when=ONE_NUMBER),
        *overflows(ALL_BUT_FEATURES, shape=(2, 2, 1)), of_equal(ALL_BUT_FEATURES, (1, 512, 1), (1, 512, 4)),
        digits_lost(ALL_BUT_FEATURES, (2, 39, 1)),
    ],
    note="features lie along the second axis: mean and variance are taken over all others",
)  # fmt: skip


# What is kept of a training

TRAINED = """
layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype, momentum=momentum)
layer.{kept}.fill_({before})
layer(x)
layer.{kept}
"""
KEPT = {"x": tensors(2), "momentum": values(0.1, 0.5, 1.0)}


def of_kept(before: str) -> list[Difference]:
    """Return what there is of no samples or features, where ``before`` was kept, and that there is no gradient."""
    return [
        *no_parameters(momentum=0.1), one_sample(momentum=0.1), no_features(momentum=0.1),
        Difference("of no samples PyTorch keeps what it had; NumPy's mean of nothing is NaN",
                   example={"x": np.ones((0, 1)), "momentum": 0.5},
                   dtypes=(*ALL_FLOATS, *COMPLEX), when="len(x) == 0 and x.shape[1]", torch=before),
        no_gradient("PyTorch's running mean and variance carry no gradient", torch="none",
                    x=np.array([[1.25, 0.5], [0.75, 2.5]]), momentum=0.5),
    ]  # fmt: skip


batch.case(
    TRAINED.format(kept="running_mean", before=3),
    "(1 - momentum) * 3 + momentum * x.mean(axis=0)",
    id="BatchNorm1d-running_mean", **KEPT,
    tolerance=within("(len(x) + 4) * u * momentum * np.mean(np.abs(x), axis=0) + 4 * u * ((1 - momentum) * 3 + np.abs(exact)) + 2 * tiny",
                     "a mean of n numbers, and a product", narrow=True, unsigned=True, overflow="np.sum(np.abs(x), axis=0)"),
    differs=of_kept("np.full_like(x[:0].sum(axis=0), 3)"), note="a new layer has 0",
)  # fmt: skip
batch.case(
    TRAINED.format(kept="running_var", before=2), "(1 - momentum) * 2 + momentum * x.var(axis=0, ddof=1)",
    id="BatchNorm1d-running_var", **KEPT,
    tolerance=within(
        "n = len(x)\ng = (n + 4) * u\nv, size = np.var(x, axis=0, ddof=1), np.sum(x * x, axis=0) / (n - 1)\n"
        "momentum * (2 * g * np.sqrt(v * size) + g * g * size) + 4 * u * ((1 - momentum) * 2 + np.abs(exact)) + 4 * tiny", SOURCE,
        narrow=True, unsigned=True, overflow="4 * np.sum(x * x, axis=0)",
    ),
    differs=of_kept("np.full_like(x[:0].sum(axis=0), 2)"), note="a new layer has 1; it is that of n - 1, though n divides what the layer gives",
)  # fmt: skip
batch.case(
    "layer = torch.nn.BatchNorm1d(3)\nfor _ in range(steps):\n    layer(torch.ones(2, 3))\nint(layer.eval().num_batches_tracked)",
    "tracked = 0\nfor _ in range(steps):\n    tracked += 1\ntracked",
    id="BatchNorm1d-num_batches_tracked", steps=values(0, 1, 5),
)  # fmt: skip

def in_eval(*names: str, **others: object) -> list[Difference]:
    """Return what a batch norm in eval() refuses or has no samples for, with the vectors ``names`` and the inputs ``others``."""
    ones, wide, none = ({name: np.ones(n) for name in names} | others for n in (1, 2, 0))
    ints, bools, complex_ = no_parameters(**ones)
    fit = " == ".join((*(f"len({name})" for name in names), "x.shape[1]"))
    return [
        ints, replace(bools, because="PyTorch has this layer for floating-point numbers only; NumPy has no minus of bools",
                      numpy=Raises(TypeError, ValueError)),
        complex_, no_features("x.shape[1] == 0", **none),
        Difference(f"PyTorch wants {EACH[len(names)]} for each feature; NumPy broadcasts one to many", dtypes=ALL_FLOATS,
                   example={"x": np.ones((2, 1)), **wide}, when=f"len(x) and x.shape[1] and not ({fit})", torch=Raises(RuntimeError)),
        *of_no_samples(names, (*ALL_FLOATS, *COMPLEX), **others),
        no_gradient("PyTorch has no gradient by what a batch norm has kept, and refuses to be asked", when="len(x)",
                    x=np.array([[0.75]]), **{name: np.array([1.25 if name == "var" else 0.5]) for name in names}, **others),
    ]  # fmt: skip


EACH = {2: "a mean and a variance", 4: "a mean, a variance, a weight and a bias"}
KEEPS = "layer.running_mean, layer.running_var = mean, var\n"
STEPS = "a root, a quotient, two products and two sums, as x * (w / root) + (b - mean * (w / root))"
batch.case(
    f"layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype).eval()\n{KEEPS}layer(x)",
    "(x - mean) / np.sqrt(var + 1e-5)", id="BatchNorm1d-eval", x=tensors(2),
    mean=matching("c", x="nc"), var=matching("c", x="nc"),
    tolerance=within(
        "a, b = 1 / np.sqrt(var + 1e-5), np.abs(x) + np.abs(mean)\n"
        "(8 + 2 * (np.abs(var) + 1e-5) / (var + 1e-5)) * u * a * b + 8 * tiny * (1 + a + b)", STEPS, narrow=True, unsigned=True,
        overflow="4 * (np.abs(x) + np.abs(mean)) / np.sqrt(var + 1e-5)",
    ),
    differs=in_eval("mean", "var"),
)  # fmt: skip
KEPT_AFFINE = "r = 1 / np.sqrt(var + eps)\na, s = np.abs(w) * r, np.abs(x) + np.abs(mean)\n"
batch.case(
    f"layer = torch.nn.BatchNorm1d(x.shape[1], eps=eps, dtype=x.dtype).eval()\n{KEEPS}{OWN}layer(x)",
    "w * (x - mean) / np.sqrt(var + eps) + b", id="BatchNorm1d-affine-eval", **AFFINE,
    mean=matching("c", x="nc"), var=matching("c", x="nc"), eps=values(1e-5, 0.5),
    tolerance=within(f"{KEPT_AFFINE}(8 + 2 * (np.abs(var) + eps) / (var + eps)) * u * a * s + 4 * u * np.abs(b) + 8 * tiny * (1 + s + np.abs(w))",
                     STEPS, narrow=True, unsigned=True, overflow=f"{KEPT_AFFINE}4 * (a + r + 1) * (1 + s) + np.abs(b)"),
    differs=in_eval("mean", "var", "w", "b", eps=0.5),
)  # fmt: skip
