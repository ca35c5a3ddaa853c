"""What the values of a run's records must be, as far as a reader relies on it; docs/run-format.md tells all of them.

A run may come from anybody. A key may be absent, or null, and readers cope; but a text where a list should be, or a
number that is not finite, is damage, and is told with its place when the run is read, not by a traceback later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Test = Callable[[Any], bool]

_LARGEST: Final = 1e300
"""Numbers are below it: times, ratios and counts."""

_LONGEST: Final = 60
"""Characters of a value in a message."""


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and -_LARGEST < value < _LARGEST  # which NaN is not


def _is_whole(value: Any) -> bool:
    return type(value) is int and -_LARGEST < value < _LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _all(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _each(test: Test) -> Test:
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def _with(keys: Mapping[str, tuple[str, Test]]) -> Test:
    return lambda value: isinstance(value, dict) and _wrong(value, keys) is None


_NUMBER: Final = ("a finite number", _is_number)
_WHOLE: Final = ("a whole number", _is_whole)
_TEXT: Final = ("a text", _is_text)
_OBJECT: Final = ("an object", _is_object)
_TEXTS: Final = ("a list of texts", _all(_is_text))
_LITERALS: Final = ("an object of texts", _each(_is_text))
_FOUND: Final = ("an object of texts", _each(lambda value: value is None or _is_text(value)))

_SEEN: Final = {"verdict": _TEXT, "inputs": _WHOLE}
_DIFFERENCE: Final = {
    **dict.fromkeys(("because", "kind", "when", "aspect", "torch", "numpy", "instead", "upstream", "verdict"), _TEXT),
    "dtypes": _TEXTS,
    "example": _LITERALS,
    "finding": _FOUND,
    "inputs": _WHOLE,
}
_FAILURE: Final = {
    **dict.fromkeys(("check", "headline", "text", "torch", "numpy", "script", "again"), _TEXT),
    "inputs": _LITERALS,
    "count": _WHOLE,
    "cpu_torch": _OBJECT,
}
_OF_A_ROW: Final = {
    **dict.fromkeys(("section", "dtype", "device", "file", "torch", "numpy", "note", "tolerance", "reason"), _TEXT),
    "line": _WHOLE,
}
_KEYS: Final[Mapping[str, Mapping[str, tuple[str, Test]]]] = {
    "header": {
        **dict.fromkeys(("started", "torch", "numpy", "python", "platform", "blas"), _TEXT),
        "devices": _TEXTS,
        "selection": _TEXTS,
        "absent": _LITERALS,
        "cpu": _OBJECT,
        "gpu": _OBJECT,
        "seed": _WHOLE,
        "budget": _WHOLE,
        "threads": _WHOLE,
    },
    "unit": {
        **_OF_A_ROW,
        "given": _LITERALS,
        "claimed": _TEXTS,
        "warnings": _TEXTS,
        "seconds": _NUMBER,
        "checks": ("an object of checks", _each(_with(_SEEN))),
        "counts": ("an object of whole numbers", _each(_is_whole)),
        "differences": ("a list of differences", _all(_with(_DIFFERENCE))),
        "failures": ("a list of failures", _all(_with(_FAILURE))),
        "gradient": ("an object of numbers", _each(_is_number)),
        "trajectory": ("an object of lists of numbers", _each(_all(_is_number))),
    },
    "bench": {
        **{key: told for key, told in _OF_A_ROW.items() if key not in {"note", "tolerance", "reason"}},
        "size": _TEXT,
        "layout": _TEXT,
        "threads": _WHOLE,
        "elements": _WHOLE,
        "blocks": _WHOLE,
        "bytes": _WHOLE,
        **dict.fromkeys(("torch_seconds", "numpy_seconds", "ratio", "ratio_low", "ratio_high"), _NUMBER),
        **dict.fromkeys(("torch_copy", "numpy_copy"), _NUMBER),
    },
    "footer": {"units": _WHOLE, "exit": _WHOLE, "seconds": _NUMBER, "verdicts": _OBJECT},
}


def problem(record: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a value of ``record``, in one line, or None."""
    return _wrong(record, _KEYS.get(str(record.get("kind")), {}))


def _wrong(record: Mapping[str, Any], keys: Mapping[str, tuple[str, Test]]) -> str | None:
    for key, (wanted, test) in keys.items():
        if (value := record.get(key)) is not None and not test(value):
            return f"{key} is {_shown(value)}, where {wanted} is wanted"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, int) and not _is_whole(value):
        return "a number too large"
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
