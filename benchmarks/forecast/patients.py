"""Patients to time: typical ones from the prior predictive, and the shipped examples.

A typical patient is somebody whom the model itself would produce: a history under one draw
of the parameters, examined in a way that was chosen beforehand. Twelve findings each: the
stage, sites on scans, symptoms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from mesospread.errors import InputError
from mesospread.infer.predict import ObservationPlan, SimulatedPatient, observe
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import DRAWS_SEED, Values, ranges
from mesospread.model.structure import Structure
from mesospread.patient import parse_patient
from mesospread.patient.reading import read_patient
from mesospread.staging import compatible_tnm
from mesospread.units import DAYS_PER_MONTH, MONTHS_PER_YEAR

PRIMARY = "pleural"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FINDINGS = 12
#: parameter draws that people are taken from: those that a forecast averages over
DRAWS = 200

#: scans, sites on each, symptoms asked for: with the stage, twelve findings
_LOOKS = ((1, 7, 4), (2, 4, 3), (3, 3, 2), (2, 3, 5))
#: how the patients are treated, in turn: first line from a month after diagnosis
_TREATMENTS = (None, "pemetrexed + cisplatin", "nivolumab + ipilimumab")
_FIRST_LINE_MONTHS = 1.0
#: today is so long after diagnosis that the first line has begun
_TODAY_MONTHS = (1.5, 18.0)
#: these see enough sites for every look above
_MODALITIES = ("CT", "PET-CT")
_DIAGNOSED = date(2024, 1, 15)
_EDITION = "9"
_GROUPS = ("I", "II", "IIIA", "IIIB", "IV")
_GROUP_LABEL = "stage "
#: keeps these random numbers apart from others with the same seed
_PURPOSE = 0xF0CA57


@dataclass(frozen=True)
class Person:
    """Somebody to forecast.

    Attributes
    ----------
    name
        In tables.
    facts
        Contents of the patient file.
    findings, present
        How many findings, and how many symptoms that are there among them.
    """

    name: str
    facts: dict[str, Any]
    findings: int
    present: int


def examples() -> list[Person]:
    """Return the shipped examples of the pleural disease."""
    people = []
    for path in sorted(EXAMPLES.glob(f"{PRIMARY}_*.toml")):
        facts = read_patient(path).to_dict()
        people.append(_person(path.stem.removeprefix(f"{PRIMARY}_"), facts))
    return people


def typical(n: int, seed: int) -> list[Person]:
    """Return ``n`` people with twelve findings each."""
    people: list[Person] = []
    candidates = _candidates(seed)
    while len(people) < n:
        facts = next(candidates)
        try:
            person = _person(f"typical {len(people) + 1}", facts)
        except InputError:
            # days are coarser than the model's clock: two facts may fall on one day
            continue
        if person.findings == FINDINGS:
            people.append(person)
    return people


def _person(name: str, facts: dict[str, Any]) -> Person:
    known = timeline(facts)
    return Person(name, facts, len(known.labels()), sum(s.present for s in known.symptoms))


def timeline(facts: dict[str, Any]) -> Timeline:
    """Return what is known of a patient, on the model's clock."""
    patient = parse_patient(facts)
    return build_timeline(patient, disease(PRIMARY), treatments(PRIMARY), observation(PRIMARY))


def write(person: Person, path: Path) -> Path:
    """Write the patient file of a person (JSON)."""
    path.write_text(json.dumps(person.facts, indent=1), encoding="utf-8")
    return path


# --- from the prior predictive to a patient file ------------------------------------------


