"""Survival curves of studies that reported deaths per interval, beside what the model says."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mesospread.studies.intervals import CheckedIntervals


class CurvePart(BaseModel):
    """Base of all parts of a compared curve."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ValidatedInterval(CurvePart):
    """One interval of follow-up.

    Attributes
    ----------
    at_risk, deaths, left
        Reported: alive and followed at its beginning; died in it; lost in it.
    deaths_predicted, deaths_low, deaths_high
        Of those at risk, and the central 95 % of what a study of this size would count.
    inside
        Whether the reported deaths lie in that interval.
    alive, alive_low, alive_high
        Reported share alive at its end (actuarial), with its 95 % interval.
    predicted, predicted_low, predicted_high
        Share alive, and the central 95 % of the curves that studies of this size would report.
    model_low, model_high
        Central 95 % of the share itself: what the model is sure of.
    """

    from_months: float
    to_months: float
    at_risk: int
    deaths: int
    left: int
    deaths_predicted: float
    deaths_low: float
    deaths_high: float
    inside: bool
    alive: float
    alive_low: float
    alive_high: float
    predicted: float
    predicted_low: float
    predicted_high: float
    model_low: float
    model_high: float


class ValidatedCurve(CurvePart):
    """The interval counts of one group of a study.

    Attributes
    ----------
    patients, deaths
        At the beginning, and in all intervals.
    p_value
        Share of made-up studies whose curve lies as far from the middle or farther, at its
        farthest point; below 0.05 the curve as a whole does not fit.
    inside
        Intervals whose deaths lie in the 95 % interval.
    """

    study: str
    result: str
    title: str
    subject: str
    histology: list[str]
    patients: int
    deaths: int
    p_value: float
    inside: int
    intervals: list[ValidatedInterval]
    assumed: str
    citation: str
    doi: str
    read_in: str


def validated_curve(checked: CheckedIntervals) -> ValidatedCurve:
    """Return a compared curve in the shape in which it leaves."""
    study, result = checked.study, checked.result
    reported = result.intervals
    assert reported is not None
    starts = (0.0, *reported.to_months)
    rows = [
        ValidatedInterval(
            from_months=starts[k],
            to_months=end,
            at_risk=round(reported.at_risk[k]),
            deaths=round(reported.deaths[k]),
            left=round(reported.left[k]),
            deaths_predicted=float(checked.deaths[k]),
            deaths_low=float(checked.deaths_low[k]),
            deaths_high=float(checked.deaths_high[k]),
            inside=bool(checked.deaths_low[k] <= reported.deaths[k] <= checked.deaths_high[k]),
            alive=float(checked.observed.alive[k]),
            alive_low=float(checked.observed.low[k]),
            alive_high=float(checked.observed.high[k]),
            predicted=float(checked.predicted[k]),
            predicted_low=float(checked.low[k]),
            predicted_high=float(checked.high[k]),
            model_low=float(checked.model_low[k]),
            model_high=float(checked.model_high[k]),
        )
        for k, end in enumerate(reported.to_months)
    ]
    return ValidatedCurve(
        study=study.study,
        result=result.id,
        title=study.title,
        subject=result.subject,
        histology=list(result.among.histology),
        patients=rows[0].at_risk,
        deaths=sum(row.deaths for row in rows),
        p_value=checked.p_value,
        inside=sum(row.inside for row in rows),
        intervals=rows,
        assumed=result.assumed,
        citation=study.citation,
        doi=study.doi,
        read_in=study.read_in,
    )
