"""The report as one HTML file: sound, self-contained, safe, and usable by everybody."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.report.browser import WIDTHS, page_in_browser, problems

from mesospread.app.report import MODES, compare_report, forecast_page, forecast_report
from mesospread.report.html import document, fragment, section_fragment, stylesheet
from mesospread.report.view import forecast_view

VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}
#: what a user may have typed
HOSTILE = '"><script>alert(1)</script>#import "x" & \'y\' {{ 7*7 }} $x$ *b* \\u{1F600} 🙂 漢字'


class Checker(HTMLParser):
    """Collects what is wrong with the nesting, all identifiers and all that would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()
        self.headings: list[int] = []
        self.loaded: list[str] = []
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids.update([found["id"]] if found.get("id") else [])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.loaded += [v for k, v in attrs if k in ("src", "srcset", "action", "data") and v]
        if tag not in ("a", "use"):
            self.loaded += [v for k, v in attrs if k in ("href", "xlink:href") and v]
        if any(k.startswith("on") or k == "style" for k, _ in attrs):
            self.wrong.append(f"attribute of {tag}: {attrs}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    return checker


def reports() -> dict[str, str]:
    made = {
        f"{name}-{mode}": forecast_report(forecast_of(name, prognosis=True), mode=mode)
        for name in PATIENTS
        for mode in MODES
    }
    return made | reports_of_one()


def test_it_is_well_formed_and_loads_nothing() -> None:
    for name, page in reports().items():
        found = checked(page)
        assert (found.open, found.wrong) == ([], []), name
        assert [i for i, n in found.ids.items() if n > 1] == [], name
        assert found.loaded == [], name
        assert not {"script", "link", "img", "iframe", "object"} & set(found.tags), name
        assert "@import" not in page
        assert "url(http" not in page
        assert page.startswith('<!doctype html>\n<html lang="en">')
        assert found.headings[0] == 1
        steps = zip(found.headings, found.headings[1:], strict=False)
        assert all(b <= a + 1 for a, b in steps), name
        for anchor in re.findall(r'href="#([\w-]+)"', page):
            assert anchor in found.ids, anchor


def test_a_broken_page_is_noticed() -> None:
    assert checked("<p><b></p>").wrong
    assert checked('<img src="http://x/y.png">').loaded
    assert checked('<p onclick="x()"></p>').wrong


def test_a_page_is_small() -> None:
    # each of its places has three times 100 people, a curve and a table
    assert len(forecast_report(forecast_of("pleural", why=True)).encode()) < 290_000
    assert len(stylesheet()) < 12_000


def test_text_that_was_typed_stays_text() -> None:
    answer = forecast_of("pleural")
    treatments = [{"name": HOSTILE, "start": "2026-01-01"}]
    symptoms = [{"name": HOSTILE, "present": True}]
    typed = answer.patient | {"treatments": treatments, "symptoms": symptoms}
    hostile = answer.model_copy(
        update={"patient": typed, "assumptions": [HOSTILE], "sources": [hostile_source()]}
    )
    page = document(forecast_view(hostile))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert checked(page).wrong == []


def hostile_source() -> dict[str, str]:
    return {
        "id": "x", "citation": HOSTILE, "doi": "", "read_in": "abstract",
        "confidence": "low", "says": HOSTILE,
    }  # fmt: skip


def test_parts_are_parts_of_the_whole() -> None:
    page = forecast_page(forecast_of("testicular"))
    whole = str(fragment(page))
    assert "<html" not in whole
    for section in page.sections:
        assert str(section_fragment(page, section)).strip() in whole


@pytest.mark.parametrize(("name", "width"), [("plain", 360), ("clinician", 768), ("compare", 1280)])
def test_nobody_is_shut_out(name: str, width: int, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(reports_of_one()[name], "utf-8")
    with page_in_browser(file, width) as (tab, requests):
        assert problems(tab) == []
        for other in WIDTHS:
            tab.set_viewport_size({"width": other, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") <= other
            assert tab.evaluate(SMALL_TARGETS) == 0
        assert requests == [file.as_uri()]


def reports_of_one() -> dict[str, str]:
    answer = forecast_of("pleural", prognosis=True, why=True)
    return {
        "plain": forecast_report(answer, country="GB"),
        "clinician": forecast_report(answer, mode="clinician"),
        "compare": compare_report(comparison(prognosis=True)),
    }


#: links and buttons smaller than 24 x 24 CSS pixels
SMALL_TARGETS = """[...document.querySelectorAll("nav a, summary")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.width < 24 || box.height < 24);
}).length"""


def test_the_checks_of_the_browser_can_fail(tmp_path: Path) -> None:
    file = tmp_path / "bad.html"
    file.write_text(
        "<!doctype html><html><body><main><img src='x.png'>"
        "<p style='color:#ccc;background:#fff'>pale words</p></main></body></html>"
    )
    with page_in_browser(file, 360) as (tab, requests):
        assert {"html-has-lang", "image-alt", "color-contrast"} <= set(problems(tab))
        assert len(requests) > 1


def test_print_has_no_navigation_and_fits_on_the_paper(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(forecast_report(forecast_of("pleural"), mode="clinician"), "utf-8")
    with page_in_browser(file, 1280) as (tab, _):
        tab.emulate_media(media="print")
        # A4 with margins of 12 mm
        tab.set_viewport_size({"width": 703, "height": 1000})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 703
        assert not tab.locator("nav").is_visible()
        assert tab.locator("h1").is_visible()
        assert tab.locator("#now svg").is_visible()
