"""Crowded sweeps of the plan are dealt out among the dtypes: neighbours have all between them, none loses a corner."""

from conformance import axes, batches, tensors
from conformance.inputs import plan

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
    assert of("int32") != of("int64")
    assert of("int32") | of("int64") == everything
    assert of("float16") == of("float64")
    share = len(of("int32")) / len(everything)
    assert 0.5 < share < 0.9


def test_what_is_not_dealt_goes_to_all():
    kept = keys(structure for sweep, structure in batches._planned(CASE, 0) if not sweep.dealt)
    assert kept <= of("int32") & of("int64")
    assert {"lengths", "layouts", "relations", "refused", "long"} <= {s.name for s in plan.PLAN if not s.dealt}


def test_the_next_seed_turns_them_round():
    halves = [
        {number for number, (_, kept) in enumerate(plan.enumerated(CASE.inputs, 0)) if kept in chosen}
        for chosen in (plan.dealt_to(plan.enumerated(CASE.inputs, 0), turn) for turn in (0, 1))
    ]
    assert halves[0] | halves[1] == set(range(len(list(plan.enumerated(CASE.inputs, 0)))))
    assert halves[0] != halves[1]


def test_a_large_budget_and_a_case_without_dtypes_have_all():
    assert of("int32", budget=50) == keys(batches.structures(CASE, 0))
    fixed = case_of("x + 1", "x + 1", x=tensors(dtypes=("float32",)))
    made = [one.structure for one in batches.batches(fixed, "-", 0, 25) if not one.structure.random]
    assert len(made) == len(batches.structures(fixed, 0))
