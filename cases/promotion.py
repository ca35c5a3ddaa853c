"""The dtype that two operands make, without making it: `result_type`, `promote_types`, `can_cast`.

PyTorch looks at kinds first: bool, integer, float, complex. A dtype of a higher kind wins as it is, however few bits it
has, and only two of one kind are widened until both fit. A 0-d tensor has a say beside one with axes only where its kind is
higher. NumPy widens until both ranges fit, and a 0-d array counts like any other; Python's numbers alone are as weak as in
PyTorch. uint16, uint32 and uint64 are promoted with floats and with little else.

These rows compare operands of all shapes; `conformance promotion` asks both libraries for every pair of dtypes.
"""

import numpy as np

from conformance import CLAIMED, COMPLEX, INTEGERS, WIDE_UNSIGNED, Difference, Raises, Section, dtypes, scalars, tensors

promotion = Section("Promotion")

ANY = (*CLAIMED, *WIDE_UNSIGNED)
COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
LONG = ("int16", "int32", "int64", *WIDE_UNSIGNED)
NARROW = ("float16", "float32", "complex64")

# What conditions speak of: a and b, the dtypes of both; where one tensor alone has axes, they are apart, and high is the
# dtype of that one; kind, the place of a dtype in bool, integer, float, complex.
KIND = "kind = lambda d: 'bifc'.index(d.kind.replace('u', 'i'))\n"
TENSORS = (
    "a, b = x.dtype, y.dtype\n"
    "apart = (x.ndim > 0) != (y.ndim > 0)\n"
    "high, low = (a, b) if x.ndim else (b, a)\n"
)
FLOAT_WINS = "(a.kind in 'fc') != (b.kind in 'fc') and out != (a if a.kind in 'fc' else b)"
REFUSED = "a != b and 'f' not in a.kind + b.kind and not {'uint16', 'uint32', 'uint64'}.isdisjoint((a.name, b.name))"

PROMOTES_LITTLE = (
    "PyTorch promotes uint16, uint32 and uint64 with floats only, and refuses to with bool, other integers and complex numbers, "
    "where the dtype of one operand does not decide; NumPy widens"
)
TAKES_THE_FLOAT = (
    "an integer or bool beside a float or complex number takes its dtype in PyTorch, however few digits that has; NumPy widens "
    "until the integer's range fits"
)
NO_SAY = (
    "a 0-d tensor has no say beside one with axes, unless it is of a higher kind (bool, integer, float, complex); in NumPy a "
    "0-d array counts like any other"
)
PARTS = "a 0-d complex tensor beside floats: complex numbers with parts of the float's dtype in PyTorch; NumPy widens"
HALVES = "a complex number beside float16 makes complex32 in PyTorch, which few functions take; NumPy has no such dtype"
DEFAULTS = (
    "a Python float or complex number without a float beside it makes float32 or complex64 in PyTorch (its default dtypes), "
    "float64 or complex128 in NumPy"
)

OF_TENSORS = [
    *(Difference(PROMOTES_LITTLE, example={"x": np.array([1]), "y": y}, dtypes=names, torch=Raises(RuntimeError), kind="gotcha",
                 when=f"{TENSORS}{REFUSED} and (not apart or high == bool)")
      for y, names in ((np.array([1], np.uint16), ("bool", *INTEGERS, *COMPLEX)), (np.array([True]), WIDE_UNSIGNED))),
    *(Difference(NO_SAY, example={"x": x, "y": y}, dtypes=names, torch=f"{TENSORS}high", kind="gotcha",
                 when=f"{TENSORS}{KIND}apart and kind(low) <= kind(high) and out != high")
      for x, y, names in (
          (np.array([1]), np.array(300), ("uint8", "int8", "int16", "int32", *WIDE_UNSIGNED)),
          (np.array(1), np.array([1], np.int8), ("int64",)),
          (np.array([1]), np.array(0.1), NARROW),
          (np.array(0.1), np.array([1], np.float16), ("float64", "bfloat16")),
          (np.array(0.1), np.array([1], np.complex64), ("complex128",)))),
    *(Difference(PARTS, example={"x": x, "y": y}, dtypes=names, torch="np.complex64",
                 when=f"{TENSORS}apart and high == 'float32' and low == 'complex128'")
      for x, y, names in (
          (np.array([1]), np.array(1j), ("float32", "bfloat16")), (np.array(1j), np.array([1], np.float32), ("complex128",)))),
    *(Difference(HALVES, example={"x": x, "y": y}, dtypes=names, torch="'complex32'", kind="gotcha",
                 when=f"{TENSORS}apart and high == 'float16' and low.kind == 'c'")
      for x, y, names in ((np.array([1]), np.array(1j), ("float16",)), (np.array(1j), np.array([1], np.float16), COMPLEX))),
    *(Difference(TAKES_THE_FLOAT, example={"x": np.array([1]), "y": y}, dtypes=names, kind="gotcha",
                 torch=f"{TENSORS}a if a.kind in 'fc' else b",
                 when=f"{TENSORS}{FLOAT_WINS} and not (apart and low.kind in 'biu') and not ({REFUSED} and not apart)")
      for y, names in ((np.array([1], np.float16), LONG), (np.array([1]), NARROW))),
]  # fmt: skip

