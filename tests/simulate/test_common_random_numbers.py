"""The same patient under another treatment: only what treatment changes may change."""

from __future__ import annotations

import pytest
from tests.support.graphs import EVERYTHING, Features, random_structure, reference_structure
from tests.support.identities import idle_treatment, monotone_model, slower_route
from tests.support.statistics import failures
from tests.support.subjects import Subject, events_of

from mesospread.model.load import disease, treatments
from mesospread.model.treatments import Course, with_treatments

SUBJECTS = {"reference": Subject(reference_structure(), 30.0)} | {
    f"graph {k}": Subject(random_structure(k, EVERYTHING), 36.0) for k in range(300, 312)
}
#: without actions, so that every step can be put off
STEPS = {"reference": SUBJECTS["reference"]} | {
    f"graph {k}": Subject(
        random_structure(
            k, Features(sites=(3, 5), covariates=True, frailty=True, schedule="anchored")
        ),
        36.0,
    )
    for k in range(320, 332)
}
MONOTONE = {
    f"monotone graph {k}": Subject(
        random_structure(
            k, Features(sites=(3, 5), covariates=True, frailty=True, death=False, monotone=True)
        ),
        36.0,
    )
    for k in range(12)
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_treatment_that_does_nothing_changes_no_event(name):
    assert not failures(idle_treatment(SUBJECTS[name], 400, seed=19))


@pytest.mark.parametrize("name", STEPS)
def test_slowing_a_step_never_makes_it_earlier(name):
    assert not failures(slower_route(STEPS[name], 2_000, seed=20))


@pytest.mark.parametrize("name", MONOTONE)
def test_slowing_everything_never_makes_anything_earlier(name):
    assert not failures(monotone_model(MONOTONE[name], 2_000, seed=21))


def test_before_treatment_starts_the_arms_are_one():
    """The shipped disease with and without treatment: the same events until it starts."""
    library, plain = treatments("pleural"), disease("pleural")
    arm = with_treatments(plain, library, [Course(library.treatment[0].name)])
    patients = 300
    alone = Subject(plain, 120.0).run(22, patients)
    treated = Subject(arm, 120.0).run(22, patients)
    changed = 0
    for patient in range(patients):
        before, after = events_of(alone, patient), events_of(treated, patient)
        start = min((t for t, name, _ in after if name == "treatment_1"), default=121.0)
        assert [e for e in before if e[0] < start] == [e for e in after if e[0] < start]
        changed += [e for e in before if e[0] > start] != [
            e for e in after if e[0] > start and not e[1].endswith("_1")
        ]
    assert changed > patients / 10
