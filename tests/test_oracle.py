"""The truth: what 160 bits and wider floats say, where neither knows, and errors told in units in the last place."""

import math

import numpy as np
import pytest

from conformance import broadcastable, linear, oracle, precise, tensors
from conformance.oracle import Exact, Oracle, ulps
from conformance.truth import linear_bound

from .helpers import case_of

X = tensors(ndim=1)


def asked(numpy: str, **inputs) -> Oracle:
    return Oracle(case_of("torch.zeros(())", numpy, **(inputs or {"x": X})), ("cpu",))


def exact(values, low=0.0) -> Exact:
    high = np.asarray(values)
    return Exact(high=high, low=np.full(high.shape, low))


# The functions whose value is known to 160 bits, on numbers where float64 has them right to an ulp or two.
NEAR = (
    *(
        [
            "exp",
            "exp2",
            "expm1",
            "log",
            "log2",
            "log10",
            "log1p",
            "sqrt",
            "cbrt",
            "square",
            "sin",
            "cos",
            "tan",
            "arctan",
            "sinh",
            "cosh",
            "tanh",
            "arcsinh",
        ]
    ),
    *(
        [
            "reciprocal",
            "sign",
            "floor",
            "ceil",
            "trunc",
            "rint",
            "deg2rad",
            "rad2deg",
            "sinc",
            "arcsin",
            "arccos",
            "arctanh",
            "absolute",
            "negative",
        ]
    ),
    *(["positive", "arccosh"]),
)


@pytest.mark.parametrize("name", NEAR)
def test_160_bits_say_what_numpy_says(name):
    x = np.array([1.25, 2.0, 17.5]) if name == "arccosh" else np.array([0.75, -0.3, 1e-9, 0.5])
    with np.errstate(all="ignore"):
        usual = getattr(np, name)(x)
    found = asked(f"np.{name}(x)").precise([x])
    np.testing.assert_allclose(found.high, usual, rtol=1e-15, equal_nan=True)


PAIRS = (
    "add subtract multiply divide floor_divide remainder fmod power hypot arctan2 maximum minimum logaddexp fmax fmin"
)


@pytest.mark.parametrize("name", PAIRS.split())
def test_160_bits_of_pairs(name):
    x, y = np.array([7.5, -7.5, 0.25, 2.0]), np.array([2.0, 2.0, -0.75, -3.0])
    with np.errstate(all="ignore"):
        usual = getattr(np, name)(x, y)
    found = asked(f"np.{name}(x, y)", x=X, y=broadcastable("x")).precise([x, y])
    np.testing.assert_allclose(found.high, usual, rtol=1e-15, equal_nan=True)


@pytest.mark.parametrize(
    ("numpy", "x", "value"),
    [
        ("np.log(x)", 0.0, -np.inf),
        ("np.log(x)", -1.0, np.nan),
        ("np.sqrt(x)", -1.0, np.nan),
        ("np.sin(x)", np.inf, np.nan),
        ("1 / x", 0.0, np.inf),
        ("x % 0", 1.0, np.nan),
        ("x // 4", 1e300, 1e300 / 4),
        ("x ** 0", np.inf, 1.0),
        ("x ** -1", 0.0, np.inf),
        ("np.arctanh(x)", 1.0, np.inf),
        ("np.vectorize(math.lgamma)(x)", -3.0, np.inf),
        ("np.vectorize(math.lgamma)(x)", 1.5, math.lgamma(1.5)),
    ],
)
def test_where_functions_end(numpy, x, value):
    np.testing.assert_allclose(asked(numpy).precise([np.array([x])]).high, [value], rtol=1e-14)


def test_a_remainder_of_numbers_far_apart_is_exact():
    found = asked("x % 3").precise([np.array([1e300])])
    assert found.high == [int(1e300) % 3]


def test_what_is_missing_to_the_nearest_float_is_kept():
    found = asked("x / 3").precise([np.array([1.0])])
    assert found.high + found.low == 1 / 3
    assert found.low == pytest.approx(1 / 3 * 2.0**-54, rel=1e-3)
    wide = asked("x / 3").wide([np.array([1.0])], "float64")
    if wide is not None:
        assert wide.low == pytest.approx(found.low, rel=1e-3)


@pytest.mark.parametrize("numpy", ["np.pad(x, 1)", "out = np.pad(x, 1)\nout[0] = np.asarray(0 * x[0])\nout"])
def test_numbers_that_numpy_puts_beside_those_of_160_bits_are_read(numpy):
    """It pads with numbers of its own, and assigns an array of no axes as an element."""
    told = asked(numpy).precise([np.array([1 + 2j])])
    assert told is not None
    assert told.high.tolist() == [0, 1 + 2j, 0]


def test_what_is_no_number_is_not_known():
    """NumPy's vdot of no objects is None."""
    assert asked("np.vdot(x, x)").precise([np.zeros(0, complex)]) is None


def test_complex_numbers_keep_small_parts():
    found = asked("np.log1p(x)")([np.array([1e-20 + 1e-30j])], "complex128")
    assert found.high == pytest.approx(1e-20 + 1e-30j, rel=1e-15)


NOWHERE = ("x.astype(np.float32)", "np.nextafter(x, 1)", "np.spacing(x)", "np.no_such(x)", "x > 1")


