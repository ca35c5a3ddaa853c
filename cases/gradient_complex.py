"""Gradients of complex numbers: PyTorch's is the conjugate of the derivative, the direction in which the result grows fastest.

The real and the imaginary part are two numbers, and a gradient holds what comes back to each: of a product it is ``g`` times
the conjugate of the other factor. What goes on as real numbers comes back as real numbers, and lands in one part or both.
"""

from conformance import COMPLEX, Section, like, normals, tensors, within

gradients = Section("Gradients of complex numbers", id="gradient-complex")


def back(result: str, g: str = "g") -> str:
    """Return the program that sends ``g`` back from ``result`` to ``x``."""
    return f"g = g.to(x.dtype)\nx.requires_grad_()\ntorch.autograd.grad({result}, x, {g})[0].clone()"


AS_X = "g = g.astype(x.dtype)\n"
ZEROS = f"{AS_X}gradient = np.zeros_like(x)\n"
PAIR = {"x": tensors(dtypes=COMPLEX), "g": like("x", dtypes=COMPLEX)}
for result, numpy, name, g, note in (
    ("x.conj()", f"{AS_X}np.conj(g)", "conj", "g", None),
    ("x.real", f"{ZEROS}gradient.real = g.real\ngradient", "real", "g.real", "what comes back to a real part is real"),
    ("x.imag", f"{ZEROS}gradient.imag = g.imag\ngradient", "imag", "g.imag", "and to an imaginary part, imaginary"),
    ("torch.view_as_real(x)", f"{AS_X}g", "view_as_real", "torch.view_as_real(g)", None),
):
    gradients.case(back(result, g), numpy, id=name, **PAIR, note=note)

SEVEN = normals(7, dtypes=COMPLEX, missing=True)
TAME = {"x": SEVEN, "g": SEVEN}


def steps(size: str) -> object:
    """Return the bound of some steps of tame numbers up to ``size``."""
    return within(f"12 * u * {size}", "some steps, each rounded", unsigned=True)


for result, numpy, name, g, size, note in (
    ("(x * x.conj()).real", "2 * g.real * x", "abs-squared", "g.real", "np.abs(exact)", "as that of a real x ** 2 is 2 * x"),
    ("x * x", "g * np.conj(2 * x)", "squared", "g", "np.abs(exact)", None),
    ("x.abs()", "g.real * x / np.abs(x)", "abs", "g.real", "np.abs(exact)", "straight away from 0"),
    ("x.angle()", "1j * g.real * x / np.abs(x) ** 2", "angle", "g.real", "np.abs(exact)", "round about 0"),
    ("x.exp()", "g * np.conj(np.exp(x))", "exp", "g", "np.abs(exact)", None),
):
    gradients.case(back(result, g), AS_X + numpy, id=name, **TAME, tolerance=steps(size), note=note)
gradients.case(
    "y, g = y.to(x.dtype), g.to(x.dtype)\nx.requires_grad_()\ntorch.autograd.grad(x * y, x, g)[0]",
    "y, g = y.astype(x.dtype), g.astype(x.dtype)\ng * np.conj(y)", id="mul", **TAME, y=SEVEN, tolerance=steps("np.abs(exact)"),
)  # fmt: skip
gradients.case(
    "x.requires_grad_()\ntorch.autograd.grad(x * y, x, torch.ones_like(x * y))[0]", "y.real.copy()", id="mul-real-and-complex",
    x=normals(5, dtypes=("float64",)), y=normals(5, dtypes=("complex128",)), note="x is real, and so is its gradient",
)  # fmt: skip
gradients.case(
    """
    g = g.to(x.dtype)
    x.requires_grad_()
    first, = torch.autograd.grad((x.abs() ** 2).sum(), x, create_graph=True)
    torch.autograd.grad(first, x, g)[0]
    """,
    f"{AS_X}2 * g", id="second", x=normals(7, dtypes=COMPLEX), g=SEVEN,
    tolerance=within("20 * u * np.abs(g)", "a magnitude, and some steps, each rounded", unsigned=True),
    note="the gradient of abs(x) ** 2 is 2 * x",
)  # fmt: skip
