"""Find the topics that answer a question: SQLite full-text search with BM25, and likeness.

Nothing is generated. An answer is a topic of the guide with its sources, or the words that
there is none. The index lives in memory; a question is neither stored nor sent.
"""

from __future__ import annotations

import difflib
import math
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from mesospread.errors import MissingExtraError
from mesospread.guide.likeness import Meanings, Phrases, meanings_installed
from mesospread.guide.phrases import (
    Urgent,
    fillers,
    no_answer,
    on_the_subject,
    outside,
    spoken,
    terms_of,
    urgent_signs,
    words_of,
)
from mesospread.guide.topics import Guide, Topic, key, load_guide

#: columns of the index and how much a word found there counts
WEIGHTS = {"title": 8.0, "aliases": 6.0, "asked": 4.0, "plain": 1.0, "clinician": 0.3}
#: a topic called by its name gains this, times how rare the words of the name are
NAME_BONUS = 1.6
#: and this much more for each further word of the name
LONG_NAME = 0.25
#: what is left of a score when the topic holds none of the question's words
UNCOVERED = 0.4
#: the least score times coverage of an answer: on this illness, or not
LEAST_FIT = {True: 1.7, False: 4.5}
#: and the least coverage of a topic that is named although there is no answer
NEAR = 0.2
#: what a word that no topic holds is worth, in words that one topic holds
UNKNOWN = 0.7
#: what is left of the score of a general topic when a specific one is called by name
GENERAL = 0.7
#: "does a biopsy of the liver help" is about the biopsy: what is left of the score of the place
FOREGROUND = {"scan", "treatment", "symptom", "red_flag"}
BACKGROUND = 0.85
#: what the likest way to ask about a topic adds to its score, times how like the question is:
#: in words, and in meaning where the extra ``embeddings`` is installed
ALIKE = 10.0
MEANING = 12.0
#: a question this like a way to ask about a topic is answered, however badly the text fits
LEAST_ALIKE = 0.6
LEAST_MEANING = 0.65
#: a word at least this long, and this like a word of the guide, is taken for a mistyped one
SHORTEST_MISTYPED = 6
LIKENESS = 0.88
#: topics that nobody is shown beside another answer
UNASKED = frozenset({"prognosis"})
#: topics given as an answer
PASSAGES = 3
_CANDIDATES = 40
#: letters by which a mistyped word may be too long or too short
_ENDING = 2
_TOKENIZER = "porter unicode61 remove_diacritics 2"


