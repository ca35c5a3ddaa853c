"""Gradients at special points of smooth functions: where a formula divides zero by zero, or overflows, and the gradient is an ordinary number.

A product has a derivative where factors are zero, `sinc` has one at 0, and `logsumexp` has one where exponentials overflow; PyTorch
knows these points. Where there is none it picks 0, as for `norm` of zeros, or gives NaN, as for `hypot` of them. The elements of a
result are weighed with 1, 2, 3 and so on.
"""

from conformance import Section, dtypes, ulp, values, within

special = Section("Gradients at special points", id="special")

KINDS = dtypes("float32", "float64")


def gradient(result: str) -> str:
    """Return the program that asks for the gradient by ``x`` of a result whose elements are weighed with 1, 2, 3 and so on."""
    return (
        f"x = torch.tensor(xs, dtype=d, requires_grad=True)\ny = {result}\n"
        "torch.autograd.grad(y, x, torch.arange(1, y.numel() + 1, dtype=d).reshape(y.shape))[0]"
    )


def derivative(value: str) -> str:
    """Return NumPy's program for that gradient, ``value``, in the dtype ``d``."""
    return f"x = np.array(xs, d)\n{value}"


# Products: of whole numbers, so that all are exact.

FACTORS = values([2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 3.0, 0.0], [0.0], [5.0, 0.0], [0.0, 0.0, 0.0], [2.0, 0.0, 3.0, 0.0, 5.0], [-2.0, 7.0, 0.0, 3.0])
ROWS = values([[2.0, 3.0, 4.0], [2.0, 0.0, 4.0]], [[0.0, 3.0, 0.0]], [[0.0, 3.0], [5.0, 0.0], [0.0, 7.0]], [[0.0], [5.0]])
OTHERS = "np.prod(np.where(np.eye({0}.shape[{1}], dtype=bool), 1, {0}[..., np.newaxis, :]), axis=-1)"
special.case(gradient("x.prod()"), derivative(OTHERS.format("x", 0)), id="prod", xs=FACTORS, d=KINDS)
special.case(
    gradient("x.prod(1)"), derivative(f"np.arange(1, len(x) + 1, dtype=d)[:, np.newaxis] * {OTHERS.format('x', 1)}"), id="prod-dim", xs=ROWS, d=KINDS,
)  # fmt: skip
special.case(
    gradient("x.cumprod(0)"),
    derivative("others = np.cumprod(np.where(np.eye(len(x), dtype=bool), 1, x), axis=1)\nnp.triu(others) @ np.arange(1, len(x) + 1, dtype=d)"),
    id="cumprod", xs=FACTORS, d=KINDS, note="the number k is a factor of the products from k on, of which each has the other factors for its derivative",
)  # fmt: skip

# 0 / 0 in the formula.

PLACES = values([0.0], [0.0, 0.5, -0.5], [0.25, 0.0, -1.0, 1.0])
special.case(
    gradient("torch.sinc(x)"),
    derivative("(np.cos(np.pi * x) - np.sinc(x)) / np.where(x == 0, 1, x) * np.arange(1, len(x) + 1, dtype=d)"),
    id="sinc", xs=PLACES, d=KINDS, tolerance=ulp(8, "a sine, a cosine, their difference, which loses one digit, two quotients and a product"),
)  # fmt: skip
special.case(
    gradient("torch.hypot(x, x.new_tensor([4, 0, 6]))"), derivative("x / np.hypot(x, np.array([4, 0, 6], d)) * np.array([1, 2, 3], d)"), id="hypot",
    xs=values([3.0, 1.0, 8.0], [0.0, 0.0, 0.0], [0.0, -5.0, 0.0]), d=KINDS, tolerance=ulp(3, "a root, a quotient and a product"),
    note="at (0, 0) there is no derivative, and PyTorch's is 0 / 0",
)  # fmt: skip
special.case(
    gradient("x.norm()"), derivative("length = np.sqrt(np.sum(x * x))\nx / np.where(length == 0, 1, length)"), id="norm",
    xs=values([3.0, 4.0], [0.0, 3.0], [3e-10, 0.0, 4e-10], [0.0, 0.0]), d=KINDS, tolerance=ulp(4, "squares, a sum, a root and a quotient"),
    note="at 0 there is no derivative, and PyTorch's is 0",
)  # fmt: skip
for power, value in ((0, "np.zeros_like(x)"), (2, "2 * x * np.arange(1, len(x) + 1, dtype=d)")):
    special.case(gradient(f"x ** {power}"), derivative(value), id=f"pow-{power}", xs=FACTORS, d=KINDS)

# Exponentials that overflow.

special.case(
    gradient("torch.logsumexp(x, 0)"), derivative("shifted = np.exp(x - np.max(x))\nshifted / np.sum(shifted)"), id="logsumexp",
    xs=values([1000.0, 1000.0], [-1000.0, 0.0], [1000.0, 998.0, -1000.0], [-2000.0]), d=KINDS,
    tolerance=within("2000 * u * exact", "the logarithm, up to 1000, is rounded before it is subtracted"),
)  # fmt: skip
