"""What has no value is not judged, what explains is tried, and what one side alone refuses is an exception."""

import json

import numpy as np
import pytest

from conformance import Difference, Raises, tensors
from conformance.expression import parse
from conformance.translation import answer, matching
from conformance.translation.inference import inferred
from conformance.translation.question import Question

from .helpers import case_of


def asked(torch, numpy, **options) -> dict:
    options = {"dtypes": ("float32",), "budget": 5, **options}
    return json.loads(json.dumps(answer.answered(Question(torch=torch, numpy=numpy, **options), ("cpu",))))


@pytest.mark.parametrize(
    ("torch", "numpy", "words"),
    [
        ("x.min", "x.min", "x.min is a function: {}, such as x.min() and np.min(x) (extrema/min)"),
        ("torch.matmul", "np.matmul", "torch.matmul is a function: {}, such as torch.matmul(x, y) and np.matmul(x, y)"),
        ("x.view(-1)", "x.flatten", "x.flatten is a function: {}, such as x.flatten()"),
        ("x.dim", "x.ndim", "x.dim is a function: {}, such as x.dim() and x.ndim"),
        ("torch.frexp", "np.maximum", "torch.frexp is a function: {}, such as torch.frexp(x)"),
        ("torch.dot  # 1-d\ntorch.mv", "np.dot", "torch.mv is a function"),
        ("lambda x: x + 1", "x", "lambda x: x + 1 is a function: {}, such as x + 1, of which the names are the inputs"),
        ("torch.Tensor", "np.ndarray", "torch.Tensor is a class"),
    ],
)
def test_a_function_that_nobody_calls_has_no_value(torch, numpy, words):
    told = asked(torch, numpy)
    assert told["verdict"] == "not judged"
    assert told["notes"][0].startswith(words.format("write what is to be compared"))
    assert "\n" not in told["notes"][0]


def test_a_class_that_stands_for_a_dtype_is_a_value():
    assert asked("torch.float32", "np.float32")["verdict"] == "equivalent"


@pytest.mark.parametrize(
    ("torch", "numpy", "words"),
    [
        ("torch.empty_like(x)", "np.empty_like(x)", "torch.empty_like(x) leaves its memory as it was"),
        ("torch.randperm(50)", "np.arange(50)", "PyTorch gives something else each time it is asked"),
        ("x.flip(0)", "np.random.permutation(x)", "NumPy gives something else each time it is asked"),
    ],
)
def test_what_chance_decides_is_not_judged(torch, numpy, words):
    told = asked(torch, numpy, given={"x": "tensors(ndim=1, domain='small')"} if "permutation(x)" in numpy else {})
    assert told["verdict"] == "not judged"
    assert words in " ".join(told["notes"])


@pytest.mark.parametrize(
    ("torch", "numpy"),
    [("torch.empty_like(x).fill_(1)", "np.zeros_like(x)"), ("x + torch.nan", "x * 0"), ("torch.sort(x, 0)", "(x, x)")],
)
def test_what_gives_the_same_each_time_is_judged(torch, numpy):
    assert asked(torch, numpy)["verdict"] == "not equivalent"


def test_of_several_expressions_it_is_said_which_is_compared():
    said = "of several expressions the last is compared: x.ceil()"
    assert said in asked("x.floor(); x.ceil()", "np.ceil(x)")["notes"]
    assert said not in asked("y = x.floor(); x.ceil()", "np.ceil(x)")["notes"]


def test_two_in_the_other_order_are_asked_for():
    said = "np stands in the torch expression alone, np.sum(x): are the two the other way round?"
    assert said in asked("np.sum(x)", "x.sum()")["notes"]
    assert not [note for note in asked("x.numpy() + np.ones(1)", "x + np.ones(1)")["notes"] if "other way" in note]


def test_where_nothing_ran_it_is_said_what_was_raised():
    (note,) = asked("x.reshape(-7)", "x.reshape(-7, 0.5)")["notes"]
    assert "gave a value on both sides; torch raises RuntimeError" in note
    assert "numpy raises TypeError" in note


