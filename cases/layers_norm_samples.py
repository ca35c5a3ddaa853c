"""Layers that normalise each sample by itself.

``LayerNorm`` moves and scales the numbers of each sample so that their mean over the last axes is 0 and their variance 1;
``RMSNorm`` divides by the root of the mean square, and moves nothing.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.layers_norm import ALL_FLOATS, ONES, OWN, digits_lost, no_parameters, normalised, of_equal

from conformance import COMPLEX, UNDEFINED, Difference, OneOf, Raises, Section, matching, tensors, values, within

layer = Section("Layer normalisation", id="layer-norm")

# Moved and scaled


def squares_overflow(axis: str, *values: str, shape: tuple[int, ...] = (1, 1), **others: object) -> list[Difference]:
    """Return what a layer norm along ``axis`` makes of numbers whose squares overflow: one of ``values``, of 0 or NaN."""
    return [
        Difference(
            "PyTorch's layer norm squares the numbers themselves on the way to their variance: where that overflows, "
            "its result is 0 or NaN, even of one number, which has no variance",
            example={"x": np.full(shape, big), **others}, dtypes=dtypes,
            torch=OneOf("out", *(values or ("0", "-0.0")), "np.nan"), kind="bug",
            upstream="https://github.com/pytorch/pytorch/issues/162489",
            when=f"squares = np.sum(np.longdouble(x) ** 2, axis={axis}, keepdims=True)\n"
            f"np.isfinite(squares) & (squares * 4 > {most}) & np.ones(x.shape, bool)",
        )
        for big, most, dtypes in ((1e20, "np.float32(3.4e38)", ("float32", "bfloat16")),
                                  (1e160, "np.longdouble('1.7e308')", ("float64",)))
    ]  # fmt: skip


LAYER = "mean, var = (f(x, axis=-1, keepdims=True) for f in (np.mean, np.var))\n"
layer.case(
    "torch.nn.functional.layer_norm(x, x.shape[-1:])", f"{LAYER}(x - mean) / np.sqrt(var + 1e-5)", id="layer_norm",
    x=tensors(ndim=(1, 4)),
    tolerance=normalised("-1"),
    differs=[*no_parameters(refused=None), *squares_overflow("-1"), of_equal("-1", (512, 1), (512, 4)), digits_lost("-1")],
)  # fmt: skip
ONE_FOR_EACH = Difference("PyTorch wants a weight and a bias for each number of a sample; NumPy broadcasts one to many",
                          example={"x": np.ones((2, 1)), "w": np.ones(2), "b": np.ones(2), "eps": 0.5},
                          dtypes=ALL_FLOATS, when="w.shape != x.shape[-1:] or b.shape != x.shape[-1:]",
                          torch=Raises(RuntimeError))  # fmt: skip
for call, name in (
    ("torch.nn.functional.layer_norm(x, x.shape[-1:], w, b, eps)", "layer_norm-affine"),
    (f"layer = torch.nn.LayerNorm(x.shape[-1], eps=eps)\n{OWN}layer(x)", "LayerNorm-affine"),
):
    layer.case(
        call, f"{LAYER}w * (x - mean) / np.sqrt(var + eps) + b", id=name,
        x=tensors(ndim=(1, 3)), w=matching("c", x="...c"), b=matching("c", x="...c"), eps=values(1e-5, 0.5),
        tolerance=normalised("-1", "w", "b", "eps"),
        differs=[*no_parameters(refused=None, **ONES, eps=0.5), ONE_FOR_EACH,
                 *squares_overflow("-1", "b", "b + 0.0", **ONES, eps=0.5),
                 digits_lost("-1", w=np.array([0.75, 1.5]), b=np.ones(2), eps=1e-5)],
    )  # fmt: skip
TWO = "(-2, -1)"
TWO_ONES = {"w": np.ones((1, 1)), "b": np.ones((1, 1)), "eps": 0.5}
layer.case(
    "torch.nn.functional.layer_norm(x, x.shape[-2:], w, b, eps)",
    f"{LAYER.replace('-1', TWO)}w * (x - mean) / np.sqrt(var + eps) + b", id="layer_norm-two-axes",
    x=tensors(ndim=(2, 3)), w=matching("cd", x="...cd"), b=matching("cd", x="...cd"), eps=values(1e-5, 0.5),
    tolerance=normalised(TWO, "w", "b", "eps"),
    differs=[*no_parameters(refused=None, shape=(2, 1, 1), **TWO_ONES),
             replace(ONE_FOR_EACH, example={"x": np.ones((2, 1, 1)), "w": np.ones((2, 1)), "b": np.ones((2, 1)), "eps": 0.5},
                     when="w.shape != x.shape[-2:] or b.shape != x.shape[-2:]"),
             *squares_overflow(TWO, "b", "b + 0.0", shape=(1, 1, 1), **TWO_ONES),
             digits_lost(TWO, (39, 2, 1), w=np.array([[0.75], [1.5]]), b=np.ones((2, 1)), eps=1e-5)],
)  # fmt: skip
layer.case(
    "torch.nn.LayerNorm(x.shape[1:], dtype=x.dtype)(x)",
    "last = tuple(range(1, x.ndim))\nmean, var = (f(x, axis=last, keepdims=True) for f in (np.mean, np.var))\n"
    "(x - mean) / np.sqrt(var + 1e-5)", id="LayerNorm", x=tensors(ndim=(2, 4)), tolerance=normalised("tuple(range(1, x.ndim))"),
    differs=[*no_parameters(refused=None), *squares_overflow("tuple(range(1, x.ndim))"),
             of_equal("tuple(range(1, x.ndim))", (512, 1), (512, 4)), digits_lost("tuple(range(1, x.ndim))")],
)  # fmt: skip

# Divided only

MEAN_SQUARE = "s, size = (np.mean(a ** 2, axis=-1, keepdims=True) + 1e-5 for a in (x, np.abs(x)))\n"
RMS = "(x.shape[-1] + 6) * u * np.abs(exact) * size / np.abs(s)"
SPIRALS = np.array([[(1.0 + 7.0j) * (k + row) ** 1.3 for k in range(40)] for row in range(1, 17)])


def turned(also: str = "False", **others: object) -> Difference:
    """Return what becomes of complex numbers whose squares cancel, for a row that has the inputs ``others`` beside ``x``."""
    return Difference(
        "both square complex numbers without their conjugates: where the squares sum to a negative number, rounding decides "
        "on which side of 0 its root lies; where they overflow, which parts are NaN",
        example={"x": np.concatenate([SPIRALS, SPIRALS.conj()[:, ::-1]], axis=1), **others}, dtypes=COMPLEX, torch=UNDEFINED,
        when=f"{MEAN_SQUARE}~((s.real > size * 1e-3) & np.isfinite(size)) & np.ones(x.shape, bool) | {also}",
    )  # fmt: skip


def weighed() -> list[Difference]:
    """Return what becomes of large numbers and infinite weights."""
    return [
        *(Difference("both square the numbers: where the sum of the squares overflows, the root is infinite, and what is divided "
                     "by it is 0 or NaN", example={"x": np.full((1, 1), big), "w": np.full(1, big)}, dtypes=dtypes,
                     torch=OneOf("out", "0", "-0.0", "np.nan"),
                     when=f"squares = np.sum(np.longdouble(x) ** 2, axis=-1, keepdims=True)\n"
                          f"np.isfinite(squares) & (squares * 4 > {most}) & np.isfinite(w) & np.ones(x.shape, bool)")
          for big, most, dtypes in ((1e20, "np.float32(3.4e38)", ("float32", "bfloat16")),
                                    (1e160, "np.longdouble('1.7e308')", ("float64",)))),
        *(Difference("PyTorch divides first, and may reach 0, whose product with an infinite weight is NaN; NumPy multiplies first",
                     example={"x": np.array([[1 / small, small**2]]), "w": np.array([1.0, np.inf])}, dtypes=dtypes,
                     when="np.isinf(w) & np.ones(x.shape, bool)", torch=OneOf("out", "np.nan"))
          for small, dtypes in ((1e-18, ("float32", "bfloat16")), (1e-150, ("float64",)))),
    ]  # fmt: skip


layer.case(
    "torch.nn.functional.rms_norm(x, x.shape[-1:], eps=1e-5)", "x / np.sqrt(np.mean(x ** 2, axis=-1, keepdims=True) + 1e-5)",
    id="rms_norm", x=tensors(ndim=(1, 4)),
    tolerance=within(f"{MEAN_SQUARE}{RMS} + 4 * tiny", "a sum of n squares, a root, a quotient"),
    differs=[*no_parameters()[:2], turned()],
)  # fmt: skip
layer.case(
    """
    layer = torch.nn.RMSNorm(x.shape[-1], eps=1e-5)
    layer.weight = torch.nn.Parameter(w)
    layer(x)
    """,
    "w * x / np.sqrt(np.mean(x ** 2, axis=-1, keepdims=True) + 1e-5)", id="RMSNorm",
    x=tensors(ndim=(1, 3)), w=matching("c", x="...c"),
    tolerance=within(f"{MEAN_SQUARE}{RMS} + 4 * tiny * (1 + np.abs(w))", "a sum of n squares, a root, a quotient, a product"),
    differs=[*no_parameters(w=np.ones(1))[:2], turned("~np.isfinite(w * x)", w=np.ones(80)), *weighed(),
             Difference("PyTorch wants a weight for each number of a sample; NumPy broadcasts one to many",
                        example={"x": np.ones((2, 1)), "w": np.ones(2)}, dtypes=(*ALL_FLOATS, *COMPLEX), when="w.shape != x.shape[-1:]", torch=Raises(RuntimeError))],
)  # fmt: skip
