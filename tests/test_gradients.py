"""Gradients: faults in backward formulas are found, what has none is declared, and the derivatives are right."""

import subprocess
import sys

import numpy as np
import pytest

from conformance import UNDEFINED, CaseError, Difference, Raises, broadcastable, loading, tensors
from conformance.case import Case
from conformance.differences import of_gradients
from conformance.evaluate import functions
from conformance.gradients import judge as gradients
from conformance.gradients import numeric, smooth, witness
from conformance.state import guarded
from conformance.tally import Tally

from .helpers import case_of, record_of
from .planted.backward import FAULTS

FLOAT = ("float32", "float64")
UNITS = (*FLOAT, "-")
ROWS = {row.id: row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)}


def judged(case, dtype="float64"):
    """The judge of one unit's gradients, done."""
    own = gradients.GradientJudge(
        case=case,
        dtype=dtype,
        device="cpu",
        functions=functions(case, "cpu", ("cpu",)),
        tally=Tally(),
        seed=0,
        declared=of_gradients(case, dtype),
    )
    with guarded("cpu"):
        own.judge()
    return own


def headlines(case, dtype="float64"):
    return [finding.headline for finding in judged(case, dtype).tally.findings.values()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_a_backward_formula_is_found(fault, monkeypatch):
    case = ROWS[fault.case]
    real = getattr(fault.owner, fault.attribute)
    assert not any(headlines(case, dtype) for dtype in UNITS if dtype in case.unit_dtypes())
    monkeypatch.setattr(fault.owner, fault.attribute, fault.patched(real))
    assert any(headlines(case, dtype) for dtype in UNITS if dtype in case.unit_dtypes())


def row(torch_text, numpy_text="x * 2", **options):
    return case_of(torch_text, numpy_text, **({"x": tensors()} | options))


@pytest.mark.parametrize(
    ("torch_text", "words"),
    [
        ("x.detach() * 2", "its result carries none"),
        ("torch.from_numpy(x.numpy()) * 2", "it refuses inputs that ask for a gradient: RuntimeError"),
        ("x + x.detach()", "the gradient by x"),
        ("(x + x.data).clone()", "NumPy's expression by differences"),
    ],
)
def test_what_has_no_gradient_or_another(torch_text, words):
    assert words in headlines(row(torch_text))[0]


@pytest.mark.parametrize(
    "torch_text", ["x * 2", "x + x", "x.clone().mul_(2)", "x.mul_(2)", "torch.cat([x, x]).sum() * 0 + 2 * x"]
)
def test_what_has_the_derivative_agrees(torch_text):
    numpy = "x *= 2\nx" if torch_text == "x.mul_(2)" else "x * 2"
    one = judged(row(torch_text, numpy))
    assert not one.tally.findings
    assert one.record()["structures"] >= 5
    assert one.record()["numbers"] > 50
    assert one.worst < 1


def gradient_difference(torch_statement, **options):
    given = {"example": {"x": np.array([0.75])}, "aspect": "gradient"} | options
    return Difference("a reason", torch=torch_statement, **given)


@pytest.mark.parametrize(
    ("torch_text", "statement", "verdict"),
    [
        ("x.detach() * 2", "none", "differs as declared"),
        ("x.detach() * 2", Raises(RuntimeError), "differs"),
        ("x + x.detach()", UNDEFINED, "differs as declared"),
        ("x + x.detach()", "none", "differs"),
        ("x * 2", "none", "difference gone"),
        ("x * 2", UNDEFINED, "difference gone"),
        ("torch.from_numpy(x.numpy()) * 2", Raises(RuntimeError), "differs as declared"),
    ],
)
def test_declared_differences_of_gradients(torch_text, statement, verdict):
    record = record_of(row(torch_text, dtypes=FLOAT, differs=[gradient_difference(statement)]), "float64")
    assert record["verdict"] in {verdict, "differs"} if verdict == "difference gone" else record["verdict"] == verdict
    assert verdict in {record["verdict"], *(told["verdict"] for told in record["differences"])}


def test_one_that_applies_where_the_gradient_is_right_is_too_broad():
    declared = gradient_difference("none", when="x[..., :1].sum() > 0", example={"x": np.array([0.75])})
    text = "x.detach() * 2 if x.sum() > 100 else x * 2"
    record = record_of(row(text, dtypes=FLOAT, x=tensors(ndim=1), differs=[declared]), "float64")
    assert any("declared too broadly" in failure["headline"] for failure in record["failures"])


@pytest.mark.parametrize("statement", ["x", "view", "gradient"])
def test_what_a_difference_of_gradients_may_say(statement):
    with pytest.raises(CaseError, match="with aspect='gradient': write 'none', Raises"):
        gradient_difference(statement)


def test_the_record_says_how_much_was_judged():
    record = record_of(row("x * 2", dtypes=FLOAT), "float64")
    assert record["checks"]["gradient"] == {"verdict": "agrees", "inputs": record["gradient"]["structures"]}
    assert record["gradient"]["worst"] < 1
    assert record_of(row("x * 2", dtypes=FLOAT), "int64")["gradient"] is None
    assert record_of(row("x > 2", "x > 2", dtypes=FLOAT), "float64")["checks"]["gradient"]["verdict"] == "not judged"


def test_rows_that_ask_for_gradients_themselves_are_left_alone():
    text = "y = x.clone().requires_grad_()\n(y * y).sum().backward()\ny.grad"
    assert judged(row(text)).record() is None


def test_the_script_of_a_failure_shows_both_gradients(tmp_path):
    record = record_of(row("x + x.detach()", dtypes=FLOAT, x=tensors(ndim=1)), "float64")
    (tmp_path / "shown.py").write_text(record["failures"][0]["script"])
    done = subprocess.run([sys.executable, tmp_path / "shown.py"], capture_output=True, text=True, check=True)
    theirs, ours = (eval(line.partition(" ")[2], {"np": np}) for line in done.stdout.splitlines())  # noqa: S307 - our own script
    assert np.allclose(2 * np.array(theirs["x 0"]), list(ours.values()), rtol=1e-9)


# Derivatives by differences.


def derivatives(function, x, weights=None):
    case = row("x", "x", x=tensors(ndim=1))
    structure = next(s for s in smooth.structures(case, 0) if s.slots["x"].layout == "contiguous" and len(s.trace))
    slot = structure.slots["x"]
    x = np.resize(x, slot.size)
    batch = next(smooth.fills(structure, "float64", np.random.default_rng(0)))
    batch = type(batch)(structure=structure, blocks=[x[None]], dtype="float64", count=1)
    weights = np.ones(len(x)) if weights is None else weights
    moved, steps = numeric.each(batch.blocks, [True])

    def called(value):
        return function(value)  # a frame of its own, as an expression has

    return x, numeric.along(called, batch, moved, steps, [weights])


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (np.square, lambda x: 2 * x),
        (np.sign, np.zeros_like),
    ],
)
def test_derivatives_lie_within_their_bounds(function, derivative):
    x, found = derivatives(function, np.linspace(0.3, 2, 64))
    assert np.isfinite(found.bounds).all()
    assert (np.abs(found.values - derivative(x)) <= found.bounds).all()
    assert (found.bounds < 1e-8).all()


