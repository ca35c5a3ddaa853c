"""Complex numbers: conjugates and parts.

`x.conj()` copies nothing in PyTorch: it is a view that remembers to conjugate, its imaginary part one that remembers
to negate, and operations on them give what they would on a copy.
"""

import numpy as np

from conformance import COMPLEX, UNDEFINED, Difference, Section, like, tensors, ulp

complex_rows = Section("Complex numbers", id="complex")

complex_rows.case(
    "x.conj() * y", "x.conj() * y", id="conj-mul", x=tensors(), y=like("x"), shares_memory=False,
    tolerance=ulp(4.5, "each side within √5 u of the magnitude: Brent, Percival, Zimmermann, Math. Comp. 76 (2007)",
                  dtypes=COMPLEX),
    differs=[Difference("PyTorch's vectorised code multiplies complex numbers in another way than the code for the last elements of a tensor and "
                        "for strided ones: where a product overflows, the same numbers give NaN in one place, an infinity in the other",
                        example={"x": np.full(10, complex(large, large)), "y": np.full(10, complex(large, -large))},
                        dtypes=(dtype,), when="~(np.abs(x) * np.abs(y) < np.finfo(x.dtype).max / 4)", torch=UNDEFINED,
                        kind="bug") for large, dtype in ((1e20, "complex64"), (1e160, "complex128"))],
)  # fmt: skip

complex_rows.case("x.real - x.conj().imag", "x.real - x.conj().imag", id="conj-imag", x=tensors(dtypes=COMPLEX),
                  shares_memory=False)  # fmt: skip

complex_rows.case("(-x).imag", "(-x).imag", id="neg-imag", x=tensors(dtypes=COMPLEX), shares_memory=False,
                  note="zeros change their sign as well",
                  differs=[Difference("PyTorch's vectorised code negates complex numbers as 0 - x, which gives 0.0 for a "
                                      "part of 0.0, not -0.0; the last elements and those of strided tensors are right",
                                      example={"x": np.zeros(17, complex)}, when="(x.imag == 0) & (x.size > 1)",
                                      torch=UNDEFINED, kind="bug")])  # fmt: skip
