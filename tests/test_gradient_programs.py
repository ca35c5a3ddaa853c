"""Programs that make leaves of their own, or go through `torch.func`: judged by what a gradient does flow to."""

import pytest

from conformance import matching, tensors
from conformance.expression import parse
from conformance.gradients import program, witness

from .helpers import case_of, record_of
from .test_gradients import ROWS, headlines, judged, with_forms

LAYER = "layer = torch.nn.Linear(w.shape[1], w.shape[0], bias=False)\n"
SPELLINGS = {
    "Parameter": f"{LAYER}layer.weight = torch.nn.Parameter(w)\nlayer({{x}})",
    "load_state_dict": f"{LAYER}layer = layer.to(x.dtype)\nlayer.load_state_dict({{{{'weight': w}}}})\nlayer({{x}})",
    "functional_call": f"{LAYER}torch.func.functional_call(layer, {{{{'weight': w}}}}, {{x}})",
}


def of_layer(spelling, x, spellings=SPELLINGS):
    text = spellings[spelling].format(x=x)
    return case_of(text, "x @ w.T", x=tensors(2), w=matching("oj", x="nj"), dtypes=("float32", "float64"))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_layer_is_judged_by_its_data(spelling):
    assert judged(of_layer(spelling, "x")).record()["numbers"] > 50
    assert "the gradient by x" in headlines(of_layer(spelling, "(x + x.detach()) / 2"))[0]


def test_only_one_that_takes_the_weight_itself_is_judged_by_it():
    changed = SPELLINGS.copy()
    for spelling, text in SPELLINGS.items():
        changed[spelling] = text.replace("(w)", "(w.detach())").replace(": w}", ": w.detach()}")
    found = {spelling: "".join(headlines(of_layer(spelling, "x", changed))) for spelling in changed}
    assert not found["Parameter"]
    assert not found["load_state_dict"]
    assert "the gradient by w" in found["functional_call"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("torch.nn.Parameter(w)", {"w"}),
        ("layer.weight, layer.bias = torch.nn.Parameter(w), torch.nn.Parameter(data=b)\nlayer(x)", {"w", "b"}),
        ("model.load_state_dict({'0.weight': w}, strict=strict)\nmodel(x)", {"w", "strict"}),
        ("torch.func.functional_call(layer, {'weight': w}, x)", set()),
    ],
)
def test_the_leaves_that_a_program_makes(text, names):
    assert program.leaves(parse(text)) == names


def test_what_makes_leaves_alone_has_nothing_to_judge():
    assert judged(case_of("torch.nn.Parameter(x)", "x", x=tensors(), dtypes=("float64",))).record() is None


@pytest.mark.parametrize(
    "case", ["gradient/func-grad", "gradient-mechanics/jvp", "gradient-mechanics/hessian", "layers/Module"]
)
def test_these_rows_are_judged(case):
    one = judged(ROWS[case])
    assert not one.tally.findings
    assert one.record()["numbers"] >= 9


def test_a_closed_form_by_such_a_leaf_is_refused(tmp_path):
    made = with_forms(tmp_path, '["mine/exp"]\nx = "g"')
    of_leaf = case_of("torch.nn.Parameter(x) * 2", "x * 2", x=tensors(), dtypes=("float64",))
    witness._read.cache_clear()
    record = record_of(type(of_leaf)(**{**vars(of_leaf), "file": made.file, "id": "mine/exp"}), "float64")
    assert record["verdict"] == "broken"
    assert "take this entry out" in record["reason"]
