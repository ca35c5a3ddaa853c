"""Magnitudes, squares, roots, reciprocals, and the two parts of a float; degrees and radians.

IEEE 754 defines the square root and the quotient, yet PyTorch's square roots come from MKL and are not always the nearest
numbers. Of integers PyTorch makes float32 where NumPy makes a float of their width: so a root of int64 has seven digits.
NumPy's reciprocal of an integer is an integer, which is 0 but for 1 and -1.
"""

import numpy as np
from conformance.cases.arithmetic_powers import roots_one_off

from conformance import (
    COMPLEX,
    EXACT,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    tensors,
    ulp,
)

roots = Section("Magnitudes and roots", id="roots")

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
REAL_FLOATS = (*FLOATS, "bfloat16")
OTHER_WIDTHS = ("bool", "uint8", "int8", "int32", "int64", "uint32", "uint64")
SWEPT = "measured over the sweep of conformance accuracy, and 1 ulp more"
THIRD = (
    "1 / 3 in float64 is 1.85e-17 less than a third: for the least number, whose logarithm is -744, that is 124 of the ulp below "
    "a power of two, and 2 are for the power; the other dtypes by a sweep, and 1 ulp more"
)
COMPLEX_SQUARE = ulp(1.5, "each part of a complex square is rounded two or three times", dtypes=COMPLEX)
IN_FLOAT32 = "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width"


def _in_float32(torch: str, instead: str) -> list[Difference]:
    """What is computed of integers in float32; ``instead`` computes it of the wider ones in float64, as NumPy does."""
    return [
        Difference(IN_FLOAT32, example={"x": [3]}, dtypes=OTHER_WIDTHS[:3], torch=torch, kind="gotcha"),
        Difference(IN_FLOAT32, example={"x": [3]}, dtypes=OTHER_WIDTHS[3:], torch=torch, kind="gotcha", instead=instead),
    ]


# Magnitudes and squares

roots.case(
    "torch.abs(x)", "np.abs(x)", x=tensors(), shares_memory=False,
    tolerance=ulp({"float32": 3, "float64": 3}, f"of complex numbers; {SWEPT}"),
    note="the least integer, which has no positive twin, stays as it is on both sides",
    differs=[
        Difference(
            "PyTorch takes no magnitude of bools; NumPy leaves them as they are",
            example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(NotImplementedError), kind="gotcha", instead="x.clone()",
        )
    ],
)  # fmt: skip
roots.case("x.abs()", "np.abs(x)", id="abs-method", x=tensors(dtypes=(*INTEGERS, *FLOATS)), shares_memory=False)
roots.case("abs(x)", "abs(x)", id="abs-builtin", x=tensors(dtypes=(*INTEGERS, *FLOATS)), shares_memory=False)
roots.case(
    "torch.square(x)", "np.square(x)", x=tensors(), shares_memory=False, tolerance=COMPLEX_SQUARE,
    differs=[
        Difference(
            "PyTorch's square of bools is int64, NumPy's int8", example={"x": np.array([1])}, dtypes=("bool",),
            torch="x.astype(np.int64)", instead="x.to(torch.int8)",
        )
    ],
)  # fmt: skip

# Roots and reciprocals

ROOTS = [*_in_float32("np.sqrt(x, dtype=np.float32)", "x.double().sqrt()"), *roots_one_off()]
roots.case("torch.sqrt(x)", "np.sqrt(x)", x=tensors(), shares_memory=False, differs=ROOTS)
roots.case("x.sqrt()", "np.sqrt(x)", id="sqrt-method", x=tensors(), shares_memory=False, differs=ROOTS)
roots.case(
    "torch.rsqrt(x)", "1 / np.sqrt(x)", x=tensors(), shares_memory=False,
    tolerance=ulp({"float16": 2, "bfloat16": 2, "complex64": 4, "complex128": 4}, SWEPT),
    differs=_in_float32("1 / np.sqrt(x, dtype=np.float32)", "x.double().rsqrt()"),
)  # fmt: skip
roots.case(
    "torch.reciprocal(x)", "np.reciprocal(x)", x=tensors(), shares_memory=False,
    tolerance=ulp({"complex64": 4, "complex128": 4}, SWEPT),
    differs=[
        Difference(
            "PyTorch's reciprocal of an integer is a float; NumPy's is the integer part of it, and of 0 what the processor makes of it",
            example={"x": np.array([2])}, dtypes=COUNTED, torch="1 / x.astype(np.float32)", kind="gotcha",
        ),
        Difference(
            "the reciprocal of complex 0 is infinite in PyTorch, in one part; NumPy gives NaN", example={"x": np.array([0j])},
            dtypes=COMPLEX, when="x == 0", torch="np.full_like(x, np.inf)", kind="gotcha",
        ),
    ],
)  # fmt: skip
roots.case(
    "torch.copysign((x * 1.0).abs() ** (1 / 3), x)", "np.cbrt(x)", id="cbrt", x=tensors(), dtypes=(*COUNTED, *FLOATS), shares_memory=False,
    tolerance=ulp({"float16": 4, "bfloat16": 17, "float32": 18, "float64": 126}, THIRD),
    note="PyTorch has no cube root, and 1 / 3 is no float: for numbers far from 1 the last digits are lost",
    differs=_in_float32("np.cbrt(x, dtype=np.float32)", "torch.copysign(x.double().abs() ** (1 / 3), x)"),
)  # fmt: skip

# The parts of a float

NO_INTEGERS = Difference(
    "PyTorch takes floats apart only; NumPy makes floats of integers and bools",
    example={"x": np.array([3])}, dtypes=COUNTED, torch=Raises(RuntimeError), kind="gotcha",
)  # fmt: skip
BOTH_REFUSE_COMPLEX = Difference(
    "both refuse complex numbers", example={"x": np.array([1j])}, dtypes=COMPLEX, torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip
roots.case(
    "torch.frexp(x)", "np.frexp(x)", x=tensors(), shares_memory=False, differs=[NO_INTEGERS, BOTH_REFUSE_COMPLEX],
    note="a number in [0.5, 1) and a power of two in int32",
)  # fmt: skip

# Degrees and radians

for name in ("deg2rad", "rad2deg"):
    roots.case(
        f"torch.{name}(x)", f"np.{name}(x)", x=tensors(), shares_memory=False,
        tolerance=EXACT if name == "deg2rad" else ulp({"float32": 3}, SWEPT),
        differs=[*_in_float32(f"np.{name}(x, dtype=np.float32)", f"torch.{name}(x.double())"), BOTH_REFUSE_COMPLEX],
    )  # fmt: skip
