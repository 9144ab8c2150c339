"""Ends of the kernel: long histories, too many events, the last moment."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.graphs import reference_structure, structure_of
from tests.support.statistics import failures
from tests.support.subjects import Subject, same_events
from tests.support.twin_checks import twin_agrees

from mesospread.kernels.paths import simulate_paths
from mesospread.kernels.tables import Events
from mesospread.model.compiled import compile_model
from mesospread.model.population import draw_patients


def ladder(levels, rate):
    """Return one process with many levels."""
    names = [f"l{i}" for i in range(levels)]
    return structure_of(
        process=[{"name": "a", "levels": names}],
        route=[{"step": f"a.{name}", "via": "growth", "rate": rate} for name in names[1:]],
    )


def follow(structure, n, horizon_months, max_events=None, seed=3):
    compiled = compile_model(structure)
    patients = draw_patients(compiled, seed=seed, first=0, n=n)
    return Events(
        *simulate_paths(
            compiled.tables, np.uint64(seed), np.uint64(0), patients.factors,
            patients.delays_months, patients.chances, horizon_months,
            compiled.max_events if max_events is None else max_events, np.empty((0, 2, 0)),
        )
    )  # fmt: skip


def test_long_histories():
    """Far more events than the arrays are first made for: they grow, and nothing is lost."""
    subject = Subject(ladder(64, 4.0), 200.0)
    events = subject.run(4, 700).events
    assert np.array_equal(events.offset, 63 * np.arange(701))
    assert np.array_equal(events.level.reshape(700, 63), np.tile(np.arange(1, 64), (700, 1)))
    times = events.time_months.reshape(700, 63)
    assert (np.diff(times, axis=1) > 0).all()
    assert times[:, 0].max() < times[:, -1].min()
    assert not failures(twin_agrees(subject, 60, seed=4))


@pytest.mark.parametrize("allowed", [1, 3, 7])
def test_too_many_events_are_counted_not_hidden(allowed):
    structure = reference_structure()
    whole, cut = follow(structure, 400, 30.0), follow(structure, 400, 30.0, allowed)
    longer = np.diff(whole.offset) > allowed
    assert whole.overflow == 0
    assert 0 < longer.sum() <= 400
    # an action belongs to its step, and is not cut off from it
    assert (np.diff(cut.offset) <= allowed + 1).all()
    assert abs(cut.overflow - longer.sum()) <= (np.diff(whole.offset) == allowed + 1).sum()
    for patient in range(400):
        kept = slice(*cut.offset[patient : patient + 2])
        all_of_it = slice(*whole.offset[patient : patient + 2])
        head = whole.time_months[all_of_it][: kept.stop - kept.start]
        assert np.array_equal(cut.time_months[kept], head)


def test_as_many_events_as_allowed_are_none_too_many():
    structure = ladder(6, 4.0)
    whole, just = follow(structure, 50, 200.0), follow(structure, 50, 200.0, 5)
    assert just.overflow == 0
    assert same_events(whole, just)
    assert follow(structure, 50, 200.0, 4).overflow == 50


def test_what_happens_at_the_very_end_is_seen():
    """The horizon belongs to the follow-up."""
    structure = structure_of(
        process=[{"name": "visit", "levels": ["no", "yes"]}],
        schedule=[{"step": "visit.yes", "delay_months": 10.0}],
    )
    assert follow(structure, 2, 10.0).time_months.tolist() == [10.0, 10.0]
    assert follow(structure, 2, np.nextafter(10.0, 0.0)).time_months.size == 0


def test_a_step_of_rate_zero_is_never_taken():
    structure = structure_of(
        process=[{"name": n, "levels": ["no", "yes"]} for n in ("a", "b")],
        route=[
            {"step": "a.yes", "via": "growth", "rate": 0.0},
            {"step": "b.yes", "via": "growth", "rate": 1.0, "when": {"a": "yes"}},
        ],
    )
    assert follow(structure, 100, 1e9).time_months.size == 0


def test_a_hazard_of_one_per_month_is_a_hazard():
    """No value stands for "not set yet"."""
    events = follow(ladder(4, 1.0), 200, 1e3)
    assert np.array_equal(events.offset, 3 * np.arange(201))


def test_clocks_do_not_outlive_their_patient():
    """Levels reached without a draw before: the next patient's clocks are still their own."""
    names = [f"l{i}" for i in range(6)]
    structure = structure_of(
        process=[
            {"name": "site", "levels": names},
            {"name": "seeding", "levels": ["no", "yes"]},
        ],
        route=[
            {"step": f"site.{name}", "via": "growth", "rate": 0.0 if name == "l1" else 0.5}
            for name in names[1:]
        ],
        schedule=[
            {"step": "seeding.yes", "delay_months": 1.0,
             "actions": [{"process": "site", "to": "l2"}]},
        ],
    )  # fmt: skip
    assert not failures(twin_agrees(Subject(structure, 50.0), 60, seed=8))
