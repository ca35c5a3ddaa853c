"""Wider grids of benchmarks: layouts and threads, beside each other in tables, records, reports and comparisons."""

import pytest
import torch
from click.testing import CliRunner

from conformance import bench, loading, records, state
from conformance.cli import main
from conformance.cli.bench import _grid
from conformance.history import speed
from conformance.inputs import layouts
from conformance.report import benchmarks, courses
from conformance.sized import NoSizedInputs

ROWS = {row.id: row for path in loading.modules() for row in loading.load(path)}


def point(case, layout, **more):
    """Return a small point of a case."""
    return bench.Point(case=ROWS[case], dtype="float32", device="cpu", size="small", layout=layout, **more)


def strides(case, layout):
    """Return the strides of the torch inputs of a case, and whether NumPy's are the same."""
    theirs, ours = bench.prepared(point(case, layout), ("cpu",)).inputs
    assert [x.stride() for x in theirs] == [tuple(n // y.itemsize for n in y.strides) for y in ours]
    assert [tuple(x.shape) for x in theirs] == [y.shape for y in ours]
    return [x.stride() for x in theirs]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("contiguous", (40, 1)),
        ("transposed", (1, 25)),
        ("strided", (79, 2)),
        ("rows", (80, 1)),
        ("expanded", (0, 1)),
        ("window", (41, 1)),
    ],
)
def test_every_tensor_lies_as_it_was_asked_on_both_sides(layout, expected):
    assert strides("arithmetic/add", layout) == [expected, expected]


@pytest.mark.parametrize("layout", layouts.LAYOUTS)
def test_elementwise_operations_are_timed_in_every_layout(layout):
    asked = point("arithmetic/add", layout)
    (shape,) = {tuple(x.shape) for x in bench.prepared(asked, ("cpu",)).inputs[0]}
    assert strides("arithmetic/add", layout) == [layouts.place(shape, layout).strides] * 2
    assert len(shape) == max(layouts.LAYOUTS[layout].least_rank, 2)


def test_a_tensor_that_cannot_lie_so_stays_contiguous_beside_one_that_can():
    matrix, vector = strides("products/mv", "transposed")
    assert matrix[0] == 1 < matrix[1]
    assert vector == (1,)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("vector-products/dot", "none of its tensors can be transposed"),
        ("loops/training-mse", "its tensors have shapes of their own, and layouts"),
    ],
)
def test_what_cannot_lie_so_says_why(case, reason):
    (asked,) = bench.Grid(sizes=("small",), layouts=("transposed",)).points([ROWS[case]])
    with pytest.raises(NoSizedInputs, match=reason):
        bench.prepared(asked, ("cpu",))


def test_a_grid_is_every_combination_case_by_case():
    grid = bench.Grid(sizes=("small", "7"), layouts=("contiguous", "strided"), threads=(1, 2))
    names = [one.name for one in grid.points([ROWS["arithmetic/add"], ROWS["arithmetic/mul"]])]
    assert len(names) == len(set(names)) == 16
    assert names[:2] == ["arithmetic/add-float32-cpu-small", "arithmetic/add-float32-cpu-7"]
    assert names[7] == "arithmetic/add-float32-cpu-7-strided-2 threads"


def test_a_word_that_is_said_twice_is_timed_once():
    asked = _grid(devices=("cpu",), dtypes=(), sizes=("small", "7", "small"), layouts=("rows", "rows"), threads=(1, 1))
    assert asked == bench.Grid(devices=("cpu",), sizes=("small", "7"), layouts=("rows",))


def test_so_many_threads_are_set_and_set_back():
    before = torch.get_num_threads()
    with state.guarded("cpu", 3):
        assert torch.get_num_threads() == 3
        assert {pool["num_threads"] for pool in state._BLAS.info() if pool["user_api"] == "blas"} == {3}
    assert torch.get_num_threads() == before


def test_only_contiguous_tensors_are_held_against_a_copy():
    asked = point("arithmetic/add", "expanded")
    calls = bench.prepared(asked, ("cpu",))
    told = bench.record(asked, bench.paired(calls, longest=0, block=1e-5), calls)
    assert (told["layout"], told["threads"], told["elements"]) == ("expanded", 1, 1000)
    assert "bytes" not in told


