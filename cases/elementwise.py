"""Functions of one number, applied to every element: exponentials, logarithms, and what is made of them.

None of them is rounded correctly everywhere, by either side. Each tolerance is what ``conformance accuracy`` measured
(the largest distance between the sides over its sweep, rounded up) and 1 ulp more.
"""

import numpy as np

from conformance import COMPLEX, INTEGERS, UNDEFINED, WIDE_UNSIGNED, Difference, OneOf, Raises, Section, tensors, ulp

elementwise = Section("Elementwise")

REAL = ("bool", *INTEGERS, "float16", "float32", "float64")
SWEPT = "measured over the sweep of conformance accuracy, and 1 ulp more"
OTHER_WIDTHS = ("bool", "uint8", "int8", "int32", "int64", "uint32", "uint64")


def _in_float32(function: str) -> Difference:
    return Difference(
        "of integers and bools PyTorch gives float32, its default dtype; NumPy float16, float32 or float64, by their width",
        example={"x": [1]}, dtypes=OTHER_WIDTHS, torch=f"np.{function}(x, dtype=np.float32)", kind="gotcha",
    )  # fmt: skip


def _one_number(name: str, ulps: dict[str, float], *differs: Difference) -> None:
    elementwise.case(
        f"x.{name}()", f"np.{name}(x)",
        x=tensors(), shares_memory=False, tolerance=ulp(ulps, SWEPT), differs=[_in_float32(name), *differs],
    )  # fmt: skip


_LOG1P = """
wide = np.clongdouble(x)
u, v = wide.real, wide.imag
result = np.empty_like(wide)
result.real, result.imag = np.log1p(u * (2 + u) + v * v) / 2, np.arctan2(v, 1 + u)
"""
LOG1P_IS_NAIVE = Difference(
    "NumPy computes log1p of a complex z as log(1 + z), which loses the digits of z that 1 + z does not hold; PyTorch keeps them",
    example={"x": np.array([1e-9 + 1e-3j])}, dtypes=COMPLEX, kind="bug", torch=f"{_LOG1P}result.astype(x.dtype)",
    when=f"{_LOG1P}(np.abs(x) < 4) & (np.abs(1 + x) > 1e-2) & (result.astype(x.dtype) != out)",
)  # fmt: skip


def _log1p_of_tiny(x: complex, dtype: str) -> Difference:
    return Difference(
        "PyTorch's log1p of a complex number may be NaN where its imaginary part is subnormal and the real one is no larger",
        example={"x": np.array([x])}, dtypes=(dtype,), torch=OneOf("np.nan", f"{_LOG1P}result"), kind="bug",
        when="(np.abs(x.real) < np.finfo(x.dtype).eps) & (x.imag != 0) & (np.abs(x.imag) < np.finfo(x.dtype).smallest_normal)",
    )  # fmt: skip


LOG1P_OF_INFINITE = Difference(
    "log1p of complex infinities is NaN in PyTorch, infinite in NumPy",
    example={"x": np.array([complex(np.inf, np.nan)])}, dtypes=COMPLEX, torch=OneOf("out", "np.nan"), when="np.isinf(x)",
)  # fmt: skip
LOG1P_OF_LARGE = [
    Difference(
        "NumPy's log1p of the largest complex numbers is infinite, since their magnitude overflows; PyTorch gives the number",
        example={"x": np.array([complex(x, x)])}, dtypes=(dtype,), torch="(np.log(x / 4) + np.log(4)).astype(x.dtype)", kind="bug",
        when="np.isfinite(x) & np.isinf(out) & (np.abs(x) > 4)",
    )
    for x, dtype in ((3e38, "complex64"), (1.5e308, "complex128"))
]  # fmt: skip

