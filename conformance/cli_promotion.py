"""The command ``conformance promotion``: the dtype that two operands make on both sides, for every pair of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAILED: Final = 1


@click.command(epilog="Example: conformance promotion --report ./conformance-report")
@click.option("--report", "folder", metavar="DIR", help="Add the tables to the report in DIR, or make one there.")
def promotion(folder: str | None) -> int:
    """Ask both libraries what every pair of dtypes makes, and whether the rules explain where they differ.

    Asked are x + y, x / y, result_type, promote_types and can_cast, of tensors with axes, 0-d ones and Python's
    numbers. An answer of PyTorch that is neither NumPy's nor what a rule says makes the exit code 1, and so does a rule
    that explains nothing; on versions other than the pinned pair that is news, not a failure.
    """
    from conformance import cli_proof, versions
    from conformance.promotion import answers, rules

    report = cli_proof.Report(folder, "cpu", ())
    found = answers.every()
    made = [answers.record(operation, entries) for operation, entries in found.items()]
    wrong = list(rules.problems([entry for entries in found.values() for entry in entries]))
    word = "differs" if versions.is_pinned() else "changed"
    click.echo("\n".join([_told(made), *(f"{word}: {line}" for line in wrong)]))
    report.add(made)
    return _FAILED if wrong and versions.is_pinned() else 0


def _told(made: Sequence[dict[str, object]]) -> str:
    from conformance.report import pairs
    from conformance.report import promotion as told

    tables = pairs.tables(made)
    listed = [f"rule {rule.number}: {rule.because} ({rule.told})" for rule in pairs.rules(tables)]
    return "\n".join([told.summary(tables, "simple"), "", *listed])
