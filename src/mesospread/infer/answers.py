"""From a posterior to the answer a person gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mesospread.anatomy import site as site_named
from mesospread.infer.posterior import Answer, Posterior
from mesospread.infer.questions import HORIZONS_MONTHS, ROUTES
from mesospread.infer.result import (
    Band,
    Cause,
    Diagnostics,
    OptionForecast,
    ScanForecast,
    SearchForecast,
    SiteForecast,
    SiteUnderOption,
    SymptomForecast,
)
from mesospread.infer.spread import bands_given
from mesospread.infer.survival import survival
from mesospread.model.library import ObservationModel
from mesospread.model.structure import Structure

#: a finding less likely than this, given all others, is pointed out
UNEXPECTED = 0.01


def band(answer: Answer) -> Band:
    """Return an answer without its simulation error."""
    return Band(estimate=answer.estimate, low=answer.low, high=answer.high)


def _estimates(bands: Mapping[str, Band]) -> dict[str, float]:
    return {name: found.estimate for name, found in bands.items()}


def site_forecasts(
    posterior: Posterior, structure: Structure, observation: ObservationModel
) -> list[SiteForecast]:
    """Return all sites, the most likely to be found within a year first."""
    sites = structure.of_role("site")
    routes, visible = _routes(posterior, sites), _visible(posterior, structure)
    forecasts = []
    for site in sites:
        levels = structure.process(site).levels
        now = {level: band(posterior.answer("now", site, level)) for level in levels}
        next_band = band(posterior.answer("next", site))
        forecasts.append(
            SiteForecast(
                site=site,
                label=site_named(site).label,
                distant=site in observation.distant_sites,
                now=_estimates(now),
                now_bands=now,
                involved_now=band(posterior.answer("involved", site)),
                visible_now=visible[site],
                by_month={str(m): band(posterior.answer("by", site, m)) for m in HORIZONS_MONTHS},
                routes=_estimates(routes[site]),
                routes_bands=routes[site],
                next=next_band.estimate,
                next_band=next_band,
            )
        )
    return sorted(forecasts, key=lambda f: -f.by_month["12"].estimate)


def _routes(posterior: Posterior, sites: Sequence[str]) -> dict[str, dict[str, Band]]:
    """Return by which route each site is seeded, given that it is."""
    parts = posterior.sums([("route", site, route) for site in sites for route in ROUTES])
    wholes = posterior.sums([("seeded", site) for site in sites])
    found = iter(bands_given(parts, np.repeat(wholes, len(ROUTES), axis=2)))
    return {site: dict(zip(ROUTES, found, strict=False)) for site in sites}


def _visible(posterior: Posterior, structure: Structure) -> dict[str, Band]:
    """Return whether each site is more than microscopically involved today."""
    sites = structure.of_role("site")
    hidden = posterior.sums([("now", s, structure.process(s).levels[1]) for s in sites])
    involved = posterior.sums([("involved", site) for site in sites])
    return dict(zip(sites, bands_given(involved - hidden, posterior.everybody), strict=True))


def no_new_site(posterior: Posterior, structure: Structure) -> Band:
    """Return the probability that no further site becomes detectable within the last horizon."""
    following = posterior.sums([("next", site) for site in structure.of_role("site")])
    everybody = posterior.everybody
    (found,) = bands_given(everybody - following.sum(axis=2, keepdims=True), everybody)
    return found


def scan_forecasts(posterior: Posterior) -> list[ScanForecast]:
    """Return every examination of every site it sees, the highest yield first."""
    asked = [question for question in posterior.questions if question[0] == "scan"]
    seen = posterior.sums(asked)
    hits = bands_given(posterior.sums([("found", *q[1:]) for q in asked]), seen)
    misses = bands_given(
        posterior.sums([("missed", *q[1:]) for q in asked]), posterior.everybody - seen
    )
    forecasts = []
    for question, hit, missed in zip(asked, hits, misses, strict=True):
        modality, site = str(question[1]), str(question[2])
        found = posterior.answer(*question)
        forecasts.append(
            ScanForecast(
                modality=modality,
                site=site,
                label=site_named(site).label,
                expected_yield=found.estimate,
                low=found.low,
                high=found.high,
                true_if_positive=hit.estimate,
                true_if_positive_band=hit,
                involved_if_negative=missed.estimate,
                involved_if_negative_band=missed,
            )
        )
    return sorted(forecasts, key=lambda f: -f.expected_yield)


def search_forecasts(posterior: Posterior) -> list[SearchForecast]:
    """Return every examination of all distant sites, alone and after another.

    Of two, the one that finds more alone comes first. The highest yield first.
    """
    asked = [q for q in posterior.questions if q[:2] == ("search", "finds")]
    if not asked:
        return []
    alone = {str(q[2]): posterior.answer(*q).estimate for q in asked if len(q) == 3}
    in_order = [sorted((str(name) for name in q[2:]), key=lambda n: -alone[n]) for q in asked]
    found, everybody = posterior.sums(asked), posterior.everybody
    before = posterior.sums([("search", "finds", names[0]) for names in in_order])
    before[:, :, [len(names) == 1 for names in in_order]] = 0.0
    hidden = posterior.sums([("unknown", "involved")])
    added = bands_given(found - before, everybody - before)
    left = bands_given(hidden - found, everybody - found)
    forecasts = [
        SearchForecast(
            modalities=names,
            finds=band(posterior.answer(*question)),
            adds=adds.estimate,
            adds_band=adds,
            left_behind=leaves.estimate,
            left_behind_band=leaves,
        )
        for question, names, adds, leaves in zip(asked, in_order, added, left, strict=True)
    ]
    return sorted(forecasts, key=lambda f: (len(f.modalities), -f.finds.estimate))


def symptom_forecasts(
    posterior: Posterior, structure: Structure, observation: ObservationModel
) -> list[SymptomForecast]:
    """Return what each reported symptom probably comes from."""
    sites = structure.of_role("site")
    forecasts = []
    for symptom in observation.symptom:
        causes = [
            _cause(str(question[2]), band(posterior.answer(*question)), sites)
            for question in posterior.questions
            if question[:2] == ("symptom", symptom.name)
        ]
        if causes:
            causes.sort(key=lambda cause: -cause.probability)
            forecasts.append(SymptomForecast(symptom=symptom.label, causes=causes))
    return forecasts


def _cause(name: str, found: Band, sites: Sequence[str]) -> Cause:
    label = "the tumour where it began" if name == "extent" else name
    return Cause(
        cause=name,
        label=site_named(name).label if name in sites else label,
        probability=found.estimate,
        probability_band=found,
    )


def true_stage(posterior: Posterior, structure: Structure) -> dict[str, dict[str, Any]]:
    """Return the probability of each true T and N today, and of distant disease."""
    by_role = {
        axis: structure.process(structure.of_role(role)[0]).levels
        for axis, role in (("t", "extent"), ("n", "nodes"))
    }
    answer: dict[str, dict[str, Any]] = {}
    for axis, levels in by_role.items():
        found = {level: band(posterior.answer("true", axis, level)) for level in levels}
        answer[axis] = _estimates(found)
        answer[f"{axis}_bands"] = {level: one.model_dump() for level, one in found.items()}
    answer["distant"] = {
        name: band(posterior.answer("distant", name)).model_dump()
        for name in ("involved", "hidden", "detectable", "sites")
    }
    return answer


def options(
    posterior: Posterior,
    structure: Structure,
    names: Sequence[str],
    *,
    prognosis: bool,
    between_cohorts: float,
) -> list[OptionForecast]:
    """Return the future under each option, and its difference to the first.

    ``between_cohorts`` is that of `survival`.
    """
    targets = (*structure.of_role("site"), "any_distant")
    future = []
    for k, name in enumerate(names):
        sites = []
        for site in targets:
            by = {m: posterior.answer("option", k, "by", site, m) for m in HORIZONS_MONTHS}
            change = (
                {m: posterior.answer("change", k, "by", site, m) for m in HORIZONS_MONTHS}
                if k
                else {}
            )
            sites.append(
                SiteUnderOption(
                    site=site,
                    label="any distant site" if site == "any_distant" else site_named(site).label,
                    by_month={str(m): band(a) for m, a in by.items()},
                    change={str(m): band(a) for m, a in change.items()},
                )
            )
        alive_change = (
            {str(m): band(posterior.answer("change", k, "alive", m)) for m in (6, 12, 24)}
            if k and prognosis
            else {}
        )
        future.append(
            OptionForecast(
                treatment=name,
                sites=sites,
                survival=survival(posterior, between_cohorts, "option", k) if prognosis else None,
                alive_change=alive_change,
            )
        )
    return future


def diagnostics(posterior: Posterior) -> Diagnostics:
    """Return how well the computation went."""
    return Diagnostics(
        effective_sample_size=posterior.effective_sample_size(),
        standard_error=posterior.largest_error(),
        draws_error=posterior.largest_draws_error(),
        paths=posterior.tally.paths,
        unexpected_findings=[
            label for label, chance in posterior.surprise().items() if chance < UNEXPECTED
        ],
    )
