"""Dtypes in the order in which reports show them, and lists of them in few words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DTYPES: Final = (
    *("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
)
NO_DTYPE: Final = "-"


def sort_dtypes(dtypes: Iterable[str]) -> tuple[str, ...]:
    """Sort dtypes from bool to complex128, then those without a place, then the sign for none."""
    given = tuple(dtypes)
    rank = {dtype: number for number, dtype in enumerate((*DTYPES, *sorted({*given} - {*DTYPES})))}
    return tuple(sorted(given, key=lambda dtype: (dtype == NO_DTYPE, rank[dtype])))


def summarise(dtypes: Iterable[str]) -> str:
    """Write a list of dtypes shortly: `bool, int8–64, float32/64`."""
    families: dict[str, list[str]] = {}
    for dtype in sort_dtypes(dict.fromkeys(dtypes)):
        families.setdefault(dtype.rstrip("0123456789"), []).append(dtype)
    return ", ".join(_family(name, members) for name, members in families.items())


def _family(name: str, members: Sequence[str]) -> str:
    widths = [member.removeprefix(name) for member in members]
    if len(members) == 1:
        return members[0]
    return f"{name}{widths[0]}–{widths[-1]}" if _unbroken(name, members) else f"{name}{'/'.join(widths)}"


def _unbroken(name: str, members: Sequence[str]) -> bool:
    doublings = [int(member.removeprefix(name) or 0) for member in members]
    return bool(members[2:]) and all(2 * one == two for one, two in pairwise(doublings))
