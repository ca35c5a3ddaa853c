"""Second derivatives: gradients of gradients, beside the formula written out.

With ``create_graph=True`` a gradient is a result like any other, which may be differentiated again. ``g`` weighs the second
derivatives of a function that takes each number by itself. Where numbers depend on each other, the second derivatives are a
matrix, the Hessian; its product with ``v`` needs no matrix.
"""

import numpy as np
from conformance.cases.gradient_layers import ALL_FLOATS, no_gradient

from conformance import COMPLEX, INTEGERS, Difference, Raises, Section, like, normals, tensors, values, within

second = Section("Second derivatives", id="gradient-second")

EACH = {"x": tensors(), "g": like("x")}
ONES = {"x": np.ones(2), "g": np.ones(2)}


def twice(function: str) -> str:
    """Return the program that differentiates the sum of ``function`` of ``x`` twice."""
    return (
        f"x.requires_grad_()\nfirst, = torch.autograd.grad({function}.sum(), x, create_graph=True)\n"
        "torch.autograd.grad(first, x, g)[0]"
    )


def steps(count: int, size: str, way: str = "0", *, unsigned: bool = False) -> object:
    """Return the bound of ``count`` steps, each rounded, of numbers up to ``size``; ``way`` is what comes up before."""
    return within(f"{count} * (u * ({size}) + tiny * (1 + np.abs(g)) * (1 + {way}))", "each step is rounded to the dtype itself",
                  narrow=True, unsigned=unsigned, overflow=f"np.maximum({size}, {way})")  # fmt: skip


# Functions of one number

SIGMOID, TANH, ROOT = "s = 1 / (1 + np.exp(-x))\n", "t = np.tanh(x)\n", "r = np.sqrt(x)\n"
NO_MINUS = Raises(TypeError)
for function, name, numpy, count, size, way, of_bools in (
    ("torch.exp(x)", "exp", "g * np.exp(x)", 4, "np.abs(g) * np.exp(x)", "np.exp(x)", None),
    ("torch.log(x)", "log", "-g * (1 / x / x)", 4, "np.abs(g / x / x)", "np.abs(1 / x / x)", NO_MINUS),
    ("torch.sin(x)", "sin", "-g * np.sin(x)", 4, "np.abs(g)", "0", NO_MINUS),
    ("torch.sqrt(x)", "sqrt", f"{ROOT}-g / (2 * r) / (2 * r) / r", 8, "np.abs(g / x / np.sqrt(x))",
     "np.abs(1 / x / np.sqrt(x)) * (1 + np.abs(g))", NO_MINUS),
    ("torch.sigmoid(x)", "sigmoid", f"{SIGMOID}g * (1 - 2 * s) * s * (1 - s)", 8, "np.abs(g) / (1 + np.exp(-x))", "0", NO_MINUS),
    ("torch.tanh(x)", "tanh", f"{TANH}-(2 * g * t * (1 - t ** 2))", 8, "np.abs(g * np.tanh(x))", "4 * np.abs(g)", None),
):
    second.case(twice(function), numpy, id=name, **EACH, tolerance=steps(count, size, way, unsigned=name == "sigmoid"),
                differs=no_gradient(numpy=of_bools))  # fmt: skip

second.case(
    """
    x.requires_grad_()
    y.requires_grad_()
    by_x, = torch.autograd.grad((x * y * y).sum(), x, create_graph=True)
    torch.autograd.grad(by_x, y, g)[0]
    """, "2 * g * y", id="mixed", **EACH, y=like("x"), tolerance=steps(4, "np.abs(2 * g * y)", "np.abs(g) + np.abs(y)"),
    differs=no_gradient(y=np.ones((1, 1))), note="first by x, then by y",
)  # fmt: skip
second.case(
    """
    x.requires_grad_()
    first, = torch.autograd.grad(torch.sin(x).sum(), x, create_graph=True)
    second, = torch.autograd.grad(first.sum(), x, create_graph=True)
    torch.autograd.grad(second, x, g)[0]
    """, "-g * np.cos(x)", id="third", **EACH, tolerance=steps(4, "np.abs(g)"), differs=no_gradient(numpy=NO_MINUS),
)  # fmt: skip

# What cannot be differentiated again

FLOATS_ONLY = Difference("only floating-point and complex tensors can have a gradient", example=ONES,
                         dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError))  # fmt: skip
