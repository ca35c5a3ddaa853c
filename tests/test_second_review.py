"""Second review: what slipped through the judging of inputs after the call, of memory, dtypes and conditions."""

import numpy as np
import pytest

from conformance import Difference, joinable, lists, shapes, surroundings, tensors, ulp, values
from conformance.differences import is_structural

from .helpers import FLOAT, case_of, findings, record_of

VECTORS = tensors(ndim=1, overlapping=False)


def checks(case, dtype: str = "float32") -> set[str]:
    """The checks that find something."""
    return {check for check, _ in findings(case, dtype)}


def test_an_input_is_the_object_that_it_was():
    """Values alone do not tell: the same elements in another shape, other memory, a list that is shorter."""
    for touching in ("x.t_()\ny", "x.unsqueeze_(0)\ny", "x.data = torch.zeros_like(x)\ny", "x.resize_(0)\ny"):
        touched = case_of(f"y = x + 1\n{touching}", "x + 1", x=tensors(ndim=2, overlapping=False), dtypes=FLOAT)
        assert "inputs after" in checks(touched), touching
    for touching in ("xs.clear()", "xs.reverse()", "xs.append(xs[0])"):
        expression = f"y = torch.cat(xs, dim)\n{touching}\ny"
        touched = case_of(expression, "np.concatenate(xs, dim)", xs=joinable("dim"), dim=values(0), dtypes=FLOAT)
        assert "inputs after" in checks(touched), touching
    nested = case_of("y = torch.tensor(x)\nx.append(1)\ny", "np.array(x)", x=lists(1))
    assert "inputs after" in checks(nested, "float64")


def test_a_difference_of_results_excuses_no_input_that_holds_none():
    anything = Difference("a", example={"x": np.array([3])}, torch="0")
    case = case_of("x.mul_(3)\n0", "x += 1\n1", x=VECTORS, dtypes=FLOAT, differs=[anything])
    assert "inputs after" in checks(case)


def test_a_difference_excuses_the_elements_of_an_input_and_no_gap_between_them():
    """Where the first element differs as declared, what lies beside a strided view must still be left alone."""
    first = Difference("a", example={"x": np.array([3.0, 1.0])}, when="np.arange(x.size) == 0", torch="out * 2")
    clean = case_of("x.add_(1)\nx[:1] *= 2\nx", "x += 1\nx", x=VECTORS, dtypes=FLOAT, differs=[first])
    assert not checks(clean) & {"inputs after"}
    beside = "if x.stride(0) == 2: x.as_strided((1,), (1,), x.storage_offset() + 1)[:] = 7"
    gaps = case_of(f"{beside}\nx.add_(1)\nx[:1] *= 2\nx", "x += 1\nx", x=VECTORS, dtypes=FLOAT, differs=[first])
    assert "inputs after" in checks(gaps)


def test_values_are_not_cut_to_the_kind_that_torch_gives():
    declared = Difference("int64", example={"x": np.array([3])}, torch="np.int64", aspect="dtype")
    cut = case_of("(x / 2).to(torch.int64)", "x / 2", x=tensors(domain="small"), dtypes=("int16",), differs=[declared])
    assert "value" in checks(cut, "int16")
    narrow = Difference("int8", example={"x": np.array([3])}, torch="np.int8", aspect="dtype")
    wraps = case_of("x.to(torch.int8)", "x * 1", x=tensors(), dtypes=("int16",), differs=[narrow])
    assert "value" in checks(wraps, "int16")


def test_each_of_several_results_has_its_memory_judged():
    assert "memory" in checks(case_of("(x.clone(), x)", "(x, x)", x=VECTORS))
    assert "memory" in checks(case_of("(x * 1, x * 1)", "(x * 1, x * 1)", x=VECTORS, shares_memory=True))
    assert not checks(case_of("(x * 1, x)", "[x * 1, x]", x=VECTORS))


def test_new_results_have_an_element_in_each_place():
    one = case_of("torch.zeros((1,) * len(shape)).expand(shape)", "np.zeros(shape, np.float32)", shape=shapes())
    assert ("memory", "overlap") in findings(one)


def test_a_plain_tuple_is_no_list():
    assert checks(case_of("list(x.shape)", "x.shape", x=VECTORS))
    assert not checks(case_of("x.shape", "x.shape", x=VECTORS))


def test_two_differences_over_one_input_are_too_broad_as_one_is():
    same = [Difference(why, example={"x": np.array([3])}, torch="x + 1") for why in ("a", "b")]
    assert "value" in checks(case_of("x + 1", "x + 1", x=VECTORS, differs=same))


def test_a_difference_of_memory_may_be_too_broad():
    view = Difference("a view", example={"x": np.zeros((2, 3))}, torch="view", aspect="memory")
    numpy = "x.reshape(-1) if x.ndim == 1 else x.reshape(-1).copy()"
    wide = case_of("x.reshape(-1)", numpy, x=tensors(ndim=(1, 2), overlapping=False), differs=[view])
    assert ("memory", "too broad") in findings(wide, "float32")


def test_a_bfloat16_result_is_no_float32_unless_the_expression_names_it():
    named = case_of("x.float() + 1", "x.astype(np.float32) + 1", x=VECTORS)
    assert not checks(named, "bfloat16")
    assert "dtype" in checks(case_of("x.float() + 1", "x + 1", x=VECTORS), "bfloat16")
    assert not checks(case_of("x + 1", "x + 1", x=VECTORS), "bfloat16")


