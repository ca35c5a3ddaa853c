"""The bound that a row states as an expression: who is inside, who is not, and what a row must say."""

import numpy as np
import pytest

from conformance import Section, tensors, within
from conformance.bounds import outside
from conformance.case import BrokenCase, Case
from conformance.proof.damage import steps
from conformance.tolerance import EXACT


def _case(tolerance, torch="x.prod()", numpy="np.prod(x)"):
    section = Section("Planted")
    section.case(torch, numpy, x=tensors(), tolerance=tolerance)
    (case,) = section.cases
    return case


def _outside(tolerance, values, got, dtype="float32"):
    case = _case(tolerance)
    assert isinstance(case, Case)
    carried = np.float32 if dtype == "bfloat16" else dtype
    return outside(case, np.prod, [np.array(values, carried)], np.array(got, carried), dtype)


RELATIVE = within("x.size * u * np.abs(exact)", "one rounding for each factor")


def test_a_result_is_inside_up_to_the_bound_and_one_rounding():
    step = np.spacing(np.float32(6))
    assert not _outside(RELATIVE, [2, 3], 6 + step)
    assert _outside(RELATIVE, [2, 3], 6 + 3 * step)


def test_nan_and_infinity_must_be_met():
    assert _outside(RELATIVE, [2, 3], np.nan)
    assert _outside(RELATIVE, [np.nan, 3], 3)
    assert not _outside(RELATIVE, [np.inf, 3], np.inf)


def test_the_sign_of_a_zero_is_judged_where_the_truth_is_zero_itself():
    assert _outside(RELATIVE, [-0.0, 3], 0.0)
    assert not _outside(RELATIVE, [-0.0, 3], -0.0)
    assert not _outside(RELATIVE, [0j, 3], complex(-0.0, 0), "complex64")


def test_a_result_that_underflows_may_be_a_zero_of_either_sign():
    small = within("tiny", "below the normal numbers")
    assert not _outside(small, [1e-30, -1e-30], 0.0)


def test_where_the_accumulator_may_overflow_no_finite_result_is_asked_for():
    careful = within("0", "nothing is rounded", overflow="np.prod(np.maximum(np.abs(x), 1))")
    assert not _outside(careful, [1e30, 1e30, 0], np.nan)
    assert _outside(careful, [1e3, 1e3, 0], np.nan)


def test_what_overflows_on_the_way_alike_on_both_sides_is_right_though_the_truth_is_another():
    """1e30 squared is infinite in float32, and a quotient by it 0, whatever it would be with wider numbers."""

    def quotient(x):
        return x / np.square(x)

    careful = within("0", "nothing is rounded", overflow="np.square(x)")
    case = _case(careful, "x / x.square()", "x / np.square(x)")
    x = np.array([1e30, 1e3], np.float32)
    seen = [
        outside(case, quotient, [x], np.array(got, np.float32), "float32").tolist() for got in ([0, 1e-3], [1e-20, 0])
    ]
    assert seen == [[False, False], [True, True]]


def test_what_is_infinite_on_one_side_is_not_alike_however_wide_the_bound():
    wide = within("np.abs(x)", "as large as x", overflow="np.abs(x)")
    case = _case(wide, "x * 2", "x * 2")
    x, most = np.array([np.inf], np.float32), np.finfo(np.float32).max
    assert outside(case, lambda x: x * 2, [x], np.array([most]), "float32").all()


def test_the_accumulator_of_16_bits_is_float32_unless_the_row_says_narrow():
    narrow = within("x.size * u * np.abs(exact)", "each step is rounded", narrow=True)
    off = 1 + 3 * 2.0**-11
    assert _outside(RELATIVE, [1, 1, 1, 1], off, "float16")
    assert not _outside(narrow, [1, 1, 1, 1], off, "float16")


def test_complex_results_are_judged_by_their_distance():
    assert not _outside(RELATIVE, [1j, 1j], complex(-1, 1e-7), "complex64")
    assert _outside(RELATIVE, [1j, 1j], complex(-1, 1e-6), "complex64")


def test_a_bound_says_what_it_is_and_knows_its_names():
    assert "one rounding for each factor" in str(RELATIVE)
    with pytest.raises(ValueError, match="where it comes from"):
        within("u", "")
    broken = _case(within("y * u", "a name that there is not"))
    assert isinstance(broken, BrokenCase)
    assert "'y'" in broken.error


def test_a_fault_is_large_enough_to_be_outside():
    import torch

    assert steps(RELATIVE, torch.float32) > steps(EXACT, torch.float32)


def test_an_unsigned_bound_takes_either_zero():
    signed, unsigned = (within("0 * np.sum(x)", "nothing is rounded", unsigned=either) for either in (False, True))
    assert _outside(signed, [0, 3], -0.0)
    assert not _outside(unsigned, [0, 3], -0.0)
    assert not _outside(signed, [0, 3], 0.0)


def test_a_bound_that_fails_says_nothing_only_where_numpy_refuses():
    fails = within("x.no_such_attribute", "a mistake of the row")
    with pytest.raises(Exception, match="no_such_attribute"):
        _outside(fails, [2, 3], 6)
    case = _case(fails)
    refused = [np.array("text"), np.array([6.0], np.float32), "float32"]
    assert outside(case, lambda _: np.float32([6.0]), refused[:1], *refused[1:]).all()
