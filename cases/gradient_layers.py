"""Gradients of layers and activations: what `backward(g)` leaves in `.grad`, beside the derivative written out.

`g` is the gradient of whatever comes after, one number for each element of the result: the chain rule says what becomes of
it. Of a complex factor it is multiplied with the conjugate.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.layers import NO_ROWS, PARAMETERS, REAL, SEQUENTIAL
from conformance.cases.layers import ONE_OF_EACH as OF_PARAMETERS
from conformance.cases.products import of_bfloat16

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    indices,
    like,
    linear,
    matching,
    multilinear,
    normals,
    positions,
    tensors,
    within,
)

gradients = Section("Gradients of layers", id="gradient-layers")

ALL_FLOATS = (*FLOATS, "bfloat16")
NOT_INTEGERS = ("bool", *INTEGERS)
FLOATS_ONLY = (*NOT_INTEGERS, *COMPLEX)


def no_gradient(dtypes: tuple[str, ...] = FLOATS_ONLY, numpy: Raises | None = None, **others: object) -> list[Difference]:
    """Return what has no gradient, for a row whose inputs beside ``x`` and ``g`` are ``others``; ``numpy`` is its of bools."""
    because = "PyTorch has this gradient for floating-point numbers only"
    example = {"x": np.ones((1, 1)), "g": np.ones((1, 1)), **others}
    rest = tuple(dtype for dtype in dtypes if dtype != "bool" or numpy is None)
    return [Difference(because, example=example, dtypes=rest, torch=Raises(RuntimeError)),
            *([Difference(f"{because}; NumPy has no minus of bools", example=example, dtypes=("bool",), torch=Raises(RuntimeError),
                          numpy=numpy)] if numpy else [])]  # fmt: skip


# Linear layers

LINEAR = {"g": matching("no", x="nj", w="oj"), "x": tensors(2), "w": matching("oj", x="nj"), "b": matching("o", w="oj")}
ONE_OF_EACH = {"w": np.ones((1, 1)), "b": np.ones(1)}
REFUSED = Difference("PyTorch refuses shapes that do not fit on the way there; the formula of one gradient does not look at all of them",
                     example={"x": np.ones((1, 3)), "g": np.ones((1, 1)), **ONE_OF_EACH}, dtypes=(*ALL_FLOATS, *COMPLEX), torch=Raises(RuntimeError),
                     when="x.shape[1] != w.shape[1] or len(b) not in (1, len(w)) or g.shape != (len(x), len(w))")  # fmt: skip
SQUARE = {"x": np.ones((17, 17)), "g": np.ones((17, 17)), "w": np.ones((17, 17)), "b": np.ones(17)}
OF_X = [replace(one, example={**SQUARE, "g": one.example["x"], "w": one.example["y"]}) for one in of_bfloat16("x, y = g, w\n")]
OF_W = [replace(one, example={**SQUARE, "g": one.example["x"].T, "x": one.example["y"]}) for one in of_bfloat16("x, y = g.T, x\n")]
ONE_BIAS = Difference("of one bias for several outputs PyTorch gives the one gradient, their sum", example={**SQUARE, "b": np.ones(1)},
                      dtypes=(*ALL_FLOATS, *COMPLEX), when=f"len(b) == 1 != len(w) and not ({REFUSED.when})", torch="g.sum(keepdims=True)[0]")  # fmt: skip
for one, numpy, tolerance, others in (("x", "g @ w.conj()", multilinear(), OF_X), ("w", "g.T @ x.conj()", multilinear(), OF_W),
                                      ("b", "g.sum(axis=0)", linear(), [ONE_BIAS])):
    gradients.case(
        f"{one}.requires_grad_()\ntorch.nn.functional.linear(x, w, b).backward(g)\n{one}.grad", numpy, id=f"linear-{one}",
        **LINEAR, tolerance=tolerance,
        differs=[*no_gradient(NOT_INTEGERS, **ONE_OF_EACH), REFUSED, *others],
    )  # fmt: skip

# Activations


def steps(count: int, size: str) -> object:
    """Return the bound of ``count`` steps, each rounded, of numbers up to ``size``."""
    return within(f"{count} * (u * ({size}) + tiny * (1 + np.abs(g)))", "each step is rounded to the dtype itself",
                  narrow=True, overflow=size)


SIGMOID = "s = 1 / (1 + np.exp(-x))\n"
NO_MINUS = Raises(TypeError)
OF_NAN = {
    "hardtanh": Difference("PyTorch's gradient of hardtanh and relu6 at NaN is 0 in vectors, and passes on what comes back elsewhere",
                           example={"x": np.full(128, np.nan), "g": np.ones(128)}, dtypes=ALL_FLOATS, when="np.isnan(x)",
                           torch=OneOf("out", "np.zeros_like(g)"), kind="bug"),
    "elu": Difference("PyTorch's gradient of elu at NaN is NaN in vectors, and passes on what comes back elsewhere",
                      example={"x": np.full(128, np.nan), "g": np.ones(128)}, dtypes=ALL_FLOATS, when="np.isnan(x)",
                      torch=OneOf("out", "np.nan"), kind="bug"),
}  # fmt: skip
for call, numpy, name, count, size, of_bools in (
    ("torch.relu(x)", "np.where(x <= 0, 0, g)", "relu", 1, "0", None),
    ("torch.nn.functional.leaky_relu(x, 0.1)", "np.where(x > 0, g, 0.1 * g)", "leaky_relu", 2, "np.abs(exact)", None),
    ("torch.nn.functional.hardtanh(x, -1, 3)", "np.where((x <= -1) | (x >= 3), 0, g)", "hardtanh", 1, "0", None),
    ("torch.nn.functional.elu(x)", "np.where(x <= 0, g * np.exp(x), g)", "elu", 4, "np.abs(exact)", None),
    ("torch.nn.functional.softplus(x)", "g / (1 + np.exp(-x))", "softplus", 6, "np.abs(g) * (1 + np.exp(np.minimum(x, 20)))", NO_MINUS),
    ("torch.nn.functional.silu(x)", f"{SIGMOID}g * s * (1 + x * (1 - s))", "silu", 8, "np.abs(g) * (1 + np.abs(x))", NO_MINUS),
    ("torch.nn.functional.logsigmoid(x)", "g / (1 + np.exp(x))", "logsigmoid", 6, "np.abs(g)", None),
):
    gradients.case(f"x.requires_grad_()\n{call}.backward(g)\nx.grad", numpy, id=name, x=tensors(), g=like("x"),
                   tolerance=steps(count, size),
                   differs=[*no_gradient(numpy=of_bools), *([OF_NAN[name]] if name in OF_NAN else [])])  # fmt: skip
for call, numpy, name, count, size, of_bools in (
    ("torch.sigmoid(x)", f"{SIGMOID}g * np.conj(s * (1 - s))", "sigmoid", 6,
     "np.abs(g / (1 + np.exp(-x))) * (1 + np.abs(1 / (1 + np.exp(-x)))) ** 2", NO_MINUS),
    ("torch.tanh(x)", "g * np.conj(1 - np.tanh(x) ** 2)", "tanh", 6, "np.abs(g) * (1 + np.abs(np.tanh(x)) ** 2)", None),
    ("torch.exp(x)", "g * np.conj(np.exp(x))", "exp", 4, "np.abs(exact)", None),
):
    gradients.case(f"x.requires_grad_()\n{call}.backward(g)\nx.grad", numpy, id=name, x=tensors(), g=like("x"),
                   tolerance=steps(count, size),
                   differs=no_gradient(NOT_INTEGERS, numpy=of_bools))  # fmt: skip

# Embeddings

LOOKED_UP = {"w": tensors(2), "i": indices("w", 0, negative=False), "g": matching("ij", i="i", w="kj")}
OF_LOOKED_UP = {"w": np.ones((1, 1)), "i": np.array([0]), "g": np.ones((1, 1))}
OF_FLOATS = Difference("PyTorch has this gradient for floating-point numbers only", example=OF_LOOKED_UP,
                       dtypes=FLOATS_ONLY, torch=Raises(RuntimeError))  # fmt: skip
SIZES = "size = np.zeros(w.shape, g.dtype)\nnp.add.at(size, i, np.abs(g))\n"
SUM_OF_ROWS = within(f"{SIZES}i.size * (u * size + tiny)", "up to n numbers are added in any order", narrow=True,
                     overflow=f"finite = lambda a: np.where(np.isfinite(a), a, 0)\n{SIZES.replace('np.abs(g)', 'finite(np.abs(g))')}size")  # fmt: skip
gradients.case(
    "w.requires_grad_()\ntorch.nn.functional.embedding(i, w).backward(g)\nw.grad",
    "gradient = np.zeros_like(w)\nnp.add.at(gradient, i, g)\ngradient", id="embedding", **LOOKED_UP, tolerance=SUM_OF_ROWS,
    differs=[OF_FLOATS], note="a row that is looked up several times gets the sum, one that is not gets 0",
)  # fmt: skip
PADDED = {**LOOKED_UP, "padding": positions("w")}
OF_PADDED = replace(OF_FLOATS, example=OF_LOOKED_UP | {"padding": 0})
NO_ROWS_BACK = replace(NO_ROWS, dtypes=ALL_FLOATS, torch="np.zeros_like(w)", example=NO_ROWS.example | {"g": np.zeros((0, 1))},
                       when=f"{NO_ROWS.when} and g.shape == (0, w.shape[1])")  # fmt: skip
for call, name, differs in (
    ("w.requires_grad_()\ntorch.nn.functional.embedding(i, w, padding_idx=padding).backward(g)\nw.grad", "embedding-padding_idx",
     [OF_PADDED, NO_ROWS_BACK]),
    ("layer = torch.nn.Embedding(*w.shape, padding_idx=padding)\nlayer.weight = torch.nn.Parameter(w)\nlayer(i).backward(g)\nlayer.weight.grad",
     "Embedding-padding_idx", [OF_PADDED]),
):
    gradients.case(
        call, "kept = i != range(len(w))[padding]\ngradient = np.zeros_like(w)\nnp.add.at(gradient, i, np.where(kept[:, None], g, 0))\ngradient", id=name,
        **PADDED, tolerance=SUM_OF_ROWS, differs=differs, note="the row of padding_idx gets 0, however often it is looked up",
    )  # fmt: skip

# Two layers, one after the other, with a ReLU between

TWO_LAYERS = {**PARAMETERS, "x": normals(5, 4), "g": normals(5, 2)}
OF_TWO_LAYERS = [replace(one, example={**OF_PARAMETERS, "g": np.ones((5, 2))}) for one in REAL]
MODEL = (
    f"{SEQUENTIAL}model[0].weight, model[0].bias = torch.nn.Parameter(w), torch.nn.Parameter(b)\n"
    "model[2].weight, model[2].bias = torch.nn.Parameter(v), torch.nn.Parameter(c)\nmodel(x).backward(g)\n"
)
FORWARD = "before = x @ w.T + b\n"
BACK = f"{FORWARD}back = np.where(before > 0, g @ v, 0)\n"
BOUND = (
    f"{FORWARD}size, back = np.abs(x) @ np.abs(w).T + np.abs(b), np.abs(g) @ np.abs(v)\nk = sum(w.shape) + len(g) + len(v) + 8\n"
    "unsure = np.where(np.abs(before) <= k * u * size, back, 0)\n"
)
SUMS = "sums of products in any order, the error of one carried through the next; beside 0 the ReLU may be taken for either side"
for of, numpy, size, either in (
    ("0.weight", f"{BACK}back.T @ x", "back.T @ np.abs(x)", "unsure.T @ np.abs(x)"),
    ("0.bias", f"{BACK}back.sum(axis=0)", "back.sum(axis=0)", "unsure.sum(axis=0)"),
    ("2.weight", f"{FORWARD}g.T @ np.maximum(before, 0)", "np.abs(g).T @ size", "0"),
    ("2.bias", "g.sum(axis=0)", "np.abs(g).sum(axis=0)", "0"),
):
    gradients.case(
        f"{MODEL}model[{of[0]}].{of[2:]}.grad", numpy, id=f"Sequential-{of.replace('.', '-')}",
        **TWO_LAYERS,
        tolerance=within(f"{BOUND}k * u * ({size}) + {either} + k * tiny", SUMS, narrow=True, unsigned=True), differs=OF_TWO_LAYERS,
    )  # fmt: skip