def timed(ratio, **more):
    """Return the record of a benchmark, as an older run has it where nothing more is given."""
    spread = {"ratio": ratio, "ratio_low": ratio * 0.99, "ratio_high": ratio * 1.01}
    what = {"kind": "bench", "id": "a/b", "dtype": "float32", "device": "cpu", "size": "small", "elements": 1000}
    return {**what, "torch_seconds": 1e-6, "numpy_seconds": 1e-6, **spread, **more}


WIDE = {"layout": "transposed", "threads": 2}
USUAL = {"layout": "contiguous", "threads": 1}


def test_where_it_was_timed_is_the_device_and_what_is_unusual():
    assert records.where_timed(timed(1)) == records.where_timed(timed(1, **USUAL)) == "cpu"
    assert records.where_timed(timed(1, device="cuda", **WIDE)) == "cuda, transposed, 2 threads"
    assert records.where_timed({}) == ""


def test_ways_are_compared_each_with_its_own_and_an_older_run_with_the_usual_one():
    old, new = [timed(2), timed(8, **WIDE)], [timed(4, **USUAL), timed(4, **WIDE), timed(1, threads=2)]
    assert [(one.name, one.factor) for one in speed.compared(old, new)] == [
        ("a/b float32 cpu small", 2),
        ("a/b float32 cpu, transposed, 2 threads small", 1 / 2),
    ]


def test_a_report_keeps_ways_apart():
    held = [timed(ratio, elements=n, **way) for way in (USUAL, WIDE) for n, ratio in ((10, 1 / 2), (1000, 2))]
    usual, wide = courses.by_case(held)["a/b"]
    assert (usual.device, wide.device) == ("cpu", "cpu, transposed, 2 threads")
    assert [len(one.points) for one in (usual, wide)] == [2, 2]
    assert [one.label for one in benchmarks.histograms(held)] == ["cpu small", "cpu, transposed, 2 threads small"]
    assert [line.device for line in benchmarks.by_case(held)["a/b"]][1:3] == ["cpu", "cpu, transposed, 2 threads"]


def command(*words):
    """Run the command in this process; the timing has one of its own."""
    return CliRunner().invoke(main, ["bench", *words], catch_exceptions=False)


def test_the_command_times_layouts_beside_those_timed_before(tmp_path):
    words = ("arithmetic/add", "vector-products/dot", "--size", "small", "--report", str(tmp_path))
    assert command(*words).exit_code == 0
    done = command(*words, "--layout", "transposed", "--layout", "transposed", "--threads", "1")
    assert done.exit_code == 0
    assert "arithmetic/add transposed  float32  small" in done.output
    assert "vector-products/dot float32 cpu, transposed: none of its tensors can be transposed (small)" in done.output
    again = command("arithmetic/add", "--size", "small", "--report", str(tmp_path))
    assert again.exit_code == 0
    held = [f"{one['id']} {one['layout']}" for one in records.read(tmp_path / "run.jsonl").benches]
    assert sorted(held) == ["arithmetic/add contiguous", "arithmetic/add transposed", "vector-products/dot contiguous"]


ROW_FOR_TWO_THREADS = """
from conformance import Section, tensors

two = Section("Two", id="two")
two.case("{2: x}[torch.get_num_threads()]", "x", id="threads", x=tensors())
"""


def test_the_command_times_on_so_many_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    file = tmp_path / "rows.py"
    file.write_text(ROW_FOR_TWO_THREADS, encoding="utf-8")
    words = ("--size", "small", "--threads", "1", "--threads", "2", "--report", str(tmp_path))
    lines = command(str(file), *words).output.splitlines()
    assert [line.split()[:3] for line in lines if line.startswith("two/")] == [["two/threads", "2", "threads"]]
    assert "not timed: two/threads float32 cpu: torch raises KeyError: 1 (small)" in lines
    (made,) = records.read(tmp_path / "run.jsonl").benches
    assert made["file"] == f"{tmp_path.name}/rows.py", "a file of one's own is none of cases/"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--layout", "sideways"], "layout 'sideways' is none of contiguous, transposed"),
        (["--threads", "0"], "0 is not in the range x>=1"),
        (["--threads", "two"], "'two' is not a valid integer"),
        (["--threads", "100000"], "--threads 100000: this process may use"),
    ],
)
def test_wrong_use_is_one_line(words, message):
    done = command("arithmetic/add", *words)
    assert done.exit_code == 2
    assert message in done.output
    assert len(done.output.splitlines()) == 1
