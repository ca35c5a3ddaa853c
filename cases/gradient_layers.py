"""Gradients of layers and activations: what `backward(g)` leaves in `.grad`, beside the derivative written out.

`g` is the gradient of whatever comes after,
one number for each element of the result: the chain rule says what becomes of it.
Of a complex factor it is multiplied with the conjugate.
"""

import numpy as np
from conformance.cases.layers_norm import distances, one_sample

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    axes,
    indices,
    like,
    linear,
    matching,
    multilinear,
    tensors,
    within,
)

gradients = Section("Gradients of layers", id="gradient-layers")

NOT_INTEGERS = ("bool", *INTEGERS)


def no_gradient(dtypes: tuple[str, ...] = NOT_INTEGERS, **others: object) -> Difference:
    """Return what has no gradient, for a row whose inputs beside ``x`` and ``g`` are ``others``."""
    return Difference("PyTorch has this gradient for floating-point numbers only",
                      example={"x": np.ones((1, 1)), "g": np.ones((1, 1)), **others},
                      dtypes=dtypes, torch=Raises(RuntimeError))  # fmt: skip


FLOATS_ONLY = (*NOT_INTEGERS, *COMPLEX)

# Linear layers

LINEAR = {"g": matching("no", x="nj", w="oj"), "x": tensors(2), "w": matching("oj", x="nj"), "b": matching("o", w="oj")}
OF_LINEAR = no_gradient(w=np.ones((1, 1)), b=np.ones(1))
for one, numpy, tolerance in (("x", "g @ w.conj()", multilinear()), ("w", "g.T @ x.conj()", multilinear()),
                              ("b", "g.sum(axis=0)", linear())):
    gradients.case(
        f"{one}.requires_grad_()\ntorch.nn.functional.linear(x, w, b).backward(g)\n{one}.grad", numpy, id=f"linear-{one}",
        **LINEAR, tolerance=tolerance,
        differs=[OF_LINEAR],
    )  # fmt: skip

# Activations


def steps(count: int, size: str) -> object:
    """Return the bound of ``count`` steps, each rounded, of numbers up to ``size``."""
    return within(f"{count} * (u * ({size}) + tiny * (1 + np.abs(g)))", "each step is rounded to the dtype itself",
                  narrow=True, unsigned=True, overflow=size)


SIGMOID = "s = 1 / (1 + np.exp(-x))\n"
for call, numpy, name, count, size in (
    ("torch.relu(x)", "np.where(x <= 0, 0, g)", "relu", 1, "0"),
    ("torch.nn.functional.leaky_relu(x, 0.1)", "np.where(x > 0, g, 0.1 * g)", "leaky_relu", 2, "np.abs(exact)"),
    ("torch.nn.functional.relu6(x)", "np.where((0 < x) & (x < 6), g, 0)", "relu6", 1, "0"),
    ("torch.sigmoid(x)", f"{SIGMOID}g * s * (1 - s)", "sigmoid", 6, "np.abs(g) / (1 + np.exp(-x))"),
    ("torch.tanh(x)", "g * (1 - np.tanh(x) ** 2)", "tanh", 6, "np.abs(g)"),
    ("torch.exp(x)", "g * np.exp(x)", "exp", 4, "np.abs(exact)"),
    ("torch.nn.functional.elu(x)", "np.where(x > 0, g, g * np.exp(x))", "elu", 4, "np.abs(exact)"),
    ("torch.nn.functional.softplus(x)", "g / (1 + np.exp(-x))", "softplus", 6, "np.abs(g)"),
    ("torch.nn.functional.silu(x)", f"{SIGMOID}g * s * (1 + x * (1 - s))", "silu", 8, "np.abs(g) * (1 + np.abs(x))"),
    ("torch.nn.functional.logsigmoid(x)", "g / (1 + np.exp(x))", "logsigmoid", 6, "np.abs(g)"),
):
    gradients.case(f"x.requires_grad_()\n{call}.backward(g)\nx.grad", numpy, id=name, x=tensors(), g=like("x"),
                   tolerance=steps(count, size),
                   differs=[no_gradient(FLOATS_ONLY)])  # fmt: skip

# Softmax

SHIFT = "e = np.exp(x - x.max(axis=dim, keepdims=True))\np = e / e.sum(axis=dim, keepdims=True)\n"
ERROR = (
    "z = x - x.max(axis=dim, keepdims=True, initial=-np.inf)\ne = np.exp(z)\np = e / e.sum(axis=dim, keepdims=True)\n"
    "z, n = np.abs(z), max(x.shape[dim], 1) if x.ndim else 1\n"
)
SOURCE = "that of the softmax, and of a sum of n products in any order: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1"


def empty() -> Difference:
    """Return that NumPy has no maximum of nothing."""
    return Difference("of an axis of length 0 PyTorch's is empty; NumPy's max refuses",
                      example={"x": np.zeros((2, 0)), "g": np.zeros((2, 0)), "dim": 1},
                      dtypes=(*FLOATS, "bfloat16"), when="x.ndim and -x.ndim <= dim < x.ndim and x.shape[dim] == 0",
                      torch="x.copy()", numpy=Raises(ValueError))  # fmt: skip


