"""Sums of products by the names of axes: ``einsum`` and ``tensordot``.

The equations are the same. PyTorch sums integers in int64, and of equations with one operand gives that dtype; NumPy keeps
the dtype of its operands, so that its sums wrap around.
"""

from dataclasses import replace

import numpy as np
from conformance.cases.products import FLUSHES, of_bfloat16
from conformance.cases.products_vectors import SINGLE_ELEMENT_OF_16_BITS, ZERO_FOR_NAN
from conformance.cases.reductions import partial_sums

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
    like,
    linear,
    matching,
    multilinear,
    squares,
    tensors,
)

einsum = Section("Einsum")

NUMBERS = (*INTEGERS, *FLOATS, *COMPLEX)

# Of one tensor: views

for equation, x in (
    ("ij->ji", tensors(2)),
    ("ba", tensors(2)),
    ("...ij->...ji", tensors(ndim=(2, 4))),
    ("i...->...i", tensors(ndim=(1, 4))),
    ("ii->i", squares(2)),
    ("...ii->...i", squares()),
):
    einsum.case(f"torch.einsum('{equation}', x)", f"np.einsum('{equation}', x)", id=equation.replace(".", "_"), x=x, shares_memory=True)

# Of one tensor: sums

for equation, x in (("ii", squares(2)), ("ij->", tensors(2)), ("ij->j", tensors(2)), ("...ii->...", squares())):
    einsum.case(
        f"torch.einsum('{equation}', x)", f"np.einsum('{equation}', x)", id="sum-" + equation.replace(".", "_"), x=x, tolerance=linear(),
        differs=[
            Difference(
                "PyTorch sums integers and bools in int64; NumPy's einsum keeps their dtype, so that sums wrap around",
                example={"x": np.array([[100, 1], [1, 100]])}, dtypes=("bool", "uint8", "int8", "int16", "int32", *WIDE_UNSIGNED),
                torch=f"np.einsum('{equation}', x.astype(np.int64))", kind="gotcha", instead=f"torch.einsum('{equation}', x).to(x.dtype)",
            ),
            *([partial_sums("x.ndim")] if equation == "ij->" else []),
        ],
    )  # fmt: skip

# Of two tensors

SHORT = ("bool", "uint8", "int8", "int16", "int32", *WIDE_UNSIGNED)
TWO = {"dtypes": NUMBERS, "tolerance": multilinear()}


def sums_first(equation: str, when: str, *, turned: bool = False, **numpy: object) -> list[Difference]:
    """Return what comes of summing before multiplying, where ``when`` says that PyTorch does; ``turned``: for x.T and y.T."""
    first = "Where an axis of length 1 is broadcast against the summed one, PyTorch sums first, "
    turn = (lambda x, y: {"x": x.T, "y": y.T}) if turned else (lambda x, y: {"x": x, "y": y})
    return [
        Difference(
            first + "and rounds that to 16 bits", example=turn(np.array([[1.184]]), np.array([[0.681], [0.606], [1.091]])),
            dtypes=("float16", "bfloat16"), when=when, torch=UNDEFINED, kind="gotcha", **numpy,
        ),
        *(
            Difference(
                first + "which may be infinite or NaN where NumPy's sum of products is not, and finite where it is",
                example=turn(np.array([[0.5]]), np.array([[large, 1.0], [large, 1.0]])), dtypes=dtypes, torch=UNDEFINED, kind="gotcha",
                when=f"{when} and not np.isfinite(np.einsum('{equation}', np.abs(x) + 1, np.abs(y) + 1)).all()", **numpy,
            )
            for large, dtypes in ((3e38, ("float32", "complex64")), (1.7e308, ("float64", "complex128")))
        ),
    ]  # fmt: skip


def broadcast_sum(equation: str) -> list[Difference]:
    """Return what happens where an axis of one element is broadcast against the one that is summed."""
    return [
        Difference(
            "PyTorch's einsum gives integers as int64 where an axis of length 1 is broadcast against the summed one, and otherwise in "
            "their own dtype",
            example={"x": np.array([[100]]), "y": np.array([[1], [2]])}, dtypes=SHORT, kind="gotcha",
            when="x.shape[-1] != y.shape[-2]", torch=f"np.einsum('{equation}', x.astype(np.int64), y.astype(np.int64))",
        ),
        *sums_first(equation, "x.shape[-1] != y.shape[-2]"),
    ]  # fmt: skip