second.case(
    """
    x.requires_grad_()
    first, = torch.autograd.grad((x * x * x).sum(), x)
    torch.autograd.grad(first, x, g)[0]
    """, "6 * x * g", id="without-create_graph", x=tensors(), g=like("x"), dtypes=("float32", "float64"),
    differs=[Difference("a gradient is a number without a history, unless create_graph=True asks for one", kind="gotcha",
                        example=ONES, dtypes=(*ALL_FLOATS, *COMPLEX), torch=Raises(RuntimeError)), FLOATS_ONLY],
)  # fmt: skip
second.case(
    twice("(3 * x)"), "np.zeros_like(x)", id="linear", **EACH,
    differs=[Difference("the gradient of a linear function does not depend on x, and PyTorch refuses to differentiate it; NumPy's "
                        "0 is the second derivative", kind="gotcha", example=ONES, dtypes=(*ALL_FLOATS, *COMPLEX),
                        torch=Raises(RuntimeError)), FLOATS_ONLY],
    note="torch.func.hessian gives zeros",
)  # fmt: skip

# The Hessian, a matrix

REAL = ("float32", "float64")
SIX = normals(6, dtypes=REAL)
P = "p = np.exp(x) / np.sum(np.exp(x))\n"
"""Of tame numbers, no exponential overflows."""
SUMS = "sums of a few tame terms, each rounded some times"
OF_ONE = within(f"{P}40 * u * (np.diag(p) + np.outer(p, p))", SUMS)
second.case(
    "torch.func.hessian(lambda t: torch.nn.functional.cross_entropy(t, torch.tensor(y)))(x)",
    f"{P}np.diag(p) - np.outer(p, p)", id="hessian-cross_entropy", x=SIX, y=values(2, 0, 5), tolerance=OF_ONE,
    note="the class y is in the gradient, p - target, and no more in its derivative",
)  # fmt: skip
for name in ("jacrev", "jacfwd"):
    second.case(
        f"torch.func.{name}(lambda t: torch.softmax(t, 0))(x)", f"{P}np.diag(p) - np.outer(p, p)", id=f"{name}-softmax", x=SIX,
        tolerance=OF_ONE, note="row by row" if name == "jacrev" else "column by column",
    )  # fmt: skip
second.case(
    "torch.func.hessian(lambda t: t @ a @ t)(x)", "a + a.T", id="hessian-quadratic", x=normals(6, dtypes=("float64",)),
    a=normals(6, 6, dtypes=("float64",)), tolerance=within("8 * u * (np.abs(a) + np.abs(a.T))", SUMS, unsigned=True),
)  # fmt: skip

# The product of a Hessian and a vector


def product(loss: str, by: str = "x") -> str:
    """Return the program that multiplies the Hessian of ``loss`` by ``v``."""
    return (
        f"{by}.requires_grad_()\nfirst, = torch.autograd.grad({loss}, {by}, create_graph=True)\n"
        f"torch.autograd.grad(first, {by}, v)[0]"
    )


ROWS = {name: normals(4, 5, dtypes=("float64",)) for name in "xgv"}
SOFTMAX = "total = lambda a: np.sum(a, axis=1, keepdims=True)\np = np.exp(x) / total(np.exp(x))\n"
TAME = within(f"{SOFTMAX}60 * u * p * np.max(np.abs(v)) * np.max(np.abs(g))", SUMS)
second.case(
    product("(g * torch.softmax(x, 1)).sum()"),
    f"{SOFTMAX}by_p = v * (g - total(g * p)) - g * total(v * p)\np * (by_p - total(by_p * p))", id="softmax",
    **ROWS, tolerance=TAME, note="the gradient is p * (g - total(g * p)): differentiated by p, and then p by x",
)  # fmt: skip
second.case(
    product("(g * torch.log_softmax(x, 1)).sum()"), f"{SOFTMAX}-total(g) * p * (v - total(p * v))", id="log_softmax", **ROWS,
    tolerance=TAME,
)  # fmt: skip
second.case(
    product("(x @ w).pow(2).sum()"), "2 * (v @ w) @ w.T", id="matmul", x=ROWS["x"],
    w=normals(5, 3, dtypes=("float64",)), v=ROWS["v"],
    tolerance=within("40 * u * (np.abs(v) @ np.abs(w)) @ np.abs(w).T", "two sums of products in any order, of 5 and of 3"),
)  # fmt: skip
second.case(
    "torch.func.jvp(torch.func.grad(lambda t: t.pow(power).sum()), (x,), (v,))[1]",
    "power * (power - 1) * x ** (power - 2) * v",
    id="forward-over-reverse", x=ROWS["x"], v=ROWS["v"], power=values(2, 3, 5),
    tolerance=within("40 * u * np.abs(exact) + 4 * tiny", SUMS, unsigned=True),
    note="the gradient, and how it changes as x goes along v: the Hessian times v without a graph of a graph",
)  # fmt: skip
