"""The difference of two runs as plain data, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.history.diff import sections

if TYPE_CHECKING:
    from conformance.history.diff import Diff, Entry, Side
    from conformance.history.speed import Timed


def data(diff: Diff) -> dict[str, Any]:
    """Return all of it: both sides, counts of units by kind, entries by case, declared differences, benchmarks."""
    return {
        "old": _side(diff.old),
        "new": _side(diff.new),
        "cautions": list(diff.cautions),
        "in both": diff.shared,
        "counts": {kind.value: count for kind, count in diff.counts.items()},
        "new failures": len(diff.failures),
        "changes": [_entry(one) for _, _, entries in sections(diff) for one in entries],
        "declared": [
            {"id": one.case, "because": one.because, "kind": one.kind, "state": one.state, "details": list(one.details)}
            for one in diff.declared
        ],
        "slower": [_timed(one) for one in diff.slower],
        "faster": [_timed(one) for one in diff.faster],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "path": side.name,
        "header": dict(side.run.header),
        "units": len(side.run.units),
        "complete": side.run.complete,
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "id": one.case,
        "file": one.record.get("file"),
        "line": one.record.get("line"),
        "torch": one.record.get("torch"),
        "numpy": one.record.get("numpy"),
        "units": [
            {"dtype": dtype, "device": device, "old": old or None, "new": new or None}
            for (_, dtype, device), (old, new) in ((change.key, change.verdicts) for change in one.changes)
        ],
        "shown": {"dtype": one.shown.key[1], "device": one.shown.key[2]},
        "lines": [{"word": line.word, "text": line.text} for line in one.lines],
        "edited": list(one.edited),
    }


def _timed(one: Timed) -> dict[str, Any]:
    names = {"id": one.case, "dtype": one.dtype, "device": one.device, "size": one.size}
    numbers = ("ratio", "ratio_low", "ratio_high", "torch_seconds", "numpy_seconds")
    sides = {name: {key: held[key] for key in numbers} for name, held in (("old", one.old), ("new", one.new))}
    return {**names, "factor": round(one.factor, 4), **sides}
