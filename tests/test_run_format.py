"""The schema of the run format: real runs fit it, damaged ones do not, and it is what the document tells."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance import records, small

from .helpers import command
from .packed import Packed

jsonschema = pytest.importorskip("jsonschema", reason="the schema is tested with jsonschema: pip install -e .[schema]")

ROOT = Path(__file__).parents[1]
OLD = ROOT / "tests/data/run-format-1.jsonl"
SCHEMA = json.loads((ROOT / "docs/run-format.schema.json").read_text(encoding="utf-8"))
DOCUMENT = (ROOT / "docs/run-format.md").read_text(encoding="utf-8")

ROWS = """
from conformance import Difference, Raises, Section, tensors
s = Section("Mine")
X = {"x": tensors(ndim=1, dtypes=("float32",))}
s.case("x + 1", "x + 1", **X)
s.case("x * 2", "x * 3", **X)
s.case("x * z", "x * 3", id="broken", **X)
s.case("x.sum()", "x.sum()", **X)
s.case("x * 2.5", "x * 3.5", id="bug", note="not so", differs=[Difference(
    "PyTorch has its own multiplication", example={"x": [1.0]}, torch="x * 2.5", when="x == 1", kind="bug")], **X)
"""


PROVEN = """
from conformance import Section, tensors, ulp
s = Section("Mine")
s.case("x.exp()", "np.exp(x)", x=tensors(), dtypes=("float32",), tolerance=ulp(3, "a test"))
"""


def strict(part: Any) -> Any:
    """The schema without the freedom that readers have: a key that it does not name is wrong."""
    if isinstance(part, list):
        return [strict(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: strict(one) for key, one in part.items()}
    closed = "object" in part.get("type", ()) and "properties" in part and "allOf" not in part
    return made | ({"additionalProperties": False} if closed else {})


FREE = jsonschema.Draft202012Validator(SCHEMA)
STRICT = jsonschema.Draft202012Validator(strict(SCHEMA))


def problems(line: dict[str, Any], by: Any = STRICT) -> list[str]:
    """What is wrong with one line of a run."""
    return [f"{line.get('kind')} {line.get('id')} {error.json_path}: {error.message}" for error in by.iter_errors(line)]


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a run as data."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def whole(run: records.Run) -> list[dict[str, Any]]:
    """The lines of a run that was read."""
    return [dict(line) for line in (run.header, *run.units, *run.benches, *run.proofs, run.footer)]


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """A run of rows that agree, differ, are broken and have a finding."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "mine.py").write_text(ROWS)
    done = command("run", "mine.py", "-n", 0, "--budget", 1, "--report", "out", cwd=folder)
    assert done.returncode == 3, done.stdout + done.stderr
    return folder / "out" / "run.jsonl"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_record_of_a_real_run_fits(real):
    told = lines(real)
    assert {"differs", "broken", "agrees"} <= {line["verdict"] for line in told if line["kind"] == "unit"}
    assert any("finding" in one for line in told for one in line.get("differences", ()))
    assert not [problem for line in told for problem in problems(line)]


def test_the_small_form_of_a_real_run_fits(real, tmp_path):
    (tmp_path / "small.jsonl.gz").write_bytes(small.written(records.read(real)))
    assert not [problem for line in whole(records.read(tmp_path / "small.jsonl.gz")) for problem in problems(line)]


def test_every_record_of_an_old_run_fits():
    told = lines(OLD)
    assert {line["kind"] for line in told} == {"header", "unit", "bench", *records.PROOFS, "footer"}
    assert not [problem for line in told for problem in problems(line)]


@pytest.fixture(scope="module")
def proven(tmp_path_factory) -> Path:
    """A run of proofs alone: the three kinds that are of a case."""
    folder = tmp_path_factory.mktemp("proofs")
    (folder / "mine.py").write_text(PROVEN)
    few = {
        "accuracy": ("--points", 1000, "--dtype", "float32"),
        "consistency": ("--dtype", "float32"),
        "sensitivity": (),
    }
    for name, more in few.items():
        done = command(name, "mine.py", "-n", 0, *more, "--report", "out", cwd=folder)
        assert done.returncode in {0, 1}, done.stdout + done.stderr
    return folder / "out" / "run.jsonl"


