"""A real browser, shared by the tests of this folder.

It is Debian's Chromium, headless. Where it is missing these tests are skipped, and say so.
"""

import os
import shutil
import warnings

import pytest

CHROMIUM = os.environ.get("MESOSPREAD_CHROMIUM") or shutil.which("chromium")
MISSING = (
    "NO BROWSER: none of the pages was looked at in a browser. Install Debian's chromium, or name "
    "one in MESOSPREAD_CHROMIUM."
)


@pytest.fixture(scope="package")
def browser():
    if CHROMIUM is None:
        warnings.warn(MISSING, pytest.PytestWarning, stacklevel=1)
        pytest.skip(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, address):
    """A function that opens a tab; at the end nothing may have been asked of other servers."""
    contexts, foreign, messages = [], [], []

    def _open(*, scripts=True, width=768, fails=False):
        context = browser.new_context(
            base_url=address,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 800},
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: _note(foreign, request.url, address))
        if not fails:
            page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        return page

    yield _open
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert foreign == []
    assert cookies == []
    # a form that is sent back with errors shows up here as a failed load, which it is not
    assert [m for m in messages if "status of 422" not in m and "status of 404" not in m] == []


def _note(foreign, url, address):
    if not url.startswith((f"{address}/", "data:", "blob:")):
        foreign.append(url)
