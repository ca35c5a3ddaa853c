"""A real browser for the tests of pages: they are skipped, and say why, where there is none."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from conformance.records import Run
from conformance.report import html

collect_ignore = ["project"]
"""A project of somebody else's, whose tests are run where it is installed: see `test_third_party.py`."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def lacking(what: str) -> NoReturn:
    """Skip, or fail where the tests must not be skipped: in `tox -e browser` and in CI."""
    message = f"the tests of pages in a browser need {what}"
    if os.environ.get("CONFORMANCE_BROWSER") == "required":
        pytest.fail(message)
    pytest.skip(message)


def module(name: str, package: str) -> Any:
    """A module of the extra `browser`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        lacking(f"{package}: pip install -e .[browser]")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium that is installed on this machine."""
    sync = module("playwright.sync_api", "playwright")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        lacking(f"a browser, and none of {', '.join(BROWSERS)} is installed")
    with sync.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found)
        yield started
        started.close()


@pytest.fixture(scope="module")
def axe() -> Any:
    """What judges whether everybody can use a page."""
    return module("axe_playwright_python.sync_playwright", "axe-playwright-python").Axe()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the page of a run, made ready; whatever it asks of a network or complains of fails the test."""
    contexts, complaints = [], []

    def visited(of: Run | str, place: str = "", *, ready: bool = True, **options: Any) -> Any:
        path = tmp_path / "index.html"
        text = of if isinstance(of, str) else html.page(of)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: complaints.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda shown: complaints.append(f"dialog: {shown.message}"))
        page.on(
            "request", lambda asked: asked.url.startswith(("file:", "data:", "blob:")) or complaints.append(asked.url)
        )
        page.goto(path.as_uri() + place)
        if ready:
            page.wait_for_selector("html.ready", state="attached")
        return page

    yield visited
    for context in contexts:
        context.close()
    assert complaints == []
