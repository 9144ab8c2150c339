"""Interventions: what they do, whom they spare, and in which order."""

from __future__ import annotations

import math

import numpy as np
from tests.support.graphs import structure_of
from tests.support.statistics import binomial, failures
from tests.support.subjects import Subject, events_of
from tests.support.twin_checks import twin_agrees


def surgery(*actions, **more):
    """Return people with an involved site who are operated upon at month 5."""
    return Subject(
        structure_of(
            process=[
                {"name": "surgery", "levels": ["no", "yes"]},
                {"name": "site", "levels": ["free", "hidden", "seen"], "start": "seen"},
                {"name": "death", "levels": ["alive", "dead"], "terminal": True},
            ],
            route=[
                {"step": "site.hidden", "via": "growth", "rate": 0.2},
                {"step": "site.seen", "via": "growth", "rate": 0.1},
                {"step": "death.dead", "via": "mortality", "rate": 0.01},
            ],
            schedule=[{"step": "surgery.yes", "delay_months": 5.0, "actions": list(actions)}],
            **more,
        ),
        20.0,
    )


CLEAR = {"process": "site", "to": "free", "at_least": "hidden"}
KILL = {"process": "death", "to": "dead", "probability": 0.3}


def test_nothing_is_done_to_the_dead():
    """Death in surgery ends the history, whatever else surgery would have done."""
    subject = surgery(KILL, CLEAR)
    batch = subject.run(1, 2_000)
    died = 0
    for patient in range(2_000):
        events = events_of(batch, patient)
        names = [name for _, name, _ in events]
        if "death" in names:
            died += 1
            assert names.index("death") == len(names) - 1
    when, cause = batch.end()
    dead = batch.states_at(np.full((2_000, 1), 20.0))[:, 0, 2] == 1
    assert died == dead.sum() > 500
    assert np.array_equal(dead, cause == 2)
    assert (when[dead] < 20.0).all()
    assert not failures(twin_agrees(subject, 200, seed=1))


def test_a_cleared_site_grows_back_with_fresh_clocks():
    subject = surgery(CLEAR)
    batch = subject.run(2, 20_000)
    back = []
    for patient in range(20_000):
        events = events_of(batch, patient)
        times = [t for t, name, level in events if (name, level) == ("site", "hidden")]
        back += [t - 5.0 for t in times]
        assert all(t > 5.0 for t in times)
    # a race of 0.2 against death at 0.01, seen for 15 months
    soon = (1 - math.exp(-0.21 * 2.0)) / (1 - math.exp(-0.21 * 15.0))
    assert len(back) > 15_000
    hits = int((np.array(back) < 2.0).sum())
    assert not failures([binomial("back within 2 months", hits, len(back), soon)])


def test_an_action_spares_those_below_its_level():
    subject = surgery({**CLEAR, "at_least": "seen"})
    batch = subject.run(3, 500)
    for patient in range(500):
        for time, name, level in events_of(batch, patient):
            if (name, level) == ("site", "free"):
                assert time == 5.0
