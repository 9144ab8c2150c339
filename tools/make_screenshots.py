"""Take the pictures of the pages that the guide shows, in a real browser.

Run it after a change of the pages: ``python tools/make_screenshots.py``. It needs Debian's
chromium, or another one named in MESOSPREAD_CHROMIUM, and the packages of the extra ``dev``.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright

from mesospread.web.server import create_app
from mesospread.web.settings import Settings

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
#: the day on which the pictures are taken, so that they stay the same
DAY = dt.date(2026, 11, 22)
WIDE, NARROW = (1280, 900), (360, 780)


def _nothing(page: Page) -> None:
    """Leave the page as it opens."""


def _to(place: str) -> Callable[[Page], None]:
    """Scroll to a part of the page."""
    return lambda page: page.locator(place).evaluate("element => element.scrollIntoView()")


def _answered(page: Page) -> None:
    """Answer a question about the stage, and show which stages are left."""
    page.check("input[name='stage-q-far'][value=no]", force=True)
    page.wait_for_selector("#stages-left li.out")
    page.locator("#stages-left").evaluate("element => element.scrollIntoView({block: 'end'})")


SHOTS = (
    ("page-start", "/", WIDE, _nothing),
    ("page-start-narrow", "/", NARROW, _nothing),
    ("page-form", "/patient/pleural", WIDE, _answered),
    ("page-result", "/patient/pleural/example", WIDE, _to("#short")),
    ("page-result-map", "/patient/pleural/example", WIDE, _to("#now")),
    ("page-result-narrow", "/patient/pleural/example", NARROW, _to("#short")),
    ("page-spread", "/spread/pleural", WIDE, _nothing),
    ("page-guide", "/guide/seizure", WIDE, _nothing),
)


def main() -> int:
    chromium = os.environ.get("MESOSPREAD_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("no browser: install Debian's chromium", file=sys.stderr)
        return 2
    settings = Settings(today=DAY, warm_up=False, time_limit_s=600.0)
    config = uvicorn.Config(create_app(settings), port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    address = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, path, (width, height), prepare in SHOTS:
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, reduced_motion="reduce")
            page.set_default_timeout(600_000)
            page.goto(address + path)
            prepare(page)
            page.screenshot(path=PICTURES / f"{name}.png")
            print(PICTURES / f"{name}.png")
            page.close()
        browser.close()
    server.should_exit = True
    return 0


if __name__ == "__main__":
    sys.exit(main())
