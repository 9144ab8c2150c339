"""From a posterior to the answer a person gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mesospread.anatomy import site as site_named
from mesospread.infer.posterior import Answer, Posterior, weighted_quantiles
from mesospread.infer.questions import CURVE_MONTHS, HORIZONS_MONTHS, ROUTES
from mesospread.infer.result import (
    Band,
    Cause,
    ConditionalSurvival,
    CurvePoint,
    Diagnostics,
    OptionForecast,
    ScanForecast,
    SearchForecast,
    SiteForecast,
    SiteUnderOption,
    Survival,
    SymptomForecast,
)
from mesospread.model.library import ObservationModel
from mesospread.model.structure import Structure

#: a finding less likely than this, given all others, is pointed out
UNEXPECTED = 0.01


def band(answer: Answer) -> Band:
    """Return an answer without its simulation error."""
    return Band(estimate=answer.estimate, low=answer.low, high=answer.high)


def site_forecasts(
    posterior: Posterior, structure: Structure, observation: ObservationModel
) -> list[SiteForecast]:
    """Return all sites, the most likely to be found within a year first."""
    forecasts = []
    for site in structure.of_role("site"):
        levels = structure.process(site).levels
        seeded = ("seeded", site)
        forecasts.append(
            SiteForecast(
                site=site,
                label=site_named(site).label,
                distant=site in observation.distant_sites,
                now={level: posterior.answer("now", site, level).estimate for level in levels},
                involved_now=band(posterior.answer("involved", site)),
                by_month={str(m): band(posterior.answer("by", site, m)) for m in HORIZONS_MONTHS},
                routes={
                    route: posterior.conditional(("route", site, route), seeded) for route in ROUTES
                },
                next=posterior.answer("next", site).estimate,
            )
        )
    return sorted(forecasts, key=lambda f: -f.by_month["12"].estimate)


def scan_forecasts(posterior: Posterior) -> list[ScanForecast]:
    """Return every examination of every site it sees, the highest yield first."""
    forecasts = []
    for question in posterior.questions:
        if question[0] != "scan":
            continue
        modality, site = str(question[1]), str(question[2])
        found = posterior.answer(*question)
        hit = posterior.answer("found", modality, site).estimate
        missed = posterior.answer("missed", modality, site).estimate
        forecasts.append(
            ScanForecast(
                modality=modality,
                site=site,
                label=site_named(site).label,
                expected_yield=found.estimate,
                low=found.low,
                high=found.high,
                true_if_positive=_ratio(hit, found.estimate),
                involved_if_negative=_ratio(missed, 1.0 - found.estimate),
            )
        )
    return sorted(forecasts, key=lambda f: -f.expected_yield)


def search_forecasts(posterior: Posterior) -> list[SearchForecast]:
    """Return every examination of all distant sites, alone and after another.

    Of two, the one that finds more alone comes first. The highest yield first.
    """
    alone = {
        str(question[2]): posterior.answer(*question)
        for question in posterior.questions
        if question[:2] == ("search", "finds") and len(question) == 3
    }
    hidden = posterior.answer("unknown", "involved").estimate if alone else 0.0
    forecasts = []
    for question in posterior.questions:
        if question[:2] != ("search", "finds"):
            continue
        names = sorted((str(name) for name in question[2:]), key=lambda n: -alone[n].estimate)
        found = posterior.answer(*question)
        before = alone[names[0]].estimate if len(names) > 1 else 0.0
        forecasts.append(
            SearchForecast(
                modalities=names,
                finds=band(found),
                adds=_ratio(found.estimate - before, 1.0 - before),
                left_behind=_ratio(hidden - found.estimate, 1.0 - found.estimate),
            )
        )
    return sorted(forecasts, key=lambda f: (len(f.modalities), -f.finds.estimate))


def _ratio(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def symptom_forecasts(
    posterior: Posterior, structure: Structure, observation: ObservationModel
) -> list[SymptomForecast]:
    """Return what each reported symptom probably comes from."""
    sites = structure.of_role("site")
    forecasts = []
    for symptom in observation.symptom:
        causes = [
            Cause(
                cause=str(question[2]),
                label=(
                    site_named(str(question[2])).label
                    if question[2] in sites
                    else "the tumour where it began"
                    if question[2] == "extent"
                    else str(question[2])
                ),
                probability=posterior.answer(*question).estimate,
            )
            for question in posterior.questions
            if question[:2] == ("symptom", symptom.name)
        ]
        if causes:
            causes.sort(key=lambda cause: -cause.probability)
            forecasts.append(SymptomForecast(symptom=symptom.label, causes=causes))
    return forecasts


def survival(posterior: Posterior, *option: str | int) -> Survival:
    """Return the survival curve from today and its median, under an option if given."""
    curve = [posterior.answer(*option, "alive", m) for m in CURVE_MONTHS]
    by_draw = np.column_stack([posterior.per_draw(*option, "alive", m) for m in CURVE_MONTHS])
    share = posterior.draw_weights()
    estimate = _median(share @ by_draw)
    median = None
    if estimate is not None:
        ends = [_median(alive) for alive in by_draw]
        medians = np.array([float(CURVE_MONTHS[-1]) if m is None else m for m in ends])
        low, high = (float(end) for end in weighted_quantiles(medians, share))
        median = Band(estimate=estimate, low=min(low, estimate), high=max(high, estimate))
    return Survival(
        median_months=median,
        curve=[
            CurvePoint(month=m, alive=a.estimate, low=a.low, high=a.high)
            for m, a in zip(CURVE_MONTHS, curve, strict=True)
        ],
        conditional=[
            ConditionalSurvival(
                given_alive_at_months=given,
                alive={
                    str(further): _given_alive(by_draw, share, given, further)
                    for further in (6, 12, 24)
                },
            )
            for given in (6, 12)
        ],
    )


def _given_alive(by_draw: np.ndarray, share: np.ndarray, given: int, further: int) -> Band:
    """Return the share alive some months after a month at which they were alive.

    Each draw counts by how many it leaves alive till then.
    """
    then, later = by_draw[:, given], by_draw[:, given + further]
    weights = share * then / float(share @ then)
    by_draw = np.divide(later, then, out=np.zeros_like(later), where=then > 0)
    estimate = float(np.clip(weights @ by_draw, 0.0, 1.0))
    low, high = weighted_quantiles(by_draw, weights)
    return Band(estimate=estimate, low=min(float(low), estimate), high=max(float(high), estimate))


def _median(alive: np.ndarray) -> float | None:
    """Return the month at which a falling curve passes one half, interpolated."""
    below = np.flatnonzero(alive <= 0.5)
    if below.size == 0:
        return None
    k = int(below[0])
    if k == 0:
        return float(CURVE_MONTHS[0])
    step = (alive[k - 1] - 0.5) / (alive[k - 1] - alive[k])
    return float(CURVE_MONTHS[k - 1] + step * (CURVE_MONTHS[k] - CURVE_MONTHS[k - 1]))


def true_stage(posterior: Posterior, structure: Structure) -> dict[str, dict[str, Any]]:
    """Return the probability of each true T and N today, and of distant disease."""
    by_role = {
        axis: structure.process(structure.of_role(role)[0]).levels
        for axis, role in (("t", "extent"), ("n", "nodes"))
    }
    answer: dict[str, dict[str, Any]] = {
        axis: {level: posterior.answer("true", axis, level).estimate for level in levels}
        for axis, levels in by_role.items()
    }
    answer["distant"] = {
        name: band(posterior.answer("distant", name)).model_dump()
        for name in ("involved", "hidden", "detectable", "sites")
    }
    return answer


def options(
    posterior: Posterior, structure: Structure, names: Sequence[str], *, prognosis: bool
) -> list[OptionForecast]:
    """Return the future under each option, and its difference to the first."""
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
                survival=survival(posterior, "option", k) if prognosis else None,
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
