"""Every check can fail: deliberately wrong torch expressions, and what is found of each."""

from collections import Counter

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from conformance import (
    UNDEFINED,
    Difference,
    Raises,
    Section,
    axes,
    batches,
    broadcastable,
    dtypes,
    joinable,
    linear,
    multilinear,
    tensors,
    ulp,
)
from conformance.conclusion import hardly_ran
from conformance.evaluate import Functions
from conformance.judge import Judge
from conformance.state import guarded

from .helpers import FLOAT, case_of, findings, judge_of, progress_of, record_of, verdicts

X = tensors(ndim=(0, 2), dtypes=FLOAT)
ALONE = tensors(ndim=(0, 2), dtypes=FLOAT, overlapping=False)


@pytest.mark.parametrize(
    ("torch", "numpy", "found"),
    [
        ("x + 1", "x + 1", set()),
        ("x[...]", "x[...]", set()),
        ("x.T", "x.T", set()),
        ("x + 2", "x + 1", {"value"}),
        ("x.abs()", "x.copy()", {"value"}),
        ("x.double() * 1", "x * 1", {"dtype"}),
        ("(x * 1)[None]", "x * 1", {"shape"}),
        ("x.clone()", "x[...]", {"memory"}),
        ("x", "x.copy()", {"memory"}),
        ("x.T", "x.T.copy()", {"memory"}),
        ("x.sum(9)", "x * 1", {"error"}),
        ("x * 1", "x.sum(9)", {"error"}),
        ("x.double()[None]", "x * 1", {"dtype", "shape"}),
        ("x.fill_(3) * 1", "np.full_like(x, 3)", {"inputs after"}),
        ("x * 1, x * 2", "x * 1", {"shape"}),
        ("x * 1, x * 2", "(x * 1, x * 3)", {"value"}),
        ("x.tolist()", "x * 1", {"shape", "dtype"}),
        ("x.shape", "x.shape", set()),
        ("tuple(x.shape)", "x.shape", set()),
        ("x.dim() + 1", "x.ndim", {"value"}),
        ("float(x.dim())", "x.ndim", {"dtype"}),
        ("x.dtype", "x.dtype", set()),
        ("torch.int8", "x.dtype", {"value"}),
        ("x.is_contiguous()", "1", {"dtype"}),
        ("complex(x.dim(), torch.nan)", "complex(x.ndim, np.nan)", set()),
        ("complex(x.dim(), torch.nan)", "complex(np.nan, x.ndim)", {"value"}),
        ("complex(x.dim(), 2)", "complex(x.ndim, 3)", {"value"}),
    ],
)
def test_what_is_found(torch, numpy, found):
    inputs = {"x": ALONE} if "x" in torch + numpy and "_(" in torch else {"x": X}
    seen = {check for check, _ in findings(case_of(torch, numpy, **inputs))}
    assert seen == found if len(found) < 2 else seen & found


def test_a_side_that_writes_to_an_input_is_named():
    wrong = progress_of(case_of("x.add_(1) * 0", "x * 0", x=ALONE))
    (finding,) = [f for s, f in wrong.judge.tally.findings.items() if s.check == "inputs after"]
    assert "torch wrote to it" in finding.headline
    other = progress_of(case_of("x * 0", "np.add(x, 1, out=x) * 0", x=ALONE))
    (finding,) = [f for s, f in other.judge.tally.findings.items() if s.check == "inputs after"]
    assert "torch wrote to it" not in finding.headline


def test_what_both_sides_write_alike_is_no_finding():
    assert not findings(case_of("x.add_(1)", "np.add(x, 1, out=x)", x=ALONE))


def test_writing_beside_the_view_is_found():
    """The storage around a view counts, too."""
    torch = "x.as_strided((1,), (1,), 0).fill_(77) if x.storage_offset() else x\nx * 0 + 1"
    assert ("inputs after", "input 0") in findings(
        case_of(torch, "x * 0 + 1", x=tensors(ndim=1, dtypes=FLOAT, overlapping=False))
    )


def test_strides_of_views_are_compared():
    kinds = findings(case_of("x.as_strided(x.shape, x.stride()[::-1])", "x[...]", x=tensors(ndim=2, dtypes=FLOAT)))
    assert ("memory", "strides") in kinds


def test_views_of_different_inputs_are_told_from_copies():
    inputs = {"x": X, "y": broadcastable("x", dtypes=FLOAT)}
    assert not findings(case_of("(x[...], y[...])", "(x[...], y[...])", **inputs))


@pytest.mark.parametrize(("claim", "found"), [(None, set()), (False, set()), (True, {("memory", "not as claimed")})])
def test_what_a_row_claims_of_memory_is_held_to(claim, found):
    assert findings(case_of("x * 1", "x * 1", x=X, shares_memory=claim)) == found


def test_a_lost_error_is_found():
    """A value for an axis that is out of range, where NumPy raises."""
    torch = "x.sum(dim) if -max(x.ndim, 1) <= dim < max(x.ndim, 1) else x.sum()"
    inputs = {"x": tensors(ndim=(1, 2), dtypes=FLOAT), "dim": axes("x")}
    assert ("error", "only numpy raises AxisError") in findings(
        case_of(torch, "np.sum(x, dim)", tolerance=linear(), **inputs)
    )
    assert not findings(case_of("x.sum(dim)", "np.sum(x, dim)", tolerance=linear(), **inputs))


