"""Arithmetic of tensors of different dtypes, and of tensors with arrays, NumPy numbers and lists.

PyTorch looks at kinds first: bool, integer, float, complex. The dtype of the highest kind wins, however few bits it
has, and a 0-d tensor has a say only where its kind is higher than that of the other. NumPy widens until both ranges
fit, and a 0-d array counts like any other.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import ALPHA_REPORT, BY_ALPHA, OF_SUBNORMAL, PRODUCT, PRODUCTS_OVERFLOW
from conformance.cases.bfloat16 import TO_BFLOAT16
from conformance.cases.derivatives import no_gradient

from conformance import (
    CLAIMED,
    COMPLEX,
    EXACT,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    lists,
    tensors,
    ulp,
)

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
LONG = ("int16", "int32", "int64", *WIDE_UNSIGNED)
NARROW = ("float16", "float32", "complex64")
_SAME_KIND = "x.dtype.kind + y.dtype.kind in ('ii', 'iu', 'ui', 'uu', 'ff', 'cc', '{}')"
_WIDENS = "np.result_type(x.dtype, y.dtype) not in (x.dtype, y.dtype)"
_ONLY_Y_0D = "x.ndim and not y.ndim"
_ONLY_X_0D = "y.ndim and not x.ndim"


def _integer_beside_float(text: str) -> list[Difference]:
    return [
        Difference(
            "an integer beside a float takes the float's dtype in PyTorch, so that 100000 overflows beside float16; NumPy "
            "widens the float until it holds the integer's range",
            example={"x": np.array([1]), "y": y}, dtypes=dtypes, kind="gotcha", torch=f"{convert}\n{text}",
            when=f"(x.dtype.kind in 'fc') != (y.dtype.kind in 'fc') and {_WIDENS}",
        )
        for y, dtypes, convert in (
            (np.array([1.5], np.float16), LONG, "x = x.astype(y.dtype)"),
            (np.array([10000]), NARROW, "y = y.astype(x.dtype)"),
        )
    ]  # fmt: skip


def _no_say(text: str) -> list[Difference]:
    """Return what a 0-d tensor of the same kind comes to: its values are converted to the dtype of the other."""
    return [
        Difference(
            "a 0-d tensor of the same kind does not change the dtype in PyTorch: its value is converted, and wrapped or "
            "rounded where it does not fit; NumPy widens",
            example={"x": x, "y": y}, dtypes=dtypes, kind="gotcha", torch=f"{convert}\n{text}",
            when=f"{which} and {_SAME_KIND.format(mixed)} and np.result_type(x.dtype, y.dtype) != {kept}.dtype",
        )
        for x, y, dtypes, which, kept, mixed, convert in (
            (np.array([1]), np.array(300), ("uint8", "int8", "int16", "int32"), _ONLY_Y_0D, "x", "cf", _Y_AS_X),
            (np.array([1]), np.array(0.1), NARROW, _ONLY_Y_0D, "x", "cf", _Y_AS_X),
            (np.array(1), np.array([1], np.int8), ("uint8", *LONG), _ONLY_X_0D, "y", "fc", _X_AS_Y),
            (np.array(1), np.array([1], np.uint8), ("int8",), _ONLY_X_0D, "y", "fc", _X_AS_Y),
            (np.array(0.1), np.array([1], np.float16), ("float32", "float64"), _ONLY_X_0D, "y", "fc", _X_AS_Y),
            (np.array(0.1), np.array([1], np.complex64), ("complex128",), _ONLY_X_0D, "y", "fc", _X_AS_Y),
        )
        if text != "x / y" or set(dtypes) & {"float32", "complex128"}  # a quotient of integers is float32 anyway
    ]  # fmt: skip


_Y_AS_X, _X_AS_Y = "y = y.astype(x.dtype)", "x = x.astype(y.dtype)"


_HALF = (
    "half = lambda z: np.stack([z.real, z.imag], -1).astype(np.float16).astype(np.float32).view(np.complex64)[..., 0]\n"
    "x, y = half(x.astype(np.complex64)), half(y.astype(np.complex64))\n"
)
_HALF_SUM = f"{_HALF}half(x + y * np.ones_like(y))"
_HALF_COMPLEX = {
    "x + y": (("value", _HALF_SUM), ("dtype", "'complex32'")),
    "x * y": (("value", f"{_HALF}half(x * y)"), ("dtype", "'complex32'")),
    "x / y": ((None, Raises(NotImplementedError)),),
}
"""What torch makes of complex32, by operation: parts rounded to float16, or nothing."""


def _complex_scalar(text: str) -> list[Difference]:
    """Return what a 0-d complex tensor makes of a float one: the complex dtype with parts of that float."""
    because = (
        "a 0-d complex tensor beside floats: complex numbers with parts of the float's dtype in PyTorch; NumPy widens"
    )
    half = "a 0-d complex tensor beside float16 makes complex32 in PyTorch, which few functions take; NumPy has no such dtype"
    as_complex64 = f"x, y = x.astype(np.complex64), y.astype(np.complex64)\n{text}"
    return [
        Difference(
            because, example={"x": np.array([1.0]), "y": np.array(1j)}, dtypes=("float32",), torch=as_complex64,
            when=f"{_ONLY_Y_0D} and y.dtype == 'complex128'",
        ),
        Difference(
            because, example={"x": np.array(1j), "y": np.array([1.0], np.float32)}, dtypes=("complex128",),
            torch=as_complex64, when=f"{_ONLY_X_0D} and y.dtype == 'float32'",
        ),
        *(
            Difference(half, example=example, dtypes=dtypes, aspect=aspect, torch=torch, kind="gotcha", when=when)
            for aspect, torch in _HALF_COMPLEX[text]
            for example, dtypes, when in (
                ({"x": np.array([0.1]), "y": np.array(0.1j)}, ("float16",), f"{_ONLY_Y_0D} and y.dtype.kind == 'c'"),
                ({"x": np.array(0.1j), "y": np.array([0.1], np.float16)}, COMPLEX, f"{_ONLY_X_0D} and y.dtype == 'float16'"),
            )
        ),
    ]  # fmt: skip


_TIMES_ALPHA = "y = y.astype({kind})\nx.astype({kind}) + y * np.ones_like(y)"
SUM_BY_ALPHA = Difference(
    BY_ALPHA, upstream=ALPHA_REPORT,
    example={"x": np.array([1]), "y": np.array([complex(np.inf, 0)])}, kind="bug",
    torch=OneOf(_TIMES_ALPHA.format(kind="np.result_type(x.dtype, y.dtype)"), _TIMES_ALPHA.format(kind="np.complex64"), _HALF_SUM),
    when="(np.result_type(x.dtype, y.dtype).kind == 'c') & ~np.isfinite(y.astype(np.complex64))",
)  # fmt: skip


def _bfloat16(text: str) -> Difference:
    to_bfloat16 = f"{TO_BFLOAT16}y = y.astype(np.complex64) if y.dtype.kind == 'c' else bfloat16(y.astype(np.float32))"
    return Difference(
        "PyTorch converts an integer, and a 0-d tensor, to bfloat16 first, or to the dtype of y where x is 0-d; the reference "
        "is computed in float32",
        example={"x": np.arange(1.0, 64.0), "y": np.full(63, 1003)}, dtypes=("bfloat16",),
        torch=OneOf(f"{to_bfloat16}\n{text}", f"x = x.astype(y.dtype) if x.ndim == 0 and y.dtype.kind in 'fc' else x\n{text}"),
        when="y.dtype.kind not in 'fc' or (x.ndim == 0) != (y.ndim == 0)",
    )  # fmt: skip


BFLOAT16_DTYPE = Difference(
    "NumPy has no bfloat16; the reference is computed in float32, which other dtypes widen in another way",
    example={"x": np.array([1.0]), "y": np.array([1001])}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED,
)  # fmt: skip

MIXED_PRODUCTS_OVERFLOW = [
    replace(
        one, example={**one.example, "y": one.example["y"].astype(*one.dtypes)},
        when="np.isfinite(out) & (y.dtype.kind == 'c') & ~(np.abs(x) * np.abs(y) < np.finfo(out.dtype).max / 4)",
    )
    for one in PRODUCTS_OVERFLOW
]  # fmt: skip


MIXED_OF_SUBNORMAL = [
    replace(
        one, example={"x": one.example["x"][:2], "y": one.example["y"][:2].astype(*one.dtypes)}, when=f"(y.dtype.kind == 'c') & {one.when}"
    )
    for one in OF_SUBNORMAL
]  # fmt: skip


def _in_float32(verb: str, op: str, x: np.ndarray, y: float) -> Difference:
    return Difference(
        f"PyTorch {verb} float16 and a single number in float32 and rounds once, or makes it a float16, depending on the layout",
        example={"x": x, "y": np.array(y)}, dtypes=("float16",), kind="gotcha",
        torch=OneOf(f"x.astype(np.float32) {op} y.astype(np.float32)", f"x {op} y.astype(np.float16)",
                    f"x {op} y.astype(np.float32).astype(np.float16)"),
        when="y.size == 1 and (y.dtype.kind in 'iu' or x.ndim and not y.ndim and y.dtype.kind == 'f')",
    )  # fmt: skip


KEEPS_UNSIGNED = Difference(
    "a 0-d tensor of integers does not change the dtype in PyTorch; NumPy widens, uint64 beside a signed one to float64",
    example={"x": np.array([1]), "y": np.array(300)}, dtypes=WIDE_UNSIGNED, kind="gotcha",
    when="x.ndim and not y.ndim and y.dtype.kind in 'iu' and np.result_type(x.dtype, y.dtype) != x.dtype",
    torch="x * y.astype(x.dtype)",
)  # fmt: skip

BFLOAT16_FROM_LEFT = Difference(
    "a NumPy number is a Python number to PyTorch: it does not change the dtype of bfloat16 either",
    example={"x": np.array([1.0])}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED,
)  # fmt: skip
FLOAT_FROM_LEFT = Difference(
    "a NumPy number is a Python number to PyTorch: it does not change the dtype of floats; np.float64 makes NumPy's float64",
    example={"x": np.array([1.0])}, dtypes=NARROW, torch="1.5 + x",
)  # fmt: skip
INTEGER_FROM_LEFT = Difference(
    "a NumPy number is a Python number to PyTorch: beside integers or bools it makes float32 (its default dtype)",
    example={"x": np.array([1])}, dtypes=COUNTED, torch="np.float32(1.5) + x.astype(np.float32)",
)  # fmt: skip


def _refuses(because: str, x: np.ndarray, instead: str | None = None) -> Difference:
    return Difference(because, example={"x": x}, torch=Raises(TypeError), kind="gotcha", instead=instead)


ARRAY_ON_LEFT = _refuses(
    "an array times a tensor is refused by PyTorch, although a tensor times an array is not", np.ones(1)
)
BOOL_ARRAY = Difference(
    "PyTorch makes a uint8 tensor of the bools that an operation of a tensor and an array gives; two tensors give bools",
    upstream="https://github.com/pytorch/pytorch/issues/77962",
    example={"x": np.array([1])}, dtypes=("bool",), aspect="dtype", torch="np.uint8", kind="bug",
)  # fmt: skip
NO_BFLOAT16 = Difference(
    "there are no arrays of bfloat16", example={"x": np.array([1.0])}, dtypes=("bfloat16",), torch=Raises(TypeError)
)
LISTS = _refuses("PyTorch's functions take tensors only, no lists", np.ones(2))
LIST_EXPONENT = _refuses("PyTorch's operators take numbers and tensors, no lists", np.ones(1))

INTEGER_QUOTIENT = Difference(
    "the quotient of integers or bools is float32 in PyTorch (its default dtype), float64 in NumPy or less for narrow ones",
    example={"x": np.array([7]), "y": np.array([3])}, dtypes=COUNTED, when="y.dtype.kind not in 'fc'",
    torch="x.astype(np.float32) / y.astype(np.float32)",
)  # fmt: skip

QUOTIENT = ulp(6, "both scale to avoid overflow, in different orders", dtypes=COMPLEX)

mixed = Section("Arithmetic of mixed dtypes", id="mixed")

for operation, name, differs, tolerance in (
    ("x + y", "add", [SUM_BY_ALPHA, _in_float32("adds", "+", np.zeros(1), 113.21874999999999)], EXACT),
    ("x * y", "mul", [*MIXED_PRODUCTS_OVERFLOW, _in_float32("multiplies", "*", np.arange(1.0, 64.0), 162.3), KEEPS_UNSIGNED], PRODUCT),
    ("x / y", "div", [INTEGER_QUOTIENT, _in_float32("divides", "/", np.arange(1.0, 64.0), 162.3), *MIXED_OF_SUBNORMAL], QUOTIENT),
):
    mixed.case(
        operation, operation, id=name, x=tensors(), y=broadcastable("x", dtypes=CLAIMED), shares_memory=False,
        tolerance=tolerance,
        differs=[
            *_integer_beside_float(operation), *_no_say(operation), *_complex_scalar(operation), _bfloat16(operation), *differs, BFLOAT16_DTYPE,
        ],
    )  # fmt: skip

mixed.case(
    "np.float64(1.5) + x", "np.float64(1.5) + x", id="add-numpy-number", x=tensors(), shares_memory=False,
    differs=[FLOAT_FROM_LEFT, INTEGER_FROM_LEFT, BFLOAT16_FROM_LEFT],
)  # fmt: skip
mixed.case("x.numpy() * x", "x * x", id="mul-array-left", x=tensors(), shares_memory=False, differs=[ARRAY_ON_LEFT])
mixed.case(
    "x + x.numpy()", "x + x", id="add-array-right", x=tensors(), shares_memory=False,
    differs=[BOOL_ARRAY, NO_BFLOAT16, no_gradient("PyTorch refuses numpy() of a tensor that requires a gradient", x=np.ones(1))],
)  # fmt: skip
mixed.case("torch.add(x, x)", "np.add(x, x)", id="add-lists", x=lists(), differs=[LISTS])
mixed.case("x ** [2.0]", "x ** [2.0]", id="pow-list", x=tensors(), differs=[LIST_EXPONENT])
