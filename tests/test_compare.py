"""Values: what counts as the same, and how far apart is too far, on both sides of every boundary."""

import numpy as np
import pytest

from conformance.compare import class_of, differing, rounded_reference, same_bytes
from conformance.dtype import round_to_bfloat16
from conformance.tolerance import EXACT, Linear, linear, ulp
from conformance.truth import Bound, linear_bound, truth

INF, NAN = np.inf, np.nan
ONE, TWO = ulp(1, "a test"), ulp(2, "a test")


def one(value, dtype="float32"):
    return np.array([value], dtype)


def after(value, dtype="float32", steps=1):
    """The number that lies so many steps above, or below where steps are negative."""
    number = np.array([value], dtype)
    for _ in range(abs(steps)):
        number = np.nextafter(number, np.array(INF if steps > 0 else -INF, dtype))
    return number


def differs(got, want, tolerance=EXACT, **options) -> bool:
    return bool(differing(got, want, tolerance, **options).any())


@pytest.mark.parametrize(
    ("got", "want", "apart"),
    [
        (NAN, NAN, False),
        (NAN, 0.0, True),
        (0.0, NAN, True),
        (0.0, 0.0, False),
        (0.0, -0.0, True),
        (-0.0, 0.0, True),
        (INF, INF, False),
        (INF, -INF, True),
        (INF, NAN, True),
        (INF, 3e38, True),
        (1.0, 1.0, False),
        (1.0, -1.0, True),
    ],
)
@pytest.mark.parametrize("tolerance", [EXACT, TWO, linear()])
def test_classes_of_floats(got, want, apart, tolerance):
    assert differs(one(got), one(want), tolerance) is apart


def test_nan_of_another_payload_is_nan():
    quiet, other = np.array([0x7FC00000, 0xFFC00001], np.uint32).view(np.float32)
    assert not differs(one(quiet), one(other))
    assert not same_bytes(one(quiet), one(other))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("value", [1.0, 3.0, 1.9, 0.1])
def test_an_ulp_is_the_distance_to_the_next_number(dtype, value):
    assert not differs(after(value, dtype), one(value, dtype), ONE)
    assert differs(after(value, dtype), one(value, dtype))
    assert differs(after(value, dtype, 2), one(value, dtype), ONE)
    assert not differs(after(value, dtype, 2), one(value, dtype), TWO)


def test_at_a_power_of_two_the_ulp_is_the_one_above():
    """Below 1 numbers lie twice as close: two steps down are one ULP of 1, three are not."""
    assert not differs(after(1, steps=-2), one(1), ONE)
    assert differs(after(1, steps=-3), one(1), ONE)
    assert differs(after(1, steps=2), one(1), ONE)
    assert not differs(one(1), after(1, steps=-1), ONE)
    assert differs(one(1), after(1, steps=-2), ONE)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_subnormals_have_the_smallest_spacing(dtype):
    least = np.finfo(dtype).smallest_subnormal
    assert not differs(one(2 * least, dtype), one(least, dtype), ONE)
    assert differs(one(3 * least, dtype), one(least, dtype), ONE)
    assert not differs(one(0, dtype), one(least, dtype), ONE)
    assert differs(one(0, dtype), one(2 * least, dtype), ONE)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_within_a_tolerance_infinity_follows_the_largest_number(dtype):
    most, before = np.finfo(dtype).max, np.nextafter(np.finfo(dtype).max, np.asarray(0, dtype))
    for got, want in ((INF, most), (-INF, -most)):
        assert not differs(one(got, dtype), one(want, dtype), ONE)
        assert differs(one(got, dtype), one(want, dtype), ulp(0.5, "a test"))
        assert differs(one(want, dtype), one(got, dtype), ONE)
    assert differs(one(INF, dtype), one(before, dtype), ONE)
    assert not differs(one(INF, dtype), one(before, dtype), TWO)


def test_the_largest_bfloat16_is_one_ulp_from_infinity():
    most = np.array([0x7F7F0000], np.uint32).view(np.float32)
    assert not differing(one(INF), most, ONE, bfloat16=True).any()
    assert differing(one(INF), most * np.float32(0.99), ONE, bfloat16=True).any()


def test_a_tolerance_for_some_dtypes_leaves_the_others_exact():
    only = ulp(2, "a test", dtypes=("float64",))
    assert not differs(after(1, "float64"), one(1, "float64"), only)
    assert differs(after(1), one(1), only)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64"])
