"""Which numbers of the model belong to which topic of the guide."""

from __future__ import annotations

from functools import cache

from mesospread.anatomy import primaries
from mesospread.app import guide_effects as effects
from mesospread.app import guide_parts as parts
from mesospread.app.guide_numbers import ModelPart, ModelSays, ModelTable, Words, guide_numbers
from mesospread.app.guide_parts import Section
from mesospread.errors import unknown_name
from mesospread.guide.topics import Topic
from mesospread.report.strings import ENGLISH

#: stages, routes, factors and questions: topic -> what is said
_BY_TOPIC: dict[str, tuple[tuple[Section, str], ...]] = {
    "stage-1": ((parts.stage, "I"),),
    "stage-2": ((parts.stage, "II"),),
    "stage-3": ((parts.stage, "III"),),
    "stage-4": ((parts.stage, "IV"),),
    "tnm": ((parts.stage, ""),),
    "summary-stage": ((parts.stage, ""),),
    "t-category": ((parts.category, "t"),),
    "n-category": ((parts.category, "n"),),
    "m-category": ((parts.category, "m"),),
    "peritoneal-index": ((parts.peritoneal_index, ""),),
    "metastasis": ((parts.overview, ""),),
    "direct-spread": ((parts.route, "direct"),),
    "lymph-spread": ((parts.route, "lymphatic"),),
    "blood-spread": ((parts.route, "haematogenous"),),
    "angiogenesis": ((effects.treatment, "pemetrexed + cisplatin + bevacizumab"),),
    "anti-angiogenic": (
        (effects.treatment, "pemetrexed + cisplatin + bevacizumab"),
        (effects.treatment, "nintedanib + pemetrexed + cisplatin"),
        (effects.treatment, "cediranib + pemetrexed + cisplatin"),
    ),
    "cell-type": ((effects.histology, ""),),
    "epithelioid": ((effects.histology, "epithelioid"),),
    "biphasic": ((effects.histology, "biphasic"),),
    "sarcomatoid": ((effects.histology, "sarcomatoid"),),
    "age": ((effects.trait, "age"),),
    "sex": ((effects.trait, "sex"),),
    "fitness": ((effects.trait, "performance_status"),),
    "response": ((effects.response, ""),),
    "growth-speed": ((effects.speed, ""),),
    "why-early-stages": ((parts.stage, ""),),
    "how-common": ((parts.overview, ""),),
    "common-sites": ((parts.overview, ""),),
    "hidden-spread": ((parts.overview, ""),),
    "silent-spread": ((parts.overview, ""),),
    "brain-imaging": ((parts.site, "brain"),),
}
#: topics that go by another name than the symptom in the model
_SYMPTOMS = {
    "nausea": ("nausea or vomiting",),
    "weakness": ("limb weakness",),
    "blood-pressure": ("low blood pressure",),
    "memory": ("confusion",),
    "scrotal-swelling": ("scrotal swelling", "scrotal pain"),
    "heart-symptoms": ("palpitations", "leg swelling"),
    "bowel-blockage": ("bowel obstruction",),
}
_SCANS = {
    "ct": "CT", "pet-ct": "PET-CT", "mri": "MRI", "ebus": "EBUS",
}  # fmt: skip
#: topics that only some primaries have
_ONLY = {
    "summary-stage": ("pericardial", "testicular"),
    "tnm": ("pleural", "peritoneal"),
    "t-category": ("pleural", "peritoneal"),
    "n-category": ("pleural", "peritoneal"),
    "m-category": ("pleural", "peritoneal"),
    "heart-symptoms": ("pericardial",),
}


def model_says(
    topic: Topic, *, primary: str | None = None, lang: str = ENGLISH
) -> ModelSays | None:
    """Return what the model says about a topic.

    Parameters
    ----------
    topic
        Of the guide.
    primary
        One primary only; all that have something to say if None.
    lang
        Language; what is not translated stays in English.

    Returns
    -------
    The numbers with their intervals, in sentences and in tables; None if nothing in the model
    stands for the topic.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    names = [p.name for p in primaries()]
    if primary is not None and primary not in names:
        raise unknown_name("primary", primary, names, where="--primary")
    found = _found(topic, lang)
    chosen = [part for part in found if primary in (None, part.primary)]
    if not chosen:
        return None
    numbers, words = guide_numbers(), Words(chosen[0].primary, lang)
    is_sign = topic.kind == "symptom" and topic.id not in _BY_TOPIC
    notes = [words.text("say.symptom_more")] if is_sign else []
    return ModelSays(
        software=numbers.software,
        draws=numbers.draws,
        lives=numbers.lives,
        parts=chosen,
        note=" ".join([*notes, words.text("say.note")]),
    )


@cache
def _found(topic: Topic, lang: str) -> tuple[ModelPart, ...]:
    sections = _sections(topic)
    if not sections:
        return ()
    told = [_part(topic, Words(p.name, lang), p.clinical_label, sections) for p in primaries()]
    return tuple(part for part in told if part is not None)


def _part(
    topic: Topic, words: Words, label: str, sections: tuple[tuple[Section, str], ...]
) -> ModelPart | None:
    if not _concerns(topic, words.primary):
        return None
    # what clinicians read is English in every language of the guide
    english = Words(words.primary, ENGLISH)
    plain: list[str] = []
    tables: list[ModelTable] = []
    for section, argument in sections:
        plain += [line for line in section(words, argument)[0] if line not in plain]
        tables += section(english, argument)[1]
    if not plain and not tables:
        return None
    return ModelPart(
        primary=words.primary,
        label=label,
        posterior=words.numbers.posterior,
        calibrated=words.numbers.calibrated,
        course=words.numbers.course,
        little=words.little,
        # on a page about an emergency the odds of its causes would only delay
        plain=[] if topic.kind == "red_flag" else plain,
        tables=tables,
        source=english.source(tables),
    )


def _concerns(topic: Topic, primary: str) -> bool:
    if topic.kind == "primary":
        return topic.id == primary
    return primary in _ONLY.get(topic.id, (primary,))


def _sections(topic: Topic) -> tuple[tuple[Section, str], ...]:
    """Return what is said about a topic."""
    if topic.id in _BY_TOPIC:
        return _BY_TOPIC[topic.id]
    if topic.kind == "primary":
        return ((parts.overview, ""),)
    if topic.kind == "site":
        return ((parts.site, topic.id.replace("-", "_")),)
    spoken = topic.id.replace("-", " ")
    if topic.kind in ("symptom", "red_flag"):
        return tuple((parts.symptom, name) for name in _SYMPTOMS.get(topic.id, (spoken,)))
    if topic.kind == "scan":
        return ((parts.scan, _SCANS.get(topic.id, spoken)),)
    if topic.kind == "treatment":
        return tuple((effects.treatment, name) for name in topic.treatments)
    return ()
