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
    differs=[Difference("where a part of a complex product overflows, PyTorch gives NaN or an infinity depending on the "
                        "layout: its vectorised code rounds the four products one by one",
                        example={"x": np.array([complex(1e300, 1e300)]), "y": np.array([complex(1e300, 1e300)])},
                        dtypes=COMPLEX, when="~(np.abs(x) * np.abs(y) < np.finfo(x.dtype).max / 4)", torch=UNDEFINED,
                        kind="bug")],
)  # fmt: skip

complex_rows.case("x.real - x.conj().imag", "x.real - x.conj().imag", id="conj-imag", x=tensors(dtypes=COMPLEX),
                  shares_memory=False)  # fmt: skip

complex_rows.case("(-x).imag", "(-x).imag", id="neg-imag", x=tensors(dtypes=COMPLEX), shares_memory=False,
                  note="zeros change their sign as well",
                  differs=[Difference("PyTorch's vectorised code takes 0 - x, which gives 0.0 for a part of 0.0, not -0.0; "
                                      "the last elements and those of strided tensors are right",
                                      example={"x": np.zeros(16, complex)}, when="(x.imag == 0) & (x.size > 1)",
                                      torch=UNDEFINED, kind="bug")])  # fmt: skip
