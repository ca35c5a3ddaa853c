"""Several runs beside one another: what each is called, and which of its units are to be compared with which.

A run is called by what tells it from the others and by no more: by `torch 2.15.0` if nothing else has changed, by its
seed if only that has. A run that is shown alone has no need of a name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conformance.records import Record, Run

STAMP: Final = ("torch", "numpy", "python", "hypothesis", "conformance", "platform", "cpu", "gpu", "blas", "threads")
SETTINGS: Final = ("seed", "budget", "devices", "selection")
_OF_UNITS: Final = ("seed", "budget")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A run and what it is called among others; ``label`` is empty for one that is alone."""

    label: str
    run: Run

    def fact(self, key: str) -> str:
        """Return what the header says of a key, as text; empty where it says nothing.

        What settles which inputs units are given says nothing of a run that has none.
        """
        return "" if key in _OF_UNITS and not self.run.units else plain(self.run.header.get(key))

    @property
    def seconds(self) -> str:
        """How long the units of the run took, where it came to its end and says so."""
        seconds = (self.run.footer or {}).get("seconds") if self.run.units else None
        return "" if seconds is None else f"{seconds} s"


def named(runs: Sequence[Run]) -> tuple[Environment, ...]:
    """Return the runs with their names, in the order given; names are unlike, whatever the headers hold."""
    if len(runs) < 2:  # noqa: PLR2004 - one run is alone
        return tuple(Environment(label="", run=run) for run in runs)
    labels = [""] * len(runs)
    for fact in _TELLING:
        facts = [fact(run.header) for run in runs]
        if len({*zip(labels, facts, strict=True)}) > len({*labels}):
            labels = [", ".join(filter(None, pair)) for pair in zip(labels, facts, strict=True)]
    counted = Counter(labels)
    numbered = [
        label if label and counted[label] == 1 else f"{label} run {place}".strip()
        for place, label in enumerate(labels, 1)
    ]
    # A header may hold the very words with which another is told apart.
    final = numbered if len({*numbered}) == len(runs) else [f"run {place}" for place in range(1, len(runs) + 1)]
    return tuple(Environment(label=label, run=run) for label, run in zip(final, runs, strict=True))


def plain(value: object) -> str:
    """Return a value of a header in words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return "" if value is None else str(value)


def marked(environment: Environment, records: Iterable[Record]) -> list[Record]:
    """Return benchmark or proof records that say which run they are of, as ``environment``."""
    return [{**record, "environment": environment.label} for record in records]


def facts(environments: Iterable[Environment]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what the headers say, key by key: one text where all say the same, else one for each run."""
    held = tuple(environments)
    keys = ("started", *STAMP, *SETTINGS)
    rows = [(key, tuple(each.fact(key) for each in held)) for key in keys]
    rows += [("took", tuple(each.seconds for each in held))]
    return [(key, texts[:1] if len({*texts}) == 1 else texts) for key, texts in rows if any(texts)]


def first_with(runs: Sequence[Run], kind: str) -> Run:
    """Return the first run that holds proofs of a kind; the first of all where none does."""
    return next((run for run in runs if any(proof["kind"] == kind for proof in run.proofs)), runs[0])


def _versioned(name: str) -> Callable[[Record], str]:
    return lambda header: f"{name} {plain(header.get(name)).partition('+')[0] or 'of unknown version'}"


def _held(key: str, words: str = "{}") -> Callable[[Record], str]:
    return lambda header: words.format(text) if (text := plain(header.get(key))) else ""


def _gpu(header: Record) -> str:
    gpu = header.get("gpu")
    return plain(gpu.get("name")) if isinstance(gpu, dict) else ""


def _cpu(key: str, words: str = "{}") -> Callable[[Record], str]:
    """Return what tells of a part of the CPU, in few words: a label is the head of a column."""

    def told(header: Record) -> str:
        cpu = header.get("cpu")
        text = plain(cpu.get(key)) if isinstance(cpu, dict) else ""
        return words.format(text) if text else ""

    return told


_TELLING: Final[Sequence[Callable[[Record], str]]] = (
    _versioned("torch"),
    _versioned("numpy"),
    _held("devices"),
    _gpu,
    _held("platform"),
    _held("torch", "torch {}"),
    *(_cpu("model"), _cpu("capability"), _cpu("cores", "{} cores"), _held("cpu")),
    *(_held(name, f"{name} {{}}") for name in ("python", "blas", "threads", "hypothesis", "conformance")),
    *(_held(name, f"{name} {{}}") for name in ("seed", "budget", "selection", "started")),
)
"""What tells runs apart, a reader's first question first; each is said only where it parts runs that were alike."""
