"""Treatments: their names, where and when they act, and what they leave as it was."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.support.graphs import structure_of
from tests.support.statistics import binomial, failures, require_enough
from tests.support.subjects import events_of

from mesospread.errors import InputError
from mesospread.model.compiled import compile_model
from mesospread.model.hazards import Person, PlainHazards
from mesospread.model.library import TreatmentLibrary
from mesospread.model.load import disease, treatments
from mesospread.model.parameters import central_values
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, find_treatment, with_treatments
from mesospread.simulate.batch import Batch, run_batch

LIBRARY = treatments("pleural")
PLEURAL = disease("pleural")
SYSTEMIC = [t.name for t in LIBRARY.treatment if t.kind == "systemic"]


def given(*names: str, structure: Structure = PLEURAL, library: Any = LIBRARY) -> Structure:
    return with_treatments(structure, library, [Course(name) for name in names])


def followed(structure: Structure, n: int, seed: int = 1, **fixed: Any) -> Batch:
    return run_batch(
        compile_model(structure), seed=seed, first=0, n=n, horizon_months=600.0, fixed=fixed
    )


# --- names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Pemetrexed + Cisplatin", "pemetrexed + cisplatin"),
        ("cisplatin + pemetrexed", "pemetrexed + cisplatin"),
        ("cisplatin and pemetrexed", "pemetrexed + cisplatin"),
        ("pemetrexed/carboplatin", "pemetrexed + cisplatin"),
        ("  pemetrexed ,  cisplatin ", "pemetrexed + cisplatin"),
        ("Alimta", "pemetrexed + cisplatin"),
        ("bevacizumab, cisplatin and pemetrexed", "pemetrexed + cisplatin + bevacizumab"),
        ("Opdivo + Yervoy", "nivolumab + ipilimumab"),
        ("Tumour-Treating Fields", "Tumor Treating Fields + pemetrexed + cisplatin"),
        ("P/D", "pleurectomy/decortication"),
        ("best supportive care", "supportive care"),
    ],
)
def test_a_treatment_is_known_by_many_names(written, meant):
    assert find_treatment(LIBRARY, written).name == meant


def test_no_name_means_two_treatments():
    meant: dict[str, str] = {}
    for treatment in LIBRARY.treatment:
        for name in (treatment.name, *treatment.aliases):
            assert find_treatment(LIBRARY, name).name == treatment.name
            assert meant.setdefault(name.lower(), treatment.name) == treatment.name
    assert len(meant) > 30


@pytest.mark.parametrize("name", ["nivolumb + ipilimumab", "surgry"])
def test_an_unknown_treatment_is_refused(name):
    with pytest.raises(InputError) as caught:
        find_treatment(LIBRARY, name, "here")
    assert caught.value.where == "here"
    assert "pemetrexed + cisplatin" in caught.value.allowed


def test_the_nearest_name_may_be_an_alias():
    with pytest.raises(InputError) as caught:
        find_treatment(LIBRARY, "imunotherapy")
    assert "immunotherapy" in caught.value.remedy


def test_treatment_needs_a_diagnosis():
    bare = structure_of(
        process=[{"name": "tumour", "levels": ["a", "b"]}],
        route=[{"step": "tumour.b", "via": "growth", "rate": 0.1}],
    )
    assert given(structure=bare) is bare
    with pytest.raises(InputError, match="diagnosis"):
        given("surgery", structure=bare)


# --- effects act where and when they say -------------------------------------------


def hazards(structure: Structure) -> PlainHazards:
    covariates = {"histology": "biphasic", "sex": "male", "age": 65.0, "performance_status": "1"}
    return PlainHazards(structure, Person(covariates))


def ratios(name: str, window: str, response: str) -> dict[tuple[str, str], set[float]]:
    """Return hazards under treatment over those without, by kind of route and process.

    All other processes stand where every route of theirs is open.
    """
    treated = given(name)
    plain, changed = hazards(PLEURAL), hazards(treated)
    found: dict[tuple[str, str], set[float]] = {}
    open_levels = [len(p.levels) - 1 for p in PLEURAL.processes]
    on = treated.process("treatment_1").levels.index(window)
    state = treated.process("response_1").levels.index(response)
    # the patient is one of those whom an effect among some is for
    marks = [int(window != "before")] * (len(treated.processes) - len(PLEURAL.processes) - 2)
    for before, after in zip(PLEURAL.routes, treated.routes, strict=False):
        levels = list(open_levels)
        levels[before.process] = before.level
        hazard = plain.route(before, levels)
        if hazard > 0:
            key = (before.via, PLEURAL.processes[before.process].name)
            share = changed.route(after, [*levels, on, state, *marks]) / hazard
            found.setdefault(key, set()).add(round(share, 12))
    return found


def expected(name: str, window: str, response: str) -> dict[tuple[str, str], float]:
    """Return the same from the file: the product of the effects that hold."""
    values = central_values(LIBRARY.parameters)
    holds = {
        "on_treatment": window == "on",
        "after_start": window != "before",
        "responding": response == "responding",
    }
    found: dict[tuple[str, str], float] = {}
    groups = PLEURAL.definition.groups
    for via, process in {(r.via, PLEURAL.processes[r.process].name) for r in PLEURAL.routes}:
        product = 1.0
        for effect in find_treatment(LIBRARY, name).effects:
            members = {m for g in effect.processes for m in groups.get(g, (g,))}
            if holds[effect.while_] and via in effect.on and (not members or process in members):
                value = effect.ratio
                product *= values[value] if isinstance(value, str) else value
        found[via, process] = product
    return found


STATES = [
    ("before", "none"),
    ("on", "none"),
    ("on", "responding"),
    ("on", "resistant"),
    ("after", "none"),
    ("after", "responding"),
    ("after", "resistant"),
]


@pytest.mark.parametrize("name", [t.name for t in LIBRARY.treatment])
@pytest.mark.parametrize(("window", "response"), STATES)
def test_effects_act_where_and_while_they_say(name, window, response):
    seen, stated = ratios(name, window, response), expected(name, window, response)
    assert len(seen) > 40
    for key, shares in seen.items():
        (one,) = shares
        assert one == pytest.approx(stated[key], rel=1e-9), key
    changed = {key for key, value in stated.items() if value != 1.0}
    if window == "before" or name == "supportive care":
        assert not changed
    elif (window, response) == ("on", "responding"):
        assert changed


def test_fields_reach_the_chest_only():
    seen = ratios("Tumor Treating Fields", "on", "none")
    assert seen["outgrowth", "chest_wall"] != seen["outgrowth", "liver"]
    assert seen["outgrowth", "liver"] == ratios("chemotherapy", "on", "none")["outgrowth", "liver"]


def test_diagnosis_and_other_deaths_are_not_treated():
    for name in SYSTEMIC:
        for window, response in STATES:
            for (via, _), shares in ratios(name, window, response).items():
                if via == "detection":
                    assert shares == {1.0}


# --- when -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chemotherapy():
    return followed(given("chemotherapy"), 20_000)


def test_treatment_starts_and_ends_after_diagnosis(chemotherapy):
    values = central_values(LIBRARY.parameters)
    diagnosed = chemotherapy.first_entry("diagnosis", "diagnosed")
    on, after = (chemotherapy.first_entry("treatment_1", level) for level in ("on", "after"))
    end, _ = chemotherapy.end()
    begun = ~np.isnan(on)
    require_enough(begun.sum(), 10_000, "treated")
    np.testing.assert_allclose((on - diagnosed)[begun], values["start_systemic"], atol=1e-9)
    ended = ~np.isnan(after)
    np.testing.assert_allclose((after - on)[ended], values["duration_chemotherapy"], atol=1e-9)
    untreated = ~np.isnan(diagnosed) & ~begun
    assert (end[untreated] - diagnosed[untreated] <= values["start_systemic"]).all()


def test_responses_begin_with_treatment_and_as_often_as_stated(chemotherapy):
    values = central_values(LIBRARY.parameters)
    on = chemotherapy.first_entry("treatment_1", "on")
    responding = chemotherapy.first_entry("response_1", "responding")
    resistant = chemotherapy.first_entry("response_1", "resistant")
    begun, responds = ~np.isnan(on), ~np.isnan(responding)
    assert np.array_equal(on[responds], responding[responds])
    histology = np.asarray(chemotherapy.patients.covariates["histology"])
    scores = []
    for k, name in enumerate(PLEURAL.definition.covariates["histology"].levels):
        chosen = begun & (histology == k)
        chance = values[f"response_chemotherapy_{name}"]
        hits, n = int((chosen & responds).sum()), int(chosen.sum())
        scores.append(binomial(f"response of {name}", hits, n, chance))
    assert not failures(scores)
    lost = ~np.isnan(resistant)
    assert not (lost & ~responds).any()
    assert (resistant[lost] > responding[lost]).all()


def test_responses_last_as_long_as_stated():
    """The median, in people who die of nothing: half of the responses are lost by then."""
    structure = toy([], response={"probability": 0.6, "median_duration_months": 8.0})
    batch = run_batch(compile_model(structure), seed=1, first=0, n=20_000, horizon_months=400.0)
    responding = batch.first_entry("response_1", "responding")
    resistant = batch.first_entry("response_1", "resistant")
    responds = ~np.isnan(responding)
    lost = int((resistant - responding <= 8.0).sum())
    scores = [
        binomial("responses", int(responds.sum()), 20_000, 0.6),
        binomial("lost within the median", lost, int(responds.sum()), 0.5),
    ]
    assert not failures(scores)


@pytest.mark.parametrize(("response", "share"), [("responding", 1.0), ("not_responding", 0.0)])
def test_a_response_that_was_seen_is_not_left_to_chance(response, share):
    courses = [Course("chemotherapy", 1.0, 4.0, response)]
    batch = followed(with_treatments(PLEURAL, LIBRARY, courses), 2_000)
    on = ~np.isnan(batch.first_entry("treatment_1", "on"))
    responds = ~np.isnan(batch.first_entry("response_1", "responding"))
    require_enough(on.sum(), 1_000, "treated")
    assert responds[on].mean() == share


def test_times_that_are_known_take_the_place_of_the_usual_ones():
    courses = [Course("chemotherapy", 3.25, 1.5)]
    batch = followed(with_treatments(PLEURAL, LIBRARY, courses), 2_000)
    diagnosed = batch.first_entry("diagnosis", "diagnosed")
    on, after = (batch.first_entry("treatment_1", level) for level in ("on", "after"))
    reached = ~np.isnan(after)
    require_enough(reached.sum(), 500, "treated to the end")
    np.testing.assert_allclose((on - diagnosed)[reached], 3.25, atol=1e-9)
    np.testing.assert_allclose((after - on)[reached], 1.5, atol=1e-9)


# --- surgery ----------------------------------------------------------------------


def test_surgery_sets_back_as_often_as_stated():
    """Of those who survive the operation and have something to set back."""
    values = central_values(LIBRARY.parameters)
    structure = given("surgery")
    batch = followed(structure, 40_000)
    on = batch.first_entry("treatment_1", "on")
    just_before = batch.states_at(np.nextafter(on, 0.0)[:, None])[:, 0]
    just_after = batch.states_at(on[:, None])[:, 0]
    operated = ~np.isnan(on)
    require_enough(operated.sum(), 20_000, "operated")
    dead = structure.position("death_disease")
    died = operated & (just_after[:, dead] == 1)
    scores = [binomial("dies", int(died.sum()), int(operated.sum()), values["death_at_surgery"])]
    survived = operated & ~died
    for process, chance in (
        ("extent", "extent_cleared"),
        ("nodes", "nodes_cleared"),
        ("chest_wall", "local_cleared"),
        ("diaphragm", "local_cleared"),
        ("pericardium", "local_cleared"),
    ):
        column = structure.position(process)
        involved = survived & (just_before[:, column] >= 1)
        cleared = involved & (just_after[:, column] == 0)
        n = int(involved.sum())
        require_enough(n, 2_000, process)
        scores.append(binomial(f"{process} cleared", int(cleared.sum()), n, values[chance]))
        kept = involved & ~cleared
        assert np.array_equal(just_after[kept, column], just_before[kept, column])
    assert not failures(scores)
    untouched = [
        p for p, process in enumerate(structure.processes)
        if process.role in ("site", "bloodstream", "diagnosis")
        and process.name not in ("chest_wall", "diaphragm", "pericardium")
    ]  # fmt: skip
    rows = np.flatnonzero(operated)[:, None]
    assert np.array_equal(just_after[rows, untouched], just_before[rows, untouched])


def test_who_dies_in_surgery_has_died():
    """The share of deaths at the operation is stated, and all of them end there."""
    batch = followed(given("surgery"), 20_000)
    on = batch.first_entry("treatment_1", "on")
    dead = batch.first_entry("death_disease", "dead")
    end, reason = batch.end()
    at_surgery = dead == on
    require_enough(at_surgery.sum(), 200, "deaths at the operation")
    position = batch.compiled.structure.position("death_disease")
    assert (reason[at_surgery] == position).all()
    assert np.array_equal(end[at_surgery], on[at_surgery])
    assert np.array_equal(~np.isnan(dead), reason == position)


# --- what stays as it was ----------------------------------------------------------


def toy(effects: list[dict[str, Any]], **more: Any) -> Structure:
    """Return a small disease under a made-up treatment."""
    structure = structure_of(
        process=[
            {"name": "extent", "levels": ["T1", "T2", "T3"]},
            {"name": "liver", "levels": ["free", "involved"]},
            {"name": "diagnosis", "role": "diagnosis", "levels": ["no", "yes"]},
        ],
        route=[
            {"step": "extent.T2", "via": "growth", "rate": 0.2},
            {"step": "extent.T3", "via": "growth", "rate": 0.1},
            {"step": "liver.involved", "via": "haematogenous", "rate": 0.05,
             "when": {"extent": {"T1": 0.2, "T2": 1.0, "T3": 3.0}}},
            {"step": "diagnosis.yes", "via": "detection", "rate": 0.3},
        ],
    )  # fmt: skip
    library = TreatmentLibrary.model_validate(
        {
            "format": 1,
            "treatment": [
                {
                    "name": "made up",
                    "kind": "systemic",
                    "start_after_diagnosis_months": 1.0,
                    "duration_months": 5.0,
                    "effects": [{"grade": "mechanism", **effect} for effect in effects],
                    **more,
                }
            ],
        }
    )
    return given("made up", structure=structure, library=library)


def without_treatment(batch: Batch, patient: int) -> list[tuple[float, str, str]]:
    return [
        e
        for e in events_of(batch, patient)
        if not e[1].startswith(("treatment", "response", "among"))
    ]


def test_a_treatment_whose_ratios_are_all_one_changes_no_event():
    """To the last bit, with responses that come and go."""
    library = LIBRARY.model_dump(by_alias=True)
    for treatment in library["treatment"]:
        treatment["actions"] = []
        for effect in treatment["effects"]:
            effect["ratio"] = 1.0
    idle = TreatmentLibrary.model_validate(library)
    alone = followed(PLEURAL, 1_500)
    names = [t.name for t in idle.treatment]
    batch = followed(given(*names, library=idle), 1_500)
    assert len(batch.events.time_months) > len(alone.events.time_months) + 3_000
    assert all(without_treatment(batch, i) == events_of(alone, i) for i in range(batch.patients.n))


def test_supportive_care_changes_no_event():
    alone, care = followed(PLEURAL, 1_500), followed(given("supportive care"), 1_500)
    assert all(without_treatment(care, i) == events_of(alone, i) for i in range(1_500))


@pytest.mark.parametrize("name", [*SYSTEMIC, "pleurectomy/decortication"])
def test_nothing_changes_before_treatment_starts(name):
    alone, treated = followed(PLEURAL, 1_000), followed(given(name), 1_000)
    start = treated.first_entry("treatment_1", "on")
    start = np.where(np.isnan(start), np.inf, start)
    later = 0
    for i in range(1_000):
        before = [e for e in events_of(alone, i) if e[0] < start[i]]
        assert [e for e in without_treatment(treated, i) if e[0] < start[i]] == before
        later += without_treatment(treated, i) != events_of(alone, i)
    assert later > 200


def test_arms_share_their_clocks():
    """The same people respond, if the chance is the same; a better chance only adds to them."""
    arms = {
        name: followed(given(name), 5_000, histology="epithelioid")
        for name in ("chemotherapy", "bevacizumab", "ttfields")
    }
    responds = {
        name: ~np.isnan(batch.first_entry("response_1", "responding"))
        for name, batch in arms.items()
    }
    assert np.array_equal(responds["chemotherapy"], responds["bevacizumab"])
    assert (responds["ttfields"] | ~responds["chemotherapy"]).all()
    assert responds["ttfields"].sum() > responds["chemotherapy"].sum()
    for a in arms.values():
        for covariate, values in a.patients.covariates.items():
            assert np.array_equal(values, arms["chemotherapy"].patients.covariates[covariate])


def test_slower_growth_never_brings_growth_forward():
    """One route slowed, on the same clocks: later in everyone still to grow."""
    half = [{"on": ["growth"], "ratio": 0.5, "while": "after_start"}]
    plain, slowed = (
        run_batch(compile_model(toy(effects)), seed=3, first=0, n=4_000, horizon_months=500.0)
        for effects in ([], half)
    )
    start = plain.first_entry("treatment_1", "on")
    assert np.array_equal(start, slowed.first_entry("treatment_1", "on"))
    for level in ("T2", "T3"):
        a, b = plain.first_entry("extent", level), slowed.first_entry("extent", level)
        assert np.array_equal(a[a < start], b[a < start])
        later = a > start
        require_enough(later.sum(), 500, "still to grow")
        assert (b[later] > a[later]).all()
    # what was left of the first step when treatment began takes twice as long
    waits = plain.first_entry("extent", "T2") - start
    left = waits > 0
    np.testing.assert_allclose(
        (slowed.first_entry("extent", "T2") - start)[left], 2.0 * waits[left], rtol=1e-9
    )


def test_an_effect_ends_with_its_treatment():
    """Growth stands still while treated, for five months, and goes on as before."""
    stop = [{"on": ["growth"], "ratio": 0.0, "while": "on_treatment"}]
    plain, stopped = (
        run_batch(compile_model(toy(effects)), seed=3, first=0, n=4_000, horizon_months=500.0)
        for effects in ([], stop)
    )
    start = plain.first_entry("treatment_1", "on")
    waiting = plain.first_entry("extent", "T2") > start
    require_enough(waiting.sum(), 500, "still to grow")
    delay = (stopped.first_entry("extent", "T2") - plain.first_entry("extent", "T2"))[waiting]
    np.testing.assert_allclose(delay, 5.0, atol=1e-9)


def test_an_effect_of_a_response_lasts_as_long_as_the_response():
    stop = [{"on": ["growth"], "ratio": 0.0, "while": "responding"}]
    response = {"probability": 0.5, "median_duration_months": 6.0}
    batch = run_batch(
        compile_model(toy(stop, response=response)), seed=3, first=0, n=4_000, horizon_months=500.0
    )
    responding = batch.first_entry("response_1", "responding")
    resistant = batch.first_entry("response_1", "resistant")
    responds = ~np.isnan(responding)
    require_enough(responds.sum(), 1_000, "responses")
    for level in ("T2", "T3"):
        grown = batch.first_entry("extent", level)
        assert not (responds & (grown > responding) & (grown < resistant)).any()
    assert (batch.first_entry("extent", "T3") > resistant)[responds].sum() > 500


def test_two_lines_are_two_treatments():
    structure = given("chemotherapy", "immunotherapy")
    assert structure.treatments == ("pemetrexed + cisplatin", "nivolumab + ipilimumab")
    assert [p.name for p in structure.processes[len(PLEURAL.processes) :]] == [
        "treatment_1", "response_1", "treatment_2", "response_2", "among_2_1",
    ]  # fmt: skip
    one_more = with_treatments(given("chemotherapy"), LIBRARY, [Course("immunotherapy")])
    assert one_more.digest() == structure.digest()
    assert math.isclose(
        compile_model(structure).number("start_systemic"),
        central_values(LIBRARY.parameters)["start_systemic"],
    )


def test_a_second_line_waits_for_the_first_to_end():
    structure = with_treatments(
        disease("pleural"),
        treatments("pleural"),
        [Course("pemetrexed + cisplatin"), Course("nivolumab + ipilimumab")],
    )
    batch = run_batch(compile_model(structure), seed=3, first=0, n=2_000, horizon_months=600.0)
    ended = batch.first_entry("treatment_1", "after")
    began = batch.first_entry("treatment_2", "on")
    both = ~np.isnan(began)
    assert both.sum() > 500
    assert np.array_equal(began[both], ended[both])