@pytest.mark.parametrize(
    ("torch", "given"),
    [("x[:, 0]", "tensors(ndim=(2, 3))"), ("x[0]", "tensors(ndim=(1, 3))"), ("x[..., 1:]", "tensors(ndim=(1, 3))"),
     ("x[:, None]", "tensors(ndim=(1, 3))"), ("x[1:, ::2, 0, 0]", "tensors(ndim=(4, 4))")],
)  # fmt: skip
def test_a_tensor_has_the_axes_that_it_is_indexed_by(torch, given):
    assert inferred(parse(torch), parse(torch), {}) == {"x": given}


@pytest.mark.parametrize(
    ("torch", "numpy", "found"),
    [
        ("x.view(-1)", "x.reshape(-1)", ["inputs that torch alone refuses"]),
        ("x.reshape(-1)", "np.reshape(x, -1, copy=False)", ["inputs that numpy alone refuses"]),
        ("torch.maximum(x, y).view(-1)", "np.fmax(x, y).reshape(-1)", ["NaN", "inputs that torch alone refuses"]),
        ("x.t()", "x.T", ["torch refuses 3-d x"]),
    ],
)
def test_what_one_side_alone_refuses_is_an_exception(torch, numpy, found):
    told = asked(torch, numpy, budget=25)
    assert (told["verdict"], told["regions"]) == ("equivalent except", found)


@pytest.mark.parametrize(
    ("torch", "numpy"),
    [
        ("x if x.numel() == 1 else x.view(-7)", "x"),  # nearly all are refused
        ("x.view(-1) + (x.sum() > 3)", "x.reshape(-1)"),  # and the values part as well
    ],
)
def test_where_refusals_are_the_rule_or_not_all_it_is_no_exception(torch, numpy):
    told = asked(torch, numpy, budget=25)
    assert (told["verdict"], told["regions"]) == ("not equivalent", [])


def test_a_suggestion_that_refuses_a_rank_is_none():
    told = asked("x.repeat(3, 2)", "np.tile(x, (3, 2))", budget=25)
    assert [one["means"] for one in told["means"]] == ["torch.tile(x, (3, 2))"]


def explained(row, torch="torch.relu(x)", numpy="np.abs(x)", x=(-1.0,)) -> list[str]:
    (one, *_) = matching.known(parse(torch), parse(numpy), [row])
    args = {"x": np.array(x, np.float32)}
    return [d.because for d in matching.differences(one, args, "float32", "cpu", np.abs(args["x"]))]


def row_of(**difference):
    declared = Difference("why", example={"x": np.array([-1.0])}, **difference)
    return case_of("torch.relu(x)", "np.abs(x)", x=tensors(ndim=1), dtypes=("float32",), differs=[declared])


def test_a_difference_explains_where_it_holds_and_torch_gives_what_it_says():
    assert explained(row_of(when="x < 0", torch="np.zeros_like(x)")) == ["why"]
    assert explained(row_of(when="x < 0", torch="np.zeros_like(x)"), x=(-1.0, 2.0)) == ["why"]


def test_a_difference_whose_condition_is_false_explains_nothing():
    assert explained(row_of(when="x > 7", torch="np.zeros_like(x)")) == []
    assert explained(row_of(when="x < 0", torch="np.zeros_like(x)"), x=(5.0,)) == []


def test_a_difference_of_which_torch_gives_something_else_explains_nothing():
    assert explained(row_of(when="x < 0", torch="0 * x")) == []  # the zero of the other sign
    assert explained(row_of(when="x < 0", torch="x", numpy=Raises(ValueError))) == []
    assert explained(row_of(when="x < 0", torch=Raises(ValueError))) == []


def test_a_difference_of_inputs_that_nobody_knows_explains_nothing():
    row = row_of(when="x < 0", torch="np.zeros_like(x)")
    assert explained(row, torch="torch.relu(z)", numpy="np.abs(z)") == []
