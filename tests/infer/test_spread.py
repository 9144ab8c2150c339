"""Estimates from sums over histories: bands of draws, and the noise in them."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.infer.spread import (
    shares_given,
    simulation_variance,
    spread_of,
    standard_error,
    weighted_quantiles,
)

DRAWS, REPLICATES = 200, 16


def masses(
    truth: np.ndarray, held: float, paths: int, seed: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return binomial counts with something among those in whom a condition holds, (D, R, 1)."""
    rng = np.random.default_rng(seed)
    whole = rng.binomial(paths, held, (len(truth), REPLICATES))
    part = rng.binomial(whole, truth[:, None])
    return part[:, :, None].astype(float), whole[:, :, None].astype(float)


def test_noise_is_taken_out_of_the_band_of_a_conditional_chance() -> None:
    """Few histories per draw scatter far; the band is that of the draws all the same."""
    truth = np.random.default_rng(5).uniform(0.3, 0.5, DRAWS)
    part, whole = masses(truth, held=0.2, paths=12)
    by_draw = part.sum(axis=1) / whole.sum(axis=1)
    assert by_draw.std() > 1.5 * truth.std()
    found = shares_given(part, whole)
    width = float(found.high[0] - found.low[0])
    assert found.estimate[0] == pytest.approx(truth.mean(), abs=0.02)
    # of a uniform spread 95 % of its full width
    assert width == pytest.approx(0.95 * 0.2, rel=0.25)


def test_a_band_is_no_narrower_than_the_simulation_error() -> None:
    truth = np.full(DRAWS, 0.4)
    part, whole = masses(truth, held=0.2, paths=4)
    found = shares_given(part, whole)
    error = float(found.standard_error[0])
    assert error == pytest.approx(np.sqrt(0.24 / whole.sum()), rel=0.5)
    assert found.low[0] <= found.estimate[0] - 1.95 * error
    assert found.high[0] >= found.estimate[0] + 1.95 * error


def test_a_plain_chance_is_one_among_everybody() -> None:
    """With one column for all, the whole is the same for every question."""
    parts = np.concatenate([masses(np.full(30, p), 1.0, 50)[0] for p in (0.1, 0.6)], axis=2)
    whole = np.full((30, REPLICATES, 1), 50.0)
    together = shares_given(parts, whole)
    apart = [shares_given(parts[:, :, [k]], whole) for k in (0, 1)]
    for name in ("estimate", "low", "high", "standard_error"):
        each = [float(getattr(one, name)[0]) for one in apart]
        assert getattr(together, name).tolist() == pytest.approx(each, abs=1e-12)


def test_draws_under_which_the_condition_never_holds_say_nothing() -> None:
    part, whole = np.full((20, REPLICATES, 1), 3.0), np.full((20, REPLICATES, 1), 10.0)
    part[:15] = whole[:15] = 0.0
    found = shares_given(part, whole)
    assert (found.estimate[0], found.low[0], found.high[0]) == pytest.approx((0.3, 0.3, 0.3))


def test_of_what_never_holds_nothing_is_known() -> None:
    nothing = np.zeros((5, REPLICATES, 1))
    found = shares_given(nothing, nothing)
    assert (found.estimate[0], found.low[0], found.high[0]) == (0.0, 0.0, 1.0)


def test_errors_are_those_of_the_replicates() -> None:
    rng = np.random.default_rng(2)
    part, whole = rng.random((3, REPLICATES, 4)), 1.0 + rng.random((3, REPLICATES, 4))
    for draw in range(3):
        average = part[draw].sum(axis=0) / whole[draw].sum(axis=0)
        gap = part[draw] - average * whole[draw]
        expected = np.sqrt(REPLICATES / (REPLICATES - 1) * (gap**2).sum(axis=0))
        expected /= whole[draw].sum(axis=0)
        assert standard_error(part[draw], whole[draw], average) == pytest.approx(expected)
        by_draw = part.sum(axis=1) / whole.sum(axis=1)
        variance = simulation_variance(part, whole, by_draw)[draw]
        assert variance == pytest.approx(expected**2)


def test_a_difference_may_be_below_zero() -> None:
    by_draw = np.linspace(-0.3, -0.1, 81)[:, None]
    share, nothing = np.full(81, 1 / 81), np.zeros(1)
    found = spread_of(by_draw, share, nothing, nothing, (-1.0, 1.0))
    assert found.low[0] == pytest.approx(-0.295, abs=0.005)
    assert found.high[0] == pytest.approx(-0.105, abs=0.005)


def test_quantiles_with_weights_for_each_column() -> None:
    values = np.array([[1.0, 4.0], [2.0, 3.0], [3.0, 2.0], [4.0, 1.0]])
    weights = np.array([[0.4, 0.1], [0.3, 0.2], [0.2, 0.3], [0.1, 0.4]])
    each = [weighted_quantiles(values[:, k], weights[:, k], (0.3, 0.8)) for k in (0, 1)]
    low, high = weighted_quantiles(values, weights, (0.3, 0.8))
    assert low.tolist() == pytest.approx([float(one[0]) for one in each])
    assert high.tolist() == pytest.approx([float(one[1]) for one in each])
