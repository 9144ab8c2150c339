"""Patients as drawn follow the population of the definition, and the life table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.graphs import EVERYTHING, random_structure
from tests.support.population_checks import background_mortality, background_subject, population
from tests.support.statistics import failures, sample_size
from tests.support.subjects import Subject, kernel_run

from mesospread.model.load import disease

N = sample_size(0.03)


@pytest.mark.parametrize(
    "structure", [random_structure(1, EVERYTHING), disease("pleural")], ids=["graph", "pleural"]
)
def test_covariates_and_random_effects(structure):
    assert not failures(population(Subject(structure, 12.0), N, seed=31))


def test_background_mortality():
    assert not failures(background_mortality(background_subject(), N, seed=32))


def test_mortality_of_the_other_sex_is_seen():
    """Everybody simulated as a man."""

    def men(compiled, seed, first, n, horizon_months, fixed):
        asked = kernel_run(compiled, seed, first, n, horizon_months, fixed)
        alike = kernel_run(compiled, seed, first, n, horizon_months, {"sex": "male"})
        return replace(asked, events=alike.events)

    wrong = replace(background_subject(), simulate=men)
    assert failures(background_mortality(wrong, N, seed=32))
