"""The figures of a cohort as data are those of its tables."""

import numpy as np
import pytest

from mesospread.app.cohort_figures import cohort_figures, cohort_spec, simulated_figures
from mesospread.app.simulate import cohort
from mesospread.simulate.summary import CohortSummary, wilson

WANTED = {"primary": "pleural", "n": 2_000, "seed": 5}


def test_figures_are_counts_of_the_table():
    made = cohort(**WANTED)
    figures = simulated_figures(cohort_spec(**WANTED), prognosis=True)
    table = made.patients.to_pydict()
    assert figures["patients"] == 2_000
    assert figures["diagnosed"] == made.summary.n_diagnosed
    assert figures["run"]["seed"] == "5"
    liver = {row["level"]: row for row in figures["reached"] if row["process"] == "liver"}
    found = sum(month is not None for month in table["liver.detectable"])
    share = liver["detectable"]["by_the_end"]
    assert share["estimate"] == pytest.approx(found / 2_000)
    assert (share["low"], share["high"]) == wilson(found, 2_000)
    everybody = figures["survival"][0]
    assert everybody["group"] == "all"
    assert everybody["number"] == figures["diagnosed"]
    median = everybody["median_months"]
    assert median["low"] < median["estimate"] < median["high"]
    alive = list(everybody["alive_at_years"].values())
    assert alive == sorted(alive, reverse=True)


def test_no_survival_unless_asked_and_no_steering_processes():
    figures = simulated_figures(cohort_spec(**WANTED | {"n": 100}))
    assert figures["survival"] is None
    assert not {"death", "diagnosis"} & {row["process"] for row in figures["reached"]}


def test_nobody_diagnosed_is_no_share():
    structure = cohort_spec(**WANTED).structure
    summary = CohortSummary(n=4, survival={"all": np.zeros((2, 3), np.int64)})
    figures = cohort_figures(structure, summary, {}, prognosis=True)
    assert {row["at_diagnosis"] for row in figures["reached"]} == {None}
    assert figures["survival"] == []
