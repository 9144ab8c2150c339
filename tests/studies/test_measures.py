"""Measures of forecasts of survival: by hand, against other programs, right and wrong forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.studies import measures

SIGMAS = 4.0
MEDIAN_MONTHS = 12.0


def cohort(n: int, seed: int, *, stretch: float = 1.0, left: bool = True) -> dict[str, np.ndarray]:
    """Return patients with exponential lives, and the right forecasts of a life `stretch` as long.

    Hazards differ by a factor of about four between patients.
    """
    rng = np.random.default_rng(seed)
    hazard = np.log(2) / MEDIAN_MONTHS * np.exp(0.7 * rng.standard_normal(n))
    lived = rng.exponential(1.0 / hazard) * stretch
    end = rng.uniform(6.0, 60.0, n) if left else np.full(n, np.inf)
    return {
        "months": np.minimum(lived, end),
        "died": lived <= end,
        "hazard": hazard,
        "alive_12": np.exp(-12.0 * hazard),
    }


# what scikit-survival 0.28.0 and lifelines 0.30.3 give for these data, run once
OTHERS = {
    "harrell": 0.8162751677852349,
    "uno, 20 months": 0.8116047797747937,
    "brier": (0.15245066, 0.18787013, 0.21950942),
    "alive at 12": (0.5028309905197781, 0.33468454, 0.64932506),
}


@pytest.fixture(scope="module")
def shared() -> dict[str, np.ndarray]:
    """Return 40 patients, 24 deaths, ties of times and of risks among them."""
    rng = np.random.default_rng(3)
    risk = np.round(rng.normal(size=40), 1)
    lived = np.round(rng.exponential(12 * np.exp(-risk)), 1) + 0.1
    left = np.round(rng.uniform(2, 40, 40), 1)
    return {"risk": risk, "months": np.minimum(lived, left), "died": lived <= left}


def test_concordance_is_that_of_another_program(shared):
    risk, months, died = shared["risk"], shared["months"], shared["died"]
    assert died.sum() == 24
    assert measures.concordance(risk, months, died) == pytest.approx([OTHERS["harrell"]])
    each = measures.uno_weights(months, died, 20.0)
    found = measures.concordance(risk, months, died, each=each)
    assert found == pytest.approx([OTHERS["uno, 20 months"]])


def test_brier_score_is_that_of_another_program(shared):
    risk, months, died = shared["risk"], shared["months"], shared["died"]
    for at, other in zip((6.0, 12.0, 18.0), OTHERS["brier"], strict=True):
        alive = np.exp(-at / 12 * np.exp(risk))
        found = measures.squared_error(alive, months, died, at).mean()
        assert found == pytest.approx(other, abs=1e-7)


def test_kaplan_meier_is_that_of_another_program(shared):
    estimate, low, high = measures.alive_after(shared["months"], shared["died"], 12.0)
    assert (estimate[0], low[0], high[0]) == pytest.approx(OTHERS["alive at 12"])


def test_concordance_by_hand():
    months = np.array([1.0, 2.0, 3.0, 4.0])
    died = np.array([True, False, True, True])
    # pairs: 1-2, 1-3, 1-4, 3-4; who left at 2 is compared only with who died before
    risk = np.array([4.0, 9.0, 1.0, 1.0])
    # 1-2 lost, 1-3 and 1-4 won, 3-4 tied
    assert measures.concordance(risk, months, died) == pytest.approx([2.5 / 4])
    twice = measures.concordance(risk, months, died, taken=np.array([[1.0, 0.0, 2.0, 1.0]]))
    # without the second, the third twice: won 2 + 1, tied 2, of 5
    assert twice == pytest.approx([4.0 / 5])


def test_who_left_is_stood_for_by_who_stayed():
    months = np.array([1.0, 2.0, 3.0, 4.0])
    died = np.array([True, False, True, False])
    dead, weight = measures.known_by(months, died, 3.5)
    assert dead.tolist() == [1, 0, 1, 0]
    # one of three left at 2: those after it count 3/2
    assert weight == pytest.approx([1.0, 0.0, 1.5, 1.5])
    assert weight.sum() == pytest.approx(4.0)


def test_who_dies_as_another_leaves_was_not_at_risk_of_leaving():
    months, died = np.array([2.0, 2.0, 5.0]), np.array([True, False, True])
    assert measures.followed_share(months, died, np.array([2.0, 3.0])) == pytest.approx([1.0, 0.5])


def test_nobody_left_and_nobody_died():
    months = np.array([1.0, 2.0])
    assert measures.followed_share(months, np.ones(2, bool), 2.0) == pytest.approx([1.0])
    estimate, low, _ = measures.alive_after(months, np.zeros(2, bool), 2.0)
    assert estimate == pytest.approx([1.0])
    assert np.isnan(low).all()


@pytest.mark.parametrize("left", [True, False])
def test_right_forecasts_need_no_recalibration(left):
    people = cohort(3_000, 5, left=left)
    taken = measures.resampled(3_000, 100, 1)
    args = (people["alive_12"], people["months"], people["died"], 12.0)
    (slope,), (shift,) = measures.recalibration(*args)
    slopes, shifts = measures.recalibration(*args, taken)
    # a bound that is too wide could not fail
    assert slopes.std() < 0.1
    assert abs(slope - 1.0) < SIGMAS * slopes.std()
    assert abs(shift) < SIGMAS * shifts.std()


def test_forecasts_too_far_apart_have_a_slope_below_one():
    people = cohort(3_000, 6)
    odds = people["alive_12"] / (1 - people["alive_12"])
    apart = odds**2 / (1 + odds**2)
    (slope,), _ = measures.recalibration(apart, people["months"], people["died"], 12.0)
    assert slope == pytest.approx(0.5, abs=0.1)


def test_lives_half_as_long_are_seen():
    people = cohort(1_000, 7, stretch=0.5)
    grid = np.arange(61.0)
    alive = np.exp(-grid * people["hazard"][:, None])
    expected = measures.expected_deaths(alive, grid, people["months"]).sum()
    deaths = people["died"].sum()
    # twice the hazard: twice the deaths, give or take the root of their number
    assert abs(deaths / expected - 2.0) < SIGMAS * 2.0 / np.sqrt(deaths)
    _, (shift,) = measures.recalibration(people["alive_12"], people["months"], people["died"], 12.0)
    assert shift > 0.5


def test_forecasts_of_other_people_say_nothing():
    people = cohort(1_500, 8)
    right = -people["hazard"]
    taken = measures.resampled(1_500, 100, 2)
    shuffled = np.random.default_rng(9).permutation(people["hazard"])
    months, died = people["months"], people["died"]
    (found,) = measures.concordance(shuffled, months, died)
    error = measures.concordance(shuffled, months, died, taken=taken).std()
    assert error < 0.015
    assert abs(found - 0.5) < SIGMAS * error
    (turned,) = measures.concordance(right, months, died)
    assert turned < 0.4


def test_a_fit_that_does_not_exist_is_not_given():
    alive = np.array([0.1, 0.2, 0.8, 0.9])
    months = np.array([1.0, 2.0, 30.0, 40.0])
    # all who are forecast to die die, the others live: no slope is steep enough
    slope, shift = measures.recalibration(alive, months, np.ones(4, bool), 12.0)
    assert np.isnan(slope[0])
    assert abs(shift[0]) < 1e-6


def test_the_mean_over_time_is_that_of_the_area():
    assert measures.over_time(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])) == 1.0
