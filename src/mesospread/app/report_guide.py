"""What the guide adds to a report: signs, red flags, questions for the team, who to call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from mesospread.app.directory_words import country_words, entry_words
from mesospread.guide.directory import SupportOrganisation, centres, support_organisations
from mesospread.guide.finder import find_support, one_of_each_country
from mesospread.guide.places import find_country
from mesospread.guide.topics import Guide, Topic, key, load_guide
from mesospread.guide.translations import guide_in
from mesospread.infer.result import Comparison, Forecast
from mesospread.model.load import observation
from mesospread.report.strings import ENGLISH
from mesospread.report.view import GuideTexts, RedFlagText, TreatmentText, WatchText
from mesospread.report.view_blocks import Contact
from mesospread.report.view_parts import Words, symptom_label

#: a place is worth a list of signs or a red flag if it may show within two years
_LEAST_FOR_SIGNS, _LEAST_FOR_FLAGS = 0.02, 0.01
_MOST_PLACES, _MOST_QUESTIONS, _MOST_CENTRES = 6, 12, 8
#: what an organisation is that is named beside the one to call
_OWN_CHARITY = "mesothelioma charity"
#: topics whose questions anybody may ask
_QUESTION_TOPICS = ("scan-limits", "repeat-scans", "new-symptom", "hidden-spread", "response")
#: places -> red flags that come from there
_FLAGS_OF_PLACES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"bone", "vertebrae"}), "spinal-cord-compression"),
    (frozenset({"brain"}), "seizure"),
    (frozenset({"brain"}), "stroke-signs"),
    (frozenset({"pericardium", "heart"}), "tamponade"),
    (frozenset({"peritoneum", "intestine", "omentum"}), "bowel-blockage"),
    (frozenset({"adrenal"}), "adrenal-crisis"),
)
#: primary -> red flags that come from it
_FLAGS_OF_PRIMARIES = {
    "pleural": ("sudden-breathlessness", "coughing-blood", "svc-obstruction"),
    "peritoneal": ("bowel-blockage", "sudden-breathlessness"),
    "pericardial": ("tamponade", "sudden-breathlessness", "svc-obstruction"),
    "testicular": ("sudden-breathlessness",),
}
_FLAGS_OF_ALL = ("confusion", "blood-clot")
#: words in the name of a treatment -> its red flag
_FLAGS_OF_TREATMENTS = (
    (re.compile(r"platin|pemetrexed|gemcitabine|vinorelbine|HIPEC|chemo", re.I), "sepsis"),
    (
        re.compile(r"nivolumab|ipilimumab|pembrolizumab|atezolizumab|immuno", re.I),
        "immunotherapy-side-effects",
    ),
)


def forecast_guide_texts(
    forecast: Forecast, country: str | None = None, lang: str = ENGLISH
) -> GuideTexts:
    """Return what the guide adds to a forecast: signs, red flags, questions, who to call."""
    guide = guide_in(lang)
    patient = forecast.patient
    primary = str(patient["primary"])
    chances = {site.site: site.by_month["24"].estimate for site in forecast.sites}
    names = [str(one["name"]) for one in patient.get("treatments", ())]
    likely = sorted(chances, key=lambda site: -chances[site])
    places = [site for site in likely if chances[site] >= _LEAST_FOR_SIGNS][:_MOST_PLACES]
    return GuideTexts(
        red_flags=_red_flags(guide, _flags(primary, chances, names)),
        watch=_watch(primary, places, lang),
        questions=_questions(guide, _own_topics(guide, patient)),
        **_contacts(country, primary, lang),
    )


def compare_guide_texts(
    comparison: Comparison, country: str | None = None, lang: str = ENGLISH
) -> GuideTexts:
    """Return what the guide adds to a comparison: treatments, red flags, questions, help."""
    guide = guide_in(lang)
    names = [option.treatment for option in comparison.options]
    filed = _topic_names()
    topics = {name: guide.topics[filed[key(name)]] for name in names if key(name) in filed}
    return GuideTexts(
        red_flags=_red_flags(guide, _treatment_flags(names)),
        questions=_questions(guide, topics.values(), ("treatment-lines", "questions-to-ask")),
        treatments={
            name: TreatmentText(topic.title, topic.plain.strip().split("\n\n")[0])
            for name, topic in topics.items()
        },
        **_contacts(country, str(comparison.patient["primary"]), lang),
    )


def _flags(primary: str, chances: Mapping[str, float], treatments: Iterable[str]) -> list[str]:
    """Return the red flags of this person: places first, then treatments, then all."""
    flags = [
        flag
        for places, flag in _FLAGS_OF_PLACES
        if max(chances.get(place, 0.0) for place in places) >= _LEAST_FOR_FLAGS
    ]
    return [*_FLAGS_OF_PRIMARIES[primary], *flags, *_treatment_flags(treatments), *_FLAGS_OF_ALL]


def _treatment_flags(names: Iterable[str]) -> list[str]:
    return [flag for name in names for words, flag in _FLAGS_OF_TREATMENTS if words.search(name)]


def _red_flags(guide: Guide, flags: Iterable[str]) -> tuple[RedFlagText, ...]:
    found = []
    for name in dict.fromkeys(flags):
        topic = guide.topics[name]
        assert topic.red_flag is not None
        flag = topic.red_flag
        found.append(RedFlagText(flag.urgency, topic.title, flag.signs, flag.what_to_do))
    return tuple(found)


def _watch(primary: str, places: Iterable[str], lang: str) -> tuple[WatchText, ...]:
    """Return the signs that the model ties to each place."""
    symptoms, names = observation(primary).symptom, Words(lang)
    signs = {
        place: tuple(
            symptom_label(one.name, one.label, names) for one in symptoms if place in one.causes
        )
        for place in places
    }
    return tuple(WatchText(place, found) for place, found in signs.items() if found)


def _own_topics(guide: Guide, patient: Mapping[str, Any]) -> list[Topic]:
    """Return the topics of what was found, felt and given, which have questions of their own."""
    found = [site for scan in patient.get("scans", ()) for site in scan.get("positive", ())]
    felt = [one["name"] for one in patient.get("symptoms", ()) if one.get("present", True)]
    # questions about a treatment that is over would come too late
    given = [one["name"] for one in patient.get("treatments", ()) if "end" not in one]
    names = _topic_names()
    known = [names.get(key(str(name).replace("_", " "))) for name in (*found, *felt, *given)]
    return [guide.topics[name] for name in known if name]


@cache
def _topic_names() -> Mapping[str, str]:
    """Return what each topic may be called, to its name: `Guide.find` builds this each time."""
    topics = load_guide().topics.values()
    return {key(name): topic.id for topic in topics for name in topic.names()}


def _questions(
    guide: Guide, topics: Iterable[Topic], general: Iterable[str] = _QUESTION_TOPICS
) -> tuple[str, ...]:
    """Return the first question of each topic, then the second ones, none twice."""
    names = dict.fromkeys([*general, *(topic.id for topic in topics)])
    lists = [guide.topics[name].questions_for_the_team for name in names]
    asked = [question for k in (0, 1) for questions in lists for question in questions[k : k + 1]]
    return tuple(dict.fromkeys(asked))[:_MOST_QUESTIONS]


def _contacts(country: str | None, primary: str, lang: str) -> dict[str, Any]:
    """Return who to call: in one country, with the others apart, or one line for each."""
    pool = support_organisations()
    each = sorted(
        one_of_each_country(pool, primary), key=lambda one: country_words(one.country, lang)
    )
    if country is None:
        return {"contacts": tuple(_line(one, lang) for one in each)}
    code = find_country(country, where="--country")
    first = [one for one in each if one.country == code]
    beside = [
        one
        for one in find_support(pool, code, primary)
        if one.kind == _OWN_CHARITY and one.web and one not in first
    ]
    return {
        "country": country_words(code, lang),
        "contacts": tuple(_contact(one, lang) for one in (*first, *beside)),
        "other_contacts": tuple(_line(one, lang) for one in each if one.country != code),
        **_centres(code, primary),
    }


def _centres(code: str, primary: str) -> dict[str, Any]:
    """Return where people with a primary are treated in a country: a few, and how many more."""
    there = sorted(
        (c for c in centres() if c.country == code and c.treats and primary in c.primaries),
        key=lambda one: (one.city, one.name),
    )
    shown = tuple(Contact(f"{c.city}: {c.name}", web=c.web) for c in there[:_MOST_CENTRES])
    return {"centres": shown, "more_centres": len(there) - len(shown)}


def _contact(one: SupportOrganisation, lang: str) -> Contact:
    return Contact(one.name, one.phone, one.web, entry_words(one.offers, lang))


def _line(one: SupportOrganisation, lang: str) -> Contact:
    return Contact(f"{country_words(one.country, lang)}: {one.name}", one.phone, one.web)
