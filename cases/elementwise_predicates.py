"""Questions about numbers: NaN, infinite, negative; bits and truth values turned round; NaN replaced.

Both sides answer alike, but for what they refuse: a sign of complex numbers, the bits of floats, and in PyTorch most of
what is asked of the unsigned integers wider than a byte. The sign of NaN is 0 in PyTorch.
"""

import numpy as np

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    tensors,
    ulp,
    values,
)

predicates = Section("Predicates and signs", id="predicates")

REAL_FLOATS = (*FLOATS, "bfloat16")
SWEPT = "measured over the sweep of conformance accuracy, and 1 ulp more"
SIGN_OF_NAN = (
    "PyTorch's sign of NaN is 0, since it takes (0 < x) - (x < 0), although every function beside it, and its own sgn of complex "
    "numbers, keeps NaN; NumPy's sign of NaN is NaN"
)
_REPORTED = "https://github.com/pytorch/pytorch/issues/41245"


def _nan_is_zero(instead: str) -> Difference:
    return Difference(
        SIGN_OF_NAN, example={"x": np.array([np.nan])}, dtypes=REAL_FLOATS, when="np.isnan(x)", torch="np.zeros_like(x)", kind="bug",
        instead=instead, upstream=_REPORTED,
    )  # fmt: skip


NO_SIGN_OF_BOOL = Difference(
    "PyTorch's sign of a bool is the bool; NumPy refuses",
    example={"x": np.array([1])}, dtypes=("bool",), torch="x", numpy=Raises(TypeError),
)  # fmt: skip
BOTH_REFUSE_COMPLEX = Difference(
    "neither side asks it of complex numbers",
    example={"x": np.array([1j])}, dtypes=COMPLEX, torch=Raises(RuntimeError), numpy=Raises(TypeError),
)  # fmt: skip
BOTH_REFUSE_FLOATS = Difference(
    "neither inverts the bits of floats",
    example={"x": np.array([1.0])}, dtypes=(*REAL_FLOATS, *COMPLEX), torch=Raises(NotImplementedError, TypeError),
    numpy=Raises(TypeError),
)  # fmt: skip
SIGN_BIT_OF_NAN = Difference(
    "a NaN that PyTorch converts to bfloat16 in a vector has its sign bit set, whatever it was",
    example={"x": np.array([np.nan])}, dtypes=("bfloat16",), when="np.isnan(x)", torch=OneOf("out", "np.True_"),
    kind="gotcha",
)  # fmt: skip

for name in ("isnan", "isinf", "isfinite", "isreal"):
    predicates.case(f"torch.{name}(x)", f"np.{name}(x)", x=tensors(), shares_memory=False)
predicates.case("x.isnan()", "np.isnan(x)", id="isnan-method", x=tensors(), shares_memory=False)
predicates.case(
    "x != x", "x != x", id="isnan-unequal", x=tensors(), shares_memory=False, note="true of NaN alone, complex with a part of NaN too",
)  # fmt: skip
for name in ("isposinf", "isneginf", "signbit"):
    predicates.case(
        f"torch.{name}(x)", f"np.{name}(x)", x=tensors(), shares_memory=False,
        differs=[BOTH_REFUSE_COMPLEX, *([SIGN_BIT_OF_NAN] if name == "signbit" else [])],
        note="true of -0.0, too, and of a NaN with that bit" if name == "signbit" else None,
    )  # fmt: skip

# Truth and bits

predicates.case(
    "torch.logical_not(x)", "np.logical_not(x)", x=tensors(), shares_memory=False, note="NaN counts as true, so it becomes False",
)  # fmt: skip
predicates.case("x == 0", "x == 0", id="is-zero", x=tensors(), shares_memory=False)
predicates.case("~x", "~x", id="invert", x=tensors(), shares_memory=False, differs=[BOTH_REFUSE_FLOATS])
predicates.case("torch.bitwise_not(x)", "np.bitwise_not(x)", x=tensors(), shares_memory=False, differs=[BOTH_REFUSE_FLOATS])

# Signs

