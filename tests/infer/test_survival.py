"""Survival from made-up curves: medians, survivors, and what differs between cohorts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from tests.infer.made_posterior import MONTHS, alive, falling, posterior_of

from mesospread.infer.questions import CURVE_MONTHS
from mesospread.infer.result import Band
from mesospread.infer.survival import in_a_further_cohort, survival
from mesospread.model.calibrated import between_studies, shipped_posterior


def test_a_constant_hazard_forgets():
    """What is left of a constant hazard does not depend on how long one has lived."""
    found = survival(posterior_of(alive(falling(0.05))), 0.0)
    assert [c.given_alive_at_months for c in found.conditional] == [6, 12]
    for later in found.conditional:
        for months, band in later.alive.items():
            expected = float(np.exp(-0.05 * int(months)))
            assert (band.estimate, band.low, band.high) == pytest.approx((expected,) * 3)
    assert set(found.conditional[0].alive) == {"6", "12", "24"}
    assert found.median_months is not None
    assert found.median_months.estimate == pytest.approx(np.log(2) / 0.05, abs=0.01)


def test_survivors_of_a_mixture_are_those_with_the_better_draw():
    """Half good, half bad: who is alive later, is so mostly under the good draw."""
    good, bad = falling(0.02), falling(0.2)
    found = survival(posterior_of(alive(good, bad), weights=(1.0, 3.0)), 0.0)
    mean = (good + 3.0 * bad) / 4.0
    assert [p.alive for p in found.curve] == pytest.approx(mean.tolist())
    for later in found.conditional:
        given = later.given_alive_at_months
        for months, band in later.alive.items():
            expected = mean[given + int(months)] / mean[given]
            assert band.estimate == pytest.approx(expected)
            ends = [float(np.exp(-rate * int(months))) for rate in (0.2, 0.02)]
            assert ends[0] - 1e-9 <= band.low < band.estimate < band.high <= ends[1] + 1e-9
    # better than for those who are alive today
    assert found.conditional[1].alive["12"].estimate > mean[12]


def test_conditional_survival_counts_from_the_given_month():
    """Nobody dies in the first year, then half do in each."""
    curve = np.where(MONTHS <= 12, 1.0, 0.5 ** ((MONTHS - 12) / 12))
    found = survival(posterior_of(alive(curve)), 0.0)
    six, twelve = (c.alive for c in found.conditional)
    assert {m: b.estimate for m, b in six.items()} == pytest.approx(
        {"6": 1.0, "12": 0.5**0.5, "24": 0.5**1.5}
    )
    assert {m: b.estimate for m, b in twelve.items()} == pytest.approx(
        {"6": 0.5**0.5, "12": 0.5, "24": 0.25}
    )


def test_a_draw_that_nobody_survives_says_nothing_about_survivors():
    gone = np.where(MONTHS < 3, 1.0, 0.0)
    found = survival(posterior_of(alive(falling(0.05), gone), (1.0, 1.0)), 0.0)
    for later in found.conditional:
        assert later.alive["12"].estimate == pytest.approx(np.exp(-0.6))


@pytest.mark.parametrize(
    ("curve", "median"),
    [
        (np.linspace(1.0, 0.4, 61), 50.0),
        (np.where(MONTHS < 7, 0.8, 0.2), 6.5),
        (np.where(MONTHS < 1, 1.0, 0.25), 2.0 / 3.0),
    ],
)
def test_the_median_is_where_the_curve_passes_one_half(curve, median):
    found = survival(posterior_of(alive(curve)), 0.0)
    assert found.median_months is not None
    assert found.median_months.estimate == pytest.approx(median)
    assert found.median_months.low == pytest.approx(median)


def test_no_median_if_half_are_alive_at_the_end():
    found = survival(posterior_of(alive(np.linspace(1.0, 0.51, 61))), 0.0)
    assert found.median_months is None
    assert len(found.curve) == 61


def test_the_band_of_the_median_is_that_of_the_draws():
    rates = np.linspace(0.02, 0.2, 201)
    found = survival(posterior_of(alive(*map(falling, rates)), weights=np.ones(201)), 0.0)
    band = found.median_months
    assert band is not None
    low, high = np.log(2) / rates[-6], np.log(2) / rates[5]
    assert (band.low, band.high) == pytest.approx((low, high), rel=0.02)
    assert band.low < band.estimate < band.high


def test_draws_in_which_half_are_alive_at_the_end_count_as_the_last_month():
    rates = [0.2] * 18 + [0.001] * 2
    found = survival(posterior_of(alive(*map(falling, rates)), np.ones(20)), 0.0)
    assert found.median_months is not None
    assert found.median_months.high == CURVE_MONTHS[-1]


def test_survival_under_an_option_is_its_own():
    curves = alive(falling(0.1), option=("option", 1)) | alive(falling(0.02), option=("option", 0))
    found = survival(posterior_of(curves), 0.0, "option", 1)
    assert found.curve[12].alive == pytest.approx(np.exp(-1.2))


# --- between cohorts --------------------------------------------------------------------


def test_bands_hold_the_spread_of_the_draws_and_of_the_cohorts():
    """Normal log rates: independent spreads add up by their squares, at every month."""
    of_draws, between = 0.3, 0.2
    scores = ndtri((np.arange(2_000) + 0.5) / 2_000)
    rates = 0.06 * np.exp(of_draws * scores)
    found = survival(
        posterior_of(alive(*map(falling, rates)), weights=np.ones(2_000)), 1.96 * between
    )
    half = 1.96 * np.hypot(of_draws, between)
    for months in (3, 12, 24, 60):
        point = found.curve[months]
        ends = [np.exp(-0.06 * months * np.exp(sign * half)) for sign in (1.0, -1.0)]
        assert [point.low, point.high] == pytest.approx(ends, rel=0.03, abs=0.01), months
    assert found.median_months is not None
    ends = [np.log(2) / 0.06 * np.exp(sign * half) for sign in (-1.0, 1.0)]
    assert [found.median_months.low, found.median_months.high] == pytest.approx(ends, rel=0.03)


def test_a_hazard_ratio_between_cohorts_is_the_same_among_survivors():
    found = survival(posterior_of(alive(falling(0.05))), 0.3)
    for later in found.conditional:
        for months, band in later.alive.items():
            point = found.curve[int(months)]
            assert [band.low, band.high] == pytest.approx([point.low, point.high], abs=1e-6)
            assert band.low < band.estimate < band.high


def test_estimates_stay_and_bands_only_widen():
    curves = alive(falling(0.02), falling(0.2))
    plain, wide = (survival(posterior_of(curves, (1.0, 1.0)), b) for b in (0.0, 0.4))
    for before, after in zip(plain.curve, wide.curve, strict=True):
        assert after.alive == before.alive
        assert after.low <= before.low <= before.high <= after.high
    assert plain.median_months is not None
    assert wide.median_months is not None
    assert wide.median_months.estimate == plain.median_months.estimate


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_is_certain_in_every_cohort_stays_so(share):
    certain = Band(estimate=share, low=share, high=share)
    assert in_a_further_cohort(certain, 0.5) == certain


def test_ends_that_nobody_or_everybody_reaches_stay():
    wide = in_a_further_cohort(Band(estimate=0.4, low=0.0, high=1.0), 0.5)
    assert (wide.low, wide.high) == (0.0, 1.0)


# --- how much cohorts differ ------------------------------------------------------------


def test_it_is_what_the_fit_found():
    posterior = shipped_posterior("pleural")
    assert posterior is not None
    scatter = posterior.scatter[:, posterior.kinds.index("survival")]
    rng = np.random.default_rng(5)
    drawn = np.repeat(scatter, 500) * rng.standard_normal(500 * scatter.size)
    assert between_studies("survival", "pleural") == pytest.approx(
        np.quantile(drawn, 0.975), rel=0.02
    )


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_a_primary_without_a_fit_borrows_it(primary):
    assert between_studies("survival", primary) == between_studies("survival", "pleural")


def test_a_kind_that_was_not_fitted_has_none():
    assert between_studies("no such kind", "pleural") == 0.0
