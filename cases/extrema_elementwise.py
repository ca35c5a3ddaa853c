"""The larger or the smaller of two, element by element, and values kept between bounds.

NaN wins in `maximum`, `minimum` and `clamp` and loses in `fmax` and `fmin`, in both libraries. They part on complex
numbers, which PyTorch does not order, on the sign of a zero, and on bounds that the tensor's dtype cannot hold: NumPy
knows that 300 bounds no uint8, PyTorch refuses it and wraps -1 to 255.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    ALL,
    CLAIMED,
    COMPLEX,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    scalars,
    tensors,
)

REAL_FLOATS = ("float16", "float32", "float64", "bfloat16")
COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
NARROW_SIGNED = ("int8", "int16", "int32")

extrema = Section("Larger and smaller", id="bounds")


def _no_order(**other: object) -> Difference:
    return Difference(
        "PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal",
        example={"x": np.array([1j]), **other}, dtypes=COMPLEX, torch=Raises(RuntimeError),
    )  # fmt: skip


def _either_zero(text: str, *, dtypes: tuple[str, ...] = REAL_FLOATS, **example: object) -> Difference:
    """Return that zeros of either sign may come where two of them meet; ``text`` says where the other sign than ``out`` is."""
    return Difference(
        "of 0.0 and -0.0 PyTorch gives the one or the other, by the length and the layout of the tensors; so does NumPy, by rules of its own",
        example=example, dtypes=dtypes, torch=OneOf("0.0", "-0.0"), when=f"(out == 0) & ({text})", kind="gotcha",
    )  # fmt: skip


_ZEROS = np.tile([0.0, -0.0], 35)
_OTHER = "({0} == 0) & (np.signbit({0} * 1.0) != np.signbit(out * 1.0))"
PAIR = [
    _no_order(y=np.array([1j])),
    _either_zero(f"{_OTHER.format('x')} | {_OTHER.format('y')}", x=_ZEROS, y=-_ZEROS),
]

_MET = _OTHER.format("x"), _OTHER.format("y")
PAIR_WITHOUT_NAN = [
    PAIR[0],
    replace(PAIR[1], dtypes=REAL_FLOATS[1:]),
    _either_zero(f"(capability == 'DEFAULT') & ({' | '.join(_MET)})", dtypes=("float16",), x=_ZEROS, y=-_ZEROS),
]

for name, differs in (("maximum", PAIR), ("minimum", PAIR), ("fmax", PAIR_WITHOUT_NAN), ("fmin", PAIR_WITHOUT_NAN)):
    extrema.case(f"torch.{name}(x, y)", f"np.{name}(x, y)", x=tensors(), y=broadcastable("x"), shares_memory=False, differs=differs)
for name in ("max", "min"):
    extrema.case(
        f"torch.{name}(x, y)", f"np.{name}imum(x, y)", x=tensors(), y=broadcastable("x"), shares_memory=False, differs=PAIR
    )  # fmt: skip

# Two dtypes: both are converted first.

_COMMON = """
level = lambda a: "b i f".find(a.dtype.kind.replace("u", "i").replace("c", "f"))
one, two = (level(x), x.ndim > 0), (level(y), y.ndim > 0)
common = np.result_type(x, y) if one == two else x.dtype if one > two else y.dtype
to = lambda a: a.astype(np.float32).astype(common) if common == "float16" else a.astype(common)
"""
CONVERTED = [
    Difference(
        "PyTorch gives the dtype that the sum has and converts to it first: an integer beside a float takes the float's dtype, a 0-d "
        "tensor that of the other, and is wrapped or rounded: the larger of 5 in uint8 and a 0-d -1 is 255; NumPy widens",
        example={"x": x if isinstance(x, np.ndarray) else np.array([x]), "y": y}, dtypes=dtypes, kind="gotcha",
        when=f"{_COMMON}common != np.result_type(x, y) and 'c' not in x.dtype.kind + y.dtype.kind",
        torch=f"{_COMMON}np.maximum(to(x), to(y))",
    )
    for x, y, dtypes in (
        (5, np.array(-1), ("uint8", "int8", "int16", "int32")),
        (2**24 + 3, np.array([1.0], np.float32), ("int64", "uint32", "uint64")),
        (2051, np.array([1.0], np.float16), ("uint16",)),
        (1.0, np.array([100000]), ("float16", "float32")),
        (np.array(1e-10), np.array([0.0], np.float16), ("float64",)),
    )
]  # fmt: skip
BFLOAT16_DTYPE = Difference(
    "NumPy has no bfloat16; the reference is computed in float32, which other dtypes widen in another way",
    example={"x": np.array([1.0]), "y": np.array([1001])}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED,
)  # fmt: skip
ZEROS_OF_TWO_DTYPES = (
    (np.array([0]), np.array([-0.0]), COUNTED),
    (_ZEROS, -_ZEROS.astype(np.float64), REAL_FLOATS),
)
MIXED_ZEROS = (
    f"{_COMMON}'c' not in x.dtype.kind + y.dtype.kind and "
    "(to(x) == 0) & (to(y) == 0) & (np.signbit(to(x) * 1.0) != np.signbit(to(y) * 1.0))"
)
extrema.case(
    "torch.maximum(x, y)", "np.maximum(x, y)", id="maximum-mixed", x=tensors(), y=broadcastable("x", dtypes=CLAIMED), shares_memory=False,
    differs=[
        replace(_no_order(y=np.array([1j])), dtypes=None, when="x.dtype.kind == 'c' or y.dtype.kind == 'c'"),
        *(replace(PAIR[1], example={"x": x, "y": y}, dtypes=dtypes, when=MIXED_ZEROS) for x, y, dtypes in ZEROS_OF_TWO_DTYPES),
        *CONVERTED, BFLOAT16_DTYPE,
    ],
)  # fmt: skip

# Bounds that are tensors.

_ONE = {"x": np.array([1])}


def _no_bool(**other: object) -> Difference:
    return Difference("PyTorch has no clamp of bool", example={**_ONE, **other}, dtypes=("bool",), torch=Raises(NotImplementedError))


extrema.case(
    "torch.clamp(x, low, high)", "np.clip(x, low, high)", x=tensors(), low=broadcastable("x"), high=broadcastable("x"),
    shares_memory=False,
    differs=[
        _no_bool(low=np.array([0]), high=np.array([1])), _no_order(low=np.array([1j]), high=np.array([1j])),
        _either_zero(
            f"{_OTHER.format('x')} | {_OTHER.format('low')} | {_OTHER.format('high')}", x=_ZEROS, low=-_ZEROS, high=np.ones(1)
        ),
        other_gradient("PyTorch's backward() of clamp puts masks together in place, and may fail where low and high have other shapes",
                       "low.shape != high.shape", kind="bug", x=np.array(1.25), low=np.zeros(1), high=np.array(1.75)),
    ],
)  # fmt: skip

# One bound, a tensor or a number.

_LARGEST = "{'float16': 65504, 'float32': 3.4028235e38, 'bfloat16': 3.3895314e38}.get(dtype, 3.4028235e38)"
_TOO_LARGE = f"np.isfinite(float(s)) and abs(s) > {_LARGEST}"


def _numbers(bound: str) -> dict[str, list[Difference]]:
    """Return what differs with a number for ``bound``, by its kind."""
    meets_zero = _either_zero(f"{_OTHER.format('x')} | {_OTHER.format('s')}", dtypes=REAL_FLOATS[1:], x=np.array([-0.0]), s=0)
    too_large = Difference(
        "a bound that the dtype cannot hold is refused by PyTorch; NumPy takes it for infinity",
        example={"x": np.array([1.0]), "s": 1e300}, dtypes=("float16", "float32", "bfloat16"), when=_TOO_LARGE, torch=Raises(RuntimeError),
    )
    return {
        "int": [
            _no_order(s=1), meets_zero, replace(too_large, example={"x": np.array([1.0]), "s": 2**31}, dtypes=("float16",)),
            Difference(
                "a bound outside of the dtype's range is refused by PyTorch; NumPy knows that it bounds nothing",
                example={"x": np.array([1]), "s": -(2**31) - 1 if bound == "min" else 2**31}, dtypes=NARROW_SIGNED, torch=Raises(RuntimeError),
                when="s < np.iinfo(x.dtype).min" if bound == "min" else "s > np.iinfo(x.dtype).max", kind="gotcha",
            ),
            Difference(
                "a bound outside of the dtype's range is refused by PyTorch; NumPy knows that it bounds nothing",
                example={"x": np.array([1]), "s": -300 if bound == "min" else 300}, dtypes=("uint8",), torch=Raises(RuntimeError),
                when="s < -255" if bound == "min" else "s > 255", kind="gotcha",
            ),
            Difference(
                "PyTorch wraps a negative bound of uint8: clamp(min=-1) makes 255 of every number",
                example={"x": np.array([5]), "s": -1}, dtypes=("uint8",), when="-255 <= s < 0" + (" and (np.clip(x, min=np.uint8(s % 256)) != out)" if bound == "min" else ""), torch=f"np.clip(x, {bound}=np.uint8(s % 256))",
                kind="bug", numpy=None if bound == "min" else Raises(OverflowError), upstream="https://github.com/pytorch/pytorch/issues/107702",
            ),
        ],
        "float": [
            _no_order(s=1.0), too_large, meets_zero, replace(too_large, example={**_ONE, "s": 1e300}, dtypes=COUNTED),
            replace(meets_zero, example={"x": np.array([0]), "s": -0.0}, dtypes=COUNTED, when="(x == 0) & (s == 0)"),
            Difference(
                "a float bound of integers or bools makes float32 in PyTorch (its default dtype), float64 in NumPy",
                example={**_ONE, "s": 0.1}, dtypes=COUNTED, torch=f"np.clip(x.astype(np.float32), {bound}=np.float32(s))",
                when=f"not ({_TOO_LARGE})",
            ),
        ],
        "bool": [_no_order(s=True), _no_bool(s=True), meets_zero],
    }  # fmt: skip


for bound in ("min", "max"):
    extrema.case(
        f"torch.clamp(x, {bound}=y)", f"np.clip(x, {bound}=y)", id=f"clamp-{bound}", x=tensors(), y=broadcastable("x"), shares_memory=False,
        differs=PAIR,
    )  # fmt: skip
    for kind, differs in _numbers(bound).items():
        extrema.case(
            f"torch.clamp(x, {bound}=s)", f"np.clip(x, {bound}=s)", id=f"clamp-{bound}-{kind}", x=tensors(), s=scalars(kind),
            shares_memory=False, differs=differs,
        )  # fmt: skip

WRAPPED = Difference(
    "PyTorch wraps a negative bound of uint8: clamp(min=-1) makes 255 of every number",
    example=_ONE, dtypes=("uint8",), kind="bug", torch="np.clip(x, np.uint8(254), np.uint8(2))", when="x < 2",
    upstream="https://github.com/pytorch/pytorch/issues/107702",
)  # fmt: skip
extrema.case("x.clip(-2, 2)", "x.clip(-2, 2)", id="clip-method", x=tensors(), shares_memory=False, differs=[WRAPPED, _no_order()])
extrema.case(
    "x.clamp(2, -2)", "x.clip(2, -2)", id="clamp-crossed", x=tensors(), shares_memory=False,
    note="where the bounds are crossed, the upper one wins",
    differs=[replace(WRAPPED, when=None, torch="np.clip(x, np.uint8(2), np.uint8(254))", numpy=Raises(OverflowError)), _no_order()],
)  # fmt: skip
extrema.case(
    "torch.clamp(x)", "np.clip(x)", id="clamp-none", x=tensors(),
    differs=[
        Difference("PyTorch asks for at least one bound; NumPy copies", example=_ONE, dtypes=ALL[1:], torch=Raises(RuntimeError), kind="gotcha"),
        Difference("neither clips bools without a bound", example=_ONE, dtypes=ALL[:1], torch=Raises(RuntimeError), numpy=Raises(TypeError)),
    ],
)  # fmt: skip