EXPONENTIAL = {"float16": 2, "bfloat16": 2, "float32": 3, "float64": 1, "complex64": 1, "complex128": 1}
_one_number("exp", EXPONENTIAL)
_one_number("log", {"float16": 1, "bfloat16": 1, "float32": 4, "float64": 1, "complex64": 1, "complex128": 1})
_one_number("exp2", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 2, "complex64": 1, "complex128": 1})
_one_number(
    "log2", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 3, "complex128": 3},
    Difference(
        "PyTorch without vector instructions multiplies a complex logarithm with a complex 1 / log(2), whose part of 0 times NaN or infinity "
        "is NaN: so is log2 of an infinity beside NaN, though log of it is infinite",
        example={"x": np.array([complex(np.inf, np.nan)])}, dtypes=COMPLEX, torch=OneOf("out", "np.nan"), kind="gotcha",
        when="capability == 'DEFAULT' and np.isinf(x) & np.isnan(x)",
    ),
)  # fmt: skip
# NumPy computes log10 of float64 by other code where there is no AVX-512, up to 1.5 ulp from the truth.
_one_number("log10", {"float16": 2, "bfloat16": 1, "float32": 4, "float64": 3, "complex64": 3, "complex128": 3})
_one_number("expm1", {"float16": 2, "bfloat16": 1, "float32": 3, "float64": 2, "complex64": 2, "complex128": 2})
_one_number(
    "log1p", {"float16": 1, "bfloat16": 1, "float32": 3, "float64": 2, "complex64": 4, "complex128": 4},
    LOG1P_IS_NAIVE, _log1p_of_tiny(-4.6e-37 + 2.5e-42j, "complex64"), _log1p_of_tiny(-2e-323 + 4e-323j, "complex128"), LOG1P_OF_INFINITE,
    *LOG1P_OF_LARGE,
)  # fmt: skip

_SINC = "right = np.sinc(x.astype(np.float32)).astype(np.float16)\n"
ERF_NEAR_0 = [
    Difference(
        "PyTorch's erf of float16 and bfloat16 has absolute but no relative accuracy near 0, from a formula with an error of 5e-7: that "
        "of 1e-30 is 0; that of float32 is right",
        example={"x": np.array([x])}, dtypes=(dtype,), torch=UNDEFINED, kind="bug", when=f"(x != 0) & (np.abs(x) < {end})",
    )
    for x, dtype, end in ((-3.46e-6, "float16", 5e-4), (1e-30, "bfloat16", 4e-5))
]  # fmt: skip

# Made of them: the logistic function, sin(πx) / (πx), the error function

_LOGISTIC = "1 / (1 + np.exp(-{}))"


def _negates_first(x: int, dtypes: tuple[str, ...], when: str | None) -> Difference:
    """Where the dtype of the result is NumPy's, too, they part only on what wraps."""
    return Difference(
        "PyTorch makes float32 of integers before it negates them; NumPy negates them first, and the negative of an unsigned integer, "
        "or of the least, wraps",
        example={"x": np.array([x])}, dtypes=dtypes, when=when, torch=_LOGISTIC.format("x.astype(np.float32)"), kind="gotcha",
    )  # fmt: skip


elementwise.case(
    "torch.sigmoid(x)", _LOGISTIC.format("x"), x=tensors(), shares_memory=False,
    tolerance=ulp({"float16": 3, "bfloat16": 1, "float32": 5, "float64": 4, "complex64": 4, "complex128": 4}, SWEPT),
    differs=[
        Difference(
            "NumPy has no minus of bools", example={"x": np.array([1])}, dtypes=("bool",), numpy=Raises(TypeError),
            torch=_LOGISTIC.format("x.astype(np.float32)"),
        ),
        _negates_first(2, ("uint8", "uint32", "uint64", "int8", "int32", "int64"), None),
        _negates_first(2, ("uint16",), "x != 0"),
        _negates_first(-(2**15), ("int16",), "x == np.iinfo(x.dtype).min"),
        Difference(
            "PyTorch computes it of float16 in float32; here exp(-x) overflows in float16 below -11.09, where the result is a float16 yet",
            example={"x": np.array([-12.0])}, dtypes=("float16",), kind="gotcha",
            when=f"np.isinf(np.exp(-x)) & (np.float16({_LOGISTIC.format('np.float32(x)')}) != 0)",
            torch="(" + _LOGISTIC.format("x.astype(np.float32)") + ").astype(np.float16)",
        ),
    ],
)  # fmt: skip

