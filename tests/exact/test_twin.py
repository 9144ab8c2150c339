"""The compiled kernel and its plain twin give the same list of events."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.support.graphs import AWKWARD, random_structure, reference_structure
from tests.support.statistics import failures
from tests.support.subjects import Subject, events_of
from tests.support.twin_checks import twin_agrees

from mesospread.model.definition import ChanceByCovariate
from mesospread.model.load import disease, treatments
from mesospread.model.treatments import Course, with_treatments

GRAPHS = range(60)
PATIENTS = 25
MONTHS = 48.0


@pytest.mark.parametrize("graph", GRAPHS)
def test_random_graph(graph):
    subject = Subject(random_structure(graph, AWKWARD), MONTHS)
    assert not failures(twin_agrees(subject, PATIENTS, seed=graph + 100))


def test_reference_graph_with_a_large_seed():
    subject = Subject(reference_structure(), 30.0)
    assert not failures(twin_agrees(subject, 200, seed=2**64 - 1))


def test_patients_far_into_a_cohort():
    subject = Subject(reference_structure(), 30.0)
    far = 2**40
    one, other = subject.run(5, 1, first=far), subject.run(5, 3, first=far - 1)
    assert events_of(one, 0) == events_of(other, 1) != events_of(other, 0)


def test_pleural_disease_under_two_lines_of_treatment():
    """The shipped model, with life table, responses, and treatment windows."""
    library = treatments("pleural")
    courses = [Course(library.treatment[0].name), Course(library.treatment[2].name, 14.0)]
    structure = with_treatments(disease("pleural"), library, courses)
    assert not failures(twin_agrees(Subject(structure, 360.0), 25, seed=7))


def test_the_graphs_have_everything():
    """What the kernel does differently for one kind of graph, some graph must ask of it."""
    found = Counter()
    for graph in GRAPHS:
        structure = random_structure(graph, AWKWARD)
        drives = {(t.parent, r.process) for r in structure.routes for t in r.terms}
        steps = Counter((r.process, r.level) for r in structure.routes)
        found["several routes"] += max(steps.values()) > 1
        found["several parents"] += any(len(r.terms) > 1 for r in structure.routes)
        found["cycle"] += any((b, a) in drives for a, b in drives)
        found["gate"] += any(0.0 in t.values for r in structure.routes for t in r.terms)
        found["covariates"] += any(r.covariates for r in structure.routes)
        found["frailty"] += any(r.frailty for r in structure.routes)
        found["chance by covariate"] += any(
            isinstance(a.probability, ChanceByCovariate)
            for s in structure.schedule
            for a in s.actions
        )
        batch = Subject(structure, MONTHS).run(graph + 100, PATIENTS)
        for patient in range(PATIENTS):
            levels = dict(
                zip((p.name for p in structure.processes), structure.start_levels(), strict=True)
            )
            events = events_of(batch, patient)
            found["events"] += len(events)
            for k, (time, name, level) in enumerate(events):
                to = structure.process(name).levels.index(level)
                acted = k > 0 and events[k - 1][0] == time
                found["set-back"] += to < levels[name]
                found["advance by an action"] += acted and to > levels[name]
                found["death by an action"] += acted and name == "death"
                found["late appointment"] += acted and name == "clinic"
                before = {e[1] for e in events[:k] if e[0] == time}
                found["tie"] += bool(before & {"early", "late"}) and name in ("early", "late")
                levels[name] = to
    assert all(
        found[what] >= 5
        for what in ("several routes", "several parents", "cycle", "gate", "covariates", "frailty")
    )
    assert found["chance by covariate"] >= 5
    assert found["set-back"] >= 50
    assert found["advance by an action"] >= 10
    assert found["death by an action"] >= 3
    assert found["late appointment"] >= 50
    assert found["tie"] >= 50
    assert found["events"] >= 5_000
