"""Generators as ordinary Hypothesis strategies, for tests of one's own: ``@given(strategy(tensors(ndim=2)))``.

Every pick of a structure is drawn by Hypothesis, simplest first, and so is every number of its tensors, so that it
shrinks both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance import devices
from conformance import dtype as dt
from conformance.batches import own_slots
from conformance.case import CaseError, as_input
from conformance.evaluate import Batch, numpy_inputs, torch_inputs
from conformance.inputs import fills, layouts, plan
from conformance.inputs.slots import TensorSlot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy
    from numpy.typing import NDArray

    from conformance.inputs.base import Input

    Array = NDArray[Any]

SIDES: Final = ("torch", "numpy", "both")
_ALONE: Final = "value"
_EACH: Final = 24
"""Numbers of each kind, ordinary, tied, extreme, …, beside the special ones, that the elements are picked from."""


def strategy(
    given: Mapping[str, Any] | Input, *, dtype: str = "float32", side: str = "torch", device: str = "cpu"
) -> SearchStrategy[Any]:
    """Return the Hypothesis strategy of what ``given`` describes: a generator, or several by name.

    Of one generator it draws values: a tensor for ``tensors()``, a list of them for ``lists()``, an axis for
    ``axes("x")``. Of several it draws dictionaries, since a generator may refer to another: ``strategy({"x": tensors(),
    "dim": axes("x")})``. ``dtype`` is that of all that have none of their own. ``side`` is ``"torch"``, ``"numpy"``, or
    ``"both"`` for pairs (torch's, NumPy's) of the same values, each in memory of its own.

    Raises ValueError for a dtype, a side or a device that there is not, and for what is no generator.
    """
    from hypothesis import strategies as st

    alone = not isinstance(given, Mapping)
    named = given if isinstance(given, Mapping) else {_ALONE: given}
    inputs = {name: as_input(name, one) for name, one in named.items()}
    for argument, value, allowed in (("dtype", dtype, dt.ALL), ("side", side, SIDES)):
        if value not in allowed:
            raise CaseError(f"{argument}={value!r} is none of {', '.join(allowed)}")
    if told := devices.refusal(device):
        raise CaseError(told)
    _refer_inside(inputs)

    @st.composite
    def drawn(draw: DrawFn) -> Any:
        made = _sides(_batch(draw, inputs, dtype), device)
        each = {name: dict(zip(inputs, args, strict=True)) for name, args in made.items()}
        found = {name: one[_ALONE] if alone else one for name, one in each.items()}
        return (found["torch"], found["numpy"]) if side == "both" else found[side]

    return drawn()


def _refer_inside(inputs: Mapping[str, Input]) -> None:
    for name, one in inputs.items():
        for other in one.refers_to():
            if other not in inputs:
                raise CaseError(
                    f"{name}={one} refers to {other!r}: give both by name, {{'{other}': …, '{name}': {one}}}"
                )


def _sides(batch: Batch, device: str) -> dict[str, Sequence[Any]]:
    return {"torch": torch_inputs(batch, device).args[0], "numpy": numpy_inputs(batch).args[0]}


class _Drawn:
    """The source of picks that asks Hypothesis for each: it shrinks to the first option, the simplest."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = draw

    def index(self, kind: str, options: Sequence[object], position: int) -> int:
        """Return an index into ``options``."""
        from hypothesis import strategies as st

        del kind, position
        return int(self._draw(st.integers(0, len(options) - 1)))


def _batch(draw: Callable[..., Any], inputs: Mapping[str, Input], dtype: str) -> Batch:
    structure = plan.draw(inputs, _Drawn(draw), 0)
    blocks = [_block(draw, slot) for slot in own_slots(structure, dtype)]
    return Batch(structure=structure, blocks=blocks, dtype=dtype, count=1)


def _block(draw: Callable[..., Any], slot: TensorSlot) -> Array:
    """Return the storage of one tensor: (1, elements), of which the layout may leave some out."""
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as npst

    size = layouts.place(slot.shape, slot.layout).size
    numbers = _numbers(slot.dtype, slot.domain)
    elements = st.integers(0, len(numbers) - 1)
    picks = draw(npst.arrays(np.intp, (1, size), elements=elements, fill=elements))
    return np.ascontiguousarray(numbers[picks])


@lru_cache(maxsize=256)
def _numbers(dtype: str, domain: str) -> Array:
    """Return the numbers that an element may be, the simplest first: 0, 1, -1, 2, …, NaN last."""
    found = fills.numbers(TensorSlot(shape=(1,), dtype=dtype, domain=domain), _EACH)
    _, first = np.unique(found.view(f"V{found.itemsize}"), return_index=True)
    return np.array(sorted(found[np.sort(first)], key=_difficulty), found.dtype)


def _difficulty(number: Any) -> tuple[bool, bool, bool, float, bool]:
    whole = complex(number)
    size = abs(whole)
    return bool(np.isnan(size)), bool(np.isinf(size)), size != np.rint(size), size, whole.real < 0