@pytest.mark.parametrize(
    ("torch", "numpy", "verdict", "counted"),
    [
        ("-x", "-x", "agrees", None),
        ("x.reshape(-2)", "-x", "numpy only", "numpy only"),
        ("-x", "x.reshape(-2, -2)", "torch only", "torch only"),
        ("x.reshape(-2)", "x.reshape(-2, -2)", "both refuse", "both raise"),
        ("-x if x.shape[0] < 3 else x.reshape(-2)", "-x", "numpy only", "numpy only"),
        ("-x if x.shape[0] > 15 else x.reshape(-2)", "-x", "numpy only", "numpy only"),
        ("-x if x.shape[0] > 2 else x.reshape(-2)", "-x", "agrees", "numpy only"),
        ("x.reshape(-2)", "-x if x.shape[0] < 3 else x.reshape(-2, -2)", "numpy only", "both raise"),
        ("x.sum(9)", "-x if x.shape[0] == 17 else x.reshape(-2, -2)", "both refuse", "numpy only"),
    ],
)
def test_outside_of_the_claim_a_refusal_is_no_failure(torch, numpy, verdict, counted):
    record = record_of(case_of(torch, numpy, x=tensors(ndim=1), dtypes=("float32",)), "int16")
    assert record["verdict"] == verdict
    assert not record["failures"]
    assert counted is None or record["counts"][counted] > 0


@pytest.mark.parametrize(
    ("torch", "numpy", "verdict"),
    [
        ("x.reshape(-2)", "x * 1", "differs"),
        ("x * 1", "x.reshape(-2, -2)", "differs"),
        ("x.reshape(-2)", "x.reshape(-2, -2)", "hardly ran"),
    ],
)
def test_inside_of_the_claim_it_is(torch, numpy, verdict):
    assert record_of(case_of(torch, numpy, x=tensors(ndim=1), dtypes=("int16",)), "int16")["verdict"] == verdict


def test_values_count_outside_of_the_claim_too():
    record = record_of(case_of("x + 1", "x + 2", x=tensors(ndim=1), dtypes=("float32",)), "int16")
    assert record["verdict"] == "differs"


def test_a_unit_of_which_under_half_gave_values_hardly_ran():
    numpy = "x.reshape(-2, -2) if x.size else x * 1"
    record = record_of(case_of("x.reshape(-2) if x.numel() else x * 1", numpy, x=X))
    assert record["verdict"] == "hardly ran"
    assert "both raise" in record["reason"]


@pytest.mark.parametrize(("torch", "found"), [("x * 1", set()), ("x * 1 if x.ndim else x.sum(9)", {"error"})])
def test_where_numpy_refuses_and_torch_gives_what_it_likes_it_must_give_something(torch, found):
    refused = Difference("one refuses", example={"x": np.ones(1)}, torch=UNDEFINED, numpy=Raises(ValueError))
    case = case_of(torch, "x.swapaxes(9, 9)", x=X, differs=[refused])
    assert {check for check, _ in findings(case)} == found
    said = [failure["headline"] for failure in record_of(case)["failures"]]
    assert len(said) == len(found)
    assert all("torch is declared to give a value where NumPy refuses, it raises: IndexError" in line for line in said)


def test_outside_of_the_claim_both_may_refuse_where_torch_may_give_what_it_likes():
    refused = Difference("one refuses", example={"x": np.ones(1)}, torch=UNDEFINED, numpy=Raises(ValueError))
    case = case_of("x.sum(9)", "x.swapaxes(9, 9)", x=tensors(ndim=1), dtypes=FLOAT, differs=[refused])
    assert record_of(case, "int8")["verdict"] == "both refuse"


@pytest.mark.parametrize(("share", "whole"), [(0.3, True), (0.1, False)])
def test_of_a_share_of_the_plan_under_a_quarter_must_give_no_values_to_say_that_it_hardly_ran(share, whole):
    judge = Judge(
        case=case_of("x", "x", x=X), dtype="int16", device="cpu", functions=Functions(torch=id, numpy=id), declared=()
    )
    judge.tally.ought, judge.tally.ran = 100, round(100 * share)
    assert hardly_ran(judge, 25)
    assert hardly_ran(judge, 5) is not whole
    judge.tally.ought, judge.tally.ran = 10, 0
    assert not hardly_ran(judge, 5)


def test_units_that_mostly_refuse_together_did_not_run_and_those_that_seldom_do_did():
    seldom = "x.reshape(-2{}) if x.ndim == 0 else x * 1"
    assert record_of(case_of(seldom.format(""), seldom.format(", -2"), x=X))["verdict"] == "agrees"


