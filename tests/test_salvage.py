"""Statements of a case file that raise: which row they were to be, and where that is told."""

import pytest

from conformance import loading
from conformance.case import BrokenCase

ROWS = """
from conformance import Section, tensors

torn = Section("Torn", id="torn")
torn.case("x", "x", id="whole", x=tensors())
torn.case("x", "x", id="alone", x=tensors(nothing=1))
for name in ("sin", "cos"):
    torn.case("x", "x", id="of-many", x=tensors(ndim=nothing))
    torn.case(f"torch.{name}(x)", f"np.{name}(x)", id=name, x=tensors())
if nothing:
    print("of no section")
"""


@pytest.fixture
def file(tmp_path):
    """A case file of which three statements raise."""
    path = tmp_path / "torn_rows.py"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_statement_that_raises_is_a_row_of_its_section(file):
    whole, *broken = loading.load(file)
    assert whole.id == "torn/whole"
    assert [(row.id, row.section, row.line) for row in broken] == [
        ("torn/alone", "Torn", 6),
        ("torn/line-7", "Torn", 8),
        ("torn_rows/line-10", "torn_rows", 10),
    ]
    assert all(isinstance(row, BrokenCase) for row in broken)
    assert [loading.is_selected(row, ("torn",)) for row in broken] == [True, True, False]


def test_an_id_that_is_not_there_may_be_of_the_row_that_is_broken(file, monkeypatch):
    monkeypatch.setattr(loading, "reachable", lambda: [file])
    with pytest.raises(ValueError, match="no case or section is called 'torn/cos'") as told:
        loading.select(["torn/cos"])
    assert f"it may be the row that is broken at {file}:8: NameError: name 'nothing'" in str(told.value)
    with pytest.raises(ValueError, match="no case or section is called 'else/cos'") as told:
        loading.select(["else/cos"])
    assert "broken" not in str(told.value)


@pytest.mark.parametrize("ids", [("torn",), ("torn/alone",), ("torn_rows/line-10",)])
def test_a_file_holds_its_broken_rows_too(file, monkeypatch, ids):
    monkeypatch.setattr(loading, "reachable", lambda: [file])
    assert loading.holding(ids) == [file]
    assert loading.holding(("else",)) == []


def test_the_files_of_a_selection_are_those_that_hold_it():
    ids = ("reductions/sum", "elementwise/sin", "views")  # the second is now called otherwise
    held = {row.id for file in loading.holding(ids) for row in loading.load(file)}
    selected = {row.id for file in loading.reachable() for row in loading.load(file) if loading.is_selected(row, ids)}
    assert selected <= held
    assert len(loading.holding(ids)) <= len(ids) + 2 < len(loading.reachable()), "a section may be of several files"
    assert loading.holding(()) == [file for file in loading.reachable() if loading.load(file)]
