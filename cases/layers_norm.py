"""Layers that normalise, and dropout.

``BatchNorm1d`` takes mean and variance over the samples, one for each feature, while it is trained,
and keeps running ones for
``eval()``; it divides by the variance of n,
and keeps that of n - 1. ``LayerNorm`` takes them over the last axes of each sample.
"""

import numpy as np

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    matching,
    tensors,
    ulp,
    values,
    within,
)

norms = Section("Layers that normalise", id="layers-norm")

ALL_FLOATS = (*FLOATS, "bfloat16")
NOT_FLOATS = ("bool", *INTEGERS, *COMPLEX)


def floats_only(x: object = ((1.0,), (1.0,)), dtypes: tuple[str, ...] = NOT_FLOATS, **others: object) -> Difference:
    """Return that there is no such layer for other numbers, for a row that has the inputs ``others``, too."""
    return Difference("PyTorch has this layer for floating-point numbers only", example={"x": np.array(x), **others},
                      dtypes=dtypes, torch=Raises(RuntimeError))


def one_sample(**others: object) -> Difference:
    """Return that a variance wants two numbers, for a row that has the inputs ``others``, too."""
    return Difference("PyTorch refuses to train with one number for each feature, whose variance is 0; NumPy computes with it",
                      example={"x": np.ones((1, 1)), **others}, dtypes=ALL_FLOATS,
                      when="x.size == x.shape[1] and len(x) == 1", torch=Raises(ValueError),
                      kind="gotcha")  # fmt: skip


# The mean and variance of n numbers, and what comes of them

SOURCE = (
    "mean and variance of n numbers, each changed by (n + 4) u: Chan, Golub and LeVeque, Algorithms for Computing the Sample Variance, "
    "The American Statistician 37 (1983); then a root, a quotient and what weight and bias make of it"
)


def distances(axis: str, eps: str = "1e-5", further: str = "0") -> str:
    """Return the lines that compute ``h``, how many deviations each number is away from its mean, and ``off``, its error.

    ``further`` is an error of the distance itself beside those of the mean and of the subtraction.
    """
    return (
        f"n = x.size // max(np.sum(x, axis={axis}).size, 1)\nr = (n + 4) * u\nm, v = (f(x, axis={axis}, keepdims=True) for f in (np.mean, np.var))\n"
        f"size = np.mean(x * x, axis={axis}, keepdims=True)\nd, moved = np.abs(x - m), r * np.sqrt(size)\n"
        f"wrong = 2 * r * np.sqrt(v * size) + r * r * size + 4 * u * (v + {eps})\nleast = np.maximum(v + {eps} - wrong, {eps})\n"
        f"h, off = d / np.sqrt(v + {eps}), (moved + 4 * u * d + {further}) / np.sqrt(least) + (d + moved) * wrong / (2 * least ** 1.5)\n"
    )


def normalised(axis: str, w: str = "1", b: str = "0", eps: str = "1e-5", further: str = "0") -> object:
    """Return the bound of ``h`` along ``axis``, times ``w``, plus ``b``."""
    return within(f"{distances(axis, eps, further)}np.abs({w}) * off + 4 * u * (np.abs(exact) + np.abs({b})) + 4 * tiny",
                  SOURCE)


def overflows(axis: str, *values: str, **others: object) -> list[Difference]:
    """Return what comes of distances from the mean along ``axis`` whose squares overflow: the number itself, or one of ``values``."""
    return [
        Difference(
            "PyTorch squares the distances from the mean in float32, or in float64 for float64: where the sum of the squares overflows, the deviation is "
            "infinite, and what is divided by it is 0 or NaN",
            example={"x": np.array([[-big, big], [big, -big]]), **others}, dtypes=dtypes,
            torch=OneOf("out", "0", "np.nan", *values), kind="bug",
            upstream="https://github.com/pytorch/pytorch/issues/162489",
            when=f"wide = np.longdouble(x)\nsquares = np.sum((wide - wide.mean(axis={axis}, keepdims=True)) ** 2, axis={axis}, keepdims=True)\n"
            f"np.isfinite(squares) & (squares * 4 > {most}) & np.ones(x.shape, bool)",
        )
        for big, most, dtypes in ((1e20, "np.float32(3.4e38)", ("float32", "bfloat16")),
                                  (1e160, "np.longdouble('1.7e308')", ("float64",)))
    ]  # fmt: skip


