"""Dropout: elements replaced by 0 at random while a model is trained, and left alone by ``eval()``.

What is kept is divided by ``1 - p``, so that the mean stays. NumPy's side is what becomes of an element that is kept. How
many are kept is counted: of n numbers, each kept with the probability q and independently of the others, the count is
further than t from n q with a probability of at most ``2 exp(-2 t ** 2 / n)`` (Hoeffding's inequality). With
``t ** 2 = 10.71 n``, a little more than ``n log(2e9) / 2``, that is 1e-9: one false alarm in 1,000,000,000 calls. A share
that is 0.03 off is found with the same certainty, since n is 100,000 or more and t at most 0.011 n.
"""

import numpy as np
from conformance.cases.derivatives import other_gradient

from conformance import (
    COMPLEX,
    FLOATS,
    INTEGERS,
    WIDE_UNSIGNED,
    Difference,
    OneOf,
    Raises,
    Section,
    tensors,
    ulp,
    values,
)

dropout = Section("Dropout")

ALL_FLOATS = (*FLOATS, "bfloat16")
SHARES = values(0.5, 0.25, 0.9)
ROUNDED = ulp(2, "1 / (1 - p) is rounded, and the product with it")


def at_random(**others: object) -> list[Difference]:
    """Return what training does to each element, for a row that has the inputs ``others`` beside ``x``."""
    example = {"x": np.ones(64), **others}
    return [
        Difference("PyTorch replaces elements by 0 at random; NumPy's side has no random numbers", example=example,
                   dtypes=ALL_FLOATS, torch=OneOf("out", "0 * x")),
        other_gradient("the gradient of what is dropped is 0", kind="design", **example),
        Difference("PyTorch drops floating-point numbers only", example=example, dtypes=("bool", *INTEGERS, *COMPLEX),
                   when="x.size", torch=Raises(RuntimeError)),
        Difference("of no numbers PyTorch's dropout is as empty, of any dtype", example={"x": np.zeros(0), **others},
                   dtypes=("bool", *INTEGERS, *WIDE_UNSIGNED), when="x.size == 0", torch="x"),
    ]  # fmt: skip


# Off

dropout.case("torch.nn.Dropout(p).eval()(x)", "x", id="eval", x=tensors(), p=values(0.5, 0.0, 1.0), shares_memory=True,
             note="the tensor itself, no copy")
dropout.case("torch.nn.functional.dropout(x, p, training=False)", "x", id="training", x=tensors(), p=values(0.5, 0.0, 1.0),
             shares_memory=True)
dropout.case("torch.nn.functional.dropout(x, 0.0)", "x", id="none", x=tensors(), shares_memory=True)
dropout.case("torch.nn.functional.dropout(x, 1.0)", "np.zeros_like(x) * x", id="all", x=tensors(),
             note="the product with 0: NaN where a number is infinite or NaN")

# On

for call, name in (("torch.nn.Dropout(p)(x)", "Dropout"), ("torch.nn.functional.dropout(x, p)", "dropout")):
    dropout.case(call, "x / (1 - p)", id=name, x=tensors(), p=SHARES, tolerance=ROUNDED, differs=at_random(p=0.5))
dropout.case(
    """
    x = torch.ones(n, requires_grad=True)
    y = torch.nn.functional.dropout(x, p)
    y.sum().backward()
    torch.equal(x.grad, y.detach()), torch.unique(x.grad)
    """,
    "True, np.array([0, 1 / (1 - p)], np.float32)", id="gradient", n=values(1000, 5000), p=SHARES,
    note="of ones, the gradient is what they became: 0 where one is dropped, 1 / (1 - p) where it is kept",
)  # fmt: skip

# How often

RATE = """
kept = int({kept}.count_nonzero())
[(kept - n * share) ** 2 < 10.71 * n for share in ({share} - 0.03, {share}, {share} + 0.03)]
"""
ONES = "torch.nn.functional.dropout(torch.ones({n}), p)"
ONLY_THAT = "[False, True, False]"
MANY = {"n": values(100_000, 300_000), "p": values(0.5, 0.1, 0.9)}
dropout.case(
    RATE.format(kept=ONES.format(n="n, dtype=getattr(torch, kind)"), share="1 - p"), ONLY_THAT, id="kept",
    **MANY, kind=values("float32", "float64", "float16", "bfloat16"),
    note="a share of 1 - p is kept: Hoeffding's inequality, wrong once in 1e9 calls; the shares beside it are excluded",
)  # fmt: skip
for shape, dim, name, note in (
    ("2 * n", 1, "kept-pairs", "of two neighbours each is kept whatever becomes of the other, so both are with (1 - p) ** 2"),
    ("n, 2", 1, "kept-columns", "what becomes of a number does not depend on what becomes of the one beside it in its row"),
    ("2, n", 0, "kept-rows", "each row of a batch has a mask of its own: two numbers in one column are kept with (1 - p) ** 2"),
):
    of_pairs = f"({ONES.format(n=shape)} > 0){'.reshape(n, 2)' * (name == 'kept-pairs')}.all(dim={dim})"
    dropout.case(RATE.format(kept=of_pairs, share="(1 - p) ** 2"), ONLY_THAT, id=name, **MANY, note=note)
dropout.case(
    """
    torch.manual_seed(seed)
    first, second = (torch.nn.functional.dropout(torch.ones(100), 0.5) for _ in range(2))
    torch.manual_seed(seed)
    torch.equal(first, second), torch.equal(first, torch.nn.functional.dropout(torch.ones(100), 0.5))
    """,
    """
    rng = np.random.default_rng(seed)
    first, second = (rng.random(100) for _ in range(2))
    rng = np.random.default_rng(seed)
    np.array_equal(first, second), np.array_equal(first, rng.random(100))
    """,
    id="manual_seed", seed=values(0, 1, 2**40),
    note="every call drops others; the same seed drops the same",
)  # fmt: skip
