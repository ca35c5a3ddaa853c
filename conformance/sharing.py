"""Judging where results lie: in an input's memory or in new, with which strides, each element in a place of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import memory
from conformance.tally import Sides, Signature

if TYPE_CHECKING:
    from conformance.case import Case
    from conformance.evaluate import Batch, SideInputs
    from conformance.expected import Expected
    from conformance.tally import Tally

_WORDS: Final = {True: "a view of an input", False: "new memory"}
_CHECK: Final = "memory"


@dataclass(frozen=True, kw_only=True)
class SharingJudge:
    """Judges the memory of the results of one batch of a case; what it finds goes to ``tally``."""

    case: Case
    tally: Tally
    batch: Batch
    torch_side: SideInputs
    numpy_side: SideInputs

    def judge(self, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None) -> None:
        """Judge the first and the last fill: memory depends on shapes and layouts, not on values."""
        for i in sorted({0, len(fills) - 1}):
            one = expected[i] if expected is not None else None
            for got, want in _leaves(gots[i], wants[i]):
                self._judge(fills[i], got, want, one)

    def _judge(self, fill: int, got: Any, want: Any, expected: Expected | None) -> None:
        theirs = memory.shared_with(got, self.torch_side.stores)
        ours = memory.shared_with(want, self.numpy_side.stores)
        if theirs is None or ours is None or (expected is not None and _CHECK in expected.skipped):
            return
        if expected is None or not expected.replaced or self.case.shares_memory is not None:
            self.tally.checked[_CHECK] += 1
        shared, shared_in_numpy = theirs != memory.NOWHERE, ours != memory.NOWHERE
        if expected is not None and expected.memory is not None:
            self._judge_declared(fill, expected.memory, shared, shared_in_numpy)
        elif expected is not None and expected.replaced:
            if self.case.shares_memory not in (None, shared):
                self._report(fill, "not as claimed", f"torch gives {_WORDS[shared]}, not as claimed")
        elif shared != shared_in_numpy:
            self._report(fill, "", f"torch gives {_WORDS[shared]}, numpy {_WORDS[not shared]}")
        elif self.case.shares_memory not in (None, shared):
            self._report(fill, "not as claimed", f"both give {_WORDS[shared]}, claimed is the other")
        elif shared:
            self._judge_view(fill, got, want, theirs, ours)
        elif _overlaps(memory.strides(got)) and not _overlaps(memory.strides(want)):
            self._report(fill, "overlap", "several elements of torch's result lie in one place, numpy's have one each")

    def _judge_declared(self, fill: int, declared: bool, shared: bool, shared_in_numpy: bool) -> None:  # noqa: FBT001 - three facts of one kind
        if shared != declared:
            self._report(fill, "not as declared", f"torch gives {_WORDS[shared]}, declared is {_WORDS[declared]}")
        elif shared_in_numpy == declared:
            self._report(fill, "too broad", f"declared too broadly: both give {_WORDS[shared]}")

    def _judge_view(self, fill: int, got: Any, want: Any, theirs: int, ours: int) -> None:
        """Judge which input two views are of, and their strides."""
        if theirs != ours:
            headline = f"torch gives a view of tensor input {theirs}, numpy of {ours}"
            self._report(fill, "another input", headline)
        elif memory.strides(got) != memory.strides(want) and tuple(got.shape) == want.shape:
            headline = f"torch's result has strides {memory.strides(got)}, numpy's {memory.strides(want)} (in elements)"
            self._report(fill, "strides", headline)

    def _report(self, fill: int, kind: str, headline: str) -> None:
        self.tally.report(Signature(check=_CHECK, kind=kind or headline), self.batch, fill, Sides(headline=headline))


def _leaves(got: Any, want: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of results that are to lie alike: the parts of both where both have as many, else themselves."""
    if isinstance(got, tuple | list) and isinstance(want, tuple | list):
        return [leaf for pair in zip(got, want, strict=False) for leaf in _leaves(*pair)]
    return [(got, want)] if isinstance(got, torch.Tensor | np.ndarray | np.generic) else []


def _overlaps(strides: tuple[int, ...]) -> bool:
    """Tell whether axes longer than 1 have a stride of 0, as an expanded tensor has."""
    return 0 in strides
