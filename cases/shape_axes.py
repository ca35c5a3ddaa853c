"""More of rearranging axes: moving, reversing, rotating, rolling, and what broadcasting repeats.

What only moves axes is a view in both libraries. What reverses them is one in NumPy only: PyTorch's strides are never
negative, so `flip` and `rot90` copy. Where NumPy takes an axis or none, PyTorch often wants a tuple. And `torch.roll` has
one shift for each axis, where NumPy uses a single one for all.
"""

import numpy as np
from conformance.cases.derivatives import no_gradient

from conformance import CLAIMED, Difference, Raises, Section, axes, axis_tuples, broadcastable, tensors, values

moving = Section("Moving and repeating axes", id="moving")

NO_AXES = "PyTorch lets a 0-d tensor have the axes 0 and -1; NumPy refuses"

# Moving axes

ON_0D = Difference(NO_AXES, example={"x": np.array(1.0), "source": 0, "to": -1}, torch="x", numpy=Raises(ValueError),
                   when="x.ndim == 0 and {source, to} <= {0, -1}", kind="gotcha")  # fmt: skip
ONE_AXIS = {"x": tensors(), "source": axes("x"), "to": axes("x"), "shares_memory": True, "differs": [ON_0D]}

moving.case("torch.movedim(x, source, to)", "np.moveaxis(x, source, to)", **ONE_AXIS)
moving.case("x.moveaxis(source, to)", "np.moveaxis(x, source, to)", **ONE_AXIS)
moving.case("torch.movedim(x, source, to[:len(source)])", "np.moveaxis(x, source, to[:len(source)])", id="movedim-several",
            x=tensors(), source=axis_tuples("x"), to=axis_tuples("x", low=4), shares_memory=True)  # fmt: skip

moving.case(
    "x.H", "x.conj().T", x=tensors(ndim=(1, 3)),
    differs=[
        Difference("PyTorch's H is for matrices and numbers", example={"x": np.zeros(2)}, when="x.ndim != 2",
                   torch=Raises(RuntimeError), instead="x.conj().permute(*range(x.ndim - 1, -1, -1)).resolve_conj()"),
        Difference("PyTorch's conjugate is a view, conjugated when it is read; NumPy's has memory of its own",
                   example={"x": np.array([[1 + 2j]])}, when="x.ndim == 2", dtypes=("complex64", "complex128"), aspect="memory",
                   torch="view", instead="x.H.resolve_conj()"),
    ],
)  # fmt: skip
moving.case(
    "x.mH", "x.mT.conj()", x=tensors(ndim=(2, 4)),
    differs=[Difference("PyTorch's conjugate is a view, conjugated when it is read; NumPy's has memory of its own",
                        example={"x": np.array([[1 + 2j]])}, dtypes=("complex64", "complex128"), aspect="memory",
                        torch="view", instead="x.mH.resolve_conj()")],
)  # fmt: skip

# Repeating without a copy

moving.case("x.expand(y.shape)", "np.broadcast_to(x, y.shape)", y=tensors(), x=broadcastable("y"), shares_memory=True)
moving.case("torch.broadcast_to(x, y.shape)", "np.broadcast_to(x, y.shape)", y=tensors(), x=broadcastable("y"),
            shares_memory=True)  # fmt: skip
moving.case("x.expand(n, *[-1] * x.ndim)", "np.broadcast_to(x, (n, *x.shape))", id="expand-keeping",
            x=tensors(ndim=(0, 3)), n=values(2, 1, 0, 5), shares_memory=True,
            note="-1 leaves an axis as long as it is")  # fmt: skip
moving.case(
    "x.expand(shape)", "np.broadcast_to(x, shape)", id="expand-negative", x=tensors(ndim=1), shares_memory=True,
    shape=values((2, -1), (-1,), (1, -1), (0, -1)),
    differs=[Difference("-1 leaves an axis as long as it is in PyTorch; NumPy wants the size",
                        example={"x": np.ones(3), "shape": (2, -1)},
                        torch="np.broadcast_to(x, (*shape[:-1], x.size))", numpy=Raises(ValueError))],
)  # fmt: skip
moving.case("torch.broadcast_tensors(x, y)", "np.broadcast_arrays(x, y)", x=tensors(), y=broadcastable("x"),
            shares_memory=True)  # fmt: skip
moving.case(
    "torch.broadcast_shapes(a, b, c)", "np.broadcast_shapes(a, b, c)",
    a=values((2, 3), (3,), (1,), (), (0,), 3), b=values((1, 3), (2, 1), (4, 1, 1), (), (2,), 1),
    c=values((), (1,), (3,), (2, 3), (-1,)),
)  # fmt: skip

# Reversing

NEW_MEMORY = "PyTorch has no negative strides, so that its {} copies; NumPy gives a view"
FLIP_COPIES = NEW_MEMORY.format("flip")

