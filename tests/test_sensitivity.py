"""Cases are shown able to fail: what mutants and faults are, who notices them, and what a survivor looks like."""

import numpy as np
import pytest
import torch

from conformance import (
    UNDEFINED,
    Difference,
    Raises,
    axes,
    broadcastable,
    joinable,
    linear,
    tensors,
    ulp,
    values,
)
from conformance.inputs import layouts
from conformance.proof import sensitivity
from conformance.proof.conditions import CONDITIONS
from conformance.proof.damage import negated, stepped, steps
from conformance.proof.faults import FAULTS, UNCHANGED, Faulty, wrong
from conformance.proof.laboratory import FailsAnywayError
from conformance.proof.mutate import mutants
from conformance.tolerance import EXACT

from .helpers import FLOAT, case_of

NEXT = "(d + 1) % max(x.ndim + 0, 1)"


def texts(numpy: str, **inputs) -> set[str]:
    used = {"x": tensors(ndim=(1, 4)), **inputs}
    return {m.text for m in mutants(case_of("torch.zeros(())", numpy, **used))}


@pytest.mark.parametrize(
    ("numpy", "inputs", "expected"),
    [
        ("x - y", {"y": broadcastable("x")}, {"x + y", "y - x"}),
        ("x + y", {"y": broadcastable("x")}, {"x - y"}),
        ("-x", {}, {"x"}),
        ("x.copy()", {}, {"x"}),
        ("np.sum(x, keepdims=True)", {}, {"np.sum(x)", "np.sum(x, keepdims=False)", "np.nansum(x, keepdims=True)"}),
        ("x.sum(2)", {}, {"x.sum(3)"}),
        ("x.take(0, d)", {"d": axes("x")}, {"x.take(d, 0)", "x.take(1, d)", f"x.take(0, {NEXT})", "x.take(0, -1 - d)"}),
        ("x.astype(np.int8)", {}, {"x.astype(np.int16)"}),
        ("x.reshape(-1, order='F')", {}, {"x.reshape(-1)", "x.reshape(-2, order='F')"}),
        ("np.stack([x, y])", {"y": broadcastable("x")}, {"np.stack([y, x])", "np.concatenate([x, y])"}),
        ("x < 0.5", {}, {"x <= 0.5", "x < 1.5"}),
        ("x.sum() + np.sum(x)", {}, {"x.sum() - np.sum(x)", "x.sum() + np.nansum(x)"}),
        ("len(x)", {}, set()),
    ],
)  # fmt: skip
def test_mutants_of_an_expression(numpy, inputs, expected):
    assert texts(numpy, **inputs) == expected


def test_mutants_of_a_list():
    found = texts("np.concatenate(xs, axis=dim) + x.size", xs=joinable("dim"), dim=axes("xs"))
    assert "np.concatenate(xs[::-1], axis=dim) + x.size" in found
    assert "np.concatenate(xs, axis=(dim + 1) % max(xs[0].ndim + 0, 1)) + x.size" in found


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("value", [1.0, -3.0, 1e-3])
def test_a_step_is_one_unit_in_the_last_place(dtype, value):
    one = torch.tensor([value], dtype=dtype)
    assert torch.equal(stepped(one, 1), torch.nextafter(one, one * 2))
    assert torch.equal(stepped(stepped(one, 1), 1), stepped(one, 2))


def test_a_step_of_other_values():
    assert stepped(torch.tensor([True, False]), 1).tolist() == [False, True]
    assert stepped(torch.tensor([2, 3, -1]), 1).tolist() == [3, 2, -2]
    assert stepped(torch.tensor([torch.inf, torch.nan]), 1).tolist() == [0, 0]
    (moved,) = stepped(torch.tensor([3 + 4j], dtype=torch.complex128), 1)
    assert moved.imag == 4
    assert moved.real == 3 + 2 * np.spacing(5.0)


@pytest.mark.parametrize(
    ("tolerance", "least"), [(EXACT, 1), (ulp(2, "a test"), 5), (linear(), 2), (linear(roundings=1), 4)]
)
def test_a_fault_is_just_over_twice_what_is_allowed(tolerance, least):
    assert steps(tolerance, torch.float32) == steps(tolerance, torch.bfloat16) == least


@pytest.mark.parametrize(
    ("name", "given", "made"),
    [
        ("last element off", [1, 2, 3], [1, 2, 2]),
        ("first element off", [1, 2, 3], [0, 2, 3]),
        ("every element off", [1, 2, 3], [0, 3, 2]),
        ("an element zeroed", [0, 2, 3], [0, 0, 3]),
        ("negated", [1.0, -2.0], [-1.0, 2.0]),
        ("NaN ignored", [1.0, torch.nan], [1.0, 0.0]),
        ("infinity is the largest", [-torch.inf, 1.0], [-torch.finfo(torch.float32).max, 1.0]),
        ("subnormals flushed", [1e-40, 1.0], [0.0, 1.0]),
        ("rounded to a narrower dtype", [1.001, 1.0], [1.0, 1.0]),
    ],
)
def test_faults_of_values(name, given, made):
    check, fault = FAULTS[name]
    assert check == "value"
    assert fault(torch.tensor(given), [], EXACT).tolist() == made


def test_a_lost_sign_of_zero():
    _, fault = FAULTS["sign of zero lost"]
    assert torch.signbit(fault(torch.tensor([0.0, -0.0, -1.0]), [], EXACT)).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("NaN ignored", torch.ones(2)),
        ("an element zeroed", torch.zeros(2)),
        ("sign of zero lost", torch.ones(2)),
    ],
)
def test_a_fault_with_nothing_to_change(name, result):
    assert FAULTS[name][1](result, [], EXACT) is UNCHANGED


