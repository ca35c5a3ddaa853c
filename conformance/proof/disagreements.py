"""What torch disagrees with itself about: which elements, of which kind, whether a row declares it, the script."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import allowed, compare, differences, literals, oracle, versions
from conformance import dtype as dt
from conformance.case import CRASHES, OneOf, Raises, Undefined
from conformance.evaluate import Batch, Functions, Refusal, call, dtype_name, numpy_inputs, to_host
from conformance.oracle import Exact
from conformance.truth import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case

    Array = NDArray[Any]

ZERO, FINITE, INFINITE, NAN = range(4)
_WORDS: Final = ("zero", "finite", "infinite", "nan")
_SAME: Final = {ZERO: "sign of zero", INFINITE: "another infinity"}
GROUPS: Final = ("length", "layout", "threads", "repetition", "capability")
"""What a result can depend on beside its input, the most telling first."""

_LONGEST_SCRIPT: Final = 8000


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One kind of disagreement with its smallest input; ``because`` is the difference that declares it, or None."""

    dtype: str
    group: str
    kind: str
    because: str | None
    variant: str
    inputs: dict[str, str]
    got: str
    want: str
    ulp: float | None
    script: str | None
    count: int = 0


@dataclass(kw_only=True)
class Found:
    """What was compared of one case, and what came of it."""

    way: str
    variants: int = 0
    elements: int = 0
    bits: int = 0
    declared: int = 0
    undeclared: int = 0
    kinds: dict[tuple[str, str, str, str | None], Disagreement] = field(default_factory=dict)
    counts: dict[tuple[str, str, str, str | None], int] = field(default_factory=dict)

    def compared(self, unlike: Array) -> None:
        """Take note of a comparison in which the elements ``unlike`` have other bits."""
        self.variants += 1
        self.elements += unlike.size
        self.bits += int(unlike.sum())

    def add(self, key: tuple[str, str, str, str | None], count: int) -> bool:
        """Count ``count`` elements of one kind; tell whether it is the first time."""
        self.counts[key] = self.counts.get(key, 0) + count
        if key[-1] is None:
            self.undeclared += count
        else:
            self.declared += count
        return key not in self.kinds

    def listed(self) -> list[dict[str, Any]]:
        """Return the kinds as a record has them, the undeclared first."""
        order = sorted(self.kinds, key=lambda k: (k[-1] is not None, k[0], GROUPS.index(k[1]), *map(str, k[2:])))
        return [{**asdict(self.kinds[key]), "count": self.counts[key]} for key in order]


def unlike(got: Array, want: Array) -> NDArray[np.bool_]:
    """Return where the bits differ; one NaN is like any other."""
    if got.dtype.kind not in "fc":
        return np.asarray(got != want)
    real = np.dtype(f"f{got.itemsize // (2 if got.dtype.kind == 'c' else 1)}")
    theirs, ours = (np.ascontiguousarray(a).view(real).reshape(*a.shape, -1) for a in (got, want))
    bits = f"u{real.itemsize}"
    other = (theirs.view(bits) != ours.view(bits)) & ~(np.isnan(theirs) & np.isnan(ours))
    return np.asarray(other.any(axis=-1))


def classes(values: Array) -> NDArray[np.int8]:
    """Return ZERO, FINITE, INFINITE or NAN for each number; any part of a complex one makes it so."""
    if values.dtype.kind not in "fc":
        return np.full(values.shape, FINITE, np.int8)
    nan, infinite = np.isnan(values), np.isinf(values.real) | np.isinf(values.imag)
    plain = np.where(values == 0, ZERO, FINITE)
    return np.where(infinite, INFINITE, np.where(nan, NAN, plain)).astype(np.int8)


def kind_of(got: int, want: int) -> str:
    """Name a disagreement by the classes of both results."""
    if got == want:
        return _SAME.get(got, "other value")
    return f"{_WORDS[got]} against {_WORDS[want]}"


