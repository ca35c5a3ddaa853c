"""Converting dtypes: `x.to(dtype)` and its short forms against `astype`.

Values convert alike wherever the target can hold them: integers wrap, floats lose their fraction, complex numbers
their imaginary part. What a float outside of the target's range becomes is undefined in C, and differs between
devices; on one processor both libraries leave it to the same instructions. A tensor that has the dtype already is
returned itself, where `astype` copies.
"""

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    dtypes,
    lists,
    tensors,
    values,
)

dtype_rows = Section("Dtypes", id="dtype")

TARGETS = ("bool", "uint8", "int8", "int16", "int32", "int64", *FLOATS, *COMPLEX, "uint16", "uint32", "uint64")
INEXACT = (*FLOATS, *COMPLEX, "bfloat16")
OUT_OF_RANGE = "what a NaN or a float that the integer dtype cannot hold becomes is undefined: another device has another answer"
BEYOND = np.array([np.nan, np.inf, -np.inf, -1.5, 300.7, 6e4])
TWICE_ROUNDED = (
    "PyTorch converts float64 to float16 through float32 and rounds twice: 1.00048828125 + 2**-40 gives 1.0, although "
    "1.0009765625 is nearer"
)
JUST_ABOVE_HALFWAY = np.array([1.00048828125 + 2**-40])


UNSIGNED = (
    "what a float that an unsigned dtype cannot hold becomes is undefined: by the layout, the low bits of it as an int64, or "
    "what the processor's instruction for that dtype gives"
)
_BITS = "x.real.astype(np.int64).astype(np.{target})"
ONLY_BITS, BITS_OR_ENDS = OneOf("out", _BITS.format(target="uint8")), OneOf(_BITS.format(target="uint32"), "2**31", "0")
UNSIGNED_EXAMPLES = (
    (np.array([2.0**56 + 64]), "uint8", ("float64", "complex128"), ONLY_BITS),
    (np.broadcast_to([np.nan, 0, 0, 0, 0], (2, 5)), "uint32", ("float32", "float64", "complex64"), BITS_OR_ENDS),
    (np.transpose([[np.nan, 0], [np.nan, 0]]), "uint32", ("complex128",), BITS_OR_ENDS),
    (np.full(36, -1e19), "uint32", ("bfloat16",), BITS_OR_ENDS),
)
UNSIGNED_OF_HALF = (
    "what a float16 that uint32 cannot hold becomes is undefined: without the instructions of AVX2, PyTorch's kernel gives "
    "2**31 in whole vectors and the low bits of it as an int64 in the rest"
)


def out_of_range(target: str) -> str:
    """Return the condition that an element of x, its fraction cut off, is out of the range of the dtype ``target``."""
    bounds = np.iinfo(target)
    whole = "np.trunc(x.real.astype(float))"
    return f"~(({whole} >= {float(bounds.min)}) & ({whole} < {float(bounds.max + 1)}))"


def undefined(target: str) -> Difference:
    """Return the difference that the conversion of floats to the integer dtype ``target`` has on other devices."""
    return Difference(OUT_OF_RANGE, example={"x": BEYOND}, dtypes=INEXACT, aspect="value",
                      when=f"(device != 'cpu') & {out_of_range(target)}", torch=UNDEFINED, kind="gotcha")  # fmt: skip


def alias(name: str, instead: str) -> Difference:
    """Return the difference that a conversion to the dtype ``name`` has where x is of that dtype."""
    return Difference("a tensor that has the dtype already is returned itself, not copied; astype copies",
                      example={"x": np.array([1])}, dtypes=(name,), aspect="memory", torch="view", kind="gotcha",
                      instead=instead)  # fmt: skip


ROUNDED_TWICE = Difference(
    TWICE_ROUNDED, example={"x": JUST_ABOVE_HALFWAY}, dtypes=("float64", "complex128"), kind="bug",
    when="(out == out) & (out != x.real.astype(np.float32).astype(np.float16))",
    torch="x.real.astype(np.float32).astype(np.float16)",
)  # fmt: skip

OUT_OF_RANGE_OF_TARGET = (
    "device != 'cpu' and target.kind in 'iu' and ~((np.trunc(x.real.astype(float)) >= float(np.iinfo(target).min))"
    " & (np.trunc(x.real.astype(float)) < float(int(np.iinfo(target).max) + 1)))"
)
TO_ANY = (
    Difference(OUT_OF_RANGE, example={"x": BEYOND, "target": "int32"}, dtypes=INEXACT, aspect="value",
               when=OUT_OF_RANGE_OF_TARGET, torch=UNDEFINED, kind="gotcha"),
    *(Difference(UNSIGNED, example={"x": x, "target": target}, dtypes=kinds, aspect="value",
                 when=f"(target == '{target}') & {out_of_range(target)}", torch=values_of, kind="gotcha")
      for x, target, kinds, values_of in UNSIGNED_EXAMPLES),
    Difference(UNSIGNED_OF_HALF, example={"x": np.full(8, np.nan), "target": "uint32"}, dtypes=("float16",), aspect="value",
               when=f"capability == 'DEFAULT' and (target == 'uint32') & {out_of_range('uint32')}", torch=BITS_OR_ENDS,
               kind="gotcha"),
    Difference(TWICE_ROUNDED, example={"x": JUST_ABOVE_HALFWAY, "target": "float16"}, dtypes=("float64", "complex128"),
               when="target == 'float16' and (out == out) & (out != x.real.astype(np.float32).astype(np.float16))",
               torch="x.real.astype(np.float32).astype(np.float16)", kind="bug"),
)  # fmt: skip

