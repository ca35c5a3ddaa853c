"""Shuffled loaders: pairs of samples in an order of chance, and the order itself, in NumPy.

PyTorch's default generator is the Mersenne Twister, as that of NumPy's old `RandomState`. A loader takes eight bytes of it
for the seeds of its workers, whether it has any or not, and shuffles with what follows. In a program of one's own it is
enough that there is some order: `np.random.default_rng(seed).permutation(len(x))`.
"""

from textwrap import dedent

from conformance import Section, normals, values

shuffled = Section("Shuffled loaders", id="shuffled")

EITHER = (False, True)
SEED = values(0, 1, 12345)
ORDER = """
    source, order = np.random.RandomState(seed), np.arange(len(x))
    source.bytes(8)
    for i in range(len(x) - 1):
        j = i + source.randint(0, 2**32) % (len(x) - i)
        order[i], order[j] = order[j], order[i]
"""
"""The NumPy lines that shuffle as a loader of PyTorch does."""
BATCHES = """
    end = len(x) // size * size if drop else len(x)
    [[x[order[i : i + size]], y[order[i : i + size]]] for i in range(0, end, size)]
"""


LOADED = """
    generator = torch.Generator().manual_seed(seed)
    dataset = torch.utils.data.TensorDataset(x, y)
    {loader}
"""


def loaded(more: str = "") -> str:
    """Return the torch program that lists the batches of a shuffled loader, to which ``more`` is told."""
    loader = f"list(torch.utils.data.DataLoader(dataset, batch_size=size, shuffle=True, drop_last=drop, generator=generator{more}))"
    return LOADED.replace("{loader}", loader)


shuffled.case(
    loaded(), ORDER + BATCHES, id="pairs", x=normals(13, 2), y=normals(13, dtypes=("int64",)), size=values(4, 1, 5, 13, 20),
    drop=values(*EITHER), seed=SEED, fills=1, note="one order for both: a sample and what belongs to it stay together",
)  # fmt: skip
shuffled.case(
    "x = torch.arange(count)\ny = x * x" + dedent(loaded(", num_workers=2")), "x = np.arange(count)\ny = x * x" + dedent(ORDER + BATCHES), id="workers",
    count=values(53), size=values(4), drop=values(*EITHER), seed=values(0, 12345),
    note="the batches are dealt to two processes, and come back in the order that was drawn",
)  # fmt: skip
