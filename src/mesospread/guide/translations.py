"""The guide in other languages: what patients read, translated topic by topic.

A translation lies beside the English topics, in ``data/topics_<language>/*.toml``. It holds what
patients read: title, plain text, questions, and what to do about signs that cannot wait. What
clinicians read, sources and figures stay English. Each translation names the English words that
it was made from, so that one which is out of date is found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mesospread.errors import InputError, unknown_name
from mesospread.guide.phrases import without_accents, words_of
from mesospread.guide.topics import Guide, Identifier, Text, Topic, key, load_guide
from mesospread.reading import checked, read_mapping

ENGLISH = "en"
#: the languages of the guide, English first
LANGUAGES = (ENGLISH, "es")
_DIGITS = 12

Fingerprint = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{_DIGITS}}}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RedFlagWords(_Part):
    signs: Text
    what_to_do: Text


class Translation(_Part):
    """What patients read of one topic, in another language.

    Attributes
    ----------
    id
        Identifier of the topic.
    made_from
        `fingerprint` of the English topic that was translated.
    title, plain, questions_for_the_team
        As in `Topic`.
    red_flag
        The signs and what to do, if the topic has them.
    """

    id: Identifier
    made_from: Fingerprint
    title: Text
    plain: Text
    questions_for_the_team: tuple[Text, ...]
    red_flag: _RedFlagWords | None = None


class _TranslationFile(_Part):
    format: Literal[1]
    topic: tuple[Translation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _none_twice(self) -> Self:
        names = [one.id for one in self.topic]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"translated twice: {', '.join(twice)}")
        return self


def fingerprint(topic: Topic) -> str:
    """Return a short digest of the English words that a translation is made from.

    Line breaks and blanks do not count.

    Parameters
    ----------
    topic
        The English topic.
    """
    flag = topic.red_flag
    words = [topic.title, topic.plain, *topic.questions_for_the_team]
    words += [flag.signs, flag.what_to_do] if flag else []
    plain = json.dumps([" ".join(text.split()) for text in words])
    return hashlib.sha256(plain.encode()).hexdigest()[:_DIGITS]


def read_translations(folder: Path) -> Mapping[str, Translation]:
    """Read the translations in a folder, by identifier of the topic.

    Parameters
    ----------
    folder
        Holds ``*.toml``.

    Raises
    ------
    InputError
        For a damaged file, or a topic that is translated twice.
    """
    found: dict[str, Translation] = {}
    for path in sorted(folder.glob("*.toml")):
        for one in checked(_TranslationFile, read_mapping(path), path.name).topic:
            if one.id in found:
                raise InputError("translated twice", where=path.name, given=repr(one.id))
            found[one.id] = one
    return MappingProxyType(found)


def translated(topic: Topic, words: Translation) -> Topic:
    """Return a topic with the words of a translation; it still answers to its English names.

    Raises
    ------
    InputError
        If only one of the two has signs that cannot wait.
    """
    if (topic.red_flag is None) != (words.red_flag is None):
        raise InputError("signs that cannot wait in one language only", where=topic.id)
    flag = topic.red_flag
    if flag and words.red_flag:
        flag = flag.model_copy(update=words.red_flag.model_dump())
    bare = without_accents(words.title)
    names = {key(name): name for name in (topic.title, bare, *topic.aliases)}
    names.pop(key(words.title), None)
    return topic.model_copy(
        update={
            "title": words.title,
            "aliases": tuple(names.values()),
            "plain": words.plain,
            "questions_for_the_team": words.questions_for_the_team,
            "red_flag": flag,
        }
    )


@cache
def guide_in(language: str = ENGLISH) -> Guide:
    """Return the guide that ships with the package, in a language.

    A topic that is not translated stays English.

    Parameters
    ----------
    language
        ``"en"`` or ``"es"``.

    Raises
    ------
    InputError
        For a language that the guide does not have.
    """
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
    guide = load_guide()
    if language == ENGLISH:
        return guide
    with as_file(files("mesospread.guide") / "data" / f"topics_{language}") as folder:
        words = read_translations(folder)
    topics = {
        name: translated(topic, words[name]) if name in words else topic
        for name, topic in guide.topics.items()
    }
    return Guide(MappingProxyType(topics), guide.reading)


#: titles are searched for words at least this long, by this many first letters
_LONG, _STEM = 4, 6
_MOST_NAMED = 6
#: and not for these
_COMMON = frozenset(
    words_of(
        "mesote para como sobre puede cuando donde otro otra hacer hace tener tiene quiere seguir "
        "despue antes hasta desde esta este estos todo nada mucho"
    )
)


def named_in(question: str, guide: Guide) -> list[str]:
    """Return the topics whose titles share words with a question, most shared first.

    Only long words count, and short names in capitals such as TAC.

    Parameters
    ----------
    question
        What was typed.
    guide
        In the language of the question.
    """
    asked = _stems(question) | set(words_of(question))
    shared = {
        topic.id: (len(asked & stems), -len(stems))
        for topic in guide.topics.values()
        if asked & (stems := _stems(topic.title) | _short_names(topic.title))
    }
    return sorted(shared, key=lambda name: shared[name], reverse=True)[:_MOST_NAMED]


def _short_names(title: str) -> set[str]:
    """Return the names of three letters or more that a title writes in capitals."""
    return {name.lower() for name in re.findall(r"\b[A-Z]{3,}\b", title)}


def _stems(text: str) -> set[str]:
    """Return the first letters of the long words that not every title holds."""
    long = (word for word in words_of(text) if len(word) >= _LONG)
    return {word[:_STEM] for word in long} - _COMMON
