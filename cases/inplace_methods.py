"""More that changes a tensor in place: roots and quotients, bits, augmented assignments, what is put along an axis.

A method whose name ends in an underscore writes where its tensor lies, and gives that tensor; so does an augmented assignment.
The rules are those of `add_`: the result has to fit in the tensor, and what the functions of the same names do is theirs, too.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.arithmetic import PRODUCT, PRODUCTS_OVERFLOW
from conformance.cases.arithmetic_division import FLOOR, ZERO_REMAINDER
from conformance.cases.arithmetic_powers import roots_one_off
from conformance.cases.derivatives import not_followed, out_not_followed, repeated_index
from conformance.cases.elementwise import EXPONENTIAL, SWEPT
from conformance.cases.elementwise_roots import COMPLEX_SQUARE
from conformance.cases.gather_scatter import TWICE, steps, unchecked
from conformance.cases.indexing_assignment import ADDED, PUT_FIRST, by_alpha_along, in_float32, of_reduce
from conformance.cases.products import of_bfloat16
from conformance.cases.reductions_cumulative import FROM_ZERO

from conformance import (
    COMPLEX,
    EXACT,
    FLOATS,
    INTEGERS,
    UNDEFINED,
    Difference,
    Raises,
    Section,
    axes,
    indexed,
    indices,
    indices_along,
    like,
    linear,
    multilinear,
    squares,
    tensors,
    ulp,
)

changing = Section("Changing in place", id="changing")

WRITTEN = tensors(overlapping=False)
NO_INTEGERS = ("bool", *INTEGERS)
ONE = np.array([1])


def neither(because: str, dtypes: tuple[str, ...], **others: object) -> Difference:
    """Return that both refuse ``dtypes``, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(because, example={"x": ONE, **others}, dtypes=dtypes, torch=Raises(RuntimeError), numpy=Raises(TypeError))


