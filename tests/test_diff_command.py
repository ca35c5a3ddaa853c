"""The command ``conformance diff``: what it prints and writes, ends with, and says of wrong input."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance import records, small
from conformance.cli import main
from conformance.history import markdown, page, terminal

from .runs import NEWER, bench, compared, difference, failure, run, unit, written

OLD_FORMAT = Path(__file__).parent / "data" / "run-format-1.jsonl"
NASTY = "<script>alert(1)</script> | `x` **b** [l](javascript:x) & \ud800\n</details>"


def invoked(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def pair(tmp_path):
    """Runs of two versions: one unit fails now, one is otherwise, one is fixed, one is gone."""
    names = ("fails", "news", "fixed", "same", "gone")
    before = [unit("differs" if name == "fixed" else "agrees", f"shape/{name}") for name in names]
    after = [unit("differs", "shape/fails"), unit("changed", "shape/news"), unit(case="shape/fixed")]
    after += [unit(case="shape/same", differences=[difference("it is new")]), unit(case="shape/new")]
    old = run(*before, benches=[bench(1.0)])
    new = run(*after, benches=[bench(3.0)], **NEWER)
    return written(tmp_path / "old.jsonl", old), written(tmp_path / "new.jsonl", new)


def test_it_says_what_is_otherwise(pair):
    done = invoked("diff", *pair)
    assert done.exit_code == 1
    heads = re.findall(r"^([A-Z, ]+)(?= \(|:)", done.output, flags=re.MULTILINE)
    assert heads == ["FAILS NOW", "BEHAVES OTHERWISE", "FIXED", "NEW", "GONE", "DECLARED DIFFERENCES", "SLOWER"]
    assert re.search(r"^torch +2\.13\.0\+cpu +2\.15\.0\+cpu +≠$", done.output, flags=re.MULTILINE)
    assert "    value  1 of 1 elements differ: torch 2.0, numpy 3.0\n    with   x = np.ones(1)" in done.output
    told = "fails now 1, behaves otherwise 1, fixed 1, new 1, gone 1, the same 1"
    assert done.output.rstrip().endswith(f"4 units in both runs: {told}; 1 benchmark in both runs: slower 1")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (unit(), unit("differs"), 1),
        (unit(), unit("changed"), 0),
        (unit("differs"), unit("differs"), 0),
        (unit("differs"), unit(), 0),
        (unit(), unit("broken"), 1),
    ],
)
def test_the_exit_code_is_1_for_new_failures_alone(tmp_path, old, new, code):
    paths = written(tmp_path / "a.jsonl", run(old)), written(tmp_path / "b.jsonl", run(new))
    assert invoked("diff", *paths).exit_code == code


def test_a_new_case_that_fails_is_a_new_failure(tmp_path):
    old = written(tmp_path / "a.jsonl", run(unit()))
    assert invoked("diff", old, written(tmp_path / "b.jsonl", run(unit(), unit("differs", "shape/new")))).exit_code == 1
    assert invoked("diff", old, written(tmp_path / "b.jsonl", run(unit(), unit(case="shape/new")))).exit_code == 0


def test_a_case_that_changed_in_two_ways_is_one_case(tmp_path):
    memory = {"memory": {"verdict": "differs", "inputs": 1}}
    new = run(unit("differs", dtype="int8"), unit("differs", dtype="bool", checks=memory), unit("differs", "shape/cat"))
    old = run(unit(dtype="int8"), unit(dtype="bool"), unit(case="shape/cat"))
    paths = written(tmp_path / "old.jsonl", old), written(tmp_path / "new.jsonl", new)
    assert "\nFAILS NOW (3 units of 2 cases): " in invoked("diff", *paths).output
    assert "### ❌ Fails now (3 units of 2 cases)\n" in invoked("diff", *paths, "--markdown").output
    assert "3 units of 2 cases: a failure" in " ".join(Page(page.page(compared(old, new))).texts)
    assert len(json.loads(invoked("diff", *paths, "--json").output)["changes"]) == 3


def test_of_one_there_is_no_plural(tmp_path):
    paths = [written(tmp_path / f"{name}.jsonl", run(unit(name), complete=False)) for name in ("agrees", "differs")]
    shown = Page(page.page(compared(run(unit()), run(unit("differs"), complete=False)))).texts
    for text in (*(invoked("diff", *paths, *how).output for how in ((), ("--markdown",))), " ".join(shown)):
        assert re.findall(r"\b1 (?:units|cases|changes|benchmarks|failures)\b", text) == []
        assert "1 unit of 1 case" in text


def test_the_same_file_twice(pair):
    done = invoked("diff", pair[1], pair[1])
    assert done.exit_code == 0
    assert done.output.rstrip().endswith("5 units in both runs: still failing 1, the same 4")


def test_json(pair):
    done = invoked("diff", *pair, "--json")
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert told["new failures"] == 1
    assert (told["old"]["header"]["torch"], told["new"]["complete"]) == ("2.13.0+cpu", True)
    (first, *_) = told["changes"]
    assert (first["kind"], first["id"]) == ("fails now", "shape/fails")
    assert first["units"] == [{"dtype": "float32", "device": "cpu", "old": "agrees", "new": "differs"}]
    assert first["lines"][0] == {"word": "value", "text": "1 of 1 elements differ: torch 2.0, numpy 3.0"}
    assert told["slower"][0]["factor"] == 3
    assert told["declared"] == [
        {"id": "shape/same", "because": "it is new", "kind": "gotcha", "state": "appeared", "details": []}
    ]


def nasty():
    """A comparison whose texts are markup."""
    row = {"torch": NASTY, "numpy": NASTY, "differences": [difference(NASTY)]}
    old = [unit(case=f"shape/{NASTY}", **row), unit("differs", "shape/fixed", failures=[failure(headline=NASTY)])]
    new = [unit("differs", f"shape/{NASTY}", failures=[failure(headline=NASTY, again=NASTY)]), unit(case="shape/fixed")]
    return compared(run(*old, torch=NASTY), run(*new, complete=False, torch="2.15"))


def test_markdown_is_compact_and_what_is_in_it_is_text(pair):
    done = invoked("diff", *pair, "--markdown")
    assert done.exit_code == 1
    assert done.output.startswith("**conformance: 1 new failure** · 4 units in both runs: fails now 1,")
    assert "| torch | 2.13.0+cpu | **2.15.0+cpu** |" in done.output
    assert done.output.count("<details>") == done.output.count("</details>") == 7
    text = markdown.text(nasty())
    bare = re.sub(r"(`+).*?\1", "", text, flags=re.DOTALL)
    assert "<script>" not in re.sub(r"\\<", "", bare)
    assert text.count("\n</details>") == text.count("<details>")
    assert "**NEW: incomplete run: it stopped before its end, after 2 units**" in text


class Page(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "link", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_the_page_is_whole_and_its_texts_are_no_markup(pair, tmp_path):
    done = invoked("diff", *pair, "--html", tmp_path / "diff.html")
    assert done.exit_code == 1
    assert "FAILS NOW" in done.output
    for text in ((tmp_path / "diff.html").read_text(encoding="utf-8"), page.page(nasty())):
        read = Page(text)
        assert not read.open
        assert read.tags.count("script") == 1
        assert not [name for name, _ in read.attributes if name.startswith("on")]
        assert not [value for name, value in read.attributes if name in {"src", "href"} and value[0] not in "#d"]
    shown = " ".join(read.texts)
    assert "<script>alert(1)</script>" in shown
    assert "NEW is an incomplete run." in shown


def test_the_page_has_what_the_terminal_has(pair, tmp_path):
    invoked("diff", *pair, "--html", tmp_path / "diff.html")
    shown = " ".join(Page((tmp_path / "diff.html").read_text(encoding="utf-8")).texts)
    for words in (
        "Fails now",
        "Behaves otherwise",
        "Fixed",
        "Gone",
        "it is new",
        "Slower",
        "2.15.0+cpu",
        "x = np.ones(1)",
    ):
        assert words in shown


def test_texts_that_are_no_unicode_can_be_printed():
    text = terminal.text(nasty())
    assert "\ud800" in text
    assert "incomplete run" in text


def test_a_terminal_gets_what_is_no_unicode_as_escapes(tmp_path):
    paths = [written(tmp_path / f"{name}.jsonl", run(unit(name, torch=NASTY))) for name in ("agrees", "differs")]
    for option in ((), ("--json",), ("--markdown",), ("--html", tmp_path / "x.html")):
        assert invoked("diff", *paths, *option).exit_code == 1


def test_a_run_that_died_is_no_pass(tmp_path):
    old = written(tmp_path / "old.jsonl", run(unit()))
    new = written(tmp_path / "new.jsonl", run(unit(), complete=False))
    done = invoked("diff", old, new, "--markdown")
    assert done.exit_code == 3
    assert "no new failure in what the new run came to, and it is incomplete" in done.output


def test_folders_gzipped_runs_and_old_formats_are_read(pair, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "run.jsonl.gz").write_bytes(small.written(records.read(pair[0])))
    assert invoked("diff", tmp_path / "folder", pair[1]).exit_code == 1
    done = invoked("diff", OLD_FORMAT, OLD_FORMAT)
    assert done.exit_code == 0
    assert "still failing 4" in done.output


SPOILS = {
    "missing": lambda path: path.unlink(),
    "truncated gzip": lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:12]),
    "damaged gzip": lambda path: path.write_bytes(gzip.compress(path.read_bytes())[:40] + b"\x00" * 99),
    "not a run": lambda path: path.write_text("hello"),
    "empty": lambda path: path.write_text(""),
    "newer": lambda path: path.write_text(path.read_text().replace('"format": 1', '"format": 2')),
}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("missing", "cannot be read: No such file"),
        ("truncated gzip", "the gzipped run is cut short"),
        ("damaged gzip", "the gzipped run is damaged"),
        ("not a run", "not a run"),
        ("empty", "empty"),
        ("newer", "format 2; this version reads up to 1: a newer one is needed"),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_a_run_that_cannot_be_read_is_one_line_and_exit_code_3(pair, spoil, words, which):
    SPOILS[spoil](pair[which])
    for done in (invoked("diff", *pair), invoked("keep", pair[which])):
        assert done.exit_code == 3
        assert f"{pair[which]}" in done.output
        assert words in done.output
        assert len(done.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--json", "--markdown"], "give --json or --markdown, not both"),
        (["--html", "nowhere/below/x.html"], "the page cannot be written to nowhere/below/x.html"),
    ],
)
def test_wrong_use(pair, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoked("diff", *pair, *arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert invoked("diff", pair[0]).exit_code == 2


def test_a_folder_without_a_run(tmp_path):
    done = invoked("diff", tmp_path, tmp_path)
    assert done.exit_code == 3
    assert "a folder without run.jsonl or run.jsonl.gz" in done.output


def test_runs_with_nothing_in_common(tmp_path):
    one = written(tmp_path / "a.jsonl", run(unit(case="shape/one")))
    two = written(tmp_path / "b.jsonl", run(unit(case="shape/two")))
    none = written(tmp_path / "c.jsonl", run())
    for other in (two, none):
        done = invoked("diff", one, other, "--markdown")
        assert done.exit_code == 5
        assert "have no unit and no benchmark in common" in done.output


def test_a_failure_is_told_though_nothing_is_in_common(tmp_path):
    one = written(tmp_path / "a.jsonl", run(unit(case="shape/one")))
    failing = invoked("diff", one, written(tmp_path / "b.jsonl", run(unit("differs", "shape/two"))), "--json")
    assert failing.exit_code == 1
    assert json.loads(failing.output)["new failures"] == 1
    cut = invoked("diff", one, written(tmp_path / "c.jsonl", run(complete=False)))
    assert cut.exit_code == 3
    assert "NEW: incomplete run" in cut.output


def test_runs_of_benchmarks_alone(tmp_path):
    old, new = (written(tmp_path / f"{n}.jsonl", run(benches=[bench(1.0)])) for n in (1, 2))
    done = invoked("diff", old, new)
    assert done.exit_code == 0
    assert done.output.rstrip().endswith("1 benchmark in both runs")


def test_benchmarks_that_moved_stand_in_the_summaries(tmp_path):
    moved = {"slow": 5.0, "quick": 0.2, "same": 1.0}
    before, after = ([bench(ratios[n], 0.01, id=n) for n in moved] for ratios in (dict.fromkeys(moved, 1.0), moved))
    told = "3 benchmarks in both runs: slower 1, faster 1"
    for of, words in (((), told), ((unit(),), f"1 unit in both runs: the same 1; {told}")):
        files = [(tmp_path / f"{name}.jsonl", benches) for name, benches in (("old", before), ("new", after))]
        paths = [written(path, run(*of, benches=benches)) for path, benches in files]
        assert invoked("diff", *paths).output.rstrip().splitlines()[-1] == words
        assert invoked("diff", *paths, "--markdown").output.startswith(f"**conformance: no new failure** · {words}\n")
