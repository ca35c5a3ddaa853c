"""Layers: linear ones, embeddings, and what holds their parameters.

A linear layer keeps its weight with a row for each output, so that NumPy's side is ``x @ w.T + b``. A layer is made with random
parameters; here they are replaced with those of the row. Its parameters are float32 unless it is told otherwise.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import no_gradient, other_gradient
from conformance.cases.products import no_bools, of_bfloat16

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    Difference,
    Raises,
    Section,
    broadcastable,
    indices,
    matching,
    multilinear,
    normals,
    positions,
    tensors,
    values,
    within,
)

layers = Section("Layers")

ALL_FLOATS = (*FLOATS, "bfloat16")


def of_linear(**others: object) -> list[Difference]:
    """Return what happens to larger bfloat16 matrices, for a row that has the inputs ``others`` beside ``x`` and ``w``."""
    return [replace(one, example={"x": one.example["x"], "w": one.example["y"].T,
                                  **others}) for one in of_bfloat16("y = w.T\n")]


def bools(**others: object) -> Difference:
    """Return that PyTorch has no product of bools, for a row that has the inputs ``others``, too."""
    return no_bools("(x.int() @ w.int().T).bool()", "x.size and w.size", x=[[1, 0]], w=[[1, 0]], **others)


def float_parameters(dtypes: tuple[str, ...] = ("bool", *INTEGERS), **example: object) -> Difference:
    """Return that parameters are floating-point or complex numbers."""
    return Difference("a parameter is what gradients are computed of: a floating-point or complex number", example=example,
                      dtypes=dtypes,
                      torch=Raises(RuntimeError))  # fmt: skip


# Linear layers

ONE_BIAS_FOR_ALL = Difference("PyTorch wants a bias for each output, or one for all; NumPy broadcasts one output to many biases",
                              example={"x": np.ones((1, 1)), "w": np.ones((1, 1)), "b": np.ones(2)},
                              dtypes=(*INTEGERS, *ALL_FLOATS, *COMPLEX),
                              when="len(b) not in (1, len(w))", torch=Raises(RuntimeError))  # fmt: skip

layers.case("torch.nn.functional.linear(x, w)", "x @ w.T", id="linear", x=tensors(ndim=(1, 4)), w=matching("oj", x="...j"),
            tolerance=multilinear(),
            differs=[bools(), *of_linear()])  # fmt: skip
layers.case("torch.nn.functional.linear(x, w, b)", "x @ w.T + b", id="linear-bias", x=tensors(ndim=(1, 4)),
            w=matching("oj", x="...j"),
            b=matching("o", w="oj"), tolerance=multilinear(steps=True),
            differs=[ONE_BIAS_FOR_ALL, no_bools("(x.int() @ w.int().T + b.int()).bool()",
                                                "x.size and w.size or len(b) not in (1, len(w)) or np.size(out) and (b.flags.c_contiguous or x.ndim == 2)", x=[[1, 0]], w=[[1, 0]], b=[1]),
                                                *of_linear(b=np.zeros(17))])  # fmt: skip
layers.case(
    """
    layer = torch.nn.Linear(w.shape[1], w.shape[0])
    layer.weight, layer.bias = torch.nn.Parameter(w), torch.nn.Parameter(b)
    layer(x)
    """,
    "x @ w.T + b", id="Linear", x=tensors(ndim=(1, 2)), w=matching("oj", x="...j"), b=matching("o", w="oj"),
    tolerance=multilinear(steps=True),
    differs=[replace(ONE_BIAS_FOR_ALL, dtypes=(*ALL_FLOATS, *COMPLEX)), float_parameters(x=[[1]], w=[[1]], b=[1]),
             *of_linear(b=np.zeros(17))],
)  # fmt: skip
layers.case(
    "layer = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)\ntorch.func.functional_call(layer, {'weight': w}, x)",
    "x @ w.T", id="Linear-functional_call",
    x=tensors(ndim=(1, 2)), w=matching("oj", x="...j"), tolerance=multilinear(), differs=[bools(), *of_linear()],
)  # fmt: skip
layers.case(
    """
    layer = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)
    layer.weight = torch.nn.Parameter(w)
    layer(x)
    """,
    "x @ w.T", id="Linear-dtypes", x=tensors(2, dtypes=("float32", "float64", "float16", "int64", "complex64")),
    w=matching("oj", x="nj", dtypes=("float32", "float64")), tolerance=multilinear(),
    differs=[Difference("PyTorch's layers take data of the dtype of their parameters only; NumPy promotes both to one that holds them",
                        example={"x": np.ones((1, 1)), "w": np.ones((1, 1), np.float32)}, when="x.dtype != w.dtype",
                        torch=Raises(RuntimeError),
                        kind="gotcha", instead="layer = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)\nlayer.weight = torch.nn.Parameter(w)\n"
                        "layer.to(x.dtype)(x)")],
)  # fmt: skip

# Embeddings

FROM_ZERO = Difference("PyTorch's embedding counts from 0 only; NumPy counts negative indices from the end",
                       example={"w": np.ones((1, 1)), "i": np.array(-1)},
                       when="np.any(i < 0) and np.all((-len(w) <= i) & (i < len(w)))",
                       torch=Raises(IndexError, RuntimeError),
                       kind="gotcha", instead="w[i]")  # fmt: skip
layers.case("torch.nn.functional.embedding(i, w)", "w[i]", id="embedding", w=tensors(2),
            i=indices("w", 0, ndim=(0, 2), negative=False), shares_memory=False)
layers.case("torch.nn.functional.embedding(i, w)", "w[i]", id="embedding-negative", w=tensors(2),
            i=indices("w", 0, ndim=(0, 2)), differs=[FROM_ZERO])
layers.case(
    "torch.nn.Embedding.from_pretrained(w, padding_idx=0)(i)", "w[i]", id="Embedding-padding_idx", w=tensors(2),
    i=indices("w", 0, ndim=(1, 2), negative=False),
    note="the row of padding_idx is looked up as any other; it gets no gradient",
    differs=[no_gradient("PyTorch's from_pretrained keeps weights as they are, and asks for no gradient of them", torch="none",
                                w=np.ones((1, 1)), i=np.array([0]))],
)  # fmt: skip
NO_ROWS = Difference("PyTorch takes a padding_idx of 0 where there is no row; NumPy has no row 0", torch="w[i]", numpy=Raises(IndexError),
                     example={"w": np.zeros((0, 1)), "i": np.zeros(0, int), "padding": 0}, when="len(w) == 0 and i.size == 0 and padding == 0")
layers.case(
    "torch.nn.functional.embedding(i, w, padding_idx=padding)", "range(len(w))[padding]\nw[i]", id="embedding-padding_idx", w=tensors(2),
    i=indices("w", 0, ndim=(0, 2), negative=False), padding=positions("w"), shares_memory=False,
    differs=[NO_ROWS, other_gradient("PyTorch gives the row of padding_idx no gradient, though it is looked up as any other", kind="design",
                            when="np.any(i == range(len(w))[padding])", w=np.ones((2, 1)), i=np.array([0]), padding=0)],
    note="the row of padding_idx is looked up as any other, whatever is in it; it may be counted from the end",
)  # fmt: skip
layers.case(
    "layer = torch.nn.Embedding(*w.shape)\nlayer.weight = torch.nn.Parameter(w)\nlayer(i)", "w[i]", id="Embedding", w=tensors(2),
    i=indices("w", 0, ndim=(0, 2), negative=False), shares_memory=False,
    differs=[float_parameters(w=np.ones((1, 1)), i=np.array([0])),
             Difference("PyTorch has no gradient of an embedding of complex numbers, and refuses where one is asked for, as of parameters",
                        example={"w": np.ones((1, 1)), "i": np.array([0])}, dtypes=COMPLEX, torch=Raises(RuntimeError))],
)  # fmt: skip
LONG = "np.sum(np.abs({}) ** order, axis=-1, keepdims=True) ** (1 / order)"
layers.case(
    "w = w.clone()\ntorch.nn.functional.embedding(i, w, max_norm=most, norm_type=order), w",
    f"""
    w = w.copy()
    used = np.unique(i)
    norms = {LONG.format("w[used]")}
    w[used] *= np.where(norms > most, most / (norms + 1e-7), 1).astype(w.dtype)
    w[i], w
    """,
    id="embedding-max_norm", w=tensors(2, dtypes=FLOATS, domain="small"), i=indices("w", 0, ndim=(0, 2), negative=False), most=values(5.0, 2.0),
    order=values(2.0, 1.0),
    tolerance=within("(w.shape[1] + 12) * u * np.abs(exact)", "a sum of powers, a root, a quotient and a product, each rounded", narrow=True),
    differs=[other_gradient("PyTorch's gradient of an embedding takes what max_norm scales rows by for a constant", kind="design",
                            when=f"np.any({LONG.format('w[i]')} > most)", w=np.arange(20.0).reshape(5, 4), i=np.array([1]), most=5.0, order=2.0)],
    note="rows that are longer than max_norm are scaled to it, in the weight itself, and only those that are looked up; of small whole numbers, whose norms are never so near to it that rounding decides",
)  # fmt: skip
layers.case(
    "torch.nn.Embedding(rows, 4, padding_idx=row).weight[row]", "np.zeros(4, np.float32)", id="Embedding-padding-row",
    rows=values(3, 5), row=values(0, 2, -1),
    note="a new embedding has random rows, and zeros for padding_idx",
)  # fmt: skip

# Axes flattened

layers.case(
    "torch.nn.Flatten()(x)", "x.reshape(len(x), math.prod(x.shape[1:]))", id="Flatten", x=tensors(ndim=(1, 4)),
    differs=[Difference("PyTorch's Flatten keeps the first axis and wants another; NumPy can make one",
                        example={"x": np.ones(2)}, when="x.ndim == 1",
                        torch=Raises(IndexError), instead="x.unsqueeze(1)")],
)  # fmt: skip
layers.case("torch.nn.Flatten(start_dim=0)(x)", "x.reshape(-1)", id="Flatten-all", x=tensors(),
            note="a view where NumPy's reshape gives one")
layers.case("torch.nn.Flatten(1, 2)(x)", "x.reshape(x.shape[0], x.shape[1] * x.shape[2], *x.shape[3:])", id="Flatten-axes",
            x=tensors(ndim=(3, 4)))

layers.case("torch.nn.Identity()(x)", "x", id="Identity", x=tensors(), shares_memory=True)

# Layers one after the other

TWO_LAYERS = "h = np.maximum(x @ w.T + b, 0)\nh @ v.T + c"
MAGNITUDES = (
    "finite = lambda a: np.where(np.isfinite(a), np.abs(a), 0)\np = finite(x) @ finite(w).T + finite(b)\nq = p @ finite(v).T + finite(c)\n"
)
CHAINED = within(
    f"{MAGNITUDES}(w.shape[1] + v.shape[1] + 6) * u * q + (p.shape[-1] + 1) * tiny * (1 + np.max(finite(v), initial=0)) * (w.shape[1] + 2)",
    "two sums of products in any order, the error of the first carried through the second: Higham, Accuracy and Stability of Numerical "
    "Algorithms, 2nd ed., section 3.1", narrow=True, unsigned=True,
    overflow=f"{MAGNITUDES}np.maximum(np.max(p, initial=0), q)",
)  # fmt: skip
PARAMETERS = {"x": normals(5, 4, missing=True), "w": normals(3, 4), "b": normals(3), "v": normals(2, 3), "c": normals(2)}
ONE_OF_EACH = {"x": np.ones((5, 4)), "w": np.ones((3, 4)), "b": np.ones(3), "v": np.ones((2, 3)), "c": np.ones(2)}
REAL = [
    float_parameters(**ONE_OF_EACH),
    Difference("PyTorch has no relu of complex numbers, since they have no order; NumPy compares their real parts first",
               example=ONE_OF_EACH, dtypes=COMPLEX,
               torch=Raises(RuntimeError)),
]  # fmt: skip
SEQUENTIAL = "model = torch.nn.Sequential(torch.nn.Linear(*w.T.shape), torch.nn.ReLU(), torch.nn.Linear(*v.T.shape))\n"
layers.case(
    f"{SEQUENTIAL}model[0].weight, model[0].bias = torch.nn.Parameter(w), torch.nn.Parameter(b)\n"
    "model[2].weight, model[2].bias = torch.nn.Parameter(v), torch.nn.Parameter(c)\nmodel(x)",
    TWO_LAYERS, id="Sequential", **PARAMETERS, tolerance=CHAINED, differs=REAL,
)  # fmt: skip
layers.case(
    f"{SEQUENTIAL}model = model.to(x.dtype)\nmodel.load_state_dict({{'0.weight': w, '0.bias': b, '2.weight': v, '2.bias': c}})\nmodel(x)", TWO_LAYERS,
    id="Sequential-load_state_dict", **PARAMETERS, tolerance=CHAINED,
    differs=[replace(REAL[0], torch=Raises(TypeError)), REAL[1]],
)  # fmt: skip

# A model as a class

NET = """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(*w.T.shape)
        self.second = torch.nn.Linear(*v.T.shape)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))

