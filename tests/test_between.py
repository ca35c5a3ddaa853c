"""Numbers from a range: half of them usual, the others anywhere in it."""

import pytest

from conformance import between, normals
from conformance.inputs import plan
from conformance.inputs.base import Drawing
from conformance.inputs.picker import Picker, Replay

ENOUGH = 400


def drawn(generator, seed=1):
    """Return what is drawn at random."""
    return [s.slots["rate"].value for s in plan.random_structures({"rate": generator}, seed, ENOUGH)]


def at(generator, *trace):
    """Return what the picks ``trace`` lead to."""
    return generator.draw("rate", Picker(source=Replay(trace=trace)), Drawing(seed=0)).value


def test_every_other_number_is_a_usual_one():
    found = drawn(between(0.001, 0.5, usual=(0.1, 0.01)))
    usual = sum(number in (0.1, 0.01) for number in found)
    assert 0.4 < usual / len(found) < 0.6
    assert len(set(found)) > len(found) / 3


def test_numbers_above_zero_are_spread_by_their_logarithm():
    found = drawn(between(1e-4, 1.0))
    assert all(1e-4 <= number <= 1 for number in found)
    assert 0.4 < sum(number < 1e-2 for number in found) / len(found) < 0.6


def test_numbers_from_zero_on_are_spread_evenly():
    found = drawn(between(0.0, 0.9))
    assert all(0 <= number <= 0.9 for number in found)
    assert 0.4 < sum(number < 0.45 for number in found) / len(found) < 0.6


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 0.123456), (0.0, 0.123446), (1.23456e-5, 7.0), (1, 3)])
def test_both_ends_can_be_drawn_and_nothing_lies_beyond(low, high):
    assert at(between(low, high), 0, 0) == low
    assert at(between(low, high), 0, -1) == high
    assert all(low <= number <= high for number in drawn(between(low, high)))


def test_the_simplest_is_the_first_usual_one():
    assert at(between(0.0, 1.0, usual=(0.9, 0.5))) == 0.9
    assert at(between(0.0, 1.0)) == 0.0


def test_the_plan_has_each_usual_number_and_others():
    inputs = {"x": normals(3), "rate": between(0.0, 1.0, usual=(0.9, 0.5))}
    found = {s.slots["rate"].value for _, s in plan.enumerated(inputs, 1)}
    assert found > {0.9, 0.5}


@pytest.mark.parametrize(
    ("arguments", "usual", "message"),
    [
        ((1.0, 1.0), (), "low must be less than high"),
        ((2.0, 1.0), (), "low must be less than high"),
        ((0.0, float("inf")), (), "both finite"),
        ((float("nan"), 1.0), (), "both finite"),
        ((0.0, 1.0), (0.5, 1.5), "the usual number 1.5 is not from 0.0 to 1.0"),
    ],
)
def test_what_is_no_range_is_refused(arguments, usual, message):
    with pytest.raises(ValueError, match=message):
        between(*arguments, usual=usual)


def test_it_is_shown_as_it_is_written():
    assert str(between(0.0, 0.5, usual=(0.1,))) == "between(0.0, 0.5, usual=(0.1,))"
    assert str(between(0.0, 0.5)) == "between(0.0, 0.5)"
