"""What stands behind a number: which studies, how many people, and how good that evidence is.

Nothing here is written by hand: studies and people are those of the published values that the
parameters of the number name as their sources.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mesospread.evidence.published import PublishedValue, load_published
from mesospread.model.definition import Parameter
from mesospread.model.library import TreatmentDefinition
from mesospread.model.load import disease, observation, treatments

Grade = Literal["A", "B", "C", "D"]

#: studies and people from which evidence counts as fair, and as good
FAIR, GOOD = (2, 200), (3, 1000)
#: kinds of routes by which tumour gets to other places
_TO_PLACES = frozenset({"direct", "lymphatic", "haematogenous"})
#: best grade of a number by how the effect of the treatment on spread was studied
_CAPS: Mapping[str, Grade] = {
    "randomised": "A",
    "observational": "B",
    "single_arm": "C",
    "borrowed": "C",
    "mechanism": "C",
}


@dataclass(frozen=True)
class Work:
    """One study behind a number.

    Attributes
    ----------
    citations
        Where it was published; several if published values of one study come from several.
    people
        Most people that any of its values is about; None if none says.
    own
        Whether they had this form of mesothelioma.
    solid
        Whether it was read with more than low confidence.
    """

    citations: tuple[str, ...]
    people: int | None
    own: bool
    solid: bool


@dataclass(frozen=True)
class Basis:
    """The evidence behind one number.

    Attributes
    ----------
    works
        The studies, those of this form of mesothelioma first.
    grade
        ``A`` good: three studies or more of this form, 1,000 people, nothing judged. ``B``
        fair: two or more, 200 people, not all judged. ``C`` thin: less, or borrowed from
        another tumour. ``D``: no study, only judgement.
    """

    works: tuple[Work, ...]
    grade: Grade

    @property
    def own(self) -> tuple[Work, ...]:
        """Studies of this form of mesothelioma."""
        return tuple(work for work in self.works if work.own)

    @property
    def elsewhere(self) -> tuple[Work, ...]:
        """Studies of other tumours."""
        return tuple(work for work in self.works if not work.own)


def people_in(works: Iterable[Work]) -> int:
    """Return how many people some studies counted, as far as they say."""
    return sum(work.people or 0 for work in works)


def basis_of(
    sources: Iterable[str], primary: str, *, kinds: Collection[str] = (), cap: Grade = "A"
) -> Basis:
    """Return the evidence behind a number.

    Parameters
    ----------
    sources
        Identifiers of published values.
    primary
        Whose number it is.
    kinds
        How its parameters were set: ``observed``, ``derived``, ``elicited``, ``assumed``.
    cap
        Best grade that it can have.
    """
    works = tuple(sorted(_works(sources, primary), key=lambda w: (not w.own, w.citations)))
    return Basis(works, max(_grade(works, kinds), cap if works else "D"))


def _grade(works: tuple[Work, ...], kinds: Collection[str]) -> Grade:
    if not works:
        return "D"
    solid = [work for work in works if work.own and work.solid]
    found = (len(solid), people_in(solid))
    judged = [kind == "assumed" for kind in kinds]
    if (judged and all(judged)) or found[0] < FAIR[0] or found[1] < FAIR[1]:
        return "C"
    return "A" if found[0] >= GOOD[0] and found[1] >= GOOD[1] and not any(judged) else "B"


def _works(sources: Iterable[str], primary: str) -> list[Work]:
    """Return the studies behind published values; the same study only once."""
    known = load_published()
    studies: dict[str, list[PublishedValue]] = {}
    for source in sorted(set(sources)):
        value = known[source]
        same = next(
            (
                key
                for key, others in studies.items()
                if key == _study(source) or any(o.citation == value.citation for o in others)
            ),
            _study(source),
        )
        studies.setdefault(same, []).append(value)
    return [_work(values, primary) for values in studies.values()]


def _study(identifier: str) -> str:
    """Return the part of an identifier that names the study: ``finn-2012``, ``maps``."""
    first, _, rest = identifier.partition("-")
    year = rest.partition("-")[0]
    return f"{first}-{year}" if year.isdigit() and len(year) == 4 else first


def _work(values: list[PublishedValue], primary: str) -> Work:
    counted = [value.n for value in values if value.n is not None]
    return Work(
        citations=tuple(dict.fromkeys(value.citation for value in values)),
        people=round(max(counted)) if counted else None,
        own=any(value.primary == primary for value in values),
        solid=any(value.confidence != "low" for value in values),
    )


def _of_parameters(
    names: Iterable[object], parameters: Mapping[str, Parameter], primary: str, *more: str
) -> Basis:
    """Return what stands behind some parameters (plain numbers are passed over)."""
    used = [parameters[name] for name in sorted({n for n in names if isinstance(n, str)})]
    sources = [source for parameter in used for source in parameter.sources]
    return basis_of([*sources, *more], primary, kinds=[parameter.kind for parameter in used])


@cache
def site_basis(primary: str, *sites: str) -> Basis:
    """Return what stands behind the chance of tumour at some sites: the rates of seeding them.

    ``regional_nodes`` stands for the ladder of nodes where the model has no such site.
    """
    structure = disease(primary)
    places = {
        structure.position(name)
        for site in sites
        for name in ([site] if site in structure.index else structure.of_role("nodes"))
    }
    rates = [route.rate for route in structure.routes if _seeds(route, places)]
    return _of_parameters(rates, structure.parameters, primary)


def _seeds(route: object, places: set[int]) -> bool:
    return getattr(route, "level", -1) == 0 and getattr(route, "process", -1) in places


@cache
def distant_basis(primary: str) -> Basis:
    """Return what stands behind the chance of tumour at any distant site."""
    return site_basis(primary, *observation(primary).distant_sites)


@cache
def scan_basis(primary: str, modality: str, *sites: str) -> Basis:
    """Return what stands behind what an examination shows: at some sites, or all distant ones.

    The share of microscopic tumour that it shows is left out: the same guess stands for all.
    """
    seen = observation(primary)
    looks = next(one for one in seen.modality if one.name == modality)
    names: list[object] = []
    for site in sites or seen.distant_sites:
        levels = looks.sensitivity.get(site, looks.sensitivity.get("default", {}))
        names += [chance for level, chance in levels.items() if level != "microscopic"]
        names.append(looks.false_positive.get(site))
    return _of_parameters(names, seen.parameters, primary)


@cache
def symptom_basis(primary: str, symptom: str, cause: str = "") -> Basis:
    """Return what stands behind a cause of a symptom; without a cause, behind the symptom."""
    seen = observation(primary)
    found = next(one for one in seen.symptom if one.name == symptom)
    if cause and cause not in found.causes:
        return _of_parameters([found.background], seen.parameters, primary)
    causes = [found.causes[cause]] if cause else list(found.causes.values())
    names = [chance for levels in causes for chance in levels.values()]
    return _of_parameters(names, seen.parameters, primary, *found.sources)


@cache
def treatment_basis(primary: str, treatment: str) -> Basis:
    """Return what stands behind what a treatment is taken to do to growth and spread.

    The grade is at best that of its effect on spread: a trial that counted growth alone makes a
    number about spread no better than thin.
    """
    library = treatments(primary)
    found = next((one for one in library.treatment if one.name == treatment), None)
    return _effects(found, primary) if found is not None else Basis((), "D")


def _effects(treatment: TreatmentDefinition, primary: str) -> Basis:
    effects = [e for e in treatment.effects if set(e.on) != {"mortality"} and e.sources]
    on_spread = [e for e in treatment.effects if _TO_PLACES & set(e.on)]
    cap: Grade = min((_CAPS[e.grade] for e in on_spread), default="C")
    return basis_of([s for e in effects for s in e.sources], primary, cap=cap)


@cache
def survival_basis(primary: str) -> Basis:
    """Return what stands behind how long people live: the risks of dying from the disease."""
    structure = disease(primary)
    rates = [route.rate for route in structure.routes if route.via == "mortality"]
    return _of_parameters(rates, structure.parameters, primary)
