"""Forecasts against a table of patients: what is read and refused, and whether measures tell."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mesospread.app.cohort_check import check_cohort, write_cohort_page
from mesospread.app.cohort_measures import Followed, measured_cohort
from mesospread.app.cohort_result import CohortCheck
from mesospread.app.cohort_table import read_followed
from mesospread.app.published_scores import PUBLISHED_SCORES
from mesospread.cli import main
from mesospread.errors import PatientError
from mesospread.infer.solve import Effort
from mesospread.patient import parse_patient

EXAMPLE = Path(__file__).parents[2] / "examples" / "cohort_simulated.csv"
DAY = "2020-01-01"
LITTLE = Effort(
    draws=60, core_paths=64, leaf_paths=500, standard_error=0.05, too_few=50.0, max_rounds=6
)
SIGMAS = 4.0


def table(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(k for row in rows for k in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows(n: int = 60, **changes: str) -> list[dict[str, str]]:
    base = {"primary": "pleural", "diagnosed": DAY, "followed_months": "8.5", "died": "yes"}
    return [{"id": f"P{k}", **base, **changes} for k in range(n)]


# --- what is read -----------------------------------------------------------------


def test_what_came_later_is_not_known_to_the_forecast(tmp_path):
    late = {
        "scan1.date": DAY, "scan1.modality": "CT", "scan1.negative": "liver",
        "scan2.date": "2020-06-01", "scan2.modality": "CT", "scan2.positive": "liver",
        "treatment1.name": "pemetrexed + cisplatin", "treatment1.start": DAY,
        "treatment1.end": "2020-05-01", "treatment1.response": "partial",
        "symptom1.name": "cough", "symptom1.since": "2020-02-01",
    }  # fmt: skip
    (found,) = read_followed(table(tmp_path / "t.csv", rows(1, **late))).patients
    patient = found.row.patient
    assert patient is not None
    assert str(patient.as_of) == DAY
    assert [str(scan.date) for scan in patient.scans] == [DAY]
    assert patient.treatments[0].end is None
    assert patient.treatments[0].response is None
    assert patient.symptoms == ()
    # a scan, a symptom, and the end of the treatment with its response
    assert found.left_out == 3
    assert (found.months, found.died) == (8.5, True)


def test_the_day_of_the_forecast_can_be_later_than_the_diagnosis(tmp_path):
    late = {"as_of": "2020-07-01", "scan1.date": "2020-06-01", "scan1.modality": "CT",
            "scan1.positive": "liver"}  # fmt: skip
    (found,) = read_followed(table(tmp_path / "t.csv", rows(1, **late))).patients
    assert found.row.patient is not None
    assert len(found.row.patient.scans) == 1
    assert found.left_out == 0


def test_patients_of_whom_nothing_more_is_known_are_counted(tmp_path):
    known = [*rows(2), *rows(1, died="unknown", id="u"), *rows(1, followed_months="", id="v")]
    found = read_followed(table(tmp_path / "t.csv", known))
    assert (len(found.patients), found.unknown) == (2, 2)


MISTAKES = {
    "died before": ({"followed_months": "-2"}, "ends before the day of the forecast"),
    "days": ({"followed_months": "1200"}, "0 to 600 months"),
    "words": ({"followed_months": "long"}, "'long'"),
    "a date": ({"died": "2021-01-01"}, "followed_months, in months"),
    "day before": ({"as_of": "2019-01-01"}, "before the diagnosis"),
    "no day": ({"diagnosed": "", "scan1.date": DAY, "scan1.modality": "CT"}, "known at diagnosis"),
    "a site": ({"scan1.date": DAY, "scan1.modality": "CT", "scan1.positive": "livr"}, "liver"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_cell_is_named(tmp_path, mistake):
    changes, word = MISTAKES[mistake]
    with pytest.raises(PatientError) as error:
        read_followed(table(tmp_path / "t.csv", rows(1, **changes)))
    assert word in str(error.value)
    assert "row 2 (P0)" in str(error.value)


@pytest.mark.parametrize("column", ["died", "followed_months"])
def test_a_missing_outcome_column_is_named(tmp_path, column):
    short = [{k: v for k, v in row.items() if k != column} for row in rows()]
    with pytest.raises(PatientError, match=f"no column {column}"):
        read_followed(table(tmp_path / "t.csv", short))


def test_a_misspelt_outcome_column_gets_its_name(tmp_path):
    with pytest.raises(PatientError, match="followed_months"):
        read_followed(table(tmp_path / "t.csv", rows(2, followed_month="3")))


FEW = {
    "few patients": (rows(49), "49 patients"),
    "few deaths": ([*rows(19), *[r | {"id": f"a{r['id']}"} for r in rows(60, died="no")]], "19 d"),
    "nobody died": (rows(60, died="no"), "nobody has died"),
}


@pytest.mark.parametrize("case", FEW)
def test_too_few_are_refused_before_anything_is_computed(tmp_path, case):
    known, word = FEW[case]
    with pytest.raises(PatientError, match=word) as error:
        check_cohort(table(tmp_path / "t.csv", known))
    assert "50 patients and 20 deaths" in str(error.value)


def test_what_a_cohort_does_not_use_is_refused(tmp_path, capsys, monkeypatch):
    cohort = str(table(tmp_path / "t.csv", rows()))
    monkeypatch.setattr(sys, "argv", ["mesospread", "validate", "--cohort", cohort, "--lives", "9"])
    with pytest.raises(SystemExit) as end:
        main.run()
    assert end.value.code == 2
    assert "--lives" in capsys.readouterr().err


# --- measures ---------------------------------------------------------------------


def people(n: int, seed: int, *, stretch: float = 1.0) -> Followed:
    """Return patients with known hazards, forecast rightly but for the stretch of their lives."""
    rng = np.random.default_rng(seed)
    fitness = rng.integers(0, 3, n)
    hazard = 0.04 * np.exp(0.5 * fitness + 0.4 * rng.standard_normal(n))
    lived = rng.exponential(1.0 / hazard) * stretch
    end = rng.uniform(12.0, 60.0, n)
    patients = tuple(
        parse_patient(
            {
                "primary": "pleural", "performance_status": int(f), "sex": "male",
                "histology": ("epithelioid", "biphasic", "sarcomatoid")[k % 3],
            }
        )
        for k, f in enumerate(fitness)
    )  # fmt: skip
    return Followed(
        patients,
        tuple({"white_cells": 7.0} for _ in range(n)),
        np.minimum(lived, end),
        lived <= end,
        np.exp(-np.arange(61.0) * hazard[:, None]),
    )


def measured(followed: Followed) -> dict[str, Any]:
    return measured_cohort(followed, least=(50, 20), seed=1)


def error_of(interval: Any) -> float:
    return float(interval.high - interval.low) / (2 * 1.96)


@pytest.fixture(scope="module")
def right() -> dict[str, Any]:
    return measured(people(600, 11))


def test_right_forecasts_are_found_right(right):
    assert [at.months for at in right["at"]] == [6, 12, 24]
    for at in right["at"]:
        error = error_of(at.slope)
        assert error < 0.2
        assert abs(at.slope.estimate - 1.0) < SIGMAS * error
        assert at.observed.low < at.predicted < at.observed.high
    assert right["deaths_ratio"].low < 1.0 < right["deaths_ratio"].high
    assert right["skill"].low > 0.0
    assert right["harrell"].low > 0.55


def test_forecasts_of_others_say_nothing():
    followed = people(300, 12)
    shuffled = np.random.default_rng(1).permutation(followed.alive)
    found = measured(replace(followed, alive=shuffled))
    assert abs(found["harrell"].estimate - 0.5) < SIGMAS * error_of(found["harrell"])
    assert error_of(found["harrell"]) < 0.035
    assert found["skill"].high < 0.0
    assert all(at.slope.high < 1.0 for at in found["at"])


def test_lives_half_as_long_as_forecast_are_seen():
    found = measured(people(300, 13, stretch=0.5))
    assert found["deaths_ratio"].low > 1.5
    for at in found["at"]:
        assert at.predicted > at.observed.high
        assert at.shift.low > 0.0
    # the order is right all the same
    assert found["harrell"].low > 0.55


def test_fifths_hold_everybody_once_in_the_order_of_the_forecast(right):
    for at in right["at"]:
        assert sum(fifth.patients for fifth in at.fifths) == 600
        predicted = [fifth.predicted for fifth in at.fifths]
        assert predicted == sorted(predicted)


def test_published_scores_stand_beside_the_same_patients(right):
    found = {score.name: score for score in right["scores"]}
    assert found["EORTC"].concordance.estimate > 0.52
    assert found["EORTC"].model == right["harrell"]
    difference = found["EORTC"].model.estimate - found["EORTC"].concordance.estimate
    assert found["EORTC"].difference.estimate == pytest.approx(difference)
    # nobody has a stage, and a table cannot hold lactate dehydrogenase
    assert "stage.t" in found["TNM stage group"].why_not
    assert found["LENT"].why_not.startswith("does not apply, needs lactate dehydrogenase")


SCORED = {
    "EORTC": [
        ({"performance_status": 0, "sex": "female", "histology": "biphasic"}, 8.2, 0.0),
        ({"performance_status": 1, "sex": "male", "histology": "sarcomatoid"}, 8.3, 4.0),
        ({"performance_status": 1, "sex": "male"}, 8.3, None),
    ],
    "TNM stage group": [
        ({"stage": {"edition": "9", "t": "T1", "n": "N0", "m": "M0"}}, None, 0.5),
        ({"stage": {"edition": "8", "t": "T1", "n": "N0", "m": "M1"}}, None, 5.0),
        ({"stage": {"edition": "8", "t": "T1"}}, None, None),
    ],
    "cell type": [({"histology": "sarcomatoid"}, None, 2.0), ({}, None, None)],
}


@pytest.mark.parametrize("name", SCORED)
def test_a_published_score_is_worked_out_as_it_says(name):
    score = next(s for s in PUBLISHED_SCORES if s.name == name)
    assert score.of is not None
    for facts, white_cells, wanted in SCORED[name]:
        blood = {} if white_cells is None else {"white_cells": white_cells}
        assert score.of(parse_patient({"primary": "pleural", **facts}), blood) == wanted


# --- the whole way ----------------------------------------------------------------


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Return the JSON and the page of the command, for the first patients of the example."""
    folder = tmp_path_factory.mktemp("cohort")
    with EXAMPLE.open(encoding="utf-8") as file:
        some = list(csv.DictReader(file))[:52]
    # facts that contradict each other: M0, and a scan of that day that found tumour in a bone
    torn = {"scan1.date": "2020-01-01", "scan1.modality": "CT", "scan1.positive": "bone"}
    some.append(next(r for r in some if r["stage.m"] == "M0") | {"id": "torn"} | torn)
    path, page = table(folder / "some.csv", some), folder / "some.html"
    found = check_cohort(path, workers=2, effort=LITTLE)
    write_cohort_page(found, page)
    return json.loads(found.model_dump_json()), page.read_text(encoding="utf-8")


def test_the_example_fits_the_model_that_made_it(done):
    found, _ = done
    assert CohortCheck.model_validate(found).patients == 52
    assert found["deaths_ratio"]["low"] < 1.0 < found["deaths_ratio"]["high"]
    (at,) = [at for at in found["at"] if at["months"] == 12]
    error = (at["slope"]["high"] - at["slope"]["low"]) / (2 * 1.96)
    assert error < 0.8
    assert abs(at["slope"]["estimate"] - 1.0) < SIGMAS * error


def test_who_cannot_be_forecast_is_named(done):
    found, page = done
    assert [r["id"] for r in found["refused"]] == ["torn"]
    assert "torn" in page


def test_the_page_needs_nothing_else_and_says_what_its_picture_shows(done):
    _, page = done
    assert "<script" not in page
    assert "http" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert 'role="img" aria-label="Forecast beside observed share alive' in page
    assert page.count("<h1>") == 1
