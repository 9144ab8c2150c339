"""Answers ready to print in a terminal."""

from __future__ import annotations

from mesospread.report.calibration_text import calibration_text
from mesospread.report.cohort_text import cohort_text
from mesospread.report.compare_text import CompareText
from mesospread.report.evidence_text import ClaimsText, evidence_text
from mesospread.report.forecast_text import ForecastText
from mesospread.report.stage_text import stage_text
from mesospread.report.trial_text import trial_text
from mesospread.report.validation_cohort_text import cohort_check_text
from mesospread.report.validation_text import validation_text

__all__ = [
    "ClaimsText",
    "CompareText",
    "ForecastText",
    "calibration_text",
    "cohort_check_text",
    "cohort_text",
    "evidence_text",
    "stage_text",
    "trial_text",
    "validation_text",
]
