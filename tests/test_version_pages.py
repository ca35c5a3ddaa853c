"""What a page says of two versions of PyTorch is so on the one of them that is installed."""

import re
import warnings
from pathlib import Path

import pytest
import torch

from conformance import versions

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "torch-2.15.md"
LINE = re.compile(r"^\| `(?P<expression>[^`]+)` \| `(?P<old>[^`]+)` \| `(?P<new>[^`]+)` \|", flags=re.MULTILINE)
COLUMN = {"2.13": "old", "2.15": "new"}
LINES = list(LINE.finditer(PAGE.read_text(encoding="utf-8")))


def given(expression):
    """Return what it gives, as printed on a line, or the class of what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental dtypes say so
        try:
            value = eval(expression, {"torch": torch})  # noqa: S307 - ours
            return re.sub(r"\(\n|,?\n", lambda found: "(" if "(" in found[0] else ", ", str(value))
        except Exception as error:  # noqa: BLE001 - the outcome that is asked for
            return type(error).__name__


def test_every_line_of_the_tables_is_read():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(LINES) == len(rows) > 20


def test_the_page_counts_the_cases_that_the_comparison_counts():
    answer = (ROOT / "reports" / "torch-2.15.md").read_text(encoding="utf-8")
    told = " ".join(PAGE.read_text(encoding="utf-8").split())
    (otherwise,) = re.findall(r"^### Behaves otherwise \(.* units of (.*) cases\)$", answer, flags=re.MULTILINE)
    (verdict,) = re.findall(r">another verdict \(.* units of (.*) cases\):", answer)
    assert f"rows behave otherwise: {otherwise} of 1,541 cases did, and {verdict} got another verdict" in told


@pytest.mark.skipif(versions.short("torch") not in COLUMN, reason="the page is of torch 2.13 and 2.15")
@pytest.mark.parametrize("line", LINES, ids=lambda line: line["expression"])
def test_an_expression_gives_what_the_page_says(line):
    assert given(line["expression"]) == line[COLUMN[versions.short("torch")]]