NO_BFLOAT16 = Difference("NumPy, which lacks bfloat16, holds its values in float32, so there is nothing to convert",
                         example={"x": np.array([1]), "target": "float32"}, dtypes=("bfloat16",), aspect="memory",
                         when="target == 'float32'", torch="copy")  # fmt: skip

# To a dtype that is named.

dtype_rows.case("x.to(target)", "x.astype(target)", x=tensors(), target=dtypes(*TARGETS), differs=[
    *TO_ANY,
    *(Difference("a tensor that has the dtype already is returned itself, not copied; astype copies",
                 example={"x": np.array([1]), "target": own}, dtypes=(own,), when="target.name == dtype", aspect="memory",
                 torch="view", kind="gotcha", instead="x.to(target, copy=True)") for own in TARGETS),
])  # fmt: skip
dtype_rows.case("x.to(target, copy=True)", "x.astype(target)", id="to-copy", x=tensors(), target=dtypes(*TARGETS),
                shares_memory=False, differs=TO_ANY)  # fmt: skip
dtype_rows.case("x.to(target)", "x.astype(target, copy=False)", id="to-no-copy", x=tensors(), target=dtypes(*TARGETS),
                differs=[*TO_ANY, NO_BFLOAT16])  # fmt: skip
dtype_rows.case("x.type(target)", "x.astype(target, copy=False)", x=tensors(), target=dtypes(*TARGETS),
                differs=[*TO_ANY, NO_BFLOAT16])  # fmt: skip

dtype_rows.case("torch.tensor(xs, dtype=torch.float64).to(torch.float32)", "np.array(xs).astype(np.float32)", id="to-halfway",
                xs=values([1 + 2**-24, 1 + 3 * 2**-24], [-1 - 2**-24], [2.0**24 + 1], [3 * 2.0**-150]),
                note="a number halfway between two goes to the even one")  # fmt: skip

# The short forms.

for method, target in (("bool", "bool"), ("byte", "uint8"), ("char", "int8"), ("short", "int16"), ("int", "int32"),
                       ("long", "int64"), ("half", "float16"), ("float", "float32"), ("double", "float64"),
                       ("cfloat", "complex64"), ("cdouble", "complex128")):  # fmt: skip
    own = alias(target, f"x.to(torch.{target}, copy=True)")
    integer = [undefined(target)] if target.lstrip("u").startswith("int") else []
    if method == "byte":
        integer.append(Difference(UNSIGNED, example={"x": np.array([2.0**56 + 64])}, dtypes=("float64", "complex128"),
                                  aspect="value", when=out_of_range(target), torch=ONLY_BITS, kind="gotcha"))  # fmt: skip
    dtype_rows.case(f"x.{method}()", f"x.astype(np.{target})", x=tensors(), shares_memory=False,
                    differs=[own, *integer, *([ROUNDED_TWICE] if target == "float16" else [])])  # fmt: skip

ROUNDED_TO_BFLOAT16 = """
step = np.maximum(np.frexp(wide)[1], -125) - 8
rounded = np.ldexp(np.rint(np.ldexp(wide, -step)), step)
rounded / (np.abs(rounded) < 2.0**128)
"""
ONCE = "wide = x.astype(np.float64)" + ROUNDED_TO_BFLOAT16
TWICE = "wide = x.astype(np.float32).astype(np.float64)" + ROUNDED_TO_BFLOAT16

dtype_rows.case(
    "x.to(torch.bfloat16).double()", ONCE, id="to-bfloat16", x=tensors(), shares_memory=False,
    dtypes=("bool", "uint8", "int8", "int16", "int32", *FLOATS),
    note="NumPy has no bfloat16: a float of 8 significant bits and the range of float32",
    differs=[*(Difference("PyTorch converts to bfloat16 through float32 and rounds twice: 1.00390625 + 2**-40 gives 1",
                          example={"x": np.array([number])}, dtypes=dtypes, kind="bug",
                          when=TWICE.replace("rounded / (np.abs", "twice = rounded / (np.abs") + "(out == out) & (out != twice)",
                          torch=TWICE) for number, dtypes in ((1.00390625 + 2**-40, ("float64", "complex128")), (-349175824, ("int32", "int64")), (349175824, WIDE_UNSIGNED[1:]))),
             other_gradient("PyTorch's gradient goes through the rounding to bfloat16 as if there were none", x=np.array([1.001]))],
)  # fmt: skip

# Constructors of one dtype.

NO_COMPLEX = Difference("a list of complex numbers makes no real tensor on either side, though a complex tensor converts",
                        example={"xs": [1 + 2j]}, dtypes=COMPLEX, when="np.size(xs) > 0",
                        torch=Raises(TypeError), numpy=Raises(TypeError))  # fmt: skip
dtype_rows.case("torch.FloatTensor(xs)", "np.array(xs, dtype=np.float32)", xs=lists(), differs=[NO_COMPLEX])
dtype_rows.case("torch.DoubleTensor(xs)", "np.array(xs, dtype=np.float64)", xs=lists(), differs=[NO_COMPLEX])
dtype_rows.case("torch.LongTensor(xs)", "np.array(xs, dtype=np.int64)", xs=lists(domain="finite"), differs=[NO_COMPLEX],
                note="NaN and infinities are refused by both")  # fmt: skip

dtype_rows.case("x.float().is_contiguous()", "x.astype(np.float32).flags.c_contiguous", id="float-contiguous",
                x=tensors(overlapping=False), note="a transposed tensor converts to a transposed one, as in NumPy",
                differs=[Difference("a float32 tensor is returned itself, gaps between its elements included; astype copies",
                                    example={"x": np.zeros(6)[::2]}, dtypes=("float32",), when="out != x.flags.c_contiguous",
                                    torch="x.flags.c_contiguous", kind="gotcha",
                                    instead="x.to(torch.float32, copy=True).is_contiguous()")])  # fmt: skip
