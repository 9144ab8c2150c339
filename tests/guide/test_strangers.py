"""`ask` on questions in words that nobody had in mind when the search was made.

``tests/guide/strangers.toml`` says how they were written. One half of each part was tuned on, the
other was run once. The bounds of what was only measured lie two or three questions below what was
found, so that a test does not tempt to tune on them; the figures stand beside the bounds.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mesospread.guide import search
from mesospread.guide.likeness import meanings_installed
from mesospread.guide.phrases import urgent_signs
from mesospread.guide.topics import key, load_guide

KEPT: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("strangers.toml").read_text(encoding="utf-8")
)
EVERYDAY = ("keywords", "carers", "patients", "mistyped")
Question = tuple[str, Sequence[str]]
ask = partial(search.ask, meanings=False)
with_meanings = pytest.mark.skipif(
    not meanings_installed(),
    reason="NOT TESTED: the extra is missing; pip install 'mesospread[embeddings]'",
)


def held_out(question: str) -> bool:
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


def danger(part: str) -> list[str]:
    return [q for questions in KEPT[part].values() for q in questions]


ASKED: list[Question] = [item for part in EVERYDAY for item in KEPT[part].items()]
SETS: dict[str, list[Question]] = {
    "tuned": [(q, topics) for q, topics in ASKED if not held_out(q)],
    "held out": [(q, topics) for q, topics in ASKED if held_out(q)],
    "forum": list(KEPT["forum"].items()),
}
OUTSIDE: dict[str, list[str]] = {
    "tuned": [q for q in KEPT["outside"]["questions"] if not held_out(q)],
    "held out": [q for q in KEPT["outside"]["questions"] if held_out(q)],
    "last": KEPT["last_outside"]["questions"],
}
URGENT: dict[str, list[str]] = {
    "tuned": [q for q in danger("urgent") if not held_out(q)],
    "held out": [q for q in danger("urgent") if held_out(q)],
    "last": danger("last_urgent"),
}


def counted(questions: list[Question], *, meanings: bool = False) -> tuple[int, int]:
    """Return how often a right topic comes first, and how often it is among those given."""
    found = [
        (topics, [p.topic.id for p in search.ask(q, meanings=meanings).passages])
        for q, topics in questions
    ]
    first = sum(bool(ids) and ids[0] in topics for topics, ids in found)
    return first, sum(any(name in topics for name in ids) for topics, ids in found)


def test_there_are_enough_none_twice_and_none_in_the_index() -> None:
    questions = [q for q, _ in ASKED]
    everything = [*questions, *KEPT["forum"], *KEPT["harmless"]["questions"]]
    everything += [q for part in (*OUTSIDE.values(), *URGENT.values()) for q in part]
    assert len(set(everything)) == len(everything)
    assert len(questions) >= 80
    assert len(KEPT["carers"]) >= 15
    assert min(len(KEPT["outside"]["questions"]), len(danger("urgent"))) >= 20
    known = load_guide().topics
    assert {t for _, topics in (*ASKED, *SETS["forum"]) for t in topics} <= set(known)
    indexed = {key(text).rstrip("?! ") for t in known.values() for text in t.asked}
    assert [q for q in everything if key(q).rstrip("?! ") in indexed] == []


@pytest.mark.parametrize(
    ("part", "least_first", "least_among"),
    [
        ("tuned", 51, 52),  # all 54 when they were tuned on
        ("held out", 50, 56),  # of 68: 53 and 59 when run; 41 and 45 before
        ("forum", 25, 32),  # of 42: 27 and 34 when run; some were looked at afterwards
    ],
)
def test_strangers_find_their_topic(part: str, least_first: int, least_among: int) -> None:
    first, among = counted(SETS[part])
    assert first >= least_first
    assert among >= least_among


@with_meanings
@pytest.mark.parametrize(
    ("part", "least_first", "least_among"),
    [("held out", 53, 59), ("forum", 27, 34)],  # 56 and 62, 29 and 36 when run
)
def test_meanings_help(part: str, least_first: int, least_among: int) -> None:
    first, among = counted(SETS[part], meanings=True)
    assert first >= least_first
    assert among >= least_among


@pytest.mark.parametrize(
    ("part", "most"),
    [("tuned", 0), ("held out", 2), ("last", 5)],  # 0 of 12, 2 of 20, 5 of 20 when run
)
def test_other_questions_are_declined(part: str, most: int) -> None:
    answered = [q for q in OUTSIDE[part] if ask(q).passages]
    assert len(answered) <= most, answered


@with_meanings
@pytest.mark.parametrize(("part", "most"), [("tuned", 0), ("held out", 2), ("last", 5)])
def test_other_questions_are_declined_with_meanings(part: str, most: int) -> None:
    answered = [q for q in OUTSIDE[part] if search.ask(q, meanings=True).passages]
    assert len(answered) <= most, answered


@pytest.mark.parametrize(
    ("part", "most"),
    [("tuned", 0), ("held out", 2), ("last", 1)],  # 0 of 20, 2 of 20, 0 of 20 when run
)
def test_danger_is_seen(part: str, most: int) -> None:
    missed = [q for q in URGENT[part] if not urgent_signs(q)]
    assert len(missed) <= most, missed


def test_danger_comes_first_in_the_answer() -> None:
    for question in URGENT["tuned"]:
        answer = ask(question)
        assert answer.urgent
        assert answer.urgent[0].unsure or answer.passages[0].topic.id == answer.urgent[0].topic


def test_harmless_questions_raise_few_alarms() -> None:
    alarmed = [q for q in KEPT["harmless"]["questions"] if urgent_signs(q)]
    assert len(alarmed) <= 4, alarmed  # 4 of 20 when run: it rather warns once too often


@pytest.mark.parametrize(
    "question",
    ["they talk about stage migration", "what should I expect before and after HIPEC"],
)
def test_nobody_is_told_about_prognosis_beside_another_answer(question: str) -> None:
    answer = ask(question)
    assert answer.passages
    assert "prognosis" not in [p.topic.id for p in answer.passages]
    assert ask("life expectancy").passages[0].topic.id == "prognosis"
