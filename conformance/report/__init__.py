"""Reports made from the records of a run: a page, a cheat sheet, the findings, a summary for terminals.

Nothing here runs an operation or knows PyTorch: whoever has a run file can make its reports, on any machine. The pages
are imported by who makes them, since the template engine of one takes a tenth of a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.records import Run

__all__ = ["render"]


def render(run: Run, folder: str | Path, *beside: Run) -> tuple[Path, ...]:
    """Write the pages of a run, and of others ``beside`` it, into a folder, made if need be; return their paths.

    Always `index.html`, `findings.md` and the cheat sheet: `cheatsheet.html`, its contents `cheatsheet.md` and a page
    for each section in `cheatsheet/`. `accuracy.md`, `consistency.md`, `promotion.md` and `promotion.csv` come with
    them where a run holds what they are made of: of several runs, the first that does.

    Raises OSError if they cannot be written.
    """
    from conformance.report import cheatsheet, cheatsheet_page, findings, html

    into = Path(folder)
    runs = (run, *beside)
    texts = {
        "index.html": html.page(*runs),
        "cheatsheet.html": cheatsheet_page.page(*runs),
        **cheatsheet.pages(*runs),
        "findings.md": findings.page(*runs),
        **_proven(runs),
    }
    (into / cheatsheet.FOLDER).mkdir(parents=True, exist_ok=True)
    for stale in (into / cheatsheet.FOLDER).glob("*.md"):
        if f"{cheatsheet.FOLDER}/{stale.name}" not in texts and _is_ours(stale, cheatsheet.TITLE):
            stale.unlink()
    return tuple(_write(into / name, text) for name, text in texts.items())


def _proven(runs: Sequence[Run]) -> dict[str, str]:
    from conformance.report import accuracy, consistency, promotion
    from conformance.report.environments import first_with

    makers = {
        ("accuracy", "accuracy.md"): accuracy.page,
        ("consistency", "consistency.md"): consistency.page,
        ("promotion", "promotion.md"): promotion.page,
        ("promotion", "promotion.csv"): promotion.data,
    }
    held = {proof["kind"] for run in runs for proof in run.proofs}
    return {name: make(first_with(runs, kind)) for (kind, name), make in makers.items() if kind in held}


def _is_ours(path: Path, beginning: str) -> bool:
    # A folder of the same name may hold pages of the reader's own.
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith(beginning)


def _write(path: Path, text: str) -> Path:
    # Texts of failures may hold lone surrogates, which cannot be UTF-8; a report must not die of them.
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    return path
