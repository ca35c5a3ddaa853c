"""Reports made from the records of a run: a page, a cheat sheet, the findings, a summary for terminals.

Nothing here runs an operation or knows PyTorch: whoever has a run file can make its reports, on any machine. The pages
are imported by who makes them, since the template engine of one takes a tenth of a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.records import Run

__all__ = ["render"]


def render(run: Run, folder: str | Path) -> tuple[Path, ...]:
    """Write `index.html`, `cheatsheet.md` and `findings.md` into a folder, made if need be, and return their paths.

    `accuracy.md`, `consistency.md`, `promotion.md` and `promotion.csv` come with them where the run holds what they are
    made of.

    Raises OSError if they cannot be written.
    """
    from conformance.report import accuracy, cheatsheet, consistency, findings, html, promotion

    into = Path(folder)
    texts = {"index.html": html.page(run), "cheatsheet.md": cheatsheet.sheet(run), "findings.md": findings.page(run)}
    if any(proof["kind"] == "accuracy" for proof in run.proofs):
        texts["accuracy.md"] = accuracy.page(run)
    if any(proof["kind"] == "consistency" for proof in run.proofs):
        texts["consistency.md"] = consistency.page(run)
    if any(proof["kind"] == "promotion" for proof in run.proofs):
        texts |= {"promotion.md": promotion.page(run), "promotion.csv": promotion.data(run)}
    into.mkdir(parents=True, exist_ok=True)
    return tuple(_write(into / name, text) for name, text in texts.items())


def _write(path: Path, text: str) -> Path:
    # Texts of failures may hold lone surrogates, which cannot be UTF-8; a report must not die of them.
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    return path