@pytest.mark.parametrize(("name", "result"), [("NaN ignored", torch.ones(2, dtype=torch.int64)), ("one axis more", 3)])
def test_a_fault_that_does_not_fit(name, result):
    assert FAULTS[name][1](result, [], EXACT) is None


def test_a_result_of_several_parts_is_spoilt_in_one():
    first, second = wrong((torch.zeros(0), torch.tensor([1, 2])), [], EXACT)
    assert first.numel() == 0
    assert second.tolist() == [1, 3]


def test_a_fault_in_a_fault_is_not_a_refusal():
    def breaks(*_):
        raise RuntimeError("mine")

    faulty = Faulty(function=lambda x: x, fault=breaks, tolerance=EXACT)
    assert faulty(3) == 3
    assert faulty.problem == "RuntimeError: mine"


def outcomes(case, wanted=None) -> dict[str, str]:
    done = sensitivity.trials(case, "cpu", ("cpu",))
    return {t.mutant: t.outcome for t in done if wanted is None or t.outcome in wanted}


def test_a_healthy_case_kills_everything():
    case = case_of("x.sum(dim)", "np.sum(x, axis=dim)", x=tensors(), dim=axes("x"), dtypes=FLOAT, tolerance=linear())
    found = outcomes(case)
    assert set(found.values()) == {"killed"}
    assert {"sum is nansum", "dim shifted by one", "last element off", "wrong for float32 only"} <= set(found)
    assert {f"wrong {c.name}" for c in CONDITIONS if c.concerns(case)} <= set(found)


def test_weak_inputs_let_a_mutant_survive():
    """Small integers hold no NaN, no zero of either sign to lose, nothing to round."""
    weak = case_of("x.sum()", "np.sum(x)", x=tensors(domain="small"), dtypes=FLOAT, tolerance=linear())
    survived = outcomes(weak, {"survived", "never met"})
    assert survived["sum is nansum"] == "survived"
    assert survived["NaN ignored"] == "never met"


def test_a_mutant_is_not_found_by_inputs_that_the_operation_refuses():
    """With one axis only, the next axis is the same one; only an axis out of range, which both refuse, is another."""
    case = case_of("x.sum(d)", "np.sum(x, axis=d)", x=tensors(ndim=1), d=axes("x"), dtypes=FLOAT, tolerance=linear())
    survived = outcomes(case, {"survived"})
    assert set(survived) == {"axis= dropped", "d shifted by one", "d counted from the other end"}


def test_a_case_that_compares_nothing_kills_little():
    anything = Difference("anything goes", example={"x": np.ones(2)}, torch=UNDEFINED)
    blind = case_of("x * 1", "x * 1", x=tensors(), dtypes=FLOAT, differs=[anything])
    assert {"last element off", "every element off"} <= set(outcomes(blind, {"survived"}))


def test_layouts_that_are_claimed_but_never_held_are_missed(monkeypatch):
    monkeypatch.setattr(layouts, "names", lambda rank, *, overlapping=True: ("contiguous",))
    missed = outcomes(case_of("-x", "-x", x=tensors(), dtypes=FLOAT), {"never met"})
    assert {"wrong for strided input", "wrong for transposed input", "wrong for expanded input"} <= set(missed)


def test_where_one_side_refuses_everything_there_is_no_value_to_mistake():
    refusal = Difference("it refuses", example={"x": np.ones(2)}, torch=Raises(RuntimeError))
    refused = case_of("x.reshape(-5)", "x - 1", x=tensors(ndim=1), dtypes=FLOAT, differs=[refusal])
    done = sensitivity.trials(refused, "cpu", ("cpu",))
    found = {t.mutant: t.outcome for t in done}
    assert found.pop("an error is lost") == "killed"
    assert found == dict.fromkeys(["Sub is Add", "operands swapped", "1 is 2"], "equivalent")
    assert "PyTorch refuses every input" in done[0].detail


def test_where_numpy_refuses_everything_a_mutant_that_does_not_is_found():
    refusal = Difference("it refuses", example={"x": np.ones(2)}, torch="x", numpy=Raises(ValueError))
    refused = case_of("x", "x.swapaxes(0, 5)", x=tensors(ndim=1), dtypes=FLOAT, differs=[refusal])
    done = {t.mutant: t for t in sensitivity.trials(refused, "cpu", ("cpu",))}
    assert done["5 is 6"].outcome == "equivalent"
    assert "NumPy refuses every input" in done["5 is 6"].detail
    assert done["every element off"].outcome == "killed"


def test_a_mutant_that_refuses_every_input_is_no_proof():
    found = outcomes(case_of("torch.ones(3)", "np.ones(3, np.float32)"))
    assert "ones is zeros" in found
    assert "arguments swapped" not in found


def test_a_case_that_fails_by_itself_is_not_tried():
    with pytest.raises(FailsAnywayError, match="it fails without a fault in float32"):
        outcomes(case_of("x + 1", "x + 2", x=tensors(ndim=1), dtypes=FLOAT))


def test_values_alone_claim_no_condition():
    case = case_of("torch.zeros(n)", "np.zeros(n, np.float32)", n=values(1, 2))
    assert not [c.name for c in CONDITIONS if c.concerns(case)]


@pytest.mark.parametrize("dtype", [torch.uint16, torch.uint32, torch.uint64])
def test_wide_unsigned_integers_are_negated_though_torch_does_not(dtype):
    (changed,) = negated(torch.tensor([1], dtype=dtype), EXACT).tolist()
    assert changed == torch.iinfo(dtype).max