LINEAR = "4 * u * (np.abs(x) + np.abs(m))"
"""The error of PyTorch's batch norm, which multiplies and adds once: x * (w / deviation) + (b - mean * (w / deviation))."""
BATCH = "mean, var = x.mean(axis=0), x.var(axis=0)\n"
norms.case(
    """
    layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype)
    layer(x)
    """,
    f"{BATCH}(x - mean) / np.sqrt(var + 1e-5)", id="BatchNorm1d", x=tensors(2), tolerance=normalised("0", further=LINEAR),
    differs=[floats_only(), one_sample(), *overflows("0")],
)  # fmt: skip
norms.case(
    "torch.nn.functional.batch_norm(x, None, None, w, b, training=True, eps=eps)",
    f"{BATCH}w * (x - mean) / np.sqrt(var + eps) + b", id="batch_norm",
    x=tensors(2), w=matching("c", x="nc"), b=matching("c", x="nc"), eps=values(1e-5, 0.5),
    tolerance=normalised("0", "w", "b", "eps", LINEAR),
    differs=[floats_only(w=np.ones(1), b=np.ones(1), eps=0.5), one_sample(w=np.ones(1), b=np.ones(1), eps=0.5),
             *overflows("0", "b", w=np.ones(2), b=np.ones(2), eps=0.5)],
)  # fmt: skip
norms.case(
    "torch.nn.functional.batch_norm(x, None, None, training=True)",
    "mean, var = (f(x, axis=(0, 2), keepdims=True) for f in (np.mean, np.var))\n(x - mean) / np.sqrt(var + 1e-5)",
    id="batch_norm-axes", x=tensors(3),
    tolerance=normalised("(0, 2)", further=LINEAR),
    differs=[
        floats_only(np.ones((2, 1, 1))),
        Difference(one_sample().because, example={"x": np.ones((1, 1, 1))}, dtypes=ALL_FLOATS,
                   when="x.shape[0] * x.shape[2] == 1", torch=Raises(ValueError),
                   kind="gotcha"),
    ],
    note="of three axes, mean and variance are taken over the first and the last",
)  # fmt: skip
TRAINED = "layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype, momentum=momentum)\nlayer(x)\n"
norms.case(
    f"{TRAINED}layer.running_mean", "momentum * x.mean(axis=0)", id="BatchNorm1d-running_mean", x=tensors(2),
    momentum=values(0.1, 0.5, 1.0),
    tolerance=within("(len(x) + 4) * u * momentum * np.mean(np.abs(x), axis=0) + tiny",
                     "a mean of n numbers, and a product"),
    differs=[floats_only(momentum=0.1), one_sample(momentum=0.1)],
    note="it begins with 0: (1 - momentum) * 0 + momentum * mean",
)  # fmt: skip
norms.case(
    f"{TRAINED}layer.running_var", "(1 - momentum) * 1 + momentum * x.var(axis=0, ddof=1)", id="BatchNorm1d-running_var",
    x=tensors(2),
    momentum=values(0.1, 0.5, 1.0),
    tolerance=within(
        "n = len(x)\ng = (n + 4) * u\nv, size = np.var(x, axis=0, ddof=1), np.sum(x * x, axis=0) / (n - 1)\n"
        "momentum * (2 * g * np.sqrt(v * size) + g * g * size) + 4 * u * np.abs(exact) + tiny", SOURCE,
    ),
    differs=[floats_only(momentum=0.1), one_sample(momentum=0.1)], note="it begins with 1, and adds the variance of n - 1",
)  # fmt: skip
norms.case(
    "layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype)\nlayer(x)\nlayer(x)\nint(layer.num_batches_tracked)", "2",
    id="BatchNorm1d-num_batches_tracked",
    x=tensors(2), differs=[floats_only(), one_sample()],
)  # fmt: skip
norms.case(
    """
    layer = torch.nn.BatchNorm1d(x.shape[1], dtype=x.dtype).eval()
    layer.load_state_dict({"weight": w, "bias": b, "running_mean": mean, "running_var": var}, strict=False)
    layer(x)
    """,
    "w * (x - mean) / np.sqrt(var + 1e-5) + b", id="BatchNorm1d-eval", x=tensors(2), w=matching("c", x="nc"),
    b=matching("c", x="nc"),
    mean=matching("c", x="nc"), var=matching("c", x="nc"),
    tolerance=within(
        "a = np.abs(w) / np.sqrt(var + 1e-5)\n(8 + 2 * (np.abs(var) + 1e-5) / (var + 1e-5)) * u * (a * (np.abs(x) + np.abs(mean)) + np.abs(b)) + 8 * tiny * (1 + a + np.abs(x))",
        "a root, a quotient, two products and two sums, as x * (w / root) + (b - mean * (w / root))", unsigned=True,
        overflow="a = np.abs(w) / np.sqrt(var + 1e-5)\na * np.maximum(np.abs(x), np.abs(mean)) + np.abs(w * x) + np.abs(w * mean)",
    ),
    differs=[floats_only(w=np.ones(1), b=np.ones(1), mean=np.ones(1), var=np.ones(1))],
)  # fmt: skip
LAYER = "mean, var = (f(x, axis=-1, keepdims=True) for f in (np.mean, np.var))\n"
norms.case(
    "torch.nn.functional.layer_norm(x, x.shape[-1:])", f"{LAYER}(x - mean) / np.sqrt(var + 1e-5)", id="layer_norm",
    x=tensors(ndim=(1, 4)),
    tolerance=normalised("-1"), differs=[floats_only(), *overflows("-1")],
)  # fmt: skip
norms.case(
    "torch.nn.functional.layer_norm(x, x.shape[-1:], w, b, eps)", f"{LAYER}w * (x - mean) / np.sqrt(var + eps) + b",
    id="layer_norm-affine",
    x=tensors(ndim=(1, 3)), w=matching("c", x="...c"), b=matching("c", x="...c"), eps=values(1e-5, 0.5),
    tolerance=normalised("-1", "w", "b", "eps"),
    differs=[floats_only(w=np.ones(1), b=np.ones(1), eps=0.5), *overflows("-1", "b", w=np.ones(2), b=np.ones(2), eps=0.5)],
)  # fmt: skip
norms.case(
    "torch.nn.LayerNorm(x.shape[1:], dtype=x.dtype)(x)",
    "last = tuple(range(1, x.ndim))\nmean, var = (f(x, axis=last, keepdims=True) for f in (np.mean, np.var))\n(x - mean) / np.sqrt(var + 1e-5)", id="LayerNorm",
    x=tensors(ndim=(2, 4)), tolerance=normalised("tuple(range(1, x.ndim))"),
    differs=[floats_only(), *overflows("tuple(range(1, x.ndim))")],
)  # fmt: skip
norms.case(
    "torch.nn.functional.rms_norm(x, x.shape[-1:], eps=1e-5)", "x / np.sqrt(np.mean(x ** 2, axis=-1, keepdims=True) + 1e-5)",
    id="rms_norm", x=tensors(ndim=(1, 4)),
    tolerance=within("(x.shape[-1] + 6) * u * np.abs(exact) + tiny", "a sum of n squares, a root, a quotient"),
    differs=[floats_only()],
)  # fmt: skip

