"""For which facts of a person the model is less well tested, in words.

Counted from the figures on spread that the model was compared with, and from the people in those
studies. Figures on how long people live play no part: nobody is told who has not asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mesospread.errors import MesospreadError
from mesospread.model.load import observation, treatments
from mesospread.model.treatments import find_treatment
from mesospread.report.basis import scan_basis, symptom_basis
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import (
    Words,
    scan_name,
    site_label,
    symptom_label,
    treatment_name,
    whole,
)
from mesospread.studies.protocol import AgeAtDiagnosis

#: facts about the person that may be less well tested
OF_PERSON = ("age", "histology", "performance_status")

#: fewer figures than this are few
_FEW_FIGURES = 20
#: a group that is a smaller share than this of the people in the studies is less well tested
_SMALL_SHARE = 0.25
#: ages outside the middle 95 of 100 people are less well tested
_TAIL = 0.025
#: how an effect on spread was studied, best first; the first is no cause for a warning
_STUDIED = ("randomised", "observational", "single_arm", "borrowed", "mechanism")
_OLDEST = 120


@dataclass(frozen=True)
class Tested:
    """Against whom the forecasts of spread of one primary were tested.

    Attributes
    ----------
    figures, people
        Published figures on spread, and the people in their studies.
    shares
        ``histology`` and ``performance_status`` to level to share of the people whose studies
        say; empty where none says.
    alone
        Cell types for which some study gives a figure on spread of their own.
    ages
        People, and their mean age and its standard deviation, study by study.
    """

    figures: int
    people: int
    shares: Mapping[str, Mapping[str, float]]
    alone: frozenset[str]
    ages: tuple[tuple[int, AgeAtDiagnosis], ...]

    def younger(self, age: float) -> float | None:
        """Return the share of the people that is younger; None if no study tells their age."""
        total = sum(n for n, _ in self.ages)
        if not total:
            return None
        below = (n * 0.5 * math.erfc((a.mean - age) / (a.sd * math.sqrt(2))) for n, a in self.ages)
        return sum(below) / total

    def usual_ages(self) -> tuple[int, int] | None:
        """Return between which ages 95 of 100 people were; None if no study tells their age."""
        inside = [
            age
            for age in range(_OLDEST)
            if (share := self.younger(age)) is not None and _TAIL <= share <= 1 - _TAIL
        ]
        return (inside[0], inside[-1]) if inside else None


@dataclass(frozen=True)
class Notice:
    """What is less well tested.

    Attributes
    ----------
    about
        Which fact, in words.
    text
        Why it is less well tested.
    """

    about: str
    text: str


@dataclass(frozen=True)
class Facts:
    """The facts that a notice may be about; what is not known is empty.

    Attributes
    ----------
    primary
        Name of the primary.
    person
        ``age``, ``histology`` and ``performance_status`` as text, under the key of the notice.
    scans
        Key of the notice to the examination and the sites that it judged.
    treatments, symptoms
        Key of the notice to the name.
    """

    primary: str
    person: Mapping[str, str] = field(default_factory=dict)
    scans: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    treatments: Mapping[str, str] = field(default_factory=dict)
    symptoms: Mapping[str, str] = field(default_factory=dict)


def notices(facts: Facts, found: Tested, words: Words) -> dict[str, Notice]:
    """Return what is less well tested of some facts, under the key of each fact.

    Parameters
    ----------
    facts
        Wrong and unknown values are passed over: they are told elsewhere.
    found
        Against whom the forecasts of this primary were tested.
    words
        Language and reader.
    """
    told = {"primary": _of_primary(found, words)}
    for name, check in _CHECKS.items():
        if name in facts.person:
            told[name] = check(found, facts.person[name], words)
    for key, (modality, sites) in facts.scans.items():
        told[key] = _of_scan(facts.primary, modality, sites, words)
    for key, name in facts.treatments.items():
        told[key] = _of_treatment(facts.primary, name, words)
    for key, name in facts.symptoms.items():
        told[key] = _of_symptom(facts.primary, name, words)
    return {key: notice for key, notice in told.items() if notice is not None}


def _of_primary(found: Tested, words: Words) -> Notice | None:
    """Return what to know of a primary that few studies tell about; None if many do."""
    if found.figures >= _FEW_FIGURES:
        return None
    if not found.figures:
        return Notice(words("fact.primary"), words("tested.primary_none"))
    told = words("tested.primary_few", figures=found.figures, people=whole(found.people, words))
    return Notice(words("fact.primary"), told)


def _of_age(found: Tested, text: str, words: Words) -> Notice | None:
    usual = found.usual_ages()
    if usual is None or not text.isdigit() or usual[0] <= int(text) <= usual[1]:
        return None
    return Notice(words("fact.age"), words("tested.age", low=usual[0], high=usual[1]))


def _of_histology(found: Tested, name: str, words: Words) -> Notice | None:
    share = found.shares["histology"].get(name)
    if share is None or share >= _SMALL_SHARE or name in found.alone:
        return None
    return Notice(words("fact.histology"), words("tested.histology", share=_of_100(share, words)))


def _of_fitness(found: Tested, level: str, words: Words) -> Notice | None:
    share = found.shares["performance_status"].get(level)
    if share is None or share >= _SMALL_SHARE:
        return None
    told = words("tested.fitness", share=_of_100(share, words))
    return Notice(words("fact.performance_status"), told)


_CHECKS: Mapping[str, Callable[[Tested, str, Words], Notice | None]] = {
    "age": _of_age,
    "histology": _of_histology,
    "performance_status": _of_fitness,
}


def _of_100(share: float, words: Words) -> str:
    # shares in studies are rounded: none stated is not none
    return Share(max(share, 0.001)).words(words.lang)


def _of_scan(primary: str, modality: str, sites: Iterable[str], words: Words) -> Notice | None:
    """Return the sites for which no study tells how well an examination sees them."""
    seen = {one.name: one for one in observation(primary).modality}.get(modality)
    if seen is None:
        return None
    judged = [
        site_label(primary, site, words)
        for site in dict.fromkeys(sites)
        if (site in seen.sensitivity or "default" in seen.sensitivity)
        and not scan_basis(primary, modality, site).works
    ]
    if not judged:
        return None
    return Notice(scan_name(modality, words), words("tested.scan", places=", ".join(judged)))


def _of_treatment(primary: str, name: str, words: Words) -> Notice | None:
    """Return how a treatment was studied, if not in a fair test in this illness."""
    try:
        found = find_treatment(treatments(primary), name)
    except MesospreadError:
        return None
    grades = {effect.grade for effect in found.effects if set(effect.on) != {"mortality"}}
    if not grades:
        return None
    best = min(grades, key=_STUDIED.index)
    if best == _STUDIED[0]:
        return None
    return Notice(treatment_name(found.name, words), words(f"tested.treatment_{best}"))


def _of_symptom(primary: str, name: str, words: Words) -> Notice | None:
    for one in observation(primary).symptom:
        if name in (one.name, one.label, *one.aliases):
            if symptom_basis(primary, one.name).works:
                return None
            return Notice(symptom_label(one.name, one.label, words), words("tested.symptom"))
    return None