def _candidates(seed: int) -> Iterator[dict[str, Any]]:
    """Yield the facts of people who are diagnosed and alive; not all have twelve findings."""
    seen = observation(PRIMARY)
    groups = {group: compatible_tnm(group, _EDITION, primary=PRIMARY) for group in _GROUPS}
    arms = [(name, *_under(name)) for name in _TREATMENTS]
    for number in count():
        rng = np.random.default_rng([_PURPOSE, seed, number])
        treatment, structure, values = arms[number % len(arms)]
        scans, sites, symptoms = _LOOKS[rng.integers(len(_LOOKS))]
        plan = ObservationPlan(
            today_months=_TODAY_MONTHS,
            scans=(scans, scans),
            sites=(sites, sites),
            modalities=_MODALITIES,
            staged=1.0,
            groups=groups,
            symptoms=(symptoms, symptoms),
        )
        draw = int(rng.integers(DRAWS))
        for found in observe(structure, seen, values(draw), plan, seed, number, 1, draw=draw):
            facts = _facts(found, treatment)
            if facts is not None:
                yield facts


def _under(treatment: str | None) -> tuple[Structure, Callable[[int], Values]]:
    """Return the disease under a treatment, and its parameter values by number of the draw."""
    structure = timeline(_bare(treatment)).structure
    parameters = ranges({**structure.parameters, **observation(PRIMARY).parameters})
    return structure, lambda number: parameters.draw(DRAWS_SEED, number)


def _bare(treatment: str | None) -> dict[str, Any]:
    """Return a patient of whom nothing but the treatment is known."""
    facts: dict[str, Any] = {"primary": PRIMARY, "diagnosed": _DIAGNOSED.isoformat()}
    if treatment is not None:
        facts["treatments"] = [{"name": treatment, "start": _day(_FIRST_LINE_MONTHS)}]
    return facts


def _day(months: float) -> str:
    """Return the day some months after diagnosis."""
    return (_DIAGNOSED + timedelta(days=round(months * DAYS_PER_MONTH))).isoformat()


def _facts(found: SimulatedPatient, treatment: str | None) -> dict[str, Any] | None:
    """Return the patient file of a simulated person; None if a file cannot say it.

    A file dates symptoms that are there, not those that were asked for in vain.
    """
    known = found.timeline
    if any(s.at_months is not None and not s.present for s in known.symptoms):
        return None
    facts = _bare(treatment) | {"as_of": _day(known.now_months)} | _covariates(known)
    facts |= {"scans": _scans(known), "symptoms": _symptoms(known)}
    if known.stage is not None:
        facts["stage"] = _stage(known)
    return facts


def _covariates(known: Timeline) -> dict[str, Any]:
    facts: dict[str, Any] = dict(known.fixed)
    if "age" in facts:
        # in the model, that at diagnosis; in a file, that of today
        facts["age"] = round(facts["age"] + known.now_months / MONTHS_PER_YEAR)
    if "performance_status" in facts:
        facts["performance_status"] = int(facts["performance_status"])
    return facts


def _scans(known: Timeline) -> list[dict[str, Any]]:
    scans: dict[tuple[float, str], dict[str, Any]] = {}
    for finding in known.findings:
        scan = scans.setdefault(
            (finding.at_months, finding.modality),
            {
                "date": _day(finding.at_months),
                "modality": finding.modality,
                "positive": [],
                "negative": [],
            },
        )
        scan["positive" if finding.positive else "negative"].append(finding.site)
    return list(scans.values())


def _symptoms(known: Timeline) -> list[dict[str, Any]]:
    listed = []
    for symptom in known.symptoms:
        entry: dict[str, Any] = {"name": symptom.name, "present": symptom.present}
        if symptom.at_months is not None:
            entry["since"] = _day(symptom.at_months)
        listed.append(entry)
    return listed


def _stage(known: Timeline) -> dict[str, Any]:
    stage = known.stage
    assert stage is not None
    facts: dict[str, Any] = {"edition": _EDITION, "basis": stage.basis}
    if stage.label.startswith(_GROUP_LABEL):
        return facts | {"group": stage.label.removeprefix(_GROUP_LABEL)}
    ((t, n, m),) = stage.possible
    return facts | {axis: value for axis, value in zip("tnm", (t, n, m), strict=True) if value}
