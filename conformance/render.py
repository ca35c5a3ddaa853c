"""Records and failures in words: what a unit is, what failed, the script that shows it, the command to repeat it."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import devices, literals, loading, versions
from conformance.arbiter import ruling
from conformance.batches import DEFAULT_BUDGET
from conformance.expression import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.case import Case, Difference
    from conformance.evaluate import Batch
    from conformance.judge import Judge
    from conformance.reference import Reference
    from conformance.tally import Finding

    Record = dict[str, Any]


_LONGEST_LITERAL: Final = 240


def described(case: Case, dtype: str, device: str) -> Record:
    """Return the part of a record that is known before the unit runs."""
    return {
        "kind": "unit",
        "id": case.id,
        **row(case),
        "dtype": dtype,
        "device": device,
        "note": case.note,
        "given": {name: str(given) for name, given in case.inputs.items()},
        "tolerance": str(case.tolerance),
        "claimed": list(case.dtypes),
        "verdict": "not run",
        "reason": None,
        "checks": {},
        "counts": {},
        "differences": [],
        "failures": [],
        "warnings": [],
    }


def row(case: Case) -> Record:
    """Return what tells of a case in any record of it; one whose other keys are figures has it apart."""
    place = {"section": case.section, "file": shown_path(case.file), "line": case.line}
    return {**place, "torch": case.torch.text, "numpy": case.numpy.text}


def shown_path(file: str) -> str:
    """Return the path of a case file as a reader knows it: its folder and its name."""
    path = Path(file)
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def difference(declared: Difference, case: Case) -> Record:
    """Return what a record says of a declared difference."""
    return {
        "because": declared.because,
        "kind": declared.kind,
        "when": declared.when,
        "dtypes": list(declared.dtypes) if declared.dtypes else None,
        "aspect": declared.aspect,
        "torch": str(declared.torch),
        "numpy": str(declared.numpy) if declared.numpy is not None else case.numpy.text,
        "instead": declared.instead,
        "upstream": declared.upstream,
    }


def failure(case: Case, judge: Judge, finding: Finding, settings: Any, cpu: Reference | None) -> Record:
    """Return a failure as a record has it: the text as printed, both sides, a script, the command to repeat it.

    ``cpu`` is what CPU torch says of it, where the unit is one of another device.
    """
    given = literals.inputs(finding.batch)
    again = again_command(case, judge.dtype, judge.device, settings.seed, settings.budget)
    headline = finding.headline + _truth_words(judge, finding)
    said = {finding.signature.check: headline, **({"cpu": cpu.words()} if cpu else {})}
    return {
        "check": finding.signature.check,
        "headline": headline,
        "text": failure_text(case, judge.dtype, judge.device, said, given, again),
        "inputs": given,
        "torch": finding.torch,
        "numpy": finding.numpy,
        "script": finding.script or script(case, finding.batch, judge.device, finding.headline),
        "again": again,
        "count": finding.count,
        **({"cpu_torch": cpu.record()} if cpu else {}),
    }


def again_command(case: Case, dtype: str, device: str, seed: int, budget: int) -> str:
    """Return the command that runs the unit again as it was run."""
    parts = [
        f"conformance run {_file_of_ones_own(case)}{shlex.quote(case.id)}",
        f"--dtype {dtype}" if dtype != "-" else "",
        *(f"--import {shlex.quote(module)}" for module in _registering(device)),
        f"--device {device}",
        f"--seed {seed}",
    ]
    if budget != DEFAULT_BUDGET:
        parts.append(f"--budget {budget}")
    return " ".join(part for part in parts if part)


def _registering(device: str) -> tuple[str, ...]:
    """Return the modules without which there is no ``device``."""
    return () if device in devices.DEFAULT else devices.registering()


def _file_of_ones_own(case: Case) -> str:
    """Return the path of the file of a row, and a space, where no id leads to it; empty where one does."""
    path = Path(case.file).resolve()
    if path in loading.reachable():
        return ""
    here = Path.cwd()
    return f"{shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))} "


def failure_text(case: Case, dtype: str, device: str, said: dict[str, str], given: dict[str, str], again: str) -> str:  # noqa: PLR0913, PLR0917 - one parameter each, all needed
    """Return a failure as printed: both expressions, what each check said, the inputs, the command to repeat it."""
    names = "; ".join(f"{name} = {_shortened(text)}" for name, text in given.items()) or "no inputs"
    rows = {
        "torch": one_line(case.torch.text),
        "numpy": one_line(case.numpy.text),
        **said,
        "with": names,
        "again": again,
    }
    width = max(len(word) for word in rows)
    head = f"{case.id} ({shown_path(case.file)}:{case.line}) {dtype} {device}"
    return "\n".join([head, *(f"  {word:<{width}}  {text}" for word, text in rows.items())])


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LITERAL else f"{text[:_LONGEST_LITERAL]} … (whole in the script)"


def _truth_words(judge: Judge, finding: Finding) -> str:
    """Say which side is right, where both gave numbers and the truth is known."""
    if finding.signature.check != "value" or not finding.torch:
        return ""
    found = ruling(judge, finding.batch, finding.place)
    return f"; {found.words()}" if found is not None else ""


_SHOWN: Final = """
def shown(value):
    return f"{value.dtype} {tuple(value.shape)} {value.tolist()}" if hasattr(value, "tolist") else repr(value)


