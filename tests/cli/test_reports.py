"""Reports from the command line: their language, their fingerprint, what is asked for in vain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.test_cli import EXAMPLES, STAGE3, run, succeeded


def flowing(text: str) -> str:
    """Return the words of a box without its sides."""
    return " ".join(text.replace("│", " ").split())


def test_every_answer_about_a_person_names_version_and_input(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    succeeded(run("forecast", STAGE3, "--html", page))
    found = re.search(r"facts ([0-9a-f]{12})", page.read_text(encoding="utf-8"))
    assert found
    answer = json.loads(succeeded(run("forecast", STAGE3, "--json")))
    assert answer["model"]["input_hash"] == found[1]
    text = flowing(succeeded(run("forecast", STAGE3)))
    assert f"input {found[1]}" in text
    options = ("--treatment", "none", "--treatment", "nivolumab")
    compared = flowing(succeeded(run("compare", STAGE3, *options)))
    assert f"input {found[1]}" in compared
    other = json.loads(
        succeeded(run("forecast", EXAMPLES / "pleural_early_unknowns.toml", "--json"))
    )
    assert other["model"]["input_hash"] != found[1]


def test_a_stage_names_the_version() -> None:
    answer = json.loads(succeeded(run("stage", "--t", "T2", "--n", "N0", "--m", "M0", "--json")))
    assert f"mesospread {answer['version']}" in succeeded(run("stage", "--t", "T2", "--n", "N0"))


def test_a_report_in_spanish(tmp_path: Path) -> None:
    page = tmp_path / "informe.html"
    succeeded(run("forecast", STAGE3, "--html", page, "--language", "es"))
    text = page.read_text(encoding="utf-8")
    assert '<html lang="es"' in text
    assert "Dónde está y adónde puede ir" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--language", "fr"), ("unknown language", "en or es")),
        (("--outlook", "curve"), ("survival is not shown", "Add --prognosis")),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    page = tmp_path / "report.html"
    result = run("forecast", STAGE3, "--html", page, *words)
    assert result.returncode == 2
    for part in told:
        assert part in result.stderr
    assert not page.exists()
