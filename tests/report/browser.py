"""A real browser for the tests: headless Chromium, or a skip that says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: phone, tablet, desk; CSS pixels
WIDTHS = (360, 768, 1280)
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def page_in_browser(file: Path, width: int) -> Iterator[tuple[Any, list[str]]]:
    """Open a file; yield the page and the list of all addresses that were asked for."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(_PROGRAMS)} is installed; page not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            tab = browser.new_page(viewport={"width": width, "height": 900})
            requests: list[str] = []
            tab.on("request", lambda request: requests.append(request.url))
            tab.goto(file.as_uri())
            yield tab, requests
        finally:
            browser.close()


def problems(tab: Any) -> list[str]:
    """Return the names of the accessibility rules that a page breaks."""
    from axe_playwright_python.sync_playwright import Axe

    return [found["id"] for found in Axe().run(tab).response["violations"]]
