"""Which sites can be solved, and what is left to simulate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.infer.small import LADDER
from tests.support.graphs import structure_of

from mesospread.infer.factorise import Split, split
from mesospread.model.library import TreatmentLibrary
from mesospread.model.load import disease, treatments
from mesospread.model.structure import FlatAction, FlatRoute, Structure
from mesospread.model.treatments import Course, with_treatments

#: sites of each shipped disease that drive others, by hand from the definitions
CORE_SITES = {
    "pleural": {"peritoneum", "diaphragm"},
    "peritoneal": set(),
    "pericardial": set(),
    "testicular": set(),
}
SITES = ("chest_wall", "liver", "bone")


def names(structure: Structure, positions: tuple[int, ...]) -> set[str]:
    return {structure.processes[position].name for position in positions}


def leaves(structure: Structure) -> set[str]:
    return names(structure, split(structure).leaves)


def made(*more: dict[str, Any], levels: dict[str, list[str]] | None = None, **parts: Any):
    """Return a disease of three sites that touch nothing but diagnosis and death."""
    ladders = dict.fromkeys(SITES, LADDER) | (levels or {})
    processes: list[dict[str, Any]] = [
        {"name": "extent", "role": "extent", "levels": ["T1", "T2"]},
        {"name": "nodes", "role": "nodes", "levels": ["N0", "N1"]},
        *({"name": site, "role": "site", "levels": ladders[site]} for site in SITES),
        {"name": "diagnosis", "role": "diagnosis", "levels": ["undiagnosed", "diagnosed"]},
        {"name": "death", "role": "death", "levels": ["alive", "dead"], "terminal": True},
    ]
    starts = parts.pop("starts", {})
    for process in processes:
        if process["name"] in starts:
            process["start"] = starts[process["name"]]
    scheduled = {entry["step"] for entry in parts.get("schedule", ())}
    steps = [f"{site}.{level}" for site in SITES for level in ladders[site][1:]]
    routes = [
        {"step": "extent.T2", "via": "growth", "rate": 0.1},
        {"step": "nodes.N1", "via": "lymphatic", "rate": 0.1, "when": {"extent": "T2"}},
        *({"step": s, "via": "direct", "rate": 0.1} for s in steps if s not in scheduled),
        {"step": "diagnosis.diagnosed", "via": "detection", "rate": 0.1},
        {"step": "death.dead", "via": "mortality", "rate": 0.01},
    ]
    for site in SITES:
        top = {site: ladders[site][-1]}
        routes += [
            {"step": "diagnosis.diagnosed", "via": "detection", "rate": 0.1, "when": top},
            {"step": "death.dead", "via": "mortality", "rate": 0.1, "when": top},
        ]
    return structure_of(process=processes, route=[*routes, *more], **parts)


# --- shipped diseases -------------------------------------------------------------------


@pytest.mark.parametrize("primary", CORE_SITES)
def test_sites_of_the_shipped_diseases(primary):
    structure = disease(primary)
    s = split(structure)
    sites = set(structure.of_role("site"))
    assert names(structure, s.core_sites) == CORE_SITES[primary]
    assert names(structure, s.leaves) == sites - CORE_SITES[primary]


@pytest.mark.parametrize("primary", CORE_SITES)
def test_no_treatment_ties_a_leaf_to_anything(primary):
    structure, library = disease(primary), treatments(primary)
    for treatment in library.treatment:
        treated = with_treatments(structure, library, [Course(treatment.name, 1.0)])
        assert names(treated, split(treated).core_sites) == CORE_SITES[primary]


# --- which sites are leaves ------------------------------------------------------------


def test_sites_that_add_to_diagnosis_and_death_only_are_leaves():
    assert leaves(made()) == {"chest_wall", "liver", "bone"}


@pytest.mark.parametrize("driven", ["liver.microscopic", "liver.detectable", "liver.symptomatic"])
def test_a_site_that_drives_another_is_not_but_the_other_is(driven):
    contact = {"step": driven, "via": "direct", "rate": 0.1, "when": {"bone": "detectable"}}
    assert leaves(made(contact)) == {"chest_wall", "liver"}


@pytest.mark.parametrize("driven", ["extent.T2", "nodes.N1"])
def test_a_site_that_drives_the_tumour_or_its_nodes_is_not(driven):
    back = {"step": driven, "via": "lymphatic", "rate": 0.1, "when": {"bone": "symptomatic"}}
    assert leaves(made(back)) == {"chest_wall", "liver"}


def test_of_a_chain_only_the_last_is():
    first = {"step": "liver.microscopic", "via": "direct", "rate": 0.1, "when": {"bone": "free"}}
    then = {
        "step": "chest_wall.microscopic",
        "via": "direct",
        "rate": 0.1,
        "when": {"liver": "detectable"},
    }
    assert leaves(made(first, then)) == {"chest_wall"}


@pytest.mark.parametrize("sink", ["diagnosis.diagnosed", "death.dead"])
def test_two_sites_that_share_a_route_are_not(sink):
    both = {"liver": "symptomatic", "bone": "symptomatic"}
    shared = {"step": sink, "via": "mortality", "rate": 0.1, "when": both}
    assert leaves(made(shared)) == {"chest_wall"}


def test_a_site_may_share_a_route_with_one_of_the_core():
    contact = {"step": "liver.microscopic", "via": "direct", "rate": 0.1, "when": {"bone": "free"}}
    both = {"liver": "symptomatic", "bone": "symptomatic"}
    shared = {"step": "death.dead", "via": "mortality", "rate": 0.1, "when": both}
    assert leaves(made(contact, shared)) == {"chest_wall", "liver"}


def test_a_site_may_share_a_route_with_the_tumour():
    both = {"liver": "symptomatic", "extent": "T2"}
    shared = {"step": "death.dead", "via": "mortality", "rate": 0.1, "when": both}
    assert leaves(made(shared)) == {"chest_wall", "liver", "bone"}


CLINIC = {"name": "clinic", "levels": ["before", "after"]}


def test_a_site_that_an_appointment_waits_for_is_not():
    structure = made()
    later = with_clinic(structure, after="bone.detectable")
    assert leaves(later) == {"chest_wall", "liver"}
    assert leaves(with_clinic(structure, after="nodes.N1")) == {"chest_wall", "liver", "bone"}


def with_clinic(structure: Structure, after: str) -> Structure:
    """Return the disease with an appointment some time after a step."""
    table = structure.definition.model_dump(by_alias=True, exclude_none=True)
    table["process"] = [*table["process"], CLINIC]
    table["schedule"] = [{"step": "clinic.after", "after": after, "delay_months": 2.0}]
    return structure_of(**{k: v for k, v in table.items() if k not in ("format", "name", "title")})


def test_a_site_that_is_reached_by_appointment_is_not():
    planned = [{"step": "bone.microscopic", "after": "start", "delay_months": 9.0}]
    assert leaves(made(schedule=planned)) == {"chest_wall", "liver"}


@pytest.mark.parametrize(
    "ladder",
    [["free", "detectable"], ["free", "microscopic", "detectable"], [*LADDER, "destroyed"]],
)
def test_a_site_with_another_ladder_is_not(ladder):
    assert leaves(made(levels={"bone": ladder})) == {"chest_wall", "liver"}
    # nor if all have it: the closed form is that of four levels
    assert leaves(made(levels=dict.fromkeys(SITES, ladder))) == set()


@pytest.mark.parametrize("start", ["microscopic", "detectable"])
def test_a_site_that_is_involved_from_the_start_is_not(start):
    assert leaves(made(starts={"bone": start})) == {"chest_wall", "liver"}


# --- the core ---------------------------------------------------------------------------


def routes_by_name(structure: Structure, kept: set[str]) -> list[tuple[Any, ...]]:
    """Return the routes between some processes, by name."""

    def described(route: FlatRoute) -> tuple[Any, ...]:
        parents = tuple((structure.processes[t.parent].name, t.values) for t in route.terms)
        own = structure.processes[route.process].name
        return (own, parents, replace(route, process=-1, terms=()))

    listed = [described(route) for route in structure.routes]
    return [r for r in listed if r[0] in kept and {parent for parent, _ in r[1]} <= kept]


def check_core(s: Split) -> None:
    """Check that the core is the rest, with nothing of leaves and death in it."""
    whole, core = s.structure, s.core
    kept = [p.name for p in whole.processes if p.role != "death" and p.name not in leaf_names(s)]
    assert [p.name for p in core.processes] == kept
    assert [whole.processes[k].name for k in s.kept] == kept
    assert core.index == {name: place for place, name in enumerate(kept)}
    assert routes_by_name(core, set(kept)) == routes_by_name(whole, set(kept))
    assert len(core.routes) == len(routes_by_name(core, set(kept)))
    assert whole.processes[s.diagnosis].role == "diagnosis"
    assert names(whole, s.deaths) == set(whole.of_role("death"))
    assert not set(s.leaves) & {*s.core_sites, *s.deaths, s.diagnosis}


def leaf_names(s: Split) -> set[str]:
    return names(s.structure, s.leaves)


@pytest.mark.parametrize("primary", CORE_SITES)
def test_the_core_of_the_shipped_diseases(primary):
    structure, library = disease(primary), treatments(primary)
    check_core(split(structure))
    for treatment in library.treatment:
        check_core(split(with_treatments(structure, library, [Course(treatment.name, 1.0)])))


def test_the_core_keeps_what_a_core_site_adds_to_diagnosis_but_no_leaf():
    contact = {"step": "liver.microscopic", "via": "direct", "rate": 0.1, "when": {"bone": "free"}}
    s = split(made(contact))
    check_core(s)
    adds = [r.terms[0].parent for r in s.core.routes if r.via == "detection" and r.terms]
    assert names(s.core, tuple(adds)) == {"bone"}


def test_what_drives_leaves_only_would_be_a_leaf_of_the_core():
    """The diaphragm drives the peritoneum; that drives organs, which the core has not."""
    assert leaves(split(disease("pleural")).core) == {"peritoneum"}


def test_scheduled_steps_keep_their_actions_on_the_core():
    """An operation on a leaf, the nodes and life: only the nodes are simulated."""
    clear = {"process": "bone", "to": "free", "at_least": "microscopic", "probability": 0.5}
    nodes = {"process": "nodes", "to": "N0", "at_least": "N1", "probability": 0.7}
    lethal = {"process": "death", "to": "dead", "probability": 0.02}
    library = TreatmentLibrary.model_validate(
        {
            "format": 1,
            "treatment": [
                {
                    "name": "operation",
                    "kind": "surgery",
                    "start_after_diagnosis_months": 1.5,
                    "duration_months": 1.0,
                    "actions": [lethal, nodes, clear],
                    "effects": [],
                }
            ],
        }
    )
    s = split(with_treatments(made(), library, [Course("operation")]))
    check_core(s)
    assert leaf_names(s) == {"chest_wall", "liver", "bone"}
    begins, ends = s.core.schedule
    at = s.core.position
    assert begins.actions == (FlatAction(at("nodes"), 1, 0, 0.7),)
    assert (begins.process, begins.level) == (at("treatment_1"), 0)
    assert (begins.anchor_process, begins.anchor_level) == (at("diagnosis"), 1)
    assert (ends.process, ends.level) == (at("treatment_1"), 1)
    assert (ends.anchor_process, ends.anchor_level) == (at("treatment_1"), 1)
    assert (begins.delay_months, ends.delay_months) == (1.5, 1.0)
    assert not ends.actions


def test_what_is_counted_from_the_start_still_is():
    """Background mortality goes, other appointments from the start stay."""
    table = [{"step": "nodes.N1", "after": "start", "delay_months": 9.0}]
    structure = made()
    definition = structure.definition.model_dump(by_alias=True, exclude_none=True)
    routes = [r for r in definition["route"] if r["step"] != "nodes.N1"]
    parts = {k: v for k, v in definition.items() if k not in ("format", "name", "title")}
    s = split(structure_of(**{**parts, "route": routes, "schedule": table}))
    assert [(e.process, e.anchor_process) for e in s.core.schedule] == [
        (s.core.position("nodes"), -1)
    ]
    assert not split(disease("pleural")).core.schedule
