"""Figures of weighted lives against closed forms and counts done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.studies import statistics

N = 40_000
SIGMAS = 5.0


def exponential(rate: float, seed: int, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).exponential(1.0 / rate, n)


def test_a_share_counts_weights():
    p, error = statistics.share(np.array([1.0, 3.0]), np.array([1.0, 0.0]))
    assert p == 0.25
    assert error == pytest.approx(np.sqrt(0.75**2 + (3 * 0.25) ** 2) / 4)


def test_nobody_has_no_share():
    p, error = statistics.share(np.zeros(3), np.ones(3))
    assert np.isnan(p)
    assert np.isnan(error)


def test_the_error_of_a_share_is_that_of_the_binomial():
    counted = (np.random.default_rng(1).random(N) < 0.3).astype(float)
    p, error = statistics.share(np.ones(N), counted)
    assert error == pytest.approx(np.sqrt(p * (1 - p) / N), rel=1e-6)


def test_kaplan_meier_by_hand():
    # deaths in steps 1 and 3; one person leaves in step 2
    months = np.array([0.3, 0.6, 0.8, 5.0])
    event = np.array([True, False, True, True])
    curve = statistics.kaplan_meier(np.ones(4), months, event, 1.0)
    assert curve == pytest.approx([1.0, 3 / 4, 3 / 4, 3 / 4 * 1 / 2])


def test_weights_stand_for_people():
    months, event = np.array([0.3, 0.8, 5.0]), np.array([True, False, True])
    twice = statistics.kaplan_meier(np.array([2.0, 1.0, 1.0]), months, event, 2.0)
    repeated = statistics.kaplan_meier(
        np.ones(4), np.array([0.3, 0.3, 0.8, 5.0]), np.array([True, True, False, True]), 2.0
    )
    assert twice == pytest.approx(repeated)


def test_net_survival_leaves_other_deaths_out():
    disease, other = exponential(0.08, 1), exponential(0.02, 2)
    months, of_disease = np.minimum(disease, other), disease < other
    p, error = statistics.alive_at(np.ones(N), months, of_disease, 12.0)
    # the grid of a quarter of a month moves the curve by less than 1e-4
    assert abs(p - np.exp(-0.08 * 12)) < SIGMAS * error * 2 + 1e-4


def test_the_median_of_exponential_times_and_its_error():
    found, error = statistics.median_months(np.ones(N), exponential(0.1, 3))
    assert error == pytest.approx(np.sqrt(1 / N) / 0.1, rel=0.1)
    assert abs(found - np.log(2) / 0.1) < SIGMAS * error


@pytest.mark.parametrize("ratio", [0.5, 0.8, 1.0, 1.6])
def test_the_hazard_ratio_of_proportional_hazards(ratio):
    first, second = exponential(0.1 * ratio, 4), exponential(0.1, 5)
    found, error = statistics.hazard_ratio((np.ones(N), first), (np.ones(N), second), 36.0)
    assert abs(np.log(found) - np.log(ratio)) < SIGMAS * error + 1e-3
    turned, _ = statistics.hazard_ratio((np.ones(N), second), (np.ones(N), first), 36.0)
    assert turned == pytest.approx(1 / found, rel=1e-6)


def test_the_test_of_the_hazard_ratio_can_fail():
    first, second = exponential(0.1 * 0.9, 4), exponential(0.1, 5)
    found, error = statistics.hazard_ratio((np.ones(N), first), (np.ones(N), second), 36.0)
    assert abs(np.log(found)) > SIGMAS * error


def test_the_error_of_a_hazard_ratio_is_right():
    logs, errors = [], []
    for seed in range(60):
        first, second = exponential(0.08, 2 * seed, 1_000), exponential(0.1, 2 * seed + 1, 1_000)
        one = np.ones(1_000)
        found, error = statistics.hazard_ratio((one, first), (one, second), 36.0)
        logs.append(np.log(found))
        errors.append(error)
    ratio = np.std(logs, ddof=1) / np.mean(errors)
    # the standard deviation of 60 draws has a relative error of 1 / sqrt(118)
    assert abs(ratio - 1) < SIGMAS / np.sqrt(118)