def test_a_condition_on_an_input_called_like_a_builtin_is_asked_of_every_value():
    doubled = Difference("doubled", example={"sum": np.array([1.0])}, when="(sum > 0.4).any()", torch="sum * 2 + 1")
    positive = "sum * torch.where((sum > 0.4).any(), 2, 1) + 1"
    case = case_of(positive, "sum + 1", sum=tensors(ndim=1, domain="small"), dtypes=FLOAT, differs=[doubled])
    assert not checks(case)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("(x != 0) * 1", "compare, so that it is bool"),
        ("np.ones(7, bool)", "a mask is one of its elements"),
        ("np.stack([x, x]) > 0", "a mask is one of its elements"),
        ("[bool(x.any())]", "give a bool"),
    ],
)
def test_a_condition_that_is_no_mask_is_named(when, said):
    wrong = Difference("m", example={"x": np.ones((2, 2))}, when=when, torch="x + 1")
    record = record_of(case_of("x + 1", "x + 2", x=tensors(ndim=2), differs=[wrong]), "float32")
    assert record["verdict"] == "broken"
    assert said in record["reason"]
    assert when in record["reason"]


def test_a_condition_may_speak_of_threads_which_a_unit_has_one_of():
    several = Difference("a", example={"x": np.ones(2)}, when="threads > 1", torch="x * 2")
    assert not checks(case_of("x + 1", "x + 1", x=VECTORS, dtypes=FLOAT, differs=[several]))
    one = Difference("a", example={"x": np.ones(2)}, when="threads == 1 and x.size", torch="x * 0 + 2")
    always = case_of("x * 0 + 2", "x * 0 + 1", x=tensors(ndim=1, dtypes=("int8",)), differs=[one])
    assert not checks(always, "-")


@pytest.mark.parametrize(
    ("when", "structural"),
    [
        ("x.ndim == 1", True),
        ("x.shape[dim] != 1", True),
        ("len(x) > 2 and dim", True),
        ("np.result_type(x) == 3", False),
        ("(x == 0).any()", False),
        ("x < 0", False),
        ("dtype == 'int8'", True),
    ],
)
def test_conditions_on_nothing_but_structure(when, structural):
    assert is_structural(when, frozenset({"dim", "dtype", "device", "np"})) is structural


@pytest.mark.parametrize(("factor", "found"), [("1.0000001", set()), ("1.001", {"value"})])
def test_a_finite_result_for_an_infinite_one_needs_a_truth_near_the_end(factor, found):
    """The largest number times 1.0000001 is within 2 ulp of it; times 1.001 it is far beyond."""
    kept = f"torch.where(x.abs() == torch.finfo(torch.float32).max, x, x * {factor})"
    case = case_of(kept, f"x * np.float32({factor})", x=VECTORS, dtypes=FLOAT, tolerance=ulp(2, "a test"))
    assert checks(case) == found


def test_a_condition_may_speak_of_the_capability_of_the_cpu():
    here = surroundings.capability()
    wrong = Difference("a", example={"x": np.ones(2)}, when="x.size > 0 and capability == 'none such'", torch="x * 2")
    assert not checks(case_of("x + 1", "x + 1", x=VECTORS, dtypes=FLOAT, differs=[wrong]))
    right = Difference("a", example={"x": np.ones(2)}, when=f"capability == {here!r} and x.size", torch="x * 0 + 2")
    always = case_of("x * 0 + 2", "x * 0 + 1", x=tensors(ndim=1, dtypes=("int8",)), differs=[right])
    assert not checks(always, "-")


def test_a_bug_of_another_cpu_is_not_judged_here_and_no_finding():
    bug = {"kind": "bug", "example": {"x": np.ones(2)}, "torch": "x + 3"}
    there = Difference("PyTorch adds too much", when="capability == 'none such'", **bug)
    here = Difference("PyTorch adds too much", when=f"capability == {surroundings.capability()!r}", **bug)
    for one, torch, verdict in ((there, "x + 1", "not judged"), (here, "x + 3", "differs as declared")):
        record = record_of(case_of(torch, "x + 1", x=VECTORS, dtypes=FLOAT, differs=[one]), "float32")
        (told,) = record["differences"]
        assert (told["verdict"], "finding" in told) == (verdict, one is here)


@pytest.mark.parametrize(("capability", "verdict"), [("AVX2", "difference gone"), ("DEFAULT", "changed")])
def test_a_difference_that_is_gone_without_vectors_is_news(capability, verdict):
    gone = Difference("they part", example={"x": np.ones(2)}, torch="x + 1")
    with surroundings.taken_for(capability):
        record = record_of(case_of("x + 1", "x + 1", x=VECTORS, dtypes=FLOAT, differs=[gone]), "float32")
    assert record["differences"][0]["verdict"] == verdict


def test_a_dtype_outside_of_the_claim_that_torch_refuses_fails_nothing():
    """Neither an input that only NumPy wrote to, nor an example, nor what is to be written instead."""
    refuses = "torch.Tensor.clamp_min_(x, 1) if x.dtype == torch.float32 else [][1]"
    written = case_of(refuses, "np.maximum(x, 1, out=x)", x=VECTORS, dtypes=FLOAT)
    assert not checks(written)
    assert not checks(written, "int8")
    there = Difference("a", example={"x": np.ones(2)}, torch="x + 2", instead=f"{refuses}\nx + 1")
    small = tensors(1, domain="small")
    parted = case_of(f"{refuses}\nx + 2", "x + 1", x=small, dtypes=FLOAT, differs=[there])
    assert record_of(parted, "int8")["verdict"] == "numpy only"
