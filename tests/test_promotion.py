"""Promotion: the committed table is complete and right entry by entry, and the rules say all of it and nothing else."""

import csv
import operator
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from conformance import versions
from conformance.promotion import answers, rules
from conformance.promotion.operands import OPERATIONS, Operand, Question
from conformance.promotion.rules import RULES, Rule
from conformance.records import Run
from conformance.report import promotion

REPORTS = Path(__file__).parents[1] / "reports"
DATA = REPORTS / "promotion.csv"
PAGE = REPORTS / "promotion.md"

# Said again here, and asked in another way than `answers.py` does, so that neither can be wrong alone.
DTYPES = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128 uint16 uint32 uint64 bfloat16"
NUMBERS = {"Python bool": True, "Python int": 1, "Python float": 1.0, "Python complex": 1 + 0j}
TENSORS = [f"{kind} {name}" for kind in ("array", "0-d") for name in DTYPES.split()]
FUNCTIONS = {
    "add": (operator.add, operator.add),
    "divide": (operator.truediv, operator.truediv),
    "result_type": (torch.result_type, np.result_type),
    "promote_types": (torch.promote_types, np.promote_types),
    "can_cast": (torch.can_cast, np.can_cast),
    "can_cast-same_kind": (torch.can_cast, lambda a, b: np.can_cast(a, b, casting="same_kind")),
}
pinned = pytest.mark.skipif(not versions.is_pinned(), reason="the committed table is of the pinned pair")