@pytest.mark.parametrize("function", [np.round, np.abs, lambda x: np.maximum(x, 0.3)])
def test_a_kink_is_not_taken_for_smooth(function):
    place = {np.round: 0.5, np.abs: 1e-4}.get(function, 0.3001)
    _, found = derivatives(function, np.array([place]))
    assert np.isnan(found.bounds).all()


@pytest.mark.parametrize("power", [1, 2, 3], ids=["slope", "curvature", "third derivative"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_kink_too_slight_to_be_seen_lies_within_the_bound(power, side):
    errors, bounds = [], []
    for distance in np.linspace(0, 2.8, 57):
        place = 1.3 * (1 + side * distance * numeric.STEP)

        def bent(value, place=place):
            beyond = np.maximum(side * (value - place), 0) / numeric.STEP
            return value + side * 1e-5 * numeric.STEP * beyond**power

        _, found = derivatives(bent, np.array([1.3]))
        slope = 1 + (1e-5 * (distance == 0) / 2 if power == 1 else 0)
        errors.append(np.max(np.abs(found.values - slope)))
        bounds.append(np.min(found.bounds))
    known = np.isfinite(bounds)
    assert known.sum() > 20
    assert (np.array(errors)[known] <= np.array(bounds)[known]).all()
    assert np.max(np.array(errors)[known]) > 1e-7


def test_fine_steps_are_not_taken_for_a_slope():
    _, found = derivatives(lambda x: np.round(x, 3), np.linspace(0.3, 2, 64))
    known = np.isfinite(found.bounds)
    assert (np.abs(found.values[known]) <= found.bounds[known]).all()


def test_numbers_are_all_different_and_away_from_halves():
    case = row("x + y", "x + y", y=broadcastable("x"))
    for structure in smooth.structures(case, 0):
        for batch in smooth.fills(structure, "float64", np.random.default_rng(1)):
            numbers = np.concatenate([block[0] for block in batch.blocks])
            if len(numbers) <= smooth.FEW:
                assert len(np.unique(np.abs(numbers))) == len(numbers)
                assert np.min(np.abs(numbers * 2 - np.round(numbers * 2)), initial=1) > 0.03


def signs(torch_text, numpy_text, seed=0):
    """The negative and the positive numbers of each input that moves, at which the gradient is judged."""
    case = row(torch_text, numpy_text, y=broadcastable("x"))
    rng = np.random.default_rng(seed)
    for structure in smooth.structures(case, seed):
        for batch in smooth.fills(structure, "float64", rng):
            with np.errstate(invalid="ignore"):
                if np.isfinite(eval(numpy_text, {"np": np, "x": batch.blocks[0], "y": batch.blocks[1][..., :1]})).all():  # noqa: S307 - our own text
                    yield from ((int(np.sum(block < 0)), int(np.sum(block > 0))) for block in batch.blocks)
                    break


@pytest.mark.parametrize("seed", range(3))
def test_as_many_numbers_are_negative_as_positive(seed):
    found = np.array(list(signs("x + y", "x + y", seed)))
    assert (np.abs(found[:, 0] - found[:, 1]) <= 1).all()  # in each tensor: one of 7 numbers may be left over
    assert np.array_equal(found, list(signs("x + y", "x + y", seed)))
    negative, positive = found[found.sum(axis=1) == 1].sum(axis=0)
    assert negative
    assert positive


def test_all_are_positive_only_where_a_function_has_no_value_of_negative_ones():
    found = np.array(list(signs("torch.log(x) + y", "np.log(x) + y")))
    assert not found[found.sum(axis=1) > 1][:, 0].any()


# Closed forms.


def with_forms(tmp_path, text):
    (tmp_path / "gradients.toml").write_text(text)
    made = case_of("torch.exp(x) * y", "np.exp(x) * y", x=tensors(), y=broadcastable("x"), dtypes=FLOAT)
    return type(made)(**{**vars(made), "file": str(tmp_path / "mine.py"), "id": "mine/exp"})


def test_a_closed_form_is_a_third_witness(tmp_path):
    right = with_forms(tmp_path, '["mine/exp"]\nx = "unbroadcast(g)"'.replace("unbroadcast(g)", "g * np.exp(x) * y"))
    alike = case_of("torch.exp(x)", "np.exp(x)", x=tensors(), dtypes=FLOAT)
    forms = type(alike)(**{**vars(alike), "file": right.file, "id": "mine/alone"})
    (tmp_path / "gradients.toml").write_text('["mine/alone"]\nx = "g * np.exp(x)"')
    witness._read.cache_clear()
    assert not judged(forms).tally.findings
    (tmp_path / "gradients.toml").write_text('["mine/alone"]\nx = "g * np.exp(x) * (1 + 1e-12)"')
    witness._read.cache_clear()
    assert "the closed form g * np.exp(x) * (1 + 1e-12)" in headlines(forms)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('["mine/exp"]\nz = "g"', "no such input; there are x, y"),
        ('["mine/exp"]\nx = "g * unknown"', "unknown name 'unknown'"),
        ('["mine/exp"]\nx = "g *"', "does not parse"),
        ("[mine", "gradients.toml"),
        ('"mine/exp" = 3', "give an expression for each input"),
    ],
)
def test_a_wrong_table_of_closed_forms(tmp_path, text, words):
    witness._read.cache_clear()
    record = record_of(with_forms(tmp_path, text), "float64")
    assert record["verdict"] == "broken"
    assert words in record["reason"]


def test_every_closed_form_is_of_a_row():
    forms = witness._read(loading.folder() / "gradients.toml")
    assert forms
    assert not set(forms) - set(ROWS)
