"""Every page in a real browser: fits the screen, is accessible, light, and prints."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.web.pages import ALL, PRIMARIES, SPANISH

WIDTHS = (360, 768, 1280)
#: of a page with all that comes with it, as sent, and unpacked
MOST_BYTES, MOST_UNPACKED = 300_000, 400_000
#: made from the same template as another page, with other words
SAME_AS_OTHERS = (
    "/clinician",
    *(f"/patient/{primary}" for primary in PRIMARIES[1:]),
    *(f"/spread/{primary}" for primary in PRIMARIES[1:]),
    "/clinician/peritoneal/example",
    # in Spanish one of each kind
    *(
        page
        for page in SPANISH
        if page.removeprefix("/es")
        not in (
            "",
            "/patient/pleural",
            "/patient/pleural/example",
            "/guide/liver",
            "/centres",
            "/claims",
        )
    ),
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_TOO_SMALL = """
() => [...document.querySelectorAll('button, select, summary, input, nav a, .button, .topics a')]
  .map(element => element.closest('.seg label, .checks label') || element)
  .filter(element => element.type !== 'hidden' && element.getClientRects().length
                     && !element.classList.contains('first-button'))
  .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([html, box]) => box.width < 24 || box.height < 24).map(([html, box]) => html)
"""
_TOO_WIDE = """
() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 80)).slice(0, 5).concat(['too wide'])
"""


def _violations(page):
    found = Axe().run(
        page, options={"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
    )
    return [
        f"{violation['id']}: {node['html'][:120]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


class _Weight:
    """What a tab has been sent, in bytes."""

    def __init__(self, page):
        self._requests = []
        page.on("requestfinished", lambda request: self._requests.append(request))

    def is_light(self):
        sent = sum(request.sizes()["responseBodySize"] for request in self._requests)
        unpacked = sum(len(request.response().body()) for request in self._requests)
        assert 0 < sent <= unpacked
        assert sent < MOST_BYTES
        assert unpacked < MOST_UNPACKED
        return True


@pytest.mark.parametrize("path", [*ALL, *SPANISH])
def test_every_page_fits_is_accessible_and_light(open_page, path):
    page = open_page()
    weight = _Weight(page)
    page.goto(path)
    assert weight.is_light()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_TOO_WIDE) == [], width
        assert page.evaluate(_TOO_SMALL) == [], width
    if path not in SAME_AS_OTHERS:
        assert _violations(page) == []


@pytest.mark.parametrize(("field", "value"), [("age", "x"), ("diagnosed", "2031-01-01")])
def test_a_form_with_errors_is_accessible(open_page, field, value):
    page = open_page(width=360)
    page.goto("/patient/pleural")
    page.fill(f"#{field}", value)
    page.click(".send button")
    page.wait_for_selector("#errors")
    assert page.evaluate("document.activeElement.id") == "errors"
    assert _violations(page) == []
    page.click("#errors a")
    assert page.evaluate("document.activeElement.id") == field


def test_what_comes_in_place_is_accessible_and_light(open_page):
    page = open_page(width=360)
    weight = _Weight(page)
    page.goto("/patient/pleural/example")
    page.click("#reasons button")
    page.wait_for_selector("#why table", timeout=120_000)
    # the grade stands in the row; studies and people open below it
    page.locator("#now details:has(a[href='#behind-liver']) > summary").click()
    page.locator("#now a[href='#behind-liver']").click()
    assert weight.is_light()
    assert page.evaluate(_TOO_WIDE) == []
    assert _violations(page) == []


def test_a_form_with_less_well_tested_facts_is_accessible(open_page):
    page = open_page(width=360)
    page.goto("/patient/pleural")
    page.fill("#age", "97")
    page.check("input[name=histology][value=sarcomatoid]", force=True)
    page.check("input[name='symptom-fever'][value=yes]", force=True)
    page.wait_for_selector("#tested-symptom-fever:has-text('judgement')")
    assert page.evaluate(_TOO_WIDE) == []
    assert _violations(page) == []


def test_the_gates_can_fail(open_page):
    page = open_page(width=360)
    page.goto("/about")
    page.evaluate(
        """() => document.querySelector('main').innerHTML +=
        '<img src="/static/icon.svg"><div class="wide">' + 'x'.repeat(900).replace(/x/g, '<i></i>')
        + '</div><button>x</button><table><tr><td>' + '&nbsp;'.repeat(300) + '</td></tr></table>'"""
    )
    page.add_style_tag(path=None, url="/static/page.css")
    page.evaluate("() => { document.querySelector('main button').style.height = '9px' }")
    page.evaluate("() => { document.querySelector('main button').style.minHeight = '0' }")
    page.evaluate("() => { document.querySelector('main button').style.padding = '0' }")
    assert page.evaluate(_TOO_WIDE)
    assert page.evaluate(_TOO_SMALL)
    assert any("image-alt" in violation for violation in _violations(page))


def test_printed_pages_hold_the_result_and_no_buttons(open_page):
    page = open_page(width=1280)
    page.goto("/patient/pleural/example")
    page.emulate_media(media="print")
    assert page.locator("#now").is_visible()
    assert page.locator(".help").is_visible()
    for unwanted in (".top nav", ".toolbar", "#compare", "#outlook"):
        assert not page.locator(unwanted).is_visible(), unwanted
    assert page.pdf().startswith(b"%PDF-")