moving.case(
    "torch.flip(x, dims)", "np.flip(x, dims)", x=tensors(), dims=axis_tuples("x", low=0),
    differs=[Difference(FLIP_COPIES, example={"x": np.arange(3), "dims": (0,)}, when="x.ndim > 0", aspect="memory", torch="copy",
                        kind="gotcha")],
)  # fmt: skip
moving.case(
    "x.flip(dim)", "np.flip(x, dim)", id="flip-dim", x=tensors(), dim=axes("x"),
    differs=[
        Difference(NO_AXES, example={"x": np.array(1.0), "dim": 0}, when="x.ndim == 0 and dim in (0, -1)", torch="x",
                   numpy=Raises(ValueError), kind="gotcha"),
        Difference(FLIP_COPIES, example={"x": np.arange(3), "dim": 0}, when="x.ndim > 0", aspect="memory", torch="copy",
                   kind="gotcha"),
    ],
)  # fmt: skip
moving.case(
    "torch.flip(x)", "np.flip(x)", id="flip-all", x=tensors(),
    differs=[Difference("PyTorch wants to be told which axes to flip; NumPy flips all of them if it is not",
                        example={"x": np.arange(3)},
                        torch=Raises(TypeError), dtypes=(*CLAIMED, "bfloat16"), instead="torch.flip(x, tuple(range(x.ndim)))")],
)  # fmt: skip
for name in ("fliplr", "flipud"):
    moving.case(
        f"torch.{name}(x)", f"np.{name}(x)", x=tensors(ndim=(1, 4)),
        differs=[Difference(NEW_MEMORY.format(name), example={"x": np.ones((2, 2))}, aspect="memory", torch="copy", kind="gotcha",
                            when=f"x.ndim > {int(name == 'fliplr')}")],
    )  # fmt: skip

QUARTERS = {"k": values(1, 2, 3, 0, -1, 5), "dims": values((0, 1), (1, 0), (-1, -2), (0, 2), (-1, 0), (0, 0), (0, -2))}
moving.case(
    "torch.rot90(x, k, dims)", "np.rot90(x, k, dims)", x=tensors(ndim=(2, 4)), **QUARTERS,
    differs=[Difference(NEW_MEMORY.format("rot90"), example={"x": np.ones((2, 2)), "k": 1, "dims": (0, 1)}, aspect="memory",
                        torch="copy", kind="gotcha")],
)  # fmt: skip

# Rolling

moving.case("torch.roll(x, n)", "np.roll(x, n)", x=tensors(), n=values(1, -1, 2, 0, 7, -12, 2**40), shares_memory=False,
            note="without an axis the tensor is flattened, rolled and given its shape back")  # fmt: skip
moving.case(
    "torch.roll(x, n, dim)", "np.roll(x, n, dim)", id="roll-dim", x=tensors(), n=values(1, -1, 2, 0, 7, -12), dim=axes("x"),
    shares_memory=False,
    differs=[Difference("PyTorch's roll does not look at dims where the tensor is empty: along an axis that there is not it "
                        "gives a tensor, and no error", example={"x": np.zeros(0), "n": 1, "dim": 1}, kind="bug",
                        when="x.size == 0 and not -x.ndim <= dim < x.ndim", torch="x", numpy=Raises(ValueError))],
)  # fmt: skip
moving.case("torch.roll(x, shifts, dims)", "np.roll(x, shifts, dims)", id="roll-dims", x=tensors(ndim=(2, 4)),
            shifts=values((1, -1), (2, 0), (3, 5)), dims=values((0, 1), (-1, 0), (0, 0), (1, -1)),
            shares_memory=False)  # fmt: skip
moving.case(
    "torch.roll(x, n, (0, 1))", "np.roll(x, n, (0, 1))", id="roll-one-shift", x=tensors(ndim=(2, 3)), n=values(1, -2, 0),
    differs=[Difference("PyTorch wants one shift for each axis; NumPy uses a single one for all",
                        example={"x": np.eye(2), "n": 1},
                        torch=Raises(RuntimeError), kind="gotcha", instead="torch.roll(x, (n, n), (0, 1))")],
)  # fmt: skip
moving.case(
    "torch.roll(x, (n, m))", "np.roll(x, (n, m))", id="roll-no-axes", x=tensors(), n=values(1, -2, 0), m=values(1, 3),
    differs=[Difference("PyTorch wants an axis for each shift, or one shift for the flattened tensor; NumPy adds the shifts up",
                        example={"x": np.arange(3), "n": 1, "m": 1}, torch=Raises(RuntimeError),
                        instead="torch.roll(x, n + m)")],
)  # fmt: skip
moving.case(
    "torch.roll(x, n)", "np.roll(x, n)", id="roll-far", x=tensors(ndim=1),
    n=values(2**62, 2**63 - 1, -(2**62), -(2**63) + 1, -(2**63)),
    differs=[Difference("PyTorch's roll takes shifts next to -2**63 for symbolic integers, and fails with an internal error",
                        example={"x": np.arange(3), "n": -(2**63)}, when="n < -(2**62)", torch=Raises(RuntimeError), kind="bug",
                        instead="torch.roll(x, n % max(x.numel(), 1))"),
             no_gradient("PyTorch's backward() of roll shifts by -n, which its roll refuses where it is next to -2**63",
                         when="n > 2**62", kind="bug", x=np.ones(3), n=2**63 - 1)],
)  # fmt: skip
