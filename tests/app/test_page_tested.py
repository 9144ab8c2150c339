"""Which facts are less well tested: counted from the validation and its studies."""

from __future__ import annotations

import pytest

from mesospread.app.page_example import example
from mesospread.app.page_tested import Facts, facts_of, less_tested, people_tested
from mesospread.app.page_validation import shipped_validation
from mesospread.studies.library import shipped_studies

PRIMARIES = ("pleural", "peritoneal", "pericardial", "testicular")


def about(primary: str, **person: str) -> dict[str, str]:
    found = less_tested(Facts(primary, person))
    return {key: notice.text for key, notice in found.items()}


@pytest.mark.parametrize("primary", PRIMARIES)
def test_counts_are_those_of_the_validation_that_ships(primary: str) -> None:
    validation = shipped_validation(primary)
    assert validation is not None
    # figures on survival were left out before: nobody here asked for them
    rows = [r for r in validation["results"] if r["kind"] not in ("treatment effect",)]
    rows = [r for r in rows if r["kind"] != "who falls ill"]
    found = people_tested(primary)
    assert found.figures == len(rows)
    assert found.people >= max((r["n"] or 0 for r in rows), default=0)


def test_shares_are_those_of_the_people_in_the_studies() -> None:
    found = people_tested("pleural")
    for shares in found.shares.values():
        assert sum(shares.values()) == pytest.approx(1.0, abs=0.01)
    used = {s.study: s for s in shipped_studies("pleural")}
    stated = [
        s.cohort.histology["sarcomatoid"]
        for s in used.values()
        if s.cohort.histology.get("sarcomatoid")
    ]
    assert min(stated) < found.shares["histology"]["sarcomatoid"] < max(stated)


def test_a_rare_cell_type_is_told_and_the_usual_one_is_not() -> None:
    assert "histology" not in about("pleural", histology="epithelioid")
    for name in ("biphasic", "sarcomatoid"):
        assert "had this cell type" in about("pleural", histology=name)["histology"]
    assert about("pleural", histology="nonsense") == {}


def test_ages_outside_those_of_the_studies_are_told_with_the_range() -> None:
    found = people_tested("pleural")
    usual = found.usual_ages()
    assert usual is not None
    low, high = usual
    assert 35 < low < 60 < 80 < high < 95
    below, above = found.younger(low), found.younger(high)
    assert below is not None
    assert above is not None
    assert 0.02 <= below < 0.06
    assert 0.94 < above <= 0.98
    for age in (low - 1, high + 1):
        assert f"{low} to {high} years" in about("pleural", age=str(age))["age"]
    for text in (str(low), "67", str(high), "x", ""):
        assert "age" not in about("pleural", age=text)


def test_poor_fitness_is_told() -> None:
    assert about("pleural", performance_status="1") == {}
    share = round(100 * people_tested("pleural").shares["performance_status"]["2"])
    assert 3 < share < 15
    told = about("pleural", performance_status="2")["performance_status"]
    assert f"about {share} out of 100" in told
    told = about("pleural", performance_status="4")["performance_status"]
    assert "fewer than 1 out of 100" in told


def test_rare_forms_say_how_few_figures_there_are() -> None:
    assert "primary" not in about("pleural")
    assert "No count of spread" in about("pericardial")["primary"]
    assert f"only {people_tested('testicular').figures} published" in about("testicular")["primary"]
    # that the model is not tuned stands once, where the result begins
    assert "tuned" not in about("testicular")["primary"]


def test_scans_treatments_and_symptoms_without_a_study_are_told() -> None:
    facts = Facts(
        "pleural",
        scans={"a": ("CT", ("liver", "skin")), "b": ("CT", ("liver",)), "c": ("magic", ("liver",))},
        treatments={"d": "palliative radiotherapy", "e": "pemetrexed + cisplatin", "f": "herbs"},
        symptoms={"g": "fever", "h": "headache", "i": "hiccups"},
    )
    found = less_tested(facts)
    assert set(found) == {"a", "d", "g"}
    assert "skin" in found["a"].text
    assert "liver" not in found["a"].text
    borrowed = less_tested(Facts("peritoneal", treatments={"e": "pemetrexed + cisplatin"}))
    assert "borrowed" in borrowed["e"].text


@pytest.mark.parametrize("primary", PRIMARIES)
def test_an_example_patient_has_its_facts_read(primary: str) -> None:
    patient = example(primary)
    facts = facts_of(patient)
    assert len(facts.scans) == len(patient.get("scans", ()))
    assert facts.person.get("age") == str(patient["age"])
    english, spanish = (less_tested(facts, lang=lang) for lang in ("en", "es"))
    assert english.keys() == spanish.keys()
    assert all(english[key].text != spanish[key].text for key in english)


@pytest.mark.parametrize("primary", PRIMARIES)
def test_nothing_about_survival_is_told(primary: str) -> None:
    facts = Facts(primary, {"age": "95", "histology": "sarcomatoid", "performance_status": "4"})
    for notice in less_tested(facts).values():
        assert not any(word in notice.text.lower() for word in ("alive", "surviv", "death", "live"))
