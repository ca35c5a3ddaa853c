"""The smallest input that still shows a failure.

Ours, and not Hypothesis's: its shrinker would draw other values for each smaller structure, and lose the one that
matters. We make the recorded picks smaller one by one and pour the *failing values* into each smaller structure; then
the values themselves are made simple, one by one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import watchdog
from conformance.batches import own_slots
from conformance.evaluate import Batch, HarnessError
from conformance.inputs import domains, layouts, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.inputs.slots import Structure
    from conformance.judge import Judge
    from conformance.tally import Finding

_MOST_TRIES: Final = 200
_MOST_VALUES: Final = 48
_NO_DIGITS_TO_LOSE: Final = 1e6
_SIMPLE: Final = (0, 1, -1, 2, 3, 0.5)


def minimised(judge: Judge, finding: Finding, seed: int, within: Callable[[Batch], bool] | None = None) -> Finding:
    """Return ``finding`` with the smallest input found that shows a failure of the same kind; its count is kept.

    ``within`` tells which inputs may be taken.
    The time limit of the unit begins anew: what it had found must not be lost to the search for something smaller.
    """
    watchdog.renew()
    search = _Search(judge, finding, judge.case.seed(seed), within)
    if finding.batch.structure.trace:
        search.shorten()
    search.simplify()
    return replace(search.best, count=finding.count)


class _Search:
    """A search for a smaller input: the best finding so far, and how many tries are left."""

    def __init__(self, judge: Judge, finding: Finding, seed: int, within: Callable[[Batch], bool] | None) -> None:
        self.judge = judge
        self.within = within
        self.best = finding
        self.seed = seed
        self.tries = _MOST_TRIES

    def attempt(self, batch: Batch) -> bool:
        """Tell whether some fill of ``batch`` fails in the same way; the first that does is the best from now on."""
        if self.tries <= 0 or not batch.count:
            return False
        self.tries -= 1
        fresh = replace(self.judge, tally=self.judge.tally.fresh(), crashing=[])
        try:
            fresh.judge(batch)
        except HarnessError:
            return False
        found = fresh.tally.findings.get(self.best.signature)
        if found is None or not (self.within is None or self.within(found.batch)):
            return False
        self.best = found
        return True

    def shorten(self) -> None:
        """Make picks smaller, from the first to the last, until none can be."""
        progress = True
        while progress and self.tries > 0:
            trace = self.best.batch.structure.trace
            progress = any(self._shorten_at(position) for position in range(len(trace)))

    def _shorten_at(self, position: int) -> bool:
        trace = self.best.batch.structure.trace
        if position >= len(trace):
            return False
        for smaller in sorted({0, trace[position] // 2, trace[position] - 1} - {trace[position], -1}):
            shorter = (*trace[:position], smaller, *trace[position + 1 :])
            if self.attempt(_poured(self.best.batch, self._structure(shorter))):
                return True
        return False

    def _structure(self, trace: Sequence[int]) -> Structure:
        return plan.redraw(self.judge.case.inputs, self.best.batch.structure, trace, self.seed)

    def simplify(self) -> None:
        """Make the values simple: all at once, then one by one where they are few."""
        for number in range(len(self.best.batch.blocks)):
            self.attempt(self._with(number, self._constants(number)))
            size = self.best.batch.blocks[number].shape[1]
            for position in range(size if size <= _MOST_VALUES else 0):
                self.attempt(self._with(number, self._simpler(number, position)))

    def _constants(self, number: int) -> list[np.ndarray]:
        row = self.best.batch.blocks[number][0]
        return [
            np.full_like(row, value)
            for value in _fitting(row.dtype)
            if not np.array_equal(row, np.full_like(row, value))
        ]

    def _simpler(self, number: int, position: int) -> list[np.ndarray]:
        row = self.best.batch.blocks[number][0]
        rows = []
        for value in _simpler_values(row[position]):
            changed = row.copy()
            changed[position] = value
            rows.append(changed)
        return rows

    def _with(self, number: int, rows: Sequence[np.ndarray]) -> Batch:
        """Return a batch with one fill per row of block ``number``, all other blocks as they are."""
        batch = self.best.batch
        blocks = (
            [np.stack(rows) if i == number else np.repeat(b, len(rows), axis=0) for i, b in enumerate(batch.blocks)]
            if rows
            else []
        )
        fitting = [
            domains.fitted(b, s.domain) for b, s in zip(blocks, own_slots(batch.structure, batch.dtype), strict=False)
        ]
        return replace(batch, blocks=fitting, count=len(rows))


def _fitting(dtype: np.dtype[Any]) -> Iterator[Any]:
    for value in _SIMPLE:
        with np.errstate(all="ignore"):
            cast = np.array(value).astype(dtype)
        if complex(cast) == value:
            yield cast[()]


def _simpler_values(value: Any) -> list[Any]:
    """Return what could stand for ``value``, simplest first, and nothing as complicated as itself."""
    simple = list(_fitting(value.dtype))
    for known in simple:
        if known.tobytes() == value.tobytes():
            return simple[: simple.index(known)]
    if value.dtype.kind in "fc" and np.isfinite(value):
        simple += [np.round(value, digits) for digits in range(4) if abs(value) < _NO_DIGITS_TO_LOSE]
    if value.dtype.kind in "iu":
        simple += [value.dtype.type(int(value) // divisor) for divisor in (1000, 100, 10, 2)]
    return [v for v in simple if v.tobytes() != value.tobytes()]


def _poured(batch: Batch, structure: Structure) -> Batch:
    """Return ``structure`` filled with the values of ``batch``: as they come, and each alone in all elements."""
    slots = own_slots(structure, batch.dtype)
    sources = [_source(batch, number, slot.dtype) for number, slot in enumerate(slots)]
    if not slots or any(s is None for s in sources):
        return Batch(structure=structure, blocks=(), dtype=batch.dtype, count=0 if slots else 1)
    longest = min(max((len(s) for s in sources if s is not None), default=0), _MOST_VALUES)
    blocks = []
    for slot, source in zip(slots, sources, strict=True):
        size = layouts.place(slot.shape, slot.layout).size
        alone = [np.full(size, source[i % len(source)], source.dtype) for i in range(longest)]  # type: ignore[index,union-attr,arg-type]  # not None, see above
        poured = np.stack([np.resize(source, size), *alone])  # type: ignore[arg-type]  # not None, see above
        blocks.append(domains.fitted(poured, slot.domain))
    return Batch(structure=structure, blocks=blocks, dtype=batch.dtype, count=longest + 1)


def _source(batch: Batch, number: int, dtype: str) -> np.ndarray | None:
    """Return the values to pour into tensor ``number``: its own, where the dtype is still the same."""
    own = own_slots(batch.structure, batch.dtype)
    if number < len(own) and own[number].dtype == dtype:
        row: np.ndarray = batch.blocks[number][0]
        return row
    return None