MATRICES = {"x": tensors(2), "y": matching("jk", x="ij"), **TWO}
einsum.case(
    "torch.einsum('ij,jk->ik', x, y)", "np.einsum('ij,jk->ik', x, y)", id="matmul", **MATRICES,
    differs=[*broadcast_sum("ij,jk->ik"), *of_bfloat16()],
)  # fmt: skip
einsum.case(
    "torch.einsum('ij,jk', x, y)", "np.einsum('ij,jk', x, y)", id="matmul-implicit", **MATRICES,
    differs=[*broadcast_sum("ij,jk"), *of_bfloat16()],
)  # fmt: skip
einsum.case(
    "torch.einsum('...ij,...jk->...ik', x, y)", "np.einsum('...ij,...jk->...ik', x, y)", id="matmul-batch",
    x=tensors(ndim=(2, 4)), y=matching("jk", x="...ij"), **TWO, differs=[*broadcast_sum("...ij,...jk->...ik"), *of_bfloat16()],
)  # fmt: skip
einsum.case(
    "torch.einsum('ij,jk->i', x, y)", "np.einsum('ij,jk->i', x, y)", id="matmul-summed",
    x=tensors(2, domain="small"), y=matching("jk", x="ij", domain="small"), dtypes=NUMBERS, tolerance=multilinear(steps=True),
    differs=[
        Difference(
            "PyTorch's einsum of integers other than int64 raises where an axis is summed that only one of the tensors has: it sums "
            "that first, in int64, and then finds two dtypes",
            example={"x": np.ones((1, 2)), "y": np.ones((2, 2))}, dtypes=SHORT[1:], torch=Raises(RuntimeError), kind="bug",
            when="x.shape[1] > 1 and y.shape[0] > 1 and y.shape[1] != 1 and len(x)",
            instead="torch.einsum('ij,jk->i', x.long(), y.long()).to(x.dtype)",
        ),
        Difference(
            "Where PyTorch sums integers before it multiplies them, the result is int64; NumPy's keeps their dtype",
            example={"x": np.ones((1, 1)), "y": np.ones((1, 2))}, dtypes=SHORT, kind="gotcha",
            when="not (x.shape[1] > 1 and y.shape[0] > 1 and len(x)) and (y.shape[1] != 1 or x.shape[1] != y.shape[0])",
            torch="np.einsum('ij,jk->i', x.astype(np.int64), y.astype(np.int64))",
        ),
    ],
)  # fmt: skip
einsum.case("torch.einsum('ij,ij->ij', x, y)", "np.einsum('ij,ij->ij', x, y)", id="elementwise", x=tensors(2), y=like("x"), **TWO)
einsum.case(
    "torch.einsum('ij,ij', x, y)", "np.einsum('ij,ij', x, y)", id="inner", x=tensors(2), y=like("x"), **TWO,
    differs=of_bfloat16("x, y = x.reshape(1, -1), y.reshape(-1, 1)", x=np.full((129, 33), 2.0**-130), y=np.ones((129, 33)))[:1],
)  # fmt: skip
einsum.case("torch.einsum('i,j->ij', x, y)", "np.einsum('i,j->ij', x, y)", id="outer", x=tensors(1), y=matching("j"), **TWO)
THREE_FLUSHED = """
flush = lambda v: np.where(np.abs(v) < 2.0**-126, 0, v).astype(np.float32)
pairs = flush(np.einsum('ij,ik->ijk', x, x))
bits = pairs.view(np.int32)
pairs = np.where(np.isfinite(pairs), ((bits + 0x7FFF + (bits >> 16 & 1)) & -0x10000).view(np.float32), pairs)
flushed = flush(sum((flush(pair[..., None] * flush(row)) for pair, row in zip(pairs, x)), np.zeros_like(out)))
other = np.logical_or.reduce([flushed.transpose(order) != out for order in ((0, 1, 2), (2, 0, 1), (0, 2, 1))])
"""
"""Which of the three is multiplied last is PyTorch's choice."""
LOST_PAIRS = """
pairs = np.einsum('ij,ik->ijk', np.float64(x), np.float64(x))
lost = (pairs != 0) & (np.abs(pairs) < (2.0**-24 if x.dtype == np.float16 else 2.0**-126))
np.einsum('ijk,il->jkl', np.float64(lost), np.float64(np.isinf(x))) > 0
"""
einsum.case(
    "torch.einsum('ij,ik,il->jkl', x, x, x)", "np.einsum('ij,ik,il->jkl', x, x, x)", id="three", x=matching("ij"),
    dtypes=NUMBERS, tolerance=multilinear(factors=3),
    differs=[
        *(Difference("PyTorch rounds the product of two to 16 bits before it multiplies by the third: it may be 0, of which an infinite "
                     "multiple is NaN", dtypes=(dtype,), kind="gotcha", torch=OneOf("out", "np.nan"), when=LOST_PAIRS,
                     example={"x": np.array([[small, np.inf]])}) for dtype, small in (("float16", 2.0**-14), ("bfloat16", 2.0**-70))),
        Difference(
            "PyTorch multiplies two at a time, and larger ones of bfloat16 with an instruction that takes subnormal numbers for zero, and "
            "gives none, where the processor has it", dtypes=("bfloat16",), kind="gotcha",
            torch=UNDEFINED,
            example={"x": np.where(np.arange(34).reshape(2, 17) == 0, 1.0, 2.0**-65)},
            when=f"{THREE_FLUSHED}other & bool(len(x) > 1 and out.size * len(x) > 16**3 and {FLUSHES})",
        )],
)  # fmt: skip

