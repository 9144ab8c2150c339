"""``mesospread simulate --json``: the numbers of the printed summary, for a program to read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mesospread.cli.main import app

WORDS = ["simulate", "--primary", "pleural", "--n", "2000", "--seed", "7"]


def printed(out: Path, *more: str) -> str:
    result = CliRunner().invoke(app, [*WORDS, "--out", str(out), *more], env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.stdout


def shares(figures: dict[str, Any]) -> list[float]:
    """Return every share and its limits, per cent, in the order in which the text shows them."""
    return [
        100 * row[column][name]
        for row in figures["reached"]
        for column in ("at_diagnosis", "by_the_end")
        for name in ("estimate", "low", "high")
    ]


def shown(text: str) -> list[float]:
    table = text.partition("Survival from")[0]
    found = re.findall(r"(\d+\.\d) \((\d+\.\d)–(\d+\.\d)\)", table)
    return [float(number) for row in found for number in row]


def test_json_has_the_numbers_of_the_text(tmp_path: Path) -> None:
    figures = json.loads(printed(tmp_path / "json", "--json"))
    text = printed(tmp_path / "text")
    # the text has one decimal
    assert shares(figures) == pytest.approx(shown(text), abs=0.0501)
    assert len(shown(text)) > 60
    assert f"{figures['patients']:,} patients, {figures['diagnosed']:,} diagnosed" in text
    assert figures["folder"] == str(tmp_path / "json")
    # the same run, so the same way to make it again
    assert figures["run"] == json.loads((tmp_path / "text" / "run.json").read_text())
    # what the text says about the model is said here too
    note = next(line for line in figures["notes"] if line.startswith("The model: "))
    assert " ".join(note.split()) in " ".join(text.split())


def test_survival_only_if_wanted_and_as_in_the_text(tmp_path: Path) -> None:
    assert json.loads(printed(tmp_path / "without", "--json"))["survival"] is None
    rows = json.loads(printed(tmp_path / "json", "--json", "--prognosis"))["survival"]
    text = printed(tmp_path / "text", "--prognosis").partition("Survival from diagnosis")[2]
    assert {row["group"] for row in rows} == {"all", "biphasic", "epithelioid", "sarcomatoid"}
    for row in rows:
        line = next(one for one in text.splitlines() if one.split()[:1] == [row["group"]])
        alive = [f"{100 * share:.1f}" for share in row["alive_at_years"].values()]
        assert len(alive) == 4
        assert line.split()[1] == f"{row['number']:,}"
        assert line.split()[-4:] == alive
        assert line.split()[2] == f"{row['median_months']['estimate']:.1f}"


@pytest.mark.parametrize("words", [["--fix", "histology"], ["--at", "soon"]])
def test_a_wrong_option_prints_no_half_answer(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner().invoke(app, [*WORDS, "--out", str(tmp_path / "c"), "--json", *words])
    assert result.exit_code != 0
    assert result.stdout == ""
    assert not (tmp_path / "c").exists()
