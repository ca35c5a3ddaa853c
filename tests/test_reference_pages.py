"""The reference pages say what the commands and the exported names say of themselves now."""

import re
import runpy
from functools import cache

import click
import pytest

import conformance

from .pages import ROOT

FOLDER = ROOT / "docs/reference"
GENERATED = runpy.run_path(str(FOLDER / "generate.py"))["PAGES"]
PINNED = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)


@cache
def committed(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", GENERATED)
def test_the_page_is_what_would_be_written_now(file):
    if file == "commands.md" and click_version() != PINNED["click"]:
        pytest.skip(f"another click lays out help in its own way: {click_version()}, pinned is {PINNED['click']}")
    assert committed(file) == GENERATED[file](), "out of date: run `python docs/reference/generate.py`"


def click_version() -> str:
    from importlib.metadata import version

    return version(click.__name__)


def test_every_exported_name_stands_on_one_page():
    titles = re.findall(r"^## (\w+)$", committed("generators.md") + committed("public-api.md"), re.MULTILINE)
    assert sorted(titles) == sorted(conformance.__all__)
