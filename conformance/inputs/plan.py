"""The structures of a unit: an enumerated plan, and random ones from Hypothesis.

The enumerated plan is the main one. It makes corners certain and small budgets honest: it goes through every length
up to 70, every rank and signed axis with sizes 0, 1 and many at each, every pair of layouts, every relation between
shapes, every scalar and dtype offered, and what both sides ought to refuse. Random structures are for what nobody
enumerated.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.inputs import shapes
from conformance.inputs.base import Drawing, Input
from conformance.inputs.picker import Bytes, Picker, Replay, Source, enumerate_sources, spread_sources
from conformance.inputs.slots import Structure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    Inputs = Mapping[str, Input]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One part of the plan: the kinds of picks that it goes through (None: all options), and how many at most.

    ``about`` lists kinds of picks, one as often as it must occur, without which the sweep has nothing to add. The
    structures of a sweep that is ``dealt`` are many and alike: each goes to one dtype of so many (see `dealt_to`).
    """

    name: str
    wanted: Mapping[str, Collection[object] | None]
    limit: int
    about: tuple[str, ...] = ()
    spoil: bool = False
    dealt: int = 1


_MOST_TRIED: Final = 8
"""Times its limit that a sweep is drawn to the end and thinned; one of more structures is sampled instead."""

_ENOUGH_TO_SEE: Final = 20
"""Structures of a sweep after which it is known which picks the inputs make."""

_SOME_SHAPES: Final = {"rank": None, "shape": frozenset(shapes.FOR_OPTIONS)}
_LENGTHS: Final = frozenset((n,) for n in shapes.LENGTHS)
_TYPICAL: Final = frozenset(shapes.TYPICAL)

PLAN: Final = (
    Sweep(
        name="lengths",
        wanted={"rank": (1,), "shape": _LENGTHS, "layout": ("contiguous",), "relation": ("same",)},
        limit=71,
        dealt=2,
    ),
    Sweep(name="strided lengths", wanted={"rank": (1,), "shape": _LENGTHS}, limit=36, dealt=3),
    Sweep(name="ranks and axes", wanted={"rank": None, "shape": _TYPICAL, "axis": None}, limit=240, dealt=2),
    Sweep(
        name="pairs of axes",
        wanted={"rank": None, "shape": frozenset(shapes.FOR_AXES), "axis": None, "relation": ("same",)},
        limit=130,
        about=("axis", "axis"),
        dealt=2,
    ),
    Sweep(
        name="layouts",
        wanted={
            "rank": (1, 2, 3),
            "shape": frozenset(shapes.FOR_LAYOUTS),
            "layout": None,
            "relation": ("same",),
            "count": (2,),
        },
        limit=200,
    ),
    Sweep(
        name="other layouts",
        wanted={
            "rank": (2, 4),
            "shape": frozenset(shapes.FOR_OTHER_LAYOUTS),
            "layout": None,
            "relation": ("same",),
            "count": (2,),
        },
        limit=50,
        dealt=2,
    ),
    Sweep(
        name="relations",
        wanted={"rank": None, "shape": frozenset(shapes.FOR_RELATIONS), "relation": None},
        limit=60,
    ),
    Sweep(
        name="options",
        wanted={
            **_SOME_SHAPES,
            "kind": None,
            "scalar": None,
            "dtype": None,
            "value": None,
            "count": None,
            "empty": None,
        },
        limit=120,
        dealt=2,
    ),
    Sweep(
        name="targets",
        wanted={"rank": None, "shape": _TYPICAL, "target": None, "infer": None},
        limit=120,
        about=("target",),
    ),
    Sweep(
        name="joins",
        wanted={"rank": (1, 2), "shape": ((3,), (2, 3)), "axis": None, "count": (1, 2, 3), "length": None},
        limit=160,
        about=("length",),
        dealt=2,
    ),
    Sweep(
        name="several axes",
        wanted={"rank": None, "shape": _TYPICAL, "count": None, "axes": None, "sign": None},
        limit=160,
        about=("axes",),
        dealt=2,
    ),
    Sweep(
        name="refused",
        wanted={
            "rank": None,
            "shape": frozenset(shapes.FOR_SPOILING),
            "spoil": None,
            "past": None,
            "wrong": None,
            "count": None,
        },
        limit=60,
        spoil=True,
    ),
    Sweep(name="long", wanted={"rank": (1, 2), "shape": frozenset(shapes.LONG), "layout": ("contiguous",)}, limit=11),
)