def ulp_apart(got: Any, want: Any, dtype: str) -> float | None:
    """Return how many ULP two results lie apart; None where that is no number."""
    if not dt.is_inexact(dtype):
        return None
    ours = oracle.doubled(np.asarray(want))
    apart = float(oracle.ulps(np.asarray(got), Exact(high=ours, low=np.zeros_like(ours)), dtype))
    return round(apart, 2) if np.isfinite(apart) else None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The differences of a case that allow more than one value, or any, for one dtype.

    Only those declare a disagreement: one that says what torch gives says that it is one value.
    """

    declared: Sequence[differences.Declared]
    functions: Functions
    device: str

    def regions(self, batch: Batch) -> list[tuple[str, differences.Region]]:
        """Return (because, where it applies) for each."""
        if not self.declared:
            return []
        outs = call(self.functions.numpy, numpy_inputs(batch), "the NumPy expression")
        found = differences.regions(self.declared, batch, self.device, outs)
        return [(region.declared.difference.because, region) for region in found]

    def of(self, batch: Batch, shape: tuple[int, ...]) -> list[tuple[str, Array]]:
        """Return (because, which elements it covers) for each, for results of ``shape`` a fill."""
        return [(because, _masks(region, batch.count, shape)) for because, region in self.regions(batch)]


def coverage(case: Case, dtype: str, functions: Functions, device: str) -> Coverage:
    """Return what the differences of ``case`` cover in ``dtype``."""
    compiled = differences.compile_differences(case, dtype)
    several = [one for one in compiled if isinstance(one.difference.torch, OneOf | Undefined)]
    kept = [one for one in several if one.difference.aspect in (None, "value")]
    return Coverage(declared=kept, functions=functions, device=device)


def may_refuse(case: Case, batch: Batch, functions: Functions, device: str) -> bool:
    """Tell whether a difference says that torch refuses the first fill of ``batch``."""
    compiled = differences.compile_differences(case, batch.dtype)
    kept = [one for one in compiled if isinstance(one.difference.torch, Raises)]
    found = Coverage(declared=kept, functions=functions, device=device).regions(batch.only([0]))
    return any(region.key(0) for _, region in found)


def deadly(case: Case, batch: Batch, functions: Functions, device: str) -> NDArray[np.bool_]:
    """Return which fills of ``batch`` a difference says kill the process."""
    compiled = differences.compile_differences(case, batch.dtype)
    kept = [one for one in compiled if one.difference.torch == CRASHES]
    found = Coverage(declared=kept, functions=functions, device=device).regions(batch)
    return np.array([any(region.key(fill) for _, region in found) for fill in range(batch.count)], bool)


def _masks(region: differences.Region, count: int, shape: tuple[int, ...]) -> Array:
    masks = np.zeros((count, *shape), bool)
    for fill in range(count):
        if region.whole[fill]:
            masks[fill] = True
        elif fill in region.masks:
            masks[fill] = np.broadcast_to(region.masks[fill], shape)
    return masks


def stacked(outs: Sequence[Any]) -> Array | None:
    """Return tensors of one shape and dtype as one array; None where they are not that."""
    if not outs or not all(isinstance(out, torch.Tensor) and out.device.type != "meta" for out in outs):
        return None
    if len({(out.dtype, out.shape) for out in outs}) > 1 or outs[0].is_sparse:
        return None
    return to_host(torch.stack([out.detach() for out in outs]))


def outcome_words(out: Any) -> str:
    """Return what a call came to, in a few words."""
    if isinstance(out, Refusal):
        return str(out)
    return f"{dtype_name(out)} of shape {tuple(out.shape)}" if isinstance(out, torch.Tensor) else type(out).__name__


def text_of(value: Any) -> str:
    """Return one result as text."""
    return literals.number(np.asarray(value)[()])


def not_both_right(
    both: tuple[Array, Array], case: Case, numpy: Callable[..., Any], args: Sequence[Any], result: str
) -> NDArray[np.bool_]:
    """Return where two results of the dtype ``result`` differ by more than the case allows for ``args``.

    Where it allows a bound round the truth, which ``numpy`` gives, each of them has to be within that; where NumPy
    gives none, nobody knows how far apart right ones may be, and they have to be of one class.
    """
    wrong = compare.differing(*both, case.tolerance, bfloat16=result == "bfloat16")
    if not wrong.any() or not isinstance(case.tolerance, allowed.BOUNDS) or not dt.is_inexact(result):
        return wrong
    if truth(numpy, args) is None:
        return np.asarray(wrong & (classes(both[0]) != classes(both[1])))
    return np.asarray(wrong & np.logical_or(*[allowed.outside(case, numpy, args, one, result) for one in both]))


def script(case: Case, group: str, headline: str, placed: Batch, other: Batch | None, place: int) -> str | None:  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    """Return plain torch that shows it: ``placed`` and, where the other result is of other tensors, ``other``.

    None where the literal values would fill pages.
    """
    names = ", ".join(placed.structure.slots)
    calls = _calls(group, placed, other, place)
    lines = [
        f"# {case.id}: {headline}",
        f"# seen with torch {versions.installed('torch')}",
        *(["# run it with ATEN_CPU_CAPABILITY=default, =avx2 and =avx512"] if group == "capability" else []),
        *("import numpy as np", "import torch", "", ""),
        f"def f({names}):",
        _as_body(case.torch.text),
        *("", "", *calls, ""),
    ]
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST_SCRIPT else None


def _as_body(text: str) -> str:
    lines = text.splitlines()
    return textwrap.indent("\n".join([*lines[:-1], f"return {lines[-1]}"]), "    ")


def _calls(group: str, placed: Batch, other: Batch | None, place: int) -> list[str]:
    one = f"f({_arguments(placed)}).reshape(-1)[{place}]"
    if group == "capability":
        return [f"print(torch.backends.cpu.get_cpu_capability(), {one})"]
    if group == "threads":
        return ["for threads in (1, 2):", "    torch.set_num_threads(threads)", f"    print(threads, {one})"]
    if group == "repetition" or other is None:
        return ["for time in (1, 2):", f"    print(time, {one})"]
    second = place if _size(other) == _size(placed) else 0
    return [f"print({one})", f"print(f({_arguments(other)}).reshape(-1)[{second}])"]


def _size(batch: Batch) -> int:
    return next(batch.structure.tensors()).size


def _arguments(batch: Batch) -> str:
    return ", ".join(f"{name}={text}" for name, (_, text) in literals.both(batch).items())