def only_numpy(because: str, dtypes: tuple[str, ...], **others: object) -> Difference:
    """Return that PyTorch refuses ``dtypes``, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(because, example={"x": ONE, **others}, dtypes=dtypes, torch=Raises(RuntimeError), kind="gotcha")


# A tensor and a number

NOT_IN_BOOL = neither("the result is an integer, which a bool cannot hold", ("bool",))
NOT_IN_INTEGERS = neither("the result is a float, which an integer cannot hold", NO_INTEGERS)
NO_BITS = neither("neither works on the bits of floats or complex numbers", (*FLOATS, *COMPLEX))
NO_FLOORS = neither("neither rounds complex numbers down", COMPLEX)
ZERO_REST = replace(ZERO_REMAINDER, example={"x": np.array([-3.0])}, when="(out == 0) & np.signbit(x)", because="a remainder of zero has the sign of x in PyTorch, of the divisor in NumPy")
EXPONENTIALS = ulp(EXPONENTIAL, SWEPT)
FLOORS, REST = [NOT_IN_BOOL, NO_FLOORS, not_followed("floor_divide", x=np.array([1.25]))], [NOT_IN_BOOL, NO_FLOORS, ZERO_REST]
for torch, numpy, name, tolerance, differs in (
    ("x.floor_divide_(3)", "x //= 3\nx", "floor_divide_", FLOOR, FLOORS), ("x //= 3\nx", "x //= 3\nx", "ifloordiv", FLOOR, FLOORS),
    ("x.remainder_(3)", "x %= 3\nx", "remainder_", EXACT, REST), ("x %= 3\nx", "x %= 3\nx", "imod", EXACT, REST),
    ("x.pow_(2)", "x **= 2\nx", "pow_", COMPLEX_SQUARE, [NOT_IN_BOOL]), ("x **= 2\nx", "x **= 2\nx", "ipow", COMPLEX_SQUARE, [NOT_IN_BOOL]),
    ("x.abs_()", "np.abs(x, out=x)", "abs_", EXACT, [
        only_numpy("PyTorch has no magnitude of bools in place", ("bool",)),
        only_numpy("PyTorch's abs_ refuses complex numbers, of which the magnitudes are real; NumPy writes those", COMPLEX)]),
    ("x.sqrt_()", "np.sqrt(x, out=x)", "sqrt_", EXACT, [NOT_IN_INTEGERS, *roots_one_off()[:2]]),
    ("x.exp_()", "np.exp(x, out=x)", "exp_", EXPONENTIALS, [NOT_IN_INTEGERS]),
    ("x <<= 1\nx", "x <<= 1\nx", "ilshift", EXACT, [NOT_IN_BOOL, NO_BITS]), ("x >>= 1\nx", "x >>= 1\nx", "irshift", EXACT, [NOT_IN_BOOL, NO_BITS]),
):
    changing.case(torch, numpy, id=name, x=WRITTEN, shares_memory=True, tolerance=tolerance, differs=differs)
for sign, name in (("&", "iand"), ("|", "ior"), ("^", "ixor")):
    changing.case(f"x {sign}= y\nx", f"x {sign}= y\nx", id=name, x=WRITTEN, y=like("x"), shares_memory=True,
                  differs=[replace(NO_BITS, example={"x": ONE, "y": ONE})])  # fmt: skip
SQUARES = {"x": np.array([[2]]), "y": np.array([[3]])}
PRODUCTS = (*INTEGERS, *FLOATS, *COMPLEX, "bfloat16")
changing.case(
    "x @= y\nx", "x @= y\nx", id="imatmul", x=like("y", overlapping=False), y=squares(2), tolerance=multilinear(), dtypes=PRODUCTS[:-1],
    differs=[
        *of_bfloat16(),
        Difference("of two vectors PyTorch makes a number; NumPy refuses, since a vector cannot hold it", example={"x": np.ones(1), "y": np.ones(1)},
                   when="x.ndim == 1", torch="x @ y", numpy=Raises(ValueError), dtypes=PRODUCTS, kind="gotcha"),
        *(
            Difference("PyTorch has no such assignment: x becomes the name of a new tensor, and the old one stays as it was; NumPy writes to it",
                       example=SQUARES, aspect=aspect, torch=torch, kind="gotcha", dtypes=PRODUCTS, when=when)
            for aspect, torch, when in (("memory", "copy", "x.ndim == 2 and x.size"), ("inputs after", UNDEFINED, "(out != x) | (out == 0)"))
        ),
    ],
)  # fmt: skip

# Along an axis


def in_steps(difference: Difference) -> list[Difference]:
    """Return a ``difference`` in how several terms are added, and that of what is written then."""
    return [difference, replace(difference, because=f"{difference.because}: so what is written differs", torch=UNDEFINED, aspect="inputs after")]


TWO = {"dim": 0, "i": np.array([0, 0]), "y": np.array([[1], [1]])}

for torch, numpy, name, differs in (
    ("x.index_add_(dim, i, y)", "np.add.at(np.moveaxis(x, dim, 0), i, np.moveaxis(y, dim, 0))\nx", "index_add_",
     [*in_steps(in_float32(ADDED, **TWO)), by_alpha_along(), steps(dim=0, i=np.array([0, 0]), y=np.array([1, 1]))]),
    ("x.index_copy_(dim, i, y)", "np.moveaxis(x, dim, 0)[i] = np.moveaxis(y, dim, 0)\nx", "index_copy_",
     [repeated_index(TWICE, x=np.array([0.25]), dim=0, i=np.array([0, 0]), y=np.array([0.75, 1.25]))]),
):
    changing.case(
        torch, numpy, id=name, x=tensors(ndim=(1, 4), overlapping=False), dim=axes("x"), i=indices("x", "dim", negative=False),
        y=indexed("x", "dim", "i"), shares_memory=True,
        differs=[unchecked(y=np.ones((0, 1))), *differs],
    )  # fmt: skip
changing.case(
    "x.index_fill_(dim, i, 1)", "np.moveaxis(x, dim, 0)[i] = 1\nx", id="index_fill_", x=tensors(ndim=(1, 4), overlapping=False), dim=axes("x"),
    i=indices("x", "dim"), shares_memory=True, differs=[unchecked()],
)  # fmt: skip
AT = """
at = list(np.indices(i.shape))
at[dim] = i{}
np.add.at(x, tuple(at), y)
x
"""
for torch, first, name in (
    ("x.scatter_add_(dim, i, y)", "", "scatter_add_"),
    ("x.scatter_reduce_(dim, i, y, 'sum', include_self=False)", PUT_FIRST["sum"], "scatter_reduce_"),
):
    changing.case(
        torch, AT.format(first.replace("out", "x")), id=name, x=tensors(ndim=(1, 4), overlapping=False), dim=axes("x"),
        i=indices_along("x", "dim", negative=False), y=like("i"), shares_memory=True,
        differs=in_steps(of_reduce("sum", first, "add")[0]),
    )  # fmt: skip

# To out=

OUT = {"x": np.ones(1), "z": np.ones(1)}
UNORDERED = "PyTorch has no order of complex numbers; NumPy compares the real parts, and the imaginary ones where those are equal"
for torch, numpy, name, others, differs in (
    ("torch.mul(x, y, out=z)\nz", "np.multiply(x, y, out=z)\nz", "mul-out", {"y": like("x"), "tolerance": PRODUCT}, [*(replace(one, example={**one.example, "z": one.example["x"]}) for one in PRODUCTS_OVERFLOW), out_not_followed(**OUT, y=np.ones(1))]),
    ("torch.exp(x, out=z)\nz", "np.exp(x, out=z)\nz", "exp-out", {"tolerance": EXPONENTIALS}, [replace(NOT_IN_INTEGERS, example=OUT), out_not_followed(**OUT)]),
    ("torch.clamp(x, 1, 2, out=z)\nz", "np.clip(x, 1, 2, out=z)\nz", "clamp-out", {}, [
        replace(NOT_IN_BOOL, example=OUT), out_not_followed(**OUT), only_numpy(UNORDERED, COMPLEX, z=np.ones(1))]),
):
    changing.case(torch, numpy, id=name, x=tensors(ndim=(1, 4)), z=like("x", overlapping=False), shares_memory=True, differs=differs,
                  **others)  # fmt: skip
changing.case(
    "z = torch.empty_like(x)\ntorch.cumsum(x, 0, out=z)\nz", "z = np.empty_like(x)\nnp.cumsum(x, axis=0, out=z)\nz", id="cumsum-out", x=tensors(ndim=(1, 4)),
    tolerance=linear(running=True),
    differs=[
        replace(FROM_ZERO, example={"x": np.array([-0.0])}, when="(out == 0) & np.signbit(out)"),
        replace(only_numpy("PyTorch writes no running sum to bools; NumPy's is then whether one was true", ("bool",)), when="x.size"),
        out_not_followed(x=np.ones(1)),
    ],
)  # fmt: skip
