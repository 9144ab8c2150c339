"""Reports as files: whole or not at all, in the right place, with what the guide adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report.answers import EXAMPLES, comparison, forecast_of
from typer.testing import CliRunner

from mesospread import writing
from mesospread.app.report import (
    compare_guide_texts,
    forecast_guide_texts,
    forecast_page,
    forecast_report,
    write_report,
)
from mesospread.cli.main import app
from mesospread.errors import InputError, OutputError
from mesospread.guide.directory import support_organisations
from mesospread.report.html import document

PATIENT = str(EXAMPLES / "pleural_early_unknowns.toml")


def test_both_files_are_written_and_replace_old_reports(tmp_path: Path) -> None:
    html, pdf = tmp_path / "a.html", tmp_path / "a.pdf"
    html.write_text("old")
    assert write_report(forecast_of("testicular"), html=html, pdf=pdf) == (html, pdf)
    assert html.read_text("utf-8") == forecast_report(forecast_of("testicular"))
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "a.pdf"]


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        ("html", "a.pdf", "does not end"),
        ("pdf", "a", "does not end"),
        ("html", "missing/a.html", "no such folder"),
        ("pdf", "folder.pdf", "this is a folder"),
    ],
)
def test_a_wrong_place_is_told(tmp_path: Path, kind: str, name: str, problem: str) -> None:
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(OutputError, match=problem):
        write_report(forecast_of("testicular"), **{kind: tmp_path / name})  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["folder.pdf"]


def test_nothing_is_left_if_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(forecast_of("testicular"), html=tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_are_told() -> None:
    with pytest.raises(InputError, match="Did you mean 'clinician'"):
        write_report(forecast_of("testicular"), mode="clinican")
    with pytest.raises(InputError, match="country"):
        forecast_page(forecast_of("testicular"), country="Atlantis")


def test_who_to_call_is_of_the_country() -> None:
    texts = forecast_guide_texts(forecast_of("pleural"), "GB")
    assert (texts.country, texts.contacts[0].name) == ("United Kingdom", "Mesothelioma UK")
    assert texts.contacts[0].phone
    assert len(texts.contacts) == 1
    assert not any("United Kingdom" in one.name for one in texts.other_contacts)
    assert any(one.name.startswith("Ireland: ") for one in texts.other_contacts)
    page = forecast_page(forecast_of("pleural"), country="GB")
    assert "Other countries" in document(page)


def test_without_a_country_there_is_one_line_for_each() -> None:
    everywhere = forecast_guide_texts(forecast_of("pleural")).contacts
    countries = [one.name.partition(": ")[0] for one in everywhere]
    assert len(countries) == len(set(countries))
    assert len(countries) == len({one.country for one in support_organisations()})
    assert all(one.phone or one.web for one in everywhere)
    assert not any(one.note for one in everywhere), "one line each"
    spanish = forecast_guide_texts(forecast_of("pleural"), lang="es").contacts
    names = [one.name.partition(": ")[0] for one in spanish]
    assert names == sorted(names)
    assert "Reino Unido" in names


def test_a_country_without_a_line_says_so_and_shows_the_others() -> None:
    texts = forecast_guide_texts(forecast_of("pleural"), "ES")
    assert texts.contacts == ()
    page = forecast_page(forecast_of("pleural"), country="ES")
    shown = str(page.section("help"))
    assert "No help line is known for this country yet (Spain)" in shown
    assert "Mesothelioma UK" in shown


def test_red_flags_belong_to_the_person() -> None:
    chest = {flag.title for flag in forecast_guide_texts(forecast_of("pleural")).red_flags}
    belly = {flag.title for flag in forecast_guide_texts(forecast_of("peritoneal")).red_flags}
    assert any("spinal cord" in title for title in chest)
    assert any("sepsis" in title for title in chest), "chemotherapy was given"
    assert any("bowel" in title for title in belly)
    heart = {flag.title for flag in forecast_guide_texts(forecast_of("pericardial")).red_flags}
    assert any("heart" in title for title in heart)
    assert not any("chemotherapy" in title for title in heart), "none was given"
    options = {flag.title for flag in compare_guide_texts(comparison()).red_flags}
    assert any("mmunotherapy" in title for title in options)


def test_signs_come_from_the_places_most_likely() -> None:
    texts = forecast_guide_texts(forecast_of("pleural"))
    assert all(one.signs for one in texts.watch)
    known = {site.site for site in forecast_of("pleural").sites}
    assert {one.site for one in texts.watch} <= known
    assert 5 <= len(texts.questions) <= 12
    assert all(question.endswith("?") for question in texts.questions)


def test_the_command_writes_reports_and_tells_where(tmp_path: Path) -> None:
    html, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    done = CliRunner().invoke(
        app, ["forecast", PATIENT, "--html", str(html), "--pdf", str(pdf), "--mode", "clinician"]
    )
    assert done.exit_code == 0, done.output
    page = html.read_text("utf-8")
    assert "Forecast of metastatic spread" in page
    assert 'id="survival"' not in page
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert str(html) in done.stderr


def test_the_command_prints_json_beside_a_report(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["forecast", PATIENT, "--prognosis", "--html", str(tmp_path / "r.html"), "--json"]
    )
    assert json.loads(done.stdout)["survival"]
    assert 'id="survival"' in (tmp_path / "r.html").read_text("utf-8")


def test_the_command_refuses_before_it_computes(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["forecast", PATIENT, "--html", str(tmp_path / "no" / "r.html")])
    assert isinstance(done.exception, OutputError)
    done = CliRunner().invoke(
        app, ["forecast", "--batch", "x.csv", "--out", "y.csv", "--pdf", str(tmp_path / "r.pdf")]
    )
    assert isinstance(done.exception, InputError)
    assert list(tmp_path.iterdir()) == []
