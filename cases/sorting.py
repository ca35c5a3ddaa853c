"""Sorting, and the first few of what is sorted.

PyTorch's sort gives values and indices at once, and leaves the tensor as it is, which NumPy's method of that name
sorts in place. NaN comes last in both. Which of equal elements comes first is settled only by `stable=True`: without it
the indices of ties differ, and so may the order of 0.0 and -0.0. NumPy sorts complex numbers, PyTorch does not.
"""

from dataclasses import replace

import numpy as np

from conformance import COMPLEX, FLOATS, INTEGERS, UNDEFINED, Difference, OneOf, Raises, Section, axes, tensors, values

sorting = Section("Sorting")

REAL = ("bool", *INTEGERS, *FLOATS)
ORDERED = (*REAL, "uint16", "uint32", "uint64", "bfloat16")


def no_axis(torch: str, **others: object) -> Difference:
    """Return what a sort gives of a tensor without axes, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch sorts a tensor without axes, which then is as it was; NumPy refuses",
        example={"x": np.array(1), **others}, dtypes=ORDERED, torch=torch,
        when="x.ndim == 0" + (" and dim in (0, -1)" if others else ""), numpy=Raises(ValueError),
    )  # fmt: skip


def no_order(**others: object) -> Difference:
    """Return that complex numbers have no order, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "PyTorch sorts no complex numbers; NumPy sorts them by their real part, then by the imaginary one",
        example={"x": np.array([1j]), **others}, dtypes=COMPLEX, torch=Raises(RuntimeError), kind="gotcha",
    )  # fmt: skip




def zeros(when: str = "out == 0", **others: object) -> Difference:
    """Return how zeros lie in what is not stable, for a row whose inputs beside ``x`` are ``others``."""
    return Difference(
        "0.0 and -0.0 are equal, so that a sort that is not stable leaves them in any order", torch=OneOf("0.0", "-0.0"),
        example={"x": np.resize([0.0, -0.0, -0.0], 40), **others}, dtypes=(*FLOATS, "bfloat16"), when=when,
    )  # fmt: skip


IN_DISORDER = (
    "NumPy's sort of float16 leaves negative numbers in disorder where more than a thousand are, many of them equal, on a CPU with "
    "AVX-512 but without its arithmetic of float16"
)
NO_FLOAT16 = "('avx512' in instructions) & ('avx512_fp16' not in instructions)"
"""Where that is so."""


def not_stable(stable: str, least: int = 2000, **others: object) -> list[Difference]:
    """Return what may differ from ``stable``, the expression that gives it in order: zeros, and what NumPy gets wrong.

    Of ``least`` numbers it can be seen.
    """
    return [
        Difference(IN_DISORDER, kind="bug", dtypes=("float16",),
                   example={**others, "x": np.resize([-3.0, -2.0, -1.0], least)},
                   when=f"ordered = {stable}\n{NO_FLOAT16} & (out != ordered) & (out == out)",
                   torch=OneOf(stable, f"ordered = {stable}\nnp.where(ordered == 0, -ordered, ordered)")),
        zeros(f"ordered = {stable}\n(out == 0) & (ordered == 0)", **others),
    ]  # fmt: skip


TIES = Difference(
    "which of equal elements comes first is left open by a sort that is not stable", kind="gotcha",
    example={"x": np.ones(40), "dim": 0}, dtypes=ORDERED, torch=UNDEFINED,
    when="row = np.moveaxis(np.sort(x, axis=dim, stable=True), dim, -1)\nahead, behind = row[..., :-1], row[..., 1:]\n"
    "same = (ahead == behind) | (ahead != ahead) & (behind != behind)\ntied = np.zeros(row.shape, bool)\n"
    "tied[..., 1:] |= same\ntied[..., :-1] |= same\nnp.moveaxis(tied, -1, dim)",
)  # fmt: skip
PAIR = "np.sort(x, axis=dim, stable=True), np.argsort(x, axis=dim, stable=True)"
TURNED = """
turned = np.flip(x, dim)
np.flip(np.sort(turned, axis=dim, stable=True), dim)
"""
TURNED_INDICES = """
order = np.argsort(np.flip(x, dim), axis=dim, stable=True)
x.shape[dim] - 1 - np.flip(order, dim)
"""

