"""Rows that are wrong: each is kept with one line that says what, where and what to do; the others stay."""

import numpy as np
import pytest

from conformance import COMPLEX, Difference, Raises, Section, axes, joinable, like, lists, scalars, tensors, ulp, values
from conformance.case import BrokenCase, Case, CaseError, Crashes, OneOf, Undefined
from conformance.loading import checked

from .helpers import broken, case_of, record_of

X = tensors()
ONE = {"x": np.zeros(1)}


def differing(**options) -> list[Difference]:
    return [Difference("a reason", **{"example": ONE, "torch": "x", **options})]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (lambda: broken("x + z", "x", x=X), ["unknown name 'z'", "torch expression 'x + z'", "inputs are x"]),
        (lambda: broken("x", "x + torch.pi", x=X, id="row"), ["unknown name 'torch'", "numpy expression"]),
        (lambda: broken("x + 1", "x + 1", x=X, y=X), ["'y' is used by neither expression", "remove it or use it"]),
        (lambda: broken("x +", "x", x=X), ["'x +' does not parse"]),
        (lambda: broken("x", "", x=X), ["is empty", "such as"]),
        (lambda: broken("x = 1", "x", x=X), ["does not end in an expression"]),
        (lambda: broken("x if x else x", "x", x=X), ["no one operation", "add id="]),
        (lambda: broken("x + 1", "x + 1", x=7), ["x=7 is no generator", "x=tensors()", "values(7)"]),
        (lambda: broken("x + y", "x + y", x=X, y=like("z")), ["y=like('z')", "'z'", "no input of this row"]),
        (lambda: broken("x + y", "x + y", x=like("y"), y=like("x")), ["x, y", "in a circle"]),
        (lambda: broken("out + 1", "out + 1", out=X), ["an input cannot be called 'out'", "choose another"]),
        (lambda: broken("x + 1", "x + 1", x=X, dtypes=("float31",)), ["dtypes='float31'", "is none of", "float32"]),
        (
            lambda: broken("+x", "+x", x=X, differs=differing(example={"y": 1})),
            ["in the difference 'a reason'", "the example gives y", "the inputs are x"],
        ),
        (
            lambda: broken("+x", "+x", x=X, differs=differing(when="z > 1")),
            ["in the difference 'a reason'", "unknown name 'z' in when='z > 1'"],
        ),
        (lambda: broken("+x", "+x", x=X, differs=differing(torch="x y")), ["'x y' does not parse"]),
        (lambda: broken("+x", "+x", x=X, differs=differing(instead="z")), ["unknown name 'z' in instead='z'"]),
    ],
)
def test_a_wrong_row_says_what_is_wrong(row, words):
    kept = row()
    assert all(word in kept.error for word in words), kept.error
    assert "\n" not in kept.error
    assert kept.line > 0
    assert kept.file.endswith("helpers.py")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Difference("", example=ONE, torch="x"), ["give the reason", "in words"]),
        (lambda: Difference(" a reason", example=ONE, torch="x"), ["no blanks around it"]),
        (lambda: differing(kind="odd"), ["kind='odd' is none of design, gotcha, bug"]),
        (lambda: differing(aspect="colour"), ["aspect='colour' is none of value, dtype, memory"]),
        (lambda: differing(aspect="memory"), ["torch='x' with aspect='memory'", "write 'view', 'copy'"]),
        (lambda: differing(dtypes=("real",)), ["dtypes='real' is none of"]),
        (Raises, ["name at least one exception class", "Raises(ValueError)"]),
        (lambda: Raises(3), ["Raises(3,)", "exception class"]),
        (lambda: Raises(SystemExit), ["exception class"]),
    ],
)
def test_a_wrong_value_is_refused_where_it_is_made(make, words):
    with pytest.raises(CaseError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tensors(ndim=9), ["ndim=(9, 9)", "from 0 to 4"]),
        (lambda: tensors(ndim=(3, 1)), ["ndim=(3, 1)", "the lower first"]),
        (lambda: tensors(dtypes=("float31",)), ["dtypes: 'float31' is none of", "float32"]),
        (lambda: tensors(domain="odd"), ["domain: 'odd' is none of any, finite"]),
        (lambda: scalars("text"), ["kinds: 'text' is none of bool, int"]),
        (values, ["values() is empty", "such as"]),
        (lambda: ulp(0, "a reason"), ["give a positive number"]),
        (lambda: ulp(1, ""), ["where it comes from"]),
    ],
)
def test_a_wrong_generator_or_tolerance_is_refused(make, words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are looked at below
        make()
    assert all(word in str(caught.value) for word in words), caught.value


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("torch.abs(x)", "np.abz(x)"), ["np.abz does not exist", "did you mean np.abs?"]),
        (("torch.abz(x)", "np.abs(x)"), ["torch.abz does not exist", "did you mean torch.abs?"]),
        (("x.numle()", "x.size"), ["x.numle does not exist", "x.numel?"]),
        (("x.sum()", "x.summ()"), ["x.summ does not exist", "x.sum?"]),
        (("torch.linalg.nrm(x)", "np.linalg.norm(x)"), ["torch.linalg.nrm does not exist", "torch.linalg.norm?"]),
        (("x.sum()", "np.sum(x, axs=0)"), ["np.sum(…) cannot be called so", "axs"]),
    ],
)
def test_names_and_keywords_are_looked_up(row, words):
    kept = checked(case_of(*row, x=X))
    assert isinstance(kept, BrokenCase)
    assert all(word in kept.error for word in words), kept.error


