"""Judging gradients: torch's by its autograd against derivatives of the NumPy expression.

A unit of float64 is judged against differences of the NumPy expression, and against a closed form where there is one; a
unit of float32 against torch's own gradient in float64 at the same numbers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import dtype as dt
from conformance.case import Raises, Undefined
from conformance.differences import regions
from conformance.evaluate import Batch, Refusal, call, functions, numpy_inputs, torch_inputs
from conformance.evidence import wrong_side
from conformance.examples import Examined, batch_of
from conformance.gradients import autograd, comparing, numeric, program, smooth, witness
from conformance.gradients.script import script
from conformance.tally import Sides, Signature, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.differences import Declared
    from conformance.evaluate import Functions
    from conformance.gradients.comparing import Compared
    from conformance.tally import Finding

    Array = NDArray[Any]

CHECK: Final = "gradient"
DTYPES: Final = (smooth.WIDE, dt.NONE, "float32")
"""The dtypes of the units that are judged; in those without one, tensors of float64."""

NONE, RAISES, ANOTHER, AS_IT_OUGHT = "none", "raises", "another", "as it ought to be"
"""What a structure may show: torch's result carries no gradient, it or backward raises, the gradient is another."""

NOTHING, NO_VALUE, CONSTANT = "nothing to differentiate", "no value", "constant"

_DIRECTIONS: Final = 3
_SAME_VALUE: Final = 1e-6


