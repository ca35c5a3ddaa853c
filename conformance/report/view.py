"""What the reports show: the records of a run grouped into sections, cases and units, each fact once.

Records repeat what belongs to their case (expressions, differences) in every unit; here it is told once a case, and a
unit keeps only what is its own. Every value has all its attributes, so that the writers of pages need not ask:
`grouping.py`, which makes them, copes with what records lack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.report.dtypes import NO_DTYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.report.trajectories import Trajectory


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One way in which a unit failed."""

    check: str
    headline: str
    text: str
    script: str
    again: str
    count: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A declared difference, as its case tells it; `number` counts from 1 within the case."""

    number: int
    because: str
    kind: str
    when: str
    dtypes: str
    aspect: str
    torch: str
    numpy: str
    instead: str
    upstream: str
    example: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of one check, or of one declared difference, in one unit."""

    name: str
    verdict: str
    inputs: int | None


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What is one unit's own; dtype and device are empty where the record has none, the environment of a lone run."""

    dtype: str
    device: str
    verdict: str
    reason: str
    checks: tuple[Seen, ...]
    differences: tuple[Seen, ...]
    counts: Mapping[str, int]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]
    trajectory: Trajectory | None = None
    gradient: str = ""
    environment: str = ""

    @property
    def label(self) -> str:
        """Dtype, device and environment, as far as there are any."""
        what = " ".join(part for part in (self.dtype, self.device) if part) or "the whole case"
        return f"{what}, {self.environment}" if self.environment else what

    @property
    def headline(self) -> str:
        """One line that says why the verdict is what it is; empty if there is nothing to say."""
        heads = [failure.headline for failure in self.failures]
        more = f" (and {len(heads) - 1} more)" if len(heads) > 1 else ""
        return (heads[0] + more if heads else self.reason).replace("\n", " ").strip()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case with all its units; `otherwise` has both texts of each environment that ran other ones."""

    id: str
    section: str
    file: str
    line: int
    torch: str
    numpy: str
    note: str
    given: Mapping[str, str]
    arguments: Mapping[str, str]
    tolerance: str
    claimed: tuple[str, ...]
    differences: tuple[Difference, ...]
    units: tuple[Unit, ...]
    otherwise: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The verdicts of its units, each once."""
        return tuple(dict.fromkeys(unit.verdict for unit in self.units))

    @property
    def renamed(self) -> tuple[str, ...]:
        """The arguments that NumPy calls otherwise: ``dim → axis``."""
        return tuple(f"{mine} → {other}" for mine, other in self.arguments.items() if mine != other)

    @property
    def warnings(self) -> dict[str, str]:
        """For each warning, the units that gave it."""
        found: dict[str, list[str]] = {}
        for unit in self.units:
            for warning in unit.warnings:
                found.setdefault(warning, []).append(unit.label)
        return {warning: ", ".join(dict.fromkeys(labels)) for warning, labels in found.items()}

    def name(self, unit: Unit) -> str:
        """Return the name under which a unit is run and selected: `section/name-dtype-device`."""
        return "-".join(part for part in (self.id, unit.dtype.strip(NO_DTYPE), unit.device) if part)


@dataclass(frozen=True, kw_only=True)
class Section:
    """The cases of one section, in the order of their files."""

    name: str
    cases: tuple[Case, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units of all its cases."""
        return tuple(unit for case in self.cases for unit in case.units)


def chosen(parts: Iterable[Section], wanted: Callable[[str], bool]) -> list[tuple[Case, Unit]]:
    """Return every unit whose verdict is wanted, with its case, in the order of the report."""
    return [(case, unit) for part in parts for case in part.cases for unit in case.units if wanted(unit.verdict)]
