"""The numbers of the model on the pages of the guide, and through the API."""

import re

from tests.web.test_pages import _running_text

from mesospread.app.guide_numbers import guide_numbers


def test_a_topic_has_sentences_for_readers_and_folded_tables(client):
    html = client.get("/guide/liver").text
    assert "What the model says" in html
    assert "If it began in the lining of the lung, about" in html
    folded = re.findall(r'<details class="clinician".*?</details>', html, flags=re.S)
    assert any("Liver: people with tumour there" in part for part in folded)
    posterior = guide_numbers().primaries["pleural"].posterior
    assert any(posterior in part for part in folded)
    # what is not folded away holds no table of the model
    open_ = re.sub(r"<details.*?</details>", "", html, flags=re.S)
    assert "95 % interval" not in open_


def test_a_topic_without_counterpart_has_no_empty_heading(client):
    html = client.get("/guide/food").text
    assert "model says" not in html
    assert "Numbers of the model" not in html


def test_an_emergency_shows_what_to_do_and_no_odds(client):
    text = " ".join(_running_text(client.get("/guide/seizure").text).split())
    assert "model says" not in text
    assert "in 100" not in text


def test_spanish_readers_get_spanish_sentences(client):
    html = client.get("/es/guide/liver").text
    assert "Lo que dice el modelo" in html
    assert "de cada 100 personas" in html
    assert "What the model says" not in html


def test_the_api_gives_the_numbers(client):
    said = client.get("/api/v1/explain", params={"topic": "brain"}).json()["model"]
    assert said["parts"][0]["primary"] == "pleural"
    row = said["parts"][0]["tables"][0]["rows"][0]
    cell = guide_numbers().primaries["pleural"].numbers["site:brain"]["any"]["diagnosis"]
    assert [row["cells"][0][key] for key in ("value", "low", "high")] == list(cell)
    assert client.get("/api/v1/explain", params={"topic": "food"}).json()["model"] is None
