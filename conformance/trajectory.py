"""The path of a training loop, for the report to plot: the loss of both sides at every step, and what is allowed.

Whether they agree is judged like everything else, on all inputs of the unit; this is one of those, for the eye.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import batches, spreads
from conformance.evaluate import call, numpy_inputs, to_host, torch_inputs
from conformance.results import part_of
from conformance.tolerance import Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.evaluate import Batch
    from conformance.judge import Judge

    Array = NDArray[Any]
    Trajectory = dict[str, list[float]]

_FEWEST_STEPS: Final = 3
_TRIED: Final = 8
"""Batches of which one is shown: the first whose losses are finite, as they are not where a number is missing."""


def of(judge: Judge, seed: int) -> Trajectory | None:
    """Return the losses of a unit that is claimed and whose program gives those of its steps first, else None.

    The lists ``torch``, ``numpy``, ``apart`` and ``allowed`` have one number a step.
    """
    if not judge.claimed or not isinstance(judge.case.tolerance, Spread):
        return None
    made = batches.batches(judge.case, judge.dtype, seed, batches.DEFAULT_BUDGET)
    tried = (_path(judge, batch.only([0])) for batch in islice(made, _TRIED) if not batch.structure.spoilt)
    return next((path for path in tried if path is not None), None)


def _path(judge: Judge, batch: Batch) -> Trajectory | None:
    """Return the losses on a batch of one fill; None where there are none, or one is not finite."""
    (want,) = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    (got,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    if not isinstance(got, tuple) or not isinstance(want, tuple) or not isinstance(got[0], torch.Tensor):
        return None
    theirs, ours = to_host(got[0]), np.asarray(want[0])
    if not _is_path(theirs) or theirs.shape != ours.shape or not np.isfinite([theirs, ours]).all():
        return None
    (args,) = numpy_inputs(batch).args
    allowed = spreads.allowed(judge.case, part_of(judge.functions.numpy, 0), args, ours, judge.dtype)
    columns = {"torch": theirs, "numpy": ours, "apart": spreads.apart(theirs, ours), "allowed": allowed}
    return {name: [float(number) for number in column] for name, column in columns.items()}


def _is_path(losses: Array) -> bool:
    return losses.ndim == 1 and losses.dtype.kind == "f" and len(losses) >= _FEWEST_STEPS