@pytest.mark.parametrize(
    "row",
    [
        ("torch.linalg.norm(x)", "np.linalg.norm(x)"),
        ("x.real.sum()", "x.real.sum()"),
        ("torch.sum(x, axis=0)", "np.sum(x, axis=0)"),
        ("x.sum(**{})", "np.sum(x, **{})"),
    ],
)
def test_names_that_exist_pass(row):
    assert isinstance(checked(case_of(*row, x=X)), Case)


def test_names_on_lists_of_tensors_are_left_alone():
    row = case_of("xs[d].anything", "xs[d].anything", xs=joinable("d"), d=axes("xs"))
    assert isinstance(checked(row), Case)
    assert isinstance(checked(case_of("torch.tensor(xs)", "np.array(xs)", xs=lists())), Case)


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        ("__import__('pytest').skip('ha')", "the torch expression: Skipped: ha"),
        ("(_ for _ in ()).throw(GeneratorExit)", "the torch expression: GeneratorExit:"),
    ],
)
def test_an_exception_meant_for_the_program_around_is_no_outcome(raised, words):
    """It neither skips the unit nor ends the run."""
    record = record_of(case_of(raised, "x", x=tensors(dtypes=("float32",))))
    assert (record["verdict"], record["reason"]) == ("broken", words)
    assert record["line"] > 0


def test_a_duplicate_names_the_line_of_the_first():
    section = Section("Made here")
    section.case("x + 1", "x + 1", x=X)
    section.case("x + 2", "x + 2", x=X)
    section.case("x + 3", "x + 3", x=X, id="add-three")
    first, second, third = section.cases
    assert first.id == "made-here/add"
    assert f"duplicate id 'made-here/add', first at line {first.line}" in second.error
    assert "add id='add-…'" in second.error
    assert third.id == "made-here/add-three"


def test_a_wrong_row_does_not_stop_the_others():
    section = Section("Made here", id="here")
    section.case("x +", "x", x=X)
    section.case("-x", "-x", x=X)
    assert [type(row) for row in section.cases] == [BrokenCase, Case]
    assert section.cases[0].id == f"here/line-{section.cases[0].line}"


def test_units_are_all_dtypes_or_the_one_without():
    assert "bfloat16" in case_of("-x", "-x", x=X, dtypes=COMPLEX).unit_dtypes()
    assert case_of("-x", "-x", x=tensors(dtypes=("int8",))).unit_dtypes() == ("-",)


def test_a_device_in_a_string_is_needed():
    assert case_of("x.to('cuda:1')", "x", x=X).needs_device() == "cuda:1"
    assert case_of("x.to('cpu')", "x", x=X).needs_device() is None


def test_seeds_depend_on_the_case_and_on_the_run():
    case = case_of("-x", "-x", x=X)
    assert len({case.seed(0), case.seed(1), case_of("+x", "+x", x=X, id="other").seed(0)}) == 3


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (Raises(ValueError, TypeError), "raises ValueError or TypeError"),
        (Crashes(), "kills"),
        (Undefined(), "undefined"),
        (OneOf("out", "np.nan"), "one of: out | np.nan"),
    ],
)
def test_statements_in_words(statement, words):
    assert words in str(statement)
