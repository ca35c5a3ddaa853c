"""Benchmarks: inputs of a wanted size, the records, and the command with its exit codes."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from conformance import bench, loading, records
from conformance.bench_tests import Request, chosen
from conformance.cli import main
from conformance.sized import NoSizedInputs, _even, sized_inputs

ROWS = {row.id: row for path in loading.modules() for row in loading.load(path)}
HEADER = {"torch": "0.1", "numpy": "0.2", "cpu": {"model": "x"}}


def test_the_copies_of_the_inputs_lie_elsewhere_and_hold_the_same():
    point = bench.Point(case=ROWS["arithmetic/add"], dtype="float32", device="cpu", size="small")
    calls = bench.prepared(point, ("cpu",))
    again = calls.elsewhere()
    for mine, other in zip((*calls.inputs[0], *calls.inputs[1]), (*again.inputs[0], *again.inputs[1]), strict=True):
        assert np.array_equal(mine, other)
        assert not np.shares_memory(np.asarray(mine), np.asarray(other))


@pytest.mark.parametrize(("rank", "elements"), [(1, 1000), (2, 1000), (3, 1000), (4, 1000), (2, 10_000_000), (3, 7)])
def test_an_even_shape_has_all_the_elements(rank, elements):
    shape = _even(rank, elements)
    assert len(shape) == rank
    assert np.prod(shape) == elements


def test_an_even_shape_is_even():
    assert _even(2, 1000) == (25, 40)
    assert _even(3, 1000) == (10, 10, 10)


def shapes_of(case, dtype="float32", elements=1000):
    """The shapes and plain values that a case is timed with."""
    batch = sized_inputs(ROWS[case], dtype, elements)
    slots = batch.structure.slots
    return {name: getattr(slot, "shape", getattr(slot, "value", slot)) for name, slot in slots.items()}


def test_inputs_derived_from_one_another_fit():
    assert shapes_of("arithmetic/add") == {"x": (25, 40), "y": (25, 40)}
    assert shapes_of("reductions/sum") == {"x": (25, 40), "dim": -1}
    assert shapes_of("shape/transpose") == {"x": (25, 40), "dim0": -1, "dim1": -2}
    assert np.prod(shapes_of("shape/reshape")["shape"]) == 1000


def test_a_tensor_of_no_axes_stays_one_beside_those_of_the_size():
    assert shapes_of("gradient-losses/mse_loss-mean") == {"x": (25, 40), "y": (25, 40), "g": ()}
    (point,) = bench.Grid(sizes=("small", "large")).points([ROWS["creation-like/item"]])
    assert point.size == "own"
    assert bench.prepared(point, ("cpu",)).inputs[1][0].shape == ()


def test_a_case_that_needs_an_axis_of_one_gets_it():
    assert shapes_of("shape/squeeze-dim") == {"x": (1000, 1), "dim": -1}


def test_a_list_holds_tensors_of_the_size():
    batch = sized_inputs(ROWS["joining/cat"], "float32", 1000)
    assert [item.shape for item in batch.structure.slots["xs"].items] == [(25, 40), (25, 40)]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "complex64", "bfloat16"])
def test_values_are_ordinary(dtype):
    (block, _) = sized_inputs(ROWS["arithmetic/add"], dtype, 1000).blocks
    assert np.isfinite(block).all()
    assert np.all(np.abs(block) >= (0 if dtype == "bool" else 0.5))
    assert len(np.unique(block)) > 1


@pytest.mark.parametrize(
    ("case", "dtype", "elements", "reason"),
    [
        ("creation/get_default_dtype", "-", 1000, "no tensor and no shape"),
        ("joining/cat-lists", "float32", 1000, "torch raises TypeError"),
        ("shape/transpose-reversal", "float32", 1000, "torch raises TypeError"),
        ("creation/tensor", "float32", 10_000_000, "a Python list of more than"),
    ],
)
def test_a_case_that_cannot_be_timed_says_why(case, dtype, elements, reason):
    with pytest.raises(NoSizedInputs, match=reason):
        sized_inputs(ROWS[case], dtype, elements)


def test_what_would_take_too_long_is_foreseen(monkeypatch):
    monkeypatch.setattr(bench, "_LONGEST_CALL", 1e-9)
    point = bench.Point(case=ROWS["arithmetic/add"], dtype="float32", device="cpu", size="large")
    with pytest.raises(NoSizedInputs, match="one call takes about"):
        bench.prepared(point, ("cpu",))


def test_what_a_call_takes_anyhow_is_not_taken_for_what_each_element_adds(monkeypatch):
    point = bench.Point(case=ROWS["arithmetic/add"], dtype="float32", device="cpu", size="large")
    monkeypatch.setattr(bench, "_quickest", lambda _point, elements, _present: [0.004 + elements * 1e-9, 1e-6])
    assert bench._foreseen(point, ("cpu",)) == pytest.approx(0.004 + bench.SIZES["large"] * 1e-9)
    monkeypatch.setattr(bench, "_quickest", lambda _point, elements, _present: [elements * 1e-7, 1e-6])
    assert bench._foreseen(point, ("cpu",)) == pytest.approx(bench.SIZES["large"] * 1e-7)


def test_a_call_whose_time_grows_faster_than_its_elements_is_foreseen_to(monkeypatch):
    point = bench.Point(case=ROWS["triangles/diag_embed"], dtype="float32", device="cpu", size="large")
    monkeypatch.setattr(bench, "_quickest", lambda _point, elements, _present: [1e-6, elements ** (4 / 3) * 1e-9])
    assert bench._foreseen(point, ("cpu",)) == pytest.approx(bench.SIZES["large"] ** (4 / 3) * 1e-9)


def test_a_training_loop_is_timed_with_its_own_shapes():
    (point,) = bench.Grid(sizes=("small", "large")).points([ROWS["loops/training-mse"]])
    assert (point.size, point.elements) == ("own", 0)
    calls = bench.prepared(point, ("cpu",))
    told = bench.record(point, bench.paired(calls, longest=0, block=1e-5), calls)
    assert told["elements"] == max(np.size(one) for one in calls.inputs[1]) > 1
    assert "bytes" not in told


def test_a_dtype_that_a_side_refuses_is_not_timed_by_itself():
    (point,) = bench.Grid(sizes=("small",)).points([ROWS["bits/and"]])
    assert point.dtype not in ("float32", "bfloat16")
    assert [one.dtype for one in bench.Grid(dtypes=("float32",), sizes=("small",)).points([ROWS["bits/and"]])] == [
        "float32"
    ]


def test_a_number_of_elements_is_a_size(tmp_path):
    assert command("arithmetic/add", "--size", "2_500", "--report", str(tmp_path)).exit_code == 0
    (made,) = records.read(tmp_path / "run.jsonl").benches
    assert (made["size"], made["elements"]) == ("2500", 2500)
    assert (made["torch"], made["section"], made["file"]) == ("x + y", "Arithmetic", "cases/arithmetic.py")


@pytest.mark.parametrize(
    ("case", "dtype", "moved"),
    [
        ("arithmetic/add", "float32", 12_000),
        ("arithmetic/add", "float64", 24_000),
        ("arithmetic/add", "bfloat16", None),
        ("shape/flatten", "float32", None),  # a view in torch, a copy in NumPy
    ],
)
def test_the_bytes_are_told_that_both_sides_move(case, dtype, moved):
    point = bench.Point(case=ROWS[case], dtype=dtype, device="cpu", size="small")
    calls = bench.prepared(point, ("cpu",))
    told = bench.record(point, bench.paired(calls, longest=0, block=1e-5), calls)
    assert told.get("bytes") == moved
    speeds = [told.get(f"{side}_copy") for side in ("torch", "numpy")]
    assert all(1e6 < speed < 1e13 for speed in speeds) if moved else speeds == [None, None]


def test_a_point_of_each_size_in_float32_or_else_what_is_claimed():
    request = Request(out="", files=tuple(map(str, loading.modules())), ids=("arithmetic/add",))
    assert [(p.dtype, p.size) for p in chosen(request)] == [("float32", s) for s in ("small", "medium", "large")]
    integers = replace(ROWS["arithmetic/add"], dtypes=("int8", "int16"), differs=())
    assert [p.dtype for p in bench.Grid(sizes=("small",)).points([integers])] == ["int8"]


def command(*words):
    """Run the command in this process; the timing has one of its own."""
    return CliRunner().invoke(main, ["bench", *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A folder with the report of a small benchmark."""
    folder = tmp_path_factory.mktemp("timed")
    done = command("arithmetic/add", "shape/transpose-reversal", "--size", "small", "--report", str(folder))
    assert done.exit_code == 0, done.output
    return folder, done.output


