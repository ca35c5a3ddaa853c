"""What torch's autograd makes of the torch expression: the gradient by the storage of each input.

The leaf is the storage, and the inputs are views of a copy of it, so that every layout, an expanded one too, gets its
gradient where its numbers lie, and an expression may write to its inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance.evaluate import call, leaves, to_host
from conformance.gradients.numeric import flat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.evaluate import Batch

    Array = NDArray[Any]

_grad: Final = torch.autograd.grad
_tensor: Final = torch.tensor


@dataclass(frozen=True, kw_only=True)
class Traced:
    """The torch expression run on leaves that ask for a gradient: its outcome, and the leaves by number of tensor."""

    outcome: Any
    leaves: dict[int, torch.Tensor]

    def parts(self) -> list[torch.Tensor]:
        """Return the results of floating-point or complex dtype."""
        return _inexact(self.outcome)

    def flows(self) -> bool:
        """Tell whether any of those results carries a gradient."""
        return any(part.requires_grad for part in self.parts())

    def gradients(self, weights: Sequence[Array]) -> dict[int, Array] | str:
        """Return the gradient by each leaf, of the results weighed with ``weights``; in words, why there is none."""
        if not self.leaves:  # older versions of torch refuse to differentiate by nothing
            return {}
        weighed = [(p, w) for p, w in zip(self.parts(), weights, strict=True) if p.requires_grad]
        outputs = [part for part, _ in weighed]
        seeds = [_tensor(weight, dtype=part.dtype, device=part.device) for part, weight in weighed]
        try:
            found: Any = _grad(outputs, list(self.leaves.values()), seeds, allow_unused=True)
        except (RuntimeError, NotImplementedError) as error:
            return f"{type(error).__name__}: {str(error).splitlines()[0]}"
        made = zip(self.leaves.items(), found, strict=True)
        return {n: np.zeros(tuple(leaf.shape)) if g is None else to_host(g) for (n, leaf), g in made}


def traced(function: Callable[..., Any], batch: Batch, device: str, which: Sequence[bool]) -> Traced:
    """Run the torch expression on the one fill of ``batch``, with a gradient asked for by the tensors ``which``."""
    inputs, found = leaves(batch, device, which)
    (outcome,) = call(function, inputs, "the torch expression")
    return Traced(outcome=outcome, leaves=found)


def _inexact(result: Any) -> list[torch.Tensor]:
    tensors = [one for one in flat(result) if isinstance(one, torch.Tensor)]
    return [one for one in tensors if one.is_floating_point() or one.is_complex()]


def values(result: object) -> list[Array]:
    """Return the values of the results of floating-point or complex dtype."""
    return [to_host(part) for part in _inexact(result)]
