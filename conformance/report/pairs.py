"""Promotion as the reports see it: both sides' answers for each pair of operands, and the rules that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.records import Record

KIND: Final = "promotion"
_AGREE: Final = "="
_UNEXPLAINED: Final = "?"
_COLOURS: Final = 10
_ENTRY: Final = 5
"""Fields of an entry: both operands, both answers, the rule."""
_LETTERS: Final = {"int": "i", "uint": "u", "float": "f", "bfloat": "bf", "complex": "c", "True": "yes", "False": "no"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What both sides answer for one pair, and the number of the rule that explains why they differ."""

    x: str
    y: str
    torch: str
    numpy: str | None
    rule: int | None

    @property
    def agrees(self) -> bool:
        """Whether both sides give the same."""
        return self.torch == self.numpy

    @property
    def mark(self) -> str:
        """One sign: that both agree, the rule by which they do not, or that no rule explains it."""
        return _AGREE if self.agrees else str(self.rule or _UNEXPLAINED)

    @property
    def style(self) -> str:
        """The class of its colour, which says no more than the sign."""
        if self.numpy is None or self.agrees:
            return "alone" if self.numpy is None else "same"
        return _style(self.rule)

    @property
    def title(self) -> str:
        """Both answers, in words."""
        if self.numpy is None:
            return f"PyTorch {self.torch}"
        return f"both {self.torch}" if self.agrees else f"PyTorch {self.torch}, NumPy {self.numpy}"

    @property
    def short(self) -> str:
        """Both answers as they stand in a narrow table."""
        ours = short(self.torch)
        number = f" ({self.mark})"
        if self.numpy is None:
            return ours + number
        return ours if self.agrees else f"{ours} ≠ {short(self.numpy)}{number}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One operation on every pair of its operands."""

    id: str
    torch: str
    numpy: str
    rules: Mapping[int, str]
    cells: Mapping[tuple[str, str], Cell]

    @property
    def operands(self) -> dict[str, list[str]]:
        """The operands by their kind, each as it stands in the entries."""
        grouped: dict[str, list[str]] = {}
        for name in dict.fromkeys(x for x, _ in self.cells):
            grouped.setdefault(name.partition(" ")[0], []).append(name)
        return grouped

    @property
    def expressions(self) -> str:
        """Both sides' expressions, or the one that they share."""
        return self.torch if self.torch == self.numpy else f"{self.torch} against {self.numpy}"

    @property
    def agree(self) -> int:
        """How many pairs both sides answer alike."""
        return sum(cell.agrees for cell in self.cells.values())

    @property
    def alone(self) -> int:
        """How many pairs NumPy has no answer for."""
        return sum(cell.numpy is None for cell in self.cells.values())

    @property
    def differ(self) -> int:
        """How many pairs they answer differently."""
        return len(self.cells) - self.agree - self.alone

    def figures(self) -> tuple[str, ...]:
        """Return how many pairs there are, agree, differ, and cannot be compared."""
        return tuple(f"{count:,}" for count in (len(self.cells), self.agree, self.differ, self.alone))


def short(answer: str) -> str:
    """Return an answer as it stands in a narrow table: `f32` for float32, – for a refusal."""
    if answer.startswith("raises "):
        return "–"
    stem = answer.rstrip("0123456789")
    return _LETTERS.get(stem, stem) + answer[len(stem) :]


def _style(rule: int | None) -> str:
    return f"r{(rule - 1) % _COLOURS + 1}" if rule else "odd"


def tables(proofs: Iterable[Record]) -> list[Table]:
    """Return the tables of a run, in its order; records of other kinds and entries that are none are left out."""
    return [_table(record) for record in proofs if record.get("kind") == KIND]


def _table(record: Record) -> Table:
    entries, told = record.get("entries"), record.get("rules")
    held = entries if isinstance(entries, list) else []
    cells = [_cell(*line) for line in held if isinstance(line, list) and len(line) == _ENTRY]
    rules = told.items() if isinstance(told, Mapping) else ()
    return Table(
        id=str(record["id"]),
        torch=str(record.get("torch", "")),
        numpy=str(record.get("numpy", "")),
        rules={int(number): str(text) for number, text in rules if str(number).isdecimal()},
        cells={(cell.x, cell.y): cell for cell in cells},
    )


def _cell(x: object, y: object, torch: object, numpy: object, rule: object) -> Cell:
    number = rule if type(rule) is int and rule > 0 else None
    return Cell(x=str(x), y=str(y), torch=str(torch), numpy=_text(numpy), rule=number)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule in words, how many disagreements it explains, and how many answers that PyTorch alone gives."""

    number: int
    because: str
    apart: int
    alone: int

    @property
    def style(self) -> str:
        """The class of its colour."""
        return _style(self.number)

    @property
    def told(self) -> str:
        """Both counts in words, without one that is nothing."""
        counts = {"differ": self.apart, "of bfloat16": self.alone}
        return ", ".join(f"{count:,} {noun}" for noun, count in counts.items() if count) or "none"


def rules(of: Sequence[Table]) -> list[Rule]:
    """Return the rules of all tables, in their order."""
    cells = [cell for table in of for cell in table.cells.values()]
    apart = Counter(cell.rule for cell in cells if cell.numpy is not None)
    alone = Counter(cell.rule for cell in cells if cell.numpy is None)
    told = {number: text for table in of for number, text in table.rules.items()}
    return [Rule(number=n, because=text, apart=apart[n], alone=alone[n]) for n, text in sorted(told.items())]