# Dropout

RANDOM = "PyTorch's dropout replaces elements by 0 at random, and divides the others by 1 - p; NumPy's side has no random numbers"
norms.case("torch.nn.Dropout(p).eval()(x)", "x", id="Dropout-eval", x=tensors(), p=values(0.5, 0.0, 1.0), shares_memory=True)
norms.case("torch.nn.functional.dropout(x, p)", "x / (1 - p)", id="dropout", x=tensors(), p=values(0.5, 0.25, 0.9),
           tolerance=ulp(3, "1 / (1 - p) is rounded, and the product with it"),
           differs=[floats_only(p=0.5), Difference(RANDOM, example={"x": np.ones(64), "p": 0.5}, dtypes=ALL_FLOATS,
                                                   torch=OneOf("out", "0 * x"))])  # fmt: skip
norms.case("torch.nn.functional.dropout(x, 0.0)", "x.copy()", id="dropout-none", x=tensors())
norms.case("torch.nn.functional.dropout(x, 1.0)", "0 * x", id="dropout-all", x=tensors())
norms.case(
    "kept = torch.nn.functional.dropout(torch.ones(100_000), p).count_nonzero() / 100_000\nround(float(kept), 1)",
    "round(1 - p, 1)", id="dropout-share",
    p=values(0.5, 0.1, 0.9), note="a share of about p is dropped",
)  # fmt: skip
