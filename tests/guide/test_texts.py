"""What the guide says: easy to read, calm, complete, and every figure has its source."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.reading_level import grade

from mesospread.anatomy import primaries
from mesospread.evidence.published import PublishedValue, load_published
from mesospread.guide.topics import Topic, figures, key, load_guide
from mesospread.model.load import observation, shipped_primaries, treatments

GUIDE = load_guide()
TOPICS = list(GUIDE.topics.values())
HARDEST_GRADE = 8.0
#: words that blame, frighten or promise
BANNED = re.compile(
    r"\b(?:fight\w*|battl\w*|war|brave\w*|victims?|hopeless|miracles?|deadly|fatal|terminal|"
    r"suffer\w*|unfortunately|sadly|devastating|nothing (?:more )?can be done|lose the)\b",
    re.IGNORECASE,
)
#: treatments that must be explained, by the names people use
TREATMENTS = """
pemetrexed + cisplatin; pemetrexed + carboplatin; bevacizumab; nivolumab + ipilimumab;
pembrolizumab + chemotherapy; nivolumab; ramucirumab + gemcitabine; pegargiminase + chemotherapy;
vinorelbine; gemcitabine; semaxanib; tetrathiomolybdate; nintedanib; cediranib;
Tumor Treating Fields; hemithoracic radiotherapy; palliative radiotherapy; tract radiotherapy;
pleurectomy/decortication; extended pleurectomy/decortication; extrapleural pneumonectomy;
cytoreduction + HIPEC; orchiectomy; pericardiectomy; supportive care; palliative care
"""
#: what a person with mesothelioma may feel
SYMPTOMS = """
difficulty breathing; fatigue; fever; vision change; seizures; memory loss; belly pain; bone pain;
weakness; weight loss; blood pressure; weak muscles; shortness of breath
"""
RED_FLAGS = """
spinal cord compression; seizure; superior vena cava obstruction; sepsis; sudden breathlessness;
coughing up blood; confusion
"""
OTHERS = """
stage 1; stage 2; stage 3; stage 4; TNM; direct spread; lymphatic spread; toll gate; blood spread;
angiogenesis; metastasis; cell type; stage migration; age; fitness; response; prevention;
early stages; revealed by immunotherapy; brain imaging; prognosis; palliative care; tongue; scalp;
immunotherapy before surgery; support groups; exercise; second opinion; how common; peritoneal index
"""


def listed(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(";")]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
def test_the_plain_text_is_easy_to_read(topic: Topic) -> None:
    assert grade(topic.plain) <= HARDEST_GRADE
    if topic.red_flag:
        assert grade(f"{topic.red_flag.signs} {topic.red_flag.what_to_do}") <= HARDEST_GRADE


def test_a_hard_text_is_seen() -> None:
    hard = next(t for t in TOPICS if t.id == "hemithoracic-radiotherapy").clinician
    assert grade(hard) > HARDEST_GRADE


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
def test_words_are_calm(topic: Topic) -> None:
    assert BANNED.findall(" ".join([topic.title, *topic.texts()])) == []


def found_in(value: PublishedValue) -> Iterator[str]:
    """Yield the ways in which the figures of a published value may be written."""
    for number in (value.value, value.ci_low, value.ci_high):
        if number is not None:
            yield from (f"{number:g}", f"{number:.1f}", f"{number:.0f}", f"{number:.2g}")
            yield from (f"{100 * number:.3g}", f"{100 * number:.0f}", f"{abs(100 * number):.3g}")
    for number in (value.n, value.events):
        if number is not None:
            yield f"{number:.0f}"
    told = (value.subject, value.population, value.arm, value.stage, value.statistic, value.note)
    yield from re.findall(r"\d+(?:\.\d+)?", " ".join(told))


def unfounded(topic: Topic) -> list[str]:
    """Return the figures of a topic that none of its sources holds."""
    allowed = {"100"}
    for identifier in topic.sources:
        value = load_published()[identifier]
        # survival is told to those who ask for it, with an interval; not here
        if value.topic != "survival" and not re.match(r"OS\b", value.subject):
            allowed |= set(found_in(value))
    for identifier in topic.reading:
        allowed |= set(GUIDE.reading[identifier].figures)
    return [figure for text in topic.texts() for figure in figures(text) if figure not in allowed]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
def test_every_figure_is_in_a_source(topic: Topic) -> None:
    assert unfounded(topic) == []


def test_an_invented_figure_is_seen() -> None:
    liver = GUIDE.topics["liver"]
    changed = liver.model_copy(update={"plain": f"{liver.plain} Found in 77 out of 100."})
    assert unfounded(changed) == ["77"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.id)
def test_nobody_is_told_unasked_how_long_people_live(topic: Topic) -> None:
    said = " ".join([topic.plain, topic.clinician])
    assert not re.search(r"\d+(?:\.\d+)? (?:months|years)[^.]*\b(?:alive|live|surviv)", said)
    assert not re.search(r"\b(?:median|overall) survival\b[^.]*\d", said)


def test_every_reading_is_used() -> None:
    assert set(GUIDE.reading) == {name for topic in TOPICS for name in topic.reading}


def missing(names: list[str]) -> list[str]:
    known = {key(name) for topic in TOPICS for name in topic.names()}
    return [name for name in names if key(name) not in known]


@pytest.mark.parametrize("names", [TREATMENTS, SYMPTOMS, RED_FLAGS, OTHERS])
def test_what_must_be_explained_is(names: str) -> None:
    assert missing(listed(names)) == []


def test_a_missing_topic_is_seen() -> None:
    assert missing(["liver", "toe"]) == ["toe"]


def test_every_primary_and_every_site_is_explained() -> None:
    names = [p.name for p in primaries()]
    names += [site.name for p in primaries() for site in p.sites]
    assert missing(names) == []


@pytest.mark.parametrize("primary", shipped_primaries())
def test_all_that_the_models_name_is_explained(primary: str) -> None:
    seen = observation(primary)
    names = [m.name for m in seen.modality] + [s.name for s in seen.symptom]
    names += [t.name for t in treatments(primary).treatment]
    assert missing(names) == []


def test_red_flags_say_what_to_do() -> None:
    for name in listed(RED_FLAGS):
        flag = GUIDE.find(name).red_flag
        assert flag is not None
        assert flag.urgency == "emergency"
        assert re.search(r"\b[Cc]all\b", flag.what_to_do)


def test_commands_in_the_texts_exist() -> None:
    known = {
        *("forecast", "compare", "stage", "simulate", "evidence", "explain", "ask", "centres"),
    }
    library = treatments("pleural").treatment
    names = {alias.lower() for t in library for alias in (t.name, *t.aliases)} | {"none"}
    for topic in TOPICS:
        for command in topic.try_it:
            program, name, *_ = command.split()
            assert program == "mesospread"
            assert name in known
            for treatment in re.findall(r"--treatment (\S+)", command):
                assert treatment.lower() in names, topic.id


def test_no_test_question_stands_in_the_index() -> None:
    """What the search is judged by must not be what it learnt from."""
    path = Path(__file__).with_name("questions.toml")
    kept = tomllib.loads(path.read_text("utf-8"))
    questions = [q for qs in kept["answered"].values() for q in qs]
    questions += [*kept["ambiguous"], *kept["more"], *kept["fresh"]]
    asked = {key(text).rstrip("?! ") for topic in TOPICS for text in topic.asked}
    assert [q for q in questions if key(q).rstrip("?! ") in asked] == []
