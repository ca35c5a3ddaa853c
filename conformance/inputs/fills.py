"""Values for structures: many fills each, sliced from one pool of values per dtype.

A pool holds *profiles* side by side: ordinary values, ties, special values, extremes, small integers (whose sums are
exact in any order) and so on. A fill takes, for each tensor, a slice of one profile; which slice follows from the
seed, the structure and the number of the fill, so that values differ between structures and yet can be made again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from conformance import dtype as dt
from conformance.inputs import domains, layouts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from conformance.inputs.slots import TensorSlot

    Block = NDArray[np.generic]

_SMALL: Final = 5
_APART: Final = 300
"""Normally distributed numbers from one that is missing to the next."""
_NARROWER: Final = {"float32": ("float16", "bfloat16"), "float64": ("float32", "float16", "bfloat16")}
LENGTH: Final = 1024
"""Values in one profile of a pool."""

_DOMAIN_PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    "finite": ("ordinary", "small", "halves", "sparse", "powers"),
    "nonzero": ("nonzero", "powers"),
    "small": ("small", "sparse"),
    "normal": ("normal",),
    "missing": ("missing",),
}


def specials(dtype: str) -> Block:
    """Return the special values of ``dtype``: zeros of both signs, infinities, NaN, the smallest, the largest, …."""
    if dtype == "bool":
        return np.array([False, True])
    if dt.is_complex(dtype):
        parts = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], dt.carrier(dt.part(dtype)))
        return _assemble(np.repeat(parts, len(parts)), np.tile(parts, len(parts)), dtype)
    if dt.is_inexact(dtype):
        least, most = dt.tiny(dtype), dt.largest(dtype)
        normal = float(dt.info(dtype).smallest_normal)
        kept = [0.0, -0.0, 1.0, -1.0, 0.5, -1.5, 2.0, 3.0, np.inf, -np.inf, np.nan]
        return np.array([*kept, least, -least, normal, -normal / 2, most, -most], dt.carrier(dtype))
    info = np.iinfo(dtype)
    return np.unique(
        np.array([0, 1, 2, 3, 7, info.max, info.max - 1, info.min, info.min + 1, max(info.min, -1)], dtype)
    )


@lru_cache(maxsize=64)
def pool(dtype: str, seed: int) -> tuple[Block, Mapping[str, int]]:
    """Return the pool of ``dtype`` and where each profile starts in it."""
    rng = np.random.default_rng([seed, *dtype.encode()])
    profiles = _profiles(dtype, rng)
    starts = {name: LENGTH * i for i, name in enumerate(profiles)}
    return np.concatenate(list(profiles.values())), starts


def _profiles(dtype: str, rng: np.random.Generator) -> dict[str, Block]:
    if dtype == "bool":
        return _bools(rng)
    if dt.is_complex(dtype):
        return _complexes(dtype, rng)
    profiles = _reals(dtype, rng) if dt.is_inexact(dtype) else _integers(dtype, rng)
    special = rng.choice(specials(dtype), LENGTH)
    mixed = np.where(rng.random(LENGTH) < 1 / 8, special, profiles["ordinary"])
    return {**profiles, "special": special, "mixed": mixed}


def _bools(rng: np.random.Generator) -> dict[str, Block]:
    rare = rng.random(LENGTH) < 1 / 8
    half = rng.random(LENGTH) < 1 / 2
    return {
        "ordinary": half,
        "sparse": rare,
        "nonzero": np.ones(LENGTH, bool),
        "small": ~rare,
        "normal": half,
        "missing": half,
    }


def _integers(dtype: str, rng: np.random.Generator) -> dict[str, Block]:
    info = np.iinfo(dtype)
    low = max(info.min, -5)
    small = rng.integers(low, 6, LENGTH).astype(dtype)
    nonzero = np.where(small == 0, np.array(3, dtype), small)
    powers = np.left_shift(np.array(1, dtype), rng.integers(0, info.bits - 1, LENGTH).astype(dtype))
    return {
        "ordinary": rng.integers(info.min, info.max, LENGTH, dtype=dtype, endpoint=True),
        "small": small,
        "nonzero": nonzero,
        "middling": rng.integers(max(info.min, -100), 101, LENGTH).astype(dtype),
        "powers": powers,
        "sparse": _sparse(rng, nonzero),
        "normal": small,
        "missing": small,
    }


def _reals(dtype: str, rng: np.random.Generator) -> dict[str, Block]:
    normal = rng.standard_normal(LENGTH)
    magnitude = np.exp2(rng.uniform(np.log2(dt.tiny(dtype)), np.log2(dt.largest(dtype)), LENGTH))
    small = rng.integers(-5, 6, LENGTH).astype(float)
    powers = np.exp2(rng.integers(-6, 7, LENGTH)) * rng.choice([1.0, -1.0], LENGTH)
    ordinary = np.where(rng.random(LENGTH) < 1 / 2, normal, normal * 100)
    made = {
        "ordinary": ordinary,
        "small": small,
        "nonzero": np.where(small == 0, 3.0, small) * rng.choice([1.0, 0.5, 1.25], LENGTH),
        "wide": np.minimum(magnitude, dt.largest(dtype)) * np.sign(normal),
        "halves": rng.integers(-9, 10, LENGTH) + 0.5,
        "zeros": rng.choice([0.0, -0.0, 1.0], LENGTH, p=[0.45, 0.45, 0.1]),
        "subnormal": rng.integers(-9, 10, LENGTH) * _subnormal_or_root(dtype),
        "powers": powers,
        "sparse": _sparse(rng, powers),
        "dense": rng.random(LENGTH) + 1,
        "normal": normal,
        "missing": np.where(np.arange(LENGTH) % _APART == 0, np.nan, normal),
    }
    if dtype in _NARROWER:
        made["midpoints"] = _midpoints(dtype, rng)
    return {name: _represent(values, dtype) for name, values in made.items()}


def _subnormal_or_root(dtype: str) -> NDArray[np.float64]:
    """Return the least number of ``dtype`` for one half of a profile; for the other, one whose square is about that.

    So there are runs of numbers, as long as a tensor takes, of which the squares and their sum are subnormal.
    """
    least = dt.tiny(dtype)
    return np.where(np.arange(LENGTH) < LENGTH // 2, least, np.exp2(round(np.log2(least) / 2)))


def _midpoints(dtype: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return numbers halfway between two of a narrower dtype, and their next neighbours in ``dtype``, of both signs.

    A conversion shows there how it rounds. A fifth lies among subnormal numbers, another at the ends: beside zero, the
    smallest normal number and the largest, past which infinity begins. Each of these is certain to be there.
    """
    narrower = _NARROWER[dtype]
    turn, which = np.divmod(np.arange(LENGTH), len(narrower))
    halfway = np.choose(which, [_halfway(narrow, turn // 4, rng) for narrow in narrower]).astype(dtype)
    toward = np.array([np.nan, np.nan, np.inf, 0], dtype)[turn % 4]
    beside = np.where(np.isnan(toward), halfway, np.nextafter(halfway, toward)).astype(np.float64)
    signed: NDArray[np.float64] = beside * rng.choice([1.0, -1.0], LENGTH)
    return signed


def _halfway(narrow: str, turn: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return positive numbers halfway between two neighbours of the dtype ``narrow``, each kind of them in ``turn``."""
    bits, least, most = dt.precision(narrow) - 1, dt.tiny(narrow), dt.largest(narrow)
    lowest, highest = round(np.log2(least)) + bits, np.frexp(most)[1]
    steps = rng.integers(0, 2**bits, LENGTH) + 0.5
    near, far = rng.integers(-bits, bits, LENGTH), rng.integers(lowest, highest, LENGTH)
    normal = [np.ldexp(steps + 2**bits, np.maximum(power, lowest) - bits) for power in (near, far)]
    past = np.ldexp(0.5, highest - 1 - bits)
    ends = np.array([least / 2, least * 1.5, least * (2**bits - 0.5), most - past, most + past])
    return np.choose(turn % 5, [normal[0], normal[0], normal[1], steps * least, ends[turn // 5 % 5]])


def _complexes(dtype: str, rng: np.random.Generator) -> dict[str, Block]:
    parts = dt.part(dtype)
    real, imaginary = _profiles(parts, rng), _profiles(parts, rng)
    made = {name: _assemble(real[name], imaginary[name], dtype) for name in real}
    axis = np.zeros(LENGTH, dt.carrier(parts))
    return {**made, "real": _assemble(real["ordinary"], axis, dtype), "unit": _assemble(axis, real["ordinary"], dtype)}


def _sparse(rng: np.random.Generator, values: Block) -> Block:
    return np.where(rng.random(LENGTH) < 1 / 16, values, np.zeros_like(values))


def _represent(values: NDArray[np.float64], dtype: str) -> Block:
    with np.errstate(all="ignore"):
        carried = values.astype(dt.carrier(dtype))
    return dt.round_to_bfloat16(carried) if dtype == "bfloat16" else carried


def _assemble(real: Block, imaginary: Block, dtype: str) -> Block:
    """Put the parts side by side; ``a + 1j * b`` would make NaN of infinities."""
    whole = np.empty(len(real), dtype)
    whole.real, whole.imag = real, imaginary
    return whole


@lru_cache(maxsize=256)
def _starts(dtype: str, domain: str, seed: int) -> NDArray[np.intp]:
    """Return where the profiles start that a tensor of ``dtype`` and ``domain`` may be filled from."""
    _, starts = pool(dtype, seed)
    wanted = _DOMAIN_PROFILES.get(domain, tuple(name for name in starts if name not in domains.OF_PROGRAMS))
    return np.array([start for name, start in starts.items() if name in wanted])


class Dice:
    """Random integers out of a store: a fill needs a dozen, and asking a generator costs more than using them."""

    _STORE: Final = 8192

    def __init__(self, rng: np.random.Generator) -> None:
        """Take the numbers from ``rng``."""
        self._rng = rng
        self._numbers = np.empty(0, np.int64)

    def roll(self, count: int, sides: int) -> NDArray[np.int64]:
        """Return ``count`` integers from 0 to ``sides`` - 1."""
        if len(self._numbers) < count:
            self._numbers = self._rng.integers(0, 1 << 62, max(self._STORE, count))
        taken, self._numbers = self._numbers[:count], self._numbers[count:]
        return taken % sides


def fill(slot: TensorSlot, count: int, seed: int, dice: Dice) -> Block:
    """Return a block of ``count`` storages for ``slot``: shape (count, storage size)."""
    values, _ = pool(slot.dtype, seed)
    allowed = _starts(slot.dtype, slot.domain, seed)
    first = allowed[dice.roll(count, len(allowed))]
    size = layouts.place(slot.shape, slot.layout).size
    if size <= LENGTH // 2:
        windows = np.ndarray((len(values) - size + 1, size), values.dtype, values, 0, values.strides * 2)
        return domains.fitted(windows[first + dice.roll(count, LENGTH - size + 1)], slot.domain)
    where = dice.roll(count, LENGTH)[:, None] + np.arange(size)
    return domains.fitted(values[first[:, None] + where % LENGTH], slot.domain)


def with_one_special(slots: Sequence[TensorSlot], seed: int, dice: Dice) -> list[Block]:
    """Return one storage a slot, of finite numbers, in one of which one number is special: shapes (1, storage size).

    What is special throughout, or at random, seldom shows what one infinity does among finite neighbours.
    """
    blocks = [fill(replace(s, domain="finite") if s.domain == "any" else s, 1, seed, dice) for s in slots]
    chosen, position, which = (int(number) for number in dice.roll(3, 1 << 61))
    block, slot = blocks[chosen % len(slots)], slots[chosen % len(slots)]
    values = _lone_specials(slot.dtype, slot.domain)
    if block.size and len(values):
        block[0, position % block.size] = values[which % len(values)]
    return blocks


@lru_cache(maxsize=256)
def _lone_specials(dtype: str, domain: str) -> Block:
    """Return the special values that may stand among finite ones; none where the domain is of tame numbers.

    Not the largest: what overflows on the way, and in which order, is another question, which wide numbers ask.
    """
    values = _fitting_specials(dtype, domain)
    kept = np.full(values.shape, domain not in domains.OF_PROGRAMS)
    if domain == "small":
        kept &= values == np.rint(values)
    elif dt.is_inexact(dtype):
        kept &= np.abs(values) != dt.largest(dtype)
    lone: Block = values[kept]
    return lone


def _fitting_specials(dtype: str, domain: str) -> Block:
    """Return the special values of ``dtype`` that ``domain`` allows; one ordinary value where it allows none."""
    values = specials(dtype)
    if domain == "any":
        return values
    whole = domains.members(domain, values.dtype)
    if whole is not None:
        return whole
    magnitude = np.abs(values.astype(complex))
    allowed = {"finite": np.isfinite(magnitude), "nonzero": magnitude > 0}.get(domain, magnitude <= _SMALL)
    kept: Block = values[allowed & np.isfinite(magnitude)]
    return kept


def numbers(slot: TensorSlot, each: int) -> Block:
    """Return the special numbers that the domain of ``slot`` allows, and ``each`` of every profile that fills it."""
    values, _ = pool(slot.dtype, 0)
    own = [values[start : start + each] for start in _starts(slot.dtype, slot.domain, 0)]
    found = domains.fitted(np.concatenate([_fitting_specials(slot.dtype, slot.domain), *own]), slot.domain)
    return found[found == np.rint(found)] if slot.domain == "small" else found


def special_fills(slots: Sequence[TensorSlot], limit: int) -> list[Block]:
    """Return one block a slot, all combinations of special values, each filling its whole tensor.

    At most ``limit`` combinations, evenly spread over all.
    """
    values = [_fitting_specials(slot.dtype, slot.domain) for slot in slots]
    total = int(np.prod([len(v) for v in values]))
    chosen = np.unique(np.linspace(0, total - 1, min(total, limit)).astype(int))
    picks = np.unravel_index(chosen, [len(v) for v in values]) if slots else ()
    sizes = [layouts.place(slot.shape, slot.layout).size for slot in slots]
    return [np.repeat(v[p][:, None], size, axis=1) for v, p, size in zip(values, picks, sizes, strict=True)]
