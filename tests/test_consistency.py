"""Torch against itself: each way in which a result can depend on more than its input is planted, and must be seen."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest

from conformance import UNDEFINED, Difference, Raises, axes, like, linear, tensors, ulp
from conformance.proof import alone, consistency, disagreements, placing
from conformance.proof.disagreements import Found

from .helpers import FLOAT, case_of

CRITICAL = alone._critical


@pytest.fixture(autouse=True)
def few_values(monkeypatch):
    """A tenth of the values: enough to see what is planted."""
    monkeypatch.setattr(alone, "_DRAWN", 1024)
    monkeypatch.setattr(alone, "_critical", lambda *given: [c[::16] for c in CRITICAL(*given)])
    monkeypatch.setattr(alone, "_SPECIALS", 40)


def compared(case, *dtypes, **others) -> Found | None:
    return consistency.measure(case, dtypes or FLOAT, "cpu", ("cpu",), others)


def row(torch: str, numpy: str = "x + 0", **options):
    return case_of(torch, numpy, **{"x": tensors(), **options})


def kinds(found: Found) -> set[tuple[str, str]]:
    return {(one.group, one.kind) for one in found.kinds.values()}


def groups(found: Found) -> set[str]:
    return {group for group, _ in kinds(found)}


@pytest.mark.parametrize(
    ("torch", "group"),
    [
        ("x + (x.numel() > 15)", "length"),
        ("x + (x.numel() == 70)", "length"),
        ("x + (torch.arange(x.numel()) == 15)", "length"),
        ("x + (not x.is_contiguous())", "layout"),
        ("x + (x.storage_offset() > 0)", "layout"),
        ("x + (x.stride(-1) == 0)", "layout"),
        ("x + (x.ndim > 1)", "layout"),
        ("x + (x.numel() > 70000 and torch.get_num_threads() > 1)", "threads"),
        ("x + torch.rand(()) * (x.numel() > 70000)", "repetition"),
    ],
)
def test_a_planted_dependence_is_found(torch, group):
    found = compared(row(torch))
    assert group in groups(found)
    assert found.undeclared
    assert not found.declared


@pytest.mark.parametrize(
    ("torch", "kind"),
    [
        ("torch.where(x == 0, -x, x) if x.numel() > 15 else x + 0", "sign of zero"),
        ("torch.where(x == 3, torch.nan, x) if x.numel() > 15 else x + 0", "nan against finite"),
        ("torch.where(x == 3, torch.inf, x) if x.numel() > 15 else x + 0", "infinite against finite"),
        ("torch.where(x.isinf(), -x, x) if x.numel() > 15 else x + 0", "another infinity"),
        ("x + x * 2**-22 if x.numel() > 15 else x + 0", "other value"),
        ("x + 0 if x.numel() < 64 else x.reshape(7, 11, 13)", "another outcome"),
        ("x + 0 if x.numel() < 64 else x.double()", "another outcome"),
        ("x + 0 if x.numel() < 64 else x[1:]", "another outcome"),
    ],
)
def test_a_disagreement_is_named(torch, kind):
    assert ("length", kind) in kinds(compared(row(torch)))


@pytest.mark.parametrize(
    "case",
    [
        row("x + 0"),
        row("x.mul(2).to(torch.float64)", "(x * 2).astype(np.float64)"),
        row("x > y", "x > y", y=like("x")),
        row("x.add_(y)", "np.add(x, y, out=x)", x=tensors(overlapping=False), y=like("x")),
    ],
    ids=["copy", "conversion", "bool", "in place"],
)
def test_a_steady_case_is_clean(case):
    found = compared(case)
    assert found.way == "elementwise"
    assert (found.bits, found.undeclared, found.kinds) == (0, 0, {})
    assert found.elements > 100_000, "long tensors are among them"


@pytest.mark.parametrize(("tolerance", "seen"), [(ulp(2, "a test"), False), (ulp(0.5, "a test"), True)])
def test_what_a_case_allows_is_no_disagreement(tolerance, seen):
    found = compared(row("torch.nextafter(x, x * 2) if x.numel() > 15 else x + 0", tolerance=tolerance))
    assert found.bits
    assert (("length", "other value") in kinds(found)) is seen


def test_every_dtype_is_compared():
    found = compared(row("x + (x.numel() > 15)"), *consistency.DTYPES)
    assert {one.dtype for one in found.kinds.values()} == set(consistency.DTYPES)
    found = compared(row("x + (x.numel() > 15)", x=tensors(dtypes=("complex64",))), *consistency.DTYPES)
    assert {one.dtype for one in found.kinds.values()} == {"complex64"}


def test_bool_results_and_integers_are_compared():
    found = compared(row("(x > y) ^ (x.numel() > 15)", "x > y", y=like("x")), "float32", "int64")
    assert {one.dtype for one in found.kinds.values()} == {"float32", "int64"}
    found = compared(row("(x & y) + (x.numel() > 15)", "x & y", y=like("x")), "int32", "float32")
    assert {one.dtype for one in found.kinds.values()} == {"int32"}


def reduction(torch: str, **options):
    return row(torch, "np.sum(x, axis=dim)", **{"dim": axes("x"), "tolerance": linear(), **options})


@pytest.mark.parametrize(
    ("torch", "group"),
    [
        ("x.sum(dim) + (not x.is_contiguous())", "layout"),
        ("x.sum(dim) + (x.storage_offset() > 0)", "layout"),
        ("x.sum(dim) + (x.stride(-1) == 0)", "layout"),
        ("x.sum(dim) * (1 + 2**-23 * (not x.is_contiguous()))", "layout"),
        ("torch.nan_to_num(x.sum(dim)) if not x.is_contiguous() else x.sum(dim)", "layout"),
        ("x.sum(dim) + (torch.get_num_threads() > 1)", "threads"),
        ("x.sum(dim) + torch.rand(())", "repetition"),
        ("x.sum(dim) if x.is_contiguous() else x.sum(dim).double()", "layout"),
    ],
)
def test_a_planted_dependence_of_a_reduction_is_found(torch, group):
    found = compared(reduction(torch))
    assert found.way == "reduction"
    assert group in groups(found)


def test_a_steady_reduction_is_clean():
    found = compared(reduction("x.sum(dim)"), "float32", "complex64", "int64")
    assert found.bits, "sums are added in another order"
    assert found.kinds == {}
    exact = compared(row("x.amax(dim)", "np.max(x, axis=dim)", dim=axes("x"), dtypes=FLOAT))
    assert (exact.bits, exact.kinds) == (0, {})


@pytest.mark.parametrize(("torch", "long"), [("x.sum(dim)", True), ("x.cumsum(dim)", False), ("x.tolist()", False)])
def test_long_tensors_are_tried_only_where_short_ones_are_reduced(torch, long):
    case = row(torch, "np.sum(x, axis=dim)", dim=axes("x"), tolerance=linear(), dtypes=FLOAT)
    sizes = [trial.values[0].size for _, trial in consistency._trials(case, FLOAT, "cpu", ("cpu",), Found(way=""))]
    assert len(sizes) > 10
    assert (max(sizes) >= 100_000) == long


def test_what_is_exact_in_any_order_must_be_the_same_bits():
    """Of a mean both neighbours may lie within the bound, but only one of them is what exact sums give."""
    case = row("x.mean(dim)", "np.mean(x, axis=dim)", dim=axes("x"), dtypes=FLOAT, tolerance=linear(roundings=1))
    trials = (trial for _, trial in consistency._trials(case, FLOAT, "cpu", ("cpu",), Found(way="")))
    one = replace(next(t for t in trials if len(t.shape) == 1), values=np.array([[5, 0, 0]] * 3, np.float32))
    mean = np.float32(5) / np.float32(3)
    beside = [np.nextafter(mean, np.float32(end)) for end in (0, 9)]
    assert [bool(one._wrong(0, other, mean, "float32")) for other in beside] == [True, True]
    assert [bool(one._wrong(1, other, mean, "float32")) for other in beside].count(False) == 1


@pytest.mark.parametrize("case", [row("x + 0"), reduction("x.sum(dim)")], ids=["elementwise", "reduction"])
def test_a_capability_that_gives_other_results_is_found(case):
    there = consistency.outputs(case, FLOAT, "cpu", ("cpu",))
    assert compared(case, AVX=there).kinds == {}
    found = compared(case, AVX={name: np.where(made == 1, 2, made) for name, made in there.items()})
    assert groups(found) == {"capability"}
    assert all("the same with AVX" in one.variant for one in found.kinds.values())


@pytest.mark.parametrize("case", [row("x + 0"), reduction("x.sum(dim)")], ids=["elementwise", "reduction"])
def test_what_depends_on_the_capability_alone_can_be_declared(case):
    there = consistency.outputs(case, FLOAT, "cpu", ("cpu",))
    other = {name: np.where(made == 1, 2, made) for name, made in there.items()}
    example = {"x": np.ones((1, 2)), **({"dim": 0} if "dim" in case.inputs else {})}
    for name, undeclared in (("AVX", False), ("NEON", True)):
        only = Difference("a", example=example, when=f"x.size > 0 and capability == {name!r}", torch=UNDEFINED)
        found = compared(replace(case, differs=(only,)), AVX=other)
        assert bool(found.undeclared) is undeclared
        assert bool(found.declared) is not undeclared


def longer(because="longer ones differ", **options):
    return Difference(because, **{"example": {"x": np.ones(17)}, "when": "x.size > 15", "torch": UNDEFINED, **options})


@pytest.mark.parametrize(
    ("difference", "declares"),
    [
        (longer(), "all"),
        (longer(when="(x == x) | (x != x) & (x.size > 15)"), "all"),
        (longer(when="(x > 0) & (x.size > 15)"), "some"),
        (longer(when="x.size > 16"), "some"),
        (longer(dtypes=("float64",)), "none"),
        (longer(torch="x + 1"), "none"),
        (longer(aspect="dtype"), "none"),
    ],
)
def test_what_is_declared(difference, declares):
    found = compared(row("x + (x.numel() > 15)", differs=[difference]))
    assert bool(found.declared) is (declares != "none")
    assert bool(found.undeclared) is (declares != "all")
    assert {one.because for one in found.kinds.values()} <= {None, "longer ones differ"}


def test_a_declared_refusal_is_none():
    refuses = longer(when="x.size != 1", example={"x": np.ones(2)}, torch=Raises(RuntimeError))
    torch = "x + 0 if x.numel() == 1 else x.reshape(5, 7, 11, 13)"
    assert compared(row(torch)).undeclared
    assert compared(row(torch, differs=[refuses])).kinds == {}


def test_a_reduction_is_declared_by_element():
    plain = {"example": {"x": np.ones((2, 2)), "dim": 0}, "torch": UNDEFINED}
    case = reduction("x.sum(dim) + (not x.is_contiguous())", differs=[Difference("all", when="x.size > 1", **plain)])
    assert compared(case).undeclared == 0
    case = reduction(
        "x.sum(dim) + (not x.is_contiguous())", differs=[Difference("some", when="np.sum(x, axis=dim) > 0", **plain)]
    )
    found = compared(case)
    assert found.declared
    assert found.undeclared


@pytest.mark.parametrize(
    "torch",
    ["x + (x.numel() > 15)", "x + (not x.is_contiguous())", "x + (torch.get_num_threads() > 1)"],
)
def test_the_script_shows_it(torch):
    found = compared(row(torch))
    for one in found.kinds.values():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(one.script, {})  # noqa: S102 - the script is for running
        lines = printed.getvalue().splitlines()
        assert len(lines) == 2
        assert lines[0].split("tensor")[1] != lines[1].split("tensor")[1]


def test_the_smallest_is_kept():
    found = compared(row("x + (x.numel() > 15)"))
    first = {one.variant for one in found.kinds.values() if one.group == "length"}
    assert all(words.endswith(" of 16, contiguous, against alone") for words in first)


def test_every_value_is_at_every_position():
    for way in placing.ways(100, 1):
        if way.group == "length":
            assert all(set(way.index[:, place]) == set(range(100)) for place in range(way.index.shape[1]))
        assert set(way.index.reshape(-1)) == set(range(100))


def test_tensors_share_no_memory():
    (way, *_) = (way for way in placing.ways(5, 2) if way.layouts == ("strided", "strided"))
    columns = [np.arange(5.0), np.arange(5.0) + 10]
    structure = next(consistency._trials(row("x + y", y=like("x")), FLOAT, "cpu", ("cpu",), Found(way="")))[1].form
    given = placing.batch(structure.structure, columns, way, "float64")
    outs = placing.outcomes(lambda x, y: (x, y), given, "cpu", "test")
    assert len({one.data_ptr() for out in outs for one in out}) == 2 * len(outs)
    assert all(one.storage_offset() == 0 and one.stride() == (2,) for out in outs for one in out)
    assert [out[0].tolist() for out in outs] == [[float(i) for i in line] for line in way.index]


def test_bits():
    got, want = np.array([0.0, np.nan, 1.0, 2.0]), np.array([-0.0, -np.nan, 1.0, np.nextafter(2.0, 3)])
    assert disagreements.unlike(got, want).tolist() == [True, False, False, True]
    assert disagreements.unlike(got + 0j, got + 0j).tolist() == [False] * 4
    assert disagreements.unlike(np.array([1, 2]), np.array([1, 3])).tolist() == [False, True]
