"""The simulator against the exact lattice on random small graphs.

Joint states at five times (chi-square over all cells, and each level by itself), and
first arrivals (mean wait: the level; Kolmogorov-Smirnov: the shape). Bounds are five
standard deviations, seeds are fixed, and a sample that is too small is refused.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.graphs import (
    FOR_LATTICE,
    FOR_LATTICE_TREATED,
    PEOPLE,
    frail_structure,
    random_structure,
    reference_structure,
)
from tests.support.lattice_checks import (
    exact_arrivals,
    first_arrivals,
    frailty_mixture,
    lattice_of,
    moved_by_chance,
    state_distribution,
)
from tests.support.statistics import NotEnough, failures, sample_size
from tests.support.subjects import Subject

#: a rate of a step that everyone takes may be wrong by 3 %, no more
N = sample_size(0.03)
UNTREATED = {
    f"graph {k}": Subject(random_structure(k, FOR_LATTICE), 30.0, PEOPLE[k % 3]) for k in range(16)
}
TREATED = {
    f"graph {k}, treated": Subject(random_structure(k, FOR_LATTICE_TREATED), 30.0)
    for k in range(14)
}
GRAPHS = UNTREATED | TREATED
WITH_ARRIVALS = {k: s for k, s in GRAPHS.items() if moved_by_chance(s.structure)}


def test_there_are_enough_graphs():
    assert len(GRAPHS) >= 20
    assert len(WITH_ARRIVALS) >= 20
    sizes = [len(lattice_of(s).states) for s in GRAPHS.values()]
    assert min(sizes) >= 8
    assert max(sizes) >= 100


@pytest.mark.parametrize("name", GRAPHS)
def test_states(name):
    scores = state_distribution(GRAPHS[name], N, seed=2026)
    assert {s.kind for s in scores} >= {"level", "shape"}
    assert not failures(scores)


@pytest.mark.parametrize("name", WITH_ARRIVALS)
def test_first_arrivals(name):
    scores = first_arrivals(WITH_ARRIVALS[name], N, seed=303)
    assert {s.kind for s in scores} == {"level", "shape"}
    assert not failures(scores)


def test_random_effects():
    """The lattice for one person, averaged over the person."""
    assert not failures(frailty_mixture(Subject(frail_structure(), 30.0), N, seed=11))


def test_exact_arrivals_are_exact():
    """The interpolated distribution function, and its moments, against the lattice itself."""
    subject = Subject(reference_structure(), 30.0)
    lattice = lattice_of(subject)
    times = np.linspace(0.0, 30.0, 3001)
    exact = lattice.distribution(times.tolist())
    for name, arrival in exact_arrivals(subject).items():
        process, level = name.split(".")
        place = subject.structure.process(process).levels.index(level)
        above = lattice.marginal(exact, process, place)
        np.testing.assert_allclose(arrival.cdf(times), above, atol=1e-8)
        mean, variance = arrival.moments()
        assert mean == pytest.approx(np.trapezoid(1.0 - above, times), abs=1e-4)
        second = np.trapezoid(2.0 * times * (1.0 - above), times)
        assert variance == pytest.approx(second - mean**2, abs=1e-2)


def test_too_small_a_sample_is_refused():
    with pytest.raises(NotEnough, match="arrivals"):
        first_arrivals(GRAPHS["graph 3"], 1_000, seed=1)
