"""What people type, taken apart: words, patterns of words, and synonyms; all read from data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mesospread.errors import InputError
from mesospread.guide.alarm import THRESHOLD, alarm
from mesospread.guide.topics import Guide, Identifier, RedFlag, Text, load_guide
from mesospread.reading import M, checked, read_mapping

#: all parts of a pattern must occur within this many words
WINDOW = 14

_CONTRACTIONS = (
    (re.compile(r"\b(?:can't|cant|can not|couldn't|couldnt|unable to|not able to)\b"), "cannot"),
    (re.compile(r"\bwon't\b|\bwont\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\bnot been able to\b"), "cannot"),
    (re.compile(r"\b(?:dont|doesnt|didnt|isnt|wasnt|hasnt)\b"), "not"),
    (re.compile(r"'(?:s|m|re|ve|d|ll)\b"), " "),
)
_WORD = re.compile(r"[a-z0-9]+")
#: cT3, pN1, ypT2 in a report, and T2N0 in one word
_CATEGORY = re.compile(r"\b[cpy]{1,2}(?=[tnm][0-4])|(?<=[tnm][0-4])(?=[cpy]?[tnm][0-4])")


def without_accents(text: str) -> str:
    """Return a text with its letters alone: ``"convulsión"`` as ``"convulsion"``."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def words_of(text: str) -> list[str]:
    """Return the words of a question: lower case, no accents, "can't" as "cannot"."""
    text = without_accents(text.casefold()).replace("’", "'").replace("‘", "'")
    for contraction, full in _CONTRACTIONS:
        text = contraction.sub(full, text)
    text = _CATEGORY.sub(" ", text)
    return _WORD.findall(text)


