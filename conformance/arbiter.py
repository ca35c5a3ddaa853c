"""Who is right where the sides differ: the error of each in ULP, at the element where they are furthest apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from conformance import literals
from conformance.compare import rounded_reference
from conformance.evaluate import call, dtype_name, numpy_inputs, to_host, torch_inputs
from conformance.oracle import Exact, Oracle, apart, pronounced, ulps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.evaluate import Batch
    from conformance.judge import Judge


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The truth of one element, and how far each side is from it, in ULP of torch's dtype."""

    truth: complex | float
    torch: float
    numpy: float

    def errors(self) -> str:
        """Return ``torch 1.2 ulp, numpy 0.6 ulp``."""
        return f"torch {pronounced(self.torch)}, numpy {pronounced(self.numpy)}"

    def words(self) -> str:
        """Return the truth as well: ``truth 0.25: torch 1.2 ulp, numpy 0.6 ulp``."""
        return f"truth {literals.number(self.truth)}: {self.errors()}"


def ruling(judge: Judge, batch: Batch) -> Ruling | None:
    """Run both sides of the case on ``batch``, of one fill, and say who is right.

    None where that is no question: no floating-point tensor of one shape on both sides, no element, no truth known.
    """
    (ours,) = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    (theirs,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    if not isinstance(theirs, torch.Tensor) or not isinstance(ours, np.ndarray | np.generic):
        return None
    inexact = theirs.is_floating_point() or theirs.is_complex()
    if not inexact or tuple(theirs.shape) != ours.shape or not ours.size:
        return None
    with np.errstate(all="ignore"):
        exact = Oracle(judge.case, judge.present)(numpy_inputs(batch).args[0], judge.dtype)
        return None if exact is None or exact.high.shape != ours.shape else at_worst(theirs, np.asarray(ours), exact)


def at_worst(theirs: torch.Tensor, ours: NDArray[Any], exact: Exact) -> Ruling:
    """Return the ruling on the element in which results of one shape are furthest apart."""
    dtype, values = dtype_name(theirs), to_host(theirs)
    reference = rounded_reference(ours, bfloat16=dtype == "bfloat16").astype(values.dtype)
    distances = apart(values, reference, dtype)
    place = np.unravel_index(int(np.argmax(distances)), distances.shape)
    one = Exact(high=exact.high[place], low=exact.low[place])
    errors = (float(ulps(np.asarray(side[place]), one, dtype)) for side in (values, reference))
    return Ruling(truth=exact.high[place], torch=next(errors), numpy=next(errors))