_NO_COMPLEX_SIGN = Difference(
    "PyTorch's sign refuses complex numbers, of which its sgn gives what NumPy's sign does: x / abs(x)",
    example={"x": np.array([2j])}, dtypes=COMPLEX, torch=Raises(NotImplementedError), instead="torch.sgn(x)",
)  # fmt: skip
predicates.case(
    "torch.sign(x)", "np.sign(x)", x=tensors(), shares_memory=False, note="of -0.0 it is 0.0 on both sides",
    differs=[NO_SIGN_OF_BOOL, _nan_is_zero("torch.where(x.isnan(), x, torch.sign(x))"), _NO_COMPLEX_SIGN],
)  # fmt: skip
_LOST_DIGITS = "tiny = np.finfo(x.dtype).smallest_subnormal\n(x.astype(np.clongdouble) / (np.abs(x) {} tiny)).astype(x.dtype)"
_ALL_DIGITS = "wide = x.astype(np.clongdouble)\n(wide / np.abs(wide)).astype(x.dtype)"
COMPLEX_SIGNS = [
    Difference(
        "PyTorch's sgn of a complex number with an infinite part is NaN, infinity divided by itself, though that of the real infinity "
        "is 1; NumPy gives 1, -1, 1j or -1j where only one part is infinite",
        example={"x": np.array([complex(np.inf, 0)])}, dtypes=COMPLEX, torch="np.full_like(x, np.nan)", kind="bug",
        when="np.isinf(x) & ~np.isnan(out)",
    ),
    *(
        Difference(
            "PyTorch's sgn of a large complex number is 0, and NumPy's sign of it 1j or -1j: its magnitude, by which both divide, is "
            "infinite, though both parts are finite",
            example={"x": np.array([x])}, dtypes=(dtype,), torch="np.zeros_like(x)", kind="bug",
            when="np.isfinite(x) & np.isinf(np.abs(x))",
        )
        for x, dtype in ((3e38 - 3e38j, "complex64"), (1.5e308 - 1.5e308j, "complex128"))
    ),
    *(
        Difference(
            "PyTorch's sgn of complex numbers of subnormal magnitude is infinite or NaN in the loop for strided tensors and the last "
            "elements, which takes 1 / abs(x) first; the vectorised code divides",
            example={"x": np.full(2, x)}, dtypes=(dtype,), kind="bug",
            torch=OneOf("out", "np.inf", "np.nan", _LOST_DIGITS.format("+ 0 *"), _LOST_DIGITS.format("+"), _LOST_DIGITS.format("-"), _ALL_DIGITS),
            when="(x != 0) & (np.abs(x) < np.finfo(x.dtype).smallest_normal)",
        )
        for x, dtype in ((1e-40 + 1e-40j, "complex64"), (1e-310 + 1e-310j, "complex128"))
    ),
]  # fmt: skip
predicates.case(
    "torch.sgn(x)", "np.sign(x)", x=tensors(), shares_memory=False, tolerance=ulp({"complex64": 3, "complex128": 4}, SWEPT),
    differs=[NO_SIGN_OF_BOOL, _nan_is_zero("torch.where(x.isnan(), x, torch.sgn(x))"), *COMPLEX_SIGNS],
    note="the sign of complex numbers, too: x / abs(x)",
)  # fmt: skip
predicates.case(
    "torch.positive(x)", "np.positive(x)", x=tensors(),
    differs=[
        Difference(
            "PyTorch gives the tensor itself, NumPy a copy",
            example={"x": np.array([1.0])}, aspect="memory", torch="view", kind="gotcha", instead="torch.positive(x).clone()",
            dtypes=(*INTEGERS, *WIDE_UNSIGNED, *REAL_FLOATS, *COMPLEX),
        ),
        Difference(
            "both refuse it of bools", example={"x": np.array([1])}, dtypes=("bool",), torch=Raises(RuntimeError),
            numpy=Raises(TypeError),
        ),
    ],
)  # fmt: skip

# NaN and infinities replaced

_BFLOAT16_ENDS = Difference(
    "bfloat16, which NumPy lacks, has a largest number of its own; the reference takes that of float32",
    example={"x": np.array([np.inf, -np.inf])}, dtypes=("bfloat16",), when="np.isinf(x)", torch="np.sign(x) * np.float32(2.0**128 - 2.0**120)",
)  # fmt: skip
predicates.case(
    "torch.nan_to_num(x)", "np.nan_to_num(x)", x=tensors(), shares_memory=False, differs=[_BFLOAT16_ENDS],
    note="NaN becomes 0.0, infinities the ends of the range",
)  # fmt: skip
predicates.case(
    "torch.nan_to_num(x, nan=a, posinf=b, neginf=c)", "np.nan_to_num(x, nan=a, posinf=b, neginf=c)", id="nan_to_num-values",
    x=tensors(), a=values(0.0, 1.5, -1, np.inf, np.nan), b=values(7.0, np.nan, -np.inf, 2), c=values(-7.0, 1e5, np.inf, 0.1),
    shares_memory=False,
)  # fmt: skip
