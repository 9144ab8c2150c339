"""Real-life questions find their topic; questions about other things are declined.

The questions stand in ``questions.toml``. Those of ``answered``, ``ambiguous`` and ``declined``
were written before the search was tuned and fall into two halves by a hash of their words: one
was tuned on, the other held out. ``more`` was written later and tuned on as well; ``fresh`` was
written after all tuning and run once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mesospread.guide import search
from mesospread.guide.search import PASSAGES
from mesospread.guide.topics import load_guide

#: as without the extra: what is measured must not depend on what is installed
ask = partial(search.ask, meanings=False)
KEPT: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("questions.toml").read_text(encoding="utf-8")
)
Question = tuple[str, Sequence[str]]


def held_out(question: str) -> bool:
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


FIRST: list[Question] = [
    *((q, [topic]) for topic, questions in KEPT["answered"].items() for q in questions),
    *KEPT["ambiguous"].items(),
]
SETS: dict[str, list[Question]] = {
    "tuned": [(q, topics) for q, topics in FIRST if not held_out(q)],
    "held_out": [(q, topics) for q, topics in FIRST if held_out(q)],
    "more": list(KEPT["more"].items()),
    "fresh": list(KEPT["fresh"].items()),
}
OUTSIDE: dict[str, list[str]] = {
    "tuned": [q for q in KEPT["declined"]["questions"] if not held_out(q)],
    "held_out": [q for q in KEPT["declined"]["questions"] if held_out(q)],
    "more": KEPT["more_declined"]["questions"],
    "fresh": KEPT["fresh_declined"]["questions"],
}


def shares(questions: list[Question]) -> tuple[float, float]:
    """Return how often a right topic comes first, and how often it is among those given."""
    first = among = 0
    for question, topics in questions:
        found = [passage.topic.id for passage in ask(question).passages]
        first += found[:1] != [] and found[0] in topics
        among += any(topic in topics for topic in found)
    return first / len(questions), among / len(questions)


def test_there_are_enough_questions_and_none_twice() -> None:
    questions = [q for part in SETS.values() for q, _ in part]
    assert len(FIRST) >= 120
    assert len(SETS["held_out"]) >= 100
    assert len(KEPT["declined"]["questions"]) >= 30
    assert len(set(questions)) == len(questions)
    known = load_guide().topics
    assert {t for part in SETS.values() for _, topics in part for t in topics} <= set(known)


@pytest.mark.parametrize(
    ("part", "least_first", "least_among"),
    [
        ("held_out", 0.90, 0.97),
        ("tuned", 0.90, 0.97),
        ("more", 0.85, 0.93),
        # the honest figure for phrasings nobody has tuned for
        ("fresh", 0.80, 0.90),
    ],
)
def test_the_right_topic_is_found(part: str, least_first: float, least_among: float) -> None:
    first, among = shares(SETS[part])
    assert first >= least_first
    assert among >= least_among


@pytest.mark.parametrize("part", OUTSIDE)
def test_other_questions_are_declined(part: str) -> None:
    answered = [q for q in OUTSIDE[part] if ask(q).passages]
    assert len(answered) <= 0.10 * len(OUTSIDE[part]), answered
    assert all(ask(q).declined for q in OUTSIDE[part] if q not in answered)


def test_these_measures_can_fail() -> None:
    wrong = [(question, ["semaxanib"]) for question, _ in SETS["held_out"]]
    assert shares(wrong)[0] < 0.05


@pytest.mark.parametrize(
    "question",
    [
        "how many mg of morphine should I take",
        "what dose of dexamethasone is safe",
        "can I take two more tablets",
        "how much compensation will I get",
        "which law firm is best",
        "tamoxifen dose for breast cancer",
    ],
)
def test_no_doses_no_sums_no_other_cancers(question: str) -> None:
    answer = ask(question)
    assert answer.passages == ()
    assert "no checked answer" in answer.declined


def test_a_declined_question_on_the_illness_points_somewhere() -> None:
    answer = ask("hdkjs mesothelioma liverish zzz qqq yyy xxx vvv www")
    assert answer.declined
    assert all(topic.id in load_guide().topics for topic in answer.near)


@pytest.mark.parametrize("question", ["?", "the and of", "1", "💊", "' OR 1=1 --", '"liver" AND'])
def test_odd_input_does_no_harm(question: str) -> None:
    assert len(ask(question).passages) <= PASSAGES


def test_mistyped_words_are_understood() -> None:
    assert ask("what is peritonial mesotheloma").passages[0].topic.id == "peritoneal"
    assert ask("side efects of imunotherapy").passages[0].topic.id == "immunotherapy-side-effects"


def test_british_and_american_words_find_the_same() -> None:
    for one, other in [
        ("can the tumor spread to the liver", "can the tumour spread to the liver"),
        ("diarrhea on keytruda", "diarrhoea on keytruda"),
    ]:
        assert ask(one).passages[0].topic == ask(other).passages[0].topic


def test_several_threads_may_ask_at_once() -> None:
    questions = [q for q, _ in SETS["held_out"]][:40]
    alone = [ask(q) for q in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, questions)) == alone


ROWS = {
    "held out": "held_out",
    "tuned on": "tuned",
    "written later, then tuned on as well": "more",
    "written after all tuning, run once": "fresh",
}


def test_the_page_tells_the_measured_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    for label, part in ROWS.items():
        first, among = shares(SETS[part])
        row = f"| {label} | {len(SETS[part])} | {100 * first:.0f} % | {100 * among:.0f} % |"
        assert row in page
    others = [q for part in OUTSIDE.values() for q in part]
    declined = sum(not ask(q).passages for q in others)
    dangers = sum(len(q) for part in ("urgent", "urgent_too") for q in KEPT[part].values())
    told = " ".join(page.split())
    assert f"Of {len(others)} questions about other things {declined} are declined" in told
    assert f"Each of {dangers} ways to tell of danger" in told
    assert f"none of {len(KEPT['calm']['questions'])} calm questions" in told
