"""What a generator of inputs is, and what it may look at while it draws."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.inputs.picker import Picker
    from conformance.inputs.slots import Slot


@dataclass(kw_only=True)
class Drawing:
    """One structure while it is drawn: the seed, the slots so far, and values promised to later inputs.

    ``promised`` lets an input settle a later one: ``joinable("dim")`` must know the axis along which sizes may differ.
    """

    seed: int = 0
    slots: dict[str, Slot] = field(default_factory=dict)
    promised: dict[str, object] = field(default_factory=dict)


class Input(ABC):
    """A generator: draws one input's structure, given those drawn before it."""

    @abstractmethod
    def draw(self, name: str, picker: Picker, drawing: Drawing) -> Slot:
        """Return the slot of the input called ``name``."""

    def refers_to(self) -> tuple[str, ...]:
        """Return the names of the inputs that must be drawn before this one."""
        return ()

    def follows_unit(self) -> bool:
        """Tell whether what is drawn depends on the unit's dtype."""
        return False

    @abstractmethod
    def __str__(self) -> str:
        """Return the generator as it is written in a row."""
