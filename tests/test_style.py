"""What ruff cannot say: how long things may be, that exceptions carry their reason, no paths of somebody's machine."""

import ast
import re
import subprocess
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("conformance", "cases", "tests", "benchmarks", "docs")
PYTHON = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

LONGEST_FILE = 300
LONGEST_FUNCTION = 50
MEDIAN_FUNCTION = 8
NINE_IN_TEN_FUNCTIONS = 25

MACHINE_PATHS = re.compile(r"(?<![\w./~-])/(?:work|tmp|root|home)(?:/|\b(?![\w-]))")

# A mark for a tool, then a reason of at least one word: see `test_a_bare_exception_is_seen` for how they look.
MARK = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w, -]*\])?)")
REASON = re.compile(r"\s*[-#–:]+\s*(?!noqa|type:)\w")


class Function(NamedTuple):
    """A function and its length in lines, from its `def` to its end."""

    length: int
    where: str


def shown(path: Path) -> str:
    """A path as a reader of the project knows it."""
    return path.relative_to(ROOT).as_posix()


def functions(text: str, name: str) -> list[Function]:
    """Every function of a file, those inside others too."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [Function(node.end_lineno - node.lineno + 1, f"{name}:{node.lineno} {node.name}") for node in found]


def too_long(found: list[Function]) -> list[str]:
    """What is wrong with the lengths of these functions."""
    lengths = sorted(function.length for function in found)
    middle, ninth = median(lengths), quantiles(lengths, n=10)[-1]
    worst = ", ".join(f"{function.where} ({function.length})" for function in sorted(found, reverse=True)[:5])
    return [
        f"{what} is {length:g} lines, more than {most}; the longest: {worst}"
        for what, length, most in [
            ("the median function", middle, MEDIAN_FUNCTION),
            ("the ninth in ten functions", ninth, NINE_IN_TEN_FUNCTIONS),
            ("the longest function", lengths[-1], LONGEST_FUNCTION),
        ]
        if length > most
    ]


def unreasoned(text: str, name: str) -> Iterator[str]:
    """Marks for a tool that do not say why."""
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        for mark in MARK.finditer(token.string):
            if not REASON.match(token.string, mark.end()):
                yield f"{name}:{token.start[0]} {mark.group()} without a reason"


def machine_paths(text: str, name: str) -> list[str]:
    """Paths that only exist on the machine of whoever wrote them."""
    lines = enumerate(text.splitlines(), start=1)
    return [f"{name}:{number} has {found.group()}" for number, line in lines for found in MACHINE_PATHS.finditer(line)]


def committed() -> list[Path]:
    """The files that are, or are about to be, in the repository; outside one, the Python files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    names = [name for name in done.stdout.split("\0") if name]
    return [path for path in (ROOT / name for name in names) if path.is_file()] or PYTHON


def text_of(path: Path) -> str:
    """A file's text; nothing for one that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_files_are_short():
    lengths = {shown(path): len(path.read_text().splitlines()) for path in PYTHON}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert not long, f"more than {LONGEST_FILE} lines: {long}"


def test_functions_are_short():
    files = [path for path in PYTHON if path.is_relative_to(ROOT / "conformance")]
    problems = too_long([function for path in files for function in functions(path.read_text(), shown(path))])
    assert not problems, "\n".join(problems)


def test_no_function_is_very_long_anywhere():
    found = [function for path in PYTHON for function in functions(path.read_text(), shown(path))]
    long = [function for function in found if function.length > LONGEST_FUNCTION]
    assert not long, f"more than {LONGEST_FUNCTION} lines: {long}"


def test_exceptions_carry_their_reason():
    bare = [problem for path in PYTHON for problem in unreasoned(path.read_text(), shown(path))]
    assert not bare, "\n".join(bare)


def test_no_paths_of_a_machine():
    found = [problem for path in committed() for problem in machine_paths(text_of(path), shown(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("exec(text)  # noqa: S102", True),
        ("exec(text)  # noqa", True),
        ("exec(text)  # noqa: S102 - the reader's text is what runs", False),
        ("x = y  # type: ignore[attr-defined]", True),
        ("x = y  # type: ignore[attr-defined, misc]  # a namespace of torch has no stubs", False),
        ("x = y  # type: ignore[misc]  # noqa: S102 - the second says why, the first does not", True),
        ("x = '# noqa'", False),
    ],
)
def test_a_bare_exception_is_seen(text, bare):
    assert bool(list(unreasoned(text, "x.py"))) is bare


@pytest.mark.parametrize("path", [["work", "main"], ["tmp"], ["root"], ["tmp", "x"], ["home", "me"]])
def test_a_machine_path_is_seen(path):
    assert machine_paths(f'open("/{"/".join(path)}")', "x.py")


@pytest.mark.parametrize("text", ["tests/tmp/x", "a/root", "x /roots", "~/work", "https://example.org/home"])
def test_other_paths_are_left_alone(text):
    assert not machine_paths(text, "x.py")


def test_a_long_function_is_seen():
    body = "def f():\n" + "    pass\n" * 60
    assert [problem.split(" is ")[0] for problem in too_long(functions(body * 2, "x.py"))] == [
        "the median function",
        "the ninth in ten functions",
        "the longest function",
    ]
