"""Where translations part: regions of ranks, an example of each region, and what is said of them."""

import json

import numpy as np
import pytest

from conformance import arbiter, batches, render, tensors
from conformance.arbiter import Ruling
from conformance.examples import batch_of
from conformance.expression import parse
from conformance.minimise import minimised
from conformance.tally import Tally
from conformance.translation import answer, matching
from conformance.translation.effort import Growth
from conformance.translation.question import Question

from .helpers import case_of, judge_of


def asked(torch, numpy, **options) -> dict:
    options = {"dtypes": ("float32",), **options}
    return json.loads(json.dumps(answer.answered(Question(torch=torch, numpy=numpy, **options), ("cpu",))))


@pytest.mark.parametrize(
    ("torch", "numpy"),
    [
        ("torch.einsum('bij,bjk->bik', a, b)", "a @ b"),
        ("torch.einsum('ii->i', x)", "np.diagonal(x)"),
        ("F.one_hot(t, 5)", "np.eye(5, dtype=np.int64)[t]"),
        ("F.embedding(i, w)", "w[i]"),
        ("torch.gather(x, 1, i)", "np.take_along_axis(x, i, axis=1)"),
        ("x[:, i]", "np.take(x, i, axis=1)"),
        ("F.nll_loss(x, t, reduction='none')", "-x[np.arange(len(t)), t]"),
    ],
)
def test_what_lies_outside_of_a_use_is_no_difference(torch, numpy):
    assert asked(torch, numpy)["verdict"] == "equivalent"


@pytest.mark.parametrize(
    ("torch", "numpy", "found"),
    [
        ("torch.trace(x)", "np.trace(x)", ["torch refuses 3-d x"]),
        ("torch.mm(x, y)", "x @ y", ["torch refuses 1-d and 3-d x", "torch refuses 1-d and 3-d y"]),
        ("x.expand(2, 3) if x.ndim == 1 else x", "np.diag(x) if x.ndim == 3 else x", None),
    ],
)
def test_ranks_that_one_side_refuses_are_regions(torch, numpy, found):
    told = asked(torch, numpy)
    if found is None:
        assert told["verdict"] == "not equivalent"
    else:
        assert (told["verdict"], told["regions"]) == ("equivalent except", found)
        assert [one["check"] for one in told["examples"]] == ["error"] * len(found)


def test_what_is_refused_everywhere_is_no_region():
    told = asked("x[0, 0, 0, 0, 0]", "x + 0")
    assert (told["verdict"], told["regions"]) == ("not equivalent", [])


def test_a_rank_that_gave_a_value_is_no_region():
    assert asked("x if len(x) == 1 else x.view(-7)", "x")["verdict"] == "not equivalent"


def test_each_region_has_an_example_that_lies_in_it():
    told = asked("torch.softmax(x, dim=-1)", "np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)")
    infinite, large = told["examples"]
    assert (infinite["region"], large["region"]) == ("infinities", "large numbers")
    assert "inf" in infinite["inputs"]["x"]
    assert "inf" not in large["inputs"]["x"]
    assert told["counterexample"] == {name: value for name, value in infinite.items() if name != "region"}


def test_the_smallest_input_must_lie_in_the_regions():
    told = asked("torch.einsum('ij,jk->ik', x, y)", "np.einsum('ij,jk->ik', x, y)")
    assert "negative zeros" not in told["regions"]


def test_a_search_stays_within_what_it_is_given():
    judge = judge_of(case_of("x * 2", "x * 3", x=tensors(ndim=(1, 2)), dtypes=("float32",)), "float32")
    for batch in batches.batches(judge.case, "float32", 0, 25):
        judge.tally = Tally()
        judge.judge(batch)
        finding = next(iter(judge.tally.findings.values()), None)
        if finding is not None and _size(finding.batch) > 2:
            break
    assert _size(minimised(judge, finding, 0).batch) == 1
    assert _size(minimised(judge, finding, 0, lambda batch: _size(batch) > 1).batch) == 2


def _size(batch):
    return batch.args[0][0].size


def test_memory_that_overlaps_is_named():
    told = asked("x.add_(1)", "np.add(x, 1, out=x)")
    assert (told["verdict"], told["regions"]) == ("equivalent except", ["overlapping memory"])


