"""What a reader meets first: one name, one list, one place for each thing."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from tests.report.answers import PATIENTS, comparison, forecast_of
from tests.report.test_view import of_section

from mesospread.app.report import compare_page, forecast_page
from mesospread.model.load import observation, treatments
from mesospread.report.html import document, fragment
from mesospread.report.strings import text
from mesospread.report.view_blocks import Bullets, Folded, Table, starting_big
from mesospread.report.view_parts import Words, symptom_told, treatment_name

LANGUAGES = ("en", "es")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("primary", PATIENTS)
def test_a_symptom_has_one_name_whatever_the_file_calls_it(primary: str, lang: str) -> None:
    for one in observation(primary).symptom:
        names = {symptom_told(n, primary, Words(lang)) for n in (one.name, one.label, *one.aliases)}
        assert len(names) == 1


def test_facts_tables_and_lists_call_a_symptom_the_same() -> None:
    page = forecast_page(forecast_of("pleural"))
    assert dict(page.facts)["Symptoms"] == "difficulty breathing"
    tables = [b for b in of_section(page, "symptoms") if isinstance(b, Table)]
    assert {row[0] for table in tables for row in table.rows} == {"difficulty breathing"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_emergency_numbers_are_the_same_list_everywhere(lang: str) -> None:
    numbers = text("emergency.numbers", lang)
    assert all(number in numbers for number in ("911", "999", "112", "000"))
    told = []
    for package in ("mesospread.guide", "mesospread.report", "mesospread.web"):
        for file in (files(package) / "data").iterdir():
            # English files have no mark of a language
            spanish = ".es." in file.name or "_es" in file.name
            if file.name.endswith(".toml") and spanish is (lang == "es"):
                lines = file.read_text("utf-8").splitlines()
                told += [line for line in lines if re.search(r"\b911\b", line)]
                tomllib.loads(file.read_text("utf-8"))
    assert len(told) >= 3
    assert [line for line in told if numbers not in line] == []


def test_a_place_over_time_opens_below_its_number() -> None:
    page = forecast_page(forecast_of("pleural"))
    section = page.section("time")
    assert section is not None
    folded = [b for b in section.blocks if isinstance(b, Folded)]
    sites = {site.label: site for site in page.sites}
    assert {one.about for one in folded} == set(sites)
    for one in folded:
        site = sites[one.about]
        assert (site.by[12] if site.by else site.now).cell() in one.title
        assert one.title.startswith(starting_big(one.about))


def test_a_row_shows_the_grade_and_opens_the_rest_in_place() -> None:
    html = str(fragment(forecast_page(forecast_of("pleural"))))
    found = re.findall(r'<details class="ms-grade[^>]*>(.*?)</details>', html, re.DOTALL)
    assert len(found) > 30
    for one in found:
        summary, _, rest = one.partition("</summary>")
        assert re.search(r"[ABCD]\xa0\(", summary)
        assert re.search(r"people|no study", rest)
        assert 'href="#behind-' in rest


def test_what_to_do_opens_below_the_signs() -> None:
    html = str(fragment(forecast_page(forecast_of("pleural"))))
    boxes = re.findall(r'<div class="ms-callout ms-emergency">(.*?)</div>', html, re.DOTALL)
    assert len(boxes) > 3
    assert all(box.index("<p>") < box.index("<details") for box in boxes)


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_that_a_model_is_not_tuned_is_said_once(primary: str) -> None:
    html = document(forecast_page(forecast_of(primary)))
    assert len(re.findall(r"\btuned\b", html)) == 1


def test_no_cell_and_no_item_starts_small() -> None:
    for page in (forecast_page(forecast_of("testicular")), compare_page(comparison())):
        html = document(page)
        cells = re.findall(r'<(?:th scope="row"|td|li|dd|caption|h2[^>]*|h3)>([^<]+)', html)
        assert len(cells) > 50
        assert [cell for cell in cells if re.match(r"(?:\d+\. )?[a-z]", cell.strip())] == []


def test_bullets_hold_their_words_as_they_are() -> None:
    page = forecast_page(forecast_of("pleural"))
    items = [i for b in of_section(page, "symptoms") if isinstance(b, Bullets) for i in b.items]
    assert any(item.startswith("breathing muscle") for item in items)


def test_starting_big() -> None:
    assert starting_big("8. liver") == "8. Liver"
    assert starting_big("liver") == "Liver"
    assert starting_big("<1 (<1)") == "<1 (<1)"
    assert starting_big("") == ""


@pytest.mark.parametrize("primary", PATIENTS)
def test_every_treatment_has_a_spanish_name(primary: str) -> None:
    same = {"semaxanib", "nivolumab", "nivolumab + ipilimumab", "atezolizumab + bevacizumab"}
    for one in treatments(primary).treatment:
        told = treatment_name(one.name, Words("es"))
        assert (told == one.name) is (one.name in same), one.name
        assert treatment_name(one.name, Words("en")) == one.name
