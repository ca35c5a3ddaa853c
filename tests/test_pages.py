"""The how-to pages and the explanation: each is followed as it stands, and prints what it says."""

import shutil
from pathlib import Path

import pytest

from .pages import ROOT, Reader, blocks, commands, pattern

HOW_TO = sorted((ROOT / "docs/how-to").glob("*.md"))
PAGES = [*HOW_TO, *sorted((ROOT / "docs/explanation").glob("*.md"))]
LANGUAGES = {"python", "console", "text"}


def project(folder: Path) -> None:
    """Put the device of somebody else's project into a reader's folder."""
    source = ROOT / "tests/project/porting"
    shutil.copytree(source, folder / "porting", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_does_what_it_says(path, tmp_path):
    reader = Reader(tmp_path)
    project(reader.folder)
    assert reader.follow(path.read_text(encoding="utf-8")) > 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_example_is_run(path):
    found = blocks(path.read_text(encoding="utf-8"))
    idle = [block for block in found if block.language != "console" and not block.file]
    assert not idle, "give each block a file (```python my_rows.py), or make it a console block"
    assert {block.language for block in found} <= LANGUAGES


def test_every_page_is_in_the_index():
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path != ROOT / "docs/README.md"]
    missing = [path.name for path in pages if f"]({path.relative_to(ROOT / 'docs').as_posix()})" not in index]
    assert not missing, f"add to docs/README.md: {', '.join(missing)}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("```console\n$ echo one\ntwo\n```\n", "is not as the page says"),
        ("```console\n$ printf 'one\\ntwo\\n'\none\n```\n", "is not as the page says"),
        ("```console\n$ false\n```\n", "a page that ends in a failure"),
        ("```console\n$ false\n$ echo more\n```\n", "exit status 1 before 'echo more'"),
        ("```console\necho one\n```\n", "a console block begins with"),
    ],
)
def test_what_a_page_says_wrongly_is_seen(text, told, tmp_path):
    with pytest.raises(AssertionError, match=told):
        Reader(tmp_path).follow(text)


def test_a_page_that_is_right_is_followed(tmp_path):
    console = "$ cat one.txt\nwo…s\n$ (exit 3)\n$ echo $?\n3\n$ seq 5\n1\n…\n5\n"
    assert Reader(tmp_path).follow(f"```text one.txt\nwords\n```\n```console\n{console}```\n") == 4


def test_what_is_printed_is_read_to_its_end():
    assert commands("$ one\nfirst\nsecond\n$ two\n") == [("one", "first\nsecond\n"), ("two", "")]
    assert not pattern("first\n").fullmatch("first\nsecond\n")
