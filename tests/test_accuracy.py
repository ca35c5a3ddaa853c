"""Who is right: which cases are swept, over which numbers, what is measured of them, and the command."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from conformance import COMPLEX, UNDEFINED, Difference, axes, broadcastable, linear, tensors, ulp, values
from conformance.evaluate import functions
from conformance.proof import accuracy, pointwise, sweep
from conformance.report import accuracy as table

from .helpers import case_of, command
from .reported import run

X = {"x": tensors()}
COUNT = 5000


def forms(torch: str, numpy: str, **inputs) -> list[pointwise.Form]:
    case = case_of(torch, numpy, **(inputs or X))
    return pointwise.forms(case, functions(case, "cpu", ("cpu",)), 4)


@pytest.mark.parametrize(
    "numpy", ["np.exp(x)", "x * x + 1", "x.astype(np.complex64)", "np.where(x > 0, x, -x * 1.0)", "np.arcsin(x)"]
)
def test_elementwise_expressions_are_found_out(numpy):
    assert len(forms("x", numpy)) == 1


@pytest.mark.parametrize(
    "numpy",
    ["np.cumsum(x)", "np.sort(x)", "x - x.mean()", "x[::-1] * 1.0", "np.sum(x)", "x", "x > 1", "x.shape", "x[2] + x"],
)  # fmt: skip
def test_other_expressions_are_not_taken_for_elementwise(numpy):
    assert forms("x", numpy) == []


def test_a_sum_over_no_axes_makes_no_elementwise_case_of_a_sum():
    assert forms("x", "np.sum(x, axis=dims)", x=tensors(), dims=values((), (0,))) == []


def test_other_inputs_make_forms_of_their_own():
    found = forms("x * e", "x * e", x=tensors(), e=values(2, 3, 5.0))
    assert sorted(form.words() for form in found) == ["e = 2", "e = 3", "e = 5.0"]
    assert [form.tensors for form in forms("x", "x + y", x=tensors(), y=broadcastable("x"))] == [2]


@pytest.mark.parametrize("layout", ["contiguous", "strided", "offset"])
def test_a_form_holds_the_columns_it_is_given(layout):
    (form,) = forms("x", "x * 1.0")
    batch = form.batch([np.arange(5.0)], "float64", layout)
    from conformance.evaluate import torch_inputs

    (args,) = torch_inputs(batch, "cpu").args
    assert args[0].tolist() == [0, 1, 2, 3, 4]
    assert args[0].is_contiguous() == (layout != "strided")


def test_all_numbers_of_16_bits_are_swept():
    for dtype, bits, width in (("float16", np.uint16, 0), ("bfloat16", np.uint32, 16)):
        every = (np.arange(1 << 16).astype(bits) << width).view(sweep.numbers(dtype).dtype)
        assert np.isin(every[~np.isnan(every)].view(bits), sweep.numbers(dtype).view(bits)).all()
        assert len(np.unique(sweep.numbers(dtype)[np.isnan(every)].view(bits))) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sweep_is_dense_around_what_is_critical(dtype):
    found = sweep.numbers(dtype)
    assert len(found) >= 10**6
    for centre in (1.0, -1.0, np.pi / 2, np.log(np.finfo(dtype).max), 3e-40, 2.0):
        near = np.asarray(centre, dtype)
        next_to = np.nextafter(near, np.asarray(np.inf, dtype))
        if centre != 3e-40:
            assert np.isin([near, next_to], found).all(), centre
    exponents = np.frexp(np.abs(found[np.isfinite(found) & (found != 0)]).astype(np.float64))[1]
    assert len(np.unique(exponents)) > (250 if dtype == "float32" else 2000)


def test_pairs_hold_numbers_next_to_each_other():
    x, y = sweep.pairs("float32", 2, 20_000)
    with np.errstate(all="ignore"):
        near = np.abs(np.abs(x) - np.abs(y)) <= 4 * np.spacing(np.abs(x))
    assert 0.05 < near.mean() < 0.3
    assert (x != y).any()


@pytest.mark.parametrize(("dtype", "bits"), [("float16", np.uint16), ("float32", np.uint32)])
def test_pairs_beside_infinity_hold_no_signalling_nan(dtype, bits):
    for column in sweep.pairs(dtype, 2, 20_000):
        assert len(np.unique(column[np.isnan(column)].view(bits))) == 1


def measured(torch: str, numpy: str, dtype: str = "float32", **options):
    return accuracy.measure(case_of(torch, numpy, **{**X, **options}), dtype, "cpu", ("cpu",), COUNT)


def test_a_finite_result_for_one_that_is_rounded_to_infinity_is_measured_against_the_truth():
    found = measured("x * 1", "x * 1.0000001")
    assert 1 <= found.apart["float32"].error <= 3


def test_both_sides_are_measured_against_the_truth():
    found = measured("x * 1.5000002", "x * 1.5", x=tensors(domain="nonzero"))
    assert found.numpy.error <= 0.5
    assert 1 <= found.torch.error <= 3
    assert 1 <= found.apart["float32"].error <= 3
    assert found.way == "swept"
    assert found.numbers > COUNT
    assert set(found.torch.at) == {"x"}


@pytest.mark.parametrize("condition", ["x.is_contiguous()", "not x.is_contiguous()"])
def test_vectorised_code_and_the_rest_are_both_measured(condition):
    found = measured(f"x * (1.5 if {condition} else 1.75)", "x * 1.5")
    assert found.torch.error > 1e5


def test_all_but_declared_elements_count():
    wrong = {"torch": "torch.where(x > 2, x * 2, x * 1.5)", "numpy": "x * 1.5"}
    assert measured(**wrong).torch.error > 1000
    declared = Difference("large", example={"x": np.array([4.0])}, when="x > 2", torch=UNDEFINED)
    found = measured(**wrong, differs=[declared])
    assert found.torch.error <= 0.5
    assert found.declared > 0


def test_another_class_is_no_number_of_ulp():
    found = measured("torch.where(x == 1, torch.nan, x * 1.5)", "x * 1.5")
    assert found.torch.error == np.inf
    record = accuracy.record(case_of("x", "x", **X), "cpu", "AVX2", found)
    assert json.loads(json.dumps(record))["torch"] == {"ulp": None, "at": {"x": "1.0"}}
    assert table.exceeds(record)


def test_a_sum_is_measured_on_the_inputs_of_its_unit():
    found = measured("x.sum(dim)", "np.sum(x, axis=dim)", dim=axes("x"), tolerance=linear())
    assert found.way == "on the inputs of its unit"
    assert found.numbers > 100
    assert found.torch.error > 0


def test_results_of_half_precision_complex_numbers_are_measured():
    found = measured("x * 1j", "x * 1j", "float16", dtypes=("float16",))
    assert list(found.apart) == ["complex32"]
    assert found.torch.error == 0


@pytest.mark.parametrize(
    ("torch", "numpy", "options", "rounds"),
    [
        ("x.flip(0)", "x[::-1]", {}, False),
        ("x + 1", "x + 1", {}, True),
        ("x.sum()", "x.sum()", {"tolerance": linear()}, True),
    ],
)
def test_what_rounds_nothing_needs_no_other_capability(torch, numpy, options, rounds):
    case = case_of(torch, numpy, x=tensors(1), **options)
    assert accuracy.may_round(case, "cpu", ("cpu",)) == rounds


def test_functions_of_complex_numbers():
    found = measured("x * (1 + 1j)", "x * (1 + 1j)", "complex64", dtypes=COMPLEX)
    assert 0 < found.torch.error < 4


@pytest.mark.parametrize("numpy", ["x > 1", "np.argsort(x)", "x.astype(np.int8)"])
def test_without_floating_point_results_there_is_nothing_to_measure(numpy):
    assert measured(numpy.replace("np.argsort(x)", "x.argsort()").replace("np.int8", "torch.int8"), numpy) is None


@pytest.mark.parametrize(("dtype", "allowed"), [("float32", 3), ("float64", 0), ("bfloat16", 0)])
def test_what_is_allowed(dtype, allowed):
    assert accuracy.allowed(ulp({"float32": 3}, "a test"), dtype) == allowed
    assert accuracy.allowed(linear(), dtype) is None


def test_what_is_allowed_is_a_matter_of_the_result():
    case = case_of("x.abs()", "np.abs(x)", x=tensors(), tolerance=ulp({"float32": 3}, "a test"))
    found = accuracy.measure(case, "complex64", "cpu", ("cpu",), COUNT)
    assert accuracy.record(case, "cpu", "", found)["allowed"] == 3


def test_what_is_allowed_is_that_of_the_dtype_that_leaves_the_least():
    """Tensors of two dtypes make results of several."""
    found = accuracy.Measured(dtype="float32", way="swept")
    found.apart = {"complex64": accuracy.Worst(error=2.5), "float32": accuracy.Worst(error=0.5)}
    for most, told in (({"complex64": 3, "float32": 2}, (2.5, 3)), ({"complex64": 9, "float32": 1}, (0.5, 1))):
        case = case_of("x", "x", x=tensors(), tolerance=ulp(most, "a test"))
        record = accuracy.record(case, "cpu", "", found)
        assert (record["apart"]["ulp"], record["allowed"]) == told


def test_an_input_that_is_left_otherwise_as_declared_is_left_out_of_the_result():
    gotcha = Difference("NumPy leaves it", example={"x": np.zeros(2)}, aspect="inputs after", kind="gotcha",
                        when="x.size", torch="x + 1")  # fmt: skip
    found = measured("x.add_(1)\nx", "x", x=tensors(ndim=1), differs=[gotcha])
    assert found is None or found.numbers == 0
    assert measured("x.add_(1)\nx", "x", x=tensors(ndim=1)).apart["float32"].error > 0


def figures(capability: str, error, apart=0.0) -> dict:
    each = {"ulp": error, "at": {"x": "1.0"}}
    return {"id": "a/b", "dtype": "float32", "device": "cpu", "capability": capability, "numbers": 7, "torch": each,
            "numpy": each, "apart": {"ulp": apart, "at": {}}, "allowed": 2.0}  # fmt: skip


def test_capabilities_become_one_line_the_worst_of_each():
    (one,) = table.merged([figures("DEFAULT", 1.0, apart=1.5), figures("AVX2", 2.0)])
    assert one["capabilities"] == ["DEFAULT", "AVX2"]
    assert table.line(one)[3:8] == ("2.00", "2.00", "1.50", "2", "0.5")
    (other,) = table.merged([figures("DEFAULT", 1.0), figures("AVX2", None)])
    assert table.line(other)[3] == "other kind"


def test_what_has_no_error_has_no_line_and_is_listed():
    """A page of all cases would be a megabyte, of which code hosts show half."""
    exact = [{**figures(way, 0.0), "id": "c/d", "kind": "accuracy"} for way in ("AVX2", "AVX512")]
    wrong = [{**figures("AVX512", ulp), "dtype": name, "kind": "accuracy"} for name, ulp in (("a", 0.0), ("b", 1.0))]
    apart = {**figures("", 0.0, apart=9.0), "id": "e/f", "kind": "accuracy"}
    text = table.page(replace(run(), proofs=(*exact, *wrong, apart)))
    lines = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| `")]
    assert lines == [["| `a/b`", "b"], ["| `e/f`", "float32"]]
    assert "In 1 case neither side has an error: `c/d`." in text


def test_a_figure_beyond_the_tolerance_is_said_so():
    assert table.line(table.merged([figures("", 9.0, apart=9.0)])[0])[7] == "exceeded"


ROWS = """
from conformance import Section, tensors, ulp
mine = Section("Mine")
mine.case("x.exp()", "np.exp(x)", x=tensors(), tolerance=ulp({}, "a test"))
"""


def test_the_command(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS.format(3))
    words = ("accuracy", "rows.py", "--dtype", "float32", "--points", "2000", "-n0")
    good = command(*words, "--report", "out", cwd=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "mine/exp" in good.stdout
    assert "`mine/exp`" in (tmp_path / "out/accuracy.md").read_text()
    (tmp_path / "rows.py").write_text(ROWS.format(1))
    narrow = command(*words, "--points", "50000", cwd=tmp_path)
    assert narrow.returncode == 1
    assert "exceeded" in narrow.stdout


def test_each_capability_is_run_in_processes_of_its_own(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS.format(3))
    done = command(
        "accuracy", "rows.py", "--dtype", "float32", "--points", "2000", "-n1", "--report", "o", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "o/run.jsonl").read_text().splitlines()]
    ran = [line["capability"] for line in lines if line["kind"] == "accuracy"]
    best = torch.backends.cpu.get_cpu_capability()
    assert ran[-1] == best
    assert len(ran) == len(set(ran)) == {"DEFAULT": 1, "AVX2": 2, "AVX512": 3}.get(best, 1)


@pytest.mark.parametrize(
    "words", [["no/such"], ["--device", "cuda:77"], ["--dtype", "int8"], ["--points", "3"], ["-n", "-1"]]
)
def test_wrong_use_is_one_line(tmp_path, words):
    done = command("accuracy", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_rows_that_are_broken_or_have_no_figures(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS.format(3) + 'mine.case("x.foo(", "x", x=tensors())\n')
    done = command("accuracy", "rows.py", "--dtype", "float16", "-n0", cwd=tmp_path)
    assert done.returncode == 3
    assert "rows.py:5" in done.stdout
    (tmp_path / "rows.py").write_text(
        'from conformance import Section, tensors\nmine = Section("Mine")\nmine.case("x > 1", "x > 1", x=tensors())\n'
    )
    done = command("accuracy", "rows.py", "-n0", cwd=tmp_path)
    assert done.returncode == 5
    assert "nothing was measured: none of these cases gives floating-point numbers" in done.stdout
