"""Which units benchmarks/calm.py says to waver with the seed."""

import pytest

from .helpers import script

UNIT = ("shape/squeeze", "uint16", "cpu")


@pytest.fixture(scope="module")
def calm():
    """The script, as a module."""
    with script("calm") as module:
        yield module


def outcomes(calm, *seen):
    """Return runs of a budget, in which the unit had a verdict."""
    return [
        calm.Outcome(seed, budget, 1.0, {UNIT: verdict}, {UNIT: "parts"} if verdict == "differs" else {})
        for seed, (budget, verdict) in enumerate(seen)
    ]


@pytest.mark.parametrize(
    ("seen", "wavers"),
    [
        (((5, "agrees"), (5, "agrees")), False),
        (((5, "agrees"), (5, "differs as declared")), True),
        (((25, "agrees"), (25, "differs as declared")), True),
        (((5, "numpy only"), (5, "differs as declared"), (25, "numpy only")), False),
        (((5, "numpy only"), (5, "both refuse"), (5, "agrees")), False),
        (((25, "numpy only"), (25, "both refuse")), True),
        (((5, "numpy only"), (5, "differs")), True),
        (((5, "numpy only"), (5, "not run")), True),
    ],
)
def test_a_unit_wavers_where_its_verdict_depends_on_the_seed_and_not_on_how_many_inputs_there_were(calm, seen, wavers):
    told = calm.wavering(outcomes(calm, *seen))
    assert bool(told) is wavers
    assert all("shape/squeeze uint16 cpu" in line for line in told)


def test_what_failed_is_told_with_its_runs(calm):
    (line,) = calm.undeclared(outcomes(calm, (5, "agrees"), (25, "differs")))
    assert line == "differs: shape/squeeze uint16 cpu: 1 of 2 runs, first with seed 1, budget 25: parts"


def test_a_run_tells_what_it_found(calm):
    quiet, loud = outcomes(calm, (5, "agrees"), (25, "differs"))
    assert calm.progress(quiet) == "seed 0, budget 5: 1 s, 0 failed"
    assert calm.progress(loud) == "seed 1, budget 25: 1 s, 1 failed\n    shape/squeeze uint16 cpu: parts"
