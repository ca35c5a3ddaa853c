"""Several runs beside one another: each keeps its own, what is equal is held once, and no name is there twice."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import report
from conformance.records import Run
from conformance.report import cheatsheet, environments, findings, grouping, html, payload

from .packed import Packed
from .reported import bench, run, unit
from .test_report_page import DIFFERENCE, FAILURE, HOSTILE, all_sorts, hostile, page, squeezed
from .test_report_proofs import measured, proof, repeated


def two() -> tuple[Run, Run]:
    """The same suite on two versions of torch: a verdict differs, a case is in each alone, the second is cut short."""
    old = run(unit(), unit(dtype="int8"), unit("shape/old", line=20, torch="old(x)"), benches=(bench(),))
    changed = unit(dtype="int8", verdict="changed", failures=[FAILURE], counts={"structures": 355, "inputs": 3601})
    new = run(unit(), changed, unit("shape/new", line=30, torch="new(x)"), torch="2.15.0+cpu", seed=8, footer=False)
    return old, new


def test_what_one_run_lacks_is_told_of_that_one() -> None:
    text = squeezed(page(run(unit()), run(unit(), torch="2.15.0+cpu", absent={})).text)
    assert text.count("cuda: not run: no CUDA device") == 1
    assert "torch 2.13.0: cuda: not run: no CUDA device" in text


def labels(*headers: dict[str, Any]) -> list[str]:
    runs = [Run(header={"torch": "2.13.0+cpu", "numpy": "2.4.6"} | header, units=()) for header in headers]
    return [one.label for one in environments.named(runs)]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ([{}], [""]),
        ([{}, {"torch": "2.15.0"}], ["torch 2.13.0", "torch 2.15.0"]),
        ([{}, {"torch": "2.13.0+cu130"}], ["torch 2.13.0+cpu", "torch 2.13.0+cu130"]),
        ([{"seed": 0}, {"seed": 1}], ["seed 0", "seed 1"]),
        ([{"devices": ["cpu"]}, {"devices": ["cpu", "cuda"]}], ["cpu", "cpu, cuda"]),
        ([{}, {}], ["run 1", "run 2"]),
        (
            [{}, {"torch": "2.15.0"}, {"torch": "2.15.0"}, {"torch": "2.15.0", "numpy": "2.5.0"}],
            [
                "torch 2.13.0, numpy 2.4.6",
                "torch 2.15.0, numpy 2.4.6 run 2",
                "torch 2.15.0, numpy 2.4.6 run 3",
                "torch 2.15.0, numpy 2.5.0",
            ],
        ),
        ([{"gpu": {"name": "A"}}, {"gpu": None}], ["A", "run 2"]),
        ([{"torch": None}, {}], ["torch of unknown version", "torch 2.13.0"]),
        (
            [
                {"cpu": {"model": "AMD EPYC", "capability": "AVX512", "cores": 2}},
                {"cpu": {"model": "Intel Xeon", "capability": "AVX2", "cores": 4}},
            ],
            ["AMD EPYC", "Intel Xeon"],
        ),
        (
            [
                {"cpu": {"model": "AMD EPYC", "capability": "AVX512"}},
                {"cpu": {"model": "AMD EPYC", "capability": "AVX2"}},
            ],
            ["AVX512", "AVX2"],
        ),
        ([{"cpu": {"model": "A", "cores": 2}}, {"cpu": {"model": "A", "cores": 4}}], ["2 cores", "4 cores"]),
        ([{"cpu": {"other": 1}}, {"cpu": "a processor"}], ["other 1", "a processor"]),
    ],
)
def test_a_run_is_called_by_what_tells_it_from_the_others(headers: list[dict[str, Any]], told: list[str]) -> None:
    assert labels(*headers) == told


@pytest.mark.parametrize("odd", ["seed 1 run 2", "run 2", "", "run 1", HOSTILE])
def test_no_two_runs_have_the_same_name_whatever_their_headers_hold(odd: str) -> None:
    names = labels({"platform": odd}, {}, {"platform": "run 2"}, {"platform": odd}, {"torch": odd}, {"seed": odd})
    assert len({*names}) == len(names)
    assert all(names)


def test_each_run_has_its_stamp_counts_and_whether_it_came_to_its_end() -> None:
    text = squeezed(page(*two()).text)
    assert "Runs 2 side by side runtorch 2.13.0torch 2.15.0" in text
    for part in ("torch2.13.0+cpu2.15.0+cpu", "seed78", "completeyesno: it stopped before its end", "units33"):
        assert part in text
    assert "= agrees32" in text
    assert "C changed1" in text
    assert "Incomplete run: torch 2.15.0." in text
    assert "What is the same in all of them: date2026-01-31T12:00:00+00:00 numpy2.4.6" in text
    assert text.count("cuda: not run: no CUDA device") == 1, "alike in both"
    assert "torch 2.13.0: cuda: not run" not in text
    assert "shape/squeeze-int8-cpu torch 2.15.0 1 of 2 elements differ" in text


def test_a_run_alone_says_nothing_of_others() -> None:
    shown = page(two()[0])
    assert "side by side" not in shown.text
    assert {"ui:beside", "ui:parting"} & {*shown.ids} == set()


def test_a_unit_is_held_for_each_run_and_what_is_equal_only_once() -> None:
    held = Packed(*two())
    assert held.cases["shape/squeeze"]["units"][1][0] == 0  # the first unit of the first run
    told = [(one["environment"], one["dtype"], one["verdict"]) for one in held.units("shape/squeeze")]
    assert told == [
        ("torch 2.13.0", "float32", "agrees"),
        ("torch 2.13.0", "int8", "agrees"),
        ("torch 2.15.0", "float32", "agrees"),
        ("torch 2.15.0", "int8", "changed"),
    ]
    assert held.units("shape/squeeze")[3]["failures"][0][1] == FAILURE["headline"]
    assert [one["environment"] for one in held.units("shape/old")] == ["torch 2.13.0"]
    assert [one["environment"] for one in held.units("shape/new")] == ["torch 2.15.0"]


def test_figures_that_differ_are_those_of_their_run() -> None:
    counts = [{"structures": 355, "inputs": 3000 + n} for n in range(3)]
    checks = [{"value": {"verdict": "agrees", "inputs": each["inputs"]}} for each in counts]
    runs = [run(unit(counts=counts[n], checks=checks[n]), seed=n) for n in range(3)]
    held = Packed(*runs)
    assert [one["counts"] for one in held.units("shape/squeeze")] == counts
    assert [one["checks"] for one in held.units("shape/squeeze")] == [[("value", "agrees", 3000 + n)] for n in range(3)]
    assert [len(each[0]) for each in held.cases["shape/squeeze"]["units"]] == [8, 3, 3]


def test_places_of_the_first_run_are_those_of_a_page_of_its_own() -> None:
    old, new = two()
    assert Packed(old).places <= Packed(old, new).places
    assert "shape/squeeze-int8-cpu-torch-2.15.0" in Packed(old, new).places


def test_every_link_leads_somewhere_and_no_place_is_there_twice() -> None:
    runs = (all_sorts(), all_sorts(), hostile())
    shown, places = page(*runs), Packed(*runs).places
    assert {link[1:] for link in shown.links if link.startswith("#")} <= {*shown.ids, *places}
    assert len(shown.ids) == len({*shown.ids})


def test_five_runs_take_little_more_room_than_one() -> None:
    units = [unit(f"shape/{n}", dtype=dtype, line=n) for n in range(60) for dtype in ("int8", "float32", "float64")]
    one, five = (len(html.page(*(run(*units, seed=n) for n in range(count)))) for count in (1, 5))
    assert five < one * 1.1


def test_columns_have_a_run_before_a_device() -> None:
    old, new = run(unit()), run(unit(device="cuda"), unit(), seed=9)
    assert payload.columns(grouping.sections(old, new)) == {
        ("seed 7", "cpu"): ("float32",),
        ("seed 9", "cuda"): ("float32",),
        ("seed 9", "cpu"): ("float32",),
    }


def test_benchmarks_and_proofs_say_of_which_run_they_are() -> None:
    proofs = (proof(), measured(), repeated())
    runs = [Run(header={"seed": n}, units=(unit(),), benches=(bench(),), proofs=proofs, footer={}) for n in range(2)]
    held = Packed(*runs).cases["shape/squeeze"]
    for kind in ("bench", "sensitivity", "accuracy", "consistency"):
        assert [one[0] for one in held[kind]] == [0, 1]
    assert "seed 1 cpu small: PyTorch faster in 0 of 1" in squeezed(page(*runs).text)
    assert "PyTorch against itself (cpu, seed 1)" in page(*runs).text


def test_a_record_that_calls_itself_something_is_not_believed() -> None:
    named = run(unit(environment="mine"), benches=(bench(environment="mine"),))
    assert Packed(named).units("shape/squeeze")[0]["environment"] == ""


def test_texts_that_another_run_had_are_told() -> None:
    old, new = run(unit()), run(unit(torch="x.squeeze(-1)"), seed=9)
    held = Packed(old, new)
    ((number, torch, numpy),) = held.cases["shape/squeeze"]["otherwise"]
    assert (number, held.texts[torch], held.texts[numpy]) == (1, "x.squeeze(-1)", "np.squeeze(x, axis=dim)")


def test_the_cheat_sheet_names_all_versions_and_tells_where_a_run_parts() -> None:
    pages = cheatsheet.pages(*two())
    sheet = pages["cheatsheet/shape.md"]
    assert "compared on torch 2.13.0, 2.15.0 and numpy 2.4.6, except where it says in **bold**" in sheet
    assert "On torch 2.15.0: **changed: int8**; agrees: float32." in sheet
    assert "On torch 2.15.0: **not in this run**." in sheet
    assert "**Incomplete run of torch 2.15.0:" in sheet
    assert "| all 2 dtypes | [1](#note-1) |" in sheet


def test_news_that_several_units_say_alike_stand_once_and_what_is_gone_is_told() -> None:
    gone = DIFFERENCE | {"because": "PyTorch was off", "verdict": "changed"}
    units = [unit(dtype=dtype, verdict="changed", differences=[gone]) for dtype in ("int8", "float32")]
    text = squeezed(html.page(run(*units)))
    assert "Failures and news <small>1 entry, 2 units</small>" in text
    assert text.count("no longer so: PyTorch was off") == 1 + text.count('"no longer so: PyTorch was off"')
    changed = html.page(run(unit(verdict="changed", failures=[FAILURE])))
    assert "1 change<" in changed
    assert "1 failure<" not in changed


def test_news_are_grouped_beside_another_run_as_alone() -> None:
    """What has its dtype in it, such as the command that shows it again, parts no units."""
    dtypes = ("float32", "float64")
    told = [
        unit(dtype=dtype, verdict="changed", failures=[FAILURE | dict.fromkeys(("again", "text", "script"), dtype)])
        for dtype in dtypes
    ]
    old, new = run(unit(), told[0], seed=8), run(*told, unit("shape/other", "differs", reason="no", line=20))
    for runs, labels in (((new,), ""), ((old, new), " seed 8, seed 7"), ((new, old), " seed 7, seed 8")):
        text = squeezed(page(*runs).text)
        units = 3 if len(runs) == 1 else 4
        assert f"Failures and news 2 entries, {units} units" in text
        assert text.count(f"float64 cpu{labels} 1 of 2 elements differ") == 1


def test_findings_say_in_which_runs_they_show() -> None:
    shown = {"wrong": "PyTorch", "script": "import torch", "torch": "1", "numpy": "2", "truth": None}
    bug = DIFFERENCE | {"kind": "bug", "because": "PyTorch is off", "finding": shown}
    gone = bug | {"verdict": "difference gone", "finding": None}
    old = run(unit(verdict="differs as declared", differences=[bug]))
    new = run(unit(verdict="changed", differences=[gone]), torch="2.15.0")
    text = findings.page(old, new)
    assert "- **Runs**: torch 2.13.0: differs as declared; torch 2.15.0: difference gone" in text
    assert "**Runs**" not in findings.page(old)
    held = Packed(old, new)
    ((first, of_old), (second, of_new)) = next(iter(held.data["findings"].values()))
    assert (of_old, of_new) == (0, 1)
    assert (held.told(first), held.told(second)) == (["import torch", "1", "2", ""], [""] * 4)


def test_several_runs_are_rendered_into_a_folder_and_old_pages_of_ours_go(tmp_path) -> None:
    (tmp_path / "cheatsheet").mkdir()
    (tmp_path / "cheatsheet" / "mine.md").write_text("My own notes\n")
    (tmp_path / "cheatsheet" / "gone.md").write_text(f"{cheatsheet.TITLE}: Gone\n")
    old, new = two()
    proven = Run(header=new.header, units=new.units, proofs=(measured(),))
    names = [path.relative_to(tmp_path).as_posix() for path in report.render(old, tmp_path, proven)]
    assert "accuracy.md" in names
    assert sorted(path.name for path in (tmp_path / "cheatsheet").iterdir()) == ["mine.md", "shape.md"]
