"""Torch against itself in elementwise cases: every value alone, and the same value at every place among others.

Alone is a tensor of one element. The places are every position of tensors around the lengths of vectors, every layout,
long tensors on one thread and on two; and everything twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from conformance import dtype as dt
from conformance import literals, surroundings
from conformance.evaluate import Refusal, dtype_name, functions
from conformance.inputs import fills
from conformance.inputs.slots import OWN
from conformance.proof import disagreements, placing, pointwise, sweep
from conformance.proof.disagreements import Coverage, Disagreement, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from conformance.case import Case
    from conformance.evaluate import Batch, Functions
    from conformance.proof.placing import Way
    from conformance.proof.pointwise import Form

    Array = NDArray[Any]
    Pair = Callable[[Way], tuple[Array | None, Array | None]]

_FORMS: Final = 4
_SPECIALS: Final = 200
_ORDINARY: Final = 60
_DRAWN: Final = 4096
_PAIRS: Final = 250


def columns(form: Form, dtype: str, share: int) -> list[Array]:
    """Return the values that are placed, one column a tensor: special ones in pairs, critical and ordinary ones.

    ``share`` is how many forms the critical values are divided among.
    """
    rng = np.random.default_rng(0)
    pool, _ = fills.pool(dtype, 0)
    parts = [_combined(fills.specials(dtype), form.tensors), [rng.choice(pool, _ORDINARY) for _ in range(form.tensors)]]
    if dt.is_inexact(dtype):
        parts.append([column[:: min(share, 2)] for column in _critical(form.tensors, dtype)])
    made = [np.concatenate(some) for some in zip(*parts, strict=True)]
    domains = [slot.domain for slot in form.structure.tensors()]
    kept = np.logical_and.reduce([pointwise.in_domain(c, d) for c, d in zip(made, domains, strict=True)])
    return [column[kept] for column in made]


def _combined(values: Array, tensors: int) -> list[Array]:
    total = len(values) ** tensors
    chosen = np.unique(np.linspace(0, total - 1, min(total, _SPECIALS)).astype(int))
    return [values[pick] for pick in np.unravel_index(chosen, (len(values),) * tensors)]


def _critical(tensors: int, dtype: str) -> list[Array]:
    """Return one number next to each critical point, and some of every binade."""
    made = sweep.pairs(dtype, tensors, _DRAWN)
    if tensors > 1 or dtype in {"float16", "bfloat16"} or dt.is_complex(dtype):
        return [column[:: max(len(column) // _PAIRS, 1)] for column in made]
    half = _DRAWN // 2
    return [np.concatenate([column[:half:4], column[half::16]]) for column in made]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One form of an elementwise case in one dtype, with its values and what torch gives for each alone."""

    case: Case
    functions: Functions
    form: Form
    dtype: str
    unit: str
    device: str
    columns: list[Array]
    alone: Array
    result: str
    coverage: Coverage
    found: Found
    covered: dict[object, list[tuple[str, Array]]] = field(default_factory=dict)

    def batch(self, way: Way) -> Batch:
        """Return the inputs placed as ``way`` says."""
        return placing.batch(self.form.structure, self.columns, way, self.unit)

    def results(self, way: Way) -> Array | None:
        """Return what torch gives, None where that is not one number for each."""
        outs = placing.outcomes(self.functions.torch, self.batch(way), self.device, self.case.id)
        made = disagreements.stacked(outs)
        if made is not None and made.shape == way.index.shape and dtype_name(outs[0]) == self.result:
            return made
        if len(way.shape) == 1 and not way.overlaps:
            self._note_outcome(way, outs)
        return None

    def _note_outcome(self, way: Way, outs: Sequence[Any]) -> None:
        """Take note that each number gave a result when it was alone, and together they do not."""
        odd = next((out for out in outs if isinstance(out, Refusal)), outs[0])
        refused = isinstance(odd, Refusal)
        if refused and disagreements.may_refuse(self.case, self.batch(way), self.functions, self.device):
            return
        key = (self.dtype, way.group, "another outcome", None)
        if self.found.add(key, len(outs)):
            self.found.kinds[key] = Disagreement(
                dtype=self.dtype, group=way.group, kind="another outcome", because=None, variant=way.words(0),
                inputs={}, got=disagreements.outcome_words(odd), want=f"{self.result}, a number each", ulp=None,
                script=None,
            )  # fmt: skip

    def against_alone(self, way: Way) -> tuple[Array | None, Array | None]:
        """Return the results placed as ``way`` says, and of each value alone."""
        return self.results(way), self.alone[way.index]

    def against_itself(self, way: Way) -> tuple[Array | None, Array | None]:
        """Return the results of the same call twice, the second first."""
        first = self.results(way)
        return self.results(way), first

    def against_one_thread(self, way: Way) -> tuple[Array | None, Array | None]:
        """Return the results of two threads, and of one."""
        one = self.results(way)
        torch.set_num_threads(2)
        try:
            return self.results(way), one
        finally:
            torch.set_num_threads(1)

    def compare(self, way: Way, pair: Pair, against: str) -> None:
        """Compare both results of ``pair`` for values placed as ``way`` says."""
        got, want = pair(way)
        if got is not None and want is not None:
            self.judge(got, want, way, pair, against)

    def judge(self, got: Array, want: Array, way: Way, pair: Pair | None, against: str) -> None:
        """Compare two results element by element."""
        unlike = disagreements.unlike(got, want)
        self.found.compared(unlike)
        if unlike.any():
            unlike[unlike] = self._not_both_right(got[unlike], want[unlike], way.index[unlike])
        if not (wrong := unlike).any():
            return
        values, (theirs, ours) = way.index[wrong], (got[wrong], want[wrong])
        owner, names = self._owners(way, values)
        codes = owner * 16 + disagreements.classes(theirs) * 4 + disagreements.classes(ours)
        for code in np.unique(codes):
            first = int(np.flatnonzero(codes == code)[0])
            because = names[owner[first]] if owner[first] >= 0 else None
            kind = disagreements.kind_of(code % 16 // 4, code % 4)
            key = (self.dtype, way.group, kind, because)
            if self.found.add(key, int((codes == code).sum())):
                where = tuple(int(i) for i in np.argwhere(wrong)[first])
                self.found.kinds[key] = self._disagreement(key, way, where, (theirs[first], ours[first]), pair, against)

    def _not_both_right(self, got: Array, want: Array, values: Array) -> Array:
        """Return where two vectors of results for the numbers ``values`` are no two right ones."""
        args = self.form.batch([column[values] for column in self.columns], self.unit).args[0]
        return disagreements.not_both_right((got, want), self.case, self.functions.numpy, args, self.result)

    def _owners(self, way: Way, values: Array) -> tuple[Array, list[str]]:
        """Return which difference covers each of some elements, -1 for none, and the reasons of the differences."""
        covers = self._covers(way)
        owner = np.full(len(values), -1)
        for number, (_, mask) in enumerate(covers):
            owner[(owner < 0) & mask[values]] = number
        return owner, [because for because, _ in covers]

    def _covers(self, way: Way) -> list[tuple[str, Array]]:
        """Return for each difference which values it covers in tensors of this shape and layout."""
        key = (way.layouts, way.shape, surroundings.capability())
        if key not in self.covered:
            small = way if len(way.index) <= 1 or way.overlaps else placing.tiled(way, len(self.alone))
            self.covered[key] = []
            for because, masks in self.coverage.of(self.batch(small), small.shape):
                by_value = np.zeros(len(self.alone), bool)
                by_value[small.index[masks]] = True
                self.covered[key].append((because, by_value))
        return self.covered[key]

    def _disagreement(  # noqa: PLR0913, PLR0917 - one parameter each, all needed
        self, key: tuple[str, str, str, str | None], way: Way, where: tuple[int, ...], both: tuple[Any, Any],
        pair: Pair | None, against: str,
    ) -> Disagreement:  # fmt: skip
        value = int(way.index[where])
        place = int(np.ravel_multi_index(where[1:], way.shape))
        got, want = map(disagreements.text_of, both)
        variant = f"{way.words(place)}, against {against}"
        placed = self._simplest(way, where, pair)
        alone = self.batch(replace(way, layouts=("contiguous",) * self.form.tensors, index=np.array([[value]])))
        headline = f"{self.dtype}: {got} {variant}: {want}"
        (args,) = alone.args
        texts = {
            name: literals.number(arg[0]) if isinstance(arg, np.ndarray) else literals.plain(arg)
            for name, arg in zip(alone.structure.slots, args, strict=True)
        }
        return Disagreement(
            dtype=key[0], group=key[1], kind=key[2], because=key[3], variant=variant, inputs=texts, got=got, want=want,
            ulp=disagreements.ulp_apart(*both, self.result),
            script=disagreements.script(self.case, way.group, headline, placed, alone, place),
        )  # fmt: skip

    def _simplest(self, way: Way, where: tuple[int, ...], pair: Pair | None) -> Batch:
        """Return the inputs with one value everywhere if they show it too, else those in which it was seen."""
        same = replace(way, index=np.full((1, *way.shape), way.index[where]))
        got, want = pair(same) if pair is not None else (None, None)
        if got is not None and want is not None:
            place = (0, *where[1:])
            one = slice(place[1], place[1] + 1) if len(way.shape) == 1 else None
            theirs, ours = (got[0][one], want[0][one]) if one else (got[0].reshape(-1), want[0].reshape(-1))
            shown = self._not_both_right(theirs, ours, np.full(len(theirs), way.index[where]))
            return self.batch(same) if shown.any() else self.batch(way).only([where[0]])
        return self.batch(same)


def trials(case: Case, dtypes: Sequence[str], device: str, present: Sequence[str], found: Found) -> Iterator[Trial]:
    """Yield a trial for each form and dtype of an elementwise case that torch accepts."""
    both = functions(case, device, present)
    units = case.unit_dtypes()
    forms = pointwise.forms(case, both, _FORMS, every_kind=True)
    for form in forms:
        for dtype in dtypes:
            unit = dtype if dtype in units else units[0]
            if form.dtype == dtype or (form.dtype == OWN and unit == dtype):
                covers = disagreements.coverage(case, unit, both, device)
                values = columns(form, dtype, len(forms))
                empty = Trial(
                    case=case, functions=both, form=form, dtype=dtype, unit=unit, device=device, columns=values,
                    alone=np.zeros(0), result="", coverage=covers, found=found,
                )  # fmt: skip
                if (trial := _with_alone(empty)) is not None:
                    yield trial


def _with_alone(trial: Trial) -> Trial | None:
    """Return ``trial`` with the result of each value alone, of those that torch accepts; None where it has none."""
    way = placing.alone(len(trial.columns[0]), trial.form.tensors)
    deadly = disagreements.deadly(trial.case, trial.batch(way), trial.functions, trial.device)
    if deadly.any():
        return _with_alone(replace(trial, columns=[column[~deadly] for column in trial.columns]))
    outs = placing.outcomes(trial.functions.torch, trial.batch(way), trial.device, trial.case.id)
    kept = [i for i, out in enumerate(outs) if not isinstance(out, Refusal)]
    made = disagreements.stacked([outs[i] for i in kept])
    if made is None or made.shape[1:] != (1,):
        return None
    return replace(
        trial, columns=[column[kept] for column in trial.columns], alone=made[:, 0], result=dtype_name(outs[kept[0]])
    )


def compare(trial: Trial) -> None:
    """Compare every value alone with itself in every place."""
    count, tensors = len(trial.alone), trial.form.tensors
    for way in placing.ways(count, tensors):
        trial.compare(way, trial.against_alone, "alone")
    for way in placing.long_ways(count, tensors):
        trial.compare(way, trial.against_alone, "alone")
        if trial.device == "cpu":
            trial.compare(replace(way, group="threads"), trial.against_one_thread, "one thread")
        trial.compare(replace(way, group="repetition"), trial.against_itself, "the call before")


def output(trial: Trial) -> Array | None:
    """Return what is compared between CPU capabilities: the values in vectors, and in the rest after them."""
    return trial.results(placing.main_way(len(trial.alone), trial.form.tensors))


def compare_outputs(trial: Trial, others: dict[str, Array]) -> None:
    """Compare the output of this process with that of others, by their CPU capability."""
    way = placing.main_way(len(trial.alone), trial.form.tensors)
    here = output(trial) if others else None
    for capability, other in others.items():
        if here is not None and other.shape == here.shape:
            with surroundings.taken_for(capability):
                trial.judge(other, here, way, None, f"the same with {capability}")
