"""The cheat sheet: its tables stay tables, and no row looks better than what was seen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformance import records
from conformance.records import Run
from conformance.report import cheatsheet, dtypes, grouping, markdown

HEADER = {
    "started": "2026-01-31T12:00:00+00:00",
    "torch": "2.13.0+cpu",
    "numpy": "2.4.6",
    "cpu": {"model": "a processor"},
    "absent": {"cuda": "no CUDA device"},
}
DIFFERENCE = {
    "because": "NumPy refuses an axis that is not 1 long",
    "kind": "design",
    "when": "x.shape[dim] != 1",
    "torch": "x",
    "numpy": "raises ValueError",
    "instead": "x.squeeze()",
    "example": {"x": "np.zeros((2, 3), np.float32)"},
    "verdict": "differs as declared",
    "inputs": 500,
}
HOSTILE = """<script>alert("1")</script> & 'it' | `a|b` {{ 7 * 7 }} </style><!-- """


def unit(name: str = "shape/squeeze", verdict: str = "agrees", **more: Any) -> dict[str, Any]:
    what = {"id": name, "section": "Shape", "dtype": "float32", "device": "cpu", "file": "cases/shape.py", "line": 12}
    case = {"torch": "x.squeeze(dim)", "numpy": "np.squeeze(x, axis=dim)", "verdict": verdict, "seconds": 0.1}
    return what | case | more


def run(*units: dict[str, Any], footer: bool = True) -> Run:
    bench = {"kind": "bench", "id": "shape/squeeze", "torch_seconds": 1.1e-06, "ratio": 2.7}
    return Run(header=HEADER, units=units, benches=(bench,), footer={"seconds": 1.5} if footer else None)


def rows(text: str) -> list[list[str]]:
    """Split the table rows of a cheat sheet as Markdown does: at every pipe that is not escaped."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def sheet(*of: Run) -> str:
    """The pages of all sections, or the contents where there is none."""
    made = cheatsheet.pages(*of)
    return "\n".join([text for name, text in made.items() if "/" in name] or made.values())


def standing(*units: dict[str, Any]) -> str:
    return rows(sheet(run(*units)))[2][3]


def test_the_cheat_sheet_names_versions_and_neither_times_nor_machines() -> None:
    text = sheet(run(unit()))
    assert "Every line below was executed and compared on torch 2.13.0 and numpy 2.4.6." in text
    for private in ("2026", "a processor", "1.5", "0.1", "µs"):
        assert private not in text


def test_tables_stay_tables_whatever_the_code_holds() -> None:
    odd = ["x | y", "a = x\n\nif a:\n    a |= 1  # so\na", "`x` || y", HOSTILE, "x\\|y", "\n| --- |\n"]
    made = [unit(f"shape/{number}", torch=text, numpy=text, line=number) for number, text in enumerate(odd)]
    table = rows(sheet(run(*made)))
    assert len(table) == len(odd) + 2
    assert {len(row) for row in table} == {5}
    assert table[2][0] == r"`x \| y`"
    assert table[3][0] == "<pre>a = x<br><br>if a:<br>    a &#124;= 1  &#35; so<br>a</pre>"
    assert table[4][0] == r"`` `x` \|\| y ``"


def test_hostile_prose_is_taken_literally() -> None:
    assert markdown.prose("1. a_b *c* <i> `x_y | z`\n| [q](u)") == (
        r"1\. a\_b \*c\* \<i\> `x_y | z` \| \[q\](u)"  # within backticks nothing needs escaping
    )
    assert markdown.cell(r"`x | z` \| y") == r"`x \| z` \| y"


@pytest.mark.parametrize(
    ("several", "text"),
    [
        (dtypes.DTYPES, "bool, uint8–64, int8–64, float16–64, bfloat16, complex64/128"),
        (["int64", "int8", "int16"], "int8/16/64"),
        (["float64", "float32"], "float32/64"),
        (["bool"], "bool"),
        (["-", "weird"], "weird, -"),
    ],
)
def test_dtypes_are_summarised(several: list[str], text: str) -> None:
    assert dtypes.summarise(several) == text


def test_where_a_row_holds() -> None:
    plain, noted = unit(dtype="int8"), unit(verdict="differs as declared", dtype="float32")
    outside = unit(verdict="torch only", dtype="bfloat16")
    assert standing(plain) == "int8"
    assert standing(unit(dtype="-")) == "yes"
    assert standing(plain, plain | {"dtype": "bool"}) == "all 2 dtypes"
    assert standing(noted) == "float32, apart from the notes"
    assert standing(plain, noted) == "all 2 dtypes; apart from the notes for float32"
    assert standing(plain, outside) == "int8; torch only: bfloat16"


