"""The run format: what is written is read back, and every way in which a file can be wrong has its own error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance import records, runfile
from conformance.records import Run, Writer, read

HEADER = {"torch": "2.13.0", "numpy": "2.4.6", "seed": 0}
FOOTER = {"kind": "footer", "units": 1, "verdicts": {"agrees": 1}, "seconds": 1.0, "exit": 0}


def unit(verdict: str = "agrees", **more: Any) -> dict[str, Any]:
    return {"kind": "unit", "id": "shape/squeeze", "verdict": verdict, **more}


def header(**more: Any) -> dict[str, Any]:
    return {"kind": "header", "format": 1, **HEADER, **more}


def stream(path: Path, *lines: Any, end: str = "\n") -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(("\n".join(texts) + end).encode("utf-8", "surrogateescape"))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_units_are_counted_without_being_parsed(path: Path, tmp_path: Path) -> None:
    quoting = unit(note='"kind": "unit", {"kind":"unit"}')
    assert runfile.count_units(stream(path, header(), unit(), quoting, {**FOOTER, "units": 2})) == 2
    assert runfile.count_units(stream(path, header(), unit(), '{"kind":"unit"}', '{"kind": "un')) == 2
    for garbage in (b"", b"\xff\x00" * 9999, b"\x1f\x8b\x08", b'{"kind": "header"'):
        path.write_bytes(garbage)
        assert runfile.count_units(path) == 0
    assert runfile.count_units(tmp_path) == runfile.count_units(tmp_path / "none") == 0


def test_what_is_written_is_read_back(path: Path) -> None:
    bench = {"kind": "bench", "id": "shape/squeeze", "ratio": 2.5}
    with Writer(path, HEADER) as writer:
        writer.write(unit(note="ä\u2028\ud800\n"))
        writer.write(bench)
        writer.write(unit("differs"))
    run = read(path)
    assert run.header == header()
    assert run.units == (unit(note="ä\u2028\ud800\n"), unit("differs"))
    assert run.benches == (bench,)
    counted = {"units": 2, "verdicts": {"agrees": 1, "differs": 1}, "exit": 1}
    assert run.footer == {"kind": "footer", "seconds": pytest.approx(0, abs=9), **counted}
    assert run.complete


def test_the_file_is_utf8_that_people_can_read(path: Path) -> None:
    with Writer(path, HEADER) as writer:
        writer.write(unit(note="größer"))
    assert "größer" in path.read_text(encoding="utf-8")


def test_every_line_is_on_disk_at_once(path: Path) -> None:
    writer = Writer(path, HEADER)
    assert read(path).units == ()
    writer.write(unit())
    assert len(read(path).units) == 1
    assert not read(path).complete
    writer.finish()
    assert read(path).complete


def die(path: Path) -> None:
    with Writer(path, HEADER) as writer:
        writer.write(unit())
        raise KeyboardInterrupt


def test_a_run_that_dies_has_no_footer(path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        die(path)
    run = read(path)
    assert not run.complete
    assert len(run.units) == 1


def test_the_exit_status_of_the_footer_can_be_given_and_finishing_is_not_repeated(path: Path) -> None:
    with Writer(path, HEADER) as writer:
        writer.finish(2)
    assert read(path).footer == {**FOOTER, "units": 0, "verdicts": {}, "exit": 2, "seconds": pytest.approx(0, abs=9)}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"kind": "footer"}, "kind='footer'"),
        ({"id": "a/b", "verdict": "agrees"}, "kind=None"),
        ({"kind": "unit", "verdict": "agrees"}, "without id"),
        ({"kind": "unit"}, "without id and verdict"),
        ({"kind": "bench"}, "without id"),
        (unit("fine"), "verdict='fine' of shape/squeeze"),
        (unit(seconds=float("nan")), "JSON compliant"),
    ],
)
def test_the_writer_refuses_what_no_reader_would_take(path: Path, record: dict[str, Any], message: str) -> None:
    with Writer(path, HEADER) as writer, pytest.raises(ValueError, match=message):
        writer.write(record)
    assert read(path).units == ()


def test_a_header_that_cannot_be_written_leaves_the_older_run_alone(path: Path) -> None:
    path.write_text("older")
    with pytest.raises(TypeError):
        Writer(path, {"torch": object()})
    assert path.read_text() == "older"


@pytest.mark.parametrize("cut", [1, 10, 30])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_last_line_cut_short_is_dropped_and_the_run_incomplete(path: Path, cut: int, end: str) -> None:
    stream(path, header(), unit(), json.dumps(unit("differs"))[:cut], end=end)
    assert read(path) == Run(header=header(), units=(unit(),))


def test_a_last_line_cut_within_a_character_is_dropped_too(path: Path) -> None:
    stream(path, header(), unit(), '{"kind": "unit", "note": "\udcc3', end="")
    assert len(read(path).units) == 1


def test_a_footer_cut_short_is_no_footer(path: Path) -> None:
    stream(path, header(), unit(), json.dumps(FOOTER)[:-1], end="")
    assert not read(path).complete


def test_a_last_line_without_newline_counts_if_it_is_whole(path: Path) -> None:
    assert read(stream(path, header(), unit(), FOOTER, end="")).complete


def test_unknown_keys_and_kinds_are_ignored(path: Path) -> None:
    run = read(stream(path, header(colour="red"), unit(smell="none"), {"kind": "trace"}, FOOTER))
    assert run.complete
    assert len(run.units) == 1


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        ([header(), '{"kind', unit()], records.DamagedRunError, r"run\.jsonl:2: damaged line"),
        ([header(), "[" * 100_000, unit()], records.DamagedRunError, r"run\.jsonl:2: damaged line"),
        ([header(), unit(), 12], records.DamagedRunError, r"run\.jsonl:3: not a record"),
        ([header(), {"id": "a/b"}], records.DamagedRunError, r"run\.jsonl:2: not a record"),
        ([header(), {"kind": "unit", "id": "a/b"}], records.DamagedRunError, r"run\.jsonl:2: .* without verdict"),
        ([header(), {"kind": "unit", "verdict": "agrees"}], records.DamagedRunError, r"run\.jsonl:2: .* without id"),
        ([header(), header()], records.DamagedRunError, r"run\.jsonl:2: a second header"),
        ([header(), unit(), FOOTER, unit()], records.DamagedRunError, r"run\.jsonl:4: a line after the footer"),
        ([header(), FOOTER], records.TruncatedRunError, "the footer counts 1 units, the file holds 0"),
        ([json.dumps(header())[:20]], records.TruncatedRunError, r"run\.jsonl:1: the header is cut short"),
        ([""], records.TruncatedRunError, "empty"),
        (["hello"], records.NotARunError, r"run\.jsonl:1: not a run"),
        (["\udcff\udcfe"], records.NotARunError, r"run\.jsonl:1: not a run"),
        ([unit()], records.NotARunError, "not a header"),
        ([{"kind": "header"}], records.NotARunError, "not a header"),
        ([header(format=True)], records.NotARunError, "not a header"),
        ([header(format=0)], records.NotARunError, 'not a header with a "format" of 1 or more'),
        ([header(format=2)], records.NewerFormatError, "format 2; this version reads up to 1"),
    ],
)
def test_each_fault_has_its_error_and_its_place(path: Path, lines: list[Any], error: type, message: str) -> None:
    with pytest.raises(records.RunFileError, match=message) as caught:
        read(stream(path, *lines))
    assert type(caught.value) is error


def test_what_moves_a_terminals_cursor_is_read_as_text_that_shows_it(path: Path) -> None:
    said = "a\x1b[31m b\x00 c\x08 d\r e\x7f f\x9b g\x1b"
    with Writer(path, HEADER) as writer:
        writer.write(unit(note=said, torch="x\\u001b"))
    escaped = path.read_text(encoding="utf-8").replace("\x7f", "\\u007F").replace("\x9b", "\\u009B")
    other = path.with_name("other.jsonl")
    other.write_text(escaped, encoding="utf-8")
    shown = unit(note=r"a\x1b[31m b\x00 c\x08 d\x0d e\x7f f\x9b g\x1b", torch="x\\u001b")
    assert read(path).units == read(other).units == (shown,)
    turned = "x\u202ey\u2066z\u061c"
    for text in (turned, json.dumps(turned)[1:-1], json.dumps(turned)[1:-1].upper().replace("\\U", "\\u")):
        stream(path, json.dumps(header()), json.dumps(unit()).replace("agrees", 'agrees", "note": "' + text))
        assert read(path).units[0]["note"].lower() == r"x\u202ey\u2066z\u061c"
    with Writer(path, HEADER) as writer:
        writer.write(unit(note="a\tb\nc \\b \\\\r"))
    assert read(path).units == (unit(note="a\tb\nc \\b \\\\r"),)


def test_a_file_that_is_not_there_or_not_a_file_is_unreadable(tmp_path: Path) -> None:
    for wrong in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(records.UnreadableRunError, match="cannot be read"):
            read(wrong)


def test_a_run_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Run(header={}, units=()).header = {}


def documented() -> dict[str, bool]:
    text = (Path(__file__).parent.parent / "docs" / "run-format.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    return {name.strip(" `"): row[3].strip() == "yes" for row in rows for name in row[1].split(",")}


def test_verdicts_and_failures_are_those_of_the_documentation() -> None:
    assert documented() == {verdict: verdict in records.FAILURES for verdict in records.SEVERITY}


def test_failures_are_worse_than_anything_else() -> None:
    ranked = [records.is_failure(verdict) for verdict in records.SEVERITY]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["agrees"], "agrees"),
        (["agrees", "not judged"], "agrees"),
        (["differs", "agrees", "differs as declared"], "differs"),
        (["agrees", "not run"], "not run"),
        (["crashed", "differs"], "crashed"),
        (["broken", "crashed"], "broken"),
        (["broken", "of tomorrow"], "of tomorrow"),
    ],
)
def test_the_worst_verdict(verdicts: list[str], expected: str) -> None:
    assert records.worst(verdicts) == expected
    assert records.worst(reversed(verdicts)) == expected


def test_no_verdict_at_all_is_not_a_mild_one() -> None:
    with pytest.raises(ValueError, match="empty"):
        records.worst([])


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], 5),
        (["agrees", "differs as declared", "changed", "torch only", "not run"], 0),
        (["agrees", "hardly ran"], 1),
        (["of tomorrow"], 1),
        (["differs", "broken", "agrees"], 3),
    ],
)
def test_exit_status(verdicts: list[str], expected: int) -> None:
    assert records.exit_status(verdicts) == expected


def test_verdicts_are_counted_in_order_of_severity() -> None:
    counted = records.count_verdicts(map(unit, ["of tomorrow", "differs", "agrees", "differs"]))
    assert list(counted.items()) == [("agrees", 1), ("differs", 2), ("of tomorrow", 1)]


def test_the_module_loads_neither_torch_nor_numpy_nor_pytest() -> None:
    # By path, since the package around it may well load them.
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print({'torch', 'numpy', 'pytest'} & set(sys.modules))"
    command = [sys.executable, "-c", code, records.__file__]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "set()"
