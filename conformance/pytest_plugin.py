"""The pytest plugin: one test per unit (a case, a dtype, a device), and the run file and report of a session.

It loads itself into everybody's pytest, so it claims only options that begin with ``--conformance-``, imports neither
torch nor NumPy before it meets a case module, and collects nothing else. Case modules are those of
``conformance.cases``, and any file named on the command line that makes a ``Section`` of ours.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from conformance.session import Session

_GROUP: Final = "conformance"
_PREFIX: Final = "--conformance-"
_NOTHING: Final = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options, all of which begin with ``--conformance-``."""
    group = parser.getgroup(
        _GROUP, "PyTorch-to-NumPy conformance (e.g. pytest cases -k squeeze --conformance-dtype float32)"
    )
    add = group.addoption
    add(
        f"{_PREFIX}device",
        action="append",
        metavar="DEVICE",
        help="run on this device (repeatable; default: all present)",
    )
    add(f"{_PREFIX}dtype", action="append", metavar="DTYPE", help="run units of this dtype only (repeatable)")
    add(
        f"{_PREFIX}seed",
        default="0",
        metavar="N",
        help="seed of the generated inputs, a number or 'random' (default 0)",
    )
    add(f"{_PREFIX}budget", default="25", metavar="N", help="random structures a unit (default 25)")
    add(f"{_PREFIX}select", action="append", metavar="ID", help="run this case or section only (repeatable)")
    add(f"{_PREFIX}report", metavar="DIR", help="write run.jsonl and the reports made of it into DIR")
    add(
        f"{_PREFIX}timeout",
        default="0",
        metavar="SECONDS",
        help="end a process whose unit runs longer (default: never)",
    )
    add(
        f"{_PREFIX}import",
        action="append",
        metavar="MODULE",
        help="import this first, such as a device that registers itself (repeatable)",
    )
    add(f"{_PREFIX}expected", metavar="FILE", help="failures that are expected: lines of 'case-or-pattern: reason'")
    add(
        f"{_PREFIX}baseline", metavar="RUN", help="fail only by what is new against this run, a file or a report folder"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make a session only when an option of ours asks for one; otherwise on the first case module."""
    config.addinivalue_line("markers", "conformance: a unit of the conformance suite (case, dtype, device)")
    if any(config.getoption(f"{_PREFIX}{name}") for name in ("report", "expected", "baseline")):
        session = _session(config)
        session.open()
        if not session.is_worker:
            _OPEN.append(session)


def _session(config: pytest.Config) -> Session:
    from conformance.session import Session

    session = config.stash.get(_KEY, None)
    if session is None:
        session = config.stash[_KEY] = Session(config)
    return session


_KEY: Final = pytest.StashKey["Session"]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a case module."""
    if file_path.suffix != ".py" or not _holds_cases(file_path, parent.config):
        return None
    return CaseFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Keep pytest from importing a case module that was named on the command line as if it held test functions."""
    return _Nothing.from_parent(parent, path=module_path) if _holds_cases(module_path, parent.config) else None


class _Nothing(pytest.File):
    def collect(self) -> list[pytest.Item]:
        return []


def _holds_cases(path: Path, config: pytest.Config) -> bool:
    if path.name == "__init__.py":
        return False
    if path.parent.name == "cases" and _is_ours(path.parent):
        return True
    named = any(Path(str(argument).partition("::")[0]).name == path.name for argument in config.args)
    return named and _makes_section(path)


@lru_cache(maxsize=16)
def _is_ours(folder: Path) -> bool:
    """Tell whether ``folder`` holds our own cases; asked without :mod:`conformance.loading`, which imports NumPy.

    It is asked of every file there, once for each that is named on the command line.
    """
    spec = find_spec("conformance.cases")
    homes = spec.submodule_search_locations if spec is not None else None
    return folder.resolve() in [Path(home).resolve() for home in homes or ()]


def _makes_section(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return "Section(" in text and "conformance" in text and not path.name.startswith(("test_", "conftest"))


class CaseFile(pytest.File):
    """A module of rows."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test per unit, and one per row that is broken."""
        for name, words, unit in _session(self.config).units(self.path):
            yield UnitItem.from_parent(self, name=name, unit=unit, words=words)


class UnitItem(pytest.Item):
    """One unit, or one broken row."""

    def __init__(self, *, unit: Any, words: set[str], **rest: Any) -> None:
        """Take the unit, and the words that ``-k`` finds it by."""
        super().__init__(**rest)
        self.unit = unit
        self.extra_keyword_matches.update(words)
        self.record: dict[str, Any] | None = None

    def runtest(self) -> None:
        """Run the unit; its record goes into the report, and from there into the run file."""
        self.record = _session(self.config).run(self.unit, self.name)
        if self.record["verdict"] == "not run":
            pytest.skip(str(self.record["reason"]))
        from conformance.history import baseline
        from conformance.records import AS_EXPECTED, is_failure

        if _session(self.config).fails(self.record):
            raise UnitFailedError(self.record)
        if self.record["verdict"] == AS_EXPECTED:
            pytest.xfail(str(self.record["reason"]))
        if is_failure(str(self.record["verdict"])):
            pytest.xfail(baseline.KNOWN)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what failed, in our words; a traceback for our own mistakes only."""
        if isinstance(excinfo.value, UnitFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the place of the row."""
        return self.path, max(self.unit.line - 1, 0), self.name


class UnitFailedError(Exception):
    """A unit failed; its record says how."""

    def __str__(self) -> str:
        """Return the failures as printed."""
        from conformance.failed import failure_text

        return failure_text(self.args[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Put the record of a unit on its report, as text, so that it travels from a worker to the session's process."""
    report = yield
    if isinstance(item, UnitItem) and report.when == "call" and item.record is not None:
        import json

        report.conformance = json.dumps(item.record)
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the record of every unit, wherever it ran."""
    text = getattr(report, "conformance", None)
    if text is not None and _OPEN:
        _OPEN[-1].keep(text)


_OPEN: Final[list[Session]] = []
"""The session that writes a run file in this process; hooks for reports are not handed the configuration."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the run file, if there is something to run; with workers, it is they who collect."""
    if session.items:
        _begin(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Open the run file, if a worker found something to run."""
    if ids:
        _begin(node.config)


def _begin(config: pytest.Config) -> None:
    ours = config.stash.get(_KEY, None)
    if ours is not None and not config.option.collectonly:
        ours.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:  # noqa: ARG001 - the signature is given
    """Name the input of which a worker died."""
    if _OPEN and _OPEN[-1].writes:
        _OPEN[-1].explain_crash(crashitem.rpartition("::")[2], report)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Close the run file, with its footer if the session came to its end, and write the report."""
    ours = session.config.stash.get(_KEY, None)
    if ours is not None:
        ours.close(
            complete=exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, _NOTHING)
            and not session.shouldfail
        )
        if exitstatus == pytest.ExitCode.OK and ours.stale():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if ours in _OPEN:
            _OPEN.remove(ours)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the summary of the session's units, if it wrote a report."""
    ours = config.stash.get(_KEY, None)
    if ours is not None:
        for line in ours.summary():
            terminalreporter.write_line(line)
