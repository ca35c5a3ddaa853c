"""The script that shows a failure: plain torch and NumPy, run alone, with the values that were seen."""

import re
import shlex

import numpy as np
import pytest

from conformance import Difference, axes, broadcastable, dtypes, joinable, lists, literals, render, tensors, unit
from conformance.case import Section
from conformance.state import guarded

from .alone import run_alone
from .helpers import FLOAT, case_of, record_of
from .planted import PLANTED


def alone(script: str) -> tuple[str, str]:
    """Run a script apart from the project; return what it prints for torch and for NumPy."""
    done = run_alone(script)
    assert done.returncode == 0, done.stderr
    told = done.stdout.partition("numpy_side ")
    return told[0].removeprefix("torch_side ").strip(), told[2].strip()


def scripts(record) -> list[str]:
    return [failure["script"] for failure in record["failures"]]


@pytest.mark.parametrize(
    ("case", "torch", "numpy"),
    [
        (case_of("x + 1", "x + 2", x=tensors(dtypes=FLOAT)), "torch.float32 () 1.0", "float32 () 2.0"),
        (case_of("y = x * 2\ny + 1", "x * 2", x=tensors(dtypes=FLOAT)), "torch.float32 () 1.0", "float32 () 0.0"),
        (case_of("x.reshape(-2)", "x * 1", x=tensors(ndim=1, dtypes=FLOAT)), "RuntimeError", "float32 (1,) [0.0]"),
        (
            case_of(
                "torch.cat(xs[::-1])", "np.concatenate(xs) * (d == d)", xs=joinable("d", dtypes=("int8",)), d=axes("xs")
            ),
            "torch.int8 (",
            "int8 (",
        ),
        (
            case_of("x.to(d)", "x.astype(np.float64)", x=tensors(dtypes=FLOAT), d=dtypes("int8")),
            "torch.int8 () 0",
            "float64 () 0.5",
        ),
        (case_of("x * 2", "x * math.tau", x=tensors(dtypes=FLOAT)), "torch.float32 () ", "float32 () "),
    ],
    ids=["values", "program", "refusal", "list", "dtype", "math"],
)
def test_a_script_shows_both_sides(case, torch, numpy):
    ours, theirs = alone(scripts(record_of(case))[0])
    assert torch in ours
    assert numpy in theirs


@pytest.mark.parametrize("layout", ["transposed", "strided", "offset", "expanded", "rows", "window", "repeated"])
def test_a_script_makes_the_same_layout(layout):
    """The row fails in one layout only, so the script must show both results apart."""
    from conformance.inputs import layouts

    shape = (4, 5)
    wanted = layouts.place(shape, layout)
    strided = f"x.shape == {shape} and x.stride() == {wanted.strides} and x.storage_offset() == {wanted.offset}"
    case = case_of(
        f"x.sum() * 0 + 5 if {strided} else x.sum() * 0", "x.sum() * 0", x=tensors(ndim=2, dtypes=("int64",))
    )
    torch, numpy = alone(scripts(record_of(case, budget=25))[0])
    assert (torch, numpy) == ("torch.int64 () 5", "int64 () 0")


def test_a_script_holds_the_very_same_tensor_twice():
    torch = "torch.cat(xs) + (xs[0] is xs[-1] and len(xs) > 1)"
    case = case_of(torch, "np.concatenate(xs) * (d == d)", xs=joinable("d", dtypes=("int64",)), d=axes("xs"))
    ours, theirs = alone(scripts(record_of(case))[0])
    numbers = [text.partition("[")[2].partition("]")[0] for text in (ours, theirs)]
    assert numbers[0] != numbers[1]


def test_bfloat16_is_made_as_bfloat16():
    case = case_of("x * y * 1.1", "x * y", x=tensors(), y=broadcastable("x"))
    ours, theirs = alone(scripts(record_of(case, "bfloat16"))[0])
    assert "torch.bfloat16" in ours
    assert "float32" in theirs


