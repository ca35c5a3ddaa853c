"""Promotion in the reports: every answer can be read, none by its colour alone, and no text is taken for markup."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from conformance import report, versions
from conformance.cli import main
from conformance.promotion import answers, rules
from conformance.promotion.operands import OPERATIONS
from conformance.records import Run, read
from conformance.report import html, pairs, promotion

from .packed import Packed
from .reported import FOOTER, HEADER
from .test_report_page import HOSTILE, Page, squeezed

RULES = {"1": "NumPy widens", "2": "one of them refuses"}


def record(*changed: list[Any], **more: Any) -> dict[str, Any]:
    """Return the record of an operation on two dtypes, with and without axes, beside a Python number; all agree."""
    operands = ["array int8", "array float16", "0-d int8", "0-d float16", "Python int"]
    held = {(x, y): [x, y, "int8", "int8", None] for x, y in product(operands, repeat=2)}
    del held["Python int", "Python int"]
    held |= {(line[0], line[1]): line for line in changed}
    made = {"kind": "promotion", "id": "add", "device": "cpu", "torch": "x + y", "numpy": "x + y", "rules": RULES}
    return made | {"entries": list(held.values())} | more


def run(*records: dict[str, Any]) -> Run:
    return Run(header=HEADER, units=(), proofs=records, footer=FOOTER)


WIDENS = ["array int8", "array float16", "float16", "float32", 1]
REFUSES = ["0-d int8", "array int8", "raises RuntimeError", "int8", 2]
ALONE = ["array int8", "0-d int8", "bfloat16", None, 1]
UNEXPLAINED = ["array int8", "Python int", "int16", "int8", None]


def test_a_run_without_them_does_not_speak_of_any() -> None:
    assert "ui:promotion" not in Page(html.page(run())).ids


def cells(of: Run) -> list[tuple[str, str, str]]:
    """The mark, the class and the title of each cell of the one table that a page holds."""
    held = Packed(of)
    (table,) = held.data["pairs"]
    return [tuple(held.texts[text] for text in cell[2:]) for cell in table["cells"]]


def test_the_heat_map_says_everything_without_colour() -> None:
    made = run(record(WIDENS, REFUSES, ALONE, UNEXPLAINED))
    shown, told = Page(html.page(made)), cells(made)
    assert "ui:promotion" in shown.ids
    assert told.count(("=", "same", "both int8")) == 20
    assert ("1", "r1", "PyTorch float16, NumPy float32") in told
    assert ("2", "r2", "PyTorch raises RuntimeError, NumPy int8") in told
    assert ("1", "alone", "PyTorch bfloat16") in told
    assert ("?", "odd", "PyTorch int16, NumPy int8") in told
    assert "add x + y: 3 of 23 differ" in squeezed(shown.text)
    assert "1 NumPy widens 1 differ, 1 of bfloat16" in squeezed(shown.text)
    assert "? they differ, and no rule says so" in squeezed(shown.text)


def test_every_row_and_column_of_the_heat_map_has_its_name() -> None:
    held = Packed(run(record()))
    (table,) = held.data["pairs"]
    kinds = {held.texts[kind]: held.told(names) for kind, names in table["kinds"]}
    assert kinds == {"array": ["int8", "float16"], "0-d": ["int8", "float16"], "Python": ["int"]}
    assert [cell[:2] for cell in table["cells"]] == [[x, y] for x in range(5) for y in range(5) if (x, y) != (4, 4)]
    assert table["counts"] == [24, 0]


def test_every_colour_is_there_and_every_rule_has_its_own() -> None:
    style = (Path(report.__file__).parent / "page" / "report.css").read_text(encoding="utf-8")
    made = [pairs.Rule(number=n, because="", apart=1, alone=0).style for n in range(1, len(rules.RULES) + 1)]
    assert len(set(made)) == len(made)
    for name in (*made, "same", "alone", "odd"):
        assert re.search(rf"^\.{name} {{ background: ", style, re.MULTILINE)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"entries": None, "rules": None},
        {"entries": 3, "rules": [3]},
        {
            "entries": [3, [], ["x"], ["x", "y", None, None, "1"], ["array int8", "y", 1, 2, -1]],
            "rules": {"a": 1, "7": 2},
        },
    ],
)
def test_an_odd_record_still_makes_its_reports(odd: dict[str, Any]) -> None:
    made = run({"kind": "promotion", "id": "add"} | odd)
    assert "ui:promotion" in Page(html.page(made)).ids
    assert "# What two dtypes make" in promotion.page(made)
    assert promotion.data(made).startswith("operation,x,y,torch,numpy,rule\n")


def test_hostile_texts_are_shown_as_texts() -> None:
    entries = [[HOSTILE, HOSTILE, HOSTILE, HOSTILE + "!", 1]]
    told = {"id": HOSTILE, "torch": HOSTILE, "numpy": HOSTILE + "?", "rules": {"1": HOSTILE}, "entries": entries}
    shown = Page(html.page(run(record(**told))))
    assert shown.seen["script"] == 2
    assert shown.text.count("<script>alert(") >= 4


def tables_of(text: str) -> dict[str, list[str]]:
    """The tables of a page by their heading, each as its lines."""
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {
        head: re.findall(r"^\|.*$", body, re.MULTILINE) for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_the_page_has_both_answers_and_shows_the_same_table_once() -> None:
    both = (WIDENS, ["0-d int8", "0-d float16", "float16", "float32", 1])
    tables = tables_of(promotion.page(run(record(*both, ["Python int", "array int8", "int16", "int8", 2]))))
    assert list(tables)[-4:] == [
        "array and array; 0-d and 0-d",
        "array and 0-d, in either order",
        "array and Python; 0-d and Python, in either order",
        "Python and array",
    ]
    assert [cell.strip() for cell in tables["array and array; 0-d and 0-d"][2].split("|")][1:4] == [
        "**i8**",
        "i8",
        "f16 ≠ f32 (1)",
    ]
    assert "i16 ≠ i8 (2)" in tables["Python and array"][2]


def test_the_data_has_a_line_for_each_entry() -> None:
    lines = promotion.data(run(record(WIDENS, ALONE))).splitlines()
    assert len(lines) == 1 + 24
    assert "add,array int8,array float16,float16,float32,1" in lines
    assert "add,array int8,0-d int8,bfloat16,,1" in lines


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["promotion", *arguments])
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.mark.skipif(not versions.is_pinned(), reason="the counts are those of the pinned pair")
def test_the_command_counts_and_writes(command, tmp_path):
    status, out, _ = command("--report", "out")
    assert status == 0, out
    assert re.search(r"^all +4,111 +2,023 +1,605 +483$", out, re.MULTILINE)
    assert f"rule {len(rules.RULES)}: " in out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"index.html", "run.jsonl", "promotion.md", "promotion.csv"} <= written
    again = read(tmp_path / "out" / "run.jsonl")
    assert promotion.data(again) == (tmp_path / "out" / "promotion.csv").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "index.html").stat().st_size < 300_000


@pytest.mark.parametrize(("pinned", "status", "word"), [(True, 1, "differs: "), (False, 0, "changed: ")])
def test_what_no_rule_says_fails_on_the_pinned_pair(command, monkeypatch, pinned, status, word):
    monkeypatch.setattr("conformance.versions.is_pinned", lambda: pinned)
    monkeypatch.setattr(answers, "every", lambda: {OPERATIONS[3]: answers.entries(OPERATIONS[3])})
    got, out, _ = command()
    assert got == status
    assert f"{word}rule 2 explains no entry: PyTorch has no addition of uint16" in out


def test_wrong_use_is_one_line(command):
    status, out, err = command("--dtype", "int8")
    assert (status, out) == (2, "")
    assert "No such option" in err
    assert len(err.splitlines()) == 1