gradients.case(
    "x.requires_grad_()\ntorch.softmax(x, dim).backward(g)\nx.grad",
    f"{SHIFT}p * (g - np.sum(g * p, axis=dim, keepdims=True))", id="softmax", x=tensors(),
    g=like("x"), dim=axes("x"), differs=[no_gradient(FLOATS_ONLY, dim=0), empty()],
    tolerance=within(f"{ERROR}total = np.sum(np.abs(g) * (3 * n + 10 + z) * p, axis=dim, keepdims=True)\n"
                     "p * ((3 * n + 10 + z) * (np.abs(g) + np.sum(np.abs(g) * p, axis=dim, keepdims=True)) + total) * u + n * tiny * (1 + np.max(np.abs(g), initial=0))",
                     SOURCE, narrow=True, unsigned=True, overflow="np.sum(np.abs(g), axis=dim, keepdims=True)"),
)  # fmt: skip
gradients.case(
    "x.requires_grad_()\ntorch.log_softmax(x, dim).backward(g)\nx.grad",
    f"{SHIFT}g - p * np.sum(g, axis=dim, keepdims=True)", id="log_softmax", x=tensors(),
    g=like("x"), dim=axes("x"), differs=[no_gradient(FLOATS_ONLY, dim=0), empty()],
    tolerance=within(f"{ERROR}(2 * np.abs(g) + (3 * n + 10 + z) * p * np.sum(np.abs(g), axis=dim, keepdims=True)) * u + n * tiny",
                     SOURCE, narrow=True, unsigned=True, overflow="np.sum(np.abs(g), axis=dim, keepdims=True)"),
)  # fmt: skip

# Embeddings

gradients.case(
    "w.requires_grad_()\ntorch.nn.functional.embedding(i, w).backward(g)\nw.grad",
    "grad = np.zeros_like(w)\nnp.add.at(grad, i, g)\ngrad", id="embedding",
    w=tensors(2), i=indices("w", 0, negative=False), g=matching("ij", i="i", w="kj"),
    tolerance=within("size = np.zeros_like(w)\nnp.add.at(size, i, np.abs(g))\ni.size * u * size",
                     "up to n numbers are added in any order", narrow=True, unsigned=True,
                     overflow="size = np.zeros_like(w)\nnp.add.at(size, i, np.abs(g))\nsize"),
    differs=[Difference("PyTorch has this gradient for floating-point numbers only",
                        example={"w": np.ones((1, 1)), "i": np.array([0]), "g": np.ones((1, 1))},
                        dtypes=NOT_INTEGERS, torch=Raises(RuntimeError))],
    note="a row that is looked up several times gets the sum",
)  # fmt: skip
gradients.case(
    "w.requires_grad_()\ntorch.nn.functional.embedding(i, w, padding_idx=0).backward(g)\nw.grad[0]", "np.zeros_like(w[0])",
    id="embedding-padding_idx", w=tensors(2),
    i=indices("w", 0, negative=False), g=matching("ij", i="i", w="kj"),
    differs=[Difference("PyTorch has this gradient for floating-point numbers only",
                        example={"w": np.ones((1, 1)), "i": np.array([0]), "g": np.ones((1, 1))},
                        dtypes=NOT_INTEGERS, torch=Raises(RuntimeError))],
)  # fmt: skip

# Layers that normalise

LAST = "mean, var = (f(x, axis=-1, keepdims=True) for f in (np.mean, np.var))\nh = (x - mean) / np.sqrt(var + 1e-5)\n"
ROWS = {"x": tensors(2), "w": matching("c", x="nc"), "b": matching("c", x="nc"), "g": like("x")}
OF_ROWS = {"w": np.ones(1), "b": np.ones(1)}


def through(axis: str, w: str) -> object:
    """Return the bound of a gradient through mean and deviation along ``axis``, of ``w`` times what comes back."""
    means = f"t = np.abs({w} * g)\nmean = lambda a: np.mean(a, axis={axis}, keepdims=True)\nsize = t + mean(t) + h * mean(t * h)\n"
    return within(
        f"{distances(axis)}{means}(off * mean(t * h) + (h + off) * mean(t * off) + (2 * n + 12) * u * size) / np.sqrt(least)"
        f" + size * wrong / (2 * least ** 1.5) + 12 * tiny * (1 + t + h + 1 / np.sqrt(least))",
        "that of the distances from the mean, and of two means of n products", narrow=True, unsigned=True,
        overflow=f"{distances(axis)}{means}size / np.sqrt(least)",
    )  # fmt: skip


