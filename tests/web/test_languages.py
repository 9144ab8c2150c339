"""Each part of a page is marked with the language that it is in (WCAG 3.1.2)."""

import re
from html.parser import HTMLParser

import pytest

from mesospread.web.render import words

ENGLISH = re.compile(r"\b(the|is|are|was|were|with|from|and|which|this|that|for|who|been)\b", re.I)
SPANISH = re.compile(r"\b(el|los|las|del|una|que|con|para|por|está|son|fue|más)\b", re.I)
#: elements without an end
VOID = {"br", "circle", "hr", "img", "input", "link", "meta", "path", "rect"}
#: shorter pieces are names, or say too little to tell
LEAST = 40


class Spoken(HTMLParser):
    """Collects the pieces of text of a page, each with the language it is marked with."""

    def __init__(self, html):
        super().__init__()
        self.open = [("", "")]
        self.pieces = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("lang") or self.open[-1][1]))

    def handle_endtag(self, tag):
        while tag not in VOID and len(self.open) > 1 and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        text = " ".join(data.split())
        # h3: names of centres; an address in the net is in no language either
        # and so is the name of a work, as it is cited
        told = self.open[-1][0] not in ("script", "style", "h3") and "et al" not in text
        if told and " " in text and len(text) >= LEAST:
            self.pieces.append((self.open[-1][1], text))


def wrongly_marked(html):
    wrong = []
    for lang, text in Spoken(html).pieces:
        english, spanish = len(ENGLISH.findall(text)), len(SPANISH.findall(text))
        looks = "en" if english > spanish + 1 else "es" if spanish > english + 1 else lang
        if looks != lang:
            wrong.append((lang, text))
    return wrong


@pytest.mark.parametrize(
    ("path", "sent", "says_so"),
    [
        ("/claims", None, False),
        ("/claims", {"words": "brain"}, False),
        ("/model-card", None, True),
        ("/evidence", {"words": "Finn", "primary": "pleural"}, True),
        ("/centres", {"near": "Boston, MA"}, False),
        ("/support", {"country": "US"}, False),
        ("/guide/liver", None, True),
        ("/ask", {"question": "liver"}, True),
        ("/patient/pleural", None, False),
        ("/patient/pleural/example", None, False),
        ("/clinician/pleural/example", None, False),
        ("/clinician/peritoneal", None, True),
        ("/about", None, False),
    ],
)
def test_what_is_in_english_only_is_marked_as_english(client, path, sent, says_so):
    answer = client.post(f"/es{path}", data=sent) if sent else client.get(f"/es{path}")
    assert answer.status_code == 200
    assert wrongly_marked(answer.text) == []
    assert (words().text("base.english_part", "es") in answer.text) == says_so


def test_english_pages_need_no_marks_and_no_sentence(client):
    html = client.get("/model-card").text
    assert html.count("lang=") - html.count("hreflang=") == 2  # the page, and the way to Spanish
    assert wrongly_marked(html) == []


def test_the_check_sees_what_is_not_marked():
    text = "This is the text that nobody who was here has marked."
    assert wrongly_marked(f'<html lang="es"><p>{text}</p></html>') == [("es", text)]
    assert wrongly_marked(f'<html lang="es"><p lang="en">{text}</p></html>') == []
