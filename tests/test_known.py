"""What others have said is covered by our rows: each entry's case is run on its input, and says what is so there."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conformance import Difference, loading, tensors, values, versions
from conformance.case import Case
from conformance.proof import known
from conformance.proof.known import Known, KnownError

from .helpers import case_of

TABLES = Path(__file__).parent / "known"
ENTRIES = [(table, entry) for table in ("divergences", "cheatsheet") for entry in known.read(TABLES / f"{table}.toml")]

NOT_HERE = (
    "random numbers:",
    "torch.nn:",
    "torch.special:",
    "torch.fft:",
    "torch.linalg:",
    "gradient of this operation:",
    "protocols of Python:",
    "PyTorch has no such function:",
)
"""How `why` begins where a whole family of operations has no rows."""
LEAST_SHARE = 0.95


@pytest.fixture(scope="module")
def cases():
    return {row.id: row for path in loading.modules() for row in loading.load(path) if isinstance(row, Case)}


@pytest.mark.parametrize(("table", "entry"), [pytest.param(t, e, id=f"{t}-{e.id}") for t, e in ENTRIES if e.case])
def test_an_entry_is_covered(cases, table, entry):
    found = known.covered(entry, cases[entry.case])
    assert not found.failures
    if table == "cheatsheet":
        assert entry.verdict
    elif found.outcome == known.AGREE:
        assert entry.verdict, "no difference applies to its input: say in verdict= why the sides agree there"


def share_covered(entries):
    here = [one for one in entries if one.case or not one.why.startswith(NOT_HERE)]
    return sum(one.case is not None for one in here) / len(here)


def test_most_of_what_surprised_users_is_covered():
    entries = [one for table, one in ENTRIES if table == "divergences"]
    assert share_covered(entries) >= LEAST_SHARE, [one.id for one in entries if one.why]


def test_an_operation_that_is_here_but_not_covered_counts():
    missing, elsewhere = entry(case=None, why="not here yet"), entry(case=None, why="torch.nn: not here yet")
    assert share_covered([entry(), elsewhere]) == 1
    assert share_covered([entry(), elsewhere, missing]) == 0.5


@pytest.mark.skipif(not versions.is_pinned(), reason="the page is of the pinned versions")
def test_the_page_is_of_these_tables_and_rows(tmp_path):
    page = Path(__file__).parents[1] / "reports" / "coverage.md"
    script = Path(__file__).parents[1] / "benchmarks" / "coverage.py"
    done = subprocess.run([sys.executable, script, tmp_path / "now.md"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = (tmp_path / "now.md").read_text(encoding="utf-8")
    assert told == page.read_text(encoding="utf-8"), "python benchmarks/coverage.py reports/coverage.md"


ADD = case_of(
    "x + y * (y < 3)", "x + y", x=tensors(dtypes=()), y=values(1, 3), dtypes=("float32",),
    differs=[Difference("no 3", example={"x": np.ones(1), "y": 3}, when="y == 3 and x.size > 0", torch="x")],
)  # fmt: skip


def entry(**fields):
    return Known(**{"id": "mine", "torch": "x + y", "numpy": "x + y", "case": "made-here/row", **fields})


def test_what_applies_is_looked_up():
    found = known.covered(entry(inputs={"x": "np.ones(2)", "y": "3"}), ADD)
    assert found.because == ("no 3",)
    assert found.outcome == "differ as declared"
    assert not found.failures
    assert known.covered(entry(inputs={"x": "np.ones(2)", "y": "1"}), ADD).outcome == known.AGREE


def test_what_is_not_declared_is_a_failure():
    assert known.covered(entry(inputs={"x": "np.ones(2)", "y": "5"}), ADD).failures


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"inputs": {"x": "1"}}, "inputs are ['x'], those of made-here/row are ['x', 'y']"),
        ({"inputs": {"x": "np.one", "y": "1"}}, "x = 'np.one' raises AttributeError"),
        ({"inputs": {"x": "np.ones(1)", "y": "1"}, "dtype": "float8"}, "no unit of dtype 'float8'"),
    ],
)
def test_an_input_that_the_case_cannot_have_is_named(fields, said):
    with pytest.raises(KnownError, match="mine") as raised:
        known.covered(entry(**fields), ADD)
    assert said in str(raised.value)


def test_an_entry_has_a_case_or_says_why_not(tmp_path):
    with pytest.raises(KnownError, match="give case="):
        entry(case=None)
    path = tmp_path / "table.toml"
    path.write_text('[one]\ntorch = "x"\nnumpy = "x"\ncase = "a"\nsentence = "b"\n')
    with pytest.raises(KnownError, match="no field"):
        known.read(path)
