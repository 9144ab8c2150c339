"""The shipped models as data: valid, complete, sourced, and without bare numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from mesospread.anatomy.catalogue import primaries
from mesospread.anatomy.catalogue import primary as primary_named
from mesospread.evidence.published import load_published
from mesospread.model.definition import Categorical, ChanceByCovariate, Parameter
from mesospread.model.load import disease, observation, shipped_primaries, treatments
from mesospread.model.structure import build_structure
from mesospread.model.treatments import Course, find_treatment, with_treatments
from mesospread.patient.vocabulary import MODALITIES
from mesospread.staging import edition_table

DATA = files("mesospread.model") / "data"
RAW: dict[str, dict[str, Any]] = {
    entry.name: tomllib.loads(entry.read_text("utf-8"))
    for entry in DATA.iterdir()
    if entry.name.endswith(".toml")
}
SHARED = sorted(name for name in RAW if name.startswith("shared_"))
PRIMARIES = shipped_primaries()
# as they stand in the files, before calibration
MODELS = {
    p: (disease(p, False).definition, treatments(p, False), observation(p, False))
    for p in PRIMARIES
}
EVERY_PARAMETER = [
    pytest.param(name, parameter, id=f"{primary}:{name}")
    for primary, parts in MODELS.items()
    for part in parts
    for name, parameter in part.parameters.items()
]
each_primary = pytest.mark.parametrize("primary", PRIMARIES)


def each(kind: str) -> Any:
    """Parametrize a test by primary and its treatments, modalities, symptoms or stagings."""
    pairs = []
    for primary, (_, library, seen) in MODELS.items():
        part = library if kind == "treatment" else seen
        for entry in getattr(part, kind):
            name = getattr(entry, "name", None) or entry.basis
            pairs.append(pytest.param(primary, entry, id=f"{primary}:{name}"))
    return pytest.mark.parametrize(("primary", kind), pairs)


def sites(primary: str) -> tuple[str, ...]:
    return disease(primary).of_role("site")


#: places on a scale, not quantities: limits and reference points of covariates
PLACES = {"low", "high", "per", "centre", "format", "widen"}


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


def names_in(name: str) -> set[str]:
    """Return every text in a file, patterns filled in with each site."""
    used = {leaf for _, leaf in walk(without_parameters(name)) if isinstance(leaf, str)}
    primary = name.removesuffix(".toml")
    return used | {
        text.replace("{process}", site)
        for text in used
        if "{process}" in text
        for site in sites(primary)
    }


def test_all_four_primaries_ship() -> None:
    assert set(PRIMARIES) == {p.name for p in primaries()}
    expected = {f"{p}{part}" for p in PRIMARIES for part in ("", "_treatments", "_observation")}
    assert set(RAW) == {f"{name}.toml" for name in expected} | set(SHARED)


@pytest.mark.parametrize("name", sorted(RAW))
def test_no_bare_number_outside_the_parameters(name: str) -> None:
    assert bare_numbers(without_parameters(name)) == []


def test_a_bare_number_would_be_found() -> None:
    assert bare_numbers({"route": [{"rate": 0.3, "when": {"extent": {"T1": 1}}}]}) == [
        ("rate", 0.3)
    ]


@pytest.mark.parametrize("name", sorted(RAW))
def test_every_source_ships(name: str) -> None:
    assert cited(RAW[name])
    assert cited(RAW[name]) - set(load_published()) == set()


@pytest.mark.parametrize("name", sorted(set(RAW) - set(SHARED)))
def test_every_parameter_is_used(name: str) -> None:
    includes = [part["file"] for part in RAW[name].get("include", [])]
    used = names_in(name).union(*(names_in(file) for file in includes))
    assert set(RAW[name].get("parameters", {})) - used == set()


@pytest.mark.parametrize("name", SHARED)
def test_every_shared_parameter_is_used_by_two(name: str) -> None:
    """Scans and symptoms apart: each is shared because its site is, or may be."""
    part = SHARED_PARTS[name]
    users = [set(MODELS[p][part].parameters) for p in PRIMARIES]
    least = 1 if part == 2 else 2
    shared = RAW[name]["parameters"]
    assert [n for n in shared if sum(n in found for found in users) < least] == []


SHARED_PARTS = {
    "shared_disease.toml": 0,
    "shared_treatments.toml": 1,
    "shared_observation.toml": 2,
}


def test_what_is_shared_is_about_known_sites() -> None:
    """A row for a site that no primary has would be dropped in silence."""
    known = {site.name for p in primaries() for site in p.sites} | {"default"}
    shared = RAW["shared_observation.toml"]
    named = {
        site
        for entry in (*shared["modality"], *shared["symptom"])
        for table in ("sensitivity", "false_positive", "causes")
        for site in entry.get(table, {})
    }
    assert named - known == set()


@pytest.mark.parametrize("name", sorted(RAW))
def test_the_file_says_whether_it_is_calibrated(name: str) -> None:
    opening = (DATA / name).read_text("utf-8").split("\n[")[0]
    fitted = name.startswith(("pleural", "peritoneal", "shared"))
    assert ("prior that calibration starts from" if fitted else "not yet calibrated") in opening


@pytest.mark.parametrize(("name", "parameter"), EVERY_PARAMETER)
def test_parameter_is_documented(name: str, parameter: Parameter) -> None:
    assert len(parameter.note) > 15
    assert parameter.low < parameter.high, "a range of width zero claims certainty"
    if parameter.kind == "observed":
        figures = [load_published()[source].value for source in parameter.sources]
        assert parameter.value in figures, f"{name} is called observed, but is not in {figures}"


@each_primary
def test_all_names_resolve(primary: str) -> None:
    assert len(build_structure(MODELS[primary][0]).routes) > 70


@each_primary
def test_the_sites_are_those_of_the_anatomy(primary: str) -> None:
    others = {"regional_nodes"}  # a process of its own: nodes
    assert set(sites(primary)) == {site.name for site in primary_named(primary).sites} - others


@each_primary
def test_all_sites_climb_the_same_ladder(primary: str) -> None:
    for process in MODELS[primary][0].process:
        if process.role == "site":
            assert process.levels == ("free", "microscopic", "detectable", "symptomatic")


@each_primary
def test_every_site_adds_to_the_hazard_of_death(primary: str) -> None:
    structure = disease(primary)
    deadly = {
        structure.processes[term.parent].name
        for route in structure.routes
        if route.via == "mortality"
        for term in route.terms
    }
    assert [name for name in structure.of_role("site") if name not in deadly] == []


@each_primary
def test_few_sites_drive_other_sites(primary: str) -> None:
    """Each that does costs inference its closed form."""
    structure = disease(primary)
    all_sites = {structure.position(site) for site in structure.of_role("site")}
    drivers = {
        structure.processes[term.parent].name
        for route in structure.routes
        if route.process in all_sites
        for term in route.terms
        if term.parent in all_sites
    }
    assert drivers == ({"diaphragm", "peritoneum"} if primary == "pleural" else set())


@each_primary
def test_extent_and_nodes_have_the_names_of_the_staging_system(primary: str) -> None:
    structure, table = disease(primary), edition_table(primary)
    assert structure.process("extent").levels == tuple(table.t)
    assert structure.process("nodes").levels == tuple(table.n)


@each_primary
def test_shares_of_the_population_sum_to_one(primary: str) -> None:
    definition = MODELS[primary][0]
    for covariate in definition.covariates.values():
        if isinstance(covariate, Categorical):
            shares = [number(definition.parameters, v) for v in covariate.levels.values()]
            assert sum(shares) == pytest.approx(1, abs=1e-9)


def test_the_pleural_numbers_are_its_own_and_all_others_borrow() -> None:
    """Where nothing is known, taking over a pleural number must not take over its certainty."""
    own = MODELS["pleural"][0].parameters["mortality_severe"]
    assert "Borrowed" not in own.note
    for primary in ("peritoneal", "pericardial", "testicular"):
        taken = MODELS[primary][0].parameters["mortality_severe"]
        assert taken.value == own.value
        assert taken.low < own.low < own.high < taken.high
        assert "Borrowed" in taken.note


@pytest.mark.parametrize("primary", ["pericardial", "testicular"])
def test_where_nearly_nothing_is_known_the_model_says_so(primary: str) -> None:
    definition = MODELS[primary][0]
    assert "ittle is known" in definition.note
    assert "case reports" in definition.note
    factors = [
        parameter.high / parameter.low
        for name, parameter in definition.parameters.items()
        if name.startswith(("direct_", "blood_", "lymph_")) and parameter.unit == "per_month"
    ]
    assert len(factors) > 10
    assert min(factors) > 6


# --- treatments -------------------------------------------------------------------


@each("treatment")
def test_treatment_is_found_by_all_its_names_and_can_be_given(primary: str, treatment: Any) -> None:
    for name in (treatment.name, *treatment.aliases):
        assert find_treatment(MODELS[primary][1], name.upper()).name == treatment.name
    with_treatments(disease(primary), MODELS[primary][1], [Course(treatment.name)])


@each("treatment")
def test_every_effect_acts_on_some_route(primary: str, treatment: Any) -> None:
    structure, definition = disease(primary), MODELS[primary][0]
    acting = {(route.via, structure.processes[route.process].name) for route in structure.routes}
    for effect in treatment.effects:
        named = [m for g in effect.processes for m in definition.groups.get(g, (g,))]
        for via in effect.on:
            targets = {process for kind, process in acting if kind == via}
            assert targets & set(named) if named else targets, (treatment.name, effect)


@each("treatment")
def test_no_evidence_is_claimed_for_an_effect_on_spread(primary: str, treatment: Any) -> None:
    for effect in treatment.effects:
        if {"direct", "lymphatic", "haematogenous", "outgrowth"} & set(effect.on):
            assert effect.grade == "mechanism"
        if effect.grade != "mechanism":
            assert effect.sources, "evidence needs a source"
        if primary != "pleural":
            assert effect.grade != "randomised", "no trial was randomised outside the pleura"


@each_primary
def test_response_is_given_for_every_cell_type(primary: str) -> None:
    histology = MODELS[primary][0].covariates["histology"]
    assert isinstance(histology, Categorical)
    for treatment in MODELS[primary][1].treatment:
        if treatment.kind == "systemic":
            assert treatment.response is not None
            chance = treatment.response.probability
            assert isinstance(chance, ChanceByCovariate)
            assert set(chance.values) == set(histology.levels)


@each_primary
def test_supportive_care_changes_nothing(primary: str) -> None:
    care = find_treatment(MODELS[primary][1], "best supportive care")
    assert (care.effects, care.actions, care.response) == ((), (), None)


# --- observation ------------------------------------------------------------------


@each("staging")
def test_staging_rows_sum_to_one(primary: str, staging: Any) -> None:
    definition, _, seen = MODELS[primary]
    levels = {p.role: p.levels for p in definition.process}
    for rows, true in ((staging.t, levels["extent"]), (staging.n, levels["nodes"])):
        assert set(rows) == set(true)
        for row in rows.values():
            assert set(row) == set(true)
            total = sum(number(seen.parameters, v) for v in row.values())
            assert total == pytest.approx(1, abs=1e-9)
    assert staging.m in {modality.name for modality in seen.modality}


@each("modality")
def test_more_disease_is_seen_better(primary: str, modality: Any) -> None:
    parameters = MODELS[primary][2].parameters
    assert set(modality.sensitivity) == set(modality.false_positive)
    assert set(modality.sensitivity) <= {*sites(primary), "default"}
    for site, by_level in modality.sensitivity.items():
        chances = [
            number(parameters, by_level[level])
            for level in ("microscopic", "detectable", "symptomatic")
        ]
        assert chances == sorted(chances), (modality.name, site)
        assert number(parameters, modality.false_positive[site]) < chances[1]


@each_primary
def test_modalities_are_those_a_patient_file_knows(primary: str) -> None:
    names = {modality.name for modality in MODELS[primary][2].modality}
    assert names == {*MODALITIES.words, "autopsy"}


@each_primary
def test_every_site_can_be_seen(primary: str) -> None:
    """CT, PET-CT and MRI see all sites, well or badly."""
    for modality in MODELS[primary][2].modality:
        if modality.name in ("CT", "PET-CT", "MRI"):
            assert set(modality.sensitivity) == set(sites(primary))


@each_primary
def test_symptom_names_and_aliases_are_unique(primary: str) -> None:
    symptoms = MODELS[primary][2].symptom
    words = [w.lower() for s in symptoms for w in (s.name, *s.aliases)]
    assert [w for w in words if words.count(w) > 1] == []


@each("symptom")
def test_symptom_causes_are_sites_and_levels(primary: str, symptom: Any) -> None:
    definition, _, seen = MODELS[primary]
    levels = {p.name: p.levels for p in definition.process}
    assert set(symptom.causes) <= {*sites(primary), "extent"}
    for site, by_level in symptom.causes.items():
        assert set(by_level) <= set(levels[site])
        ordered = [number(seen.parameters, by_level[x]) for x in levels[site] if x in by_level]
        assert ordered == sorted(ordered), (symptom.name, site)


@each_primary
def test_the_primary_causes_symptoms_of_its_own(primary: str) -> None:
    caused = [s.name for s in MODELS[primary][2].symptom if "extent" in s.causes]
    assert len(caused) >= 5


@each_primary
def test_distant_sites_are_those_that_count_as_m1(primary: str) -> None:
    """Skin is left out: mostly puncture tracts and scars."""
    relation = {site.name: site.relation for site in primary_named(primary).sites}
    distant = {name for name, kind in relation.items() if kind == "distant"} - {"skin"}
    assert set(MODELS[primary][2].distant_sites) == distant
