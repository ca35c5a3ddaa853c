"""Complex numbers: conjugates and parts.

`x.conj()` copies nothing in PyTorch: it is a view that remembers to conjugate, its imaginary part one that remembers
to negate, and operations on them give what they would on a copy.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import PRODUCT, PRODUCTS_OVERFLOW

from conformance import COMPLEX, Difference, OneOf, Section, like, tensors

complex_rows = Section("Complex numbers", id="complex")

complex_rows.case(
    "x.conj() * y", "x.conj() * y", id="conj-mul", x=tensors(), y=like("x"), shares_memory=False,
    tolerance=PRODUCT, differs=[replace(one, example={**one.example, "x": np.full(16, 2 - 1j)}) for one in PRODUCTS_OVERFLOW],
)  # fmt: skip

complex_rows.case("x.real - x.conj().imag", "x.real - x.conj().imag", id="conj-imag", x=tensors(dtypes=COMPLEX),
                  shares_memory=False)  # fmt: skip

complex_rows.case("(-x).imag", "(-x).imag", id="neg-imag", x=tensors(dtypes=COMPLEX), shares_memory=False,
                  note="zeros change their sign as well",
                  differs=[Difference("PyTorch's vectorised code takes 0 - x, which gives 0.0 for a part of 0.0, not -0.0; "
                                      "the last elements and those of strided tensors are right",
                                      example={"x": np.zeros(16, complex)}, when="(x.imag == 0) & (x.size > 1)",
                                      torch=OneOf("out", "0.0"), kind="bug")])  # fmt: skip
