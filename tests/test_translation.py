"""Anyone's translation: the verdict on forty of them, what inputs they are taken to want, where they part, and why."""

import json
from collections import Counter

import numpy as np
import pytest

from conformance import axes, measured, tensors
from conformance.case import CaseError
from conformance.expression import parse
from conformance.tolerance import Close, Measured
from conformance.translation import answer, matching, regions
from conformance.translation.inference import inferred
from conformance.translation.question import Question

from .helpers import case_of
from .translations import RIGHT, WRONG


def asked(torch, numpy, **options) -> dict:
    options = {"dtypes": ("float32",), "budget": 25, **options}
    return json.loads(json.dumps(answer.answered(Question(torch=torch, numpy=numpy, **options), ("cpu",))))


@pytest.mark.parametrize(("torch", "numpy"), RIGHT)
def test_a_right_translation_is_no_false_alarm(torch, numpy):
    told = asked(torch, numpy)
    assert (told["verdict"], told["counterexample"]) == ("equivalent", None)
    assert told["inputs"]["float32"] > 50


@pytest.mark.parametrize(("torch", "numpy", "wanted"), WRONG)
def test_a_wrong_translation_is_told_with_a_small_input(torch, numpy, wanted):
    dtypes = ("float64",) if wanted == "dtype" and "gelu" not in torch else ("float32",)
    told = asked(torch, numpy, dtypes=dtypes)
    if isinstance(wanted, tuple):
        assert (told["verdict"], tuple(told["regions"])) == ("equivalent except", wanted)
    else:
        assert (told["verdict"], told["counterexample"]["check"]) == ("not equivalent", wanted)
    arrays = [text for text in told["counterexample"]["inputs"].values() if text.startswith("np.array")]
    assert all(text.count(",") <= 6 for text in arrays)
    assert "def torch_side" in told["counterexample"]["script"]


@pytest.mark.parametrize(
    ("torch", "numpy", "given"),
    [
        ("x.sum(dim)", "x.sum(axis=dim)", {"x": "tensors(ndim=(1, 3))", "dim": "axes('x')"}),
        ("b + a", "a + b", {"b": "tensors(ndim=(1, 3))", "a": "broadcastable('b')"}),
        ("x @ y", "x @ y", {"x": "tensors(ndim=(1, 3))", "y": "multipliable('x')"}),
        ("x.mean(dim=2)", "x.mean(axis=2)", {"x": "tensors(ndim=(3, 3))"}),
        ("x.mean(dim=(0, -4))", "x.mean(axis=(0, -4))", {"x": "tensors(ndim=(4, 4))"}),
        ("torch.cat(xs, dim)", "np.concatenate(xs, dim)", {"xs": "joinable('dim')", "dim": "axes('xs')"}),
        ("x[mask]", "x[mask]", {"x": "tensors(ndim=(1, 3))", "mask": "masks('x')"}),
        ("x[i]", "x[i]", {"x": "tensors(ndim=(1, 3))", "i": "indices('x', 0)"}),
        ("x.view(shape)", "x.reshape(shape)", {"x": "tensors(ndim=(1, 3))", "shape": "reshapes('x')"}),
        ("torch.zeros(shape)", "np.zeros(shape)", {"shape": "shapes()"}),
        ("x.sum(dim, keepdim=keepdim)", "x.sum(dim, keepdims=keepdim)", {"keepdim": "values(False, True)"}),
        ("(z := x + 1) * z", "(z := x + 1) * z", {"x": "tensors(ndim=(1, 3))"}),
        ("torch.einsum('ij,jk->ik', a, b)", "a @ b", {"a": "tensors(ndim=2)", "b": "matching('jk', a='ij')"}),
        (
            "x @ w",
            "np.einsum('...ij,jk->...ik', x, w)",
            {"x": "tensors(ndim=(2, 3))", "w": "matching('jk', x='...ij')"},
        ),
        ("torch.einsum('ii', x)", "np.trace(x)", {"x": "squares(ndim=2)"}),
        (
            "torch.nn.functional.cross_entropy(x, t)",
            "-x[np.arange(len(t)), t]",
            {"x": "tensors(ndim=2)", "t": "classes('x')"},
        ),
        (
            "torch.nn.functional.nll_loss(torch.log_softmax(x, 1), t)",
            "x[t]",
            {"x": "tensors(ndim=2)", "t": "classes('x')"},
        ),
        (
            "torch.nn.functional.cross_entropy(x, t)",
            "-(t * np.log(x)).sum()",
            {"x": "tensors(ndim=2)", "t": "like('x')"},
        ),
        (
            "torch.nn.functional.embedding(i, w)",
            "w[i]",
            {"i": "indices('w', 0, ndim=(1, 2), negative=False)", "w": "tensors(ndim=2)"},
        ),
        ("torch.gather(x, dim, i)", "x", {"i": "indices_along('x', 'dim', negative=False)", "dim": "axes('x')"}),
        ("x[:, i]", "x[:, i]", {"x": "tensors(ndim=(2, 3))", "i": "indices('x', 1)"}),
        ("x[..., i]", "x[..., i]", {"x": "tensors(ndim=(1, 3))", "i": "indices('x', -1)"}),
        ("x.permute(1, 0, 2)", "x.transpose(1, 0, 2)", {"x": "tensors(ndim=3)"}),
        (
            "torch.nn.functional.linear(x, w, b)",
            "x @ w.T + b",
            {"x": "tensors(ndim=(1, 3))", "w": "matching('oi', x='...i')", "b": "matching('o', w='oi')"},
        ),
        ("(y := x + 1).gather(1, i)", "x", {"i": "indices('x', 0)"}),
    ],
)
def test_inputs_follow_from_names(torch, numpy, given):
    found = inferred(parse(torch), parse(numpy), {})
    assert {name: found.get(name) for name in given} == given
    assert "z" not in found
    assert inferred(parse(torch), parse(numpy), {"x": "tensors(2)"}) == {**found, "x": "tensors(2)"} or "x" not in found


