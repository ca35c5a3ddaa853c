"""CPU torch as a second reference: what is said of a failure on another device, which is broken on purpose here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import records, tensors

from .helpers import FLOAT, case_of, record_of

HERE = Path(__file__).parent
TIME_LIMIT = 400

ROWS = """
import numpy as np
from conformance import Difference, Raises, Section, axes, linear, tensors

some = Section("Some")
X = tensors(ndim=1, dtypes=("int32",), domain="small")
NEGATIVE = {"x": np.array([-1, 2])}
some.case("x // y", "x // y", x=X, y=tensors(ndim=0, dtypes=("int32",), domain="nonzero"), id="device-alone")
some.case("x + 2", "x + 1", x=X, id="as-cpu-torch")
some.case("-x", "x + 1", x=X, id="three-ways")
some.case("torch.relu(x)", "x", x=X, id="difference-not-here",
          differs=[Difference("PyTorch has no negative ones", example=NEGATIVE, when="x < 0", torch="0 * x")])
some.case("x.clamp(min=0)", "x", x=X, id="difference-here-too",
          differs=[Difference("PyTorch has no negative ones", example=NEGATIVE, when="(x < 0) & (device == 'cpu')",
                              torch="0 * x")])
some.case("x + 1", "x + 1", x=X, id="difference-nowhere",
          differs=[Difference("PyTorch adds 2", example=NEGATIVE, when="device == 'toy'", torch="x + 2")])
some.case("x.squeeze(dim)", "np.squeeze(x, axis=dim)", x=tensors(ndim=(1, 2), dtypes=("int32",)), dim=axes("x"),
          id="refused-as-numpy", shares_memory=True,
          differs=[Difference("PyTorch leaves the axis", example={"x": np.zeros((2, 3)), "dim": 0},
                              when="x.shape[dim] != 1", torch="x", numpy=Raises(ValueError))])
some.case("x.cumsum(0)", "np.cumsum(x, axis=0)", x=tensors(ndim=1, dtypes=("int64",)), id="refused-alone")
some.case("torch.isnan(x)", "np.isnan(x)", x=X, id="dtype-alone")
some.case("torch.sin(x)", "np.sin(x)", x=tensors(ndim=1, dtypes=("float64",), domain="small"), id="gradient-alone")
some.case("x.detach() * 2", "x * 2", x=tensors(ndim=1, dtypes=("float64",), domain="small"), id="gradient-as-cpu")
some.case("x.sum(0) + 1", "np.sum(x, axis=0)", x=tensors(ndim=1, domain="small"), dtypes=("float32",),
          tolerance=linear(), id="near-cpu-torch")
some.case("x.sign()", "np.abs(x)", x=tensors(ndim=1, dtypes=("int32",)), id="instead-wrong",
          differs=[Difference("PyTorch gives 1", example=NEGATIVE, torch="np.sign(x)", instead="-x")])
"""


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where the devices of the project can be imported."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE / "project"), str(HERE.parent)])}
    environment.pop("PYTEST_XDIST_WORKER", None)
    options = {"cwd": folder, "capture_output": True, "text": True, "timeout": TIME_LIMIT}
    return subprocess.run([sys.executable, *arguments], env=environment, check=False, **options)


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """The units of the rows above on the broken device, by the last part of their id."""
    folder = tmp_path_factory.mktemp("reference")
    (folder / "some.py").write_text(ROWS)
    device = ["--import", "porting.broken_device", "--device", "toy", "--budget", "3", "-n", "0"]
    done = python(folder, "-m", "conformance", "run", "some.py", *device, "--report", "report")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {one["id"].partition("/")[2]: dict(one) for one in records.read(folder / "report/run.jsonl").units}
    return {**found, "printed": done.stdout, "folder": folder}


def told(units: dict, row: str, check: str) -> list[tuple[str, str]]:
    """What CPU torch is said to give, and the verdict, of the failures of a row in a check."""
    found = [one for one in units[row]["failures"] if one["check"] == check]
    assert all(f"  {one['cpu_torch']['verdict']}" in one["text"].replace(": ", ":  ") for one in found)
    return [(one["cpu_torch"]["gives"], one["cpu_torch"]["verdict"]) for one in found]


@pytest.mark.parametrize(
    ("row", "check", "gives", "verdict"),
    [
        ("device-alone", "value", "-1", "the device parts from both"),
        ("as-cpu-torch", "value", None, "the device parts from NumPy as CPU torch does"),
        ("near-cpu-torch", "value", None, "the device parts from NumPy as CPU torch does"),
        ("three-ways", "value", "1", "CPU torch parts from NumPy as well, and from the device"),
        ("difference-not-here", "value", "0", "a declared difference shows on the CPU and not on the device"),
        ("difference-here-too", "value", "0", "a difference that is declared of the CPU shows on the device as well"),
        (
            "difference-nowhere",
            "value",
            None,
            "a difference that is declared of the device shows neither there nor on the CPU",
        ),
        ("refused-as-numpy", "error", None, "a declared difference shows on the CPU and not on the device"),
        ("refused-alone", "error", "tensor([0])", "the device parts from both"),
        ("dtype-alone", "dtype", "bool", "the device parts from both"),
        ("gradient-alone", "gradient", "", "the device parts from both"),
        ("gradient-as-cpu", "gradient", "its result carries none", "the device parts from NumPy as CPU torch does"),
    ],
)
def test_cpu_torch_says_whose_failure_it_is(units, row, check, gives, verdict):
    found = told(units, row, check)
    assert (gives, verdict) in found if gives is not None else verdict in dict(map(reversed, found)), found


def test_it_stands_in_the_failure_as_printed(units):
    printed = next(one["text"] for one in units["device-alone"]["failures"])
    assert "  value  1 of 1 elements differ, first at [0]: torch 0, numpy -1" in printed
    assert "  cpu    torch -1: the device parts from both" in printed
    assert printed in units["printed"]


def test_what_runs_it_again_imports_the_device_first(units):
    failure = next(one for one in units["device-alone"]["failures"] if one["check"] == "value")
    again = failure["again"].split()
    assert again[:3] == ["conformance", "run", "some.py"]
    repeated = python(units["folder"], "-m", *again, "-n", "0", "--report", "again")
    assert repeated.returncode == 1, repeated.stdout + repeated.stderr
    assert failure["text"] in repeated.stdout
    shown = python(units["folder"], "-c", failure["script"]).stdout.splitlines()
    assert [line.split()[0] for line in shown] == ["torch_side", "numpy_side"], shown
    assert "Toy" in shown[0], "the device is there; a tensor in Python alone gives no list of its numbers"
    assert shown[1].endswith("[-1]")


DEADLY = """
from conformance import Section, tensors

