"""The rules: where PyTorch's answer is not NumPy's, and what it is, in words and as something that can be checked.

They are gone through in their order, and the first whose condition holds says what PyTorch gives; where none does, it
gives what NumPy gives. So a rule speaks of all pairs under its condition, those on which both agree included, and
*explains* the disagreements among them. PyTorch knows four kinds of dtype, in this order: bool, integer, float,
complex.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.dtype import WIDE_UNSIGNED
from conformance.promotion.operands import ADD, ARRAY, CASTS, DIVIDE, PYTHON, ZERO_D

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.promotion.operands import Entry, Operand, Question

_INTEGER, _FLOAT, _COMPLEX = 1, 2, 3
_OF_PARTS: Final = {"float16": "complex32", "bfloat16": "complex64", "float32": "complex64", "float64": "complex128"}
_REFUSES: Final = "raises RuntimeError"
_NOT_THERE: Final = "raises NotImplementedError"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Where it holds, and what PyTorch gives there; ``because`` says both, and what NumPy does, in words."""

    because: str
    when: Callable[[Question], bool]
    torch: Callable[[Question], str]


def deciding(question: Question) -> Operand | None:
    """Return the operand whose dtype the result has in PyTorch, whatever that of the other is, if there is one.

    That of an array beside what is 0-d, and of either beside a Python number, unless the other is of a higher kind; or
    of both, if they have the same.
    """
    low, high = _by_rank(question)
    if low.rank < high.rank and low.category <= high.category:
        return high
    return low if low.dtype == high.dtype else None


def _by_rank(question: Question) -> tuple[Operand, Operand]:
    return question.pair if question.x.rank <= question.y.rank else (question.y, question.x)


def _is_promoted_wide(question: Question) -> bool:
    wide = any(operand.dtype in WIDE_UNSIGNED for operand in question.pair)
    low, high = _by_rank(question)
    taken = any(operand.category == _FLOAT for operand in question.pair) or (
        low.category == _COMPLEX and low.rank < high.rank
    )
    return question.operation not in CASTS and wide and not taken and deciding(question) is None


def _is_sum_of_wide(question: Question) -> bool:
    decided = deciding(question)
    return question.operation == ADD and decided is not None and decided.dtype in WIDE_UNSIGNED


def _is_quotient_of_integers(question: Question) -> bool:
    return question.operation == DIVIDE and all(operand.category <= _INTEGER for operand in question.pair)


def _inexact(question: Question) -> list[Operand]:
    return [operand for operand in question.pair if operand.category >= _FLOAT]


def _is_of_python_floats(question: Question) -> bool:
    return {operand.kind for operand in _inexact(question)} == {PYTHON}


def _default(question: Question) -> str:
    return "complex64" if any(operand.category == _COMPLEX for operand in question.pair) else "float32"


def _has_no_say(question: Question) -> bool:
    return {operand.kind for operand in question.pair} == {ARRAY, ZERO_D} and deciding(question) is not None


def _decided(question: Question) -> str:
    decided = deciding(question)
    assert decided is not None  # noqa: S101 - a rule is asked for its answer only where it holds
    return decided.dtype


def _is_complex_beside_float(question: Question) -> bool:
    low, high = _by_rank(question)
    return low.rank < high.rank and (low.category, high.category) == (_COMPLEX, _FLOAT)


def _of_parts(question: Question) -> str:
    return next(_OF_PARTS[operand.dtype] for operand in question.pair if operand.category == _FLOAT)


def _is_half_quotient(question: Question) -> bool:
    half = _is_complex_beside_float(question) and _of_parts(question) == "complex32"
    return question.operation == DIVIDE and half and question.x.kind != PYTHON


def _is_integer_beside_float(question: Question) -> bool:
    return question.operation not in CASTS and len(_inexact(question)) == 1


def _of_bfloat16(question: Question) -> str:
    decided = deciding(question)
    if decided is not None:
        return decided.dtype
    other = next(operand.dtype for operand in question.pair if operand.dtype != "bfloat16")
    return "float32" if other == "float16" else other