sorting.case(
    "torch.sort(x, dim=dim, stable=True)", PAIR, id="sort-stable", x=tensors(), dim=axes("x"), shares_memory=False,
    differs=[no_axis("x, np.array(0)", dim=0), no_order(dim=0)],
)  # fmt: skip
sorting.case(
    "torch.sort(x, dim).values", "np.sort(x, axis=dim)", id="sort", x=tensors(), dim=axes("x"), shares_memory=False,
    differs=[no_axis("x", dim=0), no_order(dim=0), *not_stable("np.sort(x, axis=dim, stable=True)", dim=0)],
)  # fmt: skip
sorting.case(
    "torch.sort(x, stable=True)", "np.sort(x, stable=True)", id="sort-pair", x=tensors(ndim=(1, 2)),
    differs=[
        no_order(),
        Difference("PyTorch's sort gives a pair, values and indices; NumPy's the values", example={"x": np.array([2, 1])},
                   dtypes=ORDERED, torch="np.sort(x, stable=True), np.argsort(x, stable=True)", kind="gotcha",
                   instead="torch.sort(x, stable=True).values"),
    ],
)  # fmt: skip
sorting.case(
    "torch.sort(x, dim=dim, descending=True, stable=True).values", TURNED, id="sort-descending", x=tensors(ndim=(1, 4)),
    dim=axes("x"), differs=[no_order(dim=0)], note="NaN comes first then",
)  # fmt: skip
sorting.case(
    "torch.argsort(x, dim=dim, stable=True)", "np.argsort(x, axis=dim, stable=True)", id="argsort-stable",
    x=tensors(ndim=(1, 4)), dim=axes("x"), differs=[no_order(dim=0)],
)  # fmt: skip
sorting.case(
    "torch.argsort(x, dim=dim, descending=True, stable=True)", TURNED_INDICES, id="argsort-descending",
    x=tensors(ndim=(1, 4)), dim=axes("x"), differs=[no_order(dim=0)],
)  # fmt: skip
sorting.case(
    "torch.argsort(x, dim)", "np.argsort(x, axis=dim)", id="argsort", x=tensors(ndim=(1, 4)), dim=axes("x"),
    differs=[no_order(dim=0), TIES],
)  # fmt: skip
sorting.case("torch.msort(x)", "np.sort(x, axis=0)", x=tensors(ndim=(1, 4)),
             differs=[no_order(), *not_stable("np.sort(x, axis=0, stable=True)")])  # fmt: skip

# The first few

NO_BOOLS = Difference("PyTorch has no topk and no kthvalue of bools", example={"x": np.ones(3)}, dtypes=("bool",),
                      torch=Raises(RuntimeError), when="x.shape[-1] > 1")  # fmt: skip
SIGNS = np.copysign(0.0, 0.5 - (np.arange(16)[:, None] >> np.arange(4) & 1))
"""Zeros with every choice of signs: which of them show that a sort moves them depends on the CPU."""
LAST = Difference("PyTorch refuses to take more than there are; NumPy's slice ends where the array does",
                  example={"x": np.ones(1)}, when="x.shape[-1] < 2", dtypes=ORDERED, torch=Raises(RuntimeError, IndexError),
                  kind="gotcha")  # fmt: skip

LAST_OF_MANY = not_stable("np.flip(np.sort(x, stable=True), -1)[..., :2]", 13023, x=SIGNS)

sorting.case("torch.topk(x, 2).values", "np.flip(np.sort(x), -1)[..., :2]", id="topk", x=tensors(ndim=(1, 3)),
             differs=[NO_BOOLS, no_order(), LAST, *LAST_OF_MANY])  # fmt: skip
