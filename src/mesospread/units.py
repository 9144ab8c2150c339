"""The closed list of units, converted once, at the door.

Inside the package time is in months and probabilities are plain fractions.
"""

from __future__ import annotations

from datetime import date

DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12.0
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR


def months_between(start: date, end: date) -> float:
    """Return the time from ``start`` to ``end`` in months (negative if ``end`` is earlier)."""
    return (end - start).days / DAYS_PER_MONTH
