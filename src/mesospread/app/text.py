"""Answers ready to print in a terminal."""

from __future__ import annotations

from mesospread.report.cohort_text import cohort_text
from mesospread.report.compare_text import CompareText
from mesospread.report.evidence_text import evidence_text
from mesospread.report.forecast_text import ForecastText

__all__ = ["CompareText", "ForecastText", "cohort_text", "evidence_text"]