@cache
def committed() -> list[dict[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def found():
    return answers.every()


@cache
def entries():
    return [entry for each in found().values() for entry in each]


def run_of(**header) -> Run:
    return Run(header=header, units=(), proofs=tuple(answers.record(op, made) for op, made in found().items()))


def operand(text, library):
    """What the words of an entry stand for."""
    if text in NUMBERS:
        return NUMBERS[text]
    kind, name = text.split()
    dtype = getattr(library, f"{name}_" if (library, name) == (np, "bool") else name)
    if kind == "dtype":
        return dtype
    return library.zeros((3,) if kind == "array" else (), dtype=dtype)


def answer(function, library, x, y):
    """What a function gives for two operands: in the words of an entry."""
    try:
        got = function(operand(x, library), operand(y, library))
    except (RuntimeError, TypeError) as error:
        return f"raises {type(error).__name__}"
    if isinstance(got, bool):
        return str(got)
    return str(getattr(got, "dtype", got)).removeprefix("torch.")


def expected_pairs(name):
    if name.startswith(("promote", "can_cast")):
        return set(product([f"dtype {dtype}" for dtype in DTYPES.split()], repeat=2))
    pairs = set(product([*TENSORS, *NUMBERS], repeat=2))
    return pairs if name == "result_type" else pairs - set(product(NUMBERS, repeat=2))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_pair_is_missing_and_none_is_there_twice(name):
    pairs = Counter((line["x"], line["y"]) for line in committed() if line["operation"] == name)
    assert set(pairs) == expected_pairs(name)
    assert set(pairs.values()) == {1}


def test_its_size():
    assert set(FUNCTIONS) == {line["operation"] for line in committed()}
    assert len(committed()) == 2 * (34**2 - 4**2) + 34**2 + 3 * 15**2 == 4111
    assert sum(bool(line["numpy"]) for line in committed()) == 2 * (32**2 - 4**2) + 32**2 + 3 * 14**2 == 3628


def test_the_documents_give_its_numbers():
    readme = " ".join((REPORTS.parent / "README.md").read_text(encoding="utf-8").split())
    compared = [line for line in committed() if line["numpy"]]
    differ = sum(line["torch"] != line["numpy"] for line in compared)
    assert f"Of {len(compared):,} pairs that NumPy knows, {differ:,} differ" in readme


@pinned
@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.filterwarnings("ignore:divide by zero|invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_entry_is_what_the_installed_versions_give(name):
    theirs, ours = FUNCTIONS[name]
    wrong = []
    for line in committed():
        if line["operation"] == name:
            x, y = line["x"], line["y"]
            seen = answer(theirs, torch, x, y), "" if "bfloat16" in x + y else answer(ours, np, x, y)
            wrong += [f"{x}, {y}: {seen}"] * (seen != (line["torch"], line["numpy"]))
    assert not wrong, f"{len(wrong)} entries, such as {wrong[:5]}: `conformance promotion --report DIR` makes the table"


@pinned
def test_the_committed_files_are_what_the_command_writes():
    assert DATA.read_text(encoding="utf-8") == promotion.data(run_of())
    versions_line = PAGE.read_text(encoding="utf-8").splitlines()[2]
    theirs, ours = versions_line.removesuffix(", on the CPU.").removeprefix("PyTorch ").split(", NumPy ")
    assert PAGE.read_text(encoding="utf-8") == promotion.page(run_of(torch=theirs, numpy=ours))


@pinned
def test_the_rules_say_what_pytorch_gives_and_each_explains_something():
    assert list(rules.problems(entries())) == []


def test_every_disagreement_has_a_rule_and_nothing_else_has():
    for line in committed():
        assert bool(line["rule"]) == (line["torch"] != line["numpy"]), line
    assert {line["rule"] for line in committed()} == {"", *map(str, range(1, len(RULES) + 1))}


def problems(changed=(), of=RULES):
    """What is found wrong, by the first words, with some entries changed or with other rules."""
    held = {str(entry.question): entry for entry in entries()}
    for name, given in dict(changed).items():
        held[name] = replace(held[name], torch=given)
    return list(rules.problems(list(held.values()), of))


@pinned
@pytest.mark.parametrize(
    ("question", "given", "said"),
    [
        ("add of array int8 and array int16", "int32", "no rule holds, and NumPy gives int16"),
        ("add of array int64 and array float16", "float64", "rule 8 says float16"),
        ("can_cast of dtype bool and dtype int8", "False", "rule 9 says True"),
        ("promote_types of dtype bfloat16 and dtype float16", "bfloat16", "rule 10 says float32"),
    ],
)
def test_an_answer_that_no_rule_says_is_found(question, given, said):
    assert problems({question: given}) == [f"{question}: PyTorch gives {given}, {said}"]
    changed = next(replace(entry, torch=given) for entry in entries() if str(entry.question) == question)
    assert rules.explaining(changed) is None


@pinned
@pytest.mark.parametrize("number", range(1, len(RULES) + 1))
def test_no_rule_can_be_left_out(number):
    rest = RULES[: number - 1] + RULES[number:]
    assert problems(of=rest)


@pinned
def test_a_rule_that_claims_what_agrees_and_one_that_explains_nothing_are_found():
    wide = Rule(because="too wide", when=lambda q: {o.dtype for o in q.pair} == {"int8"}, torch=lambda _: "int16")
    assert any(
        line == "promote_types of dtype int8 and dtype int8: PyTorch gives int8, rule 1 says int16"
        for line in problems(of=(wide, *RULES))
    )
    idle = Rule(because="idle", when=lambda q: {o.dtype for o in q.pair} == {"int9"}, torch=lambda _: "int9")
    assert problems(of=(*RULES, idle)) == ["rule 11 explains no entry: idle"]


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [
        (("array", "int8"), ("0-d", "int64"), "int8"),
        (("0-d", "uint8"), ("array", "bool"), None),
        (("0-d", "float16"), ("Python", "float"), "float16"),
        (("array", "float16"), ("0-d", "complex64"), None),
        (("dtype", "uint16"), ("dtype", "uint16"), "uint16"),
        (("dtype", "uint16"), ("dtype", "uint32"), None),
    ],
)
def test_whose_dtype_decides(x, y, name):
    for pair in ((x, y), (y, x)):
        decided = rules.deciding(Question(operation="add", x=Operand(*pair[0]), y=Operand(*pair[1])))
        assert (decided.dtype if decided else None) == name


def test_the_answers_do_not_depend_on_what_was_set_before():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        again = answers.entries(OPERATIONS[1])
    finally:
        torch.set_default_dtype(before)
    assert again == found()[OPERATIONS[1]]
