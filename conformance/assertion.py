"""``assert_equivalent``: a project's own functions in its own tests, judged by the engine that judges the rows."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance import arbiter, batches, devices, literals, reference, render, state
from conformance.called import name_of, side
from conformance.case import Case, CaseError, Difference, as_input
from conformance.differences import compile_differences
from conformance.evaluate import HarnessError, functions
from conformance.judge import Judge
from conformance.minimise import minimised
from conformance.tolerance import Measured, Tolerance
from conformance.translation import regions, values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from conformance.tally import Finding

_TOGETHER: Final = 2
"""Of so many inputs, one has to give a value on both sides."""


def assert_equivalent(  # noqa: PLR0913 - one parameter each, all needed
    torch_function: Callable[..., Any] | str,
    numpy_function: Callable[..., Any] | str,
    *,
    given: Mapping[str, Any],
    dtypes: Sequence[str] = ("float32", "float64"),
    device: str = "cpu",
    tolerance: Tolerance | None = None,
    differs: Sequence[Difference] = (),
    excepting: Sequence[str] = (),
    strict: Sequence[str] = (),
    budget: int = batches.DEFAULT_BUDGET,
    seed: int = 0,
) -> None:
    """Assert that two functions give the same on all inputs that ``given`` describes.

    ``given`` maps a name to a generator (``tensors(ndim=2)``, ``axes("x")``, …) or to a Hypothesis strategy of plain
    values; both functions are called with the inputs in that order, torch's with tensors on ``device``, NumPy's with
    arrays. A function may be anything that can be called, a ``torch.nn.Module`` among it, which is copied to the dtype
    and the device of its inputs; or the text of an expression.

    Compared are values, dtypes, shapes, who raises, and what became of the inputs; ``strict=("memory",)`` adds whether
    the result is a view. ``tolerance`` is one of ``EXACT``, ``ulp(…)``, ``within(…)``, …; without, it is measured:
    4 ulp and 4 times what half an ulp in the inputs makes of the NumPy function run on wider numbers. ``differs``
    declares where they part and how, as a row does; ``excepting`` names regions of inputs that do not count, such as
    ``"NaN"`` or ``"large numbers"``, as a failure names them. ``budget`` scales the number of inputs, ``seed`` picks
    others.

    Raises AssertionError with the smallest input found on which they part; ValueError or TypeError for a question that
    cannot be asked.
    """
    __tracebackhide__ = True
    _check_kinds(given, tolerance, {"dtypes": dtypes, "differs": differs, "excepting": excepting, "strict": strict})
    caller = sys._getframe(1)  # noqa: SLF001 - the place of the assertion, as a row's
    place = {"file": caller.f_code.co_filename, "line": caller.f_lineno}
    rest = {"dtypes": tuple(dtypes), "tolerance": tolerance or Measured(), "differs": tuple(differs), **place}
    asked = _Asked(
        case=_case((torch_function, numpy_function), given, rest),
        device=device,
        excepting=frozenset(excepting),
        strict=tuple(strict),
        budget=budget,
        seed=seed,
    )
    if (text := asked.objection()) is not None:
        raise AssertionError(text)


def _case(both: tuple[object, object], given: Mapping[str, Any], rest: Mapping[str, Any]) -> Case:
    """Return the case that two functions make. Raises CaseError or TypeError where they make none."""
    names = tuple(given)
    theirs, ours = both
    return Case(
        id=f"assert_equivalent/{name_of(theirs, 'torch_function')}",
        section="assert_equivalent",
        torch=side(theirs, names, "torch_function"),
        numpy=side(ours, names, "numpy_function"),
        inputs={name: as_input(name, generator) for name, generator in given.items()},
        **rest,
    )


def _check_kinds(given: object, tolerance: object, several: Mapping[str, object]) -> None:
    """Raise TypeError for an argument of the wrong kind, ValueError for one that leaves nothing to assert."""
    if not isinstance(given, Mapping):
        raise TypeError(f"given={given!r} names no inputs: write given={{'x': tensors()}}")
    for name in given:
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"given: {name!r} is no name of an input: write one that Python takes for a variable")
    if not isinstance(tolerance, Tolerance | None):
        raise TypeError(f"tolerance={tolerance!r}: give one of EXACT, ulp(2, 'why'), within('1e-6', 'why'), …")
    for argument, value in several.items():
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise TypeError(f"{argument}={value!r}: give several in a tuple, such as {argument}=({value!r},)")
    for difference in several["differs"]:  # type: ignore[attr-defined]  # a sequence, as just asked
        if not isinstance(difference, Difference):
            raise TypeError(f"differs: {difference!r} is no Difference(…)")
    if not several["dtypes"]:
        raise ValueError("dtypes=(): without a dtype nothing is asserted")


def _one_of(argument: str, names: Collection[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise CaseError(f"{argument} {name!r}: it is none of {', '.join(allowed)}")


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A case, and how thoroughly it is to be asked."""

    case: Case
    device: str
    excepting: frozenset[str]
    strict: tuple[str, ...]
    budget: int
    seed: int

    def __post_init__(self) -> None:
        if not isinstance(self.device, str):
            raise CaseError(f"device={self.device!r}: give a name, such as 'cpu'")
        if told := devices.refusal(self.device):
            raise CaseError(told)
        _one_of("excepting", self.excepting, tuple(regions.REGIONS))
        _one_of("strict", self.strict, regions.NOTES)
        numbers: tuple[tuple[str, object, int], ...] = (("budget", self.budget, 1), ("seed", self.seed, 0))
        for argument, number, least in numbers:
            if not isinstance(number, int) or number < least:
                raise CaseError(f"{argument} {number!r}: give a whole number of at least {least}")

    def objection(self) -> str | None:
        """Return what speaks against the equivalence, as printed; None where nothing does."""
        units = self.case.dtypes if self.case.unit_dtypes() != ("-",) else ("-",)
        with state.guarded(self.device):
            try:
                judges = [self._judged(dtype) for dtype in units]
                return self._difference(judges) or next(filter(None, map(self._emptiness, judges)), None)
            except HarnessError as error:
                raise CaseError(str(error)) from error
            except Exception as error:
                message = f"this cannot be judged: {type(error).__name__}: {error}"
                raise CaseError(message) from error

    def _judged(self, dtype: str) -> Judge:
        present = devices.present(tuple(dict.fromkeys((*devices.DEFAULT, self.device))))
        tally = regions.RegionTally(excepted=self.excepting)
        judge = Judge(
            case=self.case,
            dtype=dtype,
            device=self.device,
            functions=functions(self.case, self.device, present),
            declared=compile_differences(self.case, dtype),
            present=present,
            tally=tally,
        )
        for batch in batches.batches(self.case, dtype, self.seed, self.budget):
            if not batch.structure.spoilt:
                judge.judge(batch)
            if tally.parts_anywhere(self.strict, ranks=False):
                break  # one difference is enough
        return judge

    def _difference(self, judges: Sequence[Judge]) -> str | None:
        """Return the first difference that counts, with its smallest input."""
        for judge in judges:
            for finding in judge.tally.findings.values():
                if regions.counts(finding.signature.check, self.strict):
                    return self._told(judge, minimised(judge, finding, self.seed))
        return None

    def _told(self, judge: Judge, finding: Finding) -> str:
        ruling = arbiter.ruling(judge, finding.batch) if finding.signature.check == "value" else None
        said = {finding.signature.check: finding.headline + (f"; {ruling.words()}" if ruling is not None else "")}
        if ruling is not None and (why := values.of_chance(judge, finding.batch)) is not None:
            said["but"] = why
        if (cpu := reference.of(judge, finding)) is not None:
            said["cpu"] = cpu.words()
        met = judge.tally.regions if isinstance(judge.tally, regions.RegionTally) else {}
        failing = met.get(finding.signature.check, ())
        if where := regions.covering([frozenset(one for one in each if isinstance(one, str)) for each in failing]):
            said["only"] = f"with {' or '.join(where)}"
        return self._text(judge, said, literals.inputs(finding.batch))

    def _emptiness(self, judge: Judge) -> str | None:
        """Say that too few inputs gave a value on both sides: an assertion of nothing is none."""
        ran, ought = judge.tally.ran, judge.tally.ought
        if ran and ran * _TOGETHER >= ought:
            shown = values.silent_with(judge, self.seed, self.budget)
            said = {"value": "both give None, and leave their inputs as they were: return what is to be compared"}
            return None if shown is None else self._text(judge, said, shown)
        words, inputs = next(values.refusals(judge, self.seed, self.budget), ("", {}))
        said = {"value": f"only {ran} of {ought} inputs gave a value on both sides{words}"}
        return self._text(judge, said, inputs)

    def _text(self, judge: Judge, said: dict[str, str], inputs: dict[str, str]) -> str:
        again = f"seed={self.seed}, budget={self.budget}: the same inputs every time"
        return render.failure_text(self.case, judge.dtype, self.device, said, inputs, again)