for side in (%s):
    try:
        print(side.__name__, shown(side()), flush=True)
    except Exception as error:
        print(side.__name__, type(error).__name__, error, flush=True)
"""
"""The end of a script: whole numbers of both sides, since PyTorch prints four digits, which may be all the same."""


def script(case: Case, batch: Batch, device: str, headline: str, *, deadly: bool = False) -> str:
    """Return a script that shows both sides on the one fill of ``batch``: plain torch and NumPy, nothing of ours.

    ``deadly`` says that torch's side kills the process, so that NumPy's has to speak first.
    """
    pairs = literals.both(batch)
    named = {*case.torch.names, *case.numpy.names}
    sides = [
        _function("torch_side", {name: on_device(text, device) for name, (_, text) in pairs.items()}, case.torch.text),
        _function("numpy_side", {name: text for name, (text, _) in pairs.items()}, case.numpy.text),
    ]
    return "\n".join(
        [
            *stamp(case, batch, device, headline),
            *([f"\ndevice = {device!r}"] if "device" in named else []),
            *sides,
            _SHOWN % ("numpy_side, torch_side" if deadly else "torch_side, numpy_side"),
        ]
    )


def stamp(case: Case, batch: Batch, device: str, headline: str) -> list[str]:
    """Return the first lines of a script: what it shows, on which versions, and what it needs."""
    where = ", ".join(part for part in (case.id, batch.dtype.strip("-"), device) if part)
    seen = f"# seen with torch {versions.installed('torch')}, numpy {versions.installed('numpy')}"
    needed = ["import math"] if "math" in {*case.torch.names, *case.numpy.names} else []
    registering = [f"import {module}" for module in _registering(device)]
    return [f"# {where}: {one_line(headline)}", seen, *needed, "import numpy as np", "import torch", *registering]


def _function(name: str, given: dict[str, str], text: str) -> str:
    lines = [f"    {argument} = {value}" for argument, value in given.items()]
    return "\n".join(["", "", f"def {name}():", *lines, as_body(text)]) + ("\n" if name == "numpy_side" else "")


def on_device(text: str, device: str) -> str:
    """Put tensors on the device; the CPU is where they are made."""
    return f"{text}.to({device!r})" if device != "cpu" and "torch.from_numpy(" in text else text


def as_body(text: str) -> str:
    """Return an expression, or a program, as the body of a function."""
    lines = text.splitlines()
    return textwrap.indent("\n".join([*lines[:-1], f"return {lines[-1]}"]), "    ")


def deduplicated(failures: Sequence[Record]) -> list[Record]:
    """Return the failures whose minimal input and check are not those of an earlier one; counts are added up."""
    kept: dict[tuple[str, str], Record] = {}
    for one in failures:
        key = (one["check"], repr(one["inputs"]))
        if key in kept:
            kept[key] = {**kept[key], "count": kept[key]["count"] + one["count"]}
        else:
            kept[key] = one
    return list(kept.values())
