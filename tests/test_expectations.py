"""The file of expected failures: what it says, what it makes of records, and which of its lines are wrong by now."""

import pytest

from conformance import expectations, records

LINES = """
# a device that is being built
shape/squeeze: not there yet
arith*: slow
shape/flip-float32-npu: rounding

shape: all of it
"""


@pytest.fixture
def expected(tmp_path):
    path = tmp_path / "expected.txt"
    path.write_text(LINES)
    return expectations.read(path)


def unit(case, verdict="differs", dtype="float32", device="npu"):
    return {"kind": "unit", "id": case, "dtype": dtype, "device": device, "verdict": verdict, "reason": None}


def test_lines_are_read(expected):
    assert [(e.pattern, e.reason, e.line) for e in expected.entries][:2] == [
        ("shape/squeeze", "not there yet", 3),
        ("arith*", "slow", 4),
    ]
    assert len(expected.entries) == 4


@pytest.mark.parametrize(
    ("case", "reason"),
    [("shape/squeeze", "not there yet"), ("arithmetic/add", "slow"), ("shape/other", "all of it"), ("logic/and", None)],
)
@pytest.mark.parametrize("verdict", ["differs", "crashed", "difference gone", "hardly ran"])
def test_failures_become_expected_ones(expected, case, reason, verdict):
    made = expected.judged(unit(case, verdict))
    assert made["verdict"] == (records.AS_EXPECTED if reason else verdict)
    assert made["reason"] == (f"{reason} ({verdict})" if reason else None)
    assert records.is_failure(made["verdict"]) is (reason is None)


@pytest.mark.parametrize("verdict", ["agrees", "differs as declared", "not run", "broken"])
def test_nothing_else_does(expected, verdict):
    assert expected.judged(unit("shape/squeeze", verdict))["verdict"] == verdict


def test_one_unit_of_several(expected):
    kept = expectations.Expectations(file="f", entries=expected.entries[2:3])
    assert kept.judged(unit("shape/flip"))["verdict"] == records.AS_EXPECTED
    assert kept.judged(unit("shape/flip", dtype="float64"))["verdict"] == "differs"
    assert kept.judged(unit("shape/flip", device="cpu"))["verdict"] == "differs"


def test_entries_that_are_wrong_by_now_are_told(expected):
    for record in (unit("shape/squeeze", "agrees"), unit("shape/flip", "crashed"), unit("shape/flip", "not run")):
        expected.note(expected.judged(record))
    met = {record["id"]: record["reason"] for record in expected.stale(whole=False)}
    assert list(met) == ["shape/squeeze"]
    assert "none of the 1 units that it stands for fails" in met["shape/squeeze"]
    whole = {record["id"]: record["reason"] for record in expected.stale(whole=True)}
    assert list(whole) == ["shape/squeeze", "arith*"]
    assert "it stands for no unit that was run" in whole["arith*"]
    assert {record["verdict"] for record in expected.stale(whole=True)} == {"broken"}


def test_what_was_not_run_shows_nothing_of_an_entry(expected):
    expected.note(expected.judged(unit("arithmetic/add", "not run")))
    assert [record["id"] for record in expected.stale(whole=False)] == []
    (told,) = (record["reason"] for record in expected.stale(whole=True) if record["id"] == "arith*")
    assert "it stands for no unit that was run" in told


@pytest.mark.parametrize("line", ["shape/squeeze", "shape/squeeze:", ": because", "a:b"])
def test_a_line_that_says_nothing_is_refused(tmp_path, line):
    path = tmp_path / "expected.txt"
    path.write_text(f"# fine\n{line}\n")
    with pytest.raises(ValueError, match=r"expected.txt:2: .* is no expected failure: write 'case-or-pattern: reason'"):
        expectations.read(path)


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, words in (("nowhere", "No such file"), ("binary", "no text in UTF-8")):
        with pytest.raises(ValueError, match=f"expected failures .*{name}: .*{words}"):
            expectations.read(tmp_path / name)