def draw(inputs: Inputs, source: Source, seed: int, *, spoil: bool = False, random: bool = False) -> Structure:
    """Draw one structure from ``source``; inputs are drawn in the order in which they refer to each other."""
    return draw_with(inputs, Picker(source=source, spoil=spoil), seed, random=random)


def draw_with(inputs: Inputs, picker: Picker, seed: int, *, random: bool = False) -> Structure:
    """Draw one structure with a picker of the caller's."""
    drawing = Drawing(seed=seed)
    for name in drawing_order(inputs):
        drawing.slots[name] = inputs[name].draw(name, picker, drawing)
    slots = {name: drawing.slots[name] for name in inputs}
    return Structure(slots=slots, trace=tuple(picker.trace), spoilt=picker.spoilt, random=random)


def redraw(inputs: Inputs, structure: Structure, trace: Sequence[int], seed: int) -> Structure:
    """Draw the structure that ``trace`` leads to, spoilt where ``structure`` is."""
    return draw(inputs, Replay(trace=trace), seed, spoil=structure.spoilt, random=structure.random)


def drawing_order(inputs: Inputs) -> list[str]:
    """Return the names of the inputs, each after those it refers to."""
    ordered: list[str] = []
    waiting = list(inputs)
    while waiting:
        ready = [n for n in waiting if all(r in ordered or r not in inputs for r in inputs[n].refers_to())]
        if not ready:
            message = f"the inputs {', '.join(waiting)} refer to each other in a circle"
            raise ValueError(message)
        ordered += ready
        waiting = [n for n in waiting if n not in ready]
    return ordered


def enumerated(inputs: Inputs, seed: int) -> Iterator[tuple[Sweep, Structure]]:
    """Yield the structures of the plan that these inputs can tell apart, with the sweep each belongs to."""
    seen: set[tuple[tuple[int, ...], bool]] = set()
    for sweep in PLAN:
        for structure in _swept(inputs, sweep, seed):
            if (key := (structure.trace, structure.spoilt)) not in seen:
                seen.add(key)
                yield sweep, structure


def dealt_to(planned: Iterable[tuple[Sweep, Structure]], turn: int) -> list[Structure]:
    """Return the structures of one unit: its share, by ``turn``, of each sweep that is dealt, and all of the others."""
    numbers: Counter[str] = Counter()
    kept = []
    for sweep, structure in planned:
        if (numbers[sweep.name] + turn) % sweep.dealt == 0:
            kept.append(structure)
        numbers[sweep.name] += 1
    return kept


def _swept(inputs: Inputs, sweep: Sweep, seed: int) -> list[Structure]:
    drawn: list[Structure] = []
    missing = Counter(sweep.about)
    for number, source in enumerate(enumerate_sources(sweep.wanted, (seed, sweep.name))):
        if number == _MOST_TRIED * sweep.limit:
            return _spread(inputs, sweep, seed)
        picker = Picker(source=source, spoil=sweep.spoil)
        structure = draw_with(inputs, picker, seed)
        if not sweep.spoil or structure.spoilt:
            drawn.append(structure)
        if missing and not missing - Counter(picker.kinds):
            missing = Counter()
        if missing and len(drawn) > _ENOUGH_TO_SEE:
            return []
    step = max(len(drawn) / sweep.limit, 1)
    return [drawn[int(i * step)] for i in range(int(len(drawn) / step))]


def _spread(inputs: Inputs, sweep: Sweep, seed: int) -> list[Structure]:
    """Return structures spread evenly over a sweep of very many, by halves of the first pick, of the second, ….

    Of a sweep that spoils, those that are not spoilt are left out, so that there may be fewer than its limit.
    """
    pickers = [
        Picker(source=s, spoil=sweep.spoil) for s in spread_sources(sweep.wanted, sweep.limit, (seed, sweep.name))
    ]
    drawn = [draw_with(inputs, picker, seed) for picker in pickers]
    return [structure for structure in drawn if structure.spoilt or not sweep.spoil]


def random_structures(inputs: Inputs, seed: int, count: int) -> list[Structure]:
    """Return ``count`` structures drawn by Hypothesis, about a tenth of them spoilt."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    drawn: list[Structure] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=64, max_size=64))
    def collect(data: bytes) -> None:
        spoil = data[-1] % 10 == 0
        drawn.append(draw(inputs, Bytes(data=data), seed, spoil=spoil, random=True))

    run: Any = collect
    if count:
        run()
    return drawn
