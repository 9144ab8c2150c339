"""The validation in Spanish: no sentence or heading of the English page is left."""

import re
from html.parser import HTMLParser

import pytest
from tests.web.test_languages import wrongly_marked

from mesospread.report.validation_words import validation_words

#: elements without an end
VOID = {"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "polygon",
        "polyline", "rect"}  # fmt: skip
PRIMARIES = ("pleural", "peritoneal", "testicular")
#: address, and whether figures on how long people live are asked for
PAGES = [("/validation", False), *((f"/validation/{p}", asked) for p in PRIMARIES
                                   for asked in (False, True))]  # fmt: skip


class Told(HTMLParser):
    """Collects what a page says, labels included, outside of what is marked as English."""

    def __init__(self, html):
        super().__init__()
        self.open = [("", "")]
        self.said = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        lang = dict(attrs).get("lang") or self.open[-1][1]
        if tag not in VOID:
            self.open.append((tag, lang))
        if lang != "en":
            self.said |= {v for k, v in attrs if k in ("aria-label", "title", "alt") and v}

    def handle_endtag(self, tag):
        while tag not in VOID and len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open[-1][1] != "en":
            self.said.add(" ".join(data.split()))


def english():
    """Return a pattern for each English sentence that is another in Spanish."""
    sentences = validation_words().sentences
    return {
        key: re.compile(r".+?".join(map(re.escape, re.split(r"\{\w+\}", said))))
        for key, said in sentences["en"].items()
        if sentences["es"][key] != said and len(re.sub(r"\{\w+\}|\W", "", said)) > 2
    }


def left_in_english(html):
    said = Told(html).said
    return {key for key, form in english().items() for one in said if form.fullmatch(one)}


@pytest.mark.parametrize(("path", "survival"), PAGES)
def test_nothing_of_ours_is_left_in_english(client, path, survival):
    sent = {"survival": "yes"}
    found, own = (
        client.post(f"{to}{path}", data=sent) if survival else client.get(f"{to}{path}")
        for to in ("/es", "")
    )
    assert found.status_code == own.status_code == 200
    assert left_in_english(found.text) == set()
    assert wrongly_marked(found.text) == []
    # the check sees English where there is some
    assert len(left_in_english(own.text.replace(' lang="en"', ""))) > 30


def test_headings_and_numbers_are_spanish(client):
    html = client.get("/es/validation").text
    assert '<html lang="es">' in html
    headings = re.findall(r"<h[23]>([^<]*)</h[23]>", html)
    theirs = re.findall(r"<h[23]>([^<]*)</h[23]>", client.get("/validation").text)
    assert len(headings) == len(theirs) > 8
    assert set(headings) & set(theirs) == set()
    assert "8\u00a0000 vidas" in html
    assert not re.search(r'<td class="ms-n">[^<]*\d\.\d', html)
