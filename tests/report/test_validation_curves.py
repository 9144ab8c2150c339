"""Survival curves of a validation, and checks of cohorts, in words and pictures."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import pytest
from rich.console import Console
from tests.report.validations import made_check, made_curve, measured

from mesospread.report.validation_cohort_html import cohort_document
from mesospread.report.validation_cohort_svg import calibration_plot
from mesospread.report.validation_cohort_text import banded, cohort_check_text
from mesospread.report.validation_curves import chance, curve_picture, curve_rows, curves_table


@pytest.fixture
def curve() -> dict[str, Any]:
    return made_curve()


@pytest.fixture
def check() -> dict[str, Any]:
    return made_check()


def printed(part: Any) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_curve_has_a_row_and_a_picture_with_the_same_numbers(curve):
    (row,) = curve_rows([curve])
    assert row == ("somewhere, biphasic", "45", "20", "17", "3 of 4", "below 0.005")
    assert "3 of 4" in printed(curves_table([curve]))
    picture = curve_picture(curve)
    assert "45 patients, 20 deaths" in picture.alt
    # a dot for each end of an interval, a whisker at the fourth
    assert picture.svg.count("<circle") == 4
    assert chance(0.2) == "0.20"


def test_a_curve_that_falls_is_drawn_falling(curve):
    lines = re.findall(r'<polyline points="([^"]+)"', curve_picture(curve).svg)
    assert len(lines) == 2
    for line in lines:
        heights = [float(point.split(",")[1]) for point in line.split()]
        assert heights == sorted(heights)
        assert heights[0] < heights[-1]


def test_the_text_of_a_check_says_who_was_left_out_and_what_does_not_apply(check):
    text = " ".join(printed(cohort_check_text(check)).split())
    assert "60 patients of ours.csv, 40 deaths." in text
    assert "2 of whom nothing more is known" in text
    assert "1 whose facts contradict each other or the model (<P7>)" in text
    assert "3 facts came later and were not used" in text
    assert "LENT does not apply, needs more." in text
    assert "0.61 (0.51–0.71)" in text


def test_the_plot_puts_too_hopeful_forecasts_below_the_line(check):
    low = copy.deepcopy(check)
    for fifth in low["at"][0]["fifths"]:
        fifth["observed"] = measured(fifth["predicted"] / 2, 0.01)

    def dots(which: dict[str, Any]) -> list[tuple[float, float]]:
        found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', calibration_plot(which).svg)
        return [(float(x), float(y)) for x, y in found]

    assert [x for x, _ in dots(low)] == [x for x, _ in dots(check)]
    # down the page is down the plot
    assert all(lower[1] > y[1] for lower, y in zip(dots(low)[1:], dots(check)[1:], strict=True))
    assert "At 12 months: 10 and 5" in calibration_plot(low).alt


def test_a_share_nobody_knows_has_no_dot(check):
    check["at"][0]["fifths"][0]["observed"] = measured(None)
    assert calibration_plot(check).svg.count("<circle") == 4
    assert "not known" in calibration_plot(check).alt


def test_what_a_table_says_is_escaped_on_the_page(check):
    page = cohort_document(check)
    assert "&lt;P7&gt;" in page
    assert "<P7>" not in page
    assert "<script" not in page


def test_an_interval_with_a_sign_is_read_as_one():
    assert banded(measured(-0.4, 0.6)) == "-0.40 (-1.00 to 0.20)"
    assert banded(measured(0.5), percent=True) == "50 (40–60)"
    assert banded({"estimate": 0.5, "low": None, "high": None}) == "0.50"
    assert banded(measured(None)) == "–"
