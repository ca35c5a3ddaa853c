"""What a pytest session was asked: its options, checked, each that cannot be used answered in one line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance import devices, expectations, records
from conformance import dtype as dt
from conformance.environment import Options
from conformance.history import baseline as baselines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.expectations import Expectations
    from conformance.history.baseline import Baseline


_WITH_PATHS: Final = ("--conformance-report", "--conformance-baseline", "--conformance-expected")


def options(config: pytest.Config) -> Options:
    """Return the session's options. Raises UsageError, one line, for a value that cannot be used."""

    def get(name: str) -> Any:
        return config.getoption(f"--conformance-{name}")

    return Options(
        devices=tuple(_known_device(name) for name in get("device") or ()) or devices.DEFAULT,
        dtypes=tuple(_known_dtype(name) for name in get("dtype") or ()),
        seed=_number("seed", get("seed"), 0),
        budget=_number("budget", get("budget"), 1),
        ids=tuple(get("select") or ()),
        folder=Path(get("report")) if get("report") else None,
        timeout=float(_number("timeout", get("timeout"), 0)),
    )


def refuse_moved_root(config: pytest.Config) -> None:
    """Raise UsageError, one line, where a folder of ours was given after a space and pytest took it for tests.

    pytest looks for its own configuration before it knows our options: a path that exists and follows one of them after
    a space is to it a place of tests, and the root, the settings and ``testpaths`` of the project that was meant are
    lost.
    """
    here = config.invocation_params.dir
    if config.inipath is not None and here.is_relative_to(config.inipath.parent):
        return
    given = [str(argument) for argument in config.invocation_params.args]
    for name, path in pairwise(given):
        if name in _WITH_PATHS and (here / path).exists():
            message = f"{name} {path}: write {name}={path}: after a space, pytest takes it for a place of tests"
            raise pytest.UsageError(message)


def _known_device(name: str) -> str:
    if told := devices.refusal(name):
        raise pytest.UsageError(told)
    return name


def _known_dtype(name: str) -> str:
    if name not in dt.ALL:
        message = f"dtype {name!r} is none of {', '.join(dt.ALL)}"
        raise pytest.UsageError(message)
    return name


def _number(name: str, text: str, least: int) -> int:
    if not str(text).isdecimal() or int(text) < least:
        message = f"{name} {text!r}: give a whole number of at least {least}"
        raise pytest.UsageError(message)
    return int(text)


def prepared(modules: Sequence[str] | None, path: str | None) -> Expectations | None:
    """Import ``modules`` and return what the file at ``path`` expects. Raises UsageError, one line."""
    try:
        for name in modules or ():
            devices.register(name)
        return expectations.read(Path(path)) if path else None
    except (devices.RegistrationError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None


def baseline(path: str | None, folder: Path | None) -> Baseline | None:
    """Return the run to be held against. Raises UsageError, one line, for one that cannot be read or kept.

    ``folder`` is where the report goes.
    """
    try:
        return baselines.read(path, folder) if path else None
    except records.RunFileError as error:
        message = f"baseline {error}"
        raise pytest.UsageError(message) from None
