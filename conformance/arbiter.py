"""Who is right where the sides differ: the error of each in ULP, at one element, or where they are furthest apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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


_READABLE: Final = 1e4


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
        """Return the truth as well: ``truth 0.25: torch 1.2 ulp, numpy 0.6 ulp``.

        Where the truth is 0, a unit in its last place is so small that a count of them tells nothing.
        """
        told = f"truth {literals.number(self.truth)}"
        large = self.truth == 0 and any(np.isfinite(one) and one > _READABLE for one in (self.torch, self.numpy))
        return told if large else f"{told}: {self.errors()}"


def ruling(judge: Judge, batch: Batch, place: tuple[int, ...] | None = None) -> Ruling | None:
    """Run both sides of the case on ``batch``, of one fill, and say who is right about the element at ``place``.

    Without a place it is the element in which they are furthest apart.
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
        known = exact is not None and exact.high.shape == ours.shape
        return _ruling(theirs, np.asarray(ours), exact, place) if exact is not None and known else None


def _ruling(theirs: torch.Tensor, ours: NDArray[Any], exact: Exact, place: tuple[int, ...] | None) -> Ruling:
    """Return the ruling on one element of results of one shape."""
    dtype, values = dtype_name(theirs), to_host(theirs)
    reference = rounded_reference(ours, bfloat16=dtype == "bfloat16").astype(values.dtype)
    if place is None or len(place) != values.ndim:
        distances = apart(values, reference, dtype)
        place = tuple(map(int, np.unravel_index(int(np.argmax(distances)), distances.shape)))
    one = Exact(high=exact.high[place], low=exact.low[place])
    errors = (float(ulps(np.asarray(side[place]), one, dtype)) for side in (values, reference))
    return Ruling(truth=exact.high[place], torch=next(errors), numpy=next(errors))
