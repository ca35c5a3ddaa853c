"""What Python makes of a tensor, a number or a truth; and what functions make of numbers.

A tensor of one element is a number to PyTorch however many axes it has; NumPy wants none. NumPy's functions take
numbers and lists as they are, PyTorch's take tensors only.
"""

import numpy as np

from conformance import COMPLEX, FLOATS, INTEGERS, WIDE_UNSIGNED, Difference, Raises, Section, scalars, tensors

python = Section("Numbers of tensors", id="python")

COUNTED = ("bool", *INTEGERS, *WIDE_UNSIGNED)
REAL = (*COUNTED, *FLOATS, "bfloat16")


def _refuses_many(torch: type[Exception], numpy: type[Exception]) -> Difference:
    return Difference(
        "both refuse to make one number of several elements, or of none", example={"x": np.zeros(2)}, when="x.size != 1",
        torch=Raises(torch), numpy=Raises(numpy),
    )  # fmt: skip


def _one_element(torch: str, dtypes: tuple[str, ...], rest: str = "") -> Difference:
    return Difference(
        "PyTorch makes a number of one element, whatever its axes are; NumPy only of 0-d arrays",
        example={"x": np.ones((1, 1))}, dtypes=dtypes, when=f"x.size == 1 and x.ndim > 0{rest}", torch=torch,
        numpy=Raises(TypeError), kind="gotcha",
    )  # fmt: skip


def _real_part(torch: str, rest: str = "") -> Difference:
    return Difference(
        "PyTorch makes a real number of a complex one whose imaginary part is 0; NumPy of none",
        example={"x": np.array(1 + 0j)}, dtypes=COMPLEX, when=f"x.size == 1 and (x.imag == 0).all(){rest}", torch=torch,
        numpy=Raises(TypeError), kind="gotcha",
    )  # fmt: skip


def _through_int64(name: str, when: str) -> Difference:
    return Difference(
        "PyTorch's int() and bool() of a uint64 go through int64: they raise for 2**63 and more",
        example={"x": np.array(2**63, np.uint64)}, dtypes=("uint64",), when=f"{when} and (x >= 2**63).all()",
        torch=Raises(RuntimeError), kind="bug", instead=f"{name}(x.item())",
    )  # fmt: skip


MANY = _refuses_many(ValueError, TypeError)
python.case("float(x)", "float(x)", id="float", x=tensors(),
            differs=[MANY, _one_element("float(x.item())", REAL), _real_part("float(x.item().real)")])  # fmt: skip
python.case("complex(x)", "complex(x)", id="complex", x=tensors(), differs=[MANY, _one_element("complex(x.item())", (*REAL, *COMPLEX))])
python.case(
    "int(x)", "int(x)", id="int", x=tensors(domain="finite"), note="both refuse NaN and infinities",
    differs=[
        MANY, _one_element("int(x.item())", REAL, " and not (x.dtype == np.uint64 and (x >= 2**63).all())"),
        _real_part("int(x.item().real)", " and (np.abs(x.real) < 2.0**63).all()"), _through_int64("int", "x.ndim == 0"),
    ],
)  # fmt: skip
python.case("bool(x)", "bool(x)", id="bool", x=tensors(),
            differs=[_refuses_many(RuntimeError, ValueError), _through_int64("bool", "x.size == 1")])  # fmt: skip

python.case(
    "torch.sin(s)", "np.sin(s)", id="sin-of-number", s=scalars("float"),
    differs=[Difference("PyTorch's functions take tensors only, no numbers", example={"s": 1.0}, torch=Raises(TypeError),
                        kind="gotcha", instead="torch.sin(torch.tensor(s, dtype=torch.float64))")],
)  # fmt: skip
