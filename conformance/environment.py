"""What a run was run with: the header of a run file, and the order of its records."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance import devices, records, render, versions
from conformance import dtype as dt

if TYPE_CHECKING:
    from conformance.case import BrokenCase

FIRST_SECTIONS: Final = (
    "creation",
    "attributes",
    "arithmetic",
    "elementwise",
    "comparison",
    "reductions",
    "shape",
    "joining",
    "stacking",
    "splitting",
    "repeating",
    "indexing",
    "searching",
    "sorting",
    "products",
    "dtype",
    "promotion",
    "device",
    "gradient",
)
"""The order of a reader's first questions; any other module follows in the order of names."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a session, checked."""

    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    seed: int
    budget: int
    ids: tuple[str, ...]
    folder: Path | None
    timeout: float


def header(options: Options, present: tuple[str, ...]) -> dict[str, Any]:
    """Return the header of a run (see docs/run-format.md)."""
    import numpy as np
    import torch

    wanted = options.devices
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "hypothesis": versions.installed("hypothesis"),
        "conformance": versions.installed("torch-numpy-conformance"),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": {"model": _cpu_model(), "capability": torch.backends.cpu.get_cpu_capability(), "cores": devices.cores()},
        "blas": _blas(),
        "threads": 1,
        "gpu": _gpu(present),
        "seed": options.seed,
        "budget": options.budget,
        "devices": [device for device in wanted if device in present],
        "absent": {device: str(devices.absence(device)) for device in wanted if device not in present},
        "selection": list(options.ids),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _blas() -> str:
    import numpy as np
    import torch

    built: Any = np.show_config(mode="dicts")
    ours = built.get("Build Dependencies", {}).get("blas", {})
    theirs = "MKL" if "mkl" in torch.__config__.show().lower() else "no MKL"
    return f"torch {theirs}; numpy {ours.get('name', 'unknown')} {ours.get('version', '')}".strip()


def _gpu(present: tuple[str, ...]) -> dict[str, str] | None:
    import torch

    if not any(device.startswith("cuda") for device in present):
        return None
    return {"name": torch.cuda.get_device_name(), "cuda": str(torch.version.cuda)}


def broken_record(row: BrokenCase) -> dict[str, Any]:
    """Return the record of a row that could not be read."""
    return {
        "kind": "unit",
        "id": row.id,
        "section": row.section,
        "file": render.shown_path(row.file),
        "line": row.line,
        "verdict": "broken",
        "reason": row.error,
    }


def in_order(path: Path) -> records.Run:
    """Put the records of the run at ``path`` into the order of sections, rows, dtypes and devices, and return it.

    They come in the order in which workers finish; a run that did not end is left as it is.
    """
    run = records.read(path)
    if run.footer is None:
        return run
    units = sorted(run.units, key=place)
    fresh = path.with_suffix(".part")
    with records.Writer(fresh, run.header) as writer:
        for record in (*units, *run.benches, *run.proofs):
            writer.write(record)
        writer.finish(run.footer["exit"], run.footer.get("seconds"))
    fresh.replace(path)
    return records.read(path)


def place(record: records.Record) -> tuple[object, ...]:
    """Return by what units are put in order: sections, rows, dtypes, devices."""
    file = str(record.get("file", ""))
    stem = Path(file).stem
    first = next((i for i, name in enumerate(FIRST_SECTIONS) if stem.startswith(name)), len(FIRST_SECTIONS))
    dtype = str(record.get("dtype", dt.NONE))
    order = dt.ALL.index(dtype) if dtype in dt.ALL else -1
    return first, file, int(record.get("line", 0)), str(record["id"]), order, str(record.get("device"))
