"""Whether two tensors are equal, or nearly.

What counts as close is one formula in both libraries, |x - y| <= atol + rtol * |y|, with the same defaults. They part on
the dtype in which it is computed: float32 for integers in PyTorch, float64 in NumPy.
"""

import numpy as np
from conformance.cases.bfloat16 import TO_BFLOAT16

from conformance import COMPLEX, Difference, OneOf, Raises, Section, broadcastable, scalars, tensors, values

WIDE = ("int32", "int64", "uint32", "uint64")

closeness = Section("Closeness")

closeness.case("torch.equal(x, y)", "np.array_equal(x, y)", x=tensors(), y=broadcastable("x"))
closeness.case("torch.equal(x, x)", "np.array_equal(x, x)", id="equal-itself", x=tensors(), note="NaN is not equal to itself")


COUNTED = """
a, b = x.astype(np.float32), y.astype(np.float32)
near = np.abs(a - b) <= np.float32(atol) + np.abs(np.float32(rtol) * b)
close = (x == y) | near & (rtol > 0 or atol > 0)
"""
OF_COMPLEX = """
apart, allowed = np.abs(np.asarray(x - y)), atol + np.abs(np.asarray(rtol * y))
close = (x == y) | np.isfinite(apart) & (apart <= allowed) | equal_nan & np.isnan(x) & np.isnan(y)
"""
OF_BFLOAT16 = f"""{TO_BFLOAT16}
apart, allowed = bfloat16(np.abs(x - y)), bfloat16(np.float32(atol)) + bfloat16(np.float32(rtol) * np.abs(y))
near = np.isfinite(apart) & (apart <= bfloat16(allowed))
close = (x == y) | near | equal_nan & np.isnan(x) & np.isnan(y)
"""


def _differs(because: str, text: str, kind: str, **example: object) -> Difference:
    """Return where ``text``, what PyTorch computes, gives another result than NumPy."""
    head, _, result = text.rpartition("\n")
    x, y, dtype = (example.pop(name) for name in ("x", "y", "dtype"))
    where = f" & np.isinf(np.abs(y)){'.any()' if '.all' in text else ''}" if dtype in COMPLEX else ""
    return Difference(
        because, example={"x": np.array([x]), "y": np.array([y]), **example}, dtypes=(dtype,), torch=text, kind=kind,
        when=f"{head}\n({result} != out){where}",
    )  # fmt: skip


def _closeness(result: str, *, given: bool) -> list[Difference]:
    """Return where the sides round what they compare, with the options ``given`` or their defaults."""
    before = "" if given else "rtol, atol, equal_nan = 1e-5, 1e-8, False\n"
    default = {"rtol": 1e-5, "atol": 1e-8, "equal_nan": False} if given else {}
    integers = "PyTorch rounds integers to float32 (its default dtype) before it subtracts them, NumPy to float64"
    overflow = (
        "NumPy takes every complex number to be close to one whose magnitude overflows, as that of 1.7e308+1.7e308j does: what "
        "is allowed is then infinite"
    )
    steps = "PyTorch rounds to bfloat16 after every step"
    return [
        *(_differs(integers, f"{before}{COUNTED}{result}", "gotcha", x=1000010001, y=10**9, dtype=dtype, **default) for dtype in WIDE),
        _differs(overflow, f"{before}{OF_COMPLEX}{result}", "bug", x=0, y=3e38 + 3e38j, dtype="complex64", **default),
        _differs(overflow, f"{before}{OF_COMPLEX}{result}", "bug", x=0, y=1.7e308 + 1.7e308j, dtype="complex128", **default),
        _differs(steps, f"{before}{OF_BFLOAT16}{result}", "design", x=1.0477379e-9, y=1.10594556e-8, dtype="bfloat16", **default),
    ]  # fmt: skip


AT_THE_EDGE = [
    Difference(
        "where a complex number is just as far away as is allowed, the last digit of a magnitude decides, which each side rounds in its "
        "own way, and NumPy that of one number unlike that of an array",
        example={"x": np.array(0), "y": np.array(y), "rtol": 1.0, "atol": 0.0, "equal_nan": False}, dtypes=(dtype,),
        when=f"{OF_COMPLEX}np.abs(apart - allowed) <= 4 * np.finfo(x.dtype).eps * allowed", torch=OneOf("out", "~out"),
    )
    for y, dtype in ((-0.4 - 50.1j, "complex64"), (1.8024714207325778 + 1.0177765333072486j, "complex128"))
]  # fmt: skip

EITHER = (False, True)
GIVEN = "x, y, rtol=rtol, atol=atol, equal_nan=equal_nan"
for name, result, rtols, edge in (
    ("isclose", "close", (0.0, 0.125, 1.0, 1e-5), AT_THE_EDGE), ("allclose", "bool(close.all())", (0.0, 0.125, 1e-5), [])
):
    closeness.case(
        f"torch.{name}(x, y)", f"np.{name}(x, y)", x=tensors(), y=broadcastable("x"), differs=_closeness(result, given=False)
    )
    closeness.case(
        f"torch.{name}({GIVEN})", f"np.{name}({GIVEN})", id=f"{name}-options", x=tensors(), y=broadcastable("x"),
        rtol=values(*rtols), atol=values(0.0, 1.0, 1e-3), equal_nan=values(*EITHER), differs=[*_closeness(result, given=True), *edge],
    )  # fmt: skip
closeness.case(
    "torch.allclose(x, s)", "np.allclose(x, s)", id="allclose-number", x=tensors(), s=scalars("float"),
    differs=[Difference("PyTorch compares with tensors only, NumPy with numbers too", example={"x": np.array([1]), "s": 1.0},
                        torch=Raises(TypeError), kind="gotcha", instead="torch.allclose(x, torch.as_tensor(s).to(x.dtype))")],
)  # fmt: skip
