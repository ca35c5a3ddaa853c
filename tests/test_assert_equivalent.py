"""``assert_equivalent`` in the place of a user: right ports pass, wrong ones fail, what cannot be asked says why."""

import functools
import re

import hypothesis.strategies as st
import numpy as np
import pytest
import torch

from conformance import EXACT, Difference, assert_equivalent, axes, like, normals, tensors, ulp

X = {"x": tensors(ndim=(1, 2))}
ALONG = {"x": tensors(ndim=(1, 2)), "dim": axes("x")}


def std(x, dim):
    return x.std(dim)


class Scale:
    """A function with a state."""

    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        return x * self.by


class Layer(torch.nn.Module):
    """A module with parameters."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Writing:
    """A function that gives nothing, and adds one to its input in place."""

    def __call__(self, x):
        x += 1


def sides(torch_function, numpy_function, given=X, **options):
    return torch_function, numpy_function, {"given": given, **options}


RIGHT = {
    "functions": sides(lambda x, dim: x.amax(dim), lambda x, axis: np.max(x, axis=axis), ALONG),
    "built in": sides(torch.sin, np.sin),
    "a method": sides(torch.Tensor.exp, np.exp),
    "partial": sides(functools.partial(torch.mul, 2), lambda x: 2 * x),
    "objects": sides(Scale(3), Scale(3)),
    "texts": sides("x.sum()", "np.sum(x)"),
    "mixed": sides("torch.flip(x, (dim,))", np.flip, ALONG),
    "pairs": sides(torch.frexp, np.frexp, dtypes=("float64",)),
    "integers": sides(torch.add, np.add, {"x": tensors(), "y": like("x")}, dtypes=("int16", "uint8")),
    "a strategy": sides(torch.mul, np.multiply, {"x": tensors(), "k": st.integers(-5, 5)}),
    "an axis that there is not": sides(
        lambda x, dim: x.sum(dim) if -x.ndim <= dim < x.ndim else 0,
        lambda x, axis: np.sum(x, axis=axis),
        {"x": tensors(ndim=(1, 2), domain="small"), "dim": axes("x")},
    ),
    "mappings": sides(lambda x: {"b": x + 1, "a": x}, lambda x: {"a": x, "b": x + 1}),
    "plain numbers": sides(lambda x: x.sum().item(), lambda x: float(x.sum()), {"x": normals(70)}),
    "no inputs": sides(lambda: torch.zeros(3), lambda: np.zeros(3, np.float32), {}),
    "excepting": sides(std, lambda x, axis: np.std(x, axis=axis, ddof=1), ALONG, excepting=("large numbers",)),
    "a tolerance": sides(lambda x: x * 1.0000001, lambda x: x * 1, tolerance=ulp(2, "a test"), dtypes=("float32",)),
}


@pytest.mark.parametrize(("torch_function", "numpy_function", "options"), RIGHT.values(), ids=RIGHT)
def test_right_ports_pass(torch_function, numpy_function, options):
    assert_equivalent(torch_function, numpy_function, **options)


def said(torch_function, numpy_function, **options) -> str:
    with pytest.raises(AssertionError) as error:
        assert_equivalent(torch_function, numpy_function, **{"given": X, **options})
    return str(error.value)


def test_a_wrong_port_fails_with_its_smallest_input():
    text = said(std, lambda x, axis: np.std(x, axis=axis), given=ALONG)
    where = r"assert_equivalent/std \(tests/test_assert_equivalent\.py:\d+\) float32 cpu"
    assert re.fullmatch(where, text.splitlines()[0])
    assert "  torch  std(x, dim)\n  numpy  numpy_function(x, dim)\n" in text
    assert "  value  torch nan, numpy 0.0; truth 0.0" in text
    assert "  with   x = np.array([0.0], np.float32); dim = 0\n" in text
    assert "only" not in text


WRONG = {
    "dtype": (lambda x: x.double(), lambda x: x + 0, {}, "dtype"),
    "shape": (lambda x: x.sum(), lambda x: np.sum(x, keepdims=True), {}, "shape"),
    "a value of a mapping": (lambda x: {"a": x, "b": x}, lambda x: {"a": x, "b": x + 1}, {}, "value"),
    "a key of a mapping": (lambda x: {"a": x}, lambda x: {"b": x}, {}, "torch gives 'a', numpy 'b'"),
    "plain numbers": (
        lambda x: x.sum().item(),
        lambda x: float(x.sum()) + 1e-3,
        {"given": {"x": normals(70)}},
        "value",
    ),
    "chance": (torch.rand_like, lambda x: x + 0, {}, "  but    PyTorch gives something else each time it is asked"),
    "who raises": (lambda x: x.view(7, 11, 13), lambda x: x + 0, {}, "only torch raises"),
    "inputs after": (lambda x: x.neg_(), lambda x: -x, {"given": {"x": tensors(overlapping=False)}}, "inputs after"),
    "one dtype of several": (
        lambda x: x + (x.dtype == torch.float64),
        lambda x: x + 0,
        {"tolerance": EXACT},
        "float64 cpu",
    ),
    "a strict tolerance": (lambda x: x * 1.0000001, lambda x: x + 0, {"tolerance": EXACT}, "value"),
    "NaN alone": (torch.nan_to_num, lambda x: x + 0, {"given": {"x": tensors()}}, "only   with NaN or infinities"),
    "a view": (lambda x: x[:], lambda x: x[:].copy(), {"strict": ("memory",)}, "memory"),
}


@pytest.mark.parametrize(("torch_function", "numpy_function", "options", "words"), WRONG.values(), ids=WRONG)
def test_wrong_ports_fail(torch_function, numpy_function, options, words):
    assert words in said(torch_function, numpy_function, **options)


def test_memory_counts_only_if_asked():
    assert_equivalent(lambda x: x[:], lambda x: x[:].copy(), given=X)


def test_what_is_excepted_hides_nothing_else():
    """Negative numbers fail as well: the smallest input shown is one of those."""
    text = said(lambda x: torch.nan_to_num(x).abs(), lambda x: x + 0, excepting=("NaN", "infinities", "large numbers"))
    assert "np.nan" not in text
    assert "inf" not in text


def test_a_declared_difference_is_none():
    wrong = lambda x: np.where(x == 3, 0, x)  # noqa: E731 - a port
    other = Difference("three is nought", example={"x": np.array([3.0])}, when="x == 3", torch="x")
    assert "value" in said(lambda x: x + 0, wrong)
    assert_equivalent(lambda x: x + 0, wrong, given=X, differs=[other])


def test_a_module_follows_the_dtype_of_its_inputs():
    torch.manual_seed(0)  # other weights may cancel by so much that 4 ulp of the result are few
    layer = Layer()
    weight, bias = (one.detach().numpy() for one in (layer.linear.weight, layer.linear.bias))
    given = {"x": normals(4, 3)}
    assert_equivalent(layer, lambda x: np.maximum(x @ weight.T + bias, 0), given=given)
    text = said(layer, lambda x: np.maximum(x @ weight.T - bias, 0), given=given)
    assert "torch  Layer(x)" in text
    assert layer.linear.weight.dtype == torch.float32


def test_an_assertion_of_nothing_fails():
    text = said(lambda x: x.no_such, lambda x: x.neither)
    assert "only 0 of" in text
    assert "torch raises AttributeError" in text
    assert "numpy raises AttributeError" in text


def test_other_seeds_try_other_numbers():
    """One number in a million, which hardly any seed draws."""
    seen = []
    for seed in (0, 0, 1):
        drawn = []
        assert_equivalent(
            lambda x, drawn=drawn: drawn.append(x.sum().item()) or x + 0, lambda x: x + 0, given=X, seed=seed
        )
        seen.append(repr(drawn))
    assert seen[0] == seen[1] != seen[2]


def test_the_process_is_left_as_it_was():
    before = torch.get_num_threads(), torch.is_grad_enabled(), np.geterr()
    torch.set_num_threads(2)
    assert_equivalent(torch.sin, np.sin, given=X)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before[0])
    assert (torch.get_num_threads(), torch.is_grad_enabled(), np.geterr()) == before


REFUSED = {
    "arguments": (std, np.std, {}, TypeError, r"std\(x, dim\) cannot be called with the inputs x: missing"),
    "no function": (3, np.std, {}, TypeError, "3 is neither a function nor an expression"),
    "no generator": (torch.sin, np.sin, {"given": {"x": 3}}, ValueError, r"x=3 is no generator: .*values\(3\)"),
    "a dtype": (torch.sin, np.sin, {"dtypes": ("float33",)}, ValueError, "dtypes='float33' is none of bool"),
    "a device": (torch.sin, np.sin, {"device": "gpu"}, ValueError, "device 'gpu': 'gpu' is no torch device; present"),
    "a region": (torch.sin, np.sin, {"excepting": ("nan",)}, ValueError, "excepting 'nan': it is none of NaN"),
    "a text": ("torch.sin(x", "np.sin(x)", {}, ValueError, "does not parse"),
    "a name": ("torch.sin(y)", "np.sin(x)", {}, ValueError, "unknown name 'y'"),
    "a reference": (std, np.std, {"given": {"x": tensors(), "dim": axes("y")}}, ValueError, "refers to 'y'"),
    "a check": (torch.sin, np.sin, {"strict": ("views",)}, ValueError, "strict 'views': it is none of memory"),
    "a list of inputs": (torch.sin, np.sin, {"given": [tensors()]}, TypeError, "names no inputs: write given={'x': "),
    "no name": (torch.sin, np.sin, {"given": {"x y": tensors()}}, ValueError, "'x y' is no name of an input"),
    "a keyword": (torch.sin, np.sin, {"given": {"class": tensors()}}, ValueError, "'class' is no name of an input"),
    "a number as a name": (torch.sin, np.sin, {"given": {1: tensors()}}, ValueError, "1 is no name of an input"),
    "no dtypes": (torch.sin, np.sin, {"dtypes": ()}, ValueError, "without a dtype nothing is asserted"),
    "a text of dtypes": (torch.sin, np.sin, {"dtypes": "float32"}, TypeError, r"such as dtypes=\('float32',\)"),
    "a text of regions": (torch.sin, np.sin, {"excepting": "NaN"}, TypeError, r"such as excepting=\('NaN',\)"),
    "a number as tolerance": (torch.sin, np.sin, {"tolerance": 1e-6}, TypeError, "tolerance=1e-06: give one of EXACT"),
    "a text as difference": (torch.sin, np.sin, {"differs": ["why"]}, TypeError, "'why' is no Difference"),
    "no device": (torch.sin, np.sin, {"device": None}, ValueError, "device=None: give a name"),
    "a text as budget": (torch.sin, np.sin, {"budget": "5"}, ValueError, "budget '5': give a whole number"),
    "a negative seed": (torch.sin, np.sin, {"seed": -1}, ValueError, "seed -1: give a whole number of at least 0"),
    "a fraction as seed": (torch.sin, np.sin, {"seed": 0.5}, ValueError, "seed 0.5: give a whole number"),
    "another order": (std, lambda dim, x: x, {"given": ALONG}, TypeError, "it takes them in another order"),
    "a class": (torch.nn.ReLU, np.sin, {}, TypeError, r"ReLU is a class of modules: give a module, such as ReLU\(…\)"),
    "drawn tensors": (
        torch.sin,
        np.sin,
        {"given": {"x": st.just(torch.ones(2))}},
        ValueError,
        r"a strategy of plain values draws a Tensor: give tensors\(…\)",
    ),
    "no strides": (torch.Tensor.to_sparse, lambda x: x, {}, ValueError, "this cannot be judged: RuntimeError"),
    "a budget": (torch.sin, np.sin, {"budget": 0}, ValueError, "budget 0: give a whole number of at least 1"),
}


@pytest.mark.parametrize(
    ("torch_function", "numpy_function", "options", "error", "words"), REFUSED.values(), ids=REFUSED
)
def test_what_cannot_be_asked_is_refused(torch_function, numpy_function, options, error, words):
    with pytest.raises(error, match=words):
        assert_equivalent(torch_function, numpy_function, **{"given": X, **options})


def test_two_that_give_nothing_are_not_taken_for_equivalent():
    """What is written to the inputs is compared, so that None alone is no fault."""
    assert_equivalent(Writing(), Writing(), given={"x": tensors(overlapping=False)})
    with pytest.raises(AssertionError, match="both give None, and leave their inputs as they were: return what"):
        assert_equivalent(lambda x: [x].clear(), lambda x: [x].clear(), given=X)
