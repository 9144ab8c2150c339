"""What the app gives to the command line, the page and the API."""

from __future__ import annotations

import json
import re

import pytest

from mesospread.app.guide import ask, explain, list_topics, urgent_among
from mesospread.errors import InputError
from mesospread.evidence.published import load_published
from mesospread.guide.topics import load_guide


def test_a_topic() -> None:
    found = explain("liver")
    assert found["id"] == "liver"
    assert found["plain"]
    assert found["clinician"]
    assert {source["id"] for source in found["sources"]} >= {"finn-2012-liver"}
    assert {"id": "jaundice", "title": "Yellow skin or eyes"} in found["see_also"]
    json.dumps(found)


def test_the_published_values_of_a_site() -> None:
    rows = explain("liver")["numbers"]
    ids = {row["id"] for row in rows}
    assert {"finn-2012-liver", "tsili-2020-liver-ct-patient-sens"} <= ids
    expected = {i for i, v in load_published().items() if re.search(r"(?i)\bliver\b", v.subject)}
    assert expected <= ids
    row = next(row for row in rows if row["id"] == "finn-2012-liver")
    assert row["says"] == load_published()["finn-2012-liver"].says()
    assert row["setting"] == "autopsy"
    assert row["citation"]
    groups = [row["group"] for row in rows]
    assert groups == sorted(groups, key=["How often it was found", *groups].index)


def test_the_values_of_a_primary_are_its_own() -> None:
    rows = explain("testicular")["numbers"]
    assert {row["primary"] for row in rows} == {"testicular"}
    assert "grogg-2021-rpln" in {row["id"] for row in rows}


def test_survival_is_shown_to_those_who_ask() -> None:
    hidden = explain("cediranib"), explain("brain"), explain("nivolumab + ipilimumab")
    for found in hidden:
        said = json.dumps([*found["numbers"], *(s["says"] for s in found["sources"])])
        assert "OS" not in said
        assert "surviv" not in said.lower().replace("progression-free survival", "")
    shown = {row["id"] for row in explain("brain", prognosis=True)["numbers"]}
    unasked = {row["id"] for row in explain("brain")["numbers"]}
    extra = set(shown - unasked)
    assert extra
    assert all("OS" in load_published()[i].subject for i in extra)


@pytest.mark.parametrize("name", sorted(load_guide().topics))
def test_no_topic_tells_survival_unasked(name: str) -> None:
    found = explain(name)
    assert not re.search(r"\bOS\b|\balive\b", json.dumps(found["numbers"]))
    assert not any(re.search(r"\bOS\b", source["says"]) for source in found["sources"])


def test_a_red_flag_has_advice_with_numbers() -> None:
    flag = explain("spinal cord compression")["red_flag"]
    assert flag["urgency"] == "emergency"
    assert "911" in flag["advice"]
    assert "112" in flag["advice"]


def test_all_topics_are_listed_once() -> None:
    ids = [topic["id"] for kind in list_topics()["kinds"] for topic in kind["topics"]]
    assert sorted(ids) == sorted(load_guide().topics)


def test_an_answer_is_text_of_the_guide_with_sources() -> None:
    answer = ask("how common is it in the brain?")
    assert answer["declined"] == ""
    assert len(answer["passages"]) == 3
    for passage in answer["passages"]:
        assert passage["plain"] == load_guide().topics[passage["id"]].plain
    assert answer["passages"][0]["sources"]
    json.dumps(answer)


def test_a_question_about_time_gets_no_figure() -> None:
    first = ask("how long have I got?")["passages"][0]
    assert first["id"] == "prognosis"
    assert not re.search(r"\d", first["plain"])


def test_emergency_first() -> None:
    answer = ask("my husband had a seizure")
    assert answer["urgent"][0]["id"] == "seizure"
    assert answer["urgent"][0]["what_to_do"]


@pytest.mark.parametrize("question", ["", "   "])
def test_no_question(question: str) -> None:
    with pytest.raises(InputError, match="no question"):
        ask(question)


def test_a_symptom_that_cannot_wait_comes_with_what_to_do():
    (advice,) = urgent_among(["seizure"])
    assert "emergency" in advice["advice"]
    assert "ambulance" in advice["what_to_do"]
    assert urgent_among(["fatigue", "weight loss"]) == []
