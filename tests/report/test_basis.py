"""What stands behind a number: counted from the sources of its parameters, the same study once."""

from __future__ import annotations

import pytest

from mesospread.anatomy.catalogue import primaries
from mesospread.evidence.published import load_published
from mesospread.model.load import disease, observation, treatments
from mesospread.report.basis import (
    basis_of,
    distant_basis,
    people_in,
    scan_basis,
    site_basis,
    survival_basis,
    symptom_basis,
    treatment_basis,
)

PRIMARIES = [one.name for one in primaries()]


def ids(*, primary: str = "pleural", confidence: str = "medium", people: int = 100) -> list[str]:
    """Return published values with more people than this, one of each study."""
    found: dict[str, str] = {}
    for name, value in load_published().items():
        fits = value.primary == primary and value.confidence == confidence
        if fits and value.n is not None and value.n > people:
            found.setdefault(value.citation, name)
    return list(found.values())


def test_studies_and_people_are_those_of_the_sources() -> None:
    known = load_published()
    liver = site_basis("pleural", "liver")
    parameters = disease("pleural").parameters
    rates = ("blood_liver", "direct_liver", "serosal_liver")
    sources = {known[source] for rate in rates for source in parameters[rate].sources}
    assert {c for work in liver.works for c in work.citations} == {v.citation for v in sources}
    most = {v.citation: max(o.n or 0 for o in sources if o.citation == v.citation) for v in sources}
    assert people_in(liver.own) == sum(most.values())
    assert liver.elsewhere == ()


def test_the_same_study_counts_once_however_often_it_was_published() -> None:
    trial = [name for name in load_published() if name.startswith("cm743-")]
    assert len({load_published()[name].citation for name in trial}) > 1
    (work,) = basis_of(trial, "pleural").works
    assert work.people == 605
    # two studies of one first author are two
    same_author = [name for name in load_published() if name.startswith(("yan-2005-", "yan-2011-"))]
    assert len(basis_of(same_author, "peritoneal").works) >= 2


def test_grades_need_studies_people_and_more_than_judgement() -> None:
    many = ids()
    assert len(many) > 6
    assert basis_of([], "pleural").grade == "D"
    assert basis_of(many[:1], "pleural").grade == "C"
    assert basis_of(many[:6], "pleural").grade in ("A", "B")
    assert basis_of(many, "pleural").grade == "A"
    assert basis_of(many, "pleural", kinds=["derived", "assumed"]).grade == "B"
    assert basis_of(many, "pleural", kinds=["assumed"]).grade == "C"
    assert basis_of(many, "pleural", cap="B").grade == "B"
    # another tumour counts as borrowed, and low confidence does not count at all
    assert basis_of(many, "testicular").grade == "C"
    assert basis_of(ids(confidence="low"), "pleural").grade == "C"


@pytest.mark.parametrize("primary", PRIMARIES)
def test_every_number_has_an_answer(primary: str) -> None:
    structure, seen = disease(primary), observation(primary)
    for site in (*structure.of_role("site"), "regional_nodes"):
        basis = site_basis(primary, site)
        assert (basis.grade == "D") == (not basis.works), site
    for look in seen.modality:
        for site in look.sensitivity:
            scan_basis(primary, look.name, site)
    for symptom in seen.symptom:
        for cause in (*symptom.causes, "other causes", ""):
            symptom_basis(primary, symptom.name, cause)
    for treatment in treatments(primary).treatment:
        treatment_basis(primary, treatment.name)
    assert treatment_basis(primary, "none").grade == "D"
    assert len(distant_basis(primary).works) >= max(
        len(site_basis(primary, site).works)
        for site in seen.distant_sites
        if site in structure.index
    )


def test_what_is_known_of_rare_forms_is_thin() -> None:
    for primary in ("pericardial", "testicular"):
        grades = {site_basis(primary, site).grade for site in disease(primary).of_role("site")}
        assert grades <= {"C", "D"}, primary
    assert survival_basis("pleural").grade == "A"
    assert survival_basis("pericardial").grade == "C"


def test_a_treatment_is_no_better_than_how_it_was_studied() -> None:
    library = {one.name: one for one in treatments("peritoneal").treatment}
    for name in ("pemetrexed + cisplatin", "nivolumab + ipilimumab"):
        grades = {e.grade for e in library[name].effects if set(e.on) != {"mortality"}}
        assert grades <= {"borrowed", "mechanism"}
        assert treatment_basis("peritoneal", name).grade == "C"


def test_a_trial_of_growth_is_thin_evidence_on_spread() -> None:
    found = treatment_basis("pleural", "pemetrexed + cisplatin")
    assert len(found.own) >= 2
    assert people_in(found.own) > 200
    assert found.grade == "C"
