"""The checks of what follows for one patient: against the lattice, and by calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tests.infer import random_findings
from tests.infer.random_disease import random_disease
from tests.support.statistics import Score
from tests.support.subjects import Subject

from mesospread.infer.posterior import Posterior
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel
from verification import sbc, sbc_scores

#: patients with each random disease, and seeds of the inference for each patient, where
#: stated errors are examined
PATIENTS, REPEATS = 5, 2
#: parameter draws of the shipped disease that inference averages over
DRAWS = 200


def infer_small(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return what is examined on small diseases, all numbers of which are known."""
    effort = Effort(draws=20, core_paths=1_600, leaf_paths=6_000, standard_error=0.01, too_few=10.0)
    return solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


def infer_roughly(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return the same from few histories.

    The future is summed up over a grid, whose own error stays below 0.002 on these fast diseases.
    Where errors of sampling are examined, they must be the larger ones.
    """
    effort = Effort(draws=20, core_paths=400, leaf_paths=1_500, standard_error=0.05, too_few=10.0)
    return solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


def infer_pleural(timeline: Timeline, observation: ObservationModel, seed: int) -> Posterior:
    """Return what is examined on the shipped disease."""
    effort = Effort(draws=DRAWS, core_paths=64, leaf_paths=1_000, standard_error=0.05, too_few=50.0)
    return solve(timeline, observation, seed=seed, effort=effort, prognosis=True)


@dataclass(frozen=True)
class RandomDisease(Subject):
    """A disease of `random_disease`; how it is seen goes with its number."""

    number: int = 0


def a_random_disease(rng: np.random.Generator) -> tuple[str, Subject]:
    """Draw a small disease with every role that inference knows."""
    number = int(rng.integers(1 << 31))
    return f"disease {number}", RandomDisease(random_disease(number), 1.0, number=number)


def random_answers(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare every answer about ``n`` random patients with the exact one."""
    assert isinstance(subject, RandomDisease)
    return random_findings.scores_of_disease(infer_small, subject.number, n, seed)


def stated_errors(n: int, seed: int) -> list[Score]:
    """Compare ``n`` errors of each kind of answer with what was stated."""
    rng = np.random.default_rng(seed)
    diseases = rng.integers(0, 1 << 31, max(1, n // (PATIENTS * REPEATS))).tolist()
    z = random_findings.errors_in_units(infer_roughly, diseases, PATIENTS, REPEATS, seed)
    return random_findings.spread_scores(z)


def pleural_calibration(n: int, seed: int) -> list[Score]:
    """Infer ``n`` simulated patients and compare what is said with what is true."""
    return sbc_scores.scores(sbc.collect(sbc.pleural_problem(DRAWS), infer_pleural, n, seed))
