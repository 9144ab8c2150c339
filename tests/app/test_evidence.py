"""From a word to the numbers of the model and the published values behind them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from mesospread.app.evidence import evidence_for
from mesospread.cli.main import app
from mesospread.errors import InputError
from mesospread.evidence.published import load_published
from mesospread.model.load import disease, observation, treatments


def test_without_words_all_numbers_and_their_sources_are_listed():
    found = evidence_for()
    parts = (disease("pleural"), treatments("pleural"), observation("pleural"))
    assert len(found["parameters"]) == sum(len(part.parameters) for part in parts)
    used = {source for row in found["parameters"] for source in row["sources"]}
    assert {row["id"] for row in found["values"]} == used


def test_every_word_must_occur():
    one, both = evidence_for("liver"), evidence_for("liver autopsy")
    names = {row["name"] for row in one["parameters"]}
    assert {row["name"] for row in both["parameters"]} < names
    assert "blood_liver" in names
    assert "finn-2012-liver" in {row["id"] for row in one["values"]}


def test_a_number_is_shown_as_it_stands_in_the_model():
    (row,) = evidence_for("blood_thyroid")["parameters"]
    parameter = disease("pleural").parameters["blood_thyroid"]
    assert (row["value"], row["low"], row["high"]) == (
        parameter.value,
        parameter.low,
        parameter.high,
    )
    assert row["sources"] == list(parameter.sources)
    assert all(source in load_published() for source in row["sources"])


def test_an_author_finds_published_values():
    values = evidence_for("Elliott")["values"]
    assert values
    assert any("Elliott" in row["citation"] for row in values)


def test_nothing_found_says_what_to_try():
    with pytest.raises(InputError, match="nothing is known under these words") as caught:
        evidence_for("xyzzy")
    assert "liver" in caught.value.remedy


def test_an_unknown_primary_is_named():
    with pytest.raises(InputError, match="Did you mean 'pleural'"):
        evidence_for("liver", primary="plural")


def test_the_command_prints_tables_and_json():
    table = CliRunner().invoke(app, ["evidence", "thyroid"])
    assert table.exit_code == 0
    assert "not yet calibrated" in table.stdout
    as_json = CliRunner().invoke(app, ["evidence", "thyroid", "--json"])
    assert json.loads(as_json.stdout) == evidence_for("thyroid")