@pytest.mark.parametrize(("pinned", "verdict"), [(True, "hardly ran"), (False, "changed")])
def test_on_other_versions_a_unit_that_hardly_ran_is_news_with_its_reason(monkeypatch, pinned, verdict):
    monkeypatch.setattr("conformance.versions.is_pinned", lambda: pinned)
    record = record_of(case_of("x.sum(9)", "x.swapaxes(9, 9)", x=X))
    assert record["verdict"] == verdict
    assert record["reason"].startswith("only 0 of ")


def test_a_mistake_in_the_row_is_no_outcome():
    broken = record_of(case_of("exec('nothing_of_that_name')", "x", x=X))
    assert broken["verdict"] == "broken"
    assert "NameError" in broken["reason"]


@pytest.mark.parametrize("torch", ["1", "None", "'text'", "{}", "True", "1j"])
def test_a_plain_value_against_an_array(torch):
    assert {check for check, _ in findings(case_of(f"{torch} if x.ndim < 9 else x", "x", x=X))} >= {"dtype"}


def test_checks_that_nothing_was_judged_on():
    record = record_of(case_of("x.dim()", "x.ndim", x=X))
    assert verdicts(record)["memory"] == "not judged"
    assert verdicts(record)["value"] == "agrees"


@pytest.mark.parametrize("bound", [linear(), multilinear()])
def test_integers_beside_floats_have_no_bound(bound):
    case = case_of("x.sum(0).to(torch.int16)", "np.sum(x, 0)", tolerance=bound, x=tensors(ndim=(1, 2), dtypes=FLOAT))
    assert {check for check, _ in findings(case)} == {"dtype", "value"}


@pytest.mark.parametrize(("count", "verdict"), [(1, "agrees"), (0, "differs")])
def test_a_tolerance_is_used(count, verdict):
    torch = "torch.where((torch.abs(x) < 1e30) & (x != 0), torch.nextafter(x, x * 2), x)"
    near = {"tolerance": ulp(1, "a test")} if count else {}
    assert record_of(case_of(torch, "x * 1", x=X, **near))["verdict"] == verdict


def test_bfloat16_is_judged_against_float32():
    case = case_of("x * y", "x * y", x=tensors(ndim=1), y=broadcastable("x"))
    assert record_of(case, "bfloat16")["verdict"] == "agrees"
    wrong = case_of("x * y * 1.02", "x * y", x=tensors(ndim=1), y=broadcastable("x"))
    assert record_of(wrong, "bfloat16")["verdict"] == "differs"


def test_lists_and_dtypes_are_handed_to_both_sides():
    xs = case_of("torch.cat(xs)", "np.concatenate(xs) * (d == d)", xs=joinable("d", dtypes=FLOAT), d=axes("xs"))
    to = case_of("x.to(d)", "x.astype(d, copy=False)", x=tensors(ndim=1, dtypes=("int8",)), d=dtypes("int8", "int32"))
    assert record_of(xs)["verdict"] == record_of(to)["verdict"] == "agrees"


def test_global_state_is_put_back():
    import torch

    record_of(case_of("torch.set_default_dtype(torch.float64)\nx * 1", "x * 1", x=X))
    assert torch.get_default_dtype() == torch.float32


def test_warnings_are_recorded_and_are_no_failures():
    record = record_of(case_of("__import__('warnings').warn('look here')\nx * 1", "x * 1", x=X))
    assert record["verdict"] == "agrees"
    assert record["warnings"] == ["UserWarning: look here"]


def test_a_judge_starts_with_nothing():
    judge = judge_of(case_of("x * 1", "x * 1", x=X))
    assert not judge.tally.findings
    assert judge.claimed


def test_sections_keep_their_title_and_id():
    assert (Section("Two words").id, Section("Two words", id="short").id) == ("two-words", "short")


def test_where_numpy_refuses_every_fill_two_are_asked_of_torch_and_count_for_all():
    calls = Counter()
    judge = judge_of(case_of("x.reshape(-2)", "x.reshape(-2, -2)", x=tensors(ndim=1), dtypes=("int16",)), "int16")
    real = judge.functions.torch
    judge.functions = Functions(torch=lambda x: calls.update(["torch"]) or real(x), numpy=judge.functions.numpy)
    batch = next(
        b for b in batches.batches(judge.case, "int16", 0, 25) if b.count > 5 and not b.structure.for_specials()
    )
    judge.judge(batch)
    assert calls["torch"] == 2
    assert judge.tally.ought >= batch.count - 1
    special = next(b for b in batches.batches(judge.case, "int16", 0, 25) if b.structure.for_specials())
    judge.judge(special)
    assert calls["torch"] == 2 + special.count


def test_products_of_both_libraries_run_in_one_thread():
    before = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]
    with guarded("cpu"):
        assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {1}
    assert [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"] == before


@pytest.mark.parametrize("numpy", ["(x + 1).tolist()", "(x.astype(bool)).tolist()", "(-x).tolist()", "[x.tolist()]"])
def test_nested_lists_are_compared_in_values_kinds_signs_of_zeros_and_depth(numpy):
    inputs = {"x": tensors(ndim=(1, 2), dtypes=("float64",))}
    assert findings(case_of("x.tolist()", numpy, **inputs))
    assert not findings(case_of("x.tolist()", "x.tolist()", **inputs))
