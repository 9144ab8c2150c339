"""One number, from which its sentence, its picture, its curve and its row are all drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mesospread.infer.result import Band
from mesospread.report.strings import ENGLISH, text


def out_of_100(probability: float) -> int:
    """Return how many of 100 people a probability means, 0 to 100."""
    return min(100, max(0, round(100 * probability)))


def count(probability: float, lang: str = ENGLISH) -> str:
    """Write how many of 100 people; no false 0 and no false 100.

    Parameters
    ----------
    probability
        0 to 1.
    lang
        Language.
    """
    if 0.0 < probability < 0.01:
        return text("number.fewer_than_one", lang)
    if 0.99 < probability < 1.0:
        return text("number.more_than_99", lang)
    return str(out_of_100(probability))


def short_count(probability: float) -> str:
    """Write the same for a cell of a table: ``<1``, ``47``, ``>99``."""
    if 0.0 < probability < 0.01:
        return "<1"
    if 0.99 < probability < 1.0:
        return ">99"
    return str(out_of_100(probability))


@dataclass(frozen=True)
class Share:
    """How many of 100 people like this one: best guess and range.

    Attributes
    ----------
    estimate
        Probability, 0 to 1.
    low, high
        Its 95 % credible band; None where none was worked out.
    """

    estimate: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, band: Band | dict[str, float]) -> Share:
        """Return the share of an answer with its band."""
        found = band if isinstance(band, Band) else Band(**band)
        return cls(found.estimate, found.low, found.high)

    def otherwise(self) -> Share:
        """Return the share of the other people."""
        low, high = (None if end is None else 1.0 - end for end in (self.high, self.low))
        return Share(1.0 - self.estimate, low, high)

    @property
    def ranged(self) -> bool:
        """Whether there is a range."""
        return self.low is not None and self.high is not None

    @property
    def of_100(self) -> int:
        """Best guess, out of 100."""
        return out_of_100(self.estimate)

    @property
    def low_of_100(self) -> int:
        """Lower end, out of 100; the best guess if there is no range."""
        return out_of_100(self.estimate if self.low is None else self.low)

    @property
    def high_of_100(self) -> int:
        """Upper end, out of 100; the best guess if there is no range."""
        return out_of_100(self.estimate if self.high is None else self.high)

    def words(self, lang: str = ENGLISH) -> str:
        """Write it in a sentence, e.g. ``about 34 (between 22 and 47)``."""
        best = count(self.estimate, lang)
        if 0.01 <= self.estimate <= 0.99:
            best = text("number.about", lang, n=best)
        if self.low is None or self.high is None:
            return best
        low, high = count(self.low, lang), count(self.high, lang)
        if low == high:
            return best
        if self.low < 0.01:
            return text("number.up_to", lang, best=best, high=high)
        if self.high > 0.99:
            return text("number.at_least", lang, best=best, low=low)
        return text("number.between", lang, best=best, low=low, high=high)

    def cell(self) -> str:
        """Write it in a table, e.g. ``34 (22–47)``, or ``97 (70+)`` for 70 or more.

        A range that is all below 1 is ``(<1)``.
        """
        if self.low is None or self.high is None:
            return short_count(self.estimate)
        low, high = short_count(self.low), short_count(self.high)
        ends = low if low == high == "<1" else f"{low}–{high}"
        if high.startswith(">"):
            # a dash before > would look like an arrow
            ends = low if low == high else f"{low}+"
        return f"{short_count(self.estimate)} ({ends})"


@dataclass(frozen=True)
class Change:
    """A difference between two options, in people out of 100; below zero means fewer.

    Attributes
    ----------
    estimate, low, high
        Difference of probabilities, -1 to 1, with its 95 % credible band.
    """

    estimate: float
    low: float
    high: float

    @classmethod
    def of(cls, band: Band) -> Change:
        """Return the change of an answer with its band."""
        return cls(band.estimate, band.low, band.high)

    @property
    def clear(self) -> bool:
        """Whether the whole range lies on one side of no difference."""
        return self.low > 0 or self.high < 0

    def cell(self, lang: str = ENGLISH, *, whole: bool = True) -> str:
        """Write it in a table, e.g. ``−4 (−9 to +1)``; else with one decimal."""
        best, low, high = (
            signed(x, lang, whole=whole) for x in (self.estimate, self.low, self.high)
        )
        return text("number.change", lang, best=best, low=low, high=high)


def signed(change: float, lang: str = ENGLISH, *, whole: bool = True) -> str:
    """Write a difference out of 100 with its sign, in whole people or with one decimal."""
    shown = f"{100.0 * change:+.{0 if whole else 1}f}"
    if float(shown) == 0.0:
        return "0"
    return shown.replace("-", "−").replace(".", text("number.decimal", lang))


def decimal(value: float, lang: str = ENGLISH, *, places: int = 1) -> str:
    """Write a number with some decimals, e.g. ``0.5``."""
    return f"{value:.{places}f}".replace(".", text("number.decimal", lang))


def day(value: Any, lang: str = ENGLISH, *, short: bool = False) -> str:
    """Write a day, e.g. ``10 November 2026``, from a date or from year-month-day.

    Parameters
    ----------
    value
        A date, or year-month-day.
    lang
        Language.
    short
        Whether the month is cut short, e.g. ``10 Nov 2026``.
    """
    found = value if isinstance(value, date) else date.fromisoformat(str(value))
    names, form = ("month_short", "short_day") if short else ("month", "day")
    month = text(f"{names}.{found.month}", lang)
    return text(f"number.{form}", lang, day=found.day, month=month, year=found.year)
