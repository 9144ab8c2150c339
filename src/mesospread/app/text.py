"""Answers ready to print in a terminal."""

from __future__ import annotations

from mesospread.report.cohort_text import cohort_text
from mesospread.report.forecast_text import forecast_text

__all__ = ["cohort_text", "forecast_text"]
