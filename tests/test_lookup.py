"""``conformance lookup``: what comes first for real questions, what arguments are called, and an index that is true."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import axes, tensors, versions
from conformance.cli import main
from conformance.cli.lookup import lookup
from conformance.lookup import building, finding, index, meaning
from conformance.lookup.asking import asked, of_form
from conformance.lookup.phrases import PHRASES

from .helpers import case_of, command

ROWS = index.read()
QUESTIONS = [
    (
        "how do I write np.take_along_axis in torch",
        "torch.take_along_dim(x, i, dim)",
        "np.take_along_axis(x, i, axis=dim)",
    ),
    ("x.repeat in numpy", "x.repeat(times)", "np.tile(x, times)"),
    ("np.repeat", "torch.repeat_interleave(x, n)", "np.repeat(x, n)"),
    ("ddof", "x.var()", "np.var(x, ddof=1)"),
    ("torch.masked_fill_", "x.masked_fill_(mask, s)", "x[mask] = s\nx"),
    ("running sum", "x.cumsum(dim)", "np.cumsum(x, axis=dim)"),
    ("mean ignoring nan", "x.nanmean()", "np.nanmean(x)"),
    ("x[mask]", "x[m]", "x[m]"),
    ("a.std(0)", "x.std()", "np.std(x, ddof=1)"),
    ("//", "x // y", "x // y"),
    ("how to write linalg.norm in pytorch?", "x.norm()", "np.linalg.norm(x)"),
    ("median of an even count", "torch.median(x)", "np.median(x)"),
    ("flip an array", "x.flip(0)", "x[::-1].copy()"),
    ("array", "torch.tensor(x)", "np.array(x)"),
]


def found(question):
    return finding.found(question, ROWS)


def printed(*words):
    names = main.context_settings["help_option_names"]  # click remembers those of the first call in a process
    return CliRunner().invoke(lookup, [*words], standalone_mode=False, help_option_names=names)


@pytest.mark.skipif(not versions.is_pinned(), reason="the index names the parameters of the pinned pair")
def test_the_index_is_what_the_rows_make():
    assert index.PATH.read_text(encoding="utf-8") == building.built().text(), "run conformance lookup --reindex"


@pytest.mark.parametrize(("question", "torch", "numpy"), QUESTIONS)
def test_what_comes_first(question, torch, numpy):
    answer = found(question)
    assert (answer.rows[0]["torch"], answer.rows[0]["numpy"]) == (torch, numpy)


@pytest.mark.parametrize("question", ["np.clip", "clamp"])
def test_what_pytorch_always_refuses_does_not_come_first(question):
    assert "bounds/clamp-none" not in found(question).rows[0]["ids"]


@pytest.mark.parametrize("question", ["np.repeat", "numpy.repeat", "how do I write np.repeat with pytorch"])
def test_the_name_of_a_library_is_not_that_of_the_other(question):
    answer = found(question)
    assert answer.side == "numpy"
    assert all("repeat" in row["numpy"] for row in answer.rows)
    assert "np.tile(x, times)" not in {row["numpy"] for row in answer.rows}


def test_what_is_wanted_decides_which_side_is_looked_at():
    assert all("repeat" in row["torch"] for row in found("repeat in numpy").rows)
    assert all("repeat" in row["numpy"] for row in found("repeat in torch").rows)


def test_being_true_as_well_makes_no_argument_of_another_name():
    assert {one.other for one in found("keepdims").renamed} == {"keepdim"}


@pytest.mark.parametrize(
    ("name", "side", "other"),
    [
        ("ddof", "numpy", "correction"),
        ("correction", "torch", "ddof"),
        ("keepdims", "numpy", "keepdim"),
        ("dim", "torch", "axis"),
        ("indices", "numpy", "index"),
        ("interpolation", "torch", "method"),
    ],
)
def test_arguments_are_called_otherwise(name, side, other):
    renamed = [(one.side, one.other) for one in found(name).renamed]
    assert (side, other) in renamed


def test_places_are_given_the_names_that_the_libraries_have_for_them():
    row = building.entry(case_of("torch.std(x, dim)", "np.std(x, axis=dim, ddof=1)", x=tensors(), dim=axes("x")))
    assert [four[:2] for four in row["arguments"]] == [["dim", "axis"]]
    assert row["keywords"] == {"numpy": ["axis", "ddof"]}
    assert row["names"] == {"torch": ["torch.std"], "numpy": ["np.std"]}


@pytest.mark.parametrize(
    ("question", "first", "note"),
    [
        ("take_along_axs", "np.take_along_axis", "did you mean take_along_axis"),
        ("x.sqeeze", "squeeze", "did you mean squeeze or unsqueeze?"),
        ("torch.concatanate", "cat", "did you mean concatenate"),
        ("torch.take_along_axis", "np.take_along_axis", "this is of np.take_along_axis"),
    ],
)
def test_what_is_misspelt_is_found(question, first, note):
    answer = found(question)
    assert first in answer.rows[0]["torch"] + answer.rows[0]["numpy"]
    assert note in answer.notes[0]


def test_a_name_that_a_library_has_is_not_taken_for_misspelt():
    assert (found("np.kaiser").rows, found("np.kaiser").notes) == ([], ["NumPy has np.kaiser, but no row is about it"])


@pytest.mark.parametrize(
    "question",
    ["<script>", "</script>", "<script>alert(1)</script>", "plugh <xyzzy>", "@plugh", "*plugh", "[plugh]", "plugh>"],
)
def test_signs_where_no_operator_can_be_are_not_looked_up(question):
    answer = found(question)
    assert answer.rows == []
    assert all(note.startswith("no row knows ") for note in answer.notes)


@pytest.mark.parametrize(
    ("question", "sign"),
    [
        ("xyzzy == plugh", "=="),
        ("plugh<xyzzy", "<"),
        ("xyzzy[plugh]", "["),
        ("plugh //", "//"),
        ("what is //?", "//"),
        ("how do I write [] in torch", "["),
        ("x+=", "+="),
        ("plugh[[0, 1]] == xyzzy", "=="),
        ("plugh[[0, 1]] == xyzzy", "["),
        ("plugh(x, *y) + xyzzy", "+"),
        ("~plugh", "~"),
        ("<", "<"),
    ],
)
def test_signs_that_may_be_operators_are_looked_up(question, sign):
    assert sign.replace("[", "[]") in {term.name for term in asked(question).terms}
    assert found(question).rows


def test_brackets_around_what_is_known_hide_nothing():
    assert found("<logsumexp>") == found("logsumexp")


def test_words_that_make_a_name():
    assert [term.name for term in meaning.joined(asked("cross entropy").terms, ROWS.rows)] == ["cross_entropy"]
    assert found("cross entropy").rows[0]["torch"].startswith("torch.nn.functional.cross_entropy")


def test_the_form_of_an_expression():
    assert of_form("y.sum(d, keepdim=True)") == of_form("x.sum(dim,keepdim=True)") != of_form("x.sum(x, keepdim=True)")
    assert of_form("np.einsum('ij', x)") == "np.einsum('ij',#0)"


def test_differences_are_told_with_what_to_write_instead(tmp_path):
    done = command("lookup", "x.median()", cwd=tmp_path)
    assert done.returncode == 0
    assert "Write `x.double().quantile(0.5).to(x.dtype)`" in " ".join(done.stdout.split())
    assert "checked on PyTorch 2.13 and NumPy 2.4" in done.stdout.splitlines()[-1]


def test_rows_with_the_same_expressions_are_one():
    first = found("torch.gather").rows[0]
    assert len(first["ids"]) > 1
    assert len({(row["torch"], row["numpy"]) for row in found("np.take_along_axis").rows}) == len(
        found("np.take_along_axis").rows
    )


def test_json():
    told = json.loads(printed("np.take_along_axis", "--json", "--limit", "2").output)
    assert told["checked_on"] == {"torch": "2.13", "numpy": "2.4"}
    assert len(told["rows"]) == 2 < told["found"]
    assert ["dim", "axis"] in [four[:2] for four in told["rows"][0]["arguments"]]
    nothing = printed("xyzzy", "--json")
    assert (nothing.return_value, json.loads(nothing.output)["rows"]) == (5, [])


def test_markdown():
    text = printed("x | y", "--markdown", "--limit", "1").output
    assert "| `x \\| y` | `x \\| y` |" in text
    assert text.splitlines()[1] == "| --- | --- | --- | --- | --- |"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("xyzzy",), 5, "no row knows xyzzy"),
        (("<script>",), 5, "no row knows script"),
        (("torch",), 5, "no row is about 'torch'"),
        (("",), 5, "no row is about ''"),
        (("(((", "'"), 5, "no row is about"),
        ((), 2, "give a name or words"),
        (("x", "--json", "--markdown"), 2, "not both"),
        (("x", "--limit", "0"), 2, "0 is not in the range"),
    ],
)
def test_nothing_found_and_wrong_use_are_one_line(words, code, said, tmp_path):
    done = command("lookup", *words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)


@pytest.mark.parametrize("options", [(), ("--json",), ("--markdown",)])
def test_neither_library_is_imported(options):
    program = (
        "import sys; from conformance.cli import main\n"
        f"try: main(['lookup', 'np.concatenate', *{options!r}])\n"
        "finally: print(sorted({'torch', 'numpy', 'hypothesis'} & set(sys.modules)), file=sys.stderr)"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    assert "torch.cat" in done.stdout
    assert time.monotonic() - started < 5, "a fifth of a second on an idle machine"


def test_an_index_of_other_rows_is_not_believed(tmp_path, monkeypatch):
    wrong = tmp_path / "index.json"
    wrong.write_text(index.PATH.read_text(encoding="utf-8").replace(ROWS.rows_of, "0" * 64), encoding="utf-8")
    for path in (wrong, tmp_path / "none.json", Path(__file__)):
        assert index.read(path) is None
    monkeypatch.setattr(index.read, "__defaults__", (wrong,))
    monkeypatch.setattr(building, "built", lambda: ROWS)
    done = printed("np.concatenate")
    assert done.stderr.startswith("conformance: the index is not of the rows that are there, so they are read anew")
    assert "torch.cat" in done.stdout


def test_the_digest_knows_each_case_file(tmp_path, monkeypatch):
    (tmp_path / "conformance" / "cases").mkdir(parents=True)
    spec = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})
    monkeypatch.setattr(index, "find_spec", lambda _name: spec)
    seen = set()
    for name, text in (("a.py", "x"), ("a.py", "y"), ("b.py", "y")):
        (tmp_path / name).write_text(text)
        seen.add(index.digest())
    (tmp_path / "a.py").write_bytes(b"y\r\n")
    one = index.digest()
    (tmp_path / "a.py").write_bytes(b"y\n")
    assert len({*seen, one}) == 4
    assert index.digest() == one


@pytest.mark.parametrize(("phrase", "name"), PHRASES)
def test_a_phrase_finds_rows_of_what_it_stands_for(phrase, name):
    answer = found(phrase)
    first = answer.rows[0]
    assert not answer.notes
    assert re.search(rf"\b{name}\b", first["torch"])


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("remove a dimension of size one", "squeeze"),
        ("element-wise product", "mul"),
        ("how do I multiply two matrices", "matmul"),
        ("np.add axis", "add"),
    ],
)
def test_words_beside_a_phrase_only_describe(question, name):
    assert re.search(rf"\b{name}\b", found(question).rows[0]["torch"])
