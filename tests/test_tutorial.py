"""The tutorial, run as its reader would: each block of Python in a file of its own, and what it says is printed is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT, blocks

FENCED = blocks((ROOT / "docs/prove-your-port.md").read_text(encoding="utf-8"))
BLOCKS = [block.text for block in FENCED if block.language == "python"]
PRINTED = [block.text for block in FENCED if not block.language]


def ran(folder: Path, name: str, text: str) -> subprocess.CompletedProcess:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{folder.name}/{name}"]
    return subprocess.run(program, cwd=folder.parent, capture_output=True, text=True, timeout=300, check=False)


def lines(text: str) -> list[str]:
    """What is printed, without pytest's margin."""
    return [" ".join(line.removeprefix("E").split()) for line in text.splitlines()]


def test_the_first_test_fails_as_printed(tmp_path):
    done = ran(tmp_path / "docs", "test_first.py", BLOCKS[0])
    assert done.returncode == 1, done.stdout
    missing = [line for line in lines(PRINTED[0]) if line not in lines(done.stdout)]
    assert not missing


def test_the_second_fails_in_one_region_as_printed(tmp_path):
    right = BLOCKS[0].replace("x.std(dim)", "x.std(dim, correction=0)")
    assert right != BLOCKS[0]
    done = ran(tmp_path / "docs", "test_second.py", right)
    assert done.returncode == 1, done.stdout
    missing = [line for line in lines(PRINTED[1]) if line not in lines(done.stdout)]
    assert not missing


@pytest.mark.parametrize("block", BLOCKS[1:-1], ids=range(2, len(BLOCKS)))
def test_the_others_pass(tmp_path, block):
    done = ran(tmp_path / "docs", "test_block.py", block)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d passed", done.stdout)


def test_the_rows_pass(tmp_path):
    done = ran(tmp_path / "docs", "my_rows.py", BLOCKS[-1])
    assert done.returncode == 0, done.stdout
    assert re.search(r"(\d+) passed", done.stdout)[1] > "2"
