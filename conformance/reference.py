"""CPU torch as a second reference for another device: whether a failure there is the device's own, or torch's.

The smallest input of a failure is judged again with torch on the CPU, whose declared differences are those that hold
there. What comes of it stands beside the failure; no verdict depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import compare, devices
from conformance.differences import regions
from conformance.evaluate import HarnessError, Refusal, call, dtype_name, functions, numpy_inputs, to_host, torch_inputs
from conformance.judge import shown
from conformance.tally import Tally
from conformance.tolerance import Exact, Ulp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.differences import Declared
    from conformance.evaluate import Batch
    from conformance.judge import Judge
    from conformance.tally import Finding, Signature

ALONE: Final = "the device parts from both"
ALIKE: Final = "the device parts from NumPy as CPU torch does"
OTHERWISE: Final = "CPU torch parts from NumPy as well, and from the device"
NOT_HERE: Final = "a declared difference shows on the CPU and not on the device"
HERE_TOO: Final = "a difference that is declared of the CPU shows on the device as well"
NOT_SHOWN: Final = "a difference that is declared of the device shows neither there nor on the CPU"
SHOWS: Final = "it shows on the CPU and not on the device"
GONE_TOO: Final = "it is gone on the CPU as well"
NOT_ASKED: Final = "CPU torch could not be asked"

_FAR: Final = 8
"""Of results that are judged by a bound: how much nearer to each other than to NumPy's they are to be called alike."""
_OUTCOMES: Final = frozenset({"value", "error"})
"""The checks that are of what a side gives; the others are of what it does."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What CPU torch gives on the input of a failure, in words, and what that says of the device."""

    verdict: str
    gives: str = ""

    def words(self) -> str:
        """Return both in one line: ``torch -1: the device parts from both``."""
        return f"torch {self.gives}: {self.verdict}" if self.gives else self.verdict

    def record(self) -> dict[str, str]:
        """Return both as a record has them."""
        return {"gives": self.gives, "verdict": self.verdict}


def of(judge: Judge, finding: Finding) -> Reference | None:
    """Return what CPU torch says of ``finding``, whose batch has one fill.

    None for a unit of the CPU itself, and for a finding of an expression that a difference says to write instead.
    """
    if judge.device == devices.HOST or finding.signature.kind.startswith("instead "):
        return None
    try:
        return _compared(judge, finding)
    except HarnessError as error:
        return Reference(verdict=f"{NOT_ASKED}: {error}")


def of_gradient(device: str, finding: Finding, ask: Callable[[str], Mapping[Signature, Finding]]) -> Reference | None:
    """Return what CPU torch says of a ``finding`` of gradients on ``device``; None for a unit of the CPU itself.

    ``ask`` judges the gradients of the same input on the device that it is given.
    """
    if device == devices.HOST:
        return None
    try:
        there = ask(devices.HOST)
    except HarnessError as error:
        return Reference(verdict=f"{NOT_ASKED}: {error}")
    found = there.get(finding.signature) or next(iter(there.values()), None)
    if found is None:
        return Reference(verdict=ALONE)
    alike = found.signature == finding.signature and found.torch == finding.torch
    return Reference(gives=found.torch, verdict=ALIKE if alike else OTHERWISE)


def of_gone(judge: Judge, example: Batch, others: Sequence[Declared]) -> str | None:
    """Return what a difference that is gone on the device is on the CPU; ``others`` are the other differences.

    None where that cannot be asked: on the CPU itself, or where CPU torch cannot be run.
    """
    if judge.device == devices.HOST:
        return None
    host = replace(_host(judge), strict=True, declared=others)
    try:
        host.judge(example)
    except HarnessError:
        return None
    return SHOWS if host.tally.findings else GONE_TOO


def _host(judge: Judge) -> Judge:
    """Return the same judge for torch on the CPU, which has seen nothing yet."""
    both = functions(judge.case, devices.HOST, judge.present)
    return replace(judge, device=devices.HOST, functions=both, tally=Tally(), crashing=[])


