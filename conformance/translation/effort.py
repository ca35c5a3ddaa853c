"""Inputs of a stranger's expressions that would cost much and say little, and are left out.

A result such as ``np.outer(x, x)`` is the square of its input: of the long inputs that any operation is tried on it
would fill the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.evaluate import Refusal, call, numpy_inputs

if TYPE_CHECKING:
    from conformance.evaluate import Batch
    from conformance.judge import Judge

_LEAST: Final = 32
_MOST: Final = 4096
"""Elements of inputs whose results are measured; longer ones are left out where those grew."""
_GROWTH: Final = 8
_MEASURED: Final = 12


@dataclass(kw_only=True)
class Growth:
    """How many times as large as its inputs a result is at most, as far as is known."""

    times: float = 0.0
    measured: int = 0

    def leaves_out(self, judge: Judge, batch: Batch) -> bool:
        """Tell whether the result of ``batch`` would be much larger than its inputs, which are long."""
        size = sum(slot.size for slot in batch.structure.tensors())
        if size > _MOST:
            return self.times > _GROWTH
        if size >= _LEAST and self.measured < _MEASURED:
            (out,) = call(judge.functions.numpy, numpy_inputs(batch.only([0])), "the NumPy expression")
            if not isinstance(out, Refusal):
                self.measured += 1
                self.times = max(self.times, _elements(out) / size)
        return False


def _elements(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_elements, value))
    return value.size if isinstance(value, np.ndarray | np.generic) else 1
