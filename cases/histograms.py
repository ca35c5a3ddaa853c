"""Counting values: how often each integer occurs, and how many numbers lie in each of several bins.

PyTorch's counts of floats are floats, of the dtype of what is counted, and stop at the last whole number after which there
is a gap: 256 for bfloat16, 2048 for float16, 2 ** 24 for float32. It bins floats only.
"""

import numpy as np
from conformance.cases.derivatives import not_followed

from conformance import FLOATS, UNDEFINED, Difference, Raises, Section, like, tensors, ulp, values, within

histograms = Section("Histograms", id="histograms")

NO_BOOLS = "PyTorch counts no bools; for NumPy they are 0 and 1"
COUNTS_STOP = (
    "PyTorch counts in the dtype of the numbers that are counted, so that no count goes past 256 for bfloat16, 2048 for float16, "
    "2 ** 24 for float32"
)
MOST = {"float16": 2048, "bfloat16": 256}
FLOATING = "PyTorch's counts are floats, of the dtype of what is counted; NumPy's are int64"

histograms.case(
    "torch.bincount(x, minlength=n)", "np.bincount(x, minlength=n)", x=tensors(ndim=1, dtypes=("uint8", "int64"), domain="small"),
    n=values(0, 1, 7), note="both refuse negative numbers",
)  # fmt: skip
histograms.case(
    "torch.bincount(x)", "np.bincount(x)", id="bincount-bool", x=tensors(ndim=1, dtypes=("bool",)),
    differs=[Difference(NO_BOOLS, example={"x": np.array([True])}, torch=Raises(RuntimeError), instead="torch.bincount(x.byte())")],
)  # fmt: skip
histograms.case(
    "torch.bincount(x, w)", "np.bincount(x, w)", id="bincount-weights", x=tensors(ndim=1, dtypes=("uint8", "int64"), domain="small"),
    w=like("x", dtypes=("float64", "int64")), tolerance=within("x.size * u * np.bincount(x, np.abs(w))", "a sum of at most n weights in any order"),
    differs=[not_followed("bincount", x=np.array([1], np.int64), w=np.array([1.25]))],
)  # fmt: skip
histograms.case(
    "torch.bincount(x, w)", "np.bincount(x, w)", id="bincount-weights-float32", x=tensors(ndim=1, dtypes=("uint8", "int64"), domain="small"),
    w=like("x", dtypes=("float32",), domain="small"),
    differs=[
        Difference("PyTorch adds weights of float32 in float32; NumPy all in float64", example={"x": np.array([1]), "w": np.array([1], np.float32)},
                   when="x.size", aspect="dtype", torch="np.float32", kind="gotcha", instead="torch.bincount(x, w.double())"),
    ],
)  # fmt: skip


def counts(**others: object) -> list[Difference]:
    """Return what differs in counts."""
    return [
        Difference(FLOATING, example={"x": np.array([2.0]), **others}, dtypes=FLOATS, aspect="dtype", torch="x.dtype", kind="gotcha"),
        Difference(FLOATING, example={"x": np.array([2.0]), **others}, dtypes=("bfloat16",), aspect="dtype", torch=UNDEFINED, kind="gotcha"),
        Difference(
            "PyTorch's threads each count for themselves, in 16 bits: how far the counts of float16 and bfloat16 go depends on their number",
            example={"x": np.full(2**15 + 2, 2.0), **others}, dtypes=("float16", "bfloat16"), torch=UNDEFINED, kind="bug",
            when="threads > 1 and x.size >= 2**15", upstream="https://github.com/pytorch/pytorch/issues/174668",
        ),
        *(
            Difference(
                COUNTS_STOP, example={"x": np.full(most + 2, 2.0), **others}, dtypes=(dtype,), torch=f"np.minimum(out, {most})", kind="bug",
                when=f"out > {most}", upstream="https://github.com/pytorch/pytorch/issues/174668",
            )
            for dtype, most in MOST.items()
        ),
    ]  # fmt: skip


