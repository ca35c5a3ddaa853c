"""What others have said of both libraries, and where our rows say it: by which case, and which of its differences.

Someone's table says that two expressions are the same, someone's report that they are not. Such an entry is written
down with the case that it belongs to and an input; the case is run on that input, and the differences that apply there
are looked up, not stated. So an entry whose case no longer covers it is noticed.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import devices, state
from conformance.case import Crashes
from conformance.differences import Declared, compile_differences, regions
from conformance.evaluate import call, functions, numpy_inputs
from conformance.examples import batch_of
from conformance.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.case import Case
    from conformance.evaluate import Batch

AGREE: Final = "agree"
ONE_SIDED: Final = ("numpy only", "torch only", "both refuse")
_FIELDS: Final = frozenset({"torch", "numpy", "case", "dtype", "inputs", "verdict", "why"})


class KnownError(ValueError):
    """An entry cannot be what it says: one line that names it, what is wrong, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """An entry: somebody's pair of expressions, and the case and input of ours that show what is true of it.

    ``inputs`` are Python expressions, those of an example; ``case`` is None where no row has the operation, and ``why``
    says why not. ``verdict`` is for pairs that somebody claims to be the same: ``right``, or what is wrong.
    """

    id: str
    torch: str
    numpy: str
    case: str | None = None
    dtype: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    verdict: str | None = None
    why: str | None = None

    def __post_init__(self) -> None:
        if (self.case is None) == (self.why is None):
            message = f"{self.id}: give case=, or why= where no row has it"
            raise KnownError(message)


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What an input showed: the sentences of the differences that apply, an outcome, and failures, if any."""

    because: tuple[str, ...]
    outcome: str
    failures: tuple[str, ...]


def read(path: Path) -> list[Known]:
    """Return the entries of a TOML file, a table each. Raises KnownError for one with a field that there is not."""
    entries = []
    for name, given in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if unknown := set(given) - _FIELDS:
            message = f"{path.name}: {name}: no field {sorted(unknown)}; there are {sorted(_FIELDS)}"
            raise KnownError(message)
        entries.append(Known(id=name, **given))
    return entries


def covered(entry: Known, case: Case) -> Covered:
    """Run ``case`` on the input of ``entry`` on the CPU. Raises KnownError for an input that the case cannot have."""
    dtype = _dtype(entry, case)
    batch = batch_of(case, _inputs(entry, case), dtype)
    judge = Judge(
        case=case,
        dtype=dtype,
        device=devices.HOST,
        functions=functions(case, devices.HOST, (devices.HOST,)),
        declared=compile_differences(case, dtype),
        present=(devices.HOST,),
    )
    with state.guarded(devices.HOST):
        applying = _applying(judge, batch)
        if not any(isinstance(one.difference.torch, Crashes) for one in applying):
            judge.judge(batch)
    failures = tuple(finding.headline for finding in judge.tally.findings.values())
    because = tuple(one.difference.because for one in applying)
    return Covered(because=because, outcome=_outcome(judge, because), failures=failures)


def _dtype(entry: Known, case: Case) -> str:
    units = case.unit_dtypes()
    dtype = entry.dtype or ("float32" if "float32" in units else units[0])
    if dtype not in units:
        message = f"{entry.id}: {case.id} has no unit of dtype {dtype!r}, only {', '.join(units)}"
        raise KnownError(message)
    return dtype


def _inputs(entry: Known, case: Case) -> dict[str, Any]:
    if set(entry.inputs) != set(case.inputs):
        message = f"{entry.id}: inputs are {sorted(entry.inputs)}, those of {case.id} are {sorted(case.inputs)}"
        raise KnownError(message)
    values = {}
    for name, text in entry.inputs.items():
        try:
            values[name] = eval(text, {"np": np, "math": math})  # noqa: S307 - our own table
        except Exception as error:  # noqa: BLE001 - whatever an expression of the table raises is told
            message = f"{entry.id}: {name} = {text!r} raises {type(error).__name__}: {error}"
            raise KnownError(message) from None
    return values


def _applying(judge: Judge, batch: Batch) -> list[Declared]:
    outs = call(judge.functions.numpy, numpy_inputs(batch), "the NumPy expression")
    return [region.declared for region in regions(judge.declared, batch, judge.device, outs) if region.key(0)]


def _outcome(judge: Judge, because: tuple[str, ...]) -> str:
    tally = judge.tally
    counts = (tally.numpy_only, tally.torch_only, tally.both_raise)
    one_sided = next((word for word, count in zip(ONE_SIDED, counts, strict=True) if count), AGREE)
    return "differ as declared" if because else one_sided
