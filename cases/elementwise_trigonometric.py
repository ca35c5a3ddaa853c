"""Trigonometric and hyperbolic functions and their inverses.

PyTorch calls NumPy's arcsin asin, and knows both names. None of them is rounded correctly everywhere, by either side; of
integers PyTorch gives float32, NumPy a float of their width. Each tolerance is what ``conformance accuracy`` measured (the
largest distance between the sides over its sweep, rounded up) and 1 ulp more. Outside of the domain of a real function
both give NaN.
"""

import numpy as np

from conformance import WIDE_UNSIGNED, Difference, OneOf, Section, tensors, ulp

trigonometric = Section("Trigonometric and hyperbolic functions", id="trigonometric")

SWEPT = "measured over the sweep of conformance accuracy, and 1 ulp more"
OTHER_WIDTHS = ("bool", "uint8", "int8", "int32", "int64", "uint32", "uint64")
NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}  # fmt: skip


def _in_float32(function: str) -> Difference:
    return Difference(
        "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width",
        example={"x": [1]}, dtypes=OTHER_WIDTHS, torch=f"np.{function}(x, dtype=np.float32)", kind="gotcha",
    )  # fmt: skip


def _one_number(name: str, ulps: dict[str, float], *differs: Difference, formerly: tuple[str, ...] = ()) -> None:
    function = NAMES.get(name, name)
    trigonometric.case(
        f"x.{name}()", f"np.{function}(x)", x=tensors(), tolerance=ulp(ulps, SWEPT), shares_memory=False,
        differs=[_in_float32(function), *differs], formerly=formerly,
    )  # fmt: skip


_WIDE = "wide = x.astype(np.promote_types(x.dtype, np.float32) if x.dtype.kind == 'f' else np.float32)\n"


def _overflows(function: str, infinite: str, x: float, dtypes: tuple[str, ...]) -> Difference:
    """sinh(x) = (exp(x) - exp(-x)) / 2 has no value where exp(x) has none; the vectorised code computes it so."""
    return Difference(
        "PyTorch's vectorised sinh and cosh are infinite as soon as exp(x) is, for the last 0.7 before they overflow themselves; the "
        "loop for the rest of a tensor is right, so the same number is finite in a short tensor",
        example={"x": np.full(64, x)}, dtypes=dtypes, kind="bug", torch=OneOf(f"{_WIDE}np.{function}(wide)", f"{_WIDE}{infinite}"),
        when=f"{_WIDE}np.isinf(np.exp(np.abs(wide))) & np.isfinite(np.{function}(wide))",
    )  # fmt: skip


SINGLE = ("uint8", "int8", "int16", "int32", "int64", *WIDE_UNSIGNED, "float32", "bfloat16")
SINH_OVERFLOWS = [
    _overflows("sinh", "np.copysign(np.inf, wide)", 89.0, SINGLE), _overflows("sinh", "np.copysign(np.inf, wide)", 710.0, ("float64",)),
]  # fmt: skip
COSH_OVERFLOWS = [
    _overflows("cosh", "np.full_like(wide, np.inf)", 89.0, SINGLE), _overflows("cosh", "np.full_like(wide, np.inf)", 710.0, ("float64",)),
]  # fmt: skip
ACOS_NEAR_1 = Difference(
    "PyTorch's vectorised acos of complex128 is π/2 - asin(x), which near 1 loses the digits of the small real part, of 1 + 5e-324j "
    "all of them; that of complex64 keeps them",
    example={"x": np.array([1 + 5e-324j])}, dtypes=("complex128",), torch=OneOf("out", "np.pi / 2 - np.arcsin(x)"), kind="bug",
    when="np.abs(x - 1) < 1",
)  # fmt: skip

_one_number(
    "sin", {"float16": 2, "bfloat16": 1, "float32": 2, "float64": 2, "complex64": 1, "complex128": 1}, formerly=("elementwise/sin",),
)  # fmt: skip
_one_number("cos", {"float16": 2, "bfloat16": 1, "float32": 2, "float64": 2, "complex64": 1, "complex128": 1})
_one_number("tan", {"float16": 2, "bfloat16": 1, "float32": 4, "float64": 1, "complex64": 1, "complex128": 1})
_one_number("asin", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 1, "complex128": 1})
_one_number("acos", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 1, "complex128": 2}, ACOS_NEAR_1)
_one_number("atan", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 1, "complex128": 1})
_one_number(
    "sinh", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 3, "complex64": 1, "complex128": 1}, *SINH_OVERFLOWS,
    formerly=("elementwise/sinh",),
)  # fmt: skip
_one_number(
    "cosh", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 2, "complex64": 1, "complex128": 1}, *COSH_OVERFLOWS,
)  # fmt: skip
_one_number(
    "tanh", {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 2, "complex64": 1, "complex128": 1}, formerly=("elementwise/tanh",),
)  # fmt: skip
_one_number("asinh", {"float16": 2, "bfloat16": 1, "float32": 2, "float64": 3, "complex64": 1, "complex128": 1})
_one_number("acosh", {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 2, "complex64": 1, "complex128": 1})
_one_number("atanh", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 2, "complex64": 1, "complex128": 1})

for name, ulps in (
    ("arcsin", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 1, "complex128": 1}),
    ("arctan", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 1, "complex128": 1}),
):
    trigonometric.case(
        f"torch.{name}(x)", f"np.{name}(x)", x=tensors(), tolerance=ulp(ulps, SWEPT), shares_memory=False,
        differs=[_in_float32(name)], note="asin, acos and the others by NumPy's names",
    )  # fmt: skip
