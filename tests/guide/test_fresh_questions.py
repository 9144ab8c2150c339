"""Danger told in words that nobody tuned for is seen; harmless questions raise no alarm.

``tests/guide/fresh_questions.toml`` says how the questions were written. The bounds of the sets
that only measure lie below what was measured once, so that the tests do not tempt to tune on them.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tools import make_alarm

from mesospread.guide import search
from mesospread.guide.alarm import CONSTANT, alarm, features, weights
from mesospread.guide.phrases import urgent_signs, words_of
from mesospread.guide.topics import load_guide

#: as without the extra: what is measured must not depend on what is installed
ask = partial(search.ask, meanings=False)
KEPT: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("fresh_questions.toml").read_text(encoding="utf-8")
)


def untouched(question: str) -> bool:
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


def questions(part: str) -> list[tuple[str, str]]:
    return [(q, topic) for topic, qs in KEPT[part].items() for q in qs]


URGENT = {
    "first, looked at": [(q, t) for q, t in questions("urgent") if not untouched(q)],
    "first, untouched": [(q, t) for q, t in questions("urgent") if untouched(q)],
    "second": questions("urgent_second"),
    "third": questions("urgent_third"),
    "last": questions("urgent_last"),
}
HARMLESS = {
    "first, looked at": [q for q in KEPT["harmless"]["questions"] if not untouched(q)],
    "first, untouched": [q for q in KEPT["harmless"]["questions"] if untouched(q)],
    "second": KEPT["harmless_second"]["questions"],
    "third": KEPT["harmless_third"]["questions"],
    "last": KEPT["harmless_last"]["questions"],
}


def test_there_are_enough_and_none_twice() -> None:
    everything = [q for part in URGENT.values() for q, _ in part]
    everything += [q for part in HARMLESS.values() for q in part] + list(KEPT["everyday"])
    assert len(set(everything)) == len(everything)
    assert len(questions("urgent")) >= 40
    assert len(URGENT["last"]) == len(HARMLESS["last"]) == 40
    known = load_guide().topics
    assert {t for part in URGENT.values() for _, t in part} <= set(known)
    assert {t for ts in KEPT["everyday"].values() for t in ts} <= set(known)


@pytest.mark.parametrize(
    ("part", "least"),
    [
        ("first, looked at", 0.95),
        ("first, untouched", 0.95),
        ("second", 0.95),
        ("third", 0.95),
        # the honest figure for words that nobody has tuned for: 37 of 40 when it was run
        ("last", 0.90),
    ],
)
def test_danger_is_seen(part: str, least: float) -> None:
    missed = [q for q, _ in URGENT[part] if not urgent_signs(q)]
    assert len(missed) <= (1.0 - least) * len(URGENT[part]), missed


@pytest.mark.parametrize("part", HARMLESS)
def test_harmless_questions_raise_few_alarms(part: str) -> None:
    alarmed = [q for q in HARMLESS[part] if urgent_signs(q)]
    assert len(alarmed) <= 2, alarmed


def test_the_wish_to_die_at_home_is_answered_and_no_crisis() -> None:
    for question in ("I want to go home to die", "mum wants to die at home, who can help us"):
        answer = ask(question)
        assert "crisis" not in [urgent.topic for urgent in answer.urgent]
        assert answer.passages[0].topic.id in ("hospice", "palliative-care")
    assert urgent_signs("I want to die")[0].topic == "crisis"
    assert urgent_signs("I want to kill myself, I do not want to die at home")[0].topic == "crisis"


def test_what_only_sounds_like_danger_does_not_push_the_answer_away() -> None:
    unsure = [
        answer
        for part in HARMLESS.values()
        for answer in map(ask, part)
        if answer.urgent and answer.urgent[0].unsure
    ]
    for answer in unsure:
        assert answer.passages


def test_the_weights_are_those_of_the_examples() -> None:
    stored, fitted = weights(), make_alarm.fitted(*make_alarm.examples())
    assert set(stored) == set(fitted), f"out of date; run: {make_alarm.COMMAND}"
    assert all(abs(stored[name] - fitted[name]) < 0.011 for name in fitted)


def test_no_question_that_only_measures_was_fitted() -> None:
    fitted = {q for part in make_alarm.examples() for q in part}
    measured = {q for q, _ in (*URGENT["last"], *URGENT["first, untouched"])}
    measured |= {*HARMLESS["last"], *HARMLESS["first, untouched"]}
    measured |= {q for q in KEPT["everyday"] if untouched(q)}
    assert not fitted & measured


def test_an_alarm_is_the_sum_of_its_weights() -> None:
    words = words_of("he collapsed tonight")
    known = weights()
    parts = [known.get(name, 0.0) for name in features(words)]
    assert alarm(words) == pytest.approx(known[CONSTANT] + sum(parts))
    assert alarm([]) == known[CONSTANT] < 0


@pytest.mark.parametrize(
    ("part", "least_first", "least_among"),
    [("looked at", 0.85, 0.85), ("untouched", 0.55, 0.55)],
)
def test_everyday_questions_find_their_topic(
    part: str, least_first: float, least_among: float
) -> None:
    asked = [(q, ts) for q, ts in KEPT["everyday"].items() if untouched(q) == (part != "looked at")]
    found = [(ts, [p.topic.id for p in ask(q).passages]) for q, ts in asked]
    first = sum(bool(ids) and ids[0] in ts for ts, ids in found)
    among = sum(any(i in ts for i in ids) for ts, ids in found)
    assert first >= least_first * len(asked)
    assert among >= least_among * len(asked)
