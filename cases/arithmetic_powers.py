"""Powers of a tensor and a Python number.

An integer to a negative power is refused by both where the exponent is a number; a number to the powers of a tensor is
computed by PyTorch even where they are negative, and is 0. The square root and its reciprocal have code of their own.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.bfloat16 import BITS
from conformance.cases.derivatives import flat_power

from conformance import COMPLEX, INTEGERS, WIDE_UNSIGNED, Difference, OneOf, Raises, Section, tensors, ulp, values

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
NARROW = ("uint8", "int8", "int16", "int32")
_OUTSIDE = "not np.iinfo(x.dtype).min <= s <= np.iinfo(x.dtype).max"

SINGLE = ("float32", "bfloat16")
SIGNED = ("int8", "int16", "int32", "int64")
_INTEGER_POWERS = (
    "s, negative = np.asarray(s).astype(x.dtype), x < 0\n"
    "np.where(negative, np.where(np.abs(s) == 1, s ** (x % 2), 0), s ** np.where(negative, 0, x)).astype(x.dtype)"
)

FLOAT32 = Difference(
    "integers or bools to a float power are float32 in PyTorch (its default dtype), float64 in NumPy",
    example={"x": np.array([2]), "s": 0.5}, dtypes=COUNTED[:-1], torch="x.astype(np.float32) ** np.float32(s)",
)  # fmt: skip
FLOAT32_OF_UINT64 = Difference(
    "integers to a float power are float32 in PyTorch; the power -2 is 1 / (x * x) there, and 0 where the square overflows",
    example={"x": np.array([2**64 - 1]), "s": -2.0}, dtypes=COUNTED[-1:],
    torch="x = x.astype(np.float32)\nnp.where((s == -2) & np.isinf(x * x), np.float32(0), x ** np.float32(s))",
)  # fmt: skip

BASE_FLOAT32 = Difference(
    "a float to integer or bool powers is float32 in PyTorch (its default dtype), float64 in NumPy",
    example={"x": np.array([2]), "s": 0.5}, dtypes=COUNTED, torch="np.float32(s) ** x.astype(np.float32)",
)  # fmt: skip

RECIPROCAL_ROOT = Difference(
    "PyTorch takes 1 / sqrt(x) for the power -0.5 where the exponent is a number: -inf for -0.0 and NaN for -inf, where the "
    "power is inf and 0.0, as with a tensor of exponents",
    example={"x": np.array([-0.0, -np.inf]), "s": -0.5}, dtypes=("float32", "float64", "bfloat16"), kind="bug",
    when="(s == -0.5) & ((x == -np.inf) | (x == 0) & np.signbit(x))", torch="1 / np.sqrt(x)",
    instead="x ** torch.full_like(x, s)", upstream="https://github.com/pytorch/pytorch/pull/184420",
)  # fmt: skip

_SQUARE_ROOT = (
    "NumPy takes the square root for the power 0.5 where one exponent serves all elements: NaN for -inf and -0.0 for -0.0, "
    "where the power is inf and 0.0, as with an array of exponents"
)
_REPORTED = "https://github.com/numpy/numpy/issues/21213"
HALF_ROOT = Difference(  # PyTorch does the same, except in float16
    _SQUARE_ROOT, example={"x": np.array([-0.0, -np.inf]), "s": 0.5}, dtypes=("float16",), kind="bug", upstream=_REPORTED,
    when="(s == 0.5) & ((x == -np.inf) | (x == 0) & np.signbit(x))", torch="np.abs(x)",
)  # fmt: skip


def _square_first(s: float, x: float, dtypes: tuple[str, ...]) -> Difference:
    return Difference(
        "PyTorch takes 1 / (x * x) for the power -2 where the exponent is a number: 0 where the square overflows, although "
        "the power is a subnormal number, as with a tensor of exponents",
        example={"x": np.array([x]), "s": s}, dtypes=dtypes,
        when="(s == -2) & np.isinf(x * x) & (out != 0)", torch="np.zeros_like(out)", kind="bug",
        instead="x ** torch.full_like(x, s)",
    )  # fmt: skip


def _subnormal_square(s: float) -> list[Difference]:
    return [
        Difference(
            "PyTorch takes 1 / (x * x) for the power -2 where the exponent is a number: digits are lost where the square is "
            "subnormal",
            example={"x": np.array([x]), "s": s}, dtypes=(dtype,), torch=f"{text}power", kind="gotcha", instead="x ** torch.full_like(x, s)",
            when=f"{text}(s == -2) & (x != 0) & (x * x < np.finfo(np.float32).smallest_normal) & (power != out)",
        )
        for x, dtype, text in (
            (5.4703864e-20, "float32", "power = 1 / (x * x)\n"),
            (5.4633625e-20, "bfloat16", f"{BITS}power = 1 / bits(x * x).view(np.float32)\n"),
        )
    ]  # fmt: skip


_BFLOAT16_POWER = f"{BITS}power = x ** bits(np.float32(0.1)).view(np.float32)\n"
ROUNDS_TO_BFLOAT16 = Difference(
    "PyTorch rounds the exponent to bfloat16 first; the reference takes it in float32",
    example={"x": np.array([6.43e-40]), "s": 0.1}, dtypes=("bfloat16",), torch=f"{_BFLOAT16_POWER}power",
    when=f"{_BFLOAT16_POWER}(s == 0.1) & (bits(power) != bits(out)) & ~np.isnan(out)",
)  # fmt: skip

EXPONENT_TOO_LARGE = Difference(
    "an exponent that float16 cannot hold is refused by PyTorch; NumPy takes it for infinity",
    example={"x": np.array([2.0]), "s": 2**31}, dtypes=("float16",), torch=Raises(RuntimeError), when="abs(s) > 65504",
)  # fmt: skip

BOTH_REFUSE_LARGE = Difference(
    "an exponent that the tensor's dtype cannot hold is refused by both",
    example={"x": np.array([1]), "s": 2**31}, dtypes=NARROW, when=_OUTSIDE,
    torch=Raises(RuntimeError), numpy=Raises(OverflowError),
)  # fmt: skip
BOTH_REFUSE_NEGATIVE = Difference(
    "both refuse to take an integer to a negative power, with another error",
    example={"x": np.array([2]), "s": -1}, dtypes=("bool", *SIGNED), when="s < 0 and x.size",
    torch=Raises(RuntimeError), numpy=Raises(ValueError),
)  # fmt: skip
EMPTY_TO_NEGATIVE = Difference(
    "a negative power of integers is refused by PyTorch even where there are none; NumPy looks at elements",
    example={"x": np.zeros(0), "s": -1}, dtypes=("bool", *SIGNED), when="s < 0 and not x.size", torch=Raises(RuntimeError),
)  # fmt: skip

SQUARE_OF_BOOL = Difference(
    "NumPy's x ** 2 of bools is int8, although x ** 1, x ** 3 and np.power(x, 2) are int64",
    example={"x": np.array([1]), "s": 2}, dtypes=("bool",), when="s == 2", torch="x ** np.int64(s)", kind="bug",
)  # fmt: skip

NEGATIVE_POWER = Difference(
    "an integer to a negative power: NumPy refuses, PyTorch rounds 1 / s ** -x towards zero, so it is 0 but for s = 1 "
    "and -1",
    example={"x": np.array([-1, -2]), "s": 2}, dtypes=SIGNED, kind="gotcha",
    when=f"not ({_OUTSIDE}) and (x < 0).any()", numpy=Raises(ValueError), torch=_INTEGER_POWERS,
)  # fmt: skip
WRAPS = Difference(
    "a number that the tensor's dtype cannot hold is wrapped by PyTorch, without a word; NumPy raises",
    example={"x": np.array([1]), "s": 2**40 + 3}, dtypes=NARROW, kind="gotcha", when=_OUTSIDE, numpy=Raises(OverflowError),
    torch=_INTEGER_POWERS,
)  # fmt: skip

ROOT_OF_SCALAR = Difference(
    _SQUARE_ROOT, example={"x": np.array(0.5), "s": -np.inf}, dtypes=("float32", "float64", "bfloat16"), kind="bug",
    when="(x == 0.5) & ((s == -np.inf) & np.isnan(out) | (out == 0) & np.signbit(out))",
    torch="np.full_like(out, np.abs(s))", upstream=_REPORTED,
)  # fmt: skip

_DIFFER = "~((power == out) | (power != power) & (out != out) & (np.isinf(power) == np.isinf(out)))"
_EXPONENTIAL = "power = x ** np.full(x.shape, complex(s, np.finfo(x.dtype).smallest_subnormal), x.dtype)"
_BASE_EXPONENTIAL = "power = np.full(x.shape, s, x.dtype) ** (x + complex(0, np.finfo(x.dtype).smallest_subnormal))"
MULTIPLIES_COMPLEX = Difference(
    "for whole exponents below 100 NumPy multiplies; PyTorch does for 2 and 3 only, and otherwise takes exp(s log x): other "
    "last digits",
    example={"x": np.array([-80.7 + 23.7j]), "s": 5}, dtypes=COMPLEX, kind="gotcha",
    when=f"{_EXPONENTIAL}\n(s == 5) & {_DIFFER}", torch=f"{_EXPONENTIAL}\npower",
)  # fmt: skip


RECIPROCAL_OF_ZERO = Difference(
    "the negative powers of complex 0 that are 1 / x in PyTorch are infinite; NumPy gives NaN",
    example={"x": np.array([0j]), "s": -1}, dtypes=COMPLEX, torch="np.full_like(out, np.inf)", kind="gotcha",
    when="(s < 0) & (x == 0)",
)  # fmt: skip
CUBES_OVERFLOW = [
    Difference(
        "where the cube of a complex number overflows, PyTorch's loop for strided tensors may make one part infinite; NumPy makes "
        "both NaN",
        example={"x": np.full(2, x)[::2], "s": 3}, dtypes=(dtype,), torch=OneOf("out", "np.inf"), kind="gotcha",
        when="(s == 3) & np.isnan(out) & ~np.isinf(out) & ~np.isnan(x)",
    )
    for x, dtype in ((9e22 + 1.3e23j, "complex64"), (1e160 + 1e160j, "complex128"))
]  # fmt: skip
SQUARES_OVERFLOW = [
    Difference(
        "the powers -1 and -2 of a complex number are 1 / x and 1 / (x * x) in PyTorch: 0 where x or its square is infinite; NumPy "
        "gives NaN",
        example={"x": np.array([x]), "s": -2}, dtypes=(dtype,), torch=OneOf("out", "0"), kind="gotcha",
        when="((s == -1) | (s == -2)) & np.isnan(out) & ~np.isinf(out) & ~np.isnan(x) & (x != 0)",
    )
    for x, dtype in ((-1.5e19 + 1.5e19j, "complex64"), (-1.4e154 + 6e151j, "complex128"))
]  # fmt: skip
ROOT_OF_INFINITY = Difference(
    "the power -0.5 of complex infinity is 1 / sqrt(x) in PyTorch, which is NaN; NumPy gives 0",
    example={"x": np.array([complex(np.inf, np.inf)]), "s": -0.5}, dtypes=COMPLEX, torch=OneOf("out", "np.nan"), kind="gotcha",
    when="(s == -0.5) & np.isinf(x)",
)  # fmt: skip

COMPLEX_ROOT = Difference(
    "the power -0.5 of complex numbers is 1 / sqrt(x) in PyTorch, exp(-0.5 log x) in NumPy: other last digits",
    example={"x": np.array([69.9 - 22.6j]), "s": -0.5}, dtypes=COMPLEX, torch="1 / np.sqrt(x)",
    when="power = 1 / np.sqrt(x)\n(s == -0.5) & np.isfinite(x) & (x != 0) & " + _DIFFER,
)  # fmt: skip

COMPLEX_SQUARES = [
    Difference(
        "the power -2 of complex numbers is 1 / (x * x) in PyTorch and in NumPy, and they divide in ways of their own: other last digits",
        example={"x": np.array([x]), "s": -2.0}, dtypes=(dtype,), kind="gotcha",
        torch=OneOf("out", "square = x.astype(np.clongdouble) ** 2\n(1 / square).astype(x.dtype)"),
        when="(s == -2) & (np.abs(x) > 1e-15) & (np.abs(x) < 1e15)",
    )
    for x, dtype in ((-11.807382583618164 + 3.131549596786499j, "complex64"), (-9.22869540633314 - 20.75305781245712j, "complex128"))
]  # fmt: skip

COMPLEX_ZERO_TO_ZERO = Difference(
    "PyTorch gives NaN for a complex 0, infinity or NaN to the power 0 where the exponent is a tensor, but 1 where it is a "
    "number; NumPy gives 1",
    example={"x": np.array([0j]), "s": 0}, dtypes=COMPLEX, kind="bug", upstream="https://github.com/pytorch/pytorch/issues/91790",
    when="(s == 0) & (x == 0)", torch="np.full(np.shape(out), complex(np.nan, np.nan), x.dtype)",
)  # fmt: skip
COMPLEX_OF_ZERO = Difference(
    "complex powers of 0 with exponents that are not positive or not finite: PyTorch gives NaN or an infinity, NumPy NaN",
    example={"x": np.array([-1 + 0j]), "s": 0}, dtypes=COMPLEX, torch=OneOf("out", "np.inf", "np.nan"), kind="gotcha",
    when="(s == 0) & (x != 0) & (~(x.real > 0) | ~(np.abs(x) < np.finfo(x.dtype).max / 4))",
)  # fmt: skip
COMPLEX_OF_ONE = Difference(
    "1 to any complex power is 1 in PyTorch, NaN and infinity included; NumPy gives NaN for those",
    example={"x": np.array([complex(np.nan, 0)]), "s": 1}, dtypes=COMPLEX, torch="np.ones_like(out)",
    when="(s == 1) & (out != 1)",
)  # fmt: skip
COMPLEX_OF_SCALAR = Difference(
    "for whole exponents below 100 NumPy multiplies, PyTorch takes exp(x log s): other last digits",
    example={"x": np.array([5 + 0j, -2 + 0j]), "s": 10}, dtypes=COMPLEX, kind="gotcha", torch=f"{_BASE_EXPONENTIAL}\npower",
    when=f"{_BASE_EXPONENTIAL}\n(s != 0) & (s != 1) & (x.imag == 0) & {_DIFFER}",
)  # fmt: skip

_SOURCE = ("each within 1 ulp of the power, NumPy of the one with 0.1 in float32 (2.4 more); complex reciprocals are 2.3 apart; "
           "bfloat16 is rounded after every step")  # fmt: skip
COMPLEX_BASES = [COMPLEX_ZERO_TO_ZERO, COMPLEX_OF_ZERO, COMPLEX_OF_ONE, COMPLEX_OF_SCALAR]
POWER = ulp({"float16": 1, "float32": 3.5, "float64": 3.5, "complex64": 3.5, "complex128": 3.5, "bfloat16": 2}, _SOURCE)
SPECIAL = (np.inf, -np.inf, np.nan)

powers = Section("Powers")
powers.case(
    "x ** s", "x ** s", id="pow-int", x=tensors(), s=values(2, 0, 1, 3, 5, -1, -2, 40000, 2**31),
    shares_memory=False, tolerance=POWER,
    differs=[
        SQUARE_OF_BOOL, EXPONENT_TOO_LARGE, BOTH_REFUSE_LARGE, BOTH_REFUSE_NEGATIVE, EMPTY_TO_NEGATIVE,
        _square_first(-2, 3e19, SINGLE), _square_first(-2, 1e160, ("float64",)), *_subnormal_square(-2), MULTIPLIES_COMPLEX, RECIPROCAL_OF_ZERO,
        *CUBES_OVERFLOW, *SQUARES_OVERFLOW,
    ],
)  # fmt: skip
for torch, name in (("x ** s", "pow-float"), ("x.pow(s)", "pow-method")):
    powers.case(
        torch, "x ** s", id=name, x=tensors(), s=values(2.0, 0.5, -0.5, 1.0, 0.0, -1.0, 3.0, 1.5, 0.1, -2.0, *SPECIAL),
        shares_memory=False, tolerance=POWER,
        differs=[
            FLOAT32, FLOAT32_OF_UINT64, RECIPROCAL_ROOT, HALF_ROOT, _square_first(-2.0, 3e19, SINGLE),
            _square_first(-2.0, 1e160, ("float64",)), *_subnormal_square(-2.0), ROUNDS_TO_BFLOAT16, COMPLEX_ROOT,
            replace(RECIPROCAL_OF_ZERO, example={"x": np.array([0j]), "s": -0.5}), *CUBES_OVERFLOW, *SQUARES_OVERFLOW, ROOT_OF_INFINITY, *COMPLEX_SQUARES,
            flat_power("s", x=np.array([0.75]), s=np.inf),
        ],
    )  # fmt: skip
powers.case(
    "s ** x", "s ** x", id="rpow-int", x=tensors(), s=values(2, 1, 0, 3, 10, -1, -2, 300),
    shares_memory=False, tolerance=POWER,
    differs=[NEGATIVE_POWER, WRAPS, *COMPLEX_BASES],
)  # fmt: skip
powers.case(
    "s ** x", "s ** x", id="rpow-float", x=tensors(), s=values(2.0, 0.5, 1.0, 0.0, -0.0, -1.0, *SPECIAL),
    shares_memory=False, tolerance=POWER,
    differs=[BASE_FLOAT32, ROOT_OF_SCALAR, *COMPLEX_BASES, flat_power("s", x=np.array([-0.75]), s=np.inf)],
)  # fmt: skip

# Powers that are rounded once, or not at all: a product, the number itself, a square root.

_ROOT = "root = np.sqrt(x.astype({kind}).astype(np.longdouble))\nnear = root.astype({kind})\n"
_BESIDE = f"{_ROOT}np.nextafter(near, np.where(root > near, np.inf, 0).astype(near.dtype))"


def roots_one_off() -> list[Difference]:
    """Return where square roots are not the nearest number. Those of 8-bit integers MKL rounds right on Intel's CPUs."""
    return [
        _root_one_off(np.array([267.0, 19.0]), ("float32",), "np.float32"),
        _root_one_off(np.array([2.0, 51.0]), ("float64",), "np.float64"),
        _root_one_off(np.array([999, 19]), ("int16", "int32", "int64", *WIDE_UNSIGNED), "np.float32"),
        _root_one_off(np.array([43, 19]), ("uint8", "int8"), "np.float32", where="'intel' not in instructions"),
    ]


