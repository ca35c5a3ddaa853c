"""Gradients of operations: what `backward()` leaves in `x.grad`, beside the derivative written out.

A tensor that was broadcast gets the sum of the gradients of all its copies. `result.backward(w)` weighs the elements
of a result that is no single number; `result.sum().backward()` weighs all of them with 1.
"""

import numpy as np
from conformance.cases.bfloat16 import TO_BFLOAT16

from conformance import (
    COMPLEX,
    INTEGERS,
    Difference,
    OneOf,
    Raises,
    Section,
    axis_tuples,
    like,
    linear,
    tensors,
    ulp,
)

operations = Section("Gradients of operations", id="gradient-of")


def refusals(**others: object) -> list[Difference]:
    """Return what has no gradient, for a row whose inputs beside ``x`` are ``others``."""
    return [
        Difference("only floating-point and complex tensors can have a gradient", dtypes=("bool", *INTEGERS),
                   example={"x": np.ones((1, 1)), **others}, torch=Raises(RuntimeError)),
        Difference("backward() starts from a real number; from a complex one it does not know what to follow",
                   example={"x": np.ones((1, 1)), **others}, dtypes=COMPLEX, torch=Raises(RuntimeError)),
    ]  # fmt: skip




def vanishes(step: str, rest: str, **example: object) -> Difference:
    """Return what is lost where ``step``, on the way to the gradient, leaves the range of normal numbers."""
    return Difference("bfloat16 is rounded after every step, and a step that is nearly 0 has few digits, or none",
                      example=example, dtypes=("bfloat16",), when=f"np.abs({step}) < 2.0**-126",
                      torch=OneOf("out", f"{TO_BFLOAT16}step = bfloat16({step})\n{rest}"))  # fmt: skip


NOT_INTEGERS, NOT_COMPLEX_RESULTS = refusals()
BY_STEPS = ulp(4, "bfloat16 is rounded after every step", dtypes=("bfloat16",))

operations.case(
    """
    x.requires_grad_()
    (x ** 3).sum().backward()
    x.grad
    """,
    "3 * x ** 2", id="pow", x=tensors(), tolerance=BY_STEPS, differs=refusals(),
)  # fmt: skip

operations.case(
    """
    y = torch.tensor(2, dtype=x.dtype, requires_grad=True)
    (x[None] ** y).sum().backward()
    y.grad
    """,
    "np.where(x == 0, 0, x ** 2 * np.log(x)).astype(x.dtype) + 0", id="pow-exponent", x=tensors(ndim=0),
    tolerance=ulp(4, "square, logarithm and product are rounded on each side"),
    differs=[Difference(NOT_INTEGERS.because, dtypes=NOT_INTEGERS.dtypes, example={"x": np.array(1)},
                        torch=Raises(RuntimeError)),
             Difference(NOT_COMPLEX_RESULTS.because, dtypes=COMPLEX, example={"x": np.array(1)},
                        torch=Raises(RuntimeError)),
             vanishes("x ** 2", "np.where(x == 0, 0, step * np.log(x)) + 0", x=np.array(7e-23))],
    note="the logarithm of the base; where the base is 0, the gradient is 0",
)  # fmt: skip

operations.case(
    """
    x.requires_grad_()
    (x * x).sum().backward()
    x.grad
    """,
    "2 * x", id="mul-itself", x=tensors(), differs=refusals(), note="each factor gets its share",
)  # fmt: skip

operations.case(
    """
    y = torch.zeros(x.shape[1], dtype=x.dtype, requires_grad=True)
    (x * y).sum().backward()
    y.grad
    """,
    "np.sum(x, axis=0)", id="mul-broadcast", x=tensors(ndim=2), tolerance=linear(), differs=refusals(),
    note="the row is multiplied with every row of x: its gradients are summed",
)  # fmt: skip

operations.case(
    """
    y = torch.zeros((), dtype=x.dtype, requires_grad=True)
    (x - y).sum().backward()
    y.grad
    """,
    "np.array(0.0 - x.size).astype(x.dtype)", id="sub-number", x=tensors(), differs=refusals(),
)  # fmt: skip

operations.case(
    """
    x.requires_grad_()
    (1 / x).sum().backward()
    x.grad
    """,
    "-(1 / x) * (1 / x)", id="div-number", x=tensors(), tolerance=BY_STEPS, differs=refusals(),
)  # fmt: skip

operations.case(
    """
    y.requires_grad_()
    (x / y).sum().backward()
    y.grad
    """,
    "-(x / y / y)", id="div", x=tensors(), y=like("x"), tolerance=BY_STEPS,
    differs=[*refusals(y=np.ones((1, 1))), vanishes("x / y", "-(step / y)", x=np.array([9.1835e-41]), y=np.array([0.068359375]))],
)  # fmt: skip

operations.case(
    """
    x.requires_grad_()
    x.sum(-1).sum().backward()
    x.grad
    """,
    "np.ones_like(x)", id="sum-dim", x=tensors(), differs=refusals(),
)  # fmt: skip

operations.case(
    """
    x.requires_grad_()
    x.mean(dims, keepdim=True).sum().backward()
    x.grad
    """,
    "np.full_like(x, np.sum(x, axis=dims, keepdims=True).size / max(x.size, 1))", id="mean-dims",
    x=tensors(ndim=(1, 4)), dims=axis_tuples("x"), differs=refusals(dims=(0,)),
)  # fmt: skip

operations.case(
    """
    y.requires_grad_()
    torch.cat([x, y]).backward(torch.cat([v, w]))
    y.grad
    """,
    "w.copy()", id="cat", x=tensors(ndim=(1, 4)), y=like("x"), v=like("x"), w=like("x"),
    differs=[Difference(NOT_INTEGERS.because, dtypes=NOT_INTEGERS.dtypes, torch=Raises(RuntimeError),
                        example=dict.fromkeys("xyvw", np.array([1])))],
)  # fmt: skip

operations.case(
    """
    x.requires_grad_()
    x.float().sum().backward()
    x.grad
    """,
    "np.ones_like(x)", id="float", x=tensors(),
    differs=[NOT_INTEGERS], note="the gradient has the dtype of x; of a complex x, only the real part is kept and counts",
)  # fmt: skip
