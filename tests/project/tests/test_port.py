"""Their tests."""

from porting import scaled, scaled_numpy, standardised, standardised_numpy

from conformance import assert_equivalent, axes, tensors

GIVEN = {"x": tensors(ndim=(1, 2), domain="small"), "dim": axes("x")}


def test_right():
    """The right port."""
    assert_equivalent(standardised, standardised_numpy, given=GIVEN)


def test_wrong():
    """The wrong one: the absolute value was forgotten."""
    assert_equivalent(scaled, scaled_numpy, given=GIVEN)
