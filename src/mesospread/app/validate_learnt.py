"""What the evidence taught: which numbers it changed, and which study moves or would help what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from mesospread.model.calibrated import Calibrated
from mesospread.model.definition import Parameter


class Part(BaseModel):
    """Base of all parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LearntNumber(Part):
    """A parameter before and after the fit.

    Attributes
    ----------
    name, unit
        Of the parameter.
    prior, posterior
        Middle, low and high of the central 95 % range.
    width_kept
        Width of the range after the fit over that before; of the logarithm for rates and
        times, of the number itself for probabilities.
    """

    name: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    width_kept: float


class StudyInfluence(Part):
    """What moves most if one fitted study is left out.

    Attributes
    ----------
    study, figure
        The study, and the figure that moves most without it.
    by_sd
        By how many standard deviations of its posterior.
    stable
        Whether the weights of the draws can be relied on (Pareto k of at most 0.7).
    moved
        Whether the draws were moved before they were weighed.
    stretch
        How many times as wide as after the fit the figures of the study itself are without it:
        so far beyond what the fit was checked on. None if the fit did not say.
    """

    study: str
    figure: str
    by_sd: float
    stable: bool
    moved: bool = False
    stretch: float | None = None


class FurtherStudy(Part):
    """What one more study of 200 patients would settle.

    Attributes
    ----------
    figure
        What it would report: an existing figure, by study and result.
    share_of_variance
        Mean share of the variance of all figures that it would take away.
    """

    figure: str
    share_of_variance: float


class Learnt(Part):
    """What the evidence taught.

    Attributes
    ----------
    fitted, informed
        Parameters that were fitted, and those whose spread the fit narrowed by a tenth or more.
    numbers
        The informed ones, the most narrowed first.
    left_out, further
        See `StudyInfluence` and `FurtherStudy`; the largest first.
    """

    fitted: int
    informed: int
    numbers: list[LearntNumber]
    left_out: list[StudyInfluence]
    further: list[FurtherStudy]


def learnt(posterior: Calibrated, parameters: Mapping[str, Parameter]) -> Learnt:
    """Return what a calibration learnt.

    Parameters
    ----------
    posterior
        That the parameters have their draws from.
    parameters
        Of the disease, its treatments and how it is seen.
    """
    fitted = {n: p for n, p in parameters.items() if p.prior is not None and p.draws}
    numbers = [
        LearntNumber(
            name=name,
            unit=p.unit,
            prior=p.prior,
            posterior=(p.value, p.low, p.high),
            width_kept=_width_kept(p, p.prior),
        )
        for name, p in fitted.items()
        if p.prior is not None
    ]
    made: Mapping[str, Any] = posterior.made
    silent = set(made.get("prior_dominated", ()))
    informed = [n for n in numbers if n.name not in silent]
    return Learnt(
        fitted=len(fitted),
        informed=len(informed),
        numbers=sorted(informed, key=lambda n: n.width_kept),
        left_out=[
            StudyInfluence(
                study=row["study"],
                figure=row["moves_most"],
                by_sd=row["by_sd"],
                stable=row["pareto_k"] <= 0.7,
                moved=row.get("moved", False),
                stretch=row.get("stretch"),
            )
            for row in made.get("left_out", [])
        ],
        further=[FurtherStudy(**row) for row in made.get("further_studies", [])],
    )


def _width_kept(p: Parameter, prior: tuple[float, float, float]) -> float:
    _, low, high = prior
    if p.unit == "probability" or low <= 0.0 or p.low <= 0.0:
        return (p.high - p.low) / (high - low) if high > low else 1.0
    before = math.log(high / low)
    return math.log(p.high / p.low) / before if before > 0.0 else 1.0