@pytest.mark.parametrize("numpy", NOWHERE)
def test_no_truth_is_known_rather_than_a_narrow_one(numpy):
    assert asked(numpy)([np.array([0.1, 0.2])], "float64") is None


def test_python_s_own_functions_are_no_truth_of_float64():
    """Python's lgamma is off by millions of ulp near 1, in whatever dtype its result is put."""
    x = np.array([1.0000000000000002])
    found = asked("np.vectorize(math.lgamma, otypes=[x.dtype])(x)")([x], "float64")
    assert found.high == pytest.approx(-0.5772156649015329 * 2.0**-52, rel=1e-12)


@pytest.mark.parametrize(("dtype", "step"), [("float16", 2.0**-10), ("bfloat16", 2.0**-7), ("float32", 2.0**-23),
                                             ("float64", 2.0**-52), ("complex64", 2.0**-23)])  # fmt: skip
def test_the_unit_in_the_last_place(dtype, step):
    assert oracle.unit(np.array([1.5]), dtype) == [step]
    assert oracle.unit(np.array([4.0]), dtype) == [4 * step]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_unit_at_both_ends(dtype):
    from conformance import dtype as dt

    most = dt.largest(dtype)
    assert oracle.unit(np.array([0.0]), dtype) == [dt.tiny(dtype)]
    assert oracle.unit(np.array([most]), dtype) == [most * dt.roundoff(dtype) * 2 / (2 - 2 * dt.roundoff(dtype))]
    assert oracle.unit(np.array([np.inf]), dtype) == oracle.unit(np.array([most]), dtype)


@pytest.mark.parametrize(
    ("got", "true", "low", "error"),
    [
        (1.0, 1.0, 0.0, 0),
        (1 + 2.0**-23, 1.0, 0.0, 1),
        (1.0, 1.0, 2.0**-24, 0.5),
        (np.nan, np.nan, 0.0, 0),
        (np.nan, 1.0, 0.0, np.inf),
        (np.inf, 1.0, 0.0, np.inf),
        (np.inf, np.inf, 0.0, 0),
        (-np.inf, np.inf, 0.0, np.inf),
        (np.inf, 3.5e38, 0.0, 0),
        (np.inf, 3.4028234e38, 0.0, np.inf),
        (-0.0, 0.0, 0.0, 0),
    ],
)
def test_errors_in_ulp(got, true, low, error):
    assert ulps(np.array([got], np.float32), exact([true], low), "float32") == [error]


def test_errors_of_complex_numbers_are_those_of_their_magnitude():
    got = np.array([3 + 4j, complex(np.inf, np.nan)], np.complex64)
    assert ulps(got, exact([3 + 4j + 2 * 2.0**-21, complex(np.inf, 1)]), "complex64").tolist() == [2, 0]


@pytest.mark.parametrize(
    ("error", "words"), [(0.0, "0 ulp"), (0.523, "0.52 ulp"), (1234.4, "1234 ulp"), (2e9, "2.0e+09 ulp")]
)
def test_errors_in_words(error, words):
    assert oracle.pronounced(error) == words


def test_another_kind_of_number_in_words():
    assert oracle.pronounced(math.inf) == "of another kind"


def test_numbers_are_taken_over_exactly():
    x = np.array([[0.1, -1e-310], [np.inf, 3.0]])
    high, low = precise.split(precise.precise(x))
    assert high.tolist() == x.tolist()
    assert not low.any()


def test_real_numbers_and_a_complex_one_are_taken_for_complex():
    found = asked("np.where(x > 1, x, 2j)").precise([np.array([0.5, 1.5])])
    assert found.high.tolist() == [2j, 1.5]


@pytest.mark.parametrize("shape", [(), (1,), (2, 0), (2, 3)])
@pytest.mark.parametrize("value", [1.5, 1.5 + 2j])
def test_truth_of_any_shape(shape, value):
    found = asked("np.exp(x)").precise([np.full(shape, value)])
    assert found.high.shape == found.low.shape == shape
    np.testing.assert_allclose(found.high, np.exp(np.full(shape, value)), rtol=1e-15)


@pytest.mark.parametrize(
    ("y", "value"), [(0.5, np.inf), (3.0, -np.inf), (2.0, np.inf), (-1.0, 0.0), (-0.5, 0.0), (0.0, 1.0)]
)
def test_powers_of_minus_infinity_are_those_of_c99(y, value):
    found = asked("x ** y", x=X, y=broadcastable("x")).precise([np.array([-np.inf]), np.array([y])])
    assert found.high == [value]


@pytest.mark.parametrize(
    ("got", "want", "distance"),
    [(np.inf, 3.4028235e38, 1), (-np.inf, -3.4028235e38, 1), (3.4028235e38, np.inf, np.inf)],
)
def test_an_infinity_that_is_given_follows_the_largest_number(got, want, distance):
    apart = oracle.apart(np.array([got], np.float32), np.array([want], np.float32), "float32")
    assert apart == pytest.approx([distance], rel=0.1)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_mean_of_a_subnormal_may_be_rounded_to_zero(dtype):
    least = float(np.finfo(dtype).smallest_subnormal)
    bound = linear_bound(np.mean, [np.array([-least, 0.0, 0.0], dtype)], dtype, linear(roundings=1))
    assert not bound.excludes(np.array(-0.0, dtype), dtype)
    assert bound.excludes(np.array(-2 * least, dtype), dtype)