@dataclass(kw_only=True)
class GradientJudge:
    """Judges the gradients of one unit; what it finds goes to ``tally``.

    ``declared`` are the differences of aspect "gradient". ``seen`` counts structures by what they showed; ``worst`` is
    the largest error, as a part of what is allowed; ``evidence`` has, by number, what a declared bug shows on its
    example.
    """

    case: Case
    dtype: str
    device: str
    functions: Functions
    tally: Tally
    seed: int
    declared: Sequence[Declared] = ()
    seen: Counter[str] = field(default_factory=Counter)
    examined: list[Examined] = field(default_factory=list)
    evidence: dict[int, dict[str, Any]] = field(default_factory=dict)
    numbers: int = 0
    unknown: int = 0
    worst: float = 0.0
    _sides: tuple[str, str] = ("", "")

    def judge(self) -> None:
        """Judge the gradients on the examples and some structures. Raises WitnessError for a wrong closed form."""
        if program.asks(self.case.torch):
            return
        forms = witness.closed_forms(self.case)
        rng = np.random.default_rng([self.case.seed(self.seed), *CHECK.encode()])
        for one in self.declared if self._is_wide() else ():
            batch = batch_of(self.case, one.difference.example, self.dtype)
            self._sides = "", ""
            shown = self._shown(batch, rng, forms, [one])
            self.examined.append(Examined(declared=one, gone=shown in (AS_IT_OUGHT, CONSTANT)))
            if one.difference.kind == "bug":
                self.evidence[one.number] = self._evidence(one, batch)
        for structure in smooth.structures(self.case, self.seed):
            for batch in smooth.fills(structure, dt.NONE if self.dtype == dt.NONE else smooth.WIDE, rng):
                shown = self._shown(batch, rng, forms, self.declared)
                if shown != NO_VALUE:
                    break
            self.seen[shown] += 1

    def on(self, device: str, *, present: Sequence[str], batch: Batch) -> Mapping[Signature, Finding]:
        """Return what is found on one batch with torch on another ``device``; this judge takes no note of it."""
        both = functions(self.case, device, present)
        other = replace(self, device=device, functions=both, tally=Tally(), seen=Counter())
        rng = np.random.default_rng([self.case.seed(self.seed), *CHECK.encode()])
        other._shown(batch, rng, witness.closed_forms(self.case), self.declared)  # noqa: SLF001 - another of its kind
        return other.tally.findings

    def record(self) -> dict[str, Any] | None:
        """Return what goes into the record of the unit; None where no structure had anything to judge."""
        judged = sum(self.seen[shown] for shown in (AS_IT_OUGHT, ANOTHER, NONE, RAISES))
        if not judged:
            return None
        numbers = {"numbers": self.numbers, "not smooth": self.unknown}
        return {"structures": judged, **numbers, "worst": round(self.worst, 4)}

    def _is_wide(self) -> bool:
        return self.dtype in (smooth.WIDE, dt.NONE)

    def _shown(
        self, batch: Batch, rng: np.random.Generator, forms: Mapping[str, str], declared: Sequence[Declared]
    ) -> str:
        """Judge one batch of one fill, and return what it showed."""
        (want,) = call(self.functions.numpy, numpy_inputs(batch), "the NumPy expression")
        values = numeric.parts(want)
        if not values or any(one.dtype not in (np.float64, np.complex128) for one in values):
            return NOTHING
        if not all(np.isfinite(one).all() for one in values):
            return NO_VALUE
        if not self._same(batch, values):
            return "the sides part"
        applying = [one for one in declared if regions([one], batch, self.device, [want])[0].key(0)]
        weights = [_cotangent(one, rng) for one in values]
        if self._is_wide():
            return self._wide(batch, weights, rng, forms, applying)
        several = list(comparing.with_wider(self.functions.torch, batch, self.dtype, self.device, weights))
        return self._judged(batch, several, applying) if several else CONSTANT

    def _same(self, batch: Batch, values: Sequence[Array]) -> bool:
        """Tell whether torch gives NumPy's values there; where it does not, another check says so."""
        (got,) = call(self.functions.torch, torch_inputs(batch, self.device), "the torch expression")
        theirs = autograd.values(got)
        alike = [(one.shape, one.dtype) for one in theirs] == [(one.shape, one.dtype) for one in values]
        return alike and all(np.allclose(g, w, _SAME_VALUE, _SAME_VALUE) for g, w in zip(theirs, values, strict=True))

    def _wide(
        self, batch: Batch, weights: list[Array], rng: np.random.Generator, forms: Mapping[str, str],
        applying: Sequence[Declared],
    ) -> str:  # fmt: skip
        which = self._which(batch)
        if not any(which):
            return NOTHING
        traced = autograd.traced(self.functions.torch, batch, self.device, which)
        if isinstance(traced.outcome, Refusal):
            return self._lacks(RAISES, batch, f"it refuses inputs that ask for a gradient: {traced.outcome}", applying)
        each = smooth.size(batch.structure) <= smooth.FEW
        moved, steps = (
            numeric.each(batch.blocks, which) if each else numeric.some(batch.blocks, which, _DIRECTIONS, rng)
        )
        derivatives = numeric.along(self.functions.numpy, batch, moved, steps, weights)
        if not traced.flows():
            changes = bool((np.abs(derivatives.values) > derivatives.bounds).any())
            return self._lacks(NONE, batch, "its result carries none", applying) if changes else CONSTANT
        found = traced.gradients(weights)
        if isinstance(found, str):
            return self._lacks(RAISES, batch, f"backward raises {found}", applying)
        several = [comparing.with_differences(batch, found, moved, derivatives, each=each)]
        several += [comparing.with_closed_form(self.case, batch, found, form, weights[0]) for form in forms.items()]
        return self._judged(batch, several, applying)

    def _which(self, batch: Batch) -> list[bool]:
        """Tell by which tensors derivatives are asked for: by none of which the program makes a leaf of its own."""
        own = program.leaves(self.case.torch)
        return [smooth.movable(slot) and name not in own for name, slot in batch.structure.named()]

    def _judged(self, batch: Batch, several: Sequence[Compared], applying: Sequence[Declared]) -> str:
        """Take note of what was compared; a difference that applies must show, unless it leaves gradients unjudged."""
        self.tally.checked[CHECK] += 1
        wrong = [one for one in several if one.kind]
        if not wrong:
            self._note(several)
            for one in applying if self._is_wide() else ():  # not all leaves are there in a narrow dtype
                if not isinstance(one.difference.torch, Undefined):
                    because = one.difference.because
                    headline = f"declared too broadly: {because!r} applies, but torch's gradient is right"
                    self._report(f"too broad: {because}", batch, headline)
            return AS_IT_OUGHT
        self._sides = wrong[0].torch, wrong[0].numpy
        if not self._declared(ANOTHER, applying):
            self._note(several)
            for fault in wrong:
                self._report(fault.kind, batch, fault.headline, fault.torch, fault.numpy)
        return ANOTHER

    def _note(self, several: Sequence[Compared]) -> None:
        for one in several:
            self.numbers += one.ratios.size
            self.unknown += int(np.isnan(one.ratios).sum())
            self.worst = max(self.worst, float(np.nanmax(one.ratios, initial=0)))

    def _lacks(self, shown: str, batch: Batch, words: str, applying: Sequence[Declared]) -> str:
        self.tally.checked[CHECK] += 1
        self._sides = words, "a derivative"
        if not self._declared(shown, applying):
            headline = f"torch has no gradient of what NumPy's expression has a derivative of: {words}"
            self._report(shown, batch, headline, words, "a derivative")
        return shown

    def _declared(self, shown: str, applying: Sequence[Declared]) -> bool:
        """Tell whether a difference that applies says so; count the input as inside it."""
        said = [one for one in applying if _says(one, shown)]
        for one in said:
            self.tally.met[one.number] += 1
        return bool(said)

    def _report(self, kind: str, batch: Batch, headline: str, torch: str = "", numpy: str = "") -> None:
        def words() -> Sides:
            shown = script(self.case, batch, self.device, headline)
            return Sides(headline=headline, torch=torch, numpy=numpy, script=shown)

        self.tally.report(Signature(check=CHECK, kind=kind), batch, 0, words)

    def _evidence(self, one: Declared, batch: Batch) -> dict[str, Any]:
        """Return what a report to the library needs, of the example just judged (see :mod:`conformance.evidence`)."""
        theirs, ours = self._sides
        return {
            "wrong": wrong_side(one.difference),
            "script": script(self.case, batch, self.device, one.difference.because),
            "torch": theirs,
            "numpy": ours,
            "truth": None,
            "errors": None,
        }


def _says(one: Declared, shown: str) -> bool:
    match one.difference.torch:
        case Undefined():
            return True
        case Raises():
            return shown == RAISES
    return shown == NONE


def _cotangent(value: Array, rng: np.random.Generator) -> Array:
    """Return the weights of a result: another for each element, so that none stands for another."""
    drawn = rng.uniform(0.5, 1.5, (2, *value.shape)) * rng.choice([1.0, -1.0], (2, *value.shape))
    return np.asarray(drawn[0] + 1j * drawn[1] if value.dtype.kind == "c" else drawn[0])