def _compared(judge: Judge, finding: Finding) -> Reference:
    host, batch, check = _host(judge), finding.batch, finding.signature.check
    host.judge(batch)
    if host.crashing:
        return Reference(verdict=NOT_HERE, gives="is declared to kill the process")
    here, there = _outcome(judge, batch), _outcome(host, batch)
    gives = _given(there, finding)
    found = {one.signature: one for one in host.tally.findings.values() if one.signature.check == check}
    if not found:
        return Reference(gives=gives, verdict=_as_the_row_says(judge, finding, here, there))
    alike = finding.signature in found and (
        _alike(here, there, _Wanted(judge, finding))
        if check in _OUTCOMES
        else found[finding.signature].headline == finding.headline
    )
    return Reference(gives=gives, verdict=ALIKE if alike else OTHERWISE)


def _outcome(judge: Judge, batch: Batch) -> Any:
    (out,) = call(judge.functions.torch, torch_inputs(batch, judge.device), "the torch expression")
    return out


def _as_the_row_says(judge: Judge, finding: Finding, here: Any, there: Any) -> str:
    """Return what a failure on the device is where CPU torch does as the row says, by what is declared of either."""
    on_device, on_cpu = (_applying(judge, finding.batch, device) for device in (judge.device, devices.HOST))
    if on_cpu - on_device and _alike(here, there, _Wanted(judge, finding)):
        return HERE_TOO
    if (on_cpu or on_device) and _is_as_numpy(judge, finding):
        return NOT_HERE if on_cpu else NOT_SHOWN
    return ALONE


def _applying(judge: Judge, batch: Batch, device: str) -> set[int]:
    outs = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    return {region.declared.number for region in regions(judge.declared, batch, device, outs) if region.key(0)}


def _is_as_numpy(judge: Judge, finding: Finding) -> bool:
    """Tell whether the device does what NumPy does in the check of ``finding``, whatever is declared."""
    plain = replace(judge, declared=(), strict=True, tally=Tally(), crashing=[])
    plain.judge(finding.batch)
    return all(one.check != finding.signature.check for one in plain.tally.findings)


def _given(there: Any, finding: Finding) -> str:
    """Return what CPU torch gives, as far as the check of ``finding`` asks for it."""
    place, check = finding.place, finding.signature.check
    if isinstance(there, Refusal):
        return f"raises {there}"
    if check in ("dtype", "shape") and isinstance(there, torch.Tensor):
        return dtype_name(there) if check == "dtype" else str(tuple(there.shape))
    if check not in (*_OUTCOMES, "dtype", "shape"):
        return ""
    if isinstance(there, torch.Tensor) and place is not None and len(place) == there.ndim:
        return str(to_host(there)[place])
    return shown(there)


class _Wanted:
    """What decides whether two results are alike: how the row is judged, NumPy's result, the element that failed."""

    def __init__(self, judge: Judge, finding: Finding) -> None:
        (self.numpy,) = call(judge.functions.numpy, numpy_inputs(finding.batch), "the NumPy expression")
        self.tolerance = judge.case.tolerance
        self.place = finding.place

    def near(self, here: torch.Tensor, there: torch.Tensor) -> bool:
        """Tell whether two tensors of one shape and dtype hold the same, as exactly as the row is judged.

        A bound is one round the truth, and says nothing of two results: these are alike where they lie much nearer to
        each other than to NumPy's.
        """
        ours: Any = to_host(here)
        theirs: Any = to_host(there)
        apart = compare.differing(ours, theirs, self.tolerance, bfloat16=here.dtype == torch.bfloat16)
        if isinstance(self.tolerance, Exact | Ulp) or ours.dtype.kind not in "fc" or np.shape(self.numpy) != ours.shape:
            return not apart.any()
        with np.errstate(all="ignore"):
            apart &= ~(np.abs(ours - theirs) * _FAR <= np.abs(theirs - np.asarray(self.numpy)))
        inside = self.place is not None and len(self.place) == ours.ndim
        return not bool(apart[self.place] if inside else apart.any())


def _alike(here: Any, there: Any, wanted: _Wanted) -> bool:
    """Tell whether the device and CPU torch do the same: raise the same, or give the same values."""
    if isinstance(here, Refusal) or isinstance(there, Refusal):
        both = isinstance(here, Refusal) and isinstance(there, Refusal)
        return both and type(here.error) is type(there.error)
    if isinstance(here, torch.Tensor) and isinstance(there, torch.Tensor):
        return here.shape == there.shape and here.dtype == there.dtype and wanted.near(here, there)
    if isinstance(here, tuple | list) and isinstance(there, tuple | list):
        return len(here) == len(there) and all(_alike(h, t, wanted) for h, t in zip(here, there, strict=True))
    return repr(here) == repr(there)
