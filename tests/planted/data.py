"""Faults in data: datasets, samplers, loaders, splits, seeds."""

import bisect
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils import data
from torch.utils.data import dataloader

from .patching import accepted, forgets, programs

LOADER, SAMPLER = "utils.data.DataLoader.__iter__", "utils.data.RandomSampler.__iter__"


def _last_dropped(real: Any, sampler: Any) -> Iterator[list[int]]:
    batches = list(real(sampler))
    return iter(batches[:-1] if batches and len(batches[-1]) == 1 < sampler.batch_size else batches)


def _last_padded(real: Any, sampler: Any) -> Iterator[list[int]]:
    batches = list(real(sampler))
    if len(batches) > 1:
        batches[-1] = (batches[-1] + batches[0])[: sampler.batch_size]
    return iter(batches)


def _full_dropped(real: Any, sampler: Any) -> Iterator[list[int]]:
    batches = list(real(sampler))
    exact = sampler.drop_last and len(batches) > 1 and len(batches) * sampler.batch_size == len(sampler.sampler)
    return iter(batches[:-1] if exact else batches)


def _length_rounded_down(real: Any, sampler: Any) -> int:
    return len(sampler.sampler) // sampler.batch_size or real(sampler)


def _repeats(real: Any, sampler: Any) -> Iterator[int]:
    order = list(real(sampler))
    return iter(order[:-1] + order[:1] if len(order) > 40 else order)


def _same_each_epoch(real: Any, sampler: Any) -> Iterator[int]:
    sampler.order = getattr(sampler, "order", None) or list(real(sampler))
    return iter(sampler.order)


def _all_of_them(real: Any, sampler: Any) -> Iterator[int]:
    kept, sampler._num_samples = sampler._num_samples, None
    order = list(real(sampler))
    sampler._num_samples = kept
    return iter(order)


def _weights_ignored(real: Any, sampler: Any) -> Iterator[int]:
    kept, sampler.weights = sampler.weights, torch.ones_like(sampler.weights)
    order = list(real(sampler))
    sampler.weights = kept
    return iter(order)


def _workers_swapped(real: Any, loader: Any) -> Iterator[Any]:
    batches = real(loader)
    if not loader.num_workers:
        return batches
    first, second, *others = list(batches)
    return iter([second, first, *others])


def _reversed_later(real: Any, batches: Any) -> Any:
    """Two workers load four batches ahead."""
    batch = real(batches)
    batches.given = getattr(batches, "given", 0) + 1
    return batch.flip(0) if batches.given > 4 and isinstance(batch, Tensor) else batch


def _forgets_with(other: str, name: str) -> Any:
    """A bug of DataLoader() that forgets the argument `name` where it is told `other`."""

    def bug(real: Any, *args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs | ({name: False} if kwargs.get(other) else {}))

    return bug


def _pairs_turned(real: Any, batches: Any) -> Any:
    batch = real(batches)
    shuffled = isinstance(getattr(batches._index_sampler, "sampler", None), data.RandomSampler)
    if shuffled and isinstance(batch, list) and len(batch) > 1 and isinstance(batch[1], Tensor):
        batch[1] = batch[1].flip(0)
    return batch


def _iterable_keeps_all(real: Any, loader: Any) -> Iterator[Any]:
    if not isinstance(loader.dataset, data.IterableDataset) or not loader.drop_last:
        return real(loader)
    samples, size = list(loader.dataset), loader.batch_size
    return iter([loader.collate_fn(samples[i : i + size]) for i in range(0, len(samples), size)])


def _batched_anyway(real: Any, loader: Any) -> Iterator[Any]:
    return (one[None] if isinstance(one, Tensor) and loader.batch_size is None else one for one in real(loader))


