"""Which case files are read for what is asked: those that hold it, and no more."""

import re

import pytest

from conformance import loading
from conformance.case import Case


def names(row):
    """All that a row may be asked for by, but for the names that its section has in front of it."""
    return {row.id.partition("/")[0], *(row.formerly if isinstance(row, Case) else ())}


@pytest.mark.parametrize("file", loading.modules(), ids=lambda file: file.stem)
def test_a_file_is_found_by_all_that_its_rows_are_called(file):
    for word in {name for row in loading.load(file) for name in names(row)}:
        assert file in loading.likely((word,)), word


def test_few_files_are_read_for_a_row(monkeypatch):
    read = []
    monkeypatch.setattr(loading, "load", lambda file, load=loading.load: read.append(file.stem) or load(file))
    assert loading.select(["shape/squeeze"]).ids == ("shape/squeeze",)
    assert [file.stem for file in loading.holding(["shape/squeeze"])] == ["shape"]
    assert "shape" in read
    assert len(set(read)) < 10
    assert loading.holding([]) == [file for file in loading.reachable() if loading.load(file)]


def test_what_there_is_not_is_looked_for_in_all():
    with pytest.raises(ValueError, match=re.escape("'shape/squeze': did you mean shape/squeeze")):
        loading.select(["shape/squeze"])
    with pytest.raises(ValueError, match=re.escape("'nowhere/squeeze': did you mean shape/squeeze?")):
        loading.select(["nowhere/squeeze"])


def test_a_row_is_found_though_no_text_names_its_section(tmp_path, monkeypatch):
    file = tmp_path / "rows.py"
    rows = "from conformance import Section, tensors\ntorn = Section('To' + 'rn')\ntorn.case('-x', '-x', x=tensors())\n"
    file.write_text(rows, encoding="utf-8")
    monkeypatch.setattr(loading, "modules", lambda: [*loading.folder().glob("shape*.py"), file])
    assert loading.select(["torn/neg"]).ids == ("torn/neg",)
    assert loading.holding(["torn/neg"]) == [file]
    assert file not in loading.likely(["shape/squeeze"])
