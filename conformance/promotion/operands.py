"""The questions: every operation, on every pair of operands that it takes. Nothing here runs one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from conformance import dtype as dt

if TYPE_CHECKING:
    from collections.abc import Iterator

ARRAY: Final = "array"
ZERO_D: Final = "0-d"
PYTHON: Final = "Python"
DTYPE: Final = "dtype"

VALUES: Final = {"bool": True, "int": 1, "float": 1.0, "complex": 1 + 0j}
"""The Python numbers asked about: the dtype must not depend on which of a type it is."""

_RANKS: Final = {PYTHON: 0, ZERO_D: 1, ARRAY: 2, DTYPE: 2}
_TYPES: Final = ("bool", "int", "float", "complex")
_STEMS: Final = {"uint": "int", "bfloat": "float"}


@dataclass(frozen=True)
class Operand:
    """One side of a question: ``array uint8``, ``0-d uint8``, ``Python int``, or ``dtype uint8`` alone."""

    kind: str
    dtype: str

    @property
    def rank(self) -> int:
        """How much it counts in PyTorch: an array before what is 0-d, and that before a Python number."""
        return _RANKS[self.kind]

    @property
    def category(self) -> int:
        """The place of its dtype in bool, integer, float, complex, whatever its width."""
        stem = self.dtype.rstrip("0123456789")
        return _TYPES.index(_STEMS.get(stem, stem))

    def __str__(self) -> str:
        return f"{self.kind} {self.dtype}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What is asked: the expression of ``x`` and ``y`` on either side, and the kinds of operands that it takes."""

    id: str
    torch: str
    numpy: str
    kinds: tuple[str, ...]
    numbers_alone: bool = False

    def operands(self) -> tuple[Operand, ...]:
        """Return all that may stand on one side."""
        every = {kind: VALUES if kind == PYTHON else dt.ALL for kind in self.kinds}
        return tuple(Operand(kind, name) for kind, names in every.items() for name in names)

    def questions(self) -> Iterator[Question]:
        """Yield every pair in either order; two Python numbers are Python's business, unless a function takes them."""
        for x, y in product(self.operands(), repeat=2):
            if self.numbers_alone or {x.kind, y.kind} != {PYTHON}:
                yield Question(operation=self.id, x=x, y=y)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One operation on one pair of operands."""

    operation: str
    x: Operand
    y: Operand

    @property
    def pair(self) -> tuple[Operand, Operand]:
        """Both operands."""
        return self.x, self.y

    def __str__(self) -> str:
        return f"{self.operation} of {self.x} and {self.y}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A question and both answers: a dtype, a truth, or ``raises`` and what; NumPy's is None if it lacks a dtype."""

    question: Question
    torch: str
    numpy: str | None

    @property
    def compared(self) -> bool:
        """Whether NumPy can be asked at all."""
        return self.numpy is not None

    @property
    def differs(self) -> bool:
        """Whether both can be asked and answer differently."""
        return self.numpy is not None and self.torch != self.numpy


ADD: Final = "add"
DIVIDE: Final = "divide"
CASTS: Final = ("can_cast", "can_cast-same_kind")

_TENSORS: Final = (ARRAY, ZERO_D, PYTHON)
OPERATIONS: Final = (
    Operation(id=ADD, torch="x + y", numpy="x + y", kinds=_TENSORS),
    Operation(id=DIVIDE, torch="x / y", numpy="x / y", kinds=_TENSORS),
    Operation(
        id="result_type",
        torch="torch.result_type(x, y)",
        numpy="np.result_type(x, y)",
        kinds=_TENSORS,
        numbers_alone=True,
    ),
    Operation(id="promote_types", torch="torch.promote_types(x, y)", numpy="np.promote_types(x, y)", kinds=(DTYPE,)),
    Operation(id=CASTS[0], torch="torch.can_cast(x, y)", numpy="np.can_cast(x, y)", kinds=(DTYPE,)),
    Operation(id=CASTS[1], torch="torch.can_cast(x, y)", numpy="np.can_cast(x, y, 'same_kind')", kinds=(DTYPE,)),
)
