"""The diary commands: notes stay in one file, red flags come first, forecasts can use it."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mesospread.app.diary import add_to_diary, diary_symptoms, show_diary
from mesospread.cli.main import app
from mesospread.errors import InputError
from mesospread.patient import parse_patient

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "diary.csv"


def test_an_entry_is_added_and_shown(path: Path) -> None:
    run = CliRunner().invoke(app, ["diary", "add", str(path), "--symptom", "bone ache=6"])
    assert run.exit_code == 0
    assert "bone pain" in run.stdout
    shown = CliRunner().invoke(app, ["diary", "show", str(path), "--json"])
    (symptom,) = json.loads(shown.stdout)["symptoms"]
    assert (symptom["name"], symptom["score"]) == ("bone pain", 6)


def test_red_flags_come_first(path: Path) -> None:
    run = CliRunner().invoke(
        app,
        ["diary", "add", str(path), "--symptom", "back pain=5", "--note", "my legs are numb"],
    )
    assert "spinal cord" in run.stdout.lower()
    assert run.stdout.index("911") < run.stdout.index("Symptom diary")


@pytest.mark.parametrize(
    ("scores", "flags"),
    [
        ([("2026-11-20", 1), ("2026-11-21", 2)], []),
        ([("2026-11-20", 1), ("2026-11-21", 5)], ["headache"]),
        ([("2026-11-20", 6), ("2026-11-21", 7)], ["headache"]),
        # of long ago, or gone
        ([("2026-09-20", 1), ("2026-10-21", 9)], []),
        ([("2026-11-20", 9), ("2026-11-21", 0)], []),
    ],
)
def test_a_strong_or_rising_symptom_shows_its_red_flag(
    path: Path, scores: list[tuple[str, int]], flags: list[str]
) -> None:
    for date, score in scores:
        add_to_diary(path, {"headache": score}, date=date, today=TODAY)
    assert [flag["id"] for flag in show_diary(path, today=TODAY)["urgent"]] == flags


def test_a_diary_becomes_the_symptoms_of_a_patient_file(path: Path) -> None:
    add_to_diary(path, {"fatigue": 0, "bone pain": 3}, date="2026-11-10", today=TODAY)
    add_to_diary(path, {"bone pain": 5}, date="2026-11-18", today=TODAY)
    add_to_diary(path, {"itchy nose": 2}, own_words=True, today=TODAY)
    found = diary_symptoms(path, today=TODAY)
    assert found["left_out"] == ["itchy nose"]
    patient = parse_patient({"primary": "pleural", "as_of": TODAY, **tomllib.loads(found["toml"])})
    assert {s.name: (s.present, s.since) for s in patient.symptoms} == {
        "bone pain": (True, dt.date(2026, 11, 10)),
        "fatigue": (False, None),
    }


def test_a_refused_entry_leaves_the_diary_as_it_was(path: Path) -> None:
    add_to_diary(path, {"fever": 3}, today=TODAY)
    before = path.read_bytes()
    for scores in ({"fever": 4}, {"cough": 11}, {"cough": 2, "coughing": 3}, {"feber": 2}, {}):
        with pytest.raises(InputError):
            add_to_diary(path, scores, today=TODAY)
    assert path.read_bytes() == before


def test_a_mistyped_symptom_is_put_right() -> None:
    with pytest.raises(InputError, match="Did you mean 'bone pain'") as refusal:
        add_to_diary("d.csv", {"bone pian": 3}, today=TODAY)
    assert "--own-words" in refusal.value.remedy


@pytest.mark.parametrize("text", ["bone pain", "=3"])
def test_a_symptom_without_score_or_name_is_refused(path: Path, text: str) -> None:
    run = CliRunner().invoke(app, ["diary", "add", str(path), "--symptom", text])
    assert isinstance(run.exception, InputError)
    assert not path.exists()


def test_a_diary_is_a_csv_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.csv"):
        show_diary(tmp_path / "diary.xlsx")
