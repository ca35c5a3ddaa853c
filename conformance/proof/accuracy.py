"""Who is right, and by how much: the error of both sides of a case against the truth, in ULP.

Elementwise cases are swept (see :mod:`conformance.proof.sweep`), contiguous and strided, because vectorised code and
the loop for the rest are two implementations; any other case with a floating-point result is measured on the inputs
that its unit runs with. Elements inside of a declared difference are counted apart: there the row says what happens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import batches, compare, differences, literals, oracle, render, state, versions
from conformance import dtype as dt
from conformance.evaluate import Batch, Refusal, call, dtype_name, functions, numpy_inputs, to_host, torch_inputs
from conformance.oracle import Exact, Oracle
from conformance.proof import pointwise, sweep
from conformance.tolerance import Exact as ExactTolerance
from conformance.tolerance import Tolerance, Ulp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Functions
    from conformance.proof.pointwise import Form

    Array = NDArray[Any]

DTYPES: Final = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
_FORMS: Final = 6
_CHUNK: Final = 1 << 16
_LAYOUTS: Final = ("contiguous", "strided")
_SAMPLE: Final = 4096
"""Numbers of a sweep whose truth takes 160 bits, at some twenty microseconds each."""

_PLANNED: Final = 60
"""Structures on which a case that is not elementwise is measured."""


@dataclass(kw_only=True)
class Worst:
    """The largest error of one side, in ULP, and the inputs at which it is made, as text."""

    error: float = 0.0
    at: dict[str, str] = field(default_factory=dict)

    def take(self, errors: Array, batch: Batch) -> None:
        """Take note of the largest of ``errors``, one for each element of the result of ``batch``."""
        if not errors.size:
            return
        place = int(np.argmax(errors))
        if errors.reshape(-1)[place] > self.error:
            self.error = float(errors.reshape(-1)[place])
            self.at = _told(batch, place)


@dataclass(kw_only=True)
class Measured:
    """What was measured of one case, dtype and CPU capability.

    ``apart`` is the largest distance between the sides, as the case's tolerance counts it, for each dtype of torch's
    result, by which a tolerance counts: of tensors of two dtypes there are several. ``numbers`` are the elements
    compared with the truth, ``declared`` those left out because a difference covers them, ``unlike`` those whose bits
    differ between the sides.
    """

    dtype: str
    way: str
    torch: Worst = field(default_factory=Worst)
    numpy: Worst = field(default_factory=Worst)
    apart: dict[str, Worst] = field(default_factory=dict)
    numbers: int = 0
    declared: int = 0
    unlike: int = 0


def measure(case: Case, dtype: str, device: str, present: Sequence[str], count: int) -> Measured | None:
    """Measure ``case`` in ``dtype``: on ``count`` numbers if it is elementwise, else on the inputs of its unit.

    None where there is no floating-point result on both sides, or its truth is unknown.
    """
    both = functions(case, device, present)
    asked = Oracle(case, present)
    with state.guarded(device):
        ways = pointwise.forms(case, both, _FORMS)
        found = Measured(dtype=dtype, way="swept" if ways else "on the inputs of its unit")
        made = _swept(ways, dtype, asked, count) if ways else _planned(case, dtype)
        declared = differences.compile_differences(case, dtype)
        scale = _Scale(case=case, functions=both, oracle=asked, declared=declared, device=device)
        for batch in made:
            scale.compare(batch, found)
    return found if found.numbers else None


def may_round(case: Case, device: str, present: Sequence[str]) -> bool:
    """Tell whether kernels may differ in their digits: of elementwise cases, and where the sides need not be the same.

    What is neither moves numbers about, or adds what cannot be rounded, whatever the processor.
    """
    if not isinstance(case.tolerance, ExactTolerance):
        return True
    with state.guarded(device):
        return bool(pointwise.forms(case, functions(case, device, present), 1))


def _swept(ways: Sequence[Form], dtype: str, asked: Oracle, count: int) -> Iterator[Batch]:
    """Yield the sweep in chunks, in each layout; the numbers are shared out among several ways to call a case."""
    for number, form in enumerate(ways):
        columns = sweep.pairs(dtype, form.tensors, count)
        if len(columns[0]) > sweep.ALL_OF_16_BITS:
            columns = [column[number :: len(ways)] for column in columns]
        if dt.is_complex(dtype) or asked.wide(_args(form, columns, dtype), dtype) is None:
            columns = [column[:: max(len(column) // _SAMPLE, 1)] for column in columns]
        domains = [slot.domain for slot in form.structure.tensors()]
        kept = np.logical_and.reduce([pointwise.in_domain(c, d) for c, d in zip(columns, domains, strict=True)])
        columns = [column[kept] for column in columns]
        for start in range(0, len(columns[0]), _CHUNK):
            for layout in _LAYOUTS:
                yield form.batch([column[start : start + _CHUNK] for column in columns], dtype, layout)


def _args(form: Form, columns: Sequence[Array], dtype: str) -> Any:
    (args,) = form.batch([column[:8] for column in columns], dtype).args
    return args


def _planned(case: Case, dtype: str) -> Iterator[Batch]:
    """Yield batches of the case's unit, those that both sides are to refuse left out, spread over the plan."""
    drawn = [batch for batch in batches.batches(case, dtype, 0, batches.DEFAULT_BUDGET) if not batch.structure.spoilt]
    yield from drawn[:: max(len(drawn) // _PLANNED, 1)]


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """What all measurements of a case share."""

    case: Case
    functions: Functions
    oracle: Oracle
    declared: Sequence[differences.Declared]
    device: str

    def compare(self, batch: Batch, found: Measured) -> None:
        """Run both sides on ``batch`` and take note of their errors in ``found``."""
        wants = call(self.functions.numpy, numpy_inputs(batch), self.case.id)
        gots = call(self.functions.torch, torch_inputs(batch, self.device), self.case.id)
        regions = differences.regions(self.declared, batch, self.device, wants)
        before = batch.args
        for fill, (got, want) in enumerate(zip(gots, wants, strict=True)):
            if not _is_comparable(got, want):
                continue
            judged = ~_covered(regions, fill, want)
            found.declared += int((~judged).sum())
            exact = self.oracle(before[fill], batch.dtype) if judged.any() else None
            if exact is not None and exact.high.shape == np.shape(want):
                self._take(found, batch.only([fill]), got, np.asarray(want), exact, judged)

    def _take(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
        self, found: Measured, batch: Batch, got: torch.Tensor, want: Array, exact: Exact, judged: Array
    ) -> None:
        dtype = dtype_name(got)
        theirs, ours = to_host(got), compare.rounded_reference(want, bfloat16=dtype == "bfloat16")
        with np.errstate(all="ignore"):
            ours = ours.astype(theirs.dtype)
        found.numbers += int(judged.sum())
        found.unlike += int((judged & (theirs != ours) & ~(np.isnan(theirs) & np.isnan(ours))).sum())
        errors = oracle.ulps(theirs, exact, dtype)
        found.torch.take(np.where(judged, errors, 0), batch)
        found.numpy.take(np.where(judged, oracle.ulps(ours, exact, dtype), 0), batch)
        if isinstance(self.case.tolerance, ExactTolerance | Ulp):
            rounded = np.isinf(ours) & np.isfinite(theirs)  # how near the end is, the judge too asks the truth
            distances = np.where(rounded, errors, oracle.apart(theirs, ours, dtype))
            found.apart.setdefault(dtype, Worst()).take(np.where(judged, distances, 0), batch)


def _is_comparable(got: Any, want: Any) -> bool:
    if isinstance(got, Refusal) or isinstance(want, Refusal) or not isinstance(got, torch.Tensor):
        return False
    kind = "c" if got.is_complex() else "f" if got.is_floating_point() else ""
    alike = isinstance(want, np.ndarray | np.generic) and want.dtype.kind == kind
    return bool(alike and tuple(got.shape) == want.shape and want.size)


def _covered(regions: Sequence[differences.Region], fill: int, want: Any) -> Array:
    """Return which elements a declared difference of values covers."""
    covered = np.zeros(np.shape(want), bool)
    for region in regions:
        if region.declared.difference.aspect not in (None, "value", "inputs after"):  # an input may be the result
            continue
        if region.whole[fill]:
            covered[...] = True
        elif fill in region.masks:
            covered |= np.broadcast_to(region.masks[fill], covered.shape)
    return covered


def _told(batch: Batch, place: int) -> dict[str, str]:
    """Return the inputs of a batch of one fill as text: of an elementwise case just those of the element ``place``."""
    if not all(len(slot.shape) == 1 and slot.size > _MANY for slot in batch.structure.tensors()):
        return literals.inputs(batch)
    texts = {}
    (args,) = batch.args
    for name, value in zip(batch.structure.slots, args, strict=True):
        texts[name] = literals.number(value[place]) if isinstance(value, np.ndarray) else literals.plain(value)
    return texts


_MANY: Final = 1000


def allowed(tolerance: Tolerance, dtype: str) -> float | None:
    """Return how many ULP the sides may lie apart in ``dtype``; None for a bound that is no number of ULP."""
    match tolerance:
        case Ulp():
            return tolerance.allowed(dtype)
        case ExactTolerance():
            return 0.0
    return None


def record(case: Case, device: str, capability: str, found: Measured) -> dict[str, Any]:
    """Return the record of what was measured (see docs/run-format.md)."""
    apart, most = _tightest(case.tolerance, found)
    return {
        "kind": "accuracy",
        "id": case.id,
        "row": render.row(case),
        "device": device,
        "dtype": found.dtype,
        "capability": capability,
        "torch_version": versions.installed("torch"),
        "numpy_version": versions.installed("numpy"),
        "way": found.way,
        "numbers": found.numbers,
        "declared": found.declared,
        "unlike": found.unlike,
        "torch": _ended(found.torch),
        "numpy": _ended(found.numpy),
        "apart": _ended(apart),
        "allowed": most,
        "tolerance": str(case.tolerance),
    }


def _tightest(tolerance: Tolerance, found: Measured) -> tuple[Worst, float | None]:
    """Return how far the sides are apart, and how far they may be, in the dtype that leaves the least between them."""
    counted = [(worst, allowed(tolerance, dtype)) for dtype, worst in found.apart.items()]
    return min(counted, key=lambda one: (one[1] or 0) - one[0].error, default=(Worst(), None))


def _ended(worst: Worst) -> dict[str, Any]:
    """JSON has no infinity: an error of another kind is null."""
    return {"ulp": round(worst.error, 4) if np.isfinite(worst.error) else None, "at": worst.at}


def dtypes(case: Case) -> list[str]:
    """Return the floating-point and complex dtypes in which ``case`` is run."""
    return [name for name in DTYPES if name in case.unit_dtypes()]