sorting.case("torch.topk(x, 2, largest=False).values", "np.sort(x)[..., :2]", id="topk-smallest", x=tensors(ndim=(1, 3)),
             differs=[NO_BOOLS, no_order(), LAST, zeros(x=SIGNS)])  # fmt: skip
sorting.case("torch.kthvalue(x, 2).values", "np.partition(x, 1)[..., 1]", id="kthvalue", x=tensors(ndim=(1, 3)),
             differs=[NO_BOOLS, no_order(x=np.array([1j, 2j])), zeros(x=SIGNS)])  # fmt: skip

# Where they lie: of equal elements any, so that it is what lies there that is compared

for name, torch, numpy in (
    ("topk", "torch.topk(x, 2)", "np.flip(np.sort(x), -1)[..., :2]"), ("topk-smallest", "torch.topk(x, 2, largest=False)", "np.sort(x)[..., :2]"),
    ("kthvalue", "torch.kthvalue(x, 2, keepdim=True)", "np.partition(x, 1)[..., 1, np.newaxis]"),
):
    sorting.case(
        f"x.gather(-1, {torch}.indices)", numpy, id=f"{name}-indices", x=tensors(ndim=(1, 3)),
        differs=[NO_BOOLS, no_order(x=np.array([1j, 2j])), *{"topk": [LAST, *LAST_OF_MANY], "kthvalue": [zeros(x=SIGNS)]}.get(name, [LAST, zeros(x=SIGNS)])],
    )  # fmt: skip

# Any number of them, along any axis

COUNT = "min(k, x.shape[dim])"
SOME = {"x": tensors(ndim=(1, 4)), "dim": axes("x"), "k": values(1, 3, 2, 5, 4, 17, 100)}
BY_AXIS = {"x": SIGNS, "dim": -1, "k": 2}
OF_ANY = [replace(NO_BOOLS, example={"x": np.ones(3), "dim": 0, "k": 1}, when=None), no_order(dim=0, k=1)]
EITHER = "both = [((x == 0) & (np.signbit(x) == sign)).any(axis=dim{}) for sign in (False, True)]\n(out == 0) & both[0] & both[1]"
OF_SOME = [*OF_ANY, zeros(EITHER.format(", keepdims=True"), **BY_AXIS)]

for name, options, ordered in (
    ("topk", "", "np.flip(np.sort(x, axis=dim, stable=True), dim)"),
    ("topk-smallest", ", largest=False", "np.sort(x, axis=dim, stable=True)"),
):
    numpy = f"np.take({ordered}, np.arange({COUNT}), axis=dim)"
    call = f"torch.topk(x, {COUNT}, dim{options}"
    sorting.case(f"{call}).values", numpy, id=f"{name}-dim", **SOME, differs=OF_SOME)
    sorting.case(f"x.gather(dim, {call}).indices)", numpy, id=f"{name}-dim-indices", **SOME, differs=OF_SOME)
    sorting.case(f"{call}, sorted=False).values.sort(dim).values", f"np.sort({numpy}, axis=dim)", id=f"{name}-unsorted", **SOME,
                 differs=OF_SOME)  # fmt: skip
KTH = f"np.moveaxis(np.sort(x, axis=dim, stable=True), dim, 0)[{COUNT} - 1]"
sorting.case(f"torch.kthvalue(x, {COUNT}, dim).values", KTH, id="kthvalue-dim", **SOME,
             differs=[*OF_ANY, zeros(EITHER.format(""), **BY_AXIS)])  # fmt: skip
sorting.case(f"x.gather(dim, torch.kthvalue(x, {COUNT}, dim, keepdim=True).indices)", f"np.expand_dims({KTH}, dim)", id="kthvalue-dim-indices", **SOME,
             differs=OF_SOME)  # fmt: skip