some = Section("Some")
some.case("torch.erfinv(x)", "x", x=tensors(ndim=1, dtypes=("float32",)), id="deadly")
"""


def test_an_input_that_kills_the_process_on_the_device_is_found(tmp_path):
    (tmp_path / "some.py").write_text(DEADLY)
    device = ["--import", "porting.broken_device", "--device", "toy", "--budget", "3", "-n", "1"]
    done = python(tmp_path, "-m", "conformance", "run", "some.py", *device)
    assert done.returncode == 1, done.stdout + done.stderr
    (unit,) = records.read(tmp_path / "conformance-report/run.jsonl").units
    assert (unit["verdict"], unit["reason"]) == ("crashed", "torch kills the process: killed by SIGKILL")
    (failure,) = unit["failures"]
    assert "import porting.broken_device" in failure["script"]


def test_a_difference_that_is_gone_on_the_device_alone_is_told_from_one_that_is_gone(units):
    gone = {row: units[row]["differences"][0] for row in ("difference-not-here", "difference-nowhere")}
    assert {one["verdict"] for one in gone.values()} == {"difference gone"}
    assert gone["difference-not-here"]["cpu_torch"] == "it shows on the CPU and not on the device"
    assert gone["difference-nowhere"]["cpu_torch"] == "it is gone on the CPU as well"
    for one in gone.values():
        assert f"difference gone: {one['because']} ({one['cpu_torch']})" in units["printed"]


def test_of_an_expression_to_write_instead_it_says_nothing(units):
    (wrong,) = (one for one in units["instead-wrong"]["failures"] if one["headline"].startswith("instead="))
    assert "cpu_torch" not in wrong


def test_a_unit_of_the_cpu_has_no_second_reference():
    record = record_of(case_of("x + 2", "x + 1", x=tensors(ndim=1, dtypes=FLOAT)), budget=3)
    assert record["failures"]
    assert not any("cpu_torch" in one for one in record["failures"])


CHECKED = """
import porting.broken_device
from conformance import assert_equivalent, tensors

try:
    assert_equivalent("-x", "-x", given={"x": tensors(ndim=1, domain="small")}, device="toy", budget=3)
except AssertionError as error:
    print(error)

from conformance.cli.check import _told
from conformance.translation.answer import answered
from conformance.translation.question import Question

question = Question(torch="-x", numpy="-x", device="toy", budget=3, given={"x": "tensors(ndim=1, domain='small')"})
print(_told(answered(question, ("cpu", "toy"))))
"""


def test_a_translation_and_a_port_are_told_the_same(tmp_path):
    done = python(tmp_path, "-c", CHECKED)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.lstrip().startswith("cpu ")]
    assert len(lines) == 2, done.stdout
    assert all(line[-5:] == ["the", "device", "parts", "from", "both"] for line in lines)


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["accuracy", "arithmetic/neg", "--dtype", "float32", "--points", "1000"], 1, "exceeded"),
        (["check", "x.neg()", "np.negative(x)", "--dtype", "float32", "--budget", "2"], 1, "device parts from both"),
        (["bench", "arithmetic/neg", "--size", "small"], 0, "arithmetic/neg toy"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_other_commands_know_a_device_of_ones_own_too(tmp_path, command, code, words):
    """In processes of their own, each of which has to import it."""
    done = python(tmp_path, "-m", "conformance", *command, "--import", "porting.broken_device", "--device", "toy")
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout


def test_a_module_that_cannot_be_imported_is_told_in_one_line(tmp_path):
    done = python(tmp_path, "-m", "conformance", "bench", "arithmetic/neg", "--import", "porting.nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    told = "import 'porting.nowhere': ModuleNotFoundError: No module named 'porting.nowhere'"
    assert done.stderr == f"conformance: {told}\n"