def _root_one_off(x: object, dtypes: tuple[str, ...], kind: str, where: str = "True") -> Difference:
    return Difference(
        "PyTorch takes square roots from MKL, which rounds some of them to the other neighbour, (2.0).sqrt() in float64 among "
        "them: 1 in 160 on Intel's CPUs, 1 in 6 in float32 on AMD's; IEEE 754 defines the nearest, and NumPy gives it",
        example={"x": x}, dtypes=dtypes, kind="bug", torch=OneOf(f"{_ROOT.format(kind=kind)}near", _BESIDE.format(kind=kind)),
        when=f"{_ROOT.format(kind=kind)}({where}) & np.isfinite(root) & (np.abs(root - near) > 0.2 * np.spacing(near))",
    )  # fmt: skip


powers.case(
    "x ** 2", "x ** 2", id="square", x=tensors(), shares_memory=False,
    tolerance=ulp(1.5, "each part of a complex square is rounded two or three times", dtypes=COMPLEX),
    differs=[replace(SQUARE_OF_BOOL, example={"x": np.array([1])}, when=None, torch="x ** np.int64(2)")],
)  # fmt: skip
powers.case(
    "x ** 2.0", "x ** 2.0", id="square-float", x=tensors(), shares_memory=False,
    tolerance=ulp(1.5, "each part of a complex square is rounded two or three times", dtypes=COMPLEX),
    differs=[Difference(FLOAT32.because, example={"x": np.array([2])}, dtypes=COUNTED, torch="x.astype(np.float32) ** 2")],
)  # fmt: skip
powers.case("x ** 1", "x ** 1", id="first", x=tensors(), shares_memory=False)
powers.case(
    "x ** 0.5", "x ** 0.5", id="square-root", x=tensors(), shares_memory=False,
    differs=[
        Difference(FLOAT32.because, example={"x": np.array([2])}, dtypes=COUNTED, torch="np.sqrt(x.astype(np.float32))"),
        replace(HALF_ROOT, example={"x": np.array([-0.0, -np.inf])}, when=HALF_ROOT.when.removeprefix("(s == 0.5) & ")),
        *roots_one_off(),
    ],
)  # fmt: skip
