"""Ranges and grids: arange, linspace, logspace, eye, meshgrid and the indices of triangles.

PyTorch makes float32 where NumPy makes float64, and takes neither bools nor complex numbers for a range. A range whose
bounds lie the other way than its step is empty in NumPy and an error in PyTorch. Fractions are rounded in another order:
`np.arange` adds multiples of the rounded difference of its first two elements, and `torch.linspace` counts its second
half from the end. Both are exact where the step is.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient
from conformance.cases.reductions_cumulative import FROM_ONE

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
    dtypes,
    tensors,
    ulp,
    values,
)

ranges = Section("Ranges", id="ranges")

DEFAULT_FLOAT = "PyTorch's default floating-point dtype is float32; NumPy's is float64"
EMPTY = "PyTorch refuses a range whose bounds lie the other way than its step; NumPy gives an empty one"
NO_BOOL = "PyTorch has no ranges of bools; NumPy has those of at most two elements"
NO_COMPLEX = "PyTorch has no ranges of complex numbers"

# Steps

ranges.case(
    "torch.arange(stop)", "np.arange(stop)",
    stop=values(5, 1, 2, 0, 17, 100, 2.5, 0.5, 3.0, 2.000001, -3, -1.5, float("inf"), float("nan"), "5"),
    differs=[
        Difference(EMPTY, example={"stop": -3}, when="not isinstance(stop, str) and stop < 0", torch=Raises(RuntimeError),
                   kind="gotcha", instead="torch.arange(max(stop, 0))"),
        Difference(DEFAULT_FLOAT, example={"stop": 2.5}, when="isinstance(stop, float) and 0 <= stop < np.inf",
                   aspect="dtype", torch="np.float32", instead="torch.arange(stop, dtype=torch.float64)"),
    ],
)  # fmt: skip

WHOLE = {"start": values(0, 2, 5, -3), "stop": values(5, 3, 0, -4, 12), "step": values(1, 2, 3, -1, -2, 0)}

ranges.case(
    "torch.arange(start, stop, step)", "np.arange(start, stop, step)", id="arange-step", **WHOLE,
    differs=[Difference(EMPTY, example={"start": 5, "stop": 0, "step": 1}, when="step and (stop - start) * step < 0",
                        torch=Raises(RuntimeError), kind="gotcha")],
)  # fmt: skip

ranges.case(
    "torch.arange(start, stop, step)", "np.arange(start, stop, step)", id="arange-float",
    start=values(0.0, 1, -2.5), stop=values(1.0, 4, 0.5, -3), step=values(0.25, 0.5, 1.5, -0.5, 0.0),
    differs=[
        Difference(EMPTY, example={"start": 1, "stop": 0.5, "step": 0.25}, when="step and (stop - start) * step < 0",
                   torch=Raises(RuntimeError), kind="gotcha"),
        Difference(DEFAULT_FLOAT, example={"start": 0.0, "stop": 1.0, "step": 0.25}, aspect="dtype",
                   when="step and (stop - start) * step >= 0", torch="np.float32",
                   instead="torch.arange(start, stop, step, dtype=torch.float64)"),
    ],
)  # fmt: skip

ranges.case(
    "torch.arange(start, stop, step, dtype=d)", "np.arange(start, stop, step, dtype=d)", id="arange-dtype",
    **WHOLE, d=dtypes(),
    differs=[
        Difference(EMPTY, example={"start": 5, "stop": 0, "step": 1, "d": "int64"}, when="step and (stop - start) * step < 0",
                   dtypes=(*INTEGERS, *FLOATS, "bfloat16"), torch=Raises(RuntimeError), kind="gotcha"),
        Difference("PyTorch wraps a negative start in an unsigned dtype; NumPy refuses it", kind="gotcha",
                   example={"start": -3, "stop": 5, "step": 1, "d": "uint8"}, dtypes=("uint8",),
                   when="step and (stop - start) * step > 0 and (start < 0 or start + step < 0)",
                   torch="np.arange(start, stop, step).astype(np.uint8)", numpy=Raises(OverflowError)),
        Difference(NO_BOOL, example={"start": 2, "stop": 3, "step": 1, "d": "bool"}, dtypes=("bool",),
                   when="step and (stop - start) / step <= 2", torch=Raises(RuntimeError)),
        Difference(NO_COMPLEX, example={"start": 0, "stop": 5, "step": 1, "d": "complex64"},
                   dtypes=("complex64", "complex128"), when="step", torch=Raises(RuntimeError),
                   instead="torch.arange(start, stop, step, dtype=torch.float64).to(d)"),
    ],
)  # fmt: skip

COUNTED_AFTER_CUTTING = (
    "PyTorch cuts the fractions off before it counts the elements if the dtype is int64, and after that for any other: "
    "torch.arange(0, 5, 1.5, dtype=torch.int64) has 5 elements, of int32 it has 4"
)
ranges.case(
    "torch.arange(start, stop, step, dtype=d)", "np.arange(start, stop, step, dtype=d)", id="arange-cut",
    start=values(0, 0.5, 2.75), stop=values(5, 3.5, 0.5, 7), step=values(1, 1.5, 0.5, 2.5), d=dtypes("int64", "int32", "uint8"),
    note="an integer dtype cuts the fractions off start and step alike",
    differs=[
        Difference(EMPTY, example={"start": 2.75, "stop": 0.5, "step": 1, "d": "int32"}, when="stop < start",
                   torch=Raises(RuntimeError, ValueError), kind="gotcha"),
        Difference("PyTorch cuts the fraction of the step off; NumPy cuts those of the first two elements off, and takes their "
                   "difference for the step", example={"start": 0.5, "stop": 5, "step": 1.5, "d": "int32"}, kind="gotcha",
                   when="(d != 'int64' or step >= 1) and stop >= start and np.ceil((stop - start) / step) > 1"
                   " and int(start) + int(step) != int(start + step)",
                   torch="int(start) + int(step) * np.arange(np.ceil((stop - start) / step), dtype=d)"),
        Difference(COUNTED_AFTER_CUTTING, example={"start": 0, "stop": 5, "step": 1.5, "d": "int64"}, kind="bug",
                   when="d == 'int64' and stop >= start and step >= 1"
                   " and len(range(int(start), int(stop), int(step))) != np.ceil((stop - start) / step)",
                   torch="np.arange(int(start), int(stop), int(step))"),
        Difference("PyTorch refuses a step that an int64 holds as 0; NumPy, and PyTorch for any other integer dtype, do not",
                   example={"start": 0, "stop": 5, "step": 0.5, "d": "int64"},
                   when="d == 'int64' and stop >= start and step < 1", torch=Raises(ValueError), kind="gotcha"),
    ],
)  # fmt: skip

ranges.case(
    "torch.arange(0, stop, step, dtype=d)", "np.arange(0, stop, step, dtype=d)", id="arange-tenths",
    stop=values(1, 10, 2.5, 100), step=values(0.1, 0.3, 0.7, 0.01), d=dtypes("float32", "float64"),
    note="there are as many elements on either side, even where rounding makes one more than expected",
    tolerance=ulp({"float32": 4, "float64": 4},
                  "one rounding of the step, one of the product, one of the sum, each side its own"),
)  # fmt: skip

# Numbers of elements

COUNTED = {"start": values(0, 1, -2, 0.5), "end": values(2, -2, 0, 1.0), "steps": values(3, 5, 1, 0, 2, 9, -1)}

ranges.case(
    "torch.linspace(start, end, steps)", "np.linspace(start, end, steps)", **COUNTED,
    differs=[Difference(DEFAULT_FLOAT, example={"start": 0, "end": 2, "steps": 3}, when="steps >= 0", aspect="dtype",
                        torch="np.float32", instead="torch.linspace(start, end, steps, dtype=torch.float64)")],
)  # fmt: skip

ranges.case(
    "torch.linspace(start, end, steps, dtype=d)", "np.linspace(start, end, steps, dtype=d)", id="linspace-dtype",
    start=values(0, 1, -2), end=values(2, -2, 0, 4), steps=values(3, 5, 1, 0, 2, 9, -1), d=dtypes(),
    note="the numbers between are exact where the steps are",
    differs=[
        Difference("PyTorch cuts fractions off towards zero, NumPy rounds them down", dtypes=("int8", "int16", "int32", "int64"),
                   example={"start": 0, "end": -2, "steps": 5, "d": "int64"}, kind="gotcha",
                   when="steps > 2 and any(n < 0 and n % 1 for n in np.linspace(start, end, steps))",
                   torch="np.linspace(start, end, steps).astype(d)"),
        Difference("PyTorch has no linspace of bools", example={"start": 0, "end": 2, "steps": 3, "d": "bool"},
                   dtypes=("bool",), when="steps > 1", torch=Raises(RuntimeError)),
        Difference("PyTorch wraps negative ends in an unsigned dtype, and divides what is between them then; NumPy wraps the "
                   "numbers that it finds", example={"start": 0, "end": -2, "steps": 3, "d": "uint8"}, dtypes=("uint8",),
                   when="steps > 2 and min(start, end) < 0 and start != end", kind="gotcha",
                   torch="np.linspace(start % 256, end % 256, steps).astype(np.uint8)"),
    ],
)  # fmt: skip

ranges.case(
    "torch.linspace(start, end, steps, dtype=d)", "np.linspace(start, end, steps, dtype=d)", id="linspace-thirds",
    start=values(1, 2, 5.5), end=values(2, 1, 7), steps=values(4, 7, 8, 50, 100), d=dtypes("float16", "float32", "float64"),
    tolerance=ulp(4, "one rounding of the step, one of the product, one of the sum, each side its own way"),
)  # fmt: skip

ranges.case(
    "torch.linspace(start, end, steps)", "np.linspace(start, end, steps)", id="linspace-infinite",
    start=values(0.0, float("inf"), float("nan")), end=values(float("inf"), 1.0, float("-inf")), steps=values(3, 2, 1, 5, 0),
    differs=[
        Difference(DEFAULT_FLOAT, example={"start": 0.0, "end": 1.0, "steps": 3}, aspect="dtype", torch="np.float32",
                   instead="torch.linspace(start, end, steps, dtype=torch.float64)"),
        Difference("PyTorch counts from both ends, so that all is NaN about an infinite one, and the end itself is too; NumPy "
                   "counts from the start, and sets the last element to the end",
                   example={"start": 0.0, "end": float("inf"), "steps": 2}, when="steps > 1", kind="gotcha",
                   torch="i = np.arange(steps)\nstep = (end - start) / (steps - 1)\n"
                   "np.where(i < steps // 2, start + step * i, end - step * (steps - 1 - i))"),
        Difference("one element is the start in PyTorch; NumPy multiplies the distance to the end by 0, too, and adds that: NaN "
                   "where the end is infinite", example={"start": 0.0, "end": float("inf"), "steps": 1}, kind="gotcha",
                   when="steps == 1 and start == start and not np.isfinite(end - start)", torch="np.array([start])"),
    ],
)  # fmt: skip

ranges.case(
    "torch.linspace(start, end, steps, endpoint=False)", "np.linspace(start, end, steps, endpoint=False)",
    id="linspace-endpoint", start=values(0, 1), end=values(4, 3), steps=values(4, 2, 1, 0),
    differs=[Difference("PyTorch always includes the end", example={"start": 0, "end": 4, "steps": 4}, torch=Raises(TypeError),
                        instead="torch.linspace(start, end, steps + 1, dtype=torch.float64)[:-1]")],
)  # fmt: skip

ranges.case(
    "torch.logspace(start, end, steps)", "np.logspace(start, end, steps)", **COUNTED,
    tolerance=ulp({"float32": 8}, "the power of a rounded exponent"),
    differs=[Difference(DEFAULT_FLOAT, example={"start": 0, "end": 2, "steps": 3}, when="steps >= 0", aspect="dtype",
                        torch="np.float32", instead="torch.logspace(start, end, steps, dtype=torch.float64)")],
)  # fmt: skip

ranges.case(
    "torch.logspace(start, end, steps, base=base, dtype=torch.float64)", "np.logspace(start, end, steps, base=base)",
    id="logspace-base", **COUNTED, base=values(2, 10, 0.5, 1),
    tolerance=ulp({"float64": 4}, "the power of a rounded exponent"),
)  # fmt: skip

# Matrices and grids

for name, numpy in (("n", "np.eye(n)"), ("n, m", "np.eye(n, m)")):
    inputs = {"n": values(2, 3, 1, 0, -1), **({"m": values(3, 1, 0, 5, -1)} if name != "n" else {})}
    ranges.case(
        f"torch.eye({name})", numpy, id="eye" if name == "n" else "eye-columns", **inputs,
        differs=[Difference(DEFAULT_FLOAT, example={"n": 2, **({"m": 3} if name != "n" else {})}, aspect="dtype",
                            when="n >= 0" if name == "n" else "n >= 0 and m >= 0", torch="np.float32",
                            instead=f"torch.eye({name}, dtype=torch.float64)")],
    )  # fmt: skip

ranges.case("torch.eye(n, m, dtype=d)", "np.eye(n, m, dtype=d)", id="eye-dtype",
            n=values(2, 3, 1, 0), m=values(3, 1, 0, 5), d=dtypes())  # fmt: skip

ranges.case(
    "torch.eye(n, n, k)", "np.eye(n, n, k)", id="eye-diagonal", n=values(3, 2, 1), k=values(1, -1, 0),
    differs=[Difference("PyTorch's eye has ones on the main diagonal only", example={"n": 3, "k": 1}, torch=Raises(TypeError),
                        instead="torch.diag_embed(torch.ones(max(n - abs(k), 0), dtype=torch.float64), k)")],
)  # fmt: skip

for indexing in ("ij", "xy"):
    ranges.case(
        f"torch.meshgrid(x, y, z, indexing='{indexing}')", f"np.meshgrid(x, y, z, indexing='{indexing}', copy=False)",
        id=f"meshgrid-{indexing}", **dict.fromkeys("xyz", tensors(ndim=(0, 1), longest=20)), shares_memory=True,
        note="both give views only if NumPy is told not to copy",
    )  # fmt: skip

ranges.case(
    "torch.meshgrid(x, y)", "np.meshgrid(x, y, copy=False)", id="meshgrid-default",
    x=tensors(ndim=(0, 1), longest=20), y=tensors(ndim=(0, 1), longest=20), shares_memory=True,
    differs=[Difference("PyTorch's meshgrid counts rows first unless told otherwise (and warns), NumPy's columns",
                        example={"x": np.arange(2), "y": np.arange(3)}, when="x.size != 1 or y.size != 1",
                        torch="np.meshgrid(x, y, indexing='ij')", kind="gotcha",
                        instead="torch.meshgrid(x, y, indexing='xy')")],
)  # fmt: skip

ranges.case(
    "torch.meshgrid(x, y, indexing='ij')", "np.meshgrid(x, y, indexing='ij')", id="meshgrid-copies",
    x=tensors(ndim=(1, 1), longest=20), y=tensors(ndim=(1, 2), longest=20),
    differs=[
        Difference("PyTorch's meshgrid gives views, in which one place in memory stands for many elements; NumPy's copies",
                   example={"x": np.arange(2), "y": np.arange(3)}, when="y.ndim == 1 and x.size and y.size", aspect="memory",
                   torch="view", kind="gotcha", instead="[grid.clone() for grid in torch.meshgrid(x, y, indexing='ij')]"),
        Difference("PyTorch's meshgrid takes vectors and numbers only; NumPy flattens the others",
                   example={"x": np.arange(2), "y": np.ones((2, 2))}, when="y.ndim > 1", torch=Raises(RuntimeError),
                   instead="torch.meshgrid(x, y.flatten(), indexing='ij')"),
    ],
)  # fmt: skip

ranges.case("torch.cartesian_prod(x, y)", "np.stack(np.meshgrid(x, y, indexing='ij'), axis=-1).reshape(-1, 2)",
            x=tensors(ndim=1, longest=20), y=tensors(ndim=1, longest=20))  # fmt: skip

TRIANGLE = {"rows": values(3, 2, 4, 1, 0), "columns": values(3, 2, 5, 1, 0), "k": values(0, 1, -1, 2, -2, 7, -7)}
for name in ("tril_indices", "triu_indices"):
    ranges.case(f"torch.{name}(rows, columns, k)", f"np.stack(np.{name}(rows, k, columns))", id=name, **TRIANGLE,
                note="PyTorch gives one tensor of two rows, NumPy a tuple; and the arguments come in another order")  # fmt: skip

ranges.case(
    "torch.tril_indices(2, 2, k)", "np.stack(np.tril_indices(2, k=k))", id="tril_indices-far",
    k=values(2**31, 2**62, 2**63 - 3, 2**63 - 2, 2**63 - 1),
    differs=[Difference("PyTorch's tril_indices overflows for diagonals at the very end of the range of int64, where all "
                        "elements are asked for: it wants a tensor of a negative or an impossible size", example={"k": 2**63 - 1},
                        when="k > 2**63 - 3", torch=Raises(RuntimeError), kind="bug")],
)  # fmt: skip

ranges.case(
    "torch.triu_indices(2, 2, k)", "np.stack(np.triu_indices(2, k=k))", id="triu_indices-far",
    k=values(-(2**31), -(2**62), -(2**63) + 5, -(2**63) + 3, -(2**63)),
    differs=[Difference("PyTorch's triu_indices overflows for the diagonal -2**63, and gives an index outside of the matrix",
                        example={"k": -(2**63)}, when="k == -(2**63)", numpy=Raises(OverflowError), kind="bug",
                        torch="np.array([[0, 0, 1, 1, 2], [0, 1, 0, 1, 0]])")],
)  # fmt: skip



def powers(instead: str, order: str) -> list[Difference]:
    """Return what differs in the powers of a matrix of Vandermonde; ``order`` turns rising ones into those of its columns."""
    because = "PyTorch's powers have the dtype of the numbers; NumPy's also hold any int64, which makes float64 of every float"
    return [
        Difference(because, example={"x": np.array([2.0]), "n": 3}, dtypes=("float16", "float32", "complex64"), aspect="dtype",
                   torch="x.dtype", instead=instead),
        Difference(because, example={"x": np.array([2.0]), "n": 3}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED),
        Difference(FROM_ONE, example={"x": np.array([complex(0, np.inf)]), "n": 3}, dtypes=COMPLEX, kind="bug",
                   when="n > 1 and np.isinf(x)[:, None] & ~np.isfinite(out)",
                   torch=OneOf("out", "repeated = np.repeat(x[:, None], n - 1, axis=1)\n"
                                      f"np.cumprod(np.insert(repeated, 0, 1, axis=1), axis=1){order}")),
    ]


ROUNDED = ulp(2, "one rounding a product, where NumPy has none")
ranges.case("torch.vander(x, n)", "np.vander(x, n)", x=tensors(ndim=1), n=values(3, 2, 1, 0, -1), tolerance=ROUNDED,
            differs=[*powers("torch.vander(x.to(torch.promote_types(x.dtype, torch.float64)), n)", "[:, ::-1]"),
                     no_gradient("PyTorch's vander multiplies in place what its own backward() needs", when="n > 1",
                                 kind="bug", x=np.array([1.25]), n=3)])  # fmt: skip
ranges.case(
    "torch.linalg.vander(x, N=n)", "np.vander(x, n, increasing=True)", id="linalg-vander",
    x=tensors(ndim=1), n=values(3, 2, 1, 0), tolerance=ROUNDED,
    dtypes=(*INTEGERS, "float32", "float64", *COMPLEX), note="torch.linalg's has the powers the other way round",
    differs=[
        *powers("torch.linalg.vander(x.to(torch.promote_types(x.dtype, torch.float64)), N=n)", ""),
        Difference("PyTorch's powers of a uint64 are those of an int64; NumPy's are floats, which hold both",
                   example={"x": np.array([2]), "n": 3}, dtypes=("uint64",), when="n >= 2",
                   torch="np.vander(x.astype(np.int64), n, increasing=True)"),
        *(Difference("torch.linalg.vander wants two columns or more", example={"x": np.array([2.0]), "n": 1}, when="n < 2",
                     torch=Raises(RuntimeError), instead=instead, dtypes=dtypes)
          for instead, dtypes in (("torch.vander(x, n, increasing=True).double()", ("float32", "float64")),
                                  (None, ("bool", "float16", "bfloat16", *INTEGERS, *COMPLEX, *WIDE_UNSIGNED)))),
    ],
)  # fmt: skip