def test_a_planted_bug_is_shown_by_its_script(tmp_path):
    """Without the bug, the script of its failure gives the right answer on both sides."""
    bug = next(bug for bug in PLANTED if bug.name == "add-uint8-saturates")
    case = case_of("x + y", "x + y", x=tensors(ndim=1), y=broadcastable("x"))
    with guarded("cpu"), bug.patch():
        record = unit.run(unit.Unit(case=case, dtype="uint8", device="cpu"), unit.Settings(budget=2))
    failure = record["failures"][0]
    ours, theirs = alone(failure["script"])
    numbers = [text.partition("[")[2].partition("]")[0] for text in (ours, theirs)]
    assert numbers[0] == numbers[1] == failure["numpy"]
    assert failure["torch"] == "255"


def test_the_script_says_what_was_seen_and_with_what():
    record = record_of(case_of("x + 1", "x + 2", x=tensors(dtypes=FLOAT)))
    head, stamp = scripts(record)[0].splitlines()[:2]
    assert "made-here/row" in head
    assert "torch 1.0, numpy 2.0" in head
    assert "seen with torch" in stamp


@pytest.mark.parametrize(
    ("torch", "numpy", "dtype", "check", "words"),
    [
        ("x.numpy()", "x + 1", "int32", "dtype", "torch gives a NumPy array, not a tensor"),
        ("x.sum().item()", "x.sum()", "int32", "dtype", "torch gives an int, numpy a NumPy int64"),
        ("x + 1", "x + 1 - 0.25", "int32", "value", "torch 1.0, numpy 0.75"),
        ("x.double() * 2", "x + 0.5", "int32", "value", "torch 0.0, numpy 0.5"),
        ("x + 1", "x + 2", "float32", "value", "torch 1.0, numpy 2.0; truth 2.0: torch 4.2e+06 ulp, numpy 0 ulp"),
    ],
)
def test_the_headline_says_what_is_so(torch, numpy, dtype, check, words):
    """The truth stands there only where it has more digits than what was compared."""
    failures = record_of(case_of(torch, numpy, x=tensors()), dtype, budget=2)["failures"]
    assert words in [failure["headline"] for failure in failures if failure["check"] == check]


def test_the_printed_failure_has_everything():
    text = record_of(case_of("x + 1", "x + 2", x=tensors(dtypes=FLOAT)))["failures"][0]["text"]
    assert "made-here/row (tests/helpers.py:" in text
    rows = [line.split()[0] for line in text.splitlines()[1:]]
    assert rows == ["torch", "numpy", "value", "with", "again"]
    assert re.search(r"conformance run \S*helpers\.py made-here/row --device cpu --seed 0$", text, re.MULTILINE)


def test_the_command_to_run_it_again_is_safe_in_a_shell():
    section = Section("Losses (ours) <b>")
    section.case("x + 1", "x + 2", id="add", x=tensors(dtypes=FLOAT))
    told = render.again_command(section.cases[0], "float32", "cpu", 0, 25)
    assert shlex.split(told)[3] == "losses-(ours)-<b>/add"
    assert told == " ".join(map(shlex.quote, shlex.split(told)))


def test_a_list_holds_the_very_numbers():
    """Nothing rounds the digits that tell float32 numbers apart back to float32 where they stand in a list."""
    one = Difference("it is not", example={"xs": [2.0**63]}, torch="np.array(0)", kind="bug")
    case = case_of("torch.tensor(xs, dtype=torch.float64) * 0", "np.array(xs)", xs=lists(ndim=1), differs=[one])
    assert "xs = [9.223372036854776e+18]" in record_of(case, "float32", budget=1)["differences"][0]["finding"]["script"]


def test_scripts_are_run_alone_and_apart():
    assert run_alone("import conformance").returncode == 1
    assert "not to be needed: conformance" in run_alone("import conformance").stderr
    assert run_alone("import os, signal\nos.kill(os.getpid(), signal.SIGFPE)").returncode == -8
    run_alone("import torch\ntorch.set_num_threads(1)\ntorch.mine = 1")
    assert run_alone("import torch\nprint(hasattr(torch, 'mine'))").stdout == "False\n"


def test_lists_of_what_has_no_literal_are_written_so_that_a_script_can_read_them():
    for value in ([float("nan"), [float("-inf")]], (float("inf"),), (1, [2.0])):
        again = eval(literals.plain(value), {"np": np})  # noqa: S307 - what we wrote ourselves
        assert type(again) is type(value)
        assert repr(again) == repr(value)
