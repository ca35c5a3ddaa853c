"""What a row says: a case, its differences, and the section that it stands in.

All are plain frozen values, checked when they are made. A row that is wrong does not stop the others: its section
keeps it as a :class:`BrokenCase` with one line that says what is wrong and where.
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from zlib import crc32

from conformance import dtype as dt
from conformance.expression import Expression, ExpressionError, parse, unknown_names
from conformance.inputs.base import Input
from conformance.inputs.plan import drawing_order
from conformance.inputs.strategies import FromStrategy
from conformance.statement import CRASHES, UNDEFINED, CaseError, Crashes, OneOf, Raises, Statement, Undefined
from conformance.tolerance import BOUND_NAMES, EXACT, Spread, Tolerance, Within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CRASHES",
    "UNDEFINED",
    "BrokenCase",
    "Case",
    "CaseError",
    "Crashes",
    "Difference",
    "OneOf",
    "Raises",
    "Section",
    "Undefined",
]

Kind = Literal["design", "gotcha", "bug"]

KINDS: Final = ("design", "gotcha", "bug")
ASPECTS: Final = ("value", "dtype", "memory", "inputs after", "gradient")
CHECKS: Final = ("error", "value", "dtype", "shape", "memory", "inputs after", "gradient")
TORCH_NAMES: Final = ("torch", "np", "device", "devices")
NUMPY_NAMES: Final = ("np", "math", "devices")
CONDITION_NAMES: Final = ("np", "math", "dtype", "device", "threads", "capability", "instructions", "out")
RESERVED: Final = frozenset({"torch", "np", "devices", "self", *CONDITION_NAMES})
FIELDS: Final = frozenset(
    {"numpy", "dtypes", "shares_memory", "tolerance", "differs", "id", "note", "fills", "formerly"}
)


@dataclass(frozen=True)
class Difference:
    """A declared difference: where the sides part, what each gives there, and why.

    ``example`` is the smallest input that shows it, executed in every run. ``when`` is a condition on the NumPy inputs
    (and ``dtype``, ``device``, ``threads``, ``capability``, ``instructions``, ``out``: NumPy's result); without one, it
    holds for every input of ``dtypes``. ``torch`` says what torch gives there: an expression in NumPy, ``OneOf(…)`` of
    several, ``Raises(…)``, ``CRASHES``, or ``UNDEFINED`` (values are not judged); ``numpy`` is ``Raises(…)`` where it
    refuses. ``aspect`` limits it to one check: with ``"dtype"``, ``torch`` is an expression of the dtype
    (``"np.float32"``); with ``"memory"`` it is ``"view"`` or ``"copy"``; with ``"gradient"`` it is ``"none"`` where
    torch's result carries none, ``Raises(…)``, or ``UNDEFINED`` for another one than the derivative. ``instead`` is the
    torch expression that gives NumPy's answer.

    Raises CaseError where a field is missing or does not fit.
    """

    because: str
    _: KW_ONLY
    example: Mapping[str, object]
    torch: Statement
    numpy: Raises | None = None
    when: str | None = None
    dtypes: tuple[str, ...] | None = None
    aspect: str | None = None
    kind: Kind = "design"
    instead: str | None = None
    upstream: str | None = None
    versions: str | None = None

    def __post_init__(self) -> None:
        if not self.because.strip() or self.because.strip() != self.because:
            message = f"Difference({self.because!r}): give the reason, in words, with no blanks around it"
            raise CaseError(message)
        _one_of("kind", self.kind, KINDS)
        if self.aspect is not None:
            _one_of("aspect", self.aspect, ASPECTS)
        if self.aspect == "memory" and self.torch not in ("view", "copy", UNDEFINED):
            raise CaseError(f"torch={self.torch!r} with aspect='memory': write 'view', 'copy' or UNDEFINED")
        if self.aspect == "gradient" and not (self.torch in ("none", UNDEFINED) or isinstance(self.torch, Raises)):
            raise CaseError(f"torch={self.torch!r} with aspect='gradient': write 'none', Raises(…) or UNDEFINED")
        if isinstance(self.torch, OneOf) and self.aspect not in (None, "value"):
            raise CaseError(f"{self.torch} with aspect={self.aspect!r}: several values can be given of values only")
        _raises_or_none(self.numpy)
        for name in self.dtypes or ():
            _one_of("dtypes", name, dt.ALL)

    def expressions(self) -> dict[str, str]:
        """Return the texts that are evaluated on NumPy inputs, by the field they stand in."""
        fields: dict[str, object] = {"when": self.when}
        if isinstance(self.torch, OneOf):
            fields |= {f"torch, {place}": text for place, text in enumerate(self.torch.texts, 1)}
        elif self.aspect not in ("memory", "gradient"):
            fields["torch"] = self.torch
        return {name: text for name, text in fields.items() if isinstance(text, str)}

    def applies_to(self, dtype: str) -> bool:
        """Tell whether it is declared for units of ``dtype``."""
        return self.dtypes is None or dtype in self.dtypes


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row: a torch expression, the NumPy expression that means the same, the inputs for which that is claimed."""

    id: str
    section: str
    torch: Expression
    numpy: Expression
    inputs: Mapping[str, Input]
    dtypes: tuple[str, ...] = dt.CLAIMED
    shares_memory: bool | None = None
    tolerance: Tolerance = EXACT
    differs: tuple[Difference, ...] = ()
    note: str | None = None
    fills: int | None = None
    formerly: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        _check_inputs(self)
        _check_names(self)
        _check_tolerance(self)
        if self.fills is not None and self.fills < 1:
            raise CaseError(f"fills={self.fills}: give a number of at least 1")
        for name in self.dtypes:
            _one_of("dtypes", name, dt.ALL)
        for difference in self.differs:
            _check_difference(self, difference)

    def unit_dtypes(self) -> tuple[str, ...]:
        """Return the dtypes that the case is run with, or the one that stands for none."""
        return dt.ALL if any(given.follows_unit() for given in self.inputs.values()) else (dt.NONE,)

    def seed(self, seed: int) -> int:
        """Return the seed of this case's structures in a run of seed ``seed``."""
        return crc32(f"{seed} {self.id}".encode())

    def needs_device(self) -> str | None:
        """Return the device that the torch expression names in a string, such as ``cuda:0``, or None."""
        named = [text for text in self.torch.strings() if text.partition(":")[0] in ("cuda", "mps", "xpu")]
        return min(named) if named else None


@dataclass(frozen=True, kw_only=True)
class BrokenCase:
    """A row that is wrong, and why."""

    id: str
    section: str
    file: str
    line: int
    error: str


@dataclass(kw_only=True)
class Section:
    """A section of the cheat sheet: rows in their order. The one mutable thing: rows register here."""

    title: str
    id: str
    cases: list[Case | BrokenCase] = field(default_factory=list)

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 - a row's id is what it is
        self.title = title
        self.id = id or title.lower().replace(" ", "-")
        self.cases = []

    def case(  # noqa: PLR0913 - one parameter each, all needed
        self,
        torch: str,
        numpy: str,
        *,
        dtypes: tuple[str, ...] = dt.CLAIMED,
        shares_memory: bool | None = None,
        tolerance: Tolerance = EXACT,
        differs: Sequence[Difference] = (),
        id: str | None = None,  # noqa: A002 - a row's id is what it is
        note: str | None = None,
        fills: int | None = None,
        formerly: tuple[str, ...] = (),
        **inputs: object,
    ) -> None:
        """Add a row. A row that is wrong is kept as a broken one: reported by name and place, the others run.

        ``dtypes`` are those for which it is *claimed*, and say nothing of what is run, which is every dtype: outside of
        the claim a refusal is no failure, a wrong value is. What is run follows from ``tensors(dtypes=…)``. ``fills``
        is how many times at most a structure is filled with values: for programs that take milliseconds.
        """
        frame = sys._getframe(1)  # noqa: SLF001 - the cheapest way to the row's line
        place = {"section": self.title, "file": frame.f_code.co_filename, "line": frame.f_lineno}
        try:
            sides = {"torch": parse(torch), "numpy": parse(numpy)}
            name = self._new_id(sides["torch"], id)
            given = {name: as_input(name, value) for name, value in inputs.items()}
            options = {"dtypes": dtypes, "shares_memory": shares_memory, "tolerance": tolerance, "note": note}
            kept = {**options, "differs": tuple(differs), "fills": fills, "formerly": formerly}
            self.cases.append(Case(id=name, inputs=given, **sides, **kept, **place))  # type: ignore[arg-type] # the dictionaries mix types
        except (ValueError, TypeError, ExpressionError) as error:
            shown = f"{self.id}/{id or 'line-' + str(place['line'])}"
            self.cases.append(BrokenCase(id=shown, error=str(error), **place))  # type: ignore[arg-type]  # as above

    def _new_id(self, torch: Expression, given: str | None) -> str:
        name = given or torch.operation()
        if name is None:
            raise CaseError(f"no one operation in {torch.text!r} to name the row after: add id='…'")
        taken = {case.id: case for case in self.cases}
        full = f"{self.id}/{name}"
        if full in taken:
            message = f"duplicate id {full!r}, first at line {taken[full].line}: add id='{name}-…' saying what differs"
            raise CaseError(message)
        return full


def as_input(name: str, value: object) -> Input:
    """Return ``value``, a generator, or the one of a Hypothesis strategy. Raises CaseError for anything else."""
    if isinstance(value, Input):
        return value
    if hasattr(value, "example") and hasattr(value, "map"):
        return FromStrategy(strategy=value)  # type: ignore[arg-type]  # a SearchStrategy, without importing Hypothesis
    close = difflib.get_close_matches(name, FIELDS, n=1)
    hint = f"did you mean {close[0]}=?" if close else f"write e.g. {name}=tensors() or {name}=values({value!r})"
    raise CaseError(f"{name}={value!r} is no generator: {hint}")


def _check_inputs(case: Case) -> None:
    for name, given in case.inputs.items():
        if name in RESERVED or name in FIELDS:
            raise CaseError(f"an input cannot be called {name!r}, a name with a meaning of its own: choose another")
        for other in given.refers_to():
            if other not in case.inputs:
                message = f"{name}={given} refers to {other!r}, which is no input of this row ({_listed(case.inputs)})"
                raise CaseError(message)
        if name not in case.torch.names and name not in case.numpy.names:
            raise CaseError(f"the input {name!r} is used by neither expression: remove it or use it")
    drawing_order(case.inputs)


def _check_names(case: Case) -> None:
    for side, expression, known in (("torch", case.torch, TORCH_NAMES), ("numpy", case.numpy, NUMPY_NAMES)):
        for name in unknown_names(expression, (*known, *case.inputs)):
            message = (
                f"unknown name {name!r} in the {side} expression {expression.text!r}: inputs are {_listed(case.inputs)}"
            )
            raise CaseError(message)


def _check_tolerance(case: Case) -> None:
    for text in case.tolerance.expressions() if isinstance(case.tolerance, Within) else ():
        for name in unknown_names(parse(text), ("np", *BOUND_NAMES, *case.inputs)):
            raise CaseError(f"unknown name {name!r} in the bound {text!r}: inputs are {_listed(case.inputs)}")
    for name in case.tolerance.of if isinstance(case.tolerance, Spread) else ():
        if name not in case.inputs:
            raise CaseError(f"spread({name!r}): there is no such input; inputs are {_listed(case.inputs)}")


def _check_difference(case: Case, difference: Difference) -> None:
    where = f"in the difference {difference.because!r}"
    if set(difference.example) != set(case.inputs):
        message = f"{where}, the example gives {_listed(difference.example)}; the inputs are {_listed(case.inputs)}"
        raise CaseError(message)
    for name, text in difference.expressions().items():
        for unknown in unknown_names(parse(text), (*CONDITION_NAMES, *case.inputs)):
            message = f"{where}, unknown name {unknown!r} in {name}={text!r}: inputs are {_listed(case.inputs)}"
            raise CaseError(message)
    if difference.instead is not None:
        for unknown in unknown_names(parse(difference.instead), (*TORCH_NAMES, *case.inputs)):
            message = f"{where}, unknown name {unknown!r} in instead={difference.instead!r}"
            raise CaseError(message)


def _raises_or_none(numpy: object) -> None:
    if not isinstance(numpy, Raises | None):
        raise CaseError(f"numpy={numpy!r}: NumPy's own result is the reference; only Raises(…) can be declared of it")


def _one_of(argument: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise CaseError(f"{argument}={value!r} is none of {', '.join(allowed)}")


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
