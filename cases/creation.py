"""Making tensors: from Python numbers and lists, from arrays, from a shape.

PyTorch makes floats of 32 bits unless told otherwise, NumPy of 64. `torch.tensor` copies, as `np.array` does;
`torch.from_numpy` shares the array's memory, and so it refuses arrays that no tensor can describe.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    WIDE_UNSIGNED,
    Difference,
    Raises,
    Section,
    arrays,
    dtypes,
    lists,
    scalars,
    shapes,
    tensors,
    values,
)

creation = Section("Creation", id="creation")

NARROW_TARGETS = ("bool", "uint8", "int8", "int16", "int32", "int64", *FLOATS, *COMPLEX)
SEVERAL_BYTES = ("int16", "int32", "int64", *FLOATS, *COMPLEX, *WIDE_UNSIGNED, "bfloat16")
DEFAULT_FLOAT = "PyTorch's default floating-point dtype is float32; NumPy's is float64"
DEFAULT_COMPLEX = "PyTorch's default complex dtype is complex64; NumPy's is complex128"

# From Python numbers and lists.

creation.case(
    "torch.tensor(xs)", "np.array(xs)", xs=lists(ndim=(0, 3)), shares_memory=False,
    differs=[
        Difference(DEFAULT_FLOAT, example={"xs": [1.5, 2.5]}, dtypes=(*FLOATS, "bfloat16"), aspect="dtype",
                   torch="np.float32", instead="torch.tensor(xs, dtype=torch.float64)"),
        Difference("an empty list is of the default floating-point dtype, float32 in PyTorch and float64 in NumPy",
                   example={"xs": np.zeros(0)}, when="np.size(xs) == 0", aspect="dtype", torch="np.float32",
                   dtypes=("bool", "uint8", "int8", "int16", "int32", "int64", *COMPLEX, *WIDE_UNSIGNED),
                   instead="torch.tensor(xs, dtype=torch.float64)"),
        Difference(DEFAULT_COMPLEX, example={"xs": [1 + 2j]}, dtypes=COMPLEX, when="np.size(xs) > 0",
                   aspect="dtype", torch="np.complex64", instead="torch.tensor(xs, dtype=torch.complex128)"),
    ],
)  # fmt: skip

creation.case("torch.tensor(xs, dtype=d)", "np.array(xs, dtype=d)", id="tensor-dtype",
              xs=lists(ndim=(0, 3)), d=dtypes(), shares_memory=False)  # fmt: skip

creation.case(
    "torch.tensor(xs, dtype=d)", "np.array(xs, dtype=d)", id="tensor-other-dtype",
    xs=lists(ndim=(0, 2)), d=dtypes(*NARROW_TARGETS), shares_memory=False,
    differs=[
        Difference("a negative Python integer wraps in an unsigned dtype, from -1 down to minus its greatest value; "
                   "NumPy refuses it, as both refuse all others out of range",
                   example={"xs": [-1], "d": "uint8"}, kind="gotcha", dtypes=("int8", "int16", "int32", "int64"),
                   when="d == 'uint8' and np.min(xs, initial=0) < 0 and np.min(xs) >= -255 and np.max(xs) <= 255",
                   torch="np.array(xs).astype(np.uint8)", numpy=Raises(OverflowError)),
        Difference("PyTorch compares a Python float with the bounds of an integer dtype before its fraction is cut off: "
                   "255.5 is too large for uint8 and -0.5 too small; NumPy cuts first",
                   example={"xs": [-0.5], "d": "uint8"}, dtypes=(*FLOATS, "bfloat16"), kind="gotcha",
                   when="d.kind in 'iu' and bool(np.any((np.array(xs) < np.iinfo(d).min) | (np.array(xs) > np.iinfo(d).max)))",
                   torch=Raises(RuntimeError), instead="torch.tensor(xs).to(d)"),
        Difference("a list of complex numbers makes no real tensor on either side, though a complex tensor converts",
                   example={"xs": [1 + 2j], "d": "float32"}, dtypes=COMPLEX, when="d.kind not in 'bc' and np.size(xs) > 0",
                   torch=Raises(TypeError), numpy=Raises(TypeError)),
        Difference("PyTorch converts float64 to float16 through float32 and rounds twice: 1.00048828125 + 2**-40 gives 1.0, although "
                   "1.0009765625 is nearer",
                   example={"xs": [1.00048828125 + 2**-40], "d": "float16"}, dtypes=("float64",), kind="bug",
                   when="(d == 'float16') & (out == out) & (out != np.float32(xs).astype(np.float16))",
                   torch="np.float32(xs).astype(np.float16)"),
        Difference("PyTorch takes 2.0**63 for an int64 and gives -2**63, although it is one more than that holds: it is "
                   "compared with the bound as a float, which is rounded up; larger ones are refused",
                   upstream="https://github.com/pytorch/pytorch/pull/190651",
                   example={"xs": [2.0**63], "d": "int64"}, dtypes=("float32", "float64", "bfloat16"), kind="bug",
                   when="d == 'int64' and np.size(xs) > 0 and np.max(xs) == 2.0**63 and np.min(xs) >= -2.0**63",
                   torch="np.where(np.array(xs) == 2.0**63, -(2.0**63), xs).astype(np.int64)",
                   numpy=Raises(OverflowError)),
    ],
)  # fmt: skip

creation.case(
    "torch.tensor(s)", "np.array(s)", id="tensor-scalar",
    s=scalars("bool", "int", "float", "complex"), shares_memory=False,
    differs=[
        Difference(DEFAULT_FLOAT, example={"s": 1.5}, when="isinstance(s, float)", aspect="dtype", torch="np.float32",
                   instead="torch.tensor(s, dtype=torch.float64)"),
        Difference(DEFAULT_COMPLEX, example={"s": 1j}, when="isinstance(s, complex)", aspect="dtype",
                   torch="np.complex64", instead="torch.tensor(s, dtype=torch.complex128)"),
    ],
)  # fmt: skip

creation.case(
    "torch.tensor(s, dtype=torch.uint8)", "np.array(s, dtype=np.uint8)", id="tensor-int-to-uint8",
    s=values(0, 1, 127, 128, 255, -1, -2, -128, -255, -256, 256, 300, 2**31, -(2**63)),
    differs=[
        Difference("PyTorch takes the integers from -255 to 255 for a uint8 and wraps the negative ones; NumPy refuses those",
                   example={"s": -1}, when="-256 < s < 0", torch="np.array(s % 256, np.uint8)",
                   numpy=Raises(OverflowError), kind="gotcha"),
        Difference("both refuse an integer that is too large for the dtype", example={"s": 256},
                   when="s > 255 or s < -255", torch=Raises(RuntimeError), numpy=Raises(OverflowError)),
    ],
)  # fmt: skip

creation.case(
    "torch.tensor(xs)", "np.array(xs)", id="tensor-mixed", note="the highest kind in the list decides, wherever it stands",
    xs=values([True, 2], [2, True], [1, 2.5], [True, 0.5], [[1, 2], [True, 0.5]], [1, 2j], [0.5, 1j], [True, 1j]),
    differs=[
        Difference(DEFAULT_FLOAT, example={"xs": [1, 2.5]}, when="np.array(xs).dtype.kind == 'f'", aspect="dtype",
                   torch="np.float32", instead="torch.tensor(xs, dtype=torch.float64)"),
        Difference(DEFAULT_COMPLEX, example={"xs": [1, 2j]}, when="np.array(xs).dtype.kind == 'c'", aspect="dtype",
                   torch="np.complex64", instead="torch.tensor(xs, dtype=torch.complex128)"),
    ],
)  # fmt: skip

creation.case(
    "torch.tensor(s)", "np.array(s)", id="tensor-numpy-scalar", note="unlike a Python number, it brings its dtype along",
    s=values(np.float64(1.5), np.float32(1.5), np.float16(1.5), np.int8(1), np.uint16(1), np.bool_(1), np.complex64(1j)),
)  # fmt: skip

creation.case(
    """
    torch.set_default_dtype(torch.float64)
    y = torch.tensor(xs)
    torch.set_default_dtype(torch.float32)
    y
    """,
    "np.array(xs)", id="set_default_dtype", xs=lists(ndim=(0, 2)), shares_memory=False,
    note="with float64 as the default, PyTorch makes what NumPy makes, complex128 and empty tensors included",
)  # fmt: skip

creation.case(
    "torch.get_default_dtype()", "np.dtype(float)",
    differs=[Difference(DEFAULT_FLOAT, example={}, torch="np.dtype(np.float32)")],
)  # fmt: skip

creation.case(
    "torch.tensor(xs)", "np.array(xs)", id="tensor-ragged",
    xs=values([[1, 2], [3, 4]], [[1], [2]], [[1, 2], [3]], [[], [3]]),
    differs=[
        Difference("rows of different lengths make no tensor, and no array either unless of dtype=object",
                   example={"xs": [[1, 2], [3]]}, when="len(xs[0]) != len(xs[1]) and len(xs[0]) > 0",
                   torch=Raises(ValueError), numpy=Raises(ValueError)),
        Difference("PyTorch does not look at the other rows of a list after an empty first one: what they hold is lost "
                   "without a word, although rows of different lengths are refused otherwise",
                   example={"xs": [[], [3]]}, when="len(xs[0]) == 0", kind="bug",
                   torch="np.zeros((2, 0), np.float32)", numpy=Raises(ValueError)),
    ],
)  # fmt: skip

creation.case(
    "torch.tensor(list(x))", "np.array(list(x))", id="tensor-of-tensors",
    x=tensors(ndim=(1, 3)), shares_memory=False,
    differs=[
        Difference("PyTorch makes a tensor of a list of tensors only if each holds one element; stack joins any",
                   example={"x": np.zeros((2, 2))}, when="len(x) > 0 and x[0].size != 1", torch=Raises(ValueError, TypeError),
                   instead="torch.stack(list(x))"),
        Difference("tensors of one element count as numbers in a list: their axes are lost",
                   example={"x": np.zeros((2, 1))}, when="x.ndim > 1 and len(x) > 0 and x[0].size == 1",
                   torch="x.ravel()", kind="gotcha", instead="torch.stack(list(x))"),
        Difference("an empty list is of the default floating-point dtype, float32 in PyTorch and float64 in NumPy",
                   example={"x": np.zeros(0)}, when="len(x) == 0", aspect="dtype", torch="np.float32",
                   instead="torch.tensor(list(x), dtype=torch.float64)"),
        no_gradient("PyTorch's tensor() copies numbers, and no gradient with them", torch="none", x=np.ones(1)),
    ],
)  # fmt: skip

# From arrays.

creation.case("torch.from_numpy(x)", "x", x=arrays(), shares_memory=True)
creation.case("torch.as_tensor(x)", "np.asarray(x)", x=arrays(), shares_memory=True)
creation.case("torch.tensor(x)", "np.array(x)", id="tensor-of-array", x=arrays(), shares_memory=False)

creation.case(
    """
    t = torch.from_numpy(x)
    t.zero_()
    """,
    """
    x[...] = 0
    x
    """,
    id="from_numpy-written", x=arrays(), shares_memory=True,
    note="the tensor and the array are the same memory: what is written to one is seen in the other",
)  # fmt: skip

creation.case(
    "torch.from_numpy(x[::step])", "x[::step]", id="from_numpy-reversed", x=arrays(ndim=(1, 4)), step=values(-1, 1, 2, -2),
    shares_memory=True,
    differs=[Difference("a tensor has no negative strides, so a reversed array has to be copied first",
                        example={"x": np.arange(3), "step": -1}, when="x[::step].strides[0] < 0", torch=Raises(ValueError),
                        instead="torch.from_numpy(x[::step].copy())")],
)  # fmt: skip

creation.case(
    "torch.from_numpy(x.astype(x.dtype.newbyteorder()))", "x.astype(x.dtype.newbyteorder())",
    id="from_numpy-byteswapped", x=arrays(), shares_memory=False,
    differs=[Difference("a tensor is always in the machine's byte order; a byte-swapped array has to be converted first",
                        example={"x": np.arange(3)}, dtypes=SEVERAL_BYTES, torch=Raises(ValueError),
                        instead="torch.from_numpy(x.astype(x.dtype.newbyteorder()).astype(x.dtype))")],
)  # fmt: skip

creation.case(
    """
    fields = np.zeros(x.shape, [("a", np.int8), ("b", x.dtype)])
    fields["b"] = x
    torch.from_numpy(fields["b"])
    """,
    """
    fields = np.zeros(x.shape, [("a", np.int8), ("b", x.dtype)])
    fields["b"] = x
    fields["b"]
    """,
    id="from_numpy-field", x=arrays(), shares_memory=False,
    differs=[Difference("strides of a tensor count elements, so those of an array must be multiples of the element size",
                        example={"x": np.arange(3)}, when="x.ndim > 0 and x.size > 0", dtypes=SEVERAL_BYTES,
                        torch=Raises(ValueError))],
)  # fmt: skip

creation.case(
    "torch.from_numpy(x.astype(object))", "x.astype(object).astype(x.dtype)", id="from_numpy-object", x=arrays(),
    differs=[Difference("there is no tensor of Python objects", example={"x": np.arange(3)}, torch=Raises(TypeError),
                        instead="torch.from_numpy(x.astype(object).astype(x.dtype))")],
)  # fmt: skip

creation.case(
    "torch.from_numpy(np.ones(n, [('a', np.float32)]))", "np.ones(n, [('a', np.float32)])['a']",
    id="from_numpy-structured", n=values(1, 2, 0),
    differs=[Difference("there is no tensor of records; a field of numbers can be had if its strides allow",
                        example={"n": 1}, torch=Raises(TypeError),
                        instead="torch.from_numpy(np.ones(n, [('a', np.float32)])['a'])")],
)  # fmt: skip

creation.case(
    "torch.from_numpy(x.max())", "x.max()", id="from_numpy-scalar", x=arrays(domain="small"),
    differs=[Difference("from_numpy takes arrays only, and the result of a reduction is a NumPy scalar",
                        example={"x": np.arange(3)}, when="x.size > 0", torch=Raises(TypeError),
                        instead="torch.from_numpy(np.asarray(x.max()))")],
)  # fmt: skip

# From a shape.

for name in ("zeros", "ones"):
    creation.case(
        f"torch.{name}(shape)", f"np.{name}(shape)", shape=shapes(), shares_memory=False,
        differs=[Difference(DEFAULT_FLOAT, example={"shape": (2,)}, aspect="dtype", torch="np.float32",
                            instead=f"torch.{name}(shape, dtype=torch.float64)")],
    )  # fmt: skip
    creation.case(f"torch.{name}(shape, dtype=d)", f"np.{name}(shape, dtype=d)", id=f"{name}-dtype",
                  shape=shapes(), d=dtypes())  # fmt: skip
    creation.case(
        f"torch.{name}(rows, columns)", f"np.{name}((rows, columns))", id=f"{name}-sizes",
        rows=values(2, 0, 1, 5), columns=values(3, 0, 1, 4),
        note="PyTorch takes the sizes one by one; NumPy would read the second as a dtype",
        differs=[Difference(DEFAULT_FLOAT, example={"rows": 2, "columns": 3}, aspect="dtype", torch="np.float32",
                            instead=f"torch.{name}(rows, columns, dtype=torch.float64)")],
    )  # fmt: skip

creation.case(
    """
    torch.ones(shape, dtype=torch.float32).zero_()
    torch.ones(shape, dtype=torch.float32)
    """,
    "np.ones(shape, np.float32)", id="ones-again", shape=shapes(),
    note="every call makes a new one: what is written to the first is not seen in the second",
)  # fmt: skip
