"""What all trials of a case share: its functions, batches and differences, and whether something is found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conformance import batches
from conformance.case import Crashes
from conformance.differences import Declared, compile_differences
from conformance.evaluate import (
    Batch,
    Functions,
    HarnessError,
    Refusal,
    SideInputs,
    call,
    functions,
    numpy_inputs,
    torch_inputs,
)
from conformance.examples import batch_of
from conformance.judge import Judge
from conformance.proof.faults import Faulty, lost_error
from conformance.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.case import Case

_FIRST_DTYPES: Final = ("float32", "int64", "complex64", "bool", "float64")
PYTORCH: Final = "PyTorch"
NUMPY: Final = "NumPy"
_STRIDE: Final = 17
"""Batches are gone through in this many strides, so that the first few are of many kinds."""


class FailsAnywayError(Exception):
    """A case that finds something without any mutant or fault: it has to be put right first."""


@dataclass(kw_only=True)
class Laboratory:
    """What all trials of a case share: its functions, its batches and its differences by dtype, made once.

    ``note`` is told the name of each trial before it begins.
    """

    case: Case
    device: str
    present: tuple[str, ...]
    note: Callable[[str], None]
    functions: Functions = field(init=False)
    made: dict[str, tuple[list[Batch], list[Declared]]] = field(default_factory=dict)
    sound: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.functions = functions(self.case, self.device, self.present)

    def dtypes(self) -> list[str]:
        """Return the dtypes of the claim, those that tell most first."""
        own = self.case.unit_dtypes()
        claimed = [d for d in own if d in self.case.dtypes] or list(own)
        return sorted(claimed, key=lambda d: _FIRST_DTYPES.index(d) if d in _FIRST_DTYPES else len(_FIRST_DTYPES))

    def unit(self, dtype: str) -> tuple[list[Batch], list[Declared]]:
        """Return the batches of a unit, those of its examples last, and its differences."""
        if dtype not in self.made:
            declared = compile_differences(self.case, dtype)
            drawn = list(batches.batches(self.case, dtype, 0, batches.DEFAULT_BUDGET))
            spread = [batch for start in range(_STRIDE) for batch in drawn[start::_STRIDE]]
            examples = [batch_of(self.case, one.difference.example, dtype) for one in declared]
            self.made[dtype] = [*spread, *examples], declared
        return self.made[dtype]

    def silent(self) -> str | None:
        """Return which side refuses every input, so that no value is ever compared; None where both give some."""
        sides = ((PYTORCH, self.functions.torch, torch_inputs), (NUMPY, self.functions.numpy, numpy_side))
        for name, function, inputs in sides:
            if not any(self.returns(function, inputs, dtype) for dtype in self.dtypes()):
                return name
        return None

    def returns(self, function: Callable[..., Any], inputs: Callable[..., SideInputs], dtype: str) -> bool:
        """Tell whether ``function`` gives a value for the first fill of any batch that is not declared to be deadly."""
        drawn, declared = self.unit(dtype)
        if any(isinstance(one.difference.torch, Crashes) for one in declared):
            return True
        firsts = (batch.only([0]) for batch in drawn if not batch.structure.spoilt)
        try:
            outcomes = (out for batch in firsts for out in call(function, inputs(batch, self.device), self.case.id))
            return any(not isinstance(outcome, Refusal) for outcome in outcomes)
        except HarnessError:
            return False

    def fits(self, faulty: Faulty, dtype: str) -> bool:
        """Tell whether a fault is of the kind of results that a unit gives, by the first fill of each batch.

        Only an error lost can depend on the values; where inputs are deadly, nothing is called.
        """
        drawn, declared = self.unit(dtype)
        if faulty.fault is lost_error or any(isinstance(one.difference.torch, Crashes) for one in declared):
            return True
        for batch in drawn:
            call(faulty, torch_inputs(batch.only([0]), self.device), self.case.id)
            if faulty.fitting or faulty.problem:
                return True
        return False

    def kills(self, changed: Functions, dtype: str, check: str | None, takes: Callable[[Batch], bool]) -> bool:
        """Tell whether the unit of ``dtype`` finds something (in ``check``) with the functions ``changed``.

        Raises FailsAnywayError where it finds that without them, too.
        """
        judge = self.judge(changed, dtype)
        for place, batch in enumerate(self.unit(dtype)[0]):
            if takes(batch) and _finds(judge, batch, check):
                self.ensure_sound(dtype, place)
                return True
        return False

    def judge(self, pair: Functions, dtype: str) -> Judge:
        """Return a judge of the unit of ``dtype`` that has judged nothing yet."""
        declared = self.unit(dtype)[1]
        return Judge(
            case=self.case,
            dtype=dtype,
            device=self.device,
            functions=pair,
            declared=declared,
            present=self.present,
            tally=Tally(),
        )

    def ensure_sound(self, dtype: str, place: int) -> None:
        """Make sure that nothing is found in a batch without a mutant or fault. Raises FailsAnywayError if it is."""
        if (dtype, place) in self.sound:
            return
        judge = self.judge(self.functions, dtype)
        judge.judge(self.unit(dtype)[0][place])
        for found in judge.tally.findings.values():
            message = f"it fails without a fault{f' in {dtype}' if dtype != '-' else ''}: {found.headline}"
            raise FailsAnywayError(message)
        self.sound.add((dtype, place))


def _finds(judge: Judge, batch: Batch, check: str | None) -> bool:
    """Tell whether anything is found (in ``check``) once ``batch`` is judged; what cannot be judged is found, too."""
    try:
        judge.judge(batch)
    except HarnessError:
        return True
    return any(check in (None, found.check) for found in judge.tally.findings)


def numpy_side(batch: Batch, _: str) -> SideInputs:
    """Return the inputs of the NumPy side, which has no device."""
    return numpy_inputs(batch)
