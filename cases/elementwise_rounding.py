"""Rounding: to whole numbers, to a number of decimals, and what rounding leaves over.

Both round halves to the even neighbour, and neither can round 2.675 to 2.68: as a float it is less. PyTorch rounds
integers, which it leaves as they are, but neither bools nor complex numbers, and no integers where ``decimals`` is given.
In float16 NumPy loses digits on the way to its decimals, PyTorch does not.
"""

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import COMPLEX, FLOATS, INTEGERS, WIDE_UNSIGNED, Difference, Raises, Section, tensors, values

rounding = Section("Rounding")

REAL_FLOATS = (*FLOATS, "bfloat16")
NO_BOOL = Difference(
    "PyTorch does not round bools; NumPy leaves them as they are",
    example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(NotImplementedError), instead="x.clone()",
)  # fmt: skip
NO_BOOL_ROUNDED = Difference(
    "PyTorch does not round bools; NumPy's round makes float16 of them, though its floor, ceil and trunc leave them bools",
    example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(NotImplementedError), instead="x.half()",
)  # fmt: skip
BOTH_REFUSE_COMPLEX = Difference(
    "neither rounds complex numbers up or down: there is no order to round in",
    example={"x": np.array([1j])}, dtypes=COMPLEX, torch=Raises(NotImplementedError), numpy=Raises(TypeError),
)  # fmt: skip
NO_COMPLEX = Difference(
    "PyTorch does not round complex numbers; NumPy rounds both parts",
    example={"x": np.array([1.5 + 2.5j])}, dtypes=COMPLEX, torch=Raises(NotImplementedError), kind="gotcha",
    instead="torch.complex(x.real.round(), x.imag.round())",
)  # fmt: skip

for name in ("floor", "ceil", "trunc"):
    rounding.case(
        f"torch.{name}(x)", f"np.{name}(x)", x=tensors(), shares_memory=False, differs=[NO_BOOL, BOTH_REFUSE_COMPLEX],
        note="of integers they are integers" if name == "floor" else None,
    )  # fmt: skip
rounding.case(
    "x.floor()", "np.floor(x)", id="floor-method", x=tensors(), shares_memory=False, differs=[NO_BOOL, BOTH_REFUSE_COMPLEX],
)  # fmt: skip
rounding.case(
    "torch.fix(x)", "np.fix(x)", x=tensors(), shares_memory=False, differs=[NO_BOOL, BOTH_REFUSE_COMPLEX],
    note="trunc by another name, on both sides",
)  # fmt: skip
rounding.case(
    "torch.round(x)", "np.round(x)", x=tensors(), shares_memory=False, differs=[NO_BOOL_ROUNDED, NO_COMPLEX],
    note="halves go to the even neighbour: 0.5 and -0.5 to zero, 1.5 and 2.5 to 2",
)  # fmt: skip
rounding.case(
    "x.round()", "x.round()", id="round-method", x=tensors(), shares_memory=False, differs=[NO_BOOL_ROUNDED, NO_COMPLEX],
)  # fmt: skip

_RIGHT = "right = np.rint(x * 1e40) / 1e40\n"
_IN_FLOAT32 = "np.round(x.astype(np.float32), d).astype(np.float16)"

rounding.case(
    "x.round(decimals=d)", "x.round(decimals=d)", id="round-decimals", x=tensors(),
    d=values(1, 2, 3, 0, -1, -2, -5, 5, 40), shares_memory=False,
    note="what lies halfway only in decimal, like 2.675, is a float on one side of it, and goes there unless x * 10**d is halfway",
    differs=[
        other_gradient("PyTorch's gradient of a rounding is 0 for any number of decimals, though 40 of them change nothing", "d >= 5",
                       x=np.array([1.25]), d=40),
        Difference(
            "PyTorch rounds no integers where decimals are given, not even to 0 of them; NumPy does",
            example={"x": np.array([15, 25]), "d": -1}, dtypes=(*INTEGERS, *WIDE_UNSIGNED), torch=Raises(NotImplementedError),
            kind="gotcha",
        ),
        Difference(
            "both refuse to round bools to decimals, but to 0 of them NumPy makes float16 of bools",
            example={"x": np.array([1]), "d": 1}, when="d != 0", dtypes=("bool",),
            torch=Raises(NotImplementedError), numpy=Raises(TypeError),
        ),
        Difference(
            NO_BOOL_ROUNDED.because, example={"x": np.array([1]), "d": 0}, when="d == 0", dtypes=("bool",),
            torch=Raises(NotImplementedError),
        ),
        Difference(
            NO_COMPLEX.because, example={"x": np.array([1.5 + 2.5j]), "d": 0}, dtypes=COMPLEX,
            torch=Raises(NotImplementedError), kind="gotcha",
            instead="torch.complex(x.real.round(decimals=d), x.imag.round(decimals=d))",
        ),
        Difference(
            "NumPy rounds x * 10**decimals to float16 before it rounds that to a whole number: a digit off where it lands on a half, "
            "infinite or NaN where the product is no float16, though the result is one",
            example={"x": np.array([1000.0, 0.55]), "d": 2}, dtypes=("float16",), kind="bug",
            upstream="https://github.com/numpy/numpy/issues/13699",
            when=f"right = {_IN_FLOAT32}\n~((right == out) | np.isnan(right) & np.isnan(out))", torch=_IN_FLOAT32,
        ),
        Difference(
            "NumPy's round takes 10**decimals by multiplying with 10, which is not the nearest float64 from 10**23 on: of a float64 "
            "with so many decimals that it should stay as it is the last digit changes",
            example={"x": np.array([-188.6064262404148]), "d": 40}, dtypes=("float64",), kind="bug",
            when=f"{_RIGHT}(d == 40) & (right != out) & ~np.isnan(out)", torch=f"{_RIGHT}right",
        ),
    ],
)  # fmt: skip

rounding.case(
    "torch.frac(x)", "x - np.trunc(x)", x=tensors(), dtypes=(*INTEGERS, *REAL_FLOATS), shares_memory=False,
    differs=[
        Difference(
            "PyTorch takes the fraction of floats only",
            example={"x": np.array([7])}, dtypes=(*INTEGERS, *WIDE_UNSIGNED), torch=Raises(NotImplementedError),
            instead="torch.zeros_like(x)",
        ),
    ],
)  # fmt: skip
rounding.case(
    "torch.frac(x)", "np.modf(x)[0]", id="frac-modf", x=tensors(), dtypes=(*INTEGERS, *REAL_FLOATS), shares_memory=False,
    differs=[
        Difference(
            "PyTorch takes the fraction of floats only; NumPy's modf makes floats of integers",
            example={"x": np.array([7])}, dtypes=(*INTEGERS, *WIDE_UNSIGNED), torch=Raises(NotImplementedError),
        ),
        Difference(
            "PyTorch subtracts, so the fraction of an infinity is NaN; of NumPy's modf it is a zero",
            example={"x": np.array([np.inf, -np.inf])}, dtypes=REAL_FLOATS, when="np.isinf(x)", torch="np.full_like(x, np.nan)",
            kind="gotcha",
        ),
        Difference(
            "PyTorch subtracts, so the fraction of a negative whole number is 0.0; of NumPy's modf it is -0.0",
            example={"x": np.array([-1.0])}, dtypes=REAL_FLOATS, when="(x == np.trunc(x)) & np.signbit(x) & np.isfinite(x)",
            torch="np.zeros_like(x)", kind="gotcha",
        ),
    ],
)  # fmt: skip