promotion.case("torch.result_type(x, y)", "np.result_type(x, y)", x=tensors(), y=tensors(dtypes=ANY), differs=OF_TENSORS)

promotion.case("torch.result_type(x, s)", "np.result_type(x, s)", id="result_type-number", x=tensors(),
               s=scalars("bool", "int", "float", "complex"), differs=[
    Difference(DEFAULTS, example={"x": np.array([1]), "s": 0.1}, dtypes=COUNTED, when="isinstance(s, (float, complex))",
               torch="np.complex64 if isinstance(s, complex) else np.float32"),
    Difference(HALVES, example={"x": np.array([1]), "s": 1j}, dtypes=("float16",), when="isinstance(s, complex)",
               torch="'complex32'", kind="gotcha"),
])  # fmt: skip

promotion.case("torch.result_type(s, t)", "np.result_type(s, t)", id="result_type-numbers",
               s=scalars("bool", "int", "float", "complex"), t=scalars("bool", "int", "float", "complex"), differs=[
    Difference(DEFAULTS, example={"s": 1, "t": 0.1}, when="isinstance(s + t, (float, complex))",
               torch="np.complex64 if isinstance(s + t, complex) else np.float32"),
])  # fmt: skip

promotion.case("torch.promote_types(a, b)", "np.promote_types(a, b)", a=dtypes(), b=dtypes(*ANY), differs=[
    *(Difference(PROMOTES_LITTLE, example={"a": "unit", "b": b}, dtypes=names, when=REFUSED, torch=Raises(RuntimeError),
                 kind="gotcha") for b, names in (("uint16", ("bool", *INTEGERS, *COMPLEX)), ("bool", WIDE_UNSIGNED))),
    *(Difference(TAKES_THE_FLOAT, example={"a": "unit", "b": b}, dtypes=names, torch="a if a.kind in 'fc' else b",
                 when=f"{FLOAT_WINS} and not ({REFUSED})", kind="gotcha") for b, names in (("float16", LONG), ("int64", NARROW))),
])  # fmt: skip

# Whether one dtype may become another.

promotion.case("torch.can_cast(a, b)", "np.can_cast(a, b)", a=dtypes(), b=dtypes(*ANY), differs=[
    Difference("PyTorch asks for the kind alone (bool, integer, float, complex), so that int64 may become int8; NumPy asks that "
               "no value is lost", example={"a": "unit", "b": b}, dtypes=names, when=f"{KIND}not out and kind(a) <= kind(b)",
               torch="True", kind="gotcha")
    for b, names in (("int8", ("uint8", "int16", "int32", "int64", *WIDE_UNSIGNED)), ("uint8", ("int8",)),
                     ("float16", ("float32", "float64", "bfloat16")), ("complex64", ("complex128",)))
])  # fmt: skip
promotion.case("torch.can_cast(a, b)", "np.can_cast(a, b, casting='same_kind')", id="can_cast-same_kind", a=dtypes(),
               b=dtypes(*ANY), differs=[
    Difference("signed integers may become unsigned ones in PyTorch; NumPy takes those for another kind",
               example={"a": "unit", "b": "uint8"}, dtypes=("int8", "int16", "int32", "int64"), when="b.kind == 'u'",
               torch="True"),
])  # fmt: skip
