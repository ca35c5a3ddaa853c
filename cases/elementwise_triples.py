"""Functions of three numbers: a product or a quotient added to another number, and a number between two others.

NumPy has none of them, and what a reader would write instead rounds after every step. PyTorch rounds once or twice, on
processors that multiply and add in one step, and computes float16 and bfloat16 in float32. So what is claimed is that
PyTorch's result lies within the error bound of a formula that rounds after every step. Where the product or the difference
on the way overflows, either may be infinite.
"""

import numpy as np

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    broadcastable,
    like,
    tensors,
    values,
    within,
)

triples = Section("Functions of three numbers", id="triples")

ONES = {"x": np.array([1]), "y": np.array([1]), "z": np.array([1])}

# A product or a quotient is added. Complex ones have more roundings, and more ways to overflow.

for torch, numpy, name, factor in (
    ("torch.addcmul(x, y, z)", "x + y * z", "addcmul", 1),
    ("torch.addcmul(x, y, z, value=2)", "x + 2 * y * z", "addcmul-value", 2),
):
    size = f"{factor} * np.abs(y) * np.abs(z)"
    triples.case(
        torch, numpy, id=name, x=tensors(), y=like("x"), z=broadcastable("x"), shares_memory=False, dtypes=(*INTEGERS, *FLOATS, *COMPLEX),
        tolerance=within(f"(5 if np.iscomplexobj(x) else {factor}) * u * {size} + tiny", "the product is rounded, then the sum", overflow=size),
    )  # fmt: skip
triples.case(
    "torch.addcmul(x, y.round(), z.round())", "x + np.round(y) * np.round(z)", id="addcmul-exact", x=tensors(domain="small"),
    y=like("x", domain="small"), z=broadcastable("x", domain="small"), shares_memory=False, dtypes=(*INTEGERS, *FLOATS),
    note="a product of small whole numbers is not rounded, and a sum in one way only",
)  # fmt: skip

NOT_INTEGERS = Difference(
    "PyTorch divides no integers or bools in addcdiv; NumPy's quotient is a float", example=ONES, dtypes=("bool", *INTEGERS),
    torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip
_QUOTIENT = "np.abs(y) / np.abs(z)"
_OVERFLOW = f"""
size = {_QUOTIENT}
ends = np.where(np.isnan(size), np.inf, np.maximum(size, 2 * np.abs(y)))
np.maximum(ends, 1 / np.abs(z)) if np.iscomplexobj(x) else size
"""
for torch, numpy, name, steps in (
    ("torch.addcdiv(x, y, z)", "x + y / z", "addcdiv", 1), ("torch.addcdiv(x, y, z, value=0.5)", "x + 0.5 * y / z", "addcdiv-value", 2),
):
    triples.case(
        torch, numpy, id=name, x=tensors(), y=like("x"), z=broadcastable("x"), shares_memory=False, differs=[NOT_INTEGERS],
        tolerance=within(
            f"(8 if np.iscomplexobj(x) else {steps}) * (u * {_QUOTIENT} + tiny / np.abs(z)) + tiny", "the quotient is rounded, then the sum",
            overflow=_OVERFLOW,
        ),
    )  # fmt: skip
for dtype in ("float32", "float64"):
    triples.case(
        "torch.addcdiv(x, y, z)", "x + y / z", id=f"addcdiv-{dtype}", x=tensors(dtypes=(dtype,)), y=like("x", dtypes=(dtype,)),
        z=broadcastable("x", dtypes=(dtype,)), shares_memory=False, note="a quotient and a sum are rounded in one way only",
    )  # fmt: skip

# Between two numbers.

_PARTS = "part, other = np.abs(w), np.abs(1 - w)\nsmall = part < 0.5\nleast = np.where(small, part, other)\n"
FORMULA_OF_NEIGHBOUR = Difference(
    "PyTorch's vectorised lerp of complex64 computes two neighbours by the formula that suits the weight of the first: after a weight of 1, "
    "lerp(0, 1, 1e-8) is 0",
    example={"x": np.zeros(16), "y": np.ones(16), "w": np.tile([1.0, 1e-8], 8)}, dtypes=("complex64",), torch=UNDEFINED, kind="bug",
    when=f"{_PARTS}(np.maximum(part, other) > 3 * least) & small.any() & ~small.all()",
)  # fmt: skip
for name, w, steps, differs in (
    ("lerp", broadcastable("x"), 3, [FORMULA_OF_NEIGHBOUR]), ("lerp-number", values(0.25, 0.75, 1, 0.1, -2.5), 4, []),
):
    triples.case(
        "torch.lerp(x, y, w)", "x + w * (y - x)", id=name, x=tensors(), y=like("x"), w=w, shares_memory=False, dtypes=(*FLOATS, *COMPLEX),
        differs=differs,
        tolerance=within(
            f"{_PARTS}({steps} + 4 * np.iscomplexobj(x)) * u * (least + 2.0**-10) * np.abs(y - x) + tiny",
            "the difference, its product with w or 1 - w, and the sum are rounded; the truth has eleven digits more",
            overflow=f"{_PARTS}np.abs(y - x) * np.maximum(1, np.maximum(part, other))", unsigned=True,
        ),
        note="beyond the middle PyTorch goes back from y, so that `lerp(x, y, 1)` is `y`",
    )  # fmt: skip
