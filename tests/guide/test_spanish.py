"""The Spanish guide: complete, up to date with the English, easy to read, and safe."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from tests.support.spanish_reading import ease, syllables, words_of

from mesospread.app.guide import ask, explain, list_topics
from mesospread.errors import InputError
from mesospread.guide.phrases import urgent_signs
from mesospread.guide.topics import Topic, key, load_guide
from mesospread.guide.translations import (
    Translation,
    fingerprint,
    guide_in,
    named_in,
    read_translations,
    translated,
)
from mesospread.report.strings import catalogue

ENGLISH, SPANISH = load_guide().topics, guide_in("es").topics
FOLDER = Path(__file__).parents[2] / "src" / "mesospread" / "guide" / "data"
MADE = read_translations(FOLDER / "topics_es")
KEPT = tomllib.loads(Path(__file__).with_name("spanish_questions.toml").read_text("utf-8"))

#: INFLESZ: 55 to 65 is normal, above is fairly easy; a newspaper for adults has 60
HARDEST_PLAIN, HARDEST_FLAG, ALL_TOGETHER = 60.0, 50.0, 70.0
_OF_ENGLISH = frozenset(
    words_of("the of and to is in it that you for can with are or not may be this from when they")
)
_OF_SPANISH = frozenset(
    words_of("el la los las un una de del en que y o a no se su es con por para puede si más lo al")
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
#: as in the English guide: words that blame, frighten or promise
BANNED = re.compile(
    r"\b(?:luch\w*|batall\w*|guerra|valiente\w*|víctima\w*|desesperad\w*|milagro\w*|mortal\w*|"
    r"fatal\w*|terminal\w*|sufr\w*|desgraciad\w*|lamentablemente|devastador\w*|desahuci\w*)\b",
    re.IGNORECASE,
)


def texts(topic: Topic | Translation) -> list[str]:
    flag = topic.red_flag
    own = [topic.title, topic.plain, *topic.questions_for_the_team]
    return [*own, *((flag.signs, flag.what_to_do) if flag else ())]


def numbers(text: str) -> Counter[str]:
    return Counter(number.replace(".", ",") for number in _NUMBER.findall(text))


def paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text.strip())


def share(text: str, words: frozenset[str]) -> float:
    found = [word.lower() for word in words_of(text)]
    return sum(word in words for word in found) / len(found)


def test_every_topic_is_translated_and_none_is_made_up() -> None:
    assert set(MADE) == set(ENGLISH)


@pytest.mark.parametrize("name", ENGLISH)
def test_the_translation_is_of_the_english_that_ships(name: str) -> None:
    expected = fingerprint(ENGLISH[name])
    assert MADE[name].made_from == expected, (
        f"translation is out of date: read the English text of {name!r} again, correct the "
        f'Spanish one, then write made_from = "{expected}"'
    )


def test_a_changed_english_text_is_seen() -> None:
    liver = ENGLISH["liver"]
    assert fingerprint(liver.model_copy(update={"plain": f"{liver.plain} Or not."})) != fingerprint(
        liver
    )
    wrapped = liver.model_copy(update={"plain": liver.plain.replace(" ", "\n", 1)})
    assert fingerprint(wrapped) == fingerprint(liver)


@pytest.mark.parametrize("name", ENGLISH)
def test_the_form_is_that_of_the_english(name: str) -> None:
    english, spanish = ENGLISH[name], SPANISH[name]
    assert len(paragraphs(spanish.plain)) == len(paragraphs(english.plain))
    assert len(spanish.questions_for_the_team) == len(english.questions_for_the_team)
    assert all(q.endswith("?") and "¿" in q for q in spanish.questions_for_the_team)
    assert (spanish.red_flag is None) == (english.red_flag is None)
    assert spanish.clinician == english.clinician


@pytest.mark.parametrize("name", ENGLISH)
def test_every_number_and_telephone_is_kept(name: str) -> None:
    pairs = zip(texts(ENGLISH[name]), texts(SPANISH[name]), strict=True)
    assert [s for e, s in pairs if numbers(e) != numbers(s)] == []


def test_a_lost_number_is_seen() -> None:
    text = ENGLISH["crisis"].red_flag
    assert text is not None
    assert numbers(text.what_to_do) != numbers(text.what_to_do.replace("116 123", "116 132"))
    assert numbers("37.5 °C") == numbers("37,5 °C")


@pytest.mark.parametrize("name", ENGLISH)
def test_nothing_english_is_left(name: str) -> None:
    left = [
        part
        for text in texts(SPANISH[name])
        for part in paragraphs(text)
        if share(part, _OF_ENGLISH) > 0.02
    ]
    assert left == []
    assert share(SPANISH[name].plain, _OF_SPANISH) > 0.25


def test_english_is_seen() -> None:
    assert min(share(topic.plain, _OF_ENGLISH) for topic in ENGLISH.values()) > 0.1


@pytest.mark.parametrize("name", ENGLISH)
def test_the_spanish_is_easy_to_read(name: str) -> None:
    assert ease(SPANISH[name].plain) >= HARDEST_PLAIN
    flag = SPANISH[name].red_flag
    if flag:
        assert ease(f"{flag.signs} {flag.what_to_do}") >= HARDEST_FLAG


def test_the_spanish_as_a_whole_is_fairly_easy() -> None:
    assert ease("\n\n".join(topic.plain for topic in SPANISH.values())) >= ALL_TOGETHER


def test_the_check_of_the_reading_ease_can_fail() -> None:
    hard = "La diseminación hematógena requiere evaluación multidisciplinaria especializada."
    assert ease(hard) < 0
    spoken = {"mesotelioma": 5, "día": 2, "muy": 1, "y": 1, "siguiente": 3, "oído": 3, "leer": 2}
    assert {word: syllables(word) for word in spoken} == spoken


@pytest.mark.parametrize("name", ENGLISH)
def test_spanish_words_are_calm(name: str) -> None:
    assert BANNED.findall(" ".join(texts(SPANISH[name]))) == []


def test_red_flags_still_say_call() -> None:
    for name, english in ENGLISH.items():
        flag, own = SPANISH[name].red_flag, english.red_flag
        if flag and own:
            assert flag.urgency == own.urgency
            if re.search(r"\b[Cc]all\b", own.what_to_do):
                assert re.search(r"\b(?:[Ll]lame|[Ll]lamar)\b", flag.what_to_do), name
            ambulance = "ambulance" in own.what_to_do
            assert ("ambulancia" in flag.what_to_do) == ambulance, name


def test_a_topic_answers_to_its_spanish_and_english_names() -> None:
    guide = guide_in("es")
    for name in ("liver", "Liver", "hígado", "higado", "Hígado"):
        assert guide.find(name).id == "liver"
    named: dict[str, str] = {}
    for topic in guide.topics.values():
        for name in {key(name) for name in topic.names()}:
            assert named.setdefault(name, topic.id) == topic.id


def test_an_unknown_language_is_told() -> None:
    with pytest.raises(InputError, match="language"):
        guide_in("xx")


def test_damaged_translations_are_refused(tmp_path: Path) -> None:
    one = '[[topic]]\nid = "liver"\nmade_from = "000000000000"\ntitle = "x"\nplain = "x"\n'
    one += 'questions_for_the_team = ["x"]\n'
    (tmp_path / "a.toml").write_text(f"format = 1\n{one}{one}", "utf-8")
    with pytest.raises(InputError, match="translated twice"):
        read_translations(tmp_path)
    (tmp_path / "a.toml").write_text(f"format = 1\n{one}", "utf-8")
    (tmp_path / "b.toml").write_text(f"format = 1\n{one}", "utf-8")
    with pytest.raises(InputError, match="translated twice"):
        read_translations(tmp_path)
    with pytest.raises(InputError, match="one language only"):
        translated(ENGLISH["seizure"], MADE["liver"])


def test_what_is_explained_in_spanish() -> None:
    found = explain("brain", lang="es")
    assert (found["language"], found["title"]) == ("es", "Cerebro")
    assert found["red_flag"]["signs"].startswith("Una convulsión")
    assert all(number in found["red_flag"]["advice"] for number in ("911", "112", "999", "000"))
    assert "Spread to the brain" not in found["plain"]
    assert {"Convulsión (ataque)"} & {other["title"] for other in found["see_also"]}
    assert found["clinician"] == explain("brain")["clinician"]
    labels = {kind["label"] for kind in list_topics("es")["kinds"]}
    assert labels & {kind["label"] for kind in list_topics()["kinds"]} == set()


URGENT = [(question, topic) for topic, asked in KEPT["urgent"].items() for question in asked]


@pytest.mark.parametrize(("question", "topic"), URGENT)
def test_danger_is_seen_in_spanish(question: str, topic: str) -> None:
    answer = ask(question, "es")
    assert topic in [urgent["id"] for urgent in answer["urgent"]]
    first = answer["urgent"][0]
    assert first["language"] == "es"
    assert all(number in first["advice"] for number in ("911", "112", "999"))
    assert answer["passages"][0]["id"] == first["id"]


def test_danger_in_spanish_is_told_on_english_pages_too() -> None:
    answer = ask("No siento las piernas")
    assert answer["urgent"][0]["id"] == "spinal-cord-compression"
    assert answer["urgent"][0]["language"] == "es"
    assert answer["language"] == "en"
    assert ask("I can't feel my legs", "es")["urgent"][0]["signs"].startswith("Piernas")


def test_calm_spanish_questions_raise_no_alarm() -> None:
    calm = KEPT["calm"]["questions"]
    assert len(calm) >= 50
    assert [q for q in calm if urgent_signs(q, guide_in("es"), "es")] == []


def test_somebody_in_despair_sees_nothing_but_help_in_spanish() -> None:
    answer = ask("Quiero morir", "es")
    names = [passage["id"] for passage in answer["passages"]]
    assert names[0] == "crisis"
    assert set(names[1:]) <= set(ENGLISH["crisis"].see_also)
    assert "988" in answer["urgent"][0]["what_to_do"]
    assert urgent_signs("No quiero morir", guide_in("es"), "es") == []


def test_a_spanish_question_is_led_to_topics_of_that_name() -> None:
    assert named_in("¿Qué es una biopsia?", guide_in("es"))[0] == "biopsy"
    answer = ask("¿Qué es la angiogénesis?", "es")
    assert "Angiogénesis" in answer["near"][0]["title"]
    assert named_in("¿Y mañana?", guide_in("es")) == []


def test_places_and_signs_have_one_spanish_name() -> None:
    page, report = (catalogue(f"mesospread.{part}").sentences["es"] for part in ("web", "report"))
    both = [name for name in page if name.startswith("symptom.")]
    assert both
    assert [name for name in both if page[name] != report[name]] == []


def test_a_short_name_in_capitals_is_found() -> None:
    guide = guide_in("es")
    assert named_in("¿qué ve un TAC?", guide) == ["ct", "pet-ct"]
    assert named_in("pet-tac", guide)[0] == "pet-ct"
    assert named_in("qué es esto", guide) == []
