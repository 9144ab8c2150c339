"""The commands for health records: nothing half-written, nothing replaced unasked."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.interop.patients import patients
from typer.testing import CliRunner

from mesospread.app.fhir import export_record, import_record
from mesospread.cli.main import app
from mesospread.errors import InputError, MesospreadError, OutputError
from mesospread.interop.patient_file import patient_toml
from mesospread.patient import parse_patient, read_patient

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "tests" / "interop" / "data" / "snomed_with_morphology.json"
PATIENT = ROOT / "examples" / "pleural_epithelioid_stage3.toml"


def run(*words):
    return CliRunner().invoke(app, ["fhir", *map(str, words)])


def test_a_record_becomes_a_patient_file(tmp_path: Path) -> None:
    file = tmp_path / "patient.toml"
    told = run("import", RECORD, "--out", file)
    assert told.exit_code == 0
    assert "Karnofsky 80 is taken as ECOG 1" in told.stdout
    patient = read_patient(file)
    assert patient.to_dict() == import_record(RECORD)["patient"]
    assert "Karnofsky 80 is taken as ECOG 1" in file.read_text()
    assert "Sampleson" not in file.read_text() + told.stdout


def test_what_is_printed_is_a_patient_file(tmp_path: Path) -> None:
    printed = tomllib.loads(run("import", RECORD).stdout)
    assert parse_patient(printed).to_dict() == import_record(RECORD)["patient"]


def test_json_holds_the_patient_and_the_notes() -> None:
    found = json.loads(run("import", RECORD, "--json").stdout)
    assert set(found) == {"patient", "toml", "notes"}
    assert {note["kind"] for note in found["notes"]} == {
        "assumed",
        "dropped",
        "not read",
        "profile",
    }


def test_there_and_back_through_files(tmp_path: Path) -> None:
    bundle, file = tmp_path / "bundle.json", tmp_path / "patient.toml"
    assert run("export", PATIENT, "--out", bundle, "--synthetic").exit_code == 0
    assert "HTEST" in bundle.read_text()
    assert run("import", bundle, "--out", file).exit_code == 0
    assert read_patient(file) == read_patient(PATIENT)
    assert json.loads(run("export", file).stdout) == export_record(PATIENT)


def test_a_file_is_replaced_only_if_that_is_wanted(tmp_path: Path) -> None:
    for words, name in ((["import", RECORD], "a.toml"), (["export", PATIENT], "b.json")):
        file = tmp_path / name
        file.write_text("mine")
        told = run(*words, "--out", file)
        assert isinstance(told.exception, OutputError)
        assert file.read_text() == "mine"
        assert run(*words, "--out", file, "--force").exit_code == 0
        assert file.read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "record.xml"], "XML is not read"),
        (["import", "no_such.json"], "cannot be read"),
        (["import", str(RECORD), "--out", "patient.json"], ".toml"),
        (["export", str(PATIENT), "--out", "bundle.toml"], ".json"),
        (["export", str(PATIENT), "--out", "no/such/folder/bundle.json"], "Choose a folder"),
        (["export", "no_such.toml"], "cannot be read"),
    ],
)
def test_what_cannot_be_read_or_written_is_told(words, said, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(*words)
    assert isinstance(told.exception, MesospreadError)
    assert said in str(told.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_record_is_told_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "record.json"
    broken.write_text('{"resourceType": "Bundle",\n "type": }')
    with pytest.raises(InputError, match="line 2"):
        import_record(broken)
    assert run("import", broken, "--out", tmp_path / "p.toml").exit_code != 0
    assert not (tmp_path / "p.toml").exists()


@settings(max_examples=50)
@given(patients())
def test_a_patient_file_that_was_written_reads_back(patient) -> None:
    text = patient_toml(patient, ["Read from somewhere.", ""])
    assert parse_patient(tomllib.loads(text)) == patient


def test_a_file_that_is_far_too_large_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("mesospread.app.fhir.MAX_BYTES", 1000)
    with pytest.raises(InputError, match="too large"):
        import_record(RECORD)
