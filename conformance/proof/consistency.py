"""Torch against itself: no reference is needed to see that a result depends on where a number lies.

Elementwise cases are compared with every number alone (:mod:`conformance.proof.alone`), those whose results are smaller
than their one tensor with the contiguous one (:mod:`conformance.proof.reduced`). What one CPU capability gives is kept
as plain arrays, so that the process of another can compare it with its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance import render, state, versions
from conformance.proof import alone, reduced
from conformance.proof.disagreements import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Outputs = dict[str, NDArray[Any]]

DTYPES: Final = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "int64", "int32")


def outputs(case: Case, dtypes: Sequence[str], device: str, present: Sequence[str]) -> Outputs:
    """Return what torch gives for the main inputs of ``case``, by the name of each."""
    made: Outputs = {}
    with state.guarded(device):
        for name, trial in _trials(case, dtypes, device, present, Found(way="")):
            got = alone.output(trial) if isinstance(trial, alone.Trial) else reduced.output(trial)
            if got is not None:
                made[name] = got
    return made


def measure(
    case: Case, dtypes: Sequence[str], device: str, present: Sequence[str], others: Mapping[str, Outputs]
) -> Found | None:
    """Compare torch with itself on ``case``, and with the ``others``, the outputs of processes by CPU capability.

    None where it is neither elementwise nor a reduction, or torch refuses all of it.
    """
    found = Found(way="")
    with state.guarded(device):
        for name, trial in _trials(case, dtypes, device, present, found):
            there = {capability: made[name] for capability, made in others.items() if name in made}
            if isinstance(trial, alone.Trial):
                found.way = "elementwise"
                alone.compare(trial)
                alone.compare_outputs(trial, there)
            elif (plain := reduced.compare_layouts(trial)) is not None:
                found.way = "reduction"
                reduced.compare_outputs(trial, plain, there)
    return found if found.variants or found.kinds else None


def _trials(
    case: Case, dtypes: Sequence[str], device: str, present: Sequence[str], found: Found
) -> Iterator[tuple[str, alone.Trial | reduced.Reduction]]:
    """Yield what there is to compare with a name for each that is the same in every process."""
    number = -1
    for number, trial in enumerate(alone.trials(case, dtypes, device, present, found)):
        yield f"{number} {trial.dtype}", trial
    if number < 0:
        for place, reduction in enumerate(reduced.reductions(case, dtypes, device, present, found)):
            yield f"{place} {reduction.dtype}", reduction


def record(case: Case, device: str, capabilities: Sequence[str], found: Found) -> dict[str, Any]:
    """Return the record of what was compared (see docs/run-format.md)."""
    return {
        "kind": "consistency",
        "id": case.id,
        "row": render.row(case),
        "device": device,
        "capabilities": list(capabilities),
        "torch_version": versions.installed("torch"),
        "way": found.way,
        "variants": found.variants,
        "elements": found.elements,
        "bits": found.bits,
        "declared": found.declared,
        "undeclared": found.undeclared,
        "disagreements": found.listed(),
    }
