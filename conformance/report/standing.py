"""What the cheat sheets say of a row, whatever they are written in: where it holds, where a run parts from the first.

A row that failed or was not run says so before anything else, so that nobody takes it for a verified one. Of several
runs, the first that has the row is the one that is told; every other is named where it came to something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.records import (
    AGREES,
    BOTH_REFUSE,
    DIFFERS_AS_DECLARED,
    NOT_RUN,
    NUMPY_ONLY,
    TORCH_ONLY,
    worst,
)
from conformance.report import environments
from conformance.report.dtypes import NO_DTYPE, summarise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.records import Run
    from conformance.report.view import Case, Section, Unit

_VERIFIED: Final = (AGREES, DIFFERS_AS_DECLARED)
_OUTSIDE_THE_CLAIM: Final = (TORCH_ONLY, NUMPY_ONLY, BOTH_REFUSE)
_REFUSED: Final = "refused, as the notes say"
"""What stands for a verdict where a row differs as declared and has no result to compare on any input."""

_GOOD: Final = frozenset({*_VERIFIED, *_OUTSIDE_THE_CLAIM, _REFUSED})
_OF_RESULTS: Final = frozenset({"value", "dtype", "shape"})
"""Checks that need a result of both sides."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of what is said of a row; ``against`` it if it failed or was not run, for ``reason``."""

    text: str
    against: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A run as a cheat sheet names it: its label among others, versions, and what is missing in it."""

    label: str
    torch: str
    numpy: str
    complete: bool
    absent: tuple[str, ...]


def verified(*runs: Run) -> tuple[Verified, ...]:
    """Return the runs as cheat sheets name them."""
    return tuple(
        Verified(
            label=each.label,
            torch=_version(each, "torch"),
            numpy=_version(each, "numpy"),
            complete=each.run.complete,
            absent=tuple(f"{device}: not run: {why}" for device, why in (each.run.header.get("absent") or {}).items()),
        )
        for each in environments.named(runs)
    )


def on_versions(runs: Sequence[Verified]) -> str:
    """Return all versions that runs were made with, without what says how they were built."""
    numpys = dict.fromkeys(run.numpy for run in runs)
    if len(numpys) == 1:
        return f"torch {', '.join(dict.fromkeys(run.torch for run in runs))} and numpy {', '.join(numpys)}"
    return "; ".join(dict.fromkeys(f"torch {run.torch} and numpy {run.numpy}" for run in runs))


def speaks_against(parts: Iterable[Section], runs: Sequence[Verified]) -> bool:
    """Whether any row failed or was not run in one of the runs that have it."""
    cases = [case for part in parts for case in part.cases]
    return any(part.against for case in cases for run in runs for part in of_run(case, run.label))


def first_run(case: Case) -> str:
    """Return the label of the run that is told of a row: the first that has it."""
    return case.units[0].environment if case.units else ""


def of_case(case: Case) -> list[Part]:
    """Say where a row holds, as the first run that has it shows; what speaks against it comes first."""
    return of_run(case, first_run(case))


def of_run(case: Case, label: str) -> list[Part]:
    """Say where a row holds in one run; nothing where that run does not have it."""
    return _standing([unit for unit in case.units if unit.environment == label])


def parting(case: Case, runs: Sequence[Verified]) -> Iterator[tuple[str, list[Part]]]:
    """Yield each run that came to something else than the first one that has the row, with what it came to."""
    first = first_run(case)
    told = of_run(case, first)
    for run in runs:
        if run.label != first and (other := of_run(case, run.label)) != told:
            yield run.label, other or [Part(text="not in this run", against=True)]


def _version(environment: environments.Environment, name: str) -> str:
    return (environment.fact(name) or "of unknown version").partition("+")[0]


def _by_dtype(units: Sequence[Unit]) -> dict[str, str]:
    """Return the worst verdict for each dtype; a device that is missing does not undo what another showed."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.dtype, []).append(unit)
    return {dtype: _of_dtype([one for one in held if one.verdict != NOT_RUN] or held) for dtype, held in found.items()}


def _of_dtype(units: Sequence[Unit]) -> str:
    verdict = worst([unit.verdict for unit in units])
    return _REFUSED if verdict == DIFFERS_AS_DECLARED and all(map(_is_refused, units)) else verdict


def _is_refused(unit: Unit) -> bool:
    """Tell whether a unit differs as declared and had no results to compare: a side refuses whatever it is given."""
    judged = [seen.inputs for seen in unit.checks if seen.name in _OF_RESULTS]
    return unit.verdict == DIFFERS_AS_DECLARED and bool(judged) and all(inputs == 0 for inputs in judged)


def _standing(units: Sequence[Unit]) -> list[Part]:
    groups: dict[str, list[str]] = {}
    for dtype, verdict in _by_dtype(units).items():
        groups.setdefault(verdict, []).append(dtype)
    against = [_against(units, name, groups[name]) for name in groups if name not in _GOOD]
    outside = [_outside(name, groups[name]) for name in (_REFUSED, *_OUTSIDE_THE_CLAIM) if name in groups]
    agreeing = "; ".join(_agreeing(groups))
    if against and agreeing:
        agreeing = f"agrees: {agreeing}"
    return [*against, *([Part(text=agreeing)] if agreeing else []), *outside]


def _outside(name: str, dtypes: Sequence[str]) -> Part:
    return Part(text=name if list(dtypes) == [NO_DTYPE] else f"{name}: {summarise(dtypes)}")


def _against(units: Sequence[Unit], verdict: str, dtypes: Sequence[str]) -> Part:
    reasons = dict.fromkeys(unit.reason for unit in units if unit.verdict == verdict and unit.reason)
    named = summarise(dtype for dtype in dtypes if dtype.strip(NO_DTYPE))
    return Part(text=f"{verdict}: {named}" if named else verdict, against=True, reason="; ".join(reasons))


def _agreeing(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    plain, noted = (groups.get(verdict, ()) for verdict in _VERIFIED)
    everything = sum(map(len, groups.values()))
    if plain or noted:
        yield _named([*plain, *noted], everything) + ("" if plain else ", apart from the notes")
    if plain and noted:
        yield f"apart from the notes for {summarise(noted)}"


def _named(dtypes: Sequence[str], everything: int) -> str:
    if list(dtypes) == [NO_DTYPE]:
        return "yes"
    whole = len(dtypes) == everything and everything > 1
    return f"all {everything} dtypes" if whole else summarise(dtypes)