histograms.case("torch.histc(x, bins, 0, 8)", "np.histogram(x, bins, (0, 8))[0]", x=tensors(), bins=values(4, 1, 2, 8), dtypes=FLOATS,
                differs=counts(bins=1))  # fmt: skip
histograms.case(
    "torch.histogram(x, bins, range=(0.0, 8.0)).hist", "np.histogram(x, bins, (0, 8))[0]", id="histogram", x=tensors(),
    bins=values(4, 1, 2, 8), dtypes=FLOATS, differs=counts(bins=1),
)  # fmt: skip
histograms.case(
    "torch.histogram(x, bins, range=(0.0, 8.0)).bin_edges", "np.histogram(x, bins, (0, 8))[1]", id="histogram-edges", x=tensors(),
    bins=values(4, 1, 2, 8), dtypes=FLOATS, differs=[not_followed("histogram", x=np.array([1.25]), bins=4)],
)  # fmt: skip
histograms.case(
    "torch.histogram(x, bins, range=(-4.0, 5.0), weight=w).hist", "np.histogram(x, bins, (-4, 5), weights=w)[0]", id="histogram-weight",
    x=tensors(domain="small", longest=500), w=like("x", domain="small"), bins=values(3, 1, 2, 9), dtypes=FLOATS,
    tolerance=within("np.float64(x.size) * u * np.histogram(x, bins, (-4, 5), weights=np.abs(np.float64(w)))[0]", "a sum of at most n weights in any order, each step rounded to their dtype", narrow=True),
    differs=[not_followed("histogram", x=np.array([1.25]), bins=3, w=np.array([1.25]))],
)  # fmt: skip
histograms.case(
    "torch.histogram(x, bins, range=(-4.0, 5.0), density=True).hist", "np.histogram(x, bins, (-4, 5), density=True)[0]", id="histogram-density",
    x=tensors(domain="small", longest=250), bins=values(3, 1, 2, 9), dtypes=FLOATS,
    tolerance=ulp(3, "a count of at most 250 is exact; two quotients and a width"),
    differs=[not_followed("histogram", x=np.array([1.25]), bins=3), *(
        Difference("PyTorch's density has the dtype of what is counted; NumPy's is float64", example={"x": np.array([2.0]), "bins": 1}, dtypes=dtypes,
                   aspect="dtype", torch=torch, kind="gotcha") for dtypes, torch in ((("float16", "float32"), "x.dtype"), (("bfloat16",), UNDEFINED)))],
    note="of at most 250 numbers, since counts of bfloat16 go no further than 256",
)  # fmt: skip
RANGE_OF_DATA = (
    "PyTorch's histc takes the range of the data where the ends that are given are equal, which it documents for two zeros only; NumPy "
    "takes the range of length 1 around them"
)
of_data = {"kind": "bug", "upstream": "https://github.com/pytorch/pytorch/issues/126021"}
WHOLE = "np.all((x == np.rint(x)) & (np.abs(x) < 10))"
histograms.case(
    "torch.histc(x, 4, 2, 2)", "np.histogram(x, 4, (2, 2))[0]", id="histc-one-value", x=tensors(domain="small"), dtypes=FLOATS,
    differs=[
        *counts(),
        *(
            Difference(RANGE_OF_DATA, **of_data, example={"x": np.array([1.0, 2.0, 3.0])}, dtypes=(dtype,), when=f"np.any(x != 2) and {WHOLE}",
                       torch=f"np.minimum(np.histogram(x, 4, (x.min(), x.max()))[0], {MOST.get(dtype, 2**24)})")
            for dtype in (*FLOATS, "bfloat16")
        ),
        Difference(RANGE_OF_DATA, **of_data, example={"x": np.array([0.5, 1.0, 3.0])}, dtypes=(*FLOATS, "bfloat16"),
                   when=f"np.any(x != 2) and not {WHOLE}", torch=UNDEFINED),
    ],
)  # fmt: skip
