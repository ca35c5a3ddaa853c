"""The spread of a program's own results as a tolerance: who is inside, who is not, at which step, and in which part."""

import numpy as np
import pytest

from conformance import normals, spread, spreads, values
from conformance.spreads import outside

from .helpers import broken, case_of, findings

GROWING = """
path = []
for _ in range(6):
    x = x * 3
    path.append(x)
np.stack(path)
"""
TORCH = GROWING.replace("np.", "torch.")


def growing(tolerance=None, numpy=GROWING):
    return case_of(TORCH, numpy, x=normals(4), tolerance=tolerance or spread("x"))


def _outside(off, dtype="float32", tolerance=None):
    """Where the path is outside if its step ``off[0]`` is moved by ``off[1]`` units of ``dtype``."""
    case = growing(tolerance)
    given = np.ones(4, np.float32 if dtype == "bfloat16" else dtype)
    function = case.numpy.compile(["x"], {"np": np}, "<test>")
    got = function(given)
    step, units = off
    got[step, 1] += units * np.spacing(got[step, 1]) * (2**16 if dtype == "bfloat16" else 1)
    return outside(case, function, [given], got, dtype)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_a_step_is_inside_up_to_ten_times_the_spread(dtype):
    assert not _outside((0, 9), dtype).any()
    assert np.argwhere(_outside((0, 41), dtype)).tolist() == [[0, 1]]
    assert np.argwhere(_outside((5, 41), dtype)).tolist() == [[5, 1]]


def test_each_step_has_a_spread_of_its_own():
    given = np.array([1.0, 1.1, 1.2], np.float32)
    steps = lambda x: np.stack([x, 1000 * x])  # noqa: E731 - a program of two steps
    moved = steps(given) + np.float32(1e-4)
    assert outside(growing(), steps, [given], moved, "float32").tolist() == [[True] * 3, [False] * 3]


def test_the_floor_holds_where_nothing_spreads():
    tolerance = spread("x", floor=4)
    case = case_of("torch.ones_like(x)", "np.ones_like(x)", x=normals(3), tolerance=tolerance)
    step = np.spacing(np.float32(1))
    given = np.zeros(3, np.float32)
    for units, wrong in ((4, False), (5, True)):
        got = np.ones(3, np.float32) + np.float32(units) * step
        assert outside(case, np.ones_like, [given], got, "float32").all() == wrong


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_result_that_is_not_finite_is_outside(bad):
    case = growing()
    function = case.numpy.compile(["x"], {"np": np}, "<test>")
    given = np.ones(4, np.float32)
    got = function(given)
    got[2, 3] = bad
    assert np.argwhere(outside(case, function, [given], got, "float32")).tolist() == [[2, 3]]


def test_what_is_not_finite_spreads_nothing():
    want = np.array([[1.0, 2.0], [3.0, 4.0], [np.nan, 1.0]])
    others = [np.array([[1.5, 2.0], [np.inf, np.nan], [np.nan, 1.25]])]
    assert spreads.spread(want, others).tolist() == [[0.5, 0.5], [0, 0], [0.25, 0.25]]


def test_another_shape_is_outside():
    case = growing()
    assert outside(case, lambda x: x[:2], [np.ones(4, np.float32)], np.ones(4, np.float32), "float32").all()


def test_a_row_of_two_parts_is_judged_part_by_part():
    torch, numpy = TORCH.replace("torch.stack(path)", "{}, x.sum()"), GROWING.replace("np.stack(path)", "{}, x.sum()")
    right = case_of(
        torch.format("torch.stack(path)"), numpy.format("np.stack(path)"), x=normals(4), tolerance=spread("x")
    )
    assert not findings(right, "float32")
    wrong = case_of(
        torch.format("torch.stack(path) * 1.001"), numpy.format("np.stack(path)"), x=normals(4), tolerance=spread("x")
    )
    assert {check for check, _ in findings(wrong, "float32")} == {"value"}


@pytest.mark.parametrize(
    "fault",
    [
        TORCH.replace("x * 3", "x * 3.0001"),
        TORCH.replace("path.append(x)", "path.append(x.bfloat16().to(x.dtype))"),
        TORCH.replace("torch.stack(path)", "torch.stack(path)[[0, 1, 2, 3, 5, 5]]"),
    ],
)
def test_a_program_with_a_wrong_step_is_found(fault):
    assert not findings(growing(), "float32")
    assert {
        check for check, _ in findings(case_of(fault, GROWING, x=normals(4), tolerance=spread("x")), "float32")
    } == {"value"}


def test_rounding_alone_is_no_finding():
    case = case_of(TORCH.replace("x * 3", "x + x + x"), GROWING, x=normals(4), tolerance=spread("x"))
    assert not findings(case, "float64")


def test_inputs_that_are_no_floats_stay_where_they_are():
    program = GROWING.replace("range(6)", "range(n)")
    case = case_of(program.replace("np.", "torch."), program, x=normals(4), n=values(1, 6), tolerance=spread("x", "n"))
    assert not findings(case, "int64")
    assert not findings(case, "float32")


def test_a_spread_says_what_it_is_and_knows_its_inputs():
    assert "10 times" in str(spread("x"))
    assert "there is no such input" in broken("x + x", "x + x", x=normals(2), tolerance=spread("y")).error
    for wrong in ({"times": 0}, {"floor": -1}, {"starts": 0}):
        with pytest.raises(ValueError, match="name the inputs"):
            spread("x", **wrong)
    with pytest.raises(ValueError, match="name the inputs"):
        spread()


def test_complex_numbers_are_moved_in_both_parts():
    case = case_of(TORCH, GROWING, x=normals(4), tolerance=spread("x"))
    function = case.numpy.compile(["x"], {"np": np}, "<test>")
    given = np.full(4, 1 + 1j, np.complex64)
    got = function(given)
    got[3, 2] += 1e-2j
    assert np.argwhere(outside(case, function, [given], got, "complex64")).tolist() == [[3, 2]]
