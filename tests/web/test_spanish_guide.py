"""The guide under ``/es``: Spanish where patients read, and English marked as English."""

import re

import pytest

from mesospread.app.guide import explain, list_topics

_ENGLISH_PARTS = re.compile(r'<(p|ul|tbody|details|div)\b[^>]*lang="en"[^>]*>.*?</\1>', re.S)


def _main(html):
    return html[html.index("<main") : html.index("</main>")]


@pytest.mark.parametrize("name", ["liver", "seizure", "immunotherapy", "stage-4", "crisis"])
def test_a_topic_is_spanish_where_patients_read(client, name):
    answer = client.get(f"/es/guide/{name}")
    assert answer.status_code == 200
    found, english = explain(name, lang="es"), explain(name)
    page = _main(answer.text)
    assert f"<h1>{found['title']}</h1>" in page
    assert found["plain"].split("\n\n")[0] in page
    assert english["plain"].split("\n\n")[0] not in page
    assert "están en inglés" in page
    assert "For clinicians" not in page
    # the text for clinicians is there, and marked as English
    assert english["clinician"][:40] in page
    assert english["clinician"][:40] not in _ENGLISH_PARTS.sub("", page)


def test_the_list_of_topics_is_spanish(client):
    page = _main(client.get("/es/guide").text)
    for kind in list_topics("es")["kinds"]:
        assert f">{kind['label']}</h2>" in page
    assert "Places it may reach" not in page
    assert 'lang="en"' not in page


def test_danger_in_spanish_comes_first_and_once(client):
    page = _main(client.post("/es/ask", data={"question": "No siento las piernas"}).text)
    assert page.count("Acuéstese boca arriba") == 1
    assert page.index("Acuéstese boca arriba") < page.index("Un foco del tumor en la columna")
    assert "112 (UE)" in page


def test_danger_in_spanish_is_seen_on_the_english_page(client):
    page = _main(client.post("/ask", data={"question": "mi padre tuvo una convulsión"}).text)
    assert '<section lang="es">' in page
    assert "Llame a una ambulancia" in page


def test_a_question_that_is_not_understood_says_so_in_spanish(client):
    page = _main(client.post("/es/ask", data={"question": "¿Qué es la angiogénesis?"}).text)
    assert "Por ahora solo se entienden bien las preguntas en inglés" in page
    assert 'href="/es/guide/angiogenesis"' in page
