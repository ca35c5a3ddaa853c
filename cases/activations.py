"""Activations: functions of one number that layers end in, and the softmax of several.

NumPy has few of them by name; the others are a line each. A class, such as ``torch.nn.ReLU()``, and the function of
``torch.nn.functional`` are one. PyTorch computes float16 and bfloat16 in float32 and rounds once.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    ALL,
    COMPLEX,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    axes,
    like,
    matching,
    normals,
    tensors,
    ulp,
    values,
    within,
)

activations = Section("Activations")

FLOATS = ("float16", "float32", "float64", "bfloat16")


def floats_only(numpy: Raises | None = None, dtypes: tuple[str, ...] = (*INTEGERS, *COMPLEX),
                **others: object) -> list[Difference]:
    """Return that there is no such function of other numbers, for a row that has the inputs ``others``, too.

    ``numpy`` is what NumPy does with bools.
    """
    example = {"x": np.ones((1, 1)), **others}
    return [
        Difference("PyTorch has this function for floating-point numbers only; NumPy computes it of any", example=example,
                   dtypes=dtypes, torch=Raises(RuntimeError)),
        Difference("PyTorch has this function for floating-point numbers only; NumPy has no minus of bools" if numpy else
                   "PyTorch has this function for floating-point numbers only; NumPy takes bools for 0 and 1",
                   example=example, dtypes=("bool",),
                   torch=Raises(RuntimeError), numpy=numpy),
    ]  # fmt: skip


NO_MINUS = Raises(TypeError)


def relative(steps: float, of: str = "np.abs(exact)", overflow: str | None = None, underflow: str = "1", *,
             narrow: bool = False) -> object:
    """Return the bound of so many ``steps``, each off by the unit roundoff, of a magnitude."""
    where = "to the dtype itself" if narrow else "in float32 or wider"
    return within(f"{steps} * (u * ({of}) + tiny * ({underflow}))", f"{steps} roundings, each {where}", overflow=overflow,
                  narrow=narrow)


# Pieces of straight lines

REAL_ONLY = Difference("PyTorch does not order complex numbers", example={"x": np.ones(1)}, dtypes=COMPLEX,
                       torch=Raises(RuntimeError))
NO_BOOLS = Difference("PyTorch has this function for numbers only, not for bools", example={"x": np.ones(1)},
                      dtypes=("bool",), torch=Raises(RuntimeError))
ORDERED = [NO_BOOLS, REAL_ONLY]
for call, numpy, name in (
    ("torch.relu(x)", "np.where(x < 0, 0, x)", "relu"),
    ("torch.nn.ReLU()(x)", "np.where(x < 0, 0, x)", "ReLU"),
    ("torch.nn.functional.relu6(x)", "np.clip(x, 0, 6)", "relu6"),
    ("torch.nn.functional.threshold(x, 1, 20)", "np.where(x <= 1, 20, x)", "threshold"),
):
    activations.case(call, numpy, id=name, x=tensors(), shares_memory=False, differs=ORDERED)
activations.case(
    "torch.nn.functional.hardtanh(x)", "np.clip(x, -1, 1)", id="hardtanh", x=tensors(), shares_memory=False,
    differs=[
        *ORDERED,
        Difference("the lower end, -1, is no unsigned number: PyTorch refuses, NumPy takes 0", example={"x": np.ones(1)},
                   dtypes=("uint8",),
                   torch=Raises(RuntimeError)),
    ],
)  # fmt: skip
activations.case(
    "torch.nn.functional.leaky_relu(x, slope)", "np.where(x > 0, x, slope * x)", id="leaky_relu", x=tensors(),
    slope=values(0.01, 0.5, -1.0, 3.0),
    tolerance=relative(2), differs=floats_only(slope=0.01),
)  # fmt: skip
SLOPES = Difference("PyTorch wants a slope for each channel, or one for all; NumPy broadcasts one channel to many slopes",
                    example={"x": np.ones((1, 1)), "w": np.ones(2)}, dtypes=FLOATS, when="len(w) not in (1, x.shape[1])",
                    torch=Raises(RuntimeError))  # fmt: skip
activations.case(
    "torch.nn.functional.prelu(x, w)", "np.where(x > 0, x, w * x)", id="prelu", x=tensors(2), w=matching("c", x="nc"),
    differs=[*floats_only(w=np.ones(1)), SLOPES], note="a slope for each channel, the second axis",
)  # fmt: skip
activations.case(
    "torch.nn.functional.prelu(x, w)", "np.where(x > 0, x, w[:, None] * x)", id="prelu-axes", x=tensors(3),
    w=matching("c", x="ncd"),
    differs=[*floats_only(x=np.ones((1, 1, 1)), w=np.ones(1)), replace(SLOPES, example={"x": np.ones((1, 1, 1)), "w": np.ones(2)})],
)  # fmt: skip
activations.case("torch.nn.functional.relu(x, inplace=True)", "x[...] = np.where(x < 0, 0, x)\nx", id="relu-inplace",
                 x=tensors(overlapping=False), shares_memory=True, differs=ORDERED)  # fmt: skip
activations.case("torch.nn.functional.hardsigmoid(x)", "np.clip(x + 3, 0, 6) / 6", id="hardsigmoid", x=tensors(),
                 tolerance=relative(3, "1"),
                 differs=[*floats_only(),
                          other_gradient("PyTorch's gradient of hardsigmoid has one sixth in float32, for float64 numbers too", kind="bug",
                                         when="(np.abs(x) < 3).any()", x=np.array([1.25]))])  # fmt: skip
activations.case(
    "torch.nn.functional.hardswish(x)", "x * np.clip(x + 3, 0, 6) / 6", id="hardswish", x=tensors(),
    tolerance=relative(3, "np.abs(x)", "6 * np.abs(x)"),
    differs=floats_only(),
)  # fmt: skip

# Of exponentials

activations.case("torch.nn.functional.elu(x, alpha)", "np.where(x > 0, x, alpha * np.expm1(x))", id="elu", x=tensors(),
                 alpha=values(1.0, 0.5, 2.5),
                 tolerance=relative(4), differs=floats_only(alpha=1.0))  # fmt: skip
activations.case("torch.nn.functional.celu(x, alpha)", "np.where(x > 0, x, alpha * np.expm1(x / alpha))", id="celu",
                 x=tensors(),
                 alpha=values(1.0, 0.5, 3.0), tolerance=relative(6), differs=floats_only(alpha=1.0))  # fmt: skip
activations.case(
    "torch.nn.functional.selu(x)", "1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))", id="selu",
    x=tensors(),
    tolerance=relative(6), differs=floats_only(),
)  # fmt: skip
activations.case(
    "torch.nn.functional.softsign(x)", "x / (1 + np.abs(x))", id="softsign", x=tensors(), tolerance=relative(4, narrow=True),
    differs=[
        Difference("of integers PyTorch gives float32, NumPy float64", example={"x": np.ones(1)}, dtypes=INTEGERS,
                   kind="gotcha",
                   torch="(x / (1 + np.abs(x))).astype(np.float32)"),
        Difference("PyTorch takes no magnitude of bools; NumPy leaves them as they are", example={"x": np.ones(1)},
                   dtypes=("bool",), torch=Raises(RuntimeError)),
    ],
)  # fmt: skip
activations.case(
    "torch.nn.SiLU()(x)", "x / (1 + np.exp(-x))", id="SiLU", x=tensors(), differs=floats_only(NO_MINUS, INTEGERS),
    tolerance=relative(8, "np.abs(exact) * (1 + np.abs(np.exp(-x)) / np.abs(1 + np.exp(-x)))"),
)  # fmt: skip
activations.case("torch.nn.Tanh()(x)", "np.tanh(x)", id="Tanh", x=tensors(dtypes=("float32", "float64")),
                 tolerance=relative(2))
activations.case("torch.nn.Sigmoid()(x)", "1 / (1 + np.exp(-x))", id="Sigmoid", x=tensors(dtypes=("float32", "float64")),
                 tolerance=relative(4))
activations.case("torch.nn.functional.logsigmoid(x)", "np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))", id="logsigmoid",
                 x=tensors(),
                 tolerance=relative(5), differs=floats_only(NO_MINUS))  # fmt: skip
activations.case(
    "torch.nn.functional.softplus(x, beta, threshold)",
    "np.where(x * beta > threshold, x, np.log1p(np.exp(x * beta)) / beta)", id="softplus",
    x=tensors(), beta=values(1.0, 2.0, 0.3), threshold=values(20.0, 3.0),
    tolerance=relative(6, "(1 + np.abs(x * beta)) * np.abs(exact)"),
    differs=floats_only(beta=1.0, threshold=20.0), note="log(1 + exp(x)), and x itself where that is nearly x",
)  # fmt: skip
activations.case("torch.nn.functional.mish(x)", "x * np.tanh(np.log1p(np.exp(x)))", id="mish", x=tensors(),
                 tolerance=relative(8, underflow="1 + np.abs(x)"), differs=floats_only())
ERFC = "erfc = np.vectorize(math.erfc, otypes=[x.dtype])\n"
# Of the 22 million numbers of float32 between -14 and 14 that were tried, oneDNN's result was off by 6.4 u |x| at most.
_BY_ONEDNN = "np.abs(x) * (2 if u == 2.0**-24 else 1)"
activations.case(
    "torch.nn.GELU()(x)", f"{ERFC}0.5 * x * erfc(-x / math.sqrt(2))", id="GELU", x=tensors(),
    tolerance=relative(4, _BY_ONEDNN),
    dtypes=(*INTEGERS, *FLOATS), note="x times the share of a normal distribution below x; NumPy has no error function: this is Python's",
    differs=[
        floats_only(dtypes=INTEGERS)[0],
        Difference("PyTorch's gelu of infinity is NaN, where it computes with oneDNN", example={"x": np.full(16, np.inf)},
                   dtypes=("float16", "float32", "bfloat16"),
                   when="('avx512' in instructions) & ((x.dtype != np.float16) | ('avx512_fp16' in instructions)) & (x == np.inf)",
                   torch=OneOf("out", "np.nan"), kind="bug",
                   upstream="https://github.com/pytorch/pytorch/issues/185770"),
        Difference("PyTorch's gelu of the largest numbers is infinite, since it doubles them on the way",
                   example={"x": np.full(16, 3e38)},
                   dtypes=("float32", "bfloat16"), when="('avx512' in instructions) & np.isfinite(x) & (x > np.finfo(x.dtype).max / 2)",
                   torch=OneOf("out", "np.inf", "np.nan"), kind="bug"),
        Difference("PyTorch's gelu gives 0 for a subnormal number, where it computes with oneDNN",
                   example={"x": np.full(16, 3.6e-40)}, dtypes=("bfloat16",),
                   when="('avx512' in instructions) & (x != 0) & (np.abs(x) < 2.0**-124)", torch=OneOf("out", "0 * x")),
        Difference("where it computes without oneDNN, PyTorch's vectorised gelu of -0.0 and of large negative numbers is 0.0",
                   example={"x": np.full(16, -64.0)}, dtypes=("float32",),
                   when="('avx512' not in instructions) & np.signbit(x) & (out == 0)", torch=OneOf("out", "-out")),
    ],
)  # fmt: skip
activations.case(
    "torch.nn.functional.gelu(x, approximate='tanh')",
    "0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))", id="gelu-tanh",
    x=tensors(), tolerance=relative(6, "np.abs(x)"), differs=floats_only(),
)  # fmt: skip
activations.case(
    "torch.nn.functional.glu(torch.cat([x, y], -1), -1)", "x / (1 + np.exp(-y))", id="glu", x=tensors(ndim=(1, 4)),
    y=like("x"), tolerance=relative(6),
    differs=floats_only(NO_MINUS, y=np.ones((1, 1))),
    note="the first half, each element times the sigmoid of one of the second",
)  # fmt: skip
activations.case(
    "torch.nn.GLU(dim)(torch.cat([x, y], dim))", "np.moveaxis(np.moveaxis(x, dim, 0) / (1 + np.exp(-np.moveaxis(y, dim, 0))), 0, dim)",
    id="GLU-dim", x=tensors(ndim=(1, 4)), y=like("x"), dim=axes("x"), tolerance=relative(6),
    differs=[replace(one, torch=Raises(RuntimeError, IndexError))
             for one in floats_only(Raises(TypeError, ValueError), y=np.ones((1, 1)), dim=0)],
)  # fmt: skip

# The classes, told what the functions are

for call, numpy, name, tolerance in (
    ("torch.nn.LeakyReLU(0.25)(x)", "np.where(x > 0, x, 0.25 * x)", "LeakyReLU", relative(2)),
    ("torch.nn.Hardtanh(-2.0, 0.5)(x)", "np.clip(x, -2.0, 0.5)", "Hardtanh", relative(0)),
    ("torch.nn.ELU(2.5)(x)", "np.where(x > 0, x, 2.5 * np.expm1(x))", "ELU", relative(4)),
    ("torch.nn.CELU(3.0)(x)", "np.where(x > 0, x, 3.0 * np.expm1(x / 3.0))", "CELU", relative(6)),
    ("torch.nn.Softplus(2.0, 3.0)(x)", "np.where(x * 2.0 > 3.0, x, np.log1p(np.exp(x * 2.0)) / 2.0)", "Softplus",
     relative(6, "(1 + np.abs(x * 2.0)) * np.abs(exact)")),
    ("torch.nn.GELU('tanh')(x)", "0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))", "GELU-tanh",
     relative(6, "np.abs(x)")),
):
    activations.case(call, numpy, id=name, x=tensors(dtypes=("float32", "float64")), tolerance=tolerance)

# Of several numbers

SHIFT = "z = {x} - ({x}).max(axis=dim, keepdims=True)\n"
SOFTMAX = f"{SHIFT}e = np.exp(z)\ne / e.sum(axis=dim, keepdims=True)"
LOG_SOFTMAX = f"{SHIFT}z - np.log(np.exp(z).sum(axis=dim, keepdims=True))"
SOURCE = (
    "Blanchard, D. Higham and N. Higham, Accurately computing the log-sum-exp and softmax functions, IMA Journal of Numerical "
    "Analysis 41 (2021), for a sum of n exponentials in any order"
)


def of_several(text: str, x: str = "x") -> object:
    """Return the bound of a softmax, or of its logarithm, of ``x``."""
    shift = SHIFT.format(x=x).replace("keepdims=True", "keepdims=True, initial=-np.inf")
    return within(f"{shift}n = x.size // max(x.size // max(x.shape[dim], 1), 1) if x.ndim else 1\n{text}", SOURCE,
                  narrow=True)


def others(*, negated: bool) -> list[Difference]:
    """Return what there is of other numbers, and of none; bools cannot be ``negated``."""
    empty, none = {"x": np.zeros((2, 0)), "dim": 0}, "x.size == 0"
    valid = "x.ndim and -x.ndim <= dim < x.ndim and x.shape[dim]"
    of_bools = [
        Difference("of no bools PyTorch's is as empty; NumPy has no minus of bools", example=empty, dtypes=("bool",),
                   when=f"{none} and {valid}", torch="x.copy()",
                   numpy=Raises(TypeError)),
    ]
    return [
        Difference("PyTorch has a softmax of floating-point numbers only; NumPy computes it of any",
                   example={"x": np.ones((1, 1)), "dim": 0},
                   dtypes=(*INTEGERS, *COMPLEX), when="x.size", torch=Raises(RuntimeError)),
        Difference("PyTorch has a softmax of floating-point numbers only; NumPy has no minus of bools",
                   example={"x": np.ones((1, 1)), "dim": 0},
                   dtypes=("bool",), when=None if negated else "x.size", torch=Raises(RuntimeError, IndexError),
                   numpy=Raises(TypeError, ValueError)),
        Difference("of an axis of length 0 PyTorch's is empty; NumPy's max refuses", example={**empty, "dim": 1},
                   when=f"{valid} == 0",
                   dtypes=tuple(name for name in ALL if name != "bool" or not negated), torch="x.copy()",
                   numpy=Raises(ValueError, TypeError)),
        Difference("of no integers PyTorch's is as empty; NumPy's is of floats", example=empty,
                   dtypes=(*INTEGERS, *WIDE_UNSIGNED), when=f"{none} and {valid}",
                   torch="x.copy()"),
        *(() if negated else of_bools),
    ]  # fmt: skip


PROBABILITY = "(2 * n + 6 + np.abs(z)) * min(u, 2.0**-24) * np.abs(exact) + u * 4 * np.abs(exact) + tiny"
LOGARITHM = "(n > 1) * ((2 * n + 6) * min(u, 2.0**-24) + u * (1 + 2 * np.abs(z) + np.abs(exact - z)) + tiny)"
for call, numpy, name, tolerance in (
    ("torch.softmax(x, dim)", SOFTMAX.format(x="x"), "softmax", of_several(PROBABILITY)),
    ("torch.nn.Softmax(dim)(x)", SOFTMAX.format(x="x"), "Softmax", of_several(PROBABILITY)),
    ("torch.nn.functional.softmin(x, dim)", SOFTMAX.format(x="-x"), "softmin", of_several(PROBABILITY, "-x")),
    ("torch.log_softmax(x, dim)", LOG_SOFTMAX.format(x="x"), "log_softmax", of_several(LOGARITHM)),
    ("torch.nn.LogSoftmax(dim)(x)", LOG_SOFTMAX.format(x="x"), "LogSoftmax", of_several(LOGARITHM)),
):
    activations.case(call, numpy, id=name, x=tensors(), dim=axes("x"), tolerance=tolerance,
                     differs=others(negated=name == "softmin"))
activations.case(
    "torch.softmax(x, dim, dtype=torch.float64)", "e = np.exp(x.astype(np.float64))\ne / e.sum(axis=dim, keepdims=True)",
    id="softmax-dtype",
    x=normals(5, 7, dtypes=("float32", "float16"), missing=True), dim=values(0, 1, -1),
    tolerance=ulp(32, "seven exponentials of tame numbers, and their sum"), note="converted first, in float64 from there on",
)  # fmt: skip
