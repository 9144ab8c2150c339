"""What a validation says: each reported figure beside the model, and how many fit."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from mesospread.app.validate_curves import ValidatedCurve
from mesospread.app.validate_learnt import Learnt


class Part(BaseModel):
    """Base of all parts of a validation."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ValidatedResult(Part):
    """One reported figure beside what the model says.

    Attributes
    ----------
    study, result, title, subject, kind, statistic, use
        Which figure, and whether the model was fitted to it.
    reported, reported_low, reported_high
        With its 95 % interval.
    interval_is
        ``published``, or ``computed`` from the number of patients.
    predicted
        Median over the draws of the parameters.
    predicted_low, predicted_high
        Central 95 % of what a study of this size would report.
    model_low, model_high
        Central 95 % of the figure itself: what the model is sure of.
    inside
        Whether the reported figure lies between ``predicted_low`` and ``predicted_high``.
    rank
        Share of the predictive draws below the reported figure.
    assumed
        What had to be assumed beyond the paper.
    stands_behind
        Numbers of the model among whose sources the figure is: it helped to set what they were
        before the fit.
    citation, doi, read_in
        The source.
    """

    study: str
    result: str
    title: str
    subject: str
    kind: str
    statistic: str
    use: str
    n: float | None
    reported: float
    reported_low: float
    reported_high: float
    interval_is: str
    predicted: float | None
    predicted_low: float | None
    predicted_high: float | None
    model_low: float | None
    model_high: float | None
    inside: bool
    rank: float | None
    assumed: str
    stands_behind: list[str] = []
    citation: str
    doi: str
    read_in: str


class Coverage(Part):
    """How many reported figures lie in their 95 % predictive interval.

    Of ``use`` ``independent`` are those of ``validate`` that stand behind no number of the model.
    """

    use: str
    kind: str
    inside: int
    figures: int


class BandedPart(Part):
    """What one of the four things accounts for, in percentage points, with its 95 % band."""

    factor: str
    meaning: str
    points: float
    low: float
    high: float


class ReconciledRate(Part):
    """One published rate of spread, taken apart.

    Attributes
    ----------
    question
        ``spread`` or ``brain``.
    reference
        What the model says to everybody at diagnosis: by PET-CT, M1 as staged; of the brain,
        by MRI.
    predicted
        What it says through the protocol of the study.
    parts
        What leads from one to the other.
    """

    study: str
    result: str
    title: str
    subject: str
    use: str
    reported: float
    reported_low: float
    reported_high: float
    reference: float
    predicted: float
    predicted_low: float
    predicted_high: float
    parts: list[BandedPart]
    question: str = "spread"


class Validation(Part):
    """The whole validation of one primary.

    ``informs`` holds figures that neither entered the fit nor check it, such as those without a
    count behind them: they are shown beside what the model says, and are in no coverage.
    """

    primary: str
    software: str
    posterior: str | None
    draws: int
    lives: int
    results: list[ValidatedResult]
    curves: list[ValidatedCurve]
    coverage: list[Coverage]
    reconciliation: list[ReconciledRate]
    learnt: Learnt | None
    made: dict[str, Any]
    informs: list[ValidatedResult] = []