gradients.case(
    "x.requires_grad_()\ntorch.nn.functional.layer_norm(x, x.shape[-1:], w, b).backward(g)\nx.grad",
    f"{LAST}t = g * w\n(t - t.mean(axis=-1, keepdims=True) - h * np.mean(t * h, axis=-1, keepdims=True)) / np.sqrt(var + 1e-5)", id="layer_norm-x", **ROWS,
    tolerance=through("-1", "w"), differs=[no_gradient(FLOATS_ONLY, **OF_ROWS)],
    note="mean and deviation depend on every number of the row: what they take away is taken off the gradient, too",
)  # fmt: skip
gradients.case(
    "w.requires_grad_()\ntorch.nn.functional.layer_norm(x, x.shape[-1:], w, b).backward(g)\nw.grad",
    f"{LAST}np.sum(g * h, axis=0)", id="layer_norm-w", **ROWS,
    tolerance=within(f"{distances('-1')}np.sum(np.abs(g) * (off + (len(x) + 2) * u * h), axis=0) + len(x) * tiny * (1 + np.max(np.abs(g), initial=0))",
                     "that of the distances from the mean, and of a sum of products", narrow=True, unsigned=True,
                     overflow=f"{distances('-1')}np.sum(np.abs(g) * h, axis=0)"),
    differs=[no_gradient(FLOATS_ONLY, **OF_ROWS)],
)  # fmt: skip
gradients.case(
    "b.requires_grad_()\ntorch.nn.functional.layer_norm(x, x.shape[-1:], w, b).backward(g)\nb.grad", "np.sum(g, axis=0)",
    id="layer_norm-b",
    **{name: ROWS[name] for name in "gxwb"}, tolerance=linear(), differs=[no_gradient(FLOATS_ONLY, **OF_ROWS)],
)  # fmt: skip
STRIDED_WEIGHT = Difference(
    "PyTorch's gradient of a batch norm of two axes reads the weight as if it were contiguous: of a strided one, the numbers in between",
    example={"x": np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 9.0]]), "w": np.array([1.0, 100.0, 2.0, 100.0])[::2],
             "b": np.zeros(2), "g": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]])},
    dtypes=("float32", "float64"), when="x.flags.c_contiguous and g.flags.c_contiguous and w.size > 1 and not w.flags.c_contiguous", torch=UNDEFINED, kind="bug",
    instead="x.requires_grad_()\ntorch.nn.functional.batch_norm(x, None, None, w.contiguous(), b, training=True).backward(g)\nx.grad",
)  # fmt: skip
gradients.case(
    "x.requires_grad_()\ntorch.nn.functional.batch_norm(x, None, None, w, b, training=True).backward(g)\nx.grad",
    "mean, var = x.mean(axis=0), x.var(axis=0)\nh, t = (x - mean) / np.sqrt(var + 1e-5), g * w\n(t - t.mean(axis=0) - h * np.mean(t * h, axis=0)) / np.sqrt(var + 1e-5)",
    id="batch_norm-x", **ROWS, tolerance=through("0", "w"),
    differs=[no_gradient(FLOATS_ONLY, **OF_ROWS), one_sample(**OF_ROWS, g=np.ones((1, 1))), STRIDED_WEIGHT],
)  # fmt: skip

# Two layers, one after the other

CHAIN = {
    "x": tensors(2, longest=1000), "w": matching("hj", x="nj"), "b": matching("h", w="hj"), "v": matching("oh", w="hj"),
    "g": matching("no", x="nj", v="oh"),
}  # fmt: skip
MODEL = """
model = torch.nn.Sequential(torch.nn.Linear(*w.T.shape), torch.nn.ReLU(), torch.nn.Linear(*v.T.shape, bias=False))
model[0].weight, model[0].bias, model[2].weight = (torch.nn.Parameter(p) for p in (w, b, v))
model(x).backward(g)
"""
SIZES = (
    "before, size = x @ w.T + b, np.abs(x) @ np.abs(w).T + np.abs(b)\nback = np.abs(g) @ np.abs(v)\nk = w.shape[1] + len(g) + len(v) + 6\n"
    "unsure = np.where(np.abs(before) <= (w.shape[1] + 4) * (u * size + tiny), back, 0)\nsmall = k * k * tiny * (1 + sum(np.max(np.abs(a), initial=0) for a in (x, v, g)))\n"
)
for parameter, numpy, size, other_side in (
    ("model[0].weight", "np.where(x @ w.T + b <= 0, 0, g @ v).T @ x", "back.T @ np.abs(x)", "unsure.T @ np.abs(x)"),
    ("model[0].bias", "np.where(x @ w.T + b <= 0, 0, g @ v).sum(axis=0)", "np.sum(back, axis=0)", "np.sum(unsure, axis=0)"),
    ("model[2].weight", "g.T @ np.maximum(x @ w.T + b, 0)", "np.abs(g).T @ size", "0"),
):
    gradients.case(
        f"{MODEL}{parameter}.grad", numpy, id=f"Sequential-{parameter[6]}-{parameter[9:]}", **CHAIN,
        tolerance=within(f"{SIZES}k * u * ({size}) + {other_side} + small",
                         "two or three sums of products, each in any order, the error of one carried through the next; beside 0 the relu may be taken for either side",
                         narrow=True, unsigned=True,
                         overflow=f"{SIZES}np.max(size, initial=0) + np.max(back, initial=0) + {size}"),
        differs=[no_gradient(FLOATS_ONLY, w=np.ones((1, 1)), b=np.ones(1), v=np.ones((1, 1)))],
    )  # fmt: skip