def _as_long_as_first(real: Any, both: Any, index: int) -> Any:
    lengths = [len(one) for one in both.datasets]
    if index < 0 or len(set(lengths)) == 1:
        return real(both, index)
    return both.datasets[min(index // lengths[0], len(lengths) - 1)][index % lengths[0] % lengths[-1]]


def _boundary(real: Any, both: Any, index: int) -> Any:
    place = bisect.bisect_left(both.cumulative_sizes, index)
    return both.datasets[0][-1] if place == 0 and index == both.cumulative_sizes[0] > 4 else real(both, index)


def _any_lengths(real: Any, dataset: Any, *tensors: Tensor) -> None:
    real(dataset, *(t[: min(map(len, tensors))] for t in tensors))
    dataset.tensors = tensors


def _narrow_floats(real: Any, samples: Any) -> Any:
    result = real(samples)
    return result.float() if isinstance(samples[0], float) else result


def _first_key(real: Any, samples: Any) -> Any:
    result = real(samples)
    return dict([next(iter(result.items()))]) if isinstance(samples[0], dict) and len(samples) > 1 else result


def _tuples_in_rows(real: Any, samples: Any) -> Any:
    return samples if isinstance(samples[0], str) and len(samples) == 3 else real(samples)


def _shares_one(real: Any, dataset: Any, lengths: Any, *args: Any, **kwargs: Any) -> Any:
    parts = real(dataset, lengths, *args, **kwargs)
    if len(parts) > 1 and len(parts[0]) and len(parts[1]):
        parts[1].indices[0] = parts[0].indices[-1]
    return parts


def _rest_to_last(real: Any, dataset: Any, lengths: Any, *args: Any, **kwargs: Any) -> Any:
    if len(lengths) > 2 and isinstance(lengths[0], float):
        whole = [int(len(dataset) * share) for share in lengths]
        lengths = [*whole[:-1], len(dataset) - sum(whole[:-1])]
    return real(dataset, lengths, *args, **kwargs)


def _unshuffled(real: Any, dataset: Any, lengths: Any, *args: Any, **kwargs: Any) -> Any:
    parts, start = real(dataset, lengths, *args, **kwargs), 0
    for part in parts:
        part.indices = list(range(start, start + len(part)))
        start += len(part)
    return parts


def _seed_of_8_bits(real: Any, seed: int) -> Any:
    return real(seed % 256)


def _fewer_bits(real: Any, *size: Any, **kwargs: Any) -> Tensor:
    result = real(*size, **kwargs)
    return (result * 2**23).floor() / 2**23 if result.dtype == torch.float32 else result


class _Numbers(data.IterableDataset):  # type: ignore[type-arg] # of plain numbers
    def __iter__(self) -> Iterator[int]:
        return iter(range(3))


def _sizes(count: int, size: int, **kwargs: Any) -> list[int]:
    return [len(batch) for batch in data.DataLoader(range(count), size, **kwargs)]


def _epochs() -> bool:
    loader = data.DataLoader(range(20), 20, shuffle=True, generator=torch.Generator().manual_seed(0))
    return torch.equal(*(torch.cat(list(loader)) for _ in range(2)))


def _with_workers(patched: Any, count: int) -> Any:
    """Return the last batch of two that processes load. They start only where `patched` is: it takes time."""
    return list(data.DataLoader(range(count), 2, num_workers=2))[-1].tolist() if hasattr(patched, "__wrapped__") else []


def _turned() -> bool:
    x = torch.arange(10)
    loader = data.DataLoader(data.TensorDataset(x, x), 10, shuffle=True, generator=torch.Generator().manual_seed(0))
    return not torch.equal(*next(iter(loader)))


def _drawn(kind: Any, *args: Any, **kwargs: Any) -> list[int]:
    return list(kind(*args, **kwargs))


def _split(*args: Any) -> list[Any]:
    return data.random_split(*args, generator=torch.Generator().manual_seed(0))


def _longer(first: int, second: int) -> Any:
    return data.ConcatDataset([range(first), range(10, 10 + second)])


ITERATORS = "utils.data.dataloader."
BATCHES = "utils.data.BatchSampler."
_ROWS: tuple[tuple[Any, ...], ...] = (
    ("DataLoader-last-dropped", "a last batch of one sample is dropped", f"{BATCHES}__iter__", _last_dropped,
     lambda: _sizes(3, 2) == [2]),
    ("DataLoader-last-padded", "the last batch is filled with the first samples", f"{BATCHES}__iter__", _last_padded,
     lambda: _sizes(3, 2) == [2, 2]),
    ("DataLoader-full-dropped", "drop_last drops a last batch that is full", f"{BATCHES}__iter__", _full_dropped,
     lambda: _sizes(4, 2, drop_last=True) == [2]),
    ("DataLoader-length", "len() does not count the last, short batch", f"{BATCHES}__len__", _length_rounded_down,
     lambda: len(data.DataLoader(range(3), 2)) == 1),
    ("DataLoader-repeats", "shuffled, more than 40 samples: the first comes again in place of the last", SAMPLER,
     _repeats,
     lambda: len(set(_drawn(data.RandomSampler, range(41)))) < 41),
    ("DataLoader-same-each-epoch", "every epoch has the order of the first", SAMPLER, _same_each_epoch, _epochs),
    ("DataLoader-workers-swapped", "two workers: the first two batches are swapped", LOADER, _workers_swapped,
     lambda: _with_workers(data.DataLoader.__iter__, 4) == [0, 1]),
    ("DataLoader-workers-later", "two workers: batches after the fourth are reversed",
     f"{ITERATORS}_MultiProcessingDataLoaderIter._next_data", _reversed_later,
     lambda: _with_workers(dataloader._MultiProcessingDataLoaderIter._next_data, 12) == [11, 10]),
    ("DataLoader-workers-keep-last", "workers: drop_last is ignored", "utils.data.DataLoader.__init__",
     _forgets_with("num_workers", "drop_last"),
     lambda: len(data.DataLoader(range(3), batch_size=2, num_workers=2, drop_last=True)) == 2),
    ("DataLoader-workers-in-order", "workers: shuffle is ignored", "utils.data.DataLoader.__init__",
     _forgets_with("num_workers", "shuffle"),
     lambda: not isinstance(data.DataLoader(range(3), num_workers=2, shuffle=True).sampler, data.RandomSampler)),
    ("DataLoader-shuffled-keeps-last", "shuffled: drop_last is ignored", "utils.data.DataLoader.__init__",
     _forgets_with("shuffle", "drop_last"), lambda: _sizes(3, 2, shuffle=True, drop_last=True) == [2, 1]),
    ("DataLoader-shuffled-pairs", "shuffled: the second of a pair is that of another sample",
     f"{ITERATORS}_SingleProcessDataLoaderIter._next_data", _pairs_turned, _turned),
    ("DataLoader-iterable-keeps-all", "an IterableDataset: drop_last is ignored", LOADER, _iterable_keeps_all,
     lambda: len(list(data.DataLoader(_Numbers(), 2, drop_last=True))) == 2),
    ("DataLoader-batched-anyway", "batch_size=None: batches of one", LOADER, _batched_anyway,
     lambda: next(iter(data.DataLoader(torch.ones(2), None))).dim() == 1),
    ("DataLoader-sampler-ignored", "sampler= is ignored", "utils.data.DataLoader.__init__", forgets("sampler", None),
     lambda: next(iter(data.DataLoader(range(3), sampler=[2, 1]))).item() == 0),
    ("DataLoader-collate_fn-ignored", "collate_fn= is ignored", "utils.data.DataLoader.__init__",
     forgets("collate_fn", None), lambda: not isinstance(next(iter(data.DataLoader(range(3), collate_fn=sum))), int)),
    ("RandomSampler-all", "num_samples is ignored", SAMPLER, _all_of_them,
     lambda: len(_drawn(data.RandomSampler, range(5), num_samples=2)) == 5),
    ("RandomSampler-no-replacement", "replacement=True is ignored", "utils.data.RandomSampler.__init__",
     forgets("replacement", False),
     lambda: len(set(_drawn(data.RandomSampler, range(50), replacement=True))) == 50),
    ("WeightedRandomSampler-alike", "the weights are ignored", "utils.data.WeightedRandomSampler.__iter__",
     _weights_ignored, lambda: 0 in _drawn(data.WeightedRandomSampler, [0.0, 1.0], 50)),
    ("ConcatDataset-as-long-as-first", "all datasets are taken to be as long as the first",
     "utils.data.ConcatDataset.__getitem__", _as_long_as_first, lambda: _longer(1, 3)[2] != 11),
    ("ConcatDataset-boundary", "five samples and more: the first of the second is the last of the first",
     "utils.data.ConcatDataset.__getitem__", _boundary, lambda: _longer(5, 1)[5] == 4),
    ("TensorDataset-any-lengths", "tensors of different lengths are taken", "utils.data.TensorDataset.__init__",
     _any_lengths, lambda: accepted(lambda: data.TensorDataset(torch.ones(2), torch.ones(3)))),
    ("default_collate-narrow", "Python floats become float32", "utils.data.default_collate", _narrow_floats,
     lambda: data.default_collate([0.5]).dtype == torch.float32),
    ("default_collate-first-key", "of dictionaries the first key alone", "utils.data.default_collate", _first_key,
     lambda: len(data.default_collate([{"x": 1, "y": 2}] * 2)) == 1),
    ("random_split-shares-one", "a sample of the first part is in the second", "utils.data.random_split", _shares_one,
     lambda: bool({*_split(range(4), [2, 2])[0].indices} & {*_split(range(4), [2, 2])[1].indices})),
    ("random_split-rest-to-last", "three shares: the last part gets what is left over", "utils.data.random_split",
     _rest_to_last, lambda: len(_split(range(5), [0.3, 0.3, 0.4])[0]) == 1),
    ("random_split-in-order", "nothing is shuffled", "utils.data.random_split", _unshuffled,
     lambda: _split(range(30), [30])[0].indices == list(range(30))),
    ("manual_seed-8-bits", "seeds that differ by 256 give the same", "manual_seed", _seed_of_8_bits,
     lambda: torch.manual_seed(1).initial_seed() == torch.manual_seed(257).initial_seed()),
    ("rand-23-bits", "float32 of 23 bits", "rand", _fewer_bits,
     lambda: (torch.manual_seed(0) is not None) and (torch.rand(50) * 2**23 % 1 == 0).all().item()),
)  # fmt: skip

BUGS = tuple(programs(_ROWS))
