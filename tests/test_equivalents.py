"""The table of mutants that mean the same: what is listed, with which reason, and on which machines."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance import loading, surroundings, tensors
from conformance.case import Case
from conformance.proof import equivalents
from conformance.proof.conditions import CONDITIONS
from conformance.proof.equivalents import Trial
from conformance.proof.faults import FAULTS
from conformance.proof.mutate import mutants

from .helpers import FLOAT, case_of


def with_table(tmp_path: Path, text: str):
    (tmp_path / "equivalents.toml").write_text(text)
    case = case_of("x.swapdims(0, 1)", "x.swapaxes(0, 1) + 0 * x.size", x=tensors(ndim=2), dtypes=FLOAT)
    equivalents.equivalents.cache_clear()
    return SimpleNamespace(id=case.id, file=str(tmp_path / "rows.py"))


LINE = '[[equivalent]]\ncase = "made-here/row"\nmutants = ["{}"]\nreason = "for a test"\n'


@pytest.mark.parametrize(
    ("mutant", "outcome", "becomes"),
    [
        ("a", "survived", "equivalent"),
        ("a", "never met", "equivalent"),
        ("a", "killed", "killed, but listed as equivalent"),
        ("b", "survived", "survived"),
    ],
)
def test_the_table_of_equivalents(tmp_path, mutant, outcome, becomes):
    case = with_table(tmp_path, LINE.format("a"))
    known = equivalents.equivalents(tmp_path)
    assert equivalents.settled(case, Trial(mutant=mutant, outcome=outcome), known).outcome == becomes


def test_a_pattern_is_held_to_every_case_that_it_covers(tmp_path):
    case = with_table(tmp_path, LINE.format("a").replace("made-here/row", "made-here/*"))
    known = equivalents.equivalents(tmp_path)
    assert equivalents.settled(case, Trial(mutant="a", outcome="killed"), known).outcome == equivalents.STALE
    assert equivalents.settled(case, Trial(mutant="b", outcome="killed"), known).outcome == "killed"


@pytest.mark.parametrize(("there", "becomes"), [({"avx512"}, "killed"), (set(), equivalents.STALE)])
def test_what_is_equivalent_may_depend_on_the_machine(tmp_path, monkeypatch, there, becomes):
    case = with_table(tmp_path, LINE.format("a") + "unless = \"'avx512' in instructions\"\n")
    known = equivalents.equivalents(tmp_path)
    monkeypatch.setattr(surroundings, "instructions", lambda: there)
    assert equivalents.settled(case, Trial(mutant="a", outcome="killed"), known).outcome == becomes


@pytest.mark.parametrize(
    "text",
    [
        LINE.format("a") + 'unless = "x > 1"',
        LINE.format("a") + 'unless = "capability =="',
        LINE.format("a") + "unless = true",
        "[[equivalent",
        LINE.format("a").replace("for a test", " "),
        LINE.replace('["{}"]', '"a"'),
        '[[equivalent]]\nwhat = "x"',
        '[[equivalents]]\ncase = "x"',
        LINE.replace('"for a test"', "3"),
        LINE.replace('["{}"]', "[3]"),
        "equivalent = 3",
    ],
)
def test_a_table_that_cannot_be_read_names_its_file(tmp_path, text):
    with_table(tmp_path, text)
    with pytest.raises(ValueError, match=r"equivalents\.toml: "):
        equivalents.equivalents(tmp_path)


def test_every_line_of_our_own_table_speaks_of_a_mutant_that_there_is():
    rows = [row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)]
    usual = {*FAULTS, *(f"wrong {c.name}" for c in CONDITIONS)}
    for one in equivalents.equivalents(loading.folder()):
        spoken = [row for row in rows if one.covers(row.id, one.mutants[0])]
        assert spoken, f"{one}: no such case"
        unknown = set(one.mutants) - usual - {m.name for row in spoken for m in mutants(row)}
        assert not unknown, f"{one}: no such mutant"