def test_what_is_inferred_and_what_is_given_is_told():
    told = asked("x.sum(dim)", "np.sum(x, axis=dim)", given={"x": "tensors(ndim=2)"})
    assert told["given"] == {"x": "tensors(ndim=(2, 2))", "dim": "axes('x')"}
    assert told["inferred"] == ["dim"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"torch": "x +"}, "does not parse"),
        ({"numpy": "np.sdt(x)"}, "did you mean np.std"),
        ({"given": {"x": "tensor()"}}, "NameError: name 'tensor' is not defined"),
        ({"given": {"z": "tensors()"}}, "'z' is used by neither expression"),
        ({"given": {"x": "3"}}, "is no generator"),
        ({"relative": -1.0}, "not negative"),
        ({"absolute": float("inf")}, "give a finite number"),
    ],
)
def test_a_question_that_is_wrong_is_one_line(options, words):
    with pytest.raises(CaseError) as error:
        Question(**{"torch": "x + 1", "numpy": "x + 1", **options}).case()
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_the_rows_say_what_either_expression_means():
    told = asked("y.std(1)", "np.std(y, axis=1)")
    means = {one["side"]: one["means"] for one in told["means"]}
    assert means == {"torch": "np.std(y, axis=1, ddof=1)", "numpy": "torch.std(y, 1, unbiased=False)"}


def test_a_suggestion_that_is_not_true_is_not_made():
    told = asked("(x - x.mean(0)) / x.std(0)", "(x - np.mean(x, 0)) / np.std(x, 0)")
    assert (told["verdict"], told["means"]) == ("not equivalent", [])
    means = asked("x.half().float()", "x.astype(np.float16)")["means"]
    assert [(one["side"], one["means"]) for one in means] == [("numpy", "x.half()")]


def test_a_declared_difference_explains_with_what_to_write_instead():
    (why,) = asked("torch.median(a)", "np.median(a)")["because"]
    assert "even count" in why["because"]
    assert why["instead"] == "a.double().quantile(0.5).to(a.dtype)"


def test_a_pattern_takes_no_part_of_a_library_for_an_input():
    found = matching.known(parse("torch.relu(x) + 1"), parse("np.abs(np.exp(x))"), matching.rows())
    assert not [one for one in found if one.side == "numpy"]


def test_the_same_name_stands_for_one_thing():
    square = case_of("x * x", "np.square(x)", x=tensors())
    assert [one.means for one in matching.known(parse("a[0] * a[0]"), parse("a"), [square])] == ["np.square(a[0])"]
    assert matching.known(parse("a * b"), parse("a"), [square]) == []


@pytest.mark.parametrize("torch", ["y.std(1)", "y.std(dim=1)", "torch.std(y, 1)", "torch.std(y, dim=1)"])
def test_methods_functions_and_keywords_of_an_axis_are_met_alike(torch):
    row = case_of("x.std(dim)", "np.std(x, axis=dim, ddof=1)", x=tensors(ndim=(1, 3)), dim=axes("x"))
    assert [one.means for one in matching.known(parse(torch), parse("y"), [row])] == ["np.std(y, axis=1, ddof=1)"]


