"""Two runs compared: what becomes of a unit, what makes one entry, what explains it."""

import pytest

from conformance.history.units import Kind, Trouble
from conformance.statement import CRASHES, UNDEFINED, OneOf, Raises

from .runs import NEWER, bench, compared, difference, failure, run, unit

GONE = difference("they part", "changed", finding={"torch": "1.0", "numpy": "1.0", "wrong": "PyTorch"})


def kinds(old, new):
    """What became of each unit."""
    return [change.kind for change in compared(old, new).changes]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("agrees", "agrees", Kind.SAME),
        ("agrees", "differs", Kind.FAILS_NOW),
        ("differs as declared", "difference gone", Kind.FAILS_NOW),
        ("not run", "crashed", Kind.FAILS_NOW),
        ("changed", "differs", Kind.FAILS_NOW),
        ("fails as expected", "differs", Kind.FAILS_NOW),
        ("agrees", "of tomorrow", Kind.FAILS_NOW),
        ("agrees", "changed", Kind.OTHERWISE),
        ("differs as declared", "changed", Kind.OTHERWISE),
        ("differs", "agrees", Kind.FIXED),
        ("crashed", "differs as declared", Kind.FIXED),
        ("differs", "not run", Kind.VERDICT),
        ("differs", "fails as expected", Kind.VERDICT),
        ("differs", "changed", Kind.VERDICT),
        ("crashed", "differs", Kind.VERDICT),
        ("changed", "agrees", Kind.VERDICT),
        ("torch only", "agrees", Kind.VERDICT),
        ("agrees", "not run", Kind.VERDICT),
        ("differs", "differs", Kind.STILL),
        ("changed", "changed", Kind.SAME),
    ],
)
def test_what_becomes_of_a_unit(old, new, kind):
    assert kinds(run(unit(old)), run(unit(new))) == [kind]


def test_a_failure_of_another_check_is_a_new_one():
    value = unit("differs")
    both = unit("differs", checks={name: {"verdict": "differs", "inputs": 1} for name in ("value", "memory")})
    (change,) = compared(run(value), run(both)).changes
    assert (change.kind, change.troubles) == (Kind.FAILS_NOW, (Trouble(name="memory"),))
    assert kinds(run(both), run(value)) == [Kind.VERDICT]


@pytest.mark.parametrize("hidden", ["crashed", "broken"])
def test_what_was_not_judged_to_its_end_makes_nothing_new(hidden):
    before = unit(hidden, checks={}, failures=[])
    assert kinds(run(before), run(unit("differs"))) == [Kind.VERDICT]
    assert kinds(run(unit("differs")), run(before)) == [Kind.FAILS_NOW]


def test_what_one_run_lacks():
    here, there = unit(), unit("differs", "shape/new")
    found = compared(run(here), run(there))
    assert [(change.key[0], change.kind) for change in found.changes] == [
        ("shape/flip", Kind.GONE),
        ("shape/new", Kind.NEW_FAILURE),
    ]
    assert len(found.failures) == 1
    assert not found.in_common


def test_a_run_without_any_unit_would_have_had_none():
    benches = run(benches=[bench(1.0)])
    for none in (run(), benches):
        assert kinds(none, run(unit(), unit("changed", "shape/news"))) == [Kind.UNSEEN] * 2
        assert kinds(run(unit()), none) == [Kind.UNSEEN]
        assert kinds(none, run(unit("differs"))) == [Kind.NEW_FAILURE]


WITHOUT_IT = [
    (run(unit(case="shape/other")), True),
    (run(unit(case="shape/other"), complete=False), False),
    (run(unit(case="shape/other"), selection=["shape/other"]), False),
    (run(unit(case="shape/other"), selection=["shape"]), True),
    (run(unit(case="shape/other", dtype="int8")), False),
    (run(unit(case="shape/other", device="cuda")), False),
]
"""Runs that lack a unit, and whether they would have had it."""


@pytest.mark.parametrize(("new", "wanted"), WITHOUT_IT)
def test_only_what_the_newer_run_would_have_had_is_gone(new, wanted):
    changes = {change.key[0]: change.kind for change in compared(run(unit()), new).changes}
    assert changes["shape/flip"] is (Kind.GONE if wanted else Kind.UNSEEN)


