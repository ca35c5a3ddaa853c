"""Reports: however odd the run, they are made, in the order of the cases, and nothing that failed is left out."""

from __future__ import annotations

import ast
import time
from pathlib import Path
from typing import Any

import pytest

from conformance import report
from conformance.records import Run
from conformance.report import benchmarks, dtypes, grouping, html, payload, terminal

from .reported import bench, broken, run, unit

DIFFERENCE = {"because": "NumPy refuses", "kind": "design", "verdict": "differs as declared", "inputs": 500}
FAILURE = {"check": "value", "headline": "1 of 2 elements differ", "text": "the whole\nfailure", "count": 12}


def full_run(cases: int = 100) -> Run:
    every = [
        unit(f"shape/case-{number}", dtype=dtype, line=number, differences=[DIFFERENCE] if number % 3 == 0 else [])
        for number in range(cases)
        for dtype in dtypes.DTYPES
    ]
    return run(*every, unit("shape/bad", "differs", failures=[FAILURE]), broken(), benches=(bench(),))


def test_render_writes_all_pages_into_a_new_folder_the_same_every_time(tmp_path: Path) -> None:
    written = report.render(full_run(3), str(tmp_path / "new" / "folder"))
    names = [path.relative_to(tmp_path / "new" / "folder").as_posix() for path in written]
    assert names == ["index.html", "cheatsheet.html", "cheatsheet.md", "cheatsheet/shape.md", "findings.md"]
    first = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in report.render(full_run(3), tmp_path)] == first
    assert b"\r" not in first[0]


@pytest.mark.parametrize(
    "odd",
    [
        run(),
        run(footer=False),
        Run(header={"kind": "header", "format": 1}, units=()),
        run(broken()),
        run({"kind": "unit", "id": "", "verdict": ""}),
        run(unit(checks=None, counts=None, differences=None, failures=None, warnings=None, given=None)),
        run(unit(checks=[1], counts={"inputs": "many"}, differences=[1], failures=["x"], line="12", section=3)),
        run(unit(differences=[{}], failures=[{}], checks={"value": {}, "shape": 3})),
        run(unit(verdict="of tomorrow")),
        run(unit(), absent=None, devices=None, cpu=None),
        run(benches=(bench(), {"kind": "bench", "id": "a/b"}, bench(ratio=0, ratio_low=None, elements=float("nan")))),
        run(unit(note="\ud800"), unit("shape/other\x00\ud800")),
    ],
)
def test_an_odd_run_still_has_its_reports(odd: Run, tmp_path: Path) -> None:
    for path in report.render(odd, tmp_path):
        path.read_text(encoding="utf-8")
    terminal.summary(odd)


def test_a_full_run_is_small_and_quick() -> None:
    start = time.perf_counter()
    text = html.page(full_run())
    # About a third of a second on an idle core; the rest is for slow and busy ones.
    assert time.perf_counter() - start < 5
    assert len(text.encode()) < 1_500_000


def test_reports_know_nothing_of_torch_and_nothing_of_cases() -> None:
    allowed = {"conformance.records", "conformance.report", "conformance"}
    for path in Path(report.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"torch", "numpy", "pytest"}
            ours = {name for name in names if name.startswith("conformance")}
            assert {".".join(name.split(".")[:2]) for name in ours} <= allowed, path


def test_cases_go_by_section_then_file_then_line() -> None:
    made = [
        unit("b/late", section="B", file="cases/b.py", line=30),
        unit("a/one", section="A", file="cases/a2.py", line=9),
        unit("a/three", section="A", file="cases/a1.py", line=20),
        unit("a/two", section="A", file="cases/a1.py", line=3),
        unit("b/early", section="B", file="cases/b.py", line=4),
    ]
    order = [case.id for part in grouping.sections(run(*made)) for case in part.cases]
    assert order == ["b/early", "b/late", "a/one", "a/two", "a/three"]


def test_columns_go_by_device_and_from_bool_to_complex() -> None:
    dtypes = ["-", "complex64", "bfloat16", "float16", "weird", "int8", "uint16", "bool"]
    made = [unit(dtype=dtype, device=device) for device in ("cpu", "cuda") for dtype in dtypes]
    columns = payload.columns(grouping.sections(run(*made)))
    assert list(columns) == [("", "cpu"), ("", "cuda")]
    assert columns["", "cpu"] == ("bool", "uint16", "int8", "float16", "bfloat16", "complex64", "weird", "-")


def test_bars_are_logarithmic_about_the_middle_and_stay_within() -> None:
    bars = [benchmarks._bar(ratio, ratio / 2, None) for ratio in (1, 2, 0.5, 1e9, 0)]
    places = [bar.ratio for bar in bars if bar]
    assert places[0] == benchmarks.WIDTH / 2
    assert places[1] - places[0] == pytest.approx(places[0] - places[2], abs=0.2)
    assert places[3:] == [benchmarks.WIDTH, 0]


@pytest.mark.parametrize("wrong", [None, "2", -1, float("nan"), float("inf")])
def test_what_is_not_a_ratio_is_a_dash_without_a_bar(wrong: Any) -> None:
    shown = benchmarks.by_case([bench(ratio=wrong)])["shape/squeeze"][0]
    assert shown.ratio == "–"
    assert shown.bar is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 ns"), (4e-7, "400 ns"), (1.234e-3, "1.23 ms"), (2.0, "2 s"), (1e-6, "1 µs")],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert benchmarks.duration(seconds) == text


def test_the_summary_counts_by_section_and_lists_failures_before_the_rest() -> None:
    made = [
        unit(),
        unit("math/add", section="Math"),
        unit("math/add", "differs", section="Math", dtype="int8", failures=[FAILURE]),
        unit("math/add", "changed", section="Math", dtype="bool"),
        unit("math/add", "not run", device="cuda", reason="no CUDA device"),
        broken(),
    ]
    lines = terminal.summary(run(*made)).splitlines()
    table = [line.split() for line in lines[: lines.index("")]]
    assert table[0] == ["section", "agrees", "not", "changed", "differs", "broken", "units"]
    assert table[3:] == [
        ["Shape", "1", "1", "2"],
        ["Math", "1", "1", "1", "1", "4"],
        ["all", "2", "1", "1", "1", "1", "6"],
    ]
    assert lines[lines.index("") :] == [
        "",
        "broken   shape/oops  no name np.oops",
        "differs  math/add-int8-cpu  1 of 2 elements differ",
        "",
        "changed  math/add-bool-cpu",
        "",
        "not run: no CUDA device (1 unit)",
        "cuda: not run: no CUDA device",
    ]


def test_long_names_are_cut_in_the_summary_alone() -> None:
    title = "On the behaviour\nof " + "very " * 90 + "long titles"
    made = run(unit(section=title), unit("math/add", section="Trigonometric and hyperbolic functions"))
    lines = terminal.summary(made).splitlines()
    assert max(map(len, lines)) < 80
    assert [line.split("  ")[0] for line in lines[2:]][:3] == [
        "On the behaviour of very very very very…",
        "Trigonometric and hyperbolic functions",
        "all",
    ]
    assert title in {part.name for part in grouping.sections(made)}
    assert "very long titles" in html.page(made)
    odd = terminal.summary(run(unit(verdict="odd" * 99)))
    assert max(map(len, odd.splitlines()[:4])) < 80, odd


def test_the_summary_of_an_incomplete_or_empty_run_says_so() -> None:
    text = terminal.summary(run(footer=False))
    assert "no unit was run" in text
    assert "incomplete run" in text
    assert "cuda: not run: no CUDA device" in text
    assert "incomplete" not in terminal.summary(run(unit()))
