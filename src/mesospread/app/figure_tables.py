"""What the figures of a simulated cohort, or of two arms, show: curves and shares as rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesospread.app import arm_measures
from mesospread.app.arm_measures import Arms, Times
from mesospread.app.cohort_files import MONTHS, Diagnosed
from mesospread.simulate.summary import wilson
from mesospread.studies.measures import alive_after

#: months at which curves are drawn: steps finer than a line is wide
GRID_MONTHS: NDArray[np.float64] = np.linspace(0.0, MONTHS, 4 * MONTHS + 1)
#: months at which those at risk are counted, and at which spread is compared
_RISK_MONTHS = range(0, MONTHS + 1, 6)
COMPARED_MONTHS = (12, 24)
_TOP = 8
Row = dict[str, Any]


def survival(cohort: Diagnosed, groups: NDArray[np.str_]) -> list[Row]:
    """Return Kaplan-Meier curves by group on `GRID_MONTHS`, with pointwise 95 % intervals.

    Everybody is followed to death or for `MONTHS`, when who is alive is censored.
    """
    rows = []
    for group in np.unique(groups):
        times = arm_measures.death(cohort.some(groups == group))
        rows += kaplan_meier(times, str(group))
    return rows


def incidence(cohort: Diagnosed, site: str) -> list[Row]:
    """Return the share with detectable spread at a site, by month from diagnosis.

    Those who die without it never have it: death competes. Spread that was detectable
    at diagnosis counts from month 0.
    """
    return _gathered(cohort.sites[site], plain(site))


def at_risk(times: Times, group: str) -> list[Row]:
    """Return how many are followed and without the event just before some months."""
    return [
        {"group": group, "months": month, "number": f"{(times.months >= month).sum():,}"}
        for month in _RISK_MONTHS
    ]


def top_sites(cohort: Diagnosed) -> list[str]:
    """Return the sites most often detectable by `MONTHS`, most frequent first."""
    return sorted(cohort.sites, key=lambda s: -int((cohort.sites[s] <= MONTHS).sum()))[:_TOP]


def at_diagnosis(cohort: Diagnosed) -> list[Row]:
    """Return the share with each site detectable at diagnosis, by T."""
    levels = sorted(np.unique(cohort.extent), key=lambda t: (not t.startswith("below"), t))
    return [
        _row(
            int((cohort.sites[s][cohort.extent == t] <= 0).sum()),
            int((cohort.extent == t).sum()),
            site=plain(s),
            group=str(t),
        )
        for s in top_sites(cohort)
        for t in levels
    ]


def first_distant(cohort: Diagnosed, group: str) -> list[Row]:
    """Return the cumulative incidence of the first distant spread, and of death before it.

    Of those without detectable distant spread at diagnosis. Nobody is censored before `MONTHS`,
    so the estimate of Aalen and Johansen is a plain share; its interval is Wilson's.
    """
    spread, died = arm_measures.first_distant(arm_measures.without_distant(cohort))
    rows = []
    for times, event in ((spread, "first distant spread"), (died, "death before it")):
        when = np.where(times.event, times.months, np.inf)
        rows += [row | {"event": event} for row in _gathered(when, group)]
    return rows


def differences(arms: Arms) -> list[Row]:
    """Return, for any distant site and for each of the commonest, how the arms differ.

    Returns
    -------
    list of dict
        ``site``, ``months``; ``first`` and ``second``, shares of all diagnosed with detectable
        spread by then; ``estimate``, ``low``, ``high`` of second minus first.
    """
    first, second = arms.first, arms.second
    places = {"any distant site": first.distant}
    places |= {plain(site): (site,) for site in top_sites(first) if site in second.sites}
    rows = []
    for month in COMPARED_MONTHS:
        for name, sites in places.items():
            there = tuple(site for site in sites if site in second.sites)
            one, other = (arm.first_of(there) <= month for arm in (first, second))
            gap = arm_measures.difference(one, other, arms.rows)
            rows.append(
                {"site": name, "months": month, "first": one.mean(), "second": other.mean()}
                | gap._asdict()
            )
    return rows


def kaplan_meier(times: Times, group: str) -> list[Row]:
    """Return the curve of a group on `GRID_MONTHS`, with a pointwise log-log interval."""
    estimate, low, high = alive_after(times.months, times.event, GRID_MONTHS)
    # before the first death, and once all have died, there is no interval
    low, high = (np.where(np.isnan(limit), estimate, limit) for limit in (low, high))
    return [
        {"group": group, "months": m, "estimate": e, "low": a, "high": b}
        for m, e, a, b in zip(
            *map(np.ndarray.tolist, (GRID_MONTHS, estimate, low, high)), strict=True
        )
    ]


def _gathered(when: NDArray[np.float64], group: str) -> list[Row]:
    """Return the share to whom an event has come, on `GRID_MONTHS`."""
    reached = np.searchsorted(np.sort(when), GRID_MONTHS, side="right")
    return [
        _row(int(k), when.size, group=group, months=float(month))
        for month, k in zip(GRID_MONTHS, reached, strict=True)
    ]


def _row(events: int, n: int, **labels: str | float) -> Row:
    low, high = wilson(events, n)
    return {**labels, "estimate": events / n, "low": low, "high": high}


def plain(site: str) -> str:
    """Return a site in words."""
    return site.replace("_", " ")
