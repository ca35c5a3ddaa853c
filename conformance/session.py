"""A pytest session's side of a run: which units there are, running them, the run file, the explanation of crashes.

Apart from the plugin, so that a project without case modules imports none of it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance import asked, devices, environment, loading, records, watchdog
from conformance.case import BrokenCase, Case
from conformance.failed import failure_text
from conformance.history import baseline
from conformance.records import RUN_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.unit import Settings, Unit

_JOURNALS: Final = "CONFORMANCE_JOURNALS"
_LEAST_LIMIT: Final = 10
"""Seconds that one batch may take where it is run again alone, whatever the limit of a unit."""


class Session:
    """One process's part in a run; the one that is no worker of pytest-xdist also writes the run file."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the options. Raises UsageError for those that cannot be used."""
        asked.refuse_moved_root(config)
        _settle_seed(config)
        devices.inherit()
        self.expected = asked.prepared(
            config.getoption("--conformance-import"), config.getoption("--conformance-expected")
        )
        self.options = asked.options(config)
        self._baseline = asked.baseline(config.getoption("--conformance-baseline"), self.options.folder)
        self.is_worker = hasattr(config, "workerinput")
        self.present = devices.present(tuple(dict.fromkeys((*devices.DEFAULT, *self.options.devices))))
        self._config = config
        self._journal: Any = None
        self._writer: records.Writer | None = None
        self._started = time.monotonic()
        self._summary: list[str] = []

    @property
    def writes(self) -> bool:
        """Whether this process writes the run file."""
        return not self.is_worker and self.options.folder is not None

    @property
    def settings(self) -> Settings:
        """What every unit of the session shares."""
        from conformance.unit import Settings

        return Settings(seed=self.options.seed, budget=self.options.budget, present=self.present)

    def units(self, path: Path) -> Iterator[tuple[str, set[str], Unit | BrokenCase]]:
        """Yield (name, words for ``-k``, unit or broken row) for every unit of the case module at ``path``."""
        for row in loading.load(path):
            if loading.is_selected(row, self.options.ids):
                yield from self._units_of(loading.checked(row))

    def _units_of(self, case: Case | BrokenCase) -> Iterator[tuple[str, set[str], Unit | BrokenCase]]:
        from conformance.unit import Unit

        if isinstance(case, BrokenCase):
            yield case.id, {case.id}, case
            return

        words = {
            case.id,
            *case.formerly,
            *(rest for _, rest in case.numpy.dotted()),
            *(r for _, r in case.torch.dotted()),
        }
        for device in (name for name in self.options.devices if name in self.present):
            for dtype in case.unit_dtypes():
                if not self.options.dtypes or dtype in self.options.dtypes:
                    unit = Unit(case=case, dtype=dtype, device=device)
                    yield unit.name, words, unit

    def run(self, unit: Unit | BrokenCase, name: str) -> dict[str, Any]:
        """Run ``unit`` under the journal and the time limit, and return its record."""
        from conformance import unit as units

        if isinstance(unit, BrokenCase):
            return environment.broken_record(unit)
        journal = self._open_journal()
        if journal is None:
            return self._judged(units.run(unit, self.settings))
        journal.begin(name, {"file": unit.case.file, "id": unit.case.id, "dtype": unit.dtype, "device": unit.device})
        with watchdog.limited(self.options.timeout, journal.trace):
            record = units.run(unit, self.settings, journal.note)
        journal.end()
        return self._judged(record)

    def _judged(self, record: dict[str, Any]) -> dict[str, Any]:
        return record if self.expected is None else self.expected.judged(record)

    def fails(self, record: dict[str, Any]) -> bool:
        """Tell whether the unit of ``record`` fails this session, which may be held against a baseline."""
        if self._baseline is not None:
            return self._baseline.fails(record)
        return records.is_failure(str(record["verdict"]))

    def _open_journal(self) -> Any:
        from conformance.journal import Journal

        folder = os.environ.get(_JOURNALS)
        if self._journal is None and folder:
            self._journal = Journal(Path(folder))
        return self._journal

    def open(self) -> None:
        """See that the run file can be written, and make a folder for the journals of this process and its workers."""
        folder = self.options.folder
        if self.is_worker or folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            if (folder / RUN_FILE).exists():
                (folder / RUN_FILE).open("a").close()
        except OSError as error:
            message = f"the report cannot be written to {folder}: {error.strerror or error}"
            raise pytest.UsageError(message) from None
        os.environ[_JOURNALS] = tempfile.mkdtemp(prefix="conformance-")

    def begin(self) -> None:
        """Open the run file, now that there is something to run: an earlier one is not lost to a misspelt selection."""
        if self._writer is None and self.writes and self.options.folder is not None:
            header = environment.header(self.options, self.present)
            self._writer = records.Writer(self.options.folder / RUN_FILE, header)

    def keep(self, text: str) -> None:
        """Write the record that a unit's report brought, and count it for what is expected."""
        self.begin()
        record = json.loads(text)
        if self.expected is not None:
            self.expected.note(record)
        if self._baseline is not None:
            self._baseline.note(record)
        if self._writer is not None:
            self._writer.write(record)

    def stale(self) -> list[dict[str, Any]]:
        """Return a record for each expected failure that is none, as far as this session can tell."""
        if self.expected is None or self.is_worker or self.options.dtypes:
            return []
        part = bool(self.options.ids or self._config.option.keyword)
        return self.expected.stale(whole=not part)

    def explain_crash(self, name: str, report: pytest.TestReport) -> None:
        """Put on ``report``, of a unit whose process died, the record that names the input."""
        from conformance import crash, journal
        from conformance.child import Request

        words = journal.last_words(Path(os.environ[_JOURNALS]), name)
        if words is None:
            lost = {
                "kind": "unit",
                "id": name,
                "verdict": "crashed",
                "reason": "the process died before the unit began",
            }
            report.conformance = json.dumps(lost)  # type: ignore[attr-defined]  # how records travel, see the plugin
            return
        batch = words.pop("batch")
        request = Request(
            file=words["file"],
            case=words["id"],
            dtype=words["dtype"],
            device=words["device"],
            seed=self.options.seed,
            budget=self.options.budget,
            number=batch,
            present=self.present,
        )
        cause = f"ran past {self.options.timeout:g} s" if words["timed out"] else "the process died"
        record = self._judged(crash.traced(request, cause, max(self.options.timeout, _LEAST_LIMIT)))
        report.conformance = json.dumps(record)  # type: ignore[attr-defined]  # how records travel, see the plugin
        report.longrepr = failure_text(record)
        if not self.fails(record):
            report.outcome, report.wasxfail = "skipped", record["reason"] or baseline.KNOWN

    def close(self, *, complete: bool) -> None:
        """End the run: footer where it is complete, order of the records, report.

        Where nothing was selected, an earlier run in the folder stays as it was.
        """
        folder = self.options.folder
        if folder is None or not self.writes:
            return
        shutil.rmtree(os.environ.pop(_JOURNALS, ""), ignore_errors=True)
        if self._writer is None and (folder / RUN_FILE).exists():
            self._summary = [f"nothing was run: the report of an earlier run in {folder} stays as it was"]
            return
        self.begin()
        self._end(folder, complete=complete)

    def _end(self, folder: Path, *, complete: bool) -> None:
        from conformance import report
        from conformance.report import terminal

        if self._writer is None:
            return
        for record in self.stale() if complete else ():
            self._writer.write(record)
        seconds = round(time.monotonic() - self._started, 3)
        self._writer.finish(seconds=seconds) if complete else self._writer.abandon()
        self._writer = None
        run = environment.in_order(folder / RUN_FILE)
        report.render(run, folder)
        self._summary = [*terminal.summary(run).splitlines(), "", f"report: {(folder / 'index.html').resolve()}"]

    def summary(self) -> list[str]:
        """Return the lines that end the session: the run's, or at least the devices that are not there."""
        absent = [
            f"conformance: {d}: not run: {devices.absence(d)}" for d in self.options.devices if d not in self.present
        ]
        stale = [f"conformance: {failure_text(record)}" for record in self.stale()]
        against = baseline.summary(self._baseline, lambda: environment.header(self.options, self.present))
        return [*(self._summary or [*absent, *stale]), *(() if self.is_worker else against)]


def _settle_seed(config: pytest.Config) -> None:
    """Replace ``random`` by a number before workers are started, so that all use the same."""
    if config.getoption("--conformance-seed") == "random":
        config.option.conformance_seed = str(int.from_bytes(os.urandom(4), "big"))
