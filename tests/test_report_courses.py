"""How ratios go with the size: where the faster side changes, and nothing said that noise alone would say."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.bench import SIZES
from conformance.report import benchmarks, courses

from .packed import Packed
from .reported import bench, run, unit
from .test_report_page import page, squeezed


def timed(*ratios: float, spread: float = 1.01, **more: Any) -> list[dict[str, Any]]:
    sizes = (1_000, 100_000, 10_000_000)
    return [
        bench(elements=size, size=str(size), ratio=ratio, ratio_low=ratio / spread, ratio_high=ratio * spread, **more)
        for size, ratio in zip(sizes, ratios, strict=False)
    ]


def course(*ratios: float, **more: Any) -> courses.Course:
    ((one,),) = courses.by_case(timed(*ratios, **more)).values()
    return one


@pytest.mark.parametrize(
    ("ratios", "words", "crossings"),
    [
        ((2, 4, 8), "NumPy at every size", []),
        ((0.5, 0.9, 0.8), "PyTorch at every size", []),
        ((10, 0.1), "NumPy, from about 10,000 elements PyTorch", [10_000]),
        ((0.1, 10), "PyTorch, from about 10,000 elements NumPy", [10_000]),
        ((100, 0.1), "NumPy, from about 22,000 elements PyTorch", [1_000 * 100 ** (2 / 3)]),
        ((4, 0.25, 4), "NumPy, from about 10,000 elements PyTorch, from about 1,000,000 elements NumPy", [1e4, 1e6]),
    ],
)
def test_where_the_faster_side_changes(ratios: tuple[float, ...], words: str, crossings: list[float]) -> None:
    one = course(*ratios)
    assert one.words == words
    assert list(one.crossings) == pytest.approx(crossings)


def test_a_spread_over_1_is_for_neither_side() -> None:
    close = [*timed(4, spread=1.1), *timed(4, 0.99, 4, spread=1.1)[1:2], *timed(4, 4, 4, spread=1.1)[2:]]
    ((one,),) = courses.by_case(close).values()
    assert one.crossings == ()
    assert one.words == "NumPy wherever one is faster; too close to tell at 100,000 elements"
    assert course(1.01, 0.99, spread=2).words == "too close to tell at every size"


def test_between_two_sides_the_line_goes_through_what_is_too_close() -> None:
    made = [*timed(4), *timed(4, 1.05, spread=1.2)[1:], *timed(4, 4, 0.25)[2:]]
    ((one,),) = courses.by_case(made).values()
    assert len(one.crossings) == 1
    assert 100_000 < one.crossings[0] < 200_000


@pytest.mark.parametrize("wrong", [None, "2", -1, 0, float("nan"), float("inf")])
def test_what_is_no_ratio_or_size_is_left_out(wrong: Any) -> None:
    made = [*timed(4, 4), bench(elements=wrong, ratio=0.1), bench(elements=5, ratio=wrong)]
    ((one,),) = courses.by_case(made).values()
    assert [point.elements for point in one.points] == [1_000, 100_000]


def test_one_size_is_no_course() -> None:
    assert courses.by_case(timed(4)) == {}


def test_the_page_counts_them_by_device_and_holds_each() -> None:
    made = run(unit(), benches=(*timed(10, 0.1), *timed(2, 2, device="cuda"), *timed(3, 3, id="gone/case")))
    text = squeezed(page(made).text)
    assert "cpu: the faster side changes with the size in 1, NumPy at every size in 1" in text
    assert "cuda: NumPy at every size in 1" in text
    held = Packed(made)
    told = held.cases["shape/squeeze"]["courses"]
    assert [held.texts[one[3]] for one in told] == ["NumPy, from about 10,000 elements PyTorch", "NumPy at every size"]


def test_who_is_faster_is_told_by_one_rule_in_sums_and_courses() -> None:
    """A ratio whose quartiles lie on both sides of 1 is for neither, in the drawing as well."""
    made = [*timed(1.2, 1.2, spread=1.3), *timed(1.2, spread=1.1, id="a/b"), *timed(0.5, id="c/d")]
    (small, other) = benchmarks.histograms(made)
    assert small.words == "PyTorch faster in 1 of 3, NumPy in 1, too close to tell in 1"
    assert other.words == "PyTorch faster in 0 of 1, NumPy in 0, too close to tell in 1"
    assert course(1.2, 1.2, spread=1.3).words == "too close to tell at every size"
    fast, both = small.columns
    assert fast[1:] == (30.0, 30.0, "1")
    assert both[1:] == (60.0, 30.0, "2, too close to tell in 1")
    shown = page(run(unit(), benches=tuple(made))).attributes
    drawn = [value for tag, name, value in shown if (tag, name) == ("rect", "class")]
    assert sorted(drawn) == ["close", "close", "numpy", "torch"]


def moved(**more: Any) -> tuple[str, str]:
    return benchmarks.by_case([bench(torch_seconds=0.02, numpy_seconds=0.01, **more)])["shape/squeeze"][0].moved


def test_bytes_a_second_stand_beside_those_of_a_copy() -> None:
    assert moved(bytes=80_000_000, torch_copy=8e9, numpy_copy=1e10) == (
        "4 GB/s, 50% of a copy",
        "8 GB/s, 80% of a copy",
    )
    assert moved(bytes=80_000_000) == ("4 GB/s", "8 GB/s")


def test_what_reads_one_tensor_of_the_large_size_is_said_of_memory() -> None:
    assert moved(bytes=4 * SIZES["large"]) == ("0.4 GB/s", "0.8 GB/s")
    assert moved(bytes=4 * SIZES["medium"]) == ("", "")


@pytest.mark.parametrize("wrong", [None, 0, "80", 1000])
def test_what_caches_hold_is_not_said_of_memory(wrong: Any) -> None:
    assert moved(bytes=wrong, torch_copy=8e9) == ("", "")


def test_the_largest_size_is_the_last_whatever_the_order_of_the_run():
    told = [bench(size="large", elements=9_000, ratio=0.5), bench(size="7", elements=7, ratio=7.0)]
    told = [*told, bench(dtype="int8", size="8", elements=8), bench(size="medium", elements=900, ratio=2.0)]
    shown = benchmarks.by_case(told)["shape/squeeze"]
    assert [(one.dtype, one.size.split()[0]) for one in shown] == [
        *(("float32", size) for size in ("7", "medium", "large")),
        ("int8", "8"),
    ]
