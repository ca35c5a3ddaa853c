"""Texts that may hold anything, as Markdown that shows them as they are, in tables too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
_CODE: Final = re.compile(r"`([^`\n]+)`")


def code(text: str) -> str:
    """Return a text as code for running text; several lines become one."""
    flat = " ".join(text.split("\n"))
    longest = max((len(ticks) for ticks in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{flat}{space}{fence}"


def code_cell(text: str) -> str:
    """Return code for the cell of a table, which no pipe or line break may end early."""
    return code_lines(text).replace("|", r"\|")


def code_lines(text: str) -> str:
    """Return code for running text; several lines stay lines."""
    text = text.strip("\n")
    return _lines(text) if "\n" in text else code(text)


def block(text: str, language: str = "") -> str:
    """Return lines as a block of code, which nothing in them ends early."""
    longest = max((len(ticks) for ticks in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def prose(text: str) -> str:
    """Return a text for running text: what stands between backticks is code, all else is taken literally."""
    pieces = _CODE.split(" ".join(text.split()))
    escaped = (code(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))
    return re.sub(r"^(\d*)([-+.)])", r"\1\\\2", "".join(escaped))


def escape(text: str) -> str:
    """Return a text in which no character means anything to Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def cell(text: str) -> str:
    """Return Markdown made for running text so that it does not end the cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\|", " ".join(text.split()))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already, without the spaces that would double a large page."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headers, ["---"] * len(headers), *rows))


# Lines stay lines: a comment would swallow what is joined to it by a semicolon, and an indent would be lost in a code
# span. Within the tag Markdown still applies, except to entities.
def _lines(text: str) -> str:
    literal = _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", text)
    return f"<pre>{literal.replace(chr(10), '<br>')}</pre>"