RULES: Final = (
    Rule(
        because="PyTorch promotes uint16, uint32 and uint64 with floats, and with complex numbers that are 0-d or "
        "Python's beside more axes; with bool, other integers and complex numbers it refuses; NumPy widens",
        when=_is_promoted_wide,
        torch=lambda _: _REFUSES,
    ),
    Rule(
        because="PyTorch has no addition of uint16, uint32 and uint64, although its result_type names them",
        when=_is_sum_of_wide,
        torch=lambda _: _NOT_THERE,
    ),
    Rule(
        because="a quotient of integers or bools is float32 in PyTorch (its default dtype), float64 in NumPy",
        when=_is_quotient_of_integers,
        torch=lambda _: "float32",
    ),
    Rule(
        because="a Python float or complex number beside integers or bools makes float32 or complex64 in PyTorch (its "
        "default dtypes), float64 or complex128 in NumPy",
        when=_is_of_python_floats,
        torch=_default,
    ),
    Rule(
        because="a 0-d tensor has no say beside one with axes, unless it is of a higher kind (bool, integer, float, "
        "complex); in NumPy a 0-d array counts like any other",
        when=_has_no_say,
        torch=_decided,
    ),
    Rule(
        because="PyTorch has no division of complex32, which float16 becomes beside a complex number that is 0-d or "
        "Python's (a Python number divided by a tensor is a product); NumPy gives complex64 or complex128",
        when=_is_half_quotient,
        torch=lambda _: _NOT_THERE,
    ),
    Rule(
        because="a complex number that is 0-d or Python's beside floats with more axes makes complex numbers with "
        "parts of the floats' dtype in PyTorch, complex32 of float16; NumPy widens until both fit",
        when=_is_complex_beside_float,
        torch=_of_parts,
    ),
    Rule(
        because="an integer or bool beside a float or complex number takes its dtype in PyTorch, however few digits "
        "that has; NumPy widens until the integer's range fits",
        when=_is_integer_beside_float,
        torch=lambda question: _inexact(question)[0].dtype,
    ),
    Rule(
        because="PyTorch's can_cast looks at the kind alone (bool, integer, float, complex), at neither width nor "
        "sign: int64 may become int8; NumPy's asks that no value is lost, or of 'same_kind' that no sign is",
        when=lambda question: question.operation in CASTS,
        torch=lambda question: str(question.x.category <= question.y.category),
    ),
    Rule(
        because="NumPy has no bfloat16; in PyTorch it makes float32 with float16, and the wider of both with any other",
        when=lambda question: "bfloat16" in {operand.dtype for operand in question.pair},
        torch=_of_bfloat16,
    ),
)


def first(question: Question, rules: Sequence[Rule] = RULES) -> int | None:
    """Return the number, from 1, of the first rule that holds for ``question``; None where none does."""
    return next((number for number, rule in enumerate(rules, 1) if rule.when(question)), None)


def explaining(entry: Entry, rules: Sequence[Rule] = RULES) -> int | None:
    """Return the number of the rule that explains why the answers differ, or what PyTorch gives if NumPy has none.

    None where both agree, and where the first rule that holds says something else than PyTorch gives.
    """
    number = first(entry.question, rules)
    if number is None or (entry.compared and not entry.differs):
        return None
    return number if rules[number - 1].torch(entry.question) == entry.torch else None


def problems(entries: Sequence[Entry], rules: Sequence[Rule] = RULES) -> Iterator[str]:
    """Yield a line for each entry that is not as the rules say, and for each rule that explains none."""
    for entry in entries:
        number = first(entry.question, rules)
        said = entry.numpy if number is None else rules[number - 1].torch(entry.question)
        if entry.torch != said:
            source = "no rule holds, and NumPy gives" if number is None else f"rule {number} says"
            yield f"{entry.question}: PyTorch gives {entry.torch}, {source} {said or 'nothing'}"
    used = {explaining(entry, rules) for entry in entries}
    for number, rule in enumerate(rules, 1):
        if number not in used:
            yield f"rule {number} explains no entry: {rule.because}"
