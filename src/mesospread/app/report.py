"""Reports of a forecast or a comparison: what the guide adds, and files on paper or screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mesospread.errors import InputError, OutputError, nearest
from mesospread.guide.directory import SupportOrganisation, support_organisations
from mesospread.guide.finder import find_support
from mesospread.guide.gazetteer import country_name
from mesospread.guide.places import find_country
from mesospread.guide.topics import Guide, Topic, key, load_guide
from mesospread.infer.result import Comparison, Forecast
from mesospread.model.load import observation
from mesospread.report.html import document
from mesospread.report.strings import ENGLISH
from mesospread.report.view import (
    CompareView,
    ForecastView,
    GuideTexts,
    Mode,
    RedFlagText,
    TreatmentText,
    WatchText,
    compare_view,
    forecast_view,
)
from mesospread.report.view_blocks import Contact
from mesospread.writing import write_whole

__all__ = [
    "CompareView",
    "ForecastView",
    "Mode",
    "check_report",
    "compare_guide_texts",
    "compare_page",
    "compare_report",
    "forecast_guide_texts",
    "forecast_page",
    "forecast_report",
    "write_report",
]

MODES: tuple[Mode, ...] = ("plain", "clinician")

#: a place is worth a list of signs or a red flag if it may show within two years
_LEAST_FOR_SIGNS, _LEAST_FOR_FLAGS = 0.02, 0.01
_MOST_PLACES, _MOST_QUESTIONS, _MOST_CONTACTS = 6, 12, 8
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


def forecast_page(
    forecast: Forecast,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
) -> ForecastView:
    """Return all that a page or a report shows of a forecast.

    Parameters
    ----------
    forecast
        The answer; survival is shown if it holds it.
    mode
        ``"plain"`` for patients and carers, ``"clinician"`` for the team.
    lang
        Language.
    country
        Whose help lines are listed: a name or a two-letter code; None for all that have a
        number to ring.

    Raises
    ------
    InputError
        For an unknown mode, language or country.
    """
    return forecast_view(
        forecast, mode=_mode(mode), lang=lang, texts=forecast_guide_texts(forecast, country)
    )


def compare_page(
    comparison: Comparison,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
) -> CompareView:
    """Return all that a page or a report shows of a comparison; see `forecast_page`."""
    return compare_view(
        comparison, mode=_mode(mode), lang=lang, texts=compare_guide_texts(comparison, country)
    )


def forecast_report(
    forecast: Forecast,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
) -> str:
    """Return a forecast as one HTML file that needs nothing else; see `forecast_page`."""
    return document(forecast_page(forecast, mode=mode, lang=lang, country=country))


def compare_report(
    comparison: Comparison,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
) -> str:
    """Return a comparison as one HTML file that needs nothing else; see `forecast_page`."""
    return document(compare_page(comparison, mode=mode, lang=lang, country=country))


def write_report(
    result: Forecast | Comparison,
    *,
    html: str | Path | None = None,
    pdf: str | Path | None = None,
    mode: str = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
) -> tuple[Path, ...]:
    """Write a report to one file or two; each appears whole or not at all.

    A report that is there already is replaced.

    Parameters
    ----------
    result
        A forecast or a comparison.
    html, pdf
        Where to; their names end in ``.html`` and ``.pdf``.
    mode, lang, country
        As for `forecast_page`.

    Returns
    -------
    The files written.

    Raises
    ------
    OutputError
        If a name does not end as it should, or its folder cannot be written to.
    InputError
        For an unknown mode, language or country.
    """
    html_file, pdf_file = check_report(html=html, pdf=pdf, mode=mode, country=country)
    page: ForecastView | CompareView
    if isinstance(result, Forecast):
        page = forecast_page(result, mode=_mode(mode), lang=lang, country=country)
    else:
        page = compare_page(result, mode=_mode(mode), lang=lang, country=country)
    contents: list[tuple[Path, bytes]] = []
    if html_file is not None:
        contents.append((html_file, document(page).encode()))
    if pdf_file is not None:
        # Typst is large, and not needed for a page
        from mesospread.report.pdf import pdf as as_pdf

        contents.append((pdf_file, as_pdf(page)))
    for path, content in contents:
        write_whole(path, content)
    return tuple(path for path, _ in contents)


def check_report(
    *,
    html: str | Path | None,
    pdf: str | Path | None,
    mode: str = "plain",
    country: str | None = None,
) -> tuple[Path | None, Path | None]:
    """Check what was asked of `write_report` before anything is computed.

    Returns
    -------
    The two paths.

    Raises
    ------
    OutputError, InputError
        As in `write_report`.
    """
    _mode(mode)
    if country is not None:
        find_country(country, where="--country")
    return (
        None if html is None else _place(html, ".html"),
        None if pdf is None else _place(pdf, ".pdf"),
    )


def _place(given: str | Path, suffix: str) -> Path:
    path = Path(given)
    if path.suffix.lower() != suffix:
        raise OutputError(
            "the name of the report does not end as its kind does",
            where=f"--{suffix.removeprefix('.')}",
            given=repr(str(given)),
            allowed=f"a name that ends in {suffix}",
        )
    if path.is_dir():
        raise OutputError("this is a folder", where=str(path), remedy="Name a file in it")
    if not path.parent.is_dir():
        raise OutputError(
            "there is no such folder",
            where=str(path),
            given=str(path.parent),
            remedy="Make the folder first, or choose another one",
        )
    return path


def _mode(mode: str) -> Mode:
    for known in MODES:
        if mode == known:
            return known
    guess = nearest(mode, MODES)
    raise InputError(
        "unknown mode",
        where="--mode",
        given=repr(mode),
        allowed=" or ".join(MODES),
        remedy=f"Did you mean {guess!r}?" if guess else "",
    )


# --- what the guide adds -----------------------------------------------------------------


def forecast_guide_texts(forecast: Forecast, country: str | None = None) -> GuideTexts:
    """Return what the guide adds to a forecast: signs, red flags, questions, who to call."""
    guide = load_guide()
    patient = forecast.patient
    primary = str(patient["primary"])
    chances = {site.site: site.by_month["24"].estimate for site in forecast.sites}
    names = [str(one["name"]) for one in patient.get("treatments", ())]
    likely = sorted(chances, key=lambda site: -chances[site])
    places = [site for site in likely if chances[site] >= _LEAST_FOR_SIGNS][:_MOST_PLACES]
    return GuideTexts(
        red_flags=_red_flags(guide, _flags(primary, chances, names)),
        watch=_watch(primary, places),
        questions=_questions(guide, _own_topics(guide, patient)),
        **_contacts(country, primary),
    )


def compare_guide_texts(comparison: Comparison, country: str | None = None) -> GuideTexts:
    """Return what the guide adds to a comparison: treatments, red flags, questions, help."""
    guide = load_guide()
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
        **_contacts(country, str(comparison.patient["primary"])),
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


def _watch(primary: str, places: Iterable[str]) -> tuple[WatchText, ...]:
    """Return the signs that the model ties to each place."""
    symptoms = observation(primary).symptom
    signs = {
        place: tuple(symptom.label for symptom in symptoms if place in symptom.causes)
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


def _contacts(country: str | None, primary: str) -> dict[str, Any]:
    code = find_country(country, where="--country") if country is not None else None
    found = find_support(support_organisations(), code, primary)
    if code is None:
        found = tuple(one for one in found if one.phone)
    return {
        "country": country_name(code) if code else "",
        "contacts": tuple(_contact(one, code) for one in found[:_MOST_CONTACTS]),
    }


def _contact(one: SupportOrganisation, code: str | None) -> Contact:
    name = one.name if code else f"{one.name} ({country_name(one.country)})"
    return Contact(name, one.phone, one.web, one.offers)
