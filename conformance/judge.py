"""All verdicts from one evaluation: run both sides on a batch, and judge every fill on every check.

Fills are judged in groups to which the same declared differences apply: NumPy's outcomes, changed as those say, are
what torch is expected to give. Results are stacked and compared at once; whatever differs is looked at alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import differences as diff
from conformance.afterwards import AfterJudge
from conformance.case import Crashes, Raises, Undefined
from conformance.evaluate import Batch, Functions, HarnessError, Refusal, call, numpy_inputs, torch_inputs
from conformance.expected import expect
from conformance.results import ResultJudge
from conformance.tally import Sides, Signature, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.case import Case
    from conformance.differences import Declared, Region
    from conformance.expected import Expected


_REFUSALS: Final = 2


@dataclass(kw_only=True)
class Judge:
    """Judges batches of one unit: a case, a dtype, a device.

    ``weight`` is how many inputs each fill of the batch stands for: more than one where the others were left out.
    """

    case: Case
    dtype: str
    device: str
    functions: Functions
    declared: Sequence[Declared]
    present: Sequence[str] = ()
    strict: bool = False
    tally: Tally = field(default_factory=Tally)
    crashing: list[Batch] = field(default_factory=list)
    died_of: str = ""
    weight: int = 1

    @property
    def claimed(self) -> bool:
        """Whether both sides must accept the inputs of this unit."""
        return self.strict or self.dtype in self.case.dtypes or self.dtype == "-"

    def judge(self, batch: Batch) -> None:
        """Run both sides on ``batch`` and judge every fill. Raises HarnessError where the case itself is wrong."""
        before = [d for d in self.declared if not d.uses_out]
        regions = diff.regions(before, batch, self.device, None)
        batch, regions = self._set_aside(batch, regions)
        self.weight = 1
        if batch.count > _REFUSALS and any(map(_refuses_all, regions)):
            batch, regions = self._few(batch, before)
        if not batch.count:
            return
        numpy_side = numpy_inputs(batch)
        outs = call(self.functions.numpy, numpy_side, "the NumPy expression")
        if batch.count > _REFUSALS and _refused_all(batch, outs):
            batch, regions = self._few(batch, before)
            numpy_side, outs = numpy_inputs(batch), outs[:_REFUSALS]
        torch_side = torch_inputs(batch, self.device)
        gots = call(self.functions.torch, torch_side, "the torch expression")
        after = [d for d in self.declared if d.uses_out]
        regions += diff.regions(after, batch, self.device, outs) if after else []
        self._count(batch)
        results = ResultJudge(
            case=self.case,
            dtype=self.dtype,
            functions=self.functions,
            tally=self.tally,
            batch=batch,
            torch_side=torch_side,
            numpy_side=numpy_side,
        )
        for fills, applying in _groups(batch, regions, outs):
            self._judge_group(results, fills, applying, gots, outs)
        after_call = AfterJudge(
            case=self.case,
            tally=self.tally,
            batch=batch,
            torch_side=torch_side,
            numpy_side=numpy_side,
            regions=regions,
            wants=outs,
            refused=frozenset()
            if self.claimed
            else frozenset(i for i, got in enumerate(gots) if isinstance(got, Refusal)),
        )
        after_call.judge()

    def _few(self, batch: Batch, declared: Sequence[Declared]) -> tuple[Batch, list[Region]]:
        """Return a few fills of a batch that is refused, counted for all, and where ``declared`` applies to them."""
        self.weight = batch.count // _REFUSALS
        few = batch.only(range(_REFUSALS))
        return few, diff.regions(declared, few, self.device, None)

    def _count(self, batch: Batch) -> None:
        self.tally.structures += 1
        self.tally.inputs += batch.count
        if not batch.structure.spoilt:
            self.tally.ought += batch.count * self.weight

    def _set_aside(self, batch: Batch, regions: list[Region]) -> tuple[Batch, list[Region]]:
        """Keep the fills that are declared to kill the process for a child of its own."""
        deadly = [r for r in regions if isinstance(r.declared.difference.torch, Crashes)]
        doomed = {fill for region in deadly for fill in range(batch.count) if region.key(fill)}
        if not doomed:
            return batch, regions
        self.crashing.append(batch.only(sorted(doomed)))
        rest = batch.only([f for f in range(batch.count) if f not in doomed])
        alive = [r.declared for r in regions]
        return rest, diff.regions(alive, rest, self.device, None) if rest.count else []

    def _judge_group(
        self, results: ResultJudge, fills: list[int], applying: list[Region], gots: list[Any], outs: list[Any]
    ) -> None:
        if not applying:
            self._judge_expected(results, fills, [gots[f] for f in fills], [outs[f] for f in fills], None)
            return
        batch = results.batch
        expected = [expect(applying, f, batch.args[f], outs[f], batch, self.device) for f in fills]
        self.tally.declared += len(fills)
        for region in applying:
            self.tally.met[region.declared.number] += len(fills)
        judged = [(f, e) for f, e in zip(fills, expected, strict=True) if self._as_stated(batch, f, e, outs[f])]
        kept = [f for f, _ in judged]
        wanted = [e for _, e in judged]
        self._judge_expected(results, kept, [gots[f] for f in kept], [e.torch for e in wanted], wanted)
        compared = [(f, e) for f, e in judged if self.claimed or not isinstance(gots[f], Refusal)]
        self._too_broad(results, compared, applying, outs)

    def _as_stated(self, batch: Batch, fill: int, expected: Expected, out: Any) -> bool:
        """Judge what NumPy was declared to do; tell whether torch is to be judged too."""
        if expected.wrong_numpy is not None:
            stated = expected.wrong_numpy.difference
            signature = Signature(check="error", kind=f"not as declared: {stated.because}")
            headline = f"declared too broadly: {stated.because!r} says that NumPy {stated.numpy}, it gave {shown(out)}"
            self.tally.report(signature, batch, fill, Sides(headline=headline))
            return False
        if not expected.judged and not batch.structure.spoilt:
            self.tally.ran += self.weight
        return expected.judged

    def _too_broad(
        self, results: ResultJudge, expected: list[tuple[int, Expected]], applying: list[Region], outs: list[Any]
    ) -> None:
        for fill, want in expected:
            broad = want.too_broad or results.no_difference(fill, want, applying, outs[fill])
            if broad is not None:
                because = broad.difference.because
                signature = Signature(check="value", kind=f"too broad: {because}")
                words = Sides(
                    headline=f"declared too broadly: {because!r} applies, but both sides give {shown(outs[fill])}"
                )
                self.tally.report(signature, results.batch, fill, words)

    def _judge_expected(
        self, results: ResultJudge, fills: list[int], gots: list[Any], wants: list[Any], expected: list[Expected] | None
    ) -> None:
        """Judge who raised, then the values of the fills in which neither did and neither was to."""
        self.tally.checked["error"] += len(fills)
        if expected is not None:
            self.tally.declared_in["error"] += sum(isinstance(w, Raises) for w in wants)
        valued = []
        for i, (got, want) in enumerate(zip(gots, wants, strict=True)):
            if isinstance(got, Refusal) or isinstance(want, Refusal | Raises | Undefined):
                self._judge_refusal(results.batch, fills[i], got, want)
            else:
                valued.append(i)
        if valued:
            spoilt = results.batch.structure.spoilt
            self.tally.ran += 0 if spoilt else len(valued) * self.weight
            some = [expected[i] for i in valued] if expected is not None else None
            results.judge_values(
                [fills[i] for i in valued], [gots[i] for i in valued], [wants[i] for i in valued], some
            )

    def _judge_refusal(self, batch: Batch, fill: int, got: Any, want: Any) -> None:
        if isinstance(want, Raises):
            self._judge_raises(batch, fill, got, want)
        elif isinstance(want, Undefined):
            self._judge_any_value(batch, fill, got)
        elif isinstance(got, Refusal) and isinstance(want, Refusal):
            self.tally.both_raise += 1
        elif not self.claimed:
            self._one_sided(torch=isinstance(want, Refusal))
        else:
            self._report_error(batch, fill, got, want)

    def _one_sided(self, *, torch: bool) -> None:
        if torch:
            self.tally.torch_only += 1
        else:
            self.tally.numpy_only += 1

    def _judge_raises(self, batch: Batch, fill: int, got: Any, want: Raises) -> None:
        if isinstance(got, Refusal) and isinstance(got.error, want.errors):
            self.tally.ran += 0 if batch.structure.spoilt else self.weight
            return
        signature = Signature(check="error", kind=f"torch does not raise as declared: {_kind(got)}")
        words = Sides(headline=f"torch is declared to be one that {want}, it gave {shown(got)}", torch=shown(got))
        self.tally.report(signature, batch, fill, words)

    def _judge_any_value(self, batch: Batch, fill: int, got: Any) -> None:
        """Where NumPy is declared to refuse and torch to give any value, torch must give one, if it is claimed to."""
        if not isinstance(got, Refusal):
            self.tally.ran += 0 if batch.structure.spoilt else self.weight
        elif not self.claimed or batch.structure.spoilt:
            self.tally.both_raise += 1
        else:
            signature = Signature(check="error", kind=f"torch gives no value as declared: {_kind(got)}")
            headline = f"torch is declared to give a value where NumPy refuses, it raises: {got}"
            words = Sides(headline=headline, torch=shown(got))
            self.tally.report(signature, batch, fill, words)

    def _report_error(self, batch: Batch, fill: int, got: Any, want: Any) -> None:
        raised, other = ("torch", "numpy") if isinstance(got, Refusal) else ("numpy", "torch")
        error = got if isinstance(got, Refusal) else want
        signature = Signature(check="error", kind=f"only {raised} raises {type(error.error).__name__}")

        def words() -> Sides:
            value = want if isinstance(got, Refusal) else got
            headline = f"only {raised} raises: {error}; {other} gives {shown(value)}"
            return Sides(headline=headline, torch=shown(got), numpy=shown(want))

        self.tally.report(signature, batch, fill, words)


def _refuses_all(region: Region) -> bool:
    """Tell whether torch is declared to refuse every fill, whatever its values: a few will do, raising is slow."""
    return region.structural and region.whole[0] and isinstance(region.declared.difference.torch, Raises)


def _refused_all(batch: Batch, outs: Sequence[Any]) -> bool:
    """Tell whether NumPy has refused every fill, so that a few will do; not of special values, each another."""
    return not batch.structure.for_specials() and all(isinstance(out, Refusal) for out in outs)


def _groups(batch: Batch, regions: Sequence[Region], outs: Sequence[Any]) -> list[tuple[list[int], list[Region]]]:
    """Return the fills to which the same differences apply, with those; one group where there are none."""
    if not regions:
        return [(list(range(batch.count)), [])]
    groups: dict[tuple[int, ...], list[int]] = {}
    for fill in range(batch.count):
        key = tuple(i for i, region in enumerate(regions) if region.key(fill) and _fits(region, outs[fill]))
        groups.setdefault(key, []).append(fill)
    return [(fills, [regions[i] for i in key]) for key, fills in groups.items()]


def _fits(region: Region, out: Any) -> bool:
    """Where NumPy refuses, only a difference that says so has a say."""
    return not isinstance(out, Refusal) or region.declared.difference.numpy is not None


def _kind(outcome: Any) -> str:
    return type(outcome.error).__name__ if isinstance(outcome, Refusal) else "a value"


def shown(outcome: Any) -> str:
    """Return an outcome in one short line."""
    if isinstance(outcome, Refusal):
        return str(outcome)
    host = outcome.cpu() if hasattr(outcome, "cpu") else outcome  # another package's tensors may have no words
    with np.printoptions(threshold=8, edgeitems=2):
        return " ".join(repr(host).split())[:160]


__all__ = ["HarnessError", "Judge"]