def test_the_table_and_what_is_missing_in_it(report):
    _, output = report
    assert "arithmetic/add  float32  small" in output
    assert "not timed: shape/transpose-reversal float32 cpu: torch raises TypeError" in output


def test_a_run_file_of_benchmarks_is_written(report):
    folder, _ = report
    run = records.read(folder / "run.jsonl")
    assert run.complete
    (made,) = run.benches
    assert {k: made[k] for k in ("id", "dtype", "device", "size", "elements")} == {
        "id": "arithmetic/add", "dtype": "float32", "device": "cpu", "size": "small", "elements": 1000,
    }  # fmt: skip
    assert 0 < made["ratio_low"] <= made["ratio"] <= made["ratio_high"]
    assert "arithmetic/add" in (folder / "index.html").read_text()


def test_pytest_benchmarks_file_has_both_sides_and_the_ratio(report):
    folder, _ = report
    sides = json.loads((folder / "benchmark.json").read_text())["benchmarks"]
    assert [side["name"].partition("[")[0] for side in sides] == ["test_torch", "test_numpy"]
    assert all(side["extra_info"]["ratio"] > 0 and side["stats"]["rounds"] >= 2 for side in sides)


def test_the_units_of_an_earlier_run_stay(report, tmp_path):
    folder, _ = report
    header = records.read(folder / "run.jsonl").header
    with records.Writer(tmp_path / "run.jsonl", {**header, "seed": 7}) as writer:
        writer.write({"kind": "unit", "id": "arithmetic/add", "verdict": "differs", "section": "Arithmetic"})
        writer.write({"kind": "bench", "id": "another/one"})
    assert command("arithmetic/add", "--size", "small", "--report", str(tmp_path)).exit_code == 0
    run = records.read(tmp_path / "run.jsonl")
    assert (run.header["seed"], run.footer["exit"]) == (7, 1)
    assert [unit["id"] for unit in run.units] == ["arithmetic/add"]
    assert [made["id"] for made in run.benches] == ["another/one", "arithmetic/add"]