def test_a_dtype_of_which_every_input_is_refused_does_not_stand_under_what_agrees() -> None:
    def declared(dtype: str, compared: int) -> dict[str, Any]:
        checks = {
            "error": {"verdict": "differs as declared", "inputs": 5},
            "value": {"verdict": "agrees", "inputs": compared},
        }
        return unit(verdict="differs as declared", dtype=dtype, checks=checks)

    plain = unit(dtype="int8")
    assert standing(plain, declared("float32", 0)) == "int8; refused, as the notes say: float32"
    assert standing(plain, declared("float32", 3)) == "all 2 dtypes; apart from the notes for float32"
    assert standing(declared("-", 0)) == "refused, as the notes say"


def test_rows_of_the_same_expressions_are_told_apart() -> None:
    given = {"x": "tensors()", "s": "scalars('int')"}
    one, other = unit(given=given), unit("shape/squeeze-float", given=given | {"s": "scalars('float')"})
    text = sheet(run(one, other))
    assert "1. <a id=\"note-1\"></a>Row `shape/squeeze`, with `s` from `scalars('int')`." in text
    assert "2. <a id=\"note-2\"></a>Row `shape/squeeze-float`, with `s` from `scalars('float')`." in text
    assert "Row `shape/squeeze`" not in sheet(run(one, unit("shape/flip", torch="x.flip()", given=given)))


@pytest.mark.parametrize("verdict", sorted(records.FAILURES | {"changed", "of tomorrow", "not judged"}))
def test_a_row_that_failed_says_so_first_and_the_sheet_says_so_on_top(verdict: str) -> None:
    bad = unit(verdict=verdict, dtype="float64")
    assert standing(bad) == f"**{verdict}: float64**"
    assert standing(unit(), bad) == f"**{verdict}: float64**; agrees: float32"
    assert "except where it says in **bold**" in sheet(run(unit(), bad))


def test_a_row_that_was_not_run_says_why_unless_another_device_ran_it() -> None:
    absent = unit(verdict="not run", device="cuda", reason="no CUDA device")
    assert standing(absent) == "**not run: float32** (no CUDA device)"
    assert standing(unit(), absent) == "float32"
    assert (
        standing({"id": "shape/oops", "verdict": "broken", "reason": "no name np.oops"})
        == "**broken** (no name np.oops)"
    )


def test_differences_are_footnotes_that_cases_share() -> None:
    made = [unit("shape/a", line=1, differences=[DIFFERENCE], note="Mind `dim`.")]
    made += [unit("shape/b", line=2, torch="b(x)"), unit("shape/c", line=3, torch="c(x)", differences=[DIFFERENCE])]
    text = sheet(run(*made))
    assert [row[4] for row in rows(text)[2:]] == ["[1](#note-1), [2](#note-2)", "", "[2](#note-2)"]
    second = '2. <a id="note-2"></a>NumPy refuses an axis that is not 1 long (design). When `x.shape[dim] != 1`.'
    assert f'\n1. <a id="note-1"></a>Mind `dim`.\n{second}' in text
    assert "PyTorch: `x`. NumPy: `raises ValueError`. Write instead: `x.squeeze()`." in text
    assert text.count("NumPy refuses") == 1


def test_the_cheat_sheet_of_an_incomplete_or_empty_run_says_so() -> None:
    assert "**Incomplete run" in sheet(run(unit(), footer=False))
    assert "**Incomplete run" not in sheet(run(unit()))
    assert "No case was run." in sheet(run())
    assert "executed" not in sheet(run())


def test_lines_of_code_in_a_footnote_stay_lines() -> None:
    told = DIFFERENCE | {"when": "\nrest = x % 2\nrest > 0\n"}
    text = sheet(run(unit(differences=[told])))
    assert "When <pre>rest = x % 2<br>rest &#62; 0</pre>." in text
    (case,) = grouping.sections(run(unit(differences=[told])))[0].cases
    assert case.differences[0].when == "rest = x % 2\nrest > 0"


def test_arguments_of_other_names_stand_beside_the_expressions() -> None:
    given = {"x": "tensors()", "dim": "axes('x')"}
    assert rows(sheet(run(unit(given=given))))[2][2] == "dim → axis"
    assert rows(sheet(run(unit(given=given, numpy="np.squeeze(x, dim)"))))[2][2] == ""


def test_the_example_shown_is_that_of_the_dtype_that_readers_know_best() -> None:
    dtypes_of = [
        unit(dtype=dtype, differences=[DIFFERENCE | {"example": {"x": f"np.ones(2, np.{dtype})"}}])
        for dtype in ("bool", "float32", "float64")
    ]
    (case,) = grouping.sections(run(*dtypes_of))[0].cases
    assert [dict(one.example) for one in case.differences] == [{"x": "np.ones(2, np.float32)"}]
