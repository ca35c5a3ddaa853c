"""The input that is shown is small, and still fails."""

import numpy as np
import pytest

from conformance import axes, joinable, linear, scalars, tensors
from conformance.minimise import minimised

from .helpers import FLOAT, case_of, progress_of

X = tensors(dtypes=FLOAT)


def smallest(case, check="value"):
    judge = progress_of(case).judge
    finding = next(f for s, f in judge.tally.findings.items() if s.check == check)
    return finding, minimised(judge, finding, 0)


def shapes(finding) -> list[tuple[int, ...]]:
    return [slot.shape for slot in finding.batch.structure.tensors()]


def values(finding) -> list:
    return [block[0].tolist() for block in finding.batch.blocks]


@pytest.mark.parametrize(
    ("torch", "numpy", "size"),
    [
        ("x + 1", "x * 1", 1),
        ("x * 1 if x.numel() < 7 else x + 1", "x * 1", 9),
        ("x * 1 if x.ndim != 2 or 0 in x.shape else x + 1", "x * 1", 1),
        ("torch.where(x == 3, x + 1, x)", "x * 1", 1),
    ],
)
def test_shapes_are_small(torch, numpy, size):
    _, found = smallest(case_of(torch, numpy, x=X))
    (shape,) = shapes(found)
    assert np.prod(shape) <= size


def test_the_value_that_matters_is_kept_and_the_others_are_simple():
    _, found = smallest(case_of("torch.where(x > 1e30, x * 2, x * 1)", "x * 1", x=tensors(ndim=1, dtypes=FLOAT)))
    (row,) = values(found)
    assert len(row) == 1
    assert row[0] > 1e30


def test_values_become_simple_numbers():
    _, found = smallest(case_of("torch.where(x > 0.7, x + 1, x)", "x * 1", x=tensors(ndim=1, dtypes=FLOAT)))
    assert values(found) == [[1.0]]


def test_a_list_becomes_short():
    torch = "torch.cat(xs, dim) if len(xs) < 2 else torch.cat(xs[::-1], dim)"
    case = case_of(torch, "np.concatenate(xs, axis=dim)", xs=joinable("dim", dtypes=FLOAT), dim=axes("xs"))
    _, found = smallest(case)
    assert len(found.batch.structure.slots["xs"].items) == 2
    assert sum(int(np.prod(shape)) for shape in shapes(found)) <= 2
    assert not found.batch.structure.slots["xs"].repeated


def test_an_axis_and_a_layout_become_simple():
    case = case_of("x.sum(dim) if dim >= 0 else x.sum(dim) + 1", "np.sum(x, dim)", x=tensors(ndim=(1, 4), dtypes=FLOAT),
                   dim=axes("x"), tolerance=linear())  # fmt: skip
    _, found = smallest(case)
    slots = found.batch.structure.slots
    assert slots["dim"].value == -1
    assert slots["x"].layout == "contiguous"
    assert len(slots["x"].shape) == 1


def test_a_scalar_becomes_small():
    case = case_of("x + k + 1 if k > 5 else x + k", "x + np.int32(k)", x=tensors(dtypes=("int32",)), k=scalars("int"))
    _, found = smallest(case)
    assert found.batch.structure.slots["k"].value == 7


def test_what_fails_still_fails_in_the_same_way_and_keeps_its_count():
    first, found = smallest(case_of("x + 1", "x * 1", x=X))
    assert found.signature == first.signature
    assert found.count == first.count > 100
    assert found.headline


def test_a_missing_error_becomes_small_too():
    case = case_of(
        "x if dim > 1 or dim < -2 else x.sum(dim) * 0 + x",
        "np.sum(x, dim) * 0 + x",
        x=tensors(ndim=(1, 2), dtypes=("int8",)),
        dim=axes("x"),
    )
    _, found = smallest(case, "error")
    assert int(np.prod(shapes(found)[0])) <= 2
