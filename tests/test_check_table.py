"""Other people's tables: which rows are read from them, and the verdict on each."""

import json
import sys

import pytest

from conformance.expression import one_line, parse
from conformance.translation.tables import Entry, NotARow, TableError, read

from .helpers import command

MARKDOWN = r"""
# Notes

| what | PyTorch | NumPy |
|------|:--------|------:|
| sum | `x.sum(dim=0)` | `x.sum(axis=0)` |
| deviation | `x.std(0)` | `np.std(x, axis=0)` |
| or | `x \| y` | `x \| y` |
| none |  | `x` |
| short |

| a | b |
|---|---|
| `x.sum()` | `x.mean()` |
  | numpy arrays | torch tensors |
  |---|---|
"""


def test_markdown(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(MARKDOWN)
    assert read(path).entries == [
        Entry(torch="x.sum(dim=0)", numpy="x.sum(axis=0)", line=6),
        Entry(torch="x.std(0)", numpy="np.std(x, axis=0)", line=7),
        Entry(torch="x | y", numpy="x | y", line=8),
    ]
    assert read(path).wrong == [NotARow(line=10, why="1 cell where the head has 3")]


@pytest.mark.parametrize("cell", ["y = 2 * x; y + 1", "`y = 2 * x`; `y + 1`", "`y = 2 * x`<br>`y + 1`"])
def test_a_program_in_a_cell_of_markdown(tmp_path, cell):
    (tmp_path / "notes.md").write_text(f"| torch | numpy |\n|---|---|\n| {cell} | x |\n")
    (row,) = read(tmp_path / "notes.md").entries
    assert one_line(row.torch) == "y = 2 * x; y + 1"
    assert len(parse(row.torch).tree.body) == 2


def test_a_bar_that_is_not_escaped_is_told(tmp_path):
    (tmp_path / "notes.md").write_text("| torch | numpy |\n|---|---|\n| `x | y` | `x | y` |\n")
    assert read(tmp_path / "notes.md").wrong == [NotARow(line=3, why="4 cells where the head has 2")]


def test_csv_with_a_program_in_a_cell(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text('numpy,note,torch\n"np.sum(x, 0)",,"y = x\ny.sum(0)"\nx,,\n')
    assert read(path).entries == [Entry(torch="y = x\ny.sum(0)", numpy="np.sum(x, 0)", line=3)]


YAML = """
# a comment
title: numpy and torch
rows:
  - torch: x.sum(0)
    numpy: np.sum(x, 0)
  - {PyTorch: "x[0]", NumPy: 'x[0]', note: on}
  - torch: |
      y = 2 * x
      y + 1
    numpy: 2 * x + 1
  - torch: x
  - torch: [x]
    numpy: x
"""


def test_yaml(tmp_path):
    pytest.importorskip("yaml", reason="the extra yaml is not installed")
    path = tmp_path / "notes.yaml"
    path.write_text(YAML)
    assert read(path).entries == [
        Entry(torch="x.sum(0)", numpy="np.sum(x, 0)", line=5),
        Entry(torch="x[0]", numpy="x[0]", line=7),
        Entry(torch="y = 2 * x\ny + 1\n", numpy="2 * x + 1", line=8),
    ]
    assert [(one.line, one.why) for one in read(path).wrong] == [
        (12, "torch without the other library"),
        (13, "an expression that is a list or mapping: put it in quotes"),
    ]
    for text, said in (("", "no table with a column"), ("a: [", "is no YAML: while parsing")):
        path.write_text(text)
        with pytest.raises(TableError, match=said) as error:
            read(path)
        assert "\n" not in str(error.value)


def test_yaml_that_nothing_here_reads(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "notes.yml").write_text(YAML)
    with pytest.raises(TableError, match=r"YAML needs PyYAML: python -m pip install 'torch-numpy-conformance\[yaml\]'"):
        read(tmp_path / "notes.yml")


@pytest.mark.parametrize(
    "text", ["", "no table", "| torch | other |\n|---|---|\n| x | x |", "| torch | numpy |\n|---|---|"]
)
def test_a_file_without_translations(tmp_path, text):
    (tmp_path / "notes.md").write_text(text)
    with pytest.raises(TableError, match="no table with a column named torch"):
        read(tmp_path / "notes.md")


def test_the_command(tmp_path):
    (tmp_path / "notes.md").write_text(MARKDOWN)
    words = ("check", "--table", "notes.md", "--dtype", "float32", "--budget", "2")
    done = command(*words, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-2:] == [
        "3 rows: 1 equivalent, 1 not equivalent, 1 not judged",
        "not a row: line 10: 1 cell where the head has 3",
    ]
    assert "in NumPy, x.std(0) is np.std(x, axis=0, ddof=1) (variance/std-dim)" in done.stdout
    assert "say with --given which inputs are meant" in " ".join(done.stdout.split())
    told = json.loads(command(*words, "--json", cwd=tmp_path).stdout)
    assert [(one["line"], one["verdict"]) for one in told][:2] == [(6, "equivalent"), (7, "not equivalent")]
    assert (told[-1]["line"], told[-1]["verdict"]) == (10, "not a row")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--table", "none.md"), "cannot be read: No such file"),
        (("--table", "bad.md"), "cannot be read"),
        (("--table", "empty.md"), "no table with a column named torch"),
        (("x", "x", "--table", "empty.md"), "not both"),
        ((), "give two expressions"),
    ],
)
def test_wrong_use_is_one_line(tmp_path, words, said):
    (tmp_path / "bad.md").write_bytes(b"\xff\xfe\x00|")
    (tmp_path / "empty.md").write_text("")
    done = command("check", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