@dataclass(frozen=True)
class Passage:
    """A topic found for a question.

    Attributes
    ----------
    topic
        The topic.
    score
        How well it fits; higher is better, comparable within one question.
    coverage
        Share of the question's words that it holds, by rarity, 0 to 1.
    called
        Worth of the name by which the question calls it, 0 if it does not.
    fit
        Score of its text alone times the coverage.
    alike
        How like the question is to the likest way to ask about it, in words, 0 to 1.
    meaning
        The same by what the words mean, -1 to 1; 0 without the extra ``embeddings``.
    """

    topic: Topic
    score: float
    coverage: float
    called: float = 0.0
    fit: float = 0.0
    alike: float = 0.0
    meaning: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What the guide says to a question.

    Attributes
    ----------
    question
        As typed.
    urgent
        Emergency advice, to be shown before anything else.
    passages
        Topics, best first; empty if declined.
    declined
        Why there is no answer; empty if there is one.
    near
        Where declined although the question is about this illness: topics that may help.
    """

    question: str
    urgent: tuple[Urgent, ...]
    passages: tuple[Passage, ...] = ()
    declined: str = ""
    near: tuple[Topic, ...] = ()


def ask(question: str, guide: Guide | None = None, *, meanings: bool | None = None) -> Answer:
    """Answer a question in plain words with topics of the guide, or say that there is no answer.

    Parameters
    ----------
    question
        What was typed.
    guide
        The guide; default: the one that ships.
    meanings
        Whether meanings are compared as well as words; default: if the extra ``embeddings`` is
        installed.

    Raises
    ------
    MissingExtraError
        If Python's SQLite was built without full-text search, or meanings are asked for without
        the extra.
    """
    meanings = meanings_installed() if meanings is None else meanings
    index = _shipped(meanings) if guide is None else Index(guide, meanings=meanings)
    spelled = index.corrected(question)
    urgent = tuple(urgent_signs(question, index.guide) or urgent_signs(spelled, index.guide))
    refusal = outside(question)
    if refusal:
        return Answer(question, urgent, declined=refusal)
    on_subject = on_the_subject([*words_of(question), *words_of(spelled)])
    found = _without_unasked(index.search(spelled))
    answered = bool(found) and _answers(found[0], on_subject)
    if urgent and not (urgent[0].unsure and answered):
        first = index.guide.topics[urgent[0].topic]
        if urgent[0].alone:
            found = [Passage(index.guide.topics[name], 0.0, 0.0) for name in first.see_also]
        found = [Passage(first, 0.0, 1.0), *(p for p in found if p.topic.id != first.id)]
    elif not answered:
        near = [p for p in found[:PASSAGES] if on_subject and p.coverage >= NEAR]
        return Answer(question, (), declined=no_answer(), near=tuple(p.topic for p in near))
    return Answer(question, urgent, tuple(found[:PASSAGES]))


@cache
def _shipped(meanings: bool) -> Index:
    return Index(load_guide(), meanings=meanings)


class Index:
    """A full-text index of a guide, in memory.

    Parameters
    ----------
    guide
        What to search.
    meanings
        Whether meanings are compared as well as words.
    """

    def __init__(self, guide: Guide, *, meanings: bool = False) -> None:
        self.guide = guide
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        # one question at a time: the web answers in several threads
        self._lock = threading.Lock()
        topics = list(guide.topics.values())
        self._ids = list(guide.topics)
        self._spelled = {w for topic in topics for text in _columns(topic) for w in words_of(text)}
        self._spelled |= spoken()
        self._table("topics", WEIGHTS, map(_columns, topics))
        self._held = [set(words) for words in self._stems("topics", len(topics))]
        self._rarity = _rarity(self._held)
        exact = [(key(name), row) for row, topic in enumerate(topics) for name in topic.names()]
        # without filler words, unless that is the name of another topic
        names = [*((_bare(name), row) for name, row in exact), *exact]
        self._table("names", ("name",), ((name,) for name, _ in names))
        stems = self._stems("names", len(names))
        self._names = {tuple(s): row for s, (_, row) in zip(stems, names, strict=True) if s}
        phrases = [(text, row) for row, topic in enumerate(topics) for text in _phrases(topic)]
        texts, owners = [text for text, _ in phrases], [row for _, row in phrases]
        self._phrases = Phrases(self._stemmed([" ".join(words_of(t)) for t in texts]), owners)
        self._meanings = Meanings(texts, owners) if meanings else None

    def corrected(self, question: str) -> str:
        """Return the words of a question, mistyped long ones put right: "peritonial"."""
        return " ".join(map(self._put_right, words_of(question)))

    def _put_right(self, word: str) -> str:
        if len(word) < SHORTEST_MISTYPED or word in self._spelled:
            return word
        about = range(len(word) - _ENDING, len(word) + _ENDING + 1)
        alike = [w for w in self._spelled if w[0] == word[0] and len(w) in about]
        nearest = difflib.get_close_matches(word, alike, n=1, cutoff=LIKENESS)
        return nearest[0] if nearest else word

    def search(self, question: str) -> list[Passage]:
        """Return topics that hold any of the words, or are asked about alike, best first.

        Parameters
        ----------
        question
            A question, spelled as the guide is.
        """
        terms = terms_of(question)
        if not terms:
            return []
        words = sorted({word for term in terms for word in term.meant})
        with self._lock:
            groups = self._stemmed([" ".join(term.meant) for term in terms])
            (said,) = self._stemmed([" ".join(w for term in terms for w in term.said)])
            (all_said,) = self._stemmed([question])
            rows = self._database.execute(
                f"SELECT rowid, bm25(topics, {', '.join(map(str, WEIGHTS.values()))}) "
                f"FROM topics WHERE topics MATCH ? ORDER BY 2 LIMIT {_CANDIDATES}",
                (" OR ".join(f'"{word}"' for word in words),),
            ).fetchall()
        called = self._called([said, [stem for group in groups for stem in group]])
        scores = {row - 1: -score for row, score in rows}
        alike = self._phrases.alike(all_said)
        found = {
            row: self._passage(row, scores.get(row, 0.0), groups, called.get(row, 0.0))
            for row in {*scores, *sorted(alike, key=lambda r: (-alike[r], r))[:_CANDIDATES]}
        }
        kinds = {str(p.topic.kind) for p in found.values() if p.called and not p.topic.general}
        meant = self._meanings.alike(question) if self._meanings else {}
        ranked = [
            _with_likeness(p, _standing(p.topic, kinds), alike.get(row, 0.0), meant.get(row, 0.0))
            for row, p in sorted(found.items())
        ]
        return sorted(ranked, key=lambda passage: -passage.score)

    def _passage(
        self, row: int, score: float, groups: Sequence[Sequence[str]], bonus: float
    ) -> Passage:
        coverage = self._coverage(row, groups)
        topic = self.guide.topics[self._ids[row]]
        score = (score + NAME_BONUS * bonus) * (UNCOVERED + (1.0 - UNCOVERED) * coverage)
        return Passage(topic, score, coverage, bonus)

    def _coverage(self, row: int, groups: Sequence[Sequence[str]]) -> float:
        """Return the share of the terms that a topic holds; two thirds of one are enough."""
        held = self._held[row]
        total = found = 0.0
        for group in filter(None, groups):
            worths = [self._worth(stem) for stem in group]
            kept = sum(w for w, stem in zip(worths, group, strict=True) if stem in held)
            total += max(worths)
            found += max(worths) * min(1.0, 1.5 * kept / sum(worths))
        return found / total if total else 0.0

    def _worth(self, stem: str) -> float:
        """Return how much a word tells: the rarer, the more."""
        return self._rarity.get(stem, UNKNOWN * math.log(1.0 + len(self._ids)))

    def _called(self, questions: Iterable[Sequence[str]]) -> dict[int, float]:
        """Return the topics whose name stands in a question, with the worth of that name."""
        called: dict[int, float] = {}
        for stems in questions:
            for start in range(len(stems)):
                for end in range(start + 1, min(start + 8, len(stems)) + 1):
                    row = self._names.get(tuple(stems[start:end]))
                    if row is not None:
                        worth = sum(self._worth(stem) for stem in stems[start:end])
                        worth *= 1.0 + LONG_NAME * (end - start - 1)
                        called[row] = max(called.get(row, 0.0), worth)
        return called

    def _table(self, name: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
        columns = list(columns)
        try:
            self._database.execute(
                f"CREATE VIRTUAL TABLE {name} USING fts5("
                f"{', '.join(columns)}, tokenize = '{_TOKENIZER}')"
            )
        except sqlite3.OperationalError as problem:
            raise MissingExtraError(
                "this Python's SQLite has no full-text search (FTS5)",
                given=str(problem),
                remedy="Use a Python whose SQLite has FTS5, as the builds of python.org have",
            ) from None
        marks = ", ".join("?" * len(columns))
        self._database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        self._database.execute(
            f"CREATE VIRTUAL TABLE {name}_words USING fts5vocab('{name}', 'instance')"
        )

    def _stems(self, table: str, rows: int) -> list[list[str]]:
        """Return the stemmed words of each row of a table, in order."""
        stems: list[list[str]] = [[] for _ in range(rows)]
        query = f"SELECT doc, term FROM {table}_words ORDER BY doc, col, offset"
        for row, stem in self._database.execute(query):
            stems[row - 1].append(stem)
        return stems

    def _stemmed(self, texts: Sequence[str]) -> list[list[str]]:
        """Stem the words of texts as SQLite stems those of the topics."""
        self._table("asked", ("text",), ((text,) for text in texts))
        stems = self._stems("asked", len(texts))
        self._database.execute("DROP TABLE asked_words")
        self._database.execute("DROP TABLE asked")
        return stems


def _answers(best: Passage, on_subject: bool) -> bool:
    """Whether a topic fits a question well enough to be given as an answer."""
    asked_so = best.alike >= LEAST_ALIKE or best.meaning >= LEAST_MEANING
    return asked_so or best.fit >= LEAST_FIT[on_subject]


def _without_unasked(found: Sequence[Passage]) -> list[Passage]:
    """Leave out how long people live, unless it fits best, is named or is asked for."""
    return [
        p
        for p in found
        if p.topic.id not in UNASKED or p is found[0] or p.called or p.alike >= LEAST_ALIKE
    ]


def _with_likeness(passage: Passage, standing: float, alike: float, meaning: float) -> Passage:
    """Return a passage whose score also tells how like the question is to ways to ask."""
    text = passage.score * standing
    score = text + ALIKE * alike + MEANING * meaning
    fit = text * passage.coverage
    return replace(passage, score=score, fit=fit, alike=alike, meaning=meaning)


def _standing(topic: Topic, called: set[str]) -> float:
    """Return what the score of a topic is worth, given the kinds of those called by name."""
    if topic.general and called:
        return GENERAL
    return BACKGROUND if topic.kind == "site" and called & FOREGROUND else 1.0


def _columns(topic: Topic) -> tuple[str, ...]:
    flag = f" {topic.red_flag.signs}" if topic.red_flag else ""
    return (
        topic.title,
        " · ".join((topic.id, *topic.aliases)),
        " · ".join(topic.asked),
        topic.plain + flag,
        topic.clinician,
    )


def _phrases(topic: Topic) -> tuple[str, ...]:
    return (topic.title, *topic.aliases, *topic.asked)


def _bare(name: str) -> str:
    """Return a name without filler words, as questions are looked at."""
    words = words_of(name)
    return " ".join([word for word in words if word not in fillers()] or words)


def _rarity(held: Sequence[set[str]]) -> dict[str, float]:
    """Return for each word the logarithm of one plus topics over topics that hold it."""
    counts: dict[str, int] = {}
    for words in held:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return {word: math.log(1.0 + len(held) / count) for word, count in counts.items()}
