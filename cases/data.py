"""Data: datasets, loaders and splits, and the slices of NumPy that they are; seeds, and what follows from them.

A dataset is anything with a length and an index; a loader gives batches of it, as copies. The last batch is short unless it
is dropped. PyTorch's default generator is the Mersenne Twister, as that of NumPy's old `RandomState`, so its numbers can be
had there as well; `np.random.default_rng` has another.
"""

import numpy as np

from conformance import Difference, Raises, Section, indices, like, normals, tensors, values

data = Section("Data", id="data")

SIZES = values(4, 1, 7, 100)
SOME = tensors(ndim=(1, 3), longest=60)
EITHER = (False, True)


def copies(**example: object) -> Difference:
    """Return that batches are copies, for a row with the inputs ``example``."""
    return Difference("a batch of a loader is a copy; a slice of an array is a view", example=example, aspect="memory",
                      torch="copy")  # fmt: skip


# Datasets.

data.case(
    "torch.utils.data.TensorDataset(x, y)[i]", "x[i], y[i]", id="TensorDataset", x=tensors(ndim=(2, 3)), y=like("x"),
    i=values(0, -1, 1), shares_memory=True,
)  # fmt: skip
data.case("len(torch.utils.data.TensorDataset(x, y))", "len(x)", id="TensorDataset-len", x=tensors(ndim=(1, 3)), y=like("x"))
data.case(
    "[sample for sample, in torch.utils.data.Subset(torch.utils.data.TensorDataset(x), chosen.tolist())]",
    "[x[i] for i in chosen]", id="Subset", x=tensors(ndim=(2, 3), longest=60), chosen=indices("x"), shares_memory=True, fills=2,
    differs=[Difference("a loop over a Subset ends at an index that is out of range, without a word; NumPy refuses it",
                        example={"x": np.ones((2, 3)), "chosen": np.array([0, 5, 1])},
                        when="((chosen < -len(x)) | (chosen >= len(x))).any()",
                        torch="wrong = np.argmax((chosen < -len(x)) | (chosen >= len(x)))\n[x[i] for i in chosen[:wrong]]",
                        numpy=Raises(IndexError), kind="gotcha",
                        upstream="https://github.com/pytorch/pytorch/issues/82732",
                        instead="subset = torch.utils.data.Subset(x, chosen.tolist())\n[subset[i] for i in range(len(subset))]")],
)  # fmt: skip
data.case(
    "list(torch.utils.data.ConcatDataset([x, y]))", "[*x, *y]", id="ConcatDataset", x=tensors(ndim=(2, 3), longest=60),
    y=like("x"), shares_memory=True, fills=2,
)  # fmt: skip
data.case(
    "both = torch.utils.data.ConcatDataset([x, y, z])\n[both[i] for i in range(len(both))], both[-1], both[-9], len(both)",
    "both = [*x, *y, *z]\nboth, both[-1], both[-9], len(both)", id="ConcatDataset-lengths",
    x=normals(5, 2), y=normals(1, 2), z=normals(4, 2), shares_memory=True, fills=2, note="of different lengths, counted from either end",
)  # fmt: skip
data.case(
    """
    try:
        torch.utils.data.TensorDataset(torch.ones(count, 2), torch.ones(3))
        refused = False
    except AssertionError:
        refused = True
    refused
    """, "count != 3", id="TensorDataset-lengths", count=values(3, 2, 4), note="all have as many samples",
)  # fmt: skip
data.case(
    """
    class Numbered(torch.utils.data.Dataset):
        def __init__(self, samples):
            self.samples = samples
        def __len__(self):
            return len(self.samples)
        def __getitem__(self, index):
            return self.samples[index], index
    list(torch.utils.data.DataLoader(Numbered(x), batch_size=size))
    """,
    "[[x[i : i + size].copy(), np.arange(len(x))[i : i + size]] for i in range(0, len(x), size)]",
    id="Dataset", x=SOME, size=SIZES, fills=1,
    note="a loader stacks the samples of a batch, and makes a tensor of their numbers",
)  # fmt: skip

# Loaders.