net = Net()
net.first.weight, net.first.bias = torch.nn.Parameter(w), torch.nn.Parameter(b)
net.second.weight, net.second.bias = torch.nn.Parameter(v), torch.nn.Parameter(c)
"""
layers.case(f"{NET}net(x)", TWO_LAYERS, id="Module", **PARAMETERS, tolerance=CHAINED, differs=REAL)
layers.case(
    f"{NET}{SEQUENTIAL}model = model.to(x.dtype)\nmodel.load_state_dict(dict(zip(model.state_dict(), net.state_dict().values())))\n"
    "outputs = net(x), model(x)\n"
    "for output in outputs:\n    output.backward(g)\n"
    "same = [a.equal(b) for a, b in zip(net.parameters(), model.parameters())]\n"
    "slopes = [a.grad.equal(b.grad) for a, b in zip(net.parameters(), model.parameters())]\n"
    "outputs[0].equal(outputs[1]), same, slopes",
    "True, [True] * 4, [True] * 4", id="Module-or-Sequential",
    **{**PARAMETERS, "x": normals(5, 4)}, g=normals(5, 2), dtypes=FLOATS,
    differs=[float_parameters(**ONE_OF_EACH, g=np.ones((5, 2))), replace(REAL[1], example={**ONE_OF_EACH, "g": np.ones((5, 2))})],
    note="both spellings are one model: the same parameters make the same output and the same gradients",
)  # fmt: skip

# Parameters and their names

layers.case(
    "sum(p.numel() for p in torch.nn.Linear(n, m).parameters())", "n * m + m", id="parameters-count", n=values(3, 1, 5, 17),
    m=values(2, 1, 4),
    note="a weight for each pair of an input and an output, a bias for each output",
)  # fmt: skip
layers.case(
    "[tuple(p.shape) for p in torch.nn.Linear(n, m).parameters()]", "[(m, n), (m,)]", id="parameters-shapes",
    n=values(3, 1, 5), m=values(2, 1, 4),
)  # fmt: skip
layers.case(
    "list(torch.nn.Sequential(torch.nn.Linear(n, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2)).state_dict())",
    "['0.weight', '0.bias', '2.weight', '2.bias']", id="state_dict-keys", n=values(3, 1),
    note="a layer without parameters has no entry, but counts",
)  # fmt: skip
layers.case(
    "list(torch.nn.BatchNorm1d(n).state_dict())", "['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']",
    id="state_dict-buffers",
    n=values(3, 1), note="buffers are saved, too, but are no parameters",
)  # fmt: skip
LOAD = "layer = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)\nlayer.load_state_dict({'weight': w})\n"
layers.case(
    f"{LOAD}layer.weight.detach()", "w.astype(np.float32)", id="load_state_dict", w=tensors(2), shares_memory=False,
    note="the values are copied into the parameters, whose dtype stays",
)  # fmt: skip
layers.case(
    "layer = torch.nn.Linear(x.shape[1], x.shape[0], bias=False)\nlayer.load_state_dict({'weight': w})\nlayer.weight.detach()",
    "weight = np.zeros(x.shape, np.float32)\nweight[...] = w\nweight", id="load_state_dict-shape", x=tensors(2),
    w=broadcastable("x"),
    differs=[Difference("PyTorch loads a parameter of its own shape only; NumPy broadcasts what is assigned",
                        example={"x": np.ones((1, 3)), "w": np.ones(3)}, when="w.shape != x.shape",
                        torch=Raises(RuntimeError))],
)  # fmt: skip
layers.case("layer = torch.nn.Linear(n, 2)\nlayer.eval()\nlayer.training", "False", id="eval", n=values(3, 1))
layers.case(
    "model = torch.nn.Sequential(torch.nn.Linear(n, 2), torch.nn.Dropout())\nmodel.eval()\n[layer.training for layer in model.train()]", "[True, True]",
    id="train", n=values(3, 1), note="train() and eval() reach every layer inside",
)  # fmt: skip
