"""Where two expressions part that mean the same elsewhere: regions that hold all failing inputs, an example of each.

The smallest failing input is one of those: where it lies in none of the regions that hold the others, these do not tell
why the sides part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conformance.minimise import minimised
from conformance.translation import regions
from conformance.translation.regions import RegionTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.evaluate import Batch
    from conformance.judge import Judge
    from conformance.tally import Finding, Tally


class Failing(NamedTuple):
    """A failure, and the judge that found it."""

    judge: Judge
    finding: Finding


def exceptions(failing: Sequence[Failing], smallest: Failing, seed: int) -> dict[str, Failing]:
    """Return the regions that hold every failing input, each with a small one; none where there are no such regions.

    What one side alone refuses is one only where the sides mostly gave values, all of which agreed but for the other
    regions.
    """
    checks = {one.finding.signature.check for one in failing}
    tallies = {id(one.judge): one.judge.tally for one in failing}.values()
    if not any(tally.ran for tally in tallies):
        return {}
    where = [_where(smallest.judge, smallest.finding)]
    for tally in tallies:
        if isinstance(tally, RegionTally):
            where += [tally.valid(one) for check in checks for one in tally.regions.get(check, ())]
    named = regions.names(where)
    covering = regions.covering([named(one) for one in where]) or ()
    if set(covering) & set(regions.REFUSED_ALONE.values()) and not all(map(_mostly_ran, tallies)):
        return {}
    return {region: _example(region, covering, failing, smallest, seed) for region in covering}


def _mostly_ran(tally: Tally) -> bool:
    """Tell whether more inputs gave a value on both sides than one side alone refused: else that is the rule."""
    return tally.ran > sum(f.count for f in tally.findings.values() if f.signature.check == "error")


def _elements(batch: Batch) -> int:
    return sum(slot.size for slot in batch.structure.tensors())


def _where(judge: Judge, finding: Finding) -> regions.Where:
    where = regions.of(finding.batch, 0, finding.signature)
    return judge.tally.valid(where) if isinstance(judge.tally, RegionTally) else where


def _example(region: str, covering: Sequence[str], failing: Sequence[Failing], smallest: Failing, seed: int) -> Failing:
    """Return a small input of ``region`` that fails, of none of the other regions if there is one."""
    judges = {id(one.judge): one.judge for one in failing}.values()
    seen = [
        Failing(judge, finding)
        for judge in judges
        if isinstance(judge.tally, RegionTally)
        for finding in judge.tally.examples.values()
    ]
    named = regions.names(_where(*one) for one in (*seen, smallest))

    def of(judge: Judge, finding: Finding) -> frozenset[str]:
        return named(_where(judge, finding)) & frozenset(covering)

    if of(*smallest) == {region}:
        return smallest
    inside = [one for one in seen if region in of(*one)]
    judge, finding = min(inside, key=lambda one: (len(of(*one)), _elements(one.finding.batch)))
    wanted = of(judge, finding)

    def within(batch: Batch) -> bool:
        where = regions.of(batch, 0, finding.signature)
        return named(where) & frozenset(covering) == wanted

    return Failing(judge, minimised(judge, finding, seed, within))