def test_what_both_ought_to_refuse_is_not_asked():
    told = asked("x.sum(dim) if -x.ndim <= dim < x.ndim else 0", "x.sum(axis=dim)")
    assert told["verdict"] == "equivalent"


def test_whole_numbers_for_floats_are_told():
    assert asked("x.int()", "x + 0.5")["counterexample"]["check"] == "dtype"


@pytest.mark.parametrize(
    ("failing", "regions_"),
    [
        ([{"NaN"}], ("NaN",)),
        ([{"NaN", "ties"}, {"ties"}], ("ties",)),
        ([{"NaN"}, {"infinities"}], ("NaN", "infinities")),
        ([{"NaN"}, set()], None),
        ([{"NaN"}, {"infinities"}, {"ties"}, {"0-d tensors"}], None),
    ],
)
def test_the_fewest_regions_that_hold_all(failing, regions_):
    assert regions.covering(Counter(map(frozenset, failing))) == regions_


def test_the_customary_names_of_modules_are_known():
    told = asked("F.relu(nn.Identity()(x))", "numpy.where(x <= 0, 0 * numpy.ones_like(x), x)")
    assert told["torch"] == "torch.nn.functional.relu(torch.nn.Identity()(x))"
    assert (told["verdict"], list(told["given"])) == ("equivalent", ["x"])
    assert asked("F.abs()", "np.abs(F)", given={"F": "tensors()"})["verdict"] == "equivalent"


def test_memory_is_a_note_unless_it_is_to_count():
    assert asked("x.reshape(-1)", "x.ravel().copy()")["verdict"] == "equivalent"
    note = asked("x.reshape(-1)", "x.ravel().copy()")["notes"][0]
    assert "memory" in note
    strict = asked("x.reshape(-1)", "x.ravel().copy()", strict=("memory",))
    assert (strict["verdict"], strict["counterexample"]["check"]) == ("not equivalent", "memory")


def test_inputs_that_nobody_takes_are_no_agreement():
    told = asked("x[9, 9, 9, 9]", "x[9, 9, 9, 9]")
    assert told["verdict"] == "not judged"
    assert "say with --given" in told["notes"][-1]


def test_other_dtypes_are_noted():
    noted = answer.afterwards(Question(torch="x.mean()", numpy="x.mean()"), ("cpu",))
    assert [note.partition(":")[0] for note in noted] == ["int64", "bool"]
    assert answer.afterwards(Question(torch="x.sum()", numpy="x.sum()", dtypes=("int64", "bool")), ("cpu",)) == []


def _outside(numpy, x, off, dtype="float32", tolerance=None):
    want = numpy(x)
    got = (want + off * np.spacing(np.abs(want))).astype(dtype)
    return measured.outside(got, numpy, [x], dtype, tolerance or Measured())


def test_four_units_are_allowed_and_what_moving_the_inputs_makes():
    x = np.array([1.5, 100.0], np.float32)
    assert not _outside(lambda v: v * 1, x, 4).any()
    assert _outside(lambda v: v * 1, x, 9).all()
    assert not _outside(np.exp, np.array([60.0], np.float32), 60).any(), (
        "exp(60) moves by 30 units as 60 does by a half"
    )
    assert _outside(np.exp, np.array([60.0], np.float32), 1000).all()


def test_a_jump_allows_nothing():
    assert _outside(np.floor, np.array([2.0], np.float32), 50).all()


def test_only_one_side_that_overflows_is_outside():
    x = np.array([100.0], np.float32)
    naive = lambda v: np.log(np.exp(v))  # noqa: E731 - one of the sides
    with np.errstate(all="ignore"):
        assert measured.outside(x, naive, [x], "float32", Measured()).all()


def test_what_numpy_loses_itself_is_allowed_to_torch():
    x = np.array([3e-23], np.float32)
    root = lambda v: np.sqrt(np.square(v))  # noqa: E731 - one of the sides; the square is no normal number
    for wrong, got in ((False, 2.6e-23), (True, 9e-24)):
        assert measured.outside(np.array([got], np.float32), root, [x], "float32", Measured(times=1)).all() == wrong


def test_close_is_numpys():
    x = np.array([1.0, 2.0], np.float32)
    got = x + np.float32(0.1)
    assert not measured.outside(got, np.positive, [x], "float32", Close(relative=0, absolute=0.11)).any()
    assert measured.outside(got, np.positive, [x], "float32", Close(relative=0.06, absolute=0)).tolist() == [
        True,
        False,
    ]
