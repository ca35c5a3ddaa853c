"""Gradients at kinks and ties, where there is no derivative and PyTorch picks something: what it picks, written out.

`g` weighs the elements of the result, and the inputs are small whole numbers, among which zeros and ties are common. In
the middle of a flat piece and a slope PyTorch mostly takes the flat one, at the bounds of `clamp` the slope. A maximum of
all elements is shared among those that are it; one along an axis goes to the first, unless it is `amax`. `+ 0` on both
sides drops the signs of zeros, which say nothing here.
"""

from conformance import Section, axes, like, tensors, ulp

kinks = Section("Gradients at kinks", id="kinks")

WHOLE = tensors(dtypes=("float32", "float64"), domain="small")
SINGLE = like("x", dtypes=("float32",), domain="small")


def gradient(result: str, *others: str) -> str:
    """Return the program that asks for the gradient by ``x`` of a result whose elements are weighed with ``g``."""
    same = "".join(f"{name} = {name}.to(x.dtype)\n" for name in ("g", *others))
    return f"{same}x.requires_grad_()\ntorch.autograd.grad({result}, x, g)[0] + 0"


def derivative(value: str, *others: str) -> str:
    """Return NumPy's program for that gradient, ``value``, in the dtype of ``x``."""
    same = "".join(f"{name} = {name}.astype(x.dtype)\n" for name in ("g", *others))
    return f"{same}{value} + 0"


# Functions of one number.

for result, value, name in (
    ("x.abs()", "g * np.sign(x)", "abs"),
    ("torch.relu(x)", "g * (x > 0)", "relu"),
    ("torch.nn.functional.hardtanh(x, -2, 3)", "g * ((x > -2) & (x < 3))", "hardtanh-bounds"),
    ("torch.nn.functional.hardtanh(x)", "g * ((x > -1) & (x < 1))", "hardtanh"),
    ("torch.nn.functional.leaky_relu(x, 0.25)", "np.where(x > 0, g, g / 4)", "leaky_relu"),
    ("torch.nn.functional.softshrink(x, 1)", "g * (np.abs(x) > 1)", "softshrink"),
    ("torch.nn.functional.hardshrink(x, 1)", "g * (np.abs(x) > 1)", "hardshrink"),
    ("torch.nn.functional.threshold(x, 1, 0)", "g * (x > 1)", "threshold"),
    ("x.clamp(-1, 2)", "g * ((x >= -1) & (x <= 2))", "clamp"),
    ("x.clamp(min=0)", "g * (x >= 0)", "clamp-min"),
    ("x.clamp(max=0)", "g * (x <= 0)", "clamp-max"),
    ("x.sign()", "g * 0", "sign"),
    ("x.floor()", "g * 0", "floor"),
    ("x.round()", "g * 0", "round"),
    ("x.frac()", "g", "frac"),
    ("x ** 0", "g * 0", "pow-0"),
    ("x ** 1", "g", "pow-1"),
    ("x ** 2", "g * (2 * x)", "pow-2"),
):
    kinks.case(gradient(result), derivative(value), id=name, x=WHOLE, g=SINGLE, fills=3)

kinks.case(
    gradient("x.sqrt()"), derivative("g / (2 * np.sqrt(x))"), id="sqrt", x=WHOLE, g=SINGLE,
    tolerance=ulp(1, "the root is rounded, and the quotient is"), note="at 0 the slope is infinite, and 0 times it is NaN",
)  # fmt: skip

# Ties of two.

for result, value, name in (
    ("torch.maximum(x, y)", "np.where(x == y, g / 2, g * (x > y))", "maximum"),
    ("torch.minimum(x, y)", "np.where(x == y, g / 2, g * (x < y))", "minimum"),
    ("torch.fmax(x, y)", "g * (x >= y)", "fmax"),
    ("torch.fmin(x, y)", "g * (x <= y)", "fmin"),
    ("torch.where(x > y, x, y)", "g * (x > y)", "where"),
):
    kinks.case(gradient(result, "y"), derivative(value, "y"), id=name, x=WHOLE, y=SINGLE, g=SINGLE, fills=3)

# Ties among many.

MANY = tensors(ndim=(1, 3), dtypes=("float32", "float64"), domain="small")
SHARE = ulp(1, "a quotient, rounded once; PyTorch's is the product with 1 / n")
for result, value, name in (
    ("x.max()", "(x == x.max()) / np.sum(x == x.max()).astype(x.dtype)", "max"),
    ("x.min()", "(x == x.min()) / np.sum(x == x.min()).astype(x.dtype)", "min"),
    ("x.amax()", "(x == x.max()) / np.sum(x == x.max()).astype(x.dtype)", "amax"),
    ("x.norm(1)", "np.sign(x)", "norm-1"),
    ("(x * 0).norm()", "np.zeros_like(x)", "norm-0"),
):
    kinks.case(
        f"x.requires_grad_()\ntorch.autograd.grad({result}, x)[0] + 0", f"{value} + 0", id=name, x=MANY, tolerance=SHARE,
    )  # fmt: skip

for name in ("max", "min"):
    kinks.case(
        f"x.requires_grad_()\ntorch.autograd.grad(x.{name}(dim).values.sum(), x)[0]",
        f"""
        place = np.arg{name}(x, axis=dim, keepdims=True)
        gradient = np.zeros_like(x)
        np.put_along_axis(gradient, place, 1, axis=dim)
        gradient
        """,
        id=f"{name}-dim", x=MANY, dim=axes("x"), note="the first of equal ones has all of it",
    )  # fmt: skip
kinks.case(
    "x.requires_grad_()\ntorch.autograd.grad(x.amax(dim).sum(), x)[0]",
    """
    largest = x == np.max(x, axis=dim, keepdims=True)
    (largest / np.sum(largest, axis=dim, keepdims=True)).astype(x.dtype)
    """,
    id="amax-dim", x=MANY, dim=axes("x"), tolerance=SHARE, note="equal ones share it",
)  # fmt: skip
