"""Crowded sweeps of the plan are dealt out among the dtypes: neighbours have all between them, none loses a corner."""

from collections import Counter

import pytest

from conformance import axes, axis_tuples, batches, tensors
from conformance.inputs import plan
from conformance.inputs.picker import spread_sources

from .helpers import case_of

CASE = case_of("x.sum(dim)", "np.sum(x, axis=dim)", x=tensors(), dim=axes("x"))


def of(dtype, seed=0, budget=25):
    """The planned structures of a unit, by what tells them apart."""
    made = (one.structure for one in batches.batches(CASE, dtype, seed, budget))
    return {(one.trace, one.spoilt) for one in made if not one.random}


def keys(structures):
    return {(one.trace, one.spoilt) for one in structures}


def test_neighbours_have_all_between_them():
    everything = keys(batches.structures(CASE, 0))
    assert of("int16") != of("int32") != of("int64") != of("int16")
    assert of("int8") | of("int16") | of("int32") | of("int64") | of("float16") | of("float32") == everything
    shares = [len(of(dtype)) / len(everything) for dtype in ("int16", "int32", "int64")]
    assert max(shares) - min(shares) < 0.05
    assert 0.3 < min(shares) < 0.8


def test_what_is_not_dealt_goes_to_all():
    kept = keys(structure for sweep, structure in batches._planned(CASE, 0) if sweep.dealt == 1)
    assert kept <= of("int32") & of("int64")
    assert {"layouts", "relations", "refused", "long"} <= {s.name for s in plan.PLAN if s.dealt == 1}


def test_the_next_seeds_bring_the_rest():
    planned = list(plan.enumerated(CASE.inputs, 0))
    numbers = {id(structure): number for number, (_, structure) in enumerate(planned)}
    shares = [{numbers[id(kept)] for kept in plan.dealt_to(planned, turn)} for turn in range(6)]
    assert set().union(*shares) == set(numbers.values())
    assert shares[0] != shares[1]
    assert shares[0] == {numbers[id(kept)] for kept in plan.dealt_to(planned, 6)}


def test_a_large_budget_and_a_case_without_dtypes_have_all():
    assert of("int32", budget=50) == keys(batches.structures(CASE, 0))
    fixed = case_of("x + 1", "x + 1", x=tensors(dtypes=("float32",)))
    made = [one.structure for one in batches.batches(fixed, "-", 0, 25) if not one.structure.random]
    assert len(made) == len(batches.structures(fixed, 0))


@pytest.mark.parametrize("dtype", ["int16", "int32", "float16", "float32", "float64"])
def test_every_share_has_the_special_values(dtype):
    for number in range(6):  # the share depends on the words of the case, too
        flat = case_of(f"x.sum() + {number}", f"np.sum(x) + {number}", x=tensors())
        planned = [batch for batch in batches.batches(flat, dtype, 0, 25) if not batch.structure.random]
        assert any(batch.count >= 8 and {slot.size for slot in batch.structure.tensors()} == {1} for batch in planned)


def test_the_longest_is_as_long_as_it_says():
    short = case_of("x.unbind()", "tuple(x)", x=tensors(ndim=(1, 2), longest=20))
    sizes = {slot.size for structure in batches.structures(short, 0) for slot in structure.tensors()}
    assert max(sizes) == 20
    with pytest.raises(ValueError, match="longest=0: give the number of elements"):
        tensors(longest=0)


def test_a_sweep_of_very_many_is_spread_over_all_of_them():
    options = {"shape": range(20), "axis": range(30), "layout": range(40)}
    sources = spread_sources(dict.fromkeys(options), 120, (0, "all"))
    drawn = [tuple(one.index(kind, several, 0) for kind, several in options.items()) for one in sources]
    firsts = Counter(first for first, _, _ in drawn)
    assert set(firsts) == set(options["shape"])
    assert max(firsts.values()) - min(firsts.values()) <= 1
    assert len({second for _, second, _ in drawn}) >= 27
    assert len({third for _, _, third in drawn}) >= 35
    again = [one.index("shape", options["shape"], 0) for one in spread_sources({"shape": None}, 120, (0, "all"))]
    assert again == [first for first, _, _ in drawn]


def test_no_sweep_is_drawn_many_times_over(monkeypatch):
    drawn = Counter()
    real = plan.draw_with

    def counted(*arguments):
        drawn.update(["one"])
        return real(*arguments)

    monkeypatch.setattr(plan, "draw_with", counted)
    given = {"x": tensors(), "source": axis_tuples("x"), "to": axis_tuples("x", low=4)}
    crowded = case_of("x.movedim(source, to[:len(source)])", "np.moveaxis(x, source, to[:len(source)])", **given)
    made = list(plan.enumerated(crowded.inputs, 0))
    assert len(made) > 100
    assert drawn["one"] < sum(8 * sweep.limit + sweep.limit for sweep in plan.PLAN)
