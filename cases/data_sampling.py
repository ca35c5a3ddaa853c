"""Sampling and batches: which samples a loader takes, in which order, and what it makes of them.

PyTorch's default generator is the Mersenne Twister, as that of NumPy's old `RandomState`, so that what is drawn can be compared
number by number.
"""

from conformance import Section, normals, values

sampling = Section("Sampling and batches", id="sampling")

EITHER = (False, True)
SEED = values(0, 1, 12345)
ORDER = """
    source, order = np.random.RandomState(seed), np.arange(count)
    for i in range(count - 1):
        j = i + source.randint(0, 2**32) % (count - i)
        order[i], order[j] = order[j], order[i]
"""
"""The NumPy lines that shuffle as PyTorch does."""
GENERATOR = "    generator = torch.Generator().manual_seed(seed)\n"

# Samplers.

sampling.case(
    GENERATOR + "    list(torch.utils.data.RandomSampler(range(count), num_samples=some, generator=generator))",
    ORDER + "    order[:some].tolist()", id="RandomSampler", count=values(20, 5), some=values(3, 5), seed=SEED,
)  # fmt: skip
sampling.case(
    GENERATOR + "    list(torch.utils.data.RandomSampler(range(count), True, some, generator))",
    "(np.random.RandomState(seed).randint(0, 2**32, some) % count).tolist()", id="RandomSampler-replacement", count=values(20, 5),
    some=values(3, 31, 70), seed=SEED, note="with replacement there may be more samples than the dataset has, and some come twice",
)  # fmt: skip
sampling.case(
    GENERATOR + """
    drawn = list(torch.utils.data.WeightedRandomSampler(weights, 300, generator=generator))
    len(drawn), sorted(set(drawn))
    """,
    """
    p = np.array(weights) / sum(weights)
    drawn = np.random.default_rng(seed).choice(len(weights), 300, p=p)
    len(drawn), np.unique(drawn).tolist()
    """, id="WeightedRandomSampler", weights=values([0.0, 1.0, 3.0, 0.0], [1.0, 1.0], [5.0, 0.0]), seed=SEED,
    note="weights need not add up to 1; what has none is never drawn",
)  # fmt: skip
sampling.case(
    "list(torch.utils.data.DataLoader(range(10), batch_size=2, sampler=chosen))",
    "[np.array(chosen[i : i + 2]) for i in range(0, len(chosen), 2)]", id="DataLoader-sampler", chosen=values([7, 3, 3, 0, 9], [1], []),
    note="any list of numbers will do",
)  # fmt: skip
sampling.case(
    "list(torch.utils.data.DataLoader(range(count), batch_sampler=[[0, 2], [1]]))", "[np.array([0, 2]), np.array([1])]",
    id="DataLoader-batch_sampler", count=values(3, 10),
)  # fmt: skip

# Batches.

sampling.case(
    """
    class Numbers(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(count))
    list(torch.utils.data.DataLoader(Numbers(), batch_size=4, drop_last=drop))
    """, "[np.arange(count)[i : i + 4] for i in range(0, count // 4 * 4 if drop else count, 4)]", id="IterableDataset",
    count=values(10, 8, 3, 0), drop=values(*EITHER), note="a dataset that has no length",
)  # fmt: skip
sampling.case(
    "list(torch.utils.data.DataLoader(x, batch_size=None))", "list(x)", id="DataLoader-no-batches", x=normals(5, 2), fills=2,
    shares_memory=True, note="the samples themselves",
)  # fmt: skip
sampling.case(
    "list(torch.utils.data.DataLoader(range(count), batch_size=4, collate_fn=sum))",
    "[sum(range(i, min(i + 4, count))) for i in range(0, count, 4)]", id="DataLoader-collate_fn", count=values(10, 4, 1),
    note="a function of the list of samples makes a batch of them",
)  # fmt: skip
sampling.case(
    """
    batch = torch.utils.data.default_collate([{"x": sample, "number": (i, str(i))} for i, sample in enumerate(x)])
    list(batch), batch["x"], batch["number"][0], batch["number"][1]
    """, "['x', 'number'], x.copy(), np.arange(len(x)), tuple(str(i) for i in range(len(x)))", id="default_collate-nested", x=normals(5, 2), fills=2,
    note="dictionaries and tuples of what can be put together; texts stay as they are",
)  # fmt: skip

# Splits and epochs.

sampling.case(
    GENERATOR + "    [list(part.indices) for part in torch.utils.data.random_split(range(count), lengths, generator)]",
    ORDER + "    [order[sum(lengths[:k]) : sum(lengths[: k + 1])].tolist() for k in range(len(lengths))]", id="random_split", count=values(10), seed=SEED,
    lengths=values([7, 3], [2, 3, 5], [0, 10]),
)  # fmt: skip
sampling.case(
    "[len(part) for part in torch.utils.data.random_split(range(count), shares)]",
    """
    lengths = [math.floor(count * share) for share in shares]
    for i in range(count - sum(lengths)):
        lengths[i % len(lengths)] += 1
    lengths
    """, id="random_split-shares", count=values(20, 11, 5), shares=values([0.3, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25], [0.5, 0.5]),
    note="what is left over goes to the first parts, one to each",
)  # fmt: skip
sampling.case(
    """
    loader = torch.utils.data.DataLoader(range(20), batch_size=20, shuffle=True, generator=torch.Generator().manual_seed(seed))
    epochs = torch.cat([batch for _ in range(5) for batch in loader]).reshape(5, 20)
    epochs.sort(1).values, len(epochs.unique(dim=0))
    """,
    """
    rng = np.random.default_rng(seed)
    epochs = np.stack([rng.permutation(20) for _ in range(5)])
    np.sort(epochs, 1), len({tuple(order) for order in epochs.tolist()})
    """, id="DataLoader-epochs", seed=SEED, note="five epochs, five orders",
)  # fmt: skip