@pytest.mark.parametrize(("old", "wanted"), WITHOUT_IT)
def test_only_what_the_older_run_would_have_had_is_new_unless_it_fails(old, wanted):
    kind = Kind.NEW if wanted else Kind.UNSEEN
    for verdict, expected in (("agrees", kind), ("changed", kind), ("differs", Kind.NEW_FAILURE)):
        changes = {change.key[0]: change.kind for change in compared(old, run(unit(verdict))).changes}
        assert changes["shape/flip"] is expected


def test_of_several_records_of_a_unit_the_worst_counts():
    assert kinds(run(unit(), unit("differs"), unit()), run(unit("differs"))) == [Kind.STILL]


def test_a_change_over_ten_dtypes_is_one_entry():
    dtypes = ("int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128", "bool")
    old = [unit("differs as declared" if dtype == "bool" else "agrees", dtype=dtype) for dtype in dtypes]
    new = [unit("differs", dtype=dtype, failures=[failure(headline=f"of {dtype}")]) for dtype in dtypes]
    (entry,) = compared(run(*old), run(*new)).entries(Kind.FAILS_NOW)
    assert len(entry.changes) == 10
    assert entry.units == "bool, int8–64, float16–64, complex64/128 cpu"
    assert entry.verdicts == "agrees → differs (9), differs as declared → differs (1)"
    assert entry.lines[0].text == "of int64"
    assert entry.place == "cases/shape.py:7"


def test_changes_of_other_checks_are_other_entries():
    value, memory = unit("differs", dtype="int8"), unit("differs", dtype="bool")
    memory["checks"] = {"memory": {"verdict": "differs", "inputs": 1}}
    old = run(unit(dtype="int8"), unit(dtype="bool"))
    assert len(compared(old, run(value, memory)).entries(Kind.FAILS_NOW)) == 2


def test_a_failure_is_explained_by_its_values():
    (entry,) = compared(run(unit()), run(unit("differs"))).entries(Kind.FAILS_NOW)
    assert [(line.word, line.text, line.code) for line in entry.lines] == [
        ("value", "1 of 1 elements differ: torch 2.0, numpy 3.0", False),
        ("with", "x = np.ones(1)", True),
        ("again", "conformance run a/b", True),
    ]


def test_a_difference_that_is_gone_is_explained_by_what_both_sides_give():
    new = unit("changed", checks={}, failures=[], differences=[GONE])
    (entry,) = compared(run(unit("differs as declared", differences=[difference("they part")])), run(new)).entries(
        Kind.OTHERWISE
    )
    assert [(line.word, line.text) for line in entry.lines] == [
        ("difference gone", "they part"),
        ("with", "x = np.ones(1)"),
        ("torch now", "1.0"),
        ("numpy now", "1.0"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (unit("differs"), unit(), ("was", "value: 1 of 1 elements differ: torch 2.0, numpy 3.0")),
        (unit(), unit("not run", reason="no CUDA device", checks={}), ("reason", "no CUDA device")),
        (
            unit(),
            unit("differs as declared", checks={"value": {"verdict": "differs as declared", "inputs": 1}}),
            ("value", "agrees → differs as declared"),
        ),
        (unit("crashed", checks={}, failures=[], reason="it died"), unit(), ("was", "crashed: it died")),
    ],
)
def test_what_is_not_new_is_explained_too(old, new, told):
    (change,) = compared(run(old), run(new)).changes
    (entry,) = compared(run(old), run(new)).entries(change.kind)
    assert (entry.lines[0].word, entry.lines[0].text) == told


def test_a_row_that_was_edited_is_told():
    (entry,) = compared(run(unit()), run(unit("differs", tolerance="2 ulp", given={}))).entries(Kind.FAILS_NOW)
    assert entry.edited == ("tolerance: exact → 2 ulp",)


def test_declared_differences_appear_vanish_and_say_otherwise():
    same, before = difference("the same"), difference("of old")
    old = unit(differences=[same, before, difference("otherwise")])
    new = unit(differences=[same, difference("of new"), difference("otherwise", when="x > 1", dtypes=["int8"])])
    told = {one.because: (one.state, one.details) for one in compared(run(old), run(new)).declared}
    assert told == {
        "of new": ("appeared", ()),
        "of old": ("vanished", ()),
        "otherwise": ("says otherwise", ("when: x > 0 → x > 1", "dtypes: nothing → int8")),
    }


