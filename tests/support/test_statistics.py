"""The statistics themselves: right when nothing is wrong, and not blind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tests.support.graphs import EVERYTHING, random_definition
from tests.support.statistics import (
    FIVE_SIGMA,
    NotEnough,
    Score,
    binomial,
    chi_square,
    failures,
    identity,
    kolmogorov_smirnov,
    normal,
    require_enough,
    sample_size,
)

CELLS = np.array([0.4, 0.3, 0.2, 0.05, 0.03, 0.015, 0.004, 0.0009, 0.0001])


def test_sample_size_of_the_design():
    """A family of 100 checks with error 1e-3, 99 % power: (6.75 / error) ** 2."""
    assert sample_size(0.02, alpha=1e-5) == pytest.approx((6.75 / 0.02) ** 2, rel=0.01)
    assert sample_size(0.01) == pytest.approx(4 * sample_size(0.02), rel=1e-4)


def test_sample_size_has_the_power_it_promises():
    rng = np.random.default_rng(1)
    n = sample_size(0.1)
    waits = rng.exponential(1.0, (500, n)) / 1.1
    caught = [failures([normal("rate", "level", (w.sum() - n) / math.sqrt(n), n)]) for w in waits]
    assert 480 <= sum(map(bool, caught)) <= 500


@pytest.mark.parametrize("kind", ["chi-square", "binomial", "kolmogorov-smirnov", "normal"])
def test_p_values_are_uniform_when_nothing_is_wrong(kind):
    rng = np.random.default_rng(2)
    n, p = 20_000, []
    for _ in range(400):
        if kind == "chi-square":
            p.append(chi_square("x", rng.multinomial(n, CELLS), CELLS).p)
        elif kind == "binomial":
            p.append(binomial("x", int(rng.binomial(n, 0.3)), n, 0.3).p)
        elif kind == "normal":
            p.append(normal("x", "level", rng.standard_normal(), n).p)
        else:
            p.append(kolmogorov_smirnov("x", rng.exponential(size=500), stats.expon.cdf).p)
    assert stats.kstest(p, "uniform").pvalue > FIVE_SIGMA
    # and not one-sided or squeezed
    assert 0.05 < np.mean(np.array(p) < 0.1) < 0.16


@pytest.mark.parametrize(
    "score",
    [
        chi_square("x", np.random.default_rng(3).multinomial(50_000, CELLS[::-1]), CELLS),
        binomial("x", 3_300, 10_000, 0.3),
        kolmogorov_smirnov("x", np.random.default_rng(4).weibull(1.15, 9_000), stats.expon.cdf),
        normal("x", "level", -5.1, 9),
        identity("x", False, 9, "why"),
        Score("not a number", "level", math.nan, 9),
        chi_square("x", [50, 49, 1], [0.5, 0.5, 0.0]),
    ],
    ids=["chi-square", "binomial", "ks", "normal", "identity", "nan", "impossible cell"],
)
def test_a_difference_is_seen(score):
    assert len(failures([score])) == 1


def test_five_sigma_is_the_bound():
    assert normal("x", "level", 4.99, 9).z == pytest.approx(4.99)
    assert not failures([normal("x", "level", 4.99, 9)])
    assert failures([normal("x", "level", -5.01, 9)])


def test_cells_are_merged_until_each_expects_five():
    merged = chi_square("x", [900, 96, 2, 1, 1], [0.9, 0.096, 0.002, 0.001, 0.001])
    by_hand = stats.chisquare([900, 96 + 4], [900, 100]).pvalue
    assert merged.p == pytest.approx(by_hand)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: require_enough(4, 5, "events"),
        lambda: require_enough(math.nan, 5, "events"),
        lambda: binomial("rare", 0, 1_000, 0.001),
        lambda: binomial("sure", 1_000, 1_000, 0.999),
        lambda: chi_square("few", [3, 1], [0.8, 0.2]),
        lambda: kolmogorov_smirnov("few", np.arange(9.0), stats.norm.cdf),
        lambda: identity("nothing compared", True, 0),
        lambda: failures([]),
    ],
)
def test_too_small_a_sample_is_refused(ask):
    with pytest.raises(NotEnough, match=r"enough|reaches 0 or 1"):
        ask()


def test_cells_that_are_no_distribution_are_refused():
    with pytest.raises(ValueError, match="sum to"):
        chi_square("x", [50, 50], [0.5, 0.6])


def test_graphs_are_the_same_for_the_same_seed():
    assert random_definition(3, EVERYTHING) == random_definition(3, EVERYTHING)
    assert random_definition(3, EVERYTHING) != random_definition(4, EVERYTHING)
