"""Complex numbers: conjugates and parts.

`x.conj()` copies nothing in PyTorch: it is a view that remembers to conjugate, its imaginary part one that remembers
to negate, and operations on them give what they would on a copy.
"""

import numpy as np

from conformance import COMPLEX, Difference, OneOf, Section, like, tensors, ulp

complex_rows = Section("Complex numbers", id="complex")

complex_rows.case(
    "x.conj() * y", "x.conj() * y", id="conj-mul", x=tensors(), y=like("x"), shares_memory=False,
    tolerance=ulp(4.5, "each side within √5 u of the magnitude: Brent, Percival, Zimmermann, Math. Comp. 76 (2007)",
                  dtypes=COMPLEX),
    differs=[Difference("PyTorch's vectorised code rounds the four products of a complex one before it adds them: where one overflows, but not "
        "their sum, it gives an infinity; the last elements of a tensor and strided ones are right",
                        example={"x": np.full(16, 2 - 1j), "y": np.full(16, y)}, dtypes=(dtype,),
                        torch=OneOf("out", "np.inf"), kind="bug",
                        when="np.isfinite(out) & ~(np.abs(x) * np.abs(y) < np.finfo(x.dtype).max / 4)")
             for y, dtype in ((-6.8e37 + 1.87e38j, "complex64"), (-3.6e307 + 9.9e307j, "complex128"))],
)  # fmt: skip

complex_rows.case("x.real - x.conj().imag", "x.real - x.conj().imag", id="conj-imag", x=tensors(dtypes=COMPLEX),
                  shares_memory=False)  # fmt: skip

complex_rows.case("(-x).imag", "(-x).imag", id="neg-imag", x=tensors(dtypes=COMPLEX), shares_memory=False,
                  note="zeros change their sign as well",
                  differs=[Difference("PyTorch's vectorised code takes 0 - x, which gives 0.0 for a part of 0.0, not -0.0; "
                                      "the last elements and those of strided tensors are right",
                                      example={"x": np.zeros(16, complex)}, when="(x.imag == 0) & (x.size > 1)",
                                      torch=OneOf("out", "0.0"), kind="bug")])  # fmt: skip
