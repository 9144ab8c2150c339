"""A validation with nothing but deaths per interval, from the study file to the page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from mesospread.app.page_validation import shipped_validation
from mesospread.app.text import validation_text
from mesospread.app.validate import Validation, validate, write_page

STUDY = """
format = 1
study = "counts-only"
title = "Deaths in each half year"
citation = "Made up, to test"
primary = "pleural"
read_in = "full_text"

[[result]]
id = "all"
subject = "deaths in each half year"
kind = "survival"
statistic = "interval_counts"
use = "validate"

[result.intervals]
to_months = [6, 12, 18]
at_risk = [120, 85, 50]
deaths = [30, 30, 20]
left = [5, 5, 0]
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Validation:
    folder = tmp_path_factory.mktemp("studies")
    (folder / "counts.toml").write_text(STUDY)
    return validate(folder, draws=40, lives=1_000, workers=1)


def test_each_interval_stands_beside_what_the_model_says(found):
    (curve,) = found.curves
    assert (curve.patients, curve.deaths, len(curve.intervals)) == (120, 80, 3)
    assert [i.from_months for i in curve.intervals] == [0.0, 6.0, 12.0]
    for row in curve.intervals:
        assert row.inside == (row.deaths_low <= row.deaths <= row.deaths_high)
        assert row.predicted_low <= row.model_low <= row.predicted <= row.model_high
        assert row.alive_low < row.alive < row.alive_high
    alive = [row.predicted for row in curve.intervals]
    assert alive == sorted(alive, reverse=True)
    assert curve.inside == sum(row.inside for row in curve.intervals)
    assert 0.0 < curve.p_value <= 1.0


def test_it_is_printed_and_drawn(found, tmp_path: Path):
    console = Console(file=io.StringIO(), width=80)
    console.print(validation_text(found.model_dump(mode="json")))
    assert "counts-only" in console.file.getvalue()  # type: ignore[attr-defined]
    write_page(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "counts-only, all patients" in page
    assert page.count("<circle") == 3


def test_nobody_is_shown_survival_unasked():
    shown = shipped_validation("pleural")
    assert shown is not None
    assert shown["curves"] == []
