"""The two commands of the guide in a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from mesospread.cli import ask as ask_module
from mesospread.cli import explain as explain_module
from mesospread.errors import InputError
from mesospread.guide.topics import load_guide

app = typer.Typer()
app.command()(explain_module.explain)
app.command()(ask_module.ask)


def said(monkeypatch: pytest.MonkeyPatch, *words: str, width: int = 80) -> str:
    for module in (ask_module, explain_module):
        monkeypatch.setattr(module, "out", Console(highlight=False, width=width, no_color=True))
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize(
    "words",
    [
        ("explain",),
        ("explain", "liver", "--clinician", "--numbers"),
        ("explain", "spinal", "cord", "compression"),
        ("explain", "how-common", "--numbers"),
        ("ask", "my face and neck are swollen"),
        ("ask", "can it spread to the bones"),
        ("ask", "how much compensation will I get"),
    ],
)
def test_everything_fits_and_nothing_is_cut(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], width: int
) -> None:
    text = said(monkeypatch, *words, width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text


def test_a_topic_shows_its_text_and_hides_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    text = one_line(said(monkeypatch, "explain", "liver"))
    assert one_line(load_guide().topics["liver"].plain) in text
    assert "31.9" not in text
    assert "Questions for your team" in text
    assert "Finn RS" in text
    assert "not a medical device" in text
    more = one_line(said(monkeypatch, "explain", "liver", "--clinician", "--numbers"))
    assert "31.9 % of 318" in more


def test_a_red_flag_stands_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(monkeypatch, "explain", "sepsis").splitlines()
    assert "911" in "".join(lines[:3])


def test_emergency_advice_comes_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(monkeypatch, "ask", "I can't feel my legs")
    start = one_line(text)[:400]
    assert "Call 911 (US, Canada), 999" in start
    assert text.index("What to do") < text.index("A deposit in or near the spine")


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    topic: dict[str, Any] = json.loads(said(monkeypatch, "explain", "liver", "--json"))
    assert topic["id"] == "liver"
    listed: dict[str, Any] = json.loads(said(monkeypatch, "explain", "--json"))
    assert len(listed["kinds"]) == 11
    answer: dict[str, Any] = json.loads(said(monkeypatch, "ask", "is", "it", "catching", "--json"))
    assert answer["passages"][0]["id"] == "contagious"


def test_an_unknown_topic_is_an_error() -> None:
    result = CliRunner().invoke(app, ["explain", "livre"])
    assert isinstance(result.exception, InputError)
    assert "'liver'" in str(result.exception)


@pytest.mark.parametrize(
    "given",
    [["ask", "can it reach the liver"], ["ask", "tell me a joke"], ["explain", "liver"]],
)
def test_the_emergency_number_is_on_every_page(given):
    """Danger is known by its words, and words can be missed."""
    answer = CliRunner().invoke(app, given)
    assert "911" in answer.stdout
    assert "999" in answer.stdout
    assert "112" in answer.stdout


def test_the_model_speaks_in_words_and_in_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    text = one_line(said(monkeypatch, "explain", "liver"))
    assert "What the model says" in text
    assert "If it began in the lining of the lung, about" in text
    assert "estimates from a model, not counts" in text
    assert "posterior" not in text
    text = one_line(said(monkeypatch, "explain", "liver", "--clinician", "--primary", "testicular"))
    assert "In the model: mesothelioma of the tunica vaginalis" in text
    assert "pleural mesothelioma" not in text
    assert "95 % interval over" in text
    assert "posterior" in text


def test_a_topic_without_counterpart_has_no_empty_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(monkeypatch, "explain", "food", "--clinician")
    assert "model says" not in text
    assert "In the model" not in text


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("topic", ["ct", "nivolumab", "stage-3", "back-pain", "response", "age"])
def test_tables_of_the_model_fit(monkeypatch: pytest.MonkeyPatch, topic: str, width: int) -> None:
    text = said(monkeypatch, "explain", topic, "--clinician", "--primary", "pleural", width=width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert "…" not in text
