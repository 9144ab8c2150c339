"""Which histories are solved: a fair sample, and in proportion to what they really weigh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.infer.leafy import observation, patient, staged

from mesospread.infer.findings import SymptomFinding
from mesospread.infer.posterior import REPLICATES
from mesospread.infer.rounds import Effort, Run
from mesospread.infer.sampling import systematic_sample
from mesospread.infer.timeline import Timeline

N = 16 * 60
EFFORT = Effort(draws=4, core_paths=8_000, leaf_paths=1_600)


def histories(seed: int = 5):
    """Return weights (a tenth of them zero), kinds, replicates and draws."""
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0.0, 1.0, N) * (rng.random(N) > 0.1)
    return weight, rng.integers(0, 5, N), np.arange(N) % REPLICATES, np.arange(N) // (N // 4)


def test_each_history_stands_for_itself_on_average():
    """How often each is drawn has the right mean; scale is how many it then stands for."""
    weight, kind, replicate, draw = histories()
    rng, times, n_each = np.random.default_rng(1), 4_000, 12
    total = np.zeros(N)
    for _ in range(times):
        chosen, scale = systematic_sample(weight, kind, replicate, draw, n_each, rng)
        total[chosen] += scale
    totals = np.bincount(replicate, weights=weight)[replicate]
    expected = n_each * weight / totals
    # drawn floor or ceiling times, so the scale scatters like a coin
    share = expected % 1.0
    error = np.sqrt(share * (1.0 - share) / times) / np.maximum(expected, 1e-12)
    enough = times * expected > 30
    assert enough.sum() > 800
    z = (total / times - 1.0)[enough] / np.maximum(error[enough], 1e-9)
    assert np.abs(z).max() < 5.0
    assert not total[weight == 0].any()


def test_each_replicate_holds_its_share_of_each_kind():
    weight, kind, replicate, draw = histories()
    chosen, scale = systematic_sample(weight, kind, replicate, draw, 12, np.random.default_rng(1))
    for r in range(REPLICATES):
        mine = np.where(replicate == r, weight, 0.0)
        drawn = mine[chosen] * scale * 12 / mine.sum()
        assert drawn.sum() == pytest.approx(12)
        for k in range(5):
            expected = 12 * mine[kind == k].sum() / mine.sum()
            assert abs(drawn[kind[chosen] == k].sum() - expected) < 1.0 + 1e-9


def test_one_draw_comes_after_the_other():
    weight, kind, replicate, draw = histories()
    chosen, _ = systematic_sample(weight, kind, replicate, draw, 12, np.random.default_rng(1))
    assert (np.diff(draw[chosen]) >= 0).all()


def effective_share(timeline: Timeline, guess_is_enough: bool) -> float:
    """Return the effective share of the histories that one round solves."""
    run = Run(timeline, observation(), 3, EFFORT, "uk", False, ())
    run.guess_is_enough = guess_is_enough
    tally = run.round(0, EFFORT.core_paths)
    return float(tally.weight.sum() ** 2 / tally.squares) / EFFORT.leaf_paths


@pytest.mark.parametrize("possible", [("T2", None, "M0"), ("T2", None, "M1")])
def test_followed_leaves_tell_what_a_history_weighs(possible):
    """Both leaves are followed: then what is solved weighs the same, but for the defence."""
    timeline = staged(patient(), possible)
    assert effective_share(timeline, guess_is_enough=True) < 0.85
    assert effective_share(timeline, guess_is_enough=False) > 0.9


def test_a_poor_guess_is_noticed():
    run = Run(patient(), observation(), 3, EFFORT, "uk", False, ())
    # a positive finding at a leaf: no guess from the beginning
    assert not run.guess_is_enough
    silent = replace(patient(), findings=(), symptoms=(), stage=None)
    run = Run(silent, observation(), 3, EFFORT, "uk", False, ())
    assert run.guess_is_enough
    run.round(0, EFFORT.core_paths)
    assert run.guess_is_enough
    hidden = replace(silent, symptoms=(SymptomFinding("jaundice present", "jaundice", True),))
    run = Run(hidden, observation(), 3, EFFORT, "uk", False, ())
    assert run.guess_is_enough
    run.round(0, EFFORT.core_paths)
    assert not run.guess_is_enough
