"""Planted bugs: patches of torch that imitate how kernels fail, each with a witness that shows the fault.

They were written down before anybody looked at what the checks catch. A detector is judged on how many it finds.
"""

from . import (
    activations,
    arithmetic,
    arranging,
    checkpoints,
    conversion,
    creation,
    data,
    gradient_formulas,
    gradient_options,
    gradients,
    joining,
    layers,
    losses,
    losses_classes,
    metadata,
    modes,
    normalising,
    optimiser_state,
    optimisers,
    options,
    overflow,
    pointwise,
    powers,
    products,
    reductions,
    schedules,
    searching,
    shapes,
)
from .patching import Planted

__all__ = ["PLANTED", "Planted"]

_FAMILIES = (
    *(arithmetic, products, powers, reductions, shapes, joining),
    *(conversion, creation, metadata, gradients, gradient_formulas, gradient_options, overflow),
    *(pointwise, searching, arranging),
    *(layers, normalising, activations, losses, losses_classes),
    *(optimisers, optimiser_state, schedules, modes, data, checkpoints, options),
)

PLANTED: tuple[Planted, ...] = tuple(bug for family in _FAMILIES for bug in family.BUGS)
