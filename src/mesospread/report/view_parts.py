"""What the sections of a report are made from: the places, the words, what the guide hands in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mesospread.anatomy.catalogue import primary as find_primary
from mesospread.infer.result import Diagnostics, Forecast, SiteForecast
from mesospread.model.load import observation
from mesospread.report.strings import ENGLISH, catalogue, text
from mesospread.report.svg import Picture, icon_key
from mesospread.report.view_blocks import Contact
from mesospread.report.view_numbers import Share, day, decimal

Mode = Literal["plain", "clinician"]
#: how survival is shown to who asked for it: times in words, icons, a curve, or all of them
OutlookForm = Literal["all", "ranges", "people", "curve"]

#: months from now that every table shows
MONTHS = (6, 12, 24)
#: the one month that sentences and icons show
MAIN_MONTH = 12


@dataclass(frozen=True)
class Words:
    """The sentences of one language and mode.

    ``words("now.title")`` is the sentence of that name; for clinicians the one under
    ``clinician``, if there is one.
    """

    lang: str = ENGLISH
    mode: Mode = "plain"

    def __call__(self, key: str, **values: Any) -> str:
        """Return a sentence with its blanks filled in."""
        special = f"{self.mode}.{key}"
        return text(
            special if catalogue("mesospread.report").has(special) else key, self.lang, **values
        )

    def maybe(self, key: str, otherwise: str) -> str:
        """Return a word of the catalogue, or another one if there is none of this name."""
        known = catalogue("mesospread.report")
        special = known.has(f"{self.mode}.{key}", self.lang)
        return self(key) if special or known.has(key, self.lang) else otherwise

    @property
    def clinical(self) -> bool:
        """Whether a clinician reads it."""
        return self.mode == "clinician"


@dataclass(frozen=True)
class RedFlagText:
    """Signs that cannot wait, in the words of the guide.

    Attributes
    ----------
    urgency
        ``emergency`` or ``today``.
    title, signs, what_to_do
        What it is called, the signs, and what to do now.
    """

    urgency: Literal["emergency", "today"]
    title: str
    signs: str
    what_to_do: str


@dataclass(frozen=True)
class WatchText:
    """Signs that may come from one place.

    Attributes
    ----------
    site
        Name of the place.
    signs
        In plain words.
    """

    site: str
    signs: tuple[str, ...]


@dataclass(frozen=True)
class TreatmentText:
    """What the guide says about a treatment.

    Attributes
    ----------
    title
        Its heading.
    about
        First paragraph.
    """

    title: str
    about: str


@dataclass(frozen=True)
class GuideTexts:
    """What the guide adds to a report; everything may be left out.

    Attributes
    ----------
    red_flags, watch
        Signs that cannot wait, and signs by place.
    questions
        To ask the team.
    contacts, country
        Who to call, and in which country (a name); without one, one line for each country.
    other_contacts
        Who to call in other countries, if one was chosen.
    centres, more_centres
        Where people with this primary are treated in that country, by name, and how many more.
    treatments
        By the name that the comparison uses.
    less_tested
        Facts for which the model is less well tested, each with the reason.
    """

    red_flags: tuple[RedFlagText, ...] = ()
    watch: tuple[WatchText, ...] = ()
    questions: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    other_contacts: tuple[Contact, ...] = ()
    country: str = ""
    centres: tuple[Contact, ...] = ()
    more_centres: int = 0
    treatments: Mapping[str, TreatmentText] = field(default_factory=dict)
    less_tested: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RouteShare:
    """One way to a place, and how likely it is the one."""

    route: str
    share: Share


@dataclass(frozen=True)
class SiteView:
    """One place, with every number that any picture, sentence or table shows of it.

    Attributes
    ----------
    number
        Its number on the body map and in the list.
    site, label
        Name in files, and in words for the reader.
    distant
        Whether tumour there counts as spread far away.
    now
        There today, of any size.
    seen_now
        There today, and large enough for a scan to show or to be felt.
    hidden_now
        There today, and too small for any scan.
    by
        Months from now to: there and large enough to show by then. Empty for nodes.
    routes
        By which way, likeliest first.
    next
        It is the next place to show, within 24 months.
    findings
        What scans said, in words, newest first.
    """

    number: int
    site: str
    label: str
    distant: bool
    now: Share
    seen_now: Share | None
    hidden_now: Share | None
    by: Mapping[int, Share]
    routes: tuple[RouteShare, ...]
    next: Share | None
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """What is needed to repeat an answer.

    Attributes
    ----------
    version, disease, definition
        Of the program and of the model's data.
    input_hash
        Of the facts that were given: the same facts, the same twelve signs.
    seed, draws, life_table
        Of the computation.
    calibrated
        Whether the model was fitted to published results.
    note
        What the model says of itself.
    """

    version: str
    disease: str
    definition: str
    input_hash: str
    seed: int
    draws: int
    life_table: str
    calibrated: bool
    note: str


def provenance(model: Mapping[str, Any]) -> Provenance:
    """Return what is needed to repeat an answer."""
    note = str(model["evidence"])
    return Provenance(
        version=str(model["version"]),
        disease=str(model["disease"]),
        definition=str(model["definition"]),
        input_hash=str(model["input_hash"]),
        seed=int(model["seed"]),
        draws=int(model["draws"]),
        life_table=str(model["life_table"]),
        calibrated=bool(model.get("calibration")) or "not yet calibrated" not in note.lower(),
        note=note,
    )


def site_label(primary: str, site: str, words: Words) -> str:
    """Return the name of a place for the reader."""
    if site == "any_distant":
        return words("site.any_distant")
    for one in find_primary(primary).sites:
        if one.name == site:
            label = one.clinical_label if words.clinical else one.label
            return words.maybe(f"site.{site}", label)
    return site.replace("_", " ")


def symptom_label(name: str, label: str, words: Words) -> str:
    """Return the name of a symptom in the language of the reader, else its label."""
    return words.maybe(f"symptom.{name.replace(' ', '_')}", label)


def symptom_told(named: str, primary: str, words: Words) -> str:
    """Return the name of a symptom for the reader, from what a patient file calls it."""
    key = named.strip().lower().replace("_", " ")
    for one in observation(primary).symptom:
        if key in (alias.lower() for alias in (one.name, one.label, *one.aliases)):
            return symptom_label(one.name, one.label, words)
    return symptom_label(key, named, words)


def treatment_name(name: str, words: Words) -> str:
    """Return the name of a treatment in the language of the reader, else as it is."""
    return words.maybe(f"treatment.{_key(name)}", name)


def harm_told(harm: str, words: Words) -> str:
    """Return a harm of a treatment in the language of the reader, else as it is."""
    return words.maybe(f"harm.{_key(harm)}", harm)


def _key(told: str) -> str:
    """Return the key of an English text that the data hold."""
    return "_".join(re.findall("[a-z]+", told.lower()))


def cause_label(cause: str, primary: str, words: Words) -> str:
    """Return the name of what may cause a symptom: a place, the first tumour, something else."""
    return words.maybe(f"cause.{cause.replace(' ', '_')}", site_label(primary, cause, words))


def site_views(result: Forecast, words: Words) -> tuple[SiteView, ...]:
    """Return all places, nodes first where the answer holds them, in the order of the answer."""
    primary = str(result.patient["primary"])
    findings = _findings(result.patient, words)
    forecasts = list(result.sites)
    views = [_nodes(result, findings, words)] if _has_own_nodes(result) else []
    for site in forecasts:
        views.append(_site_view(len(views) + 1, site, primary, findings, words))
    return tuple(views)


def _has_own_nodes(result: Forecast) -> bool:
    """Whether the nearby nodes are a ladder of the model, not one of its sites."""
    named = {site.site for site in result.sites}
    known = {site.name for site in find_primary(str(result.patient["primary"])).sites}
    return "regional_nodes" in known and "regional_nodes" not in named


def _nodes(result: Forecast, findings: Mapping[str, tuple[str, ...]], words: Words) -> SiteView:
    levels = result.stage["now"]["n_bands"]
    clear = Share.of(levels[next(iter(levels))])
    primary = str(result.patient["primary"])
    return SiteView(
        number=1,
        site="regional_nodes",
        label=site_label(primary, "regional_nodes", words),
        distant=False,
        now=clear.otherwise(),
        seen_now=None,
        hidden_now=None,
        by={},
        routes=(RouteShare("lymphatic", Share(1.0)),),
        next=None,
        findings=findings.get("regional_nodes", ()),
    )


def _site_view(
    number: int,
    site: SiteForecast,
    primary: str,
    findings: Mapping[str, tuple[str, ...]],
    words: Words,
) -> SiteView:
    routes = sorted(site.routes_bands.items(), key=lambda item: -item[1].estimate)
    return SiteView(
        number=number,
        site=site.site,
        label=site_label(primary, site.site, words),
        distant=site.distant,
        now=Share.of(site.involved_now),
        seen_now=Share.of(site.visible_now),
        hidden_now=Share.of(site.now_bands["microscopic"]),
        by={int(month): Share.of(band) for month, band in site.by_month.items()},
        routes=tuple(RouteShare(name, Share.of(b)) for name, b in routes if b.estimate > 0),
        next=Share.of(site.next_band),
        findings=findings.get(site.site, ()),
    )


def scan_name(modality: str, words: Words) -> str:
    """Return the name of a scan for the reader."""
    return words.maybe(f"scan.{modality.replace(' ', '_')}", modality)


def _findings(patient: Mapping[str, Any], words: Words) -> dict[str, tuple[str, ...]]:
    """Return by place what the scans said, newest first."""
    found: dict[str, tuple[str, ...]] = {}
    scans: Sequence[Mapping[str, Any]] = patient.get("scans", ())
    for scan in sorted(scans, key=lambda one: str(one["date"]), reverse=True):
        when = day(scan["date"], words.lang, short=True)
        for said in ("positive", "negative"):
            for site in scan.get(said, ()):
                name = scan_name(str(scan["modality"]), words)
                line = words(f"finding.{said}", modality=name, day=when)
                found[site] = (*found.get(site, ()), line)
    return found


def icon_key_picture(words: Words) -> Picture:
    """Return how to read the icons."""
    labels = {kind: words(f"icons.{kind}") for kind in ("solid", "dense", "light", "empty")}
    alt = words("icons.key", **labels)
    return Picture(icon_key(labels, alt), alt, "key")


def effort_line(diagnostics: Diagnostics, words: Words) -> str:
    """Return how well the computation went, in one sentence."""
    return words(
        "about.effort",
        paths=whole(diagnostics.paths, words),
        sample=whole(round(diagnostics.effective_sample_size), words),
        error=decimal(100 * diagnostics.standard_error, words.lang),
    )


def whole(number: int, words: Words) -> str:
    """Write a whole number; other languages than English part thousands with a space."""
    return f"{number:,}".replace(",", "," if words.lang == ENGLISH else "\u00a0")
