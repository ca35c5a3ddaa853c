"""Changes that several cases have alike stand together, and nothing of any of them is lost."""

import json

import pytest

from conformance.history import data, groups, markdown, page, terminal
from conformance.history.units import Kind

from .runs import compared, difference, failure, run, unit


def raising(case, message, dtype="complex64", **more):
    """A unit in which torch raises another exception than the declared one."""
    told = f"torch is declared to be one that raises RuntimeError, it gave TypeError: {message}"
    of_it = {"checks": {"error": {"verdict": "changed", "inputs": 1}}, "torch": f"torch.{case}(x)"}
    again = f"conformance run extrema/{case}"
    return unit(
        "changed", f"extrema/{case}", dtype, failures=[failure("error", headline=told, again=again)], **of_it, **more
    )


def news(*units):
    """The comparison of these units with ones that were as declared."""
    old = [
        unit("differs as declared", one["id"], one["dtype"], torch=one["torch"], device=one["device"]) for one in units
    ]
    return compared(run(*old), run(*units))


def grouped(*units):
    """The groups of what behaves otherwise."""
    return groups.grouped(news(*units).entries(Kind.OTHERWISE))


def test_the_message_of_an_exception_tells_no_changes_apart():
    (group,) = grouped(raising("max", "max(): no complex input"), raising("min", "min(): no complex input"))
    assert group.several
    assert group.name == "2 cases of extrema"
    assert group.reason == "error: torch is declared to be one that raises RuntimeError, it gave TypeError: …"
    assert [group.message(one) for one in group.entries] == ["max(): no complex input", "min(): no complex input"]
    assert group.shared == ()
    assert all(group.lines(one) == one.lines for one in group.entries)


def test_what_explains_all_of_them_is_told_once():
    (group,) = grouped(raising("max", "no complex input"), raising("min", "no complex input"))
    assert group.reason.endswith("it gave TypeError: no complex input")
    assert [line.word for line in group.shared] == ["error", "with"]
    assert [[line.text for line in group.lines(one)] for one in group.entries] == [
        ["conformance run extrema/max"],
        ["conformance run extrema/min"],
    ]
    assert {group.message(one) for one in group.entries} == {""}


@pytest.mark.parametrize(
    "other",
    [
        raising("min", "no complex input", dtype="complex128"),
        raising("min", "no complex input", device="cuda"),
        unit("changed", "extrema/min", "complex64", failures=[failure("value")]),
        unit(
            "changed",
            "extrema/min",
            "complex64",
            failures=[failure("error", headline="it gave ValueError: no complex")],
        ),
        raising("min", "no complex input", differences=[difference("of this alone", "changed")]),
    ],
    ids=["dtype", "device", "check", "exception", "difference"],
)
def test_what_is_otherwise_in_one_stands_apart(other):
    found = grouped(raising("max", "no complex input"), other)
    assert [[one.case for one in group.entries] for group in found] == [["extrema/max"], ["extrema/min"]]
    assert [group.name for group in found] == ["extrema/max", "extrema/min"]


def test_values_are_part_of_what_changed():
    told = ("torch 2.0, numpy 3.0", "torch 2.0, numpy 3.0", "torch 2.0, numpy 4.0")
    made = [
        unit("changed", f"{name}/row", failures=[failure(headline=text)])
        for name, text in zip("abc", told, strict=True)
    ]
    found = grouped(*made)
    assert [group.name for group in found] == ["2 cases (a 1, b 1)", "c/row"]
    assert found[0].reason == "value: torch 2.0, numpy 3.0"


def test_a_reason_is_cut_and_stands_whole_below():
    long = "torch gives " + "1" * 500
    (group,) = grouped(unit("changed", failures=[failure(headline=long)]))
    assert len(group.reason) < 170
    assert group.reason.endswith("1 …")
    found = news(unit("changed", failures=[failure(headline=long)]))
    assert f"<summary>shape/flip float32 cpu: differs as declared → changed · {group.reason}<" in markdown.text(found)
    assert all(long in text for text in (markdown.text(found), page.page(found)))


def test_nothing_is_lost():
    names = ("max", "min", "argmax", "argmin", "amax")
    found = news(*(raising(name, f"{name}(): no complex input") for name in names), raising("other", "x", dtype="bool"))
    told = data.data(found)["changes"]
    assert [one["id"] for one in told] == [f"extrema/{name}" for name in (*names, "other")]
    assert len({json.dumps(one["lines"]) for one in told}) == len(told)
    for text in (markdown.text(found), page.page(found)):
        assert text.count("<details") == 5 + 1 + 1
    for text in (markdown.text(found), page.page(found), terminal.text(found)):
        assert "5 cases of extrema" in text
        for name in names:
            for words in (f"extrema/{name}", f"torch.{name}(x)", f"TypeError: {name}(): no complex input"):
                assert words in text
            assert f"conformance run extrema/{name}" in text


def test_a_terminal_has_what_is_alike_once_and_the_own_lines_of_each():
    other = raising("other", "x", dtype="bool")
    found = news(raising("max", "no complex input"), raising("min", "no complex input"), other)
    why = "error: torch is declared to be one that raises RuntimeError, it gave TypeError"
    told = terminal.text(found).partition("not a failure\n")[2].split("\n\n")[0].splitlines()
    assert [told[0], *(line for line in told[1:] if "(cases/" in line)] == [
        f"  2 cases of extrema  complex64 cpu: differs as declared → changed · {why}: no complex input",
        "    extrema/max (cases/shape.py:7)",
        "    extrema/min (cases/shape.py:7)",
        "  extrema/other (cases/shape.py:7)  bool cpu: differs as declared → changed",
    ]
    assert [line.split()[0] for line in told[1:3]] == ["error", "with"], "in common"
    assert [line.split()[0] for line in told[4:7]] == ["torch", "numpy", "again"], "of its own"
    assert sum("no complex input" in line for line in told) == 2


def test_every_summary_says_why():
    found = news(raising("max", "max(): no"), raising("min", "min(): no"), raising("other", "x", dtype="bool"))
    shown = markdown.text(found).split("<summary>")[1:]
    group = "complex64 cpu: differs as declared → changed · error: torch is declared to be one that raises RuntimeError"
    assert shown[0].startswith(f"2 cases of extrema {group}, it gave TypeError: …</summary>")
    assert [text.partition("</summary>")[0] for text in shown[1:3]] == [
        "extrema/max · max(): no",
        "extrema/min · min(): no",
    ]
    assert "it gave TypeError: x</summary>" in shown[3]
    pieces = [text.partition("</summary>")[0] for text in page.page(found).split("<summary>")[1:]]
    assert [text.partition('<span class="reason">')[2].rpartition("</span>")[0] for text in pieces] == [
        "error: torch is declared to be one that raises RuntimeError, it gave TypeError: …",
        *("max(): no", "min(): no"),
        "error: torch is declared to be one that raises RuntimeError, it gave TypeError: x",
    ]
