"""Complex numbers made of two parts, and taken apart: real, imag, conj, angle, complex, polar.

The parts are views on both sides. So is the conjugate in PyTorch, which remembers to conjugate; NumPy's is a copy. Of real
numbers PyTorch has no imaginary part, and the angle of -0.0 is 0. `torch.complex` puts two parts side by side where the
NumPy formula `x + 1j * y` multiplies, and 0 times infinity is NaN.
"""

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    broadcastable,
    like,
    tensors,
    ulp,
)

parts = Section("Parts of complex numbers", id="parts")

REAL = ("bool", *INTEGERS, *WIDE_UNSIGNED, *FLOATS, "bfloat16")
SWEPT = "measured over the sweep of conformance accuracy, of complex numbers over two million, and 1 ulp more"
OTHER_WIDTHS = ("bool", "uint8", "int8", "int32", "int64", "uint32", "uint64")

# Taken apart

NO_IMAG = Difference(
    "PyTorch has no imaginary part of real numbers; NumPy gives zeros",
    example={"x": np.array([1.0])}, dtypes=REAL, torch=Raises(RuntimeError), kind="gotcha", instead="torch.zeros_like(x)",
)  # fmt: skip
parts.case("torch.real(x)", "np.real(x)", x=tensors(), shares_memory=True, note="of real numbers it is the tensor itself")
parts.case("x.real", "x.real", x=tensors(), id="real-attribute", shares_memory=True)
parts.case("torch.imag(x)", "np.imag(x)", x=tensors(), differs=[NO_IMAG])
parts.case("x.imag", "x.imag", x=tensors(), id="imag-attribute", differs=[NO_IMAG])
parts.case(
    "x.imag = 2.5\nx", "x.imag = 2.5\nx", id="imag-assigned", x=tensors(dtypes=COMPLEX, overlapping=False), shares_memory=True,
    note="a part can be written to",
)  # fmt: skip
parts.case(
    "torch.view_as_real(x)", "x[..., np.newaxis].view(x.real.dtype)", x=tensors(dtypes=COMPLEX), shares_memory=True,
    note="a last axis of two, the real and the imaginary part",
)  # fmt: skip
parts.case("torch.is_complex(x)", "np.iscomplexobj(x)", x=tensors(), note="asks for the dtype")

parts.case(
    "torch.angle(x)", "np.angle(x)", x=tensors(), shares_memory=False, tolerance=ulp({"float32": 4, "float64": 2}, SWEPT),
    differs=[
        Difference(
            "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width, and "
            "float64 of bools",
            example={"x": [1]}, dtypes=OTHER_WIDTHS, torch="np.angle(x.astype(np.float32))", kind="gotcha",
        ),
        Difference(
            "the angle of -0.0 is π in NumPy, as of every number with that sign bit; PyTorch asks whether it is less than 0, and gives 0",
            example={"x": np.array([-0.0])}, dtypes=(*FLOATS, "bfloat16"), when="(x == 0) & np.signbit(x)", torch="np.zeros_like(x)",
            kind="gotcha", instead="torch.atan2(torch.zeros_like(x), x)",
        ),
    ],
)  # fmt: skip

# Conjugates

VIEW = "PyTorch's conj is a view that remembers to conjugate, and of real numbers the tensor itself; NumPy's is a copy"
BOOLS = Difference(
    "NumPy's conjugate of bools is int8, PyTorch's bool", example={"x": np.array([1])}, dtypes=("bool",), torch="x",
    kind="gotcha",
)  # fmt: skip
parts.case(
    "torch.conj(x)", "np.conj(x)", x=tensors(),
    differs=[
        BOOLS,
        Difference(
            VIEW, example={"x": np.array([1.0])}, dtypes=(*REAL[1:], *COMPLEX), aspect="memory", torch="view", kind="gotcha",
            instead="x.conj().clone()",
        ),
    ],
)  # fmt: skip
parts.case(
    "x.conj()", "x.conj()", id="conj-method", x=tensors(),
    differs=[
        Difference(
            VIEW + ", but x.conj() of real numbers the array itself", example={"x": np.array([1j])}, dtypes=COMPLEX, aspect="memory",
            torch="view", kind="gotcha", instead="x.conj().clone()",
        )
    ],
)  # fmt: skip
parts.case(
    "x.conj().resolve_conj()", "np.conj(x)", id="resolve_conj", x=tensors(dtypes=COMPLEX), shares_memory=False,
    note="the copy that NumPy makes",
)  # fmt: skip
parts.case("torch.conj_physical(x)", "np.conj(x)", x=tensors(dtypes=COMPLEX), shares_memory=False)
parts.case(
    "x.conj().numpy()", "np.conj(x)", id="conj-numpy", x=tensors(dtypes=COMPLEX),
    differs=[
        Difference(
            "an array cannot remember to conjugate, so PyTorch refuses to make one of a conjugate that is a view, before `resolve_conj()`",
            example={"x": np.array([1j])}, torch=Raises(RuntimeError),
        )
    ],
)  # fmt: skip

# Put together

_SIDE_BY_SIDE = """
z = np.empty(np.broadcast(x, y).shape, np.result_type(x, np.complex64))
z.real, z.imag = x, y
z
"""
HALF = Difference(
    "of float16 PyTorch makes complex32, which NumPy has not; there it is complex64",
    example={"x": np.array([1.0]), "y": np.array([2.0])}, dtypes=("float16",), aspect="dtype", torch=UNDEFINED,
)  # fmt: skip
parts.case(
    "torch.complex(x, y)", _SIDE_BY_SIDE, x=tensors(), y=broadcastable("x"), dtypes=FLOATS, shares_memory=False, differs=[HALF],
)  # fmt: skip
parts.case(
    "torch.complex(x, y)", "x + 1j * y", id="complex-formula", x=tensors(), y=broadcastable("x"), dtypes=FLOATS,
    shares_memory=False,
    differs=[
        HALF,
        Difference(
            "1j * y is a complex product, in which 0 times infinity is NaN: x + 1j * y loses the real part where y is infinite or NaN; "
            "PyTorch puts the parts side by side",
            example={"x": np.array([1.0]), "y": np.array([np.inf])}, dtypes=FLOATS, when="~np.isfinite(y) & ~np.isnan(x)", torch=_SIDE_BY_SIDE,
            kind="gotcha",
        )
    ],
)  # fmt: skip
parts.case(
    "torch.view_as_complex(torch.stack((x, y), -1))", _SIDE_BY_SIDE, id="view_as_complex", x=tensors(), y=like("x"),
    dtypes=FLOATS, shares_memory=False, differs=[HALF],
)  # fmt: skip
parts.case(
    "torch.polar(r, t)", "r * np.exp(1j * t)", r=tensors(), t=broadcastable("r"), dtypes=("float32", "float64"), shares_memory=False,
    tolerance=ulp({"complex64": 1, "complex128": 1}, SWEPT),
    differs=[other_gradient("PyTorch's gradient of polar takes r for the magnitude of the result, so that it has the other sign where r is negative",
                            "(r < 0).any()", kind="bug", r=np.array([-0.75]), t=np.array([0.25]))],
)  # fmt: skip
