"""What the page shows of the proofs of a run: for each case, what the commands beside `conformance run` have shown.

Each kind of proof has a dataclass here, its place in `payload.py` and a function in `page/proofs.js`.
Like benchmarks, they may be of cases that the run has no units of, and their records may lack anything but the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.report import accuracy
from conformance.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.records import Record

_SENSITIVITY: Final = "sensitivity"
_ACCURACY: Final = "accuracy"
_CONSISTENCY: Final = "consistency"
_KINDS: Final = (_SENSITIVITY, _ACCURACY, _CONSISTENCY)


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """A mutant or fault that its case did not find: what became of it, and its text if it has one."""

    mutant: str
    outcome: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """How many mutants and faults a case found on one device, and what it did not find.

    ``equivalent`` holds, for each reason why some mean the same as the row, their names.
    """

    environment: str
    device: str
    killed: int
    total: int
    survivors: tuple[Survivor, ...]
    equivalent: Mapping[str, tuple[str, ...]]

    @property
    def figure(self) -> str:
        """The one line that says it."""
        return f"killed {self.killed:,} of {self.total:,}"

    @property
    def equivalents(self) -> int:
        """How many are taken to mean the same."""
        return sum(map(len, self.equivalent.values()))


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """The largest errors of both sides of a case in one dtype on one device, as the cells of a line."""

    dtype: str
    environment: str
    device: str
    cells: tuple[str, ...]
    exceeds: bool


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One kind of place where PyTorch is not what it is elsewhere."""

    words: str
    because: str
    given: str
    script: str


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """What a comparison of PyTorch with itself came to, on one device."""

    environment: str
    device: str
    variants: int
    elements: int
    bits: int
    undeclared: int
    disagreements: tuple[Disagreement, ...]

    @property
    def figure(self) -> str:
        """The one line that says it."""
        return (
            f"{plural(self.elements, 'result')} in {plural(self.variants, 'variant')}, {self.bits:,} of other bits, "
            f"{self.undeclared:,} beyond what the case allows and not declared"
        )


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """All that was proven of one case, by kind; of each, one for every device (and dtype)."""

    sensitivity: tuple[Sensitivity, ...] = ()
    accuracy: tuple[Accuracy, ...] = ()
    consistency: tuple[Consistency, ...] = ()

    @property
    def against(self) -> bool:
        """Whether any of it speaks against the case."""
        found = any(one.survivors for one in self.sensitivity) or any(one.exceeds for one in self.accuracy)
        return found or any(one.undeclared for one in self.consistency)


def by_case(records: Iterable[Record]) -> dict[str, Proofs]:
    """Group proof records by the id of their case, in the order of the run; kinds not known here are left out."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        if record.get("kind") in _KINDS:
            grouped.setdefault(str(record["id"]), []).append(record)
    return {name: _proofs(of_it) for name, of_it in grouped.items()}


def total(proofs: Mapping[str, Proofs]) -> Sensitivity:
    """Return the sums over all cases and devices; the survivors and equivalents stay with their cases."""
    every = [one for each in proofs.values() for one in each.sensitivity]
    killed, total = sum(one.killed for one in every), sum(one.total for one in every)
    return Sensitivity(environment="", device="", killed=killed, total=total, survivors=(), equivalent={})


def _proofs(records: Iterable[Record]) -> Proofs:
    held = tuple(records)
    measured = accuracy.merged(one for one in held if one["kind"] == _ACCURACY)
    return Proofs(
        sensitivity=tuple(_sensitivity(one) for one in held if one["kind"] == _SENSITIVITY),
        accuracy=tuple(map(_accuracy, measured)),
        consistency=tuple(_consistency(one) for one in held if one["kind"] == _CONSISTENCY),
    )


def _accuracy(record: Record) -> Accuracy:
    cells = accuracy.line(record)
    return Accuracy(
        environment=_text(record, "environment"),
        dtype=_text(record, "dtype"),
        device=_text(record, "device"),
        cells=cells[2:],
        exceeds=accuracy.exceeds(record),
    )


def _sensitivity(record: Record) -> Sensitivity:
    equivalent: dict[str, tuple[str, ...]] = {}
    for told in _mappings(record, "equivalent"):
        reason = _text(told, "reason")
        equivalent[reason] = (*equivalent.get(reason, ()), _text(told, "mutant"))
    return Sensitivity(
        environment=_text(record, "environment"),
        device=_text(record, "device"),
        killed=_count(record, "killed"),
        total=_count(record, "total"),
        survivors=tuple(_survivor(told) for told in _mappings(record, "survivors")),
        equivalent=equivalent,
    )


def _consistency(record: Record) -> Consistency:
    return Consistency(
        environment=_text(record, "environment"),
        device=_text(record, "device"),
        variants=_count(record, "variants"),
        elements=_count(record, "elements"),
        bits=_count(record, "bits"),
        undeclared=_count(record, "undeclared"),
        disagreements=tuple(_disagreement(told) for told in _mappings(record, "disagreements")),
    )


def _disagreement(told: Record) -> Disagreement:
    given = told.get("inputs")
    got, variant, want = (_text(told, key) for key in ("got", "variant", "want"))
    return Disagreement(
        words=f"{_text(told, 'dtype')}: {_text(told, 'kind')}, {plural(_count(told, 'count'), 'element')}: "
        f"{got} {variant}: {want}",
        because=_text(told, "because"),
        given="; ".join(f"{name} = {text}" for name, text in given.items()) if isinstance(given, Mapping) else "",
        script=_text(told, "script"),
    )


def _survivor(told: Record) -> Survivor:
    return Survivor(mutant=_text(told, "mutant"), outcome=_text(told, "outcome"), detail=_text(told, "detail"))


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value)


def _count(record: Record, key: str) -> int:
    value = record.get(key)
    return value if type(value) is int and value >= 0 else 0


def _mappings(record: Record, key: str) -> list[Mapping[Any, Any]]:
    value = record.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
