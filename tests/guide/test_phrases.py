"""Danger is seen in what people type; the patterns say what they mean."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import pytest

from mesospread.guide import search
from mesospread.guide.phrases import Pattern, outside, terms_of, urgent_signs, words_of
from mesospread.guide.topics import load_guide

#: as without the extra: what is measured must not depend on what is installed
ask = partial(search.ask, meanings=False)
KEPT = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
URGENT = [
    (question, topic)
    for part in ("urgent", "urgent_too")
    for topic, questions in KEPT[part].items()
    for question in questions
]
NUMBERS = ("911", "999", "112")


@pytest.mark.parametrize(("question", "topic"), URGENT)
def test_danger_is_seen_and_comes_first(question: str, topic: str) -> None:
    answer = ask(question)
    assert topic in [urgent.topic for urgent in answer.urgent]
    first = answer.urgent[0]
    assert all(number in first.advice for number in NUMBERS)
    assert first.red_flag.what_to_do
    if answer.passages:
        assert answer.passages[0].topic.id == first.topic


def test_danger_is_told_even_when_the_question_is_declined() -> None:
    answer = ask("I can't feel my legs, how many mg of morphine should I take?")
    assert answer.declined
    assert answer.urgent[0].topic == "spinal-cord-compression"


def test_calm_questions_raise_no_alarm() -> None:
    calm = KEPT["calm"]["questions"]
    alarmed = [q for q in calm if urgent_signs(q)]
    assert len(calm) >= 30
    assert alarmed == []


def test_few_ordinary_questions_raise_an_alarm() -> None:
    """Those whose topic is no red flag itself."""
    topics = load_guide().topics
    questions = [(q, [t]) for t, qs in KEPT["answered"].items() for q in qs]
    questions += [*KEPT["ambiguous"].items(), *KEPT["more"].items(), *KEPT["fresh"].items()]
    ordinary = [q for q, ts in questions if not any(topics[t].red_flag for t in ts)]
    alarmed = [q for q in ordinary if urgent_signs(q)]
    assert len(ordinary) > 200
    assert len(alarmed) <= 0.02 * len(ordinary), alarmed


def test_somebody_in_despair_sees_nothing_but_help() -> None:
    answer = ask("I want to die, how long have I got")
    topics = [passage.topic.id for passage in answer.passages]
    assert answer.urgent[0].topic == "crisis"
    assert topics[0] == "crisis"
    assert set(topics[1:]) <= set(load_guide().topics["crisis"].see_also)
    assert "116 123" in answer.urgent[0].red_flag.what_to_do


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("cannot feel legs|feet", "I can't feel my feet", True),
        ("cannot feel legs|feet", "I can feel my feet", False),
        ("vomit*", "He keeps vomiting", True),
        ("vomit", "He keeps vomiting", False),
        ("too+many|all tablets", "she took all the tablets", True),
        ("too+many tablets", "many tablets, too", False),
        # one word does not stand for two groups
        ("pain|back pain", "pain", False),
        ("chest pain", "chest " + "and " * 20 + "pain", False),
    ],
)
def test_patterns(pattern: str, text: str, fits: bool) -> None:
    assert Pattern.read(pattern).fits(words_of(text)) is fits


@pytest.mark.parametrize("text", ["", "Legs", "a||b", "a*b", "don't", "a  b"])
def test_bad_patterns_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        Pattern.read(text)


def test_words_are_brought_into_one_form() -> None:
    assert words_of("I can’t, couldn't and won't; it's cT3N1!") == (
        ["i", "cannot", "cannot", "and", "will", "not", "it", "t3", "n1"]
    )


def test_the_longest_synonym_wins() -> None:
    (term,) = terms_of("opdivo and yervoy")
    assert set(term.meant) == {"nivolumab", "ipilimumab"}
    assert [term.meant for term in terms_of("is it the tummy")] == [("belly",)]


def test_what_is_outside_is_said() -> None:
    assert "no doses" in (outside("what dose should I take") or "")
    assert outside("can it spread to the liver") is None