data.case(
    "[batch for batch, in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x), batch_size=size)]",
    "[x[i : i + size] for i in range(0, len(x), size)]", id="DataLoader", x=SOME, size=SIZES, fills=2,
    differs=[copies(x=np.ones(3), size=4)],
)  # fmt: skip
data.case(
    "list(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=size, drop_last=drop))",
    """
    end = len(x) // size * size if drop else len(x)
    [[x[i : i + size], y[i : i + size]] for i in range(0, end, size)]
    """,
    id="DataLoader-pairs", x=SOME, y=like("x"), size=SIZES, drop=values(*EITHER), fills=1,
    differs=[copies(x=np.ones(3), y=np.ones(3), size=1, drop=False)],
)  # fmt: skip
data.case(
    "len(torch.utils.data.DataLoader(range(count), batch_size=size, drop_last=drop))",
    "count // size if drop else math.ceil(count / size)", id="DataLoader-len", count=values(20, 8, 3, 0, 101), size=SIZES,
    drop=values(*EITHER),
)  # fmt: skip
data.case(
    "list(torch.utils.data.DataLoader(range(count), batch_size=size, num_workers=workers, drop_last=drop))",
    """
    end = count // size * size if drop else count
    [np.arange(count)[i : i + size] for i in range(0, end, size)]
    """, id="DataLoader-workers", count=values(10, 53), size=values(4), workers=values(2), drop=values(*EITHER),
    note="processes that load give the same batches, in the same order; two batches a process are loaded ahead",
)  # fmt: skip
data.case(
    """
    def epochs():
        generator = torch.Generator().manual_seed(seed)
        loader = torch.utils.data.DataLoader(range(count), batch_size=4, shuffle=True, generator=generator)
        return torch.cat(list(loader)), torch.cat(list(loader))
    first, second = epochs()
    again, _ = epochs()
    first.sort().values, torch.equal(first, second), torch.equal(first, again)
    """,
    """
    def epochs():
        rng = np.random.default_rng(seed)
        return rng.permutation(count), rng.permutation(count)
    first, second = epochs()
    again, _ = epochs()
    np.sort(first), np.array_equal(first, second), np.array_equal(first, again)
    """,
    id="DataLoader-shuffle", count=values(30, 50), seed=values(0, 1, 2), note="every sample once, in another order each epoch",
)  # fmt: skip
data.case(
    """
    generator = torch.Generator().manual_seed(seed)
    loader = torch.utils.data.DataLoader(range(count), batch_size=4, shuffle=True, generator=generator)
    [len(batch) for batch in loader]
    """,
    "[min(4, count - i) for i in range(0, count, 4)]", id="DataLoader-shuffle-sizes", count=values(10, 8), seed=values(0, 1),
)  # fmt: skip
data.case(
    "torch.utils.data.default_collate(samples)", "np.array(samples)", id="default_collate",
    samples=values([0.5, 1.5], [1, 2, 3], [True, False], [1j], [1.0]),
    note="Python floats become float64, as in NumPy; torch.tensor makes float32 of them",
    differs=[Difference("a loader does not know how to put complex numbers together", example={"samples": [1j]},
                        when="isinstance(samples[0], complex)", torch=Raises(TypeError))],
)  # fmt: skip
data.case(
    "torch.utils.data.default_collate(list(zip(x, range(len(x)))))", "[x.copy(), np.arange(len(x))]", id="default_collate-pairs",
    x=tensors(ndim=(1, 3), longest=60), fills=2,
    differs=[Difference("no samples make no batch", example={"x": np.ones(0)}, when="len(x) == 0", torch=Raises(IndexError))],
)  # fmt: skip

# Splits.

data.case(
    """
    generator = torch.Generator().manual_seed(seed)
    parts = torch.utils.data.random_split(range(count), [some, count - some], generator)
    [len(part) for part in parts], sorted([*parts[0], *parts[1]])
    """,
    """
    parts = np.split(np.random.default_rng(seed).permutation(count), [some])
    [len(part) for part in parts], sorted(np.concatenate(parts).tolist())
    """,
    id="random_split", count=values(20, 10), some=values(7, 10, 0), seed=values(0, 1), note="every sample is in one part",
)  # fmt: skip
data.case(
    "[len(part) for part in torch.utils.data.random_split(range(count), [share, 1 - share])]",
    "second = math.floor(count * (1 - share))\n[count - second, second]",
    id="random_split-shares", count=values(20, 7, 1), share=values(0.5, 0.7, 0.9, 1.0), note="the first part gets what is left over",
)  # fmt: skip

# Seeds.

data.case(
    "torch.manual_seed(seed)\nfirst = torch.randn(5)\ntorch.manual_seed(seed)\ntorch.equal(first, torch.randn(5))",
    """
    first = np.random.default_rng(seed).standard_normal(5)
    np.array_equal(first, np.random.default_rng(seed).standard_normal(5))
    """, id="manual_seed", seed=values(0, 1, 2**40),
)  # fmt: skip
data.case(
    "torch.manual_seed(seed)\ntorch.randn(5) == torch.randn(5)",
    "rng = np.random.default_rng(seed)\nrng.standard_normal(5) == rng.standard_normal(5)", id="manual_seed-once",
    seed=values(0, 1),
)  # fmt: skip
data.case(
    """
    torch.manual_seed(seed)
    state = torch.get_rng_state()
    first = torch.randn(5)
    torch.set_rng_state(state)
    torch.equal(first, torch.randn(5))
    """,
    """
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    first = rng.standard_normal(5)
    rng.bit_generator.state = state
    np.array_equal(first, rng.standard_normal(5))
    """, id="rng_state", seed=values(0, 1),
)  # fmt: skip
data.case(
    "torch.manual_seed(seed)\ntorch.rand(count)",
    """
    numbers = np.random.RandomState(seed).randint(0, 2**32, count)
    (numbers % 2**24).astype(np.float32) / np.float32(2**24)
    """, id="rand", seed=values(0, 1, 12345), count=values(5, 20), note="24 of 32 bits of the Mersenne Twister",
)  # fmt: skip
data.case(
    "torch.manual_seed(seed)\ntorch.randint(below, (count,))",
    "np.random.RandomState(seed).randint(0, 2**32, count) % below", id="randint",
    seed=values(0, 1, 12345), count=values(5, 20), below=values(10, 7, 1000),
)  # fmt: skip
data.case(
    "torch.manual_seed(seed)\ntorch.randperm(count)",
    """
    source, order = np.random.RandomState(seed), np.arange(count)
    for i in range(count - 1):
        j = i + source.randint(0, 2**32) % (count - i)
        order[i], order[j] = order[j], order[i]
    order
    """, id="randperm", seed=values(0, 1, 12345), count=values(20, 5, 1), note="what a loader shuffles with",
)  # fmt: skip
