"""Symmetries of a definition: what must not matter, and what must scale."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graphs import EVERYTHING, random_definition, structure_of
from tests.support.subjects import events_of, same_events

from mesospread.errors import DefinitionError
from mesospread.model.compiled import compile_model
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, run_batch

GRAPH = st.integers(0, 2_000)
PATIENTS = 25
few = settings(max_examples=40, deadline=None, derandomize=True)


def run(structure: Structure, months: float = 40.0) -> Batch:
    compiled = compile_model(structure)
    return run_batch(compiled, seed=9, first=0, n=PATIENTS, horizon_months=months)


def histories(batch: Batch) -> list[list[tuple[float, str, str]]]:
    return [events_of(batch, patient) for patient in range(PATIENTS)]


@few
@given(GRAPH, st.randoms(use_true_random=False))
def test_order_of_processes_and_steps_does_not_matter(graph: int, rng: random.Random) -> None:
    """Random numbers go by name, so every event stays, to the last bit."""
    parts = random_definition(graph, EVERYTHING)
    by_step = [list(r) for _, r in itertools.groupby(parts["route"], lambda r: r["step"])]
    shuffled = {
        **parts,
        "process": rng.sample(parts["process"], len(parts["process"])),
        "route": list(itertools.chain(*rng.sample(by_step, len(by_step)))),
    }
    assert histories(run(structure_of(**parts))) == histories(run(structure_of(**shuffled)))


@few
@given(GRAPH, st.randoms(use_true_random=False))
def test_order_of_routes_of_a_step_changes_rounding_only(graph: int, rng: random.Random) -> None:
    parts = random_definition(graph, EVERYTHING)
    shuffled = {**parts, "route": rng.sample(parts["route"], len(parts["route"]))}
    one, other = run(structure_of(**parts)).events, run(structure_of(**shuffled)).events
    assert np.array_equal(one.process, other.process)
    assert np.array_equal(one.level, other.level)
    np.testing.assert_allclose(one.time_months, other.time_months, rtol=1e-11)


@few
@given(GRAPH)
def test_names_of_levels_do_not_matter(graph: int) -> None:
    structure = structure_of(**random_definition(graph, EVERYTHING))
    renamed = replace(
        structure,
        processes=tuple(
            p.model_copy(update={"levels": tuple(f"x{i}" for i in range(len(p.levels)))})
            if p.start is None
            else p
            for p in structure.processes
        ),
    )
    assert same_events(run(structure).events, run(renamed).events)


@few
@given(GRAPH, st.randoms(use_true_random=False))
def test_a_route_of_rate_zero_is_an_absent_route(graph: int, rng: random.Random) -> None:
    parts = random_definition(graph, EVERYTHING)
    model = rng.choice(parts["route"])
    copied = {k: v for k, v in model.items() if k not in ("rate", "median_months")}
    place = rng.randrange(len(parts["route"]) + 1)
    routes = [*parts["route"][:place], {**copied, "rate": 0.0}, *parts["route"][place:]]
    plain, more = structure_of(**parts), structure_of(**{**parts, "route": routes})
    assert len(more.routes) == len(plain.routes) + 1
    assert same_events(run(plain).events, run(more).events)


@few
@given(GRAPH)
def test_doubling_all_rates_halves_all_times(graph: int) -> None:
    """Exactly: a factor of two changes no digit."""
    parts = random_definition(graph, EVERYTHING)
    faster = {
        **parts,
        "route": [
            {**r, "rate": 2.0 * r["rate"]} if "rate" in r
            else {**r, "median_months": r["median_months"] / 2.0}
            for r in parts["route"]
        ],
        "schedule": [
            {**s, "delay_months": s["delay_months"] / 2.0} for s in parts["schedule"]
        ],
    }  # fmt: skip
    slow, fast = run(structure_of(**parts), 40.0).events, run(structure_of(**faster), 20.0).events
    assert same_events(slow._replace(time_months=slow.time_months / 2.0), fast)


@few
@given(GRAPH)
def test_rates_per_year_are_rates_per_month(graph: int) -> None:
    parts = random_definition(graph, EVERYTHING)
    yearly = {
        **parts,
        "rate_unit": "per_year",
        "route": [{**r, "rate": 12.0 * r["rate"]} if "rate" in r else r for r in parts["route"]],
    }
    one, other = run(structure_of(**parts)).events, run(structure_of(**yearly)).events
    assert np.array_equal(one.process, other.process)
    np.testing.assert_allclose(one.time_months, other.time_months, rtol=1e-11)


@few
@given(GRAPH)
def test_a_parameter_is_the_number_it_stands_for(graph: int) -> None:
    parts = random_definition(graph, EVERYTHING)
    named = {
        **parts,
        "route": [
            {**r, "rate": f"rate_{i}"} if "rate" in r else r for i, r in enumerate(parts["route"])
        ],
        "parameters": {
            f"rate_{i}": {
                "value": r["rate"], "low": r["rate"], "high": r["rate"],
                "unit": "per_month", "kind": "assumed", "note": "a test",
            }
            for i, r in enumerate(parts["route"])
            if "rate" in r
        },
    }  # fmt: skip
    assert same_events(run(structure_of(**parts)).events, run(structure_of(**named)).events)


def test_a_group_stands_for_its_members() -> None:
    sites = [{"name": name, "levels": ["free", "involved"]} for name in ("liver", "bone", "brain")]
    primary = {"name": "extent", "levels": ["t1", "t2"]}
    growth = {"step": "extent.t2", "via": "growth", "rate": 0.1}
    parameters = {
        f"rate_{name}": {
            "value": rate, "low": rate, "high": rate,
            "unit": "per_month", "kind": "assumed", "note": "a test",
        }
        for name, rate in (("liver", 0.2), ("bone", 0.1), ("brain", 0.05))
    }  # fmt: skip
    when = {"extent": {"t1": 0.5, "t2": 2.0}}
    grouped = structure_of(
        process=[primary, *sites],
        groups={"organs": ["liver", "bone", "brain"]},
        parameters=parameters,
        route=[
            growth,
            {
                "step": "organs.involved",
                "via": "haematogenous",
                "rate": "rate_{process}",
                "when": when,
            },
        ],
    )
    written_out = structure_of(
        process=[primary, *sites],
        route=[
            growth,
            *(
                {
                    "step": f"{name}.involved", "via": "haematogenous",
                    "rate": parameters[f"rate_{name}"]["value"], "when": when,
                }
                for name in ("liver", "bone", "brain")
            ),
        ],
    )  # fmt: skip
    assert same_events(run(grouped).events, run(written_out).events)


def test_a_route_for_each_member_adds_up() -> None:
    """``each``: one route per member of a group, except the process itself."""
    sites = [{"name": name, "levels": ["free", "involved"]} for name in ("liver", "bone", "brain")]
    seeding = [{"step": f"{s['name']}.involved", "via": "other", "rate": 0.05} for s in sites]
    spread = {"step": "brain.involved", "via": "other", "rate": 0.3}
    short = structure_of(
        process=sites,
        groups={"organs": ["liver", "bone", "brain"]},
        route=[*seeding, {**spread, "each": "organs", "when": {"{member}": "involved"}}],
    )
    long = structure_of(
        process=sites,
        route=[*seeding, *({**spread, "when": {name: "involved"}} for name in ("liver", "bone"))],
    )
    assert same_events(run(short).events, run(long).events)


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
def test_wrong_values_are_refused_when_compiled(wrong: float) -> None:
    structure = structure_of(
        process=[{"name": "a", "levels": ["no", "yes"]}],
        route=[{"step": "a.yes", "via": "growth", "rate": "speed"}],
        parameters={
            "speed": {
                "value": 0.1, "low": 0.1, "high": 0.1,
                "unit": "per_month", "kind": "assumed", "note": "a test",
            }
        },
    )  # fmt: skip
    with pytest.raises(DefinitionError, match=r"negative or not finite.*allowed: finite"):
        compile_model(structure, {"speed": wrong})