# Tensordot


def of_tensordot(equation: str, product: str, when: str, **example: object) -> list[Difference]:
    """Return what differs in a product that ``equation`` says, too; axes are broadcast where ``when`` holds."""
    return [
        Difference(
            "PyTorch's tensordot broadcasts an axis of length 1 against the summed one; NumPy refuses",
            example=example, dtypes=(*INTEGERS, "float32", "float64", *COMPLEX), numpy=Raises(ValueError), kind="gotcha",
            when=f"{when} and np.isfinite(np.einsum('{equation}', np.abs(x) + 1, np.abs(y) + 1)).all()",
            torch=f"np.einsum('{equation}', x, y)",
        ),
        *sums_first(equation, when, turned=product != "x @ y", numpy=Raises(ValueError)),
        replace(SINGLE_ELEMENT_OF_16_BITS, example=SINGLE[equation]),
        replace(
            ZERO_FOR_NAN,
            example={"x": np.array([[0.0]]), "y": np.array([np.nan, 1.0]).reshape((1, 2) if product == "x @ y" else (2, 1))},
            dtypes=("float32", "complex64", "bfloat16"), when=f"(min(x.size, y.size) == 1) & (out == 0) & ~np.isfinite({product})",
            torch=product,
        ),
    ]


SINGLE = {
    "ij,jk->ik": {"x": np.array([[1.0078125, 0, -1.015625, 0]])[:, ::2], "y": np.array([[1.0078125], [1.0]])},
    "ij,ki->jk": {"x": np.array([[1.0078125], [1.0]]), "y": np.array([[1.0078125, 0, -1.015625, 0]])[:, ::2]},
}

einsum.case(
    "torch.tensordot(x, y, dims=1)", "np.tensordot(x, y, axes=1)", id="tensordot", x=tensors(2), y=matching("jk", x="ij"), **TWO,
    differs=[*of_tensordot("ij,jk->ik", "x @ y", "{x.shape[1], y.shape[0]} > {1}", x=np.ones((1, 1)), y=np.ones((3, 2))), *of_bfloat16()],
)  # fmt: skip
einsum.case(
    "torch.tensordot(x, y, dims=([0], [-1]))", "np.tensordot(x, y, axes=([0], [-1]))", id="tensordot-lists", x=tensors(2),
    y=matching("ki", x="ij"), **TWO,
    differs=[*of_tensordot("ij,ki->jk", "x.T @ y.T", "{x.shape[0], y.shape[1]} > {1}", x=np.ones((1, 1)), y=np.ones((2, 3))),
             of_bfloat16("x, y = x.T, y.T")[0]],
)  # fmt: skip
einsum.case(
    "torch.tensordot(x, y, dims=(1, 0))", "np.tensordot(x, y, axes=(1, 0))", id="tensordot-numbers", x=tensors(2), y=matching("jk", x="ij"),
    differs=[
        Difference(
            "PyTorch's tensordot takes two lists of axes or one number of them; NumPy's takes an axis of each, too",
            example={"x": np.ones((1, 2)), "y": np.ones((2, 1))}, torch=Raises(TypeError),
        )
    ],
)  # fmt: skip
for torch, numpy, name, letters in (
    ("torch.tensordot(x, y)", "np.tensordot(x, y)", "tensordot-default", "jkl"),
    ("torch.tensordot(x, y, dims=([1, 2], [1, 0]))", "np.tensordot(x, y, axes=([1, 2], [1, 0]))", "tensordot-two", "kjl"),
):
    pairs = f"pairs = [(x.shape['ijk'.index(n)], y.shape['{letters}'.index(n)]) for n in 'jk']\n"
    einsum.case(torch, numpy, id=name, x=tensors(3, domain="small"), y=matching(letters, x="ijk", domain="small"), **TWO,
                note="of small numbers: what differs of others is said of one axis (tensordot)",
                differs=[replace(of_tensordot("ij,jk->ik", "x @ y", "")[0], dtypes=NUMBERS, example={"x": np.ones((1, 1, 1)), "y": np.ones((3, 1, 2) if letters == "jkl" else (1, 3, 2))},
                                 torch=f"np.einsum('ijk,{letters}->il', x, y)",
                                 when=f"{pairs}any(a != b for a, b in pairs) and all(a == b or 1 in (a, b) for a, b in pairs)")])  # fmt: skip