@pytest.mark.parametrize("verdict", ["not run", "broken", "crashed"])
def test_no_difference_vanishes_from_a_unit_that_was_not_judged(verdict):
    assert not compared(run(unit(differences=[difference()])), run(unit(verdict))).declared


def test_only_what_the_quartiles_do_not_explain_is_slower():
    names = ("much", "within", "less")
    old = [bench(1.0, id=case) for case in names]
    new = [bench(2.0, id="much"), bench(1.15, id="within"), bench(0.5, id="less")]
    found = compared(run(benches=old), run(benches=new))
    assert found.in_common
    assert [(one.case, one.slower, one.faster) for one in found.timed] == [
        ("much", True, False),
        ("within", False, False),
        ("less", False, True),
    ]
    assert found.timed[0].words.startswith("×2.00: torch ÷ numpy 1 (0.9 to 1.1) → 2 (1.9 to 2.1); torch 1 µs → 2 µs")


def test_a_tenth_is_neither_slower_nor_faster():
    near = [bench(1.0, 0.001, id="near"), bench(1.0, 0.001, id="far")]
    moved = [bench(1.09, 0.001, id="near"), bench(1.11, 0.001, id="far")]
    for old, new in ((near, moved), (moved, near)):
        found = compared(run(benches=old), run(benches=new))
        assert {one.case for one in found.timed if one.slower or one.faster} == {"far"}


def test_benchmarks_that_say_nothing_are_left_out():
    assert not compared(run(benches=[bench(1.0, ratio_low=0)]), run(benches=[bench(1.0)])).timed
    assert not compared(run(benches=[bench(1.0, dtype="int8")]), run(benches=[bench(1.0)])).timed
    assert not compared(run(benches=[bench(1.0, elements=7)]), run(benches=[bench(1.0, elements=8)])).timed


def test_what_else_may_be_the_cause_is_told():
    old, new = run(unit()), run(unit(), seed=1, cpu={"model": "another", "capability": "AVX512"}, **NEWER)
    assert len(compared(old, new).cautions) == 2
    assert compared(old, old).cautions == ()
    assert ("torch", "2.13.0+cpu", "2.15.0+cpu") in compared(old, new).stamp


def test_an_incomplete_run_says_so():
    found = compared(run(unit(), complete=False), run(unit()))
    assert found.old.notes == ("incomplete run: it stopped before its end, after 1 unit",)
    assert found.new.notes == ()
    more = compared(run(unit(), unit(case="shape/other"), complete=False), run(unit()))
    assert more.old.notes == ("incomplete run: it stopped before its end, after 2 units",)


def test_units_stand_in_the_order_of_the_newer_run():
    old = [unit(case=f"s/{name}") for name in "abcd"]
    new = [unit(case=f"s/{name}") for name in "dax"]
    assert [change.key[0][2:] for change in compared(run(*old), run(*new)).changes] == ["d", "a", "b", "c", "x"]


def test_a_difference_that_is_gone_is_told_with_what_there_is_to_tell():
    shown = {"wrong": "NumPy", "torch": "", "numpy": "2.0", "truth": None}
    gone = unit("changed", differences=[difference("it is gone", "difference gone", finding=shown)], failures=[])
    (entry,) = compared(run(unit()), run(gone)).entries(Kind.OTHERWISE)
    assert {line.word: line.text for line in entry.lines if line.word.endswith(" now")} == {"numpy now": "2.0"}


@pytest.mark.parametrize(
    ("torch", "numpy", "told"),
    [
        (Raises(ValueError), "np.arange(n)", "torch raises ValueError where numpy gives np.arange(n)"),
        ("x + 1", Raises(TypeError, ValueError), "torch gives x + 1 where numpy raises TypeError or ValueError"),
        (OneOf("0.0", "-0.0"), "x", "torch gives one of: 0.0 | -0.0 where numpy gives x"),
        (CRASHES, "x", "torch kills the process where numpy gives x"),
        (UNDEFINED, "x", "torch is undefined where numpy gives x"),
    ],
)
def test_what_was_declared_is_a_sentence(torch, numpy, told):
    gone = difference("it is gone", "changed", torch=str(torch), numpy=str(numpy))
    (entry,) = compared(run(unit()), run(unit("changed", differences=[gone], failures=[]))).entries(Kind.OTHERWISE)
    assert [line.text for line in entry.lines if line.word == "declared"] == [told]
