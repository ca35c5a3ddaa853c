"""What the tests need beyond the plugin, which pytest loads itself by its entry point.

One thing can go wrong in a checkout: the installed `conformance` carries its own copy of `cases/`, or (run as
`python -m pytest`, which puts this folder first) none at all. An edited case would then be silently ignored, or not
found. So this checkout's cases come first, whichever engine is installed, editable or not; the header says which.
"""

from pathlib import Path

import conformance

ROOT = Path(__file__).parent

pytest_plugins = ["pytester"]

conformance.__path__ = [str(ROOT), *conformance.__path__]  # where `conformance.cases` is looked for: ROOT/cases first


def pytest_report_header() -> str:
    """Which engine judges the cases of this checkout."""
    return f"conformance: {Path(conformance.__file__).parent}, cases: {ROOT / 'cases'}"