def test_integers_and_bools_know_no_tolerance(dtype):
    assert differs(np.array([0], dtype), np.array([1], dtype), ulp(1000, "a test"))
    assert not differs(np.array([1], dtype), np.array([1], dtype))


def test_large_integers_are_not_compared_as_floats():
    assert differs(np.array([2**62 + 1]), np.array([2**62]), TWO)


@pytest.mark.parametrize(
    ("got", "want", "apart"),
    [
        (complex(0.0, -0.0), complex(-0.0, 0.0), False),
        (complex(NAN, 1), complex(NAN, 1), False),
        (complex(NAN, 1), complex(NAN, 2), True),
        (complex(INF, 1), complex(INF, 1), False),
        (complex(INF, 1), complex(INF, NAN), True),
        (1 + 1j, 1 - 1j, True),
    ],
)
def test_exact_complex_numbers_go_by_part(got, want, apart):
    assert differs(one(got, "complex64"), one(want, "complex64")) is apart


@pytest.mark.parametrize(
    ("got", "want", "apart"),
    [
        (complex(INF, NAN), complex(1, INF), False),  # an infinity is infinite in whichever part
        (complex(NAN, 1), complex(1, NAN), False),
        (complex(NAN, 1), complex(INF, 1), True),
        (complex(INF, 0), complex(1e38, 0), True),
        (complex(1, 1e-9), complex(1, 0), False),  # small beside the magnitude
        (complex(1, 1e-6), complex(1, 0), True),
    ],
)
def test_complex_numbers_with_a_tolerance_go_by_class_and_magnitude(got, want, apart):
    assert differs(one(got, "complex64"), one(want, "complex64"), TWO) is apart


def test_bfloat16_is_exact_and_counts_its_own_ulps():
    def held(number):
        return round_to_bfloat16(one(number))

    assert not differs(held(1 + 2**-7), held(1 + 2**-7), bfloat16=True)
    assert differs(held(1 + 2**-7), held(1), bfloat16=True)
    assert not differs(held(1 + 2**-6), held(1), TWO, bfloat16=True)
    assert differs(held(0.0), held(-0.0), bfloat16=True)


@pytest.mark.parametrize(
    ("bits", "rounded"),
    [
        (0x3F808000, 0x3F800000),  # ties go to even: down
        (0x3F818000, 0x3F820000),  # and up
        (0x3F808001, 0x3F810000),
        (0x3F807FFF, 0x3F800000),
        (0x7F7FFFFF, 0x7F800000),  # beyond the largest: infinite
        (0x00000001, 0x00000000),
        (0x80000001, 0x80000000),
    ],
)
def test_rounding_to_bfloat16(bits, rounded):
    value = np.array([bits], np.uint32).view(np.float32)
    assert round_to_bfloat16(value).view(np.uint32)[0] == rounded


def test_bfloat16_nan_and_rank():
    assert np.isnan(round_to_bfloat16(one(NAN))).all()
    assert round_to_bfloat16(np.array(1.0, np.float32)).shape == ()


def test_only_float32_references_are_rounded():
    third = one(1 / 3)
    assert rounded_reference(third, bfloat16=True)[0] != third[0]
    assert rounded_reference(third, bfloat16=False) is third
    assert rounded_reference(np.array([3]), bfloat16=True).dtype == np.int64
    assert rounded_reference(np.array([1 + 2**-9]), bfloat16=True)[0] == 1


def bound(values, dtype, expression=np.sum, tolerance: Linear = linear()):  # noqa: B008 - frozen
    return linear_bound(expression, [np.array(values, dtype)], dtype, tolerance)


def is_outside(got, bounds, dtype) -> bool:
    return bool(bounds.excludes(np.asarray(got, dtype), dtype).any())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("values", [[1.0] * 100, [2.0, -1.0, 0.5] * 9, [0.0] * 3 + [64.0]])
def test_sums_of_halves_are_exact_in_any_order(dtype, values):
    bounds = bound(values, dtype)
    right = np.sum(np.array(values, np.float64))
    assert not is_outside(right, bounds, dtype)
    assert is_outside(after(right, dtype, 2)[0], bounds, dtype)
    assert is_outside(after(right, dtype, -2)[0], bounds, dtype)


