"""The shared view of one answer: what every page, report and printout shows of it.

Each number is one `Share` (or `Change`). Sentence, icons, curve and row of a table are drawn
from that object, so they cannot disagree. Sections are made of a few kinds of blocks
(`mesospread.report.view_blocks`), which HTML and PDF draw alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mesospread.anatomy.catalogue import primary as find_primary
from mesospread.infer.result import Comparison, Forecast
from mesospread.report.strings import ENGLISH
from mesospread.report.view_about import about_section, help_section, questions_section
from mesospread.report.view_blocks import Callout, Section
from mesospread.report.view_compare import compare_sections
from mesospread.report.view_marks import compare_marks, forecast_marks
from mesospread.report.view_now import next_section, now_section, short_section
from mesospread.report.view_numbers import Change, Share, day
from mesospread.report.view_options import OptionView, option_views
from mesospread.report.view_parts import (
    GuideTexts,
    Mode,
    OutlookForm,
    Provenance,
    RedFlagText,
    SiteView,
    TreatmentText,
    WatchText,
    Words,
    provenance,
    site_views,
    symptom_told,
    treatment_name,
)
from mesospread.report.view_scans import scans_section
from mesospread.report.view_survival import survival_section
from mesospread.report.view_symptoms import flags_section, symptoms_section
from mesospread.report.view_time import time_section
from mesospread.report.view_why import why_section
from mesospread.staging import edition_table

__all__ = [
    "Change",
    "CompareView",
    "ForecastView",
    "GuideTexts",
    "Mode",
    "OptionView",
    "OutlookForm",
    "Provenance",
    "RedFlagText",
    "Section",
    "Share",
    "SiteView",
    "TreatmentText",
    "WatchText",
    "compare_view",
    "forecast_view",
]


@dataclass(frozen=True)
class _View:
    """What both kinds of view have.

    Attributes
    ----------
    lang, mode
        Language and reader.
    title, subtitle
        Of the whole.
    facts
        What was given: label and value.
    sections
        The parts, in the order in which they are read.
    survival
        Whether a section on survival is there: only if it was asked for.
    provenance
        What is needed to repeat the answer.
    """

    lang: str
    mode: Mode
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    survival: bool
    provenance: Provenance

    def section(self, name: str) -> Section | None:
        """Return a section by its name, or None if it is not there."""
        return next((one for one in self.sections if one.id == name), None)


@dataclass(frozen=True)
class ForecastView(_View):
    """One forecast as it is read.

    Attributes
    ----------
    sites
        All places with their numbers, as on the body map.
    """

    sites: tuple[SiteView, ...]


@dataclass(frozen=True)
class CompareView(_View):
    """One comparison of treatments as it is read.

    Attributes
    ----------
    options
        The options with their numbers; the first is what the others are compared with.
    """

    options: tuple[OptionView, ...]


def forecast_view(
    result: Forecast,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    texts: GuideTexts | None = None,
    outlook: OutlookForm = "all",
) -> ForecastView:
    """Return what is shown of a forecast.

    Parameters
    ----------
    result
        The forecast; survival is shown if it holds it.
    mode
        ``plain`` for patients and carers, ``clinician`` for the team.
    lang
        Language.
    texts
        What the guide adds.
    outlook
        In which form survival is shown, if it is.
    """
    words, texts = Words(lang, mode), texts or GuideTexts()
    sites = site_views(result, words)
    marks = forecast_marks(result, words)
    sections = marks.on(
        [
            _with_tested(short_section(result, sites, words), texts, words),
            now_section(result, sites, words),
            next_section(result, sites, words),
            time_section(sites, words),
            scans_section(result, words),
            symptoms_section(result, sites, texts, words),
            why_section(result, words),
            survival_section(result, words, outlook),
            questions_section(texts, words),
            help_section(texts, words),
        ]
    )
    sections.append(about_section(result, words, marks.used.values()))
    return ForecastView(
        **_shared(result, words, "forecast", sections),
        survival=result.survival is not None,
        sites=sites,
    )


def compare_view(
    result: Comparison,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    texts: GuideTexts | None = None,
    outlook: OutlookForm = "all",
) -> CompareView:
    """Return what is shown of a comparison; parameters as for `forecast_view`."""
    words, texts = Words(lang, mode), texts or GuideTexts()
    options = option_views(result, texts, words)
    short, *others = compare_sections(result, options, words, outlook)
    marks = compare_marks(result, [option.label for option in options], words)
    sections = marks.on(
        [
            _with_tested(short, texts, words),
            *others,
            flags_section(texts, words),
            questions_section(texts, words),
            help_section(texts, words),
        ]
    )
    sections.append(about_section(result, words, marks.used.values()))
    return CompareView(
        **_shared(result, words, "compare", sections),
        survival=result.options[0].survival is not None,
        options=options,
    )


def _with_tested(section: Section | None, texts: GuideTexts, words: Words) -> Section | None:
    """Say at the end of the short answer which facts are less well tested."""
    if section is None or not texts.less_tested:
        return section
    told = tuple(words("tested.item", about=a, text=t) for a, t in texts.less_tested)
    box = Callout("note", words("tested.title"), (words("tested.intro"), *told))
    return replace(section, blocks=(*section.blocks, box))


def _shared(
    result: Forecast | Comparison, words: Words, kind: str, sections: list[Section | None]
) -> dict[str, Any]:
    return {
        "lang": words.lang,
        "mode": words.mode,
        "title": words(f"{kind}.title"),
        "subtitle": words(f"{kind}.subtitle"),
        "facts": _facts(result, words),
        "sections": tuple(section for section in sections if section is not None),
        "provenance": provenance(result.model),
    }


def _facts(result: Forecast | Comparison, words: Words) -> tuple[tuple[str, str], ...]:
    """Return what was given, label and value; what was not given is left out."""
    patient = result.patient
    started = find_primary(str(patient["primary"]))
    facts = {
        "primary": words.maybe(
            f"primary.{started.name}",
            started.clinical_label if words.clinical else started.label,
        ),
        "side": _known(patient, "side", words),
        "histology": _known(patient, "histology", words),
        "stage": _stage(result),
        "age": _known(patient, "age", words),
        "sex": _known(patient, "sex", words),
        "performance_status": _known(patient, "performance_status", words),
        "diagnosed": day(patient["diagnosed"], words.lang) if "diagnosed" in patient else "",
        "treatments": ", ".join(
            treatment_name(str(one["name"]), words) for one in patient.get("treatments", ())
        ),
        "symptoms": ", ".join(
            symptom_told(str(one["name"]), str(patient["primary"]), words)
            for one in patient.get("symptoms", ())
            if one.get("present", True)
        ),
        "as_of": day(patient["as_of"], words.lang) if "as_of" in patient else "",
    }
    return tuple((words(f"fact.{name}"), value) for name, value in facts.items() if value)


def _known(patient: Mapping[str, Any], name: str, words: Words) -> str:
    value = str(patient.get(name, ""))
    return "" if value == "unknown" else words.maybe(f"value.{value}", value)


def _stage(result: Forecast | Comparison) -> str:
    """Return the stage as it was given."""
    stage = result.patient.get("stage", {})
    parts = [str(stage[key]).replace("_", " ") for key in ("t", "n", "m") if stage.get(key)]
    stated = result.stage["stated"] if isinstance(result, Forecast) else None
    group = stage.get("group") or (stated or {}).get("stage")
    if "pci" in stage:
        parts.append(f"PCI {stage['pci']}")
    words = [str(group)] if group else []
    if stage.get("edition"):
        system = edition_table(str(result.patient["primary"]), str(stage["edition"]))
        # what an earlier system calls III is not III today
        parts += [] if system.current else [system.name]
    return ", ".join([*words, *([" ".join(parts)] if parts else [])])
