"""The compiled kernel against its plain twin: the same draws, the same list of events."""

from __future__ import annotations

import math

import numpy as np

from mesospread.exact.twin import follow
from mesospread.kernels.tables import Events
from mesospread.model.compiled import CompiledModel, Numbers, compile_model
from mesospread.model.definition import Categorical, ChanceByCovariate
from mesospread.model.hazards import Person, PlainHazards
from mesospread.model.parameters import central_values
from mesospread.model.population import Patients, draw_patients
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch
from tests.support.statistics import Score, identity
from tests.support.subjects import Fixed, Subject, events_of

#: kernel and twin add up the same numbers in another order
RELATIVE = 1e-10


def twin_agrees(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare event lists patient by patient: equal names, times equal but for rounding."""
    batch = subject.run(seed, n)
    events, differences = 0, []
    for patient in range(n):
        seen = events_of(batch, patient)
        expected = follow_one(
            subject.structure, batch.patients, patient, seed, subject.horizon_months
        )
        events += len(expected)
        same = [e[1:] for e in seen] == [e[1:] for e in expected] and all(
            math.isclose(a[0], b[0], rel_tol=RELATIVE) for a, b in zip(seen, expected, strict=True)
        )
        if not same:
            differences.append(f"patient {patient}: kernel {seen}, twin {expected}")
    what = f"{len(differences)} of {n} histories differ"
    detail = "; ".join([what, *differences[:1]])
    return [identity(f"events of {subject.structure.name}", not differences, events, detail)]


def follow_one(
    structure: Structure, patients: Patients, patient: int, seed: int, horizon_months: float
) -> list[tuple[float, str, str]]:
    """Follow one patient of a block with the twin; return (months, process, level)."""
    person = person_of(structure, patients, patient)
    delays = [
        patients.delays_months[patient, column] if entry.delay_months is None
        else number_of(structure, entry.delay_months)
        for column, entry in enumerate(structure.schedule)
    ]  # fmt: skip
    chances = [
        number_of(structure, action.probability.values[str(person.covariates[covariate])])
        if isinstance(action.probability, ChanceByCovariate)
        and (covariate := action.probability.covariate)
        else number_of(structure, action.probability)  # type: ignore[arg-type]
        for entry in structure.schedule
        for action in entry.actions
    ]
    events = follow(
        PlainHazards(structure, person),
        seed=seed,
        patient=patients.first + patient,
        horizon_months=horizon_months,
        delays_months=delays,
        chances=chances,
    )
    return [(e.time_months, e.process, e.level) for e in events]


def number_of(structure: Structure, value: float | str) -> float:
    """Return a number of a definition, at the central values of its parameters."""
    return Numbers(structure, central_values(structure.parameters))(value)


def person_of(structure: Structure, patients: Patients, patient: int) -> Person:
    """Return covariates (by level name) and random effects of one patient of a block."""
    covariates: dict[str, str | float] = {}
    for name, spec in structure.definition.covariates.items():
        value = patients.covariates[name][patient]
        is_named = isinstance(spec, Categorical)
        covariates[name] = list(spec.levels)[int(value)] if is_named else float(value)  # type: ignore[union-attr]
    frailty = {name: float(score[patient]) for name, score in patients.frailty.items()}
    return Person(covariates=covariates, frailty=frailty)


def twin_run(
    compiled: CompiledModel, seed: int, first: int, n: int, horizon_months: float, fixed: Fixed
) -> Batch:
    """Follow patients with the twin instead of the kernel (slow)."""
    structure = compiled.structure
    clean = compile_model(structure)
    patients = draw_patients(clean, seed=seed, first=first, n=n, fixed=fixed)
    histories = [follow_one(structure, patients, i, seed, horizon_months) for i in range(n)]
    flat = [event for history in histories for event in history]
    processes = [structure.position(name) for _, name, _ in flat]
    levels = [
        structure.processes[p].levels.index(level)
        for p, (_, _, level) in zip(processes, flat, strict=True)
    ]
    events = Events(
        offset=np.cumsum([0, *map(len, histories)]),
        time_months=np.array([time for time, _, _ in flat]),
        process=np.array(processes, np.int16),
        level=np.array(levels, np.int16),
        overflow=0,
    )
    return Batch(clean, patients, events, horizon_months)
