"""Simulation-based calibration: green for a sound inference, red for planted faults."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats
from tests.infer import small
from tests.support.statistics import NotEnough, Score, failures
from verification import sbc, sbc_scores

from mesospread.errors import ContradictionError
from mesospread.infer.condition import Effort, condition
from mesospread.infer.posterior import Posterior
from mesospread.infer.predict import ObservationPlan
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel

PATIENTS = 400
EFFORT = Effort(draws=4, paths=500, enough=150.0, too_few=10.0)
PLAN = ObservationPlan(today_months=(0.0, 9.0), scans=(2, 4), sites=(2, 2), symptoms=(0, 1))


def half_as_sharp() -> ObservationModel:
    """Return an observation model whose CT finds half of what it finds in `small`."""
    seen = small.OBSERVATION.model_dump()
    for by_level in seen["modality"][0]["sensitivity"].values():
        by_level.update({level: 0.5 * chance for level, chance in by_level.items()})
    return ObservationModel.model_validate(seen)


DIM = half_as_sharp()


def problem() -> sbc.Problem:
    """Return the small disease with one uncertain number, seen by the poor CT."""
    structure = small.uncertain_disease()
    values = sbc.stated_ranges(structure, DIM)
    return sbc.Problem(structure, DIM, PLAN, values, EFFORT.draws)


def sound(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    return condition(timeline, observation, seed=seed, effort=EFFORT)


def too_sure_of_ct(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Take the CT to find twice as much as it does."""
    return sound(timeline, small.OBSERVATION, seed)


def blind(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Ignore all findings."""
    return sound(replace(timeline, findings=(), stage=None, symptoms=()), observation, seed)


@cache
def cases(infer: sbc.Infer) -> sbc.Cases:
    return sbc.collect(problem(), infer, PATIENTS, seed=1)


def test_a_sound_inference_is_calibrated():
    scores = sbc_scores.scores(cases(sound))
    assert not failures(scores)
    assert len(scores) > 80
    kinds = (
        "calibration of now", "calibration of by", "calibration of alive", "rank of liver",
        "rank of the month of death", "now, chances from", "all sites given", "true t",
    )  # fmt: skip
    assert all(any(s.name.startswith(kind) for s in scores) for kind in kinds)


def test_too_high_a_sensitivity_is_noticed():
    assert failures(sbc_scores.scores(cases(too_sure_of_ct)))


def test_ignored_findings_are_noticed_among_those_with_findings():
    red = failures(sbc_scores.scores(cases(blind)))
    assert red
    # the prior is calibrated as long as nobody asks what was found
    assert all(" given " in name for name in red)


def test_the_same_seed_gives_the_same_cases():
    one, other = (sbc.collect(problem(), sound, 5, seed=3) for _ in range(2))
    for a, b in zip(one.listed, other.listed, strict=True):
        assert (a.chances, a.features, a.patient.number) == (
            b.chances,
            b.features,
            b.patient.number,
        )
    another = sbc.collect(problem(), sound, 5, seed=4)
    assert another.listed[0].chances != one.listed[0].chances


def test_too_few_patients_are_refused():
    few = replace(cases(sound), listed=cases(sound).listed[:100])
    with pytest.raises(NotEnough, match="patients"):
        sbc_scores.scores(few)


def test_refusals_are_counted_and_too_many_are_red():
    def refuses(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
        if timeline.findings and timeline.findings[0].positive:
            raise ContradictionError("the findings do not fit together")
        return sound(timeline, observation, seed)

    found = sbc.collect(problem(), refuses, 20, seed=1)
    assert found.refused > 0
    assert len(found.listed) + found.refused == 20
    often = replace(cases(sound), refused=20)
    assert failures(sbc_scores.scores(often)) == failures(
        [s for s in sbc_scores.scores(often) if s.name == "patients answered"]
    )
    assert not failures(sbc_scores.scores(replace(often, refused=5)))


# --- the statistics -------------------------------------------------------------------


def test_the_number_of_events_has_the_distribution_of_a_sum():
    p = np.array([0.1, 0.5, 0.9])
    by_hand = [0.9 * 0.5 * 0.1, 0.1 * 0.5 * 0.1 + 0.9 * 0.5 * 0.1 + 0.9 * 0.5 * 0.9]
    assert sbc_scores.poisson_binomial(p)[:2] == pytest.approx(by_hand)
    even = sbc_scores.poisson_binomial(np.full(300, 0.07))
    np.testing.assert_allclose(even, stats.binom(300, 0.07).pmf(np.arange(301)), atol=1e-13)


@pytest.mark.parametrize("chance", [0.03, 0.3])
def test_events_are_compared_with_their_chances(chance):
    rng = np.random.default_rng(1)
    p = np.clip(rng.normal(chance, 0.01, 2_000), 0.0, 1.0)
    y = (rng.random(2_000) < p).astype(float)
    fair = sbc_scores.event_score("x", y, p)
    assert isinstance(fair, Score)
    assert fair.z < 4
    shifted = sbc_scores.event_score("x", y, 1.8 * p)
    assert isinstance(shifted, Score)
    assert shifted.z > 5
    assert sbc_scores.event_score("rare", y, 1e-3 * p) is None


def test_events_that_hang_together_are_not_counted_twice():
    """All sites of a patient together: the error is that of patients, not of sites."""
    rng = np.random.default_rng(2)
    p = np.full((20, 500), 0.4)
    y = np.tile(rng.random(500) < 0.4, (20, 1)).astype(float)
    score = sbc_scores.clustered_score("x", y, p, np.ones_like(p, bool))
    assert isinstance(score, Score)
    naive = abs((y - p).sum()) / math.sqrt((p * (1 - p)).sum())
    assert score.z == pytest.approx(naive / math.sqrt(20), rel=0.1)
    assert sbc_scores.clustered_score("x", y[:, :5], p[:, :5], np.zeros((20, 5), bool)) is None


def test_death_is_ranked_by_its_month():
    """Classes: in the first month, ..., in the sixtieth, later."""
    found = [s for s in sbc_scores.scores(cases(sound)) if s.name == "rank of the month of death"]
    assert len(found) == 1
    assert found[0].n == PATIENTS
    late = [c.patient.truth.death_after_months > 60 for c in cases(sound).listed]
    assert 0.01 < np.mean(late) < 0.9