def test_a_sum_that_rounds_has_the_bound_of_its_accumulator():
    values = [0.1] * 1000
    assert not is_outside(np.float32(100.0), bound(values, "float32"), "float32")
    assert not is_outside(after(100, steps=3)[0], bound(values, "float32"), "float32")
    assert is_outside(np.float32(100.1), bound(values, "float32"), "float32")


def test_a_float16_sum_accumulated_in_float16_is_outside():
    values = np.full(2000, 0.1, np.float16)
    slow = np.float16(0)
    for value in values:
        slow = np.float16(slow + value)
    bounds = bound(values, "float16")
    assert is_outside(slow, bounds, "float16")
    assert not is_outside(values.astype(np.float32).sum().astype(np.float16), bounds, "float16")


def test_a_mean_has_one_rounding_more():
    bounds = bound([1.0, 2.0, 4.0], "float32", np.mean, linear(roundings=1))
    assert not is_outside(np.float32(7 / 3), bounds, "float32")
    assert is_outside(after(7 / 3, steps=1)[0], bounds, "float32")  # the sum is exact: one rounding, of the division


@pytest.mark.parametrize(
    ("got", "exact", "apart"),
    [
        (INF, INF, False),
        (INF, NAN, True),
        (NAN, NAN, False),
        (-INF, INF, True),
        (1.0, INF, True),
        (INF, 3.5e38, False),  # beyond the largest float32
        (-INF, 3.5e38, True),
        (INF, 1e38, True),
        (NAN, 1e38, True),
    ],
)
def test_the_ends_of_the_range(got, exact, apart):
    bounds = Bound(exact=np.array(exact, np.float64), allowed=np.array(0.0), may_overflow=np.zeros((), bool))
    assert is_outside(np.float32(got), bounds, "float32") is apart


def test_where_a_partial_sum_may_overflow_the_result_is_not_finite_or_right():
    assert not is_outside(np.float32(NAN), bound([3e38, 3e38, -3e38], "float32"), "float32")
    assert is_outside(np.float32(NAN), bound([3e37, 3e37, -3e37], "float32"), "float32")
    assert is_outside(np.float32(42), bound([3e38, 3e38, -3e38], "float32"), "float32")


@pytest.mark.parametrize(("got", "apart"), [(NAN, False), (0.0, True), (INF, True)])
def test_the_mean_of_nothing_is_nan_and_exactly_so(got, apart):
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        bounds = bound([], "float32", np.mean, linear(roundings=1))
    assert is_outside(np.float32(got), bounds, "float32") is apart


@pytest.mark.parametrize("value", [0.1, -3.0])
def test_the_sum_of_one_number_without_axes_has_a_bound(value):
    bounds = bound(value, "float32")
    assert not is_outside(np.float32(value), bounds, "float32")
    assert is_outside(np.float32(value + 1), bounds, "float32")


@pytest.mark.parametrize(
    ("value", "word"),
    [(NAN, "nan"), (-INF, "infinite"), (0.0, "zero"), (-0.0, "zero"), (3, "finite"), (complex(0, NAN), "nan")],
)
def test_words_for_kinds_of_numbers(value, word):
    assert class_of(value) == word


@pytest.mark.parametrize("kind", ["float32", "complex64"])
def test_a_dtype_among_the_arguments_does_not_keep_the_truth_narrow(kind):
    """Taken as it is, the sum of the truth would overflow where the result's own may not."""
    values = np.array([3e38, 3e38, -3e38], np.float32)
    assert truth(lambda x, dtype: np.sum(x, dtype=dtype), [values, np.dtype(kind)]) == np.float32(3e38)


def test_a_dtype_of_integers_among_the_arguments_stays():
    assert truth(lambda x, dtype: np.sum(x, dtype=dtype), [np.ones(2), np.dtype("int64")]).dtype == np.int64


def test_the_largest_number_has_neighbours_within_ulps():
    largest = np.finfo(np.float32).max
    assert not differs(np.nextafter(one(largest), np.float32(0)), one(largest), ONE)
    assert differs(one(largest * 0.99), one(largest), ONE)


def test_the_magnitude_of_a_complex_number_may_overflow():
    large = np.array([complex(3.4e38, 3.4e38)], np.complex64)
    near, far = (np.nextafter(large.real, 0) + 1j * large.imag, large * np.float32(0.99))
    assert np.isinf(np.abs(large)).all()
    assert not differing(near.astype(np.complex64), large, ulp(2, "a test")).any()
    assert differing(far.astype(np.complex64), large, ulp(2, "a test")).all()
