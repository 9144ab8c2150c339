"""The measures of a check of forecasts against a table of patients, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mesospread.app.cohort_result import AtMonths, ComparedScore, Fifth, Measured, Subgroup
from mesospread.app.published_scores import PUBLISHED_SCORES, PublishedScore
from mesospread.patient import Patient
from mesospread.studies import measures

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AT_MONTHS = (6, 12, 24)
#: a time is shown if so many had died by then and so many were still followed
LEAST_KNOWN = 10
GROUPS = 5
REPLICATES = 1_000
_HORIZON_MONTHS = 24
INTERVAL_IS = (
    f"95 %, percentiles of {REPLICATES:,} bootstrap samples of patients with the stated seed; "
    "weights for censoring and the curve for all are held. Shares observed: Kaplan-Meier, "
    "log-log. Deaths: exact for a Poisson count."
)


@dataclass(frozen=True)
class Followed:
    """Patients with forecasts and outcomes.

    Attributes
    ----------
    patients, blood
        Facts known on the day of the forecast.
    months, died
        (n,) follow-up.
    alive
        (n, M) forecast share alive at months 0, 1, 2, ….
    """

    patients: tuple[Patient, ...]
    blood: tuple[Mapping[str, float], ...]
    months: Floats
    died: Flags
    alive: Floats

    @property
    def grid_months(self) -> Floats:
        """Months of the forecast curves, (M,)."""
        return np.arange(self.alive.shape[1], dtype=np.float64)

    @property
    def risk(self) -> Floats:
        """Minus the forecast months alive within the curve, (n,)."""
        return -np.asarray(np.trapezoid(self.alive, self.grid_months, axis=1), dtype=np.float64)

    def of(self, chosen: Flags) -> Followed:
        """Return some of the patients."""
        rows = np.flatnonzero(chosen)
        return Followed(
            tuple(self.patients[i] for i in rows),
            tuple(self.blood[i] for i in rows),
            self.months[rows],
            self.died[rows],
            self.alive[rows],
        )


def measured_cohort(all_: Followed, *, least: tuple[int, int], seed: int) -> dict[str, Any]:
    """Return all measures by their names in `mesospread.app.cohort_result.CohortCheck`.

    Parameters
    ----------
    all_
        The patients.
    least
        Patients and deaths that a published score needs.
    seed
        Of the bootstrap.
    """
    months, died = all_.months, all_.died
    taken = measures.resampled(months.size, REPLICATES, seed)
    horizon = _horizon(months)
    uno = measures.uno_weights(months, died, horizon)
    deaths, expected = int(died.sum()), float(_expected(all_))
    return {
        "patients": int(months.size),
        "died": deaths,
        "median_follow_up_months": _median_follow_up(months, died),
        "horizon_months": horizon,
        "harrell": _concordance(all_.risk, months, died, taken),
        "uno": _concordance(all_.risk, months, died, taken, uno),
        "deaths_expected": expected,
        "deaths_ratio": _poisson_ratio(deaths, expected),
        **_brier(all_, horizon, taken),
        "at": [_at(all_, t, taken) for t in AT_MONTHS if _known(months, died, t)],
        "by_histology": _by_histology(all_, seed),
        "scores": [_score(score, all_, least, seed) for score in PUBLISHED_SCORES],
        "interval_is": INTERVAL_IS,
    }


def _horizon(months: Floats) -> float:
    """Return the last whole month up to two years at which enough patients are followed."""
    followed = [t for t in range(1, _HORIZON_MONTHS + 1) if (months > t).sum() >= LEAST_KNOWN]
    return float(max(followed, default=1))


def _known(months: Floats, died: Flags, at_months: float) -> bool:
    by_then = ((months <= at_months) & died).sum()
    return bool(by_then >= LEAST_KNOWN and (months > at_months).sum() >= LEAST_KNOWN)


def _measured(estimate: float, replicates: Floats) -> Measured:
    finite = replicates[np.isfinite(replicates)]
    # an interval from what is left of the samples would be too short
    if not np.isfinite(estimate) or finite.size < 0.95 * replicates.size:
        return Measured(estimate=_number(estimate), low=None, high=None)
    low, high = np.quantile(finite, [0.025, 0.975])
    return Measured(estimate=float(estimate), low=float(low), high=float(high))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _kaplan_meier(months: Floats, died: Flags, at_months: float) -> Measured:
    estimate, low, high = (
        float(x[0]) for x in measures.alive_after(months, died, float(at_months))
    )
    return Measured(estimate=_number(estimate), low=_number(low), high=_number(high))


def _concordance(
    risk: Floats, months: Floats, died: Flags, taken: Floats, each: Floats | None = None
) -> Measured:
    estimate = measures.concordance(risk, months, died, each=each)
    return _measured(
        float(estimate[0]), measures.concordance(risk, months, died, each=each, taken=taken)
    )


def _expected(all_: Followed) -> float:
    return float(measures.expected_deaths(all_.alive, all_.grid_months, all_.months).sum())


def _poisson_ratio(deaths: int, expected: float) -> Measured:
    low = stats.chi2.ppf(0.025, 2 * deaths) / 2 if deaths else 0.0
    high = stats.chi2.ppf(0.975, 2 * deaths + 2) / 2
    return Measured(
        estimate=deaths / expected, low=float(low) / expected, high=float(high) / expected
    )


def _median_follow_up(months: Floats, died: Flags) -> float | None:
    """Return the reverse Kaplan-Meier median (Schemper, Smith 1996)."""
    times = np.unique(months)
    share = measures.followed_share(months, died, np.nextafter(times, np.inf))
    passed = times[share <= 0.5]
    return float(passed[0]) if passed.size else None


def _brier(all_: Followed, horizon: float, taken: Floats) -> dict[str, Any]:
    """Return the integrated Brier score, that of one curve for all, and the skill."""
    grid = np.arange(horizon + 1.0)
    for_all, _, _ = measures.alive_after(all_.months, all_.died, grid)

    def parts(alive: Floats) -> Floats:
        by_month = [
            measures.squared_error(alive[:, k], all_.months, all_.died, t)
            for k, t in enumerate(grid)
        ]
        return measures.over_time(np.stack(by_month, axis=1), grid)

    n = all_.months.size
    ours = parts(all_.alive[:, : grid.size])
    null = parts(np.broadcast_to(for_all, (n, grid.size)))
    sampled, sampled_null = taken @ ours / n, taken @ null / n
    return {
        "brier": _measured(float(ours.mean()), sampled),
        "brier_null": float(null.mean()),
        "skill": _measured(
            1.0 - float(ours.mean() / null.mean()), 1.0 - sampled / np.maximum(sampled_null, 1e-12)
        ),
    }


def _at(all_: Followed, at_months: int, taken: Floats) -> AtMonths:
    months, died, alive = all_.months, all_.died, all_.alive[:, at_months]
    slope, shift = measures.recalibration(alive, months, died, at_months)
    slopes, shifts = measures.recalibration(alive, months, died, at_months, taken)
    parts = measures.squared_error(alive, months, died, at_months)
    for_all, _, _ = measures.alive_after(months, died, float(at_months))
    null = measures.squared_error(np.full(months.size, for_all[0]), months, died, at_months)
    return AtMonths(
        months=at_months,
        followed=int((months > at_months).sum()),
        predicted=float(alive.mean()),
        observed=_kaplan_meier(months, died, at_months),
        slope=_measured(float(slope[0]), slopes),
        shift=_measured(float(shift[0]), shifts),
        brier=_measured(float(parts.mean()), taken @ parts / months.size),
        brier_null=float(null.mean()),
        fifths=_fifths(alive, months, died, at_months),
    )


def _fifths(alive: Floats, months: Floats, died: Flags, at_months: float) -> list[Fifth]:
    order = np.argsort(alive, kind="stable")
    return [
        Fifth(
            patients=int(rows.size),
            died=int((died[rows] & (months[rows] <= at_months)).sum()),
            predicted=float(alive[rows].mean()),
            observed=_kaplan_meier(months[rows], died[rows], at_months),
        )
        for rows in np.array_split(order, GROUPS)
    ]


def _by_histology(all_: Followed, seed: int) -> list[Subgroup]:
    """Return what is forecast and observed for each cell type of which enough is known."""
    found = []
    cell_types = np.array([p.histology or "not known" for p in all_.patients])
    for name in ("epithelioid", "biphasic", "sarcomatoid", "not known"):
        some = all_.of(cell_types == name)
        if some.months.size < LEAST_KNOWN or not some.died.any():
            continue
        shown = [t for t in AT_MONTHS if (some.months > t).sum() >= LEAST_KNOWN // 2]
        taken = measures.resampled(some.months.size, REPLICATES, seed)
        found.append(
            Subgroup(
                histology=name,
                patients=int(some.months.size),
                died=int(some.died.sum()),
                predicted={str(t): float(some.alive[:, t].mean()) for t in shown},
                observed={str(t): _kaplan_meier(some.months, some.died, t) for t in shown},
                concordance=_concordance(some.risk, some.months, some.died, taken),
            )
        )
    return found


def _score(
    score: PublishedScore, all_: Followed, least: tuple[int, int], seed: int
) -> ComparedScore:
    named = {k: getattr(score, k) for k in ("name", "source", "needs", "note")}
    nothing: dict[str, Any] = {"concordance": None, "model": None, "difference": None}
    if score.of is None:
        return ComparedScore(
            **named, **nothing, patients=0, why_not=f"does not apply, needs {score.needs}"
        )
    scored = [score.of(p, b) for p, b in zip(all_.patients, all_.blood, strict=True)]
    some = all_.of(np.array([s is not None for s in scored]))
    risk = np.array([s for s in scored if s is not None])
    n, deaths = int(some.months.size), int(some.died.sum())
    if n < least[0] or deaths < least[1]:
        have = f"only {n} patients have" if n else "nobody has"
        why = f"does not apply, needs {score.needs}: {have} all of it"
        return ComparedScore(**named, **nothing, patients=n, why_not=why)
    taken = measures.resampled(n, REPLICATES, seed)
    both = [
        (
            float(measures.concordance(r, some.months, some.died)[0]),
            measures.concordance(r, some.months, some.died, taken=taken),
        )
        for r in (risk, some.risk)
    ]
    return ComparedScore(
        **named,
        patients=n,
        concordance=_measured(*both[0]),
        model=_measured(*both[1]),
        difference=_measured(both[1][0] - both[0][0], both[1][1] - both[0][1]),
        why_not="",
    )
