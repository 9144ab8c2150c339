"""What a reader gets on paper from the browser's own print, on A4 and on Letter."""

import io
import re

import pikepdf
import pytest

from mesospread.app.page_example import example
from mesospread.app.page_result import Wanted, quick_forecast
from mesospread.report.html import document

PLAIN, CLINICIAN = "/patient/pleural/example", "/clinician/pleural/example"
#: what is left of a page between the margins of the style, 96 dots an inch
A4_WIDTH, LETTER_WIDTH = 695, 717
#: one or two more than now, with the list of all works closed
MOST_PAGES = {PLAIN: 15, CLINICIAN: 17}

_NARROW = """
() => [...document.querySelectorAll('.result .ms-table')].filter(table => table.offsetWidth)
  .filter(table => !table.closest('.ms-group:has(> .ms-curve)'))
  .map(table => [table.caption.textContent, table.offsetWidth,
                 table.closest('.ms-section').clientWidth])
  .filter(([caption, width, whole]) => width < whole - 1)
"""
_CUT_AT_THE_MARGIN = """
() => [...document.querySelectorAll('main table, main p, main svg, main li, h1, h2, h3, .help *')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 80))
"""
_MAY_BE_SPLIT = """
() => [...document.querySelectorAll('tr, .ms-figure, .ms-callout, .ms-folded:has(.ms-curve), '
                                    + '.ms-scroll:has(tr):not(:has(tbody > tr:nth-child(9)))')]
  .filter(element => element.getClientRects().length)
  .filter(element => getComputedStyle(element).breakInside !== 'avoid')
  .map(element => element.outerHTML.slice(0, 80))
"""
_MAY_BE_LEFT_BEHIND = """
() => [...document.querySelectorAll('h1, h2, h3, caption, .ms-folded > summary')]
  .filter(element => element.getClientRects().length)
  .filter(element => getComputedStyle(element).breakAfter !== 'avoid'
                     || getComputedStyle(element).display.startsWith('inline'))
  .map(element => element.outerHTML.slice(0, 80))
"""


@pytest.fixture
def on_paper(open_page):
    """A function that opens a page as it is laid out on paper."""

    def _open(path, width=A4_WIDTH):
        page = open_page(width=width)
        page.goto(path)
        page.emulate_media(media="print")
        return page

    return _open


@pytest.mark.parametrize("width", [A4_WIDTH, LETTER_WIDTH])
@pytest.mark.parametrize("path", [PLAIN, CLINICIAN, f"/es{PLAIN}"])
def test_tables_take_the_whole_width_and_nothing_short_is_split(on_paper, path, width):
    page = on_paper(path, width)
    assert page.locator("#now table").first.is_visible()
    assert page.evaluate(_NARROW) == []
    assert page.evaluate(_CUT_AT_THE_MARGIN) == []
    assert page.evaluate(_MAY_BE_SPLIT) == []
    assert page.evaluate(_MAY_BE_LEFT_BEHIND) == []
    # on a wide screen the list stands beside the picture: the question can fail
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(_NARROW)
    assert page.evaluate(_MAY_BE_SPLIT)


@pytest.mark.parametrize("mode", ["plain", "clinician"])
def test_a_report_that_was_kept_prints_as_the_page_does(open_page, mode):
    view = quick_forecast(example("pleural"), Wanted(mode, "en", None), lambda share: None)
    page = open_page(width=A4_WIDTH)
    page.set_content(document(view))
    page.emulate_media(media="print")
    for question in (_NARROW, _CUT_AT_THE_MARGIN, _MAY_BE_SPLIT, _MAY_BE_LEFT_BEHIND):
        # here there is no page around the result
        assert page.evaluate(question.replace(".result ", "").replace("main", "body")) == []


@pytest.mark.parametrize("path", ["/guide/liver", "/spread/pleural", "/es/spread/pleural"])
def test_other_pages_are_not_cut_at_the_margin(on_paper, path):
    page = on_paper(path)
    assert page.evaluate(_CUT_AT_THE_MARGIN) == []
    for unwanted in (".top nav", ".crumb", ".buttons", "main >> [aria-labelledby=see-also]"):
        assert page.locator(f"{unwanted} >> visible=true").count() == 0, unwanted


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("path", [PLAIN, CLINICIAN])
def test_the_number_of_pages(on_paper, path, paper):
    page = on_paper(path)
    with pikepdf.open(io.BytesIO(page.pdf(format=paper))) as printed:
        assert 8 <= len(printed.pages) <= MOST_PAGES[path]


@pytest.mark.parametrize(
    ("path", "said"), [(PLAIN, "Open them first"), (CLINICIAN, "the PDF report always has it")]
)
def test_a_long_closed_list_is_named_and_an_open_one_is_printed(on_paper, path, said):
    page = on_paper(path)
    lists = page.locator("#about .ms-folded")
    sources, works = lists.nth(0).locator("table"), lists.nth(1).locator("table")
    assert sources.is_visible()
    assert not works.is_visible()
    assert page.locator(".only-print", has_text=said).is_visible()
    page.emulate_media(media="screen")
    assert not page.locator(".only-print", has_text=said).is_visible()
    lists.nth(1).locator("summary").click()
    page.emulate_media(media="print")
    assert works.is_visible()


def test_paper_names_the_version_the_facts_the_day_and_what_it_is_not(on_paper):
    page = on_paper(CLINICIAN)
    text = page.locator("main").inner_text()
    for said in (
        r"mesospread \d+\.\d+",
        r"facts [0-9a-f]{12}",
        r"seed \d+",
        r"As of\s+\d+ \w+ \d{4}",
    ):
        assert re.search(said, text), said
    assert "not a medical device" in text
    assert "does not replace" in page.locator("footer").inner_text()


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (PLAIN, "Where it is, and where it may go"),
        (CLINICIAN, "Forecast of metastatic spread"),
        (f"/es{CLINICIAN}", "Pronóstico de la extensión metastásica"),
    ],
)
def test_the_title_is_that_of_the_report(on_paper, path, title):
    page = on_paper(path)
    assert page.locator("h1").inner_text() == title
    assert page.title() == f"{title} · mesospread"
