"""Writing a result to a tensor that is there: `out=`.

NumPy takes an `out` of the shape of the result, and a sum even broadcasts to a larger one; anything else it refuses.
PyTorch gives an `out` of any other shape that of the result, with a warning, and new memory where the old is too small.
What dtype an `out` may have is the same question on both sides: one of the same kind as the result, or of a higher one.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.derivatives import out_not_followed
from conformance.cases.elementwise_predicates import BOTH_REFUSE_COMPLEX, SIGN_BIT_OF_NAN
from conformance.cases.inplace import MULTIPLIES_BY_ALPHA, NO_WIDE_UNSIGNED
from conformance.cases.inplace_operations import NEGATES_OTHERS, NO_MINUS, neither

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    broadcastable,
    like,
    linear,
    tensors,
)

out = Section("Results written to out=", id="out")

ONES = {"x": np.array([1]), "y": np.array([1]), "z": np.array([0])}
SUMMED = (*INTEGERS, *FLOATS, *COMPLEX, "bfloat16")
ADDS_NO_UNSIGNED = replace(NO_WIDE_UNSIGNED, example=ONES)
BY_ALPHA = replace(MULTIPLIES_BY_ALPHA, example={**MULTIPLIES_BY_ALPHA.example, "z": np.array([0j])})

# Of the shape of the result, and of another one.

out.case(
    "torch.add(x, y, out=z)\nz", "np.add(x, y, out=z)\nz", id="add", x=tensors(), y=like("x"), z=like("x", overlapping=False), shares_memory=True,
    differs=[BY_ALPHA, ADDS_NO_UNSIGNED, out_not_followed(x=np.ones(1), y=np.ones(1), z=np.ones(1))],
)  # fmt: skip
_LARGER = "larger = y.ndim >= x.ndim and all(a in (1, b) for a, b in zip(x.shape[::-1], y.shape[::-1]))\n"
RESIZED = [
    Difference(because, example={"x": np.ones(2), "y": y}, dtypes=SUMMED, kind="gotcha", torch="x + 1", when=f"{_LARGER}{when}", numpy=numpy)
    for because, y, when, numpy in (
        (
            "PyTorch gives an out= of another shape the shape of the result, with a warning; NumPy refuses one that is smaller",
            np.ones(1), "not larger", Raises(ValueError),
        ),
        (
            "PyTorch gives an out= that is larger the shape of the result, with a warning; NumPy broadcasts the result to it",
            np.ones((3, 2)), "larger and y.shape != x.shape", None,
        ),
    )
]  # fmt: skip
out.case(
    "z = torch.zeros_like(y)\ntorch.add(x, 1, out=z)\nz", "z = np.zeros_like(y)\nnp.add(x, 1, out=z)\nz", id="add-resized",
    x=tensors(), y=broadcastable("x"), shares_memory=False,
    differs=[
        *RESIZED, replace(ADDS_NO_UNSIGNED, example={"x": np.ones(1), "y": np.ones(1)}), out_not_followed(x=np.ones(1), y=np.ones(1)),
        Difference("a sum with an integer is an integer, which a bool cannot hold", example={"x": np.ones(1), "y": np.ones(1)}, dtypes=("bool",),
                   torch=Raises(RuntimeError), numpy=Raises(TypeError)),
    ],
)  # fmt: skip

# Of another dtype.

_TWICE = "(x + 1).astype(np.float32).astype(np.float16)"
BYTE = np.array([0], np.uint8)
TO_UNSIGNED = Difference(
    "PyTorch writes signed integers to an out= of unsigned ones, where negative ones wrap; NumPy refuses",
    example={"x": np.array([-3]), "z": BYTE}, dtypes=("bool", "int8", "int16", "int32", "int64"),
    when="z.dtype == np.uint8", torch="(x + 1).astype(np.uint8)", numpy=Raises(TypeError), kind="gotcha",
)  # fmt: skip
out.case(
    "torch.add(x, 1, out=z)\nz", "np.add(x, 1, out=z)\nz", id="add-dtypes", x=tensors(), shares_memory=True,
    z=like("x", dtypes=("float32", "uint8", "int16", "int64", "float16", "complex64"), overlapping=False),
    differs=[
        TO_UNSIGNED, replace(TO_UNSIGNED, because=f"{TO_UNSIGNED.because}: only one side writes", torch=UNDEFINED, numpy=None, aspect="inputs after"),
        replace(ADDS_NO_UNSIGNED, example={"x": np.ones(1), "z": np.ones(1)}),
        Difference("neither writes floats to integers, or complex numbers to real ones", example={"x": np.ones(1), "z": BYTE},
                   dtypes=(*FLOATS, *COMPLEX, "bfloat16"), when="z.dtype.kind in {'f': 'iu', 'c': 'iuf'}[x.dtype.kind]",
                   torch=Raises(RuntimeError), numpy=Raises(TypeError)),
        Difference("PyTorch rounds float64 to float32 on the way to float16; NumPy rounds once",
                   example={"x": np.array([2.0**-11 + 2.0**-30]), "z": np.zeros(1, np.float16)}, dtypes=("float64",), kind="gotcha",
                   when=f"(z.dtype == np.float16) & ({_TWICE} != (x + 1).astype(np.float16)) & ~np.isnan(x)", torch=_TWICE),
        *(Difference("PyTorch rounds the sum to bfloat16 before it converts it; NumPy has no bfloat16, and the reference here is in float32",
                     example={"x": np.array([0.01]), "z": np.zeros(1, np.float32)}, dtypes=("bfloat16",), aspect=aspect, torch=UNDEFINED)
          for aspect in (None, "dtype")),
    ],
)  # fmt: skip

# Sums.

out.case(
    "z = x.new_empty(x.shape[1:])\ntorch.sum(x, 0, out=z)\nz", "z = np.empty(x.shape[1:], x.dtype)\nnp.sum(x, axis=0, out=z)\nz", id="sum",
    x=tensors(ndim=(1, 4)), shares_memory=False, tolerance=linear(), differs=[out_not_followed(x=np.ones((1, 1)))],
)  # fmt: skip

# To memory with gaps.

out.case(
    "torch.neg(x, out=z)\nz", "np.negative(x, out=z)\nz", id="neg", x=tensors(), z=like("x", overlapping=False), shares_memory=True,
    differs=[
        *(replace(one, example={**one.example, "z": one.example["x"]}) for one in NEGATES_OTHERS),
        neither(NO_MINUS, ("bool",), z=np.array([0])),
        replace(NO_WIDE_UNSIGNED, example={"x": np.array([1]), "z": np.array([0])}),
        out_not_followed(x=np.ones(1), z=np.ones(1)),
    ],
)  # fmt: skip
SIGNS = [
    replace(BOTH_REFUSE_COMPLEX, example={"x": np.array([1j]), "z": np.array([False])}),
    *(replace(SIGN_BIT_OF_NAN, example={**SIGN_BIT_OF_NAN.example, "z": np.array([False])}, torch=torch, aspect=aspect)
      for torch, aspect in ((OneOf("np.True_", "np.False_"), None), (UNDEFINED, "inputs after"))),
]  # fmt: skip
SIXTEEN = "NumPy's isnan, isinf, isfinite and signbit leave most of an out= as it was where it has sixteen elements or more, and gaps between them"
REAL_FLOATS = (*FLOATS[1:], "bfloat16")
for name, value in (("isnan", np.nan), ("isinf", np.inf), ("isfinite", 1.0), ("signbit", 1.0)):
    signs = name == "signbit"
    held, kept = np.full((2, 31), signs)
    kept[:8] = not signs  # as NumPy writes the first four
    out.case(
        "torch.signbit(x, out=z)\nz" if signs else f"z[...] = torch.{name}(x)\nz", f"np.{name}(x, out=z)\nz", id=name,
        x=tensors(), z=like("x", dtypes=("bool",), overlapping=False), shares_memory=True,
        differs=[
            *(Difference(because, example={"x": np.full(16, value), "z": z[::2]}, aspect=aspect, torch=right, kind=kind,
                         dtypes=(*INTEGERS[2:], *WIDE_UNSIGNED, *REAL_FLOATS) if signs else REAL_FLOATS,
                         when=f"(out != np.{name}(x)) & ~np.isnan(x if dtype == 'bfloat16' else 0)" if signs else f"out != np.{name}(x)")
              for because, z, aspect, right, kind in ((SIXTEEN, held, None, f"np.{name}(x)", "bug"),
                                                  (f"{SIXTEEN}: only one side writes", kept, "inputs after", UNDEFINED, "design"))),
            *(SIGNS if signs else []),
        ],
    )  # fmt: skip

# From memory that is written to.

_ROUND = """
low = lambda bits: np.uint32(bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000).view(np.float32)
short = lambda v: v if np.isnan(v) else low(int(np.float32(v).view(np.uint32)))
"""
RUNNING = "np.add.accumulate(x, dtype=x.dtype)"
_SHORT = f"{_ROUND}np.frompyfunc(lambda a, b: short(np.float32(a) + np.float32(b)), 2, 1).accumulate(x.astype(object)).astype(np.float32)"
GAPS = "x.size > 2 and x.strides[0] != x.itemsize"
for torch, numpy, name, instead in (
    ("x[1:] += x[:-1]\nx", "x[1:] += x[:-1]\nx", "iadd-itself", "x[1:] += x[:-1].clone()\nx"),
    ("torch.add(x[1:], x[:-1], out=x[1:])\nx", "np.add(x[1:], x[:-1], out=x[1:])\nx", "add-itself", "torch.add(x[1:], x[:-1].clone(), out=x[1:])\nx"),
):
    out.case(
        torch, numpy, id=name, x=tensors(ndim=1, overlapping=False), shares_memory=True,
        differs=[
            replace(ADDS_NO_UNSIGNED, example={"x": np.array([1, 1])}, torch=Raises(RuntimeError)),
            Difference("PyTorch refuses to write where it reads from, in tensors whose elements lie side by side; NumPy makes a copy first",
                       example={"x": np.array([0, 1, 0])}, when="x.size > 2 and x.strides[0] == x.itemsize", torch=Raises(RuntimeError),
                       dtypes=("bool", *SUMMED), kind="gotcha", instead=instead),
            *(Difference("PyTorch writes where it reads from, in tensors with gaps between their elements, and reads what it has just written: after "
                         "x[1:] += x[:-1] they hold running sums",
                         example={"x": np.array([1, 0, 0, 0, 0])[::2]}, when=when, torch=OneOf("out", running), dtypes=dtypes, kind="bug", instead=instead)
              for running, when, dtypes in (
                  (RUNNING, GAPS, ("bool", *INTEGERS, *FLOATS)),
                  (RUNNING, f"{GAPS} and np.isfinite({RUNNING}).all()", COMPLEX),
                  (_SHORT, GAPS, ("bfloat16",)),
              )),
            Difference("infinite and NaN parts of complex numbers spread to the other part in a sum that PyTorch multiplies by alpha = 1+0j",
                       example={"x": np.array([complex(np.inf, 1), 1j])}, dtypes=COMPLEX, torch=UNDEFINED,
                       when=f"not np.isfinite({RUNNING}).all() and (x.size == 2 or {GAPS})"),
            *([out_not_followed(x=np.ones(2))] if "out=" in torch else []),
        ],
    )  # fmt: skip
