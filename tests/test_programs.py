"""Inputs for programs: tensors of one shape with tame numbers, and few fills of each structure."""

import numpy as np
import pytest
import torch

from conformance import batches, normals, tensors, ulp, values
from conformance.evaluate import dtype_name, to_host
from conformance.inputs.fills import pool, specials
from conformance.proof import reduced
from conformance.proof.disagreements import Found

from .helpers import broken, case_of, record_of


def made(case, dtype="float32", seed=0, budget=25):
    return list(batches.batches(case, dtype, seed, budget))


def test_normals_are_contiguous_and_of_one_shape():
    case = case_of("x * 2", "x * 2", x=normals(7, 3))
    slots = [slot for batch in made(case) for slot in batch.structure.tensors()]
    assert {(slot.shape, slot.layout) for slot in slots} == {((7, 3), "contiguous")}
    assert str(case.inputs["x"]) == "normals(7, 3)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16", "complex64"])
def test_normals_are_finite_and_spread_about_zero(dtype):
    numbers = np.concatenate(
        [np.ravel(batch.blocks[0]) for batch in made(case_of("x * 2", "x * 2", x=normals(50)), dtype)]
    )
    assert np.isfinite(numbers).all()
    assert abs(np.mean(numbers.real)) < 0.2
    assert 0.8 < np.std(numbers.real) < 1.2


def test_normals_of_whole_numbers_are_small():
    case = case_of("x * 2", "x * 2", x=normals(50))
    assert max(int(np.abs(batch.blocks[0]).max()) for batch in made(case, "int64")) == 5


def test_no_other_domain_has_normal_numbers():
    """They are asked for by name, so that a row of any numbers keeps its own."""
    values_of, starts = pool("float32", 0)
    normal = values_of[starts["normal"] : starts["normal"] + 1024]
    case = case_of("x * 2", "x * 2", x=tensors(ndim=1))
    drawn = np.concatenate([np.ravel(batch.blocks[0]) for batch in made(case)])
    rare = np.setdiff1d(normal, values_of[: starts["normal"]])
    assert len(rare)
    assert not np.isin(rare, np.setdiff1d(drawn, specials("float32"))).any()


def test_a_row_says_how_often_its_structures_are_filled():
    for fills in (1, 2, 5):
        case = case_of("x * 2", "x * 2", x=normals(7, 3), fills=fills)
        assert {batch.count for batch in made(case)} == {fills}
    assert "at least 1" in broken("x * 2", "x * 2", x=normals(7, 3), fills=0).error


def test_inputs_without_tensors_are_not_run_again():
    case = case_of("a + b", "a + b", a=values(1, 2, 3), b=values(0, 1))
    traces = [batch.structure.trace for batch in made(case, "-", budget=100)]
    assert len(traces) == len(set(traces)) == 6
    assert record_of(case)["verdict"] == "agrees"


def test_programs_are_no_reductions():
    """They take tensors of one shape, and a rounding lives on in them: PyTorch is not compared with itself there."""
    torch, numpy = "(x * 2).sum(0)", "np.sum(x * 2, axis=0)"
    for given, some in ((normals(7, 3), False), (tensors(ndim=2), True)):
        case = case_of(torch, numpy, x=given, tolerance=ulp(2, "made here"))
        found = reduced.reductions(case, ["float32"], "cpu", ("cpu",), Found(way="reduced"))
        assert any(True for _ in found) == some


@pytest.mark.filterwarnings("ignore:.*support is experimental")
@pytest.mark.parametrize("name", ["complex32", "bcomplex32"])
def test_complex_numbers_that_numpy_has_not_are_read_in_complex64(name):
    kind = getattr(torch, name, None)
    if kind is None:
        pytest.skip(f"{name} is of torch 2.15")
    host = to_host(torch.tensor([1 + 2j]).to(kind))
    assert (host.dtype, host.tolist()) == (np.complex64, [1 + 2j])
    assert dtype_name(name) == name
