"""What is published under reports/ is of these rows, but for a few changed since: making it takes an hour."""

from pathlib import Path

import pytest

from conformance import loading, records
from conformance.case import Case

REPORTS = Path(__file__).parent.parent / "reports"
RUNS = sorted((REPORTS / "runs").glob("*.jsonl.gz"))
MOST_STALE = 1 / 20
"""The part of the rows that may differ from what is published, before a change has to publish anew."""


def stale(run: records.Run) -> list[str]:
    """Return the ids of the cases that are new, gone, or of another expression than in ``run``."""
    published = {str(unit["id"]): (unit["torch"], unit["numpy"]) for unit in run.units}
    loaded = (row for file in loading.reachable() for row in loading.load(file))
    here = {row.id: (row.torch.text, row.numpy.text) for row in loaded if isinstance(row, Case)}
    return sorted(name for name in published.keys() | here.keys() if published.get(name) != here.get(name))


@pytest.mark.parametrize("file", RUNS, ids=lambda file: file.name)
def test_a_published_run_is_whole_and_of_these_rows(file):
    run = records.read(file)
    cases = {str(unit["id"]) for unit in run.units}
    old = stale(run)
    assert run.complete
    assert len(old) <= MOST_STALE * len(cases), f"tox -e publish: {len(old)} rows differ, such as {', '.join(old[:5])}"


def test_there_is_a_published_run():
    assert RUNS


def test_the_published_cheat_sheet_has_a_line_for_each_published_row():
    """Those of the pinned versions: each page is a table, below its two lines of head."""
    pages = [page.read_text(encoding="utf-8").splitlines() for page in (REPORTS / "cheatsheet").glob("*.md")]
    lines = sum(line.startswith("| ") for page in pages for line in page) - 2 * len(pages)
    pinned = next(file for file in RUNS if file.name.startswith("torch2.13.0-"))
    assert lines == len({str(unit["id"]) for unit in records.read(pinned).units})