def test_records_of_proofs_tell_what_their_row_is(proven):
    told = lines(proven)
    assert {line["kind"] for line in told} == {"header", *records.PROOFS, "footer"} - {"promotion"}
    assert not [problem for line in told for problem in problems(line)]
    rows = [line["row"] for line in told if line["kind"] in records.PROOFS]
    row = {"section": "Mine", "line": 4, "torch": "x.exp()", "numpy": "np.exp(x)"}
    assert [one | {"file": ""} for one in rows] == [row | {"file": ""}] * len(rows)
    assert all(one["file"].endswith("/mine.py") for one in rows)


def test_a_report_of_proofs_alone_tells_of_its_cases(proven):
    held = Packed(records.read(proven))
    case = held.cases["mine/exp"]
    told = [held.texts[case[key]] for key in ("torch", "numpy", "tolerance", "where")]
    assert told[:2] == ["x.exp()", "np.exp(x)"]
    assert told[2].endswith("(a test)")
    assert told[3].endswith("/mine.py:4")
    assert [held.texts[name] for name in held.data["sections"]] == ["Mine"]


def spoilt(line: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A line with another value at a path of keys; None takes the key away."""
    made = copy.deepcopy(line)
    *way, last = (int(key) if key.isdigit() else key for key in path.split("/"))
    inner: Any = made
    for key in way:
        inner = inner[key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return made


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("header", "format", "1"),
        ("header", "format", records.FORMAT + 1),
        ("header", "started", "yesterday"),
        ("header", "torch", None),
        ("header", "gpu", "none"),
        ("unit", "id", None),
        ("unit", "verdict", "fine"),
        ("unit", "checks/value", "agrees"),
        ("unit", "checks/value/inputs", -1),
        ("unit", "counts/inputs", 1.5),
        ("unit", "differences/0/because", None),
        ("unit", "differences/0/kind", "odd"),
        ("unit", "claimed", "float32"),
        ("bench", "ratio", 0),
        ("bench", "ratio", "2"),
        ("sensitivity", "survivors", None),
        ("accuracy", "torch/ulp", "none"),
        ("accuracy", "row", "x.exp()"),
        ("consistency", "disagreements", {}),
        ("promotion", "entries/0/4", "8"),
        ("footer", "verdicts/agrees", "5"),
        ("footer", "exit", None),
    ],
)
def test_a_damaged_record_is_refused(kind, path, value):
    line = next(one for one in lines(OLD) if one["kind"] == kind and (kind != "unit" or one.get("differences")))
    assert not problems(line, FREE)
    assert problems(spoilt(line, path, value), FREE)


@pytest.mark.parametrize("line", [{}, {"kind": "trace"}, {"id": "a/b", "verdict": "agrees"}, [], "header"])
def test_what_is_no_record_is_refused(line):
    assert list(FREE.iter_errors(line))


def test_keys_of_a_newer_run_are_left_alone():
    header = lines(OLD)[0] | {"colour": "red"}
    assert not problems(header, FREE)
    assert problems(header, STRICT)


def test_the_verdicts_are_those_of_the_records():
    assert SCHEMA["$defs"]["verdict"]["enum"] == list(records.SEVERITY)


def test_the_examples_of_the_document_fit():
    examples = [json.loads(text) for text in re.findall(r"```json\n(\{\"kind\".*?)```", DOCUMENT, flags=re.DOTALL)]
    assert {one["kind"] for one in examples} == {"header", "unit", "bench", *records.PROOFS, "footer"}
    assert not [problem for one in examples for problem in problems(one)]


def keys(part: Any) -> set[str]:
    """Every key that the schema names."""
    if isinstance(part, list):
        return {key for one in part for key in keys(one)}
    if not isinstance(part, dict):
        return set()
    named = part.get("properties")
    return {*(named if isinstance(named, dict) else ()), *(key for one in part.values() for key in keys(one))}


def test_every_key_of_the_schema_is_told_in_the_document():
    untold = [key for key in keys(SCHEMA) if f'"{key}"' not in DOCUMENT and f"`{key}`" not in DOCUMENT]
    assert not untold, f"docs/run-format.md does not tell of {sorted(untold)}"
