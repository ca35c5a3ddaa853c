"""Which benchmarks became slower or faster: the ratio of PyTorch to NumPy, of which the machine's speed is no part.

A ratio is another one where the quartiles of both runs do not overlap (half of the paired blocks of each lie within
them) and it moved by more than nine of ten ratios do between two runs of the same: quartiles are of one process, and
where it puts its inputs decides as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.records import where_timed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.records import Record

BEYOND: Final = "by more than a tenth, and beyond what the quartiles explain"
_LEAST: Final = 1.1
_NUMBERS = ("ratio", "ratio_low", "ratio_high", "torch_seconds", "numpy_seconds")


@dataclass(frozen=True, kw_only=True)
class Timed:
    """One benchmark in both runs; ratios are PyTorch ÷ NumPy with their quartiles, times are seconds a call.

    ``device`` names layout and threads, too, where those are not the usual ones.
    """

    case: str
    dtype: str
    device: str
    size: str
    old: Record
    new: Record

    @property
    def factor(self) -> float:
        """By what the ratio was multiplied; above 1, PyTorch became slower beside NumPy."""
        return float(self.new["ratio"]) / float(self.old["ratio"])

    @property
    def slower(self) -> bool:
        """Whether it became slower, by more than a tenth and beyond what the quartiles explain."""
        return self.factor > _LEAST and bool(self.new["ratio_low"] > self.old["ratio_high"])

    @property
    def faster(self) -> bool:
        """Whether it became faster, by more than a tenth and beyond what the quartiles explain."""
        return self.factor < 1 / _LEAST and bool(self.new["ratio_high"] < self.old["ratio_low"])

    @property
    def name(self) -> str:
        """Case, dtype, device and size."""
        return " ".join(part for part in (self.case, self.dtype.strip("-"), self.device, self.size) if part)

    @property
    def words(self) -> str:
        """What was measured, before and after."""
        was, now = (_ratio(one) for one in (self.old, self.new))
        times = "; ".join(
            f"{side} {_seconds(self.old[f'{side}_seconds'])} → {_seconds(self.new[f'{side}_seconds'])}"
            for side in ("torch", "numpy")
        )
        return f"×{self.factor:.2f}: torch ÷ numpy {was} → {now}; {times}"


def compared(old: Iterable[Record], new: Iterable[Record]) -> tuple[Timed, ...]:
    """Return the benchmarks of as many elements that both runs have; first what became slower by the largest factor."""
    before = {_key(one): one for one in old if _usable(one)}
    pairs = [(key, before[key], one) for one in new if _usable(one) and (key := _key(one)) in before]
    made = [
        Timed(case=case, dtype=dtype, device=device, size=size, old=then, new=now)
        for (case, dtype, device, size, _), then, now in pairs
    ]
    return tuple(sorted(made, key=lambda one: -one.factor))


def _key(bench: Record) -> tuple[str, str, str, str, str]:
    dtype, size, elements = (str(bench.get(key) or "") for key in ("dtype", "size", "elements"))
    return str(bench["id"]), dtype, where_timed(bench), size, elements


def _usable(bench: Record) -> bool:
    return all(isinstance(bench.get(key), int | float) and bench[key] > 0 for key in _NUMBERS)


def _ratio(bench: Record) -> str:
    return f"{bench['ratio']:.3g} ({bench['ratio_low']:.3g} to {bench['ratio_high']:.3g})"


def _seconds(value: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
