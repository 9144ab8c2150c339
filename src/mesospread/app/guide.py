"""Explain a topic, list all topics, and answer a question with checked text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mesospread.app.guide_model import model_says
from mesospread.app.harms import harms_by_name
from mesospread.errors import InputError
from mesospread.evidence.published import PublishedValue, cite, load_published, tells_survival
from mesospread.guide.phrases import Urgent, advice_for, urgent_signs
from mesospread.guide.search import Passage
from mesospread.guide.search import ask as search
from mesospread.guide.topics import KINDS, Guide, RedFlag, Topic
from mesospread.guide.translations import ENGLISH, LANGUAGES, guide_in, named_in
from mesospread.report.guide_text import AskText, ExplainText, TopicsText
from mesospread.report.strings import catalogue

__all__ = ["AskText", "ExplainText", "TopicsText", "ask", "explain", "list_topics"]

#: how published values are grouped under --numbers, in this order
_GROUPS = {
    "How often it was found": (
        "site_involvement", "brain", "nodal", "local_spread", "any_metastasis",
        "stage_distribution", "histology_mix", "demographics",
    ),
    "How well tests see it": ("imaging_accuracy",),
    "Signs": ("symptom",),
    "Treatment": ("treatment_effect",),
    "Harms of treatment": ("harm",),
    "Other": ("mechanism", "growth_kinetics", "staging_rule"),
    "How long people lived": ("survival",),
}  # fmt: skip
_SPREAD = ("site_involvement", "brain", "nodal", "local_spread", "any_metastasis")


def list_topics(lang: str = ENGLISH) -> dict[str, Any]:
    """Return all topics by kind: ``kinds``, each with ``kind``, ``label`` and ``topics``.

    Parameters
    ----------
    lang
        Language of the headings and titles: ``"en"`` or ``"es"``.

    Raises
    ------
    InputError
        For a language that the guide does not have.
    """
    topics = guide_in(lang).topics.values()
    headings = catalogue("mesospread.report").sentences[lang]
    return {
        "language": lang,
        "kinds": [
            {
                "kind": kind,
                "label": headings.get(f"kind.{kind}", label),
                "topics": [{"id": t.id, "title": t.title} for t in topics if t.kind == kind],
            }
            for kind, label in KINDS.items()
        ],
    }


def explain(
    name: str, *, prognosis: bool = False, primary: str | None = None, lang: str = ENGLISH
) -> dict[str, Any]:
    """Return what the guide says about a topic.

    Parameters
    ----------
    name
        Name, title or alias of the topic, e.g. ``"liver"`` or ``"stage IV"``.
    prognosis
        Whether published values about survival may be shown. Only if they are asked for.
    primary
        Whose numbers of the model are wanted; those of all primaries if None.
    lang
        Language of the sentences about these numbers and of what patients read: ``"en"`` or
        ``"es"``. What clinicians read, sources and published values are English.

    Returns
    -------
    dict
        The topic with its texts, red flag, sources, reading, ``numbers``: the published
        values whose subject belongs to it, each with its group, setting and source;
        ``harms``: the main harms of a treatment, with how often they were counted; and
        ``model``: what the models of the primaries say about it, in sentences and in tables
        with intervals (see `mesospread.app.guide_numbers.ModelSays`), None if nothing.

    Raises
    ------
    InputError
        If no topic is called that, with the nearest names, or there is no such primary
        or language.
    """
    guide = guide_in(lang)
    topic = guide.find(name)
    said = model_says(topic, primary=primary, lang=lang)
    return {
        **_passage(topic, guide, lang, prognosis=prognosis),
        "clinician": topic.clinician,
        "see_also": [{"id": i, "title": guide.topics[i].title} for i in topic.see_also],
        "numbers": _numbers(topic, prognosis=prognosis),
        "harms": _harms(topic, prognosis=prognosis),
        "model": said.model_dump(mode="json") if said else None,
        "prognosis": prognosis,
    }


def _harms(topic: Topic, *, prognosis: bool) -> list[dict[str, Any]]:
    rows = harms_by_name(topic.treatments, deaths=prognosis)
    return [row.model_dump(mode="json") | {"sources": cite(row.sources)} for row in rows]


def ask(question: str, lang: str = ENGLISH) -> dict[str, Any]:
    """Answer a question in plain words with checked text only.

    Nothing of the question is stored or sent. Questions are understood in English. Words of
    danger are known in every language of the guide, and advice on them is told in the language
    that they were typed in; so are names of topics.

    Parameters
    ----------
    question
        What was typed.
    lang
        Language of the answer: ``"en"`` or ``"es"``.

    Returns
    -------
    dict
        ``urgent``: advice to be shown before anything else; ``passages``: up to three topics,
        best first, with texts and sources; ``declined``: why there is no answer, else empty;
        ``near``: topics that may help all the same.

    Raises
    ------
    InputError
        If there is no question; for an unknown language.
    """
    if not question.strip():
        raise InputError(
            "there is no question",
            where="ask",
            remedy='For example: mesospread ask "Can it spread to the liver?"',
        )
    guide = guide_in(lang)
    answer = search(question)
    urgent = [_urgent(sign, guide, lang) for sign in answer.urgent]
    passages, declined = answer.passages, answer.declined
    for other in LANGUAGES[1:]:
        signs = urgent_signs(question, guide_in(other), other)
        if signs:
            urgent = [_urgent(sign, guide_in(other), other) for sign in signs]
            passages, declined = _on_urgent(signs[0], guide), ""
    near = [topic.id for topic in answer.near] if declined else []
    if declined and lang != ENGLISH:
        near += named_in(question, guide)
    return {
        "language": lang,
        "question": question,
        "urgent": urgent,
        "passages": [_found(passage, guide, lang) for passage in passages],
        "declined": declined,
        "near": [{"id": i, "title": guide.topics[i].title} for i in dict.fromkeys(near)],
    }


def urgent_among(symptoms: Sequence[str]) -> list[dict[str, str]]:
    """Return the advice that cannot wait on symptoms that are there, each once; in English.

    Parameters
    ----------
    symptoms
        Names, as a forecast or the diary has them.
    """
    guide = guide_in(ENGLISH)
    found = {
        sign.topic: _urgent(sign, guide, ENGLISH)
        for name in symptoms
        for sign in urgent_signs(name.replace("_", " "))
        if not sign.unsure
    }
    return list(found.values())


def _on_urgent(sign: Urgent, guide: Guide) -> tuple[Passage, ...]:
    """Return the topic of a sign that cannot wait; where it stands alone, what belongs to it."""
    first = guide.topics[sign.topic]
    others = first.see_also if sign.alone else ()
    return tuple(Passage(guide.topics[name], 0.0, 1.0) for name in (first.id, *others))


def _found(passage: Passage, guide: Guide, lang: str) -> dict[str, Any]:
    return {
        **_passage(guide.topics[passage.topic.id], guide, lang, prognosis=False),
        "score": round(passage.score, 2),
        "coverage": round(passage.coverage, 2),
    }


def _passage(topic: Topic, guide: Guide, lang: str, *, prognosis: bool) -> dict[str, Any]:
    return {
        "language": lang,
        "id": topic.id,
        "kind": topic.kind,
        "title": topic.title,
        "plain": topic.plain,
        "red_flag": _red_flag(topic.red_flag, lang) if topic.red_flag else None,
        "questions_for_the_team": list(topic.questions_for_the_team),
        "try_it": list(topic.try_it),
        "sources": [_source(identifier, prognosis=prognosis) for identifier in topic.sources],
        "reading": [
            guide.reading[i].model_dump(include={"id", "citation", "address", "read"})
            for i in topic.reading
        ],
    }


def _red_flag(flag: RedFlag, lang: str) -> dict[str, str]:
    return {**flag.model_dump(), "advice": advice_for(flag, lang)}


def _urgent(urgent: Urgent, guide: Guide, lang: str) -> dict[str, str]:
    topic = guide.topics[urgent.topic]
    flag = topic.red_flag or urgent.red_flag
    return {
        "id": topic.id,
        "language": lang,
        "title": topic.title,
        **_red_flag(flag, lang),
    }


def _source(identifier: str, *, prognosis: bool) -> dict[str, str]:
    """Return a source; what it says about survival only if that is wanted."""
    (cited,) = cite([identifier], prognosis=prognosis)
    return cited


def _numbers(topic: Topic, *, prognosis: bool) -> list[dict[str, Any]]:
    """Return the published values of a topic, by group, then by setting."""
    group_of = {name: group for group, names in _GROUPS.items() for name in names}
    order = list(_GROUPS)
    rows = [
        {
            "group": group_of[value.topic],
            "id": value.id,
            "primary": value.primary,
            "says": value.says(),
            "setting": value.setting,
            "population": value.population,
            "citation": value.citation,
            "doi": value.doi,
            "read_in": value.read_in,
            "confidence": value.confidence,
            # some notes add what became of the patients
            "note": "" if not prognosis and tells_survival(value.note) else value.note,
        }
        for value in load_published().values()
        if _belongs(value, topic) and (prognosis or not value.about_survival)
    ]
    return sorted(rows, key=lambda row: (order.index(row["group"]), row["setting"], row["id"]))


def _belongs(value: PublishedValue, topic: Topic) -> bool:
    """Whether a published value is about a topic."""
    if topic.kind == "primary":
        if value.primary != topic.id or value.topic not in _SPREAD:
            return False
        if not topic.numbers:
            return True
    words = "|".join(map(re.escape, topic.numbers))
    where = f"{value.subject} {value.arm}" if topic.kind == "treatment" else value.subject
    return bool(words and re.search(rf"(?<!\w)(?:{words})(?!\w)", where, re.IGNORECASE))
