"""What a tensor says of itself, and the names that both libraries' arguments go by.

Most attributes have one name. `x.size` is the trap: a method that gives the shape in PyTorch, the number of elements in
NumPy. Strides count elements in PyTorch and bytes in NumPy.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import Difference, Raises, Section, axes, like, tensors

attributes = Section("Attributes", id="attributes")

attributes.case("x.shape", "x.shape", x=tensors())
attributes.case("x.size()", "x.shape", x=tensors(), note="NumPy's x.size is PyTorch's x.numel()")
attributes.case("x.size(dim)", "x.shape[dim]", id="size-dim", x=tensors(), dim=axes("x"))
attributes.case("x.shape[dim]", "x.shape[dim]", id="shape-dim", x=tensors(), dim=axes("x"))
attributes.case("x.ndim", "x.ndim", x=tensors())
attributes.case("x.dim()", "x.ndim", x=tensors())
attributes.case("x.numel()", "x.size", x=tensors())
attributes.case("x.nelement()", "x.size", x=tensors())
attributes.case("len(x)", "len(x)", id="len", x=tensors(), note="of a 0-d tensor or array, neither has one")
attributes.case("x.dtype", "x.dtype", x=tensors())
attributes.case("x.is_floating_point()", "np.issubdtype(x.dtype, np.floating)", x=tensors())
attributes.case("x.is_complex()", "np.iscomplexobj(x)", x=tensors())

attributes.case("x.stride()", "tuple(step // x.itemsize for step in x.strides)", x=tensors(),
                note="PyTorch counts strides in elements, NumPy in bytes")  # fmt: skip
attributes.case("x.stride(dim)", "x.strides[dim] // x.itemsize", id="stride-dim", x=tensors(), dim=axes("x"))
attributes.case("x.is_contiguous()", "x.flags.c_contiguous", x=tensors())

TWO_BYTES = Difference("bfloat16 takes two bytes; NumPy, which lacks it, holds its values in float32", torch="2",
                       example={"x": np.zeros(1)}, dtypes=("bfloat16",))  # fmt: skip
attributes.case("x.element_size()", "x.itemsize", x=tensors(), differs=[TWO_BYTES])
attributes.case("x.itemsize", "x.itemsize", x=tensors(), differs=[TWO_BYTES])
attributes.case(
    "x.nbytes", "x.nbytes", x=tensors(), note="the elements alone, not the storage that a view lies in",
    differs=[Difference("bfloat16 takes two bytes; NumPy, which lacks it, holds its values in float32",
                        torch="2 * x.size", example={"x": np.zeros(1)}, when="x.size > 0", dtypes=("bfloat16",))],
)  # fmt: skip

attributes.case("x.data", "np.asarray(x.data)", x=tensors(ndim=(1, 4)), shares_memory=True,
                note="PyTorch's is a tensor that autograd does not follow, NumPy's a memoryview",
                differs=[no_gradient("PyTorch's data is cut off from the gradient", torch="none", x=np.ones(1))])  # fmt: skip

# What PyTorch calls dim and keepdim it also takes under NumPy's names.

BYTES_STAY_BYTES = Difference("any and all of uint8 give uint8 in PyTorch, of every other dtype bool",
                              example={"x": np.array([1]), "dim": 0}, aspect="dtype", torch="np.uint8",
                              dtypes=("uint8",), kind="gotcha",
                              upstream="https://github.com/pytorch/pytorch/issues/50342", instead="x.bool().any(axis=dim, keepdims=True)")  # fmt: skip

attributes.case("x.any(dim=dim, keepdim=True)", "x.any(axis=dim, keepdims=True)", id="any-dim", x=tensors(), dim=axes("x"),
                differs=[BYTES_STAY_BYTES])  # fmt: skip
attributes.case("x.any(axis=dim, keepdims=True)", "x.any(axis=dim, keepdims=True)", id="any-axis", x=tensors(), dim=axes("x"),
                differs=[BYTES_STAY_BYTES])  # fmt: skip
attributes.case("torch.cat([x, y], axis=dim)", "np.concatenate([x, y], axis=dim)", id="cat-axis",
                x=tensors(ndim=(1, 4)), y=like("x"), dim=axes("x"), shares_memory=False,
                differs=[Difference("PyTorch does not look at dim where all tensors have the shape (0,): torch.cat along an axis that they do not have gives "
                                    "a tensor, and no error",
                                    example={"x": np.zeros(0), "y": np.zeros(0), "dim": 2}, kind="bug",
                                    upstream="https://github.com/pytorch/pytorch/issues/86918",
                                    when="x.shape == (0,) and not -1 <= dim <= 0", torch="np.zeros(0, x.dtype)",
                                    numpy=Raises(np.exceptions.AxisError))])  # fmt: skip
attributes.case("torch.eq(x1=x, x2=y)", "np.equal(x, y)", id="eq-x1", x=tensors(), y=like("x"), shares_memory=False,
                note="NumPy's own x1 and x2 are positional only")  # fmt: skip
