"""What failed in a unit, as printed where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.records import CHANGED, DIFFERENCE_GONE

if TYPE_CHECKING:
    from conformance.records import Record


def failure_text(record: Record) -> str:
    """Return what failed in the unit of ``record``, or what is news there where that fails a run."""
    if record["verdict"] == "broken":
        return f"{record.get('file')}:{record.get('line')}: {record['id']}: {record['reason']}"
    texts = [failure["text"] for failure in record.get("failures", ())]
    gone = [d for d in record.get("differences", ()) if d["verdict"] in {DIFFERENCE_GONE, CHANGED}]
    unit = f"{record['id']} {record['dtype']} {record['device']}"
    on_cpu = [f" ({d['cpu_torch']})" if d.get("cpu_torch") else "" for d in gone]
    texts += [f"{unit}: difference gone: {d['because']}{also}" for d, also in zip(gone, on_cpu, strict=True)]
    if record.get("reason") and not texts:
        texts.append(f"{unit}: {record['verdict']}: {record['reason']}")
    return "\n\n".join(texts)