def test_a_run_takes_the_place_of_timings_and_says_so(tmp_path):
    assert command("arithmetic/add", "--size", "small", "--report", str(tmp_path)).exit_code == 0
    words = ("run", "arithmetic/neg", "--dtype", "int8", "--budget", "1", "-n", "0", "--report", str(tmp_path))
    done = subprocess.run([sys.executable, "-m", "conformance", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"a new run takes the place of the one in {tmp_path}, timings included" in done.stderr
    assert not (tmp_path / "benchmark.json").exists()


def test_a_run_of_other_versions_is_left_alone(tmp_path):
    records.Writer(tmp_path / "run.jsonl", HEADER).finish()
    before = (tmp_path / "run.jsonl").read_bytes()
    done = command("arithmetic/add", "--report", str(tmp_path))
    assert done.exit_code == 2
    assert "was made with torch 0.1" in done.output
    assert (tmp_path / "run.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["arithmetik"], "did you mean arithmetic"),
        (["--dtype", "float33"], "dtype 'float33' is none of"),
        (["--device", "abacus"], "device 'abacus'"),
        (["--size", "huge"], "'huge' is neither small, medium, large nor a number"),
        (["--size", "0"], "'0' is neither"),
        (["--report", "setup.cfg/x"], "the report cannot be written"),
    ],
)
def test_wrong_use_is_one_line(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").touch()
    done = command(*words)
    assert done.exit_code == 2
    assert message in done.output
    assert len(done.output.splitlines()) == 1


def test_nothing_selected(tmp_path):
    done = command("shape/transpose-reversal", "--size", "small", "--report", str(tmp_path / "new"))
    assert done.exit_code == 5
    assert not (tmp_path / "new" / "run.jsonl").exists()