def test_a_row_that_meets_both_sides_with_other_inputs_explains_nothing():
    told = asked("x[mask]", "x[~mask]")
    assert (told["verdict"], told["because"]) == ("not equivalent", [])
    row = case_of("x[m]", "x[m]", x=tensors(ndim=(1, 2)), m=tensors(dtypes=("bool",)))
    met = {
        torch: [one.both for one in matching.known(parse(torch), parse("a[b]"), [row])] for torch in ("a[b]", "a[c]")
    }
    assert met == {"a[b]": [True, True], "a[c]": [False, False]}


def test_only_what_refuses_a_whole_dtype_does_not_take_it():
    notes = answer.afterwards(Question(torch="torch.mm(x, x.T)", numpy="x @ x.T"), ("cpu",))
    assert "int64: PyTorch refuses some inputs that NumPy takes" in notes
    assert "int64: only NumPy takes it" in answer.afterwards(Question(torch="x.mean()", numpy="x.mean()"), ("cpu",))


def test_warnings_that_are_alike_are_one():
    warned = {f"UserWarning: axis {n} of [{n}, 2] is odd" for n in range(30)} | {"UserWarning: another"}
    assert answer._warnings(warned) == [
        "warning: UserWarning: another",
        "warning: UserWarning: axis 0 of [0, 2] is odd (and 29 like it)",
    ]


def test_the_truth_is_that_of_the_element_shown():
    off = case_of("x + torch.tensor([0.0, 1.0, 5.0])", "x * 1", x=tensors(ndim=1), dtypes=("float32",))
    judge = judge_of(off, "float32")
    batch = batch_of(off, {"x": np.array([10.0, 20.0, 30.0], np.float32)}, "float32")
    judge.judge(batch)
    (finding,) = judge.tally.findings.values()
    assert "first at [1]: torch 21.0, numpy 20.0" in finding.headline
    assert arbiter.ruling(judge, batch).truth == 30
    assert arbiter.ruling(judge, batch, finding.place).truth == 20
    assert render._truth_words(judge, finding).startswith("; truth 20.0: torch ")


def test_units_of_a_truth_of_nothing_are_not_told():
    assert Ruling(truth=0.0, torch=7.1e44, numpy=0.0).words() == "truth 0.0"
    assert Ruling(truth=0.0, torch=np.inf, numpy=0.0).words() == "truth 0.0: torch of another kind, numpy 0 ulp"
    assert Ruling(truth=1.0, torch=7.1e44, numpy=0.0).words() == "truth 1.0: torch 7.1e+44 ulp, numpy 0 ulp"


def test_results_that_grow_with_the_square_are_not_asked_of_long_inputs():
    told = asked("torch.outer(x, x)", "np.outer(x, x)", given={"x": "tensors(ndim=1)"})
    assert told["verdict"] == "equivalent"
    judge = judge_of(case_of("torch.outer(x, x)", "np.outer(x, x)", x=tensors(ndim=1), dtypes=("float32",)), "float32")
    growth, seen = Growth(), []
    for batch in batches.batches(judge.case, "float32", 0, 25):
        left_out = growth.leaves_out(judge, batch)
        seen.append((batch.structure.slots["x"].size > 4096, left_out))
    assert set(seen) == {(False, False), (True, True)}


def test_what_is_refused_often_is_not_asked_for_ever():
    told = asked("x if x.ndim > 1 else x.view(-7)", "x")
    assert told["regions"] == ["torch refuses 1-d x"]
    assert told["inputs"]["float32"] < asked("x", "x")["inputs"]["float32"]


def test_a_suggestion_that_raises_is_none(monkeypatch):
    def raising(*_args):
        raise NotImplementedError

    torch, numpy = "x.std(0)", "np.std(x, axis=0)"
    assert asked(torch, numpy)["means"]
    once = answer._judged
    monkeypatch.setattr(
        answer,
        "_judged",
        lambda case, dtype, question, present: (
            once(case, dtype, question, present) if question.torch == torch and question.numpy == numpy else raising()
        ),
    )
    assert asked(torch, numpy)["means"] == []
