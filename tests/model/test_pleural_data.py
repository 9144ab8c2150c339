"""The first pleural model as data: valid, complete, sourced, and without bare numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from mesospread.anatomy.catalogue import primary
from mesospread.evidence.published import load_published
from mesospread.model.definition import Categorical, ChanceByCovariate, Definition, Parameter
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import build_structure
from mesospread.model.treatments import Course, find_treatment, with_treatments
from mesospread.patient.vocabulary import MODALITIES

DATA = files("mesospread.model") / "data"
FILES = ("pleural.toml", "pleural_treatments.toml", "pleural_observation.toml")
RAW: dict[str, dict[str, Any]] = {
    name: tomllib.loads((DATA / name).read_text("utf-8")) for name in FILES
}
DEFINITION = Definition.model_validate(RAW[FILES[0]])
LIBRARY = TreatmentLibrary.model_validate(RAW[FILES[1]])
OBSERVATION = ObservationModel.model_validate(RAW[FILES[2]])
PARAMETERS = {
    FILES[0]: DEFINITION.parameters,
    FILES[1]: LIBRARY.parameters,
    FILES[2]: OBSERVATION.parameters,
}
SITES = [p.name for p in DEFINITION.process if p.role == "site"]
EVERY_PARAMETER = [
    pytest.param(name, parameter, id=f"{file}:{name}")
    for file, parameters in PARAMETERS.items()
    for name, parameter in parameters.items()
]
#: places on a scale, not quantities: limits and reference points of covariates
PLACES = {"low", "high", "per", "centre", "format"}


def walk(part: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf with the nearest key above it."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from walk(inner, name)
    elif isinstance(part, list):
        for inner in part:
            yield from walk(inner, key)
    else:
        yield key, part


def bare_numbers(part: Any) -> list[tuple[str, float]]:
    return [
        (key, leaf)
        for key, leaf in walk(part)
        if isinstance(leaf, (int, float))
        and not isinstance(leaf, bool)
        and key not in PLACES
        and leaf not in (0, 1)
    ]


def cited(part: Any) -> set[str]:
    return {leaf for key, leaf in walk(part) if key == "sources"}


def number(parameters: dict[str, Parameter], value: float | str) -> float:
    return parameters[value].value if isinstance(value, str) else value


def without_parameters(name: str) -> dict[str, Any]:
    return {key: part for key, part in RAW[name].items() if key != "parameters"}


@pytest.mark.parametrize("name", FILES)
def test_no_bare_number_outside_the_parameters(name: str) -> None:
    assert bare_numbers(without_parameters(name)) == []


def test_a_bare_number_would_be_found() -> None:
    assert bare_numbers({"route": [{"rate": 0.3, "when": {"extent": {"T1": 1}}}]}) == [
        ("rate", 0.3)
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_source_ships(name: str) -> None:
    assert cited(RAW[name])
    assert cited(RAW[name]) - set(load_published()) == set()


@pytest.mark.parametrize("name", FILES)
def test_every_parameter_is_used(name: str) -> None:
    used = {leaf for _, leaf in walk(without_parameters(name)) if isinstance(leaf, str)}
    patterns = {leaf for leaf in used if "{process}" in leaf}
    used |= {p.replace("{process}", site) for p in patterns for site in SITES}
    assert set(PARAMETERS[name]) - used == set()


@pytest.mark.parametrize("name", FILES)
def test_the_file_says_that_it_is_not_calibrated(name: str) -> None:
    assert "not yet calibrated" in (DATA / name).read_text("utf-8").split("format = 1")[0]


@pytest.mark.parametrize(("name", "parameter"), EVERY_PARAMETER)
def test_parameter_is_documented(name: str, parameter: Parameter) -> None:
    assert len(parameter.note) > 15
    assert parameter.low < parameter.high, "a range of width zero claims certainty"
    if parameter.kind == "observed":
        figures = [load_published()[source].value for source in parameter.sources]
        assert parameter.value in figures, f"{name} is called observed, but is not in {figures}"


def test_all_names_resolve() -> None:
    assert len(build_structure(DEFINITION).routes) > 90


def test_the_sites_are_those_of_the_anatomy() -> None:
    others = {"regional_nodes"}  # a process of its own: nodes
    assert set(SITES) == {site.name for site in primary("pleural").sites} - others


def test_all_sites_climb_the_same_ladder() -> None:
    for process in DEFINITION.process:
        if process.role == "site":
            assert process.levels == ("free", "microscopic", "detectable", "symptomatic")


def test_every_site_adds_to_the_hazard_of_death() -> None:
    structure = build_structure(DEFINITION)
    deadly = {
        structure.processes[term.parent].name
        for route in structure.routes
        if route.via == "mortality"
        for term in route.terms
    }
    assert [name for name in structure.of_role("site") if name not in deadly] == []


def test_shares_of_the_population_sum_to_one() -> None:
    for covariate in DEFINITION.covariates.values():
        if isinstance(covariate, Categorical):
            shares = [number(DEFINITION.parameters, v) for v in covariate.levels.values()]
            assert sum(shares) == pytest.approx(1, abs=1e-9)


# --- treatments -------------------------------------------------------------------


@pytest.mark.parametrize("treatment", LIBRARY.treatment, ids=lambda t: t.name)
def test_treatment_is_found_by_all_its_names_and_can_be_given(treatment: Any) -> None:
    for name in (treatment.name, *treatment.aliases):
        assert find_treatment(LIBRARY, name.upper()).name == treatment.name
    with_treatments(build_structure(DEFINITION), LIBRARY, [Course(treatment.name)])


@pytest.mark.parametrize("treatment", LIBRARY.treatment, ids=lambda t: t.name)
def test_every_effect_acts_on_some_route(treatment: Any) -> None:
    structure = build_structure(DEFINITION)
    acting = {(route.via, structure.processes[route.process].name) for route in structure.routes}
    for effect in treatment.effects:
        named = [m for g in effect.processes for m in DEFINITION.groups.get(g, (g,))]
        for via in effect.on:
            targets = {process for kind, process in acting if kind == via}
            assert targets & set(named) if named else targets, (treatment.name, effect)


@pytest.mark.parametrize("treatment", LIBRARY.treatment, ids=lambda t: t.name)
def test_no_evidence_is_claimed_for_an_effect_on_spread(treatment: Any) -> None:
    for effect in treatment.effects:
        if {"direct", "lymphatic", "haematogenous", "outgrowth"} & set(effect.on):
            assert effect.grade == "mechanism"
        if effect.grade != "mechanism":
            assert effect.sources, "evidence needs a source"


def test_response_is_given_for_every_cell_type() -> None:
    histology = DEFINITION.covariates["histology"]
    assert isinstance(histology, Categorical)
    for treatment in LIBRARY.treatment:
        if treatment.kind == "systemic":
            assert treatment.response is not None
            chance = treatment.response.probability
            assert isinstance(chance, ChanceByCovariate)
            assert set(chance.values) == set(histology.levels)


def test_supportive_care_changes_nothing() -> None:
    care = find_treatment(LIBRARY, "best supportive care")
    assert (care.effects, care.actions, care.response) == ((), (), None)


# --- observation ------------------------------------------------------------------


@pytest.mark.parametrize("staging", OBSERVATION.staging, ids=lambda s: s.basis)
def test_staging_rows_sum_to_one(staging: Any) -> None:
    levels = {p.role: p.levels for p in DEFINITION.process}
    for rows, true in ((staging.t, levels["extent"]), (staging.n, levels["nodes"])):
        assert set(rows) == set(true)
        for row in rows.values():
            assert set(row) == set(true)
            total = sum(number(OBSERVATION.parameters, v) for v in row.values())
            assert total == pytest.approx(1, abs=1e-9)
    assert staging.m in {modality.name for modality in OBSERVATION.modality}


@pytest.mark.parametrize("modality", OBSERVATION.modality, ids=lambda m: m.name)
def test_more_disease_is_seen_better(modality: Any) -> None:
    parameters = OBSERVATION.parameters
    assert set(modality.sensitivity) == set(modality.false_positive)
    assert set(modality.sensitivity) <= {*SITES, "default"}
    for site, by_level in modality.sensitivity.items():
        chances = [
            number(parameters, by_level[level])
            for level in ("microscopic", "detectable", "symptomatic")
        ]
        assert chances == sorted(chances), (modality.name, site)
        assert number(parameters, modality.false_positive[site]) < chances[1]


def test_modalities_are_those_a_patient_file_knows() -> None:
    names = {modality.name for modality in OBSERVATION.modality}
    assert names == {*MODALITIES.words, "autopsy"}


def test_symptom_names_and_aliases_are_unique() -> None:
    words = [w.lower() for s in OBSERVATION.symptom for w in (s.name, *s.aliases)]
    assert [w for w in words if words.count(w) > 1] == []


@pytest.mark.parametrize("symptom", OBSERVATION.symptom, ids=lambda s: s.name)
def test_symptom_causes_are_sites_and_levels(symptom: Any) -> None:
    levels = {p.name: p.levels for p in DEFINITION.process}
    assert set(symptom.causes) <= {*SITES, "extent"}
    for site, by_level in symptom.causes.items():
        assert set(by_level) <= set(levels[site])
        ordered = [
            number(OBSERVATION.parameters, by_level[x]) for x in levels[site] if x in by_level
        ]
        assert ordered == sorted(ordered), (symptom.name, site)


def test_distant_sites_are_not_those_reached_by_contact() -> None:
    relation = {site.name: site.relation for site in primary("pleural").sites}
    for site in OBSERVATION.distant_sites:
        assert relation[site] == "distant"
