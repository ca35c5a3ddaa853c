"""The templates of pages, in which every text of a record is escaped: `page/*.j2`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.report.words import plural


@cache  # to compile them takes longer than to fill them
def environment(*folders: Path) -> Environment:
    """Return an environment in which the templates of ``folders`` and of `page/` are found, the first first."""
    loader = FileSystemLoader([*folders, Path(__file__).parent / "page"])
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=loader, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(prose=prose, weblink=weblink, key=id, plural=plural)
    return made


def prose(text: str) -> Markup:
    """Escape a text, with what stands between backticks as code."""
    return Markup(re.sub("`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def weblink(address: str) -> Markup:
    """Return a link if the text is a web address; anything else, such as `javascript:`, only as text."""
    if not re.match(r"https?://\S+$", address):
        return escape(address)
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)