Run = tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Pattern:
    """Groups of words that must all occur near each other, in any order.

    Attributes
    ----------
    groups
        Each group holds alternatives; each alternative is a run of words, one regular
        expression per word.
    """

    groups: tuple[tuple[Run, ...], ...]

    @classmethod
    def read(cls, text: str) -> Pattern:
        """Read a pattern: ``"cannot|lost feel*"``, ``"took too+many|too+much"``.

        Raises
        ------
        ValueError
            If it holds anything but lower-case words, ``|``, ``+`` and a closing ``*``.
        """
        for word in re.split(r"[ +|]", text):
            if not re.fullmatch(r"[a-z0-9]+\*?", word):
                raise ValueError(f"not a pattern of words: {text!r}")
        return cls(
            tuple(
                tuple(
                    tuple(re.compile(word.replace("*", "[a-z0-9]*")) for word in run.split("+"))
                    for run in group.split("|")
                )
                for group in text.split()
            )
        )

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each group has words of its own within a window of the words."""
        last = max(1, len(words) - WINDOW + 1)
        return any(self._all_in(words[start : start + WINDOW]) for start in range(last))

    def _all_in(self, window: Sequence[str]) -> bool:
        left: list[str] = list(window)
        for group in self.groups:
            found = _first(group, left)
            if found is None:
                return False
            # a word counts for one group only
            start, end = found
            left[start:end] = [""] * (end - start)
        return True


def _first(group: Sequence[Run], words: Sequence[str]) -> tuple[int, int] | None:
    """Return start and end of the first words that one of the alternatives fits."""
    for start in range(len(words)):
        for run in group:
            part = words[start : start + len(run)]
            if len(part) == len(run) and all(
                p.fullmatch(w) for p, w in zip(run, part, strict=True)
            ):
                return start, start + len(run)
    return None


def _readable(text: str) -> str:
    Pattern.read(text)
    return text


PatternText = Annotated[str, AfterValidator(_readable)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sign(_Part):
    topic: str
    words: tuple[PatternText, ...]
    unless: tuple[str, ...] = ()
    aside: tuple[Text, ...] = ()
    alone: bool = False
    last: bool = False


class _UrgentAdvice(_Part):
    emergency: Text
    today: Text


class _UrgentFile(_Part):
    format: Literal[1]
    advice: _UrgentAdvice
    lists: dict[Identifier, PatternText] = {}
    sign: tuple[_Sign, ...]

    @model_validator(mode="before")
    @classmethod
    def _with_lists(cls, data: Any) -> Any:
        """Put the words of a list where a pattern names it: ``@legs``."""
        lists = data.get("lists", {}) if isinstance(data, dict) else {}
        for sign in data.get("sign", []) if lists else []:
            sign["words"] = [
                re.sub(r"@([a-z]+)", lambda m: lists.get(m[1], m[0]), text)
                for text in sign.get("words", [])
            ]
        return data


class _Rule(_Part):
    id: str
    words: tuple[PatternText, ...]
    unless: tuple[str, ...] = ()
    unless_on_subject: bool = False
    answer: Text


class _OutsideAdvice(_Part):
    nothing: Text


class _OutsideFile(_Part):
    format: Literal[1]
    advice: _OutsideAdvice
    subject: tuple[PatternText, ...]
    rule: tuple[_Rule, ...]


class _Synonym(_Part):
    say: tuple[Text, ...] = Field(min_length=1)
    means: Text


class _SynonymFile(_Part):
    format: Literal[1]
    ignore: tuple[Text, ...]
    fillers: Text
    synonym: tuple[_Synonym, ...]


@dataclass(frozen=True)
class Urgent:
    """Advice that comes before anything else.

    Attributes
    ----------
    topic
        Identifier of the topic it belongs to.
    advice
        Whom to call, with numbers.
    red_flag
        The signs, and what to do now.
    alone
        Whether nothing but this topic and those it names should be shown.
    unsure
        Whether it only sounds like danger: the answer stands beside the advice.
    """

    topic: str
    advice: str
    red_flag: RedFlag
    alone: bool
    unsure: bool = False


def _data(name: str, model: type[M]) -> M:
    with as_file(files("mesospread.guide") / "data" / name) as path:
        return checked(model, read_mapping(path), name)


@cache
def _urgent_file(language: str = "en") -> _UrgentFile:
    return _data("urgent.toml" if language == "en" else f"urgent_{language}.toml", _UrgentFile)


@cache
def _outside_file() -> _OutsideFile:
    return _data("outside.toml", _OutsideFile)


@cache
def _synonym_file() -> _SynonymFile:
    return _data("synonyms.toml", _SynonymFile)


def _said(pattern_texts: Sequence[str], unless: Sequence[str], words: Sequence[str]) -> bool:
    if any(word in words for word in unless):
        return False
    return any(_pattern(text).fits(words) for text in pattern_texts)


def _without(words: Sequence[str], phrases: Sequence[str]) -> list[str]:
    """Return words with some phrases taken out; a gap that no pattern spans by chance stays."""
    left = list(words)
    for phrase in map(words_of, phrases):
        for start in range(len(left) - len(phrase), -1, -1):
            if left[start : start + len(phrase)] == phrase:
                left[start : start + len(phrase)] = [""] * len(phrase)
    return left


@cache
def _pattern(text: str) -> Pattern:
    return Pattern.read(text)


def advice_for(red_flag: RedFlag, language: str = "en") -> str:
    """Return whom to call, with the numbers of several countries."""
    advice = _urgent_file(language).advice
    return advice.emergency if red_flag.urgency == "emergency" else advice.today


def urgent_signs(question: str, guide: Guide | None = None, language: str = "en") -> list[Urgent]:
    """Return the emergency advice that a question calls for, most urgent first.

    Parameters
    ----------
    question
        What was typed.
    guide
        The guide; default: the one that ships.
    language
        Whose words are looked for, and in which the advice is told.

    Raises
    ------
    InputError
        If the data names a topic without red flag.
    """
    topics = (guide or load_guide()).topics
    words = words_of(question)
    found: list[Urgent] = []
    for sign in _urgent_file(language).sign:
        topic = topics.get(sign.topic)
        if topic is None or topic.red_flag is None:
            raise InputError(
                "no topic with a red flag", where="urgent.toml", given=repr(sign.topic)
            )
        if sign.last and found:
            continue
        if _said(sign.words, sign.unless, _without(words, sign.aside)) or (
            sign.last and alarm(words) > THRESHOLD
        ):
            advice = advice_for(topic.red_flag, language)
            found.append(Urgent(topic.id, advice, topic.red_flag, sign.alone, sign.last))
    return sorted(found, key=lambda u: (not u.alone, u.red_flag.urgency != "emergency"))


def outside(question: str) -> str | None:
    """Return what to say to a question that the guide does not answer, else None."""
    words = words_of(question)
    for rule in _outside_file().rule:
        if _said(rule.words, rule.unless, words) and not (
            rule.unless_on_subject and on_the_subject(words)
        ):
            return rule.answer
    return None


def on_the_subject(words: Sequence[str]) -> bool:
    """Whether one of the words of a question belongs to this illness."""
    return _said(_outside_file().subject, (), words)


def no_answer() -> str:
    """Return what to say when nothing fits."""
    return _outside_file().advice.nothing


@dataclass(frozen=True)
class Term:
    """A piece of a question to look for.

    Attributes
    ----------
    said
        The words as typed.
    meant
        The words to look for; any of them counts.
    """

    said: tuple[str, ...]
    meant: tuple[str, ...]


@cache
def fillers() -> frozenset[str]:
    """Return the words that say nothing about the topic of a question."""
    return frozenset(_synonym_file().fillers.split())


@cache
def _synonyms() -> dict[tuple[str, ...], tuple[str, ...]]:
    read = _synonym_file()
    table: dict[tuple[str, ...], tuple[str, ...]] = {tuple(words_of(x)): () for x in read.ignore}
    for synonym in read.synonym:
        for phrase in synonym.say:
            table[tuple(words_of(phrase))] = tuple(words_of(synonym.means))
    return table


@cache
def spoken() -> frozenset[str]:
    """Return the words that people use and for which the guide has others."""
    return frozenset(word for phrase in _synonyms() for word in phrase) | fillers()


def terms_of(question: str) -> list[Term]:
    """Return the pieces of a question, synonyms replaced, filler words left out."""
    table = _synonyms()
    longest = max(map(len, table))
    words = words_of(question)
    terms, at = [], 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            said = tuple(words[at : at + length])
            if said in table:
                if table[said]:
                    terms.append(Term(said, table[said]))
                at += length
                break
        else:
            if words[at] not in fillers():
                terms.append(Term((words[at],), (words[at],)))
            at += 1
    return terms
