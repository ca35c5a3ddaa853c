"""Gradients. NumPy has none: its side is the derivative, written out.

`backward()` adds to `x.grad`, which is None before the first call; only tensors of floating-point or complex dtypes
that ask for it (`requires_grad`) have one; and for a complex tensor it is the conjugate of what one would write.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import COMPLEX, INTEGERS, Difference, OneOf, Raises, Section, like, lists, tensors, ulp

gradient = Section("Gradients", id="gradient")

NOT_INTEGERS = Difference("only floating-point and complex tensors can have a gradient",
                          example={"x": np.array([1])}, dtypes=("bool", *INTEGERS), torch=Raises(RuntimeError))  # fmt: skip
NOT_COMPLEX_RESULTS = Difference("backward() starts from a real number; from a complex one it does not know what to follow",
                                 example={"x": np.array([1j])}, dtypes=COMPLEX, torch=Raises(RuntimeError))  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).sum().backward()
    x.grad
    """,
    "2 * x", id="sum-of-squares", x=tensors(), shares_memory=False, differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
)  # fmt: skip

gradient.case(
    "torch.func.grad(lambda t: t.pow(2).sum())(x)", "2 * x", id="func-grad", x=tensors(), shares_memory=False,
    differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).mean().backward()
    x.grad
    """,
    "2 * x / x.size", id="mean-of-squares", x=tensors(), shares_memory=False,
    tolerance=ulp(2, "PyTorch multiplies by 1 / n, itself rounded; NumPy divides by n"),
    differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).sum().backward()
    x.pow(2).sum().backward()
    x.grad
    """,
    "4 * x", id="accumulated", x=tensors(), differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
    note="backward() adds to what is there",
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).sum().backward()
    x.grad = None
    x.pow(2).sum().backward()
    x.grad
    """,
    "2 * x", id="zeroed", x=tensors(), differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
    note="an optimiser's zero_grad() does this to every parameter",
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.grad is None
    """,
    "True", id="none-before", x=tensors(), differs=[NOT_INTEGERS],
)  # fmt: skip

gradient.case(
    """
    x = torch.tensor(xs, dtype=torch.float32, requires_grad=True)
    x.pow(2).sum().backward()
    x.grad
    """,
    "2 * np.array(xs, dtype=np.float32)", id="tensor-requires_grad", xs=lists(ndim=(0, 3)),
    differs=[Difference("a list of complex numbers makes no real tensor on either side",
                        example={"xs": [1 + 2j]}, dtypes=COMPLEX, when="np.size(xs) > 0",
                        torch=Raises(TypeError), numpy=Raises(TypeError))],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).backward()
    x.grad
    """,
    "2 * x", id="backward-of-many", x=tensors(),
    differs=[
        NOT_INTEGERS, NOT_COMPLEX_RESULTS,
        Difference("backward() starts from one element; from several, it must be told how much each counts",
                   example={"x": np.zeros(2)}, when="x.size != 1", dtypes=("float16", "float32", "float64", "bfloat16"),
                   torch=Raises(RuntimeError), instead="x.requires_grad_(); x.pow(2).backward(torch.ones_like(x)); x.grad"),
    ],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.clone().backward(y)
    x.grad
    """,
    "y.copy()", id="backward-weighted", x=tensors(), y=like("x"), shares_memory=False,
    note="the argument of backward() says how much each element of the result counts",
    differs=[Difference("only floating-point and complex tensors can have a gradient", dtypes=("bool", *INTEGERS),
                        example={"x": np.array([1]), "y": np.array([1])}, torch=Raises(RuntimeError))],
)  # fmt: skip

CONJUGATE = "g = np.conj(2 * x)\ng"
NAN_PARTS = [
    f"np.stack([{real}, {imaginary}], -1).view(g.dtype)[..., 0]"
    for real, imaginary in (("g.real * np.nan", "g.imag"), ("g.real", "g.imag * np.nan"), ("g.real * np.nan", "g.imag * np.nan"))
]
"""That number with one part NaN, or both."""

gradient.case(
    """
    x.requires_grad_()
    x.pow(2).real.sum().backward()
    x.grad
    """,
    "2 * x", id="real-part-of-squares", x=tensors(),
    differs=[
        NOT_INTEGERS,
        Difference("the gradient of a real function of a complex z is the direction of steepest ascent, conj(2z) here",
                   example={"x": np.array([1 + 1j])}, dtypes=COMPLEX, torch="np.conj(2 * x)",
                   when="(x.imag != 0) & np.isfinite(out)", kind="gotcha",
                   instead="x.requires_grad_(); x.pow(2).real.sum().backward(); x.grad.conj()"),
        Difference("where a part of a complex product is infinite, which parts become NaN depends on how it is computed",
                   example={"x": np.array([complex(np.inf, 1)])}, dtypes=COMPLEX, when="~np.isfinite(out)", aspect="value",
                   torch=OneOf(CONJUGATE, *(f"{CONJUGATE}\n{parts}" for parts in NAN_PARTS))),
    ],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    (x.detach() * x).sum().backward()
    x.grad
    """,
    "x.copy()", id="detached", x=tensors(), note="detach() makes a constant of a factor",
    differs=[NOT_INTEGERS, NOT_COMPLEX_RESULTS],
)  # fmt: skip

gradient.case("x.detach()", "x", x=tensors(), shares_memory=True,
              differs=[no_gradient("PyTorch's detach() cuts off the gradient", torch="none", x=np.ones(1))])  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    with torch.no_grad():
        y = x * 2
    y.requires_grad
    """,
    "False", id="no_grad", x=tensors(), differs=[NOT_INTEGERS],
)  # fmt: skip

gradient.case(
    """
    x.requires_grad_()
    x.numpy()
    """,
    "x", id="numpy", x=tensors(),
    differs=[Difference("a tensor that gradients flow into gives no array; detach it first", example={"x": np.zeros(1)},
                        torch=Raises(RuntimeError), instead="x.detach()")],
)  # fmt: skip
