"""Versions: the pair that everything is strict on, and what a difference says of versions."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

PINNED: Final = {"torch": "2.13", "numpy": "2.4"}
"""The pair on which a missing name is an error and a difference gone is a failure; elsewhere both are news."""


@cache  # a look into the file system, and every unit asks
def installed(package: str) -> str:
    """Return the installed version of ``package``, or ``none``. Does not import it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def short(package: str) -> str:
    """Return the first two numbers of the installed version: ``2.13``."""
    return ".".join(installed(package).split(".")[:2])


def is_pinned() -> bool:
    """Tell whether the pinned pair is installed."""
    return all(short(package) == pinned for package, pinned in PINNED.items())


def is_older(package: str) -> bool:
    """Tell whether the installed ``package`` is older than the pinned one."""
    return _numbers(short(package)) < _numbers(PINNED[package])


def holds(specifier: str | None) -> bool:
    """Tell whether a specifier such as ``torch<2.15`` holds for what is installed; None always does."""
    from packaging.requirements import Requirement

    if specifier is None:
        return True
    requirement = Requirement(specifier)
    return requirement.specifier.contains(installed(requirement.name).partition("+")[0], prereleases=True)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
