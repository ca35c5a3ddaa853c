"""Large data for a page, made small: equal texts and structures stand there once, deflated, in letters of base64."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable


class Table:
    """Gives each value a place in a list, equal values the same; a value is text, or tuples of texts and numbers."""

    def __init__(self) -> None:
        """Start with nothing in it."""
        self._places: dict[Hashable, int] = {}

    def place(self, value: Hashable) -> int:
        """Return the place of a value, a new one if it is not there yet."""
        return self._places.setdefault(value, len(self._places))

    @property
    def values(self) -> list[Hashable]:
        """All values by their place."""
        return list(self._places)


def packed(data: Any) -> str:
    """Return plain data as text that means nothing in HTML: JSON, deflated, in base64."""
    # ASCII, so that a lone surrogate in a text of a failure is an escape and not an error.
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def unpacked(text: str) -> Any:
    """Return the data that a text was made of."""
    return json.loads(zlib.decompress(base64.b64decode(text)))
