"""Every planted bug is killed by some row, on inputs on which that row finds nothing without the bug."""

import os

import pytest

from conformance import tensors, values
from conformance.expression import parse
from conformance.unit import Unit

from .helpers import FLOAT, case_of
from .hunting import Kill, clean, hunted, killed, line, operations, suspects
from .planted import PLANTED
from .planted.patching import Planted

# Bugs that no row can show, and why. One that is killed nevertheless has no place here.
OUT_OF_SCOPE = {
    "from_numpy-offset-ignored": "it asks an array for the whole that it was sliced from, and the arrays of a batch "
    "are slices of one block of another rank; memory, offset and strides are as in the bug's witness",
}

BY_NAME = {bug.name: bug for bug in PLANTED}


def part(told: str) -> list[Planted]:
    """Return the planted bugs of the part ``told``, such as ``2/3``, the second of three."""
    which, count = (int(number) for number in told.split("/"))
    assert 1 <= which <= count, f"CONFORMANCE_PLANTED={told}: give two numbers such as 2/3, the second of three"
    return PLANTED[which - 1 :: count]


ASKED = part(os.environ.get("CONFORMANCE_PLANTED", "1/1"))
"""The bugs whose tests take long are those of the part that is asked for; all, if none is."""


@pytest.mark.parametrize("bug", ASKED, ids=lambda bug: bug.name)
def test_it_is_killed(bug: Planted, record_property):
    if bug.name in OUT_OF_SCOPE:
        assert hunted(bug) is None, "killed now: take it out of OUT_OF_SCOPE"
        return
    assert suspects(bug), f"no row uses {bug.operation} with {', '.join(bug.dtypes)}"
    kill = hunted(bug)
    assert kill is not None, f"every row passes with it: {bug.description}"
    record_property("kill", line(bug, kill))


def test_the_parts_together_are_all():
    parts = [part(f"{which}/3") for which in (1, 2, 3)]
    assert all(parts)
    assert sorted(bug.name for some in parts for bug in some) == sorted(BY_NAME)


def test_out_of_scope_names_planted_bugs_with_a_reason():
    assert set(OUT_OF_SCOPE) <= set(BY_NAME)
    assert all(len(reason) > 20 for reason in OUT_OF_SCOPE.values())


def of_row(torch: str, numpy: str, **options) -> Unit:
    return Unit(case=case_of(torch, numpy, **options), dtype="-", device="cpu")


def test_a_row_that_cannot_see_a_bug_does_not_kill_it():
    one = of_row("x + x", "x + x", x=tensors(ndim=1, dtypes=("float64",)))
    assert killed(one, BY_NAME["add-uint8-saturates"]) is None


def test_a_row_that_fails_by_itself_kills_nothing():
    one = of_row("x + x", "x + x + 1", x=tensors(ndim=1, dtypes=FLOAT))
    kill = killed(one, BY_NAME["add-uint8-saturates"])
    assert isinstance(kill, Kill)
    assert not clean(kill)


@pytest.mark.parametrize(
    ("torch", "uses"),
    [
        ("x + y", {"+"}),
        ("x += y\nx", {"+="}),
        ("x @ x", {"@"}),
        ("x < 3", {"<"}),
        ("x & 3 << 2", {"&", "<<"}),
        ("-x", {"-x"}),
        ("x - -1", {"-"}),
        ("torch.cat(xs, dim)", {"cat"}),
        ("x.sum(-1).shape", {"sum", "shape"}),
    ],
)
def test_operations_of_an_expression(torch, uses):
    inputs = dict.fromkeys(parse(torch).names - {"torch"}, values(1))
    assert set(operations(case_of(torch, "0", **inputs))) == uses
