"""Any Hypothesis strategy as an input: a pool of its values, drawn once a unit, simplest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from conformance.inputs.base import Drawing, Input
from conformance.inputs.slots import Slot, ValueSlot

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from conformance.inputs.picker import Picker

_POOL_SIZE: Final = 40


@dataclass(frozen=True, kw_only=True)
class FromStrategy(Input):
    """Plain values of a Hypothesis strategy.

    Values are taken from a pool, so that the enumerated plan, the random structures and the minimiser pick them alike.
    """

    strategy: SearchStrategy[Any]

    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Draw one of the pool."""
        return ValueSlot(value=picker.pick("value", _pool(self.strategy, drawing.seed)))

    def __str__(self) -> str:
        return repr(self.strategy)


@lru_cache(maxsize=256)
def _pool(strategy: SearchStrategy[Any], seed_value: int) -> tuple[object, ...]:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    values: list[object] = []

    @seed(seed_value)
    @settings(
        max_examples=_POOL_SIZE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: object) -> None:
        if hasattr(value, "__array__"):
            message = (
                f"a strategy of plain values draws a {type(value).__name__}: give tensors(…) for arrays and tensors"
            )
            raise TypeError(message)
        values.append(value)

    collect()
    return tuple(sorted({repr(v): v for v in values}.values(), key=lambda v: (len(repr(v)), repr(v))))
