"""Simulation-based calibration: what the inference says must be true as often as it says.

People are drawn from the prior predictive: a parameter draw, a history, findings. Each is
handed to the inference, which knows only the findings. Given the findings, the truth is
then a draw from the exact posterior, so

- events that are given a chance p happen with a chance p, whatever was found;
- the rank of the truth in its posterior is uniform.

Ranks alone do not show an inference that ignores the findings, since the prior is
calibrated too; so calibration is also asked among those with a positive scan, a negative
scan, a symptom, and so on (test quantities that depend on the data).

References
----------
Talts et al. (2018), arXiv 1804.06788. Modrák et al. (2022), arXiv 2211.02383.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mesospread.errors import ContradictionError
from mesospread.infer.posterior import Posterior
from mesospread.infer.predict import ObservationPlan, SimulatedPatient, observe
from mesospread.infer.questions import CURVE_MONTHS, Question
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.library import ObservationModel
from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import DRAWS_SEED, Values, ranges
from mesospread.model.structure import Structure
from mesospread.patient import Patient
from mesospread.staging import compatible_tnm

#: (patient, how the disease is seen, seed) -> what follows
Infer = Callable[[Timeline, ObservationModel, int], Posterior]

#: months from now for which spread and survival are examined
HORIZONS_MONTHS = (6, 12)
_PURPOSE = 0x5BC


@dataclass(frozen=True)
class Problem:
    """What is inferred, and over which parameter draws.

    Attributes
    ----------
    structure
        The disease, with the background mortality that is to stand in the timelines.
    observation
        How it is seen.
    plan
        What is looked at.
    values
        Number -> the parameter values of one of the draws that the inference averages over.
    draws
        How many of them there are, each as likely as the others.
    """

    structure: Structure
    observation: ObservationModel
    plan: ObservationPlan
    values: Callable[[int], Values]
    draws: int


@dataclass(frozen=True)
class Case:
    """A simulated patient and what was inferred of him or her.

    Attributes
    ----------
    patient
        With the truth.
    chances
        Of every question that is examined.
    features
        What was found: by these, patients are grouped.
    rng
        For the randomised ranks.
    """

    patient: SimulatedPatient
    chances: dict[Question, float]
    features: frozenset[str]
    rng: np.random.Generator


@dataclass(frozen=True)
class Cases:
    """All cases, and how many patients got no answer."""

    structure: Structure
    listed: tuple[Case, ...]
    refused: int


def collect(
    problem: Problem,
    infer: Infer,
    n: int,
    seed: int,
    say: Callable[[int], None] = lambda done: None,
) -> Cases:
    """Simulate patients and infer.

    A person who is not diagnosed or not alive today is dropped with the parameter draw;
    another one gets a new draw. Parameter draws under which people live long are more
    frequent among the patients, as the inference has it.

    Parameters
    ----------
    problem
        What is inferred.
    infer
        What is examined.
    n
        Patients.
    seed
        Of patients and inference; the inference has another seed for each patient.
    say
        Called with the number of patients done.
    """
    listed: list[Case] = []
    refused, number = 0, -1
    while len(listed) + refused < n:
        number += 1
        rng = np.random.default_rng([_PURPOSE, seed, number])
        inference_seed = int(rng.integers(1 << 62))
        draw = int(rng.integers(problem.draws))
        simulated = observe(
            problem.structure,
            problem.observation,
            problem.values(draw),
            problem.plan,
            seed,
            number,
            1,
            draw=draw,
        )
        for patient in simulated:
            try:
                posterior = infer(patient.timeline, problem.observation, inference_seed)
            except ContradictionError:
                # depends on the findings alone, so the other patients stay calibrated
                refused += 1
                continue
            asked = {q: posterior.answer(*q).estimate for q in questions(problem.structure)}
            listed.append(Case(patient, asked, features(patient.timeline), rng))
            say(len(listed))
    return Cases(problem.structure, tuple(listed), refused)


def questions(structure: Structure) -> list[Question]:
    """Return what is asked of every patient."""
    asked: list[Question] = [("alive", month) for month in CURVE_MONTHS]
    for axis, role in (("t", "extent"), ("n", "nodes")):
        asked += [("true", axis, x) for x in structure.process(structure.of_role(role)[0]).levels]
    for site in structure.of_role("site"):
        asked += [("now", site, level) for level in structure.process(site).levels]
        asked += [("by", site, month) for month in HORIZONS_MONTHS]
    return asked


def features(timeline: Timeline) -> frozenset[str]:
    """Return what was found in a patient, in words that several patients share."""
    found = {f"{f.site} {'positive' if f.positive else 'negative'}" for f in timeline.findings}
    found |= {f"{s.name} {'present' if s.present else 'absent'}" for s in timeline.symptoms}
    if timeline.stage is not None and len(timeline.stage.possible) == 1:
        found |= {f"staged {category}" for category in timeline.stage.possible[0] if category}
    return frozenset(found)


def stated_ranges(structure: Structure, observation: ObservationModel) -> Callable[[int], Values]:
    """Return the draws that inference takes from the stated ranges of all parameters."""
    parameters = ranges({**structure.parameters, **observation.parameters})
    return lambda number: parameters.draw(DRAWS_SEED, number)


def pleural_problem(draws: int) -> Problem:
    """Return the shipped pleural disease, looked at in all ways and staged by the 9th edition."""
    seen = observation("pleural")
    alone = Patient(primary="pleural")
    structure = build_timeline(alone, disease("pleural"), treatments("pleural"), seen).structure
    groups = {
        group: compatible_tnm(group, "9", primary="pleural")
        for group in ("I", "II", "IIIA", "IIIB", "IV")
    }
    plan = ObservationPlan(groups=groups)
    return Problem(structure, seen, plan, stated_ranges(structure, seen), draws)
