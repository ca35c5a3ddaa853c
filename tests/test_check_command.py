"""``conformance check`` as a stranger uses it: the printed answer, exit codes, and expressions that mean harm."""

import json
import os
import time

import pytest

from conformance.translation import process
from conformance.translation.question import Question

from .helpers import command


def check(*words, cwd):
    return command("check", *words, "--dtype", "float32", "--budget", "5", cwd=cwd)


def test_a_translation_that_is_right(tmp_path):
    done = check("x.sum(0)", "np.sum(x, axis=0)", cwd=tmp_path)
    assert done.returncode == 0
    assert "with   x = tensors(ndim=(1, 3))  (inferred)" in done.stdout
    assert "\nequivalent (float32 " in done.stdout
    assert "furthest from the truth: float32: torch" in done.stdout


def test_one_that_is_wrong_with_what_is_right(tmp_path):
    done = check("x.std(0)", "np.std(x, axis=0)", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "not equivalent (float32 " in done.stdout
    assert "  with   x = np.array([0.0], np.float32)" in lines
    assert "in NumPy, x.std(0) is np.std(x, axis=0, ddof=1) (variance/std-dim)" in lines
    assert "in PyTorch, np.std(x, axis=0) is torch.std(x, 0, unbiased=False) (variance/std-dims)" in lines
    assert "note: int64: only NumPy takes it" in lines


def test_one_that_is_right_but_somewhere_and_why(tmp_path):
    done = check("torch.fmax(x, y)", "np.maximum(x, y)", cwd=tmp_path)
    assert done.returncode == 1
    assert "equivalent except: NaN (float32" in done.stdout
    why = check("x.median()", "np.median(x)", cwd=tmp_path).stdout
    assert "because: PyTorch's median of an even count is the lower of the two" in why
    assert "write x.double().quantile(0.5).to(x.dtype)" in why


def test_as_json(tmp_path):
    told = json.loads(check("x.abs()", "np.abs(x)", "--json", cwd=tmp_path).stdout)
    assert told["verdict"] == "equivalent"
    assert set(told["versions"]) == {"torch", "numpy"}


def test_a_tolerance_of_the_askers(tmp_path):
    words = ("x * 1.001", "x * 1")
    assert check(*words, "--given", "x=tensors(domain='small')", cwd=tmp_path).returncode == 1
    assert check(*words, "--given", "x=tensors(domain='small')", "--rtol", "0.01", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x +", "x"), "does not parse"),
        (("x", "np.sdt(x)"), "did you mean np.std?"),
        (("x", "x", "--given", "x"), "write NAME=GENERATOR"),
        (("x", "x", "--given", "x=nope()"), "name 'nope' is not defined"),
        (("x", "x", "--device", "nope"), "device 'nope'"),
        (("x", "x", "--dtype", "float12"), "dtype 'float12' is none of"),
        (("x",), "give two expressions"),
    ],
)
def test_wrong_use_is_one_line(tmp_path, words, said):
    done = command("check", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("torch", "said"),
    [
        ("next(i for i in iter(int, 1) if i)", "did not end within"),
        ("__import__('os')._exit(0)", "its process died (exit code 0"),
        ("__import__('os').kill(__import__('os').getpid(), 11)", "its process died (SIGSEGV)"),
        ("__import__('signal').raise_signal(9)", "its process died (SIGKILL)"),
    ],
)
def test_an_expression_that_kills_its_process_costs_its_answer(torch, said):
    started = time.monotonic()
    told = process.asked(Question(torch=f"({torch}) or x", numpy="x", dtypes=("float32",)), ("cpu",), 15, 4)
    assert told["verdict"] == "not judged"
    assert said in told["error"]
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("torch", ["exit(3)", "bytearray(6 * 10**9)", "torch.zeros(2 * 10**9)"])
def test_what_an_expression_raises_is_what_it_gives(torch):
    told = process.asked(Question(torch=f"[{torch}] and x", numpy="x", dtypes=("float32",)), ("cpu",), 60, 4)
    assert (told["verdict"], told["counterexample"]["check"]) == ("not equivalent", "error")


def test_what_an_expression_prints_does_not_reach_the_answer():
    question = Question(torch="print('{}') or x", numpy="x", dtypes=("float32",), budget=2)
    assert process.asked(question, ("cpu",), 60, 4)["verdict"] == "equivalent"


def test_a_death_in_another_dtype_is_a_note():
    question = Question(
        torch="torch.div(x, y, rounding_mode='trunc')", numpy="np.trunc(x / y)", dtypes=("float64",), budget=2
    )
    told = process.asked(question, ("cpu",), 60, 4)
    assert told["notes"][-1].startswith("with another dtype its process died (SIG") or os.uname().machine != "x86_64"
    assert told["inputs"]["float64"]


def test_each_region_is_shown_and_what_is_long_is_cut(tmp_path):
    softmax = ("torch.softmax(x, dim=-1)", "np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)")
    done = command("check", *softmax, "--dtype", "float32", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines.index("infinities:") < lines.index("large numbers:")
    long = check(f"x + {'0 + ' * 1000}0", "x", cwd=tmp_path).stdout.splitlines()
    assert max(map(len, long)) < 1000
    assert long[0].endswith("…")


def test_a_question_without_tensors(tmp_path):
    assert "not equivalent (1 input)" in check("torch.zeros(3)", "np.zeros(3)", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("torch", "numpy", "said"),
    [
        (
            "torch.dot",
            "np.dot",
            "torch.dot is a function: write what is to be compared, such as torch.dot(x, y) and np.dot(x, y)",
        ),
        ("torch.ones(3)", "np.ones", "np.ones is a function"),
        ("torch.Tensor", "np.ndarray", "torch.Tensor is a class"),
    ],
)
def test_what_nobody_calls_is_not_judged(tmp_path, torch, numpy, said):
    done = check(torch, numpy, cwd=tmp_path)
    assert done.returncode == 3
    assert "not judged\n" in done.stdout
    assert said in done.stdout


def test_dtypes_are_values(tmp_path):
    assert check("torch.int", "np.int32", cwd=tmp_path).returncode == 0
    assert check("torch.int", "np.int64", cwd=tmp_path).returncode == 1
