"""The options of a comparison with their numbers: spread, harms, evidence, survival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesospread.evidence.published import load_published
from mesospread.infer.result import Band, Comparison, HarmEvidence, OptionForecast, Survival
from mesospread.report.view_numbers import Change, Share
from mesospread.report.view_parts import (
    MAIN_MONTH,
    GuideTexts,
    Words,
    harm_told,
    site_label,
    treatment_name,
)

#: the sum of all places far away
ANY = "any_distant"
#: the name of the option that adds nothing
NOTHING = "none"


@dataclass(frozen=True)
class PlaceUnderOption:
    """One place under one option.

    Attributes
    ----------
    site, label
        Name in files, and in words for the reader.
    by
        Months from now to: there and large enough to show by then.
    change
        Months to the difference from the first option; empty for the first.
    """

    site: str
    label: str
    by: Mapping[int, Share]
    change: Mapping[int, Change]


@dataclass(frozen=True)
class HarmView:
    """One of the main harms of an option.

    Attributes
    ----------
    what
        The harm.
    share, without
        How often it was counted, and in the comparison group of the same study; None if no
        count was found, or if it is about deaths and nobody asked.
    study
        Where it was counted.
    """

    what: str
    share: Share | None
    without: Share | None
    study: str


@dataclass(frozen=True)
class OptionView:
    """One option with its numbers.

    Attributes
    ----------
    number, name, label
        Its place in the list, its name in files, and in words for the reader.
    about
        What it is; empty if the guide says nothing.
    places
        All places; spread far away of any kind first.
    harms
        The main harms.
    evidence
        How good the evidence is that it changes spread.
    survival, alive_change
        Only if they were asked for.
    """

    number: int
    name: str
    label: str
    about: str
    places: tuple[PlaceUnderOption, ...]
    harms: tuple[HarmView, ...]
    evidence: str
    survival: Survival | None
    alive_change: Mapping[int, Change]

    @property
    def far(self) -> PlaceUnderOption:
        """Spread to any place far away."""
        return next(place for place in self.places if place.site == ANY)


def option_views(result: Comparison, texts: GuideTexts, words: Words) -> tuple[OptionView, ...]:
    """Return the options with their numbers."""
    primary = str(result.patient["primary"])
    views = []
    for k, option in enumerate(result.options):
        text = texts.treatments.get(option.treatment)
        views.append(
            OptionView(
                number=k + 1,
                name=option.treatment,
                label=_option_label(option.treatment, words),
                about=text.about if text else "",
                places=_places(option, primary, words),
                harms=tuple(
                    _harm(one, words) for one in result.harms if one.treatment == option.treatment
                ),
                evidence=_evidence(result, option.treatment, words),
                survival=option.survival,
                alive_change={int(m): Change.of(b) for m, b in option.alive_change.items()},
            )
        )
    return tuple(views)


def _option_label(name: str, words: Words) -> str:
    return words("compare.nothing") if name == NOTHING else treatment_name(name, words)


def _places(option: OptionForecast, primary: str, words: Words) -> tuple[PlaceUnderOption, ...]:
    places = [
        PlaceUnderOption(
            one.site,
            site_label(primary, one.site, words),
            {int(m): Share.of(band) for m, band in one.by_month.items()},
            {int(m): Change.of(band) for m, band in one.change.items()},
        )
        for one in option.sites
    ]
    return tuple(sorted(places, key=lambda p: (p.site != ANY, -p.by[MAIN_MONTH].estimate)))


def _harm(harm: HarmEvidence, words: Words) -> HarmView:
    known = load_published()
    studies = [known[name] for name in harm.sources[:1] if name in known]
    return HarmView(
        what=harm_told(harm.harm, words),
        share=_counted(harm.share, harm.share_band),
        without=_counted(harm.share_without, harm.share_without_band),
        study="; ".join(
            words(
                "compare.study",
                citation=one.citation,
                grade=words(f"grade.{one.confidence}"),
            )
            for one in studies
        ),
    )


def _counted(share: float | None, band: Band | None) -> Share | None:
    """Return a counted share; without a range if the study does not tell of how many people."""
    if band is not None:
        return Share.of(band)
    return None if share is None else Share(share)


def _evidence(result: Comparison, name: str, words: Words) -> str:
    """Say how good the evidence on spread is, from the grades of the effects on routes."""
    if name == NOTHING:
        return ""
    routes = {"direct", "lymphatic", "haematogenous"}
    own = [one for one in result.evidence if one.treatment == name and routes & set(one.acts_on)]
    best = min((_GRADE_ORDER.index(one.grade) for one in own), default=None)
    return words(f"evidence.{_GRADE_ORDER[best] if best is not None else 'none'}")


#: best first
_GRADE_ORDER = ("randomised", "observational", "single_arm", "borrowed", "mechanism")
