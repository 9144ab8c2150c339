"""People drawn from the prior predictive: who they are, and what is found in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.infer import small
from tests.infer.exact_posterior import ExactPosterior
from tests.infer.random_disease import random_disease, random_observation
from tests.support.graphs import structure_of
from tests.support.statistics import Score, binomial, failures, require_enough

from mesospread.errors import InputError
from mesospread.infer.predict import ObservationPlan, SimulatedPatient, observe
from mesospread.model.load import disease, observation
from mesospread.model.parameters import central_values
from mesospread.model.structure import Structure
from mesospread.staging import compatible_tnm

STRUCTURE = small.certain_disease()


def found_late() -> Structure:
    """Return the small disease, diagnosed so late that most sites are involved by then."""
    routes = [dict(route) for route in small.DISEASE["route"]]
    for route in routes:
        route["rate"] *= {"detection": 0.15, "mortality": 0.2}.get(route["via"], 1.0)
    return structure_of(**{**small.DISEASE, "route": routes})


LATE = found_late()
#: everything on the day of diagnosis, which is today: what is true then is known
AT_ONCE = ObservationPlan(
    today_months=(0.0, 0.0), scans=(1, 1), sites=(2, 2), before_months=0.0, hidden=0.0,
    staged=1.0, symptoms=(1, 1),
)  # fmt: skip
LATER = ObservationPlan(today_months=(6.0, 6.0), scans=(0, 0), staged=0.0, symptoms=(0, 0))
N = 6_000


def people(plan: ObservationPlan, n: int, seed: int = 1, first: int = 0) -> list[SimulatedPatient]:
    return observe(STRUCTURE, small.OBSERVATION, {}, plan, seed, first, n)


def late(plan: ObservationPlan) -> list[SimulatedPatient]:
    return [
        p
        for k in range(0, N, 40)
        for p in observe(LATE, small.OBSERVATION, {}, plan, 1, k, 40)
    ]  # fmt: skip


@cache
def at_once() -> list[SimulatedPatient]:
    return late(AT_ONCE)


@cache
def later() -> list[SimulatedPatient]:
    return [p for k in range(0, N, 40) for p in people(LATER, 40, first=k)]


def shares(name: str, listed: list[tuple[str, bool]], expected: dict[str, float]) -> list[Score]:
    """Compare how often something is so with its chance, level by level."""
    scores = []
    for level, chance in expected.items():
        answers = [yes for at, yes in listed if at == level]
        if min(chance, 1.0 - chance) * len(answers) > 60:
            scores.append(binomial(f"{name}, {level}", sum(answers), len(answers), chance))
    require_enough(len(scores), 1, f"{name}: levels seen often enough")
    return scores


def level(patient: SimulatedPatient, process: str) -> str:
    return STRUCTURE.process(process).levels[patient.truth.levels_now[process]]


# --- who they are -----------------------------------------------------------------------


def test_they_are_diagnosed_and_alive_as_often_as_the_exact_chain_says():
    timeline = later()[0].timeline
    exact = ExactPosterior(timeline)
    scores = [binomial("diagnosed, alive at 6 months", len(later()), N, exact.evidence)]
    answers, n = exact.answers(), len(later())
    for site in ("chest_wall", "liver"):
        for name in small.LADDER:
            hits = sum(level(p, site) == name for p in later())
            scores.append(binomial(f"{site} {name}", hits, n, answers["now", site, name]))
        for months in (3, 12):
            hits = sum(p.truth.detectable_after_months[site] <= months for p in later())
            scores.append(binomial(f"{site} by {months}", hits, n, answers["by", site, months]))
    for months in (6, 24):
        hits = sum(p.truth.death_after_months > months for p in later())
        scores.append(binomial(f"alive at {months}", hits, n, answers["alive", months]))
    assert not failures(scores)


def test_truths_fit_together():
    for p in later():
        assert p.truth.death_after_months > 0
        assert p.truth.levels_now["diagnosis"] == 1
        assert p.truth.levels_now["death"] == 0
        for site, months in p.truth.detectable_after_months.items():
            assert (months == 0) == (p.truth.levels_now[site] >= 2)
            assert months == np.inf or months <= p.truth.death_after_months


def test_nobody_depends_on_the_block():
    plan = replace(AT_ONCE, today_months=(0.0, 12.0), before_months=3.0)
    block = people(plan, 8, first=40)
    one_by_one = [p for k in range(8) for p in people(plan, 1, first=40 + k)]
    assert block == one_by_one
    assert len({p.number for p in block}) == len(block) > 2
    assert block != people(plan, 8, first=40, seed=2)


def test_the_draw_is_noted():
    (patient, *_) = observe(STRUCTURE, small.OBSERVATION, {}, AT_ONCE, 1, 0, 5, draw=7)
    assert patient.truth.draw == 7


@pytest.mark.parametrize(("hidden", "known"), [(0.0, 4), (1.0, 0)])
def test_covariates_are_known_or_not(hidden, known):
    structure, seen = disease("pleural"), observation("pleural")
    values = central_values({**structure.parameters, **seen.parameters})
    listed = observe(structure, seen, values, ObservationPlan(hidden=hidden), 1, 0, 10)
    assert listed
    for p in listed:
        assert len(p.timeline.fixed) == known
        if known:
            assert p.timeline.fixed["histology"] in ("epithelioid", "biphasic", "sarcomatoid")
            assert 30 <= p.timeline.fixed["age"] <= 95


# --- what is looked at ------------------------------------------------------------------


def test_the_plan_is_kept():
    structure, seen = disease("pleural"), observation("pleural")
    values = central_values({**structure.parameters, **seen.parameters})
    plan = ObservationPlan(
        today_months=(2.0, 9.0), scans=(1, 3), sites=(2, 4), before_months=2.0,
        modalities=("CT", "bone scan", "EBUS"), staged=0.5, symptoms=(1, 3), dated=0.5,
    )  # fmt: skip
    listed = observe(structure, seen, values, plan, 3, 0, 120)
    require_enough(len(listed), 40, "patients")
    dated, staged, modalities = 0, 0, set()
    for p in listed:
        t = p.timeline
        assert 2.0 <= t.now_months <= 9.0
        scans = Counter((f.modality, f.at_months) for f in t.findings)
        assert 1 <= len(scans) <= 3
        for (modality, at), sites in scans.items():
            assert -2.0 <= at <= t.now_months
            assert sites <= 4 if modality == "CT" else sites <= 2
            modalities.add(modality)
        for f in t.findings:
            assert f.modality != "bone scan" or f.site in ("bone", "regional_nodes")
            assert f.modality != "EBUS" or f.site == "regional_nodes"
        assert len(set(t.labels())) == len(t.labels())
        assert 1 <= len(t.symptoms) <= 3
        for s in t.symptoms:
            assert s.at_months is None or -2.0 <= s.at_months <= t.now_months
            dated += s.at_months is not None
        staged += t.stage is not None
    assert modalities == {"CT", "bone scan", "EBUS"}
    assert 0 < dated < sum(len(p.timeline.symptoms) for p in listed)
    assert 0.2 < staged / len(listed) < 0.8


def test_scans_are_repeated():
    always = ObservationPlan(scans=(3, 3), sites=(1, 1), repeated=1.0)
    never = replace(always, repeated=0.0)
    for plan, at_most in ((always, 1), (never, 2)):
        seen = [{f.site for f in p.timeline.findings} for p in people(plan, 60)]
        assert max(map(len, seen)) == at_most


def test_an_unknown_way_of_looking_is_refused():
    with pytest.raises(InputError, match="unknown way of looking") as caught:
        people(replace(AT_ONCE, modalities=("CT", "X-ray")), 1)
    assert "X-ray" in caught.value.given


# --- what is found ----------------------------------------------------------------------


def test_scans_find_as_often_as_their_figures_say():
    scores = []
    for site in ("chest_wall", "liver"):
        listed = [
            (level(p, site), f.positive)
            for p in at_once()
            for f in p.timeline.findings
            if f.site == site
        ]
        expected = {"free": small.FALSE_BY_CT[site], **small.SEEN_BY_CT[site]}
        scores += shares(site, listed, expected)
    assert not failures(scores)


def test_t_and_n_are_reported_as_often_as_the_tables_say():
    scores = []
    for axis, process, rows in ((0, "extent", small.T_ROWS), (1, "nodes", small.N_ROWS)):
        for true, row in rows.items():
            listed = [
                (category, p.timeline.stage.possible[0][axis] == category)
                for p in at_once()
                if level(p, process) == true
                for category in row
            ]
            scores += shares(f"{true} as", listed, row)
    assert not failures(scores)


def test_m_is_what_staging_finds():
    """The scans of the day see the liver: then they decide; otherwise the CT of the staging."""
    looked = 0
    for p in at_once():
        stage = p.timeline.stage
        positive = {f.site: f.positive for f in p.timeline.findings}
        assert stage.seen_by_scans == frozenset(positive) & {"liver"}
        assert stage.found_by_scans == positive.get("liver", False)
        m = stage.possible[0][2]
        if "liver" in positive:
            # no other distant site is left for staging to find
            assert (m == "M1") == positive["liver"]
            looked += 1
    require_enough(looked, 1_000, "looked at")
    unseen = late(replace(AT_ONCE, scans=(0, 0), symptoms=(0, 0)))
    listed = [(level(p, "liver"), p.timeline.stage.possible[0][2] == "M1") for p in unseen]
    assert not failures(shares("M1", listed, small.SEEN_BY_CT["liver"]))
    assert not any(found for at, found in listed if at == "free")


def test_symptoms_are_there_as_often_as_their_causes_say():
    listed = []
    for p in at_once():
        causes = [
            by_level.get(level(p, process), 0.0) for process, by_level in small.PAIN_CAUSES.items()
        ]
        chance = 1.0 - (1.0 - small.PAIN_BACKGROUND) * float(np.prod(1.0 - np.array(causes)))
        (symptom,) = p.timeline.symptoms
        listed.append((f"{chance:.4f}", symptom.present))
    expected = {text: float(text) for text, _ in listed}
    assert not failures(shares("pain", listed, expected))


def test_groups_stand_for_what_was_drawn():
    structure, seen = disease("pleural"), observation("pleural")
    values = central_values({**structure.parameters, **seen.parameters})
    groups = {
        g: compatible_tnm(g, "9", primary="pleural") for g in ("I", "II", "IIIA", "IIIB", "IV")
    }
    plan = ObservationPlan(staged=1.0, hidden=0.0, groups=groups)
    listed = observe(structure, seen, values, plan, 5, 0, 300)
    stated = Counter(p.timeline.stage.label for p in listed)
    by_group = {f"stage {g}": n for g in groups if (n := stated[f"stage {g}"])}
    assert len(by_group) >= 4
    assert 0.3 < sum(by_group.values()) / len(listed) < 0.7
    for p in listed:
        stage = p.timeline.stage
        if stage.label in by_group:
            assert set(stage.possible) == set(groups[stage.label.removeprefix("stage ")])


def test_left_out_categories_are_not_stated():
    listed = people(replace(AT_ONCE, hidden=0.5), 300)
    possible = Counter(
        sum(c is not None for c in p.timeline.stage.possible[0]) if p.timeline.stage else 0
        for p in listed
    )
    assert set(possible) == {0, 1, 2, 3}


def test_random_diseases_are_seen_too():
    for number in range(6):
        structure = random_disease(number)
        seen = random_observation(number, structure)
        listed = observe(structure, seen, {}, ObservationPlan(), 1, 0, 30)
        assert len(listed) > 3
        assert any(p.timeline.labels() for p in listed)
