"""Take README's picture of the report anew: `python docs/picture.py`, with Chromium and the extra `browser`.

It is the page of the published run of the pinned versions. The picture notes of how many units it is; a test tells when
that is no longer so.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import sync_playwright

from conformance import records
from conformance.report import html
from conformance.versions import PINNED

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "report.png"
SIZE = {"width": 1500, "height": 1250}
HEAD = 33
"""Bytes of a PNG before its second part: the signature, and the size of the picture."""


def main() -> None:
    """Write the picture."""
    runs = map(records.read, sorted((ROOT / "reports" / "runs").glob("*.jsonl.gz")))
    run = next(run for run in runs if all(run.header[name].startswith(f"{of}.") for name, of in PINNED.items()))
    browser = next(found for name in ("chromium", "google-chrome") if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "index.html"
        page.write_text(html.page(run), encoding="utf-8")
        shown = playwright.chromium.launch(executable_path=browser).new_page(viewport=SIZE)
        shown.goto(page.as_uri())
        shown.wait_for_selector("html.ready", state="attached")
        taken = shown.screenshot()
    PICTURE.write_bytes(taken[:HEAD] + part(b"tEXt", b"units\0%d" % len(run.units)) + taken[HEAD:])


def part(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
