"""The exact lattice against closed forms, and against a dense matrix exponential."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import expon, gamma
from tests.support.graphs import FOR_LATTICE, PEOPLE, Features, random_structure, structure_of
from tests.support.lattice_checks import dense_agreement, state_distribution
from tests.support.statistics import failures
from tests.support.subjects import Subject

from mesospread.errors import InputError
from mesospread.exact.lattice import build_lattice
from mesospread.model.hazards import PlainHazards

TIMES = [0.0, 0.3, 1.0, 4.0, 11.0, 40.0]


def ladder(name, *rates, **more):
    """Return process and routes of a ladder with these rates."""
    levels = [f"l{i}" for i in range(len(rates) + 1)]
    routes = [
        {"step": f"{name}.l{i + 1}", "via": "growth", "rate": rate} for i, rate in enumerate(rates)
    ]
    return {"name": name, "levels": levels, **more}, routes


def lattice(process, route, **more):
    structure = structure_of(process=process, route=route, **more)
    return build_lattice(PlainHazards(structure))


def test_hypoexponential_chain():
    rates = np.array([0.7, 0.2, 1.9, 0.05])
    process, routes = ladder("a", *rates)
    chain = lattice([process], routes)
    at_top = chain.marginal(chain.distribution(TIMES), "a", 4)
    weights = [np.prod([b / (b - a) for b in rates if b != a]) for a in rates]
    exact = [
        1 - sum(w * np.exp(-r * t) for w, r in zip(weights, rates, strict=True)) for t in TIMES
    ]
    np.testing.assert_allclose(at_top, exact, rtol=1e-9, atol=1e-12)


def test_equal_rates_give_a_gamma_wait():
    process, routes = ladder("a", 0.3, 0.3, 0.3)
    chain = lattice([process], routes)
    at_top = chain.marginal(chain.distribution(TIMES), "a", 3)
    np.testing.assert_allclose(at_top, gamma(3, scale=1 / 0.3).cdf(TIMES), rtol=1e-9, atol=1e-12)


def test_competing_risks():
    (cancer, first), (other, second) = (
        ladder("cancer", 0.3, terminal=True),
        ladder("other", 0.1, terminal=True),
    )
    chain = lattice([cancer, other], first + second)
    exact = chain.distribution(TIMES)
    dead = expon(scale=1 / 0.4).cdf(TIMES)
    np.testing.assert_allclose(chain.marginal(exact, "cancer", 1), 0.75 * dead, atol=1e-12)
    np.testing.assert_allclose(chain.marginal(exact, "other", 1), 0.25 * dead, atol=1e-12)


def test_two_sites_that_drive_each_other():
    """Rate a alone, b once the other is there: P(both) by hand."""
    a, b, t = 0.2, 0.9, np.array(TIMES)
    (one, first), (two, second) = ladder("x", a), ladder("y", a)
    first[0]["when"] = {"y": {"l0": 1.0, "l1": b / a}}
    second[0]["when"] = {"x": {"l0": 1.0, "l1": b / a}}
    chain = lattice([one, two], first + second)
    exact = chain.distribution(TIMES)
    both = exact[:, [tuple(s) == (1, 1) for s in chain.states.tolist()]].ravel()
    by_hand = 1 - np.exp(-2 * a * t) - 2 * a / (b - 2 * a) * (np.exp(-2 * a * t) - np.exp(-b * t))
    np.testing.assert_allclose(both, by_hand, rtol=1e-9, atol=1e-12)


def test_treatment_that_slows_a_route():
    process, routes = ladder("a", 0.5)
    routes[0]["when"] = {"drug": {"on": 0.2, "otherwise": 1.0}}
    drug = {"name": "drug", "levels": ["off", "on", "done"]}
    chain = lattice(
        [process, drug],
        routes,
        schedule=[
            {"step": "drug.on", "delay_months": 1.0},
            {"step": "drug.done", "delay_months": 4.0},
        ],
    )
    t = np.array(TIMES)
    months = np.minimum(t, 1) + 0.2 * np.clip(t - 1, 0, 3) + np.maximum(t - 4, 0)
    reached = chain.marginal(chain.distribution(TIMES), "a", 1)
    np.testing.assert_allclose(reached, 1 - np.exp(-0.5 * months), rtol=1e-9, atol=1e-12)


def test_set_back_by_a_scheduled_action():
    """Cleared at month 4 with chance 0.7, if involved by then; death spares nobody later."""
    process, routes = ladder("site", 0.5)
    death, deaths = ladder("death", 0.1, terminal=True)
    surgery = {"name": "surgery", "levels": ["before", "done"]}
    action = {"process": "site", "to": "l0", "at_least": "l1", "probability": 0.7}
    chain = lattice(
        [process, death, surgery],
        routes + deaths,
        schedule=[{"step": "surgery.done", "delay_months": 4.0, "actions": [action]}],
    )
    states = chain.states.tolist()
    for t, p in zip(TIMES, chain.distribution(TIMES), strict=True):
        alive, operated = np.exp(-0.1 * t), np.exp(-0.1 * 4.0)
        free = np.exp(-0.5 * t)
        if t >= 4.0:
            free += 0.7 * (1 - np.exp(-0.5 * 4.0)) * np.exp(-0.5 * (t - 4.0))
        assert p[states.index([0, 0, int(t >= 4.0)])] == pytest.approx(alive * free, abs=1e-11)
        # who dies before month 4 is not operated upon
        done = sum(p[i] for i, state in enumerate(states) if state[2] == 1)
        assert done == pytest.approx(operated if t >= 4.0 else 0.0, abs=1e-11)


@pytest.mark.parametrize("graph", range(12))
def test_dense_matrix_exponential(graph):
    """The generator, built once more from the other writing of the hazard formula."""
    subject = Subject(random_structure(graph, FOR_LATTICE), 30.0, PEOPLE[graph % 3])
    assert not failures(dense_agreement(subject, 1, graph))


def test_what_is_not_markov_is_refused():
    process, routes = ladder("a", 0.5)
    wait = {"name": "b", "levels": ["off", "on"]}
    with pytest.raises(InputError, match="scheduled after the start"):
        lattice(
            [process, wait],
            routes,
            schedule=[{"step": "b.on", "after": "a.l1", "delay_months": 1.0}],
        )


def test_too_many_states_are_refused():
    big = Features(sites=(5, 5), levels=(4, 4))
    with pytest.raises(InputError, match="too many joint states"):
        build_lattice(PlainHazards(random_structure(1, big)), max_states=500)


def agrees_with_the_kernel(structure):
    """Return what differs; a refusal of the lattice is as good as agreement."""
    try:
        return failures(state_distribution(Subject(structure, 20.0), 40_000, 3))
    except InputError:
        return []


def test_appointment_that_comes_before_its_level():
    """The kernel takes the step as soon as its process is there."""
    process, routes = ladder("a", 0.1, 1.0)
    structure = structure_of(
        process=[process], route=routes[:1], schedule=[{"step": "a.l2", "delay_months": 5.0}]
    )
    assert not agrees_with_the_kernel(structure)


def test_two_appointments_at_the_same_time():
    """The kernel takes the process listed first, whatever the order of the schedule."""
    process, routes = ladder("site", 0.5)
    structure = structure_of(
        process=[process, *({"name": n, "levels": ["no", "yes"]} for n in ("spread", "surgery"))],
        route=routes,
        schedule=[
            {"step": "surgery.yes", "delay_months": 5.0,
             "actions": [{"process": "site", "to": "l0"}]},
            {"step": "spread.yes", "delay_months": 5.0,
             "actions": [{"process": "site", "to": "l1"}]},
        ],
    )  # fmt: skip
    assert not agrees_with_the_kernel(structure)


def test_two_actions_that_do_the_same():
    """Radiosurgery at month 3 and again at month 6: two chances, or one?"""
    process, routes = ladder("site", 0.05, start="l1")
    structure = structure_of(
        process=[process, {"name": "radiosurgery", "levels": ["no", "once", "twice"]}],
        route=routes,
        schedule=[
            {"step": f"radiosurgery.{level}", "delay_months": months,
             "actions": [{"process": "site", "to": "l0", "probability": 0.5}]}
            for level, months in (("once", 3.0), ("twice", 6.0))
        ],
    )  # fmt: skip
    assert not agrees_with_the_kernel(structure)


def test_chance_of_an_action_by_covariate():
    process, routes = ladder("site", 0.5)
    chance = {"covariate": "histology", "values": {"soft": 0.2, "hard": 0.9}}
    structure = structure_of(
        process=[process, {"name": "surgery", "levels": ["no", "yes"]}],
        route=routes,
        covariates={"histology": {"levels": {"soft": 0.5, "hard": 0.5}}},
        schedule=[
            {"step": "surgery.yes", "delay_months": 5.0,
             "actions": [{"process": "site", "to": "l0", "probability": chance}]},
        ],
    )  # fmt: skip
    subject = Subject(structure, 20.0, {"histology": "hard"})
    assert not failures(state_distribution(subject, 40_000, 3))