elementwise.case(
    "torch.sinc(x)", "np.sinc(x)", x=tensors(), shares_memory=False,
    tolerance=ulp(
        {"float16": 3, "bfloat16": 1, "float32": 3, "float64": 1, "complex64": 6, "complex128": 7},
        "measured over the sweep of conformance accuracy, of complex numbers over two million, and 1 ulp more",
    ),
    differs=[
        Difference(
            "of integers and bools PyTorch gives float32, NumPy float64", example={"x": [1]}, dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED),
            torch="np.sinc(x.astype(np.float32))", kind="gotcha",
        ),
        Difference(
            "NumPy computes sinc of float16 in float16, where πx has 11 bits: that of 1 is 3e-4, and of 21000, where πx overflows, NaN",
            example={"x": np.array([1.0, 21000.0])}, dtypes=("float16",), kind="bug", torch=f"{_SINC}right",
            when=f"{_SINC}~(np.abs(right - out) <= np.spacing(np.abs(right))) & np.isfinite(x)",
        ),
    ],
)  # fmt: skip

for name, ulps in (
    ("erf", {"float16": 2, "bfloat16": 2, "float32": 2, "float64": 2}),
    ("erfc", {"float16": 2, "bfloat16": 1, "float32": 2, "float64": 4}),
):
    elementwise.case(
        f"torch.{name}(x)", f"np.vectorize(math.{name}, otypes=[np.result_type(x.dtype, np.float16)])(x)", x=tensors(), dtypes=REAL,
        shares_memory=False, tolerance=ulp(ulps, SWEPT),
        note="NumPy has no error function: this is Python's; SciPy's is `scipy.special.erf`." if name == "erf" else None,
        differs=[
            Difference(
                "of integers and bools PyTorch gives float32, its default dtype; here it is float16 to float64, by their width",
                example={"x": [1]}, dtypes=OTHER_WIDTHS, kind="gotcha", torch=f"np.vectorize(math.{name}, otypes=[np.float32])(x)",
            ),
            *(ERF_NEAR_0 if name == "erf" else ()),
        ],
    )  # fmt: skip

elementwise.case(
    "torch.lgamma(x)",
    """
    stirling = lambda v: v * (math.log(v) - 1)
    positive = lambda v: math.lgamma(v) if v < 1e18 else stirling(v)
    lgamma = lambda v: math.inf if v <= 0 and v % 1 == 0 else positive(v)
    np.vectorize(lgamma, otypes=[np.result_type(x.dtype, np.float16)])(x)
    """,
    x=tensors(), dtypes=REAL,
    tolerance=ulp({"float16": 2, "bfloat16": 2, "float32": 5, "float64": 24}, SWEPT),
    note="NumPy has no lgamma: this is Python's, with infinities where that raises; SciPy's is `scipy.special.gammaln`.",
    differs=[
        Difference(
            "of integers and bools PyTorch gives float32, its default dtype; here it is float16 to float64, by their width",
            example={"x": [1]}, dtypes=OTHER_WIDTHS, kind="gotcha",
            torch="lgamma = lambda v: math.inf if v <= 0 else math.lgamma(v)\nnp.vectorize(lgamma, otypes=[np.float32])(x)",
        ),
        Difference(
            "PyTorch's lgamma is infinite from 4.04e36 on, while its value is a float32 up to 4.085e36",
            example={"x": np.array([4.07e36])}, dtypes=("float32",), torch=OneOf("out", "np.inf"), kind="bug",
            when="(x > 4.03e36) & (x < 4.1e36)",
        ),
        Difference(
            "PyTorch's lgamma has absolute but no relative accuracy near its zeros between the negative poles: 95,000 ulp off at "
            "-2.4570248, where Python's is right to the last digit of float32",
            example={"x": np.array([-2.4570248])}, dtypes=("float32",), torch=UNDEFINED, kind="bug",
            when="(x < 0) & (np.abs(out) < 0.03)",
        ),
        Difference(
            "near its zeros at 1, 2 and between the poles Python's lgamma has absolute but no relative accuracy, PyTorch's none "
            "near the negative ones; at 1 and 2 that is within 1 ulp",
            example={"x": np.array([1.01])}, dtypes=("float64",), torch=UNDEFINED, when="np.abs(out) < 1",
        ),
    ],
)  # fmt: skip
