"""More ways to make tensors: filled with a number, like another one, from a buffer; and back to Python.

A number that does not fit the dtype is refused by PyTorch and converted by NumPy, with a warning at most; but PyTorch lets
negative integers wrap in an unsigned dtype. The methods `new_zeros`, `new_full`, … take the dtype of the tensor that they
belong to. `asarray`, `as_tensor` and `numpy()` share memory, in either direction; `clone` and `tolist` copy.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    arrays,
    dtypes,
    lists,
    shapes,
    tensors,
    values,
)

like_others = Section("Creation, filled and like another", id="creation-like")

DEFAULT_FLOAT = "PyTorch's default floating-point dtype is float32; NumPy's is float64"
DEFAULT_COMPLEX = "PyTorch's default complex dtype is complex64; NumPy's is complex128"
EMPTY_LIST = "an empty list is of the default floating-point dtype, float32 in PyTorch and float64 in NumPy"
TOO_LARGE = "PyTorch refuses a number that is too large for the dtype; NumPy makes it infinite"
TOO_LARGE_FOR_HALF = (
    "PyTorch refuses to fill a float16 or bfloat16 tensor with a number that is too large for it, unless it has a single "
    "element: that becomes infinity, as in NumPy"
)
NO_INTEGER = "PyTorch refuses NaN and floats out of the range of an integer dtype; NumPy gives some integer, and a warning"
IMAGINARY = "PyTorch refuses a complex number for a real dtype; NumPy drops its imaginary part, with a warning"
WRAPS = "PyTorch wraps a negative integer in an unsigned dtype; NumPy refuses it"

# Filled

like_others.case("torch.empty(shape).shape", "np.empty(shape).shape", id="empty", shape=shapes(),
                 note="its values are arbitrary on both sides")
like_others.case("torch.empty(shape).dtype", "np.empty(shape).dtype", id="empty-default", shape=shapes(ndim=2),
                 differs=[Difference(DEFAULT_FLOAT, example={"shape": (1, 1)}, when="min(shape) >= 0",
                                     torch="np.dtype(np.float32)",
                                     instead="torch.empty(shape, dtype=torch.float64).dtype")])  # fmt: skip
like_others.case("torch.empty(shape, dtype=d).fill_(1)", "np.ones(shape, dtype=d)", id="empty-filled", shape=shapes(), d=dtypes())

like_others.case(
    "torch.full(shape, n)", "np.full(shape, n)", shape=shapes(), shares_memory=False,
    n=values(1, 0.5, 1j, -3, 2**40, 0.1, float("nan"), float("inf"), 1e300, -(2**63), 2**63),
    differs=[
        Difference(DEFAULT_FLOAT, example={"shape": (2,), "n": 0.5}, when="isinstance(n, float) and n != 1e300", aspect="dtype",
                   torch="np.float32", instead="torch.full(shape, n, dtype=torch.float64)"),
        Difference(DEFAULT_COMPLEX, example={"shape": (2,), "n": 1j}, when="isinstance(n, complex)", aspect="dtype",
                   torch="np.complex64", instead="torch.full(shape, n, dtype=torch.complex128)"),
        Difference("PyTorch refuses a number that is too large for its default dtype; NumPy's holds it", kind="gotcha",
                   example={"shape": (2,), "n": 1e300}, when="n in (1e300, 2**63) and min(shape, default=0) >= 0",
                   torch=Raises(RuntimeError)),
    ],
)  # fmt: skip

NUMBERS = values(1, 0, -1, 2.75, -2.5, 300, 0.1, float("inf"), float("nan"), 1e300, 1j, 2**31)


def unfit(**others: object) -> list[Difference]:
    """Return what differs for numbers ``n`` that do not fit the dtype ``dtype``, for a row with the ``others`` as inputs."""
    integers = ("uint8", "int8", "int16", "int32", "int64", *WIDE_UNSIGNED)
    return [
        Difference(NO_INTEGER, example={"n": float("inf"), **others}, dtypes=integers, kind="gotcha", torch=Raises(RuntimeError),
                   when="isinstance(n, float) and (not np.isfinite(n) or n == 1e300 or (dtype.startswith('uint') and n < 0))"),
        Difference(TOO_LARGE, example={"n": 1e300, **others}, dtypes=("float32", "complex64"), kind="gotcha", when="n == 1e300",
                   torch=Raises(RuntimeError)),
        Difference(TOO_LARGE_FOR_HALF, example={"n": 1e300, **others}, dtypes=("float16", "bfloat16"), kind="bug",
                   when=f"{'x.size' if 'x' in others else 'np.prod(shape)'} != 1 and "
                   "(n == 1e300 or (dtype == 'float16' and n == 2**31))",
                   torch=Raises(RuntimeError)),
        Difference(IMAGINARY, example={"n": 1j, **others}, dtypes=(*integers, *FLOATS, "bfloat16"), when="isinstance(n, complex)",
                   torch=Raises(RuntimeError), kind="gotcha"),
        Difference(WRAPS, example={"n": -1, **others}, dtypes=("uint8", *WIDE_UNSIGNED), kind="gotcha",
                   when="n == -1" if "x" in others else "n == -1 and min(shape, default=0) >= 0",
                   torch="np.full_like({}, np.iinfo({}.dtype).max)".format(*["x" if "x" in others else "np.zeros(shape, d)"] * 2),
                   numpy=Raises(OverflowError)),
    ]  # fmt: skip


like_others.case(
    "torch.full(shape, n, dtype=d)", "np.full(shape, n, dtype=d)", id="full-dtype", shape=shapes(ndim=(0, 2)), n=NUMBERS,
    d=dtypes(),
    differs=unfit(shape=(2,), d="float32"),
)  # fmt: skip
like_others.case("torch.full_like(x, n)", "np.full_like(x, n)", x=tensors(), n=NUMBERS, shares_memory=False,
                 differs=unfit(x=np.zeros(2)))

# Like another

for name in ("zeros", "ones"):
    like_others.case(f"torch.{name}_like(x)", f"np.{name}_like(x)", x=tensors(), shares_memory=False)
    like_others.case(f"x.new_{name}(shape)", f"np.{name}(shape, x.dtype)", x=tensors(ndim=(0, 1)), shape=shapes(),
                     shares_memory=False)
like_others.case("torch.ones_like(x, dtype=d)", "np.ones_like(x, dtype=d)", id="ones_like-dtype", x=tensors(ndim=(0, 2)),
                 d=dtypes("float32", "int64", "bool", "complex64", "float64", "uint8"), shares_memory=False)  # fmt: skip
like_others.case("torch.empty_like(x).fill_(1)", "np.ones_like(x)", id="empty_like", x=tensors(), shares_memory=False)
like_others.case("x.new_empty(shape).fill_(1)", "np.ones(shape, x.dtype)", id="new_empty", x=tensors(ndim=(0, 1)), shape=shapes(),
                 shares_memory=False)  # fmt: skip
like_others.case("x.new_full(shape, 7)", "np.full(shape, 7, x.dtype)", x=tensors(ndim=(0, 1)), shape=shapes(),
                 shares_memory=False)
like_others.case("x.new_tensor(xs)", "np.array(xs, x.dtype)", x=tensors(ndim=(0, 2)), xs=lists(ndim=(0, 2)), shares_memory=False)

# From data that is there

like_others.case("x.clone()", "x.copy()", x=tensors(), shares_memory=False)
COPIES_0D = Difference("PyTorch's asarray copies an array without axes, even with copy=False; as_tensor and NumPy share its "
                       "memory",
                       example={"x": np.array(1.0)}, when="x.ndim == 0", aspect="memory", torch="copy", kind="gotcha",
                       instead="torch.as_tensor(x)")  # fmt: skip
like_others.case("torch.asarray(x)", "np.asarray(x)", x=arrays(), differs=[COPIES_0D])
like_others.case("torch.asarray(x, copy=False)", "np.asarray(x, copy=False)", id="asarray-share", x=arrays(), differs=[COPIES_0D])
like_others.case("torch.asarray(x, copy=True)", "np.asarray(x, copy=True)", id="asarray-copy", x=arrays(), shares_memory=False)
for name in ("as_tensor", "asarray"):
    like_others.case(
        f"torch.{name}(xs)", "np.asarray(xs)", id=f"{name}-list", xs=lists(ndim=(0, 3)),
        differs=[
            Difference(DEFAULT_FLOAT, example={"xs": [1.5, 2.5]}, dtypes=(*FLOATS, "bfloat16"), aspect="dtype",
                       torch="np.float32",
                       instead=f"torch.{name}(xs, dtype=torch.float64)"),
            Difference(EMPTY_LIST, example={"xs": np.zeros(0)}, when="np.size(xs) == 0", aspect="dtype", torch="np.float32",
                       dtypes=("bool", *INTEGERS, *COMPLEX, *WIDE_UNSIGNED), instead=f"torch.{name}(xs, dtype=torch.float64)"),
            Difference(DEFAULT_COMPLEX, example={"xs": [1 + 2j]}, dtypes=COMPLEX, when="np.size(xs) > 0", aspect="dtype",
                       torch="np.complex64", instead=f"torch.{name}(xs, dtype=torch.complex128)"),
        ],
    )  # fmt: skip
like_others.case("torch.as_tensor(x, dtype=d)", "np.asarray(x, dtype=d)", id="as_tensor-dtype",
                 x=arrays(dtypes=("int64", "float32", "uint8")),
                 d=dtypes("float32", "int64", "float64"), note="a view only where the dtype is the same")  # fmt: skip

like_others.case(
    "torch.frombuffer(x, dtype=torch.uint8)", "np.frombuffer(x, np.uint8)", x=arrays(ndim=1), shares_memory=True,
    note="of any object with a buffer, such as bytes; it has to be contiguous",
    differs=[Difference("PyTorch's frombuffer refuses an empty buffer", example={"x": np.zeros(0)}, when="x.size == 0",
                        torch=Raises(ValueError))],
)  # fmt: skip
BYTES = {"x": values(bytearray(range(24)), bytearray(8), bytearray(7))}
like_others.case(
    "torch.frombuffer(x, dtype=torch.int16, count=count, offset=offset)", "np.frombuffer(x, np.int16, count, offset)",
    id="frombuffer-part",
    **BYTES, count=values(-1, 1, 2, 0, 9), offset=values(0, 2, 1, 8, -2),
    differs=[Difference("PyTorch's frombuffer refuses to make a tensor without elements",
                        example={"x": bytearray(8), "count": 0, "offset": 0},
                        when="0 <= offset <= len(x) and (count == 0 or (count < 0 and offset == len(x)))",
                        torch=Raises(ValueError))],
)  # fmt: skip

# Back to NumPy and to Python

NO_ARRAY = no_gradient("PyTorch refuses numpy() of a tensor that requires a gradient", x=np.ones(1))

like_others.case(
    """
    shared = x.numpy()
    shared[shared == 1] = 0
    x
    """,
    """
    x[x == 1] = 0
    x
    """,
    id="numpy-written", x=tensors(overlapping=False), shares_memory=True,
    note="the array is the tensor's own memory: what is written to one is seen in the other",
    differs=[Difference("NumPy has no bfloat16, so that such a tensor has no numpy()", example={"x": np.ones(2)},
                        dtypes=("bfloat16",),
                        torch=Raises(TypeError)), NO_ARRAY],
)  # fmt: skip
like_others.case("torch.from_numpy(x.numpy())", "x", id="numpy-back", x=tensors(), shares_memory=True, differs=[NO_ARRAY])
like_others.case(
    "x.clone().requires_grad_().numpy().tolist()", "x.tolist()", id="numpy-gradient", x=tensors(dtypes=FLOATS),
    differs=[Difference("PyTorch refuses numpy() of a tensor that requires a gradient", example={"x": np.ones(1)},
                        torch=Raises(RuntimeError),
                        instead="x.clone().requires_grad_().detach().numpy().tolist()")],
)  # fmt: skip
like_others.case(
    "x.conj().numpy().tolist()", "x.conj().tolist()", id="numpy-conj", x=tensors(dtypes=COMPLEX),
    differs=[Difference("PyTorch's conjugate is a view, conjugated when it is read; numpy() refuses that",
                        example={"x": np.array([1j])}, torch=Raises(RuntimeError),
                        instead="x.conj().resolve_conj().numpy().tolist()")],
)  # fmt: skip
like_others.case("x.tolist()", "x.tolist()", x=tensors(), note="nested lists of Python's own numbers; a number for a 0-d tensor")
like_others.case("x.item()", "x.item()", x=tensors(ndim=0))
like_others.case("x[:1].item()", "x[:1].item()", id="item-of-one", x=tensors(ndim=1))
like_others.case(
    "x.item(0)", "x.item(0)", id="item-place", x=tensors(ndim=(1, 2)),
    differs=[Difference("PyTorch's item takes no place", example={"x": np.ones(2)}, when="x.size > 0", torch=Raises(TypeError),
                        instead="x.flatten()[0].item()")],
)  # fmt: skip
