"""Which figures there are of a cohort and of two arms, and what they say about themselves."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from mesospread.app import arm_measures, figure_tables
from mesospread.app.arm_measures import Arms, Interval, Times
from mesospread.app.cohort_files import MONTHS, Diagnosed
from mesospread.app.figure_tables import COMPARED_MONTHS
from mesospread.report.research_figures import Words, curves, dots, forest

_SIMULATED = (
    "Simulated people, not observed ones. Intervals (95 %) hold the chance of who was simulated, "
    "not how uncertain the model itself is."
)
_KAPLAN_MEIER = (
    f"Kaplan-Meier with pointwise log-log bands; who is alive at {MONTHS} months is censored there."
)
#: else a treatment that lengthens life is read as one that spreads the disease
_DEATH_COMPETES = (
    "Death competes: who lives longer has more time to show spread, so a treatment that "
    "lengthens life can raise these shares without causing any spread."
)
_DETECTABLE = "Detectable: large enough for a scan to find, whether or not one was done."


def cohort_charts(cohort: Diagnosed) -> dict[str, Any]:
    """Return the charts of one cohort by file name."""
    sites = figure_tables.top_sites(cohort)
    spread = [row for site in sites for row in figure_tables.incidence(cohort, site)]
    cells = np.unique(cohort.histology)
    source = _source(cohort)
    return {
        "survival": curves(
            figure_tables.survival(cohort, cohort.histology),
            Words("Survival from diagnosis by cell type", _medians(cohort), notes=_wrapped(
                _KAPLAN_MEIER, _SIMULATED, source)),
            y="Alive", group="Cell type", whole=True,
            at_risk=[
                row
                for cell in cells
                for row in figure_tables.at_risk(
                    arm_measures.death(cohort.some(cohort.histology == cell)), str(cell))
            ]),
        "incidence": curves(
            spread,
            Words("Detectable spread by site, death as competing event", notes=_wrapped(
                f"Of all {cohort.death.size:,} diagnosed, none censored before {MONTHS} months; "
                "bands: Wilson.", _DETECTABLE, _SIMULATED, source)),
            y="Cumulative incidence", group="Site"),
        "at-diagnosis": dots(
            figure_tables.at_diagnosis(cohort),
            Words("Detectable at diagnosis, by T", notes=_wrapped(
                "Intervals: Wilson.", _DETECTABLE, _SIMULATED, source)),
            x="Share of those diagnosed at this T", group="T"),
    }  # fmt: skip


def arm_charts(arms: Arms) -> dict[str, Any]:
    """Return the charts of two arms by file name."""
    return {
        "arms-survival": _survival(arms),
        "arms-first-distant": _first_distant(arms),
        "arms-spread": _spread(arms),
    }


def _survival(arms: Arms) -> Any:
    cohorts = (arms.first, arms.second)
    times = [arm_measures.death(cohort) for cohort in cohorts]
    lived = arm_measures.mean_difference(times[0].months, times[1].months, arms.rows)
    found = _wrapped(
        *(_median(name, one) for name, one in zip(arms.names, times, strict=True)),
        _ratio("Hazard ratio of death", arms, times[0], times[1]),
        f"Difference in mean months lived, of the first {MONTHS}: {_signed(lived)}",
        "In brackets: 95 % confidence intervals",
    )
    return curves(
        [
            r
            for n, t in zip(arms.names, times, strict=True)
            for r in figure_tables.kaplan_meier(t, n)
        ],
        Words(
            "Overall survival from diagnosis",
            found,
            _wrapped(
                _how(arms),
                _KAPLAN_MEIER,
                "The hazard ratio (Cox) is an average over that time: hazards need not be "
                "proportional.",
                *_about(arms),
            ),
        ),
        y="Alive",
        group="Arm",
        whole=True,
        at_risk=_at_risk(arms, times),
    )


def _first_distant(arms: Arms) -> Any:
    first, second = (arm_measures.without_distant(one) for one in (arms.first, arms.second))
    among = arm_measures.match(first, second)
    times = [arm_measures.first_distant(one)[0] for one in (first, second)]
    found = _wrapped(
        _ratio("Cause-specific hazard ratio of spread", among, times[0], times[1]),
        *(
            f"Difference in cumulative incidence at {month} months: "
            f"{_points(_at(times, among, month))} percentage points"
            for month in COMPARED_MONTHS
        ),
        "In brackets: 95 % confidence intervals",
    )
    names = arms.names
    rows = [
        row
        for name, cohort in zip(names, (first, second), strict=True)
        for row in figure_tables.first_distant(cohort, name)
    ]
    left_out = " and ".join(
        f"{whole.death.size - some.death.size:,} of {whole.death.size:,}"
        for whole, some in ((arms.first, first), (arms.second, second))
    )
    places = ", ".join(sorted(figure_tables.plain(site) for site in arms.first.distant))
    return curves(
        rows,
        Words(
            "First detectable distant spread, death before it competing",
            found,
            _wrapped(
                _how(among),
                f"Left out: {left_out} with detectable distant spread at diagnosis. Nobody is "
                f"censored before {MONTHS} months; bands: Wilson (shares as Aalen and Johansen's).",
                f"Distant: {places}. {_DETECTABLE}",
                "The cause-specific ratio compares rates among those alive and free of it. "
                + _DEATH_COMPETES,
                *_about(arms),
            ),
        ),
        y="Cumulative incidence",
        group="Arm",
        whole=True,
        at_risk=_at_risk(arms, times),
    )


def _spread(arms: Arms) -> Any:
    rows = [
        {
            "panel": f"By {row['months']} months",
            "label": row["site"],
            "first": f"{100 * row['first']:.1f} %",
            "second": f"{100 * row['second']:.1f} %",
            "difference": _points(Interval(row["estimate"], row["low"], row["high"])),
            **{name: 100 * row[name] for name in ("estimate", "low", "high")},
        }
        for row in figure_tables.differences(arms)
    ]
    names = [
        f"{name}, n = {one.death.size:,}"
        for name, one in zip(arms.names, (arms.first, arms.second), strict=True)
    ]
    return forest(
        rows,
        Words(
            "Detectable spread by site: second arm minus first",
            [f"First: {names[0]}", f"Second: {names[1]}"],
            _wrapped(
                _how(arms),
                "Of all diagnosed, spread found at diagnosis included. Intervals from Wilson's "
                "limits (Newcombe; Zou and Donner), not adjusted for the number of sites.",
                _DEATH_COMPETES,
                *_about(arms),
            ),
        ),
        x="Percentage points, second minus first",
        columns={"first": "First", "second": "Second", "difference": "Difference (95 % CI)"},
    )


def _at_risk(arms: Arms, times: list[Times]) -> list[figure_tables.Row]:
    return [
        row
        for name, one in zip(arms.names, times, strict=True)
        for row in figure_tables.at_risk(one, name)
    ]


def _at(times: list[Times], arms: Arms, month: int) -> Interval:
    one, other = (t.event & (t.months <= month) for t in times)
    return arm_measures.difference(one, other, arms.rows)


def _how(arms: Arms) -> str:
    """Say how the people of the arms belong together, and what that does to the intervals."""
    seeds = (arms.first.run["seed"], arms.second.run["seed"])
    if not arms.paired:
        return f"Independent arms: different people (seeds {seeds[0]} and {seeds[1]})."
    same = arms.rows[0].size
    all_ = same == arms.first.patient.size == arms.second.patient.size
    who = f"the same {same:,} people" if all_ else f"{same:,} people are"
    return (
        f"Paired arms: {who} in both, with the same random numbers (seed {seeds[0]}). Intervals "
        "allow for it (robust errors by person); those of a trial of this size would be wider."
    )


def _about(arms: Arms) -> list[str]:
    also = arms.also_differ_in
    warning = [f"Caution: the arms also differ in {', '.join(also)}."] if also else []
    return [
        *warning, _SIMULATED, _source(arms.first, "First: "), _source(arms.second, "Second: ")
    ]  # fmt: skip


def _source(cohort: Diagnosed, before: str = "") -> str:
    run = cohort.run
    return (
        f"{before}{run['software']}, {run['model']} {run['model_digest'][:12]}, "
        f"{cohort.treatments}, seed {run['seed']}; {cohort.death.size:,} of {int(run['n']):,} "
        f"simulated were diagnosed {MONTHS} months or more before the end."
    )


def _median(name: str, times: Times) -> str:
    estimate, low, high = (
        "not reached" if month is None else f"{month:.1f}" for month in arm_measures.median(times)
    )
    return (
        f"{name}: {times.event.sum():,} deaths of {times.months.size:,}, median {estimate} months "
        f"({low} to {high})"
    )


def _medians(cohort: Diagnosed) -> list[str]:
    return [
        *(
            _median(str(cell), arm_measures.death(cohort.some(cohort.histology == cell)))
            for cell in np.unique(cohort.histology)
        ),
        "In brackets: 95 % confidence intervals",
    ]


def _ratio(what: str, arms: Arms, one: Times, other: Times) -> str:
    ratio = arm_measures.hazard_ratio(one, other, arms.rows)
    if ratio is None:
        return f"{what}: not estimable, too few events"
    return (
        f"{what}, {arms.names[1]} against {arms.names[0]}: {ratio.estimate:.2f} "
        f"({ratio.low:.2f} to {ratio.high:.2f})"
    )


def _signed(value: Interval, decimals: int = 1) -> str:
    estimate, low, high = (f"{v:+.{decimals}f}".replace("-", "−") for v in value)
    return f"{estimate} ({low} to {high})"


def _points(value: Interval) -> str:
    return _signed(Interval(*(100 * v for v in value)), decimals=2)


def _wrapped(*notes: str) -> list[str]:
    return [line for note in notes for line in textwrap.wrap(note, 112)]
