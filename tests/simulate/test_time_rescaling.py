"""Integrated hazards between events are unit exponential, whatever ends the watch."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.faults import clock_from, weibull
from tests.support.graphs import EVERYTHING, random_structure, reference_structure, structure_of
from tests.support.rescaling import clock_scores, time_rescaling, watch
from tests.support.statistics import (
    NotEnough,
    failures,
    kolmogorov_smirnov,
    normal,
    sample_size,
)
from tests.support.subjects import Subject
from tests.support.twin_checks import twin_run

from mesospread.kernels.tables import Events
from mesospread.simulate.batch import Batch

N = sample_size(0.03)


@pytest.mark.parametrize("graph", range(20))
def test_random_graph(graph):
    """With covariates, random effects, treatment after an event, set-backs and deaths."""
    scores = time_rescaling(
        Subject(random_structure(graph, EVERYTHING), 36.0), N // 2, seed=graph + 40
    )
    assert {s.kind for s in scores} == {"level", "shape", "independence"}
    assert not failures(scores)


def test_reference_graph():
    scores = time_rescaling(Subject(reference_structure(), 30.0), N, seed=3)
    assert not failures(scores)


@pytest.mark.parametrize("months", [0.4, 2.0, 9.0])
def test_censoring_by_the_horizon(months):
    """From 92 % cut short to hardly any: level and shape hold."""
    assert not failures(time_rescaling(Subject(reference_structure(), months), N, seed=4))


def test_dropping_the_censored_is_seen():
    """Watches without their event count: leaving them out is not right."""
    subject = Subject(reference_structure(), 2.0)
    w = watch(subject.structure, subject.run(4, N))[0, 0]
    done = w.integral[w.happened == 1]
    assert 0.2 < len(done) / len(w.integral) < 0.8
    z = (len(done) - done.sum()) / np.sqrt(len(done))
    assert failures([normal("mean of the completed", "level", z, len(done))])
    assert failures([kolmogorov_smirnov("completed", done, lambda x: 1.0 - np.exp(-x))])
    assert not failures(clock_scores("with the censored", w))


def test_integrals_by_hand():
    """Two patients: hazard 0.5, then 1.0 once b is there; one is cut short at 10 months."""
    structure = structure_of(
        process=[{"name": n, "levels": ["no", "yes"]} for n in ("a", "b")],
        route=[
            {"step": "a.yes", "via": "growth", "rate": 0.5, "when": {"b": {"no": 1, "yes": 2}}},
            {"step": "b.yes", "via": "growth", "rate": 0.25},
        ],
    )
    subject = Subject(structure, 10.0)
    sound = subject.run(1, 2)
    events = Events(
        offset=np.array([0, 2, 3]),
        time_months=np.array([4.0, 7.0, 6.0]),
        process=np.array([1, 0, 1], np.int16),
        level=np.array([1, 1, 1], np.int16),
        overflow=0,
    )
    found = watch(structure, Batch(sound.compiled, sound.patients, events, 10.0))
    assert found[0, 0].integral.tolist() == [4 * 0.5 + 3 * 1.0, 6 * 0.5 + 4 * 1.0]
    assert found[0, 0].happened.tolist() == [1, 0]
    assert found[1, 0].integral.tolist() == [1.0, 1.5]
    assert found[1, 0].happened.tolist() == [1, 1]


def test_a_wrong_shape_of_the_right_mean_is_seen_by_shape_alone():
    """Weibull clocks with mean 1: the rate is right, the clock is not exponential."""
    structure = structure_of(
        process=[{"name": "a", "levels": ["no", "yes"]}],
        route=[{"step": "a.yes", "via": "growth", "rate": 0.5}],
    )
    subject = Subject(structure, 100.0)
    assert not failures(time_rescaling(subject, 8_000, seed=5))
    wrong = time_rescaling(clock_from(weibull)(subject), 8_000, seed=5)
    assert {s.kind for s in wrong if failures([s])} == {"shape"}


def test_the_twin_passes_too():
    """So the faults planted in the twin are what makes it fail."""
    twin = Subject(reference_structure(), 30.0, simulate=twin_run)
    assert not failures(time_rescaling(twin, 6_000, seed=6))


def test_too_small_a_sample_is_refused():
    with pytest.raises(NotEnough):
        time_rescaling(Subject(reference_structure(), 30.0), 50, seed=1)
