"""Explain a topic, list all topics, and answer a question with checked text."""

from __future__ import annotations

import re
from typing import Any

from mesospread.app.harms import harms_by_name
from mesospread.errors import InputError
from mesospread.evidence.published import PublishedValue, cite, load_published, tells_survival
from mesospread.guide.phrases import Urgent, advice_for
from mesospread.guide.search import Passage
from mesospread.guide.search import ask as search
from mesospread.guide.topics import KINDS, Guide, RedFlag, Topic, load_guide
from mesospread.report.guide_text import AskText, ExplainText, TopicsText

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


def list_topics() -> dict[str, Any]:
    """Return all topics by kind: ``kinds``, each with ``kind``, ``label`` and ``topics``."""
    topics = load_guide().topics.values()
    return {
        "kinds": [
            {
                "kind": kind,
                "label": label,
                "topics": [{"id": t.id, "title": t.title} for t in topics if t.kind == kind],
            }
            for kind, label in KINDS.items()
        ]
    }


def explain(name: str, *, prognosis: bool = False) -> dict[str, Any]:
    """Return what the guide says about a topic.

    Parameters
    ----------
    name
        Name, title or alias of the topic, e.g. ``"liver"`` or ``"stage IV"``.
    prognosis
        Whether published values about survival may be shown. Only if they are asked for.

    Returns
    -------
    dict
        The topic with its texts, red flag, sources, reading, ``numbers``: the published
        values whose subject belongs to it, each with its group, setting and source; and
        ``harms``: the main harms of a treatment, with how often they were counted.

    Raises
    ------
    InputError
        If no topic is called that, with the nearest names.
    """
    guide = load_guide()
    topic = guide.find(name)
    return {
        **_passage(topic, guide, prognosis=prognosis),
        "clinician": topic.clinician,
        "see_also": [{"id": i, "title": guide.topics[i].title} for i in topic.see_also],
        "numbers": _numbers(topic, prognosis=prognosis),
        "harms": _harms(topic, prognosis=prognosis),
        "prognosis": prognosis,
    }


def _harms(topic: Topic, *, prognosis: bool) -> list[dict[str, Any]]:
    rows = harms_by_name(topic.treatments, deaths=prognosis)
    return [row.model_dump(mode="json") | {"sources": cite(row.sources)} for row in rows]


def ask(question: str) -> dict[str, Any]:
    """Answer a question in plain words with checked text only.

    Nothing of the question is stored or sent.

    Parameters
    ----------
    question
        What was typed.

    Returns
    -------
    dict
        ``urgent``: advice to be shown before anything else; ``passages``: up to three topics,
        best first, with texts and sources; ``declined``: why there is no answer, else empty;
        ``near``: topics that may help all the same.

    Raises
    ------
    InputError
        If there is no question.
    """
    if not question.strip():
        raise InputError(
            "there is no question",
            where="ask",
            remedy='For example: mesospread ask "Can it spread to the liver?"',
        )
    guide = load_guide()
    answer = search(question)
    return {
        "question": question,
        "urgent": [_urgent(urgent, guide) for urgent in answer.urgent],
        "passages": [_found(passage, guide) for passage in answer.passages],
        "declined": answer.declined,
        "near": [{"id": topic.id, "title": topic.title} for topic in answer.near],
    }


def _found(passage: Passage, guide: Guide) -> dict[str, Any]:
    return {
        **_passage(passage.topic, guide, prognosis=False),
        "score": round(passage.score, 2),
        "coverage": round(passage.coverage, 2),
    }


def _passage(topic: Topic, guide: Guide, *, prognosis: bool) -> dict[str, Any]:
    return {
        "id": topic.id,
        "kind": topic.kind,
        "title": topic.title,
        "plain": topic.plain,
        "red_flag": _red_flag(topic.red_flag) if topic.red_flag else None,
        "questions_for_the_team": list(topic.questions_for_the_team),
        "try_it": list(topic.try_it),
        "sources": [_source(identifier, prognosis=prognosis) for identifier in topic.sources],
        "reading": [
            guide.reading[i].model_dump(include={"id", "citation", "address", "read"})
            for i in topic.reading
        ],
    }


def _red_flag(flag: RedFlag) -> dict[str, str]:
    return {**flag.model_dump(), "advice": advice_for(flag)}


def _urgent(urgent: Urgent, guide: Guide) -> dict[str, str]:
    title = guide.topics[urgent.topic].title
    return {"id": urgent.topic, "title": title, **_red_flag(urgent.red_flag)}


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
