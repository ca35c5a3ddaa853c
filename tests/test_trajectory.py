"""The path of a training loop: whose losses a record keeps, how they are drawn, and what the page says of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from conformance import normals, spread
from conformance.records import Run
from conformance.report import html, trajectories

from .helpers import case_of, record_of
from .reported import FOOTER, HEADER, unit
from .test_report_page import Page, squeezed

LOOP = """
losses = []
for _ in range(5):
    x = x * {factor}
    losses.append((x * x).mean())
{library}.stack(losses), x
"""
PATH = {"torch": [4.0, 2.0, 1.0], "numpy": [4.0, 2.0, 1.5], "apart": [0.0, 0.0, 0.5], "allowed": [0.1, 0.1, 1.0]}


def loop(torch: str = "0.5", numpy: str = "0.5", returned: str = "", **options: Any) -> Any:
    texts = [LOOP.format(factor=f, library=lib) for f, lib in ((torch, "torch"), (numpy, "np"))]
    if returned:
        texts = [text.rstrip().rpartition("\n")[0] + f"\n{returned}\n" for text in texts]
    given = {"tolerance": spread("x"), "x": normals(4), **options}
    return case_of(*texts, **given)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_the_losses_of_both_sides_are_kept(dtype: str) -> None:
    path = record_of(loop(dtypes=("float32", "float64", "bfloat16")), dtype)["trajectory"]
    assert {name: len(numbers) for name, numbers in path.items()} == dict.fromkeys(PATH, 5)
    ratios = np.array(path["numpy"][1:]) / path["numpy"][:-1]
    np.testing.assert_allclose(ratios, 0.25, rtol=0.02)
    assert (np.array(path["apart"]) <= path["allowed"]).all()
    assert min(path["allowed"]) > 0


def test_a_side_that_goes_another_way_is_seen() -> None:
    path = record_of(loop(torch="0.51"), "float64")["trajectory"]
    assert path["apart"] == pytest.approx(np.subtract(path["torch"], path["numpy"]))
    assert path["apart"][0] > path["allowed"][0]


@pytest.mark.parametrize(
    "case",
    [
        loop(returned="x"),
        loop(returned="x.sum(), x", tolerance=spread("x")),
        loop(returned="x[:2], x"),
        loop(returned="5, x"),
        loop(returned="x.reshape(4, 1), x"),
        loop(torch="1e300", numpy="1e300"),
    ],
    ids=["no parts", "one number", "two steps", "plain numbers", "a matrix", "infinite"],
)
def test_without_finite_losses_there_is_none(case: Any) -> None:
    record = record_of(case, "float32")
    assert "trajectory" not in record
    assert record["verdict"] == "agrees", record


def test_outside_of_the_claim_there_is_none() -> None:
    assert "trajectory" not in record_of(loop(dtypes=("float32",)), "float64")


def test_what_has_another_tolerance_has_none() -> None:
    case = case_of("x.double(), x", "x.astype(float), x", x=normals(4))
    assert "trajectory" not in record_of(case, "float32")


def test_drawn_from_left_to_right_between_the_ends() -> None:
    drawn = trajectories.of({"trajectory": PATH})
    assert drawn is not None
    width, height = trajectories.WIDTH, trajectories.HEIGHT
    assert drawn.torch == ((0, 0), (width / 2, pytest.approx(height * 2 / 3)), (width, height))
    assert drawn.numpy[2] == (width, pytest.approx(height * 5 / 6))
    assert (drawn.powers, drawn.ten_to) == ((-2, 1), ("10⁻²", "10¹"))
    assert drawn.apart[0] == (0, height), "no distance stands at the foot"
    assert drawn.allowed[2] == (width, pytest.approx(height / 3)), "1 is two of the three powers up"
    assert drawn.words == "3 steps, loss from 4 to 1; at most 50% of what is allowed apart"


def test_losses_that_never_change_are_drawn_in_the_middle() -> None:
    still = {name: [1.0, 1.0] for name in PATH} | {"apart": [0.0, 0.0]}
    drawn = trajectories.of({"trajectory": still})
    assert drawn is not None
    assert {y for _, y in drawn.torch} == {trajectories.HEIGHT / 2}
    assert "at most 0%" in drawn.words


@pytest.mark.parametrize(
    "damage",
    [
        {"torch": None},
        {"torch": [1.0]},
        {"numpy": [4.0, "2", 1.0]},
        {"apart": [0.0, math.nan, 0.0]},
        {"allowed": [1.0, 2.0]},
    ],
)
def test_what_cannot_be_drawn_is_left_out(damage: dict[str, Any]) -> None:
    assert trajectories.of({"trajectory": PATH | damage}) is None
    text = html.page(Run(header=HEADER, units=(unit(trajectory=PATH | damage),), footer=FOOTER))
    assert "ui:trajectories" not in Page(text).ids


def test_the_page_shows_every_path_with_its_numbers() -> None:
    text = html.page(Run(header=HEADER, units=(unit(trajectory=PATH), unit(dtype="float64")), footer=FOOTER))
    shown = squeezed(Page(text).text)
    assert "Training 1 path" in shown
    assert "float32 cpu: 3 steps, loss from 4 to 1; at most 50% of what is allowed apart" in shown
    assert "<td>1.0</td><td>1.5</td><td>0.5</td><td>1</td>" in text
    assert text.count("<polyline") == 2
    assert text.count("<circle") == 6
