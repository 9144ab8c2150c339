"""The fast and the plain form of the inference, on the full pleural model."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import pytest
from scipy import stats
from tests.support.statistics import Score, failures, normal, require_enough

from mesospread.infer import condition as plain
from mesospread.infer import solve as fast
from mesospread.infer.posterior import REPLICATES, Posterior
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.load import disease, observation, treatments
from mesospread.patient import read_patient

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("pleural_epithelioid_stage3", "pleural_sarcomatoid_new_bone_pain")
DRAWS = 20


@cache
def timeline(name: str) -> Timeline:
    patient = read_patient(EXAMPLES / f"{name}.toml")
    return build_timeline(
        patient, disease("pleural"), treatments("pleural"), observation("pleural")
    )


@cache
def both(name: str) -> tuple[Posterior, Posterior]:
    """Return the posterior in the fast and in the plain form, for the same parameter draws."""
    seen = observation("pleural")
    quick = fast.Effort(
        draws=DRAWS, core_paths=1_600, leaf_paths=4_000, standard_error=0.0, max_rounds=1
    )
    slow = plain.Effort(draws=DRAWS, paths=4_000, enough=math.inf, max_rounds=2)
    return (
        fast.solve(timeline(name), seen, seed=3, effort=quick, prognosis=True),
        plain.condition(timeline(name), seen, seed=4, effort=slow),
    )


def compared(name: str, shift: float = 0.0) -> list[Score]:
    """Compare all answers that both forms give; shares below one in a hundred are left out."""
    one, other = both(name)
    size = int(min(one.effective_sample_size(), other.effective_sample_size()))
    scores = []
    for question in other.questions:
        a, b = one.answer(*question), other.answer(*question)
        if size * a.estimate * (1.0 - a.estimate) < 30:
            continue
        error = math.hypot(a.standard_error, b.standard_error)
        t = (a.estimate + shift - b.estimate) / error
        # both errors come from the spread of replicates
        tail = float(stats.t.sf(abs(t), REPLICATES - 1))
        z = math.copysign(float(stats.norm.isf(tail)), t)
        scores.append(normal(str(question), "level", z, size))
    return scores


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_agrees(name):
    scores = compared(name)
    require_enough(len(scores), 250, "answers that can be compared")
    assert not failures(scores)
    kinds = {score.name.split("'")[1] for score in scores}
    assert kinds >= {"now", "by", "next", "route", "true", "distant", "scan", "symptom", "alive"}


@pytest.mark.parametrize("name", NAMES)
def test_two_percentage_points_would_be_seen(name):
    assert len(failures(compared(name, shift=0.02))) > 50


@pytest.mark.parametrize("name", NAMES)
def test_the_fast_form_is_sharper_for_its_size(name):
    """Leaves are solved: their error is far below that of as many simulated patients."""
    one, _ = both(name)
    liver = one.answer("by", "liver", 12)
    binomial = math.sqrt(liver.estimate * (1 - liver.estimate) / one.effective_sample_size())
    assert liver.standard_error < 0.6 * binomial
