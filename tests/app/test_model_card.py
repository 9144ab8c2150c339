"""The model card says what the package is, and does not say more than is known."""

from pathlib import Path

from mesospread._version import __version__
from mesospread.app.forecast import model_facts
from mesospread.app.model_card import evidence_digest, model_card
from mesospread.evidence import published
from mesospread.evidence.published import load_published
from mesospread.model.load import shipped_primaries


def test_the_card_is_about_this_version_and_these_numbers():
    card = model_card()
    assert card.version == __version__
    assert [model.primary for model in card.models] == list(shipped_primaries())
    for model in card.models:
        facts = model_facts(model.primary, 1, 1, "uk")
        assert model.definition == facts["definition"]
        assert model.state == facts["evidence"]
        assert model.parameters > 50
    assert card.data.published_values == len(load_published())
    assert 0 < card.data.sources < card.data.published_values


def test_the_card_says_what_it_is_not():
    card = model_card()
    assert "not a medical device" in card.what_it_is
    assert any("decision about a person's care" in line for line in card.not_for_use)
    assert any("asked for" in line for line in card.not_for_use)
    assert card.limits
    assert "nothing" in card.privacy.lower()


def test_every_page_that_the_card_names_is_there():
    root = Path(__file__).parents[2]
    assert all((root / one.see).exists() for one in model_card().performance)
    assert (root / "CONTRIBUTING.md").exists()


def test_the_digest_follows_the_evidence(monkeypatch):
    before = evidence_digest()
    assert before == evidence_digest() == model_card().evidence_digest
    fewer = dict(list(load_published().items())[:-1])
    monkeypatch.setattr("mesospread.app.model_card.load_published", lambda: fewer)
    assert evidence_digest() != before
    assert published.load_published() != fewer
